//! Which sources a roof is taken from.

use super::Choice;
use super::cells::{Lattice, Node};
use super::part::part;
use super::sight::{Scene, Seen};
use crate::mosaic::cost::{NEVER, of_source};
use crate::mosaic::plan::{FOOTPRINT_MARGIN, usable};
use crate::mosaic::{NO_FRAME, Options, Plan, Source, SurfaceAround};
use crate::raster::{Bounds, Window};
use crate::rectify::Relief;
use geo::MultiPolygon;

/// Most squares of the lattice that tells whether a frame sees a roof whole.
const WHOLE_NODES: usize = 400;

/// Most squares of the lattice a roof is parted on: 2 m on a hall of 70 m × 100 m.
const PART_NODES: usize = 2000;

/// Most sources a roof is parted among.
const MOST_LABELS: usize = 10;

/// Share of a roof away from its edge that may be hidden when it is seen whole: what stands on
/// a roof hides something from every side.
const HIDDEN_SHARE: f64 = 0.05;

/// What hiding costs against frames that hide less: as much as 57° of view.
const HIDDEN_COST: f64 = 1.0;

/// A roof and where it lies.
pub(super) struct Shape<'a> {
    pub(super) outline: &'a MultiPolygon<f64>,
    pub(super) bounds: Bounds,
    pub(super) window: Window,
}

/// Decides where a roof comes from: the cheapest of the sources that see it whole, within the angle
/// and all but unhidden; else parted.
pub(super) fn choose(
    plan: &Plan,
    sources: &[Source<'_>],
    shape: &Shape<'_>,
    surface: Option<&SurfaceAround<'_>>,
    options: &Options,
) -> Choice {
    let candidates = candidates(sources, &shape.bounds);
    if candidates.is_empty() {
        return Choice::None;
    }
    let surface = surface.and_then(|around| around(&shape.bounds));
    let edge_m = surface.as_ref().map_or(0.0, |s| s.transform.dx);
    let lattice = |most| Lattice::new(shape.outline, plan, shape.window, most, edge_m);
    let whole_lattice = lattice(WHOLE_NODES);
    let relief = surface
        .as_ref()
        .map(|surface| Relief::new(surface, &options.rectify));
    let scene = Scene {
        relief: relief.as_ref(),
        roof_z: relief
            .as_ref()
            .and_then(|r| roof_z(r, &whole_lattice.nodes)),
    };
    let job = Job {
        plan,
        sources,
        scene,
        options,
    };
    let whole = candidates.iter().filter_map(|place| {
        let cost = job.cost_if_whole(*place, shape.outline, &whole_lattice.nodes)?;
        Some((cost, *place))
    });
    // The first of equals: candidates come in order of index.
    let best = whole.min_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, place)) => Choice::One { place, whole: true },
        None => job.parted(&candidates, &lattice(PART_NODES)),
    }
}

/// Sources that may see a point of the bounds, in order of index.
fn candidates(sources: &[Source<'_>], bounds: &Bounds) -> Vec<usize> {
    let near = |source: &Source<'_>| {
        let footprint = source.footprint();
        let size = (footprint.x_max - footprint.x_min).max(footprint.y_max - footprint.y_min);
        footprint
            .buffered(FOOTPRINT_MARGIN * size)
            .intersects(bounds)
    };
    let mut places: Vec<usize> = usable(sources)
        .filter(|(_, source)| near(source))
        .map(|(place, _)| place)
        .collect();
    places.sort_by_key(|place| (sources[*place].index(), *place));
    places
}

/// Median height of the squares away from the edge, of all where there is none.
fn roof_z(relief: &Relief<'_>, nodes: &[Node]) -> Option<f64> {
    let heights = |inner: bool| {
        let nodes = nodes.iter().filter(|n| n.inner || !inner);
        let mut heights: Vec<f64> = nodes.filter_map(|n| relief.height_m(n.x, n.y)).collect();
        heights.sort_by(f64::total_cmp);
        heights.get(heights.len() / 2).copied()
    };
    heights(true).or_else(|| heights(false))
}

struct Job<'a> {
    plan: &'a Plan,
    sources: &'a [Source<'a>],
    scene: Scene<'a>,
    options: &'a Options,
}

