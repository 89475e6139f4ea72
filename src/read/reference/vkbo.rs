//! The enriched register of enterprises (VKBO, flemish-data.md §5.3).
//!
//! One row is an enterprise with its seat, or an establishment of an enterprise that the same row
//! names. Owners' associations are left out: they own roofs of flats. Telephones and mail
//! addresses are not read; where they are there, the user is told to leave them out.

use super::super::numbers;
use super::super::table::{Mapping, Row, Schema, column, fold, key_text};
use super::Source;
use crate::problem::Problem;
use crate::survey::reference::{Address, Establishment};

const SCHEMA: Schema = Schema {
    name: "vkbo",
    columns: &[
        column(
            "number",
            &["ondernemingsnr", "ondernemingsnummer", "vestigingsnr"],
        ),
        column(
            "parent",
            &[
                "ondernemingsnr_maatsch_zetel",
                "ondernemingsnummer_maatsch_zetel",
                "ondernem_1",
            ],
        ),
        column("commercial_name", &["commerciele_naam"]),
        column("legal_name", &["maatschappelijke_naam"]),
        column("short_name", &["afgekorte_naam"]),
        column("kind", &["type_onderneming"]),
        column("form", &["rechtsvorm"]),
        column("street", &["ar_straat"]),
        column("kbo_street", &["kbo_straat"]),
        column("house_number", &["ar_huisnr"]),
        column("kbo_house_number", &["kbo_huisnr"]),
        column("box", &["kbo_busnr", "ar_busnr"]),
        column("postcode", &["ar_postcode"]),
        column("kbo_postcode", &["kbo_postcode"]),
        column("municipality", &["kbo_gemeente", "ar_gemeente"]),
    ],
    ignored: &[],
    closed: false,
};

/// Columns with what belongs to people, folded.
const PERSONAL: &[&str] = &[
    "telefoonnummer",
    "telefoon",
    "email",
    "emailadres",
    "gsm",
    "fax",
];

pub(super) fn read(
    source: &mut Source<'_>,
    into: &mut Vec<Establishment>,
) -> (usize, &'static str) {
    warn_of_personal(source);
    let required: &[&[&str]] = &[&["number"]];
    let mut associations = 0_usize;
    let count = source.each(
        &SCHEMA,
        &Mapping::new(),
        required,
        into,
        |row, shape, way| {
            let form = fold(row.text("form"));
            if form.contains("medeeigenaars") || form == "vme" {
                associations += 1;
                return Ok(None);
            }
            let number = |name: &str| match numbers::parse(row.text(name)) {
                Ok(found) => Ok(found.map(|n| n.digits).unwrap_or_default()),
                Err(_) => Err("has a number whose check digits do not fit".to_string()),
            };
            let (own, parent) = (number("number")?, number("parent")?);
            // Also where the export lacks the parent, the number tells which of both it is.
            let is_establishment =
                !parent.is_empty() || own.starts_with(|c| ('2'..='8').contains(&c));
            let (enterprise_number, establishment_number) = match is_establishment {
                true => (parent, own),
                false => (own, String::new()),
            };
            if enterprise_number.is_empty() && establishment_number.is_empty() {
                return Err("has no number".to_string());
            }
            let place = way.point(shape).ok();
            Ok(Some(Establishment {
                enterprise_number,
                establishment_number,
                name: first(row, &["commercial_name", "legal_name", "short_name"]),
                natural_person: fold(row.text("kind")).contains("natuurlijk"),
                address: Address {
                    id: String::new(),
                    street: first(row, &["street", "kbo_street"]),
                    house_number: first(row, &["house_number", "kbo_house_number"]),
                    box_number: key_text(row.text("box")).to_string(),
                    postcode: first(row, &["postcode", "kbo_postcode"]),
                    municipality: row.text("municipality").to_string(),
                    place: place.unwrap_or([f64::NAN; 2]),
                },
                place,
            }))
        },
    );
    if associations > 0 {
        let what = format!("{associations} owners' associations are left out");
        source.report.warn(Problem::setting(what));
    }
    (count, "establishments and seats (VKBO)")
}

/// The first cell that is filled.
fn first(row: &Row<'_>, names: &[&str]) -> String {
    let found = names.iter().find_map(|name| row.some_text(name));
    key_text(found.unwrap_or_default()).to_string()
}

fn warn_of_personal(source: &mut Source<'_>) {
    let table = &source.layer.table;
    let personal: Vec<&str> = table
        .headers
        .iter()
        .zip(0_usize..)
        .filter(|(header, i)| {
            let filled =
                |r: &super::super::table::Record| r.cells.get(*i).is_some_and(|c| !c.is_empty());
            PERSONAL.contains(&fold(header).as_str()) && table.records.iter().any(filled)
        })
        .map(|(header, _)| header.as_str())
        .collect();
    if !personal.is_empty() {
        let what = format!("holds {}, which are not read", personal.join(" and "));
        let hint = "export the register without columns that are about people";
        source.report.warn(Problem::setting(what).hint(hint));
    }
}
