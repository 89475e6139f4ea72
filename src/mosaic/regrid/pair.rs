//! The map's coordinate system and that of a raster: places, bounds and cells of the one in the
//! other.

use crate::geo::crs::Crs;
use crate::raster::{Bounds, GeoTransform};
use crate::rectify::Target;

/// Places along each side of bounds that are carried over to the other system.
const ALONG: usize = 5;

/// The map's coordinate system and that of a raster to be laid on it. Both carry the same datum
/// shift where they are siblings ([`Crs::sibling`]).
#[derive(Clone, Debug)]
pub struct CrsPair {
    /// System of the map.
    pub map: Crs,
    /// System of the raster.
    pub source: Crs,
}

impl CrsPair {
    /// A place of the map in the raster's system; `None` where either does not reach.
    pub fn to_source(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        through(&self.map, &self.source, x, y)
    }

    /// A place of the raster's system in the map's; `None` where either does not reach.
    pub fn to_map(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        through(&self.source, &self.map, x, y)
    }

    /// The grid in the map's system that shows a raster of `width` × `height` cells at its own
    /// resolution: square cells as large as the raster's in its middle, rounded to three digits
    /// (the scales of two projections differ by less), over all its ground.
    /// `None` where the raster lies beyond the map's system.
    pub fn grid_in_map(
        &self,
        raster: &GeoTransform,
        width: usize,
        height: usize,
    ) -> Option<Target> {
        let (u, v) = (width as f64 / 2.0, height as f64 / 2.0);
        let place = |u, v| {
            let (x, y) = raster.to_map(u, v);
            self.to_map(x, y)
        };
        let (west, east) = (place(u - 0.5, v)?, place(u + 0.5, v)?);
        let (north, south) = (place(u, v - 0.5)?, place(u, v + 0.5)?);
        let across = (east.0 - west.0, east.1 - west.1);
        let down = (south.0 - north.0, south.1 - north.1);
        let cell = three_digits((across.0 * down.1 - across.1 * down.0).abs().sqrt());
        let bounds = carried(&raster.bounds(width, height), |x, y| self.to_map(x, y));
        if !(cell > 0.0 && cell.is_finite()) || bounds.is_empty() {
            return None;
        }
        let count = |from: f64, to: f64| ((to - from) / cell).ceil();
        let (columns, rows) = (
            count(bounds.x_min, bounds.x_max),
            count(bounds.y_min, bounds.y_max),
        );
        // Beyond this a raster of some billion cells would be stretched over the whole globe.
        let most = 4.0 * (width + height) as f64 + 64.0;
        (columns <= most && rows <= most).then_some(Target {
            transform: GeoTransform {
                x0: bounds.x_min,
                y0: bounds.y_max,
                dx: cell,
                dy: cell,
            },
            width: columns as usize,
            height: rows as usize,
        })
    }
}

/// Bounds, in the raster's system, of the ground under a target of the map: what to read for
/// [`super::reproject`], with two cells of the raster more on every side. Empty where the
/// raster's system does not reach.
pub fn source_bounds(target: &Target, pair: &CrsPair) -> Bounds {
    carried(&target.bounds(), |x, y| pair.to_source(x, y))
}

/// The nearest number of three digits.
fn three_digits(value: f64) -> f64 {
    let power = 10f64.powi((2.0 - value.log10().floor()).clamp(-300.0, 300.0) as i32);
    (value * power).round() / power
}

fn through(from: &Crs, to: &Crs, x: f64, y: f64) -> Option<(f64, f64)> {
    if from.epsg() == to.epsg() {
        return Some((x, y));
    }
    let (lon, lat) = from.to_lonlat(x, y).ok()?;
    let place = to.from_lonlat(lon, lat).ok()?;
    (place.0.is_finite() && place.1.is_finite()).then_some(place)
}

/// Bounds of what bounds become: of a lattice of places, widened by the largest second
/// difference along its lines. A smooth line between neighbouring places bulges by an eighth of
/// that.
fn carried(bounds: &Bounds, to: impl Fn(f64, f64) -> Option<(f64, f64)>) -> Bounds {
    let step = |from: f64, to: f64, k: usize| from + (to - from) * k as f64 / (ALONG - 1) as f64;
    let places: Vec<Option<(f64, f64)>> = (0..ALONG * ALONG)
        .map(|k| {
            to(
                step(bounds.x_min, bounds.x_max, k % ALONG),
                step(bounds.y_min, bounds.y_max, k / ALONG),
            )
        })
        .collect();
    let mut all = Bounds::EMPTY;
    for (x, y) in places.iter().flatten() {
        all.include(*x, *y);
    }
    let mut bulge = 0.0_f64;
    let at = |col: usize, row: usize| places.get(row * ALONG + col).copied().flatten();
    for i in 0..ALONG {
        for k in 1..ALONG - 1 {
            let lines = [
                (at(k - 1, i), at(k, i), at(k + 1, i)),
                (at(i, k - 1), at(i, k), at(i, k + 1)),
            ];
            for line in lines {
                if let (Some(a), Some(b), Some(c)) = line {
                    bulge = bulge.max((a.0 - 2.0 * b.0 + c.0).abs());
                    bulge = bulge.max((a.1 - 2.0 * b.1 + c.1).abs());
                }
            }
        }
    }
    if all.is_empty() {
        all
    } else {
        all.buffered(bulge)
    }
}
