//! Figures of an adjustment.

use super::Source;
use super::covariance;
use super::design::Design;
use super::disagreement::Disagreement;
use super::flat::Flat;
use super::ramp::RampVerdict;
use super::reference::ReferenceResidual;
use super::terms::TERMS;

/// How far views of the same ground differ, about the mean of their cell, kelvin; NaN without
/// such views. Two views differ by √2 √(k/(k − 1)) times as much, k views a cell.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Agreement {
    /// Root mean square.
    pub std_k: f64,
    /// 1.4826 × median of the absolute value: what edges and moving things do not touch.
    pub mad_k: f64,
    /// 95th percentile of the absolute value.
    pub p95_k: f64,
}

/// A stretch of time over which the flat field of a camera was taken as one.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EraReport {
    /// Camera.
    pub camera: Option<usize>,
    /// Number of frames.
    pub frames: usize,
    /// First and last time, seconds; NaN unknown.
    pub time_s: [f64; 2],
    /// Whether a flat field was taken from the frames (from 40 on).
    pub flat_field: bool,
    /// Root mean square of the flat field, kelvin.
    pub flat_field_rms_k: f64,
    /// 1σ of it at one place, kelvin.
    pub flat_field_sigma_k: f64,
    /// r², r⁴, x, y, x·τ, y·τ on top of it, kelvin, positions in units of 400 px from the image
    /// centre, τ from −0.5 to 0.5 over the era; all 0 with fewer than ten frames.
    pub coefficients_k: [f64; 6],
    /// 1σ of each, kelvin; NaN where not solved.
    pub coefficients_sigma_k: [f64; 6],
}

/// Figures of an adjustment.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Report {
    /// Withheld cells as the frames are.
    pub before: Agreement,
    /// Withheld cells levelled.
    pub after: Agreement,
    /// Views behind the two.
    pub views: u64,
    /// Ground cells with at least two views that were solved from.
    pub cells: usize,
    /// Those of them set aside because their temperature goes with the direction of sight: metal
    /// that mirrors the sky, or what stands where the surface model knows nothing.
    pub mirrors: usize,
    /// Span of the medians of the frames, kelvin.
    pub raw_span_k: f64,
    /// Span of the offsets, kelvin.
    pub offset_span_k: f64,
    /// Flat fields and low orders.
    pub eras: Vec<EraReport>,
    /// Whether a tilt of the camera could be told from a ramp over the ground; `None` where no
    /// tilt was solved.
    pub ramp: Option<RampVerdict>,
    /// References as they came out.
    pub references: Vec<ReferenceResidual>,
}

/// Figures of every era.
pub(super) fn era_reports(
    sources: &[Source],
    design: &Design,
    x: &[f64],
    flats: &[Option<(Flat, f64)>],
    covariance: &[Vec<f64>],
) -> Vec<EraReport> {
    let eras = design.eras();
    let report = |(era, frames): (usize, &Vec<usize>)| {
        let times = || frames.iter().map(|f| sources[*f].time_s);
        let flat = flats.get(era).and_then(Option::as_ref);
        let mut coefficients_k = [0.0; TERMS];
        if let Some(orders) = design.low_orders(era) {
            coefficients_k.copy_from_slice(&x[orders]);
        }
        EraReport {
            camera: frames.first().and_then(|f| sources[*f].camera),
            frames: frames.len(),
            time_s: [
                times().fold(f64::NAN, f64::min),
                times().fold(f64::NAN, f64::max),
            ],
            flat_field: flat.is_some(),
            flat_field_rms_k: flat.map_or(0.0, |f| f.0.rms()),
            flat_field_sigma_k: flat.map_or(f64::NAN, |f| f.1),
            coefficients_k,
            coefficients_sigma_k: covariance::order_sigmas(design, covariance, era),
        }
    };
    eras.frames.iter().enumerate().map(report).collect()
}

/// For the report.
pub(super) fn agreement(of: &Disagreement) -> Agreement {
    Agreement {
        std_k: of.std_k,
        mad_k: of.mad_k,
        p95_k: of.p95_k,
    }
}
