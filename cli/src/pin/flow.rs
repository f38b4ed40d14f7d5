//! What is asked and told in which order. The card is asked first, so that nobody types a PIN for a card that would not take
//! it; then the PINs are asked for, with the card free for others; then one transaction makes sure that it is the same card
//! and presents them.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use card_edge::piv::client::Client;
use card_edge::piv::pin::is_guessable;
use card_edge::piv::{Pin, Puk};
use card_host::KnownCards;
use plain_text::Json;
use serde::Serialize;
use serde_json::Value;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::card::{self, CardAccess};
use super::choice::{self, Candidate};
use super::error::PinError;
use super::pins::{CardPins, Presented, Protection};
use super::refusal::{Refusal, capital};
use super::secret::{self, FormError, NEW_PIN, PIN, PUK, Secret, SecretError};
use super::terminal::Terminal;
use super::torn::{Fate, judge as judge_torn};
use super::words;
use crate::advice_text::{advice, line};
use crate::arguments::{LastTry, PinStatusOptions};
use crate::doctor::finding::Finding;
use crate::doctor::link::CardDisposition;
use crate::doctor::piv::{PinReport, PinState};
use crate::exit::Outcome;

/// How often a new PIN is asked for before it is given up.
const QUESTIONS_MAX: usize = 5;

/// How long a card is waited for that left while a new PIN was on its way.
const RETURN: Duration = Duration::from_secs(10);

/// Who is talked to, and what may be done without a question.
pub struct Talk<'a, O> {
    /// The person.
    pub terminal: &'a mut dyn Terminal,
    /// Where results go.
    pub out: &'a mut O,
    /// Whether a last try may be spent without a question.
    pub last_try: LastTry,
}

/// What a reader's card says of its PINs, for scripts.
#[derive(Serialize)]
struct StatusOfReader<'a> {
    reader: String,
    state: &'static str,
    /// Why it would be sent no PIN, if it would not.
    obstacle: Option<&'static str>,
    /// How many seconds it waits for its holder to type the PIN there; null where that is not to be had.
    typed_at_card_seconds: Option<u64>,
    pins: &'a [PinReport],
}

/// `tapcard pin status`: what every PIV card says.
///
/// # Errors
/// Where nothing can be written.
pub fn status(
    options: &PinStatusOptions,
    cards: &Arc<KnownCards>,
    out: &mut impl Write,
) -> io::Result<Outcome> {
    let candidates = match choice::candidates(options.reader.as_deref(), cards) {
        Ok(candidates) => candidates,
        Err(refusal) if options.json => {
            let error = refusal.to_string();
            let answer = serde_json::json!({"schema": 1, "readers": [], "error": error.trim()});
            write_json(out, &answer)?;
            return Ok(Outcome::Wrong);
        }
        Err(refusal) => {
            out.write_all(refusal.text().as_bytes())?;
            return Ok(Outcome::Wrong);
        }
    };
    if options.json {
        let readers: Vec<_> = candidates.iter().map(as_json).collect();
        write_json(out, &serde_json::json!({"schema": 1, "readers": readers}))?;
    } else {
        for candidate in &candidates {
            out.write_all(as_text(candidate).as_bytes())?;
        }
    }
    let usable = |pins: &CardPins| {
        pins.state(Presented::Pin) != PinState::Blocked && pins.obstacle.is_none()
    };
    let well = candidates
        .iter()
        .any(|one| matches!(one, Candidate::Piv(..)))
        && candidates.iter().all(|candidate| match candidate {
            Candidate::Piv(_, pins) => usable(pins),
            Candidate::Empty(_) => true,
            Candidate::NotPiv(_) | Candidate::Failed(..) => false,
        });
    Ok(if well { Outcome::Well } else { Outcome::Wrong })
}

fn write_json(out: &mut impl Write, answer: &Value) -> io::Result<()> {
    let text = serde_json::to_string_pretty(answer)?;
    writeln!(out, "{}", Json(&text))
}

fn as_json(candidate: &Candidate) -> StatusOfReader<'_> {
    let (reader, state, pins): (String, _, &[PinReport]) = match candidate {
        Candidate::Piv(card, pins) => (
            card.reader.to_string_lossy().into_owned(),
            "piv",
            &pins.pins,
        ),
        Candidate::Empty(name) => (name.clone(), "empty", &[]),
        Candidate::NotPiv(name) => (name.clone(), "not-piv", &[]),
        Candidate::Failed(name, finding) => (name.clone(), finding.code(), &[]),
    };
    let (obstacle, typed_at_card) = match candidate {
        Candidate::Piv(_, pins) => (
            pins.obstacle.as_ref().map(Finding::code),
            pins.typed_at_card,
        ),
        Candidate::Empty(_) | Candidate::NotPiv(_) | Candidate::Failed(..) => (None, None),
    };
    StatusOfReader {
        reader,
        state,
        obstacle,
        typed_at_card_seconds: typed_at_card.map(|time| time.duration().as_secs()),
        pins,
    }
}

