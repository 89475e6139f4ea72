//! Where numbers and building tags go on a map.
//!
//! In: anchors on a picture in millimetres and what must stay free. Out: disc centres, one per
//! anchor, and tag centres.
//!
//! Every disc has some two hundred places around its anchor; a beam search keeps the best
//! partial layouts, so that an early choice does not corner a later one. Rules of the design:
//! leaders straight, 6–14 mm, none crossing; discs at least 6 mm apart and 5 mm inside the
//! frame; off the roof where there is room. When the strict rules have no answer they are
//! relaxed in two steps; the last resort is the anchor itself. Force-directed placement was
//! dropped: it has no answer for "does not cross" and moves with rounding.

/// A point in millimetres, y down.
pub type Point = [f64; 2];

/// A closed ring of points.
pub type Ring = Vec<Point>;

/// Radius of a disc, mm.
pub const DISC_RADIUS: f64 = 2.2;

/// An axis-parallel rectangle, mm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Distance of a point, 0 inside.
    pub fn distance(&self, p: Point) -> f64 {
        let dx = (self.x - p[0]).max(p[0] - self.x - self.w).max(0.0);
        let dy = (self.y - p[1]).max(p[1] - self.y - self.h).max(0.0);
        dx.hypot(dy)
    }

    /// Whether two rectangles share area.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    fn around(centre: Point, w: f64, h: f64) -> Rect {
        Rect {
            x: centre[0] - w / 2.0,
            y: centre[1] - h / 2.0,
            w,
            h,
        }
    }
}

/// What a map holds before it is labelled.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
    /// Rings of each roof; holes as further rings.
    pub roofs: Vec<Vec<Ring>>,
    /// Plates of scale bar and north arrow.
    pub keep_out: Vec<Rect>,
    /// Bounds of the objects on the roofs.
    pub objects: Vec<Rect>,
}

/// How strict a pass is.
struct Rules {
    longest: f64,
    spacing: f64,
    frame: f64,
}

/// Strict first, then longer leaders, then discs closer together.
const PASSES: [Rules; 3] = [
    Rules {
        longest: 14.0,
        spacing: 6.0,
        frame: 5.0,
    },
    Rules {
        longest: 24.0,
        spacing: 6.0,
        frame: 3.5,
    },
    Rules {
        longest: 36.0,
        spacing: 5.0,
        frame: 3.0,
    },
];

const SHORTEST: f64 = 6.0;
const DIRECTIONS: usize = 24;
const BEAM: usize = 48;
/// Places kept per anchor.
const PLACES: usize = 90;

/// Costs: a disc on a roof hides pixels, a leader over another object misleads, length tires.
const ON_ROOF: f64 = 8.0;
const OVER_OBJECT: f64 = 2.5;
const PER_MM: f64 = 0.15;
const INWARD: f64 = 1.0;

#[derive(Clone)]
struct Layout {
    cost: f64,
    centres: Vec<Point>,
}

/// Centres of the discs, in the order of the anchors.
pub fn place_discs(scene: &Scene, anchors: &[Point]) -> Vec<Point> {
    PASSES
        .iter()
        .find_map(|rules| search(scene, anchors, rules))
        .unwrap_or_else(|| anchors.to_vec())
}

fn search(scene: &Scene, anchors: &[Point], rules: &Rules) -> Option<Vec<Point>> {
    let mut beam = vec![Layout {
        cost: 0.0,
        centres: Vec::new(),
    }];
    for i in 0..anchors.len() {
        let places = places(scene, anchors, i, rules);
        let mut next = Vec::new();
        for layout in &beam {
            for (cost, centre) in &places {
                if fits(anchors, layout, *centre, rules) {
                    let mut centres = layout.centres.clone();
                    centres.push(*centre);
                    next.push(Layout {
                        cost: layout.cost + cost,
                        centres,
                    });
                }
            }
        }
        // A stable sort keeps equal costs in the order they were made: same input, same map.
        next.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        next.truncate(BEAM);
        beam = next;
    }
    beam.into_iter().next().map(|layout| layout.centres)
}

