//! Inside: a window whose joint lets air in, before and during depressurisation, beside a field of
//! wall without insulation that stays as it is.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::props::{WHITE, plate, shadow};
use super::super::shapes::{Shape, bell, fading, rect_distance};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::{Rng, smooth_field};

/// Outside of the window's frame.
const WINDOW: [f64; 4] = [24.0, 62.0, 146.0, 204.0];
/// Where the air comes in: a corner of the frame.
const SOURCE: [f64; 2] = [147.0, 66.0];
/// The field of wall without insulation.
const BARE: [f64; 4] = [222.0, 74.0, 290.0, 196.0];

#[derive(Clone, Copy)]
struct Look {
    wall_c: f64,
    bare_c: f64,
    glass_c: f64,
    /// Depth of the cold at the joint and how far it reaches.
    streak_k: f64,
    reach: f64,
    paint: [f64; 3],
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Vec<Shot> {
    let at = |f: f64| setting.outdoor_c + f * setting.difference_k();
    let before = Look {
        wall_c: at(rng.range(0.93, 0.94)),
        bare_c: at(rng.range(0.79, 0.81)),
        glass_c: at(0.78),
        streak_k: 0.09 * setting.difference_k(),
        reach: 13.0,
        paint: [[0.80, 0.78, 0.72], [0.74, 0.79, 0.80], [0.80, 0.80, 0.79]][rng.below(3)],
        texture: rng.bits(),
    };
    let during = Look {
        streak_k: rng.range(0.66, 0.74) * setting.difference_k(),
        reach: 34.0,
        ..before
    };
    let optics = Optics::of(0.95, setting.indoor_c - 0.4, rng.range(2.4, 3.2)).inside(setting);
    let marks = [
        Tool::area("Bx1", [148.0, 62.0, 178.0, 98.0]),
        Tool::area("Bx2", [236.0, 92.0, 276.0, 178.0]),
        Tool::spot("Sp1", 200.0, 46.0),
    ];
    let one = |scene: &'static str, look: Look| {
        let mut shot = Shot::new(scene, optics, Box::new(move |canvas| paint(canvas, &look)));
        shot.tools = marks.to_vec();
        shot
    };
    let mut first = one("leak-before", before);
    first.expected = "taken before the fan ran; belongs to the finding of the next picture".into();
    let mut second = one("leak", during);
    second.rows = vec![leak_row(setting), wall_row(setting)];
    let difference = setting.difference_k();
    second.indicate = Box::new(move |marks| {
        json!({
            "leaks": [SOURCE],
            "pressure_pa": -50.0,
            "streak_below_wall_k": marks.mean("Sp1") - marks.min("Bx1"),
            "streak_share_of_difference": (marks.mean("Sp1") - marks.min("Bx1")) / difference,
            "bare_below_wall_k": marks.mean("Sp1") - marks.mean("Bx2"),
        })
    });
    second.expected =
        "air leak at Bx1: changes by more than 20 % of inside minus outside; Bx2 does \
                       not change: insulation"
            .into();
    vec![first, second]
}

fn leak_row(setting: &Setting) -> Row {
    common(setting)
        .with("component", setting.say("aansluiting raam en wand, rechterbovenhoek (Bx1)", "joint of window and wall, upper right corner (Bx1)"))
        .with("reference_image_or_marker", "Sp1")
        .with(
            "observation",
            setting.say(
                "Bij 50 Pa onderdruk verschijnt een uitwaaierende koude zone aan de hoek van het raam; \
                 vóór de onderdruk was zij nauwelijks zichtbaar.",
                "At a depressurisation of 50 Pa a feathered cold zone appears at the corner of the window; \
                 before, it was hardly visible.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "Luchtlek in de voeg tussen raamkader en wand.",
                "Air leak in the joint between window frame and wall.",
            ),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat de schrijnwerker de voeg luchtdicht afwerken. Herhaal daarna de meting bij onderdruk.",
                "Have the joiner seal the joint airtight. Repeat the measurement under depressurisation.",
            ),
        )
        .with("action_by", setting.say("schrijnwerker", "joiner"))
        .with("term", Cell::Months(3))
        .with("severity", "3")
}

