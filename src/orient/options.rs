//! Settings of this stage.

use serde::Deserialize;

/// Which yaw to believe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum YawSource {
    /// The gimbal's, unless it and the aircraft's differ and overlapping frames agree better
    /// under the aircraft's.
    #[default]
    Auto,
    /// The gimbal's.
    Gimbal,
    /// The aircraft's.
    Flight,
}

/// What the absolute altitudes in the files are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerticalDatum {
    /// Fixed carrier-phase solutions are over the ellipsoid; else relative altitudes where the
    /// files have them; else absolute ones over mean sea level.
    #[default]
    Auto,
    /// Over Ostend level (TAW), or the height system of the project outside Belgium.
    Taw,
    /// Over the ellipsoid.
    Ellipsoid,
    /// Over mean sea level (EGM96).
    Msl,
    /// Not used: the take-off height plus the relative altitude is.
    Relative,
}

/// Settings of exterior orientation.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Which yaw to believe.
    pub yaw_source: YawSource,
    /// What the absolute altitudes are.
    pub vertical_datum: VerticalDatum,
    /// Height of the take-off point, metres in the project's height system; `None` takes the
    /// ground under the first frame.
    pub takeoff_height_m: Option<f64>,
    /// Frames tilted more than this off nadir are kept out of the mosaic, degrees.
    pub max_oblique_deg: f64,
    /// Horizontal 1σ of positions, metres; `None` takes what the receivers say.
    pub gnss_sigma_m: Option<f64>,
    /// Rotation of the camera against what the gimbal states, degrees: yaw, pitch, roll in the
    /// camera's frame (see [`boresight`](super::pose::boresight)).
    pub boresight_deg: [f64; 3],
    /// From the antenna to the camera, metres: forward, right, down in the aircraft's frame.
    pub lever_m: [f64; 3],
    /// How long after the recorded position the exposure was, seconds.
    pub trigger_lag_s: f64,
    /// Planned height above ground, metres; a flight more than 20 % off is refused.
    pub planned_agl_m: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            yaw_source: YawSource::Auto,
            vertical_datum: VerticalDatum::Auto,
            takeoff_height_m: None,
            max_oblique_deg: 35.0,
            gnss_sigma_m: None,
            boresight_deg: [0.0; 3],
            lever_m: [0.0; 3],
            trigger_lag_s: 0.0,
            planned_agl_m: None,
        }
    }
}
