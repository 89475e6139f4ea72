//! Overviews of a flight: `park/` for everyone, `internal/` for the association, per park and of
//! the campaign; made again without the flight when somebody withdraws.
//!
//! What they are made from is kept in the cache of the project: numbers of buildings, no name.
//! Who takes part, what may be seen and who holds which building is asked anew each time.

use super::consent;
use super::flight::Job;
use super::gis;
use super::overview_former;
use super::overview_pages;
use super::park_maps::{self, ParkMaps};
use super::project::Project;
use super::run::sheet_language;
use super::workplace::cache_dir;
use crate::attach::consent::{Audience, in_aggregate, in_overview};
use crate::attach::{Occupancy, Tie, token};
use crate::problem::{Problem, Result};
use crate::report::overview::{self, Facts, Holding, Member, RoofFacts, Scope, SpotFacts};
use crate::report::{class_of, salutation};
use crate::survey::{Company, Sharing};
use crate::write::{atomic, workbook};
use ::geo::{Contains, Point};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files of a public and of an internal folder that are made here.
const PUBLIC: [&str; 5] = [
    "overview.pdf",
    "overview.xlsx",
    "park.qgz",
    "stac.json",
    park_maps::NAME,
];
const INTERNAL: [&str; 4] = [
    "overview.pdf",
    "overview.xlsx",
    "mailmerge.csv",
    park_maps::NAME,
];

type Problems = Vec<Problem>;

/// Writes the overviews of a flight and keeps what they are made from. Out: warnings.
///
/// # Errors
/// Files that cannot be written; something of a company in a public file.
pub(super) fn write(
    job: &Job<'_>,
    out: &Path,
    facts: &Facts,
) -> std::result::Result<Problems, Problems> {
    let unkept = match keep(job.project, out, facts) {
        Ok(()) => None,
        Err(full) if full.ends_everything() => return Err(vec![full]),
        Err(refused) => Some(refused.hint("the run goes on; a later withdrawal will remove the overviews instead of making them again")),
    };
    let mut warnings: Problems = unkept.into_iter().collect();
    if !job.inputs.companies.is_empty() {
        warnings.extend(rewrite(job, out, facts)?);
    }
    Ok(warnings)
}

fn rewrite(job: &Job<'_>, out: &Path, facts: &Facts) -> std::result::Result<Problems, Problems> {
    let mut warnings = Vec::new();
    let secret = secret(job.project, &mut warnings);
    let members = members(job, out, facts);
    let maps = ParkMaps::new(job, out, facts);
    let former = overview_former::former(job, out, &mut warnings);
    let several = job.parks.several();
    let parks = if several { &job.parks.parks[..] } else { &[] };
    let (mut current, mut faults) = (BTreeSet::new(), Vec::new());
    // Parks of which the flight saw nothing have no results.
    let seen: BTreeSet<&str> = facts.buildings.iter().map(|b| b.oidn.as_str()).collect();
    let outlines = job.inputs.outlines.iter().zip(&job.parks.of_outline);
    let flown: BTreeSet<usize> = outlines
        .filter(|(o, _)| several && seen.contains(o.oidn.as_str()))
        .filter_map(|(_, park)| *park)
        .collect();
    for park in std::iter::once(None).chain(flown.into_iter().map(Some)) {
        let folder = park.and_then(|i| job.parks.folders.get(i));
        let folder = folder.map_or("", String::as_str);
        current.insert(folder.to_owned());
        let scope = Scope {
            campaign: campaign(job.project),
            flight: &job.folder.id,
            parks,
            park,
            language: sheet_language(job.project, None, job.options),
            min_cell: consent::privacy(job.project, job.options).min_cell,
        };
        let made = Made {
            facts,
            members: &members,
            scope,
            secret: secret.as_deref(),
        };
        let [public, internal] = ["park", "internal"].map(|top| match folder {
            "" => out.join(top),
            folder => out.join(top).join(folder),
        });
        let written = made
            .write(&public, &internal)
            .and_then(|()| maps.write(facts, &members, &made.scope, [&public, &internal]))
            .and_then(|()| gis::write(job, &public, facts, &made.scope))
            .and_then(|()| {
                let scoped = (facts, &members[..], scope);
                overview_pages::write(job, out, scoped, former.as_ref(), (&public, &internal))
            });
        if let Err(problem) = written {
            // What stands there from before may tell of one who withdrew.
            remove(&public, &PUBLIC)
                .and_then(|()| remove(&internal, &INTERNAL))
                .map_err(|p| vec![p])?;
            let ends = problem.ends_everything();
            faults.push(problem);
            if ends {
                return Err(faults);
            }
        }
    }
    remove_former_parks(out, &current).map_err(|p| vec![p])?;
    consent::search_public(job, &out.join("park"))?;
    match faults.is_empty() {
        true => Ok(warnings),
        false => Err(faults),
    }
}

