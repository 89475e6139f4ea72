//! What to subtract from frames and tiles.

use super::design::Design;
use super::flat::Flat;
use super::levelling::{Levelling, Place, State};
use super::terms;
use crate::raster::{GeoGrid, Grid};

/// What to subtract from one frame or tile.
#[derive(Clone, Copy, Debug)]
pub struct Correction<'a> {
    pub(super) levelling: &'a Levelling,
    pub(super) frame: usize,
}

impl Correction<'_> {
    pub(super) fn at(&self, place: Place) -> f64 {
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

    /// Subtracts it from a tile or a window of one, kelvin.
    pub fn subtract_from_tile(&self, tile: &mut GeoGrid<f32>) {
        let transform = tile.transform;
        let width = tile.grid.width().max(1);
        for (row, line) in tile.grid.data_mut().chunks_exact_mut(width).enumerate() {
            for (col, kelvin) in line.iter_mut().enumerate() {
                let (x, y) = transform.centre(col, row);
                *kelvin -= self.on_map(x, y) as f32;
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
        [4, 5].map(|i| self.x[orders.start + i] * tau / terms::UNIT_PX)
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
                    let terms = terms::terms([width, height], 0.0, u, v);
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
