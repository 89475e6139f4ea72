//! Inspections on site as a thermographer brings them home, with their truth.
//!
//! In: a park and its companies. Out: for every visit a folder `inspections/<date>/` of
//! radiometric JPEGs, now and then an ordinary photo, `findings.csv` and `visit.toml`; and
//! `truth/visits.json`.
//!
//! A case (`scenes`) is drawn once, with temperature, emissivity and colour at every point
//! (`canvas`), so thermogram and visible picture have the same edges. Two cameras (`camera`) see
//! it through air and window, and a container of its own takes counts, marks, colours, visible
//! picture and position (`file`, `records`). Who is visited, what is repaired and what is new
//! stands in `plan`; standpoints in `place`; dates and air in `day`.
//!
//! Random numbers are streams of their own: nothing else of a park depends on its visits.

mod camera;
mod canvas;
mod day;
mod exposure;
mod file;
mod marks;
mod place;
mod plan;
mod project;
mod props;
mod records;
mod scenes;
mod shapes;
mod shot;
mod table;
#[cfg(test)]
mod tests;
mod truth;

use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

pub use project::{VisitOptions, write_visits};

use super::companies::Firms;
use super::park::{Park, stream};
use super::random::Rng;
use super::site::Site;
use crate::problem::Result;
use crate::write::atomic::write_file;
use canvas::View;
use day::Day;
use file::Told;
use place::Standpoint;
use plan::Task;
use shot::{Row, Shot, Stand, Visible};
use truth::Taken;

/// Pictures drawn at a time: enough for every core, few enough for memory.
const BATCH: usize = 16;

/// How much is inspected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub seed: u64,
    pub visits: u32,
    /// Thermograms of the first visit.
    pub pictures: usize,
    pub companies: usize,
}

/// The park whose companies are visited.
pub(super) struct Ground<'a> {
    pub park: &'a Park,
    pub firms: &'a Firms,
    pub site: &'a Site,
}

/// Writes all visits and their truth.
///
/// # Errors
/// When the operating system refuses, or a picture cannot be encoded.
pub(super) fn write(
    dir: &Path,
    ground: &Ground<'_>,
    extent: &Extent,
    progress: &dyn Fn(&str, usize, usize),
) -> Result<()> {
    let Extent {
        seed,
        visits,
        pictures,
        companies,
    } = *extent;
    let tasks = plan::tasks(ground.park, ground.firms, companies, pictures, visits);
    let mut record = Vec::new();
    for visit in 1..=visits {
        let day = Day::of(seed, visit);
        let seen: Vec<&Task> = tasks.iter().filter(|t| t.since <= visit).collect();
        record.push(write_visit(dir, ground, seed, &day, &seen, progress)?);
    }
    let text = format!("{}\n", truth::all(seed, record));
    write_file(&dir.join("truth/visits.json"), text.as_bytes())
}

/// A picture to be taken.
struct Planned<'a> {
    task: &'a Task,
    shot: Shot,
    /// Place among the pictures of its case.
    part: usize,
    second: u32,
    point: Standpoint,
    name: String,
}

fn write_visit(
    dir: &Path,
    ground: &Ground<'_>,
    seed: u64,
    day: &Day,
    tasks: &[&Task],
    progress: &dyn Fn(&str, usize, usize),
) -> Result<Value> {
    let folder = dir.join("inspections").join(day.id());
    super::make_folder(&folder)?;
    let planned = schedule(ground, seed, day, tasks);
    let names = |task: &Task| -> Vec<String> {
        let own = planned.iter().filter(|p| p.task.number == task.number);
        let mut parts: Vec<(usize, String)> = own.map(|p| (p.part, p.name.clone())).collect();
        parts.sort_unstable();
        parts.into_iter().map(|(_, name)| name).collect()
    };
    let (mut rows, mut pictures) = (Vec::new(), Vec::new());
    for batch in planned.chunks(BATCH) {
        let taken: Vec<Result<Picture>> = batch
            .par_iter()
            .map(|p| take(ground, seed, day, p))
            .collect();
        for (plan, picture) in batch.iter().zip(taken) {
            let picture = picture?;
            write_file(&folder.join(&plan.name), &picture.bytes)?;
            if let Some((name, bytes)) = &picture.photo {
                write_file(&folder.join(name), bytes)?;
            }
            let own = names(plan.task);
            rows.extend(picture.rows.into_iter().map(|row| (row, own.clone())));
            pictures.push(picture.truth);
        }
        progress("inspection pictures", pictures.len(), planned.len());
    }
    write_file(
        &folder.join("findings.csv"),
        &table::findings(&rows, day.date)?,
    )?;
    let indoor_c = planned.first().map_or(18.0, |p| {
        let seen = day.setting(420.0, seed, p.task.firm, false);
        seen.indoor_c
    });
    let settings = project::visit_toml(day, seed, indoor_c);
    write_file(&folder.join("visit.toml"), settings.as_bytes())?;
    Ok(truth::visit(day, pictures))
}

