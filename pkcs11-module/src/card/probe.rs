//! The first look at a card: whether it has the PIV application, and which card it is.

use std::ffi::CString;
use std::sync::Arc;
use std::time::Instant;

use card_edge::Status;
use card_edge::piv::extensions::Digest;
use card_edge::transmit::ExchangeError;
use card_host::{Identity, KnownCards, PinRoute, Selected, select};
use thiserror::Error;

use super::client::{Client, ClientError};
use super::error::{CardError, RouteError};
use super::public_objects::{Extent, PublicObjects};
use super::{Card, Changes, announced, kept, presence};
use crate::cache::Cache;
use crate::log;
use crate::pcsc::bounded::{BoundedReaders, EntryWait};
use crate::pcsc::{Insertion, LinkError, Reach};

/// How often a card is asked in one look that answers neither that it has PIV nor that it has not.
const SELECTS_MAX: u32 = 3;

/// A card that was found to have the PIV application.
pub struct NewCard {
    /// The card, with the application selected.
    pub card: Card,
    /// What was read of its public objects.
    pub public: PublicObjects,
    /// The insertion in which it was found.
    pub insertion: Insertion,
}

/// Why a look at a card tells nothing.
#[derive(Debug, Error)]
pub enum ProbeError {
    /// The card could not be reached.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// It answers SELECT with something that means neither.
    #[error("SELECT is answered with {0}, again and again")]
    Odd(Status),
    /// It says to be a card that it has not proved to be.
    #[error("{1}")]
    NotProved(Identity, RouteError),
    /// It says to be a card, and gives no proof now, one way or the other.
    #[error(transparent)]
    NoProof(RouteError),
}

impl Card {
    /// Looks whether the card in this reader has the PIV application; `None` where it has not. Of a card that
    /// is unknown the 9A certificate is read in the same transaction; of one that announces its public objects, none where they are
    /// kept here, or it also announces what it is called and no proof is due; else all. A card
    /// that leaves meanwhile is waited for, the time of grace at most. One for which `is_proof_due`, by its identity and what it
    /// announces, proves the key that it was first met with.
    ///
    /// # Errors
    /// [`ProbeError`].
    pub fn probe(
        readers: &Arc<BoundedReaders>,
        reader: &CString,
        insertion: &Insertion,
        cache: &Arc<Cache>,
        known_cards: &Arc<KnownCards>,
        is_unknown: impl Fn(Identity) -> bool,
        is_proof_due: impl Fn(Identity, Option<Digest>) -> bool,
    ) -> Result<Option<NewCard>, ProbeError> {
        let begun = Instant::now();
        let (until, patience) = (begun + readers.bounds.look, begun + readers.bounds.grace);
        let mut insertion = insertion.clone();
        let mut may_tear_until = Some(patience);
        loop {
            let card = Self {
                readers: Arc::clone(readers),
                reader: reader.clone(),
                identity: Identity::UNKNOWN,
                link: None,
                insertion: Some(insertion.clone()),
                selected: true,
                told: Selected::default(),
                cache: Arc::clone(cache),
                known_cards: Arc::clone(known_cards),
                accepted_in: None,
                proves: false,
                proof_is_due: false,
                entry: EntryWait::default(),
                has_pin_pad: false,
                changes: Changes::default(),
            };
            match card.look(until, &is_unknown, &is_proof_due, &mut may_tear_until) {
                Err(ProbeError::Link(error @ (LinkError::Gone | LinkError::Reset)))
                    if Instant::now() < patience =>
                {
                    log::note(|| format!("{error}; looking again"));
                    if error == LinkError::Gone {
                        presence::wait(readers, reader);
                    }
                }
                other => return other,
            }
            match presence::insertion(readers, reader) {
                Some(now) => insertion = now,
                None => presence::wait(readers, reader),
            }
        }
    }

