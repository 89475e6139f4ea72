//! The cases of flemish-data.md §9.3, each on a few rectangles. The ground: two plots side by
//! side, 0–100 and 100–200 metres east, 0–100 north.

use super::*;
use crate::survey::Participation;
use crate::survey::reference::{
    Address, BuildingUnit, Establishment, Parcel, Plot, RegisterBuilding,
};
use ::geo::{Area, MultiPolygon, Rect, coord};

pub(super) fn rect(x0: f64, y0: f64, x1: f64, y1: f64) -> MultiPolygon<f64> {
    let (low, high) = (coord! { x: x0, y: y0 }, coord! { x: x1, y: y1 });
    MultiPolygon(vec![Rect::new(low, high).to_polygon()])
}

pub(super) fn outline(oidn: &str, polygon: MultiPolygon<f64>) -> Outline {
    Outline::new(oidn.to_owned(), polygon)
}

pub(super) fn company(id: &str) -> Company {
    Company {
        company_id: id.to_owned(),
        name: format!("Firma {id}"),
        participates: Participation::Yes,
        ..Company::default()
    }
}

fn stated(id: &str, oidn: &str, zone: Option<MultiPolygon<f64>>) -> Link {
    Link {
        company_id: id.to_owned(),
        oidn: oidn.to_owned(),
        share: None,
        zone,
        method: "links.csv",
        confidence: 1.0,
    }
}

fn address(id: &str, number: &str, place: [f64; 2]) -> Address {
    Address {
        id: id.to_owned(),
        street: "Frankrijklaan".to_owned(),
        house_number: number.to_owned(),
        postcode: "8970".to_owned(),
        municipality: "Poperinge".to_owned(),
        place,
        ..Address::default()
    }
}

fn unit(id: &str, building: &str, address: &str) -> BuildingUnit {
    BuildingUnit {
        id: id.to_owned(),
        building_id: format!("https://data.example/id/gebouw/{building}"),
        address_ids: vec![format!("https://data.example/id/adres/{address}")],
        place: None,
    }
}

fn plot(id: &str, polygon: MultiPolygon<f64>) -> Plot {
    Plot {
        id: id.to_owned(),
        park: "park".to_owned(),
        in_use: None,
        function: String::new(),
        polygon,
    }
}

fn parcel(capakey: &str, polygon: MultiPolygon<f64>) -> Parcel {
    Parcel {
        capakey: capakey.to_owned(),
        polygon,
    }
}

fn site(number: &str, establishment: &str, place: [f64; 2]) -> Establishment {
    Establishment {
        enterprise_number: number.to_owned(),
        establishment_number: establishment.to_owned(),
        place: Some(place),
        ..Establishment::default()
    }
}

/// One hall on each plot; addresses at the street, south of the halls.
fn ground() -> (Vec<Outline>, References) {
    let outlines = vec![
        outline("101", rect(10.0, 20.0, 60.0, 60.0)),
        outline("102", rect(110.0, 20.0, 190.0, 60.0)),
    ];
    let references = References {
        addresses: vec![
            address("a2", "2", [30.0, 5.0]),
            address("a4", "4", [150.0, 5.0]),
        ],
        plots: vec![
            plot("west", rect(0.0, 0.0, 100.0, 100.0)),
            plot("east", rect(100.0, 0.0, 200.0, 100.0)),
        ],
        ..References::default()
    };
    (outlines, references)
}

/// Register buildings and units of [`ground`]: one unit in each hall.
fn with_units(references: &mut References) {
    let building = |id: &str, polygon| RegisterBuilding {
        id: id.to_owned(),
        polygon,
    };
    // The register's outline of the west hall is a hand's breadth off.
    references.buildings = vec![
        building("g1", rect(10.1, 20.1, 60.1, 60.1)),
        building("g2", rect(110.0, 20.0, 190.0, 60.0)),
    ];
    references.units = vec![unit("u1", "g1", "a2"), unit("u2", "g2", "a4")];
}

fn run(
    companies: &[Company],
    links: &[Link],
    (outlines, references): &(Vec<Outline>, References),
) -> Linking {
    link(companies, links, outlines, references, &Options::default())
}

