//! A disk that is full, and one that may only be read.

use crate::common::{stderr, tree};
use crate::whole::{assert_clean, assert_same, assert_whole};
use crate::{Mount, Project, beside_others, run_command};

#[test]
fn a_full_disk_is_named_with_what_is_missing_leaves_no_half_file_and_more_room_mends_it() {
    let _turn = beside_others();
    let undisturbed = Project::small();
    undisturbed.run_well(&["-q"]);
    let results = undisturbed.results();
    let sizes = tree(&results).into_iter();
    let all: u64 = sizes
        .map(|f| std::fs::metadata(results.join(f)).expect("is there").len())
        .sum();
    let park = Project::small();
    let Some(disk) = Mount::new(
        &["-t", "tmpfs", "-o", "size=64k", "tmpfs"],
        &park.beside("disk"),
    ) else {
        return;
    };
    let out = disk.0.join("results");
    let out = out.to_str().expect("a plain path").to_owned();
    let mut stopped = Vec::new();
    for percent in [1, 25, 50, 65, 80, 90, 97] {
        disk.remount(&format!("size={}k", all * percent / 100 / 1024));
        let output = park.run(&["--out", &out]);
        let said = stderr(&output);
        let code = output.status.code();
        if code == Some(0) {
            // Enough after all: older files are replaced one by one.
            break;
        }
        assert_eq!(code, Some(2), "{percent} %: {said}");
        let error = said.lines().find(|l| l.starts_with("error: "));
        let error = error.unwrap_or_else(|| panic!("{said}"));
        println!("{percent} %: {error}");
        for words in [disk.0.to_str().expect("a plain path"), "need", "free"] {
            assert!(error.contains(words), "{percent} %: {said}");
        }
        assert!(said.contains("--out"), "{percent} %: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{percent} %: {said}");
        stopped.push(error.contains("no space left on the disk"));
        assert_whole(&disk.0);
        assert_clean(&disk.0.join("results"));
    }
    assert!(
        stopped
            .iter()
            .filter(|found_out_late| **found_out_late)
            .count()
            >= 2,
        "{stopped:?}"
    );
    disk.remount("size=200m");
    park.run_well(&["-q", "--out", &out]);
    assert_clean(&disk.0.join("results"));
    assert_same(&disk.0.join("results"), &undisturbed.results());
}

#[test]
fn a_project_that_may_only_be_read_is_processed_with_its_results_elsewhere() {
    let _turn = beside_others();
    let park = Project::small();
    park.run_well(&["-q", "--out", park.beside("free").to_str().expect("plain")]);
    park.forget_everything();
    let before = tree(&park.path());
    let path = park.path();
    let path = path.to_str().expect("a plain path");
    let Some(mount) = Mount::new(&["--bind", path], &park.beside("locked")) else {
        return;
    };
    mount.remount("bind,ro");
    let out = park.beside("out");
    for _ in 0..2 {
        let more = ["--out", out.to_str().expect("a plain path")];
        let output = run_command(&mount.0, &more).output().expect("starts");
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(!said.contains("the run goes on"), "{said}");
    }
    assert_same(&out, &park.beside("free"));
    // What a later run needs of this one lies beside the results.
    assert!(!tree(&out.join(".thermaudit/overview")).is_empty());
    assert_eq!(before, tree(&park.path()), "nothing in the project");
    // Results inside it cannot be written, and the message says where they can.
    let output = run_command(&mount.0, &[]).output().expect("starts");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--out"), "{said}");
}
