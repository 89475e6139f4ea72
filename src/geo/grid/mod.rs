//! The official shift grid between BD72 and ETRS89, where the user names a copy.
//!
//! In: the bytes of an NTv2 `.gsb` or of the GeoTIFF made from it. Out: shifts at any place,
//! bilinear between the nodes as both formats prescribe. Everything read is checked against the
//! length of the file before it is allocated, and the grid against the seven parameters, so
//! that a grid of another country or direction is refused.

mod geotiff;
mod ntv2;

use super::helmert;
use crate::problem::{Problem, Result};

/// Largest difference between a shift grid and the seven parameters, metres; the national grid
/// stays within 0.4 m, the wrong direction is 190 m off.
const MAX_FROM_HELMERT_M: f64 = 3.0;

/// Most nodes of a grid; the national one has 0.35 million.
const MAX_NODES: usize = 4_000_000;

/// A grid of shifts BD72 → ETRS89, at BD72 nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftGrid {
    parts: Vec<Part>,
}

/// One rectangle of nodes, rows from north to south, columns from west to east.
#[derive(Clone, Debug, PartialEq)]
struct Part {
    north_deg: f64,
    west_deg: f64,
    step_lat_deg: f64,
    step_lon_deg: f64,
    rows: usize,
    columns: usize,
    /// Latitude and longitude shift, arc-seconds, north and east positive.
    shifts_arcsec: Vec<[f32; 2]>,
}

impl ShiftGrid {
    /// Reads a grid, told by its content.
    ///
    /// # Errors
    /// A [`Problem`] when the bytes are neither kind, are cut short, or hold other shifts than
    /// those from BD72 to ETRS89.
    pub fn from_bytes(bytes: &[u8]) -> Result<ShiftGrid> {
        let parts = if bytes.starts_with(b"NUM_OREC") {
            ntv2::parts(bytes)?
        } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
            vec![geotiff::part(bytes)?]
        } else {
            return Err(
                Problem::unsupported("is neither an NTv2 grid (.gsb) nor a GeoTIFF grid").hint(
                    "name the national grid from BD72 to ETRS89, or set crs.grid = \"embedded\"",
                ),
            );
        };
        let grid = ShiftGrid { parts };
        grid.check()?;
        Ok(grid)
    }

    /// Shift of latitude and longitude, degrees, at a BD72 place; `None` outside.
    pub(super) fn shift_deg(&self, lon_deg: f64, lat_deg: f64) -> Option<[f64; 2]> {
        self.parts
            .iter()
            .find_map(|part| part.shift_deg(lon_deg, lat_deg))
    }

    fn check(&self) -> Result<()> {
        for part in &self.parts {
            let (lon, lat) = part.middle_deg();
            let Some([dlat, dlon]) = part.shift_deg(lon, lat) else {
                return Err(Problem::broken("the middle of the grid holds no shift"));
            };
            let (lon_helmert, lat_helmert) = helmert::to_etrs89(lon, lat);
            let north_m = (lat + dlat - lat_helmert) * 111_200.0;
            let east_m = (lon + dlon - lon_helmert) * 111_200.0 * lat.to_radians().cos();
            let off_m = north_m.hypot(east_m);
            if off_m.is_nan() || off_m > MAX_FROM_HELMERT_M {
                return Err(Problem::setting(format!(
                    "the shifts at {lon:.2}° E {lat:.2}° N are {off_m:.0} m from those of BD72 to \
                     ETRS89, expected below {MAX_FROM_HELMERT_M} m"
                ))
                .field("crs.grid")
                .hint("name the grid from BD72 to ETRS89, not the other direction or country"));
            }
        }
        Ok(())
    }
}

impl Part {
    fn middle_deg(&self) -> (f64, f64) {
        (
            self.west_deg + 0.5 * self.step_lon_deg * (self.columns - 1) as f64,
            self.north_deg - 0.5 * self.step_lat_deg * (self.rows - 1) as f64,
        )
    }

    fn shift_deg(&self, lon_deg: f64, lat_deg: f64) -> Option<[f64; 2]> {
        let x = (lon_deg - self.west_deg) / self.step_lon_deg;
        let y = (self.north_deg - lat_deg) / self.step_lat_deg;
        let (last_x, last_y) = ((self.columns - 1) as f64, (self.rows - 1) as f64);
        if !(x >= 0.0 && y >= 0.0 && x <= last_x && y <= last_y) {
            return None;
        }
        let (column, row) = (x.min(last_x - 1.0) as usize, y.min(last_y - 1.0) as usize);
        let (a, b) = (x - column as f64, y - row as f64);
        let node = |c: usize, r: usize| self.shifts_arcsec[r * self.columns + c].map(f64::from);
        let (nw, ne) = (node(column, row), node(column + 1, row));
        let (sw, se) = (node(column, row + 1), node(column + 1, row + 1));
        let mut shift = [0.0; 2];
        for (i, value) in shift.iter_mut().enumerate() {
            let north = nw[i] + a * (ne[i] - nw[i]);
            let south = sw[i] + a * (se[i] - sw[i]);
            *value = (north + b * (south - north)) / 3600.0;
        }
        Some(shift)
    }

    /// Checks the shape before the nodes are allocated.
    fn check_shape(rows: usize, columns: usize, step_lat: f64, step_lon: f64) -> Result<()> {
        let fits = rows
            .checked_mul(columns)
            .is_some_and(|nodes| nodes <= MAX_NODES);
        let steps = step_lat > 0.0 && step_lon > 0.0 && step_lat < 5.0 && step_lon < 5.0;
        if rows < 2 || columns < 2 || !fits || !steps {
            return Err(Problem::broken(format!(
                "holds {columns} × {rows} nodes of {step_lon}° × {step_lat}°, expected 2 × 2 to \
                 {MAX_NODES} nodes of a positive step"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_bytes_are_refused_with_a_hint() {
        let problem = ShiftGrid::from_bytes(b"PK\x03\x04").expect_err("a zip is no grid");
        assert!(problem.hint.is_some());
    }

    #[test]
    fn a_cut_header_is_refused() {
        assert!(ShiftGrid::from_bytes(b"NUM_OREC\x0b\0\0\0").is_err());
        assert!(ShiftGrid::from_bytes(b"II*\0\x08\0\0\0").is_err());
        assert!(ShiftGrid::from_bytes(b"II*\0\xff\xff\xff\xff").is_err());
    }

    fn constant(dlat: f32, dlon: f32) -> ShiftGrid {
        ShiftGrid {
            parts: vec![Part {
                north_deg: 51.0,
                west_deg: 3.0,
                step_lat_deg: 0.5,
                step_lon_deg: 0.5,
                rows: 2,
                columns: 2,
                shifts_arcsec: vec![[dlat, dlon]; 4],
            }],
        }
    }

    /// BD72 to ETRS89 near Roeselare is −2.4″ and +4.4″ or so (tables of the national grid).
    #[test]
    fn a_grid_of_the_other_direction_is_refused() {
        let (lon, lat) = helmert::to_etrs89(3.25, 50.75);
        let (dlon, dlat) = ((lon - 3.25) * 3600.0, (lat - 50.75) * 3600.0);
        assert!(constant(dlat as f32, dlon as f32).check().is_ok());
        assert!(constant(-dlat as f32, -dlon as f32).check().is_err());
        assert!(constant(f32::NAN, 0.0).check().is_err());
    }
}
