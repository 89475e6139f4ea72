use super::*;

/// A stream of one scan.
fn stream(bits: u8, width: u16, height: u16, segments: &[u8], scan: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xF7, 0, 11, bits];
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0]);
    bytes.extend(segments);
    bytes.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0]);
    bytes.extend(scan);
    bytes.extend([0xFF, 0xD9]);
    bytes
}

/// The worked example of T.87 annex H.3.
const EXAMPLE: [u8; 38] = [
    0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0, 0x00, 0x00, 0x57, 0x40, 0x00, 0x00, 0x6E,
    0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8, 0x00, 0x00, 0x91, 0x60, 0, 0, 0, 0,
    0, 0, 0, 0,
];
const EXAMPLE_BYTES: usize = 30;

#[test]
fn the_worked_example_of_the_standard_decodes() {
    let bytes = stream(8, 4, 4, &[], &EXAMPLE[..EXAMPLE_BYTES]);
    let found = decode(&bytes, 4, 4).expect("the standard's own example");
    let expected = [
        0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145,
    ];
    assert_eq!(found, (expected.to_vec(), 0));
}

#[test]
fn a_cut_stream_is_an_error_at_every_length() {
    let bytes = stream(8, 4, 4, &[], &EXAMPLE[..EXAMPLE_BYTES]);
    // The end mark itself is not needed: the last frame of a real sequence is cut there.
    for length in 0..bytes.len() - 2 {
        assert!(decode(&bytes[..length], 4, 4).is_err(), "{length} bytes");
    }
    assert!(decode(&bytes[..bytes.len() - 2], 4, 4).is_ok());
}

#[test]
fn another_size_than_the_records_is_refused() {
    let bytes = stream(8, 4, 4, &[], &EXAMPLE[..EXAMPLE_BYTES]);
    let problem = decode(&bytes, 8, 2).expect_err("4 x 4");
    assert!(problem.what.contains("4 x 4"), "{problem}");
    assert!(decode(&bytes, usize::MAX, 2).is_err());
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    let what = |bytes: &[u8]| decode(bytes, 4, 4).expect_err("not read").what;
    let mut colour = stream(8, 4, 4, &[], &EXAMPLE);
    colour[11] = 3;
    assert!(what(&colour).contains("3 components"));
    let restart = stream(8, 4, 4, &[0xFF, 0xDD, 0, 4, 0, 9], &EXAMPLE);
    assert!(what(&restart).contains("restart"));
    let table = stream(8, 4, 4, &[0xFF, 0xF8, 0, 5, 2, 1, 1], &EXAMPLE);
    assert!(what(&table).contains("kind 2"));
    let mut baseline = stream(8, 4, 4, &[], &EXAMPLE);
    baseline[3] = 0xC0;
    assert!(what(&baseline).contains("not JPEG-LS"));
}

#[test]
fn coding_parameters_out_of_range_are_refused() {
    let preset = |values: [u16; 5]| {
        let mut segment = vec![0xFF, 0xF8, 0, 13, 1];
        segment.extend(values.iter().flat_map(|v| v.to_be_bytes()));
        decode(&stream(8, 4, 4, &segment, &EXAMPLE), 4, 4)
    };
    // T.87 C.2.4.1.1: MAXVAL below 2^P, thresholds rising, RESET from 3.
    assert!(preset([255, 3, 7, 21, 64]).is_ok());
    assert!(preset([0; 5]).is_ok());
    assert!(preset([256, 3, 7, 21, 64]).is_err());
    assert!(preset([255, 8, 7, 21, 64]).is_err());
    assert!(preset([255, 3, 7, 256, 64]).is_err());
    assert!(preset([255, 3, 7, 21, 2]).is_err());
}

#[test]
fn black_pictures_are_runs() {
    // First line of 4: runs of 1 four times (J = 0), 4 ones; next lines: J[4] = 1, runs of 2
    // twice, then J[6] = 1, twice, then J[8] = 2, once.
    let found = decode(&stream(16, 4, 4, &[], &[0b1111_1111, 0b0100_0000]), 4, 4);
    assert_eq!(found.expect("all runs"), (vec![0; 16], 0));
}

/// One sample of 8 bits with NEAR 2: steps of 5, RANGE = (255 + 4) / 5 + 1 = 52 (T.87 A.2.1), so
/// A = 2 and k = 1 for the first sample, which ends a run of none: the run bit 0, then the error
/// +3 is mapped to 2·3 − 1 = 5 (A.7.2: 2|e| − RItype with map 0), coded as 5 / 2 = 2 zeros, a one
/// and the low bit 1. The sample is 0 + 3 · 5.
#[test]
fn near_lossless_samples_are_steps_of_twice_near_plus_one() {
    let mut bytes = stream(8, 1, 1, &[], &[0b0001_1000]);
    let at = bytes.len() - 2 - 1 - 3;
    bytes[at] = 2;
    assert_eq!(decode(&bytes, 1, 1), Ok((vec![15], 2)));
    bytes[at] = 200;
    assert!(decode(&bytes, 1, 1).is_err(), "NEAR beyond half of MAXVAL");
}

#[test]
fn garbage_neither_panics_nor_hangs() {
    let mut seed = 1_u32;
    for round in 0..300 {
        let garbage: Vec<u8> = (0..400)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8 >> (round % 8)
            })
            .collect();
        for bits in [2, 8, 12, 16] {
            let _ = decode(&stream(bits, 31, 17, &[], &garbage), 31, 17);
        }
    }
}
