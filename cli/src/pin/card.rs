//! What goes to the card: questions that cost no try, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-5 part 2,
//! 3.2.2 and 3.2.3). Pure over a [`Transmit`].

use card_edge::Transmit;
use card_edge::apdu::Instruction;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::{AsymmetricKey, ObjectId, Pin, PinReference, Puk, discovery, pkcs11};
use card_edge::{Status, transmit::ExchangeError};
use thiserror::Error;

use crate::doctor::finding::Finding;
use crate::doctor::link::{CardDisposition, LinkError, answer_fault};
use crate::doctor::piv::pin;
use crate::doctor::piv::{PinReport, PinState};

/// A way to a card, for one transaction after another.
pub trait CardAccess {
    /// Does some work with the card, which nobody else can use meanwhile.
    ///
    /// # Errors
    /// Why the card cannot be reached.
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>) -> (R, CardDisposition) + Send + 'static;
}

/// What a card's PIN is asked or told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// The PIV PIN.
    Pin,
    /// The PUK.
    Puk,
}

impl Presented {
    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Pin => "PIN",
            Self::Puk => "PUK",
        }
    }
}

/// Which card it is, and what it says of its PINs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardPins {
    /// Its identity over PKCS#11.
    pub identity: [u8; 16],
    /// The PINs that it has, and its PUK where it tells of it.
    pub pins: Vec<PinReport>,
}

impl CardPins {
    /// What it says of the PIV PIN or the PUK.
    #[must_use]
    pub fn state(&self, presented: Presented) -> PinState {
        let name = match presented {
            Presented::Pin => "PIV",
            Presented::Puk => "PUK",
        };
        let mut found = self.pins.iter().filter(|pin| pin.reference == name);
        found.next().map_or(PinState::Unknown, |pin| pin.state)
    }

    /// The tries that the PIV PIN or the PUK has left, where it tells.
    #[must_use]
    pub fn tries_left(&self, presented: Presented) -> Option<u8> {
        let name = match presented {
            Presented::Pin => "PIV",
            Presented::Puk => "PUK",
        };
        let mut found = self.pins.iter().filter(|pin| pin.reference == name);
        found.next().and_then(|pin| pin.tries_left)
    }
}

/// Why a card did not do what was asked.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PinError {
    /// There is no PIV application on it.
    #[error("the card is not a PIV card")]
    NotPiv,
    /// It is another card than before.
    #[error("another card is in the reader now")]
    OtherCard,
    /// What was presented is wrong.
    #[error("the {} is wrong", presented.words())]
    Wrong {
        /// What was presented.
        presented: Presented,
        /// How often it may still be, where the card tells.
        tries_left: Option<u8>,
    },
    /// What was presented is blocked.
    #[error("the {} is blocked", .0.words())]
    Blocked(Presented),
    /// The card does not do this over this interface, or not at all.
    #[error("the card does not allow this here: {0}")]
    NotAllowed(Status),
    /// The card refuses the new value.
    #[error("the card does not take the new PIN: {0}")]
    NewRefused(Status),
    /// The card answered something else.
    #[error("{0}")]
    Answer(String),
    /// The link broke, and nothing was changed.
    #[error("{0}")]
    Link(LinkError),
    /// The link broke while the new PIN was on its way: the card has the old one or the new one.
    #[error("no answer came: {0}")]
    Interrupted(LinkError),
}

