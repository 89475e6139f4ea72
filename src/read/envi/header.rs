//! The text header of an ENVI file.
//!
//! In: bytes of a `.hdr`. Out: size, type and order of the samples, what they mean and where they
//! lie. Layout: formats.md §4 and the published description of the format: `key = value` lines,
//! lists in braces over several lines, keys in either case.

use super::place::{Place, place};
use crate::problem::{Problem, Result};
use std::collections::BTreeMap;

/// Longest header; those of hyperspectral scanners have some tens of kilobytes.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Type of the samples, ENVI's numbers 1, 2, 4, 5, 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 8-bit unsigned.
    U8,
    /// 16-bit signed.
    I16,
    /// 16-bit unsigned.
    U16,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

impl Kind {
    /// Bytes of a sample.
    pub fn bytes(self) -> usize {
        match self {
            Kind::U8 => 1,
            Kind::I16 | Kind::U16 => 2,
            Kind::F32 => 4,
            Kind::F64 => 8,
        }
    }

    /// Whether the samples are floats.
    pub fn is_float(self) -> bool {
        matches!(self, Kind::F32 | Kind::F64)
    }
}

/// Order of bands, lines and samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interleave {
    /// Band after band.
    Bsq,
    /// Line after line, its bands one after the other.
    Bil,
    /// Pixel after pixel.
    Bip,
}

/// What a header says.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Type of the samples.
    pub kind: Kind,
    /// Value of one count; 1 unless the file says otherwise.
    pub scale: f64,
    /// Value of count 0; 0 unless the file says otherwise.
    pub offset: f64,
    /// Number that marks a missing sample, before scale and offset.
    pub nodata: Option<f64>,
    /// Unit in the header's words; may be empty.
    pub unit: String,
    /// Sensor in the header's words; may be empty.
    pub sensor: String,
    /// Time of acquisition in the header's words; may be empty.
    pub time: String,
    /// Place on the map; `None` for a picture without one.
    pub place: Option<Place>,
    pub(super) bands: usize,
    /// The band that is read.
    pub(super) band: usize,
    pub(super) interleave: Interleave,
    pub(super) big_endian: bool,
    pub(super) skip: u64,
}

impl Header {
    /// Reads a header.
    ///
    /// # Errors
    /// Not an ENVI header, a key that is missing or makes no sense, a type that is not read,
    /// several bands of which none or more than one is thermal, or a turned map.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_BYTES {
            let what = format!("of {} bytes, expected at most {MAX_BYTES}", bytes.len());
            return Err(fault("header", what));
        }
        let text = String::from_utf8_lossy(bytes);
        let Some(rest) = text.trim_start_matches('\u{feff}').strip_prefix("ENVI") else {
            return Err(fault("header", "does not begin with ENVI"));
        };
        let keys = keys(rest);
        let width = whole(&keys, "samples")?;
        let height = whole(&keys, "lines")?;
        let bands = match keys.contains_key("bands") {
            true => whole(&keys, "bands")?,
            false => 1,
        };
        let band = thermal_band(&keys, bands)?;
        let kind = kind(&keys)?;
        let numbers = |key: &str| list(keys.get(key)).map(|l| numbers(&l));
        let one = |key: &str, usual: f64| {
            let values = numbers(key).unwrap_or_default();
            let value = values.get(band).or(values.first()).copied();
            match value {
                Some(v) if v.is_finite() => Ok(v),
                Some(v) => Err(fault(key, format!("is {v}, expected a number"))),
                None => Ok(usual),
            }
        };
        let text = |key: &str| keys.get(key).cloned().unwrap_or_default();
        let scale = one("data gain values", 1.0)?;
        if scale == 0.0 {
            return Err(fault("data gain values", "is 0"));
        }
        Ok(Self {
            width,
            height,
            kind,
            scale,
            offset: one("data offset values", 0.0)?,
            nodata: keys
                .get("data ignore value")
                .and_then(|v| v.trim().parse().ok()),
            unit: [text("data units"), text("units")].concat(),
            sensor: text("sensor type"),
            time: text("acquisition time"),
            place: place(keys.get("map info"), keys.get("coordinate system string"))?,
            bands,
            band,
            interleave: interleave(&keys, bands)?,
            big_endian: match keys.get("byte order").map(|v| v.trim()) {
                None | Some("0") => false,
                Some("1") => true,
                Some(other) => {
                    return Err(fault("byte order", format!("is {other}, expected 0 or 1")));
                }
            },
            skip: match keys.contains_key("header offset") {
                true => zero_or_more(&keys, "header offset")? as u64,
                false => 0,
            },
        })
    }

    /// Bytes the data file must have.
    pub(super) fn data_length(&self) -> Option<u64> {
        let cells = (self.width as u64).checked_mul(self.height as u64)?;
        cells
            .checked_mul(self.bands as u64)?
            .checked_mul(self.kind.bytes() as u64)?
            .checked_add(self.skip)
    }
}

