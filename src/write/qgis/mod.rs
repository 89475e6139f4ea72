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

/// Text inside an attribute or an element.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // Not allowed in XML 1.0, even as a reference.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_the_language_become_references() {
        assert_eq!(
            escaped("<a href=\"x\">&'\u{1}"),
            "&lt;a href=&quot;x&quot;&gt;&amp;&apos; "
        );
    }
}
