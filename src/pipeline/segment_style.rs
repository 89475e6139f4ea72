//! The style of layer `roof_segments`: a colour for every kind, as QGIS reads it.

/// Kinds, their names in the legend and fill colours (red, green, blue, opacity). Planes stay clear: the
/// map below is what they are looked at for.
const KINDS: [(&str, &str, &str); 9] = [
    ("plane", "dakvlak", "255,255,255,0"),
    ("parapet", "dakopstand", "122,122,122,140"),
    ("rooflight", "lichtkoepel of lichtstraat", "86,180,233,160"),
    ("installation", "installatie", "230,159,0,160"),
    ("pv", "zonnepanelen", "0,114,178,160"),
    ("metal", "spiegelend metaal", "204,121,167,160"),
    ("puddle", "mogelijk water", "0,158,115,120"),
    ("tree", "boom of schaduw van een boom", "0,110,60,140"),
    ("unknown", "niet verklaard", "240,228,66,140"),
];

/// The style as QML.
pub(super) fn qml() -> String {
    let mut categories = String::new();
    let mut symbols = String::new();
    for (index, (kind, name, colour)) in KINDS.iter().enumerate() {
        categories.push_str(&format!(
            "<category symbol=\"{index}\" value=\"{kind}\" label=\"{name}\" render=\"true\"/>"
        ));
        symbols.push_str(&format!(
            "<symbol type=\"fill\" name=\"{index}\" alpha=\"1\" clip_to_extent=\"1\">\
             <layer class=\"SimpleFill\" enabled=\"1\" locked=\"0\" pass=\"0\">\
             <Option type=\"Map\">\
             <Option type=\"QString\" name=\"color\" value=\"{colour}\"/>\
             <Option type=\"QString\" name=\"outline_color\" value=\"35,35,35,255\"/>\
             <Option type=\"QString\" name=\"outline_style\" value=\"solid\"/>\
             <Option type=\"QString\" name=\"outline_width\" value=\"0.26\"/>\
             <Option type=\"QString\" name=\"outline_width_unit\" value=\"MM\"/>\
             <Option type=\"QString\" name=\"style\" value=\"solid\"/>\
             </Option></layer></symbol>"
        ));
    }
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis version=\"3.28\" styleCategories=\"Symbology\">\
         <renderer-v2 type=\"categorizedSymbol\" attr=\"kind\" symbollevels=\"0\" \
         enableorderby=\"0\" forceraster=\"0\">\
         <categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::parts::Kind;

    #[test]
    fn every_kind_of_part_has_a_colour() {
        for kind in Kind::ALL {
            assert!(KINDS.iter().any(|k| k.0 == kind.word()), "{kind:?}");
        }
        assert_eq!(qml().matches("<category ").count(), Kind::ALL.len());
    }
}
