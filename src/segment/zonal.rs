//! Statistics of the cells of a zone, weighted with the share of each cell inside it.
//!
//! In: values and weights of a window. Out: moments, percentiles, spread.
//!
//! **Percentile**: with the values in ascending order and their weights summed up, the p-th
//! percentile is the least value whose cumulative weight reaches p · W (inverse of the weighted
//! distribution function; no interpolation, so a percentile is always a value that occurs).
//! Nothing is sorted as a whole: a weighted histogram tells in which bin each percentile lies,
//! and only the members of those bins are sorted. The result is exact, not a bin's middle.

/// Percentiles [`Zonal`] carries.
pub const PERCENTILES: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

const BINS: usize = 2048;

/// Weighted statistics of a zone, in the unit of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zonal {
    /// Cells with weight > 0 and a finite value.
    pub cells: u32,
    /// Sum of the weights, cells.
    pub weight: f64,
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Weighted mean.
    pub mean: f64,
    /// Weighted standard deviation of the cells themselves (divisor W).
    pub sd: f64,
    /// The [`PERCENTILES`].
    pub percentiles: [f64; 7],
    /// 1.4826 · weighted median of |value − median|.
    pub mad: f64,
    /// Mean of the middle 80 % of the weight.
    pub trimmed: f64,
}

impl Zonal {
    /// Weighted median.
    pub fn median(&self) -> f64 {
        self.percentiles[3]
    }
}

/// Statistics of `values` weighted with `weights` (0–1, same order); values that are not finite
/// and weights ≤ 0 are left out. `None` when nothing remains.
pub fn zonal(values: &[f32], weights: &[f32]) -> Option<Zonal> {
    let zone = Zone::gather(values, weights);
    let (mut min, mut max) = (f32::INFINITY, f32::NEG_INFINITY);
    for v in &zone.values {
        min = min.min(*v);
        max = max.max(*v);
    }
    if zone.values.is_empty() {
        return None;
    }
    let (weight, mean, sd) = zone.moments(min);
    let quantiles = zone.quantiles(weight, min, max, &PERCENTILES);
    let percentiles = quantiles.map(f64::from);
    let (mad, trimmed) = zone.spread(weight, &quantiles);
    Some(Zonal {
        cells: zone.values.len() as u32,
        weight,
        min: f64::from(min),
        max: f64::from(max),
        mean,
        sd,
        percentiles,
        mad,
        trimmed,
    })
}

/// Least and greatest of the values [`zonal`] takes; `None` when there are none.
pub fn extremes(values: &[f32], weights: &[f32]) -> Option<(f64, f64)> {
    let none = (f32::INFINITY, f32::NEG_INFINITY);
    let cells = values.iter().zip(weights);
    let (low, high) = cells.fold(none, |(low, high), (v, w)| {
        let counts = *w > 0.0 && v.is_finite();
        (
            low.min(if counts { *v } else { f32::INFINITY }),
            high.max(if counts { *v } else { f32::NEG_INFINITY }),
        )
    });
    (low <= high).then(|| (f64::from(low), f64::from(high)))
}

/// The valid cells, packed.
struct Zone {
    values: Vec<f32>,
    weights: Vec<f32>,
}

impl Zone {
    fn gather(values: &[f32], weights: &[f32]) -> Self {
        // Written without a branch per cell: a slot is overwritten until its cell is valid.
        let n = values.len().min(weights.len());
        let mut zone = Zone {
            values: vec![0.0; n + 1],
            weights: vec![0.0; n + 1],
        };
        let mut used = 0;
        for (v, w) in values.iter().zip(weights) {
            zone.values[used] = *v;
            zone.weights[used] = *w;
            used += usize::from(*w > 0.0 && v.is_finite());
        }
        zone.values.truncate(used);
        zone.weights.truncate(used);
        zone
    }

    /// Sum of weights, mean and standard deviation. Eight partial sums in a fixed order: the
    /// result does not depend on the machine, and the sums overlap in time.
    fn moments(&self, origin: f32) -> (f64, f64, f64) {
        const LANES: usize = 8;
        let mut sums = [[0.0_f64; LANES]; 3];
        let origin = f64::from(origin);
        let mut add = |lane: usize, v: f32, w: f32| {
            let (v, w) = (f64::from(v) - origin, f64::from(w));
            sums[0][lane] += w;
            sums[1][lane] += w * v;
            sums[2][lane] += w * v * v;
        };
        let (values, weights) = (
            self.values.chunks_exact(LANES),
            self.weights.chunks_exact(LANES),
        );
        let tail = (values.remainder(), weights.remainder());
        for (vs, ws) in values.zip(weights) {
            for lane in 0..LANES {
                add(lane, vs[lane], ws[lane]);
            }
        }
        for (lane, (v, w)) in tail.0.iter().zip(tail.1).enumerate() {
            add(lane, *v, *w);
        }
        let [weight, first, second] = sums.map(|lanes| lanes.iter().sum::<f64>());
        let mean = first / weight;
        let variance = (second / weight - mean * mean).max(0.0);
        (weight, mean + origin, variance.sqrt())
    }

