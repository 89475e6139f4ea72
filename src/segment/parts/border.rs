//! Borders between planes as straight lines.
//!
//! Two planes that meet do so along a line their heights tell to a few centimetres, however large
//! the cells of the surface model. Where the roof steps, the model smears the step over a cell;
//! half its height is passed on average above the wall, and a line through all the places of one
//! step is better than any of them.

use super::fit::Local;
use super::frame::Frame;
use crate::raster::Grid;

/// Planes whose slopes differ less have no line in common, rise over run.
const MEETING: f64 = 0.05;
/// A line is believed when the places it is drawn through keep this near, cells of the surface
/// model (root mean square).
const STRAIGHT: f64 = 0.75;
/// Reach around the first border in which a line decides, cells of the surface model.
const REACH: f64 = 3.0;

/// A straight border: cells where `nu·u + nv·v + d > 0` lie on the first plane's side.
#[derive(Clone, Copy, Debug)]
struct Line {
    nu: f64,
    nv: f64,
    d: f64,
}

impl Line {
    fn side(&self, (u, v): (f64, f64)) -> f64 {
        self.nu * u + self.nv * v + self.d
    }

    /// Turned so that the first middle lies on the positive side; `None` when both lie on one.
    fn between(self, a: (f64, f64), b: (f64, f64)) -> Option<Self> {
        let (at_a, at_b) = (self.side(a), self.side(b));
        if at_a > 0.0 && at_b < 0.0 {
            Some(self)
        } else if at_a < 0.0 && at_b > 0.0 {
            Some(Self {
                nu: -self.nu,
                nv: -self.nv,
                d: -self.d,
            })
        } else {
            None
        }
    }
}

/// Redraws every border between two planes.
pub(super) fn straighten(
    frame: &Frame<'_>,
    labels: &mut Grid<u16>,
    fits: &[Option<Local>],
    middles: &[(f64, f64)],
) {
    let coarse = (frame.input.surface_cell_m / frame.cell_m).max(1.0);
    for ((a, b), border) in borders(frame, labels) {
        let (ia, ib) = (usize::from(a) - 1, usize::from(b) - 1);
        let (Some(p), Some(q)) = (fits[ia], fits[ib]) else {
            continue;
        };
        let zone = zone(
            frame,
            labels,
            &border,
            (a, b),
            (REACH * coarse).ceil() as usize,
        );
        let (ma, mb) = (middles[ia], middles[ib]);
        if let Some(line) = meeting(frame, &p, &q, &border, coarse).and_then(|l| l.between(ma, mb))
        {
            draw(frame, labels, &zone, (a, b), |i| {
                line.side(frame.place(i)) > 0.0
            });
            continue;
        }
        let first = halves(frame, &zone, &p, &q, coarse);
        let line = through(frame, &first, coarse).and_then(|l| l.between(ma, mb));
        match line {
            Some(line) => draw(frame, labels, &zone, (a, b), |i| {
                line.side(frame.place(i)) > 0.0
            }),
            None => {
                for (i, on_a) in first {
                    if let Some(on_a) = on_a {
                        labels.data_mut()[i] = if on_a { a } else { b };
                    }
                }
            }
        }
    }
}

