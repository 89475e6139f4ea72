//! The promise of `thermaudit convert`: the temperatures of a file in a form anyone opens, with
//! the place and time of the source, and word of every value that was used.

#![allow(clippy::panic)]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use crate::common;
use crate::handmade;

use common::{files, flight_folder, has_program, sample, stderr, test_data, thermaudit, tree};
use handmade::{Block, Order, Packing, jpeg, scene};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use thermaudit::calibrate::{parameters, to_kelvin};
use thermaudit::read::frame::{frame, header};
use thermaudit::survey::{Encoding, FrameHeader};

fn shown(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn put(path: &Path, bytes: &[u8]) -> String {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes folders");
    std::fs::write(path, bytes).expect("writes");
    shown(path).to_owned()
}

fn handmade_jpeg() -> Vec<u8> {
    jpeg(&Block::new(40, 30, scene(40, 30, 1), Packing::Png, Order::Little).bytes())
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("is there")).expect("JSON")
}

/// Temperatures of a file as its own parameters give them, °C.
fn celsius(path: &Path) -> (FrameHeader, Vec<f64>) {
    let bytes = std::fs::read(path).expect("is there");
    let raw = frame("a", &bytes).expect("a thermal frame");
    let used = parameters::from_file(&raw.header.found);
    let kelvin = to_kelvin(&raw, &used).expect("calibrates").kelvin;
    let values = kelvin.data().iter().map(|k| f64::from(*k) - 273.15);
    (raw.header, values.collect())
}

/// A converted file is read back as what its source was.
fn same_frame(source: &Path, converted: &Path) {
    let (from, before) = celsius(source);
    let (to, after) = celsius(converted);
    assert_eq!(before.len(), after.len());
    for (a, b) in before.iter().zip(&after) {
        // Single precision of a kelvin value below 1024 K.
        assert!(
            (a - b).abs() < 1e-4 || (a.is_nan() && b.is_nan()),
            "{a} {b}"
        );
    }
    let name = source.display();
    assert_eq!(from.time, to.time, "{name}");
    assert_eq!((from.width, from.height), (to.width, to.height));
    match (from.fix, to.fix) {
        (Some(a), Some(b)) => {
            // 1e-9 degrees are 0.1 mm; heights of a GPS record come rounded to 0.1 mm.
            assert!((a.lon_deg - b.lon_deg).abs() < 1e-9, "{name}: {a:?} {b:?}");
            assert!((a.lat_deg - b.lat_deg).abs() < 1e-9, "{name}: {a:?} {b:?}");
            let (h, k) = (a.absolute_m.unwrap_or(0.0), b.absolute_m.unwrap_or(0.0));
            assert!((h - k).abs() < 1e-4, "{name}: {a:?} {b:?}");
            assert_eq!((a.relative_m, a.rtk), (b.relative_m, b.rtk), "{name}");
            assert_eq!(a.sigma_horizontal_m, b.sigma_horizontal_m, "{name}");
        }
        (a, b) => assert_eq!(a, b, "{name}"),
    }
    assert_eq!(
        (from.gimbal, from.flight, from.mount, from.velocity_m_s),
        (to.gimbal, to.flight, to.mount, to.velocity_m_s),
        "{name}"
    );
    assert_eq!(
        (from.focal_mm, from.orientation),
        (to.focal_mm, to.orientation)
    );
}

#[test]
fn a_flight_becomes_tiffs_that_are_read_back_as_what_they_were() {
    let out = tempfile::tempdir().expect("a folder");
    let folder = flight_folder(&sample());
    let output = thermaudit(&["convert", shown(&folder), "-o", shown(out.path())]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for source in files(&folder).iter().filter(|p| common::is_frame(p)) {
        let name = source.file_stem().and_then(|n| n.to_str()).expect("a name");
        let target = out.path().join(format!("{name}.tif"));
        same_frame(source, &target);
        let beside = read_json(&out.path().join(format!("{name}.tif.json")));
        assert_eq!(beside["parameters"]["emissivity"]["origin"], "file");
        assert_eq!(beside["unit"], "°C");
        let hash = blake3::hash(&std::fs::read(source).expect("is there"));
        assert_eq!(beside["source"]["blake3"], hash.to_hex().as_str());
    }
}

#[test]
fn real_files_are_read_back_as_what_they_were() {
    let Some(data) = test_data() else { return };
    let out = tempfile::tempdir().expect("a folder");
    let mut compared = 0;
    for folder in ["radiometric", "flights/zenmuse-xt-field-a/frames"] {
        let (from, to) = (data.join(folder), out.path().join(folder));
        thermaudit(&["convert", shown(&from), "-o", shown(&to)]);
        for target in files(&to)
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "tif"))
        {
            let source = PathBuf::from(shown(&from)).join(
                read_json(&target.with_extension("tif.json"))["source"]["file"]
                    .as_str()
                    .expect("text"),
            );
            let ending = source
                .extension()
                .and_then(|e| e.to_str())
                .unwrap_or_default();
            let single = ["jpg", "tif", "tiff"].contains(&ending);
            let bytes = std::fs::read(&source).expect("is there");
            let radiometric =
                single && header("a", &bytes).is_ok_and(|h| h.encoding != Encoding::Relative);
            if radiometric {
                same_frame(&source, target);
                compared += 1;
            }
        }
    }
    println!("{compared} files compared");
    assert!(compared >= 18 + 58, "{compared}");
}

