//! Tables that give places in their columns.

use geo::{Coord, Geometry, Point};

use super::super::layer::{Layer, LayerCrs, Shape};
use super::super::table::{Table, fold};
use super::super::wkt;

/// A table as a layer: places stand in a pair of columns or in one of well-known text.
pub(super) fn with_places(table: Table) -> Layer {
    let folded: Vec<String> = table.headers.iter().map(|h| fold(h)).collect();
    let position = |names: &[&str]| folded.iter().position(|f| names.contains(&f.as_str()));
    let pair = |x: &[&str], y: &[&str]| position(x).zip(position(y));
    let degrees = pair(&["longitude", "lon", "lng"], &["latitude", "lat"]);
    let metres = pair(
        &["x", "xlambert72", "lambertx", "xcoord", "easting", "xm"],
        &["y", "ylambert72", "lamberty", "ycoord", "northing", "ym"],
    );
    let text = position(&["thegeom", "geom", "geometry", "wkt", "shape", "positie"]);
    let shape = |cells: &[String]| -> Shape {
        let cell = |i: usize| cells.get(i).map_or("", |c| c.trim());
        if let Some((x, y)) = degrees.or(metres) {
            let number = |i: usize| {
                let value = cell(i).replace(',', ".").parse::<f64>().ok();
                value.filter(|v| v.is_finite())
            };
            let place = number(x).zip(number(y)).ok_or("has no place")?;
            return Ok(Geometry::Point(Point(Coord {
                x: place.0,
                y: place.1,
            })));
        }
        match text.map(cell) {
            None | Some("") => Err("has no place".to_string()),
            Some(text) => match wkt::point(text) {
                Ok([x, y]) => Ok(Geometry::Point(Point(Coord { x, y }))),
                Err(_) => wkt::multi_polygon(text).map(Geometry::MultiPolygon),
            },
        }
    };
    let shapes = table.records.iter().map(|r| shape(&r.cells)).collect();
    Layer {
        name: table.file.clone(),
        shapes,
        crs: match degrees {
            Some(_) => LayerCrs::Code("OGC:CRS84".to_string()),
            None => LayerCrs::Unknown,
        },
        table,
        warnings: Vec::new(),
    }
}
