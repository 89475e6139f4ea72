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
    /// Its position.
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
    /// Outline.
    pub polygon: MultiPolygon<f64>,
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
}
