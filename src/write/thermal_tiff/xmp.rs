//! An XMP packet of given properties.

use crate::survey::XmpProperty;
use std::collections::BTreeMap;

/// The packet; properties in the order given.
pub(super) fn packet(properties: &[XmpProperty]) -> String {
    let prefixes = prefixes(properties);
    let name = |p: &XmpProperty| format!("{}:{}", prefixes[p.namespace.as_str()], p.name);
    let mut text = String::from(concat!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n",
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n",
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n",
        "<rdf:Description rdf:about=\"\"",
    ));
    for (namespace, prefix) in &prefixes {
        text.push_str(&format!("\n xmlns:{prefix}=\"{}\"", escaped(namespace)));
    }
    for property in properties.iter().filter(|p| p.values.len() == 1) {
        let value = escaped(&property.values[0]);
        text.push_str(&format!("\n {}=\"{value}\"", name(property)));
    }
    text.push('>');
    for property in properties.iter().filter(|p| p.values.len() > 1) {
        let items: Vec<String> = property
            .values
            .iter()
            .map(|v| format!("<rdf:li>{}</rdf:li>", escaped(v)))
            .collect();
        let name = name(property);
        text.push_str(&format!(
            "\n<{name}><rdf:Seq>{}</rdf:Seq></{name}>",
            items.concat()
        ));
    }
    text.push_str("\n</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>");
    text
}

/// A short name for every vocabulary: the source's where it is free, else a number.
fn prefixes(properties: &[XmpProperty]) -> BTreeMap<&str, String> {
    let mut prefixes: BTreeMap<&str, String> = BTreeMap::new();
    for property in properties {
        if prefixes.contains_key(property.namespace.as_str()) {
            continue;
        }
        let taken = |p: &str| {
            ["", "x", "rdf", "xml", "xmlns"].contains(&p) || prefixes.values().any(|v| v == p)
        };
        let prefix = match taken(&property.prefix) {
            false => property.prefix.clone(),
            true => format!("ns{}", prefixes.len() + 1),
        };
        prefixes.insert(&property.namespace, prefix);
    }
    prefixes
}

/// Text inside XML; control characters, which XML cannot hold, become blanks.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(namespace: &str, prefix: &str, name: &str, values: &[&str]) -> XmpProperty {
        XmpProperty {
            namespace: namespace.into(),
            prefix: prefix.into(),
            name: name.into(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
        }
    }

    #[test]
    fn an_xml_reader_finds_every_property_under_its_vocabulary() {
        let properties = [
            property("http://a/", "a", "One", &["+1 & <2>"]),
            property("http://b/", "a", "Two", &["x", "y"]),
        ];
        let text = packet(&properties);
        let document = roxmltree::Document::parse(&text).expect("well-formed");
        let description = document
            .descendants()
            .find(|n| n.tag_name().name() == "Description")
            .expect("is there");
        assert_eq!(
            description.attribute(("http://a/", "One")),
            Some("+1 & <2>")
        );
        let items: Vec<_> = description
            .descendants()
            .filter(|n| n.tag_name().name() == "li")
            .filter_map(|n| n.text())
            .collect();
        assert_eq!(items, ["x", "y"]);
        let two = description.first_element_child().expect("a list");
        assert_eq!(two.tag_name().namespace(), Some("http://b/"));
    }
}
