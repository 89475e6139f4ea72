//! Poses of a finished reconstruction: `reconstruction.json` of OpenSfM, as ODM, ODX and WebODM keep it,
//! and their `shots.geojson`.
//!
//! OpenSfM (its documentation, "Reconstruction file format"): a list of reconstructions, each with
//! `reference_lla` and `shots`; a shot has `rotation` (angle-axis) and `translation` with
//! X_camera = R X_world + t, the world being east, north, up around the reference, the camera x right,
//! y down, z forward. So the centre is −Rᵀ t. `shots.geojson` has a point of longitude, latitude and
//! height for each shot, the same `rotation`, and the name in `filename`.
//!
//! Heights are what the images' own were: usually over the ellipsoid.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::super::table::{Outcome, Report, file_name, read_bytes};
use crate::problem::Problem;
use crate::survey::{GivenAngles, GivenPose};

/// Largest file read, bytes: a reconstruction holds its points, too, which are not kept.
const MAX_BYTES: u64 = 256 << 20;
/// Most shots taken.
const MAX_SHOTS: usize = 1 << 20;
/// WGS84: semi-major axis, metres, and the square of the eccentricity.
const A_M: f64 = 6_378_137.0;
const E2: f64 = 6.694_379_990_141_317e-3;

type Matrix = [[f64; 3]; 3];

/// What is kept of a reconstruction: its points may be a hundred times as much.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    reference_lla: Value,
    #[serde(default)]
    shots: Value,
}

/// What is kept of `shots.geojson`.
#[derive(Deserialize)]
struct Collection {
    #[serde(default)]
    features: Vec<Value>,
}

/// Reads either file.
///
/// # Errors
/// All faults: no JSON, no shots, shots without a place.
pub fn read_reconstruction(path: &Path) -> Outcome<Vec<GivenPose>> {
    let report = Report::new(file_name(path));
    match read_bytes(path, MAX_BYTES) {
        Ok(bytes) => reconstruction_from_bytes(report.file(), &bytes),
        Err(problem) => report.stop(problem),
    }
}

