//! The form of a set of cells: the smallest rectangle around it and how much of that it fills.

use super::flood::Members;
use super::frame::Frame;

/// Form of an object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Form {
    /// Sides of the smallest rectangle, metres; length is the longer.
    pub length_m: f64,
    pub width_m: f64,
    /// Share of the rectangle that is covered, 0–1.
    pub fill: f64,
    /// Direction of its sides on the window, radians in 0 … π/2.
    pub angle: f64,
    pub area_m2: f64,
}

/// Directions tried, a quarter turn in steps of 3°.
const DIRECTIONS: usize = 30;

/// The form of cells of the window, ascending.
pub(super) fn form(frame: &Frame<'_>, cells: &[usize]) -> Form {
    // Cells with all neighbours in the set reach no side.
    let members = Members::of(cells);
    let inner = |i: usize| frame.beside(i).filter(|n| members.has(*n)).count() == 4;
    let rim: Vec<(f64, f64)> = cells
        .iter()
        .filter(|i| !inner(**i))
        .map(|i| frame.place(*i))
        .collect();
    let mut best = (f64::INFINITY, 0.0, 0.0, 0.0);
    for step in 0..DIRECTIONS {
        let angle = step as f64 / DIRECTIONS as f64 * std::f64::consts::FRAC_PI_2;
        let (s, c) = angle.sin_cos();
        let mut low = (f64::INFINITY, f64::INFINITY);
        let mut high = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for (u, v) in &rim {
            let (p, q) = (u * c + v * s, v * c - u * s);
            low = (low.0.min(p), low.1.min(q));
            high = (high.0.max(p), high.1.max(q));
        }
        // Centres span one cell less than the cells.
        let (p, q) = (high.0 - low.0 + 1.0, high.1 - low.1 + 1.0);
        if p * q < best.0 - 1e-9 {
            best = (p * q, p, q, angle);
        }
    }
    let (area, p, q, angle) = best;
    Form {
        length_m: p.max(q) * frame.cell_m,
        width_m: p.min(q) * frame.cell_m,
        fill: (cells.len() as f64 / area).min(1.0),
        angle,
        area_m2: cells.len() as f64 * frame.cell_m * frame.cell_m,
    }
}

/// Direction of the building's sides on the window, radians in 0 … π/2: the mean direction of
/// the coverage's slope, four times the angle so that all sides count alike.
pub(super) fn building_angle(frame: &Frame<'_>) -> f64 {
    let share = &frame.input.roof.coverage;
    let (mut x, mut y) = (0.0, 0.0);
    for row in 1..frame.height.saturating_sub(1) {
        for col in 1..frame.width.saturating_sub(1) {
            let du = f64::from(share.at(col + 1, row) - share.at(col - 1, row));
            let dv = f64::from(share.at(col, row + 1) - share.at(col, row - 1));
            let size = (du * du + dv * dv).sqrt();
            if size > 0.3 {
                let angle = 4.0 * dv.atan2(du);
                x += size * angle.cos();
                y += size * angle.sin();
            }
        }
    }
    (y.atan2(x) / 4.0).rem_euclid(std::f64::consts::FRAC_PI_2)
}

/// Whether two directions of rectangles agree within 8°.
pub(super) fn aligned(a: f64, b: f64) -> bool {
    let quarter = std::f64::consts::FRAC_PI_2;
    let off = (a - b).rem_euclid(quarter);
    off.min(quarter - off) <= 8.0_f64.to_radians()
}
