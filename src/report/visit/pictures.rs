//! Pictures of a finding on paper: sizes, colours, markers, captions, the mini-plan.

use geo::{BoundingRect, LineString, MultiPolygon};

use super::input::{FindingInput, Plan, ScaleSet, Thermogram, Visible, VisitInput};
use super::marks::marks;
use super::registration::{self, Colours, Registration};
use super::sheet::{PlanShown, Shown};
use super::thermogram::{legend, painted};
use super::words::VisitWords;
use crate::report::format::{Format, fill, printed};
use crate::report::{Picture, PictureRef};
use crate::survey::{Alarm, View};

/// Resolution of a picture on the page, dots per inch.
const DPI: f64 = 200.0;
/// Least resolution where many findings share the 8 MB of a sheet.
const LEAST_DPI: f64 = 96.0;
/// Findings that are shown at full resolution (about 100 kB each as JPEG).
const AT_FULL: f64 = 60.0;
/// The mini-plan, mm.
const PLAN: (f64, f64) = (20.0, 16.0);
/// Length of the wedge a camera looks along, and half its angle.
const WEDGE_MM: f64 = 4.4;
const WEDGE_DEG: f64 = 24.0;

/// What all pictures of a sheet need.
pub(super) struct Draw<'a> {
    pub(super) input: &'a VisitInput,
    pub(super) words: &'a VisitWords,
    pub(super) f: &'a Format,
    /// Largest width and height, mm.
    pub(super) room: (f64, f64),
    /// Resolution on the page.
    pub(super) dpi: f64,
    pub(super) pictures: Vec<Picture>,
}

/// Resolution of the pictures of so many findings, dots per inch: their pixels together stay the same
/// from some number on.
pub(super) fn resolution(findings: usize) -> f64 {
    let share = AT_FULL / (findings.max(1) as f64);
    (DPI * share.sqrt().min(1.0)).max(LEAST_DPI)
}

