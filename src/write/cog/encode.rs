//! One tile: cells → stored numbers → predictor → compressed bytes.
//!
//! The predictors are those of TIFF 6.0 §14 (2: horizontal differences of integers) and TIFF
//! Technical Note 3 (3: the bytes of floats sorted by significance, then differences).
//!
//! Levels and rounding were chosen on two thermograms (FLIR XT2, Duo Pro R) turned and magnified
//! as in a mosaic, bytes per cell and Mpx/s of one core: deflate 6 keeps 2.30 / 2.69 at 10,
//! deflate 1 keeps 2.35 / 2.70 at 17, so level 1. Rounded to the decimal 0.01 K, deflate 6
//! without predictor keeps 1.18 / 1.29 at 7; rounded to the binary 1/128 K, where the low bytes
//! become zero, deflate 1 with predictor 3 keeps 0.97 / 0.94 at 30: smaller, finer and faster.
//!
//! Floats with noise in their low bytes go through `deflate`, plane by plane: on the scene of
//! `benches/mosaic_write` 4 % smaller than libdeflate's level 1 and 1.7 times as fast. Rows that repeat
//! the one above go through it, too: the uncertainty of a map of 25 Mpx takes 0.138 bytes a cell at
//! 322 Mpx/s (libdeflate 0.161 at 91), its times 0.006 at 1,200 (0.006 at 94); three tiles of its
//! temperatures, of frames with counts of a few millikelvins, 1.84–2.08 at 129–161 (1.79–2.01 at 54–59).

use crate::problem::{Problem, Result};
use crate::raster::Grid;

use super::super::pack::shuffle_floats;
use super::deflate;
use super::pyramid::{self, Rule};
use super::spec::{CogSpec, Compression, Sample, Scaling};

const ZSTD_LEVEL: i32 = 1;

/// Predictor of the compressed rows, by its number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    None = 1,
    Horizontal = 2,
    FloatingPoint = 3,
}

/// A compressed tile, and its contribution to the next overview. Made by
/// [`super::CogWriter::encode_tile`].
#[derive(Clone, Debug)]
pub struct EncodedTile {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) half: Option<Grid<f32>>,
}

/// Settings of all tiles of a file.
#[derive(Clone, Debug)]
pub(super) struct Encoder {
    tile_px: usize,
    sample: Sample,
    compression: Compression,
    predictor: Predictor,
    scaling: Option<Scaling>,
    round: Option<Step>,
    /// Stored in place of NaN.
    missing: f32,
    /// Numbers an integer sample can hold for a value, `nodata` left out at either end.
    range: Option<(f32, f32)>,
    nodata: Option<f32>,
    /// How the next overview is made, if any is.
    rule: Option<Rule>,
    /// The bytes of a tile without any cell.
    empty: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(spec: &CogSpec, scaling: Option<Scaling>) -> Result<Self> {
        let predictor = match (spec.compression, spec.sample) {
            (Compression::None, _) => Predictor::None,
            (_, Sample::F32) => Predictor::FloatingPoint,
            _ => Predictor::Horizontal,
        };
        let nodata = spec.nodata.map(|nodata| nodata as f32);
        let range = spec.sample.largest().map(|largest| {
            let low = if nodata == Some(0.0) { 1.0 } else { 0.0 };
            let high = if nodata == Some(largest) { 1.0 } else { 0.0 };
            (low, largest - high)
        });
        let whole_numbers = spec.sample != Sample::F32 && scaling.is_none();
        let mut encoder = Self {
            tile_px: spec.tile_px,
            sample: spec.sample,
            compression: spec.compression,
            predictor,
            scaling,
            round: (spec.round_k > 0.0).then(|| Step::new(spec.round_k)),
            missing: nodata.unwrap_or(if range.is_some() { 0.0 } else { f32::NAN }),
            range,
            nodata,
            rule: spec.overviews.then_some(if whole_numbers {
                Rule::First
            } else {
                Rule::Mean
            }),
            empty: Vec::new(),
        };
        let cells = vec![f32::NAN; spec.tile_px * spec.tile_px];
        encoder.empty = encoder.pack(&cells)?;
        Ok(encoder)
    }

    pub(super) fn predictor(&self) -> Predictor {
        self.predictor
    }

    /// A tile of values.
    pub(super) fn encode(&self, tile: &Grid<f32>) -> Result<EncodedTile> {
        match self.scaling {
            Some(Scaling { scale, offset }) => {
                let count = |v: f32| ((f64::from(v) - offset) / scale) as f32;
                self.encode_stored(&tile.map(count))
            }
            None => self.encode_stored(tile),
        }
    }

