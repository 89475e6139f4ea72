//! Company lists, links and weather come in as people keep them: any separator and encoding,
//! `.xlsx`, `.ods`; every fault of a file is told at once with its row and column.

#![allow(clippy::print_stdout, reason = "skips are printed")]

use crate::sheet_files;

use sheet_files::{Cell, ods, xlsx, zip};
use thermaudit::problem::Problem;
use thermaudit::read::table::{Mapping, Report, Table};
use thermaudit::read::{companies, links, weather};
use thermaudit::survey::{Company, Participation};

type Writer = fn(usize, &[Vec<Cell<'_>>]) -> Vec<u8>;

/// Both kinds of spreadsheet.
const SHEETS: [(&str, Writer); 2] = [("companies.xlsx", xlsx), ("companies.ods", ods)];

fn read(file: &str, bytes: &[u8]) -> Result<(Vec<Company>, Vec<Problem>), Vec<Problem>> {
    companies::from_bytes(file, bytes, &Mapping::new())
}

fn texts(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n")
}

const HEADER: [Cell<'static>; 7] = [
    Cell::Text("Bedrijf_ID"),
    Cell::Text("naam"),
    Cell::Text("KBO"),
    Cell::Text("postcode"),
    Cell::Text("deelname"),
    Cell::Text("uitschakeluur"),
    Cell::Text("toestemming_datum"),
];

#[test]
fn a_sheet_gives_the_same_companies_as_text_does() {
    let rows = [
        HEADER.to_vec(),
        vec![
            Cell::Text("A-1"),
            Cell::Text("Zoë & Zn <nv>"),
            Cell::Number(403_449_823.0),
            Cell::Number(8970.0),
            Cell::Text("ja"),
            Cell::Time(0.770_833_333_333, "18:30"),
            Cell::Date(46_037.0, "2026-01-15"),
        ],
        vec![],
        vec![
            Cell::Number(12.0),
            Cell::Text(" B "),
            Cell::Padded(403_449_823.0),
            Cell::Empty,
            Cell::Bool(true),
        ],
    ];
    for (file, write) in SHEETS {
        let (companies, warnings) = read(file, &write(1, &rows)).expect(file);
        let [first, second] = companies.as_slice() else {
            panic!("{file}: {companies:?}");
        };
        assert_eq!(first.company_id, "A-1");
        assert_eq!(first.name, "Zoë & Zn <nv>");
        assert_eq!(first.enterprise_number, "0403449823");
        assert_eq!(first.address, "8970");
        assert_eq!(first.heating_off_h, Some(18.5));
        assert_eq!(first.participates, Participation::Yes);
        assert_eq!(second.company_id, "12");
        assert_eq!(second.enterprise_number, "0403449823");
        assert_eq!(second.participates, Participation::Yes);
        let told = texts(&warnings);
        // Only the first had lost its zero: the second shows it.
        assert_eq!(told.matches("lost its leading zero").count(), 1, "{told}");
        assert!(told.contains("row 2, column KBO"), "{told}");
        assert!(told.contains("row 4, column toestemming_datum"), "{told}");
    }
}

#[test]
fn all_faults_of_a_sheet_are_told_at_once_with_row_and_column() {
    let rows = [
        HEADER.to_vec(),
        vec![
            Cell::Text("A/1"),
            Cell::Text("A"),
            Cell::Number(403_449_824.0),
            Cell::Empty,
            Cell::Text("misschien"),
        ],
        vec![
            Cell::Text("B"),
            Cell::Text("B"),
            Cell::Empty,
            Cell::Empty,
            Cell::Text("ja"),
            Cell::Text("straks"),
        ],
    ];
    for (file, write) in SHEETS {
        let told = texts(&read(file, &write(4, &rows)).expect_err("faulty"));
        for place in [
            "row 5, column Bedrijf_ID",
            "row 5, column KBO",
            "row 5, column deelname",
            "row 6, column uitschakeluur",
        ] {
            assert!(
                told.contains(&format!("{file}: {place}")),
                "{place}: {told}"
            );
        }
    }
}

#[test]
fn a_title_above_the_names_and_notes_beside_the_table_do_not_disturb() {
    let mut beside = vec![
        Cell::Text("A"),
        Cell::Text("A nv"),
        Cell::Empty,
        Cell::Empty,
    ];
    beside.extend([
        Cell::Text("nee"),
        Cell::Empty,
        Cell::Empty,
        Cell::Text("bellen!"),
    ]);
    let rows = [
        vec![Cell::Text("Bedrijven 2026")],
        vec![],
        HEADER.to_vec(),
        beside,
    ];
    for (file, write) in SHEETS {
        let (companies, warnings) = read(file, &write(1, &rows)).expect(file);
        assert_eq!(companies.len(), 1);
        let told = texts(&warnings);
        assert!(told.contains("row 1: stands above"), "{told}");
        assert!(
            told.contains("row 4: has a value in a column without name"),
            "{told}"
        );
    }
}

#[test]
fn separators_byte_order_marks_and_encodings_of_text_all_give_the_same_company() {
    let body = |s: char| {
        format!("bedrijf_id{s}naam{s}deelname{s}kbo\r\nA{s}Caf\u{e9}{s}ja{s}BE 0403.449.823\r\n")
    };
    let utf16 = |text: &str| {
        let words = text.encode_utf16().flat_map(u16::to_le_bytes);
        [vec![0xff, 0xfe], words.collect()].concat()
    };
    let windows = |text: &str| text.chars().map(|c| c as u8).collect::<Vec<u8>>();
    for bytes in [
        body(',').into_bytes(),
        body(';').into_bytes(),
        body('\t').into_bytes(),
        format!("\u{feff}{}", body(';')).into_bytes(),
        windows(&body(';')),
        utf16(&body('\t')),
    ] {
        let (companies, _) = read("companies.csv", &bytes).expect("sound");
        assert_eq!(companies[0].name, "Caf\u{e9}");
        assert_eq!(companies[0].enterprise_number, "0403449823");
    }
}

#[test]
fn links_and_weather_come_from_sheets_as_well() {
    let rows = [
        vec![
            Cell::Text("company_id"),
            Cell::Text("oidn"),
            Cell::Text("aandeel"),
        ],
        vec![
            Cell::Text("A"),
            Cell::Number(2_305_235.0),
            Cell::Number(0.5),
        ],
    ];
    let night = [
        vec![
            Cell::Text("timestamp"),
            Cell::Text("air_c"),
            Cell::Text("humidity_pct"),
        ],
        vec![
            Cell::Date(46_037.090_277_777_8, "2026-01-15T02:10:00"),
            Cell::Number(-1.5),
            Cell::Number(93.0),
        ],
    ];
    for (_, write) in SHEETS {
        let (links, _) =
            links::from_bytes("links", &write(1, &rows), &Mapping::new()).expect("sound");
        assert_eq!(
            (links[0].oidn.as_str(), links[0].share),
            ("2305235", Some(0.5))
        );
        let (weather, _) = weather::from_bytes("weather", &write(1, &night), &Mapping::new(), None)
            .expect("sound");
        let record = weather.records()[0];
        assert_eq!(record.time.to_string(), "2026-01-15T02:10:00Z");
        assert_eq!(record.air_c, Some(-1.5));
    }
}

/// Both layers of the weather service with all their columns (flemish-data.md §8), as served:
/// ISO-8859-1, quoted, in mixed case.
#[test]
fn tables_of_the_weather_service_are_read_unchanged() {
    let aws = b"\"FID\",\"CODE\",\"timestamp\",\"the_geom\",\"precip_quantity\",\
        \"Temp_Dry_Shelter_Avg\",\"temp_grass_pt100_avg\",\"temp_soil_avg\",\
        \"temp_soil_avg_5cm\",\"temp_soil_avg_10cm\",\"temp_soil_avg_20cm\",\
        \"temp_soil_avg_50cm\",\"wind_speed_10m\",\"wind_speed_avg_30m\",\"wind_gusts_speed\",\
        \"wind_direction\",\"humidity_rel_shelter_avg\",\"PRESSURE\",\"sun_duration\",\
        \"short_wave_from_sky_avg\",\"sun_int_avg\",\"name\"\n\
        \"aws_10min.1\",6414,\"2026-01-15T02:10:00\",\"POINT (50.905 3.123)\",0.1,-1.5,-3,2,2,2,3,4,\
        2.1,2.5,4,180,93,1021.4,0,0,0,\"Beitem \xe9\"\n";
    let synop = b"FID,CODE,TIMESTAMP,THE_GEOM,PRECIP_QUANTITY,PRECIP_RANGE,TEMP,TEMP_MIN,TEMP_MAX,\
        TEMP_GRASS_MIN,WIND_SPEED,WIND_SPEED_UNIT,WIND_DIRECTION,WIND_PEAK_SPEED,\
        HUMIDITY_RELATIVE,WEATHER_CURRENT,PRESSURE,SUN_DURATION_24H,SHORT_WAVE_FROM_SKY_24HOUR,\
        CLOUDINESS\n\
        s.1,6400,2026-01-15T02:00:00,POINT (51.09 2.6528),,,-1.5,,,,2.1,1,180,,93,,1021.4,,,3\n";
    for (file, bytes, okta) in [
        ("aws.csv", &aws[..], None),
        ("synop.csv", &synop[..], Some(3.0)),
    ] {
        let (weather, warnings) =
            weather::from_bytes(file, bytes, &Mapping::new(), None).expect(file);
        assert!(warnings.is_empty(), "{}", texts(&warnings));
        let record = weather.records()[0];
        assert_eq!(record.air_c, Some(-1.5));
        assert_eq!(record.humidity_pct, Some(93.0));
        assert_eq!(record.wind_m_s, Some(2.1));
        assert_eq!(record.pressure_hpa, Some(1021.4));
        assert_eq!(record.cloud_okta, okta);
    }
    // The service's other form, with longitude first as GeoJSON has it.
    let here = tempfile::tempdir().expect("folder");
    let path = here.path().join("weather.geojson");
    let feature = |code: u32, air: f64, place: &str| {
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Point","coordinates":[{place}]}},
            "properties":{{"code":{code},"timestamp":"2026-01-15T02:10:00",
            "temp_dry_shelter_avg":{air}}}}}"#
        )
    };
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        feature(6414, -1.5, "3.123,50.905"),
        feature(1, 9.0, "4.9,51.5")
    );
    std::fs::write(&path, text).expect("written");
    let near = weather::Station::near(Some([2.7267, 50.8552]));
    let (weather, _) = weather::read_station(&path, &Mapping::new(), near).expect("sound");
    assert_eq!(weather.records()[0].air_c, Some(-1.5));
    assert_eq!(weather.records().len(), 1);
}