fn short(linking: &Linking) -> Vec<(&str, &str, &str, f64)> {
    let of = |t: &'_ Tie| (t.link.method, t.link.confidence);
    linking
        .ties
        .iter()
        .map(|t| {
            (
                t.link.company_id.as_str(),
                t.link.oidn.as_str(),
                of(t).0,
                of(t).1,
            )
        })
        .collect()
}

fn at(id: &str, number: &str) -> Company {
    Company {
        address: format!("Frankrijkln. {number}, 8970 Poperinge"),
        ..company(id)
    }
}

#[test]
fn one_company_in_one_building_by_its_address_and_the_only_unit() {
    let mut ground = ground();
    with_units(&mut ground.1);
    let linking = run(&[at("A", "2")], &[], &ground);
    assert_eq!(short(&linking), [("A", "101", "address-unit", 0.95)]);
    assert_eq!(linking.ties[0].occupancy, Occupancy::Sole);
    assert!(linking.outcomes[0].resolved && linking.outcomes[0].problem.is_empty());
}

#[test]
fn one_company_with_several_buildings_gets_all_it_names() {
    let ground = ground();
    let a = Company {
        buildings: vec!["101".into(), "102".into()],
        ..company("A")
    };
    let linking = run(&[a], &[], &ground);
    assert_eq!(
        short(&linking),
        [
            ("A", "101", "buildings", 1.0),
            ("A", "102", "buildings", 1.0)
        ]
    );
}

#[test]
fn explicit_buildings_win_over_an_address_elsewhere() {
    let mut ground = ground();
    with_units(&mut ground.1);
    let linking = run(&[at("A", "2")], &[stated("A", "102", None)], &ground);
    assert_eq!(short(&linking), [("A", "102", "links.csv", 1.0)]);
}

#[test]
fn a_building_key_without_outline_is_a_warning_and_the_ladder_goes_on() {
    let mut ground = ground();
    with_units(&mut ground.1);
    let a = Company {
        buildings: vec!["999".into()],
        ..at("A", "2")
    };
    let linking = run(&[a], &[], &ground);
    assert_eq!(short(&linking), [("A", "101", "address-unit", 0.95)]);
    assert!(linking.warnings[0].to_string().contains("building 999"));
}

#[test]
fn several_companies_in_one_building_have_the_zones_people_drew() {
    let ground = ground();
    let links = [
        // Drawn past the wall: cut at the building.
        stated("A", "101", Some(rect(0.0, 0.0, 35.0, 100.0))),
        stated("B", "101", Some(rect(35.0, 0.0, 100.0, 100.0))),
    ];
    let linking = run(&[company("A"), company("B")], &links, &ground);
    for tie in &linking.ties {
        assert_eq!(tie.occupancy, Occupancy::Zone(ZoneOrigin::Given));
        let area = tie.link.zone.as_ref().expect("a zone").unsigned_area();
        assert!((area - 25.0 * 40.0).abs() < 1e-6, "{area}");
    }
}

#[test]
fn the_one_company_without_a_zone_has_what_the_others_leave() {
    let ground = ground();
    let links = [
        stated("A", "101", Some(rect(10.0, 20.0, 20.0, 60.0))),
        stated("B", "101", None),
    ];
    let linking = run(&[company("A"), company("B")], &links, &ground);
    let b = &linking.ties[1];
    assert_eq!(b.occupancy, Occupancy::Zone(ZoneOrigin::Rest));
    let area = b.link.zone.as_ref().expect("a zone").unsigned_area();
    assert!((area - 40.0 * 40.0).abs() < 1e-6, "{area}");
}

#[test]
fn a_building_of_two_companies_is_cut_along_their_parcels() {
    let mut ground = ground();
    ground.1.parcels = vec![
        parcel("33021A0001/00A000", rect(0.0, 0.0, 40.0, 100.0)),
        parcel("33021A0002/00B000", rect(40.0, 0.0, 100.0, 100.0)),
    ];
    let of = |id: &str, capakey: &str| Company {
        parcels: vec![capakey.to_owned()],
        buildings: vec!["101".to_owned()],
        ..company(id)
    };
    let companies = [of("A", "33021A0001/00A000"), of("B", "33021a0002/00b000")];
    let linking = run(&companies, &[], &ground);
    let areas: Vec<f64> = linking
        .ties
        .iter()
        .map(|t| t.link.zone.as_ref().expect("a zone").unsigned_area())
        .collect();
    assert!((areas[0] - 30.0 * 40.0).abs() < 1e-6, "{areas:?}");
    assert!((areas[1] - 20.0 * 40.0).abs() < 1e-6, "{areas:?}");
    assert_eq!(
        linking.ties[0].occupancy,
        Occupancy::Zone(ZoneOrigin::Parcels)
    );
}

