//! Which roofs a roof is compared with, and the reference of its group.

use super::Options;
use super::anchor::{Reference, Rung};
use super::classes::{Park, percentile};
use super::indoor::Indoor;
use super::measure::Measured;

/// Greatest distance of a reference roof, metres (scoring.md §6).
const REFERENCE_M: f64 = 1500.0;
/// Greatest difference of eave heights, metres.
const HEIGHT_M: f64 = 6.0;
/// Greatest difference of emissivity where a material is not known.
const EMISSIVITY: f64 = 0.03;
/// Share of the uncertainty of a known material's emissivity by which its roofs differ among each
/// other; the rest is common to all and cancels. Chosen: makes and ages of one roofing differ by
/// about 0.01 where its mean is known to 0.02.
pub(super) const OWN_EMISSIVITY: f64 = 0.5;
/// Standard uncertainty of a U-value that is known, W/m²K.
const KNOWN_U_SIGMA: f64 = 0.05;

/// A roof that may be compared: it has a temperature and no reason against a class.
#[derive(Clone, Copy)]
pub(super) struct Comparable<'a> {
    pub roof: &'a Measured,
    pub indoor: Indoor,
    pub median_c: f64,
}

/// The comparison group of a roof.
pub(super) struct Group {
    /// Material, or "all".
    pub name: String,
    /// Medians of its roofs, ascending.
    pub medians: Vec<f64>,
    /// Their distribution.
    pub park: Option<Park>,
    indoor_c: f64,
}

impl Group {
    /// Roofs of the same material where there are `min_material_group` of them, else all.
    pub(super) fn of(material: &str, all: &[Comparable<'_>], options: &Options) -> Self {
        let same: Vec<_> = all
            .iter()
            .filter(|c| c.roof.material.name == material)
            .collect();
        let (name, members) = if same.len() >= options.min_material_group {
            (material, same)
        } else {
            ("all", all.iter().collect())
        };
        let sorted = |of: fn(&Comparable<'_>) -> f64| {
            let mut values: Vec<f64> = members.iter().map(|c| of(c)).collect();
            values.sort_by(f64::total_cmp);
            values
        };
        let medians = sorted(|c| c.median_c);
        let indoor = sorted(|c| c.indoor.under_roof_c);
        Self {
            name: name.to_owned(),
            park: Park::of(&medians),
            medians,
            indoor_c: percentile(&indoor, 0.5).unwrap_or(options.indoor_c),
        }
    }

    /// Share of the other roofs that are colder.
    pub(super) fn position(&self, median_c: f64) -> Option<f64> {
        let others = self.medians.len().checked_sub(1).filter(|n| *n > 0)?;
        let colder = self.medians.iter().filter(|m| **m < median_c).count();
        Some((colder.min(others)) as f64 / others as f64)
    }

    /// Rung c: a low percentile of the group stands for a good roof.
    pub(super) fn percentile_reference(
        &self,
        sigma_k: f64,
        options: &Options,
    ) -> Option<Reference> {
        if self.medians.len() < options.min_group {
            return None;
        }
        Some(Reference {
            rung: Rung::Percentile,
            surface_c: percentile(&self.medians, options.reference_percentile / 100.0)?,
            surface_sigma_k: sigma_k,
            indoor_c: self.indoor_c,
            u: options.reference_u,
            u_up: options.reference_u_up,
            u_down: options.reference_u_down,
        })
    }
}

/// Rung a: the roofs of known U that a roof may be compared with, averaged.
pub(super) fn known_reference(
    roof: &Measured,
    all: &[Comparable<'_>],
    sigma_k: f64,
) -> Option<Reference> {
    average(all, sigma_k, |c| alike(roof, c.roof).then_some(0.0))
}

/// Rung a among other materials: the roofs of known U near a roof and of its height, moved by
/// `shift_k`, what a roof of no loss would differ by.
pub(super) fn foreign_reference(
    roof: &Measured,
    all: &[Comparable<'_>],
    sigma_k: f64,
    shift_k: impl Fn(&Comparable<'_>) -> Option<f64>,
) -> Option<Reference> {
    average(all, sigma_k, |c| {
        near(roof, c.roof).then(|| shift_k(c)).flatten()
    })
}

/// The roofs of known U for which `shift_k` gives by how much their temperatures are moved.
fn average(
    all: &[Comparable<'_>],
    sigma_k: f64,
    shift_k: impl Fn(&Comparable<'_>) -> Option<f64>,
) -> Option<Reference> {
    let known: Vec<(&Comparable<'_>, f64, f64)> = all
        .iter()
        .filter_map(|c| {
            let context = &c.roof.context;
            let u = context.u_value.filter(|u| context.reference && *u > 0.0)?;
            Some((c, u, shift_k(c)?))
        })
        .collect();
    if known.is_empty() {
        return None;
    }
    let n = known.len() as f64;
    let mean = |of: fn(&(&Comparable<'_>, f64, f64)) -> f64| known.iter().map(of).sum::<f64>() / n;
    // Each has an emissivity of its own, too.
    let emissivity_k = OWN_EMISSIVITY * mean(|(c, ..)| c.roof.emissivity_sigma_k);
    Some(Reference {
        rung: Rung::Known,
        surface_c: mean(|(c, _, shift_k)| c.median_c + shift_k),
        surface_sigma_k: sigma_k.hypot(emissivity_k) / n.sqrt(),
        indoor_c: mean(|(c, ..)| c.indoor.under_roof_c),
        u: mean(|(_, u, _)| *u),
        u_up: KNOWN_U_SIGMA / n.sqrt(),
        u_down: KNOWN_U_SIGMA / n.sqrt(),
    })
}

/// Whether one roof may stand for another: same material (emissivity alike where one is not
/// known), like height, near.
fn alike(a: &Measured, b: &Measured) -> bool {
    let material = if a.material.known && b.material.known {
        a.material.name == b.material.name
    } else {
        (a.material.emissivity - b.material.emissivity).abs() <= EMISSIVITY + 1e-9
    };
    material && near(a, b)
}

/// Whether roofs are of like height and near each other.
fn near(a: &Measured, b: &Measured) -> bool {
    let heights = (a.context.height_m, b.context.height_m);
    let height = match heights {
        (Some(one), Some(other)) => (one - other).abs() <= HEIGHT_M,
        _ => true,
    };
    let apart = (a.middle.0 - b.middle.0).hypot(a.middle.1 - b.middle.1);
    height && apart <= REFERENCE_M
}
