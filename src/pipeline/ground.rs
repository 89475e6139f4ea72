//! Ground heights at points, read from the surface or terrain model block by block.

use crate::orient::Ground;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid};
use crate::read::surface::Surface;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What to do about an input that could be opened and then not be read.
pub(crate) const OUT_OF_REACH: &str = "see that it is whole and stays within reach, then run again";

/// Side of a block, metres: large enough to serve a frame, small enough for a 32 km sheet.
const BLOCK_M: f64 = 256.0;
/// Blocks kept (1 m cells: 0.25 MiB each).
const MAX_BLOCKS: usize = 64;

type Blocks = BTreeMap<(i64, i64), Option<Arc<GeoGrid<f32>>>>;

/// A surface model that answers single points.
pub(crate) struct SurfaceGround<'a> {
    surface: &'a Surface,
    blocks: Mutex<Blocks>,
    /// Why the model could not be read, where it could not.
    fault: OnceLock<Problem>,
}

impl<'a> SurfaceGround<'a> {
    /// Points of this model.
    pub(crate) fn new(surface: &'a Surface) -> Self {
        Self {
            surface,
            blocks: Mutex::new(BTreeMap::new()),
            fault: OnceLock::new(),
        }
    }

    /// To be asked after points were: a point of which nothing could be read looks like one of
    /// which nothing is known.
    ///
    /// # Errors
    /// The model could not be read somewhere.
    pub(crate) fn sound(&self) -> Result<()> {
        match self.fault.get() {
            Some(fault) => Err(fault.clone().hint(OUT_OF_REACH)),
            None => Ok(()),
        }
    }

    fn block(&self, key: (i64, i64)) -> Option<Arc<GeoGrid<f32>>> {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = blocks.get(&key) {
            return block.clone();
        }
        if blocks.len() >= MAX_BLOCKS {
            blocks.clear();
        }
        let (x, y) = (key.0 as f64 * BLOCK_M, key.1 as f64 * BLOCK_M);
        // One cell more on every side, so that points at the border interpolate.
        let bounds = Bounds {
            x_min: x,
            y_min: y,
            x_max: x + BLOCK_M,
            y_max: y + BLOCK_M,
        }
        .buffered(2.0 * self.surface.cell_m());
        let block = match self.surface.window(&bounds) {
            Ok(window) => Some(Arc::new(window)),
            Err(problem) => {
                self.fault.get_or_init(|| problem);
                None
            }
        };
        blocks.insert(key, block.clone());
        block
    }
}

impl Ground for SurfaceGround<'_> {
    fn height_m(&self, x: f64, y: f64) -> Option<f64> {
        let key = ((x / BLOCK_M).floor() as i64, (y / BLOCK_M).floor() as i64);
        self.block(key)?.sample(x, y)
    }
}
