//! Files in exactly the schemas their owners publish, in every form they are delivered in.
//! Which test shows which schema: `inputs_cases.rs`.

use crate::vector_files;

use std::path::{Path, PathBuf};

use geo::Area;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::problem::Problem;
use thermaudit::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use thermaudit::read::reference::{self, Options};
use thermaudit::read::surface::Surface;
use thermaudit::read::table::Mapping;
use thermaudit::read::{outlines, weather};
use thermaudit::write::cog::{GridSpec, write_grid};
use vector_files::{Fgb, polygon_record, shapefile};

fn crs(code: &str) -> Crs {
    Crs::new(code, DatumGrid::Embedded).expect("known")
}

fn texts(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n")
}

const SQUARE: &[[f64; 2]] = &[
    [34_000., 172_000.],
    [34_000., 172_010.],
    [34_010., 172_010.],
    [34_010., 172_000.],
    [34_000., 172_000.],
];

fn collection(crs: &str, properties: &str, ring: &[[f64; 2]]) -> String {
    let places: Vec<String> = ring.iter().map(|[x, y]| format!("[{x},{y}]")).collect();
    format!(
        r#"{{"type":"FeatureCollection","name":"GBG","crs":{{"type":"name","properties":
        {{"name":"{crs}"}}}},"features":[{{"type":"Feature","id":"GBG.2305235","geometry":
        {{"type":"Polygon","coordinates":[[{}]]}},"properties":{properties}}}]}}"#,
        places.join(",")
    )
}

/// Columns of GBG in downloads; the services lack the last two.
const GBG: [(&str, u8, usize); 12] = [
    ("UIDN", b'N', 15),
    ("OIDN", b'N', 15),
    ("VERSIE", b'N', 4),
    ("BEGINDATUM", b'D', 8),
    ("VERSDATUM", b'D', 8),
    ("TYPE", b'N', 4),
    ("LBLTYPE", b'C', 32),
    ("OPNDATUM", b'D', 8),
    ("BGNINV", b'N', 4),
    ("LBLBGNINV", b'C', 32),
    ("LENGTE", b'N', 15),
    ("OPPERVL", b'N', 15),
];

#[test]
fn buildings_of_the_base_map_come_from_every_form_and_either_system() {
    let here = tempfile::tempdir().expect("folder");
    let row = [
        "11",
        "2305235",
        "2",
        "20100101",
        "20150304",
        "1",
        "hoofdgebouw\r\n",
        "20150304",
        "4",
        "bijhouding binnengebied\r\n",
        "40.00",
        "100.00",
    ];
    let shape = shapefile(
        here.path(),
        "Gbg",
        &GBG,
        &[(&row, polygon_record(&[SQUARE]))],
    );
    let served = r#"{"UIDN":11,"OIDN":2305235,"VERSIE":2,"BEGINDATUM":"2010-01-01",
        "VERSDATUM":"2015-03-04","TYPE":1,"LBLTYPE":"hoofdgebouw\r\n","OPNDATUM":"2015-03-04",
        "BGNINV":4,"LBLBGNINV":"bijhouding binnengebied\r\n"}"#;
    let write = |name: &str, text: &str| -> PathBuf {
        let path = here.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let json = write(
        "wfs.geojson",
        &collection("urn:ogc:def:crs:EPSG::31370", served, SQUARE),
    );
    // The same square in the other system: at Poperinge they differ by 500 000.26 and 499 986.61 m
    // (after PROJ, flemish-data.md §1.1).
    let other: Vec<[f64; 2]> = SQUARE
        .iter()
        .map(|[x, y]| [x + 500_000.26, y + 499_986.61])
        .collect();
    let json_2008 = write(
        "api.geojson",
        &collection("http://www.opengis.net/def/crs/EPSG/0/3812", served, &other),
    );
    let fgb = here.path().join("gbg.fgb");
    let file = Fgb {
        epsg: 31370,
        indexed: true,
        features: vec![("2305235", vec![vec![SQUARE]])],
    };
    std::fs::write(&fgb, file.bytes()).expect("written");
    for path in [shape, json, json_2008, fgb] {
        let (found, warnings) =
            outlines::read(&path, &Mapping::new(), &crs("EPSG:31370")).expect("sound");
        assert!(
            warnings.is_empty(),
            "{}: {}",
            path.display(),
            texts(&warnings)
        );
        assert_eq!(found[0].oidn, "2305235", "{}", path.display());
        let area = found[0].polygon.unsigned_area();
        assert!((area - 100.0).abs() < 0.05, "{}: {area}", path.display());
        let corner = found[0].polygon.0[0].exterior().0[0];
        let off = (corner.x - 34e3).hypot(corner.y - 172e3);
        assert!(
            off < 0.5 || (off - 14.1).abs() < 0.5,
            "{}: {corner:?}",
            path.display()
        );
    }
}

