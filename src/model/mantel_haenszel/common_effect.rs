//! What both methods of sums share: one effect for all studies, no τ², and the options that go with that.

use crate::effect::{Effect, EffectTable, Included, Inclusion};
use crate::error::Error;
use crate::math::dist;
use crate::model::interval::{Interval, critical};
use crate::model::notes::row_notes;
use crate::model::pooled::pooled;
use crate::model::sums::i2_of_q;
use crate::model::tau2::Tau2;
use crate::model::{Model, ModelOptions};
use crate::registry::Member;
use crate::result::{Heterogeneity, IntervalSource, Note, PoolResult, Settings, Tau2Source};

/// Options that a common-effect model cannot use are refused, not ignored.
pub(super) fn check(model: Model, o: &ModelOptions) -> Result<(), Error> {
    o.check_level()?;
    let given = [
        (o.tau2.is_some_and(|t| t != Tau2::EqualEffects), "tau2", "it has no τ²"),
        (o.ci.is_some_and(|c| c != Interval::Wald), "ci", "its interval is the normal one, `wald`"),
        (o.prediction.named().is_some(), "prediction", "it takes all studies to share one effect"),
        (o.tau2_ci.named().is_some(), "tau2-ci", "it has no τ²"),
    ];
    if let Some((_, option, why)) = given.into_iter().find(|g| g.0) {
        return Err(Error::usage(format!("{} pooling has no ⟦{option}⟧: {why}", model.id()))
            .with_hint(format!("leave ⟦{option}⟧ out, or choose ⟦model=inverse-variance⟧")));
    }
    Ok(())
}

pub(super) fn settings(model: Model, o: &ModelOptions) -> Settings {
    Settings {
        model: Some(model),
        glmm_model: None,
        tau2: Tau2Source::CommonEffect,
        ci: IntervalSource::Of(Interval::Wald),
        prediction: None,
        tau2_ci: None,
        level: o.level,
        profile: o.profile,
    }
}

/// The result of a common effect, with weights by row.
pub(super) fn common(
    (table, inclusion): (EffectTable, Vec<Inclusion>),
    settings: Settings,
    e: Effect,
    weights: Vec<(usize, f64)>,
) -> PoolResult {
    let se = e.v.sqrt();
    let half = critical(settings.level, f64::INFINITY) * se;
    let common = pooled(&table, e.y, se, f64::INFINITY, (e.y - half, e.y + half));
    let total: f64 = weights.iter().map(|w| w.1).sum();
    let mut result = PoolResult { inclusion, ..PoolResult::new(table, settings, weights.len()) };
    for (i, w) in weights {
        result.weights_common[i] = Some(100.0 * w / total);
    }
    result.common = Some(common);
    result
}

/// Cochran's Q of the studies' own effects about a common one.
pub(super) fn cochran(rows: Included<'_>, mean: f64, keep: impl Fn(usize) -> bool) -> Heterogeneity {
    let effects: Vec<Effect> = rows.used().filter(|&i| keep(i)).filter_map(|i| rows.effect(i)).collect();
    let q: f64 = effects.iter().map(|e| (e.y - mean).powi(2) / e.v).sum();
    let q_df = effects.len().saturating_sub(1);
    let df = q_df as f64;
    Heterogeneity {
        q,
        q_df,
        q_p_value: if q_df > 0 { dist::chi2_sf(q, df) } else { 1.0 },
        i2_q: (q_df > 0).then(|| i2_of_q(q, df)),
        h2: (q_df > 0).then(|| q / df),
        ..Heterogeneity::default()
    }
}

pub(super) fn notes(result: &PoolResult, corrected: bool) -> Vec<Note> {
    let mut notes = row_notes(result.included());
    for note in &mut notes {
        if let Note::Corrected { own, .. } = note {
            *own = !corrected;
        }
    }
    if result.k == 1 {
        notes.insert(0, Note::OneStudy);
    }
    notes
}
