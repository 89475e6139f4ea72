//! Weather around a flight.

use jiff::Timestamp;

/// One row of the weather table; what a station does not measure is `None`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeatherRecord {
    /// Time of the record.
    pub time: Timestamp,
    /// Air temperature at 2 m, °C.
    pub air_c: Option<f64>,
    /// Relative humidity, %.
    pub humidity_pct: Option<f64>,
    /// Wind at 10 m, m/s.
    pub wind_m_s: Option<f64>,
    /// Cloud cover, okta 0–8.
    pub cloud_okta: Option<f64>,
    /// Air pressure, hPa.
    pub pressure_hpa: Option<f64>,
    /// Rain in the record's interval, mm.
    pub rain_mm: Option<f64>,
    /// Measured sky temperature, °C.
    pub sky_c: Option<f64>,
}

/// Weather at one moment; every value says whether it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Air temperature, °C.
    pub air_c: Option<f64>,
    /// Relative humidity, %.
    pub humidity_pct: Option<f64>,
    /// Wind at 10 m, m/s.
    pub wind_m_s: Option<f64>,
    /// Cloud cover, okta 0–8.
    pub cloud_okta: Option<f64>,
    /// Air pressure, hPa.
    pub pressure_hpa: Option<f64>,
    /// Measured sky temperature, °C.
    pub sky_c: Option<f64>,
}

/// A weather series, sorted by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weather {
    records: Vec<WeatherRecord>,
}

/// Longest gap bridged between two records, seconds: beyond it the weather is unknown.
const MAX_GAP_S: f64 = 2.0 * 3600.0;

impl Weather {
    /// Sorts the records by time.
    pub fn new(mut records: Vec<WeatherRecord>) -> Self {
        records.sort_by_key(|r| r.time);
        Self { records }
    }

    /// The records, oldest first.
    pub fn records(&self) -> &[WeatherRecord] {
        &self.records
    }

    /// Weather at a moment: each quantity linear between the nearest records that have it, at
    /// most two hours away on either side.
    pub fn at(&self, time: Timestamp) -> Conditions {
        let value = |get: fn(&WeatherRecord) -> Option<f64>| self.interpolate(time, get);
        Conditions {
            air_c: value(|r| r.air_c),
            humidity_pct: value(|r| r.humidity_pct),
            wind_m_s: value(|r| r.wind_m_s),
            cloud_okta: value(|r| r.cloud_okta),
            pressure_hpa: value(|r| r.pressure_hpa),
            sky_c: value(|r| r.sky_c),
        }
    }

    /// Rain in the `hours` before a moment, mm; `None` when no record of that span tells.
    pub fn rain_before(&self, time: Timestamp, hours: f64) -> Option<f64> {
        let mut known = false;
        let mut sum = 0.0;
        for record in &self.records {
            let age_s = time.duration_since(record.time).as_secs_f64();
            if (0.0..=hours * 3600.0).contains(&age_s)
                && let Some(rain) = record.rain_mm
            {
                known = true;
                sum += rain;
            }
        }
        known.then_some(sum)
    }

    fn interpolate(&self, time: Timestamp, get: fn(&WeatherRecord) -> Option<f64>) -> Option<f64> {
        let mut before = None;
        let mut after = None;
        for record in &self.records {
            let Some(value) = get(record) else { continue };
            let offset_s = record.time.duration_since(time).as_secs_f64();
            if offset_s.abs() > MAX_GAP_S {
                continue;
            }
            if offset_s <= 0.0 {
                before = Some((offset_s, value));
            } else if after.is_none() {
                after = Some((offset_s, value));
            }
        }
        match (before, after) {
            (Some((a, va)), Some((b, vb))) => Some(va + (vb - va) * (-a / (b - a))),
            (Some((_, v)), None) | (None, Some((_, v))) => Some(v),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(minute: i64, air: Option<f64>) -> WeatherRecord {
        WeatherRecord {
            time: Timestamp::from_second(minute * 60).expect("in range"),
            air_c: air,
            humidity_pct: None,
            wind_m_s: None,
            cloud_okta: None,
            pressure_hpa: None,
            rain_mm: Some(0.2),
            sky_c: None,
        }
    }

    #[test]
    fn values_are_linear_between_records_and_skip_missing_ones() {
        let weather = Weather::new(vec![
            record(20, Some(4.0)),
            record(10, None),
            record(0, Some(2.0)),
        ]);
        let at = weather.at(Timestamp::from_second(600).expect("in range"));
        assert_eq!(at.air_c, Some(3.0));
        assert_eq!(at.wind_m_s, None);
    }

    #[test]
    fn weather_from_another_night_is_unknown() {
        let weather = Weather::new(vec![record(0, Some(2.0))]);
        assert_eq!(
            weather
                .at(Timestamp::from_second(86_400).expect("in range"))
                .air_c,
            None
        );
    }

    #[test]
    fn rain_is_summed_over_the_hours_before() {
        let weather = Weather::new(vec![record(0, None), record(10, None), record(90, None)]);
        let time = Timestamp::from_second(30 * 60).expect("in range");
        assert_eq!(weather.rain_before(time, 1.0), Some(0.4));
    }
}