/// Allowed places of one disc with their costs, cheapest first.
fn places(scene: &Scene, anchors: &[Point], i: usize, rules: &Rules) -> Vec<(f64, Point)> {
    let anchor = anchors[i];
    let mut found = Vec::new();
    let steps = (rules.longest - SHORTEST) as usize;
    for step in 0..=steps {
        let length = SHORTEST + step as f64;
        for k in 0..DIRECTIONS {
            let angle = std::f64::consts::TAU * k as f64 / DIRECTIONS as f64;
            let (sin, cos) = angle.sin_cos();
            let centre = [anchor[0] + length * cos, anchor[1] + length * sin];
            if allowed(scene, anchors, i, centre, rules) {
                found.push((cost(scene, anchor, centre, length), centre));
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(PLACES);
    found
}

fn allowed(scene: &Scene, anchors: &[Point], i: usize, c: Point, rules: &Rules) -> bool {
    let inside = c[0] >= rules.frame
        && c[1] >= rules.frame
        && c[0] <= scene.width - rules.frame
        && c[1] <= scene.height - rules.frame;
    inside
        && scene
            .keep_out
            .iter()
            .all(|r| r.distance(c) > DISC_RADIUS + 0.8)
        && anchors
            .iter()
            .enumerate()
            .all(|(j, other)| j == i || distance(*other, c) > DISC_RADIUS + 1.6)
}

fn cost(scene: &Scene, anchor: Point, centre: Point, length: f64) -> f64 {
    let on_roof = scene
        .roofs
        .iter()
        .any(|rings| near_rings(rings, centre, DISC_RADIUS));
    let over = scene
        .objects
        .iter()
        .filter(|r| r.distance(anchor) > 0.1 && crosses_rect(anchor, centre, r))
        .count();
    let covered = scene
        .objects
        .iter()
        .filter(|r| r.distance(centre) < DISC_RADIUS)
        .count();
    let middle = [scene.width / 2.0, scene.height / 2.0];
    let inward = distance(middle, centre) < distance(middle, anchor);
    PER_MM * (length - SHORTEST)
        + if on_roof { ON_ROOF } else { 0.0 }
        + OVER_OBJECT * (over + covered) as f64
        + if inward { INWARD } else { 0.0 }
}

fn fits(anchors: &[Point], layout: &Layout, centre: Point, rules: &Rules) -> bool {
    let anchor = anchors[layout.centres.len()];
    layout.centres.iter().zip(anchors).all(|(c, a)| {
        distance(*c, centre) >= rules.spacing
            && !segments_cross(from_dot(*a, *c), *c, from_dot(anchor, centre), centre)
            && segment_distance(*a, *c, centre) > DISC_RADIUS + 0.8
            && segment_distance(anchor, centre, *c) > DISC_RADIUS + 0.8
    })
}

/// Where a leader leaves its dot: two objects at one place may share the dot.
fn from_dot(anchor: Point, centre: Point) -> Point {
    let share = 0.6 / distance(anchor, centre).max(0.6);
    [
        anchor[0] + share * (centre[0] - anchor[0]),
        anchor[1] + share * (centre[1] - anchor[1]),
    ]
}

/// What a tag needs.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Position of its roof in [`Scene::roofs`].
    pub roof: usize,
    /// Width, mm.
    pub width: f64,
    /// Height, mm.
    pub height: f64,
}

/// Centres of the building tags, `None` where there is no room. Discs and leaders stay free.
pub fn place_tags(
    scene: &Scene,
    tags: &[Tag],
    anchors: &[Point],
    discs: &[Point],
) -> Vec<Option<Point>> {
    let mut taken: Vec<Rect> = scene.keep_out.clone();
    tags.iter()
        .map(|tag| {
            let best = tag_places(scene, tag)
                .into_iter()
                .filter(|(_, c)| tag_free(scene, tag, *c, &taken, anchors, discs))
                .min_by(|a, b| a.0.total_cmp(&b.0))?;
            taken.push(Rect::around(best.1, tag.width + 1.0, tag.height + 1.0));
            Some(best.1)
        })
        .collect()
}

/// Places inside the roof on a grid, and around its bounds.
fn tag_places(scene: &Scene, tag: &Tag) -> Vec<(f64, Point)> {
    let Some(rings) = scene.roofs.get(tag.roof) else {
        return Vec::new();
    };
    let b = ring_bounds(rings);
    let middle = [b.x + b.w / 2.0, b.y + b.h / 2.0];
    let mut found = Vec::new();
    const STEPS: usize = 10;
    for i in 0..=STEPS {
        for j in 0..=STEPS {
            let (u, v) = (i as f64 / STEPS as f64, j as f64 / STEPS as f64);
            // From a tag's width left of the bounds to a tag's width right of them.
            let c = [
                b.x - tag.width * 0.7 + u * (b.w + tag.width * 1.4),
                b.y - tag.height * 0.8 + v * (b.h + tag.height * 1.6),
            ];
            let rect = Rect::around(c, tag.width, tag.height);
            let inside = corners(&rect).iter().all(|p| in_rings(rings, *p));
            let small = b.w < 2.2 * tag.width || b.h < 2.2 * tag.height;
            let touches = scene
                .roofs
                .iter()
                .enumerate()
                .any(|(k, r)| k != tag.roof && corners(&rect).iter().any(|p| in_rings(r, *p)));
            let hidden = scene.objects.iter().filter(|r| r.overlaps(&rect)).count();
            let away = distance(c, middle) / (b.w + b.h).max(1.0);
            let reach = rect_gap(rings, c, &rect);
            let cost = match (inside, small) {
                (true, false) => away,
                (true, true) => 2.0 + away,
                (false, _) => 1.5 + reach,
            };
            let others = if touches { 6.0 } else { 0.0 };
            found.push((cost + others + 3.0 * hidden as f64, c));
        }
    }
    found
}

/// How far a tag stands from its own roof: a tag that floats free belongs to nothing.
fn rect_gap(rings: &[Ring], centre: Point, rect: &Rect) -> f64 {
    if in_rings(rings, centre) {
        return 0.0;
    }
    rings
        .iter()
        .flat_map(|r| r.iter())
        .map(|p| rect.distance(*p))
        .fold(f64::INFINITY, f64::min)
        .min(9.0)
}

fn tag_free(
    scene: &Scene,
    tag: &Tag,
    c: Point,
    taken: &[Rect],
    anchors: &[Point],
    discs: &[Point],
) -> bool {
    let rect = Rect::around(c, tag.width, tag.height);
    let inside = rect.x >= 1.0
        && rect.y >= 1.0
        && rect.x + rect.w <= scene.width - 1.0
        && rect.y + rect.h <= scene.height - 1.0;
    inside
        && !taken.iter().any(|r| r.overlaps(&rect))
        && discs.iter().all(|d| rect.distance(*d) > DISC_RADIUS + 0.6)
        && anchors
            .iter()
            .zip(discs)
            .all(|(a, d)| !crosses_rect(*a, *d, &grown(&rect, 0.5)))
}

fn grown(r: &Rect, by: f64) -> Rect {
    Rect {
        x: r.x - by,
        y: r.y - by,
        w: r.w + 2.0 * by,
        h: r.h + 2.0 * by,
    }
}

fn corners(r: &Rect) -> [Point; 4] {
    [
        [r.x, r.y],
        [r.x + r.w, r.y],
        [r.x + r.w, r.y + r.h],
        [r.x, r.y + r.h],
    ]
}

fn distance(a: Point, b: Point) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Whether a point lies in rings by the even-odd rule.
pub fn in_rings(rings: &[Ring], p: Point) -> bool {
    let mut inside = false;
    for ring in rings {
        for (a, b) in edges(ring) {
            if (a[1] > p[1]) != (b[1] > p[1])
                && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]
            {
                inside = !inside;
            }
        }
    }
    inside
}

fn near_rings(rings: &[Ring], p: Point, reach: f64) -> bool {
    in_rings(rings, p)
        || rings
            .iter()
            .flat_map(edges)
            .any(|(a, b)| segment_distance(a, b, p) < reach)
}

fn edges(ring: &Ring) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.iter()
        .enumerate()
        .map(|(i, a)| (*a, ring[(i + 1) % ring.len()]))
}

