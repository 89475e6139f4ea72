//! Map pages of a park and of the campaign, for everyone and for the association.
//!
//! Made from the same facts and members as the workbooks, so that they can be made again when
//! somebody withdraws; temperatures come from the mosaic of the results, while it is there.

use super::cache::Key;
use super::flight::Job;
use super::map_page::{self, Former};
use crate::attach::Tie;
use crate::problem::Result;
use crate::read::geotiff::GeoTiff;
use crate::report::Palette;
use crate::report::map_page::{Grounds, Style, internal, public};
use crate::report::overview::{Facts, Member, Scope};
use crate::write::atomic;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Name of the pages.
pub(super) const NAME: &str = "index.html";
/// Under which pages are kept.
const KIND: &str = "map-page";

/// The pages of a flight in the making.
pub(super) struct ParkMaps<'a> {
    job: &'a Job<'a>,
    out: &'a Path,
    grounds: Grounds<'a>,
    style: Style,
    /// The mosaic and the digest of its bytes.
    mosaic: Option<(GeoTiff, [u8; 32])>,
}

impl<'a> ParkMaps<'a> {
    pub(super) fn new(job: &'a Job<'a>, out: &'a Path, facts: &Facts) -> Self {
        let settings = &job.project.settings;
        let path = out.join("mosaic.tif");
        let digest = || job.cache.hashes().of(&path).ok();
        let mosaic = GeoTiff::open(&path).ok();
        let mosaic = mosaic.and_then(|m| Some((m, *digest()?.1.as_bytes())));
        Self {
            grounds: grounds(job),
            style: Style {
                colour: settings.text("report", "colour").to_owned(),
                scale_c: match settings.numbers("report", "scale_c").as_slice() {
                    [low, high] if low < high => Some((*low, *high)),
                    _ => facts.scale_c,
                }
                .filter(|_| mosaic.is_some()),
                palette: Palette::from_word(settings.text("report", "palette")).unwrap_or_default(),
            },
            job,
            out,
            mosaic,
        }
    }

    /// Writes both pages of a park, or of the campaign.
    ///
    /// # Errors
    /// The mosaic cannot be read, a page cannot be written.
    pub(super) fn write(
        &self,
        facts: &Facts,
        members: &[Member<'_>],
        scope: &Scope<'_>,
        [everyone, association]: [&Path; 2],
    ) -> Result<()> {
        let drawn = public(facts, members, scope, &self.grounds, &self.style);
        let html = map_page::html(drawn, None, &[])?;
        atomic::write_file(&everyone.join(NAME), html.as_bytes())?;

        let drawn = internal(facts, members, scope, &self.grounds, &self.style);
        let path = association.join(NAME);
        let former = self.former(association);
        let cache = self.job.cache;
        let mut key = Key::new(KIND);
        key.told("page", &drawn);
        key.told("mosaic", &self.mosaic.as_ref().map(|(_, digest)| digest));
        key.told("earlier", &map_page::digests(&former, cache.hashes()));
        let key = key.digest();
        let there = || Some(*cache.hashes().of(&path).ok()?.1.as_bytes());
        let kept = cache.get::<[u8; 32]>(KIND, &key);
        if kept.is_some() && kept == there() {
            return Ok(());
        }
        let mosaic = self.mosaic.as_ref().map(|(mosaic, _)| mosaic);
        let made = map_page::html(drawn, mosaic, &former);
        if let (Err(problem), Some(_)) = (&made, mosaic)
            && !problem.ends_everything()
        {
            // A damaged mosaic costs the temperatures, not the page: it may be the one that has to forget
            // somebody, and the run that makes the mosaic anew comes after it.
            let style = Style {
                scale_c: None,
                ..self.style.clone()
            };
            let drawn = internal(facts, members, scope, &self.grounds, &style);
            let html = map_page::html(drawn, None, &former)?;
            return atomic::write_file(&path, html.as_bytes());
        }
        atomic::write_file(&path, made?.as_bytes())?;
        if let Some(digest) = there() {
            cache.put(KIND, &key, &digest);
        }
        Ok(())
    }

    /// The same page of earlier flights, the nearest first.
    fn former(&self, folder: &Path) -> Vec<Former> {
        let Some((results, within)) = self.out.parent().zip(folder.strip_prefix(self.out).ok())
        else {
            return Vec::new();
        };
        let flights = self.job.order.before(&self.job.folder.id).into_iter();
        flights
            .map(|flight| Former {
                flight: flight.to_owned(),
                page: results.join(flight).join(within).join(NAME),
            })
            .collect()
    }
}

fn grounds<'a>(job: &'a Job<'a>) -> Grounds<'a> {
    let outlines = job.inputs.outlines.iter().zip(&job.parks.of_outline);
    let published: BTreeSet<(&str, &str)> = job
        .inputs
        .links
        .iter()
        .map(|l| (l.company_id.as_str(), l.oidn.as_str()))
        .collect();
    let key = |t: &'a Tie| (t.link.company_id.as_str(), t.link.oidn.as_str());
    let ties = job.linking.ties.iter();
    let zones = ties.filter_map(|t| Some((key(t), t.link.zone.as_ref()?)));
    let several = job.parks.several();
    Grounds {
        outlines: outlines
            .map(|(o, park)| (o.oidn.as_str(), &o.polygon, park.filter(|_| several)))
            .collect(),
        zones: zones.filter(|(key, _)| published.contains(key)).collect(),
    }
}

/// The pages of an earlier flight that a later one carries parts of.
pub(super) fn carried(results: &Path, flight: &str) -> Vec<PathBuf> {
    let out = results.join(flight);
    let mut pages = Vec::new();
    for folder in super::consent::entries(&out.join("companies")) {
        pages.push(folder.join("map.html"));
    }
    let internal = out.join("internal");
    pages.push(internal.join(NAME));
    for folder in super::consent::entries(&internal) {
        pages.push(folder.join(NAME));
    }
    pages.retain(|page| page.is_file());
    pages
}
