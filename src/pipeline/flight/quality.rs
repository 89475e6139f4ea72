//! `quality.json` and `quality.pdf`: how well a flight's map is placed and levelled, and what to fly
//! next time (georeferencing.md §12).

use super::quality_figures::tables;
use super::{Flight, kept, map};
use crate::level::Levelling;
use crate::orient::OrientedFrame;
use crate::pipeline::cache::{Key, Work};
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use crate::raster::{Bounds, Grid};
use crate::report::quality::{self, Arrow, FramePoint, QualityInput, Reason, Verdict, View, views};
use crate::write::pdf::Document;
use crate::write::{atomic, pdf};
use serde_json::{Value, json};

/// Positions worse than this leave a hotspot near a border to either neighbour, metres.
const PLACED_M: f64 = 0.5;
/// Overlaps that still disagree by more leave steps in the map, kelvin.
const LEVELLED_K: f64 = 0.4;
/// Shares of the frames that must have a place, and tie points.
const LEAST_PLACED: f64 = 0.6;
const LEAST_ADJUSTED: f64 = 0.9;

/// Sections of `run.json` the report is made from.
const NOTED: [&str; 6] = [
    "adjustment",
    "check_residuals_m",
    "levelling",
    "orientation",
    "outline_control",
    "positions",
];

/// What the report draws: frames with their levels, and what is seen of the ground.
#[derive(Clone, Debug, Default)]
pub(super) struct Drawn {
    frames: Vec<OrientedFrame>,
    levels: Option<Levelling>,
    bounds: Option<Bounds>,
}

impl Drawn {
    /// Frames after orientation, before there is a map.
    pub(super) fn placed(frames: &[OrientedFrame]) -> Self {
        Self {
            frames: frames.to_vec(),
            ..Self::default()
        }
    }

    /// A finished map.
    pub(super) fn of_map(map: &map::Map) -> Self {
        Self {
            frames: map.frames.clone(),
            levels: Some(map.levelling.clone()),
            bounds: Some(map.transform.bounds(map.width, map.height)),
        }
    }

    fn bounds(&self) -> Bounds {
        let seen = |all: Bounds, f: &OrientedFrame| all.union(&f.footprint);
        self.bounds
            .unwrap_or_else(|| self.frames.iter().fold(Bounds::EMPTY, seen))
    }

    /// What the camera adds over the image of the frame in the flight's middle, about its mean.
    fn flat_field(&self) -> Option<Grid<f32>> {
        let correction = self.levels.as_ref()?.correction(self.frames.len() / 2);
        if self.frames.is_empty() || correction.is_constant() {
            return None;
        }
        let grid = correction.grid();
        let sum: f64 = grid.data().iter().map(|v| f64::from(*v)).sum();
        let mean = (sum / grid.data().len().max(1) as f64) as f32;
        Some(grid.map(|v| v - mean))
    }

    fn points(&self) -> Vec<FramePoint> {
        let levels = self.levels.as_ref();
        let point = |(i, f): (usize, &OrientedFrame)| FramePoint {
            place: [f.pose.centre[0], f.pose.centre[1]],
            sigma_m: f.sigma_xy_m,
            time_s: f.time_s,
            offset_k: levels
                .and_then(|l| l.offset_k.get(i))
                .copied()
                .unwrap_or(f64::NAN),
            run: levels.and_then(|l| l.run.get(i)).copied().unwrap_or(0),
        };
        self.frames.iter().enumerate().map(point).collect()
    }
}

