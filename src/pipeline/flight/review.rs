//! The auditor's verdicts laid over what was computed.
//!
//! After the scoring and before anything is written: what was computed stays beside what a person
//! says. A verdict finds its hotspot by id; where an earlier flight's id has taken that place since,
//! by the place the id names. A verdict whose hotspot this flight does not have is told, never
//! dropped: the table stays as the person wrote it.

use super::Flight;
use super::ids::Known;
use super::roofs::Rated;
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::report::overview::ReviewFacts;
use crate::score::{self, Options};
use crate::survey::{Review, Ruling, Subject};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What became of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// Applied; the id the hotspot has now, where it is another.
    Applied(Option<String>),
    /// The flight saw the roof and has no such hotspot.
    Vanished,
    /// Of a roof this flight did not see, or of a later flight.
    Elsewhere,
}

impl Flight<'_> {
    /// Gives hotspots their lasting ids, then lays the verdicts over hotspots and roofs.
    pub(super) fn review(&mut self, mut rated: Rated) -> Rated {
        let known = self.keep_ids(&mut rated);
        let job = self.job;
        let reviews = &job.inputs.reviews;
        if reviews.is_empty() {
            return rated;
        }
        let options = job.folder.settings.score_options();
        let last = !job.order.has_later(&job.folder.id);
        let fates = apply(reviews, &mut rated, &known, last, &options);
        self.record.section("review", section(reviews, &fates));
        rated.reviews = counts(&fates);
        let file = job.project.review.as_deref();
        let file = file.map_or_else(|| "review".to_owned(), |p| job.project.relative(p));
        for (review, _) in of(reviews, &fates, &Fate::Vanished) {
            let what = format!(
                "has a verdict ({}) about a hotspot that this flight does not show",
                review.ruling.word()
            );
            let problem = Problem::setting(what)
                .in_file(file.clone())
                .field(review.subject.key())
                .hint("mended, or no longer found: the row is kept, nothing is printed of it");
            self.warn(Stage::Score, &problem);
        }
        rated
    }
}

fn of<'r>(
    reviews: &'r [Review],
    fates: &'r [Fate],
    wanted: &'r Fate,
) -> impl Iterator<Item = (&'r Review, &'r Fate)> {
    let all = reviews.iter().zip(fates);
    all.filter(move |(_, fate)| std::mem::discriminant(*fate) == std::mem::discriminant(wanted))
}

fn apply(
    reviews: &[Review],
    rated: &mut Rated,
    known: &Known,
    last: bool,
    options: &Options,
) -> Vec<Fate> {
    let fates: Vec<Fate> = reviews
        .iter()
        .map(|review| match &review.subject {
            Subject::Roof(oidn) => roof(review, oidn, rated, known),
            Subject::Hotspot(id) => spot(review, id, rated, known, last, options),
        })
        .collect();
    let mut rejected: BTreeMap<&str, u32> = BTreeMap::new();
    for spot in rated.hotspots.iter().filter(|h| h.rejected()) {
        *rejected.entry(&spot.oidn).or_default() += 1;
    }
    for roof in &mut rated.roofs {
        let less = rejected.get(roof.oidn.as_str()).copied().unwrap_or(0);
        roof.hotspot_count = roof.hotspot_count.saturating_sub(less);
    }
    fates
}

/// A verdict about the rating of a roof: of the whole and of its zones.
fn roof(review: &Review, oidn: &str, rated: &mut Rated, known: &Known) -> Fate {
    let zones = rated.zones.iter_mut().map(|z| &mut z.score);
    let mut found = None;
    for score in rated.roofs.iter_mut().chain(zones) {
        if !known.is_called(&score.oidn, oidn) {
            continue;
        }
        found = Some(score.oidn.clone());
        if review.ruling == Ruling::Confirm
            && let Some(grade) = score.grade
        {
            let best = if score.derived { 'C' } else { 'A' };
            score.grade = Some(score::confidence::raised(
                &mut score.deductions,
                grade,
                best,
            ));
        }
        score.review = Some(Review {
            kind: None,
            severity: None,
            ..review.clone()
        });
    }
    match found {
        Some(now) => Fate::Applied((now != oidn).then_some(now)),
        None => Fate::Elsewhere,
    }
}

fn spot(
    review: &Review,
    id: &str,
    rated: &mut Rated,
    known: &Known,
    last: bool,
    options: &Options,
) -> Fate {
    let spots = || rated.hotspots.iter().enumerate();
    let exact = spots().find(|(_, h)| h.hotspot_id == id).map(|(i, _)| i);
    // Two verdicts may have come to name one place; the first row about it holds.
    let free = spots().filter(|(_, h)| h.review.is_none());
    let near = free.filter_map(|(i, h)| Some((known.names(id, h)?, i)));
    let near = || near.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let Some(i) = exact.or_else(|| near().map(|(_, i)| i)) else {
        return match is_here(id, rated, known) && (last || known.building(id).is_some()) {
            true => Fate::Vanished,
            false => Fate::Elsewhere,
        };
    };
    let hotspot = &mut rated.hotspots[i];
    let derived = rated
        .roofs
        .iter()
        .any(|r| r.oidn == hotspot.oidn && r.derived);
    if review.ruling == Ruling::Confirm {
        score::confirmed(hotspot, derived, options);
    }
    let rejects = review.ruling == Ruling::Reject;
    hotspot.review = Some(Review {
        kind: review.kind.filter(|_| !rejects),
        severity: review.severity.filter(|_| !rejects),
        ..review.clone()
    });
    let now = hotspot.hotspot_id.clone();
    Fate::Applied((now != id).then_some(now))
}

/// Whether this flight saw the roof of a hotspot: known from the flight that had it, else told by
/// the id itself.
fn is_here(id: &str, rated: &Rated, known: &Known) -> bool {
    let told = id.rsplit_once('-').map_or("", |(oidn, _)| oidn);
    let key = known.building(id).unwrap_or(told);
    rated.roofs.iter().any(|r| known.is_called(&r.oidn, key))
}

fn counts(fates: &[Fate]) -> Option<ReviewFacts> {
    let of = |wanted: &dyn Fn(&Fate) -> bool| fates.iter().filter(|f| wanted(f)).count();
    Some(ReviewFacts {
        applied: of(&|f| matches!(f, Fate::Applied(_))),
        vanished: of(&|f| matches!(f, Fate::Vanished)),
        elsewhere: of(&|f| matches!(f, Fate::Elsewhere)),
    })
}

/// Section `review` of `run.json`.
fn section(reviews: &[Review], fates: &[Fate]) -> Value {
    let row = |(review, fate): (&Review, &Fate)| {
        let field = match review.subject {
            Subject::Hotspot(_) => "hotspot_id",
            Subject::Roof(_) => "oidn",
        };
        let mut row = json!({ field: review.subject.key(), "verdict": review.ruling.word() });
        if let Fate::Applied(Some(now)) = fate {
            row["now"] = json!(now);
        }
        row
    };
    let list = |wanted: &Fate| -> Vec<Value> { of(reviews, fates, wanted).map(row).collect() };
    json!({
        "verdicts": reviews.len(),
        "applied": list(&Fate::Applied(None)),
        "vanished": list(&Fate::Vanished),
        "other_flight": list(&Fate::Elsewhere),
    })
}
