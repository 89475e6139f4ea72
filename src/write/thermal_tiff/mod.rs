//! One thermal frame as a TIFF that photogrammetry places and any GIS opens.
//!
//! In: a grid of values, what the source file said of place, attitude and time, and the items of
//! our own. Out: the bytes of a file: one band, deflate; EXIF and GPS directories, XMP, and for
//! georeferenced pictures GeoTIFF's entries as the source had them.
//!
//! The directories are written by hand because no writer at hand makes directories below
//! directories; the file is small and its layout plain: head, main directory, EXIF, GPS, strips.

mod directory;
mod facts;
mod xmp;

use super::pack;
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::survey::{FileTags, FrameHeader, StoredTag};
use directory::directory;

/// Uncompressed bytes of one strip: readers take small windows, and compression gains little
/// beyond this.
const STRIP_BYTES: usize = 256 * 1024;

/// Values of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Samples<'a> {
    /// °C, NaN for missing.
    Celsius(&'a Grid<f32>),
    /// Counts that are no temperature.
    Counts(&'a Grid<u16>),
    /// The same as floats.
    FloatCounts(&'a Grid<f32>),
}

impl Samples<'_> {
    fn size(&self) -> (usize, usize) {
        match self {
            Samples::Celsius(g) | Samples::FloatCounts(g) => (g.width(), g.height()),
            Samples::Counts(g) => (g.width(), g.height()),
        }
    }

    fn sample_bytes(&self) -> usize {
        match self {
            Samples::Counts(_) => 2,
            _ => 4,
        }
    }
}

/// A frame to write.
#[derive(Clone, Copy, Debug)]
pub struct ThermalTiff<'a> {
    /// Values.
    pub samples: Samples<'a>,
    /// What the source was understood to say.
    pub header: &'a FrameHeader,
    /// What the source said, as stored.
    pub tags: &'a FileTags,
    /// Focal length of a 36 × 24 mm picture with the same angle of view, millimetres.
    pub equivalent_mm: Option<u16>,
    /// Items of our own in GDAL's metadata: name and text.
    pub items: &'a [(String, String)],
    /// Name and version of the program.
    pub software: &'a str,
}

