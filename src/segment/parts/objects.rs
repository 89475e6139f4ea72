//! Finds what lies on the planes and puts a roof's parts together.
//!
//! An object is a connected patch that differs from its plane by more than the plane scatters;
//! its border runs where half its difference is reached, which is where a blurred edge lies,
//! whatever the blur.

use super::classify::{self, Named, Signs};
use super::fit::Local;
use super::flood::{Members, grown, patches, pieces, reach_out};
use super::frame::Frame;
use super::panels::{self, Seen};
use super::planes::Planes;
use super::shape::{building_angle, form};
use super::trend::{Residuals, median};
use super::{Heights, Kind, Options, Part, Parts, Roofing, Why, rim};
use crate::raster::Grid;

/// Without weather: a reading this far below the ground beside the roof is a mirror, K. A roof
/// that loses nothing stays within 12 K of it on the clearest night (scoring.md §7).
const MIRROR_K: f32 = 15.0;
/// Least mirror, m².
const MIRROR_M2: f64 = 0.5;
/// Share of a plane that must mirror for the plane to be metal.
const METAL_SHARE: f64 = 0.5;
/// Greatest number of objects: labels are 16-bit.
const MAX_OBJECTS: usize = 20_000;
/// What stands this much over its plane is looked at, metres.
const STANDS_M: f64 = 0.4;
/// What is hottest in an object over its three-quarter level, from which the rest is its halo.
const HALO: f32 = 2.0;
/// Least patch of shade, m².
const SHADE_M2: f64 = 2.0;
/// What stands this much over the rim may be branches, metres.
const BRANCH_M: f64 = 1.5;

/// A patch of cells, ascending, and what it is.
struct Object {
    cells: Vec<usize>,
    named: Named,
}

/// Parts of the planes and of what lies on them; `seen` is a look at these planes that left no cell
/// out.
pub(super) fn assemble(
    frame: &Frame<'_>,
    planes: Planes,
    seen: Option<Seen>,
    heights: Heights,
    options: &Options,
) -> Parts {
    let mirror = mirrors(frame);
    let metal_planes = metal_planes(frame, &planes, &mirror);
    let seen = seen.filter(|_| !mirror.contains(&true));
    let Seen { rest, fields } =
        seen.unwrap_or_else(|| panels::look(frame, &planes, &mirror, options));
    let least = rest.sigma_k.iter().copied().fold(f32::INFINITY, f32::min);
    let parapet = rim::parapet(frame, rest.kelvin.data(), least);
    let rim_m = parapet.map_or(0.0, |p| p.width_m);
    let mut objects = metal(frame, &planes, &mirror, &metal_planes, options);
    // What covers most of a field is the field once more.
    let covered: Vec<(Members, usize)> = fields
        .iter()
        .map(|(cells, ..)| (Members::of(cells), cells.len()))
        .collect();
    let again = |o: &Object| {
        covered.iter().any(|(field, size)| {
            let both = o.cells.iter().filter(|i| field.has(**i));
            2 * both.count() > *size
        })
    };
    let things = thermal(frame, &planes, &rest, rim_m, options);
    objects.extend(things.into_iter().filter(|o| !again(o)));
    objects.extend(fields.into_iter().map(|(cells, confidence, why)| Object {
        cells,
        named: (Kind::Pv, confidence, why),
    }));
    if heights == Heights::Good {
        let taken = taken(frame, &objects);
        objects.extend(standing(frame, &planes, &taken, options));
    }
    // What stands in the shade is drawn over it.
    objects.extend(shade(frame, options));
    objects.sort_by_key(|o| (std::cmp::Reverse(o.cells.len()), o.cells.first().copied()));
    objects.truncate(MAX_OBJECTS);
    let mut labels = planes.labels.clone();
    let mut heads: Vec<(Kind, f64, Vec<Why>)> = (0..planes.fits.len())
        .map(|index| face(&planes, index, metal_planes[index]))
        .collect();
    if let Some(parapet) = parapet {
        let label = heads.len() as u16 + 1;
        for (i, at) in labels.data_mut().iter_mut().enumerate() {
            if *at != 0 && f64::from(frame.edge_m(i)) < parapet.width_m && !mirror[i] {
                *at = label;
            }
        }
        let side = if parapet.warmer {
            Why::Warmer
        } else {
            Why::Colder
        };
        heads.push((Kind::Parapet, parapet.confidence, vec![Why::AlongRim, side]));
    }
    let mut owners: Vec<usize> = (0..heads.len()).collect();
    for object in objects {
        let label = heads.len() as u16 + 1;
        let home = object.cells.first().map_or(0, |i| planes.labels.data()[*i]);
        owners.push(usize::from(home).saturating_sub(1));
        for i in &object.cells {
            labels.data_mut()[*i] = label;
        }
        heads.push(object.named);
    }
    let parts = parts(frame, &planes, &labels, heads, &owners, options);
    Parts {
        labels,
        parts,
        heights,
        overhang_m: rim::overhang_m(frame, 5.0 * least.min(0.4)),
        roofing: roofing(frame, &mirror),
        plane_labels: planes.labels,
    }
}

