//! What the shape of an object suggests (scoring.md §11): a suggestion with a probability,
//! never a verdict.
//!
//! The signs are those of the table; the probabilities are ours, chosen below certainty on
//! purpose: shape and temperature alone leave every kind open to another explanation.

use super::HotspotKind;
use super::spot::Spot;
use crate::segment::parts::Kind;

/// A suggested kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suggestion {
    /// Kind.
    pub kind: HotspotKind,
    /// Detail of interface.md §6; empty when none.
    pub detail: &'static str,
    /// Probability of the kind, 0–1; 0.5 and less is [`HotspotKind::Unknown`].
    pub probability: f64,
}

/// Mean over peak below which an object decays like a plume instead of being one level. A level
/// blurred over two cells on every side keeps 0.7 and more from 1 m² on; warm air that spreads and
/// cools (a Gaussian cut at 10 to 30 % of its peak) has `(1 − f)/ln(1/f)`, 0.39 to 0.58.
const PLUME: f64 = 0.62;

fn of(kind: HotspotKind, detail: &'static str, probability: f64) -> Suggestion {
    Suggestion {
        kind,
        detail,
        probability,
    }
}

/// What an object is by the part of the roof it lies on: a thing the roof has, not a fault of it.
/// `None` where the part explains nothing, or is not surer than its contrary.
pub fn explained(spot: &Spot) -> Option<Suggestion> {
    let on = spot.on.filter(|on| on.confidence > 0.5)?;
    let detail = |length_m: f64| match length_m {
        short if short < 1.5 => "penetration",
        _ if spot.length_m >= 5.0 * spot.width_m => "pipe",
        _ => "exhaust",
    };
    match on.kind {
        Kind::Rooflight => Some(of(HotspotKind::Rooflight, "closed", on.confidence)),
        Kind::Installation => {
            let detail = detail(spot.length_m);
            Some(of(HotspotKind::Installation, detail, on.confidence))
        }
        Kind::Pv => Some(of(HotspotKind::Installation, "pv", on.confidence)),
        _ => None,
    }
}

