use super::*;

const LONG: &str = "Internationale Maatschappij voor de Vervaardiging, de Verwerking, de Opslag en \
    het Vervoer van Alle Soorten Metalen, Kunststoffen, Houtwaren en Aanverwante Producten, \
    Halffabrikaten en Grondstoffen ten behoeve van de Bouwnijverheid, de Landbouw, de Visserij en \
    de Openbare Besturen van de Beide Vlaanderen en Omstreken";

fn party(id: &str, name: &str, number: &str, oidn: &str) -> Party {
    Party {
        company_id: id.into(),
        names: vec![name.into()],
        numbers: vec![number.into()],
        oidns: vec![oidn.into()],
        own: Vec::new(),
    }
}

/// The company whose files are searched, and one other of the given name.
fn against(name: &str) -> LeakCheck {
    let own = Party {
        own: vec!["Janssenslaan 4, 8970 Poperinge".into()],
        ..party("A-001", "Eigen Bedrijf NV", "0403449823", "5310259")
    };
    let other = party("B-002", name, "0200065765", "5310777");
    LeakCheck::new(&[own, other], &["Bedrijvenpark De Proefakker"])
}

fn found(check: &LeakCheck, text: &str) -> Vec<(Kind, String)> {
    let hits = check.text("A-001", text);
    hits.into_iter().map(|h| (h.kind, h.found)).collect()
}

fn names_found(name: &str, text: &str) -> usize {
    let hits = against(name).text("A-001", text);
    hits.iter().filter(|h| h.kind == Kind::Name).count()
}

#[test]
fn a_name_is_found_however_it_is_written() {
    for text in [
        "Het dak van Ateliers Café & Zonen is warm.",
        "ATELIERS CAFE & ZONEN",
        "Ateliers Cafe\u{301} &\u{a0}Zonen",
        "Ate\u{ad}liers Ca\u{200b}fé & Zonen",
        "Ateliers Ca-\nfé & Zo-\nnen",
        "ateliers-café-zonen.pdf",
    ] {
        assert_eq!(names_found("Ateliers Café & Zonen", text), 1, "{text}");
    }
}

#[test]
fn a_part_of_a_word_or_of_an_own_text_is_no_leak() {
    assert_eq!(names_found("Peeters", "De Peetersstraat is lang"), 0);
    assert_eq!(names_found("Peeters", "Peeters is warm"), 1);
    // The own name, address, and what is common hold another's name.
    assert_eq!(names_found("Bedrijf", "Eigen Bedrijf NV"), 0);
    assert_eq!(names_found("Proefakker", "Bedrijvenpark De Proefakker"), 0);
    assert_eq!(
        names_found("Proefakker", "Bedrijvenpark De Proefakker, Proefakker"),
        1
    );
    assert_eq!(
        names_found("Poperinge", "Janssenslaan 4, 8970 Poperinge"),
        0
    );
    // A longer name that holds the own one is another's.
    assert_eq!(
        names_found("Het Eigen Bedrijf NV", "Het Eigen Bedrijf NV"),
        1
    );
}

#[test]
fn two_companies_of_one_name_do_not_leak_it_to_each_other() {
    assert_eq!(names_found("EIGEN BEDRIJF nv", "Eigen Bedrijf NV"), 0);
}

#[test]
fn hostile_names_are_found() {
    let rtl = "\u{202e}\u{5de}\u{5e4}\u{5e2}\u{5dc} \u{5d4}\u{5e6}\u{5e4}\u{5d5}\u{5df}\u{202c}";
    for name in [
        "O'Neill \"De Schuur\" & Zn.",
        "A/S N.V. \\ Groep / Zuid",
        "../../etc/passwd bv",
        "=HYPERLINK(\"x\";\"Ruiters\")",
        "+32 Telecom",
        "@cmd|' /C calc'!A0",
        "<script>alert(1)</script> bvba",
        "Robert'); DROP TABLE companies;--",
        "%s %n {0} ${HOME} bv",
        "\u{200f}Firma\u{200e} Marokko",
        "株式会社テスト工業",
        "\u{1d5d5}\u{1d5ee}\u{1d5f8}\u{1d5f8}\u{1d5f2}\u{1d5ff}\u{1d5f6}\u{1d5f7}",
        LONG,
        rtl,
    ] {
        let text = format!("Buurgebouw: {name}.\nKlasse 3");
        assert_eq!(names_found(name, &text), 1, "{name}");
        assert_eq!(names_found(name, "Buurgebouw: Klasse 3"), 0, "{name}");
    }
    assert!(LONG.len() > 300);
    // Bold letters of mathematics read as plain ones.
    let bold = "\u{1d5d5}\u{1d5ee}\u{1d5f8}\u{1d5f8}\u{1d5f2}\u{1d5ff}";
    assert_eq!(names_found(bold, "de bakker is warm"), 1);
    // A page holds letters from left to right.
    let shown: String = "\u{5de}\u{5e4}\u{5e2}\u{5dc}".chars().rev().collect();
    assert_eq!(names_found("\u{5de}\u{5e4}\u{5e2}\u{5dc}", &shown), 1);
}

