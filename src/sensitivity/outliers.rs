//! Studies left out one after the other, each time the one without which I² is least, until it is low enough.
//!
//! An exploration: the studies found are to be explained, not deleted. Reference: \[patsopoulos2008\].

use crate::error::Error;
use crate::model::refit::Refit;
use crate::result::format::studies;
use crate::result::sensitivity::{Conclusion, Outliers, PartialFit, Removal};

/// Leaves studies out until I² is at most `target` percent; at least two stay.
///
/// # Errors
/// The model has no measure of heterogeneity, or there are fewer than three studies.
pub fn outliers(fit: &dyn Refit, target: f64, whole: Option<Conclusion>) -> Result<Outliers, Error> {
    if !(0.0..100.0).contains(&target) {
        return Err(Error::usage(format!("an I² of {target}%"))
            .with_hint("⟦i2-target⟧ takes 0 to 100; 25 and 50 are usual"));
    }
    if fit.k() < 3 {
        return Err(Error::model(format!("{}: none can be left out as an outlier", studies(fit.k())))
            .with_hint("outliers are sought among at least three studies"));
    }
    let mut keep = fit.rows().to_vec();
    let mut now = fit.with_rows(&keep)?;
    let removal = |row: Option<usize>, partial: PartialFit| {
        let concludes = fit.conclusion(&partial);
        Removal {
            study: row.map(|row| fit.label(row)),
            row,
            natural: fit.natural(&partial),
            fit: partial,
            turns: concludes.is_some() && concludes != whole,
        }
    };
    let mut path = vec![removal(None, now)];
    loop {
        let Some(i2) = now.inconsistency else {
            return Err(Error::model("the model does not say how much studies differ")
                .with_hint("use ⟦model=inverse-variance⟧, which has I²"));
        };
        if i2 <= target || keep.len() <= 2 {
            return Ok(Outliers { target, reached: i2 <= target, path });
        }
        let without = |at: usize| {
            let others: Vec<usize> = keep.iter().copied().filter(|&row| row != keep[at]).collect();
            fit.with_rows(&others).ok().map(|f| (at, f))
        };
        // the lower Q decides between equal I², as when several lower it to zero
        let order = |f: &PartialFit| (f.inconsistency.unwrap_or(f64::INFINITY), f.q.unwrap_or(f64::INFINITY));
        let best = (0..keep.len()).filter_map(without).min_by(|a, b| {
            let (a, b) = (order(&a.1), order(&b.1));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let Some((at, next)) = best else {
            return Ok(Outliers { target, reached: false, path });
        };
        path.push(removal(Some(keep.remove(at)), next));
        now = next;
    }
}
