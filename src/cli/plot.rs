use super::choice::one_of;
use super::data::DataArgs;
use super::model::ModelArgs;
use super::pool::SubgroupArgs;
use super::{Outcome, style};
use crate::analysis::{Beside, Loaded, Panel};
use crate::error::Error;
use crate::model::ModelOptions;
use crate::model::regression::{Regression, Requests};
use crate::plot::theme::Theme;
use crate::plot::{Drawing, Labels, Picture, Plot, PlotOptions, RenderOptions};
use crate::registry::Member;
use crate::report::output::write;
use crate::result::Note;
use std::path::{Path, PathBuf};

/// Draw one picture
///
/// PNG (300 dpi), SVG or PDF, from the ending of the file name. Labels of groups and of the sides of the axis come
/// with bundled data; for your own give them here.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool plot forest @bcg -o bcg.png\n  metapool plot forest @bcg -o bcg.pdf --theme bmj --width 174\n  \
    metapool plot forest trials.csv -o trials.svg --groups \"Drug,Placebo\" --favours \"Favours drug,Favours placebo\""
)]
pub(super) struct Args {
    /// Kind of picture; `metapool list plots` shows all
    #[arg(value_name = "KIND", value_parser = one_of::<Plot>())]
    kind: Plot,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    groups: SubgroupArgs,
    /// Moderators of a bubble plot, as a formula
    #[arg(long, value_name = "FORMULA", help_heading = "Moderators", allow_hyphen_values = true)]
    mods: Option<String>,
    /// Which of them is drawn along the axis [default: the first number]
    #[arg(long, value_name = "NAME", help_heading = "Moderators", requires = "mods")]
    moderator: Option<String>,
    #[command(flatten)]
    picture: PictureArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Picture")]
struct PictureArgs {
    /// File to write: .png, .svg or .pdf; may be given several times
    #[arg(short, long, value_name = "FILE", required = true)]
    output: Vec<PathBuf>,
    /// Dots per inch of PNG
    #[arg(long, value_name = "N", default_value_t = 300.0)]
    dpi: f64,
    /// The look; `metapool list themes` shows all
    #[arg(long, value_name = "NAME", value_parser = one_of::<Theme>(), default_value = "default")]
    theme: Theme,
    /// Width of the page in millimetres [default: what the contents need]
    #[arg(long, value_name = "MM")]
    width: Option<f64>,
    /// Title above the picture
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Names of the two groups
    #[arg(long, value_name = "FIRST,SECOND")]
    groups: Option<String>,
    /// What low and high values favour
    #[arg(long, value_name = "LOW,HIGH")]
    favours: Option<String>,
    /// What was measured or counted, for the axis
    #[arg(long, value_name = "TEXT")]
    outcome: Option<String>,
    /// Heading of the estimates
    #[arg(long, value_name = "TEXT")]
    estimate: Option<String>,
    /// Show the common-effect estimate too
    #[arg(long)]
    common: bool,
    /// Show every interval whole, however wide the axis becomes
    #[arg(long)]
    full_range: bool,
    /// Rows on a page before a new one begins
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(5..=10_000))]
    rows_per_page: u32,
    /// No notes on standard error
    #[arg(short, long)]
    quiet: bool,
}

/// Splits `first,second`; one part alone names the first.
fn pair(text: Option<&str>) -> [Option<String>; 2] {
    let mut parts =
        text.unwrap_or_default().splitn(2, ',').map(|p| Some(p.trim().to_string()).filter(|p| !p.is_empty()));
    [parts.next().flatten(), parts.next().flatten()]
}

impl PictureArgs {
    fn labels(&self, described: Labels) -> Labels {
        let [group1, group2] = pair(self.groups.as_deref());
        let [low, high] = pair(self.favours.as_deref());
        Labels {
            title: self.title.clone().or(described.title),
            group1: group1.or(described.group1),
            group2: group2.or(described.group2),
            favours_low: low.or(described.favours_low),
            favours_high: high.or(described.favours_high),
            outcome: self.outcome.clone().or(described.outcome),
            estimate: self.estimate.clone().or(described.estimate),
        }
    }
}

/// The format that a file name asks for.
fn format_of(path: &Path) -> Result<Picture, Error> {
    let ending = path.extension().map(|e| e.to_string_lossy().into_owned()).unwrap_or_default();
    Picture::parse(&ending).map_err(|_| {
        Error::usage(format!("`{}`: the ending names no picture format", path.display()))
            .with_hint("end the name in .png, .svg or .pdf")
    })
}

