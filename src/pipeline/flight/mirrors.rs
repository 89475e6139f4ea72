//! Roofs that are known to mirror the sky: no ground to level by (georeferencing.md §9.3).

use super::Flight;
use crate::level::{Lattice, Sample};
use crate::raster::Bounds;
use crate::score::material::material;
use ::geo::{BoundingRect, Contains, MultiPolygon, Point};

/// Outlines of roofs whose stated material is bare metal.
#[derive(Debug, Default)]
pub(super) struct Mirrors<'a> {
    roofs: Vec<(Bounds, &'a MultiPolygon<f64>)>,
}

impl<'a> Flight<'a> {
    /// The roofs whose stated material has an emissivity under `score.emissivity_min_rated`.
    pub(super) fn mirrors(&self) -> Mirrors<'a> {
        let options = self.job.folder.settings.score_options();
        let unknown = (options.emissivity_unknown, options.emissivity_sigma);
        let outlines = self.job.inputs.outlines.iter();
        let mirrors = outlines.filter(|outline| {
            let stated = self.tenancy().whole(outline).material;
            let roofing = material(stated.as_deref(), &options.material, unknown);
            roofing.emissivity < options.emissivity_min_rated
        });
        let roofs = mirrors.filter_map(|outline| {
            let around = outline.polygon.bounding_rect()?;
            let bounds = Bounds {
                x_min: around.min().x,
                y_min: around.min().y,
                x_max: around.max().x,
                y_max: around.max().y,
            };
            Some((bounds, &outline.polygon))
        });
        Mirrors {
            roofs: roofs.collect(),
        }
    }
}

impl Mirrors<'_> {
    /// Marks the samples on these roofs.
    pub(super) fn mark(&self, samples: &mut [Sample], lattice: &Lattice) {
        if self.roofs.is_empty() {
            return;
        }
        for sample in samples {
            let (x, y) = lattice.place(sample.cell);
            sample.doubtful = self.roofs.iter().any(|(bounds, polygon)| {
                bounds.contains(x, y) && polygon.contains(&Point::new(x, y))
            });
        }
    }
}
