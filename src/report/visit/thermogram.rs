//! Temperatures as colours: fixed scale, palette, colour alarm, legend.

use serde::Serialize;

use super::registration::Colours;
use crate::raster::Grid;
use crate::report::Palette;
use crate::report::format::Format;
use crate::survey::Alarm;

/// Pixels without a value.
const MISSING: [u8; 3] = [0x8E, 0x96, 0xA1];
/// Rows of the diagonal stripes of an alarm, so that it shows in grey, too.
const STRIPE: usize = 6;

/// Temperatures on a scale, in columns and rows of `size`.
///
/// Bilinear between pixel centres; beyond the scale its end colours; pixels without value grey.
pub fn painted(
    celsius: &Grid<f32>,
    (low, high): (f64, f64),
    palette: Palette,
    alarm: Option<Alarm>,
    size: (usize, usize),
) -> Colours {
    let table = palette.table();
    let [flat, stripe] = alarm_colours(palette);
    let mut out = Vec::with_capacity(size.0 * size.1);
    let step = [
        celsius.width() as f64 / size.0 as f64,
        celsius.height() as f64 / size.1 as f64,
    ];
    for row in 0..size.1 {
        for column in 0..size.0 {
            let x = (column as f64 + 0.5) * step[0] - 0.5;
            let y = (row as f64 + 0.5) * step[1] - 0.5;
            let Some(t) = value(celsius, x, y) else {
                out.push(MISSING);
                continue;
            };
            if alarm.is_some_and(|alarm| is_alarm(alarm, t)) {
                let on_stripe = (column + row) % STRIPE < 2;
                out.push(if on_stripe { stripe } else { flat });
                continue;
            }
            let share = ((t - low) / (high - low)).clamp(0.0, 1.0);
            out.push(table[(share * 255.0).round() as usize]);
        }
    }
    Grid::from_vec(size.0, size.1, out).unwrap_or_else(|| Grid::filled(size.0, size.1, MISSING))
}

/// The value at a place between pixel centres; of the nearest pixel where one beside it is missing.
fn value(celsius: &Grid<f32>, x: f64, y: f64) -> Option<f64> {
    let (w, h) = (celsius.width(), celsius.height());
    let x = x.clamp(0.0, w as f64 - 1.0);
    let y = y.clamp(0.0, h as f64 - 1.0);
    let (x0, y0) = (x.floor() as usize, y.floor() as usize);
    let (x1, y1) = ((x0 + 1).min(w - 1), (y0 + 1).min(h - 1));
    let (fx, fy) = (x - x0 as f64, y - y0 as f64);
    let at = |c: usize, r: usize| f64::from(celsius.at(c, r));
    let top = at(x0, y0) * (1.0 - fx) + at(x1, y0) * fx;
    let bottom = at(x0, y1) * (1.0 - fx) + at(x1, y1) * fx;
    let mixed = top * (1.0 - fy) + bottom * fy;
    if mixed.is_finite() {
        return Some(mixed);
    }
    let near = at(x.round() as usize, y.round() as usize);
    near.is_finite().then_some(near)
}

fn is_alarm(alarm: Alarm, t: f64) -> bool {
    match alarm {
        Alarm::Above(limit) => t > limit,
        Alarm::Below(limit) => t < limit,
        Alarm::Between(low, high) => (low..=high).contains(&t),
        // Resolved to a temperature before.
        Alarm::Mould | Alarm::Dew => false,
    }
}

/// Colour of an alarm and of its stripes: none of the palette's own.
pub fn alarm_colours(palette: Palette) -> [[u8; 3]; 2] {
    match palette {
        Palette::HighContrast => [[0xE6, 0x00, 0x7E], [0xFF, 0xC2, 0xE4]],
        _ => [[0x12, 0xC8, 0xBE], [0x06, 0x4E, 0x4A]],
    }
}

/// The scale beside a thermogram: shares are 0 at the cold end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Legend {
    /// Colours, cold to warm, `#RRGGBB`.
    pub stops: Vec<String>,
    /// Place and text of each number.
    pub ticks: Vec<(f64, String)>,
    /// Part of the scale in the colour of an alarm.
    pub alarm: Option<[f64; 2]>,
    /// That colour.
    pub alarm_colour: String,
}

