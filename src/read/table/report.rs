//! All faults and warnings of one file.

use std::fmt;

use super::Place;
use crate::problem::{Kind, Problem};

/// What was read with its warnings, or all faults of the file.
pub type Outcome<T> = std::result::Result<(T, Vec<Problem>), Vec<Problem>>;

/// Faults told one by one; the rest is counted.
const MAX_TOLD: usize = 200;

/// Collects the faults and warnings of one file, so that all are told at once.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    faults: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Report {
    /// For a file, named as in messages.
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Faults so far.
    pub fn faults(&self) -> &[Problem] {
        &self.faults
    }

    /// Warnings so far.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Adds a fault; the file is filled in.
    pub fn fault(&mut self, problem: Problem) {
        self.faults.push(problem.in_file(&self.file));
    }

    /// Adds a warning; the file is filled in.
    pub fn warn(&mut self, problem: Problem) {
        self.warnings.push(problem.in_file(&self.file));
    }

    /// Adds a fault of one record.
    pub fn fault_at(&mut self, place: Place, what: impl Into<String>, hint: Option<&str>) {
        let mut problem = Problem::setting(what).field(place.to_string());
        problem.hint = hint.map(str::to_string);
        self.fault(problem);
    }

    /// Adds a warning of one record.
    pub fn warn_at(&mut self, place: Place, what: impl Into<String>) {
        self.warn(Problem::setting(what).field(place.to_string()));
    }

    /// Adds a fault of one cell: `column` as the file calls it.
    pub fn fault_in(&mut self, place: Place, column: &str, what: impl fmt::Display) {
        self.fault(in_cell(place, column, what));
    }

    /// Adds a warning of one cell: `column` as the file calls it.
    pub fn warn_in(&mut self, place: Place, column: &str, what: impl fmt::Display) {
        self.warn(in_cell(place, column, what));
    }

    /// The value with the warnings, or all faults (a few hundred told, the rest counted).
    ///
    /// # Errors
    /// Any fault was added.
    pub fn finish<T>(self, value: T) -> Outcome<T> {
        if self.faults.is_empty() {
            Ok((value, shortened(self.warnings, &self.file)))
        } else {
            Err(shortened(self.faults, &self.file))
        }
    }

    /// Ends the reading on a fault that leaves nothing to go on with.
    pub fn stop<T>(mut self, problem: Problem) -> Outcome<T> {
        self.faults.push(problem.in_file(&self.file));
        Err(shortened(self.faults, &self.file))
    }
}

fn in_cell(place: Place, column: &str, what: impl fmt::Display) -> Problem {
    Problem::setting(what.to_string()).field(format!("{place}, column {column}"))
}

fn shortened(mut problems: Vec<Problem>, file: &str) -> Vec<Problem> {
    if problems.len() > MAX_TOLD {
        let left = problems.len() - MAX_TOLD;
        problems.truncate(MAX_TOLD);
        let what = format!("has {left} more of these");
        problems.push(Problem::new(Kind::Setting, what).in_file(file));
    }
    problems
}
