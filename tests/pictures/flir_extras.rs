//! The promise: measuring tools, colours, visible picture and range of a FLIR file are what the
//! camera stored, as an outside reader finds them.
//!
//! Expectations are `reference.json` and `exiftool`, where it is installed. The files are other
//! people's pictures and looked for under `THERMAUDIT_TESTDATA`.

// Tests say what they skip.
#![allow(clippy::panic, clippy::print_stdout)]

use crate::common;
use crate::handmade;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use thermaudit::read::frame::{extras, frame};
use thermaudit::survey::{Extras, ToolKind, VisibleFormat};

/// The radiometric JPEGs of FLIR: path, reference, extras.
fn files() -> Option<Vec<(PathBuf, Value, Extras)>> {
    let folder = common::test_data()?.join("radiometric");
    let text = std::fs::read_to_string(folder.join("reference.json")).expect("lies beside");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let entries = all.as_object().expect("one object per file");
    let files = entries.iter().filter(|(_, e)| e["kind"] == "flir_rjpeg");
    let read = |(name, entry): (&String, &Value)| {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).expect("listed files exist");
        let found = extras(name, &bytes).expect("a radiometric JPEG");
        assert!(found.warnings.is_empty(), "{name}: {:?}", found.warnings);
        (path, entry["meta"].clone(), found)
    };
    Some(files.map(read).collect())
}

fn number(meta: &Value, key: &str) -> Option<f64> {
    meta[key].as_f64()
}

#[test]
fn palette_visible_picture_and_range_agree_with_the_reference() {
    let Some(files) = files() else { return };
    let (mut palettes, mut pictures) = (0, 0);
    for (path, meta, found) in files {
        let name = path.display();
        let palette = found.palette.as_ref();
        let colours = palette.map(|p| p.colours.len() as f64);
        assert_eq!(colours, number(&meta, "PaletteColors"), "{name}");
        assert_eq!(
            palette.map(|p| p.name.as_str()),
            meta["PaletteName"].as_str(),
            "{name}"
        );
        palettes += usize::from(palette.is_some());
        let side = |key| number(&meta, key).map(|v| v as usize);
        let visible = found.visible.as_ref();
        assert_eq!(
            visible.map(|v| v.width),
            side("EmbeddedImageWidth"),
            "{name}"
        );
        assert_eq!(
            visible.map(|v| v.height),
            side("EmbeddedImageHeight"),
            "{name}"
        );
        let format = visible.map(|v| match v.format {
            VisibleFormat::Jpeg => "JPG",
            VisibleFormat::Png => "PNG",
            VisibleFormat::Raw => "DAT",
        });
        assert_eq!(format, meta["EmbeddedImageType"].as_str(), "{name}");
        pictures += usize::from(visible.is_some());
        if let Some(scale) = number(&meta, "Real2IR") {
            let pip = found.pip.expect("a place");
            assert!((pip.real_to_ir - scale).abs() < 1e-6, "{name}");
            let of = |keys: &[&str]| -> Vec<f64> {
                keys.iter().filter_map(|key| number(&meta, key)).collect()
            };
            let pixels = |list: &[i32]| list.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
            assert_eq!(
                pixels(&pip.offset_px),
                of(&["OffsetX", "OffsetY"]),
                "{name}"
            );
            let crop = of(&["PiPX1", "PiPX2", "PiPY1", "PiPY2"]);
            assert_eq!(pixels(&pip.crop_px), crop, "{name}");
        }
        let range = found.range_c.expect("a range");
        let keys = ["CameraTemperatureRangeMin", "CameraTemperatureRangeMax"];
        for (celsius, key) in range.iter().zip(keys) {
            let expected = number(&meta, key).expect("a range");
            assert!(
                (celsius - expected).abs() < 1e-4,
                "{name} {celsius} {expected}"
            );
        }
    }
    assert_eq!((palettes, pictures), (15, 5));
}

/// One value of a file by its name, as printed by the outside reader; binary where it is.
fn outside(path: &Path, tag: &str) -> Vec<u8> {
    let output = Command::new("exiftool")
        .args(["-b", tag])
        .arg(path)
        .output()
        .expect("exiftool starts");
    output.stdout
}

fn outside_text(path: &Path, tag: &str) -> String {
    String::from_utf8_lossy(&outside(path, tag)).into_owned()
}

#[test]
fn tools_and_the_bytes_of_the_visible_picture_agree_with_an_outside_reader() {
    if !common::has_program("exiftool") {
        return;
    }
    let Some(files) = files() else { return };
    let mut tools = 0;
    for (path, _, found) in files {
        let name = path.display();
        for (index, tool) in found.tools.iter().enumerate() {
            let tag = |part: &str| outside_text(&path, &format!("-Meas{}{part}", index + 1));
            let kind = match tool.kind {
                ToolKind::Spot => "1",
                ToolKind::Area => "2",
                ToolKind::Ellipse => "3",
                ToolKind::Line => "4",
                ToolKind::Endpoint => "5",
                ToolKind::Alarm => "6",
                ToolKind::Difference => "8",
            };
            assert_eq!(tag("Type"), kind, "{name}");
            let points: Vec<String> = tool.points.iter().map(u16::to_string).collect();
            assert_eq!(tag("Params"), points.join(" "), "{name}");
            assert_eq!(tag("Label"), tool.label, "{name}");
            tools += 1;
        }
        let next = format!("-Meas{}Type", found.tools.len() + 1);
        assert_eq!(outside_text(&path, &next), "", "{name}");
        let visible = found.visible.map(|v| v.bytes).unwrap_or_default();
        // The outside reader cuts nothing off; the record may be padded.
        let expected = outside(&path, "-EmbeddedImage");
        assert!(
            visible == expected,
            "{name}: {} {}",
            visible.len(),
            expected.len()
        );
    }
    assert_eq!(tools, 10);
}

#[test]
fn a_damaged_record_costs_itself_and_not_the_frame() {
    let Some(files) = files() else { return };
    for (path, _, _) in files {
        let bytes = std::fs::read(&path).expect("readable");
        let name = path.display().to_string();
        let whole = frame(&name, &bytes).expect("a frame");
        // Marks of the visible picture and lengths of tools, wherever they are.
        let mut random = handmade::Random(7);
        for _ in 0..20 {
            let mut damaged = bytes.clone();
            let at = random.below(damaged.len());
            damaged[at] ^= 0x55;
            let found = (frame(&name, &damaged), extras(&name, &damaged));
            if let (Ok(frame), extras) = found {
                assert!(extras.is_ok(), "{name} {at}");
                assert_eq!(frame.header.width, whole.header.width);
            }
        }
    }
}