    /// A tile of stored numbers, not yet rounded or cut to the sample's range.
    pub(super) fn encode_stored(&self, tile: &Grid<f32>) -> Result<EncodedTile> {
        let (width, height) = (tile.width(), tile.height());
        if width > self.tile_px || height > self.tile_px {
            return Err(Problem::setting(format!(
                "tile is {width} × {height}, expected at most {0} × {0}",
                self.tile_px
            )));
        }
        let mut cells = vec![f32::NAN; self.tile_px * self.tile_px];
        let mut any = false;
        for row in 0..height {
            let at = row * self.tile_px;
            for (cell, value) in cells[at..at + width].iter_mut().zip(tile.row(row)) {
                *cell = self.stored(*value);
                any |= !cell.is_nan();
            }
        }
        let half = self
            .rule
            .map(|rule| pyramid::halve(&cells, self.tile_px, width, height, rule));
        let bytes = if any {
            self.pack(&cells)?
        } else {
            self.empty.clone()
        };
        Ok(EncodedTile {
            width,
            height,
            bytes,
            half,
        })
    }

    /// The number a reader will find, NaN where missing.
    #[inline]
    fn stored(&self, value: f32) -> f32 {
        if !value.is_finite() || Some(value) == self.nodata {
            return f32::NAN;
        }
        match (self.range, &self.round) {
            (None, None) => value,
            (None, Some(step)) => step.round(value),
            (Some((low, high)), _) => {
                let whole = rounded(value);
                if Some(whole) == self.nodata && self.scaling.is_none() {
                    f32::NAN
                } else {
                    whole.clamp(low, high)
                }
            }
        }
    }

    /// Stored numbers of a full tile → compressed bytes.
    fn pack(&self, cells: &[f32]) -> Result<Vec<u8>> {
        let width = self.tile_px;
        let mut bytes = Vec::with_capacity(cells.len() * self.sample.bytes());
        match self.sample {
            Sample::F32 => {
                let cells = cells.iter().map(|v| self.or_missing(*v));
                if self.predictor == Predictor::FloatingPoint {
                    shuffle_floats(cells, width, &mut bytes);
                } else {
                    cells.for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
                }
            }
            Sample::U8 => self.whole_numbers(cells, |v, before| {
                bytes.push((v as u8).wrapping_sub(before as u8));
            }),
            Sample::U16 => self.whole_numbers(cells, |v, before| {
                let difference = (v as u16).wrapping_sub(before as u16);
                bytes.extend_from_slice(&difference.to_le_bytes());
            }),
            Sample::U32 => self.whole_numbers(cells, |v, before| {
                bytes.extend_from_slice(&v.wrapping_sub(before).to_le_bytes());
            }),
        }
        self.compress(bytes)
    }

    #[inline]
    fn or_missing(&self, value: f32) -> f32 {
        if value.is_nan() { self.missing } else { value }
    }

    /// Hands on each whole number with the one before it in its row, or 0 without predictor.
    fn whole_numbers(&self, cells: &[f32], mut put: impl FnMut(u32, u32)) {
        for row in cells.chunks_exact(self.tile_px) {
            let mut before = 0;
            for value in row {
                let whole = self.or_missing(*value) as u32;
                put(whole, before);
                if self.predictor == Predictor::Horizontal {
                    before = whole;
                }
            }
        }
    }

    fn compress(&self, raw: Vec<u8>) -> Result<Vec<u8>> {
        match self.compression {
            Compression::None => Ok(raw),
            Compression::Deflate if self.predictor == Predictor::FloatingPoint => {
                deflate::planes(&raw, self.tile_px)
            }
            Compression::Deflate => deflate::whole_rows(&raw, self.tile_px * self.sample.bytes()),
            Compression::Zstd => zstd::bulk::compress(&raw, ZSTD_LEVEL)
                .map_err(|error| Problem::io(format!("zstd: {error}"))),
        }
    }
}

/// The nearest whole number, halves away from zero; the usual ones without a call.
#[inline]
fn rounded(value: f32) -> f32 {
    // So small that adding a half is exact enough, and a cast cuts off the fraction.
    if (0.0..4_194_304.0).contains(&value) {
        (value + 0.5) as u32 as f32
    } else {
        value.round()
    }
}

/// Rounding to the largest power of two that is not above the step asked for: what remains is
/// exact in a float, and its low bits are zero.
#[derive(Clone, Copy, Debug)]
struct Step {
    step: f32,
    per_unit: f32,
}

impl Step {
    fn new(step: f64) -> Self {
        // Beyond these powers a float has no room for the step or for its inverse.
        let power = step.log2().floor().clamp(-100.0, 100.0);
        Self {
            step: power.exp2() as f32,
            per_unit: (-power).exp2() as f32,
        }
    }

