//! How high each camera was, in the project's height system.
//!
//! In: altitudes as files have them, the ground, settings. Out: one height per frame with its
//! 1σ, and how it was found (georeferencing.md §3.2).
//!
//! Absolute altitudes of drones without a carrier-phase fix can be tens of metres off, while
//! the barometric height over the take-off point is good to 2 m: so the take-off point's ground
//! height plus that is believed first. The other figure is compared, and a difference over 5 m
//! is said with both figures.

use super::place::Place;
use super::report::{HeightReport, HeightSource, median};
use super::{Ground, Options, VerticalDatum};
use crate::geo::geoid;
use crate::problem::{Problem, Result};
use crate::survey::Rtk;

/// Ostend zero is low water: TAW heights are this much larger than heights over mean sea level
/// (georeferencing.md §3.2).
const TAW_ABOVE_MSL_M: f64 = 2.3;
/// 1σ of take-off height plus relative altitude, metres.
const RELATIVE_SIGMA_M: f64 = 2.0;
/// 1σ of an absolute altitude without carrier-phase solution, metres.
const ABSOLUTE_SIGMA_M: f64 = 50.0;
/// 1σ of a float solution, metres.
const FLOAT_SIGMA_M: f64 = 0.5;
/// What a fixed solution is never better than, metres.
const FIXED_FLOOR_M: f64 = 0.03;
/// Two heights that differ by more are worth a warning, metres.
const WORTH_A_WARNING_M: f64 = 5.0;

/// Heights of a flight.
#[derive(Debug)]
pub(super) struct Heights {
    /// Height and 1σ of every frame that has a place and a height, metres.
    pub(super) camera_m: Vec<Option<(f64, f64)>>,
    /// Ground height where the surface model has none, metres.
    pub(super) plane_m: Option<f64>,
    pub(super) report: HeightReport,
    pub(super) warnings: Vec<String>,
}

/// Finds the heights. `places` in the order of frames, `by_time` the indices of frames in the
/// order of their time.
///
/// # Errors
/// A [`Problem`] that says what to supply, when heights rest on a take-off height that is not
/// known, or when there is neither a surface model nor a take-off height.
pub(super) fn heights(
    places: &[Option<Place>],
    by_time: &[usize],
    ground: &dyn Ground,
    options: &Options,
) -> Result<Heights> {
    let mut warnings = Vec::new();
    let placed: Vec<&Place> = places.iter().flatten().collect();
    let open: Vec<&Place> = placed
        .iter()
        .copied()
        .filter(|p| p.given.is_none())
        .collect();
    let (takeoff_m, takeoff_from) = takeoff(places, by_time, ground, options);
    let source = choose(&open, options, &mut warnings);
    if source == HeightSource::Relative && takeoff_m.is_none() {
        return Err(nothing_known());
    }
    if source == HeightSource::Ellipsoid && !open.iter().any(|place| in_geoid(place)) {
        return Err(Problem::setting(
            "altitudes over the ellipsoid cannot be brought to the project's heights: the geoid \
             hBG18 covers Belgium only",
        )
        .field("crs.vertical_datum")
        .hint("set \"relative\", or give heights in poses.csv in the project's system"));
    }
    let used = |place: &Place| height_by(source, place, takeoff_m);
    let camera_m = places
        .iter()
        .map(|place| {
            let place = place.as_ref()?;
            place.given.or_else(|| {
                let height_m = used(place)?;
                Some((height_m, sigma(source, place)))
            })
        })
        .collect();
    let other_minus_used_m = compare(source, &open, takeoff_m, &mut warnings);
    let plane_m = takeoff_m.or_else(|| {
        median(
            placed
                .iter()
                .filter_map(|place| ground.height_m(place.x, place.y)),
        )
    });
    if plane_m.is_none() && !placed.is_empty() {
        return Err(nothing_known());
    }
    Ok(Heights {
        camera_m,
        plane_m,
        report: HeightReport {
            source,
            takeoff_m,
            takeoff_from: takeoff_from.to_owned(),
            other_minus_used_m,
            agl_m: None,
        },
        warnings,
    })
}

