//! What a person says of a hotspot or a roof.

use jiff::civil::Date;

/// Kind of a hotspot (interface.md §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum HotspotKind {
    Insulation,
    Moisture,
    Linear,
    AirLeak,
    Installation,
    Rooflight,
    Process,
    Edge,
    Unknown,
}

impl HotspotKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Insulation,
        Self::Moisture,
        Self::Linear,
        Self::AirLeak,
        Self::Installation,
        Self::Rooflight,
        Self::Process,
        Self::Edge,
        Self::Unknown,
    ];

    /// The word of the `kind` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Insulation => "insulation",
            Self::Moisture => "moisture",
            Self::Linear => "linear",
            Self::AirLeak => "air-leak",
            Self::Installation => "installation",
            Self::Rooflight => "rooflight",
            Self::Process => "process",
            Self::Edge => "edge",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the object is explained, not a defect: listed apart, outside insulation loss.
    pub fn explained(self) -> bool {
        matches!(self, Self::Installation | Self::Rooflight | Self::Process)
    }
}

/// What a verdict is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A hotspot, by its id.
    Hotspot(String),
    /// A roof, by the key of its building.
    Roof(String),
}

impl Subject {
    /// The id or key.
    pub fn key(&self) -> &str {
        match self {
            Self::Hotspot(id) => id,
            Self::Roof(oidn) => oidn,
        }
    }
}

/// The word of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It is there, found again on site.
    Confirm,
    /// It is nothing, or the rating of the roof does not hold.
    Reject,
    /// It is something else, or weighs differently.
    Change,
}

impl Ruling {
    /// The word of the `verdict` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Reject => "reject",
            Self::Change => "change",
        }
    }
}

/// One row of the auditor's verdicts (interface.md §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Hotspot or roof.
    pub subject: Subject,
    /// Verdict.
    pub ruling: Ruling,
    /// Kind of a hotspot as the person sees it.
    pub kind: Option<HotspotKind>,
    /// Severity 1–5 as the person sees it.
    pub severity: Option<u8>,
    /// The person's own words; empty when none.
    pub text: String,
    /// Who; empty when not given.
    pub who: String,
    /// When.
    pub date: Option<Date>,
}