    fn look(
        mut self,
        until: Instant,
        is_unknown: impl Fn(Identity) -> bool,
        is_proof_due: impl Fn(Identity, Option<Digest>) -> bool,
        may_tear_until: &mut Option<Instant>,
    ) -> Result<Option<NewCard>, ProbeError> {
        let cache = Arc::clone(&self.cache);
        self.connect(Some(until))?;
        let insertion = self.insertion_hash();
        let cards = Arc::clone(&self.known_cards);
        let is_over_contacts = self.is_over_contacts();
        let mut has_pin_pad = false;
        let mut is_as_it_was = true;
        let seen = {
            let mut client = self.begin(Some(until))?;
            let seen = look_at(&mut client, &cache, insertion, is_unknown, &is_proof_due);
            if let Ok((told, public)) = &seen {
                has_pin_pad = is_over_contacts
                    && told.announced.is_none()
                    // Whoever fails at this question shows its card all the same.
                    && matches!(client.card().pin_pad(), Ok(Some(_)));
                let route = PinRoute {
                    cards,
                    identity: public.identity(),
                    told: told.clone(),
                    is_contactless: false,
                    was_away: false,
                    has_accepted: false,
                    must_prove: is_proof_due(public.identity(), told.objects()),
                };
                if route.must_prove {
                    match route.prove_where_due(&mut client).map_err(CardError::from) {
                        Ok(()) => {}
                        Err(CardError::Route(reason @ RouteError::NoChannel(_))) => {
                            return Err(ProbeError::NoProof(reason));
                        }
                        Err(CardError::Route(reason)) => {
                            return Err(ProbeError::NotProved(public.identity(), reason));
                        }
                        Err(CardError::Link(error)) => return Err(error.into()),
                        Err(CardError::Command(error)) => {
                            return Err(ProbeError::NoProof(RouteError::NoChannel(error)));
                        }
                        Err(_) => return Err(LinkError::Gone.into()),
                    }
                // Everything that is needed was read.
                } else if let Err(error) = route.meet(&mut client) {
                    log::note(|| format!("the card's key is not known: {error}"));
                    // A card that cannot be asked is shown all the same, and one that is gone is looked at again, once.
                    if let ClientError::Exchange(ExchangeError::Transmit(
                        error @ (LinkError::Gone | LinkError::Reset),
                    )) = error
                        && may_tear_until
                            .take()
                            .is_some_and(|patience| Instant::now() < patience)
                    {
                        return Err(error.into());
                    }
                    is_as_it_was = false;
                }
            }
            seen
        };
        if !is_as_it_was {
            self.selected = false;
            self.link = None;
        }
        self.release();
        let insertion = self.insertion.clone().ok_or(LinkError::Gone)?;
        match seen {
            Ok((told, public)) => {
                self.told = told;
                self.identity = public.identity();
                self.has_pin_pad = has_pin_pad;
                self.changes = Changes::default();
                Ok(Some(NewCard {
                    card: self,
                    public,
                    insertion,
                }))
            }
            Err(ClientError::Exchange(ExchangeError::Transmit(error))) => Err(error.into()),
            Err(ClientError::NoPivApplication(status)) if !says_no(status) => {
                Err(ProbeError::Odd(status))
            }
            Err(error) => {
                log::note(|| format!("the card is not a PIV card: {error}"));
                Ok(None)
            }
        }
    }
}

/// Whether this answer to SELECT says that there is no such application.
fn says_no(status: Status) -> bool {
    matches!(status, Status::NotFound | Status::InstructionNotSupported)
}

/// SELECT, again where the answer says nothing.
fn select_first(client: &mut Client<'_>) -> Result<Selected, ClientError> {
    for _ in 1..SELECTS_MAX {
        match select(client) {
            Err(ClientError::NoPivApplication(status)) if !says_no(status) => {
                log::note(|| format!("SELECT was answered with {status}; asking again"));
            }
            other => return other,
        }
    }
    select(client)
}

/// Selects the application, and reads the card's identity and where that is unknown what its label is made of.
fn look_at(
    client: &mut Client<'_>,
    cache: &Arc<Cache>,
    insertion: [u8; 16],
    is_unknown: impl Fn(Identity) -> bool,
    is_proof_due: impl Fn(Identity, Option<Digest>) -> bool,
) -> Result<(Selected, PublicObjects), ClientError> {
    let told = select_first(client)?;
    if let Some(announced) = &told.announced {
        // What may be shown while it is away is read while it is here.
        let goes_by_name = |identity| !is_proof_due(identity, Some(announced.objects));
        if let Some(public) = announced::look(client, announced, cache, goes_by_name)? {
            return Ok((told, public));
        }
    }
    let mut public = PublicObjects::default();
    public.read(client, Extent::Identity)?;
    if let Some(kept) = kept::get(cache, public.chuid(), insertion) {
        public.take_over(kept);
    }
    if !public.is_whole() && is_unknown(public.identity()) {
        public.read(client, Extent::Label)?;
    }
    Ok((told, public))
}
