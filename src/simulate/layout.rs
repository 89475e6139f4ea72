//! Street plan of the park: parcels in blocks of four by two between streets.
//!
//! Everything is in the park's own axes (s along, t across, metres from its corner); [`Frame`]
//! turns and moves them onto the map.

/// What the ground is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    Asphalt,
    Grass,
}

/// The grid of parcels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    pub columns: usize,
    pub rows: usize,
    /// Parcel size along s and t, metres.
    pub parcel: [f64; 2],
}

const STREET_M: f64 = 10.0;
const MARGIN_M: f64 = 5.0;
const BLOCK_COLUMNS: usize = 4;
const BLOCK_ROWS: usize = 2;

impl Layout {
    /// A grid with room for `parcels`, four wide for every three high.
    pub(super) fn for_parcels(parcels: usize, parcel: [f64; 2]) -> Self {
        let columns = ((parcels as f64 * 4.0 / 3.0).sqrt().floor() as usize).max(1);
        Self {
            columns,
            rows: parcels.div_ceil(columns),
            parcel,
        }
    }

    /// Size of the park along s and t, metres.
    pub(super) fn size(&self) -> [f64; 2] {
        let along = self.columns.div_ceil(BLOCK_COLUMNS) as f64 * STREET_M
            + self.columns as f64 * self.parcel[0];
        let across =
            (self.rows.div_ceil(BLOCK_ROWS)) as f64 * STREET_M + self.rows as f64 * self.parcel[1];
        [along + 2.0 * MARGIN_M, across + 2.0 * MARGIN_M]
    }

    /// Lower corner of a parcel.
    pub(super) fn corner(&self, index: usize) -> [f64; 2] {
        let (column, row) = (index % self.columns, index / self.columns);
        let along = (column / BLOCK_COLUMNS + 1) as f64 * STREET_M + column as f64 * self.parcel[0];
        let across = (row / BLOCK_ROWS + 1) as f64 * STREET_M + row as f64 * self.parcel[1];
        [MARGIN_M + along, MARGIN_M + across]
    }

    /// What lies at a point: streets and the yards of the parcels are asphalt.
    #[inline]
    pub(super) fn ground(&self, s: f64, t: f64) -> Ground {
        let [width, height] = self.size();
        let (s, t) = (s - MARGIN_M, t - MARGIN_M);
        if s < 0.0 || t < 0.0 || s > width - 2.0 * MARGIN_M || t > height - 2.0 * MARGIN_M {
            return Ground::Grass;
        }
        let s = s % (STREET_M + BLOCK_COLUMNS as f64 * self.parcel[0]) - STREET_M;
        let t = t % (STREET_M + BLOCK_ROWS as f64 * self.parcel[1]) - STREET_M;
        if s < 0.0 || t < 0.0 {
            return Ground::Asphalt;
        }
        // The yard runs round the building; the rim of the parcel is grass.
        let (p, q) = (s % self.parcel[0], t % self.parcel[1]);
        let yard = p > 4.0 && p < self.parcel[0] - 3.0 && q > 2.0 && q < self.parcel[1] - 7.0;
        if yard { Ground::Asphalt } else { Ground::Grass }
    }

    /// Name of the street a parcel lies on: one per block of rows.
    pub(super) fn street(&self, index: usize) -> usize {
        index / self.columns / BLOCK_ROWS
    }
}

/// Park axes on the map: a turn about the corner and a move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// Map position of the corner.
    pub origin: [f64; 2],
    /// Cosine and sine of the turn, anticlockwise.
    pub turn: [f64; 2],
}

impl Frame {
    /// Park → map.
    #[inline]
    pub(super) fn to_map(self, s: f64, t: f64) -> [f64; 2] {
        let [c, n] = self.turn;
        [
            self.origin[0] + s * c - t * n,
            self.origin[1] + s * n + t * c,
        ]
    }

    /// Map → park.
    #[inline]
    pub(super) fn to_park(self, x: f64, y: f64) -> [f64; 2] {
        let [c, n] = self.turn;
        let (dx, dy) = (x - self.origin[0], y - self.origin[1]);
        [dx * c + dy * n, dy * c - dx * n]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_parcels_of_fifty_metres_make_a_park_of_220_by_180() {
        let layout = Layout::for_parcels(12, [50.0, 50.0]);
        assert_eq!((layout.columns, layout.rows), (4, 3));
        // 10 street + 4 · 50 + 2 · 5 margin; 2 · 10 street + 3 · 50 + 2 · 5 margin.
        assert_eq!(layout.size(), [220.0, 180.0]);
        assert_eq!(layout.corner(0), [15.0, 15.0]);
        assert_eq!(layout.corner(9), [65.0, 125.0]);
    }

    #[test]
    fn streets_are_asphalt_and_the_surroundings_are_grass() {
        let layout = Layout::for_parcels(12, [50.0, 50.0]);
        assert_eq!(layout.ground(100.0, 9.0), Ground::Asphalt);
        assert_eq!(layout.ground(100.0, -3.0), Ground::Grass);
    }

    #[test]
    fn park_to_map_to_park_is_the_identity() {
        let frame = Frame {
            origin: [46_000.0, 190_000.0],
            turn: [0.8, 0.6],
        };
        let [x, y] = frame.to_map(12.0, 34.0);
        let [s, t] = frame.to_park(x, y);
        assert!((s - 12.0).abs() < 1e-9 && (t - 34.0).abs() < 1e-9);
    }
}
