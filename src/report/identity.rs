//! Who and when: head, identity, conditions, privacy, release, footer.

use super::brand::Files;
use super::format::{Format, fill, printed};
use super::input::{Purpose, Settings, SheetConditions, SheetInput};
use super::sheet::{Footer, Header, Pair, ReleaseBlock, campaign};
use super::words::Words;
use crate::survey::{Company, Sharing};

/// Characters that stand in one line of the facts of the flight.
const FACT_CHARACTERS: usize = 44;

pub(super) fn header(input: &SheetInput, words: &Words) -> (Header, Files) {
    header_of(&input.settings, words)
}

/// Head of the pages of any sheet, with the files of its logos.
pub(super) fn header_of(settings: &Settings, words: &Words) -> (Header, Files) {
    let (marks, logos) = settings.brand.marks();
    let alt = |name: &str| fill(words.logo_alt, &[("name", name)]);
    let header = Header {
        left: settings.project.clone(),
        right: settings.auditor.clone(),
        logo: marks.logo,
        logo_alt: alt(&settings.project),
        auditor_logo: marks.auditor_logo,
        auditor_logo_alt: alt(&settings.auditor),
    };
    (header, logos)
}

pub(super) fn company(input: &SheetInput, words: &Words, f: &Format) -> Vec<Pair> {
    let company = &input.company;
    let mut pairs = Vec::new();
    if !company.address.is_empty() {
        pairs.push(Pair::new(words.address, printed(&company.address)));
    }
    let mut numbers = Vec::new();
    if !company.enterprise_number.is_empty() {
        numbers.push(f.enterprise(&company.enterprise_number, false));
    }
    if !company.establishment_number.is_empty() {
        let n = f.enterprise(&company.establishment_number, true);
        numbers.push(fill(words.establishment, &[("n", &n)]));
    }
    if !numbers.is_empty() {
        pairs.push(Pair::new(words.enterprise, numbers.join(", ")));
    }
    if !campaign(input).is_empty() {
        pairs.push(Pair::new(words.campaign, campaign(input)));
    }
    if !input.settings.park.is_empty() {
        pairs.push(Pair::new(words.park, printed(&input.settings.park)));
    }
    pairs
}

pub(super) fn flight(input: &SheetInput, words: &Words, f: &Format) -> Vec<Pair> {
    let flight = &input.flight;
    let mut when = format!("{}, {}", f.date(flight.start.date()), f.time(flight.start));
    if f.time(flight.end) != f.time(flight.start) {
        when = format!("{when}–{}", f.time(flight.end));
    }
    let number = fill(words.flight_number, &[("n", &flight.id)]);
    let together = when.chars().count() + 2 + number.chars().count() <= FACT_CHARACTERS;
    if !flight.id.is_empty() && together {
        when = format!("{when}, {number}");
    }
    let mut pairs = vec![Pair::new(words.flight, when)];
    if !flight.id.is_empty() && !together {
        pairs.push(Pair::new(words.flight_id, flight.id.as_str()));
    }
    pairs.push(Pair::new(words.device, device(input, words)));
    if let Some(height) = flight.height_m {
        let h = f.with_unit(height, 0, "m");
        pairs.push(Pair::new(
            words.height,
            fill(words.height_value, &[("h", &h)]),
        ));
    }
    let gsd = f.with_unit(
        100.0 * flight.gsd_m,
        usize::from(flight.gsd_m < 0.0995),
        "cm",
    );
    let n = f.number(f64::from(flight.frames), 0);
    let template = if flight.frames > 0 {
        words.resolution_value
    } else {
        words.resolution_one
    };
    pairs.push(Pair::new(
        words.resolution,
        fill(template, &[("gsd", &gsd), ("n", &n)]),
    ));
    let purpose = match flight.purpose {
        Purpose::HeatLoss => words.purpose_heat_loss,
        Purpose::Moisture => words.purpose_moisture,
    };
    pairs.push(Pair::new(words.purpose, purpose));
    pairs
}

fn device(input: &SheetInput, words: &Words) -> String {
    let flight = &input.flight;
    let platform = match flight.platform.as_str() {
        "drone" => words.drone,
        "aircraft" => words.aircraft,
        other => other,
    };
    let camera = if flight.camera.is_empty() {
        words.camera
    } else {
        &flight.camera
    };
    let mut text = camera.to_owned();
    if !platform.is_empty() {
        text = format!("{platform}, {camera}");
    }
    if let Some((columns, rows)) = flight.sensor_px {
        text = format!("{text} {columns}\u{a0}×\u{a0}{rows}");
    }
    text
}

pub(super) fn conditions(input: &SheetInput, words: &Words, f: &Format) -> Vec<Pair> {
    let c = &input.conditions;
    let w = &c.weather;
    let sky = if c.sky_computed {
        words.sky_computed
    } else {
        words.sky_measured
    };
    let clouds = w.cloud_okta.map(|n| format!("{} / 8", f.number(n, 0)));
    let mut pairs = vec![
        Pair::new(words.air, f.optional(w.air_c, 1, "°C")),
        Pair::new(words.humidity, f.optional(w.humidity_pct, 0, "%")),
        Pair::new(words.wind, f.optional(w.wind_m_s, 1, "m/s")),
        Pair::new(sky, f.optional(c.sky_c, 0, "°C")),
    ];
    if let Some(clouds) = clouds {
        pairs.push(Pair::new(words.clouds, clouds));
    }
    pairs.push(Pair::new(words.rain, f.optional(c.rain_24h_mm, 0, "mm")));
    pairs.push(Pair::new(words.emissivity, f.number(c.emissivity, 2)));
    let uncertainty = match c.uncertainty_k {
        Some(u) => format!("±\u{a0}{}", f.with_unit(u, 1, "K")),
        None => words.unknown.to_owned(),
    };
    pairs.push(Pair::new(words.uncertainty, uncertainty));
    pairs
}

