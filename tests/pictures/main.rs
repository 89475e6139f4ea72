//! Thermal files of every kind: read, inspected, converted.
#![allow(clippy::panic, clippy::print_stderr, clippy::print_stdout)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../handmade/mod.rs"]
mod handmade;
#[path = "../sha256/mod.rs"]
mod sha256;

mod convert;
mod dji;
mod envi_frames;
mod every_file;
mod flir_extras;
mod frames;
mod inspect;
mod inspections;
mod radiometry;
mod sequences;
mod tiff_frames;
