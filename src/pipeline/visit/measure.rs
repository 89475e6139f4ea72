//! One row with its picture: measured, compared, assessed.

use super::pictures::{Known, Measured, photo};
use super::{Reading, Visit};
use crate::calibrate::handheld::HandheldParameters;
use crate::pipeline::stage::Stage;
use crate::problem::{Problem, Result};
use crate::raster::Grid;
use crate::report::visit::{CameraDifference, FindingInput, ScaleSet, Since, Thermogram, Visible};
use crate::score::handheld::building::{ANOMALY_SHARE, surface_at_humidity_c};
use crate::score::handheld::{Evidence, SiteConditions, assess};
use crate::survey::{Alarm, Finding, FindingKind, MeasurementTool, Outline, ToolKind, View};

/// Least share of a picture that an area marker covers to be the viewed area.
const VIEWED_SHARE: f64 = 0.10;

/// A problem with the stage it is told at.
pub(super) type Told = (Stage, Problem, bool);

/// Everything of one row, or why there is nothing.
pub(super) struct Row {
    pub(super) input: FindingInput,
    /// What was left out of it: skips and warnings.
    pub(super) told: Vec<Told>,
}

impl Visit<'_> {
    /// Measures and assesses a row.
    ///
    /// # Errors
    /// The picture is not there, not thermal, or cannot be turned into temperatures.
    pub(super) fn row(&self, row: &Finding, own: &[&Outline]) -> Result<Row> {
        let mut told = Vec::new();
        let kind = row.kind.unwrap_or(FindingKind::Other);
        let known = self.known(&row.image)?;
        let site = self.site();
        let used = site.parameters(row, known);
        let conditions = site.conditions(row, known, &used);
        let measured = Measured::new(known, &used)?;
        let coldest = kind == FindingKind::Building && !conditions.outdoors;
        let (markers, readings) = self.readings(row, &measured, coldest, &mut told);
        let differences = self.differences(row, &measured, (&markers, &readings), &mut told);
        let (other, reference) = self.reference(row, &measured, &readings, &used, &mut told);
        let before = self.before(row, &markers, &used, &mut told);
        let before_readings: Vec<Reading> = before
            .iter()
            .flat_map(|(_, m)| markers.iter().filter_map(|(t, own)| m.read(t, *own)))
            .collect();
        let share = anomaly_share(row, &measured, &markers, &conditions);
        let evidence = Evidence {
            finding: row,
            readings: &readings,
            reference: reference.clone(),
            before: &before_readings,
            anomaly_share: share,
            conditions,
        };
        let assessment = assess(&evidence, &self.options);
        let second = before.or(other);
        let visible = self.visible(row, &measured, &mut told);
        let upright: Vec<MeasurementTool> =
            markers.iter().map(|(t, _)| measured.upright(t)).collect();
        let thermogram = |known: &Known, measured: &Measured| -> Result<Thermogram> {
            Ok(Thermogram {
                file: known.name.clone(),
                sha256_8: known.sha256_8()?,
                time: known.local,
                celsius: measured.celsius(),
                invalid: measured.invalid,
                markers: upright.clone(),
            })
        };
        let first = Thermogram {
            time: row.time.or(known.local),
            ..thermogram(known, &measured)?
        };
        let second = match &second {
            Some((known, measured)) => Some(thermogram(known, measured)?),
            None => None,
        };
        let fix = known.header.fix;
        let input = FindingInput {
            kind,
            id: super::history::id_of(row, kind),
            other_reference: reference.filter(|r| !readings.iter().any(|o| o.label == r.label)),
            readings,
            differences,
            assessment,
            conditions,
            parameters: super::site::facts(&used, &known.header.found),
            thermogram: first,
            second,
            visible,
            view: row.view.unwrap_or(self.view),
            alarm: resolved_alarm(row.alarm.or(self.alarm), kind, &conditions),
            plan: site.plan(known, own, &self.job.inputs.outlines),
            gps: fix.map(|f| [f.lon_deg, f.lat_deg]),
            scale_c: (0.0, 0.0),
            set: set_of(row, kind, &conditions),
            history: Vec::new(),
            since: Since::New,
            finding: row.clone(),
        };
        Ok(Row { input, told })
    }

    /// The auditor's markers, then the camera's; the extreme where there are none.
    fn readings(
        &self,
        row: &Finding,
        measured: &Measured,
        coldest: bool,
        told: &mut Vec<Told>,
    ) -> (Vec<(MeasurementTool, bool)>, Vec<Reading>) {
        let mut all: Vec<(MeasurementTool, bool)> = Vec::new();
        for tool in &row.markers {
            if measured.holds(tool) {
                all.push((tool.clone(), true));
                continue;
            }
            let (w, h) = (measured.kelvin.width(), measured.kelvin.height());
            let what = format!(
                "{} lies outside the picture of {w} × {h} pixels: left out",
                tool.label
            );
            told.push(self.at(row, "markers", what, true));
        }
        let names = ["Sp", "Bx", "El", "Li"];
        for tool in &measured.tools {
            let prefix = match tool.kind {
                ToolKind::Spot => names[0],
                ToolKind::Area => names[1],
                ToolKind::Ellipse => names[2],
                ToolKind::Line => names[3],
                _ => continue,
            };
            // `init` wrote the camera's markers into the table.
            let same = |t: &MeasurementTool| t.kind == tool.kind && t.points == tool.points;
            if all.iter().any(|(t, _)| same(t)) {
                continue;
            }
            let mut label = match tool.label.trim() {
                "" => format!("{prefix}1"),
                text if text.chars().all(|c| c.is_ascii_digit()) => format!("{prefix}{text}"),
                text => text.to_owned(),
            };
            // The camera's Sp1 beside the auditor's Sp1.
            while all.iter().any(|(t, _)| t.label == label) {
                label.push('c');
            }
            all.push((
                MeasurementTool {
                    label,
                    ..tool.clone()
                },
                false,
            ));
        }
        if all.is_empty() {
            all.extend(measured.extreme(coldest).map(|t| (t, false)));
        }
        let mut kept = Vec::new();
        let mut readings = Vec::new();
        for (tool, own) in all {
            match measured.read(&tool, own) {
                Some(reading) => {
                    readings.push(reading);
                    kept.push((tool, own));
                }
                None if own => {
                    let what = format!("{} covers no pixel with a value: left out", tool.label);
                    told.push(self.at(row, "markers", what, true));
                }
                None => {}
            }
        }
        if !row.object.is_empty() {
            match readings
                .iter()
                .position(|r| r.label.eq_ignore_ascii_case(&row.object))
            {
                Some(i) => {
                    readings[..=i].rotate_right(1);
                    kept[..=i].rotate_right(1);
                }
                None => {
                    let what = format!("{} is no marker of {}: not used", row.object, row.image);
                    told.push(self.at(row, "markers", what, true));
                }
            }
        }
        (kept, readings)
    }

    /// Differences the camera stored, measured again. Its two fields are taken for the numbers of tools in
    /// the order of the file, from 1: nobody documents them, so the sheet names the two markers beside
    /// the value. What does not fit is told.
    fn differences(
        &self,
        row: &Finding,
        measured: &Measured,
        (markers, readings): (&[(MeasurementTool, bool)], &[Reading]),
        told: &mut Vec<Told>,
    ) -> Vec<CameraDifference> {
        let reading = |number: u16| -> Option<&Reading> {
            let tool = measured.tools.get(usize::from(number).checked_sub(1)?)?;
            let same = |m: &MeasurementTool| m.kind == tool.kind && m.points == tool.points;
            let (marker, _) = markers.iter().find(|(m, _)| same(m))?;
            readings.iter().find(|r| r.label == marker.label)
        };
        let mut found = Vec::new();
        let tools = measured.tools.iter();
        for tool in tools.filter(|t| t.kind == ToolKind::Difference) {
            let two = match tool.points.as_slice() {
                [a, b] if a != b => reading(*a).zip(reading(*b)),
                _ => None,
            };
            match two {
                Some((one, other)) => found.push(CameraDifference {
                    label: tool.label.trim().to_owned(),
                    one: one.label.clone(),
                    other: other.label.clone(),
                    difference_k: one.mean_c - other.mean_c,
                }),
                None => {
                    let what = format!(
                        "the picture holds a difference ({}) and does not tell of which two: not measured",
                        tool.label.trim()
                    );
                    told.push(self.at(row, "reference_image_or_marker", what, false));
                }
            }
        }
        found
    }

    /// The reference a row names: a marker of the same picture, or another picture.
    fn reference(
        &self,
        row: &Finding,
        measured: &Measured,
        readings: &[Reading],
        used: &HandheldParameters,
        told: &mut Vec<Told>,
    ) -> (Option<(Known, Measured)>, Option<Reading>) {
        let name = row.reference.trim();
        if name.is_empty() {
            return (None, None);
        }
        if let Some(found) = readings.iter().find(|r| r.label.eq_ignore_ascii_case(name)) {
            return (None, Some(found.clone()));
        }
        let column = "reference_image_or_marker";
        let Ok(known) = self.known(name) else {
            let what = format!(
                "is \"{name}\": neither a marker of {} nor a thermal picture of the visit: not used",
                row.image
            );
            told.push(self.at(row, column, what, true));
            return (None, None);
        };
        let other = match Measured::new(known, used) {
            Ok(other) => other,
            Err(problem) => {
                told.push(self.at(row, column, format!("{}: not used", problem.what), true));
                return (None, None);
            }
        };
        // The same marker where it fits, else the other picture's own, else its warmest place.
        let same = (other.kelvin.width(), other.kelvin.height())
            == (measured.kelvin.width(), measured.kelvin.height());
        let own = row.markers.first().filter(|t| same && other.holds(t));
        let camera = other.tools.iter().find(|t| other.read(t, false).is_some());
        let tool = own.or(camera).cloned().or_else(|| other.extreme(false));
        let reading = tool.and_then(|t| other.read(&t, false)).map(|r| Reading {
            label: known.name.clone(),
            ..r
        });
        (Some((known.clone(), other)), reading)
    }

    /// The picture before the pressure was lowered.
    fn before(
        &self,
        row: &Finding,
        markers: &[(MeasurementTool, bool)],
        used: &HandheldParameters,
        told: &mut Vec<Told>,
    ) -> Option<(Known, Measured)> {
        if row.before_image.is_empty() {
            return None;
        }
        let opened = self
            .known(&row.before_image)
            .and_then(|known| Ok((known.clone(), Measured::new(known, used)?)));
        match opened {
            Ok((known, measured)) if markers.iter().all(|(t, _)| measured.holds(t)) => {
                Some((known, measured))
            }
            Ok(_) => {
                let what = format!(
                    "{} is another picture size than {}: not compared",
                    row.before_image, row.image
                );
                told.push(self.at(row, "before_image", what, true));
                None
            }
            Err(problem) => {
                let what = format!("{} {}: not compared", row.before_image, problem.what);
                told.push(self.at(row, "before_image", what, true));
                None
            }
        }
    }

    /// The photo a row names, else the picture inside the thermal file.
    fn visible(&self, row: &Finding, measured: &Measured, told: &mut Vec<Told>) -> Option<Visible> {
        let inside = measured.visible();
        if row.visible_image.is_empty() {
            return inside;
        }
        match photo(self.job.folder, &row.visible_image) {
            // A picture that lies on the thermogram beats one beside it only where nobody named one.
            Ok(beside) => Some(beside),
            Err(problem) => {
                let what = format!("{} {}: not shown", row.visible_image, problem.what);
                told.push(self.at(row, "visible_image", what, true));
                inside
            }
        }
    }

    /// A problem of a cell of a row.
    pub(super) fn at(&self, row: &Finding, column: &str, what: String, skip: bool) -> Told {
        let hint = match column {
            "company_id" => "write a company_id of the company list; init suggests one by position",
            "markers" => {
                "columns and rows of the detector from 0, as thermaudit inspect tells them"
            }
            "reference_image_or_marker" => {
                "name a marker of the picture, such as Sp2, or a picture"
            }
            _ => "put the picture into the visit's folder, or correct the cell",
        };
        let problem = Problem::setting(what)
            .in_file(self.shown.clone())
            .field(format!("{}, column {column}", row.place))
            .hint(hint);
        (Stage::Attach, problem, skip)
    }
}

