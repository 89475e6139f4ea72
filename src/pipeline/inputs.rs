//! Everything of a project besides its flights: outlines, companies, links, weather, heights,
//! registers.

use super::cache::FileHashes;
use super::catalogue::{Input, hash_file};
use super::derived::Derived;
use super::ground::OUT_OF_REACH;
use super::house::{self, House};
use super::photos::{self, Photos};
use super::project::{FlightFolder, Project};
use super::visit;
use crate::config::Settings;
use crate::geo::crs::{Crs, DatumGrid};
use crate::geo::grid::ShiftGrid;
use crate::problem::{Problem, Result};
use crate::read::surface::Surface;
use crate::read::table::Mapping;
use crate::read::{
    companies, links, outlines, poses, reference, review, shapefile, vector, weather,
};
use crate::survey::reference::References;
use crate::survey::{Company, GivenPose, Link, Outline, Review, SurveyedPoint, Weather};
use std::path::{Path, PathBuf};

/// The inputs a run needs besides the flights.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// Project CRS.
    pub(crate) crs: Crs,
    /// Building outlines, project CRS.
    pub(crate) outlines: Vec<Outline>,
    /// Where they come from when the user has none: heights.
    pub(crate) derived: Option<Derived>,
    /// Companies.
    pub(crate) companies: Vec<Company>,
    /// Company ↔ building.
    pub(crate) links: Vec<Link>,
    /// Weather; empty without a file.
    pub(crate) weather: Weather,
    /// The auditor's verdicts; empty without a file.
    pub(crate) reviews: Vec<Review>,
    /// Surface model.
    pub(crate) dsm: Option<Surface>,
    /// Terrain model.
    pub(crate) dtm: Option<Surface>,
    /// What public registers say of the site.
    pub(crate) references: References,
    /// One line for each register: what it was taken for.
    pub(crate) found: Vec<String>,
    /// Logos, colour and own templates.
    pub(crate) house: House,
    /// Orthophotos of the ground.
    pub(crate) photos: Photos,
    /// What was odd but does not stop a run.
    pub(crate) warnings: Vec<Problem>,
    /// Files read, for `run.json`.
    pub(crate) files: Vec<Input>,
}

/// Which inputs a run really needs: one that stops early does not need outlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// As far as the mosaic.
    Mosaic,
    /// As far as sheets.
    Sheets,
}

impl Inputs {
    /// Reads all inputs.
    ///
    /// # Errors
    /// All faults of all inputs at once.
    pub(crate) fn read(
        project: &Project,
        need: Need,
        hashes: &FileHashes,
    ) -> std::result::Result<Self, Vec<Problem>> {
        match Self::survey(project, need, hashes) {
            (Some(inputs), faults) if faults.is_empty() => Ok(inputs),
            (_, faults) => Err(faults),
        }
    }

