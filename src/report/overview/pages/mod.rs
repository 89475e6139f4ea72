//! The park's overview as pages (report-content.md §3): for everyone, and for the association.
//!
//! In: the same facts, companies and scope as the tables, with the outlines to draw and, for the
//! association, the temperatures of the roofs it may see. Out: [`OverviewPages`], everything
//! printed, formatted in the project's language, maps as millimetre paths.
//!
//! What is public comes from counts that may be published and from what holds for the whole
//! flight; no roof has a colour there. What the association reads is either that, or a sum over
//! roofs it may see one by one ([`counts`]): never a total of all less what is shown.

mod counts;
mod figures;
mod former;
mod list;
mod map;
mod seen;
mod words;

use std::collections::BTreeSet;

use geo::MultiPolygon;
use jiff::civil::{Date, DateTime};
use serde::Serialize;

pub use crate::attach::consent::Audience;
pub use counts::{ClassBlock, ClassRow, GroupRow, KindRow, ReasonRow};
pub use figures::{ParkRow, Plot};
pub use former::{Former, FormerBlock, FormerRoof};
pub use list::{Invited, ListRow};
pub use map::{Canvas, ClassRoof, ParkMap, frame};
pub use seen::{ThermalShapes, thermal_shapes};
pub(super) use words::all_text;

use super::{Facts, Member, RoofFacts, Scope, public};
use crate::report::brand::{Brand, Files, Marks};
use crate::report::format::{Format, fill, printed};
use crate::report::palette::Palette;
use crate::report::sheet::{Pair, Picture, Run, Tick};
use crate::report::words::{self as catalogue, runs};
use words::say;

/// Colours of the scale bar, evenly spaced.
const STOPS: usize = 32;
/// Longest names in the head of a page, left and right, characters.
const SHORT: [usize; 2] = [58, 34];

/// A building on the ground.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Key of the building.
    pub oidn: &'a str,
    /// Outline, in the project's system.
    pub polygon: &'a MultiPolygon<f64>,
    /// Its park.
    pub park: Option<usize>,
}

/// Who and when.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Name of the project: whose campaign it is.
    pub project: String,
    /// Municipality; empty where not known.
    pub municipality: String,
    /// Who flew; empty where not told.
    pub contractor: String,
    /// Whom to ask; empty where not told.
    pub contact: String,
    /// Logos and colour of the house.
    pub brand: Brand,
    /// First and last exposure, local time.
    pub flown: Option<(DateTime, DateTime)>,
    /// Until when the data is kept.
    pub retain_until: Option<Date>,
    /// Colours of temperatures.
    pub palette: Palette,
    /// Ends of their scale, °C, where the settings say.
    pub scale_c: Option<(f64, f64)>,
    /// Program and version.
    pub program: String,
}

/// What the pages are made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The flight.
    pub facts: &'a Facts,
    /// Companies.
    pub members: &'a [Member<'a>],
    /// Campaign, park, language.
    pub scope: Scope<'a>,
    /// Who and when.
    pub about: &'a About,
    /// Buildings of the scope.
    pub ground: &'a [Ground<'a>],
    /// Temperatures of [`thermal_shapes`] over [`frame`], °C; `None` where there are none.
    pub thermal: Option<&'a crate::raster::GeoGrid<f32>>,
    /// The comparison with an earlier flight; `None` where there is none of these results.
    pub former: Option<&'a Former>,
    /// Who reads it.
    pub audience: Audience,
}

impl<'a> Input<'a> {
    /// Keys of the buildings the flight saw.
    fn flown(&self) -> BTreeSet<&'a str> {
        self.facts
            .buildings
            .iter()
            .map(|b| b.oidn.as_str())
            .collect()
    }

    /// Buildings of the scope that the flight saw.
    fn roofs_flown(&self) -> impl Iterator<Item = &'a RoofFacts> {
        let here: BTreeSet<&str> = self.ground.iter().map(|g| g.oidn).collect();
        let all = self.facts.buildings.iter();
        all.filter(move |b| here.contains(b.oidn.as_str()))
    }
}

