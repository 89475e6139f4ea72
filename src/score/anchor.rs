//! The reference-anchored method: a roof against a roof of known U in the same air and sky.
//!
//! Camera offset, air, sky and half of the wind error cancel; what remains is the excess flux
//! over the reference (scoring.md §6, the primary number).

use super::Interval;
use super::balance::{flux_of_u, radiative, u_value};
use super::uncertainty::root_sum;

/// Relative standard uncertainty of `h_c + h_r` (scoring.md §6).
pub const SIGMA_H: f64 = 0.25;

/// Rung of the reference ladder of scoring.md §6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// Roofs of known U.
    Known,
    /// Unheated open canopies: no flux.
    Canopy,
    /// A low percentile of the heated roofs of the flight.
    Percentile,
    /// No reference.
    None,
}

impl Rung {
    /// The letter of the `anchor` column.
    pub fn letter(self) -> char {
        match self {
            Self::Known => 'a',
            Self::Canopy => 'b',
            Self::Percentile => 'c',
            Self::None => 'd',
        }
    }
}

/// The roof others are compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reference {
    /// Rung of the ladder.
    pub rung: Rung,
    /// Its temperature, °C.
    pub surface_c: f64,
    /// Standard uncertainty of that relative to other roofs, K.
    pub surface_sigma_k: f64,
    /// Air under it, °C.
    pub indoor_c: f64,
    /// Its U, W/m²K.
    pub u: f64,
    /// Standard uncertainty of U upward.
    pub u_up: f64,
    /// Standard uncertainty of U downward.
    pub u_down: f64,
}

/// Standard uncertainty of the flux of a canopy, W/m² (scoring.md §6).
const CANOPY_FLUX_SIGMA: f64 = 3.0;

impl Reference {
    /// Flux through it with its standard uncertainties upward and downward, W/m²: that of its U;
    /// none through a canopy. `None` where the inside is not warmer than the roof.
    fn flux(&self, rse_m2k_w: f64) -> Option<[f64; 3]> {
        if self.rung == Rung::Canopy {
            return Some([0.0, CANOPY_FLUX_SIGMA, CANOPY_FLUX_SIGMA]);
        }
        let inside = self.indoor_c - self.surface_c;
        if inside <= 0.0 || self.u <= 0.0 {
            return None;
        }
        let by_u = inside / (1.0 - rse_m2k_w * self.u).powi(2);
        let flux = flux_of_u(self.u, self.indoor_c, self.surface_c, rse_m2k_w);
        Some([flux, self.u_up * by_u, self.u_down * by_u])
    }
}

impl Reference {
    /// This reference, of known U but read on one or few roofs, weighed with what the whole park says
    /// of the same: `park`, its low percentile, moved along `h` (`h_c + h_r`, W/m²K) to the temperature
    /// a roof of this U would have, `T + (q(U) − q(U_park))/h`. A mean of two measurements of one
    /// quantity by the inverse of their variances (GUM, JCGM 100:2008, H.5; that of the park's U is the one
    /// upward or downward, by the side on which this reference lies). Unchanged where the inside of either
    /// is not warmer.
    pub(super) fn steadied_by(self, park: &Self, h: f64, rse_m2k_w: f64) -> Self {
        let (Some([own_q, own_q_sigma, _]), Some([park_q, park_q_up, park_q_down])) =
            (self.flux(rse_m2k_w), park.flux(rse_m2k_w))
        else {
            return self;
        };
        let moved_k = (own_q - park_q) / h;
        let over_k = self.surface_c - (park.surface_c + moved_k);
        // Read colder than the park says: the roofs of the percentile lose more than is assumed.
        let park_q_sigma = if over_k < 0.0 { park_q_up } else { park_q_down };
        let own_k = self.surface_sigma_k.hypot(own_q_sigma / h);
        let park_k = root_sum([park.surface_sigma_k, park_q_sigma / h, SIGMA_H * moved_k]);
        let weight = own_k.powi(2) / (own_k.powi(2) + park_k.powi(2));
        // Of the variance of this reference 1 − weight is left, temperature and U alike.
        let left = (1.0 - weight).sqrt();
        Self {
            surface_c: self.surface_c - weight * over_k,
            surface_sigma_k: left * self.surface_sigma_k,
            u_up: left * self.u_up,
            u_down: left * self.u_down,
            ..self
        }
    }
}

