//! Columns that are called otherwise: what each may be, told by its name and its cells.

use crate::config::template::Columns;
use crate::read::dates::iso;
use crate::read::numbers;
use crate::read::table::{Bound, Mapping, Report, Schema, Table, file_name, fold};
use std::collections::BTreeSet;
use std::path::Path;

/// Whether a table has these columns.
pub(super) fn fits(table: &Table, schema: &'static Schema, wanted: &[&str]) -> bool {
    let mut report = Report::new("");
    let bound = Bound::new(table, schema, &Mapping::new(), &mut report);
    wanted.iter().all(|name| bound.has(name))
}

/// A column of ours and how it is recognised under another name.
struct Sign {
    name: &'static str,
    /// Columns that serve as well.
    or: &'static str,
    /// Parts of names, folded.
    words: &'static [&'static str],
    /// Whether the cells can be it.
    cells: fn(&[&str]) -> bool,
    /// Whether one good candidate may be taken without asking. Consent may not.
    may_take: bool,
}

const SIGNS: &[(&str, &[Sign])] = &[
    (
        "companies",
        &[
            Sign {
                name: "company_id",
                or: "enterprise_number",
                words: &["id", "code", "nr", "nummer", "key", "sleutel", "ref"],
                cells: are_ids,
                may_take: true,
            },
            Sign {
                name: "enterprise_number",
                or: "company_id",
                words: &["kbo", "btw", "vat", "ondernem", "bce", "tva"],
                cells: are_numbers,
                may_take: true,
            },
            Sign {
                name: "name",
                or: "",
                words: &[
                    "naam", "name", "firma", "bedrijf", "company", "organi", "nom", "klant",
                ],
                cells: are_names,
                may_take: true,
            },
            Sign {
                name: "participates",
                or: "",
                words: &[
                    "deel", "doet", "particip", "akkoord", "toestem", "consent", "mee",
                ],
                cells: are_answers,
                may_take: false,
            },
        ],
    ),
    (
        "buildings",
        &[Sign {
            name: "oidn",
            or: "",
            words: &["id", "oid", "code", "nr", "key", "sleutel", "uuid"],
            cells: are_keys,
            may_take: true,
        }],
    ),
    (
        "links",
        &[
            Sign {
                name: "company_id",
                or: "enterprise_number",
                words: &["bedrijf", "company", "klant", "firma", "id"],
                cells: are_filled,
                may_take: false,
            },
            Sign {
                name: "oidn",
                or: "",
                words: &["gebouw", "building", "pand", "oid", "id"],
                cells: are_filled,
                may_take: false,
            },
        ],
    ),
    (
        "weather",
        &[
            Sign {
                name: "timestamp",
                or: "",
                words: &["time", "tijd", "date", "datum", "moment", "utc"],
                cells: are_times,
                may_take: true,
            },
            Sign {
                name: "air_c",
                or: "",
                words: &["temp", "lucht", "air", "ta"],
                cells: are_air,
                may_take: false,
            },
            Sign {
                name: "humidity_pct",
                or: "",
                words: &["hum", "vocht", "rh", "rv"],
                cells: are_percent,
                may_take: false,
            },
            Sign {
                name: "wind_m_s",
                or: "",
                words: &["wind", "ff"],
                cells: are_decimals,
                may_take: false,
            },
            Sign {
                name: "cloud_okta",
                or: "",
                words: &["cloud", "bewolk", "okta", "wolk"],
                cells: are_decimals,
                may_take: false,
            },
        ],
    ),
];

/// Most cells that are looked at.
const LOOKED_AT: usize = 500;

