//! What we write, read back by ourselves, by GDAL, and by rasterio.

use std::process::Command;

use thermaudit::raster::{GeoGrid, Grid, Window};
use thermaudit::read::geotiff::{GeoTiff, SampleKind};
use thermaudit::write::cog::{
    CogSpec, CogWriter, Compression, GridSpec, Sample, Scaling, write_grid,
};

use crate::helpers::{PLACE, bits, gdal, halved, scene, spec, text, write};

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
