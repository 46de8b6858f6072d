//! The commands: what each is called and does, with calls to copy.

use crate::registry::Member;

/// The definition of a [`Command`].
#[derive(Debug)]
pub struct CommandSpec {
    /// The word on the command line.
    pub id: &'static str,
    /// Other words.
    pub aliases: &'static [&'static str],
    /// What it does, in a line.
    pub title: &'static str,
    /// Key in `references.bib`; commands have none.
    pub reference: &'static str,
    /// What the whole help adds.
    pub more: &'static str,
    /// Calls that run as they stand.
    pub examples: &'static [&'static str],
    /// What help says after the examples.
    pub after: &'static str,
}

const fn command(
    id: &'static str,
    title: &'static str,
    more: &'static str,
    examples: &'static [&'static str],
) -> CommandSpec {
    CommandSpec { id, aliases: &[], title, reference: "", more, examples, after: "" }
}

registry! {
    /// A command.
    Command(CommandSpec) = "command" {
        /// Studies into one estimate.
        Pool => POOL,
        /// One effect per study.
        Effects => EFFECTS,
        /// Meta-regression.
        Regress => REGRESS,
        /// Small-study effects.
        Bias => BIAS,
        /// Sensitivity analyses.
        Sensitivity => SENSITIVITY,
        /// Pooling with priors.
        Bayes => BAYES,
        /// One picture.
        Plot => PLOT,
        /// Millions of groups.
        Mass => MASS,
        /// Partial results of `mass`.
        Merge => MERGE,
        /// A whole review.
        Report => REPORT,
        /// Bundled data.
        Datasets => DATASETS,
        /// What can be chosen.
        List => LIST,
        /// Completions of a shell.
        Completions => COMPLETIONS,
        /// The manual.
        Man => MAN,
    }
}

impl Command {
    /// The command of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.id() == name)
    }
}

const POOL: CommandSpec = command(
    "pool",
    "Pool studies into one estimate",
    "Prints every study, the random-effects and common-effect estimates, the prediction interval and heterogeneity, \
     read on the natural scale (ratios, proportions), and the line that says how it was computed.",
    &[
        "metapool pool @bcg",
        "metapool pool @bcg --measure OR --tau2 DL --ci wald",
        "metapool pool @msc_response --where \"disease = 'MS'\"",
        "metapool pool @konstantopoulos2011 --cluster district",
        "metapool pool published.csv --measure HR --columns estimate=hr,ci_lower=lower,ci_upper=upper",
        "metapool pool arms.csv --arm treatment --reference placebo",
        "cat trials.csv | metapool pool - --format json",
    ],
);

const EFFECTS: CommandSpec = command(
    "effects",
    "Compute one effect per study",
    "Prints the per-study effect table: estimate, confidence interval and standard error. JSON and CSV hold the \
     analysis scale (logarithms for ratios) and the natural scale side by side.",
    &["metapool effects @bcg --measure OR", "metapool effects trials.csv -o effects.csv"],
);

const REGRESS: CommandSpec = command(
    "regress",
    "Explain effects by moderators (meta-regression)",
    "Formulas are written as in R: `ablat + alloc`, `a * b`, `a:b`, `log(dose)`, `I(year^2)`, `0 + group`, \
     `factor(grade)`, `relevel(alloc, \"random\")`. Text columns are factors whose first level is the reference.",
    &[
        "metapool regress @bcg --mods ablat",
        "metapool regress @bcg --mods \"ablat + alloc\" --at \"ablat=10,40\"",
        "metapool regress @bcg --mods \"relevel(alloc, 'random')\" --contrast \"alloc[alternate] - alloc[systematic]\"",
        "metapool regress @bcg --mods latitude --tau2-mods year",
        "metapool regress trials.csv --mods \"dose * drug\" --compare dose --format json",
    ],
);

const BIAS: CommandSpec = command(
    "bias",
    "Look for small-study effects and allow for selective publication",
    "Without `--test`: the tests that suit the data, side by side with estimates that allow for bias. Tests of \
     asymmetry need ten studies and refuse proportions of one group; the refusal says why, and `--force` overrides it.",
    &[
        "metapool bias @hackshaw1998",
        "metapool bias @hackshaw1998 --test egger --regression rma",
        "metapool bias @bcg --measure OR --test harbord",
        "metapool bias @hackshaw1998 --test trimfill --tau2 EE",
        "metapool bias @hackshaw1998 --test selection --steps 0.025,0.5",
        "metapool list bias",
    ],
);

const SENSITIVITY: CommandSpec = command(
    "sensitivity",
    "Ask what the answer owes to single studies and to choices",
    "Leaves studies out, adds them one by one, measures their influence, pools all subsets, and repeats the analysis \
     under every defensible choice. Every model that pools can be examined; what it cannot give stays empty.",
    &[
        "metapool sensitivity @bcg",
        "metapool sensitivity @bcg --analysis cumulative --order year",
        "metapool sensitivity @bcg --analysis gosh --tau2 EE",
        "metapool sensitivity @bcg --analysis stability",
        "metapool sensitivity @konstantopoulos2011 --cluster district",
        "metapool sensitivity @msc_response --analysis stability --against 0.3",
    ],
);

