//! EXIF of a JPEG or TIFF: maker, lens, clock and position as stored.
//!
//! In: a TIFF structure. Out: what could be read; a damaged directory is a warning, because the
//! samples may still be good.

use super::bytes::Order;
use exif::{Context, Exif, In, Tag, Value};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// CameraSerialNumber of DNG, which FLIR writes into TIFFs.
const CAMERA_SERIAL_NUMBER: Tag = Tag(Context::Tiff, 0xC62F);

/// What EXIF holds and we use.
#[derive(Clone, Debug, Default)]
pub(super) struct ExifFacts {
    pub(super) make: String,
    pub(super) model: String,
    pub(super) serial: String,
    pub(super) lens: String,
    pub(super) focal_mm: Option<f64>,
    pub(super) orientation: Option<u8>,
    /// DateTimeOriginal with its fraction, no zone.
    pub(super) local: Option<DateTime>,
    /// OffsetTimeOriginal.
    pub(super) zone: Option<Offset>,
    /// GPSDateStamp and GPSTimeStamp, both present.
    pub(super) gps_time: Option<Timestamp>,
    /// Latitude and longitude, degrees north and east.
    pub(super) lat_lon: Option<(f64, f64)>,
    /// GPSImgDirection.
    pub(super) heading_deg: Option<f64>,
    /// GPSAltitude, negative below the reference.
    pub(super) altitude_m: Option<f64>,
}

impl ExifFacts {
    /// Reads a TIFF structure.
    pub(super) fn read(bytes: &[u8], warnings: &mut Vec<String>) -> Self {
        match parse(bytes) {
            Ok(exif) => Self::from_exif(&exif),
            Err(e) => {
                warnings.push(format!("EXIF cannot be read and is not used: {e}"));
                Self::default()
            }
        }
    }

    fn from_exif(exif: &Exif) -> Self {
        let get = |tag| exif.get_field(tag, In::PRIMARY).map(|f| &f.value);
        let string = |tag| get(tag).and_then(ascii).unwrap_or_default();
        let number = |tag| get(tag).and_then(|v| rational(v, 0));
        Self {
            make: string(Tag::Make),
            model: string(Tag::Model),
            serial: get(Tag::BodySerialNumber)
                .or_else(|| get(CAMERA_SERIAL_NUMBER))
                .and_then(ascii)
                .unwrap_or_default(),
            lens: string(Tag::LensModel),
            focal_mm: number(Tag::FocalLength).filter(|f| *f > 0.0),
            orientation: get(Tag::Orientation)
                .and_then(|v| v.get_uint(0))
                .and_then(|o| u8::try_from(o).ok())
                .filter(|o| (1..=8).contains(o)),
            local: civil(
                &string(Tag::DateTimeOriginal),
                &string(Tag::SubSecTimeOriginal),
            ),
            zone: offset(&string(Tag::OffsetTimeOriginal)),
            gps_time: gps_time(&string(Tag::GPSDateStamp), get(Tag::GPSTimeStamp)),
            lat_lon: angle(get(Tag::GPSLatitude), &string(Tag::GPSLatitudeRef), "S").zip(angle(
                get(Tag::GPSLongitude),
                &string(Tag::GPSLongitudeRef),
                "W",
            )),
            heading_deg: number(Tag::GPSImgDirection).filter(|d| (0.0..=360.0).contains(d)),
            altitude_m: number(Tag::GPSAltitude).map(|altitude| {
                let below = get(Tag::GPSAltitudeRef).and_then(|v| v.get_uint(0)) == Some(1);
                if below { -altitude } else { altitude }
            }),
        }
    }
}

/// Reads what can be read of a TIFF structure.
pub(super) fn parse(bytes: &[u8]) -> Result<Exif, exif::Error> {
    let mut bytes = bytes.to_vec();
    widen_pointers(&mut bytes);
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    reader
        .read_raw(bytes)
        .or_else(|e| e.distill_partial_result(|_| ()))
}

/// Gives the pointers to the EXIF and GPS directories the type LONG where they have the type IFD.
///
/// TIFF allows both (type 13, TIFF Technical Note 1), the XT2 writes IFD, and the EXIF reader
/// knows only LONG. Both are four bytes.
fn widen_pointers(bytes: &mut [u8]) {
    const LONG: u16 = 4;
    const IFD: u16 = 13;
    const POINTERS: [u16; 2] = [0x8769, 0x8825];
    let order = match bytes.first() {
        Some(b'I') => Order::Little,
        _ => Order::Big,
    };
    let Some(start) = order.u32(bytes, 4).map(|v| v as usize) else {
        return;
    };
    let count = order.u16(bytes, start).map_or(0, usize::from);
    for at in (0..count).map(|i| start + 2 + 12 * i) {
        let pointer = order.u16(bytes, at).is_some_and(|t| POINTERS.contains(&t));
        if pointer
            && order.u16(bytes, at + 2) == Some(IFD)
            && let Some(kind) = bytes.get_mut(at + 2..at + 4)
        {
            kind.copy_from_slice(&match order {
                Order::Little => LONG.to_le_bytes(),
                Order::Big => LONG.to_be_bytes(),
            });
        }
    }
}

