//! One thermogram, or an ordinary photo, as a file.

use jiff::tz::{Offset, offset};
use jiff::{Timestamp, civil::DateTime};

use super::camera::PLANCK;
use super::marks::Placed;
use super::shot::{Model, Shot, Visible};
use super::{exposure, records};
use crate::problem::Result;
use crate::simulate::fff::{self, CameraRecord};
use crate::simulate::lens::MAKE;
use crate::simulate::png;
use crate::simulate::random::Rng;
use crate::simulate::tags::{self, Facts, Place};

/// Winter time: every visit is in the middle of March.
pub(super) const ZONE: Offset = offset(1);

/// What a file says beside its pictures.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub serial: String,
    pub local: DateTime,
    pub place: Option<Place>,
}

/// Kelvin of a temperature in °C, as cameras store it.
fn kelvin(celsius: f64) -> f32 {
    (celsius + 273.15) as f32
}

/// A radiometric JPEG of counts.
///
/// # Errors
/// When a picture cannot be encoded.
pub(super) fn thermogram(
    shot: &Shot,
    counts: &[u16],
    marks: &[Placed],
    told: &Told,
    rng: &mut Rng,
) -> Result<Vec<u8>> {
    let camera = shot.model.camera();
    let [width, height] = camera.size;
    let colours = exposure::iron();
    let plain: Vec<u8> = counts.iter().flat_map(|c| c.to_le_bytes()).collect();
    let packed = png::swapped(width, height, counts)?;
    let samples = if packed.len() < plain.len() {
        packed
    } else {
        plain
    };
    let mut list = vec![
        (0x01, 3, fff::raw_record(camera.size, &samples)),
        (0x20, 1, info(shot, told).bytes(counts)),
    ];
    if shot.visible == Visible::Embedded {
        let jpeg = exposure::visible(shot, rng)?;
        list.push((0x0e, 2, records::visible(camera.visible, &jpeg)));
    }
    if shot.marked_in_file && !marks.is_empty() {
        list.push((0x21, 1, records::tools(marks)));
    }
    list.push((0x22, 1, records::palette("iron", &colours)));
    if shot.visible == Visible::Embedded {
        list.push((0x2a, 1, records::picture_in_picture(&camera)));
    }
    if let Some(place) = &told.place {
        list.push((0x2b, 1, records::gps(place)));
    }
    let preview = exposure::preview(counts, camera.size, &colours)?;
    let orientation = if shot.upright { 6 } else { 1 };
    let mut out = vec![0xff, 0xd8];
    let facts = facts(
        told,
        camera.model,
        camera.focal_mm,
        camera.size,
        orientation,
    );
    out.extend(tags::app1(&tags::block(&facts)));
    out.extend(fff::segments(&fff::assemble(&list)));
    out.extend(&preview[2..]);
    Ok(out)
}

/// The camera record. The larger camera was set before each picture, but for the emissivity; the
/// smaller one holds what its maker left in it.
fn info<'a>(shot: &Shot, told: &'a Told) -> CameraRecord<'a> {
    let camera = shot.model.camera();
    let optics = &shot.optics;
    let utc = utc(told.local);
    let [distance_m, reflected_c, air_c, humidity] = match shot.model {
        Model::Large => [
            optics.distance_m,
            optics.reflected_c,
            optics.air_c,
            optics.humidity,
        ],
        Model::Small => [1.0, 20.0, 20.0, 0.5],
    };
    let (high, low) = if shot.hot {
        (623.15, 273.15)
    } else {
        (393.15, 253.15)
    };
    CameraRecord {
        size: camera.size,
        parameters: [
            shot.camera_emissivity as f32,
            distance_m as f32,
            kelvin(reflected_c),
            kelvin(air_c),
            kelvin(air_c),
            1.0,
        ],
        humidity: humidity as f32,
        planck: PLANCK,
        limits_k: [
            high,
            low,
            high + 30.0,
            low - 20.0,
            high,
            low,
            high + 30.0,
            low - 20.0,
        ],
        model: camera.model,
        serial: &told.serial,
        lens: camera.lens,
        field_of_view_deg: camera.field_of_view_deg,
        unix_s: u32::try_from(utc.as_second()).unwrap_or(0),
        ms: 0,
    }
}

/// An ordinary photo with EXIF.
///
/// # Errors
/// When the picture cannot be encoded.
pub(super) fn photo(shot: &Shot, told: &Told, rng: &mut Rng) -> Result<Vec<u8>> {
    let jpeg = exposure::visible(shot, rng)?;
    let size = shot.model.camera().visible;
    let orientation = if shot.upright { 6 } else { 1 };
    let mut out = vec![0xff, 0xd8];
    out.extend(tags::app1(&tags::block(&facts(
        told,
        "SIMPHOTO",
        5.4,
        size,
        orientation,
    ))));
    out.extend(&jpeg[2..]);
    Ok(out)
}

/// The point in time of a camera clock.
pub(super) fn utc(local: DateTime) -> Timestamp {
    ZONE.to_timestamp(local).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn facts<'a>(
    told: &'a Told,
    model: &'a str,
    focal_mm: f64,
    size: [usize; 2],
    orientation: u16,
) -> Facts<'a> {
    let (local, world) = (told.local, Offset::UTC.to_datetime(utc(told.local)));
    Facts {
        make: MAKE,
        model,
        serial: &told.serial,
        focal_mm,
        local: local.strftime("%Y:%m:%d %H:%M:%S").to_string(),
        local_ms: 0,
        gps_date: world.strftime("%Y:%m:%d").to_string(),
        gps_time: [
            world.hour() as u32,
            world.minute() as u32,
            world.second() as u32 * 1000,
        ],
        place: told.place,
        orientation,
        preview: size.map(|side| side as u32),
    }
}
