//! The `report` stage: one sheet for each company that takes part.

use super::comparison::Earlier;
use super::map::Map;
use super::own_emissivity;
use super::roofs::Rated;
use super::weather::FlightWeather;
use super::{Flight, kept, parts};
use crate::attach;
use crate::pipeline::cache::{Digest, Key, Work};
use crate::pipeline::catalogue::Catalogue;
use crate::pipeline::run::sheet_language;
use crate::pipeline::share::Step;
use crate::pipeline::stage::Stage;
use crate::pipeline::visit::{qualification, roof};
use crate::pipeline::{consent, links, map_page, overview, turns};
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, Grid, Window};
use crate::read::geotiff::GeoTiff;
use crate::report::{
    self, Building, EnergyAssumptions, FlightFacts, Palette, Purpose, Release, Settings,
    SheetConditions, SheetInput,
};
use crate::segment::parts::Kind;
use crate::survey::{Company, Link, Outline, Participation, Standing};
use crate::write::pdf::{self, Document, RoofPages};
use crate::write::{atomic, hotspots_geojson, sheet_json};
use ::geo::{BooleanOps, BoundingRect, Intersects, MultiPolygon};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use std::path::Path;

/// Map beyond the own buildings, share of their extent on each side: enough for the 4:3 frame.
const MARGIN: f64 = 0.6;
/// Least map beyond the own buildings, metres.
const LEAST_MARGIN_M: f64 = 15.0;
/// Expanded uncertainty of an absolute roof temperature without ground references, K: twice the
/// 1.0 K of scoring.md §5.
const ABSOLUTE_UNCERTAINTY_K: f64 = 2.0;

/// Settings of the table `report` that a sheet's input does not hold.
const LOOKED_AT: [&str; 1] = ["png_dpi"];

/// Under which files of sheets are kept.
const KIND: &str = "sheet";
/// How many companies a plan names.
const NAMED: usize = 5;

