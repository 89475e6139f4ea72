//! The pages of a park or of the campaign: for the association what companies allow, for everyone
//! outlines and counts.
//!
//! A roof stands on the association's page when all who hold it allow at least their class. Every
//! other outline, and what is left of a building around such a roof, is drawn alike: whether its
//! company takes part and does not share, withdrew or never took part cannot be told apart.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Area, BooleanOps, MultiPolygon};
use jiff::civil::{Date, DateTime};

use super::company::{legend, raster_note};
use super::shape::{inside, origin, place};
use super::{ClassRow, Drawn, Fact, Layer, Look, MapPage, Roof, Shape, Spot, Variant, words};
use crate::report::format::{Format, NBSP, fill};
use crate::report::overview::{self, Cell, Facts, Holding, Member, RoofFacts, Scope, SpotFacts};
use crate::report::palette::Palette;
use crate::report::words::{self as catalogue, Wording, Words};
use crate::report::{Settings, brand};
use crate::score::HotspotKind;
use crate::survey::Sharing;

/// Left-overs of a building around a zone that are no part of it, m²: seams of rounding.
const SEAM_M2: f64 = 0.5;

/// Where buildings and parts of them lie.
#[derive(Clone, Debug, Default)]
pub struct Grounds<'a> {
    /// Key, outline and park of every building, in order.
    pub outlines: Vec<(&'a str, &'a MultiPolygon<f64>, Option<usize>)>,
    /// Parts of buildings, by company and building.
    pub zones: BTreeMap<(&'a str, &'a str), &'a MultiPolygon<f64>>,
}

/// How a page of a park looks.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// House colour, `#RRGGBB`.
    pub colour: String,
    /// Fixed scale of the campaign, °C; `None` shows no temperatures.
    pub scale_c: Option<(f64, f64)>,
    /// Colours of the scale.
    pub palette: Palette,
}

/// One page in the making.
struct Making<'a> {
    facts: &'a Facts,
    members: &'a [Member<'a>],
    scope: &'a Scope<'a>,
    grounds: &'a Grounds<'a>,
    style: &'a Style,
    text: &'static words::MapWords,
    printed: &'static Words,
    f: Format,
    origin_m: [f64; 2],
}

/// The association's page, without cells and without earlier flights.
pub fn internal(
    facts: &Facts,
    members: &[Member<'_>],
    scope: &Scope<'_>,
    grounds: &Grounds<'_>,
    style: &Style,
) -> Drawn {
    let making = Making::new(facts, members, scope, grounds, style);
    let (roofs, spots, polygons) = making.roofs();
    let mut known: BTreeMap<&str, Vec<&MultiPolygon<f64>>> = BTreeMap::new();
    for (roof, polygon) in roofs.iter().zip(&polygons) {
        known.entry(&roof.oidn).or_default().push(polygon);
    }
    let rest: Vec<MultiPolygon<f64>> = making
        .outlines()
        .filter_map(|(oidn, outline)| match known.get(oidn) {
            None => Some(outline.clone()),
            Some(own) => {
                let own = geo::unary_union(own.iter().flat_map(|p| &p.0));
                let rest = outline.difference(&own);
                (rest.unsigned_area() > SEAM_M2).then_some(rest)
            }
        })
        .collect();
    let (mut shown, mut hidden) = (Vec::new(), rest.clone());
    for (roof, polygon) in roofs.iter().zip(polygons.iter().cloned()) {
        match roof.look {
            Look::Thermal => shown.push(polygon),
            Look::Class | Look::Hatched => hidden.push(polygon),
        }
    }
    let others = rest.iter().map(|p| Shape::new(p, making.origin_m));
    let layer = making.layer(roofs, spots, others.collect());
    let emissivity = facts.conditions.iter().find(|(k, _)| k == "emissivity");
    let mut notes = vec![making.text.observation.to_owned()];
    if let Some((_, overview::Fact::Number(e))) = emissivity {
        notes.push(raster_note(making.text, &making.f, *e));
    }
    notes.push(making.text.association_only.to_owned());
    let page = MapPage {
        variant: Variant::Internal,
        title: making.text.title_internal.to_owned(),
        scale_c: style.scale_c.map(|(low, high)| [low, high]),
        palette: style.palette.table().to_vec(),
        notes,
        ..making.page(layer)
    };
    Drawn {
        page,
        shown,
        hidden,
    }
}

/// Everyone's page: outlines and counts.
pub fn public(
    facts: &Facts,
    members: &[Member<'_>],
    scope: &Scope<'_>,
    grounds: &Grounds<'_>,
    style: &Style,
) -> Drawn {
    let making = Making::new(facts, members, scope, grounds, style);
    let others = making
        .outlines()
        .map(|(_, outline)| Shape::new(outline, making.origin_m));
    let layer = making.layer(Vec::new(), Vec::new(), others.collect());
    let tables = overview::public(facts, members, scope);
    let (classes, mut notes) = counts(&tables, making.printed);
    let counted = tables.iter().find(|t| t.name == "overview").and_then(|t| {
        let row = t.rows.iter().find(|r| is_key(r, "companies_counted"))?;
        Some(shown_cell(row.get(1)?))
    });
    let mut classes_note = counted.map_or_else(String::new, |n| {
        fill(making.text.counted, &[("n", n.as_str())])
    });
    for note in notes.drain(..) {
        classes_note = format!("{classes_note}; {note}");
    }
    let least = scope.min_cell.to_string();
    let page = MapPage {
        variant: Variant::Public,
        title: making.text.title_public.to_owned(),
        scale_c: None,
        classes,
        classes_note,
        notes: vec![
            fill(making.text.nobody, &[("n", least.as_str())]),
            making.text.observation.to_owned(),
        ],
        ..making.page(layer)
    };
    Drawn {
        page,
        shown: Vec::new(),
        hidden: Vec::new(),
    }
}

fn is_key(row: &[Cell], key: &str) -> bool {
    matches!(row.first(), Some(Cell::Text(text)) if text == key)
}

fn shown_cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(n, _) => format!("{n:.0}"),
    }
}

