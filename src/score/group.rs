//! Which roofs a roof is compared with, and the reference of its group.

use super::Options;
use super::anchor::{Reference, Rung};
use super::classes::{Park, percentile};
use super::indoor::{Indoor, Stored};
use super::measure::Measured;

/// Greatest distance of a reference roof, metres (scoring.md §6).
const REFERENCE_M: f64 = 1500.0;
/// Greatest time between two roofs where the drift over the flight is not corrected, seconds
/// (scoring.md §6).
const REFERENCE_S: f64 = 45.0 * 60.0;
/// Greatest difference of eave heights, metres.
const HEIGHT_M: f64 = 6.0;
/// Greatest difference of sky view factors.
const SKY_VIEW: f64 = 0.1;
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
    /// What its emissivity leaves uncertain, K.
    pub emissivity_k: f64,
}

/// The comparison group of a roof.
pub(super) struct Group {
    /// Material, or "all".
    pub name: String,
    /// Medians of its roofs less what is the air of their place, ascending.
    pub medians: Vec<f64>,
    /// Their distribution.
    pub park: Option<Park>,
}

/// A reference and what its layer stores.
pub(super) type Anchor = (Reference, Stored);

impl Comparable<'_> {
    /// Temperature as it would be in the flight's middle air, °C.
    fn level_c(&self) -> f64 {
        self.median_c - self.roof.context.local_k()
    }

    /// What its emissivity makes it differ by from other roofs of its material, K as 1σ.
    fn own_emissivity_k(&self) -> f64 {
        match self.roof.material.known {
            true => OWN_EMISSIVITY * self.emissivity_k,
            false => self.emissivity_k,
        }
    }
}

fn ascending(of: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = of.collect();
    values.sort_by(f64::total_cmp);
    values
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
        let medians = ascending(members.iter().map(|c| c.level_c()));
        Self {
            name: name.to_owned(),
            park: Park::of(&medians),
            medians,
        }
    }

    /// Share of the other roofs that are colder than a levelled temperature.
    pub(super) fn position(&self, level_c: f64) -> Option<f64> {
        let others = self.medians.len().checked_sub(1).filter(|n| *n > 0)?;
        let colder = self.medians.iter().filter(|m| **m < level_c).count();
        Some((colder.min(others)) as f64 / others as f64)
    }
}

