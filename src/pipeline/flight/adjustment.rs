//! Poses made better by what overlapping frames share (`orient.adjust`).

use super::Flight;
use super::geometry::Placed;
use crate::orient::adjust::{self, AdjustReport, Adjusted, Block, Control, FrameFit, SideReport};
use crate::orient::matching::{self, MatchReport, Observation, Track, match_frames};
use crate::orient::outlines::{self, OutlineReport, RoofOutline};
use crate::orient::{CameraModel, Distortion, Ground, KelvinOf, OrientedFrame};
use crate::pipeline::inputs::surveyed_points;
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::survey::Outline;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// With positions better than this the priors are good enough by themselves, metres.
const GOOD_M: f64 = 0.3;
/// How far single positions of a consumer receiver stray within a flight, metres.
const CONSUMER_SPREAD_M: f64 = 1.5;
/// How far directions of single frames stray, degrees.
const SPREAD_DEG: f64 = 1.5;
/// With a smaller share of the pairs matched, these are looked for again from adjusted poses, which
/// are as good as this.
const FEW: f64 = 0.7;
const NEAR: matching::Options = matching::Options {
    sigma_m: 0.5,
    sigma_deg: 0.5,
};
/// An adjustment counts when this share of the frames has tie points and they meet this well.
const LEAST_SHARE: f64 = 0.6;
const WORST_RMSE_PX: f64 = 1.5;
/// 1σ of surveyed points, metres: satellite receivers with corrections.
const SURVEY_SIGMA_M: [f64; 3] = [0.03, 0.03, 0.05];
/// Outlines are façades and roofs hang over: no shift is surer than this, metres.
const MAP_SIGMA_M: f64 = 0.2;
/// Points over which a roof's height is looked up.
const HEIGHT_POINTS: usize = 24;
/// Fewest buildings whose sides hold an adjustment (georeferencing.md §7).
const LEAST_BUILDINGS: usize = 8;
/// Most frames adjusted together: a minute and a half a thousand on two cores, 0.15 MB each.
const MOST_FRAMES: usize = 10_000;

/// What an adjustment was made of, for another with the sides of buildings.
#[derive(Serialize, Deserialize)]
pub(super) struct Matched {
    priors: Vec<OrientedFrame>,
    tracks: Vec<Track>,
    controls: Vec<Control>,
    checks: Vec<Control>,
    options: adjust::Options,
    report: MatchReport,
}