#[test]
fn fiscal_parcels_and_the_history_of_parcels_give_their_keys() {
    let here = tempfile::tempdir().expect("folder");
    let square = polygon_record(&[SQUARE]);
    let fiscal = [
        ("RECID", b'N', 10),
        ("CAPAKEY", b'C', 17),
        ("NISCODE", b'C', 5),
        ("FISCDATUM", b'D', 8),
        ("OPPERVL", b'N', 15),
    ];
    let row = ["1", "24126B0056/00F000", "33021", "20260101", "100.00"];
    let adpf = shapefile(here.path(), "Adpf", &fiscal, &[(&row, square.clone())]);
    let history = [
        ("UIDN", b'N', 15),
        ("OIDN", b'N', 15),
        ("CAPAKEY", b'C', 17),
        ("EINDDATUM", b'D', 8),
        ("EINDINV", b'N', 4),
        ("LBLEINDINV", b'C', 40),
        ("BEWERK", b'N', 4),
        ("LBLBEWERK", b'C', 40),
    ];
    let ended = [
        "1",
        "1",
        "24126B0055/00_000",
        "20190101",
        "1",
        "x",
        "1",
        "x",
    ];
    let present = ["2", "2", "24126B0057/00A000", "", "", "", "1", "x"];
    let rows: [(&[&str], Vec<u8>); 2] = [(&ended, square.clone()), (&present, square)];
    let past = shapefile(here.path(), "AdpHist", &history, &rows);
    let (reading, warnings) =
        reference::folder(&[adpf, past], &Options::default(), &crs("EPSG:31370")).expect("sound");
    assert!(warnings.is_empty(), "{}", texts(&warnings));
    let keys: Vec<&str> = reading
        .references
        .parcels
        .iter()
        .map(|p| p.capakey.as_str())
        .collect();
    assert_eq!(keys, ["24126B0056/00F000", "24126B0057/00A000"]);
}

#[test]
fn the_address_layer_of_the_base_map_gives_places() {
    let here = tempfile::tempdir().expect("folder");
    let path = here.path().join("adres.geojson");
    let text = r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":
        "urn:ogc:def:crs:EPSG::31370"}},"features":[{"type":"Feature","properties":{"OIDN":1,
        "UIDN":2,"VERSIE":1,"BEGINDATUM":"2020-01-01","VERSDATUM":"2020-01-01",
        "ID":"https://data.vlaanderen.be/id/adres/200001","ADRESID":200001,
        "VERSIEID":"2020-01-01T00:00:00+01:00","POSGEOMET":"AfgeleidVanObject",
        "POSSPEC":"Gebouweenheid","STRAATNMID":1,"STRAATNM":"Frankrijklaan","HUISNR":"2A",
        "BUSNR":"","POSTCODE":"8970","GEMEENTEID":33021,"GEMEENTENM":"Poperinge\r\n",
        "STATUS":"InGebruik"},"geometry":{"type":"Point","coordinates":[34000.5,172000.5]}}]}"#;
    std::fs::write(&path, text).expect("written");
    let (reading, warnings) =
        reference::folder(&[path], &Options::default(), &crs("EPSG:31370")).expect("sound");
    assert!(warnings.is_empty(), "{}", texts(&warnings));
    let address = &reading.references.addresses[0];
    assert_eq!(
        (
            address.id.as_str(),
            address.street.as_str(),
            address.house_number.as_str()
        ),
        ("200001", "Frankrijklaan", "2A")
    );
    assert_eq!(address.municipality, "Poperinge");
    assert_eq!(address.place, [34_000.5, 172_000.5]);
}

#[test]
fn the_3d_layer_serves_as_outlines_with_heights() {
    let here = tempfile::tempdir().expect("folder");
    let columns = [
        ("GRB_OIDN", b'N', 15),
        ("GRB_UIDN", b'N', 15),
        ("ENTITEIT", b'C', 8),
        ("TYPE", b'N', 4),
        ("LBLTYPE", b'C', 32),
        ("DATUM_GRB", b'D', 8),
        ("DATUM_LID", b'D', 8),
        ("H_DTM_GEM", b'N', 12),
        ("H_DSM_P99", b'N', 12),
        ("HN_P99", b'N', 12),
        ("H_KWAL", b'N', 4),
    ];
    let row = [
        "2305235",
        "1",
        "Gbg",
        "1",
        "hoofdgebouw",
        "20150304",
        "20140201",
        "20.00",
        "28.50",
        "8.50",
        "1",
    ];
    let path = shapefile(
        here.path(),
        "LOD1",
        &columns,
        &[(&row, polygon_record(&[SQUARE]))],
    );
    let (found, warnings) =
        outlines::read(&path, &Mapping::new(), &crs("EPSG:31370")).expect("sound");
    assert!(warnings.is_empty(), "{}", texts(&warnings));
    assert_eq!(
        (found[0].oidn.as_str(), found[0].height_m),
        ("2305235", Some(8.5))
    );
}

