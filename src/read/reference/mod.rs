//! Registers and base maps of the region, recognised by their columns.
//!
//! In: the files of a `reference` folder (GeoPackage, shapefile, FlatGeobuf, GeoJSON, CSV,
//! `.xlsx`, `.ods`, `.dbf`) and the project's system. Out: [`References`], every place and outline
//! in that system, and one line for each layer that says what it was taken for. Schemas:
//! flemish-data.md §2 to §5.
//!
//! A register is large and nobody's to repair, so a record that cannot be used is left out and
//! counted in a warning; only a file that cannot be read at all is a fault. Columns with names of
//! people's telephones and mail addresses are never read.
//!
//! Not here: which address or parcel leads to which building (`attach`); orthophotos and masks,
//! which lie in the same folder.

mod kbo;
mod kind;
mod lines;
mod map;
mod places;
mod registers;
mod source;
mod vkbo;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::layer::Layer;
use super::outlines::warn_if_cut;
use super::system::Way;
use super::table::{Mapping, Outcome, Report, Table, file_name, read_bytes};
use super::vector::extension;
use super::{refused, shapefile, vector};
use crate::geo::crs::Crs;
use crate::problem::Problem;
use crate::survey::Company;
use crate::survey::reference::{Park, References};
use kind::Kind;
use places::with_places;
use source::Source;

/// Names of parks' and plots' columns as the settings give them, and the region of interest.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `[schema.parks]`.
    pub parks: Mapping,
    /// `[schema.plots]`.
    pub plots: Mapping,
    /// Postal codes whose establishments are kept of the national register of enterprises, which
    /// holds some millions; empty: those of the address register, else all, as far as they are few
    /// enough.
    pub postcodes: BTreeSet<String>,
}

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The registers.
    pub references: References,
    /// One line for each layer: what it was taken for and how many records it gave.
    pub found: Vec<String>,
}

/// Endings that lie in the folder for other readers, or beside a shapefile.
const OTHERS: &[&str] = &[
    "tif", "tiff", "mbtiles", "prj", "cpg", "shx", "sbn", "sbx", "qix", "qmd", "qml", "sld", "xml",
    "txt", "pdf", "md", "toml", "lyr", "html",
];

/// What a layer is, as far as its columns and its name tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likely {
    /// Buildings of the base map.
    Buildings,
    /// Business parks.
    Parks,
    /// Another register or layer of the base map.
    Register,
    /// Nothing that is known.
    Unknown,
}

/// What a layer is, without reading its records.
pub fn likely(layer: &Layer) -> Likely {
    use crate::survey::reference::StructureLayer::Building;
    match kind::of(layer, &Options::default()) {
        Some(Kind::Structures(Building)) => Likely::Buildings,
        Some(Kind::Parks) => Likely::Parks,
        Some(_) => Likely::Register,
        None => Likely::Unknown,
    }
}

/// The same of a table without places.
pub fn likely_table(table: &Table) -> Likely {
    likely(&with_places(table.clone()))
}

/// Whether a file is one of the national register, told by its first line.
pub fn is_national(path: &Path) -> bool {
    matches!(kbo::kind_of(path), Ok(Some(_)))
}

/// Postal codes in the addresses of companies: four digits, not beginning with 0.
pub fn postcodes(companies: &[Company]) -> BTreeSet<String> {
    let words = companies.iter().flat_map(|company| {
        let town = company.address.rsplit(',').next().unwrap_or_default();
        town.split(|c: char| !c.is_ascii_alphanumeric())
    });
    let code = |word: &&str| {
        word.len() == 4 && !word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit())
    };
    words.filter(code).map(str::to_string).collect()
}

/// Reads all files of a folder, in the order given.
///
/// # Errors
/// All files that should hold a register and cannot be read.
pub fn folder(paths: &[PathBuf], options: &Options, crs: &Crs) -> Outcome<Reading> {
    let mut collected = Collected::new(options, crs);
    let mut national = Vec::new();
    for path in paths {
        collected.file(path, &mut national);
    }
    collected.national(&national);
    collected.finish()
}

