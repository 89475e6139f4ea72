//! Simulated inspections read back: what was written is found again, and with the true parameters
//! the true temperatures.

use serde_json::Value;
use std::path::Path;
use std::sync::OnceLock;
use thermaudit::calibrate::tools::measure;
use thermaudit::calibrate::{Parameters, to_kelvin};
use thermaudit::read::frame::{extras, frame, header, photo};
use thermaudit::simulate::{Scale, VisitOptions, write_visits};
use thermaudit::survey::{MeasurementTool, ToolKind, VisibleFormat};
use thermaudit::units::ZERO_CELSIUS_K;

/// Two visits of the tiny park.
fn options() -> VisitOptions {
    VisitOptions {
        seed: 5,
        scale: Scale::Tiny,
        visits: 2,
        pictures: 15,
        companies: 4,
    }
}

struct Written {
    folder: tempfile::TempDir,
    truth: Value,
}

fn written() -> &'static Written {
    static ONCE: OnceLock<Written> = OnceLock::new();
    ONCE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write_visits(folder.path(), &options(), &|_, _, _| {}).expect("the visits are written");
        let text = read(&folder.path().join("truth/visits.json"));
        let truth = serde_json::from_slice(&text).expect("the truth is JSON");
        Written { folder, truth }
    })
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("readable")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// Name, truth and bytes of every picture.
fn pictures() -> impl Iterator<Item = (String, &'static Value, Vec<u8>)> {
    let written = written();
    let visits = list(&written.truth["visits"]).iter();
    visits.flat_map(|visit| {
        let id = visit["id"].as_str().expect("a name");
        let folder = written.folder.path().join("inspections").join(id);
        list(&visit["pictures"]).iter().map(move |picture| {
            let name = picture["file"].as_str().expect("a name");
            (format!("{id}/{name}"), picture, read(&folder.join(name)))
        })
    })
}

/// A mark of the truth as a tool.
fn tool(mark: &Value) -> MeasurementTool {
    let kind = match mark["kind"].as_str() {
        Some("spot") => ToolKind::Spot,
        Some("area") => ToolKind::Area,
        Some("ellipse") => ToolKind::Ellipse,
        Some("line") => ToolKind::Line,
        _ => ToolKind::Difference,
    };
    MeasurementTool {
        kind,
        label: mark["label"].as_str().expect("a name").to_owned(),
        points: list(&mark["points"])
            .iter()
            .map(|v| number(v) as u16)
            .collect(),
    }
}

/// The true parameters, with the true emissivity of a mark.
fn parameters(picture: &Value, mark: &Value) -> Parameters {
    let p = &picture["parameters"];
    Parameters {
        emissivity: number(&mark["emissivity"]),
        distance_m: number(&p["distance_m"]),
        reflected_c: number(&p["reflected_c"]),
        air_c: number(&p["air_c"]),
        humidity: number(&p["humidity_pct"]) / 100.0,
        window_c: number(&p["window_c"]),
        window_transmission: number(&p["window_transmission"]),
        ..Parameters::BARE
    }
}

#[test]
fn marks_colours_visible_picture_and_its_place_are_found_as_written() {
    let mut with_visible = 0;
    for (name, truth, bytes) in pictures() {
        let found = extras(&name, &bytes).expect("readable");
        assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
        let marks = list(&truth["markers"]);
        if truth["markers_in_file"] == true {
            let tools: Vec<MeasurementTool> = marks.iter().map(tool).collect();
            assert_eq!(found.tools, tools, "{name}");
        } else {
            assert!(found.tools.is_empty(), "{name}");
        }
        let palette = found.palette.expect("colours");
        assert_eq!(
            (palette.name.as_str(), palette.colours.len()),
            ("iron", 120)
        );
        let visible = &truth["visible"];
        assert_eq!(
            found.visible.is_some(),
            visible["real_to_ir"].is_number(),
            "{name}"
        );
        let Some(picture) = found.visible else {
            continue;
        };
        with_visible += 1;
        let decoded = image::load_from_memory(&picture.bytes).expect("a picture");
        assert_eq!(picture.format, VisibleFormat::Jpeg);
        assert_eq!(f64::from(decoded.width()), number(&visible["width"]));
        let place = found.pip.expect("a place");
        let offset = list(&visible["offset_px"]);
        assert!((place.real_to_ir - number(&visible["real_to_ir"])).abs() < 1e-6);
        assert_eq!(
            place.offset_px.map(f64::from),
            [number(&offset[0]), number(&offset[1])]
        );
    }
    assert!(with_visible > 20, "{with_visible}");
}

#[test]
fn size_position_direction_time_and_orientation_are_those_of_the_truth() {
    for (name, truth, bytes) in pictures() {
        let found = header(&name, &bytes).expect("readable");
        assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
        let camera = &truth["camera"];
        assert_eq!(found.width as f64, number(&camera["width"]));
        assert_eq!(f64::from(found.orientation), number(&camera["orientation"]));
        assert_eq!(
            found.camera.model,
            camera["model"].as_str().expect("a name")
        );
        let position = &truth["position"];
        assert_eq!(found.fix.is_some(), position["in_file"] == true, "{name}");
        if found.fix.is_some() {
            let heading = found.heading_deg.expect("a direction");
            let off = (heading - number(&position["direction_deg"])).rem_euclid(360.0);
            // A compass is some degrees off: σ 2°, at most 1.8 σ.
            assert!(off.min(360.0 - off) <= 3.7, "{name}: {off}");
        }
        assert!(found.time.is_some());
    }
}

