//! The nights of the flights: when they are, and their weather from the evening before.
//!
//! Dry, calm, thinly clouded winter nights: on a damp clear one every well insulated roof lies
//! below the dew point and frosts over, and then nothing can be rated (scoring.md §7). Such nights,
//! wet and windy ones are there for the asking.
//!
//! In parks of a given stock every night hides what no analysis can know: how far the true sky and
//! convection are from any model's, and the offset of the camera. The weather table does not tell.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::{Offset, offset};

use super::park::stream;
use super::physics::{Balance, Moisture, dew_point_c, sky_k, vapour_pressure_hpa, wind_at_roof};
use super::random::{Rng, smooth_field};
use super::{Nights, Options, Stock};

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
    kind: Nights,
    /// Unknown to the analysis.
    pub hidden: Hidden,
}

/// What the weather table does not tell of a night; the standard deviations of scoring.md §6.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hidden {
    /// True convection over that of the formula.
    pub convection: f64,
    /// True broadband sky against the formula, K.
    pub sky_k: f64,
    /// Offset of the camera in all frames, K.
    pub camera_k: f64,
}

impl Hidden {
    const NONE: Self = Self {
        convection: 1.0,
        sky_k: 0.0,
        camera_k: 0.0,
    };

    const CONVECTION_SIGMA: f64 = 0.25;
    const SKY_SIGMA_K: f64 = 3.0;
    const CAMERA_SIGMA_K: f64 = 1.0;

    fn draw(options: &Options, flight: u32) -> Self {
        let stock = options.stock as u64;
        let mut rng = Rng::new(options.seed, &[stream::HIDDEN, u64::from(flight), 1, stock]);
        Self {
            convection: (Self::CONVECTION_SIGMA * rng.gaussian()).exp(),
            sky_k: Self::SKY_SIGMA_K * rng.gaussian(),
            camera_k: Self::CAMERA_SIGMA_K * rng.gaussian(),
        }
    }
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
    /// In the ten minutes before, mm.
    pub rain_mm: f64,
    kind: Nights,
    hidden: Hidden,
}

/// The weather table begins so long before 14:00, seconds.
const TABLE_BEFORE_S: f64 = 18.0 * 3600.0;

/// Height of the cloud base, km: the value the analysis assumes by default.
pub(super) const CLOUD_BASE_KM: f64 = 2.0;

impl Night {
    /// The night of a flight as the options ask for it.
    pub(super) fn of(options: &Options, flight: u32) -> Self {
        let mut night = Self::new(options.seed, flight);
        if options.stock != Stock::Sample {
            night.hidden = Hidden::draw(options, flight);
            // Three kelvin less sky and one of the camera must not frost the good roofs.
            night.humidity -= 0.14;
        }
        let mut rng = Rng::new(options.seed, &[stream::HIDDEN, u64::from(flight)]);
        night.kind = options.nights;
        match options.nights {
            Nights::Fair => {}
            Nights::Frost => {
                night.humidity = rng.range(0.86, 0.92);
                night.wind = rng.range(1.2, 1.8);
                night.okta = rng.range(-0.5, 1.4).round().abs();
            }
            Nights::Wet => {
                night.humidity = rng.range(0.86, 0.92);
                night.okta = rng.range(6.6, 8.4).round();
            }
            // At least 5.3 m/s over the lowest eave of 4 m.
            Nights::Windy => night.wind = rng.range(9.5, 12.0),
        }
        night
    }

    /// The fair night of flight number `flight` (1 …): one winter later each.
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
            kind: Nights::Fair,
            hidden: Hidden::NONE,
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
            rain_mm: if self.kind == Nights::Wet { 0.2 } else { 0.0 },
            kind: self.kind,
            hidden: self.hidden,
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

    /// True sky temperature, K.
    pub(super) fn sky_k(&self) -> f64 {
        self.hidden.sky_k
            + sky_k(
                self.air_c,
                self.humidity,
                self.hour,
                self.pressure_hpa,
                self.cloud(),
                CLOUD_BASE_KM,
            )
    }

    /// True convection over the formula's.
    pub(super) fn convection(&self) -> f64 {
        self.hidden.convection
    }

    /// What the weather table does not tell.
    pub(super) fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// Whether rain lies on everything.
    pub(super) fn is_wet(&self) -> bool {
        self.kind == Nights::Wet
    }

    /// Temperature of a surface of transmittance `u`, with dew, frost or rain on it where the
    /// night has them, °C.
    pub(super) fn surface_c(&self, balance: &Balance, u: f64) -> f64 {
        match self.kind {
            Nights::Fair | Nights::Windy => balance.surface_c(u),
            Nights::Frost | Nights::Wet => {
                let moisture = Moisture {
                    vapour_hpa: vapour_pressure_hpa(self.air_c, self.humidity),
                    wet: self.is_wet(),
                };
                balance.moist_surface_c(u, &moisture)
            }
        }
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
