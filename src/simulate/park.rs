//! The park: terrain, streets, buildings with their roofs, vehicles. Drawn once from the seed.
//!
//! Later flights see the same park with some faults repaired, some new and a few roofs renewed;
//! what a flight sees does not depend on how many flights are written.

use super::building::{Building, Material, RoofForm, Use};
use super::feature::{Effect, Feature, Kind, Placer};
use super::layout::{Frame, Layout};
use super::random::Rng;
use super::shape::{Rect, Shape};
use super::terrain::Terrain;
use super::{Options, Scale, Stock};

/// Streams of random numbers, one per subject.
pub(super) mod stream {
    pub(in crate::simulate) const PARK: u64 = 1;
    pub(in crate::simulate) const BUILDING: u64 = 2;
    pub(in crate::simulate) const ROLES: u64 = 3;
    pub(in crate::simulate) const FEATURES: u64 = 4;
    pub(in crate::simulate) const CHANGES: u64 = 5;
    pub(in crate::simulate) const VEHICLES: u64 = 6;
    pub(in crate::simulate) const COMPANIES: u64 = 7;
    pub(in crate::simulate) const NIGHT: u64 = 8;
    pub(in crate::simulate) const FLIGHT: u64 = 9;
    pub(in crate::simulate) const FRAME: u64 = 10;
    pub(in crate::simulate) const CAMERA: u64 = 11;
    pub(in crate::simulate) const STRIP: u64 = 12;
    pub(in crate::simulate) const HIDDEN: u64 = 13;
    pub(in crate::simulate) const STOCK: u64 = 14;
    pub(in crate::simulate) const VISIT: u64 = 15;
}

/// The park without any night.
#[derive(Clone, Debug)]
pub(super) struct Park {
    pub seed: u64,
    pub scale: Scale,
    pub stock: Stock,
    pub layout: Layout,
    pub frame: Frame,
    pub terrain: Terrain,
    pub buildings: Vec<Building>,
    /// Vehicles and the like, park axes.
    pub vehicles: Vec<Feature>,
}

pub(super) const GOLDEN_SHARE: f64 = 0.618_033_988_749_895;

/// Invented ground in the polders of West Flanders, EPSG:31370.
const ORIGIN: [f64; 2] = [46_000.0, 190_000.0];
/// How far terrain and surface model reach beyond the park, metres.
pub(super) const SURROUNDINGS_M: f64 = 90.0;

impl Park {
    /// Draws the park.
    pub(super) fn generate(options: &Options) -> Self {
        let mut rng = Rng::new(options.seed, &[stream::PARK]);
        let layout = layout_of(options.scale);
        let angle = rng.range(-12.0, 12.0_f64).to_radians();
        let terrain = Terrain::new(layout.size(), SURROUNDINGS_M + 60.0, &mut rng);
        let mut park = Self {
            seed: options.seed,
            scale: options.scale,
            stock: options.stock,
            layout,
            frame: Frame {
                origin: ORIGIN,
                turn: [angle.cos(), angle.sin()],
            },
            terrain,
            buildings: Vec::new(),
            vehicles: Vec::new(),
        };
        park.build();
        park.give_roles();
        park.give_stock();
        park.furnish();
        for flight in 2..=options.flights {
            park.change(flight);
        }
        park.park_vehicles();
        park
    }

    /// Terrain height at a park point, metres TAW.
    #[inline]
    pub(super) fn ground_m(&self, s: f64, t: f64) -> f64 {
        self.terrain.height_m(s, t)
    }

    fn build(&mut self) {
        let parcels = parcels_of(self.scale);
        for parcel in 0..parcels {
            let mut rng = Rng::new(self.seed, &[stream::BUILDING, parcel as u64]);
            // Every sixth parcel holds two adjoining halls.
            if parcel % 6 == 4 {
                self.adjoining(parcel, &mut rng);
            } else {
                self.single(parcel, &mut rng);
            }
        }
    }

