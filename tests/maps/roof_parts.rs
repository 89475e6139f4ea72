//! Roofs of simulated parks are split where their truth is split: planes, and what lies on them.
//!
//! The park is drawn and written by the simulator; surface model and true temperature are read
//! back, blurred and given noise as a mosaic has. Seeds 1 to 3, 41 to 43, 51 to 53 and 61 to 63
//! served to choose the settings, the seeds here did not.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use serde_json::Value;
use std::path::Path;
use thermaudit::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use thermaudit::read::geotiff::GeoTiff;
use thermaudit::segment::parts::{Options, Parts, PartsInput, split};
use thermaudit::segment::{self, Roof};
use thermaudit::simulate;
use thermaudit::survey::Outline;

const CELL_M: f64 = 0.25;
/// Cells between border and truth that count as right.
const NEAR_PX: f64 = 2.0;

/// A written park and its truth.
struct Park {
    truth: Value,
    surface: GeoGrid<f32>,
    terrain: GeoGrid<f32>,
    celsius: Grid<f32>,
    transform: GeoTransform,
}

/// One roof of a park as it is split.
struct Case<'a> {
    park: &'a Park,
    truth: &'a Value,
    roof: Roof,
    celsius: Grid<f32>,
    surface: Grid<f32>,
    terrain: Grid<f32>,
    /// Corners, map.
    corners: Vec<[f64; 2]>,
}

fn ring(value: &Value) -> Vec<[f64; 2]> {
    let points = value.as_array().expect("a ring");
    points
        .iter()
        .map(|p| [p[0].as_f64().expect("x"), p[1].as_f64().expect("y")])
        .collect()
}

fn inside(ring: &[[f64; 2]], x: f64, y: f64) -> bool {
    let mut odd = false;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            odd = !odd;
        }
    }
    odd
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().expect("a list")
}

fn whole(path: &Path) -> GeoGrid<f32> {
    let tiff = GeoTiff::open(path).expect("the simulator wrote it");
    GeoGrid {
        grid: tiff.window(tiff.whole()).expect("it is readable"),
        transform: tiff.transform,
    }
}

fn park(seed: u64) -> Park {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = simulate::Options {
        seed,
        sensor: simulate::Sensor::Aircraft,
        visits: 0,
        ..simulate::Options::default()
    };
    simulate::write_park(folder.path(), &options, &|_, _, _| {}).expect("a park");
    let text = std::fs::read_to_string(folder.path().join("truth/truth.json")).expect("truth");
    let truth: Value = serde_json::from_str(&text).expect("JSON");
    let id = truth["flights"][0]["id"].as_str().expect("an id");
    let seen = whole(&folder.path().join(format!("truth/surface_{id}.tif")));
    let celsius = as_mosaic(&seen, &truth, seed);
    Park {
        surface: whole(&folder.path().join("dsm.tif")),
        terrain: whole(&folder.path().join("dtm.tif")),
        celsius,
        transform: seen.transform,
        truth,
    }
}

/// True temperatures as a map shows them: reflection of the sky by each surface's emissivity, one
/// emissivity (0.92) taken off, a blur of 0.8 cells (1σ), 0.06 K of noise.
fn as_mosaic(seen: &GeoGrid<f32>, truth: &Value, seed: u64) -> Grid<f32> {
    let (width, height) = (seen.grid.width(), seen.grid.height());
    let mut emissivity = Grid::filled(width, height, 0.95);
    let mut paint = |polygon: &[[f64; 2]], value: f64| {
        let mut bounds = Bounds::EMPTY;
        for [x, y] in polygon {
            bounds.include(*x, *y);
        }
        let Some(w) = seen.transform.window_of(&bounds, width, height) else {
            return;
        };
        for row in w.row..w.row + w.height {
            for col in w.col..w.col + w.width {
                let (x, y) = seen.transform.centre(col, row);
                if inside(polygon, x, y) {
                    emissivity.set(col, row, value);
                }
            }
        }
    };
    for b in list(truth, "buildings") {
        paint(&ring(&b["corners_at_eave"]), number(&b["emissivity"]));
    }
    for d in list(truth, "distractors") {
        if d["kind"] != "metal" && d["kind"] != "vehicle" {
            paint(&ring(&d["polygon"]), number(&d["emissivity"]));
        }
    }
    let sky = (number(&truth["flights"][0]["sky_c"]) + 273.15).powi(4);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut grid = seen.grid.clone();
    for (value, e) in grid.data_mut().iter_mut().zip(emissivity.data()) {
        let radiance = e * (f64::from(*value) + 273.15).powi(4) + (1.0 - e) * sky;
        let own = ((radiance - 0.08 * sky) / 0.92).max(1e8);
        *value = (own.powf(0.25) - 273.15) as f32;
    }
    let kernel = [0.0219_f32, 0.2285, 0.4992, 0.2285, 0.0219];
    for along in [true, false] {
        let from = grid.clone();
        for row in 0..height {
            for col in 0..width {
                let (mut sum, mut weight) = (0.0, 0.0);
                for (k, w) in kernel.iter().enumerate() {
                    let step = k as isize - 2;
                    let at = if along {
                        from.get(col as isize + step, row as isize)
                    } else {
                        from.get(col as isize, row as isize + step)
                    };
                    if let Some(v) = at {
                        sum += v * w;
                        weight += w;
                    }
                }
                grid.set(col, row, sum / weight);
            }
        }
    }
    for value in grid.data_mut() {
        // Sum of four uniform numbers: near enough to a normal one.
        let mut sum = -2.0;
        for _ in 0..4 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            sum += (state >> 11) as f64 / (1_u64 << 53) as f64;
        }
        *value += (0.06 * sum / (1.0_f64 / 3.0).sqrt()) as f32;
    }
    grid
}