/// A roof to be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subject {
    /// Its temperature, °C.
    pub surface_c: f64,
    /// Standard uncertainty of that relative to other roofs, K.
    pub surface_sigma_k: f64,
    /// What its emissivity, as far as it differs from that of other roofs of the material, makes
    /// uncertain, K. The same on every flight, hence no part of [`Anchored::u_unshared`], which
    /// flights are compared by.
    pub emissivity_sigma_k: f64,
    /// Air under it, °C.
    pub indoor_c: f64,
    /// Standard uncertainty of that, K.
    pub indoor_sigma_k: f64,
    /// Convective coefficient, W/m²K.
    pub h_c: f64,
    /// Emissivity.
    pub emissivity: f64,
    /// Heat the roof stores or gives off unlike the reference, W/m², as a standard uncertainty
    /// ([`super::indoor::storage_unlike`]).
    pub storage_w_m2: f64,
}

/// What the comparison says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchored {
    /// Flux with its 95 % interval, W/m².
    pub flux: Interval,
    /// Standard uncertainty of the flux (upward), W/m².
    pub flux_sigma: f64,
    /// U with its 95 % interval: the ends of the flux interval, widened for the indoor
    /// temperature, mapped through U(q) and clipped at 0. W/m²K.
    pub u: Interval,
    /// The same at 68 %.
    pub u68: (f64, f64),
    /// Linearised standard uncertainty of U, W/m²K.
    pub u_sigma: f64,
    /// The part of it that differs from roof to roof (own temperature, own indoor temperature);
    /// the rest is one draw per flight. 0 for a roof clipped at no loss.
    pub u_unshared: f64,
    /// `h_c + h_r`, W/m²K.
    pub h: f64,
}

impl Anchored {
    /// Whether the roof is provably colder than any insulated one: refrigerated, wet or
    /// reflective, never "very well insulated".
    pub fn below_reference(&self) -> bool {
        self.flux.value < -2.0 * self.flux_sigma
    }
}

