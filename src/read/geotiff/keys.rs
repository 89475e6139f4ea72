//! Where the cells lie and what they mean: GeoTIFF keys (OGC 19-008r4) and GDAL's tags.

use std::io::{Read, Seek};

use tiff::decoder::Decoder;
use tiff::decoder::ifd::Value;
use tiff::tags::Tag;

use crate::problem::{Problem, Result};
use crate::raster::GeoTransform;
use crate::read::markup;

use super::header::{TiffDecoder, problem};

const GDAL_METADATA: Tag = Tag::Unknown(42_112);
const USER_DEFINED: u16 = 32_767;

/// A text tag longer than this is not one of ours.
const MAX_TEXT_BYTES: u64 = 1 << 20;

/// The georeference of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) transform: GeoTransform,
    pub(super) epsg: Option<u32>,
    pub(super) warning: Option<Problem>,
}

/// GDAL's words about the first band.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    pub(super) nodata: Option<f64>,
    pub(super) scale: Option<f64>,
    pub(super) offset: Option<f64>,
    pub(super) unit: String,
    pub(super) band_name: String,
    pub(super) items: Vec<(String, String)>,
}

/// Reads the georeference of the first directory.
pub(super) fn place(decoder: &mut TiffDecoder<'_>) -> Result<Place> {
    let keys = Keys::read(decoder)?;
    let mut transform = transform(decoder)?;
    if keys.get(1025) == Some(2) {
        // PixelIsPoint: the tie point is a cell's centre, our corner half a cell to the north-west.
        transform.x0 -= transform.dx / 2.0;
        transform.y0 += transform.dy / 2.0;
    }
    let (epsg, warning) = keys.epsg();
    Ok(Place {
        transform,
        epsg,
        warning,
    })
}

/// Reads GDAL's nodata and metadata tags of the first directory.
pub(super) fn words(decoder: &mut TiffDecoder<'_>) -> Result<Words> {
    let mut words = match text(decoder, GDAL_METADATA)? {
        Some(xml) => metadata(&xml)?,
        None => Words::default(),
    };
    if let Some(nodata) = text(decoder, Tag::GdalNodata)? {
        let trimmed = nodata.trim();
        let number = trimmed.parse::<f64>().map_err(|_| {
            Problem::broken(format!("is {trimmed:?}, expected a number")).field("GDAL_NODATA")
        })?;
        words.nodata = Some(number);
    }
    Ok(words)
}

fn transform(decoder: &mut TiffDecoder<'_>) -> Result<GeoTransform> {
    let matrix = doubles(decoder, Tag::ModelTransformationTag)?;
    if matrix.len() >= 16 {
        return from_matrix(&matrix);
    }
    let scale = doubles(decoder, Tag::ModelPixelScaleTag)?;
    let tie = doubles(decoder, Tag::ModelTiepointTag)?;
    match (scale.as_slice(), tie.as_slice()) {
        ([sx, sy, ..], [i, j, _, x, y, _, ..]) => {
            let (dx, dy) = (sx.abs(), sy.abs());
            checked(GeoTransform {
                x0: x - i * dx,
                y0: y + j * dy,
                dx,
                dy,
            })
        }
        ([], [_, _, _, _, _, _, _, ..]) => Err(Problem::unsupported(
            "is placed by ground control points, expected a north-up grid",
        )
        .hint("resample it first: gdalwarp")),
        _ => Err(Problem::unsupported(
            "has no place on the map (ModelPixelScale and ModelTiepoint)",
        )
        .hint("export it as GeoTIFF with its coordinate system")),
    }
}

/// Rows of the matrix: x = m0·col + m1·row + m3, y = m4·col + m5·row + m7.
fn from_matrix(m: &[f64]) -> Result<GeoTransform> {
    let cell = m[0].abs().max(m[5].abs());
    // 1e-9 of a cell per cell is below a hundredth of a cell over any raster we can hold.
    let turned = m[1].abs() > 1e-9 * cell || m[4].abs() > 1e-9 * cell;
    if turned || m[0] <= 0.0 || m[5] >= 0.0 {
        return Err(
            Problem::unsupported("is rotated or mirrored, expected north-up")
                .field("ModelTransformation")
                .hint("resample it first: gdalwarp"),
        );
    }
    checked(GeoTransform {
        x0: m[3],
        y0: m[7],
        dx: m[0],
        dy: -m[5],
    })
}

fn checked(t: GeoTransform) -> Result<GeoTransform> {
    let finite = [t.x0, t.y0, t.dx, t.dy].iter().all(|v| v.is_finite());
    if finite && t.dx > 0.0 && t.dy > 0.0 {
        Ok(t)
    } else {
        Err(Problem::broken(format!(
            "place is {t:?}, expected cells > 0"
        )))
    }
}

/// The key directory: numbers by key, and the citation.
struct Keys {
    numbers: Vec<(u16, u16)>,
    citation: Option<String>,
}

impl Keys {
    fn read(decoder: &mut TiffDecoder<'_>) -> Result<Self> {
        let list = decoder
            .find_tag_unsigned_vec::<u16>(Tag::GeoKeyDirectoryTag)
            .map_err(|e| problem(&e))?
            .unwrap_or_default();
        let entries = list.get(4..).unwrap_or_default();
        let wanted = list.get(3).map_or(0, |n| usize::from(*n));
        // Key, place of the value (0 = here), count, value.
        let numbers = entries
            .chunks_exact(4)
            .take(wanted)
            .filter(|entry| entry[1] == 0)
            .map(|entry| (entry[0], entry[3]))
            .collect();
        let citation = text(decoder, Tag::GeoAsciiParamsTag)?;
        Ok(Self { numbers, citation })
    }

