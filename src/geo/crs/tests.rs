//! G1 of georeferencing.md §13, against PROJ 9 with the official grid.

#![allow(clippy::print_stderr)] // A skipped test says so.

use std::path::PathBuf;

use super::*;

/// Place of the reference table of georeferencing.md §4.
struct Place {
    lonlat: (f64, f64),
    l72: (f64, f64),
    helmert_minus_grid: (f64, f64),
    l08: (f64, f64),
    utm31: (f64, f64),
}

#[rustfmt::skip]
const PLACES: [Place; 6] = [
    Place { lonlat: (4.468493, 50.856057), l72: (157022.869, 171745.084), helmert_minus_grid: (0.047, 0.140), l08: (657022.339, 671746.458), utm31: (603359.782, 5634845.460) },
    Place { lonlat: (3.264, 50.828), l72: (72168.633, 169197.697), helmert_minus_grid: (0.209, -0.038), l08: (572169.247, 669188.801), utm31: (518593.167, 5630731.330) },
    Place { lonlat: (3.220, 51.209), l72: (69724.698, 211624.726), helmert_minus_grid: (-0.146, -0.115), l08: (569719.920, 711615.126), utm31: (515367.847, 5673089.892) },
    Place { lonlat: (2.918, 51.226), l72: (48660.168, 213884.973), helmert_minus_grid: (-0.108, -0.180), l08: (548655.325, 713872.780), utm31: (494274.091, 5674960.625) },
    Place { lonlat: (2.885, 50.851), l72: (45522.007, 172221.056), helmert_minus_grid: (0.011, -0.215), l08: (545522.273, 672208.784), utm31: (491904.679, 5633262.038) },
    Place { lonlat: (3.124, 50.946), l72: (62526.416, 182478.484), helmert_minus_grid: (0.044, -0.154), l08: (562525.359, 682468.218), utm31: (508711.125, 5643827.232) },
];

/// flemish-data.md §1.1, PROJ 9.5.1 default operations: 1 m for 31370, 1 cm for the others.
#[rustfmt::skip]
const TOWNS: [[(f64, f64); 4]; 5] = [
    [(2.7267, 50.8552), (34387.43, 172922.46), (534387.69, 672909.07), (480763.03, 5633758.36)],
    [(2.8640, 51.0330), (44453.60, 192492.82), (544451.45, 692480.47), (490463.71, 5653503.42)],
    [(2.6620, 51.0725), (30388.24, 197192.22), (530385.63, 697178.16), (476319.69, 5657941.55)],
    [(3.1230, 50.9050), (62379.72, 177919.18), (562379.16, 677909.08), (508648.47, 5639267.82)],
    [(2.6528, 51.0900), (29788.57, 199153.41), (529785.74, 699139.26), (475684.31, 5659890.63)],
];

fn crs(code: &str, grid: DatumGrid) -> Crs {
    Crs::new(code, grid).expect("a known system")
}

fn assert_near(found: (f64, f64), expected: (f64, f64), tolerance_m: f64) {
    let off = (found.0 - expected.0)
        .abs()
        .max((found.1 - expected.1).abs());
    assert!(off <= tolerance_m, "{found:?} is {off} from {expected:?}");
}

fn forward(crs: &Crs, lonlat: (f64, f64)) -> (f64, f64) {
    crs.from_lonlat(lonlat.0, lonlat.1).expect("in Belgium")
}

fn data(name: &str) -> Option<Vec<u8>> {
    let Some(root) = std::env::var_os("THERMAUDIT_TESTDATA") else {
        eprintln!("skipped: THERMAUDIT_TESTDATA is not set");
        return None;
    };
    Some(std::fs::read(PathBuf::from(root).join("crs").join(name)).expect("a test file"))
}

fn official(name: &str) -> Option<DatumGrid> {
    data(name)
        .map(|bytes| DatumGrid::Official(ShiftGrid::from_bytes(&bytes).expect("the official grid")))
}

