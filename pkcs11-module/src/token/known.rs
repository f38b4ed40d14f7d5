//! What is known of a card without asking it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use card_edge::piv::extensions::Digest;
use card_edge::piv::{AsymmetricKey, ObjectId, PinPolicy};
use cryptoki_sys::{CK_OBJECT_HANDLE, CK_SESSION_HANDLE};
use zeroize::Zeroizing;

use super::access::Access;
use crate::card::PinEntry;
use crate::card::public_objects::PublicObjects;
use crate::management_key::HeldKey;
use crate::object::{self, BareKey, Object};
use crate::pcsc::Location;
use crate::pin::{PinCache, RefusedPins};

/// What is known of the PIN's tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tries {
    /// Nothing, or that all are left.
    #[default]
    Unknown,
    /// This many are left after a wrong PIN.
    Left(u8),
    /// It is blocked.
    Blocked,
}

/// An object that lives as long as the session that made it.
pub struct SessionObject {
    /// The session.
    pub owner: CK_SESSION_HANDLE,
    /// The object.
    pub object: Arc<Object>,
}

/// What is known of a card.
pub struct Known {
    /// Where it was last seen.
    pub location: Location,
    /// Nobody has seen it leave since.
    pub is_here: bool,
    /// How its CHUID begins, as it was read last, of a card that announces nothing.
    pub chuid: Vec<u8>,
    /// The common name in the 9A certificate's subject.
    pub holder: Option<String>,
    /// What was read of its public objects.
    pub public: PublicObjects,
    /// The digest that the card announced for them, if it did.
    pub digest: Option<Digest>,
    /// Where the PIN can be typed that a program does not give, as card and reader told last.
    pub pin_entry: Option<PinEntry>,
    /// The same while the card is away: as the one told that was found first, or logged in to last. A card that comes in its
    /// name does not change that.
    pub entry_when_away: Option<PinEntry>,
    /// The session that waits for the PIN to be typed at the card.
    pub entry_for: Option<CK_SESSION_HANDLE>,
    /// The objects of the card, once they were read.
    pub objects: Option<Arc<Vec<Arc<Object>>>>,
    /// The keys that the card itself told of.
    pub bare_keys: BTreeMap<AsymmetricKey, BareKey>,
    /// The keys that the card was asked for, since no certificate tells of them.
    pub asked_for: BTreeSet<AsymmetricKey>,
    /// When keys want the PIN, where the card was asked.
    pub policies: BTreeMap<AsymmetricKey, PinPolicy>,
    /// The data object that wants the PIN and was read last, with its value: a program that asks for the length and then
    /// for the value has it read once.
    pub private_value: Option<(ObjectId, Zeroizing<Vec<u8>>)>,
    /// Whether the user is logged in.
    pub logged_in: bool,
    /// The card management key, while the security officer is logged in.
    pub administrator: Option<Arc<HeldKey>>,
    /// What is known of the PIN's tries.
    pub tries: Tries,
    /// The tries that were left when the card went away, where a PIN that it refused before must not be sent again.
    pub tries_before: Option<Tries>,
    /// The PINs that it has refused.
    pub refused: RefusedPins,
    /// The PIN that it has accepted last, for the grace time.
    pub pin: PinCache,
    /// How many wait for it to come.
    pub waiting: usize,
    /// The open sessions.
    pub sessions: BTreeMap<CK_SESSION_HANDLE, Access>,
    /// The objects of sessions.
    pub session_objects: BTreeMap<CK_OBJECT_HANDLE, SessionObject>,
    /// How many objects of sessions there have been.
    pub session_objects_made: CK_OBJECT_HANDLE,
}

impl Known {
    /// What is known of a card that has just been found.
    #[must_use]
    pub fn new(
        location: Location,
        public: PublicObjects,
        digest: Option<Digest>,
        pin_entry: Option<PinEntry>,
        grace: Duration,
    ) -> Self {
        Self {
            location,
            holder: public.holder(),
            is_here: true,
            chuid: public.chuid().to_vec(),
            public,
            digest,
            pin_entry,
            entry_when_away: pin_entry,
            entry_for: None,
            objects: None,
            bare_keys: BTreeMap::new(),
            asked_for: BTreeSet::new(),
            policies: BTreeMap::new(),
            private_value: None,
            logged_in: false,
            administrator: None,
            tries: Tries::Unknown,
            tries_before: None,
            refused: RefusedPins::default(),
            pin: PinCache::new(grace),
            waiting: 0,
            sessions: BTreeMap::new(),
            session_objects: BTreeMap::new(),
            session_objects_made: 0,
        }
    }

