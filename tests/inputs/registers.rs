//! Registers and base maps of the region are recognised by their columns and read in exactly the
//! schemas their owners publish.

use crate::vector_files;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use geo::{Area, BoundingRect};
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::problem::Problem;
use thermaudit::read::reference::{self, Options, Reading};
use thermaudit::read::table::{Mapping, Report, Table};
use thermaudit::read::{geojson, outlines};
use thermaudit::survey::reference::StructureLayer;
use vector_files::{Dbf, point_record, polygon_record, shapefile};

fn lambert() -> Crs {
    Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known")
}

fn texts(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n")
}

fn folder(paths: &[PathBuf]) -> (Reading, Vec<Problem>) {
    reference::folder(paths, &Options::default(), &lambert()).expect("readable")
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    path
}

/// A clockwise square of 10 m.
fn square(x: f64, y: f64) -> Vec<u8> {
    polygon_record(&[&[
        [x, y],
        [x, y + 10.],
        [x + 10., y + 10.],
        [x + 10., y],
        [x, y],
    ]])
}

/// Columns that all layers of the base map share.
const GRB: [(&str, u8, usize); 8] = [
    ("OIDN", b'N', 15),
    ("UIDN", b'N', 15),
    ("VERSIE", b'N', 4),
    ("BEGINDATUM", b'D', 8),
    ("VERSDATUM", b'D', 8),
    ("TYPE", b'N', 4),
    ("LBLTYPE", b'C', 40),
    ("OPNDATUM", b'D', 8),
];

fn grb_row<'a>(oidn: &'a str, label: &'a str) -> [&'a str; 8] {
    [
        oidn, "1", "1", "20100101", "20150304", "1", label, "20150304",
    ]
}

#[test]
fn layers_of_the_base_map_are_told_apart_by_name_and_by_what_their_types_say() {
    let here = tempfile::tempdir().expect("folder");
    let layers = [
        ("Gbg33021B500", "hoofdgebouw\r\n", StructureLayer::Building),
        ("Gba33021B500", "afdak", StructureLayer::Attached),
        ("Knw33021B500", "watertoren", StructureLayer::Structure),
        // The names say nothing here.
        (
            "a",
            "gebouw afgezoomd met virtuele gevels",
            StructureLayer::Building,
        ),
        ("b", "ingezonken garagetoegang", StructureLayer::Attached),
        ("c", "koeltoren", StructureLayer::Structure),
        ("d", "silo, opslagtank", StructureLayer::Structure),
    ];
    for (name, label, expected) in layers {
        let row = grb_row("2305235", label);
        let path = shapefile(here.path(), name, &GRB, &[(&row, square(34e3, 172e3))]);
        let (reading, warnings) = folder(&[path]);
        assert!(warnings.is_empty(), "{}", texts(&warnings));
        let found = &reading.references.structures[0];
        assert_eq!(
            (found.layer, found.oidn.as_str()),
            (expected, "2305235"),
            "{name}"
        );
        assert_eq!(found.label, label.trim());
        assert_eq!(found.polygon.unsigned_area(), 100.0);
        assert_eq!(reading.found.len(), 1);
    }
}

#[test]
fn parcels_keep_their_capakey_and_texts_lose_their_line_ends() {
    let here = tempfile::tempdir().expect("folder");
    let columns = [
        ("UIDN", b'N', 15),
        ("OIDN", b'N', 15),
        ("VERSIE", b'N', 4),
        ("BEGINDATUM", b'D', 8),
        ("VERSDATUM", b'D', 8),
        ("CAPAKEY", b'C', 17),
        ("CANU", b'C', 20),
        ("NISCODE", b'C', 5),
        ("FISCDATUM", b'D', 8),
        ("BHRDR", b'N', 4),
        ("LBLBHRDR", b'C', 32),
        ("BGNINV", b'N', 4),
        ("LBLBGNINV", b'C', 40),
    ];
    let row = [
        "1",
        "2",
        "1",
        "20100101",
        "20150304",
        "24126B0056/00F000",
        "56F",
        "33021",
        "20260101",
        "1",
        "x",
        "4",
        "aanmaak uniek percelenplan\r\n",
    ];
    let path = shapefile(here.path(), "Adp", &columns, &[(&row, square(34e3, 172e3))]);
    let (reading, warnings) = folder(&[path]);
    assert!(warnings.is_empty(), "{}", texts(&warnings));
    assert_eq!(reading.references.parcels[0].capakey, "24126B0056/00F000");
    assert_eq!(reading.found, ["Adp.shp: 1 parcels (GRB ADP)"]);
}