#[test]
fn a_building_across_two_plots_is_cut_along_them() {
    let mut ground = ground();
    ground.0 = vec![outline("200", rect(50.0, 20.0, 150.0, 60.0))];
    let links = [stated("A", "200", None), stated("B", "200", None)];
    let linking = run(&[at("A", "2"), at("B", "4")], &links, &ground);
    for tie in &linking.ties {
        assert_eq!(tie.occupancy, Occupancy::Zone(ZoneOrigin::Plots));
        let area = tie.link.zone.as_ref().expect("a zone").unsigned_area();
        assert!((area - 50.0 * 40.0).abs() < 1e-6, "{area}");
    }
}

#[test]
fn a_building_that_nothing_parts_is_shared() {
    let mut ground = ground();
    with_units(&mut ground.1);
    ground.1.addresses.push(address("a2b", "2B", [31.0, 5.0]));
    ground.1.units.push(unit("u3", "g1", "a2b"));
    let linking = run(&[at("A", "2"), at("B", "2B")], &[], &ground);
    assert_eq!(
        short(&linking),
        [
            ("A", "101", "address-shared-unit", 0.7),
            ("B", "101", "address-shared-unit", 0.7)
        ]
    );
    assert!(
        linking
            .ties
            .iter()
            .all(|t| t.occupancy == Occupancy::Shared)
    );
}

#[test]
fn zones_that_overlap_make_the_building_shared_and_are_told() {
    let ground = ground();
    let links = [
        stated("A", "101", Some(rect(10.0, 20.0, 50.0, 60.0))),
        stated("B", "101", Some(rect(30.0, 20.0, 60.0, 60.0))),
    ];
    let linking = run(&[company("A"), company("B")], &links, &ground);
    assert!(
        linking
            .ties
            .iter()
            .all(|t| t.occupancy == Occupancy::Shared)
    );
    assert!(linking.warnings[0].to_string().contains("A and B overlap"));
}

#[test]
fn one_building_over_two_parcels_is_its_owners_when_both_are_named() {
    let mut ground = ground();
    ground.1.parcels = vec![
        parcel("p1", rect(0.0, 0.0, 33.0, 100.0)),
        parcel("p2", rect(33.0, 0.0, 100.0, 100.0)),
    ];
    let of = |parcels: &[&str]| Company {
        parcels: parcels.iter().map(ToString::to_string).collect(),
        ..company("A")
    };
    let both = run(&[of(&["P1", "p2"])], &[], &ground);
    assert_eq!(short(&both), [("A", "101", "parcels", 0.95)]);
    // 23 of 50 metres lie in the first: no majority, but a candidate.
    let one = run(&[of(&["p1"])], &[], &ground);
    assert!(one.ties.is_empty());
    assert_eq!(one.outcomes[0].candidates[0].oidn, "101");
    assert!(one.outcomes[0].candidates[0].evidence.contains("46 %"));
    assert!(!one.outcomes[0].resolved);
}

#[test]
fn a_company_with_its_seat_elsewhere_is_tied_by_its_establishment() {
    let mut ground = ground();
    ground.1.establishments = vec![
        site("0403449823", "", [90_000.0, 90_000.0]),
        site("0403449823", "2000000339", [150.0, 40.0]),
    ];
    let a = Company {
        enterprise_number: "0403449823".into(),
        address: "Wetstraat 1, 1000 Brussel".into(),
        ..company("A")
    };
    let linking = run(&[a], &[], &ground);
    assert_eq!(short(&linking), [("A", "102", "establishment", 0.8)]);
}

