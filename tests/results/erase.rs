//! `thermaudit erase`: afterwards no byte below results and cache tells of the company, the others
//! keep what is theirs, and the user's own tables change only with a clear yes.

use crate::common;

use common::{files, park_copy, stderr, thermaudit, tree};
use std::path::{Path, PathBuf};
use thermaudit::read::archive::Archive;

/// The company that is forgotten, as `companies.csv` has it.
const ID: &str = "B0004";
const NEEDLES: [&str; 6] = [
    "B0004",
    "Wilderik",
    "1930539629",
    "1930.539.629",
    "energie@wilderik.example",
    "WILDERIK",
];

fn command(project: &Path, arguments: &[&str]) -> (i32, String) {
    let path = project.to_str().expect("a plain path");
    let output = thermaudit(&[&[arguments[0], path], &arguments[1..]].concat());
    (output.status.code().unwrap_or(-1), stderr(&output))
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// The folder of the one flight's results.
fn flight(project: &Path) -> PathBuf {
    let mut folders = files(&project.join("results")).into_iter();
    folders
        .find(|p| p.join("run.json").is_file())
        .expect("a flight")
}

/// A processed park with overviews, a cache and an inspection as later versions write them.
fn processed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let park = folder.path();
    park_copy(park, 40);
    let (code, text) = command(park, &["run"]);
    assert!(code < 2, "{text}");
    let out = flight(park);
    write(&out.join("park/overview.pdf"), "counts");
    write(&out.join("park/index.html"), "<p>12 companies</p>");
    write(
        &park.join(".thermaudit/pieces/a.json"),
        "{\"company_id\": \"B0004\", \"oidn\": \"5310236\"}",
    );
    write(
        &park.join(".thermaudit/pieces/b.bin"),
        "\u{1}\u{2}Wilderik Koeltechniek BV\u{3}",
    );
    write(&park.join(".thermaudit/pieces/c.bin"), "nobody");
    let visit = park.join("results/inspections/2025-02-01");
    write(&visit.join("companies/B0004/sheet.json"), "{}");
    write(&visit.join("companies/B0001/sheet.json"), "{}");
    write(
        &visit.join("findings.json"),
        r#"{"findings": [{"finding_id": "1", "company_id": "B0004"},
            {"finding_id": "2", "company_id": "B0001"}]}"#,
    );
    write(
        &visit.join("urgent.csv"),
        "finding_id,company_id\n1,B0004\n2,B0001\n",
    );
    let inspected = park.join("inspections/2025-02-01");
    write(
        &inspected.join("findings.csv"),
        "image,company_id,kind\nIR_1.jpg,B0004,building\nIR_2.jpg,B0001,building\n\
         IR_2.jpg,B0004,building\n",
    );
    write(&inspected.join("IR_1.jpg"), "picture");
    write(&inspected.join("IR_2.jpg"), "picture");
    folder
}

/// Files below results and cache in which a needle stands, as plain bytes.
fn told(project: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for place in ["results", ".thermaudit"] {
        for file in tree(&project.join(place)) {
            let bytes = std::fs::read(project.join(place).join(&file)).expect("readable");
            for needle in NEEDLES {
                // PDF writes texts as hexadecimal digits, in which B0004 turns up by chance.
                let apart = |at: Option<&u8>| !at.is_some_and(u8::is_ascii_alphanumeric);
                let length = needle.len();
                let inside = bytes.windows(length).enumerate().any(|(i, w)| {
                    w == needle.as_bytes()
                        && apart(i.checked_sub(1).and_then(|i| bytes.get(i)))
                        && apart(bytes.get(i + length))
                });
                if inside || file.contains(needle) {
                    found.push(format!("{place}/{file}: {needle}"));
                }
            }
        }
    }
    found
}

fn state(project: &Path) -> Vec<(String, Vec<u8>)> {
    tree(project)
        .into_iter()
        .map(|f| {
            let bytes = std::fs::read(project.join(&f)).expect("readable");
            (f, bytes)
        })
        .collect()
}