impl Flight<'_> {
    /// Matches and adjusts where it is asked for and helps; else the priors stay.
    ///
    /// # Errors
    /// All faults of the flight's surveyed points.
    pub(super) fn refine(
        &mut self,
        placed: &mut Placed,
        kelvin: &KelvinOf<'_>,
        ground: &dyn Ground,
    ) -> Result<Option<Matched>, Vec<Problem>> {
        let settings = &self.job.folder.settings;
        let asked = settings.text("orient", "adjust");
        let sigma_m = placed.report.sigma_xy_m.unwrap_or(f64::NAN);
        let (checks, controls): (Vec<Control>, Vec<Control>) =
            self.controls(placed)?.into_iter().partition(withheld);
        // What the priors do; an adjustment puts its own in place of it.
        self.note_checks(&checks, &placed.frames);
        let rig = placed.report.rig;
        let unsure = sigma_m > GOOD_M && placed.report.given == 0;
        let needed = unsure || rig || !controls.is_empty();
        if asked == "off" || (asked != "on" && !needed) || placed.frames.len() < 3 {
            return Ok(None);
        }
        if placed.frames.len() > MOST_FRAMES {
            let frames = placed.frames.len();
            self.keep_priors(&format!(
                "{frames} frames are more than can be adjusted together ({MOST_FRAMES}) so far"
            ));
            return Ok(None);
        }
        let spread = matching::Options {
            // A camera turned against the other of its rig is as far off as a receiver without help.
            sigma_m: match rig {
                true => CONSUMER_SPREAD_M,
                false => sigma_m.clamp(0.1, CONSUMER_SPREAD_M),
            },
            sigma_deg: SPREAD_DEG,
        };
        let mut matches = match_frames(&placed.frames, kelvin, ground, &spread);
        let mut options = settings.adjust_options();
        if rig {
            options = options.rig();
        }
        // A calibrated lens is better than what one flight can say of it.
        if settings
            .camera_entries()
            .iter()
            .any(|c| c.focal_px.is_some())
        {
            options.lens = [0.0; 8];
        }
        let block = Block {
            frames: &placed.frames,
            start: None,
            tracks: &matches.tracks,
            controls: &controls,
            sides: &[],
        };
        let mut adjusted = adjust::adjust(&block, ground, &options);
        // From better places more pairs match: a turn of the camera hides those across lines.
        let few = (matches.report.matched as f64) < FEW * matches.report.pairs as f64;
        if let Some(first) = adjusted.take_if(|a| few && a.report.rmse_px <= WORST_RMSE_PX) {
            let again = match_frames(&first.frames, kelvin, ground, &NEAR);
            let better = again.report.matched > matches.report.matched;
            if better {
                matches = again;
            }
            let block = Block {
                frames: &placed.frames,
                start: Some(&first.frames),
                tracks: &matches.tracks,
                controls: &controls,
                sides: &[],
            };
            adjusted = match better {
                true => adjust::adjust(&block, ground, &options).or(Some(first)),
                false => Some(first),
            };
        }
        let Some(Adjusted { frames, report }) = adjusted else {
            let MatchReport { pairs, matched, .. } = matches.report;
            self.keep_priors(&format!("{matched} of {pairs} overlapping pairs match"));
            return Ok(None);
        };
        let share = report.adjusted as f64 / frames.len() as f64;
        if share < LEAST_SHARE || report.rmse_px > WORST_RMSE_PX {
            self.keep_priors(&format!(
                "{} of {} frames have tie points, and these miss by {:.2} pixels",
                report.adjusted,
                frames.len(),
                report.rmse_px
            ));
            return Ok(None);
        }
        let priors = std::mem::replace(&mut placed.frames, frames);
        placed.fits = fits(&placed.frames, &report);
        self.note_adjustment(&matches.report, &report);
        self.note_checks(&checks, &placed.frames);
        Ok(Some(Matched {
            priors,
            tracks: matches.tracks,
            controls,
            checks,
            options,
            report: matches.report,
        }))
    }

    /// Moves the block onto the building outlines where they agree on how far it is off
    /// (`orient.outline_control`): the sides of buildings become observations of the adjustment, or
    /// where there was none, the poses are moved, turned and scaled together.
    pub(super) fn align(
        &mut self,
        placed: &mut Placed,
        matched: Option<&Matched>,
        kelvin: &KelvinOf<'_>,
        ground: &dyn Ground,
    ) {
        let roofs = roof_outlines(&self.job.inputs.outlines, ground);
        if roofs.is_empty() {
            return;
        }
        let found = outlines::shift(&placed.frames, kelvin, &roofs, ground);
        let mut section = outline_section(&found, &roofs);
        if !found.refused.is_empty() {
            section["applied"] = false.into();
            self.record.section("outline_control", section);
            self.outlines_do_not_hold(&found);
            return;
        }
        let moved = placed.frames.iter().map(|f| found.corrected(f, ground));
        let moved: Vec<OrientedFrame> = moved.collect();
        let sides = outlines::sides(&moved, kelvin, &roofs, &found.agreeing);
        section["applied"] = true.into();
        section["buildings_with_sides"] = sides.buildings.into();
        section["buildings_without_sides"] = sides.without.into();
        placed.frames = moved;
        section["by"] = "similarity".into();
        if let Some(matched) = matched.filter(|_| sides.buildings >= LEAST_BUILDINGS) {
            let block = Block {
                frames: &matched.priors,
                start: Some(&placed.frames),
                tracks: &matched.tracks,
                controls: &matched.controls,
                sides: &sides.sides,
            };
            let adjusted = adjust::adjust(&block, ground, &matched.options);
            let adjusted = adjusted.filter(|a| a.report.rmse_px <= WORST_RMSE_PX);
            if let Some(Adjusted { frames, report }) = adjusted {
                placed.frames = frames;
                placed.fits = fits(&placed.frames, &report);
                section["by"] = "adjustment".into();
                if let Some(fit) = &report.sides {
                    section["sides"] = side_section(fit, &roofs);
                }
                self.note_adjustment(&matched.report, &report);
                self.note_checks(&matched.checks, &placed.frames);
            }
        }
        for frame in &mut placed.frames {
            frame.sigma_xy_m = frame.sigma_xy_m.max(MAP_SIGMA_M);
        }
        self.record.section("outline_control", section);
    }

    /// Whether the block is to be moved onto the building outlines.
    pub(super) fn needs_outlines(&self, placed: &Placed) -> bool {
        let asked = self.job.folder.settings.text("orient", "outline_control");
        let sigma_m = median(placed.frames.iter().map(|f| f.sigma_xy_m));
        let unsure = sigma_m > GOOD_M && placed.report.given == 0;
        asked == "on" || (asked != "off" && unsure)
    }

    fn outlines_do_not_hold(&mut self, found: &OutlineReport) {
        let [east, north] = found.shift_m;
        let best = match found.measured() {
            true => format!(" ({east:+.1} m east, {north:+.1} m north would fit best)"),
            false => String::new(),
        };
        let warning = Problem::setting(format!(
            "the map is not moved onto the building outlines{best}: {}",
            found.refused
        ))
        .in_file(format!("flights/{}", self.job.folder.id))
        .hint("positions stay uncertain by some metres: surveyed points in gcp_list.txt fix them");
        self.warn(Stage::Orient, &warning);
    }

    /// The surveyed points of the flight in the project's system, with the frames that see them.
    ///
    /// # Errors
    /// All faults of the file, and points outside the systems used: a point left out by mistake would
    /// move a whole block.
    fn controls(&mut self, placed: &Placed) -> Result<Vec<Control>, Vec<Problem>> {
        let mut warnings = Vec::new();
        let mut faults = Vec::new();
        let points = surveyed_points(self.job.folder, &mut warnings)?;
        let mut by_name = BTreeMap::new();
        for (index, frame) in placed.frames.iter().enumerate() {
            by_name.insert(frame.name.to_lowercase(), index);
        }
        let mut controls = Vec::new();
        for point in points {
            let own = self.crs.sibling(&point.crs);
            let place = own.and_then(|own| match own.epsg() == self.crs.epsg() {
                true => Ok((point.place[0], point.place[1])),
                false => {
                    let (lon, lat) = own.to_lonlat(point.place[0], point.place[1])?;
                    self.crs.from_lonlat(lon, lat)
                }
            });
            let (x, y) = match place {
                Ok(place) => place,
                Err(problem) => {
                    faults.push(problem.field(point.name.clone()).in_file("gcp_list.txt"));
                    continue;
                }
            };
            let mut observations: Vec<Observation> = point
                .pixels
                .iter()
                .filter_map(|(file, [u, v])| {
                    let frame = *by_name.get(&file.to_lowercase())?;
                    let (u, v) = (*u, *v);
                    Some(Observation { frame, u, v })
                })
                .collect();
            observations.sort_by_key(|o| o.frame);
            if observations.is_empty() {
                let what = format!("point {} is seen by no frame of the flight", point.name);
                warnings.push(Problem::setting(what).in_file("gcp_list.txt"));
                continue;
            }
            controls.push(Control {
                name: point.name,
                place: [x, y, point.place[2]],
                sigma_m: SURVEY_SIGMA_M,
                track: Track { observations },
            });
        }
        for warning in &warnings {
            self.warn(Stage::Orient, warning);
        }
        match faults.is_empty() {
            true => Ok(controls),
            false => Err(faults),
        }
    }

    fn keep_priors(&mut self, why: &str) {
        let warning = Problem::setting(format!(
            "poses are taken from the files and not adjusted: {why}"
        ))
        .in_file(format!("flights/{}", self.job.folder.id))
        .hint("fly with more overlap (80 % forward, 60 % side), or set orient.adjust = \"off\"");
        self.warn(Stage::Orient, &warning);
    }

    /// How far surveyed points that were withheld lie off, their pixels averaged.
    fn note_checks(&mut self, checks: &[Control], frames: &[OrientedFrame]) {
        if checks.is_empty() {
            return;
        }
        let miss = |check: &Control| {
            let seen = check.track.observations.iter().filter_map(|o| {
                let frame = frames.get(o.frame)?;
                let ray = frame.camera.unproject(o.u, o.v)?;
                let (x, y) = frame.pose.on_plane(ray, check.place[2])?;
                Some([x - check.place[0], y - check.place[1]])
            });
            let (sum, n) = seen.fold(([0.0; 2], 0.0), |([x, y], n), m| {
                ([x + m[0], y + m[1]], n + 1.0)
            });
            (n > 0.0).then(|| (check.name.clone(), (sum[0] / n).hypot(sum[1] / n)))
        };
        let found: BTreeMap<String, f64> = checks.iter().filter_map(miss).collect();
        self.record.section("check_residuals_m", json!(found));
    }

    fn note_adjustment(&mut self, matches: &MatchReport, report: &AdjustReport) {
        let section = json!({
            "pairs": matches.pairs,
            "matched_pairs": matches.matched,
            "ambiguous_pairs": matches.ambiguous,
            "adjusted_frames": report.adjusted,
            "observations": report.observations,
            "outliers": report.outliers,
            "reprojection_rmse_px": report.rmse_px,
            "reprojection_bin_px": adjust::BIN_PX,
            "reprojection_histogram": report.histogram,
            "receiver_offset_m": report.offset_m,
            "position_spread_m": report.spread_m,
            "boresight_deg": report.boresight_deg,
            "trigger_lag_s": report.lag_s,
            "lever_m": report.lever_m,
            "principal_point_released": report.principal_point,
            "principal_point_change_px": report.lens.iter().map(|l| &l[6..]).collect::<Vec<_>>(),
            "focal_change": report.lens.iter().map(|l| l[0].exp_m1()).collect::<Vec<_>>(),
            "distortion_change": report.lens.iter().map(|l| &l[1..4]).collect::<Vec<_>>(),
            "cameras": report.cameras.iter().map(interior).collect::<Vec<_>>(),
            "surface_rmse_m": report.surface_rmse_m,
            "surface_offset_m": report.surface_offset_m,
            "control_points": report.controls_m.len(),
            "control_residuals_m": report.controls_m.iter().cloned().collect::<BTreeMap<_, _>>(),
        });
        self.record.section("adjustment", section);
    }
}