    /// All inputs that can be read, beside the faults of the others. `None` without a CRS.
    pub(crate) fn survey(
        project: &Project,
        need: Need,
        hashes: &FileHashes,
    ) -> (Option<Self>, Vec<Problem>) {
        let mut faults = Vec::new();
        let mut warnings = Vec::new();
        let crs = match project_crs(project, &project.settings) {
            Ok(crs) => crs,
            Err(problem) => {
                // Without a CRS no geometry can be read; the tables still can.
                if !project.settings.text("project", "crs").is_empty() {
                    faults.push(problem);
                }
                take(read_companies(project), &mut faults, &mut warnings);
                take(read_links(project), &mut faults, &mut warnings);
                take(read_reviews(project), &mut faults, &mut warnings);
                return (None, faults);
            }
        };
        let derive =
            project.buildings.is_none() && project.settings.flag("segment", "derive_outlines");
        let none_needed = project.buildings.is_none() && need == Need::Mosaic;
        let mut outlines = if derive || none_needed {
            Vec::new()
        } else {
            take(read_outlines(project, &crs), &mut faults, &mut warnings).unwrap_or_default()
        };
        let companies =
            take(read_companies(project), &mut faults, &mut warnings).unwrap_or_default();
        let rows = take(read_links(project), &mut faults, &mut warnings).unwrap_or_default();
        let mut reviews =
            take(read_reviews(project), &mut faults, &mut warnings).unwrap_or_default();
        let (on_site, more) = visit::verdicts(project, &reviews);
        reviews.extend(on_site);
        warnings.extend(more);
        let registers = match need {
            Need::Mosaic => reference::Reading::default(),
            Need::Sheets => {
                let read = read_references(project, &crs, &companies);
                take(read, &mut faults, &mut warnings).unwrap_or_default()
            }
        };
        let house = House::read(project).unwrap_or_else(|more| {
            faults.extend(more);
            House::default()
        });
        warnings.extend(house.warnings.iter().cloned());
        let (photos, more) = match need {
            Need::Mosaic => (Photos::default(), Vec::new()),
            Need::Sheets => Photos::open(project, &crs),
        };
        warnings.extend(more);
        let mut surface = |paths: &[PathBuf], what: &str| {
            open_surface(project, paths, what, &crs).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            })
        };
        let dsm = surface(&project.dsm, "dsm");
        let dtm = surface(&project.dtm, "dtm");
        let mut derived = None;
        if derive {
            let parks = &registers.references.parks;
            let least = project.settings.number("segment", "min_building_m2");
            match Derived::find(dsm.as_ref(), dtm.as_ref(), parks, least.unwrap_or(25.0)) {
                Ok(found) => {
                    warnings.push(found.warning());
                    outlines.clone_from(&found.outlines);
                    derived = Some(found);
                }
                Err(fault) => faults.push(fault.in_file("audit.toml")),
            }
        }
        let weather = read_weather(project, &crs, &outlines);
        let weather = take(weather, &mut faults, &mut warnings).unwrap_or_default();
        let (links, more) = links::resolve(&companies, &rows, &outlines);
        // Without outlines every link would be told to lead nowhere.
        if need == Need::Sheets && !outlines.is_empty() {
            warnings.extend(more);
        }
        let mut files = Vec::new();
        if faults.is_empty() {
            for file in input_files(project, hashes) {
                match file {
                    Ok(file) => files.push(file),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        let mut found = registers.found;
        found.extend(photos.found());
        let inputs = Self {
            crs,
            outlines,
            derived,
            companies,
            links,
            weather,
            reviews,
            dsm,
            dtm,
            references: registers.references,
            found,
            house,
            photos,
            warnings,
            files,
        };
        (Some(inputs), faults)
    }
}

/// The project CRS with the datum grid of these settings.
///
/// # Errors
/// Unknown or geographic CRS, unreadable grid.
pub(crate) fn project_crs(project: &Project, settings: &Settings) -> Result<Crs> {
    let grid = match settings.text("crs", "grid") {
        "embedded" | "" => DatumGrid::Embedded,
        "helmert" => DatumGrid::Helmert,
        path => {
            let bytes = std::fs::read(project.root.join(path))
                .map_err(|e| Problem::from(e).in_file(path).field("crs.grid"))?;
            DatumGrid::Official(ShiftGrid::from_bytes(&bytes).map_err(|p| p.in_file(path))?)
        }
    };
    Crs::projected(settings.text("project", "crs"), grid)
        .map_err(|p| p.field("project.crs").in_file("audit.toml"))
}

/// Poses given for a flight: `poses.csv` first, then a reconstruction, then `geo.txt`.
///
/// # Errors
/// All faults of the file.
pub(crate) fn given_poses(
    project: &Project,
    folder: &FlightFolder,
    warnings: &mut Vec<Problem>,
) -> std::result::Result<Vec<GivenPose>, Vec<Problem>> {
    let outcome = match (&folder.poses, &folder.reconstruction, &folder.geo_txt) {
        (Some(path), ..) => poses::read_csv(
            path,
            &mapping(&project.settings, "poses"),
            project.settings.text("project", "crs"),
        ),
        (None, Some(path), _) => poses::read_reconstruction(path),
        (None, None, Some(path)) => poses::read_geo_txt(path),
        (None, None, None) => return Ok(Vec::new()),
    };
    let (poses, more) = outcome?;
    warnings.extend(more);
    Ok(poses)
}

/// The surveyed points of a flight's `gcp_list.txt`; none without one.
///
/// # Errors
/// All faults of the file.
pub(crate) fn surveyed_points(
    folder: &FlightFolder,
    warnings: &mut Vec<Problem>,
) -> std::result::Result<Vec<SurveyedPoint>, Vec<Problem>> {
    let Some(path) = &folder.gcp_list else {
        return Ok(Vec::new());
    };
    let (points, more) = poses::read_gcp_list(path)?;
    warnings.extend(more);
    Ok(points)
}

type Outcome<T> = std::result::Result<(T, Vec<Problem>), Vec<Problem>>;

/// The value of an outcome; faults and warnings go to their lists.
fn take<T>(
    outcome: Outcome<T>,
    faults: &mut Vec<Problem>,
    warnings: &mut Vec<Problem>,
) -> Option<T> {
    match outcome {
        Ok((value, more)) => {
            warnings.extend(more);
            Some(value)
        }
        Err(more) => {
            faults.extend(more);
            None
        }
    }
}

/// Renamed columns of a table.
pub(super) fn mapping(settings: &Settings, table: &str) -> Mapping {
    let mut mapping = Mapping::new();
    for (ours, theirs) in settings.schema.get(table).into_iter().flatten() {
        mapping.add(ours.as_str(), theirs.as_str());
    }
    mapping
}

fn read_outlines(project: &Project, crs: &Crs) -> Outcome<Vec<Outline>> {
    let Some(path) = &project.buildings else {
        return Err(vec![
            Problem::setting("no building outlines, expected buildings.gpkg or buildings.geojson")
                .in_file(project.root.display().to_string())
                .hint(
                    "export the buildings of the park (GRB layer GBG works unchanged), name the \
                     file ([inputs] buildings = \"…\"), or have candidates derived from dsm.tif \
                     and dtm.tif: [segment] derive_outlines = true",
                ),
        ]);
    };
    outlines::read(path, &mapping(&project.settings, "buildings"), crs)
}

fn read_companies(project: &Project) -> Outcome<Vec<Company>> {
    match &project.companies {
        Some(path) => companies::read(path, &mapping(&project.settings, "companies")),
        None => {
            let warning = Problem::setting("no company list: no sheets will be made")
                .in_file(project.root.display().to_string())
                .hint("add companies.csv with company_id, name, participates, buildings");
            Ok((Vec::new(), vec![warning]))
        }
    }
}

fn read_links(project: &Project) -> Outcome<Vec<links::LinkRow>> {
    match &project.links {
        Some(path) => links::read(path, &mapping(&project.settings, "links")),
        None => Ok((Vec::new(), Vec::new())),
    }
}

fn read_reviews(project: &Project) -> Outcome<Vec<Review>> {
    match &project.review {
        Some(path) => review::read(path, &mapping(&project.settings, "review")),
        None => Ok((Vec::new(), Vec::new())),
    }
}

/// The registers of the `reference` folder, and the parks.
fn read_references(
    project: &Project,
    crs: &Crs,
    companies: &[Company],
) -> Outcome<reference::Reading> {
    let options = reference::Options {
        parks: mapping(&project.settings, "parks"),
        plots: mapping(&project.settings, "plots"),
        postcodes: reference::postcodes(companies),
    };
    for key in ["reference", "parks"] {
        for name in project.settings.paths("inputs", key) {
            if !project.root.join(&name).exists() {
                let what = format!("names {name}, which does not exist");
                let problem = Problem::setting(what).field(format!("inputs.{key}"));
                return Err(vec![problem.in_file("audit.toml")]);
            }
        }
    }
    let (mut reading, mut warnings) = reference::folder(&reference_files(project), &options, crs)?;
    if let Some(path) = parks_file(project) {
        let (parks, more) = reference::parks(&path, &options.parks, crs)?;
        let line = format!(
            "{}: {} business parks",
            project.relative(&path),
            parks.len()
        );
        reading.found.push(line);
        reading.references.parks = parks;
        warnings.extend(more);
    }
    Ok((reading, warnings))
}

/// Files of the `reference` folder or of the paths the settings name, sorted.
pub(super) fn reference_files(project: &Project) -> Vec<PathBuf> {
    // Unzipped downloads bring a folder or two of their own.
    const DEEPEST: u32 = 4;
    fn collect(path: &Path, depth: u32, files: &mut Vec<PathBuf>) {
        // A file geodatabase is a folder full of files, of which none says anything.
        let whole = path.is_file() || path.extension().is_some_and(|e| e == "gdb");
        if whole {
            files.push(path.to_path_buf());
        } else if depth > 0
            && let Ok(entries) = std::fs::read_dir(path)
        {
            for entry in entries.flatten() {
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if !hidden {
                    collect(&entry.path(), depth - 1, files);
                }
            }
        }
    }
    let named = project.settings.paths("inputs", "reference");
    let mut files = Vec::new();
    if named.is_empty() {
        collect(&project.root.join("reference"), DEEPEST, &mut files);
    }
    for name in named {
        collect(&project.root.join(name), DEEPEST, &mut files);
    }
    files.sort();
    files
}

/// The file of park outlines, if there is one.
pub(super) fn parks_file(project: &Project) -> Option<PathBuf> {
    let named = project.settings.paths("inputs", "parks");
    match named.first() {
        Some(name) => Some(project.root.join(name)),
        None => vector::EXTENSIONS
            .iter()
            .map(|ending| project.root.join(format!("parks.{ending}")))
            .find(|path| path.is_file()),
    }
}

fn read_weather(project: &Project, crs: &Crs, outlines: &[Outline]) -> Outcome<Weather> {
    match &project.weather {
        Some(path) => {
            let station = weather::Station {
                code: match project.settings.text("weather", "station") {
                    "auto" | "" => None,
                    code => Some(code),
                },
                place: weather::middle(outlines, crs),
            };
            weather::read_station(path, &mapping(&project.settings, "weather"), station)
        }
        None => {
            let warning = Problem::setting("no weather: roofs are compared, not rated in W/m²K")
                .in_file(project.root.display().to_string())
                .hint("add weather.csv (10-minute rows of a KMI station work unchanged)");
            Ok((Weather::default(), vec![warning]))
        }
    }
}

fn open_surface(
    project: &Project,
    paths: &[PathBuf],
    key: &str,
    crs: &Crs,
) -> Result<Option<Surface>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let surface = Surface::open(paths)?;
    if let Some(epsg) = surface.epsg()
        && epsg != crs.epsg()
    {
        return Err(Problem::setting(format!(
            "is in EPSG:{epsg}, expected the project's EPSG:{}",
            crs.epsg()
        ))
        .field(format!("inputs.{key}"))
        .in_file(project.relative(&paths[0]))
        .hint(format!(
            "reproject it (gdalwarp -t_srs EPSG:{}), or set project.crs",
            crs.epsg()
        )));
    }
    Ok(Some(surface))
}

