//! From measured objects to the records of the `hotspots` and `coldspots` layers.

use super::balance::radiative;
use super::confidence::{Doubts, confidence, raised};
use super::gates::{self, Gate};
use super::measure::Measured;
use super::moisture;
use super::pattern::{explained, suggest};
use super::spot::Spot;
use super::uncertainty::root_sum;
use super::{Coldspot, FlightConditions, Hotspot, HotspotKind, Interval, Options, Reason};
use crate::segment::place_ids;

/// `h_c + h_r` for the severity where the weather is unknown, W/m²K: the example of scoring.md
/// §10. No watts are reported from it.
const NOMINAL_H: f64 = 11.5;
/// Relative standard uncertainty of `h_c + h_r`.
const SIGMA_H: f64 = 0.25;
/// Cells that optics and resampling tie together: a blur of three cells across.
const TIED_CELLS: f64 = 9.0;

/// Hotspots of a roof, the weightiest first (excess heat × confidence, ties by peak), and its
/// coldspots.
pub(super) fn of_roof(
    roof: &Measured,
    gate: &Gate,
    flight: &FlightConditions,
    options: &Options,
) -> (Vec<Hotspot>, Vec<Coldspot>) {
    let centres = |spots: &[Spot]| -> Vec<(f64, f64)> {
        spots.iter().map(|spot| (spot.x_m, spot.y_m)).collect()
    };
    let ids = place_ids(&roof.context.oidn, &centres(&roof.hot), "");
    let mut hot: Vec<(f64, Hotspot)> = roof
        .hot
        .iter()
        .zip(ids)
        .map(|(spot, id)| hotspot(roof, spot, id, gate, flight, options))
        .collect();
    hot.sort_by(|(a, x), (b, y)| {
        let by_peak = y.peak_c.total_cmp(&x.peak_c);
        b.total_cmp(a)
            .then(by_peak)
            .then(x.hotspot_id.cmp(&y.hotspot_id))
    });
    let ids = place_ids(&roof.context.oidn, &centres(&roof.cold), "k");
    let cold = roof
        .cold
        .iter()
        .zip(ids)
        .map(|(spot, coldspot_id)| Coldspot {
            coldspot_id,
            oidn: roof.context.oidn.clone(),
            segment_id: segment_id(roof, spot),
            area_m2: spot.area_m2,
            pixels: spot.pixels,
            deficit_mean_k: spot.excess_mean_k,
            deficit_max_k: spot.excess_max_k,
            x_m: spot.x_m,
            y_m: spot.y_m,
            polygon: spot.polygon.clone(),
        });
    (hot.into_iter().map(|(_, h)| h).collect(), cold.collect())
}

/// Id of the part an object lies on; empty where the roof was not split.
fn segment_id(roof: &Measured, spot: &Spot) -> String {
    let part = spot.on.and_then(|on| roof.segments.get(on.part));
    part.map(|s| s.segment_id.clone()).unwrap_or_default()
}

fn hotspot(
    roof: &Measured,
    spot: &Spot,
    hotspot_id: String,
    gate: &Gate,
    flight: &FlightConditions,
    options: &Options,
) -> (f64, Hotspot) {
    let suggestion =
        explained(spot).unwrap_or_else(|| suggest(spot, roof.area_m2, options.moisture));
    let across_px = spot.width_m / roof.cell_m;
    let found = confidence(&Doubts {
        quality: Some(gate.quality),
        material_unknown: !roof.material.known,
        emissivity_low: (0.80..=0.88).contains(&roof.material.emissivity),
        across_px: Some(across_px),
        edge: spot.edge,
        sky_hidden: roof.context.f_sky() < 0.8,
        one_frame: spot.frames == 1,
        outline_off: roof.outline_off(),
        dew: gates::above_dew_k(roof, flight).is_some_and(|k| k < 1.0),
        ..Doubts::default()
    });
    let grade = roof.best_grade(found.grade);
    let grade = match options.moisture {
        true => moisture::grade(grade, gate),
        false => grade,
    };
    let excess_sigma_k = mean_sigma_k(roof, spot, options);
    let heat = spot.excess_mean_k * spot.area_m2;
    let size = (roof.area_m2, roof.perimeter_m);
    let object_c = spot.background_c + spot.excess_mean_k;
    let h = flight
        .h_c(
            object_c,
            size,
            roof.context.height_m,
            &roof.material,
            options,
        )
        .map(|h_c| h_c + radiative(roof.material.emissivity, object_c, spot.background_c));
    let watts = h.unwrap_or(NOMINAL_H) * heat;
    let relative = 1.96 * root_sum([SIGMA_H, excess_sigma_k / spot.excess_mean_k]);
    let moist = suggestion.kind == HotspotKind::Moisture && spot.area_m2 >= 1.0;
    let windy = flight
        .wind_at_roof(roof.context.height_m)
        .is_some_and(|wind| wind > options.max_wind_m_s);
    let lower_bound = (across_px < 3.0 || windy).then_some(Reason {
        code: 22,
        value: None,
    });
    let hotspot = Hotspot {
        hotspot_id,
        oidn: roof.context.oidn.clone(),
        segment_id: segment_id(roof, spot),
        kind: suggestion.kind,
        detail: suggestion.detail.to_owned(),
        probability: suggestion.probability,
        // After sun the excess is stored heat: it weighs nothing as a loss.
        severity: match options.moisture {
            true => severity(0.0, grade, moist, &options.severity_w),
            false => severity(watts, grade, moist, &options.severity_w),
        },
        area_m2: spot.area_m2,
        pixels: spot.pixels,
        peak_c: spot.peak_c,
        excess_mean_k: spot.excess_mean_k,
        excess_sigma_k,
        excess_max_k: spot.excess_max_k,
        background_c: spot.background_c,
        excess_w: h.filter(|_| !options.moisture).map(|h| Interval {
            value: h * heat,
            low: (h * heat * (1.0 - relative)).max(0.0),
            high: h * heat * (1.0 + relative),
        }),
        grade,
        deductions: found.deductions,
        reasons: lower_bound.into_iter().collect(),
        frames: spot.frames,
        x_m: spot.x_m,
        y_m: spot.y_m,
        polygon: spot.polygon.clone(),
        elongation: spot.length_m / spot.width_m,
        review: None,
    };
    (watts * f64::from(found.points), hotspot)
}

