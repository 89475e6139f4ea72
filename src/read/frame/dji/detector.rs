//! Which detector core wrote a file, and why most of them are refused.
//!
//! In: the parameter block and the number of bytes of samples. Out: the core.
//!
//! Four letters after a fixed mark name the core; three older cameras have no mark and are known
//! by the shape of their blocks (formats.md §3.1). Only the iirp core stores temperatures. The
//! others store counts that run through a table with an offset that drifts with the temperature
//! of sensor and shutter from frame to frame; how the maker's library finds that offset is not
//! public (formats.md §3.4). Dividing those counts by 16, as published scripts do, is off by tens
//! of kelvin.

use super::super::bytes::Order;
use crate::problem::Problem;

/// What stands in front of the four letters.
const MARK: &[u8] = &[0xFF, 0xD2, 0xD1, 0xFF];
/// First bytes of the H20T's parameters.
const DIRP: &[u8] = &[0xAA, 0x55, 0x12, 0x06];
/// Parameters of a Mavic 2 Enterprise Advanced, which name no core.
const UNTAGGED_IIRP: usize = 224;
/// The XT S keeps its samples among the parameters, 640 x 512, and a table where others have
/// their samples.
const XTS: (usize, usize) = (655_360, 32_768);
/// Parameters of the girp files that the maker's own library opens; it refuses one with 428.
const GIRP: usize = 316;

/// A detector core by the name its files use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Detector {
    /// InfiRay: the one whose counts are temperatures.
    Iirp,
    /// H20T, and the XT S with its other layout.
    Dirp,
    /// Guide, in early M30T.
    Girp,
    /// Hikmicro, in some M3TD and M4T.
    Hirp,
    /// A name we have not met.
    Other(String),
}

/// What a file's segments hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    /// Bytes in APP3.
    pub(super) samples: usize,
    /// APP4.
    pub(super) parameters: &'a [u8],
}

impl Detector {
    /// `None` where nothing points to a core of DJI's.
    pub(super) fn of(found: &Found<'_>) -> Option<Self> {
        let block = found.parameters;
        if let Some(name) = name(block) {
            Some(match name {
                b"iirp" => Detector::Iirp,
                b"dirp" => Detector::Dirp,
                b"girp" => Detector::Girp,
                b"hirp" => Detector::Hirp,
                _ => Detector::Other(String::from_utf8_lossy(name).into_owned()),
            })
        } else if block.starts_with(DIRP) || (block.len(), found.samples) == XTS {
            Some(Detector::Dirp)
        } else if block.len() == UNTAGGED_IIRP && is_temperature(block) {
            Some(Detector::Iirp)
        } else {
            None
        }
    }

    /// The problem of a core that is not read.
    pub(super) fn refusal(&self, found: &Found<'_>) -> Problem {
        let (name, why) = match self {
            Detector::Iirp => ("iirp", ""),
            Detector::Dirp => ("dirp", DRIFT),
            Detector::Girp => ("girp", DRIFT),
            Detector::Hirp => (
                "hirp",
                "the scale of its counts changes with the gain mode and is not public",
            ),
            Detector::Other(name) => (
                name.as_str(),
                "how its counts become temperatures is unknown",
            ),
        };
        let length = found.parameters.len();
        let doubt = if *self == Detector::Girp && length != GIRP {
            format!(
                "; its parameter block has {length} bytes, expected {GIRP}: not radiometric even \
                 for the maker's library, edited or exported"
            )
        } else {
            String::new()
        };
        Problem::unsupported(format!(
            "DJI radiometric JPEG ({name} core): {why}; no absolute temperatures can be had \
             without the maker's library{doubt}"
        ))
        .field("APP4")
        .hint(
            "convert the frames to TIFF (°C, float32) with the maker's own tool (DJI Thermal \
             Analysis Tool or Thermal SDK), keeping EXIF and XMP",
        )
    }
}

const DRIFT: &str = "the offset of its counts drifts from frame to frame and is not stored openly";

/// The four letters.
fn name(block: &[u8]) -> Option<&[u8]> {
    block
        .strip_prefix(MARK)?
        .get(..4)
        .filter(|name| name.iter().all(u8::is_ascii_lowercase))
}

/// Whether an untagged block begins with an ambient temperature.
fn is_temperature(block: &[u8]) -> bool {
    Order::Little
        .f32(block, 0)
        .is_some_and(|c| (-100.0..200.0).contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: usize, parameters: &[u8]) -> Option<Detector> {
        Detector::of(&Found {
            samples,
            parameters,
        })
    }

    #[test]
    fn the_parameter_block_tells_the_core() {
        let tagged = |name: &[u8]| [MARK, name, &[0; 8]].concat();
        assert_eq!(of(655_360, &tagged(b"iirp")), Some(Detector::Iirp));
        assert_eq!(of(655_360, &tagged(b"girp")), Some(Detector::Girp));
        assert_eq!(of(655_360, &tagged(b"hirp")), Some(Detector::Hirp));
        let new = Detector::Other("zirp".into());
        assert_eq!(of(655_360, &tagged(b"zirp")), Some(new));
        assert_eq!(of(655_360, &[DIRP, &[0; 8]].concat()), Some(Detector::Dirp));
        assert_eq!(of(32_768, &vec![1; 655_360]), Some(Detector::Dirp));
        let untagged = [&25.0_f32.to_le_bytes()[..], &[0; 220]].concat();
        assert_eq!(of(655_360, &untagged), Some(Detector::Iirp));
        assert_eq!(of(655_360, &[0xFF; 224]), None);
        assert_eq!(of(0, &[]), None);
        assert_eq!(of(0, MARK), None);
    }

    #[test]
    fn a_refusal_names_the_core_and_what_to_do() {
        let parameters = [MARK, b"girp", &[0; 420]].concat();
        let problem = Detector::Girp.refusal(&Found {
            samples: 655_360,
            parameters: &parameters,
        });
        assert!(problem.what.contains("girp core"), "{problem}");
        assert!(
            problem.what.contains("428 bytes, expected 316"),
            "{problem}"
        );
        assert!(problem.hint.expect("what to do").contains("TIFF"));
    }
}
