//! Studies left out one after the other, each time the one without which I² is least, until it is low enough.
//!
//! An exploration: the studies found are to be explained, not deleted. Reference: \[patsopoulos2008\].

use super::subset::Pooler;
use crate::error::Error;
use crate::result::format::studies;
use crate::result::sensitivity::{Conclusion, Outliers, Refit, Removal};

/// Leaves studies out until I² is at most `target` percent; at least two stay.
///
/// # Errors
/// The model has no measure of heterogeneity, or there are fewer than three studies.
pub fn outliers(pooler: &Pooler<'_>, target: f64, whole: Option<Conclusion>) -> Result<Outliers, Error> {
    if !(0.0..100.0).contains(&target) {
        return Err(Error::usage(format!("an I² of {target}%"))
            .with_hint("⟦i2-target⟧ takes 0 to 100; 25 and 50 are usual"));
    }
    if pooler.k() < 3 {
        return Err(Error::model(format!("{}: none can be left out as an outlier", studies(pooler.k())))
            .with_hint("outliers are sought among at least three studies"));
    }
    let mut keep: Vec<usize> = (0..pooler.k()).collect();
    let mut fit = pooler.fit(&keep)?;
    let removal = |out: Option<usize>, fit: Refit| {
        let now = pooler.conclusion(&fit);
        Removal {
            study: out.map(|i| pooler.label(i)),
            row: out.map(|i| pooler.rows[i]),
            natural: pooler.natural(&fit),
            fit,
            turns: now.is_some() && now != whole,
        }
    };
    let mut path = vec![removal(None, fit)];
    loop {
        let Some(i2) = fit.inconsistency else {
            return Err(Error::model("the model does not say how much studies differ")
                .with_hint("use ⟦model=inverse-variance⟧, which has I²"));
        };
        if i2 <= target || keep.len() <= 2 {
            return Ok(Outliers { target, reached: i2 <= target, path });
        }
        let without = |at: usize| {
            let others: Vec<usize> = keep.iter().copied().filter(|&i| i != keep[at]).collect();
            pooler.fit(&others).ok().map(|f| (at, f))
        };
        // the lower Q decides between equal I², as when several lower it to zero
        let order = |f: &Refit| (f.inconsistency.unwrap_or(f64::INFINITY), f.q.unwrap_or(f64::INFINITY));
        let best = (0..keep.len()).filter_map(without).min_by(|a, b| {
            let (a, b) = (order(&a.1), order(&b.1));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let Some((at, next)) = best else {
            return Ok(Outliers { target, reached: false, path });
        };
        path.push(removal(Some(keep.remove(at)), next));
        fit = next;
    }
}