/// The pictures that share a scale with this one.
fn set_of(row: &Finding, kind: FindingKind, conditions: &SiteConditions) -> ScaleSet {
    match kind {
        FindingKind::Building if conditions.outdoors => ScaleSet::Outside,
        FindingKind::Building => ScaleSet::Inside,
        FindingKind::Electrical => ScaleSet::Board(row.electrical.board.clone()),
        kind => ScaleSet::Kind(kind),
    }
}

/// An alarm as temperatures; those of humidity only where it is known, inside.
fn resolved_alarm(
    asked: Option<Alarm>,
    kind: FindingKind,
    conditions: &SiteConditions,
) -> Option<Alarm> {
    let limit = match asked? {
        Alarm::Mould => 0.8,
        Alarm::Dew => 1.0,
        plain => return Some(plain),
    };
    let inside = kind == FindingKind::Building && !conditions.outdoors;
    let (air, humidity) = conditions.indoor_c.zip(conditions.indoor_humidity)?;
    inside.then(|| Alarm::Below(surface_at_humidity_c(air, humidity, limit)))
}

/// Share of the viewed area that is off its median by a tenth of the difference inside to outside:
/// colder inside, warmer outside. The viewed area is the first area marker that covers a tenth of
/// the picture, else, where the row gives the area, the whole picture.
fn anomaly_share(
    row: &Finding,
    measured: &Measured,
    markers: &[(MeasurementTool, bool)],
    conditions: &SiteConditions,
) -> Option<f64> {
    if row.kind != Some(FindingKind::Building) {
        return None;
    }
    let difference = conditions.indoor_c? - conditions.outdoor_c?;
    let pixels = (measured.kelvin.width() * measured.kelvin.height()) as f64;
    let area = markers.iter().find_map(|(t, _)| match t.points.as_slice() {
        &[x, y, w, h, ..] if t.kind == ToolKind::Area => {
            let covers = f64::from(w) * f64::from(h) >= VIEWED_SHARE * pixels;
            covers.then_some([x, y, w, h].map(usize::from))
        }
        _ => None,
    });
    let area = match (area, row.area_m2) {
        (Some(area), _) => area,
        (None, Some(_)) => [0, 0, measured.kelvin.width(), measured.kelvin.height()],
        (None, None) => return None,
    };
    let mut values = values_in(&measured.kelvin, area);
    if difference <= 0.0 || values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let (_, median, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    let median = f64::from(*median);
    let limit = ANOMALY_SHARE * difference;
    let off = values.iter().filter(|v| match conditions.outdoors {
        true => f64::from(**v) - median > limit,
        false => median - f64::from(**v) > limit,
    });
    Some(off.count() as f64 / values.len() as f64)
}

fn values_in(kelvin: &Grid<f32>, [x, y, w, h]: [usize; 4]) -> Vec<f32> {
    let rows = y..(y + h).min(kelvin.height());
    rows.flat_map(|row| {
        let line = kelvin.row(row);
        line.get(x..(x + w).min(line.len())).unwrap_or_default()
    })
    .copied()
    .filter(|v| !v.is_nan())
    .collect()
}

/// Range of a picture's temperatures without its outer percent, °C.
pub(super) fn spread(celsius: &Grid<f32>) -> Option<(f64, f64)> {
    let mut values: Vec<f32> = celsius
        .data()
        .iter()
        .copied()
        .filter(|v| !v.is_nan())
        .collect();
    if values.is_empty() {
        return None;
    }
    let at = |values: &mut Vec<f32>, share: f64| {
        let i = ((values.len() - 1) as f64 * share).round() as usize;
        f64::from(*values.select_nth_unstable_by(i, f32::total_cmp).1)
    };
    Some((at(&mut values, 0.01), at(&mut values, 0.99)))
}

/// A spread outward to whole degrees that are at least 4 K apart.
pub(super) fn whole_degrees((low, high): (f64, f64)) -> (f64, f64) {
    let (low, high) = (low.floor(), high.ceil());
    let short = (4.0 - (high - low)).max(0.0) / 2.0;
    ((low - short).floor(), (high + short).ceil())
}

/// The view of the settings.
pub(super) fn view_of(word: &str) -> View {
    match word {
        "blended" => View::Blended,
        "edges" => View::Edges,
        "picture-in-picture" => View::PictureInPicture,
        _ => View::SideBySide,
    }
}

/// The alarm of the settings.
pub(super) fn alarm_of(word: &str) -> Option<Alarm> {
    match word {
        "mould" => Some(Alarm::Mould),
        "dew" => Some(Alarm::Dew),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_whole_and_wide_enough() {
        assert_eq!(whole_degrees((11.2, 19.7)), (11.0, 20.0));
        let (low, high) = whole_degrees((20.2, 20.6));
        assert!(high - low >= 4.0 && low.fract() == 0.0, "{low} {high}");
    }

    #[test]
    fn the_spread_leaves_single_pixels_out() {
        let mut values = vec![10.0_f32; 1000];
        values[0] = 500.0;
        values[1] = f32::NAN;
        let grid = Grid::from_vec(100, 10, values).expect("a thousand");
        assert_eq!(spread(&grid), Some((10.0, 10.0)));
    }
}
