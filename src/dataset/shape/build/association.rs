//! Correlations and reliability.

use super::{correlation, group_size, invalid, need};
use crate::dataset::shape::{Correlation, Partial, Reliability, ShapeSpec, StudyData};

pub(in crate::dataset::shape) const CORRELATION: ShapeSpec = ShapeSpec {
    id: "correlation",
    aliases: &[],
    title: "a correlation",
    reference: "",
    roles: &[("r", &["ri"]), ("n", &["ni"])],
    needs: &[&["r", "n"]],
    build: |value, _| {
        Ok(StudyData::Correlation(Correlation {
            r: correlation("r", need(value, "r")?)?,
            n: group_size(value, "n")?,
        }))
    },
};

pub(in crate::dataset::shape) const PARTIAL: ShapeSpec = ShapeSpec {
    id: "partial-correlation",
    aliases: &[],
    title: "a partial correlation",
    reference: "",
    roles: &[("t", &["ti"]), ("r", &["ri"]), ("n", &["ni"]), ("predictors", &["mi"]), ("r2", &["r2i"])],
    needs: &[&["t", "n", "predictors"], &["r", "n", "predictors"]],
    build: |value, _| {
        let n = group_size(value, "n")?;
        let predictors = need(value, "predictors")?;
        let df = n - predictors - 1.0;
        if predictors < 1.0 || df <= 0.0 {
            return invalid(
                "predictors",
                format!("{predictors} predictors with {n} patients"),
                "there must be fewer predictors than patients",
            );
        }
        let r2 = value("r2");
        if let Some(r2) = r2
            && !(0.0..=1.0).contains(&r2)
        {
            return invalid("r2", format!("R² is {r2}"), "it lies between 0 and 1; is it a percentage?");
        }
        let t = match value("t") {
            Some(t) => t,
            None => {
                let r = correlation("r", need(value, "r")?)?;
                r * (df / (1.0 - r * r)).sqrt()
            }
        };
        Ok(StudyData::Partial(Partial { t, n, predictors, r2 }))
    },
};

pub(in crate::dataset::shape) const RELIABILITY: ShapeSpec = ShapeSpec {
    id: "reliability",
    aliases: &[],
    title: "a reliability coefficient",
    reference: "",
    roles: &[("alpha", &["ai"]), ("items", &["mi"]), ("n", &["ni"])],
    needs: &[&["alpha", "items", "n"]],
    build: |value, _| {
        let alpha = need(value, "alpha")?;
        if alpha > 1.0 {
            return invalid(
                "alpha",
                format!("alpha is {alpha}"),
                "a reliability is at most 1; is it a percentage?",
            );
        }
        let items = need(value, "items")?;
        if items < 2.0 {
            return invalid("items", format!("a scale of {items} items"), "alpha needs 2 items or more");
        }
        Ok(StudyData::Reliability(Reliability { alpha, items, n: group_size(value, "n")? }))
    },
};
