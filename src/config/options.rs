//! Typed options per stage, built from the checked values.

use super::parse::{CameraSetting, MaterialSetting};
use super::{Origin, Settings, as_number};
use crate::calibrate::parameters::{self, Choice};
use crate::orient::cameras::{CameraEntry, LensKind};
use crate::orient::{self, VerticalDatum, YawSource};
use crate::survey::Planck;
use crate::{compare, level, mosaic, score, segment};

/// A place of known surface temperature.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelReference {
    /// Map x, metres.
    pub x_m: f64,
    /// Map y, metres.
    pub y_m: f64,
    /// Surface temperature, °C.
    pub temp_c: f64,
    /// 1σ of it, kelvin.
    pub sigma_k: f64,
    /// What it is: water, asphalt, black body, probe.
    pub what: String,
}

impl Settings {
    /// Options of the adjustment.
    pub fn adjust_options(&self) -> orient::adjust::Options {
        let usual = orient::adjust::Options::default();
        let attitude = self.numbers("orient", "attitude_sigma_deg");
        orient::adjust::Options {
            attitude_deg: attitude.try_into().unwrap_or(usual.attitude_deg),
            surface_m: self.or("orient", "surface_sigma_m", usual.surface_m),
            ..usual
        }
    }

    /// Options of `orient`. Values of the last `[[camera]]` that names them hold for the flight.
    pub fn orient_options(&self) -> orient::Options {
        let triple = |name: &str| {
            self.cameras
                .iter()
                .rev()
                .find_map(|c| c.numbers(name))
                .and_then(|v| <[f64; 3]>::try_from(v).ok())
                .unwrap_or([0.0; 3])
        };
        orient::Options {
            yaw_source: self
                .cameras
                .iter()
                .rev()
                .find_map(yaw_source)
                .unwrap_or_default(),
            vertical_datum: match self.text("crs", "vertical_datum") {
                "taw" => VerticalDatum::Taw,
                "ellipsoid" => VerticalDatum::Ellipsoid,
                "msl" => VerticalDatum::Msl,
                "relative" => VerticalDatum::Relative,
                _ => VerticalDatum::Auto,
            },
            takeoff_height_m: self.number("crs", "takeoff_height_m"),
            max_oblique_deg: self.or("orient", "max_oblique_deg", 35.0),
            gnss_sigma_m: self.number("orient", "gnss_sigma_m"),
            boresight_deg: triple("boresight_deg"),
            lever_m: triple("lever_m"),
            trigger_lag_s: self
                .cameras
                .iter()
                .rev()
                .find_map(|c| c.number("trigger_lag_s"))
                .unwrap_or(0.0),
            planned_agl_m: self.number("flight", "planned_agl_m"),
        }
    }

    /// The user's cameras for the camera table.
    pub fn camera_entries(&self) -> Vec<CameraEntry> {
        self.cameras.iter().map(camera_entry).collect()
    }

    /// Options of `level`.
    pub fn level_options(&self) -> level::Options {
        level::Options {
            enabled: self.flag("level", "enabled"),
            continuity_k_sqrt_s: self.or("level", "continuity_k_sqrt_s", 0.3),
            run_gap_s: self.or("level", "run_gap_s", 60.0),
            jump_k: self.or("level", "jump_k", 0.7),
            ..level::Options::default()
        }
    }

    /// Places of known temperature, `level.references`.
    pub fn level_references(&self) -> Vec<LevelReference> {
        let items = self.get("level", "references").value.as_ref();
        let items = items.and_then(toml::Value::as_array).into_iter().flatten();
        items
            .filter_map(|item| {
                let number = |name: &str| item.get(name).and_then(as_number);
                Some(LevelReference {
                    x_m: number("x_m")?,
                    y_m: number("y_m")?,
                    temp_c: number("temp_c")?,
                    sigma_k: number("sigma_k")?.max(0.01),
                    what: item
                        .get("what")
                        .and_then(toml::Value::as_str)
                        .unwrap_or("reference")
                        .to_owned(),
                })
            })
            .collect()
    }

    /// Options of `mosaic`, those of `rectify` inside.
    pub fn mosaic_options(&self) -> mosaic::Options {
        let standard = mosaic::Options::default();
        mosaic::Options {
            gsd_m: self.number("mosaic", "gsd_m"),
            blend: match self.text("mosaic", "blend") {
                "mean" => mosaic::Blend::Mean,
                "median" => mosaic::Blend::Median,
                "feather" => mosaic::Blend::Feather,
                _ => mosaic::Blend::BestView,
            },
            tile_px: usize::try_from(self.integer("mosaic", "tile_px")).unwrap_or(512),
            rectify: crate::rectify::Options {
                max_view_deg: self.or("mosaic", "max_view_deg", 50.0),
                ..standard.rectify
            },
            ..standard
        }
    }

