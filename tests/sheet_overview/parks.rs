//! Made-up parks: one hall of 30 × 20 m for each company, in rows.

use geo::MultiPolygon;
use jiff::civil::date;
use std::collections::BTreeSet;
use thermaudit::raster::{GeoGrid, Grid};
use thermaudit::report::overview::pages::{
    self, About, Audience, Former, FormerRoof, Ground, Input, OverviewPages,
};
use thermaudit::report::overview::{
    self, Fact, Facts, Holding, Member, PanelFacts, RoofFacts, Scope, SpotFacts, Table,
    WeatherPoint,
};
use thermaudit::survey::{Company, Language, Participation, Sharing};

/// Companies in a row of halls.
const ROW: usize = 12;

pub(super) fn oidn(i: usize) -> String {
    format!("77{:05}", 10_000 + 7 * i)
}

/// A park and everything known of it.
#[derive(Clone)]
pub(super) struct Park {
    pub(super) companies: Vec<Company>,
    pub(super) facts: Facts,
    polygons: Vec<MultiPolygon<f64>>,
    parks: Vec<(String, String)>,
    about: About,
    pub(super) former: Option<Former>,
}

/// A number that looks like chance, the same every time.
pub(super) fn chance(seed: usize, below: usize) -> usize {
    let mut x = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    x ^= x >> 29;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 32;
    (x % below as u64) as usize
}

impl Park {
    /// With so many companies.
    pub(super) fn of(n: usize) -> Self {
        Self::seeded(n, 0)
    }

    /// The same with other chances.
    pub(super) fn seeded(n: usize, seed: usize) -> Self {
        let draw = |i: usize, what: usize, below| chance(seed * 7919 + i * 31 + what, below);
        let mut park = Self::empty();
        // Some buildings are of nobody on the list.
        for i in 0..n + n / 4 + 1 {
            let (col, row) = ((i % ROW) as f64, (i / ROW) as f64);
            let (x, y) = (46_000.0 + 42.0 * col, 190_000.0 + 34.0 * row);
            let hall = geo::Rect::new((x, y), (x + 30.0, y + 20.0)).to_polygon();
            park.polygons.push(hall.into());
            let class = Some(1 + draw(i, 1, 6) as u8).filter(|_| draw(i, 2, 9) > 0);
            let mut reasons = vec![20];
            if class.is_none() {
                reasons.push(2);
            }
            park.facts.buildings.push(RoofFacts {
                oidn: oidn(i),
                area_m2: 600.0,
                observed_fraction: 1.0,
                valid_fraction: 0.9,
                assessed_m2: if class.is_some() { 540.0 } else { 0.0 },
                delta_air_k: class.map(|c| 0.5 * f64::from(c) - 3.0),
                class,
                grade: Some('B'),
                reasons,
                ..RoofFacts::default()
            });
            let kinds = [
                "edge",
                "rooflight",
                "insulation",
                "installation",
                "linear",
                "process",
                "moisture",
                "unknown",
            ];
            for (k, kind) in kinds.iter().enumerate() {
                if draw(i, 10 + k, 3 + k / 2) > 0 {
                    continue;
                }
                park.facts.hotspots.push(SpotFacts {
                    hotspot_id: format!("{}-{k}", oidn(i)),
                    oidn: oidn(i),
                    kind: (*kind).to_owned(),
                    detail: if i % 2 == 0 { "pipe" } else { "exhaust" }.to_owned(),
                    severity: 3,
                    urgency: 1 + draw(i, 30 + k, 3) as u8,
                    area_m2: 2.0 + k as f64,
                    grade: 'B',
                    explained: matches!(*kind, "rooflight" | "installation" | "process"),
                    ..SpotFacts::default()
                });
            }
            let verdicts = ["improved", "no-proven-change", "worse", "not-comparable"];
            if let Some(former) = &mut park.former {
                if i % 17 == 5 {
                    former.built.insert(oidn(i));
                } else {
                    let was = FormerRoof {
                        class: Some(1 + draw(i, 5, 6) as u8).filter(|_| draw(i, 6, 9) > 0),
                        verdict: verdicts[draw(i, 7, 4)].to_owned(),
                    };
                    former.roofs.insert(oidn(i), was);
                }
                if draw(i, 8, 5) > 0 && i < n {
                    let own = BTreeSet::from([oidn(i)]);
                    former.held.insert(format!("QX{i:03}"), own);
                }
            }
            if i >= n {
                continue;
            }
            let sharing = [Sharing::Full, Sharing::Class, Sharing::No, Sharing::Full];
            park.companies.push(Company {
                company_id: format!("QX{i:03}"),
                name: format!("Zilverbeek {i:03} Fabrieken"),
                participates: match draw(i, 3, 6) {
                    0 => Participation::No,
                    _ => Participation::Yes,
                },
                sharing: sharing[draw(i, 4, 4)],
                ..Company::default()
            });
            if i % 6 == 1 {
                let panels = geo::Rect::new((x + 3.0, y + 3.0), (x + 15.0, y + 8.0)).to_polygon();
                let shape: MultiPolygon<f64> = panels.into();
                park.facts.panels.push(PanelFacts::new(&oidn(i), &shape));
            }
        }
        park
    }

