//! Same input, same bytes.

use crate::common::flight_folder;
use crate::whole::{assert_same, contents};
use crate::{Project, beside_others};
use std::time::Duration;

/// Puts the files of the flight into their folder in another order, as a copy from another disk
/// does, with ages of their own.
fn copied_backwards(park: &Project) {
    let (folder, old) = (flight_folder(&park.path()), park.beside("old"));
    std::fs::rename(&folder, &old).expect("moved");
    std::fs::create_dir(&folder).expect("made");
    let mut files = crate::common::files(&old);
    // Backwards by their names read backwards: neither the order of names nor its reverse.
    files.sort_by_key(|p| {
        let name = p.file_name().expect("a name").to_string_lossy();
        name.bytes().rev().collect::<Vec<u8>>()
    });
    for file in files.iter().rev() {
        std::fs::copy(file, folder.join(file.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn jobs_order_of_files_locale_time_zone_and_hour_change_no_byte() {
    let _turn = beside_others();
    let cases = [
        ("1", "C", "UTC"),
        ("2", "de_DE.UTF-8", "Pacific/Auckland"),
        ("3", "nl_BE.UTF-8", "America/St_Johns"),
    ];
    let mut parks = Vec::new();
    for (jobs, locale, zone) in cases {
        let park = Project::small();
        if jobs != "1" {
            copied_backwards(&park);
        }
        let mut command = park.command(&["-q", "--jobs", jobs]);
        for name in ["LC_ALL", "LANG", "LANGUAGE"] {
            command.env(name, locale);
        }
        let status = command.env("TZ", zone).status().expect("starts");
        assert!(status.success());
        parks.push(park);
        // Clocks of archives count two seconds.
        std::thread::sleep(Duration::from_secs(2));
    }
    for park in &parks[1..] {
        assert_same(&park.results(), &parks[0].results());
    }
}

#[test]
fn no_result_holds_the_day_on_which_it_was_made() {
    let _turn = beside_others();
    let park = Project::small();
    park.run_well(&["-q"]);
    let day = std::process::Command::new("date")
        .args(["-u", "+%Y-%m-%d"])
        .output();
    let day = day.expect("date is there").stdout;
    let today = String::from_utf8_lossy(&day).trim().to_owned();
    let plain = today.replace('-', "");
    for (name, bytes) in contents(&park.results()) {
        for day in [today.as_bytes(), plain.as_bytes()] {
            let found = bytes.windows(day.len()).any(|w| w == day);
            assert!(!found, "{name} holds {today}");
        }
    }
}
