//! Inputs that vanish.

use crate::common::{flight_folder, stderr};
use crate::interrupt::read_until;
use crate::whole::{assert_same, assert_whole};
use crate::{Project, beside_others};
use serde_json::Value;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Most tries to spoil an input between two steps of a run.
const TRIES: usize = 8;

/// Runs, and does something as soon as a stage is done. Out: exit code and what was said.
fn disturbed(
    park: &Project,
    more: &[&str],
    stage: &str,
    disturb: impl Fn(),
) -> (Option<i32>, String) {
    let mut child = park.start(&[&["--jobs", "1"], more].concat());
    let mut rest = read_until(&mut child, stage);
    disturb();
    let mut said = String::new();
    rest.read_to_string(&mut said).expect("text");
    (child.wait().expect("ends").code(), said)
}

#[test]
fn a_frame_that_vanishes_during_a_run_is_skipped_with_its_reason_and_the_others_go_on() {
    let _turn = beside_others();
    let undisturbed = Project::small();
    undisturbed.run_well(&["-q"]);
    let park = Project::small();
    let frame = park.frames().pop().expect("frames");
    let name = frame.file_name().expect("a name").to_string_lossy();
    let bytes = std::fs::read(&frame).expect("a frame");
    let tried = (0..TRIES).find_map(|_| {
        park.forget_everything();
        std::fs::write(&frame, &bytes).expect("written");
        let (code, said) = disturbed(&park, &[], "read", || {
            std::fs::remove_file(&frame).expect("removed")
        });
        // Where the run was quicker, everything had been read.
        (code != Some(0)).then_some((code, said))
    });
    let (code, said) = tried.expect("once the frame goes before it is read");
    assert_eq!(code, Some(1), "{said}");
    let skip = said.lines().find(|l| l.starts_with("skipped: "));
    let skip = skip.unwrap_or_else(|| panic!("{said}"));
    assert!(
        skip.contains(&*name) && skip.contains("No such file"),
        "{said}"
    );
    assert_whole(&park.results());
    let flight = flight_folder(&park.path());
    let results = park.results().join(flight.file_name().expect("a name"));
    let text = std::fs::read_to_string(results.join("run.json")).expect("a record");
    let run: Value = serde_json::from_str(&text).expect("JSON");
    let skips = run["skips"].as_array().expect("a list");
    assert_eq!(skips.len(), 1, "{skips:?}");
    assert!(
        skips[0]["file"]
            .as_str()
            .is_some_and(|f| f.contains(&*name))
    );
    let database = rusqlite::Connection::open(results.join("audit.gpkg")).expect("opens");
    let row = "SELECT status, reason FROM frames WHERE file LIKE ?1";
    let row: (String, String) = database
        .query_row(row, [format!("%{name}")], |r| Ok((r.get(0)?, r.get(1)?)))
        .expect("the frame has a row");
    assert!(
        row.0 == "skipped" && row.1.contains("No such file"),
        "{row:?}"
    );
    assert!(results.join("companies").exists());
    // Back again, it is as if nothing had been.
    drop(database);
    std::fs::write(&frame, &bytes).expect("written");
    park.run_well(&["-q"]);
    assert_same(&park.results(), &undisturbed.results());
}

#[test]
fn a_frame_that_vanishes_while_the_map_is_made_is_skipped_not_passed_over() {
    let _turn = beside_others();
    let park = Project::of_frames(98);
    let frames = park.frames();
    let away = park.beside("away");
    std::fs::create_dir(&away).expect("made");
    // Half of the decoded frames fit into 16 MiB; the first half is read again for the map.
    let more = ["--until", "mosaic", "--max-memory", "64M"];
    let (code, said) = disturbed(&park, &more, "level", || {
        for frame in frames.iter().take(40) {
            let to = away.join(frame.file_name().expect("a name"));
            std::fs::rename(frame, to).expect("moved");
        }
    });
    assert_eq!(code, Some(1), "{said}");
    let skips: Vec<&str> = said
        .lines()
        .filter(|l| l.starts_with("skipped: "))
        .collect();
    assert!(!skips.is_empty(), "{said}");
    for skip in skips {
        assert!(
            skip.contains("any more while the map was made") && skip.contains("No such file"),
            "{skip}"
        );
    }
    assert_whole(&park.results());
}

#[test]
fn a_folder_of_frames_that_vanishes_during_a_run_is_said() {
    let _turn = beside_others();
    let park = Project::small();
    let (folder, away) = (flight_folder(&park.path()), park.beside("away"));
    let tried = (0..TRIES).find_map(|_| {
        let (code, said) = disturbed(&park, &[], "read", || {
            std::fs::rename(&folder, &away).expect("moved")
        });
        std::fs::rename(&away, &folder).expect("moved back");
        (code == Some(2)).then_some(said)
    });
    let said = tried.expect("once it goes before the frames are read");
    assert!(said.contains("No such file"), "{said}");
    let error = said.lines().find(|l| l.starts_with("error: "));
    assert!(error.is_some_and(|e| e.contains("flights/")), "{said}");
}

#[test]
fn a_surface_model_that_is_cut_short_during_a_run_is_named() {
    let _turn = beside_others();
    let park = Project::small();
    let dsm = park.path().join("dsm.tif");
    let bytes = std::fs::read(&dsm).expect("a model");
    let tried = (0..TRIES).find_map(|_| {
        std::fs::write(&dsm, &bytes).expect("written");
        let (code, said) = disturbed(&park, &[], "read", || {
            let file = std::fs::File::options().write(true).open(&dsm);
            file.and_then(|f| f.set_len(2000)).expect("cut");
        });
        (code != Some(0)).then_some((code, said))
    });
    let (code, said) = tried.expect("once it is cut before it is read");
    assert_eq!(code, Some(2), "{said}");
    let errors: Vec<&str> = said.lines().filter(|l| l.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{said}");
    assert!(errors[0].contains("dsm.tif"), "{said}");
    assert!(said.contains("within reach"), "{said}");
    std::fs::write(&dsm, &bytes).expect("written");
    park.run_well(&["-q"]);
}

/// Replaces something by a link to where it was, as on a share that is not mounted.
fn take_away(path: &Path) {
    match path.is_dir() {
        true => std::fs::remove_dir_all(path).expect("removed"),
        false => std::fs::remove_file(path).expect("removed"),
    }
    symlink("/nowhere/of/the/share", path).expect("linked");
}

#[test]
fn an_input_that_is_out_of_reach_is_never_taken_for_one_that_is_not_given() {
    let _turn = beside_others();
    for name in [
        "dsm.tif",
        "dtm.tif",
        "weather.csv",
        "links.csv",
        "companies.csv",
    ] {
        let park = Project::small();
        take_away(&park.path().join(name));
        let output = park.run(&[]);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        let error = said.lines().find(|l| l.starts_with("error: "));
        let error = error.unwrap_or_else(|| panic!("{name}: {said}"));
        assert!(
            error.contains(name) && error.contains("No such file"),
            "{said}"
        );
    }
    let park = Project::small();
    take_away(&flight_folder(&park.path()));
    let output = park.run(&[]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("flights/") && said.contains("No such file"),
        "{said}"
    );
    // One frame of many is skipped.
    let park = Project::small();
    take_away(&park.frames().pop().expect("frames"));
    let output = park.run(&["--until", "mosaic"]);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("skipped: ") && said.contains("No such file"),
        "{said}"
    );
}
