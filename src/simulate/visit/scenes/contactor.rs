//! A contactor with its overload relay behind an infrared window, upright: one terminal a little
//! warmer, at too small a load to be rated.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{
    BLACK, BROWN, DARK, GREY, RED, STEEL, cabinet, cable, label, plate, screw, shadow,
};
use super::super::shapes::{Shape, fading};
use super::super::shot::{Cell, Model, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::Rng;

const POLES: [f64; 3] = [84.0, 120.0, 156.0];
const RATED_A: f64 = 32.0;

#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    terminal_c: [f64; 3],
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let air_c = setting.indoor_c + rng.range(7.0, 9.0);
    let plain = air_c + rng.range(9.0, 10.0);
    let heat = Heat {
        air_c,
        terminal_c: [plain, plain + 0.4, plain + rng.range(2.8, 3.4)],
    };
    let amperes = (RATED_A * 0.31).round();
    let optics = Optics {
        air_c,
        window_c: air_c - 1.0,
        window_transmission: 0.88,
        ..Optics::of(0.95, air_c, 0.7).inside(setting)
    };
    let mut shot = Shot::new(
        "contactor",
        optics,
        Box::new(move |canvas| paint(canvas, heat)),
    );
    shot.model = Model::Small;
    shot.upright = true;
    shot.tools = POLES
        .iter()
        .zip(["Bx1", "Bx2", "Bx3"])
        .map(|(x, name)| Tool::area(name, [x - 12.0, 78.0, x + 12.0, 102.0]))
        .collect();
    shot.rows = vec![row(setting, amperes)];
    shot.indicate = Box::new(move |marks| {
        json!({
            "delta_similar_k": marks.max("Bx3") - marks.max("Bx1").min(marks.max("Bx2")),
            "delta_air_k": marks.max("Bx3") - air_c,
            "load": amperes / RATED_A,
        })
    });
    shot.expected = "not ratable: load below 40 % of the rated current".into();
    shot
}

fn row(setting: &Setting, amperes: f64) -> Row {
    Row::default()
        .with("kind", "electrical")
        .with("board", "MCC2")
        .with("circuit", "K7")
        .with("phase", "L1/L2/L3")
        .with("manufacturer", "Voorbeeld Elektro")
        .with("cover", "window")
        .with("location", setting.say("Motorbord MCC2, veld 1", "Motor board MCC2, panel 1"))
        .with("component", setting.say("contactor K7, klem L3", "contactor K7, terminal L3"))
        .with("reference_image_or_marker", "Bx1")
        .number("current_a", amperes, 0)
        .number("rated_a", RATED_A, 0)
        .number("current_l1_a", amperes, 0)
        .number("current_l2_a", amperes, 0)
        .number("current_l3_a", amperes, 0)
        .number("voltage_v", 400.0, 0)
        .with(
            "observation",
            setting.say(
                "De klem van L3 is enkele kelvin warmer dan die van L1 en L2. De belasting bij de opname is 31 %.",
                "The L3 terminal is some kelvin warmer than L1 and L2. The load at the time is 31 %.",
            ),
        )
        .with(
            "cause",
            setting.say("Verhoogde overgangsweerstand van de klem.", "Raised contact resistance of the terminal."),
        )
        .with("certainty", "uncertain")
        .with(
            "recommendation",
            setting.say(
                "Herhaal de opname bij ten minste 40 % belasting.",
                "Repeat the picture at a load of at least 40 %.",
            ),
        )
        .with("action_by", setting.say("thermograaf", "thermographer"))
        .with("term", Cell::Months(3))
        .with("status", "open")
}

fn paint(canvas: &mut Canvas, heat: Heat) {
    let air = heat.air_c;
    cabinet(canvas, air + 0.4, 158.0);
    for ((x, rgb), celsius) in POLES.iter().zip([BROWN, BLACK, GREY]).zip(heat.terminal_c) {
        let far = heat.terminal_c[0] - 1.5;
        cable(canvas, [x - 6.0, -120.0, x + 6.0, 92.0], rgb, 0.95, |y| {
            far + (celsius - 0.8 - far) * fading(86.0 - y, 30.0)
        });
        cable(canvas, [x - 6.0, 262.0, x + 6.0, 460.0], rgb, 0.95, |_| {
            far - 1.5
        });
    }
    contactor(canvas, heat);
    relay(canvas, heat);
}

