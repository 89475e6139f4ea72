//! One command at a time.

use crate::common::{stderr, thermaudit};
use crate::{Project, beside_others, signal, wait_until};
use std::path::Path;
use std::process::{Child, Stdio};

/// A run that holds its lock and stands still.
fn standing_still(park: &Project, more: &[&str]) -> Child {
    let mut command = park.command(&[&["-q"], more].concat());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.expect("the program starts");
    let lock = park.path().join(".thermaudit/lock");
    wait_until("the lock is held", || {
        std::fs::metadata(&lock).is_ok_and(|m| m.len() > 0)
    });
    signal(&child, "STOP");
    child
}

fn assert_refused(arguments: &[&str], holder: &Child) {
    let output = thermaudit(arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    for words in [
        "is at work here",
        &format!("process {}", holder.id()),
        "since 20",
        "opens by itself",
    ] {
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn a_second_command_on_a_project_is_refused_with_the_holders_name_until_that_is_gone() {
    let _turn = beside_others();
    let park = Project::small();
    park.run_well(&["-q"]);
    let mut holder = standing_still(&park, &[]);
    let (path, elsewhere) = (park.path(), park.beside("elsewhere"));
    let path = text(&path);
    assert_refused(&["run", path], &holder);
    assert_refused(&["run", path, "--out", text(&elsewhere)], &holder);
    assert_refused(&["erase", path, "--company", "B0001"], &holder);
    // What writes nothing goes on.
    let output = thermaudit(&["check", path]);
    assert!(output.status.code().is_some_and(|c| c < 2));
    let output = thermaudit(&["erase", path, "--company", "B0001", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // A holder that is killed blocks nobody.
    holder.kill().expect("killed");
    holder.wait().expect("ended");
    park.run_well(&["-q"]);
    // Nor does one that ended leave its name.
    let lock = std::fs::read(park.path().join(".thermaudit/lock"));
    assert_eq!(lock.expect("is there"), b"");
}

#[test]
fn two_projects_do_not_write_into_one_folder_of_results() {
    let _turn = beside_others();
    let (one, other) = (Project::small(), Project::small());
    let out = one.beside("shared");
    let mut holder = standing_still(&one, &["--out", text(&out)]);
    wait_until("the results are locked", || {
        std::fs::metadata(out.join(".thermaudit.lock")).is_ok_and(|m| m.len() > 0)
    });
    assert_refused(&["run", text(&other.path()), "--out", text(&out)], &holder);
    holder.kill().expect("killed");
    holder.wait().expect("ended");
    other.run_well(&["-q", "--out", text(&out)]);
}
