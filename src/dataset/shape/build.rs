//! One definition per shape: roles, aliases, and the checks that turn cells into a row.

use super::{
    Cells, Correlation, Denominator, Events, Gap, Mean, Pairs, Partial, PrePost, Precision, Rate, Ready,
    Reliability, ReportedLimits, SdSource, ShapeOptions, ShapeSpec, StudyData, TwoByTwo, TwoMeans, TwoRates,
};
use crate::math::{dist, last_unit};

type Built = Result<StudyData, Gap>;

fn need(cell: Cells<'_>, role: &'static str) -> Result<f64, Gap> {
    cell(role).ok_or_else(|| Gap::Missing(format!("{role} is not reported")))
}

fn invalid<T>(role: &'static str, message: impl Into<String>, hint: &str) -> Result<T, Gap> {
    Err(Gap::Invalid(role, message.into(), hint.into()))
}

fn whole(role: &'static str, x: f64, options: &ShapeOptions) -> Result<f64, Gap> {
    if x < 0.0 {
        return invalid(role, format!("{x} is negative"), "counts are 0 or more; check the sign");
    }
    if x.fract() != 0.0 && !options.fractional_counts {
        return invalid(
            role,
            format!("{x} is not a whole number"),
            "a count was expected: is this a percentage? ⟦fractional-counts⟧ accepts fractions",
        );
    }
    Ok(x)
}

fn count(cell: Cells<'_>, role: &'static str, options: &ShapeOptions) -> Result<f64, Gap> {
    whole(role, need(cell, role)?, options)
}

fn positive(cell: Cells<'_>, role: &'static str, what: &str) -> Result<f64, Gap> {
    match need(cell, role)? {
        x if x > 0.0 => Ok(x),
        x => invalid(
            role,
            format!("{what} is {x}; it must be above 0"),
            "leave the cell empty if it is not known",
        ),
    }
}

fn sd(cell: Cells<'_>, role: &'static str) -> Result<f64, Gap> {
    match need(cell, role)? {
        x if x < 0.0 => {
            invalid(role, format!("the standard deviation is {x}"), "it cannot be negative; check the sign")
        }
        0.0 => invalid(
            role,
            "the standard deviation is 0: every patient would have the same value",
            "leave the cell empty if it was not reported",
        ),
        x => Ok(x),
    }
}

fn group_size(cell: Cells<'_>, role: &'static str) -> Result<f64, Gap> {
    match need(cell, role)? {
        x if x >= 1.0 => Ok(x),
        x => invalid(
            role,
            format!("a group of {x} patients"),
            "it must be 1 or more; leave the cell empty if it is not known",
        ),
    }
}

fn correlation(role: &'static str, r: f64) -> Result<f64, Gap> {
    if r.abs() <= 1.0 {
        return Ok(r);
    }
    invalid(
        role,
        format!("the correlation is {r}"),
        "a correlation lies between -1 and 1; is it a percentage?",
    )
}

pub(super) const TWO_BY_TWO: ShapeSpec = ShapeSpec {
    id: "two-by-two",
    aliases: &[],
    title: "counts in two groups",
    reference: "",
    roles: &[
        ("events1", &["ai", "event.e"]),
        ("n1", &["n1i", "n.e"]),
        ("events2", &["ci", "event.c"]),
        ("n2", &["n2i", "n.c"]),
        ("nonevents1", &["bi"]),
        ("nonevents2", &["di"]),
    ],
    needs: &[&["events1", "n1", "events2", "n2"], &["events1", "nonevents1", "events2", "nonevents2"]],
    build: |cell, options| {
        let arm = |events: &'static str, n: &'static str, non: &'static str| -> Result<(f64, f64), Gap> {
            let x = count(cell, events, options)?;
            match (cell(n), cell(non)) {
                (Some(total), rest) => {
                    let total = whole(n, total, options)?;
                    if x > total {
                        return invalid(
                            events,
                            format!("{x} events among {total} patients"),
                            "are the columns of events and totals swapped?",
                        );
                    }
                    if let Some(rest) = rest
                        && (x + rest - total).abs() > 1e-6
                    {
                        return invalid(
                            non,
                            format!("{x} events and {rest} others are not {total} patients"),
                            "give either totals or non-events",
                        );
                    }
                    Ok((x, total - x))
                }
                (None, Some(rest)) => Ok((x, whole(non, rest, options)?)),
                (None, None) => Err(Gap::Missing(format!("{n} is not reported"))),
            }
        };
        let (a, b) = arm("events1", "n1", "nonevents1")?;
        let (c, d) = arm("events2", "n2", "nonevents2")?;
        if a + b == 0.0 || c + d == 0.0 {
            return Err(Gap::Missing("a group has no patients".into()));
        }
        Ok(StudyData::TwoByTwo(TwoByTwo { a, b, c, d }))
    },
};

