//! One exposure as a file: a small grey preview with EXIF, XMP and the radiometric segments.

use image::ImageEncoder;
use image::codecs::jpeg::JpegEncoder;

use super::Gnss;
use super::fff::{self, CameraFacts};
use super::flight::{Exposure, Flight};
use super::lens::MAKE;
use super::tags::{self, Facts, Place};
use crate::problem::{Problem, Result};

/// Bytes of the radiometric JPEG.
///
/// # Errors
/// When a picture cannot be encoded.
pub(super) fn encode(
    flight: &Flight,
    exposure: &Exposure,
    gnss: Gnss,
    serial: &str,
    counts: &[u16],
) -> Result<Vec<u8>> {
    let camera = &flight.camera;
    let utc = flight.night.utc(exposure.time_s);
    let facts = CameraFacts {
        camera,
        serial,
        unix_s: u32::try_from(utc.as_second()).unwrap_or(0),
        ms: utc.as_millisecond().rem_euclid(1000) as u16,
    };
    let block = fff::block(counts, &facts)?;
    let preview = preview(camera.width, camera.height, counts)?;
    // Start of image, then our segments, then the preview behind its own start marker.
    let mut out = vec![0xff, 0xd8];
    out.extend(tags::app1(&tags::block(&exif_facts(
        flight, exposure, serial,
    ))));
    out.extend(tags::app1(&tags::xmp(&attributes(exposure, gnss))));
    out.extend(fff::segments(&block));
    out.extend(&preview[2..]);
    Ok(out)
}

fn exif_facts<'a>(flight: &'a Flight, exposure: &Exposure, serial: &'a str) -> Facts<'a> {
    let local = flight.night.local(exposure.time_s);
    let ms = |subsec: i32| (subsec / 1_000_000) as u16;
    let utc = jiff::tz::Offset::UTC.to_datetime(flight.night.utc(exposure.time_s));
    let date =
        |d: jiff::civil::DateTime| format!("{:04}:{:02}:{:02}", d.year(), d.month(), d.day());
    Facts {
        make: MAKE,
        model: flight.camera.model,
        serial,
        focal_mm: flight.camera.focal_mm,
        local: format!(
            "{} {:02}:{:02}:{:02}",
            date(local),
            local.hour(),
            local.minute(),
            local.second()
        ),
        local_ms: ms(local.subsec_nanosecond()),
        gps_date: date(utc),
        gps_time: [
            utc.hour() as u32,
            utc.minute() as u32,
            utc.second() as u32 * 1000 + u32::from(ms(utc.subsec_nanosecond())),
        ],
        place: Some(Place {
            lon_deg: exposure.told.lon_deg,
            lat_deg: exposure.told.lat_deg,
            altitude_m: exposure.told.absolute_m,
            direction_deg: None,
        }),
        orientation: 1,
        preview: preview_size(flight.camera.width, flight.camera.height),
    }
}

/// The drone maker's attributes (formats.md §3.5).
fn attributes(exposure: &Exposure, gnss: Gnss) -> Vec<(&'static str, String)> {
    let told = &exposure.told;
    let angle = |value: f64| format!("{value:+.2}");
    let height = |value: f64| format!("{value:+.3}");
    let mut list = vec![
        ("GpsLatitude", format!("{:+.9}", told.lat_deg)),
        ("GpsLongitude", format!("{:+.9}", told.lon_deg)),
        ("AbsoluteAltitude", height(told.absolute_m)),
        ("RelativeAltitude", height(told.relative_m)),
        ("GimbalYawDegree", angle(told.gimbal[0])),
        ("GimbalPitchDegree", angle(told.gimbal[1])),
        ("GimbalRollDegree", angle(told.gimbal[2])),
        ("FlightYawDegree", angle(told.aircraft[0])),
        ("FlightPitchDegree", angle(told.aircraft[1])),
        ("FlightRollDegree", angle(told.aircraft[2])),
        ("FlightXSpeed", angle(told.velocity[0])),
        ("FlightYSpeed", angle(told.velocity[1])),
        ("FlightZSpeed", angle(told.velocity[2])),
        ("ImageSource", "InfraredCamera".into()),
    ];
    if gnss == Gnss::Rtk {
        list.extend([
            ("AltitudeType", "RtkAlt".into()),
            ("RtkFlag", "50".into()),
            ("RtkStdLon", "0.01400".into()),
            ("RtkStdLat", "0.01400".into()),
            ("RtkStdHgt", "0.03000".into()),
        ]);
    } else {
        list.push(("AltitudeType", "GpsFusionAlt".into()));
    }
    list
}

/// Every so many-th row and column make the preview.
fn preview_step(width: usize) -> usize {
    if width > 400 { 8 } else { 4 }
}

fn preview_size(width: usize, height: usize) -> [u32; 2] {
    let step = preview_step(width);
    [width.div_ceil(step) as u32, height.div_ceil(step) as u32]
}

/// A small grey picture, 2nd to 98th percentile.
fn preview(width: usize, height: usize, counts: &[u16]) -> Result<Vec<u8>> {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let at = |share: usize| f64::from(sorted[(sorted.len() - 1) * share / 100]);
    let (low, high) = (at(2), at(98).max(at(2) + 1.0));
    let step = preview_step(width);
    let [w, h] = preview_size(width, height);
    let mut grey = Vec::with_capacity((w * h) as usize);
    for row in (0..height).step_by(step) {
        for column in (0..width).step_by(step) {
            let count = f64::from(counts[row * width + column]);
            grey.push((255.0 * (count - low) / (high - low)).clamp(0.0, 255.0) as u8);
        }
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 60)
        .write_image(&grey, w, h, image::ExtendedColorType::L8)
        .map_err(|error| Problem::io(format!("the preview could not be encoded: {error}")))?;
    Ok(jpeg)
}
