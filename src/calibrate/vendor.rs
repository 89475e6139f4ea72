//! The temperature DJI's own library would show, for `radiometry.dji = "vendor-equivalent"`.
//!
//! In: apparent temperature and parameters. Out: surface temperature by the maker's law:
//!
//! T⁴ = (T_bb⁴ − τ (1−ε) T_r⁴ − (1−τ) T_a⁴) / (ε τ)
//!
//! ε emissivity, τ transmission of the air from the table in the file, T_r reflected, T_a air
//! temperature, all in kelvin; older cores take T_r for T_a. Source: formats.md §3.3, found by
//! comparing inputs with outputs of the maker's library; it holds where the table does, to 50 m
//! (old) or 100 m (new) and targets up to about 50 °C. Humidity is not in it: the table stands for
//! 50 % at 25 °C. Fourth powers weigh all wavelengths, a camera sees 8 to 14 µm, and the tables
//! lose 5 to 12 % on the first metre: that is why this is a mode and not the default.
//!
//! A window in front of the lens is not part of the law.

use super::Parameters;
use crate::survey::{Encoding, FrameHeader, VendorAir};
use crate::units::ZERO_CELSIUS_K;

/// Whether the maker's law is meant for a frame: it carries the maker's air, or is of the core
/// whose files should and some do not (then τ = 1, of which the reader has warned).
pub fn applies(header: &FrameHeader) -> bool {
    let core = header.camera.make == "DJI" && header.encoding == Encoding::SIXTEENTHS_OF_KELVIN;
    core || header.vendor_air.is_some()
}

/// The law with the numbers of one frame: T⁴ = gain · T_bb⁴ − offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Law {
    gain: f64,
    offset: f64,
}

impl Law {
    /// `None` where the mode is off or the law is not meant for the frame.
    pub(super) fn of(header: &FrameHeader, parameters: &Parameters) -> Option<Self> {
        let asked = parameters.vendor_equivalent && applies(header);
        asked.then(|| Self::new(header.vendor_air.as_ref(), parameters))
    }

    fn new(air: Option<&VendorAir>, p: &Parameters) -> Self {
        let tau = air.map_or(1.0, |air| transmission(air, p.distance_m));
        let own = air.is_some_and(|air| air.own_air_temperature);
        let air_c = if own { p.air_c } else { p.reflected_c };
        let fourth = |celsius: f64| (celsius + ZERO_CELSIUS_K).powi(4);
        let e = p.emissivity;
        Self {
            gain: 1.0 / (e * tau),
            offset: ((1.0 - e) / e) * fourth(p.reflected_c)
                + ((1.0 - tau) / (e * tau)) * fourth(air_c),
        }
    }

    /// Surface temperature, kelvin; NaN where the parameters say more radiation than there is.
    pub(super) fn surface_k(&self, apparent_k: f64) -> f64 {
        let fourth = self.gain * apparent_k.powi(4) - self.offset;
        if fourth > 0.0 {
            fourth.sqrt().sqrt()
        } else {
            f64::NAN
        }
    }
}

/// Transmission at a distance: straight between the table's distances, its first and last value
/// outside; 1 for an empty table.
fn transmission(air: &VendorAir, distance_m: f64) -> f64 {
    let nodes = || air.distances_m.iter().zip(&air.transmission);
    let after = nodes().position(|(d, _)| *d >= distance_m);
    match after.or_else(|| nodes().len().checked_sub(1)) {
        None => 1.0,
        Some(0) => air.transmission[0],
        Some(i) => {
            let (d0, d1) = (air.distances_m[i - 1], air.distances_m[i]);
            let share = ((distance_m - d0) / (d1 - d0)).clamp(0.0, 1.0);
            air.transmission[i - 1] + (air.transmission[i] - air.transmission[i - 1]) * share
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn air(own_air_temperature: bool) -> VendorAir {
        VendorAir {
            distances_m: vec![1.0, 5.0, 10.0],
            transmission: vec![1.0, 0.8, 0.7],
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
        let law = Law::new(None, &parameters(5.0));
        assert!((law.surface_k(280.0) - 280.0).abs() < 1e-9);
        let near = Law::new(Some(&air(true)), &parameters(0.3));
        assert!((near.surface_k(280.0) - 280.0).abs() < 1e-9);
    }

    #[test]
    fn transmission_is_straight_between_distances_and_constant_outside() {
        let at = |d| transmission(&air(false), d);
        assert_eq!((at(0.0), at(1.0), at(5.0), at(10.0)), (1.0, 1.0, 0.8, 0.7));
        assert!((at(3.0) - 0.9).abs() < 1e-12);
        assert!((at(7.5) - 0.75).abs() < 1e-12);
        assert_eq!(at(80.0), 0.7);
        let empty = VendorAir {
            distances_m: vec![],
            transmission: vec![],
            own_air_temperature: false,
        };
        assert_eq!(transmission(&empty, 5.0), 1.0);
    }

    /// ε 0.8, τ 0.8, reflected 300 K, air 280 K, surface 320 K seen as T_bb:
    /// T_bb⁴ = 0.64·320⁴ + 0.16·300⁴ + 0.2·280⁴ = 6.710_886_4e9 + 1.296e9 + 1.229_312e9.
    #[test]
    fn the_surface_comes_back_out_of_a_mixture_made_by_hand() {
        let p = Parameters {
            emissivity: 0.8,
            reflected_c: 300.0 - ZERO_CELSIUS_K,
            air_c: 280.0 - ZERO_CELSIUS_K,
            ..parameters(5.0)
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
        assert_eq!(Law::of(&header, &parameters(5.0)), None);
    }
}
