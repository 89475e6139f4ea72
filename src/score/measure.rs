//! Measures one roof in the mosaic.
//!
//! In: the roof's cells, its window of the mosaic, what is known of the building and the flight.
//! Out: statistics of the inner cells under the roof's own emissivity, how much of it could be
//! judged, and its warm and cold objects. Nothing is compared with other roofs here
//! ([`super::rate`]), so roofs can be measured in any order and in parallel.

use super::balance::Surroundings;
use super::confirm::confirm;
use super::detect::{EDGE, INNER, OUTSIDE, Scale, detect};
use super::emissivity::{Conversion, convert};
use super::material::{Material, material};
use super::spot::{self, Cells, Spot};
use super::{FlightConditions, Options, RoofStatistics};
use crate::calibrate::radiance::Band;
use crate::raster::Grid;
use crate::segment::{Roof, Zonal, zonal};
use crate::survey::{Heated, Outline};

/// A reading this far below the adiabatic roof is a mirror of the sky, K (scoring.md §1).
pub const REFLECTIVE_K: f64 = 6.0;

/// Cells whose centre lies nearer to the outline mix roof with wall and ground: half a cell of
/// their own, the camera's blur and placement about half a cell each. Where the map lies less
/// surely than that, its 1σ counts: the rim would show the ground beside the roof.
const MIXED_PX: f64 = 1.5;

/// What is known of a building beside its picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoofContext {
    /// Building key.
    pub oidn: String,
    /// Roof material, buildings row before companies row.
    pub material: Option<String>,
    /// Known U-value, W/m²K.
    pub u_value: Option<f64>,
    /// Indoor temperature of the buildings row, °C.
    pub indoor_c: Option<f64>,
    /// Indoor temperature of the companies row, °C.
    pub company_indoor_c: Option<f64>,
    /// Eave height, metres.
    pub height_m: Option<f64>,
    /// Whether the roof may anchor the flight.
    pub reference: bool,
    /// Whether the company heats.
    pub heated: Option<Heated>,
    /// Local hour at which heating stops.
    pub heating_off_h: Option<f64>,
    /// Ceiling height, metres.
    pub ceiling_height_m: Option<f64>,
    /// Gas price of the company, EUR per kWh gross.
    pub gas_price_eur_kwh: Option<f64>,
    /// Number of companies that share the building.
    pub companies: u32,
}

impl RoofContext {
    /// What an outline says; the companies' part is filled in by the caller.
    pub fn of_outline(outline: &Outline) -> Self {
        Self {
            oidn: outline.oidn.clone(),
            material: outline.material.clone(),
            u_value: outline.u_value,
            indoor_c: outline.indoor_c,
            height_m: outline.height_m,
            reference: outline.reference,
            ..Self::default()
        }
    }
}

/// One roof as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// What is known of the building.
    pub context: RoofContext,
    /// Material taken.
    pub material: Material,
    /// Area of the outline, m².
    pub area_m2: f64,
    /// Perimeter of the outline, metres.
    pub perimeter_m: f64,
    /// Middle of the outline, project CRS.
    pub middle: (f64, f64),
    /// Cell size, metres.
    pub cell_m: f64,
    /// Share of the outline the mosaic covers, 0–1.
    pub observed_fraction: f64,
    /// Share of the inner cells that could be judged, 0–1.
    pub valid_fraction: f64,
    /// Whether the outline has inner cells at all.
    pub has_inner: bool,
    /// Share of the observed inner cells that mirror the sky, 0–1.
    pub reflective_fraction: f64,
    /// Statistics of the judged inner cells, °C.
    pub statistics: Option<RoofStatistics>,
    /// Median number of frames behind them.
    pub frames_median: f64,
    /// Uncertainty of the temperature from that of the emissivity, K.
    pub emissivity_sigma_k: f64,
    /// σ of the residual, K.
    pub residual_sigma_k: f64,
    /// Warm objects, from west to east.
    pub hot: Vec<Spot>,
    /// Cold objects.
    pub cold: Vec<Spot>,
}

/// What is measured: the window of the mosaic a [`Roof`] names.
#[derive(Clone, Copy, Debug)]
pub struct MeasureInput<'a> {
    /// Cells of the roof.
    pub roof: &'a Roof,
    /// What is known of the building.
    pub context: &'a RoofContext,
    /// Temperatures of the window, °C, under the flight's emissivity; NaN where not seen.
    pub celsius: &'a Grid<f32>,
    /// Robust means of all clean views, for the statistics; where absent, `celsius` serves. Extremes
    /// and objects are always those of `celsius`: means of misplaced views lower peaks.
    pub mean: Option<&'a Grid<f32>>,
    /// Frames behind each cell; same shape. Zero where unknown.
    pub count: &'a Grid<u16>,
}

