//! Choices of how results and pictures are shown.

choices! {
    /// The form of a result.
    Format = "form of a result" {
        /// Aligned text.
        Table = "table", "aligned text", "";
        /// JSON, all numbers in full precision.
        Json = "json", "JSON, all numbers in full precision", "";
        /// CSV in full precision; but for `effects`, a column `kind` says what each row is.
        Csv = "csv", "CSV in full precision; but for `effects`, a column `kind` says what each row is", "";
        /// Markdown.
        Markdown = "markdown", "Markdown", "";
    }
}

choices! {
    /// Which studies are named in charts.
    #[derive(Default)]
    Naming = "choice of names" {
        /// Studies that stand out.
        #[default]
        Outliers = "outliers", "studies that stand out", "";
        /// All that find room.
        All = "all", "all that find room", "";
        /// None.
        None = "none", "none", "";
    }
}

choices! {
    /// The axes of a L'Abbé plot.
    Axes = "kind of axes" {
        /// Equal differences take equal room.
        Linear = "linear", "equal differences take equal room", "";
        /// Equal ratios take equal room.
        Log = "log", "equal ratios take equal room", "";
    }
}
