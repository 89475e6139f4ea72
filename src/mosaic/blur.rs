//! How sharp a frame is beside its neighbours.

use super::Source;
use crate::raster::{Bounds, Grid};

/// Neighbours share at least this much of the smaller footprint.
const SHARED: f64 = 0.4;

/// Mean square of the Laplacian 4 T − ΣT of the four neighbours, K², over the pixels whose five
/// values are known (S. Pertuz et al., Analysis of focus measure operators for
/// shape-from-focus, Pattern Recognition 46(5), 2013: energy of Laplacian); 0 where there is
/// none. Grows with contrast and noise, falls with blur: compare frames of the same ground only.
pub fn laplacian_energy(kelvin: &Grid<f32>) -> f64 {
    let (mut sum, mut n) = (0.0, 0_u64);
    for row in 1..kelvin.height().saturating_sub(1) {
        let (above, own, below) = (kelvin.row(row - 1), kelvin.row(row), kelvin.row(row + 1));
        for (three, (north, south)) in own.windows(3).zip(above.iter().zip(below).skip(1)) {
            let laplacian = 4.0 * three[1] - three[0] - three[2] - north - south;
            if laplacian.is_finite() {
                sum += f64::from(laplacian) * f64::from(laplacian);
                n += 1;
            }
        }
    }
    if n > 0 { sum / n as f64 } else { 0.0 }
}

/// Blur of each source from the energies of all: 1 − energy/median of the neighbours' energies,
/// cut at 0; 0 for a source that shares its ground with none.
pub fn relative_blur(sources: &[Source<'_>], energies: &[f64]) -> Vec<f64> {
    let footprints: Vec<Bounds> = sources.iter().map(Source::footprint).collect();
    let energy = |place: usize| energies.get(place).copied().filter(|e| e.is_finite());
    let blur = |place: usize| {
        let own = energy(place)?;
        let neighbours = |other: &usize| {
            *other != place && are_neighbours(&footprints[place], &footprints[*other])
        };
        let others = (0..footprints.len()).filter(neighbours);
        let mut others: Vec<f64> = others.filter_map(energy).collect();
        others.sort_by(f64::total_cmp);
        let median = others.get(others.len() / 2).filter(|m| **m > 0.0)?;
        Some((1.0 - own / median).clamp(0.0, 1.0))
    };
    (0..sources.len()).map(|p| blur(p).unwrap_or(0.0)).collect()
}

fn are_neighbours(a: &Bounds, b: &Bounds) -> bool {
    let across = a.x_max.min(b.x_max) - a.x_min.max(b.x_min);
    let down = a.y_max.min(b.y_max) - a.y_min.max(b.y_min);
    let area = |f: &Bounds| (f.x_max - f.x_min) * (f.y_max - f.y_min);
    across > 0.0 && down > 0.0 && across * down >= SHARED * area(a).min(area(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(index: usize, x_min: f64) -> Source<'static> {
        Source::Tile {
            index,
            name: "",
            footprint: Bounds {
                x_min,
                y_min: 0.0,
                x_max: x_min + 10.0,
                y_max: 10.0,
            },
            gsd_m: 0.1,
        }
    }

    #[test]
    fn a_plane_has_no_energy_and_a_single_pixel_that_of_its_five_places() {
        let plane = (0..25).map(|i| (i % 5) as f32 + 2.0 * (i / 5) as f32);
        let plane = Grid::from_vec(5, 5, plane.collect()).expect("5 × 5");
        assert_eq!(laplacian_energy(&plane), 0.0);
        let mut point = Grid::filled(5, 5, 280.0);
        point.set(2, 2, 281.0);
        // 4² in the middle and 1² at four places, of nine.
        assert_eq!(laplacian_energy(&point), 20.0 / 9.0);
        point.set(0, 2, f32::NAN);
        // The place west of the middle is unknown.
        assert_eq!(laplacian_energy(&point), 19.0 / 8.0);
    }

    #[test]
    fn a_frame_with_half_the_energy_of_its_neighbours_is_half_blurred() {
        let sources = [tile(0, 0.0), tile(1, 2.0), tile(2, 4.0), tile(3, 100.0)];
        let blur = relative_blur(&sources, &[1.0, 0.5, 1.0, 0.01]);
        // The last has no neighbour.
        assert_eq!(blur, [0.0, 0.5, 0.0, 0.0]);
    }
}
