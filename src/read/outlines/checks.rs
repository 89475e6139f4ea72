//! The outlines as a whole: what is legal but suspicious.

use geo::BoundingRect;

use super::super::layer::Layer;
use super::super::system::{BELGIUM_DEG, median};
use super::super::table::Report;
use crate::geo::crs::Crs;
use crate::problem::Problem;
use crate::survey::Outline;

/// Distance from the middle outline beyond which another is suspicious, metres: a campaign
/// covers parks of one province.
const FAR_M: f64 = 100_000.0;

/// Systems that are made for Belgium.
const BELGIAN_EPSG: [u32; 6] = [31370, 31300, 21500, 3812, 3447, 6190];

/// Adds warnings about the set of outlines.
pub(super) fn whole(outlines: &[Outline], layer: &Layer, crs: &Crs, report: &mut Report) {
    if outlines.is_empty() {
        report.warn(Problem::setting("holds no outline"));
    }
    warn_if_cut(layer, "outlines", report);
    let centres: Vec<(&str, [f64; 2])> = outlines
        .iter()
        .filter_map(|outline| {
            let centre = outline.polygon.bounding_rect()?.center();
            Some((outline.oidn.as_str(), [centre.x, centre.y]))
        })
        .collect();
    let places: Vec<[f64; 2]> = centres.iter().map(|(_, place)| *place).collect();
    let Some(middle) = median(&places) else {
        return;
    };
    warn_of_far(&centres, middle, report);
    warn_of_place(middle, crs, report);
}

/// A warning where a service may have left records out.
pub(in super::super) fn warn_if_cut(layer: &Layer, of: &str, report: &mut Report) {
    if layer.looks_cut() {
        let count = layer.table.records.len();
        let what = format!("holds exactly {count} {of}, at which services cut their answers");
        let hint = "export smaller areas and join them, or check that none is missing";
        report.warn(Problem::setting(what).hint(hint));
    }
}

fn warn_of_far(centres: &[(&str, [f64; 2])], middle: [f64; 2], report: &mut Report) {
    let far: Vec<&str> = centres
        .iter()
        .filter(|(_, c)| (c[0] - middle[0]).hypot(c[1] - middle[1]) > FAR_M)
        .map(|(oidn, _)| *oidn)
        .collect();
    if !far.is_empty() {
        let shown: Vec<&str> = far.iter().copied().take(10).collect();
        let what = format!(
            "{} outlines lie more than 100 km from the others: {}{}",
            far.len(),
            shown.join(", "),
            if far.len() > shown.len() { ", …" } else { "" }
        );
        report.warn(Problem::setting(what).hint("check their coordinates"));
    }
}

/// A Belgian system with outlines elsewhere: wrong system, or the axes are swapped.
fn warn_of_place(middle: [f64; 2], crs: &Crs, report: &mut Report) {
    if !BELGIAN_EPSG.contains(&crs.epsg()) {
        return;
    }
    let [west, south, east, north] = BELGIUM_DEG;
    let inside = |x: f64, y: f64| {
        crs.to_lonlat(x, y)
            .is_ok_and(|(lon, lat)| (west..=east).contains(&lon) && (south..=north).contains(&lat))
    };
    let [x, y] = middle;
    // Degrees with the axes swapped, put through the projection, come out anywhere; putting
    // them back shows it.
    let swapped = crs
        .to_lonlat(x, y)
        .is_ok_and(|(lon, lat)| (west..=east).contains(&lat) && (south..=north).contains(&lon));
    if !inside(x, y) {
        let what = format!(
            "the middle outline lies at {x:.0}, {y:.0}, outside Belgium, for which EPSG:{} is \
             made",
            crs.epsg()
        );
        let hint = if swapped {
            "longitude and latitude are swapped; export the layer again"
        } else {
            "check the coordinate system of the file and project.crs"
        };
        report.warn(Problem::setting(what).hint(hint));
    }
}
