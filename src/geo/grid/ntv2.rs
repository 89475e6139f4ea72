//! NTv2 binary grids (`.gsb`): 16-byte records, a name of eight characters and a value.
//!
//! Layout after the NTv2 developer's guide (Geodetic Survey of Canada): overview of 11 records,
//! then per sub-grid a header of 11 records and one record of four floats per node, from the
//! south-east corner westwards and northwards. Longitudes and their shifts count westwards.

use super::Part;
use crate::problem::{Problem, Result};

const RECORD: usize = 16;
const HEADER_RECORDS: usize = 11;
/// More sub-grids than any published grid has.
const MAX_PARTS: u32 = 2000;

/// All sub-grids, finest first, so that the first one that covers a place is the right one.
pub(super) fn parts(bytes: &[u8]) -> Result<Vec<Part>> {
    let mut records = Records {
        bytes,
        big_endian: false,
        next: 0,
    };
    if records.integer("NUM_OREC")? != HEADER_RECORDS as u32 {
        records = Records {
            bytes,
            big_endian: true,
            next: 0,
        };
        if records.integer("NUM_OREC")? != HEADER_RECORDS as u32 {
            return Err(Problem::broken("is not 11 in either byte order").field("NUM_OREC"));
        }
    }
    records.integer("NUM_SREC")?;
    let count = records.integer("NUM_FILE")?;
    if count == 0 || count > MAX_PARTS {
        return Err(
            Problem::broken(format!("is {count}, expected 1 to {MAX_PARTS}")).field("NUM_FILE"),
        );
    }
    let unit = records.text("GS_TYPE")?;
    let to_deg = match unit.as_str() {
        "SECONDS" => 1.0 / 3600.0,
        "MINUTES" => 1.0 / 60.0,
        "DEGREES" => 1.0,
        other => {
            return Err(Problem::broken(format!(
                "is `{other}`, expected SECONDS, MINUTES or DEGREES"
            ))
            .field("GS_TYPE"));
        }
    };
    records.next = HEADER_RECORDS;
    let mut parts = (0..count)
        .map(|_| part(&mut records, to_deg))
        .collect::<Result<Vec<_>>>()?;
    parts.sort_by(|a, b| a.step_lat_deg.total_cmp(&b.step_lat_deg));
    Ok(parts)
}

fn part(records: &mut Records<'_>, to_deg: f64) -> Result<Part> {
    for name in ["SUB_NAME", "PARENT", "CREATED", "UPDATED"] {
        records.text(name)?;
    }
    let south = records.number("S_LAT")? * to_deg;
    let north = records.number("N_LAT")? * to_deg;
    let east = -records.number("E_LONG")? * to_deg;
    let west = -records.number("W_LONG")? * to_deg;
    let step_lat = records.number("LAT_INC")? * to_deg;
    let step_lon = records.number("LONG_INC")? * to_deg;
    let count = records.integer("GS_COUNT")? as usize;
    let nodes = |length: f64, step: f64| ((length / step).round() as usize).saturating_add(1);
    let (rows, columns) = (nodes(north - south, step_lat), nodes(east - west, step_lon));
    Part::check_shape(rows, columns, step_lat, step_lon)?;
    if rows * columns != count {
        return Err(Problem::broken(format!(
            "is {count}, expected {columns} × {rows} from the bounds"
        ))
        .field("GS_COUNT"));
    }
    let body = records.take(count)?;
    let mut shifts_arcsec = vec![[0.0; 2]; count];
    let to_arcsec = (to_deg * 3600.0) as f32;
    for (i, record) in body.chunks_exact(RECORD).enumerate() {
        let (row, column) = (rows - 1 - i / columns, columns - 1 - i % columns);
        let dlat = records.single([record[0], record[1], record[2], record[3]]);
        let dlon = -records.single([record[4], record[5], record[6], record[7]]);
        shifts_arcsec[row * columns + column] = [dlat * to_arcsec, dlon * to_arcsec];
    }
    Ok(Part {
        north_deg: north,
        west_deg: west,
        step_lat_deg: step_lat,
        step_lon_deg: step_lon,
        rows,
        columns,
        shifts_arcsec,
    })
}

/// Walks the records of a file.
struct Records<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    next: usize,
}

impl<'a> Records<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let start = self.next * RECORD;
        let body = count
            .checked_mul(RECORD)
            .and_then(|length| start.checked_add(length))
            .and_then(|end| self.bytes.get(start..end))
            .ok_or_else(|| {
                Problem::broken(format!(
                    "ends at byte {}, expected {count} more records at byte {start}",
                    self.bytes.len()
                ))
            })?;
        self.next += count;
        Ok(body)
    }

    fn value(&mut self, name: &str) -> Result<[u8; 8]> {
        let record = self.take(1)?;
        let (found, value) = record.split_at(8);
        if String::from_utf8_lossy(found).trim_end_matches(['\0', ' ']) != name {
            return Err(Problem::broken(format!(
                "is called `{}`, expected `{name}`",
                String::from_utf8_lossy(found).trim()
            ))
            .field(format!("record {}", self.next - 1)));
        }
        let mut bytes = [0; 8];
        bytes.copy_from_slice(value);
        Ok(bytes)
    }

    fn integer(&mut self, name: &str) -> Result<u32> {
        let value = self.value(name)?;
        let first = [value[0], value[1], value[2], value[3]];
        Ok(if self.big_endian {
            u32::from_be_bytes(first)
        } else {
            u32::from_le_bytes(first)
        })
    }

    fn number(&mut self, name: &str) -> Result<f64> {
        let value = self.value(name)?;
        let number = if self.big_endian {
            f64::from_be_bytes(value)
        } else {
            f64::from_le_bytes(value)
        };
        if number.is_finite() {
            Ok(number)
        } else {
            Err(Problem::broken("is not a finite number").field(name))
        }
    }

    fn text(&mut self, name: &str) -> Result<String> {
        let value = self.value(name)?;
        Ok(String::from_utf8_lossy(&value)
            .trim_end_matches(['\0', ' '])
            .to_string())
    }

    fn single(&self, bytes: [u8; 4]) -> f32 {
        if self.big_endian {
            f32::from_be_bytes(bytes)
        } else {
            f32::from_le_bytes(bytes)
        }
    }
}
