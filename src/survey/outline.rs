//! Building outlines.

use geo::MultiPolygon;

/// A building outline with what the input says of it. Façade line at ground level, not the roof
/// edge (flemish-data.md §2.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Key; stays text everywhere.
    pub oidn: String,
    /// Name, when given.
    pub name: Option<String>,
    /// Geometry, project CRS, metres.
    pub polygon: MultiPolygon<f64>,
    /// Roof material, when given.
    pub material: Option<String>,
    /// Known U-value, W/m²K, when given.
    pub u_value: Option<f64>,
    /// Indoor temperature, °C, when given.
    pub indoor_c: Option<f64>,
    /// Eave height over ground, metres, when given.
    pub height_m: Option<f64>,
    /// Roof of known U that may anchor the flight.
    pub reference: bool,
    /// Key of this drawing of the building (GRB `UIDN`), when given: another one is another form.
    pub uidn: Option<String>,
    /// Day of this drawing (GRB `VERSDATUM`) as the table has it, when given.
    pub version_date: Option<String>,
}

impl Outline {
    /// A building of which nothing is known but its key and its form (project CRS, metres).
    pub fn new(oidn: impl Into<String>, polygon: MultiPolygon<f64>) -> Self {
        Self {
            oidn: oidn.into(),
            name: None,
            polygon,
            material: None,
            u_value: None,
            indoor_c: None,
            height_m: None,
            reference: false,
            uidn: None,
            version_date: None,
        }
    }
}
