//! Which value to believe for a handheld picture (interface.md §5): findings row, `visit.toml`,
//! `audit.toml`, then the file, then the weather, then the default.
//!
//! The file stands before the weather, unlike for a flight: a thermographer sets emissivity and
//! reflected temperature in the camera, and the air of a room is none of the weather's.

use super::Parameters;
use super::parameters::{Choice, Origin, Settings, Surroundings};
use crate::survey::FoundParameters;

/// Emissivity of painted and organic surfaces, where nothing tells it.
pub const DEFAULT_EMISSIVITY: f64 = 0.95;
/// Air temperature of a room, °C, where nothing tells it.
pub const DEFAULT_AIR_C: f64 = 20.0;
/// Its humidity, fraction.
pub const DEFAULT_HUMIDITY: f64 = 0.5;
/// Distance, metres, where nothing tells it.
pub const DEFAULT_DISTANCE_M: f64 = 1.0;

/// Parameters of a handheld picture with the source of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HandheldParameters {
    /// The parameters to calibrate with.
    pub parameters: Parameters,
    /// Source of emissivity, reflected temperature, distance, air temperature, humidity, window
    /// transmission, window temperature.
    pub origins: [Origin; 7],
}

/// Puts the sources in order. `room` is the air temperature the auditor noted for where the camera
/// stood, with its source; it stands behind what is said of the radiometry itself.
///
/// Values are not checked here: [`Parameters::check`] does.
pub fn for_handheld(
    row: &FoundParameters,
    settings: &Settings,
    room: Option<Choice<f64>>,
    found: &FoundParameters,
    weather: &Surroundings,
) -> HandheldParameters {
    let pick = |own: Option<f64>,
                set: Option<Choice<f64>>,
                noted: Option<Choice<f64>>,
                file: Option<f64>,
                around: Option<f64>,
                default: f64| {
        own.map(|v| Choice::new(v, Origin::FindingsRow))
            .or(set)
            .or(noted)
            .or(file.map(|v| Choice::new(v, Origin::File)))
            .or(around.map(|v| Choice::new(v, Origin::Weather)))
            .unwrap_or(Choice::new(default, Origin::Default))
    };
    let s = settings;
    let air = pick(
        row.air_c,
        s.air_c,
        room,
        found.air_c,
        weather.air_c,
        DEFAULT_AIR_C,
    );
    let emissivity = pick(
        row.emissivity,
        s.emissivity,
        None,
        found.emissivity,
        None,
        DEFAULT_EMISSIVITY,
    );
    let reflected = pick(
        row.reflected_c,
        s.reflected_c,
        None,
        found.reflected_c,
        weather.reflected_c,
        air.value,
    );
    let distance = pick(
        row.distance_m,
        s.distance_m,
        None,
        found.distance_m,
        None,
        DEFAULT_DISTANCE_M,
    );
    let humidity = pick(
        row.humidity,
        s.humidity,
        None,
        found.humidity,
        weather.humidity,
        DEFAULT_HUMIDITY,
    );
    let transmission = pick(
        row.window_transmission,
        s.window_transmission,
        None,
        found.window_transmission,
        None,
        1.0,
    );
    let window = pick(
        row.window_c,
        s.window_c,
        None,
        found.window_c,
        None,
        air.value,
    );
    let mut parameters = Parameters {
        emissivity: emissivity.value,
        distance_m: distance.value,
        reflected_c: reflected.value,
        air_c: air.value,
        humidity: humidity.value,
        window_c: window.value,
        window_transmission: transmission.value,
        planck: s.planck.map(|c| c.value),
        linear: s.linear.map(|c| c.value),
        vendor_equivalent: s.vendor_equivalent.is_some_and(|c| c.value),
        ..Parameters::BARE
    };
    if let Some(air) = found.air {
        parameters.air = air;
    }
    HandheldParameters {
        parameters,
        origins: [
            emissivity.origin,
            reflected.origin,
            distance.origin,
            air.origin,
            humidity.origin,
            transmission.origin,
            window.origin,
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_then_visit_then_file_then_weather_then_default() {
        let found = FoundParameters {
            emissivity: Some(0.90),
            reflected_c: Some(22.0),
            air_c: Some(21.0),
            ..FoundParameters::default()
        };
        let weather = Surroundings {
            air_c: Some(2.0),
            humidity: Some(0.8),
            ..Surroundings::default()
        };
        let row = FoundParameters {
            emissivity: Some(0.97),
            ..FoundParameters::default()
        };
        let settings = Settings {
            reflected_c: Some(Choice::new(18.0, Origin::VisitToml)),
            ..Settings::default()
        };
        let h = for_handheld(&row, &settings, None, &found, &weather);
        let p = h.parameters;
        assert_eq!((p.emissivity, p.reflected_c, p.air_c), (0.97, 18.0, 21.0));
        assert_eq!((p.humidity, p.distance_m, p.window_c), (0.8, 1.0, 21.0));
        use Origin::{Default, File, FindingsRow, VisitToml, Weather};
        assert_eq!(
            h.origins,
            [
                FindingsRow,
                VisitToml,
                Default,
                File,
                Weather,
                Default,
                Default
            ]
        );
        let room = Some(Choice::new(24.5, VisitToml));
        let h = for_handheld(&row, &settings, room, &found, &weather);
        assert_eq!(h.parameters.air_c, 24.5);
    }
}
