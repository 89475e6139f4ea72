//! `findings.csv` of each visit: a row for each thermal picture that has none, filled with what the
//! pictures tell, so that people only complete it. What they wrote is never touched.

use crate::attach::visit::Neighbours;
use crate::pipeline::cache::FileHashes;
use crate::pipeline::check::time_zone;
use crate::pipeline::inputs::{Inputs, Need, mapping};
use crate::pipeline::links;
use crate::pipeline::project::{Project, VisitFolder};
use crate::pipeline::run::RunOptions;
use crate::problem::{Problem, Result};
use crate::read::findings::{self, Cells, markers_text};
use crate::read::frame::file::FrameFile;
use crate::read::frame::photo;
use crate::survey::{FrameHeader, MeasurementTool, Participation, instants};
use crate::write::atomic;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A photo belongs to the thermogram taken within this many seconds.
const PAIRED_S: i64 = 30;
/// Largest photo whose time is looked at, bytes.
const LARGEST_PHOTO: u64 = 64 << 20;
/// Endings of ordinary photos.
const PHOTOS: [&str; 2] = ["jpg", "jpeg"];

/// An ordinary photo: its name and its clock.
type Photo = (String, DateTime);

/// A thermal picture.
struct Thermal {
    name: String,
    header: FrameHeader,
    local: Option<DateTime>,
    tools: Vec<MeasurementTool>,
}

/// What was done for a visit, in one line, and what has to be done by hand.
#[derive(Default)]
pub(super) struct Written {
    pub(super) lines: Vec<String>,
    pub(super) remarks: Vec<Problem>,
}

/// Writes or completes the table of every visit of a project.
///
/// # Errors
/// A table that cannot be written.
pub(super) fn write(project: &Project) -> Result<Written> {
    let mut written = Written::default();
    if project.visits.is_empty() {
        return Ok(written);
    }
    let zone = time_zone(project).unwrap_or(TimeZone::UTC);
    let (inputs, _) = Inputs::survey(project, Need::Sheets, &FileHashes::default());
    let inputs = inputs.map(|mut inputs| {
        links::tie(project, &mut inputs, &RunOptions::default(), Need::Sheets);
        inputs
    });
    for visit in &project.visits {
        one(project, visit, inputs.as_ref(), &zone, &mut written)?;
    }
    Ok(written)
}

fn one(
    project: &Project,
    visit: &VisitFolder,
    inputs: Option<&Inputs>,
    zone: &TimeZone,
    written: &mut Written,
) -> Result<()> {
    let known = match &visit.findings {
        Some(path) => {
            let mapping = mapping(&project.settings, "findings");
            match findings::read(path, &project.relative(path), &mapping) {
                Ok(found) => named(&found.rows),
                Err(mut problems) => {
                    written.remarks.append(&mut problems);
                    return Ok(());
                }
            }
        }
        None => BTreeSet::new(),
    };
    let (thermal, photos) = pictures(visit, zone);
    let paired = pair(&thermal, &photos);
    let rows: Vec<Cells> = thermal
        .iter()
        .filter(|t| !known.contains(&t.name))
        .map(|t| cells(t, paired.get(t.name.as_str()), inputs))
        .collect();
    let shown = format!("inspections/{}", visit.id);
    let suggested = rows.iter().filter(|r| r.contains_key("company_id")).count();
    if rows.is_empty() {
        written.lines.push(match thermal.len() {
            0 => format!("{shown}: no thermal picture"),
            n => format!("{shown}: all {n} thermal pictures have their row"),
        });
        return Ok(());
    }
    let path = visit
        .findings
        .clone()
        .unwrap_or_else(|| visit.path.join("findings.csv"));
    let bytes = match &visit.findings {
        None => Some(findings::table(&rows, sign(project))),
        Some(path) => {
            let old = std::fs::read(path).map_err(|e| Problem::from(e).in_file(shown.clone()))?;
            let mapping = mapping(&project.settings, "findings");
            findings::with_rows(&project.relative(path), &old, &mapping, &rows)
        }
    };
    let Some(bytes) = bytes else {
        let names: Vec<&str> = rows
            .iter()
            .filter_map(|r| r.get("image"))
            .map(String::as_str)
            .collect();
        written.remarks.push(
            Problem::setting(format!("has no row for {}", names.join(", ")))
                .in_file(project.relative(&path))
                .hint("add the rows by hand: only text tables are completed"),
        );
        return Ok(());
    };
    atomic::write_file(&path, &bytes)?;
    written.lines.push(format!(
        "{}: {} rows added, {suggested} with a suggested company; complete kind, component, \
         observation, recommendation",
        project.relative(&path),
        rows.len()
    ));
    Ok(())
}

/// Pictures that rows speak of already.
fn named(rows: &[crate::survey::Finding]) -> BTreeSet<String> {
    let names = rows
        .iter()
        .flat_map(|r| [&r.image, &r.before_image, &r.reference, &r.visible_image]);
    names.filter(|n| !n.is_empty()).cloned().collect()
}

