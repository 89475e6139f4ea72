//! What a template can see: itself, the sheet's data, its pictures, five fonts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};

use super::{RoofPages, VISIT};
use crate::problem::{Problem, Result};
use crate::report::visit::VisitSheet;
use crate::report::{Picture, Sheet};

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

/// The in-memory world of one sheet.
pub(super) struct SheetWorld {
    main: Source,
    /// Templates that the main one includes.
    parts: Vec<Source>,
    files: BTreeMap<String, Bytes>,
}

/// Sets a visit's pages and the roof's behind them.
const JOINED: &str = "#include \"visit.typ\"\n#include \"sheet.typ\"\n";

impl SheetWorld {
    pub(super) fn new(sheet: &Sheet, template: &str) -> Result<Self> {
        let mut world = Self::with(sheet, &sheet.pictures, template)?;
        for (name, bytes) in &sheet.logos {
            world.files.insert(name.clone(), Bytes::new(bytes.clone()));
        }
        Ok(world)
    }

    /// A visit's pages, and a roof's behind them.
    pub(super) fn visit(
        sheet: &VisitSheet,
        roof: Option<&RoofPages>,
        roof_template: &str,
    ) -> Result<Self> {
        let mut files = BTreeMap::new();
        let data = text_of(sheet)?;
        files.insert("visit.json".to_owned(), Bytes::new(data));
        for picture in &sheet.pictures {
            let name = format!("{}.rgb", picture.name);
            files.insert(name, Bytes::new(picture.rgb.clone()));
        }
        for (name, bytes) in &sheet.logos {
            files.insert(name.clone(), Bytes::new(bytes.clone()));
        }
        let own = Source::new(file_id("visit.typ")?, VISIT.to_owned());
        let Some(roof) = roof else {
            return Ok(Self {
                main: own,
                parts: Vec::new(),
                files,
            });
        };
        let data = drawable(&roof.data).into_bytes();
        files.insert("data.json".to_owned(), Bytes::new(data));
        for (name, _, _, rgb) in &roof.pictures {
            files.insert(format!("{name}.rgb"), Bytes::new(rgb.clone()));
        }
        for (name, bytes) in &roof.logos {
            files.insert(name.clone(), Bytes::new(bytes.clone()));
        }
        let sheet = Source::new(file_id("sheet.typ")?, roof_template.to_owned());
        Ok(Self {
            main: Source::new(file_id("joined.typ")?, JOINED.to_owned()),
            parts: vec![own, sheet],
            files,
        })
    }

    /// A template with its data and the pictures it names.
    pub(super) fn with(
        data: &impl serde::Serialize,
        pictures: &[Picture],
        template: &str,
    ) -> Result<Self> {
        let mut files = BTreeMap::new();
        files.insert("data.json".to_owned(), Bytes::new(text_of(data)?));
        for picture in pictures {
            let name = format!("{}.rgb", picture.name);
            files.insert(name, Bytes::new(picture.rgb.clone()));
        }
        let main = Source::new(file_id("sheet.typ")?, template.to_owned());
        Ok(Self {
            main,
            parts: Vec::new(),
            files,
        })
    }

    /// A world of one source and nothing else.
    pub(super) fn plain(source: &str) -> Result<Self> {
        Ok(Self {
            main: Source::new(file_id("picture.typ")?, source.to_owned()),
            parts: Vec::new(),
            files: BTreeMap::new(),
        })
    }

    /// Place of an error in the template, both from 1; `None` when it lies elsewhere.
    pub(super) fn line_and_column(&self, error: &SourceDiagnostic) -> Option<(usize, usize)> {
        let range = self.range(error.span)?;
        let in_it = |source: &&Source| error.span.id() == Some(source.id());
        let source = self.parts.iter().find(in_it).unwrap_or(&self.main);
        let (line, column) = source.lines().byte_to_line_column(range.start)?;
        Some((line + 1, column + 1))
    }
}

/// Data of a template.
fn text_of(data: &impl serde::Serialize) -> Result<Vec<u8>> {
    let data = serde_json::to_string(data)
        .map_err(|e| Problem::broken(format!("page data cannot be written: {e}")))?;
    Ok(drawable(&data).into_bytes())
}

fn file_id(name: &str) -> Result<FileId> {
    let path = VirtualPath::new(name)
        .map_err(|e| Problem::setting(format!("file name {name} of the template: {e}")))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
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
        let mut all = std::iter::once(&self.main).chain(&self.parts);
        if let Some(source) = all.find(|s| s.id() == id) {
            return Ok(source.clone());
        }
        Err(FileError::NotFound(
            id.get().vpath().get_without_slash().into(),
        ))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.get().vpath().get_without_slash();
        self.files
            .get(name)
            .cloned()
            .ok_or_else(|| FileError::NotFound(name.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        SHARED.fonts.get(index).cloned()
    }

    /// No clock: a sheet carries the flight's date.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