pub(super) const TWO_RATES: ShapeSpec = ShapeSpec {
    id: "two-rates",
    aliases: &[],
    title: "events over person-time in two groups",
    reference: "",
    roles: &[("events1", &["x1i"]), ("time1", &["t1i"]), ("events2", &["x2i"]), ("time2", &["t2i"])],
    needs: &[&["events1", "time1", "events2", "time2"]],
    build: |cell, options| {
        Ok(StudyData::TwoRates(TwoRates {
            x1: count(cell, "events1", options)?,
            t1: positive(cell, "time1", "person-time")?,
            x2: count(cell, "events2", options)?,
            t2: positive(cell, "time2", "person-time")?,
        }))
    },
};

pub(super) const TWO_MEANS: ShapeSpec = ShapeSpec {
    id: "two-means",
    aliases: &[],
    title: "means in two groups",
    reference: "",
    roles: &[
        ("mean1", &["m1i", "mean.e"]),
        ("sd1", &["sd1i", "sd.e"]),
        ("n1", &["n1i", "n.e"]),
        ("mean2", &["m2i", "mean.c"]),
        ("sd2", &["sd2i", "sd.c"]),
        ("n2", &["n2i", "n.c"]),
    ],
    needs: &[&["mean1", "sd1", "n1", "mean2", "sd2", "n2"]],
    build: |cell, _| {
        Ok(StudyData::TwoMeans(TwoMeans {
            m1: need(cell, "mean1")?,
            sd1: sd(cell, "sd1")?,
            n1: group_size(cell, "n1")?,
            m2: need(cell, "mean2")?,
            sd2: sd(cell, "sd2")?,
            n2: group_size(cell, "n2")?,
        }))
    },
};

pub(super) const PAIRS: ShapeSpec = ShapeSpec {
    id: "pairs",
    aliases: &[],
    title: "matched pairs",
    reference: "",
    roles: &[("pairs_both", &[]), ("pairs_first", &[]), ("pairs_second", &[]), ("pairs_neither", &[])],
    needs: &[&["pairs_both", "pairs_first", "pairs_second", "pairs_neither"]],
    build: |cell, options| {
        let pairs = Pairs {
            both: count(cell, "pairs_both", options)?,
            first: count(cell, "pairs_first", options)?,
            second: count(cell, "pairs_second", options)?,
            neither: count(cell, "pairs_neither", options)?,
        };
        if pairs.both + pairs.first + pairs.second + pairs.neither == 0.0 {
            return Err(Gap::Missing("there are no pairs".into()));
        }
        Ok(StudyData::Pairs(pairs))
    },
};

