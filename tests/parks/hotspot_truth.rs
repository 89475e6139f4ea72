//! Hotspots of whole runs over simulated parks, held against what is truly on the roofs: recall,
//! precision, kinds, grades and watts (scoring.md §13 and §21).
//!
//! A hotspot lies on a fault or thing when its centre is within two cells of it. It is *real* when
//! it lies on one, right in *kind* when it names it. On a heat-loss flight wet insulation counts as
//! named by `insulation`: one winter night does not tell them apart, and the program only speaks
//! of moisture on flights made for it.
//!
//! *True excess watts* of a fault: what its surface gives off more than the sound roof beside it.
//! The surface loses `h_c (Ts − Ta) + ε σ (Ts⁴ − Tsky⁴)`; air and sky are the same for both, so
//! the difference is `[h_c ΔT + ε σ ((T + ΔT)⁴ − T⁴)] A` with T the sound roof, ΔT the mean excess
//! and A the area of the truth. In balance that is also the difference of what both conduct,
//! `ΔU`-wise; no formula of the program under test is used, and h_c is the simulator's own.

#![allow(clippy::print_stdout, reason = "figures are printed")]

use crate::common;

use common::park::{Hotspot, Park, number};
use serde_json::Value;
use std::collections::BTreeMap;

/// Stefan–Boltzmann, W m⁻² K⁻⁴.
const SIGMA: f64 = 5.670_374_419e-8;
/// Seeds never used while methods were made (those stay below 1000).
const SEEDS: std::ops::Range<u32> = 8101..8105;
const TABLE: std::ops::Range<u32> = 8001..8013;

fn excess_k(fault: &Value) -> f64 {
    number(&fault["flights"][0]["excess_k"])
}

/// True excess heat of a fault, W.
fn true_watts(park: &Park, fault: &Value) -> f64 {
    let building = park.building(fault["oidn"].as_str().expect("a key"));
    let night = &building["flights"][0];
    let mean_k = number(&fault["flights"][0]["excess_mean_k"]);
    let sound = number(&night["clean_c"]) + 273.15;
    let long_wave =
        number(&building["emissivity"]) * SIGMA * ((sound + mean_k).powi(4) - sound.powi(4));
    (number(&night["h_c_w_m2k"]) * mean_k + long_wave) * number(&fault["area_m2"])
}

/// Whether a kind names what is there.
fn names(found: &str, truth: &str) -> bool {
    found == truth || (found == "insulation" && truth == "moisture")
}

fn explained(kind: &str) -> bool {
    matches!(kind, "installation" | "rooflight" | "process")
}

/// A part of a whole.
#[derive(Clone, Copy, Default)]
struct Share {
    part: usize,
    whole: usize,
}

impl Share {
    fn add(&mut self, counts: bool) {
        self.part += usize::from(counts);
        self.whole += 1;
    }

    fn value(self) -> f64 {
        self.part as f64 / self.whole.max(1) as f64
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} ({:.3})", self.part, self.whole, self.value())
    }
}

#[derive(Default)]
struct Tally {
    /// Faults of at least 2 K and 9 cells that were found; of 1 K.
    recall_2k: Share,
    recall_1k: Share,
    by_kind: BTreeMap<String, Share>,
    /// Hotspots that lie on something.
    real: Share,
    /// Hotspots said to be no thing of the roof that lie on a fault.
    claims: Share,
    /// Real hotspots whose kind names what is there; those on faults.
    kinds: Share,
    fault_kinds: Share,
    by_grade: BTreeMap<String, Share>,
    /// Kind there → kind found.
    confusion: BTreeMap<(String, String), usize>,
    /// Relative errors of the watts of faults found, by kind.
    watts: BTreeMap<String, Vec<f64>>,
    covered: Share,
}

impl Tally {
    fn over(seeds: std::ops::Range<u32>) -> Self {
        let mut tally = Self::default();
        for seed in seeds {
            let park = Park::simulate(&seed.to_string(), &[]);
            park.run_well();
            tally.add(&park);
        }
        tally
    }

