//! `findings.csv` and `visit.toml`, as text.

use jiff::civil::Date;

use super::shot::{Cell, Row};
use crate::problem::{Problem, Result};

/// The columns of interface.md §2, findings, in its order.
pub(super) const COLUMNS: [&str; 54] = [
    "image",
    "company_id",
    "kind",
    "location",
    "component",
    "reference_image_or_marker",
    "current_a",
    "rated_a",
    "emissivity",
    "reflected_c",
    "distance_m",
    "indoor_c",
    "outdoor_c",
    "observation",
    "recommendation",
    "finding_id",
    "time",
    "visible_image",
    "markers",
    "air_c",
    "humidity_pct",
    "window_c",
    "window_transmission",
    "wind_m_s",
    "storey",
    "orientation",
    "cause",
    "certainty",
    "action_by",
    "term",
    "severity",
    "status",
    "hotspot_id",
    "hotspot_found",
    "indoor_humidity_pct",
    "pressure_pa",
    "before_image",
    "area_m2",
    "board",
    "circuit",
    "phase",
    "current_l1_a",
    "current_l2_a",
    "current_l3_a",
    "current_n_a",
    "voltage_v",
    "manufacturer",
    "cover",
    "limit_c",
    "operating_state",
    "load_pct",
    "steam_pressure_bar",
    "irradiance_w_m2",
    "side",
];

/// The table of rows; pictures of a group by their names.
pub(super) fn findings(rows: &[(Row, Vec<String>)], day: Date) -> Result<Vec<u8>> {
    let refused =
        |error: csv::Error| Problem::io(format!("the table could not be written: {error}"));
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(refused)?;
    for (row, names) in rows {
        let cells = COLUMNS.iter().map(|column| match row.cell(column) {
            None => String::new(),
            Some(Cell::Text(text)) => text.clone(),
            Some(Cell::Picture(index)) => names.get(*index).cloned().unwrap_or_default(),
            Some(Cell::Months(months)) => term(day, *months).to_string(),
        });
        writer.write_record(cells).map_err(refused)?;
    }
    writer
        .into_inner()
        .map_err(|error| Problem::io(error.to_string()))
}

/// The day so many months later; at once means the next day.
fn term(day: Date, months: i8) -> Date {
    let span = if months == 0 {
        jiff::Span::new().days(1)
    } else {
        jiff::Span::new().months(months)
    };
    day.saturating_add(span)
}
