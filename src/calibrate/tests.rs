//! Limits first: without anything in between, calibration is the bare curve.

use super::radiance::{Band, surface_temperature};
use super::*;
use crate::units::Emissivity;

/// Constants of a Zenmuse XT.
const XT: Planck = Planck {
    r1: 17096.453,
    r2: 0.046642166,
    b: 1428.0,
    f: 1.0,
    o: -342.0,
};

fn frame(encoding: Encoding, counts: Counts) -> RawFrame {
    let (width, height) = match &counts {
        Counts::U16(grid) => (grid.width(), grid.height()),
        Counts::F32(grid) => (grid.width(), grid.height()),
    };
    RawFrame {
        header: FrameHeader {
            name: "a.jpg".into(),
            ..FrameHeader::bare(width, height, encoding)
        },
        counts,
    }
}

fn integers(encoding: Encoding, width: usize, data: &[u16]) -> RawFrame {
    let grid = Grid::from_vec(width, data.len() / width, data.to_vec()).expect("whole rows");
    frame(encoding, Counts::U16(grid))
}

fn winter() -> Parameters {
    Parameters {
        emissivity: 0.92,
        distance_m: 60.0,
        reflected_c: -40.0,
        air_c: 1.0,
        humidity: 0.8,
        ..Parameters::BARE
    }
}

#[test]
fn emissivity_one_and_no_air_is_bare_planck_in_pixel_order() {
    let raw = integers(
        Encoding::Planck(XT),
        3,
        &[2319, 2500, 2700, 2900, 3100, 3300],
    );
    let out = to_kelvin(&raw, &Parameters::BARE).expect("valid");
    assert_eq!((out.kelvin.width(), out.kelvin.height()), (3, 2));
    for (index, counts) in [2319_u16, 2500, 2700, 2900, 3100, 3300].iter().enumerate() {
        // The equation solved by hand: T = B / ln(R1/(R2 (S + O)) + F).
        let s = f64::from(*counts);
        let expected = 1428.0 / (17096.453 / (0.046642166 * (s - 342.0)) + 1.0).ln();
        let found = f64::from(out.kelvin.at(index % 3, index / 3));
        // Single precision near 300 K is 3e-5 K.
        assert!((found - expected).abs() < 3e-5, "{found} {expected}");
    }
}

#[test]
fn a_grey_surface_in_surroundings_of_its_own_temperature_looks_black() {
    let counts = planck_counts(&XT, Kelvin::from_celsius(12.0));
    let raw = frame(
        Encoding::Planck(XT),
        Counts::F32(Grid::filled(1, 1, counts as f32)),
    );
    let parameters = Parameters {
        emissivity: 0.6,
        distance_m: 40.0,
        reflected_c: 12.0,
        air_c: 12.0,
        window_c: 12.0,
        window_transmission: 0.8,
        ..Parameters::BARE
    };
    let out = to_kelvin(&raw, &parameters).expect("valid");
    // A count of single precision near 2500 is 2e-4, some 5e-6 K, over a gain of 2.2.
    assert!((out.kelvin.at(0, 0) - 285.15).abs() < 1e-4);
}

#[test]
fn counts_no_temperature_gives_are_nan_and_counted() {
    let raw = integers(Encoding::Planck(XT), 2, &[0, 342, 2500, 2600]);
    let out = to_kelvin(&raw, &Parameters::BARE).expect("valid");
    assert_eq!(out.invalid, 2);
    assert!(out.kelvin.at(0, 0).is_nan() && out.kelvin.at(1, 0).is_nan());
}

#[test]
fn ready_temperatures_come_through_unchanged_without_air_and_emissivity() {
    let linear = Encoding::Linear {
        scale: 0.04,
        offset_c: -273.15,
    };
    let raw = integers(linear, 1, &[6829, 7079]);
    let out = to_kelvin(&raw, &Parameters::BARE).expect("valid");
    assert!((out.kelvin.at(0, 0) - 273.16).abs() < 3e-5);
    assert!((out.kelvin.at(0, 1) - 283.16).abs() < 3e-5);
}

