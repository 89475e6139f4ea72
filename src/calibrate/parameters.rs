//! Which value to believe for a flight: settings, weather, geometry, file, default.
//!
//! In: what each source says. Out: [`Parameters`] and where each value came from, for `run.json`.
//!
//! Order of belief for a flight (interface.md §5): command line, `flight.toml`, `audit.toml`, then
//! weather and geometry, then the file, then the default. The file stands so low because pilots
//! leave the factory's 5 m and 25 °C in. Emissivity is not taken from the file at all: a flight
//! has one emissivity, 0.92 unless set, and roofs get their own later.

use super::{Parameters, vendor};
use crate::survey::{AirCoefficients, FoundParameters, FrameHeader, Planck};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Argument of the command.
    CommandLine,
    /// A row of a visit's `findings.csv`.
    FindingsRow,
    /// `flights/<id>/flight.toml`.
    FlightToml,
    /// `inspections/<id>/visit.toml`.
    VisitToml,
    /// `audit.toml`.
    AuditToml,
    /// The weather at the flight's time.
    Weather,
    /// Length of the ray from camera to ground.
    Geometry,
    /// The frame's own file.
    File,
    /// The documented default.
    Default,
}

impl Origin {
    /// As written into `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Origin::CommandLine => "command line",
            Origin::FindingsRow => "findings",
            Origin::FlightToml => "flight.toml",
            Origin::VisitToml => "visit.toml",
            Origin::AuditToml => "audit.toml",
            Origin::Weather => "weather",
            Origin::Geometry => "geometry",
            Origin::File => "file",
            Origin::Default => "default",
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice<T> {
    /// The value.
    pub value: T,
    /// Its source.
    pub origin: Origin,
}

impl<T> Choice<T> {
    /// Pairs a value with its source.
    pub fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// What settings say; `None` is not set. The strongest of command line, `flight.toml` and
/// `audit.toml` is put in by the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings {
    /// `radiometry.emissivity`.
    pub emissivity: Option<Choice<f64>>,
    /// `radiometry.reflected_c`, °C.
    pub reflected_c: Option<Choice<f64>>,
    /// `radiometry.distance_m`, metres.
    pub distance_m: Option<Choice<f64>>,
    /// `radiometry.air_c`, °C.
    pub air_c: Option<Choice<f64>>,
    /// `radiometry.humidity_pct` as a fraction 0–1.
    pub humidity: Option<Choice<f64>>,
    /// `radiometry.window_transmission`.
    pub window_transmission: Option<Choice<f64>>,
    /// `radiometry.window_c`, °C.
    pub window_c: Option<Choice<f64>>,
    /// `radiometry.planck`.
    pub planck: Option<Choice<Planck>>,
    /// `radiometry.tiff_scale` and `tiff_offset_c`.
    pub linear: Option<Choice<(f64, f64)>>,
    /// Whether `radiometry.dji` is "vendor-equivalent".
    pub vendor_equivalent: Option<Choice<bool>>,
}

/// What weather and geometry say of one frame; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Sky temperature in the camera's window, °C ([`super::sky::window_reflected_c`]); leave
    /// empty where `radiometry.sky_reflection` is off.
    pub reflected_c: Option<f64>,
    /// Air temperature, °C.
    pub air_c: Option<f64>,
    /// Relative humidity, fraction 0–1.
    pub humidity: Option<f64>,
    /// Length of the air path, metres.
    pub path_m: Option<f64>,
}

/// Emissivity of a flight (scoring.md §1: roofs of unknown material).
pub const DEFAULT_EMISSIVITY: f64 = 0.92;
/// Air temperature of a winter night in Flanders, °C, where nothing tells it.
pub const DEFAULT_AIR_C: f64 = 5.0;
/// Relative humidity of such a night, fraction, where nothing tells it.
pub const DEFAULT_HUMIDITY: f64 = 0.8;

/// Parameters of one frame with the source of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The parameters to calibrate with.
    pub parameters: Parameters,
    /// Setting's name and source, in the order of `[radiometry]`.
    pub origins: Vec<(&'static str, Origin)>,
}

