//! The maker's transmission of the air, as a table in each file.
//!
//! In: APP5. Out: transmission over distance, one row of the table (formats.md §3.3, point 3).
//!
//! Rows are classes of target temperature that the files do not name; one row for the whole frame
//! is chosen here. In the old layout rows 0 to 3 are the same and cover targets up to about 50 °C:
//! row 0. In the new layout rows differ. Measured against the maker's library with the files' own
//! parameters (ten pixels each), rms in kelvin:
//!
//! | row | H30T, 1 m | M4T, 5 m | M4T, 80 m |
//! |-----|-----------|----------|-----------|
//! | 0   | 0.025     | 0.038    | 2.27      |
//! | 1   | 0.011     | 0.005    | 2.27      |
//! | 2   | 0.003     | 0.029    | 0.41      |
//! | 3   | 0.018     | 0.140    | 0.37      |
//!
//! Row 2 is the only one within 0.05 K at both short distances, and it is next to the best at
//! 80 m; there 0.4 K remain, up to 1.1 K, so beyond some 25 m the maker's temperatures are only
//! approached. The transmission the library must have used runs from row 1 at a target of about
//! 0 °C over row 2 at 25 °C to row 3 at 50 °C; a table over target temperature as well would come
//! closer, but rests on two cameras so far.

use super::super::bytes::Order;
use crate::survey::VendorAir;

/// Transmission 1.
const ONE: u16 = 1 << 14;
/// Head of most tables.
const HEAD: usize = 256;
/// Bytes of APP5 with a table of 45 rows.
const NEW_BYTES: usize = 8176;
/// Distances per row, old and new.
const OLD_COLUMNS: usize = 64;
const NEW_COLUMNS: usize = 88;
/// Rows, all of which must be there.
const OLD_ROWS: usize = 56;
const NEW_ROWS: usize = 45;
/// Row of the new layout.
const NEW_ROW: usize = 2;

/// Reads the table; a file without one gives a warning.
pub(super) fn read(app5: &[u8], warnings: &mut Vec<String>) -> Option<VendorAir> {
    let new = app5.len() == NEW_BYTES;
    let (rows, columns, row) = match new {
        true => (NEW_ROWS, NEW_COLUMNS, NEW_ROW),
        false => (OLD_ROWS, OLD_COLUMNS, 0),
    };
    let distances_m = distances_m(new);
    // At 0 first: without a head, row 2 of an old table stands where a head would end.
    let table = [0, HEAD].into_iter().find(|at| {
        Order::Little.u16(app5, *at) == Some(ONE) && app5.len() >= at + 2 * rows * columns
    });
    let Some(table) = table else {
        warnings.push(
            "APP5 holds no table of the air's transmission: vendor-equivalent temperatures leave \
             the air out"
                .into(),
        );
        return None;
    };
    let start = table + 2 * row * columns;
    let values = (0..distances_m.len()).map(|i| Order::Little.u16(app5, start + 2 * i));
    let transmission: Option<Vec<f64>> = values
        .map(|v| v.filter(|v| (1..=ONE).contains(v)).map(share))
        .collect();
    if transmission.is_none() {
        warnings.push(
            "the table of the air's transmission in APP5 has values outside 0 to 1: not used"
                .into(),
        );
    }
    Some(VendorAir {
        distances_m,
        transmission: transmission?,
        own_air_temperature: new,
    })
}

fn share(value: u16) -> f64 {
    f64::from(value) / f64::from(ONE)
}

/// Distances of the columns, metres; those of the new layout beyond 100 m are not known, and its
/// values there do not change.
fn distances_m(new: bool) -> Vec<f64> {
    // First distance, step, number, all in hundredths of a metre.
    const STEPS: [(u32, u32, u32); 8] = [
        (25, 5, 20),
        (130, 10, 8),
        (220, 20, 10),
        (450, 50, 8),
        (900, 100, 6),
        (1600, 200, 8),
        (3500, 500, 4),
        (6000, 1000, 5),
    ];
    let used = if new { STEPS.len() } else { STEPS.len() - 1 };
    STEPS[..used]
        .iter()
        .flat_map(|(first, step, count)| (0..*count).map(move |i| first + i * step))
        .map(|hundredths| f64::from(hundredths) / 100.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table whose rows begin with 1 and go on with their own value.
    fn table(head: usize, rows: usize, columns: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0xFF; head];
        for row in 0..rows {
            let value = ONE / 2 + row as u16;
            bytes.extend(ONE.to_le_bytes());
            bytes.extend(value.to_le_bytes().repeat(columns - 1));
        }
        bytes.resize(length, 0);
        bytes
    }

    fn quiet(app5: &[u8]) -> VendorAir {
        let mut warnings = Vec::new();
        let air = read(app5, &mut warnings).expect("a table");
        assert!(warnings.is_empty(), "{warnings:?}");
        air
    }

    #[test]
    fn old_tables_are_found_with_and_without_a_head_and_give_row_0() {
        for head in [0, HEAD] {
            let air = quiet(&table(head, OLD_ROWS, OLD_COLUMNS, 23_818));
            assert_eq!(air.distances_m.len(), 64);
            assert_eq!((air.distances_m[0], air.distances_m[63]), (0.25, 50.0));
            assert_eq!((air.transmission[0], air.transmission[1]), (1.0, 0.5));
            assert!(!air.own_air_temperature);
        }
    }

    #[test]
    fn new_tables_reach_100_m_and_give_row_2() {
        let air = quiet(&table(HEAD, NEW_ROWS, NEW_COLUMNS, NEW_BYTES));
        assert_eq!(air.distances_m.len(), 69);
        // formats.md §3.3: nodes 64 to 68.
        assert_eq!(air.distances_m[64..], [60.0, 70.0, 80.0, 90.0, 100.0]);
        assert_eq!(air.transmission[1], 0.5 + 2.0 / 16384.0);
        assert!(air.own_air_temperature);
    }

    #[test]
    fn nothing_but_filling_and_tables_cut_short_are_told() {
        let cut = &table(HEAD, OLD_ROWS, OLD_COLUMNS, 23_818)[..4000];
        for bytes in [&[][..], &[0xFF; 23_818], cut] {
            let mut warnings = Vec::new();
            assert_eq!(read(bytes, &mut warnings), None);
            assert_eq!(warnings.len(), 1);
        }
    }

    #[test]
    fn a_transmission_above_one_is_not_used() {
        let mut bytes = table(HEAD, OLD_ROWS, OLD_COLUMNS, 23_818);
        bytes[HEAD + 20..HEAD + 22].copy_from_slice(&[0xFF, 0xFF]);
        let mut warnings = Vec::new();
        assert_eq!(read(&bytes, &mut warnings), None);
        assert!(warnings[0].contains("outside 0 to 1"));
    }
}
