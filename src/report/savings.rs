//! What a better roof would save: ranges, and everything they stand on (scoring.md §12,
//! report-content.md §1, page 2).
//!
//! Printed where the company gave its gas price or the campaign asks for it; never a single
//! number, never the consumption of a building, euros only at the company's own price.

use serde::Serialize;

use super::findings::tag;
use super::format::{Format, fill, printed};
use super::input::{Building, Part, Purpose, SheetInput};
use super::verdict::{assessable, assessed_m2};
use super::words::Words;
use crate::score::Interval;
use crate::score::energy;

/// The block of savings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Savings {
    /// Title.
    pub title: String,
    /// Heads of the columns behind that of the building.
    pub columns: Vec<String>,
    /// One per building.
    pub rows: Vec<SavingsRow>,
    /// What the numbers stand on.
    pub notes: Vec<String>,
    /// U after works, W/m²K.
    #[serde(skip)]
    pub u_after: f64,
    /// The same as numbers.
    #[serde(skip)]
    pub values: Vec<Saved>,
}

/// Row of the block.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavingsRow {
    /// Tag.
    pub tag: String,
    /// One per column.
    pub cells: Vec<String>,
}

/// What one roof would save a year; `None` where even the upper end of its U is good enough.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saved {
    /// Position of the building in the input.
    pub building: usize,
    /// kWh gross.
    pub energy_kwh: Option<Interval>,
    /// EUR, at the company's own price.
    pub cost_eur: Option<Interval>,
    /// kg CO₂.
    pub co2_kg: Option<Interval>,
}

/// The block; `None` where nobody asked for it or no roof of the company's own has a U.
pub(super) fn savings(
    input: &SheetInput,
    words: &Words,
    f: &Format,
    order: &[usize],
) -> Option<Savings> {
    let settings = &input.settings;
    let price = input.company.gas_price_eur_kwh;
    let asked = settings.savings || price.is_some();
    if !asked || input.flight.purpose == Purpose::Moisture {
        return None;
    }
    let own: Vec<(usize, usize)> = order
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, i)| known(&input.buildings[*i]) && !input.buildings[*i].score.rejected())
        .collect();
    let first = own.first()?;
    let energy = &settings.energy;
    let u_after = settings.u_bounds[0];
    let mut rows = Vec::new();
    let mut values = Vec::new();
    for &(rank, i) in &own {
        let score = &input.buildings[i].score;
        let u = score.u_w_m2k?;
        let energy_kwh = energy::saved(&u, u_after, assessed_m2(score), &energy.options);
        let saved = Saved {
            building: i,
            energy_kwh,
            cost_eur: energy_kwh.zip(price).map(|(kwh, price)| kwh.times(price)),
            co2_kg: energy_kwh.map(|kwh| kwh.times(energy.options.co2_kg_kwh)),
        };
        let mut cells = vec![
            range(Some(u), words, f),
            range(score.energy_kwh_a, words, f),
            range(saved.energy_kwh, words, f),
        ];
        if price.is_some() {
            cells.push(range(saved.cost_eur, words, f));
        }
        cells.push(range(saved.co2_kg, words, f));
        rows.push(SavingsRow {
            tag: tag(rank),
            cells,
        });
        values.push(saved);
    }
    let w = &words.savings;
    let mut columns = vec![w.col_u, w.col_loss, w.col_saved, w.col_co2];
    if price.is_some() {
        columns.insert(3, w.col_cost);
    }
    let scores = || own.iter().map(|(_, i)| &input.buildings[*i].score);
    let area_m2: f64 = scores().map(assessed_m2).sum();
    let first_c = input.buildings[first.1].score.indoor_c;
    let (low_c, high_c) = scores().fold((first_c, first_c), |(low, high), s| {
        (f64::min(low, s.indoor_c), f64::max(high, s.indoor_c))
    });
    let mut indoor = f.number(low_c, 0);
    if f.number(high_c, 0) != indoor {
        indoor = format!("{indoor}–{}", f.number(high_c, 0));
    }
    let notes = vec![
        fill(w.roof_only, &[("area", &f.number(area_m2, 0))]),
        fill(w.after, &[("u", &f.number(u_after, 2))]),
        fill(
            w.climate,
            &[
                ("dd", &f.number(energy.options.dd_value, 0)),
                ("base", &f.number(energy.dd_base_c, 1)),
                ("source", &printed(&energy.dd_source)),
                ("t", &indoor),
            ],
        ),
        fill(
            w.heat,
            &[
                ("eff", &f.number(100.0 * energy.options.efficiency, 0)),
                ("co2", &f.number(energy.options.co2_kg_kwh, 3)),
            ],
        ),
        match price {
            Some(price) => fill(w.price, &[("price", &f.number(price, 3))]),
            None => w.no_price.to_owned(),
        },
    ];
    Some(Savings {
        title: w.title.to_owned(),
        columns: columns.into_iter().map(str::to_owned).collect(),
        rows,
        notes,
        u_after,
        values,
    })
}