/// Reads the parks of a file that is named for holding them, whatever its columns.
///
/// # Errors
/// It cannot be read, or has neither key nor name of a park.
pub fn parks(path: &Path, mapping: &Mapping, crs: &Crs) -> Outcome<Vec<Park>> {
    let mut preferred: Vec<String> = mapping
        .ours()
        .flat_map(|o| mapping.theirs(o))
        .cloned()
        .collect();
    preferred.push("park_id".to_string());
    let mut report = Report::new(file_name(path));
    let layer = match vector::layer(path, &preferred, &["bedrijventerrein", "park"]) {
        Ok(layer) => layer,
        Err(problem) => return report.stop(problem),
    };
    for what in &layer.warnings {
        report.warn(Problem::setting(what.clone()));
    }
    warn_if_cut(&layer, "parks", &mut report);
    let way = match Way::new(&layer, crs, &mut report) {
        Ok(way) => way,
        Err(problem) => return report.stop(problem),
    };
    let mut source = Source::new(&layer, way, report);
    let mut parks = Vec::new();
    map::parks(&mut source, mapping, &mut parks);
    let (faults, warnings) = source.finish();
    match faults.is_empty() {
        true => Ok((parks, warnings)),
        false => Err(faults),
    }
}

/// Understands layers that were read already.
///
/// # Errors
/// As [`folder`].
pub fn from_layers(layers: &[Layer], options: &Options, crs: &Crs) -> Outcome<Reading> {
    let mut collected = Collected::new(options, crs);
    for layer in layers {
        collected.layer(layer, Report::new(layer.table.file.clone()));
    }
    collected.finish()
}

/// Understands one table, the places in its columns included.
///
/// # Errors
/// As [`folder`].
pub fn from_table(table: Table, options: &Options, crs: &Crs) -> Outcome<Reading> {
    from_layers(&[with_places(table)], options, crs)
}

