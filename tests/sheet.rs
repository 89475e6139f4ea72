//! Promises about the sheet: standards met, same bytes twice, printed numbers in the twin.

mod sheet_input;

use thermaudit::report::{Sheet, SheetInput, sheet};
use thermaudit::survey::Language;
use thermaudit::write::pdf::{RenderOptions, Rendered, render};
use thermaudit::write::sheet_json::to_json;

fn rendered(input: &SheetInput, dpi: u32) -> (Sheet, Rendered) {
    let sheet = sheet(input).expect("a supported language");
    let own = std::env::var("TPL")
        .ok()
        .map(|p| std::fs::read_to_string(p).expect("template"));
    let options = RenderOptions {
        png_dpi: dpi,
        template: own.as_deref(),
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
    ]
}

#[test]
fn every_case_meets_both_standards() {
    let out = std::env::var_os("THERMAUDIT_SHEETS_OUT").map(std::path::PathBuf::from);
    for (name, input) in cases() {
        let (sheet, rendered) = rendered(&input, 0);
        assert!(rendered.pdf.len() < 8 << 20, "{name} is larger than 8 MB");
        if let Some(dir) = &out {
            std::fs::create_dir_all(dir).expect("a writable folder");
            std::fs::write(dir.join(format!("{name}.pdf")), &rendered.pdf).expect("writable");
            let json = to_json(&input, &sheet);
            std::fs::write(dir.join(format!("{name}.json")), json).expect("writable");
        }
    }
}
