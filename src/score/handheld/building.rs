//! Building: temperature factor, dew point and mould, insulation share, air leaks.

use crate::score::sky::dew_point_c;
use crate::units::ZERO_CELSIUS_K;
use serde::Serialize;

/// Temperature factor from this value on is fine whatever the limit.
pub const F_FINE: f64 = 0.80;
/// Resistance behind furniture and in corners, m²K/W (scoring.md §15).
pub const RSI_CORNER_M2K_W: f64 = 0.25;
/// Least difference inside to outside, K (EN 13187 practice).
pub const MIN_DT_K: f64 = 10.0;
/// Least change of a leak against the difference inside to outside.
pub const LEAK_SHARE: f64 = 0.20;
/// A cell is an anomaly from this share of the difference inside to outside on.
pub const ANOMALY_SHARE: f64 = 0.10;
/// Pressure difference an air leak is judged from, Pa (EN ISO 9972 fan: −10 … −50).
pub const LEAK_PRESSURE_PA: f64 = 10.0;

/// Temperature factor of the inner surface, `fRsi = (Tsi − Te)/(Ti − Te)` (EN ISO 10211, 13788).
///
/// All in °C; `None` unless the inside is warmer than the outside.
pub fn temperature_factor(surface_c: f64, indoor_c: f64, outdoor_c: f64) -> Option<f64> {
    (indoor_c > outdoor_c).then(|| (surface_c - outdoor_c) / (indoor_c - outdoor_c))
}

/// Transmittance a factor stands for, W/m²K: `U = (1 − fRsi)/Rsi` (scoring.md §15).
pub fn u_of_factor(factor: f64, rsi_m2k_w: f64) -> f64 {
    (1.0 - factor) / rsi_m2k_w
}

/// Factor of an undisturbed part of transmittance U: `fRsi = 1 − U·Rsi`.
pub fn factor_of_u(u_w_m2k: f64, rsi_m2k_w: f64) -> f64 {
    1.0 - u_w_m2k * rsi_m2k_w
}

/// Surface temperature at which the air of a room reaches a humidity at that surface, °C:
/// `e(Ts) = e(T)·RH/limit`, so the dew point of the air at `RH/limit`.
///
/// `humidity` and `limit` are fractions; mould is taken to grow from 0.8 on (EN ISO 13788).
pub fn surface_at_humidity_c(air_c: f64, humidity: f64, limit: f64) -> f64 {
    dew_point_c(air_c, 100.0 * humidity / limit)
}

/// Pressure difference between the ends of a column of warm air, Pa: `Δp = ρ g h ΔT/T`, ρ
/// 1.2 kg/m³ and T 283 K (scoring.md §15).
pub fn stack_pressure_pa(height_m: f64, difference_k: f64) -> f64 {
    const RHO: f64 = 1.2;
    const G: f64 = 9.81;
    RHO * G * height_m * difference_k / (ZERO_CELSIUS_K + 9.85)
}

/// Class of an inner surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SurfaceClass {
    /// Factor of at least 0.80.
    Fine,
    /// Between the limit and 0.80.
    Watch,
    /// Below the limit.
    MouldRisk,
    /// At or below the dew point.
    CondensationNow,
}

/// Class of a surface from its factor, and from the dew point where the humidity is known.
pub fn surface_class(factor: f64, limit: f64, surface_c: f64, dew_c: Option<f64>) -> SurfaceClass {
    if dew_c.is_some_and(|dew| surface_c <= dew) {
        SurfaceClass::CondensationNow
    } else if factor < limit {
        SurfaceClass::MouldRisk
    } else if factor < F_FINE {
        SurfaceClass::Watch
    } else {
        SurfaceClass::Fine
    }
}

/// Class of the share of a viewed area that is anomalous (scoring.md §15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum InsulationClass {
    /// Below 2 %.
    I,
    /// 2 to 5 %.
    II,
    /// Above 5 %.
    III,
}

/// Insulation class of a share, 0–1.
pub fn insulation_class(share: f64) -> InsulationClass {
    match share {
        s if s < 0.02 => InsulationClass::I,
        s if s <= 0.05 => InsulationClass::II,
        _ => InsulationClass::III,
    }
}

/// A pair of readings before and after the pressure was lowered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LeakTest {
    /// Change of the coldest place, K; negative where it got colder.
    pub change_k: f64,
    /// The same against the difference inside to outside.
    pub share: f64,
    /// Whether it changed as a leak does.
    pub leak: bool,
}

