//! Hostile names and shapes go through a whole run: every output stays what it is, and nothing is
//! written anywhere else.

use crate::common::{self, files, flight_folder, stderr, thermaudit, tree};
use std::path::Path;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::read::archive::Archive;
use thermaudit::read::outlines;
use thermaudit::read::table::Mapping;

/// Names that mean something to some format.
const NAMES: [&str; 12] = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://example.invalid\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\"; DROP TABLE companies; --",
    "]]></name><x a='1'>&amp;&#x41;",
    "#let x = 1 #panic(\"x\") $x$ *b* _i_ @ref <label> \\ `raw`",
    "../../../tmp/thermaudit-escaped",
    "%n%s%x {{7*7}} ${7*7}",
    "\u{202e}fdp.exe \u{7}\u{1b}[31m",
    "two\nlines\r\nand\ttabs",
    "Ünïcödé 漢字 \u{1f3ed} ﷽",
];

/// The sample park with these names, its flight in a folder that means something, too.
fn hostile_park(root: &Path) {
    common::park_copy(root, 45);
    let flight = flight_folder(root);
    let name = "nacht #1 % '\"&<b> \u{e9}";
    std::fs::rename(&flight, flight.with_file_name(name)).expect("renamed");
    let list = root.join("companies.csv");
    let mut reader = csv::Reader::from_path(&list).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (called, street, by) = (at("name"), at("street"), at("consent_by"));
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(&header).expect("text");
    for (i, row) in reader.records().enumerate() {
        let row = row.expect("a row");
        let own = NAMES[i % NAMES.len()];
        let cells = row.iter().enumerate().map(|(k, cell)| match k {
            k if k == called || k == street || k == by => own,
            _ => cell,
        });
        table.write_record(cells).expect("text");
    }
    std::fs::write(&list, table.into_inner().expect("text")).expect("written");
    let audit = root.join("audit.toml");
    let text = std::fs::read_to_string(&audit).expect("settings");
    let line = text
        .lines()
        .find(|l| l.starts_with("name ="))
        .expect("a name");
    let project = toml::Value::String("<i onload=\"x()\"> =1+1 $y$ *c* #z ]]> &lt;".to_owned());
    std::fs::write(&audit, text.replace(line, &format!("name = {project}"))).expect("written");
}

#[test]
fn hostile_names_leave_every_output_what_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("park");
    std::fs::create_dir(&root).expect("made");
    hostile_park(&root);
    let inputs = tree(folder.path());
    let done = thermaudit(&["-q", "run", &root.to_string_lossy()]);
    let said = stderr(&done);
    assert!(done.status.code().is_some_and(|c| c < 2), "{said}");
    // A terminal is told nothing it would obey.
    assert!(!said.contains('\u{1b}'), "{said:?}");
    let made: Vec<String> = tree(folder.path())
        .into_iter()
        .filter(|name| !inputs.contains(name))
        .collect();
    let ours =
        |name: &String| name.starts_with("park/results/") || name.starts_with("park/.thermaudit/");
    assert!(made.iter().all(ours), "{made:?}");
    assert!(!Path::new("/tmp/thermaudit-escaped").exists());

    let mut judged = std::collections::BTreeMap::new();
    for name in made.iter().filter(|n| n.starts_with("park/results/")) {
        let bytes = std::fs::read(folder.path().join(name)).expect("a result");
        let ending = name.rsplit('.').next().unwrap_or_default().to_owned();
        *judged.entry(ending.clone()).or_insert(0) += 1;
        let text = || String::from_utf8(bytes.clone()).expect("UTF-8");
        match ending.as_str() {
            "json" | "geojson" => {
                serde_json::from_slice::<serde_json::Value>(&bytes).expect(name);
            }
            "html" => page(name, &text()),
            "xlsx" => workbook(name, &bytes),
            "csv" => table(name, &text()),
            "qgz" => {
                let archive = Archive::new(&bytes).expect(name);
                let part = archive
                    .names()
                    .find(|n| n.ends_with(".qgs"))
                    .expect("a project");
                let xml = archive.text(part).expect(name);
                let options = roxmltree::ParsingOptions {
                    allow_dtd: true,
                    ..Default::default()
                };
                roxmltree::Document::parse_with_options(&xml, options).expect(name);
            }
            "pdf" => {
                let said = thermaudit::attach::leak::pdf_text(&bytes).expect(name);
                assert!(said.split_whitespace().count() > 20, "{name}");
            }
            "gpkg" => package(&folder.path().join(name)),
            _ => {}
        }
    }
    for ending in [
        "json", "geojson", "html", "xlsx", "csv", "qgz", "pdf", "gpkg",
    ] {
        assert!(
            judged.get(ending).is_some_and(|n| *n > 0),
            "no {ending}: {judged:?}"
        );
    }
}