fn face(planes: &Planes, index: usize, metal: bool) -> Named {
    let (why, confidence) = if planes.fits[index].is_some() {
        (Why::OneSlope, 0.9)
    } else if planes.thermal {
        (Why::ThermalStep, 0.6)
    } else {
        (Why::WholeOutline, 0.5)
    };
    if metal {
        (Kind::Metal, 0.9, vec![why, Why::MirrorsSky])
    } else {
        (Kind::Plane, confidence, vec![why])
    }
}

/// Areas, medians and planes of the labels.
fn parts(
    frame: &Frame<'_>,
    planes: &Planes,
    labels: &Grid<u16>,
    heads: Vec<Named>,
    owners: &[usize],
    options: &Options,
) -> Vec<Part> {
    let mut values: Vec<Vec<f32>> = vec![Vec::new(); heads.len()];
    let mut places = vec![(0_u32, 0.0, 0.0); heads.len()];
    for (i, label) in labels.data().iter().enumerate() {
        let Some(index) = usize::from(*label).checked_sub(1) else {
            continue;
        };
        let (u, v) = frame.place(i);
        places[index].0 += 1;
        places[index].1 += u;
        places[index].2 += v;
        if frame.celsius(i).is_finite() {
            values[index].push(frame.celsius(i));
        }
    }
    let transform = &frame.input.roof.transform;
    let cell_m2 = frame.cell_m * frame.cell_m;
    let with = heads.into_iter().zip(values).zip(places).enumerate();
    with.map(|(index, ((head, mut values), (cells, u, v)))| {
        let (kind, confidence, why) = head;
        let n = f64::from(cells.max(1));
        let fit = owners
            .get(index)
            .and_then(|o| planes.fits.get(*o).copied().flatten());
        let fit = fit.filter(|_| kind != Kind::Parapet);
        Part {
            kind,
            plane: fit.map(|f| f.on_map(transform, frame.middle(), (u / n, v / n))),
            area_m2: f64::from(cells) * cell_m2,
            cells,
            median_c: median(&mut values).map(f64::from),
            confidence,
            left_out: !matches!(kind, Kind::Plane | Kind::Unknown)
                && confidence >= options.leave_out_from,
            why,
        }
    })
    .collect()
}

/// Cells of the roof that mirror the sky.
fn mirrors(frame: &Frame<'_>) -> Vec<bool> {
    let limit = frame
        .input
        .mirror_below_c
        .or_else(|| rim::ground_level(frame).map(|c| c - MIRROR_K))
        .unwrap_or(f32::NEG_INFINITY);
    (0..frame.cells())
        .map(|i| frame.inside(i) && frame.celsius(i) < limit)
        .collect()
}

fn metal_planes(frame: &Frame<'_>, planes: &Planes, mirror: &[bool]) -> Vec<bool> {
    let mut counts = vec![(0_usize, 0_usize); planes.fits.len()];
    for (i, label) in planes.labels.data().iter().enumerate() {
        if *label != 0 && frame.celsius(i).is_finite() {
            let count = &mut counts[usize::from(*label) - 1];
            count.0 += 1;
            count.1 += usize::from(mirror[i]);
        }
    }
    let mostly = |(seen, mirrors): &(usize, usize)| {
        *mirrors > 0 && *mirrors as f64 >= METAL_SHARE * *seen as f64
    };
    counts.iter().map(mostly).collect()
}

fn roofing(frame: &Frame<'_>, mirror: &[bool]) -> Roofing {
    let seen = (0..frame.cells()).filter(|i| frame.inside(*i) && frame.celsius(*i).is_finite());
    let (seen, mirrors) = seen.fold((0_usize, 0_usize), |(n, m), i| {
        (n + 1, m + usize::from(mirror[i]))
    });
    let share = mirrors as f64 / seen.max(1) as f64;
    if share >= METAL_SHARE {
        Roofing {
            word: "metal",
            confidence: 0.5 + 0.45 * share,
        }
    } else {
        Roofing {
            word: "unknown",
            confidence: 0.0,
        }
    }
}

fn metal(
    frame: &Frame<'_>,
    planes: &Planes,
    mirror: &[bool],
    metal_planes: &[bool],
    options: &Options,
) -> Vec<Object> {
    let own = |i: usize| {
        let label = usize::from(planes.labels.data()[i]);
        mirror[i] && label != 0 && !metal_planes[label - 1]
    };
    let least = (MIRROR_M2 / frame.cell_m.powi(2)).max(options.min_object_px as f64);
    patches(frame, own)
        .into_iter()
        .filter(|cells| cells.len() as f64 >= least)
        .map(|cells| Object {
            cells,
            named: (Kind::Metal, 0.8, vec![Why::MirrorsSky, Why::Colder]),
        })
        .collect()
}

