//! The flights of a project in the order they were flown: ids of hotspots go from earlier flights
//! to later ones, whatever the folders are called.
//!
//! A flight is placed by `flight.start`, else by the first of its frames whose header can be read.
//! One without either gives no ids and takes none.

use super::check::time_zone;
use super::project::{FlightFolder, Project};
use crate::config::Settings;
use crate::read::frame::file::FrameFile;
use crate::survey::instants;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::{Path, PathBuf};

/// Files of a flight that are tried for a header.
const TRIED: usize = 8;

/// When each flight of a project began, by its place in the project; `None` where nobody knows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    starts: Vec<(Option<Timestamp>, String)>,
}

impl Order {
    /// Looks at every flight of the project, where there are several.
    pub(crate) fn of(project: &Project) -> Self {
        let zone = time_zone(project).unwrap_or(TimeZone::UTC);
        let several = project.flights.len() > 1;
        let start = |folder: &FlightFolder| match several {
            true => begun(folder, &zone),
            false => None,
        };
        let starts = project.flights.iter().map(|f| (start(f), f.id.clone()));
        Self {
            starts: starts.collect(),
        }
    }

    /// Flights in the order they were flown; those of unknown time last, by id.
    pub(crate) fn sorted<'f>(&self, mut flights: Vec<&'f FlightFolder>) -> Vec<&'f FlightFolder> {
        flights.sort_by_key(|f| {
            let start = self.start(&f.id);
            (start.is_none(), start, f.id.clone())
        });
        flights
    }

    /// The flights before one, the nearest in time first.
    pub(crate) fn before(&self, id: &str) -> Vec<&str> {
        let Some(own) = self.start(id) else {
            return Vec::new();
        };
        let mine = (own, id);
        let mut found: Vec<(Timestamp, &str)> = self.known().filter(|f| *f < mine).collect();
        found.sort();
        found.into_iter().rev().map(|(_, id)| id).collect()
    }

    /// Files of other results that those of a flight are made of: ids of hotspots of earlier flights,
    /// comparisons with them. Whoever keeps results for the next run must look at these, too.
    pub(crate) fn results_read(&self, results: &Path, id: &str) -> Vec<PathBuf> {
        let mut read = Vec::new();
        for former in self.before(id) {
            let compared = results.join("compare").join(format!("{former}__{id}"));
            read.push(results.join(former).join("audit.gpkg"));
            let changes = compared.join("changes.json");
            if changes.is_file() {
                read.push(results.join(former).join("mosaic.tif"));
                read.extend([changes, compared.join("change.tif")]);
            }
        }
        read.retain(|path| path.is_file());
        read
    }

    /// Whether the project has a flight that may be later than this one.
    pub(crate) fn has_later(&self, id: &str) -> bool {
        let own = self.start(id);
        self.starts.iter().any(|(start, other)| {
            let known = own.zip(*start);
            other != id && known.is_none_or(|(own, start)| (start, other.as_str()) > (own, id))
        })
    }

    fn known(&self) -> impl Iterator<Item = (Timestamp, &str)> {
        let all = self.starts.iter();
        all.filter_map(|(start, id)| Some(((*start)?, id.as_str())))
    }

    fn start(&self, id: &str) -> Option<Timestamp> {
        let found = self.starts.iter().find(|(_, other)| other == id);
        found.and_then(|(start, _)| *start)
    }
}

fn begun(folder: &FlightFolder, zone: &TimeZone) -> Option<Timestamp> {
    let settings = &folder.settings;
    let offset_s = settings.number("flight", "camera_clock_offset_s");
    let first = || {
        folder.files.iter().take(TRIED).find_map(|path| {
            let header = FrameFile::open(path).ok()?.header(0).ok()?;
            let (times, _) = instants(&[&header], zone, offset_s.unwrap_or(0.0));
            times.into_iter().next().flatten()
        })
    };
    stated_start(settings, zone).or_else(first)
}

/// `flight.start` as a moment: with its offset, or local time.
pub(crate) fn stated_start(settings: &Settings, zone: &TimeZone) -> Option<Timestamp> {
    let text = settings.text("flight", "start");
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        let zoned = zone.to_ambiguous_zoned_datetime(civil).compatible().ok()?;
        Some(zoned.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(flights: &[(&str, Option<i64>)]) -> Order {
        let start = |s: Option<i64>| s.and_then(|s| Timestamp::from_second(s).ok());
        Order {
            starts: flights
                .iter()
                .map(|(id, s)| (start(*s), (*id).to_owned()))
                .collect(),
        }
    }

    #[test]
    fn earlier_is_by_time_and_not_by_name() {
        let found = order(&[
            ("a", Some(300)),
            ("b", Some(100)),
            ("c", Some(200)),
            ("d", None),
        ]);
        assert_eq!(found.before("a"), ["c", "b"]);
        assert!(found.before("b").is_empty());
        assert!(found.before("d").is_empty());
    }

    #[test]
    fn a_flight_of_unknown_time_may_be_later_than_any() {
        assert!(!order(&[("a", Some(1))]).has_later("a"));
        assert!(order(&[("a", Some(1)), ("b", Some(2))]).has_later("a"));
        assert!(!order(&[("a", Some(1)), ("b", Some(2))]).has_later("b"));
        assert!(order(&[("a", Some(1)), ("b", None)]).has_later("a"));
    }
}
