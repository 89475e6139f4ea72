//! What people get: sheets and what stands beside them (layers with their styles, the project for a GIS, the
//! catalogue item, workbooks, twins), the same again on a second run, changes between flights, who sees what, and
//! being forgotten. Outside readers (GDAL, QGIS, LibreOffice, Python packages) where they are.
#![allow(
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a skipped test says so"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/pages.rs"]
mod pages;
#[path = "../sheet_input/mod.rs"]
mod sheet_input;
#[path = "../sheet_overview/mod.rs"]
mod sheet_overview;
#[path = "../sheet_pages/mod.rs"]
mod sheet_pages;

mod compare;
mod erase;
mod geopackage;
mod gis;
mod rerun;
mod separation;
mod sheet;
mod twins;
mod workbooks;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The sample park, run once for all tests here.
static PARK: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let folder = common::whole_sample();
    let inspections = common::sample().join("inspections");
    copy(&inspections, &folder.path().join("inspections"));
    let done = common::thermaudit(&["-q", "run", &folder.path().to_string_lossy()]);
    assert!(done.status.success(), "{}", common::stderr(&done));
    folder
});

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for path in common::files(from) {
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy(&path, &target),
            false => {
                std::fs::copy(&path, target).expect("copies");
            }
        }
    }
}

/// Results of the flight of the sample.
fn flight() -> PathBuf {
    let flight = common::flight_folder(PARK.path());
    let id = flight.file_name().expect("a name");
    PARK.path().join("results").join(id)
}

/// What a script of `tests/tools` prints; `None` and "skipped" where there is no Python for it.
fn python(variable: &str, script: &str, arguments: &[&Path]) -> Option<String> {
    let Some(python) = std::env::var_os(variable) else {
        println!("skipped: {variable} is not set");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/tools")
        .join(script);
    let done = Command::new(python)
        .arg(script)
        .args(arguments)
        .env("QT_QPA_PLATFORM", "offscreen")
        .output()
        .expect("Python starts");
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout).into_owned(),
        String::from_utf8_lossy(&done.stderr).into_owned(),
    );
    assert!(done.status.success(), "{out}{err}");
    Some(out)
}