#[test]
fn lambert_2008_and_utm_agree_with_proj_to_a_millimetre() {
    let (l08, utm) = (
        crs("EPSG:3812", DatumGrid::Embedded),
        crs("EPSG:25831", DatumGrid::Embedded),
    );
    // The table is printed to 1 mm, so half of one is its own rounding.
    for place in &PLACES {
        assert_near(forward(&l08, place.lonlat), place.l08, 1.0e-3);
        assert_near(forward(&utm, place.lonlat), place.utm31, 1.0e-3);
    }
    for [lonlat, _, l08_m, utm_m] in TOWNS {
        assert_near(forward(&l08, lonlat), l08_m, 1.0e-2);
        assert_near(forward(&utm, lonlat), utm_m, 1.0e-2);
    }
}

#[test]
fn lambert_72_by_the_embedded_tables_is_within_two_centimetres_of_the_grid() {
    let l72 = crs("EPSG:31370", DatumGrid::Embedded);
    for place in &PLACES {
        assert_near(forward(&l72, place.lonlat), place.l72, 2.0e-2);
    }
    for [lonlat, l72_m, ..] in TOWNS {
        assert_near(forward(&l72, lonlat), l72_m, 1.0);
    }
}

#[test]
fn the_seven_parameters_differ_from_the_grid_as_proj_says() {
    let l72 = crs("EPSG:31370", DatumGrid::Helmert);
    for place in &PLACES {
        let expected = (
            place.l72.0 + place.helmert_minus_grid.0,
            place.l72.1 + place.helmert_minus_grid.1,
        );
        // Both columns are rounded to 1 mm.
        assert_near(forward(&l72, place.lonlat), expected, 1.5e-3);
    }
}

#[test]
fn lambert_72_by_the_official_grid_agrees_with_proj_to_two_millimetres() {
    for name in [
        "bd72lb72_etrs89lb08_from_tif.gsb",
        "bd72lb72_etrs89lb08_stripped.tif",
        "be_ign_bd72lb72_etrs89lb08.tif",
    ] {
        let Some(grid) = official(name) else { return };
        let l72 = crs("EPSG:31370", grid);
        for place in &PLACES {
            assert_near(forward(&l72, place.lonlat), place.l72, 2.0e-3);
        }
    }
}

/// The tables' card: West Flanders rms 4 mm, p99 15 mm, max 0.10 m at one kink, as rounded there.
#[test]
fn the_embedded_tables_follow_the_official_grid_over_west_flanders() {
    let Some(grid) = official("be_ign_bd72lb72_etrs89lb08.tif") else {
        return;
    };
    let (table, grid) = (
        crs("EPSG:31370", DatumGrid::Embedded),
        crs("EPSG:31370", grid),
    );
    let mut squares = Vec::new();
    for i in 0..=80 {
        for j in 0..=60 {
            let lonlat = (
                2.55 + 0.95 * f64::from(i) / 80.0,
                50.68 + 0.7 * f64::from(j) / 60.0,
            );
            let (a, b) = (forward(&table, lonlat), forward(&grid, lonlat));
            squares.push((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2));
        }
    }
    squares.sort_by(f64::total_cmp);
    let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    let p99 = squares[squares.len() * 99 / 100].sqrt();
    let max = squares[squares.len() - 1].sqrt();
    assert!(
        rms < 0.0045 && p99 < 0.0155 && max < 0.105,
        "{rms} {p99} {max}"
    );
}

#[test]
fn coordinates_to_lonlat_and_back_are_the_identity() {
    for code in ["31370", "3812", "25831", "32631", "3857", "2056", "28992"] {
        let crs = crs(code, DatumGrid::Embedded);
        for place in &PLACES {
            let (x, y) = forward(&crs, place.lonlat);
            let back = crs.to_lonlat(x, y).expect("in Belgium");
            // 1e-9 degrees is a tenth of a millimetre.
            assert_near(back, place.lonlat, 1e-9);
        }
    }
}