fn wall_row(setting: &Setting) -> Row {
    common(setting)
        .with("component", setting.say("wandveld rechts van het raam (Bx2)", "field of wall right of the window (Bx2)"))
        .with("markers", "Bx2")
        .with("reference_image_or_marker", "Sp1")
        .with("area_m2", "2.4")
        .with(
            "observation",
            setting.say(
                "Rechthoekig kouder wandveld met scherpe rand; het verandert niet bij onderdruk.",
                "Rectangular colder field of wall with a sharp edge; it does not change under depressurisation.",
            ),
        )
        .with(
            "cause",
            setting.say("De isolatie in dit wandveld ontbreekt.", "The insulation in this field of wall is missing."),
        )
        .with("certainty", "possible")
        .with(
            "recommendation",
            setting.say(
                "Laat de wandopbouw aan de buitenzijde nakijken.",
                "Have the build-up of the wall checked from outside.",
            ),
        )
        .with("action_by", setting.say("aannemer", "contractor"))
        .with("term", Cell::Months(12))
        .with("severity", "2")
}

fn common(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "building")
        .with(
            "location",
            setting.say("Kantoor, buitenwand", "Office, outer wall"),
        )
        .with("storey", setting.say("verdieping 1", "first floor"))
        .with("pressure_pa", "-50")
        .with("before_image", Cell::Picture(0))
        .with("status", "open")
        .number("indoor_humidity_pct", 100.0 * setting.indoor_humidity, 0)
}

fn paint(canvas: &mut Canvas, look: &Look) {
    wall(canvas, look);
    streak(canvas, look);
    window(canvas, look);
    // A socket.
    let socket = [184.0, 206.0, 200.0, 222.0];
    shadow(canvas, socket, 2.0, 0.3);
    plate(canvas, socket, 2.0, WHITE, |_, _, p| p.c -= 0.3);
    canvas.fill(&Shape::Ellipse([192.0, 214.0, 5.2, 5.2]), |_, _, p| {
        p.tint(0.86)
    });
    for x in [190.0, 194.0] {
        canvas.fill(&Shape::Ellipse([x, 214.0, 0.9, 0.9]), |_, _, p| {
            p.rgb = [0.1; 3]
        });
    }
}

fn wall(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::All, |x, y, p| {
        let blotch = 0.12 * smooth_field(look.texture, x / 60.0, y / 60.0);
        let height = 0.005 * (130.0 - y) - 0.9 * fading(268.0 - y, 18.0);
        p.become_of(look.paint, look.wall_c + blotch + height, 0.95);
        p.tint(
            1.02 - 0.0006 * (y - 60.0) + 0.012 * smooth_field(look.texture ^ 2, x / 2.0, y / 2.0),
        );
        // Light falls in from the window.
        p.tint(1.0 - 0.0009 * (x - 150.0).max(0.0));
        let out = rect_distance(x, y, BARE);
        let depth = (x - BARE[0])
            .min(BARE[2] - x)
            .min(y - BARE[1])
            .min(BARE[3] - y);
        let edge = if out > 0.0 { out } else { -depth };
        p.c += (look.bare_c - look.wall_c) / (1.0 + (edge / 1.8).exp());
    });
    canvas.fill(&Shape::Rect([-200.0, -200.0, 520.0, 20.0]), |x, y, p| {
        p.become_of([0.91, 0.91, 0.90], look.wall_c + 0.4, 0.95);
        p.tint(0.97 + 0.002 * (y - 20.0) - 0.0004 * (x - 90.0).abs());
    });
    canvas.fill(&Shape::Rect([-200.0, 14.0, 520.0, 28.0]), |_, y, p| {
        p.c -= 0.8 * bell(y - 20.0, 3.0);
        p.tint(1.0 - 0.12 * bell(y - 21.5, 1.6));
    });
    // Skirting board and floor.
    canvas.fill(&Shape::Rect([-200.0, 246.0, 520.0, 258.0]), |_, _, p| {
        p.rgb = WHITE;
        p.c -= 0.3;
    });
    canvas.fill(&Shape::Rect([-200.0, 258.0, 520.0, 460.0]), |x, _, p| {
        p.become_of([0.50, 0.40, 0.31], look.wall_c - 0.4, 0.95);
        p.tint(1.0 + 0.05 * smooth_field(look.texture ^ 7, x / 14.0, 0.5));
    });
}

