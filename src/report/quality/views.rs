//! Maps of how often and how steeply the ground was seen.

use super::{MAP_MM, PaperMap, PaperPicture};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::report::format::Format;
use crate::report::frame::Frame;
use crate::report::sheet::Picture;

/// Cells of such a map along its longer side.
const CELLS: f64 = 160.0;
/// Steps of the number of frames and of the steepest view, each with its colour; dark where it is bad.
const COUNTS: [(f32, &str); 4] = [
    (1.0, "#7A0F1D"),
    (3.0, "#D98E5F"),
    (8.0, "#9DB4C0"),
    (f32::INFINITY, "#DCE4E8"),
];
const ANGLES: [(f32, &str); 4] = [
    (10.0, "#DCE4E8"),
    (20.0, "#9DB4C0"),
    (35.0, "#D98E5F"),
    (f32::INFINITY, "#7A0F1D"),
];

/// A frame as a view of the ground: its footprint and what it sees of a map point, as the angle to
/// the vertical in degrees.
pub struct View<'a> {
    /// Bounds of the ground it sees.
    pub footprint: Bounds,
    /// Angle under which it sees a map point; `None` where it does not.
    pub angle_deg: &'a (dyn Fn(f64, f64) -> Option<f64> + Sync),
}

/// Number of frames and steepest view of every cell over bounds; NaN where none sees it.
pub fn views(bounds: &Bounds, frames: &[View<'_>]) -> (GeoGrid<f32>, GeoGrid<f32>) {
    let (across, down) = (bounds.x_max - bounds.x_min, bounds.y_max - bounds.y_min);
    let cell = (across.max(down) / CELLS).max(0.1);
    let (width, height) = (
        (across / cell).ceil() as usize,
        (down / cell).ceil() as usize,
    );
    let transform = GeoTransform {
        x0: bounds.x_min,
        y0: bounds.y_max,
        dx: cell,
        dy: cell,
    };
    let mut counts = Grid::filled(width.max(1), height.max(1), f32::NAN);
    let mut angles = counts.clone();
    for view in frames {
        let Some(window) = transform.window_of(&view.footprint, counts.width(), counts.height())
        else {
            continue;
        };
        for row in window.row..window.row + window.height {
            for col in window.col..window.col + window.width {
                let (x, y) = transform.centre(col, row);
                if let Some(angle) = (view.angle_deg)(x, y) {
                    let before = counts.at(col, row);
                    counts.set(col, row, if before.is_nan() { 1.0 } else { before + 1.0 });
                    angles.set(col, row, angles.at(col, row).min(angle as f32));
                }
            }
        }
    }
    let grid = |grid| GeoGrid { grid, transform };
    (grid(counts), grid(angles))
}

pub(super) fn counts(grid: &GeoGrid<f32>, frame: &Frame, f: &Format) -> (Picture, PaperMap) {
    let words = |k: usize| match k {
        0 => "1 frame".to_owned(),
        1 => "2–3".to_owned(),
        2 => "4–8".to_owned(),
        _ => "more".to_owned(),
    };
    let seen = grid
        .grid
        .data()
        .iter()
        .filter(|v| v.is_finite())
        .count()
        .max(1);
    let once = grid.grid.data().iter().filter(|v| **v <= 1.0).count();
    let share = 100.0 * once as f64 / seen as f64;
    map(
        grid,
        frame,
        f,
        &COUNTS,
        &words,
        ("overlap", "How many frames see the ground"),
        format!(
            "{} of the ground is seen once only.",
            f.with_unit(share, 0, "%")
        ),
    )
}

pub(super) fn angles(grid: &GeoGrid<f32>, frame: &Frame, f: &Format) -> (Picture, PaperMap) {
    let words = |k: usize| match k {
        0 => "up to 10°".to_owned(),
        1 => "to 20°".to_owned(),
        2 => "to 35°".to_owned(),
        _ => "flatter".to_owned(),
    };
    let mut all: Vec<f32> = grid.grid.data().to_vec();
    all.retain(|v| v.is_finite());
    all.sort_by(f32::total_cmp);
    let at = |q: f64| {
        all.get((all.len() as f64 * q) as usize)
            .copied()
            .unwrap_or(f32::NAN)
    };
    map(
        grid,
        frame,
        f,
        &ANGLES,
        &words,
        ("angle", "How steeply the ground is seen at best"),
        format!(
            "Half of the ground within {}° of straight down, 95 % within {}°.",
            f.number(f64::from(at(0.5)), 0),
            f.number(f64::from(at(0.95)), 0)
        ),
    )
}

fn map(
    grid: &GeoGrid<f32>,
    frame: &Frame,
    f: &Format,
    steps: &[(f32, &str); 4],
    words: &dyn Fn(usize) -> String,
    (name, title): (&str, &str),
    caption: String,
) -> (Picture, PaperMap) {
    let step = |v: f32| steps.iter().position(|(most, _)| v <= *most).unwrap_or(3);
    let colour = |hex: &str| -> [u8; 3] {
        [1, 3, 5].map(|k| {
            let part = hex.get(k..k + 2).unwrap_or("00");
            u8::from_str_radix(part, 16).unwrap_or(0)
        })
    };
    const WIDTH: usize = 440;
    let height = (WIDTH as f64 * MAP_MM[1] / MAP_MM[0]) as usize;
    let mut rgb = Vec::with_capacity(3 * WIDTH * height);
    let b = &frame.bounds;
    let mut used = [false; 4];
    for row in 0..height {
        for col in 0..WIDTH {
            let x = b.x_min + (col as f64 + 0.5) / WIDTH as f64 * (b.x_max - b.x_min);
            let y = b.y_max - (row as f64 + 0.5) / height as f64 * (b.y_max - b.y_min);
            let (u, v) = grid.transform.to_pixel(x, y);
            let value = grid.grid.get(u.floor() as isize, v.floor() as isize);
            match value.filter(|v| v.is_finite()) {
                Some(value) => {
                    used[step(value)] = true;
                    rgb.extend(colour(steps[step(value)].1));
                }
                None => rgb.extend([255; 3]),
            }
        }
    }
    let picture = Picture {
        name: name.to_owned(),
        width: WIDTH as u32,
        height: height as u32,
        rgb,
    };
    let paper = PaperMap {
        title: title.to_owned(),
        alt: format!("{title}. {caption}"),
        caption,
        size: MAP_MM,
        picture: Some(PaperPicture {
            name: name.to_owned(),
            width: picture.width,
            height: picture.height,
        }),
        dots: Vec::new(),
        arrows: Vec::new(),
        key: (0..steps.len())
            .filter(|k| used[*k])
            .map(|k| (steps[k].1.to_owned(), words(k)))
            .collect(),
        scale: Some(frame.scale_bar(f)),
    };
    (picture, paper)
}
