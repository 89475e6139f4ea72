//! Bits in deflate's order: the first one is the lowest of the first byte.

/// Bytes being written, with up to 63 bits not yet among them.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    waiting: u64,
    count: u32,
}

impl Bits {
    /// A stream that begins with whole bytes.
    pub(super) fn after(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// Appends the low `count` ≤ 32 bits of `value`, whose others are 0.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u32, count: u32) {
        self.waiting |= u64::from(value) << self.count;
        self.count += count;
        if self.count >= 32 {
            self.bytes
                .extend_from_slice(&(self.waiting as u32).to_le_bytes());
            self.waiting >>= 32;
            self.count -= 32;
        }
    }

    /// Appends whole bytes, after zeros up to the next one.
    pub(super) fn put_bytes(&mut self, bytes: &[u8]) {
        self.align();
        self.bytes.extend_from_slice(bytes);
    }

    /// All bytes, the last filled up with zeros.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }

    fn align(&mut self) {
        let whole = self.count.div_ceil(8) as usize;
        let waiting = self.waiting.to_le_bytes();
        self.bytes.extend(waiting.iter().take(whole));
        self.waiting = 0;
        self.count = 0;
    }
}
