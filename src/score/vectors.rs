//! The reference numbers of `scoring-vectors.json` for the tests of this folder.

/// A group of the reference numbers beside the folder THERMAUDIT_TESTDATA names; `None`, with a
/// line that says so, when it is not there.
#[allow(clippy::print_stdout)]
pub(super) fn group(name: &str) -> Option<serde_json::Value> {
    let found = std::env::var("THERMAUDIT_TESTDATA")
        .ok()
        .and_then(|folder| {
            let path = std::path::Path::new(&folder).join("../scoring-vectors.json");
            let text = std::fs::read_to_string(path).ok()?;
            serde_json::from_str::<serde_json::Value>(&text).ok()
        });
    let Some(all) = found else {
        println!("skipped: THERMAUDIT_TESTDATA names no folder beside scoring-vectors.json");
        return None;
    };
    Some(all.get(name).expect("the group exists").clone())
}

/// A number of a row; 0 where the file says null.
pub(super) fn number(row: &serde_json::Value, key: &str) -> f64 {
    row.get(key)
        .and_then(serde_json::Value::as_f64)
        .unwrap_or(0.0)
}

/// Rows of a group that is a list.
pub(super) fn rows(name: &str) -> Vec<serde_json::Value> {
    group(name)
        .and_then(|g| g.as_array().cloned())
        .unwrap_or_default()
}

/// The file's own tolerance: absolute 1e-3 on temperatures and dimensionless values, relative
/// 1e-3 on the rest.
pub(super) fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-3_f64.max(1e-3 * expected.abs())
}

/// Asserts that a number is that of a row to the last printed digit; where the last digits are
/// zeros, which a number does not show, to [`close`].
pub(super) fn check(row: &serde_json::Value, key: &str, found: f64) {
    let printed = row.get(key).unwrap_or(&serde_json::Value::Null).clone();
    assert!(
        is_printed(&printed, found),
        "{key} of {row}: found {found}, expected {printed}"
    );
}

/// Whether a number rounds to a printed one.
pub(super) fn is_printed(printed: &serde_json::Value, found: f64) -> bool {
    let expected = printed.as_f64().unwrap_or(0.0);
    let text = printed.to_string();
    let exponent = text.contains('e');
    let decimals = text.split_once('.').map_or(0, |(_, digits)| digits.len());
    // Half a unit of the last digit, and as much again for inputs that were rounded as well.
    let last = 10_f64.powi(-(decimals as i32));
    close(found, expected) && (exponent || (found - expected).abs() <= last)
}