#[test]
fn heights_of_the_3d_layer_are_read_and_hold_together() {
    let here = tempfile::tempdir().expect("folder");
    let text = "GRB_OIDN,GRB_UIDN,ENTITEIT,TYPE,LBLTYPE,DATUM_GRB,DATUM_LID,STRAATNMID,STRAATNM,\
        NISCODE,GEMEENTE,POSTCODE,HNRLABEL,OPPERVL,H_DTM_MIN,H_DTM_GEM,H_DSM_MAX,H_DSM_P99,HN_MAX,\
        HN_P99,H_KWAL\n\
        2305235,1,Gbg,1,hoofdgebouw,2015-03-04,2014-02-01,1,Laan,33021,Poperinge,8970,2,100,19,20,\
        30,28.5,10,8.5,goed\n\
        7,1,Gbg,1,hoofdgebouw,,,1,Laan,33021,Poperinge,8970,4,100,19,20,30,28.25,,,\n\
        8,1,Gbg,1,hoofdgebouw,,,1,Laan,33021,Poperinge,8970,6,100,,,,,,-9999,\n";
    let (reading, warnings) = folder(&[write(here.path(), "3d.csv", text)]);
    let heights = &reading.references.heights;
    let shown: Vec<_> = heights
        .iter()
        .map(|h| (h.oidn.as_str(), h.height_m))
        .collect();
    // HN_P99 = H_DSM_P99 − H_DTM_GEM; the second row lacks it.
    assert_eq!(shown, [("2305235", 8.5), ("7", 8.25)]);
    assert_eq!(
        (heights[0].ground_m, heights[0].quality.as_str()),
        (Some(20.0), "goed")
    );
    assert!(
        texts(&warnings).contains("no height"),
        "{}",
        texts(&warnings)
    );
}

