//! Orthophotos lie where they say: colours that tell their own place, read back over rectangles of
//! the project's map from files we write ourselves and from files that GDAL writes.

use std::path::Path;

use image::{ImageFormat, Rgb, RgbImage};
use thermaudit::geo::crs::{Crs, DatumGrid};
use thermaudit::raster::{Bounds, Grid};
use thermaudit::read::orthophoto::Orthophoto;
use tiff::encoder::{TiffEncoder, colortype::RGB8};
use tiff::tags::Tag;

use crate::helpers::gdal;

const CELL_M: f64 = 0.25;
const WIDTH: usize = 120;
const HEIGHT: usize = 96;
/// North-west corner, Lambert 72.
const X0: f64 = 45_000.0;
const Y0: f64 = 192_500.0;

/// Red tells the column, green the row: 2 counts a cell, so that a count is 0.125 m.
fn colour(col: usize, row: usize) -> [u8; 3] {
    [2 * col as u8, 2 * row as u8, 128]
}

fn lambert() -> Crs {
    Crs::projected("EPSG:31370", DatumGrid::Embedded).expect("known")
}

fn inner() -> Bounds {
    Bounds {
        x_min: X0 + 5.0,
        y_min: Y0 - 20.0,
        x_max: X0 + 25.0,
        y_max: Y0 - 5.0,
    }
}

/// A GeoTIFF of our own: plain strips, Lambert 72.
fn write_own(path: &Path) {
    let file = std::fs::File::create(path).expect("creates");
    let mut encoder = TiffEncoder::new(file).expect("a file");
    let mut image = encoder
        .new_image::<RGB8>(WIDTH as u32, HEIGHT as u32)
        .expect("an image");
    let tags = image.encoder();
    let scale = [CELL_M, CELL_M, 0.0];
    let tie = [0.0, 0.0, 0.0, X0, Y0, 0.0];
    let keys: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 31370];
    tags.write_tag(Tag::ModelPixelScaleTag, &scale[..])
        .expect("a tag");
    tags.write_tag(Tag::ModelTiepointTag, &tie[..])
        .expect("a tag");
    tags.write_tag(Tag::GeoKeyDirectoryTag, &keys[..])
        .expect("a tag");
    tags.write_tag(Tag::Unknown(33_432), "Digitaal Vlaanderen")
        .expect("a tag");
    let mut data = Vec::new();
    for row in 0..HEIGHT {
        for col in 0..WIDTH {
            data.extend(colour(col, row));
        }
    }
    image.write_data(&data).expect("writes");
}

/// How far places told by the colours are off, metres: mean in x and y, and the worst.
fn off_m(found: &Grid<[u8; 4]>, bounds: &Bounds) -> ([f64; 2], f64) {
    let (width, height) = (found.width(), found.height());
    let dx = (bounds.x_max - bounds.x_min) / width as f64;
    let dy = (bounds.y_max - bounds.y_min) / height as f64;
    let (mut sum, mut worst) = ([0.0; 2], 0.0_f64);
    for row in 0..height {
        for col in 0..width {
            let [r, g, _, a] = found.at(col, row);
            assert_eq!(a, 255, "{col} {row}");
            let x = bounds.x_min + (col as f64 + 0.5) * dx - X0;
            let y = Y0 - bounds.y_max + (row as f64 + 0.5) * dy;
            // A cell's colour is that of its centre.
            let told = [r, g].map(|c| (f64::from(c) / 2.0 + 0.5) * CELL_M);
            let apart = [told[0] - x, told[1] - y];
            sum = [sum[0] + apart[0], sum[1] + apart[1]];
            worst = worst.max(apart[0].hypot(apart[1]));
        }
    }
    let all = (width * height) as f64;
    (sum.map(|s| s / all), worst)
}

/// Half a count of rounding is 0.06 m in each direction.
fn assert_in_place(path: &Path, mean_m: f64, worst_m: f64) {
    let photo = Orthophoto::open(path, &lambert()).unwrap_or_else(|p| panic!("{p}"));
    for (width, height) in [(240, 180), (80, 60), (27, 20)] {
        let found = photo.over(&inner(), width, height).expect("reads");
        let (mean, worst) = off_m(&found, &inner());
        let name = path.display();
        assert!(
            mean.iter().all(|m| m.abs() < mean_m),
            "{name} {width}: {mean:?}"
        );
        assert!(worst < worst_m, "{name} {width}: {worst}");
    }
}