/// Objects warmer or colder than their plane.
fn thermal(
    frame: &Frame<'_>,
    planes: &Planes,
    rest: &Residuals,
    rim_m: f64,
    options: &Options,
) -> Vec<Object> {
    let kelvin = rest.kelvin.data();
    let keep_m = (1.5 * frame.cell_m).max(if rim_m > 0.0 {
        rim_m + frame.cell_m
    } else {
        0.0
    });
    let limit = |i: usize| {
        let label = usize::from(planes.labels.data()[i]);
        let sigma = label.checked_sub(1).and_then(|l| rest.sigma_k.get(l));
        let sigma = sigma.copied().unwrap_or(f32::INFINITY);
        options
            .min_contrast_k
            .max(options.min_contrast_sigma * sigma)
    };
    let may = |i: usize| frame.inside(i) && f64::from(frame.edge_m(i)) >= keep_m;
    let mut found: Vec<(Vec<usize>, f32)> = Vec::new();
    let mut taken = vec![false; frame.cells()];
    for sign in [1.0_f32, -1.0] {
        for seed in patches(frame, |i| may(i) && kelvin[i] * sign > limit(i)) {
            if seed.len() < options.min_object_px.div_ceil(2) {
                continue;
            }
            let mut sizes: Vec<f32> = seed.iter().map(|i| kelvin[*i] * sign).collect();
            sizes.sort_unstable_by(f32::total_cmp);
            let at = |share: usize| sizes.get(sizes.len() * share / 20).copied().unwrap_or(0.0);
            // A stack far hotter than what surrounds it has a halo; its edge is at its own half.
            let high = if at(19) > HALO * at(15) {
                at(19)
            } else {
                at(15)
            };
            let half = 0.5 * high;
            let wide = grown(frame, &seed, |i| {
                may(i) && kelvin[i] * sign > half && !taken[i]
            });
            for cells in pieces(frame, &wide, |i| kelvin[i] * sign > half) {
                if cells.len() >= options.min_object_px {
                    for i in &cells {
                        taken[*i] = true;
                    }
                    found.push((cells, sign));
                }
            }
        }
    }
    let signs: Vec<Signs> = found
        .iter()
        .map(|(cells, sign)| signs(frame, planes, kelvin, cells, *sign))
        .collect();
    let named = classify::name(&signs, building_angle(frame), frame.cell_m);
    found
        .into_iter()
        .zip(named)
        .filter_map(|((cells, _), named)| {
            Some(Object {
                cells,
                named: named?,
            })
        })
        .collect()
}

fn signs(frame: &Frame<'_>, planes: &Planes, kelvin: &[f32], cells: &[usize], sign: f32) -> Signs {
    let mut own: Vec<f32> = cells.iter().map(|i| kelvin[*i]).collect();
    let peak = own.iter().fold(0.0_f32, |p, k| p.max(k * sign)) * sign;
    let fit = plane_of(planes, cells.first().copied().unwrap_or(0));
    // Each cell over its own plane: an object may reach over a step of the roof.
    let mut over: Vec<f32> = cells
        .iter()
        .filter_map(|i| Some(height_over(frame, &plane_of(planes, *i)?, *i) as f32))
        .filter(|h| h.is_finite())
        .collect();
    let per_metre = |f: Local| f.a.hypot(f.b) / frame.cell_m;
    Signs {
        form: form(frame, cells),
        contrast_k: f64::from(median(&mut own).unwrap_or(0.0)),
        peak_k: f64::from(peak),
        height_m: median(&mut over).map(f64::from),
        slope_deg: fit.map(|f| per_metre(f).atan().to_degrees()),
    }
}

fn plane_of(planes: &Planes, i: usize) -> Option<Local> {
    let label = usize::from(*planes.labels.data().get(i)?);
    planes.fits.get(label.checked_sub(1)?).copied().flatten()
}

fn height_over(frame: &Frame<'_>, fit: &Local, i: usize) -> f64 {
    let (u, v) = frame.place(i);
    f64::from(frame.surface(i)) - fit.at(u, v)
}

fn taken(frame: &Frame<'_>, objects: &[Object]) -> Vec<bool> {
    let mut taken = vec![false; frame.cells()];
    for i in objects.iter().flat_map(|o| &o.cells) {
        taken[*i] = true;
    }
    taken
}

