//! A company site, its consent, and its tie to buildings.

use geo::MultiPolygon;

/// Whether a company takes part; empty cells mean no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Participation {
    /// Takes part: gets a sheet.
    Yes,
    /// Does not take part.
    #[default]
    No,
    /// Took part once and withdrew: its sheet is removed.
    Withdrawn,
}

/// What the association may see of a company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing.
    #[default]
    No,
    /// The class only.
    Class,
    /// Everything.
    Full,
}

/// Whether a building is heated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Heated {
    /// Heated.
    Yes,
    /// In part.
    Partly,
    /// Not heated.
    No,
}

/// Language of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// Dutch (nl-BE).
    Nl,
    /// French (fr-BE).
    Fr,
    /// English.
    En,
    /// German (de-BE).
    De,
}

impl Language {
    /// From the two-letter code, any case.
    pub fn from_code(code: &str) -> Option<Self> {
        match code.trim().to_ascii_lowercase().as_str() {
            "nl" => Some(Self::Nl),
            "fr" => Some(Self::Fr),
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            _ => None,
        }
    }

    /// The two-letter code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::Fr => "fr",
            Self::En => "en",
            Self::De => "de",
        }
    }
}

/// One row of the company list: one company site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Company {
    /// Key and folder name, `[A-Za-z0-9_-]{1,32}`.
    pub company_id: String,
    /// Name as printed.
    pub name: String,
    /// Enterprise number, 10 digits, checked modulo 97; empty when not given.
    pub enterprise_number: String,
    /// Establishment unit number, 10 digits; empty when not given.
    pub establishment_number: String,
    /// Address as printed, one line (from `address` or its parts).
    pub address: String,
    /// Language of the sheet; `None` takes the project's.
    pub language: Option<Language>,
    /// Consent.
    pub participates: Participation,
    /// Explicit building keys.
    pub buildings: Vec<String>,
    /// Keys of its cadastral parcels (CAPAKEY).
    pub parcels: Vec<String>,
    /// When consent was given, as written; empty when not given.
    pub consent_date: String,
    /// Who gave it, as written.
    pub consent_by: String,
    /// Indoor temperature, °C.
    pub indoor_c: Option<f64>,
    /// Heated.
    pub heated: Option<Heated>,
    /// Gas price, EUR per kWh gross.
    pub gas_price_eur_kwh: Option<f64>,
    /// What the association may see.
    pub sharing: Sharing,
    /// Local hour at which heating stops, hours after midnight.
    pub heating_off_h: Option<f64>,
    /// Ceiling height, metres.
    pub ceiling_height_m: Option<f64>,
    /// Roof material as the company states it.
    pub material: Option<String>,
    /// Contact name; used only where consented.
    pub contact_name: String,
    /// Contact e-mail; used only in the mail merge.
    pub contact_email: String,
    /// Remark.
    pub remark: String,
}

/// Company ↔ building.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Company key.
    pub company_id: String,
    /// Building key.
    pub oidn: String,
    /// Share of the building, 0–1.
    pub share: Option<f64>,
    /// Part of the building that is the company's, project CRS.
    pub zone: Option<MultiPolygon<f64>>,
    /// How the link was made: `buildings`, `links.csv`.
    pub method: &'static str,
    /// 0–1.
    pub confidence: f64,
}
