//! `segment` and `score`: roofs cut out of the map one window at a time, then rated together.

use super::map::Map;
use super::roof_parts::{Site, Tally};
use super::weather::FlightWeather;
use super::zones::{Tenancy, Zone};
use super::{Flight, Job, kept, nearby};
use crate::mosaic::{self, LocalGround};
use crate::orient::Ground;
use crate::pipeline::cache::{Digest, Key, Work};
use crate::pipeline::derived::Derived;
use crate::pipeline::ground::{OUT_OF_REACH, SurfaceGround};
use crate::pipeline::stage::Stage;
use crate::problem::{self, Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid};
use crate::read::geotiff::GeoTiff;
use crate::report::overview::{Facts, PanelFacts, ReviewFacts};
use crate::score::material;
use crate::score::{
    self, Coldspot, FlightConditions, Hotspot, MeasureInput, Measured, Options, RoofContext,
    RoofScore, RoofSegment,
};
use crate::segment::parts::{self, Candidate, Kind};
use crate::segment::{self, Roof};
use crate::survey::Outline;
use ::geo::BoundingRect;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

/// Width of the classes of the temperature distribution of all roofs, K.
const BIN_K: f64 = 0.05;
/// Lower end of the distribution, °C.
const LOWEST_C: f64 = -100.0;
/// Classes of the distribution.
const BINS: usize = 4000;
/// Under which roofs are kept.
const KIND: &str = "roof";

/// The roofs of a flight, rated.
pub(super) struct Rated {
    /// Outlines that lie in the map, in input order.
    pub(super) outlines: Vec<Outline>,
    /// One per outline.
    pub(super) roofs: Vec<RoofScore>,
    /// Warm objects.
    pub(super) hotspots: Vec<Hotspot>,
    /// Cold objects.
    pub(super) coldspots: Vec<Coldspot>,
    /// Parts of the roofs, roof by roof.
    pub(super) segments: Vec<RoofSegment>,
    /// Parts of buildings that are one tenant's, or what several without zones share of one.
    pub(super) zones: Vec<Zone>,
    /// 2nd and 98th percentile of all cells of all rated roofs, outward to whole °C.
    pub(super) scale_c: (f64, f64),
    /// Frames behind each roof (greatest count).
    pub(super) frames: Vec<u32>,
    /// Conditions as scored.
    pub(super) conditions: FlightConditions,
    /// Derived outlines as this map shows them, where there are no others.
    pub(super) derived: Option<Derived>,
    /// What became of the auditor's verdicts; `None` where there are none.
    pub(super) reviews: Option<ReviewFacts>,
}

impl Rated {
    /// What overviews need of it.
    pub(super) fn facts(&self) -> Facts {
        let zone = |z: &Zone| (z.company_id.clone(), (&z.score).into());
        Facts {
            buildings: self.roofs.iter().map(Into::into).collect(),
            zones: self.zones.iter().map(zone).collect(),
            hotspots: self
                .hotspots
                .iter()
                .filter(|h| !h.rejected())
                .map(Into::into)
                .collect(),
            scale_c: Some(self.scale_c).filter(|(low, high)| low < high),
            reviews: self.reviews.clone(),
            panels: self
                .segments
                .iter()
                .filter(|s| s.kind == Kind::Pv && !s.valid)
                .map(|s| PanelFacts::new(&s.oidn, &s.polygon))
                .collect(),
            ..Facts::default()
        }
    }

    /// The part of a building that is a company's, where it has one.
    pub(super) fn zone(&self, company_id: &str, oidn: &str) -> Option<&Zone> {
        let mut zones = self.zones.iter();
        zones.find(|z| z.company_id == company_id && z.outline.oidn == oidn)
    }
}

/// The rasters a roof is cut out of.
#[derive(Clone, Copy)]
struct Layers<'a> {
    mosaic: &'a GeoTiff,
    mean: &'a GeoTiff,
    mean_sigma: &'a GeoTiff,
    coverage: &'a GeoTiff,
    /// Time of each cell, where drift over the flight was not corrected.
    times: Option<&'a GeoTiff>,
}

