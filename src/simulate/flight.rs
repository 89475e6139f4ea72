//! A drone flight: lines over the park, true poses, what receiver and gimbal report of them, and
//! the drift of the camera over time.

use super::lens::{CameraType, SIM320, SIM640};
use super::night::Night;
use super::park::{Park, stream};
use super::pose::{Rotation, rotation, turned};
use super::random::Rng;
use super::site::Site;
use super::{Gnss, Scale};
use crate::problem::Result;

/// One exposure: the truth, and what its file will say.
#[derive(Clone, Debug)]
pub(super) struct Exposure {
    pub name: String,
    /// Seconds after the first frame.
    pub time_s: f64,
    /// True camera centre: map east, north, metres TAW.
    pub centre: [f64; 3],
    /// True camera → map rotation.
    pub rotation: Rotation,
    /// Offset of the camera's temperatures, kelvin.
    pub drift_k: f64,
    /// Uninterrupted period between shutter events, from 0.
    pub run: u32,
    pub told: Told,
}

/// What a file tells of its pose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub lon_deg: f64,
    pub lat_deg: f64,
    pub absolute_m: f64,
    pub relative_m: f64,
    /// Gimbal yaw from true north, pitch, roll, degrees.
    pub gimbal: [f64; 3],
    /// Aircraft yaw from true north, pitch, roll, degrees.
    pub aircraft: [f64; 3],
    /// North, east, down, m/s.
    pub velocity: [f64; 3],
}

/// A planned and flown flight.
pub(super) struct Flight {
    pub night: Night,
    pub camera: CameraType,
    /// Height over the mean ground, metres.
    pub agl_m: f64,
    pub takeoff_m: f64,
    pub exposures: Vec<Exposure>,
}

/// Ground sampling distance aimed at, metres.
fn gsd_of(scale: Scale) -> f64 {
    match scale {
        Scale::Tiny | Scale::Small => 0.22,
        Scale::Medium | Scale::Large => 0.20,
    }
}

impl Flight {
    /// Flies the park on one night.
    ///
    /// # Errors
    /// When the place lies outside the coordinate system's area.
    pub(super) fn fly(park: &Park, night: Night, gnss: Gnss, site: &Site) -> Result<Self> {
        let camera = match park.scale {
            Scale::Tiny | Scale::Small => SIM320,
            Scale::Medium | Scale::Large => SIM640,
        };
        let speed = match park.scale {
            Scale::Tiny | Scale::Small => 8.0,
            Scale::Medium | Scale::Large => 15.0,
        };
        let agl_m = gsd_of(park.scale) * camera.focal_px();
        let stations = stations(park, &camera, agl_m, speed);
        let drift = drift(park.seed, night.flight, &stations);
        let level_m = mean_ground_m(park) + agl_m;
        let mut errors = Errors::new(park.seed, night.flight, gnss);
        let first = stations.first().map_or([0.0, 0.0], |s| s.place);
        let takeoff_m = park.ground_m(first[0], first[1]);
        let mut exposures = Vec::with_capacity(stations.len());
        for (index, station) in stations.iter().enumerate() {
            let mut rng = Rng::new(
                park.seed,
                &[stream::FLIGHT, u64::from(night.flight), index as u64],
            );
            let (drift_k, run) = drift[index];
            let (centre, turn, told) = pose(
                park,
                station,
                level_m,
                takeoff_m,
                speed,
                site,
                &mut errors,
                &mut rng,
            )?;
            exposures.push(Exposure {
                name: format!("SIM_{:04}.jpg", index + 1),
                time_s: station.time_s,
                centre,
                rotation: turn,
                drift_k,
                run,
                told,
            });
        }
        Ok(Self {
            night,
            camera,
            agl_m,
            takeoff_m,
            exposures,
        })
    }

    /// Seconds from the first to the last frame.
    pub(super) fn duration_s(&self) -> f64 {
        self.exposures.last().map_or(0.0, |e| e.time_s)
    }
}

/// A planned exposure in park axes.
struct Station {
    place: [f64; 2],
    /// Along +s or −s.
    forward: bool,
    time_s: f64,
}

