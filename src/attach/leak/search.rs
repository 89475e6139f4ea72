//! The search itself: an index over all needles, made once for all companies.

use std::collections::BTreeMap;

use super::needle::{Kind, Needle, Rule};
use super::rules::{bounded, counts, paths, same};
use super::text::Text;
use super::{Hit, Party};

/// First letters of a needle, padded.
type Head = [char; 4];

/// A search over everything all companies have to hide.
pub struct LeakCheck {
    ids: Vec<String>,
    positions: BTreeMap<String, usize>,
    needles: Vec<Needle>,
    heads: BTreeMap<Head, Vec<usize>>,
    /// Owner of texts that are nobody's secret.
    everyone: usize,
    /// Parts of pages of the web that the program puts into everybody's.
    fixed: Vec<String>,
}

impl LeakCheck {
    /// Prepares the search. `common`: what stands in every company's files and is nobody's
    /// secret (the park's name, the auditor, the campaign); a name that stands within one of
    /// these texts is not counted there.
    pub fn new(parties: &[Party], common: &[&str]) -> Self {
        let everyone = parties.len();
        let mut all: Vec<Needle> = Vec::new();
        for (owner, party) in parties.iter().enumerate() {
            for name in &party.names {
                all.extend(Needle::name(name, owner));
            }
            let numbers = party.numbers.iter();
            all.extend(numbers.filter_map(|n| Needle::number(n, owner)));
            let oidns = party.oidns.iter();
            all.extend(oidns.filter_map(|k| Needle::key(Kind::Building, k, owner)));
            all.extend(Needle::key(Kind::Id, &party.company_id, owner));
            all.extend(party.own.iter().filter_map(|t| Needle::own(t, owner)));
        }
        all.extend(common.iter().filter_map(|t| Needle::own(t, everyone)));
        let mut check = Self {
            ids: parties.iter().map(|p| p.company_id.clone()).collect(),
            positions: BTreeMap::new(),
            needles: Vec::new(),
            heads: BTreeMap::new(),
            everyone,
            fixed: Vec::new(),
        };
        for (i, id) in check.ids.iter().enumerate() {
            check.positions.entry(id.clone()).or_insert(i);
        }
        check.join(all);
        check
    }

    /// Takes the program's own words from the search: a company may be called `Isolatie`, and
    /// every sheet says so. A name that stands in `vocabulary` counts only alone on a line, and
    /// not at all where it stands so in the vocabulary too. Out: the names concerned.
    pub fn exempt(&mut self, vocabulary: &str) -> Vec<String> {
        let text = Text::new(vocabulary);
        let mut met: BTreeMap<usize, bool> = BTreeMap::new();
        for first in 0..text.letters.len() {
            for needle in self.candidates(&text, first) {
                let Some(n) = self.needles.get(needle) else {
                    continue;
                };
                let last = first + n.squeezed.len() - 1;
                if matches!(n.kind, Kind::Name | Kind::Id)
                    && same(&text, first, &n.squeezed)
                    && bounded(&text, first, last)
                {
                    *met.entry(needle).or_default() |= text.alone(first, last);
                }
            }
        }
        let mut names = Vec::new();
        for (needle, alone) in met {
            if let Some(n) = self.needles.get_mut(needle) {
                n.rule = if alone { Rule::Never } else { Rule::Line };
                names.push(n.written.clone());
            }
        }
        names
    }

    /// Takes parts from the search of pages that the program puts into every one of them as they
    /// are: scripts, styles. Only the exact text goes; what stands around it is searched.
    pub fn take_out(&mut self, parts: Vec<String>) {
        self.fixed
            .extend(parts.into_iter().filter(|p| !p.is_empty()));
    }

    /// A page of the web without those parts.
    pub(super) fn without_fixed(&self, page: &str) -> String {
        let parts = self.fixed.iter();
        parts.fold(page.to_owned(), |page, part| page.replace(part, "\n"))
    }

