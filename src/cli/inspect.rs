//! `thermaudit inspect`: the table for people and the JSON for programs.

use super::args::{Global, InspectArgs};
use super::console::Console;
use super::{EXIT_GOOD, EXIT_NO_RESULT, EXIT_SKIPS};
use crate::pipeline::{
    self, Angles, Calibration, InspectOptions, Inspected, Inspection, Radiometry, Tool,
};
use serde_json::{Value, json};

pub(crate) fn inspect(args: &InspectArgs, global: &Global, console: &Console) -> u8 {
    let all = args.radiometry.settings().and_then(|settings| {
        let options = InspectOptions {
            at: args.at.clone(),
            frame: args.frame,
            settings,
            jobs: global.jobs,
        };
        pipeline::inspect(&args.files, &options)
    });
    let all = match all {
        Ok(all) => all,
        Err(problem) => {
            console.error(&problem);
            return EXIT_NO_RESULT;
        }
    };
    if args.json {
        let values: Vec<Value> = all.iter().map(value).collect();
        console.print(&format!("{:#}", Value::Array(values)));
    }
    let mut shown = 0;
    for inspected in &all {
        match &inspected.outcome {
            Ok(inspection) => {
                if !args.json {
                    if shown > 0 {
                        console.print("");
                    }
                    table(inspection)
                        .iter()
                        .for_each(|line| console.print(line));
                }
                shown += 1;
            }
            Err(problem) => console.error(problem),
        }
    }
    match (shown, all.len()) {
        (0, _) => EXIT_NO_RESULT,
        (shown, all) if shown < all => EXIT_SKIPS,
        _ => EXIT_GOOD,
    }
}

fn value(inspected: &Inspected) -> Value {
    let problem = match &inspected.outcome {
        Ok(inspection) => match serde_json::to_value(inspection) {
            Ok(value) => return value,
            Err(error) => crate::problem::Problem::broken(error.to_string()),
        },
        Err(problem) => problem.clone(),
    };
    let place = problem.field.map(|f| format!("{f}: ")).unwrap_or_default();
    json!({
        "file": inspected.file,
        "error": format!("{place}{}", problem.what),
        "hint": problem.hint,
    })
}

/// Lines of a table: what, and what is known of it.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, what: &str, text: impl AsRef<str>) {
        let text = text.as_ref();
        if !text.is_empty() {
            self.0.push(format!("  {what:<13} {text}"));
        }
    }
}

fn table(i: &Inspection) -> Vec<String> {
    let mut lines = Lines::default();
    lines.0.push(i.file.clone());
    let frames = match i.frames {
        1 => String::new(),
        n => format!(", frame {} of {n}", i.frame),
    };
    lines.add(
        "kind",
        format!(
            "{}{frames}, {} x {} pixels",
            i.kind, i.width_px, i.height_px
        ),
    );
    camera(i, &mut lines);
    lines.add("time", time(i));
    position(i, &mut lines);
    attitude(i, &mut lines);
    lines.add("calibration", calibration(&i.calibration));
    for (name, p) in &i.parameters {
        let found = match p.found {
            Some(found) if found != p.value => format!(", file says {found}"),
            _ => String::new(),
        };
        lines.add(
            if name == i.parameters.keys().next().unwrap_or(name) {
                "parameters"
            } else {
                ""
            },
            format!("{name:<20} {:>10}  {}{found}", short(p.value, 4), p.origin),
        );
    }
    if let Some(law) = i.dji {
        lines.add("law", format!("{}  {}", law.value, law.origin));
    }
    values(i, &mut lines);
    for (k, t) in i.tools.iter().enumerate() {
        lines.add(if k == 0 { "tools" } else { "" }, tool(t));
    }
    pictures(i, &mut lines);
    for comment in &i.comments {
        lines.add("note", format!("{}: {}", comment.name, comment.text));
    }
    for warning in &i.warnings {
        lines.add("warning", warning);
    }
    lines.0
}

