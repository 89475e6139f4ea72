//! Gates before any score (scoring.md §7) and the reason codes they give (interface.md §6).
//!
//! A line whose input is unknown counts as B: it limits, it neither approves nor rejects. A
//! flight without air temperature is C.

use super::indoor::Indoor;
use super::material::CANOPY;
use super::measure::Measured;
use super::{FlightConditions, Options, Reason, RoofSegment, moisture};
use crate::survey::Heated;

/// Quality of the circumstances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quality {
    /// All good.
    A,
    /// Fair.
    B,
    /// Poor: relative class only.
    C,
    /// No U and no physical class; a relative map only.
    Rejected,
}

/// The quality a value reaches against upper bounds of A, B and C.
pub(super) fn up_to(value: Option<f64>, bounds: [f64; 3]) -> Quality {
    match value {
        None => Quality::B,
        Some(v) if v <= bounds[0] => Quality::A,
        Some(v) if v <= bounds[1] => Quality::B,
        Some(v) if v <= bounds[2] => Quality::C,
        Some(_) => Quality::Rejected,
    }
}

/// Outcome of the gates of a flight or a roof.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Worst line.
    pub quality: Quality,
    /// Reason codes, ascending.
    pub reasons: Vec<Reason>,
}

impl Gate {
    fn line(&mut self, quality: Quality, code: u8, value: Option<f64>) {
        self.quality = self.quality.max(quality);
        if quality == Quality::Rejected {
            self.add(code, value);
        }
    }

    /// Adds a reason in its place; a code stands once.
    pub fn add(&mut self, code: u8, value: Option<f64>) {
        if let Err(place) = self.reasons.binary_search_by_key(&code, |r| r.code) {
            self.reasons.insert(place, Reason { code, value });
        }
    }

    /// Whether a code was given.
    pub fn has(&self, code: u8) -> bool {
        self.reasons.iter().any(|r| r.code == code)
    }

    /// Whether U and a physical class are out of the question (R12, R13, R15–R18).
    pub fn no_u(&self) -> bool {
        [12, 13, 15, 16, 17, 18].iter().any(|code| self.has(*code))
    }

    /// Whether class, score and U are NULL (R01, R02, R04, R05, and R03, R07, R08 where under
    /// 30 % could be judged; R06 too, as then a tank or a tower is what was seen).
    pub fn no_class(&self, valid_fraction: f64) -> bool {
        let always = [1, 2, 4, 5].iter().any(|code| self.has(*code));
        let unseen = [3, 6, 7, 8].iter().any(|code| self.has(*code));
        always || (unseen && valid_fraction < 0.30)
    }
}

/// The lines that hold for a whole flight: air drift (R12), radiometry (R13), cloud (R17) and
/// the disagreement of overlaps (R18).
pub fn of_flight(flight: &FlightConditions) -> Gate {
    let mut gate = Gate {
        quality: if flight.air_c.is_some() {
            Quality::A
        } else {
            Quality::C
        },
        reasons: Vec::new(),
    };
    for line in steady(flight) {
        gate.line(line.quality, line.check.code(), line.value);
    }
    if !flight.radiometric {
        gate.line(Quality::Rejected, 13, None);
    }
    let disagreement = flight.overlap_disagreement_k;
    gate.line(up_to(disagreement, [0.3, 0.6, 1.0]), 18, disagreement);
    gate
}

/// The lines of steady weather: air drift (R12) and change of the clouds (R17).
pub fn steady(flight: &FlightConditions) -> [Line; 2] {
    let line = |check, quality| Line {
        check,
        quality,
        value: None,
    };
    let clouds = up_to(flight.cloud_change_okta, [1.0, 2.0, 4.0]);
    [
        line(Check::AirDrift, up_to(flight.air_drift_k, [1.0, 2.0, 3.0])),
        line(Check::Clouds, clouds),
    ]
}

/// All lines for one roof: the flight's and its own.
pub fn of_roof(
    roof: &Measured,
    flight: &FlightConditions,
    of_flight: &Gate,
    indoor: &Indoor,
    options: &Options,
) -> Gate {
    let mut gate = of_flight.clone();
    building(&mut gate, roof, indoor, options);
    // A mirror of the cold sky reads far below any dew point without being wet.
    let above_dew_k = above_dew_k(roof, flight).filter(|_| !gate.has(2));
    let night = RoofNight {
        indoor_c: indoor.under_roof_c,
        height_m: roof.context.height_m,
        lag_h: roof.material.lag_h(),
        above_dew_k,
    };
    for line in of_night(flight, &night, options) {
        gate.line(line.quality, line.check.code(), line.value);
    }
    gate
}

/// What the lines of the night need to know of a roof, measured or planned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoofNight {
    /// Air under the roof, °C.
    pub indoor_c: f64,
    /// Eave height, metres.
    pub height_m: Option<f64>,
    /// Time constant of the layer above the insulation, hours.
    pub lag_h: f64,
    /// Roof above the dew point, K.
    pub above_dew_k: Option<f64>,
}

