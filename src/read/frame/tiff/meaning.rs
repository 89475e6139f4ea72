//! What the numbers of a TIFF mean: GDAL's scale and unit, or the median of floats.

use super::super::limits;
use crate::survey::Encoding;
use crate::units::ZERO_CELSIUS_K;

/// Unit of a band, by GDAL's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Unit {
    Celsius,
    Kelvin,
}

/// Unit of floats: stated, or told by their median.
pub(in super::super) fn float_encoding(
    unit: Option<Unit>,
    values: &[f32],
    warnings: &mut Vec<String>,
) -> Encoding {
    /// No scene has a median of 150 °C, and none one below 150 K.
    const BETWEEN: f32 = 150.0;
    let unit = unit.unwrap_or_else(|| {
        let mut finite: Vec<f32> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let middle = finite.len() / 2;
        let median = if finite.is_empty() {
            f32::NAN
        } else {
            *finite.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        let (unit, name) = if median > BETWEEN {
            (Unit::Kelvin, "kelvin")
        } else {
            (Unit::Celsius, "°C")
        };
        warnings.push(format!(
            "the file names no unit: taken as {name}, because the median is {median:.1}"
        ));
        unit
    });
    Encoding::Linear {
        scale: 1.0,
        offset_c: match unit {
            Unit::Celsius => 0.0,
            Unit::Kelvin => -ZERO_CELSIUS_K,
        },
    }
}

/// Scale, offset and unit of band 0 in GDAL's metadata (`<Item name="SCALE" sample="0"
/// role="scale">0.01</Item>`).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct GdalScale {
    scale: Option<f64>,
    offset: Option<f64>,
    pub(super) unit: Option<Unit>,
}

impl GdalScale {
    pub(super) fn parse(text: &str) -> Self {
        let mut found = Self::default();
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        let Ok(document) = limits::xml(text) else {
            return found;
        };
        for item in document.descendants().filter(|n| n.has_tag_name("Item")) {
            if item.attribute("sample").is_some_and(|s| s != "0") {
                continue;
            }
            let value = item.text().unwrap_or_default().trim();
            let number = value.parse::<f64>().ok().filter(|v| v.is_finite());
            match item.attribute("role") {
                Some("scale") => found.scale = number.filter(|s| *s != 0.0),
                Some("offset") => found.offset = number,
                Some("unittype") => found.unit = unit(value),
                _ => {}
            }
        }
        found
    }

    /// °C = sample · scale + offset, when a scale is there.
    pub(super) fn linear(&self) -> Option<Encoding> {
        let zero = match self.unit {
            Some(Unit::Kelvin) => ZERO_CELSIUS_K,
            _ => 0.0,
        };
        Some(Encoding::Linear {
            scale: self.scale?,
            offset_c: self.offset.unwrap_or(0.0) - zero,
        })
    }
}

/// Unit by its name; `None` for a name we do not know.
pub(in super::super) fn unit(text: &str) -> Option<Unit> {
    match text.to_lowercase().as_str() {
        "k" | "kelvin" => Some(Unit::Kelvin),
        "c" | "°c" | "degc" | "deg c" | "celsius" | "degree_celsius" => Some(Unit::Celsius),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gdal_scale_and_offset_of_the_first_band_are_read() {
        let text = r#"<GDALMetadata>
            <Item name="SCALE" sample="1" role="scale">7</Item>
            <Item name="SCALE" sample="0" role="scale">0.01</Item>
            <Item name="OFFSET" sample="0" role="offset">-100</Item>
            </GDALMetadata>"#;
        assert_eq!(
            GdalScale::parse(text).linear(),
            Some(Encoding::Linear {
                scale: 0.01,
                offset_c: -100.0
            })
        );
        assert_eq!(GdalScale::parse("<GDALMetadata>").linear(), None);
    }

    #[test]
    fn floats_without_a_unit_are_told_by_their_median() {
        let mut warnings = Vec::new();
        let kelvin = float_encoding(None, &[271.0, f32::NAN, 272.0, 273.0], &mut warnings);
        assert_eq!(
            kelvin,
            Encoding::Linear {
                scale: 1.0,
                offset_c: -273.15
            }
        );
        assert!(warnings[0].contains("kelvin"), "{warnings:?}");
        let celsius = float_encoding(None, &[-3.0, 2.0], &mut warnings);
        assert_eq!(
            celsius,
            Encoding::Linear {
                scale: 1.0,
                offset_c: 0.0
            }
        );
    }
}
