//! The comparison with an earlier flight, as far as it belongs on a company's sheet.
//!
//! `thermaudit compare A B` leaves `results/compare/A__B/`; the sheets of flight B take it from
//! there when it is of the results that both flights have now, else they go without. Of several
//! the nearest earlier flight counts.

use super::Flight;
use super::own_emissivity::{self, Map as OwnMap};
use crate::compare::Verdict;
use crate::pipeline::cache::Digest;
use crate::pipeline::compare::{current, folder as folder_of};
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, GeoTransform};
use crate::read::geotiff::GeoTiff;
use crate::report::{self, Building, Compared, Part};
use crate::segment;
use crate::survey::Company;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a comparison found, by building and by company of this flight.
pub(super) struct Earlier {
    /// Of all it is read from.
    pub(super) digest: Digest,
    flight_id: String,
    date: Option<Date>,
    before: GeoTiff,
    change: GeoTiff,
    /// East and north, metres: the earlier map lies so far beside this one.
    shift_m: [f64; 2],
    /// Emissivity of the earlier map, and what it mirrors.
    surroundings: Option<(f64, f64)>,
    buildings: BTreeMap<String, Compared>,
    /// Building and verdict of every hotspot.
    hotspots: Vec<(String, String)>,
    /// Roofs each company held in both flights.
    held: BTreeMap<String, BTreeSet<String>>,
}

impl Flight<'_> {
    /// The comparison with the nearest earlier flight, if there is one of these results.
    pub(super) fn earlier(&mut self) -> Option<Earlier> {
        let job = self.job;
        let results = self.out.parent()?;
        let id = &job.folder.id;
        for former in job.order.before(id) {
            let folder = folder_of(results, former, id);
            let path = folder.join("changes.json");
            if !path.is_file() {
                continue;
            }
            let digest = job.cache.digest_of_paths(&made_from(results, former, id));
            match Earlier::read(results, &folder, [former, id], (&self.zone, digest)) {
                Ok(Some(found)) => return Some(found),
                Ok(None) => {
                    let what = "is of other results than those of now: the sheets go without it";
                    let problem = Problem::setting(what)
                        .in_file(job.project.relative(&path))
                        .hint(format!(
                            "thermaudit compare PROJECT {former} {id}, then run again"
                        ));
                    self.warn(Stage::Report, &problem);
                }
                Err(problem) => self.warn(Stage::Report, &problem),
            }
        }
        None
    }

    /// A company's part of it. `around` is the map window of its sheet.
    pub(super) fn comparison(
        &self,
        earlier: &Earlier,
        company: &Company,
        buildings: &[Building],
        around: &Bounds,
    ) -> Result<Option<report::Comparison>> {
        let none = BTreeSet::new();
        let held = earlier.held.get(&company.company_id).unwrap_or(&none);
        let compared: Vec<Compared> = buildings
            .iter()
            .map(|b| earlier.of_building(b, held.contains(&b.outline.oidn)))
            .collect();
        if !compared.iter().any(|c| c.held) {
            return Ok(None);
        }
        let mut before = earlier.window(&earlier.before, around)?;
        if let (Some(grid), Some(surroundings)) = (&mut before, earlier.surroundings) {
            let map = OwnMap {
                surroundings,
                options: self.job.folder.settings.segment_options(),
            };
            own_emissivity::apply(grid, &map, buildings);
        }
        // Nothing of a roof that was somebody else's then, not even where it is covered up.
        let mut change = earlier.window(&earlier.change, around)?;
        for grid in before.iter_mut().chain(change.iter_mut()) {
            keep_only(grid, buildings, &compared);
        }
        let whole = |oidn: &str| {
            let mut own = buildings.iter().zip(&compared);
            own.any(|(b, c)| c.held && b.part == Part::Whole && b.outline.oidn == oidn)
        };
        let count = |word: &str| {
            let all = earlier.hotspots.iter();
            all.filter(|(oidn, verdict)| verdict == word && whole(oidn))
                .count()
        };
        let hotspots = ["new", "gone", "persisting"].map(count);
        Ok(Some(report::Comparison {
            flight_id: earlier.flight_id.clone(),
            date: earlier.date,
            before,
            change,
            buildings: compared,
            hotspots,
        }))
    }
}

/// The files of a comparison with an earlier flight.
fn made_from(results: &Path, former: &str, id: &str) -> Vec<PathBuf> {
    let folder = folder_of(results, former, id);
    vec![
        folder.join("changes.json"),
        folder.join("change.tif"),
        results.join(former).join("mosaic.tif"),
    ]
}