fn as_text(candidate: &Candidate) -> String {
    let (name, lines) = match candidate {
        Candidate::Piv(card, pins) => {
            let mut text: String = pins
                .pins
                .iter()
                .map(|pin| line(2, &words::pin(pin)))
                .collect();
            if pins.typed_at_card.is_some() {
                text.push_str(&line(2, words::TYPED_AT_PHONE));
            }
            if let Some(obstacle) = &pins.obstacle {
                text.push_str(&advice(obstacle, 2));
            }
            if pins.state(Presented::Pin) == PinState::Blocked {
                let contactless = pins.protection.is_contactless();
                text.push_str(&advice(&Finding::PinBlocked { contactless }, 2));
            }
            if pins.pins.iter().any(|pin| pin.is_default == Some(true)) {
                text.push_str(&line(
                    2,
                    "-> What every new card has, everybody knows: `tapcard pin change` sets another PIN.",
                ));
            }
            (card.reader.to_string_lossy().into_owned(), text)
        }
        Candidate::Empty(name) => (name.clone(), line(2, "No card is in this reader.")),
        Candidate::NotPiv(name) => (
            name.clone(),
            line(2, "The card in this reader is not a PIV card."),
        ),
        Candidate::Failed(name, finding) => (name.clone(), advice(finding, 2)),
    };
    line(0, &name) + &lines
}

/// `tapcard pin change`: a new PIN by the old one. What was not given is asked for.
///
/// # Errors
/// [`Refusal`].
pub fn change(
    (mut reader, before): (impl CardAccess, CardPins),
    talk: &mut Talk<'_, impl Write>,
    old: Option<Pin>,
    new: Option<Pin>,
) -> Result<(), Refusal> {
    tell(talk.out, &before, Presented::Pin)?;
    judge(talk, &before, Presented::Pin)?;
    warn(talk.terminal, before.protection)?;
    let old = match old {
        Some(pin) => pin,
        None => ask(talk.terminal, PIN, "PIN now: ", secret::read_pin)?,
    };
    let new = new_pin(talk.terminal, new)?;
    if bool::from(old.ct_eq(&new)) {
        return Err(Refusal::SamePin);
    }
    let contactless = before.protection.is_contactless();
    let sent = reader.transact(move |link, way| {
        let mut client = Client::new(link);
        with_disposition(card::change(&mut client, way, &before, &old, &new))
    });
    let after = outcome(
        &mut reader,
        talk,
        Presented::Pin,
        contactless,
        sent.map_err(Refusal::Finding)?,
    )?;
    writeln!(talk.out, "The PIN is changed.")?;
    tell(talk.out, &after, Presented::Pin)
}

/// `tapcard pin unblock`: a new PIN by the PUK. What was not given is asked for.
///
/// # Errors
/// [`Refusal`].
pub fn unblock(
    (mut reader, before): (impl CardAccess, CardPins),
    talk: &mut Talk<'_, impl Write>,
    puk: Option<Puk>,
    new: Option<Pin>,
) -> Result<(), Refusal> {
    tell(talk.out, &before, Presented::Pin)?;
    tell(talk.out, &before, Presented::Puk)?;
    judge(talk, &before, Presented::Puk)?;
    warn(talk.terminal, before.protection)?;
    let puk = match puk {
        Some(puk) => puk,
        None => ask(talk.terminal, PUK, "PUK: ", secret::read_puk)?,
    };
    let new = new_pin(talk.terminal, new)?;
    let contactless = before.protection.is_contactless();
    let sent = reader.transact(move |link, way| {
        let mut client = Client::new(link);
        with_disposition(card::unblock(&mut client, way, &before, &puk, &new))
    });
    let after = outcome(
        &mut reader,
        talk,
        Presented::Puk,
        contactless,
        sent.map_err(Refusal::Finding)?,
    )?;
    writeln!(talk.out, "The card has a new PIN.")?;
    tell(talk.out, &after, Presented::Pin)
}

fn with_disposition(
    done: Result<(CardPins, CardDisposition), PinError>,
) -> (Result<CardPins, PinError>, CardDisposition) {
    match done {
        Ok((pins, disposition)) => (Ok(pins), disposition),
        Err(error) => (Err(error), CardDisposition::Leave),
    }
}

/// What the card says of its PINs once it has the new one. Where no answer came that counts, it is asked which one it has.
fn outcome(
    reader: &mut impl CardAccess,
    talk: &mut Talk<'_, impl Write>,
    presented: Presented,
    contactless: bool,
    sent: Result<CardPins, PinError>,
) -> Result<CardPins, Refusal> {
    let blocked = || Refusal::Blocked {
        presented,
        contactless,
    };
    let (why, before) = match sent {
        Ok(pins) => return Ok(pins),
        Err(PinError::Interrupted { why, before }) => (why, before),
        Err(PinError::Blocked(_)) => return Err(blocked()),
        Err(PinError::NotSent(finding)) => return Err(Refusal::Finding(finding)),
        Err(other) => return Err(Refusal::Card(other)),
    };
    talk.terminal.say(words::ASKS_AGAIN)?;
    let Some(after) = asked_again(reader, &before) else {
        return Err(Refusal::InDoubt(why));
    };
    match judge_torn(presented, &before, &after) {
        Fate::Changed => Ok(after),
        Fate::Unchanged => Err(Refusal::NotCarriedOut(why)),
        Fate::Refused(0) => Err(blocked()),
        Fate::Refused(tries) => Err(Refusal::Card(PinError::Wrong {
            presented,
            tries_left: Some(tries),
        })),
        Fate::Unknown => Err(Refusal::InDoubt(why)),
    }
}

