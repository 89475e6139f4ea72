//! Where a frame was taken and how the camera was turned, from EXIF, XMP and FLIR's GPS record.

use super::camera_info::GpsRecord;
use super::exif::ExifFacts;
use super::xmp::{Values, Vocabulary};
use crate::survey::{Fix, FrameHeader, Rtk, YawPitchRoll};

/// EXIF and XMP of one file should name the same place: 2 m is beyond any rounding of either.
const AGREEMENT_M: f64 = 2.0;
/// Degrees of latitude to metres.
const METRES_PER_DEGREE: f64 = 111_320.0;
/// XMP coordinates with fewer decimals than this (1 cm) are not finer than EXIF's.
const FINE_DECIMALS: usize = 7;

/// Fills position, attitude and velocity of a header.
pub(super) fn fill(
    header: &mut FrameHeader,
    exif: &ExifFacts,
    xmp: &Values,
    record: Option<GpsRecord>,
) {
    header.fix = fix(exif, xmp, record, &mut header.warnings);
    header.heading_deg = exif
        .heading_deg
        .or_else(|| record.and_then(|r| r.heading_deg));
    let drone = |prefix: &str| {
        angles(xmp, Vocabulary::Drone, |part| {
            format!("{prefix}{part}Degree")
        })
    };
    header.gimbal = drone("Gimbal");
    header.flight = drone("Flight");
    header.mount = angles(xmp, Vocabulary::Camera, str::to_owned);
    let speed = |axis| xmp.number(Vocabulary::Drone, axis);
    header.velocity_m_s = match (
        speed("FlightXSpeed"),
        speed("FlightYSpeed"),
        speed("FlightZSpeed"),
    ) {
        (Some(north), Some(east), Some(down)) => Some([north, east, down]),
        _ => None,
    };
}

fn fix(
    exif: &ExifFacts,
    xmp: &Values,
    record: Option<GpsRecord>,
    warnings: &mut Vec<String>,
) -> Option<Fix> {
    let drone = |name| xmp.number(Vocabulary::Drone, name);
    let from_exif = exif.lat_lon.and_then(|p| believable(p, "EXIF", warnings));
    // One old firmware misspells the longitude.
    let from_xmp = drone("GpsLatitude")
        .zip(drone("GpsLongitude").or_else(|| drone("GpsLongtitude")))
        .and_then(|p| believable(p, "XMP", warnings));
    let from_record =
        record.and_then(|r| believable((r.lat_deg, r.lon_deg), "the GPS record", warnings));
    if let (Some(a), Some(b)) = (from_exif, from_xmp) {
        let apart = distance_m(a, b);
        if apart > AGREEMENT_M {
            warnings.push(format!("EXIF and XMP positions are {apart:.1} m apart"));
        }
    }
    let fine = xmp
        .text(Vocabulary::Drone, "GpsLatitude")
        .and_then(|t| t.split_once('.'))
        .is_some_and(|(_, decimals)| decimals.len() >= FINE_DECIMALS);
    let (lat_deg, lon_deg) = match (from_exif, from_xmp) {
        (Some(_), Some(position)) if fine => position,
        (Some(position), _) | (None, Some(position)) => position,
        (None, None) => from_record?,
    };
    let absolute_m = drone("AbsoluteAltitude")
        .or(exif.altitude_m)
        .or_else(|| record.filter(|_| from_record.is_some())?.altitude_m);
    let flag = drone("RtkFlag").unwrap_or(0.0);
    let sigma = |name| drone(name).filter(|s| *s > 0.0);
    Some(Fix {
        lon_deg,
        lat_deg,
        absolute_m,
        relative_m: drone("RelativeAltitude"),
        rtk: rtk(flag),
        // Per axis, as a prior of one coordinate needs it.
        sigma_horizontal_m: sigma("RtkStdLon")
            .zip(sigma("RtkStdLat"))
            .map(|(lon, lat)| ((lon * lon + lat * lat) / 2.0).sqrt()),
        sigma_vertical_m: sigma("RtkStdHgt"),
    })
}

