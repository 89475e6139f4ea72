//! A project folder: where its inputs lie and what its settings are.

use crate::config::Settings;
use crate::config::schema::SettingsFile;
use crate::problem::Problem;
use crate::read::envi;
use std::path::{Path, PathBuf};

/// One flight folder.
#[derive(Clone, Debug)]
pub struct FlightFolder {
    /// Name of the folder.
    pub id: String,
    /// The folder.
    pub path: PathBuf,
    /// Settings of this flight: `audit.toml` with `flight.toml` laid over it.
    pub settings: Settings,
    /// Frames or tiles, sorted by name.
    pub files: Vec<PathBuf>,
    /// `poses.csv`, when there is one.
    pub poses: Option<PathBuf>,
    /// `reconstruction.json` or `shots.geojson`, when there is one.
    pub reconstruction: Option<PathBuf>,
    /// `geo.txt`, when there is one.
    pub geo_txt: Option<PathBuf>,
    /// `gcp_list.txt`, when there is one.
    pub gcp_list: Option<PathBuf>,
}

/// One visit with handheld pictures.
#[derive(Clone, Debug)]
pub struct VisitFolder {
    /// Name of the folder.
    pub id: String,
    /// The folder.
    pub path: PathBuf,
    /// Settings of this visit: `audit.toml` with `visit.toml` laid over it.
    pub settings: Settings,
    /// Pictures and other files, sorted by name.
    pub files: Vec<PathBuf>,
    /// The findings, when there are any.
    pub findings: Option<PathBuf>,
}

/// A project: settings and the places of its inputs.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder that holds `audit.toml`.
    pub root: PathBuf,
    /// `audit.toml` over the defaults.
    pub settings: Settings,
    /// Building outlines.
    pub buildings: Option<PathBuf>,
    /// Company list.
    pub companies: Option<PathBuf>,
    /// Company ↔ building.
    pub links: Option<PathBuf>,
    /// Weather table.
    pub weather: Option<PathBuf>,
    /// The auditor's verdicts.
    pub review: Option<PathBuf>,
    /// Surface model tiles or folders.
    pub dsm: Vec<PathBuf>,
    /// Terrain model tiles or folders.
    pub dtm: Vec<PathBuf>,
    /// Flights, sorted by id.
    pub flights: Vec<FlightFolder>,
    /// Visits, sorted by id.
    pub visits: Vec<VisitFolder>,
    /// Where what is kept between runs lies, whatever the settings say: several machines may work on
    /// one project at a time, each in a place of its own.
    pub(super) kept_in: Option<PathBuf>,
}

/// Files of a flight folder that are not frames.
pub(super) const SIDE_FILES: &[&str] = &[
    "poses.csv",
    "geo.txt",
    "gcp_list.txt",
    "flight.toml",
    "reconstruction.json",
    "shots.geojson",
];

impl Project {
    /// Opens a project folder or its `audit.toml`. Settings of every flight are read, too.
    ///
    /// # Errors
    /// All faults found: no `audit.toml`, faults of the settings files, named inputs that are
    /// missing or ambiguous.
    pub fn open(path: &Path) -> Result<Self, Vec<Problem>> {
        match Self::survey(path) {
            (Some(project), faults) if faults.is_empty() => Ok(project),
            (_, faults) => Err(faults),
        }
    }

