//! Steam traps: inlet, outlet and the saturation temperature (scoring.md §17).

use super::{Evidence, NotRated};
use serde::Serialize;

/// Inlet from this share of the saturation temperature (over the air) on counts as near saturation:
/// a steel wall and its paint show a little less than the steam.
const NEAR_SATURATION: f64 = 0.80;
/// An outlet this much below the inlet is clearly cooler, K.
const CLEARLY_COOLER_K: f64 = 15.0;
/// An inlet below this share of the saturation temperature (over the air) is cold.
const COLD: f64 = 0.40;

/// Saturation temperature of water, °C, at an absolute pressure in bar.
///
/// IAPWS-IF97 region 4, backward equation (31); 0.006 to 220 bar.
pub fn saturation_c(pressure_bar: f64) -> Option<f64> {
    const N: [f64; 10] = [
        0.116_705_214_527_67e4,
        -0.724_213_167_032_06e6,
        -0.170_738_469_400_92e2,
        0.120_208_247_024_70e5,
        -0.323_255_503_223_33e7,
        0.149_151_086_135_30e2,
        -0.482_326_573_615_91e4,
        0.405_113_405_420_57e6,
        -0.238_555_575_678_49,
        0.650_175_348_447_98e3,
    ];
    if !(0.006_2..=220.0).contains(&pressure_bar) {
        return None;
    }
    let beta = (pressure_bar / 10.0).powf(0.25);
    let e = beta * beta + N[2] * beta + N[5];
    let f = N[0] * beta * beta + N[3] * beta + N[6];
    let g = N[1] * beta * beta + N[4] * beta + N[7];
    let d = 2.0 * g / (-f - (f * f - 4.0 * e * g).sqrt());
    let sum = N[9] + d;
    let kelvin = (sum - (sum * sum - 4.0 * (N[8] + N[9] * d)).sqrt()) / 2.0;
    Some(kelvin - crate::units::ZERO_CELSIUS_K)
}

/// What a trap seems to do; to be confirmed by ultrasound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrapState {
    /// Inlet hot, outlet clearly cooler.
    Working,
    /// Outlet as hot as the inlet, inlet near saturation.
    BlowingThrough,
    /// Inlet cold.
    BlockedOrOff,
    /// None of these.
    Unclear,
}

/// What a trap finding comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrapResult {
    /// Inlet, °C.
    pub inlet_c: f64,
    /// Outlet, °C.
    pub outlet_c: Option<f64>,
    /// Saturation temperature, °C.
    pub saturation_c: Option<f64>,
    /// What it seems to do.
    pub state: TrapState,
}

/// Judges a trap: the first marker is the inlet, the reference (else the second) the outlet.
pub fn rate(
    evidence: &Evidence<'_>,
) -> (
    Option<TrapResult>,
    std::result::Result<Option<u8>, NotRated>,
) {
    let Some(inlet) = evidence.readings.first() else {
        return (None, Err(NotRated::NoReading));
    };
    let outlet = evidence.reference.as_ref().or(evidence.readings.get(1));
    let pressure = evidence.finding.steam_pressure_bar;
    let mut result = TrapResult {
        inlet_c: inlet.max_c,
        outlet_c: outlet.map(|o| o.max_c),
        saturation_c: pressure.and_then(saturation_c),
        state: TrapState::Unclear,
    };
    let Some(outlet_c) = result.outlet_c else {
        return (Some(result), Err(NotRated::NoReference));
    };
    let Some(saturation) = result.saturation_c else {
        return (Some(result), Err(NotRated::PressureUnknown));
    };
    let air = evidence.conditions.air_c.unwrap_or(20.0);
    let level = (inlet.max_c - air) / (saturation - air);
    result.state = if level < COLD {
        TrapState::BlockedOrOff
    } else if inlet.max_c - outlet_c >= CLEARLY_COOLER_K {
        TrapState::Working
    } else if level >= NEAR_SATURATION {
        TrapState::BlowingThrough
    } else {
        TrapState::Unclear
    };
    let severity = match result.state {
        TrapState::Working => None,
        TrapState::BlowingThrough => Some(3),
        TrapState::BlockedOrOff => Some(2),
        TrapState::Unclear => Some(1),
    };
    (Some(result), Ok(severity))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IAPWS-IF97 table 36 (verification values): 0.1 MPa 372.755919 K, 1 MPa 453.035632 K,
    /// 10 MPa 584.149488 K.
    #[test]
    fn saturation_is_that_of_the_standard() {
        for (bar, kelvin) in [
            (1.0, 372.755_919),
            (10.0, 453.035_632),
            (100.0, 584.149_488),
        ] {
            let found = saturation_c(bar).expect("in range") + 273.15;
            assert!((found - kelvin).abs() < 1e-5, "{bar} bar: {found}");
        }
        assert_eq!(saturation_c(300.0), None);
    }

    #[test]
    fn saturation_is_that_of_the_document_within_a_kelvin() {
        for (bar, celsius) in [(2.0, 120.0), (4.0, 144.0), (8.0, 171.0), (11.0, 184.0)] {
            let found = saturation_c(bar).expect("in range");
            assert!((found - celsius).abs() < 1.0, "{bar} bar: {found}");
        }
    }
}
