//! True temperatures under the marks of a picture.

use super::canvas::{Point, View};
use super::shot::{Mark, Tool};

/// Least, mean and greatest true surface temperature of the pixels under a mark, °C.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spread {
    pub min_c: f64,
    pub mean_c: f64,
    pub max_c: f64,
}

/// A mark in pixels as stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Placed {
    pub label: &'static str,
    /// Number of its kind in the file (formats.md §1.7).
    pub kind: u16,
    /// Word of its kind in the truth.
    pub word: &'static str,
    /// Spot x, y; area x, y, width, height; ellipse centre and the ends of two half axes; line
    /// both ends; difference the numbers of two tools.
    pub points: Vec<u16>,
}

/// Marks in the pixels of the stored picture.
pub(super) fn place(tools: &[Tool], view: &View, [width, height]: [usize; 2]) -> Vec<Placed> {
    let last = [width as f64 - 1.0, height as f64 - 1.0];
    let edge = |p: [f64; 2]| {
        let [u, v] = view.picture(p);
        [
            u.round().clamp(0.0, last[0] + 1.0),
            v.round().clamp(0.0, last[1] + 1.0),
        ]
    };
    let pixel = |p: [f64; 2]| {
        let [u, v] = view.picture(p);
        [
            u.floor().clamp(0.0, last[0]) as u16,
            v.floor().clamp(0.0, last[1]) as u16,
        ]
    };
    let one = |tool: &Tool| {
        let (kind, word, points) = match tool.mark {
            Mark::Spot(p) => (1, "spot", pixel(p).to_vec()),
            Mark::Area([x0, y0, x1, y1]) => {
                let (a, b) = (edge([x0, y0]), edge([x1, y1]));
                let low = [a[0].min(b[0]), a[1].min(b[1])];
                let size = [(a[0] - b[0]).abs(), (a[1] - b[1]).abs()];
                let all = [low[0], low[1], size[0], size[1]];
                (2, "area", all.map(|v| v as u16).to_vec())
            }
            Mark::Ellipse([x, y, a, b]) => {
                let ends = [[x, y], [x + a, y], [x, y + b]].map(pixel);
                (3, "ellipse", ends.concat())
            }
            Mark::Line([x1, y1, x2, y2]) => {
                (4, "line", [pixel([x1, y1]), pixel([x2, y2])].concat())
            }
            Mark::Difference(pair) => (8, "difference", pair.to_vec()),
        };
        Placed {
            label: tool.label,
            kind,
            word,
            points,
        }
    };
    tools.iter().map(one).collect()
}

/// As in the `markers` column of the findings table; differences have no place there.
pub(super) fn written(marks: &[Placed]) -> String {
    let one = |mark: &Placed| {
        let p: Vec<String> = mark.points.iter().map(u16::to_string).collect();
        match (mark.kind, p.as_slice()) {
            (1, _) => Some(format!("Sp {}", p.join(" "))),
            (2, _) => Some(format!("Bx {}", p.join(" "))),
            (4, _) => Some(format!("Li {}", p.join(" "))),
            (3, [x, y, ..]) => {
                let q = &mark.points;
                let (a, b) = (q[2].abs_diff(q[0]), q[5].abs_diff(q[1]));
                Some(format!("El {x} {y} {a} {b}"))
            }
            _ => None,
        }
    };
    marks.iter().filter_map(one).collect::<Vec<_>>().join("; ")
}

/// The true picture with its marks.
pub(super) struct Marks<'a> {
    pub placed: &'a [Placed],
    pub points: &'a [Point],
    pub width: usize,
}

impl Marks<'_> {
    /// Spread under a mark; `None` for differences and names that do not occur.
    pub(super) fn spread(&self, label: &str) -> Option<Spread> {
        let mark = self.placed.iter().find(|m| m.label == label)?;
        let pixels = self.pixels(mark);
        let values = pixels
            .iter()
            .filter_map(|[u, v]| self.points.get(v * self.width + u));
        let celsius: Vec<f64> = values.map(|p| p.c).collect();
        if celsius.is_empty() {
            return None;
        }
        Some(Spread {
            min_c: celsius.iter().copied().fold(f64::MAX, f64::min),
            mean_c: celsius.iter().sum::<f64>() / celsius.len() as f64,
            max_c: celsius.iter().copied().fold(f64::MIN, f64::max),
        })
    }

    /// Mean emissivity under a mark.
    pub(super) fn emissivity(&self, label: &str) -> Option<f64> {
        let mark = self.placed.iter().find(|m| m.label == label)?;
        let pixels = self.pixels(mark);
        let values = pixels
            .iter()
            .filter_map(|[u, v]| self.points.get(v * self.width + u));
        let sum: f64 = values.map(|p| p.e).sum();
        (!pixels.is_empty()).then(|| sum / pixels.len() as f64)
    }

    /// Mean under a mark; NaN, `null` in the truth, where there is none.
    pub(super) fn mean(&self, label: &str) -> f64 {
        self.spread(label).map_or(f64::NAN, |s| s.mean_c)
    }

    /// Greatest under a mark.
    pub(super) fn max(&self, label: &str) -> f64 {
        self.spread(label).map_or(f64::NAN, |s| s.max_c)
    }

    /// Least under a mark.
    pub(super) fn min(&self, label: &str) -> f64 {
        self.spread(label).map_or(f64::NAN, |s| s.min_c)
    }

    /// Share of the picture colder than a temperature.
    pub(super) fn share_below(&self, celsius: f64) -> f64 {
        let cold = self.points.iter().filter(|p| p.c < celsius).count();
        cold as f64 / self.points.len() as f64
    }

    /// Columns and rows under a mark.
    fn pixels(&self, mark: &Placed) -> Vec<[usize; 2]> {
        let p: Vec<usize> = mark.points.iter().map(|v| usize::from(*v)).collect();
        match (mark.kind, p.as_slice()) {
            (1, [u, v]) => vec![[*u, *v]],
            (2, [u, v, width, height]) => grid([*u, *v], [u + width, v + height]),
            (3, [u, v, u1, v1, u2, v2]) => ellipse([*u, *v], [*u1, *v1], [*u2, *v2]),
            (4, [u1, v1, u2, v2]) => line([*u1, *v1], [*u2, *v2]),
            _ => Vec::new(),
        }
    }
}

