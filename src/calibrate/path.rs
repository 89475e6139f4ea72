//! The air between camera and ground is longer towards the rim of an image than in its middle.
//!
//! Over level ground the path is h / cos θ, h the height and θ the angle of the ray from straight down
//! (georeferencing.md §9). Temperatures are worked out for the shortest and the longest path of the
//! image; between the two they change evenly with the root of the path, as the transmission of air does
//! (formats.md §1.5), to 5 mK for paths that differ by a third on a warm humid night (tested), so that
//! the dear part is done twice and not once a pixel.

use super::{Parameters, ThermalFrame, to_kelvin};
use crate::problem::Result;
use crate::raster::Grid;
use crate::survey::RawFrame;

/// Distance of the nodes between which the length is linear, pixels.
const STEP_PX: usize = 16;
/// Paths that differ by less are one, metres.
const SAME_M: f64 = 0.01;

/// Lengths of the air path over an image, metres.
#[derive(Clone, Debug, PartialEq)]
pub struct AirPath {
    nodes: Grid<f32>,
    shortest_m: f64,
    longest_m: f64,
}

impl AirPath {
    /// `length_m` gives the path of a pixel position (column, row), metres; `None` where it cannot be
    /// told, or where one is not a positive number.
    pub fn new(
        width: usize,
        height: usize,
        length_m: impl Fn(f64, f64) -> Option<f64>,
    ) -> Option<Self> {
        let (cols, rows) = (width.div_ceil(STEP_PX) + 1, height.div_ceil(STEP_PX) + 1);
        let mut nodes = Grid::filled(cols, rows, 0.0_f32);
        let (mut shortest_m, mut longest_m) = (f64::INFINITY, 0.0_f64);
        for row in 0..rows {
            for col in 0..cols {
                // The last node may lie beyond the image's edge.
                let place = |k: usize, size: usize| ((k * STEP_PX) as f64).min(size as f64);
                let found = length_m(place(col, width), place(row, height));
                let length = found.filter(|l| l.is_finite() && *l > 0.0)?;
                (shortest_m, longest_m) = (shortest_m.min(length), longest_m.max(length));
                nodes.set(col, row, length as f32);
            }
        }
        (cols > 1 && rows > 1).then_some(Self {
            nodes,
            shortest_m,
            longest_m,
        })
    }

    /// Paths of the centres of a row's pixels, metres.
    fn row(&self, row: usize) -> impl Iterator<Item = f32> {
        let y = (row as f32 + 0.5) / STEP_PX as f32;
        let above = (y as usize).min(self.nodes.height().saturating_sub(2));
        let share = y - above as f32;
        let pairs = self.nodes.row(above).iter().zip(self.nodes.row(above + 1));
        let line: Vec<f32> = pairs.map(|(a, b)| a + share * (b - a)).collect();
        (0..line.len().saturating_sub(1)).flat_map(move |at| {
            let (from, step) = (line[at], (line[at + 1] - line[at]) / STEP_PX as f32);
            (0..STEP_PX).map(move |k| from + step * (k as f32 + 0.5))
        })
    }
}

/// As [`to_kelvin`], each pixel through its own length of air in place of `parameters.distance_m`.
/// Errors as there.
pub fn to_kelvin_through(
    frame: &RawFrame,
    parameters: &Parameters,
    path: &AirPath,
) -> Result<ThermalFrame> {
    let at = |distance_m: f64| {
        let parameters = Parameters {
            distance_m,
            ..*parameters
        };
        to_kelvin(frame, &parameters)
    };
    let mut near = at(path.shortest_m)?;
    if path.longest_m - path.shortest_m < SAME_M {
        return Ok(near);
    }
    let far = at(path.longest_m)?.kelvin;
    let shortest = path.shortest_m.sqrt() as f32;
    let per_root = 1.0 / (path.longest_m.sqrt() as f32 - shortest);
    let width = near.kelvin.width().max(1);
    let rows = near.kelvin.data_mut().chunks_exact_mut(width);
    for (row, (line, far)) in rows.zip(far.data().chunks_exact(width)).enumerate() {
        for ((k, far), length) in line.iter_mut().zip(far).zip(path.row(row)) {
            *k += (length.sqrt() - shortest) * per_root * (far - *k);
        }
    }
    near.invalid = near.kelvin.data().iter().filter(|k| k.is_nan()).count() as u32;
    Ok(near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Counts, Encoding, FrameHeader};

    fn scene() -> (RawFrame, Parameters) {
        let encoding = Encoding::Linear {
            scale: 0.01,
            offset_c: -100.0,
        };
        let counts = (0..320 * 256)
            .map(|i| 8_000 + (i * 7 % 4_000) as u16)
            .collect();
        let frame = RawFrame {
            header: FrameHeader::bare(320, 256, encoding),
            counts: Counts::U16(Grid::from_vec(320, 256, counts).expect("320 × 256")),
        };
        let parameters = Parameters {
            air_c: 12.0,
            humidity: 0.9,
            reflected_c: -20.0,
            emissivity: 0.92,
            ..Parameters::BARE
        };
        (frame, parameters)
    }

    #[test]
    fn every_pixel_is_seen_through_its_own_air() {
        // 120 m straight down, at the corner 160 m: a warm humid night, −20 to +20 °C.
        let length = |u: f64, v: f64| {
            let r2 = ((u - 160.0).powi(2) + (v - 128.0).powi(2)) / (160.0 * 160.0 + 128.0 * 128.0);
            Some(120.0 * (1.0 + 7.0 / 9.0 * r2).sqrt())
        };
        let (frame, parameters) = scene();
        let path = AirPath::new(320, 256, length).expect("lengths");
        let found = to_kelvin_through(&frame, &parameters, &path).expect("kelvin");
        let mut most: f64 = 0.0;
        for (col, row) in [
            (0, 0),
            (319, 0),
            (155, 115),
            (50, 200),
            (250, 100),
            (319, 255),
        ] {
            let (u, v) = (col as f64 + 0.5, row as f64 + 0.5);
            let own = Parameters {
                distance_m: length(u, v).expect("a length"),
                ..parameters
            };
            let alone = to_kelvin(&frame, &own).expect("kelvin");
            most = most.max(f64::from(
                (alone.kelvin.at(col, row) - found.kelvin.at(col, row)).abs(),
            ));
        }
        // What G5 of georeferencing.md §13 allows a frame.
        assert!(most < 0.01, "{most}");
        // What it is for: one length for all would be wrong by more.
        let one = Parameters {
            distance_m: 120.0,
            ..parameters
        };
        let one = to_kelvin(&frame, &one).expect("kelvin");
        assert!((one.kelvin.at(0, 0) - found.kelvin.at(0, 0)).abs() > 0.02);
    }

    #[test]
    fn a_path_that_cannot_be_told_is_none() {
        assert!(AirPath::new(64, 48, |_, _| None).is_none());
        assert!(AirPath::new(64, 48, |_, _| Some(f64::NAN)).is_none());
        assert!(AirPath::new(0, 48, |_, _| Some(10.0)).is_none());
    }
}
