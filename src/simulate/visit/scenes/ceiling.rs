//! Inside, straight up: a hung ceiling with fields where the insulation above is missing.

use serde_json::json;

use super::super::canvas::Canvas;
use super::super::shapes::{Shape, rect_distance};
use super::super::shot::{Cell, Optics, Row, Setting, Shot, Tool};
use crate::simulate::random::{Rng, smooth_field};

/// Side of a tile, scene units, and metres.
const TILE: f64 = 40.0;
const TILE_M: f64 = 0.6;
/// The grid lies a little aslant in the picture.
const ASLANT: f64 = 0.045;
/// Tiles of the view: 320 × 240 units.
const VIEWED: f64 = 48.0;

#[derive(Clone)]
struct Look {
    sound_c: f64,
    bare_c: f64,
    room_c: f64,
    /// Tiles without insulation above, column and row from the middle.
    bare: Vec<[i32; 2]>,
    texture: u64,
}

pub(in crate::simulate::visit) fn shoot(setting: &Setting, rng: &mut Rng) -> Shot {
    let at = |f: f64| setting.outdoor_c + f * setting.difference_k();
    let patterns: [&[[i32; 2]]; 3] = [
        &[[0, -2], [1, -2], [1, -1], [-3, 1]],
        &[[-1, -1], [0, -1], [0, 0], [2, 1], [-4, -2]],
        &[[-3, 0], [-3, 1], [-1, 1]],
    ];
    let look = Look {
        sound_c: at(rng.range(0.945, 0.955)),
        bare_c: at(rng.range(0.74, 0.78)),
        room_c: setting.indoor_c,
        bare: patterns[rng.below(3)].to_vec(),
        texture: rng.bits(),
    };
    let optics = Optics::of(0.95, setting.indoor_c - 0.3, rng.range(1.8, 2.4)).inside(setting);
    let middle = picture_of(look.bare[0]);
    let (half, sound, bare) = (12.0, look.sound_c, look.bare_c);
    let mut shot = Shot::new(
        "ceiling",
        optics,
        Box::new(move |canvas| paint(canvas, &look)),
    );
    shot.tools = vec![
        Tool::area(
            "Bx1",
            [
                middle[0] - half,
                middle[1] - half,
                middle[0] + half,
                middle[1] + half,
            ],
        ),
        Tool::spot("Sp1", 222.0, 196.0),
        Tool::area("Bx2", [0.0, 0.0, 320.0, 240.0]),
    ];
    shot.rows = vec![row(setting)];
    shot.indicate = Box::new(move |marks| {
        let share = marks.share_below((sound + bare) / 2.0);
        json!({
            "area_share": share,
            "viewed_m2": VIEWED * TILE_M * TILE_M,
            "missing_m2": share * VIEWED * TILE_M * TILE_M,
            "delta_k": marks.mean("Sp1") - marks.mean("Bx1"),
        })
    });
    shot.expected = "missing insulation over more than 5 % of the viewed area: class III".into();
    shot
}

fn row(setting: &Setting) -> Row {
    Row::default()
        .with("kind", "building")
        .with(
            "location",
            setting.say("Kantoor, plafond", "Office, ceiling"),
        )
        .with(
            "component",
            setting.say(
                "verlaagd plafond onder het dak",
                "hung ceiling under the roof",
            ),
        )
        .with("reference_image_or_marker", "Sp1")
        .with("storey", setting.say("verdieping 1", "first floor"))
        .number("area_m2", VIEWED * TILE_M * TILE_M, 1)
        .with(
            "observation",
            setting.say(
                "Enkele plafondvelden zijn scherp begrensd kouder dan de velden ernaast.",
                "Some fields of the ceiling are colder than their neighbours, with sharp edges.",
            ),
        )
        .with(
            "cause",
            setting.say(
                "De isolatie boven deze velden ontbreekt of is verschoven.",
                "The insulation above these fields is missing or has been moved.",
            ),
        )
        .with("certainty", "likely")
        .with(
            "recommendation",
            setting.say(
                "Laat de technische dienst de velden openen en de isolatiematten aanvullen.",
                "Have the technical service open the fields and complete the insulation.",
            ),
        )
        .with(
            "action_by",
            setting.say("technische dienst", "technical service"),
        )
        .with("term", Cell::Months(6))
        .with("severity", "2")
        .with("status", "open")
        .number("indoor_humidity_pct", 100.0 * setting.indoor_humidity, 0)
}