    fn add(&mut self, park: &Park) {
        let gsd_m = park.gsd_m();
        let hotspots = park.hotspots();
        let mut on: BTreeMap<&str, Vec<&Hotspot>> = BTreeMap::new();
        for hotspot in &hotspots {
            let object = park.under(hotspot, 2.0 * gsd_m);
            let fault = object.is_some_and(|o| o["is_defect"] == true);
            self.real.add(object.is_some());
            let grade = self.by_grade.entry(hotspot.grade.clone()).or_default();
            grade.add(object.is_some());
            if !explained(&hotspot.kind) {
                self.claims.add(fault);
            }
            let there = object.map_or("nothing", |o| o["kind"].as_str().expect("a word"));
            let pair = (there.to_owned(), hotspot.kind.clone());
            *self.confusion.entry(pair).or_default() += 1;
            let Some(object) = object else { continue };
            self.kinds.add(names(&hotspot.kind, there));
            if fault {
                self.fault_kinds.add(names(&hotspot.kind, there));
            }
            if let Some(id) = object["id"].as_str() {
                on.entry(id).or_default().push(hotspot);
            }
        }
        for fault in park.list("anomalies") {
            let excess_k = excess_k(fault);
            if excess_k < 1.0 || number(&fault["area_m2"]) < 9.0 * gsd_m * gsd_m {
                continue;
            }
            let found = on.get(fault["id"].as_str().expect("an id"));
            let kind = fault["kind"].as_str().expect("a word");
            self.recall_1k.add(found.is_some());
            if excess_k >= 2.0 {
                self.recall_2k.add(found.is_some());
            }
            let own = self.by_kind.entry(kind.to_owned()).or_default();
            own.add(found.is_some());
            let Some(pieces) = found else { continue };
            let watts: Option<Vec<[f64; 3]>> = pieces.iter().map(|h| h.excess_w).collect();
            let Some(watts) = watts else { continue };
            let [value, low, high] = [0, 1, 2].map(|k| watts.iter().map(|w| w[k]).sum::<f64>());
            let truth = true_watts(park, fault);
            let errors = self.watts.entry(kind.to_owned()).or_default();
            errors.push(value / truth - 1.0);
            self.covered.add(low <= truth && truth <= high);
        }
    }

    /// Median of the absolute relative errors of all watts.
    fn watts_error(&self) -> f64 {
        let all = self.watts.values().flatten().map(|e| e.abs());
        median(all.collect())
    }

    fn grade(&self, grade: &str) -> Share {
        self.by_grade.get(grade).copied().unwrap_or_default()
    }

    fn print(&self) {
        println!("faults ≥ 2 K and ≥ 9 cells found: {}", self.recall_2k);
        println!("faults ≥ 1 K and ≥ 9 cells found: {}", self.recall_1k);
        for (kind, share) in &self.by_kind {
            println!("    {kind}: {share}");
        }
        println!("hotspots on something real: {}", self.real);
        println!(
            "hotspots said to be faults that lie on one: {}",
            self.claims
        );
        println!(
            "kind right: {}; on faults: {}",
            self.kinds, self.fault_kinds
        );
        for (grade, share) in &self.by_grade {
            println!("    grade {grade} real: {share}");
        }
        println!("excess watts: median error {:.3}", self.watts_error());
        for (kind, errors) in &self.watts {
            let size = median(errors.iter().map(|e| e.abs()).collect());
            let bias = median(errors.clone());
            println!(
                "    {kind}: {size:.3}, with sign {bias:+.3} ({})",
                errors.len()
            );
        }
        println!("    95 % intervals hold the truth: {}", self.covered);
        let mut found: Vec<&str> = self.confusion.keys().map(|(_, f)| f.as_str()).collect();
        found.sort_unstable();
        found.dedup();
        let mut there: Vec<&str> = self.confusion.keys().map(|(t, _)| t.as_str()).collect();
        there.dedup();
        print!("{:>14}", "there | found");
        found.iter().for_each(|kind| print!("{kind:>14}"));
        println!();
        for truth in there {
            print!("{truth:>14}");
            for kind in &found {
                let pair = (truth.to_owned(), (*kind).to_owned());
                print!("{:>14}", self.confusion.get(&pair).copied().unwrap_or(0));
            }
            println!();
        }
    }

    /// The bars of scoring.md §13 and §21.
    fn check(&self) {
        assert!(self.recall_2k.value() >= 0.95, "{}", self.recall_2k);
        assert!(self.recall_1k.value() >= 0.80, "{}", self.recall_1k);
        assert!(self.real.value() >= 0.90, "{}", self.real);
        assert!(self.kinds.value() >= 0.70, "{}", self.kinds);
        assert!(self.fault_kinds.value() >= 0.70, "{}", self.fault_kinds);
        for (grade, least) in [("A", 0.9), ("B", 0.75)] {
            let share = self.grade(grade);
            assert!(
                share.whole == 0 || share.value() >= least,
                "grade {grade}: {share}"
            );
        }
        assert!(self.grade("A").whole >= 20, "hardly a finding of grade A");
        assert!(self.watts_error() <= 0.25, "{:.3}", self.watts_error());
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[test]
fn hotspots_of_unseen_parks_are_there_are_named_and_have_their_watts() {
    let tally = Tally::over(SEEDS);
    tally.print();
    tally.check();
}

/// The whole table: `cargo test --release --test parks -- hotspot_truth --ignored --nocapture`.
#[test]
#[ignore = "twelve parks take minutes"]
fn table_of_hotspots_over_twelve_unseen_parks() {
    let tally = Tally::over(TABLE);
    tally.print();
    tally.check();
}
