//! Ties companies to buildings, and says who may see what.
//!
//! In: the company list, explicit links, outlines, what public registers say. Out: for every
//! company its buildings with method, confidence and evidence, the part that is its own, and
//! what a person has to look at.
//!
//! A ladder (flemish-data.md §9.2): what people state explicitly, then parcels, the address
//! registers, the register of enterprises, plots, and at last the nearest building. The first
//! rung that gives a result wins; nothing below `publish_confidence` is published. A tie that is
//! wrong shows one company's roof to another, so every rung refuses where it would have to
//! choose between two answers, and the refused ones are listed as candidates.
//!
//! Consent, separation and the search for leaks are here as well, as pure functions.
//!
//! Not here: reading registers, writing the review list (`pipeline`), roofs themselves.

pub mod address;
pub mod consent;
mod ladder;
pub mod leak;
mod linking;
mod options;
mod parks;
mod register;
pub mod review;
mod shapes;
pub mod succession;
mod token;
pub mod visit;
pub mod words;
mod zones;

pub use linking::{Candidate, Linking, Occupancy, Outcome, Step, Tie, ZoneOrigin};
pub use options::Options;
pub use parks::{Parks, parks};
pub use token::token;

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::Problem;
use crate::survey::reference::References;
use crate::survey::{Company, Link, Outline};
use ladder::{Climb, Ground};

/// Ties every company to its buildings.
///
/// `links`: explicit statements (own `buildings`, rows of the link table), already tied to
/// outlines. `outlines`, `references`: project CRS, metres. Out: ties and outcomes in the order
/// of the companies. Nothing fails: what cannot be tied is an [`Outcome`] with its problem.
pub fn link(
    companies: &[Company],
    links: &[Link],
    outlines: &[Outline],
    references: &References,
    options: &Options,
) -> Linking {
    let ground = Ground::new(companies, outlines, references, options);
    let positions: BTreeMap<&str, usize> = outlines
        .iter()
        .enumerate()
        .map(|(i, o)| (o.oidn.as_str(), i))
        .collect();
    let mut given: BTreeMap<&str, Vec<&Link>> = BTreeMap::new();
    for link in links {
        given.entry(&link.company_id).or_default().push(link);
    }
    let mut warnings = Vec::new();
    let mut climbs: Vec<(Vec<Tie>, Climb)> = Vec::with_capacity(companies.len());
    for company in companies {
        let own = given.get(company.company_id.as_str());
        let own = own.map_or(&[][..], Vec::as_slice);
        let ties = explicit(company, own, &positions, &mut warnings);
        let climb = match ties.is_empty() {
            true => ground.climb(company),
            false => ground.only_place(company),
        };
        climbs.push((ties, climb));
    }
    plots_and_nearest(&ground, &positions, &mut climbs);
    let mut linking = Linking {
        warnings,
        ..Linking::default()
    };
    for (company, (mut ties, climb)) in companies.iter().zip(climbs) {
        if let Some(found) = &climb.found {
            for (index, evidence) in &found.buildings {
                if let Some(outline) = outlines.get(*index) {
                    ties.push(tie(company, &outline.oidn, found.step, evidence.clone()));
                }
            }
        }
        linking
            .outcomes
            .push(outcome(&ground, company, &ties, climb));
        linking.ties.extend(ties);
    }
    zones::divide(&ground, companies, &positions, &mut linking);
    linking
}

fn tie(company: &Company, oidn: &str, step: Step, evidence: String) -> Tie {
    Tie {
        link: Link {
            company_id: company.company_id.clone(),
            oidn: oidn.to_owned(),
            share: None,
            zone: None,
            method: step.word(),
            confidence: step.confidence(),
        },
        step,
        evidence,
        occupancy: Occupancy::Sole,
    }
}

