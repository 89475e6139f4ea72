//! The `orient` stage: poses of all frames, and what became of each.

use super::adjustment::{Matched, median};
use super::kept;
use super::radiometry;
use super::weather::FlightWeather;
use super::{Flight, Job};
use crate::orient::adjust::FrameFit;
use crate::orient::cameras::CameraTable;
use crate::orient::{self, Ground, NoGround, OrientReport, OrientedFrame, Placement};
use crate::pipeline::cache::{Digest, Key, Work};
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::frames::decode;
use crate::pipeline::ground::SurfaceGround;
use crate::pipeline::inputs::{Inputs, given_poses};
use crate::pipeline::stage::{Reporter, Stage};
use crate::problem::Problem;
use crate::raster::Grid;
use crate::survey::FrameHeader;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What became of a frame of the catalogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Fate {
    /// Placed.
    Placed,
    /// Left out, with the reason.
    Skipped(String),
    /// Looks too far sideways, with the reason.
    Oblique(String),
    /// Without place, with the reason.
    Unplaced(String),
}

/// The frames that have a place.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Placed {
    /// Oriented frames in catalogue order; `index` is the row of layer `frames`.
    pub(super) frames: Vec<OrientedFrame>,
    /// One per catalogue entry.
    pub(super) fates: Vec<Fate>,
    /// Seconds since the first frame, one per catalogue entry.
    pub(super) times_s: Vec<f64>,
    /// How each frame's tie points fit, where the flight was adjusted; by catalogue entry.
    pub(super) fits: BTreeMap<usize, FrameFit>,
    /// What was decided.
    pub(super) report: OrientReport,
}

impl Placed {
    /// Takes out frames that turn out broken, by catalogue entry, with the reason.
    pub(super) fn without(&mut self, broken: &[(usize, String)]) {
        for (index, reason) in broken {
            if let Some(fate) = self.fates.get_mut(*index) {
                *fate = Fate::Skipped(reason.clone());
            }
        }
        let is_broken = |index| broken.iter().any(|(i, _)| *i == index);
        self.frames.retain(|frame| !is_broken(frame.index));
    }
}

