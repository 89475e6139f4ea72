//! A second run does only what depends on what changed, and what it leaves is what a run from
//! nothing writes, byte for byte.

use crate::common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use thermaudit::pipeline::{self, Reporter, RunOptions, RunSummary, Stage, Work};
use thermaudit::problem::Problem;
use thermaudit::write::pdf::Document;

struct Silent;

impl Reporter for Silent {
    fn begin(&self, _: &str, _: Stage, _: usize) {}
    fn advance(&self, _: usize) {}
    fn end(&self, _: &str) {}
    fn skip(&self, _: Stage, _: &Problem) {}
    fn warn(&self, _: Stage, _: &Problem) {}
}

/// A project in a folder of its own.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A copy of the inputs of another, without results and cache.
    fn copy_of(inputs: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        copy(inputs, folder.path());
        // Of visits tests/visits tells.
        let _ = std::fs::remove_dir_all(folder.path().join("inspections"));
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run_with(&self, options: &RunOptions) -> RunSummary {
        pipeline::run(self.path(), options, &Silent).expect("the park is processed")
    }

    fn run(&self) -> RunSummary {
        self.run_with(&RunOptions::default())
    }

    /// Every file of the results with its bytes, without the times that differ between runs and the
    /// log of consents, which tells of earlier runs.
    fn results(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let root = self.path().join("results");
        let mut all = BTreeMap::new();
        collect(&root, &root, &mut all);
        all.retain(|name, _| !name.ends_with("consent_log.csv"));
        for (name, bytes) in &mut all {
            if name.ends_with("run.json") {
                let mut run: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
                run.as_object_mut().expect("an object").remove("timings");
                *bytes = run.to_string().into_bytes();
            }
        }
        all
    }

    fn edit(&self, file: &str, change: impl Fn(String) -> String) {
        let path = self.path().join(file);
        let text = fs::read_to_string(&path).expect("text");
        let changed = change(text.clone());
        assert_ne!(changed, text, "{file} is changed");
        fs::write(path, changed).expect("writes");
    }

    fn outlines(&self, statement: &str) {
        let path = self.path().join("buildings.gpkg");
        let database = rusqlite::Connection::open(path).expect("opens");
        // Triggers of the index call functions that only a GIS has.
        let triggers = ["insert", "update1", "update2", "update3", "update4"];
        for trigger in triggers {
            let drop = format!("DROP TRIGGER IF EXISTS rtree_GBG_geom_{trigger}");
            database.execute_batch(&drop).expect("drops a trigger");
        }
        database.execute_batch(statement).expect("changes outlines");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("makes a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let name = entry.file_name();
        if ["results", ".thermaudit", "truth"]
            .iter()
            .any(|n| name == *n)
        {
            continue;
        }
        match entry.path().is_dir() {
            true => copy(&entry.path(), &to.join(&name)),
            false => {
                fs::copy(entry.path(), to.join(&name)).expect("copies");
            }
        }
    }
}

fn collect(root: &Path, folder: &Path, all: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(root, &path, all),
            false => {
                let name = path.strip_prefix(root).expect("below").to_path_buf();
                all.insert(name, fs::read(path).expect("reads"));
            }
        }
    }
}

/// The results of a run from nothing.
fn from_nothing(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let fresh = Project::copy_of(project.path());
    fresh.run();
    fresh.results()
}

fn assert_same(ours: &BTreeMap<PathBuf, Vec<u8>>, fresh: &BTreeMap<PathBuf, Vec<u8>>, what: &str) {
    let names = |all: &BTreeMap<PathBuf, Vec<u8>>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(ours), names(fresh), "{what}: files");
    for (name, bytes) in ours {
        assert!(*bytes == fresh[name], "{what}: {} differs", name.display());
    }
}

fn done(summary: &RunSummary, work: Work) -> usize {
    summary.work.get(&work).copied().unwrap_or(0)
}