/// Lambert: γ = n (λ − λ0), about −0.85° near Kortrijk and −1.12° at Oostende (georeferencing
/// §1).
#[test]
fn convergence_is_negative_west_of_the_central_meridian() {
    let l72 = crs("EPSG:31370", DatumGrid::Embedded);
    let kortrijk = l72.convergence_rad(72168.6, 169197.7).to_degrees();
    let oostende = l72.convergence_rad(48660.2, 213885.0).to_degrees();
    assert!((kortrijk + 0.85).abs() < 0.01, "{kortrijk}");
    assert!((oostende + 1.12).abs() < 0.01, "{oostende}");
}

/// swisstopo: the old observatory of Bern is the origin of LV95 (2 600 000, 1 200 000) at
/// 7° 26′ 19.08″ E 46° 57′ 03.90″ N of ETRS89.
#[test]
fn the_swiss_origin_is_at_bern() {
    let lv95 = crs("EPSG:2056", DatumGrid::Embedded);
    let bern = (
        7.0 + 26.0 / 60.0 + 19.08 / 3600.0,
        46.0 + 57.0 / 60.0 + 3.90 / 3600.0,
    );
    // The published seconds are rounded to 0.01 = 0.3 m.
    assert_near(forward(&lv95, bern), (2_600_000.0, 1_200_000.0), 0.3);
}

#[test]
fn the_compound_and_the_renamed_codes_are_their_parents() {
    let pairs = [("EPSG:6190", "EPSG:31370"), ("EPSG:11219", "EPSG:3812")];
    for (code, parent) in pairs {
        let (a, b) = (
            crs(code, DatumGrid::Embedded),
            crs(parent, DatumGrid::Embedded),
        );
        assert_eq!(forward(&a, (3.2, 51.0)), forward(&b, (3.2, 51.0)));
    }
}

#[test]
fn codes_are_read_in_all_the_forms_files_use() {
    for text in [
        "EPSG:31370",
        "epsg:31370",
        "31370",
        "urn:ogc:def:crs:EPSG::31370",
        "http://www.opengis.net/def/crs/EPSG/0/31370",
    ] {
        assert_eq!(crs(text, DatumGrid::Embedded).epsg(), 31370);
    }
    assert_eq!(
        crs("urn:ogc:def:crs:OGC:1.3:CRS84", DatumGrid::Embedded).epsg(),
        4326
    );
}

#[test]
fn unknown_and_geographic_codes_are_refused_for_a_project_by_name() {
    for code in [
        "EPSG:99999",
        "EPSG:4326",
        "EPSG:3857",
        "ESRI:102100",
        "lambert",
        "EPSG:4936",
    ] {
        let problem = Crs::projected(code, DatumGrid::Embedded).expect_err(code);
        let number = code.trim_start_matches("EPSG:");
        assert!(problem.what.contains(number), "{problem}");
    }
}

#[test]
fn outside_the_tables_the_seven_parameters_take_over() {
    let l72 = crs("EPSG:31370", DatumGrid::Embedded);
    let helmert = crs("EPSG:31370", DatumGrid::Helmert);
    assert_eq!(forward(&l72, (7.2, 50.0)), forward(&helmert, (7.2, 50.0)));
    let (x, y) = forward(&l72, (7.2, 50.0));
    assert!(!l72.covers(x, y));
    assert!(l72.covers(72168.6, 169197.7));
}

#[test]
fn a_latitude_beyond_the_pole_is_an_error() {
    assert!(
        crs("EPSG:31370", DatumGrid::Embedded)
            .from_lonlat(3.0, 91.0)
            .is_err()
    );
    assert!(
        crs("EPSG:31370", DatumGrid::Embedded)
            .from_lonlat(f64::NAN, 51.0)
            .is_err()
    );
}

#[test]
fn a_system_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Crs>();
}
