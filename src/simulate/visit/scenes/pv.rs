//! Solar modules at noon; a group of cells in one is hotter than the rest.

use serde_json::json;

use super::super::canvas::{Canvas, Point};
use super::super::shapes::{Shape, fading};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Stand, Tool};
use crate::simulate::random::{Rng, smooth_field};

const IRRADIANCE_W_M2: f64 = 860.0;
/// Modules across and down in the field, and cells in each.
const MODULES: [f64; 2] = [4.0, 3.0];
const CELLS: [f64; 2] = [6.0, 9.0];
/// The field's corners in the picture: upper left, upper right, lower right, lower left.
const FIELD: [[f64; 2]; 4] = [[34.0, 44.0], [270.0, 30.0], [352.0, 246.0], [-42.0, 262.0]];
/// Module with the hot cells, and their place in it: left, top, right, bottom.
const HOT: [f64; 2] = [2.0, 1.0];
const GROUP: [f64; 4] = [2.0, 3.0, 4.0, 5.0];

#[derive(Clone, Copy)]
struct Look {
    air_c: f64,
    module_c: f64,
    excess_k: f64,
    texture: u64,
    /// Picture to field.
    inverse: [[f64; 3]; 3],
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let look = Look {
        air_c: setting.outdoor_c,
        module_c: setting.outdoor_c + rng.range(30.0, 33.0),
        excess_k: rng.range(13.5, 15.5),
        texture: rng.bits(),
        inverse: inverse(&square_to(&FIELD)),
    };
    let optics = Optics::of(0.88, -12.0, rng.range(4.0, 6.0)).outside(setting);
    let mut shot = Shot::new("pv", optics, Box::new(move |canvas| paint(canvas, &look)));
    shot.stand = Stand::Outside;
    let hot = picture_of(
        (HOT[0] + 3.0 / CELLS[0]) / MODULES[0],
        (HOT[1] + 4.0 / CELLS[1]) / MODULES[1],
    );
    let like = picture_of(1.5 / MODULES[0], (HOT[1] + 4.0 / CELLS[1]) / MODULES[1]);
    let around = |[x, y]: [f64; 2]| [x - 7.0, y - 4.0, x + 7.0, y + 4.0];
    shot.tools = vec![
        Tool::area("Bx1", around(hot)),
        Tool::area("Bx2", around(like)),
    ];
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(move |marks| {
        let delta = marks.mean("Bx1") - marks.mean("Bx2");
        json!({
            "delta_k": delta,
            "delta_at_1000_w_m2_k": delta * 1000.0 / IRRADIANCE_W_M2,
            "irradiance_w_m2": IRRADIANCE_W_M2,
        })
    });
    shot.expected =
        "hot cell group: 13 to 18 K over like cells at 860 W/m², a sixth more at 1000".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "pv")
        .with("location", setting.say("Dak, pv-veld oost", "Roof, PV field east"))
        .with("component", setting.say("module in rij 2, plaats 3", "module in row 2, place 3"))
        .with("reference_image_or_marker", "Bx2")
        .number("irradiance_w_m2", IRRADIANCE_W_M2, 0)
        .number("outdoor_c", setting.outdoor_c, 1)
        .with("operating_state", setting.say("in bedrijf", "in service"))
        .with("manufacturer", "Voorbeeld Zon")
        .with(
            "observation",
            setting.say(
                "Een groep van vier cellen is warmer dan gelijke cellen in de module ernaast.",
                "A group of four cells is warmer than like cells in the module beside it.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "Celbreuk of een verhoogde weerstand in de celverbinding; vervuiling niet uitgesloten.",
                "Broken cells or raised resistance in their connection; soiling cannot be excluded.",
            ),
        )
        .with("certainty", "possible")
        .with(
            "recommendation",
            setting.say(
                "Laat de installateur de module reinigen, nameten en zo nodig op garantie vervangen.",
                "Have the installer clean and measure the module and replace it under warranty where needed.",
            ),
        )
        .with("action_by", setting.say("pv-installateur", "PV installer"))
        .with("term", Cell::Months(3))
        .with("status", "open")
}

/// Projective map of the unit square to four corners (Heckbert 1989, section 2.2.3).
fn square_to(corners: &[[f64; 2]; 4]) -> [[f64; 3]; 3] {
    let [a, b, c, d] = *corners;
    let sum = [0, 1].map(|i| a[i] - b[i] + c[i] - d[i]);
    let (one, two) = ([0, 1].map(|i| b[i] - c[i]), [0, 1].map(|i| d[i] - c[i]));
    let area = one[0] * two[1] - one[1] * two[0];
    let g = (sum[0] * two[1] - sum[1] * two[0]) / area;
    let h = (one[0] * sum[1] - one[1] * sum[0]) / area;
    let row = |i: usize| [b[i] - a[i] + g * b[i], d[i] - a[i] + h * d[i], a[i]];
    [row(0), row(1), [g, h, 1.0]]
}

