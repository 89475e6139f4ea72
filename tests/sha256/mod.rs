//! SHA-256 (FIPS 180-4), for comparing samples with a reference that gives only their digest.

/// First 32 bits of the fractional parts of a root of the first primes, in whole-number
/// arithmetic: `degree` 2 for the initial state, 3 for the round constants.
fn fractions<const N: usize>(degree: u32) -> [u32; N] {
    let mut primes = (2_u128..).filter(|n| (2..*n).all(|d| n % d != 0));
    std::array::from_fn(|_| {
        let scaled = primes.next().expect("endless") << (32 * degree);
        let (mut low, mut high) = (0_u128, 1 << 37);
        while low + 1 < high {
            let middle = (low + high) / 2;
            if middle.pow(degree) <= scaled {
                low = middle;
            } else {
                high = middle;
            }
        }
        low as u32
    })
}

/// Digest in hexadecimal digits.
pub fn hex(data: &[u8]) -> String {
    let constants: [u32; 64] = fractions(3);
    let mut state: [u32; 8] = fractions(2);
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - data.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(8 * data.len() as u64).to_be_bytes());
    for block in padded.as_chunks::<64>().0 {
        let mut w = [0_u32; 64];
        for (word, bytes) in w.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        for t in 16..64 {
            let (a, b) = (w[t - 15], w[t - 2]);
            let s0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let s1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            w[t] = [w[t - 16], s0, w[t - 7], s1]
                .iter()
                .fold(0, |s, v| s.wrapping_add(*v));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for t in 0..64 {
            let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let t1 = [h, s1, choice, constants[t], w[t]];
            let t1 = t1.iter().fold(0_u32, |s, v| s.wrapping_add(*v));
            let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
        }
        for (s, v) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *s = s.wrapping_add(v);
        }
    }
    state.iter().map(|word| format!("{word:08x}")).collect()
}

/// FIPS 180-4, example of one block.
#[test]
fn abc_has_the_digest_of_the_standard() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex(b"abc"), expected);
}
