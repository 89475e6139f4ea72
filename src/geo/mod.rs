//! Where things are: coordinate systems, datum shifts, the geoid.
//!
//! In: longitude and latitude of ETRS89, or coordinates of any projected system by its EPSG
//! code. Out: the other one, with the meridian convergence, the accuracy and the name of the
//! datum shift.
//!
//! The projections themselves are proj4rs's; the shift between the Belgian datum of 1972 and
//! ETRS89 is ours, because seven parameters alone are 0.2 m off where a thermal pixel is 0.1 m
//! (dependencies.md §3). WGS84 as receivers give it is taken for ETRS89: with a reference
//! network it is, without one the difference of 0.9 m drowns in the receiver's own error
//! (georeferencing.md §4).
//!
//! Not here: reading files (`read`), poses and rays (`orient`), areas of polygons (the crate
//! `geo`, named `::geo` inside this package).

pub mod crs;
mod epsg;
pub mod geoid;
pub mod grid;
mod helmert;
mod table;
