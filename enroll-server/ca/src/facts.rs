//! What is known of a certificate's subject.

use enroll_server_model::Guid;

/// What is known of the subject: the holder's record, the card, the server. A profile takes of it what it needs.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The organisation.
    pub organisation: String,
    /// The holder's name.
    pub name: String,
    /// The holder's mail address.
    pub email: String,
    /// The holder's user principal name.
    pub upn: String,
    /// The card's GUID.
    pub guid: Guid,
    /// The server's host name or address.
    pub host: String,
}
