//! The page of one company: its roofs as its sheet shows and numbers them.

use geo::MultiPolygon;

use super::shape::{inside, origin, place};
use super::{ClassRow, Drawn, Fact, Layer, Look, MapPage, Roof, Shape, Spot, Variant, words};
use crate::report::findings::{Finding, Source};
use crate::report::format::{Format, NBSP, fill};
use crate::report::palette::CLASS_HEX;
use crate::report::sheet::{BuildingRow, PointRow, Sheet, campaign};
use crate::report::verdict::assessable;
use crate::report::words::{self as catalogue, Words};
use crate::report::{Building, SheetInput};

/// The page of a company, without cells and without earlier flights.
pub fn company(input: &SheetInput, sheet: &Sheet) -> Drawn {
    let text = words::of(input.language);
    let printed = catalogue::of(input.language);
    let f = Format::new(printed);
    let outlines = || input.buildings.iter().map(|b| &b.outline.polygon);
    let origin_m = origin(outlines());
    let roof = |(rank, building): (usize, &usize)| {
        let row = sheet.buildings.get(rank);
        roof_of(&input.buildings[*building], row, text, origin_m)
    };
    let roofs: Vec<Roof> = sheet.order.iter().enumerate().map(roof).collect();
    let shown = outlines_shown(input).cloned().collect();
    let flight = &input.flight;
    let dated = flight.start.year() > 1970;
    let layer = Layer {
        flight: flight.id.clone(),
        date: if dated {
            f.date(flight.start.date())
        } else {
            String::new()
        },
        origin_m,
        cells: None,
        spots: spots(input, sheet, text, origin_m),
        roofs,
        others: input
            .neighbours
            .iter()
            .map(|n| Shape::new(n, origin_m))
            .collect(),
    };
    let (low, high) = input.scale_c;
    let page = MapPage {
        variant: Variant::Company,
        language: format!("{}-{}", printed.code, printed.region),
        campaign: campaign(input).to_owned(),
        title: text.title_company.to_owned(),
        subject: input.company.name.clone(),
        accent: sheet.accent.clone(),
        scale_c: Some([low, high]),
        palette: input.palette.table().to_vec(),
        words: *text,
        classes: legend(printed),
        classes_note: printed.labels.legend_not_assessable.to_owned(),
        notes: vec![
            text.observation.to_owned(),
            raster_note(text, &f, input.conditions.emissivity),
            text.own_only.to_owned(),
        ],
        program: input.settings.program.clone(),
        layers: vec![layer],
    };
    Drawn {
        page,
        shown,
        hidden: input.neighbours.clone(),
    }
}

/// Which emissivity the values stand on.
pub(super) fn raster_note(text: &words::MapWords, f: &Format, emissivity: f64) -> String {
    fill(text.raster, &[("e", &f.number(emissivity, 2))])
}

/// The classes 1–6 and what has none.
pub(super) fn legend(printed: &Words) -> Vec<ClassRow> {
    let row = |(i, word): (usize, &&str)| ClassRow {
        class: u8::try_from(i + 1).ok(),
        colour: CLASS_HEX[i].to_owned(),
        word: (*word).to_owned(),
        companies: String::new(),
    };
    let mut rows: Vec<ClassRow> = printed.class_words.iter().enumerate().map(row).collect();
    rows.push(ClassRow {
        class: None,
        colour: String::new(),
        word: printed.labels.key_not_assessable.to_owned(),
        companies: String::new(),
    });
    rows
}

/// Outlines whose temperatures the sheet shows.
fn outlines_shown(input: &SheetInput) -> impl Iterator<Item = &MultiPolygon<f64>> {
    crate::report::map::shown(input).into_iter()
}

