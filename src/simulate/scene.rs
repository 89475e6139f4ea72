//! The park on one night: temperature and emissivity of whatever a ray meets.
//!
//! In: park, flight number, weather. Out: for a point or a ray, the surface there. A coarse grid
//! of lists says which buildings and vehicles are near a place, so that a ray asks few of them.

use super::body::Body;
use super::building::{Building, Material, Use};
use super::cells::Cells;
use super::feature::{Effect, Feature};
use super::layout::Ground;
use super::night::Weather;
use super::park::Park;
use super::physics::{Balance, convection};
use super::random::smooth_field;
use super::shape::Rect;

/// A surface a ray has met.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surface {
    /// Temperature, °C.
    pub celsius: f64,
    pub emissivity: f64,
    /// Unit normal, park axes.
    pub normal: [f64; 3],
}

/// A feature as this night shows it.
struct Shown<'a> {
    feature: &'a Feature,
    reach: Rect,
    /// Kelvin against the roof around it.
    excess_k: f64,
    /// Its own emissivity, when it is a body of its own.
    emissivity: Option<f64>,
}

/// A building as this night shows it.
struct Roof<'a> {
    building: &'a Building,
    bounds: Rect,
    clean_c: f64,
    /// Parapet: nothing warm below.
    parapet_c: f64,
    /// Under a film of water.
    film: bool,
    shown: Vec<Shown<'a>>,
    bodies: Vec<Body>,
}

/// What a ray met of a building.
enum Met<'a> {
    /// Roof or lid, with its normal.
    Top(&'a Roof<'a>, [f64; 3]),
    Wall,
    Side(&'a Body),
}

/// The park on one night.
pub(super) struct Scene<'a> {
    pub park: &'a Park,
    pub weather: Weather,
    pub flight: u32,
    roofs: Vec<Roof<'a>>,
    vehicles: Vec<Shown<'a>>,
    cells: Cells,
    asphalt_c: f64,
    grass_c: f64,
    wall_c: f64,
}

/// Deep ground in January, °C; chosen.
const SOIL_C: f64 = 7.0;
const WALL_EMISSIVITY: f64 = 0.93;
const LEVEL: [f64; 3] = [0.0, 0.0, 1.0];

impl<'a> Scene<'a> {
    /// Solves every surface's balance for the weather of the night.
    pub(super) fn new(park: &'a Park, flight: u32, weather: Weather) -> Self {
        let roofs: Vec<Roof> = park
            .buildings
            .iter()
            .map(|building| roof(building, flight, &weather))
            .collect();
        let ground = |u: f64, wind_factor: f64, emissivity: f64| {
            let balance = Balance {
                indoor_c: SOIL_C,
                air_c: weather.air_c,
                h: convection(weather.wind_at(2.0), wind_factor),
                emissivity,
                sky_k: weather.sky_k(),
                sky_view: 0.92,
            };
            weather.surface_c(&balance, u)
        };
        // Heat from the soil as if through 0.25 and 0.8 m²K/W: asphalt stays warmer than grass.
        let (asphalt_c, grass_c) = (ground(4.0, 1.0, 0.95), ground(1.2, 1.3, 0.97));
        let wall = Balance {
            indoor_c: 16.0,
            air_c: weather.air_c,
            h: convection(weather.wind_at(4.0), 1.0),
            emissivity: WALL_EMISSIVITY,
            sky_k: weather.sky_k(),
            sky_view: 0.45,
        };
        let wall_c = weather.surface_c(&wall, 0.5);
        let vehicles = park
            .vehicles
            .iter()
            .filter_map(|feature| shown(feature, flight, |_| 0.0))
            .collect::<Vec<_>>();
        let mut cells = Cells::new(park);
        for (index, roof) in roofs.iter().enumerate() {
            cells.add_building(&roof.bounds.grown(NEAR_M), index as u32);
        }
        for (index, vehicle) in vehicles.iter().enumerate() {
            cells.add_vehicle(&vehicle.reach, index as u32);
        }
        Self {
            park,
            weather,
            flight,
            roofs,
            vehicles,
            cells,
            asphalt_c,
            grass_c,
            wall_c,
        }
    }

    /// Temperature of the sound roof of a building, before texture, °C.
    pub(super) fn clean_roof_c(&self, building: usize) -> f64 {
        self.roofs[building].clean_c
    }

    /// Kelvin a feature of a building shows against its roof; `None` when it is not there.
    pub(super) fn excess_k(&self, building: usize, id: &str) -> Option<f64> {
        let shown = &self.roofs[building].shown;
        shown
            .iter()
            .find(|s| s.feature.id == id)
            .map(|s| s.excess_k)
    }

