//! The weather table.
//!
//! In: `weather.csv` (also a spreadsheet or GeoJSON) with our names, the names of the Belgian weather service (10-minute and
//! synoptic layers) or those of a local logger. Out: [`Weather`], every time in UTC.
//!
//! Of several stations the nearest to the buildings are kept, where the table gives their places;
//! rows without a station's code among them are those of an own logger, which has priority. How
//! they become one value: [`Weather`].
//!
//! Times without a zone are UTC, as the service writes them. Values no instrument can give are
//! faults: they would end up as a wrong U-value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use geo::BoundingRect;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::layer::point_of;
use super::system::{BELGIUM_DEG, median};
use super::table::{
    Bound, Mapping, Outcome, Report, Row, Schema, Table, column, file_name, read_bytes,
};
use super::vector::extension;
use super::{geojson, wkt};
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::survey::{self, Outline, Weather, WeatherRecord};

/// Knots to m/s: 1852 m per hour, exact.
const KNOT_M_S: f64 = 1852.0 / 3600.0;

/// Columns of the weather table.
pub const SCHEMA: Schema = Schema {
    name: "weather",
    columns: &[
        column(
            "timestamp",
            &["time", "tijd", "tijdstip", "datetime", "datum_tijd"],
        ),
        column(
            "air_c",
            &[
                "temp_dry_shelter_avg",
                "temp",
                "t_air",
                "temp_c",
                "temperature",
                "luchttemp_c",
            ],
        ),
        column(
            "humidity_pct",
            &[
                "humidity_rel_shelter_avg",
                "humidity_relative",
                "rh",
                "rh_pct",
                "vochtigheid_pct",
            ],
        ),
        column("wind_m_s", &["wind_speed_10m", "wind_speed", "wind"]),
        column("cloud_okta", &["cloudiness", "cloud", "bewolking_okta"]),
        column("pressure_hpa", &["pressure", "luchtdruk_hpa"]),
        column(
            "rain_mm",
            &["precip_quantity", "rain", "neerslag_mm", "precip_mm"],
        ),
        column("sky_c", &["t_sky", "sky"]),
        column("station", &["code", "station_code"]),
        column("wind_speed_unit", &["wind_unit"]),
        column("place", &["the_geom"]),
        column("station_name", &["name", "naam"]),
    ],
    ignored: &[
        "fid",
        "id",
        "geometry",
        "qc_flags",
        "temp_grass_pt100_avg",
        "temp_soil_avg",
        "temp_soil_avg_5cm",
        "temp_soil_avg_10cm",
        "temp_soil_avg_20cm",
        "temp_soil_avg_50cm",
        "wind_speed_avg_30m",
        "wind_gusts_speed",
        "wind_direction",
        "wind_peak_speed",
        "sun_duration",
        "sun_duration_24h",
        "sun_int_avg",
        "short_wave_from_sky_avg",
        "short_wave_from_sky_24hour",
        "precip_range",
        "temp_min",
        "temp_max",
        "temp_grass_min",
        "weather_current",
        "pressure_station_level",
        "pressure_tendency",
    ],
    closed: true,
};

/// Stations kept of a table: enough that what the nearest two do not measure (clouds) is found.
const KEPT: usize = 6;

/// Reads the weather table of one station.
///
/// # Errors
/// All faults of the file: missing columns, times and values, several stations.
pub fn read(path: &Path, mapping: &Mapping) -> Outcome<Weather> {
    read_station(path, mapping, Station::default())
}

/// Which stations of a table that may hold several.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Station<'s> {
    /// The one with this code alone; else, of several whose places the table gives, the nearest.
    pub code: Option<&'s str>,
    /// Longitude and latitude of the buildings, degrees.
    pub place: Option<[f64; 2]>,
}

impl Station<'_> {
    /// The stations nearest to a longitude and latitude, degrees.
    pub fn near(place: Option<[f64; 2]>) -> Self {
        Self { code: None, place }
    }
}

impl<'s> From<Option<&'s str>> for Station<'s> {
    fn from(code: Option<&'s str>) -> Self {
        Self { code, place: None }
    }
}

