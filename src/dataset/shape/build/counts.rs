//! Counts: two-by-two tables, pairs, events among patients, events over person-time.

use super::{Built, count, invalid, positive, whole};
use crate::choice::Denominator;
use crate::dataset::shape::{
    Events, NoData, Pairs, Rate, RoleValues, ShapeOptions, ShapeSpec, StudyData, TwoByTwo, TwoRates,
};
use crate::math::last_unit;

pub(in crate::dataset::shape) const TWO_BY_TWO: ShapeSpec = ShapeSpec {
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
    build: |value, options| {
        let (a, b) = arm(value, options, ["events1", "n1", "nonevents1"])?;
        let (c, d) = arm(value, options, ["events2", "n2", "nonevents2"])?;
        if a + b == 0.0 || c + d == 0.0 {
            return Err(NoData::Missing("a group has no patients".into()));
        }
        Ok(StudyData::TwoByTwo(TwoByTwo { a, b, c, d }))
    },
};

/// Events and non-events of a group, by the roles of events, patients and non-events.
fn arm(
    value: RoleValues<'_>,
    options: &ShapeOptions,
    [events, n, non]: [&'static str; 3],
) -> Result<(f64, f64), NoData> {
    let x = count(value, events, options)?;
    match (value(n), value(non)) {
        (Some(total), rest) => {
            let total = whole(n, total, options)?;
            if x > total {
                return invalid(
                    events,
                    format!("{x} events among {total} patients"),
                    "are the columns of events and totals swapped?",
                );
            }
            match rest {
                Some(rest) if (x + rest - total).abs() > 1e-6 => invalid(
                    non,
                    format!("{x} events and {rest} others are not {total} patients"),
                    "give either totals or non-events",
                ),
                _ => Ok((x, total - x)),
            }
        }
        (None, Some(rest)) => Ok((x, whole(non, rest, options)?)),
        (None, None) => Err(NoData::Missing(format!("{n} is not reported"))),
    }
}

pub(in crate::dataset::shape) const TWO_RATES: ShapeSpec = ShapeSpec {
    id: "two-rates",
    aliases: &[],
    title: "events over person-time in two groups",
    reference: "",
    roles: &[("events1", &["x1i"]), ("time1", &["t1i"]), ("events2", &["x2i"]), ("time2", &["t2i"])],
    needs: &[&["events1", "time1", "events2", "time2"]],
    build: |value, options| {
        Ok(StudyData::TwoRates(TwoRates {
            x1: count(value, "events1", options)?,
            t1: positive(value, "time1", "person-time")?,
            x2: count(value, "events2", options)?,
            t2: positive(value, "time2", "person-time")?,
        }))
    },
};

pub(in crate::dataset::shape) const PAIRS: ShapeSpec = ShapeSpec {
    id: "pairs",
    aliases: &[],
    title: "matched pairs",
    reference: "",
    roles: &[("pairs_both", &[]), ("pairs_first", &[]), ("pairs_second", &[]), ("pairs_neither", &[])],
    needs: &[&["pairs_both", "pairs_first", "pairs_second", "pairs_neither"]],
    build: |value, options| {
        let pairs = Pairs {
            both: count(value, "pairs_both", options)?,
            first: count(value, "pairs_first", options)?,
            second: count(value, "pairs_second", options)?,
            neither: count(value, "pairs_neither", options)?,
        };
        if pairs.both + pairs.first + pairs.second + pairs.neither == 0.0 {
            return Err(NoData::Missing("there are no pairs".into()));
        }
        Ok(StudyData::Pairs(pairs))
    },
};

pub(in crate::dataset::shape) const EVENTS: ShapeSpec = ShapeSpec {
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
    build: events,
};

fn events(value: RoleValues<'_>, options: &ShapeOptions) -> Built {
    let n = denominator(value, options)?;
    let bounds = event_bounds(value, options, n)?;
    match (value("events"), bounds) {
        (Some(x), _) => {
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
        (None, Some((min, max))) if min == max => Ok(StudyData::Events(Events { x: min, n })),
        (None, Some((min, max))) => {
            Err(NoData::Missing(format!("known only within bounds: {min} to {max} of {n}")))
        }
        (None, None) => match value("percent") {
            Some(percent) => from_percent(percent, n),
            None => Err(NoData::Missing("events is not reported".into())),
        },
    }
}

/// The patients that a proportion is of.
fn denominator(value: RoleValues<'_>, options: &ShapeOptions) -> Result<f64, NoData> {
    let evaluated = count(value, "n", options)?;
    let enrolled = value("n_enrolled").map(|n| whole("n_enrolled", n, options)).transpose()?;
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
        return Err(NoData::Missing("the group has no patients".into()));
    }
    Ok(n)
}

/// The fewest and the most events, where both are given.
fn event_bounds(value: RoleValues<'_>, options: &ShapeOptions, n: f64) -> Result<Option<(f64, f64)>, NoData> {
    let bound = |role: &'static str| value(role).map(|x| whole(role, x, options)).transpose();
    let (min, max) = (bound("events_min")?, bound("events_max")?);
    let both = min.zip(max);
    if let Some((min, max)) = both.filter(|(min, max)| min > max) {
        let message = format!("the lower bound {min} is above the upper bound {max}");
        return invalid("events_min", message, "swap them?");
    }
    if let Some(max) = max.filter(|max| *max > n) {
        let message = format!("up to {max} events among {n} patients");
        return invalid("events_max", message, "the bound cannot exceed n");
    }
    Ok(both)
}

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
        return Err(NoData::Missing(format!("no count of {n} patients gives {percent}%{fraction}")));
    }
    Ok(StudyData::Events(Events { x, n }))
}

pub(in crate::dataset::shape) const RATE: ShapeSpec = ShapeSpec {
    id: "rate",
    aliases: &[],
    title: "events over person-time in one group",
    reference: "",
    roles: &[("events", &["xi", "event"]), ("time", &["ti"])],
    needs: &[&["events", "time"]],
    build: |value, options| {
        Ok(StudyData::Rate(Rate {
            x: count(value, "events", options)?,
            t: positive(value, "time", "person-time")?,
        }))
    },
};
