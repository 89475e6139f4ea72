//! The two handheld cameras: sizes, constants, noise, and where their visible camera looks.

use super::shot::{Model, Optics};
use crate::simulate::lens::PlanckConstants;
use crate::simulate::light::air_transmission;

/// A handheld camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Handheld {
    pub model: &'static str,
    pub lens: &'static str,
    /// Columns and rows of the thermal picture.
    pub size: [usize; 2],
    /// Columns and rows of the visible one.
    pub visible: [usize; 2],
    /// Fields of view, visible over thermal, as a stored scale.
    pub real_to_ir: f32,
    /// Stored offset of the two centres: right, down.
    pub offset_px: [i16; 2],
    /// Noise at 30 °C, K.
    pub netd_k: f64,
    pub field_of_view_deg: f64,
    pub focal_mm: f64,
}

const LARGE: Handheld = Handheld {
    model: "SIMH320",
    lens: "SIM 25°",
    size: [320, 240],
    visible: [640, 480],
    real_to_ir: 1.3,
    offset_px: [-4, 6],
    netd_k: 0.04,
    field_of_view_deg: 25.0,
    focal_mm: 18.0,
};

const SMALL: Handheld = Handheld {
    model: "SIMH160",
    lens: "SIM 45°",
    size: [160, 120],
    visible: [640, 480],
    real_to_ir: 1.22,
    offset_px: [3, -2],
    netd_k: 0.06,
    field_of_view_deg: 45.0,
    focal_mm: 6.0,
};

/// Constants of `S = R1 / (R2 (exp(B/T) − F)) − O` of both: 47 counts per kelvin at 20 °C. Whole in
/// the stored 32 bits.
pub(super) const PLANCK: PlanckConstants = PlanckConstants {
    r1: 17_182.0,
    r2: 0.046_875,
    b: 1_428.0,
    f: 1.0,
    o: -342,
};

impl Model {
    /// What is known of it.
    pub(super) fn camera(self) -> Handheld {
        match self {
            Self::Large => LARGE,
            Self::Small => SMALL,
        }
    }
}

impl Handheld {
    /// Thermal pixel of visible pixel (u, v) = shift + u · scale, by axis: scale and shift.
    ///
    /// The stored geometry says `u = W/2 + (x − w/2 + offset)·W/(R·w)`.
    pub(super) fn thermal_of_visible(&self) -> ([f64; 2], [f64; 2]) {
        let scale = [0, 1].map(|axis| {
            f64::from(self.real_to_ir) * self.size[axis] as f64 / self.visible[axis] as f64
        });
        let shift = [0, 1].map(|axis| {
            let half = self.size[axis] as f64 / 2.0;
            let offset = f64::from(self.offset_px[axis]);
            half - offset - scale[axis] * self.visible[axis] as f64 / 2.0
        });
        (scale, shift)
    }
}

const ZERO_CELSIUS_K: f64 = 273.15;

/// Signal of a black surface, counts.
fn signal(celsius: f64) -> f64 {
    PLANCK.counts(celsius + ZERO_CELSIUS_K)
}

/// Counts of a surface seen through air and window, unrounded.
///
/// A pixel's signal is linear in what falls on it, so the shares add up: of what leaves the
/// surface (emitted and mirrored) the air lets τ through and adds its own 1 − τ, and of that the
/// window lets its transmission through and adds its own share.
pub(super) fn counts(celsius: f64, emissivity: f64, optics: &Optics) -> f64 {
    let leaving = emissivity * signal(celsius) + (1.0 - emissivity) * signal(optics.reflected_c);
    let tau = air_transmission(optics.distance_m, optics.air_c, optics.humidity);
    let arriving = tau * leaving + (1.0 - tau) * signal(optics.air_c);
    let through = optics.window_transmission;
    through * arriving + (1.0 - through) * signal(optics.window_c)
}

/// Counts per kelvin at 30 °C: noise is the detector's, the same for all temperatures.
pub(super) fn counts_per_kelvin() -> f64 {
    signal(30.5) - signal(29.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_black_surface_without_air_gives_its_own_signal_and_a_mirror_that_of_the_room() {
        let optics = Optics::of(1.0, 35.0, 0.0);
        assert!((counts(50.0, 1.0, &optics) - signal(50.0)).abs() < 1e-9);
        assert!((counts(50.0, 0.0, &optics) - signal(35.0)).abs() < 1e-9);
    }

    #[test]
    fn the_visible_centre_is_offset_from_the_thermal_one() {
        // u = 320 + (160 − 160 − 4)·640/(1.3·320) = 320 − 6.154.
        let (scale, shift) = LARGE.thermal_of_visible();
        let u = (160.0 - shift[0]) / scale[0];
        assert!((u - 313.846).abs() < 1e-3, "{u}");
    }

    #[test]
    fn constants_survive_storage() {
        for value in [PLANCK.r1, PLANCK.r2, PLANCK.b, PLANCK.f] {
            assert_eq!(f64::from(value as f32), value);
        }
    }
}