/// Pairs of neighbouring labels with the cells of the first beside the second, ascending.
fn borders(frame: &Frame<'_>, labels: &Grid<u16>) -> Vec<((u16, u16), Vec<usize>)> {
    let data = labels.data();
    let mut found: Vec<((u16, u16), usize)> = Vec::new();
    for i in 0..data.len() {
        for near in frame.beside(i) {
            let (a, b) = (data[i], data[near]);
            if a != 0 && b != 0 && a != b {
                found.push(((a.min(b), a.max(b)), i));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    let mut grouped: Vec<((u16, u16), Vec<usize>)> = Vec::new();
    for (pair, i) in found {
        match grouped.last_mut() {
            Some((last, cells)) if *last == pair => cells.push(i),
            _ => grouped.push((pair, vec![i])),
        }
    }
    grouped
}

/// Cells of either label near the border, ascending.
fn zone(
    frame: &Frame<'_>,
    labels: &Grid<u16>,
    border: &[usize],
    (a, b): (u16, u16),
    reach: usize,
) -> Vec<usize> {
    let mut near = Vec::new();
    for i in border {
        let (col, row) = (i % frame.width, i / frame.width);
        for r in row.saturating_sub(reach)..(row + reach + 1).min(frame.height) {
            for c in col.saturating_sub(reach)..(col + reach + 1).min(frame.width) {
                let label = labels.at(c, r);
                if label == a || label == b {
                    near.push(r * frame.width + c);
                }
            }
        }
        // The same cells come again with every border cell; keep the list short.
        if near.len() > 1 << 20 {
            near.sort_unstable();
            near.dedup();
        }
    }
    near.sort_unstable();
    near.dedup();
    near
}

fn draw(
    _frame: &Frame<'_>,
    labels: &mut Grid<u16>,
    zone: &[usize],
    (a, b): (u16, u16),
    on_first: impl Fn(usize) -> bool,
) {
    for i in zone {
        labels.data_mut()[*i] = if on_first(*i) { a } else { b };
    }
}

/// The line in which two planes meet, where the border runs along it.
fn meeting(frame: &Frame<'_>, p: &Local, q: &Local, border: &[usize], coarse: f64) -> Option<Line> {
    let (a, b, c) = (p.a - q.a, p.b - q.b, p.c - q.c);
    let steep = a.hypot(b);
    if steep < MEETING * frame.cell_m {
        return None;
    }
    let line = Line {
        nu: a / steep,
        nv: b / steep,
        d: c / steep,
    };
    let mut off: Vec<f64> = border
        .iter()
        .map(|i| line.side(frame.place(*i)).abs())
        .collect();
    off.sort_unstable_by(f64::total_cmp);
    let median = *off.get(off.len() / 2)?;
    (median <= 1.5 * coarse + 1.0).then_some(line)
}

/// For each cell near a step whether its height is nearer to the first plane; `None` where the
/// height is neither's: at walls, on plant.
fn halves(
    frame: &Frame<'_>,
    zone: &[usize],
    p: &Local,
    q: &Local,
    coarse: f64,
) -> Vec<(usize, Option<bool>)> {
    let margin = 0.3;
    let wall_m = (coarse * frame.cell_m) as f32;
    zone.iter()
        .map(|i| {
            let (u, v) = frame.place(*i);
            let (on_p, on_q) = (p.at(u, v), q.at(u, v));
            let height = f64::from(frame.surface(*i));
            let told = height >= on_p.min(on_q) - margin
                && height <= on_p.max(on_q) + margin
                && frame.edge_m(*i) >= wall_m
                && (on_p - on_q).abs() > margin;
            let nearer = (height - on_p).abs() < (height - on_q).abs();
            (*i, told.then_some(nearer))
        })
        .collect()
}

/// The straight line between cells of one half and of the other.
fn through(frame: &Frame<'_>, halves: &[(usize, Option<bool>)], coarse: f64) -> Option<Line> {
    let half_of = |i: usize| {
        let at = halves.binary_search_by_key(&i, |h| h.0).ok()?;
        halves.get(at)?.1
    };
    let mut places = Vec::new();
    for (i, half) in halves {
        let Some(half) = half else { continue };
        for near in frame.beside(*i).filter(|n| *n > *i) {
            if half_of(near).is_some_and(|other| other != *half) {
                let ((u, v), (s, t)) = (frame.place(*i), frame.place(near));
                places.push((0.5 * (u + s), 0.5 * (v + t)));
            }
        }
    }
    line_of(&places, STRAIGHT * coarse)
}

/// Line of total least squares, once more without what lies far off; `None` for fewer than eight
/// places or places that scatter.
fn line_of(places: &[(f64, f64)], scatter: f64) -> Option<Line> {
    let (line, _) = least_squares(places)?;
    let mut off: Vec<f64> = places.iter().map(|p| line.side(*p).abs()).collect();
    off.sort_unstable_by(f64::total_cmp);
    let limit = (3.0 * off.get(off.len() / 2)?).max(1.0);
    let near: Vec<(f64, f64)> = places
        .iter()
        .copied()
        .filter(|p| line.side(*p).abs() <= limit)
        .collect();
    let (line, rms) = least_squares(&near)?;
    (near.len() >= 8 && 2 * near.len() >= places.len() && rms <= scatter).then_some(line)
}

fn least_squares(places: &[(f64, f64)]) -> Option<(Line, f64)> {
    if places.is_empty() {
        return None;
    }
    let n = places.len() as f64;
    let mu = places.iter().map(|p| p.0).sum::<f64>() / n;
    let mv = places.iter().map(|p| p.1).sum::<f64>() / n;
    let (mut uu, mut uv, mut vv) = (0.0, 0.0, 0.0);
    for (u, v) in places {
        uu += (u - mu) * (u - mu);
        uv += (u - mu) * (v - mv);
        vv += (v - mv) * (v - mv);
    }
    // Direction of greatest spread; the normal stands on it.
    let angle = 0.5 * (2.0 * uv).atan2(uu - vv);
    let (nu, nv) = (-angle.sin(), angle.cos());
    let across = nu * nu * uu + 2.0 * nu * nv * uv + nv * nv * vv;
    let line = Line {
        nu,
        nv,
        d: -(nu * mu + nv * mv),
    };
    Some((line, (across.max(0.0) / n).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_places_of_a_slanting_step_leaves_out_a_stray() {
        let mut places: Vec<(f64, f64)> = (0..20)
            .map(|i| (f64::from(i), 3.0 + 0.5 * f64::from(i)))
            .collect();
        places.push((5.0, 40.0));
        let line = line_of(&places, 0.5).expect("straight");
        assert!(line.side((4.0, 5.0)).abs() < 1e-6);
        assert!((line.nu / line.nv + 0.5).abs() < 1e-6);
    }
}