#[test]
fn an_establishment_beside_its_hall_is_tied_when_the_plot_has_one_main_building() {
    let mut ground = ground();
    ground.1.establishments = vec![site("0403449823", "2000000339", [150.0, 5.0])];
    ground
        .0
        .push(outline("shed", rect(102.0, 80.0, 108.0, 86.0)));
    let a = Company {
        establishment_number: "2000000339".into(),
        ..company("A")
    };
    let linking = run(std::slice::from_ref(&a), &[], &ground);
    assert_eq!(short(&linking), [("A", "102", "establishment-plot", 0.7)]);
    // With a second hall nothing says which is meant.
    ground
        .0
        .push(outline("103", rect(110.0, 70.0, 150.0, 95.0)));
    let linking = run(&[a], &[], &ground);
    assert!(
        linking.ties.iter().all(|t| t.step == Step::Plot),
        "{:?}",
        short(&linking)
    );
}

#[test]
fn owner_and_tenant_of_one_building_are_both_tied_and_share_it() {
    let ground = ground();
    let of = |id: &str| Company {
        buildings: vec!["101".into()],
        ..company(id)
    };
    let linking = run(&[of("owner"), of("tenant")], &[], &ground);
    assert_eq!(linking.ties.len(), 2);
    assert!(
        linking
            .ties
            .iter()
            .all(|t| t.occupancy == Occupancy::Shared)
    );
    assert!(linking.outcomes.iter().all(|o| o.resolved));
}

#[test]
fn a_building_with_no_company_stays_without() {
    let ground = ground();
    let linking = run(&[], &[], &ground);
    assert!(linking.ties.is_empty() && linking.outcomes.is_empty());
}

#[test]
fn a_company_that_takes_no_part_still_makes_a_building_shared() {
    let ground = ground();
    let links = [stated("A", "101", None), stated("B", "101", None)];
    let silent = Company {
        participates: Participation::Withdrawn,
        ..company("B")
    };
    let linking = run(&[company("A"), silent], &links, &ground);
    assert_eq!(linking.ties[0].occupancy, Occupancy::Shared);
}

#[test]
fn two_rows_with_one_number_are_told_apart_by_address_or_establishment() {
    let mut ground = ground();
    let mut west = site("0403449823", "2000000339", [30.0, 40.0]);
    west.address = address("", "2", [0.0; 2]);
    let mut east = site("0403449823", "2000000438", [150.0, 40.0]);
    east.address = address("", "4", [0.0; 2]);
    ground.1.establishments = vec![west, east];
    ground.1.plots.clear();
    let row = |id: &str, line: &str, establishment: &str| Company {
        enterprise_number: "0403449823".into(),
        establishment_number: establishment.into(),
        address: line.into(),
        ..company(id)
    };
    let told = [
        row("A", "Frankrijklaan 2, 8970 Poperinge", ""),
        row("B", "", "2000000438"),
    ];
    let linking = run(&told, &[], &ground);
    assert_eq!(
        short(&linking),
        [
            ("A", "101", "establishment", 0.8),
            ("B", "102", "establishment", 0.8)
        ]
    );
    // Without either, nothing is guessed, and both buildings are candidates.
    let linking = run(&[row("A", "", ""), row("B", "", "")], &[], &ground);
    assert!(linking.ties.is_empty());
    for outcome in &linking.outcomes {
        assert_eq!(outcome.candidates.len(), 2);
        assert!(
            outcome.problem.contains("establishments in 2 buildings"),
            "{}",
            outcome.problem
        );
    }
}

#[test]
fn two_rows_with_one_number_do_not_both_take_its_only_establishment() {
    let mut ground = ground();
    ground.1.establishments = vec![site("0403449823", "2000000339", [30.0, 40.0])];
    ground.1.plots.clear();
    let row = |id: &str| Company {
        enterprise_number: "0403449823".into(),
        ..company(id)
    };
    let linking = run(&[row("A"), row("B")], &[], &ground);
    assert!(linking.ties.is_empty());
    assert!(linking.outcomes[0].problem.contains("several rows"));
}

#[test]
fn an_address_of_domiciliation_is_no_tenant() {
    let mut ground = ground();
    ground.1.plots.clear();
    ground.1.establishments = (0..16)
        .map(|i| {
            site(
                &format!("04034498{i:02}"),
                &format!("20000003{i:02}"),
                [30.0, 40.0],
            )
        })
        .collect();
    let a = Company {
        establishment_number: "2000000303".into(),
        ..company("A")
    };
    let linking = run(&[a], &[], &ground);
    assert!(!linking.outcomes[0].resolved);
    assert!(linking.outcomes[0].problem.contains("domiciliation"));
}

