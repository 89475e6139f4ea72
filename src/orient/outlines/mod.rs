//! Where the map's building outlines say the block really lies.
//!
//! In: frames that agree with each other or a finished orthomosaic, their temperatures, outlines
//! with the height of their roofs, a surface model. Out: the shift, turn and scale that bring roof
//! edges onto the outlines and whether they hold, then sides of buildings as observations of the
//! adjustment (georeferencing.md §7).
//!
//! A consumer receiver leaves a whole flight two or three metres off, and no match between frames
//! tells. Roof edges do: warm wall against cold roof, roof against yard. At every shift within the
//! uncertainty the outlines are laid over small maps of each building at roof height, from the frames
//! that see it steepest: once against edges of like direction, and once as a second opinion by what
//! temperature and surface model have in common, or by the contrast across the outline where roofs do
//! not stand out of the surface. Each building has one voice, however long its outline. The shift
//! holds where it has no rival, both opinions agree, and enough buildings on enough sides find it by
//! themselves; wrong or missing outlines are outvoted. What each building finds by itself around the
//! common shift gives turn and scale: a block from a consumer receiver is a percent too large or small
//! as well. Where the shift does not hold nothing is moved.

mod edges;
mod field;
mod local;
mod peaks;
mod profile;
mod score;

use rayon::prelude::*;

use super::{Ground, KelvinOf, OrientedFrame};
use crate::raster::Bounds;
use field::Field;
use peaks::{Peak, REACH_M, RIVAL_M, STEP_M, apart, best_of, common, refined, standardise};
use score::Scores;

pub use local::Local;
pub use profile::{FoundSides, sides};

/// A roof's edge and its height.
#[derive(Clone, Debug, PartialEq)]
pub struct RoofOutline {
    /// Key of the building.
    pub oidn: String,
    /// Corners on the map, metres; closed by itself.
    pub ring: Vec<[f64; 2]>,
    /// Height of the roof's edge, metres.
    pub height_m: f64,
}

impl RoofOutline {
    /// Map bounds of the ring.
    pub fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        self.ring.iter().for_each(|p| bounds.include(p[0], p[1]));
        bounds
    }

    fn length_m(&self) -> f64 {
        edges_of(&self.ring)
            .map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1]))
            .sum()
    }
}

/// What the outlines say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutlineReport {
    /// Buildings some frame sees well.
    pub buildings: usize,
    /// Buildings whose own best shift is the common one: positions in the outlines.
    pub agreeing: Vec<usize>,
    /// How far the block lies off, metres: east, north; nothing where not [`measured`](Self::measured).
    pub shift_m: [f64; 2],
    /// The same by the second opinion.
    pub second_shift_m: [f64; 2],
    /// Whether the second opinion is the surface model's; else it is contrast's.
    pub second_by_surface: bool,
    /// Where `shift_m` holds, and what scale and turn are about: the middle of the buildings seen, map
    /// coordinates.
    pub centre: [f64; 2],
    /// How much larger the block is than the map, as a share.
    pub scale: f64,
    /// How far the block is turned against the map, degrees counter-clockwise.
    pub turn_deg: f64,
    /// 1σ of the shift in one coordinate, metres.
    pub sigma_m: f64,
    /// Height of the common peak over the best rival's, both over the mean.
    pub peak_ratio: f64,
    /// What is left of each building's own shift, metres, by position in the outlines.
    pub misses_m: Vec<(usize, [f64; 2])>,
    /// Why the shift does not hold; empty where it does.
    pub refused: String,
}

impl OutlineReport {
    /// Whether there were buildings enough to measure a shift at all, held or not.
    pub fn measured(&self) -> bool {
        !self.misses_m.is_empty()
    }
}

