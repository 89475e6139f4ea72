//! The table of buildings and its area-weighted total.

use super::findings::{Findings, K95, area, plus_minus, tag};
use super::format::{Format, fill, printed};
use super::input::{Building, Part, SheetInput};
use super::limits;
use super::sheet::{BuildingRow, TotalValues, Verdict};
use super::verdict::{all_shared, assessable, assessed_m2};
use super::words::Words;

/// Building positions in the order of their tags: largest roof first, then by key, so that G1
/// is the same building in every flight.
pub(super) fn order(input: &SheetInput) -> Vec<usize> {
    let mut order: Vec<usize> = (0..input.buildings.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&input.buildings[a], &input.buildings[b]);
        b.score
            .area_m2
            .total_cmp(&a.score.area_m2)
            .then(a.outline.oidn.cmp(&b.outline.oidn))
    });
    order
}

pub(super) fn rows(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
    findings: &Findings,
    verdict: &Verdict,
) -> (Vec<BuildingRow>, Option<BuildingRow>, TotalValues) {
    let rows: Vec<BuildingRow> = order
        .iter()
        .enumerate()
        .map(|(rank, &i)| {
            let (count, m2) = findings.on_building(i);
            let air_u = input.conditions.uncertainty_k;
            row(&input.buildings[i], words, f, tag(rank), (count, m2), air_u)
        })
        .collect();
    let values = total(input, findings);
    let total = (rows.len() > 1).then(|| total_row(input, words, f, &values, verdict));
    (rows, total, values)
}

/// `[value, ± uncertainty]`; an en dash where there is no value.
fn difference(value_k: Option<f64>, uncertainty_k: Option<f64>, f: &Format) -> [String; 2] {
    match value_k {
        None => ["–".to_owned(), String::new()],
        Some(value) => {
            let u = uncertainty_k.map(|u| plus_minus(u, f));
            [f.signed(value, 1), u.unwrap_or_default()]
        }
    }
}

fn row(
    building: &Building,
    words: &Words,
    f: &Format,
    tag: String,
    (count, points_m2): (usize, f64),
    air_uncertainty_k: Option<f64>,
) -> BuildingRow {
    let score = &building.score;
    let shown = score.statistics.filter(|_| assessable(score));
    let relative_u = score.sigma_relative_k.map(|s| K95 * s);
    let instead = shown.is_none().then(|| match limits::main_reason(score) {
        Some(r) => fill(
            words.row_not_assessable,
            &[
                ("reason", &limits::short(r, score, words)),
                ("code", &limits::code(r.code)),
            ],
        ),
        None => words.not_assessable.to_owned(),
    });
    let class = score.judged_class().filter(|_| shown.is_some());
    BuildingRow {
        tag,
        name: printed(building.outline.name.as_deref().unwrap_or_default()),
        part: match building.part {
            Part::Whole => "",
            Part::Zone => words.part_zone,
            Part::Shared => words.part_shared,
        },
        oidn: score.oidn.clone(),
        area: f.number(score.area_m2, 0),
        assessed: f.number(
            if shown.is_some() {
                100.0 * score.valid_fraction
            } else {
                0.0
            },
            0,
        ),
        median: shown.map_or_else(|| "–".to_owned(), |s| f.number(s.median_c, 1)),
        p95: shown.map_or_else(|| "–".to_owned(), |s| f.number(s.p95_c, 1)),
        delta_air: difference(score.delta_air_k, air_uncertainty_k, f),
        delta_reference: difference(score.delta_reference_k, relative_u, f),
        instead,
        class,
        chip: chip(class, score.class_range),
        points: match (shown.is_some(), count) {
            _ if building.part == Part::Shared => "–".to_owned(),
            (false, 0) => "–".to_owned(),
            (_, 0) => "0".to_owned(),
            _ => format!("{count} / {}", area(points_m2, f)),
        },
    }
}

/// `4`, `3–4` when the interval touches several classes, or a dash.
fn chip(class: Option<u8>, range: Option<(u8, u8)>) -> String {
    match (class, range) {
        (None, _) => "–".to_owned(),
        (Some(_), Some((low, high))) if low != high => format!("{low}–{high}"),
        (Some(class), _) => class.to_string(),
    }
}

/// Area-weighted over the assessed buildings; the uncertainty is the greatest of them, for the
/// shared parts do not average out.
fn total(input: &SheetInput, findings: &Findings) -> TotalValues {
    let scores = || input.buildings.iter().map(|b| &b.score);
    let area_m2: f64 = scores().map(|s| s.area_m2).sum();
    let assessed: f64 = scores().map(assessed_m2).sum();
    let mean = |value: &dyn Fn(&crate::score::RoofScore) -> Option<f64>| {
        let (mut sum, mut weight) = (0.0, 0.0);
        for score in scores().filter(|s| assessable(s)) {
            if let Some(v) = value(score) {
                sum += v * assessed_m2(score);
                weight += assessed_m2(score);
            }
        }
        (weight > 0.0).then(|| sum / weight)
    };
    let greatest = scores()
        .filter(|s| assessable(s))
        .filter_map(|s| s.sigma_relative_k)
        .reduce(f64::max);
    TotalValues {
        area_m2,
        assessed: if area_m2 > 0.0 {
            assessed / area_m2
        } else {
            0.0
        },
        median_c: mean(&|s| s.statistics.map(|s| s.median_c)),
        p95_c: mean(&|s| s.statistics.map(|s| s.p95_c)),
        delta_air_k: mean(&|s| s.delta_air_k),
        delta_reference_k: mean(&|s| s.delta_reference_k),
        reference_c: mean(&|s| Some(s.statistics?.median_c - s.delta_reference_k?)),
        uncertainty_k: greatest.map(|s| K95 * s),
        points: findings.open().count(),
        points_m2: findings.open().map(|p| p.area_m2).sum(),
    }
}

