//! One tap: the phone that is shown while it is away, and by what it is told from others.
//!
//! The key that it was first met with is kept from the first look on: nothing that happens to files while a phone is waited
//! for makes another card the phone.

use std::ffi::CString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use card_host::{Identity, KnownCards};

use crate::cache::Cache;
use crate::card::public_objects::PublicObjects;
use crate::remembered::{LastPhone, OneTap, Phone};

/// A phone that is shown while it is away.
pub struct Shown {
    /// The phone.
    pub phone: Phone,
    /// The reader that it was in last.
    pub reader: CString,
    /// What it had then.
    pub public: PublicObjects,
}

/// What a module's tokens and slots share of the phone that is shown while it is away.
pub struct Tap {
    one_tap: OneTap,
    cache: Arc<Cache>,
    known_cards: Arc<KnownCards>,
    shown: Mutex<Option<Arc<Shown>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tap {
    /// The phone that these remember.
    #[must_use]
    pub fn new(one_tap: OneTap, cache: Arc<Cache>, known_cards: Arc<KnownCards>) -> Self {
        Self {
            one_tap,
            cache,
            known_cards,
            shown: Mutex::default(),
        }
    }

    /// Whether a phone that is away may be shown and waited for.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.one_tap.remembered.is_there()
    }

    /// How long it is waited for.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.one_tap.wait
    }

    /// The phone that was used last, where it can prove its key when it comes. The one that is shown stays while it is in use,
    /// whatever other programs use meanwhile.
    #[must_use]
    pub fn shown(&self, is_in_use: impl Fn(Identity) -> bool) -> Option<Arc<Shown>> {
        let mut shown = lock(&self.shown);
        if let Some(shown) = shown
            .as_ref()
            .filter(|shown| is_in_use(shown.phone.identity))
        {
            return Some(Arc::clone(shown));
        }
        let last = self.one_tap.remembered.last()?;
        if let Some(shown) = shown.as_ref().filter(|shown| shown.is(&last)) {
            return Some(Arc::clone(shown));
        }
        *shown = self.read(last).map(Arc::new);
        shown.clone()
    }

    fn read(&self, LastPhone { phone, reader }: LastPhone) -> Option<Shown> {
        if !self.known_cards.pin(phone.identity) {
            return None;
        }
        let public = PublicObjects::of_list(&self.cache.get(phone.objects)?);
        (public.identity() == phone.identity).then_some(Shown {
            phone,
            reader,
            public,
        })
    }

    /// Whether a card with this identity proves the key that it was first met with before it is told a PIN, over contacts too:
    /// it may be shown without being there.
    #[must_use]
    pub fn must_prove(&self, identity: Identity) -> bool {
        self.is_allowed() && self.known_cards.pin(identity)
    }

    /// A user has logged in with this phone, in this reader.
    pub fn was_used(&self, phone: Phone, reader: CString) {
        if self.is_allowed() && self.known_cards.pin(phone.identity) {
            self.one_tap.remembered.keep(&LastPhone { phone, reader });
            // It is the one that is shown, unless another one is.
            drop(self.shown(|_| true));
        }
    }

    /// The PIN cannot be typed at this phone any more, as it told after it had proved its key: a program that begins now asks its
    /// user for it.
    pub fn has_no_entry(&self, identity: Identity) {
        if !self.must_prove(identity) {
            return;
        }
        if let Some(mut last) = self.one_tap.remembered.last()
            && last.phone.identity == identity
        {
            last.phone.pin_entry = None;
            self.one_tap.remembered.keep(&last);
        }
    }
}

impl Shown {
    fn is(&self, last: &LastPhone) -> bool {
        self.phone == last.phone && self.reader == last.reader
    }
}