fn campaign(project: &Project) -> &str {
    match project.settings.text("project", "campaign") {
        "" => project.settings.text("project", "name"),
        given => given,
    }
}

/// The secret of link tokens; `None` where no variable is named or it is not set.
fn secret(project: &Project, warnings: &mut Problems) -> Option<String> {
    let name = project.settings.text("privacy", "link_secret_env");
    if name.is_empty() {
        return None;
    }
    let secret = std::env::var(name).unwrap_or_default();
    match token(&secret, "") {
        Ok(_) => Some(secret),
        Err(_) if secret.is_empty() => None,
        Err(problem) => {
            warnings.push(problem.hint("mailmerge.csv holds no links until then"));
            None
        }
    }
}

/// One workbook pair in the making.
struct Made<'a> {
    facts: &'a Facts,
    members: &'a [Member<'a>],
    scope: Scope<'a>,
    secret: Option<&'a str>,
}

impl Made<'_> {
    fn write(&self, public: &Path, internal: &Path) -> Result<()> {
        let date = self.date();
        for folder in [public, internal] {
            atomic::make_folder(folder)?;
        }
        let tables = overview::public(self.facts, self.members, &self.scope);
        let bytes = workbook::workbook(&tables, self.scope.campaign, date)?;
        atomic::write_file(&public.join("overview.xlsx"), &bytes)?;
        let tables = overview::internal(self.facts, self.members, &self.scope);
        let bytes = workbook::workbook(&tables, self.scope.campaign, date)?;
        atomic::write_file(&internal.join("overview.xlsx"), &bytes)?;
        let merge = self.mail_merge()?;
        atomic::write_file(&internal.join("mailmerge.csv"), &merge)
    }

    /// Day of the flight: results carry no clock.
    fn date(&self) -> (u16, u8, u8) {
        let start = self
            .facts
            .conditions
            .iter()
            .find(|(k, _)| k == "start_local");
        let text = match start {
            Some((_, overview::Fact::Text(text))) => text.as_str(),
            _ => "",
        };
        let date = text.parse::<jiff::civil::DateTime>().map(|t| t.date());
        date.map_or((1970, 1, 1), |d| {
            let part = |v: i8| v.unsigned_abs();
            (d.year().unsigned_abs(), part(d.month()), part(d.day()))
        })
    }

    /// `mailmerge.csv`: one row per company with a sheet, for a letter to its contact.
    fn mail_merge(&self) -> Result<Vec<u8>> {
        let fault = |e: csv::Error| Problem::io(e.to_string()).in_file("internal/mailmerge.csv");
        let mut table = csv::WriterBuilder::new()
            .delimiter(b';')
            .from_writer(b"\xef\xbb\xbf".to_vec());
        let head = ["aanspreking", "naam", "email", "bestand", "link", "klasse"];
        table.write_record(head).map_err(fault)?;
        let here = |m: &&Member<'_>| self.scope.park.is_none() || m.park == self.scope.park;
        for member in self.members.iter().filter(|m| m.sheet).filter(here) {
            let company = member.company;
            let link = match self.secret {
                Some(secret) => token(secret, &company.company_id)?,
                None => String::new(),
            };
            let name = match company.contact_name.trim() {
                "" => company.name.as_str(),
                contact => contact,
            };
            let class = member.class();
            let class = class.filter(|_| member.sees(self.members, Sharing::Class));
            let cells = [
                salutation(member.language).to_owned(),
                name.to_owned(),
                company.contact_email.clone(),
                format!("companies/{}/sheet.pdf", company.company_id),
                link,
                class.map_or_else(String::new, |c| c.to_string()),
            ];
            let cells = cells.map(|c| workbook::spreadsheet_safe(&c));
            table.write_record(&cells).map_err(fault)?;
        }
        let bytes = table.into_inner();
        bytes.map_err(|e| Problem::io(e.to_string()).in_file("internal/mailmerge.csv"))
    }
}

