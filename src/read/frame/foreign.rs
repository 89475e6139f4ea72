//! Files of other makers, told by their content and refused by name with what to do.
//!
//! In: a JPEG in which neither FLIR's nor DJI's thermal data is found, or the first bytes of other
//! files. Out: the problem. Marks are those of formats.md §5; no sample of these formats could be
//! had, so nothing of them is guessed at.

use super::exif::ExifFacts;
use super::jpeg::Segments;
use crate::problem::Problem;

const APP3: u8 = 0xE3;
/// APP3 segments of this many bytes hold pictures, not tags.
const FRAME_BYTES: usize = 10_000;
/// How far from its end a file is searched for a block behind the picture.
const TAIL: usize = 4 << 20;
/// How far into an archive names of its files are looked for.
const NAMES: usize = 1 << 16;

/// Makers by a part of EXIF's name, in small letters: what the file is, and what to do.
const MAKERS: [(&str, &str, &str); 12] = [
    (
        "autel",
        "an Autel radiometric JPEG, whose layout is not public",
        "export the flight as TIFF in °C from Autel's own program; .irg files of its cameras are read",
    ),
    (
        "parrot",
        "a Parrot thermal JPEG (Anafi Thermal or USA), whose samples are not read",
        "export the flight as TIFF in °C with a program that reads Parrot's pictures",
    ),
    (
        "yuneec",
        "a Yuneec JPEG (E10T, CGOET), whose layout is not public",
        "set the camera to store TIFF beside the JPEG, and use those",
    ),
    ("hikmicro", HIKMICRO, FROM_THE_MAKER),
    ("hikvision", HIKMICRO, FROM_THE_MAKER),
    (
        "guide",
        "a Guide JPEG, whose layout is not public",
        FROM_THE_MAKER,
    ),
    (
        "testo",
        "a Testo picture, whose radiometry is not public",
        FROM_THE_MAKER,
    ),
    (
        "fluke",
        "a Fluke picture without thermal samples",
        FROM_THE_MAKER,
    ),
    (
        "optris",
        "an Optris picture, whose layout is not public",
        FROM_THE_MAKER,
    ),
    (
        "seek",
        "a Seek picture, whose layout is not public",
        FROM_THE_MAKER,
    ),
    (
        "infratec",
        "an InfraTec picture without thermal samples",
        "use the .irb file the camera stored, which is read",
    ),
    (
        "flir",
        "a FLIR picture without thermal samples: exported without radiometric data, or of the \
         visible camera: not radiometric",
        "export again as \"radiometric JPEG\", or move pictures of the visible camera out of the \
         flight's folder",
    ),
];
const HIKMICRO: &str = "a Hikmicro JPEG, whose layout is not public";
const FROM_THE_MAKER: &str = "export the temperatures from the maker's program as TIFF in °C";

/// The refusal of a JPEG without samples we can read.
pub(super) fn jpeg(bytes: &[u8], segments: &Segments<'_>, exif: &ExifFacts) -> Problem {
    let refused = |what: &str, hint: &str| Problem::unsupported(format!("is {what}")).hint(hint);
    let make = [exif.make.as_str(), " ", exif.model.as_str()]
        .concat()
        .to_lowercase();
    // Marks in the file come before names: a maker's name may be anything.
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    if holds(tail, b"HDRI") && !make.contains("guide") {
        return refused(HIKMICRO, FROM_THE_MAKER);
    }
    if segments.xmp_mentions(b"drone-parrot") {
        let (_, what, hint) = MAKERS[1];
        return refused(what, hint);
    }
    if let Some((_, what, hint)) = MAKERS.iter().find(|(part, _, _)| make.contains(part)) {
        return refused(what, hint);
    }
    let frames: usize = segments.of(APP3).map(<[u8]>::len).sum();
    if frames >= FRAME_BYTES {
        return refused(
            "a JPEG of a telephone's thermal camera (InfiRay or Thermal Master P2), whose layout \
             is not certain",
            FROM_THE_MAKER,
        );
    }
    Problem::unsupported("is a JPEG without thermal samples: not radiometric").hint(
        "export again as \"radiometric JPEG\", or move pictures of the visible camera out of the \
         flight's folder",
    )
}

