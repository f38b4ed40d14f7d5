//! Which card is meant: the one PIV card in the readers that are looked at.

use std::ffi::{CStr, CString};
use std::sync::Arc;
use std::time::Duration;

use card_edge::Transmit;
use card_edge::piv::client::Client;
use card_host::{KnownCards, is_over_contacts};

use super::card::{self, CardAccess};
use super::error::PinError;
use super::pins::CardPins;
use super::refusal::Refusal;
use super::way::Way;
use crate::doctor::finding::Finding;
use crate::doctor::link::{CardDisposition, LinkError};
use crate::doctor::{matches, pcsc_service};
use crate::transaction::{CardState, card_has_left, card_state, comes, in_transaction};

/// A card in a reader.
#[derive(Debug)]
pub struct ReaderCard {
    /// The reader.
    pub reader: CString,
    /// The cards that this user has met.
    pub cards: Arc<KnownCards>,
}

impl CardAccess for ReaderCard {
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>, &Way) -> (R, CardDisposition)
            + Send
            + 'static,
    {
        let cards = Arc::clone(&self.cards);
        in_transaction(&self.reader, move |link| {
            let is_contactless = !is_over_contacts(link.answer_to_reset());
            let way = Way {
                cards,
                is_contactless,
            };
            work(link, &way)
        })
    }

    fn comes_back(&mut self, within: Duration) -> bool {
        // A reader that has not noticed yet that its card is gone would say that it is back.
        card_has_left(&self.reader);
        comes(&self.reader, within)
    }
}

/// What is in a reader that was looked at.
#[derive(Debug)]
pub enum Candidate {
    /// A PIV card.
    Piv(ReaderCard, CardPins),
    /// No card.
    Empty(String),
    /// A card that is not a PIV card.
    NotPiv(String),
    /// A card or reader that failed, and why.
    Failed(String, Finding),
}

/// Looks into every reader whose name contains `filter`, or into all of them, with these cards that are known.
///
/// # Errors
/// [`Refusal::Finding`] where there is no reader to look into.
pub fn candidates(
    filter: Option<&str>,
    cards: &Arc<KnownCards>,
) -> Result<Vec<Candidate>, Refusal> {
    let names = pcsc_service::readers().map_err(Refusal::Finding)?;
    let shown = |name: &CString| name.to_string_lossy().into_owned();
    let candidates: Vec<Candidate> = names
        .iter()
        .filter(|name| matches(&shown(name), filter))
        .map(|name| candidate(name, cards))
        .collect();
    match filter {
        _ if !candidates.is_empty() => Ok(candidates),
        Some(wanted) if !names.is_empty() => Err(Refusal::Finding(Finding::NoSuchReader {
            name: wanted.to_owned(),
            available: names.iter().map(shown).collect(),
        })),
        _ => Err(Refusal::Finding(Finding::NoReader)),
    }
}

fn candidate(reader: &CStr, cards: &Arc<KnownCards>) -> Candidate {
    let name = reader.to_string_lossy().into_owned();
    match card_state(reader) {
        CardState::Empty => return Candidate::Empty(name),
        CardState::Unknown(finding) | CardState::Unusable(finding, _) => {
            return Candidate::Failed(name, finding);
        }
        CardState::Present(_) => {}
    }
    let mut card = ReaderCard {
        reader: reader.to_owned(),
        cards: Arc::clone(cards),
    };
    let asked = card.transact(|link, way| {
        let asked = card::ask(&mut Client::new(link), way);
        (asked, CardDisposition::Leave)
    });
    match asked {
        Ok(Ok(pins)) => Candidate::Piv(card, pins),
        Ok(Err(PinError::NotPiv)) => Candidate::NotPiv(name),
        Ok(Err(PinError::Link(error))) => Candidate::Failed(name, error.into()),
        Ok(Err(PinError::NotSent(finding))) => Candidate::Failed(name, finding),
        Ok(Err(error)) => Candidate::Failed(name, Finding::AnswerMalformed(error.to_string())),
        Err(finding) => Candidate::Failed(name, finding),
    }
}

/// The one PIV card, and what it says of its PINs.
///
/// # Errors
/// [`Refusal`] where there is none, or more than one.
pub fn the_card(
    filter: Option<&str>,
    cards: &Arc<KnownCards>,
) -> Result<(ReaderCard, CardPins), Refusal> {
    one_of(candidates(filter, cards)?)
}

fn one_of(candidates: Vec<Candidate>) -> Result<(ReaderCard, CardPins), Refusal> {
    let (mut found, mut failed, mut not_piv) = (Vec::new(), None, None);
    for candidate in candidates {
        match candidate {
            Candidate::Piv(card, pins) => found.push((card, pins)),
            Candidate::Failed(_, finding) => failed = failed.or(Some(finding)),
            Candidate::NotPiv(name) => not_piv = not_piv.or(Some(name)),
            Candidate::Empty(_) => {}
        }
    }
    if found.len() > 1 {
        let readers = found.iter().map(|(card, _)| card.reader.to_string_lossy());
        return Err(Refusal::SeveralCards(
            readers.map(std::borrow::Cow::into_owned).collect(),
        ));
    }
    match (found.pop(), failed, not_piv) {
        (Some(one), _, _) => Ok(one),
        (None, Some(finding), _) => Err(Refusal::Finding(finding)),
        (None, None, Some(reader)) => Err(Refusal::NotPiv(reader)),
        (None, None, None) => Err(Refusal::Finding(Finding::NoCard)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin::pins::Protection;

    fn piv(name: &str) -> Candidate {
        let card = ReaderCard {
            reader: CString::new(name).unwrap(),
            cards: Arc::default(),
        };
        let pins = CardPins {
            identity: [1; 16],
            protection: Protection::Contacts,
            pins: Vec::new(),
            obstacle: None,
            typed_at_card: None,
        };
        Candidate::Piv(card, pins)
    }

    #[test]
    fn one_card_is_meant_and_two_are_not_guessed_between() {
        let empty = || Candidate::Empty("E".to_owned());
        let other = || Candidate::NotPiv("O".to_owned());
        assert!(one_of(vec![empty(), other(), piv("A")]).is_ok());
        let error = one_of(vec![piv("A"), piv("B")]).unwrap_err();
        assert!(error.text().contains("--reader"), "{}", error.text());
        for (candidates, words) in [
            (vec![empty()], "No reader has a card"),
            (vec![empty(), other()], "not a PIV card"),
            (
                vec![
                    Candidate::Failed("F".to_owned(), Finding::CardBusy),
                    other(),
                ],
                "does not let go",
            ),
        ] {
            let text = one_of(candidates).unwrap_err().text();
            assert!(text.contains(words), "{text}");
        }
    }
}
