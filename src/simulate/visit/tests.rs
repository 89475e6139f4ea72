//! Promises of the cases: what is noted, and where marks lie.

use super::canvas::View;
use super::scenes::Kind;
use super::shot::{Row, Setting, Shot};
use super::{marks, table};
use crate::simulate::random::Rng;

fn setting(english: bool, solved: bool) -> Setting {
    Setting {
        indoor_c: 18.4,
        indoor_humidity: 0.52,
        outdoor_c: 2.1,
        outdoor_humidity: 0.81,
        wind_m_s: 1.6,
        english,
        solved,
    }
}

/// Every picture in both languages, as found and as repaired.
fn all() -> Vec<Shot> {
    let mut shots = Vec::new();
    for (english, solved) in [(false, false), (true, false), (false, true), (true, true)] {
        for kind in Kind::ALL {
            let mut rng = Rng::new(3, &[7]);
            let made = kind.shoot(&setting(english, solved), &mut rng);
            assert_eq!(made.len(), kind.pictures());
            shots.extend(made);
        }
    }
    shots
}

fn rows() -> Vec<Row> {
    all().into_iter().flat_map(|shot| shot.rows).collect()
}

#[test]
fn notes_tell_what_is_seen_and_leave_the_cause_to_its_column() {
    for row in rows() {
        for column in [
            "observation",
            "recommendation",
            "component",
            "location",
            "kind",
        ] {
            assert!(!row.text(column).is_empty(), "{column}: {row:?}");
        }
        let text = ["observation", "recommendation", "cause"]
            .map(|c| row.text(c))
            .join(" ");
        // Whole words: an electrician is no leak.
        let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).collect();
        for word in ["bewijst", "lekt", "gevaarlijk", "proves", "dangerous"] {
            assert!(!words.contains(&word), "{word}: {text}");
        }
        assert!(!text.contains("slecht geïsoleerd"), "{text}");
    }
}

#[test]
fn every_cell_has_a_column() {
    for row in rows() {
        for column in row.columns() {
            assert!(table::COLUMNS.contains(&column), "{column}");
        }
    }
}

#[test]
fn marks_lie_in_the_picture_and_have_names_of_their_own() {
    for shot in all() {
        let size = shot.model.camera().size;
        let view = View::thermal(size[0], size[1], shot.upright);
        let placed = marks::place(&shot.tools, &view, size);
        for mark in &placed {
            if let (2, [x, y, width, height]) = (mark.kind, mark.points.as_slice()) {
                assert!(*width > 0 && *height > 0, "{} {}", shot.scene, mark.label);
                let end = [x + width, y + height].map(usize::from);
                assert!(
                    end[0] <= size[0] && end[1] <= size[1],
                    "{} {}",
                    shot.scene,
                    mark.label
                );
            }
            let same = placed.iter().filter(|m| m.label == mark.label).count();
            assert_eq!(same, 1, "{} {}", shot.scene, mark.label);
        }
    }
}
