//! Panels over most of a face, so that only a margin of bare roof is seen around them.
//!
//! The trend of such a face follows the panels: no object stands out but the margin, as a warm
//! ring. What makes it a field of panels and not a warm rim: it is one rectangle along the
//! building's sides, its border is sharp all around (glass of ε 0.85 mirrors a part of the cold
//! sky, the roofing beside it less), and it is no warmer than a roof that nothing heats from
//! below. A fault that decays from the edge inward has no sharp border.
//!
//! Where no margin shows, nothing tells panels from roofing; such a roof is judged by its level
//! alone (`score`, R02 and R21).

use super::flood::{Members, patches, pieces};
use super::frame::Frame;
use super::planes::Planes;
use super::shape::{aligned, building_angle, form};
use super::trend::{Residuals, median, residuals};
use super::{Options, Why};

/// Smallest field, m²: below, a field among roof is found as a cold object.
const LEAST_M2: f64 = 30.0;
/// Least share of the face that it covers; a smaller one leaves the trend to the roof.
const MOST: f64 = 0.45;
/// Least share of its rectangle that it fills; holes are rooflights and paths between rows.
const FILL: f64 = 0.85;
/// Least width of the margin, metres and cells: parapets are narrower, mixed cells fewer.
const MARGIN_M: f64 = 0.8;
const MARGIN_PX: f64 = 3.0;
/// Least share of what lies around it that is warmer, and of its border that such a cell of the
/// same face adjoins: a warm strip along one side is a gutter or a window of a saw-tooth.
const AROUND: f64 = 0.8;
/// Share of the step that must be reached within [`SHARP_PX`] cells on either side of its border.
const SHARP: f32 = 0.65;
/// Width of a step of a blurred map, cells.
const SHARP_PX: usize = 3;
/// Kelvin from [`super::PartsInput::mirror_below_c`] up to a roof that nothing heats
/// (scoring.md §1, rule for mirrors).
const MIRROR_K: f32 = 6.0;
/// What that level is known to, K: 2σ of the air and the sky model (scoring.md §0, §5).
const LEVEL_K: f32 = 2.0;

/// A field of panels over most of a face: its cells, ascending, how sure it is, and the signs.
pub(super) type Field = (Vec<usize>, f64, Vec<Why>);

/// What the planes of a roof leave over, and the fields that cover them.
pub(super) struct Seen {
    pub rest: Residuals,
    pub fields: Vec<Field>,
}

/// Looks at the planes; `skip` marks cells that are no roof.
pub(super) fn look(frame: &Frame<'_>, planes: &Planes, skip: &[bool], options: &Options) -> Seen {
    let rest = residuals(frame, planes, skip);
    let fields = covering(frame, planes, &rest, options);
    Seen { rest, fields }
}

/// Fields over most of a face, at most one on each.
fn covering(frame: &Frame<'_>, planes: &Planes, rest: &Residuals, options: &Options) -> Vec<Field> {
    let least = LEAST_M2 / frame.cell_m.powi(2);
    let mut sizes = vec![0_usize; planes.fits.len()];
    for label in planes.labels.data() {
        if let Some(index) = usize::from(*label).checked_sub(1) {
            sizes[index] += 1;
        }
    }
    let large = sizes
        .iter()
        .enumerate()
        .filter(|(_, n)| **n as f64 >= least);
    large
        .filter_map(|(index, _)| on_face(frame, planes, rest, index, options))
        .collect()
}

