//! Rates the roofs of one flight against each other.
//!
//! In: measured roofs, the circumstances, the settings. Out: what the `buildings`, `hotspots`
//! and `coldspots` layers say.
//!
//! Order: gates with reason codes; comparison groups of the roofs that may have a class; the
//! reference of each roof (itself where its U is known, else roofs of known U weighed with a low
//! percentile of the park, else open canopies, else that percentile, always among roofs of like
//! material; else a roof of known U of another material, else the balance alone, for screening
//! numbers); U with the uncertainty split into what all roofs share and what is the roof's own; a
//! physical class on a flight of quality A or B, else a class from the place in the group; energy;
//! confidence.
//!
//! The *local reference* is the median of the comparison group, warmer or colder by as much as
//! sealed ground around the roof is beside that of the flight (scoring.md §8,
//! [`crate::mosaic::LocalGround`]).

use super::absolute;
use super::anchor::{Rung, Subject, anchored};
use super::balance::{Surroundings, flux_of_u, index, radiative};
use super::classes::{SCORE_U, physical, score_absolute};
use super::confidence::{Doubts, confidence};
use super::energy::yearly;
use super::gates::{self, Gate, Quality};
use super::group::{
    Anchor, Comparable, Group, OWN_EMISSIVITY, canopy_reference, foreign_reference, itself,
    known_reference, percentile_reference,
};
use super::indoor::{Indoor, indoor, storage_unlike};
use super::material::CANOPY;
use super::measure::Measured;
use super::moisture;
use super::objects;
use super::uncertainty::root_sum;
use super::{
    ClassMode, Coldspot, FlightConditions, Hotspot, HotspotKind, Interval, Options, RoofScore,
    RoofStatistics,
};

/// Everything the scoring says of a flight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rated {
    /// One per measured roof, in their order.
    pub roofs: Vec<RoofScore>,
    /// Warm objects, by roof in that order, the weightiest first.
    pub hotspots: Vec<Hotspot>,
    /// Cold objects, by roof in that order, from west to east.
    pub coldspots: Vec<Coldspot>,
    /// Quality of the flight as a whole.
    pub quality: Option<Quality>,
}

/// Relative uncertainty of a roof's temperature where overlaps do not tell, K (scoring.md §6).
const SIGMA_ROOF_K: f64 = 0.3;
/// Least uncertainty overlaps can attest: air and storage differ from roof to roof where no overlap shows
/// it. Beside it stands what emissivities differ by. Chosen on eight good and eight mixed simulated parks,
/// where 95 % intervals hold the truth of 95 and 92 % of roofs; with 0.2 K they held that of up to 99.6 % of others.
const LEAST_SIGMA_K: f64 = 0.15;

/// Rates the roofs of a flight.
pub fn rate(measured: &[Measured], flight: &FlightConditions, options: &Options) -> Rated {
    let flight_gate = flight_gate(flight, options);
    let base_sigma_k = base_sigma_k(flight);
    let cases: Vec<Case<'_>> = measured
        .iter()
        .map(|roof| Case::new(roof, flight, &flight_gate, options))
        .collect();
    let others = Others::of(&cases);
    let mut rated = Rated {
        quality: Some(flight_gate.quality),
        ..Rated::default()
    };
    for case in cases {
        let (hot, cold) = objects::of_roof(case.roof, &case.gate, flight, options);
        let score = case.score(&others, &hot, base_sigma_k, flight, options);
        rated.roofs.push(score);
        rated.hotspots.extend(hot);
        rated.coldspots.extend(cold);
    }
    rated
}

/// Rates parts of roofs, zones of one tenant each, against the whole roofs of their flight: a
/// zone is compared with the park and is itself in no group. Warm objects are found on whole
/// roofs only. Out: one score per part, in their order.
pub fn rate_parts(
    parts: &[Measured],
    roofs: &[Measured],
    flight: &FlightConditions,
    options: &Options,
) -> Vec<RoofScore> {
    if parts.is_empty() {
        return Vec::new();
    }
    let flight_gate = flight_gate(flight, options);
    let case = |roof| Case::new(roof, flight, &flight_gate, options);
    let cases: Vec<Case<'_>> = roofs.iter().map(case).collect();
    let others = Others::of(&cases);
    let base_sigma_k = base_sigma_k(flight);
    parts
        .iter()
        .map(|part| case(part).score(&others, &[], base_sigma_k, flight, options))
        .collect()
}

