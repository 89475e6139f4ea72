//! Map pages: one HTML file each that opens from disk, without a server and without network.
//!
//! The page is a fixed skeleton with Leaflet (BSD-2-Clause, `leaflet/`, as released), our own
//! style and script, and what [`crate::report::map_page`] says as JSON that no program runs. A
//! policy in its head names the digests of exactly these two scripts and two styles, so that
//! nothing else runs or loads, whatever a company is called.
//!
//! Not here: what stands on a page (`report::map_page`).

mod cells;

pub use cells::{pack, unpack};

use super::markup::escaped;
use crate::report::map_page::{Layer, MapPage};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

const LEAFLET_JS: &str = include_str!("leaflet/leaflet.js");
const LEAFLET_CSS: &str = include_str!("leaflet/leaflet.css");
const LEAFLET_LICENCE: &str = include_str!("leaflet/LICENSE");
const PAGE_JS: &str = include_str!("page.js");
const PAGE_CSS: &str = include_str!("page.css");
const BODY: &str = include_str!("body.html");

/// Where the skeleton takes the licence.
const LICENCE_PLACE: &str = "{{licence}}";
/// Stands before the data of a page, and behind it.
const DATA: [&str; 2] = [
    "<script type=\"application/json\" id=\"data\">",
    "</script>",
];

/// What a page holds as JSON.
#[derive(Serialize)]
struct Data<'a> {
    #[serde(flatten)]
    page: &'a MapPage,
    /// 256 colours as letters.
    palette: String,
}

/// The page as HTML.
pub fn html(page: &MapPage) -> String {
    let leaflet_css = leaflet_css();
    let data = Data {
        page,
        palette: cells::letters(&page.palette.concat()),
    };
    // Texts, finite numbers and lists of them always serialise.
    let json = serde_json::to_string(&data).unwrap_or_default();
    let title = [&page.title, &page.subject, &page.campaign];
    let title: Vec<&str> = title
        .into_iter()
        .map(String::as_str)
        .filter(|t| !t.is_empty())
        .collect();
    let title = title.join(" – ");
    let mut text = String::with_capacity(json.len() + 200_000);
    // Writing into a text does not fail.
    let _ = write!(
        text,
        "<!doctype html>\n<html lang=\"{}\">\n{}{}\">\n<title>{}</title>\n\
         <style>{leaflet_css}</style>\n<style>{PAGE_CSS}</style>\n</head>\n<body>\n",
        escaped(&page.language),
        head(),
        escaped(&page.program),
        escaped(&title),
    );
    text.push_str(&body());
    let [before, behind] = DATA;
    let _ = write!(
        text,
        "\n<noscript><p>{}</p></noscript>\n{before}{}{behind}\n\
         <script>{}</script>\n<script>{PAGE_JS}</script>\n</body>\n</html>\n",
        escaped(page.words.no_script),
        inert(&json),
        leaflet_js(),
    );
    text
}

/// The head of every page, up to the name of the program.
fn head() -> String {
    let leaflet_css = leaflet_css();
    let scripts = [leaflet_js(), PAGE_JS].map(source);
    let styles = [leaflet_css.as_str(), PAGE_CSS].map(source);
    format!(
        "<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src {}; \
         style-src {}; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"",
        scripts.join(" "),
        styles.join(" "),
    )
}

/// The flights of a page that [`html`] made; `None` for anything else.
pub fn layers(html: &str) -> Option<Vec<Layer>> {
    #[derive(Deserialize)]
    struct Read {
        layers: Vec<Layer>,
    }
    let (_, rest) = html.split_once(DATA[0])?;
    let (json, _) = rest.split_once(DATA[1])?;
    let read: Read = serde_json::from_str(json).ok()?;
    Some(read.layers)
}

/// The parts that are the same in every page: words in them are the program's and tell of nobody.
pub fn fixed_parts() -> Vec<String> {
    let leaflet_css = leaflet_css();
    let parts = [leaflet_js(), leaflet_css.as_str(), PAGE_JS, PAGE_CSS];
    let mut parts = parts.map(str::to_owned).to_vec();
    parts.extend([head(), body()]);
    parts
}

/// Without the line that names the map of its source, a file beside it that is not there.
fn leaflet_js() -> &'static str {
    let end = LEAFLET_JS
        .find("//# sourceMappingURL")
        .unwrap_or(LEAFLET_JS.len());
    LEAFLET_JS[..end].trim_end()
}

/// With the line ends a browser reads: the digest in the policy is of what it reads.
fn leaflet_css() -> String {
    LEAFLET_CSS.replace("\r\n", "\n")
}

fn body() -> String {
    BODY.replace(
        LICENCE_PLACE,
        &escaped(&LEAFLET_LICENCE.trim().replace("\r\n", "\n")),
    )
}

/// Digest of a script or style, as a policy names it.
fn source(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let held = three
            .iter()
            .fold(0_u32, |held, b| (held << 8) | u32::from(*b));
        let held = held << (8 * (3 - three.len()));
        for sign in 0..4 {
            match sign <= three.len() {
                true => text.push(char::from(SIGNS[(held >> (18 - 6 * sign)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

/// JSON that cannot end the element it stands in, nor begin another.
fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing into a text does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
