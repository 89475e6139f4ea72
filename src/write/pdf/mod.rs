//! Sheets as PDF/A-2a + PDF/UA-1 files and PNG pages: the only module that calls the
//! typesetter.
//!
//! In: a [`Sheet`] (everything already formatted) and a template. Out: bytes. The template is
//! text compiled into the program, or the user's own; it reads `data.json` and draws. The
//! world it sees is in memory: no file, no network, no clock, no package. The exporter enforces
//! both standards, so a figure without alternative text is an error and not a finding of an
//! audit later.

mod world;

use typst::diag::{Severity, SourceDiagnostic};
use typst::foundations::Smart;
use typst::utils::Scalar;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::problem::{Problem, Result};
use crate::report::Sheet;
use crate::report::changes::ChangePages;
use crate::report::overview::pages::OverviewPages;
use crate::report::quality::QualityPages;
use crate::report::visit::VisitSheet;
use serde::{Deserialize, Serialize};
use world::SheetWorld;

/// The built-in template; a user's own takes its place whole.
pub const TEMPLATE: &str = include_str!("sheet.typ");

/// Generations a cached layout result survives without use (measured: keeps fonts and the
/// template warm, and 200 sheets under 120 MB).
const CACHE_AGE: usize = 5;

/// Points per inch.
const POINTS: f64 = 72.0;

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions<'a> {
    /// Text of the user's own template; `None` takes [`TEMPLATE`].
    pub template: Option<&'a str>,
    /// Resolution of the PNG pages, dots per inch; 0 makes none.
    pub png_dpi: u32,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self {
            template: None,
            png_dpi: 96,
        }
    }
}

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
/// the template's line and column.
pub fn render(sheet: &Sheet, options: &RenderOptions) -> Result<Rendered> {
    let rendered = compile(sheet, options);
    comemo::evict(CACHE_AGE);
    rendered
}

/// Template of the quality report.
const QUALITY: &str = include_str!("quality.typ");

/// Renders a flight's quality report, to the same standards as sheets.
///
/// # Errors
/// None in practice: the template is our own.
pub fn render_quality(pages: &QualityPages) -> Result<Vec<u8>> {
    let world = SheetWorld::with(pages, &pages.pictures, QUALITY)?;
    let document: PagedDocument = typst::compile(&world)
        .output
        .map_err(|e| problem(&world, &e))?;
    let options = standard(&pages.ident)?;
    let pdf = typst_pdf::pdf(&document, &options).map_err(|e| problem(&world, &e))?;
    comemo::evict(CACHE_AGE);
    Ok(pdf)
}

/// Template of the overview of two flights.
const CHANGES: &str = include_str!("changes.typ");

/// Renders the overview of two flights, to the same standards as sheets.
///
/// # Errors
/// None in practice: the template is our own.
pub fn render_changes(pages: &ChangePages) -> Result<Vec<u8>> {
    let world = SheetWorld::with(pages, &[], CHANGES)?;
    let document: PagedDocument = typst::compile(&world)
        .output
        .map_err(|e| problem(&world, &e))?;
    let options = standard(&pages.ident)?;
    let pdf = typst_pdf::pdf(&document, &options).map_err(|e| problem(&world, &e))?;
    comemo::evict(CACHE_AGE);
    Ok(pdf)
}

/// Template of the park's overview.
const OVERVIEW: &str = include_str!("overview.typ");

/// Renders the park's overview, to the same standards as sheets.
///
/// # Errors
/// None in practice: the template is our own.
pub fn render_overview(pages: &OverviewPages) -> Result<Vec<u8>> {
    let world = SheetWorld::with(pages, &pages.pictures, OVERVIEW)?;
    let options = RenderOptions {
        png_dpi: 0,
        ..RenderOptions::default()
    };
    let rendered = set(&world, &pages.ident, &options);
    comemo::evict(1);
    Ok(rendered?.pdf)
}

/// Template of a visit's sheet.
const VISIT: &str = include_str!("visit.typ");

/// The roof sheet's own pages, to be joined with a visit's: what its template reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoofPages {
    data: String,
    /// Name, columns, rows and colours of each picture.
    pictures: Vec<(String, u32, u32, Vec<u8>)>,
    logos: Vec<(String, Vec<u8>)>,
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
                .map(|p| (p.name.clone(), p.width, p.height, p.rgb.clone()))
                .collect(),
            logos: sheet.logos.clone(),
        })
    }
}

/// Renders a visit's sheet, with the roof sheet's pages behind it where there are some.
///
/// # Errors
/// A roof template of the user's that does not compile or does not meet the standards.
pub fn render_visit(
    sheet: &VisitSheet,
    roof: Option<&RoofPages>,
    options: &RenderOptions,
) -> Result<Rendered> {
    let world = SheetWorld::visit(sheet, roof, options.template.unwrap_or(TEMPLATE))?;
    let rendered = set(&world, &sheet.ident, options);
    // Pictures of one company help no other.
    comemo::evict(1);
    rendered
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
        .map_err(|e| problem(&world, &e))?;
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

fn compile(sheet: &Sheet, options: &RenderOptions) -> Result<Rendered> {
    let world = SheetWorld::new(sheet, options.template.unwrap_or(TEMPLATE))?;
    set(&world, &sheet.ident, options)
}

/// Sets a world's pages as PDF and PNG.
fn set(world: &SheetWorld, ident: &str, options: &RenderOptions) -> Result<Rendered> {
    let document: PagedDocument = typst::compile(world)
        .output
        .map_err(|e| problem(world, &e))?;
    let pdf_options = standard(ident)?;
    let pdf = typst_pdf::pdf(&document, &pdf_options).map_err(|e| problem(world, &e))?;
    let pages = if options.png_dpi == 0 {
        Vec::new()
    } else {
        let dpi = f64::from(options.png_dpi.min(600));
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

/// The first error as a problem with line and column of the template.
fn problem(world: &SheetWorld, errors: &[SourceDiagnostic]) -> Problem {
    let first = errors
        .iter()
        .find(|e| e.severity == Severity::Error)
        .or(errors.first());
    let Some(error) = first else {
        return Problem::setting("the template does not compile").in_file("sheet.typ");
    };
    let mut problem = Problem::setting(error.message.to_string()).in_file("sheet.typ");
    if let Some((line, column)) = world.line_and_column(error) {
        problem = problem.field(format!("line {line}, column {column}"));
    }
    match error.hints.first() {
        Some(hint) => problem.hint(hint.v.to_string()),
        None => problem,
    }
}
