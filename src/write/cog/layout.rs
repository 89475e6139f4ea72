//! The bytes before the tiles: header, ghost area and directories.
//!
//! All directories stand at the front (full resolution first, then each overview), so that one
//! short read shows where every tile lies. The ghost area between header and first directory is
//! GDAL's note about that order: tiles row by row, each with its size before it and its last
//! four bytes repeated behind it. Everything is little-endian; files over 4 GB become BigTIFF.

use crate::problem::{Problem, Result};

use super::encode::Predictor;
use super::spec::{CogSpec, Compression, Sample, Scaling};

/// What GDAL's own writer puts there. The blank at the end leaves room to turn NO into YES.
const GHOST: &str = "GDAL_STRUCTURAL_METADATA_SIZE=000140 bytes\n\
    LAYOUT=IFDS_BEFORE_DATA\n\
    BLOCK_ORDER=ROW_MAJOR\n\
    BLOCK_LEADER=SIZE_AS_UINT4\n\
    BLOCK_TRAILER=LAST_4_BYTES_REPEATED\n\
    KNOWN_INCOMPATIBLE_EDITION=NO\n ";

/// Bytes of the leader, and of the trailer, of a tile.
const FRAME: u64 = 4;

/// Size of a level and of its compressed tiles, row by row.
#[derive(Debug)]
pub(super) struct Level<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) sizes: &'a [u32],
}

impl Level<'_> {
    fn bytes(&self) -> u64 {
        self.sizes.iter().map(|s| u64::from(*s) + 2 * FRAME).sum()
    }
}

/// The head of a file whose tiles follow at once: smallest level first, full resolution last.
pub(super) fn head(
    spec: &CogSpec,
    scaling: Option<Scaling>,
    predictor: Predictor,
    levels: &[Level<'_>],
) -> Result<Vec<u8>> {
    let writer = Head {
        spec,
        scaling,
        predictor,
        levels,
    };
    let data: u64 = levels.iter().map(Level::bytes).sum();
    let classic = writer.bytes(false)?;
    if classic.len() as u64 + data <= u64::from(u32::MAX) {
        Ok(classic)
    } else {
        writer.bytes(true)
    }
}

struct Head<'a> {
    spec: &'a CogSpec,
    scaling: Option<Scaling>,
    predictor: Predictor,
    levels: &'a [Level<'a>],
}

impl Head<'_> {
    fn bytes(&self, big: bool) -> Result<Vec<u8>> {
        // The length does not depend on where the tiles lie: lay out once to learn it.
        let start = self.laid_out(big, 0)?.len() as u64;
        self.laid_out(big, start)
    }

    /// The head when the tiles start at byte `data`.
    fn laid_out(&self, big: bool, data: u64) -> Result<Vec<u8>> {
        let mut starts = vec![data; self.levels.len()];
        for i in (1..self.levels.len()).rev() {
            starts[i - 1] = starts[i] + self.levels[i].bytes();
        }
        let mut bytes = first_bytes(big);
        for (i, level) in self.levels.iter().enumerate() {
            let mut at = starts[i];
            let offsets: Vec<u64> = level
                .sizes
                .iter()
                .map(|size| {
                    let offset = at + FRAME;
                    at += u64::from(*size) + 2 * FRAME;
                    offset
                })
                .collect();
            let fields = self.fields(level, i == 0, &offsets, big)?;
            append_directory(&mut bytes, &fields, i + 1 == self.levels.len(), big);
        }
        Ok(bytes)
    }

    /// The tags of a level, ascending.
    fn fields(
        &self,
        level: &Level<'_>,
        full: bool,
        offsets: &[u64],
        big: bool,
    ) -> Result<Vec<Field>> {
        let (bits, format) = match self.spec.sample {
            Sample::F32 => (32, 3),
            Sample::U8 => (8, 1),
            Sample::U16 => (16, 1),
            Sample::U32 => (32, 1),
        };
        let compression = match self.spec.compression {
            Compression::None => 1,
            Compression::Deflate => 8,
            Compression::Zstd => 50_000,
        };
        let tile = count(self.spec.tile_px)?;
        let mut fields = vec![
            Field::longs(254, &[u32::from(!full)]),
            Field::longs(256, &[count(level.width)?]),
            Field::longs(257, &[count(level.height)?]),
            Field::shorts(258, &[bits]),
            Field::shorts(259, &[compression]),
            Field::shorts(262, &[1]),
            Field::shorts(277, &[1]),
            Field::shorts(284, &[1]),
        ];
        if full {
            let software = concat!("thermaudit ", env!("CARGO_PKG_VERSION"));
            fields.push(Field::text(305, software));
        }
        if self.predictor != Predictor::None {
            fields.push(Field::shorts(317, &[self.predictor as u16]));
        }
        fields.extend([
            Field::longs(322, &[tile]),
            Field::longs(323, &[tile]),
            Field::offsets(324, offsets, big),
            Field::longs(325, level.sizes),
            Field::shorts(339, &[format]),
        ]);
        if full {
            fields.extend(self.place());
            if let Some(xml) = metadata(self.spec, self.scaling) {
                fields.push(Field::text(42_112, &xml));
            }
        }
        if let Some(nodata) = self.spec.nodata {
            let text = if nodata.is_nan() {
                "nan".to_owned()
            } else {
                nodata.to_string()
            };
            fields.push(Field::text(42_113, &text));
        }
        Ok(fields)
    }

    /// The GeoTIFF tags (OGC 19-008r4): cell size, tie point of the north-west corner, keys.
    fn place(&self) -> [Field; 3] {
        let t = &self.spec.transform;
        let epsg = self.spec.epsg as u16;
        let (model, key) = if is_geographic(self.spec) {
            (2, 2048)
        } else {
            (1, 3072)
        };
        // Version 1, revision 1.1, three keys: model type, raster type (cells are areas), code.
        let keys = [
            [1, 1, 1, 3],
            [1024, 0, 1, model],
            [1025, 0, 1, 1],
            [key, 0, 1, epsg],
        ];
        [
            Field::doubles(33_550, &[t.dx, t.dy, 0.0]),
            Field::doubles(33_922, &[0.0, 0.0, 0.0, t.x0, t.y0, 0.0]),
            Field::shorts(34_735, keys.as_flattened()),
        ]
    }
}