fn camera(i: &Inspection, lines: &mut Lines) {
    let c = &i.camera;
    let lens = match (c.lens.is_empty(), i.focal_mm) {
        (true, None) => String::new(),
        (true, Some(f)) => format!(", lens {} mm", short(f, 2)),
        (false, None) => format!(", lens {}", c.lens),
        (false, Some(f)) => format!(", lens {} ({} mm)", c.lens, short(f, 2)),
    };
    let serial = match c.serial.as_str() {
        "" => String::new(),
        serial => format!(", serial {serial}"),
    };
    let name = format!("{} {}", c.make, c.model);
    lines.add(
        "camera",
        format!("{}{serial}{lens}", name.trim()).trim_start_matches(", "),
    );
    let Some(known) = &i.camera_table else {
        lines.add("", "not in the camera table");
        return;
    };
    let mut parts = Vec::new();
    let mut part = |name: &str, value: Option<f64>, unit: &str| {
        parts.extend(value.map(|v| format!("{name} {} {unit}", short(v, 3))));
    };
    part("pitch", known.pitch_um, "µm");
    part("focal length", known.focal_mm, "mm");
    part("that is", known.focal_px, "px");
    part("NETD", known.netd_k, "K");
    if let Some([low, high]) = known.band_um {
        parts.push(format!("{low}–{high} µm"));
    }
    lines.add("", format!("table: {}", parts.join(", ")));
    lines.add("", &known.notes);
}

fn time(i: &Inspection) -> String {
    let Some(time) = &i.time else {
        return "none in the file".to_owned();
    };
    let clock = match (&time.utc, &time.local) {
        (Some(utc), _) => utc.clone(),
        (None, Some(local)) => format!("{local} (no zone)"),
        (None, None) => String::new(),
    };
    match time.source {
        Some(source) => format!("{clock}  from {source}"),
        None => clock,
    }
}

fn position(i: &Inspection, lines: &mut Lines) {
    let Some(p) = &i.position else {
        lines.add("position", "none in the file");
        return;
    };
    lines.add(
        "position",
        format!(
            "{:.8}° {}, {:.8}° {} (ETRS89/WGS84)",
            p.lat_deg.abs(),
            if p.lat_deg < 0.0 { "S" } else { "N" },
            p.lon_deg.abs(),
            if p.lon_deg < 0.0 { "W" } else { "E" },
        ),
    );
    let mut parts = Vec::new();
    if let Some(m) = p.absolute_m {
        parts.push(format!("altitude {} m", short(m, 3)));
    }
    if let Some(m) = p.relative_m {
        parts.push(format!("{} m over take-off", short(m, 3)));
    }
    if p.rtk != "none" {
        parts.push(format!("RTK {}", p.rtk));
    }
    let sigma = |value: Option<f64>| value.map(|s| short(s, 4));
    if let (Some(h), Some(v)) = (sigma(p.sigma_horizontal_m), sigma(p.sigma_vertical_m)) {
        parts.push(format!("1σ {h} m horizontal, {v} m vertical"));
    }
    lines.add("", parts.join(", "));
}

fn attitude(i: &Inspection, lines: &mut Lines) {
    let words = |a: &Angles| {
        format!(
            "yaw {}°, pitch {}°, roll {}°",
            short(a.yaw_deg, 2),
            short(a.pitch_deg, 2),
            short(a.roll_deg, 2)
        )
    };
    let a = &i.attitude;
    let mut what = "attitude";
    for (name, found) in [
        ("gimbal", &a.gimbal),
        ("aircraft", &a.flight),
        ("camera", &a.camera),
    ] {
        if let Some(found) = found {
            lines.add(what, format!("{name:<8} {}", words(found)));
            what = "";
        }
    }
    match &a.look {
        Some(look) => lines.add(
            what,
            format!(
                "looks    {}; {}° off straight down ({})",
                words(&look.angles),
                short(look.tilt_deg, 1),
                look.view
            ),
        ),
        None if what.is_empty() => lines.add(what, "looks    unknown: all angles are zero"),
        None => lines.add(what, "none in the file"),
    }
    if let Some([north, east, down]) = i.velocity_m_s {
        lines.add(
            "velocity",
            format!("north {north}, east {east}, down {down} m/s"),
        );
    }
}