/// Puts the sources in order for a frame of a flight.
///
/// Defaults where no source speaks: emissivity 0.92; distance 0 m (no air path); air 5 °C at
/// 80 %; reflected and window temperature those of the air; window transmission 1. Values are not
/// checked here: [`Parameters::check`] does.
pub fn for_flight(
    settings: &Settings,
    surroundings: &Surroundings,
    found: &FoundParameters,
) -> Resolved {
    let mut origins = Vec::with_capacity(11);
    let mut pick = |key, candidates: [Option<Choice<f64>>; 3], default: f64| {
        let choice = candidates
            .into_iter()
            .flatten()
            .next()
            .unwrap_or(Choice::new(default, Origin::Default));
        origins.push((key, choice.origin));
        choice.value
    };
    let weather = |v: Option<f64>| v.map(|v| Choice::new(v, Origin::Weather));
    let file = |v: Option<f64>| v.map(|v| Choice::new(v, Origin::File));
    let path = surroundings
        .path_m
        .map(|v| Choice::new(v, Origin::Geometry));

    let emissivity = pick(
        "emissivity",
        [settings.emissivity, None, None],
        DEFAULT_EMISSIVITY,
    );
    let air_c = pick(
        "air_c",
        [
            settings.air_c,
            weather(surroundings.air_c),
            file(found.air_c),
        ],
        DEFAULT_AIR_C,
    );
    let parameters = Parameters {
        emissivity,
        air_c,
        reflected_c: pick(
            "reflected_c",
            [
                settings.reflected_c,
                weather(surroundings.reflected_c),
                file(found.reflected_c),
            ],
            air_c,
        ),
        distance_m: pick(
            "distance_m",
            [settings.distance_m, path, file(found.distance_m)],
            0.0,
        ),
        humidity: pick(
            "humidity_pct",
            [
                settings.humidity,
                weather(surroundings.humidity),
                file(found.humidity),
            ],
            DEFAULT_HUMIDITY,
        ),
        window_transmission: pick(
            "window_transmission",
            [
                settings.window_transmission,
                None,
                file(found.window_transmission),
            ],
            1.0,
        ),
        window_c: pick(
            "window_c",
            [settings.window_c, None, file(found.window_c)],
            air_c,
        ),
        air: found.air.unwrap_or(AirCoefficients::USUAL),
        planck: settings.planck.map(|c| c.value),
        linear: settings.linear.map(|c| c.value),
        vendor_equivalent: settings.vendor_equivalent.is_some_and(|c| c.value),
    };
    origins.push(("planck", settings.planck.map_or(Origin::File, |c| c.origin)));
    origins.push((
        "tiff_scale",
        settings.linear.map_or(Origin::File, |c| c.origin),
    ));
    origins.push(("dji", law_origin(settings)));
    Resolved {
        parameters,
        origins,
    }
}

/// Puts the sources in order for a frame of a flight whose header is known.
///
/// As [`for_flight`]; but where the maker's own temperatures are asked for and the frame is one
/// of the maker's, what is not set comes from the file, as it would in the maker's program
/// ([`for_file`]): weather and geometry are not asked.
pub fn for_frame(
    settings: &Settings,
    surroundings: &Surroundings,
    header: &FrameHeader,
) -> Resolved {
    let asked = settings.vendor_equivalent.is_some_and(|c| c.value);
    if asked && vendor::applies(header) {
        return for_file(settings, &header.found);
    }
    for_flight(settings, surroundings, &header.found)
}

fn law_origin(settings: &Settings) -> Origin {
    settings
        .vendor_equivalent
        .map_or(Origin::Default, |c| c.origin)
}

/// Puts the sources in order for a single file: command line, file, default.
///
/// The file is believed, emissivity included: this is what the camera itself would show. What
/// neither says is a black surface, no air path and no optics in between; reflected and window
/// temperature those of the air. Values are not checked here: [`Parameters::check`] does.
pub fn for_file(settings: &Settings, found: &FoundParameters) -> Resolved {
    let mut origins = Vec::with_capacity(11);
    let mut pick = |key, set: Option<Choice<f64>>, file: Option<f64>, default: f64| {
        let choice = set
            .or(file.map(|value| Choice::new(value, Origin::File)))
            .unwrap_or(Choice::new(default, Origin::Default));
        origins.push((key, choice.origin));
        choice.value
    };
    let bare = Parameters::BARE;
    let s = settings;
    let emissivity = pick(
        "emissivity",
        s.emissivity,
        found.emissivity,
        bare.emissivity,
    );
    let air_c = pick("air_c", s.air_c, found.air_c, bare.air_c);
    let mut parameters = Parameters {
        emissivity,
        air_c,
        reflected_c: pick("reflected_c", s.reflected_c, found.reflected_c, air_c),
        distance_m: pick(
            "distance_m",
            s.distance_m,
            found.distance_m,
            bare.distance_m,
        ),
        humidity: pick("humidity_pct", s.humidity, found.humidity, bare.humidity),
        window_transmission: pick(
            "window_transmission",
            s.window_transmission,
            found.window_transmission,
            bare.window_transmission,
        ),
        window_c: pick("window_c", s.window_c, found.window_c, air_c),
        planck: s.planck.map(|c| c.value),
        linear: s.linear.map(|c| c.value),
        vendor_equivalent: s.vendor_equivalent.is_some_and(|c| c.value),
        ..bare
    };
    if let Some(air) = found.air {
        parameters.air = air;
    }
    origins.push(("planck", s.planck.map_or(Origin::File, |c| c.origin)));
    origins.push(("tiff_scale", s.linear.map_or(Origin::File, |c| c.origin)));
    origins.push(("dji", law_origin(s)));
    Resolved {
        parameters,
        origins,
    }
}