/// Geographic codes lie between 4001 and 4999, but some projected ones do too: those have
/// coordinates no degree can have.
fn is_geographic(spec: &CogSpec) -> bool {
    let b = spec.transform.bounds(spec.width, spec.height);
    let degrees = b.x_min >= -361.0 && b.x_max <= 361.0 && b.y_min >= -91.0 && b.y_max <= 91.0;
    (4001..5000).contains(&spec.epsg) && degrees
}

/// GDAL's metadata tag: band name, unit, scale, offset and free items. GDAL escapes texts twice
/// and takes them back twice (a bare `&` after the first ends the text); names once.
fn metadata(spec: &CogSpec, scaling: Option<Scaling>) -> Option<String> {
    let band = |name: &str, role: &str, text: &str| {
        format!(
            "<Item name=\"{name}\" sample=\"0\" role=\"{role}\">{}</Item>",
            escaped(&escaped(text))
        )
    };
    let mut items = Vec::new();
    for (name, text) in &spec.tags {
        items.push(format!(
            "<Item name=\"{}\">{}</Item>",
            escaped(name),
            escaped(&escaped(text))
        ));
    }
    if !spec.band_name.is_empty() {
        items.push(band("DESCRIPTION", "description", &spec.band_name));
    }
    if let Some(Scaling { scale, offset }) = scaling {
        items.push(band("OFFSET", "offset", &offset.to_string()));
        items.push(band("SCALE", "scale", &scale.to_string()));
    }
    if !spec.unit.is_empty() {
        items.push(band("UNITTYPE", "unittype", &spec.unit));
    }
    (!items.is_empty()).then(|| format!("<GDALMetadata>{}</GDALMetadata>", items.concat()))
}

/// Text for XML; control characters, which XML 1.0 cannot hold, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn count(number: usize) -> Result<u32> {
    u32::try_from(number).map_err(|_| Problem::setting("raster is too large for a TIFF"))
}

/// File header and ghost area, padded to an even length where the first directory starts.
fn first_bytes(big: bool) -> Vec<u8> {
    let header = if big { 16 } else { 8 };
    let first = (header + GHOST.len()).next_multiple_of(2) as u32;
    let mut bytes = b"II".to_vec();
    if big {
        for half in [43_u16, 8, 0] {
            bytes.extend(half.to_le_bytes());
        }
        bytes.extend(u64::from(first).to_le_bytes());
    } else {
        bytes.extend(42_u16.to_le_bytes());
        bytes.extend(first.to_le_bytes());
    }
    bytes.extend(GHOST.as_bytes());
    bytes.resize(first as usize, 0);
    bytes
}

/// One entry of a directory.
struct Field {
    tag: u16,
    kind: u16,
    count: u64,
    value: Vec<u8>,
}

impl Field {
    fn new(tag: u16, kind: u16, count: usize, value: Vec<u8>) -> Self {
        Self {
            tag,
            kind,
            count: count as u64,
            value,
        }
    }

    fn text(tag: u16, text: &str) -> Self {
        // A NUL inside would end the text early.
        let mut value: Vec<u8> = text.bytes().filter(|b| *b != 0).collect();
        value.push(0);
        Self::new(tag, 2, value.len(), value)
    }

    fn shorts(tag: u16, values: &[u16]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(tag, 3, values.len(), bytes)
    }

    fn longs(tag: u16, values: &[u32]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(tag, 4, values.len(), bytes)
    }

    fn doubles(tag: u16, values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(tag, 12, values.len(), bytes)
    }

