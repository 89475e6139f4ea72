//! What a visit comes to, against the truth of the simulated scenes.

use crate::project::{Project, finished, json, number, text};
use serde_json::Value;

/// The truth of every picture of a visit.
fn truth(project: &Project, visit: &str) -> Vec<Value> {
    let whole = json(&project.path().join("truth/visits.json"));
    let visits = whole["visits"].as_array().expect("a list");
    let found = visits.iter().find(|v| v["id"] == visit).expect("the visit");
    found["pictures"].as_array().expect("a list").clone()
}

/// The finding of a scene, where the visit has it.
fn of_scene(project: &Project, visit: &str, scene: &str) -> Option<(Value, Value)> {
    let picture = truth(project, visit)
        .into_iter()
        .find(|p| p["scene"] == scene)?;
    let finding = project
        .findings(visit)
        .into_iter()
        .find(|f| f["image"] == picture["file"])?;
    Some((finding, picture))
}

fn first() -> (&'static Project, String) {
    let project = finished();
    (project, project.visits().remove(0))
}

#[test]
fn markers_measure_the_true_temperatures() {
    let project = finished();
    let mut compared = 0;
    for visit in project.visits() {
        let truth = truth(project, &visit);
        for finding in project.findings(&visit) {
            // Bare metal shows its surroundings, not itself.
            if number(&finding["conditions"]["emissivity"]) < 0.6 {
                continue;
            }
            let picture = truth.iter().find(|p| p["file"] == finding["image"]);
            let picture = picture.expect("every finding has its picture");
            for marker in picture["markers"].as_array().expect("a list") {
                let readings = finding["readings"].as_array().expect("a list");
                let Some(reading) = readings.iter().find(|r| r["label"] == marker["label"]) else {
                    continue;
                };
                if (number(&marker["emissivity"]) - number(&finding["conditions"]["emissivity"]))
                    .abs()
                    > 1e-6
                {
                    continue;
                }
                let off = number(&reading["mean_c"]) - number(&marker["mean_c"]);
                let pixels = number(&reading["pixels"]);
                // 40 mK of noise, and the last count.
                let allowed = if pixels < 4.0 { 0.25 } else { 0.1 };
                assert!(
                    off.abs() <= allowed,
                    "{}: {reading} {marker}",
                    finding["image"]
                );
                compared += 1;
            }
        }
    }
    println!("{compared} markers compared");
    assert!(compared >= 40, "{compared}");
}

#[test]
fn electrical_findings_have_their_true_priority() {
    let (project, visit) = first();
    let (breaker, picture) = of_scene(project, &visit, "breaker").expect("a breaker");
    assert_eq!(breaker["severity"], "P1");
    assert_eq!(breaker["urgency"], 4);
    let detail = &breaker["assessment"]["detail"];
    let close = |a: &Value, b: &Value, k: f64| (number(a) - number(b)).abs() <= k;
    assert!(
        close(
            &detail["ambient_k"],
            &picture["indicators"]["delta_air_k"],
            0.5
        ),
        "{detail}"
    );
    assert!(
        close(
            &detail["similar_k"],
            &picture["indicators"]["delta_similar_k"],
            1.0
        ),
        "{detail}"
    );
    assert!(close(&detail["load"], &picture["indicators"]["load"], 0.01));
    assert_eq!(detail["phases"].as_array().map(Vec::len), Some(3));
    let (fuses, _) = of_scene(project, &visit, "fuses").expect("fuses");
    assert_eq!(fuses["severity"], "P3");
    let (contactor, _) = of_scene(project, &visit, "contactor").expect("a contactor");
    assert_eq!(
        (text(&contactor["severity"]), text(&contactor["not_rated"])),
        ("", "low-load")
    );
    let (busbar, _) = of_scene(project, &visit, "busbar").expect("a busbar");
    assert_eq!(text(&busbar["not_rated"]), "low-emissivity");
    let urgent = std::fs::read_to_string(project.results(&visit).join("urgent.csv"));
    let urgent = urgent.expect("written");
    assert_eq!(urgent.lines().count(), 2, "{urgent}");
    assert!(urgent.contains(text(&breaker["component"])), "{urgent}");
}

