//! The promise: every frame of a FLIR sequence is found and read, whatever lies between them; a
//! damaged part costs its own frames and no others.
//!
//! Real sequences are other people's and looked for under `THERMAUDIT_TESTDATA`.

// Tests say what they skip.
#![allow(clippy::panic, clippy::print_stdout)]

use crate::common;
use crate::handmade;

use handmade::{Block, Order, Packing, scene};
use serde_json::Value;
use std::path::PathBuf;
use thermaudit::read::frame::file::FrameFile;
use thermaudit::survey::{CaptureTime, Counts, TimeSource};

fn put(folder: &tempfile::TempDir, bytes: &[u8]) -> FrameFile {
    let path = folder.path().join("a.seq");
    std::fs::write(&path, bytes).expect("writes");
    FrameFile::open(&path).expect("opens")
}

fn block(seed: u64, order: Order) -> Vec<u8> {
    Block::new(24, 18, scene(24, 18, seed), Packing::Plain, order).bytes()
}

fn counts(file: &FrameFile, index: usize) -> Vec<u16> {
    match file.frame(index).expect("a frame").counts {
        Counts::U16(grid) => grid.data().to_vec(),
        Counts::F32(_) => panic!("integers expected"),
    }
}

#[test]
fn frames_are_told_by_number_and_have_their_own_samples() {
    let folder = tempfile::tempdir().expect("a folder");
    let blocks = [
        block(1, Order::Little),
        block(2, Order::Big),
        block(3, Order::Little),
    ];
    let file = put(&folder, &blocks.concat());
    assert_eq!((file.count(), file.warnings()), (3, &[][..]));
    for index in 0..3 {
        assert_eq!(counts(&file, index), scene(24, 18, index as u64 + 1));
        let name = format!("a.seq#{}", index + 1);
        assert_eq!(file.header(index).expect("a header").name, name);
    }
    assert!(file.frame(3).is_err());
}

#[test]
fn a_file_of_one_block_has_its_own_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(&folder, &block(4, Order::Big));
    assert_eq!((file.count(), file.frame_name(0).as_str()), (1, "a.seq"));
    assert_eq!(counts(&file, 0), scene(24, 18, 4));
}

#[test]
fn a_damaged_directory_costs_its_own_frame_only_and_the_first_frame_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut damaged = block(2, Order::Little);
    damaged[0x18..0x1C].fill(0xFF);
    let all = [
        block(1, Order::Little),
        damaged.clone(),
        block(3, Order::Little),
    ]
    .concat();
    let file = put(&folder, &all);
    assert_eq!(file.count(), 2);
    assert_eq!(counts(&file, 1), scene(24, 18, 3));
    let told = format!("{} bytes", damaged.len());
    let warnings = file.header(0).expect("a header").warnings;
    assert!(warnings.iter().any(|w| w.contains(&told)), "{warnings:?}");
}

#[test]
fn a_recording_that_broke_off_keeps_its_whole_frames() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = block(1, Order::Little);
    let file = put(
        &folder,
        &[&one[..], &one[..], &one[..one.len() / 2]].concat(),
    );
    assert_eq!(file.count(), 2);
    assert!(file.warnings()[0].contains("end of the file"));
    // Nothing but half a frame: the frame itself says what is wrong.
    let half = put(&folder, &one[..one.len() / 2]);
    let problem = half.frame(0).expect_err("half a frame");
    assert!(problem.what.contains("but the block has"), "{problem}");
}

fn reference(name: &str) -> Option<(FrameFile, Value)> {
    let folder = common::test_data()?.join("radiometric");
    let text = std::fs::read_to_string(folder.join("reference.json")).expect("lies beside");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let path: PathBuf = folder.join(name);
    Some((FrameFile::open(&path).expect("opens"), all[name].clone()))
}

#[test]
fn real_sequences_have_the_frames_of_the_reference_at_their_offsets() {
    for (name, frames) in [("flir_sc660_2frames.seq", 2), ("flir_t1030sc.csq", 8)] {
        let Some((file, entry)) = reference(name) else {
            return;
        };
        assert_eq!((file.count(), file.warnings()), (frames, &[][..]), "{name}");
        let whole = std::fs::read(file.path()).expect("readable");
        for (index, part) in entry["frame"]
            .as_array()
            .expect("frames")
            .iter()
            .enumerate()
        {
            let number = |key: &str| part[key].as_u64().expect("a number") as usize;
            let (offset, length) = (number("offset"), number("length"));
            let bytes = file.bytes(index).expect("readable");
            // The padding of the last frame is not in the file.
            let end = whole.len().min(offset + length);
            assert_eq!(bytes, whole[offset..end], "{name} {index}");
        }
    }
}

/// 30 frames a second by the camera's own setting; the clock of every frame is in its own record.
#[test]
fn every_frame_of_a_real_sequence_has_its_own_time() {
    let Some((file, _)) = reference("flir_t1030sc.csq") else {
        return;
    };
    let times: Vec<_> = (0..file.count())
        .map(|index| {
            let head = file.header(index).expect("a header");
            assert!(matches!(
                head.time_source,
                Some(TimeSource::CameraRecord | TimeSource::CameraRecordLocal)
            ));
            match head.time.expect("a time") {
                CaptureTime::Utc(t) => t.as_millisecond(),
                CaptureTime::Local(t) => {
                    let utc = jiff::tz::Offset::UTC.to_timestamp(t);
                    utc.expect("a time").as_millisecond()
                }
            }
        })
        .collect();
    let steps: Vec<i64> = times.windows(2).map(|t| t[1] - t[0]).collect();
    assert!(steps.iter().all(|s| (1..=200).contains(s)), "{steps:?}");
}
