//! What a source sees of a roof, from geometry alone.

use super::cells::Node;
use crate::mosaic::{Options, Source};
use crate::rectify::{OrientedFrame, Relief, look};
use geo::{Coord, CoordsIter, MultiPolygon};

/// How one point of a roof is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Seen {
    /// Not in the picture, or too flat.
    No,
    /// In the picture but behind something.
    Hidden,
    /// Seen at this view zenith angle, degrees; 0 for ready-made tiles, which do not tell.
    At(f64),
}

/// What the lines of sight to a roof meet.
pub(super) struct Scene<'a> {
    /// The surface; `None` where nothing is known of it.
    pub(super) relief: Option<&'a Relief<'a>>,
    /// Height of the roof, metres: for its edge, where the surface may be roof or ground.
    pub(super) roof_z: Option<f64>,
}

impl Scene<'_> {
    /// Height of a node, metres.
    pub(super) fn height(&self, node: &Node) -> Option<f64> {
        let own = self.relief.filter(|_| node.inner);
        own.and_then(|relief| relief.height_m(node.x, node.y))
            .or(self.roof_z)
    }

    /// How a source sees a node.
    pub(super) fn see(&self, source: &Source<'_>, node: &Node, options: &Options) -> Seen {
        let framed = framed(source, (node.x, node.y), self.height(node), options);
        match (source, self.relief, framed) {
            (Source::Frame(frame), Some(relief), Seen::At(_)) if node.inner => {
                match look(frame, relief, node.x, node.y, &options.rectify) {
                    Some(seen) => Seen::At(seen.view_deg),
                    None => Seen::Hidden,
                }
            }
            _ => framed,
        }
    }

    /// Whether a source has every corner in its picture within a view zenith angle.
    pub(super) fn frames(
        &self,
        source: &Source<'_>,
        outline: &MultiPolygon<f64>,
        most_deg: f64,
        options: &Options,
    ) -> bool {
        let corner = |c: Coord<f64>| match framed(source, (c.x, c.y), self.roof_z, options) {
            Seen::At(view_deg) => view_deg <= most_deg,
            _ => false,
        };
        outline.exterior_coords_iter().all(corner)
    }
}

/// How a source sees a point if nothing hides it.
fn framed(source: &Source<'_>, (x, y): (f64, f64), z: Option<f64>, options: &Options) -> Seen {
    match source {
        Source::Frame(frame) => in_picture(frame, [x, y, z.unwrap_or(frame.ground_z_m)], options),
        Source::Tile { footprint, .. } if footprint.contains(x, y) => Seen::At(0.0),
        Source::Tile { .. } => Seen::No,
    }
}

fn in_picture(frame: &OrientedFrame, point: [f64; 3], options: &Options) -> Seen {
    let [cx, cy, cz] = frame.pose.centre;
    let height = cz - point[2];
    let view_deg = ((point[0] - cx).hypot(point[1] - cy) / height)
        .atan()
        .to_degrees();
    if !(height > 0.0 && view_deg <= options.rectify.max_view_deg) {
        return Seen::No;
    }
    let camera = &frame.camera;
    // Half a cell more: the lattice stands for cells around its points.
    let margin = options.rectify.margin_px.max(0.5) + 1.0;
    match camera.project(frame.pose.to_camera(point)) {
        Some((u, v))
            if u >= margin
                && v >= margin
                && u <= camera.width as f64 - margin
                && v <= camera.height as f64 - margin =>
        {
            Seen::At(view_deg)
        }
        _ => Seen::No,
    }
}
