//! A three-phase circuit breaker whose upper L2 terminal makes bad contact; repaired later.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{
    BLACK, BROWN, DARK, GREY, STEEL, cabinet, cable, label, plate, screw, shadow, warm,
};
use super::super::shapes::{bell, fading};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::Rng;

/// Middles of the poles.
const POLES: [f64; 3] = [113.0, 161.0, 209.0];
const RATED_A: f64 = 160.0;

/// Temperatures of one breaker.
#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    /// Of the three upper terminals.
    terminal_c: [f64; 3],
    /// Of the conductors far from them.
    conductor_c: [f64; 3],
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let air_c = setting.indoor_c + rng.range(5.0, 6.5);
    let share = rng.range(0.70, 0.80);
    let amperes = [-0.6, 0.0, 0.7].map(|off| (RATED_A * share + off).round());
    let rise = rng.range(17.0, 19.5);
    let extra_k = if setting.solved {
        0.0
    } else {
        rng.range(30.0, 40.0)
    };
    let heat = Heat {
        air_c,
        terminal_c: [air_c + rise + 0.4, air_c + rise + extra_k, air_c + rise],
        conductor_c: [0.2, 0.22, 0.18].map(|more| air_c + rise - 1.5 + more),
    };
    let optics = Optics {
        air_c,
        ..Optics::of(0.95, air_c, 0.6).inside(setting)
    };
    let mut shot = Shot::new(
        "breaker",
        optics,
        Box::new(move |canvas| paint(canvas, heat)),
    );
    shot.tools = POLES
        .iter()
        .zip(["Bx1", "Bx2", "Bx3"])
        .map(|(x, label)| Tool::area(label, [x - 14.0, 60.0, x + 14.0, 86.0]))
        .collect();
    shot.tools.push(Tool::spot("Sp1", 40.0, 40.0));
    shot.rows = vec![row(setting, amperes, heat)];
    let [l1, l2, l3] = heat.terminal_c;
    shot.indicate = Box::new(move |marks| {
        let twin = marks.max("Bx1").min(marks.max("Bx3"));
        json!({
            "delta_similar_k": marks.max("Bx2") - twin,
            "delta_air_k": marks.max("Bx2") - air_c,
            "load": amperes[1] / RATED_A,
            "terminals_c": [l1, l2, l3],
        })
    });
    shot.expected = if setting.solved {
        "repaired: the three terminals are equally warm; status solved"
    } else {
        "priority P1 by both scales: L2 over L1 and L3 more than 15 K, over air more than 40 K"
    }
    .into();
    shot
}

fn row(setting: &Setting, [l1, l2, l3]: [f64; 3], heat: Heat) -> Row {
    let row = Row::default()
        .with("kind", "electrical")
        .with("board", "HVB1")
        .with("circuit", "Q4")
        .with("phase", "L1/L2/L3")
        .with("manufacturer", "Voorbeeld Elektro")
        .with("cover", "open")
        .with("reference_image_or_marker", "Bx1")
        .number("current_a", l2, 0)
        .number("rated_a", RATED_A, 0)
        .number("current_l1_a", l1, 0)
        .number("current_l2_a", l2, 0)
        .number("current_l3_a", l3, 0)
        .number("current_n_a", 4.0, 0)
        .number("voltage_v", 400.0, 0)
        .number("limit_c", 105.0, 0)
        .with(
            "location",
            setting.say("Hoofdverdeelbord HVB1, veld 3", "Main board HVB1, panel 3"),
        )
        .with(
            "component",
            setting.say(
                "vermogensschakelaar Q4, bovenklem L2",
                "circuit breaker Q4, upper terminal L2",
            ),
        );
    if setting.solved {
        row.with("status", "solved")
            .with(
                "observation",
                setting.say(
                    "De drie bovenklemmen zijn even warm. De stromen van de drie fasen zijn gelijk.",
                    "The three upper terminals are equally warm. The currents of the three phases are equal.",
                ),
            )
            .with("cause", setting.say("Klem hersteld na het vorige bezoek.", "Terminal repaired after the last visit."))
            .with("certainty", "likely")
            .with("recommendation", setting.say("Geen actie nodig.", "No action needed."))
    } else {
        let falls = heat.terminal_c[1] - heat.conductor_c[1] > 5.0;
        row.with("status", "open")
            .with(
                "observation",
                if falls {
                    setting.say(
                        "De klem van L2 is het warmste punt; de geleider koelt af van de klem weg. \
                         De stromen van de drie fasen zijn gelijk.",
                        "The L2 terminal is the warmest point; the conductor cools away from it. \
                         The currents of the three phases are equal.",
                    )
                } else {
                    String::new()
                },
            )
            .with(
                "cause",
                setting.say(
                    "Slecht contact in de bovenklem. Geen overbelasting en geen onbalans tussen de fasen.",
                    "Bad contact in the upper terminal. No overload, no imbalance between the phases.",
                ),
            )
            .with("certainty", "likely")
            .with(
                "recommendation",
                setting.say(
                    "Laat een elektricien (BA5) de kring spanningsloos maken, de klem nakijken en met \
                     het voorgeschreven koppel aansluiten. Vraag daarna een nameting.",
                    "Have an electrician (BA5) isolate the circuit, check the terminal and tighten it \
                     to the prescribed torque. Ask for a measurement afterwards.",
                ),
            )
            .with("action_by", setting.say("elektricien BA5", "electrician BA5"))
            .with("term", Cell::Months(0))
    }
}

