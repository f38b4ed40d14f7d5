//! `tapcard meet`: a card that has a new key for secure messaging is met again, after a comparison with what its holder sees on
//! the phone. Without that anybody's card that claims the number could take the phone's place.

mod card;
mod number;

use std::ffi::CString;
use std::io::{self, Write};

use card_edge::piv::client::Client;
use card_edge::piv::secure_messaging::Fingerprint;
use card_host::{Identity, KnownCards, Meeting};
use data_encoding::HEXLOWER;

pub use card::{Shown, look};
pub use number::OtherNumber;

use crate::advice_text::{advice, line};
use crate::arguments::MeetOptions;
use crate::doctor::finding::Finding;
use crate::doctor::link::CardDisposition;
use crate::doctor::{matches, pcsc_service};
use crate::exit::Outcome;
use crate::pin::error::PinError;
use crate::pin::refusal::Refusal;
use crate::pin::terminal::{SystemTerminal, Terminal};
use crate::transaction::{CardState, card_state, in_transaction};

/// Runs `tapcard meet`. What is wrong goes to `complaints`.
///
/// # Errors
/// Where nothing can be written.
pub fn run(
    options: &MeetOptions,
    out: &mut impl Write,
    complaints: &mut impl Write,
) -> io::Result<Outcome> {
    let cards = KnownCards::of_user(&|name| std::env::var_os(name));
    match the_card(options.reader.as_deref()) {
        Ok(shown) => meet(
            &shown,
            &cards,
            &mut SystemTerminal,
            options.key.as_deref(),
            out,
        ),
        Err(refusal) => {
            complaints.write_all(refusal.text().as_bytes())?;
            Ok(Outcome::Wrong)
        }
    }
}

/// The one PIV card in the readers that are looked at.
fn the_card(filter: Option<&str>) -> Result<Shown, Refusal> {
    let names = pcsc_service::readers().map_err(Refusal::Finding)?;
    let mut found: Vec<(CString, Shown)> = Vec::new();
    let mut failed = None;
    for name in names {
        let shown = name.to_string_lossy().into_owned();
        if !matches(&shown, filter) || card_state(&name) == CardState::Empty {
            continue;
        }
        let looked = in_transaction(&name, |link| {
            (look(&mut Client::new(link)), CardDisposition::Leave)
        });
        match looked {
            Ok(Ok(card)) => found.push((name, card)),
            Ok(Err(PinError::NotPiv)) => failed = failed.or(Some(Refusal::NotPiv(shown))),
            Ok(Err(error)) => failed = Some(Refusal::Card(error)),
            Err(finding) => failed = Some(Refusal::Finding(finding)),
        }
    }
    if found.len() > 1 {
        let readers = found.iter().map(|(name, _)| name.to_string_lossy());
        return Err(Refusal::SeveralCards(
            readers.map(std::borrow::Cow::into_owned).collect(),
        ));
    }
    let one = found.pop().map(|(_, card)| card);
    one.ok_or_else(|| failed.unwrap_or(Refusal::Finding(Finding::NoCard)))
}

/// Compares what the card shows with what is remembered, and remembers it where its holder says that the phone shows the same,
/// or where it is what was `expected`.
///
/// # Errors
/// Where nothing can be written, or asked.
pub fn meet(
    shown: &Shown,
    cards: &KnownCards,
    terminal: &mut dyn Terminal,
    expected: Option<&str>,
    out: &mut impl Write,
) -> io::Result<Outcome> {
    let mut say = |words: &str| out.write_all(line(0, words).as_bytes());
    let card = Identity(shown.identity);
    let number = HEXLOWER.encode(&shown.identity);
    let Some(key) = shown.key else {
        say("This card has no key for a protected channel: there is nothing to meet it by.")?;
        return Ok(Outcome::Wrong);
    };
    let fingerprint = key.fingerprint();
    say(&format!("Card {number} proves the key {fingerprint}."))?;
    if !shown.others.is_empty() {
        for OtherNumber { key, number } in &shown.others {
            let key = key.to_u8();
            say(&format!(
                "Its certificate for the key {key:02X} is that of another card, {number}."
            ))?;
        }
        say("This card is not what it says to be, or was made wrongly: nothing was changed.")?;
        say("-> Take it away, and type no PIN. Where it is your own, ask whoever issued it.")?;
        return Ok(Outcome::Wrong);
    }
    match cards.meeting(card) {
        Meeting::Known(known) if known == key => {
            say("This computer knows it by this key.")?;
            // A card is believed when it is first met: another one may have come before the phone.
            if expected.is_some_and(|digits| !fingerprint.is_shown_as(digits)) {
                say("Those are not the digits that were given.")?;
                say(
                    "-> The key that is remembered is another card's: take this one away, type no PIN, and run this again with the phone.",
                )?;
                return Ok(Outcome::Wrong);
            }
            return Ok(Outcome::Well);
        }
        Meeting::Known(known) => say(&format!(
            "This computer knows it by another key, {}.",
            known.fingerprint()
        ))?,
        Meeting::Never => say("This computer has not met it yet.")?,
        Meeting::Unreadable(why) => {
            out.write_all(advice(&Finding::KnownCardUnreadable(why), 0).as_bytes())?;
        }
    }
    if !is_agreed(fingerprint, terminal, expected)? {
        let words = match expected {
            Some(_) => "Those are not the digits that were given: nothing was changed.",
            None => "Nothing was changed.",
        };
        out.write_all(line(0, words).as_bytes())?;
        let advice = "-> Where the phone shows other digits, this card is not the phone: take it away, and type no PIN.";
        out.write_all(line(0, advice).as_bytes())?;
        return Ok(Outcome::Wrong);
    }
    match cards.meet_again(card, key) {
        Ok(()) => {
            let words = "This computer knows the card by this key from now on. Start programs again that use it.";
            out.write_all(line(0, words).as_bytes())?;
            Ok(Outcome::Well)
        }
        Err(error) => {
            let words = format!("The key cannot be remembered: {error}.");
            out.write_all(line(0, &words).as_bytes())?;
            Ok(Outcome::Wrong)
        }
    }
}

/// Whether the phone shows the same digits.
fn is_agreed(
    fingerprint: Fingerprint,
    terminal: &mut dyn Terminal,
    expected: Option<&str>,
) -> io::Result<bool> {
    if let Some(digits) = expected {
        return Ok(fingerprint.is_shown_as(digits));
    }
    if !terminal.is_there() {
        terminal.say("Say by --key which digits the phone shows.")?;
        return Ok(false);
    }
    terminal.say("The phone shows its own (`tapcard-phone status`, \"Channel key\").")?;
    // The digits may have been written elsewhere before.
    terminal.confirm(&format!("Does the phone show {fingerprint}?"))
}