    /// What the balance of a building is on this night.
    pub(super) fn balance(&self, building: &Building) -> Balance {
        balance(building, &self.weather)
    }

    /// Follows a ray (park axes, downward) to what it meets: ray parameter and surface.
    pub(super) fn meet(&self, origin: [f64; 3], direction: [f64; 3]) -> (f64, Surface) {
        let (at, s, t) = self.meet_ground(origin, direction);
        let mut nearest = at;
        let mut met = None;
        for index in self.cells.buildings_at(s, t) {
            let roof = &self.roofs[*index as usize];
            if let Some(hit) = roof.building.hit(origin, direction)
                && hit.at < nearest
            {
                nearest = hit.at;
                met = Some(hit.roof_normal.map_or(Met::Wall, |n| Met::Top(roof, n)));
            }
            for body in &roof.bodies {
                if let Some(hit) = body.meet(origin, direction)
                    && hit.at < nearest
                {
                    nearest = hit.at;
                    met = Some(if hit.lid {
                        Met::Top(roof, LEVEL)
                    } else {
                        Met::Side(body)
                    });
                }
            }
        }
        let upright = |celsius: f64, emissivity: f64| Surface {
            celsius,
            emissivity,
            normal: [-direction[0].signum(), 0.0, 0.0],
        };
        let surface = match met {
            None => return (at, self.ground(s, t)),
            Some(Met::Top(roof, normal)) => {
                let s = origin[0] + nearest * direction[0];
                let t = origin[1] + nearest * direction[1];
                roof_surface(roof, s, t, normal)
            }
            Some(Met::Wall) => upright(self.wall_c, WALL_EMISSIVITY),
            Some(Met::Side(body)) => upright(body.side_c, body.emissivity),
        };
        (nearest, surface)
    }

    /// The surface seen from straight above.
    pub(super) fn seen_from_above(&self, s: f64, t: f64) -> Surface {
        for index in self.cells.buildings_at(s, t) {
            let roof = &self.roofs[*index as usize];
            if roof.building.top_m(s, t).is_some() {
                let normal = roof
                    .body_at(s, t)
                    .map_or_else(|| roof.building.normal(s, t), |_| LEVEL);
                return roof_surface(roof, s, t, normal);
            }
        }
        self.ground(s, t)
    }

    /// Height of what is seen from straight above, metres TAW.
    pub(super) fn top_m(&self, s: f64, t: f64) -> f64 {
        for index in self.cells.buildings_at(s, t) {
            let roof = &self.roofs[*index as usize];
            if let Some(top) = roof.building.top_m(s, t) {
                return roof.body_at(s, t).map_or(top, |body| body.top_m);
            }
        }
        self.park.ground_m(s, t)
    }

    /// Roof temperature at a park point of a building, with or without its features, °C; and
    /// whether a feature acts there.
    pub(super) fn roof_at(&self, building: usize, s: f64, t: f64) -> (f64, bool) {
        let roof = &self.roofs[building];
        let surface = roof_surface(roof, s, t, [0.0, 0.0, 1.0]);
        let (u, v) = local(roof.building, s, t);
        let touched = roof
            .shown
            .iter()
            .any(|f| f.reach.contains(u, v) && f.feature.shape.weight(u, v) > 0.02);
        (surface.celsius, touched)
    }

    /// Ground point under a ray: the terrain is asked again where the first guess lands.
    fn meet_ground(&self, o: [f64; 3], d: [f64; 3]) -> (f64, f64, f64) {
        let mut at = (self.park.ground_m(o[0], o[1]) - o[2]) / d[2];
        let mut point = (o[0], o[1]);
        for _ in 0..2 {
            point = (o[0] + at * d[0], o[1] + at * d[1]);
            at = (self.park.ground_m(point.0, point.1) - o[2]) / d[2];
        }
        (at, point.0, point.1)
    }

    fn ground(&self, s: f64, t: f64) -> Surface {
        let (base, emissivity, roughness) = match self.park.layout.ground(s, t) {
            Ground::Asphalt => (self.asphalt_c, 0.95, 0.15),
            Ground::Grass => (self.grass_c, 0.97, 0.35),
        };
        let seed = self.park.seed ^ 0x6772_6f75;
        let grain =
            smooth_field(seed, s / 6.0, t / 6.0) + 0.7 * smooth_field(seed, s / 1.3, t / 1.3);
        let mut surface = Surface {
            celsius: base + roughness * grain,
            emissivity,
            normal: [0.0, 0.0, 1.0],
        };
        for index in self.cells.vehicles_at(s, t) {
            let vehicle = &self.vehicles[*index as usize];
            if vehicle.feature.shape.weight(s, t) > 0.5 {
                surface.celsius = self.asphalt_c + vehicle.excess_k;
                surface.emissivity = vehicle.emissivity.unwrap_or(emissivity);
            }
        }
        surface
    }
}

