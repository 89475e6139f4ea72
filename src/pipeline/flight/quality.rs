//! `quality.json`: how well a flight's map is placed and levelled, and what to fly next time
//! (georeferencing.md §12).

use super::Flight;
use crate::pipeline::catalogue::Catalogue;
use crate::problem::Problem;
use crate::write::atomic;
use serde_json::{Value, json};

/// Positions worse than this leave a hotspot near a border to either neighbour, metres.
const PLACED_M: f64 = 0.5;
/// Overlaps that still disagree by more leave steps in the map, kelvin.
const LEVELLED_K: f64 = 0.4;
/// Shares of the frames that must have a place, and tie points.
const LEAST_PLACED: f64 = 0.6;
const LEAST_ADJUSTED: f64 = 0.9;

impl Flight<'_> {
    /// Writes the report from what the stages noted.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write_quality(&self, catalogue: &Catalogue) -> Result<(), Problem> {
        let noted = |name: &str| self.record.noted(name).cloned().unwrap_or(Value::Null);
        let (orientation, adjustment) = (noted("orientation"), noted("adjustment"));
        let (outlines, levelling) = (noted("outline_control"), noted("levelling"));
        let frames = catalogue.frames.len();
        let placed = orientation["placed"].as_u64().unwrap_or(0) as usize;
        let mut findings = Vec::new();
        if frames > 0 {
            let sigma_m = noted("positions")["sigma_xy_m"]
                .as_f64()
                .unwrap_or(f64::INFINITY);
            findings.extend(placing(frames, placed, sigma_m, &adjustment, &outlines));
        }
        if !catalogue.tiles.is_empty() {
            findings.extend(tile_shift(&outlines));
        }
        let left_k = levelling["disagreement_after_k"].as_f64();
        if let Some(left_k) = left_k.filter(|k| *k > LEVELLED_K) {
            findings.push((
                Grade::Amber,
                format!("overlapping frames still disagree by {left_k:.2} K"),
                "fly a cross strip, and let the camera warm up for a quarter of an hour",
            ));
        }
        findings.sort_by_key(|f| std::cmp::Reverse(f.0));
        let grade = findings.first().map_or(Grade::Green, |f| f.0);
        let report = json!({
            "schema": "thermaudit-quality-1",
            "flight": self.job.folder.id,
            "verdict": grade.word(),
            "why": findings.iter().map(|f| f.1.as_str()).collect::<Vec<_>>(),
            "next_time": findings.iter().map(|f| f.2).collect::<Vec<_>>(),
            "counts": {
                "files": self.job.folder.files.len(),
                "frames": frames,
                "tiles": catalogue.tiles.len(),
                "not_readable": catalogue.skips.len(),
                "refused": catalogue.skips.iter().map(|p| json!({ "file": p.file, "what": p.what })).collect::<Vec<_>>(),
                "placed": orientation["placed"],
                "oblique": orientation["oblique"],
                "unplaced": orientation["unplaced"],
                "adjusted": adjustment["adjusted_frames"],
            },
            "geometry": {
                "positions": noted("positions"),
                "orientation": orientation,
                "adjustment": adjustment,
                "outline_control": outlines,
            },
            "radiometry": levelling,
        });
        std::fs::create_dir_all(self.out)?;
        let text = format!("{report:#}\n");
        atomic::write_file(&self.out.join("quality.json"), text.as_bytes())
    }
}

/// How good a map is, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grade {
    Green,
    Amber,
    Red,
}

impl Grade {
    fn word(self) -> &'static str {
        match self {
            Grade::Green => "green",
            Grade::Amber => "amber",
            Grade::Red => "red",
        }
    }
}

/// What is to be said of where the frames are.
fn placing(
    frames: usize,
    placed: usize,
    sigma_m: f64,
    adjustment: &Value,
    outlines: &Value,
) -> Vec<(Grade, String, &'static str)> {
    let mut found = Vec::new();
    if (placed as f64) < LEAST_PLACED * frames as f64 {
        found.push((
            Grade::Red,
            format!("{placed} of {frames} frames have a place on the map"),
            "keep the camera straight down and positions switched on",
        ));
    }
    if let Some(adjusted) = adjustment["adjusted_frames"].as_u64()
        && (adjusted as f64) < LEAST_ADJUSTED * placed as f64
    {
        found.push((
            Grade::Amber,
            format!("{adjusted} of {placed} frames share ground that can be matched"),
            "fly with more overlap: 80 % forward, 60 % side",
        ));
    }
    if sigma_m > PLACED_M {
        let why = outlines["refused"].as_str().filter(|w| !w.is_empty());
        let why = why.map_or(String::new(), |w| format!(" (building outlines: {w})"));
        found.push((
            Grade::Amber,
            format!(
                "the map may lie {:.1} m off{why}: findings near a border may belong to a neighbour",
                2.0 * sigma_m
            ),
            "fly with carrier-phase positions, or survey three points for gcp_list.txt",
        ));
    }
    found
}

/// What is to be said of where ready-made tiles lie.
fn tile_shift(outlines: &Value) -> Option<(Grade, String, &'static str)> {
    let again = "georeference the tiles again with ground control, or check their CRS";
    if let Some(why) = outlines["refused"].as_str().filter(|w| !w.is_empty()) {
        let why = format!("where the tiles lie is not checked (building outlines: {why})");
        return Some((Grade::Amber, why, again));
    }
    let shift = |k: usize| outlines["shift_m"][k].as_f64();
    let off_m = shift(0)?.hypot(shift(1)?);
    (off_m > PLACED_M).then(|| {
        let why = format!("the tiles lie {off_m:.1} m off the building outlines");
        (Grade::Amber, why, again)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_what_to_do() {
        let none = Value::Null;
        assert!(placing(50, 50, 0.05, &none, &none).is_empty());
        let refused = json!({ "refused": "5 buildings are seen, 8 are needed" });
        let found = placing(50, 20, 3.0, &json!({ "adjusted_frames": 10 }), &refused);
        let grades: Vec<Grade> = found.iter().map(|f| f.0).collect();
        assert_eq!(grades, [Grade::Red, Grade::Amber, Grade::Amber]);
        assert!(found[2].1.contains("6.0 m") && found[2].1.contains("5 buildings"));
    }
}