/// All pictures of a visit in the order they are taken, with their names.
fn schedule<'a>(ground: &Ground<'_>, seed: u64, day: &Day, tasks: &[&'a Task]) -> Vec<Planned<'a>> {
    let mut all = Vec::new();
    for task in tasks {
        let alike: Vec<u64> = tasks
            .iter()
            .filter(|t| t.kind == task.kind)
            .map(|t| t.number)
            .collect();
        let turn = alike.iter().position(|n| *n == task.number).unwrap_or(0);
        let [from, to] = day::window(task.kind);
        let minute = from + (to - from) * (turn as f64 + 0.3) / alike.len() as f64;
        let firm = &ground.firms.list[task.firm];
        let mut setting = day.setting(minute, seed, task.firm, firm.language == "en");
        setting.solved = task.solved(day.visit);
        // The case stays the same from visit to visit; only the air is another.
        let mut rng = Rng::new(seed, &[stream::VISIT, 0, 2, task.number]);
        for (part, mut shot) in task.kind.shoot(&setting, &mut rng).into_iter().enumerate() {
            shot.optics = rounded(shot.optics);
            let place = [stream::VISIT, 0, 3, task.number, part as u64];
            let mut rng = Rng::new(seed, &place);
            let distance_m = shot.optics.distance_m;
            let point = place::stand(
                ground.park,
                ground.site,
                task,
                shot.stand,
                distance_m,
                &mut rng,
            );
            // The second picture of a case is taken a quarter of an hour later.
            let second = (minute * 60.0) as u32 + 870 * part as u32 + (task.number % 47) as u32;
            all.push(Planned {
                task,
                shot,
                part,
                second,
                point,
                name: String::new(),
            });
        }
    }
    all.sort_by_key(|p| (p.second, p.task.number, p.part));
    for (index, planned) in all.iter_mut().enumerate() {
        planned.name = format!("IR_{:04}.jpg", 201 + index);
    }
    all
}

/// As a thermographer sets and notes it.
fn rounded(optics: shot::Optics) -> shot::Optics {
    let to = |value: f64, unit: f64| (value / unit).round() * unit;
    shot::Optics {
        emissivity: to(optics.emissivity, 0.01),
        reflected_c: to(optics.reflected_c, 0.1),
        distance_m: to(optics.distance_m, 0.1),
        air_c: to(optics.air_c, 0.1),
        humidity: to(optics.humidity, 0.01),
        window_c: to(optics.window_c, 0.1),
        window_transmission: to(optics.window_transmission, 0.01),
    }
}

/// A picture taken.
struct Picture {
    bytes: Vec<u8>,
    photo: Option<(String, Vec<u8>)>,
    rows: Vec<Row>,
    truth: Value,
}

fn take(ground: &Ground<'_>, seed: u64, day: &Day, planned: &Planned<'_>) -> Result<Picture> {
    let Planned {
        task,
        shot,
        part,
        second,
        point,
        name,
    } = planned;
    let own = [
        stream::VISIT,
        u64::from(day.visit),
        4,
        task.number,
        *part as u64,
    ];
    let mut rng = Rng::new(seed, &own);
    let camera = shot.model.camera();
    let view = View::thermal(camera.size[0], camera.size[1], shot.upright);
    let placed = marks::place(&shot.tools, &view, camera.size);
    let points = exposure::thermal(shot);
    let counts = exposure::counts(shot, &points, &mut rng);
    let place = place::told(point, ground.site, &mut rng)?;
    let told = Told {
        serial: format!("SIM{}{:05}", camera.size[0], seed % 100_000),
        local: day.at(*second),
        place: Some(place).filter(|_| shot.position),
    };
    let bytes = file::thermogram(shot, &counts, &placed, &told, &mut rng)?;
    let photo = if shot.visible == Visible::Photo {
        // Another camera in the other hand, a few seconds later.
        let later = Told {
            local: day.at(second + 6),
            ..told.clone()
        };
        let photo_name = name.replace("IR_", "DSC_");
        Some((photo_name, file::photo(shot, &later, &mut rng)?))
    } else {
        None
    };
    let firm = &ground.firms.list[task.firm];
    let setting = day.setting(
        f64::from(*second) / 60.0,
        seed,
        task.firm,
        firm.language == "en",
    );
    let note = |(index, row): (usize, &Row)| {
        let row = completed(row.clone(), shot, planned, &setting)
            .with("company_id", firm.id.clone())
            .with("finding_id", finding_id(&firm.id, task, index));
        let row = match &photo {
            Some((photo, _)) => row.with("visible_image", photo.clone()),
            None => row,
        };
        match shot.marked_in_file {
            true => row,
            false => row.with("markers", marks::written(&placed)),
        }
    };
    let rows: Vec<Row> = shot.rows.iter().enumerate().map(note).collect();
    let taken = Taken {
        park: ground.park,
        firm: &firm.id,
        task,
        shot,
        name,
        photo: photo.as_ref().map(|(name, _)| name.as_str()),
        local: told.local,
        point,
        placed: &placed,
        points: &points,
        findings: rows
            .iter()
            .map(|r| r.text("finding_id").to_owned())
            .collect(),
    };
    let truth = truth::picture(&taken);
    Ok(Picture {
        bytes,
        photo,
        rows,
        truth,
    })
}

/// The auditor's own id: company, letter of the kind, number; a second finding of one picture has
/// a letter more.
fn finding_id(company: &str, task: &Task, index: usize) -> String {
    let (letter, number) = task.finding;
    let more = ["", "b", "c", "d"][index.min(3)];
    format!("{company}-{letter}{number:02}{more}")
}

/// The cells that follow from picture and moment.
fn completed(row: Row, shot: &Shot, planned: &Planned<'_>, setting: &shot::Setting) -> Row {
    let optics = &shot.optics;
    let kind = row.text("kind").to_owned();
    let has_outside = row.cell("outdoor_c").is_some();
    let mut row = row
        .with("image", planned.name.clone())
        .number("emissivity", optics.emissivity, 2)
        .number("reflected_c", optics.reflected_c, 1)
        .number("distance_m", optics.distance_m, 1)
        .number("air_c", optics.air_c, 1)
        .number("humidity_pct", 100.0 * optics.humidity, 0);
    if optics.window_transmission < 1.0 {
        row = row.number("window_c", optics.window_c, 1).number(
            "window_transmission",
            optics.window_transmission,
            2,
        );
    }
    if kind == "building" {
        row = row.number("indoor_c", setting.indoor_c, 1);
        let inside = shot.stand == Stand::Inside;
        row = row.with("side", if inside { "inside" } else { "outside" });
        if !has_outside {
            row = row.number("outdoor_c", setting.outdoor_c, 1);
        }
    }
    if shot.stand == Stand::Inside {
        if kind == "building" {
            let faces = place::compass(planned.point.direction_deg, setting.english);
            row = row.with("orientation", faces);
        }
    } else {
        row = row.number("wind_m_s", setting.wind_m_s, 1);
        if kind == "building" && shot.stand == Stand::Outside {
            let faces = place::compass(planned.point.direction_deg + 180.0, setting.english);
            row = row.with("orientation", faces);
        }
    }
    row
}
