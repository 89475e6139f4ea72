//! How warm a part of the site is beside the others: a layer of its own, never taken off the map.
//!
//! Sealed ground (roads, yards) is of much the same make all over a park, so where it is colder or
//! warmer than elsewhere the air above it is, too: cold pools, wind breaks, heat of machines. The idea
//! is the normalisation by urban roads of Rahman et al. (2014, ISPRS Journal 97): here sealed ground is
//! told from grass by its temperature, for at night it is the warmer of the two, and its deviation from
//! the median is smoothed over some tens of metres (georeferencing.md §9.9).

use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};

/// Cell of the layer, metres, and 1σ of the smoothing.
const CELL_M: f64 = 10.0;
const SMOOTH_M: f64 = 40.0;
/// Farther away a place does not count, in σ.
const REACH: f64 = 2.5;
/// Sum of weights below which nothing is said, in patches right at the place.
const LEAST: f64 = 8.0;
/// Two kinds of ground are told apart when their means differ by more, kelvin.
const APART_K: f64 = 0.8;
/// Classes of the histogram that is parted in two.
const BINS: usize = 256;
/// Fewest patches of ground to begin with.
pub(super) const FEWEST: usize = 100;

/// A small patch of open ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patch {
    /// Map x of its middle, metres.
    pub x_m: f64,
    /// Map y, metres.
    pub y_m: f64,
    /// Its temperature, °C or kelvin.
    pub temperature: f64,
}

/// The layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Microclimate {
    /// Warmer than the median of sealed ground, kelvin; NaN where too little is near.
    pub warmer_k: GeoGrid<f32>,
    /// Patches taken as sealed.
    pub sealed: usize,
    /// Median of sealed ground, in the unit of the patches.
    pub median: f64,
}

/// The layer over map bounds from patches of open ground; `None` with fewer than a hundred.
pub fn microclimate(patches: &[Patch], bounds: &Bounds) -> Option<Microclimate> {
    if patches.len() < FEWEST || bounds.is_empty() {
        return None;
    }
    let limit = warm_limit(patches);
    let mut sealed: Vec<Patch> = patches.to_vec();
    sealed.retain(|p| p.temperature >= limit);
    let mut values: Vec<f64> = sealed.iter().map(|p| p.temperature).collect();
    values.sort_by(f64::total_cmp);
    let median = *values.get(values.len() / 2)?;
    let transform = GeoTransform {
        x0: (bounds.x_min / CELL_M).floor() * CELL_M,
        y0: (bounds.y_max / CELL_M).ceil() * CELL_M,
        dx: CELL_M,
        dy: CELL_M,
    };
    let cells = |from: f64, to: f64| ((to - from) / CELL_M).ceil().max(1.0) as usize;
    let (width, height) = (
        cells(transform.x0, bounds.x_max),
        cells(bounds.y_min, transform.y0),
    );
    let mut sums = Grid::filled(width, height, [0.0_f64; 2]);
    let reach = (REACH * SMOOTH_M / CELL_M).ceil() as i64;
    for patch in &sealed {
        let (u, v) = transform.to_pixel(patch.x_m, patch.y_m);
        let (c, r) = (u.floor() as i64, v.floor() as i64);
        for row in (r - reach).max(0)..(r + reach + 1).min(height as i64) {
            for col in (c - reach).max(0)..(c + reach + 1).min(width as i64) {
                let (x, y) = transform.centre(col as usize, row as usize);
                let away = (x - patch.x_m).hypot(y - patch.y_m) / SMOOTH_M;
                if away > REACH {
                    continue;
                }
                let weight = (-0.5 * away * away).exp();
                let [sum, all] = sums.at(col as usize, row as usize);
                let own = [sum + weight * (patch.temperature - median), all + weight];
                sums.set(col as usize, row as usize, own);
            }
        }
    }
    let grid = sums.map(|[sum, weight]| match weight >= LEAST {
        true => (sum / weight) as f32,
        false => f32::NAN,
    });
    Some(Microclimate {
        warmer_k: GeoGrid { grid, transform },
        sealed: sealed.len(),
        median,
    })
}

