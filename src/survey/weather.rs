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

/// A place where weather was measured or is foretold.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Code of the service; empty where the table names none.
    pub code: String,
    /// Name; empty where the table gives none.
    pub name: String,
    /// Distance from the buildings, metres; `None` where the table gives no place.
    pub distance_m: Option<f64>,
    /// Whether it stands at the buildings (an own logger): what it tells needs no second opinion.
    pub local: bool,
    records: Vec<WeatherRecord>,
}

impl Station {
    /// A station; sorts its records by time.
    pub fn new(code: &str, name: &str, mut records: Vec<WeatherRecord>) -> Self {
        records.sort_by_key(|r| r.time);
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            distance_m: None,
            local: true,
            records,
        }
    }

    /// The same at a distance, metres.
    #[must_use]
    pub fn away(mut self, distance_m: f64) -> Self {
        self.distance_m = Some(distance_m);
        self.local = false;
        self
    }

    /// What people call it: the name, else the code.
    pub fn label(&self) -> &str {
        match self.name.as_str() {
            "" => &self.code,
            name => name,
        }
    }

    /// The records, oldest first.
    pub fn records(&self) -> &[WeatherRecord] {
        &self.records
    }

    /// Records at most the longest gap away from a moment.
    fn around(&self, time: Timestamp) -> &[WeatherRecord] {
        let off = |r: &WeatherRecord| r.time.duration_since(time).as_secs_f64();
        let first = self.records.partition_point(|r| off(r) < -MAX_GAP_S);
        let end = self.records.partition_point(|r| off(r) <= MAX_GAP_S);
        &self.records[first..end.max(first)]
    }

    fn at(&self, time: Timestamp, get: fn(&WeatherRecord) -> Option<f64>) -> Option<f64> {
        let mut before = None;
        let mut after = None;
        for record in self.around(time) {
            let Some(value) = get(record) else { continue };
            let offset_s = record.time.duration_since(time).as_secs_f64();
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

    /// Rain of a span. Dry is only what was watched throughout; rain that fell is told of a part
    /// as well. A record tells of the interval that ends with it, an hour at most.
    fn rain_before(&self, time: Timestamp, hours: f64) -> Option<f64> {
        let span_s = hours * 3600.0;
        let begins_s = (span_s - 3600.0).max(0.0);
        let (mut sum, mut watched_to_s) = (0.0, None);
        for record in &self.records {
            let age_s = time.duration_since(record.time).as_secs_f64();
            if age_s < 0.0 {
                break;
            }
            let Some(rain) = record.rain_mm else { continue };
            if age_s <= span_s {
                sum += rain;
            }
            let goes_on = |last_s: &f64| last_s - age_s <= MAX_GAP_S;
            let watched = age_s >= begins_s || watched_to_s.as_ref().is_some_and(goes_on);
            watched_to_s = watched.then_some(age_s);
        }
        let watched = watched_to_s.is_some_and(|last_s| last_s <= MAX_GAP_S);
        (watched || sum > 0.0).then_some(sum)
    }
}

/// The weather of a place: its own logger, or the stations around it.
///
/// Each quantity is that of the local station where it tells, else the mean of the two nearest
/// stations that tell, weighted by the inverse square of their distance (Shepard 1968, "A
/// two-dimensional interpolation function for irregularly-spaced data", exponent 2); where one
/// alone tells, its value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weather {
    stations: Vec<Station>,
}

/// Longest gap bridged between two records, seconds: beyond it the weather is unknown.
const MAX_GAP_S: f64 = 2.0 * 3600.0;

/// Stations of which one value is made, at most.
const MEAN_OF: usize = 2;

/// A station nearer than this, metres, is as good as here; keeps the weights finite.
const HERE_M: f64 = 100.0;

/// What one station tells of a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Share<'w> {
    /// The station.
    pub station: &'w Station,
    /// Names of the columns it gives a value for.
    pub quantities: Vec<&'static str>,
}

