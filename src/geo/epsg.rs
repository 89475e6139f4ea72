//! Names and WKT1 texts of the systems that West Flemish data come in.
//!
//! In: an EPSG code. Out: what GeoPackage and GeoTIFF writers print of it. Definitions after the
//! EPSG registry; other codes get a plain name and "undefined", which readers accept because the
//! code itself stands beside it.

/// Name in the EPSG registry, or `EPSG:…` for codes not listed here.
pub(super) fn name(code: u32) -> String {
    match code {
        31370 => "BD72 / Belgian Lambert 72".into(),
        6190 => "BD72 / Belgian Lambert 72 + Ostend height".into(),
        3812 => "ETRS89 / Belgian Lambert 2008".into(),
        8370 => "ETRS89 / Belgian Lambert 2008 + Ostend height".into(),
        11219 => "ETRS89-BEL [BEREF2011] / Belgian Lambert 2008".into(),
        25828..=25838 => format!("ETRS89 / UTM zone {}N", code - 25800),
        32601..=32660 => format!("WGS 84 / UTM zone {}N", code - 32600),
        2056 => "CH1903+ / LV95".into(),
        3857 => "WGS 84 / Pseudo-Mercator".into(),
        4258 => "ETRS89".into(),
        4326 => "WGS 84".into(),
        4313 => "BD72".into(),
        28992 => "Amersfoort / RD New".into(),
        2154 => "RGF93 v1 / Lambert-93".into(),
        other => format!("EPSG:{other}"),
    }
}

/// WKT1 (OGC 01-009) of the projected systems listed here, else `undefined`.
pub(super) fn wkt(code: u32) -> String {
    match code {
        31370 | 6190 => projected(
            31370,
            &geographic(
                "BD72",
                "Reseau_National_Belge_1972",
                4313,
                6313,
                INTERNATIONAL_1924,
            ),
            "Lambert_Conformal_Conic_2SP",
            &[
                ("latitude_of_origin", "90"),
                ("central_meridian", "4.36748666666667"),
                ("standard_parallel_1", "51.1666672333333"),
                ("standard_parallel_2", "49.8333339"),
                ("false_easting", "150000.013"),
                ("false_northing", "5400088.438"),
            ],
        ),
        3812 | 8370 | 11219 => projected(
            3812,
            &etrs89(),
            "Lambert_Conformal_Conic_2SP",
            &[
                ("latitude_of_origin", "50.797815"),
                ("central_meridian", "4.35921583333333"),
                ("standard_parallel_1", "49.8333333333333"),
                ("standard_parallel_2", "51.1666666666667"),
                ("false_easting", "649328"),
                ("false_northing", "665262"),
            ],
        ),
        25828..=25838 => utm(code, &etrs89(), code - 25800),
        32601..=32660 => utm(
            code,
            &geographic("WGS 84", "WGS_1984", 4326, 6326, WGS84),
            code - 32600,
        ),
        2056 => projected(
            2056,
            &geographic("CH1903+", "CH1903+", 4150, 6150, BESSEL),
            "Hotine_Oblique_Mercator_Azimuth_Center",
            &[
                ("latitude_of_center", "46.9524055555556"),
                ("longitude_of_center", "7.43958333333333"),
                ("azimuth", "90"),
                ("rectified_grid_angle", "90"),
                ("scale_factor", "1"),
                ("false_easting", "2600000"),
                ("false_northing", "1200000"),
            ],
        ),
        _ => "undefined".into(),
    }
}

const GRS80: &str = r#"SPHEROID["GRS 1980",6378137,298.257222101,AUTHORITY["EPSG","7019"]]"#;
const WGS84: &str = r#"SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]]"#;
const INTERNATIONAL_1924: &str =
    r#"SPHEROID["International 1924",6378388,297,AUTHORITY["EPSG","7022"]]"#;
const BESSEL: &str = r#"SPHEROID["Bessel 1841",6377397.155,299.1528128,AUTHORITY["EPSG","7004"]]"#;

fn etrs89() -> String {
    let datum = "European_Terrestrial_Reference_System_1989";
    geographic("ETRS89", datum, 4258, 6258, GRS80)
}

fn geographic(name: &str, datum: &str, code: u32, datum_code: u32, spheroid: &str) -> String {
    format!(
        "GEOGCS[\"{name}\",DATUM[\"{datum}\",{spheroid},AUTHORITY[\"EPSG\",\"{datum_code}\"]],\
         PRIMEM[\"Greenwich\",0,AUTHORITY[\"EPSG\",\"8901\"]],\
         UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],\
         AUTHORITY[\"EPSG\",\"{code}\"]]"
    )
}

fn utm(code: u32, base: &str, zone: u32) -> String {
    let meridian = (f64::from(zone) * 6.0 - 183.0).to_string();
    projected(
        code,
        base,
        "Transverse_Mercator",
        &[
            ("latitude_of_origin", "0"),
            ("central_meridian", &meridian),
            ("scale_factor", "0.9996"),
            ("false_easting", "500000"),
            ("false_northing", "0"),
        ],
    )
}

fn projected(code: u32, base: &str, method: &str, parameters: &[(&str, &str)]) -> String {
    let parameters: String = parameters
        .iter()
        .map(|(name, value)| format!("PARAMETER[\"{name}\",{value}],"))
        .collect();
    format!(
        "PROJCS[\"{}\",{base},PROJECTION[\"{method}\"],{parameters}\
         UNIT[\"metre\",1,AUTHORITY[\"EPSG\",\"9001\"]],\
         AXIS[\"Easting\",EAST],AXIS[\"Northing\",NORTH],AUTHORITY[\"EPSG\",\"{code}\"]]",
        name(code)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_balanced_brackets_and_ends_with_its_code() {
        for code in [31370, 3812, 25831, 32631, 2056] {
            let text = wkt(code);
            assert_eq!(text.matches('[').count(), text.matches(']').count());
            assert!(text.ends_with(&format!("AUTHORITY[\"EPSG\",\"{code}\"]]")));
        }
    }

    #[test]
    fn a_code_without_text_is_undefined() {
        assert_eq!(wkt(28992), "undefined");
    }

    #[test]
    fn the_central_meridian_of_zone_31_is_3_degrees_east() {
        assert!(wkt(25831).contains("PARAMETER[\"central_meridian\",3]"));
    }
}