impl Flight<'_> {
    /// Writes the report from what the stages noted.
    ///
    /// # Errors
    /// The files cannot be written.
    pub(super) fn write_quality(&mut self, catalogue: &Catalogue) -> Result<(), Vec<Problem>> {
        let mut key = Key::new("quality");
        key.told("drawn", &self.drawn);
        key.told(
            "flight",
            &(&self.job.folder.id, self.job.folder.files.len()),
        );
        key.told("skips", &catalogue.skips);
        key.told("counts", &(catalogue.frames.len(), catalogue.tiles.len()));
        for name in NOTED {
            key.told(name, &self.record.noted(name));
        }
        let times = catalogue.frames.iter().map(|e| e.time);
        key.told("times", &times.collect::<Vec<_>>());
        key.told("outlines", &self.job.inputs.outlines);
        kept::tables(&mut key, &self.job.project.settings, &["project"]);
        self.job.inputs.house.key(&mut key, Document::Quality);
        let files = ["quality.json", "quality.pdf"];
        self.written(Stage::Report, "quality", &key, &files, |flight| {
            flight.job.cache.count(Work::OverviewsMade);
            flight.make_quality(catalogue).map_err(|p| vec![p])
        })
    }

    fn make_quality(&self, catalogue: &Catalogue) -> Result<(), Problem> {
        let noted = |name: &str| self.record.noted(name).cloned().unwrap_or(Value::Null);
        let reasons = self.reasons(catalogue);
        let verdict = reasons.first().map_or(Verdict::Green, |r| r.verdict);
        let orientation = noted("orientation");
        let skips = catalogue.skips.iter();
        let refused: Vec<(String, String)> = skips
            .map(|p| (p.file.clone().unwrap_or_default(), p.what.clone()))
            .collect();
        let points = self.drawn.points();
        let report = json!({
            "schema": "thermaudit-quality-1",
            "flight": self.job.folder.id,
            "verdict": verdict.word(),
            "why": reasons.iter().map(|r| r.why.as_str()).collect::<Vec<_>>(),
            "next_time": reasons.iter().map(|r| r.next_time.as_str()).collect::<Vec<_>>(),
            "counts": {
                "files": self.job.folder.files.len(),
                "frames": catalogue.frames.len(),
                "tiles": catalogue.tiles.len(),
                "not_readable": catalogue.skips.len(),
                "refused": refused.iter().map(|(file, what)| json!({ "file": file, "what": what })).collect::<Vec<_>>(),
                "placed": orientation["placed"],
                "oblique": orientation["oblique"],
                "unplaced": orientation["unplaced"],
                "adjusted": noted("adjustment")["adjusted_frames"],
            },
            "geometry": {
                "positions": noted("positions"),
                "frames": points.iter().map(|p| json!({
                    "x_m": p.place[0], "y_m": p.place[1], "sigma_xy_m": known(p.sigma_m),
                })).collect::<Vec<_>>(),
                "orientation": orientation,
                "adjustment": noted("adjustment"),
                "check_residuals_m": noted("check_residuals_m"),
                "outline_control": noted("outline_control"),
            },
            "radiometry": {
                "levelling": noted("levelling"),
                "offsets": points.iter().filter(|p| p.offset_k.is_finite()).map(|p| json!({
                    "time_s": known(p.time_s), "offset_k": p.offset_k, "run": p.run,
                })).collect::<Vec<_>>(),
            },
        });
        atomic::make_folder(self.out)?;
        let text = format!("{report:#}\n");
        atomic::write_file(&self.out.join("quality.json"), text.as_bytes())?;
        let input = self.quality_input(catalogue, reasons, refused, points);
        let templates = &self.job.inputs.house.templates;
        let pages = pdf::render_quality(&quality::quality(&input), templates)?;
        atomic::write_file(&self.out.join("quality.pdf"), &pages)
    }

    /// Why the map is not as good as it could be, the worst first.
    fn reasons(&self, catalogue: &Catalogue) -> Vec<Reason> {
        let noted = |name: &str| self.record.noted(name).cloned().unwrap_or(Value::Null);
        let outlines = noted("outline_control");
        let frames = catalogue.frames.len();
        let mut found = Vec::new();
        if frames > 0 {
            let placed = noted("orientation")["placed"].as_u64().unwrap_or(0) as usize;
            let sigma_m = noted("positions")["sigma_xy_m"]
                .as_f64()
                .unwrap_or(f64::INFINITY);
            let adjustment = noted("adjustment");
            found.extend(placing(frames, placed, sigma_m, &adjustment, &outlines));
        }
        if !catalogue.tiles.is_empty() {
            found.extend(tile_shift(&outlines));
        }
        let left_k = noted("levelling")["disagreement_after_k"].as_f64();
        if let Some(left_k) = left_k.filter(|k| *k > LEVELLED_K) {
            found.push((
                Verdict::Amber,
                format!("overlapping frames still disagree by {left_k:.2} K"),
                "fly a cross strip, and let the camera warm up for a quarter of an hour",
            ));
        }
        if noted("levelling")["ramp"]["held_by_prior"] == true {
            found.push((
                Verdict::Amber,
                "all lines head one way: a slow rise of temperature over the whole map cannot be told \
                 from a tilt of the camera"
                    .to_owned(),
                "fly lines in two headings, or one cross strip",
            ));
        }
        found.sort_by_key(|f| std::cmp::Reverse(f.0));
        let reason = |(verdict, why, next_time): (Verdict, String, &str)| Reason {
            verdict,
            why,
            next_time: next_time.to_owned(),
        };
        found.into_iter().map(reason).collect()
    }

    fn quality_input(
        &self,
        catalogue: &Catalogue,
        reasons: Vec<Reason>,
        refused: Vec<(String, String)>,
        frames: Vec<FramePoint>,
    ) -> QualityInput {
        let start = catalogue.frames.iter().filter_map(|e| e.time).min();
        let start = start.map(|t| t.to_zoned_datetime(self.zone.clone()));
        let day = start.as_ref().map_or([1970, 1, 1], |z| {
            [
                i32::from(z.year()),
                i32::from(z.month()),
                i32::from(z.day()),
            ]
        });
        let bounds = self.drawn.bounds();
        let adjustment = self.record.noted("adjustment");
        let numbers = |value: &Value| -> Vec<u64> {
            let list = value.as_array().into_iter().flatten();
            list.filter_map(Value::as_u64).collect()
        };
        QualityInput {
            brand: self.job.inputs.house.brand.clone(),
            project: self.job.project.settings.text("project", "name").to_owned(),
            flight: self.job.folder.id.clone(),
            date: day,
            start: start.map_or(String::new(), |z| {
                z.strftime("%-d %B %Y, %H:%M").to_string()
            }),
            reasons,
            tables: tables(&self.record, catalogue),
            frames,
            bounds,
            residuals: adjustment.map_or(Vec::new(), |a| numbers(&a["reprojection_histogram"])),
            bin_px: adjustment
                .and_then(|a| a["reprojection_bin_px"].as_f64())
                .unwrap_or(0.1),
            views: self.views(&bounds),
            flat_field: self.drawn.flat_field(),
            arrows: self.arrows(),
            refused,
        }
    }

    /// How often and how steeply frames see the ground.
    fn views(
        &self,
        bounds: &Bounds,
    ) -> Option<(crate::raster::GeoGrid<f32>, crate::raster::GeoGrid<f32>)> {
        if self.drawn.frames.is_empty() || bounds.is_empty() {
            return None;
        }
        type Angle<'a> = Box<dyn Fn(f64, f64) -> Option<f64> + Sync + 'a>;
        let angle = |f: &OrientedFrame| -> Angle<'_> {
            let f = f.clone();
            Box::new(move |x, y| sees(&f, x, y))
        };
        let angles: Vec<Angle<'_>> = self.drawn.frames.iter().map(angle).collect();
        let all = self.drawn.frames.iter().zip(&angles);
        let list: Vec<View<'_>> = all
            .map(|(f, angle)| View {
                footprint: f.footprint,
                angle_deg: &**angle,
            })
            .collect();
        Some(views(bounds, &list))
    }

    /// What is left of each building's own shift.
    fn arrows(&self) -> Vec<Arrow> {
        let Some(section) = self.record.noted("outline_control") else {
            return Vec::new();
        };
        let mut places = std::collections::BTreeMap::new();
        for outline in &self.job.inputs.outlines {
            if let Some(r) = geo::BoundingRect::bounding_rect(&outline.polygon) {
                places.insert(outline.oidn.as_str(), r.center());
            }
        }
        let misses = section["misses_m"].as_array().into_iter().flatten();
        misses
            .filter_map(|miss| {
                let place = places.get(miss["oidn"].as_str()?)?;
                let by = [0, 1].map(|k| miss["east_north_m"][k].as_f64().unwrap_or(0.0));
                Some(Arrow {
                    place: [place.x, place.y],
                    by,
                    agrees: miss["agrees"].as_bool().unwrap_or(false),
                })
            })
            .collect()
    }
}

