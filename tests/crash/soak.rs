//! Flight after flight, memory stays where it was.

use crate::common::{files, flight_folder};
use crate::{Project, beside_others, run_command};
use std::process::{Command, Stdio};
use std::time::Duration;

const FLIGHTS: usize = 24;
/// Flights until what the typesetter remembers of the last documents is full.
const WARM: usize = 12;
/// How much the peak of 24 flights may lie above that of these: the allocator keeps some of what it
/// was given back.
const MOST: f64 = 1.1;

/// Runs to the end. Out: the most memory it had, MiB.
fn peak_mib(command: &mut Command) -> f64 {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().expect("starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0.0;
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("waits") {
            break ended;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find(|l| l.starts_with("VmHWM:"));
        let kb = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok());
        peak_kb = kb.unwrap_or(0.0_f64).max(peak_kb);
        std::thread::sleep(Duration::from_millis(5));
    };
    assert_eq!(ended.code(), Some(0));
    peak_kb / 1024.0
}

/// A park flown 24 times: each flight has its own folder and its own files.
fn park() -> Project {
    let park = Project::of_frames(32);
    let first = flight_folder(&park.path());
    for n in 2..=FLIGHTS {
        let to = park.path().join(format!("flights/night-{n:02}"));
        std::fs::create_dir(&to).expect("made");
        for file in files(&first) {
            let name = file.file_name().expect("a name");
            std::fs::copy(&file, to.join(name)).expect("copied");
        }
    }
    park
}

#[test]
fn twenty_four_flights_need_no_more_memory_than_twelve() {
    let _turn = beside_others();
    let park = park();
    let ids: Vec<String> = files(&park.path().join("flights"))
        .iter()
        .filter_map(|p| Some(p.file_name()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(ids.len(), FLIGHTS);
    // Nothing is taken over from a flight before.
    let run = |flights: &[String]| {
        let mut command = run_command(&park.path(), &["-q", "--force", "--jobs", "2"]);
        for id in flights {
            command.args(["--flight", id]);
        }
        peak_mib(&mut command)
    };
    let warm = run(&ids[..WARM]);
    let all = run(&ids);
    println!("{WARM} flights {warm:.0} MiB, {FLIGHTS} in a row {all:.0} MiB");
    assert!(all < MOST * warm, "{all} of {warm} MiB");
    // Each in a process of its own, over what the ones before left.
    let each: Vec<f64> = ids.iter().map(|id| run(std::slice::from_ref(id))).collect();
    // Peaks scatter by which sheets happen to be set at once.
    let middle = |of: &[f64]| {
        let mut sorted = of.to_vec();
        sorted.sort_by(f64::total_cmp);
        (sorted[of.len() / 2 - 1] + sorted[of.len() / 2]) / 2.0
    };
    let (first, last) = (middle(&each[..8]), middle(&each[FLIGHTS - 8..]));
    println!("in {FLIGHTS} processes {first:.0} MiB the first eight, {last:.0} the last");
    assert!(last < MOST * first, "{each:?}");
}