/// A legend of a scale.
pub(super) fn legend(
    (low, high): (f64, f64),
    palette: Palette,
    alarm: Option<Alarm>,
    f: &Format,
) -> Legend {
    let table = palette.table();
    let hex = |c: [u8; 3]| format!("#{:02X}{:02X}{:02X}", c[0], c[1], c[2]);
    let share = |t: f64| ((t - low) / (high - low)).clamp(0.0, 1.0);
    let band = alarm.and_then(|alarm| match alarm {
        Alarm::Above(t) => Some([share(t), 1.0]),
        Alarm::Below(t) => Some([0.0, share(t)]),
        Alarm::Between(a, b) => Some([share(a), share(b)]),
        Alarm::Mould | Alarm::Dew => None,
    });
    let steps = ticks(low, high);
    let last = steps.len().saturating_sub(1);
    let labelled = steps.into_iter().enumerate().map(|(i, t)| {
        let text = match i == last {
            true => f.with_unit(t, 0, "°C"),
            false => f.number(t, 0),
        };
        (share(t), text)
    });
    Legend {
        stops: (0..=16).map(|i| hex(table[(i * 255) / 16])).collect(),
        ticks: labelled.collect(),
        alarm: band.filter(|[a, b]| b > a),
        alarm_colour: hex(alarm_colours(palette)[0]),
    }
}

/// Whole degrees for the numbers of a scale: its ends and about four between.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = high - low;
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 500.0]
        .into_iter()
        .find(|s| span / s <= 5.5)
        .unwrap_or(span);
    let mut all = vec![low];
    let mut t = (low / step).floor() * step + step;
    while t < high - 0.35 * step {
        if t > low + 0.35 * step {
            all.push(t);
        }
        t += step;
    }
    all.push(high);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::words::NL;

    #[test]
    fn colours_follow_the_scale_and_alarms_have_their_own() {
        let grid = Grid::from_vec(4, 1, vec![0.0, 10.0, 20.0, f32::NAN]).expect("four");
        let grey = painted(&grid, (0.0, 20.0), Palette::Grey, None, (4, 1));
        assert_eq!(grey.at(0, 0), [0; 3]);
        assert_eq!(grey.at(1, 0), [128; 3]);
        assert_eq!(grey.at(2, 0), [255; 3]);
        assert_eq!(grey.at(3, 0), MISSING);
        let alarm = painted(
            &grid,
            (0.0, 20.0),
            Palette::Grey,
            Some(Alarm::Below(5.0)),
            (4, 1),
        );
        assert!(alarm_colours(Palette::Grey).contains(&alarm.at(0, 0)));
        assert_eq!(alarm.at(1, 0), [128; 3]);
    }

    #[test]
    fn no_palette_holds_the_colour_of_its_alarm() {
        for palette in [
            Palette::Inferno,
            Palette::Iron,
            Palette::Grey,
            Palette::HighContrast,
        ] {
            let [flat, _] = alarm_colours(palette);
            let table = palette.table();
            let nearest = table.iter().map(|c| {
                (0..3)
                    .map(|k| (i32::from(c[k]) - i32::from(flat[k])).pow(2))
                    .sum::<i32>()
            });
            let distance = f64::from(nearest.min().expect("256")).sqrt();
            assert!(distance > 60.0, "{palette:?}: {distance}");
        }
    }

    #[test]
    fn the_scale_names_both_ends_and_round_degrees() {
        assert_eq!(ticks(8.0, 20.0), [8.0, 10.0, 15.0, 20.0]);
        assert_eq!(ticks(20.0, 80.0), [20.0, 40.0, 60.0, 80.0]);
        assert_eq!(ticks(0.0, 4.0), [0.0, 1.0, 2.0, 3.0, 4.0]);
        let found = legend(
            (0.0, 12.0),
            Palette::Inferno,
            Some(Alarm::Above(9.0)),
            &Format::new(&NL),
        );
        assert_eq!(found.ticks.last().map(|t| t.1.as_str()), Some("12\u{a0}°C"));
        assert_eq!(found.alarm, Some([0.75, 1.0]));
    }
}
