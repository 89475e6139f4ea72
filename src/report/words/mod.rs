//! The catalogue: every printed string, one complete set per language.
//!
//! Keys follow the vocabulary of the field (`median`, `percentile`, `roof_report` …). A
//! language is one constant of [`Words`]; it does not compile until every entry is there.
//! `{x}` is a place for a value, `*bold*` and `_italic_` mark runs (see [`runs`]).

mod de;
mod en;
mod fr;
mod nl;

use serde::Serialize;

pub use de::DE;
pub use en::EN;
pub use fr::FR;
pub use nl::NL;

use super::sheet::Run;
use crate::score::{Hotspot, HotspotKind};
use crate::survey::Language;

/// The catalogue of a language.
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::Nl => &NL,
        Language::Fr => &FR,
        Language::En => &EN,
        Language::De => &DE,
    }
}

/// Every string of every catalogue.
pub(super) fn all_text() -> Vec<String> {
    let mut found = Vec::new();
    for words in LANGUAGES.map(of) {
        // Texts, characters and lists of them always serialise.
        collect(serde_json::to_value(words).unwrap_or_default(), &mut found);
    }
    found
}

pub(super) fn collect(value: serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text),
        serde_json::Value::Array(items) => {
            items.into_iter().for_each(|item| collect(item, found));
        }
        serde_json::Value::Object(fields) => {
            let values = fields.into_iter();
            values.for_each(|(_, value)| collect(value, found));
        }
        _ => {}
    }
}

const LANGUAGES: [Language; 4] = [Language::Nl, Language::Fr, Language::En, Language::De];

/// How a warm object is worded (report-content.md §1); `kind` and `detail` decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wording {
    /// Along the roof edge or upstand.
    Edge,
    /// Rooflight.
    Rooflight,
    /// Roof penetration, fan or chimney.
    Penetration,
    /// Diffuse zone.
    Field,
    /// Blotchy pattern, possibly wet insulation.
    Moist,
    /// Line, possibly a joint.
    Joint,
    /// Exhaust air.
    Exhaust,
    /// Warm pipe or duct.
    Pipe,
    /// Possible air leak.
    AirLeak,
    /// Process heat.
    Process,
    /// Not explained.
    Unknown,
}

impl Wording {
    /// The wording of a warm object, as a person judged it where one did.
    pub fn of(hotspot: &Hotspot) -> Self {
        Self::of_kind(hotspot.judged_kind(), hotspot.judged_detail())
    }

    /// The wording of what was computed, whatever a person said.
    pub fn suggested(hotspot: &Hotspot) -> Self {
        Self::of_kind(hotspot.kind, &hotspot.detail)
    }

    pub(super) fn of_kind(kind: HotspotKind, detail: &str) -> Self {
        match (kind, detail) {
            (HotspotKind::Insulation, _) => Self::Field,
            (HotspotKind::Moisture, _) => Self::Moist,
            (HotspotKind::Linear, _) => Self::Joint,
            (HotspotKind::AirLeak, _) => Self::AirLeak,
            (HotspotKind::Installation, "exhaust") => Self::Exhaust,
            (HotspotKind::Installation, "pipe") => Self::Pipe,
            (HotspotKind::Installation, _) => Self::Penetration,
            (HotspotKind::Rooflight, _) => Self::Rooflight,
            (HotspotKind::Process, _) => Self::Process,
            (HotspotKind::Edge, _) => Self::Edge,
            (HotspotKind::Unknown, _) => Self::Unknown,
        }
    }
}

/// The words of one [`Wording`].
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct WordingText {
    /// What is seen, for the title of a detail.
    pub title: &'static str,
    /// Likely nature, for the table.
    pub nature: &'static str,
    /// Proposed action, short, for the table.
    pub action_short: &'static str,
    /// Proposed action, a sentence.
    pub action: &'static str,
    /// Observation and likely cause, two sentences at most.
    pub detail: &'static str,
    pub why: &'static str,
    pub who: &'static str,
    /// One of them, without article.
    pub one: &'static str,
    /// Several.
    pub many: &'static str,
}

