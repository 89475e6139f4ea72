//! The data twins of the sheets against the schemas that are published for them.

use super::{PARK, common, python};
use std::path::{Path, PathBuf};

fn twins() -> Vec<PathBuf> {
    let results = PARK.path().join("results");
    let all = common::tree(&results).into_iter();
    let twins = all.filter(|p| p.ends_with("/sheet.json"));
    twins.map(|p| results.join(p)).collect()
}

#[test]
fn every_twin_keeps_to_the_published_schema() {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema");
    let twins = twins();
    assert!(twins.len() > 5, "{twins:?}");
    let mut arguments = vec![schemas.as_path()];
    arguments.extend(twins.iter().map(PathBuf::as_path));
    let Some(told) = python("THERMAUDIT_PYTHON", "twins.py", &arguments) else {
        return;
    };
    assert_eq!(told.trim(), format!("{} valid", twins.len()));
}
