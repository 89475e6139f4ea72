//! Every table and key of `audit.toml`, as interface.md §5 names them.
//!
//! One row per key: its kind, its default as TOML text (none = "not given"), the files it may
//! stand in and whether a stage reads it yet. The parser, `check --settings`, `run.json` and the
//! typed options all work from this list, so that a key cannot exist in one of them alone.

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Bool,
    /// A number from low to high; `nan` stands for "not given".
    Number(f64, f64),
    /// A whole number from low to high.
    Integer(i64, i64),
    /// The word `auto` or a number from low to high.
    AutoOrNumber(f64, f64),
    /// A list of numbers; the length where it is fixed.
    Numbers(Option<usize>),
    /// A list of texts.
    Texts,
    /// A path or a list of paths.
    Paths,
    /// A table of numbers with these keys, all needed.
    NumberTable(&'static [&'static str]),
    /// A list of tables `{ x_m, y_m, temp_c, sigma_k, what }`.
    References,
}

/// Files besides `audit.toml` a key may stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `audit.toml` only.
    Project,
    /// Also `flight.toml`.
    Flight,
    /// Also `flight.toml` and `visit.toml`.
    FlightAndVisit,
    /// Also `visit.toml`.
    Visit,
    /// `flight.toml` only.
    FlightOnly,
    /// `visit.toml` only.
    VisitOnly,
}

impl Scope {
    /// Whether the key may stand in that file.
    pub fn allows(self, file: SettingsFile) -> bool {
        match file {
            SettingsFile::Audit => !matches!(self, Self::FlightOnly | Self::VisitOnly),
            SettingsFile::Flight => {
                matches!(self, Self::Flight | Self::FlightAndVisit | Self::FlightOnly)
            }
            SettingsFile::Visit => {
                matches!(self, Self::Visit | Self::FlightAndVisit | Self::VisitOnly)
            }
        }
    }
}

/// The three settings files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsFile {
    /// `audit.toml`.
    Audit,
    /// `flights/<id>/flight.toml`.
    Flight,
    /// `inspections/<id>/visit.toml`.
    Visit,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Table it stands in.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Default as TOML text; empty means "not given".
    pub default: &'static str,
    /// Files it may stand in.
    pub scope: Scope,
    /// Whether a stage reads it; otherwise it is checked and listed as not yet used.
    pub used: bool,
}

const ANY: Kind = Kind::Number(f64::NEG_INFINITY, f64::INFINITY);
const POSITIVE: Kind = Kind::Number(0.0, f64::INFINITY);
const SHARE: Kind = Kind::Number(0.0, 1.0);
const CELSIUS: Kind = Kind::Number(-100.0, 2000.0);

const fn key(
    table: &'static str,
    name: &'static str,
    kind: Kind,
    default: &'static str,
    scope: Scope,
    used: bool,
) -> Key {
    Key {
        table,
        name,
        kind,
        default,
        scope,
        used,
    }
}

use Kind::{
    AutoOrNumber, Bool, Choice, Integer, NumberTable, Numbers, Paths, References, Text, Texts,
};
use Scope::{
    Flight as F, FlightAndVisit as FV, FlightOnly as FO, Project as P, Visit as V, VisitOnly as VO,
};