/// One roof out of the map.
#[derive(Serialize, Deserialize)]
struct Cut {
    measured: Measured,
    parts: Tally,
    histogram: Vec<u32>,
    frames: u32,
}

/// Everything roofs are cut out with.
struct Cutting<'a> {
    job: &'a Job<'a>,
    site: Site<'a>,
    map: &'a Map,
    layers: Layers<'a>,
    segment_options: &'a segment::Options,
    conditions: &'a FlightConditions,
    options: &'a Options,
    /// What decides all roofs alike.
    base: Key,
    /// Whether roofs are taken over from earlier runs.
    takes_over: bool,
}

/// A roof as it is kept: cut out, or why it is left out.
type Kept = std::result::Result<Cut, Problem>;

impl Cutting<'_> {
    /// What decides one roof.
    fn key(&self, outline: &Outline, context: &RoofContext) -> Digest {
        let mut key = self.base.clone();
        key.told("outline", outline);
        key.told("context", context);
        if let Some(rect) = outline.polygon.bounding_rect() {
            let bounds = Bounds {
                x_min: rect.min().x,
                y_min: rect.min().y,
                x_max: rect.max().x,
                y_max: rect.max().y,
            };
            let map = self.map;
            // A window may reach one cell beyond the outline.
            let around = bounds.buffered(2.0 * map.transform.dx);
            let window = map.transform.window_of(&around, map.width, map.height);
            key.told("window", &window);
            if let Some(window) = window {
                map.key_of(window, &mut key);
            }
            self.site.key_of(outline, &around, &mut key);
        }
        key.digest()
    }

    fn is_kept(&self, outline: &Outline, context: &RoofContext) -> bool {
        self.takes_over && self.job.cache.has(KIND, &self.key(outline, context))
    }

    /// Cuts a roof out of the map and measures it, unless that was done before.
    ///
    /// # Errors
    /// Why it is left out, or a file that cannot be read.
    fn cut(&self, outline: &Outline, context: RoofContext) -> Kept {
        let key = self.key(outline, &context);
        if self.takes_over
            && let Some(kept) = self.job.cache.get::<Kept>(KIND, &key)
        {
            return kept;
        }
        self.job.cache.count(Work::RoofsMeasured);
        let made = self.make(outline, context);
        if made.as_ref().err().is_none_or(left_out) {
            self.job.cache.put(KIND, &key, &made);
        }
        made
    }

    fn make(&self, outline: &Outline, mut context: RoofContext) -> Kept {
        let map = self.map;
        let (width, height) = (map.width, map.height);
        let roof = segment::judge(outline, &map.transform, width, height, self.segment_options);
        let roof = roof.map_err(|dropped| dropped.problem(&outline.oidn))?;
        let celsius = self.layers.mosaic.window(roof.window)?;
        let count: Grid<u16> = self.layers.coverage.window_u16(roof.window)?;
        let mean = self.layers.mean.window(roof.window)?;
        let mean_sigma = self.layers.mean_sigma.window(roof.window)?;
        if let Some(times) = self.layers.times {
            context.seen_s = median_inside(&roof, &times.window(roof.window)?);
        }
        context.derived = self.job.inputs.derived.is_some();
        if let Some(function) = self.site.plot(outline, &mut context)
            && context.companies == 0
        {
            return Err(not_business(&outline.oidn, function));
        }
        let foreign = self.site.foreign(&roof);
        context.process = foreign.as_ref().is_some_and(|f| f.process);
        context.local_k = self.site.local_k(&roof);
        context.sky_view = self.site.sky_view(&roof)?;
        if context.height_m.is_none() {
            context.height_m = self.site.height_m(&roof)?;
        }
        let mirror_below_c = score::mirror_below_c(&roof, &context, self.conditions, self.options);
        let parts = self.site.split(&roof, &celsius, mirror_below_c)?;
        let input = MeasureInput {
            roof: &roof,
            context: &context,
            celsius: &celsius,
            mean: Some(&mean),
            mean_sigma_k: Some(&mean_sigma),
            count: &count,
            parts: Some(&parts),
            foreign: foreign.as_ref().map(|f| &f.share),
        };
        let measured = score::measure(&input, self.conditions, self.options);
        let mut histogram = vec![0_u32; BINS];
        let mut frames = 0;
        let cells = celsius
            .data()
            .iter()
            .zip(roof.inner.data())
            .zip(count.data());
        for ((value, share), count) in cells {
            if value.is_finite() && *share > 0.0 {
                let bin = ((f64::from(*value) - LOWEST_C) / BIN_K) as usize;
                histogram[bin.min(BINS - 1)] += 1;
                frames = frames.max(u32::from(*count));
            }
        }
        let mut tally = Tally::default();
        tally.add(&parts);
        Ok(Cut {
            measured,
            parts: tally,
            histogram,
            frames,
        })
    }
}