/// Distance of samples along an outline, metres; outlines have at most so many.
const SAMPLE_M: f64 = 0.5;
const MAX_SAMPLES: usize = 400;
/// Frames asked for each building.
const VIEWS: usize = 3;
/// Bounds of georeferencing.md §7.
const LEAST_RATIO: f64 = 1.2;
const LEAST_BUILDINGS: usize = 8;
const LEAST_QUADRANTS: usize = 3;
const LEAST_SHARE: f64 = 0.6;
const OPINIONS_M: f64 = 0.5;
/// A building agrees within, metres.
const NEAR_M: f64 = 0.75;

/// One building's voice: standardised scores at every shift.
struct Voice {
    outline: usize,
    centre: [f64; 2],
    edges: Vec<f64>,
    contrast: Vec<f64>,
    surface: Option<Vec<f64>>,
}

impl Voice {
    fn of(outline: usize, ring: &[[f64; 2]], mut scores: Scores) -> Self {
        standardise(&mut scores.edges);
        standardise(&mut scores.contrast);
        if let Some(surface) = &mut scores.surface {
            standardise(surface);
        }
        Self {
            outline,
            centre: centre(ring),
            edges: scores.edges,
            contrast: scores.contrast,
            surface: scores.surface,
        }
    }
}

/// Finds the shift of frames; see [`OutlineReport::refused`] for whether to use it.
pub fn shift(
    frames: &[OrientedFrame],
    kelvin: &KelvinOf<'_>,
    outlines: &[RoofOutline],
    ground: &dyn Ground,
) -> OutlineReport {
    let views: Vec<Vec<usize>> = outlines.iter().map(|o| best_views(frames, o)).collect();
    // Frame by frame, so that one picture at a time is held by each worker.
    let scores: Vec<Vec<(usize, Scores)>> = wanted(&views)
        .par_iter()
        .map(|frame| {
            let Some(picture) = kelvin(frames[*frame].index) else {
                return Vec::new();
            };
            let seen = outlines.iter().enumerate();
            seen.filter(|(b, _)| views[*b].contains(frame))
                .filter_map(|(b, outline)| {
                    let local = Local::seen_by(&frames[*frame], &picture, outline);
                    Some((b, Scores::of(&local, outline, ground)?))
                })
                .collect()
        })
        .collect();
    let mut by_building: Vec<Option<Scores>> = outlines.iter().map(|_| None).collect();
    for (building, scores) in scores.into_iter().flatten() {
        match &mut by_building[building] {
            Some(own) => own.add(scores),
            empty => *empty = Some(scores),
        }
    }
    judged(outlines, by_building)
}

/// Finds the shift of a finished orthomosaic, in which roofs lie where they stand: `local` gives the
/// temperatures around an outline, `None` where the mosaic does not reach.
pub fn shift_of_map(
    outlines: &[RoofOutline],
    ground: &dyn Ground,
    local: &(dyn Fn(&RoofOutline) -> Option<Local> + Sync),
) -> OutlineReport {
    let found: Vec<Option<Scores>> = outlines
        .par_iter()
        .map(|outline| Scores::of(&local(outline)?, outline, ground))
        .collect();
    judged(outlines, found)
}

fn judged(outlines: &[RoofOutline], found: Vec<Option<Scores>>) -> OutlineReport {
    let all = outlines.iter().zip(found).enumerate();
    let voices: Vec<Voice> = all
        .filter_map(|(b, (outline, scores))| Some(Voice::of(b, &outline.ring, scores?)))
        .collect();
    judge(&voices)
}

