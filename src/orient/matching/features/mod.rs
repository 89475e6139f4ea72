//! Features for pairs of frames whose priors are worse than correlation around them can reach.
//!
//! In: two frames' contrast and poses. Out: how far the second frame lies and is turned against the
//! first, on the ground, so that the search around the priors can begin again from there.
//!
//! Corners and blobs of a nonlinear scale space with a binary descriptor each, after Alcantarilla,
//! Nuevo and Bartoli, "Fast Explicit Diffusion for Accelerated Features in Nonlinear Scale Spaces"
//! (BMVC 2013, doi:10.5244/C.27.13): edges stay sharp where a Gaussian pyramid would blur the little a
//! cold night shows. Pairs are the mutually nearest in Hamming distance that pass a ratio test; on the
//! ground they must agree on one turn and shift, which the priors' uncertainty must allow and no other
//! shift rival.
//!
//! Not here: tie points. Relief moves roofs by more pixels than a plane explains, so what is found
//! only moves the prior, and chips are correlated from there as for any other pair.

mod describe;
mod detect;
mod rigid;
mod scale_space;

use super::super::{Ground, OrientedFrame};
use crate::raster::Grid;

pub(super) use rigid::{Between, between, followers, moved};

/// Bytes of a descriptor: 486 bits.
const WORDS: usize = 8;
/// Nearest and second nearest differ by this ratio (georeferencing.md §5).
const RATIO: f64 = 0.8;

/// Features of one frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Features {
    /// Pixels.
    pixels: Vec<[f64; 2]>,
    descriptors: Vec<[u64; WORDS]>,
}

impl Features {
    /// Features of a frame's contrast.
    pub(super) fn of(contrast: &Grid<f32>) -> Self {
        let space = scale_space::Space::of(contrast);
        let mut found = Self::default();
        for point in detect::points(&space) {
            found.descriptors.push(describe::describe(&space, &point));
            found.pixels.push(point.at);
        }
        found
    }

    /// Pairs that are each other's nearest, and much nearer than the next.
    fn nearest(&self, other: &Self) -> Vec<(usize, usize)> {
        let mut forth = vec![Nearest::default(); self.descriptors.len()];
        let mut back = vec![Nearest::default(); other.descriptors.len()];
        for (i, a) in self.descriptors.iter().enumerate() {
            for (j, b) in other.descriptors.iter().enumerate() {
                let apart: u32 = (0..WORDS).map(|k| (a[k] ^ b[k]).count_ones()).sum();
                forth[i].meet(j, apart);
                back[j].meet(i, apart);
            }
        }
        let pairs = forth.iter().enumerate();
        pairs
            .filter(|(i, n)| back.get(n.at).is_some_and(|b| b.at == *i))
            .filter(|(_, n)| f64::from(n.apart) < RATIO * f64::from(n.next))
            .map(|(i, n)| (i, n.at))
            .collect()
    }

    /// Pixels in both frames of the pairs that are each other's nearest.
    pub(super) fn pixels(&self, other: &Self) -> Vec<([f64; 2], [f64; 2])> {
        let pairs = self.nearest(other).into_iter();
        pairs
            .map(|(i, j)| (self.pixels[i], other.pixels[j]))
            .collect()
    }
}

/// The nearest met, the first of equals, and the distance of the next.
#[derive(Clone, Copy)]
struct Nearest {
    at: usize,
    apart: u32,
    next: u32,
}

impl Default for Nearest {
    fn default() -> Self {
        Self {
            at: usize::MAX,
            apart: u32::MAX,
            next: u32::MAX,
        }
    }
}

impl Nearest {
    fn meet(&mut self, at: usize, apart: u32) {
        if apart < self.apart {
            *self = Self {
                at,
                apart,
                next: self.apart,
            };
        } else {
            self.next = self.next.min(apart);
        }
    }
}

/// Map position of a pixel by a frame's pose.
fn on_ground(frame: &OrientedFrame, pixel: [f64; 2], ground: &dyn Ground) -> Option<[f64; 2]> {
    let ray = frame.camera.unproject(pixel[0], pixel[1])?;
    let mut at = frame.pose.on_plane(ray, frame.ground_z_m)?;
    let z = ground.height_m(at.0, at.1).unwrap_or(frame.ground_z_m);
    at = frame.pose.on_plane(ray, z)?;
    Some([at.0, at.1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spots that never repeat, turned about the middle.
    fn picture(turn_deg: f64, shift: [f64; 2], noise: f32, seed: u64) -> Grid<f32> {
        let (s, c) = turn_deg.to_radians().sin_cos();
        let mut state = seed;
        let mut grid = Grid::filled(320, 256, 0.0_f32);
        for v in 0..256_usize {
            for u in 0..320_usize {
                let (x, y) = (u as f64 - 159.5, v as f64 - 127.5);
                let (x, y) = (c * x - s * y + shift[0], s * x + c * y + shift[1]);
                // Smooth waves of many lengths, and edges.
                let wave = (0.11 * x + 0.7 * (0.031 * y).sin() * 3.0).sin()
                    + (0.17 * y - 0.05 * x).cos()
                    + (0.023 * x * (0.013 * y).cos()).sin();
                let cell = |v: f64| (v / 23.0).floor() as i64;
                let mut h = (cell(x) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
                    ^ (cell(y) as u64).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
                h ^= h >> 29;
                h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
                let block = (h >> 40) as f64 / (1 << 24) as f64;
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let even = (state >> 33) as f32 / (1_u64 << 31) as f32 - 0.5;
                grid.set(u, v, (wave + 2.0 * block) as f32 + noise * even);
            }
        }
        grid
    }

    #[test]
    fn features_of_a_turned_picture_are_found_again_where_they_went() {
        for turn_deg in [0.0, 33.0, 180.0] {
            let (a, b) = (
                Features::of(&picture(0.0, [0.0; 2], 0.2, 1)),
                Features::of(&picture(turn_deg, [12.0, -7.0], 0.2, 2)),
            );
            let (s, c) = f64::to_radians(turn_deg).sin_cos();
            let pairs = a.pixels(&b);
            let right = pairs.iter().filter(|(p, q)| {
                let (x, y) = (q[0] - 160.0, q[1] - 128.0);
                let x1 = c * x - s * y + 12.0 + 160.0;
                let y1 = s * x + c * y - 7.0 + 128.0;
                (x1 - p[0]).hypot(y1 - p[1]) < 2.0
            });
            let right = right.count();
            assert!(pairs.len() >= 40, "{turn_deg}°: {}", pairs.len());
            // The search behind it stands one stray in two (`rigid`).
            let share = right as f64 / pairs.len() as f64;
            assert!(share > 0.67, "{turn_deg}°: {right} of {}", pairs.len());
        }
    }
}
