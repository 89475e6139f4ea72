//! What a thermographer writes down of one finding on site: a row of `findings.csv`.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::{FoundParameters, MeasurementTool};

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum FindingKind {
    Building,
    Electrical,
    Mechanical,
    SteamTrap,
    Pipe,
    Pv,
    Other,
}

impl FindingKind {
    /// All kinds in the order of a sheet.
    pub const ALL: [Self; 7] = [
        Self::Electrical,
        Self::Building,
        Self::Mechanical,
        Self::SteamTrap,
        Self::Pipe,
        Self::Pv,
        Self::Other,
    ];

    /// The word of the `kind` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Electrical => "electrical",
            Self::Mechanical => "mechanical",
            Self::SteamTrap => "steam-trap",
            Self::Pipe => "pipe",
            Self::Pv => "pv",
            Self::Other => "other",
        }
    }
}

/// How sure the stated cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Certainty {
    Likely,
    Possible,
    Uncertain,
}

/// What became of a finding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingStatus {
    /// To be dealt with.
    #[default]
    Open,
    /// Looked at again.
    Checked,
    /// Dealt with.
    Solved,
}

impl FindingStatus {
    /// The word of the `status` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Checked => "checked",
            Self::Solved => "solved",
        }
    }
}

/// What stood between camera and component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cover {
    /// Nothing.
    Open,
    /// A window that lets infrared through.
    Window,
    /// A closed cover: the component itself was not seen.
    Closed,
}

/// How thermogram and visible picture are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Beside each other, on the same field of view.
    #[default]
    SideBySide,
    /// The visible picture under a half transparent thermogram.
    Blended,
    /// The edges of the visible picture drawn on the thermogram.
    Edges,
    /// The thermogram in its place on the whole visible picture.
    PictureInPicture,
}

/// Temperatures shown in a colour of their own, °C.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alarm {
    /// Everything above.
    Above(f64),
    /// Everything below.
    Below(f64),
    /// An isotherm: everything between.
    Between(f64, f64),
    /// Where the surface humidity would pass 80 % (below that surface temperature).
    Mould,
    /// Below the dew point.
    Dew,
}

/// Electrical columns of a row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ElectricalFacts {
    /// Board or cabinet.
    pub board: String,
    /// Circuit.
    pub circuit: String,
    /// Phase, or phases in the order of the markers, e.g. `L1/L2/L3`.
    pub phase: String,
    /// Current at the time of the picture, A.
    pub current_a: Option<f64>,
    /// Rated current, A; above 0.
    pub rated_a: Option<f64>,
    /// Currents of L1, L2, L3, A.
    pub phase_currents_a: [Option<f64>; 3],
    /// Current of the neutral, A.
    pub neutral_a: Option<f64>,
    /// Voltage, V.
    pub voltage_v: Option<f64>,
    /// Maker.
    pub manufacturer: String,
    /// What stood between camera and component.
    pub cover: Option<Cover>,
    /// Highest permitted temperature of the component, °C.
    pub limit_c: Option<f64>,
}

