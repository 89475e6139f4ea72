//! On simulated parks whose truth is known: roof temperatures, anomalies, corners; the files a
//! run leaves; the same bytes at any number of jobs.

#![allow(clippy::print_stdout, reason = "figures and skips are printed")]

use crate::common;

use common::park::{Park, number};
use common::{has_program, sample, thermaudit, tree, whole_sample};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Seeds that were never looked at while the program was written.
const SEEDS: [&str; 3] = ["7011", "7012", "7013"];

/// Roof medians within 1.0 K of the truth.
fn check_medians(park: &Park) {
    let database = park.database();
    let mut compared = 0;
    for building in park.truth["buildings"].as_array().expect("buildings") {
        let oidn = building["oidn"].as_str().expect("a key");
        let truth_c = number(&building["flights"][0]["median_sound_inner_c"]);
        let (median, material): (Option<f64>, String) = database
            .query_row(
                "SELECT t_median_c, material FROM buildings WHERE oidn = ?1",
                [oidn],
                |r| Ok((r.get(0)?, r.get(1)?)),
            )
            .expect("every building has a row");
        let Some(median) = median else {
            // Only metal that mirrors the sky may go without a temperature.
            assert_eq!(building["material"], "metal", "{oidn} has no temperature");
            continue;
        };
        let error = median - truth_c;
        println!("{oidn} {material}: {error:+.2} K");
        assert!(
            error.abs() <= 1.0,
            "{oidn}: {median:.2} °C, truly {truth_c:.2} °C"
        );
        compared += 1;
    }
    assert!(compared >= 10, "only {compared} roofs compared");
}

struct Found {
    anomalies: usize,
    found: usize,
    objects: usize,
    true_objects: usize,
}

/// Counts anomalies of at least 2 K and 9 pixels that a hotspot lies on, and hotspots that lie on
/// something that is really there.
fn count_hotspots(park: &Park, tolerance_m: f64) -> Found {
    let hotspots = park.hotspots();
    let cell_m2 = park.gsd_m().powi(2);
    let large: Vec<&Value> = park
        .list("anomalies")
        .iter()
        .filter(|a| {
            number(&a["flights"][0]["excess_k"]) >= 2.0 && number(&a["area_m2"]) >= 9.0 * cell_m2
        })
        .collect();
    // A hotspot belongs to an object when its centre lies on it or within the tolerance of it.
    let found = large.iter().filter(|a| {
        let mut own = hotspots.iter().filter(|h| a["oidn"] == h.oidn.as_str());
        own.any(|h| h.distance(a) <= tolerance_m)
    });
    let real = hotspots
        .iter()
        .filter(|h| park.under(h, tolerance_m).is_some());
    Found {
        anomalies: large.len(),
        found: found.count(),
        objects: hotspots.len(),
        true_objects: real.count(),
    }
}

/// RMS distance, in cells, between true roof corners and where the frames' poses as the run used
/// them put the pixels that truly show those corners.
fn corner_error_gsd(park: &Park) -> f64 {
    let database = park.database();
    let mut sum = 0.0;
    let mut count = 0.0;
    for frame in park.truth["flights"][0]["frames"]
        .as_array()
        .expect("frames")
    {
        let file = frame["file"].as_str().expect("a name");
        let name = Path::new(file)
            .file_name()
            .expect("a name")
            .to_string_lossy();
        let row = database.query_row(
            "SELECT x_m, y_m, z_m, omega_deg, phi_deg, kappa_deg FROM frames WHERE file = ?1",
            [&*name],
            |r| {
                Ok([
                    r.get(0)?,
                    r.get(1)?,
                    r.get(2)?,
                    r.get(3)?,
                    r.get(4)?,
                    r.get(5)?,
                ])
            },
        );
        let pose: [f64; 6] = row.expect("every frame has a row");
        let used = rotation(pose[3], pose[4], pose[5]);
        let true_centre: Vec<f64> = frame["centre"]
            .as_array()
            .expect("xyz")
            .iter()
            .map(number)
            .collect();
        let true_rotation: Vec<f64> = frame["rotation"]
            .as_array()
            .expect("3 × 3")
            .iter()
            .flat_map(numbers)
            .collect();
        for building in park.truth["buildings"].as_array().expect("buildings") {
            for corner in building["corners_at_eave"].as_array().expect("corners") {
                let p: Vec<f64> = corner.as_array().expect("xyz").iter().map(number).collect();
                // True direction in the camera, then back to the corner's height by the used pose.
                let d = [
                    p[0] - true_centre[0],
                    p[1] - true_centre[1],
                    p[2] - true_centre[2],
                ];
                let c: Vec<f64> = (0..3)
                    .map(|k| (0..3).map(|j| true_rotation[3 * j + k] * d[j]).sum::<f64>())
                    .collect();
                if c[2] <= 0.0 || (c[0] / c[2]).abs() > 0.2 || (c[1] / c[2]).abs() > 0.16 {
                    continue;
                }
                let w: Vec<f64> = (0..3)
                    .map(|j| (0..3).map(|k| used[3 * j + k] * c[k]).sum::<f64>())
                    .collect();
                let t = (p[2] - pose[2]) / w[2];
                let (x, y) = (pose[0] + t * w[0], pose[1] + t * w[1]);
                sum += (x - p[0]).powi(2) + (y - p[1]).powi(2);
                count += 1.0;
            }
        }
    }
    assert!(count > 100.0, "only {count} corners seen");
    let gsd_m = number(&park.truth["flights"][0]["agl_m"]) * 0.012 / 9.1;
    (sum / count).sqrt() / gsd_m
}

