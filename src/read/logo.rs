//! Logos: PNG, JPEG or SVG, made fit to stand in every sheet.
//!
//! In: the bytes of a file. Out: the bytes to embed. A picture is decoded and written anew as a
//! small PNG: what a camera or a drawing program noted in it (places, names, profiles) stays
//! outside, and a poster does not make every sheet heavy. A drawing stays as it is when nothing in
//! it reaches outside the file.

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

use super::markup;
use crate::problem::{Problem, Result};

/// Largest file, bytes.
pub const LARGEST_FILE: usize = 8 << 20;
/// Largest drawing, bytes: it goes into every sheet as it is.
const LARGEST_DRAWING: usize = 512 << 10;
/// Most text that the entities of a drawing may make, bytes.
const MOST_EXPANDED: usize = 4 << 20;
/// Longest side of a picture that is decoded, pixels.
const LONGEST_SIDE: u32 = 10_000;
/// Memory a picture may take, bytes.
const MOST_MEMORY: u64 = 256 << 20;
/// Size to which pictures are brought: 6.4 mm of height at 1200 dpi, and ten times as wide.
const PRINTED_PX: (u32, u32) = (3000, 300);

/// A logo as it is embedded, with what is odd about it.
///
/// # Errors
/// What is no picture, broken, too large, or a drawing that reaches outside itself.
pub fn logo(bytes: &[u8]) -> Result<(Vec<u8>, Option<Problem>)> {
    if bytes.len() > LARGEST_FILE {
        let found = bytes.len() as f64 / f64::from(1 << 20);
        return Err(
            Problem::unsupported(format!("has {found:.1} MiB, expected at most 8 MiB"))
                .hint("a logo is printed 6.4 mm high: save it smaller, or as SVG"),
        );
    }
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Ok((picture(bytes, ImageFormat::Png)?, None)),
        [0xFF, 0xD8, 0xFF, ..] => Ok((picture(bytes, ImageFormat::Jpeg)?, None)),
        _ => drawing(bytes),
    }
}

fn picture(bytes: &[u8], format: ImageFormat) -> Result<Vec<u8>> {
    let broken = |e: image::ImageError| match e {
        image::ImageError::Limits(_) => Problem::unsupported(format!(
            "is larger than {LONGEST_SIDE} × {LONGEST_SIDE} pixels or {} MiB in memory",
            MOST_MEMORY >> 20
        ))
        .hint("save it smaller: 1000 × 300 pixels are plenty"),
        e => Problem::broken(format!("cannot be decoded ({e})")).hint("export it again"),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let turned = decoder.orientation().map_err(broken)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    image.apply_orientation(turned);
    let (width, height) = PRINTED_PX;
    if image.height() > height || image.width() > width {
        image = image.resize(width, height, image::imageops::FilterType::CatmullRom);
    }
    let image = match image.color().has_alpha() {
        true => DynamicImage::from(image.to_rgba8()),
        false => DynamicImage::from(image.to_rgb8()),
    };
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, ImageFormat::Png).map_err(broken)?;
    Ok(out.into_inner())
}

fn drawing(bytes: &[u8]) -> Result<(Vec<u8>, Option<Problem>)> {
    let unknown = || {
        Problem::unsupported("is neither PNG nor JPEG nor SVG").hint("export it as one of these")
    };
    let text = std::str::from_utf8(bytes).map_err(|_| unknown())?;
    if !text.contains("<svg") {
        return Err(unknown());
    }
    if bytes.len() > LARGEST_DRAWING {
        let what = format!(
            "is an SVG of {} KiB, expected at most {} KiB",
            bytes.len() >> 10,
            LARGEST_DRAWING >> 10
        );
        return Err(
            Problem::unsupported(what).hint("simplify it, or export it as PNG 300 pixels high")
        );
    }
    markup::check(text)
        .and_then(|()| entities(text))
        .map_err(|what| {
            Problem::unsupported(what)
                .hint("simplify the drawing, or export it as PNG 300 pixels high")
        })?;
    let options = roxmltree::ParsingOptions {
        // Drawing programs write a document type; what it names is not fetched.
        allow_dtd: true,
        nodes_limit: 100_000,
        ..Default::default()
    };
    let document = roxmltree::Document::parse_with_options(text, options)
        .map_err(|e| Problem::broken(format!("is no well-formed SVG ({e})")))?;
    if document.root_element().tag_name().name() != "svg" {
        return Err(unknown());
    }
    if let Some(what) = document.descendants().find_map(reaches_outside) {
        return Err(
            Problem::unsupported(format!("{what}, and an SVG must be complete in itself"))
                .hint("embed linked pictures in the drawing program, or export it as PNG"),
        );
    }
    let has_text = document
        .descendants()
        .any(|n| n.tag_name().name() == "text");
    let warning = has_text.then(|| {
        Problem::setting("holds text, which is set in Inter whatever its typeface")
            .hint("turn text into paths in the drawing program")
    });
    Ok((bytes.to_vec(), warning))
}