/// Every company with what it holds in this flight.
fn members<'a>(job: &'a Job<'_>, out: &Path, facts: &'a Facts) -> Vec<Member<'a>> {
    let inputs = job.inputs;
    let privacy = consent::privacy(job.project, job.options);
    let index = Index::new(job, facts);
    let outcomes: BTreeMap<&str, &crate::attach::Outcome> = job
        .linking
        .outcomes
        .iter()
        .map(|o| (o.company_id.as_str(), o))
        .collect();
    let member = |company: &'a Company| {
        let outcome = outcomes.get(company.company_id.as_str()).copied();
        let sheet = out.join("companies").join(&company.company_id);
        Member {
            company,
            language: sheet_language(job.project, company.language, job.options),
            park: index.park_of_company(&company.company_id),
            visible: in_overview(company, outcome, Audience::Association),
            counted: in_aggregate(company, outcome, &privacy),
            sheet: company.participates == crate::survey::Participation::Yes
                && sheet.join("sheet.json").exists(),
            holdings: index.holdings(&company.company_id),
        }
    };
    inputs.companies.iter().map(member).collect()
}

/// Facts by building and ties by company.
struct Index<'a> {
    roofs: BTreeMap<&'a str, &'a RoofFacts>,
    zones: BTreeMap<(&'a str, &'a str), &'a RoofFacts>,
    spots: BTreeMap<&'a str, Vec<&'a SpotFacts>>,
    ties: BTreeMap<&'a str, Vec<&'a Tie>>,
    shared: BTreeMap<&'a str, Vec<&'a str>>,
    park_of_building: BTreeMap<&'a str, usize>,
    parks: Option<&'a BTreeMap<String, usize>>,
}

impl<'a> Index<'a> {
    fn new(job: &'a Job<'_>, facts: &'a Facts) -> Self {
        let published: BTreeSet<(&str, &str)> = job
            .inputs
            .links
            .iter()
            .map(|l| (l.company_id.as_str(), l.oidn.as_str()))
            .collect();
        let mut index = Self {
            roofs: facts
                .buildings
                .iter()
                .map(|b| (b.oidn.as_str(), b))
                .collect(),
            zones: facts
                .zones
                .iter()
                .map(|(id, z)| ((id.as_str(), z.oidn.as_str()), z))
                .collect(),
            spots: BTreeMap::new(),
            ties: BTreeMap::new(),
            shared: BTreeMap::new(),
            park_of_building: BTreeMap::new(),
            parks: job.parks.several().then_some(&job.parks.of_company),
        };
        for spot in &facts.hotspots {
            index.spots.entry(&spot.oidn).or_default().push(spot);
        }
        for tie in &job.linking.ties {
            let (id, oidn) = (tie.link.company_id.as_str(), tie.link.oidn.as_str());
            if published.contains(&(id, oidn)) {
                index.ties.entry(id).or_default().push(tie);
                if tie.occupancy == Occupancy::Shared {
                    index.shared.entry(oidn).or_default().push(id);
                }
            }
        }
        if job.parks.several() {
            let outlines = job.inputs.outlines.iter().zip(&job.parks.of_outline);
            let known = outlines.filter_map(|(o, park)| Some((o.oidn.as_str(), (*park)?)));
            index.park_of_building = known.collect();
        }
        index
    }

    fn park_of_company(&self, id: &str) -> Option<usize> {
        self.parks.and_then(|p| p.get(id)).copied()
    }

    fn holdings(&self, id: &str) -> Vec<Holding<'a>> {
        let ties = self.ties.get(id).into_iter().flatten();
        ties.filter_map(|tie| {
            let oidn = tie.link.oidn.as_str();
            let zone = self.zones.get(&(tie.link.company_id.as_str(), oidn));
            // What was kept knows no part that was drawn since: the whole would be another's, too.
            if tie.link.zone.is_some() && zone.is_none() {
                return None;
            }
            let roof = zone.or_else(|| self.roofs.get(oidn)).copied()?;
            let shared = tie.occupancy == Occupancy::Shared;
            let tenants = self.shared.get(oidn).filter(|_| shared);
            let spots = self.spots.get(oidn).into_iter().flatten().copied();
            Some(Holding {
                roof,
                occupancy: tie.occupancy.word(),
                shared,
                zone: tie.link.zone.as_ref().filter(|_| zone.is_some()),
                tenants: tenants
                    .into_iter()
                    .flatten()
                    .map(ToString::to_string)
                    .collect(),
                park: self.park_of_building.get(oidn).copied(),
                spots: spots.filter(|s| own_spot(tie, s)).collect(),
            })
        })
        .collect()
    }
}

