//! Promises about the sheet: standards met, same bytes twice, nothing of a neighbour, printed
//! numbers in the twin.

#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a skipped check says so"
)]

use crate::sheet_input;

use std::path::{Path, PathBuf};
use std::process::Command;

use geo::{Contains, Point};
use serde_json::Value;
use thermaudit::report::map::MapDrawing;
use thermaudit::report::{Sheet, SheetInput, sheet};
use thermaudit::survey::Language;
use thermaudit::write::hotspots_geojson::to_geojson;
use thermaudit::write::pdf::{Document, RenderOptions, Rendered, Templates, render};
use thermaudit::write::sheet_json::{VOCABULARY, to_json};

pub fn rendered(input: &SheetInput, png_dpi: u32) -> (Sheet, Rendered) {
    let sheet = sheet(input);
    let options = RenderOptions {
        png_dpi,
        ..RenderOptions::default()
    };
    let rendered = render(&sheet, &options).expect("the built-in template meets the standards");
    (sheet, rendered)
}

/// Every case of the design's list, by name.
fn cases() -> Vec<(&'static str, SheetInput)> {
    use sheet_input as s;
    vec![
        ("normal-nl", s::company(Language::Nl)),
        ("normal-en", s::company(Language::En)),
        ("normal-fr", s::company(Language::Fr)),
        ("crowded-fr", s::crowded(Language::Fr)),
        ("crowded-de", s::crowded(Language::De)),
        ("shared-de", s::shared(Language::De)),
        ("not-assessable-fr", s::not_assessable(Language::Fr)),
        ("shared-nl", s::shared(Language::Nl)),
        ("zone-fr", s::zone(Language::Fr)),
        (
            "long-name-fr",
            s::named(Language::Fr, &"Établissements ".repeat(20)),
        ),
        ("one-word-nl", s::named(Language::Nl, &"A".repeat(300))),
        (
            "turned-en",
            s::named(
                Language::En,
                "\u{5de}\u{5e4}\u{5e2}\u{5dc} \u{202e}Co <#\"/../=1+1> $x$ *b* _i_ @ref \u{7}",
            ),
        ),
        ("photo-nl", s::with_photo(Language::Nl)),
        ("not-assessable-nl", s::not_assessable(Language::Nl)),
        ("crowded-nl", s::crowded(Language::Nl)),
        ("crowded-en", s::crowded(Language::En)),
        ("six-points-nl", s::six_points(Language::Nl)),
        ("quiet-nl", s::quiet(Language::Nl)),
        ("relative-nl", s::relative(Language::Nl)),
        ("moisture-nl", s::moisture(Language::Nl)),
        ("moisture-fr", s::moisture(Language::Fr)),
        ("moisture-en", s::moisture(Language::En)),
        ("moisture-de", s::moisture(Language::De)),
        ("many-nl", s::many_buildings(Language::Nl)),
        ("price-nl", s::with_price(Language::Nl)),
        ("price-fr", s::with_price(Language::Fr)),
        ("price-en", s::with_price(Language::En)),
        ("price-de", s::with_price(Language::De)),
        ("judged-nl", s::judged(Language::Nl)),
        ("judged-fr", s::judged(Language::Fr)),
        ("judged-en", s::judged(Language::En)),
        ("judged-de", s::judged(Language::De)),
        ("compared-nl", s::compared(Language::Nl)),
        ("compared-fr", s::compared(Language::Fr)),
        ("compared-en", s::compared(Language::En)),
        ("compared-de", s::compared(Language::De)),
    ]
}

