//! Own pixels to finished colours.
//!
//! Privacy: [`own_cells`] blanks every cell that does not touch an outline of the company
//! before anything is coloured, so no neighbour's temperature can be in a picture, not even
//! under the grey that the template draws over it.

use geo::MultiPolygon;

use super::frame::Frame;
use super::palette::Palette;
use super::sheet::Picture;
use crate::raster::{GeoGrid, Grid};

/// Ground colour of the design, where a roof has no value.
const GROUND: [u8; 3] = [0xEC, 0xEE, 0xF1];

/// Pixels the roof's own values are carried outward, so that the vector edge cuts colour.
const BLEED_PX: usize = 2;

/// Weight of the cells beside a place from which they give it a value: a place on the very middle of
/// a missing cell has none, however its position is rounded.
const LEAST_WEIGHT: f32 = 1e-6;

/// Lines per cell row on which edges are crossed.
const LINES: usize = 4;

/// The grid with every cell blanked that touches none of the shapes, or whose centre lies in one
/// of the others: where halls adjoin, a cell of the border is the one's it shows more of.
pub fn own_cells(
    thermal: &GeoGrid<f32>,
    shapes: &[&MultiPolygon<f64>],
    others: &[MultiPolygon<f64>],
) -> GeoGrid<f32> {
    let (width, height) = (thermal.grid.width(), thermal.grid.height());
    let mut grid = Grid::filled(width, height, f32::NAN);
    for polygon in shapes.iter().flat_map(|s| &s.0) {
        let edges = Edges::new(polygon, thermal);
        for line in edges.first * LINES..edges.last * LINES {
            let v = (line as f64 + 0.5) / LINES as f64;
            for (from, to) in edges.spans(v) {
                let start = from.max(0.0) as usize;
                let end = (to.max(0.0).ceil() as usize).min(width);
                for col in start..end {
                    grid.set(col, line / LINES, thermal.grid.at(col, line / LINES));
                }
            }
        }
    }
    for polygon in others.iter().flat_map(|s| &s.0) {
        let edges = Edges::new(polygon, thermal);
        for row in edges.first..edges.last {
            for (from, to) in edges.spans(row as f64 + 0.5) {
                let start = (from - 0.5).ceil().max(0.0) as usize;
                let end = ((to - 0.5).ceil().max(0.0) as usize).min(width);
                for col in start..end {
                    grid.set(col, row, f32::NAN);
                }
            }
        }
    }
    GeoGrid {
        grid,
        transform: thermal.transform,
    }
}

/// Edges of a polygon in cells of a grid, and the rows they span.
struct Edges {
    edges: Vec<[(f64, f64); 2]>,
    first: usize,
    last: usize,
}

impl Edges {
    fn new(polygon: &geo::Polygon<f64>, thermal: &GeoGrid<f32>) -> Self {
        let t = &thermal.transform;
        let edges: Vec<[(f64, f64); 2]> = std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .flat_map(|ring| ring.lines())
            .map(|l| {
                [
                    t.to_pixel(l.start.x, l.start.y),
                    t.to_pixel(l.end.x, l.end.y),
                ]
            })
            .collect();
        let rows = edges.iter().flat_map(|e| [e[0].1, e[1].1]);
        let first = rows.clone().fold(f64::INFINITY, f64::min).max(0.0) as usize;
        let last = (rows.fold(0.0, f64::max).ceil() as usize).min(thermal.grid.height());
        Self { edges, first, last }
    }

    /// Stretches of a line of the grid that lie inside, from left to right.
    fn spans(&self, v: f64) -> Vec<(f64, f64)> {
        let crossed = self.edges.iter().filter(|[a, b]| (a.1 > v) != (b.1 > v));
        let mut places: Vec<f64> = crossed
            .map(|[a, b]| a.0 + (v - a.1) / (b.1 - a.1) * (b.0 - a.0))
            .collect();
        places.sort_by(f64::total_cmp);
        places.chunks_exact(2).map(|s| (s[0], s[1])).collect()
    }
}

/// Colours a blanked grid over a frame; ground colour where there is no value.
pub fn colour(
    own: &GeoGrid<f32>,
    frame: &Frame,
    scale_c: (f64, f64),
    palette: Palette,
    name: String,
) -> Picture {
    colour_by(own, frame, scale_c, &palette.table(), name)
}