/// Measures a roof. Grids of another shape than the roof's window count as not seen.
pub fn measure(input: &MeasureInput<'_>, flight: &FlightConditions, options: &Options) -> Measured {
    let roof = input.roof;
    let unknown = (options.emissivity_unknown, options.emissivity_sigma);
    let material = material(
        input.context.material.as_deref(),
        &options.material,
        unknown,
    );
    let cell_m = (roof.transform.dx * roof.transform.dy).sqrt();
    let mut measured = Measured {
        context: input.context.clone(),
        area_m2: roof.area_m2,
        perimeter_m: roof.perimeter_m,
        middle: roof.middle,
        cell_m,
        observed_fraction: 0.0,
        valid_fraction: 0.0,
        has_inner: roof.inner.data().iter().any(|share| *share > 0.0),
        reflective_fraction: 0.0,
        statistics: None,
        frames_median: 0.0,
        emissivity_sigma_k: 0.0,
        residual_sigma_k: 0.0,
        hot: Vec::new(),
        cold: Vec::new(),
        material,
    };
    let shape = (roof.window.width, roof.window.height);
    if (input.celsius.width(), input.celsius.height()) != shape {
        return measured;
    }
    let band = Band::new(flight.band_um.0, flight.band_um.1);
    let limit_c = reflective_limit_c(&measured, flight, options, &band);
    let own = own_temperatures(input.celsius, limit_c, &measured.material, flight, &band);
    measured.fractions(roof, input.celsius, limit_c);
    if measured.material.hides_roof {
        measured.valid_fraction = 0.0;
        return measured;
    }
    let mean = input.mean.filter(|m| (m.width(), m.height()) == shape);
    let judged = mean.map(|m| own_temperatures(m, limit_c, &measured.material, flight, &band));
    let judged = judged.as_ref().unwrap_or(&own);
    let (Some(statistics), Some(best)) = (
        zonal(judged.data(), roof.inner.data()),
        zonal(own.data(), roof.inner.data()),
    ) else {
        return measured;
    };
    let extremes = of_zone(&best);
    measured.statistics = Some(RoofStatistics {
        min_c: extremes.min_c,
        max_c: extremes.max_c,
        ..of_zone(&statistics)
    });
    measured.frames_median = frames_median(input.count, &own, roof);
    measured.emissivity_sigma_k =
        emissivity_sigma_k(&measured.material, flight, &band, statistics.median());
    let reflective = measured.material.emissivity < options.emissivity_min_rated
        || measured.reflective_fraction >= 0.5;
    if !reflective && flight.radiometric {
        measured.objects(input, &own, flight, options);
    }
    measured
}

impl Measured {
    fn fractions(&mut self, roof: &Roof, celsius: &Grid<f32>, limit_c: Option<f32>) {
        let cells = roof.area_m2 / (roof.transform.dx * roof.transform.dy);
        let (mut seen, mut inner, mut inner_seen, mut mirror) = (0.0, 0.0, 0.0, 0.0);
        for (i, value) in celsius.data().iter().enumerate() {
            let share = f64::from(roof.inner.data()[i]);
            inner += share;
            if value.is_finite() {
                seen += f64::from(roof.coverage.data()[i]);
                inner_seen += share;
                mirror += if limit_c.is_some_and(|limit| *value < limit) {
                    share
                } else {
                    0.0
                };
            }
        }
        self.observed_fraction = (seen / cells).min(1.0);
        if inner > 0.0 {
            self.valid_fraction = (inner_seen - mirror) / inner;
        }
        if inner_seen > 0.0 {
            self.reflective_fraction = mirror / inner_seen;
        }
    }

    fn objects(
        &mut self,
        input: &MeasureInput<'_>,
        own: &Grid<f32>,
        flight: &FlightConditions,
        options: &Options,
    ) {
        let roof = input.roof;
        let placement_m = flight.placement_sigma_m.unwrap_or(0.0);
        // Distances are only known up to a cap; cells there are far enough.
        let known_m = roof.edge_m.data().iter().copied().fold(0.0, f32::max);
        let mixed_m = ((MIXED_PX * self.cell_m).max(placement_m) as f32).min(known_m);
        let band_m = options.edge_m.max(options.edge_px * self.cell_m) as f32;
        let mut zone = Grid::filled(own.width(), own.height(), OUTSIDE);
        for (i, zone) in zone.data_mut().iter_mut().enumerate() {
            let whole = roof.coverage.data()[i] > 0.999 && roof.edge_m.data()[i] >= mixed_m;
            if whole && own.data()[i].is_finite() {
                *zone = if roof.edge_m.data()[i] >= band_m {
                    INNER
                } else {
                    EDGE
                };
            }
        }
        let scale = Scale {
            cell_m: self.cell_m,
            noise_k: flight.netd_k / self.frames_median.max(1.0).sqrt(),
        };
        let Some(mut detection) = detect(own, &zone, &scale, options) else {
            return;
        };
        confirm(&mut detection, &zone, &scale, options);
        let on = Cells {
            celsius: own,
            count: input.count,
            zone: &zone,
            transform: &roof.transform,
        };
        let spots = |objects: &[Vec<u32>], sign: f64| {
            let mut spots: Vec<Spot> = objects
                .iter()
                .filter_map(|cells| spot::measure(cells, sign, &detection, &on))
                .collect();
            spots.sort_by(|a, b| a.x_m.total_cmp(&b.x_m).then(a.y_m.total_cmp(&b.y_m)));
            spots
        };
        self.hot = spots(&detection.hot, 1.0);
        self.cold = spots(&detection.cold, -1.0);
        self.residual_sigma_k = f64::from(detection.sigma_k);
    }
}

