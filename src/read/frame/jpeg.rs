//! Segments of a JPEG up to its scan; nothing of the picture itself is decoded.
//!
//! In: bytes of the file. Out: EXIF, XMP and the reassembled FLIR block, as far as present.
//!
//! A camera's JPEG is a carrier: the visible picture is a coloured copy, often of another size,
//! and of no use for measuring. ITU-T T.81 annex B: every segment before the scan has a marker
//! and a length that includes itself.

use super::limits::MAX_SEGMENTS;
use super::xmp;
use crate::problem::{Problem, Result};

const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;
const APP1: u8 = 0xE1;

const EXIF: &[u8] = b"Exif\0";
const FLIR: &[u8] = b"FLIR\0";

/// One segment: marker and payload without marker and length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    pub(super) payload: &'a [u8],
}

/// All segments in front of the scan.
#[derive(Debug)]
pub(super) struct Segments<'a>(Vec<Segment<'a>>);

impl<'a> Segments<'a> {
    /// Walks from the start of the image to the start of the scan.
    ///
    /// Errors name the byte offset of the segment that is shorter than its own length field or
    /// runs past the end of the file.
    pub(super) fn walk(bytes: &'a [u8]) -> Result<Self> {
        let mut segments = Vec::new();
        let mut at = 2;
        loop {
            let Some(&[lead, marker]) = bytes.get(at..at + 2) else {
                return Err(fault(at, "the file ends before the picture begins"));
            };
            if lead != 0xFF {
                return Err(fault(at, format!("byte {lead:#04X}, expected a marker")));
            }
            match marker {
                // A marker may be preceded by any number of fill bytes.
                0xFF => at += 1,
                // Stand-alone markers carry no length.
                0x01 | 0xD0..=0xD8 => at += 2,
                START_OF_SCAN | END_OF_IMAGE => return Ok(Self(segments)),
                _ if segments.len() == MAX_SEGMENTS => {
                    return Err(fault(at, format!("more than {MAX_SEGMENTS} segments")));
                }
                _ => {
                    let payload = payload(bytes, at)?;
                    segments.push(Segment { marker, payload });
                    at += 4 + payload.len();
                }
            }
        }
    }

    /// Payloads of one kind of application segment, in file order.
    pub(super) fn of(&self, marker: u8) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.0
            .iter()
            .filter(move |s| s.marker == marker)
            .map(|s| s.payload)
    }

    /// The EXIF block: a TIFF structure.
    pub(super) fn exif(&self) -> Option<&'a [u8]> {
        self.of(APP1).find_map(|p| {
            // A zero byte pads the identification.
            p.strip_prefix(EXIF).and_then(|rest| rest.get(1..))
        })
    }

    /// Whether a packet of XMP holds a word.
    pub(super) fn xmp_mentions(&self, word: &[u8]) -> bool {
        let xmp = self
            .of(APP1)
            .filter(|p| p.starts_with(b"http://ns.adobe.com/"));
        xmp.into_iter()
            .any(|p| p.windows(word.len()).any(|w| w == word))
    }

    /// The XMP packets.
    pub(super) fn xmp(&self) -> xmp::Packets<'a> {
        let mut packets = xmp::Packets::default();
        self.of(APP1).for_each(|p| packets.add_segment(p));
        packets
    }

    /// The FLIR block, its pieces put together by their index; `None` when there is none.
    ///
    /// Every index from 0 to the stated last one must occur exactly once.
    pub(super) fn flir(&self) -> Result<Option<Vec<u8>>> {
        let mut pieces: Vec<Option<&[u8]>> = Vec::new();
        for payload in self.of(APP1).filter(|p| p.starts_with(FLIR)) {
            let Some((&[_version, index, last], data)) = payload[FLIR.len()..].split_first_chunk()
            else {
                return Err(flir_fault("a piece ends inside its own head"));
            };
            if pieces.is_empty() {
                pieces = vec![None; usize::from(last) + 1];
            } else if pieces.len() != usize::from(last) + 1 {
                let first = pieces.len() - 1;
                return Err(flir_fault(format!(
                    "the last index is {last} in one piece and {first} in another"
                )));
            }
            match pieces.get_mut(usize::from(index)) {
                None => {
                    return Err(flir_fault(format!(
                        "piece {index} is beyond the last {last}"
                    )));
                }
                Some(Some(_)) => return Err(flir_fault(format!("piece {index} occurs twice"))),
                Some(slot) => *slot = Some(data),
            }
        }
        if pieces.is_empty() {
            return Ok(None);
        }
        if let Some(missing) = pieces.iter().position(Option::is_none) {
            let all = pieces.len();
            return Err(flir_fault(format!("piece {missing} of {all} is missing")));
        }
        let pieces: Vec<&[u8]> = pieces.into_iter().flatten().collect();
        Ok(Some(pieces.concat()))
    }
}