    /// This was read of the card just now, which announced this digest for it.
    pub fn set_public(&mut self, public: PublicObjects, digest: Option<Digest>) {
        if self.public.is_announced() && !public.is_announced() {
            // Since it was away, those without a certificate may be others.
            self.bare_keys
                .retain(|key, _| public.certificate(*key).is_some());
        }
        self.holder = public.holder();
        if !public.chuid().is_empty() {
            self.chuid = public.chuid().to_vec();
        }
        self.public = public;
        self.digest = digest;
        self.objects = None;
    }

    /// The objects of the card, where they were read and are not to be looked at again first.
    #[must_use]
    pub fn objects_in_force(&self) -> Option<Arc<Vec<Arc<Object>>>> {
        self.objects.clone().filter(|_| !self.public.is_due())
    }

    /// The card was away: another program may have changed its PIN, and made keys.
    pub fn was_away(&mut self) {
        let tries = std::mem::take(&mut self.tries);
        self.tries_before.get_or_insert(tries);
        self.public.recheck();
        let public = &self.public;
        let known_keys = self.bare_keys.len();
        // Others have a certificate, which tells, once it was read.
        self.bare_keys
            .retain(|key, _| public.is_announced() || public.certificate(*key).is_some());
        if self.bare_keys.len() < known_keys
            || !self.policies.is_empty()
            || !self.asked_for.is_empty()
        {
            self.asked_for.clear();
            self.policies.clear();
            self.objects = None;
        }
    }

    /// What was read is not what is on the card any more.
    pub fn forget_objects(&mut self) {
        self.public = PublicObjects::default();
        self.digest = None;
        self.objects = None;
        self.policies.clear();
        self.private_value = None;
        self.forget_answers();
    }

    /// What the card told of keys without a certificate may not be true any more.
    pub fn forget_answers(&mut self) {
        for key in std::mem::take(&mut self.asked_for) {
            self.bare_keys.remove(&key);
        }
    }

    /// Makes the objects of the card of what is known of it. `token` is its number in this process.
    pub fn make_objects(&mut self, token: CK_OBJECT_HANDLE) -> Arc<Vec<Arc<Object>>> {
        let public = &self.public;
        self.bare_keys
            .retain(|key, bare| bare.is_in_place(public.certificate(*key)));
        let objects = object::of_card(token, public.certificates(), &self.bare_keys);
        let objects: Vec<_> = objects.into_iter().map(Arc::new).collect();
        let objects = Arc::new(self.with_policies(&objects));
        self.objects = Some(Arc::clone(&objects));
        objects
    }

    /// Whether an object can be seen now. The security officer sees the private keys too, to find the one that was made.
    #[must_use]
    pub fn sees(&self, object: &Object) -> bool {
        !object.is_private() || self.shows_private_objects()
    }

    /// Whether private objects can be seen now.
    #[must_use]
    pub fn shows_private_objects(&self) -> bool {
        self.logged_in || self.administrator.is_some()
    }

    /// Whether nothing was found on the card.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.public.first_certificate().is_none()
            && self.holder.is_none()
            && self
                .objects
                .as_ref()
                // The profile is not on the card.
                .is_none_or(|objects| objects.len() <= 1)
    }

    /// The user is logged out, unless the cached PIN can restore the login. The security officer stays.
    pub fn log_out_without_pin(&mut self) {
        if self.pin.get().is_none() {
            self.log_out_user();
        }
    }

    /// The card is not here any more.
    pub fn is_away(&mut self) {
        self.is_here = false;
        self.pin_entry = self.entry_when_away;
        self.log_out();
    }

    /// Whoever is logged in is logged out.
    pub fn log_out(&mut self) {
        self.administrator = None;
        self.log_out_user();
    }

    fn log_out_user(&mut self) {
        self.logged_in = false;
        self.private_value = None;
        self.pin.forget();
        self.session_objects
            .retain(|_, session_object| !session_object.object.is_private());
    }
}