/// Keys in small letters with their values; braces are kept.
fn keys(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with(';') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let mut value = value.trim().to_owned();
        // A list goes on until its brace closes.
        while value.starts_with('{') && !value.contains('}') {
            let Some(more) = lines.next() else { break };
            value.push(' ');
            value.push_str(more.trim());
        }
        found
            .entry(key.trim().to_ascii_lowercase())
            .or_insert(value);
    }
    found
}

/// Items of a list in braces, or the single value.
pub(super) fn list(value: Option<&String>) -> Option<Vec<String>> {
    let inner = value?.trim().trim_start_matches('{').trim_end_matches('}');
    Some(
        inner
            .split(',')
            .map(|item| item.trim().to_owned())
            .collect(),
    )
}

fn numbers(items: &[String]) -> Vec<f64> {
    items
        .iter()
        .map(|i| i.parse().unwrap_or(f64::NAN))
        .collect()
}

fn zero_or_more(keys: &BTreeMap<String, String>, key: &str) -> Result<usize> {
    let value = keys.get(key).ok_or_else(|| fault(key, "is missing"))?;
    value
        .parse()
        .map_err(|_| fault(key, format!("is {value}, expected a whole number")))
}

fn whole(keys: &BTreeMap<String, String>, key: &str) -> Result<usize> {
    match zero_or_more(keys, key)? {
        0 => Err(fault(key, "is 0")),
        n => Ok(n),
    }
}

fn kind(keys: &BTreeMap<String, String>) -> Result<Kind> {
    Ok(match zero_or_more(keys, "data type")? {
        1 => Kind::U8,
        2 => Kind::I16,
        4 => Kind::F32,
        5 => Kind::F64,
        12 => Kind::U16,
        other => {
            return Err(
                Problem::unsupported(format!("is {other}, which is not read"))
                    .field("ENVI data type")
                    .hint("expected 2 or 12 (16-bit integers), 4 or 5 (floats)"),
            );
        }
    })
}

fn interleave(keys: &BTreeMap<String, String>, bands: usize) -> Result<Interleave> {
    match keys
        .get("interleave")
        .map(|v| v.to_ascii_lowercase())
        .as_deref()
    {
        Some("bsq") => Ok(Interleave::Bsq),
        Some("bil") => Ok(Interleave::Bil),
        Some("bip") => Ok(Interleave::Bip),
        None if bands == 1 => Ok(Interleave::Bsq),
        None => Err(fault("interleave", "is missing")),
        Some(other) => Err(fault(
            "interleave",
            format!("is {other}, expected bsq, bil or bip"),
        )),
    }
}

