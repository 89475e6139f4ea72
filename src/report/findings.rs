//! Which warm objects become points, in which order, and their table rows.
//!
//! A point of attention is an object that is not explained and whose grade is not D; grade D
//! goes to the annex. Points are numbered by urgency, then excess heat flow, then id, so that
//! the same data always carry the same numbers. Explained objects of one kind on one building
//! are one numbered source.

use std::collections::BTreeMap;

use super::format::{Format, fill};
use super::input::SheetInput;
use super::place;
use super::sheet::PointRow;
use super::verdict::assessable;
use super::words::{Wording, Words};
use crate::score::Hotspot;
use crate::survey::Ruling;

/// Explained sources in the table of page 1.
const MAX_SOURCES: usize = 3;

/// Rows of the annex; a roof with more has another problem than a long list.
const MAX_ANNEX: usize = 200;

/// Fewest points page 1 is shortened to; a table that needs more room flows on to page 2.
const LEAST_POINTS: usize = 3;

/// How many of the points stand on page 1: at most `most`, and so many that they and the line that
/// tells of the others end with the page.
fn on_page_1(points: usize, most: usize, room: usize) -> usize {
    if points <= most && points <= room {
        return points;
    }
    let with_line = most.min(room.saturating_sub(1));
    if with_line < LEAST_POINTS.min(most) {
        return points.min(most);
    }
    points.min(with_line)
}

/// 95 % of a normal distribution, two-sided.
pub(super) const K95: f64 = 1.96;

/// One point of attention.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Number on the sheet; 0 when it stands in the annex only.
    pub number: usize,
    /// Position of the building in the input.
    pub building: usize,
    /// Position of the object in the building's list.
    pub hotspot: usize,
    /// Tag of the building.
    pub tag: String,
    /// Place in words.
    pub place: String,
    /// Corner, side or middle alone, for titles that name the edge already.
    pub spot: String,
    /// Wording.
    pub wording: Wording,
    /// Urgency 1–4.
    pub urgency: u8,
    /// Area, m².
    pub area_m2: f64,
    /// Mean excess, K.
    pub excess_k: f64,
    /// Its 95 % uncertainty, K.
    pub uncertainty_k: f64,
    /// Grade.
    pub grade: char,
    /// What a person said of it.
    pub ruling: Option<Ruling>,
}

/// Explained heat sources of one kind on one building.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Number on the sheet; 0 when it stands in the annex only.
    pub number: usize,
    /// Position of the building in the input.
    pub building: usize,
    /// Positions of the objects in the building's list, largest first.
    pub members: Vec<usize>,
    /// Tag of the building.
    pub tag: String,
    /// Place in words.
    pub place: String,
    /// Wording.
    pub wording: Wording,
    /// Area together, m².
    pub area_m2: f64,
    /// Area-weighted mean excess, K.
    pub excess_k: f64,
    /// Greatest 95 % uncertainty of a member, K.
    pub uncertainty_k: f64,
}

/// All findings of a sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// Points of page 1, numbered.
    pub points: Vec<Finding>,
    /// Further points, for the annex.
    pub more: Vec<Finding>,
    /// Points of grade D, for the annex.
    pub doubtful: Vec<Finding>,
    /// Explained sources of page 1, numbered behind the points.
    pub sources: Vec<Source>,
    /// Further sources, for the annex.
    pub more_sources: Vec<Source>,
}

/// Rows of the tables.
pub(super) struct PointRows {
    pub(super) points: Vec<PointRow>,
    pub(super) more_points: Option<String>,
    pub(super) explained: Vec<PointRow>,
    pub(super) more_explained: Option<String>,
    pub(super) annex: Vec<PointRow>,
}

