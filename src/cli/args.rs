//! Arguments of every command.

use super::share_args::{CompletionsArgs, ManArgs, MergeArgs, PlanArgs, ShareArgs, StatusArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// From a thermal flight over a business park to an audit sheet for every company.
#[derive(Debug, Parser)]
#[command(
    name = "thermaudit",
    version,
    about,
    after_help = "\
Examples:
  thermaudit simulate my-park --seed 1 --scale tiny   write a synthetic park to try things on
  thermaudit init my-park                             write audit.toml for what lies in a folder
  thermaudit check my-park                            validate everything, process nothing
  thermaudit run my-park                              from frames to sheets, into my-park/results
  thermaudit inspect IMG_0042.jpg                     what a thermal file holds
  thermaudit convert flights/2026-01-15 -o celsius    float32 GeoTIFF in °C, one a frame

Exit codes: 0 all good, 1 finished but something was skipped, 2 no result, 130 interrupted."
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// Options every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Print errors and results only
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Tell more (per stage: what was decided and why)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Number of threads; 0 = all cores (default: run.jobs of audit.toml)
    #[arg(long, global = true, value_name = "N")]
    pub(crate) jobs: Option<usize>,
    /// Colours on the terminal
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub(crate) color: Colour,
    /// Form of the messages on stderr
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Form of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line: level, stage, item, message, hint.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Process every flight of a project, from files to sheets
    Run(RunArgs),
    /// Render sheets, overviews and map pages again from finished results; no pixel work
    Report(ReportArgs),
    /// Look at what lies in a folder and write a commented audit.toml
    Init(InitArgs),
    /// Validate a project without processing it; lists all problems at once
    Check(CheckArgs),
    /// Show what thermal files hold: camera, calibration, position, temperatures
    Inspect(InspectArgs),
    /// Tell before take-off whether a night will be assessable, hour by hour, and the best window
    Conditions(ConditionsArgs),
    /// Convert thermal files to GeoTIFF in °C, false-colour pictures or tables
    Convert(ConvertArgs),
    /// Write a synthetic park whose truth is known
    Simulate(SimulateArgs),
    /// Tell what changed between two processed flights, whatever the weather of the nights
    Compare(CompareArgs),
    /// Forget a company: sheets, cache, contact and consent data
    Erase(EraseArgs),
    /// Cut the work on projects into units that many machines share
    Plan(PlanArgs),
    /// Tell how the units of a plan stand
    Status(StatusArgs),
    /// Close a plan whose units are all done
    Merge(MergeArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(ManArgs),
}

/// `thermaudit run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit run my-park
  thermaudit run my-park --flight 2026-01-15 --lang en --out /somewhere/else
  thermaudit run my-park --until mosaic       only as far as the temperature map
  thermaudit run my-park --dry-run            what changed and what would run
  thermaudit run my-park --only report        sheets again; everything before must be up to date
  thermaudit run --plan s3://audits/plan --stage tile --shard 3/8    a share of many machines' work

A second run does only what has to be done again: what changed in files, settings, outlines, companies.
What is kept for that lies in my-park/.thermaudit and may be removed at any time.")]
pub(crate) struct RunArgs {
    /// Project folder with audit.toml, or that file
    #[arg(required_unless_present = "plan", conflicts_with = "plan")]
    pub(crate) project: Option<PathBuf>,
    /// Only this flight (repeatable)
    #[arg(long, value_name = "ID")]
    pub(crate) flight: Vec<String>,
    /// Only this visit (repeatable); alone: no flight
    #[arg(long, value_name = "ID")]
    pub(crate) visit: Vec<String>,
    /// Folder of the results (default: PROJECT/results)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Last stage to run
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub(crate) until: Option<crate::pipeline::Stage>,
    /// This stage alone; those before it must be up to date
    #[arg(long, value_name = "STAGE", value_parser = stage, conflicts_with = "until")]
    pub(crate) only: Option<crate::pipeline::Stage>,
    /// Do everything again (with --only: that stage), whatever is up to date
    #[arg(long)]
    pub(crate) force: bool,
    /// Tell what changed and what would run, and run nothing
    #[arg(long, conflicts_with = "force")]
    pub(crate) dry_run: bool,
    /// All sheets in this language
    #[arg(long, value_name = "nl|fr|en|de", value_parser = ["nl", "fr", "en", "de"])]
    pub(crate) lang: Option<String>,
    /// Bound on the memory for decoded frames, such as 2G or 512M (default: run.max_memory_mb)
    #[arg(long, value_name = "SIZE", value_parser = size_mb)]
    pub(crate) max_memory: Option<i64>,
    /// Publish links of confidence below privacy.publish_confidence, too
    #[arg(long)]
    pub(crate) allow_unreviewed: bool,
    #[command(flatten)]
    pub(crate) share: ShareArgs,
}

/// `thermaudit report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit report my-park                   after a new text, logo, colour, template or language
  thermaudit report my-park --flight 2026-01-15 --lang en

Needs results of `thermaudit run` that are up to date but for settings of [report] and [project]; what else has
changed is named, and asks for a run. Exit codes: 0 all good, 1 something was skipped, 2 no result.")]
pub(crate) struct ReportArgs {
    /// Project folder with audit.toml, or that file
    pub(crate) project: PathBuf,
    /// Only this flight (repeatable)
    #[arg(long, value_name = "ID")]
    pub(crate) flight: Vec<String>,
    /// Only this visit (repeatable); alone: no flight
    #[arg(long, value_name = "ID")]
    pub(crate) visit: Vec<String>,
    /// Folder of the results (default: PROJECT/results)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// All sheets in this language
    #[arg(long, value_name = "nl|fr|en|de", value_parser = ["nl", "fr", "en", "de"])]
    pub(crate) lang: Option<String>,
    /// Publish links of confidence below privacy.publish_confidence, too
    #[arg(long)]
    pub(crate) allow_unreviewed: bool,
}

/// `thermaudit compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit compare my-park 2026-01-15 2027-01-20

Both flights need results (thermaudit run). Writes my-park/results/compare/2026-01-15__2027-01-20/:
changes.gpkg, change.tif (K, normalised), changes.json.

Exit codes: 0 compared, 2 not compared.")]
pub(crate) struct CompareArgs {
    /// Project folder with audit.toml, or that file
    pub(crate) project: PathBuf,
    /// The flight before
    pub(crate) flight_a: String,
    /// The flight after
    pub(crate) flight_b: String,
    /// Folder of the results (default: PROJECT/results)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// `thermaudit init`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  thermaudit init my-park        frames below my-park/flights/<flight id>/, outlines and lists beside

Nothing is moved or changed; an audit.toml that is there stays. Exit codes: 0 written, 2 not written.")]
pub(crate) struct InitArgs {
    /// Folder with the files of a project
    pub(crate) dir: PathBuf,
}

/// `thermaudit erase`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit erase my-park --company B0007 --dry-run     tell what would go
  thermaudit erase my-park --company B0007               out of results and cache
  thermaudit erase my-park --company B0007 --yes         out of companies.csv and links.csv as well
  thermaudit erase my-park --expired --yes               everyone, once project.retain_until has passed

Results and cache are searched for the company's names, numbers and key; sheets are deleted, rows taken
out, overviews deleted for the next run to write. Roofs stay in the map as roofs of nobody. That something
was forgotten, not what, is noted in internal/erased.csv.

Exit codes: 0 forgotten, 1 your own files still name the company (each place named), 2 not forgotten.")]
pub(crate) struct EraseArgs {
    /// Project folder with audit.toml, or that file
    pub(crate) project: PathBuf,
    /// Key of the company (repeatable)
    #[arg(long, value_name = "ID", required_unless_present = "expired")]
    pub(crate) company: Vec<String>,
    /// All companies, where project.retain_until has passed
    #[arg(long, conflicts_with = "company")]
    pub(crate) expired: bool,
    /// Delete the rows of the company list and the link table, too
    #[arg(long)]
    pub(crate) yes: bool,
    /// With --yes: delete findings of inspections and the pictures only they name, too
    #[arg(long)]
    pub(crate) with_inputs: bool,
    /// Tell what would be done, change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Folder of the results (default: PROJECT/results)
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// `thermaudit check`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  thermaudit check my-park
  thermaudit check my-park --settings    every effective value and where it came from

Exit codes: 0 fine, 1 warnings, 2 a run would fail.")]
pub(crate) struct CheckArgs {
    /// Project folder with audit.toml, or that file
    pub(crate) project: PathBuf,
    /// Print every effective setting and where it came from
    #[arg(long)]
    pub(crate) settings: bool,
}

/// `thermaudit conditions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit conditions --weather forecast.csv --at 2.727,50.855
  thermaudit conditions --weather forecast.csv --at 2.727,50.855 --start 2026-01-15T20:00 --hours 8
  thermaudit conditions --weather logger.csv --at 2.727,50.855 --json > tonight.json

The file has the columns of weather.csv: timestamp (without zone: UTC), air_c, humidity_pct, wind_m_s (10 m),
cloud_okta, rain_mm. Every hour is judged as a flight that fills it, by the gates a run applies:
indoor 18 °C, roof height 8 m, dew and frost on a well insulated roof.

Exit codes: 0 there is an assessable window, 1 only with limits, 2 none (or wrong input).")]
pub(crate) struct ConditionsArgs {
    /// Forecast or logger file
    #[arg(long, value_name = "FILE")]
    pub(crate) weather: PathBuf,
    /// Longitude and latitude of the park, degrees
    #[arg(long, value_name = "LON,LAT", allow_hyphen_values = true, value_parser = place)]
    pub(crate) at: [f64; 2],
    /// First hour, local or RFC 3339 (default: sunset after the file begins)
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
    /// Number of hours, up to 72 (default: until sunrise)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=72))]
    pub(crate) hours: Option<u8>,
    /// Take this station of the file alone
    #[arg(long, value_name = "CODE")]
    pub(crate) station: Option<String>,
    /// Zone of local times
    #[arg(long, value_name = "ZONE", default_value = "Europe/Brussels")]
    pub(crate) timezone: String,
    /// One JSON object on stdout instead of the table
    #[arg(long)]
    pub(crate) json: bool,
}

/// `thermaudit inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit inspect IMG_0042.jpg
  thermaudit inspect IMG_0042.jpg --at 320,256 --emissivity 0.92
  thermaudit inspect flight.seq --frame 17
  thermaudit inspect flights/2026-01-15 --json > facts.json

Exit codes: 0 all good, 1 some files could not be read, 2 none could.")]
pub(crate) struct InspectArgs {
    /// Thermal files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// One JSON array on stdout instead of tables
    #[arg(long)]
    pub(crate) json: bool,
    /// Temperature of a raw pixel: column and row from 0 (repeatable)
    #[arg(long, value_name = "X,Y", value_parser = pixel)]
    pub(crate) at: Vec<[usize; 2]>,
    /// Frame of a sequence, from 1
    #[arg(long, value_name = "N")]
    pub(crate) frame: Option<usize>,
    #[command(flatten)]
    pub(crate) radiometry: super::radiometry::RadiometryArgs,
}

/// `thermaudit convert`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  thermaudit convert flights/2026-01-15 -o celsius              float32 GeoTIFF in °C
  thermaudit convert IMG_0042.jpg -o IMG_0042.tif --emissivity 0.92 --distance 60
  thermaudit convert flights/2026-01-15 -o pictures --format png --range -10,5
  thermaudit convert duo.tif -o celsius --scale 0.04 --offset -273.15
  thermaudit convert flight.csq -o tables --format csv --frame 17

Every output has a file beside it (NAME.tif.json) that says which values were used and where each
came from. Subfolders are kept; files that are no thermal files are passed over.

Exit codes: 0 all good, 1 some files were skipped, 2 nothing was written.")]
pub(crate) struct ConvertArgs {
    /// Thermal files, or folders of them
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder to write to; for one frame also a file
    #[arg(short, long, value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// What to write (default: by the ending of OUT, else tiff)
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<FormatArg>,
    /// Frame of a sequence, from 1 (default: all)
    #[arg(long, value_name = "N")]
    pub(crate) frame: Option<usize>,
    /// Colours of pictures
    #[arg(long, value_name = "inferno|iron|grey|high-contrast", value_parser = palette)]
    pub(crate) palette: Option<crate::report::palette::Palette>,
    /// Lowest and highest temperature of pictures, °C (default: 1st to 99th percentile of all)
    #[arg(long, value_name = "LOW,HIGH", allow_hyphen_values = true, value_parser = range)]
    pub(crate) range: Option<[f64; 2]>,
    /// Between the columns of tables
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = delimiter)]
    pub(crate) delimiter: char,
    /// Replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) radiometry: super::radiometry::RadiometryArgs,
}

/// What `convert` writes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FormatArg {
    /// Float32 GeoTIFF in °C with time, position and attitude.
    Tiff,
    /// False-colour picture with a legend.
    Png,
    /// Table of °C.
    Csv,
}

