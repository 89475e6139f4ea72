//! Roofs drawn cell by cell, whose parts are known.

use super::*;
use crate::raster::GeoTransform;
use crate::segment::{self, Roof};
use crate::survey::Outline;
use geo::{Area, Polygon};

const CELL_M: f64 = 0.25;
/// Outline of all drawn roofs, metres from the south-west corner of the map.
const X: (f64, f64) = (10.0, 50.0);
const Y: (f64, f64) = (10.0, 34.0);

/// A drawn map and the roof cut out of it.
struct Scene {
    roof: Roof,
    celsius: Grid<f32>,
    surface: Option<Grid<f32>>,
    terrain: Option<Grid<f32>>,
    surface_cell_m: f64,
    mirror_below_c: Option<f32>,
    shade: Option<Grid<bool>>,
}

fn drawn(value: impl Fn(f64, f64) -> f64, noise: f64) -> Grid<f32> {
    let mut state = 88_172_645_463_325_252_u64;
    let roof = roof();
    let mut grid = Grid::filled(roof.window.width, roof.window.height, 0.0);
    for row in 0..grid.height() {
        for col in 0..grid.width() {
            let (x, y) = roof.transform.centre(col, row);
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let even = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
            grid.set(col, row, (value(x, y) + noise * 3.46 * even) as f32);
        }
    }
    grid
}

fn roof() -> Roof {
    let ring = [(X.0, Y.0), (X.1, Y.0), (X.1, Y.1), (X.0, Y.1)];
    let outline = Outline::new(
        "1",
        MultiPolygon(vec![Polygon::new(geo::LineString::from_iter(ring), vec![])]),
    );
    let transform = GeoTransform {
        x0: 0.0,
        y0: 44.0,
        dx: CELL_M,
        dy: CELL_M,
    };
    segment::roof(&outline, &transform, 240, 176, &segment::Options::default()).expect("inside")
}

fn on_roof(x: f64, y: f64) -> bool {
    x > X.0 && x < X.1 && y > Y.0 && y < Y.1
}

fn scene(celsius: impl Fn(f64, f64) -> f64) -> Scene {
    Scene {
        roof: roof(),
        celsius: drawn(celsius, 0.08),
        surface: None,
        terrain: None,
        surface_cell_m: 1.0,
        mirror_below_c: Some(-20.0),
        shade: None,
    }
}

impl Scene {
    fn with_surface(mut self, cell_m: f64, surface: impl Fn(f64, f64) -> f64) -> Self {
        self.surface = Some(drawn(surface, 0.01));
        self.terrain = Some(drawn(|_, _| 5.0, 0.0));
        self.surface_cell_m = cell_m;
        self
    }

    fn split(&self) -> Parts {
        let input = PartsInput {
            roof: &self.roof,
            celsius: &self.celsius,
            surface: self.surface.as_ref(),
            terrain: self.terrain.as_ref(),
            surface_cell_m: self.surface_cell_m,
            mirror_below_c: self.mirror_below_c,
            shade: self.shade.as_ref(),
        };
        split(&input, &Options::default())
    }

    /// Intersection over union of a true area with the best part of a kind.
    fn iou(&self, parts: &Parts, kind: Kind, truth: impl Fn(f64, f64) -> bool) -> f64 {
        let mut best = 0.0_f64;
        for (index, part) in parts.parts.iter().enumerate() {
            let (mut both, mut either) = (0.0, 0.0);
            for row in 0..parts.labels.height() {
                for col in 0..parts.labels.width() {
                    let (x, y) = self.roof.transform.centre(col, row);
                    let own = usize::from(parts.labels.at(col, row)) == index + 1;
                    both += f64::from(own && truth(x, y));
                    either += f64::from(own || truth(x, y));
                }
            }
            if part.kind == kind {
                best = best.max(both / either);
            }
        }
        best
    }
}

fn kinds(parts: &Parts) -> Vec<Kind> {
    parts.parts.iter().map(|p| p.kind).collect()
}

/// Roof at −4 °C on ground at 1 °C.
fn plain(x: f64, y: f64) -> f64 {
    if on_roof(x, y) { -4.0 } else { 1.0 }
}

fn within(x: f64, y: f64, [x0, x1, y0, y1]: [f64; 4]) -> bool {
    x > x0 && x < x1 && y > y0 && y < y1
}