impl Findings {
    /// Sorts and numbers the objects of all buildings. `order` holds building positions in the
    /// order of their tags, `rows` is how many table rows page 1 holds.
    pub(super) fn new(input: &SheetInput, words: &Words, order: &[usize], rows: usize) -> Self {
        let mut open = Vec::new();
        let mut doubtful = Vec::new();
        let mut groups: BTreeMap<(usize, Wording), Vec<usize>> = BTreeMap::new();
        for (rank, &building) in order.iter().enumerate() {
            for (position, hotspot) in input.buildings[building].hotspots.iter().enumerate() {
                let wording = Wording::of(hotspot);
                // A roof that may not be judged has no map to point at: to the annex.
                let judged = assessable(&input.buildings[building].score);
                if hotspot.judged_kind().explained() {
                    groups.entry((rank, wording)).or_default().push(position);
                } else {
                    let finding = finding(input, words, building, position, &tag(rank));
                    if hotspot.grade == 'D' || !judged {
                        &mut doubtful
                    } else {
                        &mut open
                    }
                    .push(finding);
                }
            }
        }
        let by_weight = |a: &Finding, b: &Finding| {
            let (ha, hb) = (hotspot_of(input, a), hotspot_of(input, b));
            (b.urgency.cmp(&a.urgency))
                .then(weight(hb).total_cmp(&weight(ha)))
                .then(ha.hotspot_id.cmp(&hb.hotspot_id))
        };
        open.sort_by(by_weight);
        doubtful.sort_by(by_weight);
        let buildings = order.len() + usize::from(order.len() > 1);
        let limit = on_page_1(
            open.len(),
            input.settings.max_hotspots,
            rows.saturating_sub(buildings),
        );
        let more = open.split_off(limit);
        for (i, point) in open.iter_mut().enumerate() {
            point.number = i + 1;
        }
        let mut sources: Vec<Source> = groups
            .into_iter()
            .map(|((rank, wording), members)| {
                source(input, words, order[rank], wording, members, &tag(rank))
            })
            .collect();
        sources.sort_by(|a, b| {
            let heat = |s: &Source| s.area_m2 * s.excess_k;
            heat(b)
                .total_cmp(&heat(a))
                .then(a.tag.cmp(&b.tag))
                .then(a.wording.cmp(&b.wording))
        });
        // Stable: sources of roofs that were not judged go behind all others.
        sources.sort_by_key(|s| !assessable(&input.buildings[s.building].score));
        let judged = sources
            .iter()
            .filter(|s| assessable(&input.buildings[s.building].score))
            .count();
        let more_sources = sources.split_off(judged.min(MAX_SOURCES));
        for (i, one) in sources.iter_mut().enumerate() {
            one.number = open.len() + i + 1;
        }
        Self {
            points: open,
            more,
            doubtful,
            sources,
            more_sources,
        }
    }

    /// Points of attention, those of the annex included, grade D not.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.points.iter().chain(&self.more)
    }

    /// Number and area of the points of attention on one building.
    pub(super) fn on_building(&self, building: usize) -> (usize, f64) {
        self.open()
            .filter(|p| p.building == building)
            .fold((0, 0.0), |(n, area), p| (n + 1, area + p.area_m2))
    }

    pub(super) fn point_rows(&self, words: &Words, f: &Format) -> PointRows {
        let row = |p: &Finding| point_row(p, words, f);
        let sources = |s: &Source| source_row(s, words, f);
        let annex = self.more.iter().chain(&self.doubtful).map(row);
        PointRows {
            points: self.points.iter().map(row).collect(),
            more_points: more(words.more_points, self.more.iter().map(|p| p.area_m2), f),
            explained: self.sources.iter().map(sources).collect(),
            more_explained: more(
                words.more_explained,
                self.more_sources.iter().map(|s| s.area_m2),
                f,
            ),
            annex: annex
                .chain(self.more_sources.iter().map(sources))
                .map(|mut row| {
                    if row.urgency == 0 {
                        row.urgency_word = "–".to_owned();
                    }
                    row
                })
                .take(MAX_ANNEX)
                .collect(),
        }
    }
}

/// Tag of the building at a rank: G1, G2 …
pub(super) fn tag(rank: usize) -> String {
    format!("G{}", rank + 1)
}

/// The object a finding stands for.
pub(super) fn hotspot_of<'a>(input: &'a SheetInput, finding: &Finding) -> &'a Hotspot {
    &input.buildings[finding.building].hotspots[finding.hotspot]
}

/// Excess heat flow where known, else kelvin times area: same order, no weather needed.
fn weight(hotspot: &Hotspot) -> f64 {
    match hotspot.excess_w {
        Some(w) => w.value,
        None => hotspot.excess_mean_k * hotspot.area_m2,
    }
}

fn finding(
    input: &SheetInput,
    words: &Words,
    building: usize,
    position: usize,
    tag: &str,
) -> Finding {
    let owner = &input.buildings[building];
    let hotspot = &owner.hotspots[position];
    Finding {
        number: 0,
        building,
        hotspot: position,
        tag: tag.to_owned(),
        place: place::place(hotspot, &owner.outline.polygon, tag, words),
        spot: place::spot(hotspot, &owner.outline.polygon, tag, words),
        wording: Wording::of(hotspot),
        urgency: hotspot.urgency(),
        area_m2: hotspot.area_m2,
        excess_k: hotspot.excess_mean_k,
        uncertainty_k: K95 * hotspot.excess_sigma_k,
        grade: hotspot.grade,
        ruling: hotspot.review.as_ref().map(|r| r.ruling),
    }
}