/// Rung c: a low percentile of the roofs a roof may be compared with stands for a good roof; of
/// those among them of like height and sky where they are enough. Of the roofs and not of their
/// readings: what readings spread wider by is taken out ([`without_noise`]). `shift_k`: by how much
/// another roof of some U would be warmer in the wind of this one, K.
pub(super) fn percentile_reference(
    roof: &Measured,
    all: &[Comparable<'_>],
    sigma_k: f64,
    shift_k: impl Fn(&Comparable<'_>, f64) -> f64,
    options: &Options,
) -> Option<Anchor> {
    let of = |fits: fn(&Measured, &Measured) -> bool| -> Vec<&Comparable<'_>> {
        all.iter().filter(|c| fits(roof, c.roof)).collect()
    };
    let like = of(alike);
    let taken = if like.len() >= options.min_group {
        like
    } else {
        of(|a, b| alike_material(a, b) && near(a, b))
    };
    if taken.len() < options.min_group {
        return None;
    }
    let median =
        |of: fn(&Comparable<'_>) -> f64| percentile(&ascending(taken.iter().map(|c| of(c))), 0.5);
    let medians = ascending(
        taken
            .iter()
            .map(|c| c.level_c() + shift_k(c, options.reference_u)),
    );
    let share = options.reference_percentile / 100.0;
    let (low, middle) = (percentile(&medians, share)?, percentile(&medians, 0.5)?);
    // What roofs differ by that only their emissivities make.
    let noise_k = sigma_k.hypot(median(|c| c.own_emissivity_k())?);
    let reference = Reference {
        rung: Rung::Percentile,
        surface_c: without_noise(low, middle, share, noise_k) + roof.context.local_k(),
        surface_sigma_k: sigma_k,
        indoor_c: median(|c| c.indoor.under_roof_c)?,
        u: options.reference_u,
        u_up: options.reference_u_up,
        u_down: options.reference_u_down,
    };
    let stored = Stored {
        capacity_j_m2k: median(|c| c.roof.material.capacity_j_m2k)?,
        known: taken.iter().all(|c| c.roof.material.known),
    };
    Some((reference, stored))
}

/// A low percentile of what was read with 1σ of `sigma_k`, without that noise. The half of the readings
/// below their median spreads like a normal curve of s = (low − median)/z, z the curve's own percentile,
/// and variances add up: what is read has s² = (roofs)² + σ². At most three quarters of it are taken for
/// noise.
fn without_noise(low: f64, median: f64, share: f64, sigma_k: f64) -> f64 {
    let spread = (low - median) / normal_percentile(share);
    if share >= 0.5 || spread <= 0.0 {
        return low;
    }
    let of_roofs = (1.0 - (sigma_k / spread).powi(2)).max(0.25).sqrt();
    median + of_roofs * (low - median)
}

/// Percentile of the standard normal distribution, to 0.01 from 2 to 98 %: Tukey's lambda distribution
/// with λ = 0.14 (Joiner and Rosenblatt 1971).
fn normal_percentile(share: f64) -> f64 {
    4.91 * (share.powf(0.14) - (1.0 - share).powf(0.14))
}

/// U of a roof that is told and may serve as reference.
fn told_u(roof: &Measured) -> Option<f64> {
    let context = &roof.context;
    context.u_value.filter(|u| context.reference && *u > 0.0)
}

/// Rung a for a roof of known U: itself, whose temperature cancels.
pub(super) fn itself(roof: &Measured, median_c: f64, indoor: Indoor) -> Option<Anchor> {
    let reference = Reference {
        rung: Rung::Known,
        surface_c: median_c,
        surface_sigma_k: 0.0,
        indoor_c: indoor.under_roof_c,
        u: told_u(roof)?,
        u_up: KNOWN_U_SIGMA,
        u_down: KNOWN_U_SIGMA,
    };
    let stored = Stored {
        capacity_j_m2k: roof.material.capacity_j_m2k,
        known: roof.material.known,
    };
    Some((reference, stored))
}

/// Rung a: the roofs of known U that a roof may be compared with, averaged; `shift_k` as for
/// [`percentile_reference`].
pub(super) fn known_reference(
    roof: &Measured,
    all: &[Comparable<'_>],
    sigma_k: f64,
    shift_k: impl Fn(&Comparable<'_>, f64) -> f64,
) -> Option<Anchor> {
    average(roof, all, (sigma_k, OWN_EMISSIVITY), |c| {
        alike(roof, c.roof).then(|| shift_k(c, c.roof.context.u_value.unwrap_or(0.0)))
    })
}

/// For a roof without a reference of its own material: the roofs of known U near it, of its height
/// and as much of the sky, moved by `shift_k`, what a roof of no loss would differ by. Emissivities
/// of two materials are wrong by amounts of their own, so this is no rung of the ladder but
/// better than the balance alone: camera, sky and most of the wind still cancel.
pub(super) fn foreign_reference(
    roof: &Measured,
    all: &[Comparable<'_>],
    sigma_k: f64,
    shift_k: impl Fn(&Comparable<'_>) -> Option<f64>,
) -> Option<Anchor> {
    average(roof, all, (sigma_k, 1.0), |c| {
        let fit = near(roof, c.roof) && alike_in_air(roof, c.roof);
        fit.then(|| shift_k(c)).flatten()
    })
}

/// The roofs of known U for which `shift_k` gives by how much their temperatures are moved;
/// `own`: share of the uncertainty of an emissivity that does not cancel.
fn average(
    roof: &Measured,
    all: &[Comparable<'_>],
    (sigma_k, own): (f64, f64),
    shift_k: impl Fn(&Comparable<'_>) -> Option<f64>,
) -> Option<Anchor> {
    let known: Vec<(&Comparable<'_>, f64, f64)> = all
        .iter()
        .filter_map(|c| Some((c, told_u(c.roof)?, shift_k(c)?)))
        .collect();
    let n = Some(known.len() as f64).filter(|n| *n > 0.0)?;
    let mean = |of: fn(&(&Comparable<'_>, f64, f64)) -> f64| known.iter().map(of).sum::<f64>() / n;
    let emissivity_k = own * mean(|(c, ..)| c.emissivity_k);
    let reference = Reference {
        rung: Rung::Known,
        surface_c: mean(|(c, _, shift_k)| c.level_c() + shift_k) + roof.context.local_k(),
        surface_sigma_k: sigma_k.hypot(emissivity_k) / n.sqrt(),
        indoor_c: mean(|(c, ..)| c.indoor.under_roof_c),
        u: mean(|(_, u, _)| *u),
        u_up: KNOWN_U_SIGMA / n.sqrt(),
        u_down: KNOWN_U_SIGMA / n.sqrt(),
    };
    let stored = Stored {
        capacity_j_m2k: mean(|(c, ..)| c.roof.material.capacity_j_m2k),
        known: known.iter().all(|(c, ..)| c.roof.material.known),
    };
    Some((reference, stored))
}

/// Rung b: the open canopies a roof may be compared with, averaged. They are no members of any
/// group; air below them as well makes them exchange more than a roof does, so they are taken
/// only where no U is known. `shift_k` as for [`percentile_reference`].
pub(super) fn canopy_reference(
    roof: &Measured,
    canopies: &[Comparable<'_>],
    sigma_k: f64,
    shift_k: impl Fn(&Comparable<'_>, f64) -> f64,
) -> Option<Anchor> {
    let like: Vec<&Comparable<'_>> = canopies
        .iter()
        .filter(|c| {
            alike_emissivity(roof, c.roof) && alike_in_air(roof, c.roof) && near(roof, c.roof)
        })
        .collect();
    let n = Some(like.len() as f64).filter(|n| *n > 0.0)?;
    let level_c = like
        .iter()
        .map(|c| c.level_c() + shift_k(c, 0.0))
        .sum::<f64>()
        / n;
    let surface_c = level_c + roof.context.local_k();
    let reference = Reference {
        rung: Rung::Canopy,
        surface_c,
        surface_sigma_k: sigma_k / n.sqrt(),
        indoor_c: surface_c,
        u: 0.0,
        u_up: 0.0,
        u_down: 0.0,
    };
    let stored = Stored {
        capacity_j_m2k: like
            .iter()
            .map(|c| c.roof.material.capacity_j_m2k)
            .sum::<f64>()
            / n,
        known: true,
    };
    Some((reference, stored))
}

/// Whether one roof may stand for another: same material (emissivity alike where one is not
/// known), like height and sky, near.
fn alike(a: &Measured, b: &Measured) -> bool {
    alike_material(a, b) && alike_in_air(a, b) && near(a, b)
}

fn alike_material(a: &Measured, b: &Measured) -> bool {
    if a.material.known && b.material.known {
        a.material.name == b.material.name
    } else {
        alike_emissivity(a, b)
    }
}

fn alike_emissivity(a: &Measured, b: &Measured) -> bool {
    (a.material.emissivity - b.material.emissivity).abs() <= EMISSIVITY + 1e-9
}

/// Like height, and as much of the sky.
fn alike_in_air(a: &Measured, b: &Measured) -> bool {
    let height = match (a.context.height_m, b.context.height_m) {
        (Some(one), Some(other)) => (one - other).abs() <= HEIGHT_M,
        _ => true,
    };
    height && (a.context.f_sky() - b.context.f_sky()).abs() <= SKY_VIEW + 1e-9
}

/// Within reach, or in air whose difference is known; and seen within 45 minutes where the drift
/// of the flight is still in the temperatures (scoring.md §6).
fn near(a: &Measured, b: &Measured) -> bool {
    if let (Some(one), Some(other)) = (a.context.seen_s, b.context.seen_s)
        && (one - other).abs() > REFERENCE_S
    {
        return false;
    }
    let levelled = a.context.local_k.is_some() && b.context.local_k.is_some();
    levelled || (a.middle.0 - b.middle.0).hypot(a.middle.1 - b.middle.1) <= REFERENCE_M
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_percentiles_are_those_of_the_tables() {
        for (share, z) in [
            (0.025, -1.960),
            (0.05, -1.645),
            (0.10, -1.282),
            (0.25, -0.674),
        ] {
            assert!((normal_percentile(share) - z).abs() < 0.01, "{share}");
        }
    }

    #[test]
    fn noise_is_taken_out_of_a_percentile() {
        // 0.5 K of roofs and 0.3 K of noise are read as √0.34 = 0.583 K; P10 of the roofs lies 1.282 · 0.5 K
        // below the median.
        let read = -3.0 - 1.2816 * 0.34_f64.sqrt();
        let found = without_noise(read, -3.0, 0.10, 0.3);
        assert!((found - (-3.0 - 1.2816 * 0.5)).abs() < 0.002, "{found}");
        // Without noise, and where there is nothing but noise.
        for (low, sigma_k, expected) in [(-4.0, 0.0, -4.0), (-3.2, 0.3, -3.1), (-3.0, 0.3, -3.0)] {
            assert!((without_noise(low, -3.0, 0.10, sigma_k) - expected).abs() < 1e-9);
        }
    }
}