/// How often each kind of work is done after a change: `None` where a number above nought is all
/// that can be said.
type Expected = [(Work, Option<usize>)];

const NO_FRAMES: [(Work, Option<usize>); 4] = [
    (Work::FramesDecoded, Some(0)),
    (Work::FlightsOriented, Some(0)),
    (Work::FlightsLevelled, Some(0)),
    (Work::TilesMade, Some(0)),
];

fn check(summary: &RunSummary, expected: &Expected, what: &str) {
    for (work, count) in expected {
        let found = done(summary, *work);
        match count {
            Some(count) => assert_eq!(found, *count, "{what}: {work:?}"),
            None => assert!(found > 0, "{what}: {work:?} is not done"),
        }
    }
}

const FLIGHT: &str = "flights/2025-01-16-v1";

#[test]
fn nothing_changed_is_no_work_at_all() {
    let project = Project::copy_of(&common::sample());
    let first = project.run();
    check(
        &first,
        &[
            (Work::FramesDecoded, None),
            (Work::FlightsOriented, Some(1)),
            (Work::FlightsLevelled, Some(1)),
            (Work::TilesMade, None),
            (Work::RoofsMeasured, None),
            (Work::SheetsSet, Some(10)),
            (Work::OverviewsMade, None),
        ],
        "first run",
    );
    let results = project.results();
    let begun = std::time::Instant::now();
    let second = project.run();
    // The bar of a second run is two seconds, and it takes some hundredths of one: this is no measurement.
    assert!(begun.elapsed().as_secs() < 2, "{:?}", begun.elapsed());
    assert!(second.work.is_empty(), "{:?}", second.work);
    assert_eq!(
        first.skips, second.skips,
        "what was left out is named again"
    );
    assert!(second.lines.iter().any(|l| l.contains("up to date")));
    assert_same(&results, &project.results(), "second run");

    // Another time of a file is no change, and neither are threads or memory.
    let frame = project.path().join(FLIGHT).join("SIM_0005.jpg");
    let bytes = fs::read(&frame).expect("a frame");
    fs::write(&frame, bytes).expect("writes");
    let options = RunOptions {
        jobs: Some(1),
        ..RunOptions::default()
    };
    assert!(project.run_with(&options).work.is_empty());

    // The plan of nothing is nothing, and a plan leaves no trace.
    let dry = RunOptions {
        dry_run: true,
        ..RunOptions::default()
    };
    let plan = project.run_with(&dry);
    assert!(
        plan.lines
            .iter()
            .any(|l| l.contains("up to date, nothing to do"))
    );
    assert_same(&results, &project.results(), "plan");
}

