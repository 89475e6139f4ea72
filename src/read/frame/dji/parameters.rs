//! Radiometric parameters of the iirp core: what the pilot, or mostly the factory, set.
//!
//! In: the parameter block. Out: what it says, as far as it is possible; an impossible value is a
//! warning and counts as not stored. Factory settings are 5 m, 0.95, 50 % and 25 °C, which is why
//! `calibrate` believes weather and geometry first.

use super::super::bytes::Order;
use crate::survey::FoundParameters;

/// The mark and name of a core take the first bytes; what lies between them and the parameters is
/// left over from the picture.
const TAGGED: usize = 0x20;

/// A parameter: offset, name, lowest and highest possible value, unit.
type Field = (usize, &'static str, f64, f64, &'static str);

const AIR: Field = (0, "ambient temperature", -100.0, 200.0, " °C");
const DISTANCE: Field = (4, "distance", 0.0, 10_000.0, " m");
/// Single precision of 1.
const EMISSIVITY: Field = (8, "emissivity", 0.01, 1.000_001, "");
const HUMIDITY: Field = (12, "humidity", 0.0, 1.0, "");
const REFLECTED: Field = (16, "reflected temperature", -273.0, 2000.0, " °C");

/// Reads the block, five single-precision numbers (formats.md §3.2).
pub(super) fn read(block: &[u8], warnings: &mut Vec<String>) -> FoundParameters {
    let base = if block.starts_with(&[0xFF, 0xD2, 0xD1, 0xFF]) {
        TAGGED
    } else {
        0
    };
    let mut get = |(at, name, low, high, unit): Field| {
        let Some(value) = Order::Little.f32(block, base + at) else {
            warnings.push(format!("APP4 is too short for the {name}"));
            return None;
        };
        let possible = (low..=high).contains(&value);
        if !possible {
            warnings.push(format!(
                "{name} in APP4 is {value}{unit}, expected {low} to {high:.0}{unit}: not used"
            ));
        }
        possible.then_some(value)
    };
    FoundParameters {
        air_c: get(AIR),
        distance_m: get(DISTANCE),
        emissivity: get(EMISSIVITY),
        humidity: get(HUMIDITY),
        reflected_c: get(REFLECTED),
        ..FoundParameters::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(base: usize, values: [f32; 5]) -> Vec<u8> {
        let mut block = vec![0xFF, 0xD2, 0xD1, 0xFF];
        block.resize(base, 0x49);
        block.truncate(base);
        block.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        block
    }

    #[test]
    fn tagged_and_untagged_blocks_hold_the_same_five_numbers() {
        for base in [0, TAGGED] {
            let mut warnings = Vec::new();
            let found = read(&block(base, [20.25, 5.0, 0.5, 0.75, -40.0]), &mut warnings);
            let expected = FoundParameters {
                air_c: Some(20.25),
                distance_m: Some(5.0),
                emissivity: Some(0.5),
                humidity: Some(0.75),
                reflected_c: Some(-40.0),
                ..FoundParameters::default()
            };
            assert_eq!(found, expected);
            assert!(warnings.is_empty(), "{warnings:?}");
        }
    }

    #[test]
    fn impossible_numbers_are_told_and_not_used() {
        let mut warnings = Vec::new();
        let bad = [f32::NAN, -1.0, 0.0, 50.0, f32::INFINITY];
        let found = read(&block(TAGGED, bad), &mut warnings);
        assert_eq!(found, FoundParameters::default());
        assert_eq!(warnings.len(), 5);
        assert!(warnings[3].contains("humidity in APP4 is 50, expected 0 to 1"));
        warnings.clear();
        assert_eq!(read(&[], &mut warnings), FoundParameters::default());
        assert_eq!(warnings.len(), 5);
    }
}
