//! Two like pump motors under like load; the bearing at the drive end of one is too warm.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{DARK, STEEL, bolt, label, pipe, plate, shadow, warm};
use super::super::shapes::{Shape, bell, fading};
use super::super::shot::{Cell, Mark, Model, Optics, Row, Setting, Shot, Tool, Visible};
use crate::simulate::random::{Rng, smooth_field};

/// Middle of the bearing.
const BEARING: [f64; 2] = [226.0, 140.0];

#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    body_c: f64,
    bearing_c: f64,
    paint: [f64; 3],
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Vec<Shot> {
    let air_c = setting.indoor_c + 2.0;
    let twin = Heat {
        air_c,
        body_c: air_c + rng.range(25.0, 27.0),
        bearing_c: air_c + rng.range(27.0, 29.0),
        paint: [[0.16, 0.34, 0.56], [0.22, 0.44, 0.38], [0.45, 0.47, 0.50]][rng.below(3)],
        texture: rng.bits(),
    };
    let worn = Heat {
        body_c: twin.body_c + 3.0,
        bearing_c: twin.bearing_c + rng.range(23.0, 28.0),
        texture: twin.texture ^ 77,
        ..twin
    };
    let optics = Optics {
        air_c,
        ..Optics::of(0.94, air_c, rng.range(1.0, 1.6)).inside(setting)
    };
    let one = |scene: &'static str, heat: Heat| {
        let mut shot = Shot::new(scene, optics, Box::new(move |canvas| paint(canvas, &heat)));
        shot.model = Model::Small;
        shot.tools = vec![
            Tool {
                label: "El1",
                mark: Mark::Ellipse([BEARING[0], BEARING[1], 12.0, 16.0]),
            },
            Tool::spot("Sp1", 120.0, 170.0),
        ];
        shot
    };
    let mut first = one("bearing-twin", twin);
    first.visible = Visible::None;
    first.expected = "the like machine under like load; reference of the next picture".into();
    let mut second = one("bearing", worn);
    second.rows = vec![row(setting)];
    let like = twin.bearing_c;
    second.indicate = Box::new(move |marks| {
        json!({
            "delta_twin_k": marks.max("El1") - like,
            "delta_air_k": marks.max("El1") - air_c,
            "twin_c": like,
        })
    });
    second.expected = "more than 20 K over its twin: act".into();
    vec![first, second]
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "mechanical")
        .with("location", setting.say("Stookplaats, pompgroep P2", "Boiler room, pump set P2"))
        .with("component", setting.say("motor P2, lager aan de aandrijfzijde", "motor P2, drive-end bearing"))
        .with("reference_image_or_marker", Cell::Picture(0))
        .with("operating_state", setting.say("in bedrijf, 1460 t/min", "running, 1460 rpm"))
        .with("load_pct", "80")
        .with("manufacturer", "Voorbeeld Motoren")
        .with(
            "observation",
            setting.say(
                "Het lager aan de aandrijfzijde is duidelijk warmer dan dat van de gelijke motor P1 bij \
                 gelijke belasting.",
                "The drive-end bearing is clearly warmer than that of the like motor P1 under like load.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "Slijtage of onvoldoende smering van het lager; uitlijning niet uitgesloten.",
                "Wear or lack of grease in the bearing; misalignment cannot be excluded.",
            ),
        )
        .with("certainty", "possible")
        .with(
            "recommendation",
            setting.say(
                "Laat de onderhoudsdienst smering en uitlijning nakijken en een trillingsmeting uitvoeren.",
                "Have maintenance check grease and alignment and measure vibration.",
            ),
        )
        .with("action_by", setting.say("onderhoudsdienst", "maintenance"))
        .with("term", Cell::Months(1))
        .with("status", "open")
}