/// Lines along the park, image width across them; 70 % overlap along, 60 % across.
fn stations(park: &Park, camera: &CameraType, agl_m: f64, speed: f64) -> Vec<Station> {
    let scale = agl_m / camera.focal_px();
    let (across, along) = (scale * camera.width as f64, scale * camera.height as f64);
    let [length, depth] = park.layout.size();
    let spread = |extent: f64, image: f64, share: f64| -> Vec<f64> {
        let reach = (extent - share * image).max(0.0);
        let count = (reach / (share * image)).ceil() as usize + 1;
        let step = reach / (count - 1).max(1) as f64;
        let first = (extent - reach) / 2.0;
        (0..count).map(|i| first + i as f64 * step).collect()
    };
    let lines = spread(depth, across, 0.40);
    let mut places = spread(length, along, 0.30);
    let step = places.get(1).map_or(0.0, |p| p - places[0]);
    let mut stations = Vec::new();
    let mut time_s = 0.0;
    for (line, t) in lines.iter().enumerate() {
        for (index, s) in places.iter().enumerate() {
            // A turn between lines takes 12 s.
            time_s += match (line, index) {
                (0, 0) => 0.0,
                (_, 0) => 12.0,
                _ => step / speed,
            };
            stations.push(Station {
                place: [*s, *t],
                forward: line % 2 == 0,
                time_s,
            });
        }
        places.reverse();
    }
    stations
}

fn mean_ground_m(park: &Park) -> f64 {
    let [length, depth] = park.layout.size();
    let mut sum = 0.0;
    for i in 0..10 {
        for j in 0..10 {
            let share = |k: i32| (f64::from(k) + 0.5) / 10.0;
            sum += park.ground_m(share(i) * length, share(j) * depth);
        }
    }
    sum / 100.0
}

/// Offset and run of every frame. A mean-reverting walk (0.05 K/√s, stationary deviation 0.3 K,
/// so it forgets in 2 · 0.3² / 0.05² = 72 s), a shutter event every 60–120 s that jumps by 0.4 K,
/// mean over the flight zero: a drift cannot be told from a warmer park.
fn drift(seed: u64, flight: u32, stations: &[Station]) -> Vec<(f64, u32)> {
    const DIFFUSION: f64 = 0.05;
    const SPREAD_K: f64 = 0.3;
    const JUMP_K: f64 = 0.4;
    let forget = DIFFUSION * DIFFUSION / (2.0 * SPREAD_K * SPREAD_K);
    let mut rng = Rng::new(seed, &[stream::FLIGHT, u64::from(flight), u64::MAX]);
    let mut value = SPREAD_K * rng.gaussian();
    let mut shutter_s = rng.range(60.0, 120.0);
    let mut run = 0;
    let mut before_s = 0.0;
    let mut series = Vec::with_capacity(stations.len());
    for station in stations {
        let kept = (-forget * (station.time_s - before_s)).exp();
        value = value * kept + SPREAD_K * (1.0 - kept * kept).sqrt() * rng.gaussian();
        while station.time_s >= shutter_s {
            value += JUMP_K * rng.gaussian();
            run += 1;
            shutter_s += rng.range(60.0, 120.0);
        }
        before_s = station.time_s;
        series.push((value, run));
    }
    let mean = series.iter().map(|s| s.0).sum::<f64>() / series.len().max(1) as f64;
    for item in &mut series {
        item.0 -= mean;
    }
    series
}

/// Errors that stay the same over a flight, and the size of those that do not.
struct Errors {
    gnss: Gnss,
    /// East, north, up, metres.
    constant_m: [f64; 3],
    /// Of altitude above some sea level, metres: consumer receivers are tens of metres off.
    absolute_m: f64,
    /// Of the barometric height over take-off, metres.
    relative_m: f64,
    noise_m: [f64; 2],
    /// Rotation vector, radians.
    mount: [f64; 3],
    attitude_rad: f64,
}

impl Errors {
    fn new(seed: u64, flight: u32, gnss: Gnss) -> Self {
        let mut rng = Rng::new(seed, &[stream::FLIGHT, u64::from(flight), u64::MAX - 1]);
        let mut draw = |scale: f64| scale * rng.gaussian();
        match gnss {
            Gnss::Rtk => Self {
                gnss,
                constant_m: [0.0; 3],
                absolute_m: 0.0,
                relative_m: draw(0.3),
                noise_m: [0.02, 0.03],
                mount: [0.0; 3],
                attitude_rad: 0.05_f64.to_radians(),
            },
            Gnss::Consumer => Self {
                gnss,
                constant_m: [draw(1.5), draw(1.5), draw(2.0)],
                absolute_m: 25.0 + draw(12.0).abs(),
                relative_m: draw(1.0),
                noise_m: [0.5, 0.7],
                mount: [draw(0.012), draw(0.012), draw(0.015)],
                attitude_rad: 0.5_f64.to_radians(),
            },
        }
    }
}

