//! Settings of tying.

use std::collections::BTreeMap;

/// Settings of [`link`](super::link).
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Ties below this are not published (`privacy.publish_confidence`).
    pub publish_confidence: f64,
    /// Share of a building that must lie in a company's parcels, or in a plot, 0–1.
    pub least_share: f64,
    /// Farthest main building a place may stand for, metres.
    pub reach_m: f64,
    /// Area from which a building is a main building where nothing says what it is, m². On
    /// parks sheds and cabins are smaller and halls larger.
    pub main_building_m2: f64,
    /// What the base map says of a building, by its key: whether it is a main building
    /// (`hoofdgebouw`) or a minor one (`bijgebouw`).
    pub main_buildings: BTreeMap<String, bool>,
    /// Buildings below this are never tied by a guess, m² (`segment.min_building_m2`).
    pub min_building_m2: f64,
    /// Establishments at one place above which it is an address of domiciliation, not of
    /// tenants (flemish-data.md §5.3).
    pub domiciliation: usize,
    /// Smallest zone of a building that is one company's, m².
    pub min_zone_m2: f64,
    /// Most candidates listed for a company.
    pub max_candidates: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            publish_confidence: 0.6,
            least_share: 0.5,
            reach_m: 40.0,
            main_building_m2: 100.0,
            main_buildings: BTreeMap::new(),
            min_building_m2: 25.0,
            domiciliation: 15,
            min_zone_m2: 25.0,
            max_candidates: 10,
        }
    }
}
