//! The roof sheet of a flight, joined with a visit's: kept when the flight's sheet is set, found
//! again by flight and company as long as that sheet stands there.

use super::Visit;
use crate::pipeline::cache::{Cache, Digest, Key};
use crate::survey::Company;
use crate::write::pdf::RoofPages;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::path::Path;

const KIND: &str = "roof sheet";
const PAGES: &str = "roof pages";

/// A roof sheet that stands in the results.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RoofSheet {
    /// Local day of the flight.
    date: String,
    /// Digest of its `sheet.pdf`.
    pub(super) pdf: [u8; 32],
}

impl RoofSheet {
    /// Day of the flight.
    pub(super) fn date(&self) -> Option<Date> {
        self.date.parse().ok()
    }
}

fn key(cache: &Cache, results: &Path, flight: &str, company: &str) -> Digest {
    let mut key = Key::new(KIND);
    key.told("results", &cache.place(results));
    key.told("flight", &flight).told("company", &company);
    key.digest()
}

/// Keeps a company's roof pages of a flight.
pub(crate) fn keep(
    cache: &Cache,
    results: &Path,
    (flight, company): (&str, &str),
    (date, pdf): (Date, [u8; 32]),
    pages: &RoofPages,
) {
    let key = key(cache, results, flight, company);
    cache.put(PAGES, &key, pages);
    let date = date.to_string();
    cache.put(KIND, &key, &RoofSheet { date, pdf });
}

/// Whether the pages of a sheet are kept.
pub(crate) fn is_kept(cache: &Cache, results: &Path, flight: &str, company: &str) -> bool {
    let key = key(cache, results, flight, company);
    cache.has(KIND, &key) && cache.has(PAGES, &key)
}

impl Visit<'_> {
    /// The roof sheet this visit's is joined with: of the flight `visit.flight` names, else of the
    /// last one before the visit. `None` where the company has none that stands there.
    pub(super) fn roof(&self, company: &Company) -> Option<(String, RoofSheet)> {
        let cache = self.job.cache;
        let named = self.job.folder.settings.text("visit", "flight");
        let flights = self.job.project.flights.iter().map(|f| f.id.as_str());
        let mut found: Vec<(Date, String, RoofSheet)> = flights
            .filter(|id| named.is_empty() || *id == named)
            .filter_map(|id| {
                let key = key(cache, self.results, id, &company.company_id);
                let sheet: RoofSheet = cache.get(KIND, &key)?;
                let folder = self.results.join(id).join("companies");
                let pdf = folder.join(&company.company_id).join("sheet.pdf");
                let (_, now) = cache.hashes().of(&pdf).ok()?;
                let date = sheet.date()?;
                let stands = *now.as_bytes() == sheet.pdf && cache.has(PAGES, &key);
                let before = !named.is_empty() || self.date.is_none_or(|day| date <= day);
                (stands && before).then(|| (date, id.to_owned(), sheet))
            })
            .collect();
        found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        found.pop().map(|(_, id, sheet)| (id, sheet))
    }

    /// Its pages.
    pub(super) fn roof_pages(&self, flight: &str, company: &Company) -> Option<RoofPages> {
        let cache = self.job.cache;
        let key = key(cache, self.results, flight, &company.company_id);
        cache.get(PAGES, &key)
    }
}
