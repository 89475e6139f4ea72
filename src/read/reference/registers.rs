//! The address and building registers (flemish-data.md §3).

use std::collections::{BTreeMap, BTreeSet};

use super::super::table::{Mapping, Row, Schema, column, key_text};
use super::Source;
use super::map::flat;
use crate::survey::reference::{Address, BuildingUnit, RegisterBuilding};

const ADDRESSES: Schema = Schema::of_register(
    "addresses",
    &[
        column("adresid", &["adres_id"]),
        column("street", &["straatnm", "straatnaam"]),
        column("house_number", &["huisnr", "huisnummer", "hnrlabel"]),
        column("box", &["busnr", "busnummer"]),
        column("postcode", &["pkancode", "postkantoor"]),
        column("municipality", &["gemeentenm", "gemeentenaam", "gemeente"]),
        column("status", &["adresstatus"]),
    ],
);

const UNITS: Schema = Schema::of_register(
    "units",
    &[
        column("gebouwehid", &["gebouweenheidid", "gebouweenheid_id"]),
        column("gebouwid", &["gebouw_id"]),
        column("function", &["functie"]),
        column("status", &[]),
        column("addresses", &["adresid", "adresids", "adres_id"]),
    ],
);

const LINKS: Schema = Schema::of_register(
    "address links",
    &[
        column("objecttype", &[]),
        column("adresobjid", &[]),
        column("adresid", &[]),
    ],
);

const BUILDINGS: Schema = Schema::of_register(
    "register buildings",
    &[
        column("gebouwid", &["gebouw_id"]),
        column("status", &["gebouwstatus"]),
    ],
);

/// States of things that are there no longer, or never were; folded.
const GONE: &[&str] = &[
    "gehistoreerd",
    "nietgerealiseerd",
    "afgekeurd",
    "verwijderd",
];

/// The common part of a building with several units; it has no tenant.
const COMMON: &str = "gemeenschappelijkdeel";

/// A key of a register: the number at the end of its address in the web, or the cell.
fn key<'r>(row: &Row<'r>, name: &str) -> &'r str {
    let cell = row.text(name);
    key_text(cell.rsplit('/').next().unwrap_or(cell))
}

fn word(row: &Row<'_>, name: &str) -> String {
    let letters = row.text(name).chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn is_gone(row: &Row<'_>) -> bool {
    GONE.contains(&word(row, "status").as_str())
}

pub(super) fn addresses(source: &mut Source<'_>, into: &mut Vec<Address>) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["adresid"], &["house_number"]];
    let count = source.each(
        &ADDRESSES,
        &Mapping::new(),
        required,
        into,
        |row, shape, way| {
            if is_gone(row) {
                return Ok(None);
            }
            Ok(Some(Address {
                id: key(row, "adresid").to_string(),
                street: row.text("street").to_string(),
                house_number: key_text(row.text("house_number")).to_string(),
                box_number: key_text(row.text("box")).to_string(),
                postcode: key_text(row.text("postcode")).to_string(),
                municipality: row.text("municipality").to_string(),
                place: way.point(shape).unwrap_or([f64::NAN; 2]),
            }))
        },
    );
    (count, "addresses (address register)")
}

pub(super) fn units(
    source: &mut Source<'_>,
    into: &mut Vec<BuildingUnit>,
    unit_addresses: &mut BTreeMap<String, BTreeSet<String>>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["gebouwehid"], &["gebouwid"]];
    let count = source.each(
        &UNITS,
        &Mapping::new(),
        required,
        into,
        |row, shape, way| {
            // A planned unit is no tenant yet.
            let planned = word(row, "status") == "gepland";
            if is_gone(row) || planned || word(row, "function") == COMMON {
                return Ok(None);
            }
            let id = key(row, "gebouwehid");
            if id.is_empty() {
                return Err("has no key".to_string());
            }
            for address in row.text("addresses").split([';', ',', '|']) {
                let address = key_text(address.rsplit('/').next().unwrap_or(address));
                if !address.is_empty() {
                    let addresses = unit_addresses.entry(id.to_string()).or_default();
                    addresses.insert(address.to_string());
                }
            }
            Ok(Some(BuildingUnit {
                id: id.to_string(),
                building_id: key(row, "gebouwid").to_string(),
                address_ids: Vec::new(),
                place: way.point(shape).ok(),
            }))
        },
    );
    (count, "building units (building register)")
}

/// Addresses of building units; those of parcels are in the same table and of no use here.
pub(super) fn links(
    source: &mut Source<'_>,
    unit_addresses: &mut BTreeMap<String, BTreeSet<String>>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["objecttype"], &["adresobjid"], &["adresid"]];
    let mut pairs = Vec::new();
    let count = source.each(
        &LINKS,
        &Mapping::new(),
        required,
        &mut pairs,
        |row, _, _| {
            let (unit, address) = (key(row, "adresobjid"), key(row, "adresid"));
            let of_unit = word(row, "objecttype") == "gebouweenheid";
            Ok((of_unit && !unit.is_empty() && !address.is_empty())
                .then(|| (unit.to_string(), address.to_string())))
        },
    );
    for (unit, address) in pairs {
        unit_addresses.entry(unit).or_default().insert(address);
    }
    (count, "addresses of building units")
}

pub(super) fn buildings(
    source: &mut Source<'_>,
    into: &mut Vec<RegisterBuilding>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["gebouwid"]];
    let count = source.each(
        &BUILDINGS,
        &Mapping::new(),
        required,
        into,
        |row, shape, way| {
            if is_gone(row) || word(row, "status") == "gepland" {
                return Ok(None);
            }
            Ok(Some(RegisterBuilding {
                id: key(row, "gebouwid").to_string(),
                polygon: flat(shape, way)?,
            }))
        },
    );
    (count, "buildings (building register)")
}
