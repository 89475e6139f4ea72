//! Edge in: bytes to survey nouns, one module per kind of file.

pub mod frame;
//! (read)

pub mod geotiff;
pub mod surface;