/// `thermaudit simulate`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  thermaudit simulate my-park --seed 7 --scale tiny
  thermaudit simulate my-park --seed 7 --scale small --flights 2 --gnss consumer
  thermaudit simulate my-park --seed 7 --sensor aircraft
  thermaudit simulate my-park --seed 7 --visits 2")]
pub(crate) struct SimulateArgs {
    /// Folder to write; must not exist yet, or be empty
    pub(crate) dir: PathBuf,
    /// Seed of everything random
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Size of the park
    #[arg(long, value_enum, default_value_t = ScaleArg::Tiny)]
    pub(crate) scale: ScaleArg,
    /// Number of flights; each later one a winter later, with repairs and new faults
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=9))]
    pub(crate) flights: u32,
    /// What flies
    #[arg(long, value_enum, default_value_t = SensorArg::Drone)]
    pub(crate) sensor: SensorArg,
    /// Position quality of the drone
    #[arg(long, value_enum, default_value_t = GnssArg::Rtk)]
    pub(crate) gnss: GnssArg,
    /// How well the roofs are insulated, with what no analysis can know drawn beside it
    #[arg(long, value_enum, default_value_t = StockArg::Sample)]
    pub(crate) stock: StockArg,
    /// Number of inspections on site with a handheld camera; each later one a year later
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=5))]
    pub(crate) visits: u32,
    /// Weather of the flights
    #[arg(long, value_enum, default_value_t = NightsArg::Fair, hide = true)]
    pub(crate) nights: NightsArg,
}

