//! Which key a card proves, whatever it was first met with.

use card_edge::Transmit;
use card_edge::piv::client::{ChannelError, Client, ClientError};
use card_edge::piv::secure_messaging::CipherSuite;
use card_edge::piv::secure_messaging::certificate::Subject;

use crate::host_key::HostKey;
use crate::known_cards::CardKey;

/// A key that a card has proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The key.
    pub key: CardKey,
    /// Whose it is, as the certificate says that came with it.
    pub subject: Subject,
}

/// Lets a selected card prove its key for secure messaging, of this suite. No channel stays open.
///
/// # Errors
/// As [`Client::open_channel`].
pub fn proved_key<T: Transmit>(
    client: &mut Client<T>,
    suite: CipherSuite,
) -> Result<Proved, ClientError<T::Error>> {
    let host = HostKey::generate(suite).ok_or(ChannelError::Point)?;
    let mut proved = None;
    client.open_channel(suite, host, |certificate| {
        proved = Some(Proved {
            key: CardKey::of(suite, certificate),
            subject: certificate.body.subject,
        });
        true
    })?;
    client.take_channel();
    Ok(proved.ok_or(ChannelError::NotTrusted)?)
}