impl Flight<'_> {
    /// Poses of all frames: from priors, adjusted, moved onto the outlines where that is needed.
    pub(super) fn orient(
        &mut self,
        catalogue: &Catalogue,
        weather: &FlightWeather,
    ) -> Result<Placed, Vec<Problem>> {
        if catalogue.frames.is_empty() {
            return Ok(Placed::default());
        }
        let mut key = self.orient_key(catalogue, weather);
        let (mut placed, matched) = self.kept(Stage::Orient, "orient", &key, |flight| {
            flight.place(catalogue, weather)
        })?;
        if self.needs_outlines(&placed) {
            key.told("outlines", &self.job.inputs.outlines);
            placed = self.kept(Stage::Orient, "outlines", &key, |flight| {
                let job = flight.job;
                let reporter = flight.reporter;
                let kelvin = |index| picture(job, reporter, catalogue, weather, index);
                let model = surface_ground(job.inputs);
                let surface: &dyn Ground = match &model {
                    Some(model) => model,
                    None => &NoGround,
                };
                flight.align(&mut placed, matched.as_ref(), &kelvin, surface);
                reporter.go_on().map_err(|p| vec![p])?;
                sound(model.as_ref())?;
                Ok(placed)
            })?;
        }
        let sigma = |pick: fn(&OrientedFrame) -> f64| median(placed.frames.iter().map(pick));
        let positions = json!({
            "sigma_xy_m": sigma(|f| f.sigma_xy_m),
            "sigma_z_m": sigma(|f| f.sigma_z_m),
        });
        self.record.section("positions", positions);
        self.record.section("orientation", describe(&placed.report));
        self.lap(Stage::Orient);
        Ok(placed)
    }

    /// What poses depend on, but for the outlines.
    fn orient_key(&self, catalogue: &Catalogue, weather: &FlightWeather) -> Key {
        let job = self.job;
        let mut key = Key::new("orient");
        let settings = &job.folder.settings;
        kept::tables(
            &mut key,
            settings,
            &["crs", "orient", "flight", "radiometry", "camera"],
        );
        self.key_of_crs(&mut key);
        key.told("weather", weather);
        let files = catalogue.frame_files.iter();
        key.told("files", &files.map(|f| &f.blake3).collect::<Vec<_>>());
        let frames = catalogue.frames.iter();
        let frames: Vec<_> = frames.map(|e| (&e.shown, e.part, e.time)).collect();
        key.told("frames", &frames);
        let beside = [
            &job.folder.poses,
            &job.folder.reconstruction,
            &job.folder.geo_txt,
            &job.folder.gcp_list,
        ];
        let beside: Vec<PathBuf> = beside.into_iter().flatten().cloned().collect();
        key.digest_of("beside", &job.cache.digest_of_paths(&beside));
        key.told("schema", &job.project.settings.schema.get("poses"));
        key.digest_of("models", &self.models());
        key
    }

    /// Adds the project's system to a key: its code, the way to it, and the bytes of its datum grid.
    pub(super) fn key_of_crs(&self, key: &mut Key) {
        key.told("crs", &(self.crs.epsg(), self.crs.transformation()));
        let grid = self.job.folder.settings.text("crs", "grid");
        let grid = self.job.project.root.join(grid);
        if grid.is_file() {
            key.digest_of("grid", &self.job.cache.digest_of_paths(&[grid]));
        }
    }

    /// Digest of the surface and terrain models.
    pub(super) fn models(&self) -> Digest {
        let project = self.job.project;
        let paths = [project.dsm.clone(), project.dtm.clone()].concat();
        self.job.cache.digest_of_paths(&paths)
    }

    /// Poses from priors, adjusted where that helps.
    fn place(
        &mut self,
        catalogue: &Catalogue,
        weather: &FlightWeather,
    ) -> Result<(Placed, Option<Matched>), Vec<Problem>> {
        self.job.cache.count(Work::FlightsOriented);
        self.reporter.begin(&self.job.folder.id, Stage::Orient, 0);
        let settings = &self.job.folder.settings;
        let mut warnings = Vec::new();
        let given = given_poses(self.job.project, self.job.folder, &mut warnings)?;
        let headers: Vec<FrameHeader> = catalogue.frames.iter().map(|e| e.header.clone()).collect();
        let times_s = catalogue.seconds();
        let cameras = CameraTable::with_overrides(settings.camera_entries());
        let (job, reporter) = (self.job, self.reporter);
        let kelvin = |index: usize| picture(job, reporter, catalogue, weather, index);
        let inputs = self.job.inputs;
        let model = inputs
            .dtm
            .as_ref()
            .or(inputs.dsm.as_ref())
            .map(SurfaceGround::new);
        let ground: &dyn Ground = match &model {
            Some(model) => model,
            None => &NoGround,
        };
        let orientation = orient::from_priors(
            &headers,
            &given,
            &times_s,
            &cameras,
            ground,
            &self.crs,
            &kelvin,
            &settings.orient_options(),
        )
        .map_err(|p| vec![p.in_file(format!("flights/{}", self.job.folder.id))])?;
        self.reporter.go_on().map_err(|p| vec![p])?;
        sound(model.as_ref())?;
        let mut placed = Placed {
            times_s,
            report: orientation.report,
            ..Placed::default()
        };
        let mut left_out = Vec::new();
        for (entry, placement) in catalogue.frames.iter().zip(orientation.frames) {
            placed.fates.push(match placement {
                Placement::Oriented(frame) => {
                    placed.frames.push(*frame);
                    Fate::Placed
                }
                Placement::Oblique { tilt_deg } => {
                    Fate::Oblique(format!("looks {tilt_deg:.0}° off straight down"))
                }
                Placement::Unplaced(problem) => {
                    let reason = problem.what.clone();
                    left_out.push(problem.in_file(entry.shown.clone()));
                    Fate::Unplaced(reason)
                }
            });
        }
        self.reporter.end(&format!(
            "{} of {} frames placed, {} oblique; heights from {}",
            placed.frames.len(),
            catalogue.frames.len(),
            placed.report.oblique,
            placed.report.height.source.words()
        ));
        if placed.frames.is_empty() {
            // All for the same reason: one message, not one per frame.
            return Err(vec![nothing_placed(&self.job.folder.id, left_out)]);
        }
        for problem in &left_out {
            self.skip(Stage::Orient, problem);
        }
        let model = surface_ground(inputs);
        let surface: &dyn Ground = match &model {
            Some(model) => model,
            None => &NoGround,
        };
        let matched = self.refine(&mut placed, &kelvin, surface)?;
        self.reporter.go_on().map_err(|p| vec![p])?;
        sound(model.as_ref())?;
        let flight = format!("flights/{}", self.job.folder.id);
        warnings.extend(
            placed
                .report
                .warnings
                .iter()
                .map(|text| Problem::setting(text.clone()).in_file(flight.clone())),
        );
        for warning in &warnings {
            self.warn(Stage::Orient, warning);
        }
        // Only outlines need it again.
        let matched = matched.filter(|_| self.needs_outlines(&placed));
        Ok((placed, matched))
    }
}

