//! `thermaudit check` says everything about the inputs before the first pixel, all at once, each
//! with file, place and what to do.

use crate::common;

use common::{files, flight_folder, is_frame, park_copy, stderr, thermaudit, tree};
use std::path::Path;

fn check(project: &Path) -> (i32, String) {
    let output = thermaudit(&["check", project.to_str().expect("a plain path")]);
    (output.status.code().unwrap_or(-1), stderr(&output))
}

fn park(frames: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    park_copy(folder.path(), frames);
    folder
}

fn edit(project: &Path, file: &str, change: impl Fn(String) -> String) {
    let path = project.join(file);
    let text = std::fs::read_to_string(&path).expect("the file is there");
    std::fs::write(path, change(text)).expect("written");
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

fn told(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_sample_park_is_read_whole_and_nothing_is_written() {
    let park = park(100);
    let before = tree(park.path());
    let (code, text) = check(park.path());
    assert_eq!(code, 0, "{text}");
    told(
        &text,
        &[
            "98 frames",
            "a pixel is 0.",
            "2025-01-16",
            "outlines lie below its frames",
            "companies take part",
            "outlines are tied to a company",
        ],
    );
    assert_eq!(tree(park.path()), before);
}

#[test]
fn faults_of_settings_tables_and_flights_are_told_at_once() {
    let park = park(3);
    edit(park.path(), "audit.toml", |t| {
        format!("{t}\n[scor]\nindoor_c = 18\n[mosaic]\nblend = \"pretty\"\n")
    });
    edit(park.path(), "companies.csv", |t| {
        t.replace("1912395382", "1912395383")
            .replace(",17.5,yes", ",170,yes")
    });
    write(
        &park.path().join("links.csv"),
        "company_id,oidn,share\nB0001,5310201,1.5\nX,1,\n",
    );
    let flight = flight_folder(park.path());
    write(&flight.join("gcp_list.txt"), "EPSG:31370\nnonsense\n");
    write(
        &flight.join("poses.csv"),
        "file,x,y,z,crs\nSIM_0001.jpg,a,b,c,EPSG:31370\n",
    );
    let (code, text) = check(park.path());
    assert_eq!(code, 2, "{text}");
    told(
        &text,
        &[
            "did you mean [score]?",
            "mosaic.blend",
            "companies.csv: line 3, column enterprise_number",
            "companies.csv: line 3, column indoor_c",
            "links.csv: line 2, column share",
            "gcp_list.txt",
            "poses.csv",
        ],
    );
}

#[test]
fn frames_are_held_against_outlines_weather_and_height_models() {
    let park = park(8);
    // Weather of another year.
    edit(park.path(), "weather.csv", |t| {
        t.replace("2025-01-", "2024-03-")
    });
    let (code, text) = check(park.path());
    assert_eq!(code, 1, "{text}");
    told(
        &text,
        &[
            "weather.csv: does not cover flight 2025-01-16-v1",
            "times without zone are UTC",
        ],
    );
    // Eight of 98 frames see a part of the park.
    told(&text, &["lies below a frame", "they get no temperature"]);
    // Clouds missing.
    let sample = std::fs::read_to_string(common::sample().join("weather.csv")).expect("readable");
    let without: Vec<String> = sample
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            [&cells[..4], &cells[5..]].concat().join(",")
        })
        .collect();
    std::fs::write(park.path().join("weather.csv"), without.join("\n")).expect("written");
    let (_, text) = check(park.path());
    told(&text, &["has no cloud_okta at the time of flight"]);
    // Outlines of another town.
    let square = |x: f64| {
        let (e, n) = (x + 30.0, 172_030.0);
        format!(
            r#"{{"type":"Feature","properties":{{"OIDN":{x}}},"geometry":{{"type":"Polygon",
            "coordinates":[[[{x},172000],[{e},172000],[{e},{n}],[{x},172000]]]}}}}"#
        )
    };
    std::fs::remove_file(park.path().join("buildings.gpkg")).expect("removed");
    let text = format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":
        "urn:ogc:def:crs:EPSG::31370"}}}},"features":[{},{}]}}"#,
        square(34_000.0),
        square(34_100.0)
    );
    std::fs::write(park.path().join("buildings.geojson"), text).expect("written");
    let (code, text) = check(park.path());
    assert_eq!(code, 1, "{text}");
    told(
        &text,
        &["no outline lies below its frames", "names building 5310201"],
    );
}

#[test]
fn a_building_that_the_height_model_does_not_show_is_named() {
    let park = park(4);
    let (_, text) = check(park.path());
    assert!(!text.contains("shows no building"), "{text}");
    // The bare ground as surface.
    let (dsm, dtm) = (park.path().join("dsm.tif"), park.path().join("dtm.tif"));
    std::fs::copy(dtm, dsm).expect("copied");
    let (code, text) = check(park.path());
    assert_eq!(code, 1, "{text}");
    told(&text, &["dsm.tif: shows no building at", "5310201"]);
}

