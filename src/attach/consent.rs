//! Who may see what (flemish-data.md §9.4). Default: nobody.
//!
//! A thermal picture of the roof of a legal person is not personal data as such; of a natural
//! person's company it can be. Consent is a participation of `yes`; for a natural person's
//! company nothing goes beyond its own sheet unless the consent is dated. Nothing here decides
//! how things look: a denial is a reason in words, for the association's list.

use super::linking::{Linking, Outcome, Tie};
use crate::survey::{Company, Participation, Sharing};

/// Settings `[privacy]` of interface.md §5, as far as they decide on consent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Privacy {
    /// Links below this are not published.
    pub publish_confidence: f64,
    /// Publish them all the same (`--allow-unreviewed`).
    pub allow_unreviewed: bool,
    /// Smallest count in a published table.
    pub min_cell: usize,
    /// Whether companies that take no part are counted in aggregates.
    pub aggregate_nonparticipants: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            publish_confidence: 0.6,
            allow_unreviewed: false,
            min_cell: 5,
            aggregate_nonparticipants: false,
        }
    }
}

/// Why a company gets no sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It does not take part.
    NoConsent,
    /// It took part and withdrew: an earlier sheet is removed.
    Withdrawn,
    /// It is tied to no building.
    NoBuilding,
    /// Its buildings are guesses nobody has confirmed.
    Unreviewed,
}

impl Denied {
    /// The reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoConsent => "does not take part",
            Self::Withdrawn => "has withdrawn",
            Self::NoBuilding => "is tied to no building",
            Self::Unreviewed => "its buildings are a guess that nobody has confirmed",
        }
    }
}

/// Whether a tie may be used for anything that is published.
pub fn publishable(tie: &Tie, privacy: &Privacy) -> bool {
    privacy.allow_unreviewed || tie.link.confidence >= privacy.publish_confidence
}

/// Whether a company gets a sheet.
///
/// # Errors
/// The reason why not.
pub fn sheet(company: &Company, linking: &Linking, privacy: &Privacy) -> Result<(), Denied> {
    match company.participates {
        Participation::Yes => {}
        Participation::No => return Err(Denied::NoConsent),
        Participation::Withdrawn => return Err(Denied::Withdrawn),
    }
    let mut ties = linking.of(&company.company_id).peekable();
    if ties.peek().is_none() {
        return Err(Denied::NoBuilding);
    }
    match ties.any(|t| publishable(t, privacy)) {
        true => Ok(()),
        false => Err(Denied::Unreviewed),
    }
}

/// Who looks at an overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everyone (`park/`).
    Public,
    /// The association (`internal/`).
    Association,
}

/// What of one company may stand in an overview for an audience. Never more than the company
/// allowed, nothing without consent, nothing at all in public.
pub fn in_overview(company: &Company, outcome: Option<&Outcome>, audience: Audience) -> Sharing {
    if audience == Audience::Public || company.participates != Participation::Yes {
        return Sharing::No;
    }
    let sole_trader = outcome.is_none_or(|o| o.sole_trader);
    if sole_trader && company.consent_date.trim().is_empty() {
        return Sharing::No;
    }
    company.sharing
}

/// Whether a company is counted in classes and counts over many. One that withdrew never is;
/// one that takes no part only by agreement, and a natural person's then neither.
pub fn in_aggregate(company: &Company, outcome: Option<&Outcome>, privacy: &Privacy) -> bool {
    match company.participates {
        Participation::Yes => true,
        Participation::Withdrawn => false,
        Participation::No => {
            privacy.aggregate_nonparticipants && outcome.is_some_and(|o| !o.sole_trader)
        }
    }
}

/// Buildings in the group from which a sheet may say where in the park its roof stands, and then
/// only as a class.
pub const LEAST_GROUP: usize = 10;

/// Whether a sheet may say where in its group a roof stands.
pub fn may_rank(group: usize) -> bool {
    group >= LEAST_GROUP
}

/// How much of a company's roof a flight saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Nothing: no sheet of this flight.
    Outside,
    /// Under nine tenths: printed, not ranked (flemish-data.md §9.3).
    Partial,
    /// Enough to rank.
    Whole,
}

/// Coverage from the roofs of a company, as (area in m², share seen 0–1).
pub fn coverage(roofs: &[(f64, f64)]) -> Coverage {
    let area: f64 = roofs.iter().map(|(m2, _)| m2).sum();
    let seen: f64 = roofs.iter().map(|(m2, share)| m2 * share).sum();
    if seen.is_nan() || seen <= 0.0 {
        return Coverage::Outside;
    }
    match seen >= 0.9 * area {
        true => Coverage::Whole,
        false => Coverage::Partial,
    }
}

