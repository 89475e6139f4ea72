//! A large campaign before its first pixel: 20,000 outlines and 2,000 companies from files to ties,
//! with 20,000 parcels, addresses, units and register buildings beside them. One core.

#[path = "../tests/vector_files/mod.rs"]
mod vector_files;

use criterion::{Criterion, criterion_group, criterion_main};
use geo::{Geometry, Rect, coord};
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use thermaudit::attach::leak::{LeakCheck, Party};
use thermaudit::attach::{self, Linking};
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::read::table::Mapping;
use thermaudit::read::{companies, links, outlines, reference};
use thermaudit::survey::reference::References;
use thermaudit::survey::{Company, Outline};
use thermaudit::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};
use vector_files::{Dbf, LAMBERT_72_PRJ, point_record, polygon_record, shp};

const OUTLINES: usize = 20_000;
const COMPANIES: usize = 2_000;

/// Corner of a plot: streets of 100 plots of 60 × 50 m.
fn corner(i: usize) -> (f64, f64) {
    (
        30e3 + (i % 100) as f64 * 60.0,
        170e3 + (i / 100) as f64 * 50.0,
    )
}

/// A ring, clockwise.
fn ring(x: f64, y: f64, w: f64, h: f64) -> [[f64; 2]; 5] {
    [[x, y], [x, y + h], [x + w, y + h], [x + w, y], [x, y]]
}

fn layer(folder: &Path, name: &str, kind: u32, table: &Dbf, shapes: &[Vec<u8>]) {
    let path = folder.join(name);
    std::fs::write(&path, shp(kind, shapes)).expect("written");
    std::fs::write(path.with_extension("dbf"), table.bytes()).expect("written");
    std::fs::write(path.with_extension("prj"), LAMBERT_72_PRJ).expect("written");
}

fn write_registers(folder: &Path) {
    let mut parcels = Dbf::new(&[("CAPAKEY", b'C', 17)]);
    let mut addresses = Dbf::new(&[
        ("id", b'C', 50),
        ("adresid", b'N', 10),
        ("straatnm", b'C', 40),
        ("huisnr", b'C', 11),
        ("postcode", b'C', 4),
        ("gemeentenm", b'C', 40),
        ("status", b'C', 20),
    ]);
    let mut units = Dbf::new(&[
        ("gebouwehid", b'N', 10),
        ("gebouwid", b'C', 10),
        ("functie", b'C', 30),
        ("status", b'C', 20),
        ("adresid", b'C', 20),
    ]);
    let mut buildings = Dbf::new(&[("gebouwid", b'N', 10), ("status", b'C', 20)]);
    let (mut plots, mut halls, mut points) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..OUTLINES {
        let (x, y) = corner(i);
        let id = i.to_string();
        let id = id.as_bytes();
        parcels.row(&[format!("33021A{i:05}00A000").as_bytes()]);
        plots.push(polygon_record(&[&ring(x, y, 60.0, 50.0)]));
        let street = format!("Straat van Nummer {}", i / 100);
        let number = format!("{}", 1 + i % 100);
        addresses.row(&[
            b"",
            id,
            street.as_bytes(),
            number.as_bytes(),
            b"8970",
            b"Poperinge",
            b"InGebruik",
        ]);
        points.push(point_record([x + 30.0, y + 2.0]));
        units.row(&[id, id, b"NietGekend", b"Gerealiseerd", id]);
        buildings.row(&[id, b"Gerealiseerd"]);
        halls.push(polygon_record(&[&ring(x + 10.0, y + 15.0, 40.0, 25.0)]));
    }
    layer(folder, "Adp.shp", 5, &parcels, &plots);
    layer(folder, "Adres.shp", 1, &addresses, &points);
    layer(folder, "Gebouweenheid.shp", 1, &units, &points);
    layer(folder, "Gebouw.shp", 5, &buildings, &halls);
}

fn write_outlines(path: &Path) {
    let moment = "2026-01-15T02:10:00Z";
    let mut package =
        GeoPackage::create(path, 31370, "BD72", "undefined", moment).expect("created");
    let columns = ["OIDN", "LBLTYPE"].map(|name| Column::new(name, ColumnKind::Text));
    package
        .add_layer("GBG", GeometryKind::Polygon, &columns)
        .expect("a layer");
    for i in 0..OUTLINES {
        let (x, y) = corner(i);
        let low = coord! { x: x + 10.0, y: y + 15.0 };
        let high = coord! { x: x + 50.0, y: y + 40.0 };
        let shape = Geometry::Polygon(Rect::new(low, high).to_polygon());
        let values = [format!("{}", 5_000_000 + i), "hoofdgebouw".to_owned()].map(Value::from);
        package.insert("GBG", Some(&shape), &values).expect("a row");
    }
    package.finish().expect("finished");
}

