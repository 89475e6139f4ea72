use super::*;
use crate::raster::GeoTransform;
use crate::report::map_page::{Layer, Look, Roof};
use crate::write::cog::{GridSpec, write_grid};
use crate::write::map_page::unpack;

fn square(x: f64, y: f64, side: f64) -> MultiPolygon<f64> {
    Rect::new((x, y), (x + side, y + side)).to_polygon().into()
}

/// 100 × 100 cells of 0.5 m, lower left corner at (1000, 2000); the value tells the place.
fn piece() -> GeoGrid<f32> {
    let cells = (0..10_000).map(|i| (i % 100) as f32 + (i / 100) as f32 / 100.0);
    GeoGrid {
        grid: Grid::from_vec(100, 100, cells.collect()).expect("100 × 100"),
        transform: GeoTransform {
            x0: 1000.0,
            y0: 2050.0,
            dx: 0.5,
            dy: 0.5,
        },
    }
}

fn cells_of(layer: &Layer) -> Vec<(f64, f64, f32)> {
    let place = layer.cells.as_ref().expect("cells");
    let mut found = Vec::new();
    for tile in &place.tiles {
        let celsius = unpack(tile.width, tile.height, &tile.packed).expect("as packed");
        for (i, value) in celsius
            .into_iter()
            .enumerate()
            .filter(|(_, v)| v.is_finite())
        {
            let col = (tile.col + i % tile.width) as f64 + 0.5;
            let row = (tile.row + i / tile.width) as f64 + 0.5;
            let x = layer.origin_m[0] + place.corner_m[0] + col * place.cell_m;
            let y = layer.origin_m[1] + place.corner_m[1] - row * place.cell_m;
            found.push((x, y, value));
        }
    }
    found
}

#[test]
fn a_strip_holds_no_cell_beyond_the_shown_roofs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mosaic.tif");
    write_mosaic(&path, &piece());
    let mosaic = GeoTiff::open(&path).expect("a mosaic");
    let own = square(1010.0, 2010.0, 8.0);
    // A neighbour wall to wall: the border is at a cell's edge.
    let neighbour = square(1018.0, 2010.0, 8.0);
    let drawn = drawn(&[&own], &[&neighbour]);
    let found = cells(&mosaic, &drawn).expect("readable");
    let page = drawn.finished(found, Vec::new());
    let shown = cells_of(&page.layers[0]);
    // 16 × 16 cells, and the rim that the shape touches from inside only.
    assert_eq!(shown.len(), 256);
    for (x, y, celsius) in shown {
        assert!(
            (1010.0..=1018.0).contains(&x) && (2010.0..=2018.0).contains(&y),
            "{x} {y}"
        );
        let wanted = ((x - 1000.0) / 0.5).floor() + ((2050.0 - y) / 0.5).floor() / 100.0;
        assert!(
            (f64::from(celsius) - wanted).abs() < 0.011,
            "{x} {y} {celsius} {wanted}"
        );
    }
}

#[test]
fn an_earlier_page_shows_only_what_was_and_is_the_companys() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mosaic.tif");
    write_mosaic(&path, &piece());
    let mosaic = GeoTiff::open(&path).expect("a mosaic");
    // Then two buildings; one was sold since, of the other a part.
    let (kept, sold) = (square(1010.0, 2010.0, 8.0), square(1030.0, 2010.0, 8.0));
    let before = drawn(&[&kept, &sold], &[]);
    let page = folder.path().join("map.html");
    let html = html(before, Some(&mosaic), &[]).expect("a page");
    std::fs::write(&page, html).expect("written");
    let former = [Former {
        flight: "a".to_owned(),
        page,
    }];
    let half: MultiPolygon<f64> = Rect::new((1010.0, 2010.0), (1014.0, 2018.0))
        .to_polygon()
        .into();
    let now = drawn(&[&half], &[]);
    let found = earlier::layers(&former, now.layer().expect("one"));
    assert_eq!(found.len(), 1);
    let shown = cells_of(&found[0]);
    assert_eq!(shown.len(), 8 * 16);
    assert!(shown.iter().all(|(x, _, _)| (1010.0..=1014.0).contains(x)));
    assert_eq!((found[0].roofs.len(), found[0].others.len()), (1, 1));
    // Of another flight than it says it is, of nothing, of no page: none.
    std::fs::write(folder.path().join("other.html"), "<p>no page</p>").expect("written");
    for (flight, page) in [
        ("b", "map.html"),
        ("a", "other.html"),
        ("a", "missing.html"),
    ] {
        let former = Former {
            flight: flight.to_owned(),
            page: folder.path().join(page),
        };
        assert!(earlier::layers(&[former], now.layer().expect("one")).is_empty());
    }
}

fn write_mosaic(path: &std::path::Path, piece: &GeoGrid<f32>) {
    let spec = GridSpec::float(31370, f64::NAN, "temperature", "degC");
    write_grid(path, piece, &spec).expect("written");
}

fn drawn(shown: &[&MultiPolygon<f64>], hidden: &[&MultiPolygon<f64>]) -> Drawn {
    let origin_m = [1000.0, 2000.0];
    let roof = |(i, shape): (usize, &&MultiPolygon<f64>)| Roof {
        oidn: i.to_string(),
        look: Look::Thermal,
        shape: Shape::new(shape, origin_m),
        open: true,
        ..Roof::default()
    };
    let mut drawn = Drawn::of_layer(Layer {
        flight: "a".to_owned(),
        origin_m,
        roofs: shown.iter().enumerate().map(roof).collect(),
        ..Layer::default()
    });
    drawn.shown = shown.iter().map(|s| (*s).clone()).collect();
    drawn.hidden = hidden.iter().map(|s| (*s).clone()).collect();
    drawn
}

#[test]
fn reduced_cells_are_means_of_what_is_shown() {
    let grid = Grid::from_vec(3, 2, vec![1.0, f32::NAN, 5.0, 3.0, f32::NAN, 7.0]).expect("six");
    assert_eq!(mean(&grid, 0, 0, 2), 2.0);
    assert_eq!(mean(&grid, 2, 0, 2), 6.0);
    assert!(mean(&grid, 1, 0, 1).is_nan());
    assert_eq!(mean(&grid, 0, 0, 1), 1.0);
}

#[test]
fn a_tile_is_cropped_to_its_values() {
    let nan = f32::NAN;
    let cells = [nan, nan, nan, nan, 1.0, nan, nan, 2.0, nan, nan, nan, nan];
    let (place, values) = cropped(3, &cells).expect("two values");
    assert_eq!(
        (place.col, place.row, place.width, place.height),
        (1, 1, 1, 2)
    );
    assert_eq!(values, [1.0, 2.0]);
    assert!(cropped(3, &[nan; 6]).is_none());
}
