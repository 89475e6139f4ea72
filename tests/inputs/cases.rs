//! Every trap, schema and case of the regional data has a test that shows it.
//!
//! The table is the index: what has to work (the numbers are those of the document of the region's
//! data: 1.4 traps, 2 to 8 schemas, 9.3 cases of companies and buildings), and where it is shown. A
//! test that is renamed or lost fails here.

use std::path::Path;

/// Number, what has to work, file, test.
#[rustfmt::skip]
const CASES: &[(&str, &str, &str, &str)] = &[
    ("1.1", "systems told by their coordinates", "tests/inputs/files.rs", "without_prj_the_system_is_told_from_where_the_outlines_lie"),
    ("1.1", "the other Belgian system", "src/read/outlines/tests.rs", "the_other_belgian_system_is_reprojected_to_the_project"),
    ("1.3", "UTC without zone", "src/read/weather.rs", "times_with_a_zone_and_with_a_space_mean_the_same_moment"),
    ("1.4", ".cpg, UTF-8, Windows-1252 of shapefiles", "tests/inputs/files.rs", "a_shapefile_gives_keys_names_holes_and_system_whatever_its_encoding"),
    ("1.4", "names of ten characters", "src/read/table/columns.rs", "names_cut_after_ten_signs_are_known_and_given_to_one_column_only"),
    ("1.4", "GeoJSON with a crs member", "src/read/outlines/tests.rs", "the_regional_layer_is_read_in_place_with_numbers_as_text"),
    ("1.4", "GeoJSON in map coordinates without crs member", "src/read/outlines/tests.rs", "map_coordinates_without_a_named_system_are_taken_as_the_projects"),
    ("1.4", "latitude before longitude", "tests/inputs/registers.rs", "outlines_with_latitude_first_are_put_right"),
    ("1.4", "POINT (lat lon) of tables", "tests/inputs/registers.rs", "well_known_text_of_tables_is_read_in_either_order"),
    ("1.4", "CR LF in texts", "tests/inputs/registers.rs", "parcels_keep_their_capakey_and_texts_lose_their_line_ends"),
    ("1.4", "one space is empty", "tests/inputs/registers.rs", "the_enriched_register_gives_seats_and_establishments_with_places_and_without_people"),
    ("1.4", "1900-01-01 and 9999-12-31", "tests/inputs/tables.rs", "a_date_that_stands_for_none_is_told"),
    ("1.4", "exactly 10 000 features", "tests/inputs/registers.rs", "exactly_ten_thousand_records_are_suspicious_in_every_register"),
    ("1.4", "control characters in JSON", "src/read/geojson.rs", "control_characters_inside_texts_do_not_stop_the_reading"),
    ("1.4", "separators, marks, encodings of text", "tests/inputs/tables.rs", "separators_byte_order_marks_and_encodings_of_text_all_give_the_same_company"),
    ("1.4", "all faults at once, with line and column", "src/read/companies/tests.rs", "all_faulty_cells_are_told_at_once_with_line_and_column"),
    ("2.1", "GBG as shapefile", "tests/inputs/files.rs", "a_shapefile_gives_keys_names_holes_and_system_whatever_its_encoding"),
    ("2.1", "GBG in every form and both systems", "tests/inputs/schemas.rs", "buildings_of_the_base_map_come_from_every_form_and_either_system"),
    ("2.2", "GBA and KNW", "tests/inputs/registers.rs", "layers_of_the_base_map_are_told_apart_by_name_and_by_what_their_types_say"),
    ("2.2", "ADP", "tests/inputs/registers.rs", "parcels_keep_their_capakey_and_texts_lose_their_line_ends"),
    ("2.2", "ADPF and the history of ADP", "tests/inputs/schemas.rs", "fiscal_parcels_and_the_history_of_parcels_give_their_keys"),
    ("2.2", "layer Adres of the base map", "tests/inputs/schemas.rs", "the_address_layer_of_the_base_map_gives_places"),
    ("2.2", "3D GRB", "tests/inputs/registers.rs", "heights_of_the_3d_layer_are_read_and_hold_together"),
    ("2.2", "3D GRB as outlines", "tests/inputs/schemas.rs", "the_3d_layer_serves_as_outlines_with_heights"),
    ("2.3", "identity over the years", "src/attach/succession.rs", "demolished_new_extended_and_renumbered_buildings_are_told"),
    ("3", "Gebouw, Gebouweenheid, Adres extracts", "tests/inputs/registers.rs", "an_address_leads_to_its_unit_and_building_through_the_extracts"),
    ("4", "VLAIO parks and plots", "tests/inputs/registers.rs", "parks_and_plots_are_known_by_their_model_by_their_name_and_by_the_settings"),
    ("5.1", "check digits", "src/read/numbers.rs", "printed_numbers_of_enterprises_establishments_and_branches_hold"),
    ("5.1", "lost zeros", "src/read/numbers.rs", "a_lost_leading_zero_is_restored_only_when_the_check_digits_hold"),
    ("5.1", "every notation", "src/read/numbers.rs", "every_usual_notation_gives_ten_digits"),
    ("5.2", "KBO open data", "tests/inputs/registers.rs", "the_national_register_gives_the_establishments_of_the_region"),
    ("5.3", "VKBO", "tests/inputs/registers.rs", "the_enriched_register_gives_seats_and_establishments_with_places_and_without_people"),
    ("6", "DHMV sheets and their voids", "tests/inputs/schemas.rs", "sheets_of_the_height_model_are_one_surface_without_their_voids"),
    ("7", "JPEG 2000 refused by name", "tests/inputs/check.rs", "files_that_nothing_reads_are_named_with_the_way_out"),
    ("8", "aws_10min and synop_data as text", "tests/inputs/tables.rs", "tables_of_the_weather_service_are_read_unchanged"),
    ("8", "the same as GeoJSON, several stations", "tests/inputs/schemas.rs", "both_layers_of_the_weather_service_come_as_geojson"),
    ("9.1", "company list in Dutch", "src/read/companies/tests.rs", "a_dutch_list_with_semicolons_and_decimal_commas_is_read"),
    ("9.1", "xlsx and ods", "tests/inputs/tables.rs", "a_sheet_gives_the_same_companies_as_text_does"),
    ("9.3", "one company, one building", "src/attach/tests.rs", "one_company_in_one_building_by_its_address_and_the_only_unit"),
    ("9.3", "one company, several buildings", "src/attach/tests.rs", "one_company_with_several_buildings_gets_all_it_names"),
    ("9.3", "several companies in one building: zones drawn", "src/attach/tests.rs", "several_companies_in_one_building_have_the_zones_people_drew"),
    ("9.3", "several companies in one building: parcels", "src/attach/tests.rs", "a_building_of_two_companies_is_cut_along_their_parcels"),
    ("9.3", "several companies in one building: plots", "src/attach/tests.rs", "a_building_across_two_plots_is_cut_along_them"),
    ("9.3", "several companies in one building: shared", "src/attach/tests.rs", "a_building_that_nothing_parts_is_shared"),
    ("9.3", "one building over two parcels", "src/attach/tests.rs", "one_building_over_two_parcels_is_its_owners_when_both_are_named"),
    ("9.3", "seat elsewhere", "src/attach/tests.rs", "a_company_with_its_seat_elsewhere_is_tied_by_its_establishment"),
    ("9.3", "owner and tenant", "src/attach/tests.rs", "owner_and_tenant_of_one_building_are_both_tied_and_share_it"),
    ("9.3", "building with no participant", "src/attach/tests.rs", "a_building_with_no_company_stays_without"),
    ("9.3", "a company that takes no part", "src/attach/tests.rs", "a_company_that_takes_no_part_still_makes_a_building_shared"),
    ("9.3", "a company that withdrew", "tests/inputs/attach_run.rs", "a_withdrawal_removes_the_sheet_and_the_log_keeps_both"),
    ("9.3", "two rows of one number", "src/attach/tests.rs", "two_rows_with_one_number_are_told_apart_by_address_or_establishment"),
    ("9.3", "renamed enterprise", "src/attach/succession.rs", "a_renamed_company_is_found_by_key_then_number_then_buildings"),
    ("9.3", "merged enterprise", "src/attach/succession.rs", "merged_companies_become_one_and_a_split_one_is_not_guessed"),
    ("9.3", "building demolished, new, extended", "src/attach/succession.rs", "demolished_new_extended_and_renumbered_buildings_are_told"),
    ("9.3", "outside the flight, or seen in part", "src/attach/consent.rs", "a_roof_seen_in_part_is_printed_and_not_ranked"),
    ("9.3", "outside the flight, said before it is processed", "tests/inputs/check.rs", "frames_are_held_against_outlines_weather_and_height_models"),
    ("9.3", "unheated or metal roof", "src/score/park_tests.rs", "each_reason_takes_away_what_the_interface_says"),
    ("9.3", "roof covered by panels", "src/segment/parts/tests.rs", "a_field_of_panels_parts_no_planes_and_is_a_part_of_its_own"),
    ("9.3", "roof seen through panels only", "src/score/gates.rs", "what_was_hardly_seen_has_no_class_but_a_partly_hidden_roof_may"),
    ("9.3", "green roof", "src/score/material.rs", "english_and_dutch_words_lead_to_the_same_material"),
    ("9.3", "unresolved companies get no sheet", "tests/inputs/attach_run.rs", "a_company_without_a_building_gets_no_sheet_and_is_listed_for_review"),
    ("9.4", "nothing of another on a sheet", "tests/inputs/attach_run.rs", "a_sheet_that_names_another_company_fails_the_run_and_is_removed"),
    ("9.4", "forgetting", "tests/results/erase.rs", "after_erasing_nothing_tells_of_the_company_and_the_others_keep_theirs"),
    ("9.4", "retention", "tests/results/erase.rs", "everyone_is_forgotten_only_once_the_date_has_passed"),
];

#[test]
fn every_case_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lost = Vec::new();
    for (number, what, file, test) in CASES {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        if !text.contains(&format!("fn {test}(")) {
            lost.push(format!("{number} {what}: {file} has no test {test}"));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