    fn quantiles<const N: usize>(
        &self,
        weight: f64,
        min: f32,
        max: f32,
        shares: &[f64; N],
    ) -> [f32; N] {
        let items = self.values.iter().zip(&self.weights);
        select(
            || items.clone().map(|(v, w)| (*v, *w)),
            weight,
            min,
            max,
            shares,
        )
    }

    /// MAD and trimmed mean, given the percentiles.
    fn spread(&self, weight: f64, quantiles: &[f32; 7]) -> (f64, f64) {
        let (p10, median, p90) = (quantiles[1], quantiles[3], quantiles[5]);
        let mut widest = 0.0_f32;
        // Weight up to and with p10, below p90, and Σ w·(v − median) strictly between the two.
        let (mut to_p10, mut below_p90, mut between) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (v, w) in self.values.iter().zip(&self.weights) {
            let off = v - median;
            widest = widest.max(off.abs());
            let w = f64::from(*w);
            to_p10 += if *v <= p10 { w } else { 0.0 };
            below_p90 += if *v < p90 { w } else { 0.0 };
            between += if *v > p10 && *v < p90 {
                w * f64::from(off)
            } else {
                0.0
            };
        }
        let items = self.values.iter().zip(&self.weights);
        let off = || items.clone().map(|(v, w)| ((*v - median).abs(), *w));
        let [mad] = select(off, weight, 0.0, widest, &[0.5]);
        let kept = 0.8 * weight;
        let low = (to_p10 - 0.1 * weight).min(kept);
        let high = (0.9 * weight - below_p90).min(kept);
        let trimmed = if p10 < p90 {
            let ends = low * f64::from(p10 - median) + high * f64::from(p90 - median);
            f64::from(median) + (between + ends) / kept
        } else {
            f64::from(median)
        };
        (1.4826 * f64::from(mad), trimmed)
    }
}

/// Weighted quantiles of the items `all` gives, which lie in `min..=max`; `shares` ascending.
fn select<I, const N: usize>(
    all: impl Fn() -> I,
    weight: f64,
    min: f32,
    max: f32,
    shares: &[f64; N],
) -> [f32; N]
where
    I: Iterator<Item = (f32, f32)>,
{
    let scale = if max > min {
        (BINS as f32 - 1.0) / (max - min)
    } else {
        0.0
    };
    let bin_of = |v: f32| (((v - min) * scale) as usize).min(BINS - 1);
    // Two histograms in turn: neighbouring cells are alike, and one counter would wait for itself.
    let mut sums = [[0.0_f64; BINS]; 2];
    for (i, (v, w)) in all().enumerate() {
        sums[i & 1][bin_of(v)] += f64::from(w);
    }
    let [mut histogram, other] = sums;
    for (a, b) in histogram.iter_mut().zip(other) {
        *a += b;
    }
    let (bins, below) = bins_of_shares(&histogram, weight, shares);
    let mut wanted = [u8::MAX; BINS];
    let mut members: Vec<Vec<(f32, f32)>> = Vec::with_capacity(N);
    for bin in bins {
        if wanted[bin] == u8::MAX {
            wanted[bin] = members.len() as u8;
            members.push(Vec::new());
        }
    }
    for (v, w) in all() {
        let slot = wanted[bin_of(v)];
        if slot != u8::MAX {
            members[usize::from(slot)].push((v, w));
        }
    }
    for list in &mut members {
        list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    }
    std::array::from_fn(|i| {
        let list = &members[usize::from(wanted[bins[i]])];
        within(list, below[i], shares[i] * weight)
    })
}

