//! What went wrong, where, and what to do about it.
//!
//! A `Problem` is made where the bytes or the setting are known; the caller adds the path once.
//! It knows no domain type: that is how error modules knot a crate.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What sort of problem it is; decides the exit code together with the place it occurs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The file is damaged or contradicts itself.
    Broken,
    /// A well-formed file of a kind that is not read (yet).
    Unsupported,
    /// A setting or input table is wrong or missing.
    Setting,
    /// The operating system refused (missing file, permission).
    Io,
    /// No space is left on the disk: nothing more can be written, by whatever part.
    DiskFull,
    /// The user asked to end: no fault, and what is finished stays.
    Interrupted,
}

/// One problem: file, field, what was found and expected, and a hint what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What sort of problem.
    pub kind: Kind,
    /// File it occurred in, relative to the project where possible.
    pub file: Option<String>,
    /// Field, column, key or byte position inside the file.
    pub field: Option<String>,
    /// What was found and what was expected, one sentence without a full stop.
    pub what: String,
    /// What the user can do, one sentence.
    pub hint: Option<String>,
}

/// Result with a [`Problem`].
pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    /// A problem of the given kind.
    pub fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self {
            kind,
            file: None,
            field: None,
            what: what.into(),
            hint: None,
        }
    }

    /// A damaged file.
    pub fn broken(what: impl Into<String>) -> Self {
        Self::new(Kind::Broken, what)
    }

    /// A file that is not read.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported, what)
    }

    /// A wrong or missing setting or input.
    pub fn setting(what: impl Into<String>) -> Self {
        Self::new(Kind::Setting, what)
    }

    /// A refusal of the operating system.
    pub fn io(what: impl Into<String>) -> Self {
        Self::new(Kind::Io, what)
    }

    /// The end that the user asked for.
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted")
    }

    /// Whether nothing that comes after it can work either, so that it is no matter of one file.
    pub fn ends_everything(&self) -> bool {
        matches!(self.kind, Kind::DiskFull | Kind::Interrupted)
    }

    /// Adds the file, unless one is named already.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file.get_or_insert_with(|| file.into());
        self
    }

    /// Adds the field, unless one is named already.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field.get_or_insert_with(|| field.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{}", self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Self::new(Kind::DiskFull, error.to_string()),
            _ => Self::io(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_field_and_hint_in_that_order() {
        let problem = Problem::broken("is 0, expected > 0")
            .field("PlanckR1")
            .in_file("a.jpg")
            .in_file("ignored.jpg")
            .hint("export again");
        assert_eq!(
            problem.to_string(),
            "a.jpg: PlanckR1: is 0, expected > 0\n  hint: export again"
        );
    }
}