fn judge(voices: &[Voice]) -> OutlineReport {
    let mut report = OutlineReport {
        buildings: voices.len(),
        ..OutlineReport::default()
    };
    if voices.len() < LEAST_BUILDINGS {
        report.refused = format!(
            "{} buildings are seen, {LEAST_BUILDINGS} are needed",
            voices.len()
        );
        return report;
    }
    let Peak {
        best,
        shift_m,
        ratio,
    } = common(voices.iter().map(|v| &v.edges));
    report.peak_ratio = ratio;
    let surfaces: Vec<&Vec<f64>> = voices.iter().filter_map(|v| v.surface.as_ref()).collect();
    report.second_by_surface = surfaces.len() >= LEAST_BUILDINGS;
    report.second_shift_m = match report.second_by_surface {
        true => common(surfaces.into_iter()).shift_m,
        false => common(voices.iter().map(|v| &v.contrast)).shift_m,
    };
    let opinions_m =
        (shift_m[0] - report.second_shift_m[0]).hypot(shift_m[1] - report.second_shift_m[1]);
    let own: Vec<([f64; 2], [f64; 2])> = voices
        .iter()
        .map(|v| {
            let near = best_of(&v.edges, |i| apart(i, best) <= 2.0 * RIVAL_M);
            (v.centre, refined(&v.edges, near))
        })
        .collect();
    let middle = centre(&voices.iter().map(|v| v.centre).collect::<Vec<_>>());
    let field = Field::through(&own, middle, shift_m);
    let left = |(at, by): &([f64; 2], [f64; 2])| {
        let due = field.at(*at);
        [by[0] - due[0], by[1] - due[1]]
    };
    let off = |own: &([f64; 2], [f64; 2])| left(own).into_iter().fold(0.0, f64::hypot);
    let agreeing: Vec<usize> = (0..own.len()).filter(|i| off(&own[*i]) <= NEAR_M).collect();
    report.misses_m = voices
        .iter()
        .zip(&own)
        .map(|(v, o)| (v.outline, left(o)))
        .collect();
    report.agreeing = agreeing.iter().map(|i| voices[*i].outline).collect();
    let spread: f64 = agreeing.iter().map(|i| off(&own[*i]).powi(2)).sum::<f64>() / 2.0;
    let n = agreeing.len().max(1) as f64;
    report.sigma_m = (spread / n / n).sqrt().max(STEP_M / 2.0);
    report.centre = middle;
    report.shift_m = [field.terms[0], field.terms[1]];
    (report.scale, report.turn_deg) = (field.terms[2], field.terms[3].to_degrees());
    let mut quadrants: Vec<(bool, bool)> = agreeing
        .iter()
        .map(|i| {
            let c = voices[*i].centre;
            (c[0] > middle[0], c[1] > middle[1])
        })
        .collect();
    quadrants.sort_unstable();
    quadrants.dedup();
    let edge = REACH_M - STEP_M;
    report.refused = if report.shift_m.iter().any(|s| s.abs() >= edge) {
        format!("the best shift lies at the rim of the {REACH_M} m looked at")
    } else if report.peak_ratio < LEAST_RATIO {
        format!(
            "another shift fits nearly as well (ratio {:.2})",
            report.peak_ratio
        )
    } else if opinions_m > OPINIONS_M {
        let other = match report.second_by_surface {
            true => "the surface model",
            false => "the contrast across outlines",
        };
        format!("roof edges and {other} differ by {opinions_m:.1} m")
    } else if agreeing.len() < LEAST_BUILDINGS
        || (agreeing.len() as f64) < LEAST_SHARE * voices.len() as f64
    {
        format!(
            "{} of {} buildings find it by themselves",
            agreeing.len(),
            voices.len()
        )
    } else if quadrants.len() < LEAST_QUADRANTS {
        "the buildings that find it lie on one side".to_owned()
    } else {
        String::new()
    };
    report
}