/// The payload of the segment whose marker stands at `at`.
fn payload(bytes: &[u8], at: usize) -> Result<&[u8]> {
    let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
        return Err(fault(at, "the file ends inside a segment's length"));
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length < 2 {
        return Err(fault(at, format!("segment length {length}, expected >= 2")));
    }
    bytes.get(at + 4..at + 2 + length).ok_or_else(|| {
        let left = bytes.len() - (at + 2);
        fault(
            at,
            format!("segment of {length} bytes, but only {left} are left in the file"),
        )
    })
}

fn fault(at: usize, what: impl Into<String>) -> Problem {
    Problem::broken(what)
        .field(format!("JPEG segment at byte {at}"))
        .hint("the file is damaged or cut off: copy it again from the camera's card")
}

fn flir_fault(what: impl Into<String>) -> Problem {
    Problem::broken(what).field("FLIR segments").hint(
        "the thermal data in the JPEG is incomplete: copy the file again from the camera's card",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        for (marker, payload) in segments {
            bytes.extend([0xFF, *marker]);
            bytes.extend((payload.len() as u16 + 2).to_be_bytes());
            bytes.extend(payload);
        }
        bytes.extend([0xFF, START_OF_SCAN]);
        bytes
    }

    fn piece(index: u8, last: u8, data: &[u8]) -> (u8, Vec<u8>) {
        let mut payload = FLIR.to_vec();
        payload.extend([1, index, last]);
        payload.extend(data);
        (APP1, payload)
    }

    fn flir(segments: &[(u8, Vec<u8>)]) -> Result<Option<Vec<u8>>> {
        Segments::walk(&jpeg(segments))?.flir()
    }

    #[test]
    fn pieces_are_put_together_by_index_and_not_by_file_order() {
        let block = flir(&[piece(1, 1, b"cd"), piece(0, 1, b"ab")]).expect("complete");
        assert_eq!(block.as_deref(), Some(b"abcd".as_slice()));
    }

    #[test]
    fn a_missing_a_doubled_and_a_stray_piece_are_named() {
        let missing = flir(&[piece(0, 2, b""), piece(2, 2, b"")]).expect_err("piece 1 is missing");
        assert!(missing.what.contains("piece 1 of 3"), "{missing}");
        let twice = flir(&[piece(0, 1, b""), piece(0, 1, b"")]).expect_err("piece 0 twice");
        assert!(twice.what.contains("piece 0 occurs twice"), "{twice}");
        let stray = flir(&[piece(3, 1, b"")]).expect_err("piece 3 of 2");
        assert!(stray.what.contains("piece 3"), "{stray}");
        assert!(flir(&[piece(0, 1, b""), piece(1, 2, b"")]).is_err());
    }

    #[test]
    fn a_length_below_two_is_an_error_that_names_the_byte() {
        let bytes = [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0, 0];
        let problem = Segments::walk(&bytes).expect_err("length 1");
        assert_eq!(problem.field.as_deref(), Some("JPEG segment at byte 2"));
    }

    #[test]
    fn a_segment_past_the_end_is_an_error_that_names_the_byte() {
        let bytes = [0xFF, 0xD8, 0xFF, 0xE0, 0, 2, 0xFF, 0xE1, 0, 99, 0];
        let problem = Segments::walk(&bytes).expect_err("99 bytes are not there");
        assert_eq!(problem.field.as_deref(), Some("JPEG segment at byte 6"));
    }

    #[test]
    fn fill_bytes_before_a_marker_are_skipped() {
        let bytes = [
            0xFF,
            0xD8,
            0xFF,
            0xFF,
            0xFF,
            0xE0,
            0,
            3,
            7,
            0xFF,
            START_OF_SCAN,
        ];
        let segments = Segments::walk(&bytes).expect("fill bytes are legal");
        assert_eq!(segments.of(0xE0).next(), Some([7].as_slice()));
    }
}
