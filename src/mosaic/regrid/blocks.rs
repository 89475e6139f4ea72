//! The way from target cells to source positions, cut into blocks in which it is bilinear.
//!
//! Exact transformations cost microseconds, a cell may cost nanoseconds. So a block has exact
//! source positions at its four corners, and where the bilinear surface between them is more
//! than [`TOLERANCE`] off the exact position in its middle or in the middle of a side, the block
//! is quartered. A smooth way is worst there: along each axis its error is a parabola.

/// Largest error of a block's source positions, in source cells, found in the middles. A tenth
/// of what is promised (0.02), for ways that are smooth by pieces only, as a datum grid.
pub(super) const TOLERANCE: f64 = 0.002;

/// Cells along the side of the blocks that are begun with: what lies between nine exact
/// positions is never taken on trust over more than these.
const BEGIN: usize = 256;

/// A source position (columns, rows; cell centres at .5); `None` where there is no way.
type Position = Option<(f64, f64)>;

/// Target cells with their source positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) col: usize,
    pub(super) row: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    /// North-west, north-east, south-west, south-east corner.
    corners: [(f64, f64); 4],
}

impl Block {
    /// Source position at a target position.
    pub(super) fn at(&self, col: f64, row: f64) -> (f64, f64) {
        let s = (col - self.col as f64) / self.width as f64;
        let t = (row - self.row as f64) / self.height as f64;
        let [nw, ne, sw, se] = self.corners;
        let axis = |nw: f64, ne: f64, sw: f64, se: f64| {
            let (north, south) = (nw + s * (ne - nw), sw + s * (se - sw));
            north + t * (south - north)
        };
        (axis(nw.0, ne.0, sw.0, se.0), axis(nw.1, ne.1, sw.1, se.1))
    }

    /// Source cells along a target cell's longer side.
    pub(super) fn ratio(&self) -> f64 {
        let [nw, ne, sw, se] = self.corners;
        let length = |a: (f64, f64), b: (f64, f64), cells: usize| {
            (b.0 - a.0).hypot(b.1 - a.1) / cells as f64
        };
        let across = length(nw, ne, self.width) + length(sw, se, self.width);
        let down = length(nw, sw, self.height) + length(ne, se, self.height);
        across.max(down) / 2.0
    }
}

/// Cuts `width` × `height` target cells into blocks, row by row of the blocks begun with;
/// `exact` gives the source position of a target position. Cells without a way are left out.
pub(super) fn blocks(
    width: usize,
    height: usize,
    exact: &dyn Fn(f64, f64) -> Position,
) -> Vec<Block> {
    let mut found = Vec::new();
    let starts = |size: usize| {
        let edges: Vec<usize> = (0..size).step_by(BEGIN).chain([size]).collect();
        edges
    };
    let (cols, rows) = (starts(width), starts(height));
    let at = |col: usize, row: usize| exact(col as f64, row as f64);
    for row in rows.windows(2) {
        for col in cols.windows(2) {
            let corners = [
                at(col[0], row[0]),
                at(col[1], row[0]),
                at(col[0], row[1]),
                at(col[1], row[1]),
            ];
            let part = Part {
                col: (col[0], col[1]),
                row: (row[0], row[1]),
                corners,
            };
            part.cut(&at, &mut found);
        }
    }
    found
}

/// A block that may need to be quartered.
struct Part {
    col: (usize, usize),
    row: (usize, usize),
    corners: [Position; 4],
}

impl Part {
    fn cut(&self, exact: &dyn Fn(usize, usize) -> Position, found: &mut Vec<Block>) {
        let ((left, right), (top, bottom)) = (self.col, self.row);
        let (middle, centre) = ((left + right) / 2, (top + bottom) / 2);
        let [nw, ne, sw, se] = self.corners;
        // A side of one cell has no middle: its "middle" is its start, which is exact.
        let north = if middle > left {
            exact(middle, top)
        } else {
            nw
        };
        let south = if middle > left {
            exact(middle, bottom)
        } else {
            sw
        };
        let west = if centre > top {
            exact(left, centre)
        } else {
            nw
        };
        let east = if centre > top {
            exact(right, centre)
        } else {
            ne
        };
        let heart = match (middle > left, centre > top) {
            (true, true) => exact(middle, centre),
            (true, false) => north,
            (false, _) => west,
        };
        if let [Some(nw), Some(ne), Some(sw), Some(se)] = self.corners {
            let block = Block {
                col: left,
                row: top,
                width: right - left,
                height: bottom - top,
                corners: [nw, ne, sw, se],
            };
            let near = |col: usize, row: usize, exact: Position| {
                let there = block.at(col as f64, row as f64);
                exact.is_some_and(|e| {
                    (e.0 - there.0).abs() <= TOLERANCE && (e.1 - there.1).abs() <= TOLERANCE
                })
            };
            let smallest = block.width == 1 && block.height == 1;
            if smallest
                || near(middle, top, north)
                    && near(middle, bottom, south)
                    && near(left, centre, west)
                    && near(right, centre, east)
                    && near(middle, centre, heart)
            {
                found.push(block);
                return;
            }
        }
        let probes = [nw, ne, sw, se, north, south, west, east, heart];
        let smallest = right - left <= 1 && bottom - top <= 1;
        if smallest || probes.iter().all(Option::is_none) {
            return;
        }
        let quarters = [
            ((left, middle), (top, centre), [nw, north, west, heart]),
            ((middle, right), (top, centre), [north, ne, heart, east]),
            ((left, middle), (centre, bottom), [west, heart, sw, south]),
            ((middle, right), (centre, bottom), [heart, east, south, se]),
        ];
        for (col, row, corners) in quarters {
            if col.0 < col.1 && row.0 < row.1 {
                Part { col, row, corners }.cut(exact, found);
            }
        }
    }
}
