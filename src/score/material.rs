//! Roof materials: emissivity, roughness, thermal lag.
//!
//! Emissivities 7.5–14 µm, dry, and roughness factors: scoring.md §1 and §3; the layer above the
//! insulation: §5. Words in English and Dutch; what is not known gets the unknown material.

use std::collections::BTreeMap;

/// A roof material.
#[derive(Clone, Debug, PartialEq)]
pub struct Material {
    /// Canonical name, also the comparison group.
    pub name: String,
    /// Emissivity in the thermal band.
    pub emissivity: f64,
    /// Standard uncertainty of it.
    pub emissivity_sigma: f64,
    /// Roughness factor Rf of the convection formula.
    pub roughness: f64,
    /// Time constant of the layer above the insulation, hours.
    pub lag_h: f64,
    /// Whether the layer damps the contrast (green roof, gravel, water).
    pub damping: bool,
    /// Solar panels: the roof below is not seen at all.
    pub hides_roof: bool,
    /// Whether the input named it.
    pub known: bool,
    /// How sure it is, 0–1, where it was not given but estimated from the picture.
    pub estimated: Option<f64>,
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

/// Name, emissivity, σ, Rf, lag in hours.
type Row = (&'static str, f64, f64, f64, f64);

#[rustfmt::skip]
const TABLE: [Row; 20] = [
    ("bitumen",        0.92, 0.02, 1.52, 0.56),
    ("bitumen-smooth", 0.93, 0.02, 1.11, 0.56),
    ("epdm",           0.86, 0.02, 1.11, 0.22),
    ("membrane-white", 0.92, 0.02, 1.11, 0.22),
    ("gravel",         0.90, 0.02, 1.67, 1.40),
    ("coated-steel",   0.87, 0.02, 1.00, 0.22),
    ("metal",          0.25, 0.15, 1.00, 0.22),
    ("zinc",           0.28, 0.05, 1.00, 0.22),
    ("galvanised",     0.30, 0.15, 1.00, 0.22),
    ("aluminium",      0.12, 0.06, 1.00, 0.22),
    ("pv",             0.85, 0.05, 1.00, 0.22),
    ("glass",          0.85, 0.05, 1.00, 0.22),
    ("polycarbonate",  0.90, 0.03, 1.00, 0.22),
    ("green",          0.96, 0.02, 1.67, 1.40),
    ("tile",           0.92, 0.02, 1.52, 0.70),
    ("slate",          0.92, 0.03, 1.52, 0.70),
    ("fibre-cement",   0.95, 0.02, 1.52, 0.56),
    ("concrete",       0.93, 0.02, 1.52, 3.74),
    ("water",          0.98, 0.01, 1.00, 1.40),
    ("canopy",         0.92, 0.03, 1.11, 0.22),
];

/// Word in a description → canonical name. The first that occurs decides, so what lies on top
/// (panels, gravel, plants) and what is said more exactly stands before the sheet below.
#[rustfmt::skip]
const WORDS: [(&str, &str); 64] = [
    ("pv", "pv"), ("zonnepane", "pv"), ("zonnecel", "pv"), ("solar", "pv"),
    ("green", "green"), ("groendak", "green"), ("sedum", "green"), ("begroei", "green"),
    ("gravel", "gravel"), ("grind", "gravel"), ("ballast", "gravel"), ("kiezel", "gravel"),
    ("membrane-white", "membrane-white"), ("white", "membrane-white"), ("wit", "membrane-white"),
    ("pvc", "membrane-white"), ("tpo", "membrane-white"), ("kunststof", "membrane-white"),
    ("epdm", "epdm"), ("rubber", "epdm"),
    ("bitumen-smooth", "bitumen-smooth"), ("smooth", "bitumen-smooth"), ("glad", "bitumen-smooth"),
    ("bitum", "bitumen"), ("roofing", "bitumen"), ("asfalt", "bitumen"), ("asphalt", "bitumen"),
    ("felt", "bitumen"),
    ("fibre-cement", "fibre-cement"), ("fiber", "fibre-cement"), ("vezelcement", "fibre-cement"),
    ("eternit", "fibre-cement"), ("asbest", "fibre-cement"), ("golfpla", "fibre-cement"),
    ("polycarbon", "polycarbonate"), ("lichtplaat", "polycarbonate"),
    ("tile", "tile"), ("pannen", "tile"), ("dakpan", "tile"), ("klei", "tile"), ("clay", "tile"),
    ("slate", "slate"), ("leien", "slate"), ("lei", "slate"),
    ("concrete", "concrete"), ("beton", "concrete"),
    ("coated", "coated-steel"), ("gelakt", "coated-steel"), ("gecoat", "coated-steel"),
    ("sandwich", "coated-steel"), ("painted", "coated-steel"), ("steeldeck", "coated-steel"),
    ("galvani", "galvanised"), ("verzinkt", "galvanised"), ("gegalvan", "galvanised"),
    ("zinc", "zinc"), ("zink", "zinc"), ("alumin", "aluminium"),
    ("metal", "metal"), ("metaal", "metal"), ("steel", "metal"), ("staal", "metal"),
    ("glas", "glass"), ("water", "water"),
];

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

fn unknown_material((emissivity, emissivity_sigma): (f64, f64)) -> Material {
    Material {
        name: UNKNOWN.to_owned(),
        emissivity,
        emissivity_sigma,
        roughness: 1.52,
        lag_h: 0.56,
        damping: false,
        hides_roof: false,
        known: false,
        estimated: None,
    }
}

fn from_table(name: &str) -> Option<Material> {
    let (name, emissivity, emissivity_sigma, roughness, lag_h) =
        *TABLE.iter().find(|row| row.0 == name)?;
    Some(Material {
        name: name.to_owned(),
        emissivity,
        emissivity_sigma,
        roughness,
        lag_h,
        damping: matches!(name, "green" | "gravel" | "water"),
        hides_roof: name == "pv",
        known: true,
        estimated: None,
    })
}

fn named(text: &str) -> Option<&'static str> {
    if let Some(row) = TABLE.iter().find(|row| row.0 == text) {
        return Some(row.0);
    }
    // Short words must be a part of their own ("wit", not "with"); longer ones may be inside.
    let parts: Vec<&str> = text.split('-').collect();
    let occurs = |word: &str| {
        if word.len() <= 4 {
            parts.contains(&word)
        } else {
            text.contains(word)
        }
    };
    WORDS
        .iter()
        .find(|(word, _)| occurs(word))
        .map(|(_, name)| *name)
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
