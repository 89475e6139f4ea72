//! Ordinary photos taken beside thermograms: when, and how the camera was held.

use super::exif::ExifFacts;
use super::jpeg::Segments;
use jiff::civil::DateTime;

/// What an ordinary photo says of itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhotoFacts {
    /// EXIF orientation, 1–8.
    pub orientation: u8,
    /// The camera's clock, without zone.
    pub local: Option<DateTime>,
}

/// Reads the EXIF of a JPEG; upright and without time where there is none.
pub fn photo(bytes: &[u8]) -> PhotoFacts {
    let exif = Segments::walk(bytes).ok().and_then(|segments| {
        let exif = segments.exif()?;
        Some(ExifFacts::read(exif, &mut Vec::new()))
    });
    PhotoFacts {
        orientation: exif.as_ref().and_then(|e| e.orientation).unwrap_or(1),
        local: exif.and_then(|e| e.local),
    }
}
