//! What the adjustment of a flight hands on.

use super::axis::Axis;
use super::correction::Correction;
use super::design::{ALONG, Design, Row};
use super::flat::Flat;
use super::reference::{Absolute, Spot};
use super::report::Report;
use crate::raster::Grid;

/// The relative level of every frame and tile of a flight, by position in the list given.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Levelling {
    /// Mean of what to subtract, kelvin; 0 where nothing is known.
    pub offset_k: Vec<f64>,
    /// 1σ of it relative to the block's mean, kelvin; NaN where nothing is known.
    pub offset_sigma_k: Vec<f64>,
    /// How far its views lie from what others show of the same ground, median of the absolute value,
    /// kelvin; NaN without such views.
    pub residual_k: Vec<f64>,
    /// Run of each frame (0, 1, … in time order); frames without time are runs of their own.
    pub run: Vec<u32>,
    /// Whether the frame is tied to the largest connected part of the flight; the others keep
    /// offset 0 and must be named.
    pub connected: Vec<bool>,
    /// From this relative level to absolute temperatures.
    pub absolute: Absolute,
    /// Figures.
    pub report: Report,
    pub(super) state: Option<State>,
}

/// Where in a frame or tile.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Pixel(f64, f64),
    Map(f64, f64),
}

/// The solution, for evaluating it at any place.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct State {
    pub(super) design: Design,
    pub(super) axes: Vec<Option<Axis>>,
    pub(super) x: Vec<f64>,
    pub(super) flats: Vec<Option<(Flat, f64)>>,
    /// Of each frame's own unknowns: offsets, then low orders; lower half by rows.
    pub(super) covariance: Vec<Vec<f64>>,
    /// Per era, flat field and the low orders that do not change in time, as an image.
    pub(super) images: Vec<Grid<f32>>,
}

impl State {
    pub(super) fn row(&self, frame: usize, place: Place) -> Option<Row> {
        let axis = self.axes.get(frame)?;
        let row = match (axis, place) {
            (Some(axis), Place::Map(x, y)) => {
                self.design.row_at(frame, ALONG * axis.share(x, y), 0.0)
            }
            (Some(_), Place::Pixel(..)) => self.design.row_at(frame, 0.5 * ALONG, 0.0),
            (None, Place::Pixel(u, v)) => self.design.row_at(frame, u, v),
            (None, Place::Map(..)) => self.design.offset_of(frame),
        };
        Some(row)
    }

    pub(super) fn flat(&self, frame: usize) -> Option<&(Flat, f64)> {
        let era = (*self.design.eras().of.get(frame)?)?;
        self.flats.get(era)?.as_ref()
    }

    /// Var of a row of a frame's own unknowns.
    fn variance(&self, frame: usize, row: &Row) -> f64 {
        let Some(covariance) = self.covariance.get(frame).filter(|c| !c.is_empty()) else {
            return f64::NAN;
        };
        let mut variance = 0.0;
        for (i, a) in row.iter() {
            for (j, b) in row.iter() {
                let (i, j) = (self.design.own(frame, i), self.design.own(frame, j));
                let (i, j) = (i.max(j), i.min(j));
                variance += a * b * covariance[i * (i + 1) / 2 + j];
            }
        }
        variance
    }
}

impl Levelling {
    /// What to subtract from a frame or tile.
    pub fn correction(&self, frame: usize) -> Correction<'_> {
        Correction {
            levelling: self,
            frame,
        }
    }

    /// 1σ of the relative level of a frame at a pixel position, kelvin: offset, low orders and
    /// flat field together, without the camera's noise and the absolute level (georeferencing.md
    /// §9.7). For a tile, that at the middle of its length. NaN where nothing is known.
    pub fn sigma_k(&self, frame: usize, u_px: f64, v_px: f64) -> f64 {
        self.sigma(frame, Place::Pixel(u_px, v_px))
    }

    /// The same for a tile at a map place.
    pub fn sigma_on_map_k(&self, frame: usize, x_m: f64, y_m: f64) -> f64 {
        self.sigma(frame, Place::Map(x_m, y_m))
    }

    /// A view's temperature on the relative level and its 1σ.
    pub(super) fn level(&self, frame: usize, spot: &Spot, x_m: f64, y_m: f64) -> (f64, f64) {
        let axes = self.state.as_ref().map(|state| &state.axes);
        let is_line = axes.and_then(|a| a.get(frame)).is_some_and(Option::is_some);
        let place = if is_line {
            Place::Map(x_m, y_m)
        } else {
            Place::Pixel(spot.u_px, spot.v_px)
        };
        let levelled = spot.kelvin - self.correction(frame).at(place);
        (levelled, self.sigma(frame, place))
    }

    fn sigma(&self, frame: usize, place: Place) -> f64 {
        let Some(state) = &self.state else {
            return f64::NAN;
        };
        let Some(row) = state.row(frame, place) else {
            return f64::NAN;
        };
        let flat = state.flat(frame).map_or(0.0, |f| f.1);
        let flat = if flat.is_finite() { flat } else { 0.0 };
        let variance = state.variance(frame, &row);
        if variance.is_nan() {
            return f64::NAN;
        }
        (variance.max(0.0) + flat * flat).sqrt()
    }
}
