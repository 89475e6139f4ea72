//! The legend beside a false-colour picture: a bar of the palette with numbers.
//!
//! Rendered once per range and height and used for every picture that shares them.

use super::super::pdf;
use crate::problem::Result;
use crate::report::palette::Palette;

/// Columns of the legend.
const WIDTH: usize = 92;
/// Left end and width of the bar.
const BAR: (usize, usize) = (16, 18);
/// Rows above and below the bar; the unit stands above.
const TOP: usize = 36;
const BOTTOM: usize = 18;
/// Least rows between two numbers.
const APART: f64 = 30.0;

/// A rendered legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Legend {
    height: usize,
    pixels: Vec<[u8; 3]>,
}

impl Legend {
    /// A legend for a picture of `height` rows.
    ///
    /// # Errors
    /// The typesetter refuses, which its own source gives it no reason to.
    pub fn new(palette: Palette, [low, high]: [f64; 2], unit: &str, height: usize) -> Result<Self> {
        let bar = height.saturating_sub(TOP + BOTTOM).max(1);
        let row = |value: f64| TOP as f64 + bar as f64 * (high - value) / (high - low);
        let page = pdf::picture(&source(&ticks(low, high, bar as f64), row, unit, height))?;
        let mut pixels = vec![[255; 3]; WIDTH * height];
        for (y, line) in page
            .rgb
            .chunks_exact(3 * page.width)
            .enumerate()
            .take(height)
        {
            for (x, p) in line.chunks_exact(3).enumerate().take(WIDTH) {
                pixels[y * WIDTH + x] = [p[0], p[1], p[2]];
            }
        }
        let table = palette.table();
        for y in 0..bar.min(height.saturating_sub(TOP)) {
            let share = 1.0 - (y as f64 + 0.5) / bar as f64;
            let colour = table[(share * 255.0).round() as usize];
            let start = (TOP + y) * WIDTH + BAR.0;
            pixels[start..start + BAR.1].fill(colour);
        }
        Ok(Self { height, pixels })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        WIDTH
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// One row of pixels.
    pub(super) fn row(&self, y: usize) -> &[[u8; 3]] {
        &self.pixels[y * WIDTH..(y + 1) * WIDTH]
    }
}

/// Numbers of the legend with their texts: both ends, and round numbers between that keep their
/// distance.
fn ticks(low: f64, high: f64, rows: f64) -> Vec<(f64, String)> {
    let span = high - low;
    let wanted = span * APART / rows;
    let magnitude = 10_f64.powf(wanted.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|f| f * magnitude)
        .find(|s| *s >= wanted)
        .unwrap_or(wanted);
    let decimals = |v: f64| usize::from((v - v.round()).abs() > 1e-9);
    let places = (-(step.log10().floor())).max(0.0) as usize;
    let end_places = places.max(decimals(low)).max(decimals(high));
    let text = |value: f64, places: usize| format!("{value:.places$}").replace('-', "−");
    let mut all = vec![(low, text(low, end_places))];
    let mut k = (low / step).ceil();
    while k * step < high {
        let value = k * step;
        let near = |end: f64| (value - end).abs() * rows / span < APART * 0.7;
        if !near(low) && !near(high) {
            all.push((value + 0.0, text(value + 0.0, places)));
        }
        k += 1.0;
    }
    all.push((high, text(high, end_places)));
    all
}

fn source(ticks: &[(f64, String)], row: impl Fn(f64) -> f64, unit: &str, height: usize) -> String {
    let edge = BAR.0 + BAR.1;
    let mut text = format!(
        "#set page(width: {WIDTH}pt, height: {height}pt, margin: 0pt, fill: white)\n\
         #set text(font: \"Inter\", size: 13pt, fill: rgb(\"#222222\"))\n\
         #place(dx: {}pt, dy: 11pt, text(weight: \"semibold\")[{unit}])\n",
        BAR.0
    );
    for (value, label) in ticks {
        let y = row(*value);
        text.push_str(&format!(
            "#place(dx: {edge}pt, dy: {y:.2}pt, line(length: 5pt, stroke: 1pt + rgb(\"#222222\")))\n\
             #place(dx: {}pt, dy: {:.2}pt, box(height: 14pt, align(horizon)[{label}]))\n",
            edge + 9,
            y - 7.0
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64, rows: f64) -> Vec<String> {
        ticks(low, high, rows).into_iter().map(|t| t.1).collect()
    }

    #[test]
    fn numbers_are_round_and_both_ends_are_named() {
        assert_eq!(
            texts(-8.0, 7.0, 300.0),
            ["−8", "−6", "−4", "−2", "0", "2", "4", "7"]
        );
        assert_eq!(texts(0.5, 2.0, 120.0), ["0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(texts(7742.0, 8432.0, 300.0)[0], "7742");
    }

    #[test]
    fn the_bar_runs_from_warm_to_cold_in_the_colours_of_the_palette() {
        let legend = Legend::new(Palette::Grey, [0.0, 20.0], "°C", 400).expect("renders");
        let middle = BAR.0 + BAR.1 / 2;
        assert!(legend.row(TOP)[middle][0] >= 254);
        assert!(legend.row(400 - BOTTOM - 1)[middle][0] <= 1);
        // Words are there: something dark right of the bar.
        let words = (0..400).flat_map(|y| legend.row(y)[BAR.0 + BAR.1 + 8..].iter());
        assert!(words.filter(|p| p[0] < 100).count() > 100);
    }
}
