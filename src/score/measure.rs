//! Measures one roof in the mosaic.
//!
//! In: the roof's cells, its window of the mosaic, what is known of the building and the flight.
//! Out: statistics of the inner cells under the roof's own emissivity, how much of it could be
//! judged, and its warm and cold objects. Nothing is compared with other roofs here
//! ([`super::rate`]), so roofs can be measured in any order and in parallel.

use super::balance::Surroundings;
use super::confirm::confirm;
use super::detect::{Scale, detect};
use super::emissivity::{Conversion, convert};
use super::join::satellites;
use super::material::{Material, material};
use super::ridges::Ridges;
use super::segments::{RoofSegment, segments};
use super::spot::{self, Cells, Spot};
use super::zones::{Reach, Zones, band_m};
use super::{FlightConditions, Options, RoofStatistics};
use crate::calibrate::radiance::Band;
use crate::raster::Grid;
use crate::segment::parts::{Heights, Kind, Parts};
use crate::segment::{Roof, Zonal, extremes, zonal};
use crate::survey::{Heated, Outline};

/// A reading this far below the adiabatic roof is a mirror of the sky, K (scoring.md §1).
pub const REFLECTIVE_K: f64 = 6.0;

/// Cells whose centre lies nearer to the outline mix roof with wall and ground: half a cell of
/// their own, the camera's blur and placement about half a cell each. Where the map lies less
/// surely than that, its 1σ counts: the rim would show the ground beside the roof.
const MIXED_PX: f64 = 1.5;

/// Objects along an edge that are narrower cannot be told from the edge: where the map lies a cell
/// off, the rim shows the wall or the other face (scoring.md §7: under 3 cells presence only).
const SLIVER_PX: f64 = 3.0;

/// What is known of a building beside its picture.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
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
    /// Share of the sky the roof sees, 0–1; `None` without a surface model.
    pub sky_view: Option<f64>,
    /// How warm the ground around it is beside that of the flight, K; `None` where the flight is
    /// no larger than one air, or shows too little ground.
    pub local_k: Option<f64>,
    /// When it was seen, seconds from the first frame, where the drift over the flight was not
    /// corrected; `None` where it was, or where frames have no time.
    pub seen_s: Option<f64>,
    /// Number of companies that share the building.
    pub companies: u32,
    /// Whether a register says the plot is not in use.
    pub out_of_use: bool,
    /// Whether a structure that gives off process heat (tank, chimney, cooling tower) stands in
    /// the outline.
    pub process: bool,
    /// Whether the outline was derived from heights and no person has confirmed it.
    pub derived: bool,
}

impl RoofContext {
    /// What of the roof's temperature is the air of its place, K.
    pub fn local_k(&self) -> f64 {
        self.local_k.unwrap_or(0.0)
    }

    /// Sky view factor; an open roof where nothing is known.
    pub fn f_sky(&self) -> f64 {
        self.sky_view.unwrap_or(1.0)
    }

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
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
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
    /// Share of the outline under solar panels, 0–1.
    pub pv_fraction: f64,
    /// Whether the building is newer than the surface model: it was laid on the map without its
    /// height.
    pub newer: bool,
    /// The roof's parts; empty where it was not split.
    pub segments: Vec<RoofSegment>,
    /// Statistics of the judged inner cells, °C.
    pub statistics: Option<RoofStatistics>,
    /// Median number of frames behind them.
    pub frames_median: f64,
    /// Median standard error of the robust means behind them, K: noise and the levels of the frames,
    /// more at the rim of a flight than in its middle; 0 unknown.
    pub mean_sigma_k: f64,
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
    /// Standard errors of `mean`, K; same shape.
    pub mean_sigma_k: Option<&'a Grid<f32>>,
    /// Frames behind each cell; same shape. Zero where unknown.
    pub count: &'a Grid<u16>,
    /// The roof split into parts; same shape.
    pub parts: Option<&'a Parts>,
    /// Share of each cell that belongs to something else in or on the outline (attached
    /// constructions, tanks, chimneys), 0–1; same shape.
    pub foreign: Option<&'a Grid<f32>>,
}

/// Share of a cell from which what is foreign to the roof takes it.
const FOREIGN: f32 = 0.05;

/// The apparent temperature, in the mosaic's °C, below which a cell of a roof mirrors the sky
/// (scoring.md §1); `None` without weather or reflected temperature.
pub fn mirror_below_c(
    roof: &Roof,
    context: &RoofContext,
    flight: &FlightConditions,
    options: &Options,
) -> Option<f32> {
    let band = Band::new(flight.band_um.0, flight.band_um.1);
    let material = given(context, options);
    reflective_limit_c(roof, context, &material, flight, options, &band)
}

/// The material the inputs name.
fn given(context: &RoofContext, options: &Options) -> Material {
    let unknown = (options.emissivity_unknown, options.emissivity_sigma);
    material(context.material.as_deref(), &options.material, unknown)
}

