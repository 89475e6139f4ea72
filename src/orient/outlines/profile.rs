//! Sides of buildings in frames, to a part of a pixel: observations of the adjustment.
//!
//! Along each side of an outline, profiles of temperature across it at roof height; where the
//! temperature changes most, between steps by a parabola, is the roof's edge there. A straight line
//! through these, robustly, is the side. A building counts where most of its sides come out and two
//! of them are not parallel (georeferencing.md §7).

use rayon::prelude::*;

use super::super::adjust::Side;
use super::super::{KelvinOf, OrientedFrame};
use super::{RoofOutline, best_views, edges_of, wanted};
use crate::raster::{Grid, bilinear};

/// Reach of a profile on either side of the outline, metres.
const REACH_M: f64 = 1.5;
/// Shortest side looked at, metres, the part left out at its corners, and the distance of profiles.
const LEAST_SIDE_M: f64 = 3.0;
const CORNER_M: f64 = 0.75;
const PROFILE_M: f64 = 0.4;
const MAX_PROFILES: usize = 80;
const LEAST_PROFILES: usize = 6;
/// A change across an edge is at least this, kelvin, and this many times the usual one nearby.
const LEAST_STEP_K: f64 = 0.2;
const LEAST_STEP: f64 = 2.5;
/// A side holds with this share of its profiles within so many pixels of its line.
const INLIERS: f64 = 0.6;
const NEAR_PX: f64 = 1.5;
/// A building holds with this share of its sides; sides are parallel below this sine.
const SIDES: f64 = 0.6;
const PARALLEL: f64 = 0.34;
/// 1σ of a side on the map, metres (georeferencing.md §7: 0.15 to 0.3).
const SIGMA_M: f64 = 0.2;

/// Sides found, and buildings that have none that count.
#[derive(Clone, Debug, Default)]
pub struct FoundSides {
    /// Observations of the adjustment; frames by position, buildings by position in the outlines.
    pub sides: Vec<Side>,
    /// Buildings they belong to.
    pub buildings: usize,
    /// Buildings whose sides do not come out.
    pub without: usize,
}

/// One side in one frame.
struct Seen {
    building: usize,
    side: usize,
    frame: usize,
    /// Distance outwards at a quarter and three quarters of the side, metres; `None` where the side
    /// does not come out.
    found: Option<[f64; 2]>,
}

/// Finds the sides of the buildings at the stated positions of `outlines`, in frames that lie where
/// the outlines are to about a metre.
pub fn sides(
    frames: &[OrientedFrame],
    kelvin: &KelvinOf<'_>,
    outlines: &[RoofOutline],
    buildings: &[usize],
) -> FoundSides {
    let mut views = vec![Vec::new(); outlines.len()];
    for b in buildings {
        views[*b] = best_views(frames, &outlines[*b]);
    }
    let seen: Vec<Vec<Seen>> = wanted(&views)
        .par_iter()
        .map(|frame| {
            let Some(picture) = kelvin(frames[*frame].index) else {
                return Vec::new();
            };
            let mut found = Vec::new();
            for b in buildings.iter().filter(|b| views[**b].contains(frame)) {
                for (side, line) in lines(&outlines[*b].ring).enumerate() {
                    let across = Across {
                        frame: &frames[*frame],
                        picture: &picture,
                        height_m: outlines[*b].height_m,
                    };
                    if let Some(offsets) = across.side(&line) {
                        found.push(Seen {
                            building: *b,
                            side,
                            frame: *frame,
                            found: offsets,
                        });
                    }
                }
            }
            found
        })
        .collect();
    let seen: Vec<Seen> = seen.into_iter().flatten().collect();
    let mut out = FoundSides::default();
    for b in buildings {
        let own: Vec<&Seen> = seen.iter().filter(|s| s.building == *b).collect();
        let lines: Vec<Line> = lines(&outlines[*b].ring).collect();
        let good: Vec<&&Seen> = own.iter().filter(|s| s.found.is_some()).collect();
        let turned = good.iter().any(|s| {
            let (a, c) = (lines[s.side].normal, lines[good[0].side].normal);
            (a[0] * c[1] - a[1] * c[0]).abs() > PARALLEL
        });
        if !turned || (good.len() as f64) < SIDES * own.len() as f64 {
            out.without += 1;
            continue;
        }
        out.buildings += 1;
        for s in &good {
            // A side seen in three frames is still one line of the map, and two of its points.
            let seen = good.iter().filter(|o| o.side == s.side).count() as f64;
            let sigma_m = SIGMA_M * (2.0 * seen).sqrt();
            let line = &lines[s.side];
            for (share, offset) in [0.25, 0.75].into_iter().zip(s.found.unwrap_or_default()) {
                let [x, y] = line.at(share);
                let edge = [x + offset * line.normal[0], y + offset * line.normal[1]];
                let frame = &frames[s.frame];
                let height_m = outlines[*b].height_m;
                let at = frame.pose.to_camera([edge[0], edge[1], height_m]);
                if let Some((u, v)) = frame.camera.project(at) {
                    out.sides.push(Side {
                        frame: s.frame,
                        pixel: [u, v],
                        place: [x, y, height_m],
                        normal: line.normal,
                        sigma_m,
                        building: *b,
                    });
                }
            }
        }
    }
    out
}

