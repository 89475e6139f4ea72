//! One building: walls, roof form, what its roof is made of, and where a ray meets it.

use super::feature::Feature;
use super::shape::{Rect, inside};

/// Roofing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Material {
    Bitumen,
    Epdm,
    Gravel,
    /// Bare galvanised steel.
    Metal,
}

impl Material {
    /// Word in the buildings table.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bitumen => "bitumen",
            Self::Epdm => "epdm",
            Self::Gravel => "gravel",
            Self::Metal => "metal",
        }
    }

    /// Emissivity 7.5–14 µm, middle of the values listed in scoring.md §1.
    pub(super) fn emissivity(self) -> f64 {
        match self {
            Self::Bitumen => 0.92,
            Self::Epdm => 0.86,
            Self::Gravel => 0.90,
            Self::Metal => 0.25,
        }
    }

    /// Factor on forced convection; chosen, smooth sheet 1.
    pub(super) fn roughness(self) -> f64 {
        match self {
            Self::Bitumen => 1.15,
            Self::Epdm | Self::Metal => 1.0,
            Self::Gravel => 1.25,
        }
    }
}

/// Form of the roof over its rectangles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RoofForm {
    /// Level, with a parapet 0.3 m wide round the outline.
    Flat { parapet_m: f64 },
    /// Ridge along u in the middle of the (single) rectangle.
    Gable { rise_m: f64 },
    /// Teeth across u, each rising to a vertical glazed side.
    SawTooth { period_m: f64, rise_m: f64 },
}

const PARAPET_WIDTH_M: f64 = 0.3;

/// Whether and how a building is kept warm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Heated,
    Unheated,
    ColdStore,
}

/// A building in park axes.
#[derive(Clone, Debug)]
pub(super) struct Building {
    pub oidn: String,
    pub uidn: u64,
    pub parcel: usize,
    /// Centre, park axes.
    pub centre: [f64; 2],
    /// Plan, own axes.
    pub rects: Vec<Rect>,
    /// Outline ring in own axes, anticlockwise, not closed.
    pub ring: Vec<[f64; 2]>,
    pub form: RoofForm,
    /// Ground under the building and eave above it, metres.
    pub base_m: f64,
    pub eave_m: f64,
    pub material: Material,
    pub emissivity: f64,
    /// Factor on forced convection, roof by roof.
    pub roughness: f64,
    /// U of the first flight and of a renovation: (from flight, U).
    pub u: f64,
    pub renovated: Option<(u32, f64)>,
    /// Room temperature at 1.5 m, and its rise per metre, K/m.
    pub indoor_c: f64,
    pub stratification: f64,
    pub usage: Use,
    /// What the buildings table tells.
    pub told_material: bool,
    pub told_indoor: bool,
    pub told_u: Option<f64>,
    pub reference: bool,
    pub texture: u64,
    pub features: Vec<Feature>,
}

/// Where a ray meets a building.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    /// Ray parameter.
    pub at: f64,
    /// Unit normal of the roof in park axes; `None` on a wall.
    pub roof_normal: Option<[f64; 3]>,
}

impl Building {
    /// U at a flight, W/m²K.
    pub(super) fn u_at(&self, flight: u32) -> f64 {
        match self.renovated {
            Some((from, u)) if flight >= from => u,
            _ => self.u,
        }
    }

    /// Air temperature under the roof at outdoor temperature `air_c`, °C.
    pub(super) fn roof_air_c(&self, air_c: f64) -> f64 {
        match self.usage {
            Use::Unheated => air_c + 2.5,
            Use::ColdStore => self.indoor_c,
            Use::Heated => self.indoor_c + self.stratification * (self.eave_m - 1.5).max(0.0),
        }
    }

    /// Plan area, m².
    pub(super) fn area_m2(&self) -> f64 {
        self.rects.iter().map(Rect::area).sum()
    }