fn grid(low: [usize; 2], high: [usize; 2]) -> Vec<[usize; 2]> {
    let rows = low[1]..high[1];
    rows.flat_map(|v| (low[0]..high[0]).map(move |u| [u, v]))
        .collect()
}

/// Pixels whose centres lie in the ellipse of two perpendicular half axes.
fn ellipse(centre: [usize; 2], first: [usize; 2], second: [usize; 2]) -> Vec<[usize; 2]> {
    let off = |p: [usize; 2]| [0, 1].map(|i| p[i] as f64 - centre[i] as f64);
    let (a, b) = (off(first), off(second));
    let length2 = |v: [f64; 2]| (v[0] * v[0] + v[1] * v[1]).max(1e-9);
    let reach = (length2(a).max(length2(b)).sqrt().ceil()) as usize;
    let low = centre.map(|v| v.saturating_sub(reach));
    let inside = |p: &[usize; 2]| {
        let d = off(*p);
        let along = |axis: [f64; 2]| (d[0] * axis[0] + d[1] * axis[1]) / length2(axis);
        along(a).powi(2) + along(b).powi(2) <= 1.0
    };
    let all = grid(low, centre.map(|v| v + reach + 1));
    all.into_iter().filter(inside).collect()
}

/// Pixels along a line, one for every step of its longer axis.
fn line(from: [usize; 2], to: [usize; 2]) -> Vec<[usize; 2]> {
    let steps = from[0].abs_diff(to[0]).max(from[1].abs_diff(to[1])).max(1);
    let at = |i: usize, axis: usize| {
        let (a, b) = (from[axis] as f64, to[axis] as f64);
        (a + (b - a) * i as f64 / steps as f64).round() as usize
    };
    (0..=steps).map(|i| [at(i, 0), at(i, 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<Point> {
        // Temperature = column + 10 · row, 8 × 6 pixels.
        (0..48)
            .map(|i| Point {
                c: f64::from(i % 8 + 10 * (i / 8)),
                e: 0.95,
                rgb: [0.0; 3],
            })
            .collect()
    }

    fn marks<'a>(placed: &'a [Placed], points: &'a [Point]) -> Marks<'a> {
        let width = 8;
        Marks {
            placed,
            points,
            width,
        }
    }

    #[test]
    fn marks_see_the_pixels_they_cover() {
        let view = View::thermal(8, 6, false);
        let tools = [
            Tool::spot("Sp1", 2.5 * 40.0, 3.5 * 40.0),
            Tool::area("Bx1", [40.0, 40.0, 120.0, 80.0]),
            Tool {
                label: "Li1",
                mark: Mark::Line([10.0, 10.0, 130.0, 10.0]),
            },
            Tool {
                label: "El1",
                mark: Mark::Ellipse([100.0, 100.0, 45.0, 45.0]),
            },
            Tool::difference("Dt1", 1, 2),
        ];
        let placed = place(&tools, &view, [8, 6]);
        assert_eq!(placed[1].points, [1, 1, 2, 1]);
        let points = picture();
        let marks = marks(&placed, &points);
        assert_eq!(marks.mean("Sp1"), 32.0);
        assert_eq!((marks.min("Bx1"), marks.max("Bx1")), (11.0, 12.0));
        assert_eq!(marks.mean("Li1"), 1.5);
        // Centre (2, 2) and its four neighbours.
        assert_eq!(marks.spread("El1").map(|s| s.mean_c), Some(22.0));
        assert_eq!(marks.spread("Dt1"), None);
    }

    #[test]
    fn the_marks_of_an_upright_picture_lie_where_its_stored_pixels_are() {
        let view = View::thermal(160, 120, true);
        let placed = place(
            &[Tool::area("Bx1", [0.0, 0.0, 20.0, 40.0])],
            &view,
            [160, 120],
        );
        // 20 across of 240 are 10 rows at the lower end, 40 down are 20 columns.
        assert_eq!(placed[0].points, [0, 110, 20, 10]);
    }
}