/// Inverse by cofactors, without the common factor: the map is projective.
fn inverse(m: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let minor = |r: usize, c: usize| {
        let (r1, r2) = ((r + 1) % 3, (r + 2) % 3);
        let (c1, c2) = ((c + 1) % 3, (c + 2) % 3);
        m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
    };
    let row = |r: usize| [minor(0, r), minor(1, r), minor(2, r)];
    [row(0), row(1), row(2)]
}

fn map(m: &[[f64; 3]; 3], x: f64, y: f64) -> [f64; 2] {
    let line = |i: usize| m[i][0] * x + m[i][1] * y + m[i][2];
    [line(0) / line(2), line(1) / line(2)]
}

fn picture_of(u: f64, v: f64) -> [f64; 2] {
    map(&square_to(&FIELD), u, v)
}

fn paint(canvas: &mut Canvas, look: &Look) {
    roof(canvas, look);
    // The field's shade on the roof, then the field.
    let cast: Vec<[f64; 2]> = FIELD.iter().map(|p| [p[0] + 7.0, p[1] + 9.0]).collect();
    canvas.fill(&Shape::Polygon(cast), |_, _, p| {
        p.tint(0.55);
        p.c -= 6.0;
    });
    canvas.fill(&Shape::Polygon(FIELD.to_vec()), |x, y, p| {
        let [u, v] = map(&look.inverse, x, y);
        module(look, u * MODULES[0], v * MODULES[1], [x, y], p);
    });
}

/// Gravel, and the parapet and sky behind it.
fn roof(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::All, |x, y, p| {
        let near = ((y + 30.0) / 150.0).max(0.2);
        let grain = smooth_field(look.texture, x / (2.2 * near), y / (1.5 * near));
        p.become_of([0.60, 0.58, 0.54], look.air_c + 15.0 + 1.2 * grain, 0.90);
        p.tint(1.0 + 0.13 * grain);
    });
    canvas.fill(&Shape::Rect([-200.0, -200.0, 520.0, 2.0]), |_, y, p| {
        p.become_of([0.56, 0.72, 0.90], -8.0 + 0.3 * y, 0.90);
        p.toward([0.90, 0.94, 0.97], fading(2.0 - y, 30.0));
    });
    canvas.fill(&Shape::Rect([-200.0, -6.0, 520.0, 12.0]), |_, y, p| {
        p.become_of([0.72, 0.73, 0.74], look.air_c + 9.0, 0.90);
        p.tint(1.05 - 0.02 * (y + 6.0));
    });
}

/// A point of the field, `a` modules across and `b` down.
fn module(look: &Look, a: f64, b: f64, [x, y]: [f64; 2], p: &mut Point) {
    let (column, row) = (a.floor(), b.floor());
    let (s, t) = (a - column, b - row);
    let edge = (s.min(1.0 - s) * 1.0).min(t.min(1.0 - t) * 1.5);
    let uneven = 0.5 * smooth_field(look.texture ^ 3, x / 60.0, y / 60.0);
    let own = 0.6 * smooth_field(look.texture ^ 4, column * 3.7, row * 5.1);
    let c = look.module_c + uneven + own - 3.0 * fading(edge, 0.03) + 0.8 * (t - 0.5);
    p.become_of([0.09, 0.13, 0.27], c, 0.88);
    let cell = [s * CELLS[0], t * CELLS[1]];
    let share = cell.map(|v| v - v.floor());
    // Bus bars and gaps.
    if share[0].min(1.0 - share[0]) < 0.035 || share[1].min(1.0 - share[1]) < 0.04 {
        p.toward([0.55, 0.60, 0.68], 0.55);
    } else if (share[0] - 0.33).abs() < 0.018 || (share[0] - 0.67).abs() < 0.018 {
        p.toward([0.62, 0.66, 0.72], 0.40);
    }
    let shine = 0.5 + 0.5 * smooth_field(look.texture ^ 8, x / 150.0, y / 110.0);
    p.toward([0.60, 0.72, 0.88], 0.10 + 0.16 * shine * fading(y, 140.0));
    if edge < 0.022 {
        p.become_of([0.80, 0.81, 0.82], look.module_c - 6.0, 0.88);
    }
    if [column, row] == HOT {
        let inside = |v: f64, low: f64, high: f64| {
            1.0 / (1.0 + (-(v - low) / 0.07).exp()) / (1.0 + ((v - high) / 0.07).exp())
        };
        let group = inside(cell[0], GROUP[0], GROUP[2]) * inside(cell[1], GROUP[1], GROUP[3]);
        p.c += look.excess_k * group;
        // The third of the module on the same bypass diode.
        p.c += 1.2 * inside(cell[0], GROUP[0], GROUP[2]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projective_map_meets_its_corners_and_is_undone() {
        let there = square_to(&FIELD);
        let back = inverse(&there);
        for (corner, [u, v]) in FIELD
            .iter()
            .zip([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        {
            let [x, y] = map(&there, u, v);
            assert!((x - corner[0]).abs() < 1e-9 && (y - corner[1]).abs() < 1e-9);
            let [s, t] = map(&back, x, y);
            assert!((s - u).abs() < 1e-9 && (t - v).abs() < 1e-9);
        }
    }
}