/// The one band that is thermal: the only one, or the only one whose wavelength lies in the
/// windows of the air for thermal cameras, 3–5 and 7–14 µm.
fn thermal_band(keys: &BTreeMap<String, String>, bands: usize) -> Result<usize> {
    if bands == 1 {
        return Ok(0);
    }
    let to_um = match keys.get("wavelength units").map(|u| u.to_ascii_lowercase()) {
        Some(unit) if unit.starts_with("nano") || unit == "nm" => 1e-3,
        _ => 1.0,
    };
    let lengths = list(keys.get("wavelength"))
        .map(|l| numbers(&l))
        .unwrap_or_default();
    let thermal: Vec<usize> = (0..bands.min(lengths.len()))
        .filter(|i| {
            let um = lengths[*i] * to_um;
            (3.0..=5.0).contains(&um) || (7.0..=14.0).contains(&um)
        })
        .collect();
    match thermal[..] {
        [band] => Ok(band),
        _ => Err(Problem::unsupported(format!(
            "holds {bands} bands, of which {} are known to be thermal, expected one",
            thermal.len()
        ))
        .field("ENVI bands")
        .hint("export the thermal band alone: gdal_translate -b N -of ENVI")),
    }
}

pub(super) fn fault(key: &str, what: impl Into<String>) -> Problem {
    Problem::broken(what).field(format!("ENVI {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "ENVI\ndescription = {a\n flight, = odd }\n; comment = 1\nSamples = 30\n\
        lines = 20\nbands = 1\ndata type = 12\ninterleave = BSQ\nbyte order = 1\nheader offset = 16\n\
        data gain values = {0.01}\ndata offset values = {-100}\ndata ignore value = 0\n";

    #[test]
    fn keys_lists_and_comments_are_read_in_either_case() {
        let head = Header::parse(PLAIN.as_bytes()).expect("a header");
        assert_eq!((head.width, head.height, head.kind), (30, 20, Kind::U16));
        assert_eq!(
            (head.scale, head.offset, head.nodata),
            (0.01, -100.0, Some(0.0))
        );
        assert!(head.big_endian);
        assert_eq!(head.data_length(), Some(16 + 1200));
        assert_eq!(head.place, None);
    }

    #[test]
    fn the_thermal_band_is_told_by_its_wavelength() {
        let many = PLAIN.replace("bands = 1", "bands = 3\nwavelength = {0.6, 1.6, 10.8}");
        assert_eq!(Header::parse(many.as_bytes()).expect("a header").band, 2);
        let nano = many.replace(
            "{0.6, 1.6, 10.8}",
            "{600, 4100, 2000}\nwavelength units = Nanometers",
        );
        assert_eq!(Header::parse(nano.as_bytes()).expect("a header").band, 1);
        let two = many.replace("{0.6, 1.6, 10.8}", "{0.6, 9.1, 10.8}");
        let problem = Header::parse(two.as_bytes()).expect_err("two");
        assert!(problem.what.contains("3 bands, of which 2"), "{problem}");
    }

    #[test]
    fn what_makes_no_sense_is_named_by_its_key() {
        for (from, to, key) in [
            ("Samples = 30", "", "samples"),
            ("Samples = 30", "samples = -3", "samples"),
            ("lines = 20", "lines = 0", "lines"),
            ("data type = 12", "data type = 6", "data type"),
            ("BSQ", "abc", "interleave"),
            ("byte order = 1", "byte order = 7", "byte order"),
            ("{0.01}", "{0}", "data gain values"),
            ("{-100}", "{nan}", "data offset values"),
            (
                "header offset = 16",
                "header offset = 99999999999999999999999",
                "header offset",
            ),
        ] {
            let problem = Header::parse(PLAIN.replace(from, to).as_bytes()).expect_err(key);
            assert_eq!(
                problem.field.as_deref(),
                Some(format!("ENVI {key}").as_str())
            );
        }
        assert!(Header::parse(b"ENVIRONMENT").is_err());
        let huge = PLAIN
            .replace("= 30", "= 9999999999999")
            .replace("= 20", "= 9999999999999");
        assert_eq!(
            Header::parse(huge.as_bytes())
                .expect("numbers")
                .data_length(),
            None
        );
        assert!(Header::parse(&vec![b'E'; MAX_BYTES + 1]).is_err());
    }

    #[test]
    fn a_brace_that_never_closes_ends_with_the_text() {
        let open = PLAIN.replace("odd }", "odd");
        assert!(Header::parse(open.as_bytes()).is_err());
    }
}
