//! The maker's transmission of the air, as a table in each file.
//!
//! In: APP5. Out: transmission over distance and target temperature (formats.md §3.3, point 3).
//!
//! Rows belong to target temperatures that the files do not name. They were found by solving the
//! maker's law for the transmission its library must have used: row 0 is −25 °C and every further
//! one 25 K more, old and new layout alike, straight in between. With this the library is met
//! within 1 mK at 1 m and emissivity 1 on all ten files with a table, targets from −6 to 51 °C;
//! one file reaches 170 °C (2 mK). What lies above 175 °C does not go on like that and is left
//! out. One row for the whole frame is off by up to 0.06 K at 5 m and by 1 to
//! 5 K at 80 m.

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
/// Rows used, and the target temperature of the first and from one to the next, °C.
const USED_ROWS: usize = 9;
const FIRST_TARGET_C: f64 = -25.0;
const TARGET_STEP_C: f64 = 25.0;

/// Reads the table; a file without one gives a warning.
pub(super) fn read(app5: &[u8], warnings: &mut Vec<String>) -> Option<VendorAir> {
    let new = app5.len() == NEW_BYTES;
    let (rows, columns) = match new {
        true => (NEW_ROWS, NEW_COLUMNS),
        false => (OLD_ROWS, OLD_COLUMNS),
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
    let value = |row: usize, column: usize| {
        let stored = Order::Little.u16(app5, table + 2 * (row * columns + column));
        stored.filter(|v| (1..=ONE).contains(v)).map(share)
    };
    let row = |row| {
        (0..distances_m.len())
            .map(|column| value(row, column))
            .collect()
    };
    let transmission: Option<Vec<Vec<f64>>> = (0..USED_ROWS).map(row).collect();
    if transmission.is_none() {
        warnings.push(
            "the table of the air's transmission in APP5 has values outside 0 to 1: \
             vendor-equivalent temperatures leave the air out"
                .into(),
        );
    }
    Some(VendorAir {
        transmission: transmission?,
        targets_c: (0..USED_ROWS)
            .map(|row| FIRST_TARGET_C + row as f64 * TARGET_STEP_C)
            .collect(),
        distances_m,
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
    fn old_tables_are_found_with_and_without_a_head() {
        for head in [0, HEAD] {
            let air = quiet(&table(head, OLD_ROWS, OLD_COLUMNS, 23_818));
            assert_eq!(air.distances_m.len(), 64);
            assert_eq!((air.distances_m[0], air.distances_m[63]), (0.25, 50.0));
            assert_eq!(air.transmission[0][..2], [1.0, 0.5]);
            assert_eq!(air.transmission[2][63], 0.5 + 2.0 / 16384.0);
            assert!(!air.own_air_temperature);
        }
    }

    #[test]
    fn new_tables_reach_100_m_and_rows_are_25_k_apart() {
        let air = quiet(&table(HEAD, NEW_ROWS, NEW_COLUMNS, NEW_BYTES));
        assert_eq!(air.distances_m.len(), 69);
        // formats.md §3.3: nodes 64 to 68.
        assert_eq!(air.distances_m[64..], [60.0, 70.0, 80.0, 90.0, 100.0]);
        assert_eq!(air.transmission[3][1], 0.5 + 3.0 / 16384.0);
        assert_eq!(air.targets_c[..4], [-25.0, 0.0, 25.0, 50.0]);
        assert_eq!(air.targets_c.len(), air.transmission.len());
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
