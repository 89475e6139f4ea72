//! From scene and pose to the apparent temperatures of a frame.
//!
//! Two by two rays to a pixel through the lens; each brings the radiance of what it meets, with
//! the mirrored sky and the air on the way. Radiances (not temperatures) are averaged with the
//! point spread of the optics, then turned into apparent temperature.

use super::lens::CameraType;
use super::light::{Atmosphere, BandTable};
use super::night::{CLOUD_BASE_KM, Weather};
use super::park::Park;
use super::pose::Rotation;
use super::scene::{Scene, Surface};

/// Rays per pixel along each side.
const PER_PIXEL: usize = 2;
/// Point spread, standard deviation in pixels.
const SPREAD_PX: f64 = 0.6;

/// Everything about light that stays the same over a flight.
pub(super) struct Renderer {
    width: usize,
    height: usize,
    directions: Vec<[f32; 2]>,
    band: BandTable,
    air: Atmosphere,
    kernel: Vec<f64>,
}

impl Renderer {
    /// Tables for a camera and a night; `longest_m` bounds the path through the air.
    pub(super) fn new(camera: &CameraType, weather: &Weather, longest_m: f64) -> Self {
        let band = BandTable::new();
        let air = atmosphere(&band, weather, longest_m);
        Self {
            width: camera.width,
            height: camera.height,
            directions: camera.directions(PER_PIXEL),
            band,
            air,
            kernel: kernel(),
        }
    }

    /// Apparent temperatures of a frame, kelvin, row-major.
    pub(super) fn frame(&self, scene: &Scene, centre: [f64; 3], turn: &Rotation) -> Vec<f32> {
        let [s, t] = scene.park.frame.to_park(centre[0], centre[1]);
        let origin = [s, t, centre[2]];
        let turn = in_park_axes(scene.park, turn);
        let radiance: Vec<f32> = self
            .directions
            .iter()
            .map(|[x, y]| {
                let (x, y) = (f64::from(*x), f64::from(*y));
                let row = |r: &[f64; 3]| r[0] * x + r[1] * y + r[2];
                let direction = [row(&turn[0]), row(&turn[1]), row(&turn[2])];
                self.ray(scene, origin, direction) as f32
            })
            .collect();
        self.spread(&radiance)
            .into_iter()
            .map(|radiance| self.band.temperature(radiance) as f32)
            .collect()
    }

    fn ray(&self, scene: &Scene, origin: [f64; 3], direction: [f64; 3]) -> f64 {
        let (at, surface) = scene.meet(origin, direction);
        let length = norm(direction);
        let emitted = self.band.radiance(surface.celsius + 273.15);
        let mirror = mirrored_up(&surface, direction, length);
        self.air
            .at_lens(emitted, surface.emissivity, mirror, at * length)
    }

    /// Point spread and averaging to pixels in one: rows first, then columns.
    fn spread(&self, fine: &[f32]) -> Vec<f64> {
        let (fine_width, fine_height) = (self.width * PER_PIXEL, self.height * PER_PIXEL);
        let reach = (self.kernel.len() - PER_PIXEL) / 2;
        let tap = |position: usize, k: usize, limit: usize| {
            (position * PER_PIXEL + k)
                .saturating_sub(reach)
                .min(limit - 1)
        };
        let mut rows = vec![0.0_f64; self.width * fine_height];
        for (row, line) in fine.chunks_exact(fine_width).enumerate() {
            for column in 0..self.width {
                let mut sum = 0.0;
                for (k, weight) in self.kernel.iter().enumerate() {
                    sum += weight * f64::from(line[tap(column, k, fine_width)]);
                }
                rows[row * self.width + column] = sum;
            }
        }
        let mut out = vec![0.0_f64; self.width * self.height];
        for row in 0..self.height {
            for (k, weight) in self.kernel.iter().enumerate() {
                let from = tap(row, k, fine_height) * self.width;
                for column in 0..self.width {
                    out[row * self.width + column] += weight * rows[from + column];
                }
            }
        }
        out
    }
}

/// The tables of a night's air and sky.
pub(super) fn atmosphere(band: &BandTable, weather: &Weather, longest_m: f64) -> Atmosphere {
    Atmosphere::new(
        band,
        weather.air_c,
        weather.humidity,
        weather.cloud(),
        CLOUD_BASE_KM,
        longest_m,
    )
}

/// Cosine of the zenith angle of the direction a surface mirrors into the lens.
pub(super) fn mirrored_up(surface: &Surface, direction: [f64; 3], length: f64) -> f64 {
    let n = surface.normal;
    let dot = n[0] * direction[0] + n[1] * direction[1] + n[2] * direction[2];
    (direction[2] - 2.0 * dot * n[2]) / length
}

fn norm(v: [f64; 3]) -> f64 {
    (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]).sqrt()
}

/// Camera → map as camera → park.
fn in_park_axes(park: &Park, turn: &Rotation) -> Rotation {
    let [c, n] = park.frame.turn;
    let mut out = *turn;
    for column in 0..3 {
        let (east, north) = (turn[0][column], turn[1][column]);
        out[0][column] = c * east + n * north;
        out[1][column] = c * north - n * east;
    }
    out
}

/// Weights of the fine cells round a pixel: Gaussian of the point spread, averaged over the
/// pixel's own cells; they add to 1.
fn kernel() -> Vec<f64> {
    let sigma = SPREAD_PX * PER_PIXEL as f64;
    let reach = (3.0 * sigma).ceil() as usize;
    let mut kernel = vec![0.0; 2 * reach + PER_PIXEL];
    for own in 0..PER_PIXEL {
        for (k, weight) in kernel.iter_mut().enumerate() {
            let away = k as f64 - (reach + own) as f64;
            *weight += (-0.5 * (away / sigma).powi(2)).exp();
        }
    }
    let sum: f64 = kernel.iter().sum();
    kernel.iter().map(|w| w / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::super::lens::SIM320;
    use super::super::night::Night;
    use super::super::park::tests::options;
    use super::super::pose::rotation;
    use super::*;

    #[test]
    fn the_spread_keeps_an_even_field_and_the_sum_of_weights_is_one() {
        let weights = kernel();
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(weights.len() % 2, 0, "even: a pixel has two cells");
        assert!((weights[0] - weights[weights.len() - 1]).abs() < 1e-15);
    }

    #[test]
    fn a_building_seen_seen_from_above_lies_where_the_pinhole_puts_it() {
        let park = Park::generate(&options(1, 1));
        let building = park
            .buildings
            .iter()
            .find(|b| b.parcel == 3)
            .expect("parcel 3 is built");
        let weather = Night::new(1, 1).weather(0.0);
        let scene = Scene::new(&park, 1, weather);
        let renderer = Renderer::new(&SIM320, &weather, 400.0);
        let [x, y] = park.frame.to_map(building.centre[0], building.centre[1]);
        let top = building.base_m + building.eave_m;
        let frame = renderer.frame(&scene, [x, y, top + 100.0], &rotation(0.0, -90.0, 0.0));
        // The middle pixel sees the roof's middle; its apparent temperature is the true one,
        // pulled to the sky by 1 − ε and to the air by the path: within 4 K below, 1 K above.
        let seen = f64::from(frame[128 * 320 + 160]) - 273.15;
        let truth = scene
            .seen_from_above(building.centre[0], building.centre[1])
            .celsius;
        assert!(
            seen < truth + 1.0 && seen > truth - 4.0,
            "{seen} of {truth}"
        );
    }
}
