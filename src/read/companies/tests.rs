use super::*;
use crate::survey::{Heated, Language, Sharing};

fn read_text(text: &str) -> Outcome<Vec<Company>> {
    from_bytes("companies.csv", text.as_bytes(), &Mapping::new())
}

fn faults(text: &str) -> Vec<String> {
    let problems = read_text(text).expect_err("faulty");
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_dutch_list_with_semicolons_and_decimal_commas_is_read() {
    let text = "\u{feff}bedrijf_id;naam;ondernemingsnummer;straat;huisnummer;bus;postcode;gemeente;\
        taal;deelname;gebouwen;binnentemp_c;verwarmd;gasprijs_eur_kwh;delen_met_vereniging;\
        uitschakeluur;hoogte_m;dakmateriaal;toestemming_datum\r\n\
        P-01;Bakkerij Zo\u{eb};BE 0403.449.823;Frankrijklaan;2;4;8970;Poperinge;fr;Ja;\
        \"101; 102.0#noord\";18,5;deels;0,065;klasse;18:30;6,2;bitumen;2026-01-10\r\n";
    let (companies, warnings) = read_text(text).expect("sound");
    let company = &companies[0];
    assert_eq!(company.company_id, "P-01");
    assert_eq!(company.name, "Bakkerij Zo\u{eb}");
    assert_eq!(company.enterprise_number, "0403449823");
    assert_eq!(company.address, "Frankrijklaan 2 bus 4, 8970 Poperinge");
    assert_eq!(company.language, Some(Language::Fr));
    assert_eq!(company.participates, Participation::Yes);
    assert_eq!(company.buildings, ["101", "102"]);
    assert_eq!(company.indoor_c, Some(18.5));
    assert_eq!(company.heated, Some(Heated::Partly));
    assert_eq!(company.gas_price_eur_kwh, Some(0.065));
    assert_eq!(company.sharing, Sharing::Class);
    assert_eq!(company.heating_off_h, Some(18.5));
    assert_eq!(company.ceiling_height_m, Some(6.2));
    assert_eq!(company.material.as_deref(), Some("bitumen"));
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].to_string().contains("noord"));
}

#[test]
fn empty_cells_of_consent_and_sharing_mean_no() {
    let (companies, warnings) =
        read_text("company_id,name,participates,share_with_association\nA,x,,\n").expect("sound");
    assert_eq!(companies[0].participates, Participation::No);
    assert_eq!(companies[0].sharing, Sharing::No);
    assert!(warnings.is_empty());
}

#[test]
fn all_missing_columns_are_told_at_once() {
    let all = faults("klant,adres\n1,x\n");
    for name in [
        "company_id or enterprise_number",
        "no column name",
        "participates",
    ] {
        let told = all.iter().filter(|t| t.contains(name)).count();
        assert_eq!(told, 1, "{name}: {all:?}");
    }
    assert!(all.iter().all(|t| t.contains("klant, adres")));
    assert!(all.iter().all(|t| t.contains("[schema.companies]")));
}

#[test]
fn all_faulty_cells_are_told_at_once_with_line_and_column() {
    let all = faults(
        "company_id,Naam,kbo,deelname,binnentemp_c,taal\n\
         A,x,0403.449.824,maybe,warm,nl\n\
         B,y,,yes,180,xx\n",
    );
    let expected = [
        ("line 2, column kbo", "modulo 97"),
        ("line 2, column deelname", "maybe"),
        ("line 2, column binnentemp_c", "warm"),
        ("line 3, column binnentemp_c", "180"),
        ("line 3, column taal", "xx"),
    ];
    assert_eq!(all.len(), expected.len(), "{all:?}");
    for (place, what) in expected {
        let found = all.iter().any(|t| t.contains(place) && t.contains(what));
        assert!(found, "{place} {what}: {all:?}");
    }
}

#[test]
fn keys_unusable_as_folder_names_and_doubled_keys_are_faults() {
    let long = "x".repeat(33);
    let all = faults(&format!(
        "company_id,name,participates\na/b,x,\n..,x,\n{long},x,\n,x,\nA1,x,\na1,x,\nok_-9,x,\n"
    ));
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(
        all[4].contains("line 7") && all[4].contains("line 6"),
        "{}",
        all[4]
    );
}

#[test]
fn without_ids_the_enterprise_number_is_the_key_and_must_occur_once() {
    let (companies, warnings) =
        read_text("name,enterprise_number,participates\nx,403449823,yes\n").expect("sound");
    assert_eq!(companies[0].company_id, "0403449823");
    assert!(warnings[0].to_string().contains("leading zero"));
    let all = faults(
        "name,enterprise_number,participates\nx,0403449823,yes\ny,BE0403449823,yes\nz,,yes\n",
    );
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(
        all[0].contains("company_id") && all[1].contains("empty"),
        "{all:?}"
    );
}

#[test]
fn two_sites_of_one_enterprise_may_share_its_number() {
    let text =
        "company_id,name,enterprise_number,participates\nA,x,0403449823,yes\nB,x,0403449823,yes\n";
    assert_eq!(read_text(text).expect("sound").0.len(), 2);
}

#[test]
fn unknown_columns_are_one_warning() {
    let (_, warnings) =
        read_text("company_id,name,participates,foo,bar\nA,x,yes,1,2\n").expect("sound");
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].to_string().contains("foo, bar"));
}

#[test]
fn a_broken_spreadsheet_says_what_to_do() {
    let broken = from_bytes("companies.xlsx", b"PK\x03\x04rest", &Mapping::new());
    let told = broken.expect_err("refused")[0].to_string();
    assert!(
        told.contains("cut or broken archive") && told.contains("CSV"),
        "{told}"
    );
}
