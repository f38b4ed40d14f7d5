//! What goes to the card: questions that cost no try, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-5 part 2,
//! 3.2.2 and 3.2.3). Pure over a [`Transmit`].

use std::time::Duration;

use card_edge::apdu::Instruction;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::discovery::PinUsagePolicy;
use card_edge::piv::extensions::EntryTime;
use card_edge::piv::{AsymmetricKey, ObjectId, Pin, PinReference, Puk, discovery, pkcs11};
use card_edge::transmit::ExchangeError;
use card_edge::{Status, Transmit};
use card_host::{Selected, select};

use super::error::{PinError, unanswered};
use super::pins::{CardPins, Presented};
use super::torn::is_left_verified;
use super::way::Way;
use crate::doctor::finding::Finding;
use crate::doctor::link::{CardDisposition, LinkError, answer_fault};
use crate::doctor::piv::pin;

/// A way to a card, for one transaction after another.
pub trait CardAccess {
    /// Does some work with the card, which nobody else can use meanwhile; it is told how PINs go to the card that is there then.
    ///
    /// # Errors
    /// Why the card cannot be reached.
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>, &Way) -> (R, CardDisposition)
            + Send
            + 'static;

    /// Waits for the card after the link to it broke, this long at most: whether it is there.
    fn comes_back(&mut self, within: Duration) -> bool;
}

/// A card that was selected.
pub(crate) struct Here {
    /// Its identity over PKCS#11.
    pub(crate) identity: [u8; 16],
    /// How it is numbered, where it says so.
    pub(crate) chuid: Option<Chuid>,
    policy: Option<PinUsagePolicy>,
    /// What it told with its selection.
    pub(crate) told: Selected,
}

impl Here {
    /// SELECT, and which card it is.
    pub(crate) fn select<T>(client: &mut Client<T>) -> Result<Self, PinError>
    where
        T: Transmit<Error = LinkError>,
    {
        let told = select(client).map_err(|error| match error {
            ClientError::NoPivApplication(_) => PinError::NotPiv,
            error => unanswered(error),
        })?;
        let discovery = match client.get_data(ObjectId::Discovery) {
            Ok(content) => content,
            Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
        };
        let chuid = match client.chuid() {
            Ok(chuid) => chuid,
            Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
        };
        let number = chuid.as_ref().and_then(Chuid::card_number);
        let certificate = match number {
            Some(_) => None,
            None => match client.certificate(AsymmetricKey::PivAuthentication) {
                Ok(certificate) => certificate,
                Err(error) => answer_fault(error).map(|_| None).map_err(PinError::Link)?,
            },
        };
        Ok(Self {
            identity: pkcs11::identity(number, certificate.as_deref()),
            chuid,
            policy: discovery.and_then(|content| discovery::decode(&content).ok()),
            told,
        })
    }

    /// It must be the card that was asked before, in the same place: over a field others can listen, who could not over
    /// contacts, and a card may hold its last tries back there.
    fn must_be(&self, asked: &CardPins, way: &Way) -> Result<(), PinError> {
        let was_contactless = asked.protection.is_contactless();
        if self.identity == asked.identity && way.is_contactless == was_contactless {
            Ok(())
        } else {
            Err(PinError::OtherCard)
        }
    }

    fn typed_at_card(&self) -> Option<EntryTime> {
        self.told.announced.as_ref()?.pin_entry
    }

    /// What the card says of its PINs.
    fn pins<T>(&self, client: &mut Client<T>, way: &Way) -> Result<CardPins, PinError>
    where
        T: Transmit<Error = LinkError>,
    {
        let protection = way.protection(client, self.identity);
        // What else is wrong with them is the doctor's to say.
        let pins = pin::examine(client, self.policy, false, &mut Vec::new());
        Ok(CardPins {
            identity: self.identity,
            protection,
            pins: pins.map_err(PinError::Link)?.reports,
            obstacle: None,
            typed_at_card: self.typed_at_card(),
        })
    }
}

/// Asks the card what it says of its PINs. Costs no try. A card that would be sent no PIN for want of a channel is asked
/// nevertheless: nothing of the question is secret.
///
/// # Errors
/// [`PinError`] where it is not a PIV card, does not answer, or does not prove to be the one that it says to be.
pub fn ask<T>(client: &mut Client<T>, way: &Way) -> Result<CardPins, PinError>
where
    T: Transmit<Error = LinkError>,
{
    let here = Here::select(client)?;
    match way.send(client, here.identity, &here.told, |client| {
        here.pins(client, way)
    }) {
        Err(PinError::NotSent(obstacle @ Finding::NoProtectedChannel(_))) => Ok(CardPins {
            obstacle: Some(obstacle),
            ..here.pins(client, way)?
        }),
        asked => asked?,
    }
}