pub(super) fn conditions_note(input: &SheetInput, words: &Words, f: &Format) -> String {
    let c = &input.conditions;
    let station = match (c.station.as_str(), c.station_km) {
        _ if c.stations.len() > 1 => stations(c, words, f),
        ("", _) if c.weather.air_c.is_some() => words.constant_weather.to_owned(),
        ("", _) => String::new(),
        (name, Some(km)) => fill(words.station, &[("name", name), ("km", &f.number(km, 0))]),
        (name, None) => fill(words.station_near, &[("name", name)]),
    };
    format!("{station} {}", words.explanation_page_2)
        .trim()
        .to_owned()
}

/// Several stations: which, how far, and how far they are apart.
fn stations(c: &SheetConditions, words: &Words, f: &Format) -> String {
    let listed: Vec<String> = c
        .stations
        .iter()
        .map(|(name, km)| match km {
            Some(km) => format!("{name} ({})", f.with_unit(*km, 0, "km")),
            None => name.clone(),
        })
        .collect();
    let mut text = fill(words.stations, &[("stations", &listed.join(", "))]);
    if let (Some(air_k), Some(wind)) = (c.spread.air_c, c.spread.wind_m_s) {
        let values = [
            ("air", f.with_unit(air_k, 1, "K")),
            ("wind", f.with_unit(wind, 1, "m/s")),
        ];
        let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
        text = format!("{text} {}", fill(words.stations_apart, &values));
    }
    text
}

pub(super) fn next_steps(input: &SheetInput, words: &Words) -> Vec<String> {
    let settings = &input.settings;
    let mut steps = Vec::new();
    if settings.text.trim().is_empty() {
        steps.push(words.next_default.to_owned());
    } else {
        steps.extend(settings.text.trim().lines().map(str::to_owned));
    }
    if !settings.contact.trim().is_empty() {
        steps.push(fill(
            words.next_contact,
            &[("contact", settings.contact.trim())],
        ));
    }
    steps
}

pub(super) fn privacy(input: &SheetInput, words: &Words, f: &Format) -> String {
    let sharing = match input.company.sharing {
        Sharing::No => words.privacy_sharing[0],
        Sharing::Class => words.privacy_sharing[1],
        Sharing::Full => words.privacy_sharing[2],
    };
    let mut text = format!(
        "{} {sharing} {}",
        words.privacy_to_you, words.privacy_withdraw
    );
    if let Some(date) = input.settings.retain_until {
        text = format!(
            "{text} {}",
            fill(words.privacy_retained, &[("date", &f.date(date))])
        );
    }
    text
}

pub(super) fn release(input: &SheetInput, words: &Words, f: &Format) -> ReleaseBlock {
    match &input.release {
        Some(release) if !release.name.is_empty() => {
            let level = match release.level.as_str() {
                "" => String::new(),
                level => fill(words.level, &[("n", level)]),
            };
            let parts = [release.name.as_str(), &release.function, &level];
            let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
            ReleaseBlock {
                label: words.labels.released_by.to_owned(),
                value: parts.join(", "),
                date: release.date.map_or_else(String::new, |d| f.date(d)),
            }
        }
        _ => ReleaseBlock {
            label: words.labels.not_interpreted_head.to_owned(),
            value: words.not_interpreted.to_owned(),
            date: String::new(),
        },
    }
}

/// A name as the foot of the page holds it; the head has it whole.
fn short(name: &str) -> String {
    const LONGEST: usize = 68;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default().trim_end()),
        None => name.to_owned(),
    }
}

pub(super) fn footer(input: &SheetInput, words: &Words) -> Footer {
    footer_of(&input.settings, &input.company, words)
}

/// Foot of the pages of any sheet.
pub(super) fn footer_of(settings: &Settings, company: &Company, words: &Words) -> Footer {
    let source = match settings.sources.as_slice() {
        [] => String::new(),
        sources => fill(words.source, &[("sources", &sources.join("; "))]),
    };
    let processing = fill(words.processing, &[("program", &settings.program)]);
    Footer {
        confidential: fill(
            words.confidential,
            &[("company", &short(&printed(&company.name)))],
        ),
        sources: format!("{source} {processing}").trim().to_owned(),
        code: settings.code.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::small;
    use crate::report::words::NL;

    #[test]
    fn without_a_release_the_sheet_says_detected_not_interpreted() {
        let mut input = small();
        input.release = None;
        let block = release(&input, &NL, &Format::new(&NL));
        assert_eq!(block.value, "gedetecteerd, niet geïnterpreteerd");
    }

    #[test]
    fn unknown_weather_is_said_not_left_empty() {
        let mut input = small();
        input.conditions.weather.wind_m_s = None;
        let pairs = conditions(&input, &NL, &Format::new(&NL));
        assert_eq!(pairs[2].value, "niet gekend");
    }
}
