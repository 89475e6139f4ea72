//! Well-known binary, as GeoPackages hold it.
//!
//! In: a GeoPackage geometry blob (header `GP`, then WKB). Out: [`Geometry`]; Z and M are
//! dropped. Formats: OGC 12-128r18 §2.1.3 (header), OGC 06-103r4 §8 (WKB), and the flag bits of
//! the extended form (0x8000_0000 Z, 0x4000_0000 M, 0x2000_0000 SRID).
//!
//! Counts are checked against the bytes left before anything is allocated, nesting is bounded.

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiPolygon, Point, Polygon};

type Parsed<T> = std::result::Result<T, String>;

/// Deepest nesting of collections.
const MAX_DEPTH: u32 = 8;

/// Reads a GeoPackage blob; `Ok(None)` is an empty geometry.
///
/// # Errors
/// What was found and expected.
pub fn from_gpkg(blob: &[u8]) -> Parsed<Option<Geometry<f64>>> {
    let &[b'G', b'P', version, flags, ..] = blob else {
        return Err("has no GeoPackage geometry header".to_string());
    };
    if version != 0 {
        return Err(format!("has geometry version {version}, expected 0"));
    }
    if flags & 0x20 != 0 {
        return Err("has an extended geometry, expected a plain one".to_string());
    }
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err(format!("has envelope code {other}, expected 0 to 4")),
    };
    if flags & 0x10 != 0 {
        return Ok(None);
    }
    let body = blob
        .get(8 + envelope..)
        .ok_or("has a cut geometry header")?;
    from_wkb(body).map(Some)
}

/// Reads plain or extended WKB.
///
/// # Errors
/// What was found and expected.
pub fn from_wkb(bytes: &[u8]) -> Parsed<Geometry<f64>> {
    Cursor { rest: bytes }.geometry(MAX_DEPTH)
}

/// All polygons of a geometry.
///
/// # Errors
/// The geometry is of another kind.
pub fn polygons_of(geometry: Geometry<f64>) -> Parsed<MultiPolygon<f64>> {
    match geometry {
        Geometry::Polygon(polygon) => Ok(MultiPolygon(vec![polygon])),
        Geometry::MultiPolygon(polygons) => Ok(polygons),
        Geometry::GeometryCollection(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(polygons_of(part)?);
            }
            Ok(MultiPolygon(all))
        }
        Geometry::Point(_) => Err("is a point, expected a polygon".to_string()),
        _ => Err("is a line or set of points, expected a polygon".to_string()),
    }
}

struct Cursor<'b> {
    rest: &'b [u8],
}