/// What has been read so far.
struct Collected<'o> {
    options: &'o Options,
    crs: &'o Crs,
    reading: Reading,
    /// Addresses of each building unit.
    unit_addresses: BTreeMap<String, BTreeSet<String>>,
    faults: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl<'o> Collected<'o> {
    fn new(options: &'o Options, crs: &'o Crs) -> Self {
        Self {
            options,
            crs,
            reading: Reading::default(),
            unit_addresses: BTreeMap::new(),
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Reads one file; files of the national register are put aside, as they need each other.
    fn file(&mut self, path: &Path, national: &mut Vec<(Kind, PathBuf)>) {
        let file = file_name(path);
        let ending = extension(path);
        match ending.as_str() {
            ending if vector::EXTENSIONS.contains(&ending) => match vector::layers(path) {
                Ok(layers) => {
                    let several = layers.len() > 1;
                    for layer in &layers {
                        let named = match several {
                            true => format!("{file}, layer {}", layer.name),
                            false => file.clone(),
                        };
                        self.layer(layer, Report::new(named));
                    }
                }
                // Programs leave JSON of all sorts behind.
                Err(problem) if ending == "json" => self.warnings.push(problem.in_file(file)),
                Err(problem) => self.faults.push(problem.in_file(file)),
            },
            "dbf" => {
                if shapefile::beside(path, "shp").is_some() {
                    return;
                }
                let cpg = shapefile::beside(path, "cpg").and_then(|p| std::fs::read(p).ok());
                let table = read_bytes(path, shapefile::MAX_BYTES)
                    .and_then(|bytes| shapefile::attributes(&file, &bytes, cpg.as_deref()));
                match table {
                    Ok(table) => self.layer(&with_places(table), Report::new(file)),
                    Err(problem) => self.faults.push(problem.in_file(file)),
                }
            }
            "csv" | "xlsx" | "ods" | "tsv" => self.table(path, national),
            ending if OTHERS.contains(&ending) => {}
            _ => {
                let unknown = || {
                    Problem::unsupported("is no file that is read here, and is left out")
                        .in_file(file)
                        .hint("export registers as GeoPackage, shapefile, GeoJSON or CSV")
                };
                self.warnings
                    .push(refused::refused(path).unwrap_or_else(unknown));
            }
        }
    }

    fn table(&mut self, path: &Path, national: &mut Vec<(Kind, PathBuf)>) {
        let file = file_name(path);
        match kbo::kind_of(path) {
            Ok(Some(kind)) => return national.push((kind, path.to_path_buf())),
            Ok(None) => {}
            Err(problem) => return self.faults.push(problem.in_file(file)),
        }
        let mut report = Report::new(&file);
        match Table::open(path, &mut report) {
            Ok(table) => {
                // Rows that do not fit are left out like other records that cannot be used.
                let rows = report.fault_count();
                let mut kept = Report::new(&file);
                if rows > 0 {
                    let what = format!("has {rows} rows that do not fit its header, left out");
                    kept.warn(Problem::setting(what));
                }
                self.layer(&with_places(table), kept);
            }
            Err(problem) => self.faults.push(problem.in_file(file)),
        }
    }

    fn national(&mut self, files: &[(Kind, PathBuf)]) {
        let known = self.reading.references.addresses.iter();
        let known: BTreeSet<String> = known.map(|a| a.postcode.clone()).collect();
        let postcodes = match self.options.postcodes.is_empty() {
            true => &known,
            false => &self.options.postcodes,
        };
        match kbo::read(files, postcodes) {
            Ok(None) => {}
            Ok(Some(found)) => {
                let count = found.establishments.len();
                self.found(&found.files, count, "establishments and seats (KBO)");
                self.reading
                    .references
                    .establishments
                    .extend(found.establishments);
                self.warnings.extend(found.warnings);
            }
            Err(problem) => self.faults.push(problem),
        }
    }

    fn layer(&mut self, layer: &Layer, mut report: Report) {
        for what in &layer.warnings {
            report.warn(Problem::setting(what.clone()));
        }
        let known = kind::of(layer, self.options);
        let Some(kind) = known else {
            let headers: Vec<&str> = layer.table.headers.iter().map(String::as_str).collect();
            let what = format!(
                "is not recognised and left out; its columns are: {}",
                headers.join(", ")
            );
            let hint = "give its columns under [schema.parks] or [schema.plots] if it is one";
            report.warn(Problem::setting(what).hint(hint));
            self.warnings.extend(report.warnings().iter().cloned());
            return;
        };
        if kind == Kind::Ignored {
            return;
        }
        warn_if_cut(layer, "records", &mut report);
        // A table without any place names no system because it needs none.
        let way = match layer.shapes.iter().any(Result::is_ok) {
            true => Way::new(layer, self.crs, &mut report),
            false => Ok(Way::project(self.crs)),
        };
        let way = match way {
            Ok(way) => way,
            Err(problem) => return self.faults.push(problem.in_file(report.file())),
        };
        let file = report.file().to_string();
        let mut source = Source::new(layer, way, report);
        let to = &mut self.reading.references;
        let (count, what) = match kind {
            Kind::Addresses => registers::addresses(&mut source, &mut to.addresses),
            Kind::Units => registers::units(&mut source, &mut to.units, &mut self.unit_addresses),
            Kind::AddressLinks => registers::links(&mut source, &mut self.unit_addresses),
            Kind::Buildings => registers::buildings(&mut source, &mut to.buildings),
            Kind::Parcels => map::parcels(&mut source, &mut to.parcels),
            Kind::Structures(layer) => map::structures(&mut source, layer, &mut to.structures),
            Kind::Heights => map::heights(&mut source, &mut to.heights),
            Kind::Parks => map::parks(&mut source, &self.options.parks, &mut to.parks),
            Kind::Plots => map::plots(&mut source, &self.options.plots, &mut to.plots),
            Kind::Vkbo => vkbo::read(&mut source, &mut to.establishments),
            _ => (0, ""),
        };
        let (faults, warnings) = source.finish();
        self.faults.extend(faults);
        self.warnings.extend(warnings);
        self.found(&file, count, what);
    }

    fn found(&mut self, file: &str, count: usize, what: &str) {
        self.reading.found.push(format!("{file}: {count} {what}"));
    }

    fn finish(mut self) -> Outcome<Reading> {
        let to = &mut self.reading.references;
        // Downloads of neighbouring municipalities overlap. A unit counted twice would make its
        // building look shared.
        let dropped = unique(&mut to.addresses, |a| &a.id)
            + unique(&mut to.units, |u| &u.id)
            + unique(&mut to.buildings, |b| &b.id);
        if dropped > 0 {
            let what = format!("{dropped} records of the registers occur twice; the first is used");
            self.warnings
                .push(Problem::setting(what).in_file("reference"));
        }
        for unit in &mut self.reading.references.units {
            if let Some(addresses) = self.unit_addresses.get(&unit.id) {
                unit.address_ids = addresses.iter().cloned().collect();
            }
        }
        match self.faults.is_empty() {
            true => Ok((self.reading, self.warnings)),
            false => Err(self.faults),
        }
    }
}

/// Drops items whose key occurred before, and says how many; those without a key stay.
fn unique<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str) -> usize {
    let before = items.len();
    let mut seen = BTreeSet::new();
    items.retain(|item| key(item).is_empty() || seen.insert(key(item).to_string()));
    before - items.len()
}
