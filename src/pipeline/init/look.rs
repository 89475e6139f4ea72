//! What lies in a folder, file by file.

use super::columns;
use crate::config::template::Columns;
use crate::pipeline::check::pictures;
use crate::pipeline::project::{SIDE_FILES, hidden, sorted_entries};
use crate::problem::Problem;
use crate::read::geotiff::{ColourTiff, GeoTiff};
use crate::read::reference::{self, Likely};
use crate::read::refused::refused;
use crate::read::table::{Bound, Mapping, Report, Schema, Table, file_name};
use crate::read::{companies, home_epsg, links, outlines, vector, weather};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How deep below the folder files are looked for, and how many.
const DEEPEST: u32 = 3;
const MOST: usize = 2000;

/// Folders that are looked into by rules of their own, or not at all.
const OWN: [&str; 6] = [
    "flights",
    "inspections",
    "template",
    "results",
    "truth",
    "node_modules",
];

const VECTORS: &[&str] = &["gpkg", "geojson", "json", "shp", "fgb"];
const TABLES: &[&str] = &["csv", "tsv", "xlsx", "ods"];
const RASTERS: &[&str] = &["tif", "tiff"];
const TILES: &[&str] = &["mbtiles"];
const PICTURES: &[&str] = &["jpg", "jpeg", "seq", "csq", "fff", "irb", "irg"];

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Looked {
    /// Files by the key of `[inputs]`, those at their places first.
    pub(super) inputs: BTreeMap<&'static str, Vec<PathBuf>>,
    /// Folders below `flights/` and their files.
    pub(super) flights: Vec<(PathBuf, usize)>,
    /// Other folders with pictures.
    pub(super) loose: Vec<(PathBuf, usize)>,
    /// Folders below `inspections/`.
    pub(super) inspections: Vec<PathBuf>,
    /// System of the outlines, and the file that told.
    pub(super) crs: Option<(u32, String)>,
    /// Columns that are not recognised.
    pub(super) columns: Vec<Columns>,
    /// Orthophotos outside `reference/`.
    pub(super) photos: Vec<PathBuf>,
    /// Files that are not read.
    pub(super) remarks: Vec<Problem>,
    seen: usize,
}

impl Looked {
    /// Files of a key.
    pub(super) fn of(&self, key: &str) -> &[PathBuf] {
        self.inputs.get(key).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, key: &'static str, path: &Path) {
        self.inputs.entry(key).or_default().push(path.to_owned());
    }

    fn take_crs(&mut self, epsg: Option<u32>, path: &Path) {
        if let (None, Some(epsg)) = (&self.crs, epsg) {
            self.crs = Some((epsg, file_name(path)));
        }
    }
}

/// Looks at everything.
pub(super) fn look(dir: &Path) -> Looked {
    let mut looked = Looked::default();
    for path in sorted_entries(&dir.join("flights")) {
        if path.is_dir() && !hidden(&path) {
            let files = sorted_entries(&path);
            let frame = |p: &&PathBuf| {
                p.is_file() && !hidden(p) && !SIDE_FILES.contains(&file_name(p).as_str())
            };
            let count = files.iter().filter(frame).count();
            looked.flights.push((path, count));
        }
    }
    let visits = sorted_entries(&dir.join("inspections"));
    looked.inspections = visits.into_iter().filter(|p| p.is_dir()).collect();
    folder(dir, dir, DEEPEST, &mut looked);
    if looked.seen >= MOST {
        looked.remarks.push(
            Problem::setting(format!("only the first {MOST} files were looked at"))
                .in_file(dir.display().to_string()),
        );
    }
    looked
}

fn folder(dir: &Path, here: &Path, depth: u32, looked: &mut Looked) {
    let entries = sorted_entries(here);
    let own = entries.iter().filter(|p| p.is_file() && has(p, PICTURES));
    let count = own.count();
    if count > 0 {
        looked.loose.push((here.to_owned(), count));
    }
    for path in &entries {
        if hidden(path) || looked.seen >= MOST {
            continue;
        }
        let name = file_name(path);
        if let Some(problem) = refused(path) {
            looked.remarks.push(problem);
        } else if path.is_dir() {
            let by_rule = here == dir && OWN.contains(&name.as_str());
            if !by_rule && depth > 0 {
                // A memory card: many folders of pictures are one flight.
                let below = pictures(path, 2);
                if below > 0 && pictures(path, 0) == 0 {
                    looked.loose.push((path.clone(), below));
                } else {
                    folder(dir, path, depth - 1, looked);
                }
            }
        } else {
            looked.seen += 1;
            let in_reference = path.starts_with(dir.join("reference"));
            file(path, in_reference, looked);
        }
    }
}

fn file(path: &Path, in_reference: bool, looked: &mut Looked) {
    if in_reference {
        if has(path, VECTORS) || has(path, TABLES) || has(path, RASTERS) || has(path, TILES) {
            looked.add("reference", path);
        }
    } else if has(path, VECTORS) {
        vector_file(path, looked);
    } else if has(path, TABLES) {
        table_file(path, looked);
    } else if has(path, RASTERS) {
        raster(path, looked);
    } else if has(path, TILES) {
        looked.photos.push(path.to_owned());
    }
}

fn has(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    ending.is_some_and(|e| endings.contains(&e.as_str()))
}

/// Whether one of these words stands in a file's name.
fn named(path: &Path, words: &[&str]) -> bool {
    let name = file_name(path).to_lowercase();
    words.iter().any(|w| name.contains(w))
}

