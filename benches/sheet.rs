//! Sheets per second: layout of the data, typesetting, PDF and PNG of one realistic company.

#[path = "../tests/sheet_input/mod.rs"]
#[allow(dead_code)]
mod sheet_input;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use thermaudit::report::sheet;
use thermaudit::survey::Language;
use thermaudit::write::pdf::{RenderOptions, render};

fn sheets(c: &mut Criterion) {
    let input = sheet_input::with_photo(Language::Nl);
    let mut group = c.benchmark_group("sheet");
    group.sample_size(20).throughput(Throughput::Elements(1));
    group.bench_function("data", |b| {
        b.iter(|| sheet(black_box(&input)));
    });
    // Another code each time, as in a run over a park: an equal sheet would come from the cache.
    let mut number = 0_u32;
    for (name, png_dpi) in [("pdf", 0), ("pdf and png", 96)] {
        let options = RenderOptions {
            templates: None,
            png_dpi,
        };
        group.bench_function(name, |b| {
            b.iter(|| {
                number += 1;
                let mut input = input.clone();
                input.settings.code = format!("KV-{number:06}");
                input.company.name = format!("Meubelfabriek {number:06} nv");
                let sheet = sheet(&input);
                render(&sheet, &options).expect("the built-in template meets the standards")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, sheets);
criterion_main!(benches);