/// What the card says once it is back; `None` where it does not come, or says nothing that counts.
fn asked_again(reader: &mut impl CardAccess, before: &CardPins) -> Option<CardPins> {
    let end = Instant::now() + RETURN;
    loop {
        let rest = end.saturating_duration_since(Instant::now());
        if rest.is_zero() || !reader.comes_back(rest) {
            return None;
        }
        let before = before.clone();
        let asked = reader.transact(move |link, way| {
            let mut client = Client::new(link);
            with_disposition(card::ask_again(&mut client, way, &before))
        });
        match asked {
            Ok(Ok(pins)) => return Some(pins),
            // It is not at rest yet.
            Ok(Err(PinError::Link(_))) | Err(_) => {}
            Ok(Err(_)) => return None,
        }
    }
}

/// Says what the card says of a PIN or of its PUK, where it says anything.
fn tell(out: &mut impl Write, pins: &CardPins, presented: Presented) -> Result<(), Refusal> {
    match pins.report(presented) {
        Some(pin) => writeln!(out, "{}.", words::pin(pin))?,
        None => writeln!(
            out,
            "{}: the card does not say how many tries are left.",
            presented.words()
        )?,
    }
    Ok(())
}

/// Refuses where no PIN would be sent or no try is left, and asks where the last one would be spent.
fn judge(
    talk: &mut Talk<'_, impl Write>,
    pins: &CardPins,
    presented: Presented,
) -> Result<(), Refusal> {
    if let Some(obstacle) = &pins.obstacle {
        return Err(Refusal::Finding(obstacle.clone()));
    }
    if pins.state(presented) == PinState::Blocked {
        return Err(Refusal::Blocked {
            presented,
            contactless: pins.protection.is_contactless(),
        });
    }
    if pins.tries_left(presented) != Some(1) || talk.last_try == LastTry::MaySpend {
        return Ok(());
    }
    let question = format!(
        "This is the last try: if the {} is wrong, it is blocked. Go on?",
        presented.words()
    );
    if talk.terminal.is_there() && talk.terminal.confirm(&question)? {
        Ok(())
    } else {
        Err(Refusal::LastTry(presented))
    }
}

/// Says before anything is typed who may hear it.
fn warn(terminal: &mut dyn Terminal, protection: Protection) -> io::Result<()> {
    match protection {
        Protection::Contacts | Protection::Channel => Ok(()),
        Protection::ChannelOnce => terminal.say(words::NOT_REMEMBERED),
        Protection::Nothing => terminal.say(words::IN_CLEAR),
    }
}

/// Asks for a secret until it has the form of one.
fn ask<S>(
    terminal: &mut dyn Terminal,
    secret: Secret,
    prompt: &str,
    read: impl Fn(&[u8]) -> Result<S, FormError>,
) -> Result<S, Refusal> {
    if !terminal.is_there() {
        return Err(SecretError::NotGiven(secret).into());
    }
    let mut last = FormError::Puk;
    for _ in 0..QUESTIONS_MAX {
        let text = terminal.ask_secret(prompt)?;
        match read(text.as_bytes()) {
            Ok(value) => return Ok(value),
            Err(error) => {
                terminal.say(&format!("{}.", capital(&error.to_string())))?;
                last = error;
            }
        }
    }
    Err(SecretError::Malformed {
        words: secret.words,
        reason: last,
    }
    .into())
}

/// The new PIN that was given, or the one that is typed twice.
fn new_pin(terminal: &mut dyn Terminal, given: Option<Pin>) -> Result<Pin, Refusal> {
    let pin = match given {
        Some(pin) => pin,
        None => ask_twice(terminal)?,
    };
    let digits: Zeroizing<Vec<u8>> = Zeroizing::new(
        pin.as_bytes()
            .iter()
            .copied()
            .filter(u8::is_ascii_digit)
            .collect(),
    );
    if is_guessable(&digits) {
        terminal.say(words::GUESSABLE)?;
    }
    Ok(pin)
}

fn ask_twice(terminal: &mut dyn Terminal) -> Result<Pin, Refusal> {
    for _ in 0..QUESTIONS_MAX {
        let first = ask(
            terminal,
            NEW_PIN,
            "New PIN (6 to 8 digits): ",
            secret::read_pin,
        )?;
        let second = terminal.ask_secret("New PIN again: ")?;
        // Whatever is not a PIN is not the first one either.
        if secret::read_pin(second.as_bytes()).is_ok_and(|second| first.ct_eq(&second).into()) {
            return Ok(first);
        }
        terminal.say("The two are not the same.")?;
    }
    Err(Refusal::NoNewPin)
}
