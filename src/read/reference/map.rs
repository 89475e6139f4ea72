//! Layers of outlines: parcels, structures and heights of the base map (flemish-data.md §2),
//! parks and plots (§4).

use geo::MultiPolygon;

use super::super::dates::is_no_date;
use super::super::layer::Shape;
use super::super::system::Way;
use super::super::table::{Mapping, Row, Schema, column, key_text};
use super::Source;
use crate::survey::reference::{BuildingHeight, Parcel, Park, Plot, Structure, StructureLayer};

const PARCELS: Schema = Schema::of_register(
    "parcels",
    &[column("capakey", &[]), column("end", &["einddatum"])],
);

const STRUCTURES: Schema = Schema::of_register(
    "structures",
    &[column("oidn", &["grb_oidn"]), column("label", &["lbltype"])],
);

const HEIGHTS: Schema = Schema::of_register(
    "heights",
    &[
        column("oidn", &["grb_oidn"]),
        column("height_m", &["hn_p99"]),
        column("surface_m", &["h_dsm_p99"]),
        column("ground_m", &["h_dtm_gem"]),
        column("quality", &["h_kwal"]),
    ],
);

/// Columns of parks; names of the files of the region are not published, so others come from
/// `[schema.parks]`. `number` is what a layer has that came out of a program without a key.
pub const PARKS: Schema = Schema::of_register(
    "parks",
    &[
        column("park_id", &["identificator", "bedrijventerrein_id"]),
        column("name", &["naam", "bedrijventerrein", "naam_bt"]),
        column("number", &["oidn"]),
    ],
);

/// Columns of plots, from `[schema.plots]` where named otherwise.
pub const PLOTS: Schema = Schema::of_register(
    "plots",
    &[
        column("plot_id", &["identificator", "perceel_id"]),
        column(
            "park",
            &[
                "isdeelvan",
                "park_id",
                "bedrijventerrein_id",
                "bedrijventerrein",
            ],
        ),
        column("number", &["oidn"]),
        column("in_use", &["ingebruik", "in_gebruik", "gebruik"]),
        column("function", &["functie"]),
    ],
);

/// Whether a plot is in use by the word of the register (flemish-data.md §4).
fn in_use(word: &str) -> Option<bool> {
    let word = word.trim().to_lowercase();
    match word.as_str() {
        "" => None,
        no if no.starts_with("niet in gebruik") || matches!(no, "nee" | "no" | "false" | "0") => {
            Some(false)
        }
        yes if yes.starts_with("in gebruik")
            || matches!(yes, "ja" | "yes" | "true" | "1" | "in use") =>
        {
            Some(true)
        }
        "not in use" => Some(false),
        _ => None,
    }
}

/// Largest coordinate, metres: the earth is smaller.
const MAX_COORDINATE_M: f64 = 1e8;

/// A shape as polygons in the project's system with sound coordinates.
pub(super) fn flat(shape: &Shape, way: &Way<'_>) -> Result<MultiPolygon<f64>, String> {
    let polygon = way.polygon(shape)?;
    let mut empty = true;
    for part in &polygon {
        for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
            let sound = |v: f64| v.abs() <= MAX_COORDINATE_M;
            if !ring.0.iter().all(|c| sound(c.x) && sound(c.y)) {
                return Err("has a coordinate that is no place".to_string());
            }
        }
        empty &= part.exterior().0.len() < 4;
    }
    match empty {
        true => Err("has an empty geometry".to_string()),
        false => Ok(polygon),
    }
}

fn key(row: &Row<'_>, name: &str) -> Result<String, String> {
    let key = key_text(row.text(name));
    match key {
        "" => Err("has no key".to_string()),
        key => Ok(key.to_string()),
    }
}

pub(super) fn parcels(source: &mut Source<'_>, into: &mut Vec<Parcel>) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["capakey"]];
    let count = source.each(
        &PARCELS,
        &Mapping::new(),
        required,
        into,
        |row, shape, way| {
            // The history holds parcels that are no more.
            if !is_no_date(row.text("end")) {
                return Ok(None);
            }
            Ok(Some(Parcel {
                capakey: key(row, "capakey")?,
                polygon: flat(shape, way)?,
            }))
        },
    );
    (count, "parcels (GRB ADP)")
}

pub(super) fn structures(
    source: &mut Source<'_>,
    layer: StructureLayer,
    into: &mut Vec<Structure>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["oidn"]];
    let count = source.each(
        &STRUCTURES,
        &Mapping::new(),
        required,
        into,
        |row, shape, way| {
            Ok(Some(Structure {
                oidn: key(row, "oidn")?,
                layer,
                label: row.text("label").to_string(),
                polygon: flat(shape, way)?,
            }))
        },
    );
    let what = match layer {
        StructureLayer::Building => "buildings (GRB GBG)",
        StructureLayer::Attached => "attached structures (GRB GBA)",
        StructureLayer::Structure => "structures (GRB KNW)",
    };
    (count, what)
}

/// Heights need no outline: the building is known by its key. Where the height above ground is
/// missing it is surface less ground, which is how the layer makes it.
pub(super) fn heights(
    source: &mut Source<'_>,
    into: &mut Vec<BuildingHeight>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["oidn"], &["height_m", "surface_m"]];
    let count = source.each(&HEIGHTS, &Mapping::new(), required, into, |row, _, _| {
        let number = |name: &str| {
            let value = row.text(name).replace(',', ".").parse::<f64>().ok();
            value.filter(|v| v.is_finite() && v.abs() < 1000.0)
        };
        let ground_m = number("ground_m");
        let height = number("height_m");
        let between = || Some(number("surface_m")? - ground_m?);
        let height_m = height.or_else(between);
        let height_m = height_m.filter(|h| (0.0..=300.0).contains(h));
        Ok(Some(BuildingHeight {
            oidn: key(row, "oidn")?,
            height_m: height_m.ok_or("has no height from 0 to 300 m")?,
            ground_m,
            quality: row.text("quality").to_string(),
        }))
    });
    (count, "heights of buildings (3D GRB)")
}

pub(super) fn parks(
    source: &mut Source<'_>,
    mapping: &Mapping,
    into: &mut Vec<Park>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["park_id", "name", "number"]];
    let count = source.each(&PARKS, mapping, required, into, |row, shape, way| {
        let name = row.text("name").to_string();
        let named = |_| match name.as_str() {
            "" => key(row, "number"),
            name => Ok(name.to_string()),
        };
        let id = key(row, "park_id").or_else(named)?;
        Ok(Some(Park {
            id,
            name,
            polygon: flat(shape, way)?,
        }))
    });
    (count, "business parks")
}

pub(super) fn plots(
    source: &mut Source<'_>,
    mapping: &Mapping,
    into: &mut Vec<Plot>,
) -> (usize, &'static str) {
    let required: &[&[&str]] = &[&["plot_id", "number"]];
    let count = source.each(&PLOTS, mapping, required, into, |row, shape, way| {
        Ok(Some(Plot {
            id: key(row, "plot_id").or_else(|_| key(row, "number"))?,
            park: key_text(row.text("park")).to_string(),
            in_use: in_use(row.text("in_use")),
            function: row.text("function").trim().to_string(),
            polygon: flat(shape, way)?,
        }))
    });
    (count, "use plots of business parks")
}
