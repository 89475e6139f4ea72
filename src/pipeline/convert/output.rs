//! One frame as the bytes of its output and of the file beside it.

use super::super::inspect::report::Inspection;
use super::super::measured::Measured;
use super::Format;
use super::plan::{Job, Source};
use super::{range, sidecar};
use crate::orient::cameras::CameraTable;
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::read::frame;
use crate::report::palette::Palette;
use crate::survey::{Counts, Extras, FrameHeader};
use crate::units::ZERO_CELSIUS_K;
use crate::write::false_colour::{self, Legend, Scene};
use crate::write::thermal_csv;
use crate::write::thermal_tiff::{Samples, ThermalTiff};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Name and version of the program.
pub(super) const SOFTWARE: &str = concat!("thermaudit ", env!("CARGO_PKG_VERSION"));

/// Diagonal of a 36 × 24 mm picture, millimetres.
const FULL_FRAME_MM: f64 = 43.266_615_3;

/// How outputs look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) format: Format,
    pub(super) palette: Palette,
    /// Range of temperature pictures, °C.
    pub(super) range_c: Option<[f64; 2]>,
    /// Whether the command line gave it.
    pub(super) range_given: bool,
    pub(super) delimiter: char,
}

/// An output and what stands beside it.
pub(super) struct Made {
    pub(super) bytes: Vec<u8>,
    pub(super) sidecar: String,
}

/// What tells legends apart: unit, range (bits of its ends) and height.
type LegendKey = (&'static str, [u64; 2], usize);

/// Legends rendered so far.
#[derive(Default)]
pub(super) struct Legends(Mutex<BTreeMap<LegendKey, Arc<Legend>>>);

impl Legends {
    fn get(
        &self,
        palette: Palette,
        range: [f64; 2],
        unit: &'static str,
        height: usize,
    ) -> Result<Arc<Legend>> {
        let key = (unit, range.map(f64::to_bits), height);
        let legends = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(legend) = legends().get(&key) {
            return Ok(Arc::clone(legend));
        }
        // Rendered without the lock: the typesetter may use the pool's threads, and a thread that
        // waits for them may take up another frame. At worst two threads render the same.
        let legend = Arc::new(Legend::new(palette, range, unit, height)?);
        legends().insert(key, Arc::clone(&legend));
        Ok(legend)
    }
}

/// Makes an output.
///
/// # Errors
/// A source that cannot be read again, or an encoder that refuses.
pub(super) fn make(
    source: &Source,
    job: &Job,
    measured: &Measured,
    look: &Look,
    legends: &Legends,
) -> Result<Made> {
    let shown = source.file.relative.to_string_lossy();
    let facts = Inspection::new(&shown, measured, &Extras::default());
    let about = sidecar::About {
        facts: &facts,
        frame: job.frame + 1,
        frames: source.frames.count(),
        blake3: source.blake3()?,
    };
    let celsius = measured
        .thermal
        .as_ref()
        .map(|t| t.kelvin.map(|k| (f64::from(k) - ZERO_CELSIUS_K) as f32));
    let unit = if celsius.is_some() { "°C" } else { "counts" };
    let mut picture = None;
    let bytes = match look.format {
        Format::Tiff => tiff(source, job, measured, celsius.as_ref(), &about)?,
        Format::Csv => {
            let values = celsius.map_or_else(|| samples(measured), Ok)?;
            let comment = format!("{unit}, {}", about.line());
            thermal_csv::encode(&values, &comment, look.delimiter).into_bytes()
        }
        Format::Png => {
            let own = celsius.is_none();
            let values = celsius.map_or_else(|| samples(measured), Ok)?;
            let range = match look.range_c.filter(|_| !own) {
                Some(range) => range,
                None => range::of_counts(values.data()),
            };
            let scene = Scene {
                values: &values,
                orientation: measured.raw.header.orientation,
            };
            let legend = legends.get(look.palette, range, unit, scene.size().1)?;
            picture = Some(sidecar::Colours {
                palette: look.palette,
                range,
                origin: match (own, look.range_given) {
                    (false, true) => "command line",
                    (false, false) => "1st to 99th percentile of all pictures of the command",
                    (true, _) => "1st to 99th percentile of this picture",
                },
            });
            false_colour::png(&scene, look.palette, range, &legend)?
        }
    };
    let name = job.target.file_name().unwrap_or_default();
    let sidecar = about.json(&name.to_string_lossy(), look.format, unit, picture)?;
    Ok(Made { bytes, sidecar })
}

fn tiff(
    source: &Source,
    job: &Job,
    measured: &Measured,
    celsius: Option<&Grid<f32>>,
    about: &sidecar::About,
) -> Result<Vec<u8>> {
    let header = &measured.raw.header;
    let samples = match (celsius, &measured.raw.counts) {
        (Some(celsius), _) => Samples::Celsius(celsius),
        (None, Counts::U16(counts)) => Samples::Counts(counts),
        (None, Counts::F32(values)) => Samples::FloatCounts(values),
    };
    ThermalTiff {
        samples,
        header,
        tags: &frame::tags(&source.frames.bytes(job.frame)?),
        equivalent_mm: equivalent_mm(header),
        items: &about.items(),
        software: SOFTWARE,
    }
    .encode()
}

/// Samples as stored, as a grid of floats.
fn samples(measured: &Measured) -> Result<Grid<f32>> {
    let header = &measured.raw.header;
    Grid::from_vec(header.width, header.height, measured.samples())
        .ok_or_else(|| Problem::broken("has fewer samples than width and height say"))
}

/// Focal length of a 36 × 24 mm picture with the same diagonal angle of view.
fn equivalent_mm(header: &FrameHeader) -> Option<u16> {
    let (model, _) = CameraTable::default().model_for(header).ok()?;
    let diagonal_px = (header.width as f64).hypot(header.height as f64);
    let mm = (model.f_px / diagonal_px * FULL_FRAME_MM).round();
    (1.0..=10_000.0).contains(&mm).then_some(mm as u16)
}