/// The columns are separated as spreadsheets of the language expect it.
fn sign(project: &Project) -> u8 {
    match project.settings.text("project", "language") {
        "en" => b',',
        _ => b';',
    }
}

/// Thermal pictures of a visit, and its ordinary photos with their time.
fn pictures(visit: &VisitFolder, zone: &TimeZone) -> (Vec<Thermal>, Vec<Photo>) {
    let looked: Vec<(Option<Thermal>, Option<Photo>)> = visit
        .files
        .par_iter()
        .map(|path| match thermal(path, zone) {
            Some(found) => (Some(found), None),
            None => (None, photo_time(path)),
        })
        .collect();
    let (thermal, photos): (Vec<_>, Vec<_>) = looked.into_iter().unzip();
    (
        thermal.into_iter().flatten().collect(),
        photos.into_iter().flatten().collect(),
    )
}

fn thermal(path: &Path, zone: &TimeZone) -> Option<Thermal> {
    let file = FrameFile::open(path).ok()?;
    let header = file.header(0).ok()?;
    let (times, _) = instants(&[&header], zone, 0.0);
    let time = times.into_iter().next().flatten();
    Some(Thermal {
        name: name_of(path),
        local: time.map(|t| t.to_zoned_datetime(zone.clone()).datetime()),
        tools: file.extras(0).map(|e| e.tools).unwrap_or_default(),
        header,
    })
}

fn photo_time(path: &Path) -> Option<Photo> {
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    let small = std::fs::metadata(path).is_ok_and(|m| m.len() <= LARGEST_PHOTO);
    if !PHOTOS.contains(&ending.as_str()) || !small {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    Some((name_of(path), photo(&bytes).local?))
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The photo of each thermogram: the nearest in time within half a minute, each photo once.
fn pair<'p>(thermal: &[Thermal], photos: &'p [Photo]) -> BTreeMap<String, &'p str> {
    let mut pairs: Vec<(i64, &str, &str)> = Vec::new();
    for t in thermal {
        for (photo, time) in photos {
            let Some(local) = t.local else {
                continue;
            };
            let apart = local.duration_since(*time).as_secs().abs();
            if apart <= PAIRED_S {
                pairs.push((apart, &t.name, photo));
            }
        }
    }
    pairs.sort_unstable();
    let mut paired: BTreeMap<String, &str> = BTreeMap::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (_, name, photo) in pairs {
        if !paired.contains_key(name) && used.insert(photo) {
            paired.insert(name.to_owned(), photo);
        }
    }
    paired
}

fn cells(thermal: &Thermal, photo: Option<&&str>, inputs: Option<&Inputs>) -> Cells {
    let mut cells = Cells::new();
    let mut put = |name: &'static str, value: String| {
        if !value.is_empty() {
            cells.insert(name, value);
        }
    };
    put("image", thermal.name.clone());
    if let Some(local) = thermal.local {
        let second = local.with().subsec_nanosecond(0).build().unwrap_or(local);
        put("time", second.to_string());
    }
    let camera = &thermal.header.camera;
    put(
        "camera",
        format!("{} {}", camera.make, camera.model)
            .trim()
            .to_owned(),
    );
    put("markers", markers_text(&thermal.tools));
    put(
        "visible_image",
        photo.map(|p| (*p).to_owned()).unwrap_or_default(),
    );
    if let Some(fix) = thermal.header.fix {
        put("lon_deg", format!("{:.6}", fix.lon_deg));
        put("lat_deg", format!("{:.6}", fix.lat_deg));
        let company = inputs.and_then(|inputs| {
            let (x, y) = inputs.crs.from_lonlat(fix.lon_deg, fix.lat_deg).ok()?;
            let all = Neighbours::new(&inputs.outlines, &inputs.links);
            let id = all.company_at([x, y])?;
            let company = inputs.companies.iter().find(|c| c.company_id == id)?;
            (company.participates == Participation::Yes).then(|| id.to_owned())
        });
        put("company_id", company.unwrap_or_default());
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::Encoding;
    use jiff::civil::date;

    #[test]
    fn each_photo_goes_to_the_nearest_thermogram_and_to_one() {
        let at = |s: i8| date(2026, 3, 19).at(10, 31, s, 0);
        let thermal = |name: &str, s: i8| Thermal {
            name: name.into(),
            header: FrameHeader::bare(1, 1, Encoding::Relative),
            local: Some(at(s)),
            tools: Vec::new(),
        };
        let all = [thermal("a", 0), thermal("b", 20), thermal("c", 59)];
        let photos = [("p".to_owned(), at(4)), ("q".to_owned(), at(18))];
        let found = pair(&all, &photos);
        assert_eq!(found.get("a"), Some(&"p"));
        assert_eq!(found.get("b"), Some(&"q"));
        assert_eq!(found.get("c"), None);
    }
}