fn contactor(canvas: &mut Canvas, heat: Heat) {
    let body = [60.0, 74.0, 180.0, 202.0];
    shadow(canvas, body, 6.0, 0.45);
    plate(canvas, body, 3.0, [0.31, 0.33, 0.36], |_, y, p| {
        p.c = heat.air_c + 7.0 - 0.01 * (y - 74.0);
        p.e = 0.95;
    });
    // The coil keeps the middle warm.
    let front = [72.0, 116.0, 168.0, 180.0];
    plate(canvas, front, 3.0, [0.24, 0.26, 0.29], |x, y, p| {
        let off = ((x - 120.0) / 48.0).powi(2) + ((y - 148.0) / 32.0).powi(2);
        p.c = heat.air_c + 10.5 - 2.5 * off.min(1.0);
    });
    label(canvas, [80.0, 122.0, 112.0, 136.0], [0.84, 0.85, 0.83]);
    label(canvas, [128.0, 122.0, 160.0, 132.0], [0.92, 0.88, 0.58]);
    plate(
        canvas,
        [104.0, 146.0, 136.0, 168.0],
        2.0,
        [0.13, 0.14, 0.16],
        |_, _, _| {},
    );
    plate(
        canvas,
        [112.0, 150.0, 128.0, 164.0],
        1.5,
        [0.62, 0.64, 0.67],
        |_, _, _| {},
    );
    for (index, x) in POLES.iter().enumerate() {
        terminal(
            canvas,
            *x,
            90.0,
            heat.terminal_c[index],
            0.3 + 0.8 * index as f64,
        );
        terminal(
            canvas,
            *x,
            191.0,
            heat.terminal_c[0] - 0.6,
            1.0 + index as f64,
        );
    }
}

fn relay(canvas: &mut Canvas, heat: Heat) {
    let body = [66.0, 206.0, 174.0, 268.0];
    shadow(canvas, body, 5.0, 0.4);
    plate(canvas, body, 3.0, [0.36, 0.38, 0.41], |_, _, p| {
        p.c = heat.air_c + 6.0;
        p.e = 0.95;
    });
    canvas.fill(&Shape::Ellipse([92.0, 228.0, 9.0, 9.0]), |x, y, p| {
        p.rgb = [0.86, 0.86, 0.84];
        p.tint(1.05 - 0.02 * (x - 92.0 + y - 228.0));
    });
    canvas.fill(
        &Shape::Path(vec![[92.0, 228.0], [97.0, 222.0]], 1.8),
        |_, _, p| p.rgb = DARK,
    );
    plate(canvas, [140.0, 222.0, 154.0, 236.0], 3.0, RED, |_, _, _| {});
    plate(
        canvas,
        [112.0, 222.0, 126.0, 236.0],
        3.0,
        [0.15, 0.40, 0.62],
        |_, _, _| {},
    );
    label(canvas, [108.0, 210.0, 158.0, 218.0], [0.80, 0.81, 0.80]);
    for (index, x) in POLES.iter().enumerate() {
        terminal(
            canvas,
            *x,
            256.0,
            heat.terminal_c[0] - 1.2,
            0.5 * index as f64,
        );
    }
}

fn terminal(canvas: &mut Canvas, x: f64, y: f64, celsius: f64, turn: f64) {
    plate(
        canvas,
        [x - 13.0, y - 11.0, x + 13.0, y + 11.0],
        2.0,
        [0.17, 0.18, 0.20],
        |px, py, p| {
            p.c = celsius - 0.8 * (((px - x) / 13.0).powi(2) + ((py - y) / 11.0).powi(2));
            p.e = 0.95;
        },
    );
    plate(
        canvas,
        [x - 8.0, y - 8.0, x + 8.0, y + 8.0],
        1.5,
        STEEL,
        |_, _, p| p.tint(0.72),
    );
    screw(canvas, x, y, 6.5, turn);
}