/// The same with any table of colours, low to high.
pub fn colour_by(
    own: &GeoGrid<f32>,
    frame: &Frame,
    scale: (f64, f64),
    table: &[[u8; 3]; 256],
    name: String,
) -> Picture {
    let (width, height) = frame.pixels(own.transform.dx);
    let mut values = sample(own, frame, width, height);
    for _ in 0..BLEED_PX {
        values = bleed(&values, width, height);
    }
    let (low, high) = scale;
    let per_k = 255.0 / (high - low).max(1e-6);
    let mut rgb = Vec::with_capacity(3 * width * height);
    for value in values {
        let colour = if value.is_nan() {
            GROUND
        } else {
            // Rounded by the cast.
            table[((f64::from(value) - low) * per_k + 0.5).clamp(0.0, 255.0) as usize]
        };
        rgb.extend_from_slice(&colour);
    }
    Picture {
        name,
        width: width as u32,
        height: height as u32,
        rgb,
    }
}

/// Mean of the cells under a pixel; bilinear where a pixel is smaller than a cell.
fn sample(own: &GeoGrid<f32>, frame: &Frame, width: usize, height: usize) -> Vec<f32> {
    let ground_m = (frame.bounds.x_max - frame.bounds.x_min) / width as f64;
    let reach = ground_m / own.transform.dx;
    let (u, v) = own
        .transform
        .to_pixel(frame.bounds.x_min, frame.bounds.y_max);
    let place = |start: f64, i: usize| start + (i as f64 + 0.5) * reach;
    let columns: Vec<f64> = (0..width).map(|i| place(u, i)).collect();
    let rows: Vec<f64> = (0..height).map(|i| place(v, i)).collect();
    if reach < 1.5 {
        smooth(&own.grid, &columns, &rows)
    } else {
        means(&own.grid, &columns, &rows, reach)
    }
}

/// Mean of the valid cells within half a `reach` of each place.
fn means(grid: &Grid<f32>, columns: &[f64], rows: &[f64], reach: f64) -> Vec<f32> {
    let span = |centre: f64, limit: usize| {
        let edge = |at: f64| (at.round().max(0.0) as usize).min(limit);
        edge(centre - reach / 2.0)..edge(centre + reach / 2.0)
    };
    let across: Vec<_> = columns.iter().map(|u| span(*u, grid.width())).collect();
    let mut values = Vec::with_capacity(columns.len() * rows.len());
    for v in rows {
        let down = span(*v, grid.height());
        for cells in &across {
            let (mut sum, mut count) = (0.0_f32, 0_u32);
            for row in down.clone() {
                for value in grid.row(row)[cells.clone()].iter().filter(|v| !v.is_nan()) {
                    sum += value;
                    count += 1;
                }
            }
            values.push(if count > 0 {
                sum / count as f32
            } else {
                f32::NAN
            });
        }
    }
    values
}

/// Bilinear between cell centres, missing cells left out: `raster::bilinear` with the weights
/// of a column and a row computed once, for this runs over every pixel of every map.
fn smooth(grid: &Grid<f32>, columns: &[f64], rows: &[f64]) -> Vec<f32> {
    // First cell and weight of the second; a place beyond the border has none.
    let pair = |at: f64, cells: usize| {
        let at = at - 0.5;
        let inside = at > -0.5 && at < cells as f64 - 0.5 && cells > 0;
        inside.then(|| {
            let first = at.max(0.0) as usize;
            let second = (first + 1).min(cells - 1);
            (first, second, (at - first as f64).clamp(0.0, 1.0) as f32)
        })
    };
    let across: Vec<_> = columns.iter().map(|u| pair(*u, grid.width())).collect();
    let mut values = Vec::with_capacity(columns.len() * rows.len());
    for v in rows {
        let Some((top, bottom, down)) = pair(*v, grid.height()) else {
            values.resize(values.len() + columns.len(), f32::NAN);
            continue;
        };
        let (top, bottom) = (grid.row(top), grid.row(bottom));
        for place in &across {
            let Some((left, right, along)) = *place else {
                values.push(f32::NAN);
                continue;
            };
            let cells = [top[left], top[right], bottom[left], bottom[right]];
            let weights = [
                (1.0 - along) * (1.0 - down),
                along * (1.0 - down),
                (1.0 - along) * down,
                along * down,
            ];
            let (mut sum, mut weight) = (0.0, 0.0);
            for (cell, w) in cells.iter().zip(weights) {
                if !cell.is_nan() {
                    sum += cell * w;
                    weight += w;
                }
            }
            values.push(if weight > LEAST_WEIGHT {
                sum / weight
            } else {
                f32::NAN
            });
        }
    }
    values
}