/// Address register, units and buildings as the registers' own extracts have them.
#[test]
fn an_address_leads_to_its_unit_and_building_through_the_extracts() {
    let here = tempfile::tempdir().expect("folder");
    let write_points = |name: &str, columns: &[(&str, u8, usize)], rows: &[Vec<&str>]| {
        let mut dbf = Dbf::new(columns);
        for row in rows {
            let cells: Vec<&[u8]> = row.iter().map(|c| c.as_bytes()).collect();
            dbf.row(&cells);
        }
        let shapes: Vec<Vec<u8>> = (0..rows.len())
            .map(|i| point_record([34_000.5 + i as f64, 172_000.5]))
            .collect();
        let path = here.path().join(name);
        std::fs::write(&path, vector_files::shp(1, &shapes)).expect("written");
        std::fs::write(path.with_extension("dbf"), dbf.bytes()).expect("written");
        std::fs::write(path.with_extension("prj"), vector_files::LAMBERT_72_PRJ).expect("written");
        path
    };
    let uri = "https://data.vlaanderen.be/id/adres/200001";
    let addresses = write_points(
        "Adres.shp",
        &[
            ("id", b'C', 50),
            ("adresid", b'N', 10),
            ("creatieid", b'C', 25),
            ("versieid", b'C', 25),
            ("posspec", b'C', 20),
            ("posgeommet", b'C', 30),
            ("straatnmid", b'C', 10),
            ("straatnm", b'C', 80),
            ("huisnr", b'C', 11),
            ("busnr", b'C', 35),
            ("postcode", b'C', 4),
            ("gemeenteid", b'C', 5),
            ("gemeentenm", b'C', 40),
            ("status", b'C', 20),
            ("offtoegknd", b'L', 1),
            ("voladres", b'C', 254),
        ],
        &[
            vec![
                uri,
                "200001",
                "",
                "2020-01-01T00:00:00+01:00",
                "gebouweenheid",
                "AfgeleidVanObject",
                "1",
                "Frankrijklaan",
                "2A",
                "b 4",
                "8970",
                "33021",
                "Poperinge",
                "InGebruik",
                "T",
                "Frankrijklaan 2A bus b 4, 8970 Poperinge",
            ],
            vec![
                uri,
                "200002",
                "",
                "",
                "",
                "",
                "1",
                "Frankrijklaan",
                "3",
                "",
                "8970",
                "33021",
                "Poperinge",
                "Gehistoreerd",
                "F",
                "",
            ],
        ],
    );
    let unit_columns = [
        ("id", b'C', 55),
        ("gebouwehid", b'N', 10),
        ("versieid", b'C', 25),
        ("gebouwid", b'C', 10),
        ("functie", b'C', 30),
        ("status", b'C', 20),
        ("posgeommet", b'C', 30),
        ("afwijking", b'L', 1),
    ];
    let unit = |id: &'static str, function, status| {
        vec![
            "",
            id,
            "",
            "500001",
            function,
            status,
            "AfgeleidVanObject",
            "F",
        ]
    };
    let units = write_points(
        "Gebouweenheid.shp",
        &unit_columns,
        &[
            unit("300001", "NietGekend", "Gerealiseerd"),
            unit("300002", "GemeenschappelijkDeel", "Gerealiseerd"),
            unit("300003", "NietGekend", "Gehistoreerd"),
            unit("300004", "NietGekend", "Gerealiseerd"),
        ],
    );
    let building_columns = [
        ("id", b'C', 50),
        ("gebouwid", b'N', 10),
        ("versieid", b'C', 25),
        ("geommet", b'C', 20),
        ("status", b'C', 20),
    ];
    let building = |id, status| ["", id, "", "IngemetenGRB", status];
    let buildings = shapefile(
        here.path(),
        "Gebouw",
        &building_columns,
        &[
            (&building("500001", "Gerealiseerd"), square(34e3, 172e3)),
            (&building("500002", "InAanbouw"), square(34_020., 172e3)),
            (&building("500003", "Gehistoreerd"), square(34_040., 172e3)),
            (&building("500004", "Gepland"), square(34_060., 172e3)),
        ],
    );
    // The table of links lies without shapes.
    let mut links = Dbf::new(&[
        ("objecttype", b'C', 20),
        ("adresobjid", b'C', 30),
        ("adresid", b'N', 10),
        ("voladres", b'C', 254),
    ]);
    links.row(&[b"Gebouweenheid", b"300001", b"200001", b""]);
    links.row(&[b"Perceel", b"33021A0001/00_000", b"200001", b""]);
    links.row(&[b"Gebouweenheid", b"300001", b"200009", b""]);
    let links_path = here.path().join("Adreskoppelingen.dbf");
    std::fs::write(&links_path, links.bytes()).expect("written");

    let paths = [
        addresses.with_extension("dbf"),
        addresses,
        links_path,
        units,
        buildings,
    ];
    let (reading, warnings) = folder(&paths);
    assert!(warnings.is_empty(), "{}", texts(&warnings));
    let found = &reading.references;
    let [address] = found.addresses.as_slice() else {
        panic!("{:?}", found.addresses);
    };
    assert_eq!(address.id, "200001");
    assert_eq!(
        (address.street.as_str(), address.house_number.as_str()),
        ("Frankrijklaan", "2A")
    );
    assert_eq!(
        (address.box_number.as_str(), address.postcode.as_str()),
        ("b 4", "8970")
    );
    assert_eq!(address.municipality, "Poperinge");
    assert_eq!(address.place, [34_000.5, 172_000.5]);
    let units: Vec<_> = found.units.iter().map(|u| u.id.as_str()).collect();
    assert_eq!(units, ["300001", "300004"]);
    assert_eq!(found.units[0].building_id, "500001");
    assert_eq!(found.units[0].address_ids, ["200001", "200009"]);
    assert_eq!(found.units[1].place, Some([34_003.5, 172_000.5]));
    let buildings: Vec<_> = found.buildings.iter().map(|b| b.id.as_str()).collect();
    assert_eq!(buildings, ["500001", "500002"]);
    assert_eq!(reading.found.len(), 4, "{:?}", reading.found);
}

fn square_json(x: f64, y: f64) -> String {
    let (e, n) = (x + 100.0, y + 100.0);
    format!(
        r#"{{"type":"Polygon","coordinates":[[[{x},{y}],[{e},{y}],[{e},{n}],[{x},{n}],[{x},{y}]]]}}"#
    )
}

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn collection(crs: &str, features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"{crs}"}}}},
        "features":[{}]}}"#,
        features.join(",")
    )
}

