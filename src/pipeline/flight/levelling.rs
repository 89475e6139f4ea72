//! Levels of a flight: frames and tiles sampled at common ground, adjusted, and what came of it.

use super::geometry::Placed;
use super::tiles::Tile;
use super::{Flight, tile_rims};
use crate::calibrate::radiance::Band;
use crate::level::{self, Basis, EraReport, Lattice, Levelling, Reference, Sample, Source, Spot};
use crate::mosaic::laplacian_energy;
use crate::orient::CameraModel;
use crate::pipeline::frames::FrameStore;
use crate::pipeline::ground::OUT_OF_REACH;
use crate::pipeline::heights::Heights;
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::Bounds;
use crate::units::{Kelvin, ZERO_CELSIUS_K};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Side of the blocks a tile is sampled in, cells.
const BLOCK_PX: usize = 1024;

/// Emissivity of reference surfaces by a word in their name (scoring.md, materials).
const REFERENCE_EMISSIVITY: [(&str, f64); 5] = [
    ("water", 0.96),
    ("black body", 0.98),
    ("blackbody", 0.98),
    ("asphalt", 0.95),
    ("road", 0.95),
];

/// What the frames and tiles show at common ground.
pub(super) struct Sampled {
    samples: Vec<Vec<Sample>>,
    lattice: Lattice,
    references: Vec<Reference>,
    /// Sharpness of each frame; tiles have none.
    pub(super) energies: Vec<f64>,
}

/// What one frame gives.
struct OfFrame {
    samples: Vec<Sample>,
    spots: Vec<Option<Spot>>,
    energy: f64,
}

