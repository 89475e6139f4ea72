//! What public registers say of a site: addresses, buildings, parcels, plots, establishments
//! (flemish-data.md §2–§6). All places and outlines in the project's system, metres.

use geo::MultiPolygon;

/// An address of the address register.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    /// Its key; empty where it has none.
    pub id: String,
    /// Street, as written.
    pub street: String,
    /// House number with letters, as written.
    pub house_number: String,
    /// Box; empty for none.
    pub box_number: String,
    /// Postal code.
    pub postcode: String,
    /// Municipality.
    pub municipality: String,
    /// Its position; NaN where not given.
    pub place: [f64; 2],
}

/// A unit of a building of the building register, with the addresses that lead to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildingUnit {
    /// Its key.
    pub id: String,
    /// Key of the building it is in.
    pub building_id: String,
    /// Keys of its addresses.
    pub address_ids: Vec<String>,
    /// Its position, where given.
    pub place: Option<[f64; 2]>,
}

/// A building of the building register.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBuilding {
    /// Its key.
    pub id: String,
    /// Outline.
    pub polygon: MultiPolygon<f64>,
}

/// A cadastral parcel.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// CAPAKEY.
    pub capakey: String,
    /// Outline.
    pub polygon: MultiPolygon<f64>,
}

/// A use plot of a business park.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// Its key.
    pub id: String,
    /// The park it belongs to; empty where not given.
    pub park: String,
    /// Whether it is in use, where given.
    pub in_use: Option<bool>,
    /// What it is used for, as written; empty where not given.
    pub function: String,
    /// Outline.
    pub polygon: MultiPolygon<f64>,
}

impl Plot {
    /// Whether people live on it or it is farmed: no business' roof (flemish-data.md §4).
    pub fn not_business(&self) -> bool {
        let function = self.function.to_lowercase();
        ["wonen", "landbouw", "living", "housing", "agriculture"]
            .iter()
            .any(|word| function.contains(word))
    }
}

/// A business park.
#[derive(Clone, Debug, PartialEq)]
pub struct Park {
    /// Its key or, without one, its name.
    pub id: String,
    /// Name.
    pub name: String,
    /// Outline.
    pub polygon: MultiPolygon<f64>,
}

/// An establishment of the register of enterprises.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Establishment {
    /// Enterprise number, ten digits.
    pub enterprise_number: String,
    /// Establishment number, ten digits; empty for the seat.
    pub establishment_number: String,
    /// Name.
    pub name: String,
    /// Whether it is a natural person's (TypeOfEnterprise 1).
    pub natural_person: bool,
    /// Address as written.
    pub address: Address,
    /// Its position, where given.
    pub place: Option<[f64; 2]>,
}

/// Which layer of the regional base map a structure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructureLayer {
    /// A building at ground level (GBG).
    Building,
    /// Something attached to a building that is no roof of it (GBA): ramps, stairs, canopies.
    Attached,
    /// A structure that is no building (KNW): cooling towers, tanks, chimneys.
    Structure,
}

/// An outline of the regional base map with what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Structure {
    /// Its key (OIDN).
    pub oidn: String,
    /// Layer.
    pub layer: StructureLayer,
    /// What the layer calls it, as written: `hoofdgebouw`, `watertoren`.
    pub label: String,
    /// Outline.
    pub polygon: MultiPolygon<f64>,
}

/// Height of a building from the regional 3D layer.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingHeight {
    /// Key of the building (OIDN).
    pub oidn: String,
    /// Height above ground that 99 % of its surface stays below, metres.
    pub height_m: f64,
    /// Mean height of the ground under it, metres TAW, where given.
    pub ground_m: Option<f64>,
    /// Quality as the layer states it; empty where not given.
    pub quality: String,
}

/// All that was found of registers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Building units.
    pub units: Vec<BuildingUnit>,
    /// Register buildings.
    pub buildings: Vec<RegisterBuilding>,
    /// Parcels.
    pub parcels: Vec<Parcel>,
    /// Plots.
    pub plots: Vec<Plot>,
    /// Parks.
    pub parks: Vec<Park>,
    /// Establishments.
    pub establishments: Vec<Establishment>,
    /// Outlines of the base map.
    pub structures: Vec<Structure>,
    /// Heights of buildings.
    pub heights: Vec<BuildingHeight>,
}
