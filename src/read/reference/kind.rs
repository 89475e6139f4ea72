//! What a layer is, by its columns and, where these are the same, by its name and values.

use super::super::layer::Layer;
use super::super::table::fold;
use super::Options;
use crate::survey::reference::StructureLayer;

/// A kind of layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Address register.
    Addresses,
    /// Building units.
    Units,
    /// Which addresses a building unit or parcel has.
    AddressLinks,
    /// Building register.
    Buildings,
    /// Cadastral parcels.
    Parcels,
    /// An outline layer of the base map.
    Structures(StructureLayer),
    /// Heights of buildings.
    Heights,
    /// Business parks.
    Parks,
    /// Use plots.
    Plots,
    /// The enriched register of enterprises.
    Vkbo,
    /// National register: enterprises.
    KboEnterprise,
    /// National register: establishments.
    KboEstablishment,
    /// National register: addresses.
    KboAddress,
    /// National register: names.
    KboDenomination,
    /// Known, and of no use here.
    Ignored,
}

/// Words in `LBLTYPE` of each layer of the base map.
const BUILDING: &[&str] = &[
    "hoofdgebouw",
    "bijgebouw",
    "gebouwafgezoomdmetvirtuelegevels",
];
const ATTACHED: &[&str] = &[
    "afdak",
    "bordes",
    "trap",
    "garage",
    "uitbreiding",
    "verdieping",
    "luifel",
    "oprit",
    "loskade",
    "helling",
];
const STRUCTURE: &[&str] = &[
    "toren",
    "silo",
    "tank",
    "schoorsteen",
    "schouw",
    "koel",
    "brug",
    "sluis",
    "stuw",
    "tunnel",
    "pijler",
    "pyloon",
    "mast",
    "steiger",
    "kaai",
    "golfbreker",
    "cabine",
    "windmolen",
    "turbine",
];

/// Columns of the model of plots and parks (flemish-data.md §4), folded.
const PLOT_MODEL: &[&str] = &["ingebruik", "bebouwing", "beschikbaarheid", "isdeelvan"];
const PARK_MODEL: &[&str] = &["beschikbarekavels", "beschikbareoppervlakte"];

/// What a layer is; `None` where it is unknown.
pub(super) fn of(layer: &Layer, options: &Options) -> Option<Kind> {
    let folded: Vec<String> = layer.table.headers.iter().map(|h| fold(h)).collect();
    let has = |name: &str| folded.iter().any(|f| f == name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    if let Some(kind) = national(&folded) {
        return Some(kind);
    }
    if has("objecttype") && has("adresobjid") && has("adresid") {
        return Some(Kind::AddressLinks);
    }
    if any(&["gebouwehid", "gebouweenheidid"]) {
        return Some(Kind::Units);
    }
    if has("adresid") && any(&["huisnr", "huisnummer", "hnrlabel", "straatnm"]) {
        return Some(Kind::Addresses);
    }
    if has("capakey") {
        return Some(Kind::Parcels);
    }
    if any(&["grboidn", "oidn"]) && any(&["hnp99", "hdsmp99", "hnmax"]) {
        return Some(Kind::Heights);
    }
    if has("gebouwid") {
        return Some(Kind::Buildings);
    }
    if has("oidn") {
        return structures(layer, &folded);
    }
    if any(&["ondernemingsnr", "ondernemingsnummer", "vestigingsnr"])
        && any(&["maatschappelijkenaam", "commercielenaam", "rechtsvorm"])
    {
        return Some(Kind::Vkbo);
    }
    // In a shapefile these names are cut to ten signs.
    if has("ondernemin") && any(&["maatschapp", "commerciel", "rechtsvorm"]) {
        return Some(Kind::Vkbo);
    }
    parks(layer, options, &folded)
}

/// Files of the national register, which are tables without places.
pub(super) fn national(folded: &[String]) -> Option<Kind> {
    let has = |name: &str| folded.iter().any(|f| f == name);
    let both = |a, b| has(a) && has(b);
    if both("enterprisenumber", "typeofenterprise") {
        return Some(Kind::KboEnterprise);
    }
    if both("establishmentnumber", "enterprisenumber") {
        return Some(Kind::KboEstablishment);
    }
    if both("entitynumber", "typeofaddress") {
        return Some(Kind::KboAddress);
    }
    if both("entitynumber", "typeofdenomination") {
        return Some(Kind::KboDenomination);
    }
    let others = [
        ("entitynumber", "contacttype"),
        ("entitynumber", "nacecode"),
        ("category", "description"),
        ("variable", "value"),
        ("id", "enterprisenumber"),
    ];
    let other = others.iter().any(|(a, b)| both(a, b));
    other.then_some(Kind::Ignored)
}

fn structures(layer: &Layer, folded: &[String]) -> Option<Kind> {
    use StructureLayer::{Attached, Building, Structure};
    let name = fold(&layer.name);
    for (word, kind) in [("gbg", Building), ("gba", Attached), ("knw", Structure)] {
        if name.contains(word) {
            return Some(Kind::Structures(kind));
        }
    }
    let column = folded.iter().position(|f| f == "lbltype")?;
    let mut counts = [0_usize; 3];
    for record in &layer.table.records {
        let label = fold(record.cells.get(column).map_or("", String::as_str));
        let within = |words: &[&str]| words.iter().any(|word| label.contains(word));
        let found = if BUILDING.contains(&label.as_str()) {
            0
        } else if within(STRUCTURE) {
            2
        } else if within(ATTACHED) {
            1
        } else {
            continue;
        };
        if let Some(count) = counts.get_mut(found) {
            *count += 1;
        }
    }
    let [buildings, attached, others] = counts;
    let most = buildings.max(attached).max(others);
    match most {
        0 => None,
        _ if most == buildings => Some(Kind::Structures(Building)),
        _ if most == attached => Some(Kind::Structures(Attached)),
        _ => Some(Kind::Structures(Structure)),
    }
}

fn parks(layer: &Layer, options: &Options, folded: &[String]) -> Option<Kind> {
    let has = |name: &str| folded.iter().any(|f| f == name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    let name = fold(&layer.name);
    // All their columns that the settings name are there.
    let set = |mapping: &super::Mapping| {
        let mut names = mapping.ours().map(|ours| mapping.theirs(ours)).peekable();
        names.peek().is_some() && names.all(|theirs| theirs.iter().any(|t| has(&fold(t))))
    };
    if name.contains("bedrijventerreinperceel") || any(PLOT_MODEL) {
        // Tables of offers and restrictions have no outlines and go by the same name.
        let flat = layer.shapes.iter().any(Result::is_ok);
        return Some(if flat { Kind::Plots } else { Kind::Ignored });
    }
    if name.contains("ontwikkelbarebedrijvenzone") || name.contains("beheerdebedrijvenzone") {
        return Some(Kind::Ignored);
    }
    if name.contains("bedrijventerrein") || any(PARK_MODEL) || has("parkid") {
        return Some(if has("plotid") {
            Kind::Plots
        } else {
            Kind::Parks
        });
    }
    if set(&options.plots) || has("plotid") {
        return Some(Kind::Plots);
    }
    if set(&options.parks) {
        return Some(Kind::Parks);
    }
    None
}