pub(super) const EVENTS: ShapeSpec = ShapeSpec {
    id: "events",
    aliases: &["proportion"],
    title: "counts in one group",
    reference: "",
    roles: &[
        ("events", &["xi", "event"]),
        ("n", &["ni"]),
        ("events_min", &[]),
        ("events_max", &[]),
        ("percent", &["progressed_percent"]),
        ("n_enrolled", &[]),
    ],
    needs: &[&["events", "n"], &["percent", "n"], &["events_min", "events_max", "n"]],
    build: |cell, options| {
        let evaluated = need(cell, "n")?;
        let evaluated = whole("n", evaluated, options)?;
        let enrolled = cell("n_enrolled").map(|n| whole("n_enrolled", n, options)).transpose()?;
        if let Some(enrolled) = enrolled
            && enrolled < evaluated
        {
            return invalid(
                "n_enrolled",
                format!("{enrolled} patients enrolled, {evaluated} evaluated"),
                "no more can be evaluated than were enrolled; are the columns swapped?",
            );
        }
        let n = match options.denominator {
            Denominator::Evaluated => evaluated,
            Denominator::Enrolled => enrolled.unwrap_or(evaluated),
        };
        if n == 0.0 {
            return Err(Gap::Missing("the group has no patients".into()));
        }
        let bound = |role: &'static str| cell(role).map(|x| whole(role, x, options)).transpose();
        let (min, max) = (bound("events_min")?, bound("events_max")?);
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            return invalid(
                "events_min",
                format!("the lower bound {min} is above the upper bound {max}"),
                "swap them?",
            );
        }
        if let Some(max) = max
            && max > n
        {
            return invalid(
                "events_max",
                format!("up to {max} events among {n} patients"),
                "the bound cannot exceed n",
            );
        }
        match (cell("events"), min, max) {
            (Some(x), _, _) => {
                let x = whole("events", x, options)?;
                if x > n {
                    return invalid(
                        "events",
                        format!("{x} events among {n} patients"),
                        "are the columns of events and n swapped?",
                    );
                }
                Ok(StudyData::Events(Events { x, n }))
            }
            (None, Some(min), Some(max)) if min == max => Ok(StudyData::Events(Events { x: min, n })),
            (None, Some(min), Some(max)) => {
                Err(Gap::Missing(format!("known only within bounds: {min} to {max} of {n}")))
            }
            (None, _, _) => match cell("percent") {
                Some(percent) => from_percent(percent, n),
                None => Err(Gap::Missing("events is not reported".into())),
            },
        }
    },
};

/// The count whose percentage rounds to the one given; a percentage that no count gives is not estimable.
fn from_percent(percent: f64, n: f64) -> Built {
    if !(0.0..=100.0).contains(&percent) {
        return invalid("percent", format!("{percent} per cent"), "a percentage lies between 0 and 100");
    }
    let x = (percent * n / 100.0).round();
    // rounded to whole per cent at the worst; but a percentage above 0 is that of somebody, one below 100 not of all
    let gap = (100.0 * x / n - percent).abs();
    let nobody = (x == 0.0 && percent > 0.0) || (x == n && percent < 100.0);
    if gap > 0.5 || nobody && gap > 0.5 * last_unit(percent) + 1e-9 {
        let fraction = if percent > 0.0 && percent <= 1.0 {
            format!("; if {percent} is a fraction, write {}", 100.0 * percent)
        } else {
            String::new()
        };
        return Err(Gap::Missing(format!("no count of {n} patients gives {percent}%{fraction}")));
    }
    Ok(StudyData::Events(Events { x, n }))
}

pub(super) const RATE: ShapeSpec = ShapeSpec {
    id: "rate",
    aliases: &[],
    title: "events over person-time in one group",
    reference: "",
    roles: &[("events", &["xi", "event"]), ("time", &["ti"])],
    needs: &[&["events", "time"]],
    build: |cell, options| {
        Ok(StudyData::Rate(Rate {
            x: count(cell, "events", options)?,
            t: positive(cell, "time", "person-time")?,
        }))
    },
};

pub(super) const MEAN: ShapeSpec = ShapeSpec {
    id: "mean",
    aliases: &[],
    title: "a mean in one group",
    reference: "",
    roles: &[("mean", &["mi"]), ("sd", &["sdi"]), ("n", &["ni"])],
    needs: &[&["mean", "sd", "n"]],
    build: |cell, _| {
        Ok(StudyData::Mean(Mean { m: need(cell, "mean")?, sd: sd(cell, "sd")?, n: group_size(cell, "n")? }))
    },
};

