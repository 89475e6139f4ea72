//! Columns, kinds of geometry, and values.

use rusqlite::ToSql;
use rusqlite::types::ToSqlOutput;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Real number.
    Real,
    /// Integer.
    Integer,
    /// Boolean, inserted as integer 0 or 1.
    Boolean,
}

/// A column of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name: letters, digits and `_`; ends in its unit.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// What it means, for readers that show it.
    pub description: Option<String>,
}

impl Column {
    /// A column without description.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
            description: None,
        }
    }

    /// Adds what it means.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

/// Geometry of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeometryKind {
    /// A table without geometry.
    None,
    /// Points.
    Point,
    /// Polygons of one part.
    Polygon,
    /// Polygons of any number of parts; single ones are inserted as one part.
    MultiPolygon,
}

/// A value to insert.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Unknown.
    Null,
    /// Text.
    Text(String),
    /// Real number; not finite becomes NULL.
    Real(f64),
    /// Integer or boolean.
    Integer(i64),
}

impl From<Option<f64>> for Value {
    fn from(value: Option<f64>) -> Self {
        value.map_or(Self::Null, Self::Real)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        value.map_or(Self::Null, Self::Text)
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Real(value) if value.is_finite() => value.to_sql(),
            Self::Integer(value) => value.to_sql(),
            Self::Null | Self::Real(_) => Ok(ToSqlOutput::from(rusqlite::types::Null)),
        }
    }
}