/// How steeply a frame sees a place on the ground, degrees from straight down; `None` where it does
/// not.
pub(super) fn sees(frame: &OrientedFrame, x: f64, y: f64) -> Option<f64> {
    if !frame.footprint.contains(x, y) {
        return None;
    }
    let at = [x, y, frame.ground_z_m];
    let (u, v) = frame.camera.project(frame.pose.to_camera(at))?;
    let c = frame.pose.centre;
    let aside = (c[0] - x).hypot(c[1] - y);
    let seen = frame.camera.contains(u, v);
    seen.then(|| aside.atan2(c[2] - frame.ground_z_m).to_degrees())
}

fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// What is to be said of where the frames are.
fn placing(
    frames: usize,
    placed: usize,
    sigma_m: f64,
    adjustment: &Value,
    outlines: &Value,
) -> Vec<(Verdict, String, &'static str)> {
    let mut found = Vec::new();
    if (placed as f64) < LEAST_PLACED * frames as f64 {
        found.push((
            Verdict::Red,
            format!("{placed} of {frames} frames have a place on the map"),
            "keep the camera straight down and positions switched on",
        ));
    }
    if let Some(adjusted) = adjustment["adjusted_frames"].as_u64()
        && (adjusted as f64) < LEAST_ADJUSTED * placed as f64
    {
        found.push((
            Verdict::Amber,
            format!("{adjusted} of {placed} frames share ground that can be matched"),
            "fly with more overlap: 80 % forward, 60 % side",
        ));
    }
    if sigma_m > PLACED_M {
        let why = outlines["refused"].as_str().filter(|w| !w.is_empty());
        let why = why.map_or(String::new(), |w| format!(" (building outlines: {w})"));
        found.push((
            Verdict::Amber,
            format!(
                "the map may lie {:.1} m off{why}: findings near a border may belong to a neighbour",
                2.0 * sigma_m
            ),
            "fly with carrier-phase positions, or survey three points for gcp_list.txt",
        ));
    }
    found
}

