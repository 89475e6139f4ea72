//! Promises about the sheet: standards met, same bytes twice, printed numbers in the twin,
//! nothing of a neighbour in the file.

mod sheet_input;

use geo::{Distance, Euclidean, Point};
use thermaudit::report::{Logo, Sheet, SheetInput, sheet};
use thermaudit::survey::Language;
use thermaudit::write::pdf::{RenderOptions, Rendered, render};
use thermaudit::write::sheet_json::to_json;

fn rendered(input: &SheetInput, dpi: u32) -> (Sheet, Rendered) {
    let sheet = sheet(input).expect("a supported language");
    let options = RenderOptions {
        png_dpi: dpi,
        template: None,
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
        ("photo-nl", s::with_photo(Language::Nl)),
        ("not-assessable-nl", s::not_assessable(Language::Nl)),
        ("crowded-nl", s::crowded(Language::Nl)),
        ("crowded-en", s::crowded(Language::En)),
        ("quiet-nl", s::quiet(Language::Nl)),
        ("relative-nl", s::relative(Language::Nl)),
        ("many-nl", s::many_buildings(Language::Nl)),
        ("no-building-nl", s::no_building(Language::Nl)),
    ]
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

#[test]
fn every_case_meets_both_standards() {
    let out = std::env::var_os("THERMAUDIT_SHEETS_OUT").map(std::path::PathBuf::from);
    for (name, input) in cases() {
        let (sheet, rendered) = rendered(&input, 0);
        assert!(rendered.pdf.len() < 8 << 20, "{name} is larger than 8 MB");
        // The marks of PDF/A-2a and PDF/UA-1; the metadata stream is never compressed (ISO
        // 19005-2, 6.6.2.1).
        for mark in [
            "<pdfaid:part>2</pdfaid:part>",
            "<pdfaid:conformance>A</pdfaid:conformance>",
            "<pdfuaid:part>1</pdfuaid:part>",
        ] {
            assert!(contains(&rendered.pdf, mark), "{name} lacks {mark}");
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
fn a_usual_company_has_two_pages() {
    for input in [
        sheet_input::company(Language::Nl),
        sheet_input::company(Language::En),
        sheet_input::with_photo(Language::Nl),
    ] {
        assert_eq!(rendered(&input, 20).1.pages.len(), 2);
    }
}

#[test]
fn two_renders_have_the_same_bytes() {
    let input = sheet_input::with_photo(Language::Nl);
    let (_, first) = rendered(&input, 40);
    // Another sheet in between: nothing of it may stay in a cache.
    let _ = rendered(&sheet_input::quiet(Language::En), 40);
    let (_, second) = rendered(&input, 40);
    assert!(first == second);
}

/// The temperature of every cell that lies off the own roofs by more than a cell's diagonal.
fn set_outside(input: &mut SheetInput, celsius: f32) {
    let thermal = input.thermal.as_mut().expect("the input has a thermal map");
    let far = thermal.transform.dx.hypot(thermal.transform.dy);
    let (width, height) = (thermal.grid.width(), thermal.grid.height());
    for row in 0..height {
        for col in 0..width {
            let (x, y) = thermal.transform.centre(col, row);
            let outside = input
                .buildings
                .iter()
                .all(|b| Euclidean.distance(&Point::new(x, y), &b.outline.polygon) > far);
            if outside {
                thermal.grid.set(col, row, celsius);
            }
        }
    }
}

#[test]
fn no_byte_of_a_sheet_depends_on_what_was_measured_outside_the_own_roofs() {
    let mut hot = sheet_input::company(Language::Nl);
    let mut cold = hot.clone();
    set_outside(&mut hot, 7.9);
    set_outside(&mut cold, -5.9);
    assert!(hot.thermal != cold.thermal);
    let (sheet_hot, pdf_hot) = rendered(&hot, 40);
    let (sheet_cold, pdf_cold) = rendered(&cold, 40);
    assert!(sheet_hot.pictures == sheet_cold.pictures);
    assert!(pdf_hot == pdf_cold);
    assert_eq!(to_json(&hot, &sheet_hot), to_json(&cold, &sheet_cold));
}

#[test]
fn the_twin_names_the_company_and_every_building() {
    for (name, input) in cases() {
        let (sheet, _) = rendered(&input, 0);
        let json: serde_json::Value =
            serde_json::from_str(&to_json(&input, &sheet)).expect("the twin is JSON");
        assert!(
            json.to_string().contains(&input.company.name),
            "{name}: the twin names the company"
        );
        for building in &input.buildings {
            assert!(json.to_string().contains(&building.outline.oidn), "{name}");
        }
    }
}

#[test]
fn logos_keep_the_standards() {
    let mut input = sheet_input::quiet(Language::Nl);
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><rect width="20" height="20" fill="#0F4C5C"/></svg>"##;
    input.settings.logo = Some(Logo(svg.as_bytes().to_vec()));
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(12, 8, image::Rgb([15, 76, 92]))
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("memory is writable");
    input.settings.auditor_logo = Some(Logo(png.into_inner()));
    let (sheet, rendered) = rendered(&input, 0);
    assert_eq!(sheet.logos.len(), 2);
    assert!(contains(&rendered.pdf, "<pdfuaid:part>1</pdfuaid:part>"));
}

#[test]
fn a_users_template_that_does_not_compile_is_named_by_line() {
    let sheet = sheet(&sheet_input::quiet(Language::Nl)).expect("a supported language");
    let options = RenderOptions {
        png_dpi: 0,
        template: Some("#set text(lang: \"nl\")\n#nothing-like-this"),
    };
    let problem = render(&sheet, &options).expect_err("an unknown variable");
    assert!(problem.to_string().contains("line 2"), "{problem}");
}
