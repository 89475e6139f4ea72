//! Undoes the row filters of a PNG with two bytes a pixel (W3C PNG, third edition, §9.2).
//!
//! A filtered pixel needs its left neighbour, so a row is one long chain: its length decides, not
//! the number of operations. Two bytes of a pixel are two chains side by side. Taking several
//! rows at once, each a pixel behind the one above, was tried and is slower.

const PIXEL: usize = 2;
type Pixel = [u8; PIXEL];

/// Undoes the filters of rows of `stride` bytes, of which the first names the filter.
///
/// # Errors
/// A sentence, when a row names a filter that does not exist.
pub(super) fn rows(bytes: &mut [u8], stride: usize) -> Result<(), String> {
    let nothing = vec![0; stride];
    let mut above: &[u8] = &nothing;
    for row in bytes.chunks_exact_mut(stride) {
        let (filter, pixels) = row.split_at_mut(1);
        unfilter(filter[0], pixels, &above[1..])?;
        above = row;
    }
    Ok(())
}

/// Undoes a row's filter in place; `above` is the row before, unfiltered, or zeros.
fn unfilter(filter: u8, row: &mut [u8], above: &[u8]) -> Result<(), String> {
    let above_pixels = above.as_chunks::<PIXEL>().0;
    let pixels = row.as_chunks_mut::<PIXEL>().0;
    match filter {
        0 => {}
        1 => {
            let mut left = [0_u8; PIXEL];
            for pixel in pixels {
                left = [
                    pixel[0].wrapping_add(left[0]),
                    pixel[1].wrapping_add(left[1]),
                ];
                *pixel = left;
            }
        }
        2 => {
            for (byte, up) in row.iter_mut().zip(above) {
                *byte = byte.wrapping_add(*up);
            }
        }
        3 => chain(pixels, above_pixels, |left, up, _| (left + up) >> 1),
        4 => chain(pixels, above_pixels, paeth),
        other => return Err(format!("a row has filter {other}, expected 0 to 4")),
    }
    Ok(())
}

/// Adds what left, up and upper left predict to every byte.
#[inline(always)]
fn chain(pixels: &mut [Pixel], above: &[Pixel], predict: impl Fn(i32, i32, i32) -> i32) {
    let (mut left, mut corner) = ([0_i32; PIXEL], [0_i32; PIXEL]);
    for (pixel, up) in pixels.iter_mut().zip(above) {
        let up = up.map(i32::from);
        for k in 0..PIXEL {
            left[k] = (i32::from(pixel[k]) + predict(left[k], up[k], corner[k])) & 0xFF;
        }
        corner = up;
        *pixel = left.map(|v| v as u8);
    }
}

/// The Paeth predictor (PNG §9.4): of left, up and upper left the one nearest to
/// p = left + up − corner, the first of equals.
///
/// p is nearest to the corner where the corner lies between the two others, to the higher one
/// where the corner is low, and to the lower one where it is high; in thirds of their distance,
/// 3 corner − (left + up) against the two. This form, of the public-domain `stb_image`, has half
/// the chain of the three distances, and no branches for noise to decide.
#[inline(always)]
fn paeth(left: i32, up: i32, corner: i32) -> i32 {
    let threshold = 3 * corner - (left + up);
    let (low, high) = (left.min(up), left.max(up));
    let nearer = if high <= threshold { low } else { corner };
    if threshold <= low { high } else { nearer }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every predictor of three bytes, by the specification's own words.
    #[test]
    fn the_predictor_takes_the_nearest_and_the_first_of_equals() {
        for left in (0..256_i32).step_by(3) {
            for up in 0..256 {
                for corner in 0..256 {
                    let p = left + up - corner;
                    let (a, b, c): (i32, i32, i32) =
                        ((p - left).abs(), (p - up).abs(), (p - corner).abs());
                    let nearest = match (a <= b && a <= c, b <= c) {
                        (true, _) => left,
                        (false, true) => up,
                        (false, false) => corner,
                    };
                    assert_eq!(paeth(left, up, corner), nearest, "{left} {up} {corner}");
                }
            }
        }
    }

    /// The specification's own words, byte by byte (PNG §9.2): filters of rows, from plain ones.
    fn filtered(plain: &[Vec<u8>], filters: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let zeros = vec![0; plain[0].len()];
        for (i, (row, filter)) in plain.iter().zip(filters).enumerate() {
            let above = if i == 0 { &zeros } else { &plain[i - 1] };
            out.push(*filter);
            for k in 0..row.len() {
                let before = |bytes: &[u8]| {
                    if k < PIXEL {
                        0
                    } else {
                        i32::from(bytes[k - PIXEL])
                    }
                };
                let (a, b, c) = (before(row), i32::from(above[k]), before(above));
                let p = a + b - c;
                let nearest = [a, b, c].into_iter().min_by_key(|v| (p - v).abs());
                let predicted = match filter {
                    1 => a,
                    2 => b,
                    3 => (a + b) / 2,
                    4 => nearest.expect("three"),
                    _ => 0,
                };
                out.push(row[k].wrapping_sub(predicted as u8));
            }
        }
        out
    }

    proptest! {
        #[test]
        fn any_mixture_of_filters_gives_back_the_rows(
            width in 1_usize..12,
            seed in prop::collection::vec((0_u8..5, any::<u64>()), 1..14),
        ) {
            let row = |seed: u64| -> Vec<u8> {
                let mut state = seed;
                (0..PIXEL * width)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        (state >> 56) as u8
                    })
                    .collect()
            };
            let plain: Vec<Vec<u8>> = seed.iter().map(|(_, s)| row(*s)).collect();
            let filters: Vec<u8> = seed.iter().map(|(f, _)| *f).collect();
            let mut bytes = filtered(&plain, &filters);
            rows(&mut bytes, 1 + PIXEL * width).expect("known filters");
            let found: Vec<Vec<u8>> = bytes
                .chunks(1 + PIXEL * width)
                .map(|row| row[1..].to_vec())
                .collect();
            prop_assert_eq!(found, plain);
        }
    }
}