const L72: &str = "urn:ogc:def:crs:EPSG::31370";

#[test]
fn parks_and_plots_are_known_by_their_model_by_their_name_and_by_the_settings() {
    let here = tempfile::tempdir().expect("folder");
    let plots = collection(
        L72,
        &[feature(
            r#"{"identificator":"P-1","bebouwing":"bebouwd","inGebruik":"in gebruik",
            "functie":"econonomie","isDeelVan":"T-1"}"#,
            &square_json(34e3, 172e3),
        )],
    );
    let parks = collection(
        L72,
        &[feature(
            r#"{"identificator":"T-1","naam":"Sappenleen","beschikbareKavels":0}"#,
            &square_json(34e3, 172e3),
        )],
    );
    let paths = [
        write(here.path(), "kavels.geojson", &plots),
        write(here.path(), "parken.geojson", &parks),
    ];
    let (reading, warnings) = folder(&paths);
    assert!(warnings.is_empty(), "{}", texts(&warnings));
    let plot = &reading.references.plots[0];
    assert_eq!((plot.id.as_str(), plot.park.as_str()), ("P-1", "T-1"));
    let park = &reading.references.parks[0];
    assert_eq!(
        (park.id.as_str(), park.name.as_str()),
        ("T-1", "Sappenleen")
    );

    // The short names of the region's shapefiles are not published: by file name, or as set.
    let columns = [("BTPERC", b'C', 10), ("BTNAAM", b'C', 20)];
    let row = ["9", "Sappenleen"];
    let shape = square(34e3, 172e3);
    let named = shapefile(
        here.path(),
        "Bedrijventerrein",
        &columns,
        &[(&row, shape.clone())],
    );
    let other = shapefile(here.path(), "zones", &columns, &[(&row, shape)]);
    let problems = reference::folder(
        std::slice::from_ref(&named),
        &Options::default(),
        &lambert(),
    );
    let told = texts(&problems.expect_err("no name"));
    assert!(
        told.contains("BTPERC, BTNAAM") && told.contains("[schema.parks]"),
        "{told}"
    );
    let (_, warnings) = folder(std::slice::from_ref(&other));
    assert!(
        texts(&warnings).contains("not recognised"),
        "{}",
        texts(&warnings)
    );
    let set: Mapping = [("park_id", "BTPERC"), ("name", "BTNAAM")]
        .into_iter()
        .collect();
    let options = Options {
        parks: set.clone(),
        ..Options::default()
    };
    for path in [named.clone(), other] {
        let (reading, _) = reference::folder(&[path], &options, &lambert()).expect("readable");
        assert_eq!(reading.references.parks[0].name, "Sappenleen");
    }
    let (parks, _) = reference::parks(&named, &set, &lambert()).expect("readable");
    assert_eq!(parks[0].id, "9");
}

