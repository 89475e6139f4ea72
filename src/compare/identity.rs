//! Which building of the second flight is which of the first (flemish-data.md §2.3).

use geo::{Area, BooleanOps, BoundingRect, Intersects, MultiPolygon};
use std::collections::{BTreeMap, BTreeSet};

/// Outlines whose key vanished are one building from this overlap on.
pub const SAME_IOU: f64 = 0.6;

/// A building in one or both flights, by place in their lists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Same {
    /// In the first.
    pub before: Option<usize>,
    /// In the second.
    pub after: Option<usize>,
    /// Common area over joint area of the outlines, 0–1; 0 of a single one.
    pub iou: f64,
    /// Whether the key is the same.
    pub by_key: bool,
}

/// Pairs buildings by key, then by overlap, the greatest first; what is left is gone or new.
/// Order: that of the first list, then new ones in the order of the second.
pub fn pairs(
    before: &[(&str, &MultiPolygon<f64>)],
    after: &[(&str, &MultiPolygon<f64>)],
) -> Vec<Same> {
    let keys: BTreeMap<&str, usize> = after.iter().enumerate().map(|(i, b)| (b.0, i)).collect();
    let mut partner: Vec<Option<(usize, f64, bool)>> = before
        .iter()
        .map(|(key, shape)| {
            let j = *keys.get(key)?;
            Some((j, iou(shape, after[j].1), true))
        })
        .collect();
    let mut taken: BTreeSet<usize> = partner.iter().flatten().map(|p| p.0).collect();
    let mut candidates = Vec::new();
    for (i, (_, shape)) in before.iter().enumerate() {
        for (j, (_, other)) in after.iter().enumerate() {
            if partner[i].is_none() && !taken.contains(&j) {
                let share = iou(shape, other);
                if share >= SAME_IOU {
                    candidates.push((share, i, j));
                }
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (share, i, j) in candidates {
        if partner[i].is_none() && taken.insert(j) {
            partner[i] = Some((j, share, false));
        }
    }
    let old = partner.iter().enumerate().map(|(i, found)| Same {
        before: Some(i),
        after: found.map(|f| f.0),
        iou: found.map_or(0.0, |f| f.1),
        by_key: found.is_some_and(|f| f.2),
    });
    let new = (0..after.len())
        .filter(|j| !taken.contains(j))
        .map(|j| Same {
            before: None,
            after: Some(j),
            iou: 0.0,
            by_key: false,
        });
    old.chain(new).collect()
}

/// Common area over joint area, 0–1.
pub fn iou(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> f64 {
    let common = overlap_m2(a, b);
    let joint = a.unsigned_area() + b.unsigned_area() - common;
    if joint > 0.0 { common / joint } else { 0.0 }
}

/// Common area, m².
pub fn overlap_m2(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> f64 {
    let near = a
        .bounding_rect()
        .zip(b.bounding_rect())
        .is_some_and(|(a, b)| a.intersects(&b));
    if near {
        a.intersection(b).unsigned_area()
    } else {
        0.0
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A rectangle.
    pub(in crate::compare) fn hall(x: f64, y: f64, w: f64, h: f64) -> MultiPolygon<f64> {
        let ring = vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)];
        MultiPolygon(vec![geo::Polygon::new(ring.into(), Vec::new())])
    }

    #[test]
    fn keys_pair_first_then_overlap_and_the_rest_is_gone_or_new() {
        let (a, b, c) = (
            hall(0.0, 0.0, 20.0, 10.0),
            hall(50.0, 0.0, 20.0, 10.0),
            hall(100.0, 0.0, 20.0, 10.0),
        );
        // The second got a new key and 2 m of extension (IoU 200/220), the third was pulled down and
        // half its plot built on again (IoU 0.5).
        let longer = hall(50.0, 0.0, 22.0, 10.0);
        let half = hall(100.0, 0.0, 10.0, 10.0);
        let before = [("1", &a), ("2", &b), ("3", &c)];
        let after = [("9", &half), ("8", &longer), ("1", &a)];
        let found = pairs(&before, &after);
        let places: Vec<_> = found
            .iter()
            .map(|s| (s.before, s.after, s.by_key))
            .collect();
        assert_eq!(
            places,
            [
                (Some(0), Some(2), true),
                (Some(1), Some(1), false),
                (Some(2), None, false),
                (None, Some(0), false)
            ]
        );
        assert!((found[1].iou - 200.0 / 220.0).abs() < 1e-9);
    }
}
