//! `.ods`: rows and cells that may say how often they are repeated.

use roxmltree::Node;

use super::{MAX_COLUMNS, Parsed, Rows, SheetRow, number, shortened, xml};
use crate::read::archive::Archive;

pub(super) fn read(archive: &Archive<'_>) -> Parsed<(String, Vec<SheetRow>)> {
    let text = archive.text("content.xml")?;
    let content = xml("content.xml", &text)?;
    let sheet = content
        .descendants()
        .find(|n| is(*n, "table") && n.parent().is_some_and(|p| is(p, "spreadsheet")));
    let sheet = sheet.ok_or("has no sheet")?;
    let name = attribute(sheet, "name").unwrap_or_default().to_string();
    let mut rows = Rows::default();
    let mut number = 1_u64;
    // Rows may lie in groups; tables inside cells are none of this sheet.
    let inside = |n: &Node<'_, '_>| !n.ancestors().any(|a| is(a, "table-cell"));
    for row in sheet.descendants().filter(|n| is(*n, "table-row")) {
        if !inside(&row) {
            continue;
        }
        let times = repeats(row, "number-rows-repeated");
        rows.push(number, cells(row)?, times)?;
        number = number.saturating_add(times);
    }
    Ok((name, rows.rows))
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name
}

/// An attribute by its local name.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let found = node.attributes().find(|a| a.name() == name);
    found.map(|a| a.value())
}

fn repeats(node: Node<'_, '_>, name: &str) -> u64 {
    let times = attribute(node, name).and_then(|t| t.parse().ok());
    times.unwrap_or(1)
}

fn cells(row: Node<'_, '_>) -> Parsed<Vec<String>> {
    let mut cells: Vec<String> = Vec::new();
    // Empty cells are made only when a filled one follows.
    let mut column = 0_usize;
    let kinds = |n: &Node<'_, '_>| is(*n, "table-cell") || is(*n, "covered-table-cell");
    for cell in row.children().filter(kinds) {
        let times = usize::try_from(repeats(cell, "number-columns-repeated"));
        let end = column.saturating_add(times.unwrap_or(usize::MAX));
        let text = shortened(text(cell));
        if !text.is_empty() {
            if end > MAX_COLUMNS {
                return Err(format!(
                    "has a cell in column {end}, expected at most {MAX_COLUMNS} columns"
                ));
            }
            cells.resize(column, String::new());
            cells.resize(end, text);
        }
        column = end;
    }
    Ok(cells)
}

fn text(cell: Node<'_, '_>) -> String {
    let value = |name| attribute(cell, name);
    match value("value-type").unwrap_or_default() {
        "float" | "currency" | "percentage" => {
            let stored = value("value").unwrap_or_default();
            match stored.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => padded(number, &shown(cell)),
                _ => stored.to_string(),
            }
        }
        "date" => value("date-value").unwrap_or_default().to_string(),
        "time" => value("time-value").map(time).unwrap_or_default(),
        "boolean" => value("boolean-value").unwrap_or_default().to_string(),
        "string" => match value("string-value") {
            Some(text) => text.to_string(),
            None => shown(cell),
        },
        _ => shown(cell),
    }
}

/// The number, with the leading zeros its cell shows.
fn padded(number: f64, shown: &str) -> String {
    let digits: String = shown.chars().filter(|c| !matches!(c, '.' | ' ')).collect();
    let zeros = digits.len() > 1
        && digits.starts_with('0')
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.parse::<f64>().is_ok_and(|shown| shown == number);
    if zeros { digits } else { number::plain(number) }
}

/// Paragraphs of a cell, without its comments.
fn shown(cell: Node<'_, '_>) -> String {
    let mut lines: Vec<String> = Vec::new();
    for paragraph in cell.children().filter(|n| is(*n, "p")) {
        let mut line = String::new();
        for node in paragraph.descendants() {
            if node.is_text() {
                line.push_str(node.text().unwrap_or_default());
            } else if is(node, "s") || is(node, "tab") || is(node, "line-break") {
                line.push(' ');
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// `18:30` of a duration such as `PT18H30M00S`.
fn time(duration: &str) -> String {
    let parse = || {
        let rest = duration.strip_prefix("PT")?;
        let (hours, rest) = rest.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds: f64 = rest.strip_suffix('S')?.replace(',', ".").parse().ok()?;
        let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
        Some(match seconds {
            0.0 => format!("{hours:02}:{minutes:02}"),
            _ => format!("{hours:02}:{minutes:02}:{seconds:02.0}"),
        })
    };
    parse().unwrap_or_else(|| duration.to_string())
}

#[cfg(test)]
mod tests {
    use super::{padded, time};

    #[test]
    fn durations_become_hours_of_the_day_and_shown_zeros_are_kept() {
        assert_eq!(time("PT18H30M00S"), "18:30");
        assert_eq!(time("PT02H10M05S"), "02:10:05");
        assert_eq!(time("soon"), "soon");
        assert_eq!(padded(403_449_823.0, "0403.449.823"), "0403449823");
        assert_eq!(padded(403_449_823.0, "403449823"), "403449823");
        assert_eq!(padded(0.5, "0,50"), "0.5");
        assert_eq!(padded(0.0, "0"), "0");
    }
}
