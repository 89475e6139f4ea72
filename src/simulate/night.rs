//! The nights of the flights: when they are, and their weather from the evening before.
//!
//! Dry, calm, thinly clouded winter nights: on a damp clear one every well insulated roof lies
//! below the dew point and frosts over, and then nothing can be rated (scoring.md §7).

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::{Offset, offset};

use super::park::stream;
use super::physics::{dew_point_c, sky_k, wind_at_roof};
use super::random::{Rng, smooth_field};

/// Winter time of Belgium: every flight is in January or February.
const ZONE: Offset = offset(1);

/// One night.
#[derive(Clone, Debug)]
pub(super) struct Night {
    pub flight: u32,
    /// First frame.
    pub start: Timestamp,
    /// 14:00 local time before: from where the air cools.
    noon: Timestamp,
    air_c: f64,
    humidity: f64,
    wind: f64,
    okta: f64,
    pressure: f64,
    texture: u64,
}

/// Weather at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weather {
    pub air_c: f64,
    /// Fraction.
    pub humidity: f64,
    /// At 10 m, m/s.
    pub wind_10m: f64,
    pub okta: f64,
    pub pressure_hpa: f64,
    /// Hours after local midnight.
    pub hour: f64,
}

/// The weather table begins so long before 14:00, seconds.
const TABLE_BEFORE_S: f64 = 18.0 * 3600.0;

/// Height of the cloud base, km: the value the analysis assumes by default.
pub(super) const CLOUD_BASE_KM: f64 = 2.0;

impl Night {
    /// The night of flight number `flight` (1 …): one winter later each.
    pub(super) fn new(seed: u64, flight: u32) -> Self {
        let mut rng = Rng::new(seed, &[stream::NIGHT, u64::from(flight)]);
        let year = 2024 + flight.min(60) as i16;
        let day = date(year, 1, 12 + rng.below(18) as i8);
        let at = |hour: i8, minute: i8| {
            let local = day.at(hour, minute, 0, 0);
            ZONE.to_timestamp(local)
                .expect("a winter evening of this century is a valid time")
        };
        Self {
            flight,
            start: at(21, [10, 20, 30, 40][rng.below(4)]),
            noon: at(14, 0),
            air_c: rng.range(1.2, 2.8),
            humidity: rng.range(0.54, 0.60),
            wind: rng.range(1.9, 2.7),
            okta: rng.range(1.8, 3.2).round(),
            pressure: rng.range(1018.0, 1032.0),
            texture: rng.bits(),
        }
    }

    /// Name of the flight's folder: its date and number.
    pub(super) fn id(&self) -> String {
        format!("{}-v{}", ZONE.to_datetime(self.start).date(), self.flight)
    }

    /// Local time of a moment, seconds after the first frame.
    pub(super) fn local(&self, after_s: f64) -> jiff::civil::DateTime {
        ZONE.to_datetime(self.utc(after_s))
    }

    /// The moment so many seconds after the first frame, to the millisecond.
    pub(super) fn utc(&self, after_s: f64) -> Timestamp {
        let ms = self.start.as_millisecond() + (after_s * 1000.0).round() as i64;
        Timestamp::from_millisecond(ms).expect("a flight ends within hours of a valid time")
    }

    /// Weather so many seconds after the first frame; before 14:00 as warm as then.
    pub(super) fn weather(&self, after_s: f64) -> Weather {
        let evening_h = self.start.duration_since(self.noon).as_secs_f64() / 3600.0;
        let h = evening_h + after_s / 3600.0;
        let ripple = |lane: f64, scale_h: f64| smooth_field(self.texture, h / scale_h, lane + 0.5);
        // Cooling after noon levels out towards the night: a decay of 3 h.
        let warmth = 5.5 * ((-h.max(0.0) / 3.0).exp() - (-evening_h / 3.0).exp());
        let later = (h - evening_h).max(0.0);
        let air_c = self.air_c + warmth - 0.12 * later + 0.10 * ripple(0.0, 1.5);
        let humidity = self.humidity - 0.022 * warmth + 0.004 * later + 0.006 * ripple(1.0, 1.2);
        Weather {
            air_c,
            humidity: humidity.clamp(0.3, 0.95),
            wind_10m: (self.wind + 0.25 * warmth.max(0.0) + 0.2 * ripple(2.0, 0.7)).max(0.5),
            okta: self.okta,
            pressure_hpa: self.pressure + 0.15 * (h - evening_h),
            hour: (14.0 + h).rem_euclid(24.0),
        }
    }

    /// Ten-minute moments from 20:00 of the day before, so that 24 dry hours are told, to an hour
    /// after `duration_s`, seconds after the first frame.
    pub(super) fn table_moments(&self, duration_s: f64) -> Vec<f64> {
        let first = -self.start.duration_since(self.noon).as_secs_f64() - TABLE_BEFORE_S;
        let rows = ((duration_s + 3600.0 - first) / 600.0).ceil() as usize;
        (0..=rows).map(|i| first + i as f64 * 600.0).collect()
    }
}

impl Weather {
    /// Share of the sky that is covered.
    pub(super) fn cloud(&self) -> f64 {
        self.okta / 8.0
    }

    /// Sky temperature, K.
    pub(super) fn sky_k(&self) -> f64 {
        sky_k(
            self.air_c,
            self.humidity,
            self.hour,
            self.pressure_hpa,
            self.cloud(),
            CLOUD_BASE_KM,
        )
    }

    /// Dew point, °C.
    pub(super) fn dew_c(&self) -> f64 {
        dew_point_c(self.air_c, self.humidity)
    }

    /// Wind over a roof at `height_m`, m/s.
    pub(super) fn wind_at(&self, height_m: f64) -> f64 {
        wind_at_roof(self.wind_10m, height_m)
    }
}

#[cfg(test)]
mod tests {
    use super::super::physics::{Balance, convection};
    use super::*;

    #[test]
    fn a_good_roof_stays_above_the_dew_point_on_every_night() {
        // scoring.md §7: below it frost hides the difference and nothing is rated.
        for seed in 0..50 {
            let weather = Night::new(seed, 1).weather(600.0);
            let roof = Balance {
                indoor_c: 16.0,
                air_c: weather.air_c,
                h: convection(weather.wind_at(4.0), 1.0),
                emissivity: 0.92,
                sky_k: weather.sky_k(),
                sky_view: 1.0,
            };
            let surface = roof.surface_c(0.15);
            assert!(
                surface > weather.dew_c(),
                "seed {seed}: {surface} {}",
                weather.dew_c()
            );
        }
    }

    #[test]
    fn the_flight_begins_four_hours_after_sunset_and_the_table_a_day_before() {
        let night = Night::new(1, 1);
        // Sunset in Diksmuide is between 16:58 and 17:35 in the second half of January.
        assert!(night.local(0.0).hour() == 21 && night.local(0.0).minute() >= 10);
        let first = night.table_moments(600.0)[0];
        assert_eq!(night.local(first).hour(), 20);
        assert!(first < -24.0 * 3600.0);
    }
}
