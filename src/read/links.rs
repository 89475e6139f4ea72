//! Which company has which building.
//!
//! In: `links.csv`, the companies (their own `buildings` lists) and the outlines. Out: [`Link`]s
//! to outlines that exist, and a warning for everything that could not be tied.
//!
//! Both sources are explicit statements of people, so both carry confidence 1. Guesses from
//! parcels, addresses and registers are not made here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use geo::MultiPolygon;

use super::numbers;
use super::table::{Bound, Column, Mapping, Outcome, Place, Report, Row, Schema, Table, key_text};
use super::wkt;
use crate::problem::Problem;
use crate::survey::{Company, Link, Outline, Participation};

/// Columns of the link table.
pub const SCHEMA: Schema = Schema {
    name: "links",
    columns: &[
        Column {
            name: "company_id",
            aliases: &["bedrijf_id"],
        },
        Column {
            name: "enterprise_number",
            aliases: &["ondernemingsnummer", "kbo", "kbo_nummer"],
        },
        Column {
            name: "oidn",
            aliases: &["gebouw", "building", "gebouw_oidn"],
        },
        Column {
            name: "share",
            aliases: &["aandeel", "deel"],
        },
        Column {
            name: "zone",
            aliases: &["wkt", "zone_wkt"],
        },
    ],
    ignored: &[
        "reason",
        "who",
        "when",
        "date",
        "remark",
        "reden",
        "wie",
        "wanneer",
        "datum",
        "opmerking",
    ],
    closed: true,
};

/// How a row of the link table names its company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompanyKey {
    /// By `company_id`.
    Id(String),
    /// By enterprise number, ten digits.
    Enterprise(String),
}

/// One row of the link table.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// Where it stands.
    pub place: Place,
    /// Company.
    pub company: CompanyKey,
    /// Building key.
    pub oidn: String,
    /// Share of the building, 0–1.
    pub share: Option<f64>,
    /// Part of the building, project CRS.
    pub zone: Option<MultiPolygon<f64>>,
}