/// Rungs 1 and 2: what people state.
fn explicit(
    company: &Company,
    links: &[&Link],
    positions: &BTreeMap<&str, usize>,
    warnings: &mut Vec<Problem>,
) -> Vec<Tie> {
    let mut ties: Vec<Tie> = Vec::new();
    let named = |oidn: &str| company.buildings.iter().any(|b| b == oidn);
    for link in links {
        let (step, evidence) = match named(&link.oidn) {
            true => (Step::Buildings, "its row names the building"),
            false => (Step::LinksFile, "a row of the link table names both"),
        };
        if positions.contains_key(link.oidn.as_str()) {
            ties.push(Tie {
                link: (*link).clone(),
                ..tie(company, &link.oidn, step, evidence.to_owned())
            });
        }
    }
    for oidn in &company.buildings {
        let known = positions.contains_key(oidn.as_str());
        if known && !ties.iter().any(|t| t.link.oidn == *oidn) {
            let evidence = "its row names the building".to_owned();
            ties.push(tie(company, oidn, Step::Buildings, evidence));
        } else if !known {
            warnings.push(
                Problem::setting(format!(
                    "names building {oidn}, of which there is no outline"
                ))
                .field(format!("company {}", company.company_id))
                .hint("correct the building key, or add the building to the outlines"),
            );
        }
    }
    ties
}

/// Rungs 6 and 7 for the companies the others left: they need to know where all others are.
fn plots_and_nearest(
    ground: &Ground<'_>,
    positions: &BTreeMap<&str, usize>,
    climbs: &mut [(Vec<Tie>, Climb)],
) {
    let mut holders: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut on_plot: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (company, (ties, climb)) in climbs.iter().enumerate() {
        let stated = ties
            .iter()
            .filter_map(|t| positions.get(t.link.oidn.as_str()));
        let guessed = climb
            .found
            .iter()
            .flat_map(|f| f.buildings.iter().map(|b| &b.0));
        for outline in stated.chain(guessed) {
            holders.entry(*outline).or_default().insert(company);
        }
        for plot in climb.place.map_or_else(Vec::new, |p| ground.plots.at(p)) {
            on_plot.entry(plot).or_default().insert(company);
        }
    }
    for (company, (ties, climb)) in climbs.iter_mut().enumerate() {
        if !ties.is_empty() || climb.found.is_some() {
            continue;
        }
        let plots = climb.place.map_or_else(Vec::new, |p| ground.plots.at(p));
        if let [plot] = plots.as_slice() {
            let mains = ground.mains_of(*plot);
            let neighbours = on_plot.get(plot).into_iter().flatten();
            let tenants = mains.iter().filter_map(|m| holders.get(m)).flatten();
            let others = neighbours.chain(tenants).filter(|c| **c != company);
            let others = others.collect::<BTreeSet<_>>().len();
            let evidence = format!(
                "{} lies on its plot, no other company there",
                climb.place_of
            );
            if others == 0 && !mains.is_empty() {
                climb.found = Some(ladder::Found {
                    step: Step::Plot,
                    buildings: mains.iter().map(|m| (*m, evidence.clone())).collect(),
                });
                continue;
            }
            if others > 0 {
                climb
                    .notes
                    .push(format!("{others} other companies are on its plot"));
            }
        } else if plots.len() > 1 {
            climb.notes.push("its place lies on several plots".into());
        }
        ground.nearest(climb);
    }
}

fn outcome(ground: &Ground<'_>, company: &Company, ties: &[Tie], climb: Climb) -> Outcome {
    let options = ground.options;
    let enough = |t: &Tie| t.link.confidence >= options.publish_confidence;
    let resolved = ties.iter().any(enough);
    let mut candidates = climb.candidates;
    candidates.retain(|c| !ties.iter().any(|t| t.link.oidn == c.oidn));
    candidates.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then(a.oidn.cmp(&b.oidn))
    });
    candidates.dedup_by(|a, b| a.oidn == b.oidn);
    candidates.truncate(options.max_candidates);
    let mut notes = climb.notes;
    if ties.is_empty() && notes.is_empty() {
        notes.push("neither buildings, parcels, address nor number lead to a building".into());
    }
    if !resolved && !ties.is_empty() {
        notes.push("only a guess: confirm it in links.csv".into());
    }
    Outcome {
        company_id: company.company_id.clone(),
        resolved,
        problem: match resolved && candidates.is_empty() {
            true => String::new(),
            false => notes.join("; "),
        },
        candidates,
        place: climb.place,
        sole_trader: ground.sole_trader(company),
    }
}

#[cfg(test)]
mod tests;