fn total_row(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    values: &TotalValues,
    verdict: &Verdict,
) -> BuildingRow {
    let number = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| f.number(v, 1));
    BuildingRow {
        tag: words.total.to_owned(),
        name: String::new(),
        part: "",
        oidn: String::new(),
        area: f.number(values.area_m2, 0),
        assessed: f.number(100.0 * values.assessed, 0),
        median: number(values.median_c),
        p95: number(values.p95_c),
        delta_air: difference(values.delta_air_k, input.conditions.uncertainty_k, f),
        delta_reference: difference(values.delta_reference_k, values.uncertainty_k, f),
        instead: None,
        class: verdict.class,
        chip: chip(verdict.class, None),
        points: if all_shared(input) {
            "–".to_owned()
        } else if values.points == 0 {
            "0".to_owned()
        } else {
            format!("{} / {}", values.points, area(values.points_m2, f))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::{building, small};
    use crate::score::Reason;

    #[test]
    fn the_total_is_weighted_by_assessed_area() {
        let mut input = small();
        let mut second = building("2", 50.0, 0.0, 60.0, 10.0);
        (second.score.area_m2, second.score.valid_fraction) = (100.0, 0.5);
        second.score.delta_air_k = Some(-1.0);
        (
            input.buildings[0].score.area_m2,
            input.buildings[0].score.valid_fraction,
        ) = (200.0, 0.75);
        input.buildings[0].score.delta_air_k = Some(-5.0);
        input.buildings.push(second);
        let values = total(&input, &Findings::default());
        // Assessed 150 and 50 m² of 300: (150·−5 + 50·−1) / 200 = −4.
        assert!((values.delta_air_k.expect("two values") + 4.0).abs() < 1e-12);
        assert!((values.assessed - 200.0 / 300.0).abs() < 1e-12);
    }

    #[test]
    fn the_reference_is_what_the_roofs_are_compared_with() {
        let mut input = small();
        let mut second = building("2", 50.0, 0.0, 60.0, 10.0);
        for (building, area_m2, median_c, over_k) in [
            (&mut input.buildings[0], 300.0, -2.4, 0.6),
            (&mut second, 100.0, -2.0, -0.2),
        ] {
            let score = &mut building.score;
            (score.area_m2, score.valid_fraction) = (area_m2, 1.0);
            score.statistics.as_mut().expect("measured").median_c = median_c;
            score.delta_reference_k = Some(over_k);
            // The middle of the group is something else.
            score.local_reference_c = Some(-2.2);
        }
        input.buildings.push(second);
        let values = total(&input, &Findings::default());
        // −3.0 °C over 300 m² and −1.8 °C over 100 m²; the roofs are −2.3 °C, 0.4 K above that.
        assert!((values.reference_c.expect("two references") + 2.7).abs() < 1e-12);
        let over_k = values.median_c.expect("medians") - values.reference_c.expect("references");
        assert!((over_k - values.delta_reference_k.expect("differences")).abs() < 1e-12);
        for building in &mut input.buildings {
            building.score.delta_reference_k = None;
        }
        assert_eq!(total(&input, &Findings::default()).reference_c, None);
    }

    #[test]
    fn a_roof_that_may_not_be_assessed_says_why_and_counts_for_nothing() {
        let mut input = small();
        input.buildings[0].score.reasons = vec![Reason {
            code: 2,
            value: None,
        }];
        let words = &crate::report::words::NL;
        let f = Format::new(words);
        let found = row(&input.buildings[0], words, &f, tag(0), (0, 0.0), None);
        assert_eq!(
            found.instead.as_deref(),
            Some("Niet beoordeelbaar: blank metaal (R02)")
        );
        assert_eq!((found.class, found.chip.as_str()), (None, "–"));
        assert_eq!(total(&input, &Findings::default()).median_c, None);
    }

    #[test]
    fn a_class_interval_prints_both_classes() {
        assert_eq!(chip(Some(3), Some((3, 4))), "3–4");
        assert_eq!(chip(Some(3), Some((3, 3))), "3");
    }

    #[test]
    fn buildings_are_tagged_from_the_largest_roof_down() {
        let mut input = small();
        let mut big = building("7", 50.0, 0.0, 90.0, 40.0);
        big.score.area_m2 = 9000.0;
        input.buildings.push(big);
        assert_eq!(order(&input), [1, 0]);
    }
}