fn source(
    input: &SheetInput,
    words: &Words,
    building: usize,
    wording: Wording,
    mut members: Vec<usize>,
    tag: &str,
) -> Source {
    let hotspots = &input.buildings[building].hotspots;
    members.sort_by(|a, b| {
        let (ha, hb) = (&hotspots[*a], &hotspots[*b]);
        hb.area_m2
            .total_cmp(&ha.area_m2)
            .then(ha.hotspot_id.cmp(&hb.hotspot_id))
    });
    let area_m2: f64 = members.iter().map(|i| hotspots[*i].area_m2).sum();
    let heat: f64 = members
        .iter()
        .map(|i| hotspots[*i].area_m2 * hotspots[*i].excess_mean_k)
        .sum();
    let sigma = members
        .iter()
        .map(|i| hotspots[*i].excess_sigma_k)
        .fold(0.0, f64::max);
    let mut source = Source {
        number: 0,
        building,
        members,
        tag: tag.to_owned(),
        place: String::new(),
        wording,
        area_m2,
        excess_k: if area_m2 > 0.0 { heat / area_m2 } else { 0.0 },
        uncertainty_k: K95 * sigma,
    };
    source.place = place::group(&source, words);
    source
}

fn point_row(point: &Finding, words: &Words, f: &Format) -> PointRow {
    let text = words.wording(point.wording);
    let judged = point
        .ruling
        .map(|r| words.review.rulings[usize::from(r != Ruling::Confirm) * 2]);
    PointRow {
        number: point.number,
        explained: false,
        place: point.place.clone(),
        area: area(point.area_m2, f),
        delta: delta(point.excess_k, point.uncertainty_k, f),
        nature: match judged {
            Some(judged) => format!("{} ({judged})", text.nature),
            None => text.nature.to_owned(),
        },
        action: text.action_short.to_owned(),
        urgency: point.urgency,
        urgency_word: words.urgency[usize::from(point.urgency.clamp(1, 4)) - 1].to_owned(),
        confidence: grade_entry(point.grade, &words.confidence_short).to_owned(),
    }
}

fn source_row(source: &Source, words: &Words, f: &Format) -> PointRow {
    let text = words.wording(source.wording);
    PointRow {
        number: source.number,
        explained: true,
        place: source.place.clone(),
        area: area(source.area_m2, f),
        delta: delta(source.excess_k, source.uncertainty_k, f),
        nature: text.nature.to_owned(),
        action: text.action_short.to_owned(),
        urgency: 0,
        urgency_word: String::new(),
        confidence: String::new(),
    }
}

/// Square metres: whole from 10 up, one decimal below, so that small objects are not 0.
pub(super) fn area(m2: f64, f: &Format) -> String {
    f.number(m2, usize::from(m2 < 9.95))
}

/// `+2,2 ± 0,4`.
pub(super) fn delta(value_k: f64, uncertainty_k: f64, f: &Format) -> String {
    format!("{} {}", f.signed(value_k, 1), plus_minus(uncertainty_k, f))
}

/// `± 0,4`; a value that would print as 0,0 is said to be below 0,1.
pub(super) fn plus_minus(uncertainty_k: f64, f: &Format) -> String {
    if uncertainty_k < 0.05 {
        format!("± <{}", f.number(0.1, 1))
    } else {
        format!("± {}", f.number(uncertainty_k, 1))
    }
}

/// Confidence in words; nothing for an unknown grade.
pub(super) fn confidence(grade: char, words: &Words) -> &'static str {
    grade_entry(grade, &words.confidence)
}