/// Files of KBO Open Data with the quirks of flemish-data.md §5.2.
#[test]
fn the_national_register_gives_the_establishments_of_the_region() {
    let here = tempfile::tempdir().expect("folder");
    let files = [
        (
            "enterprise.csv",
            "\"EnterpriseNumber\",\"Status\",\"JuridicalSituation\",\"TypeOfEnterprise\",\
             \"JuridicalForm\",\"JuridicalFormCAC\",\"StartDate\"\n\
             \"0403.449.823\",\"AC\",\"000\",\"2\",\"014\",,01-01-1970\n\
             \"0314.595.348\",\"AC\",\"000\",\"1\",,,01-01-1970\n",
        ),
        (
            "establishment.csv",
            "\"EstablishmentNumber\",\"StartDate\",\"EnterpriseNumber\"\n\
             \"2.000.000.339\",01-11-1974,\"0403.449.823\"\n\
             \"2.000.000.438\",01-11-1974,\"0314.595.348\"\n\
             \"2.000.001.032\",01-11-1974,\"0403.449.823\"\n",
        ),
        (
            "denomination.csv",
            "\"EntityNumber\",\"Language\",\"TypeOfDenomination\",\"Denomination\"\n\
             \"0403.449.823\",\"1\",\"001\",\"Soci\u{e9}t\u{e9} A\"\n\
             \"0403.449.823\",\"2\",\"001\",\"Firma \"\"A\"\", nv\"\n\
             \"0403.449.823\",\"2\",\"003\",\"A-merk\"\n\
             \"2.000.000.438\",\"0\",\"003\",\"Bakkerij\"\n",
        ),
        (
            "address.csv",
            "\"EntityNumber\",\"TypeOfAddress\",\"CountryNL\",\"CountryFR\",\"Zipcode\",\
             \"MunicipalityNL\",\"MunicipalityFR\",\"StreetNL\",\"StreetFR\",\"HouseNumber\",\"Box\",\
             \"ExtraAddressInfo\",\"DateStrikingOff\"\n\
             \"2.000.000.339\",\"BAET\",,,\"8970\",\"Poperinge\",\"Poperinge\",\
             \"Frankrijklaan(Pop)\",\"\",\"1B\",\"\",,\n\
             \"2.000.000.438\",\"BAET\",,,\"8970\",\"Poperinge\",\"\",\"Laan\",\"\",\"2\",\"3\",,\n\
             \"2.000.001.032\",\"BAET\",,,\"8970\",\"Poperinge\",\"\",\"Laan\",\"\",\"9\",\"\",,31-12-2019\n\
             \"0403.449.823\",\"REGO\",,,\"1000\",\"Brussel\",\"Bruxelles\",\"Straat\",\"Rue\",\"1\",\"\",,\n\
             \"0403.449.824\",\"REGO\",,,\"8970\",\"Poperinge\",\"\",\"Straat\",\"Rue\",\"1\",\"\",,\n",
        ),
        (
            "activity.csv",
            "\"EntityNumber\",\"ActivityGroup\",\"NaceVersion\",\"NaceCode\",\"Classification\"\n",
        ),
        (
            "contact.csv",
            "\"EntityNumber\",\"EntityContact\",\"ContactType\",\"Value\"\n",
        ),
        (
            "code.csv",
            "\"Category\",\"Code\",\"Language\",\"Description\"\n",
        ),
        (
            "meta.csv",
            "\"Variable\",\"Value\"\n\"SnapshotDate\",\"01-11-2026\"\n",
        ),
        (
            "branch.csv",
            "\"Id\",\"StartDate\",\"EnterpriseNumber\"\n\"9.000.006.626\",01-09-1995,\"0200.065.765\"\n",
        ),
    ];
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|(n, text)| write(here.path(), n, text))
        .collect();
    let options = Options {
        postcodes: BTreeSet::from(["8970".to_string()]),
        ..Options::default()
    };
    let (reading, warnings) = reference::folder(&paths, &options, &lambert()).expect("readable");
    let found = &reading.references.establishments;
    let [first, second] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(first.establishment_number, "2000000339");
    assert_eq!(first.enterprise_number, "0403449823");
    assert_eq!(first.name, "Firma \"A\", nv");
    assert!(!first.natural_person);
    assert_eq!(first.address.street, "Frankrijklaan(Pop)");
    assert_eq!(first.address.house_number, "1B");
    assert_eq!(
        (first.place, first.address.postcode.as_str()),
        (None, "8970")
    );
    assert_eq!(second.name, "Bakkerij");
    assert!(second.natural_person);
    assert_eq!(second.address.box_number, "3");
    assert!(
        texts(&warnings).contains("check digits"),
        "{}",
        texts(&warnings)
    );

    // Without postal codes the seat in Brussels is kept, too, with its French street only where
    // there is no Dutch one.
    let (reading, _) = folder(&paths);
    let seat = &reading.references.establishments[0];
    assert_eq!(
        (
            seat.enterprise_number.as_str(),
            seat.establishment_number.as_str()
        ),
        ("0403449823", "")
    );
    assert_eq!(seat.address.street, "Straat");
}

