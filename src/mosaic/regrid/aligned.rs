//! Source and target with parallel axes: each target row is one mix of two source rows, then
//! one of two columns whose numbers and weights are the same for every row.
//!
//! Mixing rows first makes the inner loops run over neighbouring cells; the value differs from
//! columns first by rounding alone, and the cells a value needs are the same.

use super::sample::{between, mix};
use crate::raster::{GeoGrid, Grid};
use crate::rectify::Target;

/// Source columns (or rows) around a position and the second one's weight.
#[derive(Clone, Copy)]
struct Place {
    first: u32,
    second: u32,
    weight: f32,
}

/// Reads a tile at a target's cells, `n` × `n` samples each.
pub(super) fn regrid(tile: &GeoGrid<f32>, target: &Target, n: usize) -> Grid<f32> {
    let source = &tile.grid;
    let mut grid = Grid::filled(target.width, target.height, f32::NAN);
    let columns = places(target.width, n, source.width(), |k| {
        tile.transform
            .to_pixel(target.transform.to_map(k, 0.0).0, 0.0)
            .0
    });
    let rows = places(target.height, n, source.height(), |k| {
        tile.transform
            .to_pixel(0.0, target.transform.to_map(0.0, k).1)
            .1
    });
    let inside = columns.iter().flatten();
    let Some(first) = inside.clone().map(|p| p.first).min() else {
        return grid;
    };
    let span = first as usize..inside.map(|p| p.second).max().unwrap_or(first) as usize + 1;
    // Numbers of columns count from the start of the span from here on.
    let columns: Vec<Option<Place>> = columns
        .into_iter()
        .map(|place| {
            place.map(|p| Place {
                first: p.first - first,
                second: p.second - first,
                ..p
            })
        })
        .collect();
    let lines = grid.data_mut().chunks_exact_mut(target.width.max(1));
    if n == 1 {
        single(source, &columns, &rows, span, lines);
    } else {
        means(source, &columns, &rows, n, span, lines);
    }
    grid
}

/// The places of `n` samples in each of `count` cells; `at` gives the source position of a
/// target position.
fn places(count: usize, n: usize, source: usize, at: impl Fn(f64) -> f64) -> Vec<Option<Place>> {
    let mut places = Vec::with_capacity(count * n);
    for cell in 0..count {
        for k in 0..n {
            let position = at(cell as f64 + (k as f64 + 0.5) / n as f64);
            places.push(
                between(position, source).map(|(first, second, weight)| Place {
                    first: first as u32,
                    second: second as u32,
                    weight,
                }),
            );
        }
    }
    places
}

/// One sample per cell.
fn single<'a>(
    source: &Grid<f32>,
    columns: &[Option<Place>],
    rows: &[Option<Place>],
    span: std::ops::Range<usize>,
    lines: impl Iterator<Item = &'a mut [f32]>,
) {
    // The cells inside follow each other, as positions only grow.
    let start = columns.iter().take_while(|c| c.is_none()).count();
    let inside: Vec<Place> = columns.iter().flatten().copied().collect();
    let mut mixed = vec![0.0_f32; span.len()];
    for (line, row) in lines.zip(rows) {
        let Some(row) = row else { continue };
        let upper = &source.row(row.first as usize)[span.clone()];
        let between_rows: &[f32] = if row.first == row.second {
            upper
        } else {
            let lower = &source.row(row.second as usize)[span.clone()];
            for ((mixed, a), b) in mixed.iter_mut().zip(upper).zip(lower) {
                *mixed = mix(*a, *b, row.weight);
            }
            &mixed
        };
        for (cell, c) in line[start..].iter_mut().zip(&inside) {
            let (a, b) = (
                between_rows[c.first as usize],
                between_rows[c.second as usize],
            );
            *cell = mix(a, b, c.weight);
        }
    }
}

/// The mean of `n` × `n` samples per cell, where at least half of them are inside. Sums are
/// kept in `f64`, in which equal values add up to themselves.
fn means<'a>(
    source: &Grid<f32>,
    columns: &[Option<Place>],
    rows: &[Option<Place>],
    n: usize,
    span: std::ops::Range<usize>,
    lines: impl Iterator<Item = &'a mut [f32]>,
) {
    let mut sums = vec![0.0_f64; span.len()];
    for (line, rows) in lines.zip(rows.chunks_exact(n)) {
        sums.fill(0.0);
        let mut down = 0;
        for row in rows.iter().flatten() {
            down += 1;
            let upper = &source.row(row.first as usize)[span.clone()];
            let lower = &source.row(row.second as usize)[span.clone()];
            for ((sum, a), b) in sums.iter_mut().zip(upper).zip(lower) {
                *sum += f64::from(mix(*a, *b, row.weight));
            }
        }
        for (cell, columns) in line.iter_mut().zip(columns.chunks_exact(n)) {
            let (mut sum, mut inside) = (0.0, 0);
            for c in columns.iter().flatten() {
                let (a, b) = (sums[c.first as usize], sums[c.second as usize]);
                sum += a + f64::from(c.weight) * (b - a);
                inside += down;
            }
            if inside > 0 && 2 * inside >= n * n {
                *cell = (sum / inside as f64) as f32;
            }
        }
    }
}