/// Parameters as the file stores them: [`for_file`] where nothing is set.
pub fn from_file(found: &FoundParameters) -> Parameters {
    for_file(&Settings::default(), found).parameters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Encoding;

    /// A drone's factory settings.
    const FACTORY: FoundParameters = FoundParameters {
        emissivity: Some(0.95),
        distance_m: Some(5.0),
        reflected_c: Some(25.0),
        air_c: Some(25.0),
        humidity: Some(0.5),
        window_c: None,
        window_transmission: None,
        air: None,
    };

    fn origin(resolved: &Resolved, key: &str) -> Origin {
        resolved
            .origins
            .iter()
            .find(|(k, _)| *k == key)
            .expect("every key is named")
            .1
    }

    #[test]
    fn weather_and_geometry_beat_the_factory_settings_of_the_file() {
        let around = Surroundings {
            reflected_c: Some(-40.0),
            air_c: Some(1.0),
            humidity: Some(0.8),
            path_m: Some(63.0),
        };
        let resolved = for_flight(&Settings::default(), &around, &FACTORY);
        let p = resolved.parameters;
        assert_eq!((p.distance_m, p.reflected_c, p.air_c), (63.0, -40.0, 1.0));
        assert_eq!(origin(&resolved, "distance_m"), Origin::Geometry);
        assert_eq!(origin(&resolved, "reflected_c"), Origin::Weather);
    }

    #[test]
    fn the_makers_temperatures_take_the_files_parameters_and_settings_only() {
        let settings = Settings {
            distance_m: Some(Choice::new(30.0, Origin::CommandLine)),
            vendor_equivalent: Some(Choice::new(true, Origin::FlightToml)),
            ..Settings::default()
        };
        let around = Surroundings {
            reflected_c: Some(-40.0),
            air_c: Some(1.0),
            humidity: Some(0.8),
            path_m: Some(63.0),
        };
        let mut header = FrameHeader {
            found: FACTORY,
            ..FrameHeader::bare(1, 1, Encoding::SIXTEENTHS_OF_KELVIN)
        };
        let foreign = for_frame(&settings, &around, &header);
        assert_eq!(foreign.parameters.reflected_c, -40.0);
        header.camera.make = "DJI".into();
        let resolved = for_frame(&settings, &around, &header);
        let p = resolved.parameters;
        assert_eq!((p.emissivity, p.distance_m), (0.95, 30.0));
        assert_eq!((p.reflected_c, p.air_c, p.humidity), (25.0, 25.0, 0.5));
        assert!(p.vendor_equivalent);
        assert_eq!(origin(&resolved, "reflected_c"), Origin::File);
        assert_eq!(origin(&resolved, "dji"), Origin::FlightToml);
    }

    #[test]
    fn a_setting_beats_everything() {
        let settings = Settings {
            air_c: Some(Choice::new(-2.0, Origin::FlightToml)),
            ..Settings::default()
        };
        let around = Surroundings {
            air_c: Some(1.0),
            ..Surroundings::default()
        };
        let resolved = for_flight(&settings, &around, &FACTORY);
        assert_eq!(resolved.parameters.air_c, -2.0);
        assert_eq!(origin(&resolved, "air_c").name(), "flight.toml");
    }

    #[test]
    fn emissivity_of_a_flight_is_never_the_files() {
        let resolved = for_flight(&Settings::default(), &Surroundings::default(), &FACTORY);
        assert_eq!(resolved.parameters.emissivity, 0.92);
        assert_eq!(origin(&resolved, "emissivity"), Origin::Default);
        assert_eq!(origin(&resolved, "humidity_pct"), Origin::File);
    }

    #[test]
    fn a_single_file_is_believed_until_the_command_line_says_otherwise() {
        let settings = Settings {
            distance_m: Some(Choice::new(60.0, Origin::CommandLine)),
            ..Settings::default()
        };
        let resolved = for_file(&settings, &FACTORY);
        let p = resolved.parameters;
        assert_eq!((p.emissivity, p.distance_m, p.window_c), (0.95, 60.0, 25.0));
        assert_eq!(origin(&resolved, "emissivity"), Origin::File);
        assert_eq!(origin(&resolved, "distance_m"), Origin::CommandLine);
        assert_eq!(origin(&resolved, "window_c"), Origin::Default);
    }

    #[test]
    fn a_file_that_says_nothing_is_taken_at_its_word() {
        assert_eq!(from_file(&FoundParameters::default()), Parameters::BARE);
    }

    #[test]
    fn without_any_source_the_defaults_pass_the_check() {
        let resolved = for_flight(
            &Settings::default(),
            &Surroundings::default(),
            &FoundParameters::default(),
        );
        assert!(resolved.parameters.check().is_ok());
        assert_eq!(resolved.parameters.reflected_c, DEFAULT_AIR_C);
    }
}
