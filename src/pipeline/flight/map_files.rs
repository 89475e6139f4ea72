//! The rasters of a flight, tile by tile straight into their files.

use super::tiles::Tile;
use super::{Flight, kept};
use crate::level::{Basis, Levelling};
use crate::mosaic::{self, NO_FRAME, Picture, Plan, Source, TilePlan, time_offsets};
use crate::pipeline::cache::{Cache, Digest, Key, MapRecord, Work};
use crate::pipeline::frames::FrameStore;
use crate::pipeline::heights::Heights;
use crate::pipeline::room;
use crate::pipeline::share::{Part, Step};
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::read::geotiff::GeoTiff;
use crate::rectify::Target;
use crate::units::ZERO_CELSIUS_K;
use crate::write::atomic;
use crate::write::cog::{self, CogSpec, CogWriter};
use rayon::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Names of a tile and of a map's rasters among what machines share.
const TILE: &str = "tile";
const MAP: &str = "map";

/// Everything the tiles of the map are made from.
pub(super) struct Making<'a> {
    pub(super) plan: Plan,
    pub(super) sources: Vec<Source<'a>>,
    pub(super) store: &'a FrameStore<'a>,
    pub(super) tiles: &'a [Tile<'a>],
    pub(super) heights: &'a Heights<'a>,
    pub(super) levelling: &'a Levelling,
    pub(super) options: &'a mosaic::Options,
    /// Noise of a pixel, 1σ, kelvin.
    pub(super) noise_k: f64,
    /// What views of the same ground still differ by after levelling, kelvin.
    pub(super) left_k: f64,
    /// How far a frame lies beside its neighbours, 1σ, metres.
    pub(super) misplaced_m: f64,
    /// Seconds since the first frame by [`Source::index`].
    pub(super) times_s: &'a [f64],
    /// Emissivity and reflected temperature of the map, °C.
    pub(super) surroundings: (f64, f64),
    /// Digest of what frames, poses and levels were made from.
    pub(super) levelled: Digest,
    /// Digest of the surface and terrain models.
    pub(super) models: Digest,
    /// Frames and tiles that could be read before and no more, by their place among the sources.
    pub(super) lost: Mutex<BTreeMap<usize, Problem>>,
}

/// Where the rasters lie.
#[derive(Debug)]
pub(super) struct Written {
    /// `mosaic.tif`.
    pub(super) mosaic: PathBuf,
    /// `coverage.tif`.
    pub(super) coverage: PathBuf,
    /// `time_offset.tif`.
    pub(super) time_offset: PathBuf,
    /// The robust mean of all views, for statistics; not a result.
    pub(super) mean: PathBuf,
    /// Its standard error, K.
    pub(super) mean_sigma: PathBuf,
    /// What the rasters were made from.
    pub(super) record: MapRecord,
    /// Where there is no cache: the folder of what is no result, gone with this.
    _work: Option<tempfile::TempDir>,
}

/// A finished tile of every raster, in the order of [`RASTERS`].
type Layers = [Grid<f32>; RASTERS.len()];

/// A raster: file, band name, unit, sample, description.
struct Raster {
    file: &'static str,
    band: &'static str,
    unit: &'static str,
    sample: Kind,
    about: &'static str,
}

impl Raster {
    /// Whether it is for later stages only, and no result.
    fn is_work(&self) -> bool {
        matches!(self.file, "mean.tif" | "mean_sigma.tif")
    }
}

/// How a raster's cells are stored.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Kelvin or degrees Celsius, rounded where that is asked for.
    Temperature,
    /// Estimates, to this step in their unit: their own error is far larger.
    Rounded(f64),
    /// Other measured values.
    Float,
    /// How many sources there are at most tells the bytes.
    Count,
}

