//! Broken and hostile tables and vector files are refused, never a panic and never a hang.

use std::path::Path;

use geo::{Geometry, polygon};
use proptest::prelude::*;
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::read::reference::{self, Options};
use thermaudit::read::table::{Mapping, Report, Table};
use thermaudit::read::{
    companies, flatgeobuf, geojson, gpkg, links, outlines, poses, shapefile, weather, wkb, wkt,
};
use thermaudit::write::gpkg::{Column, ColumnKind, GeoPackage, GeometryKind, Value};

fn read_all(bytes: &[u8]) {
    let none = Mapping::new();
    let _ = companies::from_bytes("t", bytes, &none);
    let _ = links::from_bytes("t", bytes, &none);
    let _ = weather::from_bytes("t", bytes, &none, None);
    let _ = poses::csv_from_bytes("t", bytes, &none, "EPSG:31370");
    let _ = poses::geo_txt_from_bytes("t", bytes);
    let _ = geojson::layer("t", bytes);
    let _ = flatgeobuf::layer("t", bytes);
    let _ = shapefile::attributes("t", bytes, Some(bytes));
    let parts = shapefile::Parts {
        shp: bytes,
        dbf: Some(bytes),
        prj: Some(bytes),
        cpg: Some(bytes),
    };
    let _ = shapefile::layer("t", &parts);
    let mut report = Report::new("t");
    if let Ok(table) = Table::from_bytes("t", bytes, &mut report) {
        let crs = Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known");
        let _ = reference::from_table(table, &Options::default(), &crs);
    }
    let _ = wkb::from_gpkg(bytes);
    let _ = wkb::from_wkb(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn any_text_under_a_known_header_is_read_or_refused(
        header in prop::sample::select(vec![
            "company_id;name;participates;kbo;heating_off;buildings;zone\n",
            "company_id,oidn,share,zone\n",
            "timestamp,air_c,humidity_pct,code,wind_speed_unit\n",
            "file,x,y,z,crs,omega,phi,kappa,sx,sy\n",
            "EPSG:4326\n",
            "adresid;straatnm;huisnr;longitude;latitude\n",
            "Ondernemingsnr,Maatschappelijke_naam,Ondernemingsnr_maatsch_zetel,the_geom\n",
            "GRB_OIDN;HN_P99;H_DSM_P99;H_DTM_GEM\n",
            "CAPAKEY;wkt\n",
        ]),
        body in "[a-zA-Z0-9;,.:\"#\\-\n\r\t \u{e9}\u{2212}]{0,300}",
    ) {
        read_all(format!("{header}{body}").as_bytes());
    }

    #[test]
    fn any_well_known_text_is_read_or_refused(
        text in "(SRID=|POLYGON|MULTI|Z|M|\\(|\\)|,| |[0-9.eE+-]|\u{e9}){0,60}",
    ) {
        let _ = wkt::multi_polygon(&text);
        let _ = wkt::point(&text);
    }
}

#[test]
fn a_geopackage_with_flipped_bytes_is_read_or_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("b.gpkg");
    write(&path);
    let sound = std::fs::read(&path).expect("read");
    let crs = Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known");
    let read = || outlines::read(&path, &Mapping::new(), &crs);
    assert!(read().is_ok());
    // A plain congruential sequence (Knuth, MMIX): the same damage every time.
    let mut state = 1_u64;
    let mut next = |limit: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let mut refused = 0;
    for round in 0..300 {
        let mut bytes = sound.clone();
        for _ in 0..1 + round % 40 {
            let at = next(bytes.len());
            bytes[at] = u8::try_from(next(256)).expect("a byte");
        }
        if round % 5 == 0 {
            bytes.truncate(next(sound.len()));
        }
        std::fs::write(&path, bytes).expect("written");
        refused += usize::from(read().is_err());
        let _ = gpkg::layers(&path);
    }
    assert!(refused > 0);
}

/// Texts that a spreadsheet, a page or a database might take for an order stay what they are.
#[test]
fn hostile_texts_stay_texts() {
    let crs = Crs::new("EPSG:31370", DatumGrid::Embedded).expect("known");
    for text in [
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE gpkg_contents; --",
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "{{7*7}} #import \"x\"",
        "\u{202e}gnp.exe",
    ] {
        let quoted = text.replace('"', "\"\"");
        let csv = format!("company_id,name,participates\nA,\"{quoted}\",no\n");
        let (companies, _) =
            companies::from_bytes("c.csv", csv.as_bytes(), &Mapping::new()).expect("sound");
        assert_eq!(companies[0].name, text);
        // As a key, which becomes a folder's name, it is refused.
        let csv = format!("company_id,name,participates\n\"{quoted}\",A,no\n");
        assert!(companies::from_bytes("c.csv", csv.as_bytes(), &Mapping::new()).is_err());
        let json = serde_json_text(text);
        let json = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{
            "oidn":1,"name":{json}}},"geometry":{{"type":"Polygon","coordinates":[[[2.7,50.8],
            [2.71,50.8],[2.71,50.81],[2.7,50.8]]]}}}}]}}"#
        );
        let layer = geojson::layer("b", json.as_bytes()).expect("GeoJSON");
        let (outlines, _) =
            outlines::from_layer(&layer, &Mapping::new(), &crs, Report::new("b")).expect("sound");
        assert_eq!(outlines[0].name.as_deref(), Some(text));
    }
}

/// A text as JSON has it.
fn serde_json_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn write(path: &Path) {
    let moment = "2026-01-15T02:10:00Z";
    let mut package =
        GeoPackage::create(path, 31370, "BD72", "undefined", moment).expect("created");
    let columns = [Column::new("oidn", ColumnKind::Text)];
    package
        .add_layer("buildings", GeometryKind::Polygon, &columns)
        .expect("layer");
    for i in 0..200_i32 {
        let x = 34e3 + 20.0 * f64::from(i);
        let shape = polygon![(x: x, y: 0.), (x: x + 9., y: 0.), (x: x + 9., y: 9.)];
        let values = [Value::from(i.to_string())];
        package
            .insert("buildings", Some(&Geometry::Polygon(shape)), &values)
            .expect("row");
    }
    package.finish().expect("finished");
}