impl Draw<'_> {
    /// Thermogram, its partner, and the second thermogram where there is one.
    pub(super) fn of(&mut self, number: &str, f: &FindingInput) -> Vec<Shown> {
        let what = printed(&f.finding.component);
        let t = &f.thermogram;
        let mut shown = vec![self.thermogram(number, "a", &what, f, t, None)];
        if let Some(partner) = self.partner(number, &what, f) {
            shown.push(partner);
        }
        if let Some(second) = &f.second {
            let template = match f.finding.before_image.is_empty() {
                true => self.words.reference_picture,
                false => self.words.before,
            };
            let note = fill(template, &[("file", &printed(&second.file))]);
            shown.push(self.thermogram(number, "c", &what, f, second, Some(note)));
        }
        shown
    }

    fn thermogram(
        &mut self,
        number: &str,
        part: &str,
        what: &str,
        f: &FindingInput,
        t: &Thermogram,
        note: Option<String>,
    ) -> Shown {
        let size = (t.celsius.width(), t.celsius.height());
        let mm = fitted(size, self.room);
        let pixels = print_size(mm, (2 * size.0, 2 * size.1), self.dpi);
        let palette = self.input.palette;
        let colours = painted(&t.celsius, f.scale_c, palette, f.alarm, pixels);
        let readings: Vec<String> = f
            .readings
            .iter()
            .take(3)
            .map(|r| format!("{} {}", r.label, self.f.with_unit(r.mean_c, 1, "°C")))
            .collect();
        let (low, high) = f.scale_c;
        let (low, high) = (self.f.number(low, 0), self.f.number(high, 0));
        let values = [
            ("what", what),
            ("low", &low),
            ("high", &high),
            ("readings", &readings.join(", ")),
        ];
        let alt = short(&fill(self.words.alt_thermogram, &values));
        let caption = match note {
            Some(note) => note,
            None => self.caption(f, t),
        };
        Shown {
            picture: self.keep(&format!("{number}{part}"), colours),
            width: mm.0,
            height: mm.1,
            marks: marks(&t.markers, size, mm),
            legend: Some(legend(f.scale_c, palette, f.alarm, self.f)),
            caption,
            alt,
        }
    }

    fn caption(&self, f: &FindingInput, t: &Thermogram) -> String {
        let set = match f.set {
            ScaleSet::Inside => self.words.sets[0],
            ScaleSet::Outside => self.words.sets[1],
            ScaleSet::Board(_) => self.words.sets[2],
            ScaleSet::Kind(_) => self.words.sets[3],
            ScaleSet::Fixed => self.words.sets[4],
        };
        let time = t.time.map(|t| self.f.time(t));
        let (low, high) = (self.f.number(f.scale_c.0, 0), self.f.number(f.scale_c.1, 0));
        let names = [Some(printed(&t.file)), time];
        let names: Vec<String> = names.into_iter().flatten().collect();
        let mut text = fill(
            self.words.caption,
            &[
                ("file", &names.join(", ")),
                ("palette", self.input.palette.word()),
                ("low", &low),
                ("high", &high),
                ("set", set),
            ],
        );
        if let Some(alarm) = f.alarm.and_then(|a| self.alarm(a)) {
            text = format!("{text}; {alarm}");
        }
        if t.invalid > 0 {
            let n = self.f.number(t.invalid as f64, 0);
            text = format!("{text}; {}", fill(self.words.invalid, &[("n", &n)]));
        }
        text
    }

    fn alarm(&self, alarm: Alarm) -> Option<String> {
        let t = |c: f64| self.f.with_unit(c, 1, "°C");
        match alarm {
            Alarm::Above(c) => Some(fill(self.words.alarm_above, &[("t", &t(c))])),
            Alarm::Below(c) => Some(fill(self.words.alarm_below, &[("t", &t(c))])),
            Alarm::Between(a, b) => Some(fill(
                self.words.alarm_between,
                &[("a", &self.f.number(a, 1)), ("b", &t(b))],
            )),
            Alarm::Mould | Alarm::Dew => None,
        }
    }

    /// The visible picture, or both in one.
    fn partner(&mut self, number: &str, what: &str, f: &FindingInput) -> Option<Shown> {
        let visible = f.visible.as_ref()?;
        let alt = short(&fill(self.words.alt_photo, &[("what", what)]));
        let t = &f.thermogram;
        let raw = (t.celsius.width(), t.celsius.height());
        let Some(geometry) = &visible.geometry else {
            return Some(self.beside(number, visible, alt));
        };
        let full = (visible.rgb.width(), visible.rgb.height());
        let place = Registration::new(geometry, raw, full);
        let palette = self.input.palette;
        if f.view == View::PictureInPicture {
            let mm = fitted(full, self.room);
            let pixels = print_size(mm, full, self.dpi);
            let paint = (2 * raw.0, 2 * raw.1);
            let thermal = painted(&t.celsius, f.scale_c, palette, f.alarm, paint);
            let colours =
                registration::picture_in_picture(&thermal, &visible.rgb, &place, raw, pixels);
            return Some(Shown {
                picture: self.keep(&format!("{number}b"), colours),
                width: mm.0,
                height: mm.1,
                marks: Vec::new(),
                legend: None,
                caption: self.words.pip.to_owned(),
                alt,
            });
        }
        let mm = fitted(raw, self.room);
        let pixels = print_size(mm, (raw.0.max(full.0), raw.1.max(full.1)), self.dpi);
        let photo = registration::aligned(&visible.rgb, &place, raw, pixels);
        let (colours, caption) = match f.view {
            View::Blended => {
                let thermal = painted(&t.celsius, f.scale_c, palette, f.alarm, pixels);
                (registration::blended(&thermal, &photo), self.words.blended)
            }
            View::Edges => {
                let thermal = painted(&t.celsius, f.scale_c, palette, f.alarm, pixels);
                (registration::edges(&thermal, &photo), self.words.edges)
            }
            View::SideBySide | View::PictureInPicture => (photo, self.words.same_view),
        };
        Some(Shown {
            picture: self.keep(&format!("{number}b"), colours),
            width: mm.0,
            height: mm.1,
            marks: marks(&t.markers, raw, mm),
            legend: None,
            caption: caption.to_owned(),
            alt,
        })
    }

    /// A photo taken beside it: its own field of view, no markers.
    fn beside(&mut self, number: &str, visible: &Visible, alt: String) -> Shown {
        let size = (visible.rgb.width(), visible.rgb.height());
        let mm = fitted(size, self.room);
        let colours = registration::resized(&visible.rgb, print_size(mm, size, self.dpi));
        Shown {
            picture: self.keep(&format!("{number}b"), colours),
            width: mm.0,
            height: mm.1,
            marks: Vec::new(),
            legend: None,
            caption: match visible.file.as_str() {
                "" => self.words.camera_view.to_owned(),
                file => fill(self.words.own_view, &[("file", &printed(file))]),
            },
            alt,
        }
    }

    fn keep(&mut self, name: &str, colours: Colours) -> PictureRef {
        let name = format!("finding-{name}");
        let (width, height) = (colours.width() as u32, colours.height() as u32);
        self.pictures.push(Picture {
            name: name.clone(),
            width,
            height,
            rgb: colours.into_vec().into_iter().flatten().collect(),
        });
        PictureRef {
            name,
            width,
            height,
        }
    }

    /// The mini-plan.
    pub(super) fn plan(&self, plan: &Plan) -> Option<PlanShown> {
        let rect = plan.own.bounding_rect()?;
        let (mut x0, mut y0) = (
            rect.min().x.min(plan.camera[0]),
            rect.min().y.min(plan.camera[1]),
        );
        let (mut x1, mut y1) = (
            rect.max().x.max(plan.camera[0]),
            rect.max().y.max(plan.camera[1]),
        );
        let margin = 0.12 * (x1 - x0).max(y1 - y0).max(10.0);
        (x0, y0, x1, y1) = (x0 - margin, y0 - margin, x1 + margin, y1 + margin);
        let k = (PLAN.0 / (x1 - x0)).min(PLAN.1 / (y1 - y0));
        let (cx, cy) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
        let paper = |x: f64, y: f64| {
            [
                ((x - cx) * k + PLAN.0 / 2.0 * 1.0),
                (PLAN.1 / 2.0 - (y - cy) * k),
            ]
            .map(|v| (v * 100.0).round() / 100.0)
        };
        let rings = |shape: &MultiPolygon<f64>| -> Vec<Vec<[f64; 2]>> {
            let ring = |line: &LineString<f64>| line.coords().map(|c| paper(c.x, c.y)).collect();
            shape.0.iter().map(|p| ring(p.exterior())).collect()
        };
        let camera = paper(plan.camera[0], plan.camera[1]);
        let wedge = plan.heading_deg.map_or_else(Vec::new, |heading| {
            let corner = |turn: f64| {
                let a = (heading + turn).to_radians();
                [
                    camera[0] + WEDGE_MM * a.sin(),
                    camera[1] - WEDGE_MM * a.cos(),
                ]
            };
            vec![camera, corner(-WEDGE_DEG), corner(WEDGE_DEG)]
        });
        let stands = match plan.inside {
            true => self.words.camera_inside,
            false => self.words.camera_outside,
        };
        let words = match plan.heading_deg {
            Some(heading) => {
                let eighth = ((heading / 45.0).round() as usize) % 8;
                let direction = self.words.directions[eighth];
                let looks = fill(self.words.looks, &[("direction", direction)]);
                format!("{stands}, {looks}")
            }
            None => stands.to_owned(),
        };
        Some(PlanShown {
            own: rings(&plan.own),
            others: plan.others.iter().flat_map(rings).collect(),
            camera,
            wedge,
            alt: short(&fill(self.words.alt_plan, &[("words", &words)])),
            words,
        })
    }
}

