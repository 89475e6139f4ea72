//! `plan`: cuts projects into units.

use super::bucket::{Bucket, Place};
use super::inputs;
use super::plan::{Asked, Cut, PLAN, Plan, PlannedProject};
use super::work::places;
use crate::pipeline::cache::Cache;
use crate::pipeline::inputs::{Inputs, Need};
use crate::pipeline::order::Order;
use crate::pipeline::project::Project;
use crate::problem::Problem;
use crate::survey::Participation;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What the command line asks of a plan.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// Folders or URLs of projects.
    pub projects: Vec<String>,
    /// Folder or URL of the plan.
    pub out: String,
    /// Frames whose share of the map is one unit.
    pub frames_per_unit: usize,
    /// Sheets of a unit.
    pub sheets_per_unit: usize,
    /// Seconds without a sign of life after which a unit is another worker's.
    pub lease_s: u64,
    /// Times a unit is tried.
    pub attempts: usize,
    /// Language of all sheets.
    pub language: Option<String>,
    /// Publish links of low confidence, too.
    pub allow_unreviewed: bool,
    /// Where files of an object store are laid meanwhile.
    pub scratch: Option<PathBuf>,
}

/// A plan that stands.
#[derive(Clone, Debug, Default)]
pub struct PlanSummary {
    /// Units by stage, in its order.
    pub units: Vec<(&'static str, usize)>,
    /// Files and bytes of all projects.
    pub files: (usize, u64),
    /// Whether the same plan stood there already.
    pub stood: bool,
    /// What to know of the inputs.
    pub warnings: Vec<Problem>,
    /// Where it lies.
    pub url: String,
}

/// Writes the plan of some projects.
///
/// # Errors
/// Faults of settings and inputs, all at once; another plan in the folder; a folder that refuses.
pub fn plan(options: &PlanOptions) -> Result<PlanSummary, Vec<Problem>> {
    let one = |p: Problem| vec![p];
    let place = Place::read(&options.out).map_err(one)?;
    let bucket = Bucket::open(&place, true).map_err(one)?;
    let scratch = places::scratch(options.scratch.as_deref(), &place);
    let (mut cuts, mut faults, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = BTreeSet::new();
    for text in &options.projects {
        match cut(text, options, &scratch, &mut names, &mut warnings) {
            Ok(cut) => cuts.push(cut),
            Err(problems) => faults.extend(problems),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let asked = Asked {
        lang: options.language.clone(),
        allow_unreviewed: options.allow_unreviewed,
    };
    let plan = Plan::new(cuts, asked, options.lease_s.max(1), options.attempts.max(1));
    let bytes = plan.to_bytes();
    let created = bucket.create(PLAN, bytes.clone()).map_err(one)?;
    if !created && bucket.get(PLAN).map_err(one)? != Some(bytes) {
        return Err(vec![
            Problem::setting("another plan stands here; a plan is never changed")
                .in_file(format!("{}/{PLAN}", bucket.shown().trim_end_matches('/')))
                .hint("name an empty folder with -o"),
        ]);
    }
    let files = || plan.projects.iter().flat_map(|p| &p.files);
    let steps = super::Step::ALL.into_iter();
    Ok(PlanSummary {
        units: steps.map(|s| (s.word(), plan.of(s).count())).collect(),
        files: (files().count(), files().map(|f| f.bytes).sum()),
        stood: !created,
        warnings,
        url: place.url(),
    })
}

fn cut(
    text: &str,
    options: &PlanOptions,
    scratch: &std::path::Path,
    names: &mut BTreeSet<String>,
    warnings: &mut Vec<Problem>,
) -> Result<Cut, Vec<Problem>> {
    let one = |p: Problem| vec![p];
    let place = Place::read(text).map_err(one)?;
    let id = name(&place, names);
    let root = match &place {
        Place::Folder(path) => match path.is_file() {
            // The file audit.toml stands for its folder.
            true => path.parent().map(PathBuf::from).unwrap_or_default(),
            false => path.clone(),
        },
        store @ Place::Store(_) => {
            let bucket = Bucket::open(store, false).map_err(one)?;
            let root = scratch.join("projects").join(&id);
            // What an earlier plan fetched may be of another day.
            let _ = std::fs::remove_dir_all(&root);
            inputs::download(&bucket, &root).map_err(one)?;
            root
        }
    };
    let mut project = Project::open(&root)?;
    project.kept_in = Some(scratch.join("planning").join(&id));
    let results = scratch.join("planning").join(format!("{id}-results"));
    let cache = Cache::open(&project, &results);
    let need = match project.flights.is_empty() && project.buildings.is_none() {
        true => Need::Mosaic,
        false => Need::Sheets,
    };
    let read = Inputs::read(&project, need, cache.hashes())?;
    warnings.extend(read.warnings.iter().cloned());
    let sheets = read
        .companies
        .iter()
        .filter(|c| c.participates == Participation::Yes)
        .count();
    let order = Order::of(&project);
    let flights = order.sorted(project.flights.iter().collect());
    let per = |n: usize, each: usize| n.div_ceil(each.max(1)).max(1);
    let frames: usize = flights.iter().map(|f| f.files.len()).sum();
    // So little that its parts would cost more to hand around than to make: one unit does it all.
    let small = frames <= options.frames_per_unit && sheets <= options.sheets_per_unit;
    let flights: Vec<(String, usize)> = flights
        .into_iter()
        .filter(|_| !small)
        .map(|f| (f.id.clone(), per(f.files.len(), options.frames_per_unit)))
        .collect();
    let files = inputs::list(&root, cache.hashes()).map_err(one)?;
    cache.close();
    let url = match &place {
        Place::Folder(_) => Place::Folder(root).url(),
        store => store.url(),
    };
    Ok(Cut {
        project: PlannedProject { id, url, files },
        sheets: match flights.is_empty() {
            true => 0,
            false => per(sheets, options.sheets_per_unit),
        },
        flights,
    })
}

/// Name of a project: of its folder, with a number where that is taken.
fn name(place: &Place, names: &mut BTreeSet<String>) -> String {
    let last = match place {
        Place::Folder(path) => {
            let folder = match path.is_file() {
                true => path.parent().map(PathBuf::from).unwrap_or_default(),
                false => path.clone(),
            };
            let whole = folder.canonicalize().unwrap_or(folder);
            let name = whole.file_name().map(|n| n.to_string_lossy().into_owned());
            name.unwrap_or_default()
        }
        Place::Store(url) => {
            let path = url.path().trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap_or_default();
            match last {
                "" => url.host_str().unwrap_or_default().to_owned(),
                last => last.to_owned(),
            }
        }
    };
    let plain = |c: char| match c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
        true => c,
        false => '-',
    };
    let base: String = last.chars().map(plain).collect();
    let base = match base.trim_matches(['.', '-']) {
        "" => "project".to_owned(),
        base => base.to_owned(),
    };
    let numbered = (2..).map(|n| format!("{base}-{n}"));
    let mut all = std::iter::once(base.clone()).chain(numbered);
    let free = all.find(|name| !names.contains(name)).unwrap_or(base);
    names.insert(free.clone());
    free
}