/// What an archive is that holds files of the given names in its first bytes.
pub(super) fn archive(bytes: &[u8]) -> &'static str {
    let names = &bytes[..bytes.len().min(NAMES)];
    let fluke = [&b"IR.data"[..], b"CalTempData", b"CameraInfo"];
    match fluke.iter().any(|name| holds(names, name)) {
        true => {
            "a Fluke IS2 file, whose calibration is not public: export it from SmartView as TIFF or CSV"
        }
        false => "a ZIP archive: unpack it",
    }
}

/// What a BMP is: Testo's files are two of them, one behind the other.
pub(super) fn bitmap(bytes: &[u8]) -> &'static str {
    let length = bytes.get(2..6).and_then(|b| <[u8; 4]>::try_from(b).ok());
    let second = length.map(|b| u32::from_le_bytes(b) as usize);
    let two =
        second.is_some_and(|at| at > 14 && bytes.get(at..at.saturating_add(2)) == Some(b"BM"));
    match two {
        true => {
            "a Testo BMT picture, whose radiometry is not public: export it from IRSoft as TIFF or CSV"
        }
        false => "a BMP picture, which holds no temperatures",
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(segments: &[(u8, &[u8])], behind: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        for (marker, payload) in segments {
            bytes.extend([0xFF, *marker]);
            bytes.extend((payload.len() as u16 + 2).to_be_bytes());
            bytes.extend(*payload);
        }
        bytes.extend([0xFF, 0xDA, 0, 2]);
        bytes.extend(behind);
        bytes
    }

    fn refusal(bytes: &[u8], make: &str) -> Problem {
        let segments = Segments::walk(bytes).expect("whole segments");
        let exif = ExifFacts {
            make: make.to_owned(),
            ..ExifFacts::default()
        };
        jpeg(bytes, &segments, &exif)
    }

    #[test]
    fn makers_are_named_and_every_refusal_says_what_to_do() {
        let plain = picture(&[], b"");
        for (make, word) in [
            ("Autel Robotics", "Autel"),
            ("PARROT", "Parrot"),
            ("Yuneec", "Yuneec"),
            ("HIKMICRO", "Hikmicro"),
            ("Wuhan Guide", "Guide"),
            ("testo AG", "Testo"),
            ("Fluke Thermography", "Fluke"),
            ("FLIR Systems AB", "FLIR"),
            ("SONY", "not radiometric"),
        ] {
            let problem = refusal(&plain, make);
            assert!(problem.what.contains(word), "{make}: {problem}");
            assert!(problem.hint.is_some(), "{make}");
        }
    }

    #[test]
    fn marks_in_the_file_are_known_without_a_makers_name() {
        let xmp = b"http://ns.adobe.com/xap/1.0/\0<x xmlns:drone-parrot=\"p\"/>";
        assert!(
            refusal(&picture(&[(0xE1, xmp)], b""), "")
                .what
                .contains("Parrot")
        );
        assert!(
            refusal(&picture(&[], b"..HDRI.."), "")
                .what
                .contains("Hikmicro")
        );
        let phone = picture(&[(APP3, &[7; 20_000])], b"");
        assert!(refusal(&phone, "").what.contains("P2"));
    }

    #[test]
    fn archives_and_bitmaps_are_told_by_what_is_in_them() {
        assert!(archive(b"PK\x03\x04....Images/Main/IR.data").contains("Fluke"));
        assert!(archive(b"PK\x03\x04....photos/a.jpg").contains("ZIP"));
        let mut two = b"BM\x14\0\0\0".to_vec();
        two.resize(20, 0);
        two.extend(b"BM");
        assert!(bitmap(&two).contains("Testo"));
        assert!(bitmap(&two[..20]).contains("BMP"));
        assert!(bitmap(b"BM").contains("BMP"));
    }
}