/// Middle of the outlines, longitude and latitude in degrees.
pub fn middle(outlines: &[Outline], crs: &Crs) -> Option<[f64; 2]> {
    let centres: Vec<[f64; 2]> = outlines
        .iter()
        .filter_map(|outline| outline.polygon.bounding_rect())
        .map(|bounds| [bounds.center().x, bounds.center().y])
        .collect();
    let [x, y] = median(&centres)?;
    let (lon, lat) = crs.to_lonlat(x, y).ok()?;
    Some([lon, lat])
}

/// Reads the stations of a table that are wanted.
///
/// # Errors
/// As [`read`]; a station the table does not hold.
pub fn read_station(path: &Path, mapping: &Mapping, station: Station<'_>) -> Outcome<Weather> {
    let mut report = Report::new(file_name(path));
    match open(path, &mut report) {
        Ok(table) => from_table(&table, mapping, station, report),
        Err(problem) => report.stop(problem),
    }
}

/// The weather service answers in GeoJSON as well; its points become a column as in its tables.
fn open(path: &Path, report: &mut Report) -> Result<Table> {
    if !matches!(extension(path).as_str(), "geojson" | "json") {
        return Table::open(path, report);
    }
    let bytes = read_bytes(path, geojson::MAX_BYTES)?;
    let layer = geojson::layer(&file_name(path), &bytes)?;
    let mut table = layer.table;
    table.headers.push("the_geom".to_string());
    for (record, shape) in table.records.iter_mut().zip(&layer.shapes) {
        record.cells.push(match point_of(shape) {
            Ok([x, y]) => format!("POINT ({x} {y})"),
            Err(_) => String::new(),
        });
    }
    Ok(table)
}

/// The same from the bytes of a text table; `file` is used in messages only.
///
/// # Errors
/// As [`read_station`].
pub fn from_bytes(
    file: &str,
    bytes: &[u8],
    mapping: &Mapping,
    station: Option<&str>,
) -> Outcome<Weather> {
    from_bytes_of(file, bytes, mapping, station.into())
}

/// The same of a station by code or place.
///
/// # Errors
/// As [`read_station`].
pub fn from_bytes_of(
    file: &str,
    bytes: &[u8],
    mapping: &Mapping,
    station: Station<'_>,
) -> Outcome<Weather> {
    let mut report = Report::new(file);
    match Table::from_bytes(file, bytes, &mut report) {
        Ok(table) => from_table(&table, mapping, station, report),
        Err(problem) => report.stop(problem),
    }
}

fn from_table(
    table: &Table,
    mapping: &Mapping,
    station: Station<'_>,
    mut report: Report,
) -> Outcome<Weather> {
    let bound = Bound::new(table, &SCHEMA, mapping, &mut report);
    bound.require(&["timestamp"], &mut report);
    bound.require(&["air_c"], &mut report);
    let kept = chosen(&bound, station, &mut report);
    let mut records: BTreeMap<&str, Vec<WeatherRecord>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    if bound.has("timestamp") {
        for row in bound.rows() {
            let code = code(&bound, &row);
            if !kept.contains_key(code) {
                continue;
            }
            let Some(record) = record(&row, &mut report) else {
                continue;
            };
            if seen.insert((code, record.time)) {
                records.entry(code).or_default().push(record);
            } else {
                let what = "occurs twice; the first row is used".to_string();
                row.warn("timestamp", what, &mut report);
            }
        }
    }
    if records.is_empty() && report.faults().is_empty() {
        report.warn(Problem::setting("holds no record"));
    }
    let stations = records.into_iter().map(|(code, records)| {
        let site = kept.get(code).copied().unwrap_or_default();
        let station = survey::Station::new(code, site.name, records);
        match site.distance_m {
            Some(distance_m) => station.away(distance_m),
            None => station,
        }
    });
    report.finish(Weather::of(stations.collect()))
}

/// What the table tells of a station besides its rows.
#[derive(Clone, Copy, Debug, Default)]
struct Site<'b> {
    name: &'b str,
    distance_m: Option<f64>,
}