impl Flight<'_> {
    /// Cuts out, measures and rates all roofs.
    pub(super) fn rate(
        &mut self,
        map: &Map,
        weather: &FlightWeather,
    ) -> std::result::Result<Rated, Vec<Problem>> {
        let one = |problem: Problem| vec![problem];
        let derived = self.refine_derived(map).map_err(one)?;
        let outlines = match &derived {
            Some(derived) => &derived.outlines,
            None => &self.job.inputs.outlines,
        };
        let settings = &self.job.folder.settings;
        self.reporter
            .begin(&self.job.folder.id, Stage::Segment, outlines.len());
        // Statistics keep off the rim that may be the neighbour's ground.
        let mut segment_options = settings.segment_options();
        let placement_m = map.placement_sigma_m.unwrap_or(0.0);
        segment_options.inner_buffer_m = segment_options.inner_buffer_m.max(placement_m);
        let options = settings.score_options();
        let conditions = self.conditions(map, weather);
        let held = nearby::held_bytes(map);
        let open = |path: &Path| {
            let raster = GeoTiff::open(path).map_err(one);
            raster.map(|r| r.remembering(held))
        };
        let mosaic = map.temperatures().map_err(one)?;
        let coverage = open(&map.files.coverage)?;
        let (mean, mean_sigma) = (open(&map.files.mean)?, open(&map.files.mean_sigma)?);
        // Where the levelling is off, what drifted over the flight is still in the temperatures.
        let times = match settings.flag("level", "enabled") {
            true => None,
            false => Some(open(&map.files.time_offset)?),
        };
        let ground = self.kept_ground(map, &segment_options)?;
        let cutting = Cutting {
            job: self.job,
            site: Site::new(self.job.inputs, ground),
            map,
            layers: Layers {
                mosaic,
                mean: &mean,
                mean_sigma: &mean_sigma,
                coverage: &coverage,
                times: times.as_ref(),
            },
            segment_options: &segment_options,
            conditions: &conditions,
            options: &options,
            base: self.roof_key(map, &segment_options, &conditions, &options),
            takes_over: self.may_keep(Stage::Segment),
        };
        let stale = |outline: &&Outline| {
            let context = self.tenancy().whole(outline);
            !cutting.is_kept(outline, &context)
        };
        let stale = outlines.par_iter().filter(stale).count();
        if stale > 0 {
            let what = format!("{stale} of {} roofs", outlines.len());
            self.must_run(Stage::Segment, &what)?;
        }
        let order = nearby::order(outlines, map);
        let cut: Vec<Kept> = order
            .par_iter()
            .map(|index| {
                self.reporter.go_on()?;
                let outline = &outlines[*index];
                let context = self.tenancy().whole(outline);
                let done = cutting.cut(outline, context);
                self.reporter.advance(1);
                done
            })
            .collect();
        self.reporter.go_on().map_err(one)?;
        let mut cut: Vec<(usize, Kept)> = order.into_iter().zip(cut).collect();
        cut.sort_by_key(|(index, _)| *index);
        let mut kept = Vec::new();
        let mut measured = Vec::new();
        let mut frames = Vec::new();
        let mut histograms = Vec::new();
        let mut tally = Tally::default();
        let mut dropped = Vec::new();
        for (outline, (_, result)) in outlines.iter().zip(cut) {
            match result {
                Ok(cut) => {
                    kept.push(outline.clone());
                    frames.push(cut.frames);
                    histograms.push(cut.histogram);
                    tally.join(&cut.parts);
                    measured.push(cut.measured);
                }
                Err(problem) if left_out(&problem) => dropped.push(problem),
                // A file that cannot be read is no matter of one roof.
                Err(problem) => return Err(vec![problem.hint(OUT_OF_REACH)]),
            }
        }
        self.reporter.end(&format!(
            "{} of {} outlines in the map",
            kept.len(),
            outlines.len()
        ));
        for problem in &dropped {
            self.warn(Stage::Segment, problem);
        }
        self.record.section("roof_segments", tally.section());
        if let Some(ground) = cutting.site.ground() {
            let (cells, canopies) = ground.counts();
            let slope_k_m = ground.slope_k_m();
            self.record.section(
                "local_reference",
                json!({ "cells": cells, "canopies": canopies, "slope_k_m": slope_k_m }),
            );
        }
        self.lap(Stage::Segment);
        self.reporter.begin(&self.job.folder.id, Stage::Score, 0);
        let rated = score::rate(&measured, &conditions, &options);
        self.reporter.go_on().map_err(one)?;
        let zones = self.tenancy().zones(outlines, |outline, context| {
            match cutting.cut(outline, context.clone()) {
                // Too small or too narrow for the map.
                Err(problem) if left_out(&problem) => None,
                cut => Some(cut.map(|c| c.measured)),
            }
        });
        let zones = zones.map_err(one)?;
        let zones = zones.rate(&measured, &conditions, &options);
        // The campaign's scale spans the roofs that got a temperature: metal that mirrors the sky
        // would stretch it to no use. Where none has a class (moisture), those with a temperature count.
        let any_class = rated.roofs.iter().any(|r| r.class.is_some());
        let mut scored = vec![0_u64; BINS];
        for (roof, histogram) in rated.roofs.iter().zip(&histograms) {
            if roof.class.is_some() || (!any_class && roof.statistics.is_some()) {
                for (sum, count) in scored.iter_mut().zip(histogram) {
                    *sum += u64::from(*count);
                }
            }
        }
        let classed = rated.roofs.iter().filter(|r| r.class.is_some()).count();
        self.reporter.end(&format!(
            "{classed} of {} roofs have a class, {} hotspots",
            rated.roofs.len(),
            rated.hotspots.len()
        ));
        self.record.section(
            "score",
            json!({
                "roofs": rated.roofs.len(), "with_class": classed,
                "hotspots": rated.hotspots.len(), "coldspots": rated.coldspots.len(),
                "air_c": conditions.air_c, "humidity_pct": conditions.humidity_pct,
                "wind_m_s": conditions.wind_m_s, "cloud_okta": conditions.cloud_okta,
                "sky_c": conditions.sky().map(|s| s.sky_c),
                "since_sunset_h": conditions.since_sunset_h,
                "quality": rated.quality.map(|q| format!("{q:?}")),
                "statistics": "weighted by exact coverage fraction of the inner outline",
            }),
        );
        self.record
            .section("origins", self.origins(&measured, &conditions, &options));
        self.lap(Stage::Score);
        Ok(Rated {
            outlines: kept,
            roofs: rated.roofs,
            hotspots: rated.hotspots,
            coldspots: rated.coldspots,
            segments: measured.into_iter().flat_map(|m| m.segments).collect(),
            zones,
            scale_c: scale(&scored),
            frames,
            conditions,
            derived,
            reviews: None,
        })
    }

    /// What decides a roof beside its own.
    fn roof_key(
        &self,
        map: &Map,
        segment_options: &segment::Options,
        conditions: &FlightConditions,
        options: &Options,
    ) -> Key {
        let mut key = Key::new("roof");
        kept::tables(
            &mut key,
            &self.job.folder.settings,
            &["segment", "score", "level"],
        );
        key.told("segment options", segment_options);
        key.told("conditions", conditions);
        key.told("options", options);
        key.told(
            "map",
            &(map.emissivity, map.reflected_c, map.reflected_known),
        );
        key.digest_of("models", &self.models());
        key.told("derived", &self.job.inputs.derived.is_some());
        key
    }

    /// Invariant surfaces of a map that is larger than one air, as they are kept: within one radius
    /// all roofs have the same.
    fn kept_ground(
        &mut self,
        map: &Map,
        options: &segment::Options,
    ) -> std::result::Result<Option<LocalGround>, Vec<Problem>> {
        let size_m = |cells: usize, cell_m: f64| cells as f64 * cell_m;
        let (width_m, height_m) = (
            size_m(map.width, map.transform.dx),
            size_m(map.height, map.transform.dy),
        );
        if width_m.hypot(height_m) <= mosaic::RADIUS_M {
            return Ok(None);
        }
        let mut key = Key::new("ground");
        map.key_of_all(&mut key);
        kept::tables(&mut key, &self.job.folder.settings, &["segment", "score"]);
        key.told("options", options);
        key.told("outlines", &self.job.inputs.outlines);
        key.digest_of("models", &self.models());
        self.kept(Stage::Segment, "local ground", &key, |flight| {
            flight.local_ground(map, options).map_err(|p| vec![p])
        })
    }

    fn local_ground(
        &self,
        map: &Map,
        segment_options: &segment::Options,
    ) -> Result<Option<LocalGround>> {
        let size = (map.width, map.height);
        let patches = self.open_ground(map.temperatures()?, &map.transform, size)?;
        let canopies = self.canopies(map, segment_options)?;
        let terrain = self.job.inputs.dtm.as_ref().map(SurfaceGround::new);
        let height_m = |x: f64, y: f64| terrain.as_ref()?.height_m(x, y);
        Ok(mosaic::local_ground(&patches, &canopies, height_m))
    }

    /// Middle and median of the roofs with nothing heated below, as the inputs name them.
    fn canopies(&self, map: &Map, options: &segment::Options) -> Result<Vec<mosaic::Patch>> {
        let scoring = self.job.folder.settings.score_options();
        let unknown = (scoring.emissivity_unknown, scoring.emissivity_sigma);
        let open = |outline: &&Outline| {
            let told = outline.material.as_deref();
            material::material(told, &scoring.material, unknown).name == material::CANOPY
        };
        let mosaic = map.temperatures()?;
        let mut found = Vec::new();
        for outline in self.job.inputs.outlines.iter().filter(open) {
            let (width, height) = (map.width, map.height);
            let Ok(roof) = segment::judge(outline, &map.transform, width, height, options) else {
                continue;
            };
            if let Some(temperature) = median_inside(&roof, &mosaic.window(roof.window)?) {
                let (x_m, y_m) = roof.middle;
                found.push(mosaic::Patch {
                    x_m,
                    y_m,
                    temperature,
                });
            }
        }
        Ok(found)
    }

    /// Moves derived outlines to the edges this map shows; `None` where the outlines are the
    /// user's own.
    fn refine_derived(&self, map: &Map) -> Result<Option<Derived>> {
        let Some(derived) = &self.job.inputs.derived else {
            return Ok(None);
        };
        let mosaic = map.temperatures()?;
        let refined: Vec<Result<Candidate>> = derived
            .candidates
            .par_iter()
            .map(|candidate| {
                let around = candidate.polygon.bounding_rect().map(|r| {
                    let bounds = Bounds {
                        x_min: r.min().x,
                        y_min: r.min().y,
                        x_max: r.max().x,
                        y_max: r.max().y,
                    };
                    bounds.buffered(parts::MOVE_M + 2.0 * map.transform.dx)
                });
                let window =
                    around.and_then(|b| map.transform.window_of(&b, map.width, map.height));
                let Some(window) = window else {
                    return Ok(candidate.clone());
                };
                let celsius = GeoGrid {
                    grid: mosaic.window(window)?,
                    transform: map.transform.of_window(window),
                };
                Ok(parts::refined(candidate, &celsius))
            })
            .collect();
        Ok(Some(
            derived.with(refined.into_iter().collect::<Result<_>>()?),
        ))
    }

    /// Who holds which building.
    pub(super) fn tenancy(&self) -> Tenancy<'_> {
        Tenancy {
            companies: &self.job.inputs.companies,
            links: &self.job.inputs.links,
            linking: self.job.linking,
        }
    }

    fn conditions(&self, map: &Map, weather: &FlightWeather) -> FlightConditions {
        let settings = &self.job.folder.settings;
        let middle = weather.middle_time();
        let place = self.crs.to_lonlat(
            map.transform.x0 + map.transform.dx * map.width as f64 / 2.0,
            map.transform.y0 - map.transform.dy * map.height as f64 / 2.0,
        );
        let night = middle
            .zip(place.ok())
            .and_then(|(time, (lon, lat))| score::sun::night(time, lon, lat));
        let local = middle.map(|time| time.to_zoned_datetime(self.zone.clone()).datetime());
        let now = weather.middle;
        FlightConditions {
            air_c: now.air_c,
            humidity_pct: now.humidity_pct,
            wind_m_s: now.wind_m_s,
            cloud_okta: now.cloud_okta,
            pressure_hpa: now.pressure_hpa,
            sky_c: now.sky_c,
            sky_model: settings.sky_model(),
            terrain: settings.terrain(),
            cloud_base_km: settings.number("weather", "cloud_base_m").unwrap_or(2000.0) / 1000.0,
            local_hour: local.map(|t| f64::from(t.hour()) + f64::from(t.minute()) / 60.0),
            since_sunset_h: night.map(|n| n.since_sunset_h),
            day_cloud_okta: middle
                .zip(night)
                .and_then(|(time, night)| self.day_cloud_okta(time, night.since_sunset_h)),
            rain_24h_mm: weather.rain_24h_mm,
            rain_12h_mm: weather.rain_12h_mm,
            rain_flight_mm: weather.rain_flight_mm,
            cooling_k_h: weather.cooling_k_h,
            air_drift_k: weather.air_drift_k,
            cloud_change_okta: weather.cloud_change_okta,
            overlap_disagreement_k: Some(map.levelling.report.after.std_k)
                .filter(|k| k.is_finite()),
            emissivity: map.emissivity,
            reflected_c: map.reflected_known.then_some(map.reflected_c),
            placement_sigma_m: map.placement_sigma_m,
            netd_k: map.netd_k,
            ..FlightConditions::default()
        }
    }
}

