//! The search itself: an index over all needles, made once for all companies.

use std::collections::{BTreeMap, BTreeSet};

use super::needle::{Kind, Needle, Rule};
use super::text::Text;
use super::{Hit, Party, Searched, bytes, html, pdf};

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
}

/// Folded words behind which a short key is a key.
const LABELS: &[&str] = &[
    "oidn",
    "oidns",
    "grbid",
    "id",
    "gebouw",
    "building",
    "batiment",
    "gebaude",
    "gbg",
    "key",
    "companyid",
    "bedrijfid",
    "bedrijf",
    "company",
];

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
        hits.extend(paths(&text));
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

    /// What one file of a company's folder holds of others. `name`: path within the folder.
    pub fn file(&self, own: &str, name: &str, content: &[u8]) -> Searched {
        let mut searched = Searched::default();
        let mut texts = vec![name.to_owned()];
        let ending = name.rsplit('.').next().unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "pdf" => match pdf::read(content) {
                Ok(read) => {
                    texts.push(read.text);
                    searched
                        .hits
                        .extend(read.hidden.into_iter().map(|found| Hit {
                            file: String::new(),
                            kind: Kind::Hidden,
                            company_id: String::new(),
                            excerpt: found.clone(),
                            found,
                        }));
                }
                Err(what) => searched.unread.push((name.to_owned(), what)),
            },
            "png" => texts.push(bytes::png(content)),
            "json" | "geojson" => texts.push(bytes::json(content)),
            "html" | "htm" | "svg" | "xml" => texts.extend(html::texts(content)),
            "csv" | "txt" | "md" | "toml" | "qml" => texts.push(bytes::plain(content)),
            "zip" | "xlsx" | "ods" | "qgz" | "gz" | "zst" => searched
                .unread
                .push((name.to_owned(), "is packed and is not searched".into())),
            // Pictures, rasters, databases: whatever in them can be read.
            _ => texts.push(bytes::printable(content)),
        }
        let mut seen = BTreeSet::new();
        for text in &texts {
            for hit in self.text(own, text) {
                if seen.insert((hit.kind, hit.company_id.clone(), hit.found.clone())) {
                    searched.hits.push(hit);
                }
            }
        }
        for hit in &mut searched.hits {
            name.clone_into(&mut hit.file);
        }
        searched
    }

    /// What the files of a company's folder hold of others.
    pub fn folder(&self, own: &str, files: &[(String, Vec<u8>)]) -> Searched {
        let mut all = Searched::default();
        for (name, content) in files {
            let one = self.file(own, name, content);
            all.hits.extend(one.hits);
            all.unread.extend(one.unread);
        }
        all
    }
}

fn head(letters: impl Iterator<Item = char>) -> Head {
    let mut head = ['\0'; 4];
    for (slot, c) in head.iter_mut().zip(letters) {
        *slot = c;
    }
    head
}

fn same(text: &Text, first: usize, squeezed: &[char]) -> bool {
    let span = text.letters.get(first..first + squeezed.len());
    span.is_some_and(|s| s.iter().zip(squeezed).all(|(l, c)| l.c == *c))
}

fn bounded(text: &Text, first: usize, last: usize) -> bool {
    let starts = text.letters.get(first).is_some_and(|l| l.starts);
    starts && text.letters.get(last).is_some_and(|l| l.ends)
}

/// Whether a needle that stands in a text counts there.
fn counts(text: &Text, first: usize, last: usize, needle: &Needle) -> bool {
    let exact = || {
        let written: String = text.between(first, last).iter().collect();
        let trim = |c: char| !c.is_alphanumeric();
        written == needle.written.trim_matches(trim)
    };
    match needle.rule {
        Rule::Words => bounded(text, first, last),
        Rule::Exact => bounded(text, first, last) && exact(),
        Rule::Line => bounded(text, first, last) && exact() && text.alone(first, last),
        Rule::TenDigits => {
            digit_bounds(text, first, last)
                && matches!(
                    groups(text, first, last).as_deref(),
                    Some([10] | [4, 3, 3] | [1, 3, 3, 3] | [4, 6] | [1, 9])
                )
        }
        Rule::Digits => {
            digit_bounds(text, first, last)
                && groups(text, first, last).is_some_and(|g| match g.as_slice() {
                    [_] => true,
                    [lead, rest @ ..] => *lead <= 3 && rest.iter().all(|n| *n == 3),
                    [] => false,
                })
        }
        Rule::LineOrLabel => {
            bounded(text, first, last)
                && in_a_row(text, first, last)
                && (text.alone(first, last) || labelled(text, first))
        }
        Rule::Never => false,
        Rule::Label => {
            bounded(text, first, last) && in_a_row(text, first, last) && labelled(text, first)
        }
    }
}