/// Numbers of DJI's RtkFlag; the 0 and 1 of old cameras say only whether a module was plugged in.
fn rtk(flag: f64) -> Rtk {
    match flag as i64 {
        50 => Rtk::Fixed,
        32..=49 => Rtk::Float,
        16 => Rtk::Single,
        _ => Rtk::None,
    }
}

/// Drops 0/0, which receivers write without a fix, and what is no position at all.
fn believable(
    (lat, lon): (f64, f64),
    source: &str,
    warnings: &mut Vec<String>,
) -> Option<(f64, f64)> {
    if lat.abs() < 1e-6 && lon.abs() < 1e-6 {
        return None;
    }
    if !(lat.abs() <= 90.0 && lon.abs() <= 180.0) {
        warnings.push(format!(
            "{source} gives latitude {lat}, longitude {lon}: not used"
        ));
        return None;
    }
    Some((lat, lon))
}

fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let north = (a.0 - b.0) * METRES_PER_DEGREE;
    let east = (a.1 - b.1) * METRES_PER_DEGREE * a.0.to_radians().cos();
    north.hypot(east)
}

fn angles(
    xmp: &Values,
    vocabulary: Vocabulary,
    name: impl Fn(&str) -> String,
) -> Option<YawPitchRoll> {
    let angle = |part| xmp.number(vocabulary, &name(part));
    Some(YawPitchRoll {
        yaw_deg: angle("Yaw")?,
        pitch_deg: angle("Pitch")?,
        roll_deg: angle("Roll")?,
    })
}

#[cfg(test)]
mod tests {
    use super::super::xmp::Packets;
    use super::*;

    fn values(attributes: &str) -> Values {
        let packet =
            format!(r#"<a xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" {attributes}/>"#);
        let mut warnings = Vec::new();
        let values = Packets::single(packet.as_bytes()).read(&mut warnings);
        assert!(warnings.is_empty(), "{warnings:?}");
        values
    }

    fn exif(lat: f64, lon: f64) -> ExifFacts {
        ExifFacts {
            lat_lon: Some((lat, lon)),
            altitude_m: Some(100.0),
            ..ExifFacts::default()
        }
    }

    #[test]
    fn the_position_with_more_digits_wins_and_disagreement_is_said() {
        let xmp = values(
            r#"drone-dji:GpsLatitude="+50.688284383" drone-dji:GpsLongtitude="+4.524503551""#,
        );
        let mut warnings = Vec::new();
        let fix = fix(&exif(50.68828, 4.52450), &xmp, None, &mut warnings).expect("a position");
        assert_eq!((fix.lat_deg, fix.lon_deg), (50.688284383, 4.524503551));
        assert!(warnings.is_empty(), "{warnings:?}");
        let far = super::fix(&exif(50.68838, 4.52450), &xmp, None, &mut warnings);
        assert!(far.is_some());
        assert!(warnings[0].contains("m apart"), "{warnings:?}");
    }

    #[test]
    fn zero_zero_is_no_position() {
        let mut warnings = Vec::new();
        assert_eq!(
            fix(&exif(0.0, 0.0), &Values::default(), None, &mut warnings),
            None
        );
    }

    #[test]
    fn the_gps_record_stands_in_where_exif_has_no_position() {
        let record = GpsRecord {
            lat_deg: 34.07,
            lon_deg: -118.2,
            altitude_m: Some(90.0),
            heading_deg: None,
        };
        let mut warnings = Vec::new();
        let fix = fix(
            &ExifFacts::default(),
            &Values::default(),
            Some(record),
            &mut warnings,
        )
        .expect("a position");
        assert_eq!((fix.lon_deg, fix.absolute_m), (-118.2, Some(90.0)));
    }

    #[test]
    fn only_flag_50_is_a_fixed_solution() {
        assert_eq!(rtk(50.0), Rtk::Fixed);
        assert_eq!([32.0, 34.0, 49.0].map(rtk), [Rtk::Float; 3]);
        assert_eq!(rtk(16.0), Rtk::Single);
        assert_eq!([0.0, 1.0, 15.0, 31.0, 51.0].map(rtk), [Rtk::None; 5]);
    }
}
