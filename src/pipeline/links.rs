//! Ties of a project's companies to buildings, and the list people review them by.
//!
//! The ties that may be published take the place of the explicit links in the inputs, so that
//! every stage sees the same; the others stand in `internal/link_review.csv` and `.gpkg` only.

use super::consent;
use super::flight::Job;
use super::inputs::{Inputs, Need};
use super::project::Project;
use super::run::RunOptions;
use crate::attach::{self, Linking, Occupancy, review};
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::report::Part;
use crate::score::Hotspot;
use crate::survey::reference::References;
use crate::survey::{Company, Outline};
use crate::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};
use crate::write::{atomic, workbook};
use ::geo::{BooleanOps, Contains, Geometry, Point};
use std::collections::BTreeMap;
use std::path::Path;

/// What the base map calls each building.
fn main_buildings(references: &References) -> BTreeMap<String, bool> {
    let kind = |label: &str| match label.trim().to_lowercase().as_str() {
        "hoofdgebouw" => Some(true),
        "bijgebouw" => Some(false),
        _ => None,
    };
    let structures = references.structures.iter();
    structures
        .filter_map(|s| Some((s.oidn.clone(), kind(&s.label)?)))
        .collect()
}

/// Ties all companies; publishable ties replace `inputs.links`, warnings join the inputs'.
pub(super) fn tie(
    project: &Project,
    inputs: &mut Inputs,
    options: &RunOptions,
    need: Need,
) -> Linking {
    if need == Need::Mosaic {
        return Linking::default();
    }
    let privacy = consent::privacy(project, options);
    let settings = &project.settings;
    let standard = attach::Options::default();
    let rules = attach::Options {
        publish_confidence: match privacy.allow_unreviewed {
            true => 0.0,
            false => privacy.publish_confidence,
        },
        min_building_m2: settings
            .number("segment", "min_building_m2")
            .unwrap_or(standard.min_building_m2),
        main_buildings: main_buildings(&inputs.references),
        ..standard
    };
    let linking = attach::link(
        &inputs.companies,
        &inputs.links,
        &inputs.outlines,
        &inputs.references,
        &rules,
    );
    inputs.links = linking
        .ties
        .iter()
        .filter(|t| attach::consent::publishable(t, &privacy))
        .map(|t| t.link.clone())
        .collect();
    // Said where only explicit links were known; the ladder may have found a building since.
    let tied = |w: &Problem| {
        let about = |id: &str| w.field.as_deref() == Some(format!("company {id}").as_str());
        says_no_building(w) && inputs.links.iter().any(|l| about(&l.company_id))
    };
    let kept: Vec<Problem> = inputs
        .warnings
        .iter()
        .filter(|w| !tied(w))
        .cloned()
        .collect();
    inputs.warnings = kept;
    // Keys without outline are told where the explicit links are read.
    let told = |p: &&Problem| !p.what.starts_with("names building");
    let more: Vec<Problem> = linking.warnings.iter().filter(told).cloned().collect();
    inputs.warnings.extend(more);
    linking
}

/// Whether a warning says of explicit links alone that a company has no building.
pub(super) fn says_no_building(warning: &Problem) -> bool {
    warning.what == "takes part but has no building"
}

/// How much of a building is a company's.
pub(super) fn part(linking: &Linking, company: &Company, outline: &Outline) -> Part {
    let mut ties = linking.of(&company.company_id);
    match ties
        .find(|t| t.link.oidn == outline.oidn)
        .map(|t| t.occupancy)
    {
        Some(Occupancy::Zone(_)) => Part::Zone,
        Some(Occupancy::Shared) => Part::Shared,
        _ => Part::Whole,
    }
}

/// Hotspots that may be called a company's own: all on a building it holds alone, those in its
/// zone, none on a building that is shared without zones. Their outlines are cut at the zone.
pub(super) fn own_part<'h>(
    linking: &Linking,
    company: &Company,
    outline: &Outline,
    spots: impl Iterator<Item = &'h Hotspot>,
) -> Vec<Hotspot> {
    let mut ties = linking.of(&company.company_id);
    let tie = ties.find(|t| t.link.oidn == outline.oidn);
    let mine = |spot: &&Hotspot| match tie.map(|t| (t.occupancy, &t.link.zone)) {
        Some((Occupancy::Zone(_), Some(zone))) => zone.contains(&Point::new(spot.x_m, spot.y_m)),
        Some((Occupancy::Shared, _)) => false,
        _ => true,
    };
    let cut = |spot: &Hotspot| match tie.and_then(|t| t.link.zone.as_ref()) {
        Some(zone) => Hotspot {
            polygon: spot.polygon.intersection(zone),
            ..spot.clone()
        },
        None => spot.clone(),
    };
    spots.filter(mine).map(cut).collect()
}

/// Writes `internal/link_review.csv` and `.gpkg` of a flight. `stamp`: the flight's own time.
pub(super) fn write_review(job: &Job<'_>, out: &Path, crs: &Crs, stamp: &str) -> Result<()> {
    if job.inputs.companies.is_empty() {
        return Ok(());
    }
    let folder = out.join("internal");
    atomic::make_folder(&folder)?;
    let privacy = consent::privacy(job.project, job.options);
    let inputs = job.inputs;
    let rows = review::rows(&inputs.companies, job.linking, &inputs.outlines, &privacy);
    let mut table = csv::Writer::from_writer(Vec::new());
    let refused = |e: csv::Error| Problem::io(e.to_string()).in_file("internal/link_review.csv");
    table.write_record(review::COLUMNS).map_err(refused)?;
    for row in &rows {
        let cells = row.cells().map(|c| workbook::spreadsheet_safe(&c));
        table.write_record(&cells).map_err(refused)?;
    }
    let bytes = table
        .into_inner()
        .map_err(|e| Problem::io(e.to_string()).in_file("internal/link_review.csv"))?;
    atomic::write_file(&folder.join("link_review.csv"), &bytes)?;
    layer(&folder.join("link_review.gpkg"), crs, stamp, &rows)
}

fn layer(path: &Path, crs: &Crs, stamp: &str, rows: &[review::Row]) -> Result<()> {
    let mut package = GeoPackage::create(path, crs.epsg(), &crs.name(), &crs.wkt(), stamp)?;
    let columns: Vec<Column> = review::COLUMNS
        .iter()
        .map(|name| Column {
            name: (*name).to_owned(),
            kind: match *name {
                "confidence" => ColumnKind::Real,
                _ => ColumnKind::Text,
            },
            description: None,
        })
        .collect();
    package.add_layer("link_review", GeometryKind::MultiPolygon, &columns)?;
    for row in rows {
        let shape = Geometry::MultiPolygon(row.polygon.clone());
        let shape = (!row.polygon.0.is_empty()).then_some(&shape);
        let cells = review::COLUMNS.iter().zip(row.cells());
        let values: Vec<Value> = cells
            .map(|(name, cell)| match *name {
                "confidence" => row.confidence.map_or(Value::Null, Value::Real),
                _ if cell.is_empty() => Value::Null,
                _ => Value::Text(cell),
            })
            .collect();
        package.insert("link_review", shape, &values)?;
    }
    package.finish()
}
