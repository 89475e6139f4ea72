//! Which camera took a frame, and what its lens is.
//!
//! In: what a frame says of its camera, the built-in table, the user's entries. Out: a camera
//! model at the frame's size, and where its focal length came from.
//!
//! Order of belief: the user's entries (later ones over earlier ones), then the frame's focal
//! length where it fits the camera, then the table. A nominal focal length is 3 % uncertain.
//! Nothing is guessed: without pitch and focal length the frame is refused with the keys to set.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{CameraModel, Distortion, YawSource};
use crate::problem::{Problem, Result};
use crate::survey::FrameHeader;

/// Kind of lens formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LensKind {
    /// Brown–Conrady, k1 k2 k3 p1 p2.
    Brown,
    /// Equidistant fisheye, k1 k2 k3 k4.
    Fisheye,
}

/// One `[[camera]]` of `models/cameras.toml` or of the settings; what is absent says nothing.
/// Numbers that are NaN count as absent.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CameraEntry {
    /// Maker, `*` for anything; empty matches all.
    pub make: String,
    /// Model, `*` for anything; empty matches all.
    pub model: String,
    /// Serial number; empty matches all.
    pub serial: String,
    /// Columns the pixel values below belong to; absent: the frame's own.
    pub width: Option<usize>,
    /// Rows the pixel values below belong to.
    pub height: Option<usize>,
    /// Detector pitch, micrometres.
    pub pitch_um: Option<f64>,
    /// Focal length, millimetres.
    pub focal_mm: Option<f64>,
    /// Lenses sold for the body, millimetres.
    pub focal_list_mm: Vec<f64>,
    /// Focal length, pixels; wins over `focal_mm`.
    pub focal_px: Option<f64>,
    /// Principal point from the outer corner of the upper-left pixel, pixels.
    pub cx_px: Option<f64>,
    /// Principal point, pixels.
    pub cy_px: Option<f64>,
    /// Lens formula.
    pub distortion: Option<LensKind>,
    /// Radial.
    pub k1: Option<f64>,
    /// Radial.
    pub k2: Option<f64>,
    /// Radial.
    pub k3: Option<f64>,
    /// Radial, fisheye only.
    pub k4: Option<f64>,
    /// Tangential.
    pub p1: Option<f64>,
    /// Tangential.
    pub p2: Option<f64>,
    /// Noise, kelvin.
    pub netd_k: Option<f64>,
    /// Spectral band, micrometres.
    pub band_um: Option<[f64; 2]>,
    /// Which yaw to believe.
    pub yaw_source: Option<YawSource>,
    /// See [`Options`](super::Options).
    pub boresight_deg: Option<[f64; 3]>,
    /// See [`Options`](super::Options).
    pub lever_m: Option<[f64; 3]>,
    /// See [`Options`](super::Options).
    pub trigger_lag_s: Option<f64>,
    /// Date or name of the calibration; printed.
    pub calibrated_on: String,
    /// Lens; printed.
    pub lens: String,
    /// Temperature range, °C; printed.
    pub range_c: Vec<f64>,
    /// What to know of this camera.
    pub notes: String,
}

/// Where a focal length came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocalSource {
    /// The user's settings.
    Setting,
    /// The frame's file.
    File,
    /// The built-in table.
    Table,
}

/// Where a camera model came from.
#[derive(Clone, Debug, PartialEq)]
pub struct CameraSource {
    /// Entry of the built-in table, or "settings".
    pub entry: String,
    /// Where the focal length came from.
    pub focal: FocalSource,
    /// Relative 1σ of the focal length: 3 % nominal, 0.3 % calibrated.
    pub focal_sigma: f64,
    /// What was odd, for example a focal length in the file that was not believed.
    pub warning: Option<String>,
}

/// The built-in cameras and the user's.
#[derive(Clone, Debug)]
pub struct CameraTable {
    built_in: &'static [CameraEntry],
    overrides: Vec<CameraEntry>,
}

