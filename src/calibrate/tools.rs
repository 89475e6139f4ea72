//! Values of the measuring tools a thermographer left in a picture.
//!
//! In: surface temperature of every pixel and a tool in raw pixels. Out: lowest, mean and highest
//! temperature of the pixels it covers. Pixels without a value do not count; what lies beyond the
//! picture is cut off. Ends of lines, alarms and differences measure nothing by themselves.

use crate::raster::Grid;
use crate::survey::{MeasurementTool, ToolKind};

/// What a tool measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Lowest, kelvin.
    pub min_k: f64,
    /// Mean, kelvin.
    pub mean_k: f64,
    /// Highest, kelvin.
    pub max_k: f64,
    /// Pixels with a value.
    pub pixels: usize,
}

/// Measures with a tool; `None` when it covers no pixel with a value or measures nothing.
pub fn measure(kelvin: &Grid<f32>, tool: &MeasurementTool) -> Option<Reading> {
    let mut sum = Sum::default();
    let mut take = |x: i64, y: i64| {
        if let (Ok(x), Ok(y)) = (isize::try_from(x), isize::try_from(y))
            && let Some(value) = kelvin.get(x, y)
        {
            sum.add(f64::from(value));
        }
    };
    let p: Vec<i64> = tool.points.iter().map(|v| i64::from(*v)).collect();
    match (tool.kind, p.as_slice()) {
        (ToolKind::Spot, &[x, y, ..]) => take(x, y),
        (ToolKind::Area, &[x, y, width, height, ..]) => {
            let (right, bottom) = edges(kelvin, x + width, y + height);
            (y..bottom).for_each(|row| (x..right).for_each(|column| take(column, row)));
        }
        (ToolKind::Ellipse, &[x, y, ax, ay, bx, by, ..]) => {
            let inside = Ellipse::new([x, y], [ax, ay], [bx, by])?;
            let (right, bottom) = edges(kelvin, x + inside.reach + 1, y + inside.reach + 1);
            for row in (y - inside.reach).max(0)..bottom {
                for column in (x - inside.reach).max(0)..right {
                    if inside.holds(column, row) {
                        take(column, row);
                    }
                }
            }
        }
        (ToolKind::Line, &[x1, y1, x2, y2, ..]) => {
            // One pixel a step along the longer side.
            let steps = (x2 - x1).abs().max((y2 - y1).abs());
            let between = |a: i64, b: i64, step: i64| match steps {
                0 => a,
                _ => a + ((b - a) as f64 * step as f64 / steps as f64).round() as i64,
            };
            (0..=steps).for_each(|step| take(between(x1, x2, step), between(y1, y2, step)));
        }
        _ => return None,
    }
    sum.reading()
}

/// Right and lower end, kept inside the picture.
fn edges(kelvin: &Grid<f32>, right: i64, bottom: i64) -> (i64, i64) {
    (
        right.min(kelvin.width() as i64),
        bottom.min(kelvin.height() as i64),
    )
}

/// An ellipse by its centre and the ends of two half axes: `c + s·a + t·b`, s² + t² ≤ 1.
struct Ellipse {
    centre: [f64; 2],
    a: [f64; 2],
    b: [f64; 2],
    determinant: f64,
    /// No pixel further from the centre than this along either side is inside.
    reach: i64,
}

impl Ellipse {
    fn new(centre: [i64; 2], a_end: [i64; 2], b_end: [i64; 2]) -> Option<Self> {
        let from_centre = |end: [i64; 2]| [0, 1].map(|k| (end[k] - centre[k]) as f64);
        let (a, b) = (from_centre(a_end), from_centre(b_end));
        let determinant = a[0] * b[1] - a[1] * b[0];
        let reach = a[0].hypot(a[1]) + b[0].hypot(b[1]);
        (determinant != 0.0).then(|| Self {
            centre: centre.map(|v| v as f64),
            a,
            b,
            determinant,
            reach: reach.ceil() as i64,
        })
    }

