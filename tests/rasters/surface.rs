//! Surface models of one or several sheets.

use std::path::Path;

use thermaudit::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use thermaudit::read::surface::Surface;
use thermaudit::write::cog::{GridSpec, write_grid};

use crate::helpers::bits;

fn height_file(folder: &Path, name: &str, transform: GeoTransform, epsg: u32, grid: Grid<f32>) {
    let geo = GeoGrid { grid, transform };
    let spec = GridSpec::float(epsg, -9999.0, "height", "m");
    write_grid(&folder.join(name), &geo, &spec).expect("writes");
}

fn at(x0: f64, y0: f64, cell: f64) -> GeoTransform {
    GeoTransform {
        x0,
        y0,
        dx: cell,
        dy: cell,
    }
}

#[test]
fn a_surface_joins_its_sheets_and_leaves_voids() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut west = Grid::filled(4, 4, 10.0);
    west.set(3, 0, f32::NAN);
    west.set(2, 0, -500.0);
    height_file(folder.path(), "k01.tif", at(0.0, 4.0, 1.0), 31370, west);
    height_file(
        folder.path(),
        "k02.tif",
        at(4.0, 4.0, 1.0),
        31370,
        Grid::filled(4, 4, 20.0),
    );
    std::fs::write(folder.path().join("leesmij.txt"), "x").expect("writes");
    let surface = Surface::open(&[folder.path().to_path_buf()]).expect("opens");
    assert_eq!(surface.epsg(), Some(31370));
    assert_eq!(surface.cell_m(), 1.0);
    let window = Bounds {
        x_min: 2.2,
        y_min: 2.0,
        x_max: 5.0,
        y_max: 5.5,
    };
    let heights = surface.window(&window).expect("reads");
    assert_eq!(heights.transform, at(2.0, 6.0, 1.0));
    let n = f32::NAN;
    #[rustfmt::skip]
    let due = Grid::from_vec(3, 4, vec![
        n, n, n,
        n, n, n,
        n, n, 20.0,
        10.0, 10.0, 20.0,
    ]).expect("3 × 4");
    assert_eq!(bits(&heights.grid), bits(&due));
}

#[test]
fn coarser_sheets_are_interpolated_between_their_cells() {
    let folder = tempfile::tempdir().expect("a folder");
    height_file(
        folder.path(),
        "a.tif",
        at(0.0, 2.0, 0.5),
        31370,
        Grid::filled(4, 4, 1.0),
    );
    let ramp = Grid::from_vec(4, 1, vec![0.0, 2.0, 4.0, 6.0]).expect("4 × 1");
    height_file(folder.path(), "b.tif", at(2.0, 2.0, 1.0), 31370, ramp);
    let surface = Surface::open(&[folder.path().to_path_buf()]).expect("opens");
    let window = Bounds {
        x_min: 3.0,
        y_min: 1.0,
        x_max: 4.0,
        y_max: 2.0,
    };
    let heights = surface.window(&window).expect("reads");
    // Centres 2.5, 3.5 m hold 0 and 2, so x = 3.25 holds 1.5 and x = 3.75 holds 2.5.
    assert_eq!(heights.grid.data(), [1.5, 2.5, 1.5, 2.5]);
}

#[test]
fn sheets_in_two_coordinate_systems_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    height_file(
        folder.path(),
        "a.tif",
        at(0.0, 2.0, 1.0),
        31370,
        Grid::filled(2, 2, 1.0),
    );
    height_file(
        folder.path(),
        "b.tif",
        at(2.0, 2.0, 1.0),
        3812,
        Grid::filled(2, 2, 1.0),
    );
    let problem = Surface::open(&[folder.path().to_path_buf()]).expect_err("refused");
    assert!(
        problem
            .file
            .as_deref()
            .is_some_and(|f| f.ends_with("b.tif")),
        "{problem}"
    );
    assert!(problem.what.contains("EPSG:3812"), "{problem}");
    let problem = Surface::open(&[]).expect_err("nothing there");
    assert!(problem.what.contains("no GeoTIFF"), "{problem}");
}
