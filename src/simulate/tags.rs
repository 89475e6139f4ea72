//! Position, time and attitude in a frame's file: a small EXIF block and the drone maker's XMP.

/// Values of one EXIF entry.
enum Value {
    Text(String),
    Short(u16),
    Long(u32),
    Bytes(Vec<u8>),
    Undefined(Vec<u8>),
    /// Numerator and denominator, one or more.
    Ratios(Vec<[u32; 2]>),
}

impl Value {
    /// TIFF type, count and bytes, big-endian.
    fn parts(&self) -> (u16, u32, Vec<u8>) {
        match self {
            Self::Bytes(bytes) => (1, bytes.len() as u32, bytes.clone()),
            Self::Text(text) => {
                let mut bytes = text.clone().into_bytes();
                bytes.push(0);
                (2, bytes.len() as u32, bytes)
            }
            Self::Short(value) => (3, 1, value.to_be_bytes().to_vec()),
            Self::Long(value) => (4, 1, value.to_be_bytes().to_vec()),
            Self::Ratios(ratios) => {
                let flat = ratios.iter().flatten().flat_map(|v| v.to_be_bytes());
                (5, ratios.len() as u32, flat.collect())
            }
            Self::Undefined(bytes) => (7, bytes.len() as u32, bytes.clone()),
        }
    }
}

/// What the EXIF block says.
pub(super) struct Facts<'a> {
    pub make: &'a str,
    pub model: &'a str,
    pub serial: &'a str,
    pub focal_mm: f64,
    /// Local time of the camera's clock, `YYYY:MM:DD hh:mm:ss`, and its fraction in ms.
    pub local: String,
    pub local_ms: u16,
    /// Date `YYYY:MM:DD` and hours, minutes, milliseconds of the minute, UTC.
    pub gps_date: String,
    pub gps_time: [u32; 3],
    /// `None` without a fix.
    pub place: Option<Place>,
    /// How the stored picture is to be turned; 1 not at all, 6 a quarter clockwise.
    pub orientation: u16,
    /// Columns and rows of the visible JPEG, not of the thermal picture.
    pub preview: [u32; 2],
}

/// Where the receiver says that it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub lon_deg: f64,
    pub lat_deg: f64,
    pub altitude_m: f64,
    /// Where the camera looks, degrees from true north.
    pub direction_deg: Option<f64>,
}

/// The APP1 payload with header `Exif\0\0`.
pub(super) fn block(facts: &Facts) -> Vec<u8> {
    const IFD0_AT: u32 = 8;
    let ifd0 = |exif_at: u32, gps_at: u32| {
        let mut entries = vec![
            (0x010f, Value::Text(facts.make.into())),
            (0x0110, Value::Text(facts.model.into())),
            (0x0112, Value::Short(facts.orientation)),
            (0x011a, Value::Ratios(vec![[72, 1]])),
            (0x011b, Value::Ratios(vec![[72, 1]])),
            (0x0128, Value::Short(2)),
            (0x0131, Value::Text("simulated 1".into())),
            (0x0132, Value::Text(facts.local.clone())),
            (0x0213, Value::Short(1)),
            (0x8769, Value::Long(exif_at)),
        ];
        entries.extend(facts.place.map(|_| (0x8825, Value::Long(gps_at))));
        entries
    };
    let exif_at = IFD0_AT + directory(&ifd0(0, 0), IFD0_AT).len() as u32;
    let exif = directory(&exif_entries(facts), exif_at);
    let gps_at = exif_at + exif.len() as u32;
    let mut out = b"Exif\0\0MM\0\x2a".to_vec();
    out.extend(IFD0_AT.to_be_bytes());
    out.extend(directory(&ifd0(exif_at, gps_at), IFD0_AT));
    out.extend(exif);
    if let Some(place) = &facts.place {
        out.extend(directory(&gps_entries(facts, place), gps_at));
    }
    out
}

fn exif_entries(facts: &Facts) -> Vec<(u16, Value)> {
    let focal = [(facts.focal_mm * 100.0).round() as u32, 100];
    vec![
        (0x9000, Value::Undefined(b"0232".to_vec())),
        (0x9003, Value::Text(facts.local.clone())),
        (0x9004, Value::Text(facts.local.clone())),
        (0x9101, Value::Undefined(vec![1, 0, 0, 0])),
        (0x920a, Value::Ratios(vec![focal])),
        (0x9291, Value::Text(format!("{:03}", facts.local_ms))),
        (0xa000, Value::Undefined(b"0100".to_vec())),
        (0xa001, Value::Short(0xffff)),
        (0xa002, Value::Long(facts.preview[0])),
        (0xa003, Value::Long(facts.preview[1])),
        (0xa431, Value::Text(facts.serial.into())),
    ]
}

