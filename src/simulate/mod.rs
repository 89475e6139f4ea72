//! A synthetic business park whose truth is known: for tests, samples and benches.
//!
//! In: a seed and a size. Out: a whole project folder (settings, outlines, companies, weather,
//! surface models, flights, inspections on site) and, in `truth/`, what is true of it: surface
//! temperatures, faults, poses, camera drift.
//!
//! The park is drawn once (`park`); a night gives every surface a temperature from a forward
//! heat balance (`physics`); rays through each pixel meet the park and bring radiance through
//! the air (`render`); a camera with noise, drift and a lens turns it into counts, and a
//! container of its own takes them (`fff`). None of these formulas is shared with the stages
//! they test: an error in one place must show.
//!
//! Inspections (`visit`) have scenes and cameras of their own.
//!
//! Frames are rendered and written in small batches, so memory does not grow with their number.

mod body;
mod building;
mod cells;
mod companies;
mod feature;
mod fff;
mod flight;
mod frame_file;
mod layout;
mod lens;
mod light;
mod names;
mod night;
mod options;
mod outlines;
mod park;
mod physics;
mod png;
mod pose;
mod project;
mod random;
mod rasters;
mod render;
mod roles;
mod scene;
mod shape;
mod site;
mod strips;
mod tags;
mod terrain;
#[cfg(test)]
mod tests;
mod truth;
mod visit;

pub use options::{Gnss, Nights, Options, Scale, Sensor, Stock};
pub use visit::{VisitOptions, write_visits};

use std::path::Path;

use rayon::prelude::*;

use crate::problem::{Problem, Result};
use crate::write::atomic::write_file;
use companies::Firms;
use flight::{Exposure, Flight};
use night::{Night, Weather};
use park::{Park, stream};
use random::Rng;
use render::Renderer;
use scene::Scene;
use site::Site;
use truth::Flown;

/// Frames rendered at a time: enough for every core, few enough for memory.
const BATCH: usize = 16;

/// Writes a park as a project folder; same options, same bytes.
///
/// `progress` is told a stage's word, how much of it is done and how much there is.
///
/// # Errors
/// A folder that holds a project already, 0 or more than 20 flights, more than 5 visits, or a
/// refusal of the operating system.
pub fn write_park(
    dir: &Path,
    options: &Options,
    progress: &dyn Fn(&str, usize, usize),
) -> Result<()> {
    check(dir, options)?;
    let site = Site::new()?;
    let park = Park::generate(options);
    let firms = Firms::settle(&park);
    progress("park", 1, 1);
    let flown = fly(&park, options, &site)?;
    write_tables(dir, &park, &firms, &site, &flown)?;
    let scenes: Vec<Scene> = flown
        .iter()
        .map(|(night, flown)| Scene::new(&park, night.flight, weather_of(night, flown)))
        .collect();
    if let Some(first) = scenes.first() {
        rasters::heights(dir, first)?;
    }
    progress("surface models", 1, 1);
    for ((night, flown), scene) in flown.iter().zip(&scenes) {
        let folder = dir.join("flights").join(night.id());
        make_folder(&folder)?;
        match flown {
            Flown::Drone(flight) => write_frames(&folder, flight, scene, options, progress)?,
            Flown::Aircraft(tiles) => {
                let told = |done: usize, all: usize| progress("tiles", done, all);
                strips::write(&folder, scene, tiles, &told)?;
            }
        }
        let agl_m = match flown {
            Flown::Drone(flight) => flight.agl_m,
            Flown::Aircraft(_) => strips::AGL_M,
        };
        let settings = project::flight_toml(options, night, agl_m);
        write_file(&folder.join("flight.toml"), settings.as_bytes())?;
    }
    write_truth(dir, &park, &firms, options, &flown, &scenes)?;
    progress("truth", 1, 1);
    if options.visits > 0 {
        inspect(dir, &park, &firms, options, &site, progress)?;
    }
    // Last, so that a park cut short is no project.
    write_file(
        &dir.join("audit.toml"),
        project::audit_toml(options).as_bytes(),
    )
}

fn check(dir: &Path, options: &Options) -> Result<()> {
    if !(1..=20).contains(&options.flights) {
        return Err(
            Problem::setting(format!("is {}, expected 1 to 20", options.flights))
                .field("--flights"),
        );
    }
    if options.visits > 5 {
        let what = format!("is {}, expected 0 to 5", options.visits);
        return Err(Problem::setting(what).field("--visits"));
    }
    if dir.join("audit.toml").exists() {
        return Err(Problem::setting("holds a project already")
            .in_file(dir.display().to_string())
            .hint("choose an empty or new folder"));
    }
    make_folder(&dir.join("truth"))
}