/// Gives empty pixels the mean of their filled neighbours.
fn bleed(values: &[f32], width: usize, height: usize) -> Vec<f32> {
    let mut out = values.to_vec();
    let row_of = |row: usize| &values[row * width..(row + 1) * width];
    // Where each row begins and ends to hold values: most of a map is empty.
    let spans: Vec<(usize, usize)> = (0..height)
        .map(|row| {
            let row = row_of(row);
            let first = row.iter().position(|v| !v.is_nan()).unwrap_or(width);
            let last = row.iter().rposition(|v| !v.is_nan()).map_or(0, |i| i + 1);
            (first, last)
        })
        .collect();
    for row in 0..height {
        let rows = row.saturating_sub(1)..(row + 2).min(height);
        let first = spans[rows.clone()]
            .iter()
            .map(|s| s.0)
            .min()
            .unwrap_or(width);
        let last = spans[rows.clone()].iter().map(|s| s.1).max().unwrap_or(0);
        for col in first.saturating_sub(1)..(last + 1).min(width) {
            if !values[row * width + col].is_nan() {
                continue;
            }
            let (mut sum, mut count) = (0.0_f32, 0_u32);
            for r in rows.clone() {
                let near = col.saturating_sub(1)..(col + 2).min(width);
                for value in row_of(r)[near].iter().filter(|v| !v.is_nan()) {
                    sum += value;
                    count += 1;
                }
            }
            if count > 0 {
                out[row * width + col] = sum / count as f32;
            }
        }
    }
    out
}

/// Whether a piece of a photo is just the frame, so that its cells are the picture.
fn made_for(photo: &GeoGrid<[u8; 3]>, frame: &Frame) -> bool {
    let (t, f) = (&photo.transform, &frame.bounds);
    let own = t.bounds(photo.grid.width(), photo.grid.height());
    let apart = [
        own.x_min - f.x_min,
        own.x_max - f.x_max,
        own.y_min - f.y_min,
        own.y_max - f.y_max,
    ];
    apart.iter().all(|d| d.abs() < 0.01 * t.dx)
}

