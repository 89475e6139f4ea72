//! The parts of a roof as the `roof_segments` layer names them.

use crate::raster::Grid;
use crate::segment::parts::{Kind, Parts, Why};
use crate::segment::{Roof, place_ids};
use geo::MultiPolygon;

/// One part of a roof.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RoofSegment {
    /// Stable id: `oidn-s` and the name of its middle's place.
    pub segment_id: String,
    /// Building key.
    pub oidn: String,
    /// What it is.
    pub kind: Kind,
    /// Slope, degrees, where heights told it; of an object, of the plane it lies on.
    pub slope_deg: Option<f64>,
    /// Direction in which water runs off, degrees clockwise from north.
    pub aspect_deg: Option<f64>,
    /// Area in plan, m².
    pub area_m2: f64,
    /// Median temperature under the roof's own emissivity, °C; `None` where nothing was seen or
    /// the part mirrors the sky.
    pub median_c: Option<f64>,
    /// Whether its cells count in the roof's statistics.
    pub valid: bool,
    /// How sure the kind is, 0–1.
    pub confidence: f64,
    /// Signs behind it.
    pub why: Vec<Why>,
    /// Its area along cell edges, project CRS.
    pub polygon: MultiPolygon<f64>,
}

/// The parts of a roof, in their order; `own` holds its temperatures, °C.
pub(super) fn segments(roof: &Roof, parts: &Parts, own: &Grid<f32>) -> Vec<RoofSegment> {
    let (width, height) = (parts.labels.width(), parts.labels.height());
    if (width, height) != (roof.window.width, roof.window.height) {
        return Vec::new();
    }
    let mut values: Vec<Vec<f32>> = vec![Vec::new(); parts.parts.len()];
    let mut middles = vec![(0.0, 0.0, 0.0); parts.parts.len()];
    for (i, label) in parts.labels.data().iter().enumerate() {
        let Some(index) = usize::from(*label).checked_sub(1) else {
            continue;
        };
        let middle = &mut middles[index];
        middle.0 += (i % width) as f64 + 0.5;
        middle.1 += (i / width) as f64 + 0.5;
        middle.2 += 1.0;
        if own.data()[i].is_finite() {
            values[index].push(own.data()[i]);
        }
    }
    let centres: Vec<(f64, f64)> = middles
        .iter()
        .map(|(u, v, n)| {
            let n = f64::max(*n, 1.0);
            roof.transform.to_map(u / n, v / n)
        })
        .collect();
    let ids = place_ids(&roof.oidn, &centres, "s");
    let polygons = parts.polygons(&roof.transform);
    let all = parts.parts.iter().zip(values).zip(ids).zip(polygons);
    all.map(|(((part, mut values), segment_id), polygon)| {
        let median_c = median(&mut values).map(f64::from);
        RoofSegment {
            segment_id,
            oidn: roof.oidn.clone(),
            kind: part.kind,
            slope_deg: part.plane.map(|p| p.slope_deg()),
            aspect_deg: part.plane.and_then(|p| p.aspect_deg()),
            area_m2: part.area_m2,
            median_c,
            valid: !part.left_out && median_c.is_some(),
            confidence: part.confidence,
            why: part.why.clone(),
            polygon,
        }
    })
    .collect()
}

/// Lower median.
fn median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}
