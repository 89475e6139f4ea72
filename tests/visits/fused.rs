//! The visible picture on the thermogram, against small pictures that were looked at.
//!
//! They are of simulated thermograms; with THERMAUDIT_WRITE_EXPECTED set they are written anew, to be
//! looked at again.

use crate::common;
use image::{ImageFormat, RgbImage};
use std::path::{Path, PathBuf};
use thermaudit::calibrate::{parameters, to_kelvin};
use thermaudit::raster::Grid;
use thermaudit::read::frame::{extras, frame};
use thermaudit::report::Palette;
use thermaudit::report::visit::registration::{
    Registration, aligned, blended, edges, picture_in_picture,
};
use thermaudit::report::visit::thermogram::painted;

const SIZE: (usize, usize) = (240, 180);

fn picture(colours: &Grid<[u8; 3]>) -> RgbImage {
    let bytes: Vec<u8> = colours.data().iter().flatten().copied().collect();
    RgbImage::from_raw(colours.width() as u32, colours.height() as u32, bytes).expect("whole")
}

fn expected(name: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/visits/expected");
    here.join(name)
}

#[test]
fn fused_pictures_are_those_that_were_looked_at() {
    let folder = common::files(&common::sample().join("inspections")).remove(0);
    let name = "IR_0203.jpg";
    let bytes = std::fs::read(folder.join(name)).expect("the sample has it");
    let raw = frame(name, &bytes).expect("thermal");
    let extras = extras(name, &bytes).expect("readable");
    let kelvin = to_kelvin(&raw, &parameters::from_file(&raw.header.found)).expect("radiometric");
    let celsius = kelvin.kelvin.map(|k| k - 273.15);
    let embedded = extras.visible.expect("a visible picture");
    let photo = image::load_from_memory_with_format(&embedded.bytes, ImageFormat::Jpeg);
    let photo = photo.expect("a JPEG").to_rgb8();
    let size = (photo.width() as usize, photo.height() as usize);
    let pixels = photo.pixels().map(|p| p.0).collect();
    let photo = Grid::from_vec(size.0, size.1, pixels).expect("whole");
    let thermal = (celsius.width(), celsius.height());
    let place = Registration::new(&extras.pip.expect("a geometry"), thermal, size);
    let shown = painted(&celsius, (12.0, 20.0), Palette::Inferno, None, SIZE);
    let beside = aligned(&photo, &place, thermal, SIZE);
    let whole = picture_in_picture(&shown, &photo, &place, thermal, SIZE);
    for (name, found) in [
        ("aligned.png", beside.clone()),
        ("blended.png", blended(&shown, &beside)),
        ("edges.png", edges(&shown, &beside)),
        ("picture-in-picture.png", whole),
    ] {
        let found = picture(&found);
        let path = expected(name);
        if std::env::var_os("THERMAUDIT_WRITE_EXPECTED").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            found.save(&path).expect("written");
        }
        let wanted = image::open(&path).expect("kept beside the tests").to_rgb8();
        assert_eq!(found.dimensions(), wanted.dimensions(), "{name}");
        let off: u64 = found
            .as_raw()
            .iter()
            .zip(wanted.as_raw())
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        let mean = off as f64 / found.as_raw().len() as f64;
        assert!(mean < 0.5, "{name}: {mean} levels");
    }
}
