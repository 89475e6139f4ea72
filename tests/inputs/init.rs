//! `thermaudit init`: whatever lies in a folder, the file it writes is valid, says what was found,
//! and never replaces one that is there.

use crate::common;
use crate::sheet_files;
use crate::vector_files;

use common::{files, flight_folder, park_copy, sample, stderr, thermaudit};
use sheet_files::{Cell, xlsx};
use std::path::Path;
use vector_files::{polygon_record, shapefile};

fn command(name: &str, project: &Path) -> (i32, String) {
    let output = thermaudit(&[name, project.to_str().expect("a plain path")]);
    (output.status.code().unwrap_or(-1), stderr(&output))
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

#[test]
fn the_sample_park_without_settings_gets_settings_that_check_accepts() {
    let folder = tempfile::tempdir().expect("a folder");
    let park = folder.path();
    park_copy(park, 6);
    std::fs::remove_file(park.join("audit.toml")).expect("removed");
    let (code, text) = command("init", park);
    assert_eq!(code, 0, "{text}");
    for part in [
        "buildings.gpkg: building outlines",
        "companies.csv: company list",
        "weather.csv: weather",
        "flights/2025-01-16-v1: a flight of",
        "next: thermaudit check",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let toml = std::fs::read_to_string(park.join("audit.toml")).expect("written");
    assert!(toml.contains("crs = \"EPSG:31370\""), "{toml}");
    let (code, text) = command("check", park);
    assert!(code < 2, "{text}");
    assert!(!text.contains("not a known key"), "{text}");
    // It is never written over.
    let (code, text) = command("init", park);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is there already"), "{text}");
    assert_eq!(
        std::fs::read_to_string(park.join("audit.toml")).expect("kept"),
        toml
    );
}

/// A folder as people have it: a memory card, an export of a GIS under a name of its own, a list of
/// members with headings of their own, a spreadsheet of a logger, downloads.
#[test]
fn a_folder_in_disorder_is_understood_and_told_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let frames = files(&flight_folder(&sample()));
    let card = here.join("DCIM/100MEDIA");
    std::fs::create_dir_all(&card).expect("made");
    for frame in frames
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "jpg"))
        .take(3)
    {
        std::fs::copy(frame, card.join(frame.file_name().expect("a name"))).expect("copied");
    }
    let square = polygon_record(&[&[
        [34e3, 172e3],
        [34e3, 172_010.],
        [34_010., 172_010.],
        [34_010., 172e3],
        [34e3, 172e3],
    ]]);
    let columns = [("OIDN", b'N', 15), ("LBLTYPE", b'C', 32)];
    std::fs::create_dir_all(here.join("GIS")).expect("made");
    shapefile(
        &here.join("GIS"),
        "Gbg33021B500",
        &columns,
        &[(&["2305235", "hoofdgebouw"], square)],
    );
    let rows = [
        ["Lidnr", "Firmanaam", "BTW-nummer", "Doet mee?", "Gsm"]
            .map(Cell::Text)
            .to_vec(),
        ["L-1", "Bakkerij Zoë", "BE 0403.449.823", "ja", "0470"]
            .map(Cell::Text)
            .to_vec(),
        ["L-2", "Garage Peeters", "BE 0200.065.765", "nee", ""]
            .map(Cell::Text)
            .to_vec(),
    ];
    std::fs::write(here.join("ledenlijst 2025.xlsx"), xlsx(1, &rows)).expect("written");
    write(
        &here.join("logger.csv"),
        "Datum en tijd;Buitentemp;RV\n2026-01-15 22:00;1,5;80\n2026-01-15 22:10;1,4;81\n",
    );
    write(&here.join("GRB.gdb/a00000001.gdbtable"), "x");
    write(&here.join("DHMVIIDSMRAS1m_k20.zip"), "PK");
    write(&here.join("ortho.jp2"), "x");
    write(&here.join("notes.txt"), "x");
    let (code, text) = command("init", here);
    assert_eq!(code, 0, "{text}");
    for part in [
        "GIS/Gbg33021B500.shp: building outlines",
        "ledenlijst 2025.xlsx: company list",
        "logger.csv: weather",
        "move DCIM/ to flights/DCIM/",
        "GRB.gdb: is a file geodatabase",
        "unpack DHMVIIDSMRAS1m_k20.zip",
        "gdal_translate -of COG ortho.jp2",
        "ledenlijst 2025.xlsx: has columns that are not recognised",
        "EPSG:31370: that of Gbg33021B500.shp",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let toml = std::fs::read_to_string(here.join("audit.toml")).expect("written");
    for part in [
        "buildings = \"GIS/Gbg33021B500.shp\"",
        "companies = \"ledenlijst 2025.xlsx\"",
        "weather = \"logger.csv\"",
        "[schema.companies]",
        "company_id = \"Lidnr\"",
        "name = \"Firmanaam\"",
        // Consent is never taken without asking.
        "# participates = \"Doet mee?\"",
        "[schema.weather]",
        "timestamp = \"Datum en tijd\"",
        "# air_c = \"Buitentemp\"",
    ] {
        assert!(toml.contains(part), "{part}: {toml}");
    }
    // What is left to do is what check says, and no key is unknown.
    let (code, text) = command("check", here);
    assert_eq!(code, 2, "{text}");
    assert!(!text.contains("not a known"), "{text}");
    assert!(text.contains("participates"), "{text}");
    assert!(text.contains("no flight"), "{text}");
    // Done as told, it passes.
    let done = toml
        .replace(
            "# participates = \"Doet mee?\"",
            "participates = \"Doet mee?\"",
        )
        .replace("# air_c = \"Buitentemp\"", "air_c = \"Buitentemp\"");
    std::fs::write(here.join("audit.toml"), done).expect("written");
    std::fs::create_dir_all(here.join("flights")).expect("made");
    std::fs::rename(card, here.join("flights/DCIM")).expect("moved");
    std::fs::remove_dir_all(here.join("DCIM")).expect("removed");
    let (_, text) = command("check", here);
    assert!(!text.contains("error: ledenlijst"), "{text}");
    assert!(text.contains("1 outlines, 2 companies"), "{text}");
}

#[test]
fn an_empty_folder_gets_settings_and_is_told_what_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, text) = command("init", folder.path());
    assert_eq!(code, 0, "{text}");
    for part in [
        "no flight",
        "no building outlines",
        "no company list",
        "no weather",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (code, text) = command("check", folder.path());
    assert_eq!(code, 2, "{text}");
    assert!(!text.contains("known key"), "{text}");
    let (code, text) = command("init", &folder.path().join("none"));
    assert_eq!(code, 2, "{text}");
}
