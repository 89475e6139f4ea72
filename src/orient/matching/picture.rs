//! A frame made fit for comparing: contrast of its surroundings instead of temperature.

use crate::raster::Grid;

/// Reduction of the coarse level.
pub(super) const COARSE: usize = 4;
/// Steps of a unit of contrast: ±4 fill a byte.
const STEPS: f32 = 31.0;
/// Half widths of the local mean and the local spread, pixels (georeferencing.md §5: Gaussians of
/// σ 12 and 24 px; boxes run three times stand in for them).
const MEAN_HALF: usize = 12;
const SPREAD_HALF: usize = 24;
/// Pixels left out along the border: lens edge and interpolation.
const BORDER: usize = 20;
/// Points are spread over this many cells, columns and rows.
const CELLS: [usize; 2] = [14, 11];

/// Normalised contrast at full and at a quarter of the resolution, and the points worth matching.
pub(super) struct Picture {
    /// In bytes, [`STEPS`] to a unit: a flight's pictures are held together.
    pub(super) full: Grid<i8>,
    pub(super) coarse: Grid<i8>,
    /// Pixel centres, the best of each cell.
    pub(super) points: Vec<[f64; 2]>,
}

impl Picture {
    pub(super) fn new(kelvin: &Grid<f32>) -> Self {
        let full = normalised(kelvin);
        let coarse = reduced(&full);
        let points = points(&full);
        let bytes = |grid: &Grid<f32>| grid.map(|v| (v * STEPS).round() as i8);
        Self {
            full: bytes(&full),
            coarse: bytes(&coarse),
            points,
        }
    }

    /// Normalised contrast at full resolution.
    pub(super) fn contrast(&self) -> Grid<f32> {
        self.full.map(|v| f32::from(v) / STEPS)
    }
}

/// (T − local mean) / local spread, within ±4; missing pixels are 0.
pub(in super::super) fn normalised(kelvin: &Grid<f32>) -> Grid<f32> {
    let (width, height) = (kelvin.width(), kelvin.height());
    let valid: Vec<f32> = kelvin
        .data()
        .iter()
        .copied()
        .filter(|k| !k.is_nan())
        .collect();
    let middle = valid.iter().map(|k| f64::from(*k)).sum::<f64>() / valid.len().max(1) as f64;
    let filled: Vec<f32> = kelvin
        .data()
        .iter()
        .map(|k| if k.is_nan() { 0.0 } else { k - middle as f32 })
        .collect();
    // Noise of neighbouring pixels is not the same, the scene is: a little smoothing doubles what
    // cold nights have to offer.
    let mut filled = filled;
    (0..2).for_each(|_| smooth(&mut filled, width, height, 1));
    let mut mean = filled.clone();
    (0..2).for_each(|_| smooth(&mut mean, width, height, MEAN_HALF));
    let mut detail: Vec<f32> = filled.iter().zip(&mean).map(|(v, m)| v - m).collect();
    let mut spread: Vec<f32> = detail.iter().map(|d| d * d).collect();
    (0..2).for_each(|_| smooth(&mut spread, width, height, SPREAD_HALF));
    // Where there is nothing to see, noise must not be blown up: the floor is a part of the
    // picture's own contrast.
    let whole = detail.iter().map(|d| f64::from(d * d)).sum::<f64>() / detail.len().max(1) as f64;
    let floor = (0.1 * whole).max(1e-6) as f32;
    for (d, s) in detail.iter_mut().zip(&spread) {
        *d = (*d / s.max(floor).sqrt()).clamp(-4.0, 4.0);
    }
    for (d, k) in detail.iter_mut().zip(kelvin.data()) {
        if k.is_nan() {
            *d = 0.0;
        }
    }
    Grid::from_vec(width, height, detail).expect("as many as there were")
}

/// Box mean over ± `half` pixels, in place; at the border over what is there.
fn smooth(values: &mut [f32], width: usize, height: usize, half: usize) {
    let mut line = Vec::new();
    for row in values.chunks_exact_mut(width) {
        line.clear();
        line.extend_from_slice(row);
        running_mean(&line, half, |i, v| row[i] = v);
    }
    let mut columns = vec![0.0_f64; width];
    let mut counts = 0_usize;
    let source = values.to_vec();
    let add = |sum: &mut [f64], row: usize, sign: f64| {
        let line = &source[row * width..(row + 1) * width];
        sum.iter_mut()
            .zip(line)
            .for_each(|(s, v)| *s += sign * f64::from(*v));
    };
    for row in 0..half.min(height) {
        add(&mut columns, row, 1.0);
        counts += 1;
    }
    for row in 0..height {
        if row + half < height {
            add(&mut columns, row + half, 1.0);
            counts += 1;
        }
        if row > half {
            add(&mut columns, row - half - 1, -1.0);
            counts -= 1;
        }
        let out = &mut values[row * width..(row + 1) * width];
        out.iter_mut()
            .zip(&columns)
            .for_each(|(o, s)| *o = (*s / counts as f64) as f32);
    }
}

