//! Conditions of a building thermogram (EN 13187 and EN ISO 6781-1 practice, scoring.md §15).

use super::SiteConditions;
use super::building::MIN_DT_K;
use serde::Serialize;

/// Greatest wind, m/s.
pub const MAX_WIND_M_S: f64 = 5.0;
/// Rain that counts as wet, mm in 24 hours.
const WET_MM: f64 = 0.2;

/// One condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// At least 10 K between inside and outside at the picture.
    Difference,
    /// The same through the 24 hours before.
    Difference24h,
    /// At most 5 m/s.
    Wind,
    /// A dry surface.
    Dry,
    /// No sun in the two hours before.
    NoSun,
    /// The pressure difference was recorded.
    Pressure,
}

/// What came of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Met {
    /// It was met.
    Yes,
    /// It was not.
    No,
    /// Nobody knows.
    Unknown,
}

/// All conditions in the order printed, with the value each stands on.
pub fn gates(site: &SiteConditions) -> Vec<(Gate, Met, Option<f64>)> {
    let difference = site.indoor_c.zip(site.outdoor_c).map(|(i, o)| i - o);
    let least = site
        .indoor_c
        .zip(site.outdoor_24h_c)
        .map(|(i, [_, most])| i - most);
    let met = |value: Option<f64>, good: &dyn Fn(f64) -> bool| match value {
        Some(v) if good(v) => Met::Yes,
        Some(_) => Met::No,
        None => Met::Unknown,
    };
    let yes = |value: Option<bool>| match value {
        Some(true) => Met::Yes,
        Some(false) => Met::No,
        None => Met::Unknown,
    };
    let mut all = vec![
        (
            Gate::Difference,
            met(difference, &|d| d >= MIN_DT_K),
            difference,
        ),
        (Gate::Difference24h, met(least, &|d| d >= MIN_DT_K), least),
    ];
    // Wind, rain and sun reach the outer surface; they matter inside through its balance.
    all.push((
        Gate::Wind,
        met(site.wind_m_s, &|v| v <= MAX_WIND_M_S),
        site.wind_m_s,
    ));
    all.push((
        Gate::Dry,
        met(site.rain_24h_mm, &|mm| mm < WET_MM),
        site.rain_24h_mm,
    ));
    all.push((Gate::NoSun, yes(site.sun_2h.map(|sun| !sun)), None));
    all.push((
        Gate::Pressure,
        yes(Some(site.pressure_pa.is_some())),
        site.pressure_pa,
    ));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_kelvin_and_five_metres_a_second_are_the_limits() {
        let site = SiteConditions {
            indoor_c: Some(20.0),
            outdoor_c: Some(10.0),
            outdoor_24h_c: Some([4.0, 11.0]),
            wind_m_s: Some(5.1),
            sun_2h: Some(false),
            ..SiteConditions::default()
        };
        let found: Vec<Met> = gates(&site).into_iter().map(|g| g.1).collect();
        use Met::{No, Unknown, Yes};
        assert_eq!(found, [Yes, No, No, Unknown, Yes, No]);
    }
}
