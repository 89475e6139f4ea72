//! Whether results are whole: every file under its final name is read by a reader of its kind.

use crate::common::tree;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use thermaudit::read::archive::Archive;
use thermaudit::read::geotiff::GeoTiff;

/// Every file of a folder by its path within; of `run.json` all but timings and the number of jobs.
pub(crate) fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = tree(folder).into_iter();
    let shown = names.filter(|name| !hidden(name));
    shown
        .map(|name| {
            let mut bytes = std::fs::read(folder.join(&name)).expect("a result");
            if name.ends_with("run.json") {
                let mut run: Value = serde_json::from_slice(&bytes).expect("JSON");
                run["timings"] = Value::Null;
                run["settings"]["run"]["jobs"] = Value::Null;
                bytes = run.to_string().into_bytes();
            }
            (name, bytes)
        })
        .collect()
}

/// Both folders hold the same files with the same bytes.
pub(crate) fn assert_same(found: &Path, expected: &Path) {
    let (found, expected) = (contents(found), contents(expected));
    let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    assert!(found.len() > 20, "{:?}", names(&found));
    for (name, bytes) in &found {
        assert!(*bytes == expected[name], "{name} differs");
    }
}

/// All files under their final names are whole. Out: how many there are.
pub(crate) fn assert_whole(folder: &Path) -> usize {
    assert_whole_again(folder, &mut BTreeSet::new())
}

/// The same where files with these names and bytes are known to be whole.
pub(crate) fn assert_whole_again(folder: &Path, known: &mut BTreeSet<(String, String)>) -> usize {
    let names = tree(folder).into_iter();
    let shown: Vec<String> = names.filter(|name| !hidden(name)).collect();
    for name in &shown {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).expect("a result");
        let key = (name.clone(), blake3::hash(&bytes).to_hex().to_string());
        if known.insert(key) {
            let judged = whole(&path);
            assert!(judged.is_ok(), "{name}: {judged:?}");
        }
    }
    shown.len()
}

/// Nothing unfinished lies in a folder.
pub(crate) fn assert_clean(folder: &Path) {
    let names = tree(folder).into_iter();
    let left: Vec<String> = names
        .filter(|name| hidden(name) && name != ".thermaudit.lock")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

fn hidden(name: &str) -> bool {
    name.split('/').any(|part| part.starts_with('.'))
}

fn whole(path: &Path) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let text = || std::str::from_utf8(&bytes).map_err(|e| e.to_string());
    let ending = path.extension().map(|e| e.to_string_lossy().into_owned());
    match ending.as_deref() {
        Some("tif") => {
            // Every tile of every resolution.
            let map = GeoTiff::open(path).map_err(|p| p.to_string())?;
            for (level, (width, height)) in map.levels().into_iter().enumerate() {
                let all = thermaudit::raster::Window {
                    col: 0,
                    row: 0,
                    width,
                    height,
                };
                map.level_window(level, 0, all).map_err(|p| p.to_string())?;
            }
            Ok(())
        }
        Some("pdf") => {
            let ends = bytes.trim_ascii_end().ends_with(b"%%EOF");
            match bytes.starts_with(b"%PDF-") && ends {
                true => Ok(()),
                false => Err("has no end".to_owned()),
            }
        }
        Some("png") => image::load_from_memory(&bytes)
            .map(|_| ())
            .map_err(|e| e.to_string()),
        Some("json" | "geojson") => serde_json::from_slice::<Value>(&bytes)
            .map(|_| ())
            .map_err(|e| e.to_string()),
        Some("gpkg") => {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let judged = rusqlite::Connection::open_with_flags(path, flags)
                .and_then(|d| d.query_row("PRAGMA integrity_check", [], |r| r.get::<_, String>(0)));
            match judged.as_deref() {
                Ok("ok") => Ok(()),
                other => Err(format!("{other:?}")),
            }
        }
        Some("html") => {
            let (text, end) = (text()?, "</html>");
            let begins = text.to_ascii_lowercase().starts_with("<!doctype html>");
            match begins && text.trim_end().ends_with(end) {
                true => Ok(()),
                false => Err("is no whole page".to_owned()),
            }
        }
        Some("xlsx" | "qgz") => {
            let archive = Archive::new(&bytes)?;
            let parts: Vec<&str> = archive.names().collect();
            parts
                .into_iter()
                .try_for_each(|p| archive.bytes(p).map(|_| ()))
        }
        Some("csv") => {
            let mut rows = csv::ReaderBuilder::new()
                .flexible(true)
                .from_reader(text()?.as_bytes());
            match rows.records().find_map(Result::err) {
                None if text()?.ends_with('\n') => Ok(()),
                None => Err("its last line is cut".to_owned()),
                Some(error) => Err(error.to_string()),
            }
        }
        other => Err(format!("is no kind of result: {other:?}")),
    }
}
