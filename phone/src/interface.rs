//! The interface over which commands come.

/// A property of the link to the reader, not of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// Contacts, or a link that only its holder can use.
    Contact,
    /// The air: whoever comes near can send commands.
    Contactless,
}
