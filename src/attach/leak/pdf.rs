//! The text of a PDF: what its pages show, and every string beside them.
//!
//! Read with `hayro-syntax`, which resolves cross-reference streams, object streams and filters.
//! Text shown in a font is read through the font's `ToUnicode` map; alternative descriptions,
//! replacement texts, titles and outlines are strings of objects; metadata is XML. Attachments
//! and layers that can be switched off are not text: a company's file has none, so each is
//! named. Order is that of the file, which is that of reading in tagged files of our own.

use std::collections::BTreeMap;

use hayro_syntax::Pdf;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, MaybeRef, Object, Stream};

use super::unicode_map::UnicodeMap;

/// What a PDF holds for a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) text: String,
    /// Attachments and switchable layers.
    pub(super) hidden: Vec<String>,
}

/// Deepest nesting of arrays and dictionaries that is followed.
const DEEPEST: usize = 40;

/// All text of a PDF.
///
/// # Errors
/// It is no PDF, is encrypted, or has no page.
pub fn pdf_text(bytes: &[u8]) -> Result<String, String> {
    read(bytes).map(|r| r.text)
}

pub(super) fn read(bytes: &[u8]) -> Result<Read, String> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| "is not a PDF that can be read".to_owned())?;
    let mut read = Read::default();
    let mut fonts = Fonts::default();
    for page in pdf.pages().iter() {
        let names = fonts_of(page.raw());
        // Fonts may be inherited from the page tree; the page knows them by name.
        let mut of = |name: &hayro_syntax::object::Name<'_>| {
            names
                .as_ref()
                .and_then(|d| d.get::<Dict<'_>>(name.as_ref()))
                .or_else(|| page.resources().get_font(name))
        };
        if let Some(content) = page.page_stream() {
            shown(content, &mut of, &mut fonts, &mut read);
        }
    }
    for object in pdf.objects() {
        strings(&object, 0, &mut read);
        if let Object::Stream(stream) = &object {
            stream_text(stream, &mut fonts, &mut read);
        }
    }
    read.hidden.sort_unstable();
    read.hidden.dedup();
    Ok(read)
}

/// Maps of fonts met so far, by the place of the map.
#[derive(Default)]
struct Fonts {
    maps: BTreeMap<(i32, i32), UnicodeMap>,
}

impl Fonts {
    fn of(&mut self, font: &Dict<'_>) -> Option<&UnicodeMap> {
        let place = font.get_ref("ToUnicode")?;
        let key = (place.obj_number, place.gen_number);
        if let std::collections::btree_map::Entry::Vacant(slot) = self.maps.entry(key) {
            let stream = font.get::<Stream<'_>>("ToUnicode")?;
            let bytes = stream.decoded().ok()?;
            slot.insert(UnicodeMap::parse(&bytes));
        }
        self.maps.get(&key)
    }
}

fn fonts_of<'a>(owner: &Dict<'a>) -> Option<Dict<'a>> {
    owner.get::<Dict<'a>>("Resources")?.get::<Dict<'a>>("Font")
}

/// The text a content stream shows, a line for every operator that shows text.
fn shown<'a>(
    content: &[u8],
    font_of: &mut dyn FnMut(&hayro_syntax::object::Name<'_>) -> Option<Dict<'a>>,
    fonts: &mut Fonts,
    read: &mut Read,
) {
    let mut instructions = UntypedIter::new(content);
    let mut map: Option<UnicodeMap> = None;
    while let Some(instruction) = instructions.next() {
        let operator: &[u8] = instruction.operator;
        match operator {
            b"Tf" => {
                let name = instruction.operands().find_map(|o| match o {
                    Object::Name(name) => Some(name),
                    _ => None,
                });
                let font = name.and_then(&mut *font_of);
                map = font.and_then(|f| fonts.of(&f).cloned());
            }
            b"Tj" | b"'" | b"\"" | b"TJ" => {
                for operand in instruction.operands() {
                    show(operand, map.as_ref(), &mut read.text);
                }
                read.text.push('\n');
            }
            // Marked content may carry its words beside the glyphs.
            b"BDC" | b"DP" => {
                for operand in instruction.operands() {
                    if let Object::Dict(_) = operand {
                        strings(operand, 0, read);
                    }
                }
            }
            _ => {}
        }
    }
}

