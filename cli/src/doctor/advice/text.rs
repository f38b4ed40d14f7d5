//! What a finding in words consists of.

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What is wrong, in one sentence.
    pub headline: String,
    /// Why, or how it is known.
    pub reason: String,
    /// What to do, one step each, the likeliest first.
    pub next: Vec<String>,
}

impl Advice {
    pub(super) fn new(
        headline: impl Into<String>,
        reason: impl Into<String>,
        next: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            headline: headline.into(),
            reason: reason.into(),
            next: next.into_iter().map(Into::into).collect(),
        }
    }
}
