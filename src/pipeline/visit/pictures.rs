//! The pictures of a visit: what their headers say, and their pixels upright.

use crate::calibrate::handheld::HandheldParameters;
use crate::calibrate::{self, tools};
use crate::pipeline::cache::FileHashes;
use crate::pipeline::project::VisitFolder;
use crate::problem::{Problem, Result};
use crate::raster::{Grid, Turn};
use crate::read::frame::file::FrameFile;
use crate::report::visit::Visible;
use crate::survey::{
    Extras, FrameHeader, MeasurementTool, PictureInPicture, RawFrame, ToolKind, VisibleFormat,
    VisibleImage, instants,
};
use crate::units::ZERO_CELSIUS_K;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// Widest visible picture that is kept, pixels: twice what a page shows at 200 dpi.
const WIDEST: u32 = 900;
/// Largest photo beside a thermogram, bytes and pixels a side.
const LARGEST_PHOTO: u64 = 64 << 20;
const LONGEST_SIDE: u32 = 20_000;

/// A thermal picture known by its header.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// File name.
    pub(super) name: String,
    /// The file.
    pub(super) path: PathBuf,
    /// What it says.
    pub(crate) header: FrameHeader,
    /// Capture time.
    pub(super) time: Option<Timestamp>,
    /// The same, local.
    pub(crate) local: Option<DateTime>,
    /// Digest of its bytes.
    pub(super) digest: [u8; 32],
}

impl Known {
    /// Looks at the header of a picture of a visit.
    ///
    /// # Errors
    /// There is no such file, or it is no thermal picture.
    pub(crate) fn find(
        folder: &VisitFolder,
        name: &str,
        zone: &TimeZone,
        hashes: &FileHashes,
    ) -> Result<Self> {
        let path = file_named(folder, name)?;
        let header = FrameFile::open(&path)?.header(0)?;
        let (times, _) = instants(&[&header], zone, 0.0);
        let time = times.into_iter().next().flatten();
        let digest = hashes
            .of(&path)
            .map_err(|e| Problem::from(e).in_file(name))?;
        Ok(Self {
            name: name.to_owned(),
            path,
            header,
            local: time.map(|t| t.to_zoned_datetime(zone.clone()).datetime()),
            time,
            digest: *digest.1.as_bytes(),
        })
    }

    /// Counts and what the thermographer left in the file.
    pub(super) fn open(&self) -> Result<(RawFrame, Extras)> {
        let file = FrameFile::open(&self.path)?;
        Ok((file.frame(0)?, file.extras(0).unwrap_or_default()))
    }

    /// What the thermographer left in the file alone.
    pub(super) fn open_extras(&self) -> Option<Extras> {
        FrameFile::open(&self.path).ok()?.extras(0).ok()
    }

    /// First eight hex digits of the file's SHA-256.
    pub(super) fn sha256_8(&self) -> Result<String> {
        let bytes = std::fs::read(&self.path).map_err(|e| Problem::from(e).in_file(&self.name))?;
        let digest = Sha256::digest(&bytes);
        Ok(digest.iter().take(4).map(|b| format!("{b:02x}")).collect())
    }
}

/// The file of a visit that a row names; upper and lower case alike where that leaves one.
pub(crate) fn file_named(folder: &VisitFolder, name: &str) -> Result<PathBuf> {
    let is = |p: &&PathBuf, same: &dyn Fn(&str) -> bool| {
        p.file_name().is_some_and(|n| same(&n.to_string_lossy()))
    };
    let exact = folder.files.iter().find(|p| is(p, &|n| n == name));
    let mut alike = folder
        .files
        .iter()
        .filter(|p| is(p, &|n| n.eq_ignore_ascii_case(name)));
    let found = exact.or_else(|| {
        let first = alike.next()?;
        alike.next().is_none().then_some(first)
    });
    found.cloned().ok_or_else(|| {
        Problem::setting("is not in the visit's folder")
            .in_file(name)
            .hint(format!(
                "put the picture into inspections/{}/, or correct its name",
                folder.id
            ))
    })
}

/// A picture turned into temperatures.
pub(super) struct Measured {
    /// Kelvin as stored.
    pub(super) kelvin: Grid<f32>,
    /// Pixels without a value.
    pub(super) invalid: usize,
    /// The camera's tools.
    pub(super) tools: Vec<MeasurementTool>,
    /// How the stored picture stands.
    pub(super) turn: Turn,
    /// Everything else in the file.
    pub(super) extras: Extras,
    /// Longer side of the picture the camera shows; `None` where the file has none.
    shown_px: Option<u32>,
}