    /// Bounding rectangle in park axes.
    pub(super) fn bounds(&self) -> Rect {
        let mut all = Rect::new(f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for r in &self.rects {
            all = Rect::new(
                all.u0.min(r.u0),
                all.u1.max(r.u1),
                all.v0.min(r.v0),
                all.v1.max(r.v1),
            );
        }
        let [s, t] = self.centre;
        Rect::new(all.u0 + s, all.u1 + s, all.v0 + t, all.v1 + t)
    }

    /// Highest point above the eave.
    fn crest_m(&self) -> f64 {
        match self.form {
            RoofForm::Flat { parapet_m } => parapet_m,
            RoofForm::Gable { rise_m } | RoofForm::SawTooth { rise_m, .. } => rise_m,
        }
    }

    /// Whether a point of the plan (own axes) is on the parapet of a flat roof.
    #[inline]
    pub(super) fn on_parapet(&self, u: f64, v: f64) -> bool {
        matches!(self.form, RoofForm::Flat { .. }) && !inside(&self.rects, u, v, PARAPET_WIDTH_M)
    }

    /// Roof above the eave at a point of the plan, and its slope (du, dv).
    fn roof(&self, u: f64, v: f64) -> (f64, [f64; 2]) {
        match self.form {
            RoofForm::Flat { parapet_m } => {
                let rise = f64::from(self.on_parapet(u, v)) * parapet_m;
                (rise, [0.0, 0.0])
            }
            RoofForm::Gable { rise_m } => {
                let r = &self.rects[0];
                let half = r.height() / 2.0;
                let off = v - (r.v0 + half);
                let rise = rise_m * (1.0 - off.abs() / half).max(0.0);
                (rise, [0.0, -off.signum() * rise_m / half])
            }
            RoofForm::SawTooth { period_m, rise_m } => {
                let phase = ((u - self.rects[0].u0) / period_m).fract();
                (rise_m * phase, [rise_m / period_m, 0.0])
            }
        }
    }

    /// Height of the roof at a park point, metres TAW; `None` beside the building.
    pub(super) fn top_m(&self, s: f64, t: f64) -> Option<f64> {
        let (u, v) = (s - self.centre[0], t - self.centre[1]);
        inside(&self.rects, u, v, 0.0).then(|| self.base_m + self.eave_m + self.roof(u, v).0)
    }

    /// Roof normal at a park point.
    pub(super) fn normal(&self, s: f64, t: f64) -> [f64; 3] {
        let (_, [du, dv]) = self.roof(s - self.centre[0], t - self.centre[1]);
        let length = (1.0 + du * du + dv * dv).sqrt();
        [-du / length, -dv / length, 1.0 / length]
    }

    /// First meeting of a downward ray with the building.
    ///
    /// Per rectangle: the ray is cut to the rectangle's column; entering it below the roof means
    /// a wall. Else it is followed from the crest down and the crossing is halved in.
    pub(super) fn hit(&self, origin: [f64; 3], direction: [f64; 3]) -> Option<Hit> {
        let local = [
            origin[0] - self.centre[0],
            origin[1] - self.centre[1],
            origin[2],
        ];
        self.rects
            .iter()
            .filter_map(|rect| self.hit_column(rect, local, direction))
            .min_by(|a, b| a.at.total_cmp(&b.at))
    }

    fn hit_column(&self, rect: &Rect, o: [f64; 3], d: [f64; 3]) -> Option<Hit> {
        let (enter, leave) = rect.crossing(o, d)?;
        let eave = self.base_m + self.eave_m;
        let over = |at: f64| {
            let (u, v) = (o[0] + at * d[0], o[1] + at * d[1]);
            o[2] + at * d[2] - (eave + self.roof(u, v).0)
        };
        let ground = (self.base_m - 0.5 - o[2]) / d[2];
        if enter > ground {
            return None;
        }
        if over(enter) <= 0.0 {
            return Some(Hit {
                at: enter,
                roof_normal: None,
            });
        }
        let mut above = enter.max((eave + self.crest_m() - o[2]) / d[2]);
        let end = leave.min((eave - 1e-6 - o[2]) / d[2]);
        if above > end {
            return None;
        }
        let steps = match self.form {
            RoofForm::Flat { .. } => 3,
            _ => 12,
        };
        let step = (end - above) / f64::from(steps);
        let mut below = above;
        for _ in 0..=steps {
            if over(below) <= 0.0 {
                for _ in 0..8 {
                    let middle = 0.5 * (above + below);
                    if over(middle) <= 0.0 {
                        below = middle;
                    } else {
                        above = middle;
                    }
                }
                let (s, t) = (
                    o[0] + below * d[0] + self.centre[0],
                    o[1] + below * d[1] + self.centre[1],
                );
                return Some(Hit {
                    at: below,
                    roof_normal: Some(self.normal(s, t)),
                });
            }
            above = below;
            below = (below + step).min(end);
        }
        None
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A 20 m × 10 m bitumen hall of 6 m at (50, 50) on level ground at 8 m.
    pub(in crate::simulate) fn hall(form: RoofForm) -> Building {
        let rect = Rect::new(-10.0, 10.0, -5.0, 5.0);
        Building {
            oidn: "1".into(),
            uidn: 1,
            parcel: 0,
            centre: [50.0, 50.0],
            ring: rect.corners(),
            rects: vec![rect],
            form,
            base_m: 8.0,
            eave_m: 6.0,
            material: Material::Bitumen,
            emissivity: 0.92,
            roughness: 1.0,
            u: 0.5,
            renovated: None,
            indoor_c: 18.0,
            stratification: 0.0,
            usage: Use::Heated,
            told_material: true,
            told_indoor: false,
            told_u: None,
            reference: false,
            texture: 1,
            features: Vec::new(),
        }
    }

    #[test]
    fn a_ray_seen_from_above_meets_the_flat_roof_at_its_height() {
        let hall = hall(RoofForm::Flat { parapet_m: 0.4 });
        let hit = hall.hit([50.0, 50.0, 114.0], [0.0, 0.0, -1.0]);
        let hit = hit.expect("over the roof");
        assert!(
            (hit.at - 100.0).abs() < 0.01,
            "14 m roof seen from 114 m: {}",
            hit.at
        );
        assert_eq!(hit.roof_normal, Some([0.0, 0.0, 1.0]));
        let parapet = hall.hit([40.1, 50.0, 114.0], [0.0, 0.0, -1.0]);
        assert!((parapet.expect("over the parapet").at - 99.6).abs() < 0.01);
    }

    #[test]
    fn a_slanting_ray_meets_the_wall_or_passes_beside() {
        let hall = hall(RoofForm::Flat { parapet_m: 0.4 });
        // Enters the column at u = −10 (10 m along), 10 m below its start at 20 m: z = 10 < 14.
        let wall = hall
            .hit([30.0, 50.0, 20.0], [1.0, 0.0, -1.0])
            .expect("wall");
        assert!((wall.at - 10.0).abs() < 1e-9 && wall.roof_normal.is_none());
        assert!(hall.hit([30.0, 60.0, 20.0], [1.0, 0.0, -1.0]).is_none());
    }

    #[test]
    fn the_ridge_of_a_gable_is_its_highest_line_and_its_sides_lean_outward() {
        let hall = hall(RoofForm::Gable { rise_m: 1.0 });
        assert_eq!(hall.top_m(50.0, 50.0), Some(15.0));
        assert_eq!(hall.top_m(50.0, 55.0), Some(14.0));
        let hit = hall
            .hit([50.0, 52.5, 100.0], [0.0, 0.0, -1.0])
            .expect("roof");
        assert!((hit.at - 85.5).abs() < 0.01, "{}", hit.at);
        assert!(hit.roof_normal.expect("roof")[1] > 0.0);
    }
}