/// For each share the bin its quantile lies in and the weight below that bin.
fn bins_of_shares<const N: usize>(
    histogram: &[f64; BINS],
    weight: f64,
    shares: &[f64; N],
) -> ([usize; N], [f64; N]) {
    let last = histogram.iter().rposition(|w| *w > 0.0).unwrap_or(0);
    let (mut bins, mut below) = ([last; N], [weight - histogram[last]; N]);
    let mut sum = 0.0;
    let mut next = 0;
    for (bin, w) in histogram.iter().enumerate() {
        while next < N && *w > 0.0 && reaches(sum + w, shares[next] * weight, weight) {
            bins[next] = bin;
            below[next] = sum;
            next += 1;
        }
        sum += w;
    }
    (bins, below)
}

/// Whether a cumulative weight reaches a target, with room for the rounding of the sums.
fn reaches(sum: f64, target: f64, weight: f64) -> bool {
    sum >= target - 1e-9 * weight
}

fn within(sorted: &[(f32, f32)], below: f64, target: f64) -> f32 {
    let mut sum = below;
    for (v, w) in sorted {
        sum += f64::from(*w);
        if reaches(sum, target, target.max(1e-12)) {
            return *v;
        }
    }
    sorted.last().map_or(f32::NAN, |item| item.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_are_those_of_the_cells_that_count() {
        let nan = f32::NAN;
        let values = [1.0, -7.0, 3.0, nan, 9.0, f32::INFINITY];
        let weights = [0.2, 0.0, 1.0, 1.0, -1.0, 1.0];
        assert_eq!(extremes(&values, &weights), Some((1.0, 3.0)));
        assert_eq!(extremes(&values, &[0.0; 6]), None);
        let all = zonal(&values, &weights).expect("two cells");
        assert_eq!((all.min, all.max), (1.0, 3.0));
    }

    use proptest::prelude::*;

    #[test]
    fn hand_sized_zone_gives_hand_computed_numbers() {
        // Values 1, 2, 3, 10 with weights 1, 1, ½, ½: W = 3, Σwx = 9.5, mean 3.1667,
        // Σwx² = 1 + 4 + 4.5 + 50 = 59.5, variance 19.8333 − 10.0278 = 9.8056.
        let z = zonal(
            &[10.0, f32::NAN, 2.0, 1.0, 3.0, 7.0],
            &[0.5, 1.0, 1.0, 1.0, 0.5, 0.0],
        )
        .expect("four cells");
        assert_eq!((z.cells, z.weight, z.min, z.max), (4, 3.0, 1.0, 10.0));
        assert!((z.mean - 9.5 / 3.0).abs() < 1e-12);
        assert!((z.sd - 9.805_555_6_f64.sqrt()).abs() < 1e-6);
        // Cumulative weights 1, 2, 2.5, 3: half of 3 is reached at 2, nine tenths at 10.
        assert_eq!(z.percentiles, [1.0, 1.0, 1.0, 2.0, 3.0, 10.0, 10.0]);
        // |x − 2|: 0 (1), 1 (1), 1 (½), 8 (½): half is reached at 1.
        assert!((z.mad - 1.4826).abs() < 1e-6);
        // Of weight 0.3–2.7: 0.7 · 1 + 1 · 2 + 0.5 · 3 + 0.2 · 10 over 2.4.
        assert!((z.trimmed - 6.2 / 2.4).abs() < 1e-6);
    }

    #[test]
    fn an_even_zone_has_no_spread_and_an_empty_one_no_statistics() {
        let z = zonal(&[4.0; 9], &[1.0; 9]).expect("nine cells");
        assert_eq!((z.sd, z.mad, z.trimmed, z.median()), (0.0, 0.0, 4.0, 4.0));
        assert_eq!(zonal(&[f32::NAN, 1.0], &[1.0, 0.0]), None);
    }

    proptest! {
        /// Against sorting everything, the definition itself.
        #[test]
        fn percentiles_equal_those_of_a_full_sort(
            cells in prop::collection::vec((-40.0_f32..40.0, 0.05_f32..1.0), 1..600),
        ) {
            let (values, weights): (Vec<f32>, Vec<f32>) = cells.iter().copied().unzip();
            let z = zonal(&values, &weights).expect("not empty");
            let mut sorted = cells.clone();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            let weight: f64 = sorted.iter().map(|c| f64::from(c.1)).sum();
            for (p, share) in z.percentiles.iter().zip(PERCENTILES) {
                let mut sum = 0.0;
                let expected = sorted.iter().find(|c| {
                    sum += f64::from(c.1);
                    sum >= share * weight - 1e-9 * weight
                });
                prop_assert_eq!(*p, f64::from(expected.expect("reached").0));
            }
        }
    }
}