/// Blanks all cells that touch no roof held in both flights.
fn keep_only(grid: &mut GeoGrid<f32>, buildings: &[Building], compared: &[Compared]) {
    let (width, height) = (grid.grid.width(), grid.grid.height());
    let mut kept = vec![false; width * height];
    for (building, _) in buildings.iter().zip(compared).filter(|(_, c)| c.held) {
        let share = segment::coverage(&building.outline.polygon, &grid.transform, width, height);
        for (kept, share) in kept.iter_mut().zip(share.data()) {
            *kept |= *share > 0.0;
        }
    }
    for (cell, kept) in grid.grid.data_mut().iter_mut().zip(kept) {
        if !kept {
            *cell = f32::NAN;
        }
    }
}

impl Earlier {
    /// `None` where it is of other results.
    fn read(
        results: &Path,
        folder: &Path,
        [former, now]: [&str; 2],
        (zone, digest): (&TimeZone, Digest),
    ) -> Result<Option<Self>> {
        let Some(root) = current(results, former, now)? else {
            return Ok(None);
        };
        let before = GeoTiff::open(&results.join(former).join("mosaic.tif"))?;
        let change = GeoTiff::open(&folder.join("change.tif"))?;
        let tag = |name: &str| {
            let found = before.tags.iter().find(|(n, _)| n == name);
            found.and_then(|(_, v)| v.parse::<f64>().ok())
        };
        let surroundings = tag("EMISSIVITY").zip(tag("REFLECTED_C"));
        let shift = &root["registration"]["shift_m"];
        let shift_m = [0, 1].map(|axis| shift[axis].as_f64().unwrap_or(0.0));
        let list = |name: &str| root[name].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let held = list("companies").into_iter().map(|row| {
            let oidns = row["held_in_both"].as_array().cloned().unwrap_or_default();
            (text(&row["company_id"]), oidns.iter().map(text).collect())
        });
        let spots = list("hotspots").into_iter();
        Ok(Some(Self {
            digest,
            flight_id: former.to_owned(),
            date: date(&root["before"]["start"], zone),
            shift_m,
            surroundings,
            buildings: list("buildings").iter().map(compared).collect(),
            hotspots: spots
                .map(|row| (text(&row["oidn"]), text(&row["verdict"])))
                .collect(),
            held: held.collect(),
            before,
            change,
        }))
    }

    fn of_building(&self, building: &Building, held: bool) -> Compared {
        let found = self.buildings.get(&building.outline.oidn).cloned();
        let mut compared = found.unwrap_or_default();
        compared.held = held;
        if building.part == Part::Zone {
            // Numbers of the whole building would tell of the other tenants' parts, and so would the
            // earlier picture of a zone that was drawn elsewhere then.
            return Compared {
                reasons: vec!["zone".to_owned()],
                ..Compared::default()
            };
        }
        compared
    }

    /// A part of one of the earlier flight's rasters, as it lies in this flight's map.
    fn window(&self, file: &GeoTiff, around: &Bounds) -> Result<Option<GeoGrid<f32>>> {
        let [dx, dy] = self.shift_m;
        let there = Bounds {
            x_min: around.x_min - dx,
            y_min: around.y_min - dy,
            x_max: around.x_max - dx,
            y_max: around.y_max - dy,
        };
        let Some(window) = file.transform.window_of(&there, file.width, file.height) else {
            return Ok(None);
        };
        let transform = file.transform.of_window(window);
        Ok(Some(GeoGrid {
            grid: file.window(window)?,
            transform: GeoTransform {
                x0: transform.x0 + dx,
                y0: transform.y0 + dy,
                ..transform
            },
        }))
    }
}

/// Local date of a moment; `None` for the epoch, which stands for no time.
fn date(moment: &Value, zone: &TimeZone) -> Option<Date> {
    let moment: Timestamp = moment.as_str()?.parse().ok()?;
    (moment.as_second() > 0).then(|| moment.to_zoned_datetime(zone.clone()).date())
}

/// A row of `buildings` of `changes.json`.
fn compared(row: &Value) -> (String, Compared) {
    let number = |value: &Value| value.as_f64().filter(|v| v.is_finite());
    let (after, change) = (number(&row["after_normalised"]), number(&row["change"]));
    let word = row["verdict"].as_str().unwrap_or_default();
    let verdict = Verdict::ALL
        .into_iter()
        .find(|v| v.word() == word && *v != Verdict::NotComparable);
    let reasons = row["reasons"].as_array().cloned().unwrap_or_default();
    let ends = &row["interval"];
    let found = Compared {
        held: false,
        is_u: row["quantity"] == "u",
        before: after.zip(change).map(|(after, change)| after - change),
        after,
        interval: number(&ends[0])
            .zip(number(&ends[1]))
            .map(|(low, high)| [low, high]),
        provable: number(&row["provable"]),
        verdict,
        reasons: reasons
            .iter()
            .filter_map(|r| r.as_str().map(str::to_owned))
            .collect(),
        iou: number(&row["iou"]).unwrap_or(0.0),
    };
    (row["oidn"].as_str().unwrap_or_default().to_owned(), found)
}
