//! Whether a night will be assessable, before anybody takes off.
//!
//! In: the weather of every hour of a plan. Out: for each hour what the gates of a flight
//! (scoring.md §7, [`super::gates`]) would say of it, for every roof build-up of §5, and the best
//! window.
//!
//! Dew and frost are judged on the roof that the comparison stands on: one of the reference U
//! (`score.reference_u`), the coldest of the park. Where only that one would be wet, leaky roofs
//! can still be told apart: with limits. What a forecast does not tell is said and never counts
//! as good.

use super::balance::{self, Surroundings};
use super::convection::{self, RoofAir};
use super::gates::{self, Check, Line, Quality, RoofNight};
use super::indoor::storage_flux;
use super::material::{self, Material};
use super::{FlightConditions, Options};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Build-ups of scoring.md §5 and the material of the table that stands for each.
pub const BUILD_UPS: [(&str, &str); 5] = [
    ("membrane", "membrane-white"),
    ("bitumen", "bitumen"),
    ("tiles", "tile"),
    ("gravel", "gravel"),
    ("concrete", "concrete"),
];

/// Coefficient at which the lags of scoring.md §5 were computed, W/m²K.
const LAG_H_W_M2K: f64 = 15.0;

/// Area and perimeter of the flat roof the plan reckons with (first row of scoring.md §3).
const ROOF_M: (f64, f64) = (2000.0, 180.0);

/// One hour of the plan. The conditions are those of a flight that fills it: since sunset at its
/// start (0 where daylight falls into it), rain before its end, change of air and clouds in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Its start.
    pub time: Timestamp,
    /// The flight it would be.
    pub flight: FlightConditions,
    /// How fast the air cools, K per hour; negative where it warms.
    pub cooling_k_h: Option<f64>,
}

/// What an hour is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Roofs can be rated (grade A or B).
    Assessable,
    /// With limits: grade C, something unknown, or good roofs wet.
    Limited,
    /// Nothing to rate.
    No,
}

/// Something that keeps an hour from grade A.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Why {
    /// A line of the gates and the quality it allows.
    Line(Line),
    /// The forecast has no value of this column.
    Unknown(&'static str),
    /// Roofs of the reference U are at or below the dew point, leaky ones above.
    GoodRoofsWet,
}

/// One build-up in one hour.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildUp {
    /// Its word ([`BUILD_UPS`]).
    pub name: &'static str,
    /// What it is good for.
    pub verdict: Verdict,
    /// The worst line.
    pub quality: Quality,
    /// Hours after sunset from which it is ready (3τ).
    pub ready_h: f64,
    /// Heat still coming out of its layer, W/m².
    pub stored_w_m2: Option<f64>,
    /// Roof of the reference U above the dew point, K.
    pub dew_k: Option<f64>,
    /// What keeps it from A, the worst first.
    pub why: Vec<Why>,
}

/// One hour with its verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The hour.
    pub hour: Hour,
    /// The best any build-up reaches.
    pub verdict: Verdict,
    /// Its quality.
    pub quality: Quality,
    /// Wind at a roof of the default height, m/s.
    pub wind_at_roof_m_s: Option<f64>,
    /// Every build-up, in the order of [`BUILD_UPS`].
    pub build_ups: Vec<BuildUp>,
}

impl Judged {
    /// The build-up that reaches the hour's verdict: the first of the best.
    pub fn leading(&self) -> Option<&BuildUp> {
        self.build_ups.iter().min_by_key(|b| (b.verdict, b.quality))
    }

    /// Words of the build-ups of the hour's verdict.
    pub fn ready(&self) -> Vec<&'static str> {
        let ready = |b: &&BuildUp| b.verdict == self.verdict && self.verdict != Verdict::No;
        self.build_ups
            .iter()
            .filter(ready)
            .map(|b| b.name)
            .collect()
    }
}

/// A run of hours of one verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Index of its first hour.
    pub first: usize,
    /// Number of hours.
    pub hours: usize,
    /// Assessable, or with limits where no hour is better.
    pub verdict: Verdict,
    /// Its worst quality.
    pub quality: Quality,
    /// Range of the clouds in it, okta.
    pub cloud_range_okta: Option<f64>,
}

/// The plan, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Every hour.
    pub hours: Vec<Judged>,
    /// The best window: the longest run; of equal ones the better grade, then the steadier sky,
    /// then the earlier. `None` where no hour is good for anything.
    pub best: Option<Window>,
}

/// Judges every hour of a plan and finds its best window.
pub fn outlook(hours: &[Hour], options: &Options) -> Outlook {
    let hours: Vec<Judged> = hours.iter().map(|hour| judged(hour, options)).collect();
    let best = best(&hours, Verdict::Assessable).or_else(|| best(&hours, Verdict::Limited));
    Outlook { hours, best }
}