/// Building stock.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum StockArg {
    /// Evenly spread, nothing hidden.
    Sample,
    /// Median U 0.70, a tenth below 0.25 W/m²K.
    Mixed,
    /// Median U 1.5, a tenth below 0.70 W/m²K.
    Old,
    /// Median U 0.35, a tenth below 0.18 W/m²K.
    Good,
}

/// Weather of simulated flights.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NightsArg {
    /// Dry and nearly calm.
    Fair,
    /// Damp, clear and still.
    Frost,
    /// Rain before and during the flight.
    Wet,
    /// Too windy.
    Windy,
}

/// Size of a synthetic park.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ScaleArg {
    /// About a dozen buildings.
    Tiny,
    /// About 50 buildings.
    Small,
    /// About 400 buildings.
    Medium,
    /// About 3000 buildings.
    Large,
}

/// What flies.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SensorArg {
    /// Frames of a drone, radiometric JPEG.
    Drone,
    /// Georeferenced tiles of an aircraft.
    Aircraft,
}

/// Position quality.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GnssArg {
    /// Centimetres.
    Rtk,
    /// Metres, and a wrong absolute height.
    Consumer,
}

fn stage(word: &str) -> Result<crate::pipeline::Stage, String> {
    crate::pipeline::Stage::ALL
        .into_iter()
        .find(|s| s.word() == word)
        .ok_or_else(|| {
            let words: Vec<&str> = crate::pipeline::Stage::ALL
                .iter()
                .map(|s| s.word())
                .collect();
            format!("expected one of {}", words.join(", "))
        })
}