fn own_spot(tie: &Tie, spot: &SpotFacts) -> bool {
    match (tie.occupancy, &tie.link.zone) {
        (Occupancy::Shared, _) => false,
        (_, Some(zone)) => zone.contains(&Point::new(spot.x_m, spot.y_m)),
        _ => true,
    }
}

/// Class of every company as its sheet prints it.
pub(super) fn classes(job: &Job<'_>, facts: &Facts) -> BTreeMap<String, u8> {
    let index = Index::new(job, facts);
    let class = |company: &Company| {
        let holdings = index.holdings(&company.company_id);
        let roofs = holdings.iter().map(|h| (h.roof.class, h.roof.assessed_m2));
        let (class, _) = class_of(&roofs.collect::<Vec<_>>())?;
        Some((company.company_id.clone(), class))
    };
    job.inputs.companies.iter().filter_map(class).collect()
}

/// Removes the folders of parks that are no more: they may tell of one who withdrew.
fn remove_former_parks(out: &Path, current: &BTreeSet<String>) -> Result<()> {
    for (top, files) in [("park", &PUBLIC[..]), ("internal", &INTERNAL[..])] {
        for folder in consent::entries(&out.join(top)) {
            let name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
            if folder.is_dir() && !current.contains(&name.unwrap_or_default()) {
                remove(&folder, files)?;
                // Fails where the user keeps something of his own in it.
                let _ = std::fs::remove_dir(&folder);
            }
        }
    }
    Ok(())
}

fn remove(folder: &Path, files: &[&str]) -> Result<()> {
    for name in files {
        let path = folder.join(name);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Problem::from(error).in_file(path.display().to_string())),
        }
    }
    Ok(())
}

/// Where the facts of a flight's results are kept: one file per results folder.
fn kept_at(project: &Project, out: &Path) -> PathBuf {
    let whole = std::path::absolute(out).unwrap_or_else(|_| out.to_path_buf());
    let mark = blake3::hash(whole.to_string_lossy().as_bytes()).to_hex();
    let name = format!("{}.json", mark.get(..16).unwrap_or_default());
    let results = out.parent().unwrap_or(out);
    cache_dir(project, results).join("overview").join(name)
}

fn keep(project: &Project, out: &Path, facts: &Facts) -> Result<()> {
    let path = kept_at(project, out);
    if let Some(folder) = path.parent() {
        atomic::make_folder(folder)?;
    }
    let text = serde_json::to_vec(facts)
        .map_err(|e| Problem::broken(format!("cannot be kept: {e}")).in_file("overview"))?;
    atomic::write_file(&path, &text)
}

/// What a flight's overviews were made from; `None` where it is not kept (any more).
fn kept(project: &Project, out: &Path) -> Option<Facts> {
    let bytes = std::fs::read(kept_at(project, out)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Whether a flight has overviews.
pub(super) fn exists(out: &Path) -> bool {
    out.join("park/overview.xlsx").exists() || out.join("internal/overview.xlsx").exists()
}

/// Brings the overviews of a flight that is not processed up to date with who takes part.
/// Where what they were made from is gone they are removed: they may tell of one who withdrew.
/// Out: warnings.
///
/// # Errors
/// As [`write`].
pub(super) fn refresh(job: &Job<'_>, out: &Path) -> std::result::Result<Problems, Problems> {
    match kept(job.project, out) {
        Some(facts) => rewrite(job, out, &facts),
        None => drop_overviews(out).map(|p| vec![p]).map_err(|p| vec![p]),
    }
}

/// Removes the overviews of a flight. Out: the warning that says so.
///
/// # Errors
/// Files that cannot be removed.
pub(super) fn drop_overviews(out: &Path) -> Result<Problem> {
    for (top, files) in [("park", &PUBLIC[..]), ("internal", &INTERNAL[..])] {
        remove(&out.join(top), files)?;
    }
    remove_former_parks(out, &BTreeSet::new())?;
    let flight = out.file_name().map(|n| n.to_string_lossy().into_owned());
    let flight = flight.unwrap_or_default();
    let what = "its overviews could not be made again and were removed";
    Ok(Problem::setting(what)
        .in_file(format!("flights/{flight}"))
        .hint(format!("run the flight again: --flight {flight}")))
}
