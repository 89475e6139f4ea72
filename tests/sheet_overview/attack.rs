//! Tries to compute what is hidden from what is printed.

use super::parks::{Park, chance};
use serde_json::Value;
use thermaudit::report::overview::pages::{Audience, OverviewPages};
use thermaudit::survey::Language;

/// Parks that are tried.
const PARKS: usize = 60;

/// Everything a reader has: all texts and paths, and the pixels.
fn everything(pages: &OverviewPages) -> (Value, Vec<Vec<u8>>) {
    let value = serde_json::to_value(pages).expect("JSON");
    let pictures = pages.pictures.iter().map(|p| p.rgb.clone());
    (value, pictures.collect())
}

/// What two companies that share alike have may be exchanged without a reader's noticing: whatever is computed from
/// the pages, by any difference of any totals, it fits both.
#[test]
fn no_reader_can_tell_which_of_two_hidden_companies_has_which_roof() {
    let mut tried = 0;
    for seed in 0..PARKS {
        let mut park = Park::seeded(20 + seed, seed);
        if seed % 3 == 0 {
            park = park.in_two_parks();
        }
        let n = park.companies.len();
        let members = park.members();
        // Where too few hide to be counted, only those are that share; so alike in that, too.
        let like = |a: usize, b: usize| {
            let (one, other) = (&members[a], &members[b]);
            one.park == other.park && one.visible == other.visible
        };
        let differ = |a: usize, b: usize| park.class(a) != park.class(b);
        let pairs: Vec<(usize, usize)> = (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
            .filter(|(a, b)| park.takes_part(*a) && park.takes_part(*b))
            .filter(|(a, b)| like(*a, *b) && differ(*a, *b))
            .collect();
        // The association sees what is shared; the public nobody's.
        let hidden: Vec<&(usize, usize)> = pairs
            .iter()
            .filter(|(a, b)| !park.shares_class(*a) && !park.shares_class(*b))
            .collect();
        drop(members);
        for (audience, pair) in [
            (
                Audience::Public,
                pairs.get(chance(seed, pairs.len().max(1))),
            ),
            (
                Audience::Association,
                hidden.get(chance(seed, hidden.len().max(1))).copied(),
            ),
        ] {
            let Some((a, b)) = pair else { continue };
            let mut other = park.clone();
            other.exchange(*a, *b);
            for scope in park.scopes() {
                let before = everything(&park.pages(Language::Nl, audience, scope));
                let after = everything(&other.pages(Language::Nl, audience, scope));
                assert!(
                    before == after,
                    "park {seed}, {audience:?}, {scope:?}: {a} and {b} differ"
                );
                tried += 1;
            }
        }
    }
    println!("{tried} exchanges went unnoticed");
    assert!(tried > PARKS, "{tried}");
}

/// The association subtracts the companies it knows from what is printed of all.
#[test]
fn subtracting_what_is_shared_leaves_no_small_group() {
    let mut shown = 0;
    for seed in 0..PARKS {
        let park = Park::seeded(20 + 4 * seed, 1000 + seed);
        let pages = park.pages(Language::Nl, Audience::Association, None);
        let own = |i: &usize| park.takes_part(*i);
        let all: Vec<usize> = (0..park.companies.len()).filter(own).collect();
        let hidden = all.iter().filter(|i| !park.shares_class(**i)).count();
        for row in &pages.classes.rows {
            let Ok(printed) = row.all.parse::<usize>() else {
                continue;
            };
            let mine = |i: &&usize| park.class(**i) == Some(row.class);
            let known = all.iter().filter(mine).filter(|i| park.shares_class(**i));
            // Either everybody of the row is known, or enough are not.
            let left = printed - known.count();
            assert!(printed >= 5, "park {seed} class {}", row.class);
            assert!(
                left == 0 || left >= 5,
                "park {seed} class {}: {left}",
                row.class
            );
            assert!(hidden > 0 || left == 0);
            shown += 1;
        }
        // Bars, map and headline agree on shared roofs alone.
        let bars: usize = pages
            .classes
            .rows
            .iter()
            .map(|r| r.count.parse::<usize>().expect("a count"))
            .sum();
        assert_eq!(pages.map.expect("a map").classes.len(), bars);
    }
    println!("{shown} printed counts were tried");
    assert!(shown > 20, "{shown}");
}
