//! Energy, money and CO₂ a year. Roof only; never the building's consumption.

use super::{Interval, uncertainty::root_sum};

/// Settings `[energy]` of interface.md §5. There is no gas price here: no default is safe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnergyOptions {
    /// Degree days a year, K·d.
    pub dd_value: f64,
    /// Efficiency of heat production, 0–1.
    pub efficiency: f64,
    /// CO₂ per kWh gross, kg.
    pub co2_kg_kwh: f64,
}

impl Default for EnergyOptions {
    /// Synergrid 1991–2020, natural gas (scoring.md §12).
    fn default() -> Self {
        Self {
            dd_value: 2252.0,
            efficiency: 0.85,
            co2_kg_kwh: 0.182,
        }
    }
}

/// Relative uncertainty (95 %) of degree days, indoor temperature and efficiency together:
/// 5 %, 10 % and 10 % in quadrature (scoring.md §12).
pub fn relative_beside_flux() -> f64 {
    root_sum([0.05, 0.10, 0.10])
}

/// Loss coefficient of a measured heat loss, W/K: `Q / (Ti − T_ad)`. `None` when the inside is
/// not warmer than the adiabatic roof.
pub fn loss_coefficient(loss_w: f64, indoor_c: f64, adiabatic_c: f64) -> Option<f64> {
    (indoor_c > adiabatic_c).then(|| loss_w / (indoor_c - adiabatic_c))
}

/// Energy a year, kWh gross: `H · DD · 24 / 1000 / η`.
pub fn energy_kwh(coefficient_w_k: f64, options: &EnergyOptions) -> f64 {
    coefficient_w_k * options.dd_value * 24.0 / 1000.0 / options.efficiency
}

/// Energy a better roof saves a year, kWh gross: `(U1 − U2) · A · DD · 0.024 / η`.
pub fn saved_kwh(u_before: f64, u_after: f64, area_m2: f64, options: &EnergyOptions) -> f64 {
    energy_kwh((u_before - u_after) * area_m2, options)
}

/// Energy a year with its 95 % interval from a heat loss with its own: each end takes the
/// relative distance of the loss and [`relative_beside_flux`] in quadrature; never below 0.
/// `None` when the loss is not positive or the inside not warmer than the adiabatic roof.
pub fn yearly(
    loss_w: &Interval,
    indoor_c: f64,
    adiabatic_c: f64,
    options: &EnergyOptions,
) -> Option<Interval> {
    if loss_w.value <= 0.0 {
        return None;
    }
    let value = energy_kwh(
        loss_coefficient(loss_w.value, indoor_c, adiabatic_c)?,
        options,
    );
    let beside = relative_beside_flux();
    let down = root_sum([(loss_w.value - loss_w.low) / loss_w.value, beside]);
    let up = root_sum([(loss_w.high - loss_w.value) / loss_w.value, beside]);
    Some(Interval {
        value,
        low: (value * (1.0 - down)).max(0.0),
        high: value * (1.0 + up),
    })
}

/// Energy a better roof saves a year with its 95 % interval: each end takes the distance of
/// U from its own end and [`relative_beside_flux`] in quadrature; never below 0. `None` where even
/// the upper end of U (W/m²K) is not above `u_after`.
pub fn saved(
    u: &Interval,
    u_after: f64,
    area_m2: f64,
    options: &EnergyOptions,
) -> Option<Interval> {
    if u.high <= u_after {
        return None;
    }
    let of = |u: f64| saved_kwh(u, u_after, area_m2, options);
    let value = of(u.value).max(0.0);
    let beside = relative_beside_flux() * value;
    Some(Interval {
        value,
        low: (value - beside.hypot(value - of(u.low))).max(0.0),
        high: value + beside.hypot(of(u.high) - value),
    })
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    #[test]
    fn two_kilowatts_cost_the_printed_energy() {
        let h = loss_coefficient(2000.0, 18.0, -6.39).expect("warm inside");
        assert!(close(h, 82.001));
        assert!(close(energy_kwh(h, &EnergyOptions::default()), 5214.1));
    }

    #[test]
    fn a_flux_known_to_35_percent_gives_an_energy_known_to_38() {
        // scoring.md §12: "35 % flux, 5 % DD, 10 % Ti, 10 % η → 38 %", 5 200 (3 200–7 200).
        let loss = Interval {
            value: 2000.0,
            low: 1300.0,
            high: 2700.0,
        };
        let e = yearly(&loss, 18.0, -6.39, &EnergyOptions::default()).expect("positive");
        assert!((e.high / e.value - 1.381).abs() < 1e-3);
        assert!((e.low - 3228.0).abs() < 5.0 && (e.high - 7200.0).abs() < 5.0);
    }

    #[test]
    fn a_saving_is_a_range_that_never_turns_into_a_loss() {
        let u = Interval {
            value: 1.2,
            low: 0.8,
            high: 1.6,
        };
        let options = EnergyOptions::default();
        // scoring.md §12: 1 500 m² from 1.2 to 0.24 save 91 564 kWh. 0.4 of 0.96 are 38 152 kWh,
        // 15 % of the rest 13 735: ± 40 549.
        let found = saved(&u, 0.24, 1500.0, &options).expect("above");
        assert!(close(found.value, 91_564.0));
        assert!((found.low - 51_015.0).abs() < 60.0 && (found.high - 132_113.0).abs() < 60.0);
        let good = Interval {
            value: 0.2,
            low: 0.1,
            high: 0.3,
        };
        let found = saved(&good, 0.24, 1500.0, &options).expect("its upper end is above");
        assert_eq!((found.value, found.low), (0.0, 0.0));
        assert!(found.high > 0.0 && saved(&good, 0.3, 1500.0, &options).is_none());
    }

    #[test]
    fn the_groups_of_the_reference_numbers_are_met() {
        for row in rows("energy") {
            let n = |key| number(&row, key);
            let options = EnergyOptions {
                dd_value: n("DD"),
                efficiency: n("eta"),
                co2_kg_kwh: n("ef"),
            };
            let h = loss_coefficient(n("Q_W"), n("T_i"), n("T_ad")).expect("warm inside");
            check(&row, "H_W_K", h);
            let kwh = energy_kwh(h, &options);
            check(&row, "kWh", kwh);
            check(&row, "EUR", kwh * n("price"));
            check(&row, "kgCO2", kwh * options.co2_kg_kwh);
        }
        for row in rows("retrofit") {
            let n = |key| number(&row, key);
            let options = EnergyOptions {
                dd_value: n("DD"),
                efficiency: n("eta"),
                ..EnergyOptions::default()
            };
            check(&row, "kWh", saved_kwh(n("U1"), n("U2"), n("A"), &options));
        }
    }
}
