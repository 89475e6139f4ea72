//! Words of the company list: consent, sharing, heating, language, hour.

use super::{Report, Row};
use crate::survey::{Heated, Language, Participation, Sharing};

/// Consent; empty is no.
pub(super) fn participation(row: &Row<'_>, report: &mut Report) -> Participation {
    use Participation::{No, Withdrawn, Yes};
    let words = [
        ("yes", Yes),
        ("ja", Yes),
        ("oui", Yes),
        ("y", Yes),
        ("j", Yes),
        ("true", Yes),
        ("waar", Yes),
        ("1", Yes),
        ("no", No),
        ("nee", No),
        ("neen", No),
        ("non", No),
        ("nein", No),
        ("n", No),
        ("false", No),
        ("onwaar", No),
        ("0", No),
        ("withdrawn", Withdrawn),
        ("ingetrokken", Withdrawn),
        ("retir\u{e9}", Withdrawn),
        ("zur\u{fc}ckgezogen", Withdrawn),
    ];
    row.choice("participates", &words, "yes, no or withdrawn", report)
        .unwrap_or_default()
}

/// What the association may see; empty is nothing.
pub(super) fn sharing(row: &Row<'_>, report: &mut Report) -> Sharing {
    let words = [
        ("no", Sharing::No),
        ("nee", Sharing::No),
        ("neen", Sharing::No),
        ("non", Sharing::No),
        ("false", Sharing::No),
        ("class", Sharing::Class),
        ("klasse", Sharing::Class),
        ("classe", Sharing::Class),
        ("full", Sharing::Full),
        ("volledig", Sharing::Full),
        ("complet", Sharing::Full),
    ];
    row.choice(
        "share_with_association",
        &words,
        "no, class or full",
        report,
    )
    .unwrap_or_default()
}

/// Heated, partly, or not; `None` when empty.
pub(super) fn heated(row: &Row<'_>, report: &mut Report) -> Option<Heated> {
    let words = [
        ("yes", Heated::Yes),
        ("ja", Heated::Yes),
        ("oui", Heated::Yes),
        ("true", Heated::Yes),
        ("1", Heated::Yes),
        ("partly", Heated::Partly),
        ("deels", Heated::Partly),
        ("gedeeltelijk", Heated::Partly),
        ("partiellement", Heated::Partly),
        ("teilweise", Heated::Partly),
        ("no", Heated::No),
        ("nee", Heated::No),
        ("neen", Heated::No),
        ("non", Heated::No),
        ("nein", Heated::No),
        ("false", Heated::No),
        ("0", Heated::No),
    ];
    row.choice("heated", &words, "yes, partly or no", report)
}

/// Language of the sheet; `None` when empty. `nl-BE` is read as `nl`.
pub(super) fn language(row: &Row<'_>, report: &mut Report) -> Option<Language> {
    let cell = row.some_text("language")?;
    let code = cell.split(['-', '_']).next().unwrap_or_default();
    let found = Language::from_code(code).or_else(|| match cell.to_lowercase().as_str() {
        "nederlands" | "dutch" => Some(Language::Nl),
        "frans" | "fran\u{e7}ais" | "french" => Some(Language::Fr),
        "engels" | "english" => Some(Language::En),
        "duits" | "deutsch" | "german" => Some(Language::De),
        _ => None,
    });
    if found.is_none() {
        let what = format!("is \"{cell}\", expected nl, fr, en or de");
        row.fault("language", what, report);
    }
    found
}

/// Local hour at which heating stops, hours after midnight: `18:30`, also `18u30`.
pub(super) fn hour(row: &Row<'_>, report: &mut Report) -> Option<f64> {
    let cell = row.some_text("heating_off")?;
    let hour = parse_hour(cell);
    if hour.is_none() {
        let what = format!("is \"{cell}\", expected a time such as 18:30");
        row.fault("heating_off", what, report);
    }
    hour
}

fn parse_hour(cell: &str) -> Option<f64> {
    let (hours, rest) = cell.split_once([':', 'u', 'h'])?;
    let (minutes, seconds) = rest.split_once(':').unwrap_or((rest, "0"));
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    let part = |text: &str, limit: u32| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let value = text.parse::<u32>().ok().filter(|_| digits)?;
        (value < limit).then_some(f64::from(value))
    };
    Some(part(hours, 24)? + part(minutes, 60)? / 60.0 + part(seconds, 60)? / 3600.0)
}

#[cfg(test)]
mod tests {
    use super::parse_hour;

    #[test]
    fn hours_are_read_with_colon_or_dutch_u() {
        assert_eq!(parse_hour("18:30"), Some(18.5));
        assert_eq!(parse_hour("18:30:00"), Some(18.5));
        assert_eq!(parse_hour("6u"), Some(6.0));
        assert_eq!(parse_hour("17h45"), Some(17.75));
        for wrong in ["24:00", "18", "18:60", "18:3x", ":", "-1:00", "+1:00"] {
            assert_eq!(parse_hour(wrong), None, "{wrong}");
        }
    }
}
