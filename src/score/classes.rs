//! Class 1–6 and score 0–100 (scoring.md §9).

/// Below this spread (1.4826 · MAD) a park is homogeneous: every roof is class 3, K.
pub const HOMOGENEOUS_K: f64 = 0.3;

/// Class of a value by the upper bounds of classes 1–5.
pub fn class_of(value: f64, bounds: &[f64; 5]) -> u8 {
    1 + bounds.iter().filter(|bound| value > **bound).count() as u8
}

/// Physical class with its 68 % range. A roof is never called better than "3 or better" unless
/// U is known to 0.15 W/m²K.
pub fn physical(u: f64, u68: (f64, f64), u_sigma: f64, bounds: &[f64; 5]) -> (u8, (u8, u8)) {
    let least = if u_sigma <= 0.15 { 1 } else { 3 };
    let class = class_of(u, bounds).max(least);
    let low = class_of(u68.0, bounds).min(class);
    let high = class_of(u68.1, bounds).max(class);
    (class, (low, high))
}

/// U at which the physical score is 0 and 100, W/m²K.
pub const SCORE_U: (f64, f64) = (0.15, 4.0);

/// `S_abs = 100 · clip(ln(U/0.15) / ln(4/0.15), 0, 1)`.
pub fn score_absolute(u: f64) -> f64 {
    let (best, worst) = SCORE_U;
    if u <= best {
        return 0.0;
    }
    100.0 * ((u / best).ln() / (worst / best).ln()).min(1.0)
}

/// A group of comparable roofs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Park {
    /// Median of the group, K.
    pub median: f64,
    /// 1.4826 · MAD, K.
    pub sigma: f64,
    /// 2.5th percentile.
    pub p2_5: f64,
    /// 97.5th percentile.
    pub p97_5: f64,
}

impl Park {
    /// The group of these temperatures or temperature differences; `None` when empty.
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let median = percentile(&sorted, 0.5)?;
        let mut off: Vec<f64> = sorted.iter().map(|v| (v - median).abs()).collect();
        off.sort_by(f64::total_cmp);
        Some(Self {
            median,
            sigma: 1.4826 * percentile(&off, 0.5)?,
            p2_5: percentile(&sorted, 0.025)?,
            p97_5: percentile(&sorted, 0.975)?,
        })
    }

    /// Whether the roofs hardly differ.
    pub fn is_homogeneous(&self) -> bool {
        self.sigma < HOMOGENEOUS_K
    }

    /// Robust z of a value.
    pub fn z(&self, value: f64) -> f64 {
        (value - self.median) / self.sigma
    }

    /// Relative class with its 68 % range, `sigma_k` being the uncertainty of the value.
    pub fn class(&self, value: f64, sigma_k: f64, bounds: &[f64; 5]) -> (u8, (u8, u8)) {
        if self.is_homogeneous() {
            return (3, (3, 3));
        }
        let class = |v| class_of(self.z(v), bounds);
        (
            class(value),
            (class(value - sigma_k), class(value + sigma_k)),
        )
    }

    /// `S_rel = 100 · clip((x − P2.5)/(P97.5 − P2.5), 0, 1)`; 50 when the group has no width.
    pub fn score(&self, value: f64) -> f64 {
        let width = self.p97_5 - self.p2_5;
        if width <= 0.0 {
            return 50.0;
        }
        100.0 * ((value - self.p2_5) / width).clamp(0.0, 1.0)
    }
}