fn labelled(text: &Text, first: usize) -> bool {
    let words = text.words_before(first);
    let joined = format!("{}{}", words[1], words[0]);
    let label = |w: &str| LABELS.contains(&w);
    label(&words[0]) || label(&joined)
}

fn in_a_row(text: &Text, first: usize, last: usize) -> bool {
    text.between(first, last).len() == last - first + 1
}

/// No digit beside, and no part of a decimal number: `2.0403449823`, `5310259,5`.
fn digit_bounds(text: &Text, first: usize, last: usize) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let point = |c: Option<char>| matches!(c, Some('.' | ','));
    let before = text.beside(first, -1);
    let behind = text.beside(last, 1);
    !digit(before)
        && !digit(behind)
        && !(point(before) && digit(text.beside(first, -2)))
        && !(point(behind) && digit(text.beside(last, 2)))
}

/// Sizes of the groups of digits in a span; `None` where anything but one separator parts them.
/// A page sets a hyphen apart from the digits around it: a line end beside a separator is none.
fn groups(text: &Text, first: usize, last: usize) -> Option<Vec<usize>> {
    let mut groups = vec![0];
    let (mut separators, mut line_ends) = (0, 0);
    for c in text.between(first, last) {
        if c.is_ascii_digit() {
            match (separators, line_ends) {
                (0, 0) => {}
                (1, _) => groups.push(0),
                _ => return None,
            }
            (separators, line_ends) = (0, 0);
            *groups.last_mut()? += 1;
        } else if *c == '\n' {
            line_ends += 1;
        } else if is_separator(*c) {
            separators += 1;
        } else if !super::super::words::is_invisible(*c) {
            return None;
        }
    }
    Some(groups)
}

/// What people put between groups of digits.
fn is_separator(c: char) -> bool {
    matches!(
        c,
        '.' | ' '
            | '-'
            | '/'
            | '\''
            | '_'
            | '\u{a0}'
            | '\u{202f}'
            | '\u{2009}'
            | '\u{2011}'
            | '\u{2010}'
    )
}

/// Beginnings of paths of a machine.
const PATHS: &[&str] = &[
    "/home/",
    "/users/",
    "/root/",
    "/tmp/",
    "/var/",
    "/mnt/",
    "/media/",
    "/opt/",
    "\\users\\",
    "file:///",
];

/// Paths of the machine the file was made on.
fn paths(text: &Text) -> Vec<Hit> {
    let lower: Vec<char> = text
        .written
        .iter()
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let mut hits = Vec::new();
    for (at, c) in lower.iter().enumerate() {
        if !matches!(c, '/' | '\\' | 'f') {
            continue;
        }
        let rest = lower.get(at..).unwrap_or_default();
        let begins =
            |path: &&&str| rest.len() >= path.len() && path.chars().zip(rest).all(|(a, b)| a == *b);
        let Some(path) = PATHS.iter().find(begins) else {
            continue;
        };
        // `https://example.be/home/` is an address, not a path.
        let before = at.checked_sub(1).and_then(|i| lower.get(i));
        let inner = before.is_some_and(|b| b.is_alphanumeric() || matches!(b, '.' | '/' | '-'));
        if *c == '/' && inner {
            continue;
        }
        let shown = text.written.get(at..).unwrap_or_default().iter();
        hits.push(Hit {
            file: String::new(),
            kind: Kind::Path,
            company_id: String::new(),
            found: (*path).to_owned(),
            excerpt: shown.take(60).take_while(|c| !c.is_control()).collect(),
        });
    }
    hits
}
