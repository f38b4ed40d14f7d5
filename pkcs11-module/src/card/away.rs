//! A card that is away, and is known from when it was here.

use std::ffi::CString;
use std::sync::Arc;

use card_edge::piv::extensions::Announcement;
use card_host::{KnownCards, Selected};

use super::{Card, Changes};
use crate::cache::Cache;
use crate::pcsc::bounded::{BoundedReaders, EntryWait};
use crate::remembered::Phone;

impl Card {
    /// A phone that is away, and is expected in this reader.
    #[must_use]
    pub fn away(
        readers: &Arc<BoundedReaders>,
        reader: CString,
        cache: &Arc<Cache>,
        known_cards: &Arc<KnownCards>,
        phone: Phone,
    ) -> Self {
        Self {
            readers: Arc::clone(readers),
            reader,
            identity: phone.identity,
            link: None,
            insertion: None,
            selected: false,
            told: Selected {
                announced: Some(Announcement {
                    objects: phone.objects,
                    pin_tries: None,
                    name: None,
                    pin_entry: phone.pin_entry,
                }),
                suite: None,
            },
            cache: Arc::clone(cache),
            known_cards: Arc::clone(known_cards),
            accepted_in: None,
            proves: true,
            proof_is_due: false,
            entry: EntryWait::default(),
            has_pin_pad: false,
            changes: Changes::default(),
        }
    }
}