/// `q = q_ref + (h_c + h_r)(Ts − Ts,ref)`, `q_ref = (Ti − Ts,ref)/(1/U_ref − Rse)`, h_r at the
/// mean of both temperatures;
/// `u(q)² = ((h)u_T)² + ((h)u_T,ref)² + (0.25 h (Ts − Ts,ref))² + (u_Uref (Ti − Ts,ref)/(1 −
/// Rse U_ref)²)²`, `u(U)² = (U²(Ti − Ts)/q² · u(q))² + (U²/q · u_Ti)²` (scoring.md §6). The
/// uncertainty of U_ref may differ upward and downward, and storage is added in quadrature
/// (scoring.md §5). `None` when the inside is not warmer
/// than the roof.
pub fn anchored(reference: &Reference, roof: &Subject, rse_m2k_w: f64) -> Option<Anchored> {
    let over = roof.surface_c - reference.surface_c;
    let h = roof.h_c + radiative(roof.emissivity, roof.surface_c, reference.surface_c);
    let [q_ref, q_ref_up, q_ref_down] = reference.flux(rse_m2k_w)?;
    let inside = roof.indoor_c - roof.surface_c;
    if inside <= 0.0 {
        return None;
    }
    let q = q_ref + h * over;
    let own = root_sum([h * roof.surface_sigma_k, roof.storage_w_m2]);
    let by_emissivity = h * roof.emissivity_sigma_k;
    let sigma = |of_reference: f64| {
        let reference_k = h * reference.surface_sigma_k;
        root_sum([
            own,
            by_emissivity,
            reference_k,
            SIGMA_H * h * over,
            of_reference,
        ])
    };
    let (up, down) = (sigma(q_ref_up), sigma(q_ref_down));
    let map = |flux: f64| u_value(flux, roof.indoor_c, roof.surface_c, rse_m2k_w);
    let u = map(q)?;
    // u_Ti as a flux: (U²/q u_Ti) ÷ ∂U/∂q.
    let indoor = roof.indoor_sigma_k * q.max(0.0) / inside;
    let end = |k: f64, sigma: f64| map(q + k * root_sum([sigma, indoor]));
    // ∂U/∂q. Clipped at no loss a roof is known no better than one just above: there U is q/(Ti − Ts).
    let slope = (q > 0.0).then(|| u * u * inside / (q * q));
    Some(Anchored {
        flux: Interval {
            value: q,
            low: q - 1.96 * down,
            high: q + 1.96 * up,
        },
        flux_sigma: up,
        u: Interval {
            value: u,
            low: end(-1.96, down)?,
            high: end(1.96, up)?,
        },
        u68: (end(-1.0, down)?, end(1.0, up)?),
        u_sigma: slope.unwrap_or(1.0 / inside) * root_sum([up, indoor]),
        u_unshared: slope.map_or(0.0, |slope| slope * root_sum([own, indoor])),
        h,
    })
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, number, rows};
    use super::*;

    fn reference(surface_c: f64, u: f64, indoor_c: f64) -> Reference {
        Reference {
            rung: Rung::Known,
            surface_c,
            surface_sigma_k: 0.3,
            indoor_c,
            u,
            u_up: 0.10,
            u_down: 0.10,
        }
    }

    fn roof(surface_c: f64, h_c: f64, emissivity: f64, indoor_c: f64) -> Subject {
        Subject {
            surface_c,
            surface_sigma_k: 0.3,
            emissivity_sigma_k: 0.0,
            indoor_c,
            indoor_sigma_k: 2.0,
            h_c,
            emissivity,
            storage_w_m2: 0.0,
        }
    }

    #[test]
    fn the_printed_roof_beside_a_known_one_has_the_printed_u() {
        // scoring.md §6, first row.
        let found = anchored(
            &reference(-5.5, 0.30, 18.0),
            &roof(-3.0, 7.2, 0.93, 18.0),
            0.04,
        )
        .expect("warm inside");
        assert!(close(found.flux.value, 35.389) && close(found.flux_sigma, 8.870));
        assert!(
            close(found.u.value, 1.5788) && close(found.u_sigma, 0.3966),
            "{found:?}"
        );
    }

    #[test]
    fn a_roof_like_the_reference_has_its_u() {
        let found = anchored(
            &reference(-5.5, 0.30, 18.0),
            &roof(-5.5, 7.2, 0.93, 18.0),
            0.04,
        )
        .expect("warm inside");
        assert!((found.u.value - 0.30).abs() < 1e-12);
        assert!(found.u_unshared < found.u_sigma);
    }

    #[test]
    fn the_interval_is_mapped_through_u_and_clipped_at_no_loss() {
        let found = anchored(
            &reference(-5.5, 0.30, 18.0),
            &roof(-5.9, 7.2, 0.93, 18.0),
            0.04,
        )
        .expect("warm inside");
        assert_eq!(found.u.low, 0.0);
        assert!(found.u.high > found.u.value && !found.below_reference());
    }

    #[test]
    fn a_roof_read_colder_than_one_without_loss_is_known_no_better_than_one_at_no_loss() {
        let at = |surface_c: f64| {
            let reference = reference(-5.5, 0.30, 18.0);
            anchored(&reference, &roof(surface_c, 7.2, 0.93, 18.0), 0.04).expect("warm inside")
        };
        // q_ref = 7.136 and h = 11.3 of scoring.md §6: no flux at 0.6315 K below the reference.
        let (above, below) = (at(-6.13), at(-6.14));
        assert!(above.u.value > 0.0 && below.u.value == 0.0);
        assert!((above.u_sigma - below.u_sigma).abs() < 0.01 * above.u_sigma);
        assert!(below.u_sigma > 0.15);
    }

    #[test]
    fn a_known_roof_is_weighed_with_the_park() {
        // q(0.30) = 7.136 at −5.5 °C (scoring.md §6, first row); a park whose percentile is the same roof
        // says the same, and both together know it √2 better.
        let known = reference(-5.5, 0.30, 18.0);
        let both = known.steadied_by(&known, 11.3, 0.04);
        assert!((both.surface_c - known.surface_c).abs() < 1e-12);
        assert!((both.surface_sigma_k - 0.3 / 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((both.u_up - 0.10 / 2.0_f64.sqrt()).abs() < 1e-12);
        // 1 K apart and as sure: the middle. ∂q/∂U = 23.5/0.988² = 24.07, over h 2.13 K: 0.213 K of U.
        let park = reference(-4.5, 0.30, 18.0);
        let both = known.steadied_by(&park, 11.3, 0.04);
        // The park's own flux is 1/23.5 smaller: 0.027 K. Its σ: √(0.3² + 0.204² + 0.007²).
        assert!((both.surface_c + 5.0).abs() < 0.03, "{both:?}");
        // Told downward much surer than upward: a park below pulls more than one above.
        let sided = |surface_c| Reference {
            u_up: 0.30,
            u_down: 0.10,
            ..reference(surface_c, 0.30, 18.0)
        };
        let pull = |surface_c: f64| {
            (known.steadied_by(&sided(surface_c), 11.3, 0.04).surface_c - known.surface_c).abs()
        };
        assert!(
            pull(-6.5) > 1.5 * pull(-4.5),
            "{} {}",
            pull(-6.5),
            pull(-4.5)
        );
    }

    #[test]
    fn many_known_roofs_are_hardly_moved_by_the_park() {
        let known = Reference {
            surface_sigma_k: 0.03,
            u_up: 0.01,
            u_down: 0.01,
            ..reference(-5.5, 0.30, 18.0)
        };
        let both = known.steadied_by(&reference(-4.5, 0.30, 18.0), 11.3, 0.04);
        // σ 0.037 K against 0.363 K: a hundredth of the way.
        assert!((both.surface_c + 5.49).abs() < 0.002, "{both:?}");
    }

    #[test]
    fn a_cold_store_is_below_the_reference() {
        let found = anchored(
            &reference(-5.5, 0.30, 18.0),
            &roof(-10.5, 7.2, 0.93, 18.0),
            0.04,
        )
        .expect("warm inside");
        assert!(found.below_reference());
    }

    #[test]
    fn a_canopy_has_no_flux_and_what_is_warmer_loses_the_difference() {
        // q = h (Ts − Ts,ref), h = 7.2 + 4.101 of scoring.md §6, first row; 2.5 K: 28.25 W/m².
        let canopy = Reference {
            rung: Rung::Canopy,
            u: 0.0,
            indoor_c: -5.5,
            ..reference(-5.5, 0.0, 0.0)
        };
        let found = anchored(&canopy, &roof(-3.0, 7.2, 0.93, 18.0), 0.04).expect("warm inside");
        assert!((found.flux.value - 28.252).abs() < 0.005, "{found:?}");
        // 2 (11.301 · 0.3)² + (0.25 · 28.25)² + 3² = 81.9.
        assert!((found.flux_sigma - 9.05).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn heat_stored_unlike_the_reference_widens_the_interval_and_is_the_roofs_own() {
        let reference = reference(-5.5, 0.30, 18.0);
        let like = roof(-3.0, 7.2, 0.93, 18.0);
        let gravel = Subject {
            storage_w_m2: 10.5,
            ..like
        };
        let at = |roof| anchored(&reference, &roof, 0.04).expect("warm inside");
        // √(8.870² + 10.5²) of scoring.md §5 and §6.
        assert!(close(at(gravel).flux_sigma, 13.745), "{:?}", at(gravel));
        assert_eq!(at(gravel).flux.value, at(like).flux.value);
        assert!(at(gravel).u_unshared > 2.0 * at(like).u_unshared);
    }

    #[test]
    fn the_anchored_group_of_the_reference_numbers_is_met() {
        for row in rows("anchored") {
            let n = |key| number(&row, key);
            let r = Reference {
                surface_sigma_k: n("u_T_rel"),
                u_up: n("u_U_ref"),
                u_down: n("u_U_ref"),
                ..reference(n("Ts_ref"), n("U_ref"), n("T_i"))
            };
            let s = Subject {
                surface_sigma_k: n("u_T_rel"),
                indoor_sigma_k: n("u_Ti"),
                ..roof(n("Ts"), n("h_c"), n("eps"), n("T_i"))
            };
            let found = anchored(&r, &s, 0.04).expect("warm inside");
            check(&row, "h_r", found.h - n("h_c"));
            check(&row, "q", found.flux.value);
            check(&row, "U", found.u.value);
            check(&row, "u_q", found.flux_sigma);
            check(&row, "u_U", found.u_sigma);
        }
    }
}
