//! Seven-parameter shift between the Belgian datum of 1972 and ETRS89.
//!
//! In and out: longitude and latitude in degrees, on the ellipsoid surface. EPSG 15928 "BD72 to
//! ETRS89 (2)", 0.2 m: X' = T + (1 + s) R X with coordinate-frame rotations. Signs are the
//! classic blunder: the other rotation convention is 65 m off.

/// Semi-major axis, metres, and flattening.
struct Ellipsoid {
    a_m: f64,
    f: f64,
}

/// International 1924 (Hayford), EPSG 7022.
const INTERNATIONAL_1924: Ellipsoid = Ellipsoid {
    a_m: 6_378_388.0,
    f: 1.0 / 297.0,
};

/// GRS 1980, EPSG 7019.
const GRS80: Ellipsoid = Ellipsoid {
    a_m: 6_378_137.0,
    f: 1.0 / 298.257_222_101,
};

const TRANSLATION_M: [f64; 3] = [-106.8686, 52.2978, -103.7239];
/// Coordinate-frame rotations, arc-seconds.
const ROTATION_ARCSEC: [f64; 3] = [-0.3366, 0.457, -1.8422];
const SCALE_PPM: f64 = -1.2747;

/// BD72 → ETRS89, degrees.
pub(super) fn to_etrs89(lon_deg: f64, lat_deg: f64) -> (f64, f64) {
    let x = INTERNATIONAL_1924.to_geocentric(lon_deg, lat_deg);
    let rotated = rotate(x);
    let scale = 1.0 + SCALE_PPM * 1e-6;
    GRS80.to_geodetic(std::array::from_fn(|i| {
        TRANSLATION_M[i] + scale * rotated[i]
    }))
}

/// ETRS89 → BD72, degrees: the inverse of [`to_etrs89`] on the ellipsoid surface.
pub(super) fn to_bd72(lon_deg: f64, lat_deg: f64) -> (f64, f64) {
    // The surfaces differ by some metres in height, which the short route through the inverse
    // formula would turn into micrometres; iterating keeps the two directions exact inverses.
    let (mut lon, mut lat) = (lon_deg, lat_deg);
    for _ in 0..4 {
        let (back_lon, back_lat) = to_etrs89(lon, lat);
        lon += lon_deg - back_lon;
        lat += lat_deg - back_lat;
    }
    (lon, lat)
}

/// Coordinate-frame rotation for small angles, EPSG guidance note 7-2, method 1032.
fn rotate(x: [f64; 3]) -> [f64; 3] {
    let [rx, ry, rz] = ROTATION_ARCSEC.map(|r| (r / 3600.0).to_radians());
    [
        x[0] + rz * x[1] - ry * x[2],
        -rz * x[0] + x[1] + rx * x[2],
        ry * x[0] - rx * x[1] + x[2],
    ]
}

impl Ellipsoid {
    fn e2(&self) -> f64 {
        self.f * (2.0 - self.f)
    }

    fn to_geocentric(&self, lon_deg: f64, lat_deg: f64) -> [f64; 3] {
        let (sin_lon, cos_lon) = lon_deg.to_radians().sin_cos();
        let (sin_lat, cos_lat) = lat_deg.to_radians().sin_cos();
        let nu = self.a_m / (1.0 - self.e2() * sin_lat * sin_lat).sqrt();
        [
            nu * cos_lat * cos_lon,
            nu * cos_lat * sin_lon,
            nu * (1.0 - self.e2()) * sin_lat,
        ]
    }

    /// Bowring (1976): one step is exact to a nanometre near the surface.
    fn to_geodetic(&self, x: [f64; 3]) -> (f64, f64) {
        let b = self.a_m * (1.0 - self.f);
        let second_e2 = self.e2() / (1.0 - self.e2());
        let p = x[0].hypot(x[1]);
        let (sin, cos) = (x[2] * self.a_m).atan2(p * b).sin_cos();
        let lat =
            (x[2] + second_e2 * b * sin.powi(3)).atan2(p - self.e2() * self.a_m * cos.powi(3));
        (x[1].atan2(x[0]).to_degrees(), lat.to_degrees())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_identity() {
        let (lon, lat) = to_bd72(3.264, 50.828);
        let (lon_back, lat_back) = to_etrs89(lon, lat);
        assert!((lon_back - 3.264).abs() < 1e-12 && (lat_back - 50.828).abs() < 1e-12);
    }

    /// About 100 m to the north-east: dlat −2.1″ and dlon +4.3″ at 49.45 N 2.5 E by the
    /// national grid, which the seven parameters meet to 0.4 m = 0.02″.
    #[test]
    fn the_shift_has_the_sign_and_size_of_the_national_grid() {
        let (lon, lat) = to_etrs89(2.5, 49.45);
        assert!(((lon - 2.5) * 3600.0 - 4.30).abs() < 0.03, "{lon}");
        assert!(((lat - 49.45) * 3600.0 + 2.06).abs() < 0.03, "{lat}");
    }
}
