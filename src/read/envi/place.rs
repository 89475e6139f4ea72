//! Where an ENVI raster lies: `map info` and `coordinate system string`.

use super::header::{fault, list};
use crate::problem::{Problem, Result};
use crate::raster::GeoTransform;

/// Place on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Upper-left corner and cell sizes, metres or the system's unit.
    pub transform: GeoTransform,
    /// EPSG code; `None` when the header names no system we know.
    pub epsg: Option<u32>,
}

/// Names of systems in the order they are looked for: the more special first.
const NAMES: [(&[&str], u32); 4] = [
    (&["lambert", "2008"], 3812),
    (&["lambert", "72"], 31_370),
    (&["lambert", "1972"], 31_370),
    (&["lambert_1972"], 31_370),
];

/// Reads the place; `None` without `map info` or with an arbitrary one.
pub(super) fn place(map: Option<&String>, system: Option<&String>) -> Result<Option<Place>> {
    let Some(items) = list(map) else {
        return Ok(None);
    };
    let projection = items
        .first()
        .map(|p| p.to_ascii_lowercase())
        .unwrap_or_default();
    if projection.is_empty() || projection.starts_with("arbitrary") {
        return Ok(None);
    }
    let number = |i: usize| {
        let value = items.get(i).and_then(|v| v.parse::<f64>().ok());
        value
            .filter(|v| v.is_finite())
            .ok_or_else(|| fault("map info", format!("item {} is no number", i + 1)))
    };
    let (column, row, x, y) = (number(1)?, number(2)?, number(3)?, number(4)?);
    let (dx, dy) = (number(5)?, number(6)?);
    if !(dx > 0.0 && dy > 0.0) {
        return Err(fault(
            "map info",
            format!("has cells of {dx} x {dy}, expected above 0"),
        ));
    }
    let turn = items.iter().find_map(|i| {
        i.to_ascii_lowercase()
            .strip_prefix("rotation=")?
            .parse::<f64>()
            .ok()
    });
    if turn.is_some_and(|degrees| degrees != 0.0) {
        return Err(
            Problem::unsupported("is turned against the map, which is not read")
                .field("ENVI map info")
                .hint("turn it upright: gdalwarp -r bilinear"),
        );
    }
    // (1, 1) is the outer corner of the upper-left pixel.
    let transform = GeoTransform {
        x0: x - (column - 1.0) * dx,
        y0: y + (row - 1.0) * dy,
        dx,
        dy,
    };
    Ok(Some(Place {
        transform,
        epsg: from_wkt(system).or_else(|| from_items(&items)),
    }))
}

/// The outermost authority of the system, or its name.
fn from_wkt(system: Option<&String>) -> Option<u32> {
    let text = system?;
    let upper = text.to_ascii_uppercase();
    // The last one belongs to the whole system; the others to its parts.
    if let Some(at) = upper.rfind("AUTHORITY[\"EPSG\",\"") {
        let digits: String = upper[at + 18..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        return digits.parse().ok();
    }
    let lower = text.to_ascii_lowercase();
    let name = lower.split('"').nth(1)?;
    let all = |words: &[&str]| words.iter().all(|w| name.contains(w));
    let named = NAMES
        .iter()
        .find(|(words, _)| all(words))
        .map(|(_, code)| *code);
    named.or_else(|| utm(name, name))
}

/// `UTM, …, zone, North, datum`.
fn from_items(items: &[String]) -> Option<u32> {
    if !items.first()?.eq_ignore_ascii_case("utm") {
        return None;
    }
    let zone = items.get(7)?;
    let rest = items[8.min(items.len())..].join(" ").to_ascii_lowercase();
    let hemisphere = if rest.contains("south") { "s" } else { "n" };
    utm(&format!("zone {zone}{hemisphere}"), &rest)
}

/// UTM of ETRS89 or WGS 84.
fn utm(name: &str, datum: &str) -> Option<u32> {
    let at = name.find("zone")? + 4;
    let rest = name[at..].trim_start_matches([' ', '_']);
    let zone: u32 = rest
        .chars()
        .take_while(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .ok()
        .filter(|z| (1..=60).contains(z))?;
    let south = rest
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .starts_with('s');
    match (datum.contains("etrs"), south) {
        (true, false) if (28..=38).contains(&zone) => Some(25_800 + zone),
        (true, _) => None,
        (false, false) => Some(32_600 + zone),
        (false, true) => Some(32_700 + zone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(map: &str, system: Option<&str>) -> Option<Place> {
        place(Some(&map.to_owned()), system.map(str::to_owned).as_ref()).expect("a place")
    }

    #[test]
    fn the_reference_pixel_is_counted_from_one_at_the_outer_corner() {
        let found = of(
            "{UTM, 1.0, 1.0, 476000, 5633000, 0.5, 0.25, 31, North, WGS-84, units=Meters}",
            None,
        );
        let found = found.expect("a place");
        let t = found.transform;
        assert_eq!(
            (t.x0, t.y0, t.dx, t.dy),
            (476_000.0, 5_633_000.0, 0.5, 0.25)
        );
        assert_eq!(found.epsg, Some(32_631));
        let centre = of(
            "{UTM, 11, 5, 476000, 5633000, 0.5, 0.5, 31, North, ETRS89}",
            None,
        );
        let centre = centre.expect("a place");
        assert_eq!(
            (centre.transform.x0, centre.transform.y0),
            (475_995.0, 5_633_002.0)
        );
        assert_eq!(centre.epsg, Some(25_831));
    }

    #[test]
    fn systems_are_known_by_code_or_by_name() {
        let map = "{Lambert, 1, 1, 34000, 173000, 0.3, 0.3}";
        let code = |system: &str| of(map, Some(system)).expect("a place").epsg;
        assert_eq!(
            code(
                "PROJCS[\"x\",GEOGCS[\"y\",AUTHORITY[\"EPSG\",\"4313\"]],AUTHORITY[\"EPSG\",\"31370\"]]"
            ),
            Some(31_370)
        );
        assert_eq!(
            code("{PROJCS[\"Belge_Lambert_1972\",GEOGCS[\"GCS_Belge_1972\"]]}"),
            Some(31_370)
        );
        assert_eq!(
            code("{PROJCS[\"ETRS_1989_Belgian_Lambert_2008\"]}"),
            Some(3812)
        );
        assert_eq!(code("{PROJCS[\"WGS_1984_UTM_Zone_31N\"]}"), Some(32_631));
        assert_eq!(code("{PROJCS[\"ETRS_1989_UTM_Zone_31N\"]}"), Some(25_831));
        assert_eq!(code("{PROJCS[\"something\"]}"), None);
    }

    #[test]
    fn turned_and_broken_places_are_refused_and_arbitrary_ones_are_none() {
        assert_eq!(of("{Arbitrary, 1, 1, 0, 0, 1, 1}", None), None);
        for map in [
            "{UTM, 1, 1, 0, 0, 1, 1, 31, North, WGS-84, rotation=12.5}",
            "{UTM, 1, 1, 0, 0, 0, 1, 31, North}",
            "{UTM, 1, 1, nan, 0, 1, 1, 31, North}",
            "{UTM, 1, 1}",
        ] {
            assert!(place(Some(&map.to_owned()), None).is_err(), "{map}");
        }
    }
}
