//! (read)

pub mod companies;
pub mod geojson;
pub mod gpkg;
pub mod links;
pub mod numbers;
pub mod outlines;
pub mod poses;
pub mod table;
pub mod weather;
pub mod wkt;