/// Temperature from which ground counts as sealed: the split of the histogram that leaves two classes
/// as even as possible (Otsu 1979); everything where the two are nearly the same.
pub(super) fn warm_limit(patches: &[Patch]) -> f64 {
    let mut values: Vec<f64> = patches.iter().map(|p| p.temperature).collect();
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
    // Vehicles and puddles lie beyond.
    let (low, high) = (at(0.01), at(0.99));
    if high - low < 1e-6 {
        return f64::NEG_INFINITY;
    }
    let mut counts = [0.0_f64; BINS];
    let width = (high - low) / BINS as f64;
    for value in &values {
        let bin = ((value - low) / width).clamp(0.0, (BINS - 1) as f64) as usize;
        counts[bin] += 1.0;
    }
    let middle = |bin: usize| low + (bin as f64 + 0.5) * width;
    let total: f64 = counts.iter().sum();
    let whole: f64 = counts.iter().enumerate().map(|(b, n)| n * middle(b)).sum();
    let (mut n, mut sum) = (0.0, 0.0);
    let mut best = (0.0, f64::NEG_INFINITY, 0.0);
    for (bin, count) in counts.iter().enumerate().take(BINS - 1) {
        n += count;
        sum += count * middle(bin);
        if n == 0.0 || n == total {
            continue;
        }
        let (cold, warm) = (sum / n, (whole - sum) / (total - n));
        let between = n * (total - n) * (warm - cold).powi(2);
        if between > best.0 {
            best = (between, low + (bin + 1) as f64 * width, warm - cold);
        }
    }
    if best.2 > APART_K {
        best.1
    } else {
        f64::NEG_INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Roads every 30 m over grass 2.5 K colder; the west is 1 K colder than the east.
    fn park() -> (Vec<Patch>, Bounds) {
        let mut patches = Vec::new();
        for i in 0..200 {
            for j in 0..100 {
                let (x_m, y_m) = (f64::from(i) * 2.0 + 1.0, f64::from(j) * 2.0 + 1.0);
                let road = i % 15 < 4;
                let grain = 0.1 * (f64::from(i * 7 + j * 13)).sin();
                let base = if road { 2.5 } else { 0.0 };
                let east = if x_m > 200.0 { 1.0 } else { 0.0 };
                patches.push(Patch {
                    x_m,
                    y_m,
                    temperature: base + east + grain,
                });
            }
        }
        let bounds = Bounds {
            x_min: 0.0,
            y_min: 0.0,
            x_max: 400.0,
            y_max: 200.0,
        };
        (patches, bounds)
    }

    #[test]
    fn the_colder_half_of_a_park_shows_and_its_grass_does_not() {
        let (patches, bounds) = park();
        let found = microclimate(&patches, &bounds).expect("ground enough");
        let at = |x: f64| found.warmer_k.sample(x, 100.0).expect("inside");
        let apart = at(350.0) - at(50.0);
        assert!((apart - 1.0).abs() < 0.1, "{apart}");
        // A quarter is road.
        assert!((4_500..7_000).contains(&found.sealed), "{}", found.sealed);
    }

    #[test]
    fn ground_of_one_kind_is_all_taken_and_little_ground_says_nothing() {
        let (mut patches, bounds) = park();
        patches
            .iter_mut()
            .for_each(|p| p.temperature = 1.0 + 1e-3 * p.x_m);
        let found = microclimate(&patches, &bounds).expect("ground enough");
        assert_eq!(found.sealed, patches.len());
        assert!(microclimate(&patches[..50], &bounds).is_none());
        // Far from all ground nothing is said.
        let wide = Bounds {
            x_max: 1_000.0,
            ..bounds
        };
        let found = microclimate(&patches, &wide).expect("ground enough");
        assert!(found.warmer_k.grid.at(95, 10).is_nan());
    }
}
