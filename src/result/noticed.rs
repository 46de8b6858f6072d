//! Words for what was noticed about the rows while they were read.

use super::note::{Note, names, plural};
use crate::effect::{EffectTable, Noticed, ReadyScale, Scale, ScaleEvidence, SharedControl, Values};

impl Note {
    /// What the rows of a table and the reading of ready values say.
    pub(crate) fn of_rows(table: &EffectTable) -> Vec<Self> {
        let mut notes: Vec<Self> = table.noticed.iter().cloned().map(Self::Noticed).collect();
        let ready = table.options.ready;
        let spec = table.measure().spec();
        if table.is_ready() && spec.scale != Scale::Identity {
            if ready.evidence != ScaleEvidence::Said {
                notes.push(Self::ReadValues { ready, scale: spec.scale });
            } else if ready.se == Values::Natural {
                notes.push(Self::NaturalErrors);
            }
        }
        notes
    }
}

fn lines(rows: &[(String, usize)]) -> String {
    let shown: Vec<String> = rows.iter().map(|(label, line)| format!("`{label}` (line {line})")).collect();
    names(&shown)
}

/// How many there are beyond the first six.
fn more(count: usize) -> String {
    if count > 6 { format!("; and {} more", count - 6) } else { String::new() }
}

/// A stable code for scripts.
pub(super) fn code(noticed: &Noticed) -> &'static str {
    match noticed {
        Noticed::SetAside { .. } => "totals-set-aside",
        Noticed::SumRows { .. } => "sum-of-rows",
        Noticed::DoubleRows { .. } => "double-row",
        Noticed::AllImputed => "all-imputed",
        Noticed::Repeated { .. } => "duplicate-labels",
        Noticed::Caution { .. } => "data-caution",
        Noticed::ArmsCombined { .. } => "arms-combined",
        Noticed::SharedControl { .. } => "shared-control",
        Noticed::ArmsDiffer { .. } => "arms-differ",
        Noticed::LevelCase { .. } => "level-case",
    }
}

/// In words.
pub(super) fn message(noticed: &Noticed) -> String {
    match noticed {
        Noticed::SetAside { rows } => format!(
            "{} set aside, not pooled: {}",
            if rows.len() == 1 { "a row labelled as a total was" } else { "rows labelled as totals were" },
            lines(rows)
        ),
        Noticed::SumRows { rows } => {
            let each: Vec<String> = rows
                .iter()
                .take(6)
                .map(|((row, line), of)| {
                    format!("`{row}` (line {line}) equals the sum of {} in every count", names(of))
                })
                .collect();
            each.join("; ") + &more(rows.len())
        }
        Noticed::DoubleRows { pairs } => {
            let each: Vec<String> = pairs
                .iter()
                .take(6)
                .map(|pair| format!("{} hold the same numbers", lines(pair).replace(", ", " and ")))
                .collect();
            each.join("; ") + &more(pairs.len())
        }
        Noticed::AllImputed => {
            "the SD of every change is imputed with the correlation given: nothing here is primary".into()
        }
        Noticed::Repeated { labels, .. } => format!(
            "several rows have the same label ({}): effects of one study depend on each other, and are pooled here as if \
             they did not",
            names(labels)
        ),
        Noticed::Caution { message, .. } => message.clone(),
        Noticed::ArmsCombined { levels, studies } => {
            format!("arms were combined into one ({}) in {}", levels.join("; "), names(studies))
        }
        Noticed::SharedControl { how, studies } => {
            let what = match how {
                SharedControl::Split => "the control group is divided evenly among the comparisons",
                SharedControl::Combine => "all other arms are combined into one",
                SharedControl::First => "the first other arm alone is compared",
            };
            format!(
                "{} with several arms ({}): {what}",
                plural(studies.len(), "study", "studies"),
                names(studies)
            )
        }
        Noticed::ArmsDiffer { column, studies } => {
            format!(
                "`{column}` differs between the arms of {}: it is left empty for the comparison",
                names(studies)
            )
        }
        Noticed::LevelCase { asked, found } => {
            format!("`{asked}` is read as `{found}`, which differs in case alone")
        }
    }
}

/// What to do about it.
pub(super) fn hint(noticed: &Noticed) -> String {
    match noticed {
        Noticed::SetAside { .. } => "if such a row is a study, rename it".into(),
        Noticed::SumRows { .. } => {
            "a subtotal? leave it out with ⟦where⟧; small counts also add up by chance".into()
        }
        Noticed::DoubleRows { .. } => "the same study twice? then delete one of the lines".into(),
        Noticed::AllImputed => {
            "say so where it is quoted, and compare other correlations: ⟦correlation=0.5⟧, `0.9`".into()
        }
        Noticed::Repeated { column, .. } => {
            let cluster = column.as_ref().map_or_else(
                || "⟦pool: cluster=COLUMN⟧, a column that names the study,".to_string(),
                |c| format!("⟦pool: cluster={c}⟧"),
            );
            format!(
                "{cluster} makes the interval and test of the inverse-variance mean allow for the dependence \
                 (cluster-robust standard error, degrees of freedom from the number of studies)"
            )
        }
        Noticed::Caution { hint, .. } => hint.clone(),
        Noticed::ArmsCombined { .. } => "say so in the report".into(),
        Noticed::SharedControl { how: SharedControl::Split, .. } => {
            "comparisons of one study still depend on each other a little; compare ⟦shared-control=combine⟧"
                .into()
        }
        Noticed::SharedControl { .. } => "say so in the report".into(),
        Noticed::ArmsDiffer { .. } => "write the same value in all rows of a study".into(),
        Noticed::LevelCase { .. } => "write both alike".into(),
    }
}

/// How ready values were read, and what told it.
pub(super) fn read_values(ready: &ReadyScale, scale: Scale) -> String {
    let analysis = format!("on the {} scale", scale.title());
    let other = match ready.values {
        Values::Natural => format!("as natural values; {} is taken of them", article(scale)),
        Values::Analysis => format!("{analysis} already"),
    };
    let why = match (ready.evidence, ready.values) {
        (ScaleEvidence::Limits, Values::Natural) => {
            format!("their limits are symmetric about them {analysis} and not as they stand")
        }
        (ScaleEvidence::Limits, Values::Analysis) => {
            "their limits are symmetric about them as they stand, and would not be if transformed".into()
        }
        (ScaleEvidence::Range, _) => "some are impossible as natural values".into(),
        _ => "so the name of their column says, and nothing speaks against it".into(),
    };
    let se = match ready.se {
        Values::Natural => {
            "; the standard errors fit the limits on the natural scale and are turned by the delta method"
        }
        Values::Analysis => "",
    };
    format!("estimates are read {other}: {why}{se}")
}

/// What is taken of natural values.
fn article(scale: Scale) -> String {
    match scale {
        Scale::Log => "the logarithm".into(),
        Scale::Logit => "the logit".into(),
        _ => format!("the {} transformation", scale.title()),
    }
}