/// The map of temperatures with its words.
#[derive(Clone, Debug, Serialize)]
pub struct ThermalBlock {
    /// Note beside the title.
    pub note: String,
    /// The map.
    pub map: ParkMap,
    /// Under it.
    pub caption: String,
    /// Alternative text of the scale.
    pub scale_alt: String,
    /// Colours from cold to warm.
    pub stops: Vec<String>,
    /// Marks of the scale.
    pub ticks: Vec<Tick>,
}

/// A sign of the map and its words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeyItem {
    /// `class`, `hatched`, `unshared`, `others`, `panels`, `plain`, `unseen`, `masked`.
    pub sign: &'static str,
    /// In words.
    pub label: &'static str,
}

/// Title and paragraphs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Title.
    pub title: &'static str,
    /// Paragraphs.
    pub paragraphs: Vec<Vec<Run>>,
}

/// Everything printed.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct OverviewPages {
    pub language: &'static str,
    pub region: &'static str,
    /// PDF title, stable identifier, date of the flight.
    pub title: String,
    pub ident: String,
    pub date: [i32; 3],
    #[serde(flatten)]
    pub marks: Marks,
    pub internal: bool,
    /// Head and foot of every page.
    pub head: [String; 2],
    pub foot: [String; 2],
    pub code: String,
    pub page: [&'static str; 2],
    pub north: &'static str,
    /// Title page.
    pub eyebrow: &'static str,
    pub name: String,
    pub under: Vec<String>,
    pub headline: Vec<Run>,
    pub lead: String,
    /// Large numbers and what they count.
    pub big: Vec<[String; 2]>,
    pub map: Option<ParkMap>,
    pub map_title: &'static str,
    pub no_map: &'static str,
    pub key_class: &'static str,
    pub key: Vec<KeyItem>,
    pub classes: ClassBlock,
    pub together_label: &'static str,
    /// Temperatures (internal).
    pub thermal_title: &'static str,
    pub thermal: Option<ThermalBlock>,
    pub thermal_instead: &'static str,
    pub thermal_key: Vec<KeyItem>,
    /// Key figures.
    pub figures_title: &'static str,
    pub figures: Vec<Pair>,
    pub parks_title: &'static str,
    pub parks_heads: [&'static str; 4],
    pub parks: Vec<ParkRow>,
    /// Group purchases.
    pub groups_title: &'static str,
    pub groups_note: String,
    pub groups_heads: [&'static str; 5],
    pub groups: Vec<GroupRow>,
    pub groups_alt: String,
    pub groups_none: &'static str,
    /// Points by kind (internal).
    pub kinds_title: &'static str,
    pub kinds_note: &'static str,
    pub kinds_heads: [&'static str; 2],
    pub kinds: Vec<KindRow>,
    pub kinds_alt: String,
    pub kinds_none: &'static str,
    /// Reasons.
    pub reasons_title: &'static str,
    pub reasons_note: &'static str,
    pub reasons_heads: [&'static str; 2],
    pub reasons: Vec<ReasonRow>,
    pub reasons_none: &'static str,
    pub reasons_spoil: &'static str,
    /// What to do, in three steps: when and what.
    pub steps_title: &'static str,
    pub steps: Vec<[String; 2]>,
    /// Companies that take part (internal).
    pub list_title: &'static str,
    pub list_note: &'static str,
    pub list_none: &'static str,
    pub list_heads: [&'static str; 6],
    pub list: Vec<ListRow>,
    pub invite_title: &'static str,
    pub invite_note: &'static str,
    pub invited: Vec<Invited>,
    /// Quality of the flight.
    pub quality_title: &'static str,
    pub plots: Vec<Plot>,
    pub no_weather: &'static str,
    pub quality: Vec<Pair>,
    pub quality_note: String,
    pub conditions_title: &'static str,
    pub conditions: Vec<Pair>,
    /// The comparison with an earlier flight, or a sentence.
    pub former_title: &'static str,
    pub former: Option<FormerBlock>,
    pub former_none: &'static str,
    /// Method, sources, data protection, recipients, glossary.
    pub sections: Vec<Section>,
    pub legend_title: &'static str,
    pub legend: Vec<&'static str>,
    #[serde(skip)]
    pub pictures: Vec<Picture>,
    #[serde(skip)]
    pub logos: Files,
}

/// A park's name; its key where it has none.
fn park_name(id: &str, name: &str) -> String {
    printed(if name.trim().is_empty() { id } else { name })
}

/// Lays out the overview.
pub fn pages(input: &Input<'_>) -> OverviewPages {
    let l = input.scope.language;
    let w = catalogue::of(l);
    let f = &Format::new(w);
    let internal = input.audience == Audience::Association;
    let of =
        |open: &'static str, closed: &'static str| say(if internal { closed } else { open }, l);
    let roofs = match internal {
        true => seen::seen(input.members, &input.scope, input.ground),
        false => Vec::new(),
    };
    let min = input.scope.min_cell.to_string();
    let mut pictures = Vec::new();
    let mut map = map::classes(input, &roofs, f);
    if let Some(map) = &mut map {
        map.alt = map_alt(input, &roofs, f);
    }
    let key = key(map.as_ref(), l);
    let thermal = thermal(input, &roofs, &mut pictures, f);
    let open = roofs.iter().any(|r| r.full() && r.roof().assessed_m2 > 0.0);
    let groups = counts::groups(input, f);
    let kinds = match internal {
        true => counts::kinds(input, f),
        false => Vec::new(),
    };
    let day = input.about.flown.map(|(start, _)| start.date());
    let name = place_name(input);
    let campaign = printed(input.scope.campaign);
    let code = format!("{}-{}", input.scope.flight, say("title", l));
    let reasons = counts::reasons(input, f);
    let (marks, logos) = input.about.brand.marks();
    OverviewPages {
        language: w.code,
        region: w.region,
        title: format!(
            "{campaign} – {name} – {} ({}) – {}",
            say("title", l),
            of("public", "internal"),
            w.code
        ),
        ident: format!(
            "{} {} {} {} {}",
            input.about.project,
            input.scope.flight,
            name,
            if internal { "internal" } else { "public" },
            w.code
        ),
        date: day.map_or([1970, 1, 1], |d| {
            [d.year().into(), d.month().into(), d.day().into()]
        }),
        marks,
        logos,
        internal,
        head: [
            short(&printed(&input.about.project), SHORT[0]),
            short(&printed(&input.about.contractor), SHORT[1]),
        ],
        foot: [
            of("open", "confidential").to_owned(),
            fill(w.processing, &[("program", &input.about.program)]),
        ],
        code: format!("{}, {}", short(&code, SHORT[0]), of("public", "internal")),
        page: [say("page", l), say("of", l)],
        north: say("north", l),
        eyebrow: of("eyebrow_public", "eyebrow_internal"),
        under: under(input, &campaign, f),
        headline: headline(input, &roofs, f),
        lead: lead(input, &roofs, f),
        big: big(input, f),
        name,
        map,
        map_title: say("map_title", l),
        no_map: say("no_map", l),
        key_class: say("key_class", l),
        key,
        classes: counts::classes(input, &roofs, f),
        together_label: say("together", l),
        thermal_title: say("thermal_title", l),
        thermal_instead: say(if open { "thermal_gone" } else { "thermal_none" }, l),
        thermal_key: thermal_key(thermal.as_ref(), l),
        thermal,
        figures_title: say("figures_title", l),
        figures: figures::key_figures(input, &roofs, f),
        parks_title: say("parks_title", l),
        parks_heads: [
            "col_park",
            "companies_listed",
            "participants",
            "buildings_seen",
        ]
        .map(|k| say(k, l)),
        parks: figures::parks(input, f),
        groups_title: say("together_title", l),
        groups_note: fill(
            of("together_note", "together_note_internal"),
            &[("min", &min)],
        ),
        groups_heads: [
            "col_group",
            "col_all_companies",
            "col_sharing",
            "col_zone",
            "col_first",
        ]
        .map(|k| say(k, l)),
        groups_alt: counts::groups_alt(&groups, l),
        groups_none: say("together_none", l),
        kinds_title: say("kinds_title", l),
        kinds_note: say("kinds_note", l),
        kinds_heads: [say("col_number", l), "m²"],
        kinds_alt: counts::kinds_alt(&kinds, l),
        kinds,
        kinds_none: say("kinds_none", l),
        reasons_title: say("reasons_title", l),
        reasons_note: say("reasons_note", l),
        reasons_heads: [say("col_reason", l), say("col_companies", l)],
        reasons_spoil: if reasons.iter().any(|r| r.spoils) {
            say("spoils", l)
        } else {
            ""
        },
        reasons,
        reasons_none: say("reasons_none", l),
        steps_title: say("steps_title", l),
        steps: steps(input, &groups),
        list_title: say("list_title", l),
        list_note: say("list_note", l),
        list_none: say("list_none", l),
        list_heads: [
            "col_company",
            "col_class",
            "col_points",
            "col_priority",
            "col_sent",
            "col_follow_up",
        ]
        .map(|k| say(k, l)),
        list: match internal {
            true => list::participants(input, f),
            false => Vec::new(),
        },
        invite_title: say("invite_title", l),
        invite_note: say("invite_note", l),
        invited: list::invited(&groups),
        groups,
        quality_title: say("quality_title", l),
        plots: figures::plots(input, f),
        no_weather: say("no_weather", l),
        quality: figures::quality(input, f),
        quality_note: figures::quality_note(input, f),
        conditions_title: say("conditions_title", l),
        conditions: figures::conditions(input, f),
        former_title: say("compare_title", l),
        former: former::block(input, &roofs, f),
        former_none: say("former_none", l),
        sections: sections(input, &min, f),
        legend_title: say("legend_title", l),
        legend: w
            .class_words
            .iter()
            .copied()
            .chain([w.labels.legend_not_assessable])
            .collect(),
        pictures,
    }
}

/// A name as the head of a page holds it; the title has it whole.
fn short(name: &str, longest: usize) -> String {
    match name.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default().trim_end()),
        None => name.to_owned(),
    }
}

/// Park and municipality.
fn place_name(input: &Input<'_>) -> String {
    let park = input.scope.park.and_then(|i| input.scope.parks.get(i));
    let name = match park {
        Some((id, name)) => park_name(id, name),
        None => printed(&input.about.project),
    };
    let town = printed(&input.about.municipality);
    match town.is_empty() || name.to_lowercase().contains(&town.to_lowercase()) {
        true => name,
        false => format!("{name}, {town}"),
    }
}

/// Lines beside the title: campaign and flight, client and contractor, version.
fn under(input: &Input<'_>, campaign: &str, f: &Format) -> Vec<String> {
    let l = input.scope.language;
    let flown = match input.about.flown {
        Some((start, end)) => fill(
            say("flown", l),
            &[
                ("date", &f.date(start.date())),
                ("from", &f.time(start)),
                ("to", &f.time(end)),
            ],
        ),
        None => fill(say("flown_undated", l), &[("id", input.scope.flight)]),
    };
    let mut lines = vec![campaign.to_owned(), flown];
    let colon = match l {
        crate::survey::Language::Fr => "\u{a0}: ",
        _ => ": ",
    };
    let who = [
        ("client", &input.about.project),
        ("contractor", &input.about.contractor),
        ("contact", &input.about.contact),
    ];
    let told = who.into_iter().filter(|(_, name)| !name.trim().is_empty());
    lines.extend(told.map(|(key, name)| format!("{}{colon}{}", say(key, l), printed(name))));
    if let Some((start, _)) = input.about.flown {
        let date = f.date(start.date());
        lines.push(fill(say("version", l), &[("date", &date)]));
    }
    lines
}

fn headline(input: &Input<'_>, roofs: &[seen::Seen<'_>], f: &Format) -> Vec<Run> {
    let l = input.scope.language;
    let whole = |n: usize| f.number(n as f64, 0);
    if input.audience == Audience::Association {
        let classes: Vec<u8> = roofs
            .iter()
            .filter(|r| r.class_known())
            .filter_map(|r| r.roof().class)
            .collect();
        let high = classes.iter().filter(|c| **c >= 4).count();
        return match classes.as_slice() {
            [] => runs(say("headline_internal_none", l)),
            [one] => runs(&fill(
                say("headline_internal_one", l),
                &[("class", &one.to_string())],
            )),
            all => runs(&fill(
                say("headline_internal", l),
                &[("n", &whole(high)), ("m", &whole(all.len()))],
            )),
        };
    }
    let (counts, _) = public::class_counts(input.members, &input.scope);
    let told: Option<Vec<usize>> = counts.iter().take(6).copied().collect();
    if let Some(told) = told {
        let (all, high): (usize, usize) = (told.iter().sum(), told.iter().skip(3).sum());
        return runs(&fill(
            say("headline_public", l),
            &[("n", &whole(high)), ("m", &whole(all))],
        ));
    }
    let (part, listed) = figures::companies(input, input.scope.park);
    if part < input.scope.min_cell {
        return runs(say("headline_few", l));
    }
    runs(&fill(
        say("headline_took_part", l),
        &[("n", &whole(part)), ("m", &whole(listed))],
    ))
}

fn lead(input: &Input<'_>, roofs: &[seen::Seen<'_>], f: &Format) -> String {
    let l = input.scope.language;
    if input.audience == Audience::Public {
        let min = input.scope.min_cell.to_string();
        return fill(say("lead_public", l), &[("min", &min)]);
    }
    let known = roofs.iter().filter(|r| r.class_known());
    let high = known.filter(|r| r.roof().class.is_some_and(|c| c >= 4));
    let m2: f64 = high.map(|r| r.roof().area_m2).sum();
    match m2 > 0.0 {
        true => fill(say("lead_area", l), &[("area", &counts::area(m2, f))]),
        false => String::new(),
    }
}

/// Companies that take part, and their buildings.
fn big(input: &Input<'_>, f: &Format) -> Vec<[String; 2]> {
    let l = input.scope.language;
    let whole = |n: usize| f.number(n as f64, 0);
    let (part, listed) = figures::companies(input, input.scope.park);
    if input.audience == Audience::Public && part < input.scope.min_cell {
        return Vec::new();
    }
    let taking_part = seen::seen(input.members, &input.scope, input.ground);
    let theirs: BTreeSet<&str> = taking_part.iter().map(|r| r.roof().oidn.as_str()).collect();
    let all = input.roofs_flown().count();
    vec![
        [
            whole(part),
            fill(say("big_companies", l), &[("m", &whole(listed))]),
        ],
        [
            whole(theirs.len()),
            fill(say("big_buildings", l), &[("m", &whole(all))]),
        ],
    ]
}

fn map_alt(input: &Input<'_>, roofs: &[seen::Seen<'_>], f: &Format) -> String {
    let l = input.scope.language;
    let n = f.number(input.ground.len() as f64, 0);
    if input.audience == Audience::Public {
        return fill(say("map_alt_public", l), &[("n", &n)]);
    }
    let classes = || {
        let known = roofs.iter().filter(|r| r.class_known());
        known.filter_map(|r| r.roof().class)
    };
    let high = classes().filter(|c| *c >= 4).count();
    fill(
        say("map_alt_internal", l),
        &[
            ("n", &n),
            ("m", &f.number(classes().count() as f64, 0)),
            ("k", &f.number(high as f64, 0)),
        ],
    )
}

