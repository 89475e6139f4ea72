//! Rasters we write are Cloud-Optimised GeoTIFFs that GDAL, rasterio and our own reader read
//! back bit for bit; rasters that others write are read as GDAL reads them.
//!
//! Checks against GDAL run where its programs are found, checks against rasterio and rio-cogeo
//! where THERMAUDIT_PYTHON names a Python that has them, checks on real files where
//! THERMAUDIT_TESTDATA names their folder; otherwise they say that they are skipped.
#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::process::Command;

use thermaudit::raster::{Bounds, GeoGrid, GeoTransform, Grid, Window};
use thermaudit::read::geotiff::{GeoTiff, SampleKind};
use thermaudit::read::surface::Surface;
use thermaudit::write::cog::{
    CogSpec, CogWriter, Compression, GridSpec, Sample, Scaling, write_grid,
};

const PLACE: GeoTransform = GeoTransform {
    x0: 63_000.0,
    y0: 181_000.0,
    dx: 0.1,
    dy: 0.1,
};

/// A roof-like scene of two levels with sensor noise and a missing corner; seeded.
fn scene(width: usize, height: usize) -> Grid<f32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut grid = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let noise = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            let roof = if (col / 37 + row / 53) % 2 == 0 {
                4.5
            } else {
                -1.25
            };
            if col + row > width / 3 {
                grid.set(col, row, roof + 0.05 * noise);
            }
        }
    }
    grid
}

fn spec(width: usize, height: usize, tile_px: usize) -> CogSpec {
    CogSpec {
        tile_px,
        band_name: "temperature".into(),
        unit: "degC".into(),
        tags: vec![("flight".into(), "Ieper & <Zuid>, 2 °C".into())],
        ..CogSpec::new(width, height, PLACE, 31370)
    }
}

fn write(path: &Path, spec: CogSpec, grid: &Grid<f32>) {
    let (across, down) = spec.tiles();
    let px = spec.tile_px;
    let mut writer = CogWriter::create(path, spec).expect("creates");
    for row in 0..down {
        for col in 0..across {
            let tile = grid.crop(Window {
                col: col * px,
                row: row * px,
                width: px.min(grid.width() - col * px),
                height: px.min(grid.height() - row * px),
            });
            writer.write_tile(col, row, &tile).expect("writes");
        }
    }
    writer.finish().expect("finishes");
}

/// Bits of every cell, all NaN alike.
fn bits(grid: &Grid<f32>) -> Vec<u32> {
    let one = |v: &f32| if v.is_nan() { u32::MAX } else { v.to_bits() };
    grid.data().iter().map(one).collect()
}

/// 2 × 2 valid mean, the slow and plain way.
fn halved(grid: &Grid<f32>) -> Grid<f32> {
    let (width, height) = (grid.width().div_ceil(2), grid.height().div_ceil(2));
    let mut half = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let mut valid = Vec::new();
            for (dc, dr) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let cell = grid.get((2 * col + dc) as isize, (2 * row + dr) as isize);
                valid.extend(cell.filter(|v| !v.is_nan()).map(f64::from));
            }
            if !valid.is_empty() {
                let mean = valid.iter().sum::<f64>() / valid.len() as f64;
                half.set(col, row, mean as f32);
            }
        }
    }
    half
}

fn gdal(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{program} {arguments:?}: {errors}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(_) => {
            println!("skipped: {program} is not installed");
            None
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary names are plain")
}

fn test_file(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("THERMAUDIT_TESTDATA") else {
        println!("skipped: THERMAUDIT_TESTDATA is not set ({name})");
        return None;
    };
    Some(Path::new(&folder).join(name))
}

#[test]
fn every_bit_comes_back_from_every_compression_and_tile_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    for (width, height) in [(200, 131), (16, 16), (1, 1), (33, 300)] {
        let grid = scene(width, height);
        for compression in [Compression::Deflate, Compression::Zstd, Compression::None] {
            for tile_px in [16, 64, 512] {
                let spec = CogSpec {
                    compression,
                    ..spec(width, height, tile_px)
                };
                write(&path, spec, &grid);
                let tif = GeoTiff::open(&path).expect("opens");
                let back = tif.window(tif.whole()).expect("reads");
                assert_eq!(bits(&back), bits(&grid), "{width} {height} {tile_px}");
                assert_eq!(tif.transform, PLACE);
                assert_eq!(tif.epsg, Some(31370));
            }
        }
    }
}

