//! The promise: every layout of a supported file gives the same samples, and every broken, foreign
//! or hostile one is refused with what was found, never with a panic.

#![allow(clippy::panic)]

use crate::handmade;

use handmade::{Block, Order, Packing, jpeg, png, scene};
use image::ExtendedColorType;
use std::io::Cursor;
use thermaudit::problem::Kind;
use thermaudit::read::frame::{frame, header, is_georeferenced_tile};
use thermaudit::survey::{Counts, Encoding, RawFrame};
use tiff::encoder::compression::DeflateLevel;
use tiff::encoder::{Compression, TiffEncoder, colortype};
use tiff::tags::{Predictor, Tag};

const WIDTH: u16 = 40;
const HEIGHT: u16 = 30;

fn block(packing: Packing, order: Order) -> Block {
    Block::new(WIDTH, HEIGHT, scene(WIDTH, HEIGHT, 1), packing, order)
}

fn samples(frame: &RawFrame) -> Vec<u16> {
    match &frame.counts {
        Counts::U16(grid) => grid.data().to_vec(),
        Counts::F32(_) => panic!("integer samples expected"),
    }
}

fn refusal(bytes: &[u8]) -> String {
    let problem = frame("a.jpg", bytes).expect_err("must be refused");
    assert_eq!(problem.file.as_deref(), Some("a.jpg"));
    problem.to_string()
}

#[test]
fn every_mixture_of_byte_orders_and_packings_gives_the_same_samples() {
    let expected = scene(WIDTH, HEIGHT, 1);
    let orders = [Order::Little, Order::Big];
    for packing in [Packing::Plain, Packing::Png] {
        for (outer, raw, info) in
            (0..8).map(|i| (orders[i & 1], orders[i >> 1 & 1], orders[i >> 2]))
        {
            let mixed = Block {
                outer,
                raw,
                info,
                ..block(packing, outer)
            };
            for bytes in [mixed.bytes(), jpeg(&mixed.bytes())] {
                let found = frame("a.jpg", &bytes).expect("a valid block");
                assert_eq!(samples(&found), expected, "{mixed:?}");
                assert!(matches!(found.header.encoding, Encoding::Planck(p) if p.o == -342.0));
            }
        }
    }
}

#[test]
fn pixels_run_along_rows_from_the_upper_left() {
    let counts: Vec<u16> = (0..12).map(|i| 2500 + i).collect();
    let bytes = Block::new(4, 3, counts, Packing::Plain, Order::Little).bytes();
    let found = frame("a.fff", &bytes).expect("a valid block");
    let Counts::U16(grid) = &found.counts else {
        panic!("integer samples expected");
    };
    assert_eq!((grid.width(), grid.height()), (4, 3));
    assert_eq!((grid.at(3, 0), grid.at(0, 1)), (2503, 2504));
}

#[test]
fn png_samples_whose_order_contradicts_the_mark_are_read_the_smooth_way_with_a_warning() {
    let mut record = block(Packing::Png, Order::Little);
    // The builder swaps by the mark; swapping the counts beforehand undoes it.
    record.counts.iter_mut().for_each(|v| *v = v.swap_bytes());
    let found = frame("a.jpg", &jpeg(&record.bytes())).expect("a valid block");
    assert_eq!(samples(&found), scene(WIDTH, HEIGHT, 1));
    assert!(
        found
            .header
            .warnings
            .iter()
            .any(|w| w.contains("byte order"))
    );
}

#[test]
fn stored_parameters_are_found_in_the_units_of_the_header() {
    let head = header("a.jpg", &jpeg(&block(Packing::Png, Order::Big).bytes())).expect("valid");
    let near = |value: Option<f64>, expected: f64| {
        let value = value.expect("stored");
        // Single precision of a kelvin value.
        assert!((value - expected).abs() < 2e-5, "{value} {expected}");
    };
    near(head.found.emissivity, 0.95);
    near(head.found.reflected_c, 5.0);
    near(head.found.air_c, 10.0);
    near(head.found.distance_m, 5.0);
    // 60 is percent.
    near(head.found.humidity, 0.6);
    assert_eq!(head.camera.model, "Hand-made");
    // The block has no air coefficients.
    assert!(head.warnings.iter().any(|w| w.contains("air transmission")));
}

