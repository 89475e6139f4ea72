//! Puts a roof's parts together.

use super::frame::Frame;
use super::planes::Planes;
use super::{Heights, Kind, Options, Part, Parts, Roofing, Why};

/// Parts of the planes and of what lies on them.
pub(super) fn assemble(
    frame: &Frame<'_>,
    planes: Planes,
    heights: Heights,
    _options: &Options,
) -> Parts {
    let cell_m2 = frame.cell_m * frame.cell_m;
    let transform = &frame.input.roof.transform;
    let parts = (planes.fits.iter().enumerate())
        .map(|(index, fit)| {
            let label = index as u16 + 1;
            let cells = planes.labels.data().iter().filter(|l| **l == label).count();
            Part {
                kind: Kind::Plane,
                plane: fit.map(|f| f.on_map(transform, frame.middle(), (0.0, 0.0))),
                area_m2: cells as f64 * cell_m2,
                cells: cells as u32,
                median_c: None,
                confidence: 0.9,
                why: vec![Why::OneSlope],
                left_out: false,
            }
        })
        .collect();
    Parts {
        plane_labels: planes.labels.clone(),
        labels: planes.labels,
        parts,
        heights,
        overhang_m: None,
        roofing: Roofing {
            word: "unknown",
            confidence: 0.0,
        },
    }
}
