//! What one picture of a building says of every shift: by edges, by contrast, by the surface model.

use super::super::Ground;
use super::super::matching::contrast;
use super::edges::{self, FAR, channel};
use super::local::Local;
use super::peaks::{SIDE, place};
use super::{RoofOutline, Sample, samples};

/// Fewest samples of an outline.
const LEAST_SAMPLES: usize = 12;
/// Points at which temperature and surface are compared.
const MUTUAL_POINTS: f64 = 1_200.0;
/// Classes of temperature; of height over the ground there are three.
const WARMTH: usize = 12;
/// A surface tells where as much of it is ground and roof, of all points, and these are so far apart,
/// metres.
const LEAST_PART: f64 = 0.1;
const LEAST_HEIGHT_M: f64 = 2.0;

/// Scores at every shift, row by row from the south-west; the larger the better.
pub(super) struct Scores {
    /// Oriented chamfer distance of the outline to edges, τ less the mean.
    pub(super) edges: Vec<f64>,
    /// Change of contrast across the outline.
    pub(super) contrast: Vec<f64>,
    /// Mutual information of temperature and surface model, nats; `None` where roofs do not stand
    /// out of it.
    pub(super) surface: Option<Vec<f64>>,
}

impl Scores {
    /// `None` where too little of the outline is seen.
    pub(super) fn of(local: &Local, outline: &RoofOutline, ground: &dyn Ground) -> Option<Self> {
        let samples = samples(&outline.ring);
        if samples.len() < LEAST_SAMPLES {
            return None;
        }
        Some(Self {
            edges: by_edges(local, &samples, outline.length_m())?,
            contrast: by_contrast(local, &samples)?,
            surface: by_surface(local, outline, ground),
        })
    }

    /// Adds another picture of the same building.
    pub(super) fn add(&mut self, other: Self) {
        let plus = |a: &mut Vec<f64>, b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        plus(&mut self.edges, &other.edges);
        plus(&mut self.contrast, &other.contrast);
        match (&mut self.surface, other.surface) {
            (Some(own), Some(more)) => plus(own, &more),
            (own @ None, more) => *own = more,
            (Some(_), None) => {}
        }
    }
}

/// Mean of a value of the samples at every shift, over those that have one; `None` where half do not
/// at some shift.
fn everywhere(
    samples: &[Sample],
    value: impl Fn(usize, &Sample, [f64; 2]) -> Option<f64>,
) -> Option<Vec<f64>> {
    let mut out = Vec::with_capacity(SIDE * SIDE);
    for i in 0..SIDE * SIDE {
        let by = place(i);
        let (mut sum, mut count) = (0.0, 0_usize);
        let values = samples.iter().enumerate();
        for value in values.filter_map(|(k, s)| value(k, s, by)) {
            sum += value;
            count += 1;
        }
        if 2 * count < samples.len() {
            return None;
        }
        out.push(sum / count as f64);
    }
    Some(out)
}

fn by_edges(local: &Local, samples: &[Sample], length_m: f64) -> Option<Vec<f64>> {
    let channels = edges::distances(local, length_m)?;
    let of: Vec<usize> = samples.iter().map(|(_, n)| channel(*n).0).collect();
    everywhere(samples, |k, ([x, y], _), by| {
        let (col, row) = local.cell(x + by[0], y + by[1]);
        local.grid.get(col, row).filter(|v| v.is_finite())?;
        Some(f64::from(FAR - channels[of[k]].get(col, row)?))
    })
}

fn by_contrast(local: &Local, samples: &[Sample]) -> Option<Vec<f64>> {
    let picture = contrast(&local.grid);
    // Half a cell aside is the same cell: the two sides are two cells apart at least.
    let aside = (0.75 * local.cell_m()).max(0.2);
    everywhere(samples, |_, ([x, y], [nx, ny]), by| {
        let value = |sign: f64| {
            let (col, row) =
                local.cell(x + by[0] + sign * aside * nx, y + by[1] + sign * aside * ny);
            local.grid.get(col, row).filter(|v| v.is_finite())?;
            picture.get(col, row).map(f64::from)
        };
        Some((value(1.0)? - value(-1.0)?).abs())
    })
}

