//! The PIV application of one card, over a connection that may break: sequences of commands, each in one
//! transaction, taken up again where another program or a moment without a field has come between.

use std::ffi::CString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use card_edge::piv::{self, AsymmetricKey, Pin, PinReference};
use card_edge::transmit::ExchangeError;
use card_edge::{Status, Transmit};
use thiserror::Error;

use crate::hash::Hash;
use crate::log;
use crate::pin::GRACE;
use crate::reader::{Insertion, Link, LinkError, Readers};

/// A PIV client inside a transaction.
pub type Client<'a> = piv::Client<&'a mut dyn Transmit<Error = LinkError>>;

/// What a PIV command answers when it fails.
pub type ClientError = piv::ClientError<LinkError>;

/// A sequence of commands.
pub type Work<'a, R> = &'a mut dyn FnMut(&mut Client<'_>) -> Result<R, ClientError>;

/// How long one look for a card that is away may take.
const LOOK: Duration = Duration::from_millis(100);

/// Who a card is: the GUID of its CHUID; a card without one is known by its 9A certificate; one that has
/// neither is nobody, all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 16]);

impl Identity {
    const NOBODY: Self = Self([0; 16]);

    /// Whether the card can be told from others.
    #[must_use]
    pub fn is_unique(self) -> bool {
        self != Self::NOBODY
    }

    /// Reads it from the selected application. `certificate` is the 9A certificate where it is known already.
    fn read(
        client: &mut Client<'_>,
        certificate: &mut Option<CertificateObject>,
    ) -> Result<Self, ClientError> {
        let chuid = match client.chuid() {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            other => other.ok().flatten(),
        };
        if let Some(chuid) = chuid.filter(|chuid| chuid.guid.0 != Self::NOBODY.0) {
            return Ok(Self(chuid.guid.0));
        }
        if certificate.is_none() {
            *certificate = Some(read_certificate(client, AsymmetricKey::PivAuthentication)?);
        }
        let Some(Some(der)) = certificate else {
            return Ok(Self::NOBODY);
        };
        let hash = Hash::Sha256.of(&[der]);
        let mut identity = [0; 16];
        for (to, from) in identity.iter_mut().zip(hash.iter()) {
            *to = *from;
        }
        Ok(Self(identity))
    }
}

/// The DER certificate of a slot, or that there is none to be had.
pub type CertificateObject = Option<Vec<u8>>;

/// Reads a certificate. Only a broken connection is an error: whatever else is wrong costs this certificate.
///
/// # Errors
/// [`ClientError::Exchange`].
pub fn read_certificate(
    client: &mut Client<'_>,
    slot: AsymmetricKey,
) -> Result<CertificateObject, ClientError> {
    match client.certificate(slot) {
        Err(error @ ClientError::Exchange(_)) => Err(error),
        Err(error) => {
            log::note(|| format!("no certificate in {slot}: {error}"));
            Ok(None)
        }
        Ok(certificate) => Ok(certificate),
    }
}

/// Why a sequence did not end as it should.
#[derive(Debug, Error)]
pub enum CardError {
    /// The card is gone and was not back in time.
    #[error("the card is gone")]
    Gone,
    /// Another card is in its place.
    #[error("another card is in its place")]
    OtherCard,
    /// The connection failed.
    #[error("the connection to the card failed: {0}")]
    Link(LinkError),
    /// The PIN that was kept is no longer right.
    #[error("the PIN that was kept is refused: {0}")]
    KeptPin(ClientError),
    /// A command was refused.
    #[error(transparent)]
    Command(ClientError),
}

impl From<ClientError> for CardError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Exchange(ExchangeError::Transmit(link)) => Self::Link(link),
            other => Self::Command(other),
        }
    }
}

/// Whether a sequence may be sent again when the connection broke in the middle of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// It changes nothing on the card.
    Allowed,
    /// It counts something, such as a try of the PIN.
    Never,
}

/// A card that was found to have the PIV application.
pub struct Found {
    /// The connection, with the application selected.
    pub card: Card,
    /// The 9A certificate, where it was asked for.
    pub certificate: Option<CertificateObject>,
}

