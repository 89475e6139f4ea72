//! From placed frames to one map: levels, then the mosaic tile by tile, straight into the file.

use super::geometry::{Fate, Placed};
use super::map_files::{Making, Written};
use super::tiles::Tile;
use super::weather::FlightWeather;
use super::{Flight, FrameRow, FrameStatus, kept, radiometry};
use crate::calibrate::AirPath;
use crate::calibrate::parameters::{Origin, Resolved};
use crate::level::Levelling;
use crate::mosaic::{self, Guide, RoofOutline, Source};
use crate::orient::adjust::FrameFit;
use crate::orient::{OrientedFrame, pose};
use crate::pipeline::cache::{Key, Work};
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::frames::FrameStore;
use crate::pipeline::ground::OUT_OF_REACH;
use crate::pipeline::heights::{Heights, Model};
use crate::pipeline::newer::{self, FlatRoof};
use crate::pipeline::share::Step;
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoTransform, Window};
use crate::read::geotiff::GeoTiff;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A finished map and how it came about.
#[derive(Debug)]
pub(super) struct Map {
    /// Its rasters.
    pub(super) files: Written,
    /// Place of the map.
    pub(super) transform: GeoTransform,
    /// Columns.
    pub(super) width: usize,
    /// Rows.
    pub(super) height: usize,
    /// Side of a tile, cells.
    pub(super) tile_px: usize,
    /// Frames in the map.
    pub(super) frames: Vec<OrientedFrame>,
    /// Emissivity of the map.
    pub(super) emissivity: f64,
    /// Reflected temperature of the map, °C.
    pub(super) reflected_c: f64,
    /// Whether the reflected temperature is known at all (not just the default).
    pub(super) reflected_known: bool,
    /// Levels.
    pub(super) levelling: Levelling,
    /// How well the frames are placed, 1σ, metres.
    pub(super) placement_sigma_m: Option<f64>,
    /// Noise of the camera, K.
    pub(super) netd_k: f64,
    fates: Vec<Fate>,
    fits: BTreeMap<usize, FrameFit>,
    tiles: Vec<TileRow>,
    temperatures: OnceLock<GeoTiff>,
    /// Bytes of its tiles that are held.
    held_bytes: usize,
}

/// Levels as they are kept.
#[derive(Debug, Serialize, Deserialize)]
struct Levelled {
    levelling: Levelling,
    /// Sharpness of each frame that could be decoded, then of the tiles.
    energies: Vec<f64>,
    /// Frames that could not, by catalogue entry, with the reason.
    broken: Vec<(usize, String)>,
}

/// A tile as layer `frames` shows it.
#[derive(Debug)]
struct TileRow {
    file: String,
    middle: [f64; 2],
}

impl TileRow {
    fn of(tile: &Tile<'_>) -> Self {
        let b = tile.bounds();
        Self {
            file: tile.entry.shown.clone(),
            middle: [(b.x_min + b.x_max) / 2.0, (b.y_min + b.y_max) / 2.0],
        }
    }
}

impl Map {
    /// One line for people.
    pub(super) fn summary(&self) -> String {
        let what = match (self.frames.len(), self.tiles.len()) {
            (frames, 0) => format!("{frames} frames"),
            (0, tiles) => format!("{tiles} tiles"),
            (frames, tiles) => format!("{frames} frames and {tiles} tiles"),
        };
        format!(
            "{} × {} cells of {} m from {what}, {}",
            self.width,
            self.height,
            self.transform.dx,
            self.files.mosaic.display()
        )
    }

    /// Its temperatures, opened once: ground, roofs and sheets read the same tiles.
    ///
    /// # Errors
    /// The raster cannot be read.
    pub(super) fn temperatures(&self) -> Result<&GeoTiff> {
        if let Some(raster) = self.temperatures.get() {
            return Ok(raster);
        }
        let raster = GeoTiff::open(&self.files.mosaic)?.remembering(self.held_bytes);
        Ok(self.temperatures.get_or_init(|| raster))
    }

    /// Adds what decides a window of the map to a key.
    pub(super) fn key_of(&self, window: Window, key: &mut Key) {
        key.bytes("grid", &self.files.record.grid);
        key.told("window", &window);
        let across = self.width.div_ceil(self.tile_px);
        let tiles = |start: usize, count: usize| {
            start / self.tile_px..(start + count).div_ceil(self.tile_px)
        };
        for row in tiles(window.row, window.height) {
            for col in tiles(window.col, window.width) {
                if let Some(tile) = self.files.record.tiles.get(row * across + col) {
                    key.bytes("tile", tile);
                }
            }
        }
    }

