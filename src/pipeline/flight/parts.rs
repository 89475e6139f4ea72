//! What a flight's parts hand to each other when several machines share the work.
//!
//! All is by content: a tile by what it is made of, a raster by its tiles, a sheet by everything on
//! it. What is not there is made again, so that a lost piece costs time and nothing else.

use super::Flight;
use super::kept::{self, Files};
use crate::pipeline::cache::Key;
use crate::problem::Result;

/// Files of a flight that later flights read.
const LAYERS: [&str; 1] = ["audit.gpkg"];
/// Name of the record of such files.
const KIND: &str = "layers";

impl Flight<'_> {
    fn layers_key(&self, flight: &str) -> Key {
        let mut key = Key::new(KIND);
        let results = self.out.parent().unwrap_or(self.out);
        key.told("place", &self.job.cache.place(results));
        key.told("flight", &flight);
        key
    }

    /// Sends what later flights read of this one.
    pub(super) fn send_layers(&self) -> Result<()> {
        let cache = self.job.cache;
        let names = LAYERS.iter().map(std::path::PathBuf::from);
        let files = kept::digests(names, self.out, cache.hashes());
        send(self, &files)?;
        let key = self.layers_key(&self.job.folder.id).digest();
        cache.put(KIND, &key, &files);
        Ok(())
    }

    /// Fetches what this flight reads of earlier ones.
    pub(super) fn fetch_layers(&self) -> Result<()> {
        let cache = self.job.cache;
        let Some(results) = self.out.parent().filter(|_| cache.is_shared()) else {
            return Ok(());
        };
        for former in self.job.order.before(&self.job.folder.id) {
            let key = self.layers_key(former).digest();
            let Some(files) = cache.get::<Files>(KIND, &key) else {
                continue;
            };
            for (name, digest) in &files {
                cache.fetch(&results.join(former).join(name), digest)?;
            }
        }
        Ok(())
    }
}

/// Sends files of a flight's results.
pub(super) fn send(flight: &Flight<'_>, files: &Files) -> Result<()> {
    let mut files = files.iter();
    files.try_for_each(|(name, digest)| flight.job.cache.send(&flight.out.join(name), digest))
}

/// Fetches files of a flight's results. Out: whether all stand there now.
pub(super) fn fetch(flight: &Flight<'_>, files: &Files) -> bool {
    let there = |(name, digest): &(std::path::PathBuf, [u8; 32])| {
        let path = flight.out.join(name);
        flight.job.cache.fetch(&path, digest).unwrap_or(false)
    };
    !files.is_empty() && files.iter().all(there)
}
