//! Where the camera stands and looks, and what its receiver says of that.

use super::plan::Task;
use super::shot::Stand;
use crate::problem::Result;
use crate::simulate::building::Building;
use crate::simulate::park::Park;
use crate::simulate::random::Rng;
use crate::simulate::shape::{Rect, inside};
use crate::simulate::site::Site;
use crate::simulate::tags::Place;

/// A true standpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Standpoint {
    /// Map, metres.
    pub map: [f64; 2],
    /// TAW, metres.
    pub height_m: f64,
    /// View, degrees from true north.
    pub direction_deg: f64,
}

/// Chooses a standpoint for a case.
pub(super) fn stand(
    park: &Park,
    site: &Site,
    task: &Task,
    how: Stand,
    distance_m: f64,
    rng: &mut Rng,
) -> Standpoint {
    let building = &park.buildings[task.building];
    let (at, look) = match how {
        Stand::Inside => indoors(building, distance_m, rng),
        Stand::Outside => outdoors(park, task.building, distance_m, rng),
        Stand::Roof => on_roof(building, task, distance_m, rng),
    };
    let [s, t] = [building.centre[0] + at[0], building.centre[1] + at[1]];
    let map = park.frame.to_map(s, t);
    let ahead = park.frame.to_map(s + look[0], t + look[1]);
    let azimuth =
        (ahead[0] - map[0]).atan2(ahead[1] - map[1]) + site.convergence_rad(map[0], map[1]);
    let under = match how {
        Stand::Inside => building.base_m,
        Stand::Outside => park.ground_m(s, t),
        Stand::Roof => building.base_m + building.eave_m,
    };
    Standpoint {
        map,
        height_m: under + 1.5,
        direction_deg: azimuth.to_degrees().rem_euclid(360.0),
    }
}

/// The four walls of a rectangle: outward direction, length along it, its depth.
fn walls(r: &Rect) -> [([f64; 2], f64, f64); 4] {
    [
        ([1.0, 0.0], r.height(), r.width()),
        ([-1.0, 0.0], r.height(), r.width()),
        ([0.0, 1.0], r.width(), r.height()),
        ([0.0, -1.0], r.width(), r.height()),
    ]
}

/// A point so far outward of a wall (inward below 0), at a share of its length.
fn off_wall(r: &Rect, outward: [f64; 2], share: f64, by: f64) -> [f64; 2] {
    let along = |low: f64, high: f64| low + share * (high - low);
    let edge = |sign: f64, low: f64, high: f64| if sign > 0.0 { high + by } else { low - by };
    if outward[0] == 0.0 {
        [along(r.u0, r.u1), edge(outward[1], r.v0, r.v1)]
    } else {
        [edge(outward[0], r.u0, r.u1), along(r.v0, r.v1)]
    }
}

fn indoors(building: &Building, distance_m: f64, rng: &mut Rng) -> ([f64; 2], [f64; 2]) {
    let r = &building.rects[0];
    let (outward, _, depth) = walls(r)[rng.below(4)];
    let back = distance_m.clamp(3.0_f64.min(depth / 2.0), depth / 2.0);
    (off_wall(r, outward, rng.range(0.25, 0.75), -back), outward)
}

/// Before the wall with the most room before it.
fn outdoors(park: &Park, index: usize, distance_m: f64, rng: &mut Rng) -> ([f64; 2], [f64; 2]) {
    let building = &park.buildings[index];
    let r = &building.rects[0];
    let share = rng.range(0.35, 0.65);
    let room = |outward: [f64; 2]| {
        let p = off_wall(r, outward, share, distance_m);
        if inside(&building.rects, p[0], p[1], 0.0) {
            return -1.0;
        }
        let (s, t) = (building.centre[0] + p[0], building.centre[1] + p[1]);
        let gap = |b: &Building| {
            let around = b.bounds();
            let ds = (around.u0 - s).max(s - around.u1).max(0.0);
            ds.hypot((around.v0 - t).max(t - around.v1).max(0.0))
        };
        let others = park
            .buildings
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != index);
        others.map(|(_, b)| gap(b)).fold(f64::MAX, f64::min)
    };
    let mut best = ([1.0, 0.0], f64::MIN);
    for (outward, _, _) in walls(r) {
        let free = room(outward);
        if free > best.1 {
            best = (outward, free);
        }
    }
    let outward = best.0;
    (off_wall(r, outward, share, distance_m), outward.map(|v| -v))
}

/// On the roof beside its fault, on the side with more roof.
fn on_roof(
    building: &Building,
    task: &Task,
    distance_m: f64,
    rng: &mut Rng,
) -> ([f64; 2], [f64; 2]) {
    let feature = task.feature.and_then(|f| building.features.get(f));
    let Some(feature) = feature else {
        return indoors(building, distance_m, rng);
    };
    let reach = feature.shape.reach();
    let goal = [(reach.u0 + reach.u1) / 2.0, (reach.v0 + reach.v1) / 2.0];
    let (mut look, mut most) = ([1.0, 0.0], f64::MIN);
    for direction in [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]] {
        let at = [
            goal[0] - direction[0] * distance_m,
            goal[1] - direction[1] * distance_m,
        ];
        let clear = |r: &Rect| {
            let across = (at[0] - r.u0).min(r.u1 - at[0]);
            across.min(at[1] - r.v0).min(r.v1 - at[1])
        };
        let room = building.rects.iter().map(clear).fold(f64::MIN, f64::max);
        if room > most {
            (look, most) = (direction, room);
        }
    }
    let at = [
        goal[0] - look[0] * distance_m,
        goal[1] - look[1] * distance_m,
    ];
    (at, look)
}

/// What the receiver says: metres off, the height more so, the compass some degrees.
///
/// # Errors
/// Outside the coordinate system.
pub(super) fn told(point: &Standpoint, site: &Site, rng: &mut Rng) -> Result<Place> {
    let mut off = |metres: f64| metres * rng.gaussian().clamp(-1.8, 1.8);
    let (x, y) = (point.map[0] + off(1.2), point.map[1] + off(1.2));
    let (lon_deg, lat_deg) = site.to_lonlat(x, y)?;
    Ok(Place {
        lon_deg,
        lat_deg,
        altitude_m: point.height_m + off(3.0),
        direction_deg: Some((point.direction_deg + off(2.0)).rem_euclid(360.0)),
    })
}

/// The word of a direction, of eight.
pub(super) fn compass(degrees: f64, english: bool) -> &'static str {
    const DUTCH: [&str; 8] = [
        "noord",
        "noordoost",
        "oost",
        "zuidoost",
        "zuid",
        "zuidwest",
        "west",
        "noordwest",
    ];
    const ENGLISH: [&str; 8] = [
        "north",
        "north-east",
        "east",
        "south-east",
        "south",
        "south-west",
        "west",
        "north-west",
    ];
    let index = (degrees.rem_euclid(360.0) / 45.0).round() as usize % 8;
    if english {
        ENGLISH[index]
    } else {
        DUTCH[index]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_before_a_wall_lies_outside_and_one_behind_it_inside() {
        let r = Rect::new(0.0, 20.0, 0.0, 10.0);
        for (outward, _, _) in walls(&r) {
            let out = off_wall(&r, outward, 0.5, 4.0);
            let back = off_wall(&r, outward, 0.5, -4.0);
            assert!(!r.contains(out[0], out[1]) && r.contains(back[0], back[1]));
        }
    }

    #[test]
    fn directions_have_their_words() {
        assert_eq!(compass(350.0, false), "noord");
        assert_eq!(compass(-44.0, true), "north-west");
        assert_eq!(compass(181.0, false), "zuid");
    }
}
