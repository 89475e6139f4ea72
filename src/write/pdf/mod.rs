//! Sheets as PDF/A-2a + PDF/UA-1 files and PNG pages: the only module that calls the
//! typesetter.
//!
//! In: a [`Sheet`] (everything already formatted) and [`Templates`]. Out: bytes. A template is
//! text compiled into the program, or the user's own; it reads `data.json` and draws. The
//! world it sees is in memory: no file, no network, no clock, no package. The exporter enforces
//! both standards, so a figure without alternative text is an error and not a finding of an
//! audit later.

mod as_bytes;
mod template;
mod world;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use typst::diag::{Severity, SourceDiagnostic};
use typst::foundations::Smart;
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::problem::{Problem, Result};
use crate::report::changes::ChangePages;
use crate::report::overview::pages::OverviewPages;
use crate::report::quality::QualityPages;
use crate::report::visit::VisitSheet;
use crate::report::{self, Sheet};
use serde::{Deserialize, Serialize};
pub use template::{Document, Templates};
use world::SheetWorld;

/// Sheets after which cached results of the typesetter are looked through, and how often one may be met
/// there unused before it goes: three to six sheets, which keeps fonts and the template warm. A look takes
/// about 2 ms.
const SHEETS_A_LOOK: usize = 3;
const CACHE_AGE: usize = 1;

/// Sheets set so far, in this process as the cache is.
static SHEETS: AtomicUsize = AtomicUsize::new(0);

/// Points per inch.
const POINTS: f64 = 72.0;

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions<'a> {
    /// The user's own templates; `None` takes ours.
    pub templates: Option<&'a Templates>,
    /// Resolution of the PNG pages, dots per inch; 0 makes none.
    pub png_dpi: u32,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self {
            templates: None,
            png_dpi: 96,
        }
    }
}

/// No templates of the user's.
static OURS: LazyLock<Templates> = LazyLock::new(Templates::default);

/// A rendered sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The PDF file.
    pub pdf: Vec<u8>,
    /// Its pages as PNG files, first page first.
    pub pages: Vec<Vec<u8>>,
}

/// Renders a sheet.
///
/// # Errors
///
/// A template that does not compile or does not meet the standards is a setting problem with
/// the template's file, line and column.
pub fn render(sheet: &Sheet, options: &RenderOptions) -> Result<Rendered> {
    let files = (sheet.pictures.as_slice(), sheet.logos.as_slice());
    document(Document::Sheet, sheet, files, &sheet.ident, options)
}

/// Renders a flight's quality report, to the same standards as sheets.
///
/// # Errors
/// As [`render`].
pub fn render_quality(pages: &QualityPages, templates: &Templates) -> Result<Vec<u8>> {
    let files = (pages.pictures.as_slice(), pages.logos.as_slice());
    pdf_only(Document::Quality, pages, files, &pages.ident, templates)
}

/// Renders the overview of two flights, to the same standards as sheets.
///
/// # Errors
/// As [`render`].
pub fn render_changes(pages: &ChangePages, templates: &Templates) -> Result<Vec<u8>> {
    let files = (&[][..], pages.logos.as_slice());
    pdf_only(Document::Changes, pages, files, &pages.ident, templates)
}

/// Renders the park's overview, to the same standards as sheets.
///
/// # Errors
/// As [`render`].
pub fn render_overview(pages: &OverviewPages, templates: &Templates) -> Result<Vec<u8>> {
    let files = (pages.pictures.as_slice(), pages.logos.as_slice());
    pdf_only(Document::Overview, pages, files, &pages.ident, templates)
}

/// Pictures, and files such as logos, of a document.
type Beside<'a> = (&'a [report::Picture], &'a [(String, Vec<u8>)]);

/// A document without pictures of its pages.
fn pdf_only(
    kind: Document,
    data: &impl Serialize,
    beside: Beside<'_>,
    ident: &str,
    templates: &Templates,
) -> Result<Vec<u8>> {
    let options = RenderOptions {
        templates: Some(templates),
        png_dpi: 0,
    };
    Ok(document(kind, data, beside, ident, &options)?.pdf)
}

/// Sets a document from its data, pictures and files by its template, ours or the user's.
fn document(
    kind: Document,
    data: &impl Serialize,
    (pictures, files): Beside<'_>,
    ident: &str,
    options: &RenderOptions,
) -> Result<Rendered> {
    let templates = options.templates.unwrap_or(&OURS);
    let pictures = pictures.iter().map(|p| (p.name.as_str(), p.rgb.as_slice()));
    let world = SheetWorld::of(kind, templates)?
        .data("data.json", data)?
        .pictures(pictures)
        .files(files);
    let rendered = set(&world, templates, ident, options.png_dpi);
    let before = SHEETS.fetch_add(1, Ordering::Relaxed);
    if before.is_multiple_of(SHEETS_A_LOOK) {
        comemo::evict(CACHE_AGE);
    }
    rendered
}

/// The roof sheet's own pages, to be joined with a visit's: what its template reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoofPages {
    data: String,
    pictures: Vec<KeptPicture>,
    logos: Vec<(String, Vec<u8>)>,
}

/// A picture of a roof sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct KeptPicture {
    name: String,
    #[serde(with = "as_bytes")]
    rgb: Vec<u8>,
}

impl RoofPages {
    /// Of a sheet.
    ///
    /// # Errors
    /// None in practice: the fields of a sheet always serialise.
    pub fn new(sheet: &Sheet) -> Result<Self> {
        let data = serde_json::to_string(sheet)
            .map_err(|e| Problem::broken(format!("page data cannot be written: {e}")))?;
        let pictures = sheet.pictures.iter();
        Ok(Self {
            data,
            pictures: pictures
                .map(|p| KeptPicture {
                    name: p.name.clone(),
                    rgb: p.rgb.clone(),
                })
                .collect(),
            logos: sheet.logos.clone(),
        })
    }
}