#[test]
fn after_erasing_nothing_tells_of_the_company_and_the_others_keep_theirs() {
    let folder = processed();
    let park = folder.path();
    let out = flight(park);
    assert!(out.join("companies/B0004/sheet.pdf").is_file());
    assert!(told(park).len() > 10, "{:?}", told(park));

    let whole = ["internal/overview.xlsx", "park/overview.xlsx"]
        .map(|name| (name, std::fs::read(out.join(name)).expect("an overview")));
    let counted = |name: &str| whole.iter().find(|w| w.0 == name).map(|w| w.1.clone());

    // A dry run tells and changes nothing.
    let before = state(park);
    let (code, text) = command(park, &["erase", "--company", ID, "--dry-run"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("would be deleted"), "{text}");
    assert!(text.contains("nothing was changed"), "{text}");
    assert!(state(park) == before, "a dry run changed something");

    // Without --yes the user's own tables stay and are named.
    let list = std::fs::read_to_string(park.join("companies.csv")).expect("readable");
    let (code, text) = command(park, &["erase", "--company", ID]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("companies.csv: line 5"), "{text}");
    assert!(text.contains("findings.csv: line 2, line 4"), "{text}");
    assert!(text.contains("IR_1.jpg"), "{text}");
    assert_eq!(told(park), Vec::<String>::new());
    assert_eq!(
        std::fs::read_to_string(park.join("companies.csv")).expect("readable"),
        list
    );

    // What is others' stays.
    assert!(out.join("companies/B0001/sheet.pdf").is_file());
    let log = std::fs::read_to_string(out.join("internal/consent_log.csv")).expect("a log");
    assert!(
        log.contains("B0001") && log.starts_with("company_id"),
        "{log}"
    );
    let review = std::fs::read_to_string(out.join("internal/link_review.csv")).expect("a list");
    assert!(
        review.contains("B0001") && review.contains("B0002"),
        "{review}"
    );
    let rows = thermaudit::read::gpkg::rows(&out.join("audit.gpkg"), "companies").expect("a layer");
    assert_eq!(rows.rows.len(), list.lines().count() - 2);
    let roofs = thermaudit::read::gpkg::rows(&out.join("audit.gpkg"), "buildings").expect("roofs");
    let oidns = roofs.column("oidn").expect("keys");
    // The roof stays, as a roof of nobody.
    let own = thermaudit::read::gpkg::Cell::Text("5310236".into());
    assert!(oidns.contains(&&own));
    let visit = park.join("results/inspections/2025-02-01");
    let findings = std::fs::read_to_string(visit.join("findings.json")).expect("readable");
    assert!(findings.contains("B0001"), "{findings}");
    assert!(visit.join("companies/B0001/sheet.json").is_file());
    assert!(park.join(".thermaudit/pieces/c.bin").is_file());
    // Overviews count everyone: they are made again, or deleted until a run writes them.
    for name in ["internal/overview.xlsx", "park/overview.xlsx"] {
        assert_ne!(std::fs::read(out.join(name)).ok(), counted(name), "{name}");
        let bytes = std::fs::read(out.join(name)).expect("made again");
        let workbook = Archive::new(&bytes).expect("a workbook");
        for part in workbook.names() {
            let text = workbook.bytes(part).expect("readable");
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(NEEDLES.iter().all(|n| !text.contains(n)), "{name}/{part}");
        }
    }
    let letters = std::fs::read_to_string(out.join("internal/mailmerge.csv")).expect("made again");
    assert!(letters.contains("B0001"), "{letters}");
    for name in ["park/overview.pdf", "internal/overview.pdf"] {
        let pages = std::fs::read(out.join(name)).expect("made again");
        let text = thermaudit::attach::leak::pdf_text(&pages).expect("a PDF");
        assert!(NEEDLES.iter().all(|n| !text.contains(n)), "{name}");
    }
    for name in ["park/index.html", "internal/index.html"] {
        let page = std::fs::read_to_string(out.join(name)).expect("made again");
        assert!(NEEDLES.iter().all(|n| !page.contains(n)), "{name}");
    }

    // The record says that, not whom.
    let record = std::fs::read_to_string(out.join("internal/erased.csv")).expect("a record");
    let mut lines = record.lines();
    assert_eq!(lines.next(), Some("date,files,rows,salt,hash"));
    let cells: Vec<&str> = lines.next().expect("a row").split(',').collect();
    assert_eq!(
        (cells[0].len(), cells[3].len(), cells[4].len()),
        (10, 32, 64)
    );
    assert!(cells[1].parse::<u32>().is_ok_and(|n| n > 3), "{cells:?}");

    // With --yes the rows go, and every other byte stays.
    let (code, text) = command(park, &["erase", "--company", ID, "--yes", "--with-inputs"]);
    assert_eq!(code, 0, "{text}");
    let kept: Vec<&str> = list
        .split_inclusive('\n')
        .filter(|l| !l.starts_with(ID))
        .collect();
    assert_eq!(
        std::fs::read_to_string(park.join("companies.csv")).expect("readable"),
        kept.concat()
    );
    let inspected = park.join("inspections/2025-02-01");
    let findings = std::fs::read_to_string(inspected.join("findings.csv")).expect("readable");
    assert_eq!(findings, "image,company_id,kind\nIR_2.jpg,B0001,building\n");
    // The picture that another company's finding names stays.
    assert!(!inspected.join("IR_1.jpg").exists() && inspected.join("IR_2.jpg").exists());

    // A new run does not bring it back.
    let (code, text) = command(park, &["run"]);
    assert!(code < 2, "{text}");
    assert_eq!(told(park), Vec::<String>::new());
    let (code, text) = command(park, &["erase", "--company", ID]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("did you mean"), "{text}");
}

#[test]
fn one_site_of_an_enterprise_is_forgotten_and_the_other_keeps_the_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let park = folder.path();
    park_copy(park, 2);
    let list = park.join("companies.csv");
    let text = std::fs::read_to_string(&list).expect("readable");
    // B0004 and B0003 are two sites of one enterprise now.
    std::fs::write(&list, text.replace("1922013230", "1930539629")).expect("written");
    let out = park.join("results/2025-01-16-v1");
    write(&out.join("companies/B0004/sheet.json"), "{}");
    write(
        &out.join("internal/link_review.csv"),
        "company_id,name,enterprise_number\nB0003,Noordhals Textielveredeling NV,1930539629\n\
         B0004,Wilderik Koeltechniek BV,1930539629\n",
    );
    // Another flight, before the company was on the list, with a file that cannot be searched.
    write(&park.join("results/2024-01-10-v1/park/park.qgz"), "PK");
    write(
        &out.join("run.json"),
        r#"{"skips": [{"file": "company B0004", "what": "x"}, {"file": "company B0003",
            "what": "1930539629"}], "project": "p"}"#,
    );
    let (code, text) = command(park, &["erase", "--company", ID]);
    assert_eq!(code, 1, "{text}");
    let review = std::fs::read_to_string(out.join("internal/link_review.csv")).expect("kept");
    assert!(
        review.contains("B0003") && review.contains("1930539629"),
        "{review}"
    );
    assert!(!review.contains("B0004"), "{review}");
    let run = std::fs::read_to_string(out.join("run.json")).expect("kept");
    assert!(
        run.contains("company B0003") && !run.contains("B0004"),
        "{run}"
    );
    assert!(park.join("results/2024-01-10-v1/park/park.qgz").exists());
}

