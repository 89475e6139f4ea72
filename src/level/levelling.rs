//! What the adjustment of a flight hands on.

use super::axis::Axis;
use super::design::{ALONG, Design, Row};
use super::envelope::Envelope;
use super::equations::{Equations, Gauge};
use super::flat::Flat;
use super::ramp::RampVerdict;
use super::reference::{Absolute, ReferenceResidual, Spot};
use super::terms::TERMS;
use crate::raster::Grid;

/// How far views of the same ground differ, about the mean of their cell, kelvin; NaN without
/// such views. Two views differ by √2 √(k/(k − 1)) times as much, k views a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Root mean square.
    pub std_k: f64,
    /// 1.4826 × median of the absolute value: what edges and moving things do not touch.
    pub mad_k: f64,
    /// 95th percentile of the absolute value.
    pub p95_k: f64,
}

/// A stretch of time over which the flat field of a camera was taken as one.
#[derive(Clone, Debug, PartialEq)]
pub struct EraReport {
    /// Camera.
    pub camera: Option<usize>,
    /// Number of frames.
    pub frames: usize,
    /// First and last time, seconds; NaN unknown.
    pub time_s: [f64; 2],
    /// Whether a flat field was taken from the frames (from 40 on).
    pub flat_field: bool,
    /// Root mean square of the flat field, kelvin.
    pub flat_field_rms_k: f64,
    /// 1σ of it at one place, kelvin.
    pub flat_field_sigma_k: f64,
    /// r², r⁴, x, y, x·τ, y·τ on top of it, kelvin, positions in units of 400 px from the image
    /// centre, τ from −0.5 to 0.5 over the era; all 0 with fewer than ten frames.
    pub coefficients_k: [f64; 6],
    /// 1σ of each, kelvin; NaN where not solved.
    pub coefficients_sigma_k: [f64; 6],
}

/// Figures of an adjustment.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Withheld cells as the frames are.
    pub before: Agreement,
    /// Withheld cells levelled.
    pub after: Agreement,
    /// Views behind the two.
    pub views: u64,
    /// Ground cells with at least two views that were solved from.
    pub cells: usize,
    /// Span of the medians of the frames, kelvin.
    pub raw_span_k: f64,
    /// Span of the offsets, kelvin.
    pub offset_span_k: f64,
    /// Flat fields and low orders.
    pub eras: Vec<EraReport>,
    /// Whether a tilt of the camera could be told from a ramp over the ground; `None` where no
    /// tilt was solved.
    pub ramp: Option<RampVerdict>,
    /// References as they came out.
    pub references: Vec<ReferenceResidual>,
}

