//! Robust least squares with the cells' own temperatures eliminated.
//!
//! H x = g, H = Aᵀ W A − Aᵀ W Z (Zᵀ W Z)⁻¹ Zᵀ W A of georeferencing.md §9.4 with A the [`Design`]
//! of each view and Z its cell.

use super::design::Design;
use super::envelope::{Envelope, MOST_ENTRIES};
use super::runs::{Groups, Step};
use super::sparse::Sparse;
use super::views::Views;
use rayon::prelude::*;

/// Huber's constant: 95 % efficient on normal errors (Huber 1964).
const HUBER: f64 = 1.345;

/// Smallest spread of residuals believed, kelvin: below the noise of any camera, and keeps the
/// weights finite on noise-free data.
const LEAST_SIGMA_K: f64 = 0.005;

/// Weight of a view that is set aside, in those of others: frames with no other view still hang
/// together by it.
const SET_ASIDE: f64 = 1e-3;

/// Parts the cells are shared out in, at most, and entries of all their matrices together.
const MOST_PARTS: usize = 8;
const PART_ENTRIES: usize = 6_000_000;

/// The equations of a flight and their solution so far.
pub(super) struct Equations<'a> {
    pub(super) views: &'a Views,
    pub(super) design: &'a Design,
    /// Temperature of each view with what is known already taken off, kelvin.
    pub(super) kelvin: Vec<f32>,
    /// Weight of each view: Huber's, over the variance and the number of samples that go
    /// together.
    weight: Vec<f32>,
    /// Whether each view is set aside.
    aside: Vec<bool>,
    correlated: f64,
    /// Frames tied in time: offsets and weight.
    ties: Vec<(u32, u32, f64)>,
    /// Ends of the pieces of lines.
    drifts: Vec<(u32, u32, f64)>,
    /// Unknowns held near 0: weight.
    pub(super) priors: Vec<(u32, f64)>,
    matrix: Sparse,
    right: Vec<f64>,
    /// Of a factor; beyond it the equations are iterated.
    pub(super) most_entries: usize,
    /// The unknowns, kelvin.
    pub(super) x: Vec<f64>,
    /// Robust spread of one view about its cell, kelvin; NaN before the first solution.
    pub(super) spread_k: f64,
}

/// Which frames hang together, and each offset's share in the mean of its group: by weight of its
/// views, so that a frame at the rim counts as what it shows.
pub(super) struct Gauge {
    /// Smallest member of each frame's group.
    pub(super) group: Vec<usize>,
    /// By unknown; 0 for low orders.
    pub(super) share: Vec<f64>,
}

impl<'a> Equations<'a> {
    /// `steps` are all pairs that may be tied in time, `drift_k` the 1σ a line may drift by from
    /// one end to the other.
    pub(super) fn new(
        views: &'a Views,
        design: &'a Design,
        steps: &[Step],
        correlated: f64,
        drift_k: f64,
    ) -> Self {
        let mut drifts = Vec::new();
        for frame in 0..design.frames() {
            let offsets = design.offsets(frame);
            let pieces = offsets.len() - 1;
            let weight = pieces as f64 / drift_k.max(1e-3).powi(2);
            drifts.extend(offsets.skip(1).map(|i| (i as u32 - 1, i as u32, weight)));
        }
        Self {
            views,
            design,
            kelvin: views.kelvin.clone(),
            weight: views
                .doubtful
                .iter()
                .map(|doubtful| (if *doubtful { SET_ASIDE } else { 1.0 } / correlated) as f32)
                .collect(),
            aside: views.doubtful.clone(),
            correlated,
            ties: Vec::new(),
            drifts,
            priors: Vec::new(),
            matrix: design.matrix(views, steps.iter().map(|s| (s.from, s.to))),
            right: vec![0.0; design.size],
            most_entries: MOST_ENTRIES,
            x: vec![0.0; design.size],
            spread_k: f64::NAN,
        }
    }

    /// Ties frames in time: (b_to − b_from) / (s √dt) is a standard normal.
    pub(super) fn tie(&mut self, steps: &[Step], walk_k_sqrt_s: f64) {
        let at = |frame: usize| self.design.offsets(frame).start as u32;
        self.ties = steps
            .iter()
            .map(|s| {
                (
                    at(s.from),
                    at(s.to),
                    1.0 / (walk_k_sqrt_s.powi(2) * s.seconds),
                )
            })
            .collect();
    }

    /// Solves and reweights; the factor of the last pass, `None` when the equations were too wide
    /// for one.
    pub(super) fn improve(&mut self, passes: usize) -> Option<Envelope> {
        let mut factor = None;
        for _ in 0..passes {
            let gauge = self.assemble();
            factor = Envelope::new(&self.matrix, self.most_entries);
            match &factor {
                Some(factor) => {
                    self.x.copy_from_slice(&self.right);
                    factor.solve(&mut self.x);
                }
                None => {
                    let start = std::mem::take(&mut self.x);
                    self.x = self.matrix.iterate(&self.right, start);
                }
            }
            self.level_out(&gauge);
            self.reweight();
        }
        factor
    }