/// Unevenness within one frame that neither overlap nor averaging removes (rest of the flat
/// field), K: the least spread scoring.md §10.2 believes.
const UNEVEN_K: f64 = 0.1;
/// Relative uncertainty of an excess from emissivity and reflection: 1.03–1.06 K of surface per K
/// of apparent temperature for roofs (scoring.md §1), half of it unknown.
const SIGMA_EMISSIVITY: f64 = 0.03;

/// Standard uncertainty of a mean excess: noise of the object's and of the background's cells,
/// counted in groups of cells tied by optics; unevenness of the frames; emissivity.
fn mean_sigma_k(roof: &Measured, spot: &Spot, options: &Options) -> f64 {
    let independent = |cells: f64| (cells / TIED_CELLS).max(1.0);
    let window = (options.background_m / roof.cell_m).powi(2);
    let own = independent(f64::from(spot.pixels));
    let noise_k = roof.residual_sigma_k * (1.0 / own + 1.0 / independent(window)).sqrt();
    root_sum([noise_k, UNEVEN_K, SIGMA_EMISSIVITY * spot.excess_mean_k])
}

/// Severity 1–5 (scoring.md §11): class of the excess heat, one less at grade D, suspected
/// moisture of at least 1 m² at least 3.
fn severity(watts: f64, grade: char, moist: bool, bounds: &[f64; 4]) -> u8 {
    let class = 1 + bounds.iter().filter(|bound| watts >= **bound).count() as u8;
    let class = if grade == 'D' {
        (class - 1).max(1)
    } else {
        class
    };
    if moist { class.max(3) } else { class }
}

/// A hotspot that a person found again: 15 points more, and the severity of the grade it then has
/// (scoring.md §11, §13). An outline nobody confirmed holds the grade as before (`derived`).
pub fn confirmed(spot: &mut Hotspot, derived: bool, options: &Options) {
    let best = if derived { 'C' } else { 'A' };
    let raised = raised(&mut spot.deductions, spot.grade, best);
    if spot.grade == 'D' && raised < 'D' {
        let heat = spot.excess_mean_k * spot.area_m2;
        let watts = spot.excess_w.map_or(NOMINAL_H * heat, |w| w.value);
        let moist = spot.kind == HotspotKind::Moisture && spot.area_m2 >= 1.0;
        let watts = if options.moisture { 0.0 } else { watts };
        spot.severity = severity(watts, raised, moist, &options.severity_w);
    }
    spot.grade = raised;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_have_their_bounds_and_exceptions() {
        let bounds = [50.0, 250.0, 1000.0, 4000.0];
        assert_eq!(severity(49.9, 'A', false, &bounds), 1);
        assert_eq!(severity(50.0, 'A', false, &bounds), 2);
        assert_eq!(severity(4000.0, 'C', false, &bounds), 5);
        assert_eq!(severity(4000.0, 'D', false, &bounds), 4);
        assert_eq!(severity(10.0, 'D', false, &bounds), 1);
        assert_eq!(severity(10.0, 'A', true, &bounds), 3);
    }
}