/// Reads the link table.
///
/// # Errors
/// All faults of the file, each with line and column.
pub fn read(path: &Path, mapping: &Mapping) -> Outcome<Vec<LinkRow>> {
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
pub fn from_bytes(file: &str, bytes: &[u8], mapping: &Mapping) -> Outcome<Vec<LinkRow>> {
    let mut report = Report::new(file);
    match Table::from_bytes(file, bytes, &mut report) {
        Ok(table) => from_table(&table, mapping, report),
        Err(problem) => report.stop(problem),
    }
}

fn from_table(table: &Table, mapping: &Mapping, mut report: Report) -> Outcome<Vec<LinkRow>> {
    let bound = Bound::new(table, &SCHEMA, mapping, &mut report);
    bound.require(&["company_id", "enterprise_number"], &mut report);
    bound.require(&["oidn"], &mut report);
    let rows = bound
        .rows()
        .filter_map(|row| link_row(&row, &mut report))
        .collect();
    report.finish(rows)
}

fn link_row(row: &Row<'_>, report: &mut Report) -> Option<LinkRow> {
    let share = row.number("share", 0.0..=1.0, report);
    let zone = row.some_text("zone").and_then(|text| {
        wkt::multi_polygon(text)
            .map_err(|what| row.fault("zone", what, report))
            .ok()
    });
    let oidn = key_text(row.text("oidn"));
    if oidn.is_empty() {
        row.fault("oidn", "is empty, expected a building key".into(), report);
    }
    let company = match row.some_text("company_id") {
        Some(id) => Some(CompanyKey::Id(key_text(id).to_string())),
        None => match numbers::parse(row.text("enterprise_number")) {
            Ok(Some(number)) => Some(CompanyKey::Enterprise(number.digits)),
            Ok(None) => {
                let what = "names no company, expected company_id or enterprise_number";
                report.fault_at(row.place(), what, None);
                None
            }
            Err(what) => {
                row.fault("enterprise_number", what, report);
                None
            }
        },
    };
    Some(LinkRow {
        place: row.place(),
        company: company?,
        oidn: oidn.to_string(),
        share,
        zone,
    })
}

/// Ties companies to outlines: their own `buildings` first, then the rows of the link table.
///
/// Out: links in the order of the companies, each pair once (share and zone of the table join
/// the pair), only to outlines that exist. Warnings: rows whose company is unknown or, by
/// enterprise number, has several sites; keys without outline; companies that take part but
/// have no building; shares of one building above 1 in sum.
pub fn resolve(
    companies: &[Company],
    rows: &[LinkRow],
    outlines: &[Outline],
) -> (Vec<Link>, Vec<Problem>) {
    let known: BTreeSet<&str> = outlines.iter().map(|o| o.oidn.as_str()).collect();
    let sites = Sites::new(companies);
    let mut warnings = Vec::new();
    let mut given: BTreeMap<usize, Vec<&LinkRow>> = BTreeMap::new();
    for row in rows {
        match sites.of(&row.company) {
            Ok(site) => given.entry(site).or_default().push(row),
            Err(what) => warnings.push(
                Problem::setting(what)
                    .in_file("links.csv")
                    .field(row.place.to_string())
                    .hint("correct the row, or add the company to the company list"),
            ),
        }
    }
    let mut links = Vec::new();
    for (position, company) in companies.iter().enumerate() {
        let own = given.get(&position).map_or(&[][..], Vec::as_slice);
        let first = links.len();
        add_links(company, own, &known, &mut links, &mut warnings);
        if company.participates == Participation::Yes && links.len() == first {
            let what = "takes part but has no building";
            let hint = "fill its buildings column, or add a row to links.csv";
            warnings.push(about(company, what).hint(hint));
        }
    }
    warn_of_shares(&links, &mut warnings);
    (links, warnings)
}

fn add_links<'a>(
    company: &'a Company,
    rows: &[&'a LinkRow],
    known: &BTreeSet<&str>,
    links: &mut Vec<Link>,
    warnings: &mut Vec<Problem>,
) {
    let mut own: BTreeMap<&str, usize> = BTreeMap::new();
    let named = company.buildings.iter().map(|oidn| (oidn, None));
    let listed = rows.iter().map(|row| (&row.oidn, Some(*row)));
    for (oidn, row) in named.chain(listed) {
        if !known.contains(oidn.as_str()) {
            let what = format!("names building {oidn}, of which there is no outline");
            let hint = "correct the building key, or add the building to the outlines";
            warnings.push(about(company, what).hint(hint));
            continue;
        }
        let position = *own.entry(oidn.as_str()).or_insert_with(|| {
            links.push(Link {
                company_id: company.company_id.clone(),
                oidn: oidn.clone(),
                share: None,
                zone: None,
                method: if row.is_some() {
                    "links.csv"
                } else {
                    "buildings"
                },
                confidence: 1.0,
            });
            links.len() - 1
        });
        let link = links.get_mut(position);
        if let (Some(link), Some(row)) = (link, row) {
            link.share = row.share.or(link.share);
            link.zone = row.zone.clone().or_else(|| link.zone.take());
        }
    }
}

/// Positions of company sites by what rows call them.
struct Sites<'c> {
    by_id: BTreeMap<&'c str, Vec<usize>>,
    by_number: BTreeMap<&'c str, Vec<usize>>,
}

impl<'c> Sites<'c> {
    fn new(companies: &'c [Company]) -> Self {
        let mut sites = Self {
            by_id: BTreeMap::new(),
            by_number: BTreeMap::new(),
        };
        for (position, company) in companies.iter().enumerate() {
            let (id, number) = (&company.company_id, &company.enterprise_number);
            sites.by_id.entry(id).or_default().push(position);
            sites.by_number.entry(number).or_default().push(position);
        }
        sites
    }

    /// The one site a row names.
    fn of(&self, key: &CompanyKey) -> Result<usize, String> {
        let (found, name) = match key {
            CompanyKey::Id(id) => (self.by_id.get(id.as_str()), format!("company {id}")),
            CompanyKey::Enterprise(number) => (
                self.by_number.get(number.as_str()),
                format!("enterprise number {}", numbers::dotted(number)),
            ),
        };
        match found.map_or(&[][..], Vec::as_slice) {
            [one] => Ok(*one),
            [] => Err(format!("names {name}, which is not in the company list")),
            _ => Err(format!(
                "names {name}, which has several sites; company_id tells them apart"
            )),
        }
    }
}