/// The two "no dates" of the register of enterprises are no consent.
#[test]
fn a_date_that_stands_for_none_is_told() {
    for (date, told) in [
        ("1900-01-01", true),
        ("9999-12-31", true),
        (" ", true),
        ("2026-01-15", false),
    ] {
        let text = format!("company_id,name,participates,consent_date\nA,A,ja,{date}\n");
        let (_, warnings) = read("c.csv", text.as_bytes()).expect("sound");
        assert_eq!(texts(&warnings).contains("consent_date"), told, "{date}");
    }
}

#[test]
fn texts_that_look_like_formulas_stay_texts() {
    let hostile = "=HYPERLINK(\"http://x\";\"y\")";
    let rows = [
        HEADER.to_vec(),
        vec![
            Cell::Text("A"),
            Cell::Text(hostile),
            Cell::Empty,
            Cell::Empty,
            Cell::Text("nee"),
        ],
    ];
    for (file, write) in SHEETS {
        let (companies, _) = read(file, &write(1, &rows)).expect(file);
        assert_eq!(companies[0].name, hostile);
    }
}

#[test]
fn older_and_protected_office_files_are_refused_by_name() {
    let told = texts(&read("c.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest").expect_err("old"));
    assert!(told.contains(".xls") && told.contains("password"), "{told}");
    let told = texts(&read("c.zip", &zip(&[("a.txt", "a".into())], false)).expect_err("other"));
    assert!(told.contains("neither .xlsx nor .ods"), "{told}");
}

