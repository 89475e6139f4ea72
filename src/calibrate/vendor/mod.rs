//! The temperature DJI's own library would show, for `radiometry.dji = "vendor-equivalent"`.
//!
//! In: apparent temperature and parameters. Out: surface temperature by the maker's law:
//!
//! T⁴ = (T_bb⁴ − τ (1−ε) T_r⁴ − (1−τ) T_a⁴) / (ε τ)
//!
//! ε emissivity, τ transmission of the air from the table in the file, T_r reflected, T_a air
//! temperature, all in kelvin; older cores take T_r for T_a. τ depends on T itself, so the law is
//! solved by repetition. Source: formats.md §3.3, found by comparing inputs with outputs of the
//! maker's library; it holds where the table does, to 50 m (old) or 100 m (new). Moisture of the
//! air changes the table's transmission ([`moisture`]).
//! Fourth powers weigh all wavelengths, a camera sees 8 to 14 µm, and the tables lose 5 to 12 % on
//! the first metre: that is why this is a mode and not the default.
//!
//! A window in front of the lens is not part of the law.

mod moisture;

use super::Parameters;
use crate::survey::{Encoding, FrameHeader, VendorAir};
use crate::units::ZERO_CELSIUS_K;
use moisture::Moisture;

/// Whether the maker's law is meant for a frame: it carries the maker's air, or is of the core
/// whose files should and some do not (then τ = 1, of which the reader has warned).
pub fn applies(header: &FrameHeader) -> bool {
    let core = header.camera.make == "DJI" && header.encoding == Encoding::SIXTEENTHS_OF_KELVIN;
    core || header.vendor_air.is_some()
}

/// Most repetitions. Halving the step each time, 40 of them reach 1e-9 K from 1000 K away where
/// transmission does not change with temperature, and some more where it does.
const REPETITIONS: usize = 200;
/// Change from one repetition to the next that ends them, kelvin.
const SETTLED_K: f64 = 1e-7;

/// The law with the numbers of one frame.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Law {
    emissivity: f64,
    /// Fourth powers of the reflected and the air's temperature.
    reflected: f64,
    air: f64,
    /// Transmission at the frame's distance over the target's temperature, kelvin; empty is 1.
    transmission: Vec<(f64, f64)>,
    moisture: Moisture,
}

impl Law {
    /// `None` where the mode is off or the law is not meant for the frame.
    pub(super) fn of(header: &FrameHeader, parameters: &Parameters) -> Option<Self> {
        let asked = parameters.vendor_equivalent && applies(header);
        asked.then(|| Self::new(header.vendor_air.as_ref(), parameters))
    }

    fn new(air: Option<&VendorAir>, p: &Parameters) -> Self {
        let own = air.is_some_and(|air| air.own_air_temperature);
        let air_c = if own { p.air_c } else { p.reflected_c };
        let fourth = |celsius: f64| (celsius + ZERO_CELSIUS_K).powi(4);
        let transmission = air.map(|air| {
            let rows = air.targets_c.iter().zip(&air.transmission);
            rows.map(|(celsius, row)| {
                let nodes = air.distances_m.iter().copied().zip(row.iter().copied());
                let nodes: Vec<_> = nodes.collect();
                (celsius + ZERO_CELSIUS_K, between(&nodes, p.distance_m))
            })
            .collect()
        });
        Self {
            emissivity: p.emissivity,
            reflected: fourth(p.reflected_c),
            air: fourth(air_c),
            transmission: transmission.unwrap_or_default(),
            moisture: match air {
                Some(_) => Moisture::new(p.distance_m, air_c, p.humidity, own),
                None => Moisture::default(),
            },
        }
    }

    /// Surface temperature, kelvin; NaN where the parameters say more radiation than there is, or
    /// more than one temperature would do.
    pub(super) fn surface_k(&self, apparent_k: f64) -> f64 {
        let mut surface = apparent_k;
        for _ in 0..REPETITIONS {
            let next = self.step(apparent_k, surface);
            if next.is_nan() || (next - surface).abs() <= SETTLED_K {
                return next;
            }
            surface = (surface + next) / 2.0;
        }
        f64::NAN
    }

    /// The law with the transmission of a target at `target_k`.
    fn step(&self, apparent_k: f64, target_k: f64) -> f64 {
        let e = self.emissivity;
        let tau = between(&self.transmission, target_k) * self.moisture.factor(target_k);
        let tau = tau.min(1.0);
        let rest = tau * (1.0 - e) * self.reflected + (1.0 - tau) * self.air;
        let fourth = (apparent_k.powi(4) - rest) / (e * tau);
        if fourth > 0.0 {
            fourth.sqrt().sqrt()
        } else {
            f64::NAN
        }
    }
}