/// Sheets are named by number; voids are −9999, or heights that Belgium does not have.
#[test]
fn sheets_of_the_height_model_are_one_surface_without_their_voids() {
    let here = tempfile::tempdir().expect("folder");
    let sheet = |name: &str, x0: f64, cells: Vec<f32>| {
        let grid = Grid::from_vec(2, 2, cells).expect("2 × 2");
        let transform = GeoTransform {
            x0,
            y0: 172_002.0,
            dx: 1.0,
            dy: 1.0,
        };
        let spec = GridSpec::float(31370, -9999.0, "height", "m");
        write_grid(&here.path().join(name), &GeoGrid { grid, transform }, &spec).expect("written");
    };
    let n = f32::NAN;
    sheet(
        "DHMVIIDSMRAS1m_k19.tif",
        34e3,
        vec![18.5, n, 9999.0, 1500.0],
    );
    sheet(
        "DHMVIIDSMRAS1m_k20.tif",
        34_002.0,
        vec![20.0, 21.0, -500.0, 23.0],
    );
    let folder: &Path = here.path();
    let surface = Surface::open(&[folder.to_path_buf()]).expect("a surface");
    let all = surface.bounds();
    assert_eq!((all.x_min, all.x_max), (34e3, 34_004.0));
    let heights = surface
        .window(&Bounds {
            x_min: 34e3,
            y_min: 172e3,
            x_max: 34_004.0,
            y_max: 172_002.0,
        })
        .expect("heights");
    let shown: Vec<Option<f32>> = heights
        .grid
        .data()
        .iter()
        .map(|v| Some(*v).filter(|v| v.is_finite()))
        .collect();
    let due = [
        Some(18.5),
        None,
        Some(20.0),
        Some(21.0),
        None,
        None,
        None,
        Some(23.0),
    ];
    assert_eq!(shown, due);
}

#[test]
fn both_layers_of_the_weather_service_come_as_geojson() {
    let here = tempfile::tempdir().expect("folder");
    let aws = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"aws_10min.1","geometry":{"type":"Point","coordinates":[3.123,50.905]},
         "properties":{"code":6414,"timestamp":"2026-01-15T02:10:00Z","precip_quantity":0.1,
         "temp_dry_shelter_avg":-1.5,"temp_grass_pt100_avg":-3.0,"temp_soil_avg":2.0,
         "temp_soil_avg_5cm":2.0,"temp_soil_avg_10cm":2.0,"temp_soil_avg_20cm":3.0,
         "temp_soil_avg_50cm":4.0,"wind_speed_10m":2.1,"wind_speed_avg_30m":2.5,
         "wind_gusts_speed":4.0,"wind_direction":180.0,"humidity_rel_shelter_avg":93.0,
         "pressure":1021.4,"sun_duration":0.0,"short_wave_from_sky_avg":0.0,"sun_int_avg":0.0,
         "qc_flags":null}},
        {"type":"Feature","id":"aws_10min.2","geometry":{"type":"Point","coordinates":[5.9,50.5]},
         "properties":{"code":6494,"timestamp":"2026-01-15T02:10:00Z","temp_dry_shelter_avg":-9.0}}]}"#;
    let synop = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","geometry":{"type":"Point","coordinates":[51.09,2.6528]},
         "properties":{"code":"6400","timestamp":"2026-01-15T02:00:00Z","temp":-1.5,
         "wind_speed":2.1,"wind_speed_unit":1,"humidity_relative":93,"pressure":1021.4,
         "cloudiness":3,"weather_current":null}}]}"#;
    for (name, text, okta) in [
        ("aws.geojson", aws, None),
        ("synop.geojson", synop, Some(3.0)),
    ] {
        let path = here.path().join(name);
        std::fs::write(&path, text).expect("written");
        let near = weather::Station::near(Some([2.7267, 50.8552]));
        let (found, _) = weather::read_station(&path, &Mapping::new(), near).expect(name);
        let record = found.records()[0];
        assert_eq!(found.records().len(), 1, "{name}");
        assert_eq!(
            (record.air_c, record.wind_m_s),
            (Some(-1.5), Some(2.1)),
            "{name}"
        );
        assert_eq!(
            (record.humidity_pct, record.cloud_okta),
            (Some(93.0), okta),
            "{name}"
        );
    }
}
