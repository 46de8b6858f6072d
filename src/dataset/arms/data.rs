//! The data of arms: added up, divided, and paired.

use crate::dataset::{Events, Mean, PrePost, Rate, StudyData, TwoByTwo, TwoMeans, TwoRates};

/// One arm of a study.
#[derive(Clone)]
pub(super) struct Arm {
    pub level: String,
    /// The levels it was combined from.
    pub of: Vec<String>,
    /// Its row of the data.
    pub row: usize,
    pub data: Result<StudyData, String>,
    pub n: Option<f64>,
}

/// Arms of one group of levels become one arm, at the place of the first.
pub(super) fn merge_alike(arms: Vec<Arm>, combine: &[Vec<String>]) -> Vec<Arm> {
    let group = |a: &Arm| combine.iter().position(|g| g.contains(&a.level));
    let mut out: Vec<(Option<usize>, Vec<Arm>)> = vec![];
    for arm in arms {
        let of = group(&arm);
        match out.iter_mut().find(|(g, _)| g.is_some() && *g == of) {
            Some((_, members)) => members.push(arm),
            None => out.push((of, vec![arm])),
        }
    }
    out.into_iter().map(|(_, members)| merge(&members)).collect()
}

/// Several arms as one.
pub(super) fn merge(members: &[Arm]) -> Arm {
    let mut of: Vec<String> = members.iter().flat_map(|a| a.of.iter().cloned()).collect();
    of.dedup();
    let n = members.iter().map(|a| a.n).sum::<Option<f64>>();
    let data = members[1..].iter().fold(members[0].data.clone(), |sum, arm| match (sum, &arm.data) {
        (Ok(a), Ok(b)) => together(&a, b),
        (Err(reason), _) => Err(reason),
        (_, Err(reason)) => Err(format!("arm {}: {reason}", arm.level)),
    });
    Arm { level: of.join(" + "), of, row: members[0].row, data, n }
}

/// Two like arms as one.
fn together(a: &StudyData, b: &StudyData) -> Result<StudyData, String> {
    match (a, b) {
        (StudyData::Events(a), StudyData::Events(b)) => {
            Ok(StudyData::Events(Events { x: a.x + b.x, n: a.n + b.n }))
        }
        (StudyData::Rate(a), StudyData::Rate(b)) => Ok(StudyData::Rate(Rate { x: a.x + b.x, t: a.t + b.t })),
        _ => match (mean_of(a), mean_of(b)) {
            (Ok(a), Ok(b)) => {
                let n = a.n + b.n;
                let squares = (a.n - 1.0) * a.sd * a.sd
                    + (b.n - 1.0) * b.sd * b.sd
                    + a.n * b.n / n * (a.m - b.m) * (a.m - b.m);
                let m = (a.n * a.m + b.n * b.m) / n;
                Ok(StudyData::Mean(Mean { m, sd: (squares / (n - 1.0)).sqrt(), n }))
            }
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        },
    }
}

/// A mean, or the mean change with its SD.
fn mean_of(data: &StudyData) -> Result<Mean, String> {
    match data {
        StudyData::Mean(m) => Ok(*m),
        StudyData::PrePost(p) => match p.sd_change {
            Some((sd, source)) if !source.is_imputed() => Ok(Mean { m: p.change, sd, n: p.n }),
            _ => Err("the SD of the change is not reported".into()),
        },
        _ => Err("it has no mean".into()),
    }
}

/// An arm of which each of m comparisons has a part.
pub(super) fn divided(data: &StudyData, m: f64) -> StudyData {
    match *data {
        StudyData::Events(e) => StudyData::Events(Events { x: e.x / m, n: e.n / m }),
        StudyData::Rate(r) => StudyData::Rate(Rate { x: r.x / m, t: r.t / m }),
        StudyData::Mean(mean) => StudyData::Mean(Mean { n: mean.n / m, ..mean }),
        StudyData::PrePost(p) => StudyData::PrePost(PrePost { n: p.n / m, ..p }),
        other => other,
    }
}

/// An arm and its control as data of two groups.
pub(super) fn two_groups(arm: &Arm, control: &Arm) -> Result<StudyData, String> {
    let of = |a: &Arm| a.data.clone().map_err(|reason| format!("arm {}: {reason}", a.level));
    match (of(arm)?, of(control)?) {
        (StudyData::Events(x), StudyData::Events(y)) => {
            Ok(StudyData::TwoByTwo(TwoByTwo { a: x.x, b: x.n - x.x, c: y.x, d: y.n - y.x }))
        }
        (StudyData::Rate(x), StudyData::Rate(y)) => {
            Ok(StudyData::TwoRates(TwoRates { x1: x.x, t1: x.t, x2: y.x, t2: y.t }))
        }
        (x, y) => {
            let x = mean_of(&x).map_err(|reason| format!("arm {}: {reason}", arm.level))?;
            let y = mean_of(&y).map_err(|reason| format!("arm {}: {reason}", control.level))?;
            Ok(StudyData::TwoMeans(TwoMeans { m1: x.m, sd1: x.sd, n1: x.n, m2: y.m, sd2: y.sd, n2: y.n }))
        }
    }
}