impl Park {
    fn cases(&self) -> Vec<Case<'_>> {
        list(&self.truth, "buildings")
            .iter()
            .filter_map(|b| self.case(b))
            .collect()
    }

    fn case<'a>(&'a self, truth: &'a Value) -> Option<Case<'a>> {
        let corners = ring(&truth["corners_at_eave"]);
        let line = geo::LineString::from_iter(corners.iter().map(|p| (p[0], p[1])));
        let outline = Outline::new(
            truth["oidn"].as_str()?.to_owned(),
            geo::MultiPolygon(vec![geo::Polygon::new(line, vec![])]),
        );
        let (width, height) = (self.celsius.width(), self.celsius.height());
        let options = segment::Options::default();
        let roof = segment::roof(&outline, &self.transform, width, height, &options)?;
        let resampled = |model: &GeoGrid<f32>| {
            let mut grid = Grid::filled(roof.window.width, roof.window.height, f32::NAN);
            for row in 0..grid.height() {
                for col in 0..grid.width() {
                    let (x, y) = roof.transform.centre(col, row);
                    grid.set(col, row, model.sample(x, y).map_or(f32::NAN, |h| h as f32));
                }
            }
            grid
        };
        Some(Case {
            park: self,
            truth,
            celsius: self.celsius.crop(roof.window),
            surface: resampled(&self.surface),
            terrain: resampled(&self.terrain),
            roof,
            corners,
        })
    }

    /// Below this a reading mirrors the sky: 6 K under the coldest roof that loses nothing.
    fn mirror_c(&self) -> f32 {
        let sound = list(&self.truth, "buildings")
            .iter()
            .filter(|b| b["material"] != "metal")
            .map(|b| number(&b["flights"][0]["adiabatic_c"]));
        (sound.fold(f64::INFINITY, f64::min) - 6.0) as f32
    }
}