impl Flight<'_> {
    /// Samples of every frame and tile at common ground points. Every frame is decoded here once,
    /// so a broken one is found before the map is planned, and left out of it. References are places of
    /// known temperature, as the map at its emissivity would show them. Out: beside them the broken
    /// frames by catalogue entry, with the reason.
    pub(super) fn sample(
        &mut self,
        store: &FrameStore<'_>,
        placed: &mut Placed,
        tiles: &[Tile<'_>],
        heights: &Heights<'_>,
        surroundings: (f64, f64),
    ) -> Result<(Sampled, Vec<(usize, String)>)> {
        let options = self.job.folder.settings.level_options();
        let total = placed.frames.len() + tiles.len();
        self.reporter
            .begin(&self.job.folder.id, Stage::Calibrate, total);
        let lattice = lattice(placed, tiles, &options)?;
        let mut references = self.references(surroundings);
        let mirrors = self.mirrors();
        let view = crate::rectify::Options {
            max_view_deg: options.max_view_deg,
            ..crate::rectify::Options::default()
        };
        // A surface that cannot be read is no fault of a frame.
        let no_surface = OnceLock::new();
        let sampled: Vec<Result<OfFrame>> = placed
            .frames
            .par_iter()
            .map(|frame| {
                self.reporter.go_on()?;
                let kelvin = store.kelvin(frame.index)?;
                let around = heights.around(&frame.footprint, &view);
                let surface = around.inspect_err(|problem| {
                    no_surface.get_or_init(|| problem.clone());
                })?;
                let mut samples = level::sample(&kelvin, frame, &surface, &lattice, &options);
                mirrors.mark(&mut samples, &lattice);
                let spot = |r: &Reference| {
                    let inside = frame.footprint.contains(r.x_m, r.y_m);
                    let at = |_| level::sample_at(&kelvin, frame, &surface, r.x_m, r.y_m, &options);
                    inside.then_some(()).and_then(at)
                };
                self.reporter.advance(1);
                Ok(OfFrame {
                    samples,
                    spots: references.iter().map(spot).collect(),
                    energy: laplacian_energy(&kelvin),
                })
            })
            .collect();
        self.reporter.go_on()?;
        if let Some(problem) = no_surface.into_inner() {
            return Err(problem.hint(OUT_OF_REACH));
        }
        let mut samples = Vec::with_capacity(total);
        let mut energies = Vec::with_capacity(total);
        let mut kept = 0;
        let mut broken = Vec::new();
        for (frame, result) in placed.frames.iter().zip(sampled) {
            match result {
                Ok(of_frame) => {
                    for (reference, spot) in references.iter_mut().zip(of_frame.spots) {
                        reference.views.extend(spot.map(|s| (kept, s)));
                    }
                    kept += 1;
                    samples.push(of_frame.samples);
                    energies.push(of_frame.energy);
                }
                Err(problem) => broken.push((frame.index, problem)),
            }
        }
        let reasons: Vec<(usize, String)> = broken
            .iter()
            .map(|(index, problem)| (*index, problem.what.clone()))
            .collect();
        placed.without(&reasons);
        let bounds: Vec<Bounds> = tiles.iter().map(Tile::bounds).collect();
        for (number, tile) in tiles.iter().enumerate() {
            let mut others = bounds.clone();
            others.remove(number);
            let blocks = tile.blocks(BLOCK_PX);
            let of_blocks: Vec<Vec<Sample>> = blocks
                .par_iter()
                .map(|block| {
                    self.reporter.go_on()?;
                    let mut samples =
                        tile_rims::samples(tile, *block, &others, &lattice, &options)?;
                    mirrors.mark(&mut samples, &lattice);
                    Ok(samples)
                })
                .collect::<Result<_>>()?;
            for reference in &mut references {
                let around = Bounds {
                    x_min: reference.x_m,
                    y_min: reference.y_m,
                    x_max: reference.x_m,
                    y_max: reference.y_m,
                }
                .buffered(options.window_px as f64 * tile.cell_m());
                let seen = tile.window(&around)?;
                let spot = seen.and_then(|t| {
                    level::sample_tile_at(&t, reference.x_m, reference.y_m, &options)
                });
                reference.views.extend(spot.map(|s| (samples.len(), s)));
            }
            samples.push(of_blocks.concat());
            energies.push(f64::NAN);
            self.reporter.advance(1);
        }
        self.reporter.end(&format!(
            "{} of {total} frames decoded",
            total - broken.len()
        ));
        for (_, problem) in &broken {
            self.skip(Stage::Calibrate, problem);
        }
        self.lap(Stage::Calibrate);
        if placed.frames.is_empty() && tiles.is_empty() {
            return Err(Problem::broken("no frame could be decoded")
                .in_file(format!("flights/{}", self.job.folder.id))
                .hint("each was named above with its reason"));
        }
        let sampled = Sampled {
            samples,
            lattice,
            references,
            energies,
        };
        Ok((sampled, reasons))
    }

    /// `level.references`, as the map shows surfaces of their temperature: it is made with one
    /// emissivity, and water has another.
    fn references(&self, (emissivity, reflected_c): (f64, f64)) -> Vec<Reference> {
        let band = Band::long_wave();
        let radiance = |c: f64| band.radiance(Kelvin::from_celsius(c));
        let given = self.job.folder.settings.level_references();
        given
            .into_iter()
            .map(|r| {
                let what = r.what.to_lowercase();
                let known = REFERENCE_EMISSIVITY.iter().find(|(w, _)| what.contains(w));
                let own = known.map_or(emissivity, |(_, e)| *e);
                let seen = own * radiance(r.temp_c) + (1.0 - own) * radiance(reflected_c);
                let surface = (seen - (1.0 - emissivity) * radiance(reflected_c)) / emissivity;
                let kelvin = band.temperature(surface);
                Reference {
                    name: r.what,
                    x_m: r.x_m,
                    y_m: r.y_m,
                    kelvin: kelvin.map_or(r.temp_c + ZERO_CELSIUS_K, Kelvin::get),
                    sigma_k: r.sigma_k,
                    views: Vec::new(),
                }
            })
            .collect()
    }

    pub(super) fn solve(
        &mut self,
        sampled: &Sampled,
        placed: &Placed,
        tiles: &[Tile<'_>],
    ) -> Levelling {
        self.reporter.begin(&self.job.folder.id, Stage::Level, 0);
        let options = self.job.folder.settings.level_options();
        let mut cameras: Vec<&CameraModel> = Vec::new();
        let mut sources = Vec::with_capacity(sampled.samples.len());
        for frame in &placed.frames {
            let known = cameras.iter().position(|c| **c == frame.camera);
            let camera = known.unwrap_or_else(|| {
                cameras.push(&frame.camera);
                cameras.len() - 1
            });
            let size = [frame.camera.width, frame.camera.height];
            sources.push(Source::frame(placed.times_s[frame.index], camera, size));
        }
        sources.extend(tiles.iter().map(|_| Source::tile()));
        let levelling = level::adjust(
            &sampled.samples,
            &sources,
            &sampled.lattice,
            &options,
            &sampled.references,
        );
        let loose = levelling.connected.iter().filter(|c| !**c).count();
        let report = &levelling.report;
        self.reporter.end(&format!(
            "overlaps disagree by {:.2} K, levelled {:.2} K",
            report.before.std_k, report.after.std_k
        ));
        let flight = format!("flights/{}", self.job.folder.id);
        if loose > 0 && options.enabled && sampled.samples.len() > 1 {
            let warning = Problem::setting(format!(
                "{loose} frames share no ground with the rest and keep their own level"
            ))
            .in_file(flight.clone())
            .hint("fly with more overlap (80 % forward, 60 % side)");
            self.warn(Stage::Level, &warning);
        }
        if report.ramp.as_ref().is_some_and(|r| r.held_by_prior) {
            let warning = Problem::setting(
                "all lines head one way: a slow rise of temperature over the whole block cannot be \
                 told from a tilt of the camera, and is held by a prior",
            )
            .in_file(flight.clone())
            .hint("fly lines in two headings, or one cross strip");
            self.warn(Stage::Level, &warning);
        }
        for reference in report.references.iter().filter(|r| r.views == 0) {
            let what = format!(
                "reference {:?} is seen by no frame on level ground",
                reference.name
            );
            let warning = Problem::setting(what)
                .in_file(flight.clone())
                .field("level.references")
                .hint("check x_m and y_m: they are in the project's system");
            self.warn(Stage::Level, &warning);
        }
        self.record
            .section("levelling", section(&levelling, options.enabled, loose));
        self.lap(Stage::Level);
        levelling
    }
}

/// The figures of an adjustment for `run.json` and the quality report.
fn section(levelling: &Levelling, enabled: bool, loose: usize) -> Value {
    let report = &levelling.report;
    let gauge = match levelling.absolute.basis {
        Basis::Relative => {
            "weighted mean of the offsets is zero: the block keeps the camera's own mean"
        }
        Basis::Offset => "one offset by reference temperatures",
        Basis::OffsetAndGain => "offset and gain by reference temperatures",
        Basis::Surface => "a plane through reference temperatures",
    };
    let relative = levelling.absolute.basis == Basis::Relative;
    json!({
        "enabled": enabled,
        "disagreement_before_k": finite(report.before.std_k),
        "disagreement_after_k": finite(report.after.std_k),
        "mad_before_k": finite(report.before.mad_k),
        "mad_after_k": finite(report.after.mad_k),
        "p95_before_k": finite(report.before.p95_k),
        "p95_after_k": finite(report.after.p95_k),
        "withheld_views": report.views,
        "ground_points": report.cells,
        "ground_points_that_go_with_the_view": report.mirrors,
        "runs": levelling.run.iter().max().map_or(0, |r| r + 1),
        "frames_not_tied": loose,
        "frame_medians_span_k": finite(report.raw_span_k),
        "offsets_span_k": finite(report.offset_span_k),
        "flat_fields": report.eras.iter().map(era).collect::<Vec<_>>(),
        "ramp": report.ramp.as_ref().map(|r| json!({
            "observable": r.observable,
            "information_ratio": finite(r.ratio),
            "held_by_prior": r.held_by_prior,
        })),
        "gauge": gauge,
        "absolute_offset_k": (!relative).then_some(levelling.absolute.offset_k),
        "absolute_gain": (levelling.absolute.basis == Basis::OffsetAndGain).then_some(levelling.absolute.gain),
        "references": report.references.iter().map(|r| json!({
            "what": r.name,
            "views": r.views,
            "relative_c": finite(r.relative_k - ZERO_CELSIUS_K),
            "residual_k": finite(r.residual_k),
            "standardised": finite(r.standardised),
        })).collect::<Vec<_>>(),
    })
}

fn era(era: &EraReport) -> Value {
    let names = ["r2", "r4", "x", "y", "x_tau", "y_tau"];
    let list = |values: &[f64; 6]| -> Value {
        let all = names.iter().zip(values);
        all.map(|(n, v)| ((*n).to_owned(), json!(finite(*v))))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "camera": era.camera,
        "frames": era.frames,
        "from_s": finite(era.time_s[0]),
        "to_s": finite(era.time_s[1]),
        "flat_field": era.flat_field,
        "flat_field_rms_k": finite(era.flat_field_rms_k),
        "flat_field_sigma_k": finite(era.flat_field_sigma_k),
        "low_orders_k": list(&era.coefficients_k),
        "low_orders_sigma_k": list(&era.coefficients_sigma_k),
    })
}

fn lattice(placed: &Placed, tiles: &[Tile<'_>], options: &level::Options) -> Result<Lattice> {
    if tiles.is_empty() {
        return level::lattice(&placed.frames, options);
    }
    let mut bounds = placed
        .frames
        .iter()
        .fold(Bounds::EMPTY, |all, f| all.union(&f.footprint));
    let mut pixels = 0.0;
    let mut gsd_m = f64::INFINITY;
    for tile in tiles {
        bounds = bounds.union(&tile.bounds());
        pixels += tile.cells();
        gsd_m = gsd_m.min(tile.cell_m());
    }
    level::lattice_over(&bounds, gsd_m, pixels, options)
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