#[test]
fn building_findings_have_their_true_indicators() {
    let (project, visit) = first();
    let (joint, picture) = of_scene(project, &visit, "joint").expect("a joint");
    let factor = number(&joint["assessment"]["detail"]["factor"]);
    let true_factor = number(&picture["indicators"]["f_rsi"]);
    assert!(
        (factor - true_factor).abs() < 0.02,
        "{factor} {true_factor}"
    );
    assert_eq!(joint["assessment"]["detail"]["class"], "mould-risk");
    let (ceiling, picture) = of_scene(project, &visit, "ceiling").expect("a ceiling");
    let detail = &ceiling["assessment"]["detail"];
    let share = number(&detail["anomaly_share"]);
    let true_share = number(&picture["indicators"]["area_share"]);
    assert!((share - true_share).abs() < 0.01, "{share} {true_share}");
    assert_eq!(detail["insulation"], "III");
    let (door, _) = of_scene(project, &visit, "door").expect("a door");
    assert_eq!(text(&door["not_rated"]), "outdoors");
    assert!(door["assessment"]["detail"]["factor"].is_null());
    let leaks: Vec<Value> = project
        .findings(&visit)
        .into_iter()
        .filter(|f| !f["assessment"]["detail"]["leak"].is_null())
        .collect();
    let judged: Vec<bool> = leaks
        .iter()
        .map(|f| f["assessment"]["detail"]["leak"]["leak"] == true)
        .collect();
    // The joint leaks, the field of missing insulation beside it does not.
    assert_eq!(judged.iter().filter(|l| **l).count(), 1, "{leaks:#?}");
    assert_eq!(judged.len(), 2);
}

#[test]
fn machines_traps_pipes_and_modules_are_what_they_are() {
    let (project, visit) = first();
    let (bearing, picture) = of_scene(project, &visit, "bearing").expect("a bearing");
    let over = number(&bearing["assessment"]["detail"]["similar_k"]);
    let true_over = number(&picture["indicators"]["delta_twin_k"]);
    assert!((over - true_over).abs() < 0.5, "{over} {true_over}");
    assert_eq!(bearing["severity"], "3");
    let (trap, _) = of_scene(project, &visit, "trap").expect("a trap");
    assert_eq!(trap["assessment"]["detail"]["state"], "blowing-through");
    let (valve, picture) = of_scene(project, &visit, "valve").expect("a valve");
    let detail = &valve["assessment"]["detail"];
    let over = number(&detail["over_air_k"]);
    assert!((over - number(&picture["indicators"]["delta_air_k"])).abs() < 0.5);
    assert!(number(&detail["heat_w"]) > 0.0);
    let (pv, picture) = of_scene(project, &visit, "pv").expect("a module");
    let full = number(&pv["assessment"]["detail"]["at_full_sun_k"]);
    let true_full = number(&picture["indicators"]["delta_at_1000_w_m2_k"]);
    assert!((full - true_full).abs() < 0.5, "{full} {true_full}");
    assert_eq!(pv["severity"], "PV 2");
}

#[test]
fn the_next_visit_knows_what_became_of_each_component() {
    let project = finished();
    let visits = project.visits();
    let (breaker, _) = of_scene(project, &visits[1], "breaker").expect("a breaker");
    assert_eq!(
        (text(&breaker["since"]), text(&breaker["status"])),
        ("solved", "solved")
    );
    let (joint, _) = of_scene(project, &visits[1], "joint").expect("a joint");
    assert_eq!(text(&joint["since"]), "open");
    let new = project
        .findings(&visits[1])
        .into_iter()
        .filter(|f| f["since"] == "new");
    assert_eq!(new.count(), 1);
    let sheet = json(
        &project
            .sheet(&visits[1], text(&breaker["company_id"]))
            .join("sheet.json"),
    );
    let past = sheet["findings"].as_array().expect("a list").iter();
    let mut past = past.filter(|f| f["component"] == breaker["component"]);
    let history = &past.next().expect("the breaker")["history"][0];
    assert_eq!(text(&history["severity"]), "P1");
    assert_eq!(text(&history["visit"]), visits[0]);
}
