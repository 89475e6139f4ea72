//! One exposure as its file holds it: counts, what the file says of the radiometry, position,
//! attitude and time. Nothing is believed or corrected here.

use crate::raster::Grid;

/// Raw samples of a frame, row-major.
#[derive(Clone, Debug, PartialEq)]
pub enum Counts {
    /// Detector counts or scaled integers.
    U16(Grid<u16>),
    /// Ready values (°C, K or as scaled); NaN is missing.
    F32(Grid<f32>),
}

/// Camera constants of `S = R1 / (R2 (exp(B/T) − F)) − O`, S in counts, T in kelvin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planck {
    /// R1, counts.
    pub r1: f64,
    /// R2, dimensionless.
    pub r2: f64,
    /// B, kelvin.
    pub b: f64,
    /// F, dimensionless.
    pub f: f64,
    /// O, counts.
    pub o: f64,
}

/// What the samples mean, as far as the file says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    /// Counts with Planck constants.
    Planck(Planck),
    /// Apparent temperature: °C = sample · scale + offset_c.
    Linear {
        /// Kelvin per count.
        scale: f64,
        /// °C at count 0.
        offset_c: f64,
    },
    /// Integers without any scale in the file: a scale must be set, never guessed.
    Unscaled,
    /// Not radiometric: contrast only (for example a Vue Pro without R).
    Relative,
}

impl Encoding {
    /// Sixteenths of a kelvin from absolute zero: DJI's cameras with the iirp core (formats.md
    /// §3.3).
    pub const SIXTEENTHS_OF_KELVIN: Encoding = Encoding::Linear {
        scale: 1.0 / 16.0,
        offset_c: -273.15,
    };
}

/// Coefficients of the air transmission of formats.md §1.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AirCoefficients {
    /// α1.
    pub alpha1: f64,
    /// α2.
    pub alpha2: f64,
    /// β1.
    pub beta1: f64,
    /// β2.
    pub beta2: f64,
    /// X.
    pub x: f64,
}

impl AirCoefficients {
    /// The usual values of the maker, used where a file carries none.
    pub const USUAL: AirCoefficients = AirCoefficients {
        alpha1: 0.006_569,
        alpha2: 0.012_62,
        beta1: -0.002_276,
        beta2: -0.006_67,
        x: 1.9,
    };
}

/// Radiometric parameters a file stores; often factory defaults, so they are only one voice.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FoundParameters {
    /// Emissivity.
    pub emissivity: Option<f64>,
    /// Object distance, metres.
    pub distance_m: Option<f64>,
    /// Reflected apparent temperature, °C.
    pub reflected_c: Option<f64>,
    /// Air temperature, °C.
    pub air_c: Option<f64>,
    /// Relative humidity, fraction 0–1.
    pub humidity: Option<f64>,
    /// Temperature of external optics, °C.
    pub window_c: Option<f64>,
    /// Transmission of external optics, 0–1.
    pub window_transmission: Option<f64>,
    /// Air transmission coefficients.
    pub air: Option<AirCoefficients>,
}

/// Who made the picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CameraIdentity {
    /// Maker.
    pub make: String,
    /// Model.
    pub model: String,
    /// Serial number; empty when the file has none.
    pub serial: String,
    /// Lens; empty when the file has none.
    pub lens: String,
}

/// Capture time as the file gives it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CaptureTime {
    /// A point in time (GPS time, or local time with a zone).
    Utc(jiff::Timestamp),
    /// The camera's clock without zone.
    Local(jiff::civil::DateTime),
}

/// Which of a file's clocks the capture time came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeSource {
    /// The drone's UTC at exposure (XMP `UTCAtExposure`).
    UtcAtExposure,
    /// GPS date and time.
    Gps,
    /// The clock of FLIR's camera record, with a zone.
    CameraRecord,
    /// EXIF's clock with a zone.
    ExifZone,
    /// XMP's date with a zone.
    Xmp,
    /// EXIF's clock without zone.
    ExifLocal,
    /// FLIR's camera record without a zone.
    CameraRecordLocal,
    /// A time in the file's own header (sequences, ENVI, IRB).
    FileHeader,
}

impl TimeSource {
    /// In words, for people.
    pub fn words(self) -> &'static str {
        match self {
            TimeSource::UtcAtExposure => "UTC at exposure (XMP)",
            TimeSource::Gps => "GPS",
            TimeSource::CameraRecord => "camera record with zone",
            TimeSource::ExifZone => "EXIF with zone",
            TimeSource::Xmp => "XMP with zone",
            TimeSource::ExifLocal => "EXIF, camera clock without zone",
            TimeSource::CameraRecordLocal => "camera record, clock without zone",
            TimeSource::FileHeader => "file header",
        }
    }
}

/// The maker's own model of the air, stored in a file: transmission over the target's temperature
/// and the distance (formats.md §3.3). Used only where it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct VendorAir {
    /// Distances, metres, rising.
    pub distances_m: Vec<f64>,
    /// Temperatures of the target, °C, rising.
    pub targets_c: Vec<f64>,
    /// Transmission, above 0 to 1: a row for each target temperature, in it one value for each
    /// distance.
    pub transmission: Vec<Vec<f64>>,
    /// Whether the air's temperature is a parameter of its own; older cores take the reflected
    /// temperature for it.
    pub own_air_temperature: bool,
}