#[test]
fn without_heights_a_step_of_temperature_through_the_roof_parts_two_planes() {
    let split_at = 31.1;
    let scene = scene(|x, y| {
        plain(x, y)
            + if on_roof(x, y) && x > split_at {
                1.2
            } else {
                0.0
            }
    });
    let parts = scene.split();
    assert_eq!(parts.heights, Heights::Absent);
    assert_eq!(kinds(&parts), [Kind::Plane, Kind::Plane]);
    assert!(parts.parts[0].why.contains(&Why::ThermalStep));
    for row in 10..parts.labels.height() - 10 {
        for col in 10..parts.labels.width() - 10 {
            let (x, _) = scene.roof.transform.centre(col, row);
            let west = parts.labels.at(col, row) == parts.labels.at(10, row);
            assert!(
                west == (x < split_at) || (x - split_at).abs() < 2.0 * CELL_M,
                "{x}"
            );
        }
    }
}

#[test]
fn a_field_of_panels_parts_no_planes_and_is_a_part_of_its_own() {
    let field = [14.0, 34.0, 13.0, 22.0];
    let scene = scene(|x, y| plain(x, y) - if within(x, y, field) { 1.6 } else { 0.0 });
    let parts = scene.split();
    assert_eq!(kinds(&parts), [Kind::Plane, Kind::Pv]);
    assert!(scene.iou(&parts, Kind::Pv, |x, y| within(x, y, field)) > 0.95);
    assert!(parts.parts[1].left_out);
    let mut roof = scene.roof.clone();
    parts.keep_off(&mut roof.inner);
    for (i, share) in roof.inner.data().iter().enumerate() {
        let panels = parts.labels.data()[i] == 2;
        let before = scene.roof.inner.data()[i];
        assert_eq!(*share, if panels { 0.0 } else { before });
    }
    let areas = parts.polygons(&scene.roof.transform);
    assert!((areas[1].unsigned_area() - parts.parts[1].area_m2).abs() < 1e-6);
    assert!((parts.parts[0].median_c.expect("seen") + 4.0).abs() < 0.05);
}

/// Panels over all of the roof but 1.5 m around, 2.4 K below the roofing, blurred over two cells.
fn covered(x: f64, y: f64) -> f64 {
    let inset = [x - X.0, X.1 - x, y - Y.0, Y.1 - y];
    let inset = inset.into_iter().fold(f64::INFINITY, f64::min) - 1.5;
    plain(x, y) - 2.4 * (0.5 + inset / 0.5).clamp(0.0, 1.0)
}

#[test]
fn panels_that_leave_only_a_margin_of_roof_are_found_by_their_sharp_border() {
    let field = [X.0 + 1.5, X.1 - 1.5, Y.0 + 1.5, Y.1 - 1.5];
    for heights in [false, true] {
        let mut drawn = scene(covered);
        // A roof of no loss reads -7 °C.
        drawn.mirror_below_c = Some(-13.0);
        let drawn = match heights {
            true => drawn.with_surface(1.0, |x, y| if on_roof(x, y) { 13.0 } else { 5.0 }),
            false => drawn,
        };
        let parts = drawn.split();
        assert_eq!(kinds(&parts), [Kind::Plane, Kind::Pv], "heights {heights}");
        assert!(drawn.iou(&parts, Kind::Pv, |x, y| within(x, y, field)) > 0.95);
        assert!(parts.parts[1].left_out && parts.parts[1].why.contains(&Why::Margin));
    }
}

#[test]
fn a_warm_rim_is_not_taken_for_the_margin_of_panels() {
    let inset = |x: f64, y: f64| {
        let sides = [x - X.0, X.1 - x, y - Y.0, Y.1 - y];
        sides.into_iter().fold(f64::INFINITY, f64::min)
    };
    // Warmth that decays inward from the edge.
    let decaying = scene(|x, y| plain(x, y) + 3.0 * (-inset(x, y) / 1.2).exp());
    assert!(!kinds(&decaying.split()).contains(&Kind::Pv));
    // A parapet of half a metre.
    let parapet = scene(|x, y| plain(x, y) + if inset(x, y) < 0.5 { 2.4 } else { 0.0 });
    assert!(!kinds(&parapet.split()).contains(&Kind::Pv));
    // A warm strip along one side only.
    let strip = scene(|x, y| plain(x, y) + if x < X.0 + 1.5 { 2.4 } else { 0.0 });
    assert!(!kinds(&strip.split()).contains(&Kind::Pv));
    // The same step where a roof of no loss reads -14 °C: what is inside is heated from below.
    let heated = scene(covered);
    assert!(!kinds(&heated.split()).contains(&Kind::Pv));
}