/// Surveyed points whose name begins so are not used but judged by.
fn withheld(control: &Control) -> bool {
    let name = control.name.to_lowercase();
    ["check", "chk"].iter().any(|start| name.starts_with(start))
}

/// How the tie points of each frame fit, by catalogue entry.
fn fits(frames: &[OrientedFrame], report: &AdjustReport) -> BTreeMap<usize, FrameFit> {
    let all = frames.iter().zip(&report.of_frames);
    all.map(|(frame, fit)| (frame.index, *fit)).collect()
}

/// A camera's interior orientation, pixels.
fn interior(camera: &CameraModel) -> Value {
    let (lens, k, p) = match camera.distortion {
        Distortion::Brown { k, p } => ("brown", k.to_vec(), p.to_vec()),
        Distortion::Fisheye { k } => ("fisheye", k.to_vec(), Vec::new()),
    };
    json!({
        "f_px": camera.f_px,
        "cx_px": camera.cx_px,
        "cy_px": camera.cy_px,
        "distortion": lens,
        "k": k,
        "p": p,
    })
}

/// What the outlines said, for `run.json`.
pub(super) fn outline_section(found: &OutlineReport, roofs: &[RoofOutline]) -> Value {
    let name = |b: &usize| roofs.get(*b).map_or("", |r| r.oidn.as_str());
    let misses = found.misses_m.iter();
    let opinion = match found.second_by_surface {
        true => "surface model",
        false => "contrast",
    };
    // What was not measured is absent, not nought.
    let measured = |value: Value| if found.measured() { value } else { Value::Null };
    json!({
        "buildings": found.buildings,
        "agreeing": found.agreeing.len(),
        "shift_m": measured(json!(found.shift_m)),
        "second_opinion": measured(opinion.into()),
        "second_shift_m": measured(json!(found.second_shift_m)),
        "scale": measured(found.scale.into()),
        "turn_deg": measured(found.turn_deg.into()),
        "sigma_m": measured(found.sigma_m.into()),
        "peak_ratio": measured(found.peak_ratio.into()),
        "misses_m": misses
            .map(|(b, by)| {
                let agrees = found.agreeing.contains(b);
                json!({ "oidn": name(b), "east_north_m": by, "agrees": agrees })
            })
            .collect::<Vec<_>>(),
        "refused": found.refused,
    })
}

