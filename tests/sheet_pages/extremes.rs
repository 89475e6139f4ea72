//! Every extreme in every language: pages, margins, letters, language.

use std::path::PathBuf;

use crate::pages::{self, LANGUAGES};
use crate::{rendered, sheet_input as s};
use thermaudit::report::SheetInput;
use thermaudit::survey::Language;

/// A case with the pages it may take.
type Case = (&'static str, SheetInput, std::ops::RangeInclusive<usize>);

fn cases(language: Language) -> Vec<Case> {
    let mut no_weather = s::company(language);
    no_weather.conditions.weather = thermaudit::survey::Conditions::default();
    no_weather.conditions.sky_c = None;
    no_weather.conditions.rain_24h_mm = None;
    no_weather.conditions.station.clear();
    no_weather.conditions.stations.clear();
    let mut house = s::with_photo(language);
    house.settings.contact = "An Voorbeeld, Meetbureau Zilverlijn, 050 12 34 56".to_owned();
    house.settings.text = "12 mei 2026, 19:00\n30 april 2026".to_owned();
    let mut one_frame = s::company(language);
    one_frame.flight.frames = 1;
    let long = "Koninklijke Vennootschap voor Meubelen, Interieur en Houtbewerking Van den Broecke-Vandenbussche & Zonen West-Vlaanderen cvba met sociaal oogmerk";
    vec![
        ("plain", s::company(language), 2..=2),
        ("long-name", s::named(language, long), 2..=3),
        ("forty-points", s::crowded(language), 3..=5),
        ("twelve-buildings", s::many_buildings(language), 2..=4),
        ("no-point", s::quiet(language), 2..=2),
        ("not-assessable", s::not_assessable(language), 1..=2),
        ("no-weather", no_weather, 2..=3),
        ("photo", house, 2..=3),
        ("one-frame", one_frame, 2..=2),
        ("shared", s::shared(language), 1..=2),
        ("relative", s::relative(language), 2..=2),
        ("moisture", s::moisture(language), 2..=3),
        ("compared", s::compared(language), 2..=4),
        ("judged", s::judged(language), 2..=4),
    ]
}

/// Pages to look at lie in the folder that `THERMAUDIT_SHEETS_OUT` names, if it is set.
#[test]
fn no_extreme_leaves_the_page_loses_a_letter_or_changes_the_language() {
    let out = std::env::var_os("THERMAUDIT_SHEETS_OUT").map(PathBuf::from);
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        for (name, input, count) in cases(language) {
            let (_, rendered) = rendered(&input, 0);
            let code = language.code();
            let file = format!("extreme-{name}-{code}.pdf");
            let path = out.as_deref().unwrap_or(folder.path()).join(&file);
            std::fs::write(&path, &rendered.pdf).expect("writable");
            let Some(words) = pages::words(&path) else {
                return;
            };
            let mut say = |what: String| wrong.push(format!("{file}: {what}"));
            let found = pages::pages(&words);
            if !count.contains(&found) {
                say(format!("has {found} pages, expected {count:?}"));
            }
            pages::flaws(&words, false).into_iter().for_each(&mut say);
            let text = pages::running(&words);
            pages::foreign(&text, language)
                .into_iter()
                .for_each(&mut say);
            if name == "plain" {
                pages::complaints(&path, code)
                    .into_iter()
                    .for_each(&mut say);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