/// What a line of the table judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Inside against outside.
    Indoor,
    /// Hours since sunset against the roof's time constant.
    Sunset,
    /// Wind at the roof.
    Wind,
    /// Rain before and in the flight.
    Rain,
    /// The roof against the dew point.
    Dew,
    /// Range of the air temperature.
    AirDrift,
    /// Change of the clouds.
    Clouds,
}

impl Check {
    /// The reason code of interface.md §6 that a rejection gives.
    pub fn code(self) -> u8 {
        match self {
            Self::Rain | Self::Dew => 4,
            Self::Wind => 5,
            Self::AirDrift => 12,
            Self::Indoor => 15,
            Self::Sunset => 16,
            Self::Clouds => 17,
        }
    }
}

/// One line of the table of gates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it judges.
    pub check: Check,
    /// The quality it allows.
    pub quality: Quality,
    /// The value that reasons print: K of [`Check::Indoor`], m/s of [`Check::Wind`].
    pub value: Option<f64>,
}

/// The lines of the night for one roof: indoor difference (R15), hours since sunset (R16), wind
/// at the roof (R05), rain, dew and frost (R04).
pub fn of_night(flight: &FlightConditions, roof: &RoofNight, options: &Options) -> Vec<Line> {
    let line = |check, quality, value| Line {
        check,
        quality,
        value,
    };
    let wind = flight.wind_at_roof(roof.height_m);
    let bounds = match options.moisture {
        true => moisture::WIND_M_S,
        false => [2.0, 3.5, options.max_wind_m_s],
    };
    let mut lines = vec![
        line(Check::Wind, up_to(wind, bounds), wind),
        line(Check::Rain, rain(flight), None),
        line(Check::Dew, dew(roof.above_dew_k), None),
    ];
    // Heat of the sun is what a moisture flight looks for; its hours are of the whole flight.
    if !options.moisture {
        let quality = since_sunset(flight, roof.lag_h);
        lines.insert(0, line(Check::Sunset, quality, None));
    }
    if let Some(air_c) = flight.air_c.filter(|_| !options.moisture) {
        let difference = roof.indoor_c - air_c;
        let bounds = [-15.0, -12.0, -options.min_dt_k];
        let quality = up_to(Some(-difference), bounds);
        lines.push(line(Check::Indoor, quality, Some(difference)));
    }
    lines
}

/// Share of the outline under solar panels from which it is said: a twentieth of the roof.
const PV_FRACTION: f64 = 0.05;

/// What the building and its picture say.
fn building(gate: &mut Gate, roof: &Measured, indoor: &Indoor, options: &Options) {
    let canopy = roof.material.name == CANOPY;
    let cold = roof.context.heated == Some(Heated::No) || roof.context.out_of_use || canopy;
    if cold && !options.moisture {
        gate.add(1, None);
    }
    let bare = roof.material.emissivity < options.emissivity_min_rated;
    if bare || roof.reflective_fraction >= 0.5 {
        gate.add(2, None);
    }
    if roof.material.hides_roof {
        gate.add(3, Some(100.0));
    } else if roof.pv_fraction >= PV_FRACTION {
        gate.add(3, Some(100.0 * roof.pv_fraction));
    }
    if roof.context.process {
        gate.add(6, None);
    }
    if !roof.has_inner || roof.context.derived {
        gate.add(8, None);
    }
    if roof.newer {
        gate.add(14, None);
    }
    // The valid-low limit of the confidence (scoring.md §13); without any other reason a roof
    // that was hardly judged was hardly seen.
    let explained = [2, 3, 6, 8].iter().any(|code| gate.has(*code));
    let unexplained = roof.valid_fraction < 0.30 && !explained;
    if roof.observed_fraction < 0.80 || unexplained {
        gate.add(7, Some(100.0 * roof.observed_fraction));
    }
    if roof.context.companies > 1 {
        gate.add(9, None);
    }
    if has_attic(roof) {
        gate.add(10, None);
    }
    if roof.material.damping {
        gate.add(11, None);
    }
    if !indoor.known && !options.moisture {
        gate.add(20, Some(indoor.under_roof_c));
    }
}

/// Slope from which a tiled roof is taken to have a loft below, degrees.
const ATTIC_DEG: f64 = 20.0;

/// Whether an unheated space is likely under the roof: the greater part of it is pitched and
/// under tiles or slates, whose insulation often lies on the floor of the loft. No register tells
/// it; nothing follows but the reason (R10).
fn has_attic(roof: &Measured) -> bool {
    let tiled = ["tile", "slate"].contains(&roof.material.name.as_str());
    let area = |pitched: bool| -> f64 {
        let steep = |s: &&RoofSegment| s.slope_deg.is_some_and(|deg| deg >= ATTIC_DEG);
        let counted = roof.segments.iter().filter(|s| !pitched || steep(s));
        counted.map(|s| s.area_m2).sum()
    };
    tiled && area(true) > 0.5 * area(false)
}