const BAYES: CommandSpec = command(
    "bayes",
    "Pool studies with priors, by quadrature",
    "The random-effects model for effects with known sampling variances, and for counts in one group (PLO, IRLN) by \
     their own likelihood. Priors are on the analysis scale (logarithms for ratios, logits for proportions). No \
     sampling: the same call gives the same digits.",
    &[
        "metapool bayes @bcg",
        "metapool bayes trials.csv --tau-prior \"half-cauchy(0.5)\" --mu-prior \"normal(0,4)\"",
        "metapool bayes @raudenbush1985 --tau-prior uniform --interval central",
    ],
);

const PLOT: CommandSpec = command(
    "plot",
    "Draw one picture",
    "PNG (300 dpi), SVG or PDF, from the ending of the file name. Labels of groups and of the sides of the axis come \
     with bundled data; for your own give them here.",
    &[
        "metapool plot forest @bcg -o bcg.png",
        "metapool plot forest @bcg -o bcg.pdf --theme bmj --width 174",
        "metapool plot funnel @hackshaw1998 -o funnel.png --with trimfill,egger",
        "metapool plot cumulative @bcg --order year -o cumulative.png",
        "metapool plot forest trials.csv -o trials.svg --groups \"Drug,Placebo\" --favours \"Favours drug,Favours placebo\"",
    ],
);

const MASS: CommandSpec = CommandSpec {
    after: "`metapool help mass` also explains the columns and the codes of the notes.",
    ..command(
        "mass",
        "Pool millions of groups of one large table",
        "With --by, every row is a study and rows with the same value are a group. With --key, every file is a study and \
         rows with the same key are joined over files. Tables are CSV or TSV (also .gz), Parquet or Arrow; a folder \
         stands for the tables in it, and * and ? match names. Each group is pooled as `metapool pool` would, in bounded \
         memory: rows sorted by group are pooled as they pass, others wait in memory, or in partitions on disk once they \
         exceed --memory. An interrupted run goes on from its finished partitions when it is started again; the result \
         appears only when it is complete.",
        &[
            "metapool mass trials.parquet --by outcome -o pooled.parquet",
            "metapool mass cohorts/*.tsv.gz --key MARKER -c estimate=BETA,se=SE --alleles A1,A2 --size N -o meta.csv",
            "metapool mass part1.csv --by outcome --partial -o 1.parquet; metapool merge 1.parquet 2.parquet -o all.csv",
        ],
    )
};

const MERGE: CommandSpec = command(
    "merge",
    "Pool partial results of `metapool mass --partial`",
    "Shards hold effects row by row, so that any number of them, computed anywhere, gives exactly what one run over the \
     whole table gives, as long as they are named in the order of the table.",
    &[
        "metapool mass a.csv --by outcome --partial -o a.parquet",
        "metapool mass b.csv --by outcome --partial -o b.parquet",
        "metapool merge a.parquet b.parquet --tau2 DL -o pooled.csv",
    ],
);

const REPORT: CommandSpec = CommandSpec {
    after: "\nA manifest:\n  title = \"Our review\"\n  [[analysis]]\n  id = \"mortality\"\n  \
            title = \"Death within 30 days\"\n  data = \"trials.csv\"\n  measure = \"RR\"\n  where = \"year >= 2000\"\n  \
            columns = { events1 = \"dead_drug\", n1 = \"n_drug\", events2 = \"dead_placebo\", n2 = \"n_placebo\" }\n  \
            show = [{ column = \"definition\", heading = \"Definition of death\" }]\n  \
            [characteristics]\n  data = [\"trials.csv\"]\n  \
            columns = [{ column = \"design\", heading = \"Design\" }, { column = \"dose\" }]",
    ..command(
        "report",
        "Make a whole review: tables, pictures and one report, into a folder",
        "Without a manifest it makes the bundled review of stem-cell trials. A manifest is a TOML file: `title`, \
         `introduction`, and one `[[analysis]]` per analysis with `id`, `title`, `data` and any option of `metapool pool` \
         by its long name (`measure`, `where`, `columns`, `tau2`, `ci`, ...). With `pool = false` the rows are listed, each \
         with its own interval. `show` adds columns of the data to an analysis, `[characteristics]` a table of all trials \
         to the report. Columns `source`, `link` (or `url`, `doi`, `pmid`) and `checked` of the data say where numbers \
         come from: they go into `studies.csv`, `result.json` and a table of sources.",
        &["metapool report", "metapool report review.toml -o results"],
    )
};

const DATASETS: CommandSpec = command(
    "datasets",
    "List, describe or export the bundled data",
    "",
    &["metapool datasets", "metapool datasets bcg", "metapool datasets bcg -o bcg.csv"],
);

const LIST: CommandSpec = command(
    "list",
    "List what can be chosen",
    "Measures, shapes, models, estimators of τ², intervals, plots, themes and profiles, with a line and a reference each.",
    &["metapool list", "metapool list measures", "metapool list tau2"],
);

const COMPLETIONS: CommandSpec = command(
    "completions",
    "Print shell completions",
    "For bash: `metapool completions bash > /etc/bash_completion.d/metapool`",
    &[],
);

const MAN: CommandSpec = command(
    "man",
    "Print the manual page",
    "`metapool man | man -l -` shows it; without a command it holds the overview, with one its options.",
    &[],
);
