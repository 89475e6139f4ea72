//! Every word of a visit's sheet, one complete set per language; `{x}` is a place for a value.

mod de;
mod en;
mod fr;
mod nl;

use serde::Serialize;

use crate::survey::Language;

/// The catalogue of a language.
pub(super) fn of(language: Language) -> &'static VisitWords {
    match language {
        Language::Nl => &nl::WORDS,
        Language::Fr => &fr::WORDS,
        Language::En => &en::WORDS,
        Language::De => &de::WORDS,
    }
}

/// Every string of every catalogue.
pub(in crate::report) fn all_text() -> Vec<String> {
    let mut found = Vec::new();
    for language in [Language::Nl, Language::Fr, Language::En, Language::De] {
        let value = serde_json::to_value(of(language)).unwrap_or_default();
        crate::report::words::collect(value, &mut found);
    }
    found
}

/// Every string of a language.
pub(in crate::report) fn text_of(language: Language) -> Vec<String> {
    let mut found = Vec::new();
    let value = serde_json::to_value(of(language)).unwrap_or_default();
    crate::report::words::collect(value, &mut found);
    found
}

/// Fixed labels that go to the template as they are.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Labels {
    pub eyebrow: &'static str,
    pub eyebrow_electrical: &'static str,
    pub summary: &'static str,
    pub col_number: &'static str,
    pub col_place: &'static str,
    pub col_component: &'static str,
    pub col_observation: &'static str,
    pub col_delta: &'static str,
    pub col_severity: &'static str,
    pub col_term: &'static str,
    pub col_solved: &'static str,
    pub col_circuit: &'static str,
    pub col_max: &'static str,
    pub col_phases: &'static str,
    pub col_full_load: &'static str,
    pub col_priority: &'static str,
    pub col_repaired: &'static str,
    pub conditions: &'static str,
    pub examined: &'static str,
    pub not_examined: &'static str,
    pub marker: &'static str,
    pub min: &'static str,
    pub mean: &'static str,
    pub max: &'static str,
    pub observation: &'static str,
    pub interpretation: &'static str,
    pub recommendation: &'static str,
    pub factor: &'static str,
    pub phases: &'static str,
    pub scales: &'static str,
    pub full_load: &'static str,
    pub history: &'static str,
    pub not_seen_again: &'static str,
    pub hotspots: &'static str,
    pub left_out: &'static str,
    pub method: &'static str,
    pub classes: &'static str,
    pub release: &'static str,
    pub date: &'static str,
    pub signature: &'static str,
    pub page: &'static str,
    pub of: &'static str,
}