#[test]
fn a_roof_whose_surface_lies_at_the_ground_is_newer_than_the_model() {
    let parts = scene(plain).with_surface(1.0, |_, _| 5.2).split();
    assert_eq!(parts.heights, Heights::Newer);
    assert_eq!(kinds(&parts), [Kind::Plane]);
    assert_eq!(parts.parts[0].plane, None);
}

#[test]
fn the_overhang_is_found_also_where_the_map_lies_aside() {
    for shift in [0.0, 0.3] {
        let out = 0.5;
        let scene = scene(|x, y| {
            let wide = within(x - shift, y, [X.0 - out, X.1 + out, Y.0 - out, Y.1 + out]);
            if wide { -4.0 } else { 1.0 }
        });
        let found = scene.split().overhang_m.expect("both pairs of sides");
        assert!(
            (found - out).abs() < 0.5 * CELL_M,
            "{found} with a shift of {shift}"
        );
    }
}

#[test]
fn a_cold_rim_on_warm_ground_is_a_parapet() {
    let scene = scene(|x, y| {
        let deep = within(x, y, [X.0 + 0.5, X.1 - 0.5, Y.0 + 0.5, Y.1 - 0.5]);
        plain(x, y) - if on_roof(x, y) && !deep { 1.5 } else { 0.0 }
    });
    let parts = scene.split();
    let parapet = parts.parts.iter().find(|p| p.kind == Kind::Parapet);
    let parapet = parapet.expect("a parapet");
    // 0.5 m round 40 m × 24 m: 2 · 64 · 0.5 − 4 · 0.25.
    assert!((parapet.area_m2 - 63.0).abs() < 3.0, "{}", parapet.area_m2);
    assert!(parapet.why.contains(&Why::Colder) && parapet.why.contains(&Why::AlongRim));
}

#[test]
fn a_ridge_hip_and_plant_of_the_surface_model_are_told_apart() {
    // Gable with its ridge at y = 22, a box of 3 m × 2 m standing 1.5 m over the south side.
    let box_at = [20.0, 23.0, 14.0, 16.0];
    let scene = scene(plain).with_surface(0.25, |x, y| {
        if !on_roof(x, y) {
            return 5.0;
        }
        let roof = 11.0 + 0.2 * (12.0 - (y - 22.0).abs());
        roof + if within(x, y, box_at) { 1.5 } else { 0.0 }
    });
    let parts = scene.split();
    assert_eq!(
        kinds(&parts),
        [Kind::Plane, Kind::Plane, Kind::Installation]
    );
    assert!(scene.iou(&parts, Kind::Installation, |x, y| within(x, y, box_at)) > 0.8);
    let mut aspects: Vec<f64> = parts
        .planes()
        .map(|p| p.plane.expect("heights").aspect_deg().expect("sloped"))
        .collect();
    aspects.sort_by(f64::total_cmp);
    assert!(
        aspects[0].min(360.0 - aspects[0]) < 1.0 || aspects[1] > 359.0,
        "{aspects:?}"
    );
    for plane in parts.planes() {
        let slope = plane.plane.expect("heights").slope_deg();
        // atan 0.2 = 11.31°.
        assert!((slope - 11.31).abs() < 0.3, "{slope}");
    }
}

#[test]
fn branches_over_the_rim_are_a_tree() {
    let scene = scene(plain).with_surface(0.5, |x, y| {
        let crown = (x - 50.0).hypot(y - 20.0) < 3.5;
        // Half-metre cells at whole places of the sum: heights scatter by metres.
        let scatter = ((x / 0.5).floor() * 7.0 + (y / 0.5).floor() * 3.0).rem_euclid(5.0);
        match (crown, on_roof(x, y)) {
            (true, _) => 13.0 + 0.6 * scatter,
            (false, true) => 11.0,
            (false, false) => 5.0,
        }
    });
    let parts = scene.split();
    let tree = parts
        .parts
        .iter()
        .find(|p| p.kind == Kind::Tree)
        .expect("a tree");
    assert!(tree.left_out && tree.why.contains(&Why::Rough));
    // Half a disc of 3.5 m: 19.2 m².
    assert!((10.0..24.0).contains(&tree.area_m2), "{}", tree.area_m2);
}

