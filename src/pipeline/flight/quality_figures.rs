//! The figures of `quality.pdf`, from what the stages noted: each with what is usual.

use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::run_json::RunRecord;
use crate::report::quality::{Figure, Table};
use serde_json::Value;

/// Tables of counts, geometry and radiometry.
pub(super) fn tables(record: &RunRecord, catalogue: &Catalogue) -> Vec<Table> {
    let noted = |name: &str| record.noted(name).cloned().unwrap_or(Value::Null);
    let orientation = noted("orientation");
    let mut tables = vec![counts(catalogue, &orientation, &noted("adjustment"))];
    let positions = noted("positions");
    let geometry = geometry(
        &orientation,
        &positions,
        &noted("adjustment"),
        &noted("outline_control"),
        &noted("check_residuals_m"),
    );
    let levels = levels(&noted("levelling"));
    let rest = [("Geometry", geometry), ("Temperature levels", levels)];
    for (title, rows) in rest.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        tables.push(Table {
            title: title.to_owned(),
            rows,
        });
    }
    tables
}

/// Rows that have a value.
#[derive(Default)]
struct Rows(Vec<Figure>);

impl Rows {
    fn add(&mut self, label: &str, value: Option<String>, usual: &str) {
        self.0.extend(value.map(|value| Figure {
            label: label.to_owned(),
            value,
            usual: usual.to_owned(),
        }));
    }
}

fn number(value: &Value, decimals: usize, unit: &str) -> Option<String> {
    let value = value.as_f64()?;
    let text = format!("{value:.decimals$}").replace('-', "\u{2212}");
    Some(format!("{text}\u{a0}{unit}").trim_end().to_owned())
}

/// East, north and up as one text.
fn vector(value: &Value, decimals: usize, unit: &str) -> Option<String> {
    let parts = value.as_array()?.iter();
    let parts: Option<Vec<String>> = parts.map(|v| number(v, decimals, "")).collect();
    Some(format!("{}\u{a0}{unit}", parts?.join(" / ")))
}

fn counts(catalogue: &Catalogue, orientation: &Value, adjustment: &Value) -> Table {
    let mut rows = Rows::default();
    let count = |n: usize| (n > 0).then(|| n.to_string());
    rows.add("Frames read", count(catalogue.frames.len()), "");
    rows.add("Tiles read", count(catalogue.tiles.len()), "");
    let refused = Some(catalogue.skips.len().to_string());
    rows.add("Files left out", refused, "0");
    if !catalogue.frames.is_empty() {
        rows.add(
            "Placed on the map",
            number(&orientation["placed"], 0, ""),
            "all that look down",
        );
        rows.add(
            "Oblique, kept for walls",
            number(&orientation["oblique"], 0, ""),
            "",
        );
        rows.add(
            "Without place",
            number(&orientation["unplaced"], 0, ""),
            "0",
        );
        let adjusted = number(&adjustment["adjusted_frames"], 0, "");
        rows.add("With tie points", adjusted, "98 % of those placed");
    }
    Table {
        title: "Counts".to_owned(),
        rows: rows.0,
    }
}