#[derive(Deserialize)]
struct TableFile {
    camera: Vec<CameraEntry>,
}

static BUILT_IN: LazyLock<Vec<CameraEntry>> = LazyLock::new(|| {
    toml::from_str::<TableFile>(include_str!("../../models/cameras.toml"))
        .expect("the embedded camera table is well formed")
        .camera
});

/// A file's focal length is believed within this share of a lens of the table.
const FOCAL_FIT: f64 = 0.15;
/// Relative 1σ of a nominal focal length (georeferencing.md §2).
const NOMINAL_SIGMA: f64 = 0.03;
/// Relative 1σ of a calibrated one.
const CALIBRATED_SIGMA: f64 = 0.003;

impl Default for CameraTable {
    fn default() -> Self {
        Self::with_overrides(Vec::new())
    }
}

impl CameraTable {
    /// The built-in table under the user's entries.
    pub fn with_overrides(overrides: Vec<CameraEntry>) -> Self {
        Self {
            built_in: &BUILT_IN,
            overrides,
        }
    }

    /// All that is known of a frame's camera: the table's entry, at the frame's size, under the
    /// user's entries that match.
    pub fn entry_for(&self, header: &FrameHeader) -> CameraEntry {
        let mut entry = self
            .built_in_entry(header)
            .map(|(entry, _)| entry)
            .unwrap_or_default();
        entry.merge(&self.own_entry(header));
        entry
    }

    /// The camera model of a frame.
    ///
    /// # Errors
    /// A [`Problem`] that names the `[[camera]]` keys to set, when pitch or focal length are
    /// unknown or make no sense.
    pub fn model_for(&self, header: &FrameHeader) -> Result<(CameraModel, CameraSource)> {
        let (entry, own) = (self.entry_for(header), self.own_entry(header));
        let (f_px, mut source) = focal_px(&entry, &own, header)?;
        let (width, height) = (header.width, header.height);
        // An angle of view of 1° to 170°: anything else is a mistake in a unit.
        let widest = width.max(height) as f64;
        if !(f_px > 0.04 * widest && f_px < 60.0 * widest) {
            return Err(Problem::setting(format!(
                "the focal length is {f_px:.1} px for {width} × {height} pixels, which is no lens"
            ))
            .field("camera.focal_mm")
            .hint("check focal_mm, pitch_um and focal_px of the [[camera]] entry"));
        }
        let principal = (
            given(entry.cx_px).unwrap_or(width as f64 / 2.0),
            given(entry.cy_px).unwrap_or(height as f64 / 2.0),
        );
        if source.entry.is_empty() {
            source.entry = "settings".into();
        }
        let model = CameraModel::new(width, height, f_px, principal, entry.lens_formula());
        Ok((model, source))
    }

    /// The table's entry at the frame's size, and how many times larger the frame is.
    fn built_in_entry(&self, header: &FrameHeader) -> Option<(CameraEntry, f64)> {
        let (width, height) = (header.width, header.height);
        self.built_in
            .iter()
            .filter(|e| e.names(header))
            .find_map(|e| Some((e.at_size(width, height), e.size_ratio(width, height)?)))
    }

    /// All that the user says of a frame's camera, at the frame's size.
    fn own_entry(&self, header: &FrameHeader) -> CameraEntry {
        let ratio = self.built_in_entry(header).map_or(1.0, |(_, ratio)| ratio);
        let mut own = CameraEntry::default();
        for entry in self.overrides.iter().filter(|e| e.names(header)) {
            let mut entry = entry.at_size(header.width, header.height);
            if entry.width.is_none() {
                // Pitch is the detector's, also where the file holds resampled pixels.
                entry.pitch_um = entry.pitch_um.map(|pitch| pitch / ratio);
            }
            own.merge(&entry);
        }
        own
    }
}