/// Whether a roof is the company's own, was assessed and has a U.
fn known(building: &Building) -> bool {
    let score = &building.score;
    building.part != Part::Shared && assessable(score) && score.u_w_m2k.is_some()
}

/// `3.200–7.200`: both ends to two significant digits; `up to 7.200` where the lower is nothing.
fn range(interval: Option<Interval>, words: &Words, f: &Format) -> String {
    let Some(interval) = interval else {
        return words.savings.none.to_owned();
    };
    let (low, high) = (digits(interval.low), digits(interval.high));
    let text = |v: f64| f.number(v, decimals(v));
    if low <= 0.0 {
        fill(words.savings.up_to, &[("x", &text(high))])
    } else if text(low) == text(high) {
        text(high)
    } else {
        format!("{}–{}", text(low), text(high))
    }
}

/// Two significant digits; below 0.1 nothing.
fn digits(value: f64) -> f64 {
    if !value.is_finite() || value < 0.05 {
        return 0.0;
    }
    let step = 10_f64.powi(value.log10().floor() as i32 - 1);
    (value / step).round() * step
}

fn decimals(value: f64) -> usize {
    if value < 0.995 {
        2
    } else {
        usize::from(value < 9.95)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::test_data::small;
    use crate::report::words::NL;

    fn of(input: &SheetInput) -> Option<Savings> {
        savings(input, &NL, &Format::new(&NL), &[0])
    }

    /// 400 m², four fifths assessed, U 1.2 ± 0.4.
    fn known() -> SheetInput {
        let mut input = small();
        let score = &mut input.buildings[0].score;
        let interval = |value, low, high| Some(Interval { value, low, high });
        score.u_w_m2k = interval(1.2, 0.8, 1.6);
        score.energy_kwh_a = interval(5214.1, 3228.0, 7200.0);
        score.indoor_c = 18.0;
        input.settings.energy.dd_base_c = 16.5;
        "Synergrid 1991–2020".clone_into(&mut input.settings.energy.dd_source);
        input
    }

    #[test]
    fn nothing_is_printed_unless_the_company_gave_a_price_or_the_campaign_asks() {
        let mut input = known();
        assert_eq!(of(&input), None);
        input.settings.savings = true;
        let found = of(&input).expect("asked for");
        assert_eq!(found.columns.len(), 4);
        assert!(found.values[0].cost_eur.is_none());
        assert!(found.notes[4].contains("geen euro"));
        input.settings.savings = false;
        input.company.gas_price_eur_kwh = Some(0.06);
        assert_eq!(of(&input).expect("a price").columns.len(), 5);
        input.buildings[0].part = Part::Shared;
        assert_eq!(of(&input), None);
    }

    #[test]
    fn every_number_is_a_range_and_every_assumption_stands_below() {
        let mut input = known();
        input.company.gas_price_eur_kwh = Some(0.06);
        let found = of(&input).expect("a price");
        // scoring.md §12: 1 500 m² save 91 564 kWh, so 320 m² 19 534, ± 44.3 %: 10 884 to
        // 28 184; at 0.06 EUR 653 to 1 691, at 0.182 kg 1 981 to 5 129.
        assert_eq!(
            found.rows[0].cells,
            [
                "0,80–1,6",
                "3.200–7.200",
                "11.000–28.000",
                "650–1.700",
                "2.000–5.100"
            ]
        );
        let notes = found.notes.join(" ");
        for word in [
            "320 m²",
            "0,24",
            "2.252",
            "16,5",
            "Synergrid",
            "18 °C",
            "85 %",
            "0,182",
            "0,060",
        ] {
            assert!(notes.contains(word), "{word}: {notes}");
        }
    }

    #[test]
    fn a_roof_that_may_be_good_already_saves_up_to_something() {
        let mut input = known();
        input.company.gas_price_eur_kwh = Some(0.06);
        input.buildings[0].score.u_w_m2k = Some(Interval {
            value: 0.3,
            low: 0.1,
            high: 0.5,
        });
        let cells = of(&input).expect("a price").rows[0].cells.clone();
        assert!(cells[2].starts_with("tot "), "{cells:?}");
        input.buildings[0].score.u_w_m2k = Some(Interval {
            value: 0.15,
            low: 0.1,
            high: 0.2,
        });
        let cells = of(&input).expect("a price").rows[0].cells.clone();
        assert_eq!(cells[2], "geen");
    }
}
