//! Flights: their files, where every frame was, what it saw and when.

use super::CheckReport;
use crate::mosaic::CrsPair;
use crate::orient::cameras::CameraTable;
use crate::orient::{self, Ground, NoGround, OrientedFrame, Placement};
use crate::pipeline::cache::FileHashes;
use crate::pipeline::catalogue::{self, Catalogue};
use crate::pipeline::ground::SurfaceGround;
use crate::pipeline::inputs::{Inputs, given_poses, project_crs, surveyed_points};
use crate::pipeline::project::{FlightFolder, Project};
use crate::pipeline::stage::Silent;
use crate::problem::Problem;
use crate::raster::Bounds;
use crate::rectify::frame_gsd_m;
use crate::survey::{FrameHeader, GivenPose};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What a flight saw.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Name of the folder.
    pub(super) id: String,
    /// Ground of each frame or tile, project CRS.
    pub(super) footprints: Vec<Bounds>,
    /// Median size of a pixel on the ground, metres.
    pub(super) gsd_m: Option<f64>,
    /// First and last exposure.
    pub(super) span: Option<(Timestamp, Timestamp)>,
}

pub(super) fn check(
    project: &Project,
    inputs: Option<&Inputs>,
    zone: &TimeZone,
    report: &mut CheckReport,
) -> Vec<View> {
    if project.flights.is_empty() && project.visits.is_empty() {
        report.errors.push(
            Problem::setting("has no flight, expected folders under flights/")
                .in_file(project.root.display().to_string())
                .hint("put the frames of each flight into flights/<flight id>/"),
        );
    }
    let flights = project.flights.iter();
    flights
        .map(|folder| one(project, folder, inputs, zone, report))
        .collect()
}

pub(super) fn one(
    project: &Project,
    folder: &FlightFolder,
    inputs: Option<&Inputs>,
    zone: &TimeZone,
    report: &mut CheckReport,
) -> View {
    let flight = format!("flights/{}", folder.id);
    let poses = given_poses(project, folder, &mut report.warnings).unwrap_or_else(|errors| {
        report.errors.extend(errors);
        Vec::new()
    });
    if let Err(errors) = surveyed_points(folder, &mut report.warnings) {
        report.errors.extend(errors);
    }
    let mut catalogue = catalogue::read(project, folder, zone, &FileHashes::default(), &Silent);
    let frames = catalogue.frames.len();
    report.read.push(format!(
        "flight {}: {frames} frames, {} tiles, {} files not readable",
        folder.id,
        catalogue.tiles.len(),
        catalogue.skips.len()
    ));
    if frames + catalogue.tiles.len() == 0 {
        report.errors.push(
            Problem::setting("has no usable frame")
                .in_file(flight.clone())
                .hint("expected radiometric JPEG or TIFF frames, or georeferenced tiles"),
        );
    }
    header_warnings(&catalogue, report);
    let clocks = std::mem::take(&mut catalogue.warnings).into_iter();
    let clocks = clocks.map(|text| Problem::setting(text).in_file(flight.clone()));
    report.warnings.extend(clocks);
    report.warnings.append(&mut catalogue.skips);
    twice(&catalogue, report);
    let mut view = View {
        id: folder.id.clone(),
        footprints: tiles(&catalogue, inputs),
        gsd_m: catalogue.tiles.first().map(|t| t.raster.transform.dx),
        span: catalogue.span(),
    };
    let untimed = catalogue.frames.iter().filter(|e| e.time.is_none()).count();
    let start = !folder.settings.text("flight", "start").is_empty();
    if untimed > 0 || (frames == 0 && !start && !catalogue.tiles.is_empty()) {
        let what = match untimed {
            0 => "tiles have no time".to_owned(),
            n => format!("{n} frames have no time"),
        };
        report.warn(
            Problem::setting(what)
                .in_file(flight.clone())
                .hint("set start = \"2026-01-15T22:30\" under [flight] in flight.toml"),
        );
    }
    match project_crs(project, &folder.settings) {
        Ok(_) if frames == 0 => {}
        Ok(crs) => {
            let placed = place(folder, inputs, &catalogue, &poses, &crs, report);
            let mut sizes: Vec<f64> = placed.iter().map(frame_gsd_m).collect();
            sizes.sort_by(f64::total_cmp);
            view.gsd_m = sizes.get(sizes.len() / 2).copied();
            view.footprints = placed.iter().map(|f| f.footprint).collect();
        }
        // Told of the project already, unless the flight has a grid of its own.
        Err(problem) if project_crs(project, &project.settings).is_ok() => {
            report.errors.push(problem);
        }
        Err(_) => {}
    }
    report.read.extend(summary(&view, zone));
    if let (Some(asked), Some(own)) = (folder.settings.number("mosaic", "gsd_m"), view.gsd_m)
        && asked < 0.5 * own
    {
        report.warn(
            Problem::setting(format!(
                "is {asked} m, but a pixel of the flight is {own:.2} m on the ground"
            ))
            .field("mosaic.gsd_m")
            .in_file(flight)
            .hint("cells far below a pixel show nothing more; leave it at \"auto\""),
        );
    }
    view
}