/// A side of an outline.
struct Line {
    from: [f64; 2],
    to: [f64; 2],
    /// Outwards.
    normal: [f64; 2],
    length_m: f64,
}

impl Line {
    fn at(&self, share: f64) -> [f64; 2] {
        [0, 1].map(|k| self.from[k] + share * (self.to[k] - self.from[k]))
    }
}

/// Sides of a ring that are long enough.
fn lines(ring: &[[f64; 2]]) -> impl Iterator<Item = Line> {
    // Twice the area, positive where corners run counter-clockwise.
    let area: f64 = edges_of(ring).map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum();
    let sign = if area < 0.0 { -1.0 } else { 1.0 };
    edges_of(ring).filter_map(move |(from, to)| {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length_m = dx.hypot(dy);
        (length_m >= LEAST_SIDE_M).then(|| Line {
            from,
            to,
            normal: [sign * dy / length_m, -sign * dx / length_m],
            length_m,
        })
    })
}

/// Profiles across sides in one frame.
struct Across<'a> {
    frame: &'a OrientedFrame,
    picture: &'a Grid<f32>,
    height_m: f64,
}

impl Across<'_> {
    /// `None` where too little of the side is in the picture; inside, `None` where it does not come
    /// out as a line.
    fn side(&self, line: &Line) -> Option<Option<[f64; 2]>> {
        let gsd_m = self.frame.path_m / self.frame.camera.f_px;
        let inner = line.length_m - 2.0 * CORNER_M;
        let count = ((inner / PROFILE_M) as usize).min(MAX_PROFILES);
        let mut looked_at = 0;
        let mut found: Vec<[f64; 2]> = Vec::new();
        for k in 0..count {
            let along = CORNER_M + (k as f64 + 0.5) / count as f64 * inner;
            let share = along / line.length_m;
            let Some(profile) = self.profile(line.at(share), line.normal, gsd_m) else {
                continue;
            };
            looked_at += 1;
            found.extend(edge(&profile, gsd_m).map(|t| [share, t]));
        }
        if looked_at < LEAST_PROFILES.max(count / 3) {
            return None;
        }
        Some(straight(&found, looked_at, gsd_m))
    }

    /// Temperatures across a side at half a pixel's distance, from inside to outside.
    fn profile(&self, at: [f64; 2], normal: [f64; 2], gsd_m: f64) -> Option<Vec<f64>> {
        let steps = (REACH_M / (0.5 * gsd_m)).ceil() as i64;
        (-steps..=steps)
            .map(|k| {
                let t = k as f64 * 0.5 * gsd_m;
                let (x, y) = (at[0] + t * normal[0], at[1] + t * normal[1]);
                let seen = self.frame.pose.to_camera([x, y, self.height_m]);
                let (u, v) = self.frame.camera.project(seen)?;
                bilinear(self.picture, u, v)
            })
            .collect()
    }
}