/// Cold air fans out from the corner, in tongues, more downwards than up.
fn streak(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::Rect([147.0, 24.0, 320.0, 250.0]), |x, y, p| {
        let (dx, dy) = (x - SOURCE[0], y - SOURCE[1]);
        let (distance, angle) = (dx.hypot(dy), dy.atan2(dx.max(0.01)));
        let tongue = 0.55 + 0.6 * smooth_field(look.texture ^ 11, angle * 3.4, 0.5).max(-0.6);
        let fan = bell(angle - 0.65, 0.80);
        // It has spent itself before the next field of wall.
        let spent = 1.0 / (1.0 + ((distance - 58.0) / 4.0).exp());
        let corner = fading(distance, look.reach * (0.45 + fan * tongue)) * spent;
        p.c -= look.streak_k * corner * (0.04 + 0.96 * fan);
        // Along the side of the frame it is weaker.
        let beside = fading(dx, 4.0) * fading(dy.abs(), 60.0) * f64::from(y > SOURCE[1]);
        p.c -= 0.16 * look.streak_k * beside * (1.0 - fading(dy, 6.0));
    });
}

fn window(canvas: &mut Canvas, look: &Look) {
    let [x0, y0, x1, y1] = WINDOW;
    shadow(canvas, WINDOW, 4.0, 0.22);
    plate(canvas, WINDOW, 1.0, WHITE, |x, y, p| {
        p.c = look.wall_c - 1.2 - 0.4 * bell((x - x0).min(x1 - x).min(y - y0), 3.0);
        p.e = 0.95;
    });
    let middle = (x0 + x1) / 2.0;
    for [a, b] in [[x0 + 8.0, middle - 4.0], [middle + 4.0, x1 - 8.0]] {
        let pane = [a, y0 + 8.0, b, y1 - 8.0];
        canvas.fill(
            &Shape::Rect([pane[0] - 2.0, pane[1] - 2.0, pane[2] + 2.0, pane[3] + 2.0]),
            |_, _, p| {
                p.rgb = [0.62, 0.63, 0.64];
            },
        );
        canvas.fill(&Shape::Rect(pane), |x, y, p| {
            let down = (y - pane[1]) / (pane[3] - pane[1]);
            let edge = (x - pane[0])
                .min(pane[2] - x)
                .min(y - pane[1])
                .min(pane[3] - y);
            let c = look.glass_c + 0.8 * (0.5 - down) - 1.0 * fading(edge, 4.0);
            p.become_of([0.62, 0.74, 0.86], c, 0.92);
            // Sky above, hedge and yard below.
            let hedge = 0.62 + 0.04 * smooth_field(look.texture ^ 5, x / 7.0, 0.5);
            if down > hedge + 0.14 {
                p.rgb = [0.50, 0.51, 0.50];
            } else if down > hedge {
                p.rgb = [0.33, 0.42, 0.33];
            } else {
                p.toward([0.88, 0.92, 0.95], down);
            }
            p.toward(
                [0.95; 3],
                0.25 * bell((x - pane[0]) - 0.6 * (y - pane[1]) + 20.0, 9.0),
            );
        });
    }
    // Handle and sill.
    canvas.fill(
        &Shape::Round([middle - 1.6, 128.0, middle + 1.6, 146.0], 1.5),
        |_, _, p| p.rgb = [0.45; 3],
    );
    let sill = [x0 - 6.0, y1, x1 + 6.0, y1 + 7.0];
    shadow(canvas, sill, 3.0, 0.3);
    plate(canvas, sill, 1.0, [0.86, 0.85, 0.82], |_, _, p| {
        p.c = look.wall_c - 0.5
    });
}