    /// Tile positions; in a classic file they fit 32 bits, else it is not used (`head`).
    fn offsets(tag: u16, values: &[u64], big: bool) -> Self {
        if big {
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            Self::new(tag, 16, values.len(), bytes)
        } else {
            let short: Vec<u32> = values.iter().map(|v| *v as u32).collect();
            Self::longs(tag, &short)
        }
    }
}

/// Appends a directory, its long values behind it, and the link to the next one.
fn append_directory(bytes: &mut Vec<u8>, fields: &[Field], last: bool, big: bool) {
    let (counter, entry, word) = if big { (8, 20, 8) } else { (2, 12, 4) };
    let values_at = bytes.len() + counter + entry * fields.len() + word;
    let mut values = Vec::new();
    append_word(bytes, fields.len() as u64, counter);
    for field in fields {
        bytes.extend(field.tag.to_le_bytes());
        bytes.extend(field.kind.to_le_bytes());
        append_word(bytes, field.count, word);
        if field.value.len() <= word {
            let mut inline = field.value.clone();
            inline.resize(word, 0);
            bytes.extend(inline);
        } else {
            append_word(bytes, (values_at + values.len()) as u64, word);
            values.extend_from_slice(&field.value);
            if values.len() % 2 == 1 {
                values.push(0);
            }
        }
    }
    let next = if last { 0 } else { values_at + values.len() };
    append_word(bytes, next as u64, word);
    bytes.extend(values);
}

/// The low `width` bytes of a number.
fn append_word(bytes: &mut Vec<u8>, number: u64, width: usize) {
    bytes.extend_from_slice(&number.to_le_bytes()[..width]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::GeoTransform;
    use std::io::Cursor;
    use tiff::decoder::Decoder;
    use tiff::tags::Tag;

    fn spec(epsg: u32, x0: f64) -> CogSpec {
        let transform = GeoTransform {
            x0,
            y0: 50.0,
            dx: 0.1,
            dy: 0.1,
        };
        CogSpec {
            tile_px: 16,
            band_name: "a & b".into(),
            ..CogSpec::new(40, 20, transform, epsg)
        }
    }

    fn levels() -> [Level<'static>; 2] {
        let level = |width, height, sizes| Level {
            width,
            height,
            sizes,
        };
        [
            level(40, 20, &[10, 20, 30, 40, 50, 60]),
            level(20, 10, &[7, 9]),
        ]
    }

    fn head_of(big: bool) -> Vec<u8> {
        let spec = spec(31_370, 1000.0);
        let writer = Head {
            spec: &spec,
            scaling: None,
            predictor: Predictor::FloatingPoint,
            levels: &levels(),
        };
        writer.bytes(big).expect("lays out")
    }

    #[test]
    fn tiles_lie_behind_the_head_smallest_level_first_each_in_its_frame() {
        for big in [false, true] {
            let head = head_of(big);
            let start = head.len() as u64;
            let mut decoder = Decoder::new(Cursor::new(head)).expect("is a TIFF");
            let mut list = |tag| decoder.get_tag_u64_vec(tag).expect("is there");
            // Overview: 7 + 9 bytes in two frames of 4 + 4.
            let full = start + 7 + 9 + 16;
            let due = [4, 22, 50, 88, 136, 194].map(|at| full + at);
            assert_eq!(list(Tag::TileOffsets), due, "big {big}");
            assert_eq!(list(Tag::TileByteCounts), [10, 20, 30, 40, 50, 60]);
            decoder.next_image().expect("an overview follows");
            let offsets = decoder.get_tag_u64_vec(Tag::TileOffsets).expect("is there");
            assert_eq!(offsets, [start + 4, start + 4 + 7 + 8]);
            assert!(!decoder.more_images());
        }
    }

    #[test]
    fn files_over_4_gb_become_bigtiff() {
        let version = |size: u32| {
            let sizes = [size; 6];
            let levels = [Level {
                width: 40,
                height: 20,
                sizes: &sizes,
            }];
            let spec = spec(31_370, 0.0);
            let head = head(&spec, None, Predictor::None, &levels).expect("lays out");
            u16::from_le_bytes([head[2], head[3]])
        };
        assert_eq!(version(700_000_000), 42);
        assert_eq!(version(720_000_000), 43);
    }

    #[test]
    fn the_ghost_area_tells_its_own_length() {
        let first = GHOST.find('\n').expect("a first line") + 1;
        assert_eq!(GHOST.len() - first, 140);
    }

    #[test]
    fn degrees_make_a_code_from_4001_to_4999_geographic() {
        assert!(is_geographic(&spec(4258, 3.0)));
        assert!(!is_geographic(&spec(4647, 32_500_000.0)));
        assert!(!is_geographic(&spec(31_370, 3.0)));
    }

    #[test]
    fn texts_are_escaped_twice_as_gdal_does() {
        let xml = metadata(&spec(31_370, 0.0), None).expect("a band name");
        assert!(xml.contains(">a &amp;amp; b</Item>"), "{xml}");
    }
}
