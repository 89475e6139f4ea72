//! Counts that may be published: no cell tells of a company.
//!
//! In: for every counted company its park, its cell, and whether the association knows the cell
//! already because the company shares it. Out: counts per park and of the campaign, `None` where
//! one is withheld.
//!
//! A cell is shown where it counts `min_cell` companies at least, and where what is left of it
//! without the companies the association knows counts as many: the association could subtract
//! them. Zero is withheld as well: that nobody is in a cell says something of everybody. What is
//! withheld in the campaign's row is two cells at least, together of `min_cell` companies.
//!
//! Parks add up to the campaign, so that a park's cell is shown only where every park shows it.
//! The withheld cells are then a whole table of known sums, in which a cell may lie anywhere
//! between `max(0, row + column − all)` and `min(row, column)` (the bounds of Fréchet, exact in
//! two dimensions; Dobra and Fienberg 2000): with sums of `min_cell` at least that is as wide.

use crate::attach::consent::publish_counts;

/// One company in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// Its park; the row behind the last park for none.
    pub(super) row: usize,
    /// Its cell.
    pub(super) cell: usize,
    /// Whether the association knows the cell.
    pub(super) known: bool,
}

/// Counts as they may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    /// One row per park.
    pub(super) parks: Vec<Vec<Option<usize>>>,
    /// All parks together.
    pub(super) campaign: Vec<Option<usize>>,
    /// Whether only companies are counted whose cell the association knows.
    pub(super) known_only: bool,
}

/// The counts of a table of `parks` rows and `cells` columns.
pub(super) fn publish(
    counted: &[Counted],
    parks: usize,
    cells: usize,
    min_cell: usize,
) -> Published {
    let all = Table::new(counted, parks, cells, min_cell).protect();
    let known: Vec<Counted> = counted.iter().filter(|c| c.known).copied().collect();
    let open = Table::new(&known, parks, cells, min_cell).protect();
    // Companies the association does not know of may be too few to be counted: then only the
    // others are. What tells more is published, never both.
    let known_only = open.shown() > all.shown();
    let table = if known_only { open } else { all };
    let mut rows = table.rows();
    let campaign = rows.pop().unwrap_or_default();
    if parks > 0 {
        rows.truncate(parks);
    }
    Published {
        parks: rows,
        campaign,
        known_only,
    }
}

/// Counts with what is withheld. Rows: parks, companies of no park, the campaign; of a campaign
/// of one park the campaign alone.
struct Table {
    counts: Vec<Vec<usize>>,
    /// The same without the companies the association knows; only of rows that have others.
    rest: Vec<Option<Vec<usize>>>,
    hidden: Vec<Vec<bool>>,
    min_cell: usize,
}

impl Table {
    fn new(counted: &[Counted], parks: usize, cells: usize, min_cell: usize) -> Self {
        let rows = if parks == 0 { 1 } else { parks + 2 };
        let count = |row: usize, all: bool| -> Vec<usize> {
            let mut counts = vec![0; cells];
            for c in counted {
                let here = row + 1 == rows || c.row.min(parks) == row;
                if let Some(n) = counts.get_mut(c.cell).filter(|_| here && (all || !c.known)) {
                    *n += 1;
                }
            }
            counts
        };
        let counts: Vec<Vec<usize>> = (0..rows).map(|r| count(r, true)).collect();
        let rest = (0..rows).map(|r| count(r, false));
        let rest = rest
            .map(|r| r.iter().any(|n| *n > 0).then_some(r))
            .collect();
        Self {
            hidden: vec![vec![false; cells]; rows],
            counts,
            rest,
            min_cell,
        }
    }

    /// Companies in the cells of the campaign that are shown.
    fn shown(&self) -> usize {
        let last = self.counts.last().zip(self.hidden.last());
        let cells = last.into_iter().flat_map(|(c, h)| c.iter().zip(h));
        cells.filter(|(_, hidden)| !**hidden).map(|(n, _)| n).sum()
    }

