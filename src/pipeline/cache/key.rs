//! Keys: what a piece of work depends on, part by part, as one digest.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{Debug, Write};

/// Digest of the program's source.
pub(crate) const CODE: &str = env!("THERMAUDIT_CODE");

/// A digest, 32 bytes.
pub(crate) type Digest = blake3::Hash;

/// What a piece of work depends on.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    hasher: blake3::Hasher,
}

impl Key {
    /// A key of one kind of work, by this code.
    pub(crate) fn new(kind: &str) -> Self {
        let mut key = Self {
            hasher: blake3::Hasher::new(),
        };
        key.bytes("code", CODE.as_bytes());
        key.bytes("kind", kind.as_bytes());
        key
    }

    /// A part that is bytes. The length goes in, so that no two lists of parts run into the same
    /// bytes.
    pub(crate) fn bytes(&mut self, name: &str, bytes: &[u8]) -> &mut Self {
        for field in [name.as_bytes(), bytes] {
            self.hasher.update(&(field.len() as u64).to_le_bytes());
            self.hasher.update(field);
        }
        self
    }

    /// Another digest as a part.
    pub(crate) fn digest_of(&mut self, name: &str, digest: &Digest) -> &mut Self {
        self.bytes(name, digest.as_bytes())
    }

    /// A part by its `Debug` form. Deriving it prints every field, and numbers so that they read
    /// back as the same bits; maps must be sorted ones.
    pub(crate) fn told(&mut self, name: &str, value: &impl Debug) -> &mut Self {
        let mut sink = Sink(blake3::Hasher::new());
        // Writing to a hasher cannot fail.
        let _ = write!(sink, "{value:?}");
        let digest = sink.0.finalize();
        self.digest_of(name, &digest)
    }

    /// A part by its serialised bytes; faster than [`Key::told`] for lists of numbers.
    pub(crate) fn data(&mut self, name: &str, value: &impl Serialize) -> &mut Self {
        let bytes = to_bytes(value).unwrap_or_default();
        self.bytes(name, &bytes)
    }

    /// The digest of all parts so far.
    pub(crate) fn digest(&self) -> Digest {
        self.hasher.finalize()
    }
}

struct Sink(blake3::Hasher);

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

/// A value as bytes that read back as the same bits; `None` for what cannot be told in advance
/// (maps of unknown length).
pub(super) fn to_bytes(value: &impl Serialize) -> Option<Vec<u8>> {
    postcard::to_allocvec(value).ok()
}

/// The value of [`to_bytes`]; `None` for bytes of something else.
pub(super) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        let of = |parts: &[(&str, &str)]| {
            let mut key = Key::new("test");
            for (name, value) in parts {
                key.bytes(name, value.as_bytes());
            }
            key.digest()
        };
        assert_eq!(of(&[("a", "b")]), of(&[("a", "b")]));
        assert_ne!(of(&[("a", "b")]), of(&[("ab", "")]));
        assert_ne!(of(&[("a", "bc")]), of(&[("a", "b"), ("c", "")]));
        assert_ne!(Key::new("a").digest(), Key::new("b").digest());
    }

    #[test]
    fn the_last_bit_of_a_number_counts() {
        let of = |v: f64| Key::new("test").told("v", &v).digest();
        assert_ne!(of(0.1), of(0.1_f64.next_up()));
        assert_ne!(of(0.0), of(-0.0));
        assert_eq!(of(f64::NAN), of(f64::NAN));
        let bytes = to_bytes(&(0.1_f64.next_up(), f32::NAN)).expect("plain numbers");
        let (a, b): (f64, f32) = from_bytes(&bytes).expect("the same type");
        assert_eq!(a.to_bits(), 0.1_f64.next_up().to_bits());
        assert!(b.is_nan());
    }
}
