//! An order of frames in which those that share ground stand close together.
//!
//! Reverse Cuthill–McKee (George & Liu, Computer Solution of Large Sparse Positive Definite
//! Systems, 1981, §4.3): breadth first from a frame at the rim, few neighbours first, reversed.
//! A flight of long lines then has entries only as far from the diagonal as a line has frames.

use std::collections::VecDeque;

/// Place of every one of `count` things in the order; `pairs` names which are neighbours.
pub(super) fn places(count: usize, pairs: &[(u32, u32)]) -> Vec<usize> {
    let mut neighbours = vec![Vec::new(); count];
    for &(a, b) in pairs.iter().filter(|pair| pair.0 != pair.1) {
        neighbours[a as usize].push(b as usize);
        neighbours[b as usize].push(a as usize);
    }
    let degree: Vec<usize> = neighbours.iter().map(Vec::len).collect();
    for list in &mut neighbours {
        list.sort_unstable_by_key(|i| (degree[*i], *i));
    }
    let mut order = Vec::with_capacity(count);
    let mut done = vec![false; count];
    for start in 0..count {
        if done[start] {
            continue;
        }
        let rim = rim(start, &neighbours);
        let first = order.len();
        order.push(rim);
        done[rim] = true;
        let mut next = first;
        while let Some(&at) = order.get(next) {
            next += 1;
            for &other in &neighbours[at] {
                if !done[other] {
                    done[other] = true;
                    order.push(other);
                }
            }
        }
    }
    order.reverse();
    let mut place = vec![0; count];
    for (at, thing) in order.iter().enumerate() {
        place[*thing] = at;
    }
    place
}

/// A thing far from the others: the last of a breadth-first walk from the last of another.
fn rim(start: usize, neighbours: &[Vec<usize>]) -> usize {
    let mut at = start;
    for _ in 0..2 {
        let mut seen = std::collections::BTreeSet::from([at]);
        let mut queue = VecDeque::from([at]);
        let mut last = at;
        while let Some(thing) = queue.pop_front() {
            last = thing;
            for &other in &neighbours[thing] {
                if seen.insert(other) {
                    queue.push_back(other);
                }
            }
        }
        at = last;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_in_any_order_becomes_a_chain() {
        // 3 – 0 – 4 – 1 – 2, and 5 alone.
        let pairs = [(3, 0), (4, 0), (4, 1), (2, 1)];
        let place = places(6, &pairs);
        for (a, b) in pairs {
            assert_eq!(place[a as usize].abs_diff(place[b as usize]), 1);
        }
        let mut all = place.clone();
        all.sort_unstable();
        assert_eq!(all, vec![0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_block_of_lines_is_as_wide_as_a_line() {
        // 30 lines of 5 frames, each with its neighbours along and across.
        let mut pairs = Vec::new();
        for i in 0..150_u32 {
            if i % 5 != 4 {
                pairs.push((i + 1, i));
            }
            if i + 5 < 150 {
                pairs.push((i + 5, i));
            }
        }
        let place = places(150, &pairs);
        let widest = pairs
            .iter()
            .map(|p| place[p.0 as usize].abs_diff(place[p.1 as usize]))
            .max();
        assert!(widest <= Some(6), "{widest:?}");
    }
}
