//! What must hold of every reader but those of frames (`check.rs`) whatever the bytes: it comes to an
//! end, with a value or with problems that say something. Shared by the targets of `tests/fuzz` and by
//! the suite, which reads `tests/broken/<reader>/` with it.

#![allow(dead_code)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use thermaudit::config::Settings;
use thermaudit::config::schema::SettingsFile;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::geo::grid::ShiftGrid;
use thermaudit::problem::Problem;
use thermaudit::raster::{Bounds, Window};
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::read::layer::Layer;
use thermaudit::read::orthophoto::Orthophoto;
use thermaudit::read::table::{Mapping, Outcome, Report, Table, without_lines};
use thermaudit::read::tile::TileRaster;
use thermaudit::read::weather::Station;
use thermaudit::read::{
    archive, companies, findings, flatgeobuf, geojson, gpkg, links, logo, outlines, poses,
    reference, review, shapefile, weather, wkb, wkt,
};

/// Cells of a raster that are asked for at once: the memory of larger windows is the caller's wish.
const ASKED: usize = 1 << 22;

/// Whether there is a reader of this name here.
pub fn is_known(reader: &str) -> bool {
    of(reader).is_some()
}

/// Reads bytes with the reader of this name; panics where a promise is broken.
pub fn holds(reader: &str, bytes: &[u8]) {
    let read = of(reader).expect("a reader of this name");
    read(bytes);
}

fn of(reader: &str) -> Option<fn(&[u8])> {
    Some(match reader {
        "settings" => settings,
        "tables" => tables,
        "sheets" => sheets,
        "geopackage" => geopackage,
        "shapefile" => shapefiles,
        "flatgeobuf" => flat,
        "geojson" => json_layer,
        "wkb" => binary_shapes,
        "wkt" => text_shapes,
        "geotiff" => raster,
        "orthophoto" => photo,
        "envi_tile" => envi_tile,
        "poses" => given_poses,
        "logo" => picture,
        "shift_grid" => shift_grid,
        _ => return None,
    })
}

/// The first byte, and the rest.
fn picked(bytes: &[u8]) -> (u8, &[u8]) {
    bytes
        .split_first()
        .map_or((0, bytes), |(&b, rest)| (b, rest))
}

/// A part behind its length in two bytes, as far as there are bytes; `rest` moves past it.
fn part<'b>(rest: &mut &'b [u8]) -> &'b [u8] {
    let Some((length, behind)) = rest.split_first_chunk::<2>() else {
        return std::mem::take(rest);
    };
    let length = usize::from(u16::from_le_bytes(*length)).min(behind.len());
    let (part, behind) = behind.split_at(length);
    *rest = behind;
    part
}

/// A part with its length before it, as [`part`] takes them apart.
pub fn with_length(part: &[u8]) -> Vec<u8> {
    let length = u16::try_from(part.len()).expect("a short part");
    [&length.to_le_bytes(), part].concat()
}

/// Every problem says what is wrong.
fn told<'p>(problems: impl IntoIterator<Item = &'p Problem>) {
    for problem in problems {
        assert!(!problem.what.is_empty());
        assert!(!problem.to_string().is_empty());
    }
}

/// What a reader of tables gave; its faults and warnings looked at.
fn given<T>(outcome: Outcome<T>) -> Option<T> {
    match outcome {
        Ok((value, warnings)) => {
            told(&warnings);
            Some(value)
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "a failure without a fault");
            told(&faults);
            None
        }
    }
}

fn read<T>(result: Result<T, Problem>) -> Option<T> {
    result.map_err(|problem| told([&problem])).ok()
}

fn lambert() -> &'static Crs {
    static LAMBERT: OnceLock<Crs> = OnceLock::new();
    LAMBERT.get_or_init(|| Crs::projected("EPSG:31370", DatumGrid::Helmert).expect("known"))
}

/// Runs `with` on a file of its own.
fn on_disk(name: &str, bytes: &[u8], with: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, bytes).expect("writes");
    with(&path);
}

fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (settings, faults) = Settings::with_faults(text, "audit.toml");
    told(&faults);
    for kind in [SettingsFile::Flight, SettingsFile::Visit] {
        match settings.overlay(text, "flight.toml", kind) {
            Ok(over) => used(&over),
            Err(faults) => told(&faults),
        }
    }
    // Sound values are used beside faults, too: checks tell everything at once.
    used(&settings);
}

fn used(settings: &Settings) {
    settings.adjust_options();
    settings.orient_options();
    settings.camera_entries();
    settings.level_options();
    settings.level_references();
    settings.mosaic_options();
    settings.segment_options();
    settings.sky_model();
    settings.terrain();
    settings.score_options();
    settings.compare_options();
    settings.radiometry();
    settings.visit_radiometry();
    settings.handheld_options();
}

fn tables(bytes: &[u8]) {
    let (pick, bytes) = picked(bytes);
    let (file, none) = ("a.csv", Mapping::new());
    match pick % 8 {
        0 => {
            let companies = given(companies::from_bytes(file, bytes, &none)).unwrap_or_default();
            reference::postcodes(&companies);
            links::resolve(&companies, &[], &[]);
        }
        1 => {
            if let Some(rows) = given(links::from_bytes(file, bytes, &none)) {
                links::resolve(&[], &rows, &[]);
            }
        }
        2 => match findings::from_bytes(file, bytes, &none) {
            Ok(found) => {
                told(found.faults.iter().chain(&found.warnings));
            }
            Err(faults) => told(&faults),
        },
        3 => {
            let near = Station::near(Some([3.2, 51.0]));
            given(weather::from_bytes_of(file, bytes, &none, near));
            given(weather::from_bytes(file, bytes, &none, Some("6414")));
        }
        4 => {
            given(review::from_bytes(file, bytes, &none));
        }
        5 => {
            given(poses::csv_from_bytes(file, bytes, &none, "EPSG:31370"));
        }
        6 => {
            let mut report = Report::new(file);
            if let Some(table) = read(Table::from_bytes(file, bytes, &mut report)) {
                register(table);
            }
        }
        _ => rewritten(bytes),
    }
}

fn register(table: Table) {
    reference::likely_table(&table);
    given(reference::from_table(
        table,
        &reference::Options::default(),
        lambert(),
    ));
}

/// Tables that are written in again: what is not touched stays.
fn rewritten(bytes: &[u8]) {
    if let Some(kept) = without_lines(bytes, &BTreeSet::new()) {
        assert_eq!(kept, bytes, "nothing was cut");
    }
    if let Some(kept) = without_lines(bytes, &BTreeSet::from([2, 5])) {
        assert!(kept.len() <= bytes.len());
    }
    let row = findings::Cells::from([("image", "b.jpg".to_owned())]);
    if let Some(longer) = findings::with_rows("a.csv", bytes, &Mapping::new(), &[row]) {
        assert!(longer.starts_with(bytes));
    }
}

/// Names of the parts of an archive that is made of the bytes.
const XLSX: [&str; 6] = [
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "[Content_Types].xml",
];

fn sheets(bytes: &[u8]) {
    let (pick, bytes) = picked(bytes);
    let archive = match pick % 3 {
        0 => [b"PK\x03\x04", bytes].concat(),
        1 => stored(&[("content.xml", bytes)]),
        _ => {
            let mut rest = bytes;
            let parts = XLSX.map(|name| (name, part(&mut rest)));
            stored(&parts)
        }
    };
    if let Ok(found) = archive::Archive::new(&archive) {
        let names: Vec<&str> = found.names().take(4).collect();
        for name in names {
            let _ = found.text(name);
        }
    }
    given(companies::from_bytes("a.xlsx", &archive, &Mapping::new()));
    let mut report = Report::new("a.xlsx");
    if let Some(table) = read(Table::from_bytes("a.xlsx", &archive, &mut report)) {
        assert!(
            table
                .records
                .iter()
                .all(|r| r.cells.len() == table.headers.len())
        );
    }
}

