//! The circumstances of a flight, and what the scoring makes of them.

use super::convection::{self, RoofAir};
use super::sky;
use super::{Options, material::Material};

/// What is known of a flight; unknown is `None` and never guessed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlightConditions {
    /// Air temperature, °C.
    pub air_c: Option<f64>,
    /// Relative humidity, %.
    pub humidity_pct: Option<f64>,
    /// Wind of the station at 10 m, m/s.
    pub wind_m_s: Option<f64>,
    /// Cloud cover, okta 0–8.
    pub cloud_okta: Option<f64>,
    /// Air pressure, hPa.
    pub pressure_hpa: Option<f64>,
    /// Measured sky temperature, °C; beats the model.
    pub sky_c: Option<f64>,
    /// Formula for the sky (`weather.sky_model`).
    pub sky_model: sky::Model,
    /// Ground around the roofs (`weather.roughness`).
    pub terrain: convection::Terrain,
    /// Height of the cloud base, km (`weather.cloud_base_m`).
    pub cloud_base_km: f64,
    /// Local time of the middle of the flight, hours after midnight.
    pub local_hour: Option<f64>,
    /// Hours since sunset, 0 in daylight ([`super::sun::night`]).
    pub since_sunset_h: Option<f64>,
    /// Mean cloud cover of the six hours before sunset, okta: what the sun could store.
    pub day_cloud_okta: Option<f64>,
    /// Rain in the 24 hours before, mm.
    pub rain_24h_mm: Option<f64>,
    /// Rain in the 12 hours before, mm.
    pub rain_12h_mm: Option<f64>,
    /// Rain during the flight and the hour before, mm.
    pub rain_flight_mm: Option<f64>,
    /// How fast the air cools in the hour before, K per hour; negative where it warms.
    pub cooling_k_h: Option<f64>,
    /// Range of the air temperature over the flight, K.
    pub air_drift_k: Option<f64>,
    /// Range of the cloud cover over the flight, okta.
    pub cloud_change_okta: Option<f64>,
    /// Disagreement of overlapping frames after levelling, K.
    pub overlap_disagreement_k: Option<f64>,
    /// Emissivity the mosaic was made with.
    pub emissivity: f64,
    /// Reflected temperature the mosaic was made with, °C.
    pub reflected_c: Option<f64>,
    /// Band of the camera, µm.
    pub band_um: (f64, f64),
    /// How well map and outlines lie on each other, 1σ, metres; `None` counts as exact.
    pub placement_sigma_m: Option<f64>,
    /// Noise-equivalent temperature difference of a frame, K.
    pub netd_k: f64,
    /// Whether the camera measures temperatures at all.
    pub radiometric: bool,
}

impl Default for FlightConditions {
    /// A radiometric long-wave camera, the flight's default emissivity, no weather.
    fn default() -> Self {
        Self {
            air_c: None,
            humidity_pct: None,
            wind_m_s: None,
            cloud_okta: None,
            pressure_hpa: None,
            sky_c: None,
            sky_model: sky::Model::default(),
            terrain: convection::Terrain::default(),
            cloud_base_km: 2.0,
            local_hour: None,
            since_sunset_h: None,
            day_cloud_okta: None,
            rain_24h_mm: None,
            rain_12h_mm: None,
            rain_flight_mm: None,
            cooling_k_h: None,
            air_drift_k: None,
            cloud_change_okta: None,
            overlap_disagreement_k: None,
            emissivity: 0.92,
            reflected_c: None,
            band_um: (7.5, 13.5),
            placement_sigma_m: None,
            netd_k: 0.05,
            radiometric: true,
        }
    }
}

/// Eave height where none is given, metres.
pub const EAVE_HEIGHT_M: f64 = 8.0;

impl FlightConditions {
    /// Dew point, °C.
    pub fn dew_point_c(&self) -> Option<f64> {
        Some(sky::dew_point_c(self.air_c?, self.humidity_pct?))
    }

    /// Sky temperature: measured, else that of the model; `None` where air, humidity or cloud is
    /// unknown.
    pub fn sky(&self) -> Option<sky::Sky> {
        if let Some(sky_c) = self.sky_c {
            return Some(sky::Sky {
                sky_c,
                sigma_k: 1.0,
            });
        }
        Some(sky::model(
            self.sky_model,
            self.air_c?,
            self.humidity_pct?,
            self.cloud_okta? / 8.0,
            self.cloud_base_km,
            self.local_hour.unwrap_or(0.0),
            self.pressure_hpa(),
        ))
    }

    /// Pressure, hPa; the standard atmosphere where unknown (it enters weakly).
    pub fn pressure_hpa(&self) -> f64 {
        self.pressure_hpa.unwrap_or(1013.25)
    }

    /// Wind at a roof, m/s.
    pub fn wind_at_roof(&self, eave_m: Option<f64>) -> Option<f64> {
        Some(convection::wind_at_roof(
            self.wind_m_s?,
            eave_m.unwrap_or(EAVE_HEIGHT_M),
            self.terrain,
        ))
    }

    /// The air at a roof; `None` without air temperature and wind.
    pub(super) fn roof_air(
        &self,
        surface_c: f64,
        (area_m2, perimeter_m): (f64, f64),
        eave_m: Option<f64>,
        material: &Material,
    ) -> Option<RoofAir> {
        Some(RoofAir {
            surface_c,
            air_c: self.air_c?,
            wind_m_s: self.wind_at_roof(eave_m)?,
            area_m2,
            perimeter_m,
            roughness: material.roughness,
            pressure_hpa: self.pressure_hpa(),
        })
    }

    /// Convective coefficient of a roof, W/m²K; `None` without air temperature and wind.
    pub fn h_c(
        &self,
        surface_c: f64,
        size: (f64, f64),
        eave_m: Option<f64>,
        material: &Material,
        options: &Options,
    ) -> Option<f64> {
        let roof = self.roof_air(surface_c, size, eave_m, material)?;
        Some(convection::coefficient(options.convection, &roof))
    }
}