/// Asks the card again after an answer got lost. What the lost command has proved is taken back.
///
/// # Errors
/// As [`ask`].
pub fn ask_again<T>(
    client: &mut Client<T>,
    way: &Way,
    before: &CardPins,
) -> Result<(CardPins, CardDisposition), PinError>
where
    T: Transmit<Error = LinkError>,
{
    let here = Here::select(client)?;
    here.must_be(before, way)?;
    way.send(client, here.identity, &here.told, |client| {
        let pins = here.pins(client, way)?;
        let disposition = if is_left_verified(&before.pins, &pins.pins) {
            log_out(client)
        } else {
            CardDisposition::Leave
        };
        Ok((pins, disposition))
    })?
}

/// A new PIN by the old one, on the card that was asked before. The PIN does not count as verified afterwards.
///
/// # Errors
/// [`PinError`]: nothing was changed, unless it is [`PinError::Interrupted`].
pub fn change<T>(
    client: &mut Client<T>,
    way: &Way,
    asked: &CardPins,
    old: &Pin,
    new: &Pin,
) -> Result<(CardPins, CardDisposition), PinError>
where
    T: Transmit<Error = LinkError>,
{
    present(client, way, asked, Presented::Pin, |client| {
        client.change_pin(old, new)
    })
}

/// A new PIN by the PUK, on the card that was asked before.
///
/// # Errors
/// As [`change`].
pub fn unblock<T>(
    client: &mut Client<T>,
    way: &Way,
    asked: &CardPins,
    puk: &Puk,
    new: &Pin,
) -> Result<(CardPins, CardDisposition), PinError>
where
    T: Transmit<Error = LinkError>,
{
    present(client, way, asked, Presented::Puk, |client| {
        client.reset_retry_counter(puk, new)
    })
}

/// Sends a new PIN to the card that was asked before, takes the verification back that the card may keep, and asks again.
fn present<T>(
    client: &mut Client<T>,
    way: &Way,
    asked: &CardPins,
    presented: Presented,
    command: impl FnOnce(&mut Client<T>) -> Result<(), ClientError<LinkError>>,
) -> Result<(CardPins, CardDisposition), PinError>
where
    T: Transmit<Error = LinkError>,
{
    let here = Here::select(client)?;
    here.must_be(asked, way)?;
    way.send(client, here.identity, &here.told, |client| {
        let had_channel = client.has_channel();
        if asked.protection.is_channel() && !had_channel {
            return Err(PinError::OtherCard);
        }
        let before = here.pins(client, way)?;
        if had_channel && !client.has_channel() {
            let why = "it ended before the PIN was sent".to_owned();
            return Err(PinError::NotSent(Finding::NoProtectedChannel(why)));
        }
        command(client).map_err(|error| refusal(error, presented, before.clone()))?;
        let disposition = log_out(client);
        // A card that leaves meanwhile has done what it should: it then says nothing of its PINs.
        let pins = here.pins(client, way).unwrap_or(CardPins {
            identity: here.identity,
            protection: before.protection,
            pins: Vec::new(),
            obstacle: None,
            typed_at_card: here.typed_at_card(),
        });
        Ok((pins, disposition))
    })?
}

/// Takes the verification back that the card may keep, by a reset where it does not know how else.
fn log_out<T>(client: &mut Client<T>) -> CardDisposition
where
    T: Transmit<Error = LinkError>,
{
    match client.reset_verification(PinReference::PivPin) {
        Ok(()) => CardDisposition::Leave,
        Err(_) => CardDisposition::Reset,
    }
}

fn refusal(error: ClientError<LinkError>, presented: Presented, before: CardPins) -> PinError {
    match error {
        ClientError::Wrong(0) | ClientError::Blocked => PinError::Blocked(presented),
        ClientError::Wrong(tries_left) => PinError::Wrong {
            presented,
            tries_left: Some(tries_left),
        },
        ClientError::WrongUncounted => PinError::Wrong {
            presented,
            tries_left: None,
        },
        ClientError::NotAuthorised(_) => PinError::NotAllowed(Status::SecurityStatusNotSatisfied),
        ClientError::Refused(
            Instruction::ChangeReferenceData | Instruction::ResetRetryCounter,
            status,
        ) => match status {
            Status::IncorrectData | Status::WrongLength => PinError::NewRefused(status),
            other => PinError::NotAllowed(other),
        },
        // An answer that does not belong to the channel tells nothing either, a refusal neither: anybody can give it.
        error @ (ClientError::Exchange(_) | ClientError::Channel(_)) => PinError::Interrupted {
            why: match error {
                ClientError::Exchange(ExchangeError::Transmit(link)) => link.to_string(),
                other => other.to_string(),
            },
            before: Box::new(before),
        },
        other => PinError::Answer(other.to_string()),
    }
}