    #[inline]
    fn round(&self, value: f32) -> f32 {
        // Adding 1.5 · 2²³ leaves a float no bits for a fraction: rounding without a call.
        const NO_FRACTION: f32 = 12_582_912.0;
        let steps = value * self.per_unit;
        if steps.abs() < 4_194_304.0 {
            ((steps + NO_FRACTION) - NO_FRACTION) * self.step
        } else {
            // So large that a float is hardly finer than the step.
            value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::GeoTransform;
    use proptest::prelude::*;

    const PLACE: GeoTransform = GeoTransform {
        x0: 0.0,
        y0: 0.0,
        dx: 1.0,
        dy: 1.0,
    };

    fn spec(sample: Sample, nodata: Option<f64>) -> CogSpec {
        CogSpec {
            tile_px: 16,
            sample,
            nodata,
            compression: Compression::None,
            ..CogSpec::new(16, 16, PLACE, 31370)
        }
    }

    fn stored(spec: &CogSpec, scaling: Option<Scaling>, value: f32) -> f32 {
        let encoder = Encoder::new(spec, scaling).expect("valid");
        let value = match scaling {
            Some(s) => ((f64::from(value) - s.offset) / s.scale) as f32,
            None => value,
        };
        encoder.stored(value)
    }

    /// Undoes predictor 3 as Technical Note 3 describes the decoder.
    fn unshuffle(bytes: &[u8], width: usize) -> Vec<u32> {
        let mut cells = Vec::new();
        for row in bytes.chunks_exact(4 * width) {
            let mut summed = row.to_vec();
            for i in 1..summed.len() {
                summed[i] = summed[i].wrapping_add(summed[i - 1]);
            }
            cells.extend((0..width).map(|i| {
                let byte = |plane: usize| summed[plane * width + i];
                u32::from_be_bytes([byte(0), byte(1), byte(2), byte(3)])
            }));
        }
        cells
    }

    proptest! {
        #[test]
        fn the_float_predictor_keeps_every_bit(bits in prop::collection::vec(any::<u32>(), 48)) {
            let mut bytes = Vec::new();
            shuffle_floats(bits.iter().map(|b| f32::from_bits(*b)), 16, &mut bytes);
            prop_assert_eq!(unshuffle(&bytes, 16), bits);
        }

        #[test]
        fn differences_of_integers_add_up_again(
            values in prop::collection::vec(any::<u16>(), 256),
        ) {
            let encoder = Encoder {
                predictor: Predictor::Horizontal,
                ..Encoder::new(&spec(Sample::U16, None), None).expect("valid")
            };
            let cells: Vec<f32> = values.iter().map(|v| f32::from(*v)).collect();
            let bytes = encoder.pack(&cells).expect("packs");
            let mut sum = 0_u16;
            for (i, pair) in bytes.chunks_exact(2).enumerate() {
                let difference = u16::from_le_bytes([pair[0], pair[1]]);
                sum = if i % 16 == 0 { difference } else { sum.wrapping_add(difference) };
                prop_assert_eq!(sum, values[i]);
            }
        }
    }

    #[test]
    fn one_row_of_two_floats_is_shuffled_as_by_hand() {
        // 1.0 = 3F 80 00 00, -2.0 = C0 00 00 00: planes 3F C0 | 80 00 | 00 00 | 00 00.
        let mut bytes = Vec::new();
        shuffle_floats([1.0, -2.0].into_iter(), 2, &mut bytes);
        assert_eq!(bytes, [0x3f, 0x81, 0xc0, 0x80, 0, 0, 0, 0]);
    }

    #[test]
    fn rounding_takes_the_power_of_two_below_the_step() {
        let spec = CogSpec {
            round_k: 0.01,
            ..spec(Sample::F32, Some(f64::NAN))
        };
        // 1/128 = 0.0078125: 3.1417 lies nearest to 402/128, -0.0349 to -4/128.
        assert_eq!(stored(&spec, None, 3.141_7), 402.0 / 128.0);
        assert_eq!(stored(&spec, None, -0.0349), -4.0 / 128.0);
        assert_eq!(stored(&spec, None, 1e9), 1e9);
        assert!(stored(&spec, None, f32::INFINITY).is_nan());
    }

    #[test]
    fn whole_numbers_are_those_of_the_library() {
        for value in [
            0.0,
            0.25,
            0.5,
            1.5,
            2.5,
            254.5,
            65_534.5,
            4_194_303.5,
            8_388_609.0,
        ] {
            assert_eq!(rounded(value), value.round());
            assert_eq!(rounded(-value), (-value).round());
        }
    }

    #[test]
    fn scaled_values_are_cut_at_the_range_and_never_become_nodata() {
        let spec = spec(Sample::U16, Some(0.0));
        let scaling = Some(Scaling {
            scale: 0.01,
            offset: -100.0,
        });
        assert_eq!(stored(&spec, scaling, 12.34), 11_234.0);
        assert_eq!(stored(&spec, scaling, -200.0), 1.0);
        assert_eq!(stored(&spec, scaling, 1e6), 65_535.0);
        assert!(stored(&spec, scaling, f32::NAN).is_nan());
    }

    #[test]
    fn a_count_equal_to_nodata_is_missing() {
        assert!(stored(&spec(Sample::U8, Some(0.0)), None, 0.0).is_nan());
        assert_eq!(stored(&spec(Sample::U8, None), None, 0.0), 0.0);
    }
}
