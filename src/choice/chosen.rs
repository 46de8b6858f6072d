//! A choice that may be left to the model, or be to have none.

/// What was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chosen<T> {
    /// What the model takes by itself.
    #[default]
    Auto,
    /// None.
    None,
    /// This one.
    Of(T),
}

impl<T> Chosen<T> {
    /// The one that was named.
    pub fn named(self) -> Option<T> {
        match self {
            Self::Of(one) => Some(one),
            Self::Auto | Self::None => None,
        }
    }

    /// What is in force; `auto` where the choice was left to the model.
    pub fn or_else(self, auto: impl FnOnce() -> Option<T>) -> Option<T> {
        match self {
            Self::Auto => auto(),
            Self::None => None,
            Self::Of(one) => Some(one),
        }
    }

    /// Whether the choice was left to the model.
    pub fn is_auto(&self) -> bool {
        matches!(self, Self::Auto)
    }
}