    /// Options of `segment`.
    pub fn segment_options(&self) -> segment::Options {
        segment::Options {
            inner_buffer_m: self.or("segment", "inner_buffer_m", 0.75),
            inner_buffer_px: self.or("segment", "inner_buffer_px", 2.0),
            min_building_m2: self.or("segment", "min_building_m2", 25.0),
            display_buffer_m: self.or("segment", "display_buffer_m", 1.5),
            ..segment::Options::default()
        }
    }

    /// Formula for the sky.
    pub fn sky_model(&self) -> score::sky::Model {
        match self.text("weather", "sky_model") {
            "clark-allen" => score::sky::Model::ClarkAllen,
            "swinbank" => score::sky::Model::Swinbank,
            _ => score::sky::Model::BerdahlMartin,
        }
    }

    /// Ground the wind comes over.
    pub fn terrain(&self) -> score::convection::Terrain {
        match self.text("weather", "roughness") {
            "open" => score::convection::Terrain::Open,
            "urban" => score::convection::Terrain::Urban,
            _ => score::convection::Terrain::Suburban,
        }
    }

    /// Options of `score`.
    pub fn score_options(&self) -> score::Options {
        let standard = score::Options::default();
        let number = |name: &str, default: f64| self.or("score", name, default);
        let whole = |name: &str| usize::try_from(self.integer("score", name)).unwrap_or(0);
        score::Options {
            u_bounds: self.array("score", "u_bounds").unwrap_or(standard.u_bounds),
            z_bounds: self.array("score", "z_bounds").unwrap_or(standard.z_bounds),
            indoor_c: number("indoor_c", standard.indoor_c),
            indoor_sigma_k: number("indoor_sigma_k", standard.indoor_sigma_k),
            stratification_k_m: number("stratification_k_m", standard.stratification_k_m),
            building_tau_h: number("building_tau_h", standard.building_tau_h),
            emissivity_unknown: number("emissivity_unknown", standard.emissivity_unknown),
            emissivity_sigma: number("emissivity_sigma", standard.emissivity_sigma),
            emissivity_min_rated: number("emissivity_min_rated", standard.emissivity_min_rated),
            convection: match self.text("score", "convection") {
                "iso6946" => score::convection::Model::Iso6946,
                "mcadams" => score::convection::Model::McAdams,
                "jurges" => score::convection::Model::Jurges,
                _ => score::convection::Model::Clear,
            },
            rse_m2k_w: number("rse_m2k_w", standard.rse_m2k_w),
            reference_percentile: number("reference_percentile", standard.reference_percentile),
            reference_u: number("reference_u", standard.reference_u),
            reference_u_up: number("reference_u_up", standard.reference_u_up),
            reference_u_down: number("reference_u_down", standard.reference_u_down),
            min_group: whole("min_group"),
            min_material_group: whole("min_material_group"),
            min_dt_k: number("min_dt_k", standard.min_dt_k),
            max_wind_m_s: number("max_wind_m_s", standard.max_wind_m_s),
            seed_sigma: number("seed_sigma", standard.seed_sigma),
            seed_k: number("seed_k", standard.seed_k),
            area_seed_k: number("area_seed_k", standard.area_seed_k),
            area_seed_m2: number("area_seed_m2", standard.area_seed_m2),
            grow_sigma: number("grow_sigma", standard.grow_sigma),
            grow_k: number("grow_k", standard.grow_k),
            min_object_px: number("min_object_px", 6.0).ceil() as usize,
            min_object_m2: number("min_object_m2", standard.min_object_m2),
            background_m: number("background_m", standard.background_m),
            edge_m: number("edge_m", standard.edge_m),
            edge_px: number("edge_px", standard.edge_px),
            gi_radius_m: number("gi_radius_m", standard.gi_radius_m),
            fdr_q: number("fdr_q", standard.fdr_q),
            severity_w: self
                .array("score", "severity_w")
                .unwrap_or(standard.severity_w),
            material: self.materials.iter().map(material).collect(),
            energy: score::energy::EnergyOptions {
                dd_value: self.or("energy", "dd_value", 2252.0),
                efficiency: self.or("energy", "efficiency", 0.85),
                co2_kg_kwh: self.or("energy", "co2_kg_kwh", 0.182),
            },
            moisture: self.text("flight", "purpose") == "moisture",
        }
    }

