//! Means.

use super::{group_size, need, sd};
use crate::dataset::shape::{Mean, ShapeSpec, StudyData, TwoMeans};

pub(in crate::dataset::shape) const TWO_MEANS: ShapeSpec = ShapeSpec {
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
    build: |value, _| {
        Ok(StudyData::TwoMeans(TwoMeans {
            m1: need(value, "mean1")?,
            sd1: sd(value, "sd1")?,
            n1: group_size(value, "n1")?,
            m2: need(value, "mean2")?,
            sd2: sd(value, "sd2")?,
            n2: group_size(value, "n2")?,
        }))
    },
};

pub(in crate::dataset::shape) const MEAN: ShapeSpec = ShapeSpec {
    id: "mean",
    aliases: &[],
    title: "a mean in one group",
    reference: "",
    roles: &[("mean", &["mi"]), ("sd", &["sdi"]), ("n", &["ni"])],
    needs: &[&["mean", "sd", "n"]],
    build: |value, _| {
        Ok(StudyData::Mean(Mean {
            m: need(value, "mean")?,
            sd: sd(value, "sd")?,
            n: group_size(value, "n")?,
        }))
    },
};
