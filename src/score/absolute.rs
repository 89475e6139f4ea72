//! Flux and U of a roof without any reference: the balance alone (scoring.md §4, §5).
//!
//! Air, sky, convection model and the camera's own offset do not cancel here, so the interval is
//! wide: a screening number for bad roofs, meaningless for good ones. The interval of the flux is
//! linear and its ends are mapped through U(q), clipped at no loss.

use super::balance::{Surroundings, u_value};
use super::convection;
use super::indoor::{Indoor, storage_sigma};
use super::measure::Measured;
use super::uncertainty::{self, Inputs, root_sum};
use super::{FlightConditions, Interval, Options};

/// The roof as it is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject {
    /// Its temperature, °C.
    pub surface_c: f64,
    /// Standard uncertainty of that relative to other roofs, K.
    pub surface_sigma_k: f64,
    /// Air under it.
    pub indoor: Indoor,
}

/// What the balance says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Absolute {
    /// Flux with its 95 % interval, W/m².
    pub flux: Interval,
    /// Standard uncertainty of the flux, W/m².
    pub flux_sigma: f64,
    /// U with its 95 % interval, W/m²K.
    pub u: Interval,
    /// The part of its standard uncertainty that differs from roof to roof.
    pub u_unshared: f64,
}

impl Absolute {
    /// Whether the roof provably takes heat up: refrigerated, wet or reflective.
    pub fn below(&self) -> bool {
        self.flux.value < -2.0 * self.flux_sigma
    }
}

/// Flux and U of a roof; `None` without air, wind and sky, or where the inside is not warmer than
/// the roof. The camera's offset counts 1 K, the air 0.5 K (scoring.md §5); what the emissivity
/// makes uncertain of the reading counts as well as what it makes of the balance.
pub fn absolute(
    roof: &Measured,
    subject: &Subject,
    flight: &FlightConditions,
    options: &Options,
) -> Option<Absolute> {
    let (context, material) = (&roof.context, &roof.material);
    let size = (roof.area_m2, roof.perimeter_m);
    let air = flight.roof_air(subject.surface_c, size, context.height_m, material)?;
    let h_c = convection::coefficient(options.convection, &air);
    let sky = flight.sky()?;
    let surroundings = Surroundings {
        air_c: air.air_c,
        h_c,
        emissivity: material.emissivity,
        sky_c: sky.sky_c,
        f_sky: context.f_sky(),
    };
    let usual = Inputs::default();
    let sigma = Inputs {
        surface_k: root_sum([usual.surface_k, roof.emissivity_sigma_k]),
        h_c: convection::uncertainty(h_c, &air),
        emissivity: material.emissivity_sigma,
        sky_k: sky.sigma_k,
        indoor_k: subject.indoor.sigma_k,
        storage_w_m2: storage_sigma(material, flight.cooling_k_h),
        ..usual
    };
    let (surface_c, indoor_c) = (subject.surface_c, subject.indoor.under_roof_c);
    let rse = options.rse_m2k_w;
    let whole = uncertainty::absolute(&surroundings, surface_c, indoor_c, rse, &sigma)?;
    // What is not one draw for the whole flight: own temperature, own inside, own layer.
    let own = Inputs {
        surface_k: subject.surface_sigma_k,
        air_k: 0.0,
        h_c: 0.0,
        emissivity: 0.0,
        sky_k: 0.0,
        ..sigma
    };
    let own = uncertainty::absolute(&surroundings, surface_c, indoor_c, rse, &own)?;
    let indoor = sigma.indoor_k * whole.flux.max(0.0) / (indoor_c - surface_c);
    let reach = root_sum([whole.flux_sigma, indoor]);
    let end = |k: f64| u_value(whole.flux + k * reach, indoor_c, surface_c, rse);
    Some(Absolute {
        flux: Interval {
            value: whole.flux,
            low: whole.flux - 1.96 * whole.flux_sigma,
            high: whole.flux + 1.96 * whole.flux_sigma,
        },
        flux_sigma: whole.flux_sigma,
        u: Interval {
            value: whole.u,
            low: end(-1.96)?,
            high: end(1.96)?,
        },
        u_unshared: own.u_sigma,
    })
}