/// What stands over its plane in the surface model and shows no difference in temperature of its
/// own; at the rim, where it scatters, branches. Borders of planes and what is beside other objects
/// are left out: a step smeared by the model stands over the lower plane, and the side of a thing
/// over the roof beside it.
fn standing(frame: &Frame<'_>, planes: &Planes, taken: &[bool], options: &Options) -> Vec<Object> {
    let coarse_m = frame.input.surface_cell_m;
    let mut near = near_borders(
        frame,
        planes,
        (1.5 * coarse_m / frame.cell_m).ceil() as usize,
    );
    let objects: Vec<usize> = (0..taken.len()).filter(|i| taken[*i]).collect();
    reach_out(
        frame,
        &mut near,
        objects,
        (coarse_m / frame.cell_m).ceil() as usize,
    );
    let over = |i: usize, least: f64| {
        !near[i]
            && !taken[i]
            && plane_of(planes, i).is_some_and(|f| height_over(frame, &f, i) > least)
    };
    let least = (coarse_m.powi(2) / frame.cell_m.powi(2)).max(options.min_object_px as f64);
    let mut found = Vec::new();
    for cells in patches(frame, |i| over(i, STANDS_M)) {
        if (cells.len() as f64) < least {
            continue;
        }
        let at_rim = cells
            .iter()
            .any(|i| f64::from(frame.edge_m(*i)) < 1.5 * frame.cell_m);
        if !at_rim {
            let why = vec![Why::Higher];
            let cells = upper_half(frame, planes, cells);
            found.push(Object {
                cells,
                named: (Kind::Installation, 0.6, why),
            });
            continue;
        }
        // Parapets stand at the rim, too, but low and even.
        for cells in patches(frame, |i| {
            cells.binary_search(&i).is_ok() && over(i, BRANCH_M)
        }) {
            if cells.len() as f64 >= 2.0 * least && rough(frame, &cells) {
                let why = vec![Why::Higher, Why::Rough, Why::AlongRim];
                found.push(Object {
                    cells,
                    named: (Kind::Tree, 0.6, why),
                });
            }
        }
    }
    found
}

/// What stands over half the height of a thing: a smeared side passes it above the true one.
fn upper_half(frame: &Frame<'_>, planes: &Planes, cells: Vec<usize>) -> Vec<usize> {
    let over = |i: usize| {
        let over = plane_of(planes, i).map(|f| height_over(frame, &f, i));
        over.unwrap_or(f64::NAN) as f32
    };
    let mut heights: Vec<f32> = cells.iter().map(|i| over(*i)).collect();
    heights.sort_unstable_by(f32::total_cmp);
    let high = heights.get(heights.len() * 9 / 10).copied().unwrap_or(0.0);
    cells
        .into_iter()
        .filter(|i| over(*i) > 0.5 * high)
        .collect()
}

/// Patches of the roof in the shade of crowns.
fn shade(frame: &Frame<'_>, options: &Options) -> Vec<Object> {
    let shape = (frame.width, frame.height);
    let grid = frame.input.shade;
    let Some(shade) = grid.filter(|g| (g.width(), g.height()) == shape) else {
        return Vec::new();
    };
    let least = (SHADE_M2 / frame.cell_m.powi(2)).max(options.min_object_px as f64);
    patches(frame, |i| frame.inside(i) && shade.data()[i])
        .into_iter()
        .filter(|cells| cells.len() as f64 >= least)
        .map(|cells| Object {
            cells,
            named: (Kind::Tree, 0.6, vec![Why::Shaded]),
        })
        .collect()
}

/// Whether heights scatter as branches do: a cell of the model differs from the middle of those
/// around it by 0.25 m in the median.
fn rough(frame: &Frame<'_>, cells: &[usize]) -> bool {
    let step = ((frame.input.surface_cell_m / frame.cell_m).round() as usize).max(1);
    let mut off: Vec<f32> = cells
        .iter()
        .filter_map(|i| {
            let (col, row) = (i % frame.width, i / frame.width);
            let inside =
                col >= step && row >= step && col + step < frame.width && row + step < frame.height;
            inside.then(|| {
                let mean = 0.25
                    * (frame.surface(i - step)
                        + frame.surface(i + step)
                        + frame.surface(i - step * frame.width)
                        + frame.surface(i + step * frame.width));
                (frame.surface(*i) - mean).abs()
            })
        })
        .filter(|d| d.is_finite())
        .collect();
    median(&mut off).is_some_and(|d| d > 0.25)
}

fn near_borders(frame: &Frame<'_>, planes: &Planes, reach: usize) -> Vec<bool> {
    let data = planes.labels.data();
    let mut near = vec![false; data.len()];
    let ring: Vec<usize> = (0..data.len())
        .filter(|i| {
            let other = |n: &usize| data[*n] != 0 && data[*n] != data[*i];
            data[*i] != 0 && frame.beside(*i).any(|n| other(&n))
        })
        .collect();
    reach_out(frame, &mut near, ring, reach);
    near
}