    /// Options of `compare`.
    pub fn compare_options(&self) -> compare::Options {
        let standard = compare::Options::default();
        let number = |name: &str, default: f64| self.or("compare", name, default);
        compare::Options {
            fdr_q: number("fdr_q", standard.fdr_q),
            min_common_fraction: number("min_common_fraction", standard.min_common_fraction),
            block_m: number("block_m", standard.block_m),
        }
    }

    /// What `[radiometry]` says, with the origin of each value.
    pub fn radiometry(&self) -> parameters::Settings {
        let choice = |name: &str| {
            let origin = self.calibration_origin("radiometry", name)?;
            self.number("radiometry", name)
                .map(|v| Choice::new(v, origin))
        };
        let weather = |name: &str| {
            let origin = self.calibration_origin("weather", name)?;
            self.number("weather", name).map(|v| Choice::new(v, origin))
        };
        let percent = |c: Choice<f64>| Choice::new(c.value / 100.0, c.origin);
        parameters::Settings {
            emissivity: choice("emissivity"),
            reflected_c: choice("reflected_c"),
            distance_m: choice("distance_m"),
            air_c: choice("air_c").or_else(|| weather("air_c")),
            humidity: choice("humidity_pct")
                .or_else(|| weather("humidity_pct"))
                .map(percent),
            window_transmission: choice("window_transmission"),
            window_c: choice("window_c"),
            planck: self.planck(),
            linear: choice("tiff_scale").map(|scale| {
                let offset = choice("tiff_offset_c").map_or(0.0, |c| c.value);
                Choice::new((scale.value, offset), scale.origin)
            }),
            vendor_equivalent: self.calibration_origin("radiometry", "dji").map(|origin| {
                let vendor = self.text("radiometry", "dji") == "vendor-equivalent";
                Choice::new(vendor, origin)
            }),
        }
    }

    /// What `[radiometry]` says for handheld pictures: constant values of `[weather]` are those of a
    /// flight's night, not of the room a picture was taken in.
    pub fn visit_radiometry(&self) -> parameters::Settings {
        let choice = |name: &str| {
            let origin = self.calibration_origin("radiometry", name)?;
            self.number("radiometry", name)
                .map(|v| Choice::new(v, origin))
        };
        parameters::Settings {
            air_c: choice("air_c"),
            humidity: choice("humidity_pct").map(|c| Choice::new(c.value / 100.0, c.origin)),
            ..self.radiometry()
        }
    }

    /// `[handheld]` but for the table of electrical differences, which may be a file.
    pub fn handheld_options(&self) -> score::handheld::Options {
        let standard = score::handheld::Options::default();
        let number = |name: &str, default: f64| self.or("handheld", name, default);
        score::handheld::Options {
            load_exponent: number("load_exponent", standard.load_exponent),
            load_exponent_range: self
                .array("handheld", "load_exponent_range")
                .unwrap_or(standard.load_exponent_range),
            min_load: number("min_load", standard.min_load),
            wind_max_m_s: number("wind_max_m_s", standard.wind_max_m_s),
            f_rsi_limit: number("f_rsi_limit", standard.f_rsi_limit),
            rsi_m2k_w: number("rsi_m2k_w", standard.rsi_m2k_w),
            table: standard.table,
        }
    }

    fn planck(&self) -> Option<Choice<Planck>> {
        let origin = self.calibration_origin("radiometry", "planck")?;
        let table = self
            .get("radiometry", "planck")
            .value
            .as_ref()?
            .as_table()?;
        let number = |name: &str| table.get(name).and_then(super::as_number);
        let planck = Planck {
            r1: number("r1")?,
            r2: number("r2")?,
            b: number("b")?,
            f: number("f")?,
            o: number("o")?,
        };
        Some(Choice::new(planck, origin))
    }

    /// Origin of a value that was set; `None` for defaults.
    fn calibration_origin(&self, table: &str, name: &str) -> Option<parameters::Origin> {
        match &self.get(table, name).origin {
            Origin::Default => None,
            Origin::CommandLine => Some(parameters::Origin::CommandLine),
            Origin::File(file) if file.ends_with("flight.toml") => {
                Some(parameters::Origin::FlightToml)
            }
            Origin::File(file) if file.ends_with("visit.toml") => {
                Some(parameters::Origin::VisitToml)
            }
            Origin::File(_) => Some(parameters::Origin::AuditToml),
        }
    }