fn numbers(value: &Value) -> Vec<f64> {
    match value.as_array() {
        Some(list) => list.iter().map(number).collect(),
        None => vec![number(value)],
    }
}

/// Camera → world of omega, phi, kappa (georeferencing.md §3.5), written out here on its own.
fn rotation(omega_deg: f64, phi_deg: f64, kappa_deg: f64) -> [f64; 9] {
    let [(so, co), (sp, cp), (sk, ck)] =
        [omega_deg, phi_deg, kappa_deg].map(|a| a.to_radians().sin_cos());
    // Rx(ω) Ry(φ) Rz(κ), then y and z of the camera turned over.
    [
        cp * ck,
        cp * sk,
        -sp,
        co * sk + so * sp * ck,
        -(co * ck - so * sp * sk),
        so * cp,
        so * sk - co * sp * ck,
        -(so * ck + co * sp * sk),
        -co * cp,
    ]
}

#[test]
fn on_unseen_parks_roofs_anomalies_and_corners_come_out_right() {
    let (mut anomalies, mut found, mut objects, mut real) = (0, 0, 0, 0);
    for seed in SEEDS {
        let park = Park::simulate(seed, &[]);
        park.run_well();
        check_medians(&park);
        // Two cells.
        let counted = count_hotspots(&park, 0.45);
        println!(
            "seed {seed}: {} of {} anomalies, {} of {} hotspots real",
            counted.found, counted.anomalies, counted.true_objects, counted.objects
        );
        assert!(
            counted.found as f64 >= 0.8 * counted.anomalies as f64,
            "seed {seed}: {} of {} anomalies",
            counted.found,
            counted.anomalies
        );
        anomalies += counted.anomalies;
        found += counted.found;
        objects += counted.objects;
        real += counted.true_objects;
        let error = corner_error_gsd(&park);
        println!("seed {seed}: corners {error:.2} GSD");
        assert!(error <= 1.5, "seed {seed}: corners {error:.2} GSD off");
    }
    println!("in all: {found} of {anomalies} anomalies, {real} of {objects} hotspots real");
}

/// Positions are 2 to 3 m off: objects are looked for that far from the truth, and the rims of
/// roofs, where the map shows the ground beside them, must not become objects by the dozen.
#[test]
fn with_consumer_positions_roofs_are_right_and_rims_do_not_become_hotspots() {
    let park = Park::simulate("7005", &["--gnss", "consumer"]);
    park.run_well();
    check_medians(&park);
    let counted = count_hotspots(&park, 4.0);
    println!(
        "{} of {} anomalies, {} of {} hotspots real",
        counted.found, counted.anomalies, counted.true_objects, counted.objects
    );
    assert!(
        2 * counted.found >= counted.anomalies,
        "{} found",
        counted.found
    );
    assert!(
        2 * counted.true_objects >= counted.objects,
        "{} real",
        counted.true_objects
    );
}

#[test]
fn tiles_of_an_aircraft_come_out_right_too() {
    let park = Park::simulate("7004", &["--sensor", "aircraft"]);
    park.run_well();
    check_medians(&park);
}

#[test]
fn the_same_input_gives_the_same_bytes_at_any_number_of_jobs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let park = whole_sample();
    let mut trees = Vec::new();
    for jobs in ["1", "2", "8"] {
        let out = folder.path().join(jobs);
        let arguments = [
            "-q",
            "run",
            park.path()
                .to_str()
                .map(str::to_owned)
                .expect("a plain path")
                .leak(),
            "--force",
            "--jobs",
            jobs,
            "--out",
            out.to_str()
                .map(str::to_owned)
                .expect("a plain path")
                .leak(),
        ];
        let output = thermaudit(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", common::stderr(&output));
        let files = tree(&out);
        let contents: Vec<Vec<u8>> = files.iter().map(|f| content(&out.join(f))).collect();
        trees.push((files, contents));
    }
    for other in &trees[1..] {
        assert_eq!(trees[0].0, other.0, "the same files");
        for (index, file) in trees[0].0.iter().enumerate() {
            assert!(
                trees[0].1[index] == other.1[index],
                "{file} differs between job counts"
            );
        }
    }
}

