//! What people put in: tables, outlines, registers, settings, links.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../sheet_files/mod.rs"]
mod sheet_files;
#[path = "../vector_files/mod.rs"]
mod vector_files;

mod attach_run;
mod attach_speed;
mod bad_input;
mod cases;
mod check;
mod files;
mod hostile_project;
mod hostile_tables;
mod init;
mod inputs_speed;
mod registers;
mod schemas;
mod tables;
