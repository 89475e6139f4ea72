//! Every `crate::…` use stays within what its module may import.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BASE: &[&str] = &["units", "problem", "raster", "geo", "survey"];
const STAGES: &[&str] = &[
    "calibrate",
    "orient",
    "rectify",
    "level",
    "mosaic",
    "segment",
    "attach",
    "score",
    "compare",
    "report",
];

/// The import table: module → what it may name besides itself.
fn table() -> BTreeMap<&'static str, Vec<&'static str>> {
    let base_and = |more: &[&'static str]| [BASE, more].concat();
    BTreeMap::from([
        ("units", vec![]),
        ("problem", vec![]),
        ("raster", vec!["units", "problem"]),
        ("geo", vec!["units", "problem"]),
        ("survey", vec!["units", "problem", "raster", "geo"]),
        ("calibrate", base_and(&[])),
        ("orient", base_and(&["calibrate"])),
        ("rectify", base_and(&["calibrate", "orient"])),
        ("level", base_and(&["rectify"])),
        ("mosaic", base_and(&["rectify", "level"])),
        ("segment", base_and(&["mosaic"])),
        ("attach", base_and(&["calibrate", "segment"])),
        (
            "score",
            base_and(&["calibrate", "mosaic", "segment", "attach"]),
        ),
        ("compare", base_and(&["mosaic", "segment", "score"])),
        ("report", [BASE, &STAGES[..STAGES.len() - 1]].concat()),
        ("read", base_and(&[])),
        ("write", base_and(&["mosaic", "score", "compare", "report"])),
        ("simulate", base_and(&["write"])),
        ("config", base_and(STAGES)),
        (
            "pipeline",
            [BASE, STAGES, &["read", "write", "simulate", "config"]].concat(),
        ),
        (
            "cli",
            [
                BASE,
                STAGES,
                &["read", "write", "simulate", "config", "pipeline"],
            ]
            .concat(),
        ),
        ("main", vec!["cli"]),
    ])
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the source folder is readable");
    for entry in entries {
        let path = entry.expect("the source folder is readable").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// First path segments after `crate::`, also inside `crate::{a, b}`.
fn imports(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            let mut fresh = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 || (depth == 1 && c == ',') {
                    if !word.is_empty() {
                        found.push(std::mem::take(&mut word));
                    }
                    fresh = true;
                } else if fresh && (c.is_alphanumeric() || c == '_') {
                    word.push(c);
                } else if !c.is_whitespace() {
                    fresh = false;
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    found
}

#[test]
fn every_module_imports_only_what_the_table_allows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table = table();
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    files.sort();
    let mut faults = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).expect("inside src");
        let first = relative
            .components()
            .next()
            .expect("a file")
            .as_os_str()
            .to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let allowed = table
            .get(module.as_str())
            .unwrap_or_else(|| panic!("src/{module} is not in the import table"));
        // Tests of a module may build what the module is given.
        let source = match relative.file_name().is_some_and(|n| n == "tests.rs") {
            true => String::new(),
            false => std::fs::read_to_string(&file).expect("a source file is text"),
        };
        for import in imports(&source) {
            if import != module && !allowed.contains(&import.as_str()) {
                faults.push(format!("{} imports crate::{import}", relative.display()));
            }
        }
    }
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn groups_and_paths_are_both_seen() {
    let source = "use crate::{read::frame, units};\n// crate::cli\nlet x = crate::geo::crs();";
    assert_eq!(imports(source), ["read", "units", "geo"]);
}