#[test]
fn short_names_are_searched_as_they_are_written() {
    assert_eq!(names_found("KBC", "gebouw van KBC."), 1);
    assert_eq!(names_found("KBC", "kbc"), 0);
    // One or two characters stand in every table; alone on a line they are a name.
    assert_eq!(names_found("3M", "dak 3M hoog"), 0);
    assert_eq!(names_found("3M", "naam\n3M\n"), 1);
    assert_eq!(names_found("***", "*** let op ***"), 0);
    assert_eq!(names_found("", "tekst"), 0);
}

#[test]
fn numbers_are_found_in_every_grouping_and_not_inside_others() {
    let check = against("Nergens");
    for text in [
        "0200065765",
        "0200.065.765",
        "BE 0200.065.765",
        "BE0200065765",
        "BTW BE-0200-065-765.",
        "0200 065 765",
        "0200\u{a0}065\u{a0}765",
        "02\u{ad}00065765",
        "0200\n-\n065\n-\n765",
    ] {
        let expected = [(Kind::Number, "0200065765".to_owned())];
        assert_eq!(found(&check, text), expected, "{text}");
    }
    for text in [
        "10200065765",
        "02000657651",
        "1.0200065765",
        "0200065765,4",
        "02000 65765",
        "0403.449.823",
        "0200,065,765",
        "0200\n065\n765",
    ] {
        assert_eq!(found(&check, text), [], "{text}");
    }
}

#[test]
fn building_keys_are_found_where_they_are_long_or_named() {
    let check = against("Nergens");
    let hit = [(Kind::Building, "5310777".to_owned())];
    for text in [
        "GRB-id 5310777",
        "5.310.777",
        "5310777-H1",
        "/kaart/5310777.png",
    ] {
        assert_eq!(found(&check, text), hit, "{text}");
    }
    assert_eq!(found(&check, "153107779 en 12.5310777 en 5310259"), []);
    let short = LeakCheck::new(
        &[
            party("A-001", "Eigen", "", "11"),
            party("B-002", "Ander", "", "12"),
        ],
        &[],
    );
    assert_eq!(found(&short, "12 °C, 12 m², 12"), []);
    assert_eq!(found(&short, "oidn: 12").len(), 1);
    assert_eq!(found(&short, "Gebouw 12, 40 m²").len(), 1);
    assert_eq!(found(&short, "GRB-id\n12").len(), 1);
    assert_eq!(found(&short, "oidn: 11"), []);
}

#[test]
fn a_building_of_two_companies_is_a_secret_of_neither() {
    let check = LeakCheck::new(
        &[
            party("A-001", "Eigen", "", "5310777"),
            party("B-002", "Ander", "", "5310777"),
        ],
        &[],
    );
    assert_eq!(found(&check, "5310777"), []);
    // For someone else it is.
    assert_eq!(check.text("C-003", "5310777").len(), 1);
}

#[test]
fn keys_of_companies_are_found_in_text_and_file_names() {
    let check = against("Nergens");
    assert_eq!(found(&check, "zie B-002"), [(Kind::Id, "B-002".to_owned())]);
    let searched = check.file("A-001", "img/b-002.png", b"");
    assert_eq!(searched.hits[0].file, "img/b-002.png");
    assert_eq!(found(&check, "A-001 en AB-0021"), []);
}

#[test]
fn paths_of_the_machine_are_found_and_addresses_of_the_web_are_not() {
    let check = against("Nergens");
    for text in [
        "in /home/jan/park",
        "C:\\Users\\jan",
        "file:///srv/x",
        "\"/tmp/x.typ\"",
    ] {
        assert_eq!(found(&check, text)[0].0, Kind::Path, "{text}");
    }
    assert_eq!(
        found(&check, "https://example.be/home/x en flights/home/x"),
        []
    );
}

#[test]
fn an_own_name_that_looks_like_a_path_is_no_path() {
    let check = LeakCheck::new(&[party("A-001", "C:\\Users\\Bakker BV", "", "1")], &[]);
    assert_eq!(found(&check, "Verslag van C:\\Users\\Bakker BV"), []);
    assert_eq!(
        found(&check, "van C:\\Users\\Bakker BV in C:\\Users\\jan").len(),
        1
    );
}

