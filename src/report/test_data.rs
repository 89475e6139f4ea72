//! A small sheet input for unit tests: one square building, no picture.

use geo::{Rect, coord};
use jiff::civil::date;

use super::input::{Building, FlightFacts, Part, Purpose, Settings, SheetConditions, SheetInput};
use super::palette::Palette;
use crate::score::{ClassMode, RoofScore, RoofStatistics};
use crate::survey::{Company, Conditions, Language, Outline};

/// A rated building on a rectangle.
pub(super) fn building(oidn: &str, x0: f64, y0: f64, x1: f64, y1: f64) -> Building {
    let area_m2 = (x1 - x0) * (y1 - y0);
    Building {
        outline: Outline::new(
            oidn.to_owned(),
            Rect::new(coord! {x: x0, y: y0}, coord! {x: x1, y: y1})
                .to_polygon()
                .into(),
        ),
        score: RoofScore {
            oidn: oidn.to_owned(),
            area_m2,
            observed_fraction: 1.0,
            valid_fraction: 0.8,
            statistics: Some(statistics(-1.0)),
            delta_air_k: Some(-3.4),
            delta_reference_k: Some(2.1),
            sigma_relative_k: Some(0.3),
            class: Some(4),
            class_mode: ClassMode::Physical,
            group_size: 58,
            position: Some(0.7),
            grade: Some('B'),
            ..RoofScore::default()
        },
        part: Part::Whole,
        hotspots: Vec::new(),
        rejected: Vec::new(),
        masked: Vec::new(),
    }
}

/// Statistics around a median.
pub(super) fn statistics(median_c: f64) -> RoofStatistics {
    RoofStatistics {
        pixels: 10_000,
        min_c: median_c - 2.0,
        p05_c: median_c - 0.8,
        p10_c: median_c - 0.6,
        p25_c: median_c - 0.3,
        median_c,
        mean_c: median_c,
        p75_c: median_c + 0.3,
        p90_c: median_c + 1.0,
        p95_c: median_c + 2.0,
        max_c: median_c + 5.0,
        sd_k: 0.6,
        mad_k: 0.4,
        trimmed_c: median_c,
    }
}

/// One building of 20 × 20 m.
pub(super) fn small() -> SheetInput {
    SheetInput {
        language: Language::Nl,
        company: Company {
            company_id: "c1".to_owned(),
            name: "Proef nv".to_owned(),
            ..Company::default()
        },
        buildings: vec![building("1", 0.0, 0.0, 20.0, 20.0)],
        thermal: None,
        neighbours: Vec::new(),
        photo: None,
        flight: FlightFacts {
            id: "KV-03".to_owned(),
            start: date(2026, 3, 14).at(2, 15, 0, 0),
            end: date(2026, 3, 14).at(4, 5, 0, 0),
            platform: "drone".to_owned(),
            camera: String::new(),
            sensor_px: Some((640, 512)),
            height_m: Some(118.0),
            gsd_m: 0.15,
            frames: 46,
            purpose: Purpose::HeatLoss,
        },
        conditions: SheetConditions {
            weather: Conditions {
                air_c: Some(2.4),
                ..Conditions::default()
            },
            emissivity: 0.92,
            ..SheetConditions::default()
        },
        scale_c: (-6.0, 8.0),
        palette: Palette::Inferno,
        settings: Settings::default(),
        release: None,
        comparison: None,
    }
}