/// One row of `findings.csv`. Unknown is `None` or an empty text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// Where the row stands, for messages, e.g. `line 4`.
    pub place: String,
    /// File name of the thermogram in the visit's folder.
    pub image: String,
    /// The auditor's own id.
    pub finding_id: String,
    /// Company.
    pub company_id: String,
    /// What it is about; `None` where the row does not say.
    pub kind: Option<FindingKind>,
    /// Place in plain words.
    pub location: String,
    /// Component or building part.
    pub component: String,
    /// A marker of the same picture (`Sp2`), or another picture.
    pub reference: String,
    /// What is seen.
    pub observation: String,
    /// What to do.
    pub recommendation: String,
    /// Likely cause.
    pub cause: String,
    /// How sure that is.
    pub certainty: Option<Certainty>,
    /// Who acts.
    pub action_by: String,
    /// Until when, as written or a date.
    pub term: String,
    /// The auditor's own severity 1–4 (electrical: 1–4 as P4–P1); it wins.
    pub severity: Option<u8>,
    /// What became of it.
    pub status: Option<FindingStatus>,
    /// Hotspot of a flight.
    pub hotspot_id: String,
    /// Whether that hotspot was found on site; `None` with a hotspot means yes.
    pub hotspot_found: Option<bool>,
    /// Local time, where the file's is wrong.
    pub time: Option<DateTime>,
    /// File name of a photo taken beside it.
    pub visible_image: String,
    /// Label of the camera's marker that is the object; empty for the first marker.
    pub object: String,
    /// Own markers, raw pixels, in the order written.
    pub markers: Vec<MeasurementTool>,
    /// Radiometric parameters of this row.
    pub radiometry: FoundParameters,
    /// Whether the camera stood outside; `None` where the row does not say.
    pub outside: Option<bool>,
    /// Air inside, °C.
    pub indoor_c: Option<f64>,
    /// Air outside, °C.
    pub outdoor_c: Option<f64>,
    /// Wind, m/s.
    pub wind_m_s: Option<f64>,
    /// Storey.
    pub storey: String,
    /// Direction the part faces.
    pub orientation: String,
    /// Humidity inside, fraction 0–1.
    pub indoor_humidity: Option<f64>,
    /// Pressure inside against outside, Pa.
    pub pressure_pa: Option<f64>,
    /// The same view before the pressure was lowered.
    pub before_image: String,
    /// Area viewed, or of the object, m².
    pub area_m2: Option<f64>,
    /// Electrical columns.
    pub electrical: ElectricalFacts,
    /// State of a machine.
    pub operating_state: String,
    /// Load, fraction of the rated one.
    pub load: Option<f64>,
    /// Steam pressure, bar absolute.
    pub steam_pressure_bar: Option<f64>,
    /// Irradiance in the plane of the modules, W/m².
    pub irradiance_w_m2: Option<f64>,
    /// How the pictures are shown; `None` takes the setting.
    pub view: Option<View>,
    /// Colour alarm; `None` takes the setting.
    pub alarm: Option<Alarm>,
}

/// Who released the findings (interface.md §5 `[release]`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qualification {
    /// Name; empty while nobody released.
    pub name: String,
    /// Function.
    pub function: String,
    /// Scheme, e.g. `ISO 18436-7` or `EN ISO 9712`.
    pub scheme: String,
    /// Category or level as written.
    pub level: String,
    /// Number of the certificate.
    pub number: String,
    /// Sector.
    pub sector: String,
    /// Last day of the certificate.
    pub expires: Option<Date>,
    /// Day of release.
    pub date: Option<Date>,
}

/// What a person may do with findings (scoring.md §18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nobody is named.
    Nobody,
    /// Level or category I: records, releases nothing.
    RecordsOnly,
    /// No level is stated: nothing to release by.
    LevelUnknown,
    /// At least level or category II.
    Releases,
}

impl Qualification {
    /// What the person named may do. Levels are read as `2`, `II`, `level 2`, `categorie II` and
    /// the like.
    pub fn standing(&self) -> Standing {
        if self.name.is_empty() {
            return Standing::Nobody;
        }
        match level_of(&self.level) {
            Some(1) => Standing::RecordsOnly,
            Some(_) => Standing::Releases,
            None => Standing::LevelUnknown,
        }
    }

    /// Whether findings are interpreted on this person's word.
    pub fn releases(&self) -> bool {
        self.standing() == Standing::Releases
    }

    /// Whether the certificate had run out on a day.
    pub fn expired_on(&self, day: Date) -> bool {
        !self.name.is_empty() && self.expires.is_some_and(|last| last < day)
    }
}

/// Level 1–3 from a text.
fn level_of(text: &str) -> Option<u8> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let mut levels = words.filter_map(|word| match word.to_uppercase().as_str() {
        "1" | "I" => Some(1),
        "2" | "II" => Some(2),
        "3" | "III" => Some(3),
        _ => None,
    });
    let first = levels.next()?;
    levels.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn person(level: &str) -> Qualification {
        Qualification {
            name: "An Voorbeeld".into(),
            level: level.into(),
            expires: Some(date(2026, 6, 30)),
            ..Qualification::default()
        }
    }

    #[test]
    fn only_level_two_and_three_release() {
        assert_eq!(Qualification::default().standing(), Standing::Nobody);
        for level in ["2", "II", "niveau 2", "Category III", "level-2"] {
            assert!(person(level).releases(), "{level}");
        }
        assert_eq!(person("categorie I").standing(), Standing::RecordsOnly);
        for level in ["", "expert", "1 of 2", "12"] {
            assert_eq!(person(level).standing(), Standing::LevelUnknown, "{level}");
        }
    }

    #[test]
    fn a_certificate_holds_to_the_end_of_its_last_day() {
        assert!(!person("2").expired_on(date(2026, 6, 30)));
        assert!(person("2").expired_on(date(2026, 7, 1)));
    }
}
