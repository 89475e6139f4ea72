//! Settings `[score]` and `[energy]` of interface.md §5.

use super::convection;
use super::energy::EnergyOptions;
use super::material::MaterialOverride;
use std::collections::BTreeMap;

/// Every key of `[score]` with its default.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Upper bounds of classes 1–5 in U, W/m²K.
    pub u_bounds: [f64; 5],
    /// Upper bounds of classes 1–5 in robust z.
    pub z_bounds: [f64; 5],
    /// Indoor temperature where none is given, °C.
    pub indoor_c: f64,
    /// Its standard uncertainty, K; a given one counts as known to 2 K.
    pub indoor_sigma_k: f64,
    /// Vertical gradient under the ceiling, K/m.
    pub stratification_k_m: f64,
    /// Time constant of a building after the heating stopped, hours.
    pub building_tau_h: f64,
    /// Emissivity of an unknown material.
    pub emissivity_unknown: f64,
    /// Its standard uncertainty.
    pub emissivity_sigma: f64,
    /// Roofs of a lower emissivity are not rated.
    pub emissivity_min_rated: f64,
    /// Convection formula.
    pub convection: convection::Model,
    /// External surface resistance, m²K/W.
    pub rse_m2k_w: f64,
    /// Percentile of heated roofs that serves as reference.
    pub reference_percentile: f64,
    /// U taken for it, W/m²K.
    pub reference_u: f64,
    /// Standard uncertainty of that upward, W/m²K.
    pub reference_u_up: f64,
    /// Standard uncertainty of that downward, W/m²K.
    pub reference_u_down: f64,
    /// Least number of comparable roofs.
    pub min_group: usize,
    /// Least number of roofs of one material to be compared apart.
    pub min_material_group: usize,
    /// Least difference between inside and outside, K.
    pub min_dt_k: f64,
    /// Greatest wind at the roof, m/s.
    pub max_wind_m_s: f64,
    /// Seed of an object in σ of the residual.
    pub seed_sigma: f64,
    /// Seed of an object, K; the larger of both counts.
    pub seed_k: f64,
    /// Mean residual that makes an area a seed, K.
    pub area_seed_k: f64,
    /// Size of that area, m².
    pub area_seed_m2: f64,
    /// Growth limit in σ; also the limit of area seeds.
    pub grow_sigma: f64,
    /// Growth limit, K.
    pub grow_k: f64,
    /// Least object, cells.
    pub min_object_px: usize,
    /// Least object, m².
    pub min_object_m2: f64,
    /// Window of the background median, metres.
    pub background_m: f64,
    /// Band along the outline whose objects go to the edge list, metres.
    pub edge_m: f64,
    /// The same in cells; the larger of both counts.
    pub edge_px: f64,
    /// Radius of the Gi* neighbourhood, metres.
    pub gi_radius_m: f64,
    /// False-discovery rate.
    pub fdr_q: f64,
    /// Bounds of the severities in W.
    pub severity_w: [f64; 4],
    /// Materials that differ from or add to the built-in table.
    pub material: BTreeMap<String, MaterialOverride>,
    /// Settings `[energy]`.
    pub energy: EnergyOptions,
    /// Whether the flight looks for moisture (`flight.purpose`) rather than heat loss.
    pub moisture: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            u_bounds: [0.24, 0.40, 0.70, 1.2, 2.0],
            z_bounds: [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0, 2.0],
            indoor_c: 18.0,
            indoor_sigma_k: 3.0,
            stratification_k_m: 0.4,
            building_tau_h: 30.0,
            emissivity_unknown: 0.92,
            emissivity_sigma: 0.03,
            emissivity_min_rated: 0.80,
            convection: convection::Model::Clear,
            rse_m2k_w: 0.04,
            reference_percentile: 10.0,
            reference_u: 0.35,
            reference_u_up: 0.30,
            reference_u_down: 0.10,
            min_group: 10,
            min_material_group: 12,
            min_dt_k: 10.0,
            max_wind_m_s: 5.0,
            seed_sigma: 6.0,
            seed_k: 1.5,
            area_seed_k: 0.6,
            area_seed_m2: 1.0,
            grow_sigma: 3.0,
            grow_k: 0.7,
            min_object_px: 6,
            min_object_m2: 0.25,
            background_m: 5.0,
            edge_m: 0.75,
            edge_px: 2.0,
            gi_radius_m: 1.5,
            fdr_q: 0.05,
            severity_w: [50.0, 250.0, 1000.0, 4000.0],
            material: BTreeMap::new(),
            energy: EnergyOptions::default(),
            moisture: false,
        }
    }
}
