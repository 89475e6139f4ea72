use super::huffman::{codes, lengths};
use super::*;
use proptest::prelude::*;

fn back(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut raw = vec![0; length];
    let mut reader = libdeflater::Decompressor::new();
    let read = reader.zlib_decompress(bytes, &mut raw);
    assert_eq!(read, Ok(length));
    raw
}

fn comes_back(raw: &[u8], plane: usize) -> usize {
    let bytes = by_units(raw, plane);
    assert!(back(&bytes, raw.len()) == raw);
    let whole = planes(raw, plane).expect("compresses");
    assert!(back(&whole, raw.len()) == raw);
    let rows = rows::by_rows(raw, plane);
    assert!(back(&rows, raw.len()) == raw);
    bytes.len()
}

#[test]
fn nothing_and_one_byte_come_back() {
    comes_back(&[], 16);
    comes_back(&[7], 16);
}

#[test]
fn zeros_shrink_to_next_to_nothing() {
    // Nine bits for every 512 bytes or less.
    for value in [0, 9] {
        assert!(comes_back(&vec![value; 1 << 20], 512) < 2700);
    }
}

#[test]
fn noise_grows_by_five_bytes_in_65_535() {
    let mut state = 1_u32;
    let noise: Vec<u8> = (0..200_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    assert_eq!(comes_back(&noise, 512), noise.len() + 2 + 4 * 5 + 4);
}

#[test]
fn a_curve_without_noise_is_no_longer_than_libdeflate_makes_it() {
    let cells = (0..512 * 512).map(|i| {
        let (col, row) = ((i % 512) as f64, (i / 512) as f64);
        (5.0 + (col / 90.0).sin() + (row / 70.0).cos()) as f32
    });
    let mut raw = Vec::new();
    super::super::super::pack::shuffle_floats(cells, 512, &mut raw);
    let found = planes(&raw, 512).expect("compresses");
    assert!(back(&found, raw.len()) == raw);
    assert!(found.len() <= deflate(&raw).expect("compresses").len());
}

#[test]
fn rows_that_mostly_repeat_the_row_above_are_shorter_than_libdeflate_makes_them() {
    // Eight values without a pattern along the row; one cell in sixteen changes from row to row.
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    let mut raw: Vec<u8> = (0..512).map(|_| (next() % 8) as u8).collect();
    for at in 512..512 * 512 {
        let changes = next() % 16 == 0;
        let value = if changes {
            (next() % 8) as u8
        } else {
            raw[at - 512]
        };
        raw.push(value);
    }
    let found = whole_rows(&raw, 512).expect("compresses");
    assert!(back(&found, raw.len()) == raw);
    assert!(found == rows::by_rows(&raw, 512));
    assert!(found.len() < deflate(&raw).expect("compresses").len());
}

#[test]
fn every_length_of_a_repeat_comes_back() {
    for length in 1..=600_usize {
        let mut raw = vec![1, 2, 3];
        raw.extend(std::iter::repeat_n(0, length));
        raw.extend([5, 4]);
        comes_back(&raw, 1024);
    }
}

#[test]
fn code_lengths_are_those_of_huffmans_tree() {
    // 5, 9, 12, 13, 16, 45: the textbook's tree (Cormen et al., fig. 16.5).
    assert_eq!(lengths(&[45, 13, 12, 16, 9, 5], 15), [1, 3, 3, 3, 4, 4]);
    // RFC 1951 §3.2.2, its example: ABCDEFGH with lengths 3, 3, 3, 3, 3, 2, 4, 4.
    let found = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
    let bit = |bits: u32, i: u32| if bits >> i & 1 == 1 { '1' } else { '0' };
    let printed = found.iter();
    let as_printed: Vec<String> = printed
        .map(|c| (0..c.length).map(|i| bit(c.bits, i)).collect())
        .collect();
    let rfc = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
    assert_eq!(as_printed, rfc);
}

#[test]
fn a_deep_tree_is_cut_and_stays_complete() {
    // Fibonacci's numbers make the deepest tree.
    let mut counts = vec![1_u32, 1];
    while counts.len() < 40 {
        counts.push(counts[counts.len() - 1] + counts[counts.len() - 2]);
    }
    let check = |lengths: &[u8], most: u8| {
        let space: f64 = lengths.iter().map(|l| (-f64::from(*l)).exp2()).sum();
        assert_eq!(space, 1.0);
        assert!(lengths.iter().all(|l| (1..=most).contains(l)));
    };
    check(&lengths::<19>(counts[..19].try_into().expect("19"), 7), 7);
    check(&lengths::<30>(counts[..30].try_into().expect("30"), 15), 15);
}

proptest! {
    #[test]
    fn any_bytes_come_back(
        pieces in prop::collection::vec((any::<u8>(), 0..9_u32, 1..700_usize), 0..40),
        plane in 1..1500_usize,
    ) {
        // Stretches of a narrow or wide spread around a byte.
        let mut state = 12_345_u32;
        let mut raw = Vec::new();
        for (middle, spread, length) in pieces {
            for _ in 0..length {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 16) & ((1 << spread) - 1);
                raw.push(middle.wrapping_add(noise as u8));
            }
        }
        comes_back(&raw, plane);
    }
}