    fn holds(&self, column: i64, row: i64) -> bool {
        let (dx, dy) = (column as f64 - self.centre[0], row as f64 - self.centre[1]);
        let s = (dx * self.b[1] - dy * self.b[0]) / self.determinant;
        let t = (self.a[0] * dy - self.a[1] * dx) / self.determinant;
        // The ends of the axes are on the ellipse, whatever the rounding.
        s * s + t * t <= 1.0 + 1e-9
    }
}

#[derive(Default)]
struct Sum {
    range: Option<(f64, f64)>,
    sum: f64,
    pixels: usize,
}

impl Sum {
    fn add(&mut self, value: f64) {
        if value.is_nan() {
            return;
        }
        let (low, high) = self.range.unwrap_or((value, value));
        self.range = Some((low.min(value), high.max(value)));
        self.sum += value;
        self.pixels += 1;
    }

    fn reading(self) -> Option<Reading> {
        let (min_k, max_k) = self.range?;
        Some(Reading {
            min_k,
            mean_k: self.sum / self.pixels as f64,
            max_k,
            pixels: self.pixels,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5 × 4 pixels, value = 300 + 10 · row + column.
    fn grid() -> Grid<f32> {
        let data = (0..20).map(|i| (300 + 10 * (i / 5) + i % 5) as f32);
        Grid::from_vec(5, 4, data.collect()).expect("20 values")
    }

    fn reading(kind: ToolKind, points: &[u16]) -> Option<(f64, f64, f64, usize)> {
        let tool = MeasurementTool {
            kind,
            label: String::new(),
            points: points.to_vec(),
        };
        measure(&grid(), &tool).map(|r| (r.min_k, r.mean_k, r.max_k, r.pixels))
    }

    #[test]
    fn a_spot_is_one_pixel_by_column_and_row() {
        assert_eq!(
            reading(ToolKind::Spot, &[3, 2]),
            Some((323.0, 323.0, 323.0, 1))
        );
        assert_eq!(reading(ToolKind::Spot, &[5, 0]), None);
    }

    #[test]
    fn an_area_is_cut_off_at_the_picture() {
        // Columns 1 and 2 of rows 1 and 2: 311, 312, 321, 322.
        assert_eq!(
            reading(ToolKind::Area, &[1, 1, 2, 2]),
            Some((311.0, 316.5, 322.0, 4))
        );
        assert_eq!(
            reading(ToolKind::Area, &[3, 3, 60_000, 60_000]),
            Some((333.0, 333.5, 334.0, 2))
        );
    }

    #[test]
    fn a_line_takes_one_pixel_a_step() {
        // (0,0), (1,1), (2,2), (3,3) -> 300, 311, 322, 333.
        assert_eq!(
            reading(ToolKind::Line, &[0, 0, 3, 3]),
            Some((300.0, 316.5, 333.0, 4))
        );
        assert_eq!(
            reading(ToolKind::Line, &[2, 1, 2, 1]),
            Some((312.0, 312.0, 312.0, 1))
        );
    }

    #[test]
    fn an_ellipse_of_half_axes_one_is_a_cross() {
        // Centre (2,1): 312, with 311, 313, 302 and 322.
        assert_eq!(
            reading(ToolKind::Ellipse, &[2, 1, 3, 1, 2, 2]),
            Some((302.0, 312.0, 322.0, 5))
        );
        assert_eq!(reading(ToolKind::Ellipse, &[2, 1, 2, 1, 2, 2]), None);
    }

    #[test]
    fn tools_that_measure_nothing_and_points_that_are_missing_have_no_value() {
        assert_eq!(reading(ToolKind::Difference, &[1, 1]), None);
        assert_eq!(reading(ToolKind::Area, &[1, 1, 2]), None);
    }

    #[test]
    fn pixels_without_a_value_do_not_count() {
        let mut grid = grid();
        grid.set(0, 0, f32::NAN);
        let tool = MeasurementTool {
            kind: ToolKind::Area,
            label: String::new(),
            points: vec![0, 0, 2, 1],
        };
        let found = measure(&grid, &tool).expect("one pixel is left");
        assert_eq!((found.min_k, found.pixels), (301.0, 1));
    }
}