#[test]
fn a_photo_of_our_own_writer_lies_in_place_and_tells_whose_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("photo.tif");
    write_own(&path);
    assert_in_place(&path, 0.01, 0.10);
    let photo = Orthophoto::open(&path, &lambert()).expect("opens");
    assert_eq!(photo.credit, "Digitaal Vlaanderen");
    assert_eq!(photo.grid(), (31370, CELL_M));
    // Beyond its edge there is nothing.
    let beyond = Bounds {
        x_min: X0 - 5.0,
        x_max: X0 + 5.0,
        ..inner()
    };
    let found = photo.over(&beyond, 40, 60).expect("reads");
    assert_eq!(found.at(0, 30)[3], 0);
    assert_eq!(found.at(39, 30)[3], 255);
    let elsewhere = Bounds {
        x_min: X0 + 500.0,
        x_max: X0 + 510.0,
        ..inner()
    };
    assert!(!photo.reaches(&elsewhere));
}

/// A tile pyramid of one level, made by the place of every pixel in Lambert 72.
fn write_tiles(path: &Path, format: ImageFormat) {
    const ZOOM: u32 = 19;
    const HALF_M: f64 = 20_037_508.342_789_244;
    let lambert = lambert();
    let web = lambert.sibling("3857").expect("known");
    let cell = 2.0 * HALF_M / f64::from(256_u32 << ZOOM);
    let (lon, lat) = lambert.to_lonlat(X0 + 15.0, Y0 - 12.0).expect("a place");
    let (x, y) = web.from_lonlat(lon, lat).expect("a place");
    let (col, row) = (
        ((x + HALF_M) / cell / 256.0) as i64,
        ((HALF_M - y) / cell / 256.0) as i64,
    );
    let database = rusqlite::Connection::open(path).expect("opens");
    database
        .execute_batch(
            "CREATE TABLE metadata (name TEXT, value TEXT);
             CREATE TABLE images (id INTEGER, data BLOB);
             CREATE TABLE map (z INTEGER, c INTEGER, r INTEGER, id INTEGER);
             CREATE VIEW tiles AS SELECT z AS zoom_level, c AS tile_column, r AS tile_row,
                 data AS tile_data FROM map JOIN images ON images.id = map.id;
             INSERT INTO metadata VALUES ('attribution', '&copy; <a href=\"x\">Gemeente</a>');",
        )
        .expect("makes tables");
    let mut id = 0;
    for tile_row in row - 1..=row + 1 {
        for tile_col in col - 1..=col + 1 {
            let image = RgbImage::from_fn(256, 256, |c, r| {
                let x = -HALF_M + (tile_col as f64 * 256.0 + f64::from(c) + 0.5) * cell;
                let y = HALF_M - (tile_row as f64 * 256.0 + f64::from(r) + 0.5) * cell;
                let (lon, lat) = web.to_lonlat(x, y).expect("a place");
                let (x, y) = lambert.from_lonlat(lon, lat).expect("a place");
                let count = |m: f64| (2.0 * (m / CELL_M - 0.5)).round().clamp(0.0, 255.0) as u8;
                Rgb([count(x - X0), count(Y0 - y), 128])
            });
            let mut bytes = std::io::Cursor::new(Vec::new());
            image.write_to(&mut bytes, format).expect("encodes");
            id += 1;
            let south = (1_i64 << ZOOM) - 1 - tile_row;
            database
                .execute(
                    "INSERT INTO images VALUES (?1, ?2)",
                    (id, bytes.into_inner()),
                )
                .expect("inserts");
            database
                .execute(
                    "INSERT INTO map VALUES (?1, ?2, ?3, ?4)",
                    (ZOOM, tile_col, south, id),
                )
                .expect("inserts");
        }
    }
}

#[test]
fn tiles_of_the_web_map_lie_in_place() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let path = folder.path().join(format!("{format:?}.mbtiles"));
        write_tiles(&path, format);
        // JPEG moves colours by some counts, of an eighth of a metre each; less in the mean.
        let lossy = format == ImageFormat::Jpeg;
        let (mean_m, worst_m) = if lossy { (0.06, 1.2) } else { (0.02, 0.35) };
        assert_in_place(&path, mean_m, worst_m);
        let photo = Orthophoto::open(&path, &lambert()).expect("opens");
        assert_eq!(photo.credit, "© Gemeente");
        let cell_m = photo.cell_m(&inner()).expect("a size");
        // 0.2986 m of the web map at 51°: cos φ makes 0.187 m.
        assert!((cell_m - 0.188).abs() < 0.002, "{cell_m}");
    }
}