/// An archive of parts that are not packed.
pub fn stored(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    let word = |n: usize| u32::try_from(n).expect("short").to_le_bytes();
    let half = |n: usize| u16::try_from(n).expect("short").to_le_bytes();
    for (name, bytes) in parts {
        let sizes = [[0; 4], word(bytes.len()), word(bytes.len())].concat();
        let start = file.len();
        file.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0");
        file.extend(&sizes);
        file.extend([half(name.len()), [0; 2]].concat());
        file.extend([name.as_bytes(), bytes].concat());
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0");
        directory.extend(&sizes);
        directory.extend(half(name.len()));
        directory.extend([0; 12]);
        directory.extend(word(start));
        directory.extend(name.as_bytes());
    }
    let end = [word(directory.len()), word(file.len())].concat();
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([half(parts.len()), half(parts.len())].concat());
    file.extend(end);
    file.extend([0; 2]);
    file
}

/// A layer as the readers behind take it up.
fn layer(layer: &Layer) {
    assert_eq!(layer.shapes.len(), layer.table.records.len());
    let wide = layer.table.headers.len();
    assert!(layer.table.records.iter().all(|r| r.cells.len() == wide));
    layer.looks_cut();
    let _ = layer.polygons().filter_map(Result::ok).count();
    let _ = layer.middles().count();
    reference::likely(layer);
    let none = Mapping::new();
    given(outlines::from_layer(
        layer,
        &none,
        lambert(),
        Report::new("a"),
    ));
    let layers = std::slice::from_ref(layer);
    given(reference::from_layers(
        layers,
        &reference::Options::default(),
        lambert(),
    ));
}

fn geopackage(bytes: &[u8]) {
    on_disk("a.gpkg", bytes, |path| {
        if let Some(found) = read(gpkg::layers(path)) {
            for one in &found {
                layer(one);
                if let Some(rows) = read(gpkg::rows(path, &one.name)) {
                    assert!(rows.rows.iter().all(|r| r.len() == rows.columns.len()));
                }
            }
        }
        read(gpkg::layer(path, &["oidn".to_owned()], &["gebouw"]));
    });
}

fn shapefiles(bytes: &[u8]) {
    let mut rest = bytes;
    let [shp, dbf, prj, cpg] = [(); 4].map(|()| part(&mut rest));
    let parts = shapefile::Parts {
        shp,
        dbf: Some(dbf),
        prj: Some(prj).filter(|p| !p.is_empty()),
        cpg: Some(cpg).filter(|c| !c.is_empty()),
    };
    if let Some(found) = read(shapefile::layer("a.shp", &parts)) {
        layer(&found);
    }
    if let Some(table) = read(shapefile::attributes("a.dbf", dbf, parts.cpg)) {
        reference::likely_table(&table);
    }
}

fn flat(bytes: &[u8]) {
    let bytes = [b"fgb\x03fgb\x01", bytes].concat();
    if let Some(found) = read(flatgeobuf::layer("a.fgb", &bytes)) {
        layer(&found);
    }
}

fn json_layer(bytes: &[u8]) {
    if let Some(found) = read(geojson::layer("a.geojson", bytes)) {
        layer(&found);
    }
}

fn binary_shapes(bytes: &[u8]) {
    for geometry in [wkb::from_wkb(bytes).map(Some), wkb::from_gpkg(bytes)] {
        match geometry {
            Ok(Some(geometry)) => {
                let _ = wkb::polygons_of(geometry);
            }
            Ok(None) => {}
            Err(what) => assert!(!what.is_empty()),
        }
    }
}

fn text_shapes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(what) = wkt::multi_polygon(&text) {
        assert!(!what.is_empty());
    }
    if let Ok(place) = wkt::point(&text) {
        assert!(place.iter().all(|v| v.is_finite()), "{place:?}");
    }
    // A shapefile of no shape, for the system it names.
    let mut shp = 9994_u32.to_be_bytes().to_vec();
    shp.resize(24, 0);
    shp.extend(50_u32.to_be_bytes());
    shp.extend(1000_u32.to_le_bytes());
    shp.extend(5_u32.to_le_bytes());
    shp.resize(100, 0);
    let mut dbf = vec![3, 26, 1, 1, 0, 0, 0, 0, 65, 0, 2, 0];
    dbf.resize(32, 0);
    dbf.extend(b"OIDN\0\0\0\0\0\0\0C\0\0\0\0\x01");
    dbf.resize(64, 0);
    dbf.push(13);
    let parts = shapefile::Parts {
        shp: &shp,
        dbf: Some(&dbf),
        prj: Some(bytes),
        cpg: None,
    };
    let found = shapefile::layer("a.shp", &parts).expect("a shapefile without shapes");
    layer(&found);
}