#[test]
fn overviews_are_the_valid_mean_of_the_level_below() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    let mut level = scene(200, 131);
    write(&path, spec(200, 131, 16), &level);
    let tif = GeoTiff::open(&path).expect("opens");
    let sizes = [(200, 131), (100, 66), (50, 33), (25, 17), (13, 9)];
    assert_eq!(tif.levels(), sizes);
    for (index, (width, height)) in sizes.into_iter().enumerate().skip(1) {
        level = halved(&level);
        let whole = Window {
            col: 0,
            row: 0,
            width,
            height,
        };
        let back = tif.level_window(index, 0, whole).expect("reads");
        assert_eq!(bits(&back), bits(&level), "level {index}");
    }
}

#[test]
fn a_window_equals_that_part_of_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    let grid = scene(100, 90);
    write(&path, spec(100, 90, 32), &grid);
    let tif = GeoTiff::open(&path).expect("opens");
    for (col, row, width, height) in [
        (0, 0, 1, 1),
        (31, 31, 2, 2),
        (99, 89, 1, 1),
        (5, 40, 90, 50),
        (32, 32, 32, 32),
        (7, 7, 0, 3),
    ] {
        let window = Window {
            col,
            row,
            width,
            height,
        };
        let part = tif.window(window).expect("reads");
        assert_eq!(bits(&part), bits(&grid.crop(window)), "{window:?}");
    }
    let outside = Window {
        col: 90,
        row: 0,
        width: 11,
        height: 1,
    };
    assert!(tif.window(outside).is_err());
}

#[test]
fn whole_numbers_keep_their_value_and_overviews_invent_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    let grid = scene(70, 50).map(|v| {
        if v.is_nan() {
            v
        } else {
            (v * 10.0).abs().round()
        }
    });
    for (sample, kind) in [
        (Sample::U8, SampleKind::U8),
        (Sample::U16, SampleKind::U16),
        (Sample::U32, SampleKind::U32),
    ] {
        let spec = CogSpec {
            sample,
            nodata: Some(255.0),
            ..spec(70, 50, 16)
        };
        write(&path, spec, &grid);
        let tif = GeoTiff::open(&path).expect("opens");
        assert_eq!(tif.kind, kind);
        assert_eq!(tif.nodata, Some(255.0));
        let back = tif.window(tif.whole()).expect("reads");
        assert_eq!(bits(&back), bits(&grid));
        let half = Window {
            col: 0,
            row: 0,
            width: 35,
            height: 25,
        };
        for value in tif.level_window(1, 0, half).expect("reads").data() {
            assert!(value.is_nan() || grid.data().contains(value), "{value}");
        }
    }
}

#[test]
fn scaled_counts_come_back_within_half_a_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    let grid = GeoGrid {
        grid: scene(70, 50),
        transform: PLACE,
    };
    let scaling = Scaling {
        scale: 0.01,
        offset: -100.0,
    };
    write_grid(
        &path,
        &grid,
        &GridSpec::counts(31370, scaling, "temperature", "degC"),
    )
    .expect("writes");
    let tif = GeoTiff::open(&path).expect("opens");
    assert_eq!((tif.scale, tif.offset), (0.01, -100.0));
    let counts = tif.window_u16(tif.whole()).expect("reads");
    let values = tif.window(tif.whole()).expect("reads");
    for ((given, value), count) in grid
        .grid
        .data()
        .iter()
        .zip(values.data())
        .zip(counts.data())
    {
        assert_eq!(given.is_nan(), value.is_nan());
        assert_eq!(given.is_nan(), *count == 0);
        // Half a count, and what f32 loses at 10 °C.
        assert!(
            given.is_nan() || (given - value).abs() <= 0.005 + 1e-6,
            "{given} {value}"
        );
    }
}

