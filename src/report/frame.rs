//! A piece of ground on paper: where things land, in millimetres.

use geo::{BoundingRect, MultiPolygon};
use serde::Serialize;

use super::format::Format;
use super::labels::Ring;
use crate::raster::Bounds;

/// Greatest resolution of an embedded picture, dots per inch.
const MAX_DPI: f64 = 200.0;

/// A scale bar.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScaleBar {
    /// Length on paper, mm.
    pub length: f64,
    /// Label of the half; empty on small bars.
    pub half: String,
    /// Label of the whole.
    pub whole: String,
}

/// A piece of ground on paper.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Ground shown.
    pub bounds: Bounds,
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
}

impl Frame {
    /// A frame of `width` × `height` mm around `bounds` grown by `margin_m`, no narrower than
    /// `least_m`, widened on one side to keep the scale equal in x and y.
    pub fn around(bounds: &Bounds, margin_m: f64, least_m: f64, width: f64, height: f64) -> Self {
        let b = bounds.buffered(margin_m);
        let (mut w, mut h) = ((b.x_max - b.x_min).max(least_m), b.y_max - b.y_min);
        if w * height < h * width {
            w = h * width / height;
        } else {
            h = w * height / width;
        }
        let (cx, cy) = ((b.x_min + b.x_max) / 2.0, (b.y_min + b.y_max) / 2.0);
        let bounds = Bounds {
            x_min: cx - w / 2.0,
            y_min: cy - h / 2.0,
            x_max: cx + w / 2.0,
            y_max: cy + h / 2.0,
        };
        Self {
            bounds,
            width,
            height,
        }
    }

    fn mm_per_m(&self) -> f64 {
        self.width / (self.bounds.x_max - self.bounds.x_min)
    }

    /// Ground to paper, mm.
    pub fn paper(&self, x: f64, y: f64) -> [f64; 2] {
        let k = self.mm_per_m();
        [(x - self.bounds.x_min) * k, (self.bounds.y_max - y) * k]
    }

    /// The rings of each polygon that touches the frame, rounded to 0.01 mm.
    pub fn polygons(&self, shape: &MultiPolygon<f64>) -> Vec<Vec<Ring>> {
        let b = &self.bounds;
        let touches = |p: &&geo::Polygon<f64>| {
            p.bounding_rect().is_some_and(|r| {
                let own = Bounds {
                    x_min: r.min().x,
                    y_min: r.min().y,
                    x_max: r.max().x,
                    y_max: r.max().y,
                };
                own.intersects(b)
            })
        };
        shape
            .0
            .iter()
            .filter(touches)
            .map(|p| self.rings(p))
            .collect()
    }

    fn rings(&self, polygon: &geo::Polygon<f64>) -> Vec<Ring> {
        std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .map(|line| {
                let mut ring: Ring = line
                    .coords()
                    .map(|c| self.paper(c.x, c.y).map(|v| (v * 100.0).round() / 100.0))
                    .collect();
                ring.pop(); // closed by the first point
                ring
            })
            .filter(|ring| ring.len() >= 3)
            .collect()
    }

    /// Columns and rows of a picture: the source's cells twice over, at most 200 dpi.
    pub(super) fn pixels(&self, cell_m: f64) -> (usize, usize) {
        let native = 2.0 * (self.bounds.x_max - self.bounds.x_min) / cell_m;
        let width = (self.width / 25.4 * MAX_DPI).min(native).max(8.0);
        (width as usize, (width * self.height / self.width) as usize)
    }

    /// The rectangle as a grid of the picture's pixels at the highest resolution printed: bounds,
    /// columns, rows. Their shape is the paper's, so that pixels are square to within one.
    pub(super) fn photo_grid(&self, cell_m: f64) -> (Bounds, usize, usize) {
        let (width, height) = self.pixels(cell_m);
        (self.bounds, width, height)
    }

    /// A scale bar of round length, 12–30 mm (5–16 mm on small maps).
    pub fn scale_bar(&self, f: &Format) -> ScaleBar {
        let (least, most) = if self.width > 60.0 {
            (12.0, 30.0)
        } else {
            (6.0, 16.0)
        };
        let k = self.mm_per_m();
        let mut best = 1.0;
        for exponent in -1..6 {
            for step in [1.0, 2.0, 5.0] {
                let metres = step * 10f64.powi(exponent);
                if metres * k <= most && (best * k < least || metres * k >= least) {
                    best = metres;
                }
            }
        }
        let decimals = |v: f64| usize::from(v.fract() > 1e-9);
        let half = if self.width > 60.0 {
            f.number(best / 2.0, decimals(best / 2.0))
        } else {
            String::new()
        };
        ScaleBar {
            length: best * k,
            half,
            whole: f.with_unit(best, decimals(best), "m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_keeps_4_to_3_and_contains_the_buildings() {
        let bounds = Bounds {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 30.0,
            y_max: 90.0,
        };
        let frame = Frame::around(&bounds, 9.0, 20.0, 88.0, 66.0);
        let (w, h) = (
            frame.bounds.x_max - frame.bounds.x_min,
            frame.bounds.y_max - frame.bounds.y_min,
        );
        assert!((w / h - 4.0 / 3.0).abs() < 1e-9);
        assert!((h - 108.0).abs() < 1e-9);
        assert_eq!(
            frame.paper(frame.bounds.x_min, frame.bounds.y_max),
            [0.0, 0.0]
        );
    }

    #[test]
    fn scale_bars_are_round_and_fit() {
        let f = Format::new(&crate::report::words::NL);
        for width_m in [25.0, 60.0, 133.0, 400.0, 1500.0] {
            let bounds = Bounds {
                x_min: 0.0,
                y_min: 0.0,
                x_max: width_m,
                y_max: 1.0,
            };
            let bar = Frame::around(&bounds, 0.0, 1.0, 88.0, 66.0).scale_bar(&f);
            assert!((12.0..=30.0).contains(&bar.length), "{width_m}: {bar:?}");
        }
    }
}
