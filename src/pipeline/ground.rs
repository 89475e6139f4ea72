//! Ground heights at points, read from the surface or terrain model block by block.

use crate::orient::Ground;
use crate::raster::{Bounds, GeoGrid};
use crate::read::surface::Surface;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Side of a block, metres: large enough to serve a frame, small enough for a 32 km sheet.
const BLOCK_M: f64 = 256.0;
/// Blocks kept (1 m cells: 0.25 MiB each).
const MAX_BLOCKS: usize = 64;

type Blocks = BTreeMap<(i64, i64), Option<Arc<GeoGrid<f32>>>>;

/// A surface model that answers single points.
pub(crate) struct SurfaceGround<'a> {
    surface: &'a Surface,
    blocks: Mutex<Blocks>,
}

impl<'a> SurfaceGround<'a> {
    /// Points of this model.
    pub(crate) fn new(surface: &'a Surface) -> Self {
        Self {
            surface,
            blocks: Mutex::new(BTreeMap::new()),
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
        let block = self.surface.window(&bounds).ok().map(Arc::new);
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