#[test]
fn an_address_on_a_plot_takes_its_main_buildings_when_it_is_alone() {
    let mut ground = ground();
    ground.0.push(outline("103", rect(10.0, 70.0, 60.0, 90.0)));
    ground.0.push(outline("shed", rect(80.0, 80.0, 86.0, 86.0)));
    let linking = run(&[at("A", "2")], &[], &ground);
    assert_eq!(
        short(&linking),
        [("A", "101", "plot", 0.6), ("A", "103", "plot", 0.6)]
    );
    assert!(linking.outcomes[0].resolved);
}

#[test]
fn with_another_company_on_the_plot_only_the_nearest_is_guessed_and_not_published() {
    let mut ground = ground();
    ground.0.push(outline("103", rect(62.0, 20.0, 95.0, 60.0)));
    let links = [stated("B", "103", None)];
    let linking = run(&[at("A", "2"), company("B")], &links, &ground);
    assert_eq!(
        short(&linking),
        [("A", "101", "nearest", 0.4), ("B", "103", "links.csv", 1.0)]
    );
    let a = &linking.outcomes[0];
    assert!(!a.resolved);
    assert!(a.problem.contains("1 other companies are on its plot"));
    assert!(a.candidates.iter().any(|c| c.oidn == "103"));
    assert_eq!(linking.unresolved().count(), 1);
}

#[test]
fn the_nearest_building_is_not_sought_beyond_the_plot_or_forty_metres() {
    let mut ground = ground();
    // The neighbour's hall is 3 m away across the border, the own one 15 m.
    ground.1.addresses = vec![
        address("a2", "2", [98.0, 40.0]),
        address("a4", "4", [150.0, 5.0]),
    ];
    ground.0[0] = outline("101", rect(10.0, 20.0, 83.0, 60.0));
    ground.0[1] = outline("102", rect(101.0, 20.0, 190.0, 60.0));
    let linking = run(&[at("A", "2"), at("B", "2")], &[], &ground);
    assert_eq!(short(&linking)[0], ("A", "101", "nearest", 0.4));
    ground.1.addresses[0].place = [50.0, 102.0 + 60.0];
    let linking = run(&[at("A", "2")], &[], &ground);
    assert!(linking.ties.is_empty());
}

#[test]
fn a_sure_tie_is_not_shared_because_of_an_unpublished_guess() {
    let mut ground = ground();
    ground.1.plots.clear();
    let links = [stated("B", "101", None)];
    let linking = run(&[at("A", "2"), company("B")], &links, &ground);
    assert_eq!(short(&linking)[0], ("A", "101", "nearest", 0.4));
    assert_eq!(linking.ties[0].occupancy, Occupancy::Shared);
    assert_eq!(linking.ties[1].occupancy, Occupancy::Sole);
}

#[test]
fn an_address_that_fits_several_buildings_is_not_chosen_between_them() {
    let mut ground = ground();
    with_units(&mut ground.1);
    // A range over both halls, with the plots of each known.
    let linking = run(&[at("A", "2-4")], &[], &ground);
    assert!(linking.ties.is_empty(), "{:?}", short(&linking));
    let outcome = &linking.outcomes[0];
    assert!(
        outcome.problem.contains("fits those of 2 buildings"),
        "{}",
        outcome.problem
    );
    assert_eq!(outcome.candidates.len(), 2);
    // The same street and number in another town, and a company without a town.
    let mut other = address("a9", "2", [150.0, 5.0]);
    other.postcode = "8630".into();
    other.municipality = "Veurne".into();
    ground.1.addresses[1] = other;
    ground.1.units[1].address_ids = vec!["a9".into()];
    let nowhere = Company {
        address: "Frankrijklaan 2".into(),
        ..company("A")
    };
    let linking = run(std::slice::from_ref(&nowhere), &[], &ground);
    assert!(linking.ties.is_empty(), "{:?}", short(&linking));
    assert_eq!(run(&[at("A", "2")], &[], &ground).ties.len(), 1);
}

