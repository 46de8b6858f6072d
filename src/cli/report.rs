use super::{Outcome, style};
use crate::error::{Error, ErrorKind};
use crate::review::{Manifest, Review, STEM_CELL};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Make a whole review: tables, pictures and one report, into a folder
///
/// Without a manifest it makes the bundled review of stem-cell trials. A manifest is a TOML file: `title`,
/// `introduction`, and one `[[analysis]]` per analysis with `id`, `title`, `data` and options of `metapool pool`
/// by their long names (`measure`, `where`, `columns`, `tau2`, `ci`, ...). With `pool = false` the rows are listed, each with
/// its own interval. `show` adds columns of the data to an analysis, `[characteristics]` a table of all trials to the
/// report. Columns `source`, `link` (or `url`, `doi`, `pmid`) and `checked` of the data say where numbers come from: they
/// go into `studies.csv`, `result.json` and a table of sources.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  metapool report\n  metapool report review.toml -o results\n\nA manifest:\n  title = \"Our review\"\n  \
    [[analysis]]\n  id = \"mortality\"\n  title = \"Death within 30 days\"\n  data = \"trials.csv\"\n  measure = \"RR\"\n  \
    where = \"year >= 2000\"\n  columns = { events1 = \"dead_drug\", n1 = \"n_drug\", events2 = \"dead_placebo\", n2 = \"n_placebo\" }\n  \
    show = [{ column = \"definition\", heading = \"Definition of death\" }]\n  \
    [characteristics]\n  data = [\"trials.csv\"]\n  columns = [{ column = \"design\", heading = \"Design\" }, { column = \"dose\" }]"
)]
pub(super) struct Args {
    /// The manifest; without it, the bundled review of stem-cell trials
    #[arg(value_name = "REVIEW.toml")]
    manifest: Option<PathBuf>,
    /// Folder to write to [default: reports/NAME]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    /// Nothing on standard error
    #[arg(short, long)]
    quiet: bool,
}

pub(super) fn run(args: &Args) -> Outcome {
    let (name, text, base) = match &args.manifest {
        None => ("stem-cell".to_string(), STEM_CELL.to_string(), PathBuf::new()),
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| {
                Error::new(ErrorKind::Read, format!("cannot be read: {e}"))
                    .in_file(&path.display().to_string())
                    .with_hint("give the path of a review manifest; without one, the bundled review is made")
            })?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (stem, text, path.parent().unwrap_or(Path::new("")).to_path_buf())
        }
    };
    let source = args.manifest.as_ref().map_or("the bundled review".into(), |p| p.display().to_string());
    let manifest = Manifest::parse(&source, &text)?;
    let folder = args.output.clone().unwrap_or_else(|| Path::new("reports").join(&name));
    let watched = std::io::stderr().is_terminal() && !args.quiet;
    let review = Review::run(&manifest, &base, |id| {
        if watched {
            style::info(&format!("  {id}"));
        }
    })
    .map_err(|e| e.in_file(&source))?;
    review.write(&folder)?;
    if !args.quiet {
        style::info(&format!("{} files in {}: start with report.md", review.files.len(), folder.display()));
    }
    Ok(())
}