/// Sheets to look at lie in the folder that `THERMAUDIT_SHEETS_OUT` names, if it is set.
#[test]
fn every_case_meets_both_standards() {
    let out = std::env::var_os("THERMAUDIT_SHEETS_OUT").map(PathBuf::from);
    for (name, input) in cases() {
        let (sheet, rendered) = rendered(&input, 0);
        assert!(rendered.pdf.len() < 8 << 20, "{name} is larger than 8 MB");
        let text = String::from_utf8_lossy(&rendered.pdf);
        for mark in [
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "<pdfuaid:part>1</pdfuaid:part>",
        ] {
            assert!(text.contains(mark), "{name} lacks {mark}");
        }
        if let Some(dir) = &out {
            std::fs::create_dir_all(dir).expect("a writable folder");
            std::fs::write(dir.join(format!("{name}.pdf")), &rendered.pdf).expect("writable");
            let json = to_json(&input, &sheet);
            std::fs::write(dir.join(format!("{name}.json")), json).expect("writable");
        }
    }
}

#[test]
fn the_same_company_gives_the_same_bytes_whatever_was_rendered_before() {
    let input = sheet_input::company(Language::Nl);
    let first = rendered(&input, 96).1;
    rendered(&sheet_input::quiet(Language::En), 0);
    assert!(first == rendered(&input, 96).1);
}

#[test]
fn nothing_outside_the_own_outlines_reaches_the_file() {
    let input = sheet_input::company(Language::Nl);
    let mut other = input.clone();
    let thermal = other.thermal.as_mut().expect("a map");
    let transform = thermal.transform;
    let (width, height) = (thermal.grid.width(), thermal.grid.height());
    for row in 0..height {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            // A cell may touch an outline up to half its diagonal from its centre.
            let near = [-0.11, 0.0, 0.11].iter().any(|dx| {
                [-0.11, 0.0, 0.11].iter().any(|dy| {
                    let point = Point::new(x + dx, y + dy);
                    let mut buildings = input.buildings.iter();
                    buildings.any(|b| b.outline.polygon.contains(&point))
                })
            });
            if !near {
                thermal.grid.set(col, row, 7.9);
            }
        }
    }
    assert!(rendered(&input, 0).1 == rendered(&other, 0).1);
}

#[test]
fn pages_are_a4_at_the_wanted_resolution() {
    let (_, rendered) = rendered(&sheet_input::company(Language::Nl), 96);
    assert_eq!(rendered.pages.len(), 2);
    for page in &rendered.pages {
        let picture = image::load_from_memory(page).expect("a PNG");
        // 210 × 297 mm at 96 per inch: 793.7 × 1122.5.
        assert_eq!((picture.width(), picture.height()), (794, 1123));
    }
}

#[test]
fn every_figure_has_an_alternative_text_of_at_most_250_characters() {
    for (name, input) in cases() {
        let sheet = sheet(&input);
        let maps = sheet.plan.iter().chain(&sheet.thermal);
        let crops = sheet.details.iter().flat_map(|d| [&d.left, &d.right]);
        let texts = maps.chain(crops).map(|m: &MapDrawing| &m.alt);
        for alt in texts.chain([&sheet.verdict.alt, &sheet.scale.alt]) {
            let length = alt.chars().count();
            assert!((10..=250).contains(&length), "{name}: {alt:?}");
            assert!(!alt.contains(['{', '}']), "{name}: {alt:?}");
        }
    }
}

#[test]
fn numbers_on_a_map_neither_touch_nor_leave_it() {
    for (name, input) in cases() {
        let sheet = sheet(&input);
        let Some(map) = &sheet.thermal else { continue };
        for (i, disc) in map.discs.iter().enumerate() {
            let [x, y] = disc.at;
            let inside = x >= 3.0 && y >= 3.0 && x <= map.width - 3.0 && y <= map.height - 3.0;
            assert!(inside, "{name}: {disc:?}");
            for other in &map.discs[..i] {
                let apart = (x - other.at[0]).hypot(y - other.at[1]);
                assert!(apart >= 5.0, "{name}: {disc:?} {other:?}");
            }
        }
    }
}

#[test]
fn a_broken_template_is_named_with_line_and_column() {
    let sheet = sheet(&sheet_input::company(Language::Nl));
    let own = "#set document(title: \"x\")\n= Title\n#unknown-thing";
    let own = Templates::single(Document::Sheet, own);
    let options = RenderOptions {
        templates: Some(&own),
        png_dpi: 0,
    };
    let problem = render(&sheet, &options).expect_err("the template is broken");
    assert_eq!(problem.file.as_deref(), Some("sheet.typ"));
    assert_eq!(problem.field.as_deref(), Some("line 3, column 2"));
    assert!(problem.what.contains("unknown-thing"), "{problem}");
}

