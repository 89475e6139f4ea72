//! Where the park lies on Earth: Belgian Lambert 72 and heights TAW to what receivers report.

use crate::geo::crs::{Crs, DatumGrid};
use crate::geo::geoid;
use crate::problem::{Problem, Result};

/// EPSG code of every file of the park.
pub(super) const EPSG: u32 = 31_370;

/// Coordinates of the park.
pub(super) struct Site {
    crs: Crs,
}

impl Site {
    /// # Errors
    /// When the coordinate system cannot be set up.
    pub(super) fn new() -> Result<Self> {
        let crs = Crs::new(&format!("EPSG:{EPSG}"), DatumGrid::Embedded)?;
        Ok(Self { crs })
    }

    /// Map → longitude, latitude (ETRS89), degrees.
    pub(super) fn to_lonlat(&self, x: f64, y: f64) -> Result<(f64, f64)> {
        self.crs.to_lonlat(x, y)
    }

    /// Longitude, latitude → map.
    #[cfg(test)]
    pub(super) fn place_of(&self, lon_deg: f64, lat_deg: f64) -> Result<(f64, f64)> {
        self.crs.from_lonlat(lon_deg, lat_deg)
    }

    /// Meridian convergence: azimuth on the map = true azimuth − convergence.
    pub(super) fn convergence_rad(&self, x: f64, y: f64) -> f64 {
        self.crs.convergence_rad(x, y)
    }

    /// Ellipsoid height − height TAW, metres.
    pub(super) fn separation_m(&self, lon_deg: f64, lat_deg: f64) -> Result<f64> {
        geoid::separation_m(lon_deg, lat_deg).ok_or_else(|| {
            Problem::unsupported(format!("no geoid height at {lon_deg:.4}, {lat_deg:.4}"))
        })
    }

    /// Name and definition of the coordinate system.
    pub(super) fn named(&self) -> (String, String) {
        (self.crs.name(), self.crs.wkt())
    }
}