fn calibration(calibration: &Calibration) -> String {
    match calibration {
        Calibration::Planck { r1, r2, b, f, o } => {
            let [r1, r2, b, f, o] = [r1, r2, b, f, o].map(|v| short(*v, 7));
            format!("Planck R1 {r1}, R2 {r2}, B {b}, F {f}, O {o}")
        }
        Calibration::Linear { scale, offset_c } => {
            let sign = if *offset_c < 0.0 { '−' } else { '+' };
            format!("linear: °C = value · {scale} {sign} {}", offset_c.abs())
        }
        Calibration::Unscaled => "none: the file does not say what its counts mean".to_owned(),
        Calibration::Relative => "none: the camera is not radiometric".to_owned(),
    }
}

fn values(i: &Inspection, lines: &mut Lines) {
    match (&i.temperature, i.radiometry) {
        (Some(t), _) => {
            let invalid = match t.invalid_px {
                0 => String::new(),
                n => format!(", {n} pixels without a value"),
            };
            lines.add(
                "temperature",
                format!(
                    "min {:.2}, median {:.2}, max {:.2}, mean {:.2} °C{invalid}",
                    t.min_c, t.median_c, t.max_c, t.mean_c
                ),
            );
        }
        (None, Radiometry::Temperature) => lines.add("temperature", "no pixel has a value"),
        (None, Radiometry::RelativeOnly) => lines.add("temperature", "none: relative only"),
        (None, Radiometry::NeedsScale) => {
            lines.add("temperature", "none: needs a scale (--scale, --offset)");
        }
    }
    if let (Some(c), true) = (&i.counts, i.temperature.is_none()) {
        lines.add(
            "counts",
            format!("min {}, median {}, max {}", c.min, c.median, c.max),
        );
    }
    for pixel in &i.at {
        let value = match (pixel.temperature_c, pixel.sample) {
            (Some(t), _) => format!("{t:.2} °C"),
            (None, Some(sample)) => format!("no temperature (stored: {sample})"),
            (None, None) => "no value".to_owned(),
        };
        lines.add("at", format!("{},{}: {value}", pixel.x, pixel.y));
    }
}

fn tool(t: &Tool) -> String {
    let points: Vec<String> = t.points_px.iter().map(u16::to_string).collect();
    let label = match t.label.as_str() {
        "" => String::new(),
        label => format!(" {label}"),
    };
    let place = format!("{}{label} at {}", t.kind, points.join(","));
    match (t.kind, t.min_c, t.mean_c, t.max_c) {
        ("spot", Some(value), ..) => format!("{place}: {value:.2} °C"),
        (_, Some(min), Some(mean), Some(max)) => {
            format!("{place}: min {min:.2}, mean {mean:.2}, max {max:.2} °C")
        }
        _ => place,
    }
}

fn pictures(i: &Inspection, lines: &mut Lines) {
    lines.add("palette", i.palette.as_deref().unwrap_or_default());
    if let Some([low, high]) = i.range_c {
        lines.add("range", format!("{low} to {high} °C"));
    }
    if let Some(v) = &i.visible {
        lines.add(
            "visible",
            format!("{} of {} x {} pixels", v.format, v.width_px, v.height_px),
        );
    }
    if let Some(p) = &i.picture_in_picture {
        lines.add(
            "pip",
            format!(
                "visible is {} times the thermal picture, centre off by {},{}; columns {} to {}, \
                 rows {} to {}",
                short(p.real_to_ir, 4),
                p.offset_px[0],
                p.offset_px[1],
                p.crop_px[0],
                p.crop_px[1],
                p.crop_px[2],
                p.crop_px[3]
            ),
        );
    }
}

/// At most so many decimals, without trailing zeros.
fn short(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
