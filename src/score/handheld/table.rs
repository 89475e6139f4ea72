//! Tables of temperature differences at electrical components.
//!
//! A table has four priorities, P4 the mildest, and for each the least difference to a similar
//! component under similar load and to the air around. Printed tables have gaps between whole
//! kelvins (3 to 4 K); here every value has one priority (scoring.md §16).

use serde::Serialize;

/// The least difference of a priority, K.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Least {
    /// From this value on.
    AtLeast(f64),
    /// Above this value.
    Above(f64),
}

impl Least {
    fn reached(self, difference_k: f64) -> bool {
        match self {
            Self::AtLeast(least) => difference_k >= least,
            Self::Above(bound) => difference_k > bound,
        }
    }

    /// The bound, K.
    pub fn bound_k(self) -> f64 {
        match self {
            Self::AtLeast(k) | Self::Above(k) => k,
        }
    }

    /// As written in a table: `4` or `>15`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (above, digits) = match text.strip_prefix('>') {
            Some(rest) => (true, rest.trim()),
            None => (false, text.trim_start_matches('≥').trim()),
        };
        let value: f64 = digits.replace(',', ".").parse().ok()?;
        let sound = value.is_finite() && value >= 0.0;
        sound.then_some(if above {
            Self::Above(value)
        } else {
            Self::AtLeast(value)
        })
    }
}

/// Lower bounds of P4, P3, P2, P1; `None` where a column has no such priority.
pub type Column = [Option<Least>; 4];

/// A table of both columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeverityTable {
    /// As printed on the sheet.
    pub name: String,
    /// Against a similar component under similar load.
    pub similar: Column,
    /// Against the air around.
    pub ambient: Column,
    /// Least load, fraction, at which the table itself may be used.
    pub least_load: Option<f64>,
}

impl SeverityTable {
    /// ANSI/NETA MTS table 100.18 with the closed intervals of scoring.md §16.
    pub fn neta() -> Self {
        use Least::{Above, AtLeast};
        Self {
            name: "ANSI/NETA MTS 100.18".into(),
            similar: [
                Some(AtLeast(1.0)),
                Some(AtLeast(4.0)),
                None,
                Some(Above(15.0)),
            ],
            ambient: [
                Some(AtLeast(1.0)),
                Some(AtLeast(11.0)),
                Some(AtLeast(21.0)),
                Some(Above(40.0)),
            ],
            least_load: None,
        }
    }

    /// MIL-STD-2194 practice: 10–25, 25–40, 40–70, above 70 K over a like component.
    pub fn mil() -> Self {
        let column = four([10.0, 25.0, 40.0], 70.0);
        Self {
            name: "MIL-STD-2194".into(),
            similar: column,
            ambient: [None; 4],
            least_load: None,
        }
    }

    /// Experience in the trade: 1–10, 10–20, 20–40, above 40 K over a like component.
    pub fn experience() -> Self {
        Self {
            name: "ΔT 1/10/20/40 K".into(),
            similar: four([1.0, 10.0, 20.0], 40.0),
            ambient: [None; 4],
            least_load: None,
        }
    }

    /// Central European practice: over ambient below 20, 40, 60 K and more; between phases below 5,
    /// 20, 40 K and more, at 75 % load at least.
    pub fn central_european() -> Self {
        use Least::AtLeast;
        let column = |bounds: [f64; 4]| bounds.map(|b| Some(AtLeast(b)));
        Self {
            name: "ΔT 5/20/40 K, 20/40/60 K".into(),
            similar: column([1.0, 5.0, 20.0, 40.0]),
            ambient: column([1.0, 20.0, 40.0, 60.0]),
            least_load: Some(0.75),
        }
    }