#[test]
fn files_that_nothing_reads_are_named_with_the_way_out() {
    let park = park(2);
    let here = park.path();
    write(&here.join("leden.xls"), "x");
    write(&here.join("GRB.gdb/a"), "x");
    write(&here.join("percelen.zip"), "x");
    write(&here.join("adp.geojson"), "{}");
    write(&here.join("punten.laz"), "x");
    write(&here.join("leesmij.txt"), "x");
    write(&here.join("IR_0001.jpg"), "x");
    write(&here.join("kaart 2/IR_0002.JPG"), "x");
    write(&flight_folder(here).join("100MEDIA/IR_3.jpg"), "x");
    std::fs::create_dir_all(here.join("reference")).expect("made");
    let first = files(&flight_folder(here))
        .into_iter()
        .find(|p| is_frame(p))
        .expect("a frame");
    std::fs::copy(&first, first.with_file_name("copy.jpg")).expect("copied");
    let (code, text) = check(here);
    assert_eq!(code, 1, "{text}");
    told(
        &text,
        &[
            "leden.xls: is a table of a kind that is not read",
            "GRB.gdb: is a file geodatabase",
            "unpack percelen.zip",
            "adp.geojson: nothing reads these files",
            "punten.laz: is a point cloud",
            "IR_0001.jpg: 1 pictures belong to no flight",
            "kaart 2: holds 1 pictures",
            "100MEDIA: holds 1 pictures, which are not read",
            "reference: holds no file",
            "is the same file as",
        ],
    );
    assert!(!text.contains("leesmij"), "{text}");
    // Named as an input it is refused in the same words.
    edit(here, "audit.toml", |t| {
        format!("{t}\n[inputs]\nbuildings = \"GRB.gdb\"\ndsm = \"punten.laz\"\n")
    });
    let (code, text) = check(here);
    assert_eq!(code, 2, "{text}");
    told(
        &text,
        &["error: GRB.gdb: is a file geodatabase", "error: punten.laz"],
    );
}

#[test]
fn consent_people_parks_languages_and_temperatures_are_told() {
    let park = park(2);
    let here = park.path();
    edit(here, "companies.csv", |t| {
        t.replace(
            ",2024-11-15,zaakvoerder,energie@palmeris",
            ",,,energie@palmeris",
        )
        .replace(",17.5,yes", ",2.5,yes")
    });
    // B0002 is a natural person's in the national register.
    write(
        &here.join("reference/enterprise.csv"),
        "\"EnterpriseNumber\",\"Status\",\"JuridicalSituation\",\"TypeOfEnterprise\",\
         \"JuridicalForm\",\"JuridicalFormCAC\",\"StartDate\"\n\
         \"1912.395.382\",\"AC\",\"000\",\"1\",,,01-01-1970\n",
    );
    write(
        &here.join("reference/address.csv"),
        "\"EntityNumber\",\"TypeOfAddress\",\"CountryNL\",\"CountryFR\",\"Zipcode\",\
         \"MunicipalityNL\",\"MunicipalityFR\",\"StreetNL\",\"StreetFR\",\"HouseNumber\",\"Box\",\
         \"ExtraAddressInfo\",\"DateStrikingOff\"\n\
         \"1912.395.382\",\"REGO\",,,\"8999\",\"Voorbeke\",\"\",\"Proefakkerstraat\",\"\",\"8\",,,\n",
    );
    edit(here, "companies.csv", |t| {
        let lines = t.lines().enumerate();
        let added = lines.map(|(i, l)| format!("{l},{}\n", if i == 0 { "gsm" } else { "0470" }));
        added.collect()
    });
    // A park far away.
    write(
        &here.join("parks.geojson"),
        r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":
        "EPSG:31370"}},"features":[{"type":"Feature","properties":{"park_id":"P","name":"Elders"},
        "geometry":{"type":"Polygon","coordinates":[[[34000,172000],[34900,172000],[34900,172900],
        [34000,172000]]]}}]}"#,
    );
    edit(here, "audit.toml", |t| {
        t.replacen("[project]", "[project]\nretain_until = \"31 dec\"", 1)
            + "\n[report]\nlogo = \"logo.png\"\n[release]\nexpires = \"2020-01-01\"\n"
    });
    let (code, text) = check(here);
    assert_eq!(code, 1, "{text}");
    told(
        &text,
        &[
            "companies.csv: line 3, column consent_date",
            "who gave the consent is not said for B0002",
            "company B0002: is a natural person's company",
            "lie in no park",
            "holds personal data that is not needed: gsm",
            "company B0002, indoor_c: is 2.5",
            "project.retain_until: is \"31 dec\", which is no date",
            "report.logo: names logo.png, which does not exist",
            "release.expires: is 2020-01-01: the certificate has expired",
        ],
    );
}

#[test]
fn a_camera_that_is_not_known_is_told_once_with_the_keys_to_set() {
    let park = park(0);
    let flight = flight_folder(park.path());
    // Frames of no known camera: 16-bit TIFF with a scale and poses, without a camera's name.
    write(
        &flight.join("flight.toml"),
        "[radiometry]\ntiff_scale = 0.04\ntiff_offset_c = -273.15\n",
    );
    let mut poses = String::from("file,x,y,z,crs,yaw_deg,pitch_deg,roll_deg\n");
    for i in 0..3 {
        let name = format!("a{i}.tif");
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).expect("an encoder");
        let cells: Vec<u16> = (0..64 * 48).map(|k| 7000 + k as u16 + i).collect();
        encoder
            .write_image::<tiff::encoder::colortype::Gray16>(64, 48, &cells)
            .expect("written");
        std::fs::write(flight.join(&name), bytes.into_inner()).expect("written");
        poses.push_str(&format!("{name},46100,190080,90,EPSG:31370,0,-90,0\n"));
    }
    write(&flight.join("poses.csv"), &poses);
    let (code, text) = check(park.path());
    assert_eq!(code, 2, "{text}");
    told(&text, &["3 frames: ", "camera", "3 frames have no time"]);
}
