//! Which cells of a roof are judged for objects, and what each is compared with.
//!
//! A roof has faces: its planes, and fields of panels, which are a surface of their own. Every
//! face is judged against itself (scoring.md §10.1). Within the edge band of a border between two
//! faces the map mixes both, and the border lies where it does only to a cell or two: there a cell
//! stands out when it does from both.

use super::Options;
use crate::raster::Grid;
use crate::segment::Roof;
use crate::segment::parts::{Kind, Parts, Why};

/// Cells that are not judged. Objects never cross zones.
pub(super) const OUTSIDE: u16 = 0;
/// A zone of inner cells is odd, the band along its edge the even number after it; two numbers
/// for every face.
pub(super) const INNER: u16 = 1;
/// The band along the edge of [`INNER`].
#[cfg(test)]
pub(super) const EDGE: u16 = 2;
/// Greatest number of faces: zones are 16-bit, two to a face.
const MAX_FACES: u16 = 30_000;

/// The zones of a roof; all of one shape.
pub(super) struct Zones {
    /// Zone of every cell.
    pub zone: Grid<u16>,
    /// In the band along a border between two faces, the other face; 0 elsewhere. Empty where the
    /// roof has one face.
    pub beside: Vec<u16>,
    /// Cells of parts that are no roof: not part of any background. Empty where there are none.
    pub apart: Vec<bool>,
    /// Number of faces.
    pub faces: u16,
    /// How many of them, from 1, are planes of the roof.
    pub planes: u16,
}

/// How far cells keep from edges, metres.
pub(super) struct Reach {
    /// Nearer to the outline cells mix roof with wall and ground.
    pub mixed_m: f32,
    /// Band along edges whose objects are the edge's.
    pub band_m: f32,
}

impl Zones {
    /// Zones of a roof; `judged` tells whether a cell has a temperature and is roof.
    pub(super) fn new(
        roof: &Roof,
        parts: Option<&Parts>,
        judged: impl Fn(usize) -> bool,
        reach: &Reach,
        cell_m: f64,
    ) -> Self {
        let (width, height) = (roof.window.width, roof.window.height);
        let faces = parts.map(Faces::of);
        let mut zone = Grid::filled(width, height, OUTSIDE);
        let face_at = |i: usize| faces.as_ref().map_or(1, |f| f.at[i]);
        for (i, zone) in zone.data_mut().iter_mut().enumerate() {
            let edge_m = roof.edge_m.data()[i];
            let whole = roof.coverage.data()[i] > 0.999 && edge_m >= reach.mixed_m;
            let face = face_at(i);
            if whole && face != 0 && judged(i) {
                let inner = edge_m >= reach.band_m;
                *zone = 2 * face - u16::from(inner);
            }
        }
        let Some(faces) = faces.filter(|f| f.count > 1 || !f.apart.is_empty()) else {
            return Self {
                zone,
                beside: Vec::new(),
                apart: Vec::new(),
                faces: 1,
                planes: 1,
            };
        };
        let mut zones = Self {
            zone,
            beside: Vec::new(),
            apart: faces.apart,
            faces: faces.count,
            planes: faces.planes,
        };
        if faces.count > 1 {
            zones.borders(&faces.at, f64::from(reach.band_m) / cell_m);
        }
        zones
    }

    /// Turns cells within `band` cells of a border between faces into its edge band.
    fn borders(&mut self, face: &[u16], band: f64) {
        let (width, height) = (self.zone.width(), self.zone.height());
        self.beside = vec![0; face.len()];
        let mut nearest = vec![f32::INFINITY; face.len()];
        let reach = band.ceil() as isize;
        for at in 0..face.len() {
            let (col, row) = (at % width, at / width);
            let next = [
                (col + 1 < width).then_some(at + 1),
                (row + 1 < height).then_some(at + width),
            ];
            for other in next.into_iter().flatten() {
                if face[at] == 0 || face[other] == 0 || face[at] == face[other] {
                    continue;
                }
                // The border's middle, in half cells.
                let u = (col as f32 + (other % width) as f32) / 2.0;
                let v = (row as f32 + (other / width) as f32) / 2.0;
                for r in (row as isize - reach).max(0)..=(row as isize + reach + 1) {
                    for c in (col as isize - reach).max(0)..=(col as isize + reach + 1) {
                        if r >= height as isize || c >= width as isize {
                            continue;
                        }
                        let i = r as usize * width + c as usize;
                        let far = (c as f32 - u).hypot(r as f32 - v);
                        if f64::from(far) > band || far >= nearest[i] {
                            continue;
                        }
                        let beyond = match face[i] {
                            own if own == face[at] => face[other],
                            own if own == face[other] => face[at],
                            _ => continue,
                        };
                        nearest[i] = far;
                        self.beside[i] = beyond;
                    }
                }
            }
        }
        for (zone, beside) in self.zone.data_mut().iter_mut().zip(&self.beside) {
            if *zone % 2 == 1 && *beside != 0 {
                *zone += 1;
            }
        }
    }
}

/// The face of every cell, from 1.
struct Faces {
    at: Vec<u16>,
    apart: Vec<bool>,
    count: u16,
    planes: u16,
}

impl Faces {
    fn of(parts: &Parts) -> Self {
        let planes = parts.plane_labels.data().iter().copied().max();
        let planes = planes.unwrap_or(0).min(MAX_FACES);
        let mut count = planes;
        // What becomes of the cells of a part: `None` leaves them to their plane.
        let own: Vec<Option<u16>> = parts
            .parts
            .iter()
            .map(|part| match part.kind {
                // A fault in the shade of a tree is one, too.
                Kind::Tree if part.why.contains(&Why::Shaded) => None,
                Kind::Metal | Kind::Tree if part.left_out => Some(0),
                Kind::Pv if part.left_out && count < MAX_FACES => {
                    count += 1;
                    Some(count)
                }
                _ => None,
            })
            .collect();
        let mut at = parts.plane_labels.data().to_vec();
        let mut apart = Vec::new();
        for (i, label) in parts.labels.data().iter().enumerate() {
            let Some(index) = usize::from(*label).checked_sub(1) else {
                continue;
            };
            if let Some(Some(face)) = own.get(index) {
                at[i] = *face;
            } else if parts.parts.get(index).is_some_and(|p| p.left_out) {
                apart.resize(at.len(), false);
                apart[i] = true;
            }
        }
        for face in &mut at {
            *face = if *face > MAX_FACES { 0 } else { *face };
        }
        Self {
            at,
            apart,
            count,
            planes,
        }
    }
}

/// The band along edges, metres.
pub(super) fn band_m(cell_m: f64, options: &Options) -> f32 {
    options.edge_m.max(options.edge_px * cell_m) as f32
}