fn focal_px(
    entry: &CameraEntry,
    own: &CameraEntry,
    header: &FrameHeader,
) -> Result<(f64, CameraSource)> {
    let calibrated = own.focal_px.is_some() || !entry.calibrated_on.is_empty();
    let mut source = CameraSource {
        entry: entry.label(),
        focal: FocalSource::Table,
        focal_sigma: if calibrated {
            CALIBRATED_SIGMA
        } else {
            NOMINAL_SIGMA
        },
        warning: None,
    };
    if let Some(f_px) = given(own.focal_px) {
        source.focal = FocalSource::Setting;
        return Ok((f_px, source));
    }
    let Some(pitch_um) = given(entry.pitch_um) else {
        return Err(unknown_camera(
            header,
            "pitch_um and focal_mm (or focal_px)",
        ));
    };
    if let Some(focal_mm) = given(own.focal_mm) {
        source.focal = FocalSource::Setting;
        return Ok((focal_mm * 1000.0 / pitch_um, source));
    }
    let found = header
        .focal_mm
        .filter(|f| f.is_finite() && *f > 0.0)
        .or_else(|| focal_in_words(&header.camera.lens))
        .or_else(|| focal_in_words(&header.camera.model));
    if let Some(found) = found {
        if entry.fits_lens(found) {
            source.focal = FocalSource::File;
            return Ok((found * 1000.0 / pitch_um, source));
        }
        source.warning = given(entry.focal_mm).map(|table| {
            format!(
                "the file's focal length of {found} mm does not fit this camera; {table} mm of \
                 the table is used"
            )
        });
    }
    match (given(entry.focal_px), given(entry.focal_mm)) {
        (Some(f_px), _) => Ok((f_px, source)),
        (None, Some(focal_mm)) => Ok((focal_mm * 1000.0 / pitch_um, source)),
        (None, None) => Err(unknown_camera(header, "focal_mm (or focal_px)")),
    }
}

fn unknown_camera(header: &FrameHeader, keys: &str) -> Problem {
    let camera = &header.camera;
    Problem::setting(format!(
        "the lens of camera make `{}` model `{}` with {} × {} pixels is unknown",
        camera.make, camera.model, header.width, header.height
    ))
    .field("camera")
    .hint(format!(
        "add a [[camera]] entry with make, model and {keys} to audit.toml"
    ))
}

/// Focal length in a lens or model name: `FOL13`, `Vue Pro 640 13mm`.
fn focal_in_words(text: &str) -> Option<f64> {
    let upper = text.to_ascii_uppercase();
    upper.split_whitespace().find_map(|word| {
        let digits = word
            .strip_prefix("FOL")
            .or_else(|| word.strip_suffix("MM"))?;
        digits
            .parse::<f64>()
            .ok()
            .filter(|f| (1.0..=300.0).contains(f))
    })
}

/// A number that is there and is one.
fn given(value: Option<f64>) -> Option<f64> {
    value.filter(|v| v.is_finite())
}

impl CameraEntry {
    /// Whether make, model and serial match.
    fn names(&self, header: &FrameHeader) -> bool {
        let camera = &header.camera;
        like(&self.make, &camera.make)
            && like(&self.model, &camera.model)
            && like(&self.serial, &camera.serial)
    }

    /// How many times larger a frame is than the entry's detector; `None` when it is another
    /// detector.
    fn size_ratio(&self, width: usize, height: usize) -> Option<f64> {
        let (Some(w), Some(h)) = (self.width, self.height) else {
            return Some(1.0);
        };
        [(1, 1), (2, 1), (1, 2)]
            .into_iter()
            .find(|(times, of)| w * times == width * of && h * times == height * of)
            .map(|(times, of)| times as f64 / of as f64)
    }

