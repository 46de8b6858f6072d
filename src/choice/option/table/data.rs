//! Which data, which rows, which columns, which measure, and how effects are computed.

use super::super::{Acts, Command, Family, Heading, Many, OptionSpec, Rule, Takes, With, flag, option};
use super::{ALL_STUDIES, STUDIES};

const DATA: Heading = Heading::Data;

/// Options of arms need the column that tells them apart.
const ARMS: &[Rule] =
    &[Rule::Beside(&[With::Other("arm", "none")], "no column tells the arms of a study apart")];

options! {
    MEASURE = option(
        "measure",
        "CODE",
        DATA,
        ALL_STUDIES,
        "Effect measure, chosen from the data if not given; `metapool list measures` shows all",
    )
    .short('m')
    .of(Family::Measure);
    COLUMNS = option(
        "columns",
        "ROLE=COLUMN,...",
        DATA,
        ALL_STUDIES,
        "Which column plays which role, where names differ; `metapool list shapes` shows the roles",
    )
    .short('c')
    .many(Many::Quoted);
    STUDY = option("study", "COLUMN", DATA, STUDIES, "Column of study labels")
        .default("study, slab, studlab, trial, or author with year");
    WHERE = option(
        "where",
        "EXPR",
        DATA,
        STUDIES,
        "Keep the rows for which an SQL condition holds: \"year >= 2000 AND disease = 'MS'\"",
    )
    .short('w');
    DELIMITER = option(
        "delimiter",
        "CHAR",
        DATA,
        ALL_STUDIES,
        "Separator of a delimited file: a character, or `tab`",
    )
    .takes(Takes::Character)
    .default("from the ending, else from the header");
    LEVEL = option(
        "level",
        "PERCENT",
        DATA,
        &[
            Command::Pool,
            Command::Effects,
            Command::Regress,
            Command::Bias,
            Command::Sensitivity,
            Command::Bayes,
            Command::Plot,
            Command::Mass,
            Command::Merge,
        ],
        "Confidence level of all intervals, in percent, from 50 up",
    )
    .takes(Takes::Number)
    .default("95");
    ADD = option("add", "X", DATA, ALL_STUDIES, "Added to cells of counts")
        .takes(Takes::Number)
        .default("0.5; 0 for measures that are defined with empty cells")
        .rules(&[Rule::Acts(Acts::Counts)]);
    TO = option("to", "WHERE", DATA, ALL_STUDIES, "Where it is added")
        .of(Family::CorrectWhere)
        .default("only0")
        .rules(&[Rule::Acts(Acts::Counts)]);
    DOUBLE_ZERO = option(
        "double-zero",
        "WHAT",
        DATA,
        ALL_STUDIES,
        "Studies without events, or with events only, in both groups: `auto` finds them not estimable for ratios and keeps \
         them for differences",
    )
    .of(Family::DoubleZero)
    .default("auto; keep under --profile metafor")
    .rules(&[Rule::Acts(Acts::CountsOfTwo)]);
    DROP_DOUBLE_ZERO = flag("drop-double-zero", DATA, ALL_STUDIES, "The same as --double-zero drop").rules(&[
        Rule::Apart(&["double-zero"], "and ⟦{other}⟧ say the same thing twice"),
        Rule::Acts(Acts::CountsOfTwo),
    ]);
    VALUES = option(
        "values",
        "SCALE",
        DATA,
        ALL_STUDIES,
        "Scale of ready estimates and limits: natural (ratios as ratios) or analysis (their logarithms)",
    )
    .of(Family::Values)
    .default("what the data prove")
    .rules(&[Rule::Acts(Acts::Ready)]);
    SE_SCALE = option("se-scale", "SCALE", DATA, ALL_STUDIES, "Scale of ready standard errors and variances")
        .of(Family::Values)
        .default("analysis")
        .rules(&[Rule::Acts(Acts::Ready)]);
    ARM = option(
        "arm",
        "COLUMN",
        DATA,
        STUDIES,
        "Rows are arms of studies, told apart by this column; they become comparisons with --reference. `none`: every row is \
         a study",
    );
    REFERENCE =
        option("reference", "LEVEL", DATA, STUDIES, "Level of the arm column that the others are compared with")
            .rules(ARMS);
    COMBINE = option(
        "combine",
        "LEVEL,...",
        DATA,
        STUDIES,
        "Levels of like arms, which become one; may be given several times",
    )
    .many(Many::Lists)
    .rules(ARMS);
    SHARED_CONTROL = option(
        "shared-control",
        "HOW",
        DATA,
        STUDIES,
        "A control that several arms of a study share: split it among the comparisons, combine the arms, or take the first",
    )
    .of(Family::SharedControl)
    .rules(ARMS);
    KEEP_TOTAL = flag(
        "keep-total",
        DATA,
        STUDIES,
        "The last row is a study, although it equals the sum of all above it, or what they give when they are pooled",
    );
    VTYPE = option(
        "vtype",
        "CODE",
        DATA,
        ALL_STUDIES,
        "Variant of the sampling variance, where the measure has several",
    )
    .of(Family::Variance)
    .rules(&[Rule::Acts(Acts::Computed)]);
    NO_CORRECTION = flag(
        "no-correction",
        DATA,
        ALL_STUDIES,
        "Leave out the small-sample correction of SMD, ROM and their kin",
    )
    .rules(&[Rule::Acts(Acts::Computed)]);
    STUDY_CI = option("study-ci", "CODE", DATA, STUDIES, "Confidence interval of each study's proportion")
        .of(Family::StudyInterval)
        .default("CP, Clopper-Pearson")
        .rules(&[Rule::Acts(Acts::Proportions)]);
    STANDARDIZER =
        option("standardizer", "WHEN", DATA, STUDIES, "Which SD divides the change in SMCR and SMCRH")
            .of(Family::Standardizer)
            .default("post");
    DENOMINATOR = option(
        "denominator",
        "WHO",
        DATA,
        STUDIES,
        "Patients that a proportion is of: those evaluated, or those enrolled (column `n_enrolled`)",
    )
    .of(Family::Denominator)
    .default("evaluated");
    SCALE = option(
        "scale",
        "LOW:HIGH:STEP",
        DATA,
        STUDIES,
        "Scale of means, to check them: its ends and its step, such as 0:10:0.5",
    )
    .takes(Takes::Formula);
    CORRELATION = option(
        "correlation",
        "R",
        DATA,
        STUDIES,
        "Correlation of before with after where it is not reported; such rows are imputed, not primary",
    )
    .takes(Takes::Number);
    CORRELATION_GRID = option(
        "correlation-grid",
        "R,...",
        DATA,
        &[Command::Pool],
        "Correlations to try for missing SDs of a change, with the tipping point",
    )
    .takes(Takes::Number)
    .many(Many::List)
    .default(".3,.5,.7,.9");
    IMPUTE = option(
        "impute",
        "HOW",
        DATA,
        &[Command::Pool],
        "What replaces missing SDs of a change beside the primary analysis: none, grid, borrow:STUDY or bounds. `grid` also \
         tells at which SD the conclusion would change where no correlation gives one",
    );
    CI_LEVEL =
        option("ci-level", "PERCENT", DATA, STUDIES, "Level of confidence limits in the data, in percent, from 50 up")
            .takes(Takes::Number)
            .default("95")
            .rules(&[Rule::Acts(Acts::Limits)]);
    PER = option(
        "per",
        "N",
        DATA,
        STUDIES,
        "Show rates, proportions and their differences per so many, such as 1000 or 100000; numbers in JSON and CSV stay as \
         they are",
    )
    .takes(Takes::Number);
    FRACTIONAL_COUNTS = flag("fractional-counts", DATA, STUDIES, "Accept counts that are not whole numbers")
        .rules(&[Rule::Acts(Acts::Counts)]);
}
