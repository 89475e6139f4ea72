//! Scenes, files and outside programs the checks share.

use std::path::{Path, PathBuf};
use std::process::Command;

use thermaudit::raster::{GeoTransform, Grid, Window};
use thermaudit::write::cog::{CogSpec, CogWriter};

pub(crate) const PLACE: GeoTransform = GeoTransform {
    x0: 63_000.0,
    y0: 181_000.0,
    dx: 0.1,
    dy: 0.1,
};

/// A roof-like scene of two levels with sensor noise and a missing corner; seeded.
pub(crate) fn scene(width: usize, height: usize) -> Grid<f32> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut grid = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let noise = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            let roof = if (col / 37 + row / 53) % 2 == 0 {
                4.5
            } else {
                -1.25
            };
            if col + row > width / 3 {
                grid.set(col, row, roof + 0.05 * noise);
            }
        }
    }
    grid
}

pub(crate) fn spec(width: usize, height: usize, tile_px: usize) -> CogSpec {
    CogSpec {
        tile_px,
        band_name: "temperature".into(),
        unit: "degC".into(),
        tags: vec![("flight".into(), "Ieper & <Zuid>, 2 °C".into())],
        ..CogSpec::new(width, height, PLACE, 31370)
    }
}

pub(crate) fn write(path: &Path, spec: CogSpec, grid: &Grid<f32>) {
    let (across, down) = spec.tiles();
    let px = spec.tile_px;
    let mut writer = CogWriter::create(path, spec).expect("creates");
    for row in 0..down {
        for col in 0..across {
            let tile = grid.crop(Window {
                col: col * px,
                row: row * px,
                width: px.min(grid.width() - col * px),
                height: px.min(grid.height() - row * px),
            });
            writer.write_tile(col, row, &tile).expect("writes");
        }
    }
    writer.finish().expect("finishes");
}

/// Bits of every cell, all NaN alike.
pub(crate) fn bits(grid: &Grid<f32>) -> Vec<u32> {
    let one = |v: &f32| if v.is_nan() { u32::MAX } else { v.to_bits() };
    grid.data().iter().map(one).collect()
}

/// 2 × 2 valid mean, the slow and plain way.
pub(crate) fn halved(grid: &Grid<f32>) -> Grid<f32> {
    let (width, height) = (grid.width().div_ceil(2), grid.height().div_ceil(2));
    let mut half = Grid::filled(width, height, f32::NAN);
    for row in 0..height {
        for col in 0..width {
            let mut valid = Vec::new();
            for (dc, dr) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                let cell = grid.get((2 * col + dc) as isize, (2 * row + dr) as isize);
                valid.extend(cell.filter(|v| !v.is_nan()).map(f64::from));
            }
            if !valid.is_empty() {
                let mean = valid.iter().sum::<f64>() / valid.len() as f64;
                half.set(col, row, mean as f32);
            }
        }
    }
    half
}

pub(crate) fn gdal(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{program} {arguments:?}: {errors}");
            Some(String::from_utf8_lossy(&output.stdout).into_owned())
        }
        Err(_) => {
            println!("skipped: {program} is not installed");
            None
        }
    }
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("temporary names are plain")
}

pub(crate) fn test_file(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("THERMAUDIT_TESTDATA") else {
        println!("skipped: THERMAUDIT_TESTDATA is not set ({name})");
        return None;
    };
    Some(Path::new(&folder).join(name))
}
