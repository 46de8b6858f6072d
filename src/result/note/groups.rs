//! Of groups and moderators.

use super::{Words, named_reasons, names, plural, words};

pub(super) fn moderator_missing(studies: &[String]) -> Words {
    let count = plural(studies.len(), "study is", "studies are");
    words(
        "moderator-missing",
        format!("{count} left out, because a moderator is missing: {}", names(studies)),
        "say so in the report, or look the values up in its sources",
    )
}

pub(super) fn subgroup_missing(column: &str, studies: &[String]) -> Words {
    let count = plural(studies.len(), "study has", "studies have");
    let they = if studies.len() == 1 { "it is" } else { "they are" };
    words(
        "subgroup-missing",
        format!("{count} no value of `{column}`: {}", names(studies)),
        format!("{they} in the overall estimate, and in no group and no test of groups; fill the value in"),
    )
}

pub(super) fn subgroups_not_pooled(groups: &[(String, String)]) -> Words {
    let count = plural(groups.len(), "subgroup has", "subgroups have");
    words(
        "subgroups-not-pooled",
        format!("{count} no estimate: {}", named_reasons(groups)),
        "they are in no test of differences; say so in the report",
    )
}

pub(super) fn subgroups_of_two(groups: &[String]) -> Words {
    words(
        "subgroups-of-two",
        format!(
            "only 2 studies in {}: an interval with one degree of freedom is hardly informative",
            names(groups)
        ),
        "show the studies; the test of differences draws on all groups together",
    )
}

pub(super) fn subgroup_test_cautious(df: &usize) -> Words {
    words(
        "subgroup-test-cautious",
        format!(
            "the test of subgroup differences is conservative here ({} within groups): it misses differences that there are",
            plural(*df, "degree of freedom", "degrees of freedom")
        ),
        "a large p is no evidence that groups are alike: quote each group with its interval",
    )
}

pub(super) fn levels_alike(column: &str, levels: &[Vec<String>]) -> Words {
    let quoted = |set: &Vec<String>| set.iter().map(|l| format!("`{l}`")).collect::<Vec<_>>().join(" and ");
    let sets: Vec<String> = levels.iter().map(quoted).collect();
    words(
        "levels-alike",
        format!("levels of `{column}` differ in case or blanks only: {}", sets.join("; ")),
        "they are kept apart as written; if they mean the same, write them alike in the data",
    )
}

pub(super) fn aliased(terms: &[String]) -> Words {
    words(
        "aliased",
        format!(
            "{} left out: constant, or a combination of the terms before: {}",
            plural(terms.len(), "coefficient is", "coefficients are"),
            names(terms)
        ),
        "leave it out of the formula, or another term that says the same",
    )
}

pub(super) fn few_studies_per_moderator(k: &usize, coefficients: &usize) -> Words {
    words(
        "few-studies-per-moderator",
        format!(
            "{k} studies for {}: fewer than ten for each",
            plural(*coefficients, "moderator coefficient", "moderator coefficients")
        ),
        "read it as an exploration; a permutation test (⟦permute⟧) needs no distribution",
    )
}

pub(super) fn few_clusters(clusters: &usize) -> Words {
    words(
        "few-clusters",
        format!("{clusters} clusters: robust variances are themselves uncertain with fewer than twenty"),
        "keep ⟦robust=CR2⟧, and distrust tests with fewer than four degrees of freedom",
    )
}

pub(super) fn models_selected(models: &usize) -> Words {
    words(
        "models-selected",
        format!(
            "the best of {models} models is chosen by the data: its p-values and intervals are too optimistic"
        ),
        "report the search, and the weight of each term over all models",
    )
}
