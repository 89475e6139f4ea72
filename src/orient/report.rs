//! What this stage found out about a flight, for the quality report.

use super::YawSource;

/// Where the camera heights came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum HeightSource {
    /// No frame has a height.
    #[default]
    None,
    /// The pose file.
    Given,
    /// Absolute altitude over the ellipsoid minus the geoid.
    Ellipsoid,
    /// Take-off height plus relative altitude.
    Relative,
    /// Absolute altitude, taken to be over mean sea level.
    Msl,
    /// Absolute altitude, taken to be in the project's height system.
    Taw,
}

impl HeightSource {
    /// In words, for reports.
    pub fn words(self) -> &'static str {
        match self {
            HeightSource::None => "none",
            HeightSource::Given => "the pose file",
            HeightSource::Ellipsoid => "altitude over the ellipsoid minus the geoid hBG18",
            HeightSource::Relative => "take-off height plus relative altitude",
            HeightSource::Msl => "absolute altitude over mean sea level",
            HeightSource::Taw => "absolute altitude as TAW",
        }
    }
}

/// How the camera heights were found.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct HeightReport {
    /// Where they came from, for frames that the pose file does not give.
    pub source: HeightSource,
    /// Height of the take-off point, metres, where it was needed or known.
    pub takeoff_m: Option<f64>,
    /// Where that came from, in words.
    pub takeoff_from: String,
    /// Median of the height by the other kind of altitude minus the one used, metres.
    pub other_minus_used_m: Option<f64>,
    /// Median height above ground, metres.
    pub agl_m: Option<f64>,
}

/// How the yaw was chosen.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct YawReport {
    /// The source used; `Auto` when no frame has two to choose from.
    pub source: YawSource,
    /// Median of gimbal minus flight yaw at nadir, degrees.
    pub gimbal_minus_flight_deg: Option<f64>,
    /// Mean correlation of overlapping frames under the gimbal's yaw, −1 to 1.
    pub gimbal_score: Option<f64>,
    /// The same under the aircraft's.
    pub flight_score: Option<f64>,
    /// Pairs of frames compared.
    pub pairs: usize,
}

/// How many feature matches each reading of the attitudes explains.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AttitudeReport {
    /// Turns of the camera in its mount that were tried, degrees clockwise, with the share of the
    /// matches each explains and its median miss on the ground, metres.
    pub readings: Vec<(f64, f64, f64)>,
    /// The turn used.
    pub turn_deg: f64,
    /// Pairs of frames compared; 0 where nothing was in doubt or too few match.
    pub pairs: usize,
}

/// Result of exterior orientation for the quality report.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct OrientReport {
    /// Frames placed.
    pub placed: usize,
    /// Frames kept out as oblique.
    pub oblique: usize,
    /// Frames without position, attitude or lens.
    pub unplaced: usize,
    /// Frames placed by the pose file.
    pub given: usize,
    /// Whether the pose file gives another camera of the rig, taken with each frame.
    pub rig: bool,
    /// Frames taken to look straight down because nothing says otherwise.
    pub assumed_nadir: usize,
    /// Heights.
    pub height: HeightReport,
    /// Yaw.
    pub yaw: YawReport,
    /// How the attitudes are read.
    pub attitude: AttitudeReport,
    /// Median horizontal 1σ of the placed frames, metres.
    pub sigma_xy_m: Option<f64>,
    /// Median vertical 1σ, metres.
    pub sigma_z_m: Option<f64>,
    /// Cameras met, each with where its focal length came from.
    pub cameras: Vec<String>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// Median; `None` of nothing. Values that are not numbers are left out.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(values[n / 2]),
        _ => Some(0.5 * (values[n / 2 - 1] + values[n / 2])),
    }
}