#[test]
fn true_parameters_give_true_temperatures() {
    let mut measured = 0;
    for (name, truth, bytes) in pictures() {
        let raw = frame(&name, &bytes).expect("readable");
        let netd_k = number(&truth["camera"]["netd_k"]);
        for mark in list(&truth["markers"]) {
            let tool = tool(mark);
            // Surfaces are alike under areas, ellipses and spots; a line crosses several. Bare metal
            // multiplies noise tenfold.
            let alike = mark["emissivity"].as_f64().is_some_and(|e| e > 0.5);
            if !alike || tool.kind == ToolKind::Line {
                continue;
            }
            let kelvin = to_kelvin(&raw, &parameters(truth, mark))
                .expect("sound")
                .kelvin;
            let found = measure(&kelvin, &tool).expect("pixels").mean_k - ZERO_CELSIUS_K;
            let off = (found - number(&mark["mean_c"])).abs();
            // Four standard errors of the noise (twice as large behind a window and for a mirror
            // of 12 %, a spot being one pixel), and the rounding of counts.
            let limit = if tool.kind == ToolKind::Spot {
                8.0 * netd_k + 0.03
            } else {
                0.1
            };
            assert!(off < limit, "{name} {}: {off} K off", tool.label);
            measured += 1;
        }
    }
    assert!(measured > 60, "{measured}");
}

#[test]
fn only_the_leak_answers_to_the_pressure() {
    let visit = &written().truth["visits"][0];
    let of = |scene: &str, label: &str| {
        let pictures = list(&visit["pictures"]);
        let picture = pictures
            .iter()
            .find(|p| p["scene"] == scene)
            .expect("occurs");
        let mark = list(&picture["markers"])
            .iter()
            .find(|m| m["label"] == label);
        let mark = mark.expect("occurs");
        [number(&mark["min_c"]), number(&mark["mean_c"])]
    };
    // Inside is at least 14 K warmer than outside in March: a fifth is 2.8 K or more.
    let change = |label: &str, i: usize| of("leak-before", label)[i] - of("leak", label)[i];
    assert!(change("Bx1", 0) > 4.0, "{}", change("Bx1", 0));
    assert!(change("Bx2", 1).abs() < 0.3, "{}", change("Bx2", 1));
}

#[test]
fn a_year_later_the_breaker_is_repaired_the_column_is_not_and_one_finding_is_new() {
    let visits = list(&written().truth["visits"]);
    let of = |visit: usize, scene: &str| {
        let pictures = list(&visits[visit]["pictures"]);
        pictures
            .iter()
            .find(|p| p["scene"] == scene)
            .expect("occurs")
    };
    let excess = |visit| number(&of(visit, "breaker")["indicators"]["delta_similar_k"]);
    assert!(
        excess(0) > 15.0 && excess(1) < 1.0,
        "{} {}",
        excess(0),
        excess(1)
    );
    let factor = |visit| number(&of(visit, "joint")["indicators"]["f_rsi"]);
    assert!(factor(0) < 0.70 && (factor(0) - factor(1)).abs() < 0.01);
    let ids = |visit: usize| -> Vec<&str> {
        let pictures = list(&visits[visit]["pictures"]).iter();
        pictures
            .flat_map(|p| list(&p["findings"]))
            .filter_map(Value::as_str)
            .collect()
    };
    let (first, second) = (ids(0), ids(1));
    assert!(first.iter().all(|id| second.contains(id)));
    assert_eq!(second.len(), first.len() + 1);
    let table = written()
        .folder
        .path()
        .join("inspections")
        .join(visits[1]["id"].as_str().expect("a name"));
    let table = String::from_utf8(read(&table.join("findings.csv"))).expect("UTF-8");
    assert_eq!(table.matches(",solved,").count(), 1);
}

#[test]
fn a_photo_lies_beside_a_thermogram_of_the_same_seconds() {
    let written = written();
    let visit = &written.truth["visits"][0];
    let folder = written.folder.path().join("inspections");
    let folder = folder.join(visit["id"].as_str().expect("a name"));
    let mut photos = 0;
    for picture in list(&visit["pictures"]) {
        let Some(name) = picture["visible"]["photo"].as_str() else {
            continue;
        };
        let bytes = read(&folder.join(name));
        assert!(
            frame(name, &bytes).is_err(),
            "an ordinary photo is no thermogram"
        );
        let taken: jiff::civil::DateTime = picture["time"]
            .as_str()
            .expect("a time")
            .parse()
            .expect("a time");
        let local = photo(&bytes).local.expect("a time");
        assert!(local.duration_since(taken).as_secs().abs() < 15);
        photos += 1;
    }
    assert_eq!(photos, 1);
}

#[test]
fn the_same_options_give_the_same_bytes() {
    let again = tempfile::tempdir().expect("a temporary folder");
    let options = VisitOptions {
        visits: 1,
        ..options()
    };
    write_visits(again.path(), &options, &|_, _, _| {}).expect("the visits are written");
    let visit = written().truth["visits"][0]["id"].as_str().expect("a name");
    let [one, two] = [written().folder.path(), again.path()]
        .map(|folder| folder.join("inspections").join(visit));
    let mut files = 0;
    for entry in std::fs::read_dir(&one).expect("a folder") {
        let name = entry.expect("a file").file_name();
        // The first visit does not depend on how many follow.
        assert!(
            read(&one.join(&name)) == read(&two.join(&name)),
            "{name:?} differs"
        );
        files += 1;
    }
    assert_eq!(files, 18);
    let bytes: u64 = std::fs::read_dir(&one)
        .expect("a folder")
        .map(|e| e.expect("a file").metadata().expect("readable").len())
        .sum();
    assert!(bytes < 3_000_000, "{bytes} bytes");
}