impl Measured {
    /// Calibrates a picture.
    ///
    /// # Errors
    /// Parameters out of range, a file that is broken or not radiometric.
    pub(super) fn new(known: &Known, parameters: &HandheldParameters) -> Result<Self> {
        let (raw, extras) = known.open()?;
        let thermal = calibrate::to_kelvin(&raw, &parameters.parameters)?;
        Ok(Self {
            kelvin: thermal.kelvin,
            invalid: thermal.invalid as usize,
            tools: extras.tools.clone(),
            turn: Turn::from_exif(raw.header.orientation),
            extras,
            shown_px: shown_px(&known.path),
        })
    }

    /// Temperature, °C, upright.
    pub(super) fn celsius(&self) -> Grid<f32> {
        let upright = self.turn.grid(&self.kelvin);
        upright.map(|k| (f64::from(k) - ZERO_CELSIUS_K) as f32)
    }

    /// A tool in upright pixels.
    pub(super) fn upright(&self, tool: &MeasurementTool) -> MeasurementTool {
        let (w, h) = (self.kelvin.width() as f64, self.kelvin.height() as f64);
        // Centres of pixels; the far corner of an area is its last pixel's.
        let turned = |x: u16, y: u16| {
            let at = [f64::from(x) + 0.5, f64::from(y) + 0.5];
            self.turn
                .point(at, w, h)
                .map(|v| (v.floor().max(0.0)) as u16)
        };
        let points = match (tool.kind, tool.points.as_slice()) {
            (ToolKind::Area, &[x, y, width, height, ..]) => {
                let a = turned(x, y);
                let b = turned(
                    x.saturating_add(width.saturating_sub(1)),
                    y.saturating_add(height.saturating_sub(1)),
                );
                let [left, top] = [a[0].min(b[0]), a[1].min(b[1])];
                vec![left, top, a[0].abs_diff(b[0]) + 1, a[1].abs_diff(b[1]) + 1]
            }
            (ToolKind::Spot | ToolKind::Ellipse | ToolKind::Line, points) => points
                .chunks_exact(2)
                .flat_map(|p| turned(p[0], p[1]))
                .collect(),
            (_, points) => points.to_vec(),
        };
        MeasurementTool {
            points,
            ..tool.clone()
        }
    }

    /// The embedded visible picture, upright, with its geometry.
    pub(super) fn visible(&self) -> Option<Visible> {
        let image = self.extras.visible.as_ref()?;
        let rgb = decoded(image)?;
        let geometry = self.extras.pip.map(|pip| self.turned_geometry(&pip));
        Some(Visible {
            rgb: self.turn.grid(&rgb),
            geometry,
            file: String::new(),
        })
    }

    fn turned_geometry(&self, pip: &PictureInPicture) -> PictureInPicture {
        let (w, h) = (self.kelvin.width() as f64, self.kelvin.height() as f64);
        // The offset counts pixels of the picture as shown: a C2 shows its 80 × 60 as 320 × 240.
        let scale = self
            .shown_px
            .map_or(1.0, |px| w.max(h) / f64::from(px.max(1)));
        let offset = pip.offset_px.map(|v| f64::from(v) * scale);
        let offset = self.turn.vector(offset);
        let [x1, x2, y1, y2] = pip.crop_px.map(f64::from);
        let a = self.turn.point([x1, y1], w, h);
        let b = self.turn.point([x2, y2], w, h);
        let sorted = |k: usize| [a[k].min(b[k]) as i32, a[k].max(b[k]) as i32];
        let (x, y) = (sorted(0), sorted(1));
        PictureInPicture {
            real_to_ir: pip.real_to_ir,
            offset_px: offset.map(|v| v.round() as i32),
            crop_px: [x[0], x[1], y[0], y[1]],
        }
    }

    /// A spot at the coldest or warmest place of the picture (mean of 3 × 3 pixels), where nobody
    /// set a marker.
    pub(super) fn extreme(&self, coldest: bool) -> Option<MeasurementTool> {
        let grid = &self.kelvin;
        let mut best: Option<(f32, usize, usize)> = None;
        for y in 0..grid.height() {
            for x in 0..grid.width() {
                let mut sum = (0.0, 0.0);
                for dy in -1..=1 {
                    for dx in -1..=1 {
                        let value = grid.get(x as isize + dx, y as isize + dy);
                        if let Some(v) = value.filter(|v| !v.is_nan()) {
                            sum = (sum.0 + v, sum.1 + 1.0);
                        }
                    }
                }
                if sum.1 < 6.0 {
                    continue;
                }
                let mean = sum.0 / sum.1;
                let better = best.is_none_or(|(b, ..)| (mean < b) == coldest && mean != b);
                if better {
                    best = Some((mean, x, y));
                }
            }
        }
        let (_, x, y) = best?;
        Some(MeasurementTool {
            kind: ToolKind::Spot,
            label: if coldest { "Min" } else { "Max" }.to_owned(),
            points: vec![u16::try_from(x).ok()?, u16::try_from(y).ok()?],
        })
    }