pub(super) const PRE_POST: ShapeSpec = ShapeSpec {
    id: "pre-post",
    aliases: &["before-after"],
    title: "before and after in one group",
    reference: "",
    roles: &[
        ("mean_pre", &["m2i"]),
        ("sd_pre", &["sd2i"]),
        ("mean_post", &["m1i"]),
        ("sd_post", &["sd1i"]),
        ("n", &["ni"]),
        ("correlation", &["ri", "r"]),
        ("mean_change", &[]),
        ("sd_change", &[]),
        ("se_change", &[]),
        ("ci_lower", &[]),
        ("ci_upper", &[]),
        ("p_change", &[]),
        ("t_change", &[]),
    ],
    needs: &[
        &["mean_pre", "sd_pre", "mean_post", "sd_post", "n", "correlation"],
        &["mean_change", "sd_change", "n"],
        &["mean_change", "se_change", "n"],
        &["mean_change", "ci_lower", "ci_upper", "n"],
        &["mean_change", "p_change", "n"],
        &["mean_change", "t_change", "n"],
        &["mean_pre", "mean_post", "sd_change", "n"],
        &["mean_pre", "mean_post", "p_change", "n"],
        &["mean_pre", "sd_pre", "mean_post", "sd_post", "n"],
    ],
    build: pre_post,
};

/// Means of a scale lie within it.
fn within(cell: Cells<'_>, role: &'static str, options: &ShapeOptions) -> Result<(), Gap> {
    match (cell(role), options.scale) {
        (Some(x), Some(s)) if x < s.low || x > s.high => invalid(
            role,
            format!("the mean {x} lies outside the scale of {} to {}", s.low, s.high),
            "check the number, or the ends given with ⟦scale=LOW:HIGH:STEP⟧",
        ),
        _ => Ok(()),
    }
}

fn pre_post(cell: Cells<'_>, options: &ShapeOptions) -> Built {
    let n = group_size(cell, "n")?;
    within(cell, "mean_pre", options)?;
    within(cell, "mean_post", options)?;
    let spread = |role: &'static str| cell(role).map(|_| sd(cell, role)).transpose();
    let pre = (cell("mean_pre"), spread("sd_pre")?);
    let post = (cell("mean_post"), spread("sd_post")?);
    let r = cell("correlation").map(|r| correlation("correlation", r)).transpose()?;
    let difference = pre.0.zip(post.0).map(|(before, after)| after - before);
    let change = match (cell("mean_change"), difference) {
        (Some(change), Some(d)) if contradicts(change, d, [pre.0, post.0]) => {
            return invalid(
                "mean_change",
                format!("the change is given as {change}, but the means differ by {d:.4}"),
                "check sign and scale: the change is the mean after minus the mean before",
            );
        }
        (Some(change), _) => change,
        (None, Some(d)) => d,
        (None, None) => return Err(Gap::Missing("mean_change is not reported".into())),
    };
    let sd_change = sd_of_change(cell, options, n, change, pre.1, post.1, r)?;
    Ok(StudyData::PrePost(PrePost { n, change, pre, post, r, sd_change }))
}

/// Whether a change is not the difference of the means: beyond what rounding and slight differences of the patients
/// explain, in units of the numbers themselves, or of the other sign beyond rounding.
fn contradicts(change: f64, difference: f64, means: [Option<f64>; 2]) -> bool {
    let units: Vec<f64> = std::iter::once(change).chain(means.into_iter().flatten()).map(last_unit).collect();
    let gap = (change - difference).abs();
    // the finest number tells the rounding of all, where a final zero was not written
    let finest = units.iter().copied().fold(f64::INFINITY, f64::min);
    let opposite = change * difference < 0.0 && gap > 1.5001 * finest;
    let rounding = 0.5001 * units.iter().sum::<f64>();
    opposite || gap > rounding.max(0.051 * difference.abs().max(change.abs()))
}

