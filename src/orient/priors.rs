//! Oriented frames from what files, pose file and settings say.
//!
//! In: headers, given poses, times, cameras, ground, project system. Out: a placement per frame
//! and a report of the assumptions made. The steps: camera, place, height, yaw source, pose,
//! ground view; each in its own file, put together here.
//!
//! Not here: improving poses by matching frames; the priors are its start, and with
//! carrier-phase positions they are enough.

use std::cmp::Ordering;

use super::attitude::{self, CameraPitch, Origin};
use super::cameras::{CameraEntry, CameraSource, CameraTable, FocalSource};
use super::ground::{Terrain, footprint, principal_point};
use super::heights::{self, Heights};
use super::interpretation;
use super::place::{self, GivenPoses, Place};
use super::pose::turned;
use super::report::{AttitudeReport, OrientReport, YawReport, median};
use super::yaw::{self, KelvinOf};
use super::{CameraModel, Ground, Options, Orientation, OrientedFrame, Placement, Pose, YawSource};
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::survey::{FrameHeader, GivenAngles, GivenPose};

/// A gimbal and an aircraft that differ by less are not turned against each other, degrees.
const YAW_TURNED_DEG: f64 = 30.0;

/// Gimbal and flight yaw that differ by more, for most frames, are put to the test, degrees
/// (georeferencing.md §3.3).
const YAW_DOUBT_DEG: f64 = 3.0;

/// Orients the frames of one flight. `headers` and `times_s` (seconds, NaN where unknown) are
/// parallel; `kelvin` gives the temperatures of a frame by its position in them and is asked
/// only when two yaw records disagree.
///
/// Frames that cannot be placed are returned as such, each with its reason.
///
/// # Errors
/// A [`Problem`] that refuses the flight: the project's system is not projected, no ground
/// height is known, or the frames lie more than 20 % off the planned height.
#[allow(clippy::too_many_arguments)] // Each is a source of its own; a struct would only rename.
pub fn from_priors(
    headers: &[FrameHeader],
    given: &[GivenPose],
    times_s: &[f64],
    cameras: &CameraTable,
    ground: &dyn Ground,
    crs: &Crs,
    kelvin: &KelvinOf<'_>,
    options: &Options,
) -> Result<Orientation> {
    if !crs.is_projected() {
        return Err(Problem::setting(format!(
            "EPSG:{} is geographic, expected a projected system in metres",
            crs.epsg()
        ))
        .field("project.crs")
        .hint("use EPSG:31370 or EPSG:3812 in Belgium"));
    }
    let flight = Flight::new(headers, given, times_s, cameras, ground, crs, options)?;
    let (yaw, yaw_report, yaw_warning) = flight.choose_yaw(kelvin);
    let (attitude, turn_warning) = flight.choose_turn(yaw, kelvin)?;
    let reading = Reading {
        yaw,
        turn_deg: attitude.turn_deg,
    };
    let frames: Vec<Placement> = (0..headers.len())
        .map(|i| flight.placement(i, reading))
        .collect();
    let mut report = flight.report(&frames, yaw_report, yaw_warning);
    report.attitude = attitude;
    report.warnings.extend(turn_warning);
    heights::check_planned(report.height.agl_m, options)?;
    Ok(Orientation { frames, report })
}

/// How angles are read.
#[derive(Clone, Copy, Debug)]
struct Reading {
    yaw: YawSource,
    /// Turn of the camera in its mount, clockwise about its axis, degrees.
    turn_deg: f64,
}

/// Turns of a camera in its mount that are tried, degrees.
const TURNS_DEG: [f64; 4] = [0.0, 90.0, 180.0, 270.0];
/// Another turn must explain so much more of the matches to be taken.
const CLEARLY: f64 = 0.2;
/// Attitudes that explain less are refused (georeferencing.md §3.4).
const LEAST_EXPLAINED: f64 = 0.6;

