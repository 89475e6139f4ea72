//! A row of fuse holders, one pole warmer than its neighbours.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{
    BLACK, BLUE, BROWN, DARK, GREY, WHITE, cabinet, cable, label, plate, screw, shadow, warm,
};
use super::super::shapes::{bell, fading};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::Rng;

const FIRST: f64 = 72.0;
const STEP: f64 = 44.0;
const RATED_A: f64 = 63.0;
/// The warm one of five.
const WARM: usize = 2;

#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    plain_c: f64,
    warm_c: f64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let air_c = setting.indoor_c + rng.range(4.5, 6.0);
    let plain_c = air_c + rng.range(6.5, 7.5);
    let heat = Heat {
        air_c,
        plain_c,
        warm_c: plain_c + rng.range(7.0, 8.4),
    };
    let load = rng.range(0.84, 0.89);
    let amperes = (RATED_A * load).round();
    let optics = Optics {
        air_c,
        ..Optics::of(0.95, air_c, 0.8).inside(setting)
    };
    let mut shot = Shot::new("fuses", optics, Box::new(move |canvas| paint(canvas, heat)));
    shot.tools = (1..4)
        .zip(["Bx1", "Bx2", "Bx3"])
        .map(|(pole, name)| {
            let x = middle(pole);
            Tool::area(name, [x - 13.0, 64.0, x + 13.0, 84.0])
        })
        .collect();
    shot.rows = vec![row(setting, amperes)];
    shot.indicate = Box::new(move |marks| {
        json!({
            "delta_similar_k": marks.max("Bx2") - marks.max("Bx1").min(marks.max("Bx3")),
            "delta_air_k": marks.max("Bx2") - air_c,
            "load": amperes / RATED_A,
        })
    });
    shot.expected = "priority P3: 4 to 15 K over its neighbours, 11 to 21 K over air".into();
    shot
}

fn row(setting: &Setting, amperes: f64) -> Row {
    Row::default()
        .with("kind", "electrical")
        .with("board", "HVB1")
        .with("circuit", "F12")
        .with("phase", "L1/L2/L3")
        .with("manufacturer", "Voorbeeld Elektro")
        .with("cover", "open")
        .with("location", setting.say("Hoofdverdeelbord HVB1, veld 5", "Main board HVB1, panel 5"))
        .with("component", setting.say("zekeringhouder F12, middelste pool", "fuse holder F12, middle pole"))
        .with("reference_image_or_marker", "Bx1")
        .number("current_a", amperes, 0)
        .number("rated_a", RATED_A, 0)
        .number("current_l1_a", amperes - 1.0, 0)
        .number("current_l2_a", amperes, 0)
        .number("current_l3_a", amperes, 0)
        .number("voltage_v", 400.0, 0)
        .with(
            "observation",
            setting.say(
                "Klem en houder van de middelste pool zijn warmer dan die van de polen ernaast, bij \
                 gelijke stroom.",
                "Terminal and holder of the middle pole are warmer than those beside it, at equal \
                 current.",
            ),
        )
        .with(
            "cause",
            setting.say("Verhoogde overgangsweerstand in de houder.", "Raised contact resistance in the holder."),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat een elektricien houder en zekering bij de volgende stilstand vervangen.",
                "Have an electrician replace holder and fuse at the next standstill.",
            ),
        )
        .with("action_by", setting.say("elektricien BA5", "electrician BA5"))
        .with("term", Cell::Months(6))
        .with("status", "open")
}

fn middle(pole: usize) -> f64 {
    FIRST + STEP * pole as f64
}

fn paint(canvas: &mut Canvas, heat: Heat) {
    cabinet(canvas, heat.air_c + 0.5, 122.0);
    let air = heat.air_c;
    for (pole, rgb) in [BROWN, BLACK, GREY, BLUE, BROWN].into_iter().enumerate() {
        let x = middle(pole);
        let top = if pole == WARM {
            heat.warm_c
        } else {
            heat.plain_c
        };
        // The neutral carries little.
        let (top, far) = if pole == 3 {
            (heat.plain_c - 0.4, heat.plain_c - 1.4)
        } else {
            (top, heat.plain_c - 1.0)
        };
        cable(canvas, [x - 6.5, -90.0, x + 6.5, 74.0], rgb, 0.95, |y| {
            far + (top - 1.0 - far) * fading(66.0 - y, 34.0)
        });
        cable(canvas, [x - 6.5, 172.0, x + 6.5, 330.0], rgb, 0.95, |_| {
            air + 0.85 * (far - air)
        });
        holder(canvas, x, air, top);
    }
    warm(canvas, [100.0, 60.0, 220.0, 190.0], |x, y| {
        0.10 * (heat.warm_c - air)
            * bell(x - middle(WARM), 30.0)
            * fading((y - 90.0).abs(), 40.0)
            * f64::from((x - middle(WARM)).abs() > 16.0)
    });
}

fn holder(canvas: &mut Canvas, x: f64, air_c: f64, top_c: f64) {
    let body = [x - 17.0, 62.0, x + 17.0, 184.0];
    shadow(canvas, body, 4.0, 0.35);
    let inner = air_c + 0.62 * (top_c - air_c);
    plate(canvas, body, 2.5, WHITE, |_, y, p| {
        // Warmest at the upper clip, where the contact is.
        let down = ((y - 66.0) / 118.0).clamp(0.0, 1.0);
        p.c = top_c - 1.0 + (inner - top_c + 1.0) * down.sqrt();
        p.e = 0.95;
    });
    plate(
        canvas,
        [x - 13.0, 96.0, x + 13.0, 152.0],
        3.0,
        [0.80, 0.81, 0.82],
        |_, _, p| p.c -= 0.3,
    );
    plate(
        canvas,
        [x - 5.0, 104.0, x + 5.0, 122.0],
        1.5,
        DARK,
        |_, _, p| p.c += 0.2,
    );
    label(
        canvas,
        [x - 10.0, 130.0, x + 10.0, 140.0],
        [0.93, 0.93, 0.90],
    );
    plate(
        canvas,
        [x - 10.0, 145.0, x + 10.0, 150.0],
        1.0,
        [0.35, 0.38, 0.42],
        |_, _, _| {},
    );
    for (y, turn, c) in [
        (74.0, 0.5 + 0.05 * x, top_c),
        (172.0, 1.9 - 0.04 * x, inner),
    ] {
        canvas.fill(
            &super::super::shapes::Shape::Ellipse([x, y, 8.5, 8.5]),
            |px, py, p| {
                p.rgb = [0.30, 0.31, 0.33];
                p.c = c - 0.8 * ((px - x).hypot(py - y) / 8.5).powi(2);
            },
        );
        screw(canvas, x, y, 6.0, turn);
    }
}