    /// The same as far as it goes: what is sound of the settings and of the places of inputs,
    /// beside all faults. `None` without `audit.toml`.
    pub fn survey(path: &Path) -> (Option<Self>, Vec<Problem>) {
        let (root, audit) = if path.is_file() {
            (
                path.parent().unwrap_or(Path::new(".")).to_owned(),
                path.to_owned(),
            )
        } else {
            (path.to_owned(), path.join("audit.toml"))
        };
        let text = match std::fs::read_to_string(&audit) {
            Ok(text) => text,
            Err(error) => {
                let fault = Problem::setting(format!("cannot be read ({error})"))
                    .in_file(audit.display().to_string())
                    .hint(format!(
                        "PROJECT is a folder with audit.toml, or that file; thermaudit init {} \
                         writes one",
                        root.display()
                    ));
                return (None, vec![fault]);
            }
        };
        let (settings, mut faults) = Settings::with_faults(&text, "audit.toml");
        let mut one = |table_key: &str, candidates: &[&str]| {
            find_one(&root, &settings, table_key, candidates).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            })
        };
        let buildings = one(
            "buildings",
            &[
                "buildings.gpkg",
                "buildings.geojson",
                "buildings.shp",
                "buildings.fgb",
            ],
        );
        let companies = one(
            "companies",
            &["companies.csv", "companies.xlsx", "companies.ods"],
        );
        let links = one("links", &["links.csv"]);
        let weather = one("weather", &["weather.csv"]);
        let tables = ["review.csv", "review.xlsx", "review.ods"];
        let review = the_one(&root, &tables).unwrap_or_else(|fault| {
            faults.push(fault.hint("keep one of them: all verdicts in one table"));
            None
        });
        let mut many = |table_key: &str, standard: &str| {
            find_many(&root, &settings, table_key, standard).unwrap_or_else(|fault| {
                faults.push(fault);
                Vec::new()
            })
        };
        let dsm = many("dsm", "dsm.tif");
        let dtm = many("dtm", "dtm.tif");
        let flights = flights(&root, &settings, &mut faults);
        let visits = visits(&root, &settings, &mut faults);
        let project = Self {
            root,
            settings,
            buildings,
            companies,
            links,
            weather,
            review,
            dsm,
            dtm,
            flights,
            visits,
            kept_in: None,
        };
        (Some(project), faults)
    }

    /// A path as printed: relative to the project where it lies inside.
    pub fn relative(&self, path: &Path) -> String {
        relative(&self.root, path)
    }
}