impl Job<'_> {
    fn cost(&self, place: usize, node: &Node) -> f64 {
        let at = (node.x, node.y, self.scene.height(node));
        let cost = of_source(
            &self.sources[place],
            at,
            self.plan.finest_gsd_m,
            self.options,
        );
        (cost + self.plan.weighing(place).cost).clamp(0.0, NEVER)
    }

    /// Mean cost over a roof; `None` where the source does not see it whole.
    fn cost_if_whole(
        &self,
        place: usize,
        outline: &MultiPolygon<f64>,
        nodes: &[Node],
    ) -> Option<f64> {
        let (source, options) = (&self.sources[place], self.options);
        let most_deg = options.whole_roof_deg;
        if nodes.is_empty() || !self.scene.frames(source, outline, most_deg, options) {
            return None;
        }
        let (mut sum, mut area, mut inner, mut hidden) = (0.0, 0.0, 0.0, 0.0);
        for node in nodes {
            match self.scene.see(source, node, options) {
                Seen::At(view_deg) if view_deg <= most_deg => {
                    sum += node.area_m2 * self.cost(place, node);
                }
                Seen::Hidden => {
                    sum += node.area_m2 * (self.cost(place, node) + HIDDEN_COST);
                    hidden += node.area_m2;
                }
                _ => return None,
            }
            area += node.area_m2;
            inner += if node.inner { node.area_m2 } else { 0.0 };
        }
        (hidden <= HIDDEN_SHARE * inner).then_some(sum / area)
    }

    fn parted(&self, candidates: &[usize], lattice: &Lattice) -> Choice {
        let cost_of = |place: &usize| -> Option<(usize, Vec<f64>)> {
            let mut any = false;
            let costs = lattice.nodes.iter().map(|node| {
                match self.scene.see(&self.sources[*place], node, self.options) {
                    Seen::At(_) => {
                        any = true;
                        self.cost(*place, node)
                    }
                    _ => NEVER,
                }
            });
            let costs = costs.collect();
            any.then_some((*place, costs))
        };
        let seen: Vec<(usize, Vec<f64>)> = candidates.iter().filter_map(cost_of).collect();
        let (places, costs): (Vec<usize>, Vec<Vec<f64>>) =
            fewest(seen, &lattice.nodes).into_iter().unzip();
        if places.is_empty() {
            return Choice::None;
        }
        let step_m = lattice.step as f64 * self.plan.transform.dx;
        let labels = part(lattice, &costs, step_m, self.options.seam_cost);
        if let Some(first) = labels.first()
            && labels.iter().all(|label| label == first)
        {
            return Choice::One {
                place: places[*first],
                whole: false,
            };
        }
        let of_node = |node: u32| match labels.get(node as usize) {
            Some(label) => u32::try_from(places[*label]).unwrap_or(NO_FRAME),
            None => NO_FRAME,
        };
        Choice::Parted {
            first: lattice.first,
            step: lattice.step,
            places: lattice.places.map(of_node),
        }
    }
}

/// At most [`MOST_LABELS`] sources: each time the one that lowers the sum of the cheapest costs
/// most. In order of index.
fn fewest(mut seen: Vec<(usize, Vec<f64>)>, nodes: &[Node]) -> Vec<(usize, Vec<f64>)> {
    let mut cheapest = vec![NEVER; nodes.len()];
    let mut order: Vec<usize> = Vec::new();
    while order.len() < MOST_LABELS {
        let gain = |costs: &[f64]| -> f64 {
            let each = costs.iter().zip(&cheapest).zip(nodes);
            each.map(|((c, least), node)| (least - c).max(0.0) * node.area_m2)
                .sum()
        };
        let left = (0..seen.len()).filter(|i| !order.contains(i));
        let gains = left.map(|i| (gain(&seen[i].1), i));
        // The first of equals.
        let best = gains.fold((0.0, None), |best, (gain, i)| {
            if gain > best.0 { (gain, Some(i)) } else { best }
        });
        let Some(next) = best.1 else { break };
        for (least, cost) in cheapest.iter_mut().zip(&seen[next].1) {
            *least = least.min(*cost);
        }
        order.push(next);
    }
    let mut place = 0;
    seen.retain(|_| {
        place += 1;
        order.contains(&(place - 1))
    });
    seen
}
