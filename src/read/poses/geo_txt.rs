//! `geo.txt`, the image geolocation file of OpenDroneMap.
//!
//! First line: the CRS as `EPSG:code`, `WGS84 UTM 31N` or a PROJ string of UTM or lon/lat. Then
//! per image: `name x y [z] [yaw pitch roll] [horizontal vertical accuracy] [anything]`,
//! separated by white space; `#` begins a comment (its documentation, "Image Geolocation
//! Files"; the columns are positional, so angles need z, and accuracies need angles).
//!
//! Angles: its documentation says "set to 0 if not available", so three zeros are no attitude.
//! Its own convention is pitch 0 at nadir and 90 looking forward, yaw of the image's top from
//! north, the camera fixed under a body with yaw, pitch and roll (the comment and rotation in
//! its `photo.py`). We turn that into our convention, pitch −90 at nadir. Files of drones
//! often carry the drone's own angles instead; where the middle pitch of a file is below −45
//! (which in the other convention would be pictures taken backwards at the horizon), the angles
//! are taken as they are, with a warning.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::{Outcome, Report, file_name, read_bytes};
use super::{check_twice, odm};
use crate::problem::Problem;
use crate::survey::{GivenAngles, GivenPose, YawPitchRoll};

/// Largest file read, bytes: over a hundred thousand images.
const MAX_BYTES: u64 = 64 << 20;

/// Reads `geo.txt`.
///
/// # Errors
/// All faults of the file: an unknown CRS, lines that are no position.
pub fn read_geo_txt(path: &Path) -> Outcome<Vec<GivenPose>> {
    let report = Report::new(file_name(path));
    match read_bytes(path, MAX_BYTES) {
        Ok(bytes) => geo_txt_from_bytes(report.file(), &bytes),
        Err(problem) => report.stop(problem),
    }
}

/// The same from bytes; `file` is used in messages only.
///
/// # Errors
/// As [`read_geo_txt`].
pub fn geo_txt_from_bytes(file: &str, bytes: &[u8]) -> Outcome<Vec<GivenPose>> {
    let mut report = Report::new(file);
    let text = String::from_utf8_lossy(bytes);
    let mut lines = odm::lines(&text);
    let crs = match odm::crs(&mut lines, &mut report) {
        Ok(crs) => crs,
        Err(problem) => return report.stop(problem),
    };
    let mut poses = Vec::new();
    let mut seen = BTreeMap::new();
    for (line, place) in lines {
        match pose(line, &crs) {
            Ok(pose) => {
                check_twice(&pose.file, place, &mut seen, &mut report);
                poses.push(pose);
            }
            Err(what) => report.fault_at(place, what, None),
        }
    }
    settle_angles(&mut poses, &mut report);
    report.finish(poses)
}

fn pose(line: &str, crs: &str) -> Result<GivenPose, String> {
    let mut parts = line.split_whitespace();
    let file = parts.next().unwrap_or_default().to_string();
    // What stands behind the ninth number is free text, and labels may come earlier.
    let numbers: Vec<f64> = parts
        .map_while(|p| p.parse().ok().filter(|v: &f64| v.is_finite()))
        .take(8)
        .collect();
    let [x, y, ..] = numbers[..] else {
        return Err(format!("is \"{line}\", expected: image name, x, y"));
    };
    let angles = match numbers.get(3..6) {
        Some(&[yaw_deg, pitch_deg, roll_deg])
            if (yaw_deg, pitch_deg, roll_deg) != (0.0, 0.0, 0.0) =>
        {
            Some(GivenAngles::YawPitchRoll(YawPitchRoll {
                yaw_deg,
                pitch_deg,
                roll_deg,
            }))
        }
        _ => None,
    };
    let sigma_m = match numbers.get(6..8) {
        Some(&[horizontal, vertical]) if horizontal > 0.0 && vertical > 0.0 => {
            Some([horizontal, vertical])
        }
        _ => None,
    };
    Ok(GivenPose {
        file,
        position: [x, y, numbers.get(2).copied().unwrap_or(f64::NAN)],
        crs: crs.to_string(),
        angles,
        sigma_m,
    })
}

/// Turns all angles into our convention (module head).
fn settle_angles(poses: &mut [GivenPose], report: &mut Report) {
    let mut pitches: Vec<f64> = poses
        .iter()
        .filter_map(|pose| match pose.angles {
            Some(GivenAngles::YawPitchRoll(angles)) => Some(angles.pitch_deg),
            _ => None,
        })
        .collect();
    pitches.sort_by(f64::total_cmp);
    let Some(&middle) = pitches.get(pitches.len() / 2) else {
        return;
    };
    if middle < -45.0 {
        let what = format!(
            "the middle pitch is {middle}\u{b0}: the angles are taken as those of a drone's \
             gimbal (nadir \u{2212}90), not of geo.txt (nadir 0)"
        );
        report.warn(Problem::setting(what));
        return;
    }
    for pose in poses {
        if let Some(GivenAngles::YawPitchRoll(angles)) = pose.angles {
            pose.angles = Some(GivenAngles::YawPitchRoll(from_nadir_zero(angles)));
        }
    }
}

