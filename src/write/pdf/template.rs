//! Templates of the documents: ours, compiled in, and the user's own over them.
//!
//! A user's folder may hold any of the templates by its name (`sheet.typ`, `visit.typ`, …), and
//! with them whatever these include, read or show. A template of ours reads nothing of that
//! folder; one of the user's reads nothing outside it. What a document may read is settled before
//! it is set, so that its key can hold just these files.

use std::collections::{BTreeMap, BTreeSet};

use typst::foundations::Bytes;

use super::world::SheetWorld;
use crate::problem::{Problem, Result};

/// A document that is set; each has a template of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// A company's roof sheet.
    Sheet,
    /// A company's sheet of a visit.
    Visit,
    /// Quality report of a flight.
    Quality,
    /// Overview of two flights.
    Changes,
    /// Overview of a park.
    Overview,
}

impl Document {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Sheet,
        Self::Visit,
        Self::Quality,
        Self::Changes,
        Self::Overview,
    ];

    /// File of its template, in the user's folder and ours.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Sheet => "sheet.typ",
            Self::Visit => "visit.typ",
            Self::Quality => "quality.typ",
            Self::Changes => "changes.typ",
            Self::Overview => "overview.typ",
        }
    }

    /// Our template.
    pub const fn built_in(self) -> &'static str {
        match self {
            Self::Sheet => include_str!("sheet.typ"),
            Self::Visit => include_str!("visit.typ"),
            Self::Quality => include_str!("quality.typ"),
            Self::Changes => include_str!("changes.typ"),
            Self::Overview => include_str!("overview.typ"),
        }
    }
}

/// The user's own templates and what lies beside them; empty where there are none.
#[derive(Clone, Debug, Default)]
pub struct Templates {
    /// How the folder is called in problems.
    folder: String,
    /// Files by their path below the folder, parts parted by `/`.
    files: BTreeMap<String, Bytes>,
}

impl Templates {
    /// Files of a folder, by their path below it with `/` between its parts.
    pub fn new(folder: impl Into<String>, files: BTreeMap<String, Vec<u8>>) -> Self {
        let files = files.into_iter();
        Self {
            folder: folder.into(),
            files: files.map(|(name, b)| (name, Bytes::new(b))).collect(),
        }
    }

    /// One template and nothing beside it.
    pub fn single(document: Document, text: &str) -> Self {
        let file = (document.file().to_owned(), text.as_bytes().to_vec());
        Self::new("", BTreeMap::from([file]))
    }

    /// Whether a document has a template of the user's.
    pub fn has(&self, document: Document) -> bool {
        self.files.contains_key(document.file())
    }

    /// What a document may read: nothing where its template is ours, else everything but the
    /// templates of other documents, and those too that are named in what it reads.
    pub fn of(&self, document: Document) -> Vec<(&str, &[u8])> {
        let mut names = BTreeSet::new();
        if self.has(document) {
            names.insert(document.file());
            let others = Document::ALL.map(Document::file);
            let beside = self.files.keys().map(String::as_str);
            names.extend(beside.filter(|name| !others.contains(name)));
            // A template may be built from another's.
            while let Some(more) = others.into_iter().find(|other| {
                let named = |name: &&str| name.ends_with(".typ") && self.names(name, other);
                !names.contains(other) && self.files.contains_key(*other) && names.iter().any(named)
            }) {
                names.insert(more);
            }
        }
        let files = names.into_iter();
        files
            .filter_map(|name| Some((name, self.files.get(name)?.as_slice())))
            .collect()
    }

    fn names(&self, file: &str, other: &str) -> bool {
        let bytes = self.files.get(file).map_or(&[][..], |b| b.as_slice());
        bytes.windows(other.len()).any(|w| w == other.as_bytes())
    }

    /// The same as files of a template's world.
    pub(super) fn files_of(&self, document: Document) -> impl Iterator<Item = (String, Bytes)> {
        let names: Vec<&str> = self
            .of(document)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        names
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), self.files.get(name)?.clone())))
    }

    /// How a file is called in problems; ours have no place among the user's.
    pub(super) fn shown(&self, name: &str) -> String {
        if !self.files.contains_key(name) {
            return format!("{name} (built in)");
        }
        match self.folder.as_str() {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        }
    }

    /// What is wrong with the templates as they are written, before any document is set.
    pub fn faults(&self) -> Vec<Problem> {
        let texts = self.files.iter().filter(|(name, _)| name.ends_with(".typ"));
        texts
            .filter_map(|(name, bytes)| self.fault(name, bytes.as_slice()).err())
            .collect()
    }

    fn fault(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let shown = self.shown(name);
        let text = std::str::from_utf8(bytes).map_err(|e| {
            Problem::setting(format!("is not UTF-8 from byte {} on", e.valid_up_to()))
                .in_file(shown.clone())
                .hint("save it as UTF-8")
        })?;
        let world = SheetWorld::one(name, text)?;
        let Some((what, hint, span)) = world.slip() else {
            return Ok(());
        };
        let mut problem = Problem::setting(what).in_file(shown);
        if let Some((_, line, column)) = world.place(span) {
            problem = problem.field(format!("line {line}, column {column}"));
        }
        Err(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> Templates {
        let files = files.iter();
        let files = files.map(|(n, t)| ((*n).to_owned(), t.as_bytes().to_vec()));
        Templates::new("template", files.collect())
    }

    fn names(templates: &Templates, document: Document) -> Vec<&str> {
        templates.of(document).into_iter().map(|(n, _)| n).collect()
    }

    #[test]
    fn a_document_depends_on_its_own_template_and_what_lies_beside_it_only() {
        let t = folder(&[
            ("sheet.typ", "#include \"parts/foot.typ\""),
            ("visit.typ", "#import \"sheet.typ\""),
            ("parts/foot.typ", "foot"),
            ("mark.svg", "<svg/>"),
        ]);
        let beside = ["mark.svg", "parts/foot.typ", "sheet.typ"];
        assert_eq!(names(&t, Document::Sheet), beside);
        assert_eq!(names(&t, Document::Visit).len(), 4);
        assert!(names(&t, Document::Quality).is_empty());
    }

    #[test]
    fn a_slip_of_the_pen_is_named_with_file_line_and_column() {
        let t = folder(&[
            ("sheet.typ", "fine"),
            ("parts/foot.typ", "one\n#let x = (\n"),
        ]);
        let faults = t.faults();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].file.as_deref(), Some("template/parts/foot.typ"));
        let place = faults[0].field.as_deref();
        assert!(
            place.is_some_and(|p| p.starts_with("line 2, column ")),
            "{place:?}"
        );
    }

    #[test]
    fn our_own_templates_have_no_slip() {
        for document in Document::ALL {
            let own = Templates::single(document, document.built_in());
            assert_eq!(own.faults(), []);
        }
    }
}
