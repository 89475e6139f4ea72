//! The `orient` stage: poses of all frames, and what became of each.

use super::Flight;
use super::adjustment::median;
use super::radiometry;
use super::weather::FlightWeather;
use crate::orient::adjust::FrameFit;
use crate::orient::cameras::CameraTable;
use crate::orient::{self, Ground, NoGround, OrientReport, OrientedFrame, Placement};
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::frames::decode;
use crate::pipeline::ground::SurfaceGround;
use crate::pipeline::inputs::given_poses;
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::raster::{Bounds, Grid};
use crate::rectify;
use crate::survey::FrameHeader;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What became of a frame of the catalogue.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    /// Placed.
    Placed,
    /// Left out, with the reason.
    Skipped(String),
    /// Without place, with the reason.
    Unplaced(String),
}

/// The frames that have a place.
#[derive(Debug, Default)]
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

impl Flight<'_> {
    /// Poses from priors.
    pub(super) fn orient(
        &mut self,
        catalogue: &Catalogue,
        weather: &FlightWeather,
    ) -> Result<Placed, Vec<Problem>> {
        if catalogue.frames.is_empty() {
            return Ok(Placed::default());
        }
        self.reporter.begin(&self.job.folder.id, Stage::Orient, 0);
        let settings = &self.job.folder.settings;
        let mut warnings = Vec::new();
        let given = given_poses(self.job.project, self.job.folder, &mut warnings)?;
        let headers: Vec<FrameHeader> = catalogue.frames.iter().map(|e| e.header.clone()).collect();
        let times_s = catalogue.seconds();
        let cameras = CameraTable::with_overrides(settings.camera_entries());
        let radiometry = settings.radiometry();
        let reporter = self.reporter;
        let kelvin = |index: usize| -> Option<Grid<f32>> {
            // Whoever asked the run to end waits for nothing more than the frame in hand.
            reporter.go_on().ok()?;
            let entry = &catalogue.frames[index];
            let resolved = radiometry::resolve(&radiometry, weather, entry, None);
            decode(entry, &resolved.parameters).ok()
        };
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
                    Fate::Skipped(format!("looks {tilt_deg:.0}° off straight down"))
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
        let model = inputs
            .dsm
            .as_ref()
            .or(inputs.dtm.as_ref())
            .map(SurfaceGround::new);
        let surface: &dyn Ground = match &model {
            Some(model) => model,
            None => &NoGround,
        };
        let footprints: Vec<Bounds> = placed.frames.iter().map(|f| f.footprint).collect();
        let gsd_m = median(placed.frames.iter().map(rectify::frame_gsd_m));
        self.check_room(&footprints, gsd_m).map_err(|p| vec![p])?;
        let matched = self.refine(&mut placed, &kelvin, surface)?;
        self.reporter.go_on().map_err(|p| vec![p])?;
        self.align(&mut placed, matched.as_ref(), &kelvin, surface);
        self.reporter.go_on().map_err(|p| vec![p])?;
        sound(model.as_ref())?;
        let sigma = |pick: fn(&OrientedFrame) -> f64| median(placed.frames.iter().map(pick));
        let positions = json!({
            "sigma_xy_m": sigma(|f| f.sigma_xy_m),
            "sigma_z_m": sigma(|f| f.sigma_z_m),
        });
        self.record.section("positions", positions);
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
        self.record.section("orientation", describe(&placed.report));
        self.lap(Stage::Orient);
        Ok(placed)
    }
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