#[test]
fn the_enriched_register_gives_seats_and_establishments_with_places_and_without_people() {
    let text = "Ondernemingsnr,Maatschappelijke_naam,Commerciele_naam,Afgekorte_naam,\
        Ondernemingsnr_maatsch_zetel,Type_onderneming,Rechtsvorm,Rechtstoestand,\
        Datum_inschrijving,Startdatum,Datum_stopzetting,KBO_Straat,KBO_Huisnr,KBO_Busnr,\
        KBO_Postcode,KBO_Gemeente,KBO_NISCODE,AR_straat,AR_huisnr,AR_postcode,longitude,latitude,\
        Telefoonnummer,Email\n\
        403449823,Firma A, , , ,Rechtspersoon,Naamloze vennootschap, ,1970-01-01,1970-01-01,\
        9999-12-31,Laan(Pop),1,,8970,Poperinge,33021, , , ,2.7267,50.8552,057/123456,a@b.be\n\
        2.000.000.339,Firma A,A-merk, ,0403.449.823,Rechtspersoon, , ,1900-01-01,1900-01-01,\
        9999-12-31,Laan(Pop),2,4,8970,Poperinge,33021,Frankrijklaan,2A,8970,2.7267,50.8552,,\n\
        2.000.000.438,Jan, , , ,Natuurlijk persoon, , ,,,,Laan,3,,8970,Poperinge,33021,,,,,,,\n\
        0314.595.348,VME Laan,,,,Rechtspersoon,Vereniging van mede-eigenaars,,,,,Laan,4,,8970,\
        Poperinge,33021,,,,2.7267,50.8552,,\n\
        0314.595.349,Fout,,,,Rechtspersoon,,,,,,Laan,5,,8970,Poperinge,33021,,,,,,,\n";
    let mut report = Report::new("vkbo.csv");
    let table = Table::from_bytes("vkbo.csv", text.as_bytes(), &mut report).expect("a table");
    let (reading, warnings) =
        reference::from_table(table, &Options::default(), &lambert()).expect("readable");
    let found = &reading.references.establishments;
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0].enterprise_number, "0403449823");
    assert_eq!(
        (
            found[0].establishment_number.as_str(),
            found[0].name.as_str()
        ),
        ("", "Firma A")
    );
    // flemish-data.md §1.1: 34387.43, 172922.46 after PROJ, 1 m.
    let [x, y] = found[0].place.expect("geocoded");
    assert!((x - 34_387.43).abs() < 1.0 && (y - 172_922.46).abs() < 1.0);
    assert_eq!(found[0].address.street, "Laan(Pop)");
    assert_eq!(found[1].establishment_number, "2000000339");
    assert_eq!(found[1].enterprise_number, "0403449823");
    assert_eq!(found[1].name, "A-merk");
    assert_eq!(found[1].address.street, "Frankrijklaan");
    assert_eq!(found[1].address.box_number, "4");
    // Its parent is not in the export, its number tells what it is.
    assert_eq!(
        (found[2].enterprise_number.as_str(), found[2].place),
        ("", None)
    );
    assert!(found[2].natural_person);
    let told = texts(&warnings);
    assert!(told.contains("1 owners' associations"), "{told}");
    assert!(told.contains("Telefoonnummer and Email"), "{told}");
    assert!(
        told.contains("check digits") && told.contains("line 6"),
        "{told}"
    );
    let shown = format!("{:?}", reading.references);
    assert!(
        !shown.contains("a@b.be") && !shown.contains("057/"),
        "{shown}"
    );
}

#[test]
fn points_of_services_come_right_whichever_axis_stands_first() {
    let read = |crs: &str, place: &str| {
        let feature = feature(
            r#"{"Ondernemingsnr":"0403.449.823","Maatschappelijke_naam":"A"}"#,
            &format!(r#"{{"type":"Point","coordinates":[{place}]}}"#),
        );
        let text = collection(crs, &[feature]);
        let layer = geojson::layer("vkbo.geojson", text.as_bytes()).expect("GeoJSON");
        let (reading, warnings) =
            reference::from_layers(&[layer], &Options::default(), &lambert()).expect("readable");
        let place = reading.references.establishments[0].place.expect("a place");
        (place, texts(&warnings))
    };
    for (crs, place, warned) in [
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "2.7267,50.8552", false),
        ("urn:ogc:def:crs:EPSG::4326", "2.7267,50.8552", false),
        ("urn:ogc:def:crs:EPSG::4326", "50.8552,2.7267", true),
        ("urn:ogc:def:crs:EPSG::4258", "50.8552,2.7267", true),
        ("EPSG:31370", "34387.43,172922.46", false),
        ("EPSG:3812", "534387.69,672909.07", false),
        ("EPSG:25831", "480763.03,5633758.36", false),
        // The file names one Belgian system and holds the other.
        ("EPSG:31370", "534387.69,672909.07", true),
        // As older programs write it: no lon/lat, though it says so.
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "34387.43,172922.46", true),
    ] {
        let ([x, y], told) = read(crs, place);
        // Within the tolerance of the printed test vectors.
        let close = (x - 34_387.43).abs() < 1.0 && (y - 172_922.46).abs() < 1.0;
        assert!(close, "{crs} {place}: {x} {y}");
        assert_eq!(!told.is_empty(), warned, "{crs} {place}: {told}");
    }
}

