//! From two numbers to a word: improved, worse, no proven change, not comparable.

use super::Options;
use super::estimate::{Building, Estimate, Moved, flux_slope};
use super::normalise::{MIN_ROOFS, Normalisation};
use crate::score::fdr::{adjusted, upper_tail};
use crate::score::uncertainty::root_sum;

/// Normal quantile of a 95 % interval.
const Z95: f64 = 1.96;

/// Reason codes with which a roof's numbers are not those of its heat loss (interface.md §6): not
/// heated, mirrors the sky, wet or frosted, too windy, process heat, hardly seen, not to be told
/// from its neighbours, air that changed, no radiometry, too little difference to the inside, sun,
/// cloud that changed, pictures that disagree, colder than any reference. The others limit a class
/// and are alike in both flights, or say what is not known in either.
const SPOILT: [u8; 14] = [1, 2, 4, 5, 6, 7, 8, 12, 13, 15, 16, 17, 18, 21];

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Anchored U, W/m²K.
    U,
    /// Temperature index θ, 0–1.
    Theta,
}

impl Quantity {
    /// The word of the `quantity` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::U => "u",
            Self::Theta => "theta",
        }
    }
}

/// The word for a building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Loses less than before.
    Improved,
    /// Loses more.
    Worse,
    /// What differs may be chance.
    NoProvenChange,
    /// The two flights cannot tell.
    NotComparable,
}

impl Verdict {
    /// All, in the order they are counted in.
    pub const ALL: [Self; 4] = [
        Self::Improved,
        Self::Worse,
        Self::NoProvenChange,
        Self::NotComparable,
    ];

    /// The word of the `verdict` column.
    pub fn word(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Worse => "worse",
            Self::NoProvenChange => "no-proven-change",
            Self::NotComparable => "not-comparable",
        }
    }
}

/// A building in both flights.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// In the first; `None` of one that was built since.
    pub before: Option<&'a Building>,
    /// In the second; `None` of one that is gone.
    pub after: Option<&'a Building>,
    /// Cells that both flights judged, over those that either did, 0–1.
    pub common_fraction: f64,
    /// What those cells say of each flight.
    pub moved: [Moved; 2],
}

/// What became of a building.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What was compared; `None` where nothing could be.
    pub quantity: Option<Quantity>,
    /// The second flight's value on the scale of the first.
    pub after_normalised: Option<f64>,
    /// That less the first flight's.
    pub change: Option<f64>,
    /// Standard uncertainty of the change.
    pub sigma: Option<f64>,
    /// Two-sided p of no change.
    pub p: Option<f64>,
    /// The same, adjusted for the number of buildings (Benjamini and Hochberg).
    pub p_adjusted: Option<f64>,
    /// Smallest change a single roof could prove, `1.96 u_D`.
    pub mdc95: Option<f64>,
    /// Smallest change this roof could have proven among all these: at least `mdc95`.
    pub provable: Option<f64>,
    /// The word.
    pub verdict: Verdict,
    /// Why it is not comparable, as codes; empty otherwise.
    pub reasons: Vec<String>,
}

impl Change {
    /// 95 % interval of the change.
    pub fn interval(&self) -> Option<[f64; 2]> {
        let (change, sigma) = (self.change?, self.sigma?);
        Some([change - Z95 * sigma, change + Z95 * sigma])
    }
}

/// Everything the comparison says of the buildings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// One per pair, in their order.
    pub changes: Vec<Change>,
    /// The line of U; `None` with fewer than eight roofs.
    pub u: Option<Normalisation>,
    /// The line of θ.
    pub theta: Option<Normalisation>,
}

/// `u_D = √(u1² + u2²)`, two-sided p of `z = D/u_D` (scoring.md §14.3).
pub fn p_value(change: f64, sigma: f64) -> f64 {
    if sigma > 0.0 {
        (2.0 * upper_tail((change / sigma).abs())).min(1.0)
    } else {
        1.0
    }
}

/// Smallest change one test proves at 95 %: `1.96 u_D` (scoring.md §14.3).
pub fn mdc95(sigma: f64) -> f64 {
    Z95 * sigma
}