fn judged(hour: &Hour, options: &Options) -> Judged {
    let build_ups: Vec<BuildUp> = BUILD_UPS
        .iter()
        .map(|(name, word)| {
            let unknown = (options.emissivity_unknown, options.emissivity_sigma);
            let material = material::material(Some(word), &BTreeMap::new(), unknown);
            build_up(name, &material, hour, options)
        })
        .collect();
    let best = build_ups.iter().map(|b| (b.verdict, b.quality)).min();
    let (verdict, quality) = best.unwrap_or((Verdict::No, Quality::Rejected));
    Judged {
        hour: *hour,
        verdict,
        quality,
        wind_at_roof_m_s: hour.flight.wind_at_roof(None),
        build_ups,
    }
}

fn build_up(name: &'static str, roof: &Material, hour: &Hour, options: &Options) -> BuildUp {
    let flight = &hour.flight;
    let dew_k = above_dew_k(options.reference_u, roof, flight, options);
    let mut lines = lines(roof, flight, dew_k, options);
    let mut quality = worst(&lines);
    let mut limits = Vec::new();
    if quality == Quality::Rejected {
        let [.., leaky_u] = options.u_bounds;
        let leaky_k = above_dew_k(leaky_u, roof, flight, options);
        let leaky = self::lines(roof, flight, leaky_k, options);
        if worst(&leaky) != Quality::Rejected {
            quality = Quality::C;
            limits.push(Why::GoodRoofsWet);
            lines = leaky;
        }
    }
    for column in unknown(flight) {
        // Without air temperature the file tells nothing of this hour.
        let allowed = match column {
            "air_c" => Quality::Rejected,
            _ => Quality::C,
        };
        quality = quality.max(allowed);
        limits.push(Why::Unknown(column));
    }
    lines.retain(|line| line.quality != Quality::A && told(line.check, flight, dew_k));
    lines.sort_by_key(|line| std::cmp::Reverse(line.quality));
    let rejected = lines.partition_point(|line| line.quality == Quality::Rejected);
    let mut why: Vec<Why> = lines.into_iter().map(Why::Line).collect();
    why.splice(rejected..rejected, limits);
    BuildUp {
        name,
        verdict: match quality {
            Quality::A | Quality::B => Verdict::Assessable,
            Quality::C => Verdict::Limited,
            Quality::Rejected => Verdict::No,
        },
        quality,
        ready_h: 3.0 * roof.lag_h(),
        stored_w_m2: hour
            .cooling_k_h
            .map(|k_h| storage_flux(roof.lag_h() * 3600.0 * LAG_H_W_M2K, k_h)),
        dew_k,
        why,
    }
}

fn lines(
    roof: &Material,
    flight: &FlightConditions,
    above_dew_k: Option<f64>,
    options: &Options,
) -> Vec<Line> {
    let night = RoofNight {
        indoor_c: options.indoor_c,
        height_m: None,
        lag_h: roof.lag_h(),
        above_dew_k,
    };
    let of_night = gates::of_night(flight, &night, options);
    gates::steady(flight).into_iter().chain(of_night).collect()
}

fn worst(lines: &[Line]) -> Quality {
    lines.iter().map(|l| l.quality).max().unwrap_or(Quality::A)
}

/// Columns the forecast has no value of; without rain it counts as B, as in a flight.
fn unknown(flight: &FlightConditions) -> Vec<&'static str> {
    [
        ("air_c", flight.air_c.is_none()),
        ("humidity_pct", flight.humidity_pct.is_none()),
        ("wind_m_s", flight.wind_m_s.is_none()),
        ("cloud_okta", flight.cloud_okta.or(flight.sky_c).is_none()),
    ]
    .into_iter()
    .filter_map(|(column, missing)| missing.then_some(column))
    .collect()
}

/// Whether a line judged a value; what it had none for is told as unknown.
fn told(check: Check, flight: &FlightConditions, dew_k: Option<f64>) -> bool {
    match check {
        Check::Wind => flight.wind_m_s.is_some(),
        Check::Dew => dew_k.is_some(),
        Check::AirDrift => flight.air_drift_k.is_some(),
        Check::Clouds => flight.cloud_change_okta.is_some(),
        Check::Indoor | Check::Sunset | Check::Rain => true,
    }
}