/// The mosaic's temperature below which a cell mirrors the sky: apparent temperature under
/// T_ad − 6 K. `None` without weather or reflected temperature.
fn reflective_limit_c(
    roof: &Measured,
    flight: &FlightConditions,
    options: &Options,
    band: &Band,
) -> Option<f32> {
    let (air_c, sky) = (flight.air_c?, flight.sky()?);
    let reflected_c = flight.reflected_c?;
    // The coefficient hardly depends on the surface temperature; 5 K below air is a usual night.
    let size = (roof.area_m2, roof.perimeter_m);
    let surroundings = Surroundings {
        air_c,
        h_c: flight.h_c(
            air_c - 5.0,
            size,
            roof.context.height_m,
            &roof.material,
            options,
        )?,
        emissivity: roof.material.emissivity.max(options.emissivity_min_rated),
        sky_c: sky.sky_c,
        f_sky: 1.0,
    };
    let apparent_c = surroundings.adiabatic_c() - REFLECTIVE_K;
    // Colder than what the flight's emissivity can express: nothing can be below.
    convert(band, 1.0, flight.emissivity, reflected_c, apparent_c).map(|c| c as f32)
}

/// Temperatures under the roof's own emissivity, mirrors of the sky taken out. Without a
/// reflected temperature nothing can be converted and the flight's temperatures stay.
fn own_temperatures(
    celsius: &Grid<f32>,
    limit_c: Option<f32>,
    material: &Material,
    flight: &FlightConditions,
    band: &Band,
) -> Grid<f32> {
    let limit = limit_c.unwrap_or(f32::NEG_INFINITY);
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for value in celsius.data() {
        low = low.min(*value);
        high = high.max(*value);
    }
    let conversion = match flight.reflected_c {
        Some(reflected_c) if low <= high => {
            let (from, to) = (flight.emissivity, material.emissivity);
            Conversion::new(band, from, to, reflected_c, (low, high))
        }
        _ => Conversion::identity(),
    };
    // A comparison with NaN is false: what was not seen stays unseen.
    celsius.map(|value| {
        if value >= limit {
            conversion.apply(value)
        } else {
            f32::NAN
        }
    })
}

fn of_zone(zone: &Zonal) -> RoofStatistics {
    let [p05_c, p10_c, p25_c, median_c, p75_c, p90_c, p95_c] = zone.percentiles;
    RoofStatistics {
        pixels: zone.cells,
        min_c: zone.min,
        p05_c,
        p10_c,
        p25_c,
        median_c,
        mean_c: zone.mean,
        p75_c,
        p90_c,
        p95_c,
        max_c: zone.max,
        sd_k: zone.sd,
        mad_k: zone.mad,
        trimmed_c: zone.trimmed,
    }
}

fn frames_median(count: &Grid<u16>, own: &Grid<f32>, roof: &Roof) -> f64 {
    let mut histogram = [0_u32; 256];
    let cells = count.data().iter().zip(own.data()).zip(roof.inner.data());
    for ((count, _), _) in cells.filter(|((_, v), share)| v.is_finite() && **share > 0.0) {
        histogram[usize::from(*count).min(255)] += 1;
    }
    let half = histogram.iter().sum::<u32>() / 2;
    let mut sum = 0;
    let median = histogram.iter().position(|n| {
        sum += n;
        sum > half
    });
    median.unwrap_or(0) as f64
}

/// |∂T/∂ε| · σ_ε at the roof's median: what an emissivity wrong by its uncertainty does to the
/// temperature, central difference of [`convert`]. On a clear night this is over 1 K for an
/// unknown material, on an overcast one little.
fn emissivity_sigma_k(
    material: &Material,
    flight: &FlightConditions,
    band: &Band,
    median_c: f64,
) -> f64 {
    let Some(reflected_c) = flight.reflected_c else {
        return 0.0;
    };
    let (e, s) = (material.emissivity, material.emissivity_sigma);
    let at = |to: f64| convert(band, e, to.clamp(0.05, 1.0), reflected_c, median_c);
    match (at(e - s), at(e + s)) {
        (Some(low), Some(high)) => 0.5 * (high - low).abs(),
        _ => 0.0,
    }
}
