//! The audit on site: visits run from pictures and `findings.csv` to sheets.
#![allow(clippy::panic, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/pages.rs"]
mod pages;

mod bad_rows;
mod fused;
mod init;
mod joined;
mod pages_of_visits;
mod project;
mod real_files;
mod sheets;
mod truth;
