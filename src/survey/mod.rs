//! Nouns known before anything is computed: frames as files hold them, cameras, companies,
//! outlines, weather, the auditor's verdicts and findings.

mod company;
mod finding;
mod frame;
mod instants;
mod outline;
pub mod reference;
mod review;
mod tags;
mod thermogram;
mod weather;

pub use company::{Company, Heated, Language, Link, Participation, Sharing};
pub use finding::{
    Alarm, Certainty, Cover, ElectricalFacts, Finding, FindingKind, FindingStatus, Qualification,
    Standing, View,
};
pub use frame::{
    AirCoefficients, CameraIdentity, CaptureTime, Counts, Encoding, Fix, FoundParameters,
    FrameHeader, GivenAngles, GivenPose, Planck, RawFrame, Rtk, SurveyedPoint, TimeSource,
    VendorAir, YawPitchRoll,
};
pub use instants::instants;
pub use outline::Outline;
pub use review::{HotspotKind, Review, Ruling, Subject};
pub use tags::{FileTags, StoredTag, XmpProperty};
pub use thermogram::{
    Extras, MeasurementTool, PictureInPicture, StoredPalette, ToolKind, VisibleFormat, VisibleImage,
};
pub use weather::{Conditions, Share, Station, Weather, WeatherRecord};