    /// Without companies and buildings.
    pub(super) fn empty() -> Self {
        let number = |key: &str, v: f64| (key.to_owned(), Fact::Number(v));
        let facts = Facts {
            conditions: vec![
                number("air_c", 2.4),
                number("humidity_pct", 81.0),
                number("wind_m_s", 2.1),
                number("cloud_okta", 1.0),
                number("sky_c", -14.0),
                number("rain_24h_mm", 0.0),
                number("emissivity", 0.92),
                number("uncertainty_k", 2.0),
                number("gsd_m", 0.15),
            ],
            quality: vec![
                number("frames_used", 4812.0),
                number("frames_rejected", 37.0),
                number("overlap_views", 11.0),
                number("rejected_oblique", 29.0),
                number("rejected_unplaced", 1.0),
                number("rejected_damaged", 2.0),
                number("rejected_incomplete", 1.0),
                number("rejected_other_kind", 4.0),
                number("repeatability_k", 0.21),
                number("drift_k", 3.4),
                number("position_m", 0.21),
            ],
            weather: (0..=16)
                .map(|i| WeatherPoint {
                    minute: f64::from(i) * 6.0,
                    local: format!("{:02}:{:02}", 2 + (15 + i * 6) / 60, (15 + i * 6) % 60),
                    air_c: Some(3.0 - 0.06 * f64::from(i)),
                    wind_m_s: Some(1.7 + 0.4 * f64::from(i % 5)),
                })
                .collect(),
            stations: vec!["Beitem".to_owned()],
            scale_c: Some((-6.0, 8.0)),
            ..Facts::default()
        };
        Self {
            companies: Vec::new(),
            former: Some(Former {
                flight: "KV-01".to_owned(),
                date: Some(date(2024, 3, 9)),
                vanished: ["west", "oost", "west"].map(str::to_owned).into(),
                ..Former::default()
            }),
            facts,
            polygons: Vec::new(),
            parks: Vec::new(),
            about: About {
                project: "Ondernemers Kouterveld".to_owned(),
                municipality: "Zandbeke".to_owned(),
                contractor: "Meetbureau Lindenhof".to_owned(),
                contact: "overzicht@kouterveld.example".to_owned(),
                flown: Some((
                    date(2026, 3, 14).at(2, 15, 0, 0),
                    date(2026, 3, 14).at(4, 5, 0, 0),
                )),
                retain_until: Some(date(2031, 3, 14)),
                program: "thermaudit".to_owned(),
                ..About::default()
            },
        }
    }

    pub(super) fn with_long_names(mut self) -> Self {
        for (i, company) in self.companies.iter_mut().enumerate() {
            company.name = match i % 3 {
                0 => format!("{}{i}", "Onderlinge Dakwerken ".repeat(9)),
                1 => format!("{}{i}", "W".repeat(120)),
                _ => format!("\u{5de}\u{5e4}\u{5e2} \u{202e}Co <#\"/../=1+1> $x$ *b* _i_ {i}"),
            };
        }
        self.about.project = "Vereniging van Ondernemers van het Bedrijventerrein ".repeat(4);
        self.about.contractor = "Meetbureau ".repeat(16);
        self.about.contact = format!("{}@kouterveld.example", "overzicht".repeat(9));
        self
    }

    pub(super) fn unassessed(mut self) -> Self {
        for roof in &mut self.facts.buildings {
            roof.class = None;
            roof.assessed_m2 = 0.0;
            roof.delta_air_k = None;
        }
        self
    }

    pub(super) fn without_weather(mut self) -> Self {
        self.facts.weather.clear();
        self.facts.stations.clear();
        self.facts.conditions.clear();
        self.facts.quality.clear();
        self.about.flown = None;
        self.former = None;
        self
    }

    pub(super) fn in_two_parks(mut self) -> Self {
        self.parks = vec![
            ("west".to_owned(), "Kouterveld West".to_owned()),
            ("oost".to_owned(), "Kouterveld Oost".to_owned()),
        ];
        self
    }

    /// The campaign, and each park where there are several.
    pub(super) fn scopes(&self) -> Vec<Option<usize>> {
        std::iter::once(None)
            .chain((0..self.parks.len()).map(Some))
            .collect()
    }

    fn park_of(&self, i: usize) -> Option<usize> {
        (!self.parks.is_empty()).then_some(usize::from(i % ROW >= ROW / 2))
    }

    pub(super) fn takes_part(&self, i: usize) -> bool {
        self.companies[i].participates == Participation::Yes
    }

    pub(super) fn shares_class(&self, i: usize) -> bool {
        self.takes_part(i) && self.companies[i].sharing != Sharing::No
    }

    pub(super) fn class(&self, i: usize) -> Option<u8> {
        self.facts.buildings[i].class
    }

