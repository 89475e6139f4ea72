//! Edge out: results to files. Every file is written beside its target and renamed when whole.

pub mod atomic;
pub mod cog;
pub mod false_colour;
pub mod gpkg;
pub mod hotspots_geojson;
pub mod map_page;
mod markup;
mod pack;
pub mod pdf;
pub mod qgis;
pub mod room;
pub mod sheet_json;
pub mod stac;
pub mod thermal_csv;
pub mod thermal_tiff;
pub mod visit_json;
pub mod workbook;