#[test]
fn sheets_that_would_fill_the_memory_are_refused() {
    let mut report = Report::new("t");
    let far = [vec![Cell::Text("a")], vec![Cell::Text("b")]];
    let sound = String::from_utf8_lossy(&ods(1, &far)).into_owned();
    let content = sound.split("content.xml").nth(1).expect("a part");
    let content = &content[..content.find("PK").expect("an end")];
    // A filled cell a milliard times, and a filled row as often.
    let wide = content.replacen(
        "<table:table-cell ",
        "<table:table-cell table:number-columns-repeated=\"1000000000\" ",
        1,
    );
    let long = content.replacen(
        "<table:table-row>",
        "<table:table-row table:number-rows-repeated=\"4000000000\">",
        1,
    );
    for hostile in [wide, long] {
        let bytes = zip(&[("content.xml", hostile)], false);
        let problem = Table::from_bytes("t", &bytes, &mut report).expect_err("refused");
        assert!(
            problem.to_string().contains("expected at most")
                || problem.to_string().contains("too much"),
            "{problem}"
        );
    }
    // Entities that grow, and elements without end.
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>";
    let deep = "<a>".repeat(1_000_000);
    for hostile in [bomb.to_string(), deep] {
        let bytes = zip(&[("content.xml", hostile)], false);
        assert!(Table::from_bytes("t", &bytes, &mut report).is_err());
    }
    // A part that says it unpacks to 90 MB from a few bytes.
    let mut lying = zip(&[("content.xml", "x".into())], true);
    let at = lying
        .windows(4)
        .position(|w| w == b"PK\x01\x02")
        .expect("directory");
    lying[at + 24..at + 28].copy_from_slice(&90_000_000_u32.to_le_bytes());
    assert!(Table::from_bytes("t", &lying, &mut report).is_err());
    // Short rows under a wide header.
    let wide = format!("{}\n{}", ["a"; 2000].join(","), "x\n".repeat(10_000));
    assert!(Table::from_bytes("t", wide.as_bytes(), &mut report).is_err());
}