/// Column of a quantity and how it is read.
type Quantity = (&'static str, fn(&WeatherRecord) -> Option<f64>);

const QUANTITIES: [Quantity; 6] = [
    ("air_c", |r| r.air_c),
    ("humidity_pct", |r| r.humidity_pct),
    ("wind_m_s", |r| r.wind_m_s),
    ("cloud_okta", |r| r.cloud_okta),
    ("pressure_hpa", |r| r.pressure_hpa),
    ("sky_c", |r| r.sky_c),
];

impl Weather {
    /// The records of one place.
    pub fn new(records: Vec<WeatherRecord>) -> Self {
        Self::of(vec![Station::new("", "", records)])
    }

    /// Of several stations; the local one stands first, then the nearest.
    pub fn of(mut stations: Vec<Station>) -> Self {
        let far = |s: &Station| match s.local {
            true => 0.0,
            false => s.distance_m.unwrap_or(f64::MAX),
        };
        stations.sort_by(|a, b| {
            (b.local.cmp(&a.local))
                .then(far(a).total_cmp(&far(b)))
                .then(a.code.cmp(&b.code))
        });
        Self { stations }
    }

    /// The stations, the local one first, then the nearest.
    pub fn stations(&self) -> &[Station] {
        &self.stations
    }

    /// The records of the first station, oldest first.
    pub fn records(&self) -> &[WeatherRecord] {
        self.stations.first().map_or(&[], Station::records)
    }

    /// Number of records of all stations.
    pub fn len(&self) -> usize {
        self.stations.iter().map(|s| s.records.len()).sum()
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// First and last time of all records.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self
            .stations
            .iter()
            .filter_map(|s| s.records.first())
            .map(|r| r.time)
            .min();
        let last = self
            .stations
            .iter()
            .filter_map(|s| s.records.last())
            .map(|r| r.time)
            .max();
        first.zip(last)
    }

    /// Weather at a moment: each quantity linear between the nearest records that have it, at
    /// most two hours away on either side.
    pub fn at(&self, time: Timestamp) -> Conditions {
        conditions(|get| mean(&self.tell(|s| s.at(time, get))))
    }

    /// How far the two stations behind each value of [`Weather::at`] are apart; `None` where one
    /// alone tells.
    pub fn spread(&self, time: Timestamp) -> Conditions {
        conditions(|get| match self.tell(|s| s.at(time, get)).as_slice() {
            [(_, a), (_, b)] => Some((a - b).abs()),
            _ => None,
        })
    }

    /// The stations behind [`Weather::at`], and what each tells.
    pub fn shares(&self, time: Timestamp) -> Vec<Share<'_>> {
        let mut shares: Vec<Share<'_>> = Vec::new();
        for station in &self.stations {
            let quantities: Vec<&'static str> = QUANTITIES
                .into_iter()
                .filter(|(_, get)| {
                    let told = self.tell(|s| s.at(time, *get));
                    told.iter().any(|(by, _)| std::ptr::eq(*by, station))
                })
                .map(|(name, _)| name)
                .collect();
            if !quantities.is_empty() {
                shares.push(Share {
                    station,
                    quantities,
                });
            }
        }
        shares
    }

    /// Range of a quantity over a span, looked at every tenth of it.
    pub fn range(
        &self,
        start: Timestamp,
        end: Timestamp,
        get: fn(&Conditions) -> Option<f64>,
    ) -> Option<f64> {
        let span = end.duration_since(start);
        let values: Vec<f64> = (0..=10)
            .filter_map(|tenth| get(&self.at(start.checked_add(span * tenth / 10).ok()?)))
            .collect();
        let low = values.iter().copied().reduce(f64::min)?;
        let high = values.iter().copied().reduce(f64::max)?;
        Some(high - low)
    }

    /// Rain in the `hours` before a moment, mm; `None` where no rain is told and a part of that
    /// span is not (a file that begins later, a gap of more than two hours).
    pub fn rain_before(&self, time: Timestamp, hours: f64) -> Option<f64> {
        mean(&self.tell(|s| s.rain_before(time, hours)))
    }

    /// The stations whose values are taken: the local one, else the nearest two that tell.
    fn tell(&self, value: impl Fn(&Station) -> Option<f64>) -> Vec<(&Station, f64)> {
        let mut told = Vec::with_capacity(MEAN_OF);
        for station in &self.stations {
            let Some(value) = value(station) else {
                continue;
            };
            told.push((station, value));
            if station.local || told.len() == MEAN_OF {
                break;
            }
        }
        told
    }
}

/// Mean of values by the inverse square of the distance; equal stations where none is known.
fn mean(told: &[(&Station, f64)]) -> Option<f64> {
    if let [(_, value)] = told {
        return Some(*value);
    }
    let weight = |s: &Station| s.distance_m.map_or(1.0, |d| d.max(HERE_M).powi(-2));
    let sum: f64 = told.iter().map(|(s, _)| weight(s)).sum();
    let weighted: f64 = told.iter().map(|(s, v)| weight(s) * v).sum();
    (sum > 0.0).then_some(weighted / sum)
}

