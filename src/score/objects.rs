//! From measured objects to the records of the `hotspots` and `coldspots` layers.

use super::balance::radiative;
use super::confidence::{Doubts, confidence};
use super::gates::{self, Gate};
use super::measure::Measured;
use super::pattern::suggest;
use super::spot::Spot;
use super::uncertainty::root_sum;
use super::{Coldspot, FlightConditions, Hotspot, HotspotKind, Interval, Options, Reason};
use std::collections::BTreeSet;

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
    let ids = ids(&roof.context.oidn, &roof.hot, "");
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
    let ids = self::ids(&roof.context.oidn, &roof.cold, "k");
    let cold = roof
        .cold
        .iter()
        .zip(ids)
        .map(|(spot, coldspot_id)| Coldspot {
            coldspot_id,
            oidn: roof.context.oidn.clone(),
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

fn hotspot(
    roof: &Measured,
    spot: &Spot,
    hotspot_id: String,
    gate: &Gate,
    flight: &FlightConditions,
    options: &Options,
) -> (f64, Hotspot) {
    let suggestion = suggest(spot, roof.area_m2, options.moisture);
    let across_px = spot.width_m / roof.cell_m;
    let found = confidence(&Doubts {
        quality: Some(gate.quality),
        material_unknown: !roof.material.known,
        emissivity_low: (0.80..=0.88).contains(&roof.material.emissivity),
        across_px: Some(across_px),
        edge: spot.edge,
        one_frame: spot.frames == 1,
        dew: gates::above_dew_k(roof, flight).is_some_and(|k| k < 1.0),
        ..Doubts::default()
    });
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
        kind: suggestion.kind,
        detail: suggestion.detail.to_owned(),
        probability: suggestion.probability,
        severity: severity(watts, found.grade, moist, &options.severity_w),
        area_m2: spot.area_m2,
        pixels: spot.pixels,
        peak_c: spot.peak_c,
        excess_mean_k: spot.excess_mean_k,
        excess_sigma_k,
        excess_max_k: spot.excess_max_k,
        background_c: spot.background_c,
        excess_w: h.map(|h| Interval {
            value: h * heat,
            low: (h * heat * (1.0 - relative)).max(0.0),
            high: h * heat * (1.0 + relative),
        }),
        grade: found.grade,
        deductions: found.deductions,
        reasons: lower_bound.into_iter().collect(),
        frames: spot.frames,
        x_m: spot.x_m,
        y_m: spot.y_m,
        polygon: spot.polygon.clone(),
        elongation: spot.length_m / spot.width_m,
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

/// Side of the cells that name a place, metres.
const PLACE_M: f64 = 2.0;
/// West and south edges of those cells lie this far beside the even metres. Centres of regular
/// objects on a mosaic's grid fall on eighths or twentieths of a metre: no such centre lies
/// within 2 cm of an edge, where rounding would change its name.
const PLACE_SHIFT_M: f64 = 0.075;

/// Ids of the objects of a roof: `oidn-` and four characters of the hash of the centre's 2 m
/// cell, so that another flight or a re-run names the same place alike, whatever else was found.
/// Where two objects of a roof share a name, the later in west-east order takes the next hash.
/// A centre that crosses the edge of a cell gets another name: two flights are matched by place.
fn ids(oidn: &str, spots: &[Spot], prefix: &str) -> Vec<String> {
    let mut order: Vec<usize> = (0..spots.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&spots[*a], &spots[*b]);
        a.x_m.total_cmp(&b.x_m).then(a.y_m.total_cmp(&b.y_m))
    });
    let mut taken = BTreeSet::new();
    let mut ids = vec![String::new(); spots.len()];
    for index in order {
        let spot = &spots[index];
        let place = (place(spot.x_m), place(spot.y_m));
        let mut turn = 0_u32;
        let id = loop {
            let id = format!("{oidn}-{prefix}{}", letters(oidn, prefix, place, turn));
            if taken.insert(id.clone()) {
                break id;
            }
            turn += 1;
        };
        ids[index] = id;
    }
    ids
}

fn place(metres: f64) -> i64 {
    ((metres + PLACE_SHIFT_M) / PLACE_M).floor() as i64
}

/// Four characters without look-alikes (no i, l, o, u) from a BLAKE3 hash.
fn letters(oidn: &str, prefix: &str, place: (i64, i64), turn: u32) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let text = format!("{oidn}/{prefix}/{}/{}/{turn}", place.0, place.1);
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes()[..4]
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::MultiPolygon;

    fn at(x_m: f64, y_m: f64) -> Spot {
        Spot {
            pixels: 25,
            area_m2: 1.0,
            peak_c: 0.0,
            excess_mean_k: 2.0,
            excess_max_k: 3.0,
            background_c: -5.0,
            x_m,
            y_m,
            polygon: MultiPolygon(Vec::new()),
            length_m: 1.0,
            width_m: 1.0,
            fill: 1.0,
            ring: false,
            edge: false,
            frames: 3,
        }
    }

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

    #[test]
    fn ids_are_unique_and_follow_the_place_not_the_order() {
        let spots = [at(100.3, 50.1), at(140.2, 61.0), at(100.6, 50.2)];
        let found = ids("42", &spots, "");
        let turned = ids(
            "42",
            &[spots[2].clone(), spots[1].clone(), spots[0].clone()],
            "",
        );
        assert_eq!(found[0], turned[2]);
        assert_eq!(found[1], turned[1]);
        assert_ne!(found[0], found[2]);
        // Half a metre elsewhere, within the 2 m cell, is the same place.
        assert_eq!(ids("42", &[at(140.6, 60.7)], "")[0], found[1]);
        assert!(found[0].starts_with("42-") && found[0].len() == 7);
    }

    #[test]
    fn centres_on_the_grid_of_a_mosaic_keep_their_id_when_they_move_a_little() {
        // Every eighth and twentieth of a metre over three cells, 1 cm either way.
        for step in [0.125, 0.05] {
            for i in 0..(6.0 / step) as usize {
                let x = 98_000.0 + i as f64 * step;
                let id = |x: f64| ids("42", &[at(x, 171_001.0)], "").remove(0);
                assert_eq!(id(x - 0.01), id(x), "{x}");
                assert_eq!(id(x + 0.01), id(x), "{x}");
            }
        }
    }

    #[test]
    fn ten_objects_of_one_place_have_ten_ids_whatever_their_order() {
        let spots: Vec<Spot> = (0..10)
            .map(|i| at(100.1 + 0.1 * f64::from(i), 51.0))
            .collect();
        let turned: Vec<Spot> = spots.iter().rev().cloned().collect();
        let found = ids("42", &spots, "");
        let mut again = ids("42", &turned, "");
        again.reverse();
        assert_eq!(found, again);
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 10);
    }
}