#[test]
fn fields_of_json_are_searched_with_their_escapes_and_measurements_are_not() {
    let check = against("Café \"Zon\"");
    let json =
        br#"{"a": {"name": "Caf\u00e9 \"Zon\""}, "oidn": 5310777, "t": [0.0200065765, 2.5310777]}"#;
    let hits = check.file("A-001", "sheet.json", json).hits;
    let kinds: Vec<Kind> = hits.iter().map(|h| h.kind).collect();
    assert_eq!(kinds, [Kind::Name, Kind::Building]);
    // A field of that name is searched, too.
    let key = br#"{"B-002": 1}"#;
    assert_eq!(check.file("A-001", "x.geojson", key).hits.len(), 1);
    // Broken JSON is searched as text.
    let broken = br#"{"a": "5310777" "#;
    assert_eq!(check.file("A-001", "x.json", broken).hits.len(), 1);
}

#[test]
fn pages_of_the_web_are_searched_through_entities_escapes_percents_and_tags() {
    let check = against("Café & Zonen");
    for page in [
        "<p>Caf&eacute; &amp; Zonen</p>",
        "<p>Caf&#233; &#x26; Zonen</p>",
        "<script>var n = \"Caf\\u00e9 & Zonen\"</script>",
        "<a href=\"x?q=Caf%C3%A9%20%26%20Zonen\">x</a>",
        "<b>Ca</b>f\u{e9} <i>&amp;</i> Zonen",
        "<img alt='caf\u{e9} & zonen'>",
    ] {
        let hits = check.file("A-001", "map.html", page.as_bytes()).hits;
        assert_eq!(hits.len(), 1, "{page}");
    }
    for page in [
        "&;&#;&#x;&#99999999;&",
        "\\u\\",
        "%%%c",
        "<<<",
        "&eacuteeeeeeeeeeeeee;",
    ] {
        assert!(
            check
                .file("A-001", "map.html", page.as_bytes())
                .hits
                .is_empty()
        );
    }
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_be_bytes();
    [&length[..], kind, content, &[0; 4]].concat()
}

fn deflated(text: &[u8]) -> Vec<u8> {
    let mut packer = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let mut out = vec![0; packer.zlib_compress_bound(text.len())];
    let n = packer.zlib_compress(text, &mut out).expect("room");
    out.truncate(n);
    out
}

#[test]
fn texts_of_a_picture_are_searched_packed_ones_too() {
    let check = against("Ander Bedrijf");
    let of = |kind: &[u8; 4], content: &[u8], behind: &[u8]| {
        let parts = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &[0; 13]),
            chunk(kind, content),
            chunk(b"IEND", b""),
            behind.to_vec(),
        ];
        check
            .file("A-001", "sheet-1.png", &parts.concat())
            .hits
            .len()
    };
    assert_eq!(of(b"tEXt", b"Title\0Ander Bedrijf", b""), 1);
    let packed = [b"Title\0\0".to_vec(), deflated(b"Ander Bedrijf")].concat();
    assert_eq!(of(b"zTXt", &packed, b""), 1);
    let packed = [b"Title\0\x01\0nl\0\0".to_vec(), deflated(b"Ander Bedrijf")].concat();
    assert_eq!(of(b"iTXt", &packed, b""), 1);
    assert_eq!(of(b"iTXt", b"Title\0\0\0nl\0Titel\0Ander Bedrijf", b""), 1);
    assert_eq!(of(b"eXIf", b"\0\0Ander Bedrijf\0", b""), 1);
    assert_eq!(of(b"tEXt", b"Source\0/home/jan/x.png", b""), 1);
    assert_eq!(of(b"tEXt", b"Title\0Eigen Bedrijf NV", b"Ander Bedrijf"), 1);
    assert_eq!(of(b"tEXt", b"Title\0Eigen Bedrijf NV", b""), 0);
    // Cut short and lying about its length.
    for bytes in [
        &b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffzTXt"[..],
        b"",
        b"\x89PNG",
    ] {
        assert!(check.file("A-001", "x.png", bytes).hits.is_empty());
    }
}

#[test]
fn rasters_and_databases_are_searched_for_what_can_be_read() {
    let check = against("Ander Bedrijf");
    let hits = |bytes: &[u8]| check.file("A-001", "audit.gpkg", bytes).hits.len();
    assert_eq!(hits(b"\0\x01\xff\xfeAnder Bedrijf\0\x02"), 1);
    let wide: Vec<u8> = "Ander Bedrijf".bytes().flat_map(|b| [b, 0]).collect();
    assert_eq!(hits(&[&[0xff, 0xfe, 1][..], &wide].concat()), 1);
    assert_eq!(hits(b"\0\x01And\0er Bedrijf"), 0);
}

