//! Outside before sunrise: a sectional door with a warm strip above it.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::shadow;
use super::super::shapes::{Shape, bell, fading};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Stand, Tool};
use crate::simulate::random::{Rng, smooth_field};

#[derive(Clone, Copy)]
struct Look {
    facade_c: f64,
    leaf_c: f64,
    /// Of the seal above the door, left and at its warmest.
    seal_c: [f64; 2],
    cladding: [f64; 3],
    texture: u64,
}

const DOOR: [f64; 4] = [74.0, 50.0, 250.0, 206.0];
const GROUND: f64 = 206.0;
/// Where the strip is warmest.
const WARMEST: f64 = 226.0;

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let (air, difference) = (setting.outdoor_c, setting.difference_k());
    let peak = rng.range(0.52, 0.62);
    let look = Look {
        facade_c: air - 0.6,
        leaf_c: air + 0.13 * difference,
        seal_c: [air + 0.24 * difference, air + peak * difference],
        cladding: [[0.44, 0.49, 0.54], [0.50, 0.47, 0.43], [0.38, 0.46, 0.45]][rng.below(3)],
        texture: rng.bits(),
    };
    let optics = Optics::of(0.94, air - 16.0, rng.range(9.0, 12.0)).outside(setting);
    let mut shot = Shot::new("door", optics, Box::new(move |canvas| paint(canvas, &look)));
    shot.stand = Stand::Outside;
    shot.tools = vec![
        Tool::area("Bx1", [199.0, 38.0, 248.0, 62.0]),
        Tool::spot("Sp1", 112.0, 94.0),
        Tool::spot("Sp2", 40.0, 136.0),
    ];
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(move |marks| {
        json!({
            "strip_over_leaf_k": marks.max("Bx1") - marks.mean("Sp1"),
            "strip_over_facade_k": marks.max("Bx1") - marks.mean("Sp2"),
            "warmest_at": [WARMEST, 50.0],
        })
    });
    shot.expected = "outside: shows where, no temperature factor; severity 2".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "building")
        .with("location", setting.say("Laadkade, gevel, buiten", "Loading bay, facade, outside"))
        .with("component", setting.say("sectionaalpoort", "sectional door"))
        .with("reference_image_or_marker", "Sp1")
        .with("storey", setting.say("gelijkvloers", "ground floor"))
        .with(
            "observation",
            setting.say(
                "Warme strook over de volle breedte boven de poort, het sterkst rechts, met een \
                 uitwaaierende zone op de gevel.",
                "Warm strip over the full width above the door, strongest at the right, with a \
                 feathered zone on the facade.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "Luchtlek: binnenlucht ontsnapt langs de bovendichting. De onderdichting is rechts ook warmer.",
                "Air leak: indoor air escapes along the upper seal. The lower seal is warmer at the right, too.",
            ),
        )
        .with("certainty", "possible")
        .with(
            "recommendation",
            setting.say(
                "Laat de poortleverancier de boven- en onderdichting vervangen.",
                "Have the door supplier replace the upper and lower seals.",
            ),
        )
        .with("action_by", setting.say("poortleverancier", "door supplier"))
        .with("term", Cell::Months(12))
        .with("severity", "2")
        .with("status", "open")
}

fn paint(canvas: &mut Canvas, look: &Look) {
    facade(canvas, look);
    ground(canvas, look);
    frame_and_leaf(canvas, look);
    seals(canvas, look);
    side_door(canvas, look);
    for x in [DOOR[0] - 9.0, DOOR[2] + 9.0] {
        bollard(canvas, x, look.facade_c + 0.2);
    }
}

fn facade(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::All, |x, y, p| {
        let blotch = 0.25 * smooth_field(look.texture, x / 90.0, y / 60.0);
        // Sheltered further up by the eaves.
        let c = look.facade_c + blotch + 0.006 * (110.0 - y);
        let wave = (std::f64::consts::TAU * x / 8.0).sin();
        p.become_of(look.cladding, c + 0.10 * wave, 0.94);
        p.tint(1.0 + 0.10 * wave + 0.0005 * (120.0 - y));
        if (y - 24.0).abs() < 0.6 {
            p.tint(0.8);
        }
    });
    // A base of concrete.
    canvas.fill(&Shape::Rect([-200.0, 196.0, 520.0, GROUND]), |x, y, p| {
        p.become_of([0.56, 0.56, 0.54], look.facade_c + 0.7, 0.94);
        p.tint(1.0 + 0.05 * smooth_field(look.texture ^ 9, x / 3.0, y / 3.0));
    });
}

fn ground(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::Rect([-200.0, GROUND, 520.0, 420.0]), |x, y, p| {
        let near = (y - GROUND) / 34.0;
        let grain = smooth_field(look.texture ^ 1, x / (1.0 + near), y / (0.7 + 0.5 * near));
        let patch = smooth_field(look.texture ^ 2, x / 60.0, y / 14.0);
        p.become_of(
            [0.40, 0.40, 0.41],
            look.facade_c + 1.1 - 0.5 * near + 0.3 * patch,
            0.95,
        );
        p.tint(1.0 + 0.10 * grain + 0.05 * patch - 0.25 * fading(y - GROUND, 4.0));
    });
}

