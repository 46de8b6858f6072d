//! Rows with a standard deviation of the change where they lack one, before effects are computed of them.
//!
//! ```text
//! s_d² = s₁² + s₂² − 2 r s₁ s₂                       an assumed correlation r
//! step² f(1−f) ≤ s_d² ≤ (R − d)(R + d)               set by a scale of range R and step; f = frac(d/step)
//! ```

use crate::dataset::{MeasuringScale, PrePost, SdSource, StudyData, StudyRow};
use crate::error::Error;

/// Replaces what is missing in rows by `sd`, where it gives a value; counts the replacements.
pub(crate) fn replaced(
    rows: &[StudyRow],
    sd: &dyn Fn(&PrePost) -> Option<(f64, SdSource)>,
) -> (Vec<StudyRow>, usize) {
    let mut count = 0;
    let rows = rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            if let Ok(StudyData::PrePost(p)) = &mut row.data
                && p.sd_change.is_none()
                && let Some(found) = sd(p).filter(|(sd, _)| *sd > 0.0)
            {
                p.sd_change = Some(found);
                count += 1;
            }
            row
        })
        .collect();
    (rows, count)
}

/// From both standard deviations at a correlation.
pub(crate) fn at_correlation(r: f64) -> impl Fn(&PrePost) -> Option<(f64, SdSource)> {
    move |p| {
        let (s0, s1) = (p.pre.1?, p.post.1?);
        Some(((s0 * s0 + s1 * s1 - 2.0 * r * s0 * s1).max(0.0).sqrt(), SdSource::Assumed))
    }
}

/// The least and greatest standard deviation of changes of mean `d` on a scale.
pub fn scale_bounds(d: f64, scale: &MeasuringScale) -> (f64, f64) {
    let range = scale.high - scale.low;
    let f = (d / scale.step).rem_euclid(1.0);
    let least = scale.step * (f * (1.0 - f)).sqrt();
    (least, ((range - d) * (range + d)).max(0.0).sqrt())
}

/// Rows with an assumed correlation, marked as imputed, for the tables.
pub fn assumed(rows: &[StudyRow], r: f64) -> Vec<StudyRow> {
    replaced(rows, &at_correlation(r)).0
}

/// A correlation lies between −1 and 1.
///
/// # Errors
/// It does not.
pub fn check_correlation(r: f64) -> Result<(), Error> {
    if (-1.0..=1.0).contains(&r) {
        return Ok(());
    }
    Err(Error::usage(format!("a correlation of {r}"))
        .with_hint("it lies between -1 and 1; 0.5 and 0.7 are usual"))
}
