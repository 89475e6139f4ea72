//! Bare copper bars with a bolted joint: what the camera sees is the room mirrored in them.

use serde_json::json;

use super::super::canvas::{Canvas, Point};
use super::super::props::{RED, bolt, cabinet, plate, shadow};
use super::super::shapes::{Shape, bell};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::{Rng, smooth_field};

const BARS: [f64; 3] = [92.0, 160.0, 228.0];
const HALF: f64 = 19.0;
const EMISSIVITY: f64 = 0.10;
const COPPER: [f64; 3] = [0.76, 0.47, 0.30];

#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    bar_c: [f64; 3],
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let air_c = setting.indoor_c + rng.range(6.0, 8.0);
    let bar = air_c + rng.range(18.0, 22.0);
    let heat = Heat {
        air_c,
        bar_c: [bar, bar + rng.range(6.0, 9.0), bar - 0.5],
        texture: rng.bits(),
    };
    let optics = Optics {
        air_c,
        ..Optics::of(EMISSIVITY, air_c + 0.5, 0.9).inside(setting)
    };
    let mut shot = Shot::new(
        "busbar",
        optics,
        Box::new(move |canvas| paint(canvas, &heat)),
    );
    shot.position = false;
    shot.tools = BARS
        .iter()
        .zip(["Bx1", "Bx2", "Bx3"])
        .map(|(x, name)| Tool::area(name, [x - 15.0, 170.0, x + 15.0, 200.0]))
        .collect();
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(move |marks| {
        json!({
            "true_delta_similar_k": marks.max("Bx2") - marks.max("Bx1").min(marks.max("Bx3")),
            "emissivity": EMISSIVITY,
        })
    });
    shot.expected = "not ratable: bare metal, emissivity at most 0.3".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "electrical")
        .with("board", "HVB1")
        .with("circuit", setting.say("railstel", "busbars"))
        .with("phase", "L1/L2/L3")
        .with("cover", "open")
        .with("location", setting.say("Hoofdverdeelbord HVB1, railkast", "Main board HVB1, bar compartment"))
        .with("component", setting.say("koperen rail, boutverbinding", "copper bar, bolted joint"))
        .with("reference_image_or_marker", "Bx1")
        .with("current_a", "310")
        .with("rated_a", "630")
        .with("voltage_v", "400")
        .with(
            "observation",
            setting.say(
                "Blanke koperen rails; het beeld toont vooral de weerspiegelde omgeving.",
                "Bare copper bars; the picture mostly shows the surroundings mirrored in them.",
            ),
        )
        .with("certainty", "uncertain")
        .with(
            "recommendation",
            setting.say(
                "Laat bij de volgende stilstand een mat meetvlak aanbrengen op elke verbinding en herhaal de opname.",
                "Have a matt target put on each joint at the next standstill and repeat the picture.",
            ),
        )
        .with("action_by", setting.say("elektricien BA5", "electrician BA5"))
        .with("term", Cell::Months(12))
        .with("status", "open")
}

fn paint(canvas: &mut Canvas, heat: &Heat) {
    cabinet(canvas, heat.air_c + 1.0, 400.0);
    for y in [34.0, 216.0] {
        let support = [30.0, y - 15.0, 290.0, y + 15.0];
        shadow(canvas, support, 6.0, 0.35);
        plate(canvas, support, 2.0, RED, |_, _, p| {
            p.c = heat.air_c + 2.0;
            p.e = 0.94;
        });
    }
    for (x, celsius) in BARS.iter().zip(heat.bar_c) {
        bar(canvas, heat, *x, [-140.0, 142.0], celsius, 0.0);
        bar(canvas, heat, *x, [92.0, 400.0], celsius, 1.0);
        for (dx, y) in [(-8.0, 104.0), (8.0, 104.0), (-8.0, 130.0), (8.0, 130.0)] {
            bolt(canvas, x + dx, y, 6.0, 0.2 * x + y);
            canvas.fill(&Shape::Ellipse([x + dx, y, 6.0, 6.0]), |_, _, p| p.e = 0.25);
        }
        for y in [34.0, 216.0] {
            bolt(canvas, *x, y, 5.0, 0.4 + x);
        }
    }
}

fn bar(canvas: &mut Canvas, heat: &Heat, x: f64, [y0, y1]: [f64; 2], celsius: f64, lift: f64) {
    let rect = [x - HALF, y0, x + HALF, y1];
    shadow(canvas, rect, 4.0 + 2.0 * lift, 0.40);
    let brushed = |px: f64, py: f64, p: &mut Point| {
        let across = (px - x) / HALF;
        p.become_of(COPPER, celsius, EMISSIVITY);
        p.tint(0.88 + 0.22 * bell(across + 0.35, 0.45) - 0.10 * across.abs().powi(4));
        p.tint(1.0 + 0.045 * smooth_field(heat.texture, px * 1.6, py / 40.0));
        if across.abs() > 0.95 {
            p.tint(0.72);
        }
    };
    canvas.fill(&Shape::Rect(rect), brushed);
    // The cut end.
    let end = if lift > 0.0 { y0 } else { y1 };
    canvas.fill(
        &Shape::Rect([x - HALF, end - 1.0, x + HALF, end + 1.0]),
        |_, _, p| p.tint(0.7),
    );
}
