//! The promise: the sheet of one company holds nothing of another, whatever they are called and
//! however near they are; what is public names nobody; who withdraws is gone with the next run.
//!
//! Truth is a park made by hand: 28 halls wall to wall, each of its own temperature, 30
//! companies with names made to break things, in three languages, in two business parks.

#![allow(clippy::print_stdout, reason = "figures and skips are printed")]

use crate::common;

use common::{files, stderr, tree};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use thermaudit::attach::leak::pdf_text;
use thermaudit::raster::{GeoGrid, GeoTransform, Grid};
use thermaudit::read::archive::Archive;
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::report::Palette;
use thermaudit::report::overview::{Cell, Table};
use thermaudit::write::cog::{GridSpec, write_grid};
use thermaudit::write::map_page;
use thermaudit::write::workbook::workbook;

/// South-west corner of the halls, project CRS.
const ORIGIN: (f64, f64) = (40_000.0, 190_000.0);
/// A hall, metres; seven in a row, four rows, nothing between them.
const HALL: (f64, f64) = (20.0, 16.0);
const COLUMNS: usize = 7;
const HALLS: usize = 28;
const CELL_M: f64 = 0.2;
/// Scale of the sheets, °C: halls lie in the coloured middle of the palette.
const SCALE: (f64, f64) = (-9.0, 9.0);
const FLIGHT: &str = "F1";

/// Flat grey of what others hold (design.md).
const MASKED: [u8; 3] = [0xC6, 0xCB, 0xD2];

