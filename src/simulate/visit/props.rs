//! Things that occur in several scenes: cables, screws, pipes, plates, rails.

use super::canvas::{Canvas, Point};
use super::shapes::{Shape, fading, rect_distance};

pub(super) const BLACK: [f64; 3] = [0.09, 0.09, 0.10];
pub(super) const STEEL: [f64; 3] = [0.60, 0.62, 0.64];
pub(super) const BROWN: [f64; 3] = [0.46, 0.25, 0.10];
pub(super) const GREY: [f64; 3] = [0.52, 0.53, 0.55];
pub(super) const BLUE: [f64; 3] = [0.15, 0.28, 0.62];
pub(super) const WHITE: [f64; 3] = [0.90, 0.90, 0.88];
pub(super) const DARK: [f64; 3] = [0.20, 0.22, 0.25];
pub(super) const RED: [f64; 3] = [0.74, 0.16, 0.12];

/// Brightness over a round bar, −1 to 1 across; light from the upper left.
fn round_shade(across: f64) -> f64 {
    let height = (1.0 - across * across).max(0.0).sqrt();
    0.48 + 0.62 * (0.9 * height - 0.35 * across).max(0.0)
}

/// An upright cable or bar with a temperature along it.
pub(super) fn cable(
    canvas: &mut Canvas,
    [x0, y0, x1, y1]: [f64; 4],
    rgb: [f64; 3],
    emissivity: f64,
    celsius: impl Fn(f64) -> f64,
) {
    shadow(canvas, [x0, y0, x1, y1], 5.0, 0.35);
    canvas.fill(&Shape::Rect([x0, y0, x1, y1]), |x, y, p| {
        p.become_of(rgb, celsius(y), emissivity);
        p.tint(round_shade((2.0 * x - x0 - x1) / (x1 - x0)));
    });
}

/// A level pipe with a temperature along it.
pub(super) fn pipe(
    canvas: &mut Canvas,
    [x0, y0, x1, y1]: [f64; 4],
    rgb: [f64; 3],
    emissivity: f64,
    celsius: impl Fn(f64) -> f64,
) {
    canvas.fill(&Shape::Rect([x0, y0, x1, y1]), |x, y, p| {
        p.become_of(rgb, celsius(x), emissivity);
        p.tint(round_shade((2.0 * y - y0 - y1) / (y1 - y0)));
    });
}

/// Darkens what lies round a rectangle, most to its lower right; no warmth.
pub(super) fn shadow(canvas: &mut Canvas, [x0, y0, x1, y1]: [f64; 4], reach: f64, depth: f64) {
    let cast = [
        x0 + reach * 0.4,
        y0 + reach * 0.5,
        x1 + reach * 0.4,
        y1 + reach * 0.5,
    ];
    let [a, b, c, d] = cast;
    let bounds = Shape::Rect([
        a - 5.0 * reach,
        b - 5.0 * reach,
        c + 5.0 * reach,
        d + 5.0 * reach,
    ]);
    canvas.fill(&bounds, |x, y, p| {
        p.tint(1.0 - depth * fading(rect_distance(x, y, cast), reach));
    });
}

/// A plate, box or cover: rounded, lit from above, with a dark rim.
pub(super) fn plate(
    canvas: &mut Canvas,
    rect: [f64; 4],
    radius: f64,
    rgb: [f64; 3],
    paint: impl Fn(f64, f64, &mut Point),
) {
    let [x0, y0, x1, y1] = rect;
    canvas.fill(&Shape::Round(rect, radius), |x, y, p| {
        p.rgb = rgb;
        p.tint(1.05 - 0.16 * (y - y0) / (y1 - y0));
        let edge = (x - x0).min(x1 - x).min(y1 - y);
        p.tint(1.0 - 0.35 * fading(edge, 0.9));
        if y - y0 < 1.2 {
            p.toward([1.0; 3], 0.35);
        }
        paint(x, y, p);
    });
}

