//! Files to damage: small ones of every kind made by hand, and the real ones where they are.

use super::handmade::{self, Block, Order, Packing, others, scene};
use std::path::PathBuf;

/// A file, or the part of one that is damaged before it is wrapped.
pub struct Seed {
    pub name: String,
    pub bytes: Vec<u8>,
    wrap: fn(&[u8]) -> Vec<u8>,
}

impl Seed {
    /// The file around bytes that may be damaged.
    pub fn file(&self, bytes: Vec<u8>) -> Vec<u8> {
        (self.wrap)(&bytes)
    }
}

/// Made when needed: all at once would count against the memory of the readers.
pub type Source = Box<dyn Fn() -> Seed>;

fn whole(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

fn source(name: &str, wrap: fn(&[u8]) -> Vec<u8>, make: fn() -> Vec<u8>) -> Source {
    let name = name.to_owned();
    Box::new(move || Seed {
        name: name.clone(),
        bytes: make(),
        wrap,
    })
}

/// JPEG-LS samples in a FLIR block.
fn jpeg_ls(samples: &[u8]) -> Vec<u8> {
    let around = Block::new(4, 4, scene(4, 4, 5), Packing::Plain, Order::Little);
    around.with_samples(samples)
}

/// PNG samples in a FLIR block.
fn png(samples: &[u8]) -> Vec<u8> {
    let around = Block::new(24, 18, scene(24, 18, 5), Packing::Plain, Order::Little);
    around.with_samples(samples)
}

fn block(packing: Packing, order: Order) -> Vec<u8> {
    Block::new(24, 18, scene(24, 18, 5), packing, order).bytes()
}

/// Files made by hand.
pub fn handmade() -> Vec<Source> {
    vec![
        source("plain-le.fff", whole, || {
            block(Packing::Plain, Order::Little)
        }),
        source("plain-be.fff", whole, || block(Packing::Plain, Order::Big)),
        source("png-le.fff", whole, || block(Packing::Png, Order::Little)),
        source("sequence.seq", whole, || {
            [Order::Little, Order::Little, Order::Big]
                .map(|order| block(Packing::Plain, order))
                .concat()
        }),
        source("plain.jpg", whole, || {
            handmade::jpeg(&block(Packing::Plain, Order::Big))
        }),
        source("block-in.jpg", handmade::jpeg, || {
            block(Packing::Png, Order::Big)
        }),
        source("jpeg-ls-in.fff", jpeg_ls, others::jpeg_ls),
        source("png-in.fff", png, || {
            let pixels: Vec<u8> = scene(24, 18, 5)
                .iter()
                .flat_map(|v| v.to_ne_bytes())
                .collect();
            handmade::png(&pixels, 24, 18, image::ExtendedColorType::L16)
        }),
        source("parameters-in-dji.jpg", others::dji, others::dji_parameters),
        source("dji.jpg", whole, || others::dji(&others::dji_parameters())),
        source("counts.tif", whole, others::tiff),
        source("plain.irb", whole, || others::irb(false)),
        source("runs.irb", whole, || others::irb(true)),
        source("a.irg", whole, others::irg),
        source("a.hdr", whole, others::envi),
    ]
}

/// The real files, where there are any.
pub fn real() -> Vec<Source> {
    let Some(data) = std::env::var_os("THERMAUDIT_TESTDATA").map(PathBuf::from) else {
        println!("skipped: mutants of real files, THERMAUDIT_TESTDATA is not set");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(data.join("radiometric"))
        .expect("the folder is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e != "md" && e != "json"))
        .collect();
    paths.sort();
    let seed = |path: PathBuf| -> Source {
        Box::new(move || Seed {
            name: path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned(),
            bytes: std::fs::read(&path).expect("readable"),
            wrap: whole,
        })
    };
    paths.into_iter().map(seed).collect()
}
