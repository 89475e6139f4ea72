//! SIGKILL at random moments.

use crate::whole::{assert_clean, assert_same, assert_whole, assert_whole_again};
use crate::{Project, Random, in_quiet};
use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

const KILLS: usize = 50;

#[test]
fn after_fifty_kills_all_files_are_whole_and_the_next_run_makes_the_same_bytes() {
    let _turn = in_quiet();
    let undisturbed = Project::of_frames(32);
    let since = Instant::now();
    undisturbed.run_well(&["-q"]);
    let mut lasts = since.elapsed();
    assert_whole(&undisturbed.results());

    let park = Project::of_frames(32);
    let mut random = Random(2026);
    let (mut hit, mut files, mut known) = (0, 0, BTreeSet::new());
    for kill in 0..KILLS {
        // In the first half by turns while results are made for the first time and while the next run
        // goes on with what is left of them; in the other all is made again over older results.
        let (from_nothing, over_older) = (kill % 2 == 0 && kill < KILLS / 2, kill >= KILLS / 2);
        if from_nothing {
            park.forget_everything();
        }
        let options: &[&str] = if over_older {
            &["-q", "--force"]
        } else {
            &["-q"]
        };
        let mut command = park.command(options);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("the program starts");
        let (since, moment) = (Instant::now(), lasts.mul_f64(random.next()));
        while since.elapsed() < moment {
            std::thread::sleep(Duration::from_millis(1));
            if child.try_wait().expect("waits").is_some() {
                // Quicker than the one before: the machine has less else to do. A run that goes on has
                // less to do itself, which says nothing of the others.
                if from_nothing || over_older {
                    lasts = lasts.min(since.elapsed());
                }
                break;
            }
        }
        hit += usize::from(child.try_wait().expect("waits").is_none());
        child.kill().expect("killed");
        child.wait().expect("ended");
        files += assert_whole_again(&park.results(), &mut known);
    }
    println!("a run lasts {lasts:?}; {hit} of {KILLS} kills hit one, {files} files judged");
    assert!(hit >= KILLS / 2, "only {hit} kills hit a run");
    assert!(files > KILLS, "only {files} files were there");

    park.run_well(&["-q"]);
    assert_clean(&park.results());
    assert_clean(&park.path().join(".thermaudit/overview"));
    assert_same(&park.results(), &undisturbed.results());
}