impl Flight<'_> {
    /// Writes the sheets; removes those of companies that no longer take part.
    pub(super) fn sheets(
        &mut self,
        catalogue: &Catalogue,
        map: &Map,
        rated: &Rated,
        weather: &FlightWeather,
    ) -> std::result::Result<usize, Vec<Problem>> {
        let inputs = self.job.inputs;
        let taking_part: Vec<&Company> = inputs
            .companies
            .iter()
            .filter(|c| c.participates == Participation::Yes)
            .enumerate()
            .filter(|(i, _)| self.makes_sheet(*i))
            .map(|(_, company)| company)
            .collect();
        self.reporter
            .begin(&self.job.folder.id, Stage::Report, taking_part.len());
        let folder = self.out.join("companies");
        let mosaic = map.temperatures().map_err(|p| vec![p])?;
        let earlier = self.earlier();
        let done: Vec<Result<Option<Problem>>> = turns::each(&taking_part, |company| {
            self.reporter.go_on()?;
            let links = self.published(company);
            consent::may_have_sheet(self.job, company)?;
            let mut input = self.input(company, &links, catalogue, map, rated, weather)?;
            self.reporter.advance(1);
            let folder = folder.join(&company.company_id);
            let key = self.sheet_key(&input, map, earlier.as_ref());
            if self.has_sheet(&key, &folder) {
                return Ok(None);
            }
            input.comparison = self.compared(earlier.as_ref(), &input)?;
            input.thermal = self.thermal(mosaic, map, &input.buildings)?;
            let without_photo = self.add_photo(&mut input).err();
            self.write_sheet(&input, mosaic, &folder)?;
            self.job.cache.count(Work::SheetsSet);
            let hashes = self.job.cache.hashes();
            let files = kept::folder_digests(&folder, self.out, hashes);
            // A broken photo is told again by the next run.
            if without_photo.is_none() {
                parts::send(self, &files)?;
                self.job.cache.put(KIND, &key, &files);
            }
            Ok(without_photo)
        });
        let failed = || done.iter().filter_map(|r| r.as_ref().err());
        if let Some(end) = failed().find(|p| p.ends_everything()) {
            return Err(vec![end.clone()]);
        }
        let mut photos: Vec<&Problem> = Vec::new();
        for problem in done.iter().filter_map(|r| r.as_ref().ok()?.as_ref()) {
            if !photos.contains(&problem) {
                photos.push(problem);
            }
        }
        for problem in photos {
            let what = format!("{}; sheets are made without it", problem.what);
            self.warn(
                Stage::Report,
                &Problem {
                    what,
                    ..problem.clone()
                },
            );
        }
        let count = done.iter().filter(|r| r.is_ok()).count();
        self.reporter
            .end(&format!("{count} of {} sheets", taking_part.len()));
        let mut failed: Vec<(Problem, Vec<&str>)> = Vec::new();
        for (company, problem) in taking_part
            .iter()
            .zip(done)
            .filter_map(|(c, r)| r.err().map(|p| (c, p)))
        {
            // A stale sheet of an earlier run must not pass for a new one.
            let _ = atomic::remove_folder(&folder.join(&company.company_id));
            let id = company.company_id.as_str();
            match failed
                .iter_mut()
                .find(|(p, _)| p.file.is_some() && *p == problem)
            {
                Some((_, ids)) => ids.push(id),
                None => failed.push((problem, vec![id])),
            }
        }
        for (problem, ids) in failed {
            // A slip in a template is everybody's: said once, with whom it left without a sheet.
            let problem = match problem.file {
                None => problem.in_file(format!("company {}", ids.join(", "))),
                Some(_) => {
                    let what = format!("{}: no sheet for {}", problem.what, named(&ids));
                    Problem { what, ..problem }
                }
            };
            self.skip(Stage::Report, &problem);
        }
        self.lap(Stage::Report);
        self.ends_with(Step::Sheet)?;
        consent::search(&consent::Scope::of(self.job), &folder)?;
        consent::log(self.job, self.out).map_err(|p| vec![p])?;
        let facts = self.overview_facts(catalogue, map, rated, weather);
        self.job.cache.count(Work::OverviewsMade);
        for warning in overview::write(self.job, self.out, &facts)? {
            self.warn(Stage::Report, &warning);
        }
        Ok(count)
    }

    /// What became of the company's roofs since an earlier flight.
    fn compared(
        &self,
        earlier: Option<&Earlier>,
        input: &SheetInput,
    ) -> Result<Option<report::Comparison>> {
        let Some(earlier) = earlier else {
            return Ok(None);
        };
        let around = extent(input.buildings.iter().map(|b| &b.outline));
        self.comparison(earlier, &input.company, &input.buildings, &around)
    }

    #[allow(clippy::too_many_arguments)] // Each comes from another stage.
    fn input(
        &self,
        company: &Company,
        links: &[&Link],
        catalogue: &Catalogue,
        map: &Map,
        rated: &Rated,
        weather: &FlightWeather,
    ) -> Result<SheetInput> {
        let mut buildings = Vec::new();
        let mut frames = 0;
        for (index, outline) in rated.outlines.iter().enumerate() {
            if !links.iter().any(|l| l.oidn == outline.oidn) {
                continue;
            }
            frames = frames.max(rated.frames[index]);
            let own = rated.hotspots.iter().filter(|h| h.oidn == outline.oidn);
            let own = links::own_part(self.job.linking, company, outline, own);
            let (rejected, hotspots) = own.into_iter().partition(|h| h.rejected());
            let zone = rated.zone(&company.company_id, &outline.oidn);
            buildings.push(Building {
                outline: zone.map_or(outline, |z| &z.outline).clone(),
                part: links::part(self.job.linking, company, outline),
                score: zone.map_or(&rated.roofs[index], |z| &z.score).clone(),
                hotspots,
                rejected,
                masked: panels(rated, &outline.oidn, zone.map(|z| &z.outline)),
            });
        }
        let seen: Vec<(f64, f64)> = buildings
            .iter()
            .map(|b| (b.score.area_m2, b.score.observed_fraction))
            .collect();
        if buildings.is_empty() {
            return Err(Problem::setting(match links.len() {
                0 => "is linked to no building of the outlines",
                _ => "has no building that the flight saw",
            })
            .hint("fill its buildings column, or add a row to links.csv"));
        }
        if attach::consent::coverage(&seen) == attach::consent::Coverage::Outside {
            return Err(Problem::setting("has no roof that the flight saw")
                .hint("plan the next flight so that it covers the company's buildings"));
        }
        let around = extent(buildings.iter().map(|b| &b.outline));
        let project = &self.job.project.settings;
        let settings = &self.job.folder.settings;
        let scale = project.numbers("report", "scale_c");
        Ok(SheetInput {
            language: sheet_language(self.job.project, company.language, self.job.options),
            company: company.clone(),
            // Cut out only where the sheet is set.
            thermal: None,
            neighbours: self.neighbours(&buildings, &around),
            buildings,
            photo: None,
            flight: self.facts(catalogue, map, weather, frames),
            conditions: SheetConditions {
                weather: weather.middle,
                sky_c: rated.conditions.sky().map(|s| s.sky_c),
                sky_computed: rated.conditions.sky_c.is_none(),
                rain_24h_mm: weather.rain_24h_mm,
                station: self.station(weather),
                station_km: weather.stations.first().and_then(|s| s.1),
                stations: weather.stations.clone(),
                spread: weather.spread,
                emissivity: map.emissivity,
                uncertainty_k: Some(absolute_uncertainty_k(map)),
                moisture_doubts: match settings.text("flight", "purpose") {
                    "moisture" => crate::score::moisture::doubts(&rated.conditions),
                    _ => Vec::new(),
                },
            },
            scale_c: match scale.as_slice() {
                [low, high] if low < high => (*low, *high),
                _ => rated.scale_c,
            },
            palette: Palette::from_word(project.text("report", "palette")).unwrap_or_default(),
            settings: self.sheet_settings(company, weather),
            release: release(settings),
            comparison: None,
        })
    }

    /// What a sheet depends on.
    fn sheet_key(&self, input: &SheetInput, map: &Map, earlier: Option<&Earlier>) -> Digest {
        let mut key = Key::new("sheet");
        key.told("input", input);
        key.told("earlier", &earlier.map(|e| e.digest));
        let former = self.former_pages(&input.company.company_id);
        let pages = map_page::digests(&former, self.job.cache.hashes());
        key.told("earlier pages", &pages);
        let around = extent(input.buildings.iter().map(|b| &b.outline));
        if let Some(window) = map.transform.window_of(&around, map.width, map.height) {
            map.key_of(window, &mut key);
        }
        key.told(
            "map",
            &(map.emissivity, map.reflected_c, map.reflected_known),
        );
        self.key_of_crs(&mut key);
        let photos = &self.job.inputs.photos;
        key.told("photos", &photos.digests(&around, self.job.cache.hashes()));
        kept::report(&mut key, &self.job.project.settings, &LOOKED_AT);
        self.job.inputs.house.key(&mut key, Document::Sheet);
        kept::tables(&mut key, &self.job.folder.settings, &["segment"]);
        key.digest()
    }

    /// Whether a sheet stands there from this key.
    fn has_sheet(&self, key: &Digest, folder: &Path) -> bool {
        let cache = self.job.cache;
        let kept = || cache.get(KIND, key);
        let company = folder.file_name().unwrap_or_default().to_string_lossy();
        let flight = &self.job.folder.id;
        let results = self.out.parent().unwrap_or(self.out);
        self.may_keep(Stage::Report)
            && roof::is_kept(cache, results, flight, &company)
            && kept().is_some_and(|files| {
                let there = || kept::folder_is_there(&files, folder, self.out, cache.hashes());
                there() || (cache.is_shared() && parts::fetch(self, &files) && there())
            })
    }

    /// Whether the sheet of the i-th company is made here.
    fn makes_sheet(&self, i: usize) -> bool {
        let part = self.job.part.filter(|p| p.step == Step::Sheet);
        part.is_none_or(|p| i % p.of == p.index)
    }

    /// Tells of each company whether its sheet would be set again.
    pub(super) fn plan_sheets(
        &mut self,
        catalogue: &Catalogue,
        map: &Map,
        rated: &Rated,
        weather: &FlightWeather,
    ) {
        let inputs = self.job.inputs;
        let earlier = self.earlier();
        let companies = inputs.companies.iter();
        let taking_part = companies.filter(|c| c.participates == Participation::Yes);
        let (mut set, mut all) = (Vec::new(), 0);
        for company in taking_part {
            let links = self.published(company);
            let Ok(input) = self.input(company, &links, catalogue, map, rated, weather) else {
                continue;
            };
            all += 1;
            let folder = self.out.join("companies").join(&company.company_id);
            let key = self.sheet_key(&input, map, earlier.as_ref());
            if !self.has_sheet(&key, &folder) {
                set.push(company.company_id.as_str());
            }
        }
        let named = match set.len() {
            0 => String::new(),
            _ => format!(" ({})", named(&set)),
        };
        let what = format!("{} of {all} sheets{named}, layers and overviews", set.len());
        self.planned_from.get_or_insert(Stage::Report);
        self.planned.push((Stage::Report, what));
    }

    /// The links of a company that are sure enough.
    fn published(&self, company: &Company) -> Vec<&Link> {
        let limit = match self.job.options.allow_unreviewed {
            true => 0.0,
            false => self
                .job
                .project
                .settings
                .number("privacy", "publish_confidence")
                .unwrap_or(0.6),
        };
        let links = self.job.inputs.links.iter();
        links
            .filter(|l| l.company_id == company.company_id && l.confidence >= limit)
            .collect()
    }

    fn sheet_settings(&self, company: &Company, weather: &FlightWeather) -> Settings {
        let project = &self.job.project.settings;
        let name = project.text("project", "name");
        let campaign = project.text("project", "campaign");
        let standard = Settings::default();
        let scoring = self.job.folder.settings.score_options();
        // Only what the program knows to be in the sheet; data sets of the user are not guessed.
        let sources = Vec::new();
        let year = weather
            .start
            .map(|t| t.to_zoned_datetime(self.zone.clone()).year());
        Settings {
            project: name.to_owned(),
            campaign: if campaign.is_empty() { name } else { campaign }.to_owned(),
            park: self.job.parks.printed(&company.company_id).to_owned(),
            code: match year {
                Some(year) => format!("{}-{year}", company.company_id),
                None => company.company_id.clone(),
            },
            brand: self.job.inputs.house.brand.clone(),
            contact: project.text("report", "contact").to_owned(),
            text: project.text("report", "text").to_owned(),
            max_hotspots: usize::try_from(project.integer("report", "max_hotspots")).unwrap_or(6),
            u_bounds: scoring.u_bounds,
            energy: EnergyAssumptions {
                options: scoring.energy,
                dd_base_c: project.number("energy", "dd_base").unwrap_or(16.5),
                dd_source: project.text("energy", "dd_source").to_owned(),
            },
            savings: project.flag("report", "savings"),
            retain_until: project.text("project", "retain_until").parse::<Date>().ok(),
            sources,
            ..standard
        }
    }

    fn facts(
        &self,
        catalogue: &Catalogue,
        map: &Map,
        weather: &FlightWeather,
        frames: u32,
    ) -> FlightFacts {
        let settings = &self.job.folder.settings;
        let local = |time: Option<Timestamp>| {
            time.map_or(DateTime::constant(1970, 1, 1, 0, 0, 0, 0), |t| {
                t.to_zoned_datetime(self.zone.clone()).datetime()
            })
        };
        let first = catalogue.frames.first().map(|e| &e.header);
        let mut paths: Vec<f64> = map.frames.iter().map(|f| f.path_m).collect();
        paths.sort_by(f64::total_cmp);
        let platform = match settings.text("flight", "platform") {
            "" if catalogue.frames.is_empty() => "aircraft",
            "" => "drone",
            given => given,
        };
        FlightFacts {
            id: self.job.folder.id.clone(),
            start: local(weather.start),
            end: local(weather.end),
            platform: platform.to_owned(),
            camera: first
                .map(|h| {
                    format!("{} {}", h.camera.make, h.camera.model)
                        .trim()
                        .to_owned()
                })
                .unwrap_or_default(),
            sensor_px: first.map(|h| (h.width as u32, h.height as u32)),
            height_m: paths
                .get(paths.len() / 2)
                .copied()
                .or(settings.number("flight", "planned_agl_m")),
            gsd_m: map.transform.dx,
            frames,
            purpose: match settings.text("flight", "purpose") {
                "moisture" => Purpose::Moisture,
                _ => Purpose::HeatLoss,
            },
        }
    }

    /// Temperatures over the own roofs, each under its own emissivity, so that picture and table
    /// agree; everything between them as in the mosaic or nothing (the sheet does not show it).
    fn thermal(
        &self,
        mosaic: &GeoTiff,
        map: &Map,
        buildings: &[Building],
    ) -> Result<Option<GeoGrid<f32>>> {
        // Edges of roofs are drawn from cells on both sides.
        let rim_m = 2.0 * map.transform.dx;
        let window = |bounds: Bounds| {
            let around = bounds.buffered(rim_m);
            map.transform.window_of(&around, map.width, map.height)
        };
        let outlines = || buildings.iter().map(|b| &b.outline);
        let near: Vec<Window> = outlines()
            .filter_map(|outline| window(bounds(std::iter::once(outline))))
            .collect();
        let Some(whole) = window(bounds(outlines())) else {
            return Ok(None);
        };
        let grid = read_near(mosaic, whole, &near, map.tile_px)?;
        let transform = map.transform.of_window(whole);
        let mut piece = GeoGrid { grid, transform };
        if map.reflected_known {
            let made = own_emissivity::Map {
                surroundings: (map.emissivity, map.reflected_c),
                options: self.job.folder.settings.segment_options(),
            };
            own_emissivity::apply(&mut piece, &made, buildings);
        }
        Ok(Some(piece))
    }

    /// The orthophoto over the maps, and whose it is.
    fn add_photo(&self, input: &mut SheetInput) -> Result<()> {
        let photos = &self.job.inputs.photos;
        let around = extent(input.buildings.iter().map(|b| &b.outline));
        let Some(cell_m) = photos.cell_m(&around) else {
            return Ok(());
        };
        let (photo, credits) = photos.pieces(&report::photo_grids(input, cell_m))?;
        if !photo.pieces.is_empty() {
            input.photo = Some(photo);
            input.settings.sources.extend(credits);
        }
        Ok(())
    }

    /// Where the weather came from: the station, else the file's name; empty for constant values.
    fn station(&self, weather: &FlightWeather) -> String {
        if let Some((name, _)) = weather.stations.first() {
            return name.clone();
        }
        let path = self.job.project.weather.as_ref();
        path.and_then(|p| p.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }

    /// Outlines of others inside the map window: grey, without a name.
    fn neighbours(&self, own: &[Building], around: &Bounds) -> Vec<::geo::MultiPolygon<f64>> {
        let frame = ::geo::Rect::new(
            ::geo::coord! { x: around.x_min, y: around.y_min },
            ::geo::coord! { x: around.x_max, y: around.y_max },
        );
        self.job
            .inputs
            .outlines
            .iter()
            .filter(|o| {
                o.polygon
                    .bounding_rect()
                    .is_some_and(|r| r.intersects(&frame))
            })
            .filter_map(|o| match own.iter().find(|b| b.outline.oidn == o.oidn) {
                None => Some(o.polygon.clone()),
                // Of a building in which the company has a zone, what others hold.
                Some(b) if b.outline.polygon != o.polygon => {
                    Some(o.polygon.difference(&b.outline.polygon))
                }
                Some(_) => None,
            })
            .collect()
    }

    /// Keeps the pages for a visit's sheet, which they may be joined with.
    fn keep_roof(&self, input: &SheetInput, sheet: &report::Sheet, folder: &Path) {
        let hashed = self.job.cache.hashes().of(&folder.join("sheet.pdf"));
        let (Some(results), Ok((_, pdf)), Ok(pages)) =
            (self.out.parent(), hashed, RoofPages::new(sheet))
        else {
            return;
        };
        let of = (
            self.job.folder.id.as_str(),
            input.company.company_id.as_str(),
        );
        let date = input.flight.start.date();
        roof::keep(self.job.cache, results, of, (date, *pdf.as_bytes()), &pages);
    }

    fn write_sheet(&self, input: &SheetInput, mosaic: &GeoTiff, folder: &Path) -> Result<()> {
        let sheet = report::sheet(input);
        let dpi = self.job.project.settings.integer("report", "png_dpi");
        let options = pdf::RenderOptions {
            templates: Some(&self.job.inputs.house.templates),
            png_dpi: u32::try_from(dpi).unwrap_or(96),
        };
        let rendered = pdf::render(&sheet, &options)?;
        let twin = sheet_json::to_json(input, &sheet);
        kept::write_pages(folder, &rendered, &twin)?;
        self.keep_roof(input, &sheet, folder);
        let to_lonlat = |x: f64, y: f64| self.crs.to_lonlat(x, y).ok();
        let spots = hotspots_geojson::to_geojson(input, &sheet, &to_lonlat);
        atomic::write_file(&folder.join("hotspots.geojson"), spots.as_bytes())?;
        self.write_map_page(input, &sheet, mosaic, folder)
    }
}