/// Whether a roof is left out by what it is, not by a file that could not be read just now.
fn left_out(problem: &Problem) -> bool {
    problem.kind == problem::Kind::Setting && problem.file.is_none()
}

/// Median of a layer over the inner cells of a roof; `None` where none is known.
fn median_inside(roof: &Roof, layer: &Grid<f32>) -> Option<f64> {
    let cells = layer.data().iter().zip(roof.inner.data());
    let known = cells.filter(|(value, share)| value.is_finite() && **share > 0.5);
    let mut values: Vec<f32> = known.map(|(value, _)| *value).collect();
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() / 2).map(|v| f64::from(*v))
}

/// Why a building on a plot that is lived or farmed on is left out.
fn not_business(oidn: &str, function: &str) -> Problem {
    let what = format!("lies on a plot used for {function}, no company is tied to it; not rated");
    Problem::setting(what)
        .field(format!("outline {oidn}"))
        .hint("tie a company to it (buildings of companies.csv) to have it rated")
}

/// 2nd and 98th percentile of a distribution, outward to whole °C and at least 4 K apart.
fn scale(histogram: &[u64]) -> (f64, f64) {
    let total: u64 = histogram.iter().sum();
    if total == 0 {
        return (-10.0, 10.0);
    }
    let at = |share: f64| {
        let wanted = (share * total as f64) as u64;
        let mut sum = 0;
        let bin = histogram.iter().position(|count| {
            sum += count;
            sum > wanted
        });
        LOWEST_C + bin.unwrap_or(0) as f64 * BIN_K
    };
    let (low, high) = (at(0.02).floor(), at(0.98).ceil());
    (low, high.max(low + 4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_spans_the_middle_96_percent_to_whole_degrees() {
        let mut histogram = vec![0; BINS];
        let bin = |c: f64| ((c - LOWEST_C) / BIN_K).round() as usize;
        histogram[bin(-20.0)] = 1;
        histogram[bin(-5.3)] = 49;
        histogram[bin(3.2)] = 49;
        histogram[bin(30.0)] = 1;
        assert_eq!(scale(&histogram), (-6.0, 4.0));
        assert_eq!(scale(&vec![0; BINS]), (-10.0, 10.0));
    }
}
