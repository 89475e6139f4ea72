//! What a plane's cells differ by from the plane as a whole.
//!
//! The reference is a linear trend over the plane, fitted with Tukey's biweight so that a field
//! of panels over a third of the roof does not draw it. A moving median was not used: a field of
//! 20 m would become its own background.

use super::fit::Sums;
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
    let Some(level) = median(&mut values.clone()) else {
        return LEAST_K as f32;
    };
    let mut off: Vec<f32> = values.iter().map(|v| v - level).collect();
    let mut sigma = spread(&off);
    for _ in 0..PASSES {
        let mut sums = Sums::default();
        for ((i, value), off) in cells.iter().zip(&values).zip(&off) {
            let x = f64::from(*off) / (TUKEY * f64::from(sigma));
            if x.abs() < 1.0 {
                let weight = (1.0 - x * x).powi(2);
                let (u, v) = frame.place(*i as usize);
                sums.add(u, v, f64::from(value - level), weight);
            }
        }
        let Some((trend, _)) = sums.solve() else {
            break;
        };
        for ((i, value), off) in cells.iter().zip(&values).zip(&mut off) {
            let (u, v) = frame.place(*i as usize);
            *off = value - level - trend.at(u, v) as f32;
        }
        sigma = spread(&off);
    }
    for (i, off) in cells.iter().zip(&off) {
        kelvin.data_mut()[*i as usize] = *off;
    }
    sigma
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
