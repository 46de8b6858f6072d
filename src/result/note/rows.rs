//! Of the rows of the data: what was noticed while they were read.

use super::{Note, Words, names, plural, words};
use crate::effect::{EffectTable, Noticed, Scale, ScaleEvidence, SharedControl, Values};

impl Note {
    /// What the rows of a table and the reading of ready values say.
    pub(crate) fn of_rows(table: &EffectTable) -> Vec<Self> {
        let mut notes: Vec<Self> = table.noticed.iter().cloned().map(Self::Noticed).collect();
        let ready = table.options.ready;
        let scale = table.scale();
        if table.is_ready() && scale != Scale::Identity {
            if ready.evidence != ScaleEvidence::Said {
                notes.push(Self::ReadValues { ready, scale });
            } else if ready.se == Values::Natural {
                notes.push(Self::NaturalErrors);
            }
        }
        notes
    }
}

pub(super) fn noticed(noticed: &Noticed) -> Words {
    match noticed {
        Noticed::SetAside { rows } => set_aside(rows),
        Noticed::SumRows { rows } => sum_rows(rows),
        Noticed::DoubleRows { pairs } => double_rows(pairs),
        Noticed::AllImputed => words(
            "all-imputed",
            "the SD of every change is imputed with the correlation given: nothing here is primary",
            "say so where it is quoted, and compare other correlations: ⟦correlation=0.5⟧, `0.9`",
        ),
        Noticed::Repeated { labels, column } => repeated(labels, column.as_deref()),
        Noticed::Caution { message, hint } => words("data-caution", message, hint),
        Noticed::ArmsCombined { levels, studies } => words(
            "arms-combined",
            format!("arms were combined into one ({}) in {}", levels.join("; "), names(studies)),
            "say so in the report",
        ),
        Noticed::SharedControl { how, studies } => shared_control(*how, studies),
        Noticed::ArmsDiffer { column, studies } => words(
            "arms-differ",
            format!(
                "`{column}` differs between the arms of {}: it is left empty for the comparison",
                names(studies)
            ),
            "write the same value in all rows of a study",
        ),
        Noticed::LevelCase { asked, found } => words(
            "level-case",
            format!("`{asked}` is read as `{found}`, which differs in case alone"),
            "write both alike",
        ),
    }
}

fn set_aside(rows: &[(String, usize)]) -> Words {
    let what = if rows.len() == 1 { "a row labelled as a total was" } else { "rows labelled as totals were" };
    words(
        "totals-set-aside",
        format!("{what} set aside, not pooled: {}", lines(rows)),
        "if such a row is a study, rename it",
    )
}

fn sum_rows(rows: &[((String, usize), Vec<String>)]) -> Words {
    let equal = |((row, line), of): &((String, usize), Vec<String>)| {
        format!("`{row}` (line {line}) equals the sum of {} in every count", names(of))
    };
    let each: Vec<String> = rows.iter().take(6).map(equal).collect();
    words(
        "sum-of-rows",
        each.join("; ") + &more(rows.len()),
        "a subtotal? leave it out with ⟦where⟧; small counts also add up by chance",
    )
}

fn double_rows(pairs: &[[(String, usize); 2]]) -> Words {
    let same =
        |pair: &[(String, usize); 2]| format!("{} hold the same numbers", lines(pair).replace(", ", " and "));
    let each: Vec<String> = pairs.iter().take(6).map(same).collect();
    words(
        "double-row",
        each.join("; ") + &more(pairs.len()),
        "the same study twice? then delete one of the lines",
    )
}

fn repeated(labels: &[String], column: Option<&str>) -> Words {
    let cluster = column.map_or_else(
        || "⟦pool: cluster=COLUMN⟧, a column that names the study,".to_string(),
        |c| format!("⟦pool: cluster={c}⟧"),
    );
    words(
        "duplicate-labels",
        format!(
            "several rows have the same label ({}): effects of one study depend on each other, and are pooled here as if \
             they did not",
            names(labels)
        ),
        format!(
            "{cluster} makes the interval and test of the inverse-variance mean allow for the dependence \
             (cluster-robust standard error, degrees of freedom from the number of studies)"
        ),
    )
}

fn shared_control(how: SharedControl, studies: &[String]) -> Words {
    let (what, hint) = match how {
        SharedControl::Split => (
            "the control group is divided evenly among the comparisons",
            "comparisons of one study still depend on each other a little; compare ⟦shared-control=combine⟧",
        ),
        SharedControl::Combine => ("all other arms are combined into one", "say so in the report"),
        SharedControl::First => ("the first other arm alone is compared", "say so in the report"),
    };
    let count = plural(studies.len(), "study", "studies");
    words("shared-control", format!("{count} with several arms ({}): {what}", names(studies)), hint)
}

fn lines(rows: &[(String, usize)]) -> String {
    let shown: Vec<String> = rows.iter().map(|(label, line)| format!("`{label}` (line {line})")).collect();
    names(&shown)
}

/// How many there are beyond the first six.
fn more(count: usize) -> String {
    if count > 6 { format!("; and {} more", count - 6) } else { String::new() }
}
