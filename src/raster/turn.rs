//! Pictures turned upright by their orientation tag.

use super::Grid;

/// How stored pixels stand to the upright picture: EXIF orientation 1–8 (Exif 2.32, tag 0x0112).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(u8);

impl Turn {
    /// From the tag; anything but 1–8 is upright already.
    pub fn from_exif(orientation: u8) -> Self {
        Self(if (1..=8).contains(&orientation) {
            orientation
        } else {
            1
        })
    }

    /// Whether columns become rows.
    pub fn swaps_sides(self) -> bool {
        self.0 >= 5
    }

    /// Width and height of the upright picture.
    pub fn size(self, width: usize, height: usize) -> (usize, usize) {
        if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Continuous position in the upright picture of one in the stored picture of a size.
    pub fn point(self, [x, y]: [f64; 2], width: f64, height: f64) -> [f64; 2] {
        match self.0 {
            2 => [width - x, y],
            3 => [width - x, height - y],
            4 => [x, height - y],
            5 => [y, x],
            6 => [height - y, x],
            7 => [height - y, width - x],
            8 => [y, width - x],
            _ => [x, y],
        }
    }

    /// Upright direction of a stored one.
    pub fn vector(self, [dx, dy]: [f64; 2]) -> [f64; 2] {
        self.point([dx, dy], 0.0, 0.0)
    }

    /// The upright picture.
    pub fn grid<T: Copy>(self, stored: &Grid<T>) -> Grid<T> {
        let (w, h) = (stored.width(), stored.height());
        let (width, height) = self.size(w, h);
        let mut upright = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (column, row) = match self.0 {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (y, h - 1 - x),
                    7 => (w - 1 - y, h - 1 - x),
                    8 => (w - 1 - y, x),
                    _ => (x, y),
                };
                upright.push(stored.at(column, row));
            }
        }
        Grid::from_vec(width, height, upright).unwrap_or_else(|| stored.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letter_f_stands_upright() {
        // Exif 2.32: orientation 6 has the 0th row at the right-hand side, 8 at the left-hand side,
        // 3 at the bottom.
        let stored = Grid::from_vec(3, 2, vec![1, 2, 3, 4, 5, 6]).expect("six");
        let turned = |o: u8| Turn::from_exif(o).grid(&stored).into_vec();
        assert_eq!(turned(1), [1, 2, 3, 4, 5, 6]);
        assert_eq!(turned(2), [3, 2, 1, 6, 5, 4]);
        assert_eq!(turned(3), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(6), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(8), [3, 6, 2, 5, 1, 4]);
    }

    #[test]
    fn points_go_where_their_pixels_go() {
        let (w, h) = (4, 3);
        let stored = Grid::from_vec(w, h, (0..12).collect()).expect("twelve");
        for o in 1..=8 {
            let turn = Turn::from_exif(o);
            let upright = turn.grid(&stored);
            for row in 0..h {
                for column in 0..w {
                    let centre = [column as f64 + 0.5, row as f64 + 0.5];
                    let [x, y] = turn.point(centre, w as f64, h as f64);
                    let found = upright.at(x as usize, y as usize);
                    assert_eq!(found, stored.at(column, row), "{o}");
                }
            }
        }
        assert_eq!(Turn::from_exif(6).vector([1.0, 0.0]), [0.0, 1.0]);
    }
}