fn paint(canvas: &mut Canvas, heat: &Heat) {
    room(canvas, heat);
    // Pump and its pipe, far right.
    pipe(
        canvas,
        [318.0, 118.0, 560.0, 162.0],
        [0.55, 0.56, 0.58],
        0.92,
        |_| heat.air_c + 14.0,
    );
    let pump = [308.0, 94.0, 352.0, 190.0];
    shadow(canvas, pump, 4.0, 0.3);
    plate(canvas, pump, 8.0, [0.44, 0.46, 0.48], |_, _, p| {
        p.c = heat.air_c + 13.0;
        p.e = 0.94;
    });
    base(canvas, heat);
    motor(canvas, heat);
    shaft(canvas, heat);
    // What the bearing gives to shield, shaft and feet.
    let over = heat.bearing_c - heat.body_c - 2.0;
    warm(canvas, [120.0, 60.0, 330.0, 210.0], |x, y| {
        let off = ((x - BEARING[0]) / 1.0).hypot((y - BEARING[1]) / 1.1) - 15.0;
        let cover = (213.0..238.0).contains(&x) && (118.0..162.0).contains(&y);
        0.62 * over * fading(off, 15.0) * f64::from(!cover && y < 196.0)
    });
}

fn room(canvas: &mut Canvas, heat: &Heat) {
    canvas.fill(&Shape::All, |x, y, p| {
        p.become_of(
            [0.72, 0.73, 0.72],
            heat.air_c - 1.0 + 0.008 * (120.0 - y),
            0.94,
        );
        p.tint(1.02 - 0.0006 * (y - 40.0) - 0.0004 * (x - 120.0).abs());
        // Joints of painted brickwork.
        let (row, column) = ((y / 17.0).floor(), x / 38.0);
        let shifted = (column + 0.5 * row.rem_euclid(2.0)).rem_euclid(1.0) * 38.0;
        if (y.rem_euclid(17.0)) < 0.9 || shifted < 0.9 {
            p.tint(0.93);
        }
    });
    canvas.fill(&Shape::Rect([-200.0, 214.0, 520.0, 460.0]), |x, y, p| {
        p.become_of([0.53, 0.53, 0.52], heat.air_c - 2.0, 0.94);
        let grain = smooth_field(heat.texture, x / 3.0, y / 2.0);
        p.tint(1.0 + 0.03 * grain + 0.0015 * (y - 214.0) - 0.25 * fading(y - 214.0, 4.0));
    });
}

fn base(canvas: &mut Canvas, heat: &Heat) {
    let frame = [36.0, 200.0, 362.0, 222.0];
    shadow(canvas, frame, 7.0, 0.4);
    plate(canvas, frame, 1.0, [0.30, 0.32, 0.34], |x, y, p| {
        p.c = heat.air_c + 4.0 + 5.0 * bell(x - 140.0, 90.0) * fading(y - 200.0, 30.0);
        p.e = 0.94;
    });
    for x in [84.0, 178.0, 320.0] {
        plate(
            canvas,
            [x - 17.0, 188.0, x + 17.0, 201.0],
            1.0,
            heat.paint,
            |_, _, p| {
                p.c = heat.air_c + 12.0;
                p.e = 0.94;
            },
        );
        bolt(canvas, x - 10.0, 196.0, 4.0, 0.2);
        bolt(canvas, x + 10.0, 196.0, 4.0, 0.7);
    }
}