/// Body angles with the camera looking down (nadir 0) → angles with the camera looking ahead
/// (nadir −90); both Z-Y-X in north-east-down.
///
/// Camera axes in the body: ahead along body z, right along body y, down along −x. With
/// `B = Rz(yaw) Ry(pitch) Rx(roll)` the gimbal matrix is `G = [B ez, B ey, −B ex]`, from which
/// the three angles are read back. Without roll this is pitch − 90.
fn from_nadir_zero(angles: YawPitchRoll) -> YawPitchRoll {
    let (sy, cy) = angles.yaw_deg.to_radians().sin_cos();
    let (sp, cp) = angles.pitch_deg.to_radians().sin_cos();
    let (sr, cr) = angles.roll_deg.to_radians().sin_cos();
    // Columns of B = Rz Ry Rx.
    let ex = [cy * cp, sy * cp, -sp];
    let ey = [cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr];
    let ez = [cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr];
    let pitch = (-ez[2]).clamp(-1.0, 1.0).asin();
    // At nadir and zenith yaw and roll are one angle; it is given to yaw.
    let (yaw, roll) = if ez[0].hypot(ez[1]) < 1e-9 {
        ((-ey[0]).atan2(ey[1]), 0.0)
    } else {
        (ez[1].atan2(ez[0]), ey[2].atan2(-ex[2]))
    };
    YawPitchRoll {
        yaw_deg: yaw.to_degrees().rem_euclid(360.0),
        pitch_deg: pitch.to_degrees(),
        roll_deg: roll.to_degrees(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<GivenPose>, Vec<Problem>) {
        geo_txt_from_bytes("geo.txt", text.as_bytes()).expect("sound")
    }

    fn angles(pose: &GivenPose) -> [f64; 3] {
        match pose.angles {
            Some(GivenAngles::YawPitchRoll(a)) => [a.yaw_deg, a.pitch_deg, a.roll_deg],
            _ => [f64::NAN; 3],
        }
    }

    fn near(found: [f64; 3], expected: [f64; 3]) -> bool {
        // Degrees; rounding of a few trigonometric steps.
        found
            .iter()
            .zip(expected)
            .all(|(f, e)| (f - e).abs() < 1e-6)
    }

    #[test]
    fn the_documented_example_is_read() {
        let (poses, warnings) = read(
            "EPSG:4326\n\
             DJI_0028.JPG\t-91.9942096111111\t46.84252125\t198.609\n\
             # comment\n\
             DJI_0032.JPG -91.9938293055556 46.8424584444444 198.609 0 0 0 0.02 0.04 label 7\n",
        );
        assert!(warnings.is_empty());
        assert_eq!(poses[0].position, [-91.9942096111111, 46.84252125, 198.609]);
        assert_eq!((poses[0].angles, poses[0].sigma_m), (None, None));
        assert_eq!(poses[1].angles, None);
        assert_eq!(poses[1].sigma_m, Some([0.02, 0.04]));
    }

    #[test]
    fn pitch_zero_is_nadir_and_roll_tilts_sideways() {
        let (poses, warnings) = read(
            "WGS84 UTM 31N\n\
             a.jpg 5 6 7 90 0 0\n\
             b.jpg 5 6 7 90 10 0\n\
             c.jpg 5 6 7 0 0 20\n",
        );
        assert!(warnings.is_empty());
        assert!(near(angles(&poses[0]), [90.0, -90.0, 0.0]));
        assert!(near(angles(&poses[1]), [90.0, -80.0, 0.0]));
        // Right wing down by 20°: the axis leans to the left of north, that is west, and the
        // picture's top still points north, so it stands on its side.
        assert!(
            near(angles(&poses[2]), [270.0, -70.0, 90.0]),
            "{:?}",
            angles(&poses[2])
        );
    }

    #[test]
    fn angles_of_a_gimbal_are_recognised_and_kept() {
        let (poses, warnings) = read("EPSG:4326\na.jpg 2 51 99 12 -90 0\nb.jpg 2 51 99 13 -89 0\n");
        assert_eq!(angles(&poses[0]), [12.0, -90.0, 0.0]);
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn faulty_lines_are_told_at_once() {
        let problems = geo_txt_from_bytes("geo.txt", b"Lambert\na.jpg 1\nb.jpg x y\nc.jpg 1 2\n")
            .expect_err("faulty");
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(geo_txt_from_bytes("geo.txt", b"").is_err());
    }
}