/// Everything known of a flight before yaw is chosen.
struct Flight<'a> {
    headers: &'a [FrameHeader],
    given: Vec<Option<&'a GivenPose>>,
    /// The poses given are those of another camera beside the frames'.
    rig: bool,
    times_s: Vec<f64>,
    by_time: Vec<usize>,
    /// Position of each frame in `by_time`.
    rank: Vec<usize>,
    entries: Vec<CameraEntry>,
    models: Vec<Result<(CameraModel, CameraSource)>>,
    places: Vec<Option<Place>>,
    no_place: Vec<Option<Problem>>,
    heights: Heights,
    terrain: Terrain<'a>,
    camera_pitch: CameraPitch,
    crs: &'a Crs,
    options: &'a Options,
}

impl<'a> Flight<'a> {
    fn new(
        headers: &'a [FrameHeader],
        given: &'a [GivenPose],
        times_s: &[f64],
        cameras: &CameraTable,
        ground: &'a dyn Ground,
        crs: &'a Crs,
        options: &'a Options,
    ) -> Result<Flight<'a>> {
        let given = GivenPoses::new(given);
        let own: Vec<Option<&GivenPose>> = headers.iter().map(|h| given.of(&h.name)).collect();
        let beside: Vec<Option<&GivenPose>> = match own.iter().all(Option::is_none) {
            true => headers.iter().map(|h| given.beside(&h.name)).collect(),
            false => vec![None; headers.len()],
        };
        let rig = beside.iter().any(Option::is_some);
        let given = if rig { beside } else { own };
        let times_s: Vec<f64> = (0..headers.len())
            .map(|i| times_s.get(i).copied().unwrap_or(f64::NAN))
            .collect();
        let by_time = in_order_of_time(&times_s);
        let mut rank = vec![0; by_time.len()];
        for (at, index) in by_time.iter().enumerate() {
            rank[*index] = at;
        }
        let mut places = Vec::with_capacity(headers.len());
        let mut no_place = Vec::with_capacity(headers.len());
        for (header, pose) in headers.iter().zip(&given) {
            match place::place(header, *pose, crs, options) {
                Ok(place) => {
                    places.push(Some(place));
                    no_place.push(None);
                }
                Err(problem) => {
                    places.push(None);
                    no_place.push(Some(problem));
                }
            }
        }
        let heights = heights::heights(&places, &by_time, ground, options)?;
        let terrain = Terrain {
            ground,
            plane_m: heights.plane_m.unwrap_or(0.0),
        };
        Ok(Flight {
            headers,
            given,
            rig,
            by_time,
            rank,
            entries: headers.iter().map(|h| cameras.entry_for(h)).collect(),
            models: models(headers, cameras),
            places,
            no_place,
            heights,
            terrain,
            camera_pitch: CameraPitch::of(headers),
            crs,
            options,
            times_s,
        })
    }

    fn placement(&self, i: usize, reading: Reading) -> Placement {
        match self.oriented(i, reading) {
            Ok((frame, _)) => {
                let tilt_deg = frame.pose.tilt_deg();
                if tilt_deg > self.options.max_oblique_deg {
                    Placement::Oblique { tilt_deg }
                } else {
                    Placement::Oriented(Box::new(frame))
                }
            }
            Err(problem) => Placement::Unplaced(problem.in_file(self.headers[i].name.clone())),
        }
    }

    fn oriented(&self, i: usize, reading: Reading) -> Result<(OrientedFrame, Origin)> {
        let header = &self.headers[i];
        // Position first: files stripped of their tags lack the lens, too, but a lens alone
        // would not help.
        let Some(place) = &self.places[i] else {
            let problem = self.no_place[i].clone();
            return Err(problem.unwrap_or_else(|| Problem::setting("the frame has no position")));
        };
        let (camera, _) = self.models[i].clone()?;
        let Some((height_m, sigma_z_m)) = self.heights.camera_m[i] else {
            return Err(Problem::setting(format!(
                "the frame has no height ({} is used in this flight)",
                self.heights.report.source.words()
            ))
            .hint("give its height in poses.csv, or set crs.vertical_datum"));
        };
        let course = self.course(i).map(|(azimuth_deg, _)| azimuth_deg);
        let found = attitude::attitude(
            header,
            self.given_angles(i)?,
            course,
            self.camera_pitch,
            reading.yaw,
        )?;
        let turn_deg = match found.origin {
            // Given poses are the camera's own.
            Origin::Given => 0.0,
            _ => reading.turn_deg,
        };
        let rotation = attitude::with_boresight(&found.rotation, [turn_deg, 0.0, 0.0]);
        let (pose, origin) = (self.pose(i, place, height_m, &rotation), found.origin);
        let Some(centre) = principal_point(&camera, &pose, &self.terrain) else {
            return Err(self.not_over_ground(place, height_m));
        };
        let footprint = footprint(&camera, &pose, centre.z_m, &self.terrain);
        let frame = OrientedFrame {
            index: i,
            name: header.name.clone(),
            camera,
            pose,
            sigma_xy_m: place.sigma_xy_m,
            sigma_z_m,
            ground_z_m: centre.z_m,
            path_m: centre.path_m,
            footprint,
            time_s: self.times_s[i],
        };
        Ok((frame, origin))
    }

    fn not_over_ground(&self, place: &Place, height_m: f64) -> Problem {
        let ground_m = self.terrain.at(place.x, place.y);
        Problem::setting(format!(
            "the camera is at {height_m:.1} m over ground at {ground_m:.1} m and sees no ground"
        ))
        .hint("check crs.vertical_datum and crs.takeoff_height_m; level views belong to a visit")
    }

    /// Pose on the map grid: true north turned by the convergence, lever arm and trigger lag
    /// added.
    fn pose(&self, i: usize, place: &Place, height_m: f64, rotation: &super::Rotation) -> Pose {
        let (header, entry) = (&self.headers[i], &self.entries[i]);
        let boresight = entry.boresight_deg.unwrap_or(self.options.boresight_deg);
        let rotation = attitude::with_boresight(rotation, boresight);
        let mut centre = [place.x, place.y, height_m];
        // Positions of a pose file are the camera's own; what is beside another camera has a lever of its
        // own, which the matches tell.
        if self.given[i].is_none() {
            let options = Options {
                trigger_lag_s: entry.trigger_lag_s.unwrap_or(self.options.trigger_lag_s),
                ..self.options.clone()
            };
            let lever_m = entry.lever_m.unwrap_or(self.options.lever_m);
            let lever = attitude::lever_enu_m(header, &rotation, lever_m);
            let track = self.course(i).and_then(|(_, velocity)| velocity);
            let lag = attitude::lag_enu_m(header, track, &options);
            let (s, c) = place.convergence_rad.sin_cos();
            let (e, n) = (lever[0] + lag[0], lever[1] + lag[1]);
            centre[0] += e * c - n * s;
            centre[1] += e * s + n * c;
            centre[2] += lever[2] + lag[2];
        }
        Pose {
            centre,
            rotation: turned(&rotation, -place.convergence_rad),
        }
    }

    /// Angles of the pose file with the turn from their grid to true north.
    fn given_angles(&self, i: usize) -> Result<Option<(GivenAngles, f64)>> {
        let Some((pose, angles)) = self.given[i].and_then(|p| Some((p, p.angles?))) else {
            return Ok(None);
        };
        let GivenAngles::OmegaPhiKappa(_) = angles else {
            return Ok(Some((angles, 0.0)));
        };
        let own = self.crs.sibling(&pose.crs)?;
        if !own.is_projected() {
            return Err(Problem::setting(format!(
                "omega, phi, kappa are given with positions in EPSG:{}, which is geographic: the \
                 map grid that they refer to is unknown",
                own.epsg()
            ))
            .hint("give positions in the projected system of the angles, or yaw, pitch, roll"));
        }
        let turn = own.convergence_rad(pose.position[0], pose.position[1]);
        Ok(Some((angles, turn)))
    }

    /// True azimuth of the track at a frame, degrees, and the velocity east-north-up, m/s where
    /// the times are known; from the neighbours in time.
    fn course(&self, i: usize) -> Option<(f64, Option<[f64; 3]>)> {
        let at = self.rank[i];
        let neighbour = |at: Option<usize>| {
            let index = *self.by_time.get(at?)?;
            Some((self.places[index].as_ref()?, index))
        };
        let own = (self.places[i].as_ref()?, i);
        let before = neighbour(at.checked_sub(1)).unwrap_or(own);
        let after = neighbour(at.checked_add(1)).unwrap_or(own);
        let (dx, dy) = (after.0.x - before.0.x, after.0.y - before.0.y);
        if dx.hypot(dy) < 1.0 {
            return None;
        }
        let azimuth_rad = dx.atan2(dy) + own.0.convergence_rad;
        let seconds = self.times_s[after.1] - self.times_s[before.1];
        let velocity = (seconds > 0.0).then(|| {
            let speed = dx.hypot(dy) / seconds;
            let climb = self.heights.camera_m[after.1]
                .zip(self.heights.camera_m[before.1])
                .map_or(0.0, |(a, b)| (a.0 - b.0) / seconds);
            [speed * azimuth_rad.sin(), speed * azimuth_rad.cos(), climb]
        });
        Some((azimuth_rad.to_degrees(), velocity))
    }

    /// Which yaw to use: as set; else the gimbal's, unless it and the aircraft's differ for
    /// most frames and the frames themselves agree better under the aircraft's.
    fn choose_yaw(&self, kelvin: &KelvinOf<'_>) -> (YawSource, YawReport, Option<String>) {
        let differences: Vec<f64> = self
            .headers
            .iter()
            .enumerate()
            .filter(|(i, _)| self.given[*i].and_then(|pose| pose.angles).is_none())
            .filter_map(|(_, header)| attitude::gimbal_minus_flight_deg(header))
            .collect();
        let mut report = YawReport {
            gimbal_minus_flight_deg: median(differences.iter().copied()),
            ..YawReport::default()
        };
        let set = self
            .entries
            .iter()
            .find_map(|entry| entry.yaw_source)
            .unwrap_or(self.options.yaw_source);
        if set != YawSource::Auto || differences.is_empty() {
            report.source = set;
            return (set, report, None);
        }
        report.source = YawSource::Gimbal;
        let doubtful = differences
            .iter()
            .filter(|d| d.abs() > YAW_DOUBT_DEG)
            .count();
        if 2 * doubtful <= differences.len() {
            return (YawSource::Gimbal, report, None);
        }
        let difference = report.gimbal_minus_flight_deg.unwrap_or(f64::NAN);
        let doubt = format!(
            "gimbal and flight yaw differ by {difference:.1}° in {doubtful} of {} frames",
            differences.len()
        );
        let (gimbal, flight) = self.both_ways();
        let warning = match yaw::compare(&gimbal, &flight, kelvin) {
            None => format!(
                "{doubt} and too few frames overlap to tell which is right: the gimbal's is \
                 used; set yaw_source in [[camera]]"
            ),
            Some(scores) => {
                report.gimbal_score = Some(scores.first);
                report.flight_score = Some(scores.second);
                report.pairs = scores.pairs;
                if scores.second > scores.first {
                    report.source = YawSource::Flight;
                }
                format!(
                    "{doubt}: overlapping frames correlate by {:.2} under the gimbal's and {:.2} \
                     under the aircraft's, so the {} is used",
                    scores.first,
                    scores.second,
                    if report.source == YawSource::Flight {
                        "aircraft's"
                    } else {
                        "gimbal's"
                    }
                )
            }
        };
        (report.source, report, Some(warning))
    }

    /// How the camera is turned in its mount: as its angles say, unless another turn explains far more
    /// of what frames have in common. Asked only where something leaves it open: angles of aircraft or
    /// camera bodies, none at all, a gimbal rolled over, or one at odds with the aircraft.
    fn choose_turn(
        &self,
        yaw: YawSource,
        kelvin: &KelvinOf<'_>,
    ) -> Result<(AttitudeReport, Option<String>)> {
        let sure = |header: &FrameHeader| {
            let rolled = attitude::known(header.gimbal).is_some_and(|g| g.roll_deg.abs() > 90.0);
            let apart = attitude::gimbal_minus_flight_deg(header);
            !rolled && apart.is_some_and(|d| d.abs() <= YAW_TURNED_DEG)
        };
        let set = self.entries.iter().any(|e| {
            e.yaw_source.is_some_and(|y| y != YawSource::Auto) || e.boresight_deg.is_some()
        });
        let own = (0..self.headers.len())
            .filter(|i| self.given[*i].and_then(|pose| pose.angles).is_none());
        let open = own.clone().filter(|i| !sure(&self.headers[*i])).count();
        if set || 2 * open <= own.count() || self.options.yaw_source != YawSource::Auto {
            return Ok((AttitudeReport::default(), None));
        }
        let readings: Vec<Vec<OrientedFrame>> = TURNS_DEG
            .iter()
            .map(|turn_deg| {
                let reading = Reading {
                    yaw,
                    turn_deg: *turn_deg,
                };
                let frames = self
                    .by_time
                    .iter()
                    .filter_map(|i| self.oriented(*i, reading).ok());
                let down = |f: &OrientedFrame| f.pose.tilt_deg() <= self.options.max_oblique_deg;
                frames.map(|(frame, _)| frame).filter(down).collect()
            })
            .collect();
        let same = readings.iter().all(|r| r.len() == readings[0].len());
        let judged = match same {
            true => interpretation::judge(&readings, kelvin, self.terrain.ground),
            false => None,
        };
        let Some((judged, pairs)) = judged else {
            return Ok((AttitudeReport::default(), None));
        };
        let mut best = 0;
        for (k, reading) in judged.iter().enumerate() {
            if reading.explained > judged[best].explained + if best == 0 { CLEARLY } else { 0.0 } {
                best = k;
            }
        }
        let list = TURNS_DEG.iter().zip(&judged);
        let report = AttitudeReport {
            readings: list
                .map(|(turn, j)| (*turn, j.explained, j.miss_m))
                .collect(),
            turn_deg: TURNS_DEG[best],
            pairs,
        };
        if judged[best].explained < LEAST_EXPLAINED {
            return Err(Problem::setting(format!(
                "the attitudes explain {:.0} % of what overlapping frames have in common, at least {:.0} % \
                 are needed, whichever way the camera is turned in its mount",
                100.0 * judged[best].explained,
                100.0 * LEAST_EXPLAINED
            ))
            .hint("give poses.csv, or set yaw_source or boresight_deg in [[camera]]"));
        }
        let warning = (best > 0).then(|| {
            format!(
                "the camera is turned by {:.0}° in its mount: so {:.0} % of what {pairs} pairs of frames \
                 have in common agree, as its angles stand {:.0} %",
                TURNS_DEG[best],
                100.0 * judged[best].explained,
                100.0 * judged[0].explained
            )
        });
        Ok((report, warning))
    }

    /// The frames that have both yaws, in the order of time, under each.
    fn both_ways(&self) -> (Vec<OrientedFrame>, Vec<OrientedFrame>) {
        self.by_time
            .iter()
            .filter(|i| attitude::gimbal_minus_flight_deg(&self.headers[**i]).is_some())
            .filter_map(|i| {
                let by = |yaw| {
                    let reading = Reading { yaw, turn_deg: 0.0 };
                    Some(self.oriented(*i, reading).ok()?.0)
                };
                let (gimbal, flight) = (by(YawSource::Gimbal)?, by(YawSource::Flight)?);
                (gimbal.pose.tilt_deg() <= self.options.max_oblique_deg).then_some((gimbal, flight))
            })
            .unzip()
    }

    fn report(
        &self,
        frames: &[Placement],
        yaw: YawReport,
        yaw_warning: Option<String>,
    ) -> OrientReport {
        let placed: Vec<&OrientedFrame> = frames
            .iter()
            .filter_map(|placement| match placement {
                Placement::Oriented(frame) => Some(frame.as_ref()),
                _ => None,
            })
            .collect();
        let mut report = OrientReport {
            placed: placed.len(),
            oblique: count(frames, |p| matches!(p, Placement::Oblique { .. })),
            unplaced: count(frames, |p| matches!(p, Placement::Unplaced(_))),
            given: placed
                .iter()
                .filter(|f| self.given[f.index].is_some())
                .count(),
            rig: self.rig,
            assumed_nadir: placed
                .iter()
                .filter(|f| self.assumes_nadir(f.index))
                .count(),
            height: self.heights.report.clone(),
            yaw,
            attitude: AttitudeReport::default(),
            sigma_xy_m: median(placed.iter().map(|f| f.sigma_xy_m)),
            sigma_z_m: median(placed.iter().map(|f| f.sigma_z_m)),
            cameras: self.camera_lines(),
            warnings: self.heights.warnings.clone(),
        };
        report.height.agl_m = median(placed.iter().map(|f| f.pose.centre[2] - f.ground_z_m));
        report.warnings.extend(yaw_warning);
        if report.assumed_nadir > 0 {
            report.warnings.push(format!(
                "{} frames say nothing of where the camera looked: straight down along the \
                 flight is assumed, several degrees uncertain; give poses.csv to be sure",
                report.assumed_nadir
            ));
        }
        report.warnings.extend(self.odd_frames());
        report
    }

    fn assumes_nadir(&self, i: usize) -> bool {
        let header = &self.headers[i];
        self.given[i].and_then(|pose| pose.angles).is_none()
            && attitude::known(header.gimbal).is_none()
            && attitude::known(header.mount).is_none()
    }

    /// Each camera met, once, with where its focal length came from.
    fn camera_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .models
            .iter()
            .filter_map(|model| model.as_ref().ok())
            .map(|(camera, source)| {
                let from = match source.focal {
                    FocalSource::Setting => "settings",
                    FocalSource::File => "the file's focal length",
                    FocalSource::Table => "the camera table",
                };
                format!(
                    "{}, {} × {}: {:.1} px from {from}, 1σ {:.1} %",
                    source.entry,
                    camera.width,
                    camera.height,
                    camera.f_px,
                    100.0 * source.focal_sigma
                )
            })
            .collect();
        lines.sort();
        lines.dedup();
        lines
    }

    /// Oddities of single frames, each said once.
    fn odd_frames(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .models
            .iter()
            .filter_map(|model| model.as_ref().ok()?.1.warning.clone())
            .collect();
        let rotated = self.headers.iter().filter(|h| h.orientation > 1).count();
        if rotated > 0 {
            lines.push(format!(
                "{rotated} frames carry an EXIF orientation other than 1; their raw samples are \
                 taken as the detector has them"
            ));
        }
        let outside = self
            .places
            .iter()
            .flatten()
            .any(|place| !self.crs.covers(place.x, place.y));
        if outside {
            lines.push(
                "frames lie outside the datum grid: seven parameters (0.25 m) are used there"
                    .to_string(),
            );
        }
        lines.sort();
        lines.dedup();
        lines
    }
}

