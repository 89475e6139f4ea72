//! What is worth passing on of a file's EXIF and XMP, as stored.
//!
//! In: bytes of a frame's file. Out: [`FileTags`]. A converted frame should still tell
//! photogrammetry where, when and how it was taken, in the maker's own words; so nothing is
//! rounded or understood here. What describes the visible picture (its size, its colours, the
//! maker's notes with their positions in the old file) is left behind.

use super::jpeg::Segments;
use super::kind::Kind;
use super::limits;
use super::xmp::{Packets, proper};
use crate::read::geotiff::text_tag;
use crate::survey::{FileTags, StoredTag, XmpProperty};
use exif::{Context, Exif, In, Value};
use roxmltree::Node;
use std::io::Cursor;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

/// Entries of the main directory: description, maker, model, orientation, date, artist,
/// copyright, DNG's serial number.
const MAIN: [u16; 8] = [
    0x010E, 0x010F, 0x0110, 0x0112, 0x0132, 0x013B, 0x8298, 0xC62F,
];

/// EXIF entries that say something of the visible picture or of positions in the old file:
/// components, bits a pixel, maker's notes, FlashPix, colour space, size, interoperability,
/// padding.
const NOT_EXIF: [u16; 9] = [
    0x9101, 0x9102, 0x927C, 0xA000, 0xA001, 0xA002, 0xA003, 0xA005, 0xEA1C,
];

/// Longest value passed on.
const MAX_BYTES: usize = 4096;

/// Parts of the addresses of vocabularies that say where and how a frame was taken.
const VOCABULARIES: [&str; 6] = [
    "drone-dji",
    "pix4d.com/camera",
    "mavlink",
    "parrot",
    "micasense",
    "flir",
];

/// XMP's own vocabulary, of which the dates are taken.
const BASIC: &str = "http://ns.adobe.com/xap/1.0/";

/// Collects what is worth passing on; empty for files that hold nothing of this kind. What cannot
/// be read is left out: [`header`](super::header) has warned of it.
pub fn tags(bytes: &[u8]) -> FileTags {
    let mut tags = FileTags::default();
    match Kind::of(bytes) {
        Kind::Jpeg => {
            let Ok(segments) = Segments::walk(bytes) else {
                return tags;
            };
            if let Some(Ok(exif)) = segments.exif().map(super::exif::parse) {
                add_exif(&mut tags, &exif);
            }
            add_xmp(&mut tags, segments.xmp());
        }
        Kind::Tiff => {
            if let Ok(exif) = super::exif::parse(bytes) {
                add_exif(&mut tags, &exif);
            }
            if let Ok(mut decoder) = Decoder::new(Cursor::new(bytes)) {
                let packet = decoder.get_tag_u8_vec(Tag::Unknown(700));
                add_xmp(&mut tags, Packets::single(&packet.unwrap_or_default()));
                add_geo(&mut tags, &mut decoder);
            }
        }
        _ => {}
    }
    tags
}

fn add_exif(tags: &mut FileTags, exif: &Exif) {
    for field in exif.fields().filter(|f| f.ifd_num == In::PRIMARY) {
        let number = field.tag.number();
        let list = match field.tag.context() {
            Context::Tiff if MAIN.contains(&number) => &mut tags.main,
            Context::Exif if !NOT_EXIF.contains(&number) => &mut tags.exif,
            Context::Gps => &mut tags.gps,
            _ => continue,
        };
        if let Some(tag) = stored(number, &field.value)
            && tag.bytes.len() <= MAX_BYTES
            && list.iter().all(|t| t.tag != number)
        {
            list.push(tag);
        }
    }
}

/// A value with its numbers in little-endian order.
fn stored(tag: u16, value: &Value) -> Option<StoredTag> {
    macro_rules! numbers {
        ($kind:expr, $values:expr) => {{
            let bytes = $values.iter().flat_map(|v| v.to_le_bytes()).collect();
            StoredTag::new(tag, $kind, $values.len(), bytes)
        }};
    }
    macro_rules! ratios {
        ($kind:expr, $values:expr) => {{
            let flat = $values.iter().flat_map(|v| [v.num, v.denom]);
            let bytes = flat.flat_map(|v| v.to_le_bytes()).collect();
            StoredTag::new(tag, $kind, $values.len(), bytes)
        }};
    }
    Some(match value {
        Value::Byte(v) => StoredTag::bytes(tag, v),
        Value::Ascii(parts) => {
            let mut bytes = parts.join(&0);
            bytes.push(0);
            StoredTag::new(tag, 2, bytes.len(), bytes)
        }
        Value::Short(v) => numbers!(3, v),
        Value::Long(v) => numbers!(4, v),
        Value::Rational(v) => ratios!(5, v),
        Value::SByte(v) => numbers!(6, v),
        Value::Undefined(v, _) => StoredTag::undefined(tag, v),
        Value::SShort(v) => numbers!(8, v),
        Value::SLong(v) => numbers!(9, v),
        Value::SRational(v) => ratios!(10, v),
        Value::Float(v) => numbers!(11, v),
        Value::Double(v) => numbers!(12, v),
        Value::Unknown(..) => return None,
    })
}

