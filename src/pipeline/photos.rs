//! Orthophotos of a project: which files, and their colours over the maps of a sheet.
//!
//! A photo is an ornament of a sheet, not its substance: one that cannot be read costs itself, and a
//! warning says so. Neighbours may be seen on it (flemish-data.md §9.4): it shows what every
//! passer-by with a public map sees, and no temperature.

use super::cache::FileHashes;
use super::inputs::reference_files;
use super::project::{Project, hidden, sorted_entries};
use crate::geo::crs::Crs;
use crate::problem::{Problem, Result};
use crate::raster::{Bounds, GeoGrid, GeoTransform, Grid};
use crate::read::geotiff::GeoTiff;
use crate::read::orthophoto::Orthophoto;
use crate::read::refused::refused;
use crate::report::Photo;
use std::path::{Path, PathBuf};

/// Share of a map's pixels that must hold a picture: below, the map shows outlines on plain ground.
const LEAST_COVERED: f64 = 0.95;

/// Opacity from which a pixel holds a picture.
const OPAQUE: u8 = 128;

/// All orthophotos, in the order of their names: where two show a place, the first does.
#[derive(Debug, Default)]
pub(crate) struct Photos {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    photo: Orthophoto,
    path: PathBuf,
    /// The path as printed.
    shown: String,
}

impl Photos {
    /// Opens what the settings name, else what lies in `reference/`; what cannot be read is told.
    pub(crate) fn open(project: &Project, crs: &Crs) -> (Self, Vec<Problem>) {
        let mut photos = Self::default();
        let mut warnings = Vec::new();
        let given = project.settings.text("report", "orthophoto");
        let candidates = if given.is_empty() {
            let files = reference_files(project).into_iter();
            files
                .filter(|p| Orthophoto::may_be(p) && !is_numbers(p))
                .collect()
        } else {
            named(project)
        };
        if !given.is_empty() && candidates.is_empty() {
            let path = project.root.join(given);
            let what = match path.exists() {
                true => format!("names {given}, which holds no .tif or .mbtiles"),
                false => format!("names {given}, which does not exist"),
            };
            let problem = refused(&path).unwrap_or_else(|| {
                Problem::setting(what)
                    .in_file("audit.toml")
                    .hint("a GeoTIFF, MBTiles, or a folder of these; sheets are made without it")
            });
            warnings.push(problem.field("report.orthophoto"));
        }
        for path in candidates {
            let shown = project.relative(&path);
            match Orthophoto::open(&path, crs) {
                Ok(photo) => photos.files.push(File { photo, path, shown }),
                Err(problem) => {
                    let what = format!("{}; sheets are made without it", problem.what);
                    warnings.push(Problem {
                        what,
                        file: Some(shown),
                        ..problem
                    });
                }
            }
        }
        (photos, warnings)
    }

    /// One line for each: what it was taken for.
    pub(crate) fn found(&self) -> Vec<String> {
        let line = |file: &File| {
            let (epsg, cell) = file.photo.grid();
            let credit = match file.photo.credit.as_str() {
                "" => String::new(),
                credit => format!(", {credit}"),
            };
            format!(
                "{}: orthophoto, EPSG:{epsg}, cells of {cell:.2}{credit}",
                file.shown
            )
        };
        self.files.iter().map(line).collect()
    }

    /// Whether there is none at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Digests of the files that reach into a rectangle, with whose they are, which may stand in their names.
    pub(crate) fn digests(&self, bounds: &Bounds, hashes: &FileHashes) -> Vec<([u8; 32], String)> {
        let files = self.reaching(bounds);
        files
            .filter_map(|f| {
                let digest = hashes.of(&f.path).ok()?.1;
                Some((*digest.as_bytes(), f.photo.credit.clone()))
            })
            .collect()
    }

