//! How a layer is drawn.

use crate::report::gis::{Category, Fill, LayerStyle, Symbol};
use crate::write::markup::escaped;

/// The style of a layer as QML.
pub fn qml(style: &LayerStyle) -> String {
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis version=\"3.22.0\" styleCategories=\"Symbology|Labeling\" labelsEnabled=\"{}\">{}{}</qgis>",
        u8::from(!style.text.is_empty()),
        renderer(style),
        labels(style),
    )
}

/// One symbol and one category for each entry of the legend.
pub(super) fn renderer(style: &LayerStyle) -> String {
    let mut categories = String::new();
    let mut symbols = String::new();
    for (index, entry) in style.categories.iter().enumerate() {
        categories.push_str(&format!(
            "<category symbol=\"{index}\" value=\"{}\" label=\"{}\" type=\"string\" render=\"true\"/>",
            escaped(&entry.value),
            escaped(&entry.label),
        ));
        symbols.push_str(&symbol(index, style.symbol, entry));
    }
    format!(
        "<renderer-v2 type=\"categorizedSymbol\" attr=\"{}\" symbollevels=\"0\" enableorderby=\"0\" \
         forceraster=\"0\"><categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>",
        escaped(style.by),
    )
}

fn colour([r, g, b, opacity]: [u8; 4]) -> String {
    format!("{r},{g},{b},{opacity}")
}

/// Options of a symbol layer, in the form of today and in the one read before 3.24.
fn options(options: &[(&str, String)]) -> String {
    let now: String = options
        .iter()
        .map(|(name, value)| {
            format!("<Option type=\"QString\" name=\"{name}\" value=\"{value}\"/>")
        })
        .collect();
    let before: String = options
        .iter()
        .map(|(name, value)| format!("<prop k=\"{name}\" v=\"{value}\"/>"))
        .collect();
    format!("<Option type=\"Map\">{now}</Option>{before}")
}

fn layer(class: &str, of: &[(&str, String)]) -> String {
    format!(
        "<layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\">{}</layer>",
        options(of)
    )
}

fn symbol(index: usize, kind: Symbol, entry: &Category) -> String {
    let (word, layers) = match kind {
        Symbol::Point => ("marker", marker(entry)),
        Symbol::Area => ("fill", area(entry)),
    };
    format!(
        "<symbol type=\"{word}\" name=\"{index}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\">{layers}</symbol>"
    )
}

fn marker(entry: &Category) -> String {
    layer(
        "SimpleMarker",
        &[
            ("name", "circle".to_owned()),
            ("color", colour(entry.fill)),
            ("outline_color", "255,255,255,255".to_owned()),
            ("outline_style", "solid".to_owned()),
            ("outline_width", "0.2".to_owned()),
            ("outline_width_unit", "MM".to_owned()),
            ("size", "1.6".to_owned()),
            ("size_unit", "MM".to_owned()),
        ],
    )
}

fn area(entry: &Category) -> String {
    let style = match entry.pattern {
        Fill::Solid => "solid",
        Fill::Hatched => "b_diagonal",
        Fill::Hollow => "no",
    };
    layer(
        "SimpleFill",
        &[
            ("color", colour(entry.fill)),
            ("outline_color", colour(entry.line)),
            ("outline_style", "solid".to_owned()),
            ("outline_width", entry.line_mm.to_string()),
            ("outline_width_unit", "MM".to_owned()),
            ("style", style.to_owned()),
        ],
    )
}

/// What is written on the objects; nothing where the style has no text.
pub(super) fn labels(style: &LayerStyle) -> String {
    if style.text.is_empty() {
        return String::new();
    }
    format!(
        "<labeling type=\"simple\"><settings calloutType=\"simple\">\
         <text-style fieldName=\"{}\" isExpression=\"1\" fontSize=\"9\" fontSizeUnit=\"Point\" fontWeight=\"75\" \
         textColor=\"20,24,31,255\" textOpacity=\"1\" namedStyle=\"Bold\">\
         <text-buffer bufferDraw=\"1\" bufferSize=\"0.8\" bufferSizeUnits=\"MM\" bufferColor=\"255,255,255,255\" \
         bufferOpacity=\"0.9\"/></text-style>\
         <placement placement=\"1\" centroidInside=\"1\" centroidWhole=\"1\"/>\
         <rendering drawLabels=\"1\" scaleVisibility=\"0\" obstacle=\"1\"/></settings></labeling>",
        escaped(style.text),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::gis;
    use crate::survey::Language;

    #[test]
    fn a_style_is_well_formed_and_has_a_symbol_for_every_category() {
        for style in gis::audit(Language::Fr)
            .iter()
            .chain(&gis::changes(Language::De))
        {
            let text = qml(style);
            let options = roxmltree::ParsingOptions {
                allow_dtd: true,
                ..roxmltree::ParsingOptions::default()
            };
            let tree =
                roxmltree::Document::parse_with_options(&text, options).expect("well formed");
            let count = |name: &str| tree.descendants().filter(|n| n.has_tag_name(name)).count();
            assert_eq!(count("category"), style.categories.len());
            assert_eq!(count("symbol"), style.categories.len());
            let read = tree.descendants().find(|n| n.has_tag_name("renderer-v2"));
            assert_eq!(read.and_then(|n| n.attribute("attr")), Some(style.by));
        }
    }
}
