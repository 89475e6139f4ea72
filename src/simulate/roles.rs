//! What each building is: roofing, insulation, use, and what is known of it.
//!
//! Handed out over the whole park, not drawn one by one, so that even the smallest park has its
//! metal roof, its cold hall, a roof of known U and a spread of U.

use super::building::{Material, RoofForm, Use};
use super::park::{GOLDEN_SHARE, Park, stream};
use super::random::Rng;

impl Park {
    /// Materials, insulation and use: drawn over the whole park, so that even the smallest has
    /// its metal roof, its cold hall, a roof of known U and a spread of U.
    pub(super) fn give_roles(&mut self) {
        let n = self.buildings.len();
        let mut rng = Rng::new(self.seed, &[stream::ROLES]);
        let mut order: Vec<usize> = (0..n).collect();
        rng.shuffle(&mut order);
        for (rank, index) in order.into_iter().enumerate() {
            let flat = matches!(self.buildings[index].form, RoofForm::Flat { .. });
            let material = material_of(rank, n, flat);
            let usage = use_of(rank, n);
            let building = &mut self.buildings[index];
            building.material = material;
            building.emissivity = material.emissivity() + 0.008 * rng.gaussian().clamp(-2.0, 2.0);
            // Outlines leave out the material of some roofs, though only where the emissivity that
            // scoring.md §1 gives for that case is true of the roof.
            building.told_material |= (building.emissivity - 0.92).abs() > 0.03;
            building.roughness = material.roughness() * (0.05 * rng.gaussian()).exp();
            building.usage = usage;
            // Even over the logarithm from 0.15 to 2.5 W/m²K: steps of the golden section.
            let share = (rank as f64 * GOLDEN_SHARE + rng.uniform() / n as f64).fract();
            building.u = 0.15 * (2.5_f64 / 0.15).powf(share);
            building.indoor_c = match usage {
                Use::ColdStore => -20.0,
                _ => (rng.range(14.0, 20.0) * 2.0).round() / 2.0,
            };
            building.told_indoor &= usage == Use::Heated;
        }
        self.name_references(&mut rng);
    }

    /// Roofs of known U: one good one as reference, and one renovated before.
    fn name_references(&mut self, rng: &mut Rng) {
        let mut fit: Vec<usize> = (0..self.buildings.len())
            .filter(|i| {
                let b = &self.buildings[*i];
                b.material == Material::Bitumen
                    && b.usage == Use::Heated
                    && matches!(b.form, RoofForm::Flat { .. })
            })
            .collect();
        rng.shuffle(&mut fit);
        let references = 1 + self.buildings.len() / 200;
        for (rank, index) in fit.into_iter().take(references + 1).enumerate() {
            let building = &mut self.buildings[index];
            building.u = (rng.range(0.24, 0.35) * 100.0).round() / 100.0;
            building.reference = rank < references;
            building.told_u = Some(building.u);
            building.told_indoor = true;
            building.told_material = true;
        }
    }

    /// Gives the buildings the U-values of a stock, and what nobody knows of them.
    ///
    /// Beside the U: emissivity ± 0.02 about the table's, most of it common to the roofs of a
    /// material (age, make, the camera's band), 0.008 roof by roof; forced convection ± 10 % from
    /// roof to roof beside the night's ± 25 % and what eave heights make of the wind; and one roof
    /// of known U, truly ± 0.05 W/m²K about what is told. Indoor temperatures stay as drawn: told
    /// for some, and truly warmer under high ceilings.
    ///
    /// As in the evidence of scoring.md §6, whose roofs differ by 0.2 K for no reason of heat. A
    /// camera under a clear sky sees 0.02 of emissivity as 0.4 K, so that all of it roof by roof
    /// would be twice that.
    pub(super) fn give_stock(&mut self) {
        let Some((median, tenth)) = self.stock.u_spread() else {
            return;
        };
        // The 10th percentile of a normal distribution lies 1.2816 deviations below its mean.
        let spread = (median / tenth).ln() / 1.2816;
        let mut common = Rng::new(self.seed, &[stream::STOCK]);
        let common = [0; 3].map(|_| 0.018 * common.gaussian().clamp(-2.0, 2.0));
        for (index, building) in self.buildings.iter_mut().enumerate() {
            let mut rng = Rng::new(self.seed, &[stream::STOCK, index as u64]);
            let own_u = (median * (spread * rng.gaussian()).exp()).clamp(0.08, 6.0);
            let of_material = match building.material {
                Material::Bitumen => Some(common[0]),
                Material::Epdm => Some(common[1]),
                Material::Gravel => Some(common[2]),
                Material::Metal => None,
            };
            if let Some(of_material) = of_material {
                building.emissivity += of_material;
            }
            building.told_material |= (building.emissivity - 0.92).abs() > 0.03;
            building.roughness = building.material.roughness() * (0.10 * rng.gaussian()).exp();
            let off = 0.05 * rng.gaussian();
            if building.reference {
                building.u = building.told_u.map_or(own_u, |told| (told + off).max(0.12));
            } else {
                building.u = own_u;
                building.told_u = None;
            }
        }
    }

    /// Roofs with photovoltaic fields: one flat bitumen roof in fourteen, at least one.
    pub(super) fn with_panels(&self) -> Vec<usize> {
        let mut fit: Vec<usize> = (0..self.buildings.len())
            .filter(|i| {
                let b = &self.buildings[*i];
                b.material == Material::Bitumen
                    && b.usage == Use::Heated
                    && b.told_u.is_none()
                    && b.rects.len() == 1
                    && matches!(b.form, RoofForm::Flat { .. })
            })
            .collect();
        Rng::new(self.seed, &[stream::ROLES, 1]).shuffle(&mut fit);
        fit.truncate(self.buildings.len().div_ceil(14));
        fit
    }
}

/// Roofing by rank in the shuffled park: one in sixteen metal, one in twelve EPDM, one in twelve
/// gravel (never on a slope), the rest bitumen.
fn material_of(rank: usize, n: usize, flat: bool) -> Material {
    let (metal, epdm) = (n.div_ceil(16), n.div_ceil(16) + n.div_ceil(14));
    let gravel = epdm + n.div_ceil(14);
    match rank {
        r if r < metal => Material::Metal,
        r if r < epdm => Material::Epdm,
        r if r < gravel && flat => Material::Gravel,
        _ => Material::Bitumen,
    }
}

/// One hall in fourteen is not heated; parks of fifty and more have a cold store.
fn use_of(rank: usize, n: usize) -> Use {
    let last = n - 1 - rank;
    let cold = n / 50;
    match last {
        l if l < cold => Use::ColdStore,
        l if l < cold + n.div_ceil(14) => Use::Unheated,
        _ => Use::Heated,
    }
}
