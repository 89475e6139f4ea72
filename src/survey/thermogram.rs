//! What a thermographer left in a file besides the samples: measuring tools, colours, the visible
//! picture and how the two pictures lie on each other.

/// Kind of a measuring tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolKind {
    /// One pixel: x, y.
    Spot,
    /// Rectangle: x, y, width, height.
    Area,
    /// Ellipse: centre and the ends of its two half axes, x, y each.
    Ellipse,
    /// Line: x1, y1, x2, y2.
    Line,
    /// End of a line.
    Endpoint,
    /// Alarm.
    Alarm,
    /// Difference of two others.
    Difference,
}

/// A measuring tool stored in a file, in raw pixels as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurementTool {
    /// Kind.
    pub kind: ToolKind,
    /// Name the camera or the thermographer gave; may be empty.
    pub label: String,
    /// Coordinates in raw pixels, in the order its kind names them.
    pub points: Vec<u16>,
}

/// The colours a picture was shown with.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPalette {
    /// Name.
    pub name: String,
    /// Colours, cold to warm: red, green, blue; empty where only the name is stored.
    pub colours: Vec<[u8; 3]>,
}

/// How an embedded visible picture is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisibleFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// Samples without a container.
    Raw,
}

/// Visible picture inside a thermal file.
#[derive(Clone, Debug, PartialEq)]
pub struct VisibleImage {
    /// How it is stored.
    pub format: VisibleFormat,
    /// Columns the file states.
    pub width: usize,
    /// Rows the file states.
    pub height: usize,
    /// Its bytes as stored.
    pub bytes: Vec<u8>,
}

/// How the thermal picture lies in the visible one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureInPicture {
    /// Scale of the visible picture over the thermal one.
    pub real_to_ir: f64,
    /// Centre of the thermal picture relative to that of the visible one, pixels of the visible
    /// picture at thermal size: right, down.
    pub offset_px: [i32; 2],
    /// Thermal window shown, raw pixels: x1, x2, y1, y2.
    pub crop_px: [i32; 4],
}

/// Everything of this kind that a file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extras {
    /// Measuring tools in the order of the file.
    pub tools: Vec<MeasurementTool>,
    /// Colours.
    pub palette: Option<StoredPalette>,
    /// Visible picture.
    pub visible: Option<VisibleImage>,
    /// Its geometry.
    pub pip: Option<PictureInPicture>,
    /// Temperature range the camera was set to, °C: lowest and highest.
    pub range_c: Option<[f64; 2]>,
    /// Notes stored with the picture: name and text.
    pub comments: Vec<(String, String)>,
    /// What was odd but not fatal.
    pub warnings: Vec<String>,
}
