//! The offsets: robust least squares with the cells' own temperatures eliminated.

use super::dense::Cholesky;
use super::disagreement::{self, Disagreement};
use super::runs::{self, Groups, Step};
use super::views::{self, Views};
use super::{DENSE_LIMIT, Lattice, Levels, Options, Sample};

/// Passes of reweighting.
const PASSES: usize = 8;

/// Huber's constant: 95 % efficient on normal errors (Huber 1964).
const HUBER: f64 = 1.345;

/// Smallest spread of residuals believed, kelvin: below the noise of any camera, and keeps the
/// weights finite on noise-free data.
const LEAST_SIGMA_K: f64 = 0.005;

/// Solves the offsets of frames from their samples. `samples` and `times_s` (seconds, NaN
/// unknown) are parallel lists by frame.
pub fn solve(
    samples: &[Vec<Sample>],
    times_s: &[f64],
    lattice: &Lattice,
    options: &Options,
) -> Levels {
    let count = samples.len();
    let mut times_s = times_s.to_vec();
    times_s.resize(count, f64::NAN);
    let (solved, judged) = views::group(samples, at_pixel);
    let mut steps = runs::steps(&times_s, options);
    let before = disagreement::measure(&judged, |_| 0.0);
    if !options.enabled {
        return unlevelled(count, runs::number(&times_s, &steps), before);
    }
    let apart = (options.correlation_px / lattice.step_px()).max(1.0);
    let mut system = System::new(count, &solved, apart * apart);

    // Without ties in time first: where overlaps alone show a step larger than a jump, the
    // camera has started a new run.
    system.improve(2);
    let mut seen = overlapping(count, &solved);
    steps.retain(|step| {
        let tied = seen.of(step.from) == seen.of(step.to);
        let change = system.offset_k[step.to] - system.offset_k[step.from];
        !tied || change.abs() <= options.jump_k
    });
    if options.continuity_k_sqrt_s > 0.0 {
        system.tie(&steps, options.continuity_k_sqrt_s);
    }
    system.improve(PASSES);

    let (offset_k, sigma_k, connected) = system.finish();
    let after = disagreement::measure(&judged, |i| offset_k[judged.frame[i] as usize]);
    Levels {
        offset_k,
        sigma_k,
        run: runs::number(&times_s, &steps),
        connected,
        disagreement_before_k: before.std_k,
        disagreement_after_k: after.std_k,
        mad_before_k: before.mad_k,
        mad_after_k: after.mad_k,
        views: after.views,
        cells: solved.cells(),
    }
}

fn at_pixel(_: usize, sample: &Sample) -> [u16; 2] {
    [sample.u_px, sample.v_px]
}

fn unlevelled(count: usize, run: Vec<u32>, before: Disagreement) -> Levels {
    Levels {
        offset_k: vec![0.0; count],
        sigma_k: vec![f64::NAN; count],
        run,
        connected: vec![true; count],
        disagreement_before_k: before.std_k,
        disagreement_after_k: before.std_k,
        mad_before_k: before.mad_k,
        mad_after_k: before.mad_k,
        views: before.views,
        cells: 0,
    }
}

/// Frames tied by common ground.
fn overlapping(count: usize, views: &Views) -> Groups {
    let mut groups = Groups::new(count);
    for range in views.ranges() {
        for pair in views.frame[range].windows(2) {
            groups.tie(pair[0] as usize, pair[1] as usize);
        }
    }
    groups
}

/// The normal equations H b = g, H = Aᵀ W A − Aᵀ W Z (Zᵀ W Z)⁻¹ Zᵀ W A of georeferencing.md
/// §9.4 with A the frame of each view and Z its cell.
struct System<'a> {
    views: &'a Views,
    /// Weight of each view: Huber's, over the variance and the number of samples that go
    /// together.
    weight: Vec<f64>,
    correlated: f64,
    ties: Vec<(usize, usize, f64)>,
    offset_k: Vec<f64>,
}

impl<'a> System<'a> {
    fn new(count: usize, views: &'a Views, correlated: f64) -> Self {
        Self {
            views,
            weight: vec![1.0 / correlated; views.frame.len()],
            correlated,
            ties: Vec::new(),
            offset_k: vec![0.0; count],
        }
    }

    /// Ties frames in time: (b_to − b_from) / (s √dt) is a standard normal.
    fn tie(&mut self, steps: &[Step], walk_k_sqrt_s: f64) {
        self.ties = steps
            .iter()
            .map(|s| (s.from, s.to, 1.0 / (walk_k_sqrt_s.powi(2) * s.seconds)))
            .collect();
    }

    /// Solves and reweights.
    fn improve(&mut self, passes: usize) {
        for _ in 0..passes {
            self.offset_k = if self.offset_k.len() <= DENSE_LIMIT {
                self.factored().unwrap_or_else(|| self.iterated())
            } else {
                self.iterated()
            };
            self.reweight();
        }
    }