impl Case<'_> {
    fn input(&self) -> PartsInput<'_> {
        PartsInput {
            roof: &self.roof,
            celsius: &self.celsius,
            surface: Some(&self.surface),
            terrain: Some(&self.terrain),
            surface_cell_m: self.park.surface.transform.dx,
            mirror_below_c: Some(self.park.mirror_c()),
            shade: None,
        }
    }

    fn split(&self) -> Parts {
        split(&self.input(), &Options::default())
    }

    fn form(&self) -> &str {
        self.truth["form"].as_str().expect("a word")
    }

    /// Position along and across the building from its first corner, metres.
    fn own(&self, x: f64, y: f64) -> (f64, f64) {
        let (a, b) = (self.corners[0], self.corners[1]);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let (c, s) = ((b[0] - a[0]) / length, (b[1] - a[1]) / length);
        let (dx, dy) = (x - a[0], y - a[1]);
        (dx * c + dy * s, dy * c - dx * s)
    }

    /// Distances between the lines where the roof has a border in truth, and their direction:
    /// `(first, step, across)`; `None` for one plane.
    fn true_face(&self) -> Box<dyn Fn(f64, f64) -> (i64, f64) + '_> {
        match self.form() {
            "gable" => {
                let (_, v) = self.own(self.corners[2][0], self.corners[2][1]);
                Box::new(move |x, y| {
                    let across = self.own(x, y).1 - 0.5 * v;
                    (i64::from(across > 0.0), across.abs())
                })
            }
            "saw-tooth" => {
                let period = self.true_period();
                Box::new(move |x, y| {
                    let teeth = self.own(x, y).0 / period;
                    let off = (teeth - teeth.round()).abs() * period;
                    (teeth.floor() as i64, off)
                })
            }
            _ => Box::new(|_, _| (0, f64::INFINITY)),
        }
    }

    /// Period of the teeth: the simulator's own formula, height = eave + rise · phase, with the
    /// period that leaves its surface model the least.
    fn true_period(&self) -> f64 {
        let model = &self.park.surface;
        let mut points = Vec::new();
        for row in 0..model.grid.height() {
            for col in 0..model.grid.width() {
                let (x, y) = model.transform.centre(col, row);
                if inside(&self.corners, x, y) {
                    points.push((self.own(x, y).0, f64::from(model.grid.at(col, row))));
                }
            }
        }
        let rest = |period: f64| {
            let n = points.len() as f64;
            let phase = |u: f64| (u / period).fract();
            let (mp, mh) = points
                .iter()
                .fold((0.0, 0.0), |(p, h), (u, z)| (p + phase(*u) / n, h + z / n));
            let (pp, ph, hh) = points.iter().fold((0.0, 0.0, 0.0), |(pp, ph, hh), (u, z)| {
                let (p, h) = (phase(*u) - mp, z - mh);
                (pp + p * p, ph + p * h, hh + h * h)
            });
            hh - ph * ph / pp
        };
        (6000..9001)
            .map(|mm| f64::from(mm) / 1000.0)
            .min_by(|a, b| rest(*a).total_cmp(&rest(*b)))
            .expect("a period")
    }
}

/// Share of the roof's cells in the plane their face of the truth mostly is, and the 95th
/// percentile of the distance of found borders to true ones, cells. Planes under objects count.
fn plane_agreement(case: &Case<'_>, parts: &Parts) -> (f64, f64, usize) {
    let face = case.true_face();
    let labels = plane_labels(case, parts);
    let mut votes = std::collections::BTreeMap::new();
    let mut off = Vec::new();
    let (width, height) = (labels.width(), labels.height());
    for row in 0..height {
        for col in 0..width {
            let label = labels.at(col, row);
            if label == 0 {
                continue;
            }
            let (x, y) = case.roof.transform.centre(col, row);
            *votes.entry((label, face(x, y).0)).or_insert(0_usize) += 1;
            for (c, r) in [(col + 1, row), (col, row + 1)] {
                if c < width && r < height && labels.at(c, r) != 0 && labels.at(c, r) != label {
                    let (s, t) = case.roof.transform.centre(c, r);
                    off.push(face(0.5 * (x + s), 0.5 * (y + t)).1 / CELL_M);
                }
            }
        }
    }
    // Each true face has one found plane, and each found plane one face.
    let total: usize = votes.values().sum();
    let mut pairs: Vec<_> = votes.iter().map(|((l, f), n)| (*n, *l, *f)).collect();
    pairs.sort_unstable_by(|a, b| b.cmp(a));
    let (mut labels_used, mut faces_used) = (Vec::new(), Vec::new());
    let mut right = 0;
    for (n, label, face) in pairs {
        if !labels_used.contains(&label) && !faces_used.contains(&face) {
            labels_used.push(label);
            faces_used.push(face);
            right += n;
        }
    }
    off.sort_unstable_by(f64::total_cmp);
    let p95 = off.get(off.len() * 95 / 100).copied().unwrap_or(0.0);
    (right as f64 / total as f64, p95, faces_used.len())
}

/// The plane of every cell, objects counted as the plane beside them.
fn plane_labels(case: &Case<'_>, parts: &Parts) -> Grid<u16> {
    let _ = case;
    parts.plane_labels.clone()
}

fn check_planes(seed: u64) -> Vec<String> {
    let park = park(seed);
    let mut faults = Vec::new();
    for case in park.cases() {
        let parts = case.split();
        let (share, p95, faces) = plane_agreement(&case, &parts);
        println!(
            "seed {seed} {} {} {}: {} planes, {faces} faces, right {share:.3}, border p95 {p95:.2} px",
            case.truth["oidn"],
            case.form(),
            case.corners.len(),
            parts.planes().count()
        );
        if share < 0.9 || p95 > NEAR_PX {
            for plane in parts.planes() {
                println!(
                    "  {} cells, {:?}",
                    plane.cells,
                    plane.plane.map(|p| p.slope_deg())
                );
            }
            faults.push(format!(
                "seed {seed} {} {}",
                case.truth["oidn"],
                case.form()
            ));
        }
    }
    faults
}