#[test]
fn a_vue_pro_is_radiometric_only_with_an_r() {
    let encoding = |model| {
        let bytes = Block {
            model,
            ..block(Packing::Plain, Order::Big)
        }
        .bytes();
        header("a.fff", &bytes).expect("valid").encoding
    };
    assert_eq!(encoding("Vue Pro 640 13mm"), Encoding::Relative);
    assert!(matches!(
        encoding("Vue Pro R 640 13mm"),
        Encoding::Planck(_)
    ));
}

#[test]
fn damaged_blocks_are_named() {
    let good = block(Packing::Plain, Order::Little).bytes();
    let raw_at = good.len() - 0x20 - 2 * usize::from(WIDTH) * usize::from(HEIGHT);
    let damaged = |at: usize, bytes: &[u8]| {
        let mut copy = good.clone();
        copy[at..at + bytes.len()].copy_from_slice(bytes);
        refusal(&copy)
    };
    let long = [0xFF; 4];
    assert!(damaged(0x14, &[0; 4]).contains("version"));
    assert!(damaged(0x18, &long).contains("directory"));
    assert!(damaged(0x1C, &long).contains("directory"));
    assert!(damaged(0x60 + 0x0C, &long).contains("record type 0x20"));
    assert!(damaged(0x80 + 0x10, &long).contains("record type 0x01"));
    assert!(damaged(raw_at, &[9, 9]).contains("byte-order mark"));
    assert!(damaged(raw_at + 2, &[0, 0]).contains("0 x 30 pixels"));
    assert!(damaged(raw_at + 2, &long).contains("65535 x 65535 pixels"));
    assert!(damaged(raw_at + 4, &[31, 0]).contains("expected 2480"));
    assert!(damaged(raw_at + 0x20, &[0xFF, 0xD8, 0xFF]).contains("JPEG-LS"));
}

#[test]
fn a_png_of_another_size_or_depth_is_refused() {
    let counts = scene(WIDTH, HEIGHT, 1);
    let replace = |picture: Vec<u8>| {
        let plain = block(Packing::Plain, Order::Big).bytes();
        let mut bytes = plain[..plain.len() - 2 * counts.len()].to_vec();
        bytes.extend(picture);
        bytes.resize(plain.len(), 0);
        refusal(&bytes)
    };
    let small = png(&[0; 8], 2, 2, ExtendedColorType::L16);
    assert!(replace(small).contains("2 x 2"));
    let eight = png(&vec![0; counts.len()], WIDTH, HEIGHT, ExtendedColorType::L8);
    assert!(replace(eight).contains("16-bit"));
}

#[test]
fn foreign_and_empty_files_are_refused_with_a_hint() {
    for bytes in [b"".as_slice(), b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"text"] {
        assert!(refusal(bytes).contains("hint: "));
    }
    let bare = [0xFF, 0xD8, 0xFF, 0xDA, 0, 2];
    let problem = frame("a.jpg", &bare).expect_err("no thermal data");
    assert_eq!(problem.kind, Kind::Unsupported);
    assert!(problem.what.contains("not radiometric"));
}

/// A TIFF with one band, optional tags and a compression.
fn tiff_file<C: colortype::ColorType>(
    data: &[C::Inner],
    compression: Compression,
    predictor: Predictor,
    tags: &[(u16, &str)],
) -> Vec<u8>
where
    [C::Inner]: tiff::encoder::TiffValue,
{
    let mut out = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out)
        .expect("a memory file")
        .with_compression(compression)
        .with_predictor(predictor);
    let mut image = encoder
        .new_image::<C>(u32::from(WIDTH), u32::from(HEIGHT))
        .expect("a size");
    for (tag, text) in tags {
        let tag = Tag::from_u16_exhaustive(*tag);
        let written = if tag == Tag::Unknown(700) {
            image.encoder().write_tag(tag, text.as_bytes())
        } else {
            image.encoder().write_tag(tag, *text)
        };
        written.expect("a tag");
    }
    image.write_data(data).expect("all samples");
    out.into_inner()
}

const TLINEAR: &str = r#"<x xmlns:FLIR="http://www.dji.com/FLIR/1.0/" FLIR:TlinearGain="0.04"/>"#;

