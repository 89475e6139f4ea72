//! Convective heat transfer of a roof.
//!
//! EN ISO 6946 gives 12 W/m²K at 2 m/s where measurements on flat roofs give 7: the disagreement
//! is real and enters as uncertainty.

use crate::units::ZERO_CELSIUS_K;

/// Formula for the convective coefficient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// Clear, Gartland & Winkelmann 2003, measured on commercial flat roofs.
    #[default]
    Clear,
    /// EN ISO 6946: `4 + 4v`.
    Iso6946,
    /// McAdams 1954: `5.7 + 3.8v`.
    McAdams,
    /// Nusselt–Jürges: `5.8 + 3.94v`.
    Jurges,
}

/// What a roof exchanges heat through.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoofAir {
    /// Surface temperature, °C.
    pub surface_c: f64,
    /// Air temperature, °C.
    pub air_c: f64,
    /// Wind at roof height, m/s.
    pub wind_m_s: f64,
    /// Roof area, m².
    pub area_m2: f64,
    /// Roof perimeter, metres.
    pub perimeter_m: f64,
    /// Roughness factor Rf of the surface.
    pub roughness: f64,
    /// Air pressure, hPa.
    pub pressure_hpa: f64,
}

/// Ground the wind comes over (`weather.roughness`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Terrain {
    /// Fields with scattered obstacles, as around a weather station.
    Open,
    /// Suburban or industrial.
    #[default]
    Suburban,
    /// Centre of a large city.
    Urban,
}

/// Wind at `height_m` from the 10 m wind of an open station: `v10 (270/10)^0.14 (z/δ)^a`, δ and a
/// 270 m and 0.14 over open ground, 370 m and 0.22 over suburban, 460 m and 0.33 over urban
/// (ASHRAE Handbook of Fundamentals, airflow around buildings).
pub fn wind_at_roof(wind_10m_m_s: f64, height_m: f64, terrain: Terrain) -> f64 {
    let (layer_m, exponent) = match terrain {
        Terrain::Open => (270.0, 0.14),
        Terrain::Suburban => (370.0, 0.22),
        Terrain::Urban => (460.0, 0.33),
    };
    wind_10m_m_s * 27.0_f64.powf(0.14) * (height_m.max(0.0) / layer_m).powf(exponent)
}

/// Convective coefficient, W/m²K.
pub fn coefficient(model: Model, roof: &RoofAir) -> f64 {
    let v = roof.wind_m_s.max(0.0);
    match model {
        Model::Clear => clear(roof),
        Model::Iso6946 => 4.0 + 4.0 * v,
        Model::McAdams => 5.7 + 3.8 * v,
        Model::Jurges => 5.8 + 3.94 * v,
    }
}

/// Standard uncertainty of the coefficient, W/m²K: `max(0.25 h, |h_ISO − h_Clear| / 2)`
/// (scoring.md §3).
pub fn uncertainty(h: f64, roof: &RoofAir) -> f64 {
    let spread = coefficient(Model::Iso6946, roof) - coefficient(Model::Clear, roof);
    (0.25 * h).max(0.5 * spread.abs())
}

