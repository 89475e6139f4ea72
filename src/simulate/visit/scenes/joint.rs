//! Inside: where wall, roof and a steel column meet; the column is a thermal bridge.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{RED, bolt, pipe, shadow};
use super::super::shapes::{Shape, bell, fading, segment_distance};
use super::super::shot::{Cell, Mark, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::{Rng, smooth_field};

/// Temperatures and colours of one joint.
#[derive(Clone, Copy)]
struct Look {
    node_c: f64,
    wall_c: f64,
    roof_c: f64,
    steel: [f64; 3],
    texture: u64,
}

/// Middle of the column.
const COLUMN: f64 = 189.0;

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let factor = rng.range(0.60, 0.66);
    let at = |f: f64| setting.outdoor_c + f * setting.difference_k();
    let look = Look {
        node_c: at(factor),
        wall_c: at(rng.range(0.89, 0.91)),
        roof_c: at(rng.range(0.93, 0.95)),
        steel: [[0.27, 0.35, 0.47], [0.42, 0.24, 0.20], [0.36, 0.38, 0.38]][rng.below(3)],
        texture: rng.bits(),
    };
    let optics = Optics::of(0.95, setting.indoor_c - 0.5, rng.range(4.6, 5.8)).inside(setting);
    let mut shot = Shot::new(
        "joint",
        optics,
        Box::new(move |canvas| paint(canvas, &look)),
    );
    shot.camera_emissivity = 0.90;
    shot.tools = vec![
        Tool::spot("Sp1", COLUMN + 0.4, joint(COLUMN) + 1.4),
        Tool::spot("Sp2", 72.0, 176.0),
        Tool::area("Bx1", [164.0, 48.0, 228.0, 152.0]),
        Tool {
            label: "Li1",
            mark: Mark::Line([30.0, 96.0, 300.0, 79.0]),
        },
        Tool::difference("Dt1", 1, 2),
    ];
    shot.rows = vec![row(setting)];
    let (inside, outside) = (setting.indoor_c, setting.outdoor_c);
    shot.indicate = Box::new(move |marks| {
        let node = marks.mean("Sp1");
        json!({
            "f_rsi": (node - outside) / (inside - outside),
            "f_rsi_coldest": (marks.min("Bx1") - outside) / (inside - outside),
            "f_rsi_wall": (marks.mean("Sp2") - outside) / (inside - outside),
            "delta_k": marks.mean("Sp2") - node,
        })
    });
    shot.expected = "temperature factor below 0.70: risk of mould; severity 3".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "building")
        .with("location", setting.say("Hal, gevel, binnen", "Hall, facade, inside"))
        .with("component", setting.say("aansluiting dak en gevel aan een stalen kolom", "joint of roof and facade at a steel column"))
        .with("reference_image_or_marker", "Sp2")
        .with("storey", setting.say("gelijkvloers", "ground floor"))
        .with(
            "observation",
            setting.say(
                "De kolom en de knoop met de dakrand zijn enkele kelvin kouder dan de wand ernaast.",
                "The column and its node with the roof edge are some kelvin colder than the wall beside it.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "Koudebrug: de stalen kolom doorbreekt de isolatie.",
                "Thermal bridge: the steel column passes through the insulation.",
            ),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat de knoop door een architect nakijken. Vraag een nameting de winter erna.",
                "Have an architect check the detail. Ask for a measurement the winter after.",
            ),
        )
        .with("action_by", setting.say("architect", "architect"))
        .with("term", Cell::Months(3))
        .with("severity", "3")
        .with("status", "open")
        .number("indoor_humidity_pct", 100.0 * setting.indoor_humidity, 0)
}

/// Height of the joint over the picture.
fn joint(x: f64) -> f64 {
    94.0 - 18.0 * x / 320.0
}

fn paint(canvas: &mut Canvas, look: &Look) {
    wall(canvas, look);
    roof(canvas, look);
    // The cold of the joint line, on both sides of it.
    canvas.fill(&Shape::All, |x, y, p| {
        let off = (y - joint(x)).abs();
        let uneven = 1.0 + 0.25 * smooth_field(look.texture ^ 5, x / 40.0, 0.5);
        p.c -= uneven * (1.5 * bell(off, 4.0) + 0.7 * fading(off, 9.0));
    });
    column(canvas, look);
    let pipe_y = [-160.0, 196.0, 480.0, 202.0];
    shadow(canvas, pipe_y, 4.0, 0.25);
    pipe(canvas, pipe_y, RED, 0.95, |_| look.wall_c + 0.5);
    for x in [40.0, 150.0, 262.0] {
        canvas.fill(&Shape::Rect([x, 193.5, x + 4.0, 204.0]), |_, _, p| {
            p.rgb = [0.45, 0.46, 0.48]
        });
    }
}

