//! `.xlsx`: workbook, its first sheet, shared texts, and the formats that make dates of numbers.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::number::{self, Format};
use super::{MAX_COLUMNS, Parsed, Rows, SheetRow, shortened, xml};
use crate::read::archive::Archive;

/// Longest column name in a cell's place, letters.
const MAX_LETTERS: usize = 3;

pub(super) fn read(archive: &Archive<'_>) -> Parsed<(String, Vec<SheetRow>)> {
    let workbook = archive.text("xl/workbook.xml")?;
    let workbook = xml("xl/workbook.xml", &workbook)?;
    let sheet = named(workbook.root(), "sheet").next();
    let sheet = sheet.ok_or("has no sheet")?;
    let name = attribute(sheet, "name").unwrap_or_default().to_string();
    let since_1904 = named(workbook.root(), "workbookPr")
        .any(|p| matches!(attribute(p, "date1904"), Some("1" | "true")));
    let target = target(archive, attribute(sheet, "id").unwrap_or_default())?;
    let look = Look {
        texts: shared_texts(archive)?,
        formats: formats(archive)?,
        since_1904,
    };
    let text = archive.text(&target)?;
    let sheet = xml(&target, &text)?;
    let mut rows = Rows::default();
    let mut number = 0_u64;
    for row in named(sheet.root(), "row") {
        let given = attribute(row, "r").and_then(|r| r.parse().ok());
        number = given.unwrap_or(number.saturating_add(1));
        rows.push(number, look.cells(row)?, 1)?;
    }
    Ok((name, rows.rows))
}

/// Elements of a name, whatever their namespace (there are two, for "strict" files).
fn named<'a, 'i: 'a>(node: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants()
        .filter(move |n| n.tag_name().name() == name)
}

/// An attribute by its local name.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    let found = node.attributes().find(|a| a.name() == name);
    found.map(|a| a.value())
}

/// The part a sheet lies in.
fn target(archive: &Archive<'_>, id: &str) -> Parsed<String> {
    let part = "xl/_rels/workbook.xml.rels";
    let text = archive.text(part)?;
    let relations = xml(part, &text)?;
    let found = named(relations.root(), "Relationship")
        .find(|r| attribute(*r, "Id") == Some(id))
        .and_then(|r| attribute(r, "Target"));
    let target = found.ok_or("has a first sheet without content")?;
    Ok(match target.strip_prefix('/') {
        Some(absolute) => absolute.to_string(),
        None => format!("xl/{target}"),
    })
}

fn shared_texts(archive: &Archive<'_>) -> Parsed<Vec<String>> {
    let part = "xl/sharedStrings.xml";
    if !archive.holds(part) {
        return Ok(Vec::new());
    }
    let text = archive.text(part)?;
    let shared = xml(part, &text)?;
    Ok(named(shared.root(), "si").map(rich_text).collect())
}

/// All runs of a text, without the phonetic ones.
fn rich_text(item: Node<'_, '_>) -> String {
    let phonetic = |n: &Node<'_, '_>| n.parent().is_some_and(|p| p.tag_name().name() == "rPh");
    let runs = named(item, "t").filter(|n| !phonetic(n));
    shortened(runs.filter_map(|n| n.text()).collect())
}

/// Format of each cell style.
fn formats(archive: &Archive<'_>) -> Parsed<Vec<Format>> {
    let part = "xl/styles.xml";
    if !archive.holds(part) {
        return Ok(Vec::new());
    }
    let text = archive.text(part)?;
    let styles = xml(part, &text)?;
    let custom: BTreeMap<u32, Format> = named(styles.root(), "numFmt")
        .filter_map(|n| {
            let id = attribute(n, "numFmtId")?.parse().ok()?;
            Some((id, number::custom(attribute(n, "formatCode")?)))
        })
        .collect();
    let Some(list) = named(styles.root(), "cellXfs").next() else {
        return Ok(Vec::new());
    };
    let of = |xf: Node<'_, '_>| {
        let id = attribute(xf, "numFmtId").and_then(|id| id.parse().ok());
        let id = id.unwrap_or(0);
        let own = custom.get(&id).copied();
        own.unwrap_or_else(|| number::built_in(id))
    };
    Ok(list.children().filter(Node::is_element).map(of).collect())
}

/// What turns a stored cell into the text shown.
struct Look {
    texts: Vec<String>,
    formats: Vec<Format>,
    since_1904: bool,
}

impl Look {
    fn cells(&self, row: Node<'_, '_>) -> Parsed<Vec<String>> {
        let mut cells: Vec<String> = Vec::new();
        let mut column = 0;
        for cell in row.children().filter(|n| n.tag_name().name() == "c") {
            column = match attribute(cell, "r") {
                Some(place) => column_of(place)
                    .ok_or_else(|| format!("has a cell at the place \"{}\"", short(place)))?,
                None => column,
            };
            let text = self.text(cell);
            if !text.is_empty() {
                if column >= MAX_COLUMNS {
                    return Err(format!(
                        "has a cell in column {}, expected at most {MAX_COLUMNS} columns",
                        column + 1
                    ));
                }
                if cells.len() <= column {
                    cells.resize(column + 1, String::new());
                }
                if let Some(cell) = cells.get_mut(column) {
                    *cell = text;
                }
            }
            column += 1;
        }
        Ok(cells)
    }

    fn text(&self, cell: Node<'_, '_>) -> String {
        let value = cell.children().find(|n| n.tag_name().name() == "v");
        let value = value.and_then(|v| v.text()).unwrap_or_default();
        match attribute(cell, "t").unwrap_or("n") {
            "s" => {
                let index = value.trim().parse::<usize>().ok();
                let text = index.and_then(|i| self.texts.get(i));
                text.cloned().unwrap_or_default()
            }
            "inlineStr" => {
                let inline = cell.children().find(|n| n.tag_name().name() == "is");
                inline.map(rich_text).unwrap_or_default()
            }
            "b" if value.trim() == "1" => "true".to_string(),
            "b" if value.trim() == "0" => "false".to_string(),
            "n" => match value.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    let style = attribute(cell, "s").and_then(|s| s.parse::<usize>().ok());
                    let format = style.and_then(|s| self.formats.get(s));
                    let format = format.copied().unwrap_or(Format::Plain);
                    number::text(number, format, self.since_1904)
                }
                _ => shortened(value.to_string()),
            },
            // Results of formulas, dates in ISO 8601, and errors such as #N/A.
            _ => shortened(value.to_string()),
        }
    }
}

/// Column of a place such as `AB12`, from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters: &str = place.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.is_empty() || letters.len() > MAX_LETTERS {
        return None;
    }
    letters
        .bytes()
        .try_fold(0_usize, |sum, b| {
            let digit = b
                .to_ascii_uppercase()
                .checked_sub(b'A')
                .filter(|d| *d < 26)?;
            Some(sum * 26 + usize::from(digit) + 1)
        })
        .map(|column| column - 1)
}

fn short(text: &str) -> String {
    text.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::column_of;

    #[test]
    fn columns_are_counted_in_letters() {
        assert_eq!(column_of("A1"), Some(0));
        assert_eq!(column_of("Z9"), Some(25));
        assert_eq!(column_of("AA10"), Some(26));
        assert_eq!(column_of("XFD1048576"), Some(16_383));
        for wrong in ["", "1", "AAAA1", "\u{e9}1", "a-1"] {
            assert_eq!(column_of(wrong), None, "{wrong}");
        }
    }
}
