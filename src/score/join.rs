//! Pieces of one warm or cold place that detection left apart.

use super::detect::Detection;

/// A piece this near to a larger object belongs to it, cells: the optics mix that far.
const GAP_PX: f64 = 3.0;
/// A piece has at most this part of the larger object's cells.
const PART: usize = 4;

/// Smallest rectangle of cells: columns and rows, both ends within.
#[derive(Clone, Copy)]
struct Span {
    cols: [usize; 2],
    rows: [usize; 2],
}

impl Span {
    fn of(cells: &[u32], width: usize) -> Self {
        let mut span = Self {
            cols: [usize::MAX, 0],
            rows: [usize::MAX, 0],
        };
        for cell in cells {
            let (col, row) = (*cell as usize % width, *cell as usize / width);
            span.cols = [span.cols[0].min(col), span.cols[1].max(col)];
            span.rows = [span.rows[0].min(row), span.rows[1].max(row)];
        }
        span
    }

    /// Whether two rectangles are no further apart than `within` cells.
    fn near(&self, other: &Self, within: f64) -> bool {
        let gap =
            |a: [usize; 2], b: [usize; 2]| b[0].saturating_sub(a[1]).max(a[0].saturating_sub(b[1]));
        let cols = gap(self.cols, other.cols) as f64;
        let rows = gap(self.rows, other.rows) as f64;
        cols <= within && rows <= within
    }
}

/// Whether two objects have cells no further than `within` cells from each other, middle to middle.
pub(super) fn near(a: &[u32], b: &[u32], width: usize, within: f64) -> bool {
    if !Span::of(a, width).near(&Span::of(b, width), within) {
        return false;
    }
    let place = |cell: &u32| {
        (
            (*cell as usize % width) as f64,
            (*cell as usize / width) as f64,
        )
    };
    a.iter().map(place).any(|(x, y)| {
        let close = |(u, v): (f64, f64)| (x - u).hypot(y - v) <= within;
        b.iter().map(place).any(close)
    })
}

/// Joins small faint pieces to the larger object of the same sign beside which they lie: the foot of
/// one place that noise cut off. A piece that stands out as much as the object is a thing of its own.
pub(super) fn satellites(detection: &mut Detection, width: usize) {
    let Detection {
        residual,
        hot,
        cold,
        ..
    } = detection;
    for objects in [hot, cold] {
        let mean = |cells: &[u32]| {
            let sum: f32 = cells
                .iter()
                .map(|c| residual.data()[*c as usize].abs())
                .sum();
            sum / cells.len().max(1) as f32
        };
        let mut k = 0;
        while k < objects.len() {
            let piece = &objects[k];
            let home = (0..objects.len()).find(|home| {
                let object = &objects[*home];
                PART * piece.len() <= object.len()
                    && mean(piece) < mean(object)
                    && near(piece, object, width, GAP_PX)
            });
            let Some(home) = home else {
                k += 1;
                continue;
            };
            let cells = std::mem::take(&mut objects[k]);
            objects[home].extend(cells);
            objects[home].sort_unstable();
            objects.remove(k);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Grid;

    const WIDTH: usize = 60;

    fn square(col: usize, row: usize, side: usize) -> Vec<u32> {
        let rows = row..row + side;
        rows.flat_map(|r| (col..col + side).map(move |c| (r * WIDTH + c) as u32))
            .collect()
    }

    #[test]
    fn a_faint_piece_beside_a_patch_is_of_it_and_a_strong_or_a_far_one_is_not() {
        // A patch of 3 K; at two cells from it a piece of 1 K and one of 6 K; one of 1 K farther off.
        let hot = vec![
            square(10, 10, 10),
            square(22, 12, 3),
            square(12, 22, 3),
            square(40, 12, 3),
        ];
        let mut residual = Grid::filled(WIDTH, 40, 0.0_f32);
        for (cells, kelvin) in hot.iter().zip([3.0, 1.0, 6.0, 1.0]) {
            for cell in cells {
                residual.data_mut()[*cell as usize] = kelvin;
            }
        }
        let mut detection = Detection {
            residual,
            sigma_k: 0.1,
            hot,
            cold: Vec::new(),
        };
        satellites(&mut detection, WIDTH);
        let sizes: Vec<usize> = detection.hot.iter().map(Vec::len).collect();
        assert_eq!(sizes, [109, 9, 9]);
    }
}