/// Code of the station of a row; empty where the table has no such column.
fn code<'b>(bound: &Bound<'_>, row: &Row<'b>) -> &'b str {
    match bound.has("station") {
        true => row.text("station"),
        false => "",
    }
}

/// The stations whose rows are taken. Values of different places must not be mixed into one
/// series.
fn chosen<'b>(
    bound: &'b Bound<'_>,
    station: Station<'_>,
    report: &mut Report,
) -> BTreeMap<&'b str, Site<'b>> {
    let mut sites: BTreeMap<&str, Site<'_>> = BTreeMap::new();
    let mut places = BTreeSet::new();
    for row in bound.rows() {
        let code = code(bound, &row);
        let site = sites.entry(code).or_default();
        if site.name.is_empty() && bound.has("station_name") {
            site.name = row.text("station_name");
        }
        if site.distance_m.is_none() && bound.has("place") {
            let text = row.text("place");
            // The same text leads to the same place: rows are many, stations few.
            if let Some(here) = station.place
                && places.insert((code, text))
                && let Some(found) = wkt::point(text).ok().and_then(lonlat)
            {
                site.distance_m = Some(distance_m(here, found));
            }
        }
    }
    let named: Vec<&str> = sites.keys().copied().filter(|c| !c.is_empty()).collect();
    let listed = named
        .iter()
        .take(20)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if !bound.has("station") {
        return sites;
    }
    if let Some(wanted) = station.code {
        if !sites.contains_key(wanted) {
            let what = format!("has no station {wanted}; its stations are: {listed}");
            report
                .fault(Problem::setting(what).hint("set weather.station to one of them, or auto"));
        }
        sites.retain(|code, _| *code == wanted);
        return sites;
    }
    if named.len() < 2 {
        return sites;
    }
    let mut near: Vec<(f64, &str)> = named
        .iter()
        .filter_map(|code| Some((sites.get(code)?.distance_m?, *code)))
        .collect();
    near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
    near.truncate(KEPT);
    if near.is_empty() {
        let what = format!("holds {} stations ({listed}), expected one", named.len());
        let hint = "set weather.station to the code of the nearest one";
        report.fault(Problem::setting(what).hint(hint));
    } else {
        let told: Vec<String> = near
            .iter()
            .take(2)
            .map(|(away, code)| format!("{code} at {:.0} km", away / 1000.0))
            .collect();
        let logger = match sites.contains_key("") {
            true => "; rows without a station are an own logger's, which has priority",
            false => "",
        };
        let what = format!(
            "holds {} stations ({listed}); used: {}, weighted by distance{logger}",
            named.len(),
            told.join(" and ")
        );
        report.warn(Problem::setting(what).hint("set weather.station to take one alone"));
    }
    sites.retain(|code, _| code.is_empty() || near.iter().any(|(_, kept)| kept == code));
    sites
}

/// Longitude and latitude of a station. The Belgian weather service writes latitude first; the
/// two spans of the country do not overlap.
fn lonlat([a, b]: [f64; 2]) -> Option<[f64; 2]> {
    let [west, south, east, north] = BELGIUM_DEG;
    if (south..=north).contains(&a) && (west..=east).contains(&b) {
        return Some([b, a]);
    }
    (a.abs() <= 180.0 && b.abs() <= 90.0).then_some([a, b])
}

/// Distance on a sphere, metres: haversine formula (R. W. Sinnott, Sky and Telescope 68 (1984)
/// 159), mean radius 6371 km. To 0.5 %, enough to choose a station.
fn distance_m([lon_a, lat_a]: [f64; 2], [lon_b, lat_b]: [f64; 2]) -> f64 {
    const RADIUS_M: f64 = 6_371_000.0;
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let along = lat_a.to_radians().cos() * lat_b.to_radians().cos();
    let h = half(lat_a, lat_b) + along * half(lon_a, lon_b);
    2.0 * RADIUS_M * h.sqrt().min(1.0).asin()
}

