//! How each camera was turned, against true north.
//!
//! In: angles of gimbal, aircraft, camera or pose file. Out: a rotation camera → east-north-up
//! (true north), and which record it came from. All-zero angles mean that there were none.

use super::pose::{
    self, Rotation, boresight, from_down_looking_body, from_gimbal, from_omega_phi_kappa, product,
    turned, up_azimuth_deg, wrapped_deg,
};
use super::{Options, YawSource};
use crate::problem::{Problem, Result};
use crate::survey::{FrameHeader, GivenAngles, YawPitchRoll};

/// Which record an attitude came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The pose file.
    Given,
    /// Gimbal angles.
    Gimbal,
    /// Camera angles of other makers.
    Camera,
    /// Nothing says where the camera looked: straight down, image-up along the aircraft.
    AssumedNadir,
}

/// Attitude of one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attitude {
    /// Camera → east-north-up, true north.
    pub(super) rotation: Rotation,
    pub(super) origin: Origin,
}

/// What pitch means in `Camera:Pitch` of a flight; it depends on the firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CameraPitch {
    /// Nadir is −90, as with gimbals.
    NadirIsMinus90,
    /// Nadir is 0, as in the MicaSense/Pix4D convention.
    NadirIsZero,
}

impl CameraPitch {
    /// By the median pitch of a flight: a survey looks down.
    pub(super) fn of(headers: &[FrameHeader]) -> CameraPitch {
        let pitches = headers
            .iter()
            .filter_map(|h| known(h.mount))
            .map(|angles| angles.pitch_deg);
        match super::report::median(pitches) {
            Some(pitch) if pitch < -45.0 => CameraPitch::NadirIsMinus90,
            _ => CameraPitch::NadirIsZero,
        }
    }
}

/// Angles that are there: finite and not all zero.
pub(super) fn known(angles: Option<YawPitchRoll>) -> Option<YawPitchRoll> {
    angles.filter(|a| {
        let all = [a.yaw_deg, a.pitch_deg, a.roll_deg];
        all.iter().all(|v| v.is_finite()) && all.iter().any(|v| *v != 0.0)
    })
}

/// Attitude of a frame. `course_deg` is the azimuth of its track, where it moved;
/// `given_turn_rad` turns the pose file's grid north to true north.
///
/// # Errors
/// A [`Problem`] that says what to supply, when nothing tells even the heading.
pub(super) fn attitude(
    header: &FrameHeader,
    given: Option<(GivenAngles, f64)>,
    course_deg: Option<f64>,
    camera_pitch: CameraPitch,
    yaw: YawSource,
) -> Result<Attitude> {
    let attitude = |rotation, origin| Ok(Attitude { rotation, origin });
    match given {
        Some((GivenAngles::OmegaPhiKappa(angles), turn_rad)) => {
            let rotation = turned(&from_omega_phi_kappa(angles), turn_rad);
            return attitude(rotation, Origin::Given);
        }
        Some((GivenAngles::Rotation(rotation), _)) => return attitude(rotation, Origin::Given),
        Some((GivenAngles::YawPitchRoll(angles), _)) => {
            return attitude(from_gimbal(&angles), Origin::Given);
        }
        None => {}
    }
    if let Some(gimbal) = known(header.gimbal) {
        let rotation = match (yaw, known(header.flight)) {
            (YawSource::Flight, Some(flight)) => with_yaw(&from_gimbal(&gimbal), flight.yaw_deg),
            _ => from_gimbal(&gimbal),
        };
        return attitude(rotation, Origin::Gimbal);
    }
    if let Some(camera) = known(header.mount) {
        let rotation = match camera_pitch {
            CameraPitch::NadirIsMinus90 => from_gimbal(&camera),
            CameraPitch::NadirIsZero => from_down_looking_body(&camera),
        };
        return attitude(rotation, Origin::Camera);
    }
    let heading_deg = known(header.flight).map(|f| f.yaw_deg).or(course_deg);
    let heading_deg = heading_deg.ok_or_else(|| {
        Problem::setting("the frame has a position but no attitude and no course")
            .in_file(header.name.clone())
            .hint("add yaw, pitch, roll or omega, phi, kappa to the flight's poses.csv")
    })?;
    let nadir = YawPitchRoll {
        yaw_deg: heading_deg,
        pitch_deg: -90.0,
        roll_deg: 0.0,
    };
    attitude(from_gimbal(&nadir), Origin::AssumedNadir)
}