/// State of the carrier-phase solution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rtk {
    /// No correction, or unknown.
    #[default]
    None,
    /// Single-point solution.
    Single,
    /// Float solution.
    Float,
    /// Fixed solution.
    Fixed,
}

/// Position as found, ETRS89/WGS84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    /// Longitude, degrees east.
    pub lon_deg: f64,
    /// Latitude, degrees north.
    pub lat_deg: f64,
    /// Absolute altitude, metres; which datum is a question of its own (georeferencing.md §3.2).
    pub absolute_m: Option<f64>,
    /// Height over the take-off point, metres.
    pub relative_m: Option<f64>,
    /// Solution state.
    pub rtk: Rtk,
    /// Horizontal 1σ the receiver states, metres.
    pub sigma_horizontal_m: Option<f64>,
    /// Vertical 1σ the receiver states, metres.
    pub sigma_vertical_m: Option<f64>,
}

/// Yaw, pitch and roll, degrees, order Z-Y-X in north-east-down (DJI: pitch −90 is nadir).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YawPitchRoll {
    /// Yaw, clockwise from true north.
    pub yaw_deg: f64,
    /// Pitch, up positive.
    pub pitch_deg: f64,
    /// Roll.
    pub roll_deg: f64,
}

/// Everything a file says of one exposure except its samples.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameHeader {
    /// File name, relative to the flight folder.
    pub name: String,
    /// Raw columns.
    pub width: usize,
    /// Raw rows.
    pub height: usize,
    /// Camera.
    pub camera: CameraIdentity,
    /// Focal length of the thermal lens, millimetres.
    pub focal_mm: Option<f64>,
    /// EXIF orientation, 1–8.
    pub orientation: u8,
    /// Capture time.
    pub time: Option<CaptureTime>,
    /// Which clock that is.
    pub time_source: Option<TimeSource>,
    /// Position; all-zero positions are `None`.
    pub fix: Option<Fix>,
    /// Gimbal attitude (drone-dji:Gimbal*).
    pub gimbal: Option<YawPitchRoll>,
    /// Aircraft attitude (drone-dji:Flight*).
    pub flight: Option<YawPitchRoll>,
    /// Camera attitude of other makers (Camera:Yaw/Pitch/Roll).
    pub mount: Option<YawPitchRoll>,
    /// Direction the camera looked (GPSImgDirection), degrees clockwise from north, true or
    /// magnetic as stored.
    pub heading_deg: Option<f64>,
    /// Velocity north, east, down, m/s.
    pub velocity_m_s: Option<[f64; 3]>,
    /// Radiometric parameters found.
    pub found: FoundParameters,
    /// Meaning of the samples.
    pub encoding: Encoding,
    /// The maker's own model of the air.
    pub vendor_air: Option<VendorAir>,
    /// What was odd but not fatal.
    pub warnings: Vec<String>,
}

impl FrameHeader {
    /// A header that says nothing but size and meaning of the samples.
    pub fn bare(width: usize, height: usize, encoding: Encoding) -> Self {
        Self {
            name: String::new(),
            width,
            height,
            camera: CameraIdentity::default(),
            focal_mm: None,
            orientation: 1,
            time: None,
            time_source: None,
            fix: None,
            gimbal: None,
            flight: None,
            mount: None,
            heading_deg: None,
            velocity_m_s: None,
            found: FoundParameters::default(),
            encoding,
            vendor_air: None,
            warnings: Vec::new(),
        }
    }
}

/// One exposure: header and samples.
#[derive(Clone, Debug, PartialEq)]
pub struct RawFrame {
    /// What the file says.
    pub header: FrameHeader,
    /// Samples, `header.width × header.height`.
    pub counts: Counts,
}

/// Angles of a pose file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GivenAngles {
    /// Photogrammetric omega, phi, kappa in the pose's projected CRS, degrees.
    OmegaPhiKappa([f64; 3]),
    /// Yaw, pitch, roll in the DJI convention (nadir is pitch −90), true north.
    YawPitchRoll(YawPitchRoll),
    /// Camera (x right, y down, z forward) to east, north, up (true north), row by row.
    Rotation([[f64; 3]; 3]),
}

/// A row of `poses.csv` or `geo.txt`.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenPose {
    /// File name of the frame.
    pub file: String,
    /// Easting or longitude, northing or latitude, height; height NaN when not given.
    pub position: [f64; 3],
    /// `EPSG:…` of the position; a geographic CRS means longitude, latitude, ellipsoidal height.
    pub crs: String,
    /// Attitude, when given.
    pub angles: Option<GivenAngles>,
    /// Horizontal and vertical 1σ, metres, when given.
    pub sigma_m: Option<[f64; 2]>,
}

/// A surveyed point and where it was clicked in frames.
#[derive(Clone, Debug, PartialEq)]
pub struct SurveyedPoint {
    /// Name.
    pub name: String,
    /// Easting or longitude, northing or latitude, height.
    pub place: [f64; 3],
    /// `EPSG:…` of the place.
    pub crs: String,
    /// File name and continuous pixel, column and row.
    pub pixels: Vec<(String, [f64; 2])>,
}