fn grade_entry(grade: char, list: &[&'static str; 4]) -> &'static str {
    match grade {
        'A' => list[0],
        'B' => list[1],
        'C' => list[2],
        'D' => list[3],
        _ => "",
    }
}

fn more(template: &str, areas: impl Iterator<Item = f64>, f: &Format) -> Option<String> {
    let areas: Vec<f64> = areas.collect();
    let sum: f64 = areas.iter().sum();
    (!areas.is_empty()).then(|| {
        fill(
            template,
            &[("n", &areas.len().to_string()), ("area", &area(sum, f))],
        )
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::test_data;
    use crate::report::words::NL;
    use crate::score::HotspotKind;

    pub(crate) fn hotspot(id: &str, kind: HotspotKind, severity: u8) -> Hotspot {
        Hotspot {
            hotspot_id: id.to_owned(),
            segment_id: String::new(),
            oidn: "1".to_owned(),
            kind,
            detail: String::new(),
            probability: 0.8,
            severity,
            area_m2: 10.0,
            pixels: 400,
            peak_c: 3.0,
            excess_mean_k: 2.0,
            excess_sigma_k: 0.2,
            excess_max_k: 4.0,
            background_c: -1.0,
            excess_w: None,
            grade: 'B',
            deductions: Vec::new(),
            reasons: Vec::new(),
            frames: 5,
            x_m: 5.0,
            y_m: 5.0,
            polygon: geo::MultiPolygon::new(Vec::new()),
            elongation: 1.0,
            review: None,
        }
    }

    fn findings_of(hotspots: Vec<Hotspot>) -> Findings {
        let mut input = test_data::small();
        input.buildings[0].hotspots = hotspots;
        Findings::new(&input, &NL, &[0], 11)
    }

    #[test]
    fn points_end_with_page_1_and_the_others_are_told_of_there() {
        // Six points beside one building; six of seven would need a seventh row.
        assert_eq!(on_page_1(6, 6, 9), 6);
        assert_eq!(on_page_1(9, 6, 9), 6);
        assert_eq!(on_page_1(6, 6, 6), 6);
        assert_eq!(on_page_1(7, 6, 6), 5);
        // Many buildings fill the page whatever the points do.
        assert_eq!(on_page_1(7, 6, 3), 6);
        assert_eq!(on_page_1(7, 2, 0), 2);
        assert_eq!(on_page_1(0, 6, 0), 0);
    }

    #[test]
    fn points_are_numbered_by_urgency_then_excess_then_id() {
        let mut strong = hotspot("a", HotspotKind::Insulation, 3);
        strong.excess_mean_k = 5.0;
        let found = findings_of(vec![
            hotspot("c", HotspotKind::Edge, 3),
            hotspot("b", HotspotKind::Edge, 3),
            strong,
            hotspot("z", HotspotKind::Linear, 4),
        ]);
        let order: Vec<_> = found.points.iter().map(|p| p.hotspot).collect();
        assert_eq!(order, [3, 2, 1, 0]);
        assert_eq!(found.points[0].urgency, 3);
    }

    #[test]
    fn more_than_six_points_go_to_the_annex_with_their_area() {
        let many = (0..9)
            .map(|i| hotspot(&i.to_string(), HotspotKind::Edge, 2))
            .collect();
        let found = findings_of(many);
        assert_eq!((found.points.len(), found.more.len()), (6, 3));
        let rows = found.point_rows(&NL, &Format::new(&NL));
        assert_eq!(
            rows.more_points.as_deref(),
            Some("nog 3 kleinere, 30 m²: zie bijlage")
        );
    }

    #[test]
    fn a_point_of_low_confidence_is_not_counted_and_stands_in_the_annex() {
        let mut doubtful = hotspot("a", HotspotKind::Insulation, 3);
        doubtful.grade = 'D';
        let found = findings_of(vec![doubtful]);
        assert_eq!(found.open().count(), 0);
        assert_eq!(found.doubtful.len(), 1);
    }

    #[test]
    fn objects_of_a_roof_that_may_not_be_judged_stand_in_the_annex_only() {
        let mut input = test_data::small();
        input.buildings[0].score.reasons = vec![crate::score::Reason {
            code: 1,
            value: None,
        }];
        input.buildings[0].hotspots = vec![
            hotspot("a", HotspotKind::Edge, 3),
            hotspot("b", HotspotKind::Rooflight, 1),
        ];
        let found = Findings::new(&input, &NL, &[0], 11);
        assert!(found.points.is_empty() && found.sources.is_empty());
        assert_eq!((found.doubtful.len(), found.more_sources.len()), (1, 1));
    }

    #[test]
    fn an_uncertainty_under_the_last_digit_is_not_printed_as_zero() {
        let f = Format::new(&NL);
        assert_eq!(delta(2.21, 0.02, &f), "+2,2 ± <0,1");
        assert_eq!(delta(2.21, 0.05, &f), "+2,2 ± 0,1");
    }

    #[test]
    fn explained_objects_of_one_kind_are_one_source_with_their_area_weighted_mean() {
        let mut big = hotspot("a", HotspotKind::Rooflight, 2);
        (big.area_m2, big.excess_mean_k) = (30.0, 4.0);
        let mut small = hotspot("b", HotspotKind::Rooflight, 2);
        (small.area_m2, small.excess_mean_k) = (10.0, 8.0);
        let found = findings_of(vec![small, big]);
        let source = &found.sources[0];
        assert_eq!(source.members, [1, 0]);
        // (30·4 + 10·8) / 40 = 5
        assert!((source.excess_k - 5.0).abs() < 1e-12);
        assert_eq!(source.place, "2 lichtkoepels of -straten G1");
    }
}
