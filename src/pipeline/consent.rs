//! Consent and separation in a run: who gets a sheet, the consent log, the search for leaks.

use super::flight::Job;
use super::inputs::Inputs;
use super::project::Project;
use super::run::RunOptions;
use crate::attach::consent::{self, ConsentRow, Privacy};
use crate::attach::leak::{LeakCheck, Party, Searched};
use crate::attach::{Linking, review};
use crate::config::Settings;
use crate::problem::{Problem, Result};
use crate::read::archive::Archive;
use crate::report;
use crate::survey::{Company, Participation};
use crate::write::{atomic, map_page, sheet_json, workbook};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Largest file of a company's folder that is searched, bytes.
const LARGEST: u64 = 1 << 28;

/// What sheets of a flight or a visit are searched against.
pub(super) struct Scope<'a> {
    pub(super) project: &'a Project,
    pub(super) inputs: &'a Inputs,
    /// Settings of the flight or visit.
    pub(super) settings: &'a Settings,
    /// Its id.
    pub(super) id: &'a str,
}

impl<'a> Scope<'a> {
    /// Of a flight.
    pub(super) fn of(job: &Job<'a>) -> Self {
        Self {
            project: job.project,
            inputs: job.inputs,
            settings: &job.folder.settings,
            id: &job.folder.id,
        }
    }
}

/// `[privacy]` with the command line over it.
pub(super) fn privacy(project: &Project, options: &RunOptions) -> Privacy {
    let settings = &project.settings;
    let standard = Privacy::default();
    Privacy {
        publish_confidence: settings
            .number("privacy", "publish_confidence")
            .unwrap_or(standard.publish_confidence),
        allow_unreviewed: options.allow_unreviewed,
        min_cell: usize::try_from(settings.integer("privacy", "min_cell"))
            .unwrap_or(standard.min_cell),
        aggregate_nonparticipants: settings.flag("privacy", "aggregate_nonparticipants"),
    }
}

/// Whether a company may have a sheet.
///
/// # Errors
/// The reason why not, with what the review list says.
pub(super) fn may_have_sheet(job: &Job<'_>, company: &Company) -> Result<()> {
    let privacy = privacy(job.project, job.options);
    match no_sheet(company, job.linking, &privacy) {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// Why a company gets no sheet and what to do about it; `None` where it gets one.
pub(super) fn no_sheet(company: &Company, linking: &Linking, privacy: &Privacy) -> Option<Problem> {
    let why = review::why_no_sheet(company, linking, privacy)?;
    Some(Problem::setting(why).hint(
        "fill its buildings column, or add a row to links.csv; internal/link_review.csv lists \
         what was found",
    ))
}

/// Searches the folders of all companies for anything of another; a folder with a hit is
/// removed.
///
/// # Errors
/// Every hit: a run that shows a neighbour has failed.
pub(super) fn search(scope: &Scope<'_>, folder: &Path) -> std::result::Result<(), Vec<Problem>> {
    let check = leak_check(scope);
    let companies: Vec<&Company> = scope
        .inputs
        .companies
        .iter()
        .filter(|c| c.participates == Participation::Yes)
        .collect();
    let problems: Vec<Vec<Problem>> = companies
        .par_iter()
        .map(|company| search_one(&check, company, &folder.join(&company.company_id)))
        .collect();
    let all: Vec<Problem> = problems.into_iter().flatten().collect();
    match all.is_empty() {
        true => Ok(()),
        false => Err(all),
    }
}

fn search_one(check: &LeakCheck, company: &Company, folder: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut leaks = false;
    for (name, bytes) in files(folder, &mut problems) {
        let Searched { hits, unread } = check.file(&company.company_id, &name, &bytes);
        leaks |= !hits.is_empty();
        problems.extend(hits.into_iter().map(|hit| {
            let whose = match hit.company_id.as_str() {
                "" => String::new(),
                id => format!(" of company {id}"),
            };
            let what = format!(
                "holds the {} \"{}\"{whose}: {}",
                hit.kind.word(),
                hit.found,
                hit.excerpt
            );
            Problem::broken(what)
                .in_file(format!("companies/{}/{}", company.company_id, hit.file))
                .hint("the company's folder was removed; find where the text comes from")
        }));
        problems.extend(unread.into_iter().map(|(file, what)| {
            Problem::broken(what).in_file(format!("companies/{}/{file}", company.company_id))
        }));
    }
    if leaks && let Err(error) = atomic::remove_folder(folder) {
        problems.push(Problem::from(error).in_file(folder.display().to_string()));
    }
    problems
}

/// Searches the public files of a flight for anything of any company; they are removed where a
/// hit is found.
///
/// # Errors
/// Every hit: what is public must name nobody.
pub(super) fn search_public(job: &Job<'_>, folder: &Path) -> std::result::Result<(), Vec<Problem>> {
    let check = leak_check(&Scope::of(job));
    let mut problems = Vec::new();
    let mut leaks = false;
    for (name, bytes) in files(folder, &mut problems) {
        // Nobody's folder: everything of anyone is another's.
        let Searched { hits, unread } = check.file("", &name, &bytes);
        leaks |= !hits.is_empty();
        problems.extend(hits.into_iter().map(|hit| {
            let what = format!("{} \"{}\"", hit.kind.word(), hit.found);
            let whose = format!(
                "holds the {what} of company {}: {}",
                hit.company_id, hit.excerpt
            );
            Problem::broken(whose)
                .in_file(format!("park/{}", hit.file))
                .hint("the public files were removed; find where the text comes from")
        }));
        let unread = unread.into_iter();
        problems.extend(
            unread.map(|(file, what)| Problem::broken(what).in_file(format!("park/{file}"))),
        );
    }
    if leaks && let Err(error) = atomic::remove_folder(folder) {
        problems.push(Problem::from(error).in_file(folder.display().to_string()));
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems),
    }
}

/// Removes the folders of companies that do not take part (any more) from every flight and visit
/// of the results, also of those this run does not process. Out: how many.
///
/// # Errors
/// A folder that cannot be removed.
pub(super) fn remove_sheets_of_others(results: &Path, companies: &[Company]) -> Result<usize> {
    let taking_part: BTreeSet<&str> = companies
        .iter()
        .filter(|c| c.participates == Participation::Yes)
        .map(|c| c.company_id.as_str())
        .collect();
    let mut removed = 0;
    for parent in [results.to_path_buf(), results.join("inspections")] {
        for entry in entries(&parent) {
            for folder in entries(&entry.join("companies")) {
                let name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
                let name = name.unwrap_or_default();
                // What is no sheet's folder is not ours to remove. A run that was killed may have
                // left the first file of one.
                let ours = ["sheet.json", "sheet.pdf"].map(|f| folder.join(f).exists());
                if ours == [false, false] || taking_part.contains(name.as_str()) {
                    continue;
                }
                atomic::remove_folder(&folder).map_err(|e| {
                    Problem::from(e)
                        .in_file(folder.display().to_string())
                        .hint("this company does not take part: remove its folder by hand")
                })?;
                removed += 1;
            }
        }
    }
    Ok(removed)
}

/// Entries of a folder, sorted; none where it is not there.
pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = found.map(|e| e.path()).collect();
    paths.sort();
    paths
}

