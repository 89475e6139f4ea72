//! Coordinate systems by EPSG code, and the way between each of them and ETRS89.
//!
//! In: longitude and latitude (ETRS89, degrees) or coordinates of the system (metres). Out: the
//! other. Projections by proj4rs; the Belgian datum by, in this order, the official grid a user
//! names, our tables of it, and seven parameters outside both or on request. Every system says
//! which it uses and how good that is.
//!
//! BD72 ↔ ETRS89 is direct from BD72; the other way is iterated, because the shifts are given
//! at BD72 places (georeferencing.md §4).

use std::sync::{Arc, LazyLock};

use proj4rs::Proj;

use super::grid::ShiftGrid;
use super::table::NodeTable;
use super::{epsg, helmert};
use crate::problem::{Problem, Result};

static TABLE: LazyLock<NodeTable<2>> = LazyLock::new(|| {
    NodeTable::parse(include_str!("tables/bd72_to_etrs89.txt"))
        .expect("the embedded table is well formed")
});

/// Which shift between BD72 and ETRS89 to use.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum DatumGrid {
    /// Our tables of the national grid, 4 mm rms from it in West Flanders.
    #[default]
    Embedded,
    /// Seven parameters, EPSG 15928: 0.2 m.
    Helmert,
    /// The official grid, 1 cm.
    Official(ShiftGrid),
}

/// How a system's own longitudes and latitudes go to ETRS89.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Datum {
    /// They are ETRS89 or taken for it.
    Same,
    /// BD72.
    Belgian,
    /// Parameters that come with the definition; proj4rs applies them.
    Definition,
}

/// A coordinate system.
#[derive(Clone)]
pub struct Crs {
    epsg: u32,
    datum: Datum,
    grid: Arc<DatumGrid>,
    /// The system itself.
    system: Proj,
    /// Longitude and latitude that `system` is computed from.
    base: Proj,
}

impl std::fmt::Debug for Crs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Crs(EPSG:{}, {})", self.epsg, self.transformation())
    }
}

/// Iterations of the inverse shift: each gains five digits, as the shifts change by less than
/// 1e-5 of the way.
const INVERSE_STEPS: usize = 4;

impl Crs {
    /// A system by its code: `EPSG:31370`, `31370`, `urn:ogc:def:crs:EPSG::31370`, `OGC:CRS84`.
    /// Geographic ones are longitude, latitude in degrees.
    ///
    /// # Errors
    /// A [`Problem`] when the code is unknown, not horizontal, or needs files that are not here.
    pub fn new(code: &str, grid: DatumGrid) -> Result<Crs> {
        Self::shared(code, Arc::new(grid))
    }

    /// A system for processing: projected, in metres.
    ///
    /// # Errors
    /// As [`Crs::new`], and when the system is geographic, in feet, or Web Mercator, whose
    /// metres are 1.6 times too long in Belgium.
    pub fn projected(code: &str, grid: DatumGrid) -> Result<Crs> {
        let crs = Self::new(code, grid)?;
        let hint = "use a projected system in metres: EPSG:31370 or EPSG:3812 in Belgium, \
                    EPSG:25831 for UTM zone 31 N";
        let found = match crs.epsg {
            3857 => "is Web Mercator, whose metres are not metres on the ground",
            _ if !crs.is_projected() => "is geographic (degrees), expected a projected system",
            _ if crs.system.to_meter() != 1.0 => "is not in metres",
            _ => return Ok(crs),
        };
        Err(Problem::setting(format!("EPSG:{} {found}", crs.epsg)).hint(hint))
    }

    /// Another system with the same datum shift.
    ///
    /// # Errors
    /// As [`Crs::new`].
    pub fn sibling(&self, code: &str) -> Result<Crs> {
        Self::shared(code, Arc::clone(&self.grid))
    }

    fn shared(code: &str, grid: Arc<DatumGrid>) -> Result<Crs> {
        let epsg = parse_code(code)?;
        let (datum, system, base) = definition(epsg)?;
        Ok(Crs {
            epsg,
            datum,
            grid,
            system,
            base,
        })
    }

    /// The EPSG code.
    pub fn epsg(&self) -> u32 {
        self.epsg
    }

    /// Whether coordinates are map coordinates rather than degrees.
    pub fn is_projected(&self) -> bool {
        !self.system.is_latlong()
    }

    /// From ETRS89 longitude and latitude, degrees, to coordinates of the system (metres, or
    /// degrees where it is geographic).
    ///
    /// # Errors
    /// A [`Problem`] where the projection does not reach.
    pub fn from_lonlat(&self, lon_deg: f64, lat_deg: f64) -> Result<(f64, f64)> {
        if !(lon_deg.abs() <= 360.0 && lat_deg.abs() <= 90.0) {
            return Err(self.unreachable(lon_deg, lat_deg));
        }
        let (lon, lat) = match self.datum {
            Datum::Belgian => self.to_bd72(lon_deg, lat_deg),
            Datum::Same | Datum::Definition => (lon_deg, lat_deg),
        };
        let mut point = (lon.to_radians(), lat.to_radians(), 0.0);
        self.convert(&self.base, &self.system, &mut point)
            .ok_or_else(|| self.unreachable(lon_deg, lat_deg))?;
        Ok(if self.is_projected() {
            (point.0, point.1)
        } else {
            (point.0.to_degrees(), point.1.to_degrees())
        })
    }