    fn rows(&self) -> Vec<Vec<Option<usize>>> {
        let rows = self.counts.iter().zip(&self.hidden);
        rows.map(|(counts, hidden)| {
            let cells = counts.iter().zip(hidden);
            cells.map(|(n, h)| (!h).then_some(*n)).collect()
        })
        .collect()
    }

    fn protect(mut self) -> Self {
        let Some(last) = self.counts.len().checked_sub(1) else {
            return self;
        };
        let campaign = self.small(last);
        self.hidden[last].clone_from(&campaign);
        let mut parks = campaign;
        for r in (0..last).filter(|r| self.filled(*r)) {
            for (hidden, small) in parks.iter_mut().zip(self.small(r)) {
                *hidden |= small;
            }
        }
        while !(0..last).all(|r| self.enough(r, &parks)) {
            let shown = (0..parks.len()).filter(|c| !parks[*c]);
            match shown.min_by_key(|c| self.counts[last][*c]) {
                Some(c) => parks[c] = true,
                None => break,
            }
        }
        for r in 0..last {
            // Of a park without companies there is nothing to say.
            self.hidden[r] = match self.filled(r) {
                true => parks.clone(),
                false => vec![true; parks.len()],
            };
        }
        self
    }

    fn filled(&self, row: usize) -> bool {
        self.counts[row].iter().any(|n| *n > 0)
    }

    /// Cells of a row that its own sum asks to withhold.
    fn small(&self, row: usize) -> Vec<bool> {
        let hidden = |counts: &[usize]| publish_counts(counts, self.min_cell);
        let all = hidden(&self.counts[row]);
        let rest = self.rest[row].as_deref().map(hidden);
        let cells = all.iter().enumerate();
        cells
            .map(|(c, n)| n.is_none() || rest.as_ref().is_some_and(|r| r[c].is_none()))
            .collect()
    }