#[test]
fn rasterio_finds_the_temperatures_outside_programs_give() {
    let Some(data) = test_data() else { return };
    let data = data.join("radiometric");
    let Some(python) = std::env::var_os("THERMAUDIT_PYTHON") else {
        println!("skipped: THERMAUDIT_PYTHON is not set");
        return;
    };
    let out = tempfile::tempdir().expect("a folder");
    thermaudit(&["convert", shown(&data), "-o", shown(out.path())]);
    let output = Command::new(python)
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/tools/converted.py"
        ))
        .args([&data.join("reference.json"), out.path()])
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut compared = 0;
    for line in text.lines() {
        println!("{line}");
        let (_, worst) = line.split_once(' ').expect("name and number");
        assert!(worst.parse::<f64>().expect("a number") <= 0.01, "{line}");
        compared += 1;
    }
    assert!(compared >= 18, "{text}{}", stderr(&output));
}

/// What exiftool reads of the given files, by file name.
fn exiftool(paths: &[PathBuf]) -> Vec<(String, Value)> {
    let output = Command::new("exiftool")
        .args([
            "-n",
            "-j",
            "-G0",
            "-EXIF:all",
            "-XMP-drone-dji:all",
            "-XMP-Camera:all",
        ])
        .args(paths)
        .output()
        .expect("exiftool starts");
    let list: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let named = list.into_iter().map(|entry| {
        let path = PathBuf::from(entry["SourceFile"].as_str().expect("text"));
        let stem = path.file_stem().and_then(|s| s.to_str()).expect("a name");
        (stem.to_owned(), entry)
    });
    named.collect()
}

/// Entries of EXIF that describe the picture in the file, not how it was taken.
const OF_THE_PICTURE: [&str; 20] = [
    "ImageWidth",
    "ImageHeight",
    "ExifImageWidth",
    "ExifImageHeight",
    "BitsPerSample",
    "Compression",
    "PhotometricInterpretation",
    "StripOffsets",
    "StripByteCounts",
    "RowsPerStrip",
    "SamplesPerPixel",
    "SampleFormat",
    "PlanarConfiguration",
    "Predictor",
    "XResolution",
    "YResolution",
    "ResolutionUnit",
    "PageNumber",
    "SubfileType",
    "Software",
];

#[test]
fn exiftool_finds_place_time_and_attitude_of_the_source() {
    if !has_program("exiftool") {
        return;
    }
    let mut folders = vec![flight_folder(&sample())];
    if let Some(data) = test_data() {
        folders.push(data.join("radiometric"));
        folders.push(data.join("flights/zenmuse-xt-field-a/frames"));
    }
    for folder in folders {
        let out = tempfile::tempdir().expect("a folder");
        thermaudit(&["convert", shown(&folder), "-o", shown(out.path())]);
        let after: Vec<PathBuf> = files(out.path())
            .into_iter()
            .filter(|p| p.extension().is_some_and(|e| e == "tif"))
            .collect();
        let stem = |p: &Path| p.file_stem().map(|s| s.to_os_string());
        let before: Vec<PathBuf> = files(&folder)
            .into_iter()
            .filter(|p| after.iter().any(|a| stem(a) == stem(p)))
            .collect();
        let (before, after) = (exiftool(&before), exiftool(&after));
        let mut compared = 0;
        for (name, source) in &before {
            let (_, converted) = after.iter().find(|(n, _)| n == name).expect("converted");
            for (key, value) in source.as_object().expect("an object") {
                let Some((group, tag)) = key.split_once(':') else {
                    continue;
                };
                let place = tag.starts_with("GPS") || tag.contains("Date") || group == "XMP";
                let camera = ["Make", "Model", "FocalLength", "SubSecTimeOriginal"].contains(&tag);
                // An empty entry says nothing; ours may say more.
                let said = value.as_str() != Some("");
                if said && (place || camera) && !OF_THE_PICTURE.contains(&tag) {
                    assert_eq!(converted.get(key), Some(value), "{name} {key}");
                    compared += 1;
                }
            }
        }
        println!(
            "{}: {compared} values of {} files",
            folder.display(),
            before.len()
        );
        assert!(compared > 0);
    }
}