#[test]
fn a_number_known_only_without_its_letter_is_not_tied() {
    let mut ground = ground();
    with_units(&mut ground.1);
    let linking = run(&[at("A", "2C")], &[], &ground);
    assert!(linking.ties.is_empty(), "{:?}", short(&linking));
    assert_eq!(linking.outcomes[0].candidates[0].oidn, "101");
    assert!(linking.outcomes[0].problem.contains("without its letter"));
}

#[test]
fn one_address_that_leads_to_two_buildings_has_both() {
    let mut ground = ground();
    with_units(&mut ground.1);
    ground.1.units.push(unit("u9", "g2", "a2"));
    let linking = run(&[at("A", "2")], &[], &ground);
    let oidns: Vec<&str> = linking.ties.iter().map(|t| t.link.oidn.as_str()).collect();
    assert_eq!(oidns, ["101", "102"]);
}

#[test]
fn what_is_missing_is_said_in_words() {
    let mut ground = ground();
    ground.1.establishments = vec![site("0200065765", "", [1.0, 1.0])];
    let row = |line: &str, number: &str| Company {
        address: line.into(),
        enterprise_number: number.into(),
        ..company("A")
    };
    let said = |row| run(&[row], &[], &ground).outcomes[0].problem.clone();
    assert!(said(row("Nergensstraat 1, 8970 Poperinge", "")).contains("street is not in"));
    assert!(said(row("Frankrijklaan 99, 8970 Poperinge", "")).contains("house number is not in"));
    assert!(said(row("", "0403449823")).contains("register of enterprises"));
    assert!(said(row("", "")).contains("neither buildings, parcels, address nor number"));
}

#[test]
fn a_natural_persons_company_is_told_from_the_register() {
    let mut ground = ground();
    ground.1.establishments = vec![Establishment {
        natural_person: true,
        ..site("0403449823", "", [1.0, 1.0])
    }];
    let a = Company {
        enterprise_number: "0403449823".into(),
        ..company("A")
    };
    let linking = run(&[a, company("B")], &[], &ground);
    assert!(linking.outcomes[0].sole_trader);
    assert!(!linking.outcomes[1].sole_trader);
}

#[test]
fn the_same_input_gives_the_same_ties_in_any_order_of_the_registers() {
    let mut ground = ground();
    with_units(&mut ground.1);
    let companies = [at("A", "2"), at("B", "4"), at("C", "2")];
    let first = run(&companies, &[], &ground);
    ground.1.addresses.reverse();
    ground.1.units.reverse();
    ground.1.buildings.reverse();
    let second = run(&companies, &[], &ground);
    assert_eq!(first, second);
}

#[test]
fn hostile_geometry_and_names_neither_panic_nor_tie() {
    let nan = rect(f64::NAN, 0.0, 1.0, 1.0);
    let bow = MultiPolygon(vec![::geo::Polygon::new(
        vec![(0.0, 0.0), (100.0, 100.0), (100.0, 0.0), (0.0, 100.0)].into(),
        vec![],
    )]);
    let outlines = vec![
        outline("nan", nan.clone()),
        outline("empty", MultiPolygon(vec![])),
        outline("bow", bow.clone()),
    ];
    let references = References {
        addresses: vec![address("", "2", [f64::NAN, f64::INFINITY])],
        parcels: vec![parcel("p", nan), parcel("", bow)],
        establishments: vec![site("", "", [f64::NAN; 2])],
        ..References::default()
    };
    let odd = Company {
        address: "Frankrijklaan 2, 8970 Poperinge".into(),
        parcels: vec!["p".into(), "\u{202e}".into()],
        enterprise_number: String::new(),
        ..company("../\"'")
    };
    let linking = run(&[odd], &[], &(outlines, references));
    assert!(!linking.outcomes[0].resolved);
}

#[test]
fn what_the_base_map_calls_a_minor_building_is_none_of_the_plots_main_ones() {
    let mut ground = ground();
    ground.0.push(outline("103", rect(10.0, 70.0, 60.0, 90.0)));
    ground.0.push(outline("104", rect(80.0, 80.0, 86.0, 86.0)));
    let options = Options {
        main_buildings: [("103".to_owned(), false), ("104".to_owned(), true)].into(),
        ..Options::default()
    };
    let linking = link(&[at("A", "2")], &[], &ground.0, &ground.1, &options);
    assert_eq!(
        short(&linking),
        [("A", "101", "plot", 0.6), ("A", "104", "plot", 0.6)]
    );
}