#[test]
fn packed_files_are_named_as_not_searched() {
    let searched = against("Ander").file("A-001", "overview.xlsx", b"PK\x03\x04");
    assert_eq!(searched.unread.len(), 1);
}

/// A PDF of one page that shows glyph codes 1, 2, … of a text in a font with a `ToUnicode` map,
/// streams deflated, with a title and whatever else is given.
fn pdf(shown: &[&str], title: &str, catalog: &str) -> Vec<u8> {
    let mut letters: Vec<char> = shown.iter().flat_map(|t| t.chars()).collect();
    letters.sort_unstable();
    letters.dedup();
    let code = |c: char| letters.iter().position(|l| *l == c).map_or(0, |i| i + 1);
    let units = |c: char| {
        let mut buffer = [0; 2];
        let units = c.encode_utf16(&mut buffer).iter();
        units.map(|u| format!("{u:04X}")).collect::<String>()
    };
    let rows: String = letters
        .iter()
        .map(|c| format!("<{:04X}> <{}>\n", code(*c), units(*c)))
        .collect();
    let map = format!(
        "begincmap 1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{} beginbfchar\n\
         {rows}endbfchar endcmap",
        letters.len()
    );
    let show = |text: &&str| {
        let hex: String = text.chars().map(|c| format!("{:04X}", code(c))).collect();
        // Kerned in the middle, as real ones are.
        let (a, b) = hex.split_at(hex.len() / 8 * 4);
        format!("[<{a}> -12 <{b}>] TJ\n")
    };
    let content: String = shown.iter().map(show).collect();
    let content = format!("BT /F1 9 Tf\n{content}ET");
    let stream = |dict: &str, bytes: &[u8]| {
        let packed = deflated(bytes);
        let head = format!(
            "<< {dict} /Filter /FlateDecode /Length {} >>\nstream\n",
            packed.len()
        );
        [head.into_bytes(), packed, b"\nendstream".to_vec()].concat()
    };
    let utf16: String = title.encode_utf16().map(|u| format!("{u:04X}")).collect();
    let objects: Vec<Vec<u8>> = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>").into_bytes(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R \
          /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_vec(),
        stream("", content.as_bytes()),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R >>"
            .to_vec(),
        stream("", map.as_bytes()),
        format!("<< /Title <FEFF{utf16}> >>").into_bytes(),
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n", i + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).into_bytes());
    for place in &places {
        file.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let trailer = format!(
        "trailer\n<< /Size {} /Root 1 0 R /Info 7 0 R >>\nstartxref\n{start}\n%%EOF\n",
        places.len() + 1
    );
    file.extend(trailer.into_bytes());
    file
}

#[test]
fn text_shown_on_a_page_is_read_through_the_fonts_map() {
    let text = pdf_text(&pdf(&["Ander Café bv", "0200.065.765"], "Blad", "")).expect("a PDF");
    assert!(text.contains("Ander Café bv"), "{text}");
    assert!(text.contains("0200.065.765"), "{text}");
    assert!(text.contains("Blad"), "{text}");
}

#[test]
fn names_in_a_pdf_are_found_across_lines_and_in_its_title() {
    let check = against("Ander Café bv");
    let hits = |bytes: &[u8]| check.file("A-001", "sheet.pdf", bytes).hits;
    assert_eq!(hits(&pdf(&["x Ander", "Café bv y"], "Blad", "")).len(), 1);
    assert_eq!(hits(&pdf(&["x"], "Blad van ANDER CAFE BV", "")).len(), 1);
    assert!(hits(&pdf(&["x Eigen Bedrijf NV"], "Blad", "")).is_empty());
}

#[test]
fn attachments_scripts_and_layers_of_a_pdf_are_named() {
    let check = against("Ander");
    for extra in [
        "/Names << /EmbeddedFiles << /Names [] >> >>",
        "/OCProperties << /OCGs [] >>",
        "/OpenAction << /S /JavaScript /JS (x) >>",
    ] {
        let searched = check.file("A-001", "sheet.pdf", &pdf(&["x"], "t", extra));
        let kinds: Vec<Kind> = searched.hits.iter().map(|h| h.kind).collect();
        assert!(kinds.contains(&Kind::Hidden), "{extra}");
    }
}

#[test]
fn a_pdf_that_cannot_be_read_is_named_as_not_searched() {
    let check = against("Ander");
    let whole = pdf(&["Ander"], "t", "");
    for bytes in [&b""[..], b"%PDF-1.7\n", b"no pdf at all"] {
        let searched = check.file("A-001", "sheet.pdf", bytes);
        assert_eq!(searched.unread.len(), 1);
    }
    // Cut anywhere, it is read, repaired or refused.
    for end in (0..whole.len()).step_by(7) {
        let _ = check.file("A-001", "sheet.pdf", whole.get(..end).expect("inside"));
    }
}

#[test]
fn a_folder_is_searched_file_by_file() {
    let check = against("Ander Bedrijf");
    let files = vec![
        (
            "sheet.json".to_owned(),
            br#"{"a": "Eigen Bedrijf NV"}"#.to_vec(),
        ),
        ("map.html".to_owned(), b"<p>Ander Bedrijf</p>".to_vec()),
    ];
    let searched = check.folder("A-001", &files);
    assert_eq!(searched.hits.len(), 1);
    let hit = &searched.hits[0];
    assert_eq!(
        (hit.file.as_str(), hit.company_id.as_str()),
        ("map.html", "B-002")
    );
    assert!(hit.excerpt.contains("Ander Bedrijf"));
}

#[test]
fn a_company_called_as_the_program_speaks_fails_no_run() {
    let mut check = LeakCheck::new(
        &[
            party("A-001", "Eigen", "", ""),
            party("B-002", "Isolatie", "", ""),
            party("C", "Dakwerk", "", ""),
        ],
        &[],
    );
    let exempt = check.exempt("x: \"Isolatie laten nazien\",\n\"Dakwerk\",\n");
    assert_eq!(exempt, ["Isolatie", "Dakwerk"]);
    assert_eq!(found(&check, "De isolatie. Isolatie laten nazien."), []);
    assert_eq!(found(&check, "naam\nIsolatie\n").len(), 1);
    assert_eq!(found(&check, "naam\nDakwerk\n"), []);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_searched_without_a_panic(
        bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400),
        ending in "(pdf|png|json|html|csv|tif|xlsx|)",
    ) {
        let check = against("Ander Bedrijf");
        let signed = [&b"\x89PNG\r\n\x1a\n"[..], &bytes].concat();
        let _ = check.file("A-001", &format!("x.{ending}"), &bytes);
        let _ = check.file("A-001", &format!("x.{ending}"), &signed);
    }

    #[test]
    fn a_name_of_any_letters_is_found_in_any_text_around_it(
        name in "\\PC{0,6}[\\p{L}\\p{N}]{4}\\PC{0,40}",
        before in "\\PC{0,30}",
        behind in "\\PC{0,30}",
    ) {
        let check = against(&name);
        let text = format!("{before}\n{name}\n{behind}");
        // A name that is the company's own, or of one or two letters, is none to find.
        let letters = crate::attach::words::squeeze(&name).chars().count();
        if letters >= 4 {
            proptest::prop_assert!(!check.text("A-001", &text).is_empty(), "{name:?}");
        }
    }
}

