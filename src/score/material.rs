//! Roof materials: emissivity, roughness, heat capacity of the layer above the insulation.
//!
//! The numbers stand in `models/materials.csv`, where each came from in `models/materials.md`.
//! Descriptions in Dutch, French, English and German lead to them; what is not known gets the
//! unknown material.

use super::indoor;
use super::material_table::{self, Row};
use std::collections::BTreeMap;

/// A roof material.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Material {
    /// Canonical name, also the comparison group.
    pub name: String,
    /// Emissivity in the thermal band.
    pub emissivity: f64,
    /// Standard uncertainty of it.
    pub emissivity_sigma: f64,
    /// Roughness factor Rf of the convection formula.
    pub roughness: f64,
    /// Heat capacity of the layer above the insulation, J/m²K.
    pub capacity_j_m2k: f64,
    /// Whether the layer damps the contrast (green roof, gravel, water).
    pub damping: bool,
    /// Solar panels: the roof below is not seen at all.
    pub hides_roof: bool,
    /// Whether the input named it.
    pub known: bool,
    /// How sure it is, 0–1, where it was not given but estimated from the picture.
    pub estimated: Option<f64>,
}

/// Heat-transfer coefficient at which the time constant of a layer is taken, W/m²K: that of
/// scoring.md §5, so that the hours to wait are the printed ones and do not hang on one gust.
const LAG_H_W_M2K: f64 = 15.0;

impl Material {
    /// Time constant of the layer above the insulation, hours.
    pub fn lag_h(&self) -> f64 {
        indoor::lag_h(self.capacity_j_m2k, LAG_H_W_M2K)
    }
}

/// Override of one material, `[score.material.NAME]`; `None` keeps the table's value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MaterialOverride {
    /// Emissivity.
    pub emissivity: Option<f64>,
    /// Standard uncertainty of it.
    pub emissivity_sigma: Option<f64>,
    /// Roughness factor.
    pub roughness_factor: Option<f64>,
}

/// The material of a description, with overrides by name; an override of a name that is not in
/// the table makes a new material (its emissivity is then required to be known). An empty or
/// unknown description is the unknown material.
pub fn material(
    description: Option<&str>,
    overrides: &BTreeMap<String, MaterialOverride>,
    unknown: (f64, f64),
) -> Material {
    let text = description.unwrap_or("").trim().to_lowercase();
    let text = text.replace([' ', '_'], "-");
    if text.is_empty() {
        return unknown_material(unknown);
    }
    let own = overrides.keys().find(|name| name.to_lowercase() == text);
    let name = match own {
        Some(name) => name.clone(),
        None => match named(&text) {
            Some(name) => name.to_owned(),
            None => return unknown_material(unknown),
        },
    };
    let mut material = from_table(&name).unwrap_or_else(|| Material {
        name: name.clone(),
        known: true,
        ..unknown_material(unknown)
    });
    if let Some(change) = overrides.get(&name) {
        material.emissivity = change.emissivity.unwrap_or(material.emissivity);
        material.emissivity_sigma = change.emissivity_sigma.unwrap_or(material.emissivity_sigma);
        material.roughness = change.roughness_factor.unwrap_or(material.roughness);
    }
    material
}

/// Word used for roofs whose material is not known.
pub const UNKNOWN: &str = "unknown";

/// Word of an open roof with nothing heated below; may anchor a flight (scoring.md §6, rung b).
pub const CANOPY: &str = "canopy";

/// Heat capacity of a roof of unknown build-up, J/m²K: bitumen on wood fibre (scoring.md §5).
const UNKNOWN_CAPACITY: f64 = 30_000.0;

fn unknown_material((emissivity, emissivity_sigma): (f64, f64)) -> Material {
    Material {
        name: UNKNOWN.to_owned(),
        emissivity,
        emissivity_sigma,
        roughness: 1.52,
        capacity_j_m2k: UNKNOWN_CAPACITY,
        damping: false,
        hides_roof: false,
        known: false,
        estimated: None,
    }
}

fn from_table(name: &str) -> Option<Material> {
    let row = material_table::rows().iter().find(|row| row.name == name)?;
    Some(Material {
        name: row.name.clone(),
        emissivity: row.emissivity,
        emissivity_sigma: row.emissivity_sigma,
        roughness: row.roughness_factor,
        capacity_j_m2k: 1000.0 * row.heat_capacity_kj_m2k,
        damping: row.damps,
        hides_roof: row.hides_roof,
        known: true,
        estimated: None,
    })
}