/// The frames some building is seen in, each once.
fn wanted(views: &[Vec<usize>]) -> Vec<usize> {
    let mut wanted: Vec<usize> = views.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// The frames that see a building's middle steepest, with all of it in the picture.
fn best_views(frames: &[OrientedFrame], outline: &RoofOutline) -> Vec<usize> {
    let [x, y] = centre(&outline.ring);
    let mut seen: Vec<(f64, usize)> = frames
        .iter()
        .enumerate()
        .filter_map(|(i, f)| {
            let inside = |p: &[f64; 2]| {
                let at = f.pose.to_camera([p[0], p[1], outline.height_m]);
                f.camera
                    .project(at)
                    .is_some_and(|(u, v)| f.camera.contains(u, v))
            };
            let c = f.pose.centre;
            let aside = (c[0] - x).hypot(c[1] - y) / (c[2] - outline.height_m).max(1.0);
            let share = outline.ring.iter().filter(|p| inside(p)).count();
            (2 * share > outline.ring.len() && aside < 0.6).then_some((aside, i))
        })
        .collect();
    seen.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    seen.into_iter().take(VIEWS).map(|(_, i)| i).collect()
}

type Sample = ([f64; 2], [f64; 2]);

/// Points along a ring with the normal there.
fn samples(ring: &[[f64; 2]]) -> Vec<Sample> {
    let mut out = Vec::new();
    let length: f64 = edges_of(ring)
        .map(|(a, b)| (b[0] - a[0]).hypot(b[1] - a[1]))
        .sum();
    let step = SAMPLE_M.max(length / MAX_SAMPLES as f64);
    for (a, b) in edges_of(ring) {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy);
        let count = (length / step) as usize;
        for k in 0..count {
            let t = (k as f64 + 0.5) / count as f64;
            out.push(([a[0] + t * dx, a[1] + t * dy], [dy / length, -dx / length]));
        }
    }
    out
}

