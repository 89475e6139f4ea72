//! `internal/erased.csv`: that something was forgotten, not what.
//!
//! The hash answers one question: was this company forgotten? Who asks must give key, names and
//! numbers; with the salt of the row they give the hash. Nobody can read the company from it, but
//! whoever has a list of all companies can try them all: hashing is repeated to make that slow.

use super::forget::Gone;
use super::targets::Targets;
use crate::attach::leak::Party;
use crate::problem::{Problem, Result};
use crate::write::atomic;
use jiff::civil::Date;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;

const HEADER: [&str; 5] = ["date", "files", "rows", "salt", "hash"];

/// How often the hash is hashed: some tens of milliseconds.
const ROUNDS: u32 = 1 << 17;

/// Adds one row for each company that was forgotten in a folder of results.
///
/// # Errors
/// The record cannot be read or written.
pub(super) fn write(place: &Path, date: Date, targets: &Targets, gone: &Gone) -> Result<()> {
    let path = place.join("internal").join("erased.csv");
    let fault = |what: String| Problem::io(what).in_file(path.display().to_string());
    let old = match std::fs::read(&path) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(fault(error.to_string())),
    };
    let fresh = old.is_empty();
    let mut table = csv::Writer::from_writer(old);
    if fresh {
        table
            .write_record(HEADER)
            .map_err(|e| fault(e.to_string()))?;
    }
    for party in targets.gone.values() {
        let salt = salt();
        let cells = [
            date.to_string(),
            gone.files.len().to_string(),
            gone.rows().to_string(),
            salt.clone(),
            hash(&salt, party),
        ];
        table
            .write_record(&cells)
            .map_err(|e| fault(e.to_string()))?;
    }
    let bytes = table.into_inner().map_err(|e| fault(e.to_string()))?;
    atomic::make_folder(&place.join("internal"))?;
    atomic::write_file(&path, &bytes)
}

/// 32 hexadecimal digits nobody can foresee: the keys the operating system gives each process's
/// hash tables.
fn salt() -> String {
    let half = || {
        std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish()
    };
    format!("{:016x}{:016x}", half(), half())
}

fn hash(salt: &str, party: &Party) -> String {
    let mut hasher = blake3::Hasher::new();
    let texts = std::iter::once(&party.company_id)
        .chain(&party.names)
        .chain(&party.numbers);
    for text in std::iter::once(&salt.to_owned()).chain(texts) {
        hasher.update(text.as_bytes());
        hasher.update(b"\n");
    }
    let mut hash = hasher.finalize();
    for _ in 0..ROUNDS {
        hash = blake3::hash(hash.as_bytes());
    }
    hash.to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_company_and_salt_give_the_same_hash_and_others_another() {
        let party = |id: &str| Party {
            company_id: id.to_owned(),
            names: vec!["Bakkerij".to_owned()],
            ..Party::default()
        };
        let (a, b) = (salt(), salt());
        assert_eq!((a.len(), a == b), (32, false));
        let first = hash(&a, &party("A"));
        assert_eq!(first, hash(&a, &party("A")));
        assert_ne!(first, hash(&b, &party("A")));
        assert_ne!(first, hash(&a, &party("B")));
    }
}