fn running_mean(line: &[f32], half: usize, mut put: impl FnMut(usize, f32)) {
    let mut sum: f64 = line.iter().take(half).map(|v| f64::from(*v)).sum();
    let mut count = half.min(line.len());
    for i in 0..line.len() {
        if let Some(next) = line.get(i + half) {
            sum += f64::from(*next);
            count += 1;
        }
        if i > half {
            sum -= f64::from(line[i - half - 1]);
            count -= 1;
        }
        put(i, (sum / count as f64) as f32);
    }
}

/// Means of blocks.
fn reduced(full: &Grid<f32>) -> Grid<f32> {
    let (width, height) = (full.width() / COARSE, full.height() / COARSE);
    let mut out = Grid::filled(width, height, 0.0);
    for y in 0..height {
        for x in 0..width {
            let rows = (0..COARSE).flat_map(|r| {
                let start = x * COARSE;
                full.row(y * COARSE + r)[start..start + COARSE].iter()
            });
            out.set(x, y, rows.sum::<f32>() / (COARSE * COARSE) as f32);
        }
    }
    out
}

/// The pixel of each cell around which contrast changes most in the direction in which it changes
/// least (the smaller eigenvalue of the structure tensor; Shi and Tomasi 1994), so that a shift is
/// fixed in both directions.
fn points(full: &Grid<f32>) -> Vec<[f64; 2]> {
    const HALF: usize = 7;
    let (width, height) = (full.width(), full.height());
    if width <= 2 * BORDER || height <= 2 * BORDER {
        return Vec::new();
    }
    let mut products = [(); 3].map(|()| vec![0.0_f32; width * height]);
    for y in 1..height - 1 {
        let (above, here, below) = (full.row(y - 1), full.row(y), full.row(y + 1));
        for x in 1..width - 1 {
            let (dx, dy) = (here[x + 1] - here[x - 1], below[x] - above[x]);
            let at = y * width + x;
            (products[0][at], products[1][at], products[2][at]) = (dx * dx, dx * dy, dy * dy);
        }
    }
    products
        .iter_mut()
        .for_each(|p| smooth(p, width, height, HALF));
    let strength = |x: usize, y: usize| {
        let at = y * width + x;
        let (a, b, c) = (products[0][at], products[1][at], products[2][at]);
        (a + c) / 2.0 - ((a - c).powi(2) / 4.0 + b * b).sqrt()
    };
    let (inner_w, inner_h) = (width - 2 * BORDER, height - 2 * BORDER);
    let mut found = Vec::new();
    for row in 0..CELLS[1] {
        for column in 0..CELLS[0] {
            let xs =
                BORDER + column * inner_w / CELLS[0]..BORDER + (column + 1) * inner_w / CELLS[0];
            let ys = BORDER + row * inner_h / CELLS[1]..BORDER + (row + 1) * inner_h / CELLS[1];
            let mut best = (0.0, None);
            for y in ys.step_by(2) {
                for x in xs.clone().step_by(2) {
                    let value = strength(x, y);
                    if value > best.0 {
                        best = (value, Some([x as f64 + 0.5, y as f64 + 0.5]));
                    }
                }
            }
            found.extend(best.1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_and_a_slope_vanish_and_a_spot_stays() {
        let mut kelvin = Grid::filled(120, 100, 0.0_f32);
        for y in 0..100_usize {
            for x in 0..120_usize {
                let wave = ((x * 7 + y * 13) % 5) as f32 * 0.02;
                let spot = if x.abs_diff(60) < 3 && y.abs_diff(50) < 3 {
                    2.0
                } else {
                    0.0
                };
                kelvin.set(x, y, 270.0 + 0.05 * x as f32 + wave + spot);
            }
        }
        let flat = normalised(&kelvin);
        let brightest = (0..12_000).max_by(|a, b| flat.data()[*a].total_cmp(&flat.data()[*b]));
        let at = brightest.expect("pixels");
        assert!(
            (at % 120).abs_diff(60) < 6 && (at / 120).abs_diff(50) < 6,
            "{at}"
        );
        let edge = (flat.at(30, 30) - flat.at(90, 30)).abs();
        assert!(edge < 0.5, "{edge}");
    }

    #[test]
    fn missing_pixels_have_no_contrast() {
        let mut kelvin = Grid::filled(80, 80, 280.0_f32);
        kelvin.set(40, 40, f32::NAN);
        kelvin.set(10, 10, 290.0);
        let found = normalised(&kelvin);
        assert_eq!(found.at(40, 40), 0.0);
        assert!(found.data().iter().all(|v| v.is_finite()));
    }
}