/// Compares all buildings of two flights. `spoilt` says for each flight why it cannot be compared
/// at all; `rse_m2k_w` is the outer surface resistance U was computed with.
pub fn judge(
    pairs: &[Pair<'_>],
    spoilt: [Option<&str>; 2],
    rse_m2k_w: f64,
    options: &Options,
) -> Comparison {
    let h = [
        flux_slope(pairs.iter().filter_map(|p| p.before)),
        flux_slope(pairs.iter().filter_map(|p| p.after)),
    ];
    let mut changes: Vec<Change> = Vec::new();
    let mut estimates: Vec<Option<(Quantity, [Estimate; 2])>> = Vec::new();
    for pair in pairs {
        let mut reasons = reasons(pair, spoilt, options);
        let found = estimates_of(pair, h, rse_m2k_w);
        if reasons.is_empty() && found.is_none() {
            reasons.push("no-value".to_owned());
        }
        estimates.push(found.filter(|_| reasons.is_empty()));
        changes.push(Change::not_comparable(reasons));
    }
    let sound = || pairs.iter().zip(&estimates).filter(|(_, e)| e.is_some());
    let values = |found: Option<[Estimate; 2]>| found.map(|[a, b]| [a.value, b.value]);
    // U is clipped at no loss, and what is clipped shows no line.
    let points: Vec<[f64; 2]> = sound()
        .filter_map(|(pair, _)| values(u_of(pair, h, rse_m2k_w)))
        .filter(|[a, b]| *a > 0.0 && *b > 0.0)
        .collect();
    let u = Normalisation::through(&points);
    let points: Vec<[f64; 2]> = sound()
        .filter_map(|(pair, _)| values(theta_of(pair)))
        .collect();
    let (theta, theta_roofs) = (Normalisation::through(&points), points.len());
    for (change, found) in changes.iter_mut().zip(&estimates) {
        let Some((quantity, both)) = found else {
            continue;
        };
        let normalisation = match quantity {
            Quantity::U => u.as_ref(),
            Quantity::Theta => theta.as_ref(),
        };
        match difference(*quantity, both, normalisation) {
            Some(difference) => *change = difference,
            None => change
                .reasons
                .push(format!("too-few-roofs:{theta_roofs}<{MIN_ROOFS}")),
        }
    }
    decide(&mut changes, options.fdr_q);
    Comparison { changes, u, theta }
}

impl Change {
    fn not_comparable(reasons: Vec<String>) -> Self {
        Self {
            quantity: None,
            after_normalised: None,
            change: None,
            sigma: None,
            p: None,
            p_adjusted: None,
            mdc95: None,
            provable: None,
            verdict: Verdict::NotComparable,
            reasons,
        }
    }
}

/// Why a building cannot be compared.
fn reasons(pair: &Pair<'_>, spoilt: [Option<&str>; 2], options: &Options) -> Vec<String> {
    let (Some(before), Some(after)) = (pair.before, pair.after) else {
        let code = match pair.before {
            None => "no-roof-before",
            Some(_) => "no-roof-after",
        };
        return vec![code.to_owned()];
    };
    let mut found = Vec::new();
    for (building, word, why) in [(before, "before", spoilt[0]), (after, "after", spoilt[1])] {
        found.extend(why.map(|why| format!("{why}-{word}")));
        let codes = building.reasons.iter().filter(|c| SPOILT.contains(c));
        found.extend(codes.map(|code| format!("R{code:02}-{word}")));
        if building.grade == Some('D') {
            found.push(format!("grade-d-{word}"));
        }
    }
    if before.material != after.material {
        found.push(format!("material:{}>{}", before.material, after.material));
    }
    if pair.common_fraction < options.min_common_fraction {
        let percent = (100.0 * pair.common_fraction).floor();
        found.push(format!("common-area:{percent}%"));
    }
    found
}

/// U in both flights, else θ in both.
fn estimates_of(
    pair: &Pair<'_>,
    h: [Option<f64>; 2],
    rse_m2k_w: f64,
) -> Option<(Quantity, [Estimate; 2])> {
    let u = u_of(pair, h, rse_m2k_w).map(|both| (Quantity::U, both));
    u.or_else(|| Some((Quantity::Theta, theta_of(pair)?)))
}

fn u_of(pair: &Pair<'_>, h: [Option<f64>; 2], rse_m2k_w: f64) -> Option<[Estimate; 2]> {
    Some([
        pair.before?.u_estimate(pair.moved[0], h[0], rse_m2k_w)?,
        pair.after?.u_estimate(pair.moved[1], h[1], rse_m2k_w)?,
    ])
}

fn theta_of(pair: &Pair<'_>) -> Option<[Estimate; 2]> {
    Some([
        pair.before?.theta_estimate(pair.moved[0])?,
        pair.after?.theta_estimate(pair.moved[1])?,
    ])
}

/// The change of one roof, not yet judged. Along a line, the unshared parts of both flights, at
/// least the scatter about it, and the line's own uncertainty; without one, everything.
fn difference(
    quantity: Quantity,
    [a, b]: &[Estimate; 2],
    normalisation: Option<&Normalisation>,
) -> Option<Change> {
    let (after, sigma) = match normalisation {
        Some(n) => {
            let after = n.apply(b.value);
            let own = root_sum([a.unshared, n.scaled(b.unshared)]);
            let sigma = own.max(n.repeatability()).hypot(n.line_sigma(after));
            (after, sigma)
        }
        None => (b.value, root_sum([a.whole?, b.whole?])),
    };
    let after = match quantity {
        Quantity::U => after.max(0.0),
        Quantity::Theta => after,
    };
    let change = after - a.value;
    Some(Change {
        quantity: Some(quantity),
        after_normalised: Some(after),
        change: Some(change),
        sigma: Some(sigma),
        p: Some(p_value(change, sigma)),
        mdc95: Some(mdc95(sigma)),
        verdict: Verdict::NoProvenChange,
        ..Change::not_comparable(Vec::new())
    })
}

/// Adjusts for the number of tests and gives the words.
fn decide(changes: &mut [Change], fdr_q: f64) {
    let p: Vec<f64> = changes.iter().filter_map(|c| c.p).collect();
    let q = adjusted(&p);
    let proven = q.iter().filter(|q| **q <= fdr_q).count();
    let tested = changes.iter_mut().filter(|c| c.p.is_some());
    for (change, q) in tested.zip(&q) {
        change.p_adjusted = Some(*q);
        let found = *q <= fdr_q;
        // The least p that would have been one more discovery beside the others.
        let others = proven - usize::from(found);
        let least = fdr_q * (others + 1) as f64 / p.len() as f64;
        let z = quantile(least.min(0.05) / 2.0).max(Z95);
        change.provable = change.sigma.map(|sigma| z * sigma);
        change.verdict = match (found, change.change) {
            (true, Some(d)) if d < 0.0 => Verdict::Improved,
            (true, Some(_)) => Verdict::Worse,
            _ => Verdict::NoProvenChange,
        };
    }
}

/// z with this upper tail, by halving.
fn quantile(tail: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if upper_tail(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::super::estimate::tests::building;
    use super::*;

    fn pair<'a>(before: &'a Building, after: &'a Building) -> Pair<'a> {
        Pair {
            before: Some(before),
            after: Some(after),
            common_fraction: 0.95,
            moved: [Moved::default(); 2],
        }
    }

    fn one(before: &Building, after: &Building) -> Change {
        let found = judge(&[pair(before, after)], [None; 2], 0.04, &Options::default());
        found.changes[0].clone()
    }

    #[test]
    fn the_printed_changes_have_the_printed_z_p_and_word() {
        // scoring.md §14.3: U1 ± u1, U2 ± u2 → D, u_D, z, p, MDC95.
        type Row = ([f64; 4], [f64; 5], Verdict);
        let rows: [Row; 3] = [
            (
                [0.95, 0.25, 0.35, 0.20],
                [-0.60, 0.32016, -1.8741, 0.060919, 0.62751],
                Verdict::NoProvenChange,
            ),
            (
                [0.60, 0.25, 0.45, 0.25],
                [-0.15, 0.35355, -0.4243, 0.671373, 0.69296],
                Verdict::NoProvenChange,
            ),
            (
                [1.80, 0.40, 0.40, 0.15],
                [-1.40, 0.42720, -3.2772, 0.001049, 0.83731],
                Verdict::Improved,
            ),
        ];
        for ([u1, s1, u2, s2], [d, sigma, z, p, mdc], verdict) in rows {
            let found = one(&building("a", u1, s1), &building("a", u2, s2));
            let close = |value: Option<f64>, printed: f64| {
                (value.expect("known") - printed).abs() <= 1e-4_f64.max(1e-4 * printed.abs())
            };
            assert!(
                close(found.change, d) && close(found.sigma, sigma),
                "{found:?}"
            );
            assert!(close(found.change.map(|c| c / sigma), z), "{found:?}");
            assert!(close(found.p, p) && close(found.mdc95, mdc), "{found:?}");
            assert_eq!(found.verdict, verdict);
            assert_eq!(found.quantity, Some(Quantity::U));
        }
    }

    #[test]
    fn a_roof_that_loses_more_is_worse_and_the_interval_holds_the_change() {
        let found = one(&building("a", 0.4, 0.15), &building("a", 1.8, 0.4));
        assert_eq!(found.verdict, Verdict::Worse);
        let [low, high] = found.interval().expect("an interval");
        assert!(low < 1.4 && 1.4 < high && (high - low - 4.0 * 0.4187).abs() < 1e-3);
    }

    #[test]
    fn beside_many_others_one_roof_has_to_prove_more() {
        let roofs: Vec<[Building; 2]> = (0..40)
            .map(|i| {
                let u = 0.3 + 0.04 * f64::from(i);
                let after = if i == 39 { u - 0.5 } else { u };
                [building("a", u, 0.15), building("a", after, 0.15)]
            })
            .collect();
        let pairs: Vec<Pair<'_>> = roofs.iter().map(|[a, b]| pair(a, b)).collect();
        let found = judge(&pairs, [None; 2], 0.04, &Options::default());
        let last = &found.changes[39];
        // z 2.36, p 0.018: proven alone, not one of forty (0.05/40 asks for z 3.23).
        assert_eq!(last.verdict, Verdict::NoProvenChange);
        let (mdc, provable) = (last.mdc95.expect("known"), last.provable.expect("known"));
        assert!(mdc < 0.5 && provable > 0.5);
        assert!(
            (provable / mdc - 3.227 / 1.96).abs() < 0.01,
            "{provable} {mdc}"
        );
    }

    #[test]
    fn what_spoils_a_number_is_named_and_nothing_is_claimed() {
        let sound = building("a", 1.8, 0.1);
        let mut frosted = building("a", 0.4, 0.1);
        frosted.reasons = vec![4, 20];
        assert_eq!(one(&sound, &frosted).reasons, ["R04-after"]);
        let mut low = building("a", 0.4, 0.1);
        low.grade = Some('D');
        assert_eq!(one(&low, &sound).reasons, ["grade-d-before"]);
        let mut gravel = building("a", 0.4, 0.1);
        gravel.material = "gravel".to_owned();
        assert_eq!(one(&sound, &gravel).reasons, ["material:bitumen>gravel"]);
        let half = Pair {
            common_fraction: 0.499,
            ..pair(&sound, &sound)
        };
        let gone = Pair {
            after: None,
            ..pair(&sound, &sound)
        };
        let mut blank = building("a", 0.4, 0.1);
        blank.u = None;
        let pairs = [half, gone, pair(&sound, &blank)];
        let found = judge(&pairs, [None; 2], 0.04, &Options::default());
        let why: Vec<&str> = found
            .changes
            .iter()
            .map(|c| c.reasons[0].as_str())
            .collect();
        assert_eq!(why, ["common-area:49%", "no-roof-after", "no-value"]);
        assert!(
            found
                .changes
                .iter()
                .all(|c| c.verdict == Verdict::NotComparable && c.p.is_none())
        );
        let rejected = judge(
            &pairs[..1],
            [None, Some("flight-rejected")],
            0.04,
            &Options::default(),
        );
        assert_eq!(rejected.changes[0].reasons[0], "flight-rejected-after");
    }

    #[test]
    fn theta_needs_a_line_and_with_one_takes_another_night_out() {
        let roof = |theta: f64| {
            let mut b = building("a", 1.0, 0.1);
            b.u = None;
            b.theta = Some(theta);
            b
        };
        assert!(one(&roof(0.2), &roof(0.05)).reasons[0].starts_with("too-few-roofs:1"));
        let roofs: Vec<[Building; 2]> = (0..16)
            .map(|i| {
                let theta = 0.03 + 0.015 * f64::from(i);
                let after = if i == 15 { 0.04 } else { 0.9 * theta + 0.01 };
                [roof(theta), roof(after)]
            })
            .collect();
        let pairs: Vec<Pair<'_>> = roofs.iter().map(|[a, b]| pair(a, b)).collect();
        let found = judge(&pairs, [None; 2], 0.04, &Options::default());
        let words: Vec<Verdict> = found.changes.iter().map(|c| c.verdict).collect();
        assert!(words[..15].iter().all(|v| *v == Verdict::NoProvenChange));
        assert_eq!(words[15], Verdict::Improved);
        assert_eq!(found.changes[0].quantity, Some(Quantity::Theta));
    }
}