    fn single(&mut self, parcel: usize, rng: &mut Rng) {
        let [room_s, room_t] = self.room();
        let (a, b) = (
            rng.range(0.27, 0.47) * room_s,
            rng.range(0.25, 0.47) * room_t,
        );
        let form = match parcel % 12 {
            2 => RoofForm::SawTooth {
                period_m: rng.range(6.0, 9.0),
                rise_m: rng.range(1.2, 1.8),
            },
            6 | 11 => RoofForm::Gable {
                rise_m: b * rng.range(0.10, 0.16),
            },
            _ => RoofForm::Flat {
                parapet_m: rng.range(0.2, 0.6),
            },
        };
        let whole = Rect::new(-a, a, -b, b);
        let (rects, ring) = if matches!(parcel % 12, 1 | 7) {
            let (m, n) = (rng.range(-0.3, 0.3) * a, rng.range(-0.2, 0.2) * b);
            let low = Rect::new(-a, a, -b, n);
            let high = Rect::new(-a, m, n, b);
            let ring = vec![[-a, -b], [a, -b], [a, n], [m, n], [m, b], [-a, b]];
            (vec![low, high], ring)
        } else {
            (vec![whole], whole.corners())
        };
        let jitter = [
            rng.range(-1.0, 1.0) * (0.5 * room_s - a),
            rng.range(-1.0, 1.0) * (0.5 * room_t - b),
        ];
        let centre = self.centre(parcel, jitter);
        self.add(parcel, centre, rects, ring, form, rng);
    }

    /// Two halls with a wall in common, each its own building.
    fn adjoining(&mut self, parcel: usize, rng: &mut Rng) {
        let [room_s, room_t] = self.room();
        let (a, b) = (0.48 * room_s, rng.range(0.3, 0.46) * room_t);
        let middle = rng.range(-0.15, 0.15) * a;
        let centre = self.centre(parcel, [0.0, 0.0]);
        for (from, to) in [(-a, middle), (middle, a)] {
            let half = (to - from) / 2.0;
            let rect = Rect::new(-half, half, -b, b);
            let form = RoofForm::Flat {
                parapet_m: rng.range(0.2, 0.5),
            };
            let at = [centre[0] + (from + to) / 2.0, centre[1]];
            self.add(parcel, at, vec![rect], rect.corners(), form, rng);
        }
    }

    /// Room for buildings on a parcel along s and t, metres.
    fn room(&self) -> [f64; 2] {
        [self.layout.parcel[0] - 10.0, self.layout.parcel[1] - 10.0]
    }

    fn centre(&self, parcel: usize, jitter: [f64; 2]) -> [f64; 2] {
        let [s, t] = self.layout.corner(parcel);
        let [width, height] = self.layout.parcel;
        [s + width / 2.0 + jitter[0], t + height / 2.0 + jitter[1]]
    }

    fn add(
        &mut self,
        parcel: usize,
        centre: [f64; 2],
        rects: Vec<Rect>,
        ring: Vec<[f64; 2]>,
        form: RoofForm,
        rng: &mut Rng,
    ) {
        let number = self.buildings.len() as u64;
        let base_m = self.ground_m(centre[0], centre[1]);
        self.buildings.push(Building {
            oidn: format!("{}", 5_310_200 + number * 7 + self.seed % 7),
            uidn: 9_120_400 + number * 11 + self.seed % 11,
            parcel,
            centre,
            rects,
            ring,
            form,
            base_m,
            eave_m: (rng.range(4.0, 10.5) * 10.0).round() / 10.0,
            material: Material::Bitumen,
            emissivity: 0.92,
            roughness: 1.0,
            u: 0.5,
            renovated: None,
            indoor_c: 18.0,
            stratification: rng.range(0.2, 0.5),
            usage: Use::Heated,
            told_material: !rng.chance(0.15),
            told_indoor: rng.chance(0.4),
            told_u: None,
            reference: false,
            texture: rng.bits(),
            features: Vec::new(),
        });
    }

