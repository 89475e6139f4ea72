//! Poses made better by what overlapping frames share (`orient.adjust`).

use super::Flight;
use super::geometry::Placed;
use crate::orient::adjust::{self, AdjustReport, Adjusted};
use crate::orient::matching::{self, MatchReport, match_frames};
use crate::orient::{Ground, KelvinOf};
use crate::pipeline::stage::Stage;
use crate::problem::Problem;
use serde_json::json;

/// With positions better than this the priors are good enough by themselves, metres.
const GOOD_M: f64 = 0.3;
/// How far single positions of a consumer receiver stray within a flight, metres.
const CONSUMER_SPREAD_M: f64 = 1.5;
/// How far directions of single frames stray, degrees.
const SPREAD_DEG: f64 = 1.5;
/// An adjustment counts when this share of the frames has tie points and they meet this well.
const LEAST_SHARE: f64 = 0.6;
const WORST_RMSE_PX: f64 = 1.5;
/// Most frames whose pictures are held together: 0.4 MB each.
const MOST_FRAMES: usize = 2_500;

impl Flight<'_> {
    /// Matches and adjusts where it is asked for and helps; else the priors stay.
    pub(super) fn refine(
        &mut self,
        placed: &mut Placed,
        kelvin: &KelvinOf<'_>,
        ground: &dyn Ground,
    ) {
        let settings = &self.job.folder.settings;
        let asked = settings.text("orient", "adjust");
        let sigma_m = placed.report.sigma_xy_m.unwrap_or(f64::NAN);
        let needed = sigma_m > GOOD_M && placed.report.given == 0;
        if asked == "off" || (asked != "on" && !needed) || placed.frames.len() < 3 {
            return;
        }
        if placed.frames.len() > MOST_FRAMES {
            let frames = placed.frames.len();
            self.keep_priors(&format!(
                "{frames} frames are more than can be adjusted together ({MOST_FRAMES}) so far"
            ));
            return;
        }
        let spread = matching::Options {
            sigma_m: sigma_m.clamp(0.1, CONSUMER_SPREAD_M),
            sigma_deg: SPREAD_DEG,
        };
        let matches = match_frames(&placed.frames, kelvin, ground, &spread);
        let mut options = settings.adjust_options();
        // A calibrated lens is better than what one flight can say of it.
        if settings
            .camera_entries()
            .iter()
            .any(|c| c.focal_px.is_some())
        {
            options.lens = [0.0; 8];
        }
        let adjusted = adjust::adjust(&placed.frames, &matches.tracks, &[], ground, &options);
        let Some(Adjusted { frames, report }) = adjusted else {
            let MatchReport { pairs, matched, .. } = matches.report;
            self.keep_priors(&format!("{matched} of {pairs} overlapping pairs match"));
            return;
        };
        let share = report.adjusted as f64 / frames.len() as f64;
        if share < LEAST_SHARE || report.rmse_px > WORST_RMSE_PX {
            self.keep_priors(&format!(
                "{} of {} frames have tie points, and these miss by {:.2} pixels",
                report.adjusted,
                frames.len(),
                report.rmse_px
            ));
            return;
        }
        placed.frames = frames;
        self.note_adjustment(&matches.report, &report);
    }

    fn keep_priors(&mut self, why: &str) {
        let warning = Problem::setting(format!(
            "poses are taken from the files and not adjusted: {why}"
        ))
        .in_file(format!("flights/{}", self.job.folder.id))
        .hint("fly with more overlap (80 % forward, 60 % side), or set orient.adjust = \"off\"");
        self.warn(Stage::Orient, &warning);
    }

    fn note_adjustment(&mut self, matches: &MatchReport, report: &AdjustReport) {
        let section = json!({
            "pairs": matches.pairs,
            "matched_pairs": matches.matched,
            "ambiguous_pairs": matches.ambiguous,
            "adjusted_frames": report.adjusted,
            "observations": report.observations,
            "outliers": report.outliers,
            "reprojection_rmse_px": report.rmse_px,
            "receiver_offset_m": report.offset_m,
            "position_spread_m": report.spread_m,
            "boresight_deg": report.boresight_deg,
            "focal_change": report.lens.iter().map(|l| l[0].exp_m1()).collect::<Vec<_>>(),
            "distortion_change": report.lens.iter().map(|l| &l[1..4]).collect::<Vec<_>>(),
            "surface_rmse_m": report.surface_rmse_m,
            "surface_offset_m": report.surface_offset_m,
        });
        self.record.section("adjustment", section);
    }
}