/// All keys of the plain tables, in the order of interface.md §5.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key("project", "name", Text, "", P, true),
    key("project", "crs", Text, "", P, true),
    key("project", "language", Choice(&["nl", "fr", "en", "de"]), "\"nl\"", P, true),
    key("project", "timezone", Text, "\"Europe/Brussels\"", P, true),
    key("project", "campaign", Text, "\"\"", P, true),
    key("project", "retain_until", Text, "\"\"", P, true),

    key("inputs", "buildings", Paths, "\"\"", P, true),
    key("inputs", "companies", Paths, "\"\"", P, true),
    key("inputs", "links", Paths, "\"\"", P, true),
    key("inputs", "parks", Paths, "\"\"", P, true),
    key("inputs", "weather", Paths, "\"\"", P, true),
    key("inputs", "dsm", Paths, "\"\"", P, true),
    key("inputs", "dtm", Paths, "\"\"", P, true),
    key("inputs", "reference", Paths, "\"\"", P, true),

    key("crs", "vertical_datum", Choice(&["auto", "taw", "ellipsoid", "msl", "relative"]), "\"auto\"", F, true),
    key("crs", "grid", Text, "\"embedded\"", F, true),
    key("crs", "takeoff_height_m", Kind::Number(-100.0, 9000.0), "nan", F, true),

    key("flight", "purpose", Choice(&["heat-loss", "moisture"]), "\"heat-loss\"", FO, true),
    key("flight", "platform", Text, "\"\"", FO, true),
    key("flight", "operator", Text, "\"\"", FO, true),
    key("flight", "planned_agl_m", POSITIVE, "nan", FO, true),
    key("flight", "camera_clock_offset_s", ANY, "0.0", FO, true),
    key("flight", "start", Text, "\"\"", FO, true),
    key("flight", "tiles", Bool, "false", FO, true),

    key("visit", "date", Text, "\"\"", VO, true),
    key("visit", "start", Text, "\"\"", VO, true),
    key("visit", "end", Text, "\"\"", VO, true),
    key("visit", "client", Text, "\"\"", VO, true),
    key("visit", "present", Text, "\"\"", VO, true),
    key("visit", "purpose", Text, "\"\"", VO, true),
    key("visit", "standard", Text, "\"EN 13187\"", VO, true),
    key("visit", "extent", Choice(&["simplified", "full"]), "\"simplified\"", VO, true),
    key("visit", "indoor_c", CELSIUS, "nan", VO, true),
    key("visit", "outdoor_c", CELSIUS, "nan", VO, true),
    key("visit", "humidity_pct", Kind::Number(0.0, 100.0), "nan", VO, true),
    key("visit", "wind_m_s", POSITIVE, "nan", VO, true),
    key("visit", "sun_12h", Text, "\"\"", VO, true),
    key("visit", "rain", Text, "\"\"", VO, true),
    key("visit", "pressure_pa", ANY, "nan", VO, true),
    key("visit", "examined", Texts, "[]", VO, true),
    key("visit", "not_examined", Texts, "[]", VO, true),
    key("visit", "flight", Text, "\"\"", VO, true),

    key("radiometry", "emissivity", Kind::Number(0.01, 1.05), "", FV, true),
    key("radiometry", "reflected_c", CELSIUS, "", FV, true),
    key("radiometry", "distance_m", POSITIVE, "", FV, true),
    key("radiometry", "air_c", CELSIUS, "", FV, true),
    key("radiometry", "humidity_pct", Kind::Number(0.0, 100.0), "", FV, true),
    key("radiometry", "window_transmission", Kind::Number(0.01, 1.0), "1.0", FV, true),
    key("radiometry", "window_c", CELSIUS, "", FV, true),
    key("radiometry", "planck", NumberTable(&["r1", "r2", "b", "f", "o"]), "", FV, true),
    key("radiometry", "tiff_scale", POSITIVE, "", FV, true),
    key("radiometry", "tiff_offset_c", ANY, "", FV, true),
    key("radiometry", "dji", Choice(&["physical", "vendor-equivalent"]), "\"physical\"", FV, true),
    key("radiometry", "sky_reflection", Bool, "true", FV, true),

    key("weather", "station", Text, "\"auto\"", F, true),
    key("weather", "sky_model", Choice(&["berdahl-martin", "clark-allen", "swinbank"]), "\"berdahl-martin\"", F, true),
    key("weather", "cloud_base_m", POSITIVE, "2000", F, true),
    key("weather", "roughness", Choice(&["open", "suburban", "urban"]), "\"suburban\"", F, true),
    key("weather", "air_c", CELSIUS, "", F, true),
    key("weather", "humidity_pct", Kind::Number(0.0, 100.0), "", F, true),
    key("weather", "wind_m_s", POSITIVE, "", F, true),
    key("weather", "cloud_okta", Kind::Number(0.0, 8.0), "", F, true),
    key("weather", "pressure_hpa", Kind::Number(800.0, 1100.0), "1013.25", F, true),
    key("weather", "sky_c", CELSIUS, "", F, true),

    key("orient", "adjust", Choice(&["auto", "on", "off"]), "\"auto\"", F, true),
    key("orient", "outline_control", Choice(&["auto", "on", "off"]), "\"auto\"", F, true),
    key("orient", "gnss_sigma_m", AutoOrNumber(0.0, 1000.0), "\"auto\"", F, true),
    key("orient", "attitude_sigma_deg", Numbers(Some(3)), "[3, 1.5, 1.5]", F, true),
    key("orient", "max_oblique_deg", Kind::Number(0.0, 90.0), "35", F, true),
    key("orient", "surface_sigma_m", POSITIVE, "0.3", F, true),

    key("level", "enabled", Bool, "true", F, true),
    key("level", "continuity_k_sqrt_s", POSITIVE, "0.3", F, true),
    key("level", "run_gap_s", POSITIVE, "60", F, true),
    key("level", "jump_k", POSITIVE, "0.7", F, true),
    key("level", "microclimate", Bool, "false", F, true),
    key("level", "references", References, "[]", F, true),

    key("mosaic", "gsd_m", AutoOrNumber(0.005, 100.0), "\"auto\"", F, true),
    key("mosaic", "max_view_deg", Kind::Number(1.0, 89.0), "50", F, true),
    key("mosaic", "blend", Choice(&["best-view", "mean", "median", "feather"]), "\"best-view\"", F, true),
    key("mosaic", "tile_px", Integer(64, 4096), "512", F, true),
    key("mosaic", "compression", Choice(&["deflate", "zstd", "none"]), "\"deflate\"", F, true),
    key("mosaic", "round_k", Kind::Number(0.0, 1.0), "0.0", F, true),

    key("segment", "inner_buffer_m", POSITIVE, "0.75", P, true),
    key("segment", "inner_buffer_px", POSITIVE, "2", P, true),
    key("segment", "min_building_m2", POSITIVE, "25", P, true),
    key("segment", "derive_outlines", Bool, "false", P, true),
    key("segment", "display_buffer_m", POSITIVE, "1.5", P, true),

    key("score", "u_bounds", Numbers(Some(5)), "[0.24, 0.40, 0.70, 1.2, 2.0]", P, true),
    key("score", "z_bounds", Numbers(Some(5)), "[-1, -0.3333, 0.3333, 1, 2]", P, true),
    key("score", "indoor_c", CELSIUS, "18", P, true),
    key("score", "indoor_sigma_k", POSITIVE, "3", P, true),
    key("score", "stratification_k_m", Kind::Number(0.0, 5.0), "0.4", P, true),
    key("score", "building_tau_h", POSITIVE, "30", P, true),
    key("score", "emissivity_unknown", Kind::Number(0.01, 1.0), "0.92", P, true),
    key("score", "emissivity_sigma", SHARE, "0.03", P, true),
    key("score", "emissivity_min_rated", SHARE, "0.80", P, true),
    key("score", "convection", Choice(&["clear", "iso6946", "mcadams", "jurges"]), "\"clear\"", P, true),
    key("score", "rse_m2k_w", POSITIVE, "0.04", P, true),
    key("score", "reference_percentile", Kind::Number(0.0, 100.0), "10", P, true),
    key("score", "reference_u", POSITIVE, "0.35", P, true),
    key("score", "reference_u_up", POSITIVE, "0.30", P, true),
    key("score", "reference_u_down", POSITIVE, "0.10", P, true),
    key("score", "min_group", Integer(2, 1_000_000), "10", P, true),
    key("score", "min_material_group", Integer(2, 1_000_000), "12", P, true),
    key("score", "min_dt_k", POSITIVE, "10", P, true),
    key("score", "max_wind_m_s", POSITIVE, "5", P, true),
    key("score", "seed_sigma", POSITIVE, "6", P, true),
    key("score", "seed_k", POSITIVE, "1.5", P, true),
    key("score", "area_seed_k", POSITIVE, "0.6", P, true),
    key("score", "area_seed_m2", POSITIVE, "1.0", P, true),
    key("score", "grow_sigma", POSITIVE, "3", P, true),
    key("score", "grow_k", POSITIVE, "0.7", P, true),
    key("score", "min_object_px", POSITIVE, "6", P, true),
    key("score", "min_object_m2", POSITIVE, "0.25", P, true),
    key("score", "background_m", POSITIVE, "5", P, true),
    key("score", "edge_m", POSITIVE, "0.75", P, true),
    key("score", "edge_px", POSITIVE, "2", P, true),
    key("score", "gi_radius_m", POSITIVE, "1.5", P, true),
    key("score", "fdr_q", SHARE, "0.05", P, true),
    key("score", "severity_w", Numbers(Some(4)), "[50, 250, 1000, 4000]", P, true),

    key("energy", "dd_value", POSITIVE, "2252", P, true),
    key("energy", "dd_base", CELSIUS, "16.5", P, true),
    key("energy", "dd_source", Text, "\"Synergrid 1991–2020\"", P, true),
    key("energy", "efficiency", Kind::Number(0.05, 10.0), "0.85", P, true),
    key("energy", "co2_kg_kwh", POSITIVE, "0.182", P, true),

    key("compare", "fdr_q", SHARE, "0.05", P, true),
    key("compare", "min_common_fraction", SHARE, "0.60", P, true),
    key("compare", "block_m", POSITIVE, "2", P, true),

    key("handheld", "electrical_table", Text, "\"neta\"", V, true),
    key("handheld", "load_exponent", POSITIVE, "1.7", V, true),
    key("handheld", "load_exponent_range", Numbers(Some(2)), "[1.6, 2.0]", V, true),
    key("handheld", "min_load", SHARE, "0.40", V, true),
    key("handheld", "wind_max_m_s", POSITIVE, "8", V, true),
    key("handheld", "f_rsi_limit", SHARE, "0.70", V, true),
    key("handheld", "rsi_m2k_w", POSITIVE, "0.13", V, true),
    key("handheld", "scale_c", Numbers(None), "[]", V, true),
    key("handheld", "view", Choice(&["side-by-side", "blended", "edges", "picture-in-picture"]), "\"side-by-side\"", V, true),
    key("handheld", "alarm", Choice(&["off", "mould", "dew"]), "\"off\"", V, true),

    key("privacy", "publish_confidence", SHARE, "0.6", P, true),
    key("privacy", "min_cell", Integer(1, 1000), "5", P, true),
    key("privacy", "aggregate_nonparticipants", Bool, "false", P, true),
    key("privacy", "clip_buffer_m", POSITIVE, "3", P, false),
    key("privacy", "link_secret_env", Text, "\"\"", P, true),

    key("report", "logo", Text, "\"\"", P, true),
    key("report", "auditor_logo", Text, "\"\"", P, true),
    key("report", "colour", Text, "\"\"", P, true),
    key("report", "contact", Text, "\"\"", P, true),
    key("report", "text", Text, "\"\"", P, true),
    key("report", "template", Text, "\"\"", P, true),
    key("report", "palette", Choice(&["inferno", "iron", "grey", "high-contrast"]), "\"inferno\"", P, true),
    key("report", "scale_c", Numbers(None), "[]", P, true),
    key("report", "max_hotspots", Integer(1, 50), "6", P, true),
    key("report", "savings", Bool, "false", P, true),
    key("report", "orthophoto", Text, "\"\"", P, true),
    key("report", "png_dpi", Integer(36, 600), "96", P, true),

    key("release", "name", Text, "\"\"", FV, true),
    key("release", "function", Text, "\"\"", FV, true),
    key("release", "scheme", Text, "\"\"", FV, true),
    key("release", "level", Text, "\"\"", FV, true),
    key("release", "number", Text, "\"\"", FV, true),
    key("release", "sector", Text, "\"\"", FV, true),
    key("release", "expires", Text, "\"\"", FV, true),
    key("release", "date", Text, "\"\"", FV, true),

    key("run", "jobs", Integer(0, 4096), "0", P, true),
    key("run", "max_memory_mb", Integer(64, 1_048_576), "2048", P, true),
    key("run", "cache_dir", Text, "\".thermaudit\"", P, true),
    key("run", "cache_max_gb", POSITIVE, "50", P, true),
];

