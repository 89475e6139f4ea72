//! Lines of a large comma-separated file, one after the other.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::super::table::{file_name, fold};
use crate::problem::{Problem, Result};

/// Longest line, bytes.
const MAX_LINE: u64 = 64 << 10;

/// The cells of the first line.
pub(super) fn first_line(path: &Path) -> Result<Vec<String>> {
    let mut line = Vec::new();
    let file = BufReader::new(File::open(path)?);
    file.take(MAX_LINE).read_until(b'\n', &mut line)?;
    Ok(cells_of(line.trim_ascii()))
}

/// Calls `take` with the named columns of every row; a column that is missing is empty.
///
/// The register writes no line breaks into cells, so a row is a line: an open quote cannot pull the
/// rest of the file into memory.
pub(super) fn stream(
    path: &Path,
    columns: &[&str],
    mut take: impl FnMut(&[String]) -> Result<()>,
) -> Result<()> {
    let mut reading = || -> Result<()> {
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut line = Vec::new();
        let mut cells = vec![String::new(); columns.len()];
        let mut places: Vec<Option<usize>> = Vec::new();
        for number in 1_u64.. {
            line.clear();
            let size = reader
                .by_ref()
                .take(MAX_LINE)
                .read_until(b'\n', &mut line)?;
            if size == 0 {
                break;
            }
            if size as u64 == MAX_LINE {
                let what = format!("has a line of {MAX_LINE} bytes or more");
                return Err(Problem::broken(what).field(format!("line {number}")));
            }
            let row = cells_of(line.trim_ascii());
            if number == 1 {
                let folded: Vec<String> = row.iter().map(|name| fold(name)).collect();
                let place = |name: &&str| folded.iter().position(|f| f == name);
                places = columns.iter().map(place).collect();
                continue;
            }
            for (cell, place) in cells.iter_mut().zip(&places) {
                cell.clear();
                cell.push_str(place.and_then(|i| row.get(i)).map_or("", |c| c.trim()));
            }
            take(&cells)?;
        }
        Ok(())
    };
    reading().map_err(|problem| problem.in_file(file_name(path)))
}

/// Cells of a line: commas outside quotes, doubled quotes inside.
fn cells_of(line: &[u8]) -> Vec<String> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let text = String::from_utf8_lossy(line);
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for part in text.split_inclusive([',', '"']) {
        let Some(cell) = cells.last_mut() else { break };
        let (body, sign) = match part.chars().next_back() {
            Some(sign @ (',' | '"')) => (part.get(..part.len() - 1).unwrap_or(""), Some(sign)),
            _ => (part, None),
        };
        // A quote right behind a closing one stands for itself.
        cell.push_str(body);
        match sign {
            Some(',') if !quoted => cells.push(String::new()),
            Some(',') => cell.push(','),
            Some(_) => {
                if !quoted && body.is_empty() && !cell.is_empty() {
                    cell.push('"');
                }
                quoted = !quoted;
            }
            None => {}
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::cells_of;

    #[test]
    fn quotes_hold_commas_and_doubled_quotes() {
        let cells = cells_of(br#""2.000.000.339","2",001,"A ""B"", nv","",x"#);
        assert_eq!(cells, ["2.000.000.339", "2", "001", "A \"B\", nv", "", "x"]);
        assert_eq!(cells_of(b""), [""]);
        assert_eq!(cells_of(b"\"open, and so on"), ["open, and so on"]);
    }
}
