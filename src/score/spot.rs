//! Size, shape and strength of one object.

use super::detect::Detection;
use crate::raster::{GeoTransform, Grid};
use crate::segment::parts::{Kind, Parts};
use crate::segment::polygonise;
use geo::{Area, ConvexHull, Coord, MinimumRotatedRect, MultiPolygon};

/// One warm or cold object of a roof, before anything is said of what it means.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spot {
    /// Cells.
    pub pixels: u32,
    /// Area, m².
    pub area_m2: f64,
    /// Warmest (coldest) cell, °C.
    pub peak_c: f64,
    /// Mean difference to the background, K, positive for both signs.
    pub excess_mean_k: f64,
    /// Greatest difference, K, positive.
    pub excess_max_k: f64,
    /// Mean background, °C.
    pub background_c: f64,
    /// Centre of gravity, project CRS.
    pub x_m: f64,
    /// Centre of gravity, project CRS.
    pub y_m: f64,
    /// Outline along cell edges, project CRS.
    pub polygon: MultiPolygon<f64>,
    /// Long side of the smallest enclosing rectangle, metres.
    pub length_m: f64,
    /// Short side of it, metres.
    pub width_m: f64,
    /// Share of that rectangle the object fills, 0–1.
    pub fill: f64,
    /// Whether a hole is left inside.
    pub ring: bool,
    /// Whether at least half of it lies in the band along an edge.
    pub edge: bool,
    /// Whether it reaches into that band at all.
    pub rim: bool,
    /// Least number of frames behind its cells.
    pub frames: u32,
    /// What it lies on, where the roof was split into parts.
    pub on: Option<On>,
}

/// The part of a roof an object lies on.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct On {
    /// Index of the part.
    pub part: usize,
    /// What it is: a plane where no other part holds half of the object.
    pub kind: Kind,
    /// How sure, 0–1.
    pub confidence: f64,
}

impl On {
    /// The part under cells: parts of one kind that hold half of them together, of these the one
    /// that holds most; else the plane that does.
    fn of(cells: &[u32], parts: &Parts) -> Option<Self> {
        let count = |labels: &Grid<u16>| {
            let mut counts = vec![0_usize; parts.parts.len()];
            for cell in cells {
                let label = labels.data().get(*cell as usize).copied().unwrap_or(0);
                if let Some(count) = usize::from(label)
                    .checked_sub(1)
                    .and_then(|i| counts.get_mut(i))
                {
                    *count += 1;
                }
            }
            counts
        };
        let most = |counts: &[usize], may: &dyn Fn(usize) -> bool| {
            let held = (0..counts.len()).filter(|i| may(*i) && counts[*i] > 0);
            held.max_by_key(|i| (counts[*i], std::cmp::Reverse(*i)))
        };
        let counts = count(&parts.labels);
        let kind = |i: usize| parts.parts[i].kind;
        let object = |i: usize| kind(i) != Kind::Plane;
        let of_kind = |wanted: Kind| -> usize {
            (0..counts.len())
                .filter(|i| kind(*i) == wanted)
                .map(|i| counts[i])
                .sum()
        };
        let part = most(&counts, &|i| {
            object(i) && 2 * of_kind(kind(i)) >= cells.len()
        })
        .or_else(|| most(&count(&parts.plane_labels), &|_| true))?;
        Some(Self {
            part,
            kind: kind(part),
            confidence: parts.parts[part].confidence,
        })
    }
}

/// What the cells of an object are measured in.
pub(super) struct Cells<'a> {
    pub celsius: &'a Grid<f32>,
    pub count: &'a Grid<u16>,
    pub zone: &'a Grid<u16>,
    pub parts: Option<&'a Parts>,
    pub transform: &'a GeoTransform,
}

/// Measures an object; `sign` is 1 for warm and −1 for cold ones.
pub(super) fn measure(
    cells: &[u32],
    sign: f64,
    detection: &Detection,
    on: &Cells<'_>,
) -> Option<Spot> {
    let width = on.celsius.width();
    let n = cells.len() as f64;
    let (mut sum, mut most, mut peak, mut mean_c) = (0.0, f64::MIN, f64::MIN, 0.0);
    let (mut col_sum, mut row_sum, mut edge) = (0.0, 0.0, 0_usize);
    let mut frames = u32::MAX;
    for cell in cells {
        let index = *cell as usize;
        let excess = sign * f64::from(detection.residual.data()[index]);
        let value = f64::from(on.celsius.data()[index]);
        sum += excess;
        most = most.max(excess);
        peak = peak.max(sign * value);
        mean_c += value;
        col_sum += (index % width) as f64;
        row_sum += (index / width) as f64;
        edge += usize::from(on.zone.data()[index].is_multiple_of(2));
        frames = frames.min(u32::from(on.count.data().get(index).copied().unwrap_or(0)));
    }
    let (x_m, y_m) = on.transform.to_map(col_sum / n + 0.5, row_sum / n + 0.5);
    let at: Vec<(usize, usize)> = cells
        .iter()
        .map(|c| (*c as usize % width, *c as usize / width))
        .collect();
    let polygon = polygonise(&at, on.transform);
    let (length_m, width_m) = sides(&polygon)?;
    let area_m2 = n * on.transform.dx * on.transform.dy;
    Some(Spot {
        pixels: cells.len() as u32,
        area_m2,
        peak_c: sign * peak,
        excess_mean_k: sum / n,
        excess_max_k: most,
        background_c: mean_c / n - sign * sum / n,
        x_m,
        y_m,
        ring: has_hole(&polygon, 0.2 * area_m2),
        polygon,
        length_m,
        width_m,
        fill: (area_m2 / (length_m * width_m)).min(1.0),
        edge: 2 * edge >= cells.len(),
        rim: edge > 0,
        frames,
        on: on.parts.and_then(|parts| On::of(cells, parts)),
    })
}

/// Whether the holes of one part are larger than an area.
fn has_hole(polygon: &MultiPolygon<f64>, least_m2: f64) -> bool {
    polygon.iter().any(|part| {
        let whole = geo::Polygon::new(part.exterior().clone(), Vec::new());
        whole.unsigned_area() - part.unsigned_area() > least_m2
    })
}

/// Long and short side of the smallest enclosing rectangle.
fn sides(polygon: &MultiPolygon<f64>) -> Option<(f64, f64)> {
    let rectangle = polygon.convex_hull().minimum_rotated_rect()?;
    let corners: Vec<Coord<f64>> = rectangle.exterior().coords().copied().collect();
    let side = |a: Coord<f64>, b: Coord<f64>| (b.x - a.x).hypot(b.y - a.y);
    let (one, other) = (
        side(*corners.first()?, *corners.get(1)?),
        side(*corners.get(1)?, *corners.get(2)?),
    );
    let (length, width) = (one.max(other), one.min(other));
    (width > 0.0).then_some((length, width))
}