/// The standard deviation of the change from the first source that is there, in order of trust.
fn sd_of_change(
    cell: Cells<'_>,
    options: &ShapeOptions,
    n: f64,
    change: f64,
    sd_pre: Option<f64>,
    sd_post: Option<f64>,
    r: Option<f64>,
) -> Result<Option<(f64, SdSource)>, Gap> {
    let df = n - 1.0;
    let root = n.sqrt();
    if cell("sd_change").is_some() {
        return Ok(Some((sd(cell, "sd_change")?, SdSource::Reported)));
    }
    if cell("se_change").is_some() {
        return Ok(Some((
            positive(cell, "se_change", "the standard error")? * root,
            SdSource::StandardError,
        )));
    }
    if let (Some(lower), Some(upper)) = (cell("ci_lower"), cell("ci_upper")) {
        if lower >= upper {
            return invalid(
                "ci_lower",
                format!("the limits {lower} and {upper} are not in order"),
                "swap them?",
            );
        }
        let t = dist::t_upper_quantile(0.5 - options.ci_level / 200.0, df);
        return Ok((df > 0.0).then_some(((upper - lower) / (2.0 * t) * root, SdSource::Interval)));
    }
    if let Some(t) = cell("t_change") {
        if t == 0.0 || t.signum() != change.signum() {
            return invalid(
                "t_change",
                format!("t is {t}, the change {change}"),
                "both carry the sign of after minus before",
            );
        }
        return Ok(Some((change / t * root, SdSource::TStatistic)));
    }
    if let Some(p) = cell("p_change") {
        if p <= 0.0 || p > 1.0 {
            return invalid(
                "p_change",
                format!("p is {p}"),
                "a p-value lies between 0 and 1; for `p < .001` leave the cell empty: it is no value",
            );
        }
        let others = sd_pre.is_some() && sd_post.is_some() && r.is_some();
        if (p == 1.0 || change == 0.0) && !others {
            return Err(Gap::Missing(
                "a change of 0 or a p-value of 1 does not tell the SD of the change".into(),
            ));
        }
        let t = dist::t_upper_quantile(p / 2.0, df);
        if p < 1.0 && change != 0.0 {
            return Ok((df > 0.0).then_some((change.abs() / t * root, SdSource::PValue)));
        }
    }
    Ok(match (sd_pre, sd_post, r) {
        (Some(s0), Some(s1), Some(r)) => {
            let variance: f64 = s0 * s0 + s1 * s1 - 2.0 * r * s0 * s1;
            Some((variance.max(0.0).sqrt(), SdSource::Correlation))
        }
        _ => None,
    })
}

pub(super) const CORRELATION: ShapeSpec = ShapeSpec {
    id: "correlation",
    aliases: &[],
    title: "a correlation",
    reference: "",
    roles: &[("r", &["ri"]), ("n", &["ni"])],
    needs: &[&["r", "n"]],
    build: |cell, _| {
        Ok(StudyData::Correlation(Correlation {
            r: correlation("r", need(cell, "r")?)?,
            n: group_size(cell, "n")?,
        }))
    },
};

