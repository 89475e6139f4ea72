//! `init` begins the table of findings and never touches what people wrote.

use crate::common;
use crate::project::Project;

#[test]
fn init_fills_a_row_for_each_picture_and_keeps_what_people_wrote() {
    let project = Project::simulated();
    let visit = project.visits().remove(0);
    let folder = project.path().join("inspections").join(&visit);
    let table = folder.join("findings.csv");
    std::fs::remove_file(&table).expect("removed");
    // One picture comes later.
    let late = folder.join("IR_0205.jpg");
    let kept = std::fs::read(&late).expect("readable");
    std::fs::remove_file(&late).expect("removed");
    let init = || common::thermaudit(&["init", project.path().to_str().expect("plain")]);
    let output = init();
    assert!(output.status.success(), "{}", common::stderr(&output));
    let first = std::fs::read_to_string(&table).expect("written");
    let thermal = common::files(&folder);
    let thermal = thermal.iter().filter(|p| {
        let name = p.file_name().expect("a name").to_string_lossy();
        name.starts_with("IR_")
    });
    assert_eq!(first.lines().count(), 1 + thermal.count());
    // Time, photo beside it, markers, camera, place, company by place.
    let hatch = first
        .lines()
        .find(|l| l.starts_with("IR_0201.jpg"))
        .expect("a row");
    for part in ["2025-", "DSC_0201.jpg", "Bx ", "SIMH"] {
        assert!(hatch.contains(part), "{part}: {hatch}");
    }
    let suggested = first.lines().filter(|l| l.contains(";B00")).count();
    assert!(suggested >= 8, "{first}");
    let written = first.replacen("IR_0201.jpg;", "IR_0201.jpg;B0001", 1) + "\u{20}";
    std::fs::write(&table, &written).expect("writable");
    std::fs::write(&late, kept).expect("writable");
    assert!(init().status.success());
    let second = std::fs::read_to_string(&table).expect("written");
    assert!(second.starts_with(&written), "{second}");
    assert_eq!(second.matches("IR_0205.jpg").count(), 1);
    assert!(init().status.success());
    assert_eq!(second, std::fs::read_to_string(&table).expect("written"));
}
