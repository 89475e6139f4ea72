//! Two steam traps side by side: one blows steam through, one works.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{bolt, plate, shadow};
use super::super::shapes::{Shape, bell, segment_distance};
use super::super::shot::{Cell, Model, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::{Rng, smooth_field};

/// Absolute; water boils at 151.8 °C then (saturated steam tables).
const PRESSURE_BAR: f64 = 5.0;
const STEAM_C: f64 = 151.8;
/// Middles of the traps.
const TRAPS: [f64; 2] = [92.0, 236.0];
const LINE: f64 = 122.0;

#[derive(Clone, Copy)]
struct Heat {
    air_c: f64,
    /// Inlet and outlet of each.
    pipe_c: [[f64; 2]; 2],
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let air_c = setting.indoor_c + 5.0;
    let heat = Heat {
        air_c,
        pipe_c: [
            [STEAM_C - 2.0, STEAM_C - rng.range(4.5, 7.0)],
            [STEAM_C - 2.6, rng.range(92.0, 99.0)],
        ],
        texture: rng.bits(),
    };
    let optics = Optics {
        air_c,
        ..Optics::of(0.90, air_c, rng.range(1.2, 1.8)).inside(setting)
    };
    let mut shot = Shot::new("trap", optics, Box::new(move |canvas| paint(canvas, &heat)));
    shot.model = Model::Small;
    shot.hot = true;
    shot.tools = vec![
        Tool::spot("Sp1", TRAPS[0] - 42.0, LINE),
        Tool::spot("Sp2", TRAPS[0] + 42.0, LINE),
        Tool::spot("Sp3", TRAPS[1] - 42.0, LINE),
        Tool::spot("Sp4", TRAPS[1] + 42.0, LINE),
    ];
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(move |marks| {
        json!({
            "saturation_c": STEAM_C,
            "blowing_drop_k": marks.mean("Sp1") - marks.mean("Sp2"),
            "working_drop_k": marks.mean("Sp3") - marks.mean("Sp4"),
        })
    });
    shot.expected = "trap at the left (Sp1, Sp2) blows through; that at the right works".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "steam-trap")
        .with("location", setting.say("Stookplaats, stoomleiding zone B", "Boiler room, steam line zone B"))
        .with("component", setting.say("condenspot CP3 (links)", "steam trap CP3 (left)"))
        .with("reference_image_or_marker", "Sp2")
        .number("steam_pressure_bar", PRESSURE_BAR, 1)
        .with("operating_state", setting.say("in bedrijf", "in service"))
        .with(
            "observation",
            setting.say(
                "De uitlaat is bijna even warm als de inlaat (Sp1, Sp2). Bij de condenspot ernaast is de \
                 uitlaat duidelijk koeler (Sp3, Sp4).",
                "The outlet is nearly as warm as the inlet (Sp1, Sp2). At the trap beside it the outlet \
                 is clearly cooler (Sp3, Sp4).",
            ),
        )
        .with(
            "cause",
            setting.say("De condenspot laat stoom door.", "The trap lets live steam through."),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat de installateur de condenspot met ultrasoon geluid nakijken en vervangen.",
                "Have the installer check the trap by ultrasound and replace it.",
            ),
        )
        .with("action_by", setting.say("installateur", "installer"))
        .with("term", Cell::Months(2))
        .with("status", "open")
}

fn paint(canvas: &mut Canvas, heat: &Heat) {
    canvas.fill(&Shape::All, |x, y, p| {
        let plume = 3.0 * bell(x - TRAPS[0], 90.0) + 2.0 * bell(x - TRAPS[1], 70.0);
        p.become_of(
            [0.68, 0.69, 0.67],
            heat.air_c + 1.0 + plume * f64::from(y < LINE),
            0.93,
        );
        p.tint(1.04 - 0.0009 * (y - 60.0) - 0.0004 * (x - 130.0).abs());
        p.tint(1.0 + 0.02 * smooth_field(heat.texture, x / 2.5, y / 2.5));
    });
    // A rail the lines hang on.
    let rail = [-200.0, 196.0, 520.0, 208.0];
    shadow(canvas, rail, 5.0, 0.3);
    plate(canvas, rail, 1.0, [0.52, 0.54, 0.56], |_, _, p| {
        p.c = heat.air_c + 3.0
    });
    for (x, [inlet, outlet]) in TRAPS.iter().zip(heat.pipe_c) {
        lines(canvas, *x, inlet, outlet);
        trap(canvas, *x, inlet, outlet);
    }
}