#[test]
fn a_template_whose_figure_has_no_alternative_text_is_refused() {
    let sheet = sheet(&sheet_input::company(Language::Nl));
    let template = "#set document(title: \"x\")\n#set text(lang: \"nl\")\n= Title\n\
        #image(read(\"thermal.rgb\", encoding: none), format: (encoding: \"rgb8\", \
        width: json(\"data.json\").thermal.picture.width, \
        height: json(\"data.json\").thermal.picture.height))";
    let own = Templates::single(Document::Sheet, template);
    let options = RenderOptions {
        templates: Some(&own),
        png_dpi: 0,
    };
    let problem = render(&sheet, &options).expect_err("PDF/UA asks for a text");
    assert!(problem.what.contains("alt"), "{problem}");
}

/// A printed Dutch number back to a value; `None` for dashes and words.
fn number(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter_map(|c| match c {
            '.' | '+' => None,
            ',' => Some('.'),
            '\u{2212}' => Some('-'),
            other => Some(other),
        })
        .collect();
    plain.trim_start_matches("± ").parse().ok()
}

/// Asserts that a printed number is a value of the twin, rounded to the printed decimals.
fn assert_printed(printed: &str, value: &Value, factor: f64, what: &str) {
    let Some(shown) = number(printed) else {
        assert!(printed == "–" || printed.is_empty(), "{what}: {printed:?}");
        return;
    };
    let exact = value
        .as_f64()
        .expect("a printed number has a value in the twin")
        * factor;
    let decimals = printed
        .split_once(',')
        .map_or(0, |(_, rest)| rest.len() as i32);
    // Half a unit of the last printed place, and a hair for binary fractions.
    let room = 0.5 * 10f64.powi(-decimals) + 1e-9;
    assert!(
        (shown - exact).abs() <= room,
        "{what}: {printed} is not {exact}"
    );
}

#[test]
fn every_number_of_the_tables_is_in_the_twin() {
    for (name, input) in cases() {
        if input.language != Language::Nl {
            continue;
        }
        let sheet = sheet(&input);
        let twin: Value = serde_json::from_str(&to_json(&input, &sheet)).expect("valid JSON");
        assert_eq!(twin["schema"], "thermaudit-sheet-1");
        let buildings = twin["buildings"].as_array().expect("a list");
        for row in &sheet.buildings {
            let of = buildings.iter().find(|b| b["oidn"] == row.oidn.as_str());
            let of = of.expect("every printed building is in the twin");
            let what = format!("{name} {}", row.tag);
            assert_eq!(of["tag"], row.tag.as_str());
            assert_printed(&row.area, &of["area_m2"], 1.0, &what);
            if row.instead.is_some() {
                continue;
            }
            assert_printed(&row.assessed, &of["valid_fraction"], 100.0, &what);
            assert_printed(&row.median, &of["t_median_c"], 1.0, &what);
            assert_printed(&row.p95, &of["t_p95_c"], 1.0, &what);
            assert_printed(&row.delta_air[0], &of["delta_air_k"], 1.0, &what);
            assert_printed(
                &row.delta_air[1],
                &twin["conditions"]["uncertainty_k"],
                1.0,
                &what,
            );
            assert_printed(
                &row.delta_reference[0],
                &of["delta_reference_k"],
                1.0,
                &what,
            );
            assert_printed(
                &row.delta_reference[1],
                &of["delta_reference_u95_k"],
                1.0,
                &what,
            );
        }
        if let Some(row) = &sheet.total {
            let of = &twin["total"];
            assert_printed(&row.area, &of["area_m2"], 1.0, name);
            assert_printed(&row.assessed, &of["valid_fraction"], 100.0, name);
            assert_printed(&row.median, &of["t_median_c"], 1.0, name);
            assert_printed(&row.p95, &of["t_p95_c"], 1.0, name);
            assert_printed(&row.delta_air[0], &of["delta_air_k"], 1.0, name);
            assert_printed(&row.delta_reference[0], &of["delta_reference_k"], 1.0, name);
        }
        for row in sheet.comparison.iter().flat_map(|c| &c.rows) {
            let list = twin["comparison"]["buildings"].as_array().expect("a list");
            let of = list.iter().find(|b| b["tag"] == row.tag.as_str());
            let of = of.expect("every compared building is in the twin");
            assert_printed(&row.before, &of["before"], 1.0, name);
            assert_printed(&row.after, &of["after_normalised"], 1.0, name);
            assert_printed(&row.change[0], &of["change"], 1.0, name);
        }
        for (rows, list) in [(&sheet.points, "hotspots"), (&sheet.explained, "explained")] {
            let list = twin[list].as_array().expect("a list");
            for row in rows {
                let of = list.iter().find(|h| h["number"] == row.number);
                let of = of.expect("every printed point is in the twin");
                assert_printed(&row.area, &of["area_m2"], 1.0, name);
                let (value, room) = row.delta.split_once(" ± ").expect("value ± uncertainty");
                assert_printed(value, &of["excess_mean_k"], 1.0, name);
                assert_printed(room, &of["excess_mean_u95_k"], 1.0, name);
            }
        }
    }
}

