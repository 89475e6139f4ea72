//! Outline of a set of cells along their edges.
//!
//! The outline follows cell edges, so its area is the cells' area (contours through cell centres
//! lose half a cell all round). Cells that touch only at a corner become polygons touching at a
//! point, holes likewise: every ring is simple, as the OGC rules ask.

use crate::raster::GeoTransform;
use geo::{Coord, LineString, MultiPolygon, Polygon};
use std::collections::BTreeMap;

/// A corner of cells: column and row of the grid lines.
type Corner = (i64, i64);

/// Directed edges by start corner; a bit per heading.
type Edges = BTreeMap<Corner, u8>;

/// East, north, west, south on a grid whose rows run down; turning left adds one.
const STEPS: [Corner; 4] = [(1, 0), (0, -1), (-1, 0), (0, 1)];

/// The polygons of a set of cells (column, row), with holes; collinear points are left out.
/// Exterior rings run counter-clockwise on the map, holes clockwise. Order of `cells` does not
/// matter.
pub fn polygonise(cells: &[(usize, usize)], transform: &GeoTransform) -> MultiPolygon<f64> {
    let Some(mut mask) = Mask::of(cells) else {
        return MultiPolygon(Vec::new());
    };
    let pieces = mask.label_pieces();
    MultiPolygon(
        boundaries(&mask, pieces)
            .into_iter()
            .filter_map(|edges| polygon(edges, transform))
            .collect(),
    )
}

/// The bounding box of the cells with one cell of margin; 0 outside, [`UNCLAIMED`] not yet
/// labelled, else the number of the piece.
struct Mask {
    col0: i64,
    row0: i64,
    width: i64,
    labels: Vec<u32>,
}

/// A cell no piece has claimed yet.
const UNCLAIMED: u32 = u32::MAX;

impl Mask {
    fn of(cells: &[(usize, usize)]) -> Option<Self> {
        let col0 = cells.iter().map(|c| c.0).min()? as i64 - 1;
        let row0 = cells.iter().map(|c| c.1).min()? as i64 - 1;
        let width = cells.iter().map(|c| c.0).max()? as i64 - col0 + 2;
        let height = cells.iter().map(|c| c.1).max()? as i64 - row0 + 2;
        let mut mask = Self {
            col0,
            row0,
            width,
            labels: vec![0; (width * height) as usize],
        };
        for (col, row) in cells {
            let index = mask.index((*col as i64, *row as i64));
            mask.labels[index] = UNCLAIMED;
        }
        Some(mask)
    }

    fn index(&self, (col, row): Corner) -> usize {
        ((row - self.row0) * self.width + col - self.col0) as usize
    }

    fn cell(&self, index: usize) -> Corner {
        let index = index as i64;
        (
            index % self.width + self.col0,
            index / self.width + self.row0,
        )
    }

    /// Numbers the parts connected over cell edges from 1; returns how many there are.
    fn label_pieces(&mut self) -> u32 {
        let mut pieces = 0;
        for start in 0..self.labels.len() {
            if self.labels[start] != UNCLAIMED {
                continue;
            }
            pieces += 1;
            self.labels[start] = pieces;
            let mut stack = vec![start];
            while let Some(index) = stack.pop() {
                // The margin keeps all four neighbours inside.
                let row = self.width as usize;
                for next in [index + 1, index - 1, index + row, index - row] {
                    if self.labels[next] == UNCLAIMED {
                        self.labels[next] = pieces;
                        stack.push(next);
                    }
                }
            }
        }
        pieces
    }
}

fn polygon(edges: Edges, transform: &GeoTransform) -> Option<Polygon<f64>> {
    let mut exterior = None;
    let mut holes = Vec::new();
    for ring in rings(edges) {
        // Rows run down, so a ring counter-clockwise on the map has a negative shoelace sum.
        let counter_clockwise = twice_area(&ring) < 0;
        let line = to_map(&ring, transform);
        if counter_clockwise {
            exterior = Some(line);
        } else {
            holes.push(line);
        }
    }
    exterior.map(|ring| Polygon::new(ring, holes))
}

/// All simple rings the edges form, with the cells on their left.
fn rings(mut edges: Edges) -> Vec<Vec<Corner>> {
    let mut rings = Vec::new();
    while let Some((&start, _)) = edges.first_key_value() {
        let mut path: Vec<Corner> = vec![start];
        let mut at = BTreeMap::from([(start, 0_usize)]);
        let mut corner = start;
        let mut heading = 0;
        while let Some(next_heading) = take(&mut edges, corner, heading) {
            heading = next_heading;
            corner = (corner.0 + STEPS[heading].0, corner.1 + STEPS[heading].1);
            if let Some(&first) = at.get(&corner) {
                // The path closed a loop: split it off, so that no ring touches itself.
                let ring = path.split_off(first);
                for gone in &ring {
                    at.remove(gone);
                }
                rings.push(ring);
                if path.is_empty() && !edges.contains_key(&corner) {
                    break;
                }
            }
            at.insert(corner, path.len());
            path.push(corner);
        }
    }
    rings
}