const RASTERS: [Raster; 8] = [
    Raster {
        file: "mosaic.tif",
        band: "temperature",
        unit: "degC",
        sample: Kind::Temperature,
        about: "surface temperature of the best view",
    },
    Raster {
        file: "coverage.tif",
        band: "frames",
        unit: "",
        sample: Kind::Count,
        about: "number of frames that see the cell",
    },
    Raster {
        file: "uncertainty.tif",
        band: "sigma",
        unit: "K",
        sample: Kind::Rounded(0.001),
        about: "1 sigma of the relative temperature: noise, level of the frame, its place",
    },
    Raster {
        file: "frame_index.tif",
        band: "frame",
        unit: "",
        sample: Kind::Count,
        about: "row of layer frames (fid) the temperature comes from; 0 none",
    },
    Raster {
        file: "view_angle.tif",
        band: "view_zenith_angle",
        unit: "degree",
        sample: Kind::Rounded(0.01),
        about: "view zenith angle of the best view",
    },
    Raster {
        file: "time_offset.tif",
        band: "time_offset",
        unit: "s",
        sample: Kind::Float,
        about: "time of the best view since the first frame",
    },
    Raster {
        file: "mean.tif",
        band: "temperature",
        unit: "degC",
        sample: Kind::Temperature,
        about: "robust mean of the clean views",
    },
    Raster {
        file: "mean_sigma.tif",
        band: "sigma",
        unit: "K",
        sample: Kind::Rounded(0.001),
        about: "1 sigma of the robust mean",
    },
];

