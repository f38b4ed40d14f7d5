//! The slot of a phone that is away and is shown as if it were there ("one tap").

use std::sync::Arc;

use super::{Slot, Slots, card_in, first_of, lock};
use crate::card::Card;
use crate::card::probe::NewCard;
use crate::pcsc::{Insertion, Location, ReaderStatus};
use crate::tap::Shown;
use crate::token::Token;

impl Slots {
    /// Whether a phone that is away may be shown.
    #[must_use]
    pub fn shows_awaited(&self) -> bool {
        self.tap.is_allowed()
    }

    /// The other slots with a card that nobody has looked at, nor is looking at now: it may be the phone.
    #[must_use]
    pub fn others_unseen(&self, slot: &Slot) -> Vec<Arc<Slot>> {
        let present = self.readers.snapshot();
        let mut others = self.all();
        others.retain(|other| other.id != slot.id && other.is_unseen(&present));
        others
    }

    /// The phone that is shown while it is away.
    pub(super) fn shown(&self) -> Option<Arc<Shown>> {
        self.tap.shown(|identity| {
            let tokens = lock(&self.tokens);
            tokens
                .iter()
                .any(|token| token.identity == identity && token.has_sessions())
        })
    }

    /// The phone that is shown in this slot although it is away: in one slot whose reader is empty, and in none where it is in
    /// any reader. A slot stays another card's that was in it last, as long as sessions wait for that one to come back.
    #[must_use]
    pub fn awaited_in(&self, slot: &Slot) -> Option<Arc<Token>> {
        let shown = self.shown()?;
        let is_kept_for_another = lock(&slot.contents)
            .last_token
            .as_ref()
            .is_some_and(|last| last.identity != shown.phone.identity && last.has_sessions());
        if is_kept_for_another {
            return None;
        }
        let present = self.readers.snapshot();
        let mut tokens = lock(&self.tokens);
        let seen = first_of(&tokens, shown.phone.identity);
        if seen.as_ref().is_some_and(|token| token.is_among(&present)) {
            return None;
        }
        let last = seen.as_ref().map(|token| token.location().reader);
        if !self.is_place_of(
            slot,
            &last.unwrap_or_else(|| shown.reader.clone()),
            &present,
        ) {
            return None;
        }
        let token = match seen {
            Some(token) => token,
            None => {
                let location = Location {
                    reader: slot.reader()?,
                    insertion: Insertion::NONE,
                };
                let card = Card::away(
                    &self.readers,
                    location.reader.clone(),
                    &self.cache,
                    &self.known_cards,
                    shown.phone,
                );
                let new = NewCard {
                    card,
                    public: shown.public.clone(),
                    insertion: Insertion::NONE,
                };
                let token = self.add_token(&mut tokens, new, 0, location)?;
                token.card_left();
                token
            }
        };
        drop(tokens);
        token.is_shown_as(&shown.public, shown.phone.objects);
        // Another card in this reader ends its sessions.
        lock(&slot.contents).last_token = Some(Arc::clone(&token));
        Some(token)
    }

    /// Whether a phone that was last in this reader is shown in this slot while it is away: there, else in the first slot with an
    /// empty reader.
    fn is_place_of(&self, slot: &Slot, last: &std::ffi::CStr, present: &[ReaderStatus]) -> bool {
        let slots = self.all();
        let is_empty = |slot: &&Arc<Slot>| {
            slot.reader().is_some_and(|reader| {
                present
                    .iter()
                    .any(|status| status.name == reader && status.card.is_none())
            })
        };
        slots
            .iter()
            .filter(is_empty)
            .find(|slot| slot.reader().as_deref() == Some(last))
            .or_else(|| slots.iter().find(is_empty))
            .is_some_and(|place| place.id == slot.id)
    }
}

impl Slot {
    /// Whether there is a card in it that nobody has looked at in this insertion, nor is looking at now.
    fn is_unseen(&self, present: &[ReaderStatus]) -> bool {
        let Some(insertion) = card_in(self, present) else {
            return false;
        };
        self.contents.try_lock().is_ok_and(|contents| {
            contents
                .probe
                .as_ref()
                .is_none_or(|probe| probe.insertion != *insertion)
        })
    }
}