fn names() -> Vec<String> {
    let mut names: Vec<String> = [
        "Bakkerij \"De Zon\" & 'Co' `x`",
        "Metaal / Staal \\ Draad",
        "../../etc/passwd Transport",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd",
        "+32 Techniek BV",
        "-Minus Koeling NV",
        "Jans\u{202e}gnirednu\u{202c} Werken",
        "\u{5de}\u{5e4}\u{5e2}\u{5dc} \u{5d3}\u{5d5}\u{5d3}",
        "\u{634}\u{631}\u{643}\u{629} \u{627}\u{644}\u{646}\u{648}\u{631}",
        "Regel\nBreuk Houthandel",
        "Tab\tStop Drukkerij",
        "Bel\u{7}Toon Elektro",
        "<script>alert(1)</script> Web",
        "#let x = 1; $a_b$ *vet* _schuin_ [haak] @ref",
        "{company} {n} {place}",
        "%PDF-1.7 endobj stream",
        "C:\\Users\\Public Logistiek",
        "\u{fb01}rma Wei\u{df} & S\u{f8}n",
        "Total",
        "Gebouw",
        "Ateliers L\u{e9}fe\u{301}vre; fils, s\u{153}urs",
        "\u{65e5}\u{672c} Handel \u{1f3ed}",
        "Peeters",
        "Peeters-Maes",
        "DROP TABLE companies;--",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("A".repeat(300));
    names.push("Verenigde Onderneming ".repeat(14).trim().to_owned());
    names.push("Zonehouder Oost BV".to_owned());
    names.push("Medegebruiker Zuid NV".to_owned());
    names
}

/// Company 28 holds the east of hall 1, company 29 shares hall 0 without zones.
const ZONE_WEST: usize = 1;
const ZONE_EAST: usize = 28;
const SHARED: [usize; 2] = [0, 29];
/// Takes no part.
const OUT: usize = 5;
/// Withdraws later on.
const LEAVES: usize = 12;

fn id(company: usize) -> String {
    format!("C{company:02}")
}

fn oidn(hall: usize) -> String {
    format!("{}", 5_310_001 + 7 * hall)
}

/// West, south, east, north.
fn hall(hall: usize) -> [f64; 4] {
    let (col, row) = ((hall % COLUMNS) as f64, (hall / COLUMNS) as f64);
    let (x, y) = (ORIGIN.0 + col * HALL.0, ORIGIN.1 + row * HALL.1);
    [x, y, x + HALL.0, y + HALL.1]
}

/// The hall a company is in.
fn hall_of(company: usize) -> usize {
    match company {
        c if c == ZONE_EAST => ZONE_WEST,
        c if c == SHARED[1] => SHARED[0],
        c => c,
    }
}

/// Steps of half a kelvin, so that no two neighbours are alike.
fn hall_c(hall: usize) -> f64 {
    -4.0 + 0.5 * ((hall * 5) % 17) as f64
}

/// Where the map sharpens and blends across walls, metres.
const WALL_M: f64 = 1.0;

fn number(company: usize) -> String {
    // Ten digits whose last two are 97 less the rest modulo 97 (KBO).
    let first = 4_070_000 + 1_311 * company as u64;
    let first = format!("{:08}", first);
    let value: u64 = first.parse().expect("digits");
    format!("{first}{:02}", 97 - value % 97)
}

fn polygon([w, s, e, n]: [f64; 4]) -> Value {
    json!([[[w, s], [e, s], [e, n], [w, n], [w, s]]])
}

fn collection(features: Vec<Value>) -> String {
    let system = json!({ "type": "name", "properties": { "name": "urn:ogc:def:crs:EPSG::31370" } });
    json!({ "type": "FeatureCollection", "crs": system, "features": features }).to_string()
}

fn make(project: &Path) {
    let flight = project.join("flights").join(FLIGHT);
    std::fs::create_dir_all(&flight).expect("a folder");
    let write = |name: &str, text: String| {
        std::fs::write(project.join(name), text).expect("a file");
    };
    write(
        "audit.toml",
        format!(
            "[project]\nname = \"Proefpark\"\ncrs = \"EPSG:31370\"\n\
             [privacy]\nlink_secret_env = \"THERMAUDIT_TEST_SECRET\"\n\
             [report]\nscale_c = [{:.1}, {:.1}]\n\
             [weather]\nair_c = -6.0\nhumidity_pct = 80\nwind_m_s = 1.0\ncloud_okta = 0\n",
            SCALE.0, SCALE.1
        ),
    );
    std::fs::write(
        flight.join("flight.toml"),
        "[flight]\ntiles = true\nplatform = \"aircraft\"\nstart = \"2026-01-12T23:10:00+01:00\"\n",
    )
    .expect("a file");
    let outlines = (0..HALLS).map(|i| {
        json!({
            "type": "Feature",
            "properties": { "OIDN": oidn(i), "material": "bitumen" },
            "geometry": { "type": "Polygon", "coordinates": polygon(hall(i)) },
        })
    });
    write("buildings.geojson", collection(outlines.collect()));
    let east_x = ORIGIN.0 + 4.0 * HALL.0;
    let parks = [
        ("west/../1", -50.0, east_x - ORIGIN.0),
        ("oost", east_x - ORIGIN.0, 300.0),
    ];
    let parks = parks.map(|(key, from, to)| {
        let area = [
            ORIGIN.0 + from,
            ORIGIN.1 - 50.0,
            ORIGIN.0 + to,
            ORIGIN.1 + 200.0,
        ];
        json!({
            "type": "Feature",
            "properties": { "park_id": key, "name": format!("Terrein {key}") },
            "geometry": { "type": "Polygon", "coordinates": polygon(area) },
        })
    });
    write("parks.geojson", collection(parks.to_vec()));
    let [w, s, e, n] = hall(ZONE_WEST);
    let middle = (w + e) / 2.0;
    let ring = |a: f64, b: f64| format!("POLYGON(({a} {s},{b} {s},{b} {n},{a} {n},{a} {s}))");
    let mut links = csv::Writer::from_writer(Vec::new());
    links
        .write_record(["company_id", "oidn", "zone"])
        .expect("written");
    for (company, ring) in [(ZONE_WEST, ring(w, middle)), (ZONE_EAST, ring(middle, e))] {
        let row = [id(company), oidn(ZONE_WEST), ring];
        links.write_record(&row).expect("written");
    }
    let links = links.into_inner().expect("flushed");
    write("links.csv", String::from_utf8(links).expect("text"));
    companies(project, &[]);
    tile(&flight.join("T1.tif"));
}

/// The company list; those of `withdrawn` have withdrawn.
fn companies(project: &Path, withdrawn: &[usize]) {
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = [
        "company_id",
        "name",
        "enterprise_number",
        "language",
        "participates",
        "buildings",
        "share_with_association",
        "consent_date",
        "consent_by",
        "contact_name",
        "contact_email",
        "gas_price_eur_kwh",
    ];
    table.write_record(head).expect("written");
    for (i, name) in names().into_iter().enumerate() {
        let building = match i {
            ZONE_EAST | ZONE_WEST => String::new(),
            i if i == SHARED[1] => oidn(SHARED[0]),
            i => oidn(i),
        };
        let participates = match i {
            OUT => "no",
            i if withdrawn.contains(&i) => "withdrawn",
            _ => "yes",
        };
        let row = [
            id(i),
            name,
            number(i),
            ["nl", "fr", "en"][i % 3].to_owned(),
            participates.to_owned(),
            building,
            ["no", "class", "full"][(i / 3) % 3].to_owned(),
            "2025-11-03".to_owned(),
            "=zaakvoerder".to_owned(),
            format!("@Contact{} Persoon", ["Alfa", "Bravo", "Delta"][i % 3]),
            format!("post{i}@bedrijf{i}.example"),
            format!("0.0{}", 50 + i),
        ];
        table.write_record(&row).expect("written");
    }
    let bytes = table.into_inner().expect("flushed");
    std::fs::write(project.join("companies.csv"), bytes).expect("a file");
}

/// The park as a ready-made tile: halls wall to wall, on every third one a warm patch.
fn tile(path: &Path) {
    let margin = 12.0;
    let (cols, rows) = (COLUMNS as f64 * HALL.0, (HALLS / COLUMNS) as f64 * HALL.1);
    let width = ((cols + 2.0 * margin) / CELL_M) as usize;
    let height = ((rows + 2.0 * margin) / CELL_M) as usize;
    let transform = GeoTransform {
        x0: ORIGIN.0 - margin,
        y0: ORIGIN.1 + rows + margin,
        dx: CELL_M,
        dy: CELL_M,
    };
    let mut grid = Grid::filled(width, height, -7.0_f32);
    for row in 0..height {
        for col in 0..width {
            let (x, y) = transform.centre(col, row);
            let (u, v) = ((x - ORIGIN.0) / HALL.0, (y - ORIGIN.1) / HALL.1);
            let outside = u < 0.0 || v < 0.0 || u >= COLUMNS as f64 || v >= rows / HALL.1;
            if outside {
                continue;
            }
            let i = v as usize * COLUMNS + u as usize;
            let (du, dv) = ((u.fract() - 0.3) * HALL.0, (v.fract() - 0.4) * HALL.1);
            let patch = if i.is_multiple_of(3) && du.abs() < 2.0 && dv.abs() < 1.5 {
                4.0
            } else {
                0.0
            };
            // A texture of a few hundredths, as roofs have.
            let grain = 0.04 * (((col * 7 + row * 13) % 11) as f64 - 5.0) / 5.0;
            grid.set(col, row, (hall_c(i) + patch + grain) as f32);
        }
    }
    let spec = GridSpec::float(31370, f64::NAN, "temperature", "degC");
    write_grid(path, &GeoGrid { grid, transform }, &spec).expect("written");
}

fn run(project: &Path, more: &[&str]) -> (i32, String) {
    let path = project.to_str().expect("a plain path");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_thermaudit"))
        .args([&["run", path], more].concat())
        .env("THERMAUDIT_TEST_SECRET", "0123456789abcdef0123456789abcdef")
        .output()
        .expect("the program starts");
    (output.status.code().unwrap_or(-1), stderr(&output))
}

/// Every part of a workbook or project file; a page of the web or a catalogue item is one.
fn parts(path: &Path) -> BTreeMap<String, String> {
    if path.extension().is_some_and(|e| e == "html" || e == "json") {
        let page = std::fs::read_to_string(path).expect("a page");
        return BTreeMap::from([("page".to_owned(), page)]);
    }
    let bytes = std::fs::read(path).expect("a workbook");
    let archive = Archive::new(&bytes).expect("an archive");
    let names: Vec<String> = archive.names().map(str::to_owned).collect();
    let text = |name: &String| archive.text(name).expect("text");
    names
        .iter()
        .map(|name| (name.clone(), text(name)))
        .collect()
}

/// A sheet of a workbook as text, row by row.
fn sheet(path: &Path, wanted: &str) -> Vec<Vec<String>> {
    let parts = parts(path);
    let book = roxmltree::Document::parse(&parts["xl/workbook.xml"]).expect("XML");
    let names: Vec<&str> = book
        .descendants()
        .filter(|n| {
            n.has_tag_name((
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                "sheet",
            ))
        })
        .filter_map(|n| n.attribute("name"))
        .collect();
    let at = names.iter().position(|n| *n == wanted);
    let at = at.expect("a sheet of that name") + 1;
    let strings = roxmltree::Document::parse(&parts["xl/sharedStrings.xml"]).expect("XML");
    let shared: Vec<String> = strings
        .descendants()
        .filter(|n| n.tag_name().name() == "si")
        .map(|n| {
            n.descendants()
                .filter_map(|d| d.text().filter(|_| d.is_text()))
                .collect()
        })
        .collect();
    let part = &parts[&format!("xl/worksheets/sheet{at}.xml")];
    let document = roxmltree::Document::parse(part).expect("XML");
    let rows = document
        .descendants()
        .filter(|n| n.tag_name().name() == "row");
    rows.map(|row| {
        let cells = row.children().filter(|n| n.tag_name().name() == "c");
        cells
            .map(|cell| {
                let mut inner = cell.children();
                let value = inner.find(|n| n.tag_name().name() == "v");
                let value = value.and_then(|v| v.text()).unwrap_or_default();
                match cell.attribute("t") {
                    Some("s") => shared[value.parse::<usize>().expect("an index")].clone(),
                    _ => value.to_owned(),
                }
            })
            .collect()
    })
    .collect()
}

/// Numbers of a public table, `None` where one is withheld, by the first cell.
fn counts(path: &Path) -> BTreeMap<String, Option<usize>> {
    let rows = sheet(path, "classes").into_iter().skip(1);
    rows.filter(|r| !r[0].is_empty())
        .map(|r| (r[0].clone(), r.last().and_then(|n| n.parse().ok())))
        .collect()
}

/// Class on a company's sheet.
fn class(out: &Path, company: usize) -> Option<Option<u64>> {
    let path = out.join("companies").join(id(company)).join("sheet.json");
    let text = std::fs::read_to_string(path).ok()?;
    let twin: Value = serde_json::from_str(&text).expect("JSON");
    Some(twin["result"]["class"].as_u64())
}

/// Own ground of a company.
fn own(company: usize) -> [f64; 4] {
    let [w, s, e, n] = match company {
        ZONE_EAST => hall(ZONE_WEST),
        i if i == SHARED[1] => hall(SHARED[0]),
        i => hall(i),
    };
    match company {
        ZONE_WEST => [w, s, (w + e) / 2.0, n],
        ZONE_EAST => [(w + e) / 2.0, s, e, n],
        _ => [w, s, e, n],
    }
}

/// On the thermal map of page 1: the colour at the middle of every other roof, and the greatest
/// share of colour anywhere off the own roof.
fn check_picture(out: &Path, company: usize) -> usize {
    let path = out.join("companies").join(id(company)).join("sheet-1.png");
    let page = image::open(&path).expect("a page").to_rgb8();
    let mm = |v: f64| v / 25.4 * 96.0;
    let at = |x: f64, y: f64| page.get_pixel(x as u32, y as u32).0;
    // The map stands 107 mm from the left; neighbours or ground touch its upper edge.
    let flat = |p: [u8; 3]| p.iter().all(|v| (185..=242).contains(v));
    let left = mm(107.0) + 2.0;
    let mut top = 0.0;
    let mut y = mm(60.0);
    while y < mm(200.0) {
        let long = (0..40).all(|k| flat(at(left, y + f64::from(k))));
        if long {
            top = y;
            break;
        }
        y += 1.0;
    }
    assert!(top > 0.0, "{}: no map found", path.display());
    let [w, s, e, n] = own(company);
    let (width, height) = ((e - w) * 1.0, n - s);
    let margin = 0.1 * width.max(height);
    let (mut wide, mut tall) = ((width + 2.0 * margin).max(20.0), height + 2.0 * margin);
    if wide * 66.0 < tall * 88.0 {
        wide = tall * 88.0 / 66.0;
    } else {
        tall = wide * 66.0 / 88.0;
    }
    let (cx, cy) = ((w + e) / 2.0, (s + n) / 2.0);
    let per_m = mm(88.0) / wide;
    let place = |x: f64, y: f64| {
        let px = mm(107.0) + (x - cx + wide / 2.0) * per_m;
        let py = top + (cy + tall / 2.0 - y) * per_m;
        (px, py)
    };
    let inside = |px: f64, py: f64| {
        let (l, r) = (mm(107.0) + 3.0, mm(195.0) - 3.0);
        px > l && px < r && py > top + 3.0 && py < top + mm(66.0) - 3.0
    };
    let mut checked = 0;
    for other in 0..HALLS {
        let [ow, os, oe, on] = hall(other);
        // A raster of places on the other roof, a metre off its walls.
        for i in 0..=9 {
            for j in 0..=9 {
                let x = ow + 1.0 + (oe - ow - 2.0) * f64::from(i) / 9.0;
                let y = os + 1.0 + (on - os - 2.0) * f64::from(j) / 9.0;
                if x > w - 0.6 && x < e + 0.6 && y > s - 0.6 && y < n + 0.6 {
                    continue;
                }
                let (px, py) = place(x, y);
                if !inside(px, py) {
                    continue;
                }
                let [r, g, b] = at(px, py).map(i32::from);
                let chroma = r.max(g).max(b) - r.min(g).min(b);
                // Marks (north arrow, scale bar, numbers) are ink and white, never a colour.
                assert!(
                    chroma <= 16,
                    "{} of {} at {x:.1} {y:.1}: {:?}",
                    id(company),
                    other,
                    [r, g, b]
                );
                checked += usize::from([r, g, b].map(|v| v as u8) == MASKED);
            }
        }
    }
    // The own roof is there, in the colour of the temperature that is printed.
    let (px, py) = place(w + 0.75 * (e - w), s + 0.8 * (n - s));
    let median = twin(out, company)["buildings"][0]["t_median_c"].as_f64();
    let share = (median.expect("a median") - SCALE.0) / (SCALE.1 - SCALE.0);
    let wanted = Palette::Inferno.table()[(share * 255.0).round() as usize];
    let found = at(px, py);
    let pairs = wanted.iter().zip(found);
    let off = pairs.map(|(a, b)| i32::from(*a).abs_diff(i32::from(b)));
    // The grain of the roof is some steps of the palette.
    assert!(
        off.max() < Some(12),
        "{}: {found:?}, expected {wanted:?}",
        id(company)
    );
    checked
}

/// Every cell of a company's map page lies on its own ground and has its own roof's temperature:
/// walls are common, so that one column or row too many is another's.
fn own_map(out: &Path, company: usize) -> usize {
    let path = out.join("companies").join(id(company)).join("map.html");
    let page = std::fs::read_to_string(&path).expect("a page");
    let layers = map_page::layers(&page).expect("its own data");
    let [layer] = layers.as_slice() else {
        panic!("{} has {} flights", id(company), layers.len());
    };
    assert!(layer.roofs.iter().all(|r| r.oidn == oidn(hall_of(company))));
    let [w, s, e, n] = own(company);
    let place = layer.cells.as_ref().expect("temperatures");
    assert_eq!((place.cell_m, place.reduced), (CELL_M, 1));
    let mosaic = GeoTiff::open(&out.join("mosaic.tif")).expect("a mosaic");
    let map = mosaic.window(mosaic.whole()).expect("cells");
    let (mut seen, mut plain) = (0, Vec::new());
    for tile in &place.tiles {
        let cells = map_page::unpack(tile.width, tile.height, &tile.packed).expect("packed");
        for (i, celsius) in cells.into_iter().enumerate().filter(|(_, c)| c.is_finite()) {
            let col = (tile.col + i % tile.width) as f64 + 0.5;
            let row = (tile.row + i / tile.width) as f64 + 0.5;
            let x = layer.origin_m[0] + place.corner_m[0] + col * CELL_M;
            let y = layer.origin_m[1] + place.corner_m[1] - row * CELL_M;
            assert!(
                x > w && x < e && y > s && y < n,
                "{}: a cell at {x} {y}",
                id(company)
            );
            // As the mosaic has it there; inside of the walls of one temperature, for the grain is
            // some hundredths, neighbours are half a kelvin off at least, only the patch is warmer.
            let (u, v) = mosaic.transform.to_pixel(x, y);
            let there = map.at(u as usize, v as usize);
            assert!(
                (celsius - there).abs() < 0.011,
                "{}: {celsius} at {x} {y}",
                id(company)
            );
            let [west, south, ..] = hall(hall_of(company));
            let (dx, dy) = (x - west - 0.3 * HALL.0, y - south - 0.4 * HALL.1);
            let patch = dx.abs() < 2.0 + CELL_M && dy.abs() < 1.5 + CELL_M;
            let wall = (x - w).min(e - x).min(y - s).min(n - y) < WALL_M;
            if !patch && !wall {
                plain.push(celsius);
            }
            seen += 1;
        }
    }
    plain.sort_by(f32::total_cmp);
    let spread = plain[plain.len() - 1] - plain[0];
    assert!(spread < 0.3, "{}: {spread} K over one roof", id(company));
    let own_cells = (e - w) * (n - s) / CELL_M.powi(2);
    assert!(
        seen as f64 > 0.98 * own_cells,
        "{}: {seen} of {own_cells}",
        id(company)
    );
    seen
}

#[test]
fn thirty_companies_wall_to_wall_learn_nothing_of_each_other() {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let project = parent.path().join("park");
    make(&project);
    let before: BTreeSet<String> = tree(parent.path()).into_iter().collect();
    let (code, said) = run(&project, &[]);
    assert!(code < 2, "{said}");
    let out = project.join("results").join(FLIGHT);

    // No file outside of results and cache; folders are keys.
    let after: BTreeSet<String> = tree(parent.path()).into_iter().collect();
    for new in after.difference(&before) {
        assert!(
            new.starts_with("park/results/F1/") || new.starts_with("park/.thermaudit/"),
            "{new}"
        );
    }
    let folders: Vec<String> = files(&out.join("companies"))
        .iter()
        .filter_map(|p| Some(p.file_name()?.to_string_lossy().into_owned()))
        .collect();
    let expected: Vec<String> = (0..30).filter(|i| *i != OUT).map(id).collect();
    assert_eq!(folders, expected, "{said}");

    // Pictures: whatever is not the own roof is flat.
    let mut checked = 0;
    for company in (0..30).filter(|i| *i != OUT) {
        checked += check_picture(&out, company);
    }
    println!("{checked} places on roofs of others are masked");
    let cells: usize = (0..30)
        .filter(|i| *i != OUT)
        .map(|i| own_map(&out, i))
        .sum();
    println!("{cells} cells of map pages lie on own roofs");
    assert!(checked > 1000, "{checked}");

    shared_and_zones(&out);
    own_hotspots(&out);
    overviews(&out);
    overview_pages(&out);
    mail_merge(&out);
    inert(&project, &out);
    withdrawal(&project, &out);
    cache_gone(&project, &out);
    planted(&project, &out);
}

fn twin(out: &Path, company: usize) -> Value {
    let path = out.join("companies").join(id(company)).join("sheet.json");
    let text = std::fs::read_to_string(path).expect("a twin");
    serde_json::from_str(&text).expect("JSON")
}

fn shared_and_zones(out: &Path) {
    for company in SHARED {
        let twin = twin(out, company);
        let building = &twin["buildings"][0];
        assert_eq!(building["part"], "shared");
        assert_eq!(building["hotspot_count"], Value::Null);
        assert_eq!(twin["hotspots"], json!([]), "hall 0 has a warm patch");
        let reasons = building["reasons"].as_array().expect("a list");
        assert!(reasons.iter().any(|r| r["code"] == "R09"), "{reasons:?}");
        // What one tenant says of its contract is in nobody else's sheet.
        assert_eq!(building["cost_eur_a"], Value::Null);
    }
    for company in [ZONE_WEST, ZONE_EAST] {
        let building = &twin(out, company)["buildings"][0];
        assert_eq!(building["part"], "zone");
        let area = building["area_m2"].as_f64().expect("an area");
        assert!((area - HALL.0 * HALL.1 / 2.0).abs() < 0.01, "{area}");
        let median = building["t_median_c"].as_f64().expect("a median");
        // Both zones of one hall, of one temperature.
        let other = if company == ZONE_WEST {
            ZONE_EAST
        } else {
            ZONE_WEST
        };
        let there = twin(out, other)["buildings"][0]["t_median_c"].as_f64();
        assert!((median - there.expect("a median")).abs() < 0.1, "{median}");
    }
}

/// The patch of hall 3 in degrees, counter-clockwise, where the projection puts it.
fn own_hotspots(out: &Path) {
    let text = std::fs::read_to_string(out.join("companies/C03/hotspots.geojson"));
    let found: Value = serde_json::from_str(&text.expect("a file")).expect("JSON");
    let features = found["features"].as_array().expect("features");
    assert!(!features.is_empty());
    let crs = thermaudit::geo::crs::Crs::new("31370", Default::default()).expect("known");
    let [w, s, ..] = hall(3);
    let (lon, lat) = crs
        .to_lonlat(w + 0.3 * HALL.0, s + 0.4 * HALL.1)
        .expect("in Belgium");
    let near = features.iter().any(|f| {
        let ring = f["geometry"]["coordinates"][0].as_array().expect("a ring");
        let point = |i: usize, k: usize| ring[i][k].as_f64().expect("a number");
        let mean = |k: usize| {
            (0..ring.len() - 1).map(|i| point(i, k)).sum::<f64>() / (ring.len() - 1) as f64
        };
        let twice: f64 = (0..ring.len() - 1)
            .map(|i| point(i, 0) * point(i + 1, 1) - point(i + 1, 0) * point(i, 1))
            .sum();
        assert!(
            twice > 0.0,
            "outer rings run counter-clockwise (RFC 7946, 3.1.6)"
        );
        // A tenth of the patch.
        (mean(0) - lon).abs() < 1e-5 && (mean(1) - lat).abs() < 1e-5
    });
    assert!(near, "{features:?}");
}

/// Park of a company: its hall's column.
fn west(company: usize) -> bool {
    let [w, ..] = own(company);
    w < ORIGIN.0 + 4.0 * HALL.0 - 0.1
}

fn park_folders(out: &Path, top: &str) -> Vec<PathBuf> {
    files(&out.join(top))
        .into_iter()
        .filter(|p| p.is_dir())
        .collect()
}

fn overviews(out: &Path) {
    let folders = park_folders(out, "park");
    assert_eq!(folders.len(), 2, "{folders:?}");
    assert_eq!(park_folders(out, "internal").len(), 2);
    let east = folders
        .iter()
        .find(|p| p.ends_with("oost"))
        .expect("a folder");
    let west_folder = folders
        .iter()
        .find(|p| !p.ends_with("oost"))
        .expect("a folder");
    let truth = |of: &dyn Fn(usize) -> bool, key: &str| {
        let wanted = key.parse::<u64>().ok();
        let companies = (0..30).filter(|i| *i != OUT && of(*i));
        companies
            .filter(|i| class(out, *i).expect("a sheet") == wanted)
            .count()
    };
    let all = counts(&out.join("park/overview.xlsx"));
    let tables = [
        (all.clone(), &(|_| true) as &dyn Fn(usize) -> bool),
        (counts(&west_folder.join("overview.xlsx")), &west),
        (counts(&east.join("overview.xlsx")), &|i| !west(i)),
    ];
    let mut withheld = 0;
    let known_only = sheet(&out.join("park/overview.xlsx"), "classes").len() > 8;
    for (table, of) in &tables {
        assert_eq!(table.len(), 7, "{table:?}");
        for (key, shown) in table {
            let true_count = truth(*of, key);
            withheld += usize::from(shown.is_none());
            if let Some(n) = shown {
                assert!(*n >= 5, "{table:?}");
                assert!(
                    *n == true_count || known_only,
                    "{key}: {n}, truly {true_count}"
                );
            }
            assert!(
                true_count >= 5 || shown.is_none(),
                "{key}: {true_count} is shown"
            );
        }
    }
    println!("{withheld} of 21 cells withheld; campaign {all:?}");
    assert!(withheld > 0);
    // The association sees of a company what it allows.
    let rows = sheet(&out.join("internal/overview.xlsx"), "companies");
    assert_eq!(rows.len(), 30, "head and 29 that take part");
    let column = |name: &str| rows[0].iter().position(|c| c == name).expect("a column");
    for row in &rows[1..] {
        let company: usize = row[0][1..].parse().expect("a key");
        let cell = |name: &str| row.get(column(name)).map_or("", String::as_str);
        let allowed = ["no", "class", "full"][(company / 3) % 3];
        assert_eq!(cell("share_with_association"), allowed);
        let true_class = class(out, company).expect("a sheet").map(|c| c.to_string());
        match allowed {
            "no" => assert_eq!((cell("class"), cell("oidns")), ("", ""), "{row:?}"),
            _ if SHARED.contains(&company) => assert_eq!(cell("class"), "", "{row:?}"),
            _ => assert_eq!(cell("class"), true_class.unwrap_or_default(), "{row:?}"),
        }
    }
    let spots = sheet(&out.join("internal/overview.xlsx"), "hotspots");
    for row in &spots[1..] {
        let company: usize = row[2][1..].parse().expect("a key");
        assert_eq!((company / 3) % 3, 2, "{row:?}");
    }
    let layers = rusqlite::Connection::open(out.join("audit.gpkg")).expect("opens");
    let park: String = layers
        .query_row(
            "SELECT park_id FROM buildings WHERE oidn = ?1",
            [oidn(6)],
            |r| r.get(0),
        )
        .expect("a row");
    assert_eq!(park, "oost");
}

/// Text of a PDF as the leak check reads it.
fn text_of_pdf(path: &Path) -> String {
    let pdf = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    pdf_text(&pdf).expect("a PDF")
}

/// Every park and the campaign have pages; the public ones tell of nobody.
fn overview_pages(out: &Path) {
    let folders = |top: &str| {
        let parks = park_folders(out, top);
        parks.into_iter().chain(std::iter::once(out.join(top)))
    };
    for folder in folders("park") {
        let text = text_of_pdf(&folder.join("overview.pdf"));
        for i in 0..30 {
            assert!(!text.contains(&oidn(i)) && !text.contains(&number(i)));
            // As a word: three letters may stand inside a digest of the metadata.
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
            assert!(words.all(|word| word != id(i)), "{text}");
        }
        assert!(!text.contains("Peeters") && !text.contains("Zonehouder"));
    }
    for folder in folders("internal") {
        let text = text_of_pdf(&folder.join("overview.pdf"));
        assert!((0..30).all(|i| !text.contains(&oidn(i)) && !text.contains(&number(i))));
    }
    // A picture of the roofs that are shared whole, and of nothing else: the ground is masked.
    let whole = std::fs::metadata(out.join("internal/overview.pdf")).expect("a file");
    let open = std::fs::metadata(out.join("park/overview.pdf")).expect("a file");
    assert!(whole.len() > open.len());
}

fn mail_merge(out: &Path) {
    let path = out.join("internal/mailmerge.csv");
    let bytes = std::fs::read(path).expect("a file");
    let text = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .expect("a byte-order mark");
    let mut table = csv::ReaderBuilder::new().delimiter(b';').from_reader(text);
    let head = table.headers().expect("a head").clone();
    let head: Vec<&str> = head.iter().collect();
    let wanted = ["aanspreking", "naam", "email", "bestand", "link", "klasse"];
    assert_eq!(head, wanted);
    let rows: Vec<csv::StringRecord> = table.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 29);
    let links: BTreeSet<&str> = rows.iter().filter_map(|r| r.get(4)).collect();
    assert_eq!(links.len(), 29, "every company has a token of its own");
    let greetings: BTreeSet<&str> = rows.iter().filter_map(|r| r.get(0)).collect();
    assert_eq!(
        greetings,
        BTreeSet::from(["Beste", "Dear", "Madame, Monsieur"])
    );
    for row in &rows {
        assert!(out.join(&row[3]).exists(), "{row:?}");
        assert!(
            row[1].starts_with("'@Contact"),
            "a cell is no formula: {row:?}"
        );
    }
}