/// A card with the PIV application, in the reader where it was last seen.
pub struct Card {
    readers: Arc<dyn Readers>,
    reader: CString,
    identity: Identity,
    link: Option<Box<dyn Link>>,
    /// Whether this connection has selected the application and the identity was checked since.
    selected: bool,
    /// Whether a new selection may have cost the PIN's verification.
    verification_lost: bool,
    /// The insertion that a new connection found.
    insertion: Option<Insertion>,
}

impl Card {
    /// Looks whether the card in this reader has the PIV application; `None` where it has not. Of a card that
    /// is `unknown` the 9A certificate is read in the same transaction.
    ///
    /// # Errors
    /// [`LinkError`] where it could not be asked.
    pub fn find(
        readers: &Arc<dyn Readers>,
        reader: &CString,
        unknown: &dyn Fn(Identity) -> bool,
    ) -> Result<Option<Found>, LinkError> {
        let mut card = Self {
            readers: Arc::clone(readers),
            reader: reader.clone(),
            identity: Identity::NOBODY,
            link: Some(readers.connect(reader)?),
            selected: true,
            verification_lost: false,
            insertion: None,
        };
        let mut certificate = None;
        let mut found: Result<Option<Identity>, ClientError> = Ok(None);
        card.transaction(&mut |client| {
            found = match select(client) {
                Ok(()) => Identity::read(client, &mut certificate).and_then(|identity| {
                    if certificate.is_none() && unknown(identity) {
                        let slot = AsymmetricKey::PivAuthentication;
                        certificate = Some(read_certificate(client, slot)?);
                    }
                    Ok(Some(identity))
                }),
                Err(ClientError::NoPivApplication(status)) => {
                    log::note(|| format!("no PIV application: {status}"));
                    Ok(None)
                }
                Err(error) => Err(error),
            };
        })?;
        match found {
            Ok(Some(identity)) => {
                card.identity = identity;
                Ok(Some(Found { card, certificate }))
            }
            Ok(None) => Ok(None),
            Err(ClientError::Exchange(ExchangeError::Transmit(error))) => Err(error),
            Err(error) => {
                log::note(|| format!("the card is no PIV card: {error}"));
                Ok(None)
            }
        }
    }

    /// Who it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Whether a selection since the last call of this may have cost the PIN's verification.
    pub fn take_verification_lost(&mut self) -> bool {
        std::mem::take(&mut self.verification_lost)
    }

    /// The insertion that the card was found in when it was connected again since the last call of this.
    pub fn take_insertion(&mut self) -> Option<Insertion> {
        self.insertion.take()
    }

    /// The next sequence selects the application and checks the card's identity first.
    pub fn select_again(&mut self) {
        self.selected = false;
    }