/// How far a roof of this U would be above the dew point, K; `None` where air, humidity, wind or
/// sky is unknown.
fn above_dew_k(
    u: f64,
    roof: &Material,
    flight: &FlightConditions,
    options: &Options,
) -> Option<f64> {
    let around = Surroundings {
        air_c: flight.air_c?,
        h_c: 0.0,
        emissivity: roof.emissivity,
        sky_c: flight.sky()?.sky_c,
        f_sky: 1.0,
    };
    let air = RoofAir {
        surface_c: around.air_c,
        air_c: around.air_c,
        wind_m_s: flight.wind_at_roof(None)?,
        area_m2: ROOF_M.0,
        perimeter_m: ROOF_M.1,
        roughness: roof.roughness,
        pressure_hpa: flight.pressure_hpa(),
    };
    let h_c =
        |surface_c| convection::coefficient(options.convection, &RoofAir { surface_c, ..air });
    let surface_c = balance::surface_c(&around, h_c, u, options.indoor_c, options.rse_m2k_w);
    Some(surface_c - flight.dew_point_c()?)
}

/// The best run of hours of one verdict.
fn best(hours: &[Judged], verdict: Verdict) -> Option<Window> {
    let mut best: Option<Window> = None;
    let mut first = 0;
    while first < hours.len() {
        let run = hours[first..]
            .iter()
            .take_while(|h| h.verdict == verdict)
            .count();
        if run > 0 {
            let window = window(&hours[first..first + run], first, verdict);
            if best.is_none_or(|b| better(&window, &b)) {
                best = Some(window);
            }
        }
        first += run.max(1);
    }
    best
}

fn window(hours: &[Judged], first: usize, verdict: Verdict) -> Window {
    let clouds: Vec<f64> = hours
        .iter()
        .filter_map(|h| h.hour.flight.cloud_okta)
        .collect();
    let low = clouds.iter().copied().reduce(f64::min);
    let high = clouds.iter().copied().reduce(f64::max);
    Window {
        first,
        hours: hours.len(),
        verdict,
        quality: hours
            .iter()
            .map(|h| h.quality)
            .max()
            .unwrap_or(Quality::Rejected),
        cloud_range_okta: high.zip(low).map(|(high, low)| high - low),
    }
}