    /// From coordinates of the system to ETRS89 longitude and latitude, degrees.
    ///
    /// # Errors
    /// A [`Problem`] where the projection has no inverse.
    pub fn to_lonlat(&self, x: f64, y: f64) -> Result<(f64, f64)> {
        let first = self.to_lonlat_once(x, y)?;
        if self.datum != Datum::Definition {
            return Ok(first);
        }
        // Both directions of a parameter shift start at height zero of their own ellipsoid and
        // are therefore millimetres short of each other's inverse: one correction closes that.
        let (x_back, y_back) = self.from_lonlat(first.0, first.1)?;
        self.to_lonlat_once(2.0 * x - x_back, 2.0 * y - y_back)
    }

    fn to_lonlat_once(&self, x: f64, y: f64) -> Result<(f64, f64)> {
        let mut point = if self.is_projected() {
            (x, y, 0.0)
        } else {
            (x.to_radians(), y.to_radians(), 0.0)
        };
        self.convert(&self.system, &self.base, &mut point)
            .ok_or_else(|| self.unreachable(x, y))?;
        let (lon, lat) = (point.0.to_degrees(), point.1.to_degrees());
        Ok(match self.datum {
            Datum::Belgian => self.to_etrs89(lon, lat),
            Datum::Same | Datum::Definition => (lon, lat),
        })
    }

    /// Meridian convergence γ at a map point, radians: grid azimuth = true azimuth − γ, so it is
    /// negative west of the central meridian. Zero for geographic systems and where the
    /// projection does not reach.
    pub fn convergence_rad(&self, x: f64, y: f64) -> f64 {
        // About 100 m to either side: far above rounding, far below the curvature of a meridian.
        const STEP_DEG: f64 = 1e-3;
        if !self.is_projected() {
            return 0.0;
        }
        let ends = self.to_lonlat(x, y).and_then(|(lon, lat)| {
            Ok((
                self.from_lonlat(lon, lat - STEP_DEG)?,
                self.from_lonlat(lon, lat + STEP_DEG)?,
            ))
        });
        match ends {
            Ok(((x0, y0), (x1, y1))) => -(x1 - x0).atan2(y1 - y0),
            Err(_) => 0.0,
        }
    }

    /// Which shift to ETRS89 is used and how good it is, one line for the quality report.
    pub fn transformation(&self) -> &str {
        match (self.datum, self.grid.as_ref()) {
            (Datum::Same, _) => "none: ETRS89, with WGS84 taken for it",
            (Datum::Definition, _) => "parameters of the EPSG definition, 1 m",
            (Datum::Belgian, DatumGrid::Embedded) => {
                "BD72 to ETRS89 by tables of the national grid, 4 mm rms"
            }
            (Datum::Belgian, DatumGrid::Helmert) => {
                "BD72 to ETRS89 by seven parameters (EPSG 15928), 0.2 m"
            }
            (Datum::Belgian, DatumGrid::Official(_)) => {
                "BD72 to ETRS89 by the national grid (EPSG 8369), 1 cm"
            }
        }
    }

    /// Accuracy of the shift to ETRS89, metres.
    pub fn accuracy_m(&self) -> f64 {
        match (self.datum, self.grid.as_ref()) {
            (Datum::Same, _) => 0.0,
            (Datum::Definition, _) => 1.0,
            (Datum::Belgian, DatumGrid::Official(_)) => 0.01,
            (Datum::Belgian, DatumGrid::Embedded) => 0.02,
            (Datum::Belgian, DatumGrid::Helmert) => 0.25,
        }
    }

    /// Whether the shift of [`Crs::transformation`] covers a map point; beyond it the seven
    /// parameters take over and 0.25 m is the best that may be claimed.
    pub fn covers(&self, x: f64, y: f64) -> bool {
        if self.datum != Datum::Belgian || *self.grid == DatumGrid::Helmert {
            return true;
        }
        self.to_lonlat(x, y).is_ok_and(|(lon, lat)| {
            let (lon, lat) = helmert::to_bd72(lon, lat);
            self.shift_deg(lon, lat).is_some()
        })
    }

    /// WKT1 of the system, or `undefined`.
    pub fn wkt(&self) -> String {
        epsg::wkt(self.epsg)
    }

    /// Name of the system.
    pub fn name(&self) -> String {
        epsg::name(self.epsg)
    }

    fn convert(&self, from: &Proj, to: &Proj, point: &mut (f64, f64, f64)) -> Option<()> {
        proj4rs::transform::transform(from, to, point).ok()?;
        (point.0.is_finite() && point.1.is_finite()).then_some(())
    }

