//! The PIV application of one card, over a connection that may break: sequences of commands, each in one
//! transaction, restored where another program or a moment without a field has come between.

pub mod administration;
pub mod announced;
pub mod client;
pub mod error;
pub mod identity;
mod presence;
pub mod public_objects;
pub mod sequence;

use std::ffi::CString;
use std::sync::Arc;

use card_edge::piv::extensions::Digest;
use card_edge::piv::{self, PinReference};
use card_edge::transmit::ExchangeError;

use crate::cache::Cache;
use crate::log;
use crate::pcsc::{Insertion, Link, LinkError, Readers};
use client::{Client, ClientError, select};
use identity::Identity;
use public_objects::{Extent, PublicObjects};

/// A card that was found to have the PIV application.
pub struct NewCard {
    /// The card, with the application selected.
    pub card: Card,
    /// What was read of its public objects.
    pub public: PublicObjects,
}

/// A card with the PIV application, in the reader where it was last seen.
pub struct Card {
    readers: Arc<dyn Readers>,
    reader: CString,
    identity: Identity,
    link: Option<Box<dyn Link>>,
    /// The insertion that the link reaches, or reached last; `None` where that is not known.
    insertion: Option<Insertion>,
    /// Whether this connection has selected the application and the identity was checked since.
    selected: bool,
    /// The digest of its public objects that it announced when it was last selected.
    announced: Option<Digest>,
    cache: Arc<Cache>,
    changes: Changes,
}

/// What sequences have found out besides their results.
#[derive(Default)]
pub struct Changes {
    /// A new selection may have cost the PIN's verification.
    pub verification_lost: bool,
    /// The card may have been out of its reader: a number that anybody can read does not prove that the one that is
    /// there now is the same.
    pub was_away: bool,
    /// Its public objects are not those any more that were read.
    pub objects_changed: bool,
    /// The insertion in which the card was found again.
    pub insertion: Option<Insertion>,
}

impl Card {
    /// Looks whether the card in this reader has the PIV application; `None` where it has not. Of a card that
    /// is unknown the 9A certificate is read in the same transaction; of one that announces its public objects, all.
    ///
    /// # Errors
    /// [`LinkError`] where it could not be reached.
    pub fn probe(
        readers: &Arc<dyn Readers>,
        reader: &CString,
        insertion: &Insertion,
        cache: &Arc<Cache>,
        is_unknown: impl Fn(Identity) -> bool,
    ) -> Result<Option<NewCard>, LinkError> {
        let mut card = Self {
            readers: Arc::clone(readers),
            reader: reader.clone(),
            identity: Identity::UNKNOWN,
            link: Some(readers.connect(reader)?),
            insertion: Some(insertion.clone()),
            selected: true,
            announced: None,
            cache: Arc::clone(cache),
            changes: Changes::default(),
        };
        let seen = look_at(&mut card.begin()?, cache, is_unknown);
        match seen {
            Ok((announced, public)) => {
                card.announced = announced;
                card.identity = public.identity();
                Ok(Some(NewCard { card, public }))
            }
            Err(ClientError::Exchange(ExchangeError::Transmit(error))) => Err(error),
            Err(error) => {
                log::note(|| format!("the card is not a PIV card: {error}"));
                Ok(None)
            }
        }
    }

    /// Which card it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Its issuer has just given it another identity.
    pub fn is_now(&mut self, identity: Identity) {
        self.identity = identity;
    }

    /// The digest of its public objects that it announced when it was last selected, if it did.
    #[must_use]
    pub fn announced(&self) -> Option<Digest> {
        self.announced
    }

    /// Where what it announces may be kept.
    #[must_use]
    pub fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    /// What was found out since the last call of this.
    pub fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// The next sequence selects the application and checks the card's identity first.
    pub fn select_again(&mut self) {
        self.selected = false;
    }

    /// Connects, where there is no connection.
    fn connect(&mut self) -> Result<(), LinkError> {
        if self.link.is_none() {
            self.link = Some(self.readers.connect(&self.reader)?);
            self.look_for_insertion();
        }
        Ok(())
    }

    /// After a connection was made: whether it is the insertion of the one before.
    fn look_for_insertion(&mut self) {
        let now = presence::insertion(&*self.readers, &self.reader);
        self.changes.was_away |= now.is_none() || now != self.insertion;
        self.insertion = now;
    }

    /// Begins a transaction, over a new connection where there is none. It ends when the client is dropped.
    fn begin(&mut self) -> Result<Client<'_>, LinkError> {
        self.connect()?;
        let link = self.link.as_mut().ok_or(LinkError::Gone)?;
        Ok(piv::Client::new(link.begin()?))
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
        if let Err(error) = self.take_verification_back() {
            log::note(|| format!("the card did not log out: {error}"));
        }
    }

    /// Resets the verification over a new connection. A card that was out of the reader has lost it already, and
    /// another card in its place is told nothing.
    fn take_verification_back(&mut self) -> Result<(), ClientError> {
        let verified_in = self.insertion.take();
        let link_failed = |error| ClientError::Exchange(ExchangeError::Transmit(error));
        self.connect().map_err(link_failed)?;
        if self.insertion.is_none() || self.insertion != verified_in {
            return Ok(());
        }
        // A card that does not know P1 = FF keeps its state until it leaves the field.
        self.begin()
            .map_err(link_failed)?
            .reset_verification(PinReference::PivPin)
    }
}

/// Selects the application, and reads the card's identity and where that is unknown what its label is made of.
fn look_at(
    client: &mut Client<'_>,
    cache: &Arc<Cache>,
    is_unknown: impl Fn(Identity) -> bool,
) -> Result<(Option<Digest>, PublicObjects), ClientError> {
    let announced = select(client)?;
    if let Some(digest) = announced
        && let Some(public) = announced::read(client, digest, cache)?
    {
        return Ok((announced, public));
    }
    let mut public = PublicObjects::default();
    public.read(client, Extent::Identity)?;
    if is_unknown(public.identity()) {
        public.read(client, Extent::Label)?;
    }
    Ok((announced, public))
}
