//! A project of inspections alone, for benches; and the settings of a visit, as text.

use std::path::Path;

use super::camera::Handheld;
use super::day::Day;
use super::shot::Model;
use super::{Extent, Ground};
use crate::problem::{Problem, Result};
use crate::simulate::companies::Firms;
use crate::simulate::park::Park;
use crate::simulate::site::Site;
use crate::simulate::{Options, Scale, make_folder, outlines, project};
use crate::write::atomic::write_file;

/// Inspections without a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitOptions {
    /// Everything drawn follows from it.
    pub seed: u64,
    /// Size of the park whose companies are visited.
    pub scale: Scale,
    /// Number of visits, a year apart, 1–5.
    pub visits: u32,
    /// Thermograms of the first visit; every later one has one more.
    pub pictures: usize,
    /// Companies visited, as far as the park has that many that take part.
    pub companies: usize,
}

impl Default for VisitOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            scale: Scale::Small,
            visits: 1,
            pictures: 200,
            companies: 12,
        }
    }
}

/// Writes a project of inspections alone: outlines, companies, settings, visits and their truth,
/// no flight. Same options, same bytes.
///
/// # Errors
/// A folder that holds a project already, no visit or more than 5, or a refusal of the operating
/// system.
pub fn write_visits(
    dir: &Path,
    options: &VisitOptions,
    progress: &dyn Fn(&str, usize, usize),
) -> Result<()> {
    if !(1..=5).contains(&options.visits) {
        let what = format!("is {}, expected 1 to 5", options.visits);
        return Err(Problem::setting(what).field("--visits"));
    }
    if dir.join("audit.toml").exists() {
        return Err(Problem::setting("holds a project already")
            .in_file(dir.display().to_string())
            .hint("choose an empty or new folder"));
    }
    make_folder(&dir.join("truth"))?;
    let of_park = Options {
        seed: options.seed,
        scale: options.scale,
        ..Options::default()
    };
    let park = Park::generate(&of_park);
    let firms = Firms::settle(&park);
    let site = Site::new()?;
    let surveyed = format!("{}T00:00:00Z", Day::of(options.seed, 1).date);
    outlines::write_gpkg(&dir.join("buildings.gpkg"), &park, &site, &surveyed)?;
    write_file(&dir.join("companies.csv"), firms.table(&park).as_bytes())?;
    write_file(&dir.join("links.csv"), firms.links(&park).as_bytes())?;
    let ground = Ground {
        park: &park,
        firms: &firms,
        site: &site,
    };
    let extent = Extent {
        seed: options.seed,
        visits: options.visits,
        pictures: options.pictures,
        companies: options.companies,
    };
    super::write(dir, &ground, &extent, progress)?;
    let settings = project::audit_toml(&of_park);
    write_file(&dir.join("audit.toml"), settings.as_bytes())
}

/// `visit.toml`. Radiometry is left to the rows: every picture has its own.
pub(super) fn visit_toml(day: &Day, seed: u64, indoor_c: f64) -> String {
    let cameras: String = [Model::Large, Model::Small]
        .map(|model| camera_table(&model.camera(), seed, day))
        .concat();
    format!(
        "# A synthetic inspection: invented companies, persons and temperatures.\n\
         # What is true of it stands in truth/visits.json.\n\n\
         [visit]\n\
         date = \"{date}\"\n\
         start = \"06:00\"\n\
         end = \"13:30\"\n\
         client = \"Bedrijvenvereniging De Proefakker\"\n\
         present = \"J. Proef, technische dienst\"\n\
         purpose = \"Warmteverlies, luchtdichtheid, elektrische en mechanische installaties\"\n\
         standard = \"EN 13187\"\n\
         extent = \"simplified\"\n\
         indoor_c = {indoor_c:.1}\n\
         outdoor_c = {outdoor:.1}\n\
         humidity_pct = 50\n\
         wind_m_s = {wind:.1}\n\
         sun_12h = \"geen zon voor de buitenopnamen; onbewolkt vanaf 9 uur\"\n\
         rain = \"geen neerslag in de laatste 24 uur\"\n\
         pressure_pa = 0\n\
         examined = [\"gevels en poorten buiten\", \"hal en kantoor binnen\", \"hoofdverdeelbord\", \
         \"stookplaats\", \"zonnepanelen\"]\n\
         not_examined = [\"railkast achter het hoofdverdeelbord (niet toegankelijk)\", \
         \"koelcel (in bedrijf)\"]\n\n\
         {cameras}\
         [release]\n\
         name = \"An Voorbeeld\"\n\
         function = \"thermograaf\"\n\
         scheme = \"ISO 18436-7\"\n\
         level = \"2\"\n\
         number = \"SIM-2025-0042\"\n\
         sector = \"gebouwen, elektrische installaties, machines\"\n\
         expires = \"{expires}-06-30\"\n\
         date = \"{released}\"\n",
        date = day.date,
        outdoor = day.dawn_c,
        wind = day.wind_m_s,
        expires = day.date.year() + 3,
        released = day.date.saturating_add(jiff::Span::new().days(5)),
    )
}

fn camera_table(camera: &Handheld, seed: u64, day: &Day) -> String {
    let [low, high] = [-20, 350];
    format!(
        "[[camera]]\n\
         make = \"{}\"\n\
         model = \"{}\"\n\
         serial = \"SIM{}{:05}\"\n\
         netd_k = {:.2}\n\
         calibrated_on = \"{}-10-02\"\n\
         lens = \"{}\"\n\
         range_c = [{low}, {high}]\n\n",
        crate::simulate::lens::MAKE,
        camera.model,
        camera.size[0],
        seed % 100_000,
        camera.netd_k,
        day.date.year() - 1,
        camera.lens,
    )
}
