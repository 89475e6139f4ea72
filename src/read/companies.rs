//! The company list: one row per company site.
//!
//! In: `companies.csv`, `.xlsx` or `.ods`. Out: [`Company`] per row, all faults of the file at once. Columns and
//! their Dutch names: interface.md §2, flemish-data.md §9.1. An empty consent is no consent.
//!
//! Not here: which building belongs to a company beyond what its row says (`links`).

mod ids;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

use crate::problem::Problem;
use crate::survey::{Company, Participation};

use super::dates::{is_no_date, iso};
use super::numbers;
use super::table::{Bound, Mapping, Outcome, Report, Row, Schema, Table, column, fold, key_text};

/// Columns of the company list.
pub const SCHEMA: Schema = Schema {
    name: "companies",
    columns: &[
        column("company_id", &["bedrijf_id"]),
        column(
            "name",
            &["naam", "company", "bedrijf", "bedrijfsnaam", "nom"],
        ),
        column(
            "enterprise_number",
            &[
                "ondernemingsnummer",
                "kbo",
                "kbo_nummer",
                "ondernemingsnr",
                "bce",
            ],
        ),
        column(
            "establishment_number",
            &[
                "vestigingsnummer",
                "establishment",
                "vestigingseenheidsnummer",
            ],
        ),
        column("address", &["adres", "adresse"]),
        column("street", &["straat", "straatnaam", "rue"]),
        column("house_number", &["huisnummer", "huisnr", "nummer"]),
        column("box", &["bus", "busnummer", "bo\u{ee}te"]),
        column("postcode", &["postal_code", "code_postal"]),
        column("municipality", &["gemeente", "commune"]),
        column("parcels", &["percelen"]),
        column("language", &["taal", "lang", "langue"]),
        column("participates", &["deelname", "participation", "neemt_deel"]),
        column("consent_date", &["toestemming_datum"]),
        column("consent_by", &["toestemming_door"]),
        column("share_with_association", &["delen_met_vereniging"]),
        column("buildings", &["gebouwen"]),
        column("indoor_c", &["binnentemp_c", "binnentemperatuur_c"]),
        column("heated", &["verwarmd"]),
        column("gas_price_eur_kwh", &["gasprijs_eur_kwh"]),
        column("heating_off", &["uitschakeluur"]),
        column("ceiling_height_m", &["hoogte_m"]),
        column("material", &["dakmateriaal"]),
        column("built_year", &["bouwjaar"]),
        column("insulation_mm", &["isolatie_mm"]),
        column("contact_name", &["contact_naam"]),
        column("contact_email", &["email", "e_mail"]),
        column("remark", &["opmerking"]),
    ],
    ignored: &[],
    closed: true,
};

/// Reads the company list.
///
/// Beside the companies come warnings (restored leading zeros, unused columns, dropped zones).
///
/// # Errors
/// All faults of the file: missing columns, wrong numbers, unknown words, doubled or unusable
/// ids, each with line and column.
pub fn read(path: &Path, mapping: &Mapping) -> Outcome<Vec<Company>> {
    let mut report = Report::new(super::table::file_name(path));
    match Table::open(path, &mut report) {
        Ok(table) => from_table(&table, mapping, report),
        Err(problem) => report.stop(problem),
    }
}

/// The same from the bytes of a text table; `file` is used in messages only.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(file: &str, bytes: &[u8], mapping: &Mapping) -> Outcome<Vec<Company>> {
    let mut report = Report::new(file);
    match Table::from_bytes(file, bytes, &mut report) {
        Ok(table) => from_table(&table, mapping, report),
        Err(problem) => report.stop(problem),
    }
}

fn from_table(table: &Table, mapping: &Mapping, mut report: Report) -> Outcome<Vec<Company>> {
    if let Err(problem) = table.kept_by_hand() {
        return report.stop(problem);
    }
    let bound = Bound::new(table, &SCHEMA, mapping, &mut report);
    warn_of_people(&bound, &mut report);
    bound.require(&["company_id", "enterprise_number"], &mut report);
    bound.require(&["name"], &mut report);
    bound.require(&["participates"], &mut report);
    let companies: Vec<Company> = bound
        .rows()
        .map(|row| company(&bound, &row, &mut report))
        .collect();
    ids::check(&bound, &companies, &mut report);
    if companies.is_empty() {
        report.warn(Problem::setting("holds no company"));
    }
    report.finish(companies)
}