    fn furnish(&mut self) {
        let panels = self.with_panels();
        // Kinds of faults follow the golden section too, so that few faults are of every kind.
        let mut lot = Rng::new(self.seed, &[stream::FEATURES]).uniform();
        for index in 0..self.buildings.len() {
            let mut rng = Rng::new(self.seed, &[stream::FEATURES, index as u64]);
            let building = self.buildings[index].clone();
            let prefix = format!("{}-", building.oidn);
            let mut placer = Placer::new(&building, prefix, Vec::new());
            // In parks of a stock panels lie over all of a roof, as nothing else does.
            let covered = self.stock != Stock::Sample && panels.contains(&index);
            let mut features = if covered {
                self.buildings[index].told_material = true;
                vec![placer.cover_with_panels()]
            } else {
                placer.furniture(panels.contains(&index), &mut rng)
            };
            let bears_faults = building.usage == Use::Heated
                && building.material != Material::Metal
                && building.told_u.is_none()
                && !covered;
            let mean = 1.6 * (building.area_m2() / 700.0).sqrt();
            let wanted = if bears_faults {
                poisson(mean, &mut rng)
            } else {
                0
            };
            for _ in 0..wanted {
                lot = (lot + GOLDEN_SHARE).fract();
                features.extend(placer.fault(lot, &mut rng));
            }
            self.buildings[index].features = features;
        }
    }

    /// What a later flight finds changed: about one fault in seven repaired, new ones on one roof
    /// in ten, and one badly insulated roof in twelve renewed.
    fn change(&mut self, flight: u32) {
        let may_be_renewed = |b: &Building| {
            b.usage == Use::Heated
                && b.material != Material::Metal
                && b.told_u.is_none()
                && b.renovated.is_none()
                && b.u > 0.6
        };
        let fit = self.buildings.iter().filter(|b| may_be_renewed(b));
        let worst = fit.map(|b| b.u).fold(0.0, f64::max);
        for index in 0..self.buildings.len() {
            let mut rng = Rng::new(
                self.seed,
                &[stream::CHANGES, u64::from(flight), index as u64],
            );
            let building = &mut self.buildings[index];
            // The worst roof always is before the second flight, so that every park shows one.
            let drawn = rng.chance(0.08) || (flight == 2 && building.u >= worst);
            let renew = drawn && may_be_renewed(building);
            if renew {
                building.renovated = Some((flight, rng.range(0.17, 0.24)));
            }
            for feature in &mut building.features {
                let repaired = rng.chance(0.15) || renew;
                if feature.kind.is_defect() && feature.exists(flight) && repaired {
                    feature.flights[1] = flight - 1;
                }
            }
            let fresh = rng.chance(0.10) && !renew && building.renovated.is_none();
            if fresh && building.usage == Use::Heated && building.material != Material::Metal {
                let taken = building.features.iter().map(|f| f.shape.reach()).collect();
                let shell = building.clone();
                let mut placer = Placer::new(&shell, format!("{}-f{flight}-", shell.oidn), taken);
                let lot = rng.uniform();
                if let Some(mut fault) = placer.fault(lot, &mut rng) {
                    fault.flights[0] = flight;
                    building.features.push(fault);
                }
            }
        }
    }

