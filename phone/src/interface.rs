//! The interface over which commands come.

use serde::{Deserialize, Serialize};

/// A property of the link to the reader, not of the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// Contacts, or a link that only its holder can use.
    Contact,
    /// The air: whoever comes near can send commands.
    Contactless,
}