impl ThermalTiff<'_> {
    /// Bytes of the file.
    ///
    /// # Errors
    /// More than 4 GiB, or a compressor that refuses.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let strips = self.strips()?;
        let facts = facts::complete(self.header, self.tags, self.equivalent_mm);
        let sizes: Vec<u32> = strips.iter().map(|s| s.len() as u32).collect();
        let body: usize = strips.iter().map(Vec::len).sum();
        // Places do not change lengths, so a first pass with zeros finds them.
        let plan = |at: [u32; 3]| {
            let [exif_at, gps_at, strips_at] = at;
            let main = self.main_entries(&facts, &sizes, exif_at, gps_at, strips_at);
            directory(main, 8)
        };
        let exif_at = 8 + plan([0; 3]).len() as u32;
        let exif = directory(facts.exif.clone(), exif_at);
        let gps_at = exif_at + exif.len() as u32;
        let gps = directory(facts.gps.clone(), gps_at);
        let strips_at = gps_at + gps.len() as u32;
        if u32::try_from(strips_at as usize + body).is_err() {
            return Err(Problem::unsupported("the TIFF would be larger than 4 GiB"));
        }
        let mut out = Vec::with_capacity(strips_at as usize + body);
        out.extend(b"II*\0\x08\0\0\0");
        out.extend(plan([exif_at, gps_at, strips_at]));
        out.extend(exif);
        out.extend(gps);
        strips.iter().for_each(|s| out.extend(s));
        Ok(out)
    }

    fn strips(&self) -> Result<Vec<Vec<u8>>> {
        let (width, height) = self.samples.size();
        let rows = self.rows_per_strip();
        (0..height)
            .step_by(rows)
            .map(|row| {
                let cells = row * width..(row + rows).min(height) * width;
                match self.samples {
                    Samples::Celsius(g) | Samples::FloatCounts(g) => {
                        pack::floats(&g.data()[cells], width)
                    }
                    Samples::Counts(g) => pack::shorts(&g.data()[cells], width),
                }
            })
            .collect()
    }

    fn rows_per_strip(&self) -> usize {
        let (width, height) = self.samples.size();
        let row_bytes = (width * self.samples.sample_bytes()).max(1);
        (STRIP_BYTES / row_bytes).clamp(1, height.max(1))
    }

    fn main_entries(
        &self,
        facts: &FileTags,
        sizes: &[u32],
        exif_at: u32,
        gps_at: u32,
        strips_at: u32,
    ) -> Vec<StoredTag> {
        let (width, height) = self.samples.size();
        let offsets: Vec<u32> = sizes
            .iter()
            .scan(strips_at, |at, size| {
                let here = *at;
                *at = at.saturating_add(*size);
                Some(here)
            })
            .collect();
        let (bits, format, predictor) = match self.samples {
            Samples::Counts(_) => (16, 1, 2),
            _ => (32, 3, 3),
        };
        let mut entries = vec![
            StoredTag::longs(256, &[width as u32]),
            StoredTag::longs(257, &[height as u32]),
            StoredTag::shorts(258, &[bits]),
            StoredTag::shorts(259, &[8]),
            StoredTag::shorts(262, &[1]),
            StoredTag::longs(273, &offsets),
            StoredTag::shorts(277, &[1]),
            StoredTag::longs(278, &[self.rows_per_strip() as u32]),
            StoredTag::longs(279, sizes),
            StoredTag::text(305, self.software),
            StoredTag::shorts(317, &[predictor]),
            StoredTag::shorts(339, &[format]),
            StoredTag::longs(0x8769, &[exif_at]),
            StoredTag::text(42_112, &self.metadata()),
        ];
        if !facts.gps.is_empty() {
            entries.push(StoredTag::longs(0x8825, &[gps_at]));
        }
        if !facts.xmp.is_empty() {
            entries.push(StoredTag::bytes(700, xmp::packet(&facts.xmp).as_bytes()));
        }
        if matches!(self.samples, Samples::Celsius(_) | Samples::FloatCounts(_)) {
            entries.push(StoredTag::text(42_113, "nan"));
        }
        entries.extend(facts.main.iter().chain(&facts.geo).cloned());
        entries
    }

    /// GDAL's metadata: unit and name of the band, and our items.
    fn metadata(&self) -> String {
        let (unit, what) = match self.samples {
            Samples::Celsius(_) => ("°C", "surface temperature"),
            _ => ("counts", "counts, not temperature"),
        };
        let mut text = String::from("<GDALMetadata>\n");
        for (name, value) in self.items {
            text.push_str(&format!(
                "  <Item name=\"{}\">{}</Item>\n",
                xmp::escaped(name),
                xmp::escaped(value)
            ));
        }
        text.push_str(&format!(
            "  <Item name=\"DESCRIPTION\" sample=\"0\" role=\"description\">{what}</Item>\n  \
             <Item name=\"UNITTYPE\" sample=\"0\" role=\"unittype\">{unit}</Item>\n\
             </GDALMetadata>"
        ));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{CaptureTime, Encoding, Fix, Rtk, TimeSource};
    use std::io::Cursor;
    use tiff::decoder::{Decoder, DecodingResult};

    fn decoded(bytes: Vec<u8>) -> DecodingResult {
        let mut decoder = Decoder::new(Cursor::new(bytes)).expect("a TIFF");
        decoder.read_image().expect("an image")
    }

    #[test]
    fn another_decoder_finds_every_value_again() {
        // 300 × 260 cells are more than one strip.
        let values: Vec<f32> = (0..78_000)
            .map(|i| (i as f32 * 0.37).sin() * 40.0)
            .collect();
        let grid = Grid::from_vec(300, 260, values.clone()).expect("a size");
        let counts: Vec<u16> = (0..78_000_u32).map(|i| (i * 7919) as u16).collect();
        let raw = Grid::from_vec(300, 260, counts.clone()).expect("a size");
        let header = FrameHeader::bare(300, 260, Encoding::Relative);
        let mut file = ThermalTiff {
            samples: Samples::Celsius(&grid),
            header: &header,
            tags: &FileTags::default(),
            equivalent_mm: None,
            items: &[],
            software: "test",
        };
        let DecodingResult::F32(found) = decoded(file.encode().expect("encodes")) else {
            panic!("floats expected");
        };
        assert_eq!(found, values);
        file.samples = Samples::Counts(&raw);
        let DecodingResult::U16(found) = decoded(file.encode().expect("encodes")) else {
            panic!("integers expected");
        };
        assert_eq!(found, counts);
    }

    #[test]
    fn an_exif_reader_finds_place_and_time_the_source_kept_elsewhere() {
        let grid = Grid::filled(4, 3, 1.5_f32);
        let mut header = FrameHeader::bare(4, 3, Encoding::Relative);
        header.camera.model = "T1030sc".into();
        header.focal_mm = Some(21.2);
        header.time = Some(CaptureTime::Utc(
            "2021-07-01T11:49:35.297Z".parse().expect("valid"),
        ));
        header.time_source = Some(TimeSource::CameraRecord);
        header.fix = Some(Fix {
            lon_deg: 2.885_55,
            lat_deg: -51.5,
            absolute_m: Some(-3.25),
            relative_m: None,
            rtk: Rtk::None,
            sigma_horizontal_m: None,
            sigma_vertical_m: None,
        });
        let file = ThermalTiff {
            samples: Samples::Celsius(&grid),
            header: &header,
            tags: &FileTags::default(),
            equivalent_mm: Some(27),
            items: &[("TA_A<B".into(), "1 & 2".into())],
            software: "test",
        };
        let bytes = file.encode().expect("encodes");
        let exif = exif::Reader::new().read_raw(bytes).expect("readable");
        let shown = |tag| {
            let field = exif.get_field(tag, exif::In::PRIMARY).expect("present");
            field.display_value().to_string()
        };
        assert_eq!(shown(exif::Tag::Model), "\"T1030sc\"");
        assert_eq!(shown(exif::Tag::DateTimeOriginal), "2021-07-01 11:49:35");
        assert_eq!(shown(exif::Tag::SubSecTimeOriginal), "\"297\"");
        assert_eq!(shown(exif::Tag::OffsetTimeOriginal), "\"+00:00\"");
        assert_eq!(shown(exif::Tag::GPSLatitude), "51 deg 30 min 0 sec");
        assert_eq!(shown(exif::Tag::GPSLatitudeRef), "S");
        assert_eq!(shown(exif::Tag::GPSLongitude), "2 deg 53 min 7.98 sec");
        assert_eq!(shown(exif::Tag::GPSAltitude), "3.25");
        assert_eq!(shown(exif::Tag::GPSAltitudeRef), "below sea level");
        assert_eq!(shown(exif::Tag::FocalLengthIn35mmFilm), "27");
    }
}