/// Archives within archives that are looked into.
const DEEPEST: usize = 3;

/// Files of a company's folder and of the folders in it, by their path within, archives by what
/// they hold; what cannot be read is a problem, for it may hold anything.
fn files(folder: &Path, problems: &mut Vec<Problem>) -> Vec<(String, Vec<u8>)> {
    let mut packed = Vec::new();
    // A company without a sheet has no folder.
    if folder.exists() {
        collect(folder, "", &mut packed, problems);
    }
    let mut found = Vec::new();
    for (name, bytes) in packed {
        unpack(name, bytes, 0, &mut found, problems);
    }
    found
}

/// An archive (workbook, project of a map program) as its parts; anything else as it is.
pub(super) fn unpack(
    name: String,
    bytes: Vec<u8>,
    depth: usize,
    found: &mut Vec<(String, Vec<u8>)>,
    problems: &mut Vec<Problem>,
) {
    if !bytes.starts_with(b"PK\x03\x04") {
        found.push((name, bytes));
        return;
    }
    let mut refuse = |why: String| {
        let what = format!("cannot be searched for what is another company's: {why}");
        problems.push(Problem::broken(what).in_file(name.clone()));
    };
    let archive = match Archive::new(&bytes) {
        Ok(archive) if depth < DEEPEST => archive,
        Ok(_) => return refuse("it is packed too often".into()),
        Err(why) => return refuse(why),
    };
    let mut parts = Vec::new();
    for part in archive.names() {
        match archive.bytes(part) {
            Ok(content) => parts.push((format!("{name}/{part}"), content)),
            Err(why) => return refuse(why),
        }
    }
    for (part, content) in parts {
        unpack(part, content, depth + 1, found, problems);
    }
}

fn collect(
    folder: &Path,
    within: &str,
    found: &mut Vec<(String, Vec<u8>)>,
    problems: &mut Vec<Problem>,
) {
    let unread = |path: &Path, why: String| {
        let what = format!("cannot be searched for what is another company's: {why}");
        Problem::io(what)
            .in_file(path.display().to_string())
            .hint("sheets are handed out only when every file of their folder was searched")
    };
    let listed =
        std::fs::read_dir(folder).and_then(|entries| entries.collect::<std::io::Result<Vec<_>>>());
    let mut paths: Vec<_> = match listed {
        Ok(entries) => entries.into_iter().map(|e| e.path()).collect(),
        Err(error) => {
            problems.push(unread(folder, error.to_string()));
            return;
        }
    };
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let name = format!("{within}{}", name.unwrap_or_default());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), found, problems);
            continue;
        }
        let size = std::fs::metadata(&path).map(|m| m.len());
        match size.and_then(|size| match size <= LARGEST {
            true => std::fs::read(&path).map(Some),
            false => Ok(None),
        }) {
            Ok(Some(bytes)) => found.push((name, bytes)),
            Ok(None) => problems.push(unread(&path, format!("larger than {LARGEST} bytes"))),
            Err(error) => problems.push(unread(&path, error.to_string())),
        }
    }
}

