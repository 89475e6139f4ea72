//! From placed frames to one map: levels, then the mosaic tile by tile, straight into the file.

use super::geometry::{Fate, Placed};
use super::tiles::Tile;
use super::weather::FlightWeather;
use super::{Flight, FrameRow, FrameStatus, radiometry};
use crate::calibrate::parameters::Resolved;
use crate::level::{self, Levels, Sample};
use crate::mosaic::{self, MosaicTile, Picture, Plan, Source, TilePlan};
use crate::orient::adjust::FrameFit;
use crate::orient::{OrientedFrame, pose};
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::frames::FrameStore;
use crate::pipeline::heights::{Heights, Model};
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoTransform, Grid};
use crate::rectify::Target;
use crate::write::cog::{self, CogSpec, CogWriter};
use rayon::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Side of the blocks a tile is sampled in, cells.
const BLOCK_PX: usize = 1024;

/// A finished map and how it came about.
#[derive(Debug)]
pub(super) struct Map {
    /// `mosaic.tif`.
    pub(super) mosaic: PathBuf,
    /// `coverage.tif`.
    pub(super) coverage: PathBuf,
    /// Place of the map.
    pub(super) transform: GeoTransform,
    /// Columns.
    pub(super) width: usize,
    /// Rows.
    pub(super) height: usize,
    /// Frames in the map.
    pub(super) frames: Vec<OrientedFrame>,
    /// Emissivity of the map.
    pub(super) emissivity: f64,
    /// Reflected temperature of the map, °C.
    pub(super) reflected_c: f64,
    /// Whether the reflected temperature is known at all (not just the default).
    pub(super) reflected_known: bool,
    /// Levels.
    pub(super) levels: Levels,
    /// How well the frames are placed, 1σ, metres.
    pub(super) placement_sigma_m: Option<f64>,
    /// Noise of the camera, K.
    pub(super) netd_k: f64,
    fates: Vec<Fate>,
    fits: BTreeMap<usize, FrameFit>,
    tiles: usize,
}

impl Map {
    /// One line for people.
    pub(super) fn summary(&self) -> String {
        let what = match (self.frames.len(), self.tiles) {
            (frames, 0) => format!("{frames} frames"),
            (0, tiles) => format!("{tiles} tiles"),
            (frames, tiles) => format!("{frames} frames and {tiles} tiles"),
        };
        format!(
            "{} × {} cells of {} m from {what}, {}",
            self.width,
            self.height,
            self.transform.dx,
            self.mosaic.display()
        )
    }

    /// Rows of layer `frames`, in catalogue order.
    pub(super) fn frame_rows(&self, catalogue: &Catalogue) -> Vec<FrameRow> {
        let entries = catalogue.frames.iter().zip(&self.fates).enumerate();
        let mut rows: Vec<FrameRow> = entries
            .map(|(index, (entry, fate))| {
                let place = self.frames.iter().position(|f| f.index == index);
                let frame = place.map(|p| &self.frames[p]);
                let (status, reason) = match fate {
                    Fate::Placed => (FrameStatus::Used, String::new()),
                    Fate::Skipped(reason) => (FrameStatus::Skipped, reason.clone()),
                    Fate::Unplaced(reason) => (FrameStatus::Unplaced, reason.clone()),
                };
                FrameRow {
                    file: entry.header.name.clone(),
                    time: entry.time.map_or(String::new(), |t| t.to_string()),
                    status,
                    reason,
                    centre: frame.map(|f| f.pose.centre),
                    opk_deg: frame.map(|f| pose::to_omega_phi_kappa(&f.pose.rotation)),
                    level_k: place.and_then(|p| self.levels.offset_k.get(p).copied()),
                    fit: self.fits.get(&index).copied(),
                }
            })
            .collect();
        rows.extend(catalogue.skips.iter().map(|problem| FrameRow {
            file: problem.file.clone().unwrap_or_default(),
            time: String::new(),
            status: FrameStatus::Skipped,
            reason: problem.what.clone(),
            centre: None,
            opk_deg: None,
            level_k: None,
            fit: None,
        }));
        rows
    }
}

/// Everything the tiles of the map are made from.
struct Making<'a> {
    plan: Plan,
    sources: Vec<Source<'a>>,
    store: &'a FrameStore<'a>,
    tiles: &'a [Tile<'a>],
    heights: &'a Heights<'a>,
    offset_k: &'a [f64],
    options: &'a mosaic::Options,
}

