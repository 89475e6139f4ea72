//! Ctrl-C.

use crate::whole::{assert_clean, assert_same, assert_whole};
use crate::{Project, beside_others, signal};
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::time::{Duration, Instant};

/// Reads what a run says until it names a stage as done.
pub(crate) fn read_until(child: &mut Child, stage: &str) -> BufReader<std::process::ChildStderr> {
    let mut lines = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    loop {
        line.clear();
        let read = lines.read_line(&mut line).expect("text");
        assert!(read > 0, "the run ended before {stage} was done");
        if line.split_whitespace().nth(1) == Some(stage) {
            return lines;
        }
    }
}

#[test]
fn an_interrupted_run_ends_soon_with_130_keeps_what_is_finished_and_can_be_gone_on_with() {
    let _turn = beside_others();
    let undisturbed = Project::small();
    undisturbed.run_well(&["-q"]);
    let park = Project::small();
    for (stage, name) in [
        ("read", "INT"),
        ("calibrate", "INT"),
        ("level", "TERM"),
        ("segment", "INT"),
    ] {
        let mut child = park.start(&[]);
        let mut rest = read_until(&mut child, stage);
        signal(&child, name);
        let since = Instant::now();
        let status = child.wait().expect("ends");
        let took = since.elapsed();
        let mut said = String::new();
        rest.read_to_string(&mut said).expect("text");
        assert_eq!(status.code(), Some(130), "{stage}: {said}");
        assert!(
            said.contains("interrupted; what was finished is kept"),
            "{said}"
        );
        println!("{name} after {stage}: ended in {took:?}");
        assert!(took < Duration::from_secs(5), "{stage}: {took:?}");
        assert_whole(&park.results());
        assert_clean(&park.results());
    }
    park.run_well(&["-q"]);
    assert_same(&park.results(), &undisturbed.results());
}

#[test]
fn an_interrupted_run_leaves_older_results_as_they_were() {
    let _turn = beside_others();
    let park = Project::small();
    park.run_well(&["-q"]);
    let before = park.beside("before");
    std::fs::rename(park.results(), &before).expect("moved");
    let copied = std::process::Command::new("cp")
        .arg("-r")
        .args([&before, &park.results()])
        .status();
    assert!(copied.expect("cp is there").success());
    let mut child = park.start(&["--force"]);
    read_until(&mut child, "calibrate");
    signal(&child, "INT");
    // A run that had nothing left to do may have ended by itself.
    let code = child.wait().expect("ends").code();
    assert!(matches!(code, Some(0 | 130)), "{code:?}");
    assert_same(&park.results(), &before);
}

#[test]
fn a_second_request_ends_a_run_at_once_and_the_next_one_clears_up() {
    let _turn = beside_others();
    let park = Project::small();
    let mut child = park.start(&[]);
    read_until(&mut child, "calibrate");
    signal(&child, "INT");
    signal(&child, "INT");
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    assert_whole(&park.results());
    park.run_well(&["-q"]);
    assert_clean(&park.results());
}