/// Turns a view about the vertical until image-up points along `yaw_deg`; its tilt stays. Works
/// on rotations, so that roll 180 at nadir needs no special case.
fn with_yaw(rotation: &Rotation, yaw_deg: f64) -> Rotation {
    let by_deg = wrapped_deg(yaw_deg - up_azimuth_deg(rotation));
    turned(rotation, by_deg.to_radians())
}

/// Gimbal minus flight yaw near nadir, degrees: image-up against the aircraft's nose.
pub(super) fn gimbal_minus_flight_deg(header: &FrameHeader) -> Option<f64> {
    let (gimbal, flight) = (known(header.gimbal)?, known(header.flight)?);
    let up = up_azimuth_deg(&from_gimbal(&gimbal));
    Some(wrapped_deg(up - flight.yaw_deg))
}

/// The stated rotation with the camera's misalignment.
pub(super) fn with_boresight(rotation: &Rotation, boresight_deg: [f64; 3]) -> Rotation {
    if boresight_deg == [0.0; 3] {
        return *rotation;
    }
    product(rotation, &boresight(boresight_deg))
}

/// From the antenna to the camera, east-north-up, metres: the lever in the aircraft's frame,
/// turned by its attitude, or by the camera's azimuth where the aircraft's is unknown.
pub(super) fn lever_enu_m(
    header: &FrameHeader,
    rotation: &Rotation,
    lever_m: [f64; 3],
) -> [f64; 3] {
    if lever_m == [0.0; 3] {
        return lever_m;
    }
    let body = known(header.flight).unwrap_or(YawPitchRoll {
        yaw_deg: up_azimuth_deg(rotation),
        pitch_deg: 0.0,
        roll_deg: 0.0,
    });
    pose::apply(&pose::body_to_enu(&body), lever_m)
}

/// How far the camera flew between the recorded position and the exposure, east-north-up,
/// metres. `track_m_s` is the velocity from neighbouring positions, east-north-up.
pub(super) fn lag_enu_m(
    header: &FrameHeader,
    track_m_s: Option<[f64; 3]>,
    options: &Options,
) -> [f64; 3] {
    if options.trigger_lag_s == 0.0 {
        return [0.0; 3];
    }
    let stated = header
        .velocity_m_s
        .filter(|v| v.iter().all(|c| c.is_finite()) && v.iter().any(|c| *c != 0.0))
        .map(|[north, east, down]| [east, north, -down]);
    stated
        .or(track_m_s)
        .map_or([0.0; 3], |v| v.map(|c| c * options.trigger_lag_s))
}

#[cfg(test)]
mod tests {
    use super::super::tests::header;
    use super::*;