/// The same from bytes; `file` is used in messages only.
///
/// # Errors
/// As [`read_reconstruction`].
pub fn reconstruction_from_bytes(file: &str, bytes: &[u8]) -> Outcome<Vec<GivenPose>> {
    let mut report = Report::new(file);
    let is_list = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[');
    let read = match is_list {
        true => serde_json::from_slice(bytes)
            .map(|parts: Vec<Part>| parts.iter().flat_map(shots).take(MAX_SHOTS).collect()),
        false => serde_json::from_slice(bytes)
            .map(|all: Collection| all.features.iter().take(MAX_SHOTS).map(feature).collect()),
    };
    let found: Vec<(String, Option<GivenPose>)> = match read {
        Ok(found) => found,
        Err(e) => {
            let what = format!("is not what OpenSfM or ODM writes: {e}");
            let hint = "expected reconstruction.json of OpenSfM or shots.geojson of ODM";
            return report.stop(Problem::broken(what).hint(hint));
        }
    };
    if found.is_empty() {
        return report.stop(
            Problem::broken("holds no shots")
                .hint("expected reconstruction.json of OpenSfM or shots.geojson of ODM"),
        );
    }
    let mut poses = Vec::with_capacity(found.len());
    for (name, pose) in found {
        match pose {
            Some(pose) => poses.push(pose),
            None => report.warn(Problem::broken(format!(
                "shot {name} has no finite rotation and place: left out"
            ))),
        }
    }
    if poses.is_empty() {
        return report.stop(Problem::broken("holds no shot with rotation and place"));
    }
    poses.sort_by(|a, b| a.file.cmp(&b.file));
    report.finish(poses)
}

/// Three finite numbers.
fn three(value: &Value) -> Option<[f64; 3]> {
    let list = value.as_array().filter(|l| l.len() >= 3)?;
    let at = |k: usize| list.get(k)?.as_f64().filter(|v| v.is_finite());
    Some([at(0)?, at(1)?, at(2)?])
}

fn shots(part: &Part) -> Vec<(String, Option<GivenPose>)> {
    let reference = |key: &str| part.reference_lla[key].as_f64().filter(|v| v.is_finite());
    let origin = || {
        let (lat, lon) = (reference("latitude")?, reference("longitude")?);
        let height = reference("altitude").unwrap_or(0.0);
        (lat.abs() <= 90.0 && lon.abs() <= 360.0).then_some([lon, lat, height])
    };
    let origin = origin();
    let Some(all) = part.shots.as_object() else {
        return Vec::new();
    };
    all.iter()
        .map(|(name, shot)| {
            let pose = || {
                let to_camera = rotation(three(&shot["rotation"])?);
                let t = three(&shot["translation"])?;
                let centre =
                    [0, 1, 2].map(|k| -(0..3).map(|i| to_camera[i][k] * t[i]).sum::<f64>());
                Some(given(name, lonlat(origin?, centre), &to_camera))
            };
            (name.clone(), pose())
        })
        .collect()
}

fn feature(feature: &Value) -> (String, Option<GivenPose>) {
    let properties = &feature["properties"];
    let name = properties["filename"].as_str().unwrap_or_default();
    let pose = || {
        let place = three(&feature["geometry"]["coordinates"])?;
        let to_camera = rotation(three(&properties["rotation"])?);
        (!name.is_empty()).then(|| given(name, place, &to_camera))
    };
    (name.to_owned(), pose())
}

fn given(name: &str, place: [f64; 3], to_camera: &Matrix) -> GivenPose {
    GivenPose {
        file: name.to_owned(),
        position: place,
        crs: "EPSG:4326".to_owned(),
        angles: Some(GivenAngles::Rotation(std::array::from_fn(|i| {
            std::array::from_fn(|j| to_camera[j][i])
        }))),
        sigma_m: None,
    }
}

/// exp([w]×) by Rodrigues' formula.
fn rotation(w: [f64; 3]) -> Matrix {
    let angle = (w[0] * w[0] + w[1] * w[1] + w[2] * w[2]).sqrt();
    let (s, c) = match angle < 1e-12 {
        true => (1.0, 0.5),
        false => (angle.sin() / angle, (1.0 - angle.cos()) / (angle * angle)),
    };
    let k = [[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
    std::array::from_fn(|i| {
        std::array::from_fn(|j| {
            let square: f64 = (0..3).map(|m| k[i][m] * k[m][j]).sum();
            f64::from(u8::from(i == j)) + s * k[i][j] + c * square
        })
    })
}

/// Longitude, latitude (degrees) and height of a place east, north and up of an origin, on WGS84; the
/// latitude by Bowring's formula (1976), exact to a micrometre near the ground.
fn lonlat(origin: [f64; 3], enu: [f64; 3]) -> [f64; 3] {
    let (sin_lon, cos_lon) = origin[0].to_radians().sin_cos();
    let (sin_lat, cos_lat) = origin[1].to_radians().sin_cos();
    let n = A_M / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    let [e, north, up] = enu;
    let out = (n + origin[2]) * cos_lat - sin_lat * north + cos_lat * up;
    let x = out * cos_lon - sin_lon * e;
    let y = out * sin_lon + cos_lon * e;
    let z = (n * (1.0 - E2) + origin[2]) * sin_lat + cos_lat * north + sin_lat * up;
    let b = A_M * (1.0 - E2).sqrt();
    let p = x.hypot(y);
    let theta = (z * A_M).atan2(p * b);
    let second = E2 / (1.0 - E2);
    let lat = (z + second * b * theta.sin().powi(3)).atan2(p - E2 * A_M * theta.cos().powi(3));
    let own = A_M / (1.0 - E2 * lat.sin().powi(2)).sqrt();
    let height = p * lat.cos() + z * lat.sin() - own * (1.0 - E2 * lat.sin().powi(2));
    [y.atan2(x).to_degrees(), lat.to_degrees(), height]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A camera straight down, image-up to the north: x right = east, y down = south, z = down. World to
    /// camera is a half turn about east: angle-axis (π, 0, 0), by hand. From 100 m up at the reference,
    /// 30 m east: C = (30, 0, 100), t = −R C = (−30, 0, 100).
    #[test]
    fn a_shot_straight_down_is_where_hand_and_pencil_put_it() {
        let text = r#"[{"reference_lla": {"latitude": 51.0, "longitude": 3.0, "altitude": 50.0},
            "shots": {"a_V.JPG": {"rotation": [3.141592653589793, 0, 0], "translation": [-30, 0, 100]},
                      "b.JPG": {"rotation": [null, 0, 0], "translation": [0, 0, 0]}}}]"#;
        let (poses, warnings) =
            reconstruction_from_bytes("reconstruction.json", text.as_bytes()).expect("a shot");
        assert_eq!((poses.len(), warnings.len()), (1, 1));
        let [lon, lat, height] = poses[0].position;
        // A degree of longitude at 51° is 70 197 m on the ellipsoid (cos φ · N · π / 180).
        assert!((lon - (3.0 + 30.0 / 70_197.6)).abs() < 2e-8, "{lon}");
        assert!((lat - 51.0).abs() < 1e-8 && (height - 150.0).abs() < 1e-3);
        let Some(GivenAngles::Rotation(r)) = poses[0].angles else {
            panic!("a rotation");
        };
        let due = [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]];
        for i in 0..3 {
            (0..3).for_each(|j| assert!((r[i][j] - due[i][j]).abs() < 1e-12));
        }
    }

    #[test]
    fn shots_of_a_geojson_are_read_and_nonsense_is_refused() {
        let text = r#"{"type": "FeatureCollection", "features": [{"properties": {"filename": "a.jpg",
            "rotation": [3.141592653589793, 0, 0]}, "geometry": {"coordinates": [3.0, 51.0, 99.5]}}]}"#;
        let (poses, _) = reconstruction_from_bytes("shots.geojson", text.as_bytes()).expect("one");
        assert_eq!(poses[0].position, [3.0, 51.0, 99.5]);
        for wrong in [
            "",
            "[]",
            "{}",
            "[{\"shots\": 3}]",
            "{\"features\": [1, null]}",
        ] {
            assert!(
                reconstruction_from_bytes("x", wrong.as_bytes()).is_err(),
                "{wrong}"
            );
        }
    }
}
