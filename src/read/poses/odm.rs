//! What the text files of OpenDroneMap share: a CRS in the first line, then lines of which those
//! that are empty or begin with `#` do not count.

use super::super::table::{Place, Report};
use super::epsg_code;
use crate::problem::{Problem, Result};

/// The lines that count, trimmed, with their numbers.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, Place)> {
    text.trim_start_matches('\u{feff}')
        .lines()
        .zip(1..)
        .map(|(line, n)| (line.trim(), Place::Line(n)))
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
}

/// The CRS of the first line; empty, with a fault, where it names none.
///
/// # Errors
/// There is no line.
pub(super) fn crs<'a>(
    lines: &mut impl Iterator<Item = (&'a str, Place)>,
    report: &mut Report,
) -> Result<String> {
    let (line, place) = lines
        .next()
        .ok_or_else(|| Problem::broken("is empty, expected a CRS line"))?;
    Ok(crs_of_header(line).unwrap_or_else(|| {
        let what = format!("is \"{line}\", expected a CRS");
        let hint = "write EPSG:31370, or WGS84 UTM 31N, in the first line";
        report.fault_at(place, what, Some(hint));
        String::new()
    }))
}

/// `EPSG:code` of the first line.
pub(super) fn crs_of_header(line: &str) -> Option<String> {
    let upper = line.to_ascii_uppercase();
    if let Some(rest) = upper.strip_prefix("WGS84 UTM") {
        let rest = rest.trim();
        let south = match rest.chars().last()? {
            'N' => false,
            'S' => true,
            _ => return None,
        };
        return utm(rest.get(..rest.len() - 1)?.trim(), south);
    }
    if !line.contains('+') {
        return epsg_code(line).map(|code| format!("EPSG:{code}"));
    }
    let value = |key: &str| {
        line.split_whitespace()
            .find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
    };
    if let Some(init) = value("+init") {
        return epsg_code(init).map(|code| format!("EPSG:{code}"));
    }
    let wgs84 = [value("+datum"), value("+ellps")]
        .iter()
        .flatten()
        .all(|v| matches!(*v, "WGS84" | "GRS80"));
    match value("+proj")? {
        "utm" if wgs84 => {
            let south = line.split_whitespace().any(|part| part == "+south");
            utm(value("+zone")?, south)
        }
        "longlat" | "latlong" if wgs84 => Some("EPSG:4326".to_string()),
        _ => None,
    }
}

/// WGS84 / UTM zones: EPSG 32601–32660 north, 32701–32760 south.
fn utm(zone: &str, south: bool) -> Option<String> {
    let zone: u32 = zone.parse().ok().filter(|z| (1..=60).contains(z))?;
    let base = if south { 32_700 } else { 32_600 };
    Some(format!("EPSG:{}", base + zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_way_to_name_a_crs_gives_its_code() {
        for (line, code) in [
            ("EPSG:31370", "EPSG:31370"),
            ("epsg:4326", "EPSG:4326"),
            ("WGS84 UTM 31N", "EPSG:32631"),
            ("WGS84 UTM 5S", "EPSG:32705"),
            (
                "+proj=utm +zone=10 +ellps=WGS84 +datum=WGS84 +units=m +no_defs",
                "EPSG:32610",
            ),
            ("+proj=utm +zone=10 +south +datum=WGS84", "EPSG:32710"),
            ("+proj=longlat +datum=WGS84 +no_defs", "EPSG:4326"),
            ("+init=epsg:31370", "EPSG:31370"),
        ] {
            assert_eq!(crs_of_header(line).as_deref(), Some(code), "{line}");
        }
        for line in [
            "a.jpg 1 2 3",
            "WGS84 UTM 99N",
            "+proj=lcc +lat_1=51",
            "WGS84 UTM",
        ] {
            assert_eq!(crs_of_header(line), None, "{line}");
        }
    }
}