fn side_section(fit: &SideReport, roofs: &[RoofOutline]) -> Value {
    let residuals = fit.residuals_m.iter();
    json!({
        "observations": fit.observations,
        "overhang_m": fit.overhang_m,
        "rmse_m": fit.rmse_m,
        "residuals_m": residuals
            .map(|(b, rms, n)| json!({"oidn": roofs[*b].oidn, "rms_m": rms, "n": n}))
            .collect::<Vec<_>>(),
    })
}

/// The outer rings of outlines with the surface's height at their roofs' edges.
pub(super) fn roof_outlines(outlines: &[Outline], ground: &dyn Ground) -> Vec<RoofOutline> {
    let rings = outlines
        .iter()
        .flat_map(|o| o.polygon.iter().map(move |p| (&o.oidn, p)));
    rings
        .filter_map(|(oidn, polygon)| {
            let points = polygon.exterior().points();
            let mut ring: Vec<[f64; 2]> = points.map(|p| [p.x(), p.y()]).collect();
            ring.pop();
            let n = ring.len().max(1) as f64;
            let middle = [0, 1].map(|a| ring.iter().map(|p| p[a]).sum::<f64>() / n);
            // A metre and a half inside the edge: on the roof, wherever the outline lies exactly.
            let step = ring.len().div_ceil(HEIGHT_POINTS).max(1);
            let heights = ring.iter().step_by(step).filter_map(|p| {
                let (dx, dy) = (middle[0] - p[0], middle[1] - p[1]);
                let inwards = (2.1 / dx.hypot(dy).max(2.1)).min(0.5);
                ground.height_m(p[0] + inwards * dx, p[1] + inwards * dy)
            });
            let height_m = median(heights);
            height_m.is_finite().then(|| RoofOutline {
                oidn: oidn.clone(),
                ring,
                height_m,
            })
        })
        .collect()
}

/// The upper of two middles; NaN of nothing.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
