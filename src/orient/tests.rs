//! Whole flights through [`from_priors`], made by hand.

use super::cameras::CameraTable;
use super::*;
use crate::geo::crs::{Crs, DatumGrid};
use crate::survey::{
    CameraIdentity, Encoding, Fix, FrameHeader, GivenAngles, GivenPose, Rtk, YawPitchRoll,
};

/// A Zenmuse XT frame that says nothing of where it was.
pub(super) fn header(name: &str) -> FrameHeader {
    FrameHeader {
        name: name.into(),
        camera: CameraIdentity {
            make: "DJI".into(),
            model: "FLIR".into(),
            ..CameraIdentity::default()
        },
        focal_mm: Some(13.0),
        ..FrameHeader::bare(640, 512, Encoding::Unscaled)
    }
}

fn angles(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> YawPitchRoll {
    YawPitchRoll {
        yaw_deg,
        pitch_deg,
        roll_deg,
    }
}

/// Two frames near Kortrijk, 80 m over take-off, looking down with image-up to true north.
fn flight() -> Vec<FrameHeader> {
    (0..2)
        .map(|i| {
            let mut header = header(&format!("DJI_{i:04}.jpg"));
            header.fix = Some(Fix {
                lon_deg: 3.264,
                lat_deg: 50.828 + 2e-4 * f64::from(i),
                absolute_m: Some(97.7),
                relative_m: Some(80.0),
                rtk: Rtk::None,
                sigma_horizontal_m: None,
                sigma_vertical_m: None,
            });
            header.gimbal = Some(angles(0.0, -90.0, 0.0));
            header.flight = Some(angles(0.5, 2.0, 1.0));
            header
        })
        .collect()
}

fn lambert_72() -> Crs {
    Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known")
}

fn orient(headers: &[FrameHeader], given: &[GivenPose], options: &Options) -> Orientation {
    let times: Vec<f64> = (0..headers.len()).map(|i| 2.0 * i as f64).collect();
    from_priors(
        headers,
        given,
        &times,
        &CameraTable::default(),
        &FlatGround(20.0),
        &lambert_72(),
        &|_| None,
        options,
    )
    .expect("a good flight")
}

fn placed(orientation: &Orientation, i: usize) -> &OrientedFrame {
    let frame = match &orientation.frames[i] {
        Placement::Oriented(frame) => Some(frame.as_ref()),
        _ => None,
    };
    frame.expect("a placed frame")
}

fn reason(orientation: &Orientation, i: usize) -> String {
    let problem = match &orientation.frames[i] {
        Placement::Unplaced(problem) => Some(problem.to_string()),
        _ => None,
    };
    problem.expect("a frame that is not placed")
}

#[test]
fn a_plain_flight_is_placed_over_its_take_off_height() {
    let orientation = orient(&flight(), &[], &Options::default());
    let frame = placed(&orientation, 0);
    // georeferencing.md §4, Kortrijk.
    assert!((frame.pose.centre[0] - 72_168.633).abs() < 0.02);
    assert!((frame.pose.centre[1] - 169_197.697).abs() < 0.02);
    assert_eq!(frame.pose.centre[2], 100.0);
    assert_eq!((frame.sigma_xy_m, frame.sigma_z_m), (3.0, 2.0));
    assert!((frame.path_m - 80.0).abs() < 1e-9);
    let report = &orientation.report;
    assert_eq!((report.placed, report.oblique, report.unplaced), (2, 0, 0));
    assert_eq!(report.height.source, HeightSource::Relative);
    assert_eq!(report.height.agl_m, Some(80.0));
    assert_eq!(report.yaw.source, YawSource::Gimbal);
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
}

/// γ = −0.85° at Kortrijk: true north points 0.85° to the right of grid north.
#[test]
fn angles_against_true_north_are_turned_to_the_grid() {
    let orientation = orient(&flight(), &[], &Options::default());
    let azimuth = pose::up_azimuth_deg(&placed(&orientation, 0).pose.rotation);
    assert!((azimuth - 0.85).abs() < 0.01, "{azimuth}");
}

#[test]
fn a_frame_tilted_more_than_allowed_is_oblique() {
    let mut headers = flight();
    headers[1].gimbal = Some(angles(0.0, -45.0, 0.0));
    let orientation = orient(&headers, &[], &Options::default());
    assert!(matches!(
        orientation.frames[1],
        Placement::Oblique { tilt_deg } if (tilt_deg - 45.0).abs() < 1e-9
    ));
}

#[test]
fn a_frame_without_position_says_what_to_supply() {
    for zero in [false, true] {
        let mut headers = flight();
        headers[1].fix = headers[0].fix.filter(|_| zero).map(|fix| Fix {
            lon_deg: 0.0,
            lat_deg: 0.0,
            ..fix
        });
        let orientation = orient(&headers, &[], &Options::default());
        let text = reason(&orientation, 1);
        assert!(
            text.contains("poses.csv") && text.contains("DJI_0001.jpg"),
            "{text}"
        );
        assert_eq!(orientation.report.placed, 1);
    }
}

#[test]
fn a_frame_with_an_unknown_lens_says_which_keys_to_set() {
    let mut headers = flight();
    headers[1].camera.model = "Unknown 9000".into();
    let orientation = orient(&headers, &[], &Options::default());
    assert!(reason(&orientation, 1).contains("[[camera]]"));
}

#[test]
fn given_poses_beat_the_files_own() {
    let given = GivenPose {
        file: "frames/dji_0000.JPG".into(),
        position: [572_169.247, 669_188.801, 130.0],
        crs: "EPSG:3812".into(),
        angles: Some(GivenAngles::OmegaPhiKappa([0.0, 0.0, -30.0])),
        sigma_m: Some([0.02, 0.03]),
    };
    let orientation = orient(&flight(), &[given], &Options::default());
    let frame = placed(&orientation, 0);
    assert!((frame.pose.centre[0] - 72_168.633).abs() < 0.02);
    assert_eq!(frame.pose.centre[2], 130.0);
    assert_eq!((frame.sigma_xy_m, frame.sigma_z_m), (0.02, 0.03));
    // Lambert 72 and 2008 have nearly the same grid north: their meridians are 0.008° apart.
    let azimuth = pose::up_azimuth_deg(&frame.pose.rotation);
    assert!((azimuth - 30.0).abs() < 0.01, "{azimuth}");
    assert_eq!(orientation.report.given, 1);
}

#[test]
fn a_geographic_pose_has_its_height_over_the_ellipsoid() {
    let given = GivenPose {
        file: "DJI_0000.jpg".into(),
        position: [3.264, 50.828, 142.201],
        crs: "EPSG:4326".into(),
        angles: None,
        sigma_m: None,
    };
    let orientation = orient(&flight(), &[given], &Options::default());
    let frame = placed(&orientation, 0);
    // N = 42.201 m at Kortrijk (georeferencing.md §4), to 1 cm.
    assert!((frame.pose.centre[2] - 100.0).abs() < 0.01);
}

#[test]
fn frames_without_attitude_look_down_along_the_flight_with_a_warning() {
    let mut headers = flight();
    for header in &mut headers {
        (header.gimbal, header.flight) = (None, None);
    }
    let orientation = orient(&headers, &[], &Options::default());
    // The second frame lies due north of the first.
    let azimuth = pose::up_azimuth_deg(&placed(&orientation, 0).pose.rotation);
    assert!((azimuth - 0.85).abs() < 0.01, "{azimuth}");
    assert_eq!(orientation.report.assumed_nadir, 2);
    assert!(orientation.report.warnings[0].contains("straight down"));
}

#[test]
fn yaw_records_that_disagree_are_said_when_nothing_can_decide() {
    let mut headers = flight();
    for header in &mut headers {
        header.flight = Some(angles(6.0, 2.0, 1.0));
    }
    let orientation = orient(&headers, &[], &Options::default());
    assert_eq!(orientation.report.yaw.source, YawSource::Gimbal);
    assert!(orientation.report.warnings[0].contains("-6.0°"));
}

#[test]
fn a_flight_off_its_planned_height_is_refused() {
    let options = Options {
        planned_agl_m: Some(120.0),
        ..Options::default()
    };
    let problem = from_priors(
        &flight(),
        &[],
        &[0.0, 2.0],
        &CameraTable::default(),
        &FlatGround(20.0),
        &lambert_72(),
        &|_| None,
        &options,
    )
    .expect_err("80 m is not 120 m");
    assert!(problem.to_string().contains("80.0") && problem.to_string().contains("120.0"));
}

#[test]
fn the_lever_arm_is_turned_to_the_map_grid() {
    let options = Options {
        lever_m: [1.0, 0.0, 0.2],
        ..Options::default()
    };
    let mut headers = flight();
    headers[0].flight = Some(angles(90.0, 0.0, 0.0));
    let with = orient(&headers, &[], &options);
    let without = orient(&headers, &[], &Options::default());
    let (a, b) = (
        placed(&with, 0).pose.centre,
        placed(&without, 0).pose.centre,
    );
    // True east is 0.85° to the right of grid east, that is towards the south.
    let gamma = 0.85f64.to_radians();
    assert!((a[0] - b[0] - gamma.cos()).abs() < 1e-4);
    assert!((a[1] - b[1] + gamma.sin()).abs() < 3e-4);
    assert!((a[2] - b[2] + 0.2).abs() < 1e-9);
}