/// For each piece the edges between a cell of it and one outside.
fn boundaries(mask: &Mask, pieces: u32) -> Vec<Edges> {
    let mut all = vec![Edges::new(); pieces as usize];
    let row = mask.width as usize;
    for (index, label) in mask.labels.iter().enumerate().filter(|(_, l)| **l != 0) {
        let (x, y) = mask.cell(index);
        // South side eastward, east side northward, north side westward, west side southward.
        let sides = [
            (index + row, (x, y + 1), 0),
            (index + 1, (x + 1, y + 1), 1),
            (index - row, (x + 1, y), 2),
            (index - 1, (x, y), 3),
        ];
        for (neighbour, corner, heading) in sides {
            if mask.labels[neighbour] != *label {
                *all[*label as usize - 1].entry(corner).or_default() |= 1 << heading;
            }
        }
    }
    all
}

/// Takes the edge that leaves a corner, the leftmost turn first: it stays with the same cell.
fn take(edges: &mut Edges, corner: Corner, heading: usize) -> Option<usize> {
    let bits = edges.get_mut(&corner)?;
    let chosen = [1, 0, 3, 2]
        .map(|turn| (heading + turn) % 4)
        .into_iter()
        .find(|h| *bits & (1 << h) != 0)?;
    *bits &= !(1 << chosen);
    if *bits == 0 {
        edges.remove(&corner);
    }
    Some(chosen)
}

fn twice_area(ring: &[Corner]) -> i64 {
    (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            a.0 * b.1 - b.0 * a.1
        })
        .sum()
}

fn to_map(ring: &[Corner], transform: &GeoTransform) -> LineString<f64> {
    let n = ring.len();
    (0..n)
        .filter(|&i| {
            let (before, at, after) = (ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]);
            (at.0 - before.0, at.1 - before.1) != (after.0 - at.0, after.1 - at.1)
        })
        .map(|i| {
            let (x, y) = transform.to_map(ring[i].0 as f64, ring[i].1 as f64);
            Coord { x, y }
        })
        .collect::<Vec<_>>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, Validation};
    use proptest::prelude::*;

    const HALF: GeoTransform = GeoTransform {
        x0: 100.0,
        y0: 200.0,
        dx: 0.5,
        dy: 0.5,
    };

    fn of(rows: &[&str]) -> MultiPolygon<f64> {
        let mut cells = Vec::new();
        for (row, text) in rows.iter().enumerate() {
            for (col, c) in text.chars().enumerate() {
                if c == '#' {
                    cells.push((col, row));
                }
            }
        }
        polygonise(&cells, &HALF)
    }

    #[test]
    fn a_block_becomes_a_rectangle_of_four_corners() {
        let shape = of(&["....", ".##.", ".##."]);
        assert_eq!(shape.0.len(), 1);
        assert_eq!(shape.0[0].exterior().0.len(), 5);
        assert_eq!(shape.unsigned_area(), 1.0);
        assert!(shape.signed_area() > 0.0);
    }

    #[test]
    fn a_ring_of_cells_keeps_its_hole() {
        let shape = of(&["###", "#.#", "###"]);
        assert_eq!(shape.0[0].interiors().len(), 1);
        assert_eq!(shape.unsigned_area(), 2.0);
    }

    #[test]
    fn cells_touching_at_a_corner_become_two_valid_polygons() {
        let shape = of(&["#.", ".#"]);
        assert_eq!(shape.0.len(), 2);
        assert!(shape.is_valid());
    }

    #[test]
    fn a_hole_touching_the_outside_at_a_corner_leaves_the_exterior_simple() {
        let shape = of(&["###.", "#.#.", "##.#", "####"]);
        assert_eq!(shape.unsigned_area(), 12.0 * 0.25);
        assert!(shape.is_valid());
    }

    proptest! {
        #[test]
        fn any_mask_gives_valid_polygons_of_its_own_area(
            mask in prop::collection::vec(any::<bool>(), 64),
        ) {
            let cells: Vec<_> = (0..64).filter(|i| mask[*i]).map(|i| (i % 8, i / 8)).collect();
            let shape = polygonise(&cells, &HALF);
            prop_assert_eq!(shape.unsigned_area(), cells.len() as f64 * 0.25);
            prop_assert!(shape.is_valid());
        }
    }
}
