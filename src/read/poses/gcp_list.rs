//! `gcp_list.txt`, the ground control of OpenDroneMap.
//!
//! First line: the CRS as in `geo.txt`. Then per pixel of a point:
//! `x y z column row image [name] [anything]`, separated by white space (its documentation,
//! "Ground Control Points"). `#` begins a comment. Pixels are counted from the outer corner of the
//! upper-left one, in the detector's own size. Points without a name are told by their place.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::table::{Outcome, Report, file_name, read_bytes};
use super::odm;
use crate::survey::SurveyedPoint;

/// Largest file read, bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Reads `gcp_list.txt`.
///
/// # Errors
/// All faults of the file: an unknown CRS, lines that are no pixel of a point, one name at two
/// places.
pub fn read_gcp_list(path: &Path) -> Outcome<Vec<SurveyedPoint>> {
    let report = Report::new(file_name(path));
    match read_bytes(path, MAX_BYTES) {
        Ok(bytes) => gcp_list_from_bytes(report.file(), &bytes),
        Err(problem) => report.stop(problem),
    }
}

/// The same from bytes; `file` is used in messages only.
///
/// # Errors
/// As [`read_gcp_list`].
pub fn gcp_list_from_bytes(file: &str, bytes: &[u8]) -> Outcome<Vec<SurveyedPoint>> {
    let mut report = Report::new(file);
    let text = String::from_utf8_lossy(bytes);
    let mut lines = odm::lines(&text);
    let crs = match odm::crs(&mut lines, &mut report) {
        Ok(crs) => crs,
        Err(problem) => return report.stop(problem),
    };
    let mut points: BTreeMap<String, SurveyedPoint> = BTreeMap::new();
    for (line, place) in lines {
        let Some((at, pixel, image, name)) = pixel(line) else {
            let what = format!("is \"{line}\", expected: x y z column row image");
            report.fault_at(place, what, None);
            continue;
        };
        let point = points.entry(name.clone()).or_insert_with(|| SurveyedPoint {
            name,
            place: at,
            crs: crs.clone(),
            pixels: Vec::new(),
        });
        if point.place != at {
            let what = format!(
                "point {} has another place than in an earlier line",
                point.name
            );
            report.fault_at(place, what, Some("give every point a name of its own"));
            continue;
        }
        point.pixels.push((image, pixel));
    }
    report.finish(points.into_values().collect())
}

/// Place, pixel, image and name of a line.
fn pixel(line: &str) -> Option<([f64; 3], [f64; 2], String, String)> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let number = |i: usize| parts.get(i)?.parse::<f64>().ok().filter(|v| v.is_finite());
    let at = [number(0)?, number(1)?, number(2)?];
    let pixel = [number(3)?, number(4)?];
    let image = (*parts.get(5)?).to_owned();
    let name = parts
        .get(6)
        .map_or_else(|| parts[..3].join(" "), |n| (*n).to_owned());
    Some((at, pixel, image, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_name_or_place_are_one_point() {
        let text = "EPSG:2056\n# comment\n1 2 3 10.5 20 a.jpg P1\n1 2 3 11 21 b.jpg P1 note\n\
                    4 5 6 1 1 a.jpg\n4 5 6 2 2 c.jpg\n";
        let (points, warnings) =
            gcp_list_from_bytes("gcp_list.txt", text.as_bytes()).expect("valid");
        assert!(warnings.is_empty());
        assert_eq!(points.len(), 2);
        let named = points.iter().find(|p| p.name == "P1").expect("there");
        assert_eq!(
            (named.place, named.crs.as_str()),
            ([1.0, 2.0, 3.0], "EPSG:2056")
        );
        assert_eq!(named.pixels[0], ("a.jpg".to_owned(), [10.5, 20.0]));
        assert_eq!(points.iter().map(|p| p.pixels.len()).sum::<usize>(), 4);
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "nowhere\n1 2 3 10 20 a.jpg P\n1 2 4 10 20 b.jpg P\n1 2 x\n";
        let faults = gcp_list_from_bytes("gcp_list.txt", text.as_bytes()).expect_err("faults");
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(gcp_list_from_bytes("gcp_list.txt", b"").is_err());
    }
}