    /// Cars and trucks on the yards, some just parked.
    fn park_vehicles(&mut self) {
        for parcel in 0..parcels_of(self.scale) {
            let mut rng = Rng::new(self.seed, &[stream::VEHICLES, parcel as u64]);
            let [s, t] = self.layout.corner(parcel);
            for number in 0..rng.below(4) {
                let size = if rng.chance(0.7) {
                    [1.8, 4.4]
                } else {
                    [2.5, 9.0]
                };
                let at = [
                    s + rng.range(5.0, self.layout.parcel[0] - 5.0),
                    t + rng.range(2.5, 4.5) + size[1] / 2.0,
                ];
                let place = Rect::around(at[0], at[1], size[0], size[1]);
                let free = self.buildings.iter().filter(|b| b.parcel == parcel);
                if free.clone().any(|b| b.bounds().overlaps(&place.grown(0.5))) {
                    continue;
                }
                let warm = rng.chance(0.4);
                let rise_k = if warm {
                    rng.range(4.0, 11.0)
                } else {
                    rng.range(-3.5, -1.0)
                };
                self.vehicles.push(Feature {
                    id: format!("V{parcel}-{number}"),
                    kind: Kind::Vehicle,
                    shape: Shape::Rect(place),
                    effect: Effect::Covers {
                        rise_k,
                        emissivity: 0.90,
                    },
                    height_m: 0.0,
                    flights: [1, u32::MAX],
                });
            }
        }
    }
}

fn parcels_of(scale: Scale) -> usize {
    match scale {
        Scale::Tiny => 12,
        Scale::Small => 43,
        Scale::Medium => 343,
        Scale::Large => 2_572,
    }
}

fn layout_of(scale: Scale) -> Layout {
    let parcel = match scale {
        Scale::Tiny => [50.0, 50.0],
        Scale::Small => [54.0, 52.0],
        Scale::Medium | Scale::Large => [66.0, 62.0],
    };
    Layout::for_parcels(parcels_of(scale), parcel)
}

/// Poisson number, Knuth's product method.
fn poisson(mean: f64, rng: &mut Rng) -> usize {
    let limit = (-mean).exp();
    let mut product = rng.uniform();
    let mut count = 0;
    while product > limit && count < 12 {
        product *= rng.uniform();
        count += 1;
    }
    count
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Gnss, Sensor};
    use super::*;

    pub(in crate::simulate) fn options(seed: u64, flights: u32) -> Options {
        Options {
            seed,
            scale: Scale::Tiny,
            flights,
            sensor: Sensor::Drone,
            gnss: Gnss::Rtk,
            ..Options::default()
        }
    }

    #[test]
    fn the_tiny_park_has_ten_heated_bitumen_roofs_and_one_of_each_odd_kind() {
        for seed in 0..20 {
            let park = Park::generate(&options(seed, 1));
            let count =
                |f: &dyn Fn(&Building) -> bool| park.buildings.iter().filter(|b| f(b)).count();
            assert_eq!(park.buildings.len(), 14);
            let heated = |b: &Building| b.usage == Use::Heated;
            assert!(
                count(&|b| heated(b) && b.material == Material::Bitumen) >= 10,
                "seed {seed}"
            );
            assert_eq!(count(&|b| b.material == Material::Metal), 1);
            assert_eq!(count(&|b| !heated(b)), 1);
            assert_eq!(count(&|b| b.reference), 1);
        }
    }

    #[test]
    fn buildings_stay_apart_unless_they_adjoin_on_one_parcel() {
        let park = Park::generate(&options(3, 1));
        for (i, a) in park.buildings.iter().enumerate() {
            for b in &park.buildings[i + 1..] {
                let near = a.bounds().grown(-0.01).overlaps(&b.bounds().grown(-0.01));
                assert!(!near, "{} and {}", a.oidn, b.oidn);
            }
        }
    }

    #[test]
    fn the_first_flight_does_not_depend_on_how_many_follow() {
        let (one, two) = (
            Park::generate(&options(4, 1)),
            Park::generate(&options(4, 2)),
        );
        let seen = |park: &Park| -> Vec<String> {
            let features = park.buildings.iter().flat_map(|b| &b.features);
            features
                .filter(|f| f.exists(1))
                .map(|f| f.id.clone())
                .collect()
        };
        assert_eq!(seen(&one), seen(&two));
        assert!(two.buildings.iter().any(|b| b.renovated.is_some()));
    }
}