    /// Sets the weighted mean of the offsets of each group to 0.
    fn level_out(&mut self, gauge: &Gauge) {
        let mut means = vec![0.0; gauge.group.len()];
        for (frame, group) in gauge.group.iter().enumerate() {
            let offsets = self.design.offsets(frame);
            means[*group] += offsets.map(|i| gauge.share[i] * self.x[i]).sum::<f64>();
        }
        for (frame, group) in gauge.group.iter().enumerate() {
            for i in self.design.offsets(frame) {
                self.x[i] -= means[*group];
            }
        }
    }

    fn levelled(&self, view: usize) -> f64 {
        f64::from(self.kelvin[view]) - self.design.row(self.views, view).times(&self.x)
    }

    /// Views with the solution taken off, less the weighted mean of their cell.
    pub(super) fn residuals(&self) -> Vec<f32> {
        let of_part = |part: usize| {
            let mut all = Vec::new();
            let mut levelled = Vec::new();
            for range in self.views.ranges_of(part, MOST_PARTS) {
                levelled.clear();
                let (mut sum, mut weight) = (0.0, 0.0);
                for i in range {
                    let value = self.levelled(i);
                    let own = f64::from(self.weight[i]);
                    sum += own * value;
                    weight += own;
                    levelled.push(value);
                }
                all.extend(levelled.iter().map(|value| (value - sum / weight) as f32));
            }
            all
        };
        let parts: Vec<Vec<f32>> = (0..MOST_PARTS).into_par_iter().map(of_part).collect();
        parts.concat()
    }

    /// Median of the absolute residuals of each frame, views set aside left out; NaN without any.
    pub(super) fn residual_of_frames(&self) -> Vec<f64> {
        let mut of_frames = vec![Vec::new(); self.design.frames()];
        let views = self.residuals().into_iter().zip(&self.views.frame);
        for ((residual, frame), _) in views.zip(&self.aside).filter(|view| !view.1) {
            of_frames[*frame as usize].push(residual.abs());
        }
        let median = |mut list: Vec<f32>| match list.is_empty() {
            true => f64::NAN,
            false => f64::from(super::flat::middle(&mut list)),
        };
        of_frames.into_iter().map(median).collect()
    }

    /// Sets views aside: from here on they count next to nothing. Whether others than before.
    pub(super) fn set_aside(&mut self, aside: Vec<bool>) -> bool {
        let changed = self.aside != aside;
        self.aside = aside;
        self.reweight();
        changed
    }

    fn reweight(&mut self) {
        let residuals: Vec<f32> = self.residuals().iter().map(|r| r.abs()).collect();
        if residuals.is_empty() {
            return;
        }
        let freedom = (residuals.len() - self.views.cells()) as f64;
        // Residuals about a cell's own mean are smaller than the errors by √((k − 1)/k).
        let shrink = (freedom / residuals.len() as f64).sqrt();
        let is_aside = |view: usize| self.aside[view];
        let all = residuals.iter().enumerate();
        let mut trusted: Vec<f32> = all.filter(|r| !is_aside(r.0)).map(|r| *r.1).collect();
        if trusted.is_empty() {
            trusted.clone_from(&residuals);
        }
        let median = f64::from(super::flat::middle(&mut trusted));
        let sigma = (1.4826 * median / shrink).max(LEAST_SIGMA_K);
        self.spread_k = sigma;
        let full = 1.0 / (sigma * sigma * self.correlated);
        for (view, residual) in residuals.iter().enumerate() {
            let r = f64::from(*residual);
            let share = if is_aside(view) { SET_ASIDE } else { 1.0 };
            let weight = share * full * (HUBER * sigma / r.max(1e-12)).min(1.0);
            self.weight[view] = weight as f32;
        }
    }

    /// Frames tied by common ground or in time.
    pub(super) fn groups(&self) -> Groups {
        let mut groups = Groups::new(self.design.frames());
        for range in self.views.ranges() {
            for pair in self.views.frame[range].windows(2) {
                groups.tie(pair[0] as usize, pair[1] as usize);
            }
        }
        groups
    }

    /// Groups and shares as things stand.
    pub(super) fn gauge(&self) -> Gauge {
        let mut groups = self.groups();
        let count = self.design.frames();
        let mut owner = vec![0; self.design.core];
        for frame in 0..count {
            for i in self.design.offsets(frame) {
                owner[i] = frame;
            }
        }
        for &(a, b, _) in &self.ties {
            groups.tie(owner[a as usize], owner[b as usize]);
        }
        let group: Vec<usize> = (0..count).map(|i| groups.of(i)).collect();
        let mut share = vec![0.0; self.design.size];
        for (view, weight) in self.weight.iter().enumerate() {
            for (i, by) in self.design.row(self.views, view).iter() {
                if (i as usize) < self.design.core {
                    share[i as usize] += f64::from(*weight) * by;
                }
            }
        }
        let (mut sums, mut sizes) = (vec![0.0; count], vec![0.0; count]);
        for (i, frame) in owner.iter().enumerate() {
            sums[group[*frame]] += share[i];
            sizes[group[*frame]] += 1.0;
        }
        for (i, frame) in owner.iter().enumerate() {
            let g = group[*frame];
            // Frames tied in time only have no views to weigh.
            share[i] = if sums[g] > 0.0 {
                share[i] / sums[g]
            } else {
                1.0 / sizes[g]
            };
        }
        Gauge { group, share }
    }