pub(super) const PARTIAL: ShapeSpec = ShapeSpec {
    id: "partial-correlation",
    aliases: &[],
    title: "a partial correlation",
    reference: "",
    roles: &[("t", &["ti"]), ("r", &["ri"]), ("n", &["ni"]), ("predictors", &["mi"]), ("r2", &["r2i"])],
    needs: &[&["t", "n", "predictors"], &["r", "n", "predictors"]],
    build: |cell, _| {
        let n = group_size(cell, "n")?;
        let predictors = need(cell, "predictors")?;
        let df = n - predictors - 1.0;
        if predictors < 1.0 || df <= 0.0 {
            return invalid(
                "predictors",
                format!("{predictors} predictors with {n} patients"),
                "there must be fewer predictors than patients",
            );
        }
        let r2 = cell("r2");
        if let Some(r2) = r2
            && !(0.0..=1.0).contains(&r2)
        {
            return invalid("r2", format!("R² is {r2}"), "it lies between 0 and 1; is it a percentage?");
        }
        let t = match cell("t") {
            Some(t) => t,
            None => {
                let r = correlation("r", need(cell, "r")?)?;
                r * (df / (1.0 - r * r)).sqrt()
            }
        };
        Ok(StudyData::Partial(Partial { t, n, predictors, r2 }))
    },
};

pub(super) const RELIABILITY: ShapeSpec = ShapeSpec {
    id: "reliability",
    aliases: &[],
    title: "a reliability coefficient",
    reference: "",
    roles: &[("alpha", &["ai"]), ("items", &["mi"]), ("n", &["ni"])],
    needs: &[&["alpha", "items", "n"]],
    build: |cell, _| {
        let alpha = need(cell, "alpha")?;
        if alpha > 1.0 {
            return invalid(
                "alpha",
                format!("alpha is {alpha}"),
                "a reliability is at most 1; is it a percentage?",
            );
        }
        let items = need(cell, "items")?;
        if items < 2.0 {
            return invalid("items", format!("a scale of {items} items"), "alpha needs 2 items or more");
        }
        Ok(StudyData::Reliability(Reliability { alpha, items, n: group_size(cell, "n")? }))
    },
};

pub(super) const READY: ShapeSpec = ShapeSpec {
    id: "ready",
    aliases: &["generic", "effects"],
    title: "effects computed elsewhere",
    reference: "",
    roles: &[
        ("estimate", &["yi", "TE"]),
        ("se", &["sei", "seTE"]),
        ("variance", &["vi"]),
        ("ci_lower", &[]),
        ("ci_upper", &[]),
        ("ci_level", &[]),
        ("p_value", &["p", "pval", "pvalue"]),
    ],
    needs: &[
        &["estimate", "se"],
        &["estimate", "variance"],
        &["estimate", "ci_lower", "ci_upper"],
        &["estimate", "p_value"],
    ],
    build: ready,
};

fn ready(cell: Cells<'_>, options: &ShapeOptions) -> Built {
    let estimate = need(cell, "estimate")?;
    let limits = reported_limits(cell, options)?;
    let precision = if cell("variance").is_some() {
        Precision::Variance(positive(cell, "variance", "the variance")?)
    } else if cell("se").is_some() {
        Precision::StandardError(positive(cell, "se", "the standard error")?)
    } else if limits.is_some() {
        Precision::Limits
    } else if let Some(p) = cell("p_value") {
        if p <= 0.0 || p > 1.0 {
            return invalid(
                "p_value",
                format!("p is {p}"),
                "a p-value lies between 0 and 1; for `p < .001` give a standard error instead",
            );
        }
        Precision::PValue(p)
    } else {
        return Err(Gap::Missing("no standard error, variance, interval or p-value is reported".into()));
    };
    Ok(StudyData::Ready(Ready { estimate, precision, limits }))
}

fn reported_limits(cell: Cells<'_>, options: &ShapeOptions) -> Result<Option<ReportedLimits>, Gap> {
    let (Some(lower), Some(upper)) = (cell("ci_lower"), cell("ci_upper")) else { return Ok(None) };
    if lower >= upper {
        return invalid(
            "ci_lower",
            format!("the limits {lower} and {upper} are not in order"),
            "which of them is the lower one? check the row in its source",
        );
    }
    let level = cell("ci_level").unwrap_or(options.ci_level);
    if !(50.0..100.0).contains(&level) {
        return invalid(
            "ci_level",
            format!("a confidence level of {level}%"),
            "give it in percent, such as 95",
        );
    }
    Ok(Some(ReportedLimits { lower, upper, level }))
}