fn ascii(value: &Value) -> Option<String> {
    let Value::Ascii(parts) = value else {
        return None;
    };
    let text = String::from_utf8_lossy(parts.first()?);
    Some(
        text.trim_matches(|c: char| c == '\0' || c.is_whitespace())
            .to_owned(),
    )
}

/// A finite rational; files with a denominator of 0 exist.
fn rational(value: &Value, at: usize) -> Option<f64> {
    let number = match value {
        Value::Rational(v) => v.get(at)?.to_f64(),
        Value::SRational(v) => v.get(at)?.to_f64(),
        Value::Float(v) => f64::from(*v.get(at)?),
        Value::Double(v) => *v.get(at)?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// Degrees, minutes and seconds with the letter that makes them negative.
fn angle(value: Option<&Value>, letter: &str, negative: &str) -> Option<f64> {
    let value = value?;
    let degrees = rational(value, 0)?
        + rational(value, 1).unwrap_or(0.0) / 60.0
        + rational(value, 2).unwrap_or(0.0) / 3600.0;
    let sign = if letter.eq_ignore_ascii_case(negative) {
        -1.0
    } else {
        1.0
    };
    Some(sign * degrees)
}

/// `2021:07:01 13:49:35`, also with dashes or slashes in the date; the fraction as digits.
pub(super) fn civil(text: &str, fraction: &str) -> Option<DateTime> {
    let mut numbers = text.split([':', '-', '/', ' ', 'T']).map(str::parse::<i16>);
    let mut next = || numbers.next()?.ok();
    let [year, month, day, hour, minute, second] =
        [next()?, next()?, next()?, next()?, next()?, next()?];
    let small = |n: i16| i8::try_from(n).ok();
    DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        nanoseconds(fraction),
    )
    .ok()
}

/// Digits behind the decimal point as nanoseconds.
fn nanoseconds(digits: &str) -> i32 {
    let mut value = 0;
    let mut unit = 100_000_000;
    for digit in digits.chars().map_while(|c| c.to_digit(10)).take(9) {
        value += digit as i32 * unit;
        unit /= 10;
    }
    value
}

/// `+02:00`
fn offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let seconds = hours.parse::<u8>().ok()? as i32 * 3600 + minutes.parse::<u8>().ok()? as i32 * 60;
    Offset::from_seconds(sign * seconds).ok()
}

fn gps_time(date: &str, time: Option<&Value>) -> Option<Timestamp> {
    let time = time?;
    let midnight = civil(&format!("{date} 00:00:00"), "")?;
    let seconds = rational(time, 0)? * 3600.0 + rational(time, 1)? * 60.0 + rational(time, 2)?;
    // 60 leaves room for a leap second.
    if !(0.0..=86_460.0).contains(&seconds) {
        return None;
    }
    let nanoseconds = (seconds * 1e9).round() as i64;
    Offset::UTC
        .to_timestamp(midnight)
        .ok()?
        .checked_add(jiff::SignedDuration::from_nanos(nanoseconds))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;

    #[test]
    fn dates_with_colons_and_dashes_are_read() {
        let expected = civil::date(2020, 6, 23).at(15, 17, 15, 299_000_000);
        assert_eq!(civil("2020:06:23 15:17:15", "299"), Some(expected));
        assert_eq!(civil("2020-06-23 15:17:15", "299"), Some(expected));
        assert_eq!(civil("0000:00:00 00:00:00", ""), None);
        assert_eq!(civil("2020:06:23", ""), None);
    }

    #[test]
    fn a_sub_second_of_two_digits_is_a_fraction_and_not_a_count_of_milliseconds() {
        assert_eq!(nanoseconds("81"), 810_000_000);
        assert_eq!(nanoseconds(""), 0);
    }

    #[test]
    fn zones_are_read_with_their_sign() {
        assert_eq!(offset("-03:30"), Offset::from_seconds(-12_600).ok());
        assert_eq!(offset("Z"), None);
    }

    #[test]
    fn gps_time_needs_date_and_time() {
        let at = |s| exif::Rational { num: s, denom: 1 };
        let time = Value::Rational(vec![at(9), at(24), at(33)]);
        let expected: Timestamp = "2026-04-15T09:24:33Z".parse().expect("valid");
        assert_eq!(gps_time("2026:04:15", Some(&time)), Some(expected));
        assert_eq!(gps_time("", Some(&time)), None);
    }
}
