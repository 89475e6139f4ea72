//! Where the visible picture lies on the thermogram, and the two shown together.
//!
//! The camera stores how its two lenses stand to each other (formats.md §1.9): the visible picture,
//! scaled so that it is R times as wide as the thermogram, shows the thermogram's field of view in a
//! window of the thermogram's size round its centre shifted by the offset:
//!
//! u = W/2 + (x − w/2 + o_x) · W/(R w),  v = H/2 + (y − h/2 + o_y) · H/(R h)
//!
//! x, y thermal pixels (centres at +0.5), w × h the thermogram, W × H the visible picture.

use crate::raster::Grid;
use crate::survey::PictureInPicture;

/// A picture in colours.
pub type Colours = Grid<[u8; 3]>;

/// Grey of what the visible picture does not show.
const BEYOND: [u8; 3] = [0xC6, 0xCB, 0xD2];
/// Strength of the edges drawn on a thermogram.
const EDGE_GAIN: f32 = 2.4;
/// Least contrast of an edge, grey levels.
const EDGE_LEAST: f32 = 3.0;
/// Samples along a side that are averaged where the picture is made smaller.
const MOST_SAMPLES: usize = 4;

/// Place of a visible picture on a thermogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Registration {
    scale: [f64; 2],
    centre: [f64; 2],
    origin: [f64; 2],
}

impl Registration {
    /// From the stored geometry; `thermal` and `visible` are columns and rows.
    pub fn new(
        geometry: &PictureInPicture,
        thermal: (usize, usize),
        visible: (usize, usize),
    ) -> Self {
        let r = geometry.real_to_ir.max(1e-3);
        let (w, h) = (thermal.0 as f64, thermal.1 as f64);
        let (wide, high) = (visible.0 as f64, visible.1 as f64);
        let [ox, oy] = geometry.offset_px.map(f64::from);
        Self {
            scale: [wide / (r * w), high / (r * h)],
            centre: [wide / 2.0, high / 2.0],
            origin: [w / 2.0 - ox, h / 2.0 - oy],
        }
    }

    /// Visible pixel of a thermal one, both continuous.
    pub fn visible(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [
            self.centre[0] + (x - self.origin[0]) * self.scale[0],
            self.centre[1] + (y - self.origin[1]) * self.scale[1],
        ]
    }

    /// Thermal pixel of a visible one.
    pub fn thermal(&self, [u, v]: [f64; 2]) -> [f64; 2] {
        [
            self.origin[0] + (u - self.centre[0]) / self.scale[0],
            self.origin[1] + (v - self.centre[1]) / self.scale[1],
        ]
    }
}

/// The visible picture in the thermogram's field of view, `size` columns and rows.
pub fn aligned(
    visible: &Colours,
    registration: &Registration,
    thermal: (usize, usize),
    size: (usize, usize),
) -> Colours {
    let step = [
        thermal.0 as f64 / size.0 as f64,
        thermal.1 as f64 / size.1 as f64,
    ];
    resampled(visible, size, |x, y| {
        registration.visible([x * step[0], y * step[1]])
    })
}

/// A picture at another size.
pub fn resized(picture: &Colours, size: (usize, usize)) -> Colours {
    let step = [
        picture.width() as f64 / size.0 as f64,
        picture.height() as f64 / size.1 as f64,
    ];
    resampled(picture, size, |x, y| [x * step[0], y * step[1]])
}

/// Output pixels by where their corners lie in the source; averaged where it is finer.
fn resampled(
    source: &Colours,
    size: (usize, usize),
    place: impl Fn(f64, f64) -> [f64; 2],
) -> Colours {
    let (a, b) = (place(0.0, 0.0), place(1.0, 1.0));
    let step = (b[0] - a[0]).abs().max((b[1] - a[1]).abs());
    let samples = (step.ceil() as usize).clamp(1, MOST_SAMPLES);
    let mut out = Vec::with_capacity(size.0 * size.1);
    for row in 0..size.1 {
        for column in 0..size.0 {
            let mut sum = [0.0_f64; 3];
            let mut count = 0.0;
            for j in 0..samples {
                for i in 0..samples {
                    let x = column as f64 + (i as f64 + 0.5) / samples as f64;
                    let y = row as f64 + (j as f64 + 0.5) / samples as f64;
                    if let Some(colour) = sample(source, place(x, y)) {
                        for k in 0..3 {
                            sum[k] += colour[k];
                        }
                        count += 1.0;
                    }
                }
            }
            out.push(match count {
                0.0 => BEYOND,
                n => sum.map(|v| (v / n).round() as u8),
            });
        }
    }
    Grid::from_vec(size.0, size.1, out).unwrap_or_else(|| Grid::filled(size.0, size.1, BEYOND))
}