#[test]
fn keys_of_pages_projects_and_catalogues_are_the_programs_and_their_values_are_not() {
    let page = |value: &str| {
        format!(
            "<script type=\"application/json\" id=\"data\">{{\"accent\":\"#0F4C5C\",\"look\":\"thermal\",\
             \"roofs\":[{{\"name\":\"{value}\"}}]}}</script>"
        )
    };
    let hits = |name: &str, file: &str, content: &str| {
        let searched = against(name).file("A-001", file, content.as_bytes());
        searched.hits.len()
    };
    for name in ["Accent", "Roofs", "Thermal"] {
        assert_eq!(hits(name, "map.html", &page("G1")), 0, "{name}");
        assert_eq!(hits(name, "map.html", &page(name)), 1, "{name}");
    }
    let item = |title: &str| {
        format!(
            "{{\"assets\":{{\"mosaic\":{{\"href\":\"../mosaic.tif\",\"title\":\"{title}\"}}}}}}"
        )
    };
    assert_eq!(hits("Mosaic", "stac.json", &item("Temperatuur")), 0);
    assert_eq!(hits("Mosaic", "stac.json", &item("Mosaic")), 1);
    let project = |title: &str| format!("<qgis><title>{title}</title><prop v=\"solid\"/></qgis>");
    assert_eq!(hits("Solid", "park.qgz/park.qgs", &project("Park")), 0);
    assert_eq!(hits("Solid", "park.qgz/park.qgs", &project("Solid")), 1);
}
