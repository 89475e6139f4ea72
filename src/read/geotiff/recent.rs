//! Strips and tiles decoded last, for windows that overlap.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::problem::Result;

use super::chunk::Chunk;

/// Level of a raster and number of a chunk in it.
type Place = (usize, usize);

/// Decoded chunks, at most so many bytes of them.
#[derive(Debug, Default)]
pub(super) struct Recent {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    /// Counts lookups: the chunk with the least count was not wanted for longest.
    clock: u64,
    chunks: BTreeMap<Place, (u64, Arc<Chunk>)>,
}

impl Recent {
    /// Holds at most `most` bytes; with 0 nothing.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            held: Mutex::default(),
        }
    }

    /// The chunk of a place, decoded where it is not held.
    ///
    /// # Errors
    /// Those of `decode`.
    pub(super) fn get(
        &self,
        place: Place,
        decode: impl FnOnce() -> Result<Option<Chunk>>,
    ) -> Result<Option<Arc<Chunk>>> {
        if self.most == 0 {
            return Ok(decode()?.map(Arc::new));
        }
        if let Some(chunk) = self.held().find(place) {
            return Ok(Some(chunk));
        }
        // Outside the lock: two threads may decode the same chunk, none waits for another.
        let Some(chunk) = decode()?.map(Arc::new) else {
            return Ok(None);
        };
        self.held().keep(place, &chunk, self.most);
        Ok(Some(chunk))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn find(&mut self, place: Place) -> Option<Arc<Chunk>> {
        self.clock += 1;
        let (used, chunk) = self.chunks.get_mut(&place)?;
        *used = self.clock;
        Some(Arc::clone(chunk))
    }

    fn keep(&mut self, place: Place, chunk: &Arc<Chunk>, most: usize) {
        if chunk.bytes.len() > most {
            return;
        }
        let before = self.chunks.insert(place, (self.clock, Arc::clone(chunk)));
        self.bytes += chunk.bytes.len();
        self.bytes -= before.map_or(0, |(_, chunk)| chunk.bytes.len());
        while self.bytes > most {
            let oldest = self.chunks.iter().min_by_key(|(_, (used, _))| *used);
            let Some(place) = oldest.map(|(place, _)| *place) else {
                return;
            };
            let gone = self.chunks.remove(&place);
            self.bytes -= gone.map_or(0, |(_, chunk)| chunk.bytes.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(bytes: usize) -> Result<Option<Chunk>> {
        Ok(Some(Chunk {
            bytes: vec![0; bytes],
            row_bytes: 1,
        }))
    }

    #[test]
    fn what_was_not_wanted_for_longest_goes_first() {
        let recent = Recent::new(20);
        let decoded = |index: usize, bytes: usize| {
            let mut decoded = false;
            let got = recent.get((0, index), || {
                decoded = true;
                chunk(bytes)
            });
            assert_eq!(got.expect("decodes").expect("there").bytes.len(), bytes);
            decoded
        };
        assert!(decoded(1, 10) && decoded(2, 10));
        assert!(!decoded(1, 10));
        // The third drives out the second, which was wanted before the first.
        assert!(decoded(3, 10));
        assert!(!decoded(1, 10) && !decoded(3, 10) && decoded(2, 10));
        // Larger than all room: handed on, never held.
        assert!(decoded(4, 21) && decoded(4, 21));
        assert!(!decoded(2, 10));
    }

    #[test]
    fn without_room_every_chunk_is_decoded() {
        let recent = Recent::default();
        let mut times = 0;
        for _ in 0..2 {
            let got = recent.get((0, 1), || {
                times += 1;
                chunk(1)
            });
            assert!(got.expect("decodes").is_some());
        }
        assert_eq!(times, 2);
    }
}