#[test]
fn a_crown_beside_the_roof_shades_as_far_as_it_is_higher() {
    let mut scene = scene(plain).with_surface(1.0, |x, y| if on_roof(x, y) { 11.0 } else { 5.0 });
    let transform = GeoTransform {
        x0: 0.0,
        y0: 44.0,
        dx: 1.0,
        dy: 1.0,
    };
    let model = |value: &dyn Fn(f64, f64) -> f64| {
        let mut grid = Grid::filled(60, 44, 0.0_f32);
        for row in 0..44 {
            for col in 0..60 {
                let (x, y) = transform.centre(col, row);
                grid.set(col, row, value(x, y) as f32);
            }
        }
        crate::raster::GeoGrid { grid, transform }
    };
    // A crown 4 m wide from 52 m on, 15 to 17 m high: 4 to 6 m over the roof.
    let crown = |x: f64, y: f64| (52.0..56.0).contains(&x) && (18.0..24.0).contains(&y);
    let scatter = |x: f64, y: f64| (x.floor() * 7.0 + y.floor() * 3.0).rem_euclid(3.0);
    let surface = model(&|x, y| match (crown(x, y), on_roof(x, y)) {
        (true, _) => 15.0 + scatter(x, y),
        (false, true) => 11.0,
        (false, false) => 5.0,
    });
    let terrain = model(&|_, _| 5.0);
    let free = |x: f64, y: f64| x > 51.0 || !on_roof(x, y);
    let heights = scene.surface.clone().expect("heights");
    let shade = shaded(&scene.roof, &heights, &surface, &terrain, free).expect("shade");
    let at = |x: f64, y: f64| {
        let (u, v) = scene.roof.transform.to_pixel(x, y);
        shade.get(u.floor() as isize, v.floor() as isize)
    };
    // Its nearest cells lie 2.5 m from the roof's edge: at most 6 m less that are shaded.
    assert_eq!(at(49.0, 21.0), Some(true));
    assert_eq!(at(45.5, 21.0), Some(false));
    assert_eq!(at(49.0, 32.0), Some(false));
    scene.shade = Some(shade);
    let parts = scene.split();
    let tree = parts.parts.iter().find(|p| p.kind == Kind::Tree);
    let tree = tree.expect("a part");
    assert!(tree.left_out && tree.why == [Why::Shaded]);
    assert!(shaded(&scene.roof, &heights, &terrain, &terrain, free).is_none());
}

#[test]
fn a_mirror_on_a_part_of_the_roof_is_metal_and_a_roof_of_metal_is_told_as_roofing() {
    let sheet = [30.0, 38.0, 15.0, 25.0];
    let scene_part = scene(|x, y| {
        if within(x, y, sheet) {
            -32.0
        } else {
            plain(x, y)
        }
    });
    let parts = scene_part.split();
    assert!(scene_part.iou(&parts, Kind::Metal, |x, y| within(x, y, sheet)) > 0.95);
    assert_eq!(parts.roofing.word, "unknown");
    let all = scene(|x, y| if on_roof(x, y) { -32.0 } else { 1.0 }).split();
    assert_eq!(kinds(&all), [Kind::Metal]);
    assert_eq!(all.roofing.word, "metal");
    assert!(all.roofing.confidence > 0.9);
}

#[test]
fn grids_of_another_shape_and_maps_without_a_value_give_the_outline_as_one_part() {
    let mut scene = scene(|_, _| f64::NAN).with_surface(1.0, |_, _| f64::NAN);
    let empty = scene.split();
    assert_eq!(
        (kinds(&empty), empty.parts[0].median_c),
        (vec![Kind::Plane], None)
    );
    scene.celsius = Grid::filled(3, 2, 1.0);
    scene.surface = Some(Grid::filled(1, 1, 1.0));
    assert_eq!(kinds(&scene.split()), [Kind::Plane]);
    scene.surface_cell_m = f64::NAN;
    scene.mirror_below_c = Some(f32::NAN);
    assert_eq!(kinds(&scene.split()), [Kind::Plane]);
}

#[test]
fn the_same_input_gives_the_same_parts() {
    let scene = scene(|x, y| {
        plain(x, y)
            + if within(x, y, [20.0, 21.5, 14.0, 16.5]) {
                4.0
            } else {
                0.0
            }
    })
    .with_surface(
        1.0,
        |x, y| if on_roof(x, y) { 11.0 + 0.05 * x } else { 5.0 },
    );
    assert_eq!(scene.split(), scene.split());
}