/// Asks the card what it says of its PINs. Costs no try.
///
/// # Errors
/// [`PinError`] where it is not a PIV card or does not answer.
pub fn ask<T>(client: &mut Client<T>) -> Result<CardPins, PinError>
where
    T: Transmit<Error = LinkError>,
{
    match client.select() {
        Ok(_) | Err(ClientError::Malformed(..)) => {}
        Err(ClientError::NoPivApplication(_)) => return Err(PinError::NotPiv),
        Err(error) => return Err(answer(error)),
    }
    let discovery = match client.get_data(ObjectId::Discovery) {
        Ok(content) => content,
        Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
    };
    let policy = discovery.and_then(|content| discovery::decode(&content).ok());
    let guid = match client.chuid() {
        Ok(chuid) => chuid.map(|chuid| chuid.guid),
        Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
    };
    let certificate = match guid.filter(|guid| !guid.is_nil()) {
        Some(_) => None,
        None => match client.certificate(AsymmetricKey::PivAuthentication) {
            Ok(certificate) => certificate,
            Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
        },
    };
    // What else is wrong with them is the doctor's to say.
    let pins = pin::examine(client, policy, false, &mut Vec::new()).map_err(PinError::Link)?;
    Ok(CardPins {
        identity: pkcs11::identity(guid, certificate.as_deref()),
        pins: pins.reports,
    })
}

/// A new PIN by the old one, on the card with this identity. The PIN does not count as verified afterwards.
///
/// # Errors
/// [`PinError`]: nothing was changed, unless it is [`PinError::Interrupted`].
pub fn change<T>(
    client: &mut Client<T>,
    identity: [u8; 16],
    old: &Pin,
    new: &Pin,
) -> Result<(CardPins, CardDisposition), PinError>
where
    T: Transmit<Error = LinkError>,
{
    same_card(client, identity)?;
    client
        .change_pin(old, new)
        .map_err(|error| refusal(error, Presented::Pin))?;
    Ok(after(client, identity))
}

/// A new PIN by the PUK, on the card with this identity.
///
/// # Errors
/// As [`change`].
pub fn unblock<T>(
    client: &mut Client<T>,
    identity: [u8; 16],
    puk: &Puk,
    new: &Pin,
) -> Result<(CardPins, CardDisposition), PinError>
where
    T: Transmit<Error = LinkError>,
{
    same_card(client, identity)?;
    client
        .reset_retry_counter(puk, new)
        .map_err(|error| refusal(error, Presented::Puk))?;
    Ok(after(client, identity))
}

fn same_card<T>(client: &mut Client<T>, identity: [u8; 16]) -> Result<(), PinError>
where
    T: Transmit<Error = LinkError>,
{
    if ask(client)?.identity == identity {
        Ok(())
    } else {
        Err(PinError::OtherCard)
    }
}

/// Takes the verification back that the card may keep, by a reset where it does not know how else, and asks again. A card
/// that leaves meanwhile has done what it should: it then says nothing of its PINs.
fn after<T>(client: &mut Client<T>, identity: [u8; 16]) -> (CardPins, CardDisposition)
where
    T: Transmit<Error = LinkError>,
{
    let disposition = match client.reset_verification(PinReference::PivPin) {
        Ok(()) => CardDisposition::Leave,
        Err(_) => CardDisposition::Reset,
    };
    let pins = ask(client).unwrap_or(CardPins {
        identity,
        pins: Vec::new(),
    });
    (pins, disposition)
}

fn refusal(error: ClientError<LinkError>, presented: Presented) -> PinError {
    match error {
        ClientError::Wrong(0) | ClientError::Blocked => PinError::Blocked(presented),
        ClientError::Wrong(tries_left) => PinError::Wrong {
            presented,
            tries_left: Some(tries_left),
        },
        ClientError::NotAuthorised(_) => PinError::NotAllowed(Status::SecurityStatusNotSatisfied),
        ClientError::Refused(
            Instruction::ChangeReferenceData | Instruction::ResetRetryCounter,
            status,
        ) => match status {
            Status::IncorrectData | Status::WrongLength => PinError::NewRefused(status),
            other => PinError::NotAllowed(other),
        },
        ClientError::Exchange(ExchangeError::Transmit(error)) => PinError::Interrupted(error),
        other => answer(other),
    }
}

fn answer(error: ClientError<LinkError>) -> PinError {
    match error {
        ClientError::Exchange(ExchangeError::Transmit(error)) => PinError::Link(error),
        other => PinError::Answer(other.to_string()),
    }
}
