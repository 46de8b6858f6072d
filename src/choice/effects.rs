//! Choices of how effects are computed from what studies report.

choices! {
    /// Where a continuity correction is added.
    #[derive(Default)]
    CorrectWhere = "place of a continuity correction" {
        /// To studies with an empty cell.
        #[default]
        Only0 = "only0", "to studies with an empty cell", "";
        /// To every study.
        All = "all", "to every study", "";
        /// To every study, if any has an empty cell.
        If0All = "if0all", "to every study, if any has an empty cell", "";
        /// To studies with an empty cell, in proportion to the size of the group.
        Tacc = "tacc", "to studies with an empty cell, in proportion to the size of the group", "";
        /// Nowhere.
        None = "none", "nowhere", "";
    }
}

choices! {
    /// What becomes of studies without events, or with events only, in both groups. They say nothing about a ratio: what
    /// they would get from a correction is the correction. Reference: \[higgins2019\], 10.4.4.
    #[derive(Default)]
    DoubleZero = "choice of what becomes of studies without events" {
        /// Not estimable for ratios and what is made of them, kept for differences.
        #[default]
        Auto = "auto", "not estimable for ratios and what is made of them, kept for differences", "";
        /// Kept, with a correction.
        Keep = "keep", "kept, with a correction", "";
        /// Left out.
        Drop = "drop", "left out", "";
    }
}

choices! {
    /// The scale on which ready values stand.
    #[derive(Default)]
    Values = "scale of values" {
        /// As people read it: ratios, proportions.
        Natural = "natural", "as people read it: ratios, proportions", "";
        /// Logarithms of ratios, logits of proportions.
        #[default]
        Analysis = "analysis", "logarithms of ratios, logits of proportions", "";
    }
}

choices! {
    /// What becomes of the reference arm of a study with several other arms.
    SharedControl = "way to share a control group" {
        /// Its patients are divided evenly among the comparisons.
        Split = "split", "its patients are divided evenly among the comparisons", "";
        /// The other arms are combined into one.
        Combine = "combine", "the other arms are combined into one", "";
        /// It is compared with the first other arm alone.
        First = "first", "it is compared with the first other arm alone", "";
    }
}

choices! {
    /// Which formula for the sampling variance, where a measure has several.
    #[allow(clippy::upper_case_acronyms, reason = "the field's codes")]
    Variance = "variance" {
        /// Large-sample variance.
        LS = "LS", "large-sample variance", "";
        /// Unbiased variance.
        UB = "UB", "unbiased variance", "";
        /// Large-sample variance, alternative form.
        LS2 = "LS2", "large-sample variance, alternative form", "";
        /// Variance at the average effect of all studies.
        AV = "AV", "variance at the average effect of all studies", "";
        /// Equal variances in both groups.
        HO = "HO", "equal variances in both groups", "";
        /// Average effect and equal variances.
        AVHO = "AVHO", "average effect and equal variances", "";
        /// Stratified sampling.
        ST = "ST", "stratified sampling", "";
        /// Cross-sectional sampling.
        CS = "CS", "cross-sectional sampling", "";
    }
}

choices! {
    /// Which standard deviation divides a change.
    #[derive(Default)]
    Standardizer = "standardiser" {
        /// The SD after treatment (metafor's sd1i).
        #[default]
        Post = "post", "the SD after treatment (metafor's sd1i)", "";
        /// The SD before treatment.
        Pre = "pre", "the SD before treatment", "";
    }
}

choices! {
    /// Which patients a proportion is of.
    #[derive(Default)]
    Denominator = "denominator" {
        /// Those evaluated.
        #[default]
        Evaluated = "evaluated", "those evaluated", "";
        /// Those enrolled; the ones not evaluated count as without event.
        Enrolled = "enrolled", "those enrolled; the ones not evaluated count as without event", "";
    }
}
