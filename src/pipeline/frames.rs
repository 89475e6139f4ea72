//! Decoded frames on demand: least recently used ones go when the memory bound is reached.

use super::cache;
use super::catalogue::Entry;
use crate::calibrate::{self, AirPath, Parameters};
use crate::problem::Result;
use crate::raster::Grid;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Frames as kelvin grids, decoded and calibrated when asked for.
pub(crate) struct FrameStore<'a> {
    entries: &'a [Entry],
    parameters: Vec<Parameters>,
    paths: Vec<Option<AirPath>>,
    capacity_bytes: usize,
    correct: Option<Box<Correct<'a>>>,
    counts: Option<&'a cache::Cache>,
    cache: Mutex<Cache>,
}

/// What is done to a frame after calibration, by its number.
type Correct<'a> = dyn Fn(usize, &mut Grid<f32>) + Sync + 'a;

#[derive(Default)]
struct Cache {
    clock: u64,
    bytes: usize,
    frames: BTreeMap<usize, (u64, Arc<Grid<f32>>)>,
}

impl<'a> FrameStore<'a> {
    /// Frames of a catalogue with one set of parameters each, within a memory bound.
    pub(crate) fn new(
        entries: &'a [Entry],
        parameters: Vec<Parameters>,
        capacity_bytes: usize,
    ) -> Self {
        Self {
            entries,
            parameters,
            paths: Vec::new(),
            capacity_bytes,
            correct: None,
            counts: None,
            cache: Mutex::new(Cache::default()),
        }
    }

    /// The same frames, each pixel through its own length of air: by frame, `None` where one length
    /// serves.
    pub(crate) fn through(mut self, paths: Vec<Option<AirPath>>) -> Self {
        self.paths = paths;
        self
    }

    /// The same frames, each decoding counted as work.
    pub(crate) fn counted(mut self, counts: &'a cache::Cache) -> Self {
        self.counts = Some(counts);
        self
    }

    /// The same frames with something taken off each, those decoded already included.
    pub(crate) fn corrected(mut self, correct: impl Fn(usize, &mut Grid<f32>) + Sync + 'a) -> Self {
        let cache = self.cache.get_mut().unwrap_or_else(PoisonError::into_inner);
        for (index, (_, grid)) in &mut cache.frames {
            correct(*index, Arc::make_mut(grid));
        }
        self.correct = Some(Box::new(correct));
        self
    }

    /// Surface temperature of a frame, kelvin; NaN where a pixel cannot be calibrated.
    ///
    /// # Errors
    /// The file cannot be read or decoded any more, or its parameters are out of range.
    pub(crate) fn kelvin(&self, index: usize) -> Result<Arc<Grid<f32>>> {
        if let Some(grid) = self.cached(index) {
            return Ok(grid);
        }
        let (entry, parameters) = (&self.entries[index], &self.parameters[index]);
        let path = self.paths.get(index).and_then(Option::as_ref);
        if let Some(counts) = self.counts {
            counts.count(cache::Work::FramesDecoded);
        }
        let decoded = match path {
            Some(path) => decode_through(entry, parameters, path),
            None => decode(entry, parameters),
        };
        if let (Err(problem), Some(counts)) = (&decoded, self.counts) {
            counts.distrust(problem, entry.file.path());
        }
        let mut grid = decoded?;
        if let Some(correct) = &self.correct {
            correct(index, &mut grid);
        }
        let grid = Arc::new(grid);
        self.keep(index, &grid);
        Ok(grid)
    }

    /// Whether there are no frames at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn cached(&self, index: usize) -> Option<Arc<Grid<f32>>> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.clock += 1;
        let clock = cache.clock;
        let entry = cache.frames.get_mut(&index)?;
        entry.0 = clock;
        Some(Arc::clone(&entry.1))
    }

    fn keep(&self, index: usize, grid: &Arc<Grid<f32>>) {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.clock += 1;
        let clock = cache.clock;
        if cache
            .frames
            .insert(index, (clock, Arc::clone(grid)))
            .is_none()
        {
            cache.bytes += bytes_of(grid);
        }
        while cache.bytes > self.capacity_bytes && cache.frames.len() > 1 {
            let Some(oldest) = cache
                .frames
                .iter()
                .min_by_key(|(_, (t, _))| *t)
                .map(|(i, _)| *i)
            else {
                break;
            };
            if let Some((_, gone)) = cache.frames.remove(&oldest) {
                cache.bytes -= bytes_of(&gone);
            }
        }
    }
}

/// Decodes and calibrates one file.
///
/// # Errors
/// As [`FrameStore::kelvin`]; the problem names the file.
pub(crate) fn decode(entry: &Entry, parameters: &Parameters) -> Result<Grid<f32>> {
    let in_file = |problem: crate::problem::Problem| problem.in_file(entry.shown.clone());
    let raw = entry.file.frame(entry.part).map_err(in_file)?;
    Ok(calibrate::to_kelvin(&raw, parameters)
        .map_err(in_file)?
        .kelvin)
}

/// The same, each pixel through its own length of air.
///
/// # Errors
/// As [`decode`].
fn decode_through(entry: &Entry, parameters: &Parameters, path: &AirPath) -> Result<Grid<f32>> {
    let in_file = |problem: crate::problem::Problem| problem.in_file(entry.shown.clone());
    let raw = entry.file.frame(entry.part).map_err(in_file)?;
    let found = calibrate::to_kelvin_through(&raw, parameters, path).map_err(in_file)?;
    Ok(found.kelvin)
}

fn bytes_of(grid: &Grid<f32>) -> usize {
    std::mem::size_of_val(grid.data())
}
