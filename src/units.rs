//! Physical quantities as types, so that a kelvin is never added to a degree.
//!
//! Computing is in kelvin, metres, radians and square metres; °C and degrees appear at the
//! edges. Bulk pixels stay `f32` inside [`crate::raster::Grid`], with the unit in the owning
//! type.

/// Zero of the Celsius scale in kelvin.
pub const ZERO_CELSIUS_K: f64 = 273.15;

/// Stefan–Boltzmann constant, W m⁻² K⁻⁴; exact in the SI since 2019 (SI Brochure, 9th ed.).
pub const STEFAN_BOLTZMANN: f64 = 5.670_374_419e-8;

/// Absolute temperature, kelvin; finite and not below zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Kelvin(f64);

impl Kelvin {
    /// Wraps a value in kelvin; `None` when it is not finite or below zero.
    pub fn new(kelvin: f64) -> Option<Self> {
        (kelvin.is_finite() && kelvin >= 0.0).then_some(Self(kelvin))
    }

    /// From degrees Celsius; values below absolute zero or not finite become 0 K.
    pub fn from_celsius(celsius: f64) -> Self {
        Self::new(celsius + ZERO_CELSIUS_K).unwrap_or(Self(0.0))
    }

    /// The bare number, kelvin.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The same temperature in degrees Celsius.
    pub fn celsius(self) -> f64 {
        self.0 - ZERO_CELSIUS_K
    }
}

/// Difference of two temperatures, kelvin.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct DeltaK(pub f64);

impl std::ops::Sub for Kelvin {
    type Output = DeltaK;
    fn sub(self, other: Self) -> DeltaK {
        DeltaK(self.0 - other.0)
    }
}

impl std::ops::Add<DeltaK> for Kelvin {
    type Output = Kelvin;
    fn add(self, delta: DeltaK) -> Kelvin {
        Kelvin((self.0 + delta.0).max(0.0))
    }
}

/// Emissivity of a surface, in (0, 1].
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Emissivity(f64);

impl Emissivity {
    /// Wraps a value; `None` outside (0, 1.05] (cameras allow a little over 1; it is capped at 1).
    pub fn new(value: f64) -> Option<Self> {
        (value > 0.0 && value <= 1.05).then_some(Self(value.min(1.0)))
    }

    /// The bare number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// Length, metres.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Metres(pub f64);

/// Ground sampling distance, metres per pixel.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Gsd(pub f64);

/// Angle, radians.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Radians(pub f64);

impl Radians {
    /// From degrees.
    pub fn from_degrees(degrees: f64) -> Self {
        Self(degrees.to_radians())
    }
}

/// Heat flux density, W/m².
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct WattsPerM2(pub f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_temperatures_subtract_to_a_difference() {
        let difference = Kelvin::from_celsius(2.0) - Kelvin::from_celsius(-1.0);
        assert!((difference.0 - 3.0).abs() < 1e-12);
    }

    #[test]
    fn absolute_temperatures_below_zero_or_not_finite_are_refused() {
        assert!(Kelvin::new(-0.1).is_none());
        assert!(Kelvin::new(f64::NAN).is_none());
    }

    #[test]
    fn emissivity_zero_is_refused_and_slightly_above_one_is_capped() {
        assert!(Emissivity::new(0.0).is_none());
        assert_eq!(Emissivity::new(1.02).map(Emissivity::get), Some(1.0));
    }
}
