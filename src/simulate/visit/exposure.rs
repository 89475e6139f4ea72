//! From a scene to the pictures of a camera: counts with noise, preview, visible picture.

use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;

use super::camera::{self, Handheld};
use super::canvas::{Canvas, Point, View};
use super::shot::Shot;
use crate::problem::{Problem, Result};
use crate::simulate::random::Rng;

/// Points a pixel along one side: as fine on either camera, so that both see the same scene.
fn fineness(camera: &Handheld) -> usize {
    960 / camera.size[0]
}

/// The true thermal picture: what each pixel covers, with the little that heat and lens smear.
pub(super) fn thermal(shot: &Shot) -> Vec<Point> {
    let camera = shot.model.camera();
    let [width, height] = camera.size;
    let view = View::thermal(width, height, shot.upright);
    let mut canvas = Canvas::new(view, camera.size, fineness(&camera));
    (shot.paint)(&mut canvas);
    soften(&canvas.pixels(), width, height)
}

/// A smear of about half a pixel, of temperature and emissivity.
fn soften(points: &[Point], width: usize, height: usize) -> Vec<Point> {
    const SIDE: f64 = 0.14;
    let pass = |points: &[Point], step: &dyn Fn(usize, usize) -> [usize; 2]| -> Vec<Point> {
        let one = |index: usize| {
            let (column, row) = (index % width, index / width);
            let [before, after] = step(column, row);
            let mix = |of: &dyn Fn(&Point) -> f64| {
                let sides = of(&points[before]) + of(&points[after]);
                (1.0 - 2.0 * SIDE) * of(&points[index]) + SIDE * sides
            };
            Point {
                c: mix(&|p| p.c),
                e: mix(&|p| p.e),
                rgb: points[index].rgb,
            }
        };
        (0..points.len()).map(one).collect()
    };
    let across = pass(points, &|u, v| {
        [u.saturating_sub(1), (u + 1).min(width - 1)].map(|u| v * width + u)
    });
    pass(&across, &|u, v| {
        [v.saturating_sub(1), (v + 1).min(height - 1)].map(|v| v * width + u)
    })
}

/// What the detector counts.
pub(super) fn counts(shot: &Shot, points: &[Point], rng: &mut Rng) -> Vec<u16> {
    let noise = shot.model.camera().netd_k * camera::counts_per_kelvin();
    let one = |p: &Point| {
        let counts = camera::counts(p.c, p.e, &shot.optics) + noise * rng.gaussian();
        counts.round().clamp(0.0, 65_535.0) as u16
    };
    points.iter().map(one).collect()
}

/// The visible picture as a JPEG, with the noise of a small sensor.
pub(super) fn visible(shot: &Shot, rng: &mut Rng) -> Result<Vec<u8>> {
    let camera = shot.model.camera();
    let [width, height] = camera.size;
    let (scale, shift) = camera.thermal_of_visible();
    let view = View::thermal(width, height, shot.upright).seen_from(scale, shift);
    let mut canvas = Canvas::new(view, camera.visible, 2);
    (shot.paint)(&mut canvas);
    let [columns, rows] = camera.visible.map(|side| side as f64);
    let mut bytes = Vec::with_capacity(camera.visible[0] * camera.visible[1] * 3);
    for (index, point) in canvas.pixels().iter().enumerate() {
        let (u, v) = (index % camera.visible[0], index / camera.visible[0]);
        let (x, y) = (u as f64 / columns - 0.5, v as f64 / rows - 0.5);
        let corner = 1.0 - 0.22 * (x * x + y * y);
        let grain = 0.011 * rng.gaussian();
        bytes.extend(point.rgb.map(|value| {
            let seen = value * corner + grain;
            (255.0 * seen).round().clamp(0.0, 255.0) as u8
        }));
    }
    jpeg(&bytes, camera.visible, image::ExtendedColorType::Rgb8, 80)
}

/// The picture in the camera's colours as its display showed it.
pub(super) fn preview(counts: &[u16], size: [usize; 2], colours: &[[u8; 3]]) -> Result<Vec<u8>> {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let at = |share: f64| f64::from(sorted[((sorted.len() - 1) as f64 * share) as usize]);
    let (low, high) = (at(0.002), at(0.9995).max(at(0.002) + 1.0));
    let last = colours.len() - 1;
    let bytes: Vec<u8> = counts
        .iter()
        .flat_map(|count| {
            let share = ((f64::from(*count) - low) / (high - low)).clamp(0.0, 1.0);
            colours[(share * last as f64).round() as usize]
        })
        .collect();
    jpeg(&bytes, size, image::ExtendedColorType::Rgb8, 70)
}

fn jpeg(
    bytes: &[u8],
    size: [usize; 2],
    kind: image::ExtendedColorType,
    quality: u8,
) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, quality)
        .write_image(bytes, size[0] as u32, size[1] as u32, kind)
        .map_err(|error| Problem::io(format!("a picture could not be encoded: {error}")))?;
    Ok(out)
}

/// Colours from black over violet, red and yellow to white, 120 of them.
pub(super) fn iron() -> Vec<[u8; 3]> {
    const STOPS: [(f64, [f64; 3]); 8] = [
        (0.00, [0.0, 0.0, 10.0]),
        (0.12, [32.0, 0.0, 110.0]),
        (0.30, [120.0, 0.0, 150.0]),
        (0.47, [200.0, 30.0, 90.0]),
        (0.62, [235.0, 95.0, 10.0]),
        (0.78, [250.0, 165.0, 5.0]),
        (0.92, [255.0, 232.0, 95.0]),
        (1.00, [255.0, 255.0, 246.0]),
    ];
    let at = |share: f64| {
        let next = STOPS
            .iter()
            .position(|s| s.0 >= share)
            .unwrap_or(STOPS.len() - 1)
            .max(1);
        let ((a, low), (b, high)) = (STOPS[next - 1], STOPS[next]);
        let part = (share - a) / (b - a);
        [0, 1, 2].map(|i| (low[i] + (high[i] - low[i]) * part).round() as u8)
    };
    (0..120).map(|i| at(f64::from(i) / 119.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softening_keeps_the_mean_and_the_plain_surface() {
        let plain = Point {
            c: 5.0,
            e: 0.9,
            rgb: [0.0; 3],
        };
        let mut points = vec![plain; 25];
        points[12].c = 30.0;
        let soft = soften(&points, 5, 5);
        let sum: f64 = soft.iter().map(|p| p.c).sum();
        assert!((sum - (24.0 * 5.0 + 30.0)).abs() < 1e-9);
        assert!((soft[0].c - 5.0).abs() < 1e-12 && (soft[24].e - 0.9).abs() < 1e-12);
    }

    #[test]
    fn the_colours_run_from_dark_to_light() {
        let colours = iron();
        // ITU-R BT.709; half a level for rounding.
        let light = |i: usize| {
            let [r, g, b] = colours[i].map(f64::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        assert_eq!(colours.len(), 120);
        assert!((1..120).all(|i| light(i) >= light(i - 1) - 0.5));
    }
}
