//! Plane shapes of a drawing, scene units.

/// A shape.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    /// Everything.
    All,
    /// Left, top, right, bottom.
    Rect([f64; 4]),
    /// The same with rounded corners of a radius.
    Round([f64; 4], f64),
    /// Centre and half axes.
    Ellipse([f64; 4]),
    /// A closed polygon.
    Polygon(Vec<[f64; 2]>),
    /// A line through points with a width and round ends.
    Path(Vec<[f64; 2]>, f64),
}

impl Shape {
    /// Left, top, right, bottom; `None` for everything.
    pub(super) fn bounds(&self) -> Option<[f64; 4]> {
        let around = |points: &[[f64; 2]], by: f64| {
            let mut all = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
            for [x, y] in points {
                all = [
                    all[0].min(*x),
                    all[1].min(*y),
                    all[2].max(*x),
                    all[3].max(*y),
                ];
            }
            [all[0] - by, all[1] - by, all[2] + by, all[3] + by]
        };
        match self {
            Self::All => None,
            Self::Rect(r) | Self::Round(r, _) => Some(*r),
            Self::Ellipse([x, y, a, b]) => Some([x - a, y - b, x + a, y + b]),
            Self::Polygon(points) => Some(around(points, 0.0)),
            Self::Path(points, width) => Some(around(points, width / 2.0)),
        }
    }

    /// Whether a point lies inside.
    #[inline]
    pub(super) fn contains(&self, x: f64, y: f64) -> bool {
        match self {
            Self::All => true,
            Self::Rect([x0, y0, x1, y1]) => x >= *x0 && x < *x1 && y >= *y0 && y < *y1,
            Self::Round(rect, radius) => {
                let inner = [
                    rect[0] + radius,
                    rect[1] + radius,
                    rect[2] - radius,
                    rect[3] - radius,
                ];
                rect_distance(x, y, inner) <= *radius
            }
            Self::Ellipse([cx, cy, a, b]) => {
                let (dx, dy) = ((x - cx) / a, (y - cy) / b);
                dx * dx + dy * dy <= 1.0
            }
            Self::Polygon(points) => in_polygon(points, x, y),
            Self::Path(points, width) => points
                .windows(2)
                .any(|pair| segment_distance(x, y, pair[0], pair[1]) <= width / 2.0),
        }
    }
}

/// Even-odd rule.
fn in_polygon(points: &[[f64; 2]], x: f64, y: f64) -> bool {
    let mut inside = false;
    for (index, a) in points.iter().enumerate() {
        let b = points[(index + 1) % points.len()];
        let crosses = (a[1] > y) != (b[1] > y);
        if crosses && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

/// Distance to a rectangle; 0 inside.
#[inline]
pub(super) fn rect_distance(x: f64, y: f64, [x0, y0, x1, y1]: [f64; 4]) -> f64 {
    let dx = (x0 - x).max(x - x1).max(0.0);
    let dy = (y0 - y).max(y - y1).max(0.0);
    dx.hypot(dy)
}

/// Distance to a line from `a` to `b`.
#[inline]
pub(super) fn segment_distance(x: f64, y: f64, a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = (dx * dx + dy * dy).max(1e-12);
    let along = (((x - a[0]) * dx + (y - a[1]) * dy) / length2).clamp(0.0, 1.0);
    (x - a[0] - along * dx).hypot(y - a[1] - along * dy)
}

/// Falls from 1 over a length: `exp(−distance/length)`.
#[inline]
pub(super) fn fading(distance: f64, length: f64) -> f64 {
    (-distance.max(0.0) / length).exp()
}

/// A bell of a half width: `exp(−(distance/width)²)`.
#[inline]
pub(super) fn bell(distance: f64, width: f64) -> f64 {
    let share = distance / width;
    (-share * share).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_hold_their_middle_and_not_their_outside() {
        let shapes = [
            Shape::Rect([0.0, 0.0, 10.0, 6.0]),
            Shape::Round([0.0, 0.0, 10.0, 6.0], 2.0),
            Shape::Ellipse([5.0, 3.0, 5.0, 3.0]),
            Shape::Polygon(vec![[0.0, 0.0], [10.0, 0.0], [10.0, 6.0], [0.0, 6.0]]),
            Shape::Path(vec![[0.0, 3.0], [10.0, 3.0]], 6.0),
        ];
        for shape in shapes {
            assert!(shape.contains(5.0, 3.0), "{shape:?}");
            assert!(
                !shape.contains(5.0, 7.0) && !shape.contains(14.0, 3.0),
                "{shape:?}"
            );
            let [x0, y0, x1, y1] = shape.bounds().expect("bounded");
            assert!(x0 <= 0.0 && y0 <= 0.0 && x1 >= 10.0 && y1 >= 6.0);
        }
    }

    #[test]
    fn a_rounded_corner_is_not_in_the_shape() {
        assert!(!Shape::Round([0.0, 0.0, 10.0, 10.0], 3.0).contains(0.5, 0.5));
        assert!(Shape::Rect([0.0, 0.0, 10.0, 10.0]).contains(0.5, 0.5));
    }
}
