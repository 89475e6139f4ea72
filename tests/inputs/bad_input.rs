//! Bad input gives one clear message or a named skip, the right exit code, and nothing
//! half-written.

use crate::common;

use common::{files, flight_folder, is_frame, park_copy, stderr, thermaudit, tree};
use std::path::Path;

/// A small copy of the sample park in a temporary folder.
fn small_park() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    park_copy(folder.path(), 12);
    folder
}

fn run(project: &Path, more: &[&str]) -> (i32, String) {
    let path = project.to_str().expect("a plain path");
    let output = thermaudit(&[&["run", path], more].concat());
    (output.status.code().unwrap_or(-1), stderr(&output))
}

/// Replaces text in a file of the project.
fn edit(project: &Path, file: &str, change: impl Fn(String) -> String) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    std::fs::write(path, change(text)).expect("the file can be written");
}

fn no_results(project: &Path) {
    let left = tree(&project.join("results"));
    assert!(left.is_empty(), "half-written: {left:?}");
}

#[test]
fn an_empty_and_a_truncated_frame_are_skipped_by_name_and_the_rest_is_used() {
    let park = small_park();
    let frames: Vec<_> = files(&flight_folder(park.path()))
        .into_iter()
        .filter(|p| is_frame(p))
        .collect();
    std::fs::write(&frames[0], b"").expect("written");
    let bytes = std::fs::read(&frames[1]).expect("read");
    std::fs::write(&frames[1], &bytes[..bytes.len() / 3]).expect("written");
    let (code, text) = run(park.path(), &["--until", "mosaic"]);
    assert_eq!(code, 1, "{text}");
    for frame in &frames[..2] {
        let name = frame.file_name().expect("a name").to_string_lossy();
        assert!(text.contains(&*name), "{name} is not named in:\n{text}");
    }
    assert!(!text.contains("panicked"), "{text}");
    let results = tree(&park.path().join("results"));
    assert!(
        results.iter().any(|f| f.ends_with("mosaic.tif")),
        "{results:?}"
    );
    assert!(
        results.iter().any(|f| f.ends_with("run.json")),
        "{results:?}"
    );
}

#[test]
fn without_outlines_a_run_stops_and_says_what_to_add() {
    let park = small_park();
    for name in ["buildings.gpkg", "buildings.geojson"] {
        let _ = std::fs::remove_file(park.path().join(name));
    }
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    assert!(text.contains("no building outlines"), "{text}");
    assert!(text.contains("hint:"), "{text}");
    no_results(park.path());
}

#[test]
fn an_unknown_crs_stops_a_run_with_the_code_and_the_key() {
    let park = small_park();
    edit(park.path(), "audit.toml", |t| {
        t.replace("EPSG:31370", "EPSG:999999")
    });
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("999999") && text.contains("project.crs"),
        "{text}"
    );
    no_results(park.path());
}

#[test]
fn a_company_without_building_is_named_and_the_others_get_their_sheets() {
    let park = small_park();
    edit(park.path(), "companies.csv", |text| {
        let header = text.lines().next().expect("a header").to_owned();
        let separator = if header.contains(';') { ';' } else { ',' };
        let cells: Vec<String> = header
            .split(separator)
            .map(|column| {
                match column
                    .trim()
                    .trim_matches('"')
                    .trim_start_matches('\u{feff}')
                {
                    "company_id" | "bedrijf_id" => "nowhere".to_owned(),
                    "name" | "naam" => "Nergens nv".to_owned(),
                    "participates" | "deelname" => "yes".to_owned(),
                    _ => String::new(),
                }
            })
            .collect();
        format!(
            "{}\n{}\n",
            text.trim_end(),
            cells.join(&separator.to_string())
        )
    });
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("nowhere") && text.contains("no building"),
        "{text}"
    );
    let results = tree(&park.path().join("results"));
    assert!(
        results.iter().any(|f| f.ends_with("sheet.pdf")),
        "{results:?}"
    );
    assert!(
        !results.iter().any(|f| f.contains("nowhere")),
        "{results:?}"
    );
}

#[test]
fn two_missing_columns_are_both_named_at_once() {
    let park = small_park();
    edit(park.path(), "companies.csv", |text| {
        let mut lines = text.lines();
        let header = lines.next().expect("a header");
        let spoiled = header
            .replace("participates", "xparticipates")
            .replace("deelname", "xdeelname")
            .replace("name", "xname")
            .replace("naam", "xnaam");
        std::iter::once(spoiled.as_str())
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    });
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    let words = ["name", "participates"];
    for word in words {
        assert!(text.contains(word), "{word} is not named in:\n{text}");
    }
    assert!(text.contains("schema.companies"), "{text}");
    no_results(park.path());
}

#[test]
fn a_results_folder_that_cannot_be_written_stops_a_run_before_the_first_pixel() {
    let park = small_park();
    // A file where the folder should be: refuses even the superuser, as permissions do not.
    std::fs::write(park.path().join("results"), b"in the way").expect("written");
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert_eq!(text.matches("error:").count(), 1, "{text}");
    assert!(
        text.contains("cannot be written") && text.contains("--out"),
        "{text}"
    );
    assert_eq!(
        std::fs::read(park.path().join("results")).expect("still there"),
        b"in the way"
    );
}

#[cfg(unix)]
#[test]
fn a_read_only_results_folder_stops_a_run() {
    use std::os::unix::fs::PermissionsExt;
    let park = small_park();
    let results = park.path().join("results");
    std::fs::create_dir(&results).expect("made");
    std::fs::set_permissions(&results, std::fs::Permissions::from_mode(0o555)).expect("set");
    if std::fs::write(results.join("probe"), b"").is_ok() {
        println!("skipped: this user may write anywhere");
        return;
    }
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("cannot be written"), "{text}");
    no_results(park.path());
}

#[test]
fn frames_without_position_are_refused_and_the_message_says_what_to_supply() {
    let park = small_park();
    let flight = flight_folder(park.path());
    for path in files(&flight).into_iter().filter(|p| is_frame(p)) {
        let bytes = std::fs::read(&path).expect("read");
        std::fs::write(&path, strip_metadata(&bytes)).expect("written");
    }
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("poses.csv") && text.contains("geo.txt"),
        "{text}"
    );
    no_results(park.path());
}

/// Drops EXIF and XMP segments of a JPEG, keeps the radiometric ones.
fn strip_metadata(jpeg: &[u8]) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    let mut at = 2;
    while at + 4 <= jpeg.len() && jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA {
        let length = 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        let segment = &jpeg[at..at + length];
        let metadata = segment[1] == 0xE1
            && (segment[4..].starts_with(b"Exif") || segment[4..].starts_with(b"http"));
        if !metadata {
            out.extend_from_slice(segment);
        }
        at += length;
    }
    out.extend_from_slice(&jpeg[at..]);
    out
}

#[test]
fn a_wrong_setting_names_file_line_key_and_the_nearest_key() {
    let park = small_park();
    edit(park.path(), "audit.toml", |t| {
        format!("{t}\n[mosaic]\nblendd = \"best-view\"\n")
    });
    let (code, text) = run(park.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("audit.toml: line") && text.contains("did you mean blend?"),
        "{text}"
    );
    no_results(park.path());
}