/// What GDAL makes of a picture, in ways orthophotos are handed over.
#[test]
fn photos_that_gdal_writes_lie_in_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("own.tif");
    write_own(&own);
    let own = own.to_str().expect("text");
    let ways: [(&str, &str, &[&str], f64, f64); 9] = [
        (
            "deflate.tif",
            "gdal_translate",
            &[
                "-co",
                "COMPRESS=DEFLATE",
                "-co",
                "PREDICTOR=2",
                "-co",
                "TILED=YES",
            ],
            0.01,
            0.10,
        ),
        (
            "bands.tif",
            "gdal_translate",
            &["-co", "INTERLEAVE=BAND", "-co", "COMPRESS=LZW"],
            0.01,
            0.10,
        ),
        (
            "alpha.tif",
            "gdalwarp",
            &["-dstalpha", "-co", "TILED=YES"],
            0.01,
            0.10,
        ),
        (
            "ycbcr.tif",
            "gdal_translate",
            &[
                "-co",
                "COMPRESS=JPEG",
                "-co",
                "PHOTOMETRIC=YCBCR",
                "-co",
                "TILED=YES",
                "-co",
                "BLOCKXSIZE=64",
                "-co",
                "BLOCKYSIZE=64",
            ],
            0.04,
            0.6,
        ),
        (
            "jpeg-rgb.tif",
            "gdal_translate",
            &[
                "-co",
                "COMPRESS=JPEG",
                "-co",
                "JPEG_QUALITY=95",
                "-co",
                "BLOCKYSIZE=32",
            ],
            0.04,
            0.4,
        ),
        (
            "cog.tif",
            "gdal_translate",
            &[
                "-of",
                "COG",
                "-co",
                "COMPRESS=JPEG",
                "-co",
                "BLOCKSIZE=128",
                "-co",
                "OVERVIEWS=IGNORE_EXISTING",
            ],
            0.05,
            0.6,
        ),
        (
            "utm.tif",
            "gdalwarp",
            &[
                "-t_srs",
                "EPSG:25831",
                "-r",
                "bilinear",
                "-dstalpha",
                "-co",
                "COMPRESS=DEFLATE",
            ],
            0.03,
            0.25,
        ),
        (
            "lambert2008.tif",
            "gdalwarp",
            &["-t_srs", "EPSG:3812", "-r", "bilinear", "-dstalpha"],
            0.03,
            0.25,
        ),
        (
            "tiles.mbtiles",
            "gdal_translate",
            &["-of", "MBTILES", "-co", "TILE_FORMAT=PNG", "-r", "bilinear"],
            0.06,
            0.45,
        ),
    ];
    for (name, program, options, mean_m, worst_m) in ways {
        let path = folder.path().join(name);
        let mut arguments: Vec<&str> = options.to_vec();
        arguments.push(own);
        arguments.push(path.to_str().expect("text"));
        if gdal(program, &arguments).is_none() {
            return;
        }
        // Where GDAL has no grid of the Belgian datum it takes seven parameters, 0.2 m off ours.
        let moved = !matches!(
            name,
            "deflate.tif" | "bands.tif" | "alpha.tif" | "ycbcr.tif" | "jpeg-rgb.tif" | "cog.tif"
        );
        let more = if moved { 0.3 } else { 0.0 };
        // JPEG halves the colours' resolution and moves them by some counts.
        let lossy = ["ycbcr.tif", "jpeg-rgb.tif", "cog.tif"].contains(&name);
        let (mean_m, worst_m) = if lossy {
            (0.12, 1.2)
        } else {
            (mean_m, worst_m)
        };
        assert_in_place(&path, mean_m + more, worst_m + more);
    }
}

#[test]
fn what_is_no_picture_of_the_ground_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cut.tif");
    write_own(&path);
    let whole = std::fs::read(&path).expect("reads");
    // Cut off inside the cells: opens, and a window says what is missing.
    let mut cut = whole.clone();
    let middle = whole.len() / 2;
    cut[middle..middle + 64].fill(0xA5);
    std::fs::write(&path, &cut).expect("writes");
    if let Ok(photo) = Orthophoto::open(&path, &lambert()) {
        let _ = photo.over(&inner(), 40, 30);
    }
    std::fs::write(&path, &whole[..200]).expect("writes");
    assert!(Orthophoto::open(&path, &lambert()).is_err());
    let path = folder.path().join("no.mbtiles");
    std::fs::write(&path, "not a database, but long enough to look at").expect("writes");
    let problem = Orthophoto::open(&path, &lambert()).expect_err("no database");
    assert_eq!(problem.file.as_deref(), Some("no.mbtiles"));
    assert!(problem.what.contains("MBTiles"), "{problem}");
    // Heights are no colours.
    let heights = folder.path().join("dsm.tif");
    let grid = crate::helpers::scene(64, 64);
    crate::helpers::write(&heights, crate::helpers::spec(64, 64, 64), &grid);
    let problem = Orthophoto::open(&heights, &lambert()).expect_err("heights");
    assert!(
        problem.what.contains("expected red, green and blue"),
        "{problem}"
    );
}
