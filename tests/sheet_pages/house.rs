//! Own logos, colours and templates.

use std::collections::BTreeMap;

use crate::sheet_input;
use thermaudit::report::{Brand, Logo, sheet};
use thermaudit::survey::Language;
use thermaudit::write::pdf::{Document, RenderOptions, Templates, render};

fn templates(files: &[(&str, &str)]) -> Templates {
    let files = files.iter();
    let files = files.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    Templates::new("template", files.collect::<BTreeMap<_, _>>())
}

fn set(files: &[(&str, &str)]) -> Result<Vec<u8>, thermaudit::problem::Problem> {
    let sheet = sheet(&sheet_input::company(Language::Nl));
    let templates = templates(files);
    let options = RenderOptions {
        templates: Some(&templates),
        png_dpi: 0,
    };
    render(&sheet, &options).map(|r| r.pdf)
}

const HEAD: &str = "#set document(title: \"x\", date: datetime(year: 2026, month: 3, day: 14))\n#set text(lang: \"nl\", font: \"Inter\")\n= Title\n";

#[test]
fn a_template_of_the_users_includes_reads_and_shows_what_lies_beside_it() {
    let main = format!(
        "{HEAD}#include \"parts/foot.typ\"\n#read(\"words.txt\")\n\
         #image(\"mark.svg\", alt: \"mark\")\n#json(\"data.json\").company"
    );
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><rect width=\"9\" height=\"9\"/></svg>";
    let files = [
        ("sheet.typ", main.as_str()),
        ("parts/foot.typ", "#import \"more.typ\": x\n#x"),
        ("parts/more.typ", "#let x = [from beside]"),
        ("words.txt", "own words"),
        ("mark.svg", svg),
    ];
    set(&files).expect("the template is sound");
}

#[test]
fn nothing_outside_the_template_folder_can_be_read() {
    for outside in [
        "#read(\"../audit.toml\")",
        "#read(\"/etc/passwd\")",
        "#include \"../other.typ\"",
        "#image(\"/../../logo.png\", alt: \"x\")",
        "#import \"@preview/cetz:0.3.0\"",
        // Another document's template that is not named by a file of this one's.
        "#read(\"vi\" + \"sit.typ\")",
    ] {
        let main = format!("{HEAD}{outside}");
        let problem = set(&[("sheet.typ", &main), ("visit.typ", "x")]).expect_err(outside);
        assert_eq!(
            problem.file.as_deref(),
            Some("template/sheet.typ"),
            "{outside}: {problem}"
        );
        let place = problem.field.as_deref().unwrap_or_default();
        assert!(place.starts_with("line 4, column"), "{outside}: {place}");
    }
}

#[test]
fn a_fault_beside_a_template_is_named_by_its_own_file_line_and_column() {
    let main = format!("{HEAD}#include \"parts/foot.typ\"");
    let problem =
        set(&[("sheet.typ", &main), ("parts/foot.typ", "one\ntwo #three")]).expect_err("unknown");
    assert_eq!(problem.file.as_deref(), Some("template/parts/foot.typ"));
    assert_eq!(problem.field.as_deref(), Some("line 2, column 6"));
}

#[test]
fn logos_and_colour_change_the_pages_and_not_the_standards() {
    let mut input = sheet_input::company(Language::Nl);
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 9\"><rect width=\"40\" height=\"9\"/></svg>";
    let mut png = std::io::Cursor::new(Vec::new());
    let mark = image::RgbaImage::from_pixel(900, 30, image::Rgba([20, 90, 60, 200]));
    mark.write_to(&mut png, image::ImageFormat::Png)
        .expect("writes");
    input.settings.brand = Brand {
        logo: Some(Logo(svg.into())),
        auditor_logo: Some(Logo(png.into_inner())),
        colour: "#7A1F5C".to_owned(),
    };
    input.settings.contact = "An Voorbeeld, an@voorbeeld.be".to_owned();
    input.settings.text = "Infomoment groepsaankoop op 12 mei 2026.".to_owned();
    let sheet = sheet(&input);
    assert_eq!(sheet.accent, "#7A1F5C");
    let rendered = render(&sheet, &RenderOptions::default()).expect("meets the standards");
    let without = render(
        &thermaudit::report::sheet(&sheet_input::company(Language::Nl)),
        &RenderOptions::default(),
    )
    .expect("meets the standards");
    assert_ne!(rendered.pages[0], without.pages[0]);
    if let Some(dir) = std::env::var_os("THERMAUDIT_SHEETS_OUT") {
        let dir = std::path::PathBuf::from(dir);
        std::fs::write(dir.join("house-nl.pdf"), &rendered.pdf).expect("writable");
    }
    assert!(Templates::default().of(Document::Sheet).is_empty());
}
