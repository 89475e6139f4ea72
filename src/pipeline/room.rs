//! Whether the results of a flight will find room on the disk, before they are made.

use super::project::sorted_entries;
use crate::config::Settings;
use crate::problem::{Kind, Problem, Result};
use crate::raster::Bounds;
use crate::write::room;
use std::path::Path;

/// Most bytes on the disk for one cell that was seen, while the rasters of a flight are joined from
/// their working copies: 17 were measured on a simulated park of 1.2 million cells, 9 on a real
/// flight over a field of 2.2 million.
const PACKED: f64 = 20.0;
/// The same where `mosaic.compression` is none: eight rasters of 1 to 4 bytes with overviews, twice.
const PLAIN: f64 = 75.0;

/// With less than this part of what is reckoned a flight cannot be written: the field packed to half
/// of what is reckoned, and the boxes around slanting frames may be twice the ground they see.
const HOPELESS: f64 = 0.2;

/// Side of the squares in which ground is counted, in parts of the longer side of all of it.
const SQUARES: f64 = 256.0;

/// Bytes the rasters of a flight will take while they are written, with its settings: ground seen
/// by any of the footprints, in cells of `mosaic.gsd_m`, else of `cell_m` metres.
pub(super) fn reckoned(footprints: &[Bounds], cell_m: f64, settings: &Settings) -> f64 {
    let cell_m = settings.mosaic_options().gsd_m.unwrap_or(cell_m);
    let per_cell = match settings.text("mosaic", "compression") {
        "none" => PLAIN,
        _ => PACKED,
    };
    per_cell * cells(footprints, cell_m)
}

/// Cells seen by any of the footprints.
fn cells(footprints: &[Bounds], cell_m: f64) -> f64 {
    let all = footprints.iter().fold(Bounds::EMPTY, |sum, f| sum.union(f));
    let (width, height) = (all.x_max - all.x_min, all.y_max - all.y_min);
    let side = width.max(height) / SQUARES;
    let usable = side.is_finite() && side > 0.0 && cell_m.is_finite() && cell_m > 0.0;
    if !usable {
        return 0.0;
    }
    let (across, down) = (count(width / side), count(height / side));
    let mut seen = vec![false; across * down];
    for f in footprints {
        let column = |x: f64| (((x - all.x_min) / side).max(0.0) as usize).min(across - 1);
        let row = |y: f64| (((all.y_max - y) / side).max(0.0) as usize).min(down - 1);
        for r in row(f.y_max)..=row(f.y_min) {
            for c in column(f.x_min)..=column(f.x_max) {
                seen[r * across + c] = true;
            }
        }
    }
    let squares = seen.iter().filter(|s| **s).count() as f64;
    // Squares at the edge reach beyond what was flown.
    let m2 = (squares * side * side).min(width * height);
    m2 / (cell_m * cell_m)
}

fn count(sides: f64) -> usize {
    (sides.ceil() as usize).clamp(1, SQUARES as usize + 1)
}

/// What to say of the room for so many bytes beside a path: nothing, or a warning.
///
/// # Errors
/// There is so little that nothing can come of it.
pub(super) fn judge(bytes: f64, folder: &Path) -> Result<Option<Problem>> {
    let Some(free) = room::free_bytes(folder) else {
        return Ok(None);
    };
    if bytes <= free as f64 {
        return Ok(None);
    }
    let (needed, left) = (room::size(bytes as u64), room::size(free));
    let (verb, kind) = match (free as f64) < HOPELESS * bytes {
        true => ("need", Kind::DiskFull),
        false => ("may need", Kind::Io),
    };
    let problem = Problem::new(
        kind,
        format!("results {verb} about {needed} while they are made, and {left} are free"),
    )
    .in_file(folder.display().to_string())
    .hint("make room, name another disk with --out, or take larger cells ([mosaic] gsd_m)");
    match kind {
        Kind::DiskFull => Err(problem),
        _ => Ok(Some(problem)),
    }
}

/// Bytes of all files below a folder; 0 where there is none.
pub(super) fn bytes_below(folder: &Path) -> u64 {
    let entries = sorted_entries(folder).into_iter();
    entries
        .map(|path| match std::fs::symlink_metadata(&path) {
            Ok(data) if data.is_dir() => bytes_below(&path),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Bounds {
        Bounds {
            x_min: x,
            y_min: y,
            x_max: x + side,
            y_max: y + side,
        }
    }

    #[test]
    fn ground_seen_twice_is_counted_once_and_ground_between_not_at_all() {
        let one = cells(&[square(0.0, 0.0, 100.0)], 0.1);
        assert!((one - 1e6).abs() < 1.0, "{one}");
        let twice = [square(0.0, 0.0, 100.0), square(0.0, 0.0, 100.0)];
        assert_eq!(cells(&twice, 0.1), one);
        let apart = [square(0.0, 0.0, 100.0), square(900.0, 900.0, 100.0)];
        let both = cells(&apart, 0.1) / one;
        assert!((2.0..2.2).contains(&both), "{both}");
        assert_eq!(cells(&[], 0.1), 0.0);
        assert_eq!(cells(&twice, f64::NAN), 0.0);
    }

    #[test]
    fn little_room_is_warned_of_and_far_too_little_stops() {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(free) = room::free_bytes(folder.path()) else {
            return;
        };
        let judged = |times: f64| judge(free as f64 * times, folder.path());
        assert_eq!(judged(0.5), Ok(None));
        assert!(judged(1.5).expect("goes on").is_some());
        let problem = judged(10.0).expect_err("stops");
        assert!(problem.ends_everything(), "{problem}");
    }
}
