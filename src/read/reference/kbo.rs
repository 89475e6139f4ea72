//! The national register of enterprises (KBO Open Data, flemish-data.md §5.2).
//!
//! Files of up to 1.6 GB whose rows refer to each other, so they are streamed one after the other:
//! addresses first, which tell the establishments of the region; then what belongs to these.
//! Rows are comma-separated, quoted, UTF-8; numbers are dotted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::super::dates::is_no_date;
use super::super::numbers;
use super::super::table::{file_name, fold};
use super::kind::{self, Kind};
use super::lines::{first_line, stream};
use crate::problem::{Problem, Result};
use crate::survey::reference::{Address, Establishment};

/// Most places kept: some hundred municipalities.
const MAX_KEPT: usize = 500_000;

/// What the files give together.
pub(super) struct Found {
    /// Files, for messages.
    pub(super) files: String,
    pub(super) establishments: Vec<Establishment>,
    pub(super) warnings: Vec<Problem>,
}

/// Whether a text table is one of the register's files, by its first line alone.
pub(super) fn kind_of(path: &Path) -> Result<Option<Kind>> {
    let folded: Vec<String> = first_line(path)?.iter().map(|name| fold(name)).collect();
    Ok(kind::national(&folded))
}

/// Reads the files together; `None` where there are no addresses or none of use.
pub(super) fn read(
    files: &[(Kind, PathBuf)],
    postcodes: &BTreeSet<String>,
) -> Result<Option<Found>> {
    let of = |kind: Kind| {
        files
            .iter()
            .filter(move |(k, _)| *k == kind)
            .map(|(_, path)| path)
    };
    let used: Vec<String> = files
        .iter()
        .filter(|(kind, _)| *kind != Kind::Ignored)
        .map(|(_, path)| file_name(path))
        .collect();
    if used.is_empty() {
        return Ok(None);
    }
    let mut register = Register::default();
    for path in of(Kind::KboAddress) {
        register.addresses(path, postcodes)?;
    }
    for path in of(Kind::KboEstablishment) {
        register.establishments(path)?;
    }
    for path in of(Kind::KboEnterprise) {
        register.enterprises(path)?;
    }
    for path in of(Kind::KboDenomination) {
        register.names(path)?;
    }
    Ok(Some(register.finish(
        used.join(", "),
        of(Kind::KboAddress).next().is_some(),
    )))
}

/// What is kept, by number.
#[derive(Default)]
struct Register {
    addresses: BTreeMap<String, Address>,
    /// Enterprise of each establishment.
    parents: BTreeMap<String, String>,
    natural: BTreeSet<String>,
    /// Rank (lower is better) and name.
    names: BTreeMap<String, (u8, String)>,
    wrong_numbers: usize,
}

impl Register {
    fn addresses(&mut self, path: &Path, postcodes: &BTreeSet<String>) -> Result<()> {
        let columns = [
            "entitynumber",
            "typeofaddress",
            "zipcode",
            "municipalitynl",
            "streetnl",
            "housenumber",
            "box",
            "datestrikingoff",
            "municipalityfr",
            "streetfr",
        ];
        let mut kept = 0;
        let (mut wrong, mut addresses) = (0, std::mem::take(&mut self.addresses));
        stream(path, &columns, |cells| {
            let [
                entity,
                kind,
                zip,
                town,
                street,
                house,
                unit,
                struck,
                town_fr,
                street_fr,
            ] = cells
            else {
                return Ok(());
            };
            let here = postcodes.is_empty() || postcodes.contains(zip.as_str());
            if !matches!(kind.as_str(), "BAET" | "REGO") || !here || !is_no_date(struck) {
                return Ok(());
            }
            let Ok(Some(number)) = numbers::parse(entity) else {
                wrong += 1;
                return Ok(());
            };
            kept += 1;
            if kept > MAX_KEPT {
                let what = format!("has more than {MAX_KEPT} places of the region");
                let hint = "give postcodes in the company list or the address register, or cut \
                            the file to the municipalities of the campaign";
                return Err(Problem::unsupported(what).hint(hint));
            }
            let either = |a: &String, b: &String| if a.is_empty() { b.clone() } else { a.clone() };
            addresses.entry(number.digits).or_insert(Address {
                id: String::new(),
                street: either(street, street_fr),
                house_number: house.clone(),
                box_number: unit.clone(),
                postcode: zip.clone(),
                municipality: either(town, town_fr),
                place: [f64::NAN; 2],
            });
            Ok(())
        })?;
        self.addresses = addresses;
        self.wrong_numbers += wrong;
        Ok(())
    }

