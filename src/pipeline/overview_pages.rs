//! `overview.pdf` of a flight: `park/` for everyone, `internal/` for the association.
//!
//! Made from the same facts as the workbooks, so that a withdrawal makes them again without the
//! flight; the temperatures come out of `mosaic.tif` in strips, roof by roof, and only of roofs
//! the association may see.

use super::flight::Job;
use crate::problem::Result;
use crate::raster::{Bounds, GeoGrid, Window};
use crate::read::geotiff::GeoTiff;
use crate::report::Palette;
use crate::report::overview::pages::{self, About, Audience, Canvas, Former, Ground, Input};
use crate::report::overview::{Fact, Facts, Member, Scope};
use crate::write::{atomic, pdf};
use ::geo::{BoundingRect, MultiPolygon};
use jiff::civil::{Date, DateTime};
use std::collections::BTreeMap;
use std::path::Path;

/// Cells of the mosaic that are held at once.
const STRIP_CELLS: usize = 1 << 22;

/// Writes both variants of a scope.
///
/// # Errors
/// Files that cannot be written.
pub(super) fn write(
    job: &Job<'_>,
    out: &Path,
    (facts, members, scope): (&Facts, &[Member<'_>], Scope<'_>),
    former: Option<&Former>,
    (public, internal): (&Path, &Path),
) -> Result<()> {
    let about = about(job, facts, scope.min_cell);
    let ground = ground(job, &scope);
    let thermal = thermal(out, members, &scope, &ground);
    for (folder, audience) in [
        (public, Audience::Public),
        (internal, Audience::Association),
    ] {
        let input = Input {
            facts,
            members,
            scope,
            about: &about,
            ground: &ground,
            thermal: thermal
                .as_ref()
                .filter(|_| audience == Audience::Association),
            former,
            audience,
        };
        let bytes = pdf::render_overview(&pages::pages(&input), &job.inputs.house.templates)?;
        atomic::write_file(&folder.join("overview.pdf"), &bytes)?;
    }
    Ok(())
}

/// Buildings of the scope.
fn ground<'a>(job: &'a Job<'_>, scope: &Scope<'_>) -> Vec<Ground<'a>> {
    let outlines = job.inputs.outlines.iter().enumerate();
    let all = outlines.map(|(i, outline)| Ground {
        oidn: &outline.oidn,
        polygon: &outline.polygon,
        park: match job.parks.several() {
            true => job.parks.of_outline.get(i).copied().flatten(),
            false => None,
        },
    });
    all.filter(|g| scope.park.is_none() || g.park == scope.park)
        .collect()
}

fn about(job: &Job<'_>, facts: &Facts, min_cell: usize) -> About {
    let project = &job.project.settings;
    let time = |key: &str| {
        let found = facts.conditions.iter().find(|(k, _)| k == key);
        match found {
            Some((_, Fact::Text(text))) => text.parse::<DateTime>().ok(),
            _ => None,
        }
    };
    let scale = project.numbers("report", "scale_c");
    About {
        project: project.text("project", "name").to_owned(),
        municipality: municipality(job, min_cell),
        contractor: job.folder.settings.text("flight", "operator").to_owned(),
        contact: project.text("report", "contact").to_owned(),
        brand: job.inputs.house.brand.clone(),
        flown: time("start_local").map(|start| (start, time("end_local").unwrap_or(start))),
        retain_until: project.text("project", "retain_until").parse::<Date>().ok(),
        palette: Palette::from_word(project.text("report", "palette")).unwrap_or_default(),
        scale_c: match scale.as_slice() {
            [low, high] if low < high => Some((*low, *high)),
            _ => None,
        },
        program: concat!("thermaudit ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// Where most companies are: what stands behind the postal code of their addresses. Empty where
/// fewer than `min_cell` say so, for it is printed in public.
fn municipality(job: &Job<'_>, min_cell: usize) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for company in &job.inputs.companies {
        let last = company
            .address
            .rsplit(',')
            .next()
            .unwrap_or_default()
            .trim();
        let Some((code, town)) = last.split_once(' ') else {
            continue;
        };
        if code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()) {
            *counts.entry(town.trim()).or_default() += 1;
        }
    }
    let most = counts
        .iter()
        .max_by_key(|(town, n)| (**n, std::cmp::Reverse(**town)));
    let enough = |n: usize| n >= min_cell && 2 * n > job.inputs.companies.len();
    match most {
        Some((town, n)) if enough(*n) => (*town).to_owned(),
        _ => String::new(),
    }
}

/// Temperatures of the roofs the association may see; `None` where there are none or the mosaic
/// is not there (any more).
fn thermal(
    out: &Path,
    members: &[Member<'_>],
    scope: &Scope<'_>,
    ground: &[Ground<'_>],
) -> Option<GeoGrid<f32>> {
    let frame = pages::frame(ground)?;
    let shapes = pages::thermal_shapes(members, scope, ground);
    if shapes.own.is_empty() {
        return None;
    }
    let mosaic = GeoTiff::open(&out.join("mosaic.tif")).ok()?;
    let whole = mosaic.whole();
    let place = mosaic.level_transform(0)?;
    let mut canvas = Canvas::new(&frame, place.dx);
    for shape in &shapes.own {
        let Some(bounds) = bounds(shape) else {
            continue;
        };
        let near: Vec<MultiPolygon<f64>> = shapes
            .others
            .iter()
            .filter(|o| self::bounds(o).is_some_and(|b| b.intersects(&bounds)))
            .cloned()
            .collect();
        let Some(window) = place.window_of(&bounds, whole.width, whole.height) else {
            continue;
        };
        for strip in strips(window) {
            // A mosaic that breaks off has no map rather than half a one.
            let grid = mosaic.window(strip).ok()?;
            let transform = place.of_window(strip);
            canvas.add(&GeoGrid { grid, transform }, shape, &near);
        }
    }
    canvas.finish()
}

fn bounds(shape: &MultiPolygon<f64>) -> Option<Bounds> {
    let rect = shape.bounding_rect()?;
    Some(Bounds {
        x_min: rect.min().x,
        y_min: rect.min().y,
        x_max: rect.max().x,
        y_max: rect.max().y,
    })
}

/// A window in strips of few enough cells.
fn strips(window: Window) -> Vec<Window> {
    let tall = (STRIP_CELLS / window.width.max(1)).max(1);
    let starts = (0..window.height).step_by(tall);
    starts
        .map(|start| Window {
            row: window.row + start,
            height: tall.min(window.height - start),
            ..window
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_cover_a_window_once() {
        let window = Window {
            col: 3,
            row: 7,
            width: STRIP_CELLS / 10,
            height: 25,
        };
        let found = strips(window);
        assert_eq!(found.len(), 3);
        assert_eq!(found.iter().map(|s| s.height).sum::<usize>(), 25);
        assert!(found.windows(2).all(|w| w[0].row + w[0].height == w[1].row));
        assert!(found.iter().all(|s| s.width * s.height <= STRIP_CELLS));
    }
}