fn wall(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::All, |x, y, p| {
        let rise = 0.006 * (150.0 - y) - 1.1 * fading(262.0 - y, 22.0);
        let blotch = 0.14 * smooth_field(look.texture, x / 55.0, y / 45.0);
        p.become_of([0.80, 0.80, 0.78], look.wall_c + rise + blotch, 0.95);
        let panel = ((x + 22.0) / 52.0).floor();
        p.tint(1.0 + 0.012 * (panel * 2.3).sin() - 0.0005 * (y - 120.0));
        // Fine profile of the sheet.
        p.tint(1.0 + 0.012 * (x * 1.2).sin());
        let seam = (x + 22.0).rem_euclid(52.0);
        p.c -= 0.30 * bell(seam.min(52.0 - seam), 2.0);
        if seam < 1.1 {
            p.tint(0.74);
        } else if seam < 2.0 {
            p.tint(1.07);
        }
    });
}

fn roof(canvas: &mut Canvas, look: &Look) {
    let edge = Shape::Polygon(vec![
        [-160.0, -120.0],
        [480.0, -120.0],
        [480.0, joint(480.0)],
        [-160.0, joint(-160.0)],
    ]);
    canvas.fill(&edge, |x, y, p| {
        let above = joint(x) - y;
        // Ribs that come nearer to the viewer further up.
        let rib = (above.max(0.0) + 14.0).ln() * 17.0;
        let wave = (std::f64::consts::TAU * rib / 4.4).sin();
        let blotch = 0.25 * smooth_field(look.texture ^ 3, x / 70.0, above / 25.0);
        p.become_of([0.50, 0.52, 0.54], look.roof_c + 0.16 * wave + blotch, 0.95);
        p.tint(0.96 + 0.15 * wave + 0.0014 * above - 0.0004 * (x - 160.0).abs());
        p.tint(1.0 - 0.30 * fading(above, 10.0));
    });
    let trim = [[-160.0, joint(-160.0)], [480.0, joint(480.0)]];
    canvas.fill(&Shape::Path(trim.to_vec(), 4.4), |x, y, p| {
        p.rgb = [0.58, 0.59, 0.60];
        p.tint(1.05 - 0.10 * (y - joint(x)));
    });
}

fn column(canvas: &mut Canvas, look: &Look) {
    let node_y = joint(COLUMN) + 1.0;
    // Wall and roof are colder beside the steel.
    canvas.fill(&Shape::Rect([80.0, -120.0, 300.0, 380.0]), |x, y, p| {
        let side = (x - COLUMN).abs() - 8.5;
        let down = if y > node_y {
            fading(y - node_y, 70.0)
        } else {
            fading(node_y - y, 14.0)
        };
        p.c -= 1.5 * fading(side, 8.0) * down;
    });
    let drop = look.wall_c - look.node_c;
    let steel = |away: f64, length: f64| look.wall_c - 0.7 - (drop - 0.7) * fading(away, length);
    let rafter = [[COLUMN - 1.0, node_y - 4.0], [COLUMN + 62.0, -120.0]];
    canvas.fill(&Shape::Path(rafter.to_vec(), 15.0), |x, y, p| {
        let off = segment_distance(x, y, rafter[0], rafter[1]) / 7.5;
        let away = (x - COLUMN).hypot(y - node_y);
        p.become_of(look.steel, steel(away - 6.0, 16.0) + 0.6, 0.95);
        p.tint(if off < 0.55 { 1.04 } else { 0.78 });
    });
    let post = [COLUMN - 8.5, node_y - 6.0, COLUMN + 8.5, 400.0];
    shadow(canvas, post, 6.0, 0.30);
    canvas.fill(&Shape::Rect(post), |x, y, p| {
        p.become_of(look.steel, steel(y - node_y - 4.0, 48.0), 0.95);
        let across = (x - COLUMN) / 8.5;
        // Flange, web in its shade, flange.
        p.tint(if across.abs() > 0.62 { 1.08 } else { 0.86 } - 0.10 * across);
    });
    let gusset = [COLUMN - 14.0, node_y - 10.0, COLUMN + 14.0, node_y + 11.0];
    shadow(canvas, gusset, 3.0, 0.30);
    canvas.fill(&Shape::Round(gusset, 1.5), |x, y, p| {
        let off = ((x - COLUMN) / 14.0).powi(2) + ((y - node_y) / 11.0).powi(2);
        p.become_of(look.steel, look.node_c + 0.9 * off, 0.95);
        p.tint(1.02 - 0.012 * (y - node_y) - 0.008 * (x - COLUMN));
    });
    for (dx, dy) in [(-9.0, -5.0), (9.0, -5.0), (-9.0, 6.0), (9.0, 6.0)] {
        bolt(canvas, COLUMN + dx, node_y + dy, 2.6, 0.3 + dx);
    }
}