/// I(T; h) = Σ p(t, h) ln (p(t, h) / p(t) p(h)) over classes of temperature and of height (Viola and
/// Wells 1997, doi:10.1023/A:1007958904918).
fn by_surface(local: &Local, outline: &RoofOutline, ground: &dyn Ground) -> Option<Vec<f64>> {
    let bounds = outline.bounds().buffered(3.0);
    let (across, down) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
    let step = (across * down / MUTUAL_POINTS).sqrt().max(local.cell_m());
    let mut points = Vec::new();
    for row in 0..(down / step) as usize {
        for col in 0..(across / step) as usize {
            let at = |k: usize| (k as f64 + 0.5) * step;
            let (x, y) = (bounds.x_min + at(col), bounds.y_min + at(row));
            points.extend(ground.height_m(x, y).map(|z| ([x, y], z)));
        }
    }
    let mut heights: Vec<f64> = points.iter().map(|p| p.1).collect();
    heights.sort_by(f64::total_cmp);
    let low = *heights.get((heights.len() as f64 * LEAST_PART) as usize)?;
    let rise = outline.height_m - low;
    if rise < LEAST_HEIGHT_M {
        return None;
    }
    let class = |z: f64| match (z - low) / rise {
        r if r < 0.3 => 0,
        r if r > 0.7 => 2,
        _ => 1,
    };
    let points: Vec<([f64; 2], usize)> = points.iter().map(|(p, z)| (*p, class(*z))).collect();
    let least = LEAST_PART * points.len() as f64;
    let part = |c: usize| points.iter().filter(|p| p.1 == c).count() as f64;
    if part(0) < least || part(2) < least {
        return None;
    }
    let warmth = classes(local)?;
    let mut out = Vec::with_capacity(SIDE * SIDE);
    for i in 0..SIDE * SIDE {
        let [dx, dy] = place(i);
        let mut joint = [[0_u32; WARMTH]; 3];
        for ([x, y], height) in &points {
            let (col, row) = local.cell(x + dx, y + dy);
            if let Some(t) = warmth.get(col, row).filter(|t| usize::from(*t) < WARMTH) {
                joint[*height][usize::from(t)] += 1;
            }
        }
        out.push(information(&joint, points.len())?);
    }
    Some(out)
}

/// Class of every cell by rank of its temperature; [`WARMTH`] where there is none.
fn classes(local: &Local) -> Option<crate::raster::Grid<u8>> {
    let mut values: Vec<f32> = local.grid.data().to_vec();
    values.retain(|v| v.is_finite());
    values.sort_by(f32::total_cmp);
    let bounds: Vec<f32> = (1..WARMTH)
        .map(|k| values.get(k * values.len() / WARMTH).copied())
        .collect::<Option<_>>()?;
    Some(local.grid.map(|v| match v.is_finite() {
        true => bounds.partition_point(|b| *b <= v) as u8,
        false => WARMTH as u8,
    }))
}

/// `None` where fewer than half of the points are seen.
fn information(joint: &[[u32; WARMTH]; 3], points: usize) -> Option<f64> {
    let all: u32 = joint.iter().flatten().sum();
    if 2 * all as usize <= points {
        return None;
    }
    let share = |n: u32| f64::from(n) / f64::from(all);
    let mut sum = 0.0;
    for (h, row) in joint.iter().enumerate() {
        let of_height = share(joint[h].iter().sum());
        for (t, n) in row.iter().enumerate().filter(|(_, n)| **n > 0) {
            let of_warmth = share(joint.iter().map(|r| r[t]).sum());
            sum += share(*n) * (share(*n) / (of_height * of_warmth)).ln();
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes that go together fully: ln 2 nats; none together: 0.
    #[test]
    fn information_of_known_tables() {
        let mut joint = [[0; WARMTH]; 3];
        (joint[0][0], joint[2][5]) = (50, 50);
        let found = information(&joint, 100).expect("seen");
        assert!((found - std::f64::consts::LN_2).abs() < 1e-12);
        let mut joint = [[0; WARMTH]; 3];
        for h in [0, 2] {
            (joint[h][0], joint[h][5]) = (25, 25);
        }
        assert!(information(&joint, 100).expect("seen").abs() < 1e-12);
        assert_eq!(information(&joint, 300), None);
    }
}