#[test]
fn cut_and_altered_sheets_are_read_or_refused() {
    let rows = [
        HEADER.to_vec(),
        vec![
            Cell::Text("A"),
            Cell::Number(1.0),
            Cell::Date(1.0, "1900-01-01"),
        ],
    ];
    for (file, write) in SHEETS {
        let sound = write(1, &rows);
        for length in (0..sound.len()).step_by(7) {
            let _ = read(file, &sound[..length]);
        }
        for at in (0..sound.len()).step_by(3) {
            for value in [0, b'"', b'<', b'9', 0xff] {
                let mut altered = sound.clone();
                altered[at] = value;
                let _ = read(file, &altered);
            }
        }
    }
}

/// What GDAL writes is read as what it was told; skipped where GDAL is not installed.
#[test]
fn sheets_of_another_program_give_the_same_companies() {
    let folder = tempfile::tempdir().expect("folder");
    let source = folder.path().join("c.csv");
    let text = "company_id,name,participates,postcode,indoor_c,consent_date\n\
                A,Caf\u{e9} \"Zo\u{eb}\",ja,8970,18.5,2026/01/15\nB,B & C,nee,8600,,\n";
    std::fs::write(&source, text.replace("\"Zo\u{eb}\"", "Zo\u{eb}")).expect("written");
    let (expected, _) = companies::read(&source, &Mapping::new()).expect("sound");
    for (format, name) in [("XLSX", "c.xlsx"), ("ODS", "c.ods")] {
        let path = folder.path().join(name);
        let run = std::process::Command::new("ogr2ogr")
            .args(["-f", format, "-oo", "AUTODETECT_TYPE=YES"])
            .args([&path, &source])
            .status();
        let Ok(status) = run else {
            println!("skipped: ogr2ogr is not installed");
            return;
        };
        assert!(status.success(), "{format}");
        let (found, _) = companies::read(&path, &Mapping::new()).expect(name);
        assert_eq!(found, expected, "{name}");
    }
}