/// Byte order and number of ordinates of one geometry.
#[derive(Clone, Copy)]
struct Layout {
    little: bool,
    ordinates: usize,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or("has a geometry that ends too early")?;
        self.rest = rest;
        Ok(*head)
    }

    fn u32(&mut self, little: bool) -> Parsed<u32> {
        let bytes = self.take::<4>()?;
        Ok(if little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    fn f64(&mut self, little: bool) -> Parsed<f64> {
        let bytes = self.take::<8>()?;
        Ok(if little {
            f64::from_le_bytes(bytes)
        } else {
            f64::from_be_bytes(bytes)
        })
    }

    /// A count of items that take at least `size` bytes each.
    fn count(&mut self, little: bool, size: usize) -> Parsed<usize> {
        let count = self.u32(little)? as usize;
        if count > self.rest.len() / size {
            let left = self.rest.len();
            return Err(format!(
                "says {count} parts follow, but has {left} bytes left"
            ));
        }
        Ok(count)
    }

    fn geometry(&mut self, depth: u32) -> Parsed<Geometry<f64>> {
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            [other] => return Err(format!("has byte order {other}, expected 0 or 1")),
        };
        let word = self.u32(little)?;
        if word & 0x2000_0000 != 0 {
            self.u32(little)?;
        }
        let code = word & 0x0fff_ffff;
        let (z, m) = (word & 0x8000_0000 != 0, word & 0x4000_0000 != 0);
        let ordinates = match code / 1000 {
            0 => 2 + usize::from(z) + usize::from(m),
            1 | 2 => 3,
            3 => 4,
            _ => return Err(format!("has geometry code {word}")),
        };
        let layout = Layout { little, ordinates };
        match code % 1000 {
            1 => Ok(Geometry::Point(Point(self.coord(layout)?))),
            2 => Ok(Geometry::LineString(self.line(layout)?)),
            3 => Ok(Geometry::Polygon(self.polygon(layout)?)),
            // A multi-surface of flat polygons is a multi-polygon by another name.
            6 | 12 => self.multi_polygon(layout, depth),
            4 | 5 | 7 => self.collection(layout, depth),
            8..=11 | 13 | 14 => {
                Err("has curves, expected straight edges (export with linear geometry)".into())
            }
            other => Err(format!("has geometry code {other}, expected a polygon")),
        }
    }

    fn coord(&mut self, layout: Layout) -> Parsed<Coord<f64>> {
        let (x, y) = (self.f64(layout.little)?, self.f64(layout.little)?);
        for _ in 2..layout.ordinates {
            self.take::<8>()?;
        }
        Ok(Coord { x, y })
    }

    fn line(&mut self, layout: Layout) -> Parsed<LineString<f64>> {
        let count = self.count(layout.little, layout.ordinates * 8)?;
        let coords: Parsed<Vec<_>> = (0..count).map(|_| self.coord(layout)).collect();
        Ok(LineString::new(coords?))
    }

    fn polygon(&mut self, layout: Layout) -> Parsed<Polygon<f64>> {
        let count = self.count(layout.little, 4)?;
        let rings: Parsed<Vec<_>> = (0..count).map(|_| self.line(layout)).collect();
        let mut rings = rings?.into_iter();
        let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Ok(Polygon::new(exterior, rings.collect()))
    }

    fn multi_polygon(&mut self, layout: Layout, depth: u32) -> Parsed<Geometry<f64>> {
        let mut polygons = Vec::new();
        for part in self.parts(layout, depth)? {
            polygons.extend(polygons_of(part)?);
        }
        Ok(Geometry::MultiPolygon(MultiPolygon(polygons)))
    }

    fn collection(&mut self, layout: Layout, depth: u32) -> Parsed<Geometry<f64>> {
        let parts = self.parts(layout, depth)?;
        Ok(Geometry::GeometryCollection(GeometryCollection(parts)))
    }

    fn parts(&mut self, layout: Layout, depth: u32) -> Parsed<Vec<Geometry<f64>>> {
        let depth = depth
            .checked_sub(1)
            .ok_or("has collections nested too deep")?;
        let count = self.count(layout.little, 9)?;
        (0..count).map(|_| self.geometry(depth)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;

    /// A 4 by 4 square as WKB; `code` and extra ordinates as given.
    fn square(little: bool, code: u32, extra: usize) -> Vec<u8> {
        let mut bytes = vec![u8::from(little)];
        let mut put = |value: &[u8]| bytes.extend(value);
        let word = |v: u32| {
            if little {
                v.to_le_bytes()
            } else {
                v.to_be_bytes()
            }
        };
        let real = |v: f64| {
            if little {
                v.to_le_bytes()
            } else {
                v.to_be_bytes()
            }
        };
        put(&word(code));
        put(&word(1));
        put(&word(5));
        for (x, y) in [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)] {
            put(&real(x));
            put(&real(y));
            for _ in 0..extra {
                put(&real(9.0));
            }
        }
        bytes
    }

    fn area(bytes: &[u8]) -> f64 {
        let geometry = from_wkb(bytes).expect("sound");
        polygons_of(geometry).expect("polygon").unsigned_area()
    }

    #[test]
    fn both_byte_orders_and_all_ordinate_forms_give_the_same_square() {
        for little in [true, false] {
            assert_eq!(area(&square(little, 3, 0)), 16.0);
            assert_eq!(area(&square(little, 1003, 1)), 16.0);
            assert_eq!(area(&square(little, 2003, 1)), 16.0);
            assert_eq!(area(&square(little, 3003, 2)), 16.0);
            assert_eq!(area(&square(little, 0x8000_0003, 1)), 16.0);
        }
        for code in [6_u32, 12] {
            let mut multi = vec![1];
            multi.extend(code.to_le_bytes());
            multi.extend(2_u32.to_le_bytes());
            multi.extend(square(true, 3, 0));
            multi.extend(square(false, 3, 0));
            assert_eq!(area(&multi), 32.0);
        }
    }

    #[test]
    fn the_envelope_of_the_header_is_skipped_and_empty_is_none() {
        for (code, size) in [(0, 0), (1, 32), (2, 48), (4, 64)] {
            let mut blob = vec![b'G', b'P', 0, 1 | (code << 1), 0, 0, 0, 0];
            blob.extend(vec![0; size]);
            blob.extend(square(true, 3, 0));
            assert!(matches!(from_gpkg(&blob), Ok(Some(Geometry::Polygon(_)))));
        }
        assert_eq!(from_gpkg(&[b'G', b'P', 0, 0x11, 0, 0, 0, 0]), Ok(None));
    }

    #[test]
    fn every_cut_and_every_huge_count_is_refused() {
        let whole = square(true, 3, 0);
        for length in 0..whole.len() {
            assert!(from_wkb(&whole[..length]).is_err());
        }
        let mut huge = whole.clone();
        huge[5..9].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(from_wkb(&huge).is_err());
        let mut many = whole;
        many[9..13].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(from_wkb(&many).is_err());
        let nested: Vec<u8> = [1, 7, 0, 0, 0, 1, 0, 0, 0].repeat(100_000);
        assert!(from_wkb(&nested).is_err());
        assert!(from_gpkg(b"GP").is_err());
        assert!(from_gpkg(b"GP\0\x0f\0\0\0\0").is_err());
    }
}
