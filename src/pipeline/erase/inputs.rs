//! What the user's own tables hold of the companies.
//!
//! Rows of text tables can be deleted here, the rest of the file byte for byte as it was. Sheets
//! of an office program are not rewritten: formats and formulas would be lost.

use super::forget::Forget;
use super::held::Held;
use super::targets::{digits, key_of};
use super::{EraseOptions, EraseSummary};
use crate::pipeline::inputs::mapping;
use crate::pipeline::project::{Project, sorted_entries};
use crate::problem::{Problem, Result};
use crate::read::table::{
    Bound, Place, Report, Row, Schema, Table, column, file_name, without_lines,
};
use crate::read::{companies, links, review};
use crate::write::atomic;
use std::collections::BTreeSet;
use std::path::Path;

/// Columns of `findings.csv` that name companies and pictures.
const FINDINGS: Schema = Schema::of_register(
    "findings",
    &[
        column("company_id", &["bedrijf_id"]),
        column("image", &["beeld"]),
        column("reference_image_or_marker", &[]),
        column("visible_image", &[]),
        column("before_image", &[]),
    ],
);

/// Deletes rows where the options say so, and tells of all others.
pub(super) fn forget(
    project: &Project,
    (forget, held): (&Forget, &Held),
    options: &EraseOptions,
    summary: &mut EraseSummary,
    faults: &mut Vec<Problem>,
) {
    let mut table = |path: &Path, schema: &'static Schema, doomed: &dyn Fn(&Row<'_>) -> bool| {
        let shown = project.relative(path);
        let result = rows(project, path, schema, doomed)
            .and_then(|found| strike(path, &shown, &found, options, summary));
        if let Err(problem) = result {
            faults.push(problem.in_file(shown));
        }
    };
    let gone = &forget.targets.gone;
    if let Some(path) = &project.companies {
        table(path, &companies::SCHEMA, &|row| {
            gone.contains_key(&key_of(row))
        });
    }
    if let Some(path) = &project.links {
        // A number that others have as well says nothing of the company.
        let shared = |number: &String| {
            let mut others = forget.targets.others.values();
            others.any(|p| p.numbers.contains(number))
        };
        table(
            path,
            &links::SCHEMA,
            &|row| match row.some_text("company_id") {
                Some(_) => gone.contains_key(&key_of(row)),
                None => digits(row.text("enterprise_number")).is_some_and(|number| {
                    !shared(&number) && gone.values().any(|p| p.numbers.contains(&number))
                }),
            },
        );
    }
    if let Some(path) = &project.review {
        let is_gone = |company: &str| gone.contains_key(company);
        table(path, &review::SCHEMA, &|row| held.is_about(row, &is_gone));
        let shown = project.relative(path);
        let rows = summary.left.iter_mut();
        for problem in rows.filter(|p| p.file.as_deref() == Some(shown.as_str())) {
            problem.what = "holds verdicts about roofs of the company".to_owned();
        }
        verdicts(project, path, (forget, held), summary);
    }
    for visit in sorted_entries(&project.root.join("inspections")) {
        if let Err(problem) = inspection(project, &visit, forget, options, summary) {
            faults.push(problem);
        }
    }
}

/// Where the rows stand that are about a company.
fn rows(
    project: &Project,
    path: &Path,
    schema: &'static Schema,
    doomed: &dyn Fn(&Row<'_>) -> bool,
) -> Result<Vec<Place>> {
    let mut report = Report::new(file_name(path));
    let table = Table::open(path, &mut report)?;
    let mapping = mapping(&project.settings, schema.name);
    let bound = Bound::new(&table, schema, &mapping, &mut report);
    let found = bound.rows().filter(|row| doomed(row));
    Ok(found.map(|row| row.place()).collect())
}

/// Deletes rows of a table, or tells which.
fn strike(
    path: &Path,
    shown: &str,
    found: &[Place],
    options: &EraseOptions,
    summary: &mut EraseSummary,
) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let places: Vec<String> = found.iter().map(ToString::to_string).collect();
    let places = places.join(", ");
    let lines: BTreeSet<u64> = found
        .iter()
        .filter_map(|place| match place {
            Place::Line(n) => Some(*n),
            _ => None,
        })
        .collect();
    let left = |hint: String| {
        Problem::setting("still names the company: the next run would make its sheet again")
            .in_file(shown.to_owned())
            .field(places.clone())
            .hint(hint)
    };
    if lines.len() < found.len() {
        let hint = "delete these rows by hand: sheets of office programs are not rewritten here";
        summary.left.push(left(hint.to_owned()));
        return Ok(());
    }
    if !options.inputs {
        let hint = "--yes deletes these rows and leaves the rest of the file as it is";
        summary.left.push(left(hint.to_owned()));
        return Ok(());
    }
    if options.dry_run {
        summary
            .lines
            .push(format!("{shown}: {places} would be deleted"));
        return Ok(());
    }
    match without_lines(&std::fs::read(path)?, &lines) {
        Some(bytes) => {
            atomic::write_file(path, &bytes)?;
            summary.lines.push(format!("{shown}: {places} deleted"));
        }
        None => {
            let hint = "delete these rows by hand: this encoding is not rewritten here";
            summary.left.push(left(hint.to_owned()));
        }
    }
    Ok(())
}

