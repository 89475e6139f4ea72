//! What decides between views beside their geometry.

use super::Options;
use super::roofs::RoofOutline;
use crate::raster::{Bounds, GeoGrid};

/// 1σ of the level of a frame about which nothing is known, kelvin: uncooled cameras drift by as
/// much between shutter events.
const UNKNOWN_LEVEL_K: f64 = 1.0;

/// Heights around the given bounds, reaching so far beyond them that what may hide a point inside
/// is in it ([`crate::rectify::edge_margin_m`]); `None` where there are none.
pub type SurfaceAround<'a> = dyn Fn(&Bounds) -> Option<GeoGrid<f32>> + Sync + 'a;

/// What the caller knows of the site and of its sources. Lists go by place in the list of sources;
/// what is missing there counts as 0.
#[derive(Clone, Copy, Default)]
pub struct Guide<'a> {
    /// Roofs that seams should not cross.
    pub roofs: &'a [RoofOutline<'a>],
    /// Tells which frames see a roof unhidden; without it nothing hides anything.
    pub surface: Option<&'a SurfaceAround<'a>>,
    /// How blurred each source is beside its neighbours, 0 (as sharp) to 1
    /// ([`super::relative_blur`]).
    pub blur: &'a [f64],
    /// How far each source lies from the median of the views of the same ground after levelling,
    /// median of the absolute value, kelvin. Per frame, not per cell: a cell whose views
    /// contradict each other is often a hot spot that some show a pixel aside, and the median
    /// would choose it away.
    pub residual_k: &'a [f64],
    /// 1σ of each source's level, kelvin; NaN where nothing is known.
    pub sigma_k: &'a [f64],
}

/// What is known of a source beside its geometry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Weighing {
    /// Added to its cost everywhere.
    pub(super) cost: f64,
    /// 1σ of its level, kelvin.
    pub(super) sigma_k: f64,
}

impl Guide<'_> {
    pub(super) fn weighings(&self, sources: usize, options: &Options) -> Vec<Weighing> {
        let known = |list: &[f64], place: usize| {
            let value = list.get(place).copied().unwrap_or(0.0);
            if value.is_finite() {
                value.max(0.0)
            } else {
                0.0
            }
        };
        let weighing = |place: usize| Weighing {
            cost: options.weight_blur * known(self.blur, place).min(1.0)
                + options.weight_residual * known(self.residual_k, place),
            sigma_k: match self.sigma_k.get(place) {
                Some(sigma) if !sigma.is_finite() => UNKNOWN_LEVEL_K,
                _ => known(self.sigma_k, place),
            },
        };
        (0..sources).map(weighing).collect()
    }
}