/// Straight between the nodes, the first and last value outside; 1 where there are none.
fn between(nodes: &[(f64, f64)], at: f64) -> f64 {
    let after = nodes.iter().position(|(x, _)| *x >= at);
    match (after, nodes) {
        (_, []) => 1.0,
        (Some(0), [first, ..]) => first.1,
        (None, [.., last]) => last.1,
        (Some(i), _) => {
            let ((x0, y0), (x1, y1)) = (nodes[i - 1], nodes[i]);
            y0 + (y1 - y0) * (at - x0) / (x1 - x0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moisture of the air changes nothing up to 1 m.
    fn air(own_air_temperature: bool) -> VendorAir {
        VendorAir {
            distances_m: vec![0.2, 1.0, 2.0],
            targets_c: vec![0.0, 50.0],
            transmission: vec![vec![1.0, 0.8, 0.7]; 2],
            own_air_temperature,
        }
    }

    fn parameters(distance_m: f64) -> Parameters {
        Parameters {
            distance_m,
            vendor_equivalent: true,
            ..Parameters::BARE
        }
    }

    #[test]
    fn a_black_surface_without_air_is_what_the_camera_sees() {
        let law = Law::new(None, &parameters(1.0));
        assert!((law.surface_k(280.0) - 280.0).abs() < 1e-9);
        let near = Law::new(Some(&air(true)), &parameters(0.1));
        assert!((near.surface_k(280.0) - 280.0).abs() < 1e-9);
    }

    #[test]
    fn values_are_straight_between_nodes_and_constant_outside() {
        let nodes = [(1.0, 1.0), (5.0, 0.8), (10.0, 0.7)];
        let at = |d| between(&nodes, d);
        assert_eq!((at(0.0), at(1.0), at(5.0), at(10.0)), (1.0, 1.0, 0.8, 0.7));
        assert!((at(3.0) - 0.9).abs() < 1e-12);
        assert!((at(7.5) - 0.75).abs() < 1e-12);
        assert_eq!(at(80.0), 0.7);
        assert_eq!(between(&[], 5.0), 1.0);
    }

    /// A surface of 25 °C = 298.15 K lies between the rows of 0 °C (τ 0.9) and 50 °C (τ 0.7), so
    /// τ is 0.8: T_bb⁴ = 0.8 · 298.15⁴ + 0.2 · 273.15⁴.
    #[test]
    fn transmission_is_that_of_the_surfaces_own_temperature() {
        let air = VendorAir {
            transmission: vec![vec![0.9; 3], vec![0.7; 3]],
            ..air(true)
        };
        let p = Parameters {
            air_c: 0.0,
            ..parameters(1.0)
        };
        let seen = (0.8 * 298.15_f64.powi(4) + 0.2 * 273.15_f64.powi(4)).powf(0.25);
        let found = Law::new(Some(&air), &p).surface_k(seen);
        assert!((found - 298.15).abs() < 1e-6, "{found}");
    }

    /// ε 0.8, τ 0.8, reflected 300 K, air 280 K, surface 320 K seen as T_bb:
    /// T_bb⁴ = 0.64·320⁴ + 0.16·300⁴ + 0.2·280⁴ = 6.710_886_4e9 + 1.296e9 + 1.229_312e9.
    #[test]
    fn the_surface_comes_back_out_of_a_mixture_made_by_hand() {
        let p = Parameters {
            emissivity: 0.8,
            reflected_c: 300.0 - ZERO_CELSIUS_K,
            air_c: 280.0 - ZERO_CELSIUS_K,
            ..parameters(1.0)
        };
        let seen = 9.236_198_4e9_f64.powf(0.25);
        let found = Law::new(Some(&air(true)), &p).surface_k(seen);
        assert!((found - 320.0).abs() < 1e-6, "{found}");
        // An older core takes 300 K for the air as well: 0.36·300⁴ of what it sees is not surface.
        let old = Law::new(Some(&air(false)), &p).surface_k(seen);
        let expected = ((9.236_198_4e9_f64 - 0.36 * 8.1e9) / 0.64).powf(0.25);
        assert!((old - expected).abs() < 1e-9, "{old}");
    }

    #[test]
    fn more_reflection_than_radiation_is_not_a_temperature() {
        let p = Parameters {
            emissivity: 0.1,
            reflected_c: 60.0,
            ..parameters(0.0)
        };
        assert!(Law::new(None, &p).surface_k(280.0).is_nan());
    }

    #[test]
    fn only_the_makers_own_frames_are_meant() {
        let mut header = FrameHeader::bare(1, 1, Encoding::SIXTEENTHS_OF_KELVIN);
        assert!(!applies(&header));
        header.camera.make = "DJI".into();
        assert!(applies(&header));
        header.encoding = Encoding::Linear {
            scale: 0.04,
            offset_c: -273.15,
        };
        assert!(!applies(&header));
        assert_eq!(Law::of(&header, &parameters(1.0)), None);
    }
}