fn on_face(
    frame: &Frame<'_>,
    planes: &Planes,
    rest: &Residuals,
    index: usize,
    options: &Options,
) -> Option<Field> {
    let kelvin = rest.kelvin.data();
    let own = |i: usize| usize::from(planes.labels.data()[i]) == index + 1 && kelvin[i].is_finite();
    // The outermost cells mix with the ground.
    let mixed_m = 1.5 * frame.cell_m;
    let judged: Vec<usize> = (0..frame.cells())
        .filter(|i| own(*i) && f64::from(frame.edge_m(*i)) >= mixed_m)
        .collect();
    let sigma = rest.sigma_k.get(index).copied()?;
    let limit = options
        .min_contrast_k
        .max(options.min_contrast_sigma * sigma);
    let mut warm: Vec<f32> = judged
        .iter()
        .map(|i| kelvin[*i])
        .filter(|k| *k > limit)
        .collect();
    let step = median(&mut warm)?;
    let half = 0.5 * step;
    let field = pieces(frame, &judged, |i| kelvin[i] <= half)
        .into_iter()
        .max_by_key(Vec::len)?;
    let share = field.len() as f64 / judged.len() as f64;
    // What costs least is asked first.
    if share < MOST || !cold_enough(frame, &field) {
        return None;
    }
    let form = form(frame, &field);
    let panel =
        form.area_m2 >= LEAST_M2 && form.fill >= FILL && aligned(form.angle, building_angle(frame));
    if !panel {
        return None;
    }
    let members = Members::of(&field);
    let is_field = |i: usize| members.has(i);
    let around: Vec<usize> = judged.iter().copied().filter(|i| !is_field(*i)).collect();
    let warmer = around.iter().filter(|i| kelvin[**i] > half).count();
    let margin_m = margin_m(frame, &field, &is_field)?;
    let adjoins = |i: &usize| frame.beside(*i).any(|n| own(n) && !is_field(n));
    let (all, closed) = border(frame, &field, &is_field).fold((0_u32, 0_u32), |(n, c), i| {
        (n + 1, c + u32::from(adjoins(&i)))
    });
    if f64::from(closed) < AROUND * f64::from(all) {
        return None;
    }
    let wide = margin_m >= MARGIN_M.max(MARGIN_PX * frame.cell_m);
    if !wide || (warmer as f64) < AROUND * around.len() as f64 {
        return None;
    }
    if sharpness(frame, kelvin, &field, &is_field, &own)? < SHARP * step {
        return None;
    }
    let cells = with_holes(frame, &field, &is_field, &own);
    let sure = if share >= 0.6 { 0.75 } else { 0.65 };
    let signs = [
        Why::Colder,
        Why::Rectangle,
        Why::Aligned,
        Why::Large,
        Why::Margin,
    ];
    Some((cells, sure, signs.to_vec()))
}

/// Whether nothing below heats it: it reads no warmer than a roof without loss would.
fn cold_enough(frame: &Frame<'_>, field: &[usize]) -> bool {
    let mut values: Vec<f32> = field.iter().map(|i| frame.celsius(*i)).collect();
    match (frame.input.mirror_below_c, median(&mut values)) {
        (Some(mirror_c), Some(level_c)) => level_c <= mirror_c + MIRROR_K + LEVEL_K,
        _ => true,
    }
}

/// Cells of a set that border on what is not in it.
fn border<'f>(
    frame: &'f Frame<'_>,
    field: &'f [usize],
    is_field: &'f impl Fn(usize) -> bool,
) -> impl Iterator<Item = usize> + 'f {
    let outer = move |i: &usize| frame.beside(*i).any(|n| !is_field(n));
    field.iter().copied().filter(outer)
}

/// Width of the margin, metres: how far the field's border is from the outline in the lower
/// quartile, as one side may lie close.
fn margin_m(frame: &Frame<'_>, field: &[usize], is_field: &impl Fn(usize) -> bool) -> Option<f64> {
    let mut away: Vec<f32> = border(frame, field, is_field)
        .map(|i| frame.edge_m(i))
        .collect();
    away.sort_unstable_by(f32::total_cmp);
    away.get(away.len() / 4).map(|m| f64::from(*m))
}

/// Median step across the field's border, K, between cells a few apart on either side.
fn sharpness(
    frame: &Frame<'_>,
    kelvin: &[f32],
    field: &[usize],
    is_field: &impl Fn(usize) -> bool,
    own: &impl Fn(usize) -> bool,
) -> Option<f32> {
    let (width, reach) = (frame.width, SHARP_PX);
    let mut steps = Vec::new();
    for i in border(frame, field, is_field) {
        let (col, row) = (i % width, i / width);
        if col < reach || row < reach || col + reach >= width || row + reach >= frame.height {
            continue;
        }
        let far = [
            (1, i - reach, i + reach),
            (width, i - reach * width, i + reach * width),
        ];
        for (stride, low, high) in far {
            // Only across the border: one neighbour in, the other out.
            let (out, inside) = match (is_field(i - stride), is_field(i + stride)) {
                (false, true) => (low, high),
                (true, false) => (high, low),
                _ => continue,
            };
            if own(out) && is_field(inside) {
                steps.push(kelvin[out] - kelvin[inside]);
            }
        }
    }
    median(&mut steps)
}

/// The field with what it encloses.
fn with_holes(
    frame: &Frame<'_>,
    field: &[usize],
    is_field: &impl Fn(usize) -> bool,
    own: &impl Fn(usize) -> bool,
) -> Vec<usize> {
    let mut cells = field.to_vec();
    for hole in patches(frame, |i| own(i) && !is_field(i)) {
        let closed = hole
            .iter()
            .all(|i| frame.beside(*i).all(own) && frame.beside(*i).count() == 4);
        if closed {
            cells.extend(hole);
        }
    }
    cells.sort_unstable();
    cells
}
