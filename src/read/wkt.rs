//! Well-known text of polygons and points.
//!
//! In: `POLYGON((…))` or `MULTIPOLYGON(((…)))`, any case, with `SRID=…;` in front or `Z`, `M`,
//! `ZM` behind the word (the extra ordinates are dropped). Out: [`MultiPolygon`], rings closed.
//! Grammar: OGC 06-103r4, §7.2.

use geo::{Coord, LineString, MultiPolygon, Polygon};

/// Parses a polygon or multipolygon.
///
/// # Errors
/// What was found and expected, with the position in the text.
pub fn multi_polygon(text: &str) -> Result<MultiPolygon<f64>, String> {
    let body = match text.trim_start().get(..5) {
        Some(head) if head.eq_ignore_ascii_case("SRID=") => {
            text.split_once(';').map_or(text, |(_, rest)| rest)
        }
        _ => text,
    };
    let mut parser = Parser { rest: body };
    let kind = parser.word().to_ascii_uppercase();
    let after = parser.rest;
    let dimension = parser.word().to_ascii_uppercase();
    if !matches!(dimension.as_str(), "Z" | "M" | "ZM" | "") {
        parser.rest = after;
    }
    let kind = kind.trim_end_matches('M').trim_end_matches('Z');
    let polygons = match kind {
        "POLYGON" => vec![parser.polygon()?],
        "MULTIPOLYGON" => parser.list(Parser::polygon)?,
        _ => return Err("is no POLYGON or MULTIPOLYGON".to_string()),
    };
    if !parser.rest.trim().is_empty() {
        return Err(format!("has \"{}\" behind the polygon", start(parser.rest)));
    }
    Ok(MultiPolygon(polygons))
}

/// Parses a point; its two first ordinates in the order they stand.
///
/// Services of the region write `POINT (lat lon)`, so the order is for the caller to judge.
///
/// # Errors
/// What was found and expected, with the position in the text.
pub fn point(text: &str) -> Result<[f64; 2], String> {
    let body = match text.trim_start().get(..5) {
        Some(head) if head.eq_ignore_ascii_case("SRID=") => {
            text.split_once(';').map_or(text, |(_, rest)| rest)
        }
        _ => text,
    };
    let mut parser = Parser { rest: body };
    let kind = parser.word().to_ascii_uppercase();
    if kind.trim_end_matches('M').trim_end_matches('Z') != "POINT" {
        return Err("is no POINT".to_string());
    }
    let after = parser.rest;
    if !matches!(
        parser.word().to_ascii_uppercase().as_str(),
        "Z" | "M" | "ZM" | ""
    ) {
        parser.rest = after;
    }
    match parser.list(Parser::coord)?.as_slice() {
        [place] if parser.rest.trim().is_empty() => Ok([place.x, place.y]),
        _ => Err("is not one place".to_string()),
    }
}

/// What is left to read.
struct Parser<'t> {
    rest: &'t str,
}

impl<'t> Parser<'t> {
    fn word(&mut self) -> &'t str {
        self.take(|c| c.is_ascii_alphabetic())
    }

    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let text = self.rest.trim_start();
        let end = text.find(|c| !wanted(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        word
    }

    fn sign(&mut self, sign: char) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// `( item , item , … )`
    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        if !self.sign('(') {
            return Err(format!("has \"{}\", expected (", start(self.rest)));
        }
        let mut items = vec![item(self)?];
        while self.sign(',') {
            items.push(item(self)?);
        }
        if self.sign(')') {
            Ok(items)
        } else {
            Err(format!("has \"{}\", expected , or )", start(self.rest)))
        }
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, String> {
        let mut rings = self.list(Self::ring)?.into_iter();
        let exterior = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Ok(Polygon::new(exterior, rings.collect()))
    }

    fn ring(&mut self) -> Result<LineString<f64>, String> {
        let coords = self.list(Self::coord)?;
        if coords.len() < 4 {
            return Err(format!(
                "has a ring of {} points, expected 4 or more",
                coords.len()
            ));
        }
        Ok(LineString::new(coords))
    }

    /// Two ordinates, then any others.
    fn coord(&mut self) -> Result<Coord<f64>, String> {
        let (x, y) = (self.number()?, self.number()?);
        while !self.rest.trim_start().starts_with([',', ')', '(']) && !self.rest.trim().is_empty() {
            self.number()?;
        }
        Ok(Coord { x, y })
    }

    fn number(&mut self) -> Result<f64, String> {
        let before = self.rest;
        let word = self.take(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        let value = word.parse::<f64>().ok().filter(|v| v.is_finite());
        value.ok_or_else(|| format!("has \"{}\", expected a number", start(before)))
    }
}

fn start(text: &str) -> String {
    text.trim_start().chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::Area;

    #[test]
    fn polygons_with_holes_and_extra_ordinates_are_read() {
        let text = "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,2 1,1 1))";
        assert_eq!(multi_polygon(text).expect("sound").unsigned_area(), 15.0);
        for same in [
            "polygon z ((0 0 7, 4 0 7, 4 4 7, 0 4 7))",
            "PolygonZ((0 0 7,4 0 7,4 4 7,0 4 7,0 0 7))",
            "SRID=31370;MULTIPOLYGON (((0 0, 4 0, 4 4, 0 4, 0 0)))",
            "MULTIPOLYGON ZM (((0 0 1 1,4 0 1 1,4 4 1 1,0 4 1 1,0 0 1 1)))",
        ] {
            assert_eq!(multi_polygon(same).expect(same).unsigned_area(), 16.0);
        }
    }

    #[test]
    fn points_keep_the_order_of_their_ordinates() {
        assert_eq!(point("POINT (50.905 3.123)"), Ok([50.905, 3.123]));
        assert_eq!(point("SRID=31370;PointZ(1 2 3)"), Ok([1.0, 2.0]));
        for text in [
            "",
            "POINT EMPTY",
            "POINT(1)",
            "POINT(1 2, 3 4)",
            "POINT(1 2) x",
            "POINT(a b)",
        ] {
            assert!(point(text).is_err(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_place() {
        for text in [
            "",
            "POINT(0 0)",
            "POLYGON EMPTY",
            "POLYGON((0 0,1 1))",
            "POLYGON((0 0,4 0,4 x,0 0))",
            "POLYGON((0 0,4 0,4 4,0 0)",
            "POLYGON((0 0,4 0,4 4,0 0)) rest",
            "POLYGON((0 0,4 0,4 nan,0 0))",
            "POLYGON(((((((((((((((((((",
            "\u{e9}\u{e9}\u{e9}",
        ] {
            assert!(multi_polygon(text).is_err(), "{text}");
        }
    }
}