/// Verdicts about other buildings may name the company in their text: a person's words are not
/// rewritten here.
fn verdicts(
    project: &Project,
    path: &Path,
    (forget, held): (&Forget, &Held),
    summary: &mut EraseSummary,
) {
    let gone = |company: &str| forget.targets.gone.contains_key(company);
    let tells = |row: &Row<'_>| {
        let cells = review::SCHEMA.names().map(|name| row.text(name));
        !held.is_about(row, &gone) && cells.into_iter().any(|cell| forget.tells("", cell))
    };
    let Ok(places) = rows(project, path, &review::SCHEMA, &tells) else {
        return;
    };
    for place in places {
        summary.left.push(
            Problem::setting("names the company")
                .in_file(project.relative(path))
                .field(place.to_string())
                .hint("take the name out by hand, or delete the row"),
        );
    }
}

/// Findings of a visit that are a company's, and the pictures that only they name.
fn inspection(
    project: &Project,
    visit: &Path,
    forget: &Forget,
    options: &EraseOptions,
    summary: &mut EraseSummary,
) -> Result<()> {
    let path = visit.join("findings.csv");
    if !path.is_file() {
        return Ok(());
    }
    let shown = project.relative(&path);
    let mut report = Report::new(file_name(&path));
    let table = Table::open(&path, &mut report)?;
    let mapping = mapping(&project.settings, "findings");
    let bound = Bound::new(&table, &FINDINGS, &mapping, &mut report);
    let of_company = |row: &Row<'_>| forget.targets.gone.contains_key(&key_of(row));
    let pictures = |row: &Row<'_>| -> Vec<String> {
        let columns = FINDINGS.names().skip(1);
        let named = columns.map(|c| row.text(c).to_owned());
        named.filter(|n| !n.is_empty()).collect()
    };
    let others = bound.rows().filter(|r| !of_company(r));
    let kept: BTreeSet<String> = others.flat_map(|r| pictures(&r)).collect();
    let own = bound.rows().filter(of_company);
    let mut doomed: BTreeSet<String> = own.flat_map(|r| pictures(&r)).collect();
    // A marker such as Sp2 is no file; a path must not lead out of the visit's folder.
    doomed.retain(|name| {
        let plain = Path::new(name).components().count() == 1;
        plain && !kept.contains(name) && visit.join(name).is_file()
    });
    let places: Vec<Place> = bound.rows().filter(of_company).map(|r| r.place()).collect();
    let delete = options.inspections && options.inputs;
    let rows = EraseOptions {
        inputs: delete,
        ..options.clone()
    };
    let before = summary.left.len();
    strike(&path, &shown, &places, &rows, summary)?;
    for problem in summary.left.iter_mut().skip(before) {
        problem.what = "holds findings of the company".to_owned();
        problem.hint = Some("--yes --with-inputs deletes these rows and their pictures".to_owned());
    }
    for name in doomed {
        let picture = visit.join(&name);
        let shown = project.relative(&picture);
        match (delete, options.dry_run) {
            (true, false) => {
                std::fs::remove_file(&picture)
                    .map_err(|e| Problem::from(e).in_file(shown.clone()))?;
                summary.lines.push(format!("{shown}: deleted"));
            }
            (true, true) => summary.lines.push(format!("{shown}: would be deleted")),
            (false, _) => summary.left.push(
                Problem::setting("is a picture of a finding of the company")
                    .in_file(shown)
                    .hint("--yes --with-inputs deletes it"),
            ),
        }
    }
    Ok(())
}