#[test]
fn gdal_shows_the_parameters_and_their_origin() {
    if !has_program("gdalinfo") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(&folder.path().join("a.jpg"), &handmade_jpeg());
    let out = folder.path().join("a.tif");
    let output = thermaudit(&["convert", &file, "-o", shown(&out), "--emissivity", "0.9"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let info = Command::new("gdalinfo").arg(&out).output().expect("starts");
    let info = String::from_utf8_lossy(&info.stdout);
    for words in [
        "TA_EMISSIVITY=0.9",
        "TA_EMISSIVITY_ORIGIN=command line",
        "TA_DISTANCE_M=5",
        "TA_DISTANCE_M_ORIGIN=file",
        "Type=Float32",
        "Unit Type: °C",
        "NoData Value=nan",
        "COMPRESSION=DEFLATE",
    ] {
        assert!(info.contains(words), "{words}\n{info}");
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let out = tempfile::tempdir().expect("a folder");
    let folder = flight_folder(&sample());
    for format in ["tiff", "png", "csv"] {
        let [one, two] = ["1", "2"].map(|jobs| {
            let to = out.path().join(format!("{format}{jobs}"));
            let output = thermaudit(&[
                "convert",
                shown(&folder),
                "-o",
                shown(&to),
                "--format",
                format,
                "--jobs",
                jobs,
            ]);
            assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
            to
        });
        let names = tree(&one);
        assert_eq!(names, tree(&two));
        assert!(names.len() > 20);
        for name in names {
            let read = |folder: &Path| std::fs::read(folder.join(&name)).expect("is there");
            assert_eq!(read(&one), read(&two), "{name}");
        }
    }
}

#[test]
fn pictures_of_a_folder_share_one_range_that_is_told() {
    let out = tempfile::tempdir().expect("a folder");
    let folder = flight_folder(&sample());
    let arguments = [
        "convert",
        shown(&folder),
        "-o",
        shown(out.path()),
        "--format",
        "png",
    ];
    assert_eq!(thermaudit(&arguments).status.code(), Some(0));
    let sidecars: Vec<Value> = files(out.path())
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .map(|p| read_json(p))
        .collect();
    let first = &sidecars[0]["range"];
    assert!(sidecars.iter().all(|s| &s["range"] == first));
    assert_eq!(sidecars[0]["palette"], "inferno");
    let picture = image::open(out.path().join("SIM_0018.png")).expect("a picture");
    // 320 × 256 raw pixels, twice as large, and the legend.
    assert_eq!((picture.width(), picture.height()), (640 + 92, 512));
}

#[test]
fn a_picture_has_the_colours_of_its_range() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(&folder.path().join("a.jpg"), &handmade_jpeg());
    let out = folder.path().join("a.png");
    let output = thermaudit(&[
        "convert",
        &file,
        "-o",
        shown(&out),
        "--range",
        "-50,200",
        "--palette",
        "grey",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (_, values) = celsius(Path::new(&file));
    let picture = image::open(&out).expect("a picture").to_rgb8();
    // 30 rows are enlarged 12 times.
    for (column, row) in [(0_usize, 0_usize), (39, 0), (20, 29)] {
        let pixel = picture.get_pixel(12 * column as u32 + 5, 12 * row as u32 + 5);
        let expected = (values[row * 40 + column] + 50.0) / 250.0 * 255.0;
        assert!(
            (f64::from(pixel[0]) - expected).abs() <= 0.51,
            "{pixel:?} {expected}"
        );
    }
    let beside = read_json(&folder.path().join("a.png.json"));
    assert_eq!(beside["range"]["low"], -50.0);
    assert_eq!(beside["range"]["origin"], "command line");
}

#[test]
fn colours_without_a_picture_and_an_ending_of_another_format_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(&folder.path().join("a.jpg"), &handmade_jpeg());
    let out = folder.path().join("a.tif");
    for more in [
        ["--palette", "iron"],
        ["--range", "0,5"],
        ["--format", "csv"],
    ] {
        let output = thermaudit(&[&["convert", &file, "-o", shown(&out)], &more[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(stderr(&output).contains("hint"), "{}", stderr(&output));
    }
    assert!(!out.exists());
}

#[test]
fn a_table_has_a_line_a_row_and_a_head_that_names_the_parameters() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(&folder.path().join("a.jpg"), &handmade_jpeg());
    let out = folder.path().join("a.csv");
    let output = thermaudit(&["convert", &file, "-o", shown(&out), "--delimiter", ";"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = std::fs::read_to_string(&out).expect("is there");
    let mut lines = text.lines();
    let head = lines.next().expect("a head");
    assert!(
        head.starts_with("# °C") && head.contains("emissivity 0.95 (file)"),
        "{head}"
    );
    let (_, values) = celsius(Path::new(&file));
    let rows: Vec<Vec<f64>> = lines
        .map(|l| l.split(';').map(|v| v.parse().expect("a number")).collect())
        .collect();
    assert_eq!((rows.len(), rows[0].len()), (30, 40));
    assert!((rows[3][7] - values[3 * 40 + 7]).abs() <= 0.005_1);
}

#[test]
fn a_bad_file_is_named_and_the_others_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = folder.path().join("in");
    put(&from.join("a.jpg"), &handmade_jpeg());
    put(&from.join("sub/b.jpg"), &handmade_jpeg());
    put(&from.join("c.jpg"), &handmade_jpeg()[..900]);
    put(&from.join("notes.txt"), b"text");
    let out = folder.path().join("out");
    let output = thermaudit(&["convert", shown(&from), "-o", shown(&out)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("c.jpg"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("notes"), "{}", stderr(&output));
    assert_eq!(
        tree(&out),
        ["a.tif", "a.tif.json", "sub/b.tif", "sub/b.tif.json"]
    );
    let only = from.join("c.jpg");
    let output = thermaudit(&[
        "convert",
        shown(&only),
        "-o",
        shown(&folder.path().join("x")),
    ]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn nothing_is_written_over_without_force_and_never_an_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = put(&folder.path().join("a.jpg"), &handmade_jpeg());
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        thermaudit(&[&["convert", file.as_str(), "-o", shown(&out)], more].concat())
    };
    assert_eq!(run(&[]).status.code(), Some(0));
    let again = run(&[]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));
    assert_eq!(run(&["--force"]).status.code(), Some(0));
    // The TIFF just written, converted into its own folder.
    let made = out.join("a.tif");
    let over = thermaudit(&["convert", shown(&made), "-o", shown(&out), "--force"]);
    assert_eq!(over.status.code(), Some(2));
    assert!(stderr(&over).contains("over itself"), "{}", stderr(&over));
}

#[test]
fn an_output_folder_inside_the_input_folder_is_not_read_and_the_same_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    put(&folder.path().join("a.jpg"), &handmade_jpeg());
    let out = folder.path().join("out");
    for _ in 0..2 {
        let output = thermaudit(&[
            "convert",
            shown(folder.path()),
            "-o",
            shown(&out),
            "--force",
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(tree(&out), ["a.tif", "a.tif.json"]);
    }
    let same = thermaudit(&["convert", shown(folder.path()), "-o", shown(folder.path())]);
    assert_eq!(same.status.code(), Some(2));
    assert!(
        stderr(&same).contains("another folder"),
        "{}",
        stderr(&same)
    );
}

#[test]
fn tags_of_damaged_files_are_read_without_a_panic() {
    let good = std::fs::read(flight_folder(&sample()).join("SIM_0018.jpg")).expect("is there");
    let out = tempfile::tempdir().expect("a folder");
    let source = put(&out.path().join("a.jpg"), &good);
    let target = out.path().join("a.tif");
    thermaudit(&["convert", &source, "-o", shown(&target)]);
    let tiff = std::fs::read(&target).expect("is there");
    let mut random = handmade::Random(7);
    for good in [good, tiff] {
        // EXIF, XMP and directories stand in the first kilobytes.
        let head = good.len().min(3000);
        for _ in 0..3000 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(4) {
                bytes[random.below(head)] = random.next() as u8;
            }
            if random.below(4) == 0 {
                bytes.truncate(random.below(head));
            }
            thermaudit::read::frame::tags(&bytes);
        }
    }
}

#[test]
fn inputs_of_one_name_are_told_apart_or_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let a = put(&folder.path().join("one/a.jpg"), &handmade_jpeg());
    let b = put(&folder.path().join("two/A.jpg"), &handmade_jpeg());
    let c = put(&folder.path().join("three/a.jpeg"), &handmade_jpeg());
    let out = folder.path().join("out");
    let met = thermaudit(&["convert", &a, &b, "-o", shown(&out)]);
    assert_eq!(met.status.code(), Some(2));
    assert!(
        stderr(&met).contains("would be written"),
        "{}",
        stderr(&met)
    );
    assert!(!out.exists());
    let apart = thermaudit(&["convert", &a, &c, "-o", shown(&out)]);
    assert_eq!(apart.status.code(), Some(0), "{}", stderr(&apart));
    let names = tree(&out);
    assert!(names.contains(&"a.jpg.tif".to_owned()), "{names:?}");
    assert!(names.contains(&"a.jpeg.tif".to_owned()), "{names:?}");
}

#[test]
fn counts_without_temperature_are_said_to_be_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let vue = Block {
        model: "Vue Pro 640 13mm",
        ..Block::new(40, 30, scene(40, 30, 1), Packing::Plain, Order::Big)
    };
    let file = put(&folder.path().join("a.jpg"), &jpeg(&vue.bytes()));
    let out = folder.path().join("a.tif");
    let output = thermaudit(&["convert", &file, "-o", shown(&out)]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        stderr(&output).contains("not radiometric"),
        "{}",
        stderr(&output)
    );
    let beside = read_json(&folder.path().join("a.tif.json"));
    assert_eq!(beside["unit"], "counts");
    assert_eq!(beside["radiometry"], "relative-only");
    // Nobody takes them for temperatures afterwards: the model is known to have none, and whoever
    // converts them again must say what a count is.
    let again = thermaudit(&[
        "convert",
        shown(&out),
        "-o",
        shown(&folder.path().join("b")),
    ]);
    assert_eq!(again.status.code(), Some(0));
    assert!(
        stderr(&again).contains("not radiometric"),
        "{}",
        stderr(&again)
    );
    let beside = read_json(&folder.path().join("b/a.tif.json"));
    assert_eq!(beside["unit"], "counts");
    let scaled = thermaudit(&[
        "convert",
        shown(&out),
        "-o",
        shown(&folder.path().join("c")),
        "--scale",
        "0.04",
        "--offset",
        "-273.15",
    ]);
    assert_eq!(scaled.status.code(), Some(0), "{}", stderr(&scaled));
    let (_, values) = celsius(&folder.path().join("c/a.tif"));
    let expected = f64::from(scene(40, 30, 1)[45]) * 0.04 - 273.15;
    assert!((values[45] - expected).abs() < 1e-4);
}

#[test]
fn a_georeferenced_tile_keeps_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let park = folder.path().join("park");
    let made = thermaudit(&[
        "simulate",
        shown(&park),
        "--sensor",
        "aircraft",
        "--visits",
        "0",
    ]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let tile = files(&flight_folder(&park))
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "tif"))
        .expect("a tile");
    let out = folder.path().join("tile.tif");
    let output = thermaudit(&["convert", shown(&tile), "-o", shown(&out)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let open = |path: &Path| thermaudit::read::geotiff::GeoTiff::open(path).expect("a GeoTIFF");
    let (before, after) = (open(&tile), open(&out));
    assert_eq!(
        (before.epsg, before.transform),
        (after.epsg, after.transform)
    );
    assert!(before.epsg.is_some());
    assert_eq!(after.unit, "°C");
}

#[test]
fn a_sequence_gives_one_file_a_frame() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenes = [1, 2, 3].map(|seed| scene(40, 30, seed));
    let blocks = scenes
        .clone()
        .map(|counts| Block::new(40, 30, counts, Packing::Plain, Order::Little).bytes());
    let file = put(&folder.path().join("a.seq"), &blocks.concat());
    let out = folder.path().join("out");
    let output = thermaudit(&[
        "convert",
        &file,
        "-o",
        shown(&out),
        "--emissivity",
        "1",
        "--distance",
        "0",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for (index, counts) in scenes.iter().enumerate() {
        let (_, values) = celsius(&out.join(format!("a-{:06}.tif", index + 1)));
        // T = B / ln(R1/(R2 (S + O)) + F), a black surface.
        let [r1, b, f, o, r2] = handmade::PLANCK;
        let expected = b / (r1 / (r2 * (f64::from(counts[77]) + o)) + f).ln() - 273.15;
        assert!(
            (values[77] - expected).abs() < 1e-3,
            "{} {expected}",
            values[77]
        );
        let beside = read_json(&out.join(format!("a-{:06}.tif.json", index + 1)));
        assert_eq!(
            (&beside["source"]["frame"], &beside["source"]["frames"]),
            (&(index + 1).into(), &3.into())
        );
    }
}
