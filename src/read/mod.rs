//! Edge in: files to survey nouns. One file per format, decoding from bytes.

pub mod archive;
pub mod companies;
pub mod dates;
pub mod envi;
pub mod findings;
pub mod flatgeobuf;
pub mod frame;
pub mod geojson;
pub mod geotiff;
pub mod gpkg;
pub mod layer;
pub mod links;
pub mod logo;
mod markup;
pub mod numbers;
pub mod orthophoto;
pub mod outlines;
pub mod poses;
pub mod reference;
pub mod refused;
pub mod review;
pub mod severity_table;
pub mod shapefile;
pub mod surface;
mod system;
pub mod table;
pub mod tile;
pub mod vector;
pub mod weather;
pub mod wkb;
pub mod wkt;

pub use system::{home_epsg, home_of_lonlat};
