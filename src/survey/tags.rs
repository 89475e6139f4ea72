//! What a file says of itself besides its samples, as stored: to be passed on, not understood.

/// One entry of a TIFF or EXIF directory; values in little-endian order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTag {
    /// Number.
    pub tag: u16,
    /// Type of its values by TIFF's numbers: 1 byte, 2 text, 3 short, 4 long, 5 ratio, …
    pub kind: u16,
    /// Number of values.
    pub count: u32,
    /// The values.
    pub bytes: Vec<u8>,
}

impl StoredTag {
    /// A text, ended by a zero byte.
    pub fn text(tag: u16, text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        Self::new(tag, 2, bytes.len(), bytes)
    }

    /// Bytes.
    pub fn bytes(tag: u16, bytes: &[u8]) -> Self {
        Self::new(tag, 1, bytes.len(), bytes.to_vec())
    }

    /// Bytes whose meaning the tag alone knows.
    pub fn undefined(tag: u16, bytes: &[u8]) -> Self {
        Self::new(tag, 7, bytes.len(), bytes.to_vec())
    }

    /// Numbers of 16 bits.
    pub fn shorts(tag: u16, values: &[u16]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(tag, 3, values.len(), bytes)
    }

    /// Numbers of 32 bits.
    pub fn longs(tag: u16, values: &[u32]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(tag, 4, values.len(), bytes)
    }

    /// Numerators and denominators.
    pub fn ratios(tag: u16, values: &[[u32; 2]]) -> Self {
        let flat = values.iter().flatten().flat_map(|v| v.to_le_bytes());
        Self::new(tag, 5, values.len(), flat.collect())
    }

    /// Double-precision numbers.
    pub fn doubles(tag: u16, values: &[f64]) -> Self {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::new(tag, 12, values.len(), bytes)
    }

    /// Values of any type, already in little-endian order.
    pub fn new(tag: u16, kind: u16, count: usize, bytes: Vec<u8>) -> Self {
        Self {
            tag,
            kind,
            count: count as u32,
            bytes,
        }
    }
}

/// A property of an XMP packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmpProperty {
    /// Address of its vocabulary.
    pub namespace: String,
    /// Short name the file used for the vocabulary; may be empty.
    pub prefix: String,
    /// Name.
    pub name: String,
    /// Its value, or the items of a list.
    pub values: Vec<String>,
}

/// Everything of this kind that is worth passing on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTags {
    /// Entries of the main directory: maker, model, date, …
    pub main: Vec<StoredTag>,
    /// Entries of the EXIF directory.
    pub exif: Vec<StoredTag>,
    /// Entries of the GPS directory.
    pub gps: Vec<StoredTag>,
    /// Place of a georeferenced picture on the map: GeoTIFF's entries.
    pub geo: Vec<StoredTag>,
    /// Position, attitude and clock of drones.
    pub xmp: Vec<XmpProperty>,
}