/// Counts of a published table: `None` where a cell is withheld.
///
/// Cells under `min_cell` are withheld. One withheld cell is the difference of the total and
/// the others, so a second goes with it, the smallest; and so on until what is withheld sums to
/// `min_cell` at least (complementary suppression, as of statistical offices). Zero is withheld
/// as well: that nobody is in a class says something of everybody.
pub fn publish_counts(counts: &[usize], min_cell: usize) -> Vec<Option<usize>> {
    let mut cells: Vec<Option<usize>> = counts
        .iter()
        .map(|n| Some(*n).filter(|n| *n >= min_cell))
        .collect();
    loop {
        let hidden = counts.iter().zip(&cells).filter(|(_, c)| c.is_none());
        let (number, sum) = hidden.fold((0, 0_usize), |(k, s), (n, _)| (k + 1, s + n));
        if number == 0 || (number > 1 && sum >= min_cell) {
            return cells;
        }
        let smallest = cells
            .iter()
            .enumerate()
            .filter_map(|(i, c)| Some(((*c)?, i)))
            .min();
        match smallest.and_then(|(_, i)| cells.get_mut(i)) {
            Some(cell) => *cell = None,
            None => return cells,
        }
    }
}

/// A row of the consent log (`internal/consent_log.csv`, append-only).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRow {
    /// Company key.
    pub company_id: String,
    /// `yes`, `no` or `withdrawn`.
    pub participates: &'static str,
    /// `no`, `class` or `full`: what the association may see.
    pub sharing: &'static str,
    /// As given.
    pub date: String,
    /// As given.
    pub by: String,
}

/// The rows a consent log gains: one for each company whose consent differs from its last row
/// in the log. A log is never rewritten; that a company said yes before it withdrew is kept.
pub fn log_additions(log: &[ConsentRow], companies: &[Company]) -> Vec<ConsentRow> {
    let last: std::collections::BTreeMap<&str, &ConsentRow> =
        log.iter().map(|r| (r.company_id.as_str(), r)).collect();
    companies
        .iter()
        .map(consent_row)
        .filter(|row| match last.get(row.company_id.as_str()) {
            Some(before) => *before != row,
            // That a company never took part needs no record.
            None => row.participates != "no",
        })
        .collect()
}

