//! Seeded random numbers: the same seed and stream give the same numbers on every machine.
//!
//! Every thing that is drawn (a building, a frame, a night) has a stream of its own, named by
//! whole numbers, so that drawing more of one never changes another.

/// SplitMix64 (Steele, Lea & Flood 2014, OOPSLA, fig. 2).
#[derive(Clone, Debug)]
pub(super) struct Rng {
    state: u64,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Rng {
    /// A generator for one stream of one seed.
    pub(super) fn new(seed: u64, stream: &[u64]) -> Self {
        let mut state = mix(seed ^ GOLDEN);
        for part in stream {
            state = mix(state.wrapping_add(GOLDEN) ^ part.wrapping_mul(GOLDEN));
        }
        Self { state }
    }

    /// 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in [0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub(super) fn range(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A whole number below `n` (0 when `n` is 0).
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }

    /// True with the given probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Normal with mean 0 and standard deviation 1 (Box & Muller 1958).
    pub(super) fn gaussian(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Fisher–Yates shuffle.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

/// Smooth random field of unit scale: about ±1, no two lattice cells alike. Value noise with a
/// smoothstep between hashed lattice points.
pub(super) fn smooth_field(seed: u64, x: f64, y: f64) -> f64 {
    let (column, row) = (x.floor(), y.floor());
    let (fx, fy) = (x - column, y - row);
    let (wx, wy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let node = |i: i64, j: i64| {
        let key = ((column as i64 + i) as u64) ^ ((row as i64 + j) as u64).rotate_left(32);
        (mix(seed ^ key.wrapping_mul(GOLDEN)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    let south = node(0, 0) + (node(1, 0) - node(0, 0)) * wx;
    let north = node(0, 1) + (node(1, 1) - node(0, 1)) * wx;
    south + (north - south) * wy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_and_stream_always_give_the_same_numbers_and_others_differ() {
        let first = |seed, stream: &[u64]| Rng::new(seed, stream).bits();
        assert_eq!(first(1, &[2, 3]), first(1, &[2, 3]));
        assert_ne!(first(1, &[2, 3]), first(2, &[2, 3]));
        assert_ne!(first(1, &[2, 3]), first(1, &[3, 2]));
    }

    #[test]
    fn gaussian_draws_have_mean_zero_and_deviation_one() {
        let mut rng = Rng::new(7, &[]);
        let draws: Vec<f64> = (0..20_000).map(|_| rng.gaussian()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        // Four standard errors of 20,000 draws: 4/√20000 = 0.028 and 4·√(2/20000) = 0.04.
        assert!(mean.abs() < 0.028, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.04, "variance {variance}");
    }

    #[test]
    fn the_smooth_field_is_continuous_and_bounded() {
        for step in 0..2_000 {
            let x = f64::from(step) * 0.01;
            let (a, b) = (smooth_field(3, x, 0.3), smooth_field(3, x + 1e-6, 0.3));
            assert!(a.abs() <= 1.0 && (a - b).abs() < 1e-4);
        }
    }
}
