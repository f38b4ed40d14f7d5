//! The slot of a phone that is away and is shown as if it were there ("one tap").

use std::sync::Arc;

use super::{Slot, Slots, card_in, lock};
use crate::card::Card;
use crate::card::probe::NewCard;
use crate::pcsc::{Insertion, ReaderStatus};
use crate::token::Token;
use crate::token::known::Location;

impl Slots {
    /// Whether a phone that is away may be shown.
    #[must_use]
    pub fn shows_awaited(&self) -> bool {
        self.tap.is_allowed()
    }

    /// The other slots with a card in them, which may be the phone.
    #[must_use]
    pub fn others_with_card(&self, slot: &Slot) -> Vec<Arc<Slot>> {
        let present = self.readers.snapshot();
        let mut others = self.all();
        others.retain(|other| other.id != slot.id && card_in(other, &present).is_some());
        others
    }

    /// The phone that is shown in this slot although it is away: the one that was used last, in one slot whose reader is empty,
    /// and in none where it is in any reader.
    #[must_use]
    pub fn awaited_in(&self, slot: &Slot) -> Option<Arc<Token>> {
        let (phone, public) = self.tap.phone()?;
        let present = self.readers.snapshot();
        let mut tokens = lock(&self.tokens);
        let seen = tokens
            .iter()
            .find(|token| token.identity == phone.identity)
            .cloned();
        if seen.as_ref().is_some_and(|token| token.is_among(&present)) {
            return None;
        }
        if !self.is_place_of(slot, seen.as_deref(), &present) {
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
                    phone,
                );
                let new = NewCard {
                    card,
                    public,
                    insertion: Insertion::NONE,
                };
                let token = self.add_token(&mut tokens, new, 0, location)?;
                token.card_left();
                token
            }
        };
        drop(tokens);
        token.mark_awaited();
        // Another card in this reader ends its sessions.
        lock(&slot.contents).last_token = Some(Arc::clone(&token));
        Some(token)
    }

    /// Whether a phone that is away is shown here: where it was last, else in the first slot with an empty reader.
    fn is_place_of(&self, slot: &Slot, seen: Option<&Token>, present: &[ReaderStatus]) -> bool {
        let slots = self.all();
        let is_empty = |slot: &&Arc<Slot>| {
            slot.reader().is_some_and(|reader| {
                present
                    .iter()
                    .any(|status| status.name == reader && status.card.is_none())
            })
        };
        let last = seen.map(|token| token.location().reader);
        slots
            .iter()
            .filter(is_empty)
            .find(|slot| last.is_some() && slot.reader() == last)
            .or_else(|| slots.iter().find(is_empty))
            .is_some_and(|place| place.id == slot.id)
    }
}