/// The consent of a company as a row.
pub fn consent_row(company: &Company) -> ConsentRow {
    ConsentRow {
        company_id: company.company_id.clone(),
        participates: match company.participates {
            Participation::Yes => "yes",
            Participation::No => "no",
            Participation::Withdrawn => "withdrawn",
        },
        sharing: match company.sharing {
            Sharing::No => "no",
            Sharing::Class => "class",
            Sharing::Full => "full",
        },
        date: company.consent_date.trim().to_owned(),
        by: company.consent_by.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attach::{Occupancy, Step};
    use crate::survey::Link;

    fn company(participates: Participation, sharing: Sharing) -> Company {
        Company {
            company_id: "A".into(),
            participates,
            sharing,
            ..Company::default()
        }
    }

    fn linking(confidence: Option<f64>) -> Linking {
        let tie = |confidence| Tie {
            link: Link {
                company_id: "A".into(),
                oidn: "1".into(),
                share: None,
                zone: None,
                method: "nearest",
                confidence,
            },
            step: Step::Nearest,
            evidence: String::new(),
            occupancy: Occupancy::Sole,
        };
        Linking {
            ties: confidence.map(tie).into_iter().collect(),
            ..Linking::default()
        }
    }

    fn legal() -> Outcome {
        Outcome::default()
    }

    fn natural() -> Outcome {
        Outcome {
            sole_trader: true,
            ..Outcome::default()
        }
    }

    #[test]
    fn only_who_takes_part_and_is_surely_tied_gets_a_sheet() {
        let privacy = Privacy::default();
        let ask = |p, c| sheet(&company(p, Sharing::No), &linking(c), &privacy);
        assert_eq!(ask(Participation::Yes, Some(0.6)), Ok(()));
        assert_eq!(ask(Participation::Yes, Some(0.4)), Err(Denied::Unreviewed));
        assert_eq!(ask(Participation::Yes, None), Err(Denied::NoBuilding));
        assert_eq!(ask(Participation::No, Some(1.0)), Err(Denied::NoConsent));
        assert_eq!(
            ask(Participation::Withdrawn, Some(1.0)),
            Err(Denied::Withdrawn)
        );
        assert_eq!(Company::default().participates, Participation::No);
    }

    #[test]
    fn unreviewed_ties_are_published_only_when_asked() {
        let privacy = Privacy {
            allow_unreviewed: true,
            ..Privacy::default()
        };
        let yes = company(Participation::Yes, Sharing::No);
        assert_eq!(sheet(&yes, &linking(Some(0.4)), &privacy), Ok(()));
        // Not even then without consent.
        let no = company(Participation::No, Sharing::No);
        assert_eq!(
            sheet(&no, &linking(Some(0.4)), &privacy),
            Err(Denied::NoConsent)
        );
    }

    #[test]
    fn an_overview_shows_what_a_company_allows_and_nothing_in_public() {
        for sharing in [Sharing::No, Sharing::Class, Sharing::Full] {
            let yes = company(Participation::Yes, sharing);
            let seen = |audience| in_overview(&yes, Some(&legal()), audience);
            assert_eq!(seen(Audience::Association), sharing);
            assert_eq!(seen(Audience::Public), Sharing::No);
            for not in [Participation::No, Participation::Withdrawn] {
                let gone = company(not, sharing);
                let seen = in_overview(&gone, Some(&legal()), Audience::Association);
                assert_eq!(seen, Sharing::No);
            }
        }
    }

    #[test]
    fn a_sole_traders_values_need_a_dated_consent() {
        let mut yes = company(Participation::Yes, Sharing::Full);
        let seen = |c: &Company| in_overview(c, Some(&natural()), Audience::Association);
        assert_eq!(seen(&yes), Sharing::No);
        yes.consent_date = "2026-01-15".into();
        assert_eq!(seen(&yes), Sharing::Full);
    }

    #[test]
    fn aggregates_hold_others_only_by_agreement_and_who_withdrew_never() {
        let agreed = Privacy {
            aggregate_nonparticipants: true,
            ..Privacy::default()
        };
        let counted = |p, outcome: &Outcome, privacy| {
            in_aggregate(&company(p, Sharing::No), Some(outcome), privacy)
        };
        let standard = Privacy::default();
        assert!(counted(Participation::Yes, &natural(), &standard));
        assert!(!counted(Participation::No, &legal(), &standard));
        assert!(counted(Participation::No, &legal(), &agreed));
        assert!(!counted(Participation::No, &natural(), &agreed));
        assert!(!counted(Participation::Withdrawn, &legal(), &agreed));
    }

    #[test]
    fn a_small_cell_takes_another_with_it_so_that_the_total_does_not_tell_it() {
        assert_eq!(publish_counts(&[7, 9, 12], 5), [Some(7), Some(9), Some(12)]);
        assert_eq!(
            publish_counts(&[2, 9, 12, 6], 5),
            [None, Some(9), Some(12), None]
        );
        // Two small cells that sum to less than five would tell that few.
        assert_eq!(
            publish_counts(&[1, 2, 9, 12], 5),
            [None, None, None, Some(12)]
        );
        assert_eq!(publish_counts(&[3, 4, 9], 5), [None, None, Some(9)]);
        assert_eq!(publish_counts(&[3], 5), [None]);
        assert_eq!(publish_counts(&[], 5), []);
        assert_eq!(publish_counts(&[0, 20, 30], 5), [None, None, Some(30)]);
    }

    #[test]
    fn no_published_cell_can_be_worked_out_to_be_under_the_minimum() {
        for a in 0..12 {
            for b in 0..12 {
                for c in 0..12 {
                    let counts = [a, b, c];
                    let cells = publish_counts(&counts, 5);
                    let shown: usize = cells.iter().flatten().sum();
                    let hidden = cells.iter().filter(|c| c.is_none()).count();
                    assert!(cells.iter().flatten().all(|n| *n >= 5));
                    let rest = a + b + c - shown;
                    assert!(hidden != 1, "{counts:?}");
                    assert!(hidden == 0 || hidden == 3 || rest >= 5, "{counts:?}");
                }
            }
        }
    }

    #[test]
    fn a_roof_seen_in_part_is_printed_and_not_ranked() {
        assert_eq!(coverage(&[]), Coverage::Outside);
        assert_eq!(coverage(&[(400.0, 0.0)]), Coverage::Outside);
        assert_eq!(coverage(&[(400.0, 1.0), (100.0, 0.4)]), Coverage::Partial);
        assert_eq!(coverage(&[(400.0, 1.0), (100.0, 0.5)]), Coverage::Whole);
        assert_eq!(coverage(&[(400.0, f64::NAN)]), Coverage::Outside);
    }

    #[test]
    fn a_place_in_the_park_is_said_from_ten_buildings_on() {
        assert!(!may_rank(9));
        assert!(may_rank(10));
    }

    #[test]
    fn the_consent_log_gains_changes_and_keeps_what_was() {
        let yes = company(Participation::Yes, Sharing::Class);
        let first = log_additions(&[], &[yes.clone(), Company::default()]);
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].participates, first[0].sharing), ("yes", "class"));
        assert!(log_additions(&first, &[yes]).is_empty());
        let gone = company(Participation::Withdrawn, Sharing::Class);
        let second = log_additions(&first, &[gone]);
        assert_eq!(second[0].participates, "withdrawn");
    }
}
