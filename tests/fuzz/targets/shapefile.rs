//! Shapefiles: `.shp`, `.dbf`, `.prj` and `.cpg`, each behind its length.
#![no_main]

#[path = "../../mutants/readers.rs"]
mod readers;

libfuzzer_sys::fuzz_target!(|data: &[u8]| readers::holds("shapefile", data));
