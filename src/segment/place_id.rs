//! Names of places on a roof that another flight, or a re-run, gives alike.

use std::collections::BTreeSet;

/// Side of the cells that name a place, metres.
const PLACE_M: f64 = 2.0;
/// West and south edges of those cells lie this far beside the even metres. Centres of regular
/// objects on a mosaic's grid fall on eighths or twentieths of a metre: no such centre lies
/// within 2 cm of an edge, where rounding would change its name.
const PLACE_SHIFT_M: f64 = 0.075;

/// Objects of one cell whose ids [`names_place`] knows.
const TURNS: u32 = 4;

/// Ids of the objects of a roof, in the order of their centres: `oidn-`, the prefix and four
/// characters of the hash of the centre's 2 m cell, so that another flight or a re-run names the
/// same place alike, whatever else was found. Where two objects share a name, the later in
/// west-east order takes the next hash. A centre that crosses the edge of a cell gets another
/// name: two flights are matched by place.
pub fn place_ids(oidn: &str, centres: &[(f64, f64)], prefix: &str) -> Vec<String> {
    place_ids_beside(oidn, centres, prefix, &BTreeSet::new())
}

/// The same beside ids that are given away already.
pub fn place_ids_beside(
    oidn: &str,
    centres: &[(f64, f64)],
    prefix: &str,
    given: &BTreeSet<String>,
) -> Vec<String> {
    let mut order: Vec<usize> = (0..centres.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&centres[*a], &centres[*b]);
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    });
    let mut taken = BTreeSet::new();
    let mut ids = vec![String::new(); centres.len()];
    for index in order {
        let place = (cell(centres[index].0), cell(centres[index].1));
        let mut turn = 0_u32;
        let id = loop {
            let id = format!("{oidn}-{prefix}{}", letters(oidn, prefix, place, turn));
            if !given.contains(&id) && taken.insert(id.clone()) {
                break id;
            }
            turn += 1;
        };
        ids[index] = id;
    }
    ids
}

/// How far the cell an id names lies from a centre, metres, 0 inside; `None` beyond `reach_m` or
/// for the id of another place. An id holds no coordinates: the names of the cells around are made
/// and compared.
pub fn names_place(id: &str, oidn: &str, centre: (f64, f64), reach_m: f64) -> Option<f64> {
    let found = id.strip_prefix(oidn)?.strip_prefix('-')?;
    let (col, row) = (cell(centre.0), cell(centre.1));
    let beside = |at: f64, cell: i64| {
        let low = cell as f64 * PLACE_M - PLACE_SHIFT_M;
        (low - at).max(at - low - PLACE_M).max(0.0)
    };
    let mut nearest: Option<f64> = None;
    for place in (-1..=1).flat_map(|i| (-1..=1).map(move |j| (col + i, row + j))) {
        let away = beside(centre.0, place.0).hypot(beside(centre.1, place.1));
        let named = || (0..TURNS).any(|turn| letters(oidn, "", place, turn) == found);
        if away <= reach_m && nearest.is_none_or(|n| away < n) && named() {
            nearest = Some(away);
        }
    }
    nearest
}

fn cell(metres: f64) -> i64 {
    ((metres + PLACE_SHIFT_M) / PLACE_M).floor() as i64
}

/// Four characters without look-alikes (no i, l, o, u) from a BLAKE3 hash.
fn letters(oidn: &str, prefix: &str, place: (i64, i64), turn: u32) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let text = format!("{oidn}/{prefix}/{}/{}/{turn}", place.0, place.1);
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes()[..4]
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_follow_the_place_not_the_order() {
        let places = [(100.3, 50.1), (140.2, 61.0), (100.6, 50.2)];
        let found = place_ids("42", &places, "");
        let turned = place_ids("42", &[places[2], places[1], places[0]], "");
        assert_eq!(found[0], turned[2]);
        assert_eq!(found[1], turned[1]);
        assert_ne!(found[0], found[2]);
        // Half a metre elsewhere, within the 2 m cell, is the same place.
        assert_eq!(place_ids("42", &[(140.6, 60.7)], "")[0], found[1]);
        assert!(found[0].starts_with("42-") && found[0].len() == 7);
    }

    #[test]
    fn centres_on_the_grid_of_a_mosaic_keep_their_id_when_they_move_a_little() {
        // Every eighth and twentieth of a metre over three cells, 1 cm either way.
        for step in [0.125, 0.05] {
            for i in 0..(6.0 / step) as usize {
                let x = 98_000.0 + i as f64 * step;
                let id = |x: f64| place_ids("42", &[(x, 171_001.0)], "").remove(0);
                assert_eq!(id(x - 0.01), id(x), "{x}");
                assert_eq!(id(x + 0.01), id(x), "{x}");
            }
        }
    }

    #[test]
    fn ten_objects_of_one_place_have_ten_ids_whatever_their_order() {
        let places: Vec<(f64, f64)> = (0..10)
            .map(|i| (100.1 + 0.1 * f64::from(i), 51.0))
            .collect();
        let turned: Vec<(f64, f64)> = places.iter().rev().copied().collect();
        let found = place_ids("42", &places, "");
        let mut again = place_ids("42", &turned, "");
        again.reverse();
        assert_eq!(found, again);
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 10);
    }

    #[test]
    fn an_id_tells_how_far_its_place_is_from_a_centre() {
        let id = place_ids("42", &[(101.0, 51.0)], "").remove(0);
        assert_eq!(names_place(&id, "42", (101.2, 50.8), 1.0), Some(0.0));
        // The cell ends at 101.925: 0.3 m on, the name is another and the place the same.
        let beside = (102.225, 51.0);
        assert_ne!(place_ids("42", &[beside], "")[0], id);
        let away = names_place(&id, "42", beside, 1.0).expect("near");
        assert!((away - 0.3).abs() < 1e-9, "{away}");
        assert_eq!(names_place(&id, "42", (103.5, 51.0), 1.0), None);
        assert_eq!(names_place(&id, "43", (101.0, 51.0), 1.0), None);
        // The second object of a place has the next name.
        let two = place_ids("42", &[(101.0, 51.0), (101.3, 51.0)], "");
        assert_eq!(names_place(&two[1], "42", (101.3, 51.0), 1.0), Some(0.0));
    }

    #[test]
    fn an_id_that_is_given_away_is_not_given_again() {
        let own = place_ids("42", &[(101.0, 51.0)], "");
        let given = own.iter().cloned().collect();
        let other = place_ids_beside("42", &[(101.0, 51.0)], "", &given);
        assert_ne!(other, own);
        assert_eq!(
            other[0],
            place_ids("42", &[(100.9, 51.0), (101.0, 51.0)], "")[1]
        );
    }
}
