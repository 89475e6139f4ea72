//! Handheld pictures per second: a simulated visit from pictures to sheets, from an empty cache.
//!
//! `THERMAUDIT_PICTURES` and `THERMAUDIT_COMPANIES` make it larger; 200 and 12 are what a week of
//! visits brings home.
#![allow(clippy::panic)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use thermaudit::pipeline::{Reporter, RunOptions, Stage, run};
use thermaudit::problem::Problem;
use thermaudit::simulate::{Scale, VisitOptions, write_visits};

struct Silent;

impl Reporter for Silent {
    fn begin(&self, _: &str, _: Stage, _: usize) {}
    fn advance(&self, _: usize) {}
    fn end(&self, _: &str) {}
    fn skip(&self, _: Stage, problem: &Problem) {
        panic!("{problem}");
    }
    fn warn(&self, _: Stage, _: &Problem) {}
}

fn asked(name: &str, standard: usize) -> usize {
    let value = std::env::var(name).ok();
    value.and_then(|v| v.parse().ok()).unwrap_or(standard)
}

fn visits(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = VisitOptions {
        seed: 1,
        scale: Scale::Small,
        visits: 1,
        pictures: asked("THERMAUDIT_PICTURES", 30),
        companies: asked("THERMAUDIT_COMPANIES", 4),
    };
    write_visits(folder.path(), &options, &|_, _, _| {}).expect("the visit is written");
    let mut group = c.benchmark_group("visit");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(options.pictures as u64));
    group.bench_function("pictures to sheets", |b| {
        b.iter(|| {
            for left in ["results", ".thermaudit"] {
                let _ = std::fs::remove_dir_all(folder.path().join(left));
            }
            run(folder.path(), &RunOptions::default(), &Silent).expect("a visit")
        });
    });
    group.finish();
}

criterion_group!(benches, visits);
criterion_main!(benches);