    /// Exchanges what was measured on two roofs.
    pub(super) fn exchange(&mut self, a: usize, b: usize) {
        self.facts.buildings.swap(a, b);
        self.facts.buildings[a].oidn = oidn(a);
        self.facts.buildings[b].oidn = oidn(b);
        if let Some(former) = &mut self.former {
            let [one, other] = [a, b].map(|i| former.roofs.remove(&oidn(i)));
            let [built, built_too] = [a, b].map(|i| former.built.remove(&oidn(i)));
            let [held, held_too] = [a, b].map(|i| former.held.remove(&format!("QX{i:03}")));
            for (i, roof, built, held) in [(a, other, built_too, held_too), (b, one, built, held)] {
                former.roofs.extend(roof.map(|r| (oidn(i), r)));
                former.built.extend(built.then(|| oidn(i)));
                let own = held.map(|_| (format!("QX{i:03}"), BTreeSet::from([oidn(i)])));
                former.held.extend(own);
            }
        }
        for spot in &mut self.facts.hotspots {
            if spot.oidn == oidn(a) {
                spot.oidn = oidn(b);
            } else if spot.oidn == oidn(b) {
                spot.oidn = oidn(a);
            }
        }
        for panels in &mut self.facts.panels {
            if panels.oidn == oidn(a) {
                panels.oidn = oidn(b);
            } else if panels.oidn == oidn(b) {
                panels.oidn = oidn(a);
            }
        }
    }

    pub(super) fn members(&self) -> Vec<Member<'_>> {
        let member = |(i, company)| Member {
            company,
            language: Language::Nl,
            park: self.park_of(i),
            visible: match self.takes_part(i) {
                true => self.companies[i].sharing,
                false => Sharing::No,
            },
            counted: self.takes_part(i),
            sheet: self.takes_part(i),
            holdings: vec![Holding {
                roof: &self.facts.buildings[i],
                occupancy: "sole",
                shared: false,
                tenants: Vec::new(),
                zone: None,
                park: self.park_of(i),
                spots: {
                    let own = self.facts.hotspots.iter();
                    own.filter(|s| s.oidn == oidn(i)).collect()
                },
            }],
        };
        self.companies.iter().enumerate().map(member).collect()
    }

    pub(super) fn scope(&self, language: Language, park: Option<usize>) -> Scope<'_> {
        Scope {
            campaign: "Winter 2026",
            flight: "KV-03",
            parks: &self.parks,
            park,
            language,
            min_cell: 5,
        }
    }

    pub(super) fn public_tables(&self, language: Language, park: Option<usize>) -> Vec<Table> {
        overview::public(&self.facts, &self.members(), &self.scope(language, park))
    }

    pub(super) fn pages(
        &self,
        language: Language,
        audience: Audience,
        park: Option<usize>,
    ) -> OverviewPages {
        let members = self.members();
        let scope = self.scope(language, park);
        let keys: Vec<String> = (0..self.polygons.len()).map(oidn).collect();
        let ground: Vec<Ground<'_>> = self
            .polygons
            .iter()
            .enumerate()
            .map(|(i, polygon)| Ground {
                oidn: &keys[i],
                polygon,
                park: self.park_of(i),
            })
            .filter(|g| park.is_none() || g.park == park)
            .collect();
        let thermal = self.thermal(&members, &scope, &ground);
        pages::pages(&Input {
            facts: &self.facts,
            members: &members,
            scope,
            about: &self.about,
            ground: &ground,
            thermal: thermal
                .as_ref()
                .filter(|_| audience == Audience::Association),
            former: self.former.as_ref(),
            audience,
        })
    }

    /// Every roof as warm as its class says, out of a mosaic that holds all of them.
    fn thermal(
        &self,
        members: &[Member<'_>],
        scope: &Scope<'_>,
        ground: &[Ground<'_>],
    ) -> Option<GeoGrid<f32>> {
        let frame = pages::frame(ground)?;
        let cell_m = 0.5;
        let b = frame.bounds;
        let (width, height) = (
            ((b.x_max - b.x_min) / cell_m) as usize,
            ((b.y_max - b.y_min) / cell_m) as usize,
        );
        let transform = thermaudit::raster::GeoTransform {
            x0: b.x_min,
            y0: b.y_max,
            dx: cell_m,
            dy: cell_m,
        };
        let mut grid = Grid::filled(width, height, -4.0_f32);
        for (i, roof) in self.facts.buildings.iter().enumerate() {
            let (col, row) = ((i % ROW) as f64, (i / ROW) as f64);
            let (x, y) = (46_000.0 + 42.0 * col, 190_000.0 + 34.0 * row);
            for step in 0..60 * 40 {
                let (dx, dy) = (f64::from(step % 60) * 0.5, f64::from(step / 60) * 0.5);
                let (u, v) = transform.to_pixel(x + dx, y + dy);
                if u >= 0.0 && v >= 0.0 && (u as usize) < width && (v as usize) < height {
                    let warm = f32::from(roof.class.unwrap_or(0)) + (dx / 15.0) as f32 - 2.0;
                    grid.set(u as usize, v as usize, warm);
                }
            }
        }
        let shapes = pages::thermal_shapes(members, scope, ground);
        let mut canvas = pages::Canvas::new(&frame, cell_m);
        let piece = GeoGrid { grid, transform };
        for shape in &shapes.own {
            canvas.add(&piece, shape, &shapes.others);
        }
        canvas.finish()
    }
}