    /// Adds what decides the whole map to a key.
    pub(super) fn key_of_all(&self, key: &mut Key) {
        key.told("map", &self.files.record);
    }

    /// What became of each frame, in catalogue order.
    pub(super) fn fates(&self) -> &[Fate] {
        &self.fates
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
                    Fate::Skipped(reason) | Fate::Oblique(reason) => {
                        (FrameStatus::Skipped, reason.clone())
                    }
                    Fate::Unplaced(reason) => (FrameStatus::Unplaced, reason.clone()),
                };
                FrameRow {
                    file: entry.header.name.clone(),
                    time: entry.time.map_or(String::new(), |t| t.to_string()),
                    status,
                    reason,
                    centre: frame.map(|f| f.pose.centre),
                    opk_deg: frame.map(|f| pose::to_omega_phi_kappa(&f.pose.rotation)),
                    level_k: place.and_then(|p| self.levelling.offset_k.get(p).copied()),
                    fit: self.fits.get(&index).copied(),
                }
            })
            .collect();
        // The frame index of the map goes on with the tiles.
        rows.extend(self.tiles.iter().enumerate().map(|(k, tile)| FrameRow {
            file: tile.file.clone(),
            time: String::new(),
            status: FrameStatus::Used,
            reason: String::new(),
            centre: Some([tile.middle[0], tile.middle[1], f64::NAN]),
            opk_deg: None,
            level_k: self.levelling.offset_k.get(self.frames.len() + k).copied(),
            fit: None,
        }));
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