    /// Joins equal needles, so that what two companies share is a secret of neither.
    fn join(&mut self, all: Vec<Needle>) {
        let mut known: BTreeMap<(Vec<char>, u8), usize> = BTreeMap::new();
        for needle in all {
            let group = match needle.rule {
                Rule::Words | Rule::Exact | Rule::Line => 0,
                _ => 1,
            };
            match known.get(&(needle.squeezed.clone(), group)) {
                Some(i) => {
                    if let Some(first) = self.needles.get_mut(*i) {
                        first.owners.extend(needle.owners);
                    }
                }
                None => {
                    let position = self.needles.len();
                    known.insert((needle.squeezed.clone(), group), position);
                    let heads = self.heads.entry(head(needle.squeezed.iter().copied()));
                    heads.or_default().push(position);
                    self.needles.push(needle);
                }
            }
        }
    }

    /// What a text for one company holds of others.
    pub fn text(&self, own: &str, text: &str) -> Vec<Hit> {
        let own = self.positions.get(own).copied();
        let text = Text::new(text);
        let mut covered: Vec<(usize, usize)> = Vec::new();
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for first in 0..text.letters.len() {
            for needle in self.candidates(&text, first) {
                let Some(n) = self.needles.get(needle) else {
                    continue;
                };
                let last = first + n.squeezed.len() - 1;
                let mine = n
                    .owners
                    .iter()
                    .any(|o| Some(*o) == own || *o == self.everyone);
                if !same(&text, first, &n.squeezed) {
                    continue;
                }
                if mine && bounded(&text, first, last) {
                    covered.push((first, last));
                } else if !mine && counts(&text, first, last, n) {
                    found.push((first, last, needle));
                }
            }
        }
        let inside =
            |first: usize, last: usize| covered.iter().any(|(a, b)| *a <= first && last <= *b);
        let mut hits: Vec<Hit> = found
            .into_iter()
            .filter(|(first, last, _)| !inside(*first, *last))
            .filter_map(|(first, last, needle)| {
                let n = self.needles.get(needle)?;
                let owner = n.owners.first().and_then(|o| self.ids.get(*o));
                Some(Hit {
                    file: String::new(),
                    kind: n.kind,
                    company_id: owner.cloned().unwrap_or_default(),
                    found: n.written.clone(),
                    excerpt: text.around(first, last),
                })
            })
            .collect();
        // A name may look like a path; in the own one it is none.
        let place = |letter: usize| text.letters.get(letter).map_or(0, |l| l.at);
        let own_text = |at: usize| {
            let before = |a: usize| place(a).saturating_sub(2);
            covered
                .iter()
                .any(|(a, b)| before(*a) <= at && at <= place(*b))
        };
        let paths = paths(&text).into_iter();
        hits.extend(paths.filter(|(at, _)| !own_text(*at)).map(|(_, hit)| hit));
        hits
    }

    /// Needles that may begin at a letter.
    fn candidates<'s>(&'s self, text: &'s Text, first: usize) -> impl Iterator<Item = usize> + 's {
        let letters = text.letters.get(first..).unwrap_or_default();
        let letter = |i: usize| letters.get(i).map(|l| l.c);
        let before = first.checked_sub(1).and_then(|i| text.letters.get(i));
        let digit_starts = letter(0).is_some_and(|c| c.is_ascii_digit())
            && before.is_none_or(|b| !b.c.is_ascii_digit() || b.ends);
        let starts = letters.first().is_some_and(|l| l.starts) || digit_starts;
        let lengths = match starts {
            true => 1..5_usize,
            false => 1..1,
        };
        lengths
            .filter_map(move |n| {
                let head = head((0..n).map_while(letter));
                // A head shorter than asked for is the text's end.
                (n <= letters.len())
                    .then(|| self.heads.get(&head))
                    .flatten()
            })
            .flatten()
            .copied()
            .filter(move |needle| {
                let length = self.needles.get(*needle).map_or(0, |n| n.squeezed.len());
                length <= letters.len()
            })
    }
}

fn head(letters: impl Iterator<Item = char>) -> Head {
    let mut head = ['\0'; 4];
    for (slot, c) in head.iter_mut().zip(letters) {
        *slot = c;
    }
    head
}