/// `h = η (k/Ln) Nu_n + (k/x) Rf 0.0296 Re_x^0.8 Pr^⅓` (Clear, Gartland & Winkelmann 2003,
/// eq. 8A, in the form of the EnergyPlus engineering reference), with `Ln = A/P`, `x = ½√A`,
/// `Re = vρx/µ`, `Gr = gρ²Ln³|Ts−Ta|/(Tf µ²)`, `η = g/(1+g)`, `g = ln(1 + Gr/Re²)`;
/// `Nu_n = 0.15 (Gr Pr)^⅓` for a warm roof, `0.27 (Gr Pr)^¼` for a cold one. Air at the film
/// temperature `Tf = (Ts+Ta)/2`: ideal gas, Sutherland's viscosity and conductivity.
fn clear(roof: &RoofAir) -> f64 {
    const PRANDTL: f64 = 0.71;
    const GRAVITY: f64 = 9.81;
    let film = 0.5 * (roof.surface_c + roof.air_c) + ZERO_CELSIUS_K;
    let density = 100.0 * roof.pressure_hpa / (287.05 * film);
    let viscosity = 1.458e-6 * film.powf(1.5) / (film + 110.4);
    let conductivity = 2.646_38e-3 * film.powf(1.5) / (film + 245.4 * 10.0_f64.powf(-12.0 / film));
    let length = roof.area_m2 / roof.perimeter_m;
    let x = 0.5 * roof.area_m2.sqrt();
    // Dead calm would divide by zero; 1 cm/s changes nothing else.
    let wind = roof.wind_m_s.max(0.01);
    let reynolds = wind * density * x / viscosity;
    let difference = roof.surface_c - roof.air_c;
    let grashof =
        GRAVITY * density.powi(2) * length.powi(3) * difference.abs() / (film * viscosity.powi(2));
    let g = (1.0 + grashof / reynolds.powi(2)).ln();
    let natural = if difference >= 0.0 {
        0.15 * (grashof * PRANDTL).cbrt()
    } else {
        0.27 * (grashof * PRANDTL).powf(0.25)
    };
    let forced = conductivity / x * roof.roughness * 0.0296 * reynolds.powf(0.8) * PRANDTL.cbrt();
    g / (1.0 + g) * conductivity / length * natural + forced
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    fn roof(surface_c: f64, air_c: f64, wind_m_s: f64, area_m2: f64, perimeter_m: f64) -> RoofAir {
        RoofAir {
            surface_c,
            air_c,
            wind_m_s,
            area_m2,
            perimeter_m,
            roughness: 1.52,
            pressure_hpa: 1013.25,
        }
    }

    #[test]
    fn the_printed_flat_roofs_exchange_the_printed_heat() {
        // scoring.md §3.
        assert!(close(
            coefficient(Model::Clear, &roof(1.0, 2.0, 2.0, 2000.0, 180.0)),
            7.2101
        ));
        assert!(close(
            coefficient(Model::Clear, &roof(-3.0, 0.0, 1.0, 500.0, 90.0)),
            4.8531
        ));
    }

    #[test]
    fn the_standard_disagrees_and_the_disagreement_is_the_uncertainty() {
        let r = roof(1.0, 2.0, 2.0, 2000.0, 180.0);
        assert!(close(uncertainty(7.2101, &r), 0.5 * (12.0 - 7.2101)));
    }

    #[test]
    fn roofs_see_less_wind_than_the_station() {
        for (v10, z, v) in [(2.0, 8.0, 1.365), (4.0, 8.0, 2.730), (3.0, 12.0, 2.238)] {
            assert!(close(wind_at_roof(v10, z, Terrain::Suburban), v));
        }
    }

    #[test]
    fn a_calm_night_has_a_finite_coefficient() {
        assert!(coefficient(Model::Clear, &roof(-5.0, 0.0, 0.0, 2000.0, 180.0)).is_finite());
    }

    #[test]
    fn the_groups_of_the_reference_numbers_are_met() {
        for row in rows("wind_at_roof") {
            check(
                &row,
                "v",
                wind_at_roof(number(&row, "V10"), number(&row, "z"), Terrain::Suburban),
            );
        }
        for row in rows("h_c") {
            let r = roof(0.0, 0.0, number(&row, "v"), 1.0, 1.0);
            check(&row, "iso6946", coefficient(Model::Iso6946, &r));
            check(&row, "mcadams", coefficient(Model::McAdams, &r));
            check(&row, "nusselt_jurges", coefficient(Model::Jurges, &r));
        }
        for row in rows("h_c_clear") {
            let n = |key| number(&row, key);
            let r = RoofAir {
                roughness: n("Rf"),
                ..roof(n("Ts"), n("Ta"), n("v"), n("A"), n("perimeter"))
            };
            check(&row, "h_c", coefficient(Model::Clear, &r));
        }
    }

    #[test]
    fn open_ground_leaves_the_wind_of_the_station_and_a_city_takes_most() {
        assert!(close(wind_at_roof(3.0, 10.0, Terrain::Open), 3.0));
        // 3 · 27^0.14 · (10/460)^0.33 by hand: 3 · 1.5864 · 0.2827.
        assert!((wind_at_roof(3.0, 10.0, Terrain::Urban) - 1.345).abs() < 0.002);
    }
}