/// Grid axes of a scene point, and back for the middle of a tile.
fn grid(x: f64, y: f64) -> [f64; 2] {
    let (dx, dy) = (x - 160.0, y - 120.0);
    [dx + ASLANT * dy, dy - ASLANT * dx]
}

fn picture_of(tile: [i32; 2]) -> [f64; 2] {
    let [a, b] = tile.map(|i| (f64::from(i) + 0.5) * TILE);
    let scale = 1.0 + ASLANT * ASLANT;
    [
        160.0 + (a - ASLANT * b) / scale,
        120.0 + (b + ASLANT * a) / scale,
    ]
}

/// How much a point belongs to fields without insulation, with an edge as heat spreads in a tile.
fn bareness(bare: &[[i32; 2]], a: f64, b: f64) -> f64 {
    let off = bare.iter().map(|tile| {
        let [low, top] = tile.map(|i| f64::from(i) * TILE);
        let rect = [low, top, low + TILE, top + TILE];
        let out = rect_distance(a, b, rect);
        let depth = (a - rect[0])
            .min(rect[2] - a)
            .min(b - rect[1])
            .min(rect[3] - b);
        if out > 0.0 { out } else { -depth }
    });
    let least = off.fold(f64::MAX, f64::min);
    1.0 / (1.0 + (least / 1.5).exp())
}

fn paint(canvas: &mut Canvas, look: &Look) {
    canvas.fill(&Shape::All, |x, y, p| {
        let [a, b] = grid(x, y);
        let tile = [(a / TILE).floor() as i32, (b / TILE).floor() as i32];
        let (u, v) = (a.rem_euclid(TILE), b.rem_euclid(TILE));
        let blotch = 0.12 * smooth_field(look.texture, a / 60.0, b / 60.0);
        let cold = bareness(&look.bare, a, b);
        let c = look.sound_c + blotch + (look.bare_c - look.sound_c) * cold;
        p.become_of([0.86, 0.86, 0.84], c, 0.95);
        let sag = f64::from((tile[0] * 7 + tile[1] * 13).rem_euclid(5)) * 0.006;
        p.tint(1.0 - sag - 0.0004 * (x - 60.0).abs() - 0.0003 * y);
        let grain = smooth_field(look.texture ^ 1, a * 0.9, b * 0.9);
        if grain > 0.62 {
            p.tint(0.90);
        }
        fixtures(look, tile, u, v, p);
        let edge = u.min(TILE - u).min(v).min(TILE - v);
        if edge < 1.3 {
            p.rgb = [0.93, 0.93, 0.92];
            p.c += 0.12;
        } else if edge < 2.3 {
            p.tint(0.80);
        }
    });
}

/// Lamps and a grille in some of the tiles.
fn fixtures(look: &Look, tile: [i32; 2], u: f64, v: f64, p: &mut super::super::canvas::Point) {
    let inner = u.min(TILE - u).min(v).min(TILE - v);
    if tile[0].rem_euclid(4) == 2 && tile[1].rem_euclid(3) == 0 && tile != [2, 0] {
        p.c = look.room_c + 4.5 + 0.8 * (inner / 20.0);
        p.rgb = if inner > 4.5 {
            [1.0, 1.0, 0.97]
        } else {
            [0.80, 0.80, 0.80]
        };
    } else if tile == [-1, 2] {
        p.c = look.room_c + 1.2;
        let slot = (v / 4.0).rem_euclid(1.0) < 0.45 && inner > 4.0;
        p.tint(if slot { 0.38 } else { 0.98 });
    }
}