    /// Whether what is withheld of a row is enough: none, or two cells and `min_cell` companies,
    /// as far as the row has them.
    fn enough(&self, row: usize, hidden: &[bool]) -> bool {
        let number = hidden.iter().filter(|h| **h).count();
        let sum = |counts: &[usize]| -> usize {
            let cells = counts.iter().zip(hidden).filter(|(_, h)| **h);
            cells.map(|(n, _)| n).sum()
        };
        let fine = |counts: &[usize]| {
            let total: usize = counts.iter().sum();
            total == 0 || sum(counts) >= self.min_cell.min(total)
        };
        let rest = self.rest[row].as_deref().is_none_or(fine);
        number == 0 || (number > 1 && fine(&self.counts[row]) && rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn companies(rows: &[(&[usize], &[usize])]) -> Vec<Counted> {
        let mut all = Vec::new();
        for (row, (counts, known)) in rows.iter().enumerate() {
            for (cell, n) in counts.iter().enumerate() {
                all.extend((0..*n).map(|i| Counted {
                    row,
                    cell,
                    known: i < known[cell],
                }));
            }
        }
        all
    }

    #[test]
    fn one_park_withholds_small_cells_with_another() {
        let none = [0; 4];
        let found = publish(&companies(&[(&[2, 9, 12, 6], &none)]), 0, 4, 5);
        assert_eq!(found.campaign, [None, Some(9), Some(12), None]);
        assert!(!found.known_only);
    }

    #[test]
    fn what_the_association_knows_cannot_be_subtracted() {
        // Of 7 in the second cell the association knows 6 and would know the seventh.
        let table = companies(&[(&[8, 7, 20], &[0, 6, 0])]);
        let found = publish(&table, 0, 3, 5);
        assert_eq!(found.campaign[1], None);
        assert_eq!(found.campaign, [None, None, Some(20)]);
        // All but two share: only who shares is counted.
        let table = companies(&[(&[8, 7, 20], &[7, 7, 19])]);
        let found = publish(&table, 0, 3, 5);
        assert!(found.known_only);
        assert_eq!(found.campaign, [Some(7), Some(7), Some(19)]);
        // Everybody shares: nothing to hide from the association.
        let table = companies(&[(&[8, 7, 20], &[8, 7, 20])]);
        assert_eq!(publish(&table, 0, 3, 5).campaign[1], Some(7));
    }

    /// All tables of counts that agree with what is published: rows of parks whose sums are
    /// known, and the campaign's counts.
    fn determined(parks: &[Vec<usize>], found: &Published) -> Vec<(usize, usize, usize)> {
        let cells = parks[0].len();
        let mut options: Vec<Vec<Vec<usize>>> = Vec::new();
        for (row, shown) in parks.iter().zip(&found.parks) {
            let total: usize = row.iter().sum();
            let mut fits = Vec::new();
            let mut stack = vec![Vec::new()];
            while let Some(part) = stack.pop() {
                let sum: usize = part.iter().sum();
                if part.len() == cells {
                    if sum == total {
                        fits.push(part);
                    }
                    continue;
                }
                for n in 0..=total - sum {
                    if shown[part.len()].is_none_or(|s| s == n) {
                        let mut next = part.clone();
                        next.push(n);
                        stack.push(next);
                    }
                }
            }
            options.push(fits);
        }
        let mut values: Vec<Vec<std::collections::BTreeSet<usize>>> =
            vec![vec![Default::default(); cells]; parks.len()];
        for a in &options[0] {
            for b in &options[1] {
                let fits = (0..cells).all(|c| found.campaign[c].is_none_or(|s| s == a[c] + b[c]));
                if fits {
                    for c in 0..cells {
                        values[0][c].insert(a[c]);
                        values[1][c].insert(b[c]);
                    }
                }
            }
        }
        let mut fixed = Vec::new();
        for (r, row) in values.iter().enumerate() {
            for (c, possible) in row.iter().enumerate() {
                if found.parks[r][c].is_none() && possible.len() == 1 {
                    fixed.push((r, c, parks[r][c]));
                }
            }
        }
        fixed
    }

    #[test]
    fn no_withheld_cell_of_two_parks_follows_from_the_campaigns_counts() {
        let mut tried = 0;
        let some = [0, 1, 4, 5, 7];
        for code in 0..5_usize.pow(6) {
            // Every seventh table: the pattern is the same.
            if code % 7 != 0 {
                continue;
            }
            let digit = |i: u32| some[code / 5_usize.pow(i) % 5];
            let parks = [
                vec![digit(0), digit(1), digit(2)],
                vec![digit(3), digit(4), digit(5)],
            ];
            let none = [0; 3];
            let table = companies(&[(&parks[0], &none), (&parks[1], &none)]);
            let found = publish(&table, 2, 3, 5);
            for (row, shown) in parks.iter().zip(&found.parks) {
                for (n, cell) in row.iter().zip(shown) {
                    assert!(cell.is_none_or(|s| s == *n && s >= 5), "{parks:?}");
                }
            }
            // A park of too few companies to be told apart at all is told by nobody.
            if parks.iter().all(|p| p.iter().sum::<usize>() >= 5) {
                assert_eq!(determined(&parks, &found), [], "{parks:?} {found:?}");
                tried += 1;
            }
        }
        assert!(tried > 500, "{tried}");
    }

    #[test]
    fn companies_of_no_park_do_not_follow_from_the_others() {
        // One company lies in no park: the campaign's count less the park's would tell its class.
        let table = companies(&[(&[9, 9, 9], &[0; 3]), (&[0, 1, 0], &[0; 3])]);
        let found = publish(&table, 1, 3, 5);
        let told = |c: usize| found.campaign[c].is_some() && found.parks[0][c].is_some();
        assert!((0..3).all(|c| !told(c)), "{found:?}");
        assert_eq!(found.parks.len(), 1);
    }
}