#[test]
fn same_tiles_give_the_same_bytes_one_by_one_or_in_parallel() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("1.tif"), folder.path().join("2.tif"));
    let grid = scene(150, 140);
    write(&one, spec(150, 140, 32), &grid);
    let geo = GeoGrid {
        grid,
        transform: PLACE,
    };
    let from = spec(150, 140, 32);
    let wish = GridSpec {
        tile_px: 32,
        tags: from.tags,
        ..GridSpec::float(31370, f64::NAN, "temperature", "degC")
    };
    write_grid(&two, &geo, &wish).expect("writes");
    let read = |path| std::fs::read(path).expect("is there");
    assert!(read(&one) == read(&two));
}

#[test]
fn a_file_that_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    let mut writer = CogWriter::create(&path, spec(32, 32, 16)).expect("creates");
    let tile = Grid::filled(16, 16, 1.0);
    writer.write_tile(0, 0, &tile).expect("writes");
    let problem = writer.write_tile(0, 1, &tile).expect_err("out of turn");
    assert!(problem.what.contains("expected 1, 0"), "{problem}");
    let problem = writer.finish().expect_err("three tiles are missing");
    assert!(
        problem.what.contains("has 1 tiles, expected 4"),
        "{problem}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("is there").count(),
        0
    );
}

#[test]
fn gdal_reads_crs_nodata_unit_name_and_overviews() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    write(&path, spec(1300, 700, 512), &scene(1300, 700));
    let Some(json) = gdal("gdalinfo", &["-json", text(&path)]) else {
        return;
    };
    let info: serde_json::Value =
        serde_json::from_str(&json.replace(": NaN", ": \"NaN\"")).expect("JSON");
    let band = &info["bands"][0];
    assert_eq!(band["noDataValue"], "NaN");
    assert_eq!(band["unit"], "degC");
    assert_eq!(band["description"], "temperature");
    assert_eq!(band["block"], serde_json::json!([512, 512]));
    let sizes: Vec<_> = band["overviews"]
        .as_array()
        .expect("has overviews")
        .iter()
        .collect();
    assert_eq!(sizes.len(), 2, "1300 → 650 → 325");
    let wkt = info["coordinateSystem"]["wkt"].as_str().expect("a CRS");
    assert!(wkt.contains("ID[\"EPSG\",31370]"), "{wkt}");
    assert_eq!(info["metadata"]["IMAGE_STRUCTURE"]["LAYOUT"], "COG");
    assert_eq!(info["metadata"][""]["flight"], "Ieper & <Zuid>, 2 °C");
    let origin = info["geoTransform"].as_array().expect("six numbers");
    assert_eq!(origin[0], 63_000.0);
    assert_eq!(origin[5], -0.1);
}

#[test]
fn rio_cogeo_finds_it_valid_and_rasterio_reads_the_same_bits() {
    let Ok(python) = std::env::var("THERMAUDIT_PYTHON") else {
        println!("skipped: THERMAUDIT_PYTHON names no Python with rasterio and rio-cogeo");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    let grid = scene(1300, 700);
    let script = "import sys, rasterio\n\
        from rio_cogeo.cogeo import cog_validate\n\
        print(cog_validate(sys.argv[1], strict=True))\n\
        sys.stdout.flush()\n\
        open(sys.argv[2], 'wb').write(rasterio.open(sys.argv[1]).read(1).astype('<f4').tobytes())";
    let cells = folder.path().join("cells");
    for compression in [Compression::Deflate, Compression::Zstd, Compression::None] {
        let spec = CogSpec {
            compression,
            ..spec(1300, 700, 256)
        };
        write(&path, spec, &grid);
        let output = Command::new(&python)
            .args(["-c", script, text(&path), text(&cells)])
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(said.trim(), "(True, [], [])", "{compression:?}: {errors}");
        let bytes = std::fs::read(&cells).expect("rasterio wrote it");
        let values = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| f32::from_le_bytes(*b));
        let back = Grid::from_vec(1300, 700, values.collect()).expect("the same size");
        assert!(bits(&back) == bits(&grid), "{compression:?}");
    }
}

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
            let back = tif.window(tif.whole());
            let back = back.unwrap_or_else(|p| panic!("{kind} {predicted:?}: {p}"));
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