fn conditions(value: impl Fn(fn(&WeatherRecord) -> Option<f64>) -> Option<f64>) -> Conditions {
    let [
        air_c,
        humidity_pct,
        wind_m_s,
        cloud_okta,
        pressure_hpa,
        sky_c,
    ] = QUANTITIES.map(|(_, get)| value(get));
    Conditions {
        air_c,
        humidity_pct,
        wind_m_s,
        cloud_okta,
        pressure_hpa,
        sky_c,
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

    #[test]
    fn dry_is_only_what_was_watched_throughout() {
        let dry = |minutes: &[i64]| {
            let records = minutes.iter().map(|minute| WeatherRecord {
                rain_mm: Some(0.0),
                ..record(*minute, None)
            });
            Weather::new(records.collect())
        };
        let at = |hour: i64| Timestamp::from_second(hour * 3600).expect("in range");
        let hourly: Vec<i64> = (0..=30).map(|hour| 60 * hour).collect();
        assert_eq!(dry(&hourly).rain_before(at(25), 24.0), Some(0.0));
        // The file begins seven hours before: what was before that is not known.
        assert_eq!(dry(&hourly).rain_before(at(7), 12.0), None);
        assert_eq!(dry(&hourly).rain_before(at(7), 7.5), Some(0.0));
        // It ends three hours before, or has a hole of three hours.
        assert_eq!(dry(&hourly).rain_before(at(33), 24.0), None);
        let hole: Vec<i64> = (0..=30)
            .filter(|h| !(10..12).contains(h))
            .map(|h| 60 * h)
            .collect();
        assert_eq!(dry(&hole).rain_before(at(25), 24.0), None);
        assert_eq!(dry(&hole).rain_before(at(25), 12.0), Some(0.0));
        // Rain that fell is known whatever else is not.
        let mut wet = hourly.iter().map(|m| record(*m, None)).collect::<Vec<_>>();
        wet.truncate(8);
        assert_eq!(
            Weather::new(wet)
                .rain_before(at(7), 24.0)
                .map(|mm| (mm * 10.0).round()),
            Some(16.0)
        );
    }

    fn at_zero(code: &str, air: Option<f64>, wind: Option<f64>) -> Station {
        let mut record = record(0, air);
        record.wind_m_s = wind;
        Station::new(code, "", vec![record])
    }

    #[test]
    fn two_stations_are_weighted_by_the_inverse_square_of_their_distance() {
        // By hand: 10 km and 20 km weigh 4 to 1, so 2 °C and 7 °C give (4·2 + 7)/5 = 3 °C.
        // The wind of the third is taken as the first has none: (1/400·4 + 1/900·17)/(1/400 + 1/900)
        // = (9·4 + 4·17)/13 = 8 m/s.
        let weather = Weather::of(vec![
            at_zero("far", Some(50.0), Some(17.0)).away(30_000.0),
            at_zero("b", Some(7.0), Some(4.0)).away(20_000.0),
            at_zero("a", Some(2.0), None).away(10_000.0),
        ]);
        let time = Timestamp::UNIX_EPOCH;
        let now = weather.at(time);
        assert!((now.air_c.expect("known") - 3.0).abs() < 1e-12);
        assert!((now.wind_m_s.expect("known") - 8.0).abs() < 1e-12);
        assert_eq!(weather.spread(time).air_c, Some(5.0));
        assert_eq!(weather.spread(time).wind_m_s, Some(13.0));
        let shares = weather.shares(time);
        let told: Vec<_> = shares
            .iter()
            .map(|s| (s.station.label(), s.quantities.len()))
            .collect();
        assert_eq!(told, [("a", 1), ("b", 2), ("far", 1)]);
        assert_eq!(
            weather.rain_before(time, 1.0).map(|mm| (mm * 10.0).round()),
            Some(2.0)
        );
    }

    #[test]
    fn the_own_logger_has_priority_and_its_gaps_are_filled_by_the_stations() {
        let weather = Weather::of(vec![
            at_zero("a", Some(2.0), Some(4.0)).away(10_000.0),
            at_zero("", Some(-1.0), None),
        ]);
        let now = weather.at(Timestamp::UNIX_EPOCH);
        assert_eq!((now.air_c, now.wind_m_s), (Some(-1.0), Some(4.0)));
        assert_eq!(weather.spread(Timestamp::UNIX_EPOCH).air_c, None);
    }
}