/// The gate of a flight by its purpose.
fn flight_gate(flight: &FlightConditions, options: &Options) -> Gate {
    match options.moisture {
        true => moisture::of_flight(flight),
        false => gates::of_flight(flight),
    }
}

/// 1σ of a roof-to-roof difference of temperature, K: what overlaps show, or the usual.
fn base_sigma_k(flight: &FlightConditions) -> f64 {
    flight
        .overlap_disagreement_k
        .map_or(SIGMA_ROOF_K, |k| k.max(LEAST_SIGMA_K))
}

/// The other roofs of a flight.
struct Others<'a> {
    /// Those that may have a class.
    comparable: Vec<Comparable<'a>>,
    /// Open canopies, dry and seen.
    canopies: Vec<Comparable<'a>>,
}

impl<'a> Others<'a> {
    fn of(cases: &[Case<'a>]) -> Self {
        Self {
            comparable: cases.iter().filter_map(Case::comparable).collect(),
            canopies: cases.iter().filter_map(Case::canopy).collect(),
        }
    }
}

/// A roof with its gates.
struct Case<'a> {
    roof: &'a Measured,
    indoor: Indoor,
    gate: Gate,
    /// What its emissivity leaves uncertain in a comparison, K ([`Case::emissivity_k`]).
    emissivity_k: f64,
}

impl<'a> Case<'a> {
    fn new(
        roof: &'a Measured,
        flight: &FlightConditions,
        flight_gate: &Gate,
        options: &Options,
    ) -> Self {
        let indoor = indoor(&roof.context, flight, options);
        let gate = gates::of_roof(roof, flight, flight_gate, &indoor, options);
        let mut case = Self {
            roof,
            indoor,
            gate,
            emissivity_k: 0.0,
        };
        case.emissivity_k = case.emissivity_k(flight, options);
        case
    }

    /// What the emissivity leaves uncertain where roofs are compared, K as 1σ. A roof that radiates
    /// better than assumed is read too warm and truly is colder, `σ_ε σ (Ts⁴ − F Tsky⁴ −
    /// (1 − F) Ta⁴)/(h_c + h_r)` (scoring.md §4): the difference of both remains. Without weather the
    /// whole of the reading.
    fn emissivity_k(&self, flight: &FlightConditions, options: &Options) -> f64 {
        let reading_k = self.roof.emissivity_sigma_k;
        let colder_k = || {
            let median_c = self.roof.statistics?.median_c;
            let sigma = self.roof.material.emissivity_sigma;
            let around =
                self.surroundings(self.roof.context.height_m, median_c, flight, options)?;
            let h = around.h_c + radiative(around.emissivity, median_c, median_c);
            let black = Surroundings {
                h_c: 0.0,
                emissivity: 1.0,
                ..around
            };
            let reads_warm = flight.reflected_c? < median_c;
            let truly_k = sigma * black.flux(median_c) / h;
            Some(if reads_warm { truly_k } else { -truly_k })
        };
        (reading_k - colder_k().unwrap_or(0.0)).abs().min(reading_k)
    }

    /// Statistics that may be printed: a mirror of the sky divided by a small emissivity is no
    /// temperature of the roof (scoring.md §1, the low-emissivity trap).
    fn statistics(&self) -> Option<RoofStatistics> {
        self.roof.statistics.filter(|_| !self.gate.has(2))
    }

    fn rated(&self) -> bool {
        self.roof.statistics.is_some() && !self.gate.no_class(self.roof.valid_fraction)
    }

