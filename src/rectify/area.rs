//! Cells larger than a frame pixel: the mean of what they cover.

use super::camera_box::CameraBox;
use super::{Ground, Options, OrientedFrame, OrthoTile, Sight, Target, block, frame_gsd_m};
use crate::raster::{Grid, Window};

/// Cells up to this many frame pixels wide take one bilinear sample (georeferencing.md §8).
const SINGLE_SAMPLE: f64 = 1.5;

/// Most samples along a side; beyond it a cell is sampled, not covered.
const MOST: f64 = 16.0;

/// Samples along a cell's side so that their spacing is at most one frame pixel.
pub(super) fn samples_per_side(target: &Target, frame: &OrientedFrame) -> usize {
    let cell_m = target.transform.dx.max(target.transform.dy);
    let ratio = cell_m / frame_gsd_m(frame);
    if ratio > SINGLE_SAMPLE {
        ratio.ceil().min(MOST) as usize
    } else {
        1
    }
}

/// Lays a frame on a target with `n` × `n` samples per cell: the mean of the seen samples where
/// at least half are seen; nothing where one sample is invalid, because a saturated pixel left
/// out would make the mean too cold.
pub(super) fn averaged(
    kelvin: &Grid<f32>,
    frame: &OrientedFrame,
    ground: &Ground<'_>,
    options: &Options,
    n: usize,
) -> OrthoTile {
    /// Cells around a chunk in which hidden samples still mark edges inside.
    const RIM: usize = 2;
    let target = *ground.target();
    let side = (512 / n).max(8);
    let mut tile = OrthoTile::empty(target.width, target.height);
    let image = CameraBox::new(frame);
    let heights = (ground.relief().lowest_m(), ground.relief().highest_m());
    for row in (0..target.height).step_by(side) {
        for col in (0..target.width).step_by(side) {
            let (left, above) = (col.saturating_sub(RIM), row.saturating_sub(RIM));
            let window = Window {
                col: left,
                row: above,
                width: (col + side + RIM).min(target.width) - left,
                height: (row + side + RIM).min(target.height) - above,
            };
            // Most of a target lies outside a small frame: no height is read there.
            let plan = target.transform.of_window(window);
            let plan = plan.bounds(window.width, window.height);
            if heights.0 > heights.1 || !image.may_see(frame, &plan, heights) {
                continue;
            }
            let fine_target = target.of_window(window).refined(n);
            let fine_ground = Ground::new(ground.relief(), &fine_target);
            let fine = block::render(kelvin, frame, &fine_ground, options);
            if fine.window.width == 0 {
                continue;
            }
            for r in row..(row + side).min(target.height) {
                for c in col..(col + side).min(target.width) {
                    let from = Window {
                        col: (c - left) * n,
                        row: (r - above) * n,
                        width: n,
                        height: n,
                    };
                    reduce(&fine, from, &mut tile, (c, r));
                }
            }
        }
    }
    tile.window = window_of_values(&tile);
    tile
}

fn reduce(fine: &OrthoTile, from: Window, tile: &mut OrthoTile, (col, row): (usize, usize)) {
    let (mut seen, mut near, mut hidden, mut oblique, mut invalid) = (0usize, 0, 0, 0, 0);
    let (mut kelvin, mut view) = (0.0, 0.0);
    for r in from.row..from.row + from.height {
        for c in from.col..from.col + from.width {
            match fine.sight.at(c, r) {
                Sight::Outside => continue,
                Sight::Oblique => oblique += 1,
                Sight::Hidden => hidden += 1,
                Sight::Invalid => invalid += 1,
                Sight::NearEdge | Sight::Seen => {
                    near += usize::from(fine.edge_mixed(c, r));
                    seen += 1;
                    kelvin += f64::from(fine.kelvin.at(c, r));
                    view += f64::from(fine.view_deg.at(c, r));
                }
            }
        }
    }
    let sight = if invalid > 0 {
        Sight::Invalid
    } else if 2 * seen >= from.width * from.height {
        tile.kelvin.set(col, row, (kelvin / seen as f64) as f32);
        tile.view_deg.set(col, row, (view / seen as f64) as f32);
        if near + hidden > 0 {
            Sight::NearEdge
        } else {
            Sight::Seen
        }
    } else if hidden > 0 {
        Sight::Hidden
    } else if oblique > 0 {
        Sight::Oblique
    } else {
        Sight::Outside
    };
    tile.sight.set(col, row, sight);
}

fn window_of_values(tile: &OrthoTile) -> Window {
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for row in 0..tile.kelvin.height() {
        for (col, value) in tile.kelvin.row(row).iter().enumerate() {
            if !value.is_nan() {
                (left, right) = (left.min(col), right.max(col + 1));
                (top, bottom) = (top.min(row), bottom.max(row + 1));
            }
        }
    }
    if left == usize::MAX {
        return OrthoTile::empty(0, 0).window;
    }
    Window {
        col: left,
        row: top,
        width: right - left,
        height: bottom - top,
    }
}
