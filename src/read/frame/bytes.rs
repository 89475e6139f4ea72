//! Numbers at a position of a byte slice, in either byte order; `None` where the slice ends.

/// Byte order of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// The order in which the `u16` at the start of a block reads as its mark.
    pub(super) fn from_mark(bytes: &[u8], mark: u16) -> Option<Order> {
        [Order::Little, Order::Big]
            .into_iter()
            .find(|order| order.u16(bytes, 0) == Some(mark))
    }

    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let raw = array(bytes, at)?;
        Some(match self {
            Order::Little => u16::from_le_bytes(raw),
            Order::Big => u16::from_be_bytes(raw),
        })
    }

    pub(super) fn i16(self, bytes: &[u8], at: usize) -> Option<i16> {
        self.u16(bytes, at).map(u16::cast_signed)
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let raw = array(bytes, at)?;
        Some(match self {
            Order::Little => u32::from_le_bytes(raw),
            Order::Big => u32::from_be_bytes(raw),
        })
    }

    pub(super) fn i32(self, bytes: &[u8], at: usize) -> Option<i32> {
        self.u32(bytes, at).map(u32::cast_signed)
    }

    pub(super) fn f32(self, bytes: &[u8], at: usize) -> Option<f64> {
        self.u32(bytes, at)
            .map(|bits| f64::from(f32::from_bits(bits)))
    }

    pub(super) fn f64(self, bytes: &[u8], at: usize) -> Option<f64> {
        let raw = array(bytes, at)?;
        Some(match self {
            Order::Little => f64::from_le_bytes(raw),
            Order::Big => f64::from_be_bytes(raw),
        })
    }
}

/// Text of a fixed field: up to the first zero byte, without surrounding blanks.
pub(super) fn text(bytes: &[u8], at: usize, length: usize) -> Option<String> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    let end = field.iter().position(|b| *b == 0).unwrap_or(length);
    Some(String::from_utf8_lossy(&field[..end]).trim().to_owned())
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_past_the_end_are_none() {
        assert_eq!(Order::Little.u16(&[1, 2, 3], 2), None);
        assert_eq!(Order::Big.u32(&[0; 8], usize::MAX), None);
    }

    #[test]
    fn the_mark_tells_the_byte_order() {
        assert_eq!(Order::from_mark(&[2, 0], 2), Some(Order::Little));
        assert_eq!(Order::from_mark(&[0, 2], 2), Some(Order::Big));
        assert_eq!(Order::from_mark(&[2, 2], 2), None);
    }

    #[test]
    fn text_ends_at_the_first_zero() {
        assert_eq!(text(b"FLIR E60\0junk", 0, 13).as_deref(), Some("FLIR E60"));
    }
}
