//! Confidence: points, grade, and the list of what was taken off (scoring.md §13).

use super::gates::Quality;

/// What lowers the confidence in a finding; fields in the order of the printed list.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Doubts {
    /// Quality of the circumstances.
    pub quality: Option<Quality>,
    /// U without a reference, from the balance alone.
    pub absolute: bool,
    /// Class from the place in the park only.
    pub relative: bool,
    /// Indoor temperature assumed.
    pub indoor_unknown: bool,
    /// Material not known.
    pub material_unknown: bool,
    /// Emissivity 0.80–0.88.
    pub emissivity_low: bool,
    /// Under 80 % could be judged.
    pub valid_low: bool,
    /// Cells across the feature, where it is one.
    pub across_px: Option<f64>,
    /// At the outline.
    pub edge: bool,
    /// Neighbours or higher parts hide more than a fifth of the sky.
    pub sky_hidden: bool,
    /// One frame only.
    pub one_frame: bool,
    /// Outline off by more than a cell: it was derived from heights, or the building was laid on
    /// the map without its height.
    pub outline_off: bool,
    /// Within 1 K of the dew point.
    pub dew: bool,
}

/// Points, grade and deductions of a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence {
    /// 100 less the deductions, at least 0.
    pub points: u32,
    /// A ≥ 80, B ≥ 60, C ≥ 40, else D.
    pub grade: char,
    /// `code:points`, in the fixed order.
    pub deductions: Vec<String>,
}

/// Adds up the doubts.
pub fn confidence(doubts: &Doubts) -> Confidence {
    let across = |limit: f64| doubts.across_px.is_some_and(|px| px < limit);
    let poor = matches!(doubts.quality, Some(Quality::C | Quality::Rejected));
    let list = [
        ("flight-b", 10, doubts.quality == Some(Quality::B)),
        ("flight-c", 25, poor),
        ("mode-absolute", 25, doubts.absolute),
        ("mode-relative", 15, doubts.relative),
        ("indoor-unknown", 15, doubts.indoor_unknown),
        ("material-unknown", 10, doubts.material_unknown),
        ("emissivity-low", 10, doubts.emissivity_low),
        ("valid-low", 10, doubts.valid_low),
        ("px-5", 10, across(5.0) && !across(3.0)),
        ("px-3", 30, across(3.0)),
        ("edge", 10, doubts.edge),
        ("sky-view", 10, doubts.sky_hidden),
        ("one-frame", 10, doubts.one_frame),
        ("outline-off", 10, doubts.outline_off),
        ("dew", 20, doubts.dew),
    ];
    let taken = || list.iter().filter(|(_, _, applies)| *applies);
    let points = 100_u32.saturating_sub(taken().map(|(_, points, _)| points).sum());
    Confidence {
        points,
        grade: grade(points),
        deductions: taken().map(|(code, n, _)| format!("{code}:{n}")).collect(),
    }
}

/// Grade of a number of points.
pub fn grade(points: u32) -> char {
    match points {
        80.. => 'A',
        60.. => 'B',
        40.. => 'C',
        _ => 'D',
    }
}

/// Points for what a second flight, a handheld picture or a core confirmed (scoring.md §13).
const CONFIRMED: u32 = 15;

/// The grade of a finding that was confirmed, at best `best`; the points join its deductions. Fifteen
/// points are one grade at most, also where something else had held the grade down.
pub fn raised(deductions: &mut Vec<String>, found: char, best: char) -> char {
    let points = |d: &String| d.rsplit_once(':').and_then(|(_, n)| n.parse::<u32>().ok());
    let taken: u32 = deductions.iter().filter_map(points).sum();
    deductions.push(format!("confirmed:-{CONFIRMED}"));
    let left = (100 + CONFIRMED).saturating_sub(taken);
    let above = match found {
        'D' => 'C',
        'C' => 'B',
        _ => 'A',
    };
    grade(left).max(best).max(above).min(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_confirmed_has_fifteen_points_more() {
        // 100 − 10 − 30 = 60, B; 75 stays B. 100 − 25 − 30 − 10 = 35, D; 50 is C.
        let list = |codes: &[&str]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut found = list(&["flight-b:10", "px-3:30"]);
        assert_eq!(raised(&mut found, 'B', 'A'), 'B');
        assert_eq!(found, ["flight-b:10", "px-3:30", "confirmed:-15"]);
        let mut found = list(&["flight-c:25", "px-3:30", "edge:10"]);
        assert_eq!(raised(&mut found, 'D', 'A'), 'C');
        // 100 − 25 = 75, B; 90 is A, but not on an outline nobody confirmed.
        assert_eq!(raised(&mut list(&["flight-c:25"]), 'B', 'A'), 'A');
        assert_eq!(raised(&mut list(&["flight-c:25"]), 'C', 'C'), 'C');
        // Moisture is held at C by its kind: a core lifts that by one grade.
        assert_eq!(raised(&mut Vec::new(), 'C', 'A'), 'B');
    }

    #[test]
    fn nothing_to_doubt_is_a_hundred_points_and_grade_a() {
        let c = confidence(&Doubts::default());
        assert_eq!((c.points, c.grade, c.deductions.len()), (100, 'A', 0));
    }

    #[test]
    fn deductions_stand_in_the_fixed_order_and_add_up() {
        let c = confidence(&Doubts {
            quality: Some(Quality::B),
            relative: true,
            material_unknown: true,
            across_px: Some(2.5),
            ..Doubts::default()
        });
        let expected = [
            "flight-b:10",
            "mode-relative:15",
            "material-unknown:10",
            "px-3:30",
        ];
        assert_eq!(c.deductions, expected);
        assert_eq!((c.points, c.grade), (35, 'D'));
    }

    #[test]
    fn every_doubt_has_its_code_and_points_in_the_order_of_the_document() {
        // scoring.md §13.
        let worst = Doubts {
            quality: Some(Quality::C),
            absolute: true,
            relative: true,
            indoor_unknown: true,
            material_unknown: true,
            emissivity_low: true,
            valid_low: true,
            across_px: Some(1.0),
            edge: true,
            sky_hidden: true,
            one_frame: true,
            outline_off: true,
            dew: true,
        };
        let expected = [
            "flight-c:25",
            "mode-absolute:25",
            "mode-relative:15",
            "indoor-unknown:15",
            "material-unknown:10",
            "emissivity-low:10",
            "valid-low:10",
            "px-3:30",
            "edge:10",
            "sky-view:10",
            "one-frame:10",
            "outline-off:10",
            "dew:20",
        ];
        let found = confidence(&worst);
        assert_eq!(found.deductions, expected);
        assert_eq!((found.points, found.grade), (0, 'D'));
    }

    #[test]
    fn four_cells_across_cost_ten_points_only() {
        let c = confidence(&Doubts {
            across_px: Some(4.0),
            ..Doubts::default()
        });
        assert_eq!(c.deductions, ["px-5:10"]);
    }
}