fn about(company: &Company, what: impl Into<String>) -> Problem {
    Problem::setting(what).field(format!("company {}", company.company_id))
}

fn warn_of_shares(links: &[Link], warnings: &mut Vec<Problem>) {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    for link in links {
        *sums.entry(&link.oidn).or_default() += link.share.unwrap_or(0.0);
    }
    for (oidn, sum) in sums {
        // Shares are written with two or three decimals; thirds sum to 0.999 or 1.002.
        if sum > 1.01 {
            let what = format!("the shares of its companies sum to {sum:.2}, expected at most 1");
            warnings.push(Problem::setting(what).field(format!("building {oidn}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<LinkRow> {
        from_bytes("links.csv", text.as_bytes(), &Mapping::new())
            .expect("sound")
            .0
    }

    fn company(id: &str, number: &str, buildings: &[&str]) -> Company {
        Company {
            company_id: id.to_string(),
            enterprise_number: number.to_string(),
            buildings: buildings.iter().map(ToString::to_string).collect(),
            participates: Participation::Yes,
            ..Company::default()
        }
    }

    fn outline(oidn: &str) -> Outline {
        Outline::new(oidn.to_string(), MultiPolygon(Vec::new()))
    }

    fn texts(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn own_buildings_and_link_rows_are_joined_and_each_pair_occurs_once() {
        let companies = [
            company("A", "0403449823", &["1"]),
            company("B", "0200065765", &[]),
        ];
        let rows = rows(
            "company_id;kbo;oidn;share;zone\n\
             ;BE 0200.065.765;2;;\n\
             A;;1;0,5;\"POLYGON((0 0,4 0,4 4,0 0))\"\n\
             A;;2.0;;\n",
        );
        let (links, warnings) = resolve(&companies, &rows, &[outline("1"), outline("2")]);
        assert!(warnings.is_empty(), "{warnings:?}");
        let short: Vec<_> = links
            .iter()
            .map(|l| (l.company_id.as_str(), l.oidn.as_str(), l.method, l.share))
            .collect();
        assert_eq!(
            short,
            [
                ("A", "1", "buildings", Some(0.5)),
                ("A", "2", "links.csv", None),
                ("B", "2", "links.csv", None),
            ]
        );
        assert!(links[0].zone.is_some());
    }

    #[test]
    fn everything_that_cannot_be_tied_is_a_warning_that_names_the_company() {
        let companies = [company("A", "", &["9"]), company("B", "", &[])];
        let rows = rows("company_id,oidn\nX,1\n");
        let (links, warnings) = resolve(&companies, &rows, &[outline("1")]);
        assert!(links.is_empty());
        let all = texts(&warnings);
        for part in [
            "line 2: names company X",
            "company A: names building 9",
            "company A: takes part but has no building",
            "company B: takes part but has no building",
        ] {
            assert!(all.iter().any(|t| t.contains(part)), "{part}: {all:?}");
        }
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn an_enterprise_number_of_two_sites_is_not_guessed() {
        let companies = [
            company("A", "0403449823", &["1"]),
            company("B", "0403449823", &["1"]),
        ];
        let rows = rows("enterprise_number,oidn\n0403449823,1\n");
        let (links, warnings) = resolve(&companies, &rows, &[outline("1")]);
        assert_eq!(links.len(), 2);
        assert!(texts(&warnings)[0].contains("several sites"));
    }

    #[test]
    fn shares_above_one_in_sum_are_a_warning() {
        let companies = [company("A", "", &[]), company("B", "", &[])];
        let rows = rows("company_id,oidn,share\nA,1,0.7\nB,1,0.7\n");
        let (_, warnings) = resolve(&companies, &rows, &[outline("1")]);
        assert!(texts(&warnings)[0].contains("building 1"));
    }

    #[test]
    fn faults_of_the_table_are_told_at_once() {
        let problems = from_bytes(
            "links.csv",
            b"company_id,oidn,share,zone\nA,,1.5,POINT(0 0)\n,3,,\n",
            &Mapping::new(),
        )
        .expect_err("faulty");
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
}
