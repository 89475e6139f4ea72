//! Frames in groups of neighbours, so that a large flight can be worked on part by part.
//!
//! The plane is halved across its longer side until every part holds few enough frames (Bentley
//! 1975, k-d tree). Parts follow each other so that neighbours in the list are neighbours on the
//! ground, mostly.

/// Positions of `places` in groups of at most `most`, each rising; every place is in one group.
pub(super) fn groups(places: &[[f64; 2]], most: usize) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    halve(places, (0..places.len()).collect(), most.max(1), &mut found);
    found
}

fn halve(places: &[[f64; 2]], mut part: Vec<usize>, most: usize, found: &mut Vec<Vec<usize>>) {
    if part.len() <= most {
        if !part.is_empty() {
            part.sort_unstable();
            found.push(part);
        }
        return;
    }
    let [part, upper] = halved(places, part);
    halve(places, part, most, found);
    halve(places, upper, most, found);
}

/// Two halves of a part, parted across its longer side.
pub(super) fn halved(places: &[[f64; 2]], mut part: Vec<usize>) -> [Vec<usize>; 2] {
    let extent = |axis: usize| {
        let values = part.iter().map(|i| places[*i][axis]);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        high - low
    };
    let axis = usize::from(extent(1) > extent(0));
    let middle = part.len() / 2;
    part.select_nth_unstable_by(middle, |a, b| {
        places[*a][axis].total_cmp(&places[*b][axis]).then(a.cmp(b))
    });
    let upper = part.split_off(middle);
    [part, upper]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_in_one_group_and_groups_are_square() {
        let places: Vec<[f64; 2]> = (0..1000)
            .map(|i| [f64::from(i % 40) * 5.0, f64::from(i / 40) * 8.0])
            .collect();
        let found = groups(&places, 130);
        assert_eq!(found.len(), 8);
        let mut all: Vec<usize> = found.concat();
        all.sort_unstable();
        assert_eq!(all, (0..1000).collect::<Vec<_>>());
        for group in &found {
            let across = |axis: usize| {
                let values = group.iter().map(|i| places[*i][axis]);
                let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
                high - values.fold(f64::INFINITY, f64::min)
            };
            assert!(across(0) < 110.0 && across(1) < 110.0);
        }
    }

    #[test]
    fn frames_on_one_spot_are_parted_by_number() {
        let found = groups(&[[3.0, 4.0]; 10], 3);
        assert!(found.iter().all(|g| g.len() <= 3));
        assert_eq!(found.concat().len(), 10);
        assert!(groups(&[], 5).is_empty());
    }
}