fn gps_entries(facts: &Facts, place: &Place) -> Vec<(u16, Value)> {
    let side = |value: f64, negative: &str, positive: &str| {
        Value::Text(if value < 0.0 { negative } else { positive }.into())
    };
    let altitude = [(place.altitude_m.abs() * 1000.0).round() as u32, 1000];
    let [hours, minutes, ms] = facts.gps_time;
    let mut entries = vec![
        (0, Value::Bytes(vec![2, 3, 0, 0])),
        (1, side(place.lat_deg, "S", "N")),
        (2, Value::Ratios(sexagesimal(place.lat_deg))),
        (3, side(place.lon_deg, "W", "E")),
        (4, Value::Ratios(sexagesimal(place.lon_deg))),
        (5, Value::Bytes(vec![u8::from(place.altitude_m < 0.0)])),
        (6, Value::Ratios(vec![altitude])),
        (7, Value::Ratios(vec![[hours, 1], [minutes, 1], [ms, 1000]])),
    ];
    if let Some(direction) = place.direction_deg {
        let hundredths = (direction.rem_euclid(360.0) * 100.0).round() as u32;
        entries.push((0x10, Value::Text("T".into())));
        entries.push((0x11, Value::Ratios(vec![[hundredths, 100]])));
    }
    entries.push((0x1d, Value::Text(facts.gps_date.clone())));
    entries
}

/// Degrees, minutes and seconds to 1e-6″ (0.03 mm).
fn sexagesimal(degrees: f64) -> Vec<[u32; 2]> {
    let millionths = (degrees.abs() * 3600.0 * 1e6).round() as u64;
    let (minutes, seconds) = (millionths / 60_000_000, millionths % 60_000_000);
    vec![
        [(minutes / 60) as u32, 1],
        [(minutes % 60) as u32, 1],
        [seconds as u32, 1_000_000],
    ]
}

/// A directory placed at `at`, with its values behind it. Entries in ascending tag order.
fn directory(entries: &[(u16, Value)], at: u32) -> Vec<u8> {
    let mut head = (entries.len() as u16).to_be_bytes().to_vec();
    let mut tail: Vec<u8> = Vec::new();
    let tail_at = at + 2 + 12 * entries.len() as u32 + 4;
    for (tag, value) in entries {
        let (kind, count, mut bytes) = value.parts();
        head.extend(tag.to_be_bytes());
        head.extend(kind.to_be_bytes());
        head.extend(count.to_be_bytes());
        if bytes.len() <= 4 {
            bytes.resize(4, 0);
            head.extend(bytes);
        } else {
            head.extend((tail_at + tail.len() as u32).to_be_bytes());
            if bytes.len() % 2 == 1 {
                bytes.push(0);
            }
            tail.extend(bytes);
        }
    }
    head.extend(0_u32.to_be_bytes());
    head.extend(tail);
    head
}

/// XMP packet with the drone maker's attributes, in the given order.
pub(super) fn xmp(attributes: &[(&str, String)]) -> Vec<u8> {
    let mut text = String::from(concat!(
        "http://ns.adobe.com/xap/1.0/\0",
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n",
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n",
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n",
        "<rdf:Description rdf:about=\"\" xmlns:drone-dji=\"http://www.dji.com/drone-dji/1.0/\"",
    ));
    for (name, value) in attributes {
        text.push_str(&format!("\n drone-dji:{name}=\"{value}\""));
    }
    text.push_str("/>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>");
    text.into_bytes()
}

/// A JPEG segment.
pub(super) fn app1(payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, 0xe1];
    out.extend((payload.len() as u16 + 2).to_be_bytes());
    out.extend(payload);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_become_whole_degrees_minutes_and_the_rest_in_seconds() {
        // 2.885 55° = 2° 53′ 7.98″.
        assert_eq!(
            sexagesimal(2.885_55),
            vec![[2, 1], [53, 1], [7_980_000, 1_000_000]]
        );
    }

    #[test]
    fn an_exif_reader_finds_make_time_and_position() {
        let facts = Facts {
            make: "thermaudit",
            model: "SIM320",
            serial: "7",
            focal_mm: 9.1,
            local: "2025:01:20 21:30:05".into(),
            local_ms: 250,
            gps_date: "2025:01:20".into(),
            gps_time: [20, 30, 5_250],
            place: Some(Place {
                lon_deg: 2.885_55,
                lat_deg: 51.0,
                altitude_m: 214.5,
                direction_deg: Some(271.5),
            }),
            orientation: 6,
            preview: [80, 64],
        };
        let block = block(&facts);
        let exif = exif::Reader::new()
            .read_raw(block[6..].to_vec())
            .expect("readable");
        let shown = |tag| {
            let field = exif.get_field(tag, exif::In::PRIMARY).expect("present");
            field.display_value().to_string()
        };
        assert_eq!(shown(exif::Tag::Make), "\"thermaudit\"");
        assert_eq!(shown(exif::Tag::DateTimeOriginal), "2025-01-20 21:30:05");
        assert_eq!(shown(exif::Tag::GPSLatitude), "51 deg 0 min 0 sec");
        assert_eq!(shown(exif::Tag::GPSTimeStamp), "20:30:05.25");
        assert_eq!(shown(exif::Tag::GPSImgDirection), "271.5");
        assert_eq!(shown(exif::Tag::FocalLength), "9.1");
    }
}