/// No cell of any table is a formula.
fn inert(project: &Path, out: &Path) {
    let mut books = 0;
    for file in tree(out) {
        let path = out.join(&file);
        if file.ends_with(".xlsx") {
            for (name, part) in parts(&path) {
                assert!(
                    !part.contains("<f>") && !part.contains("<f "),
                    "{file} {name}"
                );
            }
            books += 1;
        } else if file.ends_with(".csv") {
            let text = std::fs::read_to_string(&path).expect("text");
            let delimiter = if file.contains("mailmerge") {
                b';'
            } else {
                b','
            };
            let mut table = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .has_headers(false)
                .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
            for row in table.records() {
                for cell in row.expect("a row").iter() {
                    assert!(!cell.starts_with(['=', '+', '@', '\t']), "{file}: {cell}");
                    let minus = cell.starts_with('-') && cell.parse::<f64>().is_err();
                    assert!(!minus, "{file}: {cell}");
                }
            }
        }
    }
    assert_eq!(books, 6);
    assert!(project.join("companies.csv").exists());
}

/// A run that stops early takes out who withdrew all the same.
fn withdrawal(project: &Path, out: &Path) {
    let book = |top: &str| std::fs::read(out.join(top).join("overview.xlsx")).expect("a workbook");
    let pages = std::fs::read(out.join("internal/overview.pdf")).expect("a file");
    let before = (book("park"), book("internal"), pages);
    companies(project, &[LEAVES]);
    let (code, said) = run(project, &["--until", "read"]);
    assert!(code < 2, "{said}");
    assert!(!out.join("companies").join(id(LEAVES)).exists());
    assert!(out.join("companies").join(id(LEAVES + 1)).exists());
    assert!(
        book("internal") != before.1,
        "the overview still counts who withdrew"
    );
    let rows = sheet(&out.join("internal/overview.xlsx"), "companies");
    assert!(!rows.iter().any(|r| r[0] == id(LEAVES)));
    let totals = sheet(&out.join("park/overview.xlsx"), "overview");
    let counted = totals.iter().find(|r| r[0] == "companies_counted");
    assert_eq!(counted.expect("a row")[1], "28");
    let merge = std::fs::read_to_string(out.join("internal/mailmerge.csv")).expect("text");
    assert!(!merge.contains(&id(LEAVES)));
    let pages = std::fs::read(out.join("internal/overview.pdf")).expect("a file");
    assert!(pages != before.2, "the pages still count who withdrew");
    let page = std::fs::read_to_string(out.join("internal/index.html")).expect("a page");
    assert!(!page.contains(&id(LEAVES)) && page.contains(&id(LEAVES + 1)));
    let log = std::fs::read_to_string(out.join("internal/consent_log.csv")).expect("a log");
    assert!(
        log.contains("C12,yes") && log.contains("C12,withdrawn"),
        "{log}"
    );
    // Nothing of a company in what is public, by an outside eye as well.
    for file in tree(&out.join("park")) {
        let path = out.join("park").join(&file);
        let texts: Vec<String> = match file.ends_with(".pdf") {
            true => vec![text_of_pdf(&path)],
            false => parts(&path).into_values().collect(),
        };
        for part in &texts {
            for i in 0..30 {
                assert!(
                    !part.contains(&oidn(i)) && !part.contains(&number(i)),
                    "{file}"
                );
                assert!(
                    !part.contains("bedrijf") || !part.contains(".example"),
                    "{file}"
                );
            }
            assert!(
                !part.contains("Peeters") && !part.contains("Zonehouder"),
                "{file}"
            );
        }
    }
}