fn height_file(folder: &Path, name: &str, transform: GeoTransform, epsg: u32, grid: Grid<f32>) {
    let geo = GeoGrid { grid, transform };
    let spec = GridSpec::float(epsg, -9999.0, "height", "m");
    write_grid(&folder.join(name), &geo, &spec).expect("writes");
}

fn at(x0: f64, y0: f64, cell: f64) -> GeoTransform {
    GeoTransform {
        x0,
        y0,
        dx: cell,
        dy: cell,
    }
}

#[test]
fn a_surface_joins_its_sheets_and_leaves_voids() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut west = Grid::filled(4, 4, 10.0);
    west.set(3, 0, f32::NAN);
    west.set(2, 0, -500.0);
    height_file(folder.path(), "k01.tif", at(0.0, 4.0, 1.0), 31370, west);
    height_file(
        folder.path(),
        "k02.tif",
        at(4.0, 4.0, 1.0),
        31370,
        Grid::filled(4, 4, 20.0),
    );
    std::fs::write(folder.path().join("leesmij.txt"), "x").expect("writes");
    let surface = Surface::open(&[folder.path().to_path_buf()]).expect("opens");
    assert_eq!(surface.epsg(), Some(31370));
    assert_eq!(surface.cell_m(), 1.0);
    let window = Bounds {
        x_min: 2.2,
        y_min: 2.0,
        x_max: 5.0,
        y_max: 5.5,
    };
    let heights = surface.window(&window).expect("reads");
    assert_eq!(heights.transform, at(2.0, 6.0, 1.0));
    let n = f32::NAN;
    #[rustfmt::skip]
    let due = Grid::from_vec(3, 4, vec![
        n, n, n,
        n, n, n,
        n, n, 20.0,
        10.0, 10.0, 20.0,
    ]).expect("3 × 4");
    assert_eq!(bits(&heights.grid), bits(&due));
}

#[test]
fn coarser_sheets_are_interpolated_between_their_cells() {
    let folder = tempfile::tempdir().expect("a folder");
    height_file(
        folder.path(),
        "a.tif",
        at(0.0, 2.0, 0.5),
        31370,
        Grid::filled(4, 4, 1.0),
    );
    let ramp = Grid::from_vec(4, 1, vec![0.0, 2.0, 4.0, 6.0]).expect("4 × 1");
    height_file(folder.path(), "b.tif", at(2.0, 2.0, 1.0), 31370, ramp);
    let surface = Surface::open(&[folder.path().to_path_buf()]).expect("opens");
    let window = Bounds {
        x_min: 3.0,
        y_min: 1.0,
        x_max: 4.0,
        y_max: 2.0,
    };
    let heights = surface.window(&window).expect("reads");
    // Centres 2.5, 3.5 m hold 0 and 2, so x = 3.25 holds 1.5 and x = 3.75 holds 2.5.
    assert_eq!(heights.grid.data(), [1.5, 2.5, 1.5, 2.5]);
}

#[test]
fn sheets_in_two_coordinate_systems_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    height_file(
        folder.path(),
        "a.tif",
        at(0.0, 2.0, 1.0),
        31370,
        Grid::filled(2, 2, 1.0),
    );
    height_file(
        folder.path(),
        "b.tif",
        at(2.0, 2.0, 1.0),
        3812,
        Grid::filled(2, 2, 1.0),
    );
    let problem = Surface::open(&[folder.path().to_path_buf()]).expect_err("refused");
    assert!(
        problem
            .file
            .as_deref()
            .is_some_and(|f| f.ends_with("b.tif")),
        "{problem}"
    );
    assert!(problem.what.contains("EPSG:3812"), "{problem}");
    let problem = Surface::open(&[]).expect_err("nothing there");
    assert!(problem.what.contains("no GeoTIFF"), "{problem}");
}