fn add_geo(tags: &mut FileTags, decoder: &mut Decoder<Cursor<&[u8]>>) {
    for tag in [
        Tag::ModelPixelScaleTag,
        Tag::ModelTiepointTag,
        Tag::ModelTransformationTag,
        Tag::GeoDoubleParamsTag,
    ] {
        if let Ok(values) = decoder.get_tag_f64_vec(tag) {
            tags.geo.push(StoredTag::doubles(tag.to_u16(), &values));
        }
    }
    if let Ok(keys) = decoder.get_tag_u16_vec(Tag::GeoKeyDirectoryTag) {
        tags.geo
            .push(StoredTag::shorts(Tag::GeoKeyDirectoryTag.to_u16(), &keys));
    }
    if let Ok(Some(text)) = text_tag(decoder, Tag::GeoAsciiParamsTag) {
        tags.geo
            .push(StoredTag::text(Tag::GeoAsciiParamsTag.to_u16(), &text));
    }
}

fn add_xmp(tags: &mut FileTags, packets: Packets<'_>) {
    for packet in packets.documents() {
        let text = String::from_utf8_lossy(&packet);
        let Some(Ok(document)) = proper(&text).map(limits::xml) else {
            continue;
        };
        for node in document.descendants().filter(Node::is_element) {
            for attribute in node.attributes() {
                let value = vec![attribute.value().to_owned()];
                add_property(tags, &node, attribute.namespace(), attribute.name(), value);
            }
            let name = node.tag_name();
            add_property(tags, &node, name.namespace(), name.name(), values(&node));
        }
    }
}

fn add_property(
    tags: &mut FileTags,
    node: &Node<'_, '_>,
    namespace: Option<&str>,
    name: &str,
    values: Vec<String>,
) {
    let Some(namespace) = namespace.filter(|n| wanted(n, name)) else {
        return;
    };
    let known = |p: &XmpProperty| p.namespace == namespace && p.name == name;
    if values.is_empty() || tags.xmp.iter().any(known) {
        return;
    }
    tags.xmp.push(XmpProperty {
        prefix: node.lookup_prefix(namespace).unwrap_or_default().to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        values,
    });
}

fn wanted(namespace: &str, name: &str) -> bool {
    if namespace == BASIC {
        return ["CreateDate", "ModifyDate"].contains(&name);
    }
    let lower = namespace.to_ascii_lowercase();
    // The gain of counts says nothing of temperatures.
    VOCABULARIES.iter().any(|v| lower.contains(v)) && name != "TlinearGain"
}

/// Text of a simple element, or of the items of a list.
fn values(node: &Node<'_, '_>) -> Vec<String> {
    if let Some(text) = node.text().map(str::trim).filter(|t| !t.is_empty()) {
        return vec![text.to_owned()];
    }
    let list = node
        .first_element_child()
        .filter(|l| matches!(l.tag_name().name(), "Seq" | "Bag" | "Alt"));
    list.iter()
        .flat_map(|l| l.children().filter(Node::is_element))
        .filter_map(|item| item.text().map(|t| t.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_written_and_the_gain_of_counts_is_not() {
        let packet = br#"<x xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/"
            xmlns:FLIR="http://www.dji.com/FLIR/1.0/" xmlns:rdf="r" xmlns:o="other"
            drone-dji:RelativeAltitude="+12.795" FLIR:TlinearGain="0.04" o:a="1">
            <FLIR:Band><rdf:Seq><rdf:li>8</rdf:li><rdf:li>14</rdf:li></rdf:Seq></FLIR:Band></x>"#;
        let mut tags = FileTags::default();
        add_xmp(&mut tags, Packets::single(packet));
        let found: Vec<_> = tags
            .xmp
            .iter()
            .map(|p| (p.prefix.as_str(), p.name.as_str(), p.values.join(" ")))
            .collect();
        assert_eq!(
            found,
            [
                ("drone-dji", "RelativeAltitude", "+12.795".to_owned()),
                ("FLIR", "Band", "8 14".to_owned()),
            ]
        );
    }

    #[test]
    fn files_that_hold_nothing_give_nothing() {
        for bytes in [b"".as_slice(), b"FFF\0", b"\xFF\xD8\xFF", b"II*\0"] {
            assert_eq!(tags(bytes), FileTags::default());
        }
    }
}