impl<'a> Flight<'a> {
    /// Levels the frames and writes `mosaic.tif` and `coverage.tif`.
    pub(super) fn map(
        &mut self,
        catalogue: &Catalogue,
        weather: &FlightWeather,
        placed: Placed,
    ) -> std::result::Result<Map, Vec<Problem>> {
        self.make_map(catalogue, weather, placed)
            .map_err(|p| vec![p])
    }

    fn make_map(
        &mut self,
        catalogue: &Catalogue,
        weather: &FlightWeather,
        mut placed: Placed,
    ) -> Result<Map> {
        let job = self.job;
        let settings = &job.folder.settings;
        let resolved = resolved(catalogue, weather, &placed, &settings.radiometry());
        let tiles = self.open_tiles(catalogue, weather);
        if placed.frames.is_empty() && tiles.is_empty() {
            return Err(Problem::setting("no frame and no tile can be used")
                .in_file(format!("flights/{}", job.folder.id))
                .hint("each was named above with its reason"));
        }
        self.check_tiles(&tiles);
        let heights = self.heights(&placed);
        let parameters = resolved.iter().map(|r| r.parameters).collect();
        let store = FrameStore::new(&catalogue.frames, parameters, capacity_bytes(settings));
        let mosaic_options = settings.mosaic_options();
        let samples = self.sample(&store, &mut placed, &tiles, &heights)?;
        let levels = self.solve(&samples.0, &samples.1, &placed, &tiles);
        drop(samples);

        let first_tile = catalogue.frames.len();
        let sources = placed
            .frames
            .iter()
            .map(Source::Frame)
            .chain(tiles.iter().enumerate().map(|(i, t)| Source::Tile {
                index: first_tile + i,
                name: &t.entry.shown,
                footprint: t.bounds(),
                gsd_m: t.cell_m(),
            }))
            .collect::<Vec<_>>();
        let plan = mosaic::plan_sources(&sources, &mosaic_options)?;
        let flight_parameters = resolved
            .iter()
            .chain(tiles.iter().map(|t| &t.resolved))
            .next()
            .map(|r| (r.parameters.emissivity, r.parameters.reflected_c))
            .unwrap_or((0.92, 0.0));
        let making = Making {
            plan,
            sources,
            store: &store,
            tiles: &tiles,
            heights: &heights,
            offset_k: &levels.offset_k,
            options: &mosaic_options,
        };
        let (mosaic, coverage) = self.write_map(&making, flight_parameters)?;
        let all: Vec<Resolved> = resolved
            .iter()
            .cloned()
            .chain(tiles.iter().map(|t| t.resolved.clone()))
            .collect();
        self.record
            .section("radiometry", radiometry::describe(&all));
        let plan = making.plan;
        let netd_k = catalogue
            .frames
            .first()
            .and_then(|e| {
                crate::orient::cameras::CameraTable::with_overrides(settings.camera_entries())
                    .entry_for(&e.header)
                    .netd_k
            })
            .unwrap_or(0.05);
        let reflected_known = all.first().is_some_and(|r| {
            r.origins.iter().any(|(key, origin)| {
                *key == "reflected_c" && *origin != crate::calibrate::parameters::Origin::Default
            })
        });
        let tile_count = tiles.len();
        Ok(Map {
            mosaic,
            coverage,
            transform: plan.transform,
            width: plan.width,
            height: plan.height,
            emissivity: flight_parameters.0,
            reflected_c: flight_parameters.1,
            reflected_known,
            levels,
            placement_sigma_m: placed.report.sigma_xy_m,
            netd_k,
            fates: placed.fates,
            fits: placed.fits,
            frames: placed.frames,
            tiles: tile_count,
        })
    }