fn inspect(
    dir: &Path,
    park: &Park,
    firms: &Firms,
    options: &Options,
    site: &Site,
    progress: &dyn Fn(&str, usize, usize),
) -> Result<()> {
    let (pictures, companies) = options.inspected();
    let extent = visit::Extent {
        seed: options.seed,
        visits: options.visits,
        pictures,
        companies,
    };
    visit::write(dir, &visit::Ground { park, firms, site }, &extent, progress)
}

fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Problem::io(error.to_string()).in_file(folder.display().to_string()))
}

/// Plans every flight: poses, drift or strips.
fn fly(park: &Park, options: &Options, site: &Site) -> Result<Vec<(Night, Flown)>> {
    (1..=options.flights)
        .map(|flight| {
            let night = Night::of(options, flight);
            let flown = match options.sensor {
                Sensor::Drone => Flown::Drone(Box::new(Flight::fly(
                    park,
                    night.clone(),
                    options.gnss,
                    site,
                )?)),
                Sensor::Aircraft => Flown::Aircraft(strips::plan(park, &night)),
            };
            Ok((night, flown))
        })
        .collect()
}

impl Flown {
    /// Seconds from the first to the last exposure.
    fn duration_s(&self) -> f64 {
        match self {
            Self::Drone(flight) => flight.duration_s(),
            Self::Aircraft(tiles) => tiles.last().map_or(0.0, |tile| tile.time_s),
        }
    }
}

/// The weather of a flight: that of its middle. Surfaces are solved once a flight.
fn weather_of(night: &Night, flown: &Flown) -> Weather {
    night.weather(flown.duration_s() / 2.0)
}

fn write_tables(
    dir: &Path,
    park: &Park,
    firms: &Firms,
    site: &Site,
    flown: &[(Night, Flown)],
) -> Result<()> {
    let nights: Vec<(&Night, f64)> = flown.iter().map(|(n, f)| (n, f.duration_s())).collect();
    let first = Night::new(park.seed, 1).start.to_string();
    outlines::write_gpkg(&dir.join("buildings.gpkg"), park, site, &first)?;
    for (name, text) in [
        ("weather.csv", project::weather_csv(&nights)),
        ("companies.csv", firms.table(park)),
        ("links.csv", firms.links(park)),
    ] {
        write_file(&dir.join(name), text.as_bytes())?;
    }
    Ok(())
}

fn write_frames(
    folder: &Path,
    flight: &Flight,
    scene: &Scene,
    options: &Options,
    progress: &dyn Fn(&str, usize, usize),
) -> Result<()> {
    let renderer = Renderer::new(&flight.camera, &scene.weather, flight.agl_m * 1.4 + 60.0);
    let sensor = lens::Sensor::new(&flight.camera, options.seed, flight.night.flight);
    let serial = format!("SIM{:08}", options.seed % 100_000_000);
    let one = |exposure: &Exposure, number: usize| -> Result<Vec<u8>> {
        let mut rng = Rng::new(
            options.seed,
            &[stream::FRAME, u64::from(flight.night.flight), number as u64],
        );
        let apparent = renderer.frame(scene, exposure.centre, &exposure.rotation);
        let offset_k = exposure.drift_k + flight.night.hidden.camera_k;
        let counts = sensor.expose(&apparent, offset_k, &mut rng);
        frame_file::encode(flight, exposure, options.gnss, &serial, &counts)
    };
    for (batch, exposures) in flight.exposures.chunks(BATCH).enumerate() {
        let files: Vec<Result<Vec<u8>>> = exposures
            .par_iter()
            .enumerate()
            .map(|(i, exposure)| one(exposure, batch * BATCH + i))
            .collect();
        for (exposure, file) in exposures.iter().zip(files) {
            write_file(&folder.join(&exposure.name), &file?)?;
        }
        progress(
            "frames",
            batch * BATCH + exposures.len(),
            flight.exposures.len(),
        );
    }
    Ok(())
}

fn write_truth(
    dir: &Path,
    park: &Park,
    firms: &Firms,
    options: &Options,
    flown: &[(Night, Flown)],
    scenes: &[Scene],
) -> Result<()> {
    let folder = dir.join("truth");
    let flights = flown
        .iter()
        .zip(scenes)
        .map(|((night, flown), scene)| truth::flight_truth(night, scene, flown))
        .collect();
    let record = truth::park_truth(options, park, firms, scenes, flights);
    write_file(&folder.join("truth.json"), format!("{record}\n").as_bytes())?;
    write_file(
        &folder.join("buildings.geojson"),
        outlines::geojson(park).as_bytes(),
    )?;
    if matches!(options.scale, Scale::Tiny | Scale::Small) {
        for ((night, _), scene) in flown.iter().zip(scenes) {
            rasters::truth(
                &folder.join(format!("surface_{}.tif", night.id())),
                scene,
                0.25,
            )?;
        }
    }
    Ok(())
}
