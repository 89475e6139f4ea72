//! A flight that looks for moisture: in the evening after sun, wet insulation stays warm longer.
//!
//! In: the circumstances of the flight. Out: a [`Gate`] of its own and the doubts a sheet prints.
//! No class, no U and no energy follow from such a flight, and nothing it finds is above grade C:
//! ASTM C1153 asks for verification by core or probe (scoring.md §11).
//!
//! Trade conditions (scoring.md §11): dry at sunrise, sunny day, wind below 6.7 m/s. The hours
//! after sunset and the cloud of the day are our choice: no public limit was found.

use super::gates::{self, Gate, Quality, up_to};
use super::{FlightConditions, Reason};

/// Wind at the roof, m/s: upper bounds of A, B and C.
pub const WIND_M_S: [f64; 3] = [3.5, 5.0, 6.7];
/// Mean cloud of the afternoon before, okta: upper bounds of A, B and C.
pub const DAY_CLOUD_OKTA: [f64; 3] = [3.0, 5.0, 6.0];
/// Hours after sunset: the first, then upper bounds of A, B and C.
pub const AFTER_SUNSET_H: [f64; 4] = [0.5, 4.0, 5.0, 6.0];

/// Why a moisture flight says little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The day before was cloudy: little heat was stored.
    NoSun,
    /// Whether the sun shone is not known.
    SunUnknown,
    /// By day, or too long after sunset.
    Hour,
}

/// What speaks against a moisture flight, in the order of the sheet.
pub fn doubts(flight: &FlightConditions) -> Vec<Doubt> {
    let mut found = Vec::new();
    match flight.day_cloud_okta {
        None => found.push(Doubt::SunUnknown),
        Some(okta) if okta > DAY_CLOUD_OKTA[2] => found.push(Doubt::NoSun),
        Some(_) => {}
    }
    if hour(flight) == Quality::Rejected {
        found.push(Doubt::Hour);
    }
    found
}

/// The gate of a moisture flight: that of every flight, sun before, hours after sunset. What it
/// rejects has no code of its own ([`doubts`] say it); findings are then of grade D.
pub(super) fn of_flight(flight: &FlightConditions) -> Gate {
    let mut gate = gates::of_flight(flight);
    let sun = up_to(flight.day_cloud_okta, DAY_CLOUD_OKTA);
    gate.quality = gate.quality.max(sun).max(hour(flight));
    gate
}

fn hour(flight: &FlightConditions) -> Quality {
    let [first, a, b, c] = AFTER_SUNSET_H;
    match flight.since_sunset_h {
        Some(h) if h < first => Quality::Rejected,
        hours => up_to(hours, [a, b, c]),
    }
}

/// Grade of a finding of a moisture flight: C at best; D where the flight or the roof does not
/// let one see wet insulation (gravel, plants, water on top).
pub(super) fn grade(found: char, gate: &Gate) -> char {
    let damped = gate.reasons.iter().any(|r: &Reason| r.code == 11);
    match gate.quality {
        Quality::Rejected => 'D',
        _ if damped => 'D',
        _ => found.max('C'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evening(hours: f64, okta: Option<f64>) -> FlightConditions {
        FlightConditions {
            air_c: Some(12.0),
            since_sunset_h: Some(hours),
            day_cloud_okta: okta,
            air_drift_k: Some(0.5),
            cloud_change_okta: Some(0.0),
            overlap_disagreement_k: Some(0.2),
            ..FlightConditions::default()
        }
    }

    #[test]
    fn a_warm_evening_after_sun_is_good_and_noon_or_a_dull_day_is_not() {
        assert_eq!(of_flight(&evening(2.0, Some(1.0))).quality, Quality::A);
        assert!(doubts(&evening(2.0, Some(1.0))).is_empty());
        assert_eq!(of_flight(&evening(2.0, None)).quality, Quality::B);
        for (hours, okta, doubt) in [
            (0.0, 1.0, Doubt::Hour),
            (8.0, 1.0, Doubt::Hour),
            (2.0, 7.5, Doubt::NoSun),
        ] {
            let flight = evening(hours, Some(okta));
            assert_eq!(of_flight(&flight).quality, Quality::Rejected);
            assert_eq!(doubts(&flight), [doubt]);
        }
    }

    #[test]
    fn nothing_is_above_c_without_a_core() {
        let good = of_flight(&evening(2.0, Some(1.0)));
        assert_eq!(grade('A', &good), 'C');
        assert_eq!(grade('D', &good), 'D');
        assert_eq!(grade('A', &of_flight(&evening(8.0, Some(1.0)))), 'D');
        let mut gravel = good;
        gravel.add(11, None);
        assert_eq!(grade('A', &gravel), 'D');
    }
}
