//! What others write, read as GDAL reads it.

use thermaudit::raster::Window;
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::write::cog::CogSpec;

use crate::helpers::{bits, gdal, scene, spec, test_file, text, write};

#[test]
fn files_that_gdal_writes_in_many_ways_are_read_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (folder.path().join("a.tif"), folder.path().join("b.tif"));
    let grid = scene(150, 90).map(|v| if v.is_nan() { v } else { (v * 100.0).round() });
    // A number for missing cells: GDAL turns NaN into integers differently in each version.
    let source = CogSpec {
        nodata: Some(-9999.0),
        ..spec(150, 90, 64)
    };
    write(&ours, source, &grid);
    for kind in ["Float32", "Float64", "Int16", "Int32"] {
        for options in [
            vec!["COMPRESS=LZW", "PREDICTOR=2"],
            vec![
                "COMPRESS=LZW",
                "TILED=YES",
                "BLOCKXSIZE=64",
                "BLOCKYSIZE=32",
            ],
            vec!["COMPRESS=DEFLATE", "PREDICTOR=2", "TILED=YES"],
            vec!["COMPRESS=DEFLATE", "ENDIANNESS=BIG", "PREDICTOR=2"],
            vec!["COMPRESS=ZSTD", "PREDICTOR=2", "BIGTIFF=YES"],
            vec!["COMPRESS=PACKBITS", "ENDIANNESS=BIG"],
            vec!["COMPRESS=PACKBITS", "TILED=YES"],
            vec!["BLOCKYSIZE=7"],
        ] {
            let big = options.contains(&"ENDIANNESS=BIG");
            let predicted: Vec<String> = options
                .iter()
                .map(|o| match (kind, *o) {
                    // GDAL 3.6 itself does not read back its big-endian floats with predictor 3.
                    ("Float32" | "Float64", "PREDICTOR=2") if big => "PREDICTOR=1".to_owned(),
                    ("Float32" | "Float64", "PREDICTOR=2") => "PREDICTOR=3".to_owned(),
                    (_, o) => o.to_owned(),
                })
                .collect();
            let mut arguments = vec!["-q", "-ot", kind];
            for option in &predicted {
                arguments.extend(["-co", option]);
            }
            arguments.extend([text(&ours), text(&theirs)]);
            if gdal("gdal_translate", &arguments).is_none() {
                return;
            }
            let tif = GeoTiff::open(&theirs).expect("opens");
            let back = tif.window(tif.whole()).expect("reads");
            let differs = back
                .data()
                .iter()
                .zip(grid.data())
                .find(|(a, b)| a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan()));
            assert_eq!(differs, None, "{kind} {predicted:?}");
        }
    }
}

#[test]
fn bands_side_by_side_or_apart_are_read_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (folder.path().join("a.tif"), folder.path().join("b.tif"));
    let grid = scene(150, 90);
    write(&ours, spec(150, 90, 64), &grid);
    for options in [
        ["INTERLEAVE=PIXEL", "TILED=YES"],
        ["INTERLEAVE=BAND", "TILED=YES"],
        ["INTERLEAVE=PIXEL", "TILED=NO"],
        ["INTERLEAVE=BAND", "TILED=NO"],
    ] {
        for compress in ["COMPRESS=DEFLATE", "COMPRESS=LZW"] {
            let [interleave, tiled] = options;
            let arguments = [
                "-q",
                "-b",
                "1",
                "-b",
                "1",
                "-scale_2",
                "0",
                "1",
                "1",
                "2",
                "-co",
                compress,
                "-co",
                interleave,
                "-co",
                tiled,
                "-co",
                "PREDICTOR=3",
                text(&ours),
                text(&theirs),
            ];
            if gdal("gdal_translate", &arguments).is_none() {
                return;
            }
            let tif = GeoTiff::open(&theirs).expect("opens");
            assert_eq!(tif.bands, 2);
            let window = Window {
                col: 10,
                row: 20,
                width: 100,
                height: 65,
            };
            let first = tif.band_window(0, window).expect("reads");
            assert!(
                bits(&first) == bits(&grid.crop(window)),
                "{options:?} {compress}"
            );
            let second = tif.band_window(1, window).expect("reads");
            // `-scale_2 0 1 1 2` adds one, in GDAL's own arithmetic: f32 of a double sum.
            let due = grid.crop(window).map(|v| (f64::from(v) + 1.0) as f32);
            for (found, due) in second.data().iter().zip(due.data()) {
                // GDAL clamps to the target range of the scaling only for integers.
                assert!(
                    found.is_nan() || (found - due).abs() < 1e-5,
                    "{found} {due}"
                );
            }
        }
    }
}

#[test]
fn heights_of_a_real_surface_model_are_those_gdal_tells() {
    let Some(path) = test_file("flights/zenmuse-xt-field-a/dsm_lv95.tif") else {
        return;
    };
    let tif = GeoTiff::open(&path).expect("opens");
    assert_eq!((tif.width, tif.height), (616, 565));
    assert_eq!(tif.epsg, Some(2056));
    let grid = tif.window(tif.whole()).expect("reads");
    for (col, row) in [
        (0, 0),
        (300, 200),
        (301, 200),
        (615, 564),
        (127, 128),
        (400, 511),
    ] {
        let (x, y) = (col.to_string(), row.to_string());
        let arguments = ["-valonly", text(&path), x.as_str(), y.as_str()];
        let Some(said) = gdal("gdallocationinfo", &arguments) else {
            return;
        };
        let due: f32 = said.trim().parse().expect("a number");
        let found = grid.at(col, row);
        let nodata = due == -32_767.0;
        assert!(
            if nodata { found.is_nan() } else { found == due },
            "{col} {row} {found} {due}"
        );
    }
}

#[test]
fn a_raster_whose_tie_point_is_a_centre_is_moved_half_a_cell() {
    // gdalinfo: origin 0.9925, 52.505; pixel size 0.015, 0.010; AREA_OR_POINT=Point.
    let Some(path) = test_file("crs/be_ign_hBG18.tif") else {
        return;
    };
    let tif = GeoTiff::open(&path).expect("opens");
    let t = tif.transform;
    assert!(
        (t.x0 - 0.9925).abs() < 1e-9 && (t.y0 - 52.505).abs() < 1e-9,
        "{t:?}"
    );
    assert!(
        (t.dx - 0.015).abs() < 1e-12 && (t.dy - 0.010).abs() < 1e-12,
        "{t:?}"
    );
    assert_eq!(tif.unit, "metre");
    assert_eq!(tif.band_name, "geoid_undulation");
}