    fn establishments(&mut self, path: &Path) -> Result<()> {
        stream(
            path,
            &["establishmentnumber", "enterprisenumber"],
            |cells| {
                let [own, parent] = cells else { return Ok(()) };
                if let (Ok(Some(own)), Ok(Some(parent))) =
                    (numbers::parse(own), numbers::parse(parent))
                    && self.addresses.contains_key(&own.digits)
                {
                    self.parents.insert(own.digits, parent.digits);
                }
                Ok(())
            },
        )
    }

    fn enterprises(&mut self, path: &Path) -> Result<()> {
        let wanted = self.wanted();
        stream(path, &["enterprisenumber", "typeofenterprise"], |cells| {
            let [number, kind] = cells else { return Ok(()) };
            if kind == "1"
                && let Ok(Some(number)) = numbers::parse(number)
                && wanted.contains(&number.digits)
            {
                self.natural.insert(number.digits);
            }
            Ok(())
        })
    }

    /// The best name of each: an establishment's commercial name, a legal name in Dutch first.
    fn names(&mut self, path: &Path) -> Result<()> {
        let wanted = self.wanted();
        let columns = [
            "entitynumber",
            "language",
            "typeofdenomination",
            "denomination",
        ];
        stream(path, &columns, |cells| {
            let [number, language, kind, name] = cells else {
                return Ok(());
            };
            let Ok(Some(number)) = numbers::parse(number) else {
                return Ok(());
            };
            if !wanted.contains(&number.digits) {
                return Ok(());
            }
            let language = match language.as_str() {
                "2" => 0,
                "0" | "" => 1,
                _ => 2,
            };
            let kind = match kind.trim_start_matches('0') {
                "1" => 0,
                "3" => 3,
                "2" => 6,
                _ => 9,
            };
            let rank = kind + language;
            let better = self
                .names
                .get(&number.digits)
                .is_none_or(|(r, _)| rank < *r);
            if better {
                self.names.insert(number.digits, (rank, name.clone()));
            }
            Ok(())
        })
    }

    /// All numbers that something is wanted of.
    fn wanted(&self) -> BTreeSet<String> {
        let parents = self.parents.values();
        self.addresses.keys().chain(parents).cloned().collect()
    }

    fn finish(self, files: String, with_addresses: bool) -> Found {
        let mut warnings = Vec::new();
        if !with_addresses {
            let what = "the register of enterprises lies here without its address.csv";
            warnings.push(
                Problem::setting(what)
                    .in_file(files.clone())
                    .hint("add address.csv, establishment.csv and denomination.csv"),
            );
        }
        if self.wrong_numbers > 0 {
            let what = format!(
                "{} rows have a number whose check digits do not fit, and are left out",
                self.wrong_numbers
            );
            warnings.push(Problem::broken(what).in_file(files.clone()));
        }
        let name = |number: &str| self.names.get(number).map(|(_, name)| name.clone());
        let establishments = self.addresses.iter().map(|(number, address)| {
            let is_establishment = number.starts_with(|c| ('2'..='8').contains(&c));
            let enterprise = match is_establishment {
                true => self.parents.get(number).cloned().unwrap_or_default(),
                false => number.clone(),
            };
            Establishment {
                name: name(number)
                    .or_else(|| name(&enterprise))
                    .unwrap_or_default(),
                natural_person: self.natural.contains(&enterprise),
                establishment_number: match is_establishment {
                    true => number.clone(),
                    false => String::new(),
                },
                enterprise_number: enterprise,
                address: address.clone(),
                place: None,
            }
        });
        Found {
            establishments: establishments.collect(),
            files,
            warnings,
        }
    }
}