/// Bilinear between pixel centres; `None` beyond the picture.
fn sample(picture: &Colours, [u, v]: [f64; 2]) -> Option<[f64; 3]> {
    let (w, h) = (picture.width() as f64, picture.height() as f64);
    if !(0.0..w).contains(&u) || !(0.0..h).contains(&v) {
        return None;
    }
    let x = (u - 0.5).clamp(0.0, w - 1.0);
    let y = (v - 0.5).clamp(0.0, h - 1.0);
    let (x0, y0) = (x.floor() as usize, y.floor() as usize);
    let (x1, y1) = (
        (x0 + 1).min(picture.width() - 1),
        (y0 + 1).min(picture.height() - 1),
    );
    let (fx, fy) = (x - x0 as f64, y - y0 as f64);
    let corner = |c: usize, r: usize| picture.at(c, r).map(f64::from);
    let (a, b, c, d) = (
        corner(x0, y0),
        corner(x1, y0),
        corner(x0, y1),
        corner(x1, y1),
    );
    let mut mixed = [0.0; 3];
    for (k, value) in mixed.iter_mut().enumerate() {
        let top = a[k] * (1.0 - fx) + b[k] * fx;
        let bottom = c[k] * (1.0 - fx) + d[k] * fx;
        *value = top * (1.0 - fy) + bottom * fy;
    }
    Some(mixed)
}

/// Half of each picture.
pub fn blended(thermal: &Colours, visible: &Colours) -> Colours {
    combined(thermal, visible, |t, v| {
        let mut mixed = [0; 3];
        for k in 0..3 {
            mixed[k] = ((u16::from(t[k]) + u16::from(v[k])) / 2) as u8;
        }
        mixed
    })
}

/// The thermogram with what is fine in the visible picture drawn on it: its brightness less that
/// of the surroundings, so that edges stand out and areas keep their temperature's colour.
pub fn edges(thermal: &Colours, visible: &Colours) -> Colours {
    let light = visible
        .map(|[r, g, b]| 0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b));
    let radius = (visible.width() / 90).max(2);
    let smooth = smoothed(&light, radius);
    let mut fine = light;
    for (value, mean) in fine.data_mut().iter_mut().zip(smooth.data()) {
        let difference = *value - mean;
        let over = (difference.abs() - EDGE_LEAST).max(0.0);
        *value = difference.signum() * over * EDGE_GAIN;
    }
    let mut out = thermal.clone();
    for (colour, fine) in out.data_mut().iter_mut().zip(fine.data()) {
        *colour = colour.map(|c| (f32::from(c) + fine).clamp(0.0, 255.0) as u8);
    }
    out
}

/// Mean over a square, by running sums along both sides.
fn smoothed(grid: &Grid<f32>, radius: usize) -> Grid<f32> {
    let (w, h) = (grid.width(), grid.height());
    let mut across = Grid::filled(w, h, 0.0_f32);
    for row in 0..h {
        let line = grid.row(row);
        for column in 0..w {
            let (from, to) = (column.saturating_sub(radius), (column + radius + 1).min(w));
            let mean = line[from..to].iter().sum::<f32>() / (to - from) as f32;
            across.set(column, row, mean);
        }
    }
    let mut both = Grid::filled(w, h, 0.0_f32);
    for row in 0..h {
        let (from, to) = (row.saturating_sub(radius), (row + radius + 1).min(h));
        for column in 0..w {
            let sum: f32 = (from..to).map(|r| across.at(column, r)).sum();
            both.set(column, row, sum / (to - from) as f32);
        }
    }
    both
}

/// The thermogram in its place on the whole visible picture.
pub fn picture_in_picture(
    thermal: &Colours,
    visible: &Colours,
    registration: &Registration,
    raw: (usize, usize),
    size: (usize, usize),
) -> Colours {
    let mut out = resized(visible, size);
    let to_visible = [
        visible.width() as f64 / size.0 as f64,
        visible.height() as f64 / size.1 as f64,
    ];
    let to_thermal = [
        thermal.width() as f64 / raw.0 as f64,
        thermal.height() as f64 / raw.1 as f64,
    ];
    for row in 0..size.1 {
        for column in 0..size.0 {
            let at = [
                (column as f64 + 0.5) * to_visible[0],
                (row as f64 + 0.5) * to_visible[1],
            ];
            let [x, y] = registration.thermal(at);
            if let Some(colour) = sample(thermal, [x * to_thermal[0], y * to_thermal[1]]) {
                out.set(column, row, colour.map(|v| v.round() as u8));
            }
        }
    }
    out
}