fn edges_of(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

fn centre(points: &[[f64; 2]]) -> [f64; 2] {
    let n = points.len().max(1) as f64;
    [0, 1].map(|a| points.iter().map(|p| p[a]).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::peaks::{SIDE, place};
    use super::*;

    fn voice(x: f64, y: f64, peak: [f64; 2]) -> Voice {
        let mut score: Vec<f64> = (0..SIDE * SIDE)
            .map(|i| {
                let p = place(i);
                let d = (p[0] - peak[0]).hypot(p[1] - peak[1]);
                (-d * d / 0.5).exp() + 0.05 * ((i * 37 % 101) as f64 / 101.0)
            })
            .collect();
        standardise(&mut score);
        Voice {
            outline: 0,
            centre: [x, y],
            edges: score.clone(),
            contrast: score,
            surface: None,
        }
    }

    fn park(peak: impl Fn(usize) -> [f64; 2]) -> Vec<Voice> {
        (0..16)
            .map(|i| voice(40.0 * (i % 4) as f64, 50.0 * (i / 4) as f64, peak(i)))
            .collect()
    }

    #[test]
    fn the_common_shift_is_found_with_a_fifth_of_the_outlines_wrong() {
        let wrong = |i: usize| i.is_multiple_of(5);
        let voices = park(|i| {
            if wrong(i) {
                [-4.0, 0.3 * i as f64]
            } else {
                [2.4, -1.1]
            }
        });
        let found = judge(&voices);
        assert_eq!(found.refused, "");
        let off = [found.shift_m[0] - 2.4, found.shift_m[1] + 1.1];
        assert!(off[0].hypot(off[1]) < STEP_M, "{:?}", found.shift_m);
        assert_eq!(found.agreeing.len(), 12);
    }

    #[test]
    fn rivals_disagreement_and_too_few_buildings_are_refused() {
        let two = park(|i| if i % 2 == 0 { [3.0, 0.0] } else { [-3.0, 0.0] });
        assert!(!judge(&two).refused.is_empty());
        let none = park(|i| [(i as f64 * 2.7) % 10.0 - 5.0, (i as f64 * 4.1) % 10.0 - 5.0]);
        assert!(!judge(&none).refused.is_empty());
        let few = park(|_| [1.0, 1.0]).into_iter().take(5).collect::<Vec<_>>();
        assert!(judge(&few).refused.contains("5 buildings"));
    }

    /// Nine frames 60 m over level ground, and what they show of it.
    fn block(
        scene: impl Fn(f64, f64) -> f64,
    ) -> (Vec<OrientedFrame>, Vec<crate::raster::Grid<f32>>) {
        use super::super::{CameraModel, Pose};
        let frames: Vec<OrientedFrame> = (0..9)
            .map(|index| {
                let (x, y) = (30.0 * (index % 3) as f64, 25.0 * (index / 3) as f64);
                OrientedFrame {
                    index,
                    name: String::new(),
                    camera: CameraModel::pinhole(320, 256, 380.0),
                    pose: Pose {
                        centre: [x, y, 60.0],
                        rotation: [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]],
                    },
                    sigma_xy_m: 3.0,
                    sigma_z_m: 2.0,
                    ground_z_m: 0.0,
                    path_m: 60.0,
                    footprint: Bounds {
                        x_min: x - 25.0,
                        x_max: x + 25.0,
                        y_min: y - 20.0,
                        y_max: y + 20.0,
                    },
                    time_s: index as f64,
                }
            })
            .collect();
        let mut state = 9_u64;
        let pictures = frames.iter().map(|f| {
            let mut grid = crate::raster::Grid::filled(320, 256, 0.0_f32);
            for row in 0..256 {
                for col in 0..320 {
                    let ray = f.camera.unproject(col as f64 + 0.5, row as f64 + 0.5);
                    let at = ray.and_then(|ray| f.pose.on_plane(ray, 0.0));
                    let (x, y) = at.expect("looks down");
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let noise = (state >> 33) as f64 / (1_u64 << 31) as f64 - 0.5;
                    grid.set(col, row, (280.0 + scene(x, y) + 0.1 * noise) as f32);
                }
            }
            grid
        });
        let pictures = pictures.collect();
        (frames, pictures)
    }

    fn shift_over(scene: impl Fn(f64, f64) -> f64) -> OutlineReport {
        let (frames, pictures) = block(scene);
        let outlines: Vec<RoofOutline> = (0..12)
            .map(|i| {
                let (x, y) = (-6.0 + 24.0 * (i % 4) as f64, -4.0 + 26.0 * (i / 4) as f64);
                RoofOutline {
                    oidn: i.to_string(),
                    ring: vec![[x, y], [x + 12.0, y], [x + 12.0, y + 9.0], [x, y + 9.0]],
                    height_m: 0.0,
                }
            })
            .collect();
        let kelvin = |i: usize| pictures.get(i).cloned();
        shift(&frames, &kelvin, &outlines, &super::super::FlatGround(0.0))
    }

    /// Halls that stand where the outlines are but for 1.5 m: what the refusals below are against.
    #[test]
    fn halls_are_found_where_they_stand() {
        let found = shift_over(|x, y| {
            let inside = (0..12).any(|i| {
                let (u, v) = (
                    -4.5 + 24.0 * f64::from(i % 4),
                    -4.0 + 26.0 * f64::from(i / 4),
                );
                (u..u + 12.0).contains(&x) && (v..v + 9.0).contains(&y)
            });
            if inside { 3.0 } else { 0.0 }
        });
        assert_eq!(found.refused, "");
        assert!(
            (found.shift_m[0] - 1.5).hypot(found.shift_m[1]) < STEP_M,
            "{found:?}"
        );
    }

    #[test]
    fn grass_alone_and_saw_tooth_roofs_move_nothing_and_say_why() {
        let grass = shift_over(|_, _| 0.0);
        assert!(!grass.refused.is_empty(), "{grass:?}");
        // Ridges every 3 m from fence to fence: the outlines fit as well one ridge on.
        let ridges =
            shift_over(|x, y| 2.0 * (x / 3.0).rem_euclid(1.0) + 2.0 * (y / 3.0).rem_euclid(1.0));
        assert!(!ridges.refused.is_empty(), "{ridges:?}");
    }
}