/// Bounds what the entities of a document type make: drawing programs give short names to addresses
/// with them, a hostile file makes gigabytes.
fn entities(text: &str) -> std::result::Result<(), String> {
    let mut longest = 0;
    for (at, mark) in text.match_indices("<!ENTITY") {
        let behind = text.get(at + mark.len()..).unwrap_or_default();
        let quote = behind.find(['"', '\'']);
        let value = quote.and_then(|at| behind.get(at..)).and_then(|quoted| {
            let (sign, rest) = quoted.split_at_checked(1)?;
            rest.split(sign).next()
        });
        let value = value.unwrap_or_default();
        if value.contains('&') {
            return Err("has entities made of others".to_owned());
        }
        longest = longest.max(value.len());
    }
    let made = text.matches('&').count().saturating_mul(longest);
    if made > MOST_EXPANDED {
        return Err(format!(
            "has entities that make up to {} MiB of text, expected at most {}",
            made >> 20,
            MOST_EXPANDED >> 20
        ));
    }
    Ok(())
}

/// What in a node of a drawing would need another file, or runs.
fn reaches_outside(node: roxmltree::Node<'_, '_>) -> Option<String> {
    let name = node.tag_name().name();
    if matches!(name, "script" | "foreignObject" | "iframe") {
        return Some(format!("holds <{name}>"));
    }
    for attribute in node.attributes() {
        let value = attribute.value().trim();
        let linked = attribute.name() == "href" && !inside(value) && name != "a";
        if linked || links_by_style(value) {
            let shown: String = value.chars().take(60).collect();
            return Some(format!("links to \"{shown}\""));
        }
    }
    let style = name == "style"
        && node
            .text()
            .is_some_and(|t| t.contains("@import") || links_by_style(t));
    style.then(|| "links to another style sheet".to_owned())
}

/// Whether a reference stays within the file.
fn inside(reference: &str) -> bool {
    let data = ["data:image/png", "data:image/jpeg", "data:image/jpg"];
    reference.is_empty()
        || reference.starts_with('#')
        || data.iter().any(|d| reference.starts_with(d))
}

/// Whether a `url(…)` of a style names anything but a part of the drawing.
fn links_by_style(style: &str) -> bool {
    style.split("url(").skip(1).any(|rest| {
        let target = rest.trim_start_matches([' ', '"', '\'']);
        !inside(target)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        let image = DynamicImage::new_rgba8(width, height);
        image.write_to(&mut out, ImageFormat::Png).expect("writes");
        out.into_inner()
    }

    #[test]
    fn a_large_picture_is_brought_to_the_size_printed() {
        let (made, warning) = logo(&png(2400, 1200)).expect("a picture");
        let image = image::load_from_memory(&made).expect("decodes");
        assert_eq!((image.width(), image.height()), (600, 300));
        assert_eq!(warning, None);
    }

    #[test]
    fn a_picture_of_a_huge_size_or_cut_off_is_refused_by_name() {
        let mut bytes = png(4, 4);
        bytes[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        assert!(logo(&bytes).is_err());
        let cut = png(400, 400);
        let problem = logo(&cut[..cut.len() / 2]).expect_err("cut off");
        assert!(problem.what.contains("cannot be decoded"), "{problem}");
        let problem = logo(b"GIF89a").expect_err("another kind");
        assert!(problem.what.contains("neither PNG"), "{problem}");
        assert!(logo(&vec![0x89; LARGEST_FILE + 1]).is_err());
    }

    #[test]
    fn entities_of_drawing_programs_are_read_and_those_without_measure_refused() {
        let svg = |entity: &str, inner: &str| {
            format!("<!DOCTYPE svg [<!ENTITY a \"{entity}\">]><svg>{inner}</svg>")
        };
        let address = svg("http://ns.adobe.com/Graphs/1.0/", "<g id=\"&a;\"/>");
        assert!(logo(address.as_bytes()).is_ok());
        for hostile in [
            svg(&"a".repeat(50_000), &"<g id=\"&a;\"/>".repeat(1000)),
            svg(&"a".repeat(50_000), &"<t>&a;</t>".repeat(1000)),
            svg("a", &"<g>".repeat(1000)),
        ] {
            let problem = logo(hostile.as_bytes()).expect_err("without measure");
            assert_eq!(problem.kind, crate::problem::Kind::Unsupported, "{problem}");
        }
        let nested = "<!DOCTYPE svg [<!ENTITY a \"aa\"><!ENTITY b '&a;&a;'>]><svg>&b;</svg>";
        assert!(logo(nested.as_bytes()).is_err());
    }

    #[test]
    fn a_drawing_that_reaches_outside_is_refused() {
        let svg = |inner: &str| {
            format!(
                "<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x.dtd\">\
                 <svg xmlns=\"http://www.w3.org/2000/svg\" \
                 xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 9 9\">{inner}</svg>"
            )
        };
        for inner in [
            "<image href=\"file:///etc/passwd\"/>",
            "<image xlink:href=\"../other.png\"/>",
            "<use href=\"https://example.com/a.svg#b\"/>",
            "<rect style=\"fill:url('http://example.com/x')\"/>",
            "<style>@import 'x.css';</style>",
            "<script>1</script>",
        ] {
            assert!(logo(svg(inner).as_bytes()).is_err(), "{inner}");
        }
        for inner in [
            "<rect fill=\"url(#g)\"/><use href=\"#g\"/>",
            "<image href=\"data:image/png;base64,AA==\"/>",
        ] {
            assert!(logo(svg(inner).as_bytes()).is_ok(), "{inner}");
        }
        let (_, warning) = logo(svg("<text>A</text>").as_bytes()).expect("a drawing");
        assert!(warning.is_some());
    }
}