#[test]
fn ridges_teeth_and_l_shapes_are_split_where_the_park_is() {
    let seeds = [71, 72, 73];
    let faults: Vec<String> = seeds.into_iter().flat_map(check_planes).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
#[ignore = "seeds the settings were chosen on"]
fn what_the_seeds_the_settings_were_chosen_on_show() {
    let seeds = [1, 2, 3, 41, 42, 43, 51, 52, 53, 61, 62, 63];
    let faults: Vec<String> = seeds.into_iter().flat_map(check_planes).collect();
    // One of the twelve parks (41) still shows a strip of 11 m² along a step as a plane.
    println!("{faults:#?}");
}

/// IoU of every true object of at least 20 cells: with the parts of its kind, and with any object.
fn object_overlap(seed: u64) -> Vec<(String, f64, f64)> {
    let park = park(seed);
    let mut found = Vec::new();
    for case in park.cases() {
        let parts = case.split();
        let own = |d: &&Value| d["oidn"] == case.truth["oidn"];
        for object in list(&park.truth, "distractors").iter().filter(own) {
            let kind = match (object["kind"].as_str(), object["detail"].as_str()) {
                (Some("installation"), Some("pv")) => "pv",
                (Some(kind @ ("rooflight" | "installation" | "metal")), _) => kind,
                _ => continue,
            };
            let polygon = ring(&object["polygon"]);
            let (named, any, cells) = overlap(&case, &parts, &polygon, kind);
            if cells >= 20 {
                println!(
                    "seed {seed} {} {kind} {cells} px: IoU {named:.2} named, {any:.2} any",
                    object["id"]
                );
                found.push((kind.to_owned(), named, any));
            }
        }
    }
    found
}

/// Greatest IoU of a polygon with a part of a kind (metal: all of them together) and with a part
/// of any kind but planes and parapets; the polygon's cells.
fn overlap(case: &Case<'_>, parts: &Parts, polygon: &[[f64; 2]], kind: &str) -> (f64, f64, usize) {
    let mut inside_of = vec![0_usize; parts.parts.len()];
    let mut cells = 0;
    for row in 0..parts.labels.height() {
        for col in 0..parts.labels.width() {
            let (x, y) = case.roof.transform.centre(col, row);
            if inside(polygon, x, y) {
                cells += 1;
                if let Some(label) = usize::from(parts.labels.at(col, row)).checked_sub(1) {
                    inside_of[label] += 1;
                }
            }
        }
    }
    let iou = |both: usize, own: u32| both as f64 / (cells + own as usize - both).max(1) as f64;
    let (mut named, mut any) = (0.0_f64, 0.0_f64);
    let (mut metal, mut metal_own) = (0, 0);
    for (part, both) in parts.parts.iter().zip(&inside_of) {
        let word = part.kind.word();
        if word == "metal" {
            metal += both;
            metal_own += part.cells;
        }
        if word == kind {
            named = named.max(iou(*both, part.cells));
        }
        if !["plane", "parapet"].contains(&word) {
            any = any.max(iou(*both, part.cells));
        }
    }
    if kind == "metal" {
        named = iou(metal, metal_own);
        any = named;
    }
    (named, any, cells)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn check_objects(seeds: [u64; 3]) {
    let found: Vec<_> = seeds.into_iter().flat_map(object_overlap).collect();
    for kind in ["rooflight", "installation", "pv", "metal"] {
        let of: Vec<_> = found.iter().filter(|f| f.0 == kind).collect();
        if of.is_empty() {
            println!("{kind}: none in these parks");
            continue;
        }
        let named = median(of.iter().map(|f| f.1).collect());
        let any = median(of.iter().map(|f| f.2).collect());
        println!(
            "{kind}: {} objects, median IoU {named:.2} named, {any:.2} any",
            of.len()
        );
        assert!(
            any >= 0.6 && named >= 0.6,
            "{kind}: {named} named, {any} any"
        );
    }
}

/// Share of true faults (cells of their polygons) that lie in parts left out of statistics.
fn lost_faults(seed: u64) -> (usize, usize) {
    let park = park(seed);
    let (mut lost, mut all) = (0, 0);
    for case in park.cases() {
        let parts = case.split();
        let own = |d: &&Value| d["oidn"] == case.truth["oidn"];
        for fault in list(&park.truth, "anomalies").iter().filter(own) {
            let polygon = ring(&fault["polygon"]);
            let (mut out, mut cells) = (0, 0);
            for row in 0..parts.labels.height() {
                for col in 0..parts.labels.width() {
                    let (x, y) = case.roof.transform.centre(col, row);
                    if inside(&polygon, x, y) && case.roof.inner.at(col, row) > 0.0 {
                        cells += 1;
                        out += usize::from(parts.at(col, row).is_some_and(|p| p.left_out));
                    }
                }
            }
            all += 1;
            if 2 * out > cells {
                lost += 1;
                println!(
                    "seed {seed} {} {} {} lost",
                    fault["id"], fault["kind"], fault["area_m2"]
                );
            }
        }
    }
    (lost, all)
}

#[test]
fn rooflights_plant_panels_and_metal_are_outlined_where_the_park_has_them() {
    check_objects([71, 72, 73]);
}

#[test]
fn plant_of_three_parks_that_served_for_nothing_is_outlined_and_called_an_installation() {
    let seeds = [6101, 6102, 6103];
    let found = seeds.into_iter().flat_map(object_overlap);
    let named: Vec<f64> = found
        .filter(|f| f.0 == "installation")
        .map(|f| f.1)
        .collect();
    assert!(named.len() >= 3, "{} installations", named.len());
    let middle = median(named);
    assert!(middle >= 0.6, "{middle}");
}

#[test]
fn no_more_than_one_fault_in_twenty_is_left_out_as_an_object() {
    let (lost, all) = [71, 72, 73]
        .into_iter()
        .map(lost_faults)
        .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("{lost} of {all} faults left out");
    assert!(20 * lost <= all, "{lost} of {all}");
}

#[test]
#[ignore = "seeds the settings were chosen on"]
fn seeds_the_settings_were_chosen_on_objects() {
    let (lost, all) = [1, 2, 3]
        .into_iter()
        .map(lost_faults)
        .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("{lost} of {all} faults left out");
    check_objects([1, 2, 3]);
}

/// Figures over ten parks that served for no setting.
#[test]
#[ignore = "prints figures; some minutes"]
fn figures_over_ten_fresh_parks() {
    let seeds: Vec<u64> = (71..=80).chain(6101..=6112).collect();
    let faults: Vec<String> = seeds.iter().copied().flat_map(check_planes).collect();
    println!("roofs with under 90 % right or borders over 2 px: {faults:#?}");
    let found: Vec<_> = seeds.iter().copied().flat_map(object_overlap).collect();
    for kind in ["rooflight", "installation", "pv", "metal"] {
        let of = || found.iter().filter(|f| f.0 == kind);
        if of().count() > 0 {
            let named = median(of().map(|f| f.1).collect());
            let any = median(of().map(|f| f.2).collect());
            println!(
                "{kind}: {} objects, IoU {named:.2} named, {any:.2} any",
                of().count()
            );
        }
    }
    let (lost, all) = seeds
        .into_iter()
        .map(lost_faults)
        .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("{lost} of {all} faults left out");
}

/// Kelvin per count and metres per cell taken for the real frames, whose contrast is automatic and
/// whose scale is not told: two storeys of windows and parked cars give about 8 cm.
const K_PER_COUNT: f32 = 0.1;
const REAL_CELL_M: f64 = 0.08;

/// Draws the borders of a roof's parts: planes white, objects by kind.
fn draw(picture: &mut image::RgbImage, roof: &Roof, parts: &Parts) {
    for row in 0..parts.labels.height() {
        for col in 0..parts.labels.width() {
            let label = parts.labels.at(col, row);
            let other = |c: usize, r: usize| {
                parts
                    .labels
                    .get(c as isize, r as isize)
                    .is_some_and(|l| l != label)
            };
            if label == 0 || !(other(col + 1, row) || other(col, row + 1)) {
                continue;
            }
            let colour = match parts.at(col, row).map(|p| p.kind.word()) {
                Some("plane") => [255, 255, 255],
                Some("rooflight") => [86, 180, 233],
                Some("installation") => [255, 140, 0],
                Some("pv") => [60, 60, 255],
                Some("metal") => [220, 0, 220],
                Some("puddle") => [0, 200, 120],
                Some("parapet") => [160, 160, 160],
                _ => [240, 228, 66],
            };
            let (x, y) = (roof.window.col + col, roof.window.row + row);
            picture.put_pixel(x as u32, y as u32, image::Rgb(colour));
        }
    }
}

/// Two real night frames with building masks (tufseg-karlsruhe): no heights, no kelvin, so planes
/// must come from steps of temperature. Skipped where THERMAUDIT_TESTDATA lacks them.
#[test]
fn real_night_roofs_are_parted_into_few_planes_and_objects_where_people_saw_hot_things() {
    let folder = std::env::var_os("THERMAUDIT_TESTDATA")
        .map(|f| Path::new(&f).join("roofs/tufseg-karlsruhe"))
        .filter(|f| f.is_dir());
    let Some(folder) = folder else {
        println!("skipped: THERMAUDIT_TESTDATA has no roofs/tufseg-karlsruhe");
        return;
    };
    let text = std::fs::read_to_string(folder.join("roof_hot_features_unverified.json"));
    let labels: Value = serde_json::from_str(&text.expect("labels")).expect("JSON");
    let (mut hits, mut all) = (0, 0);
    for frame in ["KA_02_DJI_0_0001_R", "KA_02_DJI_0_0437_R"] {
        let open = |what: &str| {
            let path = folder.join(format!("{frame}_{what}.png"));
            image::open(path).expect("a picture").to_luma8()
        };
        let (thermal, mask) = (open("thermal"), open("mask"));
        let (width, height) = (mask.width() as usize, mask.height() as usize);
        let transform = GeoTransform {
            x0: 0.0,
            y0: height as f64 * REAL_CELL_M,
            dx: REAL_CELL_M,
            dy: REAL_CELL_M,
        };
        let mut picture = image::DynamicImage::ImageLuma8(thermal.clone()).to_rgb8();
        let values = thermal.pixels().map(|p| f32::from(p.0[0]) * K_PER_COUNT);
        let celsius = Grid::from_vec(width, height, values.collect()).expect("one size");
        let building: Vec<(usize, usize)> = (0..width * height)
            .map(|i| (i % width, i / width))
            .filter(|(c, r)| mask.get_pixel(*c as u32, *r as u32).0[0] == 1)
            .collect();
        for piece in segment::polygonise(&building, &transform).0 {
            let outline = Outline::new(frame.to_owned(), geo::MultiPolygon(vec![piece]));
            let options = segment::Options::default();
            let Some(roof) = segment::roof(&outline, &transform, width, height, &options) else {
                continue;
            };
            let window = celsius.crop(roof.window);
            let parts = split(
                &PartsInput {
                    roof: &roof,
                    celsius: &window,
                    surface: None,
                    terrain: None,
                    surface_cell_m: 1.0,
                    mirror_below_c: Some(-100.0),
                    shade: None,
                },
                &Options::default(),
            );
            println!("{frame}: {:.0} m²", roof.area_m2);
            draw(&mut picture, &roof, &parts);
            for part in &parts.parts {
                println!(
                    "  {} {:.1} m² {:.1} K confidence {:.2} {:?}",
                    part.kind.word(),
                    part.area_m2,
                    part.median_c.unwrap_or(f64::NAN),
                    part.confidence,
                    part.why
                );
            }
            for label in list(&labels, "labels")
                .iter()
                .filter(|l| l["image"] == frame)
            {
                let (x, y) = (number(&label["x"]), number(&label["y"]));
                let (col, row) = (
                    x as isize - roof.window.col as isize,
                    y as isize - roof.window.row as isize,
                );
                if parts.labels.get(col, row).is_none_or(|l| l == 0) {
                    continue;
                }
                all += 1;
                let near = (-4..=4).flat_map(|dr| (-4..=4).map(move |dc| (col + dc, row + dr)));
                let found = near.into_iter().find_map(|(c, r)| {
                    let part = parts.at(usize::try_from(c).ok()?, usize::try_from(r).ok()?)?;
                    (!["plane", "parapet"].contains(&part.kind.word())).then_some(part)
                });
                hits += usize::from(found.is_some());
                println!(
                    "  label {x} {y} {}: {:?}",
                    label["what"],
                    found.map(|p| p.kind.word())
                );
            }
        }
        if let Some(folder) = std::env::var_os("THERMAUDIT_PICTURES") {
            let path = Path::new(&folder).join(format!("{frame}_parts.png"));
            picture.save(path).expect("the picture can be written");
        }
    }
    println!("{hits} of {all} warm features lie in a part of their own");
    assert_eq!((hits, all), (7, 7));
}