/// Judges a pair: a leak gets colder by more than a fifth of the difference inside to outside,
/// insulation faults stay.
pub fn leak_test(before_c: f64, after_c: f64, indoor_c: f64, outdoor_c: f64) -> Option<LeakTest> {
    let difference = indoor_c - outdoor_c;
    let change_k = after_c - before_c;
    (difference > 0.0).then(|| LeakTest {
        change_k,
        share: change_k / difference,
        leak: -change_k > LEAK_SHARE * difference,
    })
}

/// What a building finding comes to. Unknown is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BuildingResult {
    /// Coldest (outdoors: warmest) temperature of the object, °C.
    pub surface_c: f64,
    /// Difference to the reference, K: reference less object inside, object less reference outside.
    pub difference_k: Option<f64>,
    /// Label of the reference.
    pub reference: String,
    /// Temperature factor.
    pub factor: Option<f64>,
    /// Its limit.
    pub limit: f64,
    /// Transmittance the factor stands for, W/m²K.
    pub u_w_m2k: Option<f64>,
    /// Heat flux through the surface, W/m².
    pub flux_w_m2: Option<f64>,
    /// The same over the area given, W.
    pub heat_w: Option<f64>,
    /// Dew point of the air inside, °C.
    pub dew_c: Option<f64>,
    /// Surface less dew point, K.
    pub dew_margin_k: Option<f64>,
    /// Surface temperature at 80 % surface humidity, °C.
    pub mould_c: Option<f64>,
    /// Surface less that, K.
    pub mould_margin_k: Option<f64>,
    /// Class of the surface.
    pub class: Option<SurfaceClass>,
    /// Share of the viewed area that is anomalous.
    pub anomaly_share: Option<f64>,
    /// The same in m², where the viewed area is known.
    pub anomaly_m2: Option<f64>,
    /// Its class.
    pub insulation: Option<InsulationClass>,
    /// The pair before and after depressurisation.
    pub leak: Option<LeakTest>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::vectors::{check, number, rows};

    #[test]
    fn factors_are_those_of_the_reference() {
        for row in rows("fRsi") {
            let found = temperature_factor(
                number(&row, "T_si"),
                number(&row, "T_i"),
                number(&row, "T_e"),
            );
            check(&row, "f", found.expect("warmer inside"));
        }
        assert_eq!(temperature_factor(10.0, 10.0, 10.0), None);
    }

    #[test]
    fn dew_point_and_mould_temperature_are_those_of_the_reference() {
        for row in rows("dew") {
            let (t, rh) = (number(&row, "T"), number(&row, "RH") / 100.0);
            check(&row, "T_dew", surface_at_humidity_c(t, rh, 1.0));
            check(&row, "T_si_80", surface_at_humidity_c(t, rh, 0.8));
        }
    }

    #[test]
    fn a_factor_is_a_transmittance_and_back() {
        // scoring.md §15: U 1.0 → 0.870 and 0.750.
        assert!((factor_of_u(1.0, 0.13) - 0.870).abs() < 1e-9);
        assert!((factor_of_u(1.0, RSI_CORNER_M2K_W) - 0.750).abs() < 1e-9);
        assert!((u_of_factor(0.870, 0.13) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_stack_has_the_pressures_of_the_table() {
        // scoring.md §15: 3 m, 20 K → 2.5 Pa; 8 m, 18 K → 6.0; 10 m, 20 K → 8.3.
        for (h, dt, pa) in [(3.0, 20.0, 2.5), (8.0, 18.0, 6.0), (10.0, 20.0, 8.3)] {
            assert!((stack_pressure_pa(h, dt) - pa).abs() < 0.05);
        }
    }

    #[test]
    fn classes_have_the_bounds_of_the_document() {
        let class = |f, t, dew| surface_class(f, 0.70, t, dew);
        assert_eq!(class(0.80, 16.0, Some(9.0)), SurfaceClass::Fine);
        assert_eq!(class(0.799, 16.0, None), SurfaceClass::Watch);
        assert_eq!(class(0.70, 14.0, None), SurfaceClass::Watch);
        assert_eq!(class(0.699, 14.0, Some(9.0)), SurfaceClass::MouldRisk);
        assert_eq!(class(0.9, 9.0, Some(9.0)), SurfaceClass::CondensationNow);
        assert_eq!(insulation_class(0.0199), InsulationClass::I);
        assert_eq!(insulation_class(0.02), InsulationClass::II);
        assert_eq!(insulation_class(0.05), InsulationClass::II);
        assert_eq!(insulation_class(0.0501), InsulationClass::III);
    }

    #[test]
    fn a_leak_gets_colder_by_more_than_a_fifth() {
        let test = |after| leak_test(15.0, after, 20.0, 0.0).expect("warmer inside");
        assert!(test(10.9).leak);
        assert!(!test(11.1).leak);
        assert!(!test(19.5).leak);
    }
}