    fn transaction(&mut self, work: &mut dyn FnMut(&mut Client<'_>)) -> Result<(), LinkError> {
        let link = match &mut self.link {
            Some(link) => link,
            none => {
                let link = self.readers.connect(&self.reader)?;
                let present = self.readers.snapshot();
                self.insertion = present
                    .into_iter()
                    .find(|status| status.name == self.reader)
                    .and_then(|status| status.card);
                none.insert(link)
            }
        };
        link.transaction(&mut |transmit| work(&mut piv::Client::new(transmit)))
    }

    /// Sends a sequence of commands in one transaction. Where the application was not selected any more, or
    /// `pin` makes good what is missing, the application is selected, the card's identity checked, `pin`
    /// verified, and `work` done once more; where the card is away it is waited for, [`GRACE`] at most.
    ///
    /// # Errors
    /// [`CardError`].
    pub fn sequence<R>(
        &mut self,
        pin: Option<&Pin>,
        repeat: Repeat,
        work: Work<'_, R>,
    ) -> Result<R, CardError> {
        let patience = Instant::now() + GRACE;
        let mut broken = 0;
        loop {
            let mut begun = false;
            let error = match self.attempt(pin, &mut begun, work) {
                Err(CardError::Link(error)) => error,
                other => return other,
            };
            log::note(|| format!("{error}; connecting again"));
            self.lose(error);
            if begun {
                broken += 1;
                if repeat == Repeat::Never || broken > 1 {
                    return Err(match error {
                        LinkError::Gone => CardError::Gone,
                        other => CardError::Link(other),
                    });
                }
            }
            if Instant::now() >= patience {
                return Err(match error {
                    LinkError::Gone => CardError::Gone,
                    other => CardError::Link(other),
                });
            }
            if self.link.is_none() {
                self.look_for_card();
            }
        }
    }

    /// Takes the PIN's verification back, unless another program is connected to the card: it may rely on it,
    /// and a card knows of no more than one user.
    pub fn log_out(&mut self) {
        if !self.selected || self.link.take().is_none() {
            return;
        }
        self.selected = false;
        if self.readers.is_in_use(&self.reader) {
            log::note(|| "another program uses the card: it stays logged in there".into());
            return;
        }
        let taken_back = self.transaction(&mut |client| {
            // A card that does not know P1 = FF keeps its state until it leaves the field.
            if let Err(error) = client.reset_verification(PinReference::PivPin) {
                log::note(|| format!("the card did not log out: {error}"));
            }
        });
        if let Err(error) = taken_back {
            log::note(|| format!("the card did not log out: {error}"));
        }
    }

    fn lose(&mut self, error: LinkError) {
        self.selected = false;
        let reconnected = error == LinkError::Reset
            && self
                .link
                .as_mut()
                .is_some_and(|link| link.reconnect().is_ok());
        if !reconnected {
            self.link = None;
        }
    }

    /// Waits a little for a card in the reader.
    fn look_for_card(&self) {
        let known = self.readers.snapshot();
        let here = known
            .iter()
            .any(|status| status.name == self.reader && status.card.is_some());
        if !here {
            self.readers.wait(&known, LOOK);
        } else {
            // It is there and could not be reached: give it a moment.
            std::thread::sleep(LOOK);
        }
    }

    fn attempt<R>(
        &mut self,
        pin: Option<&Pin>,
        begun: &mut bool,
        work: Work<'_, R>,
    ) -> Result<R, CardError> {
        let identity = self.identity;
        let mut selected = self.selected;
        let mut lost = false;
        let mut outcome = Err(CardError::Gone);
        self.transaction(&mut |client| {
            outcome = (|| {
                if selected {
                    *begun = true;
                    match work(client) {
                        Err(error) if may_be_made_good(&error, pin) => {
                            log::note(|| format!("{error}; selecting again"));
                        }
                        other => return Ok(other?),
                    }
                }
                lost = pin.is_none();
                take_up(client, identity, pin)?;
                selected = true;
                *begun = true;
                Ok(work(client)?)
            })();
        })
        .map_err(CardError::Link)?;
        self.selected = selected;
        self.verification_lost |= lost;
        if matches!(outcome, Err(CardError::OtherCard)) {
            // Where that card is says nothing of this one.
            self.link = None;
            self.insertion = None;
        }
        outcome
    }
}

/// Selects the application, makes sure that the card is the one, and only then verifies the PIN.
fn take_up(
    client: &mut Client<'_>,
    identity: Identity,
    pin: Option<&Pin>,
) -> Result<(), CardError> {
    select(client).map_err(|error| match error {
        ClientError::NoPivApplication(_) => CardError::OtherCard,
        other => other.into(),
    })?;
    if Identity::read(client, &mut None)? != identity {
        return Err(CardError::OtherCard);
    }
    let Some(pin) = pin.filter(|_| identity.is_unique()) else {
        return Ok(());
    };
    client
        .verify(PinReference::PivPin, pin)
        .map_err(|error| match CardError::from(error) {
            CardError::Command(error) => CardError::KeptPin(error),
            other => other,
        })
}

/// SELECT; a card whose application property template is odd is a PIV card nevertheless.
fn select(client: &mut Client<'_>) -> Result<(), ClientError> {
    match client.select() {
        Ok(_) | Err(ClientError::Malformed(..)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether another selection of the application, with the PIN, may change this answer: another program may
/// have selected another application, or logged out.
fn may_be_made_good(error: &ClientError, pin: Option<&Pin>) -> bool {
    match error {
        ClientError::NotAuthorised(_) => pin.is_some(),
        ClientError::Refused(_, status) => matches!(
            status,
            Status::InstructionNotSupported
                | Status::ClassNotSupported
                | Status::FunctionNotSupported
                | Status::NotFound
                | Status::IncorrectParameters
                | Status::ReferenceNotFound
        ),
        _ => false,
    }
}