    fn angles(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Option<YawPitchRoll> {
        Some(YawPitchRoll {
            yaw_deg,
            pitch_deg,
            roll_deg,
        })
    }

    fn azimuth(header: &FrameHeader, yaw: YawSource) -> f64 {
        let pitch = CameraPitch::of(std::slice::from_ref(header));
        let found = attitude(header, None, None, pitch, yaw).expect("has an attitude");
        up_azimuth_deg(&found.rotation)
    }

    /// Two real files of one drone: yaw −91.2, roll 180, flight yaw 89.1; and yaw 88.8, roll 0.
    #[test]
    fn gimbal_and_flight_yaw_of_a_nadir_view_agree_with_and_without_roll_180() {
        let mut a = header("a.jpg");
        (a.gimbal, a.flight) = (angles(-91.2, -90.0, 180.0), angles(89.1, -1.1, 0.0));
        let mut b = header("b.jpg");
        (b.gimbal, b.flight) = (angles(88.8, -89.9, 0.0), angles(89.1, -1.6, 0.0));
        assert!((azimuth(&a, YawSource::Gimbal) - 88.8).abs() < 1e-9);
        assert!((azimuth(&b, YawSource::Gimbal) - 88.8).abs() < 1e-9);
        for frame in [&a, &b] {
            assert!((azimuth(frame, YawSource::Flight) - 89.1).abs() < 1e-9);
            let off = gimbal_minus_flight_deg(frame).expect("both known");
            assert!((off + 0.3).abs() < 1e-9);
        }
    }

    /// A real file: yaw 100.9, roll 180, flight yaw −79.3; so image-up is −79.1, and roll −180 is
    /// the same attitude.
    #[test]
    fn roll_minus_180_at_nadir_is_roll_180() {
        for roll in [180.0, -180.0] {
            let mut frame = header("a.jpg");
            (frame.gimbal, frame.flight) = (angles(100.9, -90.0, roll), angles(-79.3, 4.1, -3.4));
            assert!((azimuth(&frame, YawSource::Gimbal) + 79.1).abs() < 1e-9);
            let off = gimbal_minus_flight_deg(&frame).expect("both known");
            assert!((off - 0.2).abs() < 1e-9);
            let pitch = CameraPitch::NadirIsMinus90;
            let found = attitude(&frame, None, None, pitch, YawSource::Gimbal).expect("known");
            assert!(pose::tilt_deg(&found.rotation) < 1e-5);
        }
    }

    #[test]
    fn flight_yaw_keeps_the_tilt_of_the_gimbal() {
        let mut frame = header("a.jpg");
        (frame.gimbal, frame.flight) = (angles(10.0, -80.0, 0.0), angles(20.0, 3.0, -2.0));
        let pitch = CameraPitch::NadirIsMinus90;
        let found = attitude(&frame, None, None, pitch, YawSource::Flight).expect("known");
        assert!((pose::tilt_deg(&found.rotation) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn all_zero_angles_are_no_angles() {
        let mut frame = header("a.jpg");
        frame.gimbal = angles(0.0, 0.0, 0.0);
        let pitch = CameraPitch::NadirIsMinus90;
        let problem = attitude(&frame, None, None, pitch, YawSource::Auto).expect_err("nothing");
        assert!(problem.to_string().contains("poses.csv"));
    }

    #[test]
    fn a_frame_without_attitude_looks_down_along_its_course() {
        let frame = header("a.jpg");
        let pitch = CameraPitch::NadirIsZero;
        let found = attitude(&frame, None, Some(33.0), pitch, YawSource::Auto).expect("a course");
        assert_eq!(found.origin, Origin::AssumedNadir);
        assert!((up_azimuth_deg(&found.rotation) - 33.0).abs() < 1e-9);
    }

    #[test]
    fn camera_angles_are_read_in_the_convention_the_flight_shows() {
        let mut zero = header("a.jpg");
        zero.mount = angles(33.0, 1.0, 0.5);
        let mut minus_90 = header("b.jpg");
        minus_90.mount = angles(33.0, -89.0, 0.5);
        for frame in [&zero, &minus_90] {
            let pitch = CameraPitch::of(std::slice::from_ref(frame));
            let found = attitude(frame, None, None, pitch, YawSource::Auto).expect("known");
            assert!(pose::tilt_deg(&found.rotation) < 1.5);
            assert!((up_azimuth_deg(&found.rotation) - 33.0).abs() < 1.0);
        }
    }

    #[test]
    fn the_lever_arm_turns_with_the_aircraft() {
        let mut frame = header("a.jpg");
        frame.flight = angles(90.0, 0.0, 0.0);
        let rotation = from_gimbal(&angles(90.0, -90.0, 0.0).expect("given"));
        let [east, north, up] = lever_enu_m(&frame, &rotation, [0.3, 0.0, 0.1]);
        assert!((east - 0.3).abs() < 1e-12 && north.abs() < 1e-12 && (up + 0.1).abs() < 1e-12);
    }

    #[test]
    fn the_trigger_lag_moves_the_camera_along_its_velocity() {
        let mut frame = header("a.jpg");
        frame.velocity_m_s = Some([5.0, 1.0, 0.5]);
        let options = Options {
            trigger_lag_s: 0.2,
            ..Options::default()
        };
        assert_eq!(lag_enu_m(&frame, None, &options), [0.2, 1.0, -0.1]);
    }
}