impl Flight<'_> {
    /// Writes the rasters of a flight: tiles made from what they were made from before are taken
    /// over, and nothing is written where that is all of them.
    pub(super) fn write_map(
        &mut self,
        making: &Making<'_>,
    ) -> std::result::Result<Written, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let keys = self.tile_keys(making).map_err(one)?;
        if let Some(part) = self.job.part.filter(|p| p.step == Step::Tile) {
            self.make_tiles(making, &keys, part).map_err(one)?;
            return Err(Vec::new());
        }
        let places = Places::of(self.job.cache, self.out);
        if let Some(places) = &places {
            self.fetch_map(places, &keys).map_err(one)?;
        }
        let old = match (self.may_keep(Stage::Mosaic), &places) {
            (true, Some(places)) => self.old_map(places, keys.grid),
            _ => None,
        };
        let stale = |tile: &usize| match &old {
            Some(old) => old.record.tiles.get(*tile) != keys.tiles.get(*tile),
            None => true,
        };
        let stale = (0..keys.tiles.len()).filter(stale).count();
        let written = match (stale, old, places) {
            (0, Some(old), Some(places)) => {
                self.take_over(Stage::Mosaic, Vec::new());
                places.written(old.record, None)
            }
            (_, old, places) => {
                let what = format!("{stale} of {} tiles", keys.tiles.len());
                self.must_run(Stage::Mosaic, &what)?;
                self.check_room(making).map_err(one)?;
                self.make_map(making, keys, (old, places)).map_err(one)?
            }
        };
        self.note_map(making, written.record.seen);
        self.lap(Stage::Mosaic);
        Ok(written)
    }

    /// Says so where the rasters may not find room on the disk.
    ///
    /// # Errors
    /// They cannot.
    fn check_room(&self, making: &Making<'_>) -> Result<()> {
        let footprints: Vec<_> = making.sources.iter().map(Source::footprint).collect();
        let settings = &self.job.folder.settings;
        let bytes = room::reckoned(&footprints, making.plan.gsd_m, settings);
        if let Some(warning) = room::judge(bytes, self.out)? {
            self.reporter.warn(Stage::Read, &warning);
        }
        Ok(())
    }

    /// Keys of the map's grid and of every tile.
    fn tile_keys(&self, making: &Making<'_>) -> Result<MapRecord> {
        let mut grid = Key::new("map");
        let specs: Vec<CogSpec> = RASTERS.iter().map(|r| self.spec(making, r)).collect();
        grid.told("rasters", &specs);
        let keys: Vec<[u8; 32]> = making
            .plan
            .tiles
            .par_iter()
            .map(|tile| making.key(tile))
            .collect::<Result<_>>()?;
        Ok(MapRecord {
            grid: kept::of(&grid.digest()),
            tiles: keys,
            ..MapRecord::default()
        })
    }

    /// The rasters of an earlier run of the same grid, as they were written.
    fn old_map(&self, places: &Places, grid: [u8; 32]) -> Option<OldMap> {
        let record = self.ledger.map.clone().filter(|map| map.grid == grid)?;
        let hashes = self.job.cache.hashes();
        let mut rasters = Vec::with_capacity(RASTERS.len());
        for (raster, digest) in RASTERS.iter().zip(&record.rasters) {
            let path = places.of_raster(raster);
            let (_, now) = hashes.of(&path).ok()?;
            if now.as_bytes() != digest {
                return None;
            }
            rasters.push(GeoTiff::open(&path).ok()?);
        }
        (rasters.len() == RASTERS.len()).then_some(OldMap { record, rasters })
    }

    /// Makes a share of the tiles for the machine that writes the rasters.
    fn make_tiles(&mut self, making: &Making<'_>, keys: &MapRecord, part: &Part) -> Result<()> {
        let cache = self.job.cache;
        let mine = part.range(keys.tiles.len());
        self.reporter
            .begin(&self.job.folder.id, Stage::Mosaic, mine.len());
        mine.into_par_iter().try_for_each(|i| -> Result<()> {
            self.reporter.go_on()?;
            let key = Digest::from_bytes(keys.tiles[i]);
            if !cache.has(TILE, &key) {
                let layers = self.tile(making, &making.plan.tiles[i], None)?;
                cache.put(TILE, &key, &layers);
            }
            self.reporter.advance(1);
            Ok(())
        })?;
        self.reporter.end("");
        let lost = making.lost.lock().unwrap_or_else(PoisonError::into_inner);
        match lost.values().next() {
            // On another machine, or later, it may be there.
            Some(problem) => Err(Problem::io(problem.what.clone())),
            None => Ok(()),
        }
    }

    /// A tile that another machine may have made.
    fn tile(&self, making: &Making<'_>, tile: &TilePlan, key: Option<&[u8; 32]>) -> Result<Layers> {
        let cache = self.job.cache;
        if let Some(key) = key.filter(|_| cache.is_shared())
            && let Some(layers) = cache.get::<Layers>(TILE, &Digest::from_bytes(*key))
        {
            return Ok(layers);
        }
        cache.count(Work::TilesMade);
        making.tile(tile)
    }

    /// Fetches the rasters that another machine wrote of these tiles.
    fn fetch_map(&mut self, places: &Places, keys: &MapRecord) -> Result<()> {
        let cache = self.job.cache;
        if !cache.is_shared() {
            return Ok(());
        }
        let Some(record) = cache.get::<MapRecord>(MAP, &map_key(keys)) else {
            return Ok(());
        };
        for (raster, digest) in RASTERS.iter().zip(&record.rasters) {
            if !cache.fetch(&places.of_raster(raster), digest)? {
                return Ok(());
            }
        }
        self.ledger.map = Some(record);
        Ok(())
    }

    /// Sends the rasters to the other machines.
    fn send_map(&self, places: &Places, record: &MapRecord) -> Result<()> {
        let cache = self.job.cache;
        if !cache.is_shared() {
            return Ok(());
        }
        for (raster, digest) in RASTERS.iter().zip(&record.rasters) {
            cache.send(&places.of_raster(raster), digest)?;
        }
        cache.put(MAP, &map_key(record), record);
        Ok(())
    }

    fn make_map(
        &mut self,
        making: &Making<'_>,
        keys: MapRecord,
        (old, places): (Option<OldMap>, Option<Places>),
    ) -> Result<Written> {
        let plan = &making.plan;
        atomic::make_folder(self.out)?;
        let (places, work) = match places {
            Some(places) => (places, None),
            None => {
                // Rasters that are no result.
                let work = atomic::work_folder(self.out)?;
                let places = Places {
                    out: self.out.to_path_buf(),
                    work: work.path().to_path_buf(),
                };
                (places, Some(work))
            }
        };
        let mut writers = RASTERS
            .iter()
            .map(|raster| CogWriter::create(&places.of_raster(raster), self.spec(making, raster)))
            .collect::<Result<Vec<_>>>()?;
        self.reporter
            .begin(&self.job.folder.id, Stage::Mosaic, plan.tiles.len());
        let mut seen = 0_u64;
        let mut number = 0;
        // A chunk stays inside one row of tiles; its size bounds the memory.
        let chunk = 2 * rayon::current_num_threads().max(2);
        for row in plan.tiles.chunks(plan.across()) {
            for part in row.chunks(chunk) {
                let made: Vec<Layers> = part
                    .par_iter()
                    .enumerate()
                    .map(|(i, tile)| {
                        self.reporter.go_on()?;
                        let key = keys.tiles.get(number + i);
                        let same = old
                            .as_ref()
                            .filter(|o| o.record.tiles.get(number + i) == key);
                        let finished = match same {
                            Some(old) => old.tile(tile)?,
                            None => self.tile(making, tile, key)?,
                        };
                        self.reporter.advance(1);
                        Ok(finished)
                    })
                    .collect::<Result<_>>()?;
                number += part.len();
                let cells = made.iter().flat_map(|layers| layers[0].data());
                seen += cells.filter(|v| v.is_finite()).count() as u64;
                let mut by_raster: Vec<Vec<Grid<f32>>> =
                    RASTERS.iter().map(|_| Vec::new()).collect();
                for layers in made {
                    let each = by_raster.iter_mut().zip(layers);
                    each.for_each(|(list, grid)| list.push(grid));
                }
                let (col, row) = (part[0].col, part[0].row);
                writers
                    .par_iter_mut()
                    .zip(by_raster)
                    .map(|(writer, grids)| writer.write_tiles(col, row, &grids))
                    .collect::<Result<()>>()?;
            }
        }
        writers
            .into_par_iter()
            .map(|writer| writer.finish().map(|_| ()))
            .collect::<Result<()>>()?;
        self.reporter.end(&format!(
            "{} × {} cells of {} m",
            plan.width, plan.height, plan.gsd_m
        ));
        let hashes = self.job.cache.hashes();
        let rasters = RASTERS.iter().map(|raster| {
            let (_, digest) = hashes.of(&places.of_raster(raster))?;
            Ok(kept::of(&digest))
        });
        let record = MapRecord {
            rasters: rasters.collect::<Result<_>>()?,
            seen,
            ..keys
        };
        let lost = making.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if !lost.is_empty() {
            self.job.cache.lose_trust();
        }
        if work.is_none() && lost.is_empty() {
            // A run that ends here goes on with this map.
            self.ledger.map = Some(record.clone());
            self.ledger.save(self.job.cache, self.out);
            self.send_map(&places, &record)?;
        }
        Ok(places.written(record, work))
    }

    fn note_map(&mut self, making: &Making<'_>, seen: u64) {
        let plan = &making.plan;
        let (emissivity, reflected_c) = making.surroundings;
        let roofs = plan.roof_sources();
        self.record.section(
            "mosaic",
            json!({
                "width": plan.width, "height": plan.height, "gsd_m": plan.gsd_m,
                "x_min_m": plan.transform.x0, "y_max_m": plan.transform.y0,
                "sources": making.sources.len(), "cells_seen": seen,
                "emissivity": emissivity, "reflected_c": reflected_c,
                "noise_k": making.noise_k, "views_differ_k": making.left_k,
                "surface": match making.heights { Heights::Model(_) => "model", Heights::Plane(_) => "plane" },
                "roofs": roofs.len(),
                "roofs_from_one_source": roofs.iter().filter(|r| r.places.len() == 1).count(),
                "roofs_seen_whole": roofs.iter().filter(|r| r.whole).count(),
            }),
        );
    }

    fn spec(&self, making: &Making<'_>, raster: &Raster) -> CogSpec {
        let (plan, settings) = (&making.plan, &self.job.folder.settings);
        let mut tags = vec![
            ("FLIGHT".to_owned(), self.job.folder.id.clone()),
            ("DESCRIPTION".to_owned(), raster.about.to_owned()),
        ];
        if raster.unit == "degC" {
            let (emissivity, reflected_c) = making.surroundings;
            tags.push(("EMISSIVITY".to_owned(), emissivity.to_string()));
            tags.push(("REFLECTED_C".to_owned(), reflected_c.to_string()));
            let level = match making.levelling.absolute.basis {
                Basis::Relative => "relative: the camera's own mean",
                _ => "by reference temperatures",
            };
            tags.push(("LEVEL".to_owned(), level.to_owned()));
        }
        let most = match raster.file {
            "frame_index.tif" => making.sources.iter().map(|s| s.index() + 1).max(),
            _ => Some(making.sources.len()),
        };
        let sample = match (raster.sample, most.unwrap_or(0)) {
            (Kind::Count, ..=255) => cog::Sample::U8,
            (Kind::Count, 256..=65_535) => cog::Sample::U16,
            (Kind::Count, _) => cog::Sample::U32,
            _ => cog::Sample::F32,
        };
        CogSpec {
            tile_px: plan.tile_px,
            compression: match settings.text("mosaic", "compression") {
                // Nobody else reads what is no result.
                _ if raster.is_work() => cog::Compression::Zstd,
                "zstd" => cog::Compression::Zstd,
                "none" => cog::Compression::None,
                _ => cog::Compression::Deflate,
            },
            overviews: !raster.is_work(),
            round_k: match raster.sample {
                Kind::Temperature => settings.number("mosaic", "round_k").unwrap_or(0.0),
                Kind::Rounded(step) => step,
                Kind::Float | Kind::Count => 0.0,
            },
            sample,
            nodata: match (raster.sample, raster.file) {
                (Kind::Count, "frame_index.tif") => Some(0.0),
                (Kind::Count, _) => None,
                _ => Some(f64::NAN),
            },
            band_name: raster.band.to_owned(),
            unit: raster.unit.to_owned(),
            tags,
            ..CogSpec::new(plan.width, plan.height, plan.transform, self.crs.epsg())
        }
    }
}

