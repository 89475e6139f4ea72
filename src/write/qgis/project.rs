//! The project file: rasters and layers of a flight, coloured, by relative paths.

use super::renderer::{labels, renderer};
use crate::problem::{Problem, Result};
use crate::report::gis::{LayerStyle, RasterStyle, Symbol};
use crate::write::markup::escaped;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;

/// What a project shows.
#[derive(Clone, Debug)]
pub struct Project<'a> {
    /// Title.
    pub title: &'a str,
    /// EPSG code of all layers.
    pub epsg: u32,
    /// The same system as WKT.
    pub wkt: &'a str,
    /// Folder of the results as seen from the project, ending in `/`.
    pub results: &'a str,
    /// West, south, east, north of what is shown at first, metres.
    pub extent: [f64; 4],
    /// Layers of `audit.gpkg`, from the top of the drawing down.
    pub layers: &'a [LayerStyle],
    /// Rasters below them.
    pub rasters: &'a [RasterStyle],
    /// The 256 colours of temperature, cold to warm.
    pub palette: &'a [[u8; 3]; 256],
}

/// Steps of the colour ramp: between them QGIS is linear, and so are the palettes within a level.
const STEPS: usize = 32;

/// The project as the bytes of a `.qgz`.
///
/// # Errors
/// None in practice: the archive lies in memory.
pub fn project(project: &Project<'_>) -> Result<Vec<u8>> {
    let fault = |e: &dyn std::fmt::Display| Problem::io(format!("cannot be packed ({e})"));
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive
        // No clock: the format's first moment.
        .start_file("park.qgs", SimpleFileOptions::default())
        .map_err(|e| fault(&e))?;
    archive
        .write_all(document(project).as_bytes())
        .map_err(|e| fault(&e))?;
    let bytes = archive.finish().map_err(|e| fault(&e))?;
    Ok(bytes.into_inner())
}

/// Identity of a layer. Ten characters or fewer are taken for those of old files and made anew, which
/// parts the layer from its place in the list.
fn id(name: &str) -> String {
    format!("thermaudit_{}", name.trim_end_matches(".tif"))
}

fn document(project: &Project<'_>) -> String {
    let system = system(project);
    let mut tree = String::new();
    let mut order = String::new();
    let mut layers = String::new();
    for style in project.layers {
        // Parts of roofs and captures are for a closer look.
        let shown = !matches!(style.layer, "roof_segments" | "frames" | "coldspots");
        let source = format!("{}audit.gpkg|layername={}", project.results, style.layer);
        let id = id(style.layer);
        tree.push_str(&tree_layer(&id, &style.title, "ogr", &source, shown));
        order.push_str(&format!("<layer id=\"{id}\"/>"));
        layers.push_str(&vector(style, &source, &system));
    }
    for style in project.rasters {
        let source = format!("{}{}", project.results, style.file);
        let id = id(style.file);
        tree.push_str(&tree_layer(&id, &style.title, "gdal", &source, style.shown));
        order.push_str(&format!("<layer id=\"{id}\"/>"));
        layers.push_str(&raster(style, &source, &system, project));
    }
    let [west, south, east, north] = project.extent;
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
         <qgis projectname=\"{title}\" version=\"3.22.0\">\n\
         <homePath path=\"\"/>\n<title>{title}</title>\n\
         <projectCrs>{system}</projectCrs>\n\
         <layer-tree-group>{tree}</layer-tree-group>\n\
         <mapcanvas name=\"theMapCanvas\" annotationsVisible=\"1\"><units>meters</units>\
         <extent><xmin>{west}</xmin><ymin>{south}</ymin><xmax>{east}</xmax><ymax>{north}</ymax></extent>\
         <rotation>0</rotation><destinationsrs>{system}</destinationsrs></mapcanvas>\n\
         <projectlayers>{layers}</projectlayers>\n\
         <layerorder>{order}</layerorder>\n\
         <properties><Paths><Absolute type=\"bool\">false</Absolute></Paths></properties>\n\
         </qgis>\n",
        title = escaped(project.title),
    )
}

fn system(project: &Project<'_>) -> String {
    format!(
        "<spatialrefsys><wkt>{}</wkt><srid>{epsg}</srid><authid>EPSG:{epsg}</authid>\
         <geographicflag>false</geographicflag></spatialrefsys>",
        escaped(project.wkt),
        epsg = project.epsg,
    )
}