/// A: three time constants and four hours after sunset; B: three; C: two; else, or with sun in
/// the last two hours, rejected.
fn since_sunset(flight: &FlightConditions, lag_h: f64) -> Quality {
    match flight.since_sunset_h {
        None => Quality::B,
        Some(h) if h < 2.0 || h < 2.0 * lag_h => Quality::Rejected,
        Some(h) if h < 3.0 * lag_h => Quality::C,
        Some(h) if h < 4.0 => Quality::B,
        Some(_) => Quality::A,
    }
}

/// Dry for 24 hours, for 12, at the flight, or wet.
fn rain(flight: &FlightConditions) -> Quality {
    let dry = |rain: Option<f64>| rain.map(|mm| mm <= 0.0);
    match (
        dry(flight.rain_flight_mm),
        dry(flight.rain_12h_mm),
        dry(flight.rain_24h_mm),
    ) {
        (Some(false), ..) => Quality::Rejected,
        (_, Some(false), _) => Quality::C,
        (_, _, Some(true)) => Quality::A,
        _ => Quality::B,
    }
}

/// The roof against the dew point: a clear night frosts good roofs.
fn dew(above_k: Option<f64>) -> Quality {
    match above_k {
        None => Quality::B,
        Some(k) if k > 1.0 => Quality::A,
        Some(k) if k > 0.0 => Quality::C,
        Some(_) => Quality::Rejected,
    }
}

/// Median of the roof above the dew point, K.
pub fn above_dew_k(roof: &Measured, flight: &FlightConditions) -> Option<f64> {
    Some(roof.statistics?.median_c - flight.dew_point_c()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm() -> FlightConditions {
        FlightConditions {
            air_c: Some(2.0),
            air_drift_k: Some(0.5),
            cloud_change_okta: Some(0.0),
            overlap_disagreement_k: Some(0.2),
            since_sunset_h: Some(6.0),
            ..FlightConditions::default()
        }
    }

    #[test]
    fn a_calm_flight_is_a_and_each_fault_has_its_code() {
        assert_eq!(of_flight(&calm()).quality, Quality::A);
        let faults: [(FlightConditions, u8); 4] = [
            (
                FlightConditions {
                    air_drift_k: Some(3.5),
                    ..calm()
                },
                12,
            ),
            (
                FlightConditions {
                    radiometric: false,
                    ..calm()
                },
                13,
            ),
            (
                FlightConditions {
                    cloud_change_okta: Some(5.0),
                    ..calm()
                },
                17,
            ),
            (
                FlightConditions {
                    overlap_disagreement_k: Some(1.2),
                    ..calm()
                },
                18,
            ),
        ];
        for (flight, code) in faults {
            let gate = of_flight(&flight);
            assert_eq!(gate.quality, Quality::Rejected);
            assert!(
                gate.has(code) && gate.no_u() && !gate.no_class(1.0),
                "R{code}"
            );
        }
    }

    #[test]
    fn the_lines_have_the_bounds_of_the_table() {
        assert_eq!(up_to(Some(2.0), [2.0, 3.5, 5.0]), Quality::A);
        assert_eq!(up_to(Some(3.6), [2.0, 3.5, 5.0]), Quality::C);
        assert_eq!(up_to(None, [2.0, 3.5, 5.0]), Quality::B);
        for (hours, quality) in [
            (1.9, Quality::Rejected),
            (2.5, Quality::Rejected),
            (3.0, Quality::C),
            (4.5, Quality::A),
        ] {
            let flight = FlightConditions {
                since_sunset_h: Some(hours),
                ..calm()
            };
            assert_eq!(since_sunset(&flight, 1.4), quality, "{hours}");
        }
    }

    #[test]
    fn rain_and_dew_have_the_lines_of_the_table() {
        let rained = |flight, h12, h24| {
            rain(&FlightConditions {
                rain_flight_mm: Some(flight),
                rain_12h_mm: Some(h12),
                rain_24h_mm: Some(h24),
                ..calm()
            })
        };
        assert_eq!(rained(0.0, 0.0, 0.0), Quality::A);
        assert_eq!(rained(0.0, 0.0, 1.0), Quality::B);
        assert_eq!(rained(0.0, 1.0, 1.0), Quality::C);
        assert_eq!(rained(0.2, 0.2, 0.2), Quality::Rejected);
        assert_eq!(dew(Some(1.2)), Quality::A);
        assert_eq!(dew(Some(0.5)), Quality::C);
        assert_eq!(dew(Some(-0.1)), Quality::Rejected);
    }

    #[test]
    fn a_roof_that_is_mostly_tank_or_panels_has_no_class() {
        for code in [3, 6] {
            let mut gate = of_flight(&calm());
            gate.add(code, None);
            assert!(gate.no_class(0.2) && !gate.no_class(0.5), "R{code:02}");
        }
    }

    #[test]
    fn what_was_hardly_seen_has_no_class_but_a_partly_hidden_roof_may() {
        let mut gate = of_flight(&calm());
        gate.add(7, Some(40.0));
        assert!(gate.no_class(0.2) && !gate.no_class(0.4));
        gate.add(4, None);
        assert!(gate.no_class(0.9));
        assert_eq!(gate.reasons[0].code, 4);
    }
}