/// True pose of a station and what is told of it.
#[allow(clippy::too_many_arguments)]
fn pose(
    park: &Park,
    station: &Station,
    level_m: f64,
    takeoff_m: f64,
    speed: f64,
    site: &Site,
    errors: &mut Errors,
    rng: &mut Rng,
) -> Result<([f64; 3], Rotation, Told)> {
    let mut small = |scale: f64| scale * rng.gaussian();
    // Wind: a few decimetres off the line, half a metre of height, a degree of yaw.
    let (s, t) = (
        station.place[0] + small(0.3),
        station.place[1] + small(0.25),
    );
    let [x, y] = park.frame.to_map(s, t);
    let z = level_m + small(0.4);
    let course = if station.forward { 0.0 } else { 180.0 };
    let turn_deg = park.frame.turn[1].atan2(park.frame.turn[0]).to_degrees();
    let grid_yaw = 90.0 - turn_deg + course + small(0.8);
    let pitch = -90.0 + small(0.25).abs();
    let error = [
        errors.mount[0] + small(errors.attitude_rad),
        errors.mount[1] + small(errors.attitude_rad),
        errors.mount[2] + small(errors.attitude_rad),
    ];
    let convergence_deg = site.convergence_rad(x, y).to_degrees();
    let true_yaw = two_digits(half_turn(grid_yaw + convergence_deg));
    let told_pitch = two_digits(pitch);
    let truth = turned(
        error,
        &rotation(true_yaw - convergence_deg, told_pitch, 0.0),
    );

    let told_x = x + errors.constant_m[0] + small(errors.noise_m[0]);
    let told_y = y + errors.constant_m[1] + small(errors.noise_m[0]);
    let told_z = z + errors.constant_m[2] + small(errors.noise_m[1]);
    let (lon_deg, lat_deg) = site.to_lonlat(told_x, told_y)?;
    let absolute_m = match errors.gnss {
        Gnss::Rtk => told_z + site.separation_m(lon_deg, lat_deg)?,
        Gnss::Consumer => told_z + errors.absolute_m,
    };
    let heading = (grid_yaw + convergence_deg).to_radians();
    Ok((
        [x, y, z],
        truth,
        Told {
            lon_deg,
            lat_deg,
            absolute_m,
            relative_m: z - takeoff_m + errors.relative_m + small(0.15),
            gimbal: [true_yaw, told_pitch, 0.0],
            aircraft: [
                two_digits(half_turn(true_yaw + small(0.7))),
                two_digits(-4.0 + small(1.0)),
                two_digits(small(1.2)),
            ],
            velocity: [
                speed * heading.cos() + small(0.1),
                speed * heading.sin() + small(0.1),
                small(0.05),
            ],
        },
    ))
}

/// Within ±180°.
fn half_turn(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

fn two_digits(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::park::tests::options;
    use super::*;

    fn tiny(gnss: Gnss) -> Flight {
        let park = Park::generate(&options(1, 1));
        let site = Site::new().expect("the national grid is embedded");
        Flight::fly(&park, Night::new(1, 1), gnss, &site).expect("inside the grid")
    }

    #[test]
    fn the_tiny_park_is_flown_in_at_most_110_frames_with_zero_mean_drift() {
        let flight = tiny(Gnss::Rtk);
        assert!(flight.exposures.len() <= 110, "{}", flight.exposures.len());
        let mean: f64 = flight.exposures.iter().map(|e| e.drift_k).sum();
        assert!((mean / flight.exposures.len() as f64).abs() < 1e-9);
        assert!(
            flight.exposures.iter().any(|e| e.run >= 2),
            "at least two shutter events"
        );
    }

    #[test]
    fn rtk_positions_are_centimetres_and_consumer_ones_metres_off() {
        let site = Site::new().expect("the national grid is embedded");
        let worst = |gnss: Gnss| {
            let off = |e: &Exposure| {
                let (x, y) = site
                    .place_of(e.told.lon_deg, e.told.lat_deg)
                    .expect("inside");
                (x - e.centre[0]).hypot(y - e.centre[1])
            };
            tiny(gnss).exposures.iter().map(off).fold(0.0, f64::max)
        };
        // Five standard deviations of two axes of 2 cm.
        assert!(worst(Gnss::Rtk) < 0.15);
        let consumer = worst(Gnss::Consumer);
        assert!(consumer > 0.5 && consumer < 12.0, "{consumer}");
    }

    #[test]
    fn the_told_yaw_minus_convergence_is_the_course_on_the_map() {
        let flight = tiny(Gnss::Rtk);
        let (a, b) = (&flight.exposures[0], &flight.exposures[1]);
        let (dx, dy) = (b.centre[0] - a.centre[0], b.centre[1] - a.centre[1]);
        let up = [-a.rotation[0][1], -a.rotation[1][1]];
        let cosine = (up[0] * dx + up[1] * dy) / dx.hypot(dy);
        // Wind: 0.8° of yaw, 0.35 m sideways on 16 m: 4°, three times over.
        assert!(cosine > 0.97, "{cosine}");
        // West of the central meridian the map's north lies west of true north: γ about −1.15°.
        let map = (up[0]).atan2(up[1]).to_degrees();
        let gap = half_turn(a.told.gimbal[0] - map);
        assert!((gap - -1.15).abs() < 0.3, "{gap}");
    }
}