/// What is to be said of where ready-made tiles lie.
fn tile_shift(outlines: &Value) -> Option<(Verdict, String, &'static str)> {
    let again = "georeference the tiles again with ground control, or check their CRS";
    if let Some(why) = outlines["refused"].as_str().filter(|w| !w.is_empty()) {
        let why = format!("where the tiles lie is not checked (building outlines: {why})");
        return Some((Verdict::Amber, why, again));
    }
    let shift = |k: usize| outlines["shift_m"][k].as_f64();
    let off_m = shift(0)?.hypot(shift(1)?);
    (off_m > PLACED_M).then(|| {
        let why = format!("the tiles lie {off_m:.1} m off the building outlines");
        (Verdict::Amber, why, again)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_what_to_do() {
        let none = Value::Null;
        assert!(placing(50, 50, 0.05, &none, &none).is_empty());
        let refused = json!({ "refused": "5 buildings are seen, 8 are needed" });
        let found = placing(50, 20, 3.0, &json!({ "adjusted_frames": 10 }), &refused);
        let grades: Vec<Verdict> = found.iter().map(|f| f.0).collect();
        assert_eq!(grades, [Verdict::Red, Verdict::Amber, Verdict::Amber]);
        assert!(found[2].1.contains("6.0 m") && found[2].1.contains("5 buildings"));
    }
}