#[test]
fn everyone_is_forgotten_only_once_the_date_has_passed() {
    let folder = tempfile::tempdir().expect("a folder");
    let park = folder.path();
    park_copy(park, 2);
    let toml = park.join("audit.toml");
    let text = std::fs::read_to_string(&toml).expect("readable");
    let until = |date: &str| {
        let line = format!("[project]\nretain_until = \"{date}\"");
        std::fs::write(&toml, text.replacen("[project]", &line, 1)).expect("written");
    };
    let out = park.join("results/2025-01-16-v1");
    write(&out.join("companies/B0001/sheet.json"), "{}");
    write(&out.join("companies/B0002/sheet.json"), "{}");
    until("2999-12-31");
    let (code, told) = command(park, &["erase", "--expired", "--yes"]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("has not passed"), "{told}");
    assert!(out.join("companies/B0001").exists());
    until("2020-12-31");
    let (code, told) = command(park, &["check"]);
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("retain_until") && told.contains("--expired"),
        "{told}"
    );
    let (code, told) = command(park, &["erase", "--expired", "--yes"]);
    assert_eq!(code, 0, "{told}");
    assert!(!out.join("companies/B0001").exists() && !out.join("companies/B0002").exists());
    let list = std::fs::read_to_string(park.join("companies.csv")).expect("readable");
    assert_eq!(list.lines().count(), 1, "{list}");
}

#[test]
fn verdicts_about_the_companys_roofs_go_and_all_others_stay_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let park = folder.path();
    park_copy(park, 2);
    let list = std::fs::read_to_string(park.join("companies.csv")).expect("readable");
    let row = list.lines().find(|l| l.starts_with(ID)).expect("a row");
    let own = row
        .split(',')
        .find(|cell| cell.starts_with("5310"))
        .expect("a building")
        .split(';')
        .next()
        .expect("one");
    let review = format!(
        "hotspot_id;oidn;verdict;text;who\r\n\
         {own}-ab3k;;confirm;gezien;An Peeters\r\n\
         9999999-c0de;;reject;;An Peeters\r\n\
         ;{own};reject;leeg;An Peeters\r\n\
         ;9999999;change;naast Wilderik Koeltechniek BV;An Peeters\r\n"
    );
    std::fs::write(park.join("review.csv"), &review).expect("written");
    // Without a clear yes the table stays, and what it holds is told.
    let (_, told) = command(park, &["erase", "--company", ID]);
    assert!(
        told.contains("holds verdicts about roofs of the company"),
        "{told}"
    );
    let read = || std::fs::read_to_string(park.join("review.csv")).expect("kept");
    assert_eq!(read(), review);
    let (_, told) = command(park, &["erase", "--company", ID, "--yes"]);
    let kept: Vec<&str> = review
        .split_inclusive('\n')
        .filter(|l| !l.contains(own))
        .collect();
    assert_eq!(read(), kept.concat(), "{told}");
    // A person's words about another roof are not rewritten, but told of.
    assert!(told.contains("take the name out by hand"), "{told}");
}