/// No name became part of a page.
fn page(name: &str, html: &str) {
    assert!(!html.contains("<script>alert(1)"), "{name}");
    assert!(!html.contains("<img src=x"), "{name}");
    // As many scripts end as begin.
    let low = html.to_ascii_lowercase();
    assert_eq!(
        low.matches("<script").count(),
        low.matches("</script").count(),
        "{name}"
    );
}

/// No cell is a formula, every part is XML.
fn workbook(name: &str, bytes: &[u8]) {
    let archive = Archive::new(bytes).expect(name);
    let parts: Vec<String> = archive
        .names()
        .filter(|n| n.ends_with(".xml"))
        .map(str::to_owned)
        .collect();
    assert!(parts.len() > 4, "{parts:?}");
    for part in parts {
        let xml = archive.text(&part).expect(&part);
        let document = roxmltree::Document::parse(&xml).expect(&part);
        let mut nodes = document.descendants();
        assert!(!nodes.any(|n| n.has_tag_name("f")), "{name} {part}");
    }
}

/// No cell begins a formula.
fn table(name: &str, text: &str) {
    let delimiter = if text.lines().next().is_some_and(|l| l.contains(';')) {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for row in reader.records() {
        for cell in &row.expect(name) {
            let number = cell.parse::<f64>().is_ok();
            let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!begins || number || cell == "-", "{name}: {cell:?}");
        }
    }
}

fn package(path: &Path) {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(path, flags).expect("a database");
    let sound: String = database
        .query_row("PRAGMA integrity_check", [], |r| r.get(0))
        .expect("asked");
    assert_eq!(sound, "ok");
}

fn collection(rows: &[&str]) -> String {
    format!(
        "{{\"type\":\"FeatureCollection\",\"crs\":{{\"type\":\"name\",\"properties\":\
         {{\"name\":\"urn:ogc:def:crs:EPSG::31370\"}}}},\"features\":[{}]}}",
        rows.join(",")
    )
}

/// Outlines that are hard on whoever takes them as they are.
#[test]
fn hostile_outlines_are_told_and_the_others_are_used() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path();
    common::park_copy(root, 45);
    // The sample's own outlines, as text.
    let path = files(root)
        .into_iter()
        .find(|p| {
            p.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("buildings."))
        })
        .expect("outlines");
    let crs = Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known");
    let (sample, _) = outlines::read(&path, &Mapping::new(), &crs).expect("sound");
    let ring = |points: &[(f64, f64)]| -> String {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("[{x},{y}]")).collect();
        format!("[[{}]]", points.join(","))
    };
    let mut features: Vec<(String, String)> = sample
        .iter()
        .map(|o| {
            let polygon = &o.polygon.0[0];
            let points: Vec<(f64, f64)> = polygon.exterior().coords().map(|c| (c.x, c.y)).collect();
            (o.oidn.clone(), ring(&points))
        })
        .collect();
    let first = sample[0].polygon.0[0].exterior().0[0];
    let (x, y) = (first.x, first.y);
    let bow = [
        (x, y),
        (x + 9.0, y + 9.0),
        (x + 9.0, y),
        (x, y + 7.0),
        (x, y),
    ];
    features.push(("bow".to_owned(), ring(&bow)));
    // A million points on a circle of 20 m.
    let round = |i: usize| {
        let a = std::f64::consts::TAU * i as f64 / 1e6;
        (x + 300.0 + 20.0 * a.cos(), y + 20.0 * a.sin())
    };
    let mut circle: Vec<(f64, f64)> = (0..1_000_000).map(round).collect();
    circle.push(circle[0]);
    features.push(("million".to_owned(), ring(&circle)));
    features.push((
        "far".to_owned(),
        "[[[1e300,0],[1e300,9],[9,9],[1e300,0]]]".to_owned(),
    ));
    features.push((
        "line".to_owned(),
        ring(&[(x, y), (x + 9.0, y), (x, y), (x, y)]),
    ));
    features.push(("none".to_owned(), "[]".to_owned()));
    // In degrees across the antimeridian: no place of this system.
    let across = [
        (179.9, 1.0),
        (-179.9, 1.0),
        (-179.9, 1.1),
        (179.9, 1.1),
        (179.9, 1.0),
    ];
    features.push(("antimeridian-1".to_owned(), ring(&across)));
    let rows: Vec<String> = features
        .iter()
        .map(|(oidn, rings)| {
            format!(
                "{{\"type\":\"Feature\",\"properties\":{{\"oidn\":\"{oidn}\"}},\"geometry\":\
                 {{\"type\":\"Polygon\",\"coordinates\":{rings}}}}}"
            )
        })
        .collect();
    let all: Vec<&str> = rows.iter().map(String::as_str).collect();
    let text = collection(&all);
    std::fs::remove_file(&path).expect("removed");
    std::fs::write(root.join("buildings.geojson"), text).expect("written");
    // All that is wrong is said at once, and nothing is made of the rest: a building that is missing
    // would be somebody's.
    let run = || thermaudit(&["run", &root.to_string_lossy()]);
    let done = run();
    let said = stderr(&done);
    assert_eq!(done.status.code(), Some(2), "{said}");
    for what in [
        "bow crosses itself",
        "far has a coordinate that is no place",
        "line has",
        "none has an empty geometry",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    // Without these the others are used; a million points are odd, and hours would be what a search
    // for crossings among their edges takes.
    let wrong = ["bow", "far", "line", "none"];
    let rows = features.iter().zip(&rows);
    let rows: Vec<&str> = rows
        .filter(|((oidn, _), _)| !wrong.contains(&oidn.as_str()))
        .map(|(_, row)| row.as_str())
        .collect();
    std::fs::write(root.join("buildings.geojson"), collection(&rows)).expect("written");
    let since = std::time::Instant::now();
    let done = run();
    let said = stderr(&done);
    assert!(done.status.code().is_some_and(|c| c < 2), "{said}");
    assert!(since.elapsed().as_secs() < 120, "{:?}", since.elapsed());
    assert!(said.contains("1000001 points"), "{said}");
    let sheets = tree(&root.join("results"));
    let sheets = sheets.iter().filter(|n| n.ends_with("sheet.pdf")).count();
    assert!(sheets > 3, "{sheets} sheets");
}