/// The head of a slotted screw; takes the temperature of what it is in.
pub(super) fn screw(canvas: &mut Canvas, x: f64, y: f64, radius: f64, turn: f64) {
    canvas.fill(&Shape::Ellipse([x, y, radius, radius]), |px, py, p| {
        let lit = 1.0 - 0.35 * ((px - x) + (py - y)) / (2.0 * radius);
        p.rgb = STEEL;
        p.tint(0.95 * lit);
        let rim = ((px - x).hypot(py - y) / radius).powi(6);
        p.tint(1.0 - 0.45 * rim);
    });
    let (c, s) = (0.75 * radius * turn.cos(), 0.75 * radius * turn.sin());
    let slot = Shape::Path(vec![[x - c, y - s], [x + c, y + s]], 0.35 * radius);
    canvas.fill(&slot, |_, _, p| p.rgb = [0.16, 0.16, 0.17]);
}

/// A six-sided bolt head.
pub(super) fn bolt(canvas: &mut Canvas, x: f64, y: f64, radius: f64, turn: f64) {
    let corner = |i: usize| {
        let angle = turn + std::f64::consts::FRAC_PI_3 * i as f64;
        [x + radius * angle.cos(), y + radius * angle.sin()]
    };
    shadow(
        canvas,
        [x - radius, y - radius, x + radius, y + radius],
        1.5,
        0.35,
    );
    canvas.fill(
        &Shape::Polygon((0..6).map(corner).collect()),
        |px, py, p| {
            p.rgb = STEEL;
            p.tint(0.95 - 0.25 * ((px - x) + (py - y)) / (2.0 * radius));
        },
    );
    canvas.fill(
        &Shape::Ellipse([x, y, 0.62 * radius, 0.62 * radius]),
        |_, _, p| p.tint(1.12),
    );
}

/// The back of a cabinet with a mounting rail at a height.
pub(super) fn cabinet(canvas: &mut Canvas, celsius: f64, rail_y: f64) {
    canvas.fill(&Shape::All, |x, y, p| {
        let off = ((x - 160.0) / 260.0).powi(2) + ((y - 105.0) / 230.0).powi(2);
        // Warm air gathers at the top.
        let warmer = 0.008 * (120.0 - y);
        p.become_of([0.79, 0.79, 0.77], celsius + warmer, 0.95);
        p.tint(1.04 - 0.30 * off);
    });
    let rail = [-120.0, rail_y - 13.0, 460.0, rail_y + 13.0];
    shadow(canvas, rail, 3.0, 0.25);
    canvas.fill(&Shape::Rect(rail), |x, y, p| {
        p.become_of([0.66, 0.68, 0.70], celsius + 0.3, 0.90);
        let across = (y - rail_y) / 13.0;
        p.tint(0.95 + 0.10 * (across * 3.0).cos() - 0.1 * across);
        // Slots.
        if across.abs() < 0.3 && (x / 24.0).rem_euclid(1.0) < 0.5 {
            p.tint(0.72);
        }
    });
}

/// A label: light, with lines that stand for words.
pub(super) fn label(canvas: &mut Canvas, [x0, y0, x1, y1]: [f64; 4], rgb: [f64; 3]) {
    canvas.fill(&Shape::Rect([x0, y0, x1, y1]), |x, y, p| {
        p.rgb = rgb;
        let (line, along) = ((y - y0) / (y1 - y0) * 3.0, (x - x0) / (x1 - x0));
        let written = (0.35..0.65).contains(&line.rem_euclid(1.0))
            && along > 0.1
            && along < 0.92 - 0.2 * line.floor()
            && (x * 0.9).rem_euclid(1.0) < 0.75;
        if written {
            p.tint(0.45);
        }
    });
}

/// Warms what lies in a rectangle by what `rise_k` says; for heat that spreads.
pub(super) fn warm(canvas: &mut Canvas, rect: [f64; 4], rise_k: impl Fn(f64, f64) -> f64) {
    canvas.fill(&Shape::Rect(rect), |x, y, p| p.c += rise_k(x, y));
}