    /// What the views of some cells put into H (by entry) and g.
    fn part(&self, part: usize, parts: usize) -> (Vec<f64>, Vec<f64>) {
        let mut matrix = vec![0.0; self.matrix.entries()];
        let mut right_side = vec![0.0; self.design.size];
        let (mut of, mut local, mut sums, mut right) = (vec![], vec![], vec![], vec![]);
        let mut entries: Vec<(usize, f64)> = Vec::new();
        // Neighbouring cells are seen by the same frames: places in H are looked up once for all.
        let (mut of_places, mut places) = (vec![], vec![]);
        for cell in self.views.ranges_of(part, parts) {
            self.design.unknowns(self.views, cell.clone(), &mut of);
            let m = of.len();
            if of != of_places {
                of_places.clone_from(&of);
                let pairs = of.iter().enumerate();
                let pairs = pairs.flat_map(|(a, row)| of[..=a].iter().map(move |col| (row, col)));
                places.clear();
                places.extend(pairs.map(|(row, col)| self.matrix.find(*row as usize, *col)));
            }
            local.clear();
            local.resize(m * m, 0.0);
            sums.clear();
            sums.resize(m, 0.0);
            right.clear();
            right.resize(m, 0.0);
            let (mut weight, mut warmth) = (0.0, 0.0);
            // Around the first view: a cell's own level does not matter.
            let base = self.kelvin[cell.start];
            for view in cell {
                let w = f64::from(self.weight[view]);
                let value = f64::from(self.kelvin[view] - base);
                weight += w;
                warmth += w * value;
                let row = self.design.row(self.views, view);
                entries.clear();
                let mut next = 0;
                for (i, by) in row.iter() {
                    // Most often the one after the last.
                    if of.get(next) != Some(&i) {
                        let Ok(at) = of.binary_search(&i) else {
                            continue;
                        };
                        next = at;
                    }
                    entries.push((next, by));
                    next += 1;
                }
                for &(a, by) in &entries {
                    sums[a] += w * by;
                    right[a] += w * by * value;
                    for &(b, other) in entries.iter().filter(|e| e.0 <= a) {
                        local[a * m + b] += w * by * other;
                    }
                }
            }
            let mut place = places.iter();
            for a in 0..m {
                right_side[of[a] as usize] += right[a] - sums[a] * warmth / weight;
                for (b, at) in place.by_ref().take(a + 1).enumerate() {
                    if let Some(at) = at {
                        matrix[*at] += local[a * m + b] - sums[a] * sums[b] / weight;
                    }
                }
            }
        }
        (matrix, right_side)
    }

    /// Fills in H and g, with one offset of each group held: what the others are relative to.
    fn assemble(&mut self) -> Gauge {
        self.matrix.clear();
        self.right.fill(0.0);
        // As many parts as the size of the matrix allows, whatever the number of threads: sums
        // are the same.
        let parts = (PART_ENTRIES / self.matrix.entries().max(1)).clamp(1, MOST_PARTS);
        let each: Vec<_> = (0..parts)
            .into_par_iter()
            .map(|part| self.part(part, parts))
            .collect();
        for (matrix, right) in each {
            self.matrix.add_all(&matrix);
            for (own, more) in self.right.iter_mut().zip(right) {
                *own += more;
            }
        }
        for &(a, b, weight) in self.ties.iter().chain(&self.drifts) {
            self.matrix.add(a, a, weight);
            self.matrix.add(b, b, weight);
            self.matrix.add(a, b, -weight);
        }
        for &(i, weight) in &self.priors {
            self.matrix.add(i, i, weight);
        }
        let gauge = self.gauge();
        let diagonal = self.matrix.diagonal();
        for (i, value) in diagonal.iter().enumerate() {
            // Offsets that nothing depends on stay 0.
            if *value <= 0.0 {
                self.matrix.add(i as u32, i as u32, 1.0);
            }
        }
        for (frame, group) in gauge.group.iter().enumerate() {
            let first = self.design.offsets(frame).start;
            if *group == frame && diagonal[first] > 0.0 {
                self.matrix.add(first as u32, first as u32, diagonal[first]);
            }
        }
        gauge
    }

    /// H of the views alone, all alike, and of the drifts: nothing tied in time, nothing held but
    /// one offset of each group. For looking at what the views can tell.
    pub(super) fn bare(&mut self) -> &mut Sparse {
        let kept = (
            std::mem::take(&mut self.ties),
            std::mem::take(&mut self.priors),
        );
        self.assemble();
        (self.ties, self.priors) = kept;
        &mut self.matrix
    }

    /// H as last assembled.
    pub(super) fn matrix(&self) -> &Sparse {
        &self.matrix
    }
}