/// Camera models; a run of frames of one camera shares one, as finding the valid radius of a
/// lens takes longer than all else here.
fn models(
    headers: &[FrameHeader],
    cameras: &CameraTable,
) -> Vec<Result<(CameraModel, CameraSource)>> {
    let same = |a: &FrameHeader, b: &FrameHeader| {
        (a.width, a.height, a.focal_mm) == (b.width, b.height, b.focal_mm) && a.camera == b.camera
    };
    let mut models: Vec<Result<(CameraModel, CameraSource)>> = Vec::with_capacity(headers.len());
    for (i, header) in headers.iter().enumerate() {
        let model = match models.last() {
            Some(last) if same(header, &headers[i - 1]) => last.clone(),
            _ => cameras.model_for(header),
        };
        models.push(model);
    }
    models
}

/// Indices by time; frames without time go last, in the order of the list.
fn in_order_of_time(times_s: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..times_s.len()).collect();
    order.sort_by(|a, b| {
        let (ta, tb) = (times_s[*a], times_s[*b]);
        let missing = ta.is_nan().cmp(&tb.is_nan());
        missing.then(ta.partial_cmp(&tb).unwrap_or(Ordering::Equal))
    });
    order
}

fn count(frames: &[Placement], is: impl Fn(&Placement) -> bool) -> usize {
    frames.iter().filter(|placement| is(placement)).count()
}