/// A path relative to `root` with `/` between its parts, or as it is.
pub(super) fn relative(root: &Path, path: &Path) -> String {
    let shown = path.strip_prefix(root).unwrap_or(path);
    shown
        .components()
        .map(|c| c.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

fn find_one(
    root: &Path,
    settings: &Settings,
    key: &str,
    candidates: &[&str],
) -> Result<Option<PathBuf>, Problem> {
    let named = settings.paths("inputs", key);
    if let Some(first) = named.first() {
        let path = root.join(first);
        return if present(&path) {
            Ok(Some(path))
        } else {
            Err(missing_input(key, first))
        };
    }
    the_one(root, candidates).map_err(|fault| {
        fault
            .field(format!("inputs.{key}"))
            .in_file("audit.toml")
            .hint(format!("name the right one: [inputs] {key} = \"…\""))
    })
}

/// The one of these files that is there; none is fine, several are not.
fn the_one(root: &Path, candidates: &[&str]) -> Result<Option<PathBuf>, Problem> {
    let found: Vec<PathBuf> = candidates
        .iter()
        .map(|name| root.join(name))
        .filter(|path| present(path))
        .collect();
    if found.len() < 2 {
        return Ok(found.into_iter().next());
    }
    let names: Vec<String> = found.iter().map(|p| relative(root, p)).collect();
    let what = format!("{} exist, expected one", names.join(" and "));
    Err(Problem::setting(what))
}

fn find_many(
    root: &Path,
    settings: &Settings,
    key: &str,
    standard: &str,
) -> Result<Vec<PathBuf>, Problem> {
    let named = settings.paths("inputs", key);
    if named.is_empty() {
        let stem = root.join(key);
        return Ok([root.join(standard), stem]
            .into_iter()
            .find(|p| present(p))
            .into_iter()
            .collect());
    }
    let mut paths = Vec::new();
    for name in named {
        let path = root.join(&name);
        if !present(&path) {
            return Err(missing_input(key, &name));
        }
        paths.push(path);
    }
    Ok(paths)
}

/// Whether something stands under a name, if only a link to what is out of reach: reading it then
/// says so, and nothing is taken for absent that is only away.
fn present(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn missing_input(key: &str, path: &str) -> Problem {
    Problem::setting(format!("names {path}, which does not exist"))
        .field(format!("inputs.{key}"))
        .in_file("audit.toml")
        .hint("paths are relative to the project folder")
}

/// The folders below `flights/` or `inspections/`.
fn folders(root: &Path, name: &str, faults: &mut Vec<Problem>) -> Vec<PathBuf> {
    let folder = root.join(name);
    let found = entries(&folder).unwrap_or_else(|error| {
        if present(&folder) {
            faults.push(unreadable(root, &folder, error));
        }
        Vec::new()
    });
    // What cannot even be looked at is not passed over: it may be away for the moment.
    let wanted = |path: &PathBuf| !hidden(path) && path.metadata().map_or(true, |m| m.is_dir());
    found.into_iter().filter(wanted).collect()
}

/// Settings of the project with those of one flight or visit laid over them; `None` after a fault.
fn overlaid(
    root: &Path,
    settings: &Settings,
    toml: &Path,
    kind: SettingsFile,
    faults: &mut Vec<Problem>,
) -> Option<Settings> {
    match std::fs::read_to_string(toml) {
        Ok(text) => match settings.overlay(&text, &relative(root, toml), kind) {
            Ok(settings) => Some(settings),
            Err(more) => {
                faults.extend(more);
                None
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !present(toml) => {
            Some(settings.clone())
        }
        Err(error) => {
            faults.push(unreadable(root, toml, error));
            None
        }
    }
}

/// The files of one flight or visit, by name.
fn files_of(root: &Path, folder: &Path, faults: &mut Vec<Problem>) -> Option<Vec<PathBuf>> {
    match entries(folder) {
        Ok(found) => Some(
            found
                .into_iter()
                .filter(|p| p.metadata().map_or(true, |m| m.is_file()) && !hidden(p))
                .collect(),
        ),
        Err(error) => {
            faults.push(unreadable(root, folder, error));
            None
        }
    }
}

fn flights(root: &Path, settings: &Settings, faults: &mut Vec<Problem>) -> Vec<FlightFolder> {
    let mut flights = Vec::new();
    for path in folders(root, "flights", faults) {
        let toml = path.join("flight.toml");
        let kind = SettingsFile::Flight;
        let Some(flight_settings) = overlaid(root, settings, &toml, kind, faults) else {
            continue;
        };
        let Some(found) = files_of(root, &path, faults) else {
            continue;
        };
        let is_side = |p: &PathBuf| {
            let name = p.file_name().unwrap_or_default();
            SIDE_FILES.iter().any(|side| name == *side)
        };
        let files = found
            .into_iter()
            .filter(|p| !envi::belongs_to_header(p) && !is_side(p))
            .collect();
        let side = |name: &str| Some(path.join(name)).filter(|p| present(p));
        flights.push(FlightFolder {
            poses: side("poses.csv"),
            geo_txt: side("geo.txt"),
            reconstruction: side("reconstruction.json").or_else(|| side("shots.geojson")),
            gcp_list: side("gcp_list.txt"),
            id: relative(&root.join("flights"), &path),
            path,
            settings: flight_settings,
            files,
        });
    }
    flights
}

/// Tables of findings, of which a visit has one.
pub(super) const FINDINGS: [&str; 3] = ["findings.csv", "findings.xlsx", "findings.ods"];

fn visits(root: &Path, settings: &Settings, faults: &mut Vec<Problem>) -> Vec<VisitFolder> {
    let mut visits = Vec::new();
    for path in folders(root, "inspections", faults) {
        let toml = path.join("visit.toml");
        let kind = SettingsFile::Visit;
        let Some(visit_settings) = overlaid(root, settings, &toml, kind, faults) else {
            continue;
        };
        let Some(found) = files_of(root, &path, faults) else {
            continue;
        };
        let is_side = |p: &PathBuf| {
            let name = p.file_name().unwrap_or_default();
            name == "visit.toml" || FINDINGS.iter().any(|f| name == *f)
        };
        let findings = the_one(&path, &FINDINGS).unwrap_or_else(|fault| {
            let hint = "keep one of them: all findings of a visit in one table";
            faults.push(fault.in_file(relative(root, &path)).hint(hint));
            None
        });
        visits.push(VisitFolder {
            id: relative(&root.join("inspections"), &path),
            settings: visit_settings,
            files: found.into_iter().filter(|p| !is_side(p)).collect(),
            findings,
            path,
        });
    }
    visits
}

/// Entries of a folder by name; none where it cannot be read.
pub(super) fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    entries(folder).unwrap_or_default()
}

fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let found = std::fs::read_dir(folder)?;
    let mut paths = found
        .map(|entry| entry.map(|e| e.path()))
        .collect::<std::io::Result<Vec<PathBuf>>>()?;
    paths.sort();
    Ok(paths)
}

fn unreadable(root: &Path, path: &Path, error: std::io::Error) -> Problem {
    Problem::io(format!("cannot be read ({error})"))
        .in_file(relative(root, path))
        .hint("see that it is within reach and that you may read it")
}

pub(super) fn hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