/// All words of a language.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub(super) struct VisitWords {
    pub labels: Labels,
    pub subject: &'static str,
    // Cover.
    pub client: &'static str,
    pub address: &'static str,
    pub when: &'static str,
    pub present: &'static str,
    pub thermographer: &'static str,
    pub nobody: &'static str,
    pub purpose: &'static str,
    pub standard: &'static str,
    pub simplified: &'static str,
    pub full: &'static str,
    pub camera: &'static str,
    pub cameras: &'static str,
    pub serial: &'static str,
    pub lens: &'static str,
    pub range: &'static str,
    pub calibrated: &'static str,
    pub not_calibrated: &'static str,
    pub netd: &'static str,
    pub visit: &'static str,
    pub indoor: &'static str,
    pub outdoor: &'static str,
    pub humidity: &'static str,
    pub wind: &'static str,
    pub sun: &'static str,
    pub rain: &'static str,
    pub pressure: &'static str,
    pub weather: &'static str,
    pub not_measured: &'static str,
    pub none_given: &'static str,
    pub certificate: &'static str,
    pub valid_until: &'static str,
    pub expired: &'static str,
    pub unreleased: &'static str,
    pub unreleased_level: &'static str,
    pub no_findings: &'static str,
    pub band_one: &'static str,
    pub band_many: &'static str,
    pub counts: &'static str,
    pub not_ratable_count: &'static str,
    // Gates: names, and met / not met / unknown.
    pub gates: [&'static str; 6],
    pub met: [&'static str; 3],
    // Severities.
    pub site: [&'static str; 4],
    pub priority_meaning: [&'static str; 4],
    pub site_meaning: [&'static str; 4],
    pub pv: [&'static str; 3],
    pub not_ratable: &'static str,
    pub not_ratable_short: &'static str,
    pub no_action: &'static str,
    pub own: &'static str,
    // Pictures.
    pub caption: &'static str,
    pub sets: [&'static str; 5],
    pub same_view: &'static str,
    pub camera_view: &'static str,
    pub own_view: &'static str,
    pub blended: &'static str,
    pub edges: &'static str,
    pub pip: &'static str,
    pub before: &'static str,
    pub reference_picture: &'static str,
    pub alarm_above: &'static str,
    pub alarm_below: &'static str,
    pub alarm_between: &'static str,
    pub alt_thermogram: &'static str,
    pub alt_photo: &'static str,
    pub alt_plan: &'static str,
    pub camera_inside: &'static str,
    pub camera_outside: &'static str,
    pub looks: &'static str,
    pub directions: [&'static str; 8],
    pub storey: &'static str,
    pub invalid: &'static str,
    // Parameters.
    pub parameters: [&'static str; 7],
    pub origins: [&'static str; 5],
    // Certainty.
    pub certainties: [&'static str; 3],
    pub not_interpreted: &'static str,
    // Building.
    pub limit: &'static str,
    pub limit_origin: [&'static str; 3],
    pub dew: &'static str,
    pub mould: &'static str,
    pub surface_classes: [&'static str; 4],
    pub flux: &'static str,
    pub insulation: &'static str,
    pub leak_yes: &'static str,
    pub leak_no: &'static str,
    pub area: &'static str,
    // Electrical.
    pub installation: &'static str,
    pub voltage: &'static str,
    pub cover: &'static str,
    pub covers: [&'static str; 3],
    pub ambient: &'static str,
    pub load: &'static str,
    pub load_unknown: &'static str,
    pub not_reachable: &'static str,
    pub between: &'static str,
    pub over_ambient: &'static str,
    pub bound: &'static str,
    pub decided: [&'static str; 5],
    pub both: &'static str,
    pub table: &'static str,
    pub zero: &'static str,
    pub exponent: &'static str,
    pub wind_factor: &'static str,
    pub predicted: &'static str,
    pub permitted: &'static str,
    pub manufacturer: &'static str,
    pub no_priority: &'static str,
    // Machines, steam, pipes, modules.
    pub act: &'static str,
    pub saturation: &'static str,
    pub trap_states: [&'static str; 4],
    pub ultrasound: &'static str,
    pub pipe: &'static str,
    pub pipe_heat: &'static str,
    pub pv_line: &'static str,
    pub state: &'static str,
    // Why not, and cautions.
    pub reasons: Reasons,
    pub cautions: Cautions,
    // History.
    pub since: [&'static str; 5],
    pub past: &'static str,
    pub now: &'static str,
    pub hotspot_found: &'static str,
    pub hotspot_gone: &'static str,
    // Method and limits.
    pub method: [&'static str; 4],
    pub method_electrical: &'static str,
    pub method_building: &'static str,
    pub framework: &'static str,
    pub footer: &'static str,
    pub footer_electrical: &'static str,
    pub roof_pages: &'static str,
    pub released_by: &'static str,
}

/// Why nothing is rated, as full sentences.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub(super) struct Reasons {
    pub no_reading: &'static str,
    pub no_reference: &'static str,
    pub temperatures_unknown: &'static str,
    pub small_difference: &'static str,
    pub low_emissivity: &'static str,
    pub low_load: &'static str,
    pub load_unknown: &'static str,
    pub cover_closed: &'static str,
    pub wind: &'static str,
    pub outdoors: &'static str,
    pub pressure_unknown: &'static str,
    pub irradiance_unknown: &'static str,
    pub low_irradiance: &'static str,
    pub own_judgement: &'static str,
}

/// What limits a value, as full sentences.
#[derive(Clone, Copy, Debug, Serialize)]
#[allow(missing_docs)]
pub(super) struct Cautions {
    pub apparent: &'static str,
    pub wind_lower_bound: &'static str,
    pub load_below_half: &'static str,
    pub load_unknown: &'static str,
    pub overload: &'static str,
    pub imbalance: &'static str,
    pub over_limit_at_rated: &'static str,
    pub over_limit: &'static str,
    pub window: &'static str,
    pub few_pixels: &'static str,
    pub wind_over: &'static str,
    pub own_lower: &'static str,
    pub pressure_not_lowered: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places for values, sorted.
    fn places(text: &str) -> Vec<String> {
        let mut found: Vec<String> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
            // Words that go with a number are each language's own.
            .filter(|place| !place.contains('|'))
            .collect();
        found.sort();
        found
    }

    #[test]
    fn every_language_has_every_place_of_the_first() {
        let texts = |language| {
            let mut found = Vec::new();
            let value = serde_json::to_value(of(language)).expect("serialises");
            crate::report::words::collect(value, &mut found);
            found
        };
        let first = texts(Language::Nl);
        for language in [Language::Fr, Language::En, Language::De] {
            let other = texts(language);
            assert_eq!(first.len(), other.len());
            for (a, b) in first.iter().zip(&other) {
                assert_eq!(places(a), places(b), "{a} / {b}");
                assert!(!b.is_empty());
            }
        }
    }

    #[test]
    fn no_sheet_says_what_the_wording_rules_forbid() {
        // report-content.md §6.
        for text in all_text() {
            let lower = text.to_lowercase();
            for word in [
                "bewijst",
                " lekt",
                "slecht geïsoleerd",
                "u verliest",
                "gevaarlijk",
            ] {
                assert!(!lower.contains(word), "{text}");
            }
        }
    }
}