fn combined(one: &Colours, other: &Colours, mix: impl Fn([u8; 3], [u8; 3]) -> [u8; 3]) -> Colours {
    let mut out = one.clone();
    for (a, b) in out.data_mut().iter_mut().zip(other.data()) {
        *a = mix(*a, *b);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thermogram of 80 × 60 that is warm right of column 30 and below row 20, and the visible
    /// picture of the same scene, 320 × 240, through a lens 1.25 times as wide, offset by (5, −3):
    /// drawn from the scene itself, not by the registration.
    fn scene() -> (Colours, Colours, PictureInPicture) {
        let geometry = PictureInPicture {
            real_to_ir: 1.25,
            offset_px: [5, -3],
            crop_px: [0, 79, 0, 59],
        };
        let mut thermal = Grid::filled(80, 60, [20, 20, 20]);
        for y in 20..60 {
            for x in 30..80 {
                thermal.set(x, y, [220, 220, 220]);
            }
        }
        // The visible picture at thermal scale is 100 × 75 wide; its centre (50, 37.5) shows the
        // thermal pixel (40 − 5, 30 + 3); 320 × 240 is 3.2 times that.
        let mut visible = Grid::filled(320, 240, [40, 40, 40]);
        for v in 0..240_i32 {
            for u in 0..320_i32 {
                let x = (f64::from(u) + 0.5) / 3.2 - 50.0 + 35.0;
                let y = (f64::from(v) + 0.5) / 3.2 - 37.5 + 33.0;
                if x >= 30.0 && y >= 20.0 {
                    visible.set(u as usize, v as usize, [200, 200, 200]);
                }
            }
        }
        (thermal, visible, geometry)
    }

    /// First column of a row that is brighter than 128, and first such row of a column.
    fn first_bright(picture: &Colours) -> (usize, usize) {
        let (w, h) = (picture.width(), picture.height());
        let column = (0..w).find(|x| picture.at(*x, h - 5)[0] > 128);
        let row = (0..h).find(|y| picture.at(w - 5, *y)[0] > 128);
        (column.unwrap_or(w), row.unwrap_or(h))
    }

    #[test]
    fn edges_of_both_pictures_coincide() {
        let (thermal, visible, geometry) = scene();
        let place = Registration::new(&geometry, (80, 60), (320, 240));
        for size in [(80, 60), (240, 180)] {
            let shown = aligned(&visible, &place, (80, 60), size);
            let (x, y) = first_bright(&shown);
            let (tx, ty) = first_bright(&resized(&thermal, size));
            assert!(
                x.abs_diff(tx) <= 1 && y.abs_diff(ty) <= 1,
                "{x} {y} {tx} {ty}"
            );
        }
        let [u, v] = place.visible([30.0, 20.0]);
        let [x, y] = place.thermal([u, v]);
        assert!((x - 30.0).abs() < 1e-9 && (y - 20.0).abs() < 1e-9);
    }

    #[test]
    fn the_thermogram_lies_on_its_scene_in_the_whole_picture() {
        let (thermal, visible, geometry) = scene();
        let place = Registration::new(&geometry, (80, 60), (320, 240));
        let shown = picture_in_picture(&thermal, &visible, &place, (80, 60), (320, 240));
        // Right of and below the thermogram the photo itself goes on: no step at its border.
        let (x, y) = first_bright(&shown);
        let (vx, vy) = first_bright(&visible);
        assert!(
            x.abs_diff(vx) <= 2 && y.abs_diff(vy) <= 2,
            "{x} {y} {vx} {vy}"
        );
        assert_eq!(shown.at(0, 0), visible.at(0, 0));
    }

    #[test]
    fn fused_edges_stand_where_the_scene_has_them() {
        let (thermal, visible, geometry) = scene();
        let place = Registration::new(&geometry, (80, 60), (320, 240));
        let size = (240, 180);
        let shown = aligned(&visible, &place, (80, 60), size);
        let plain = Grid::filled(240, 180, [100, 100, 100]);
        let fused = edges(&plain, &shown);
        // Along row 120 the edge at column 90 is drawn, and nothing far from it.
        let changed: Vec<usize> = (0..240).filter(|x| fused.at(*x, 120) != [100; 3]).collect();
        assert!(changed.iter().all(|x| x.abs_diff(90) <= 5), "{changed:?}");
        assert!(
            changed.contains(&89) && changed.contains(&90),
            "{changed:?}"
        );
        let half = blended(&resized(&thermal, size), &shown);
        assert_eq!(half.at(0, 0), [30; 3]);
        assert_eq!(half.at(239, 179), [210; 3]);
    }

    #[test]
    fn what_the_visible_picture_does_not_show_is_grey() {
        let (_, visible, mut geometry) = scene();
        geometry.offset_px = [60, 0];
        let place = Registration::new(&geometry, (80, 60), (320, 240));
        let shown = aligned(&visible, &place, (80, 60), (80, 60));
        assert_eq!(shown.at(79, 30), BEYOND);
    }
}