/// Two significant digits, as a range is printed.
fn two_digits(value: &Value) -> f64 {
    let value = value.as_f64().expect("a number");
    let step = 10f64.powi(value.log10().floor() as i32 - 1);
    (value / step).round() * step
}

#[test]
fn savings_are_ranges_of_the_twin_and_only_of_who_gave_a_price() {
    let plain = sheet(&sheet_input::company(Language::Nl));
    assert!(plain.savings.is_none());
    let input = sheet_input::with_price(Language::Nl);
    let sheet = sheet(&input);
    let printed = sheet.savings.as_ref().expect("a price was given");
    assert!(!printed.rows.is_empty());
    let twin: Value = serde_json::from_str(&to_json(&input, &sheet)).expect("valid JSON");
    assert_eq!(twin["energy_assumptions"]["gas_price_eur_kwh"], 0.065);
    let saved = twin["savings"]["buildings"].as_array().expect("a list");
    for row in &printed.rows {
        let of = saved.iter().find(|b| b["tag"] == row.tag.as_str());
        let of = of.expect("every row is in the twin");
        for (cell, stem) in [(2, "kwh_a"), (3, "eur_a"), (4, "co2_kg_a")] {
            let (low, high) = row.cells[cell].split_once('–').expect("a range");
            let ends = [("lo", low), ("hi", high)];
            for (end, text) in ends {
                let exact = two_digits(&of[format!("saved_{end}_{stem}")]);
                let shown = number(text).expect("a number");
                assert!(
                    (shown - exact).abs() < 1e-6 * exact,
                    "{text} is not {exact}"
                );
            }
        }
    }
}

/// Keys of a value, and of what is in it.
fn keys(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|v| keys(v, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, v)| {
            found.push(key.clone());
            keys(v, found);
        }),
        _ => {}
    }
}

#[test]
fn nothing_outside_the_own_outlines_reaches_the_maps_of_the_comparison() {
    let input = sheet_input::compared(Language::Nl);
    let mut other = input.clone();
    let comparison = other.comparison.as_mut().expect("a comparison");
    for piece in [&mut comparison.before, &mut comparison.change] {
        let piece = piece.as_mut().expect("a map");
        let transform = piece.transform;
        for row in 0..piece.grid.height() {
            for col in 0..piece.grid.width() {
                let (x, y) = transform.centre(col, row);
                let near = [-0.11, 0.0, 0.11].iter().any(|dx| {
                    [-0.11, 0.0, 0.11].iter().any(|dy| {
                        let point = Point::new(x + dx, y + dy);
                        let mut buildings = input.buildings.iter();
                        buildings.any(|b| b.outline.polygon.contains(&point))
                    })
                });
                if !near {
                    piece.grid.set(col, row, 7.9);
                }
            }
        }
    }
    assert!(rendered(&input, 0).1 == rendered(&other, 0).1);
}