/// Key of rasters by their tiles.
fn map_key(record: &MapRecord) -> Digest {
    let mut key = Key::new(MAP);
    key.told("tiles", &(&record.grid, &record.tiles));
    key.digest()
}

/// Where the rasters stand.
struct Places {
    out: PathBuf,
    /// What is no result.
    work: PathBuf,
}

impl Places {
    /// In the results and in the cache; `None` where that cannot be written.
    fn of(cache: &Cache, out: &Path) -> Option<Self> {
        let work = cache.beside(out)?;
        Some(Self {
            out: out.to_path_buf(),
            work,
        })
    }

    fn of_raster(&self, raster: &Raster) -> PathBuf {
        let folder = if raster.is_work() {
            &self.work
        } else {
            &self.out
        };
        folder.join(raster.file)
    }

    fn written(&self, record: MapRecord, work: Option<tempfile::TempDir>) -> Written {
        Written {
            mosaic: self.out.join("mosaic.tif"),
            coverage: self.out.join("coverage.tif"),
            time_offset: self.out.join("time_offset.tif"),
            mean: self.work.join("mean.tif"),
            mean_sigma: self.work.join("mean_sigma.tif"),
            record,
            _work: work,
        }
    }
}

/// The rasters of an earlier run.
struct OldMap {
    record: MapRecord,
    rasters: Vec<GeoTiff>,
}