    /// Size of the finest cells in a rectangle, m; `None` where no photo reaches.
    pub(crate) fn cell_m(&self, bounds: &Bounds) -> Option<f64> {
        let cells = self.reaching(bounds).filter_map(|f| f.photo.cell_m(bounds));
        cells.min_by(f64::total_cmp)
    }

    /// Whether any photo reaches into a rectangle.
    pub(crate) fn reach(&self, bounds: &Bounds) -> bool {
        self.reaching(bounds).next().is_some()
    }

    /// Colours over rectangles of ground, each in columns and rows; those that are not covered are
    /// left out. With whose pictures they are.
    ///
    /// # Errors
    /// A broken file, by name.
    pub(crate) fn pieces(&self, grids: &[(Bounds, usize, usize)]) -> Result<(Photo, Vec<String>)> {
        let mut photo = Photo::default();
        let mut credits: Vec<String> = Vec::new();
        for grid in grids {
            let Some((piece, from)) = self.piece(grid)? else {
                continue;
            };
            photo.pieces.push(piece);
            for file in from {
                let credit = &file.photo.credit;
                if !credit.is_empty() && !credits.contains(credit) {
                    credits.push(credit.clone());
                }
            }
        }
        Ok((photo, credits))
    }

    /// One rectangle, and the files it is made of; `None` where it is not covered.
    #[allow(clippy::type_complexity)] // A grid and where it is from.
    fn piece<'a>(
        &'a self,
        (bounds, width, height): &'a (Bounds, usize, usize),
    ) -> Result<Option<(GeoGrid<[u8; 3]>, Vec<&'a File>)>> {
        let mut whole = Grid::filled(*width, *height, [0_u8; 4]);
        let mut from = Vec::new();
        let open = |grid: &Grid<[u8; 4]>| grid.data().iter().filter(|c| c[3] < OPAQUE).count();
        let mut left = open(&whole);
        for file in self.reaching(bounds) {
            if left == 0 {
                break;
            }
            let found = file
                .photo
                .over(bounds, *width, *height)
                .map_err(|p| Problem {
                    file: Some(file.shown.clone()),
                    ..p
                })?;
            for (cell, new) in whole.data_mut().iter_mut().zip(found.data()) {
                if cell[3] < OPAQUE && new[3] >= OPAQUE {
                    *cell = *new;
                }
            }
            let now = open(&whole);
            if now < left {
                from.push(file);
            }
            left = now;
        }
        let all = width * height;
        if all == 0 || ((all - left) as f64) < LEAST_COVERED * all as f64 {
            return Ok(None);
        }
        let transform = GeoTransform {
            x0: bounds.x_min,
            y0: bounds.y_max,
            dx: (bounds.x_max - bounds.x_min) / *width as f64,
            dy: (bounds.y_max - bounds.y_min) / *height as f64,
        };
        // Ground colour of the design where the picture ends.
        let grid = whole.map(|[r, g, b, a]| match a {
            a if a < OPAQUE => [0xEC, 0xEE, 0xF1],
            _ => [r, g, b],
        });
        Ok(Some((GeoGrid { grid, transform }, from)))
    }

    fn reaching<'a>(&'a self, bounds: &'a Bounds) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(|f| f.photo.reaches(bounds))
    }
}

/// The files `report.orthophoto` names: itself, or those of a folder.
pub(super) fn named(project: &Project) -> Vec<PathBuf> {
    let given = project.settings.text("report", "orthophoto");
    if given.is_empty() {
        return Vec::new();
    }
    let path = project.root.join(given);
    let files = match path.is_dir() {
        true => sorted_entries(&path),
        false => vec![path],
    };
    let wanted = |p: &PathBuf| p.is_file() && !hidden(p) && Orthophoto::may_be(p);
    files.into_iter().filter(wanted).collect()
}

/// Whether a raster holds numbers (heights, masks) and no colours.
fn is_numbers(path: &Path) -> bool {
    GeoTiff::open(path).is_ok_and(|raster| raster.bands < 3)
}
