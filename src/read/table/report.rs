//! All faults and warnings of one file.

use std::fmt;

use super::Place;
use crate::problem::{Kind, Problem};

/// What was read with its warnings, or all faults of the file.
pub type Outcome<T> = std::result::Result<(T, Vec<Problem>), Vec<Problem>>;

/// Faults told one by one; the rest is counted.
const MAX_TOLD: usize = 200;

/// Faults and warnings kept, each; the rest is counted: a table of a million wrong rows would fill
/// the memory.
const MAX_KEPT: usize = 5_000;

/// Collects the faults and warnings of one file, so that all are told at once.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    faults: Vec<Problem>,
    warnings: Vec<Problem>,
    /// Faults and warnings that are counted only.
    more: [usize; 2],
}

impl Report {
    /// For a file, named as in messages.
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            faults: Vec::new(),
            warnings: Vec::new(),
            more: [0; 2],
        }
    }

    /// The file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Faults so far, the first thousands.
    pub fn faults(&self) -> &[Problem] {
        &self.faults
    }

    /// Number of faults so far.
    pub fn fault_count(&self) -> usize {
        self.faults.len() + self.more[0]
    }

    /// Warnings so far, the first thousands.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Adds a fault; the file is filled in.
    pub fn fault(&mut self, problem: Problem) {
        match self.faults.len() < MAX_KEPT {
            true => self.faults.push(problem.in_file(&self.file)),
            false => self.more[0] += 1,
        }
    }

    /// Adds a warning; the file is filled in.
    pub fn warn(&mut self, problem: Problem) {
        match self.warnings.len() < MAX_KEPT {
            true => self.warnings.push(problem.in_file(&self.file)),
            false => self.more[1] += 1,
        }
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
            Ok((value, shortened(self.warnings, self.more[1], &self.file)))
        } else {
            Err(shortened(self.faults, self.more[0], &self.file))
        }
    }

    /// Ends the reading on a fault that leaves nothing to go on with.
    pub fn stop<T>(mut self, problem: Problem) -> Outcome<T> {
        self.faults.push(problem.in_file(&self.file));
        Err(shortened(self.faults, self.more[0], &self.file))
    }
}

fn in_cell(place: Place, column: &str, what: impl fmt::Display) -> Problem {
    Problem::setting(what.to_string()).field(format!("{place}, column {column}"))
}

fn shortened(mut problems: Vec<Problem>, more: usize, file: &str) -> Vec<Problem> {
    if problems.len() > MAX_TOLD {
        let left = problems.len() - MAX_TOLD + more;
        problems.truncate(MAX_TOLD);
        let what = format!("has {left} more of these");
        problems.push(Problem::new(Kind::Setting, what).in_file(file));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_very_many_faults_the_first_are_kept_and_all_are_counted() {
        let mut report = Report::new("a.csv");
        for line in 0..20_000 {
            report.fault_at(Place::Line(line), "is wrong", None);
            report.warn_at(Place::Line(line), "is odd");
        }
        assert_eq!(report.fault_count(), 20_000);
        assert!(report.faults().len() <= MAX_KEPT && report.warnings().len() <= MAX_KEPT);
        let told = report.finish(()).expect_err("faults");
        assert_eq!(told.len(), MAX_TOLD + 1);
        let last = told.last().expect("told");
        assert_eq!(last.what, "has 19800 more of these");
    }
}