const BUILDING_WORDS: &[&str] = &[
    "building", "gebouw", "gbg", "pand", "dak", "roof", "outline",
];

fn vector_file(path: &Path, looked: &mut Looked) {
    let Ok(layers) = vector::layers(path) else {
        // JSON of all sorts lies about; a broken layer is told by check.
        if named(path, BUILDING_WORDS) {
            looked.add("buildings", path);
        }
        return;
    };
    let kinds: Vec<Likely> = layers.iter().map(reference::likely).collect();
    let first = layers.iter().zip(&kinds).find(|(layer, kind)| {
        **kind == Likely::Buildings
            || (**kind == Likely::Unknown
                && columns::fits(&layer.table, &outlines::SCHEMA, &["oidn"]))
    });
    let at_place = file_name(path).starts_with("buildings.");
    let polygons = layers.iter().find(|l| l.polygons().any(|p| p.is_ok()));
    let is_weather = |layer: &&crate::read::layer::Layer| {
        columns::fits(&layer.table, &weather::SCHEMA, &["timestamp", "air_c"])
    };
    if let Some((layer, _)) = first {
        looked.add("buildings", path);
        looked.take_crs(home_epsg(layer), path);
    } else if kinds.contains(&Likely::Parks) {
        looked.add("parks", path);
    } else if layers.iter().any(|l| is_weather(&l)) {
        looked.add("weather", path);
    } else if kinds.contains(&Likely::Register) {
        looked.add("reference", path);
    } else if let Some(layer) = polygons.filter(|_| at_place || named(path, BUILDING_WORDS)) {
        looked.add("buildings", path);
        looked.take_crs(home_epsg(layer), path);
        let proposal = columns::propose(path, &layer.table, &outlines::SCHEMA);
        looked.columns.extend(proposal);
    } else if named(path, &["park", "terrein"]) && polygons.is_some() {
        looked.add("parks", path);
    }
}

/// Tables by what they must have, and by their names where columns are called otherwise.
type Rule = (
    &'static str,
    &'static Schema,
    &'static [&'static str],
    &'static [&'static str],
);

const RULES: [Rule; 3] = [
    (
        "weather",
        &weather::SCHEMA,
        &["timestamp", "air_c"],
        &["weather", "weer", "meteo", "kmi", "aws", "synop", "logger"],
    ),
    ("links", &links::SCHEMA, &["oidn"], &["link", "koppel"]),
    (
        "companies",
        &companies::SCHEMA,
        &["name", "participates"],
        &[
            "compan", "bedrij", "leden", "klant", "firma", "member", "deelnem", "entrepr",
        ],
    ),
];

fn table_file(path: &Path, looked: &mut Looked) {
    let name = file_name(path);
    let read_elsewhere = [
        "poses.csv",
        "review.csv",
        "review.xlsx",
        "review.ods",
        "findings.csv",
    ];
    if read_elsewhere.contains(&name.as_str()) {
        return;
    }
    if reference::is_national(path) {
        return looked.add("reference", path);
    }
    let mut report = Report::new(&name);
    let Ok(table) = Table::open(path, &mut report) else {
        return;
    };
    let by_columns = RULES
        .iter()
        .find(|(_, schema, wanted, _)| columns::fits(&table, schema, wanted));
    if reference::likely_table(&table) == Likely::Register && by_columns.is_none() {
        return looked.add("reference", path);
    }
    let by_name = RULES.iter().find(|(.., words)| named(path, words));
    if let Some((key, schema, ..)) = by_columns.or(by_name) {
        looked.add(key, path);
        looked
            .columns
            .extend(columns::propose(path, &table, schema));
        // A row of links needs a company as well.
        let bound = Bound::new(&table, schema, &Mapping::new(), &mut report);
        if *key == "links" && !bound.has("company_id") && !bound.has("enterprise_number") {
            looked.remarks.push(
                Problem::setting("names no company: no column company_id or enterprise_number")
                    .in_file(name),
            );
        }
    }
}

/// Whether a raster is a picture of the ground.
pub(super) fn is_photo(path: &Path) -> bool {
    let colours = || ColourTiff::open(path).is_ok_and(|photo| photo.bands() > 2);
    has(path, TILES) || (has(path, RASTERS) && colours())
}

/// Heights have one band; pictures of the ground have three.
fn raster(path: &Path, looked: &mut Looked) {
    if is_photo(path) {
        looked.photos.push(path.to_owned());
        return;
    }
    let Ok(raster) = GeoTiff::open(path) else {
        return;
    };
    if raster.bands > 1 {
        looked.remarks.push(
            Problem::setting(format!(
                "has {} bands and is not used, expected heights or a picture of 8 bits",
                raster.bands
            ))
            .in_file(file_name(path))
            .hint("for an orthophoto: gdal_translate -ot Byte -scale -b 1 -b 2 -b 3"),
        );
        return;
    }
    let folder = path.parent().map(file_name).unwrap_or_default();
    let all = format!("{folder}/{}", file_name(path)).to_lowercase();
    let word = |words: &[&str]| words.iter().any(|w| all.contains(w));
    if word(&["dtm", "terrain", "terrein", "maaiveld"]) {
        looked.add("dtm", path);
    } else if word(&["dsm", "surface", "hoogte"]) {
        looked.add("dsm", path);
    } else {
        looked.remarks.push(
            Problem::setting("is a raster that is neither called dsm nor dtm")
                .in_file(file_name(path))
                .hint("name it under [inputs], or move it to flights/<flight id>/ if it is a thermal tile"),
        );
    }
}
