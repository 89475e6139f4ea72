use super::*;
use crate::report::map_page::{self, Cells, Fact, Look, Roof, Shape, Tile, Variant};
use crate::survey::Language;

/// Everything a browser might take for markup, script or the end of either.
const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"'`&amp; \
                       {{licence}} <!-- ]]> \u{2028} javascript:alert(1)";

fn page(name: &str) -> MapPage {
    let roof = Roof {
        name: name.to_owned(),
        note: name.to_owned(),
        chip: "4".to_owned(),
        class: Some(4),
        look: Look::Thermal,
        facts: vec![Fact {
            label: name.to_owned(),
            value: "1 K".to_owned(),
        }],
        shape: Shape(vec![vec![vec![[0.0, 0.0], [12.5, 0.0], [12.5, 7.25]]]]),
        ..Roof::default()
    };
    let tile = Tile {
        col: 3,
        row: 4,
        width: 2,
        height: 2,
        packed: pack(2, &[1.0, 2.0, f32::NAN, 4.0]),
    };
    MapPage {
        variant: Variant::Company,
        language: "nl-BE".to_owned(),
        campaign: name.to_owned(),
        title: name.to_owned(),
        subject: name.to_owned(),
        accent: "#0F4C5C".to_owned(),
        scale_c: Some([-6.0, 8.0]),
        palette: vec![[0, 127, 255]; 256],
        words: *map_page::of(Language::Nl),
        classes: Vec::new(),
        classes_note: String::new(),
        notes: vec![name.to_owned()],
        program: "thermaudit".to_owned(),
        layers: vec![Layer {
            flight: name.to_owned(),
            roofs: vec![roof],
            cells: Some(Cells {
                tiles: vec![tile],
                ..Cells::default()
            }),
            ..Layer::default()
        }],
    }
}

#[test]
fn a_hostile_name_adds_no_markup_to_a_page() {
    let tags = |html: &str| {
        let open = html.matches('<').count();
        (
            open,
            html.matches("<script").count(),
            html.matches("</script").count(),
        )
    };
    let (plain, hostile) = (html(&page("Janssens")), html(&page(HOSTILE)));
    assert_eq!(tags(&plain), tags(&hostile));
    assert_eq!(tags(&plain).1, 3);
    let scripts = hostile.split_once(DATA[0]).expect("data").1;
    assert!(!scripts.contains("\u{2028}"));
    // And the name is still there, for people to read.
    let read = layers(&hostile).expect("its own data");
    assert_eq!(read, page(HOSTILE).layers);
}

#[test]
fn the_policy_names_the_digests_of_what_runs() {
    let html = html(&page("Janssens"));
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1);
    let policy = policy.and_then(|p| p.split('"').next()).expect("a policy");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"));
    for (element, count) in [("script", 2), ("style", 2)] {
        let (begin, end) = (format!("<{element}>"), format!("</{element}>"));
        let bodies = html.split(begin.as_str()).skip(1);
        let bodies: Vec<&str> = bodies
            .filter_map(|b| b.split(end.as_str()).next())
            .collect();
        assert_eq!(bodies.len(), count);
        for body in bodies {
            assert!(policy.contains(&source(body)), "{element} {}", &body[..40]);
        }
    }
    // FIPS 180-4, example of "abc", in base 64.
    assert_eq!(
        source("abc"),
        "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"
    );
}

#[test]
fn leaflet_is_as_released() {
    // SHA-256 of the files of leaflet 1.9.4 in the npm registry.
    for (file, digest) in [
        (
            LEAFLET_JS,
            "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
        ),
        (
            LEAFLET_CSS,
            "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
        ),
        (
            LEAFLET_LICENCE,
            "53e8dc25862014e4324741ca18fbe3611e11d42ef69f59f86ea8c5389647d4cb",
        ),
    ] {
        let found: String = Sha256::digest(file.as_bytes())
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(found, digest);
    }
}

#[test]
fn the_fixed_parts_leave_only_the_data_of_a_page() {
    let html = html(&page("Janssens"));
    let left = fixed_parts().iter().fold(html, |left, part| {
        assert!(left.contains(part.as_str()));
        left.replace(part, "")
    });
    assert!(left.len() < 20_000, "{}", left.len());
    assert!(left.contains("Janssens"));
    // No digit of a number outside a decimal fraction can be a building's key of seven digits.
    let data = left.split(DATA[0]).nth(1).expect("data");
    let mut digits = data.split(|c: char| !c.is_ascii_digit());
    assert!(digits.all(|run| run.len() < 7));
}
