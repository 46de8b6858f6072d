//! How pictures look, and what they say.

use super::super::{Command, Family, Heading, Many, OptionSpec, Rule, Takes, flag, option};

const PICTURE: Heading = Heading::Picture;
const PLOT: &[Command] = &[Command::Plot];

/// Pictures with a row per study or method.
const TABLES: &[&str] = &["forest", "agreement", "leave-one-out", "cumulative"];

options! {
    PICTURES = option(
        "output",
        "FILE",
        PICTURE,
        PLOT,
        "File to write: .png, .svg or .pdf; may be given several times",
    )
    .short('o')
    .many(Many::Repeated)
    .required(PLOT);
    DPI = option("dpi", "N", PICTURE, PLOT, "Dots per inch of PNG").takes(Takes::Number).default("300");
    THEME = option("theme", "NAME", PICTURE, PLOT, "The look; `metapool list themes` shows all")
        .of(Family::Theme)
        .default("default");
    WIDTH = option("width", "MM", PICTURE, PLOT, "Width of the page in millimetres")
        .takes(Takes::Number)
        .default("what the contents need");
    TITLE = option("title", "TEXT", PICTURE, PLOT, "Title above the picture");
    GROUPS = option("groups", "FIRST,SECOND", PICTURE, PLOT, "Names of the two groups")
        .rules(&[Rule::Of("kind", &["forest", "labbe"], None)]);
    FAVOURS = option("favours", "LOW,HIGH", PICTURE, PLOT, "What low and high values favour").rules(&[Rule::Of(
        "kind",
        &["forest", "agreement", "leave-one-out", "cumulative", "funnel", "drapery"],
        None,
    )]);
    OUTCOME =
        option("outcome", "TEXT", PICTURE, PLOT, "What was measured or counted, for the axis").rules(&[Rule::Of(
            "kind",
            &["forest", "agreement", "leave-one-out", "cumulative", "funnel", "drapery", "bubble", "gosh"],
            None,
        )]);
    ESTIMATE = option("estimate", "TEXT", PICTURE, PLOT, "Heading of the estimates").rules(&[Rule::Of(
        "kind",
        &["forest", "agreement", "leave-one-out", "cumulative", "funnel", "drapery", "bubble", "gosh", "radial"],
        None,
    )]);
    COMMON = flag("common", PICTURE, PLOT, "Show the common-effect estimate too")
        .rules(&[Rule::Of("kind", &["forest"], None)]);
    FULL_RANGE =
        flag("full-range", PICTURE, PLOT, "Show every interval whole, however wide the axis becomes")
            .rules(&[Rule::Of("kind", TABLES, None)]);
    ROWS_PER_PAGE =
        option("rows-per-page", "N", PICTURE, PLOT, "Rows on a page before a new one begins")
            .takes(Takes::Count(5, 10_000))
            .default("60")
            .rules(&[Rule::Of(
                "kind",
                &["forest", "agreement", "leave-one-out", "cumulative", "influence"],
                None,
            )]);
    LABEL = option("label", "WHICH", PICTURE, PLOT, "Which studies are named in charts")
        .of(Family::Naming)
        .default("outliers")
        .rules(&[Rule::Of("kind", &["funnel", "radial", "labbe", "drapery", "baujat", "qq"], None)]);
    BY_SIZE =
        flag("by-size", PICTURE, PLOT, "Funnel by 1/√(number of patients) instead of the standard error")
            .rules(&[Rule::Of("kind", &["funnel"], None)]);
    AXES = option("axes", "KIND", PICTURE, PLOT, "Axes of a L'Abbé plot")
        .of(Family::Axes)
        .default("logarithmic where risks differ greatly and none is 0")
        .rules(&[Rule::Of("kind", &["labbe"], None)]);
}