fn nothing_known() -> Problem {
    Problem::setting("the ground height under the flight is not known")
        .field("crs.takeoff_height_m")
        .hint(
            "give a surface or terrain model (inputs.dsm, inputs.dtm) that covers the flight, or \
             the height of the take-off point as crs.takeoff_height_m",
        )
}

/// Height of the take-off point and where it came from: the setting; the ground under the
/// first frame; with carrier-phase fixes the difference of the two altitudes.
fn takeoff(
    places: &[Option<Place>],
    by_time: &[usize],
    ground: &dyn Ground,
    options: &Options,
) -> (Option<f64>, &'static str) {
    if let Some(height_m) = options.takeoff_height_m.filter(|h| h.is_finite()) {
        return (Some(height_m), "the setting crs.takeoff_height_m");
    }
    let first = by_time.iter().find_map(|i| places[*i].as_ref());
    if let Some(height_m) = first.and_then(|place| ground.height_m(place.x, place.y)) {
        return (Some(height_m), "the ground under the first frame");
    }
    let fixed = places
        .iter()
        .flatten()
        .filter(|place| place.rtk == Rtk::Fixed)
        .filter_map(|place| Some(over_geoid(place)? - place.relative_m?));
    match median(fixed) {
        Some(height_m) => (
            Some(height_m),
            "carrier-phase altitude minus relative altitude",
        ),
        None => (None, "nothing"),
    }
}

/// Which altitude to use for frames whose height the pose file does not give.
fn choose(open: &[&Place], options: &Options, warnings: &mut Vec<String>) -> HeightSource {
    let most = |has: &dyn Fn(&Place) -> bool| {
        let count = open.iter().filter(|place| has(place)).count();
        count > 0 && 2 * count >= open.len()
    };
    match options.vertical_datum {
        _ if open.is_empty() => return HeightSource::Given,
        VerticalDatum::Taw => return HeightSource::Taw,
        VerticalDatum::Ellipsoid => return HeightSource::Ellipsoid,
        VerticalDatum::Msl => return HeightSource::Msl,
        VerticalDatum::Relative => return HeightSource::Relative,
        VerticalDatum::Auto => {}
    }
    if most(&|place| place.rtk == Rtk::Fixed && over_geoid(place).is_some()) {
        return HeightSource::Ellipsoid;
    }
    if most(&|place| place.relative_m.is_some()) {
        return HeightSource::Relative;
    }
    if !open.iter().any(|place| place.absolute_m.is_some()) {
        return HeightSource::None;
    }
    warnings.push(
        "the files hold no relative altitude and no carrier-phase fix: absolute altitudes are \
         taken to be over mean sea level and may be tens of metres off; set \
         crs.vertical_datum, or give heights in poses.csv"
            .to_string(),
    );
    HeightSource::Msl
}

fn in_geoid(place: &Place) -> bool {
    geoid::separation_m(place.lon_deg, place.lat_deg).is_some()
}

/// Absolute altitude over the ellipsoid minus the geoid, metres.
fn over_geoid(place: &Place) -> Option<f64> {
    Some(place.absolute_m? - geoid::separation_m(place.lon_deg, place.lat_deg)?)
}

/// Absolute altitude over mean sea level in the project's heights. Outside the geoid's area,
/// which is Belgium, national heights are taken to count from mean sea level.
fn over_sea(place: &Place) -> Option<f64> {
    let low_water_m = if in_geoid(place) {
        TAW_ABOVE_MSL_M
    } else {
        0.0
    };
    Some(place.absolute_m? + low_water_m)
}

fn height_by(source: HeightSource, place: &Place, takeoff_m: Option<f64>) -> Option<f64> {
    match source {
        HeightSource::None | HeightSource::Given => None,
        HeightSource::Ellipsoid => over_geoid(place),
        HeightSource::Relative => Some(takeoff_m? + place.relative_m?),
        HeightSource::Msl => over_sea(place),
        HeightSource::Taw => place.absolute_m,
    }
}

