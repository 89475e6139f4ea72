//! `models/materials.csv`, read once.
//!
//! The order of the rows is the order of belief: of a description that names two materials the
//! first row counts, so what lies on top (panels, plants, gravel) and what is said more exactly
//! stands before the sheet below.

use serde::{Deserialize, Deserializer};
use std::sync::LazyLock;

/// One material; units as in [`super::material::Material`].
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    /// Words of a description in Dutch, French, English and German, lower case.
    #[serde(deserialize_with = "words")]
    pub(super) aliases: Vec<String>,
    pub(super) emissivity: f64,
    pub(super) emissivity_sigma: f64,
    pub(super) roughness_factor: f64,
    /// Layer above the insulation, kJ/m²K.
    pub(super) heat_capacity_kj_m2k: f64,
    /// Row of scoring.md §5 the capacity is of.
    #[allow(
        dead_code,
        reason = "for readers of the table; a test asks that it is there"
    )]
    pub(super) lag_source: String,
    #[serde(deserialize_with = "yes")]
    pub(super) damps: bool,
    #[serde(deserialize_with = "yes")]
    pub(super) hides_roof: bool,
    /// Where emissivity and roughness come from.
    #[allow(
        dead_code,
        reason = "for readers of the table; a test asks that it is there"
    )]
    pub(super) source: String,
}

const TABLE: &str = include_str!("../../models/materials.csv");

static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| parse(TABLE).expect("a test reads every row of the embedded table"));

/// All materials.
pub(super) fn rows() -> &'static [Row] {
    &ROWS
}

fn parse(text: &str) -> Result<Vec<Row>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect()
}

fn words<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let text = String::deserialize(source)?;
    let words = text.split(';').filter(|word| !word.is_empty());
    Ok(words.map(str::to_owned).collect())
}

fn yes<'de, D: Deserializer<'de>>(source: D) -> Result<bool, D::Error> {
    match String::deserialize(source)?.as_str() {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(serde::de::Error::custom(format!(
            "{other} is neither yes nor no"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_embedded_table_is_whole_and_possible() {
        let rows = parse(TABLE).expect("well formed");
        assert_eq!(rows.len(), 20);
        let mut names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), rows.len());
        for row in &rows {
            assert!((0.05..=1.0).contains(&row.emissivity), "{row:?}");
            assert!((0.005..=0.2).contains(&row.emissivity_sigma), "{row:?}");
            assert!((1.0..=1.67).contains(&row.roughness_factor), "{row:?}");
            assert!(
                (12.0..=202.0).contains(&row.heat_capacity_kj_m2k),
                "{row:?}"
            );
            assert!(
                !row.source.is_empty() && !row.lag_source.is_empty(),
                "{row:?}"
            );
            let lower = |word: &String| *word == word.to_lowercase() && !word.contains(' ');
            assert!(row.aliases.iter().all(lower), "{row:?}");
        }
    }

    #[test]
    fn a_row_that_is_no_material_is_refused() {
        let head = TABLE.lines().next().expect("a head");
        for bad in [
            "x,,warm,0.02,1,12,l,no,no,s",
            "x,,0.9,0.02,1,12,l,maybe,no,s",
        ] {
            assert!(parse(&format!("{head}\n{bad}\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_card_holds_the_checksum_of_the_table() {
        let card = include_str!("../../models/materials.md");
        assert!(card.contains(&blake3::hash(TABLE.as_bytes()).to_hex().to_string()));
    }
}