/// A third of the companies each by building key, by parcel, by address.
fn write_companies(path: &Path) {
    let mut text = String::from(
        "bedrijf_id;naam;kbo;straat;huisnummer;postcode;gemeente;deelname;gebouwen;percelen\n",
    );
    for i in 0..COMPANIES {
        let hall = i * 10;
        let (street, number) = (hall / 100, 1 + hall % 100);
        let base = 40_000_000 + i;
        let kbo = format!("{base:08}{:02}", 97 - base % 97);
        let (building, parcel) = match i % 3 {
            0 => (format!("{}", 5_000_000 + hall), String::new()),
            1 => (String::new(), format!("33021A{hall:05}00A000")),
            _ => (String::new(), String::new()),
        };
        let _ = writeln!(
            text,
            "C{i:04};Bedrijf van Nummer {i} nv;{kbo};Straat van Nummer {street};{number};8970;\
             Poperinge;ja;{building};{parcel}"
        );
    }
    std::fs::write(path, text).expect("written");
}

struct Files {
    outlines: PathBuf,
    companies: PathBuf,
    registers: Vec<PathBuf>,
    crs: Crs,
}

impl Files {
    fn outlines(&self) -> Vec<Outline> {
        outlines::read(&self.outlines, &Mapping::new(), &self.crs)
            .expect("sound")
            .0
    }

    fn companies(&self) -> Vec<Company> {
        companies::read(&self.companies, &Mapping::new())
            .expect("sound")
            .0
    }

    fn references(&self) -> References {
        let options = reference::Options::default();
        reference::folder(&self.registers, &options, &self.crs)
            .expect("sound")
            .0
            .references
    }
}

fn tie(outlines: &[Outline], companies: &[Company], references: &References) -> Linking {
    let (links, _) = links::resolve(companies, &[], outlines);
    attach::link(
        companies,
        &links,
        outlines,
        references,
        &attach::Options::default(),
    )
}

/// The index every sheet is searched with.
fn index(companies: &[Company], linking: &Linking) -> LeakCheck {
    let parties: Vec<Party> = companies
        .iter()
        .map(|c| Party {
            company_id: c.company_id.clone(),
            names: vec![c.name.clone()],
            numbers: vec![c.enterprise_number.clone()],
            oidns: linking
                .of(&c.company_id)
                .map(|t| t.link.oidn.clone())
                .collect(),
            own: vec![c.address.clone()],
        })
        .collect();
    LeakCheck::new(&parties, &[])
}

fn benches(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder");
    write_registers(folder.path());
    let files = Files {
        outlines: folder.path().join("buildings.gpkg"),
        companies: folder.path().join("companies.csv"),
        registers: ["Adp", "Adres", "Gebouweenheid", "Gebouw"]
            .map(|name| folder.path().join(format!("{name}.shp")))
            .to_vec(),
        crs: Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known"),
    };
    write_outlines(&files.outlines);
    write_companies(&files.companies);
    let (outlines, companies) = (files.outlines(), files.companies());
    let references = files.references();
    assert_eq!((outlines.len(), companies.len()), (OUTLINES, COMPANIES));
    let linking = tie(&outlines, &companies, &references);
    assert_eq!(linking.unresolved().count(), 0);
    let mut group = criterion.benchmark_group("inputs");
    group.sample_size(10);
    group.bench_function("outlines", |b| b.iter(|| black_box(files.outlines())));
    group.bench_function("companies", |b| b.iter(|| black_box(files.companies())));
    group.bench_function("registers", |b| b.iter(|| black_box(files.references())));
    group.bench_function("tie", |b| {
        b.iter(|| black_box(tie(&outlines, &companies, &references)));
    });
    group.bench_function("index", |b| {
        b.iter(|| black_box(index(&companies, &linking)))
    });
    group.bench_function("files to ties and index", |b| {
        b.iter(|| {
            let (outlines, companies) = (files.outlines(), files.companies());
            let linking = tie(&outlines, &companies, &files.references());
            black_box(index(&companies, &linking))
        });
    });
    group.finish();
}

criterion_group!(inputs, benches);
criterion_main!(inputs);