/// All files read so far, hashed.
fn input_files(project: &Project, hashes: &FileHashes) -> Vec<Result<Input>> {
    let audit = project.root.join("audit.toml");
    let single = [
        &project.buildings,
        &project.companies,
        &project.links,
        &project.weather,
        &project.review,
    ];
    let named = single.into_iter().flatten();
    let mut files: Vec<PathBuf> = std::iter::once(audit).chain(named.cloned()).collect();
    for path in project.dsm.iter().chain(&project.dtm) {
        if path.is_file() {
            files.push(path.clone());
        }
    }
    files.extend(parks_file(project));
    files.extend(house::files(project));
    files.extend(photos::named(project));
    // The columns of a shapefile and what tells how to read them lie beside it.
    let beside = |path: &PathBuf| {
        let shape = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("shp"));
        let parts = ["dbf", "prj", "cpg"].into_iter().filter(move |_| shape);
        let found: Vec<PathBuf> = parts.filter_map(|e| shapefile::beside(path, e)).collect();
        found
    };
    let more: Vec<PathBuf> = files.iter().flat_map(beside).collect();
    files.extend(more);
    files.extend(reference_files(project));
    files
        .iter()
        .filter(|path| !path.is_dir())
        .map(|path| {
            let shown = project.relative(path);
            hash_file(&shown, path, hashes).map_err(|e| {
                Problem::io(format!("was read and cannot be read again ({e})"))
                    .in_file(shown.clone())
                    .hint(OUT_OF_REACH)
            })
        })
        .collect()
}
