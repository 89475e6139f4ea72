//! Map pages as their readers meet them: opened from disk in a browser without network.
//!
//! A park flown twice by an aircraft. Skipped where Chromium or the packages of
//! `tests/tools/requirements.txt` are missing; what needs no browser is checked in any case.

use crate::common::{has_program, stderr, thermaudit};
use geo::{Contains, Distance, Euclidean, MultiPolygon, Point};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use thermaudit::read::gpkg;

struct Flown {
    folder: tempfile::TempDir,
    flights: [String; 2],
}

/// A row of the company list as far as the tests ask.
struct Listed {
    id: String,
    name: String,
    number: String,
    mail: String,
    participates: bool,
    sharing: String,
    oidns: Vec<String>,
}

impl Flown {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().to_string_lossy().into_owned();
        let arguments = [
            "-q",
            "simulate",
            &path,
            "--seed",
            "77",
            "--scale",
            "tiny",
            "--flights",
            "2",
            "--sensor",
            "aircraft",
            "--visits",
            "0",
        ];
        let done = thermaudit(&arguments);
        assert!(done.status.success(), "{}", stderr(&done));
        let text = std::fs::read_to_string(folder.path().join("truth/truth.json")).expect("truth");
        let truth: Value = serde_json::from_str(&text).expect("JSON");
        let id = |i: usize| {
            truth["flights"][i]["id"]
                .as_str()
                .expect("an id")
                .to_owned()
        };
        let found = Self {
            flights: [id(0), id(1)],
            folder,
        };
        found.run();
        found
    }

    fn run(&self) {
        let done = thermaudit(&["-q", "run", &self.folder.path().to_string_lossy()]);
        assert!(
            done.status.code().is_some_and(|c| c < 2),
            "{}",
            stderr(&done)
        );
    }

    fn results(&self, flight: usize) -> PathBuf {
        self.folder
            .path()
            .join("results")
            .join(&self.flights[flight])
    }

    fn listed(&self) -> Vec<Listed> {
        let mut table =
            csv::Reader::from_path(self.folder.path().join("companies.csv")).expect("csv");
        let header = table.headers().expect("a header").clone();
        let rows = table.records().map(|row| {
            let row = row.expect("a row");
            let cell = |name: &str| {
                let at = header.iter().position(|h| h == name);
                row.get(at.expect("a column"))
                    .unwrap_or_default()
                    .to_owned()
            };
            Listed {
                id: cell("company_id"),
                name: cell("name"),
                number: cell("enterprise_number"),
                mail: cell("contact_email"),
                participates: cell("participates") == "yes",
                sharing: cell("share_with_association"),
                oidns: cell("buildings")
                    .split(';')
                    .filter(|o| !o.is_empty())
                    .map(str::to_owned)
                    .collect(),
            }
        });
        rows.collect()
    }

    fn outlines(&self) -> BTreeMap<String, MultiPolygon<f64>> {
        let path = self.results(0).join("audit.gpkg");
        let layers = gpkg::layers(&path).expect("a GeoPackage");
        let layer = layers
            .iter()
            .find(|l| l.name == "buildings")
            .expect("a layer");
        let headers = &layer.table.headers;
        let key = headers.iter().position(|h| h == "oidn").expect("a column");
        let rows = layer.table.records.iter().zip(layer.polygons());
        rows.map(|(row, shape)| (row.cells[key].clone(), shape.expect("a polygon")))
            .collect()
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn data(html: &str) -> Value {
    let json = html
        .split("id=\"data\">")
        .nth(1)
        .and_then(|t| t.split("</script>").next());
    serde_json::from_str(json.expect("data")).expect("JSON")
}

/// Everything of a company that must not stand in what another sees.
fn secrets(of: &Listed) -> Vec<&str> {
    let all = [of.id.as_str(), &of.name, &of.number, &of.mail];
    let all = all.into_iter().chain(of.oidns.iter().map(String::as_str));
    all.filter(|t| !t.is_empty()).collect()
}

fn no_company_finds_another(flown: &Flown) {
    let listed = flown.listed();
    let mut pages = 0;
    for flight in [0, 1] {
        let out = flown.results(flight);
        for own in listed.iter().filter(|c| c.participates) {
            let path = out.join("companies").join(&own.id).join("map.html");
            if !path.exists() {
                continue;
            }
            pages += 1;
            let page = text(&path);
            for other in listed.iter().filter(|c| c.id != own.id) {
                for secret in secrets(other)
                    .into_iter()
                    .filter(|s| !own.oidns.iter().any(|o| o == s))
                {
                    assert!(!page.contains(secret), "{}: {secret}", own.id);
                }
            }
            assert!(page.contains(&own.name), "{}", own.id);
        }
        let public = text(&out.join("park/index.html"));
        for company in &listed {
            for secret in secrets(company) {
                assert!(!public.contains(secret), "public: {secret}");
            }
        }
        let layers = data(&public);
        assert_eq!(layers["layers"].as_array().expect("a list").len(), 1);
        let layer = &layers["layers"][0];
        assert!(layer["cells"].is_null() && layers["scale_c"].is_null());
        assert_eq!(layer["roofs"], json!([]));
        assert_eq!(layer["spots"], json!([]));
        // Who shares nothing, or does not take part, is not named to the association.
        let internal = text(&out.join("internal/index.html"));
        for company in &listed {
            let silent =
                !company.participates || !["class", "full"].contains(&company.sharing.as_str());
            if silent {
                for secret in [&company.id, &company.name, &company.number, &company.mail] {
                    assert!(!internal.contains(secret.as_str()), "internal: {secret}");
                }
            }
        }
        for roof in data(&internal)["layers"]
            .as_array()
            .expect("flights")
            .iter()
            .flat_map(|l| l["roofs"].as_array().expect("roofs"))
        {
            let holders: Vec<&str> = roof["holders"]
                .as_array()
                .expect("keys")
                .iter()
                .filter_map(Value::as_str)
                .collect();
            let sharing: Vec<&str> = listed
                .iter()
                .filter(|c| holders.contains(&c.id.as_str()))
                .map(|c| c.sharing.as_str())
                .collect();
            assert_eq!(sharing.len(), holders.len());
            if sharing.contains(&"class") {
                assert_ne!(roof["look"], "thermal", "{holders:?}");
                assert_eq!(roof["facts"], json!([]), "{holders:?}");
            }
        }
    }
    assert!(pages >= 8, "{pages}");
}

fn nothing_changed_writes_nothing(flown: &Flown) {
    let page = |flight: usize, name: &str| {
        let path = flown.results(flight).join(name);
        let written = std::fs::metadata(&path)
            .expect("there")
            .modified()
            .expect("a time");
        (written, text(&path))
    };
    let id = flown
        .listed()
        .into_iter()
        .find(|c| c.participates && flown.results(1).join("companies").join(&c.id).exists());
    let own = format!("companies/{}/map.html", id.expect("a company").id);
    let names = [own.as_str(), "internal/index.html", "park/index.html"];
    let before: Vec<_> = names.iter().map(|n| page(1, n)).collect();
    flown.run();
    let after: Vec<_> = names.iter().map(|n| page(1, n)).collect();
    assert!(before == after, "pages were written again");
    // From nothing: the same bytes.
    std::fs::remove_dir_all(flown.folder.path().join(".thermaudit")).expect("removed");
    std::fs::remove_dir_all(flown.folder.path().join("results")).expect("removed");
    flown.run();
    for ((name, before), after) in names
        .iter()
        .zip(&before)
        .zip(names.iter().map(|n| page(1, n)))
    {
        assert!(before.1 == after.1, "{name} differs from an empty cache");
    }
}

#[test]
fn map_pages_open_from_disk_and_show_what_their_reader_may_see() {
    let flown = Flown::new();
    no_company_finds_another(&flown);
    nothing_changed_writes_nothing(&flown);
    in_the_browser(&flown);
}

fn in_the_browser(flown: &Flown) {
    let Ok(python) = std::env::var("THERMAUDIT_PYTHON") else {
        println!("skipped: THERMAUDIT_PYTHON names no Python with playwright and rasterio");
        return;
    };
    let has = |modules: &str| {
        let tried = Command::new(&python)
            .args(["-c", &format!("import {modules}")])
            .output();
        tried.is_ok_and(|o| o.status.success())
    };
    if !has("playwright, rasterio, PIL") {
        println!("skipped: THERMAUDIT_PYTHON has no playwright, rasterio or pillow");
        return;
    }
    if !has_program("chromium") {
        return;
    }
    let out = flown.results(1);
    let outlines = flown.outlines();
    let own = flown.listed().into_iter().find(|c| {
        let page = out.join("companies").join(&c.id).join("map.html");
        page.exists() && c.oidns.len() > 1 && text(&page).contains("\"packed\"")
    });
    let own = own.expect("a company with temperatures");
    let mosaic = out.join("mosaic.tif");
    let company = out.join("companies").join(&own.id).join("map.html");
    let internal = out.join("internal/index.html");
    let public = out.join("park/index.html");
    let spec = json!([
        { "page": company, "mosaic": mosaic, "query": "G2" },
        { "page": internal, "mosaic": mosaic, "query": "no such company, but letters" },
        { "page": public, "mosaic": mosaic, "query": "" },
    ]);
    let told = drive(&python, flown.folder.path(), &spec);
    for (page, name) in told.iter().zip(["company", "internal", "public"]) {
        opens_quietly(page, name);
        layers_toggle(page, name);
        keys_do_everything(page, name);
    }
    let shapes: Vec<&MultiPolygon<f64>> =
        own.oidns.iter().filter_map(|o| outlines.get(o)).collect();
    let values = cursor_agrees(&told[0], "company");
    for [x, y] in &values {
        assert!(
            shapes.iter().any(|s| s.contains(&Point::new(*x, *y))),
            "a value beyond the own roofs at {x} {y}"
        );
    }
    let open: Vec<String> = data(&text(&internal))["layers"][1]["roofs"]
        .as_array()
        .expect("roofs")
        .iter()
        .filter(|r| r["look"] == "thermal")
        .map(|r| r["oidn"].as_str().expect("a key").to_owned())
        .collect();
    for [x, y] in cursor_agrees(&told[1], "internal") {
        let point = Point::new(x, y);
        // A point of a vertex rounded to the centimetre.
        let on = |o: &String| {
            outlines
                .get(o)
                .is_some_and(|s| Euclidean.distance(s, &point) < 0.02)
        };
        assert!(
            open.iter().any(on),
            "a value of nobody who shares it at {x} {y}"
        );
    }
    let cursor = told[2]["cursor"].as_array().expect("samples");
    assert!(
        cursor.iter().all(|s| s.get("celsius").is_none()),
        "the public page shows values"
    );
    // Two flights, the later first shown; the slider goes to the earlier.
    for page in &told[..2] {
        let flights = page["flights"].as_array().expect("flights");
        assert_eq!(flights.len(), 3, "{flights:?}");
        for (told, id) in flights.iter().zip(&flown.flights) {
            assert!(
                told["flown"].as_str().expect("text").contains(id.as_str()),
                "{told}"
            );
        }
        assert!(flights[2]["changed"].as_u64() > Some(500), "{flights:?}");
    }
    assert_eq!(told[2]["flights"], json!([]));
    assert!(
        told[0]["keyboard"]["popup"]
            .as_str()
            .expect("text")
            .contains("G2"),
        "{}",
        told[0]["keyboard"]
    );
}

fn drive(python: &str, folder: &Path, spec: &Value) -> Vec<Value> {
    let at = folder.join("spec.json");
    std::fs::write(&at, spec.to_string()).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/map_page.py");
    let output = Command::new(python)
        .arg(script)
        .arg("chromium")
        .arg(&at)
        .output();
    let output = output.expect("Python starts");
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// No request but for the page itself, three times; nothing on the console; fits both widths.
fn opens_quietly(page: &Value, name: &str) {
    let requests = page["requests"].as_array().expect("a list");
    assert_eq!(requests.len(), 3, "{name}: {requests:?}");
    for request in requests {
        assert!(
            request.as_str().expect("an address").starts_with("file://"),
            "{name}"
        );
    }
    assert_eq!(page["console"], json!([]), "{name}");
    assert_eq!(page["errors"], json!([]), "{name}");
    assert_eq!(page["wide"], 1440, "{name}");
    assert_eq!(page["narrow"], 390, "{name}");
    assert!(
        page["language"].as_str().expect("a tag").contains("-BE"),
        "{name}"
    );
    assert!(
        page["licence"]
            .as_str()
            .expect("text")
            .contains("BSD 2-Clause License"),
        "{name}"
    );
}

/// Every layer there is goes off and comes back; opacity changes the picture.
fn layers_toggle(page: &Value, name: &str) {
    let toggles = page["toggles"].as_object().expect("toggles");
    let wanted: &[&str] = match name {
        "public" => &["outlines"],
        _ => &[
            "temperature",
            "classes",
            "outlines",
            "spots",
            "others",
            "opacity",
        ],
    };
    let there: Vec<&str> = toggles.keys().map(String::as_str).collect();
    assert_eq!(there, wanted, "{name}");
    for (layer, pixels) in toggles {
        assert!(
            pixels[0].as_u64() > Some(20),
            "{name}: {layer} draws nothing: {pixels}"
        );
        assert_eq!(pixels[1], 0, "{name}: {layer} does not come back: {pixels}");
    }
}

/// Values under the cursor against the raster; out: where values stood.
fn cursor_agrees(page: &Value, name: &str) -> Vec<[f64; 2]> {
    let mut places = Vec::new();
    for sample in page["cursor"].as_array().expect("samples") {
        let Some(celsius) = sample["celsius"].as_f64() else {
            assert!(
                !sample["text"].as_str().expect("text").contains('°'),
                "{name}: {sample}"
            );
            continue;
        };
        let raster = sample["raster"].as_f64().expect("a cell with a value");
        assert!((celsius - raster).abs() <= 0.02, "{name}: {sample}");
        // And as a reader sees it: one decimal, a comma, the minus of typography.
        let printed = sample["text"]
            .as_str()
            .expect("text")
            .replace('\u{2212}', "-")
            .replace(',', ".");
        let printed: f64 = printed
            .trim_end_matches("\u{a0}°C")
            .parse()
            .expect("a number");
        assert!((printed - raster).abs() <= 0.1, "{name}: {sample}");
        places.push([
            sample["x"].as_f64().expect("x"),
            sample["y"].as_f64().expect("y"),
        ]);
    }
    assert!(places.len() >= 20, "{name}: only {} values", places.len());
    places
}

fn keys_do_everything(page: &Value, name: &str) {
    let keys = &page["keyboard"];
    let order = keys["order"].as_array().expect("a list");
    assert_eq!(order[1], "map", "{name}: {order:?}");
    let rings = keys["rings"].as_array().expect("a list");
    assert!(
        rings.iter().all(|r| r != "none"),
        "{name}: focus is not seen: {rings:?}"
    );
    let step = |i: usize, what: &str| keys["steps"][i][what].clone();
    let metres = |i: usize, what: &str| -> f64 {
        let text = step(i, what);
        text.as_str()
            .and_then(|t| t.parse().ok())
            .unwrap_or_else(|| panic!("{name}: {keys}"))
    };
    // Home, right, down, left, up.
    assert!(
        metres(1, "x") > metres(0, "x") && metres(2, "y") < metres(1, "y"),
        "{name}"
    );
    assert!(
        (metres(4, "x") - metres(0, "x")).abs() < 0.5,
        "{name}: {keys}"
    );
    assert!(
        (metres(4, "y") - metres(0, "y")).abs() < 0.5,
        "{name}: {keys}"
    );
    let scale = |i: usize| {
        let text = step(i, "scale");
        let text = text.as_str().expect("text").to_owned();
        let number: f64 = text
            .trim_end_matches(" m")
            .trim_end_matches(" km")
            .parse()
            .expect("a length");
        let unit = if text.ends_with("km") { 1000.0 } else { 1.0 };
        step(i, "scale_px").as_f64().expect("pixels") / (number * unit)
    };
    // One step of the zoom is a factor of two; the bar is drawn to whole pixels.
    let ratio = scale(5) / scale(4);
    assert!((1.8..2.2).contains(&ratio), "{name}: {ratio}");
    if name != "public" {
        let hits = &keys["hits"];
        assert!(hits[0].as_u64() < hits[1].as_u64(), "{name}: {hits}");
        assert_eq!(keys["no_hits"][0], 0, "{name}");
        let told = (0..8).map(|i| step(i, "live"));
        assert!(told.clone().all(|t| t != ""), "{name}: {keys}");
    }
}
