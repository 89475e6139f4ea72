//! What a template can see: itself, what lies in the user's template folder, the document's data
//! and pictures, five fonts.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{DiagSpan, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};

use super::template::{Document, Templates};
use crate::problem::{Problem, Result};

/// The typeface of the design, Inter 4, in the five cuts the template uses.
const FONTS: [&[u8]; 5] = [
    include_bytes!("fonts/Inter-Regular.ttf"),
    include_bytes!("fonts/Inter-Italic.ttf"),
    include_bytes!("fonts/Inter-SemiBold.ttf"),
    include_bytes!("fonts/Inter-Bold.ttf"),
    include_bytes!("fonts/InterDisplay-SemiBold.ttf"),
];

/// Parsed once; equal for all sheets, so that the layout cache keeps what does not change.
static SHARED: LazyLock<Shared> = LazyLock::new(|| {
    let fonts: Vec<Font> = FONTS
        .iter()
        .filter_map(|bytes| Font::new(Bytes::new(*bytes), 0))
        .collect();
    Shared {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
    }
});

struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// A text in the letters the typeface has. Others (Hebrew, Chinese, pictures) would be drawn as
/// nothing, which the PDF standards forbid; a mark stands in their place.
fn drawable(text: &str) -> String {
    let known = |c: char| {
        c.is_ascii()
            || matches!(c, '\u{200b}' | '\u{a0}' | '\u{2011}' | '\u{202f}')
            || SHARED
                .fonts
                .first()
                .is_some_and(|font| font.info().coverage.contains(u32::from(c)))
    };
    let shown = text.chars().map(|c| if known(c) { c } else { '\u{25a1}' });
    shown.collect()
}

/// Texts parsed last, oldest first: all sheets of a flight are set from the same few.
static PARSED: Mutex<Vec<Source>> = Mutex::new(Vec::new());
const MOST_PARSED: usize = 16;

/// A text, parsed unless it was before.
fn parsed(id: FileId, text: &str) -> Source {
    let mut known = PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(source) = known.iter().find(|s| s.id() == id && s.text() == text) {
        return source.clone();
    }
    let source = Source::new(id, text.to_owned());
    if known.len() == MOST_PARSED {
        known.remove(0);
    }
    known.push(source.clone());
    source
}

/// The in-memory world of one document.
pub(super) struct SheetWorld {
    main: Source,
    /// Templates that the main one includes, and other text that can be included.
    parts: Vec<Source>,
    files: BTreeMap<String, Bytes>,
}

/// Sets a visit's pages and the roof's behind them.
const JOINED: &str = "#include \"visit.typ\"\n#include \"sheet.typ\"\n";
const JOINED_FILE: &str = "visit-and-sheet.typ";

impl SheetWorld {
    /// The world of a document: its template with what that may read, and nothing else.
    pub(super) fn of(document: Document, templates: &Templates) -> Result<Self> {
        let mut world = Self::plain("")?;
        world.add(document, templates)?;
        let id = file_id(document.file())?;
        if let Some(at) = world.parts.iter().position(|s| s.id() == id) {
            world.main = world.parts.swap_remove(at);
        }
        Ok(world)
    }

    /// A visit's pages and a roof's behind them.
    pub(super) fn joined(templates: &Templates) -> Result<Self> {
        let mut world = Self::plain("")?;
        world.main = Source::new(file_id(JOINED_FILE)?, JOINED.to_owned());
        world.add(Document::Visit, templates)?;
        world.add(Document::Sheet, templates)?;
        Ok(world)
    }

    fn add(&mut self, document: Document, templates: &Templates) -> Result<()> {
        for (name, bytes) in templates.files_of(document) {
            if name.ends_with(".typ")
                && let Ok(text) = std::str::from_utf8(bytes.as_slice())
            {
                self.add_source(&name, text)?;
            }
            self.files.insert(name, bytes);
        }
        if !templates.has(document) {
            self.add_source(document.file(), document.built_in())?;
        }
        Ok(())
    }