/// Keys of one `[[camera]]` (flight.toml and visit.toml too).
#[rustfmt::skip]
pub const CAMERA_KEYS: &[Key] = &[
    key("camera", "make", Text, "\"\"", FV, true),
    key("camera", "model", Text, "\"\"", FV, true),
    key("camera", "serial", Text, "\"\"", FV, true),
    key("camera", "focal_mm", POSITIVE, "nan", FV, true),
    key("camera", "focal_px", POSITIVE, "nan", FV, true),
    key("camera", "pitch_um", POSITIVE, "nan", FV, true),
    key("camera", "cx_px", ANY, "nan", FV, true),
    key("camera", "cy_px", ANY, "nan", FV, true),
    key("camera", "distortion", Choice(&["brown", "fisheye"]), "\"brown\"", FV, true),
    key("camera", "k1", ANY, "0.0", FV, true),
    key("camera", "k2", ANY, "0.0", FV, true),
    key("camera", "k3", ANY, "0.0", FV, true),
    key("camera", "p1", ANY, "0.0", FV, true),
    key("camera", "p2", ANY, "0.0", FV, true),
    key("camera", "netd_k", POSITIVE, "0.05", FV, true),
    key("camera", "band_um", Numbers(Some(2)), "[7.5, 13.5]", FV, false),
    key("camera", "yaw_source", Choice(&["auto", "gimbal", "flight"]), "\"auto\"", FV, true),
    key("camera", "boresight_deg", Numbers(Some(3)), "[0, 0, 0]", FV, true),
    key("camera", "lever_m", Numbers(Some(3)), "[0, 0, 0]", FV, true),
    key("camera", "trigger_lag_s", ANY, "0.0", FV, true),
    key("camera", "calibrated_on", Text, "\"\"", FV, false),
    key("camera", "lens", Text, "\"\"", FV, false),
    key("camera", "range_c", Numbers(None), "[]", FV, false),
];

