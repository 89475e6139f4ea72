//! One thermal frame as a picture: false colours over a fixed range, with a legend.
//!
//! In: values, palette, range. Out: bytes of a PNG. Every pixel of the detector keeps its own
//! colour: small pictures are enlarged by whole numbers, so that nothing is invented between
//! pixels. Values beyond the range take the colour of its end; pixels without a value are
//! transparent.

mod legend;

pub use legend::Legend;

use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::report::palette::Palette;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// Least height of a picture, pixels: the legend's words need room.
const MIN_HEIGHT: usize = 360;

/// Least columns and rows a legend is drawn beside.
const MIN_SIDE: usize = 8;

/// Values, and how the picture is turned to stand upright.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// Values; NaN is missing.
    pub values: &'a Grid<f32>,
    /// EXIF orientation, 1–8.
    pub orientation: u8,
}

impl Scene<'_> {
    /// Columns and rows of the upright picture, enlarged.
    pub fn size(&self) -> (usize, usize) {
        let (width, height) = (self.values.width(), self.values.height());
        let (width, height) = match self.orientation {
            5..=8 => (height, width),
            _ => (width, height),
        };
        let times = enlargement(height);
        (width * times, height * times)
    }

    /// Value at a place of the upright picture before enlargement.
    fn at(&self, x: usize, y: usize) -> f32 {
        let right = self.values.width() - 1;
        let bottom = self.values.height() - 1;
        // EXIF 2.32: what the first row and the first column of the stored picture are.
        let (column, row) = match self.orientation {
            2 => (right - x, y),
            3 => (right - x, bottom - y),
            4 => (x, bottom - y),
            5 => (y, x),
            6 => (y, bottom - x),
            7 => (right - y, bottom - x),
            8 => (right - y, x),
            _ => (x, y),
        };
        self.values.at(column, row)
    }
}

fn enlargement(height: usize) -> usize {
    MIN_HEIGHT.div_ceil(height.max(1)).min(16)
}

/// The picture as PNG; `legend` as high as [`Scene::size`] says.
///
/// # Errors
/// A legend of another height, or an encoder that refuses.
pub fn png(scene: &Scene, palette: Palette, range: [f64; 2], legend: &Legend) -> Result<Vec<u8>> {
    let (width, height) = scene.size();
    if legend.height() != height {
        return Err(Problem::setting("the legend has another height"));
    }
    if scene.values.width().min(scene.values.height()) < MIN_SIDE {
        return Err(Problem::unsupported(format!(
            "is {} x {} pixels, too small for a picture",
            scene.values.width(),
            scene.values.height()
        )));
    }
    let times = enlargement_of(scene);
    let table = palette.table();
    let total = width + legend.width();
    let mut rgba = Vec::with_capacity(total * height * 4);
    for y in 0..height / times {
        let start = rgba.len();
        for x in 0..width / times {
            let colour = colour(scene.at(x, y), range, &table);
            (0..times).for_each(|_| rgba.extend(colour));
        }
        let row = rgba[start..].to_vec();
        rgba.truncate(start);
        for k in 0..times {
            rgba.extend(&row);
            for [r, g, b] in legend.row(y * times + k) {
                rgba.extend([*r, *g, *b, 255]);
            }
        }
    }
    encode(&rgba, total, height)
}

/// How much the scene is enlarged.
fn enlargement_of(scene: &Scene) -> usize {
    let height = match scene.orientation {
        5..=8 => scene.values.width(),
        _ => scene.values.height(),
    };
    enlargement(height)
}

fn colour(value: f32, [low, high]: [f64; 2], table: &[[u8; 3]; 256]) -> [u8; 4] {
    if value.is_nan() {
        return [0; 4];
    }
    let share = (f64::from(value) - low) / (high - low);
    let [r, g, b] = table[(share * 255.0).round().clamp(0.0, 255.0) as usize];
    [r, g, b, 255]
}

/// Without transparency where nothing is transparent.
fn encode(rgba: &[u8], width: usize, height: usize) -> Result<Vec<u8>> {
    let opaque = rgba.chunks_exact(4).all(|p| p[3] == 255);
    let rgb: Vec<u8>;
    let (bytes, kind) = if opaque {
        rgb = rgba
            .chunks_exact(4)
            .flat_map(|p| [p[0], p[1], p[2]])
            .collect();
        (rgb.as_slice(), ExtendedColorType::Rgb8)
    } else {
        (rgba, ExtendedColorType::Rgba8)
    };
    let mut out = Vec::new();
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Adaptive)
        .write_image(bytes, width as u32, height as u32, kind)
        .map_err(|e| Problem::io(format!("the picture could not be encoded: {e}")))?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 × 2: 0 1 2 / 3 4 5.
    fn grid() -> Grid<f32> {
        Grid::from_vec(3, 2, (0..6).map(|v| v as f32).collect()).expect("six values")
    }

    fn upright(orientation: u8) -> Vec<f32> {
        let values = grid();
        let scene = Scene {
            values: &values,
            orientation,
        };
        let (width, height) = scene.size();
        let times = enlargement_of(&scene);
        let (width, height) = (width / times, height / times);
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(|(x, y)| scene.at(x, y))
            .collect()
    }

    #[test]
    fn every_orientation_stands_upright() {
        // EXIF 2.32, table of Orientation, by hand.
        assert_eq!(upright(1), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(upright(2), [2.0, 1.0, 0.0, 5.0, 4.0, 3.0]);
        assert_eq!(upright(3), [5.0, 4.0, 3.0, 2.0, 1.0, 0.0]);
        assert_eq!(upright(4), [3.0, 4.0, 5.0, 0.0, 1.0, 2.0]);
        assert_eq!(upright(5), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(upright(6), [3.0, 0.0, 4.0, 1.0, 5.0, 2.0]);
        assert_eq!(upright(7), [5.0, 2.0, 4.0, 1.0, 3.0, 0.0]);
        assert_eq!(upright(8), [2.0, 5.0, 1.0, 4.0, 0.0, 3.0]);
    }

    #[test]
    fn colours_stop_at_the_ends_of_the_range_and_missing_is_transparent() {
        let table = Palette::Grey.table();
        let at = |v| colour(v, [0.0, 10.0], &table);
        assert_eq!(at(-5.0), [0, 0, 0, 255]);
        assert_eq!(at(50.0), [255, 255, 255, 255]);
        assert_eq!(at(2.0), [51, 51, 51, 255]);
        assert_eq!(at(f32::NAN), [0; 4]);
    }
}