/// The first few companies of a list.
fn named(ids: &[&str]) -> String {
    match ids.len() {
        0..=NAMED => ids.join(", "),
        _ => format!("{}, …", ids[..NAMED].join(", ")),
    }
}

/// Panels on a roof that were left out of its statistics; within a zone only the zone's part.
fn panels(rated: &Rated, oidn: &str, zone: Option<&Outline>) -> Vec<MultiPolygon<f64>> {
    let own = rated.segments.iter().filter(|s| s.oidn == oidn);
    own.filter(|s| s.kind == Kind::Pv && !s.valid)
        .map(|s| match zone {
            Some(zone) => s.polygon.intersection(&zone.polygon),
            None => s.polygon.clone(),
        })
        .filter(|polygon| !polygon.0.is_empty())
        .collect()
}

/// Bounds of outlines.
fn bounds<'o>(outlines: impl Iterator<Item = &'o Outline>) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    for rect in outlines.filter_map(|o| o.polygon.bounding_rect()) {
        bounds.include(rect.min().x, rect.min().y);
        bounds.include(rect.max().x, rect.max().y);
    }
    bounds
}

/// Bounds of the own buildings with room for a map frame around them.
fn extent<'o>(outlines: impl Iterator<Item = &'o Outline>) -> Bounds {
    let bounds = bounds(outlines);
    let side = (bounds.x_max - bounds.x_min).max(bounds.y_max - bounds.y_min);
    bounds.buffered((side * MARGIN).max(LEAST_MARGIN_M))
}