fn roof_of(
    building: &Building,
    row: Option<&BuildingRow>,
    text: &words::MapWords,
    origin_m: [f64; 2],
) -> Roof {
    let polygon = &building.outline.polygon;
    let mut roof = Roof {
        oidn: building.outline.oidn.clone(),
        look: if assessable(&building.score) {
            Look::Thermal
        } else {
            Look::Hatched
        },
        shape: Shape::new(polygon, origin_m),
        masked: building
            .masked
            .iter()
            .map(|m| Shape::new(m, origin_m))
            .collect(),
        at: inside(polygon, origin_m),
        open: true,
        ..Roof::default()
    };
    if let Some(row) = row {
        roof.name = match row.name.as_str() {
            "" => row.tag.clone(),
            name => format!("{} · {name}", row.tag),
        };
        let notes = [row.part, row.instead.as_deref().unwrap_or_default()];
        let notes: Vec<&str> = notes.into_iter().filter(|n| !n.is_empty()).collect();
        roof.note = notes.join(" · ");
        roof.class = row.class;
        roof.chip = row.chip.clone();
        roof.facts = roof_facts(row, text);
    }
    // A class has its word in the legend, a roof that is not assessable says why.
    let told = row.is_some_and(|r| r.instead.is_some());
    if roof.class.is_none() && !told {
        roof.word = text.key_hatched.to_owned();
    }
    roof
}

fn roof_facts(row: &BuildingRow, text: &words::MapWords) -> Vec<Fact> {
    let mut facts = vec![Fact::new(text.area, format!("{}{NBSP}m²", row.area))];
    if row.instead.is_some() {
        return facts;
    }
    let with = |value: &str, unit: &str| format!("{value}{NBSP}{unit}");
    let known = |value: &str| !value.is_empty() && value != "–";
    if known(&row.median) {
        facts.push(Fact::new(text.median, with(&row.median, "°C")));
    }
    for (label, [value, uncertainty]) in [
        (text.over_air, &row.delta_air),
        (text.over_reference, &row.delta_reference),
    ] {
        if known(value) {
            let value = match uncertainty.as_str() {
                "" => value.clone(),
                more => format!("{value} {more}"),
            };
            facts.push(Fact::new(label, with(&value, "K")));
        }
    }
    facts
}

fn spots(
    input: &SheetInput,
    sheet: &Sheet,
    text: &words::MapWords,
    origin_m: [f64; 2],
) -> Vec<Spot> {
    let findings = &sheet.findings;
    let rank = |building: usize| {
        let found = sheet.order.iter().position(|i| *i == building);
        found.unwrap_or_default()
    };
    let point = |(finding, row): (&Finding, &PointRow)| {
        let building = &input.buildings[finding.building];
        let spot = &building.hotspots[finding.hotspot];
        Spot {
            roof: rank(finding.building),
            at: place([spot.x_m, spot.y_m], origin_m),
            shapes: vec![Shape::new(&spot.polygon, origin_m)],
            ..spot_of(row, text)
        }
    };
    let source = |(source, row): (&Source, &PointRow)| {
        let all = &input.buildings[source.building].hotspots;
        let members = || source.members.iter().map(|i| &all[*i]);
        let first = members().next();
        Spot {
            roof: rank(source.building),
            at: first.map_or([0.0; 2], |s| place([s.x_m, s.y_m], origin_m)),
            shapes: members()
                .map(|s| Shape::new(&s.polygon, origin_m))
                .collect(),
            ..spot_of(row, text)
        }
    };
    let points = findings.points.iter().zip(&sheet.points).map(point);
    // The annex begins with the points that did not find room on page 1.
    let more = findings.more.iter().zip(&sheet.annex).map(point);
    let sources = findings.sources.iter().zip(&sheet.explained).map(source);
    points.chain(more).chain(sources).collect()
}

fn spot_of(row: &PointRow, text: &words::MapWords) -> Spot {
    let mut facts = vec![
        Fact::new(text.excess, format!("{}{NBSP}K", row.delta)),
        Fact::new(text.area, format!("{}{NBSP}m²", row.area)),
    ];
    if row.urgency > 0 {
        let urgency = format!("{} · {}", row.urgency, row.urgency_word);
        facts.push(Fact::new(text.priority, urgency));
    }
    Spot {
        number: row.number,
        explained: row.explained,
        nature: row.nature.clone(),
        place: row.place.clone(),
        facts,
        ..Spot::default()
    }
}
