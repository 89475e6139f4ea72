//! Poses people give beside the frames: `poses.csv` and the `geo.txt` of OpenDroneMap.
//!
//! In: text tables. Out: [`GivenPose`] per frame, angles in the conventions of that type.
//! Which height datum the numbers are in, and whether they are believed, is decided later.

mod gcp_list;
mod geo_txt;
mod odm;
mod reconstruction;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

pub use gcp_list::{gcp_list_from_bytes, read_gcp_list};
pub use geo_txt::{geo_txt_from_bytes, read_geo_txt};
pub use reconstruction::{read_reconstruction, reconstruction_from_bytes};

use super::table::{Bound, Mapping, Outcome, Place, Report, Row, Schema, Table, column, file_name};
use crate::survey::{GivenAngles, GivenPose, YawPitchRoll};

/// Columns of `poses.csv`. Angles in degrees; `pitch_deg` is −90 at nadir.
pub const SCHEMA: Schema = Schema {
    name: "poses",
    columns: &[
        column(
            "file",
            &[
                "filename",
                "image",
                "image_name",
                "name",
                "label",
                "bestand",
            ],
        ),
        column("x", &["x_m", "easting", "east", "e"]),
        column("y", &["y_m", "northing", "north", "n"]),
        column("z", &["z_m", "height_m", "height", "altitude"]),
        column("crs", &["epsg", "srs"]),
        column("lon", &["lon_deg", "longitude", "long"]),
        column("lat", &["lat_deg", "latitude"]),
        column(
            "ellipsoidal_height",
            &[
                "ellipsoidal_height_m",
                "ellipsoidal_m",
                "height_ellipsoid_m",
                "h",
            ],
        ),
        column("omega_deg", &["omega"]),
        column("phi_deg", &["phi"]),
        column("kappa_deg", &["kappa"]),
        column("yaw_deg", &["yaw", "heading", "heading_deg"]),
        column("pitch_deg", &["pitch"]),
        column("roll_deg", &["roll"]),
        column(
            "sigma_horizontal_m",
            &[
                "sigma_xy_m",
                "horizontal_accuracy_m",
                "sigma_h_m",
                "accuracy_xy_m",
            ],
        ),
        column(
            "sigma_vertical_m",
            &[
                "sigma_z_m",
                "vertical_accuracy_m",
                "sigma_v_m",
                "accuracy_z_m",
                "sz_m",
                "sz",
            ],
        ),
        column("sigma_x_m", &["accuracy_x_m", "sx_m", "sx"]),
        column("sigma_y_m", &["accuracy_y_m", "sy_m", "sy"]),
    ],
    ignored: &[
        "time",
        "timestamp",
        "sigma_omega_deg",
        "sigma_phi_deg",
        "sigma_kappa_deg",
        "sigma_yaw_deg",
        "sigma_pitch_deg",
        "sigma_roll_deg",
    ],
    closed: true,
};

/// CRS of lon/lat columns. ETRS89 and WGS84 are taken as one (they differ by less than 1 m, and
/// a flight's common shift is estimated).
const LONLAT: &str = "EPSG:4326";

/// Angles of a turn and of a tilt, degrees.
const ANY_ANGLE: RangeInclusive<f64> = -360.0..=360.0;

/// Reads `poses.csv`: `x, y, z` with `crs`, or `lon, lat, ellipsoidal_height`; optional angles
/// and 1σ. Where x and y have no `crs`, `project_crs` (`EPSG:…`) is taken.
///
/// # Errors
/// All faults of the file, each with line and column.
pub fn read_csv(path: &Path, mapping: &Mapping, project_crs: &str) -> Outcome<Vec<GivenPose>> {
    let mut report = Report::new(file_name(path));
    match Table::open(path, &mut report) {
        Ok(table) => from_table(&table, mapping, project_crs, report),
        Err(problem) => report.stop(problem),
    }
}

/// The same from the bytes of a text table; `file` is used in messages only.
///
/// # Errors
/// As [`read_csv`].
pub fn csv_from_bytes(
    file: &str,
    bytes: &[u8],
    mapping: &Mapping,
    project_crs: &str,
) -> Outcome<Vec<GivenPose>> {
    let mut report = Report::new(file);
    match Table::from_bytes(file, bytes, &mut report) {
        Ok(table) => from_table(&table, mapping, project_crs, report),
        Err(problem) => report.stop(problem),
    }
}

