//! Edge in: bytes to survey nouns, one module per kind of file.

pub mod frame;
//! (read)

pub mod geotiff;
pub mod surface;
//! Edge in: files to survey nouns. One file per format, decoding from bytes.

pub mod companies;
pub mod geojson;
pub mod gpkg;
pub mod layer;
pub mod links;
pub mod numbers;
pub mod outlines;
pub mod poses;
pub mod table;
pub mod weather;
pub mod wkb;
pub mod wkt;
