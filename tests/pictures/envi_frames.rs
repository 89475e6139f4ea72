//! The promise: ENVI rasters of line scanners are read in every order of bands, lines and bytes,
//! as frames where they have no place on the map and by windows where they have one.
//!
//! The files are written by GDAL, where it is installed, from numbers made here.

// Tests say what they skip.
#![allow(clippy::panic, clippy::print_stdout)]

use crate::common;
use crate::handmade;

use handmade::scene;
use std::path::{Path, PathBuf};
use std::process::Command;
use thermaudit::raster::Window;
use thermaudit::read::envi::{belongs_to_header, data_file};
use thermaudit::read::frame::file::FrameFile;
use thermaudit::read::tile::TileRaster;
use thermaudit::survey::{Counts, Encoding};

const WIDTH: u16 = 37;
const HEIGHT: u16 = 23;

/// A flat file and its header; the header's path.
fn flat(folder: &Path, name: &str, kind: u8, more: &str, bytes: &[u8]) -> PathBuf {
    std::fs::write(folder.join(format!("{name}.img")), bytes).expect("writes");
    let header = format!(
        "ENVI\nsamples = {WIDTH}\nlines = {HEIGHT}\nbands = 1\ndata type = {kind}\n{more}\n"
    );
    let path = folder.join(format!("{name}.hdr"));
    std::fs::write(&path, header).expect("writes");
    path
}

fn celsius() -> Vec<f32> {
    let counts = scene(WIDTH, HEIGHT, 3);
    counts
        .iter()
        .map(|v| f32::from(*v) / 100.0 - 27.3)
        .collect()
}

fn translate(from: &Path, to: &Path, options: &[&str]) {
    let output = Command::new("gdal_translate")
        .args(["-q", "-of", "ENVI"])
        .args(options)
        .args([from, to])
        .output()
        .expect("gdal_translate starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn values(header: &Path) -> Vec<f32> {
    let frame = FrameFile::open(header).expect("opens").frame(0);
    match frame.expect("a frame").counts {
        Counts::F32(grid) => grid.data().to_vec(),
        Counts::U16(grid) => grid.data().iter().map(|v| f32::from(*v)).collect(),
    }
}

#[test]
fn every_interleave_and_type_of_gdal_gives_the_same_values() {
    if !common::has_program("gdal_translate") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let expected = celsius();
    let bytes: Vec<u8> = expected.iter().flat_map(|v| v.to_le_bytes()).collect();
    flat(folder.path(), "a", 4, "byte order = 0", &bytes);
    let source = folder.path().join("a.img");
    for interleave in ["BSQ", "BIL", "BIP"] {
        for kind in ["Float32", "Float64"] {
            let to = folder.path().join(format!("{interleave}{kind}.dat"));
            let layout = format!("INTERLEAVE={interleave}");
            translate(&source, &to, &["-ot", kind, "-co", &layout]);
            assert_eq!(
                values(&to.with_extension("hdr")),
                expected,
                "{interleave} {kind}"
            );
        }
        // Three bands, told apart by their wavelengths.
        let to = folder.path().join(format!("{interleave}.bil"));
        let layout = format!("INTERLEAVE={interleave}");
        let bands = [
            "-b", "1", "-b", "1", "-b", "1", "-scale_1", "0", "1", "5", "6",
        ];
        translate(&source, &to, &[&bands[..], &["-co", &layout]].concat());
        let header = to.with_extension("hdr");
        let problem = FrameFile::open(&header).expect("opens").frame(0);
        assert!(problem.expect_err("three bands").what.contains("3 bands"));
        let text = std::fs::read_to_string(&header).expect("written");
        let told =
            format!("{text}\nwavelength units = Micrometers\nwavelength = {{0.6, 10.8, 2.0}}\n");
        std::fs::write(&header, told).expect("writes");
        assert_eq!(values(&header), expected, "{interleave}, three bands");
    }
}

#[test]
fn integers_in_either_byte_order_have_the_headers_gain_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let counts = scene(WIDTH, HEIGHT, 5);
    let big: Vec<u8> = counts.iter().flat_map(|v| v.to_be_bytes()).collect();
    let header = flat(folder.path(), "big", 12, "byte order = 1", &big);
    let frame = FrameFile::open(&header)
        .expect("opens")
        .frame(0)
        .expect("a frame");
    assert_eq!(frame.header.encoding, Encoding::Unscaled);
    let Counts::U16(grid) = &frame.counts else {
        panic!("integers expected");
    };
    assert_eq!(grid.data(), counts);
    let signed: Vec<u8> = counts
        .iter()
        .flat_map(|v| (*v as i16).to_le_bytes())
        .collect();
    let gain = "data gain values = {0.01}\ndata offset values = {-20}\nheader offset = 5";
    let bytes = [&[9; 5], &signed[..]].concat();
    let header = flat(folder.path(), "signed", 2, gain, &bytes);
    let expected: Vec<f32> = counts
        .iter()
        .map(|v| (f64::from(*v) * 0.01 - 20.0) as f32)
        .collect();
    assert_eq!(values(&header), expected);
}

#[test]
fn a_place_on_the_map_is_gdals_and_windows_are_parts_of_the_whole() {
    if !common::has_program("gdal_translate") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let expected = celsius();
    let bytes: Vec<u8> = expected.iter().flat_map(|v| v.to_le_bytes()).collect();
    flat(folder.path(), "a", 4, "byte order = 0", &bytes);
    let source = folder.path().join("a.img");
    for epsg in [31_370, 3812, 25_831, 32_631] {
        let to = folder.path().join(format!("{epsg}.img"));
        let srs = format!("EPSG:{epsg}");
        let corners = [
            "-a_ullr", "34000", "173023", "34037", "173000", "-a_srs", &srs,
        ];
        translate(
            &source,
            &to,
            &[&corners[..], &["-co", "INTERLEAVE=BIL"]].concat(),
        );
        let tile = TileRaster::envi(&to.with_extension("hdr")).expect("a tile");
        let t = tile.transform;
        assert_eq!((t.x0, t.y0, t.dx, t.dy), (34_000.0, 173_023.0, 1.0, 1.0));
        assert_eq!(tile.epsg, Some(epsg));
        let window = Window {
            col: 5,
            row: 7,
            width: 11,
            height: 3,
        };
        let part = tile.window(window).expect("inside");
        for row in 0..3 {
            let start = (row + 7) * usize::from(WIDTH) + 5;
            assert_eq!(part.row(row), &expected[start..start + 11]);
        }
    }
}

#[test]
fn the_flat_file_belongs_to_its_header_and_a_missing_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let header = flat(folder.path(), "a", 4, "", &[0; 4]);
    let data = folder.path().join("a.img");
    assert_eq!(data_file(&header), Some(data.clone()));
    assert!(belongs_to_header(&data));
    assert!(!belongs_to_header(&header));
    let problem = FrameFile::open(&header)
        .expect("opens")
        .frame(0)
        .expect_err("4 bytes");
    assert!(problem.what.contains("has 4 bytes, expected"), "{problem}");
    std::fs::remove_file(&data).expect("removed");
    let problem = FrameFile::open(&header)
        .expect("opens")
        .frame(0)
        .expect_err("alone");
    assert!(problem.what.contains("beside it"), "{problem}");
}
