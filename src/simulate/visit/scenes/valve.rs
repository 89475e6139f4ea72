//! A valve without insulation in an insulated hot pipe.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{RED, bolt, pipe, plate, shadow};
use super::super::shapes::{Shape, bell, segment_distance};
use super::super::shot::{Cell, Model, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::{Rng, smooth_field};

const LINE: f64 = 138.0;
const VALVE: f64 = 160.0;
const AREA_M2: f64 = 0.42;

#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    water_c: f64,
    clad_c: f64,
    body: [f64; 3],
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let air_c = setting.indoor_c + 3.0;
    let heat = Heat {
        air_c,
        water_c: rng.range(78.0, 88.0),
        clad_c: air_c + rng.range(6.0, 8.0),
        body: [[0.20, 0.36, 0.52], [0.34, 0.36, 0.38], [0.46, 0.20, 0.17]][rng.below(3)],
        texture: rng.bits(),
    };
    let optics = Optics {
        air_c,
        ..Optics::of(0.93, air_c, rng.range(1.2, 2.0)).inside(setting)
    };
    let mut shot = Shot::new(
        "valve",
        optics,
        Box::new(move |canvas| paint(canvas, &heat)),
    );
    shot.model = Model::Small;
    shot.marked_in_file = false;
    shot.tools = vec![
        Tool::area("Bx1", [140.0, 124.0, 180.0, 152.0]),
        Tool::spot("Sp1", 40.0, 132.0),
        Tool::spot("Sp2", 112.0, 138.0),
    ];
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(move |marks| {
        json!({
            "delta_air_k": marks.mean("Bx1") - air_c,
            "insulated_delta_air_k": marks.mean("Sp1") - air_c,
            "area_m2": AREA_M2,
        })
    });
    shot.expected = "bare valve and flanges; the loss per m² times 0.42 m²".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "pipe")
        .with("location", setting.say("Stookplaats, vertrek zone A", "Boiler room, supply zone A"))
        .with("component", setting.say("afsluiter en flenzen DN80", "valve and flanges DN80"))
        .with("reference_image_or_marker", "Sp1")
        .number("area_m2", AREA_M2, 2)
        .with("operating_state", setting.say("in bedrijf, heel het jaar", "in service all year"))
        .with(
            "observation",
            setting.say(
                "Afsluiter, flenzen en een stuk leiding zijn niet geïsoleerd en veel warmer dan de \
                 geïsoleerde leiding ernaast.",
                "Valve, flanges and a piece of pipe are not insulated and much warmer than the insulated \
                 pipe beside them.",
            ),
        )
        .with(
            "cause",
            setting.say("Isolatie ontbreekt, vermoedelijk na onderhoud.", "Insulation is missing, probably since maintenance."),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat de isolateur een afneembare isolatiemat op afsluiter en flenzen plaatsen.",
                "Have removable insulation jackets fitted on valve and flanges.",
            ),
        )
        .with("action_by", setting.say("isolateur", "insulation contractor"))
        .with("term", Cell::Months(6))
        .with("status", "open")
}

fn paint(canvas: &mut Canvas, heat: &Heat) {
    canvas.fill(&Shape::All, |x, y, p| {
        let plume = 3.5 * bell(x - VALVE, 60.0) * f64::from(y < LINE);
        p.become_of(
            [0.76, 0.76, 0.74],
            heat.air_c + plume + 0.006 * (120.0 - y),
            0.94,
        );
        p.tint(1.03 - 0.0008 * (y - 40.0) - 0.0004 * (x - 120.0).abs());
        p.tint(1.0 + 0.015 * smooth_field(heat.texture, x / 2.0, y / 2.0));
        if (y - 30.0).abs() < 0.7 {
            p.tint(0.9);
        }
    });
    shadow(canvas, [-200.0, LINE - 24.0, 520.0, LINE + 40.0], 9.0, 0.30);
    let (water, bare) = (heat.water_c, [0.46, 0.34, 0.28]);
    pipe(
        canvas,
        [80.0, LINE - 17.0, 240.0, LINE + 17.0],
        bare,
        0.93,
        |_| water - 3.0,
    );
    for [from, to, open] in [[-300.0, 92.0, 92.0], [228.0, 620.0, 228.0]] {
        cladding(canvas, heat, [from, to], open);
    }
    body(canvas, heat);
    bonnet(canvas, heat);
}