/// Eight directions and the middle: west to east in rows from north to south.
pub type Places = [[&'static str; 3]; 3];

/// Fixed labels the page template prints as they are.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Labels {
    pub roof_report: &'static str,
    pub photo_title: &'static str,
    pub no_photo_title: &'static str,
    pub no_photo: &'static str,
    pub thermal_title: &'static str,
    pub thermal_title_note: &'static str,
    pub north_letter: &'static str,
    pub key_own: &'static str,
    pub key_neighbours: &'static str,
    pub key_not_assessable: &'static str,
    pub key_point: &'static str,
    pub key_explained: &'static str,
    pub key_masked: &'static str,
    pub key_shared: &'static str,
    pub results_per_building: &'static str,
    pub col_building: &'static str,
    pub col_oidn: &'static str,
    pub col_area: &'static str,
    pub col_assessed: &'static str,
    pub median: &'static str,
    pub percentile: &'static str,
    pub col_delta_air: &'static str,
    pub col_delta_reference: &'static str,
    pub col_class: &'static str,
    pub col_points: &'static str,
    pub points_of_attention: &'static str,
    pub no_points: &'static str,
    pub col_number: &'static str,
    pub col_place: &'static str,
    pub col_nature: &'static str,
    pub col_action: &'static str,
    pub priority: &'static str,
    pub explained_head: &'static str,
    pub capture_conditions: &'static str,
    pub details: &'static str,
    pub details_note_photo: &'static str,
    pub details_note_plan: &'static str,
    pub mean: &'static str,
    pub maximum: &'static str,
    pub surroundings: &'static str,
    pub difference: &'static str,
    pub zone: &'static str,
    pub recommendations: &'static str,
    pub col_do: &'static str,
    pub col_why: &'static str,
    pub col_who: &'static str,
    pub col_before: &'static str,
    pub how_to_read: &'static str,
    pub how_to_read_text: &'static str,
    pub legend_not_assessable: &'static str,
    pub limitations: &'static str,
    pub no_limitations: &'static str,
    pub next_steps: &'static str,
    pub privacy: &'static str,
    pub released_by: &'static str,
    pub not_interpreted_head: &'static str,
    pub date: &'static str,
    pub annex: &'static str,
    pub annex_note: &'static str,
    pub col_confidence: &'static str,
    pub toelichting: &'static str,
    pub page: &'static str,
    pub of: &'static str,
}

/// Words of the block of savings.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct SavingsWords {
    pub title: &'static str,
    pub col_u: &'static str,
    pub col_loss: &'static str,
    pub col_saved: &'static str,
    pub col_cost: &'static str,
    pub col_co2: &'static str,
    pub up_to: &'static str,
    pub none: &'static str,
    pub roof_only: &'static str,
    pub after: &'static str,
    pub climate: &'static str,
    pub heat: &'static str,
    pub price: &'static str,
    pub no_price: &'static str,
}