/// A picture's size on paper: its own shape inside the room.
pub(super) fn fitted(pixels: (usize, usize), room: (f64, f64)) -> (f64, f64) {
    let (w, h) = (pixels.0 as f64, pixels.1 as f64);
    let k = (room.0 / w).min(room.1 / h);
    (w * k, h * k)
}

/// Columns and rows for a size on paper, no more than the source can fill.
fn print_size(mm: (f64, f64), most: (usize, usize), dpi: f64) -> (usize, usize) {
    let pixels = |mm: f64| (mm / 25.4 * dpi).round() as usize;
    let (w, h) = (pixels(mm.0), pixels(mm.1));
    if w > most.0 {
        let h = (most.0 as f64 * mm.1 / mm.0).round() as usize;
        return (most.0.max(1), h.max(1));
    }
    (w.max(1), h.max(1))
}

/// At most 250 characters (design.md).
fn short(text: &str) -> String {
    match text.char_indices().nth(249) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_shape() {
        for size in [(160, 120), (640, 512), (480, 640), (120, 120)] {
            let (w, h) = fitted(size, (72.0, 54.0));
            assert!(w <= 72.0 + 1e-9 && h <= 54.0 + 1e-9);
            let shape = size.0 as f64 / size.1 as f64;
            assert!((w / h - shape).abs() < 1e-9);
            let (a, b) = print_size((w, h), (2 * size.0, 2 * size.1), DPI);
            assert!((a as f64 / b as f64 - shape).abs() < 0.02, "{a} {b}");
        }
    }

    #[test]
    fn two_hundred_findings_have_no_more_pixels_than_sixty() {
        assert_eq!(resolution(1), 200.0);
        assert_eq!(resolution(60), 200.0);
        let pixels = |n: usize| n as f64 * resolution(n).powi(2);
        assert!(pixels(200) <= pixels(60) * 1.001);
        assert_eq!(resolution(10_000), LEAST_DPI);
    }
}