#[test]
fn a_picture_of_a_raster_is_small_and_keeps_its_mean() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    write(&path, spec(400, 300, 32), &Grid::filled(400, 300, 3.5));
    let tif = GeoTiff::open(&path).expect("opens");
    let picture = tif
        .read_downsampled(&tif.bounds(), 90)
        .expect("reads")
        .expect("inside");
    assert!(picture.grid.width() <= 90 && picture.grid.width() > 45);
    assert!(picture.grid.data().iter().all(|v| *v == 3.5));
    let bounds = picture
        .transform
        .bounds(picture.grid.width(), picture.grid.height());
    assert!(bounds.x_max >= tif.bounds().x_max - 1e-6);
}

/// A small valid file to be damaged.
fn valid_bytes() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.tif");
    write(&path, spec(40, 35, 16), &scene(40, 35));
    std::fs::read(path).expect("is there")
}

/// Opens and reads everything; what comes out does not matter, only that it comes out.
fn read_all(bytes: Vec<u8>) -> Result<(), thermaudit::problem::Problem> {
    let tif = GeoTiff::from_bytes(bytes)?;
    for (level, (width, height)) in tif.levels().into_iter().enumerate() {
        let window = Window {
            col: 0,
            row: 0,
            width: width.min(1000),
            height: height.min(1000),
        };
        tif.level_window(level, 0, window)?;
    }
    Ok(())
}

#[test]
fn a_file_cut_short_anywhere_is_a_problem_not_a_panic() {
    let bytes = valid_bytes();
    assert_eq!(read_all(bytes.clone()), Ok(()));
    // The last four bytes repeat the last tile's and are never read.
    for length in 0..bytes.len() - 4 {
        assert!(
            read_all(bytes[..length].to_vec()).is_err(),
            "cut at {length}"
        );
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let bytes = valid_bytes();
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 16) as usize % below
    };
    for _ in 0..20_000 {
        let mut damaged = bytes.clone();
        for _ in 0..=next(4) {
            // Mostly in the head, where the sizes and counts are.
            let at = if next(8) == 0 {
                next(bytes.len())
            } else {
                next(1200)
            };
            damaged[at] = [0, 1, 2, 127, 255, next(256) as u8][next(6)];
        }
        let _ = read_all(damaged);
    }
}

/// A classic TIFF of one directory with the given entries (tag, kind, count, value), and a link.
fn directory(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(next.to_le_bytes());
    bytes.extend([0; 64]);
    bytes
}

#[test]
fn impossible_sizes_and_counts_are_refused_before_memory_is_taken() {
    let strip = |width, rows_per_strip, count| {
        [
            (256, 4, 1, width),
            (257, 4, 1, 4_000_000_000),
            (258, 3, 1, 32),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, count, 8),
            (277, 3, 1, 1),
            (278, 4, 1, rows_per_strip),
            (279, 4, count, 8),
            (339, 3, 1, 3),
        ]
    };
    // One strip of 16 exabytes; four thousand million strips; a list longer than the file.
    for entries in [
        strip(4_000_000_000, 4_000_000_000, 1),
        strip(4_000_000_000, 1, 1),
        strip(1, 1, 4_000_000_000),
        strip(1, 1_000_000_000, 4_000_000_000),
    ] {
        assert!(read_all(directory(&entries, 0)).is_err());
    }
    let tile = [
        (256, 4, 1, 4_000_000_000),
        (257, 4, 1, 4_000_000_000),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (277, 3, 1, 65_535),
        (284, 3, 1, 2),
        (322, 4, 1, 4_000_000_000),
        (323, 4, 1, 4_000_000_000),
        (324, 4, 1, 8),
        (325, 4, 1, 8),
    ];
    assert!(read_all(directory(&tile, 0)).is_err());
}

#[test]
fn directories_that_lead_back_to_themselves_end_the_search_for_overviews() {
    let mut bytes = valid_bytes();
    let first = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let at = first as usize;
    let entries = usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let link = at + 2 + 12 * entries;
    bytes[link..link + 4].copy_from_slice(&first.to_le_bytes());
    let problem = GeoTiff::from_bytes(bytes);
    // A cycle is either refused or read without its overviews; it must not hang.
    assert!(problem.is_err() || problem.is_ok_and(|tif| tif.levels().len() == 1));
}
