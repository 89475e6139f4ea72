//! All flights of a project: where each building is going.

use super::read::Flown;
use crate::compare::trend::{Series, Told, trend};
use crate::pipeline::project::Project;
use crate::problem::Result;
use std::path::Path;

/// U of every building of the first flight through all flights.
pub(super) struct Trend {
    pub(super) flights: Vec<String>,
    /// When each was flown, in years.
    pub(super) years: Vec<f64>,
    pub(super) oidns: Vec<String>,
    pub(super) series: Vec<Series>,
}

/// The trend over all flights that have results and can be compared; `None` with fewer than three.
pub(super) fn of_project(project: &Project, results: &Path) -> Result<Option<Trend>> {
    let mut flown = Vec::new();
    for folder in &project.flights {
        let done = results.join(&folder.id);
        if done.join("run.json").is_file() && done.join("audit.gpkg").is_file() {
            let flight = Flown::read(results, &folder.id)?;
            if let Some(years) = flight.years().filter(|_| flight.spoilt().is_none()) {
                flown.push((years, flight));
            }
        }
    }
    flown.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
    if flown.len() < 3 {
        return Ok(None);
    }
    let oidns: Vec<String> = flown[0]
        .1
        .buildings
        .iter()
        .map(|b| b.oidn.clone())
        .collect();
    let told: Vec<Vec<Option<Told>>> = flown
        .iter()
        .map(|(_, flight)| {
            let of = |oidn: &String| {
                let building = flight.buildings.iter().find(|b| b.oidn == *oidn)?;
                let sound = !building.told_u && building.grade != Some('D');
                let u = building.u.filter(|_| sound)?;
                // At no flux the linear uncertainty is 0 and means nothing; the upper end does.
                let upward = (u.high - u.value) / 1.96;
                let own = building.u_unshared.filter(|own| *own > 0.0);
                Some(Told {
                    value: u.value,
                    sigma: own.unwrap_or(upward),
                })
            };
            oidns.iter().map(of).collect()
        })
        .collect();
    let years: Vec<f64> = flown.iter().map(|f| f.0).collect();
    Ok(Some(Trend {
        flights: flown.into_iter().map(|f| f.1.id).collect(),
        oidns,
        series: trend(&years, &told),
        years,
    }))
}
