//! Building parts: what factor, humidity, insulation share and pressure test come to together.

use super::building::{self, BuildingResult, InsulationClass, SurfaceClass};
use super::{Caution, Evidence, NotRated, Options, gate};

/// Rates a building part; severity 1–4.
pub fn rate(
    evidence: &Evidence<'_>,
    options: &Options,
    cautions: &mut Vec<Caution>,
) -> (BuildingResult, std::result::Result<Option<u8>, NotRated>) {
    let site = &evidence.conditions;
    let mut result = BuildingResult {
        limit: options.f_rsi_limit,
        ..BuildingResult::default()
    };
    let Some(object) = evidence.readings.first() else {
        return (result, Err(NotRated::NoReading));
    };
    let reference = evidence.reference.as_ref().or(evidence.readings.get(1));
    result.reference = reference.map(|r| r.label.clone()).unwrap_or_default();
    // Drawn-in air cools what it passes: the surface is that of the picture before.
    let lowered = site
        .pressure_pa
        .is_some_and(|pa| pa <= -building::LEAK_PRESSURE_PA);
    let still = evidence.before.first().filter(|_| lowered);
    result.surface_c = match (site.outdoors, still) {
        (true, _) => object.max_c,
        (false, Some(before)) => before.min_c,
        (false, None) => object.min_c,
    };
    result.difference_k = reference.map(|r| match site.outdoors {
        true => object.max_c - r.mean_c,
        false => r.mean_c - object.min_c,
    });
    if let Some(wind_m_s) = site.wind_m_s.filter(|v| *v > gate::MAX_WIND_M_S) {
        cautions.push(Caution::WindOverPractice { wind_m_s });
    }
    if site.outdoors {
        return (result, Err(NotRated::Outdoors));
    }
    humidity(evidence, &mut result);
    let Some((indoor, outdoor)) = site.indoor_c.zip(site.outdoor_c) else {
        // Water on the surface needs no outside temperature.
        if result.dew_margin_k.is_some_and(|margin| margin <= 0.0) {
            result.class = Some(SurfaceClass::CondensationNow);
            return (result, Ok(Some(3)));
        }
        return (result, Err(NotRated::TemperaturesUnknown));
    };
    let difference_k = indoor - outdoor;
    if difference_k < building::MIN_DT_K {
        return (result, Err(NotRated::SmallDifference { difference_k }));
    }
    let factor = building::temperature_factor(result.surface_c, indoor, outdoor);
    result.factor = factor;
    result.u_w_m2k = factor.map(|f| building::u_of_factor(f, options.rsi_m2k_w).max(0.0));
    result.flux_w_m2 = Some(((indoor - result.surface_c) / options.rsi_m2k_w).max(0.0));
    result.class = factor
        .map(|f| building::surface_class(f, options.f_rsi_limit, result.surface_c, result.dew_c));
    result.anomaly_share = evidence.anomaly_share;
    result.insulation = evidence.anomaly_share.map(building::insulation_class);
    result.anomaly_m2 = evidence
        .anomaly_share
        .zip(evidence.finding.area_m2)
        .map(|(share, area)| share * area);
    result.heat_w = result
        .flux_w_m2
        .zip(result.anomaly_m2)
        .map(|(flux, area)| flux * area);
    if let Some(before) = evidence.before.first() {
        result.leak = building::leak_test(before.min_c, object.min_c, indoor, outdoor);
        if !lowered {
            cautions.push(Caution::PressureNotLowered);
            if let Some(leak) = &mut result.leak {
                leak.leak = false;
            }
        }
    }
    let severity = severity_of(&result);
    (result, Ok(severity))
}

fn humidity(evidence: &Evidence<'_>, result: &mut BuildingResult) {
    let site = &evidence.conditions;
    let Some((indoor, humidity)) = site.indoor_c.zip(site.indoor_humidity) else {
        return;
    };
    let dew = building::surface_at_humidity_c(indoor, humidity, 1.0);
    let mould = building::surface_at_humidity_c(indoor, humidity, 0.8);
    result.dew_c = Some(dew);
    result.dew_margin_k = Some(result.surface_c - dew);
    result.mould_c = Some(mould);
    result.mould_margin_k = Some(result.surface_c - mould);
}

/// Site severity of an inner surface: condensation 3, risk of mould 2, watch 1; a share of missing
/// insulation of class III 2, II 1; an air leak 2.
fn severity_of(result: &BuildingResult) -> Option<u8> {
    let surface = match result.class {
        Some(SurfaceClass::CondensationNow) => 3,
        Some(SurfaceClass::MouldRisk) => 2,
        Some(SurfaceClass::Watch) => 1,
        _ => 0,
    };
    let insulation = match result.insulation {
        Some(InsulationClass::III) => 2,
        Some(InsulationClass::II) => 1,
        _ => 0,
    };
    let leak = if result.leak.is_some_and(|l| l.leak) {
        2
    } else {
        0
    };
    Some(surface.max(insulation).max(leak)).filter(|s| *s > 0)
}