/// Cuts a piece of a photo to a frame, nearest cell; ground colour outside.
pub fn cut_photo(photo: &GeoGrid<[u8; 3]>, frame: &Frame, name: String) -> Picture {
    if made_for(photo, frame) {
        let cells = photo.grid.data().iter();
        return Picture {
            name,
            width: photo.grid.width() as u32,
            height: photo.grid.height() as u32,
            rgb: cells.flatten().copied().collect(),
        };
    }
    let (width, height) = frame.pixels(photo.transform.dx);
    let ground_m = (frame.bounds.x_max - frame.bounds.x_min) / width as f64;
    let mut rgb = Vec::with_capacity(3 * width * height);
    for row in 0..height {
        let y = frame.bounds.y_max - (row as f64 + 0.5) * ground_m;
        for col in 0..width {
            let x = frame.bounds.x_min + (col as f64 + 0.5) * ground_m;
            let (u, v) = photo.transform.to_pixel(x, y);
            let colour = photo.grid.get(u.floor() as isize, v.floor() as isize);
            rgb.extend_from_slice(&colour.unwrap_or(GROUND));
        }
    }
    Picture {
        name,
        width: width as u32,
        height: height as u32,
        rgb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Bounds, GeoTransform};
    use geo::{Rect as GeoRect, coord};

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> MultiPolygon<f64> {
        GeoRect::new(coord! {x: x0, y: y0}, coord! {x: x1, y: y1})
            .to_polygon()
            .into()
    }

    fn grid(value: impl Fn(usize, usize) -> f32) -> GeoGrid<f32> {
        let mut data = Vec::new();
        for row in 0..20 {
            for col in 0..20 {
                data.push(value(col, row));
            }
        }
        GeoGrid {
            grid: Grid::from_vec(20, 20, data).expect("400 cells"),
            transform: GeoTransform {
                x0: 0.0,
                y0: 20.0,
                dx: 1.0,
                dy: 1.0,
            },
        }
    }

    #[test]
    fn cells_that_touch_no_own_outline_are_blank() {
        let own = rectangle(4.0, 4.0, 10.5, 12.0);
        let found = own_cells(&grid(|c, r| (c * 100 + r) as f32), &[&own], &[]);
        for row in 0..20 {
            for col in 0..20 {
                let inside = (4..=10).contains(&col) && (8..16).contains(&row);
                assert_eq!(found.grid.at(col, row).is_nan(), !inside, "{col} {row}");
            }
        }
    }

    #[test]
    fn a_cell_on_the_border_of_adjoining_halls_is_the_ones_it_shows_more_of() {
        // The border at 10.25 and at 4.75: of cell 10 a quarter is own, of cell 4 too.
        let own = rectangle(4.75, 4.0, 10.25, 12.0);
        let others = [
            rectangle(10.25, 0.0, 20.0, 20.0),
            rectangle(0.0, 0.0, 4.75, 20.0),
        ];
        let found = own_cells(&grid(|_, _| 1.0), &[&own], &others);
        let shown = |col: usize| !found.grid.at(col, 10).is_nan();
        assert_eq!([4, 5, 9, 10].map(shown), [false, true, true, false]);
        // With nobody beside, the cells of the rim stay for the vector edge to cut.
        let alone = own_cells(&grid(|_, _| 1.0), &[&own], &[]);
        assert!(!alone.grid.at(10, 10).is_nan());
    }

    #[test]
    fn no_pixel_of_a_picture_has_a_neighbours_colour() {
        // Own roof at 0 °C, everything else at 8 °C, the top of the scale.
        let own = rectangle(4.0, 4.0, 10.0, 12.0);
        let thermal = grid(|c, r| {
            if (4..10).contains(&c) && (8..16).contains(&r) {
                0.0
            } else {
                8.0
            }
        });
        let blank = own_cells(&thermal, &[&own], &[]);
        let bounds = Bounds {
            x_min: 2.0,
            y_min: 2.0,
            x_max: 14.0,
            y_max: 14.0,
        };
        let frame = Frame::around(&bounds, 0.0, 1.0, 88.0, 66.0);
        let picture = colour(&blank, &frame, (-6.0, 8.0), Palette::Inferno, String::new());
        let table = Palette::Inferno.table();
        // 0 °C of −6 … 8 is 6/14 of 255.
        let roof = table[(6.0_f64 / 14.0 * 255.0).round() as usize];
        let mut seen = 0;
        for pixel in picture.rgb.chunks_exact(3) {
            assert!(pixel == roof || pixel == GROUND, "{pixel:?}");
            seen += usize::from(pixel == roof);
        }
        assert!(seen > 0);
    }

    #[test]
    fn smoothing_agrees_with_the_general_bilinear_sampling() {
        let thermal = grid(|c, r| {
            if c == 7 {
                f32::NAN
            } else {
                (c * c + 3 * r) as f32
            }
        });
        let places: Vec<f64> = (0..60).map(|i| 0.2 + 0.33 * f64::from(i)).collect();
        let found = smooth(&thermal.grid, &places, &places);
        for (i, value) in found.iter().enumerate() {
            let (u, v) = (places[i % 60], places[i / 60]);
            // Single against double weights on values up to 400.
            match crate::raster::bilinear(&thermal.grid, u, v) {
                Some(wanted) => assert!((f64::from(*value) - wanted).abs() < 1e-3, "{u} {v}"),
                None => assert!(value.is_nan(), "{u} {v}"),
            }
        }
    }

    #[test]
    fn holes_are_not_part_of_a_roof() {
        let ring = |x0: f64, y0: f64, x1: f64, y1: f64| {
            geo::LineString::from(vec![(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
        };
        let court = geo::Polygon::new(ring(2.0, 2.0, 18.0, 18.0), vec![ring(6.0, 6.0, 14.0, 14.0)]);
        let found = own_cells(&grid(|_, _| 1.0), &[&court.into()], &[]);
        assert!(found.grid.at(10, 10).is_nan());
        assert_eq!(found.grid.at(3, 10), 1.0);
    }
}
