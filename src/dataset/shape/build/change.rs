//! Before and after in one group.

use super::{Built, correlation, group_size, invalid, ordered, p_value, positive, sd};
use crate::dataset::shape::{NoData, PrePost, RoleValues, SdSource, ShapeOptions, ShapeSpec, StudyData};
use crate::math::{dist, last_unit};

pub(in crate::dataset::shape) const PRE_POST: ShapeSpec = ShapeSpec {
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
fn within(value: RoleValues<'_>, role: &'static str, options: &ShapeOptions) -> Result<(), NoData> {
    match (value(role), options.scale) {
        (Some(x), Some(s)) if x < s.low || x > s.high => invalid(
            role,
            format!("the mean {x} lies outside the scale of {} to {}", s.low, s.high),
            "check the number, or the ends given with ⟦scale=LOW:HIGH:STEP⟧",
        ),
        _ => Ok(()),
    }
}

fn pre_post(value: RoleValues<'_>, options: &ShapeOptions) -> Built {
    let n = group_size(value, "n")?;
    within(value, "mean_pre", options)?;
    within(value, "mean_post", options)?;
    let given = |role: &'static str| value(role).map(|_| sd(value, role)).transpose();
    let pre = (value("mean_pre"), given("sd_pre")?);
    let post = (value("mean_post"), given("sd_post")?);
    let r = value("correlation").map(|r| correlation("correlation", r)).transpose()?;
    let change = change(value, pre.0, post.0)?;
    let known = Known { n, change, sds: (pre.1, post.1), r };
    let sd_change = sd_of_change(value, options, &known)?;
    Ok(StudyData::PrePost(PrePost { n, change, pre, post, r, sd_change }))
}

/// The mean change: as given, else the difference of the means.
fn change(value: RoleValues<'_>, before: Option<f64>, after: Option<f64>) -> Result<f64, NoData> {
    let difference = before.zip(after).map(|(before, after)| after - before);
    match (value("mean_change"), difference) {
        (Some(change), Some(d)) if contradicts(change, d, [before, after]) => invalid(
            "mean_change",
            format!("the change is given as {change}, but the means differ by {d:.4}"),
            "check sign and scale: the change is the mean after minus the mean before",
        ),
        (Some(change), _) => Ok(change),
        (None, Some(d)) => Ok(d),
        (None, None) => Err(NoData::Missing("mean_change is not reported".into())),
    }
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

/// What is known beside the standard deviation of the change.
struct Known {
    n: f64,
    change: f64,
    /// Before and after.
    sds: (Option<f64>, Option<f64>),
    r: Option<f64>,
}

/// A standard deviation of the change and its source.
type Sourced = Option<(f64, SdSource)>;

/// The standard deviation of the change from the first source that is there, in order of trust.
///
/// ```text
/// SD = SE·√n = (U − L)/(2t)·√n = Δ/t·√n = √(s₀² + s₁² − 2r·s₀s₁)
/// ```
fn sd_of_change(value: RoleValues<'_>, options: &ShapeOptions, known: &Known) -> Result<Sourced, NoData> {
    let (df, root) = (known.n - 1.0, known.n.sqrt());
    if value("sd_change").is_some() {
        return Ok(Some((sd(value, "sd_change")?, SdSource::Reported)));
    }
    if value("se_change").is_some() {
        let se = positive(value, "se_change", "the standard error")?;
        return Ok(Some((se * root, SdSource::StandardError)));
    }
    if let (Some(lower), Some(upper)) = (value("ci_lower"), value("ci_upper")) {
        let (lower, upper) = ordered(lower, upper, "swap them?")?;
        let t = dist::t_upper_quantile(0.5 - options.ci_level / 200.0, df);
        return Ok((df > 0.0).then_some(((upper - lower) / (2.0 * t) * root, SdSource::Interval)));
    }
    if let Some(t) = value("t_change") {
        if t == 0.0 || t.signum() != known.change.signum() {
            return invalid(
                "t_change",
                format!("t is {t}, the change {}", known.change),
                "both carry the sign of after minus before",
            );
        }
        return Ok(Some((known.change / t * root, SdSource::TStatistic)));
    }
    match value("p_change") {
        Some(p) => sd_of_p_value(p, known),
        None => Ok(sd_of_correlation(known)),
    }
}

/// From the p-value of a paired t test, where it tells anything.
fn sd_of_p_value(p: f64, known: &Known) -> Result<Sourced, NoData> {
    let p = p_value("p_change", p, "leave the cell empty: it is no value")?;
    if p < 1.0 && known.change != 0.0 {
        let (df, root) = (known.n - 1.0, known.n.sqrt());
        let t = dist::t_upper_quantile(p / 2.0, df);
        return Ok((df > 0.0).then_some((known.change.abs() / t * root, SdSource::PValue)));
    }
    let by_correlation = sd_of_correlation(known);
    if by_correlation.is_none() {
        return Err(NoData::Missing(
            "a change of 0 or a p-value of 1 does not tell the SD of the change".into(),
        ));
    }
    Ok(by_correlation)
}

/// From both standard deviations and their correlation.
fn sd_of_correlation(known: &Known) -> Sourced {
    let ((Some(s0), Some(s1)), Some(r)) = (known.sds, known.r) else { return None };
    let variance: f64 = s0 * s0 + s1 * s1 - 2.0 * r * s0 * s1;
    Some((variance.max(0.0).sqrt(), SdSource::Correlation))
}
