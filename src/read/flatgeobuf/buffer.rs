//! Tables of a FlatBuffer.
//!
//! A table begins with the signed distance back to its list of fields; that list holds its own
//! size, the size of the table and, per field, where in the table it stands (0: not given).
//! Texts, lists and tables in tables are reached by unsigned distances from where these stand.

/// A table inside a buffer.
#[derive(Clone, Copy)]
pub(super) struct TableRef<'b> {
    buffer: &'b [u8],
    at: usize,
    fields: usize,
}

fn word<const N: usize>(buffer: &[u8], at: usize) -> Option<[u8; N]> {
    buffer.get(at..)?.first_chunk().copied()
}

fn u32_at(buffer: &[u8], at: usize) -> Option<usize> {
    word(buffer, at).map(|b| u32::from_le_bytes(b) as usize)
}

impl<'b> TableRef<'b> {
    /// The table a buffer begins with.
    pub(super) fn root(buffer: &'b [u8]) -> Option<Self> {
        Self::new(buffer, u32_at(buffer, 0)?)
    }

    fn new(buffer: &'b [u8], at: usize) -> Option<Self> {
        let back = i64::from(i32::from_le_bytes(word(buffer, at)?));
        let fields = usize::try_from(i64::try_from(at).ok()? - back).ok()?;
        let size = u16::from_le_bytes(word(buffer, fields)?);
        buffer.get(fields..fields.checked_add(usize::from(size))?)?;
        Some(Self { buffer, at, fields })
    }

    /// Where a field stands; `None` when it is not given.
    fn field(&self, id: usize) -> Option<usize> {
        let size = usize::from(u16::from_le_bytes(word(self.buffer, self.fields)?));
        let place = 4 + 2 * id;
        if place + 2 > size {
            return None;
        }
        match u16::from_le_bytes(word(self.buffer, self.fields + place)?) {
            0 => None,
            offset => self.at.checked_add(usize::from(offset)),
        }
    }

    pub(super) fn u8(&self, id: usize) -> Option<u8> {
        self.buffer.get(self.field(id)?).copied()
    }

    pub(super) fn u16(&self, id: usize) -> Option<u16> {
        word(self.buffer, self.field(id)?).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&self, id: usize) -> Option<u32> {
        word(self.buffer, self.field(id)?).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&self, id: usize) -> Option<u64> {
        word(self.buffer, self.field(id)?).map(u64::from_le_bytes)
    }

    fn target(&self, id: usize) -> Option<usize> {
        let at = self.field(id)?;
        at.checked_add(u32_at(self.buffer, at)?)
    }

    /// A table of its own.
    pub(super) fn table(&self, id: usize) -> Option<Self> {
        Self::new(self.buffer, self.target(id)?)
    }

    /// The bytes of a list of items of `size` bytes.
    pub(super) fn list(&self, id: usize, size: usize) -> Option<&'b [u8]> {
        let at = self.target(id)?;
        let length = u32_at(self.buffer, at)?.checked_mul(size)?;
        let start = at.checked_add(4)?;
        self.buffer.get(start..start.checked_add(length)?)
    }

    pub(super) fn bytes(&self, id: usize) -> Option<&'b [u8]> {
        self.list(id, 1)
    }

    /// A text, at most `longest` bytes of it.
    pub(super) fn text(&self, id: usize, longest: usize) -> Option<String> {
        let bytes = self.bytes(id)?;
        let kept = bytes.get(..longest).unwrap_or(bytes);
        Some(String::from_utf8_lossy(kept).into_owned())
    }

    /// Bytes of the whole buffer: whatever a table holds without naming anything twice.
    pub(super) fn size(&self) -> usize {
        self.buffer.len()
    }

    /// Number of items of a list of tables.
    pub(super) fn count(&self, id: usize) -> usize {
        self.list(id, 4).map_or(0, |list| list.len() / 4)
    }

    /// A list of tables; a broken one is `None` in its place. The caller has looked at
    /// [`TableRef::count`].
    pub(super) fn tables(&self, id: usize) -> Option<Vec<Option<Self>>> {
        let at = self.target(id)?;
        let list = self.list(id, 4)?;
        let starts = list.chunks_exact(4).zip(0_usize..);
        let found = starts.map(|(chunk, i)| {
            let place = at.checked_add(4 + 4 * i)?;
            let offset = u32::from_le_bytes(*chunk.first_chunk()?) as usize;
            Self::new(self.buffer, place.checked_add(offset)?)
        });
        Some(found.collect())
    }
}