/// Renders a visit's sheet, with the roof sheet's pages behind it where there are some.
///
/// # Errors
/// As [`render`].
pub fn render_visit(
    sheet: &VisitSheet,
    roof: Option<&RoofPages>,
    options: &RenderOptions,
) -> Result<Rendered> {
    let templates = options.templates.unwrap_or(&OURS);
    let mut files = sheet.logos.clone();
    for picture in &sheet.pictures {
        files.push((format!("{}.jpg", picture.name), photo(picture)?));
    }
    let world = match roof {
        None => SheetWorld::of(Document::Visit, templates)?,
        Some(_) => SheetWorld::joined(templates)?,
    };
    let mut world = world.data("visit.json", sheet)?.files(&files);
    if let Some(roof) = roof {
        let pictures = roof.pictures.iter();
        world = world
            .text("data.json", &roof.data)
            .pictures(pictures.map(|p| (p.name.as_str(), p.rgb.as_slice())))
            .files(&roof.logos);
    }
    let rendered = set(&world, templates, &sheet.ident, options.png_dpi);
    // Pictures of one company help no other.
    comemo::evict(1);
    rendered
}

/// Quality of the pictures of a visit. At 90 a thermogram of smooth colours and a photo look at arm's length like
/// the originals and take a quarter of the room; without loss 40 findings were over 8 MB.
const JPEG_QUALITY: u8 = 90;

/// A picture as JPEG, without thinned-out colours: those of a thermogram are what is read.
fn photo(picture: &report::Picture) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    image::ImageEncoder::write_image(
        encoder,
        &picture.rgb,
        picture.width,
        picture.height,
        image::ExtendedColorType::Rgb8,
    )
    .map_err(|e| Problem::io(format!("picture {}: {e}", picture.name)))?;
    Ok(bytes)
}

/// PDF/A-2a and PDF/UA-1 under an identifier.
fn standard(ident: &str) -> Result<PdfOptions> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|e| Problem::unsupported(format!("PDF standards: {}", e.message())))?;
    Ok(PdfOptions {
        ident: Smart::Custom(ident.to_owned()),
        creator: Smart::Custom(Some("thermaudit".to_owned())),
        standards,
        ..PdfOptions::default()
    })
}

/// Red, green and blue of a picture, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Three bytes a pixel.
    pub rgb: Vec<u8>,
}

/// The first page of a source of our own at one pixel a point: text for pictures.
///
/// # Errors
/// A source that does not compile.
pub fn picture(source: &str) -> Result<Picture> {
    let world = SheetWorld::plain(source)?;
    let document: PagedDocument = typst::compile(&world)
        .output
        .map_err(|e| problem(&world, &OURS, &e))?;
    let page = document
        .pages()
        .first()
        .ok_or_else(|| Problem::setting("the source makes no page"))?;
    Ok(pixels(page, 1.0))
}

fn pixels(page: &typst_layout::Page, per_pt: f64) -> Picture {
    let options = typst_render::RenderOptions {
        pixel_per_pt: Scalar::new(per_pt),
        ..typst_render::RenderOptions::default()
    };
    let pixmap = typst_render::render(page, &options);
    let colours = pixmap.pixels().iter();
    Picture {
        width: pixmap.width() as usize,
        height: pixmap.height() as usize,
        rgb: colours
            .flat_map(|p| [p.red(), p.green(), p.blue()])
            .collect(),
    }
}

/// Sets a world's pages as PDF and PNG.
fn set(world: &SheetWorld, templates: &Templates, ident: &str, png_dpi: u32) -> Result<Rendered> {
    let fault = |errors: &[SourceDiagnostic]| problem(world, templates, errors);
    let document: PagedDocument = typst::compile(world).output.map_err(|e| fault(&e))?;
    let pdf_options = standard(ident)?;
    let pdf = typst_pdf::pdf(&document, &pdf_options).map_err(|e| fault(&e))?;
    let pages = if png_dpi == 0 {
        Vec::new()
    } else {
        let dpi = f64::from(png_dpi.min(600));
        document
            .pages()
            .iter()
            .map(|page| png(page, dpi))
            .collect::<Result<_>>()?
    };
    Ok(Rendered { pdf, pages })
}

fn png(page: &typst_layout::Page, dpi: f64) -> Result<Vec<u8>> {
    let picture = pixels(page, dpi / POINTS);
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new_with_quality(
        &mut bytes,
        image::codecs::png::CompressionType::Fast,
        image::codecs::png::FilterType::Adaptive,
    );
    image::ImageEncoder::write_image(
        encoder,
        &picture.rgb,
        picture.width as u32,
        picture.height as u32,
        image::ExtendedColorType::Rgb8,
    )
    .map_err(|e| Problem::io(format!("page picture: {e}")))?;
    Ok(bytes)
}

/// The first error as a problem with file, line and column of the template.
fn problem(world: &SheetWorld, templates: &Templates, errors: &[SourceDiagnostic]) -> Problem {
    let first = errors
        .iter()
        .find(|e| e.severity == Severity::Error)
        .or(errors.first());
    let Some(error) = first else {
        let what = "the template does not compile";
        return Problem::setting(what).in_file(templates.shown(world.main_file()));
    };
    let problem = Problem::setting(error.message.to_string());
    let problem = match world.place(error.span) {
        Some((file, line, column)) => problem
            .in_file(templates.shown(file))
            .field(format!("line {line}, column {column}")),
        None => problem.in_file(templates.shown(world.main_file())),
    };
    match error.hints.first() {
        Some(hint) => problem.hint(hint.v.to_string()),
        None => problem,
    }
}