impl OldMap {
    fn tile(&self, tile: &TilePlan) -> Result<Layers> {
        let read = self.rasters.iter().map(|r| r.window(tile.window));
        let layers: Vec<Grid<f32>> = read.collect::<Result<_>>()?;
        layers
            .try_into()
            .map_err(|_| Problem::broken("a raster of the last run is missing"))
    }
}

impl Making<'_> {
    /// What a tile depends on: frames, poses and levels as one, as they are solved together; the
    /// models; outlines only as far as they stand in it.
    fn key(&self, tile: &TilePlan) -> Result<[u8; 32]> {
        let mut key = Key::new("tile");
        let target = self.plan.target(tile);
        key.digest_of("levelled", &self.levelled);
        key.digest_of("models", &self.models);
        key.told("place", &(&target.transform, tile.window, &tile.sources));
        key.told("options", self.options);
        let about = (
            self.noise_k,
            self.left_k,
            self.misplaced_m,
            self.surroundings,
        );
        key.told("about", &about);
        key.told("roofs", &self.plan.roofs_on(tile));
        if let Heights::Model(model) = self.heights {
            let bounds = target.bounds();
            let relief_m = self.heights.near_relief_m(&bounds)?;
            let cell_m = self.heights.cell_m();
            let needed = self
                .plan
                .surface_bounds(tile, relief_m, cell_m, self.options);
            key.told("walls", &model.outlines_near(&needed));
            key.told("newer", &model.newer());
        }
        Ok(kept::of(&key.digest()))
    }

    fn tile(&self, tile: &TilePlan) -> Result<Layers> {
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
        let made = mosaic::tile(
            &self.plan,
            tile,
            &self.sources,
            &pictures,
            &[],
            &surface,
            self.options,
        );
        let sigma = self.sigma(tile, &made, &target);
        let mut mean = self.celsius(&made.mean_k, &target);
        for (value, mixed) in mean.data_mut().iter_mut().zip(made.mixed.data()) {
            if *mixed {
                *value = f32::NAN;
            }
        }
        Ok([
            self.celsius(&made.kelvin, &target),
            made.count.map(f32::from),
            sigma,
            made.frame.map(|i| match i {
                NO_FRAME => f32::NAN,
                i => (i + 1) as f32,
            }),
            made.view_deg,
            time_offsets(&made.frame, self.times_s),
            mean,
            made.mean_sigma_k,
        ])
    }

    /// Degrees Celsius on the absolute level.
    fn celsius(&self, kelvin: &Grid<f32>, target: &Target) -> Grid<f32> {
        let absolute = &self.levelling.absolute;
        if absolute.basis == Basis::Relative {
            return kelvin.map(|k| (f64::from(k) - ZERO_CELSIUS_K) as f32);
        }
        let mut out = kelvin.clone();
        for row in 0..target.height {
            for col in 0..target.width {
                let (x, y) = target.transform.centre(col, row);
                let k = absolute.apply(f64::from(kelvin.at(col, row)), x, y);
                out.set(col, row, (k - ZERO_CELSIUS_K) as f32);
            }
        }
        out
    }

    fn picture(&self, place: usize, target: &Target) -> Option<Picture> {
        let read = match &self.sources[place] {
            Source::Frame(frame) => self
                .store
                .kelvin(frame.index)
                .map(|kelvin| Some(Picture::Frame(kelvin))),
            Source::Tile { .. } => {
                let frames = self.sources.len() - self.tiles.len();
                self.tiles.get(place - frames)?.on(target).map(|window| {
                    let mut window = window?;
                    self.levelling
                        .correction(place)
                        .subtract_from_tile(&mut window);
                    Some(Picture::Tile(Arc::new(window)))
                })
            }
        };
        read.unwrap_or_else(|problem| {
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.entry(place).or_insert(problem);
            None
        })
    }
}