/// A corner of a raster, as much as is asked for at once.
fn corner(width: usize, height: usize) -> Window {
    Window {
        col: 0,
        row: 0,
        width: width.min(64),
        height: height.min(64),
    }
}

fn raster(bytes: &[u8]) {
    let Some(tiff) = read(GeoTiff::from_bytes(bytes.to_vec())) else {
        return;
    };
    for (level, (width, height)) in tiff.levels().into_iter().enumerate().take(4) {
        let first = corner(width, height);
        let last = Window {
            col: width - first.width,
            row: height - first.height,
            ..first
        };
        for window in [first, last] {
            if let Some(grid) = read(tiff.level_window(level, 0, window)) {
                assert_eq!(grid.data().len(), window.width * window.height);
            }
        }
    }
    read(tiff.band_window(1, corner(tiff.width, tiff.height)));
    read(tiff.window_u16(corner(tiff.width, tiff.height)));
    if tiff.width.saturating_mul(tiff.height) <= ASKED {
        read(tiff.window(tiff.whole()));
        read(tiff.read_downsampled(&tiff.bounds(), 32));
    }
}

fn photo(bytes: &[u8]) {
    let (pick, bytes) = picked(bytes);
    let name = ["a.tif", "a.mbtiles"][usize::from(pick % 2)];
    on_disk(name, bytes, |path| {
        let Some(photo) = read(Orthophoto::open(path, lambert())) else {
            return;
        };
        let (_, cell) = photo.grid();
        let place = Bounds {
            x_min: 70_000.0,
            y_min: 200_000.0,
            x_max: 70_000.0 + 40.0 * cell.abs().clamp(0.01, 100.0),
            y_max: 200_000.0 + 30.0 * cell.abs().clamp(0.01, 100.0),
        };
        for bounds in [place, bounds_of(path).unwrap_or(place)] {
            photo.cell_m(&bounds);
            photo.reaches(&bounds);
            if let Some(grid) = read(photo.over(&bounds, 40, 30)) {
                assert_eq!(grid.data().len(), 40 * 30);
            }
        }
    });
}

/// Where a GeoTIFF says it lies.
fn bounds_of(path: &Path) -> Option<Bounds> {
    GeoTiff::open(path).ok().map(|tiff| tiff.bounds())
}

fn envi_tile(bytes: &[u8]) {
    on_disk("a.hdr", &[b"ENVI\n", bytes].concat(), |path| {
        std::fs::write(path.with_extension("img"), [1; 4096]).expect("writes");
        if let Some(tile) = read(TileRaster::envi(path)) {
            tile.bounds();
            read(tile.window(corner(tile.width, tile.height)));
        }
    });
}

fn given_poses(bytes: &[u8]) {
    let (pick, bytes) = picked(bytes);
    match pick % 3 {
        0 => {
            given(poses::reconstruction_from_bytes("shots.geojson", bytes));
        }
        1 => {
            given(poses::geo_txt_from_bytes("geo.txt", bytes));
        }
        _ => {
            given(poses::gcp_list_from_bytes("gcp_list.txt", bytes));
        }
    }
}

fn picture(bytes: &[u8]) {
    if let Some((embedded, warning)) = read(logo::logo(bytes)) {
        assert!(!embedded.is_empty());
        told(&warning);
    }
}

fn shift_grid(bytes: &[u8]) {
    if let Some(grid) = read(ShiftGrid::from_bytes(bytes)) {
        let crs = Crs::projected("EPSG:31370", DatumGrid::Official(grid)).expect("known");
        let (lon, lat) = match crs.to_lonlat(70_000.0, 200_000.0) {
            Ok(place) => place,
            Err(problem) => return told([&problem]),
        };
        read(crs.from_lonlat(lon, lat));
    }
}