    fn reweight(&mut self) {
        let mut residuals = Vec::with_capacity(self.weight.len());
        let mut freedom = 0.0;
        for range in self.views.ranges() {
            freedom += range.len() as f64 - 1.0;
            let mean = self.cell_mean(range.clone(), |s, i| s.levelled(i));
            residuals.extend(range.map(|i| (self.levelled(i) - mean) as f32));
        }
        let Some(median) = median_of_absolutes(&residuals) else {
            return;
        };
        // Residuals about a cell's own mean are smaller than the errors by √((k − 1)/k).
        let shrink = (freedom / residuals.len() as f64).sqrt();
        let sigma = (1.4826 * median / shrink).max(LEAST_SIGMA_K);
        let full = 1.0 / (sigma * sigma * self.correlated);
        for (weight, residual) in self.weight.iter_mut().zip(&residuals) {
            let r = f64::from(residual.abs());
            *weight = full * (HUBER * sigma / r.max(1e-12)).min(1.0);
        }
    }

    fn levelled(&self, view: usize) -> f64 {
        f64::from(self.views.kelvin[view]) - self.offset_k[self.views.frame[view] as usize]
    }

    /// Weighted mean over a cell's views.
    fn cell_mean(&self, range: std::ops::Range<usize>, of: impl Fn(&Self, usize) -> f64) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for i in range {
            sum += self.weight[i] * of(self, i);
            weight += self.weight[i];
        }
        sum / weight
    }

    /// g: what the views say against their cells' means.
    fn right_side(&self) -> Vec<f64> {
        let mut g = vec![0.0; self.offset_k.len()];
        for range in self.views.ranges() {
            let raw = |s: &Self, i: usize| f64::from(s.views.kelvin[i]);
            let mean = self.cell_mean(range.clone(), raw);
            for i in range {
                g[self.views.frame[i] as usize] += self.weight[i] * (raw(self, i) - mean);
            }
        }
        g
    }

    /// H x without forming H.
    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let mut y = vec![0.0; x.len()];
        for range in self.views.ranges() {
            let of = |s: &Self, i: usize| x[s.views.frame[i] as usize];
            let mean = self.cell_mean(range.clone(), of);
            for i in range {
                y[self.views.frame[i] as usize] += self.weight[i] * (of(self, i) - mean);
            }
        }
        for &(a, b, weight) in &self.ties {
            let pull = weight * (x[b] - x[a]);
            y[b] += pull;
            y[a] -= pull;
        }
        y
    }

    fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = vec![0.0; self.offset_k.len()];
        for range in self.views.ranges() {
            let sum: f64 = self.weight[range.clone()].iter().sum();
            for i in range {
                let w = self.weight[i];
                diagonal[self.views.frame[i] as usize] += w - w * w / sum;
            }
        }
        for &(a, b, weight) in &self.ties {
            diagonal[a] += weight;
            diagonal[b] += weight;
        }
        diagonal
    }

    /// Group of every frame (its smallest member), and each frame's share in the mean of its
    /// group: by weight of its views, so that a frame at the rim counts as what it shows.
    fn gauge(&self) -> (Vec<usize>, Vec<f64>) {
        let count = self.offset_k.len();
        let mut groups = overlapping(count, self.views);
        for &(a, b, _) in &self.ties {
            groups.tie(a, b);
        }
        let group: Vec<usize> = (0..count).map(|i| groups.of(i)).collect();
        let mut share = vec![0.0; count];
        for (frame, weight) in self.views.frame.iter().zip(&self.weight) {
            share[*frame as usize] += weight;
        }
        let (mut sums, mut sizes) = (vec![0.0; count], vec![0.0; count]);
        for (g, s) in group.iter().zip(&share) {
            sums[*g] += s;
            sizes[*g] += 1.0;
        }
        for (g, s) in group.iter().zip(&mut share) {
            // Frames tied in time only have no views to weigh.
            *s = if sums[*g] > 0.0 {
                *s / sums[*g]
            } else {
                1.0 / sizes[*g]
            };
        }
        (group, share)
    }

    /// H with the gauge "weighted mean of each group is 0" added, lower half. Frames that
    /// nothing ties get 1 on the diagonal.
    fn matrix(&self) -> Vec<f64> {
        /// Weight of the gauge, 1/K²: holds the mean to 0.1 mK.
        const GAUGE: f64 = 1e8;
        let n = self.offset_k.len();
        let mut h = vec![0.0; n * n];
        for range in self.views.ranges() {
            let sum: f64 = self.weight[range.clone()].iter().sum();
            for i in range.clone() {
                let (row, w) = (self.views.frame[i] as usize, self.weight[i]);
                h[row * n + row] += w;
                for j in range.start..=i {
                    // Frames rise within a cell, so this is the lower half.
                    h[row * n + self.views.frame[j] as usize] -= w * self.weight[j] / sum;
                }
            }
        }
        for &(a, b, weight) in &self.ties {
            h[a * n + a] += weight;
            h[b * n + b] += weight;
            h[a.max(b) * n + a.min(b)] -= weight;
        }
        let (group, share) = self.gauge();
        for i in 0..n {
            if h[i * n + i] == 0.0 {
                h[i * n + i] = 1.0;
                continue;
            }
            for j in (0..=i).filter(|j| group[*j] == group[i]) {
                h[i * n + j] += GAUGE * share[i] * share[j];
            }
        }
        h
    }

    fn factored(&self) -> Option<Vec<f64>> {
        let factor = Cholesky::new(self.offset_k.len(), self.matrix())?;
        let mut b = self.right_side();
        factor.solve(&mut b);
        Some(b)
    }

    /// Conjugate gradients with the diagonal as preconditioner, from the last offsets (Golub &
    /// Van Loan §11.5). H is singular in the mean of each group; g is not, so that part stays.
    fn iterated(&self) -> Vec<f64> {
        let diagonal = self.diagonal();
        let scaled = |r: &[f64]| -> Vec<f64> {
            let pairs = r.iter().zip(&diagonal);
            pairs
                .map(|(r, d)| if *d > 0.0 { r / d } else { 0.0 })
                .collect()
        };
        let product = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let mut x = self.offset_k.clone();
        let g = self.right_side();
        let h_x = self.apply(&x);
        let mut r: Vec<f64> = g.iter().zip(&h_x).map(|(g, y)| g - y).collect();
        let mut z = scaled(&r);
        let mut p = z.clone();
        let mut energy = product(&r, &z);
        let enough = 1e-16 * product(&g, &scaled(&g));
        for _ in 0..2000 {
            if energy <= enough {
                break;
            }
            let h_p = self.apply(&p);
            let curvature = product(&p, &h_p);
            if curvature <= 0.0 {
                break;
            }
            let alpha = energy / curvature;
            for (x, p) in x.iter_mut().zip(&p) {
                *x += alpha * p;
            }
            for (r, y) in r.iter_mut().zip(&h_p) {
                *r -= alpha * y;
            }
            z = scaled(&r);
            let next = product(&r, &z);
            for (p, z) in p.iter_mut().zip(&z) {
                *p = z + next / energy * *p;
            }
            energy = next;
        }
        x
    }

    /// Offsets with the mean of the largest group 0, their 1σ, and who belongs to that group.
    fn finish(self) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
        let (group, share) = self.gauge();
        let diagonal = self.diagonal();
        let mut sizes = vec![0usize; group.len()];
        for g in &group {
            sizes[*g] += 1;
        }
        // The first of the largest groups.
        let largest = (0..sizes.len()).rev().max_by_key(|i| sizes[*i]);
        let tied = |i: usize| Some(group[i]) == largest && diagonal[i] > 0.0;
        let connected: Vec<bool> = (0..group.len()).map(tied).collect();
        let members = || (0..group.len()).filter(|i| connected[*i]);
        let mean: f64 = members().map(|i| share[i] * self.offset_k[i]).sum();
        let variance = if group.len() <= DENSE_LIMIT {
            Cholesky::new(group.len(), self.matrix()).map(|f| f.inverse_diagonal())
        } else {
            None
        };
        let mut offset_k = vec![0.0; group.len()];
        let mut sigma_k = vec![f64::NAN; group.len()];
        for i in members() {
            offset_k[i] = self.offset_k[i] - mean;
            sigma_k[i] = variance.as_ref().map_or(1.0 / diagonal[i], |v| v[i]).sqrt();
        }
        (offset_k, sigma_k, connected)
    }
}

fn median_of_absolutes(values: &[f32]) -> Option<f64> {
    let mut sizes: Vec<f32> = values.iter().map(|v| v.abs()).collect();
    let middle = sizes.len() / 2;
    (!sizes.is_empty()).then(|| {
        let (_, median, _) = sizes.select_nth_unstable_by(middle, f32::total_cmp);
        f64::from(*median)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::tests::flight;

    #[test]
    fn factoring_and_iterating_agree() {
        let flight = flight(4, 30, 0.3, &[(50, 2.0)]);
        let (views, _) = views::group(&flight.samples, at_pixel);
        let system = System::new(flight.samples.len(), &views, 100.0);
        let factored = system.factored().expect("tied together");
        let iterated = system.iterated();
        let shift = factored[0] - iterated[0];
        for (a, b) in factored.iter().zip(&iterated) {
            assert!((a - b - shift).abs() < 1e-5, "{a} {b}");
        }
        assert!(flight.lattice.step_px() == 10.0);
    }
}