pub(super) fn run(args: &Args) -> Outcome {
    let picture = &args.picture;
    // names that ask for no format are refused before anything is read
    picture.output.iter().try_for_each(|p| format_of(p).map(|_| ()))?;
    if !(10.0..=2400.0).contains(&picture.dpi) {
        return Err(Error::usage(format!("{} dots per inch", picture.dpi))
            .with_hint("`--dpi` takes 10 to 2400; journals ask for 300 to 1200")
            .into());
    }
    let options = args.model.options(args.data.level)?;
    let loaded = args.data.load(options.model, picture.quiet)?;
    let labels = picture.labels(loaded.labels());
    let agreement = if args.kind == Plot::Agreement { Panel::Always } else { Panel::Never };
    let set = [
        (args.groups.is_set() && args.kind != Plot::Forest, "--subgroup"),
        (picture.common && args.kind != Plot::Forest, "--common"),
        (picture.full_range && args.kind == Plot::Bubble, "--full-range"),
    ];
    if let Some((_, option)) = set.into_iter().find(|s| s.0) {
        return Err(Error::usage(format!("`plot {}` has no `{option}`", args.kind.id()))
            .with_hint(format!("leave `{option}` out, or draw `metapool plot forest`"))
            .into());
    }
    if args.kind == Plot::Bubble {
        return bubble(args, &loaded, &options, labels);
    }
    if args.mods.is_some() || args.moderator.is_some() {
        return Err(Error::usage(format!("`plot {}` has no moderators", args.kind.id()))
            .with_hint("`--mods` goes with `metapool plot bubble`; for groups use `--subgroup`")
            .into());
    }
    let result = loaded.pool(options, Beside { agreement, ..args.groups.beside() })?;
    let plot = PlotOptions {
        theme: picture.theme,
        width_mm: picture.width,
        labels,
        common: picture.common,
        full_range: picture.full_range,
        rows_per_page: picture.rows_per_page as usize,
    };
    let drawing = (args.kind.spec().draw)(&result, &plot)?;
    write_all(args, &drawing, &result.notes)
}

/// A regression along one of its moderators.
fn bubble(args: &Args, loaded: &Loaded, options: &ModelOptions, labels: Labels) -> Outcome {
    let Some(mods) = &args.mods else {
        return Err(Error::usage("a bubble plot needs a moderator")
            .with_hint("add `--mods FORMULA`, such as `--mods year`")
            .into());
    };
    let regression = Regression::new(&loaded.table, &loaded.dataset, mods, options)?;
    let result = regression.fit(&Requests::default())?;
    let along = regression.along(args.moderator.as_deref())?;
    let plot = PlotOptions {
        theme: args.picture.theme,
        width_mm: args.picture.width,
        labels,
        ..PlotOptions::default()
    };
    write_all(args, &crate::plot::bubble::draw(&result, &along, &plot)?, &result.notes)
}

/// Renders everything before anything is written.
fn write_all(args: &Args, drawing: &Drawing, notes: &[Note]) -> Outcome {
    let picture = &args.picture;
    let formats = picture.output.iter().map(|p| format_of(p)).collect::<Result<Vec<_>, _>>()?;
    let render = RenderOptions { dpi: picture.dpi };
    let mut done = vec![];
    for (path, format) in picture.output.iter().zip(formats) {
        done.extend(format.spec().files(path, drawing, &render)?);
    }
    for (path, bytes) in &done {
        write(path, bytes)?;
    }
    if !picture.quiet {
        notes.iter().for_each(|n| style::note(&n.message(), &n.hint()));
        drawing.remarks.iter().for_each(|r| style::info(&format!("layout: {r}")));
        missing_fonts(drawing);
        if done.len() > picture.output.len() {
            let names: Vec<String> = done.iter().map(|(p, _)| p.display().to_string()).collect();
            style::info(&format!("pages: {}", names.join(", ")));
        }
    }
    Ok(())
}

fn missing_fonts(drawing: &Drawing) {
    let mut missing: Vec<char> = drawing.pages.iter().flat_map(|p| p.missing_characters()).collect();
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        let shown: String = missing.iter().take(10).collect();
        style::note(
            &format!("no font on this machine has: {shown}"),
            "install one that does (such as Noto Sans CJK); SVG keeps the characters for viewers that have a font",
        );
    }
}
