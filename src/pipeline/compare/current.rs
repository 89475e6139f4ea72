//! `changes.json` of a comparison that is of the results two flights have now.

use super::read::Flown;
use crate::problem::{Problem, Result};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Folder of the comparison of a flight with an earlier one.
pub(in crate::pipeline) fn folder(results: &Path, former: &str, now: &str) -> PathBuf {
    results.join("compare").join(format!("{former}__{now}"))
}

/// What the comparison found; `None` where it is of other results.
///
/// # Errors
/// Files that cannot be read.
pub(in crate::pipeline) fn current(
    results: &Path,
    former: &str,
    now: &str,
) -> Result<Option<Value>> {
    let path = folder(results, former, now).join("changes.json");
    let name = || path.display().to_string();
    let bytes = std::fs::read(&path).map_err(|e| Problem::from(e).in_file(name()))?;
    let root: Value = serde_json::from_slice(&bytes).map_err(|e| {
        Problem::broken(format!("is no JSON ({e})"))
            .in_file(name())
            .hint("thermaudit compare makes it again")
    })?;
    for (id, side) in [(former, "before"), (now, "after")] {
        let flown = Flown::read(results, id)?;
        if root["results"][side].as_str() != Some(flown.digest().as_str()) {
            return Ok(None);
        }
    }
    Ok(Some(root))
}
