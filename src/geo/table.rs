//! Values at the nodes of a regular longitude–latitude lattice, read between them with a
//! bicubic Catmull–Rom spline.
//!
//! In: the text of an embedded table. Out: smooth values, exact at the nodes. The spline keeps
//! a table with five times wider spacing within millimetres of the official grid, where
//! bilinear reading would lose centimetres.

/// A table with `N` values at every node.
#[derive(Debug)]
pub(super) struct NodeTable<const N: usize> {
    south_deg: f64,
    west_deg: f64,
    step_deg: f64,
    rows: usize,
    columns: usize,
    nodes: Vec<[f64; N]>,
}

impl<const N: usize> NodeTable<N> {
    /// Reads the text form of `tables/`: comments, one line of names and numbers, then per
    /// latitude from south to north one line per value with the first node in full and each
    /// further one as the difference from the one before. `None` when the text is not that.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let words: Vec<&str> = lines.next()?.split_whitespace().collect();
        let number = |name: &str| -> Option<f64> {
            let at = words.iter().position(|word| *word == name)?;
            words.get(at + 1)?.parse().ok()
        };
        let (rows, columns) = (number("rows")? as usize, number("columns")? as usize);
        let unit = number("unit")?;
        if number("values")? as usize != N || rows < 2 || columns < 2 {
            return None;
        }
        let mut nodes = vec![[0.0; N]; rows * columns];
        for row in nodes.chunks_exact_mut(columns) {
            for value in 0..N {
                let mut sum = 0i64;
                let mut steps = lines.next()?.split_ascii_whitespace();
                for node in row.iter_mut() {
                    sum += steps.next()?.parse::<i64>().ok()?;
                    node[value] = sum as f64 * unit;
                }
            }
        }
        Some(Self {
            south_deg: number("south")?,
            west_deg: number("west")?,
            step_deg: number("step_deg")?,
            rows,
            columns,
            nodes,
        })
    }

    /// The values at a place; `None` outside the nodes.
    pub(super) fn at(&self, lon_deg: f64, lat_deg: f64) -> Option<[f64; N]> {
        let (column, wx) = cell((lon_deg - self.west_deg) / self.step_deg, self.columns)?;
        let (row, wy) = cell((lat_deg - self.south_deg) / self.step_deg, self.rows)?;
        let mut sum = [0.0; N];
        for (i, weight_y) in wy.iter().enumerate() {
            for (j, weight_x) in wx.iter().enumerate() {
                let node = self.node(column + j as isize - 1, row + i as isize - 1);
                for (s, n) in sum.iter_mut().zip(node) {
                    *s += weight_y * weight_x * n;
                }
            }
        }
        Some(sum)
    }

    /// A node; one step outside the table it is continued linearly.
    fn node(&self, column: isize, row: isize) -> [f64; N] {
        let (last_column, last_row) = (self.columns as isize - 1, self.rows as isize - 1);
        let (c, r) = (column.clamp(0, last_column), row.clamp(0, last_row));
        if c != column {
            let inner = c + (c - column);
            return continued(self.node(c, row), self.node(inner, row));
        }
        if r != row {
            let inner = r + (r - row);
            return continued(self.node(column, r), self.node(column, inner));
        }
        self.nodes[r as usize * self.columns + c as usize]
    }
}

fn continued<const N: usize>(edge: [f64; N], inner: [f64; N]) -> [f64; N] {
    std::array::from_fn(|i| 2.0 * edge[i] - inner[i])
}

/// Cell of a position in steps and the Catmull–Rom weights of its four nodes (Catmull & Rom
/// 1974, tension ½); `None` outside.
fn cell(position: f64, nodes: usize) -> Option<(isize, [f64; 4])> {
    let last = (nodes - 1) as f64;
    if !(position >= 0.0 && position <= last) {
        return None;
    }
    let first = position.floor().min(last - 1.0);
    let t = position - first;
    let (t2, t3) = (t * t, t * t * t);
    Some((
        first as isize,
        [
            0.5 * (-t3 + 2.0 * t2 - t),
            0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
            0.5 * (-3.0 * t3 + 4.0 * t2 + t),
            0.5 * (t3 - t2),
        ],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANE: &str = "# z = 10 row + column\n\
        south 50 west 2 step_deg 0.5 rows 3 columns 3 values 1 unit 0.1\n\
        0 1 1\n10 1 1\n20 1 1\n";

    #[test]
    fn a_plane_stays_a_plane_up_to_the_outermost_nodes() {
        let table = NodeTable::<1>::parse(PLANE).expect("well formed");
        for (lon, lat) in [(2.0, 50.0), (2.25, 50.1), (3.0, 51.0), (2.9, 50.6)] {
            let expected = 0.1 * (10.0 * (lat - 50.0) / 0.5 + (lon - 2.0) / 0.5);
            let [found] = table.at(lon, lat).expect("inside");
            assert!((found - expected).abs() < 1e-12, "{lon} {lat}: {found}");
        }
    }

    #[test]
    fn outside_the_nodes_there_is_no_value() {
        let table = NodeTable::<1>::parse(PLANE).expect("well formed");
        assert!(table.at(1.999, 50.5).is_none());
        assert!(table.at(2.5, 51.001).is_none());
        assert!(table.at(f64::NAN, 50.5).is_none());
    }

    #[test]
    fn a_cut_table_is_refused() {
        assert!(NodeTable::<1>::parse(&PLANE[..PLANE.len() - 5]).is_none());
    }
}
