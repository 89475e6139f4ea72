//! Where the camera of a single frame looked, as its file is understood.
//!
//! In: the header of one frame. Out: one set of angles against true north, whichever record they
//! came from. A flight can do better (`from_priors` compares frames); this is what one file says
//! by itself.

use super::YawSource;
use super::attitude::{self, CameraPitch, Origin};
use super::pose::{self, Rotation, wrapped_deg};
use crate::survey::{FrameHeader, YawPitchRoll};

/// Look of one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Record it came from: "gimbal", "camera", or "flight" for an assumed nadir view.
    pub source: &'static str,
    /// Yaw from true north, pitch (−90 is straight down), roll within ±90; degrees. At nadir yaw
    /// is the azimuth of image-up.
    pub angles: YawPitchRoll,
    /// Angle between the optical axis and straight down, degrees.
    pub tilt_deg: f64,
}

/// How the camera of a frame looked; `None` when the file does not say.
pub fn look(header: &FrameHeader) -> Option<Look> {
    let convention = CameraPitch::of(std::slice::from_ref(header));
    let found = attitude::attitude(header, None, None, convention, YawSource::Gimbal).ok()?;
    Some(Look {
        source: match found.origin {
            Origin::Given => "given",
            Origin::Gimbal => "gimbal",
            Origin::Camera => "camera",
            Origin::AssumedNadir => "flight",
        },
        angles: angles(&found.rotation),
        tilt_deg: pose::tilt_deg(&found.rotation),
    })
}

/// Gimbal angles of a rotation, roll within ±90: of "pitch −89, roll 180" and "pitch −91, roll 0"
/// the second, because that is how the camera hangs.
fn angles(rotation: &Rotation) -> YawPitchRoll {
    // Optical axis (forward), image-right and image-down, east-north-up.
    let axis = |k: usize| [rotation[0][k], rotation[1][k], rotation[2][k]];
    let (right, down, forward) = (axis(0), axis(1), axis(2));
    let level = forward[0].hypot(forward[1]);
    if level < 1e-9 {
        return YawPitchRoll {
            yaw_deg: pose::up_azimuth_deg(rotation),
            pitch_deg: 90_f64.copysign(forward[2]),
            roll_deg: 0.0,
        };
    }
    let yaw_deg = forward[0].atan2(forward[1]).to_degrees();
    let pitch_deg = forward[2].atan2(level).to_degrees();
    // Right = −sin(roll) of the way up, down = −cos(roll): R33 and R32 of Z-Y-X.
    let roll_deg = (-right[2]).atan2(-down[2]).to_degrees();
    if roll_deg.abs() <= 90.0 {
        return YawPitchRoll {
            yaw_deg,
            pitch_deg,
            roll_deg,
        };
    }
    YawPitchRoll {
        yaw_deg: wrapped_deg(yaw_deg + 180.0),
        pitch_deg: 180_f64.copysign(pitch_deg) - pitch_deg,
        roll_deg: wrapped_deg(roll_deg + 180.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::header;
    use super::*;

    fn look_of(yaw_deg: f64, pitch_deg: f64, roll_deg: f64) -> Look {
        let mut frame = header("a.jpg");
        frame.gimbal = Some(YawPitchRoll {
            yaw_deg,
            pitch_deg,
            roll_deg,
        });
        look(&frame).expect("the gimbal says it")
    }

    fn near(found: &Look, expected: [f64; 3], tilt_deg: f64) {
        let a = found.angles;
        let all = [a.yaw_deg, a.pitch_deg, a.roll_deg, found.tilt_deg];
        let [yaw, pitch, roll] = expected;
        for (f, e) in all.iter().zip([yaw, pitch, roll, tilt_deg]) {
            assert!((f - e).abs() < 1e-6, "{found:?} {expected:?}");
        }
    }

    #[test]
    fn plain_angles_stay_what_they_are() {
        near(&look_of(10.0, -80.0, 3.0), [10.0, -80.0, 3.0], {
            // cos(tilt) = sin(80°): roll turns about the optical axis.
            10.0
        });
        near(&look_of(-120.0, 0.0, 0.0), [-120.0, 0.0, 0.0], 90.0);
        near(&look_of(30.0, 15.0, -2.0), [30.0, 15.0, -2.0], 105.0);
    }

    #[test]
    fn roll_180_at_nadir_is_the_same_view_as_roll_0() {
        // A Matrice 4T in flight: roll 180, yaw 100.9 where the aircraft has −79.3.
        near(&look_of(100.9, -90.0, 180.0), [-79.1, -90.0, 0.0], 0.0);
        near(&look_of(100.9, -89.5, 180.0), [-79.1, -90.5, 0.0], 0.5);
    }

    #[test]
    fn a_file_without_angles_has_no_look() {
        assert_eq!(look(&header("a.jpg")), None);
    }
}