/// Where a profile changes most, metres outwards; `None` where no change stands out.
fn edge(profile: &[f64], gsd_m: f64) -> Option<f64> {
    // Over two pixels: four steps.
    let change: Vec<f64> = profile.windows(5).map(|w| (w[4] - w[0]).abs()).collect();
    let best = (0..change.len()).max_by(|a, b| change[*a].total_cmp(&change[*b]).then(b.cmp(a)))?;
    let mut sorted = change.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted[sorted.len() / 2];
    if change[best] < LEAST_STEP_K.max(LEAST_STEP * usual) || best == 0 || best + 1 == change.len()
    {
        return None;
    }
    let (before, own, after) = (change[best - 1], change[best], change[best + 1]);
    let bend = before - 2.0 * own + after;
    let part = if bend < -1e-12 {
        (0.5 * (before - after) / bend).clamp(-0.5, 0.5)
    } else {
        0.0
    };
    let middle = (change.len() - 1) as f64 / 2.0;
    Some((best as f64 + part - middle) * 0.5 * gsd_m)
}

/// A line through points (share along the side, distance), at a quarter and three quarters; `None`
/// where too few of those looked at lie on it.
fn straight(found: &[[f64; 2]], looked_at: usize, gsd_m: f64) -> Option<[f64; 2]> {
    const ROUNDS: usize = 12;
    if found.len() < LEAST_PROFILES {
        return None;
    }
    let mut sorted: Vec<f64> = found.iter().map(|p| p[1]).collect();
    sorted.sort_by(f64::total_cmp);
    let (mut level, mut slope) = (sorted[sorted.len() / 2], 0.0);
    let off = |p: &[f64; 2], level: f64, slope: f64| p[1] - level - slope * (p[0] - 0.5);
    for _ in 0..ROUNDS {
        let (mut n, mut sx, mut sxx, mut sy, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for p in found {
            let w = 1.0 / (1.0 + (off(p, level, slope) / gsd_m).powi(2));
            let x = p[0] - 0.5;
            n += w;
            sx += w * x;
            sxx += w * x * x;
            sy += w * p[1];
            sxy += w * x * p[1];
        }
        let whole = n * sxx - sx * sx;
        if whole < 1e-6 * n * n {
            return None;
        }
        level = (sy * sxx - sx * sxy) / whole;
        slope = (n * sxy - sx * sy) / whole;
    }
    let near = found
        .iter()
        .filter(|p| off(p, level, slope).abs() <= NEAR_PX * gsd_m)
        .count();
    (near as f64 >= INLIERS * looked_at as f64 && near >= LEAST_PROFILES)
        .then_some([level - 0.25 * slope, level + 0.25 * slope])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_between_samples() {
        // 10 cm pixels; a step of 2 K at +0.23 m, blurred over two pixels.
        let gsd_m = 0.1;
        let steps = 30_i64;
        let profile: Vec<f64> = (-steps..=steps)
            .map(|k| {
                let t = k as f64 * 0.05;
                280.0 + 2.0 / (1.0 + (-(t - 0.23) / 0.05).exp())
            })
            .collect();
        let found = edge(&profile, gsd_m).expect("a step");
        assert!((found - 0.23).abs() < 0.01, "{found}");
        assert_eq!(edge(&[280.0; 61], gsd_m), None);
    }

    #[test]
    fn a_line_is_found_among_a_third_of_strays() {
        let points: Vec<[f64; 2]> = (0..30)
            .map(|k| {
                let share = f64::from(k) / 29.0;
                let stray = k % 3 == 0;
                [
                    share,
                    if stray {
                        -1.2
                    } else {
                        0.3 + 0.1 * (share - 0.5)
                    },
                ]
            })
            .collect();
        let [a, b] = straight(&points, 30, 0.1).expect("a line");
        assert!(
            (a - 0.275).abs() < 0.02 && (b - 0.325).abs() < 0.02,
            "{a} {b}"
        );
        assert_eq!(straight(&points[..12], 30, 0.1), None);
    }

    #[test]
    fn normals_point_outwards_whichever_way_a_ring_runs() {
        let ring = [[0.0, 0.0], [10.0, 0.0], [10.0, 5.0], [0.0, 5.0]];
        let mut back = ring;
        back.reverse();
        for ring in [ring, back] {
            for line in lines(&ring) {
                let [x, y] = line.at(0.5);
                let out = (x - 5.0) * line.normal[0] + (y - 2.5) * line.normal[1];
                assert!(out > 0.0);
            }
        }
    }
}