    /// The entry with its pixel values brought to a frame's size: f' = f w'/w.
    fn at_size(&self, width: usize, height: usize) -> CameraEntry {
        let mut entry = self.clone();
        if let Some(ratio) = self.size_ratio(width, height) {
            let scaled = |value: Option<f64>| value.map(|v| v * ratio);
            entry.pitch_um = self.pitch_um.map(|v| v / ratio);
            entry.focal_px = scaled(self.focal_px);
            entry.cx_px = scaled(self.cx_px);
            entry.cy_px = scaled(self.cy_px);
        }
        entry
    }

    /// Takes over what the other one says.
    fn merge(&mut self, other: &CameraEntry) {
        fn number(to: &mut Option<f64>, from: Option<f64>) {
            *to = given(from).or(*to);
        }
        fn value<T: Copy>(to: &mut Option<T>, from: Option<T>) {
            *to = from.or(*to);
        }
        fn text(to: &mut String, from: &str) {
            if !from.is_empty() {
                *to = from.to_string();
            }
        }
        // A focal length in either unit replaces one in the other.
        if given(other.focal_mm).is_some() || given(other.focal_px).is_some() {
            (self.focal_mm, self.focal_px) = (None, None);
        }
        // A lens formula is one thing: coefficients of two calibrations are never mixed.
        if other.says_lens() {
            self.distortion = other.distortion.or(self.distortion);
            (self.k1, self.k2, self.k3, self.k4) = (None, None, None, None);
            (self.p1, self.p2) = (None, None);
        }
        text(&mut self.make, &other.make);
        text(&mut self.model, &other.model);
        text(&mut self.serial, &other.serial);
        value(&mut self.width, other.width);
        value(&mut self.height, other.height);
        number(&mut self.pitch_um, other.pitch_um);
        number(&mut self.focal_mm, other.focal_mm);
        number(&mut self.focal_px, other.focal_px);
        number(&mut self.cx_px, other.cx_px);
        number(&mut self.cy_px, other.cy_px);
        for (to, from) in [
            (&mut self.k1, other.k1),
            (&mut self.k2, other.k2),
            (&mut self.k3, other.k3),
            (&mut self.k4, other.k4),
            (&mut self.p1, other.p1),
            (&mut self.p2, other.p2),
        ] {
            number(to, from);
        }
        number(&mut self.netd_k, other.netd_k);
        value(&mut self.band_um, other.band_um);
        value(&mut self.yaw_source, other.yaw_source);
        value(&mut self.boresight_deg, other.boresight_deg);
        value(&mut self.lever_m, other.lever_m);
        number(&mut self.trigger_lag_s, other.trigger_lag_s);
        text(&mut self.calibrated_on, &other.calibrated_on);
        text(&mut self.lens, &other.lens);
        text(&mut self.notes, &other.notes);
        if !other.range_c.is_empty() {
            self.range_c.clone_from(&other.range_c);
        }
        if !other.focal_list_mm.is_empty() {
            self.focal_list_mm.clone_from(&other.focal_list_mm);
        }
    }

    fn says_lens(&self) -> bool {
        [self.k1, self.k2, self.k3, self.k4, self.p1, self.p2]
            .into_iter()
            .any(|k| given(k).is_some_and(|k| k != 0.0))
    }

    fn lens_formula(&self) -> Distortion {
        let number = |value: Option<f64>| given(value).unwrap_or(0.0);
        let (k1, k2, k3) = (number(self.k1), number(self.k2), number(self.k3));
        match self.distortion {
            Some(LensKind::Fisheye) => Distortion::Fisheye {
                k: [k1, k2, k3, number(self.k4)],
            },
            Some(LensKind::Brown) | None => Distortion::Brown {
                k: [k1, k2, k3],
                p: [number(self.p1), number(self.p2)],
            },
        }
    }

    /// Whether a focal length can be one of this camera's lenses.
    fn fits_lens(&self, focal_mm: f64) -> bool {
        let near = |lens: f64| (focal_mm / lens - 1.0).abs() <= FOCAL_FIT;
        if self.focal_list_mm.is_empty() {
            return given(self.focal_mm).is_none_or(near);
        }
        self.focal_list_mm.iter().any(|lens| near(*lens))
    }

