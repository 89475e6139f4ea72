//! The options that take the place of a file's radiometric parameters.

use crate::calibrate::parameters::{Choice, Origin, Settings, for_file};
use crate::problem::Problem;
use crate::survey::FoundParameters;
use clap::{Args, ValueEnum};

/// Parameters that win over the file's.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Parameters instead of the file's")]
pub(crate) struct RadiometryArgs {
    /// Emissivity of the surface, above 0 up to 1
    #[arg(long, value_name = "E")]
    emissivity: Option<f64>,
    /// Reflected apparent temperature, °C
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    reflected: Option<f64>,
    /// Distance to the surface, metres; 0 leaves the air out
    #[arg(long, value_name = "M")]
    distance: Option<f64>,
    /// Relative humidity, percent
    #[arg(long, value_name = "PCT", value_parser = percent)]
    humidity: Option<f64>,
    /// Air temperature, °C
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    air: Option<f64>,
    /// Transmission of a window in front of the lens, above 0 up to 1
    #[arg(long, value_name = "T")]
    window_transmission: Option<f64>,
    /// Temperature of that window, °C
    #[arg(long, value_name = "C", allow_negative_numbers = true)]
    window_temperature: Option<f64>,
    /// Kelvin per count, for TIFFs that do not say: °C = count · scale + offset
    #[arg(long, value_name = "K", requires = "offset")]
    scale: Option<f64>,
    /// °C at count 0
    #[arg(
        long,
        value_name = "C",
        allow_negative_numbers = true,
        requires = "scale"
    )]
    offset: Option<f64>,
    /// Temperature law for DJI's files
    #[arg(long, value_name = "LAW")]
    dji: Option<DjiLaw>,
}

/// From the counts of a DJI file to the temperature of the surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DjiLaw {
    /// Our own air and reflection, as for every camera
    Physical,
    /// What the maker's own program would show
    VendorEquivalent,
}

impl RadiometryArgs {
    /// What was given, checked.
    ///
    /// # Errors
    /// A value out of its range; the problem names the option.
    pub(crate) fn settings(&self) -> Result<Settings, Problem> {
        let settings = self.given();
        let resolved = for_file(&settings, &FoundParameters::default());
        resolved.parameters.check().map_err(named)?;
        match settings.linear.map(|c| c.value.0) {
            Some(scale) if !(scale.is_finite() && scale > 0.0) => {
                let what = format!("is {scale}, expected a number > 0");
                Err(Problem::setting(what).field("--scale"))
            }
            _ => Ok(settings),
        }
    }

    fn given(&self) -> Settings {
        let given = |value: Option<f64>| value.map(|v| Choice::new(v, Origin::CommandLine));
        Settings {
            emissivity: given(self.emissivity),
            reflected_c: given(self.reflected),
            distance_m: given(self.distance),
            air_c: given(self.air),
            humidity: given(self.humidity.map(|pct| pct / 100.0)),
            window_transmission: given(self.window_transmission),
            window_c: given(self.window_temperature),
            planck: None,
            linear: self
                .scale
                .zip(self.offset)
                .map(|pair| Choice::new(pair, Origin::CommandLine)),
            vendor_equivalent: self
                .dji
                .map(|law| Choice::new(law == DjiLaw::VendorEquivalent, Origin::CommandLine)),
        }
    }
}

/// The problem of a setting as one of the option that sets it.
fn named(problem: Problem) -> Problem {
    let option = match problem.field.as_deref() {
        Some("radiometry.emissivity") => "--emissivity",
        Some("radiometry.distance_m") => "--distance",
        Some("radiometry.reflected_c") => "--reflected",
        Some("radiometry.air_c") => "--air",
        Some("radiometry.humidity_pct") => "--humidity",
        Some("radiometry.window_c") => "--window-temperature",
        Some("radiometry.window_transmission") => "--window-transmission",
        _ => return problem,
    };
    Problem {
        field: Some(option.to_owned()),
        ..problem
    }
}

/// Percent; a fraction is a mistake.
fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value < 1.0 => Err("expected percent, such as 50".to_owned()),
        Ok(value) if (0.0..=100.0).contains(&value) => Ok(value),
        _ => Err("expected percent, 0 to 100".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_out_of_range_names_its_option() {
        let wrong = RadiometryArgs {
            emissivity: Some(1.3),
            ..RadiometryArgs::default()
        };
        let problem = wrong.settings().expect_err("1.3 is no emissivity");
        assert_eq!(problem.field.as_deref(), Some("--emissivity"));
        assert!(RadiometryArgs::default().settings().is_ok());
    }

    #[test]
    fn humidity_is_percent_and_a_fraction_is_refused() {
        assert_eq!(percent("80"), Ok(80.0));
        assert!(percent("0.8").is_err());
        assert!(percent("120").is_err());
    }
}
