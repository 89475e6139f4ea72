//! The promise: a thermal TIFF of any common layout is read as the program that wrote it meant it,
//! and never by a guessed scale.
//!
//! The files are written by GDAL, where it is installed, from numbers made here.

// Tests say what they skip.
#![allow(clippy::panic, clippy::print_stdout)]

use crate::common;
use crate::handmade;

use handmade::scene;
use std::path::{Path, PathBuf};
use std::process::Command;
use thermaudit::calibrate::{Parameters, to_kelvin};
use thermaudit::read::frame::frame;
use thermaudit::survey::{Counts, Encoding, RawFrame};

const WIDTH: u16 = 70;
const HEIGHT: u16 = 45;

/// GDAL's own flat format beside its header: the source of every file here.
fn flat(folder: &Path, name: &str, kind: u8, bytes: &[u8]) -> PathBuf {
    let header = format!(
        "ENVI\nsamples = {WIDTH}\nlines = {HEIGHT}\nbands = 1\ndata type = {kind}\n\
         interleave = bsq\nbyte order = 0\nheader offset = 0\n"
    );
    std::fs::write(folder.join(format!("{name}.hdr")), header).expect("writes");
    let path = folder.join(format!("{name}.img"));
    std::fs::write(&path, bytes).expect("writes");
    path
}