/// Percentile of ascending values, linear between order statistics at index (n − 1) p.
pub fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let index = share.clamp(0.0, 1.0) * last as f64;
    let below = index.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (index - below as f64))
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{check, close, group, is_printed, number, rows};
    use super::*;

    const U_BOUNDS: [f64; 5] = [0.24, 0.40, 0.70, 1.2, 2.0];
    const Z_BOUNDS: [f64; 5] = [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0, 2.0];
    /// The example of scoring.md §9.
    const PARK: [f64; 15] = [
        -5.9, -5.6, -5.4, -5.3, -5.2, -5.0, -4.9, -4.7, -4.6, -4.2, -3.8, -3.0, -2.1, 0.4, 3.0,
    ];

    #[test]
    fn the_printed_park_has_the_printed_classes_and_scores() {
        let park = Park::of(&PARK).expect("fifteen roofs");
        assert!((park.median + 4.7).abs() < 1e-9 && close(park.sigma, 1.0378));
        assert!(close(park.p2_5, -5.795) && close(park.p97_5, 2.09));
        let classes: Vec<u8> = PARK
            .iter()
            .map(|v| park.class(*v, 0.0, &Z_BOUNDS).0)
            .collect();
        assert_eq!(classes, [1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6, 6, 6]);
        let expected = [
            0.0, 2.473, 5.01, 6.278, 7.546, 10.082, 11.351, 13.887, 15.155, 20.228, 25.301, 35.447,
            46.861, 78.567, 100.0,
        ];
        for (value, score) in PARK.iter().zip(expected) {
            assert!(close(park.score(*value), score));
        }
    }

    #[test]
    fn the_park_of_the_reference_numbers_is_met() {
        let Some(vector) = group("park_relative") else {
            return;
        };
        let list = |key: &str| vector[key].as_array().expect("a list").clone();
        let values: Vec<f64> = list("values").iter().filter_map(|v| v.as_f64()).collect();
        let mut cuts = [0.0; 5];
        for (cut, printed) in cuts.iter_mut().zip(list("cuts")) {
            *cut = printed.as_f64().expect("a number");
        }
        let park = Park::of(&values).expect("fifteen roofs");
        check(&vector, "median", park.median);
        check(&vector, "mad_sigma", park.sigma);
        check(&vector, "p2_5", park.p2_5);
        check(&vector, "p97_5", park.p97_5);
        for (i, value) in values.iter().enumerate() {
            assert!(is_printed(&list("z")[i], park.z(*value)), "z of {value}");
            assert!(
                is_printed(&list("score")[i], park.score(*value)),
                "score of {value}"
            );
            let class = park.class(*value, 0.0, &cuts).0;
            assert_eq!(
                Some(u64::from(class)),
                list("class_")[i].as_u64(),
                "{value}"
            );
        }
    }

    #[test]
    fn a_homogeneous_park_is_class_three_throughout() {
        let park = Park::of(&[-5.0, -5.1, -4.9, -5.05, -4.0]).expect("five roofs");
        assert_eq!(park.class(-4.0, 0.3, &Z_BOUNDS), (3, (3, 3)));
    }

    #[test]
    fn absolute_scores_are_those_printed() {
        for (u, score) in [
            (0.1, 0.0),
            (0.24, 14.31),
            (0.7, 46.92),
            (2.0, 78.89),
            (5.0, 100.0),
        ] {
            assert!((score_absolute(u) - score).abs() < 0.01);
        }
        for row in rows("score_abs") {
            check(&row, "S", score_absolute(number(&row, "U")));
        }
    }

    #[test]
    fn bounds_belong_to_the_better_class() {
        assert_eq!(class_of(0.24, &U_BOUNDS), 1);
        assert_eq!(class_of(0.241, &U_BOUNDS), 2);
        assert_eq!(class_of(2.5, &U_BOUNDS), 6);
    }

    #[test]
    fn a_good_roof_known_poorly_is_called_three_or_better() {
        assert_eq!(physical(0.2, (0.0, 0.6), 0.4, &U_BOUNDS), (3, (1, 3)));
        assert_eq!(physical(0.2, (0.1, 0.3), 0.1, &U_BOUNDS), (1, (1, 2)));
        assert_eq!(physical(1.0, (0.6, 1.4), 0.4, &U_BOUNDS), (4, (3, 5)));
    }
}