/// Pipe from above to the trap and from it down.
fn lines(canvas: &mut Canvas, x: f64, inlet: f64, outlet: f64) {
    let (left, right) = (x - 54.0, x + 54.0);
    let before = vec![[left, -200.0], [left, LINE], [x, LINE]];
    let after = vec![[x, LINE], [right, LINE], [right, 460.0]];
    for (points, celsius) in [(before, inlet), (after, outlet)] {
        let [a, b, c] = [points[0], points[1], points[2]];
        let cast = points.iter().map(|p| [p[0] + 3.0, p[1] + 4.0]).collect();
        canvas.fill(&Shape::Path(cast, 20.0), |_, _, p| p.tint(0.80));
        canvas.fill(&Shape::Path(points, 17.0), |px, py, p| {
            let off = segment_distance(px, py, a, b).min(segment_distance(px, py, b, c)) / 8.5;
            p.become_of([0.50, 0.46, 0.43], celsius - 3.0 * off.powi(4), 0.90);
            // Light from the upper left.
            let nearer_first = segment_distance(px, py, a, b) < segment_distance(px, py, b, c);
            let from = if nearer_first { [a, b] } else { [b, c] };
            let upright = from[0][0] == from[1][0];
            let side = if upright {
                px - from[0][0]
            } else {
                py - from[0][1]
            };
            p.tint(1.08 - 0.45 * off * off - 0.022 * side);
        });
    }
    for flange in [x - 30.0, x + 30.0] {
        let celsius = if flange < x {
            inlet - 4.0
        } else {
            outlet - 2.5
        };
        plate(
            canvas,
            [flange - 4.0, LINE - 15.0, flange + 4.0, LINE + 15.0],
            1.5,
            [0.40, 0.38, 0.37],
            |_, _, p| {
                p.c = celsius;
                p.e = 0.90;
            },
        );
        bolt(canvas, flange, LINE - 11.0, 3.0, 0.1);
        bolt(canvas, flange, LINE + 11.0, 3.0, 0.6);
    }
}

fn trap(canvas: &mut Canvas, x: f64, inlet: f64, outlet: f64) {
    let body = [x - 22.0, LINE - 20.0, x + 22.0, LINE + 30.0];
    shadow(canvas, body, 4.0, 0.35);
    let blend = move |px: f64| {
        let share = 1.0 / (1.0 + (-(px - x - 6.0) / 5.0).exp());
        inlet + (outlet - inlet) * share - 3.5
    };
    canvas.fill(&Shape::Round(body, 14.0), |px, py, p| {
        p.become_of(
            [0.34, 0.37, 0.40],
            blend(px) - 0.08 * (py - LINE).max(0.0),
            0.90,
        );
        let round = 1.0 - ((px - x) / 22.0).powi(2);
        p.tint(0.72 + 0.42 * round - 0.006 * (px - x) - 0.004 * (py - LINE));
    });
    let cap = [x - 16.0, LINE - 34.0, x + 16.0, LINE - 16.0];
    plate(canvas, cap, 4.0, [0.42, 0.45, 0.48], |px, _, p| {
        p.c = blend(px) - 3.0;
        p.e = 0.90;
    });
    for dx in [-10.0, 0.0, 10.0] {
        bolt(canvas, x + dx, LINE - 25.0, 3.4, 0.2 * dx);
    }
    // A tag on a wire.
    plate(
        canvas,
        [x - 9.0, LINE + 40.0, x + 9.0, LINE + 53.0],
        2.0,
        [0.92, 0.86, 0.50],
        |_, _, p| {
            p.c = 38.0;
            p.e = 0.93;
        },
    );
    canvas.fill(
        &Shape::Path(vec![[x, LINE + 28.0], [x, LINE + 41.0]], 0.9),
        |_, _, p| p.rgb = [0.3; 3],
    );
}
