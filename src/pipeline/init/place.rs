//! Where a project lies: its system from the outlines, else from the frames' own positions.

use super::look::Looked;
use crate::pipeline::project::sorted_entries;
use crate::read::frame::file::FrameFile;
use crate::read::home_of_lonlat;
use std::path::Path;

/// Files of a folder that are asked for their position before the folder is given up.
const ASKED: usize = 20;

/// EPSG code of the project, and why.
pub(super) fn crs(looked: &Looked) -> (u32, String) {
    if let Some((epsg, file)) = &looked.crs {
        return (*epsg, format!("that of {file}"));
    }
    let flights = looked.flights.iter().chain(&looked.loose);
    for (folder, _) in flights {
        if let Some(epsg) = position(folder).and_then(home_of_lonlat) {
            return (epsg, "where the frames lie by their GPS".to_owned());
        }
    }
    let why = "nothing here tells; Belgian Lambert 72 is assumed";
    (31370, why.to_owned())
}

/// Longitude and latitude of the first frame of a folder that has them.
fn position(folder: &Path) -> Option<[f64; 2]> {
    let entries = sorted_entries(folder);
    let files = entries.iter().filter(|p| p.is_file()).take(ASKED);
    let found = files.filter_map(|path| {
        let header = FrameFile::open(path).ok()?.header(0).ok()?;
        let fix = header.fix?;
        Some([fix.lon_deg, fix.lat_deg])
    });
    let below = entries.iter().filter(|p| p.is_dir());
    found.chain(below.filter_map(|p| position(p))).next()
}

/// A name a flight's folder may have, from the name a folder has.
pub(super) fn flight_id(name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or_default();
    let plain: String = last
        .chars()
        .map(|c| match c.is_ascii_alphanumeric() || c == '_' {
            true => c,
            false => '-',
        })
        .collect();
    match plain.trim_matches('-') {
        "" => "2026-01-15".to_owned(),
        id => id.to_owned(),
    }
}