/// The legend with the counts of the public workbook, and the notes that stand below them there.
fn counts(tables: &[overview::Table], printed: &Words) -> (Vec<ClassRow>, Vec<String>) {
    let mut rows = legend(printed);
    let mut notes = Vec::new();
    let table = tables.iter().find(|t| t.name == "classes");
    for (i, cells) in table.into_iter().flat_map(|t| t.rows.iter().enumerate()) {
        match (rows.get_mut(i), cells.as_slice()) {
            (Some(row), [_, _, Cell::Text(withheld)]) => {
                row.companies = "–".to_owned();
                let note = format!("– {withheld}");
                if !notes.contains(&note) {
                    notes.push(note);
                }
            }
            (Some(row), [_, _, companies]) => row.companies = shown_cell(companies),
            (None, [_, note, _]) => notes.push(shown_cell(note)),
            _ => {}
        }
    }
    (rows, notes)
}

impl<'a> Making<'a> {
    fn new(
        facts: &'a Facts,
        members: &'a [Member<'a>],
        scope: &'a Scope<'a>,
        grounds: &'a Grounds<'a>,
        style: &'a Style,
    ) -> Self {
        let printed = catalogue::of(scope.language);
        let mut making = Self {
            facts,
            members,
            scope,
            grounds,
            style,
            text: words::of(scope.language),
            printed,
            f: Format::new(printed),
            origin_m: [0.0; 2],
        };
        making.origin_m = origin(making.outlines().map(|(_, outline)| outline));
        making
    }

    /// Buildings of the scope that the flight saw.
    fn outlines(&self) -> impl Iterator<Item = (&'a str, &'a MultiPolygon<f64>)> {
        let seen: BTreeSet<&str> = self.facts.buildings.iter().map(|b| &*b.oidn).collect();
        let all = self.grounds.outlines.iter();
        all.filter(move |(oidn, _, park)| self.scope.holds(*park) && seen.contains(oidn))
            .map(|(oidn, outline, _)| (*oidn, *outline))
    }

    fn page(&self, layer: Layer) -> MapPage {
        let park = self.scope.park.and_then(|i| self.scope.parks.get(i));
        MapPage {
            variant: Variant::Public,
            language: format!("{}-{}", self.printed.code, self.printed.region),
            campaign: self.scope.campaign.to_owned(),
            title: String::new(),
            subject: park.map_or_else(String::new, |(_, name)| name.clone()),
            accent: brand::accent(&self.style.colour),
            scale_c: None,
            palette: Vec::new(),
            words: *self.text,
            classes: legend(self.printed),
            classes_note: String::new(),
            notes: Vec::new(),
            program: Settings::default().program,
            layers: vec![layer],
        }
    }

    fn layer(&self, roofs: Vec<Roof>, spots: Vec<Spot>, others: Vec<Shape>) -> Layer {
        Layer {
            flight: self.scope.flight.to_owned(),
            date: self.date().map_or_else(String::new, |d| self.f.date(d)),
            origin_m: self.origin_m,
            cells: None,
            roofs,
            spots,
            others,
        }
    }

    fn date(&self) -> Option<Date> {
        let mut conditions = self.facts.conditions.iter();
        let start = conditions.find(|(key, _)| key == "start_local")?;
        match &start.1 {
            overview::Fact::Text(text) => Some(text.parse::<DateTime>().ok()?.date()),
            _ => None,
        }
    }

    /// Roofs the association may know, with their warm objects and outlines. One that several hold
    /// stands there once.
    fn roofs(&self) -> (Vec<Roof>, Vec<Spot>, Vec<MultiPolygon<f64>>) {
        let outlines: BTreeMap<&str, &MultiPolygon<f64>> = self.outlines().collect();
        let (mut roofs, mut spots, mut polygons) = (Vec::new(), Vec::new(), Vec::new());
        let mut told: BTreeSet<(&str, Vec<String>)> = BTreeSet::new();
        for member in self.members {
            for holding in &member.holdings {
                let open = match overview::visible(holding, member, self.members) {
                    Sharing::No => continue,
                    Sharing::Class => false,
                    Sharing::Full => true,
                };
                let oidn = holding.roof.oidn.as_str();
                let Some(outline) = outlines.get(oidn) else {
                    continue;
                };
                let holders = self.holders(member, holding);
                let ids: Vec<String> = holders
                    .iter()
                    .map(|m| m.company.company_id.clone())
                    .collect();
                if !told.insert((oidn, ids.clone())) {
                    continue;
                }
                let id = member.company.company_id.as_str();
                let zone = self.grounds.zones.get(&(id, oidn));
                let polygon = (*zone.unwrap_or(outline)).clone();
                let names: Vec<&str> = holders.iter().map(|m| m.company.name.as_str()).collect();
                if open {
                    let at = roofs.len();
                    let judged = holding.roof.assessed_m2 > 0.0;
                    let own = holding.spots.iter().filter(|s| judged && s.grade != 'D');
                    spots.extend(own.map(|s| self.spot(s, at)));
                }
                roofs.push(self.roof(holding.roof, open, (names.join(" · "), ids), &polygon));
                polygons.push(polygon);
            }
        }
        (roofs, spots, polygons)
    }

    fn holders(&self, member: &'a Member<'a>, holding: &Holding<'_>) -> Vec<&'a Member<'a>> {
        let tenant = |m: &&Member<'_>| holding.tenants.contains(&m.company.company_id);
        match holding.shared {
            true => self.members.iter().filter(tenant).collect(),
            false => vec![member],
        }
    }

    fn roof(
        &self,
        facts: &RoofFacts,
        open: bool,
        (name, holders): (String, Vec<String>),
        polygon: &MultiPolygon<f64>,
    ) -> Roof {
        let assessed = facts.assessed_m2 > 0.0;
        let range = facts.class_lo.zip(facts.class_hi).filter(|_| open);
        let note = match open {
            true => facts.oidn.clone(),
            false => format!("{} · {}", facts.oidn, self.text.class_only),
        };
        Roof {
            name,
            note,
            oidn: facts.oidn.clone(),
            holders,
            class: facts.class,
            chip: match (facts.class, range) {
                (None, _) => "–".to_owned(),
                (Some(_), Some((low, high))) if low != high => format!("{low}–{high}"),
                (Some(class), _) => class.to_string(),
            },
            word: match facts.class {
                Some(_) => String::new(),
                None => self.text.key_hatched.to_owned(),
            },
            look: match (
                open && assessed && self.style.scale_c.is_some(),
                facts.class,
            ) {
                (true, _) => Look::Thermal,
                (false, Some(_)) => Look::Class,
                (false, None) => Look::Hatched,
            },
            facts: if open {
                self.facts_of(facts, assessed)
            } else {
                Vec::new()
            },
            shape: Shape::new(polygon, self.origin_m),
            masked: Vec::new(),
            at: inside(polygon, self.origin_m),
            open,
        }
    }

    fn facts_of(&self, facts: &RoofFacts, assessed: bool) -> Vec<Fact> {
        let text = self.text;
        let mut rows = vec![Fact::new(
            text.area,
            self.f.with_unit(facts.area_m2, 0, "m²"),
        )];
        if !assessed {
            return rows;
        }
        if let Some(median) = facts.t_median_c {
            rows.push(Fact::new(text.median, self.f.with_unit(median, 1, "°C")));
        }
        for (label, value) in [
            (text.over_air, facts.delta_air_k),
            (text.over_reference, facts.delta_reference_k),
        ] {
            if let Some(value) = value {
                let value = format!("{}{NBSP}K", self.f.signed(value, 1));
                rows.push(Fact::new(label, value));
            }
        }
        rows
    }

    fn spot(&self, spot: &SpotFacts, roof: usize) -> Spot {
        let kind = HotspotKind::ALL
            .into_iter()
            .find(|k| k.word() == spot.kind)
            .unwrap_or(HotspotKind::Unknown);
        let wording = self.printed.wording(Wording::of_kind(kind, &spot.detail));
        let excess = format!("{}{NBSP}K", self.f.signed(spot.excess_mean_k, 1));
        let area_m2 = self
            .f
            .with_unit(spot.area_m2, usize::from(spot.area_m2 < 9.95), "m²");
        let mut facts = vec![
            Fact::new(self.text.excess, excess),
            Fact::new(self.text.area, area_m2),
        ];
        if !spot.explained {
            let urgency = spot.urgency.clamp(1, 4);
            let word = self.printed.urgency[usize::from(urgency) - 1];
            facts.push(Fact::new(self.text.priority, format!("{urgency} · {word}")));
        }
        Spot {
            number: 0,
            explained: spot.explained,
            nature: wording.nature.to_owned(),
            place: String::new(),
            facts,
            roof,
            at: place([spot.x_m, spot.y_m], self.origin_m),
            shapes: Vec::new(),
        }
    }
}