/// Suggests what an object is; `roof_m2` is the area of its roof, `moisture` whether the flight
/// looked for moisture (on a heat-loss flight wet insulation is never more than possible).
pub fn suggest(spot: &Spot, roof_m2: f64, moisture: bool) -> Suggestion {
    let elongation = spot.length_m / spot.width_m;
    let compact = spot.length_m < 1.5;
    let rectangle = spot.fill >= 0.8 && elongation <= 4.0;
    let patch = spot.area_m2 >= 1.0;
    if compact && spot.excess_max_k > 5.0 {
        return of(HotspotKind::Installation, "penetration", 0.75);
    }
    if moisture && patch && spot.excess_mean_k <= 4.0 && elongation < 5.0 {
        let detail = if spot.ring {
            "picture-frame"
        } else if rectangle {
            "board-stock"
        } else {
            "amorphous"
        };
        // Wet insulation is often near upstands and drains; so is much else that is warm.
        let probability = if spot.edge { 0.55 } else { 0.6 };
        return of(HotspotKind::Moisture, detail, probability);
    }
    if spot.rim && patch && elongation < 5.0 && spot.excess_mean_k < PLUME * spot.excess_max_k {
        return of(HotspotKind::AirLeak, "", 0.6);
    }
    if spot.edge {
        return of(HotspotKind::Edge, "", 0.6);
    }
    if elongation >= 5.0 {
        let probability = if elongation >= 8.0 { 0.7 } else { 0.6 };
        return of(HotspotKind::Linear, "", probability);
    }
    if spot.area_m2 >= 100.0 && spot.area_m2 >= 0.1 * roof_m2 && spot.excess_mean_k > 5.0 {
        return of(HotspotKind::Process, "", 0.55);
    }
    if rectangle && (0.5..=6.0).contains(&spot.area_m2) && spot.excess_mean_k >= 3.0 {
        return of(HotspotKind::Rooflight, "closed", 0.55);
    }
    if patch && spot.excess_mean_k <= 5.0 {
        return of(
            HotspotKind::Insulation,
            "",
            if rectangle { 0.65 } else { 0.6 },
        );
    }
    of(HotspotKind::Unknown, "", 0.4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::MultiPolygon;

    fn spot(length_m: f64, width_m: f64, fill: f64, mean: f64, peak: f64) -> Spot {
        Spot {
            pixels: 100,
            area_m2: length_m * width_m * fill,
            peak_c: 0.0,
            excess_mean_k: mean,
            excess_max_k: peak,
            background_c: -5.0,
            x_m: 0.0,
            y_m: 0.0,
            polygon: MultiPolygon(Vec::new()),
            length_m,
            width_m,
            fill,
            ring: false,
            edge: false,
            rim: false,
            frames: 3,
            on: None,
        }
    }

    fn kind(spot: &Spot) -> HotspotKind {
        suggest(spot, 2000.0, false).kind
    }

    #[test]
    fn signs_of_the_table_lead_to_their_kind() {
        assert_eq!(
            kind(&spot(0.8, 0.8, 0.8, 6.0, 12.0)),
            HotspotKind::Installation
        );
        assert_eq!(kind(&spot(10.0, 0.5, 0.9, 2.0, 3.0)), HotspotKind::Linear);
        assert_eq!(
            kind(&spot(6.0, 4.0, 0.9, 2.0, 3.0)),
            HotspotKind::Insulation
        );
        assert_eq!(
            kind(&spot(1.5, 1.0, 0.95, 4.0, 5.0)),
            HotspotKind::Rooflight
        );
        assert_eq!(kind(&spot(20.0, 15.0, 0.9, 8.0, 9.0)), HotspotKind::Process);
        assert_eq!(kind(&spot(0.9, 0.6, 0.7, 2.0, 3.0)), HotspotKind::Unknown);
    }

    #[test]
    fn the_edge_takes_what_nothing_else_explains() {
        let at_edge = |s: Spot| Spot { edge: true, ..s };
        assert_eq!(
            kind(&at_edge(spot(9.0, 0.5, 0.9, 2.0, 3.0))),
            HotspotKind::Edge
        );
        let vent = at_edge(spot(0.8, 0.8, 0.8, 6.0, 12.0));
        assert_eq!(kind(&vent), HotspotKind::Installation);
    }

    #[test]
    fn warmth_that_decays_from_an_edge_is_an_air_leak_and_an_even_patch_there_is_none() {
        let at_rim = |mean: f64| Spot {
            rim: true,
            ..spot(2.5, 2.0, 0.8, mean, 3.0)
        };
        assert_eq!(kind(&at_rim(1.5)), HotspotKind::AirLeak);
        assert_eq!(kind(&at_rim(2.4)), HotspotKind::Insulation);
        assert_eq!(
            kind(&spot(2.5, 2.0, 0.8, 1.5, 3.0)),
            HotspotKind::Insulation
        );
    }

    #[test]
    fn what_lies_on_a_rooflight_is_one_and_a_doubtful_part_explains_nothing() {
        let on = |kind, confidence| {
            let on = Some(super::super::spot::On {
                part: 0,
                kind,
                confidence,
            });
            let warm = Spot {
                on,
                ..spot(6.0, 4.0, 0.9, 2.0, 3.0)
            };
            explained(&warm).map(|s| (s.kind, s.detail))
        };
        let light = (HotspotKind::Rooflight, "closed");
        assert_eq!(on(Kind::Rooflight, 0.7), Some(light));
        assert_eq!(on(Kind::Rooflight, 0.5), None);
        assert_eq!(on(Kind::Plane, 0.9), None);
        assert_eq!(on(Kind::Pv, 0.7), Some((HotspotKind::Installation, "pv")));
    }

    #[test]
    fn moisture_is_only_suggested_on_a_moisture_flight() {
        let patch = spot(6.0, 4.0, 0.9, 2.0, 3.0);
        let suggested = suggest(&patch, 2000.0, true);
        assert_eq!(
            (suggested.kind, suggested.detail),
            (HotspotKind::Moisture, "board-stock")
        );
    }
}