    /// Whether a marker lies inside the picture; one that only reaches over its edge does.
    pub(super) fn holds(&self, tool: &MeasurementTool) -> bool {
        let (w, h) = (self.kelvin.width(), self.kelvin.height());
        let inside = |x: u16, y: u16| usize::from(x) < w && usize::from(y) < h;
        match (tool.kind, tool.points.as_slice()) {
            (ToolKind::Area, &[x, y, width, height, ..]) => {
                inside(x, y)
                    && usize::from(x) + usize::from(width) <= w
                    && usize::from(y) + usize::from(height) <= h
            }
            (ToolKind::Line, &[x1, y1, x2, y2, ..]) => inside(x1, y1) && inside(x2, y2),
            (_, &[x, y, ..]) => inside(x, y),
            _ => false,
        }
    }

    /// What a tool measures, °C.
    pub(super) fn read(&self, tool: &MeasurementTool, own: bool) -> Option<super::Reading> {
        let reading = tools::measure(&self.kelvin, tool)?;
        Some(super::Reading {
            label: tool.label.clone(),
            min_c: reading.min_k - ZERO_CELSIUS_K,
            mean_c: reading.mean_k - ZERO_CELSIUS_K,
            max_c: reading.max_k - ZERO_CELSIUS_K,
            pixels: reading.pixels,
            own,
        })
    }
}

/// Longer side of a radiometric JPEG's own picture.
fn shown_px(path: &Path) -> Option<u32> {
    let reader = image::ImageReader::open(path).ok()?;
    let reader = reader.with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some(width.max(height))
}

fn decoded(image: &VisibleImage) -> Option<Grid<[u8; 3]>> {
    match image.format {
        VisibleFormat::Jpeg => picture(&image.bytes, image::ImageFormat::Jpeg),
        VisibleFormat::Png => png_of_flir(&image.bytes),
        VisibleFormat::Raw => {
            let wanted = image.width.checked_mul(image.height)?.checked_mul(3)?;
            let bytes = image.bytes.get(..wanted)?;
            let pixels = bytes.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect();
            Grid::from_vec(image.width, image.height, pixels)
        }
    }
}

/// FLIR's PNG is said to be truecolour and holds Y, Cb, Cr (formats.md §1.9; ITU-R BT.601, full
/// range).
fn png_of_flir(bytes: &[u8]) -> Option<Grid<[u8; 3]>> {
    let stored = picture(bytes, image::ImageFormat::Png)?;
    Some(stored.map(|[y, cb, cr]| {
        let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
        [
            y + 1.402 * cr,
            y - 0.344_136 * cb - 0.714_136 * cr,
            y + 1.772 * cb,
        ]
        .map(|v| v.round().clamp(0.0, 255.0) as u8)
    }))
}

/// A picture of bounded size, no wider than a page needs.
fn picture(bytes: &[u8], format: image::ImageFormat) -> Option<Grid<[u8; 3]>> {
    let mut reader = image::ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(512 << 20);
    reader.limits(limits);
    let mut found = reader.decode().ok()?;
    if found.width() > WIDEST {
        let height = (found.height() as f64 * f64::from(WIDEST) / f64::from(found.width())) as u32;
        found = found.resize_exact(WIDEST, height.max(1), image::imageops::FilterType::Triangle);
    }
    let rgb = found.to_rgb8();
    let (width, height) = (rgb.width() as usize, rgb.height() as usize);
    let pixels = rgb.pixels().map(|p| p.0).collect();
    Grid::from_vec(width, height, pixels)
}

/// A photo taken beside a thermogram.
///
/// # Errors
/// There is no such file, or it is no JPEG or PNG.
pub(super) fn photo(folder: &VisitFolder, name: &str) -> Result<Visible> {
    let path = file_named(folder, name)?;
    let size = std::fs::metadata(&path).map_err(|e| Problem::from(e).in_file(name))?;
    if size.len() > LARGEST_PHOTO {
        let what = format!("has {} bytes, expected at most {LARGEST_PHOTO}", size.len());
        return Err(Problem::broken(what).in_file(name));
    }
    let bytes = std::fs::read(&path).map_err(|e| Problem::from(e).in_file(name))?;
    let format = image::guess_format(&bytes).ok();
    let found = format.and_then(|format| picture(&bytes, format));
    let rgb = found.ok_or_else(|| {
        Problem::broken("is no picture that can be shown")
            .in_file(name)
            .field("visible_image")
            .hint("expected a JPEG or PNG photo")
    })?;
    let turn = Turn::from_exif(crate::read::frame::photo(&bytes).orientation);
    Ok(Visible {
        rgb: turn.grid(&rgb),
        geometry: None,
        file: name.to_owned(),
    })
}
