//! Bits of a JPEG-LS scan: most significant first, without the stuffed ones.
//!
//! In: the bytes behind the scan's header. Out: bits on demand. After a byte 0xFF the next one
//! holds seven bits, its top bit being zero so that no marker can appear; 0xFF and a byte from
//! 0x80 is the marker that ends the scan (T.87 A.1).
//!
//! Behind the end come zeros, so that the decoder's loop needs no check per bit; whether any were
//! used is asked once a line ([`Bits::ran_out`]).

/// Reader of a scan's bits.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, from the top.
    cache: u64,
    /// Bits in the cache, zeros behind the end included.
    have: u32,
    /// Zeros handed to the cache since the end.
    padding: u32,
    /// Whether the byte before was 0xFF.
    stuffed: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            cache: 0,
            have: 0,
            padding: 0,
            stuffed: false,
        }
    }

    /// Whether bits behind the end were used.
    pub(super) fn ran_out(&self) -> bool {
        self.have < self.padding
    }

    /// Fills the cache to at least 57 bits.
    #[inline(always)]
    fn refill(&mut self) {
        if self.have >= 32 {
            return;
        }
        if !self.stuffed
            && let Some(next) = self.data.get(self.at..)
            && let Some(eight) = next.first_chunk::<8>()
        {
            let word = u64::from_be_bytes(*eight);
            // A byte of 0xFF is a zero byte of the complement.
            let inverse = !word;
            let has_ff = inverse.wrapping_sub(0x0101_0101_0101_0101) & !inverse;
            if has_ff & 0x8080_8080_8080_8080 == 0 {
                self.cache |= word >> self.have;
                let bytes = (64 - self.have) / 8;
                self.at += bytes as usize;
                self.have += 8 * bytes;
                return;
            }
        }
        self.refill_bytewise();
    }

    #[inline(never)]
    fn refill_bytewise(&mut self) {
        // The fast way leaves bits of a byte that is not counted yet.
        self.cache &= !(u64::MAX.checked_shr(self.have).unwrap_or(0));
        while self.have <= 56 {
            let byte = self.data.get(self.at).copied();
            let ends = match byte {
                None => true,
                Some(0xFF) => self.data.get(self.at + 1).is_none_or(|next| *next >= 0x80),
                Some(_) => false,
            };
            let Some(byte) = byte.filter(|_| !ends) else {
                self.have += 8;
                self.padding = self.padding.saturating_add(8);
                continue;
            };
            let width = if self.stuffed { 7 } else { 8 };
            self.cache |= u64::from(byte) << (64 - width - self.have);
            self.have += width;
            self.stuffed = byte == 0xFF;
            self.at += 1;
        }
    }

    #[inline(always)]
    fn skip(&mut self, count: u32) {
        self.cache = self.cache.checked_shl(count).unwrap_or(0);
        self.have -= count;
    }

    /// One bit.
    pub(super) fn bit(&mut self) -> bool {
        self.refill();
        let bit = self.cache >> 63 == 1;
        self.skip(1);
        bit
    }

    /// `count` bits, at most 16.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        debug_assert!(count <= 16, "{count} bits");
        self.refill();
        // In two steps, for a shift by 64 is none.
        let value = (self.cache >> 1) >> (63 - count);
        self.skip(count);
        value as u32
    }

    /// A Golomb code of parameter `k` limited to `limit` bits, of which the escape's value has
    /// `escape_bits` (T.87 A.5.3); `u32::MAX` for what is no code.
    ///
    /// `k` is at most 16 and `limit` at most 64.
    #[inline(always)]
    pub(super) fn golomb(&mut self, k: u32, limit: u32, escape_bits: u32) -> u32 {
        self.refill();
        let longest = limit - escape_bits - 1;
        let zeros = self.cache.leading_zeros();
        // The usual code is short: at least 32 bits are in the cache.
        if zeros + 1 + k <= 32 && zeros < longest {
            let value = self.cache << (zeros + 1);
            let low = ((value >> 1) >> (63 - k)) as u32;
            self.skip(zeros + 1 + k);
            return (zeros << k) | low;
        }
        self.long_golomb(k, longest, escape_bits)
    }

    #[inline(never)]
    fn long_golomb(&mut self, k: u32, longest: u32, escape_bits: u32) -> u32 {
        let mut zeros = 0;
        while !self.bit() {
            zeros += 1;
            if zeros > longest {
                return u32::MAX;
            }
        }
        if zeros < longest {
            (zeros << k) | self.take(k)
        } else {
            self.take(escape_bits) + 1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bit_behind_a_byte_of_ones_is_dropped() {
        let mut bits = Bits::new(&[0xFF, 0x7F, 0xA0]);
        assert_eq!(bits.take(8), 0xFF);
        assert_eq!(bits.take(7), 0x7F);
        assert_eq!(bits.take(8), 0xA0);
        assert!(!bits.ran_out());
        assert!(!bits.bit());
        assert!(bits.ran_out());
    }

    #[test]
    fn a_marker_ends_the_bits() {
        let mut bits = Bits::new(&[0x80, 0xFF, 0xD9, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bits.take(8), 0x80);
        assert!(!bits.ran_out());
        assert_eq!(bits.take(16), 0);
        assert!(bits.ran_out());
    }

    #[test]
    fn bits_of_a_long_run_of_bytes_come_in_order() {
        let data: Vec<u8> = (0..100).collect();
        let mut bits = Bits::new(&data);
        for byte in 0..100_u32 {
            assert_eq!(bits.take(3), byte >> 5);
            assert_eq!(bits.take(5), byte & 31);
        }
        assert!(!bits.ran_out());
    }

    #[test]
    fn a_golomb_code_is_a_unary_and_a_binary_part_or_an_escape() {
        // 0001 and three bits 101: 3 · 8 + 5.
        assert_eq!(Bits::new(&[0b0001_1010]).golomb(3, 32, 8), 29);
        // 32 − 8 − 1 = 23 zeros, a one and the value less one.
        assert_eq!(Bits::new(&[0, 0, 1, 41]).golomb(0, 32, 8), 42);
        assert_eq!(Bits::new(&[0, 0, 0, 0]).golomb(0, 32, 8), u32::MAX);
    }
}
