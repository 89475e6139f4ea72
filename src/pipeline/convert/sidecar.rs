//! How an output was made, in words for its tags, its first line and the file beside it.

use super::super::inspect::report::Inspection;
use super::Format;
use super::output::SOFTWARE;
use crate::problem::{Problem, Result};
use crate::report::palette::Palette;
use serde_json::{Value, json};

/// What is told of an output's making.
pub(super) struct About<'a> {
    pub(super) facts: &'a Inspection,
    /// Frame of the source, from 1.
    pub(super) frame: usize,
    pub(super) frames: usize,
    /// Hash of the source.
    pub(super) blake3: String,
}

/// Colours of a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    pub(super) palette: Palette,
    pub(super) range: [f64; 2],
    pub(super) origin: &'static str,
}

impl About<'_> {
    /// Items of GDAL's metadata.
    pub(super) fn items(&self) -> Vec<(String, String)> {
        let mut items = vec![
            ("TA_SOURCE".to_owned(), self.facts.file.clone()),
            ("TA_SOURCE_BLAKE3".to_owned(), self.blake3.clone()),
        ];
        if self.frames > 1 {
            items.push(("TA_FRAME".to_owned(), self.frame.to_string()));
        }
        for (name, p) in &self.facts.parameters {
            let key = format!("TA_{}", name.to_ascii_uppercase());
            items.push((format!("{key}_ORIGIN"), p.origin.to_owned()));
            items.push((key, p.value.to_string()));
        }
        if let Some(law) = self.facts.dji {
            items.push(("TA_DJI".to_owned(), law.value.to_owned()));
            items.push(("TA_DJI_ORIGIN".to_owned(), law.origin.to_owned()));
        }
        if !self.facts.warnings.is_empty() {
            items.push(("TA_WARNINGS".to_owned(), self.facts.warnings.join("; ")));
        }
        items
    }

    /// One line for people.
    pub(super) fn line(&self) -> String {
        let mut parts = vec![self.facts.file.clone()];
        if self.frames > 1 {
            parts.push(format!("frame {}", self.frame));
        }
        let parameters = self.facts.parameters.iter();
        parts.extend(parameters.map(|(name, p)| format!("{name} {} ({})", p.value, p.origin)));
        parts.extend(
            self.facts
                .dji
                .map(|law| format!("law {} ({})", law.value, law.origin)),
        );
        parts.push(SOFTWARE.to_owned());
        parts.join(", ")
    }

    /// The file beside the output.
    ///
    /// # Errors
    /// Facts that are no JSON, which they always are.
    pub(super) fn json(
        &self,
        output: &str,
        format: Format,
        unit: &str,
        colours: Option<Colours>,
    ) -> Result<String> {
        let facts = serde_json::to_value(self.facts)
            .map_err(|e| Problem::broken(format!("the facts cannot be written: {e}")))?;
        let mut value = json!({
            "program": SOFTWARE,
            "output": output,
            "format": format.word(),
            "unit": unit,
            "source": {
                "file": self.facts.file,
                "frame": self.frame,
                "frames": self.frames,
                "blake3": self.blake3,
            },
        });
        for key in [
            "width_px",
            "height_px",
            "camera",
            "time",
            "position",
            "attitude",
            "radiometry",
            "calibration",
            "parameters",
            "dji",
            "temperature",
            "counts",
            "warnings",
        ] {
            value[key] = facts.get(key).cloned().unwrap_or(Value::Null);
        }
        if let Some(c) = colours {
            value["palette"] = json!(c.palette.word());
            value["range"] = json!({ "low": c.range[0], "high": c.range[1], "origin": c.origin });
        }
        Ok(format!("{value:#}\n"))
    }
}