    fn comparable(&self) -> Option<Comparable<'a>> {
        let median_c = self.roof.statistics?.median_c;
        self.rated().then_some(Comparable {
            roof: self.roof,
            indoor: self.indoor,
            median_c,
            emissivity_k: self.emissivity_k,
        })
    }

    /// An open canopy that may anchor others: not heated is the only thing against it.
    fn canopy(&self) -> Option<Comparable<'a>> {
        let median_c = self.statistics()?.median_c;
        let canopy = self.roof.material.name == CANOPY;
        let spoilt = [2, 3, 4, 5, 6, 8].iter().any(|code| self.gate.has(*code));
        let seen = self.roof.valid_fraction >= 0.30;
        (canopy && seen && !spoilt).then_some(Comparable {
            roof: self.roof,
            indoor: self.indoor,
            median_c,
            emissivity_k: self.emissivity_k,
        })
    }

    /// σ of this roof's temperature against others: levelling (of the flight, or of the frames behind
    /// this roof where they are less sure), and the emissivity where it is not known (among roofs
    /// of one known material it is common to all).
    fn sigma_k(&self, base_sigma_k: f64) -> f64 {
        let base_sigma_k = base_sigma_k.max(self.roof.mean_sigma_k);
        if self.roof.material.known {
            base_sigma_k
        } else {
            root_sum([base_sigma_k, self.emissivity_k])
        }
    }

    fn score(
        mut self,
        others: &Others<'_>,
        hot: &[Hotspot],
        base_sigma_k: f64,
        flight: &FlightConditions,
        options: &Options,
    ) -> RoofScore {
        let roof = self.roof;
        let mut score = RoofScore {
            oidn: roof.context.oidn.clone(),
            area_m2: roof.area_m2,
            observed_fraction: roof.observed_fraction,
            valid_fraction: roof.valid_fraction,
            statistics: self.statistics(),
            material_group: roof.material.name.clone(),
            material: roof.material.name.clone(),
            material_confidence: roof.material.estimated,
            derived: roof.context.derived,
            emissivity: roof.material.emissivity,
            indoor_c: self.indoor.under_roof_c,
            indoor_known: self.indoor.known,
            hotspot_count: hot.len() as u32,
            ..RoofScore::default()
        };
        if hot.iter().any(|h| h.kind == HotspotKind::Process) {
            self.gate.add(6, None);
        }
        if let Some(statistics) = self.statistics() {
            let median_c = statistics.median_c;
            score.delta_air_k = flight.air_c.map(|air| median_c - air);
            // Heat stored by the sun says nothing of heat loss: no index, U or class.
            if !options.moisture {
                score.theta = self.theta(median_c, flight, options);
            }
            if self.rated() && !options.moisture {
                self.compare(&mut score, median_c, others, base_sigma_k, flight, options);
            }
        }
        self.confidence(&mut score, flight, options);
        score.inferred = self.inferred(options);
        score.reasons = self.gate.reasons;
        score
    }

    /// Reasons that nobody told.
    fn inferred(&self, options: &Options) -> Vec<u8> {
        let material = &self.roof.material;
        let metal = material.known && material.emissivity < options.emissivity_min_rated;
        // That there is a loft follows from tiles and slope alone.
        [(2, metal), (3, material.hides_roof), (10, false)]
            .into_iter()
            .filter(|(code, told)| !told && self.gate.has(*code))
            .map(|(code, _)| code)
            .collect()
    }

    fn h_c(&self, surface_c: f64, flight: &FlightConditions, options: &Options) -> Option<f64> {
        let roof = self.roof;
        let size = (roof.area_m2, roof.perimeter_m);
        let height_m = roof.context.height_m;
        flight.h_c(surface_c, size, height_m, &roof.material, options)
    }

    /// `h_c + h_r`, W/m²K.
    fn h(&self, median_c: f64, flight: &FlightConditions, options: &Options) -> Option<f64> {
        let h_r = radiative(self.roof.material.emissivity, median_c, median_c);
        Some(self.h_c(median_c, flight, options)? + h_r)
    }

    fn adiabatic_c(
        &self,
        median_c: f64,
        flight: &FlightConditions,
        options: &Options,
    ) -> Option<f64> {
        let height_m = self.roof.context.height_m;
        Some(
            self.surroundings(height_m, median_c, flight, options)?
                .adiabatic_c(),
        )
    }

    /// What surrounds the roof if its eaves are at `height_m`.
    fn surroundings(
        &self,
        height_m: Option<f64>,
        median_c: f64,
        flight: &FlightConditions,
        options: &Options,
    ) -> Option<Surroundings> {
        let roof = self.roof;
        let size = (roof.area_m2, roof.perimeter_m);
        Some(Surroundings {
            air_c: flight.air_c?,
            h_c: flight.h_c(median_c, size, height_m, &roof.material, options)?,
            emissivity: roof.material.emissivity,
            sky_c: flight.sky()?.sky_c,
            f_sky: roof.context.f_sky(),
        })
    }

    fn theta(&self, median_c: f64, flight: &FlightConditions, options: &Options) -> Option<f64> {
        let reflective = self.gate.has(2) || self.gate.has(13);
        let adiabatic_c = self.adiabatic_c(median_c, flight, options)?;
        index(median_c, adiabatic_c, self.indoor.under_roof_c).filter(|_| !reflective)
    }

    /// Everything that needs other roofs.
    fn compare(
        &mut self,
        score: &mut RoofScore,
        median_c: f64,
        others: &Others<'_>,
        base_sigma_k: f64,
        flight: &FlightConditions,
        options: &Options,
    ) {
        let group = Group::of(&self.roof.material.name, &others.comparable, options);
        let sigma_k = self.sigma_k(base_sigma_k);
        score.material_group.clone_from(&group.name);
        score.group_size = group.medians.len() as u32;
        score.sigma_relative_k = Some(sigma_k);
        score.anchor = Some(Rung::None.letter());
        let in_own_wind = self.wind_shift_k(median_c, flight, options);
        let park = || {
            let all = &others.comparable;
            percentile_reference(self.roof, all, base_sigma_k, in_own_wind, options)
        };
        let anchor = itself(self.roof, median_c, self.indoor)
            .or_else(|| {
                let all = &others.comparable;
                let (known, stored) = known_reference(self.roof, all, base_sigma_k, in_own_wind)?;
                // One roof of known U is read with an error of its own, and that would move all.
                let steadied = park()
                    .zip(self.h(median_c, flight, options))
                    .map(|(park, h)| known.steadied_by(&park.0, h, options.rse_m2k_w));
                Some((steadied.unwrap_or(known), stored))
            })
            .or_else(|| canopy_reference(self.roof, &others.canopies, base_sigma_k, in_own_wind))
            .or_else(park);
        if let Some(anchor) = &anchor {
            let reference = &anchor.0;
            score.anchor = Some(reference.rung.letter());
            score.delta_reference_k = Some(median_c - reference.surface_c);
            if !self.gate.no_u() {
                score.anchor_u_w_m2k = Some(reference.u).filter(|u| *u > 0.0);
                self.physical(score, median_c, anchor, sigma_k, flight, options);
            }
        } else if !self.gate.no_u() {
            match self.foreign_reference(
                median_c,
                &others.comparable,
                base_sigma_k,
                flight,
                options,
            ) {
                Some(foreign) => self.physical(score, median_c, &foreign, sigma_k, flight, options),
                None => self.absolute(score, median_c, sigma_k, flight, options),
            }
        }
        if let Some(park) = &group.park
            && group.medians.len() >= options.min_group
        {
            let local_c = park.median + self.roof.context.local_k();
            let level_c = median_c - self.roof.context.local_k();
            score.local_reference_c = Some(local_c);
            score.delta_t_k = Some(median_c - local_c);
            score.position = group.position(level_c);
            if score.class.is_none() && !self.gate.has(21) {
                let (class, range) = park.class(level_c, sigma_k, &options.z_bounds);
                score.class = Some(class);
                score.class_range = Some(range);
                score.class_mode = ClassMode::Relative;
                score.score = Some(park.score(level_c));
                let at_place = |level_c: f64| level_c + self.roof.context.local_k();
                score.score_ends = Some((at_place(park.p2_5), at_place(park.p97_5)));
            }
        } else if score.class.is_none() {
            self.gate.add(19, Some(group.medians.len() as f64));
        }
    }

    /// By how much another roof, of transmittance `u` W/m²K, would be warmer in the wind at this
    /// roof's height, K: more wind holds it nearer to the air, and the same heat warms it less
    /// (scoring.md §3, §4; heights up to 6 m apart are compared, §6). Nothing where a height or the
    /// weather is unknown. Size is left out: the formulas for convection disagree on it.
    fn wind_shift_k<'b>(
        &'b self,
        median_c: f64,
        flight: &'b FlightConditions,
        options: &'b Options,
    ) -> impl Fn(&Comparable<'_>, f64) -> f64 + Copy + 'b {
        let at = move |height_m: Option<f64>| {
            let around = self.surroundings(Some(height_m?), median_c, flight, options)?;
            let adiabatic_c = around.adiabatic_c();
            let h = around.h_c + radiative(around.emissivity, adiabatic_c, median_c);
            Some((adiabatic_c, h))
        };
        let own = at(self.roof.context.height_m);
        move |other, u| {
            let Some((own, there)) = own.zip(at(other.roof.context.height_m)) else {
                return 0.0;
            };
            let indoor_c = other.indoor.under_roof_c;
            let flux = flux_of_u(u, indoor_c, other.median_c, options.rse_m2k_w);
            own.0 - there.0 + flux * (1.0 / own.1 - 1.0 / there.1)
        }
    }

    /// What a roof of a rare material is held against: a roof of known U of another one, moved by
    /// what the balance makes of the difference of emissivity, roughness and size.
    fn foreign_reference(
        &self,
        median_c: f64,
        comparable: &[Comparable<'_>],
        base_sigma_k: f64,
        flight: &FlightConditions,
        options: &Options,
    ) -> Option<Anchor> {
        let own_c = self.adiabatic_c(median_c, flight, options)?;
        foreign_reference(self.roof, comparable, base_sigma_k, |other| {
            let case = Case {
                roof: other.roof,
                indoor: other.indoor,
                gate: self.gate.clone(),
                emissivity_k: other.emissivity_k,
            };
            Some(own_c - case.adiabatic_c(other.median_c, flight, options)?)
        })
    }

    /// Flux, U, heat loss, energy; on a flight of quality A or B the physical class, unless no rung
    /// of the ladder holds (`anchor` d): then they are screening numbers.
    fn physical(
        &mut self,
        score: &mut RoofScore,
        median_c: f64,
        (reference, stored): &Anchor,
        sigma_k: f64,
        flight: &FlightConditions,
        options: &Options,
    ) {
        let Some(h_c) = self.h_c(median_c, flight, options) else {
            return;
        };
        let screening = score.anchor == Some(Rung::None.letter());
        let own_emissivity = if screening { 1.0 } else { OWN_EMISSIVITY };
        // A roof of known U is its own reference: whatever moves it moves both.
        let apart = f64::from(reference.surface_sigma_k > 0.0);
        let subject = Subject {
            surface_c: median_c,
            surface_sigma_k: apart * sigma_k,
            // Of an unknown material it is part of sigma_k already.
            emissivity_sigma_k: if self.roof.material.known {
                apart * own_emissivity * self.emissivity_k
            } else {
                0.0
            },
            indoor_c: self.indoor.under_roof_c,
            indoor_sigma_k: apart * self.indoor.sigma_k,
            h_c,
            emissivity: self.roof.material.emissivity,
            storage_w_m2: storage_unlike(&self.roof.material, stored, flight.cooling_k_h),
        };
        let Some(found) = anchored(reference, &subject, options.rse_m2k_w) else {
            return;
        };
        score.flux_w_m2 = Some(found.flux);
        if found.below_reference() {
            self.gate.add(21, None);
            return;
        }
        score.u_w_m2k = Some(found.u);
        // What another flight would differ by, its own temperature above all.
        let measured = Subject {
            surface_sigma_k: sigma_k,
            ..subject
        };
        score.u_unshared_w_m2k =
            anchored(reference, &measured, options.rse_m2k_w).map(|a| a.u_unshared);
        if self.gate.quality <= Quality::B && !screening {
            let (class, range) =
                physical(found.u.value, found.u68, found.u_sigma, &options.u_bounds);
            score.class = Some(class);
            score.class_range = Some(range);
            score.class_mode = ClassMode::Physical;
            score.score = Some(score_absolute(found.u.value));
            score.score_ends = Some(SCORE_U);
        }
        self.energy(score, median_c, &found.flux, flight, options);
    }

    /// Rung d: flux, U and energy from the balance alone, with all that the flight shares in the
    /// interval; a screening number, so no class stands on it (scoring.md §0, §6).
    fn absolute(
        &mut self,
        score: &mut RoofScore,
        median_c: f64,
        sigma_k: f64,
        flight: &FlightConditions,
        options: &Options,
    ) {
        let subject = absolute::Subject {
            surface_c: median_c,
            surface_sigma_k: sigma_k,
            indoor: self.indoor,
        };
        let Some(found) = absolute::absolute(self.roof, &subject, flight, options) else {
            return;
        };
        score.flux_w_m2 = Some(found.flux);
        if found.below() {
            self.gate.add(21, None);
            return;
        }
        score.u_w_m2k = Some(found.u);
        score.u_unshared_w_m2k = Some(found.u_unshared);
        self.energy(score, median_c, &found.flux, flight, options);
    }

    fn energy(
        &self,
        score: &mut RoofScore,
        median_c: f64,
        flux: &Interval,
        flight: &FlightConditions,
        options: &Options,
    ) {
        let judged_m2 = self.roof.area_m2 * self.roof.valid_fraction;
        let loss = Interval {
            value: flux.value * judged_m2,
            low: flux.low * judged_m2,
            high: flux.high * judged_m2,
        };
        score.heat_loss_w = Some(loss);
        score.energy_kwh_a = self
            .adiabatic_c(median_c, flight, options)
            .and_then(|t_ad| yearly(&loss, self.indoor.under_roof_c, t_ad, &options.energy));
        if let Some(energy) = score.energy_kwh_a {
            score.co2_kg_a = Some(energy.times(options.energy.co2_kg_kwh));
            let price = self.roof.context.gas_price_eur_kwh;
            score.cost_eur_a = price.map(|price| energy.times(price));
        }
    }

    /// Grade and deductions of every roof that was measured, rated or not; a roof without
    /// statistics has neither.
    fn confidence(&self, score: &mut RoofScore, flight: &FlightConditions, options: &Options) {
        let roof = self.roof;
        let Some(statistics) = self.statistics() else {
            return;
        };
        let found = confidence(&Doubts {
            quality: Some(self.gate.quality),
            absolute: score.anchor == Some(Rung::None.letter()) && score.u_w_m2k.is_some(),
            relative: score.class_mode == ClassMode::Relative,
            indoor_unknown: !self.indoor.known && !options.moisture,
            material_unknown: !roof.material.known,
            emissivity_low: (0.80..=0.88).contains(&roof.material.emissivity),
            valid_low: roof.valid_fraction < 0.80,
            sky_hidden: roof.context.f_sky() < 0.8,
            one_frame: roof.frames_median == 1.0,
            outline_off: roof.outline_off(),
            dew: gates::above_dew_k(roof, flight).is_some_and(|k| k < 1.0),
            ..Doubts::default()
        });
        score.deductions = found.deductions;
        // Too little of the roof: at best C (scoring.md §8).
        let little = roof.valid_fraction < 0.60 || statistics.pixels < 200;
        let grade = roof.best_grade(found.grade);
        let grade = if little { grade.max('C') } else { grade };
        score.grade = Some(match options.moisture {
            true => moisture::grade(grade, &self.gate),
            false => grade,
        });
    }
}
