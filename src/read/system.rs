//! From the system of a layer into the project's.
//!
//! Files say their system wrongly often enough: services answer in EPSG:4326 with latitude
//! first, GeoJSON without `crs` member is said to be longitude and latitude but holds map
//! coordinates, shapefiles come without `.prj`. Belgian coordinates tell which they are
//! (flemish-data.md §1.1, §1.4), so what a layer says is held against where its shapes lie.

use geo::{Coord, MapCoords, MultiPolygon};

use super::layer::{Layer, LayerCrs, Shape, point_of, polygon_of};
use super::table::Report;
use crate::geo::crs::{Crs, DatumGrid};
use crate::problem::{Problem, Result};

/// A span of coordinates: west, south, east, north.
type Span = [f64; 4];

/// Belgium in longitude and latitude with a margin, degrees.
pub(super) const BELGIUM_DEG: Span = [2.3, 49.3, 6.6, 51.7];

/// Flanders in the systems its data come in, metres (flemish-data.md §1.1).
const KNOWN: &[(u32, Span)] = &[
    (31370, [20e3, 20e3, 300e3, 250e3]),
    (3812, [500e3, 520e3, 800e3, 790e3]),
    // West of Flanders only: further east the span of Lambert 2008 lies beside it anyway.
    (25831, [460e3, 5.45e6, 760e3, 5.75e6]),
];

/// The Belgian system of the same coordinates as another; `None` for systems of elsewhere. Only
/// these are doubted: the spans of [`KNOWN`] are places of other countries in their own systems.
fn belgian(epsg: u32) -> Option<u32> {
    match epsg {
        31370 | 6190 => Some(31370),
        3812 | 8370 | 11219 => Some(3812),
        _ => None,
    }
}

fn is_utm_31(crs: &Crs) -> bool {
    matches!(crs.epsg(), 25831 | 32631)
}

const HINT: &str = "name the system in the file, or export it as GeoPackage";

fn within(span: Span, [x, y]: [f64; 2]) -> bool {
    let [west, south, east, north] = span;
    (west..=east).contains(&x) && (south..=north).contains(&y)
}

/// How coordinates of a layer become the project's.
#[derive(Clone, Debug)]
pub(super) struct Way<'c> {
    /// `None` where they are the project's already.
    source: Option<Crs>,
    swapped: bool,
    project: &'c Crs,
}

impl<'c> Way<'c> {
    /// Finds out in which system and order a layer's coordinates are; adds warnings where that
    /// is not what the file says.
    ///
    /// # Errors
    /// The layer names a system that cannot be computed.
    pub(super) fn new(layer: &Layer, project: &'c Crs, report: &mut Report) -> Result<Self> {
        let middle = middle(layer);
        let seen = middle.and_then(recognised);
        let at_home = belgian(project.epsg()).is_some() || is_utm_31(project);
        let code = match &layer.crs {
            LayerCrs::Code(code) => code,
            LayerCrs::Unknown => match middle.filter(|_| at_home) {
                Some([x, y]) if within(BELGIUM_DEG, [x, y]) || within(BELGIUM_DEG, [y, x]) => {
                    let what = "names no coordinate system; longitude and latitude are taken";
                    report.warn(Problem::setting(what));
                    "OGC:CRS84"
                }
                _ => {
                    let what = "names no coordinate system".to_string();
                    return Self::guessed(what, seen, project, report);
                }
            },
        };
        let source = project.sibling(code)?;
        if !source.is_projected() {
            if at_home && middle.is_some_and(|[x, y]| within(BELGIUM_DEG, [y, x])) {
                let what = format!(
                    "has latitude before longitude, though {code} means easting first here; \
                     they are swapped back"
                );
                report.warn(Problem::setting(what));
                return Ok(Self {
                    source: Some(source),
                    swapped: true,
                    project,
                });
            }
            if beyond_degrees(layer) {
                let what = format!(
                    "has coordinates that are no longitude and latitude, though {code} says so"
                );
                return Self::guessed(what, seen, project, report);
            }
        } else if let Some(seen) = seen
            && belgian(source.epsg()).is_some_and(|named| named != seen)
        {
            let what = format!("names {code}, but its coordinates are not of that system");
            return Self::seen(what, seen, project, report);
        }
        Ok(Self::of(source, project))
    }

    /// Coordinates that are the project's already.
    pub(super) fn project(project: &'c Crs) -> Self {
        Self {
            source: None,
            swapped: false,
            project,
        }
    }

    fn of(source: Crs, project: &'c Crs) -> Self {
        Self {
            source: (source.epsg() != project.epsg()).then_some(source),
            swapped: false,
            project,
        }
    }