fn paint(canvas: &mut Canvas, heat: Heat) {
    let air = heat.air_c;
    cabinet(canvas, air + 0.6, 120.0);
    conductors(canvas, heat);
    body(canvas, air);
    // Warmth of the terminals spreads into the body.
    for (x, celsius) in POLES.iter().zip(heat.terminal_c) {
        warm(canvas, [x - 34.0, 84.0, x + 34.0, 178.0], |px, py| {
            0.16 * (celsius - air) * bell(px - x, 16.0) * fading(py - 84.0, 30.0)
        });
    }
    for (index, x) in POLES.iter().enumerate() {
        terminal(canvas, *x, 73.0, heat.terminal_c[index], 0.4 + index as f64);
        let below = air + 0.82 * (heat.conductor_c[index] - air);
        terminal(canvas, *x, 186.0, below, 1.1 * index as f64);
    }
}

fn conductors(canvas: &mut Canvas, heat: Heat) {
    for (index, (x, rgb)) in POLES.iter().zip([BROWN, BLACK, GREY]).enumerate() {
        let (far, near) = (heat.conductor_c[index], heat.terminal_c[index]);
        let air = heat.air_c;
        cable(canvas, [x - 10.0, -90.0, x + 10.0, 74.0], rgb, 0.95, |y| {
            far + (near - 3.0 - far).max(-1.0) * fading(70.0 - y, 42.0)
        });
        cable(canvas, [x - 10.0, 184.0, x + 10.0, 330.0], rgb, 0.95, |y| {
            air + (0.80 - 0.0006 * (y - 184.0)) * (far - air)
        });
    }
}

fn body(canvas: &mut Canvas, air_c: f64) {
    let case = [86.0, 80.0, 236.0, 178.0];
    shadow(canvas, case, 7.0, 0.45);
    plate(canvas, case, 3.0, [0.86, 0.86, 0.83], |x, _, p| {
        p.c = air_c + 4.2;
        p.e = 0.95;
        // Lines between the poles.
        if [137.0, 185.0].iter().any(|line| (x - line).abs() < 0.7) {
            p.tint(0.70);
        }
    });
    plate(
        canvas,
        [117.0, 118.0, 205.0, 139.0],
        2.0,
        DARK,
        |_, _, p| p.c += 0.4,
    );
    plate(
        canvas,
        [121.0, 124.0, 201.0, 131.0],
        1.5,
        [0.36, 0.38, 0.42],
        |_, _, p| p.c -= 0.2,
    );
    label(canvas, [92.0, 96.0, 122.0, 110.0], [0.62, 0.66, 0.72]);
    label(canvas, [147.0, 155.0, 177.0, 164.0], [0.93, 0.90, 0.62]);
}

fn terminal(canvas: &mut Canvas, x: f64, y: f64, celsius: f64, turn: f64) {
    plate(
        canvas,
        [x - 15.0, y - 13.0, x + 15.0, y + 13.0],
        2.0,
        DARK,
        |px, py, p| {
            p.c = celsius - 2.2 * (((px - x) / 15.0).powi(2) + ((py - y) / 13.0).powi(2));
            p.e = 0.95;
        },
    );
    plate(
        canvas,
        [x - 9.0, y - 9.0, x + 9.0, y + 9.0],
        2.0,
        STEEL,
        |_, _, p| p.tint(0.8),
    );
    screw(canvas, x, y, 7.5, turn);
}