fn motor(canvas: &mut Canvas, heat: &Heat) {
    // Fan cowl, then body with fins, then end shield.
    let cowl = [34.0, 92.0, 66.0, 188.0];
    shadow(canvas, [34.0, 88.0, 214.0, 190.0], 7.0, 0.35);
    plate(canvas, cowl, 9.0, heat.paint, |_, y, p| {
        p.c = heat.air_c + 6.0;
        p.e = 0.94;
        p.tint(0.82 + 0.25 * bell(y - 118.0, 30.0));
    });
    for i in 0..7 {
        let y = 108.0 + 10.0 * f64::from(i);
        canvas.fill(&Shape::Round([38.0, y, 52.0, y + 4.0], 1.5), |_, _, p| {
            p.rgb = [0.10, 0.11, 0.13]
        });
    }
    let body = [64.0, 90.0, 200.0, 190.0];
    canvas.fill(&Shape::Round(body, 4.0), |x, y, p| {
        let fin = ((y - 90.0) / 8.4).rem_euclid(1.0);
        let across = (y - 140.0) / 50.0;
        let round = (1.0 - across * across).max(0.0).sqrt();
        let c = heat.body_c - 4.0 * (1.0 - round) - 3.0 * fading(x - 64.0, 30.0);
        p.become_of(heat.paint, c - 1.4 * f64::from(fin < 0.45), 0.94);
        p.tint(0.72 + 0.38 * round - 0.10 * across);
        p.tint(if fin < 0.45 {
            0.62
        } else if fin < 0.60 {
            1.16
        } else {
            1.0
        });
    });
    let shield = [198.0, 94.0, 214.0, 187.0];
    plate(canvas, shield, 4.0, heat.paint, |_, y, p| {
        p.c = heat.body_c + 1.0;
        p.e = 0.94;
        p.tint(0.80 + 0.28 * bell(y - 120.0, 34.0));
    });
    for y in [102.0, 178.0] {
        bolt(canvas, 206.0, y, 3.6, y);
    }
    let terminals = [104.0, 62.0, 158.0, 92.0];
    shadow(canvas, terminals, 3.0, 0.3);
    plate(canvas, terminals, 3.0, heat.paint, |_, _, p| {
        p.c = heat.body_c - 8.0;
        p.e = 0.94;
        p.tint(1.08);
    });
    for (x, y) in [(109.0, 67.0), (153.0, 67.0), (109.0, 87.0), (153.0, 87.0)] {
        bolt(canvas, x, y, 2.6, x);
    }
    plate(
        canvas,
        [110.0, 118.0, 156.0, 142.0],
        1.0,
        [0.74, 0.75, 0.76],
        |_, _, p| p.c -= 0.4,
    );
    label(canvas, [112.0, 120.0, 154.0, 140.0], [0.78, 0.79, 0.79]);
}

fn shaft(canvas: &mut Canvas, heat: &Heat) {
    pipe(canvas, [236.0, 131.0, 262.0, 149.0], STEEL, 0.94, |x| {
        heat.body_c - 6.0 - 0.1 * (x - 236.0)
    });
    let cover = [213.0, 118.0, 238.0, 162.0];
    shadow(canvas, cover, 3.0, 0.3);
    plate(canvas, cover, 6.0, heat.paint, |x, y, p| {
        let off = ((x - BEARING[0]) / 14.0).powi(2) + ((y - BEARING[1]) / 24.0).powi(2);
        p.c = heat.bearing_c - 1.6 * off;
        p.e = 0.94;
        p.tint(0.86 + 0.25 * bell(y - 130.0, 14.0));
    });
    for y in [124.0, 156.0] {
        bolt(canvas, 226.0, y, 3.0, 0.3);
    }
    canvas.fill(&Shape::Ellipse([231.0, 113.0, 2.6, 5.0]), |_, _, p| {
        p.rgb = [0.80, 0.70, 0.30]
    });
    // Guard over the coupling.
    let guard = [256.0, 104.0, 312.0, 200.0];
    shadow(canvas, guard, 3.0, 0.3);
    plate(canvas, guard, 8.0, [0.88, 0.70, 0.12], |x, y, p| {
        p.c = heat.air_c + 7.0;
        p.e = 0.94;
        let hole = ((x / 6.0).rem_euclid(1.0) - 0.5).hypot((y / 6.0).rem_euclid(1.0) - 0.5);
        if hole < 0.30 && (262.0..306.0).contains(&x) && (112.0..192.0).contains(&y) {
            p.rgb = DARK;
        }
    });
}