/// What every company has to hide, and what is nobody's secret.
fn leak_check(scope: &Scope<'_>) -> LeakCheck {
    let inputs = scope.inputs;
    let mut parties: Vec<Party> = inputs
        .companies
        .iter()
        .map(|c| Party {
            company_id: c.company_id.clone(),
            names: vec![
                c.name.clone(),
                c.contact_name.clone(),
                c.contact_email.clone(),
            ],
            numbers: vec![c.enterprise_number.clone(), c.establishment_number.clone()],
            oidns: inputs
                .links
                .iter()
                .filter(|l| l.company_id == c.company_id)
                .map(|l| l.oidn.clone())
                .collect(),
            own: vec![c.address.clone(), c.remark.clone()],
        })
        .collect();
    // Buildings of nobody are no company's own either.
    let tied: BTreeSet<&str> = inputs.links.iter().map(|l| l.oidn.as_str()).collect();
    let rest = inputs.outlines.iter().map(|o| &o.oidn);
    parties.push(Party {
        oidns: rest
            .filter(|o| !tied.contains(o.as_str()))
            .cloned()
            .collect(),
        ..Party::default()
    });
    let project = &scope.project.settings;
    let settings = scope.settings;
    let common = [
        project.text("project", "name"),
        project.text("project", "campaign"),
        project.text("report", "contact"),
        project.text("report", "text"),
        settings.text("release", "name"),
        settings.text("release", "scheme"),
        settings.text("flight", "operator"),
        settings.text("flight", "platform"),
        scope.id,
    ];
    let parks = inputs.references.parks.iter();
    let parks = parks.flat_map(|p| [p.id.as_str(), p.name.as_str()]);
    // The person whose verdict stands on a sheet is named there.
    let judges = inputs.reviews.iter().map(|r| r.who.as_str());
    let common: Vec<&str> = common
        .into_iter()
        .chain(parks)
        .chain(judges)
        .filter(|t| !t.trim().is_empty())
        .collect();
    let mut check = LeakCheck::new(&parties, &common);
    exempt_own_words(&mut check);
    check
}

/// What every sheet says is no company's name.
pub(super) fn exempt_own_words(check: &mut LeakCheck) {
    check.exempt(&report::vocabulary());
    check.exempt(&sheet_json::VOCABULARY.join("\n"));
    check.take_out(map_page::fixed_parts());
}

/// Header of the consent log.
const LOG: [&str; 5] = [
    "company_id",
    "participates",
    "share_with_association",
    "date",
    "by",
];

/// Brings `internal/consent_log.csv` up to date: rows are only ever added.
///
/// # Errors
/// The log cannot be read or written.
pub(super) fn log(job: &Job<'_>, out: &Path) -> Result<()> {
    if job.inputs.companies.is_empty() {
        return Ok(());
    }
    let path = out.join("internal").join("consent_log.csv");
    let fault = |what: String| Problem::io(what).in_file("internal/consent_log.csv");
    // A log that is there and cannot be read must not be begun anew.
    let old = match std::fs::read(&path) {
        Ok(old) => old,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(fault(error.to_string())),
    };
    let mut rows = Vec::new();
    for record in csv::Reader::from_reader(old.as_slice()).records() {
        let record = record.map_err(|e| {
            fault(e.to_string()).hint("the log is never rewritten: repair it by hand")
        })?;
        let cell = |i: usize| record.get(i).unwrap_or_default();
        rows.push(ConsentRow {
            company_id: cell(0).to_owned(),
            participates: word(cell(1), &["yes", "no", "withdrawn"]),
            sharing: word(cell(2), &["no", "class", "full"]),
            date: workbook::unguarded(cell(3)).to_owned(),
            by: workbook::unguarded(cell(4)).to_owned(),
        });
    }
    let more = consent::log_additions(&rows, &job.inputs.companies);
    if more.is_empty() && !old.is_empty() {
        return Ok(());
    }
    let mut table = csv::Writer::from_writer(old.clone());
    if old.is_empty() {
        table.write_record(LOG).map_err(|e| fault(e.to_string()))?;
    }
    for row in more {
        let [date, by] = [&row.date, &row.by].map(|c| workbook::spreadsheet_safe(c));
        let cells = [&row.company_id, row.participates, row.sharing, &date, &by];
        table
            .write_record(cells)
            .map_err(|e| fault(e.to_string()))?;
    }
    let bytes = table.into_inner().map_err(|e| fault(e.to_string()))?;
    atomic::make_folder(&out.join("internal"))?;
    atomic::write_file(&path, &bytes)
}

/// One of the known words; the first for anything else.
fn word(cell: &str, known: &[&'static str]) -> &'static str {
    let found = known.iter().find(|w| **w == cell);
    found.or(known.first()).copied().unwrap_or_default()
}
