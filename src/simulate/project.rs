//! The project's settings and its weather table, as text.

use super::night::Night;
use super::{Nights, Options, Sensor, Stock};

/// `audit.toml`.
pub(super) fn audit_toml(options: &Options) -> String {
    format!(
        "# A synthetic business park: invented ground, companies and temperatures.\n\
         # Written by: {}\n\
         # What is true of it stands in truth/truth.json.\n\n\
         [project]\n\
         name = \"Bedrijvenpark De Proefakker (synthetisch)\"\n\
         crs = \"EPSG:31370\"\n\
         language = \"nl\"\n\
         timezone = \"Europe/Brussels\"\n\
         campaign = \"Thermografische dakscan De Proefakker\"\n",
        command(options)
    )
}

/// The command that writes this park.
pub(super) fn command(options: &Options) -> String {
    let mut command = format!(
        "thermaudit simulate DIR --seed {} --scale {} --flights {} --sensor {} --gnss {}",
        options.seed,
        options.scale.name(),
        options.flights,
        options.sensor.name(),
        options.gnss.name()
    );
    if options.stock != Stock::default() {
        command += &format!(" --stock {}", options.stock.name());
    }
    if options.nights != Nights::default() {
        command += &format!(" --nights {}", options.nights.name());
    }
    if options.visits != Options::default().visits {
        command += &format!(" --visits {}", options.visits);
    }
    command
}

/// `flight.toml` of a flight.
pub(super) fn flight_toml(options: &Options, night: &Night, agl_m: f64) -> String {
    let (platform, tiles) = match options.sensor {
        Sensor::Drone => ("drone", ""),
        Sensor::Aircraft => ("aircraft", "tiles = true\n"),
    };
    let local = night.local(0.0);
    format!(
        "[flight]\n\
         purpose = \"heat-loss\"\n\
         platform = \"{platform}\"\n\
         operator = \"thermaudit simulate\"\n\
         planned_agl_m = {agl_m:.1}\n\
         camera_clock_offset_s = 0.0\n\
         start = \"{}T{:02}:{:02}:00+01:00\"\n\
         {tiles}",
        local.date(),
        local.hour(),
        local.minute()
    )
}

/// `weather.csv`: ten-minute rows for each night with its flight's duration, from the evening
/// before it.
pub(super) fn weather_csv(nights: &[(&Night, f64)]) -> String {
    let mut rows =
        String::from("timestamp,air_c,humidity_pct,wind_m_s,cloud_okta,pressure_hpa,rain_mm\n");
    for (night, duration_s) in nights {
        for after_s in night.table_moments(*duration_s) {
            let weather = night.weather(after_s);
            rows.push_str(&format!(
                "{},{:.1},{:.0},{:.1},{:.0},{:.1},{:.1}\n",
                night.utc(after_s),
                weather.air_c,
                100.0 * weather.humidity,
                weather.wind_10m,
                weather.okta,
                weather.pressure_hpa,
                weather.rain_mm
            ));
        }
    }
    rows
}
