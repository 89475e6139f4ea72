//! The Belgian quasi-geoid hBG18: from heights over the ellipsoid to heights over Ostend.
//!
//! In: longitude and latitude of ETRS89. Out: N in metres, so that the height in the Second
//! General Levelling (TAW, EPSG:5710) is H = h − N. From our table of hBG18 (CC BY 4.0, Slobbe
//! et al. 2018, doi 10.5880/isg.2018.003), 1 mm rms from the original in West Flanders.

use std::sync::LazyLock;

use super::table::NodeTable;

static TABLE: LazyLock<NodeTable<1>> = LazyLock::new(|| {
    NodeTable::parse(include_str!("tables/hbg18.txt")).expect("the embedded table is well formed")
});

/// Geoid height N over GRS80, metres (41.9–42.3 m in West Flanders); `None` outside
/// 2.50–6.45° E, 49.45–51.55° N.
pub fn separation_m(lon_deg: f64, lat_deg: f64) -> Option<f64> {
    TABLE.at(lon_deg, lat_deg).map(|[n]| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// georeferencing.md §4: PROJ 9 with the original grid, to 1 cm.
    #[test]
    fn the_six_points_of_the_reference_table_agree_to_a_centimetre() {
        for (lon, lat, n) in [
            (4.468493, 50.856057, 42.936),
            (3.264, 50.828, 42.201),
            (3.220, 51.209, 42.09),
            (2.918, 51.226, 41.955),
            (2.885, 50.851, 42.10),
            (3.124, 50.946, 42.04),
        ] {
            let found = separation_m(lon, lat).expect("in Belgium");
            assert!((found - n).abs() <= 0.010, "{lon} {lat}: {found}");
        }
    }

    #[test]
    fn switzerland_is_outside() {
        assert!(separation_m(6.24, 46.40).is_none());
    }
}