/// The material the inputs name; for want of one, what the picture shows.
fn taken(input: &MeasureInput<'_>, options: &Options) -> Material {
    let found = given(input.context, options);
    let estimate = input.parts.map(|parts| parts.roofing);
    match estimate.filter(|roofing| !found.known && roofing.confidence > 0.5) {
        None => found,
        Some(roofing) => {
            let unknown = (options.emissivity_unknown, options.emissivity_sigma);
            Material {
                known: false,
                estimated: Some(roofing.confidence),
                ..material(Some(roofing.word), &options.material, unknown)
            }
        }
    }
}

/// Measures a roof. Grids of another shape than the roof's window count as not seen.
pub fn measure(input: &MeasureInput<'_>, flight: &FlightConditions, options: &Options) -> Measured {
    let roof = input.roof;
    let shape = (roof.window.width, roof.window.height);
    let input = &MeasureInput {
        parts: input
            .parts
            .filter(|p| (p.labels.width(), p.labels.height()) == shape),
        ..*input
    };
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
        pv_fraction: input.parts.map_or(0.0, |parts| pv_fraction(parts, roof)),
        newer: input.parts.is_some_and(|p| p.heights == Heights::Newer),
        segments: Vec::new(),
        statistics: None,
        frames_median: 0.0,
        mean_sigma_k: 0.0,
        emissivity_sigma_k: 0.0,
        residual_sigma_k: 0.0,
        hot: Vec::new(),
        cold: Vec::new(),
        material: taken(input, options),
    };
    if (input.celsius.width(), input.celsius.height()) != shape {
        return measured;
    }
    let band = Band::new(flight.band_um.0, flight.band_um.1);
    let limit_c = reflective_limit_c(
        roof,
        input.context,
        &given(input.context, options),
        flight,
        options,
        &band,
    );
    let own = own_temperatures(input.celsius, limit_c, &measured.material, flight, &band);
    if let Some(parts) = input.parts {
        measured.segments = segments(roof, parts, &own);
    }
    let judged_cells = judged_cells(input, cell_m);
    measured.fractions(roof, &judged_cells, input.celsius, limit_c);
    if measured.material.hides_roof {
        measured.valid_fraction = 0.0;
        return measured;
    }
    let mean = input.mean.filter(|m| (m.width(), m.height()) == shape);
    let judged = mean.map(|m| own_temperatures(m, limit_c, &measured.material, flight, &band));
    let judged = judged.as_ref().unwrap_or(&own);
    let (Some(statistics), Some((min_c, max_c))) = (
        zonal(judged.data(), judged_cells.data()),
        extremes(own.data(), judged_cells.data()),
    ) else {
        return measured;
    };
    measured.statistics = Some(RoofStatistics {
        min_c,
        max_c,
        ..of_zone(&statistics)
    });
    measured.frames_median = frames_median(input.count, &own, &judged_cells);
    let errors = input
        .mean_sigma_k
        .filter(|e| (e.width(), e.height()) == shape);
    measured.mean_sigma_k = errors
        .and_then(|e| zonal(e.data(), judged_cells.data()))
        .map_or(0.0, |errors| errors.median());
    measured.emissivity_sigma_k =
        emissivity_sigma_k(&measured.material, flight, &band, statistics.median());
    let reflective = measured.material.emissivity < options.emissivity_min_rated
        || measured.reflective_fraction >= 0.5;
    if !reflective && flight.radiometric {
        measured.objects(input, &own, flight, options);
    }
    measured
}

/// Shares of the cells statistics are made of: the inner ones without parts that are no roof and
/// without what is foreign to it; where the roof's edge lies inside the outline, as far from that.
fn judged_cells(input: &MeasureInput<'_>, cell_m: f64) -> Grid<f32> {
    let roof = input.roof;
    let mut cells = roof.inner.clone();
    if let Some(parts) = input.parts {
        parts.keep_off(&mut cells);
    }
    let inside_m = edge_inside_m(input, cell_m);
    for (i, share) in cells.data_mut().iter_mut().enumerate() {
        if roof.edge_m.data()[i] < inside_m || is_foreign(input, i) {
            *share = 0.0;
        }
    }
    cells
}

fn is_foreign(input: &MeasureInput<'_>, i: usize) -> bool {
    let share = input.foreign.and_then(|grid| grid.data().get(i));
    share.is_some_and(|share| *share > FOREIGN)
}

