//! From a hatch before sunrise: a roof with a warm field that a flight found as well.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::shapes::{Shape, bell, fading, rect_distance};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Stand, Tool, Visible};
use crate::simulate::random::{Rng, smooth_field};

const HORIZON: f64 = 34.0;
/// Foot of the parapet.
const PARAPET: f64 = 62.0;
/// The field on the roof: left, near and right, far, metres from the point under the camera.
const PATCH: [f64; 4] = [-1.9, 4.6, 1.7, 7.6];

#[derive(Clone, Copy)]
struct Look {
    roof_c: f64,
    excess_k: f64,
    air_c: f64,
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let look = Look {
        roof_c: setting.outdoor_c - rng.range(3.6, 4.4),
        excess_k: rng.range(3.2, 4.2),
        air_c: setting.outdoor_c,
        texture: rng.bits(),
    };
    let optics = Optics::of(0.93, setting.outdoor_c - 18.0, 6.0).outside(setting);
    let mut shot = Shot::new(
        "hatch",
        optics,
        Box::new(move |canvas| paint(canvas, &look)),
    );
    shot.stand = Stand::Roof;
    shot.visible = Visible::Photo;
    let [x, y] = picture_of(0.0, 5.8);
    let [u, v] = picture_of(2.4, 5.8);
    shot.tools = vec![
        Tool::area("Bx1", [x - 22.0, y - 8.0, x + 18.0, y + 8.0]),
        Tool::spot("Sp1", u, v),
    ];
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(|marks| {
        json!({
            "excess_k": marks.mean("Bx1") - marks.mean("Sp1"),
            "hotspot_found": true,
        })
    });
    shot.expected = "the flight's hotspot is found again on site".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "building")
        .with("location", setting.say("Dak, gezien vanaf het dakluik", "Roof, seen from the hatch"))
        .with("component", setting.say("dakveld, bitumen", "field of roof, bitumen"))
        .with("reference_image_or_marker", "Sp1")
        .with("hotspot_found", "yes")
        .with(
            "observation",
            setting.say(
                "Rechthoekig warmer dakveld op de plaats die de vlucht aanduidde; het oppervlak is droog \
                 en ongeschonden.",
                "Rectangular warmer field of roof where the flight pointed to; its surface is dry and whole.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "Isolatie in dit dakveld vermoedelijk onderbroken of beschadigd.",
                "Insulation of this field probably interrupted or damaged.",
            ),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat een dakdekker de opbouw met een dakboring vaststellen.",
                "Have a roofer establish the build-up by a core.",
            ),
        )
        .with("action_by", setting.say("dakdekker", "roofer"))
        .with("term", Cell::Months(6))
        .with("severity", "2")
        .with("status", "open")
}

/// Ground metres of a picture point: right, ahead. The camera is 1.5 m over the roof.
fn roof_at(x: f64, y: f64) -> [f64; 2] {
    let ahead = 480.0 / (y - HORIZON).max(0.5);
    [(x - 160.0) * ahead / 330.0, ahead]
}

fn picture_of(right: f64, ahead: f64) -> [f64; 2] {
    [160.0 + right * 330.0 / ahead, HORIZON + 480.0 / ahead]
}

fn paint(canvas: &mut Canvas, look: &Look) {
    sky(canvas, look);
    bitumen(canvas, look);
    rooflight(canvas, look);
    vent(canvas, look);
    rim(canvas, look);
}

fn sky(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::All, |x, y, p| {
        // Colder overhead; dawn near the horizon.
        let up = (HORIZON - y).max(0.0) / 100.0;
        let c = look.air_c - 9.0 - 40.0 * up.min(0.8);
        p.become_of([0.96, 0.80, 0.66], c, 0.93);
        p.toward([0.52, 0.64, 0.80], (2.4 * up).min(1.0));
        let cloud = smooth_field(look.texture ^ 21, x / 70.0, y / 9.0);
        p.toward([0.93, 0.86, 0.82], 0.25 * cloud.max(0.0));
    });
    // Trees and halls beyond.
    canvas.fill(&Shape::Rect([-200.0, 0.0, 520.0, PARAPET]), |x, y, p| {
        let crown = 34.0
            - 9.0 * smooth_field(look.texture ^ 9, x / 24.0, 0.5).max(-0.2)
            - 2.0 * smooth_field(look.texture ^ 10, x / 4.0, 0.5);
        if y > crown {
            p.become_of([0.24, 0.28, 0.27], look.air_c - 1.0, 0.93);
        }
        let hall =
            (60.0..150.0).contains(&x) && y > 24.0 || (228.0..330.0).contains(&x) && y > 29.0;
        if hall {
            p.become_of([0.46, 0.50, 0.55], look.air_c - 1.5, 0.93);
            p.tint(1.0 + 0.05 * (x * 0.8).sin());
        }
    });
}

