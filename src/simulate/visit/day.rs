//! The day of a visit: date, air, and when each case has its turn.

use jiff::civil::{Date, DateTime, Weekday, date};

use super::scenes::Kind;
use super::shot::Setting;
use crate::simulate::park::stream;
use crate::simulate::random::Rng;

/// One visit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Day {
    /// From 1.
    pub visit: u32,
    pub date: Date,
    /// Outside before sunrise, °C.
    pub dawn_c: f64,
    pub wind_m_s: f64,
    /// Outside before sunrise, fraction.
    humidity: f64,
}

impl Day {
    /// A dry working day in the middle of March; a year later for each visit.
    pub(super) fn of(seed: u64, visit: u32) -> Self {
        let mut rng = Rng::new(seed, &[stream::VISIT, u64::from(visit)]);
        let year = 2024 + visit.min(60) as i16;
        let mut day = date(year, 3, 10 + rng.below(9) as i8);
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = day.tomorrow().unwrap_or(day);
        }
        let tenths = |v: f64| (v * 10.0).round() / 10.0;
        Self {
            visit,
            date: day,
            dawn_c: tenths(rng.range(1.4, 3.2)),
            wind_m_s: tenths(rng.range(1.0, 2.2)),
            humidity: (rng.range(0.78, 0.86) * 100.0).round() / 100.0,
        }
    }

    /// Name of the visit's folder.
    pub(super) fn id(&self) -> String {
        self.date.to_string()
    }

    /// Air and room at a minute of the day at a company.
    pub(super) fn setting(&self, minute: f64, seed: u64, firm: usize, english: bool) -> Setting {
        let stream = [stream::VISIT, u64::from(self.visit), 1, firm as u64];
        let mut rng = Rng::new(seed, &stream);
        // From 7:30 on it warms by some 1.3 K an hour.
        let later = (minute - 450.0).clamp(0.0, 330.0) / 60.0;
        let tenths = |v: f64| (v * 10.0).round() / 10.0;
        Setting {
            indoor_c: tenths(rng.range(17.8, 19.4)),
            indoor_humidity: (rng.range(0.46, 0.54) * 100.0).round() / 100.0,
            outdoor_c: tenths(self.dawn_c + 1.3 * later),
            outdoor_humidity: ((self.humidity - 0.055 * later) * 100.0).round() / 100.0,
            wind_m_s: self.wind_m_s,
            english,
            solved: false,
        }
    }

    /// A moment of the day, seconds after midnight.
    pub(super) fn at(&self, second: u32) -> DateTime {
        let clock = |v: u32| i8::try_from(v).unwrap_or(0);
        let (hour, minute) = (second / 3600 % 24, second / 60 % 60);
        self.date
            .at(clock(hour), clock(minute), clock(second % 60), 0)
    }
}

/// Minutes of the day in which pictures of a kind are taken: outside before sunrise, machines
/// under load, modules at noon.
pub(super) fn window(kind: Kind) -> [f64; 2] {
    match kind {
        Kind::Hatch => [360.0, 374.0],
        Kind::Door => [376.0, 405.0],
        Kind::Joint => [412.0, 440.0],
        Kind::Ceiling => [441.0, 465.0],
        Kind::Leak => [472.0, 550.0],
        Kind::Breaker => [590.0, 620.0],
        Kind::Fuses => [622.0, 645.0],
        Kind::Contactor => [647.0, 670.0],
        Kind::Busbar => [671.0, 690.0],
        Kind::Bearing => [692.0, 715.0],
        Kind::Trap => [716.0, 735.0],
        Kind::Valve => [736.0, 755.0],
        Kind::Pv => [778.0, 795.0],
    }
}