fn from_table(
    table: &Table,
    mapping: &Mapping,
    project_crs: &str,
    mut report: Report,
) -> Outcome<Vec<GivenPose>> {
    let bound = Bound::new(table, &SCHEMA, mapping, &mut report);
    bound.require(&["file"], &mut report);
    bound.require(&["x", "lon"], &mut report);
    bound.require(if bound.has("x") { &["y"] } else { &["lat"] }, &mut report);
    let mut poses = Vec::new();
    let mut seen = BTreeMap::new();
    for row in bound.rows() {
        if let Some(pose) = pose(&bound, &row, project_crs, &mut report) {
            check_twice(&pose.file, row.place(), &mut seen, &mut report);
            poses.push(pose);
        }
    }
    report.finish(poses)
}

fn pose(
    bound: &Bound<'_>,
    row: &Row<'_>,
    project_crs: &str,
    report: &mut Report,
) -> Option<GivenPose> {
    let file = row.text("file");
    if bound.has("file") && file.is_empty() {
        row.fault(
            "file",
            "is empty, expected the name of a frame".into(),
            report,
        );
    }
    let projected = bound.has("x");
    let (x_name, y_name, z_name) = if projected {
        ("x", "y", "z")
    } else {
        ("lon", "lat", "ellipsoidal_height")
    };
    let (x_range, y_range) = if projected {
        (-1e8..=1e8, -1e8..=1e8)
    } else {
        (-180.0..=180.0, -90.0..=90.0)
    };
    let x = needed(bound, row, x_name, x_range, report);
    let y = needed(bound, row, y_name, y_range, report);
    let z_name = if bound.has(z_name) { z_name } else { "z" };
    let z = row.number(z_name, -1000.0..=20_000.0, report);
    let crs = if projected {
        crs_of(row, project_crs, report)
    } else {
        Some(LONLAT.to_string())
    };
    let angles = angles(row, report);
    if !projected && matches!(angles, Some(GivenAngles::OmegaPhiKappa(_))) {
        let what = "is given with lon and lat; omega, phi and kappa need x, y and their crs";
        row.fault("omega_deg", what.to_string(), report);
    }
    Some(GivenPose {
        file: file.to_string(),
        position: [x?, y?, z.unwrap_or(f64::NAN)],
        crs: crs?,
        angles,
        sigma_m: sigma(row, report),
    })
}

fn needed(
    bound: &Bound<'_>,
    row: &Row<'_>,
    name: &str,
    range: RangeInclusive<f64>,
    report: &mut Report,
) -> Option<f64> {
    if bound.has(name) && row.text(name).is_empty() {
        row.fault(name, "is empty, expected a number".into(), report);
    }
    row.number(name, range, report)
}

fn crs_of(row: &Row<'_>, project_crs: &str, report: &mut Report) -> Option<String> {
    let Some(cell) = row.some_text("crs") else {
        return Some(project_crs.to_string());
    };
    let code = epsg_code(cell);
    if code.is_none() {
        row.fault(
            "crs",
            format!("is \"{cell}\", expected EPSG:31370 or the like"),
            report,
        );
    }
    code.map(|code| format!("EPSG:{code}"))
}

/// The code of `EPSG:31370`, `epsg 31370` or `31370`.
fn epsg_code(text: &str) -> Option<u32> {
    let text = text.trim();
    let rest = match text.get(..4) {
        Some(head) if head.eq_ignore_ascii_case("EPSG") => {
            text.get(4..)?.trim_start_matches([':', ' '])
        }
        _ => text,
    };
    let digits = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    rest.parse().ok().filter(|_| digits)
}

/// Omega, phi, kappa where given, else yaw, pitch, roll; two of three are a fault.
fn angles(row: &Row<'_>, report: &mut Report) -> Option<GivenAngles> {
    if let Some(angles) = three(row, ["omega_deg", "phi_deg", "kappa_deg"], report) {
        return Some(GivenAngles::OmegaPhiKappa(angles));
    }
    let [yaw_deg, pitch_deg, roll_deg] = three(row, ["yaw_deg", "pitch_deg", "roll_deg"], report)?;
    Some(GivenAngles::YawPitchRoll(YawPitchRoll {
        yaw_deg,
        pitch_deg,
        roll_deg,
    }))
}