/// Temperatures of a frame whose place is not known yet, kelvin; none where the run is asked to end:
/// nobody waits for more than the frame in hand.
fn picture(
    job: &Job<'_>,
    reporter: &dyn Reporter,
    catalogue: &Catalogue,
    weather: &FlightWeather,
    index: usize,
) -> Option<Grid<f32>> {
    reporter.go_on().ok()?;
    let entry = &catalogue.frames[index];
    let settings = job.folder.settings.radiometry();
    let resolved = radiometry::resolve(&settings, weather, entry, None);
    job.cache.count(Work::FramesDecoded);
    let decoded = decode(entry, &resolved.parameters);
    let path = entry.file.path();
    decoded
        .map_err(|problem| job.cache.distrust(&problem, path))
        .ok()
}

/// The surface model, else the terrain.
fn surface_ground(inputs: &Inputs) -> Option<SurfaceGround<'_>> {
    let model = inputs.dsm.as_ref().or(inputs.dtm.as_ref());
    model.map(SurfaceGround::new)
}

/// Whether all of a height model could be read that was asked for.
fn sound(model: Option<&SurfaceGround<'_>>) -> Result<(), Vec<Problem>> {
    model
        .map_or(Ok(()), SurfaceGround::sound)
        .map_err(|p| vec![p])
}

fn nothing_placed(flight: &str, mut reasons: Vec<Problem>) -> Problem {
    let count = reasons.len();
    match reasons.pop() {
        Some(problem) => Problem {
            file: Some(format!("flights/{flight}")),
            what: format!("none of {count} frames can be placed: {}", problem.what),
            ..problem
        },
        None => Problem::setting("no frame looks down: all are oblique")
            .in_file(format!("flights/{flight}"))
            .hint("raise orient.max_oblique_deg, or fly with the camera straight down"),
    }
}

fn describe(report: &OrientReport) -> Value {
    json!({
        "placed": report.placed,
        "oblique": report.oblique,
        "unplaced": report.unplaced,
        "placed_by_pose_file": report.given,
        "poses_of_another_camera": report.rig,
        "assumed_nadir": report.assumed_nadir,
        "height_source": report.height.source.words(),
        "takeoff_m": report.height.takeoff_m,
        "takeoff_from": report.height.takeoff_from,
        "other_height_minus_used_m": report.height.other_minus_used_m,
        "height_above_ground_m": report.height.agl_m,
        "yaw_source": format!("{:?}", report.yaw.source).to_lowercase(),
        "gimbal_minus_flight_yaw_deg": report.yaw.gimbal_minus_flight_deg,
        "gimbal_yaw_score": report.yaw.gimbal_score,
        "flight_yaw_score": report.yaw.flight_score,
        "mount_turn_deg": report.attitude.turn_deg,
        "readings": report.attitude.readings.iter().map(|(turn, explained, miss)| json!({
            "turn_deg": turn, "explained": explained, "miss_m": miss,
        })).collect::<Vec<_>>(),
        "readings_pairs": report.attitude.pairs,
        "sigma_xy_m": report.sigma_xy_m,
        "sigma_z_m": report.sigma_z_m,
        "cameras": report.cameras,
    })
}
