//! A drawing surface whose points have a temperature, an emissivity and a colour at once, so that
//! thermogram and visible picture of a scene have the same edges.
//!
//! In: shapes in scene coordinates (x right, y down; [`FRAME`] is what the thermal camera sees,
//! with more around it for the wider visible one). Out: points on a fine grid, to be averaged to
//! pixels. Which part of the scene a picture shows, how fine, and whether the camera was turned,
//! stands in its [`View`].

use super::shapes::Shape;

/// Width and height of what the thermal camera sees, scene units; upright scenes swap them.
pub(super) const FRAME: [f64; 2] = [320.0, 240.0];

/// One point of a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// Surface temperature, °C.
    pub c: f64,
    /// Emissivity.
    pub e: f64,
    /// Red, green, blue; 0–1.
    pub rgb: [f64; 3],
}

impl Point {
    /// Darker (below 1) or lighter.
    pub(super) fn tint(&mut self, factor: f64) {
        self.rgb = self.rgb.map(|v| v * factor);
    }

    /// Towards another colour by a share of the way.
    pub(super) fn toward(&mut self, rgb: [f64; 3], share: f64) {
        for (own, other) in self.rgb.iter_mut().zip(rgb) {
            *own += (other - *own) * share;
        }
    }

    /// Another surface.
    pub(super) fn become_of(&mut self, rgb: [f64; 3], c: f64, e: f64) {
        *self = Self { c, e, rgb };
    }
}

/// Where a picture's pixels lie in the scene: that of pixel (0, 0)'s outer corner, and the steps
/// to the next column and row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    pub origin: [f64; 2],
    pub across: [f64; 2],
    pub down: [f64; 2],
}

impl View {
    /// The thermal picture of `width` × `height` pixels as stored. An upright camera was held
    /// turned: its stored picture must be turned clockwise to stand (EXIF orientation 6).
    pub(super) fn thermal(width: usize, height: usize, upright: bool) -> Self {
        let step = [FRAME[0] / width as f64, FRAME[1] / height as f64];
        if upright {
            Self {
                origin: [FRAME[1], 0.0],
                across: [0.0, step[0]],
                down: [-step[1], 0.0],
            }
        } else {
            Self {
                origin: [0.0, 0.0],
                across: [step[0], 0.0],
                down: [0.0, step[1]],
            }
        }
    }

    /// Scene point of a picture point.
    #[inline]
    pub(super) fn scene(&self, u: f64, v: f64) -> [f64; 2] {
        [
            self.origin[0] + u * self.across[0] + v * self.down[0],
            self.origin[1] + u * self.across[1] + v * self.down[1],
        ]
    }

    /// Picture point of a scene point.
    pub(super) fn picture(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let ([a, b], [c, d]) = (self.across, self.down);
        let determinant = a * d - b * c;
        let (dx, dy) = (x - self.origin[0], y - self.origin[1]);
        [
            (dx * d - dy * c) / determinant,
            (dy * a - dx * b) / determinant,
        ]
    }

    /// The view of another picture whose pixel (u, v) shows this one's pixel
    /// `(shift + u · scale)`.
    pub(super) fn seen_from(&self, scale: [f64; 2], shift: [f64; 2]) -> Self {
        Self {
            origin: self.scene(shift[0], shift[1]),
            across: self.across.map(|v| v * scale[0]),
            down: self.down.map(|v| v * scale[1]),
        }
    }
}

/// The drawing surface: `per` × `per` points a pixel.
pub(super) struct Canvas {
    view: View,
    per: usize,
    width: usize,
    height: usize,
    points: Vec<Point>,
}

impl Canvas {
    /// A surface for a picture of `width` × `height` pixels.
    pub(super) fn new(view: View, [width, height]: [usize; 2], per: usize) -> Self {
        let blank = Point {
            c: 20.0,
            e: 0.95,
            rgb: [0.5; 3],
        };
        let share = 1.0 / per as f64;
        Self {
            view: view.seen_from([share, share], [0.0, 0.0]),
            per,
            width: width * per,
            height: height * per,
            points: vec![blank; width * per * height * per],
        }
    }

    /// Changes every point inside a shape; `paint` is told where it is.
    pub(super) fn fill(&mut self, shape: &Shape, paint: impl Fn(f64, f64, &mut Point)) {
        let [u0, u1, v0, v1] = self.reach(shape);
        for v in v0..v1 {
            for u in u0..u1 {
                let [x, y] = self.view.scene(u as f64 + 0.5, v as f64 + 0.5);
                if shape.contains(x, y) {
                    paint(x, y, &mut self.points[v * self.width + u]);
                }
            }
        }
    }

    /// Columns and rows a shape may touch.
    fn reach(&self, shape: &Shape) -> [usize; 4] {
        let Some([x0, y0, x1, y1]) = shape.bounds() else {
            return [0, self.width, 0, self.height];
        };
        let corners = [[x0, y0], [x1, y0], [x0, y1], [x1, y1]].map(|p| self.view.picture(p));
        let range = |axis: usize, size: usize| {
            let low = corners.iter().map(|p| p[axis]).fold(f64::MAX, f64::min);
            let high = corners.iter().map(|p| p[axis]).fold(f64::MIN, f64::max);
            let clamp = |v: f64| v.clamp(0.0, size as f64) as usize;
            [clamp(low.floor()), clamp(high.ceil())]
        };
        let ([u0, u1], [v0, v1]) = (range(0, self.width), range(1, self.height));
        [u0, u1, v0, v1]
    }

    /// Means over the pixels, row-major.
    pub(super) fn pixels(&self) -> Vec<Point> {
        let (columns, rows) = (self.width / self.per, self.height / self.per);
        let share = 1.0 / (self.per * self.per) as f64;
        let mut out = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let mut mean = Point {
                    c: 0.0,
                    e: 0.0,
                    rgb: [0.0; 3],
                };
                for v in row * self.per..(row + 1) * self.per {
                    for u in column * self.per..(column + 1) * self.per {
                        let point = &self.points[v * self.width + u];
                        mean.c += point.c * share;
                        mean.e += point.e * share;
                        for (sum, value) in mean.rgb.iter_mut().zip(point.rgb) {
                            *sum += value * share;
                        }
                    }
                }
                out.push(mean);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upright_picture_is_stored_turned_and_stands_after_a_quarter_turn_clockwise() {
        let view = View::thermal(160, 120, true);
        // The scene's upper left corner is at the lower left of the stored picture.
        assert_eq!(view.picture([0.0, 0.0]), [0.0, 120.0]);
        assert_eq!(view.picture([240.0, 0.0]), [0.0, 0.0]);
        assert_eq!(view.scene(160.0, 0.0), [240.0, 320.0]);
    }

    #[test]
    fn an_edge_lies_at_the_same_place_in_pictures_of_any_size() {
        let edge = Shape::Rect([100.0, -50.0, 400.0, 400.0]);
        for width in [160, 320] {
            let size = [width, width * 3 / 4];
            let mut canvas = Canvas::new(View::thermal(size[0], size[1], false), size, 4);
            canvas.fill(&edge, |_, _, p| p.c = 30.0);
            let row = &canvas.pixels()[..width];
            let warm: f64 = row.iter().map(|p| (p.c - 20.0) / 10.0).sum();
            let expected = width as f64 * 220.0 / 320.0;
            assert!((warm - expected).abs() < 0.26, "{warm} {expected}");
        }
    }
}
