use super::bias::SideOfP;
use super::choice::one_of;
use super::data::DataArgs;
use super::limits::{self, Limited};
use super::model::ModelArgs;
use super::pool::SubgroupArgs;
use super::progress::progress;
use super::sensitivity::SensitivityArgs;
use super::{Outcome, style};
use crate::analysis::{Beside, DrawRequest, Panel};
use crate::bias::{BiasOptions, BiasTest, SelectionModel};
use crate::error::Error;
use crate::plot::theme::Theme;
use crate::plot::{Drawing, Draws, Labels, Naming, Picture, Plot, PlotOptions, RenderOptions};
use crate::registry::Member;
use crate::report::output::write;
use crate::result::Note;
use crate::result::sensitivity::Analysis;
use std::path::{Path, PathBuf};

/// Draw one picture
///
/// PNG (300 dpi), SVG or PDF, from the ending of the file name. Labels of groups and of the sides of the axis come
/// with bundled data; for your own give them here.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool plot forest @bcg -o bcg.png\n  metapool plot forest @bcg -o bcg.pdf --theme bmj --width 174\n  \
    metapool plot funnel @hackshaw1998 -o funnel.png --with trimfill,egger\n  metapool plot cumulative @bcg --order year -o cumulative.png\n  \
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
    /// Tests and corrections drawn into a funnel: trimfill, egger, thompson, limit
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = in_funnel, help_heading = "Test")]
    with: Vec<BiasTest>,
    #[command(flatten)]
    test: SelectionArgs,
    #[command(flatten)]
    sensitivity: SensitivityArgs,
    #[command(flatten)]
    picture: PictureArgs,
}

/// What a funnel can show.
fn in_funnel(text: &str) -> Result<BiasTest, String> {
    const DRAWN: [BiasTest; 4] = [BiasTest::TrimFill, BiasTest::Egger, BiasTest::Thompson, BiasTest::Limit];
    let names: Vec<&str> = DRAWN.iter().map(|t| t.id()).collect();
    let wrong = || format!("a funnel shows {}", names.join(", "));
    BiasTest::parse(text).ok().filter(|t| DRAWN.contains(t)).ok_or_else(wrong)
}

/// The selection model of a picture, and whether data that do not suit are drawn.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Test")]
struct SelectionArgs {
    /// Kind of selection model
    #[arg(long = "type", value_name = "KIND", value_parser = one_of::<SelectionModel>())]
    selection_type: Option<SelectionModel>,
    /// Steps of p in the selection model [default: 0.025, or 0.05 two-sided]
    #[arg(long, value_name = "P,...", value_delimiter = ',', allow_negative_numbers = true)]
    steps: Vec<f64>,
    /// Side of p-values in the selection model: greater, less or two.sided [default: that of the common effect]
    #[arg(long, value_name = "SIDE", value_enum, ignore_case = true)]
    alternative: Option<SideOfP>,
    /// Draw selection models, and tests into funnels, also of data that do not suit them
    #[arg(long)]
    force: bool,
}