#[test]
fn every_compression_of_a_tiff_gives_the_same_samples() {
    let counts = scene(WIDTH, HEIGHT, 1);
    for compression in [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Packbits,
        Compression::Deflate(DeflateLevel::Fast),
    ] {
        for predictor in [Predictor::None, Predictor::Horizontal] {
            let tags = [(700, TLINEAR)];
            let bytes = tiff_file::<colortype::Gray16>(&counts, compression, predictor, &tags);
            let found = frame("a.tif", &bytes).expect("a TIFF frame");
            assert_eq!(samples(&found), counts);
            let expected = Encoding::Linear {
                scale: 0.04,
                offset_c: -273.15,
            };
            assert_eq!(found.header.encoding, expected);
            assert_eq!(header("a.tif", &bytes).expect("a frame"), found.header);
        }
    }
}

#[test]
fn a_gain_of_zero_and_no_gain_are_unscaled_with_a_warning() {
    let counts = scene(WIDTH, HEIGHT, 1);
    let zero = TLINEAR.replace("0.04", "0");
    for tags in [&[(700, zero.as_str())][..], &[]] {
        let bytes = tiff_file::<colortype::Gray16>(
            &counts,
            Compression::Uncompressed,
            Predictor::None,
            tags,
        );
        let head = header("a.tif", &bytes).expect("a frame");
        assert_eq!(head.encoding, Encoding::Unscaled);
        assert!(!head.warnings.is_empty());
    }
}

#[test]
fn gdal_scale_offset_and_nodata_are_obeyed() {
    let mut counts = scene(WIDTH, HEIGHT, 1);
    counts[5] = 65_535;
    let metadata = r#"<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.01</Item>
        <Item name="OFFSET" sample="0" role="offset">-100</Item></GDALMetadata>"#;
    let tags = [(42_112, metadata), (42_113, "65535")];
    let bytes =
        tiff_file::<colortype::Gray16>(&counts, Compression::Uncompressed, Predictor::None, &tags);
    let found = frame("a.tif", &bytes).expect("a TIFF frame");
    let expected = Encoding::Linear {
        scale: 0.01,
        offset_c: -100.0,
    };
    assert_eq!(found.header.encoding, expected);
    let Counts::F32(grid) = &found.counts else {
        panic!("nodata needs floats");
    };
    assert!(grid.at(5, 0).is_nan());
    assert_eq!(grid.at(4, 0), f32::from(counts[4]));
}

#[test]
fn floats_and_signed_integers_are_read() {
    let kelvin: Vec<f32> = scene(WIDTH, HEIGHT, 1)
        .iter()
        .map(|v| f32::from(*v) * 0.1)
        .collect();
    let plain = (Compression::Uncompressed, Predictor::None);
    let bytes = tiff_file::<colortype::Gray32Float>(&kelvin, plain.0, plain.1, &[]);
    let found = frame("a.tif", &bytes).expect("a TIFF frame");
    let in_kelvin = Encoding::Linear {
        scale: 1.0,
        offset_c: -273.15,
    };
    assert_eq!(found.header.encoding, in_kelvin);
    let doubles: Vec<f64> = kelvin.iter().map(|v| f64::from(*v) - 273.15).collect();
    let bytes = tiff_file::<colortype::Gray64Float>(&doubles, plain.0, plain.1, &[]);
    let found = frame("a.tif", &bytes).expect("a TIFF frame");
    let in_celsius = Encoding::Linear {
        scale: 1.0,
        offset_c: 0.0,
    };
    assert_eq!(found.header.encoding, in_celsius);
    let tenths: Vec<i16> = (0..WIDTH * HEIGHT).map(|i| i as i16 - 600).collect();
    let bytes = tiff_file::<colortype::GrayI16>(&tenths, plain.0, plain.1, &[]);
    let found = frame("a.tif", &bytes).expect("a TIFF frame");
    assert_eq!(found.header.encoding, Encoding::Unscaled);
    let Counts::F32(grid) = &found.counts else {
        panic!("signed samples come as floats");
    };
    assert_eq!(grid.at(0, 0), -600.0);
}

#[test]
fn pictures_as_tiff_are_refused() {
    let count = usize::from(WIDTH) * usize::from(HEIGHT);
    let plain = (Compression::Uncompressed, Predictor::None);
    let colour = tiff_file::<colortype::RGB8>(&vec![0; 3 * count], plain.0, plain.1, &[]);
    assert!(refusal(&colour).contains("3 bands"));
    let grey = tiff_file::<colortype::Gray8>(&vec![0; count], plain.0, plain.1, &[]);
    assert!(refusal(&grey).contains("8-bit"));
}

