//! Coverage fractions and zonal statistics agree with exactextract 0.3.0 (Python), the reference
//! the peers use. Skipped where THERMAUDIT_PYTHON names no Python that has it.

use geo::{LineString, MultiPolygon, Polygon};
use std::path::Path;
use std::process::Command;
use thermaudit::raster::GeoTransform;
use thermaudit::segment::{coverage, zonal};

const WIDTH: usize = 120;
const HEIGHT: usize = 90;
const TRANSFORM: GeoTransform = GeoTransform {
    x0: 154_000.0,
    y0: 212_000.0,
    dx: 0.25,
    dy: 0.25,
};

fn ring(corners: &[(f64, f64)]) -> LineString<f64> {
    let corners = corners
        .iter()
        .map(|(x, y)| (TRANSFORM.x0 + x, TRANSFORM.y0 - y));
    LineString::from_iter(corners)
}

/// Corners at angles around a middle, radii in turn.
fn star(middle: (f64, f64), radii: &[f64], turn: f64) -> Vec<(f64, f64)> {
    let n = radii.len() as f64;
    let at = |i: usize| turn + i as f64 / n * std::f64::consts::TAU;
    radii
        .iter()
        .enumerate()
        .map(|(i, r)| (middle.0 + r * at(i).cos(), middle.1 + r * at(i).sin()))
        .collect()
}

fn shapes() -> Vec<MultiPolygon<f64>> {
    let plain = Polygon::new(ring(&star((15.0, 11.0), &[8.0; 4], 0.35)), vec![]);
    let holed = Polygon::new(
        ring(&star((12.3, 10.1), &[9.0, 5.5, 7.2, 8.8, 6.1], 1.1)),
        vec![
            ring(&star((11.0, 9.5), &[1.3, 2.1, 1.7], 0.2)),
            ring(&[(14.0, 11.0), (15.0, 11.0), (15.0, 12.5), (14.0, 12.5)]),
        ],
    );
    let on_edges = Polygon::new(
        ring(&[(2.0, 2.0), (12.0, 2.0), (12.0, 8.0), (2.0, 8.0)]),
        vec![],
    );
    let sliver = Polygon::new(ring(&[(1.0, 20.0), (28.0, 3.0), (28.0, 3.05)]), vec![]);
    let tiny = Polygon::new(ring(&star((20.06, 15.07), &[0.04; 6], 0.0)), vec![]);
    let two = MultiPolygon(vec![
        Polygon::new(ring(&star((6.0, 6.0), &[3.0, 2.0, 4.0, 2.5], 0.7)), vec![]),
        Polygon::new(ring(&star((22.0, 16.0), &[4.0, 3.0, 5.0], 0.1)), vec![]),
    ]);
    vec![
        MultiPolygon(vec![plain]),
        MultiPolygon(vec![holed]),
        MultiPolygon(vec![on_edges]),
        MultiPolygon(vec![sliver]),
        MultiPolygon(vec![tiny]),
        two,
    ]
}

fn geometry(shape: &MultiPolygon<f64>) -> serde_json::Value {
    let line =
        |ring: &LineString<f64>| -> Vec<[f64; 2]> { ring.coords().map(|c| [c.x, c.y]).collect() };
    let parts: Vec<Vec<Vec<[f64; 2]>>> = shape
        .iter()
        .map(|p| {
            let rings = std::iter::once(p.exterior()).chain(p.interiors());
            rings.map(line).collect()
        })
        .collect();
    serde_json::json!({ "type": "MultiPolygon", "coordinates": parts })
}

fn numbers(zone: &serde_json::Value, key: &str) -> Vec<f64> {
    match &zone[key] {
        serde_json::Value::Array(list) => list.iter().filter_map(|v| v.as_f64()).collect(),
        one => one.as_f64().into_iter().collect(),
    }
}

#[test]
fn shares_and_statistics_agree_with_exactextract() {
    let python = std::env::var("THERMAUDIT_PYTHON").unwrap_or_else(|_| String::from("python3"));
    let has_it = Command::new(&python)
        .args(["-c", "import exactextract, numpy"])
        .output()
        .is_ok_and(|o| o.status.success());
    if !has_it {
        println!("skipped: THERMAUDIT_PYTHON names no Python with exactextract");
        return;
    }
    // Steps without a pattern the outlines could follow.
    let cells: Vec<f32> = (0..WIDTH * HEIGHT)
        .map(|i| -6.0 + (i * 7919 % 1009) as f32 * 0.003)
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let bytes: Vec<u8> = cells.iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(folder.path().join("cells.f32"), bytes).expect("writes");
    let bounds = TRANSFORM.bounds(WIDTH, HEIGHT);
    let job = serde_json::json!({
        "width": WIDTH,
        "height": HEIGHT,
        "bounds": [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max],
        "geometries": shapes().iter().map(geometry).collect::<Vec<_>>(),
    });
    std::fs::write(folder.path().join("job.json"), job.to_string()).expect("writes");
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/zonal.py");
    let output = Command::new(&python)
        .arg(tool)
        .arg(folder.path())
        .output()
        .expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let text = std::fs::read_to_string(folder.path().join("zones.json")).expect("written");
    let zones: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    for (number, (shape, zone)) in shapes().iter().zip(&zones).enumerate() {
        let ours = coverage(shape, &TRANSFORM, WIDTH, HEIGHT);
        let mut theirs = vec![0.0; WIDTH * HEIGHT];
        for (id, share) in numbers(zone, "cell_id")
            .iter()
            .zip(numbers(zone, "coverage"))
        {
            theirs[*id as usize] = share;
        }
        // Both are exact; exactextract keeps shares as f32 and computes at coordinates of 2e5 m,
        // whose last digit is 3e-11 m.
        for (index, (one, other)) in ours.data().iter().zip(&theirs).enumerate() {
            let off = (f64::from(*one) - other).abs();
            assert!(off < 1e-6, "shape {number}, cell {index}: {one} {other}");
        }
        let z = zonal(&cells, ours.data()).expect("covered");
        for (key, found) in [
            ("count", z.weight),
            ("mean", z.mean),
            ("stdev", z.sd),
            ("min", z.min),
            ("max", z.max),
        ] {
            let expected = numbers(zone, key)[0];
            // Shares to 1e-6 each, values within 3 K.
            let tolerance = 1e-5 * expected.abs().max(1.0);
            let said = format!("shape {number}, {key}: {found} {expected}");
            assert!((found - expected).abs() < tolerance, "{said}");
        }
    }
}