fn palette(word: &str) -> Result<crate::report::palette::Palette, String> {
    crate::report::palette::Palette::from_word(word)
        .ok_or_else(|| "expected inferno, iron, grey or high-contrast".to_owned())
}

/// `2.727,50.855`
fn place(text: &str) -> Result<[f64; 2], String> {
    let numbers = text.split_once(',').and_then(|(lon, lat)| {
        Some([
            lon.trim().parse::<f64>().ok()?,
            lat.trim().parse::<f64>().ok()?,
        ])
    });
    numbers
        .filter(|[lon, lat]| lon.abs() <= 180.0 && lat.abs() <= 90.0)
        .ok_or_else(|| {
            "expected longitude and latitude in degrees, such as 2.727,50.855".to_owned()
        })
}

/// `-10,5`
fn range(text: &str) -> Result<[f64; 2], String> {
    let numbers = text.split_once(',').and_then(|(low, high)| {
        let number = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        Some([number(low)?, number(high)?])
    });
    numbers
        .filter(|[low, high]| low < high)
        .ok_or_else(|| "expected the lower and the higher number, such as -10,5".to_owned())
}

/// One character that is in no number.
fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = match text {
        "\\t" | "tab" => "\t",
        text => text,
    }
    .chars();
    match (characters.next(), characters.next()) {
        (Some(c), None) if !c.is_alphanumeric() && !"+-.\"\n\r".contains(c) => Ok(c),
        _ => Err("expected one character such as , or ; (or tab)".to_owned()),
    }
}

