//! The map page of a company, beside its sheet.

use super::Flight;
use crate::pipeline::map_page::{self, Former};
use crate::problem::Result;
use crate::read::geotiff::GeoTiff;
use crate::report::{Sheet, SheetInput, map_page::company};
use crate::write::atomic;
use std::path::Path;

/// Name of the page in a company's folder.
const NAME: &str = "map.html";

impl Flight<'_> {
    /// The company's pages of earlier flights, the nearest first.
    pub(super) fn former_pages(&self, company_id: &str) -> Vec<Former> {
        let Some(results) = self.out.parent() else {
            return Vec::new();
        };
        let former = self.job.order.before(&self.job.folder.id).into_iter();
        former
            .map(|flight| {
                let companies = results.join(flight).join("companies");
                Former {
                    flight: flight.to_owned(),
                    page: companies.join(company_id).join(NAME),
                }
            })
            .collect()
    }

    pub(super) fn write_map_page(
        &self,
        input: &SheetInput,
        sheet: &Sheet,
        mosaic: &GeoTiff,
        folder: &Path,
    ) -> Result<()> {
        let former = self.former_pages(&input.company.company_id);
        let html = map_page::html(company(input, sheet), Some(mosaic), &former)?;
        atomic::write_file(&folder.join(NAME), html.as_bytes())
    }
}