/// Settings cannot name what lies outside the project's reach, nor nest without end.
#[test]
fn paths_out_of_a_template_and_deep_nesting_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("park");
    std::fs::create_dir(&root).expect("made");
    common::park_copy(&root, 20);
    std::fs::write(folder.path().join("secret.txt"), "quite secret").expect("written");
    let template = root.join("template");
    std::fs::create_dir(&template).expect("made");
    for text in [
        "#read(\"../../secret.txt\")",
        "#read(\"/../../../../etc/passwd\")",
        "#image(\"../../secret.txt\")",
        "#import \"@preview/cetz:0.3.4\": *",
        "#let f(n) = f(n + 1)\n#f(0)",
    ] {
        std::fs::write(template.join("sheet.typ"), text).expect("written");
        let done = thermaudit(&["-q", "run", &root.to_string_lossy()]);
        let said = stderr(&done);
        assert!(
            done.status.code().is_some_and(|c| c > 0 && c < 3),
            "{text}: {said}"
        );
        assert!(said.contains("sheet.typ"), "{text}: {said}");
        assert!(
            !said.contains("quite secret") && !said.contains("root:x:"),
            "{text}: {said}"
        );
        let sheets = tree(&root.join("results"));
        assert!(
            !sheets.iter().any(|n| n.ends_with("sheet.pdf")),
            "{text}: {sheets:?}"
        );
    }
    std::fs::remove_dir_all(&template).expect("removed");
    let audit = root.join("audit.toml");
    let text = std::fs::read_to_string(&audit).expect("settings");
    let deep = format!(
        "{text}\nx = {}1{}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    std::fs::write(&audit, deep).expect("written");
    let done = thermaudit(&["-q", "check", &root.to_string_lossy()]);
    assert_eq!(done.status.code(), Some(2), "{}", stderr(&done));
    std::fs::write(&audit, text).expect("written");
    let nested = format!(
        "{{\"type\":\"FeatureCollection\",\"features\":{}",
        "[".repeat(1_000_000)
    );
    std::fs::write(root.join("buildings.geojson"), nested).expect("written");
    for path in files(&root) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with("buildings.") && !name.ends_with("geojson") {
            std::fs::remove_file(&path).expect("removed");
        }
    }
    let done = thermaudit(&["-q", "check", &root.to_string_lossy()]);
    assert_eq!(done.status.code(), Some(2), "{}", stderr(&done));
    assert!(
        stderr(&done).contains("buildings.geojson"),
        "{}",
        stderr(&done)
    );
}