/// `320,256`
fn pixel(text: &str) -> Result<[usize; 2], String> {
    let numbers = text
        .split_once(',')
        .and_then(|(x, y)| Some([x.trim().parse().ok()?, y.trim().parse().ok()?]));
    numbers.ok_or_else(|| "expected column and row from 0, such as 320,256".to_owned())
}

/// `2G`, `512M`, `2048` (MiB) to MiB.
fn size_mb(text: &str) -> Result<i64, String> {
    let text = text
        .trim()
        .trim_end_matches(['b', 'B'])
        .trim_end_matches('i');
    let (digits, factor) = match text.char_indices().last() {
        Some((at, 'G' | 'g')) => (&text[..at], 1024.0),
        Some((at, 'M' | 'm')) => (&text[..at], 1.0),
        _ => (text, 1.0),
    };
    match digits.trim().parse::<f64>() {
        Ok(value) if value * factor >= 64.0 => Ok((value * factor) as i64),
        Ok(_) => Err("at least 64M".to_owned()),
        Err(_) => Err("expected a size such as 2G or 512M".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_gibi_and_mebibytes() {
        assert_eq!(size_mb("2G"), Ok(2048));
        assert_eq!(size_mb("512MiB"), Ok(512));
        assert_eq!(size_mb("4096"), Ok(4096));
        assert!(size_mb("1M").is_err());
        assert!(size_mb("lots").is_err());
    }

    #[test]
    fn pixels_are_read_as_column_and_row() {
        assert_eq!(pixel("3, 4"), Ok([3, 4]));
        assert!(pixel("3").is_err());
        assert!(pixel("3,-1").is_err());
    }

    #[test]
    fn ranges_and_delimiters_are_read() {
        assert_eq!(range("-10,5.5"), Ok([-10.0, 5.5]));
        assert!(range("5,-10").is_err());
        assert!(range("5").is_err());
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(delimiter("tab"), Ok('\t'));
        assert!(delimiter(".").is_err());
        assert!(delimiter("ab").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        CommandLine::command().debug_assert();
    }
}
