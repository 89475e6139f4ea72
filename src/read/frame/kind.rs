//! What a file is, told from its first bytes.

use super::{fff, flat, foreign, irb, irg};
use crate::problem::Problem;

/// Kinds of files a flight folder may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// JPEG, radiometric or not.
    Jpeg,
    /// Classic or big TIFF.
    Tiff,
    /// FLIR block or sequence of blocks.
    Fff,
    /// InfraTec's.
    Irb,
    /// InfiRay's.
    Irg,
    /// Text header of an ENVI raster.
    Envi,
    /// Empty file.
    Empty,
    /// A kind we know and do not read: its name.
    Known(&'static str),
    /// Anything else.
    Unknown,
}

/// First bytes of files that turn up in deliveries and are not read.
const KNOWN: [(&[u8], &str); 7] = [
    (b"\x89PNG", "a PNG picture, which holds no temperatures"),
    (b"GIF8", "a GIF picture, which holds no temperatures"),
    (b"%PDF", "a PDF document"),
    (b"FPF Public Image", "a FLIR FPF file, which is not read"),
    (b"\x1F\x8B", "a gzip archive"),
    (
        b"RIFF",
        "a RIFF file: sound or video, such as Optris .ravi, which is not read",
    ),
    (b"<?xml", "an XML document"),
];

impl Kind {
    /// Tells the kind of a file.
    pub(super) fn of(bytes: &[u8]) -> Kind {
        const TIFFS: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
        if bytes.is_empty() {
            Kind::Empty
        } else if bytes.starts_with(&[0xFF, 0xD8]) {
            Kind::Jpeg
        } else if TIFFS.iter().any(|magic| bytes.starts_with(magic)) {
            Kind::Tiff
        } else if fff::is_fff(bytes) {
            Kind::Fff
        } else if bytes.starts_with(irb::MAGIC) {
            Kind::Irb
        } else if irg::MAGICS.iter().any(|magic| bytes.starts_with(magic)) {
            Kind::Irg
        } else if bytes.starts_with(flat::MAGIC) {
            Kind::Envi
        } else if bytes.starts_with(b"PK\x03\x04") {
            Kind::Known(foreign::archive(bytes))
        } else if bytes.starts_with(b"BM") {
            Kind::Known(foreign::bitmap(bytes))
        } else if bytes.get(4..8) == Some(b"ftyp") {
            Kind::Known("a video or HEIF picture, which holds no temperatures")
        } else {
            KNOWN
                .iter()
                .find(|(magic, _)| bytes.starts_with(magic))
                .map_or(Kind::Unknown, |(_, name)| Kind::Known(name))
        }
    }

    /// The problem of a kind that is not read.
    pub(super) fn refusal(self) -> Problem {
        const HINT: &str = "read are FLIR and DJI radiometric JPEG, FLIR sequences, 16-bit or float \
                            TIFF, ENVI, IRB and IRG: export the frames as one of these";
        match self {
            Kind::Empty => {
                Problem::broken("the file is empty").hint("copy it again from the camera's card")
            }
            Kind::Known(name) => Problem::unsupported(format!("is {name}")).hint(HINT),
            _ => Problem::unsupported("is of no kind of thermal file we know").hint(HINT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_refused_by_name() {
        let what = |bytes: &[u8]| Kind::of(bytes).refusal().what;
        assert!(what(b"\x89PNG\r\n\x1a\n").contains("PNG"));
        assert!(what(b"%PDF-1.7").contains("PDF"));
        assert!(what(b"").contains("empty"));
        assert!(what(b"hello").contains("no kind"));
        assert!(what(b"\0\0\0\x18ftypheic").contains("HEIF"));
    }
}