/// One change after the other to one project; after each the run from nothing is the truth.
#[test]
fn one_change_costs_what_depends_on_it() {
    let project = Project::copy_of(&common::sample());
    project.run();
    // Fourteen roofs, and two zones of one.
    let all_roofs = Some(16);
    let step = |change: &dyn Fn(&Project), expected: &Expected, what: &str| {
        change(&project);
        let summary = project.run();
        check(&summary, expected, what);
        assert_same(&project.results(), &from_nothing(&project), what);
    };
    let and = |more: &Expected| [&NO_FRAMES[..], more].concat();

    step(
        &|p| {
            p.edit("audit.toml", |t| {
                t + "\n[report]\ntext = \"Vragen? Bel ons.\"\n"
            })
        },
        &and(&[(Work::RoofsMeasured, Some(0)), (Work::SheetsSet, Some(10))]),
        "a text of the sheets",
    );
    step(
        &|p| p.edit("audit.toml", |t| t + "\n[score]\nemissivity_sigma = 0.04\n"),
        &and(&[(Work::RoofsMeasured, all_roofs), (Work::SheetsSet, None)]),
        "a setting of the rating",
    );
    step(
        &|p| {
            p.edit("companies.csv", |t| {
                t.replace("energie@palmeris.example", "post@palmeris.example")
            })
        },
        &and(&[(Work::RoofsMeasured, Some(0)), (Work::SheetsSet, Some(1))]),
        "a company's address",
    );
    step(
        &|p| {
            p.edit("companies.csv", |t| {
                t.replace("5310222,17.5,", "5310222,19.5,")
            })
        },
        &and(&[(Work::RoofsMeasured, Some(1)), (Work::SheetsSet, None)]),
        "a company's indoor temperature",
    );
    step(
        &|p| {
            p.edit("companies.csv", |t| {
                t.replace("en,yes,5310236", "en,withdrawn,5310236")
            })
        },
        &and(&[(Work::OverviewsMade, None)]),
        "a company that withdrew",
    );
    step(
        &|p| p.outlines("UPDATE GBG SET material = 'bitumen' WHERE OIDN = 5310222"),
        &and(&[(Work::RoofsMeasured, Some(1))]),
        "the material of one roof",
    );
    let before = project.run_with(&RunOptions {
        force: true,
        ..RunOptions::default()
    });
    let all_tiles = done(&before, Work::TilesMade);
    assert!(all_tiles >= 6, "{all_tiles} tiles");
    step(
        &|p| p.outlines("DELETE FROM GBG WHERE OIDN = 5310243"),
        &[
            (Work::FlightsOriented, Some(0)),
            (Work::FlightsLevelled, Some(0)),
            (Work::TilesMade, None),
            (Work::RoofsMeasured, None),
        ],
        "an outline that is gone",
    );
    step(
        &|p| fs::remove_file(p.path().join(FLIGHT).join("SIM_0098.jpg")).expect("removes"),
        &[
            (Work::FlightsOriented, Some(1)),
            (Work::FlightsLevelled, Some(1)),
            (Work::TilesMade, None),
        ],
        "one frame less",
    );
    step(
        &|p| p.edit("weather.csv", |t| t.replacen(",47,3.4,", ",48,3.4,", 1)),
        &and(&[(Work::RoofsMeasured, Some(0))]),
        "weather of hours before the flight that nothing looks at",
    );
    step(
        &|p| {
            fs::remove_file(
                p.path()
                    .join("results/2025-01-16-v1/companies/B0001/sheet.pdf"),
            )
            .expect("removes");
        },
        &and(&[(Work::RoofsMeasured, Some(0)), (Work::SheetsSet, Some(1))]),
        "a sheet that was removed",
    );
    step(
        &|p| fs::write(p.path().join("results/2025-01-16-v1/mosaic.tif"), "x").expect("writes"),
        &[
            (Work::FlightsLevelled, Some(0)),
            (Work::TilesMade, None),
            (Work::RoofsMeasured, Some(0)),
            (Work::SheetsSet, Some(0)),
        ],
        "a map that was damaged",
    );
    step(
        &|p| fs::remove_dir_all(p.path().join(".thermaudit")).expect("removes"),
        &[
            (Work::FlightsOriented, Some(1)),
            (Work::RoofsMeasured, None),
            (Work::SheetsSet, None),
        ],
        "a cache that was removed",
    );
}

