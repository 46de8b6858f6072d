//! Which mixed model two groups of counts are given.

/// The definition of a [`GlmmModel`].
#[derive(Debug)]
pub struct GlmmModelSpec {
    /// The code on the command line.
    pub id: &'static str,
    /// Other codes.
    pub aliases: &'static [&'static str],
    /// In words.
    pub title: &'static str,
    /// Key in `references.bib`.
    pub reference: &'static str,
}

const fn spec(id: &'static str, title: &'static str) -> GlmmModelSpec {
    GlmmModelSpec { id, aliases: &[], title, reference: "jackson2018" }
}

const FS: GlmmModelSpec = spec("UM.FS", "unconditional, fixed study effects");
const RS: GlmmModelSpec = spec("UM.RS", "unconditional, random study effects");
const EL: GlmmModelSpec = spec("CM.EL", "conditional, exact likelihood");
const AL: GlmmModelSpec = spec("CM.AL", "conditional, approximate likelihood");

registry! {
    /// The mixed model of two groups.
    GlmmModel(GlmmModelSpec) = "mixed model of two groups" {
        /// A free baseline risk in every study.
        FixedStudies => FS,
        /// Normally distributed baseline risks.
        RandomStudies => RS,
        /// All margins held: non-central hypergeometric.
        ConditionalExact => EL,
        /// Events of both groups held: binomial.
        ConditionalApproximate => AL,
    }
}
