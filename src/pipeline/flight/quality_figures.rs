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

/// Flat fields of the camera, one line for all stretches of time.
fn flat_fields(rows: &mut Rows, eras: &Value) {
    let all = || eras.as_array().into_iter().flatten();
    let taken = all().filter(|e| e["flat_field"] == true).count();
    let camera = all().filter(|e| !e["camera"].is_null()).count();
    if camera == 0 {
        return;
    }
    rows.add(
        "Flat fields taken from the frames",
        Some(format!("{taken} of {camera} runs")),
        "one from 40 frames on",
    );
    let span = |name: &str| {
        let of = |e: &Value| e["low_orders_k"][name].as_f64();
        let most = all().filter_map(of).map(f64::abs).fold(f64::NAN, f64::max);
        most.is_finite().then_some(most)
    };
    let orders = ["x", "y", "x_tau", "y_tau"].map(span);
    if orders.iter().any(Option::is_some) {
        let text = orders.map(|k| k.map_or("–".to_owned(), |k| format!("{k:.2}")));
        rows.add(
            "Tilt beside them, right / down, its growth right / down",
            Some(format!("{}\u{a0}K a 400 px", text.join(" / "))),
            "up to 1 K, growth up to 2 K",
        );
    }
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
    let both = k("p95_before_k").zip(k("p95_after_k"));
    let both = both.map(|(before, after)| format!("{before} / {after}"));
    rows.add("95 % of views within, before / after", both, "");
    let spans = k("frame_medians_span_k").zip(k("offsets_span_k"));
    let spans = spans.map(|(frames, offsets)| format!("{frames} / {offsets}"));
    rows.add(
        "Span of the frames' medians / of their offsets",
        spans,
        "offsets below three times the medians",
    );
    flat_fields(&mut rows, &levelling["flat_fields"]);
    let ramp = match levelling["ramp"]["held_by_prior"].as_bool() {
        Some(true) => Some("not told apart, held by a prior"),
        Some(false) => Some("told apart"),
        None => None,
    };
    rows.add(
        "Tilt of the camera and a rise over the block",
        ramp.map(str::to_owned),
        "told apart with lines in two headings",
    );
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
            .map(|gauge| match gauge.split_once(':') {
                Some(_) => "mean of the camera's own".to_owned(),
                None => gauge.to_owned(),
            }),
        "absolute: within 2 to 5 K without references",
    );
    for reference in levelling["references"].as_array().into_iter().flatten() {
        let what = reference["what"].as_str().unwrap_or_default();
        let label = format!("Reference: {what}, less what it was measured at");
        let left = number(&reference["residual_k"], 2, "K");
        let views = reference["views"].as_u64().unwrap_or(0);
        let left = left.map(|k| format!("{k} in {views} views"));
        let left = left.or((views == 0).then(|| "not seen".to_owned()));
        rows.add(&label, left, "within twice its 1σ");
    }
    rows.0
}