    fn or(&self, table: &str, name: &str, default: f64) -> f64 {
        self.number(table, name).unwrap_or(default)
    }

    fn array<const N: usize>(&self, table: &str, name: &str) -> Option<[f64; N]> {
        self.numbers(table, name).try_into().ok()
    }
}

fn yaw_source(camera: &CameraSetting) -> Option<YawSource> {
    match camera.text("yaw_source") {
        "auto" => Some(YawSource::Auto),
        "gimbal" => Some(YawSource::Gimbal),
        "flight" => Some(YawSource::Flight),
        _ => None,
    }
}

fn camera_entry(camera: &CameraSetting) -> CameraEntry {
    CameraEntry {
        make: camera.text("make").to_owned(),
        model: camera.text("model").to_owned(),
        serial: camera.text("serial").to_owned(),
        pitch_um: camera.number("pitch_um"),
        focal_mm: camera.number("focal_mm"),
        focal_px: camera.number("focal_px"),
        cx_px: camera.number("cx_px"),
        cy_px: camera.number("cy_px"),
        distortion: match camera.text("distortion") {
            "brown" => Some(LensKind::Brown),
            "fisheye" => Some(LensKind::Fisheye),
            _ => None,
        },
        k1: camera.number("k1"),
        k2: camera.number("k2"),
        k3: camera.number("k3"),
        p1: camera.number("p1"),
        p2: camera.number("p2"),
        netd_k: camera.number("netd_k"),
        yaw_source: yaw_source(camera),
        boresight_deg: camera
            .numbers("boresight_deg")
            .and_then(|v| v.try_into().ok()),
        lever_m: camera.numbers("lever_m").and_then(|v| v.try_into().ok()),
        trigger_lag_s: camera.number("trigger_lag_s"),
        ..CameraEntry::default()
    }
}

fn material(setting: &MaterialSetting) -> (String, score::material::MaterialOverride) {
    let given = |name: &str| setting.given.get(name).copied();
    (
        setting.name.clone(),
        score::material::MaterialOverride {
            emissivity: given("emissivity"),
            emissivity_sigma: given("emissivity_sigma"),
            roughness_factor: given("roughness_factor"),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema's defaults and the stages' own defaults are one truth.
    #[test]
    fn default_settings_give_the_default_options_of_every_stage() {
        let settings = Settings::defaults();
        assert_eq!(settings.orient_options(), orient::Options::default());
        assert_eq!(settings.level_options(), level::Options::default());
        assert_eq!(settings.mosaic_options(), mosaic::Options::default());
        assert_eq!(settings.segment_options(), segment::Options::default());
        assert_eq!(settings.compare_options(), compare::Options::default());
        let (from_schema, own) = (settings.score_options(), score::Options::default());
        // The interface prints the bounds ±1/3 with four digits.
        for (a, b) in from_schema.z_bounds.iter().zip(own.z_bounds) {
            assert!((a - b).abs() < 1e-4);
        }
        let from_schema = score::Options {
            z_bounds: own.z_bounds,
            ..from_schema
        };
        assert_eq!(from_schema, own);
    }

    #[test]
    fn the_makers_temperatures_are_taken_only_where_they_are_asked_for() {
        let asked = |line: &str| {
            let text =
                format!("[project]\nname = \"p\"\ncrs = \"EPSG:31370\"\n[radiometry]\n{line}\n");
            let settings = Settings::from_audit_toml(&text, "audit.toml").expect("valid");
            settings.radiometry().vendor_equivalent.map(|c| c.value)
        };
        assert_eq!(asked(""), None);
        assert_eq!(asked("dji = \"physical\""), Some(false));
        assert_eq!(asked("dji = \"vendor-equivalent\""), Some(true));
    }

    #[test]
    fn radiometry_names_where_a_value_was_set() {
        let text =
            "[project]\nname = \"p\"\ncrs = \"EPSG:31370\"\n[radiometry]\nemissivity = 0.9\n";
        let settings = Settings::from_audit_toml(text, "audit.toml").expect("valid");
        let emissivity = settings.radiometry().emissivity.expect("set");
        assert_eq!(emissivity.value, 0.9);
        assert_eq!(emissivity.origin, parameters::Origin::AuditToml);
        assert_eq!(settings.radiometry().window_transmission, None);
    }
}
