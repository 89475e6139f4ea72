//! A plane through heights: sums that can be added up, and their least-squares answer.

use crate::raster::GeoTransform;

/// A face of a roof: height over the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    /// Rise to the east, rise over run.
    pub east: f64,
    /// Rise to the north, rise over run.
    pub north: f64,
    /// Height at `at`, metres, in the datum of the surface model.
    pub height_m: f64,
    /// A point of the plane, project CRS.
    pub at: (f64, f64),
}

impl Plane {
    /// Slope, degrees.
    pub fn slope_deg(&self) -> f64 {
        self.east.hypot(self.north).atan().to_degrees()
    }

    /// Direction in which water runs off, degrees clockwise from north; `None` below half a
    /// degree of slope, where it has no meaning.
    pub fn aspect_deg(&self) -> Option<f64> {
        let away = (-self.east).atan2(-self.north).to_degrees();
        (self.slope_deg() >= 0.5).then(|| away.rem_euclid(360.0))
    }
}

/// A plane on the window's cells: height `c + a·u + b·v` at column u, row v from a middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Local {
    /// Metres per cell along the row.
    pub a: f64,
    /// Metres per cell down the column.
    pub b: f64,
    /// Metres at the middle.
    pub c: f64,
}

impl Local {
    pub(crate) fn at(&self, u: f64, v: f64) -> f64 {
        self.c + self.a * u + self.b * v
    }

    /// As a plane of the map; `middle` is the pixel position from which u and v count, `(u, v)`
    /// the point of the plane to name.
    pub(super) fn on_map(
        &self,
        transform: &GeoTransform,
        middle: (f64, f64),
        (u, v): (f64, f64),
    ) -> Plane {
        Plane {
            east: self.a / transform.dx,
            north: -self.b / transform.dy,
            height_m: self.at(u, v),
            at: transform.to_map(middle.0 + u, middle.1 + v),
        }
    }
}

/// Sums of weighted points for [`Sums::solve`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub n: f64,
    u: f64,
    v: f64,
    uu: f64,
    uv: f64,
    vv: f64,
    z: f64,
    uz: f64,
    vz: f64,
    zz: f64,
}

impl Sums {
    pub(super) fn add(&mut self, u: f64, v: f64, z: f64, weight: f64) {
        self.n += weight;
        self.u += weight * u;
        self.v += weight * v;
        self.uu += weight * u * u;
        self.uv += weight * u * v;
        self.vv += weight * v * v;
        self.z += weight * z;
        self.uz += weight * u * z;
        self.vz += weight * v * z;
        self.zz += weight * z * z;
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.n += other.n;
        self.u += other.u;
        self.v += other.v;
        self.uu += other.uu;
        self.uv += other.uv;
        self.vv += other.vv;
        self.z += other.z;
        self.uz += other.uz;
        self.vz += other.vz;
        self.zz += other.zz;
    }

    /// Middle of the points.
    pub(super) fn middle(&self) -> (f64, f64) {
        let n = self.n.max(f64::MIN_POSITIVE);
        (self.u / n, self.v / n)
    }

    /// Width of the points along a direction, in the unit of the places: that of an even band of
    /// the same spread.
    pub(super) fn width_along(&self, a: f64, b: f64) -> f64 {
        let n = self.n.max(f64::MIN_POSITIVE);
        let (mu, mv) = (self.u / n, self.v / n);
        let uu = self.uu / n - mu * mu;
        let uv = self.uv / n - mu * mv;
        let vv = self.vv / n - mv * mv;
        let length = (a * a + b * b).max(f64::MIN_POSITIVE);
        let spread = (a * a * uu + 2.0 * a * b * uv + b * b * vv) / length;
        (12.0 * spread.max(0.0)).sqrt()
    }

    /// The plane of least squares and the root mean square of what is left, metres. `None` for
    /// points on one line.
    pub(super) fn solve(&self) -> Option<(Local, f64)> {
        if self.n < 3.0 {
            return None;
        }
        let n = self.n;
        let (mu, mv, mz) = (self.u / n, self.v / n, self.z / n);
        let uu = self.uu / n - mu * mu;
        let uv = self.uv / n - mu * mv;
        let vv = self.vv / n - mv * mv;
        let uz = self.uz / n - mu * mz;
        let vz = self.vz / n - mv * mz;
        let determinant = uu * vv - uv * uv;
        if determinant <= 1e-9 * (uu + vv) * (uu + vv) {
            return None;
        }
        let a = (uz * vv - vz * uv) / determinant;
        let b = (vz * uu - uz * uv) / determinant;
        let c = mz - a * mu - b * mv;
        let rest = (self.zz / n - mz * mz) - a * uz - b * vz;
        Some((Local { a, b, c }, rest.max(0.0).sqrt()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_a_plane_give_it_back() {
        let mut sums = Sums::default();
        for (u, v) in [(0.0, 0.0), (3.0, 1.0), (-2.0, 5.0), (4.0, -7.0)] {
            sums.add(u, v, 2.0 + 0.25 * u - 0.5 * v, 1.0);
        }
        let (plane, rest) = sums.solve().expect("not on one line");
        assert!((plane.a - 0.25).abs() < 1e-12 && (plane.b + 0.5).abs() < 1e-12);
        assert!((plane.c - 2.0).abs() < 1e-12 && rest < 1e-6);
    }

    #[test]
    fn points_on_a_line_give_no_plane() {
        let mut sums = Sums::default();
        for i in 0..5 {
            sums.add(f64::from(i), 2.0 * f64::from(i), 1.0, 1.0);
        }
        assert!(sums.solve().is_none());
    }

    #[test]
    fn water_runs_off_a_roof_that_rises_to_the_north_southward() {
        let plane = Plane {
            east: 0.0,
            north: 0.2,
            height_m: 10.0,
            at: (0.0, 0.0),
        };
        assert!((plane.aspect_deg().expect("sloped") - 180.0).abs() < 1e-9);
        assert!((plane.slope_deg() - 11.309_93).abs() < 1e-4);
    }
}