/// Name of the first row one of whose words occurs.
fn named(text: &str) -> Option<&'static str> {
    let rows = material_table::rows();
    if let Some(row) = rows.iter().find(|row| row.name == text) {
        return Some(&row.name);
    }
    // Short words must be a part of their own ("wit", not "with"); longer ones may be inside.
    let parts: Vec<&str> = text.split('-').collect();
    let occurs = |word: &String| {
        if word.chars().count() <= 4 {
            parts.contains(&word.as_str())
        } else {
            text.contains(word.as_str())
        }
    };
    let row = rows
        .iter()
        .find(|row: &&Row| row.aliases.iter().any(occurs))?;
    Some(&row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Material {
        material(Some(text), &BTreeMap::new(), (0.92, 0.03))
    }

    #[test]
    fn english_and_dutch_words_lead_to_the_same_material() {
        for (english, dutch) in [
            ("gravel", "grind"),
            ("bitumen", "bitumineuze dakbedekking"),
            ("metal", "staal"),
            ("zinc", "Zink"),
            ("tile", "dakpannen"),
            ("concrete", "BETON"),
            ("green", "groendak"),
            ("glass", "glas"),
            ("membrane-white", "wit PVC"),
            ("pv", "zonnepanelen"),
        ] {
            assert_eq!(of(english).name, of(dutch).name, "{dutch}");
            assert_eq!(of(english).name, english);
        }
    }

    #[test]
    fn french_and_german_words_lead_there_too() {
        for (name, french, german) in [
            ("gravel", "gravier sur bitume", "Kiesdach"),
            ("bitumen", "étanchéité bitumineuse", "Bitumenbahn"),
            ("coated-steel", "tôle laquée", "beschichtetes Stahlblech"),
            ("tile", "tuiles", "Dachziegel"),
            ("slate", "ardoises", "Schiefer"),
            ("green", "toiture végétalisée", "Gründach"),
            ("fibre-cement", "fibrociment", "Faserzementplatten"),
            ("pv", "panneaux solaires", "Photovoltaik"),
            ("concrete", "béton", "Beton"),
            ("metal", "tôle", "Blech"),
        ] {
            assert_eq!(of(french).name, name, "{french}");
            assert_eq!(of(german).name, name, "{german}");
        }
        assert_eq!(of("toiture couverte de gravier").name, "gravel");
    }

    #[test]
    fn the_hours_to_wait_are_those_printed() {
        // scoring.md §5, column "wait 3τ".
        for (name, wait_h) in [
            ("epdm", 0.7),
            ("bitumen", 1.7),
            ("tile", 2.1),
            ("gravel", 4.2),
            ("concrete", 11.2),
        ] {
            assert!((3.0 * of(name).lag_h() - wait_h).abs() < 0.05, "{name}");
        }
    }

    #[test]
    fn what_lies_on_top_decides() {
        assert_eq!(of("grind op bitumen").name, "gravel");
        assert_eq!(of("gelakte staalplaat").name, "coated-steel");
        assert_eq!(of("staal gelakt").name, "coated-steel");
    }

    #[test]
    fn unknown_words_and_none_are_the_unknown_material() {
        assert!(!of("thatch?").known);
        let none = material(None, &BTreeMap::new(), (0.9, 0.05));
        assert_eq!(
            (none.known, none.emissivity, none.emissivity_sigma),
            (false, 0.9, 0.05)
        );
    }

    #[test]
    fn overrides_change_the_table_and_add_to_it() {
        let change = |emissivity| MaterialOverride {
            emissivity: Some(emissivity),
            ..MaterialOverride::default()
        };
        let overrides = BTreeMap::from([
            ("epdm".to_owned(), change(0.90)),
            ("Copper".to_owned(), change(0.6)),
        ]);
        let of = |text| material(Some(text), &overrides, (0.92, 0.03));
        assert_eq!((of("EPDM").emissivity, of("EPDM").roughness), (0.90, 1.11));
        assert_eq!((of("copper").emissivity, of("copper").known), (0.6, true));
    }
}
