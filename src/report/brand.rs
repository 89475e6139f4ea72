//! What makes pages look like the user's house: logos and a colour.

use serde::Serialize;

use super::input::Logo;

/// Accent of the design, used unless the house colour is readable.
pub(super) const ACCENT: &str = "#0F4C5C";

/// Least contrast of text on white (WCAG 2.2, 1.4.3).
pub const MIN_CONTRAST: f64 = 4.5;

/// Logos and colour of the house.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brand {
    /// Logo of the association, in the head left.
    pub logo: Option<Logo>,
    /// Logo of the auditor, in the head right.
    pub auditor_logo: Option<Logo>,
    /// House colour `#RRGGBB`; used when its contrast on white is at least [`MIN_CONTRAST`].
    pub colour: String,
}

/// The same as a template reads it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Marks {
    /// Accent colour `#RRGGBB`.
    pub accent: String,
    /// File name of the left logo.
    pub logo: Option<String>,
    /// File name of the right logo.
    pub auditor_logo: Option<String>,
}

/// Files by the name under which a template reads them.
pub type Files = Vec<(String, Vec<u8>)>;

impl Brand {
    /// What a template reads, and the files it names.
    pub fn marks(&self) -> (Marks, Files) {
        let mut files = Files::new();
        let mut file = |logo: &Option<Logo>, name: &str| {
            let logo = logo.as_ref()?;
            let name = format!("{name}.{}", extension(&logo.0)?);
            files.push((name.clone(), logo.0.clone()));
            Some(name)
        };
        let marks = Marks {
            accent: accent(&self.colour),
            logo: file(&self.logo, "report-logo"),
            auditor_logo: file(&self.auditor_logo, "report-auditor-logo"),
        };
        (marks, files)
    }
}

/// The house colour when its contrast on white is at least 4.5, else the design's accent.
pub(super) fn accent(colour: &str) -> String {
    match rgb(colour) {
        Some(rgb) if contrast_on_white(rgb) >= MIN_CONTRAST => format!("#{rgb:06X}"),
        _ => ACCENT.to_owned(),
    }
}

/// Contrast of a colour `#RRGGBB` with white; `None` for anything else.
pub fn contrast(colour: &str) -> Option<f64> {
    rgb(colour).map(contrast_on_white)
}

fn rgb(colour: &str) -> Option<u32> {
    let hex = colour.trim().trim_start_matches('#');
    let digits = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    u32::from_str_radix(hex, 16).ok().filter(|_| digits)
}

/// Contrast ratio with white (WCAG 2.2, definition of relative luminance).
fn contrast_on_white(rgb: u32) -> f64 {
    let linear = |shift: u32| {
        let v = f64::from((rgb >> shift) & 0xFF) / 255.0;
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    };
    1.05 / (0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0) + 0.05)
}

/// File kind of a logo by its first bytes; anything else is not shown.
fn extension(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("jpg"),
        _ if bytes.windows(4).any(|w| w == b"<svg") => Some("svg"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_colour_too_pale_for_text_is_not_used() {
        assert_eq!(accent("#FFCC00"), ACCENT);
        assert_eq!(accent("not a colour"), ACCENT);
        assert_eq!(accent("#+1+1+1"), ACCENT);
        assert_eq!(accent("#aa0000"), "#AA0000");
        assert_eq!(contrast("teal"), None);
    }

    #[test]
    fn contrast_with_white_is_that_of_the_design_table() {
        // design.md: accent 9.5, tertiary 5.0; both printed with one decimal.
        assert!((contrast_on_white(0x0F4C5C) - 9.5).abs() < 0.06);
        assert!((contrast_on_white(0x667080) - 5.0).abs() < 0.06);
    }

    #[test]
    fn a_logo_is_named_by_what_it_is() {
        let brand = Brand {
            logo: Some(Logo(b"<?xml version='1.0'?><svg/>".to_vec())),
            auditor_logo: Some(Logo(vec![0x89, b'P', b'N', b'G'])),
            colour: String::new(),
        };
        let (marks, files) = brand.marks();
        assert_eq!(marks.logo.as_deref(), Some("report-logo.svg"));
        assert_eq!(
            marks.auditor_logo.as_deref(),
            Some("report-auditor-logo.png")
        );
        assert_eq!(files.len(), 2);
    }
}