/// A file's bytes; of `run.json` all but the timings and the job count itself.
fn content(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).expect("a result");
    if path.file_name().is_some_and(|n| n == "run.json") {
        let mut run: Value = serde_json::from_slice(&bytes).expect("JSON");
        run["timings"] = Value::Null;
        run["settings"]["run"]["jobs"] = Value::Null;
        return run.to_string().into_bytes();
    }
    bytes
}

#[test]
fn results_hold_nothing_of_companies_that_do_not_take_part() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("results");
    let park = whole_sample();
    let arguments = [
        "-q",
        "run",
        &park.path().to_string_lossy(),
        "--out",
        &out.to_string_lossy(),
    ]
    .map(str::to_owned);
    let output = thermaudit(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", common::stderr(&output));
    let text = std::fs::read_to_string(sample().join("companies.csv")).expect("companies");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).expect("the column");
    let (id, name, participates) = (column("company_id"), column("name"), column("participates"));
    let companies: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let flight = common::files(&out)
        .into_iter()
        .find(|p| p.is_dir())
        .expect("a flight");
    let taking_part: Vec<&Vec<&str>> = companies
        .iter()
        .filter(|c| c[participates] == "yes")
        .collect();
    assert!(taking_part.len() < companies.len(), "some do not take part");
    for company in &companies {
        let sheet = flight.join("companies").join(company[id]);
        assert_eq!(
            sheet.exists(),
            company[participates] == "yes",
            "{}",
            company[id]
        );
    }
    for company in taking_part {
        let sheet = flight
            .join("companies")
            .join(company[id])
            .join("sheet.json");
        let json = std::fs::read_to_string(sheet).expect("a sheet");
        assert!(
            json.contains(company[name].trim_matches('"')),
            "{} names itself",
            company[id]
        );
        for other in companies.iter().filter(|o| o[id] != company[id]) {
            let stranger = other[name].trim_matches('"');
            assert!(!json.contains(stranger), "{} names {stranger}", company[id]);
        }
    }
}

#[test]
fn gdal_opens_the_map_and_every_layer_of_the_results() {
    if !has_program("gdalinfo") || !has_program("ogrinfo") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().to_str().expect("a plain path").to_owned();
    let park = whole_sample();
    let output = thermaudit(&[
        "-q",
        "run",
        park.path().to_str().expect("a plain path"),
        "--out",
        &out,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", common::stderr(&output));
    let flight = common::files(folder.path())
        .into_iter()
        .find(|p| p.is_dir())
        .expect("a flight");
    let told = |program: &str, arguments: &[&str], file: &str| {
        let output = Command::new(program)
            .args(arguments)
            .arg(flight.join(file))
            .output();
        let output = output.expect("the program starts");
        assert!(
            output.status.success(),
            "{program} {file}: {}",
            common::stderr(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mosaic = told("gdalinfo", &[], "mosaic.tif");
    for word in [
        "31370",
        "NoData Value=nan",
        "Overviews:",
        "Unit Type: degC",
        "LAYOUT=COG",
    ] {
        assert!(mosaic.contains(word), "{word} is missing in:\n{mosaic}");
    }
    assert!(
        mosaic.contains("EMISSIVITY=0.92") && mosaic.contains("REFLECTED_C="),
        "{mosaic}"
    );
    let coverage = told("gdalinfo", &[], "coverage.tif");
    assert!(
        coverage.contains("Type=Byte") && coverage.contains("LAYOUT=COG"),
        "{coverage}"
    );
    let layers = told("ogrinfo", &["-so", "-al"], "audit.gpkg");
    for layer in [
        "frames",
        "buildings",
        "roof_segments",
        "hotspots",
        "coldspots",
        "companies",
    ] {
        assert!(
            layers.contains(&format!("Layer name: {layer}")),
            "{layer} is missing"
        );
    }
    if let Some(python) = std::env::var_os("THERMAUDIT_PYTHON") {
        for file in ["mosaic.tif", "coverage.tif"] {
            let script = "import sys; from rio_cogeo import cog_validate; \
                          print(cog_validate(sys.argv[1], strict=True))";
            let output = Command::new(&python)
                .args(["-c", script])
                .arg(flight.join(file))
                .output();
            let output = output.expect("Python starts");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(
                text.starts_with("(True, [], [])"),
                "{file}: {text}{}",
                common::stderr(&output)
            );
        }
    } else {
        println!("skipped: THERMAUDIT_PYTHON is not set (independent COG validator)");
    }
}