/// Without what they were made from, overviews that may tell of one who withdrew are removed.
fn cache_gone(project: &Path, out: &Path) {
    std::fs::remove_dir_all(project.join(".thermaudit")).expect("a cache");
    let (code, said) = run(project, &["--until", "read"]);
    assert!(
        code < 2 && said.contains("could not be made again"),
        "{said}"
    );
    for top in ["park", "internal"] {
        let left = tree(&out.join(top));
        assert!(
            !left.iter().any(|f| [
                "overview.xlsx",
                "overview.pdf",
                "index.html",
                "park.qgz",
                "stac.json"
            ]
            .iter()
            .any(|n| f.ends_with(n))),
            "{left:?}"
        );
    }
    assert!(out.join("internal/consent_log.csv").exists());
}

/// The name of another in a text and in a workbook of a company's folder: both are found.
fn planted(project: &Path, out: &Path) {
    let folder = |company: usize| out.join("companies").join(id(company));
    let note = "Vergelijk met ZONEHOUDER  oost b.v.";
    std::fs::write(folder(3).join("nota.txt"), note).expect("a file");
    let table = Table {
        name: "x",
        columns: vec!["a"],
        rows: vec![vec![Cell::Text(format!("zie {}", oidn(9)))]],
    };
    let book = workbook(&[table], "x", (2026, 1, 1)).expect("a workbook");
    std::fs::write(folder(4).join("extra.xlsx"), book).expect("a file");
    let (code, said) = run(project, &[]);
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("C03/nota.txt") && said.contains("of company C28"),
        "{said}"
    );
    assert!(
        said.contains("C04/extra.xlsx") && said.contains(&oidn(9)),
        "{said}"
    );
    assert!(!folder(3).exists() && !folder(4).exists());
    assert!(folder(7).exists());
}