    fn unreachable(&self, x: f64, y: f64) -> Problem {
        Problem::broken(format!(
            "the place {x}, {y} cannot be expressed in EPSG:{} or back",
            self.epsg
        ))
        .hint("check that the coordinates belong to the system that is named for them")
    }

    /// Shift from BD72 at a BD72 place, degrees of latitude and longitude.
    fn shift_deg(&self, lon_deg: f64, lat_deg: f64) -> Option<[f64; 2]> {
        match self.grid.as_ref() {
            DatumGrid::Helmert => None,
            DatumGrid::Embedded => TABLE.at(lon_deg, lat_deg).map(|s| s.map(|v| v / 3600.0)),
            DatumGrid::Official(grid) => grid.shift_deg(lon_deg, lat_deg),
        }
    }

    fn to_etrs89(&self, lon_deg: f64, lat_deg: f64) -> (f64, f64) {
        match self.shift_deg(lon_deg, lat_deg) {
            Some([dlat, dlon]) => (lon_deg + dlon, lat_deg + dlat),
            None => helmert::to_etrs89(lon_deg, lat_deg),
        }
    }

    fn to_bd72(&self, lon_deg: f64, lat_deg: f64) -> (f64, f64) {
        let start = helmert::to_bd72(lon_deg, lat_deg);
        let (mut lon, mut lat) = start;
        for _ in 0..INVERSE_STEPS {
            let Some([dlat, dlon]) = self.shift_deg(lon, lat) else {
                return start;
            };
            (lon, lat) = (lon_deg - dlon, lat_deg - dlat);
        }
        (lon, lat)
    }
}

fn parse_code(code: &str) -> Result<u32> {
    let text = code.trim();
    if text.to_ascii_uppercase().ends_with("CRS84") {
        return Ok(4326);
    }
    let digits = text.rsplit([':', '/']).next().unwrap_or(text);
    let named = text.len() == digits.len() || text.to_ascii_uppercase().contains("EPSG");
    match digits.parse() {
        Ok(code) if named => Ok(code),
        _ => Err(Problem::setting(format!(
            "`{code}` is not a coordinate system, expected a code such as EPSG:31370"
        ))),
    }
}

/// Datum, projection and its base of a code.
fn definition(epsg: u32) -> Result<(Datum, Proj, Proj)> {
    const GRS80: &str = "+proj=longlat +ellps=GRS80";
    let fail = |_| {
        Problem::setting(format!("EPSG:{epsg} is unknown or cannot be computed here")).hint(
            "use EPSG:31370 or EPSG:3812 in Belgium, EPSG:25831 for UTM zone 31 N, or reproject \
             the data",
        )
    };
    let (datum, system, base) = match epsg {
        // Without a datum in the text proj4rs leaves longitude and latitude alone: our shift.
        31370 | 6190 => (
            Datum::Belgian,
            "+proj=lcc +lat_1=51.16666723333333 +lat_2=49.8333339 +lat_0=90 \
             +lon_0=4.367486666666666 +x_0=150000.013 +y_0=5400088.438 +ellps=intl +units=m"
                .to_string(),
            "+proj=longlat +ellps=intl",
        ),
        4313 => (
            Datum::Belgian,
            "+proj=longlat +ellps=intl".to_string(),
            "+proj=longlat +ellps=intl",
        ),
        // 11219 replaced 3812; the difference is far below a thermal pixel.
        3812 | 8370 | 11219 => (
            Datum::Same,
            "+proj=lcc +lat_1=49.83333333333333 +lat_2=51.16666666666667 +lat_0=50.797815 \
             +lon_0=4.359215833333333 +x_0=649328 +y_0=665262 +ellps=GRS80 +units=m"
                .to_string(),
            GRS80,
        ),
        25828..=25838 | 32601..=32660 => (
            Datum::Same,
            format!("+proj=utm +zone={} +ellps=GRS80 +units=m", epsg % 100),
            GRS80,
        ),
        // Spherical formulas on ellipsoidal latitudes, as the definition wants.
        3857 => (
            Datum::Same,
            "+proj=merc +a=6378137 +b=6378137 +units=m".to_string(),
            "+proj=longlat +a=6378137 +b=6378137",
        ),
        4258 | 4326 | 4937 | 4979 => (Datum::Same, GRS80.to_string(), GRS80),
        _ => {
            let system = u16::try_from(epsg)
                .map_err(|_| proj4rs::errors::Error::ProjectionNotFound)
                .and_then(Proj::from_epsg_code)
                .map_err(fail)?;
            if system.is_geocent() {
                return Err(fail(proj4rs::errors::Error::ProjectionNotFound));
            }
            let base = Proj::from_proj_string("+proj=longlat +datum=WGS84").map_err(fail)?;
            return Ok((Datum::Definition, system, base));
        }
    };
    Ok((
        datum,
        Proj::from_proj_string(&system).map_err(fail)?,
        Proj::from_proj_string(base).map_err(fail)?,
    ))
}

#[cfg(test)]
mod tests;