/// The relative level of every frame and tile of a flight, by position in the list given.
#[derive(Clone, Debug)]
pub struct Levelling {
    /// Mean of what to subtract, kelvin; 0 where nothing is known.
    pub offset_k: Vec<f64>,
    /// 1σ of it relative to the block's mean, kelvin; NaN where nothing is known.
    pub offset_sigma_k: Vec<f64>,
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
enum Place {
    Pixel(f64, f64),
    Map(f64, f64),
}

/// The solution, for evaluating it at any place.
#[derive(Clone, Debug)]
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
    fn row(&self, frame: usize, place: Place) -> Option<Row> {
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

    fn flat(&self, frame: usize) -> Option<&(Flat, f64)> {
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

/// What to subtract from one frame or tile.
#[derive(Clone, Copy, Debug)]
pub struct Correction<'a> {
    levelling: &'a Levelling,
    frame: usize,
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

impl Correction<'_> {
    fn at(&self, place: Place) -> f64 {
        let Some(state) = &self.levelling.state else {
            return 0.0;
        };
        let Some(row) = state.row(self.frame, place) else {
            return 0.0;
        };
        let flat = match place {
            Place::Pixel(u, v) => state.flat(self.frame).map_or(0.0, |f| f.0.at(u, v)),
            Place::Map(..) => 0.0,
        };
        row.times(&state.x) + flat
    }

    /// Kelvin to subtract at a pixel position of a frame. For a tile, that at the middle of its
    /// length.
    pub fn at_pixel(&self, u_px: f64, v_px: f64) -> f64 {
        self.at(Place::Pixel(u_px, v_px))
    }

    /// Kelvin to subtract at a map place of a tile. For a frame, its mean.
    pub fn on_map(&self, x_m: f64, y_m: f64) -> f64 {
        self.at(Place::Map(x_m, y_m))
    }

    /// Whether it is the same all over the frame or tile.
    pub fn is_constant(&self) -> bool {
        self.levelling.state.as_ref().is_none_or(|state| {
            let line = state.axes.get(self.frame).is_some_and(Option::is_some);
            !line && self.image().is_none()
        })
    }

    fn image(&self) -> Option<(&Grid<f32>, usize)> {
        let state = self.levelling.state.as_ref()?;
        let era = (*state.design.eras().of.get(self.frame)?)?;
        let known = state.flats.get(era)?.is_some() || state.design.low_orders(era).is_some();
        Some((state.images.get(era).filter(|_| known)?, era))
    }

    /// Subtracts it from an image of the frame, kelvin. An image of another size is left as it is
    /// but for the mean.
    pub fn subtract(&self, kelvin: &mut Grid<f32>) {
        let offset_k = self.levelling.offset_k.get(self.frame).copied();
        let offset_k = offset_k.unwrap_or(0.0) as f32;
        let (Some(state), Some((image, era))) = (&self.levelling.state, self.image()) else {
            kelvin.data_mut().iter_mut().for_each(|k| *k -= offset_k);
            return;
        };
        let (width, height) = (kelvin.width(), kelvin.height());
        if (image.width(), image.height()) != (width, height) {
            kelvin.data_mut().iter_mut().for_each(|k| *k -= offset_k);
            return;
        }
        let growth = state.growth(self.frame, era);
        for (row, line) in kelvin.data_mut().chunks_exact_mut(width.max(1)).enumerate() {
            let down = growth[1] * (row as f64 + 0.5 - 0.5 * height as f64);
            let known = image.row(row).iter().enumerate();
            for (k, (col, flat)) in line.iter_mut().zip(known) {
                let right = growth[0] * (col as f64 + 0.5 - 0.5 * width as f64);
                *k -= offset_k + flat + (right + down) as f32;
            }
        }
    }

    /// It as an image of the frame's size, kelvin; 1 × 1 for a tile that has one value.
    pub fn grid(&self) -> Grid<f32> {
        let [width, height] = self
            .image()
            .map_or([1, 1], |(image, _)| [image.width(), image.height()]);
        let mut grid = Grid::filled(width, height, 0.0);
        self.subtract(&mut grid);
        grid.map(|k| -k)
    }
}

impl State {
    /// Rise of the tilt that grows in time, kelvin per pixel to the right and downwards.
    fn growth(&self, frame: usize, era: usize) -> [f64; 2] {
        let Some(orders) = self.design.low_orders(era) else {
            return [0.0; 2];
        };
        let tau = self.design.eras().tau.get(frame).copied().unwrap_or(0.0);
        [4, 5].map(|i| self.x[orders.start + i] * tau / super::terms::UNIT_PX)
    }
}

/// What does not change in time of each era, as an image.
pub(super) fn images(design: &Design, x: &[f64], flats: &[Option<(Flat, f64)>]) -> Vec<Grid<f32>> {
    let eras = design.eras();
    let image = |era: usize, [width, height]: [usize; 2]| {
        let flat = flats.get(era).and_then(Option::as_ref);
        let orders = design.low_orders(era);
        if flat.is_none() && orders.is_none() {
            return Grid::filled(0, 0, 0.0);
        }
        let mut grid = Grid::filled(width, height, 0.0);
        for row in 0..height {
            for col in 0..width {
                let (u, v) = (col as f64 + 0.5, row as f64 + 0.5);
                let mut value = flat.map_or(0.0, |f| f.0.at(u, v));
                if let Some(orders) = &orders {
                    let terms = super::terms::terms([width, height], 0.0, u, v);
                    let x = &x[orders.clone()];
                    value += terms.iter().zip(x).map(|(t, x)| t * x).sum::<f64>();
                }
                grid.set(col, row, value as f32);
            }
        }
        grid
    };
    let sizes = eras.size_px.iter().enumerate();
    sizes.map(|(era, size)| image(era, *size)).collect()
}

/// Frames whose variance is computed one by one where the equations are too wide to invert.
const PROBES: usize = 48;

/// Covariance of each frame's own unknowns, offsets relative to the weighted mean of the
/// largest group; empty for frames outside it.
///
/// With C the inverse of the equations with one offset held and s the shares in the mean, offsets
/// relative to the mean are P x, P = 1 − 1 sᵀ, and their covariance P C Pᵀ. Where C cannot be had,
/// the largest ratio of true variance to 1 / diagonal among frames all over the flight stands for
/// the others.
///
/// `held` names unknowns with the variance they must be believed to have, whatever the equations
/// say: a tilt nobody can tell from a ramp. What follows it comes with it: C e / C_ee is how all
/// others answer to a unit of it.
pub(super) fn covariance(
    equations: &Equations<'_>,
    gauge: &Gauge,
    connected: &[bool],
    factor: Option<&Envelope>,
    held: &[(usize, f64)],
) -> Vec<Vec<f64>> {
    let design = equations.design;
    let mut shares = vec![0.0; design.size];
    for frame in (0..connected.len()).filter(|f| connected[*f]) {
        for i in design.offsets(frame) {
            shares[i] = gauge.share[i];
        }
    }
    let solve = |mut b: Vec<f64>| match factor {
        Some(factor) => {
            factor.solve(&mut b);
            b
        }
        None => equations.matrix().iterate(&b, vec![0.0; design.size]),
    };
    let of_mean = solve(shares.clone());
    let of_itself: f64 = shares.iter().zip(&of_mean).map(|(s, y)| s * y).sum();
    let relative = |i: usize, j: usize, value: f64| {
        let (a, b) = (i < design.core, j < design.core);
        let first = if a { of_mean[j] } else { 0.0 };
        let second = if b { of_mean[i] } else { 0.0 };
        value - first - second + if a && b { of_itself } else { 0.0 }
    };
    let inverse = factor.map(|f| f.inverse(design.core));
    let diagonal = equations.matrix().diagonal();
    let wider = if inverse.is_some() {
        1.0
    } else {
        let members: Vec<usize> = (0..connected.len()).filter(|f| connected[*f]).collect();
        let step = members.len().div_ceil(PROBES).max(1);
        let ratio = |frame: &usize| {
            let i = design.offsets(*frame).start;
            let mut unit = vec![0.0; design.size];
            unit[i] = 1.0;
            relative(i, i, solve(unit)[i]) * diagonal[i]
        };
        members.iter().step_by(step).map(ratio).fold(1.0, f64::max)
    };
    let mut answers = Vec::new();
    for &(unknown, variance) in held {
        let mut unit = vec![0.0; design.size];
        unit[unknown] = 1.0;
        let mut answer = solve(unit);
        let own = answer[unknown];
        if variance <= own || own <= 0.0 {
            continue;
        }
        let mean: f64 = shares.iter().zip(&answer).map(|(s, y)| s * y).sum();
        answer[..design.core].iter_mut().for_each(|y| *y -= mean);
        let scale = (variance - own).sqrt() / own;
        answer.iter_mut().for_each(|y| *y *= scale);
        answers.push(answer);
    }
    let entry = |i: usize, j: usize| {
        let known = match &inverse {
            Some(inverse) => relative(i, j, inverse.get(i, j).unwrap_or(0.0)),
            None if i == j => wider / diagonal[i],
            None => 0.0,
        };
        known + answers.iter().map(|a| a[i] * a[j]).sum::<f64>()
    };
    let of_frame = |frame: usize| {
        if !connected[frame] {
            return Vec::new();
        }
        let own: Vec<usize> = design.own_unknowns(frame).collect();
        let mut lower = Vec::with_capacity(own.len() * (own.len() + 1) / 2);
        for (at, i) in own.iter().enumerate() {
            lower.extend(own[..=at].iter().map(|j| entry(*i, *j)));
        }
        lower
    };
    (0..connected.len()).map(of_frame).collect()
}

/// 1σ of the low orders of an era, from a frame of it.
pub(super) fn order_sigmas(design: &Design, covariance: &[Vec<f64>], era: usize) -> [f64; TERMS] {
    let mut sigmas = [f64::NAN; TERMS];
    let frames = design.eras().frames.get(era);
    let lower = frames.and_then(|frames| {
        let known = |f: &&usize| covariance.get(**f).is_some_and(|c| !c.is_empty());
        frames.iter().find(known).and_then(|f| covariance.get(*f))
    });
    if let (Some(lower), Some(_)) = (lower, design.low_orders(era)) {
        for (i, sigma) in sigmas.iter_mut().enumerate() {
            // After the one offset of a frame.
            let at = i + 1;
            *sigma = lower
                .get(at * (at + 1) / 2 + at)
                .map_or(f64::NAN, |v| v.max(0.0).sqrt());
        }
    }
    sigmas
}