    fn get(&self, key: u16) -> Option<u16> {
        let found = self.numbers.iter().find(|(k, _)| *k == key);
        found.map(|(_, value)| *value)
    }

    fn epsg(&self) -> (Option<u32>, Option<Problem>) {
        let code = match self.get(1024) {
            Some(2) => self.get(2048),
            _ => self.get(3072).or(self.get(2048)),
        };
        match code {
            Some(code) if code != 0 && code != USER_DEFINED => (Some(u32::from(code)), None),
            _ => {
                let named = match &self.citation {
                    Some(text) if !text.trim().is_empty() => format!(" ({})", text.trim()),
                    _ => String::new(),
                };
                let what = format!("names no EPSG code{named}");
                let warning = Problem::unsupported(what)
                    .field("GeoKeyDirectory")
                    .hint("write the code into the file: gdal_edit.py -a_srs EPSG:31370");
                (None, Some(warning))
            }
        }
    }
}

fn doubles(decoder: &mut TiffDecoder<'_>, tag: Tag) -> Result<Vec<f64>> {
    match decoder.find_tag(tag).map_err(|e| problem(&e))? {
        None => Ok(Vec::new()),
        Some(Value::Double(number)) => Ok(vec![number]),
        Some(list) => list.into_f64_vec().map_err(|e| problem(&e)),
    }
}

/// A text tag, byte by byte: the `tiff` crate refuses text that is not ASCII, GDAL writes UTF-8.
pub(in crate::read) fn text<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    tag: Tag,
) -> Result<Option<String>> {
    let Some(entry) = decoder.image_ifd().find_entry(tag) else {
        return Ok(None);
    };
    if entry.count() > MAX_TEXT_BYTES {
        return Err(Problem::unsupported("is longer than 1 MiB").field(format!("{tag:?}")));
    }
    let mut bytes = vec![0; entry.count() as usize];
    decoder
        .image_ifd()
        .find_tag_bytes(tag, &mut bytes, 0)
        .map_err(|e| problem(&e))?;
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    Ok(Some(String::from_utf8_lossy(&bytes[..end]).into_owned()))
}

fn metadata(xml: &str) -> Result<Words> {
    let broken = |what: String| Problem::broken(what).field("GDAL_METADATA");
    markup::check(xml).map_err(broken)?;
    let document = roxmltree::Document::parse(xml).map_err(|e| broken(e.to_string()))?;
    let mut words = Words::default();
    for item in document.descendants().filter(|n| n.has_tag_name("Item")) {
        // Escaped twice by GDAL; the parser has undone the first.
        let value = unescaped(item.text().unwrap_or_default());
        let number = || {
            let what = format!("{value:?} is not a number");
            value.trim().parse::<f64>().map_err(|_| broken(what))
        };
        match (item.attribute("sample"), item.attribute("role")) {
            (Some("0"), Some("scale")) => words.scale = Some(number()?),
            (Some("0"), Some("offset")) => words.offset = Some(number()?),
            (Some("0"), Some("unittype")) => words.unit = value,
            (Some("0"), Some("description")) => words.band_name = value,
            (None, _) => {
                let name = item.attribute("name").unwrap_or_default();
                words.items.push((name.to_owned(), value));
            }
            _ => {}
        }
    }
    Ok(words)
}

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotated_matrix_is_refused_and_a_north_up_one_is_taken() {
        let mut m = [0.0; 16];
        (m[0], m[3], m[5], m[7]) = (0.5, 100.0, -0.25, 200.0);
        let t = from_matrix(&m).expect("north-up");
        assert_eq!((t.x0, t.y0, t.dx, t.dy), (100.0, 200.0, 0.5, 0.25));
        m[1] = 0.1;
        let problem = from_matrix(&m).expect_err("rotated");
        assert!(problem.what.contains("rotated"), "{problem}");
    }

    #[test]
    fn a_projected_code_wins_over_its_geographic_base() {
        let keys = |numbers: &[(u16, u16)]| Keys {
            numbers: numbers.to_vec(),
            citation: Some("Lambert 72|".into()),
        };
        let both = keys(&[(1024, 1), (2048, 4313), (3072, 31_370)]);
        assert_eq!(both.epsg(), (Some(31_370), None));
        assert_eq!(keys(&[(1024, 2), (2048, 4258)]).epsg().0, Some(4258));
        let (code, warning) = keys(&[(1024, 1), (3072, 32_767)]).epsg();
        assert_eq!(code, None);
        assert!(warning.expect("a warning").what.contains("Lambert 72"));
    }

    #[test]
    fn gdal_metadata_gives_scale_offset_unit_and_items() {
        let xml = "<GDALMetadata>\n<Item name=\"flight\">A &amp;amp; B &amp;amp;lt;</Item>\
            <Item name=\"SCALE\" sample=\"0\" role=\"scale\">0.01</Item>\
            <Item name=\"OFFSET\" sample=\"0\" role=\"offset\">-100</Item>\
            <Item name=\"UNITTYPE\" sample=\"0\" role=\"unittype\">°C</Item>\
            <Item name=\"SCALE\" sample=\"1\" role=\"scale\">7</Item></GDALMetadata>";
        let words = metadata(xml).expect("well-formed");
        assert_eq!((words.scale, words.offset), (Some(0.01), Some(-100.0)));
        assert_eq!(words.unit, "°C");
        assert_eq!(
            words.items,
            [("flight".to_owned(), "A & B &lt;".to_owned())]
        );
        assert!(metadata("<GDALMetadata>").is_err());
    }
}
