//! Why nothing is rated and what limits a value, as sentences.

use super::words::VisitWords;
use crate::report::format::{Format, fill};
use crate::score::handheld::{Caution, NotRated};

/// A reason as a sentence; `least` is the least load that is rated.
pub(super) fn reason(why: NotRated, words: &VisitWords, f: &Format, least: f64) -> String {
    let r = &words.reasons;
    let percent = |share: f64| f.with_unit(100.0 * share, 0, "%");
    match why {
        NotRated::NoReading => r.no_reading.to_owned(),
        NotRated::NoReference => r.no_reference.to_owned(),
        NotRated::TemperaturesUnknown => r.temperatures_unknown.to_owned(),
        NotRated::SmallDifference { difference_k } => fill(
            r.small_difference,
            &[("d", &f.with_unit(difference_k, 1, "K"))],
        ),
        NotRated::LowEmissivity { emissivity } => {
            fill(r.low_emissivity, &[("e", &f.number(emissivity, 2))])
        }
        NotRated::LowLoad { load } => fill(
            r.low_load,
            &[("load", &percent(load)), ("least", &percent(least))],
        ),
        NotRated::LoadUnknown => r.load_unknown.to_owned(),
        NotRated::CoverClosed => r.cover_closed.to_owned(),
        NotRated::Wind { wind_m_s } => fill(r.wind, &[("v", &f.with_unit(wind_m_s, 1, "m/s"))]),
        NotRated::Outdoors => r.outdoors.to_owned(),
        NotRated::PressureUnknown => r.pressure_unknown.to_owned(),
        NotRated::IrradianceUnknown => r.irradiance_unknown.to_owned(),
        NotRated::LowIrradiance { irradiance_w_m2 } => fill(
            r.low_irradiance,
            &[("g", &f.with_unit(irradiance_w_m2, 0, "W/m²"))],
        ),
        NotRated::OwnJudgement => r.own_judgement.to_owned(),
    }
}

/// A caution as a sentence.
pub(super) fn caution(what: Caution, words: &VisitWords, f: &Format) -> String {
    let c = &words.cautions;
    let percent = |share: f64| f.with_unit(100.0 * share, 0, "%");
    let celsius = |t: f64| f.with_unit(t, 0, "°C");
    let wind = |v: f64| f.with_unit(v, 1, "m/s");
    match what {
        Caution::ApparentTemperature { emissivity } => {
            fill(c.apparent, &[("e", &f.number(emissivity, 2))])
        }
        Caution::WindLowerBound { wind_m_s } => fill(c.wind_lower_bound, &[("v", &wind(wind_m_s))]),
        Caution::LoadBelowHalf { load } => fill(c.load_below_half, &[("load", &percent(load))]),
        Caution::LoadUnknown => c.load_unknown.to_owned(),
        Caution::Overload { load } => fill(c.overload, &[("load", &percent(load))]),
        Caution::PhaseImbalance { share } => fill(c.imbalance, &[("share", &percent(share))]),
        Caution::OverLimitAtRatedCurrent {
            predicted_c,
            limit_c,
        } => fill(
            c.over_limit_at_rated,
            &[("t", &celsius(predicted_c)), ("limit", &celsius(limit_c))],
        ),
        Caution::OverLimit { limit_c } => fill(c.over_limit, &[("limit", &celsius(limit_c))]),
        Caution::Window => c.window.to_owned(),
        Caution::FewPixels { pixels } => fill(c.few_pixels, &[("n", &f.number(pixels as f64, 0))]),
        Caution::WindOverPractice { wind_m_s } => fill(c.wind_over, &[("v", &wind(wind_m_s))]),
        Caution::OwnLower => c.own_lower.to_owned(),
        Caution::PressureNotLowered => c.pressure_not_lowered.to_owned(),
    }
}