fn summary(view: &View, zone: &TimeZone) -> Option<String> {
    let mut parts = Vec::new();
    if let Some((start, end)) = view.span {
        let local = |t: Timestamp| t.to_zoned_datetime(zone.clone());
        parts.push(format!(
            "{} to {}",
            local(start).strftime("%Y-%m-%d %H:%M"),
            local(end).strftime("%H:%M")
        ));
    }
    if let Some(gsd) = view.gsd_m {
        parts.push(format!("a pixel is {gsd:.2} m on the ground"));
    }
    (!parts.is_empty()).then(|| format!("flight {}: {}", view.id, parts.join(", ")))
}

/// What files say of themselves: the same of many files is one line.
fn header_warnings(catalogue: &Catalogue, report: &mut CheckReport) {
    let mut by_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in &catalogue.frames {
        for warning in &entry.header.warnings {
            by_text.entry(warning).or_default().push(&entry.shown);
        }
    }
    for (text, files) in by_text {
        report.warn(Problem::broken(text).in_file(super::few(files)));
    }
}

/// The same file under two names counts twice in every mean.
fn twice(catalogue: &Catalogue, report: &mut CheckReport) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let tiles = catalogue.tiles.iter().map(|t| &t.input);
    for input in catalogue.frame_files.iter().chain(tiles) {
        match first.get(input.blake3.as_str()) {
            Some(other) => report.warn(
                Problem::setting(format!("is the same file as {other}"))
                    .in_file(input.file.clone())
                    .hint("take one of them away"),
            ),
            None => {
                first.insert(&input.blake3, &input.file);
            }
        }
    }
}

/// Places all frames as a run would, and tells of those that have none.
fn place(
    folder: &FlightFolder,
    inputs: Option<&Inputs>,
    catalogue: &Catalogue,
    poses: &[GivenPose],
    crs: &crate::geo::crs::Crs,
    report: &mut CheckReport,
) -> Vec<OrientedFrame> {
    let flight = format!("flights/{}", folder.id);
    let settings = &folder.settings;
    let headers: Vec<FrameHeader> = catalogue.frames.iter().map(|e| e.header.clone()).collect();
    let model = inputs
        .and_then(|i| i.dtm.as_ref().or(i.dsm.as_ref()))
        .map(SurfaceGround::new);
    let ground: &dyn Ground = match &model {
        Some(model) => model,
        None => &NoGround,
    };
    let orientation = orient::from_priors(
        &headers,
        poses,
        &catalogue.seconds(),
        &CameraTable::with_overrides(settings.camera_entries()),
        ground,
        crs,
        // Pictures are not looked at: which of two yaw records is right stays open.
        &|_| None,
        &settings.orient_options(),
    );
    let orientation = match orientation {
        Ok(orientation) => orientation,
        Err(problem) => {
            report.errors.push(problem.in_file(flight));
            return Vec::new();
        }
    };
    let mut placed = Vec::new();
    let mut reasons: BTreeMap<String, (Problem, Vec<&str>)> = BTreeMap::new();
    let mut oblique = 0;
    for (entry, placement) in catalogue.frames.iter().zip(orientation.frames) {
        match placement {
            Placement::Oriented(frame) => placed.push(*frame),
            Placement::Oblique { .. } => oblique += 1,
            Placement::Unplaced(problem) => {
                let same = reasons.entry(problem.what.clone());
                let (_, files) = same.or_insert_with(|| (problem, Vec::new()));
                files.push(&entry.shown);
            }
        }
    }
    for (_, (mut problem, files)) in reasons {
        problem.what = match files.len() {
            1 => problem.what,
            n => format!("{n} frames: {}", problem.what),
        };
        let problem = problem.in_file(flight.clone());
        match placed.is_empty() {
            true => report.errors.push(problem),
            false => report.warn(problem),
        }
    }
    if oblique > 0 {
        let problem = Problem::setting(format!("{oblique} frames look too far sideways"))
            .in_file(flight.clone())
            .hint("raise orient.max_oblique_deg, or fly with the camera straight down");
        match placed.is_empty() {
            true => report.errors.push(problem),
            false => report.warn(problem),
        }
    }
    let warnings = orientation.report.warnings.into_iter();
    report
        .warnings
        .extend(warnings.map(|text| Problem::setting(text).in_file(flight.clone())));
    placed
}

/// Ground of the tiles, in the project's system.
fn tiles(catalogue: &Catalogue, inputs: Option<&Inputs>) -> Vec<Bounds> {
    let Some(crs) = inputs.map(|i| &i.crs) else {
        return Vec::new();
    };
    let bounds = catalogue.tiles.iter().filter_map(|tile| {
        let raster = &tile.raster;
        match raster.epsg.filter(|own| *own != crs.epsg()) {
            None => Some(raster.bounds()),
            Some(own) => {
                let source = crs.sibling(&own.to_string()).ok()?;
                let map = crs.clone();
                let pair = CrsPair { map, source };
                let grid = pair.grid_in_map(&raster.transform, raster.width, raster.height)?;
                Some(grid.transform.bounds(grid.width, grid.height))
            }
        }
    });
    bounds.collect()
}