/// What `[schema.*]` may say of a table; `None` where all it needs is recognised.
pub(super) fn propose(path: &Path, table: &Table, schema: &'static Schema) -> Option<Columns> {
    let signs = SIGNS.iter().find(|(name, _)| *name == schema.name)?.1;
    let mut report = Report::new("");
    let bound = Bound::new(table, schema, &Mapping::new(), &mut report);
    let missing: Vec<&Sign> = signs
        .iter()
        .filter(|s| !bound.has(s.name) && (s.or.is_empty() || !bound.has(s.or)))
        .collect();
    if missing.is_empty() {
        return None;
    }
    // An open schema (outlines) has columns of other people that are nobody's mistake.
    let free: Vec<(&str, Vec<&str>)> = bound.unknown().collect();
    let mut notes = vec![file_name(path)];
    let headers = table.headers.join(", ");
    notes.push(format!("its columns: {headers}"));
    let mut columns = Vec::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for sign in missing {
        let by_cells: Vec<&str> = free
            .iter()
            .filter(|(name, _)| !taken.contains(name))
            .filter(|(_, cells)| (sign.cells)(&cells[..cells.len().min(LOOKED_AT)]))
            .map(|(name, _)| *name)
            .collect();
        let by_name = |name: &str| sign.words.iter().any(|w| fold(name).contains(w));
        let both: Vec<&str> = by_cells.iter().copied().filter(|n| by_name(n)).collect();
        match both.as_slice() {
            [one] if sign.may_take => {
                taken.insert(one);
                notes.push(format!(
                    "{} is taken from \"{one}\": please check",
                    sign.name
                ));
                columns.push((sign.name.to_owned(), (*one).to_owned(), false));
            }
            _ => {
                let named = free.iter().map(|(name, _)| *name);
                let named: Vec<&str> = named
                    .filter(|name| by_name(name) && !taken.contains(name))
                    .collect();
                // The best signs that there are: name and cells, else the name, else the cells.
                let mut ranked = [both, named, by_cells].into_iter();
                let candidates = ranked.find(|c| !c.is_empty()).unwrap_or_default();
                if candidates.is_empty() {
                    notes.push(format!(
                        "{} is missing, and no column looks like it",
                        sign.name
                    ));
                }
                let candidates = candidates.into_iter().take(5);
                columns.extend(candidates.map(|c| (sign.name.to_owned(), c.to_owned(), true)));
            }
        }
    }
    if columns.iter().any(|(.., candidate)| *candidate) {
        notes.push("candidates: take the # of the right line away".to_owned());
    }
    Some(Columns {
        table: schema.name,
        notes,
        columns,
    })
}

fn are_filled(cells: &[&str]) -> bool {
    !cells.is_empty() && cells.iter().all(|c| !c.is_empty())
}

fn are_keys(cells: &[&str]) -> bool {
    let distinct: BTreeSet<&&str> = cells.iter().collect();
    are_filled(cells) && distinct.len() == cells.len()
}

fn are_ids(cells: &[&str]) -> bool {
    let id = |c: &&str| {
        c.len() <= 32
            && c.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    are_keys(cells) && cells.iter().all(id)
}

fn are_numbers(cells: &[&str]) -> bool {
    let number = |c: &&&str| matches!(numbers::parse(c), Ok(Some(_)));
    let known = cells.iter().filter(number).count();
    known > 0 && known * 5 >= cells.len() * 4
}

fn are_names(cells: &[&str]) -> bool {
    let letters = |c: &&&str| c.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    let known = cells.iter().filter(letters).count();
    let distinct: BTreeSet<&&str> = cells.iter().collect();
    known * 10 >= cells.len() * 9 && known > 0 && distinct.len() * 2 > cells.len()
}

fn are_answers(cells: &[&str]) -> bool {
    const WORDS: &[&str] = &[
        "",
        "ja",
        "nee",
        "neen",
        "yes",
        "no",
        "j",
        "n",
        "y",
        "x",
        "1",
        "0",
        "oui",
        "non",
        "true",
        "false",
        "ingetrokken",
        "withdrawn",
    ];
    let answer = |c: &&str| WORDS.contains(&c.to_lowercase().as_str());
    cells.iter().any(|c| !c.is_empty()) && cells.iter().all(answer)
}

fn are_times(cells: &[&str]) -> bool {
    let dated = |c: &&str| c.contains(':') && iso(c).len() == 10;
    are_filled(cells) && cells.iter().all(dated)
}

fn decimals(cells: &[&str]) -> Vec<f64> {
    let parsed = cells.iter().filter(|c| !c.is_empty());
    parsed
        .map(|c| c.replace(',', ".").parse().unwrap_or(f64::NAN))
        .collect()
}

fn are_within(cells: &[&str], low: f64, high: f64) -> bool {
    let values = decimals(cells);
    !values.is_empty() && values.iter().all(|v| (low..=high).contains(v))
}

fn are_air(cells: &[&str]) -> bool {
    are_within(cells, -30.0, 45.0)
}

fn are_percent(cells: &[&str]) -> bool {
    are_within(cells, 0.0, 100.0)
}

fn are_decimals(cells: &[&str]) -> bool {
    are_within(cells, 0.0, 60.0)
}