/// Bounds of rings; empty rings give an empty rectangle at the origin.
pub fn ring_bounds(rings: &[Ring]) -> Rect {
    let points = || rings.iter().flat_map(|r| r.iter());
    let low = |k: usize| points().map(|p| p[k]).fold(f64::INFINITY, f64::min);
    let high = |k: usize| points().map(|p| p[k]).fold(f64::NEG_INFINITY, f64::max);
    let (x, y) = (low(0), low(1));
    if !x.is_finite() {
        return Rect {
            x: 0.0,
            y: 0.0,
            w: 0.0,
            h: 0.0,
        };
    }
    Rect {
        x,
        y,
        w: high(0) - x,
        h: high(1) - y,
    }
}

fn segment_distance(a: Point, b: Point, p: Point) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let t = if length2 > 0.0 {
        (((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    distance(p, [a[0] + t * dx, a[1] + t * dy])
}

/// Whether two segments share a point (collinear overlap counts through their ends).
pub fn segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool {
    let side = |p: Point, q: Point, r: Point| {
        (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
    };
    let (d1, d2) = (side(c, d, a), side(c, d, b));
    let (d3, d4) = (side(a, b, c), side(a, b, d));
    d1 * d2 <= 0.0 && d3 * d4 <= 0.0
}

fn crosses_rect(a: Point, b: Point, r: &Rect) -> bool {
    let c = corners(r);
    r.distance(a) == 0.0
        || r.distance(b) == 0.0
        || (0..4).any(|i| segments_cross(a, b, c[i], c[(i + 1) % 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, w: f64, h: f64) -> Vec<Ring> {
        vec![vec![[x, y], [x + w, y], [x + w, y + h], [x, y + h]]]
    }

    fn scene() -> Scene {
        Scene {
            width: 88.0,
            height: 66.0,
            roofs: vec![square(24.0, 18.0, 40.0, 30.0)],
            keep_out: vec![
                Rect {
                    x: 76.0,
                    y: 2.0,
                    w: 6.0,
                    h: 9.0,
                },
                Rect {
                    x: 1.5,
                    y: 58.0,
                    w: 24.0,
                    h: 6.5,
                },
            ],
            objects: Vec::new(),
        }
    }

    fn check(scene: &Scene, anchors: &[Point], centres: &[Point]) {
        assert_eq!(anchors.len(), centres.len());
        for (i, c) in centres.iter().enumerate() {
            assert!(c[0] >= 5.0 && c[1] >= 5.0, "{c:?}");
            assert!(
                c[0] <= scene.width - 5.0 && c[1] <= scene.height - 5.0,
                "{c:?}"
            );
            let length = distance(*c, anchors[i]);
            assert!((5.999..=14.001).contains(&length), "leader {length}");
            for j in 0..i {
                assert!(distance(*c, centres[j]) >= 6.0);
                assert!(!segments_cross(*c, anchors[i], centres[j], anchors[j]));
            }
            assert!(scene.keep_out.iter().all(|r| r.distance(*c) > DISC_RADIUS));
        }
    }

    #[test]
    fn discs_near_the_roof_edge_stand_off_the_roof() {
        let scene = scene();
        let anchors = [[27.0, 45.0], [60.0, 20.0], [62.0, 44.0], [30.0, 20.0]];
        let centres = place_discs(&scene, &anchors);
        check(&scene, &anchors, &centres);
        for c in &centres {
            assert!(!near_rings(&scene.roofs[0], *c, DISC_RADIUS), "{c:?}");
        }
    }

    #[test]
    fn nine_discs_in_a_cluster_neither_touch_nor_cross() {
        let scene = scene();
        let anchors: Vec<Point> = (0..9)
            .map(|i| [38.0 + 4.5 * f64::from(i % 3), 28.0 + 4.5 * f64::from(i / 3)])
            .collect();
        let centres = place_discs(&scene, &anchors);
        for i in 0..9 {
            for j in 0..i {
                assert!(distance(centres[i], centres[j]) >= 6.0);
                assert!(!segments_cross(
                    centres[i], anchors[i], centres[j], anchors[j]
                ));
            }
        }
    }

    #[test]
    fn an_anchor_in_the_frame_corner_still_gets_a_disc_inside() {
        let scene = scene();
        let anchors = [[2.0, 2.0]];
        let centres = place_discs(&scene, &anchors);
        check(&scene, &anchors, &centres);
    }

    #[test]
    fn two_anchors_at_one_place_get_two_discs() {
        let scene = scene();
        let centres = place_discs(&scene, &[[44.0, 33.0], [44.0, 33.0]]);
        assert!(distance(centres[0], centres[1]) >= 5.0);
    }

    #[test]
    fn a_tag_keeps_clear_of_discs_leaders_and_plates() {
        let scene = scene();
        let anchors = [[44.0, 33.0]];
        let discs = place_discs(&scene, &anchors);
        let tag = Tag {
            roof: 0,
            width: 6.4,
            height: 3.8,
        };
        let centre = place_tags(&scene, &[tag], &anchors, &discs)[0].expect("room on the roof");
        let rect = Rect::around(centre, 6.4, 3.8);
        assert!(rect.distance(discs[0]) > DISC_RADIUS);
        assert!(!crosses_rect(anchors[0], discs[0], &rect));
    }
}
