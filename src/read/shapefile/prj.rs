//! The coordinate system of a `.prj`: well-known text, with or without a code.

/// Names of systems as Esri and other programs write them, folded; the first that fits counts.
const NAMES: &[(&str, u32)] = &[
    ("belgelambert1972", 31370),
    ("belge1972belgianlambert72", 31370),
    ("bd72belgianlambert72", 31370),
    ("belgianlambert72", 31370),
    ("lambert72", 31370),
    ("belgelambert2008", 3812),
    ("etrs89belgianlambert2008", 3812),
    ("belgianlambert2008", 3812),
    ("lambert2008", 3812),
    ("etrs1989utmzone31n", 25831),
    ("etrs89utmzone31n", 25831),
    ("etrs1989utmzone32n", 25832),
    ("etrs89utmzone32n", 25832),
    ("wgs1984utmzone31n", 32631),
    ("wgs84utmzone31n", 32631),
    ("wgs1984utmzone32n", 32632),
    ("wgs84utmzone32n", 32632),
    ("rdnew", 28992),
    ("amersfoortrdnew", 28992),
    ("rgf1993lambert93", 2154),
    ("rgf93lambert93", 2154),
    ("rgf93v1lambert93", 2154),
    ("ch1903+lv95", 2056),
    ("wgs1984webmercatorauxiliarysphere", 3857),
    ("wgs84pseudomercator", 3857),
];

/// The same for systems in degrees.
const GEOGRAPHIC_NAMES: &[(&str, u32)] = &[
    ("gcswgs1984", 4326),
    ("wgs84", 4326),
    ("wgs1984", 4326),
    ("gcsetrs1989", 4258),
    ("etrs89", 4258),
    ("gcsbelge1972", 4313),
    ("belge1972", 4313),
    ("bd72", 4313),
];

/// `EPSG:…` of a text, by the code it gives for the whole system, else by its name.
pub(in super::super) fn code(wkt: &str) -> Option<String> {
    let wkt = wkt.trim_start_matches('\u{feff}').trim();
    let upper = wkt.to_ascii_uppercase();
    // A compound system is a horizontal and a vertical one: the first counts.
    let heads = ["PROJCS[", "PROJCRS[", "PROJECTEDCRS["];
    let projected = heads.iter().find_map(|head| upper.find(head));
    let degrees = ["GEOGCS[", "GEOGCRS[", "GEODCRS[", "GEOGRAPHICCRS["];
    let start = projected.or_else(|| degrees.iter().find_map(|head| upper.find(head)))?;
    // Upper case of ASCII letters only keeps every byte in its place.
    let own = element(wkt.get(start..)?);
    if let Some(code) = own_code(own) {
        return Some(format!("EPSG:{code}"));
    }
    let name = own.split('"').nth(1)?;
    let folded: String = name
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '+')
        .flat_map(char::to_lowercase)
        .collect();
    let known = if projected.is_some() {
        NAMES
    } else {
        GEOGRAPHIC_NAMES
    };
    let found = known.iter().find(|(name, _)| *name == folded);
    found.map(|(_, code)| format!("EPSG:{code}"))
}

/// The text up to the bracket that closes its first one.
fn element(text: &str) -> &str {
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return text.get(..=at).unwrap_or(text);
                }
            }
            _ => {}
        }
    }
    text
}

/// Code of `AUTHORITY["EPSG","…"]` or `ID["EPSG",…]` that stands directly in the element, not in
/// one of its parts (datum, unit and axes have codes of their own).
fn own_code(text: &str) -> Option<u32> {
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'[' if !quoted => {
                depth += 1;
                let word = text.get(..at)?.rsplit([',', ' ', '\n']).next()?.trim();
                let here =
                    word.eq_ignore_ascii_case("AUTHORITY") || word.eq_ignore_ascii_case("ID");
                if depth == 2 && here {
                    let inside = text.get(at + 1..)?.split(']').next()?;
                    let (authority, code) = inside.split_once(',')?;
                    let plain = |t: &str| t.trim().trim_matches('"').to_ascii_uppercase();
                    if plain(authority) == "EPSG" {
                        return plain(code).parse().ok();
                    }
                }
            }
            b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn texts_of_the_usual_programs_give_their_code() {
        // As ArcGIS writes it: no code, its own names.
        let esri = r#"PROJCS["Belge_Lambert_1972",GEOGCS["GCS_Belge_1972",DATUM["D_Belge_1972",
            SPHEROID["International_1924",6378388.0,297.0]],PRIMEM["Greenwich",0.0],
            UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],
            PARAMETER["False_Easting",150000.01256],UNIT["Meter",1.0]]"#;
        assert_eq!(code(esri).as_deref(), Some("EPSG:31370"));
        let ogc = r#"PROJCS["ETRS89 / Belgian Lambert 2008",GEOGCS["ETRS89",DATUM["E",SPHEROID["GRS 1980",
            6378137,298.25,AUTHORITY["EPSG","7019"]]],AUTHORITY["EPSG","4258"]],
            UNIT["metre",1,AUTHORITY["EPSG","9001"]],AUTHORITY["EPSG","3812"]]"#;
        assert_eq!(code(ogc).as_deref(), Some("EPSG:3812"));
        let second = r#"PROJCRS["any",BASEGEOGCRS["x",ID["EPSG",4258]],ID["EPSG",25831]]"#;
        assert_eq!(code(second).as_deref(), Some("EPSG:25831"));
        let compound = r#"COMPD_CS["both",PROJCS["BD72 / Belgian Lambert 72",GEOGCS["BD72"]],
            VERT_CS["Ostend height",AUTHORITY["EPSG","5710"]],AUTHORITY["EPSG","6190"]]"#;
        assert_eq!(code(compound).as_deref(), Some("EPSG:31370"));
        let degrees = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984"],UNIT["Degree",0.01745]]"#;
        assert_eq!(code(degrees).as_deref(), Some("EPSG:4326"));
    }

    #[test]
    fn unknown_and_broken_texts_give_nothing() {
        for text in [
            "",
            "PROJCS[",
            "PROJCS[\"Mars\"]",
            "LOCAL_CS[\"x\"]",
            "]][[\"",
            "PROJCS[AUTHORITY[",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
    }
}
