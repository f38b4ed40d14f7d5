//! Which card is meant: the one PIV card in the readers that are looked at.

use std::ffi::{CStr, CString};

use card_edge::Transmit;
use card_edge::piv::client::Client;

use super::card::{self, CardAccess, CardPins, PinError};
use super::refusal::Refusal;
use crate::doctor::finding::Finding;
use crate::doctor::link::{CardDisposition, LinkError};
use crate::doctor::{atr, matches, pcsc_service};
use crate::transaction::{CardState, card_state, in_transaction};

/// A card in a reader.
#[derive(Debug)]
pub struct ReaderCard {
    /// The reader.
    pub reader: CString,
    /// Whether the reader is a contactless one, as its card's ATR tells.
    pub contactless: bool,
}

impl CardAccess for ReaderCard {
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>) -> (R, CardDisposition) + Send + 'static,
    {
        in_transaction(&self.reader, move |link| work(link))
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

/// Looks into every reader whose name contains `filter`, or into all of them.
///
/// # Errors
/// [`Refusal::Finding`] where there is no reader to look into.
pub fn candidates(filter: Option<&str>) -> Result<Vec<Candidate>, Refusal> {
    let names = pcsc_service::readers().map_err(Refusal::Finding)?;
    let shown = |name: &CString| name.to_string_lossy().into_owned();
    let candidates: Vec<Candidate> = names
        .iter()
        .filter(|name| matches(&shown(name), filter))
        .map(|name| candidate(name))
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

fn candidate(reader: &CStr) -> Candidate {
    let name = reader.to_string_lossy().into_owned();
    let answer_to_reset = match card_state(reader) {
        CardState::Empty => return Candidate::Empty(name),
        CardState::Unknown(finding) | CardState::Unusable(finding, _) => {
            return Candidate::Failed(name, finding);
        }
        CardState::Present(answer_to_reset) => answer_to_reset,
    };
    let mut card = ReaderCard {
        reader: reader.to_owned(),
        contactless: atr::explain(&answer_to_reset).is_contactless(),
    };
    let asked = card.transact(|link| (card::ask(&mut Client::new(link)), CardDisposition::Leave));
    match asked {
        Ok(Ok(pins)) => Candidate::Piv(card, pins),
        Ok(Err(PinError::NotPiv)) => Candidate::NotPiv(name),
        Ok(Err(PinError::Link(error))) => Candidate::Failed(name, error.into()),
        Ok(Err(error)) => Candidate::Failed(name, Finding::AnswerMalformed(error.to_string())),
        Err(finding) => Candidate::Failed(name, finding),
    }
}

/// The one PIV card, and what it says of its PINs.
///
/// # Errors
/// [`Refusal`] where there is none, or more than one.
pub fn the_card(filter: Option<&str>) -> Result<(ReaderCard, CardPins), Refusal> {
    one_of(candidates(filter)?)
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

    fn piv(name: &str) -> Candidate {
        let card = ReaderCard {
            reader: CString::new(name).unwrap(),
            contactless: false,
        };
        let pins = CardPins {
            identity: [1; 16],
            pins: Vec::new(),
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