/// 1σ by source and solution, georeferencing.md §3.1 and §3.2.
fn sigma(source: HeightSource, place: &Place) -> f64 {
    let stated = place.sigma_vertical_m.filter(|s| *s > 0.0);
    match (source, place.rtk) {
        (HeightSource::Relative, _) => RELATIVE_SIGMA_M,
        (_, Rtk::Fixed) => stated.unwrap_or(FIXED_FLOOR_M).max(FIXED_FLOOR_M),
        (_, Rtk::Float) => stated.unwrap_or(FLOAT_SIGMA_M).max(FLOAT_SIGMA_M),
        _ => ABSOLUTE_SIGMA_M,
    }
}

/// The other altitude minus the one used, median, metres; warns when it is large.
fn compare(
    source: HeightSource,
    open: &[&Place],
    takeoff_m: Option<f64>,
    warnings: &mut Vec<String>,
) -> Option<f64> {
    let other = match source {
        HeightSource::Relative => HeightSource::Msl,
        HeightSource::Ellipsoid | HeightSource::Msl | HeightSource::Taw => HeightSource::Relative,
        HeightSource::None | HeightSource::Given => return None,
    };
    let both: Vec<(f64, f64)> = open
        .iter()
        .filter_map(|place| {
            Some((
                height_by(source, place, takeoff_m)?,
                height_by(other, place, takeoff_m)?,
            ))
        })
        .collect();
    let difference = median(both.iter().map(|(used, other)| other - used))?;
    if difference.abs() > WORTH_A_WARNING_M {
        let used_m = median(both.iter().map(|b| b.0)).unwrap_or(f64::NAN);
        let other_m = median(both.iter().map(|b| b.1)).unwrap_or(f64::NAN);
        warnings.push(format!(
            "the cameras are at {used_m:.1} m by {} (used) but at {other_m:.1} m by {}: they \
             differ by {:.1} m",
            source.words(),
            other.words(),
            difference.abs()
        ));
    }
    Some(difference)
}

