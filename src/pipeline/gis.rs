//! `park.qgz` and `stac.json` of a flight: its results for a GIS and for a catalogue.

use super::flight::Job;
use super::inputs::project_crs;
use super::park_maps;
use super::run::sheet_language;
use crate::geo::crs::Crs;
use crate::problem::Result;
use crate::report::overview::{Fact, Facts, Scope};
use crate::report::{Palette, gis};
use crate::write::stac::{Asset, Item};
use crate::write::{atomic, qgis, stac};
use ::geo::BoundingRect;
use std::collections::BTreeSet;
use std::path::Path;

/// Ground shown beyond the buildings, share of their extent.
const MARGIN: f64 = 0.05;

/// Media type of our rasters.
const COG: &str = "image/tiff; application=geotiff; profile=cloud-optimized";

/// Writes both files of a park, or of the campaign, into its public folder. They hold titles, paths and
/// the extent of the buildings.
///
/// # Errors
/// Files that cannot be written.
pub(super) fn write(job: &Job<'_>, folder: &Path, facts: &Facts, scope: &Scope<'_>) -> Result<()> {
    let crs = project_crs(job.project, &job.folder.settings)?;
    let settings = &job.project.settings;
    // One folder up from `park/`, two from a park's own.
    let results = if scope.park.is_none() {
        "../"
    } else {
        "../../"
    };
    let language = sheet_language(job.project, None, job.options);
    let scale = match settings.numbers("report", "scale_c").as_slice() {
        [low, high] if low < high => Some((*low, *high)),
        _ => facts.scale_c,
    };
    let extent = extent(job, facts, scope.park);
    let rasters = gis::rasters(language, scale);
    let palette = Palette::from_word(settings.text("report", "palette")).unwrap_or_default();
    let title = title(scope);
    let shown = extent.unwrap_or_default();
    let project = qgis::project(&qgis::Project {
        title: &title,
        epsg: crs.epsg(),
        wkt: &crs.wkt(),
        results,
        extent: shown,
        layers: &gis::audit(language),
        rasters: &rasters,
        palette: &palette.table(),
    })?;
    atomic::write_file(&folder.join("park.qgz"), &project)?;
    let mut assets: Vec<Asset> = rasters
        .iter()
        .rev()
        .map(|raster| Asset {
            key: raster.file.trim_end_matches(".tif"),
            href: format!("{results}{}", raster.file),
            media_type: COG,
            title: raster.title.clone(),
            role: "data",
        })
        .collect();
    let beside = |key, name: &str, media_type| Asset {
        key,
        href: name.to_owned(),
        media_type,
        title: title.clone(),
        role: "overview",
    };
    assets.extend([
        beside(
            "workbook",
            "overview.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        beside("report", "overview.pdf", "application/pdf"),
        beside("map", park_maps::NAME, "text/html"),
        beside("project", "park.qgz", "application/zip"),
    ]);
    let id = match scope.park.and_then(|i| scope.parks.get(i)) {
        Some((park, _)) => format!("{}-{park}", scope.flight),
        None => scope.flight.to_owned(),
    };
    let gsd_m = facts.conditions.iter().find_map(|(key, fact)| match fact {
        Fact::Number(v) if key == "gsd_m" => Some(*v),
        _ => None,
    });
    let text = stac::to_json(&Item {
        id: &id,
        title: &title,
        times: facts.times.as_ref().map(|(a, b)| (a.as_str(), b.as_str())),
        corners: &extent.and_then(|e| corners(&crs, e)).unwrap_or_default(),
        epsg: crs.epsg(),
        gsd_m,
        assets: &assets,
    });
    atomic::write_file(&folder.join("stac.json"), text.as_bytes())
}

fn title(scope: &Scope<'_>) -> String {
    let park = scope.park.and_then(|i| scope.parks.get(i));
    match park.map(|(id, name)| if name.is_empty() { id } else { name }) {
        Some(park) => format!("{} – {park} – {}", scope.campaign, scope.flight),
        None => format!("{} – {}", scope.campaign, scope.flight),
    }
}

/// West, south, east, north of the buildings that were seen, with some ground around them.
fn extent(job: &Job<'_>, facts: &Facts, park: Option<usize>) -> Option<[f64; 4]> {
    let seen: BTreeSet<&str> = facts.buildings.iter().map(|b| b.oidn.as_str()).collect();
    let outlines = job.inputs.outlines.iter().zip(&job.parks.of_outline);
    let here = outlines
        .filter(|(o, of)| seen.contains(o.oidn.as_str()) && (park.is_none() || **of == park));
    let boxes = here.filter_map(|(o, _)| o.polygon.bounding_rect());
    let all = boxes
        .map(|r| [r.min().x, r.min().y, r.max().x, r.max().y])
        .reduce(|a, b| {
            [
                a[0].min(b[0]),
                a[1].min(b[1]),
                a[2].max(b[2]),
                a[3].max(b[3]),
            ]
        })?;
    let margin = MARGIN * (all[2] - all[0]).max(all[3] - all[1]);
    // Whole metres: an extent is no measurement.
    Some([
        (all[0] - margin).floor(),
        (all[1] - margin).floor(),
        (all[2] + margin).ceil(),
        (all[3] + margin).ceil(),
    ])
}

fn corners(crs: &Crs, [west, south, east, north]: [f64; 4]) -> Option<Vec<(f64, f64)>> {
    [(west, south), (east, south), (east, north), (west, north)]
        .into_iter()
        .map(|(x, y)| crs.to_lonlat(x, y).ok())
        .collect()
}
