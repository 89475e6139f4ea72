//! The promise: no byte string makes a reader panic, hang or allocate without bound, and what is
//! read after all is a frame in itself: as many samples as pixels, temperatures finite or missing.
//!
//! Thermal files made by hand (and the real ones under `THERMAUDIT_TESTDATA`) are damaged in every
//! way that files and attackers know: cut at every border, bytes flipped, counts huge, calibration
//! not a number, byte orders swapped, directories that lead in circles. A run of the suite takes
//! some thousands; `THERMAUDIT_MUTANTS=100000 cargo test --release --test mutants` takes as many as
//! it says. A mutant that fails is written where the message says: it goes to `tests/broken/`.

#![allow(clippy::panic, clippy::print_stdout)]

#[path = "../handmade/mod.rs"]
mod handmade;

mod borders;
mod check;
mod mutate;
mod readers;
mod seeds;

use handmade::Random;
use mutate::Mutator;
use seeds::Seed;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use thermaudit::read::frame::frame;

/// Mutants of a run unless `THERMAUDIT_MUTANTS` says otherwise.
const USUAL: usize = 6_000;
/// Memory of the whole process, bytes.
const MOST_MEMORY: u64 = 512 << 20;
/// A file that takes this long is taken for one that hangs.
const HANGS: Duration = Duration::from_secs(20);

#[test]
fn damaged_files_are_read_or_refused_and_never_more() {
    let wanted = std::env::var("THERMAUDIT_MUTANTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(USUAL);
    let mut sources = seeds::handmade();
    sources.extend(seeds::real());
    let share = wanted.div_ceil(sources.len());
    let mut done = 0;
    let mut failed = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        let seed = source();
        check::holds(&seed.name, &seed.file(seed.bytes.clone()));
        let mut random = Random(number as u64);
        for mutant in Mutator::new(&seed.bytes, &mut random).take(share) {
            done += 1;
            let bytes = seed.file(mutant.bytes);
            let started = Instant::now();
            let outcome = catch_unwind(AssertUnwindSafe(|| check::holds(&seed.name, &bytes)));
            let slow = started.elapsed() > HANGS;
            if outcome.is_err() || slow {
                let kept = keep(&seed, done, &bytes);
                failed.push(format!(
                    "{}: {} ({})",
                    seed.name,
                    mutant.how,
                    kept.display()
                ));
            }
        }
    }
    let memory = check::peak_memory();
    println!(
        "{done} mutants of {} files, at most {} MB of memory",
        sources.len(),
        memory.map_or("?".to_owned(), |b| (b >> 20).to_string())
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(memory.is_none_or(|bytes| bytes <= MOST_MEMORY));
}

#[test]
fn the_files_made_by_hand_are_whole() {
    for source in seeds::handmade() {
        let seed = source();
        let bytes = seed.file(seed.bytes.clone());
        // ENVI's samples lie in a file of their own.
        if !seed.name.ends_with("hdr") {
            frame(&seed.name, &bytes).expect("a frame");
        }
    }
}

/// What the targets of `tests/fuzz` begin with; each target puts a file's first bytes back.
#[test]
#[ignore = "writes tests/fuzz/corpus"]
fn seeds_for_the_fuzzer() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    for source in seeds::handmade() {
        let seed = source();
        let (target, first) = match seed.name.as_str() {
            "block-in.jpg" => ("flir_block", 0),
            "jpeg-ls-in.fff" => ("jpeg_ls", 3),
            "png-in.fff" => ("png", 4),
            "parameters-in-dji.jpg" => ("dji_parameters", 0),
            name => match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
                "jpg" => ("jpeg", 2),
                "fff" | "seq" => ("fff", 4),
                "tif" => ("tiff", 0),
                "irb" => ("irb", 5),
                "irg" => ("irg", 2),
                "hdr" => ("envi", 5),
                other => panic!("no target for {other}"),
            },
        };
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join(&seed.name), &seed.bytes[first..]).expect("writes");
    }
}

fn keep(seed: &Seed, number: usize, bytes: &[u8]) -> PathBuf {
    let name = format!("mutant-{number}-{}", seed.name);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("the folder for temporary files can be written");
    path
}

#[test]
fn files_that_failed_once_are_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files = Vec::new();
    collect(&folder, &mut files);
    println!("{} files", files.len());
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy();
        let bytes = std::fs::read(&path).expect("readable");
        // The folder is called as the reader; frames are told from their bytes.
        let folder = path.parent().and_then(Path::file_name);
        let reader = folder.expect("a folder").to_string_lossy();
        match readers::is_known(&reader) {
            true => readers::holds(&reader, &bytes),
            false => check::holds(&name, &bytes),
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        match path.is_dir() {
            true => collect(&path, files),
            false if path.extension().is_some_and(|e| e == "md") => {}
            false => files.push(path),
        }
    }
}
