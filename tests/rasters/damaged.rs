//! Hostile and damaged files end in a problem, never in a panic or a hunger for memory.

use thermaudit::raster::Window;
use thermaudit::read::geotiff::GeoTiff;

use crate::helpers::{scene, spec, write};

/// A small valid file to be damaged.
fn valid_bytes() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    write(&path, spec(40, 35, 16), &scene(40, 35));
    std::fs::read(path).expect("is there")
}

/// Opens and reads everything; what comes out does not matter, only that it comes out.
fn read_all(bytes: Vec<u8>) -> Result<(), thermaudit::problem::Problem> {
    let tif = GeoTiff::from_bytes(bytes)?;
    for (level, (width, height)) in tif.levels().into_iter().enumerate() {
        let window = Window {
            col: 0,
            row: 0,
            width: width.min(1000),
            height: height.min(1000),
        };
        tif.level_window(level, 0, window)?;
    }
    Ok(())
}

#[test]
fn a_file_cut_short_anywhere_is_a_problem_not_a_panic() {
    let bytes = valid_bytes();
    assert_eq!(read_all(bytes.clone()), Ok(()));
    // The last four bytes repeat the last tile's and are never read.
    for length in 0..bytes.len() - 4 {
        assert!(
            read_all(bytes[..length].to_vec()).is_err(),
            "cut at {length}"
        );
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let bytes = valid_bytes();
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..=next(4) {
            // Mostly in the head, where the sizes and counts are.
            let at = if next(8) == 0 {
                next(bytes.len())
            } else {
                next(1200)
            };
            damaged[at] = [0, 1, 2, 127, 255, next(256) as u8][next(6)];
        }
        let _ = read_all(damaged);
    }
}

/// A classic TIFF of one directory with the given entries (tag, kind, count, value), and a link.
fn directory(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(next.to_le_bytes());
    bytes.extend([0; 64]);
    bytes
}

#[test]
fn impossible_sizes_and_counts_are_refused_before_memory_is_taken() {
    let strip = |width, rows_per_strip, count| {
        [
            (256, 4, 1, width),
            (257, 4, 1, 4_000_000_000),
            (258, 3, 1, 32),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, count, 8),
            (277, 3, 1, 1),
            (278, 4, 1, rows_per_strip),
            (279, 4, count, 8),
            (339, 3, 1, 3),
        ]
    };
    // One strip of 16 exabytes; four thousand million strips; a list longer than the file.
    for entries in [
        strip(4_000_000_000, 4_000_000_000, 1),
        strip(4_000_000_000, 1, 1),
        strip(1, 1, 4_000_000_000),
        strip(1, 1_000_000_000, 4_000_000_000),
    ] {
        assert!(read_all(directory(&entries, 0)).is_err());
    }
    let tile = [
        (256, 4, 1, 4_000_000_000),
        (257, 4, 1, 4_000_000_000),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (277, 3, 1, 65_535),
        (284, 3, 1, 2),
        (322, 4, 1, 4_000_000_000),
        (323, 4, 1, 4_000_000_000),
        (324, 4, 1, 8),
        (325, 4, 1, 8),
    ];
    assert!(read_all(directory(&tile, 0)).is_err());
}

#[test]
fn directories_that_lead_back_to_themselves_end_the_search_for_overviews() {
    let mut bytes = valid_bytes();
    let first = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let at = first as usize;
    let entries = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let link = at + 2 + 12 * entries;
    bytes[link..link + 4].copy_from_slice(&first.to_le_bytes());
    let problem = GeoTiff::from_bytes(bytes);
    // A cycle is either refused or read without its overviews; it must not hang.
    assert!(problem.is_err() || problem.is_ok_and(|tif| tif.levels().len() == 1));
}