impl<'a> Flight<'a> {
    /// Levels the frames and writes `mosaic.tif` and `coverage.tif`.
    pub(super) fn map(
        &mut self,
        catalogue: &Catalogue,
        weather: &FlightWeather,
        mut placed: Placed,
    ) -> std::result::Result<Map, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let job = self.job;
        let settings = &job.folder.settings;
        let resolved = resolved(catalogue, weather, &placed, &settings.radiometry());
        let tiles = self.open_tiles(catalogue, weather);
        if placed.frames.is_empty() && tiles.is_empty() {
            return Err(vec![
                Problem::setting("no frame and no tile can be used")
                    .in_file(format!("flights/{}", job.folder.id))
                    .hint("each was named above with its reason"),
            ]);
        }
        self.check_tiles(&tiles);
        let heights = self.heights(&placed);
        let parameters = resolved.iter().map(|r| r.parameters).collect();
        let paths = air_paths(&placed, &resolved);
        let key = self.level_key(catalogue, &placed, &resolved, &tiles, &heights);
        let store = FrameStore::new(&catalogue.frames, parameters, capacity_bytes(settings))
            .through(paths)
            .counted(job.cache);
        let surroundings = resolved
            .iter()
            .chain(tiles.iter().map(|t| &t.resolved))
            .next()
            .map(|r| (r.parameters.emissivity, r.parameters.reflected_c))
            .unwrap_or((0.92, 0.0));
        let levelled = self.kept(Stage::Level, "level", &key, |flight| {
            flight.level(&store, &mut placed, &tiles, &heights, surroundings)
        })?;
        let Levelled {
            levelling,
            energies,
            broken,
        } = levelled;
        self.ends_with(Step::Orient)?;
        // What an earlier run found broken is left out of what follows, too.
        placed.without(&broken);
        let by_index: BTreeMap<usize, usize> = placed
            .frames
            .iter()
            .enumerate()
            .map(|(place, frame)| (frame.index, place))
            .collect();
        let store = store.corrected(|index, kelvin| {
            if let Some(place) = by_index.get(&index) {
                levelling.correction(*place).subtract(kelvin);
            }
        });

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
        let netd_k = self.netd_k(catalogue);
        let left_k = Some(levelling.report.after.mad_k)
            .filter(|k| k.is_finite())
            .unwrap_or(0.0);
        let mosaic_options = mosaic::Options {
            noise_k: netd_k.hypot(left_k),
            // Outlines that were derived are yet to be moved.
            means_on_roofs: job.inputs.derived.is_none(),
            ..settings.mosaic_options()
        };
        let outlines: Vec<RoofOutline<'_>> = (0..)
            .zip(&job.inputs.outlines)
            .map(|(number, outline)| RoofOutline {
                number,
                outline: &outline.polygon,
            })
            .collect();
        let blur = mosaic::relative_blur(&sources, &energies);
        let surface = |bounds: &Bounds| heights.around(bounds, &mosaic_options.rectify).ok();
        let guide = Guide {
            roofs: &outlines,
            surface: (!placed.frames.is_empty()).then_some(&surface),
            blur: &blur,
            residual_k: &levelling.residual_k,
            sigma_k: &levelling.offset_sigma_k,
        };
        let plan = mosaic::plan_guided(&sources, &guide, &mosaic_options).map_err(one)?;
        let making = Making {
            plan,
            sources,
            store: &store,
            tiles: &tiles,
            heights: &heights,
            levelling: &levelling,
            options: &mosaic_options,
            noise_k: netd_k,
            left_k,
            misplaced_m: misplaced_m(&placed, &tiles),
            times_s: &placed.times_s,
            surroundings,
            levelled: key.digest(),
            models: self.models(),
            lost: Mutex::default(),
        };
        let written = self.write_map(&making)?;
        let size = (making.plan.width, making.plan.height);
        if self.job.part.is_none_or(|p| p.step == Step::Park) {
            self.write_microclimate(&written, &making.plan.transform, size)?;
        }
        let all: Vec<Resolved> = resolved
            .iter()
            .cloned()
            .chain(tiles.iter().map(|t| t.resolved.clone()))
            .collect();
        self.record
            .section("radiometry", radiometry::describe(&all));
        let lost = making.lost.into_inner();
        let lost = lost.unwrap_or_else(PoisonError::into_inner);
        let plan = making.plan;
        let reflected_known = all.first().is_some_and(|r| {
            r.origins
                .iter()
                .any(|(key, origin)| *key == "reflected_c" && *origin != Origin::Default)
        });
        let tile_rows = tiles.iter().map(TileRow::of).collect();
        drop(making.sources);
        drop(store);
        self.skip_lost(lost, &mut placed);
        Ok(Map {
            files: written,
            transform: plan.transform,
            width: plan.width,
            height: plan.height,
            tile_px: plan.tile_px,
            emissivity: surroundings.0,
            reflected_c: surroundings.1,
            reflected_known,
            levelling,
            placement_sigma_m: placed.report.sigma_xy_m,
            netd_k,
            fates: placed.fates,
            fits: placed.fits,
            frames: placed.frames,
            tiles: tile_rows,
            temperatures: OnceLock::new(),
            held_bytes: capacity_bytes(&self.job.folder.settings) / MAP_SHARE,
        })
    }

    /// Samples of all frames and tiles, and the levels by them.
    fn level(
        &mut self,
        store: &FrameStore<'_>,
        placed: &mut Placed,
        tiles: &[Tile<'_>],
        heights: &Heights<'_>,
        surroundings: (f64, f64),
    ) -> std::result::Result<Levelled, Vec<Problem>> {
        self.job.cache.count(Work::FlightsLevelled);
        let sampled = self.sample(store, placed, tiles, heights, surroundings);
        let (sampled, broken) = sampled.map_err(|p| vec![p])?;
        let levelling = self.solve(&sampled, placed, tiles);
        self.reporter.go_on().map_err(|p| vec![p])?;
        Ok(Levelled {
            levelling,
            energies: sampled.energies,
            broken,
        })
    }

    /// What the levels depend on.
    fn level_key(
        &self,
        catalogue: &Catalogue,
        placed: &Placed,
        resolved: &[Resolved],
        tiles: &[Tile<'_>],
        heights: &Heights<'_>,
    ) -> Key {
        let settings = &self.job.folder.settings;
        let mut key = Key::new("level");
        kept::tables(
            &mut key,
            settings,
            &["crs", "flight", "level", "radiometry"],
        );
        let files = catalogue.frame_files.iter();
        let files = files.chain(catalogue.tiles.iter().map(|t| &t.input));
        key.told("files", &files.map(|f| &f.blake3).collect::<Vec<_>>());
        // Ready-made tiles are laid into the project's system.
        self.key_of_crs(&mut key);
        key.data("placed", placed);
        let parameters = resolved.iter().chain(tiles.iter().map(|t| &t.resolved));
        let parameters: Vec<_> = parameters.map(|r| (&r.parameters, &r.origins)).collect();
        key.told("parameters", &parameters);
        key.told("mirrors", &self.mirrors());
        key.digest_of("models", &self.models());
        if let Heights::Model(model) = heights {
            key.told("newer", &model.newer());
        }
        key
    }

    /// Names the frames and tiles that could not be read to the end of the map.
    fn skip_lost(&mut self, lost: BTreeMap<usize, Problem>, placed: &mut Placed) {
        for (place, mut problem) in lost {
            problem.what = format!(
                "could not be read any more while the map was made: {}",
                problem.what
            );
            if let Some(frame) = placed.frames.get(place) {
                placed.fates[frame.index] = Fate::Skipped(problem.what.clone());
            }
            let problem = problem.hint(OUT_OF_REACH);
            self.skip(Stage::Mosaic, &problem);
        }
    }

    /// Noise of the flight's camera, kelvin.
    fn netd_k(&self, catalogue: &Catalogue) -> f64 {
        let entries = self.job.folder.settings.camera_entries();
        let table = crate::orient::cameras::CameraTable::with_overrides(entries);
        let first = catalogue.frames.first();
        let known = first.and_then(|e| table.entry_for(&e.header).netd_k);
        known.unwrap_or(0.05)
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

    /// Flat roofs for buildings the surface model lacks; each is said, with where its height comes
    /// from.
    fn newer_buildings(&mut self) -> Vec<FlatRoof<'a>> {
        let found = newer::flat_roofs(self.job.inputs).unwrap_or_else(|problem| {
            self.warn(Stage::Rectify, &problem);
            Vec::new()
        });
        if !found.is_empty() {
            let listed: Vec<_> = found
                .iter()
                .map(|roof| json!({ "oidn": roof.oidn, "top_m": roof.top_m, "from": roof.from }))
                .collect();
            self.record.section("newer_buildings", listed.into());
            let names: Vec<&str> = found.iter().take(8).map(|r| r.oidn).collect();
            let what = format!(
                "{} buildings are newer than the surface model ({}); laid on the map as flat roofs",
                found.len(),
                names.join(", ")
            );
            let warning = Problem::setting(what)
                .hint("their heights and where they come from: newer_buildings in run.json");
            self.warn(Stage::Rectify, &warning);
        }
        found
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
            let newer = self.newer_buildings();
            return Heights::Model(Model::new(model, terrain, outlines).with_newer(newer));
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
}

/// Lengths of the air path over each frame, by catalogue entry, where its length is that of the ray.
fn air_paths(placed: &Placed, resolved: &[Resolved]) -> Vec<Option<AirPath>> {
    let mut paths: Vec<Option<AirPath>> = resolved.iter().map(|_| None).collect();
    let by_ray = |r: &Resolved| {
        let mut origins = r.origins.iter();
        origins.any(|(key, origin)| *key == "distance_m" && *origin == Origin::Geometry)
    };
    for frame in &placed.frames {
        if !resolved.get(frame.index).is_some_and(by_ray) {
            continue;
        }
        let height_m = frame.pose.centre[2] - frame.ground_z_m;
        paths[frame.index] = AirPath::new(frame.camera.width, frame.camera.height, |u, v| {
            let ray = frame.camera.unproject(u, v)?;
            let down = -frame.pose.to_world_direction(ray)[2];
            let size = ray.iter().map(|r| r * r).sum::<f64>().sqrt();
            // A ray along the ground never meets it; the longest path that is told is at 60°.
            let longer = if down > 0.0 {
                (size / down).min(2.0)
            } else {
                2.0
            };
            Some(height_m * longer)
        });
    }
    paths
}

fn resolved(
    catalogue: &Catalogue,
    weather: &FlightWeather,
    placed: &Placed,
    settings: &crate::calibrate::parameters::Settings,
) -> Vec<Resolved> {
    let paths: BTreeMap<usize, f64> = placed.frames.iter().map(|f| (f.index, f.path_m)).collect();
    catalogue
        .frames
        .iter()
        .enumerate()
        .map(|(index, entry)| {
            let path_m = paths.get(&index).copied();
            radiometry::resolve(settings, weather, entry, path_m)
        })
        .collect()
}

/// How far frames or tiles lie beside each other, 1σ, metres: what tie points miss by, else half a pixel.
fn misplaced_m(placed: &Placed, tiles: &[Tile<'_>]) -> f64 {
    let frames = placed.frames.iter().map(crate::rectify::frame_gsd_m);
    let gsd_m = frames
        .chain(tiles.iter().map(Tile::cell_m))
        .fold(0.0, f64::max);
    let fits: Vec<f64> = placed.fits.values().filter_map(|f| f.rmse_px).collect();
    let mean = fits.iter().sum::<f64>() / fits.len().max(1) as f64;
    let px = if fits.is_empty() { 0.5 } else { mean.max(0.3) };
    px * gsd_m
}

/// What a run takes beside decoded frames: tiles in the making, writers, levels of a long flight, MiB.
const BESIDE_MB: usize = 384;

/// Part of the frames' bytes that tiles of the finished map may take, when no frame is held any more.
const MAP_SHARE: usize = 8;

/// Bytes for decoded frames within `run.max_memory_mb`.
fn capacity_bytes(settings: &crate::config::Settings) -> usize {
    let mb = usize::try_from(settings.integer("run", "max_memory_mb")).unwrap_or(2048);
    mb.saturating_sub(BESIDE_MB).max(mb / 4) * 1024 * 1024
}