fn show(operand: &Object<'_>, map: Option<&UnicodeMap>, text: &mut String) {
    match operand {
        Object::String(string) => match map {
            Some(map) => text.push_str(&map.decode(string.as_bytes())),
            None => text.push_str(&String::from_utf8_lossy(string.as_bytes())),
        },
        Object::Array(array) => {
            for item in array.raw_iter() {
                if let MaybeRef::NotRef(item @ Object::String(_)) = item {
                    show(&item, map, text);
                }
            }
        }
        _ => {}
    }
}

/// Streams that hold text: forms, patterns, metadata. Pictures and fonts hold none.
fn stream_text(stream: &Stream<'_>, fonts: &mut Fonts, read: &mut Read) {
    let dict = stream.dict();
    strings_of(dict, 0, read);
    let is = |key: &str, word: &str| {
        let name = dict.get::<hayro_syntax::object::Name<'_>>(key);
        name.is_some_and(|n| n.as_ref() == word.as_bytes())
    };
    if is("Type", "Metadata") {
        if let Ok(bytes) = stream.decoded() {
            read.text
                .push_str(&super::html::entities(&super::bytes::plain(&bytes)));
            read.text.push('\n');
        }
    } else if is("Subtype", "Form") || dict.contains_key("PatternType") {
        let Ok(bytes) = stream.decoded() else { return };
        let names = fonts_of(dict);
        let mut of = |name: &hayro_syntax::object::Name<'_>| {
            names
                .as_ref()
                .and_then(|d| d.get::<Dict<'_>>(name.as_ref()))
        };
        shown(&bytes, &mut of, fonts, read);
    }
}

fn hidden(dict: &Dict<'_>, read: &mut Read) {
    for (key, what) in [
        ("EmbeddedFiles", "an attachment"),
        ("EF", "an attachment"),
        ("OCProperties", "layers that can be switched off"),
        ("JS", "a script"),
        ("JavaScript", "a script"),
    ] {
        if dict.contains_key(key) {
            read.hidden.push(what.to_owned());
        }
    }
}

/// Every string of an object, in arrays and dictionaries, not through references: the objects
/// themselves are all visited.
fn strings(object: &Object<'_>, depth: usize, read: &mut Read) {
    if depth > DEEPEST {
        return;
    }
    match object {
        Object::String(string) => {
            read.text.push_str(&string_text(string.as_bytes()));
            read.text.push('\n');
        }
        Object::Array(array) => strings_in(array, depth, read),
        Object::Dict(dict) => strings_of(dict, depth, read),
        _ => {}
    }
}

fn strings_in(array: &Array<'_>, depth: usize, read: &mut Read) {
    for item in array.raw_iter() {
        if let MaybeRef::NotRef(item) = item {
            strings(&item, depth + 1, read);
        }
    }
}

fn strings_of(dict: &Dict<'_>, depth: usize, read: &mut Read) {
    hidden(dict, read);
    let mut keys: Vec<_> = dict.keys().collect();
    keys.sort_by(|a, b| a.as_ref().cmp(b.as_ref()));
    for key in keys {
        if let Some(MaybeRef::NotRef(value)) = dict.get_raw::<Object<'_>>(key.as_ref()) {
            strings(&value, depth + 1, read);
        }
    }
}

/// A text string: UTF-16 or UTF-8 behind their marks, else one byte a character (ISO 32000-2,
/// 7.9.2.2; the few bytes in which PDFDocEncoding differs from Latin-1 are signs).
fn string_text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units = rest.chunks_exact(2);
            let units: Vec<u16> = units
                .map(|c| c.iter().fold(0, |sum, b| sum << 8 | u16::from(*b)))
                .collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        bytes => bytes.iter().map(|b| char::from(*b)).collect(),
    }
}