fn three(row: &Row<'_>, names: [&str; 3], report: &mut Report) -> Option<[f64; 3]> {
    let given = names.map(|name| row.some_text(name).is_some());
    if given == [false; 3] {
        return None;
    }
    if let Some(missing) = names.iter().zip(given).find(|(_, g)| !g).map(|(n, _)| n) {
        let what = format!("is missing; {} come together", names.join(", "));
        row.fault(missing, what, report);
        return None;
    }
    let [a, b, c] = names.map(|name| row.number(name, ANY_ANGLE, report));
    Some([a?, b?, c?])
}

/// Horizontal and vertical 1σ; of two horizontal ones the larger. Vertical alone is not used.
fn sigma(row: &Row<'_>, report: &mut Report) -> Option<[f64; 2]> {
    let [both, x, y, vertical] = [
        "sigma_horizontal_m",
        "sigma_x_m",
        "sigma_y_m",
        "sigma_vertical_m",
    ]
    .map(|name| row.number(name, 0.0..=10_000.0, report));
    let horizontal = both.or_else(|| Some(x?.max(y?)))?;
    Some([horizontal, vertical.unwrap_or(f64::NAN)])
}

fn check_twice(file: &str, place: Place, seen: &mut BTreeMap<String, Place>, report: &mut Report) {
    if let Some(first) = seen.insert(file.to_string(), place) {
        let what = format!("gives a pose for {file}, as {first} does");
        report.fault_at(place, what, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Outcome<Vec<GivenPose>> {
        csv_from_bytes("poses.csv", text.as_bytes(), &Mapping::new(), "EPSG:31370")
    }

    #[test]
    fn projected_poses_with_photogrammetric_angles_are_read() {
        let text = "file,x,y,z,crs,omega_deg,phi_deg,kappa_deg,sigma_x_m,sigma_y_m,sigma_z_m\n\
            a.jpg,34000.5,170000,85.2,3812,0.1,-0.2,91,0.02,0.03,0.05\n\
            b.jpg,34010,170000,85,,,,,,,\n";
        let (poses, warnings) = read_text(text).expect("sound");
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(poses[0].position, [34000.5, 170000.0, 85.2]);
        assert_eq!(poses[0].crs, "EPSG:3812");
        assert_eq!(
            poses[0].angles,
            Some(GivenAngles::OmegaPhiKappa([0.1, -0.2, 91.0]))
        );
        assert_eq!(poses[0].sigma_m, Some([0.03, 0.05]));
        assert_eq!(poses[1].crs, "EPSG:31370");
        assert_eq!((poses[1].angles, poses[1].sigma_m), (None, None));
    }

    #[test]
    fn geographic_poses_with_yaw_pitch_and_roll_are_read() {
        let text = "image;longitude;latitude;ellipsoidal_height;yaw;pitch;roll\n\
            a.jpg;2,7261;50,8512;120,5;12;-90;0\n";
        let (poses, _) = read_text(text).expect("sound");
        assert_eq!(poses[0].position, [2.7261, 50.8512, 120.5]);
        assert_eq!(poses[0].crs, "EPSG:4326");
        let expected = YawPitchRoll {
            yaw_deg: 12.0,
            pitch_deg: -90.0,
            roll_deg: 0.0,
        };
        assert_eq!(poses[0].angles, Some(GivenAngles::YawPitchRoll(expected)));
    }

    #[test]
    fn half_given_angles_doubled_files_and_wrong_codes_are_faults() {
        let problems = read_text(
            "file,x,y,crs,omega_deg,phi_deg,kappa_deg\n\
             a.jpg,1,2,EPSG:31370,1,,3\n\
             a.jpg,1,2,Lambert,,,\n\
             b.jpg,,2,,,,\n\
             a.jpg,1,2,,,,\n",
        )
        .expect_err("faulty");
        let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(all.len(), 4, "{all:?}");
        for part in [
            "column phi_deg",
            "Lambert",
            "line 4, column x",
            "as line 2 does",
        ] {
            assert!(all.iter().any(|t| t.contains(part)), "{part}: {all:?}");
        }
    }
}