fn bitumen(canvas: &mut Canvas, look: &Look) {
    canvas.fill(
        &Shape::Rect([-200.0, PARAPET - 12.0, 520.0, PARAPET]),
        |_, y, p| {
            p.become_of([0.40, 0.42, 0.44], look.roof_c + 1.4, 0.93);
            if y < PARAPET - 9.0 {
                p.become_of([0.70, 0.72, 0.74], look.roof_c - 0.6, 0.93);
            }
        },
    );
    canvas.fill(&Shape::Rect([-200.0, PARAPET, 520.0, 460.0]), |x, y, p| {
        let [right, ahead] = roof_at(x, y);
        let grain = smooth_field(look.texture, right * 30.0, ahead * 24.0) * fading(ahead, 9.0);
        let stain = smooth_field(look.texture ^ 2, right / 1.3, ahead / 1.6);
        let sheltered = 1.2 * fading(y - PARAPET, 3.0);
        let c = look.roof_c + 0.35 * stain + sheltered - 0.02 * ahead;
        p.become_of([0.33, 0.34, 0.36], c, 0.93);
        p.tint(1.0 + 0.10 * grain + 0.07 * stain + 0.006 * ahead);
        // Sheets a metre wide, with their laps, and cross laps.
        let lap = (right + 0.35).rem_euclid(1.0);
        if lap < 0.05 {
            p.tint(0.78);
            p.c += 0.25;
        } else if lap < 0.08 {
            p.tint(1.12);
        }
        let sheet = (right + 0.35).floor();
        let cross = (ahead + 2.3 * (sheet * 1.7).sin()).rem_euclid(7.5);
        if cross < 0.09 {
            p.tint(0.80);
        }
        let out = rect_distance(right, ahead, PATCH);
        let depth = (right - PATCH[0])
            .min(PATCH[2] - right)
            .min(ahead - PATCH[1])
            .min(PATCH[3] - ahead);
        let edge = if out > 0.0 { out } else { -depth };
        p.c += look.excess_k / (1.0 + (edge / 0.12).exp());
        // A little less frost there.
        p.tint(1.0 - 0.06 / (1.0 + (edge / 0.2).exp()));
    });
}

fn rooflight(canvas: &mut Canvas, look: &Look) {
    let [left, foot] = picture_of(2.5, 9.5);
    let [right, _] = picture_of(4.3, 9.5);
    let curb = [left, foot - 13.0, right, foot];
    canvas.fill(
        &Shape::Rect([left - 4.0, foot - 2.0, right + 8.0, foot + 5.0]),
        |_, y, p| {
            p.tint(1.0 - 0.35 * fading((y - foot).abs(), 3.0));
        },
    );
    canvas.fill(&Shape::Rect(curb), |_, y, p| {
        p.become_of([0.78, 0.79, 0.80], look.roof_c + 3.0, 0.93);
        p.tint(1.0 - 0.02 * (y - curb[1]));
    });
    let middle = (left + right) / 2.0;
    let half = (right - left) / 2.0;
    canvas.fill(
        &Shape::Ellipse([middle, foot - 13.0, half, 11.0]),
        |x, y, p| {
            if y < foot - 12.0 {
                p.become_of([0.80, 0.86, 0.90], look.roof_c + 5.0, 0.93);
                let off = ((x - middle) / half).powi(2);
                p.tint(1.08 - 0.25 * off + 0.01 * (foot - 20.0 - y));
                p.toward([1.0; 3], 0.5 * bell(x - middle + 0.4 * half, 0.2 * half));
            }
        },
    );
}

fn vent(canvas: &mut Canvas, look: &Look) {
    let [x, foot] = picture_of(-3.1, 8.0);
    canvas.fill(&Shape::Ellipse([x + 3.0, foot, 13.0, 3.0]), |_, _, p| {
        p.tint(0.72)
    });
    canvas.fill(
        &Shape::Rect([x - 5.0, foot - 30.0, x + 5.0, foot]),
        |px, _, p| {
            p.become_of([0.50, 0.52, 0.54], look.roof_c + 4.0, 0.93);
            p.tint(1.12 - 0.06 * (px - x + 2.0).abs());
        },
    );
    canvas.fill(
        &Shape::Round([x - 9.0, foot - 37.0, x + 9.0, foot - 28.0], 3.0),
        |px, py, p| {
            p.become_of([0.56, 0.58, 0.60], look.roof_c + 6.0, 0.93);
            p.tint(1.10 - 0.02 * (px - x).abs() - 0.01 * (py - foot + 37.0));
        },
    );
}

/// The frame of the hatch at the lower edge.
fn rim(canvas: &mut Canvas, look: &Look) {
    let edge = Shape::Polygon(vec![
        [-200.0, 232.0],
        [520.0, 219.0],
        [520.0, 460.0],
        [-200.0, 460.0],
    ]);
    canvas.fill(&edge, |x, y, p| {
        let top = 230.0 - 13.0 * (x + 200.0) / 720.0 + 2.0;
        p.become_of([0.74, 0.75, 0.76], look.air_c + 2.0, 0.93);
        p.tint(if y < top + 5.0 {
            1.12
        } else {
            0.86 - 0.002 * (y - top)
        });
        if (y - top - 5.0).abs() < 0.7 {
            p.tint(0.7);
        }
    });
}
