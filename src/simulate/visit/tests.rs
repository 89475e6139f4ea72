//! Promises of the visits.