fn key(map: Option<&ParkMap>, l: crate::survey::Language) -> Vec<KeyItem> {
    let Some(map) = map else { return Vec::new() };
    let item = |sign, text, there: bool| {
        there.then(|| KeyItem {
            sign,
            label: say(text, l),
        })
    };
    [
        item("class", "key_class", !map.classes.is_empty()),
        item("hatched", "key_not_assessable", !map.hatched.is_empty()),
        item("unshared", "key_not_shared", !map.unshared.is_empty()),
        item("others", "key_others", !map.others.is_empty()),
        item("panels", "key_panels", !map.panels.is_empty()),
        item("plain", "key_seen", !map.plain.is_empty()),
        item("unseen", "key_unseen", !map.unseen.is_empty()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn thermal_key(block: Option<&ThermalBlock>, l: crate::survey::Language) -> Vec<KeyItem> {
    let Some(map) = block.map(|b| &b.map) else {
        return Vec::new();
    };
    let mut items = vec![KeyItem {
        sign: "masked",
        label: say("key_masked", l),
    }];
    if !map.panels.is_empty() {
        items.push(KeyItem {
            sign: "panels",
            label: say("key_panels", l),
        });
    }
    items
}

fn thermal(
    input: &Input<'_>,
    roofs: &[seen::Seen<'_>],
    pictures: &mut Vec<Picture>,
    f: &Format,
) -> Option<ThermalBlock> {
    if input.audience == Audience::Public {
        return None;
    }
    let l = input.scope.language;
    let scale_c = input.about.scale_c.or(input.facts.scale_c)?;
    let shapes = thermal_shapes(input.members, &input.scope, input.ground);
    let palette = input.about.palette;
    let mut map = map::thermal(input, roofs, &shapes, scale_c, palette, f, pictures)?;
    let n = f.number(shapes.own.len() as f64, 0);
    let (low, high) = (f.number(scale_c.0, 0), f.number(scale_c.1, 0));
    let ends = [("n", n.as_str()), ("low", &low), ("high", &high)];
    map.alt = fill(say("thermal_alt", l), &ends);
    let emissivity = input.facts.condition("emissivity");
    let e = emissivity.map_or_else(|| "–".to_owned(), |e| f.number(e, 2));
    let table = palette.table();
    let stop = |i: usize| {
        let [r, g, b] = table[i * 255 / (STOPS - 1)];
        format!("#{r:02X}{g:02X}{b:02X}")
    };
    Some(ThermalBlock {
        note: fill(say("thermal_note", l), &[("n", &n)]),
        map,
        caption: fill(say("thermal_caption", l), &[("e", &e)]),
        scale_alt: fill(say("scale_alt", l), &ends),
        stops: (0..STOPS).map(stop).collect(),
        ticks: crate::report::histogram::ticks(scale_c.0, scale_c.1, f),
    })
}

fn steps(input: &Input<'_>, groups: &[GroupRow]) -> Vec<[String; 2]> {
    let l = input.scope.language;
    let internal = input.audience == Audience::Association;
    let then = match groups.first() {
        Some(group) => fill(say("then_group", l), &[("group", group.label)]),
        None => say("then_no_group", l).to_owned(),
    };
    let now = if internal {
        "now_internal"
    } else {
        "now_public"
    };
    vec![
        [say("now", l).to_owned(), say(now, l).to_owned()],
        [say("then", l).to_owned(), then],
        [say("later", l).to_owned(), say("later_text", l).to_owned()],
    ]
}

fn sections(input: &Input<'_>, min: &str, f: &Format) -> Vec<Section> {
    let l = input.scope.language;
    let internal = input.audience == Audience::Association;
    let section = |title: &'static str, texts: Vec<String>| Section {
        title: say(title, l),
        paragraphs: texts.iter().map(|t| runs(t)).collect(),
    };
    let said = |keys: &[&'static str]| keys.iter().map(|k| say(k, l).to_owned()).collect();
    // Names of others are no marked text.
    let plain = |name: &str| printed(name).replace(['*', '_'], " ");
    let stations: Vec<String> = input.facts.stations.iter().map(|s| plain(s)).collect();
    let weather = match stations.is_empty() {
        true => say("weather_given", l).to_owned(),
        false => stations.join(", "),
    };
    let privacy = if internal {
        "privacy_internal"
    } else {
        "privacy_public"
    };
    let mut privacy = vec![fill(say(privacy, l), &[("min", min)])];
    if let Some(date) = input.about.retain_until {
        privacy.push(fill(say("retained", l), &[("date", &f.date(date))]));
    }
    let recipients = match internal {
        true => "recipients_internal",
        false => "recipients_public",
    };
    vec![
        section(
            "method_title",
            said(&[
                "method_flight",
                "method_class",
                "method_points",
                "method_limits",
            ]),
        ),
        section(
            "sources_title",
            vec![fill(say("sources_text", l), &[("weather", &weather)])],
        ),
        section("privacy_title", privacy),
        section("recipients_title", said(&[recipients])),
        section(
            "terms_title",
            said(&["term_1", "term_2", "term_3", "term_4"]),
        ),
    ]
}