/// Keys of one `[score.material.NAME]`.
#[rustfmt::skip]
pub const MATERIAL_KEYS: &[Key] = &[
    key("score.material", "emissivity", Kind::Number(0.01, 1.0), "", P, true),
    key("score.material", "emissivity_sigma", SHARE, "", P, true),
    key("score.material", "roughness_factor", Kind::Number(0.5, 3.0), "", P, true),
];

/// Tables whose columns `[schema.*]` may rename.
pub const SCHEMA_TABLES: &[&str] = &[
    "buildings",
    "companies",
    "links",
    "weather",
    "findings",
    "poses",
    "parks",
    "plots",
    "review",
];

/// The key of a table, if there is one.
pub fn find(table: &str, name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.table == table && k.name == name)
}

/// Names of all plain tables, once each, in order.
pub fn tables() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for key in KEYS {
        if names.last() != Some(&key.table) {
            names.push(key.table);
        }
    }
    names
}

/// Longest word that is compared with the known ones, bytes.
const LONGEST_WORD: usize = 200;

/// The known word nearest to a misspelt one, when it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody misspells a word into a page; comparing that with every known one takes its time.
    if word.len() > LONGEST_WORD {
        return None;
    }
    known
        .into_iter()
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= candidate.len().max(word.len()) / 2)
        .map(|(_, candidate)| candidate)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_toml() {
        for key in KEYS.iter().chain(CAMERA_KEYS).chain(MATERIAL_KEYS) {
            if !key.default.is_empty() {
                let text = format!("v = {}", key.default);
                assert!(
                    text.parse::<toml::Table>().is_ok(),
                    "{}.{}",
                    key.table,
                    key.name
                );
            }
        }
    }

    #[test]
    fn keys_are_unique() {
        for (i, a) in KEYS.iter().enumerate() {
            assert!(
                !KEYS[..i]
                    .iter()
                    .any(|b| a.table == b.table && a.name == b.name),
                "{}.{}",
                a.table,
                a.name
            );
        }
    }

    #[test]
    fn a_misspelt_key_finds_its_neighbour_and_nonsense_finds_none() {
        assert_eq!(
            nearest("emisivity", ["emissivity", "distance_m"]),
            Some("emissivity")
        );
        assert_eq!(nearest("zzzzzz", ["emissivity", "distance_m"]), None);
        assert_eq!(nearest(&"emissivity".repeat(1000), ["emissivity"]), None);
    }
}
