use super::*;
use crate::survey::{Certainty, Cover, FindingKind, FindingStatus};
use jiff::civil::date;

fn read(text: &str) -> Findings {
    from_bytes("findings.csv", text.as_bytes(), &Mapping::new()).expect("a table")
}

#[test]
fn a_row_of_a_person_is_read_in_dutch() {
    let found = read(
        "beeld;bedrijf_id;aard;plaats;onderdeel;emissiviteit;meetpunten;zekerheid;status;afdekking;stroom_l2_a;nominale_stroom_a;tijd;vochtigheid_pct;ernst\n\
         IR_0304.jpg;B0001;elektrisch;HVB1, veld 3;bovenklem Q4;0,95;Bx 10 20 5 5;waarschijnlijk;opgelost;open;118;160;19/03/2026 10:31;52;P1\n",
    );
    assert!(
        found.faults.is_empty() && found.warnings.is_empty(),
        "{found:?}"
    );
    let row = &found.rows[0];
    assert_eq!(row.place, "line 2");
    assert_eq!(row.kind, Some(FindingKind::Electrical));
    assert_eq!(row.certainty, Some(Certainty::Likely));
    assert_eq!(row.status, Some(FindingStatus::Solved));
    assert_eq!(row.electrical.cover, Some(Cover::Open));
    assert_eq!(row.electrical.phase_currents_a[1], Some(118.0));
    assert_eq!(row.radiometry.emissivity, Some(0.95));
    assert_eq!(row.radiometry.humidity, Some(0.52));
    assert_eq!(row.time, Some(date(2026, 3, 19).at(10, 31, 0, 0)));
    assert_eq!(row.severity, Some(4));
    assert_eq!(row.markers.len(), 1);
}

#[test]
fn a_bad_cell_costs_itself_and_is_named() {
    let found = read(
        "image,kind,emissivity,rated_a,markers,severity,time,alarm,finding_id\n\
         a.jpg,building,0.05,0,Sp 1 2; Xx 3,9,yesterday,hot,F1\n\
         ,building,,,,,,,\n\
         ../b.jpg,building,,,,,,,\n\
         c.jpg,spaceship,1.7,x,,2.5,,between 5 3,F1\n",
    );
    let told: Vec<String> = found.faults.iter().map(ToString::to_string).collect();
    for part in [
        "line 2, column rated_a: is 0, expected more than 0",
        "line 2, column markers: holds \"Xx 3\"",
        "line 2, column severity: is 9",
        "line 2, column time: is \"yesterday\"",
        "line 2, column alarm: is \"hot\"",
        "line 3: names no picture",
        "line 4, column image: is \"../b.jpg\"",
        "line 5, column kind: is \"spaceship\"",
        "line 5, column emissivity: is 1.7",
        "line 5, column rated_a: is \"x\"",
        "line 5, column severity: is 2.5",
        "line 5, column alarm",
        "line 5, column finding_id: is that of line 2, too",
    ] {
        assert!(told.iter().any(|t| t.contains(part)), "{part}: {told:#?}");
    }
    assert_eq!(told.len(), 13, "{told:#?}");
    assert_eq!(found.rows.len(), 2);
    assert_eq!(found.rows[0].radiometry.emissivity, Some(0.05));
    assert_eq!(found.warnings.len(), 1, "{:?}", found.warnings);
    assert_eq!(found.rows[0].markers.len(), 1);
}

#[test]
fn a_table_without_pictures_is_no_table_of_findings() {
    let faults = from_bytes(
        "findings.csv",
        b"kind,location\nbuilding,hall\n",
        &Mapping::new(),
    );
    assert!(faults.is_err());
}