impl SelectionArgs {
    fn options(&self) -> BiasOptions {
        BiasOptions {
            selection: self.selection_type,
            steps: self.steps.clone(),
            alternative: self.alternative.map(SideOfP::alternative),
            force: self.force,
            ..BiasOptions::default()
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Axes {
    /// Equal differences take equal room
    Linear,
    /// Equal ratios take equal room
    Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Label {
    /// Studies that stand out
    Outliers,
    /// All that find room
    All,
    /// None
    None,
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
    /// Rows on a page before a new one begins [default: 60]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(5..=10_000))]
    rows_per_page: Option<u32>,
    /// Which studies are named in charts [default: outliers]
    #[arg(long, value_name = "WHICH", value_enum, ignore_case = true)]
    label: Option<Label>,
    /// Funnel by 1/√(number of patients) instead of the standard error
    #[arg(long)]
    by_size: bool,
    /// Axes of a L'Abbé plot [default: logarithmic where risks differ greatly and none is 0]
    #[arg(long, value_name = "KIND", value_enum, ignore_case = true)]
    axes: Option<Axes>,
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

impl Args {
    /// Options that the picture can never use are refused, not ignored: each with the pictures that use it.
    fn check(&self) -> Result<(), Error> {
        const TABLES: &[Plot] = &[Plot::Forest, Plot::Agreement, Plot::LeaveOneOut, Plot::Cumulative];
        const PAGED: &[Plot] =
            &[Plot::Forest, Plot::Agreement, Plot::LeaveOneOut, Plot::Cumulative, Plot::Influence];
        const NAMING: &[Plot] =
            &[Plot::Funnel, Plot::Radial, Plot::Labbe, Plot::Drapery, Plot::Baujat, Plot::Quantiles];
        // whose axis is that of the effect
        const EFFECTS: &[Plot] = &[
            Plot::Forest,
            Plot::Agreement,
            Plot::LeaveOneOut,
            Plot::Cumulative,
            Plot::Funnel,
            Plot::Drapery,
        ];
        let along: Vec<Plot> = [EFFECTS, &[Plot::Bubble, Plot::Gosh]].concat();
        let headed: Vec<Plot> = [along.as_slice(), &[Plot::Radial]].concat();
        // of the methods that an agreement compares each has its own
        let pooled: Vec<Plot> = Plot::ALL.iter().copied().filter(|p| *p != Plot::Agreement).collect();
        let (p, model, test) = (&self.picture, self.model.given(), &self.test);
        limits::check(
            &[self.kind],
            &[
                Limited::new(self.groups.is_set(), "--subgroup", &[Plot::Forest]),
                Limited::new(p.common, "--common", &[Plot::Forest]),
                Limited::new(model.tau2_ci, "--tau2-ci", &[Plot::Forest]),
                Limited::new(model.tau2, "--tau2", &pooled),
                Limited::new(model.ci, "--ci", &pooled),
                Limited::new(model.prediction, "--prediction", &pooled),
                Limited::new(p.full_range, "--full-range", TABLES),
                Limited::new(p.rows_per_page.is_some(), "--rows-per-page", PAGED),
                Limited::new(self.mods.is_some(), "--mods", &[Plot::Bubble]),
                Limited::new(p.label.is_some(), "--label", NAMING),
                Limited::new(!self.with.is_empty(), "--with", &[Plot::Funnel]),
                Limited::new(p.by_size, "--by-size", &[Plot::Funnel]),
                Limited::new(p.axes.is_some(), "--axes", &[Plot::Labbe]),
                Limited::new(p.groups.is_some(), "--groups", &[Plot::Forest, Plot::Labbe]),
                Limited::new(p.favours.is_some(), "--favours", EFFECTS),
                Limited::new(p.outcome.is_some(), "--outcome", &along),
                Limited::new(p.estimate.is_some(), "--estimate", &headed),
                Limited::new(test.selection_type.is_some(), "--type", &[Plot::Selection]),
                Limited::new(!test.steps.is_empty(), "--steps", &[Plot::Selection]),
                Limited::new(test.alternative.is_some(), "--alternative", &[Plot::Selection]),
                Limited::new(test.force, "--force", &[Plot::Selection, Plot::Funnel]),
                Limited::new(self.sensitivity.is_seeded(), "--seed", &[Plot::Gosh, Plot::Quantiles]),
            ],
            |kind| format!("metapool plot {}", kind.id()),
        )
    }

    fn plot_options(&self, labels: Labels) -> PlotOptions {
        let p = &self.picture;
        let usual = PlotOptions::default();
        PlotOptions {
            theme: p.theme,
            width_mm: p.width,
            labels,
            common: p.common,
            full_range: p.full_range,
            rows_per_page: p.rows_per_page.map_or(usual.rows_per_page, |n| n as usize),
            naming: match p.label {
                None | Some(Label::Outliers) => Naming::Outliers,
                Some(Label::All) => Naming::All,
                Some(Label::None) => Naming::None,
            },
            by_size: p.by_size,
            log_axes: p.axes.map(|a| a == Axes::Log),
        }
    }
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
    args.check()?;
    let needs: &[Analysis] = match args.kind.spec().draws {
        Draws::Sensitivity { needs, .. } => needs,
        _ => &[],
    };
    let sensitivity = args.sensitivity.options(needs, true)?;
    let bias = args.test.options();
    let model = args.model.options(args.data.level)?;
    let loaded = args.data.load(&model, picture.quiet)?;
    let labels = picture.labels(loaded.labels());
    let agreement = if args.kind == Plot::Agreement { Panel::Always } else { Panel::Never };
    let wanted = DrawRequest {
        model,
        beside: Beside { agreement, ..args.groups.beside() },
        sensitivity,
        bias,
        tests: &args.with,
        mods: args.mods.as_deref(),
        moderator: args.moderator.as_deref(),
    };
    let shown = progress("pooling again", picture.quiet);
    let (drawing, notes) = loaded.draw(args.kind, &wanted, &args.plot_options(labels), &shown)?;
    write_all(args, &drawing, &notes)
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