/// Longer, else of better grade, else under a steadier sky.
fn better(one: &Window, other: &Window) -> bool {
    let sky = |w: &Window| w.cloud_range_okta.unwrap_or(f64::MAX);
    (other.hours.cmp(&one.hours))
        .then(one.quality.cmp(&other.quality))
        .then(sky(one).total_cmp(&sky(other)))
        .is_lt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An hour under thin low cloud that is good in every line, `since` hours after sunset.
    fn calm(since: f64) -> Hour {
        Hour {
            time: Timestamp::from_second((since * 3600.0) as i64).expect("in range"),
            flight: FlightConditions {
                air_c: Some(2.0),
                humidity_pct: Some(60.0),
                wind_m_s: Some(2.0),
                cloud_okta: Some(6.0),
                local_hour: Some(23.0),
                since_sunset_h: Some(since),
                rain_flight_mm: Some(0.0),
                rain_12h_mm: Some(0.0),
                rain_24h_mm: Some(0.0),
                air_drift_k: Some(0.5),
                cloud_change_okta: Some(0.0),
                ..FlightConditions::default()
            },
            cooling_k_h: Some(0.5),
        }
    }

    fn with(change: impl Fn(&mut FlightConditions)) -> Judged {
        let mut hour = calm(6.0);
        change(&mut hour.flight);
        judged(&hour, &Options::default())
    }

    #[test]
    fn build_ups_wait_and_store_as_printed() {
        // scoring.md §5: wait 3τ 0.7, 1.7, 2.1, 4.2, 11.2 h; q_sto at 0.5 K/h 1.7, 4.2, 5.3, 10.5,
        // 28.1 W/m².
        let hour = judged(&calm(6.0), &Options::default());
        let printed = [
            (0.7, 1.7),
            (1.7, 4.2),
            (2.1, 5.3),
            (4.2, 10.5),
            (11.2, 28.1),
        ];
        for (build_up, (wait_h, stored)) in hour.build_ups.iter().zip(printed) {
            assert!((build_up.ready_h - wait_h).abs() < 0.05, "{build_up:?}");
            let found = build_up.stored_w_m2.expect("cooling known");
            assert!((found - stored).abs() < 0.06, "{build_up:?}");
        }
        assert_eq!(
            (hour.verdict, hour.quality),
            (Verdict::Assessable, Quality::A)
        );
        assert_eq!(hour.ready(), ["membrane", "bitumen", "tiles", "gravel"]);
        // Concrete: 2τ = 7.5 h.
        assert_eq!(hour.build_ups[4].quality, Quality::Rejected);
        let late = judged(&calm(8.0), &Options::default());
        assert_eq!(late.build_ups[4].quality, Quality::C);
    }

    #[test]
    fn every_gate_turns_at_its_printed_limit() {
        // Wind at a roof of 8 m is 0.6825 of the station's (scoring.md §2: 2 → 1.365): the
        // limits 2, 3.5 and 5 m/s at the roof are 2.930, 5.128 and 7.326 m/s at the station.
        for (wind, quality) in [
            (2.92, Quality::A),
            (2.94, Quality::B),
            (5.12, Quality::B),
            (5.14, Quality::C),
            (7.32, Quality::C),
            (7.34, Quality::Rejected),
        ] {
            assert_eq!(with(|f| f.wind_m_s = Some(wind)).quality, quality, "{wind}");
        }
        // Indoors 18 °C: differences of 15, 12 and 10 K. Dry air keeps dew out of it.
        for (air, quality) in [
            (3.0, Quality::A),
            (3.1, Quality::B),
            (6.0, Quality::B),
            (6.1, Quality::C),
            (8.0, Quality::C),
            (8.1, Quality::Rejected),
        ] {
            let hour = with(|f| (f.air_c, f.humidity_pct) = (Some(air), Some(40.0)));
            assert_eq!(hour.quality, quality, "{air}");
        }
        for (change, quality) in [
            (1.0, Quality::A),
            (2.0, Quality::B),
            (4.0, Quality::C),
            (4.1, Quality::Rejected),
        ] {
            let hour = with(|f| f.cloud_change_okta = Some(change));
            assert_eq!(hour.quality, quality, "{change}");
        }
        assert_eq!(with(|f| f.since_sunset_h = Some(3.9)).quality, Quality::B);
        assert_eq!(with(|f| f.since_sunset_h = Some(1.9)).verdict, Verdict::No);
        assert_eq!(with(|f| f.rain_24h_mm = Some(1.0)).quality, Quality::B);
        assert_eq!(with(|f| f.rain_flight_mm = Some(0.1)).verdict, Verdict::No);
    }

    #[test]
    fn a_clear_humid_night_wets_good_roofs_and_says_so() {
        // scoring.md §7: air 0 °C, 80 % has its dew point at −3.0, a good roof sits near −7.
        let frost = with(|f| {
            (f.air_c, f.humidity_pct, f.cloud_okta) = (Some(0.0), Some(80.0), Some(0.0));
        });
        assert_eq!(frost.verdict, Verdict::No);
        let membrane = &frost.build_ups[0];
        assert!(membrane.dew_k.expect("known") < -2.0);
        let Some(Why::Line(line)) = membrane.why.first() else {
            unreachable!("a rejected hour has a line");
        };
        assert_eq!((line.check, line.quality), (Check::Dew, Quality::Rejected));
        // 70 %: dew point −4.8 °C, between the good roof and the one of U 2.0 (−3.5 at h 7.2).
        let partly = with(|f| {
            (f.air_c, f.humidity_pct, f.cloud_okta) = (Some(0.0), Some(70.0), Some(0.0));
            f.wind_m_s = Some(2.9);
        });
        assert_eq!(partly.verdict, Verdict::Limited);
        assert!(partly.build_ups[0].why.contains(&Why::GoodRoofsWet));
    }

    #[test]
    fn what_the_forecast_does_not_tell_is_said_and_never_good() {
        let hour = with(|f| (f.wind_m_s, f.cloud_okta) = (None, None));
        assert_eq!(hour.verdict, Verdict::Limited);
        let why = &hour.build_ups[0].why;
        assert!(why.contains(&Why::Unknown("wind_m_s")), "{why:?}");
        assert!(why.contains(&Why::Unknown("cloud_okta")), "{why:?}");
    }

    #[test]
    fn the_longest_run_wins_then_the_grade_then_the_steadier_sky() {
        let options = Options::default();
        let hours = |winds: &[f64], okta: &[f64]| -> Vec<Hour> {
            winds
                .iter()
                .zip(okta)
                .map(|(wind, okta)| {
                    let mut hour = calm(6.0);
                    (hour.flight.wind_m_s, hour.flight.cloud_okta) = (Some(*wind), Some(*okta));
                    hour
                })
                .collect()
        };
        let first = |winds: &[f64], okta: &[f64]| {
            let best = outlook(&hours(winds, okta), &options).best;
            best.map(|w| (w.first, w.hours, w.verdict))
        };
        let yes = Verdict::Assessable;
        let [a, b, c, no] = [1.0, 4.0, 6.0, 9.0];
        assert_eq!(first(&[a, no, b, b], &[6.0; 4]), Some((2, 2, yes)));
        assert_eq!(first(&[b, no, a, no], &[6.0; 4]), Some((2, 1, yes)));
        let sky = [5.0, 7.0, 6.0, 6.0, 6.5];
        assert_eq!(first(&[a, a, no, a, a], &sky), Some((3, 2, yes)));
        assert_eq!(
            first(&[no, c, c], &[6.0; 3]),
            Some((1, 2, Verdict::Limited))
        );
        assert_eq!(first(&[no, no], &[6.0; 2]), None);
    }
}