#[test]
fn ready_temperatures_are_corrected_by_the_radiance_of_the_band() {
    let celsius = Encoding::Linear {
        scale: 1.0,
        offset_c: 0.0,
    };
    let values = [-12.0_f32, -3.0, 2.0, 2.037, 17.5];
    let grid = Grid::from_vec(5, 1, values.to_vec()).expect("one row");
    let raw = frame(celsius, Counts::F32(grid));
    let parameters = winter();
    let out = to_kelvin(&raw, &parameters).expect("valid");
    let band = Band::long_wave();
    for (index, value) in values.iter().enumerate() {
        let expected = surface_temperature(
            Kelvin::from_celsius(f64::from(*value)),
            Emissivity::new(0.92).expect("valid"),
            Kelvin::from_celsius(-40.0),
            parameters.transmission(),
            Kelvin::from_celsius(1.0),
            &band,
        )
        .expect("exists");
        let found = f64::from(out.kelvin.at(index, 0));
        // Single precision and the chord between knots of the table, 0.1 mK.
        assert!((found - expected.get()).abs() < 1.5e-4, "{value} {found}");
    }
}

#[test]
fn missing_values_stay_missing_and_impossible_ones_become_missing() {
    let celsius = Encoding::Linear {
        scale: 1.0,
        offset_c: 0.0,
    };
    let grid = Grid::from_vec(3, 1, vec![f32::NAN, -300.0, 4.0]).expect("one row");
    for parameters in [Parameters::BARE, winter()] {
        let out = to_kelvin(&frame(celsius, Counts::F32(grid.clone())), &parameters);
        assert_eq!(out.expect("valid").invalid, 2);
    }
}

#[test]
fn counts_without_scale_are_refused_with_the_keys_to_set() {
    let raw = integers(Encoding::Unscaled, 1, &[7000]);
    let problem = to_kelvin(&raw, &Parameters::BARE).expect_err("no scale");
    let text = problem.to_string();
    assert!(text.starts_with("a.jpg: "), "{text}");
    assert!(text.contains("radiometry.tiff_scale"), "{text}");
    assert!(text.contains("radiometry.tiff_offset_c"), "{text}");
    let set = Parameters {
        linear: Some((0.04, -273.15)),
        ..Parameters::BARE
    };
    let out = to_kelvin(&raw, &set).expect("a scale is set");
    assert!((out.kelvin.at(0, 0) - 280.0).abs() < 3e-5);
}

#[test]
fn a_camera_that_is_not_radiometric_needs_constants_from_the_user() {
    let raw = integers(Encoding::Relative, 1, &[2500]);
    assert!(to_kelvin(&raw, &Parameters::BARE).is_err());
    let set = Parameters {
        planck: Some(XT),
        ..Parameters::BARE
    };
    assert!(to_kelvin(&raw, &set).is_ok());
}

#[test]
fn every_parameter_out_of_range_is_named() {
    let wrong = [
        (
            "emissivity",
            Parameters {
                emissivity: 0.0,
                ..winter()
            },
        ),
        (
            "emissivity",
            Parameters {
                emissivity: f64::NAN,
                ..winter()
            },
        ),
        (
            "distance_m",
            Parameters {
                distance_m: -1.0,
                ..winter()
            },
        ),
        (
            "distance_m",
            Parameters {
                distance_m: f64::INFINITY,
                ..winter()
            },
        ),
        (
            "humidity_pct",
            Parameters {
                humidity: 1.2,
                ..winter()
            },
        ),
        (
            "reflected_c",
            Parameters {
                reflected_c: -300.0,
                ..winter()
            },
        ),
        (
            "air_c",
            Parameters {
                air_c: f64::NAN,
                ..winter()
            },
        ),
        (
            "window_transmission",
            Parameters {
                window_transmission: 1.1,
                ..winter()
            },
        ),
    ];
    for (key, parameters) in wrong {
        let problem = parameters.check().expect_err(key);
        assert_eq!(problem.field, Some(format!("radiometry.{key}")));
    }
    assert!(winter().check().is_ok());
}