fn frame_and_leaf(canvas: &mut Canvas, look: &Look) {
    let [x0, y0, x1, y1] = DOOR;
    shadow(canvas, [x0 - 5.0, y0 - 6.0, x1 + 5.0, y1 - 8.0], 4.0, 0.35);
    canvas.fill(
        &Shape::Rect([x0 - 5.0, y0 - 6.0, x1 + 5.0, y1]),
        |_, _, p| {
            p.become_of([0.22, 0.24, 0.27], look.facade_c + 1.0, 0.94);
        },
    );
    let section = (y1 - y0) / 5.0;
    canvas.fill(&Shape::Rect(DOOR), |x, y, p| {
        let within = (y - y0).rem_euclid(section);
        let blotch = 0.12 * smooth_field(look.texture ^ 4, x / 50.0, y / 20.0);
        p.become_of(
            [0.87, 0.87, 0.85],
            look.leaf_c + blotch + 0.004 * (130.0 - y),
            0.94,
        );
        p.tint(1.02 - 0.05 * within / section + 0.008 * (within * 2.2).sin());
        let line = within.min(section - within);
        p.c += 0.9 * bell(line, 1.5);
        if within < 0.9 && y - y0 > 2.0 {
            p.tint(0.66);
        } else if within < 1.8 {
            p.tint(1.05);
        }
        // In the shade of the lintel.
        p.tint(1.0 - 0.28 * fading(y - y0, 5.0));
    });
    for i in 0..3 {
        let x = 107.0 + 39.0 * f64::from(i);
        let pane = [x, y0 + 2.28 * section, x + 33.0, y0 + 2.82 * section];
        canvas.fill(
            &Shape::Round(
                [pane[0] - 1.5, pane[1] - 1.5, pane[2] + 1.5, pane[3] + 1.5],
                2.0,
            ),
            |_, _, p| {
                p.rgb = [0.16, 0.17, 0.19];
                p.c += 0.6;
            },
        );
        canvas.fill(&Shape::Rect(pane), |px, py, p| {
            p.become_of([0.25, 0.34, 0.45], look.leaf_c + 1.6, 0.92);
            p.tint(1.15 - 0.012 * (py - pane[1]) - 0.006 * (px - pane[0]));
        });
    }
    canvas.fill(
        &Shape::Round([157.0, y1 - 22.0, 167.0, y1 - 18.0], 1.5),
        |_, _, p| p.rgb = [0.25, 0.26, 0.28],
    );
}

/// What escapes: along the top, feathered upwards, at the sides and at the lower right.
fn seals(canvas: &mut Canvas, look: &Look) {
    let [x0, y0, x1, y1] = DOOR;
    let [left, peak] = look.seal_c;
    let strength = move |x: f64| {
        let reach = bell(x - WARMEST, if x < WARMEST { 85.0 } else { 40.0 });
        left + (peak - left) * reach
    };
    canvas.fill(
        &Shape::Rect([x0 - 3.0, y0 - 3.5, x1 + 3.0, y0 + 1.5]),
        |x, _, p| p.c = strength(x),
    );
    canvas.fill(
        &Shape::Rect([x0 - 30.0, -60.0, x1 + 30.0, y0 - 3.5]),
        |x, y, p| {
            let inside = bell((x - x0.max(x.min(x1))).abs(), 9.0);
            let lick = 0.65 + 0.5 * smooth_field(look.texture ^ 6, x / 11.0, y / 60.0);
            let over = strength(x) - look.facade_c;
            p.c += 0.62 * over * inside * lick * fading(y0 - 3.5 - y, 3.0 + 0.8 * over);
        },
    );
    for (x, rise) in [(x0, 1.8), (x1, 2.6)] {
        canvas.fill(&Shape::Rect([x - 14.0, y0, x + 14.0, y1]), |px, py, p| {
            p.c += rise * bell(px - x, 2.2) * (0.5 + 0.5 * fading(py - y0, 60.0));
        });
    }
    canvas.fill(
        &Shape::Rect([x0, y1 - 9.0, x1 + 3.0, y1 + 8.0]),
        |x, y, p| {
            let right = 1.0 / (1.0 + (-(x - 168.0) / 7.0).exp());
            p.c += 0.75 * (peak - look.facade_c) * right * bell(y - y1 + 0.5, 2.3);
        },
    );
}

fn side_door(canvas: &mut Canvas, look: &Look) {
    let leaf = [282.0, 106.0, 311.0, GROUND];
    canvas.fill(
        &Shape::Rect([leaf[0] - 2.0, leaf[1] - 2.0, leaf[2] + 2.0, leaf[3]]),
        |_, _, p| {
            p.become_of([0.18, 0.19, 0.21], look.facade_c + 1.2, 0.94);
        },
    );
    canvas.fill(&Shape::Rect(leaf), |x, _, p| {
        p.become_of([0.28, 0.30, 0.34], look.facade_c + 2.2, 0.94);
        p.tint(1.1 - 0.006 * (x - leaf[0]));
    });
    canvas.fill(
        &Shape::Round([304.0, 150.0, 308.0, 160.0], 1.0),
        |_, _, p| p.rgb = [0.75, 0.76, 0.78],
    );
}

fn bollard(canvas: &mut Canvas, x: f64, celsius: f64) {
    let post = [x - 4.0, 178.0, x + 4.0, 209.0];
    shadow(canvas, post, 3.0, 0.3);
    canvas.fill(&Shape::Round(post, 2.0), |px, py, p| {
        let yellow = ((py + px * 0.4) / 8.0).rem_euclid(2.0) < 1.0;
        let rgb = if yellow {
            [0.90, 0.74, 0.12]
        } else {
            [0.13, 0.13, 0.13]
        };
        p.become_of(rgb, celsius, 0.94);
        p.tint(1.1 - 0.05 * (px - x + 4.0));
    });
}