fn tree_layer(id: &str, title: &str, provider: &str, source: &str, shown: bool) -> String {
    let checked = if shown {
        "Qt::Checked"
    } else {
        "Qt::Unchecked"
    };
    format!(
        "<layer-tree-layer id=\"{id}\" name=\"{}\" providerKey=\"{provider}\" source=\"{}\" checked=\"{checked}\" \
         expanded=\"0\" legend_exp=\"\" patch_size=\"-1,-1\"/>",
        escaped(title),
        escaped(source),
    )
}

fn vector(style: &LayerStyle, source: &str, system: &str) -> String {
    let geometry = match style.symbol {
        Symbol::Point => "Point",
        Symbol::Area => "Polygon",
    };
    format!(
        "<maplayer type=\"vector\" geometry=\"{geometry}\" labelsEnabled=\"{}\" hasScaleBasedVisibilityFlag=\"0\" \
         refreshOnNotifyEnabled=\"0\" readOnly=\"0\"><id>{}</id><datasource>{}</datasource>\
         <layername>{}</layername><srs>{system}</srs><provider encoding=\"UTF-8\">ogr</provider>{}{}</maplayer>",
        u8::from(!style.text.is_empty()),
        id(style.layer),
        escaped(source),
        escaped(&style.title),
        renderer(style),
        labels(style),
    )
}

fn raster(style: &RasterStyle, source: &str, system: &str, project: &Project<'_>) -> String {
    let (low, high) = style.range.unwrap_or((-10.0, 15.0));
    let thermal = style.file == "mosaic.tif";
    let items: String = (0..=STEPS)
        .map(|i| {
            let place = i as f64 / STEPS as f64;
            let value = low + (high - low) * place;
            let grey = (place * 255.0).round() as u8;
            let index = usize::from(grey);
            let [r, g, b] = match thermal {
                true => project.palette.get(index).copied().unwrap_or_default(),
                false => [grey; 3],
            };
            format!("<item color=\"#{r:02x}{g:02x}{b:02x}\" value=\"{value}\" label=\"{value:.2}\" alpha=\"255\"/>")
        })
        .collect();
    format!(
        "<maplayer type=\"raster\" hasScaleBasedVisibilityFlag=\"0\"><id>{}</id><datasource>{}</datasource>\
         <layername>{}</layername><srs>{system}</srs><provider>gdal</provider><pipe>\
         <rasterrenderer type=\"singlebandpseudocolor\" band=\"1\" opacity=\"1\" alphaBand=\"-1\" \
         nodataColor=\"\" classificationMin=\"{low}\" classificationMax=\"{high}\"><rasterTransparency/>\
         <rastershader><colorrampshader colorRampType=\"INTERPOLATED\" classificationMode=\"1\" clip=\"0\" \
         minimumValue=\"{low}\" maximumValue=\"{high}\">{items}</colorrampshader></rastershader></rasterrenderer>\
         <brightnesscontrast brightness=\"0\" contrast=\"0\" gamma=\"1\"/>\
         <huesaturation colorizeOn=\"0\" grayscaleMode=\"0\" saturation=\"0\"/>\
         <rasterresampler maxOversampling=\"2\"/></pipe></maplayer>",
        id(style.file),
        escaped(source),
        escaped(&style.title),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Palette, gis};
    use crate::survey::Language;

    #[test]
    fn paths_are_relative_names_are_inert_and_bytes_are_the_same_again() {
        let layers = gis::audit(Language::Nl);
        let rasters = gis::rasters(Language::Nl, Some((-4.0, 6.0)));
        let palette = Palette::Inferno.table();
        let shown = Project {
            title: "A & B <\"park\">",
            epsg: 31370,
            wkt: "PROJCS[\"x\"]",
            results: "../",
            extent: [0.0, 1.0, 2.0, 3.0],
            layers: &layers,
            rasters: &rasters,
            palette: &palette,
        };
        let text = document(&shown);
        let options = roxmltree::ParsingOptions {
            allow_dtd: true,
            ..roxmltree::ParsingOptions::default()
        };
        let tree = roxmltree::Document::parse_with_options(&text, options).expect("well formed");
        let sources = tree.descendants().filter(|n| n.has_tag_name("datasource"));
        let sources: Vec<&str> = sources.filter_map(|n| n.text()).collect();
        assert_eq!(sources.len(), layers.len() + rasters.len());
        assert!(sources.iter().all(|s| s.starts_with("../")), "{sources:?}");
        let title = tree.descendants().find(|n| n.has_tag_name("title"));
        assert_eq!(title.and_then(|n| n.text()), Some("A & B <\"park\">"));
        assert_eq!(
            project(&shown).expect("packs"),
            project(&shown).expect("packs")
        );
    }
}
