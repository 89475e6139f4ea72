//! Kinds of files people have that are not read: what each is, and how to make one that is.

use std::path::Path;

use super::table::file_name;
use super::vector::extension;
use crate::problem::Problem;

/// What a file of a kind that is not read is, and how to convert it; `{}` stands for its name.
struct Refused {
    endings: &'static [&'static str],
    what: &'static str,
    hint: &'static str,
}

const VECTOR: &str = "convert it: ogr2ogr -f GPKG layer.gpkg {}, or export the layer as GeoPackage \
                      in QGIS";
const RASTER: &str = "convert it: gdal_translate -of COG {} tile.tif";

/// All kinds, by ending.
const REFUSED: &[Refused] = &[
    Refused {
        endings: &["gdb"],
        what: "is a file geodatabase, which is not read",
        hint: "export the layer: ogr2ogr -f GPKG buildings.gpkg {} GBG, or in QGIS as GeoPackage",
    },
    Refused {
        endings: &[
            "gml", "kml", "kmz", "tab", "mif", "dxf", "dwg", "dgn", "sqlite",
        ],
        what: "is a layer of a kind that is not read, expected .gpkg, .geojson, .shp or .fgb",
        hint: VECTOR,
    },
    Refused {
        endings: &["zip", "7z", "rar", "gz", "tgz", "tar", "bz2"],
        what: "is packed, and packed files are not read",
        hint: "unpack {} here and take the packed file away",
    },
    Refused {
        endings: &["jp2", "j2k", "jpx", "ecw", "sid"],
        what: "is a raster whose compression is not read, expected GeoTIFF",
        hint: RASTER,
    },
    Refused {
        endings: &["asc", "img", "vrt", "bil", "xyz", "nc", "grd"],
        what: "is a raster of a kind that is not read, expected GeoTIFF",
        hint: RASTER,
    },
    Refused {
        endings: &["laz", "las", "copc", "e57"],
        what: "is a point cloud, and heights are read from GeoTIFF",
        hint: "take the surface and terrain rasters (DHMVIIDSMRAS1m, DHMVIIDTMRAS1m) instead of \
               {}, or make a raster of it with PDAL or QGIS",
    },
    Refused {
        endings: &["xls", "xlsb", "numbers", "fods", "accdb", "mdb"],
        what: "is a table of a kind that is not read, expected .csv, .xlsx or .ods",
        hint: "open {} and save it as .xlsx or as CSV (UTF-8)",
    },
];

/// Why a file is not read and how to convert it; `None` for kinds that are read or mean nothing
/// here. The file is named by its last part.
pub fn refused(path: &Path) -> Option<Problem> {
    let ending = extension(path);
    let kind = REFUSED
        .iter()
        .find(|k| k.endings.contains(&ending.as_str()))?;
    let name = file_name(path);
    let hint = kind.hint.replace("{}", &name);
    Some(Problem::unsupported(kind.what).in_file(name).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_named_with_the_way_out_and_files_that_are_read_are_not() {
        for name in ["GRB.gdb", "b.GML", "k.zip", "o.jp2", "d.laz", "leden.xls"] {
            let problem = refused(Path::new(name)).expect("refused").to_string();
            assert!(problem.starts_with(name), "{problem}");
            assert!(problem.contains("hint:"), "{problem}");
        }
        for name in ["b.gpkg", "c.csv", "c.xlsx", "d.tif", "notes.txt", "b"] {
            assert_eq!(refused(Path::new(name)), None);
        }
    }
}
