//! Styles and project files of QGIS.
//!
//! In: [`report::gis`](crate::report::gis) styles. Out: QML, which a GeoPackage keeps in its table
//! `layer_styles`, and a project (`.qgz`) that opens the results coloured. The project names its
//! sources by relative paths, so that a folder of results can be moved; it carries no clock and
//! no path of this machine.
//!
//! The elements are those QGIS itself wrote in its version 3.22; later ones read them. What it can do
//! without (snapping, variables, metadata) is left out.

mod project;
mod renderer;

pub use project::{Project, project};
pub use renderer::qml;