fn record(row: &Row<'_>, report: &mut Report) -> Option<WeatherRecord> {
    let cell = row.text("timestamp");
    let time = timestamp(cell);
    if time.is_none() {
        let what = format!(
            "is \"{cell}\", expected a time such as 2026-01-15T02:10:00 (UTC) or \
             2026-01-15T03:10:00+01:00"
        );
        row.fault("timestamp", what, report);
    }
    // Okta 9: the sky cannot be seen (fog); that is no cloud cover.
    let cloud_okta = row
        .number("cloud_okta", 0.0..=9.0, report)
        .filter(|&okta| okta <= 8.0);
    let unit = wind_unit(row, report);
    let record = WeatherRecord {
        time: time.unwrap_or(Timestamp::UNIX_EPOCH),
        air_c: row.number("air_c", -60.0..=60.0, report),
        humidity_pct: row.number("humidity_pct", 0.0..=100.0, report),
        wind_m_s: row
            .number("wind_m_s", 0.0..=100.0, report)
            .map(|w| w * unit),
        cloud_okta,
        pressure_hpa: row.number("pressure_hpa", 800.0..=1100.0, report),
        rain_mm: row.number("rain_mm", 0.0..=500.0, report),
        sky_c: row.number("sky_c", -120.0..=60.0, report),
    };
    time.map(|_| record)
}

/// m/s per unit of the wind column: WMO code table 1855 (0, 1: m/s; 3, 4: knots).
fn wind_unit(row: &Row<'_>, report: &mut Report) -> f64 {
    let words = [
        ("0", 1.0),
        ("1", 1.0),
        ("m/s", 1.0),
        ("3", KNOT_M_S),
        ("4", KNOT_M_S),
        ("kt", KNOT_M_S),
    ];
    row.choice(
        "wind_speed_unit",
        &words,
        "0, 1 (m/s) or 3, 4 (knots)",
        report,
    )
    .unwrap_or(1.0)
}

