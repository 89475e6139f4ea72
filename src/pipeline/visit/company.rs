//! A company's findings of a visit: its sheet.

use super::history::{self, PastVisit};
use super::measure::{Told, spread, whole_degrees};
use super::results::StoredFinding;
use super::{Outcome, Visit};
use crate::pipeline::cache::{Digest, Key, Work};
use crate::pipeline::flight::kept;
use crate::pipeline::run::sheet_language;
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::report::visit::{
    self, CameraFacts, FindingInput, ScaleSet, Since, SiteHotspot, VisitFacts, VisitInput,
};
use crate::report::{Palette, Settings};
use crate::score::handheld::SiteConditions;
use crate::survey::{Company, Finding, FindingKind, Outline};
use crate::write::pdf::{self, Document, RoofPages};
use crate::write::visit_json;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::path::Path;

/// How much colder than the air an outdoor scale begins, K.
const SKY_K: f64 = 10.0;
/// Settings of the table `report` that show on a visit's sheet.
const LOOKED_AT: [&str; 4] = ["contact", "text", "palette", "png_dpi"];
/// Under which outcomes of companies are kept.
const KIND: &str = "visit sheet";

impl Visit<'_> {
    /// Makes a company's sheet unless it stands there from the same inputs.
    pub(super) fn company(&self, company: &Company, rows: &[usize], out: &Path) -> Result<Outcome> {
        let folder = out.join("companies").join(&company.company_id);
        let key = self.key(company, rows);
        if let Some(outcome) = self.kept(&key, &folder, out) {
            return Ok(outcome);
        }
        let (input, told) = self.input(company, rows);
        let numbers = visit::numbers(&input.findings);
        let released = input.release.releases();
        let stored: Vec<(StoredFinding, String)> = input
            .findings
            .iter()
            .zip(&numbers)
            .map(|(f, number)| {
                let more = serde_json::json!({
                    "assessment": f.assessment,
                    "readings": f.readings,
                    "reference": f.other_reference,
                    "conditions": f.conditions,
                });
                (StoredFinding::new(f, number, released), more.to_string())
            })
            .collect();
        let roof = self
            .roof(company)
            .and_then(|(id, _)| self.roof_pages(&id, company));
        self.write(input, roof.as_ref(), &folder)?;
        self.job.cache.count(Work::SheetsSet);
        let files = kept::folder_digests(&folder, out, self.job.cache.hashes());
        let outcome = (stored, told);
        self.job.cache.put(KIND, &key, &(&files, &outcome));
        Ok(outcome)
    }

    fn kept(&self, key: &Digest, folder: &Path, out: &Path) -> Option<Outcome> {
        let options = self.job.options;
        if options.force && options.only.is_none_or(|only| only <= Stage::Report) {
            return None;
        }
        let cache = self.job.cache;
        let (files, outcome): (kept::Files, Outcome) = cache.get(KIND, key)?;
        kept::folder_is_there(&files, folder, out, cache.hashes()).then_some(outcome)
    }

    /// Whether a company's sheet is up to date.
    pub(super) fn is_kept(&self, company: &Company, rows: &[usize], out: &Path) -> bool {
        let folder = out.join("companies").join(&company.company_id);
        self.kept(&self.key(company, rows), &folder, out).is_some()
    }

    /// Everything a company's sheet depends on.
    fn key(&self, company: &Company, rows: &[usize]) -> Digest {
        let mut key = Key::new(KIND);
        let job = self.job;
        key.told("company", company);
        key.told("language", &self.language(company).code());
        for index in rows {
            let row = &self.rows[*index];
            key.told("row", row);
            for name in [&row.image, &row.before_image, &row.reference] {
                let known = self.pictures.get(name.as_str());
                key.told("picture", &known.map(|k| k.as_ref().map(|k| k.digest)));
            }
            if !row.visible_image.is_empty() {
                let path = super::pictures::file_named(job.folder, &row.visible_image);
                let digest = path.ok().and_then(|p| job.cache.hashes().of(&p).ok());
                key.told("photo", &digest.map(|(_, d)| *d.as_bytes()));
            }
        }
        let tables = [
            "project",
            "visit",
            "radiometry",
            "handheld",
            "release",
            "camera",
        ];
        kept::tables(&mut key, &job.folder.settings, &tables);
        kept::report(&mut key, &job.project.settings, &LOOKED_AT);
        job.inputs.house.key(&mut key, Document::Visit);
        if self.roof(company).is_some() {
            // The roof's pages behind are set by its own template.
            job.inputs.house.key(&mut key, Document::Sheet);
        }
        key.told("table", &self.options);
        key.told("date", &self.date);
        key.told("weather", &job.inputs.weather);
        key.told("outlines", &job.inputs.outlines);
        key.told(
            "own",
            &self
                .own(company)
                .iter()
                .map(|o| &o.oidn)
                .collect::<Vec<_>>(),
        );
        key.told("past", &self.past_of(company));
        key.told("crs", &(self.crs.epsg(), self.crs.transformation()));
        key.told("several", &self.several());
        key.told(
            "roof",
            &self.roof(company).map(|(id, sheet)| (id, sheet.pdf)),
        );
        key.digest()
    }

    fn past_of(&self, company: &Company) -> Vec<PastVisit> {
        let of = |visit: &PastVisit| PastVisit {
            findings: visit
                .findings
                .iter()
                .filter(|f| f.company_id == company.company_id)
                .cloned()
                .collect(),
            ..visit.clone()
        };
        self.past.iter().map(of).collect()
    }

    fn language(&self, company: &Company) -> crate::survey::Language {
        sheet_language(self.job.project, company.language, self.job.options)
    }

    /// The company's outlines.
    pub(super) fn own(&self, company: &Company) -> Vec<&Outline> {
        let links = &self.job.inputs.links;
        let tied = |o: &&Outline| {
            links
                .iter()
                .any(|l| l.company_id == company.company_id && l.oidn == o.oidn)
        };
        self.job.inputs.outlines.iter().filter(tied).collect()
    }

    /// Whether the visit went to several companies, so that what is said of the visit as a whole
    /// may be another's.
    fn several(&self) -> bool {
        let mut ids = self.rows.iter().map(|r| r.company_id.as_str());
        let first = ids.next();
        ids.any(|id| Some(id) != first)
    }

    /// The sheet's input and what was left out of it.
    fn input(&self, company: &Company, rows: &[usize]) -> (VisitInput, Vec<Told>) {
        let own = self.own(company);
        let roof = self.roof(company);
        let mut told = Vec::new();
        let mut findings: Vec<FindingInput> = Vec::new();
        let mut left_out = Vec::new();
        for index in rows {
            let row = &self.rows[*index];
            match self.row(row, &own) {
                Ok(done) => {
                    findings.push(done.input);
                    told.extend(done.told);
                }
                Err(problem) => {
                    left_out.push(format!("{}: {}", row.image, problem.what));
                    let problem = match &problem.file {
                        Some(file) => Problem {
                            field: Some(format!("{} ({file})", row.place)),
                            file: Some(self.shown.clone()),
                            ..problem
                        },
                        None => problem.in_file(self.shown.clone()).field(row.place.clone()),
                    };
                    told.push((Stage::Attach, problem, true));
                }
            }
        }
        self.add_history(company, &mut findings);
        sort(&mut findings);
        self.add_scales(&mut findings);
        let seen: Vec<(&Finding, FindingKind)> = rows
            .iter()
            .map(|i| &self.rows[*i])
            .map(|r| (r, r.kind.unwrap_or(FindingKind::Other)))
            .collect();
        let numbers = visit::numbers(&findings);
        let hotspots = findings
            .iter()
            .zip(&numbers)
            .filter(|(f, _)| !f.finding.hotspot_id.is_empty())
            .map(|(f, number)| SiteHotspot {
                hotspot_id: f.finding.hotspot_id.clone(),
                found: f.finding.hotspot_found.unwrap_or(true),
                number: number.clone(),
            })
            .collect();
        let input = VisitInput {
            language: self.language(company),
            company: company.clone(),
            visit: self.facts(company, &findings),
            not_seen_again: history::not_seen_again(&self.past, &company.company_id, &seen),
            settings: self.sheet_settings(company),
            palette: Palette::from_word(self.job.project.settings.text("report", "palette"))
                .unwrap_or_default(),
            release: self.release.clone(),
            left_out,
            roof_flight: roof.and_then(|(_, sheet)| sheet.date()),
            hotspots,
            findings,
        };
        (input, told)
    }

    fn add_history(&self, company: &Company, findings: &mut [FindingInput]) {
        let past = self.past_of(company);
        for finding in findings {
            for visit in &past {
                let same = visit
                    .findings
                    .iter()
                    .find(|f| history::same(&finding.finding, finding.kind, f));
                finding
                    .history
                    .extend(same.map(|f| history::printed(visit, f)));
            }
            let a = &finding.assessment;
            let rated = a.not_rated.is_none() || a.own;
            finding.since =
                history::since(finding.finding.status, a.urgency, rated, &finding.history);
        }
    }

    /// One scale for each set of pictures, or the fixed one of the settings.
    fn add_scales(&self, findings: &mut [FindingInput]) {
        let fixed = self.job.folder.settings.numbers("handheld", "scale_c");
        if let [low, high] = fixed.as_slice()
            && low < high
        {
            for finding in findings {
                (finding.scale_c, finding.set) = ((*low, *high), ScaleSet::Fixed);
            }
            return;
        }
        let mut sets: BTreeMap<ScaleSet, (f64, f64)> = BTreeMap::new();
        for f in findings.iter() {
            let pictures = std::iter::once(&f.thermogram).chain(&f.second);
            let spreads = pictures.filter_map(|t| spread(&t.celsius));
            // What a marker measured must not lie beyond the scale.
            let readings = f.readings.iter().map(|r| (r.min_c, r.max_c));
            // Sky and mirrored sky are far colder than anything that is looked for.
            let outdoor = f
                .conditions
                .outdoor_c
                .filter(|_| f.set == ScaleSet::Outside);
            let coldest = outdoor.map_or(f64::NEG_INFINITY, |c| c - SKY_K);
            let spreads = spreads.map(|(low, high)| (low.max(coldest.min(high)), high));
            for (low, high) in spreads.chain(readings) {
                let set = sets.entry(f.set.clone()).or_insert((low, high));
                *set = (set.0.min(low), set.1.max(high));
            }
        }
        for f in findings {
            let range = sets.get(&f.set).copied().unwrap_or((0.0, 30.0));
            f.scale_c = whole_degrees(range);
        }
    }

    fn facts(&self, company: &Company, findings: &[FindingInput]) -> VisitFacts {
        let settings = &self.job.folder.settings;
        let text = |name: &str| settings.text("visit", name).to_owned();
        let number = |name: &str| settings.number("visit", name);
        // Where several companies were visited, who was present at one is not told to another.
        let mine = |words: String| match self.several() && self.is_others(company, &words) {
            true => String::new(),
            false => words,
        };
        let weather = findings
            .iter()
            .find_map(|f| f.thermogram.time)
            .and_then(|t| self.zone.to_ambiguous_zoned_datetime(t).compatible().ok())
            .map(|t| self.job.inputs.weather.at(t.timestamp()));
        let outdoor_c = number("outdoor_c").or_else(|| weather.and_then(|w| w.air_c));
        let [n, low, high] = [
            self.options.load_exponent,
            self.options.load_exponent_range[0],
            self.options.load_exponent_range[1],
        ];
        VisitFacts {
            id: self.job.folder.id.clone(),
            date: self.date,
            start: text("start"),
            end: text("end"),
            client: mine(text("client")),
            present: mine(text("present")),
            purpose: text("purpose"),
            standard: text("standard"),
            full: settings.text("visit", "extent") == "full",
            conditions: SiteConditions {
                indoor_c: number("indoor_c"),
                outdoor_c,
                indoor_humidity: number("humidity_pct").map(|h| h / 100.0),
                wind_m_s: number("wind_m_s").or_else(|| weather.and_then(|w| w.wind_m_s)),
                pressure_pa: number("pressure_pa"),
                ..findings
                    .first()
                    .map_or_else(SiteConditions::default, |f| f.conditions)
            },
            humidity: weather.and_then(|w| w.humidity_pct).map(|h| h / 100.0),
            sun_12h: text("sun_12h"),
            rain: text("rain"),
            weather_source: self.weather_source(),
            examined: self.zones(company, "examined"),
            not_examined: self.zones(company, "not_examined"),
            cameras: self.cameras(findings),
            severity_table: self.options.table.clone(),
            min_load: self.options.min_load,
            load_exponent: [n, low, high],
            f_rsi_limit: self.options.f_rsi_limit,
            f_rsi_origin: self.limit_origin,
        }
    }

    fn weather_source(&self) -> String {
        let stations = self.job.inputs.weather.stations();
        let named = stations.iter().map(|s| s.label()).find(|l| !l.is_empty());
        let file = self
            .job
            .project
            .weather
            .as_ref()
            .and_then(|p| p.file_name());
        match (named, file) {
            (Some(name), _) => name.to_owned(),
            (None, Some(file)) => file.to_string_lossy().into_owned(),
            (None, None) => String::new(),
        }
    }

    /// Zones of the visit; one that begins with a company's id and a colon is that company's.
    fn zones(&self, company: &Company, name: &str) -> Vec<String> {
        let value = &self.job.folder.settings.get("visit", name).value;
        let all = value
            .as_ref()
            .and_then(|v| v.as_array())
            .into_iter()
            .flatten();
        let companies = &self.job.inputs.companies;
        all.filter_map(|v| v.as_str())
            .filter_map(|zone| {
                let Some((id, rest)) = zone.split_once(':') else {
                    return Some(zone.to_owned());
                };
                match companies.iter().any(|c| c.company_id == id.trim()) {
                    false => Some(zone.to_owned()),
                    true if id.trim() == company.company_id => Some(rest.trim().to_owned()),
                    true => None,
                }
            })
            .collect()
    }

    /// Whether a text names another company or somebody of it.
    fn is_others(&self, company: &Company, words: &str) -> bool {
        let mut others = self
            .job
            .inputs
            .companies
            .iter()
            .filter(|c| c.company_id != company.company_id);
        others.any(|c| {
            [&c.name, &c.contact_name, &c.company_id]
                .iter()
                .any(|t| !t.is_empty() && words.contains(t.as_str()))
        })
    }

    /// Cameras of these findings with what the settings and the camera table add.
    fn cameras(&self, findings: &[FindingInput]) -> Vec<CameraFacts> {
        let mut cameras: Vec<CameraFacts> = Vec::new();
        let settings = &self.job.folder.settings.cameras;
        for f in findings {
            let Ok(known) = self.known(&f.finding.image) else {
                continue;
            };
            let header = &known.header;
            let c = &header.camera;
            let name = format!("{} {}", c.make, c.model).trim().to_owned();
            if cameras
                .iter()
                .any(|k| k.name == name && k.serial == c.serial)
            {
                continue;
            }
            let fits = |set: &str, own: &str| set.is_empty() || set.eq_ignore_ascii_case(own);
            let set = settings.iter().rev().find(|s| {
                fits(s.text("make"), &c.make)
                    && fits(s.text("model"), &c.model)
                    && fits(s.text("serial"), &c.serial)
            });
            let given = |name: &str| set.map(|s| s.text(name).to_owned()).unwrap_or_default();
            let range = set.and_then(|s| s.numbers("range_c"));
            let stored = known.open_extras().and_then(|e| e.range_c);
            cameras.push(CameraFacts {
                name,
                serial: match c.serial.as_str() {
                    "" => given("serial"),
                    serial => serial.to_owned(),
                },
                sensor_px: (header.width, header.height),
                lens: match given("lens") {
                    lens if lens.is_empty() => c.lens.clone(),
                    lens => lens,
                },
                range_c: match range.as_deref() {
                    Some([low, high]) => Some([*low, *high]),
                    _ => stored,
                },
                calibrated_on: given("calibrated_on"),
                netd_k: set.and_then(|s| s.number("netd_k")),
            });
        }
        cameras
    }

    fn sheet_settings(&self, company: &Company) -> Settings {
        let project = &self.job.project.settings;
        let name = project.text("project", "name");
        let campaign = project.text("project", "campaign");
        let year = self.date.map(|d| d.year());
        Settings {
            project: name.to_owned(),
            campaign: if campaign.is_empty() { name } else { campaign }.to_owned(),
            park: self.job.parks.printed(&company.company_id).to_owned(),
            code: match year {
                Some(year) => format!("{}-{year}-V", company.company_id),
                None => format!("{}-V", company.company_id),
            },
            brand: self.job.inputs.house.brand.clone(),
            contact: project.text("report", "contact").to_owned(),
            text: project.text("report", "text").to_owned(),
            retain_until: project.text("project", "retain_until").parse::<Date>().ok(),
            ..Settings::default()
        }
    }

    fn write(&self, input: VisitInput, roof: Option<&RoofPages>, folder: &Path) -> Result<()> {
        let sheet = visit::sheet(&input);
        let twin = visit_json::to_json(&input, &sheet);
        // The pictures stand in the sheet at the size printed; the originals take much more.
        drop(input);
        let dpi = self.job.project.settings.integer("report", "png_dpi");
        let options = pdf::RenderOptions {
            templates: Some(&self.job.inputs.house.templates),
            png_dpi: u32::try_from(dpi).unwrap_or(96),
        };
        let rendered = pdf::render_visit(&sheet, roof, &options)?;
        kept::write_pages(folder, &rendered, &twin)
    }
}

/// Electrical findings first, then the others; within each the most urgent first, then as written,
/// and what is solved last.
fn sort(findings: &mut [FindingInput]) {
    findings.sort_by_key(|f| {
        let electrical = f.kind == FindingKind::Electrical;
        let solved = f.since == Since::Solved;
        (!electrical, solved, std::cmp::Reverse(f.assessment.urgency))
    });
}