    /// A built-in table by the word of `handheld.electrical_table`.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "neta" => Some(Self::neta()),
            "mil" => Some(Self::mil()),
            "experience" => Some(Self::experience()),
            "central-european" => Some(Self::central_european()),
            _ => None,
        }
    }

    /// A table of the user's: priority 1–4 with its bounds as written.
    ///
    /// # Errors
    /// The cell that is no bound, or a bound that does not rise with the severity.
    pub fn custom(name: &str, rows: &[(u8, String, String)]) -> Result<Self, String> {
        let mut table = Self {
            name: name.to_owned(),
            similar: [None; 4],
            ambient: [None; 4],
            least_load: None,
        };
        for (priority, similar, ambient) in rows {
            let slot = usize::from(4 - (*priority).clamp(1, 4));
            for (column, text) in [(&mut table.similar, similar), (&mut table.ambient, ambient)] {
                if text.is_empty() {
                    continue;
                }
                let bound = Least::parse(text).ok_or_else(|| {
                    format!("\"{text}\" is no bound, expected K such as 4 or >15")
                })?;
                column[slot] = Some(bound);
            }
        }
        for column in [&table.similar, &table.ambient] {
            let bounds: Vec<f64> = column.iter().flatten().map(|b| b.bound_k()).collect();
            if bounds.windows(2).any(|pair| pair[0] >= pair[1]) {
                return Err("its bounds do not rise from P4 to P1".to_owned());
            }
        }
        Ok(table)
    }

    /// Priority 1–4 against a similar component; `None` below the table.
    pub fn similar(&self, difference_k: f64) -> Option<u8> {
        priority(&self.similar, difference_k)
    }

    /// Priority 1–4 against the air.
    pub fn ambient(&self, difference_k: f64) -> Option<u8> {
        priority(&self.ambient, difference_k)
    }
}

fn four(at_least: [f64; 3], above: f64) -> Column {
    let [p4, p3, p2] = at_least.map(|b| Some(Least::AtLeast(b)));
    [p4, p3, p2, Some(Least::Above(above))]
}

/// The most severe priority whose bound a difference reaches.
fn priority(column: &Column, difference_k: f64) -> Option<u8> {
    let reached = column
        .iter()
        .zip([4, 3, 2, 1])
        .filter(|(from, _)| from.is_some_and(|from| from.reached(difference_k)));
    reached.map(|(_, priority)| priority).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neta_has_one_priority_for_every_value() {
        let neta = SeverityTable::neta();
        for (k, similar) in [
            (0.99, None),
            (1.0, Some(4)),
            (3.99, Some(4)),
            (4.0, Some(3)),
            (15.0, Some(3)),
            (15.01, Some(1)),
        ] {
            assert_eq!(neta.similar(k), similar, "{k}");
        }
        for (k, ambient) in [
            (0.5, None),
            (10.99, Some(4)),
            (11.0, Some(3)),
            (20.99, Some(3)),
            (21.0, Some(2)),
            (40.0, Some(2)),
            (40.1, Some(1)),
        ] {
            assert_eq!(neta.ambient(k), ambient, "{k}");
        }
    }

    #[test]
    fn the_other_tables_have_the_bounds_of_the_document() {
        let found = |t: SeverityTable, k| (t.similar(k), t.ambient(k));
        assert_eq!(found(SeverityTable::mil(), 30.0), (Some(3), None));
        assert_eq!(found(SeverityTable::mil(), 9.0), (None, None));
        assert_eq!(found(SeverityTable::mil(), 70.1), (Some(1), None));
        assert_eq!(found(SeverityTable::experience(), 25.0), (Some(2), None));
        let ce = SeverityTable::central_european();
        assert_eq!((ce.similar(4.9), ce.similar(5.0)), (Some(4), Some(3)));
        assert_eq!((ce.similar(40.0), ce.ambient(59.0)), (Some(1), Some(2)));
        assert_eq!(ce.ambient(60.0), Some(1));
    }

    #[test]
    fn bounds_are_read_as_tables_write_them() {
        assert_eq!(Least::parse("4"), Some(Least::AtLeast(4.0)));
        assert_eq!(Least::parse("> 15"), Some(Least::Above(15.0)));
        assert_eq!(Least::parse("≥ 2,5"), Some(Least::AtLeast(2.5)));
        assert_eq!(Least::parse("x"), None);
        assert_eq!(Least::parse("-1"), None);
    }
}