fn geometry(
    orientation: &Value,
    positions: &Value,
    adjustment: &Value,
    outlines: &Value,
    checks: &Value,
) -> Vec<Figure> {
    let mut rows = Rows::default();
    let sigma = number(&positions["sigma_xy_m"], 2, "m");
    rows.add(
        "Position of a frame, 1σ",
        sigma,
        "0.03 m with RTK, 3 m without",
    );
    let height = number(&orientation["height_above_ground_m"], 1, "m");
    rows.add("Height above ground", height, "");
    let pairs = adjustment["matched_pairs"]
        .as_u64()
        .zip(adjustment["pairs"].as_u64());
    let pairs = pairs.map(|(matched, all)| format!("{matched} of {all}"));
    rows.add("Overlapping pairs matched", pairs, "over 60 %");
    let rmse = number(&adjustment["reprojection_rmse_px"], 2, "px");
    rows.add("Reprojection error, RMS", rmse, "up to 0.8 px");
    let offset = vector(&adjustment["receiver_offset_m"], 2, "m");
    rows.add(
        "Offset of the receiver, E / N / up",
        offset,
        "0 with RTK, up to 3 m without",
    );
    let spread = vector(&adjustment["position_spread_m"], 2, "m");
    rows.add("Spread about it, level / up", spread, "up to 1.5 m");
    let boresight = vector(&adjustment["boresight_deg"], 2, "°");
    rows.add(
        "Turn of the camera, right / down / ahead",
        boresight,
        "up to 5°",
    );
    rows.add(
        "Trigger lag",
        number(&adjustment["trigger_lag_s"], 3, "s"),
        "up to 0.2 s",
    );
    let focal = adjustment["focal_change"][0].as_f64();
    let focal = focal.map(|v| format!("{:+.2}\u{a0}%", 100.0 * v).replace('-', "\u{2212}"));
    rows.add("Change of focal length", focal, "up to 3 %");
    let surface = number(&adjustment["surface_rmse_m"], 2, "m");
    rows.add(
        "Tie points against the surface model, RMS",
        surface,
        "up to 0.3 m",
    );
    let usual = "up to 2 pixels on the ground";
    let controls = points(&adjustment["control_residuals_m"]);
    rows.add("Control points (used), RMS", controls, usual);
    rows.add("Check points (withheld), RMS", points(checks), usual);
    outline_rows(&mut rows, outlines);
    rows.0
}

/// RMS of residuals by point, metres.
fn points(residuals: &Value) -> Option<String> {
    let all = residuals.as_object().filter(|c| !c.is_empty())?;
    let sum: f64 = all.values().filter_map(Value::as_f64).map(|v| v * v).sum();
    let rms = (sum / all.len() as f64).sqrt();
    Some(format!("{rms:.3}\u{a0}m at {} points", all.len()))
}

fn outline_rows(rows: &mut Rows, outlines: &Value) {
    let shift = vector(&outlines["shift_m"], 2, "m");
    rows.add("Shift against building outlines, E / N", shift, "");
    let second = outlines["second_opinion"].as_str();
    let second = second.and_then(|by| {
        let shift = vector(&outlines["second_shift_m"], 2, "m")?;
        Some(format!("{shift} ({by})"))
    });
    rows.add("Second opinion", second, "within 0.5 m of it");
    let agreeing = outlines["agreeing"]
        .as_u64()
        .zip(outlines["buildings"].as_u64());
    let agreeing = agreeing.map(|(a, all)| format!("{a} of {all}"));
    rows.add("Buildings that agree", agreeing, "8 or more, over 60 %");
    let by = match outlines["by"].as_str() {
        Some("adjustment") => Some("sides hold the adjustment"),
        Some("similarity") => Some("block moved as a whole"),
        Some(_) => Some("measured, not moved"),
        None if outlines["applied"] == false => Some("refused"),
        None => None,
    };
    rows.add("Used", by.map(str::to_owned), "");
    rows.add(
        "Building sides, RMS",
        number(&outlines["sides"]["rmse_m"], 2, "m"),
        "up to 0.3 m",
    );
    let overhang = number(&outlines["sides"]["overhang_m"], 2, "m");
    rows.add(
        "Roofs over their outlines",
        overhang,
        "0.2 to 0.8 m over façade lines",
    );
}

fn levels(levelling: &Value) -> Vec<Figure> {
    let mut rows = Rows::default();
    let k = |name: &str| number(&levelling[name], 2, "K");
    rows.add(
        "Overlaps disagree before, standard deviation",
        k("disagreement_before_k"),
        "1.5 K",
    );
    rows.add(
        "After (withheld cells)",
        k("disagreement_after_k"),
        "up to 0.3 K",
    );
    rows.add("Before, by the median", k("mad_before_k"), "");
    rows.add("After, by the median", k("mad_after_k"), "up to 0.2 K");
    rows.add(
        "Runs between shutter events",
        number(&levelling["runs"], 0, ""),
        "",
    );
    rows.add(
        "Frames not tied to the rest",
        number(&levelling["frames_not_tied"], 0, ""),
        "0",
    );
    rows.add(
        "Level",
        levelling["gauge"]
            .as_str()
            .map(|_| "mean of the camera's own".to_owned()),
        "absolute: within 2 to 5 K without references",
    );
    rows.0
}
