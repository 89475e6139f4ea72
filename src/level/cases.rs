//! Cases of [`adjust`](super::adjust()) at the rim of what it is made for.

use super::design::Design;
use super::equations::Equations;
use super::tests::{Flight, flight};
use super::*;

fn sources(flight: &Flight) -> Vec<Source> {
    let times = flight.times_s.iter();
    times.map(|t| Source::frame(*t, 0, [640, 512])).collect()
}

#[test]
fn frames_without_common_ground_are_tied_in_time_or_named() {
    let mut flight = flight(2, 8, 0.1, &[]);
    let mut sources = sources(&flight);
    // Frame 5 sees nothing but lies between its neighbours in time; frame 9 sees nothing and
    // its time is unknown; a last frame follows an hour later.
    flight.samples[5].clear();
    flight.samples[9].clear();
    sources[9].time_s = f64::NAN;
    flight.samples.push(Vec::new());
    sources.push(Source::frame(5000.0, 0, [640, 512]));
    let options = Options::default();
    let levelling = adjust(&flight.samples, &sources, &flight.lattice, &options, &[]);
    let between = 0.5 * (levelling.offset_k[4] + levelling.offset_k[6]);
    assert!((levelling.offset_k[5] - between).abs() < 1e-3);
    assert!(levelling.connected[5]);
    assert!(levelling.offset_sigma_k[5] > levelling.offset_sigma_k[4]);
    for lost in [9, 16] {
        assert!(!levelling.connected[lost]);
        assert_eq!(levelling.offset_k[lost], 0.0);
        assert!(levelling.offset_sigma_k[lost].is_nan());
        assert!(levelling.sigma_k(lost, 320.0, 256.0).is_nan());
    }
}

#[test]
fn nothing_in_gives_nothing_out() {
    let flight = flight(1, 2, 0.1, &[]);
    let options = Options::default();
    let none = adjust(&[], &[], &flight.lattice, &options, &[]);
    assert!(none.offset_k.is_empty() && none.report.after.std_k.is_nan());
    assert_eq!(none.correction(3).at_pixel(1.0, 2.0), 0.0);
    let empty = vec![Vec::new(); 3];
    let blind = adjust(&empty, &[], &flight.lattice, &options, &[]);
    assert_eq!(blind.offset_k, vec![0.0; 3]);
    // A reference that names a frame that is not there.
    let reference = Reference {
        name: String::from("pond"),
        x_m: 0.0,
        y_m: 0.0,
        kelvin: 280.0,
        sigma_k: 0.2,
        views: vec![(
            77,
            Spot {
                kelvin: 281.0,
                u_px: 3.0,
                v_px: 4.0,
            },
        )],
    };
    let sources = sources(&flight);
    let levelling = adjust(
        &flight.samples,
        &sources,
        &flight.lattice,
        &options,
        &[reference],
    );
    assert_eq!(levelling.absolute.basis, Basis::Relative);
    assert_eq!(levelling.report.references[0].views, 0);
}

#[test]
fn switched_off_nothing_is_subtracted() {
    let flight = flight(2, 4, 0.1, &[]);
    let off = Options {
        enabled: false,
        ..Options::default()
    };
    let levelling = adjust(
        &flight.samples,
        &sources(&flight),
        &flight.lattice,
        &off,
        &[],
    );
    assert!(levelling.offset_k.iter().all(|b| *b == 0.0));
    assert!(levelling.correction(3).is_constant());
    assert_eq!(levelling.report.after, levelling.report.before);
}

#[test]
fn a_tenth_of_the_views_being_wrong_does_not_matter() {
    let mut flight = flight(3, 10, 0.2, &[]);
    for (i, sample) in flight.samples.iter_mut().flatten().enumerate() {
        if i % 10 == 3 {
            sample.kelvin += 3.0 + (i % 7) as f32;
        }
    }
    let options = Options {
        flat_field: false,
        ..Options::default()
    };
    let levelling = adjust(
        &flight.samples,
        &sources(&flight),
        &flight.lattice,
        &options,
        &[],
    );
    let error = tests::rmse(&levelling.offset_k, &flight.truth_k);
    assert!(error <= 0.1, "{error}");
}

#[test]
fn equations_too_wide_to_factor_are_iterated_to_the_same_answer() {
    let flight = flight(4, 14, 0.3, &[(30, 2.0)]);
    let sources = sources(&flight);
    let (views, _) = views::group(&flight.samples, |_, s| [s.u_px, s.v_px]);
    let axes = vec![None; flight.samples.len()];
    let run = vec![0; axes.len()];
    let design = Design::new(&views, &axes, eras::eras(&sources, &run), [].into_iter());
    let solved = |most: usize| {
        let mut equations = Equations::new(&views, &design, &[], 100.0, 1.0);
        equations.most_entries = most;
        equations.priors = (design.core..design.size)
            .map(|i| (i as u32, 1.0))
            .collect();
        let factor = equations.improve(3);
        assert_eq!(factor.is_some(), most > 0);
        let gauge = equations.gauge();
        let connected = vec![true; axes.len()];
        let covariance =
            covariance::of_frames(&equations, &gauge, &connected, factor.as_ref(), &[]);
        (equations.x.clone(), covariance)
    };
    let (factored, exact) = solved(usize::MAX);
    let (iterated, rough) = solved(0);
    for (a, b) in factored.iter().zip(&iterated) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
    for (exact, rough) in exact.iter().zip(&rough) {
        // Not optimistic, and not beyond what the worst of the frames has.
        assert!(rough[0] >= 0.999 * exact[0] && rough[0] < 100.0 * exact[0]);
    }
}