/// How far from the outline the roof's own mixed rim reaches where its edge lies inside the
/// outline, metres; 0 elsewhere.
fn edge_inside_m(input: &MeasureInput<'_>, cell_m: f64) -> f32 {
    let overhang_m = input.parts.and_then(|parts| parts.overhang_m);
    let inside_m = overhang_m.map_or(0.0, |m| -m);
    if inside_m < cell_m {
        return 0.0;
    }
    // Distances are only known up to a cap; cells there are far enough.
    let known_m = input.roof.edge_m.data().iter().copied().fold(0.0, f32::max);
    ((inside_m + MIXED_PX * cell_m) as f32).min(known_m)
}

/// Share of the outline under solar panels.
fn pv_fraction(parts: &Parts, roof: &Roof) -> f64 {
    let (mut pv, mut all) = (0.0, 0.0);
    for (label, share) in parts.labels.data().iter().zip(roof.coverage.data()) {
        let part = usize::from(*label).checked_sub(1);
        let part = part.and_then(|index| parts.parts.get(index));
        all += f64::from(*share);
        if part.is_some_and(|p| p.kind == Kind::Pv && p.left_out) {
            pv += f64::from(*share);
        }
    }
    if all > 0.0 { pv / all } else { 0.0 }
}

impl Measured {
    /// Whether outline and map may lie apart by more than a cell: the outline was derived, or the
    /// roof was laid on the map without its height.
    pub(super) fn outline_off(&self) -> bool {
        self.newer || self.context.derived
    }

    /// A grade, not better than C before a person has confirmed a derived outline.
    pub(super) fn best_grade(&self, grade: char) -> char {
        if self.context.derived {
            grade.max('C')
        } else {
            grade
        }
    }

    fn fractions(
        &mut self,
        roof: &Roof,
        judged: &Grid<f32>,
        celsius: &Grid<f32>,
        limit_c: Option<f32>,
    ) {
        let cells = roof.area_m2 / (roof.transform.dx * roof.transform.dy);
        let (mut seen, mut inner, mut inner_seen, mut mirror) = (0.0, 0.0, 0.0, 0.0);
        let mut valid = 0.0;
        for (i, value) in celsius.data().iter().enumerate() {
            let share = f64::from(roof.inner.data()[i]);
            inner += share;
            if value.is_finite() {
                seen += f64::from(roof.coverage.data()[i]);
                inner_seen += share;
                if limit_c.is_some_and(|limit| *value < limit) {
                    mirror += share;
                } else {
                    valid += f64::from(judged.data()[i]);
                }
            }
        }
        self.observed_fraction = (seen / cells).min(1.0);
        if inner > 0.0 {
            self.valid_fraction = valid / inner;
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
        let reach = Reach {
            mixed_m: mixed_m.max(edge_inside_m(input, self.cell_m)),
            band_m: band_m(self.cell_m, options),
        };
        let judged = |i: usize| own.data()[i].is_finite() && !is_foreign(input, i);
        let zones = Zones::new(roof, input.parts, judged, &reach, self.cell_m);
        let scale = Scale {
            cell_m: self.cell_m,
            noise_k: flight.netd_k / self.frames_median.max(1.0).sqrt(),
        };
        let Some(mut detection) = detect(own, &zones, &scale, options) else {
            return;
        };
        let mut ridges = Ridges::default();
        if input.parts.is_none_or(|p| p.heights != Heights::Good) {
            // Heights do not tell the faces: ridges show as objects. What a strong one hid shows
            // in the second round.
            let band_m = f64::from(reach.band_m);
            let mut level = None;
            for _ in 0..2 {
                let from = level.as_ref().unwrap_or(own);
                level = ridges.level(from, &detection, self.cell_m, band_m);
                let again = level
                    .as_ref()
                    .and_then(|l| detect(l, &zones, &scale, options));
                let Some(again) = again else { break };
                detection = again;
            }
        }
        confirm(&mut detection, &zones.zone, &scale, options);
        ridges.join(&mut detection.hot, own.width(), self.cell_m);
        satellites(&mut detection, own.width());
        let on = Cells {
            celsius: own,
            count: input.count,
            zone: &zones.zone,
            parts: input.parts,
            transform: &roof.transform,
        };
        let narrow_m = SLIVER_PX * self.cell_m;
        let spots = |objects: &[Vec<u32>], sign: f64| {
            let mut spots: Vec<Spot> = objects
                .iter()
                .filter_map(|cells| spot::measure(cells, sign, &detection, &on))
                .filter(|spot| !(spot.edge && spot.width_m < narrow_m))
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
    roof: &Roof,
    context: &RoofContext,
    material: &Material,
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
        h_c: flight.h_c(air_c - 5.0, size, context.height_m, material, options)?,
        emissivity: material.emissivity.max(options.emissivity_min_rated),
        sky_c: sky.sky_c,
        f_sky: context.f_sky(),
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

fn frames_median(count: &Grid<u16>, own: &Grid<f32>, judged: &Grid<f32>) -> f64 {
    let mut histogram = [0_u32; 256];
    let cells = count.data().iter().zip(own.data()).zip(judged.data());
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