/// Words about what a person judged.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct ReviewWords {
    pub title: &'static str,
    pub nobody_one: &'static str,
    pub nobody: &'static str,
    pub some: &'static str,
    pub by_on: &'static str,
    pub by: &'static str,
    pub on: &'static str,
    pub someone: &'static str,
    /// Confirmed, rejected, changed.
    pub rulings: [&'static str; 3],
    pub roof_rulings: [&'static str; 3],
    pub as_kind: &'static str,
    pub as_severity: &'static str,
    pub no_point: &'static str,
    pub roof: &'static str,
    pub roof_title: &'static str,
    pub roof_rejected: &'static str,
    pub row_rejected: &'static str,
    pub col_found: &'static str,
    pub col_ruling: &'static str,
    pub col_words: &'static str,
}

/// Words of the comparison with an earlier flight. Pairs: of the earlier flight, of this one.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct CompareWords {
    pub title: &'static str,
    pub before: &'static str,
    pub now: &'static str,
    pub change: &'static str,
    pub scale_note: &'static str,
    pub change_note: &'static str,
    pub cooler: &'static str,
    pub warmer: &'static str,
    pub col_before: &'static str,
    pub col_after: &'static str,
    pub col_change: &'static str,
    pub col_verdict: &'static str,
    pub unit_u: &'static str,
    pub unit_theta: &'static str,
    /// In the order of [`crate::compare::Verdict::ALL`].
    pub verdicts: [&'static str; 4],
    pub provable: &'static str,
    pub not_comparable: &'static str,
    pub reason_flight: [&'static str; 2],
    pub reason_grade: [&'static str; 2],
    pub reason_roof: [&'static str; 2],
    pub reason_code: [&'static str; 2],
    pub reason_material: &'static str,
    pub reason_area: &'static str,
    pub reason_few: &'static str,
    pub reason_value: &'static str,
    pub reason_zone: &'static str,
    pub reason_held: &'static str,
    pub common_part: &'static str,
    pub hotspots: &'static str,
    pub normalised: &'static str,
    pub alt_before: &'static str,
    pub alt_now: &'static str,
    pub alt_change: &'static str,
}

/// Every string of one language.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Words {
    pub code: &'static str,
    pub region: &'static str,
    pub decimal: char,
    pub group: char,
    /// The first day of a month, and every other one `{d}`.
    pub days: [&'static str; 2],
    pub date_separator: char,
    pub months: [&'static str; 12],
    pub unknown: &'static str,
    pub labels: Labels,
    pub class_words: [&'static str; 6],
    pub class_titles: [&'static str; 6],
    pub class_sentences: [&'static str; 6],
    pub not_assessable: &'static str,
    pub not_assessable_sentence: &'static str,
    pub not_assessable_no_reason: &'static str,
    pub no_building_sentence: &'static str,
    pub badge_alt: &'static str,
    pub badge_alt_none: &'static str,
    pub reasons: [&'static str; 22],
    pub reasons_short: [&'static str; 22],
    /// What would make an assessment possible; empty where nothing simple does.
    pub remedies: [&'static str; 22],
    pub reason_03_no_number: &'static str,
    pub reason_07_no_number: &'static str,
    /// Between what something is and what is said of it.
    pub colon: &'static str,
    /// Label of a flight's id that is too long to stand behind the time.
    pub flight_id: &'static str,
    /// How many points are urgent, 1–4: the words behind the number.
    pub urgent: [&'static str; 4],
    /// Reasons that nobody told, and before such a one in two or three words.
    pub reason_02_inferred: &'static str,
    pub reason_03_inferred: &'static str,
    pub reason_10_inferred: &'static str,
    pub likely: &'static str,
    pub reason_20_no_number: &'static str,
    pub outline_derived: &'static str,
    pub material_estimated: &'static str,
    pub confidence: [&'static str; 4],
    pub confidence_short: [&'static str; 4],
    pub urgency: [&'static str; 4],
    pub term: [&'static str; 4],
    pub wordings: [WordingText; 11],
    pub places: Places,
    pub place_of: &'static str,
    pub place_centre: &'static str,
    pub place_edge: &'static str,
    pub place_east_west: &'static str,
    pub place_north_south: &'static str,
    /// Headline of a moisture survey, its badge in words, what was looked for, how to read it.
    pub moisture_title: &'static str,
    pub moisture_alt: &'static str,
    pub moisture_sentence: &'static str,
    pub moisture_how_to_read: &'static str,
    /// In the order of [`crate::score::moisture::Doubt`].
    pub moisture_doubts: [&'static str; 3],
    pub points_none: &'static str,
    pub points_one: &'static str,
    pub points_many: &'static str,
    pub points_urgent: &'static str,
    pub points_annex: &'static str,
    pub position: &'static str,
    pub position_lowest: &'static str,
    pub not_ranked: &'static str,
    pub relative: &'static str,
    pub relative_position: &'static str,
    pub relative_position_lowest: &'static str,
    pub more_points: &'static str,
    pub more_explained: &'static str,
    pub total: &'static str,
    pub row_not_assessable: &'static str,
    pub part_zone: &'static str,
    pub part_shared: &'static str,
    pub no_points_shared: &'static str,
    pub points_shared: &'static str,
    /// The box of how to read, where a campaign has several parks.
    pub how_to_read_text_parks: &'static str,
    pub park: &'static str,
    pub address: &'static str,
    pub enterprise: &'static str,
    pub establishment: &'static str,
    pub campaign: &'static str,
    pub contact: &'static str,
    pub flight: &'static str,
    pub flight_number: &'static str,
    pub device: &'static str,
    pub height: &'static str,
    pub height_value: &'static str,
    pub resolution: &'static str,
    pub resolution_value: &'static str,
    pub resolution_one: &'static str,
    pub purpose: &'static str,
    pub purpose_heat_loss: &'static str,
    pub purpose_moisture: &'static str,
    pub drone: &'static str,
    pub aircraft: &'static str,
    pub camera: &'static str,
    pub air: &'static str,
    pub humidity: &'static str,
    pub wind: &'static str,
    pub clouds: &'static str,
    pub sky_computed: &'static str,
    pub sky_measured: &'static str,
    pub rain: &'static str,
    pub emissivity: &'static str,
    pub uncertainty: &'static str,
    pub station: &'static str,
    pub station_near: &'static str,
    pub stations: &'static str,
    pub stations_apart: &'static str,
    pub constant_weather: &'static str,
    pub explanation_page_2: &'static str,
    pub scale_reference: &'static str,
    pub scale_reference_short: &'static str,
    pub scale_own: &'static str,
    pub scale_median: &'static str,
    pub scale_air: &'static str,
    pub map_alt: &'static str,
    pub map_alt_warmest: &'static str,
    pub map_alt_none: &'static str,
    pub map_alt_shared: &'static str,
    pub plan_alt: &'static str,
    pub photo_alt: &'static str,
    pub crop_alt: &'static str,
    pub crop_plan_alt: &'static str,
    pub crop_photo_alt: &'static str,
    pub histogram_alt: &'static str,
    pub logo_alt: &'static str,
    pub bounds: &'static str,
    pub bounds_relative: &'static str,
    pub point_ref_one: &'static str,
    pub point_ref_many: &'static str,
    /// The block of savings: head, columns, and what the numbers stand on.
    pub savings: SavingsWords,
    /// What a person judged.
    pub review: ReviewWords,
    /// The comparison with an earlier flight.
    pub compare: CompareWords,
    pub why_one: &'static str,
    pub why_many: &'static str,
    pub before_with_works: &'static str,
    pub frames_note: &'static str,
    pub next_default: &'static str,
    pub next_contact: &'static str,
    pub privacy_to_you: &'static str,
    pub privacy_sharing: [&'static str; 3],
    pub privacy_withdraw: &'static str,
    pub privacy_retained: &'static str,
    pub level: &'static str,
    pub not_interpreted: &'static str,
    pub confidential: &'static str,
    pub source: &'static str,
    pub processing: &'static str,
    pub subject: &'static str,
    pub point: &'static str,
    /// Between two ends of a range of temperatures.
    pub to: &'static str,
    /// Before a name in a letter; names no sex.
    pub salutation: &'static str,
}

impl Words {
    /// The texts of a wording.
    pub fn wording(&self, wording: Wording) -> &WordingText {
        &self.wordings[wording as usize]
    }
}

/// Cuts `*bold*` and `_italic_` out of a text; markers do not nest.
pub fn runs(marked: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let (mut bold, mut italic) = (false, false);
    let mut text = String::new();
    let mut flush = |text: &mut String, bold, italic| {
        if !text.is_empty() {
            let t = std::mem::take(text);
            runs.push(Run {
                t,
                b: bold,
                i: italic,
            });
        }
    };
    for c in marked.chars() {
        match c {
            '*' => {
                flush(&mut text, bold, italic);
                bold = !bold;
            }
            '_' => {
                flush(&mut text, bold, italic);
                italic = !italic;
            }
            _ => text.push(c),
        }
    }
    flush(&mut text, bold, italic);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every string of a catalogue.
    fn all_text(words: &Words) -> String {
        let mut found = Vec::new();
        collect(serde_json::to_value(words).expect("texts"), &mut found);
        found.join("\n").to_lowercase()
    }

    #[test]
    fn no_language_claims_a_proof_a_leak_or_bad_insulation() {
        for (words, forbidden) in [
            (&NL, ["bewijst", "lekt", "slecht geïsoleerd", "u verliest"]),
            (&EN, ["proves", "leaks", "badly insulated", "you lose"]),
            (&FR, ["prouve", " fuit ", "mal isol", "vous perdez"]),
            (
                &DE,
                ["beweist", "undicht", "schlecht gedämmt", "sie verlieren"],
            ),
        ] {
            for word in forbidden {
                let text = all_text(words);
                let says = match word.contains(' ') {
                    true => text.contains(word),
                    // The noun "fuite" is the term for an air leak; the verb would be a verdict.
                    false => text.split(|c: char| !c.is_alphabetic()).any(|w| w == word),
                };
                assert!(!says, "{word}");
            }
        }
    }

    #[test]
    fn dutch_text_uses_no_word_of_the_netherlands_and_no_english_trade_word() {
        for word in ["kozijn", "aardlek", "warmteterugwinning", "hotspot"] {
            assert!(!all_text(&NL).contains(word), "{word}");
        }
    }

    #[test]
    fn all_languages_have_the_same_places_for_values() {
        let places = |text: &str| {
            let mut found: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.trim().to_owned()))
                .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
                .collect();
            found.sort();
            found
        };
        for other in [&EN, &FR, &DE] {
            for (nl, there) in NL.reasons.iter().zip(&other.reasons) {
                assert_eq!(places(nl), places(there), "{nl}");
            }
            assert_eq!(places(&all_text(&NL)), places(&all_text(other)));
        }
    }

    #[test]
    fn the_reading_box_has_about_90_words() {
        for words in [&NL, &EN, &FR, &DE] {
            let count = words.labels.how_to_read_text.split_whitespace().count();
            assert!((75..=115).contains(&count), "{count}");
        }
    }

    #[test]
    fn marks_become_runs() {
        let found = runs("a *b* _c_");
        let flat: Vec<_> = found.iter().map(|r| (r.t.as_str(), r.b, r.i)).collect();
        assert_eq!(
            flat,
            [
                ("a ", false, false),
                ("b", true, false),
                (" ", false, false),
                ("c", false, true)
            ]
        );
    }
}