    fn add_source(&mut self, name: &str, text: &str) -> Result<()> {
        let id = file_id(name)?;
        if self.parts.iter().all(|s| s.id() != id) {
            self.parts.push(parsed(id, text));
        }
        Ok(())
    }

    /// Adds the data a template reads under a name.
    pub(super) fn data(self, name: &str, data: &impl serde::Serialize) -> Result<Self> {
        let data = serde_json::to_string(data)
            .map_err(|e| Problem::broken(format!("page data cannot be written: {e}")))?;
        Ok(self.text(name, &data))
    }

    /// The same of data that is text already.
    pub(super) fn text(mut self, name: &str, data: &str) -> Self {
        self.add_file(name, drawable(data).into_bytes());
        self
    }

    /// Adds pictures by their names.
    pub(super) fn pictures<'p>(
        mut self,
        pictures: impl IntoIterator<Item = (&'p str, &'p [u8])>,
    ) -> Self {
        for (name, rgb) in pictures {
            self.add_file(&format!("{name}.rgb"), rgb.to_vec());
        }
        self
    }

    /// Adds files, such as logos, by their names.
    pub(super) fn files(mut self, files: &[(String, Vec<u8>)]) -> Self {
        for (name, bytes) in files {
            self.add_file(name, bytes.clone());
        }
        self
    }

    /// What a template reads of ours is never one of the user's files of that name.
    fn add_file(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.to_owned(), Bytes::new(bytes));
    }

    /// A world of one source and nothing else.
    pub(super) fn plain(source: &str) -> Result<Self> {
        Ok(Self {
            main: Source::new(file_id("picture.typ")?, source.to_owned()),
            parts: Vec::new(),
            files: BTreeMap::new(),
        })
    }

    /// A world of one file under its own name.
    pub(super) fn one(name: &str, text: &str) -> Result<Self> {
        let mut world = Self::plain("")?;
        world.main = Source::new(file_id(name)?, text.to_owned());
        Ok(world)
    }

    /// The first slip in how the main file is written: message, hint, place.
    pub(super) fn slip(&self) -> Option<(String, Option<String>, DiagSpan)> {
        let (errors, _) = self.main.root().errors_and_warnings();
        let first = errors.into_iter().next()?;
        let hint = first.hints.first().map(|hint| hint.v.to_string());
        Some((first.message.to_string(), hint, first.span))
    }

    /// File, line and column of an error, both from 1; `None` when it lies elsewhere.
    pub(super) fn place(&self, span: DiagSpan) -> Option<(&'static str, usize, usize)> {
        let range = self.range(span)?;
        let id = span.id()?;
        let source = self.known(id)?;
        let (line, column) = source.lines().byte_to_line_column(range.start)?;
        Some((id.get().vpath().get_without_slash(), line + 1, column + 1))
    }

    /// The file the pages begin with.
    pub(super) fn main_file(&self) -> &'static str {
        self.main.id().get().vpath().get_without_slash()
    }

    fn known(&self, id: FileId) -> Option<&Source> {
        let mut all = std::iter::once(&self.main).chain(&self.parts);
        all.find(|s| s.id() == id)
    }
}

/// A file of the world by its path.
fn file_id(name: &str) -> Result<FileId> {
    let path = VirtualPath::new(name)
        .map_err(|e| Problem::setting(format!("file name {name} of the template: {e}")))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

/// Path of a file of the world; packages are none: nothing is fetched.
fn name_of(id: FileId) -> FileResult<&'static str> {
    match id.get().root() {
        VirtualRoot::Project => Ok(id.get().vpath().get_without_slash()),
        VirtualRoot::Package(_) => Err(FileError::Other(Some(
            "packages are not read: put the files into the template folder".into(),
        ))),
    }
}

impl World for SheetWorld {
    fn library(&self) -> &LazyHash<Library> {
        &SHARED.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &SHARED.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let name = name_of(id)?;
        let missing = || FileError::NotFound(name.into());
        self.known(id).cloned().ok_or_else(missing)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = name_of(id)?;
        let missing = || FileError::NotFound(name.into());
        self.files.get(name).cloned().ok_or_else(missing)
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }

    /// No clock: a sheet carries the flight's date.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
