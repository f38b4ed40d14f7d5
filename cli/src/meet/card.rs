//! What is asked of the card: SELECT, who it is, and a proof of its key.

use card_edge::Transmit;
use card_edge::piv::client::Client;
use card_host::{CardKey, proved_key};

use super::number::{self, OtherNumber};
use crate::doctor::link::LinkError;
use crate::pin::card::Here;
use crate::pin::error::{PinError, unanswered};

/// What a card shows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its identity over PKCS#11.
    pub identity: [u8; 16],
    /// The key that it has proved, if it has one.
    pub key: Option<CardKey>,
    /// Its certificates that are those of another card.
    pub others: Vec<OtherNumber>,
}

/// Looks at the card.
///
/// # Errors
/// [`PinError`] where it is not a PIV card, does not answer, or does not prove the key that it names.
pub fn look<T>(client: &mut Client<T>) -> Result<Shown, PinError>
where
    T: Transmit<Error = LinkError>,
{
    let here = Here::select(client)?;
    let mut others = match &here.chuid {
        Some(chuid) => number::of_certificates(client, chuid)?,
        None => Vec::new(),
    };
    let proved = match here.told.suite {
        Some(suite) => Some(proved_key(client, suite).map_err(unanswered)?),
        None => None,
    };
    if let (Some(chuid), Some(proved)) = (&here.chuid, proved) {
        others.extend(number::of_channel_key(chuid, proved.subject));
    }
    Ok(Shown {
        identity: here.identity,
        key: proved.map(|proved| proved.key),
        others,
    })
}