fn release(settings: &crate::config::Settings) -> Option<Release> {
    let text = |name: &str| settings.text("release", name).to_owned();
    // Level I records and releases nothing (scoring.md §18).
    let records_only = qualification(settings).standing() == Standing::RecordsOnly;
    (!text("name").is_empty() && !records_only).then(|| Release {
        name: text("name"),
        function: text("function"),
        level: text("level"),
        date: text("date").parse::<Date>().ok(),
    })
}

/// A window of a raster, of which only the tiles are read that touch one of some windows: between
/// two halls of a company lies much that is nobody's to see.
fn read_near(
    raster: &GeoTiff,
    whole: Window,
    near: &[Window],
    tile_px: usize,
) -> Result<Grid<f32>> {
    let mut grid = Grid::filled(whole.width, whole.height, f32::NAN);
    let tiles = |from: usize, count: usize| from / tile_px..(from + count).div_ceil(tile_px);
    for tile_row in tiles(whole.row, whole.height) {
        for tile_col in tiles(whole.col, whole.width) {
            let tile = Window {
                col: tile_col * tile_px,
                row: tile_row * tile_px,
                width: tile_px,
                height: tile_px,
            };
            let Some(part) = tile.common(&whole) else {
                continue;
            };
            if near.iter().all(|n| n.common(&part).is_none()) {
                continue;
            }
            let read = raster.window(part)?;
            let left = part.col - whole.col;
            for row in 0..part.height {
                let start = (part.row - whole.row + row) * whole.width + left;
                grid.data_mut()[start..start + part.width].copy_from_slice(read.row(row));
            }
        }
    }
    Ok(grid)
}

/// Expanded uncertainty of an absolute roof temperature, K: with reference temperatures that of the
/// level in the middle of the map and of the levels of single frames together.
pub(super) fn absolute_uncertainty_k(map: &Map) -> f64 {
    let levelling = &map.levelling;
    let middle = map
        .transform
        .to_map(map.width as f64 / 2.0, map.height as f64 / 2.0);
    let pivot_k = levelling.absolute.pivot_k;
    let absolute = levelling.absolute.sigma_k(pivot_k, middle.0, middle.1);
    if !absolute.is_finite() {
        return ABSOLUTE_UNCERTAINTY_K;
    }
    let known = levelling.offset_sigma_k.iter().filter(|s| s.is_finite());
    let (sum, n) = known.fold((0.0, 0.0), |(sum, n), s| (sum + s * s, n + 1.0));
    2.0 * absolute.hypot((sum / f64::max(n, 1.0)).sqrt())
}