/// RFC 3339 with zone, or without zone in UTC; `T` or a space between date and time.
fn timestamp(cell: &str) -> Option<Timestamp> {
    if !cell.contains(':') {
        return None;
    }
    cell.parse::<Timestamp>().ok().or_else(|| {
        let civil = cell.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Outcome<Weather> {
        from_bytes("weather.csv", text.as_bytes(), &Mapping::new(), None)
    }

    #[test]
    fn columns_of_the_weather_service_are_read_unchanged_and_times_are_utc() {
        let text = "FID,code,timestamp,the_geom,precip_quantity,temp_dry_shelter_avg,\
            wind_speed_10m,wind_direction,humidity_rel_shelter_avg,pressure\n\
            x.1,6414,2026-01-15T02:10:00,\"POINT (50.9 3.12)\",0.1,-1.5,2.1,180,93,1021.4\n\
            x.2,6414,2026-01-15T02:20:00,\"POINT (50.9 3.12)\",,,,,,\n";
        let (weather, warnings) = read_text(text).expect("sound");
        assert!(warnings.is_empty(), "{warnings:?}");
        let first = weather.records()[0];
        assert_eq!(first.time.to_string(), "2026-01-15T02:10:00Z");
        assert_eq!(first.air_c, Some(-1.5));
        assert_eq!(first.humidity_pct, Some(93.0));
        assert_eq!(first.wind_m_s, Some(2.1));
        assert_eq!(first.pressure_hpa, Some(1021.4));
        assert_eq!(first.rain_mm, Some(0.1));
        assert_eq!(first.cloud_okta, None);
        assert_eq!(weather.records()[1].air_c, None);
    }

    #[test]
    fn times_with_a_zone_and_with_a_space_mean_the_same_moment() {
        let expected = timestamp("2026-01-15T02:10:00");
        assert!(expected.is_some());
        for same in [
            "2026-01-15T03:10:00+01:00",
            "2026-01-15T02:10:00Z",
            "2026-01-15 02:10:00",
            "2026-01-15 02:10",
            "2026-01-15T02:10:00.000Z",
        ] {
            assert_eq!(timestamp(same), expected, "{same}");
        }
        for wrong in [
            "15/01/2026 02:10",
            "2026-01-15",
            "",
            "02:10",
            "2026-13-01T00:00:00",
        ] {
            assert_eq!(timestamp(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn values_no_instrument_gives_are_faults_with_their_line() {
        let problems = read_text(
            "timestamp;air_c;humidity_pct;wind_m_s;cloud_okta\n\
             2026-01-15T02:10:00;80;101;-1;10\n\
             2026-01-15T02:20:00;1,5;80;1;9\n",
        )
        .expect_err("faulty");
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems.iter().all(|p| p.to_string().contains("line 2")));
    }

    #[test]
    fn synoptic_wind_in_knots_becomes_metres_per_second() {
        let text = "TIMESTAMP,TEMP,WIND_SPEED,WIND_SPEED_UNIT,CLOUDINESS\n\
            2026-01-15 02:00:00,1,10,4,9\n";
        let (weather, _) = read_text(text).expect("sound");
        let record = weather.records()[0];
        // 10 kt = 18.52 km/h.
        assert!((record.wind_m_s.expect("known") - 18.52 / 3.6).abs() < 1e-12);
        assert_eq!(record.cloud_okta, None);
    }

    #[test]
    fn of_several_stations_the_two_nearest_are_weighted_though_latitude_stands_first() {
        // Beitem and Koksijde of flemish-data.md §8: 28 and 27 km from Poperinge; nine at Turnhout.
        let text = "code,timestamp,the_geom,temp_dry_shelter_avg,name\n\
            6414,2026-01-15T02:00:00,POINT (50.9050 3.1230),1,Beitem\n\
            1,2026-01-15T02:00:00,POINT (51.5 4.9),9,\n\
            6400,2026-01-15T02:00:00,POINT (51.0900 2.6528),3,Koksijde\n";
        let poperinge = Station::near(Some([2.7267, 50.8552]));
        let read = from_bytes_of("w.csv", text.as_bytes(), &Mapping::new(), poperinge);
        let (weather, warnings) = read.expect("sound");
        let told = warnings[0].to_string();
        assert!(
            told.contains("used: 6400 at 27 km and 6414 at 28 km"),
            "{told}"
        );
        let names: Vec<&str> = weather
            .stations()
            .iter()
            .map(survey::Station::label)
            .collect();
        assert_eq!(names, ["Koksijde", "Beitem", "1"]);
        // Geodesic distances 26.632 and 28.436 km (PROJ, WGS84): (3/26.632² + 1/28.436²) /
        // (1/26.632² + 1/28.436²) = 2.0655; ours are those of a sphere.
        let time = weather.records()[0].time;
        let air = weather.at(time).air_c.expect("known");
        assert!((air - 2.0655).abs() < 0.005, "{air}");
    }

    #[test]
    fn rows_without_a_code_are_the_own_logger() {
        let text = "station,time,the_geom,t_air,wind\n\
            6414,2026-01-15T02:00:00,POINT (50.9050 3.1230),1,4\n\
            6400,2026-01-15T02:00:00,POINT (51.0900 2.6528),3,4\n\
            ,2026-01-15T02:00:00,,-2,\n";
        let poperinge = Station::near(Some([2.7267, 50.8552]));
        let read = from_bytes_of("w.csv", text.as_bytes(), &Mapping::new(), poperinge);
        let (weather, warnings) = read.expect("sound");
        assert!(
            warnings[0].to_string().contains("own logger"),
            "{warnings:?}"
        );
        let now = weather.at(weather.records()[0].time);
        assert_eq!((now.air_c, now.wind_m_s), (Some(-2.0), Some(4.0)));
    }

    #[test]
    fn stations_are_not_mixed() {
        let text = "code,timestamp,air_c\n1,2026-01-15T02:00:00,1\n2,2026-01-15T02:00:00,9\n";
        assert!(read_text(text).is_err());
        let one = |station| from_bytes("w.csv", text.as_bytes(), &Mapping::new(), Some(station));
        let (weather, warnings) = one("2").expect("sound");
        assert_eq!(weather.records()[0].air_c, Some(9.0));
        assert!(warnings.is_empty());
        assert!(one("3").is_err());
    }
}