#[test]
fn a_tiff_that_claims_to_be_enormous_is_refused_before_anything_is_allocated() {
    let counts = scene(WIDTH, HEIGHT, 1);
    let plain = (Compression::Uncompressed, Predictor::None);
    let mut bytes = tiff_file::<colortype::Gray16>(&counts, plain.0, plain.1, &[]);
    // Width, height and rows per strip, so that one strip is still enough.
    for tag in [256_u16, 257, 278] {
        let at = bytes
            .windows(4)
            .rposition(|w| w[..2] == tag.to_le_bytes() && matches!(w[2], 3 | 4) && w[3] == 0)
            .expect("the tag is there");
        bytes[at + 2..at + 4].copy_from_slice(&4_u16.to_le_bytes());
        bytes[at + 8..at + 12].copy_from_slice(&60_000_u32.to_le_bytes());
    }
    let text = refusal(&bytes);
    assert!(text.contains("60000 x 60000"), "{text}");
}

/// A one-tile TIFF of 16 x 16 pixels, entry by entry.
fn tiled_tiff(planar: u32) -> Vec<u8> {
    let entries: [(u16, u32); 11] = [
        (256, 16),
        (257, 16),
        (258, 16),
        (259, 1),
        (262, 1),
        (277, 1),
        (284, planar),
        (322, 16),
        (323, 16),
        (324, 8),
        (325, 512),
    ];
    let mut out = b"II*\0".to_vec();
    out.extend(520_u32.to_le_bytes());
    out.extend((0..256_u16).flat_map(u16::to_le_bytes));
    out.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        // Sizes and offsets are LONG, the others SHORT.
        let kind: u16 = if tag >= 322 { 4 } else { 3 };
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    out
}

#[test]
fn a_tiled_tiff_is_read_and_one_band_is_the_same_in_planes_of_its_own() {
    for planar in [1, 2] {
        let found = frame("a.tif", &tiled_tiff(planar)).expect("a TIFF frame");
        assert_eq!(samples(&found), (0..256).collect::<Vec<u16>>());
    }
}

#[test]
fn only_a_tiff_with_a_place_on_the_map_is_a_tile() {
    let counts = scene(WIDTH, HEIGHT, 1);
    let plain = (Compression::Uncompressed, Predictor::None);
    let bytes = tiff_file::<colortype::Gray16>(&counts, plain.0, plain.1, &[]);
    assert!(!is_georeferenced_tile(&bytes));
    assert!(!is_georeferenced_tile(b"II*\0"));
    let mut out = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut out).expect("a memory file");
    let mut image = encoder
        .new_image::<colortype::Gray16>(u32::from(WIDTH), u32::from(HEIGHT))
        .expect("a size");
    let keys: [u16; 8] = [1, 1, 0, 1, 3072, 0, 1, 31370];
    let scale = [0.1_f64, 0.1, 0.0];
    let directory = image.encoder();
    directory
        .write_tag(Tag::GeoKeyDirectoryTag, &keys[..])
        .expect("a tag");
    directory
        .write_tag(Tag::ModelPixelScaleTag, &scale[..])
        .expect("a tag");
    image.write_data(&counts).expect("all samples");
    assert!(is_georeferenced_tile(&out.into_inner()));
}

#[test]
fn metadata_made_to_stall_a_parser_is_passed_over() {
    let attributes: String = (0..15_000).map(|i| format!(" a{i}=''")).collect();
    let packet = format!("<a{attributes}/>");
    let namespace = b"http://ns.adobe.com/xap/1.0/\0";
    let block = block(Packing::Plain, Order::Big).bytes();
    let thermal = jpeg(&block);
    let mut bytes = vec![0xFF, 0xD8];
    for piece in packet.as_bytes().chunks(60_000) {
        for _ in 0..50 {
            bytes.extend([0xFF, 0xE1]);
            bytes.extend(((namespace.len() + piece.len() + 2) as u16).to_be_bytes());
            bytes.extend(namespace);
            bytes.extend(piece);
        }
    }
    bytes.extend(&thermal[2..]);
    let started = std::time::Instant::now();
    let head = header("a.jpg", &bytes).expect("the thermal part is whole");
    assert!(!head.warnings.is_empty());
    // One packet of this size takes half a second, all of them joined would take minutes.
    assert!(started.elapsed().as_secs() < 20);
    let many = [
        vec![0xFF, 0xD8],
        [0xFF, 0xE0, 0, 2].repeat(5000),
        thermal[2..].to_vec(),
    ]
    .concat();
    assert!(refusal(&many).contains("segments"));
}
