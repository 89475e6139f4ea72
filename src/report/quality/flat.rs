//! What a camera adds over its image, as a picture.

use super::{MAP_MM, PaperMap, PaperPicture};
use crate::raster::Grid;
use crate::report::format::Format;
use crate::report::sheet::Picture;

/// Colours from too cold to too warm, dark at both ends.
const COLOURS: [&str; 7] = [
    "#1D4E89", "#5B8DB8", "#B5CDE0", "#F4F5F7", "#F1C9A5", "#D98A4B", "#A3480C",
];
/// Widths of a step that may be chosen, kelvin.
const STEPS_K: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0];

/// The flat field about its mean in seven steps, as large as its image is wide for its height.
pub(super) fn picture(flat: &Grid<f32>, f: &Format) -> (Picture, PaperMap) {
    let values = || flat.data().iter().filter(|v| v.is_finite());
    let (low, high) = values().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
    let most = f64::from(high.max(-low));
    // The middle step is half as wide to either side as the others.
    let step_k = STEPS_K
        .iter()
        .copied()
        .find(|s| 3.0 * s >= most)
        .unwrap_or(10.0);
    let step = |v: f32| ((f64::from(v) / step_k).round() as i64).clamp(-3, 3);
    let (width, height) = (flat.width(), flat.height());
    let mut rgb = Vec::with_capacity(3 * width * height);
    let mut used = [false; 7];
    for value in flat.data() {
        let colour = if value.is_finite() {
            let at = (step(*value) + 3) as usize;
            used[at] = true;
            COLOURS[at]
        } else {
            "#FFFFFF"
        };
        rgb.extend([1, 3, 5].map(|k| u8::from_str_radix(&colour[k..k + 2], 16).unwrap_or(0)));
    }
    let name = "flat_field";
    let tall = MAP_MM[1].min(MAP_MM[0] * height as f64 / width.max(1) as f64);
    let wide = tall * width as f64 / height.max(1) as f64;
    let caption = format!(
        "From {} to {} about the mean; it is taken off every frame.",
        f.with_unit(f64::from(low), 2, "K"),
        f.with_unit(f64::from(high), 2, "K")
    );
    let word = |at: usize| {
        let middle = (at as f64 - 3.0) * step_k;
        let decimals = if step_k < 0.1 { 2 } else { 1 };
        f.with_unit(middle, decimals, "K")
    };
    let map = PaperMap {
        title: "What the camera adds over its image".to_owned(),
        alt: format!("Flat field of the camera. {caption}"),
        caption,
        size: [wide, tall],
        picture: Some(PaperPicture {
            name: name.to_owned(),
            width: width as u32,
            height: height as u32,
        }),
        dots: Vec::new(),
        arrows: Vec::new(),
        key: (0..7)
            .filter(|at| used[*at])
            .map(|at| (COLOURS[at].to_owned(), word(at)))
            .collect(),
        scale: None,
    };
    let picture = Picture {
        name: name.to_owned(),
        width: width as u32,
        height: height as u32,
        rgb,
    };
    (picture, map)
}

#[cfg(test)]
mod tests {
    use super::super::super::words;
    use super::*;

    #[test]
    fn a_tilt_has_steps_on_both_sides_and_its_bounds_in_words() {
        let data = (0..20).map(|i| (i % 5) as f32 * 0.2 - 0.4).collect();
        let flat = Grid::from_vec(5, 4, data).expect("5 × 4");
        let (picture, map) = picture(&flat, &Format::new(&words::EN));
        assert_eq!(picture.rgb.len(), 60);
        // Steps of 0.2 K: −0.4, −0.2, 0, 0.2, 0.4.
        assert_eq!(map.key.len(), 5);
        assert!(map.caption.contains("0.40"), "{}", map.caption);
        assert!((map.size[0] / map.size[1] - 1.25).abs() < 1e-9);
    }
}