fn cladding(canvas: &mut Canvas, heat: &Heat, [from, to]: [f64; 2], open: f64) {
    let rect = [from, LINE - 34.0, to, LINE + 34.0];
    pipe(canvas, rect, [0.80, 0.81, 0.82], 0.93, |x| {
        heat.clad_c + 6.0 * bell(x - open, 7.0)
    });
    canvas.fill(&Shape::Rect(rect), |x, _, p| {
        // Overlaps of the sheets.
        let seam = (x - open).abs().rem_euclid(64.0);
        if (seam - 32.0).abs() < 0.8 {
            p.tint(0.72);
            p.c += 0.4;
        }
        if (x - open).abs() < 2.5 {
            p.tint(0.78);
        }
    });
}

fn body(canvas: &mut Canvas, heat: &Heat) {
    let cast = heat.body;
    let water = heat.water_c;
    canvas.fill(&Shape::Ellipse([VALVE, LINE, 38.0, 31.0]), |x, y, p| {
        let off = ((x - VALVE) / 38.0).powi(2) + ((y - LINE) / 31.0).powi(2);
        p.become_of(cast, water - 2.0 - 2.5 * off * off, 0.93);
        p.tint(1.18 - 0.45 * off - 0.006 * (x - VALVE) - 0.008 * (y - LINE));
    });
    for x in [114.0, 122.0, 198.0, 206.0] {
        let flange = [x - 4.0, LINE - 42.0, x + 4.0, LINE + 42.0];
        shadow(canvas, flange, 2.0, 0.25);
        plate(canvas, flange, 2.0, cast, |_, y, p| {
            p.c = water - 5.0 - 3.0 * ((y - LINE) / 42.0).powi(2);
            p.e = 0.93;
            p.tint(0.80 + 0.35 * bell(y - LINE + 16.0, 20.0));
        });
    }
    for x in [118.0, 202.0] {
        for dy in [-33.0, -12.0, 12.0, 33.0] {
            bolt(canvas, x - 7.0, LINE + dy, 3.4, dy);
            bolt(canvas, x + 7.0, LINE + dy, 3.4, 0.5 + dy);
        }
    }
}

fn bonnet(canvas: &mut Canvas, heat: &Heat) {
    let water = heat.water_c;
    let fall = move |y: f64| water - 3.0 - 0.30 * (112.0 - y).max(0.0);
    let neck = [VALVE - 14.0, 78.0, VALVE + 14.0, 114.0];
    shadow(canvas, neck, 3.0, 0.3);
    plate(canvas, neck, 3.0, heat.body, |x, y, p| {
        p.c = fall(y);
        p.e = 0.93;
        p.tint(1.10 - 0.02 * (x - VALVE + 6.0).abs());
    });
    plate(
        canvas,
        [VALVE - 21.0, 98.0, VALVE + 21.0, 108.0],
        2.0,
        heat.body,
        |_, y, p| p.c = fall(y),
    );
    for dx in [-15.0, 15.0] {
        bolt(canvas, VALVE + dx, 103.0, 3.6, dx);
    }
    canvas.fill(
        &Shape::Rect([VALVE - 3.5, 40.0, VALVE + 3.5, 80.0]),
        |x, y, p| {
            p.become_of([0.66, 0.68, 0.70], fall(y).max(heat.air_c + 8.0), 0.93);
            p.tint(1.05 - 0.05 * (x - VALVE).abs());
            if (y * 0.6).rem_euclid(1.0) < 0.4 {
                p.tint(0.88);
            }
        },
    );
    // The wheel, seen from a little below.
    let rim = |x: f64, y: f64| ((x - VALVE) / 42.0).powi(2) + ((y - 50.0) / 11.0).powi(2);
    for (dx, dy) in [(-30.0, -6.0), (30.0, -6.0), (-30.0, 6.0), (30.0, 6.0)] {
        let spoke = [[VALVE, 50.0], [VALVE + dx, 50.0 + dy]];
        canvas.fill(&Shape::Path(spoke.to_vec(), 4.0), |x, y, p| {
            p.become_of(RED, heat.air_c + 9.0, 0.93);
            p.tint(1.05 - 0.2 * segment_distance(x, y, spoke[0], spoke[1]) / 2.0);
        });
    }
    canvas.fill(&Shape::Ellipse([VALVE, 50.0, 42.0, 11.0]), |x, y, p| {
        let off = rim(x, y);
        if off > 0.66 {
            p.become_of(RED, heat.air_c + 8.0, 0.93);
            p.tint(1.12 - 0.9 * (off - 0.80).abs() - 0.012 * (y - 50.0));
        }
    });
    canvas.fill(&Shape::Ellipse([VALVE, 50.0, 8.0, 4.0]), |_, y, p| {
        p.become_of(RED, heat.air_c + 14.0, 0.93);
        p.tint(1.0 - 0.03 * (y - 50.0));
    });
}