#[test]
fn a_roof_that_was_somebody_elses_then_is_not_told_of() {
    let mut input = sheet_input::compared(Language::Nl);
    let comparison = input.comparison.as_mut().expect("a comparison");
    comparison.buildings[1].held = false;
    let mut other = input.clone();
    let numbers = &mut other.comparison.as_mut().expect("a comparison").buildings[1];
    (numbers.before, numbers.after) = (Some(9.9), Some(0.1));
    numbers.verdict = None;
    numbers.reasons = vec!["R04-before".to_owned()];
    let (one, two) = (rendered(&input, 0), rendered(&other, 0));
    assert!(one.1 == two.1);
    assert_eq!(to_json(&input, &one.0), to_json(&other, &two.0));
}

#[test]
fn the_twins_own_words_are_known_to_the_search_for_leaks() {
    let mut input = sheet_input::crowded(Language::Nl);
    input.company.gas_price_eur_kwh = Some(0.05);
    let judged = sheet_input::judged(Language::Nl);
    for (to, from) in input.buildings.iter_mut().zip(judged.buildings) {
        to.score.review = from.score.review;
        to.rejected = from.rejected;
    }
    input.comparison = sheet_input::compared(Language::Nl).comparison;
    let sheet = sheet(&input);
    assert!(sheet.savings.is_some());
    let spots = to_geojson(&input, &sheet, &|x, y| Some((x / 1e5, y / 1e5)));
    for text in [to_json(&input, &sheet), spots] {
        let mut found = Vec::new();
        keys(&serde_json::from_str(&text).expect("JSON"), &mut found);
        for key in found {
            assert!(VOCABULARY.contains(&key.as_str()), "{key}");
        }
    }
}

/// Output of a program; `None`, said aloud, where it is not installed.
fn tool(program: &str, arguments: &[&str], file: &Path) -> Option<String> {
    match Command::new(program)
        .args(arguments)
        .arg(file)
        .arg("-")
        .output()
    {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("skipped: {program} is not installed");
            None
        }
    }
}

#[test]
fn foreign_readers_find_a_tagged_file_with_embedded_fonts_in_reading_order() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let file = dir.path().join("sheet.pdf");
    let (_, rendered) = rendered(&sheet_input::company(Language::Nl), 0);
    std::fs::write(&file, &rendered.pdf).expect("writable");
    if let Ok(output) = Command::new("qpdf").arg("--check").arg(&file).output() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
    } else {
        eprintln!("skipped: qpdf is not installed");
    }
    if let Ok(output) = Command::new("pdfinfo").arg(&file).output() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("Tagged:          yes"), "{text}");
        assert!(text.contains("Pages:           2"), "{text}");
    } else {
        eprintln!("skipped: pdfinfo is not installed");
    }
    if let Ok(output) = Command::new("pdffonts").arg(&file).output() {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let fonts: Vec<&str> = text.lines().skip(2).collect();
        assert!(fonts.len() >= 4, "{text}");
        // Columns emb, sub, uni.
        assert!(
            fonts
                .iter()
                .all(|f| f.contains("yes yes yes") && f.contains("Inter")),
            "{text}"
        );
    } else {
        eprintln!("skipped: pdffonts is not installed");
    }
    if let Some(text) = tool("pdftotext", &[], &file) {
        let mut from = 0;
        for words in [
            "Meubelfabriek Wolkenveld nv",
            "Verhoogde warmteverliesindicatie",
            "Warmtebeeld van uw dak",
            "Resultaten per gebouw",
            "Belangrijkste aandachtspunten",
            "Aandachtspunten in detail",
            "Aanbevelingen, in volgorde",
            "Hoe leest u dit verslag?",
            "Gegevens en privacy",
        ] {
            let at = text[from..].find(words).map(|i| i + from);
            from = at.unwrap_or_else(|| panic!("{words:?} is not in its place"));
        }
    }
}