#[test]
fn a_house_style_costs_the_documents_that_show_it() {
    let project = Project::copy_of(&common::sample());
    project.run();
    let here = |name: &str| project.path().join(name);
    let quality = here("results/2025-01-16-v1/quality.pdf");
    let step = |sheets: usize, quality_too: bool, what: &str| {
        let before = fs::read(&quality).expect("written");
        let summary = project.run();
        let expected = [
            (Work::RoofsMeasured, Some(0)),
            (Work::TilesMade, Some(0)),
            (Work::SheetsSet, Some(sheets)),
        ];
        check(&summary, &expected, what);
        let after = fs::read(&quality).expect("written");
        assert_eq!(before != after, quality_too, "{what}");
    };
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 20 8\"><path d=\"M0 0h20v8z\"/></svg>";
    fs::write(here("ours.svg"), svg).expect("writes");
    project.edit("audit.toml", |t| t + "\n[report]\nlogo = \"ours.svg\"\n");
    step(10, true, "a logo");
    // The same file under another name is the same logo.
    fs::rename(here("ours.svg"), here("mark.svg")).expect("renames");
    project.edit("audit.toml", |t| t.replace("ours.svg", "mark.svg"));
    step(0, false, "a logo that was renamed");
    project.edit("audit.toml", |t| t + "contact = \"An Voorbeeld\"\n");
    step(10, false, "a contact");
    fs::create_dir(here("template")).expect("makes");
    let ours = |d: Document| d.built_in().replace("left: 15mm", "left: 15.1mm");
    fs::write(here("template/quality.typ"), ours(Document::Quality)).expect("writes");
    step(0, true, "a template of the quality report");
    fs::write(here("template/sheet.typ"), ours(Document::Sheet)).expect("writes");
    step(10, false, "a template of the sheets");
    fs::write(here("template/visit.typ"), ours(Document::Visit)).expect("writes");
    step(0, false, "a template of visits");
}

#[test]
fn a_new_flight_leaves_the_others_alone() {
    let project = Project::copy_of(&common::sample());
    project.run();
    let (old, new) = (
        project.path().join(FLIGHT),
        project.path().join("flights/later"),
    );
    fs::create_dir(&new).expect("makes a folder");
    for number in 1..=30 {
        let name = format!("SIM_{number:04}.jpg");
        fs::copy(old.join(&name), new.join(&name)).expect("copies");
    }
    let summary = project.run();
    check(
        &summary,
        &[
            (Work::FlightsOriented, Some(1)),
            (Work::FlightsLevelled, Some(1)),
        ],
        "new flight",
    );
    assert!(
        summary
            .lines
            .iter()
            .any(|l| l == "2025-01-16-v1: up to date, nothing to do")
    );
    assert_same(&project.results(), &from_nothing(&project), "new flight");
}

#[test]
fn damaged_work_of_the_cache_is_done_again() {
    let project = Project::copy_of(&common::sample());
    project.run();
    let results = project.results();
    let mut kept = BTreeMap::new();
    let cache = project.path().join(".thermaudit");
    collect(&cache, &cache, &mut kept);
    for (number, (name, bytes)) in kept.iter().enumerate() {
        // Torn, turned at one bit, empty.
        let mut bytes = bytes.clone();
        match number % 3 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => {
                let middle = bytes.len() / 2;
                // The lock is an empty file.
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
            }
            _ => bytes.clear(),
        }
        fs::write(cache.join(name), bytes).expect("writes");
    }
    project.edit("audit.toml", |t| t + "\n");
    project.run();
    let ours = project.results();
    let differs = |name: &PathBuf| !name.ends_with("run.json");
    for (name, bytes) in ours.iter().filter(|(n, _)| differs(n)) {
        assert!(results[name] == *bytes, "{} differs", name.display());
    }
}

/// The project's system decides where tiles lie, though no byte of them and no pose of a frame
/// tells of it.
#[test]
fn ready_made_tiles_are_levelled_anew_in_another_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_string_lossy().into_owned();
    let made = common::thermaudit(&[
        "-q", "simulate", &path, "--seed", "3", "--scale", "tiny", "--sensor", "aircraft",
        "--visits", "0",
    ]);
    assert!(made.status.success(), "{}", common::stderr(&made));
    let project = Project::copy_of(folder.path());
    let options = RunOptions {
        until: Some(Stage::Mosaic),
        ..RunOptions::default()
    };
    project.run_with(&options);
    project.edit("audit.toml", |t| t.replace("EPSG:31370", "EPSG:3812"));
    for model in ["dsm.tif", "dtm.tif"] {
        let _ = fs::remove_file(project.path().join(model));
    }
    let again = project.run_with(&options);
    assert_eq!(done(&again, Work::FlightsLevelled), 1);
    let fresh = Project::copy_of(project.path());
    fresh.run_with(&options);
    assert_same(&project.results(), &fresh.results(), "another system");
}