    /// Takes the system the coordinates look like.
    fn seen(what: String, seen: u32, project: &'c Crs, report: &mut Report) -> Result<Self> {
        let what = format!("{what}; they look like EPSG:{seen}, which is taken");
        report.warn(Problem::setting(what).hint(HINT));
        let source = project.sibling(&format!("EPSG:{seen}"))?;
        Ok(Self::of(source, project))
    }

    /// Takes the system the coordinates look like, else the project's.
    fn guessed(
        what: String,
        seen: Option<u32>,
        project: &'c Crs,
        report: &mut Report,
    ) -> Result<Self> {
        let other = |seen: &u32| match belgian(project.epsg()) {
            Some(own) => own != *seen,
            // In zone 31 the span of Lambert 72 is sea.
            None => is_utm_31(project) && *seen == 31370,
        };
        if let Some(seen) = seen.filter(other) {
            return Self::seen(what, seen, project, report);
        }
        let epsg = project.epsg();
        let what = format!("{what}; EPSG:{epsg} of the project is taken");
        report.warn(Problem::setting(what).hint(HINT));
        Ok(Self {
            source: None,
            swapped: false,
            project,
        })
    }

    /// A place in the project's system.
    ///
    /// # Errors
    /// Why it has none there.
    pub(super) fn place(&self, [x, y]: [f64; 2]) -> std::result::Result<[f64; 2], String> {
        let (x, y) = if self.swapped { (y, x) } else { (x, y) };
        let Some(source) = &self.source else {
            return Ok([x, y]);
        };
        source
            .to_lonlat(x, y)
            .and_then(|(lon, lat)| self.project.from_lonlat(lon, lat))
            .map(|(x, y)| [x, y])
            .map_err(|problem| format!("lies out of reach: {}", problem.what))
    }

    /// A shape that is one place, in the project's system.
    ///
    /// # Errors
    /// It is of another kind, or lies out of reach.
    pub(super) fn point(&self, shape: &Shape) -> std::result::Result<[f64; 2], String> {
        point_of(shape).and_then(|place| self.place(place))
    }

    /// A polygon in the project's system.
    ///
    /// # Errors
    /// Why it cannot be one.
    pub(super) fn polygon(&self, shape: &Shape) -> std::result::Result<MultiPolygon<f64>, String> {
        let polygon = polygon_of(shape)?;
        if self.source.is_none() && !self.swapped {
            return Ok(polygon);
        }
        polygon.try_map_coords(|Coord { x, y }| {
            let [x, y] = self.place([x, y])?;
            Ok(Coord { x, y })
        })
    }
}

/// Median easting and northing of the middles of a layer's shapes.
fn middle(layer: &Layer) -> Option<[f64; 2]> {
    let middles: Vec<[f64; 2]> = layer.middles().collect();
    median(&middles)
}

/// The projected system a project around a layer would use: its own, or the one its coordinates
/// look like; of longitude and latitude the Belgian one, elsewhere the zone of UTM.
pub fn home_epsg(layer: &Layer) -> Option<u32> {
    let middle = middle(layer)?;
    if let LayerCrs::Code(code) = &layer.crs
        && let Ok(own) = Crs::projected(code, DatumGrid::Embedded)
    {
        return Some(own.epsg());
    }
    recognised(middle).or_else(|| home_of_lonlat(middle))
}

/// The projected system a project around a longitude and latitude would use.
pub fn home_of_lonlat([lon, lat]: [f64; 2]) -> Option<u32> {
    let belgium = |place| within(BELGIUM_DEG, place);
    if belgium([lon, lat]) || belgium([lat, lon]) {
        return Some(31370);
    }
    let inside = lon.abs() <= 180.0 && lat.abs() <= 84.0;
    let zone = ((lon + 180.0) / 6.0).floor().clamp(0.0, 59.0) as u32 + 1;
    let (north, south) = (32_600 + zone, 32_700 + zone);
    inside.then_some(if lat >= 0.0 { north } else { south })
}

/// Median of each coordinate.
pub(super) fn median(places: &[[f64; 2]]) -> Option<[f64; 2]> {
    let axis = |axis: usize| {
        let mut values: Vec<f64> = places.iter().filter_map(|c| c.get(axis).copied()).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some([axis(0)?, axis(1)?])
}

/// The system whose span of Flanders a place lies in.
fn recognised(place: [f64; 2]) -> Option<u32> {
    let found = KNOWN.iter().find(|(_, span)| within(*span, place));
    found.map(|(epsg, _)| *epsg)
}

/// Whether coordinates of a layer cannot be degrees.
fn beyond_degrees(layer: &Layer) -> bool {
    let beyond = |[x, y]: [f64; 2]| !(x.abs() <= 360.0 && y.abs() <= 90.0);
    layer.middles().any(beyond)
}