    fn open_tiles<'c>(
        &mut self,
        catalogue: &'c Catalogue,
        weather: &FlightWeather,
    ) -> Vec<Tile<'c>> {
        let mut tiles = Vec::new();
        for entry in &catalogue.tiles {
            match Tile::new(entry, &self.crs, &self.job.folder.settings, weather) {
                Ok(tile) => tiles.push(tile),
                Err(problem) => self.skip(Stage::Calibrate, &problem),
            }
        }
        self.note_reprojected(&tiles);
        tiles
    }

    /// Notes which tiles are laid on the map from another CRS, and says where its datum shift is
    /// coarser than their cells.
    fn note_reprojected(&mut self, tiles: &[Tile<'_>]) {
        let mut noted = Vec::new();
        for tile in tiles {
            let Some(crs) = tile.other_crs() else {
                continue;
            };
            let accuracy_m = crs.accuracy_m().max(self.crs.accuracy_m());
            noted.push(json!({
                "file": tile.entry.shown,
                "epsg": crs.epsg(),
                "datum_shift": crs.transformation(),
                "datum_accuracy_m": accuracy_m,
            }));
            if accuracy_m > tile.cell_m() {
                let what = format!(
                    "is laid on the map from EPSG:{}; the datum shift is good to {accuracy_m} m, \
                     its cells are {:.2} m",
                    crs.epsg(),
                    tile.cell_m()
                );
                let warning = Problem::setting(what)
                    .in_file(tile.entry.shown.clone())
                    .hint("name the official grid ([crs] grid), or hand the tile in in the project's CRS");
                self.warn(Stage::Calibrate, &warning);
            }
        }
        if !noted.is_empty() {
            self.record.section("reprojected", noted.into());
        }
    }

    /// The surface: the model, else the terrain, else a plane, which is said.
    fn heights(&mut self, placed: &Placed) -> Heights<'a> {
        let inputs = self.job.inputs;
        let model = inputs.dsm.as_ref().or(inputs.dtm.as_ref());
        if let Some(model) = model {
            if inputs.dsm.is_none() {
                let warning = Problem::setting("no surface model: roofs are laid on the terrain")
                    .hint("add dsm.tif, otherwise roofs lean away from the flight line");
                self.warn(Stage::Rectify, &warning);
            }
            let terrain = inputs.dtm.as_ref().filter(|_| inputs.dsm.is_some());
            // Without a surface model there is nothing to sharpen.
            let outlines: &[_] = match inputs.dsm {
                Some(_) => &inputs.outlines,
                None => &[],
            };
            return Heights::Model(Model::new(model, terrain, outlines));
        }
        let plane_m = placed
            .report
            .height
            .takeoff_m
            .or_else(|| placed.frames.first().map(|f| f.ground_z_m))
            .unwrap_or(0.0);
        if !placed.frames.is_empty() {
            let warning = Problem::setting(format!(
                "no surface model: frames are laid on a plane at {plane_m:.1} m"
            ))
            .hint("add dsm.tif, otherwise roofs lean and are displaced");
            self.warn(Stage::Rectify, &warning);
        }
        Heights::Plane(plane_m)
    }

    /// Samples of every frame and tile at common ground points. Every frame is decoded here once,
    /// so a broken one is found before the map is planned, and left out of it.
    fn sample(
        &mut self,
        store: &FrameStore<'_>,
        placed: &mut Placed,
        tiles: &[Tile<'_>],
        heights: &Heights<'_>,
    ) -> Result<(Vec<Vec<Sample>>, level::Lattice)> {
        let options = self.job.folder.settings.level_options();
        let total = placed.frames.len() + tiles.len();
        self.reporter
            .begin(&self.job.folder.id, Stage::Calibrate, total);
        let lattice = lattice(placed, tiles, &options)?;
        let view = crate::rectify::Options {
            max_view_deg: options.max_view_deg,
            ..crate::rectify::Options::default()
        };
        let sampled: Vec<Result<Vec<Sample>>> = placed
            .frames
            .par_iter()
            .map(|frame| {
                let kelvin = store.kelvin(frame.index)?;
                let surface = heights.around(&frame.footprint, &view)?;
                let samples = level::sample(&kelvin, frame, &surface, &lattice, &options);
                self.reporter.advance(1);
                Ok(samples)
            })
            .collect();
        let mut samples = Vec::with_capacity(total);
        let mut kept = Vec::new();
        let mut broken = Vec::new();
        for (frame, result) in std::mem::take(&mut placed.frames).into_iter().zip(sampled) {
            match result {
                Ok(of_frame) => {
                    placed.fates[frame.index] = Fate::Placed;
                    kept.push(frame);
                    samples.push(of_frame);
                }
                Err(problem) => {
                    placed.fates[frame.index] = Fate::Skipped(problem.what.clone());
                    broken.push(problem);
                }
            }
        }
        placed.frames = kept;
        for tile in tiles {
            let blocks = tile.blocks(BLOCK_PX);
            let of_blocks: Vec<Vec<Sample>> = blocks
                .par_iter()
                .map(|window| Ok(level::sample_tile(&tile.read(*window)?, &lattice, &options)))
                .collect::<Result<_>>()?;
            samples.push(of_blocks.concat());
            self.reporter.advance(1);
        }
        self.reporter.end(&format!(
            "{} of {total} frames decoded",
            total - broken.len()
        ));
        for problem in &broken {
            self.skip(Stage::Calibrate, problem);
        }
        self.lap(Stage::Calibrate);
        if placed.frames.is_empty() && tiles.is_empty() {
            return Err(Problem::broken("no frame could be decoded")
                .in_file(format!("flights/{}", self.job.folder.id))
                .hint("each was named above with its reason"));
        }
        Ok((samples, lattice))
    }

    fn solve(
        &mut self,
        samples: &[Vec<Sample>],
        lattice: &level::Lattice,
        placed: &Placed,
        tiles: &[Tile<'_>],
    ) -> Levels {
        self.reporter.begin(&self.job.folder.id, Stage::Level, 0);
        let options = self.job.folder.settings.level_options();
        let times_s: Vec<f64> = placed
            .frames
            .iter()
            .map(|f| placed.times_s[f.index])
            .chain(tiles.iter().map(|_| f64::NAN))
            .collect();
        let levels = level::solve(samples, &times_s, lattice, &options);
        let loose = levels.connected.iter().filter(|c| !**c).count();
        self.reporter.end(&format!(
            "overlaps disagree by {:.2} K, levelled {:.2} K",
            levels.disagreement_before_k, levels.disagreement_after_k
        ));
        if loose > 0 && options.enabled && samples.len() > 1 {
            let warning = Problem::setting(format!(
                "{loose} frames share no ground with the rest and keep their own level"
            ))
            .in_file(format!("flights/{}", self.job.folder.id))
            .hint("fly with more overlap (80 % forward, 60 % side)");
            self.warn(Stage::Level, &warning);
        }
        self.record.section(
            "levelling",
            json!({
                "enabled": options.enabled,
                "disagreement_before_k": finite(levels.disagreement_before_k),
                "disagreement_after_k": finite(levels.disagreement_after_k),
                "mad_before_k": finite(levels.mad_before_k),
                "mad_after_k": finite(levels.mad_after_k),
                "ground_points": levels.cells,
                "runs": levels.run.iter().max().map_or(0, |r| r + 1),
                "frames_not_tied": loose,
                "gauge": "weighted mean of the offsets is zero: the block keeps the camera's own mean",
            }),
        );
        self.lap(Stage::Level);
        levels
    }

    fn write_map(
        &mut self,
        making: &Making<'_>,
        (emissivity, reflected_c): (f64, f64),
    ) -> Result<(PathBuf, PathBuf)> {
        let plan = &making.plan;
        std::fs::create_dir_all(self.out)?;
        let (mosaic, coverage) = (self.out.join("mosaic.tif"), self.out.join("coverage.tif"));
        let spec = self.spec(plan);
        let tags = vec![
            ("EMISSIVITY".to_owned(), emissivity.to_string()),
            ("REFLECTED_C".to_owned(), reflected_c.to_string()),
            ("FLIGHT".to_owned(), self.job.folder.id.clone()),
        ];
        let mut temperatures = CogWriter::create(
            &mosaic,
            CogSpec {
                band_name: "temperature".to_owned(),
                unit: "degC".to_owned(),
                tags,
                ..spec.clone()
            },
        )?;
        let many = making.sources.len() > usize::from(u8::MAX);
        let mut counts = CogWriter::create(
            &coverage,
            CogSpec {
                band_name: "frames".to_owned(),
                sample: if many {
                    cog::Sample::U16
                } else {
                    cog::Sample::U8
                },
                nodata: None,
                round_k: 0.0,
                ..spec
            },
        )?;
        self.reporter
            .begin(&self.job.folder.id, Stage::Mosaic, plan.tiles.len());
        let mut seen = 0_u64;
        // A chunk stays inside one row of tiles; its size bounds the memory.
        let chunk = 2 * rayon::current_num_threads().max(2);
        for row in plan.tiles.chunks(plan.across()) {
            for part in row.chunks(chunk) {
                let made: Vec<(Grid<f32>, Grid<f32>)> = part
                    .par_iter()
                    .map(|tile| {
                        let finished = making.tile(tile)?;
                        self.reporter.advance(1);
                        Ok((celsius(&finished), finished.count.map(f32::from)))
                    })
                    .collect::<Result<_>>()?;
                let (t, c): (Vec<_>, Vec<_>) = made.into_iter().unzip();
                seen += t
                    .iter()
                    .map(|g| g.data().iter().filter(|v| v.is_finite()).count() as u64)
                    .sum::<u64>();
                temperatures.write_tiles(part[0].col, part[0].row, &t)?;
                counts.write_tiles(part[0].col, part[0].row, &c)?;
            }
        }
        temperatures.finish()?;
        counts.finish()?;
        self.reporter.end(&format!(
            "{} × {} cells of {} m",
            plan.width, plan.height, plan.gsd_m
        ));
        self.record.section(
            "mosaic",
            json!({
                "width": plan.width, "height": plan.height, "gsd_m": plan.gsd_m,
                "x_min_m": plan.transform.x0, "y_max_m": plan.transform.y0,
                "sources": making.sources.len(), "cells_seen": seen,
                "emissivity": emissivity, "reflected_c": reflected_c,
                "surface": match making.heights { Heights::Model(_) => "model", Heights::Plane(_) => "plane" },
            }),
        );
        self.lap(Stage::Mosaic);
        Ok((mosaic, coverage))
    }

    fn spec(&self, plan: &Plan) -> CogSpec {
        let settings = &self.job.folder.settings;
        CogSpec {
            tile_px: plan.tile_px,
            compression: match settings.text("mosaic", "compression") {
                "zstd" => cog::Compression::Zstd,
                "none" => cog::Compression::None,
                _ => cog::Compression::Deflate,
            },
            round_k: settings.number("mosaic", "round_k").unwrap_or(0.0),
            ..CogSpec::new(plan.width, plan.height, plan.transform, self.crs.epsg())
        }
    }
}

impl Making<'_> {
    fn tile(&self, tile: &TilePlan) -> Result<MosaicTile> {
        let target = self.plan.target(tile);
        let bounds = target.bounds();
        let surface = if self.store.is_empty() {
            Heights::Plane(0.0).around(&bounds, &self.options.rectify)?
        } else {
            let relief_m = self.heights.near_relief_m(&bounds)?;
            let cell_m = self.heights.cell_m();
            let needed = self
                .plan
                .surface_bounds(tile, relief_m, cell_m, self.options);
            self.heights.window(&needed)?
        };
        let pictures = |place: usize| self.picture(place, &target);
        Ok(mosaic::tile(
            &self.plan,
            tile,
            &self.sources,
            &pictures,
            self.offset_k,
            &surface,
            self.options,
        ))
    }

    fn picture(&self, place: usize, target: &Target) -> Option<Picture> {
        match &self.sources[place] {
            Source::Frame(frame) => self.store.kelvin(frame.index).ok().map(Picture::Frame),
            Source::Tile { .. } => {
                let frames = self.sources.len() - self.tiles.len();
                let window = self.tiles.get(place - frames)?.on(target).ok()??;
                Some(Picture::Tile(Arc::new(window)))
            }
        }
    }
}

fn resolved(
    catalogue: &Catalogue,
    weather: &FlightWeather,
    placed: &Placed,
    settings: &crate::calibrate::parameters::Settings,
) -> Vec<Resolved> {
    catalogue
        .frames
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let path_m = placed
                .frames
                .iter()
                .find(|f| f.index == index)
                .map(|f| f.path_m);
            radiometry::resolve(settings, weather, entry, path_m)
        })
        .collect()
}

fn lattice(
    placed: &Placed,
    tiles: &[Tile<'_>],
    options: &level::Options,
) -> Result<level::Lattice> {
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

/// Bytes for decoded frames: half of `run.max_memory_mb`, the rest is for tiles and the writers.
fn capacity_bytes(settings: &crate::config::Settings) -> usize {
    let mb = usize::try_from(settings.integer("run", "max_memory_mb")).unwrap_or(2048);
    mb.max(64) / 2 * 1024 * 1024
}

fn celsius(tile: &MosaicTile) -> Grid<f32> {
    tile.kelvin
        .map(|k| (f64::from(k) - crate::units::ZERO_CELSIUS_K) as f32)
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