#[test]
fn a_plan_tells_what_changed_and_what_would_run() {
    let project = Project::copy_of(&common::sample());
    let plan = |project: &Project| {
        let options = RunOptions {
            dry_run: true,
            ..RunOptions::default()
        };
        project.run_with(&options).lines.join("\n")
    };
    let first = plan(&project);
    assert!(first.contains("no finished results"), "{first}");
    assert!(first.contains("free on the disk"), "{first}");
    assert!(
        !project.path().join("results").exists(),
        "a plan writes nothing"
    );
    project.run();
    project.edit("audit.toml", |t| t + "\n[score]\nemissivity_sigma = 0.04\n");
    let second = plan(&project);
    assert!(
        second.contains("score.emissivity_sigma 0.03 → 0.04"),
        "{second}"
    );
    assert!(second.contains("segment   14 of 14 roofs"), "{second}");
    assert!(second.contains("mosaic    up to date"), "{second}");
    assert!(second.contains("report    follows"), "{second}");
    project.run();
    project.edit("audit.toml", |t| t + "\n[report]\ntext = \"Vragen?\"\n");
    let third = plan(&project);
    assert!(third.contains("segment   up to date"), "{third}");
    assert!(third.contains("10 of 10 sheets"), "{third}");
    fs::remove_file(project.path().join(FLIGHT).join("SIM_0098.jpg")).expect("removes");
    let fourth = plan(&project);
    assert!(fourth.contains("frames: 1 gone (SIM_0098.jpg)"), "{fourth}");
}

#[test]
fn one_stage_alone_needs_those_before_it() {
    let project = Project::copy_of(&common::sample());
    let only = |stage| RunOptions {
        only: Some(stage),
        ..RunOptions::default()
    };
    let faults = pipeline::run(project.path(), &only(Stage::Report), &Silent);
    let faults = faults.expect_err("nothing is there yet");
    assert!(
        faults[0].to_string().contains("is not up to date"),
        "{}",
        faults[0]
    );
    project.run();
    let results = project.results();
    let again = project.run_with(&RunOptions {
        force: true,
        ..only(Stage::Report)
    });
    check(&again, &NO_FRAMES, "--only report --force");
    assert_eq!(done(&again, Work::SheetsSet), 10);
    assert_eq!(done(&again, Work::RoofsMeasured), 0);
    assert_same(&results, &project.results(), "--only report --force");
}

#[test]
fn report_sets_a_new_text_on_finished_results_and_asks_for_a_run_before_there_are_any() {
    let project = Project::copy_of(&common::sample());
    let path = project.path().to_string_lossy().into_owned();
    let early = common::thermaudit(&["-q", "report", &path]);
    assert_eq!(early.status.code(), Some(2), "{}", common::stderr(&early));
    assert!(common::stderr(&early).contains("is not up to date"));
    project.run();
    let before = project.results();
    project.edit("audit.toml", |t| t + "\n[report]\ntext = \"Vragen?\"\n");
    let again = common::thermaudit(&["-q", "report", &path]);
    assert_eq!(again.status.code(), Some(0), "{}", common::stderr(&again));
    let after = project.results();
    let changed = |name: &str| {
        let here = |n: &&PathBuf| n.file_name().is_some_and(|f| f == name);
        let files: Vec<&PathBuf> = after.keys().filter(here).collect();
        assert!(!files.is_empty(), "{name}");
        files.iter().all(|f| after[*f] != before[*f])
    };
    assert!(changed("sheet.pdf"));
    assert!(!changed("mosaic.tif") && !changed("audit.gpkg"));
    assert_same(&after, &from_nothing(&project), "report");
}