    fn label(&self) -> String {
        format!("{} {}", self.make, self.model)
            .replace('*', "")
            .trim()
            .to_string()
    }
}

/// Whether a text is like a pattern with `*`; letters of either case are the same, an empty
/// pattern is like everything.
fn like(pattern: &str, text: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let (pattern, text) = (pattern.to_lowercase(), text.trim().to_lowercase());
    let parts: Vec<&str> = pattern.split('*').collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    if parts.len() == 1 {
        return pattern == text;
    }
    let Some(mut rest) = text
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    for part in &parts[1..parts.len() - 1] {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::tests::header;
    use super::*;

    fn frame(make: &str, model: &str, size: (usize, usize), focal_mm: Option<f64>) -> FrameHeader {
        let mut header = header("a.jpg");
        header.camera.make = make.into();
        header.camera.model = model.into();
        (header.width, header.height) = size;
        header.focal_mm = focal_mm;
        header
    }

    fn focal(table: &CameraTable, header: &FrameHeader) -> (f64, FocalSource) {
        let (model, source) = table.model_for(header).expect("a known camera");
        (model.f_px, source.focal)
    }

    /// The diagonal angle of view on the makers' data sheets: 13 mm on 17 µm has 764.7 px;
    /// M30T 9.1 mm on 12 µm has 758.3 px.
    #[test]
    fn nominal_focal_lengths_are_focal_length_over_pitch() {
        let table = CameraTable::default();
        for (header, f_px) in [
            (frame("DJI", "FLIR", (640, 512), Some(13.0)), 764.71),
            (frame("DJI", "FLIR", (640, 512), Some(19.0)), 1117.65),
            (frame("DJI", "M30T", (640, 512), Some(9.1)), 758.33),
            (frame("DJI", "ZH20T", (640, 512), Some(13.5)), 1125.0),
            (frame("DJI", "H30T", (1280, 1024), Some(24.0)), 2000.0),
        ] {
            let (found, source) = focal(&table, &header);
            assert!((found - f_px).abs() < 0.01, "{:?} {found}", header.camera);
            assert_eq!(source, FocalSource::File);
        }
    }

    #[test]
    fn a_super_resolution_frame_has_twice_the_focal_length_in_pixels() {
        let table = CameraTable::default();
        let (f_px, _) = focal(&table, &frame("DJI", "M30T", (1280, 1024), Some(9.1)));
        assert!((f_px - 2.0 * 758.333).abs() < 0.01);
    }

    #[test]
    fn the_size_tells_two_cores_of_one_model_apart() {
        let table = CameraTable::default();
        let (f_px, _) = focal(&table, &frame("DJI", "FLIR", (336, 256), Some(9.0)));
        assert!((f_px - 9000.0 / 17.0).abs() < 0.01);
    }

    #[test]
    fn a_missing_focal_length_is_taken_from_the_table() {
        let header = frame("DJI", "MAVIC2-ENTERPRISE-ADVANCED", (640, 512), None);
        let (f_px, source) = focal(&CameraTable::default(), &header);
        assert_eq!((f_px, source), (750.0, FocalSource::Table));
    }

    #[test]
    fn a_focal_length_of_the_visible_lens_is_not_believed() {
        let header = frame("DJI", "M30T", (640, 512), Some(40.0));
        let (model, source) = CameraTable::default().model_for(&header).expect("known");
        assert!((model.f_px - 758.33).abs() < 0.01);
        assert!(source.warning.is_some_and(|w| w.contains("40 mm")));
    }

    #[test]
    fn a_lens_named_in_words_counts_as_the_files() {
        let mut header = frame("FLIR", "Vue Pro 640 13mm", (640, 512), None);
        header.camera.lens = "FOL13".into();
        let (f_px, source) = focal(&CameraTable::default(), &header);
        assert!((f_px - 764.71).abs() < 0.01);
        assert_eq!(source, FocalSource::File);
    }

    #[test]
    fn the_users_entry_beats_file_and_table() {
        let own = CameraEntry {
            make: "dji".into(),
            model: "FL*".into(),
            focal_px: Some(741.15),
            cx_px: Some(330.09),
            cy_px: Some(264.54),
            k1: Some(-0.026),
            ..CameraEntry::default()
        };
        let table = CameraTable::with_overrides(vec![own]);
        let header = frame("DJI", "FLIR", (640, 512), Some(13.0));
        let (model, source) = table.model_for(&header).expect("known");
        assert_eq!(
            (model.f_px, model.cx_px, model.cy_px),
            (741.15, 330.09, 264.54)
        );
        assert_eq!(source.focal, FocalSource::Setting);
        assert_eq!(
            model.distortion,
            Distortion::Brown {
                k: [-0.026, 0.0, 0.0],
                p: [0.0; 2]
            }
        );
    }

    #[test]
    fn an_entry_for_another_serial_does_not_apply() {
        let own = CameraEntry {
            serial: "162682".into(),
            focal_px: Some(700.0),
            ..CameraEntry::default()
        };
        let table = CameraTable::with_overrides(vec![own]);
        let mut header = frame("DJI", "FLIR", (640, 512), Some(13.0));
        assert_ne!(focal(&table, &header).0, 700.0);
        header.camera.serial = "162682".into();
        assert_eq!(focal(&table, &header).0, 700.0);
    }

    #[test]
    fn an_unknown_camera_is_refused_with_the_keys_to_set() {
        let table = CameraTable::default();
        let problem = table
            .model_for(&frame("Acme", "IR1", (640, 480), None))
            .expect_err("unknown");
        let text = problem.to_string();
        for word in [
            "Acme",
            "IR1",
            "[[camera]]",
            "pitch_um",
            "focal_mm",
            "focal_px",
        ] {
            assert!(text.contains(word), "{text}");
        }
        let boson = table
            .model_for(&frame("FLIR", "Boson 640", (640, 512), None))
            .expect_err("no lens");
        assert!(boson.to_string().contains("focal_mm"));
    }

    #[test]
    fn the_principal_point_is_the_middle_unless_given() {
        let header = frame("DJI", "M3T", (640, 512), Some(9.1));
        let (model, _) = CameraTable::default().model_for(&header).expect("known");
        assert_eq!((model.cx_px, model.cy_px), (320.0, 256.0));
    }

    /// What a data sheet does not say is left out, never guessed; a flying camera needs it all.
    #[test]
    fn every_entry_of_the_table_has_a_band_and_is_complete_or_says_what_is_odd() {
        for entry in CameraTable::default().built_in {
            assert!(
                entry.width.is_some() && entry.band_um.is_some(),
                "{entry:?}"
            );
            let pitch = entry.pitch_um;
            assert!(pitch.is_none_or(|p| (3.0..=50.0).contains(&p)), "{entry:?}");
            let lens = entry.focal_mm.is_some() || !entry.focal_list_mm.is_empty();
            let complete = pitch.is_some() && lens && entry.netd_k.is_some();
            let ground = ["flir*", "infratec", "infiray", "itres*"];
            let flies = !ground.contains(&entry.make.to_lowercase().as_str());
            assert!(complete || (!flies && !entry.notes.is_empty()), "{entry:?}");
        }
    }

    #[test]
    fn patterns_match_the_whole_name() {
        assert!(like("m4t*", "M4TD"));
        assert!(like("*Vue Pro*", "FLIR Vue Pro R 640"));
        assert!(!like("M3T", "M3TD"));
        assert!(!like("a*a", "a"));
        assert!(like("", "anything"));
    }
}