fn translate(from: &Path, to: &str, options: &[&str]) -> Vec<u8> {
    let to = from.with_file_name(to);
    let output = Command::new("gdal_translate")
        .args(["-q", "-of", "GTiff"])
        .args(options)
        .args([from, &to])
        .output()
        .expect("gdal_translate starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::read(to).expect("written")
}

fn counts(frame: &RawFrame) -> Vec<u16> {
    match &frame.counts {
        Counts::U16(grid) => grid.data().to_vec(),
        Counts::F32(_) => panic!("integers expected"),
    }
}

fn floats(frame: &RawFrame) -> Vec<f32> {
    match &frame.counts {
        Counts::F32(grid) => grid.data().to_vec(),
        Counts::U16(_) => panic!("floats expected"),
    }
}

const CELSIUS: Encoding = Encoding::Linear {
    scale: 1.0,
    offset_c: 0.0,
};

/// Every way GDAL stores integers and floats.
const LAYOUTS: [&[&str]; 9] = [
    &[],
    &["-co", "COMPRESS=LZW", "-co", "PREDICTOR=2"],
    &[
        "-co",
        "COMPRESS=DEFLATE",
        "-co",
        "PREDICTOR=2",
        "-co",
        "TILED=YES",
    ],
    &["-co", "COMPRESS=ZSTD", "-co", "BLOCKYSIZE=7"],
    &["-co", "COMPRESS=PACKBITS"],
    &["-co", "BIGTIFF=YES", "-co", "COMPRESS=LZW"],
    &["-co", "ENDIANNESS=BIG"],
    &[
        "-co",
        "ENDIANNESS=BIG",
        "-co",
        "COMPRESS=DEFLATE",
        "-co",
        "TILED=YES",
    ],
    &[
        "-co",
        "TILED=YES",
        "-co",
        "BLOCKXSIZE=16",
        "-co",
        "BLOCKYSIZE=32",
    ],
];

#[test]
fn every_layout_gives_the_same_samples() {
    if !common::has_program("gdal_translate") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let values = scene(WIDTH, HEIGHT, 3);
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let source = flat(folder.path(), "counts", 12, &bytes);
    let celsius: Vec<f32> = values
        .iter()
        .map(|v| f32::from(*v) / 100.0 - 27.3)
        .collect();
    let bytes: Vec<u8> = celsius.iter().flat_map(|v| v.to_le_bytes()).collect();
    let warm = flat(folder.path(), "celsius", 4, &bytes);
    for layout in LAYOUTS {
        let found = frame("a.tif", &translate(&source, "a.tif", layout)).expect("a frame");
        assert_eq!(counts(&found), values, "{layout:?}");
        assert_eq!(found.header.encoding, Encoding::Unscaled);
        let plain: Vec<&str> = layout
            .iter()
            .copied()
            .filter(|o| *o != "PREDICTOR=2")
            .collect();
        let plain: Vec<&str> = match plain.len() % 2 {
            0 => plain,
            _ => plain[..plain.len() - 1].to_vec(),
        };
        let found = frame("a.tif", &translate(&warm, "b.tif", &plain)).expect("a frame");
        assert_eq!(floats(&found), celsius, "{plain:?}");
        assert_eq!(found.header.encoding, CELSIUS);
    }
    let predicted = ["-co", "COMPRESS=DEFLATE", "-co", "PREDICTOR=3"];
    let found = frame("a.tif", &translate(&warm, "c.tif", &predicted)).expect("a frame");
    assert_eq!(floats(&found), celsius);
    let doubles = frame("a.tif", &translate(&warm, "d.tif", &["-ot", "Float64"]));
    assert_eq!(floats(&doubles.expect("a frame")), celsius);
}

#[test]
fn scale_offset_unit_and_nodata_of_gdal_are_obeyed() {
    if !common::has_program("gdal_translate") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut values = scene(WIDTH, HEIGHT, 4);
    values[7] = 0;
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let source = flat(folder.path(), "counts", 12, &bytes);
    let options = ["-a_scale", "0.01", "-a_offset", "-20", "-a_nodata", "0"];
    let found = frame("a.tif", &translate(&source, "a.tif", &options)).expect("a frame");
    let thermal = to_kelvin(&found, &Parameters::BARE).expect("a scale");
    let kelvin = thermal.kelvin.data();
    assert!(kelvin[7].is_nan());
    assert_eq!(thermal.invalid, 1);
    for (k, v) in kelvin.iter().zip(&values).filter(|(k, _)| !k.is_nan()) {
        let expected = f64::from(*v) * 0.01 - 20.0 + 273.15;
        assert!((f64::from(*k) - expected).abs() < 1e-4, "{k} {expected}");
    }
}

#[test]
fn kelvin_and_zeros_outside_the_picture_are_recognised() {
    if !common::has_program("gdal_translate") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut kelvin: Vec<f32> = scene(WIDTH, HEIGHT, 5)
        .iter()
        .map(|v| f32::from(*v) / 100.0 + 250.0)
        .collect();
    kelvin[..200].fill(0.0);
    let bytes: Vec<u8> = kelvin.iter().flat_map(|v| v.to_le_bytes()).collect();
    let source = flat(folder.path(), "kelvin", 4, &bytes);
    let found = frame("a.tif", &translate(&source, "a.tif", &[])).expect("a frame");
    assert!(found.header.warnings.iter().any(|w| w.contains("kelvin")));
    assert!(
        found
            .header
            .warnings
            .iter()
            .any(|w| w.contains("200 pixels"))
    );
    let thermal = to_kelvin(&found, &Parameters::BARE).expect("temperatures");
    assert_eq!(thermal.invalid, 200);
    assert!((thermal.kelvin.data()[200] - kelvin[200]).abs() < 1e-3);
}

#[test]
fn pages_and_bands_that_are_not_thermal_are_told_apart() {
    if !common::has_program("gdal_translate") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let values = scene(WIDTH, HEIGHT, 6);
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let source = flat(folder.path(), "counts", 12, &bytes);
    // A picture first, the counts behind it.
    let grey = ["-ot", "Byte", "-scale"];
    translate(&source, "pages.tif", &grey);
    let both = translate(&source, "pages.tif", &["-co", "APPEND_SUBDATASET=YES"]);
    let found = frame("a.tif", &both).expect("a frame");
    assert_eq!(counts(&found), values);
    assert!(found.header.warnings.iter().any(|w| w.contains("page 2")));
    let twice = translate(&source, "pages.tif", &["-co", "APPEND_SUBDATASET=YES"]);
    let found = frame("a.tif", &twice).expect("a frame");
    assert!(found.header.warnings.iter().any(|w| w.contains("2 pages")));
    let bands = translate(&source, "bands.tif", &["-b", "1", "-b", "1"]);
    let problem = frame("a.tif", &bands).expect_err("two bands");
    assert!(problem.what.contains("2 bands"), "{problem}");
}