/// Refuses a flight whose height above ground is not the planned one.
///
/// # Errors
/// A [`Problem`] with both heights when they differ by more than 20 %.
pub(super) fn check_planned(agl_m: Option<f64>, options: &Options) -> Result<()> {
    let (Some(agl_m), Some(planned_m)) = (agl_m, options.planned_agl_m.filter(|p| *p > 0.0)) else {
        return Ok(());
    };
    if (agl_m / planned_m - 1.0).abs() <= 0.2 {
        return Ok(());
    }
    Err(Problem::setting(format!(
        "the frames lie {agl_m:.1} m above ground, expected {planned_m:.1} m within 20 %"
    ))
    .field("flight.planned_agl_m")
    .hint(
        "check crs.vertical_datum and crs.takeoff_height_m, the surface model, or the planned \
         height",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{FlatGround, NoGround};
    use super::*;

    /// A place near Roeselare (N = 42.04 m).
    fn place(absolute_m: Option<f64>, relative_m: Option<f64>, rtk: Rtk) -> Option<Place> {
        Some(Place {
            x: 62_526.0,
            y: 182_478.0,
            lon_deg: 3.124,
            lat_deg: 50.946,
            sigma_xy_m: 3.0,
            convergence_rad: 0.0,
            given: None,
            absolute_m,
            relative_m,
            rtk,
            sigma_vertical_m: None,
        })
    }

    fn heights_of(
        places: &[Option<Place>],
        ground: &dyn Ground,
        options: &Options,
    ) -> Result<Heights> {
        let order: Vec<usize> = (0..places.len()).collect();
        heights(places, &order, ground, options)
    }

    #[test]
    fn a_fixed_solution_is_over_the_ellipsoid() {
        let places = [place(Some(142.04), Some(80.0), Rtk::Fixed)];
        let found = heights_of(&places, &FlatGround(20.0), &Options::default()).expect("known");
        let (height_m, sigma_m) = found.camera_m[0].expect("has a height");
        assert!((height_m - 100.0).abs() < 0.01, "{height_m}");
        assert_eq!(sigma_m, 0.03);
        assert!(found.warnings.is_empty());
    }

    #[test]
    fn a_relative_altitude_counts_from_the_ground_under_the_first_frame() {
        let places = [
            place(None, Some(80.0), Rtk::None),
            place(None, Some(81.0), Rtk::None),
        ];
        let found = heights_of(&places, &FlatGround(20.0), &Options::default()).expect("known");
        assert_eq!(found.camera_m, [Some((100.0, 2.0)), Some((101.0, 2.0))]);
        assert_eq!(found.report.takeoff_m, Some(20.0));
    }

    #[test]
    fn the_first_frame_is_the_first_in_time() {
        struct Slope;
        impl Ground for Slope {
            fn height_m(&self, x: f64, _: f64) -> Option<f64> {
                Some(x)
            }
        }
        let mut places = [
            place(None, Some(80.0), Rtk::None),
            place(None, Some(80.0), Rtk::None),
        ];
        for (i, place) in places.iter_mut().enumerate() {
            place.as_mut().expect("placed").x = 10.0 * i as f64;
        }
        let found = heights(&places, &[1, 0], &Slope, &Options::default()).expect("known");
        assert_eq!(found.report.takeoff_m, Some(10.0));
    }

    #[test]
    fn the_setting_beats_the_ground() {
        let places = [place(None, Some(80.0), Rtk::None)];
        let options = Options {
            takeoff_height_m: Some(12.5),
            ..Options::default()
        };
        let found = heights_of(&places, &FlatGround(20.0), &options).expect("known");
        assert_eq!(found.camera_m[0], Some((92.5, 2.0)));
    }

    /// The altitudes of a real flight: 398.4 m absolute, 40 m over ground at 422.3 m.
    #[test]
    fn a_wrong_absolute_altitude_is_not_believed_but_said() {
        let mut places = [place(Some(398.4), Some(40.0), Rtk::None)];
        // In Switzerland, outside the geoid.
        let swiss = places[0].as_mut().expect("placed");
        (swiss.lon_deg, swiss.lat_deg) = (6.2385, 46.3974);
        let found = heights_of(&places, &FlatGround(422.3), &Options::default()).expect("known");
        assert_eq!(found.camera_m[0], Some((462.3, 2.0)));
        let warning = &found.warnings[0];
        assert!(
            warning.contains("462.3") && warning.contains("398.4"),
            "{warning}"
        );
        assert!(warning.contains("63.9"), "{warning}");
    }

    #[test]
    fn an_absolute_altitude_alone_is_over_the_sea_with_a_warning() {
        let places = [place(Some(100.0), None, Rtk::None)];
        let found = heights_of(&places, &FlatGround(20.0), &Options::default()).expect("known");
        assert_eq!(found.camera_m[0], Some((102.3, 50.0)));
        assert_eq!(found.warnings.len(), 1);
    }

    #[test]
    fn without_surface_model_and_take_off_height_the_flight_is_refused() {
        let places = [place(Some(100.0), Some(80.0), Rtk::None)];
        let problem = heights_of(&places, &NoGround, &Options::default()).expect_err("nothing");
        let text = problem.to_string();
        assert!(text.contains("inputs.dsm") && text.contains("crs.takeoff_height_m"));
    }

    #[test]
    fn fixed_altitudes_tell_the_take_off_height_where_no_surface_model_does() {
        let places = [place(Some(142.04), Some(80.0), Rtk::Fixed)];
        let found = heights_of(&places, &NoGround, &Options::default()).expect("known");
        assert!((found.plane_m.expect("known") - 20.0).abs() < 0.01);
    }

    #[test]
    fn an_ellipsoidal_altitude_outside_the_geoid_is_refused() {
        let mut places = [place(Some(500.0), None, Rtk::None)];
        let swiss = places[0].as_mut().expect("placed");
        (swiss.lon_deg, swiss.lat_deg) = (6.2385, 46.3974);
        let options = Options {
            vertical_datum: VerticalDatum::Ellipsoid,
            ..Options::default()
        };
        let problem = heights_of(&places, &FlatGround(422.0), &options).expect_err("no geoid");
        assert_eq!(problem.field.as_deref(), Some("crs.vertical_datum"));
    }

    #[test]
    fn a_flight_20_percent_off_its_plan_is_refused_with_both_heights() {
        let options = Options {
            planned_agl_m: Some(60.0),
            ..Options::default()
        };
        assert!(check_planned(Some(71.0), &options).is_ok());
        let text = check_planned(Some(73.0), &options)
            .expect_err("too high")
            .to_string();
        assert!(text.contains("73.0") && text.contains("60.0"));
    }
}