/// What is a mistake in Belgium is a place elsewhere.
#[test]
fn coordinates_of_other_countries_are_left_alone() {
    let read = |project: &str, crs: &str, place: &str| {
        let feature = feature(
            r#"{"Ondernemingsnr":"0403.449.823","Maatschappelijke_naam":"A"}"#,
            &format!(r#"{{"type":"Point","coordinates":[{place}]}}"#),
        );
        let layer = geojson::layer("p.geojson", collection(crs, &[feature]).as_bytes());
        let project = Crs::new(project, DatumGrid::Embedded).expect("known");
        let layers = [layer.expect("GeoJSON")];
        let read = reference::from_layers(&layers, &Options::default(), &project);
        let (reading, warnings) = read.expect("readable");
        assert!(warnings.is_empty(), "{}", texts(&warnings));
        reading.references.establishments[0].place.expect("a place")
    };
    // Lagos lies in zone 31 where Belgium lies in Lambert 2008.
    assert_eq!(
        read("EPSG:32631", "EPSG:32631", "540000,720000"),
        [540_000.0, 720_000.0]
    );
    // The coast of Somalia has a Belgian latitude for its longitude.
    let [x, y] = read("EPSG:32639", "urn:ogc:def:crs:EPSG::4326", "49.5,6.5");
    // Zone 39 has its middle at 51°: 1.5° west of it at 6.5° north, k0 = 0.9996.
    assert!(
        (x - 334_000.0).abs() < 1_000.0 && (y - 718_700.0).abs() < 1_000.0,
        "{x} {y}"
    );
}

#[test]
fn well_known_text_of_tables_is_read_in_either_order() {
    for place in ["POINT (50.8552 2.7267)", "POINT (2.7267 50.8552)"] {
        let text = format!("adresid;straatnm;huisnr;the_geom\n1;Laan;2;{place}\n");
        let mut report = Report::new("adres.csv");
        let table = Table::from_bytes("adres.csv", text.as_bytes(), &mut report).expect("a table");
        let (reading, _) =
            reference::from_table(table, &Options::default(), &lambert()).expect("readable");
        let [x, y] = reading.references.addresses[0].place;
        assert!(
            (x - 34_387.43).abs() < 1.0 && (y - 172_922.46).abs() < 1.0,
            "{place}: {x} {y}"
        );
    }
}

#[test]
fn exactly_ten_thousand_records_are_suspicious_in_every_register() {
    let row = |i: usize| format!("{i};Laan;{i};34000;172000\n");
    let text = |count: usize| {
        let rows: String = (0..count).map(row).collect();
        format!("adresid;straatnm;huisnr;x;y\n{rows}")
    };
    for (count, warned) in [(10_000, true), (9_999, false)] {
        let mut report = Report::new("adres.csv");
        let table =
            Table::from_bytes("adres.csv", text(count).as_bytes(), &mut report).expect("a table");
        let (_, warnings) =
            reference::from_table(table, &Options::default(), &lambert()).expect("readable");
        assert_eq!(texts(&warnings).contains("exactly 10000 records"), warned);
    }
}

#[test]
fn records_that_cannot_be_used_are_counted_and_the_others_stay() {
    let features = [
        feature(r#"{"CAPAKEY":"a"}"#, &square_json(34e3, 172e3)),
        feature(r#"{"CAPAKEY":"b"}"#, "null"),
        feature(r#"{"CAPAKEY":""}"#, &square_json(34e3, 172e3)),
        feature(
            r#"{"CAPAKEY":"d"}"#,
            r#"{"type":"Polygon","coordinates":[]}"#,
        ),
        feature(
            r#"{"CAPAKEY":"e"}"#,
            r#"{"type":"Point","coordinates":[34000,172000]}"#,
        ),
        feature(
            r#"{"CAPAKEY":"f"}"#,
            r#"{"type":"Polygon","coordinates":[[[1e300,0],[2,3],[4,5],[1e300,0]]]}"#,
        ),
        feature(r#"{"CAPAKEY":"g"}"#, "null"),
    ];
    let layer = geojson::layer("adp.geojson", collection(L72, &features).as_bytes()).expect("read");
    let (reading, warnings) =
        reference::from_layers(&[layer], &Options::default(), &lambert()).expect("readable");
    let kept: Vec<_> = reading
        .references
        .parcels
        .iter()
        .map(|p| p.capakey.as_str())
        .collect();
    assert_eq!(kept, ["a"]);
    let told = texts(&warnings);
    for part in [
        "feature 2: has no geometry, and 1 more",
        "feature 3: has no key",
        "feature 4: has an empty geometry",
        "feature 5: is a point",
        "feature 6: has a coordinate that is no place",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn records_of_overlapping_downloads_are_kept_once() {
    let here = tempfile::tempdir().expect("folder");
    let text = "gebouwehid;gebouwid;functie;status;adresid\n\
        1;9;NietGekend;Gerealiseerd;https://data.vlaanderen.be/id/adres/5\n\
        2;9;NietGekend;Gerealiseerd;6;\n";
    let paths = [
        write(here.path(), "a.csv", text),
        write(here.path(), "b.csv", text),
    ];
    let (reading, warnings) = folder(&paths);
    let units = &reading.references.units;
    let shown: Vec<_> = units
        .iter()
        .map(|u| (u.id.as_str(), u.address_ids.len()))
        .collect();
    assert_eq!(shown, [("1", 1), ("2", 1)]);
    assert_eq!(units[0].address_ids, ["5"]);
    assert!(
        texts(&warnings).contains("2 records"),
        "{}",
        texts(&warnings)
    );
}

#[test]
fn files_of_other_kinds_are_named_and_do_not_stop_the_reading() {
    let here = tempfile::tempdir().expect("folder");
    let paths = [
        write(here.path(), "a.gml", "<x/>"),
        write(here.path(), "b.tif", "II"),
        write(here.path(), "c.csv", "kolom;andere\n1;2\n"),
        write(here.path(), "leesmij.txt", "x"),
        write(here.path(), "package.json", "[]"),
    ];
    let (reading, warnings) = folder(&paths);
    assert_eq!(reading, Reading::default());
    let told = texts(&warnings);
    assert!(told.contains("a.gml") && told.contains("c.csv"), "{told}");
    assert!(
        told.contains("kolom, andere") && !told.contains("b.tif"),
        "{told}"
    );
    let broken = write(here.path(), "d.geojson", "{");
    let problems = reference::folder(&[broken], &Options::default(), &lambert());
    assert!(texts(&problems.expect_err("broken")).contains("d.geojson"));
}

#[test]
fn outlines_with_latitude_first_are_put_right() {
    let ring = |places: [[f64; 2]; 4]| {
        let places: Vec<String> = places.iter().map(|[a, b]| format!("[{a},{b}]")).collect();
        format!(
            r#"{{"type":"Polygon","coordinates":[[{},{}]]}}"#,
            places.join(","),
            places[0]
        )
    };
    let corners = [
        [2.7267, 50.8552],
        [2.7277, 50.8552],
        [2.7277, 50.8562],
        [2.7267, 50.8562],
    ];
    let read = |geometry: &str| {
        let text = collection(
            "urn:ogc:def:crs:EPSG::4326",
            &[feature(r#"{"OIDN":1}"#, geometry)],
        );
        let layer = geojson::layer("b.geojson", text.as_bytes()).expect("GeoJSON");
        let report = Report::new("b.geojson");
        outlines::from_layer(&layer, &Mapping::new(), &lambert(), report).expect("sound")
    };
    let (right, quiet) = read(&ring(corners));
    let (swapped, told) = read(&ring(corners.map(|[lon, lat]| [lat, lon])));
    assert_eq!(
        right[0].polygon.bounding_rect(),
        swapped[0].polygon.bounding_rect()
    );
    assert!(quiet.is_empty() && texts(&told).contains("latitude before longitude"));
}