fn company(bound: &Bound<'_>, row: &Row<'_>, report: &mut Report) -> Company {
    let enterprise_number = number(row, "enterprise_number", "01", report);
    let company_id = if bound.has("company_id") {
        key_text(row.text("company_id")).to_string()
    } else {
        enterprise_number.clone()
    };
    let company = Company {
        name: row.some_text("name").unwrap_or(&company_id).to_string(),
        establishment_number: number(row, "establishment_number", "2345678", report),
        address: address(row),
        language: words::language(row, report),
        participates: words::participation(row, report),
        buildings: buildings(row, report),
        parcels: parcels(row),
        consent_date: iso(row.text("consent_date")),
        consent_by: row.text("consent_by").to_string(),
        indoor_c: row.number("indoor_c", -40.0..=60.0, report),
        heated: words::heated(row, report),
        gas_price_eur_kwh: row.number("gas_price_eur_kwh", 0.0..=5.0, report),
        sharing: words::sharing(row, report),
        heating_off_h: words::hour(row, report),
        ceiling_height_m: row.number("ceiling_height_m", 1.0..=100.0, report),
        material: row.some_text("material").map(str::to_string),
        contact_name: row.text("contact_name").to_string(),
        contact_email: row.text("contact_email").to_string(),
        remark: row.text("remark").to_string(),
        company_id,
        enterprise_number,
    };
    row.number("built_year", 1000.0..=2200.0, report);
    row.number("insulation_mm", 0.0..=2000.0, report);
    warn_of_gaps(bound, row, &company, report);
    company
}

/// Parts of names of columns with what belongs to people and is of no use here, folded.
const PERSONAL: &[&str] = &[
    "gsm",
    "telefoon",
    "telephone",
    "phone",
    "mobiel",
    "geboorte",
    "birth",
    "rijksregister",
    "insz",
    "iban",
    "rekening",
];

fn warn_of_people(bound: &Bound<'_>, report: &mut Report) {
    let personal: Vec<&str> = bound
        .unknown()
        .map(|(name, _)| name)
        .filter(|name| PERSONAL.iter().any(|p| fold(name).contains(p)))
        .collect();
    if !personal.is_empty() {
        let what = format!(
            "holds personal data that is not needed: {}",
            personal.join(", ")
        );
        let hint = "leave these columns out: what is not there cannot leak";
        report.warn(Problem::setting(what).hint(hint));
    }
}

fn warn_of_gaps(bound: &Bound<'_>, row: &Row<'_>, company: &Company, report: &mut Report) {
    if bound.has("name") && row.text("name").is_empty() {
        let what = "is empty; the company's key is printed instead".to_string();
        row.warn("name", what, report);
    }
    let consented = company.participates == Participation::Yes;
    if consented && bound.has("consent_date") && is_no_date(row.text("consent_date")) {
        let what = "is empty although the company takes part".to_string();
        row.warn("consent_date", what, report);
    }
}

/// An enterprise or establishment number; `leading`: first digits such numbers begin with.
fn number(row: &Row<'_>, column: &str, leading: &str, report: &mut Report) -> String {
    match numbers::parse(row.text(column)) {
        Err(what) => {
            row.fault(column, what, report);
            String::new()
        }
        Ok(None) => String::new(),
        Ok(Some(found)) => {
            let shown = numbers::dotted(&found.digits);
            if found.zero_restored {
                let what = format!("had lost its leading zero; read as {shown}");
                row.warn(column, what, report);
            }
            if !found.digits.starts_with(|c| leading.contains(c)) {
                let what = format!(
                    "is {shown}; numbers of this kind begin with one of the digits {leading}"
                );
                row.warn(column, what, report);
            }
            found.digits
        }
    }
}

/// Building keys, separated by `;`. A zone behind `#` is left out with a warning.
fn buildings(row: &Row<'_>, report: &mut Report) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for part in row.text("buildings").split(';') {
        let (key, zone) = match part.split_once('#') {
            Some((key, zone)) => (key_text(key), Some(zone.trim())),
            None => (key_text(part), None),
        };
        if let Some(zone) = zone {
            let what = format!(
                "names zone \"{zone}\" of building {key}; the zone is not used, give its \
                 polygon in links.csv"
            );
            row.warn("buildings", what, report);
        }
        if !key.is_empty() && seen.insert(key) {
            keys.push(key.to_string());
        }
    }
    keys
}

/// Parcel keys, separated by `;`.
fn parcels(row: &Row<'_>) -> Vec<String> {
    let parts = row.text("parcels").split(';').map(key_text);
    parts
        .filter(|k| !k.is_empty())
        .map(str::to_string)
        .collect()
}

/// One line, from `address` or from its parts: `Frankrijklaan 2 bus 4, 8970 Poperinge`.
fn address(row: &Row<'_>) -> String {
    if let Some(address) = row.some_text("address") {
        return address.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let bus = match row.some_text("box") {
        Some(number) => format!("bus {number}"),
        None => String::new(),
    };
    let join = |parts: [&str; 3]| {
        let kept: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        kept.join(" ")
    };
    let street = join([row.text("street"), key_text(row.text("house_number")), &bus]);
    let town = join([key_text(row.text("postcode")), row.text("municipality"), ""]);
    match (street.is_empty(), town.is_empty()) {
        (false, false) => format!("{street}, {town}"),
        (false, true) => street,
        (true, _) => town,
    }
}

#[cfg(test)]
mod tests;
