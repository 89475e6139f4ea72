//! What a plane's cells differ by from the plane as a whole.
//!
//! The reference is a linear trend over the plane, fitted with Tukey's biweight so that a field
//! of panels over a third of the roof does not draw it. A moving median was not used: a field of
//! 20 m would become its own background.

use super::fit::{Local, Sums};
use super::frame::Frame;
use super::planes::Planes;
use crate::raster::Grid;

/// Cut of the biweight in standard deviations (95 % efficiency at the normal distribution;
/// Holland & Welsch 1977).
const TUKEY: f64 = 4.685;
/// Least spread believed, K.
const LEAST_K: f64 = 0.05;
/// Passes of reweighting.
const PASSES: usize = 5;

/// Differences from each cell's plane.
pub(super) struct Residuals {
    /// Kelvin; NaN outside the roof, where nothing was seen and on mirrors.
    pub kelvin: Grid<f32>,
    /// Spread of each plane's cells, K; by plane number − 1.
    pub sigma_k: Vec<f32>,
}

/// Takes off every plane's trend; `skip` marks cells that are no roof.
pub(super) fn residuals(frame: &Frame<'_>, planes: &Planes, skip: &[bool]) -> Residuals {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); planes.fits.len()];
    for (i, label) in planes.labels.data().iter().enumerate() {
        if *label != 0 && !skip[i] && frame.celsius(i).is_finite() {
            members[usize::from(*label) - 1].push(i as u32);
        }
    }
    let mut kelvin = Grid::filled(frame.width, frame.height, f32::NAN);
    let mut sigma_k = Vec::new();
    for cells in &members {
        sigma_k.push(one(frame, cells, &mut kelvin));
    }
    Residuals { kelvin, sigma_k }
}

/// One plane: writes its residuals and returns their spread.
fn one(frame: &Frame<'_>, cells: &[u32], kelvin: &mut Grid<f32>) -> f32 {
    let values: Vec<f32> = cells.iter().map(|i| frame.celsius(*i as usize)).collect();
    let Some(fit) = robust(&values, |k| frame.place(cells[k] as usize)) else {
        return LEAST_K as f32;
    };
    for (i, off) in cells.iter().zip(&fit.off) {
        kelvin.data_mut()[*i as usize] = *off;
    }
    fit.sigma
}

/// A linear trend and what is left of the values.
pub(crate) struct Robust {
    /// Level of the values in the middle, without trend.
    level: f32,
    trend: Option<Local>,
    /// Values less the trend.
    pub off: Vec<f32>,
    /// Spread of those.
    pub sigma: f32,
    /// Spread of the values about their median.
    pub whole_sigma: f32,
}

impl Robust {
    /// The trend at a place, in the unit of the values.
    pub(crate) fn at(&self, (u, v): (f64, f64)) -> f32 {
        self.level + self.trend.map_or(0.0, |t| t.at(u, v) as f32)
    }
}

/// Linear trend of values at places, by Tukey's biweight; `None` without values.
pub(crate) fn robust(values: &[f32], place: impl Fn(usize) -> (f64, f64)) -> Option<Robust> {
    let level = median(&mut values.to_vec())?;
    let mut off: Vec<f32> = values.iter().map(|v| v - level).collect();
    let whole_sigma = spread(&off);
    let mut sigma = whole_sigma;
    let mut found = None;
    let places: Vec<(f64, f64)> = (0..values.len()).map(place).collect();
    for _ in 0..PASSES {
        let mut sums = Sums::default();
        for ((value, off), (u, v)) in values.iter().zip(&off).zip(&places) {
            let x = f64::from(*off) / (TUKEY * f64::from(sigma));
            if x.abs() < 1.0 {
                let weight = (1.0 - x * x).powi(2);
                sums.add(*u, *v, f64::from(value - level), weight);
            }
        }
        let Some((trend, _)) = sums.solve() else {
            break;
        };
        for ((value, off), (u, v)) in values.iter().zip(&mut off).zip(&places) {
            *off = value - level - trend.at(*u, *v) as f32;
        }
        sigma = spread(&off);
        found = Some(trend);
    }
    Some(Robust {
        level,
        trend: found,
        off,
        sigma,
        whole_sigma,
    })
}

/// Lower median; reorders the values.
pub(super) fn median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len().checked_sub(1)? / 2;
    let (_, value, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    Some(*value)
}

fn spread(off: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = off.iter().map(|v| v.abs()).collect();
    let mad = median(&mut sizes).unwrap_or(0.0);
    (1.4826 * mad).max(LEAST_K as f32)
}