impl Roof<'_> {
    /// What stands at a park point of the roof.
    fn body_at(&self, s: f64, t: f64) -> Option<&Body> {
        self.bodies.iter().find(|b| b.plan.contains(s, t))
    }
}

fn local(building: &Building, s: f64, t: f64) -> (f64, f64) {
    (s - building.centre[0], t - building.centre[1])
}

fn balance(building: &Building, weather: &Weather) -> Balance {
    // Bare metal is dark for the sky only in part: its hemispherical emissivity is what counts.
    Balance {
        indoor_c: building.roof_air_c(weather.air_c),
        air_c: weather.air_c,
        h: weather.convection() * convection(weather.wind_at(building.eave_m), building.roughness),
        emissivity: building.emissivity,
        sky_k: weather.sky_k(),
        sky_view: 1.0,
    }
}

fn roof<'a>(building: &'a Building, flight: u32, weather: &Weather) -> Roof<'a> {
    let balance = balance(building, weather);
    let u = building.u_at(flight);
    let clean_c = weather.surface_c(&balance, u);
    let excess = |effect: &Effect| match effect {
        Effect::Conducts { u: faulty } => weather.surface_c(&balance, faulty.max(u)) - clean_c,
        Effect::Warms { rise_k } => rise_k * (balance.indoor_c - weather.air_c) / 16.0,
        Effect::Covers { rise_k, .. } => *rise_k,
    };
    let shown: Vec<Shown> = building
        .features
        .iter()
        .filter_map(|feature| shown(feature, flight, excess))
        .collect();
    let bodies = shown
        .iter()
        .filter_map(|s| {
            let emissivity = s.emissivity.unwrap_or(building.emissivity);
            let lid_c = clean_c + s.excess_k;
            Body::of(s.feature, building, &balance, lid_c, emissivity)
        })
        .collect();
    Roof {
        building,
        bounds: building.bounds(),
        clean_c,
        parapet_c: weather.surface_c(&balance, 0.0),
        film: weather.is_wet(),
        shown,
        bodies,
    }
}

fn shown(feature: &Feature, flight: u32, excess: impl Fn(&Effect) -> f64) -> Option<Shown<'_>> {
    feature.exists(flight).then(|| Shown {
        feature,
        reach: feature.shape.reach(),
        excess_k: match feature.effect {
            Effect::Covers { rise_k, .. } => rise_k,
            ref other => excess(other),
        },
        emissivity: match feature.effect {
            Effect::Covers { emissivity, .. } => Some(emissivity),
            _ => None,
        },
    })
}

fn roof_surface(roof: &Roof, s: f64, t: f64, normal: [f64; 3]) -> Surface {
    let building = roof.building;
    let (u, v) = local(building, s, t);
    // Slow unevenness of 0.1–0.2 K: fixing, moisture content, wind.
    let seed = building.texture;
    let grain = 0.11 * smooth_field(seed, u / 7.0, v / 7.0)
        + 0.06 * smooth_field(seed.rotate_left(17), u / 1.7, v / 1.7);
    let on_parapet = building.on_parapet(u, v);
    let base = if on_parapet {
        roof.parapet_c
    } else {
        roof.clean_c
    };
    let mut surface = Surface {
        celsius: base + grain,
        emissivity: building.emissivity,
        normal,
    };
    for shown in &roof.shown {
        if !shown.reach.contains(u, v) {
            continue;
        }
        let weight = shown.feature.shape.weight(u, v);
        surface.celsius += weight * shown.excess_k;
        if let Some(emissivity) = shown.emissivity
            && weight > 0.5
        {
            surface.emissivity = emissivity;
        }
    }
    if roof.film {
        surface.emissivity = surface.emissivity.max(FILM_EMISSIVITY);
    }
    surface
}

/// Of a thin film of water; chosen between roofing and deep water (0.98).
const FILM_EMISSIVITY: f64 = 0.96;
/// How far from a building a ray may reach the ground after touching it: 13 m · tan 30°.
const NEAR_M: f64 = 8.0;
/// Whether the roof is worth a look in the truth as a distractor of its own.
pub(super) fn mirrors_the_sky(building: &Building) -> bool {
    building.material == Material::Metal
}

/// Whether a building is heated.
pub(super) fn is_heated(building: &Building) -> bool {
    building.usage == Use::Heated
}
