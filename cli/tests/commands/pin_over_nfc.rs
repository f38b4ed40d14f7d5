//! `tapcard pin` on our own phone over the air, whose link is cut at every command: what is said of the PIN is what is so.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by it"
)]

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use crate::phone::Phone;
use card_edge::Transmit;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK};
use card_edge::piv::{Pin, PinReference, Puk};
use card_edge::transmit::ResponseBytes;
use card_host::{Identity, KnownCards};
use tapcard_cli::arguments::LastTry;
use tapcard_cli::doctor::finding::Finding;
use tapcard_cli::doctor::link::{CardDisposition, LinkError};
use tapcard_cli::pin::card::{self, CardAccess};
use tapcard_cli::pin::error::PinError;
use tapcard_cli::pin::flow::{self, Talk};
use tapcard_cli::pin::pins::{CardPins, Presented, Protection};
use tapcard_cli::pin::refusal::Refusal;
use tapcard_cli::pin::terminal::Terminal;
use tapcard_cli::pin::way::Way;
use tapcard_phone::interface::Interface;
use tempfile::TempDir;
use zeroize::Zeroizing;

const OWN: &str = "482913";
const NEW: &str = "739154";
/// Stands for a PIN that nobody knows any more.
const BLOCKED: &str = "000000";
/// More than the phone gives.
const TRIES_MAX: usize = 8;
/// VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER.
const OF_PINS: [u8; 3] = [0x20, 0x24, 0x2C];
const SELECT: [u8; 4] = [0x00, 0xA4, 0x04, 0x00];
const GET_CHUID: [u8; 11] = [
    0x00, 0xCB, 0x3F, 0xFF, 0x05, 0x5C, 0x03, 0x5F, 0xC1, 0x02, 0x00,
];

/// What of the command is lost at which the link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Command,
    Answer,
}

/// A phone over the air, which leaves after some commands, once, and comes back or not.
struct AtReader {
    phone: Phone,
    cut: Option<(usize, Cut)>,
    /// Somebody between spoils what is asked inside the channel.
    is_spoilt: bool,
    /// It tells nothing with its selection, as a card without a key for secure messaging.
    is_plain: bool,
    /// What it answers when it is asked for its CHUID, where that is another card's.
    copied: Option<Vec<u8>>,
    is_gone: bool,
    comes_back: bool,
    way: Way,
    _known: TempDir,
}

impl AtReader {
    /// With this PIN.
    fn with_pin(pin: &str) -> Self {
        let known = tempfile::tempdir().unwrap();
        let mut reader = Self {
            phone: Phone::new(Interface::Contactless),
            cut: None,
            is_spoilt: false,
            is_plain: false,
            copied: None,
            is_gone: false,
            comes_back: true,
            way: Way {
                cards: Arc::new(KnownCards::at(known.path().join("cards"))),
                is_contactless: true,
            },
            _known: known,
        };
        if pin == BLOCKED {
            for _ in 0..TRIES_MAX {
                assert!(!reader.has_pin(BLOCKED));
            }
        } else if pin != DEFAULT_PIN {
            let mut client = Client::new(&mut reader.phone);
            client.select().unwrap();
            let (old, new) = (self::pin(DEFAULT_PIN), self::pin(pin));
            client.change_pin(&old, &new).unwrap();
        }
        reader.phone.reset();
        reader.phone.wire.clear();
        reader
    }

    fn has_pin(&mut self, digits: &str) -> bool {
        self.phone.reset();
        let mut client = Client::new(&mut self.phone);
        client.select().unwrap();
        client.verify(PinReference::PivPin, &pin(digits)).is_ok()
    }
}

impl Transmit for AtReader {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        if self.is_gone {
            return Err(LinkError::Removed);
        }
        if self.is_spoilt && command.starts_with(&[0x0C, OF_PINS[0]]) {
            return Ok(vec![0x69, 0x88].into());
        }
        match &self.copied {
            Some(chuid) if command == GET_CHUID => return Ok(chuid.clone().into()),
            _ => {}
        }
        if self.is_plain && command.starts_with(&SELECT) {
            self.phone.transmit(command)?;
            return Ok(vec![0x90, 0x00].into());
        }
        let Some((left, cut)) = self.cut else {
            return self.phone.transmit(command);
        };
        if left > 0 {
            self.cut = Some((left - 1, cut));
            return self.phone.transmit(command);
        }
        if cut == Cut::Answer {
            self.phone.transmit(command)?;
        }
        self.cut = None;
        self.is_gone = true;
        Err(LinkError::Removed)
    }
}

impl CardAccess for &mut AtReader {
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>, &Way) -> (R, CardDisposition)
            + Send
            + 'static,
    {
        let way = self.way.clone();
        Ok(work(*self, &way).0)
    }

    fn comes_back(&mut self, _within: Duration) -> bool {
        if self.comes_back && self.is_gone {
            self.phone.reset();
            self.is_gone = false;
        }
        self.comes_back
    }
}

/// Nobody, who listens.
#[derive(Default)]
struct Nobody(Vec<String>);

impl Terminal for Nobody {
    fn is_there(&self) -> bool {
        false
    }

    fn ask_secret(&mut self, _prompt: &str) -> io::Result<Zeroizing<String>> {
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn confirm(&mut self, _question: &str) -> io::Result<bool> {
        Ok(false)
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        self.0.push(words.to_owned());
        Ok(())
    }
}

fn pin(digits: &str) -> Pin {
    Pin::new(digits.as_bytes()).unwrap()
}

/// A new PIN by the old one, or by the PUK.
fn set(reader: &mut AtReader, by: Option<&str>) -> Result<(), Refusal> {
    match ask(reader) {
        Ok(before) => set_asked(reader, before, &mut Nobody::default(), by),
        Err(PinError::NotSent(finding)) => Err(Refusal::Finding(finding)),
        Err(error) => Err(Refusal::Card(error)),
    }
}

fn ask(reader: &mut AtReader) -> Result<CardPins, PinError> {
    let way = reader.way.clone();
    card::ask(&mut Client::new(reader), &way)
}

/// The same, of a card that was asked before.
fn set_asked(
    reader: &mut AtReader,
    before: CardPins,
    terminal: &mut Nobody,
    by: Option<&str>,
) -> Result<(), Refusal> {
    let mut talk = Talk {
        terminal,
        out: &mut Vec::new(),
        last_try: LastTry::MaySpend,
    };
    let new = Some(pin(NEW));
    match by {
        Some(old) => flow::change((reader, before), &mut talk, Some(pin(old)), new),
        None => {
            let puk = Puk::new(DEFAULT_PUK.as_bytes()).unwrap();
            flow::unblock((reader, before), &mut talk, Some(puk), new)
        }
    }
}

/// Cuts the link at every command of a new PIN, and holds what is said against the PIN that the card has then. How often it
/// was set, was in doubt, and was not set.
fn sweep(old: &str, by: Option<&str>, comes_back: bool) -> [usize; 3] {
    let mut outcomes = [0; 3];
    for (at, cut) in (0..).flat_map(|at| [Cut::Command, Cut::Answer].map(|cut| (at, cut))) {
        let mut reader = AtReader::with_pin(old);
        (reader.cut, reader.comes_back) = (Some((at, cut)), comes_back);
        let done = set(&mut reader, by);
        let place = format!("{old} {by:?} {comes_back} {at} {cut:?}: {done:?}");
        let wire = &reader.phone.wire;
        let in_clear = |apdu: &&Vec<u8>| OF_PINS.contains(&apdu[1]) && apdu[0] & 0x0C != 0x0C;
        assert_eq!(wire.iter().find(in_clear), None, "{place}");
        let was_cut = reader.cut.is_none();
        (reader.cut, reader.is_gone) = (None, false);
        let is_new = reader.has_pin(NEW);
        let (outcome, is_so) = match done {
            Ok(()) => (0, is_new),
            Err(Refusal::InDoubt(_)) => (1, true),
            Err(_) => (2, !is_new),
        };
        assert!(is_so, "{place}");
        outcomes[outcome] += 1;
        if !was_cut {
            break;
        }
    }
    outcomes
}

#[test]
fn wherever_the_link_is_cut_what_is_said_of_the_pin_is_so_and_nobody_hears_it() {
    // Nothing that is said inside the channel tells one PIN that was never tried from another.
    for (old, by, comes_back, doubts) in [
        (BLOCKED, None, true, 0),
        (DEFAULT_PIN, Some(DEFAULT_PIN), true, 2),
        (DEFAULT_PIN, None, true, 2),
        (OWN, Some(OWN), true, 2),
        (OWN, None, true, 2),
        (DEFAULT_PIN, Some(DEFAULT_PIN), false, 2),
    ] {
        let [set, in_doubt, not_set] = sweep(old, by, comes_back);
        assert!(set > 1 && not_set > 1, "{set} {not_set}");
        assert_eq!(in_doubt, doubts, "{old} {by:?} {comes_back}");
    }
}

#[test]
fn a_card_that_shows_another_key_than_it_was_met_with_is_told_no_pin() {
    let mut readers = [DEFAULT_PIN, DEFAULT_PIN].map(AtReader::with_pin);
    let files = readers.each_mut().map(|reader| {
        let way = reader.way.clone();
        let met = card::ask(&mut Client::new(&mut *reader), &way).unwrap();
        way.cards.path(Identity(met.identity)).unwrap()
    });
    // What is remembered of the one is the key of the other.
    std::fs::copy(&files[0], &files[1]).unwrap();
    let reader = &mut readers[1];
    for by in [Some(DEFAULT_PIN), None] {
        reader.phone.wire.clear();
        let refusal = set(reader, by).unwrap_err();
        let file = files[1].display().to_string();
        for words in ["does not show that one's key", &file] {
            assert!(refusal.text().contains(words), "{}", refusal.text());
        }
        let wire = &reader.phone.wire;
        assert!(wire.iter().all(|apdu| !OF_PINS.contains(&apdu[1])));
    }
    assert!(reader.has_pin(DEFAULT_PIN));
}

#[test]
fn where_the_channel_ends_before_it_no_pin_is_sent() {
    let mut reader = AtReader::with_pin(DEFAULT_PIN);
    reader.is_spoilt = true;
    let refusal = set(&mut reader, Some(DEFAULT_PIN)).unwrap_err();
    let text = refusal.text();
    assert!(text.contains("it ended before the PIN was sent"), "{text}");
    let wire = &reader.phone.wire;
    assert!(wire.iter().all(|apdu| !OF_PINS.contains(&apdu[1])));
    assert!(reader.has_pin(DEFAULT_PIN));
}

#[test]
fn a_card_that_is_swapped_while_somebody_types_is_told_no_pin_where_nothing_can_be_remembered() {
    for has_key in [true, false] {
        for by in [Some(DEFAULT_PIN), None] {
            let mut reader = AtReader::with_pin(DEFAULT_PIN);
            reader.way.cards = Arc::new(KnownCards::default().holding());
            let before = ask(&mut reader).unwrap();
            if has_key {
                reader.copied = Some(reader.phone.transmit(&GET_CHUID).unwrap().to_vec());
                reader.phone = Phone::new(Interface::Contactless);
            } else {
                reader.is_plain = true;
            }
            reader.phone.wire.clear();
            let mut terminal = Nobody::default();
            let refusal = set_asked(&mut reader, before, &mut terminal, by).unwrap_err();
            assert!(
                refusal.text().contains("Another card is in the reader now"),
                "{}",
                refusal.text()
            );
            let wire = &reader.phone.wire;
            assert!(wire.iter().all(|apdu| !OF_PINS.contains(&apdu[1])));
            let heard = terminal.0.join("");
            assert!(heard.contains("key cannot be remembered"), "{heard}");
        }
    }
}

#[test]
fn whoever_types_a_pin_that_others_can_hear_is_told_before() {
    let mut reader = AtReader::with_pin(DEFAULT_PIN);
    let heard = |reader: &mut AtReader| {
        let before = ask(reader).unwrap();
        let mut terminal = Nobody::default();
        let _ = set_asked(reader, before, &mut terminal, Some(DEFAULT_PIN));
        terminal.0.join("")
    };
    assert_eq!(heard(&mut reader), "");
    let mut reader = AtReader::with_pin(DEFAULT_PIN);
    reader.is_plain = true;
    let words = heard(&mut reader);
    assert!(words.contains("can hear the PIN"), "{words}");
}

#[test]
fn a_card_that_is_moved_between_contacts_and_a_field_while_somebody_types_is_told_no_pin() {
    for is_contactless in [true, false] {
        for by in [Some(DEFAULT_PIN), None] {
            let mut reader = AtReader::with_pin(DEFAULT_PIN);
            reader.is_plain = true;
            reader.way.is_contactless = !is_contactless;
            let before = ask(&mut reader).unwrap();
            reader.way.is_contactless = is_contactless;
            reader.phone.wire.clear();
            let refusal = set_asked(&mut reader, before, &mut Nobody::default(), by).unwrap_err();
            let text = refusal.text();
            assert!(text.contains("Another card is in the reader now"), "{text}");
            let wire = &reader.phone.wire;
            assert!(wire.iter().all(|apdu| !OF_PINS.contains(&apdu[1])));
        }
    }
}

#[test]
fn over_contacts_a_known_card_without_its_key_and_one_whose_file_others_may_write_are_told_no_pin()
{
    let mut reader = AtReader::with_pin(DEFAULT_PIN);
    let met = ask(&mut reader).unwrap();
    let file = reader.way.cards.path(Identity(met.identity)).unwrap();
    reader.way.is_contactless = false;
    for (is_plain, mode, obstacle) in [
        (true, 0o600, Some("card-not-proved")),
        (false, 0o666, Some("known-card-unreadable")),
        (false, 0o600, None),
    ] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        reader.is_plain = is_plain;
        let told = match ask(&mut reader) {
            Ok(_) => None,
            Err(PinError::NotSent(finding)) => Some(finding.code()),
            Err(_) => Some("another error"),
        };
        assert_eq!(told, obstacle);
        reader.phone.wire.clear();
        let done = set_asked(
            &mut reader,
            CardPins {
                protection: Protection::Contacts,
                ..met.clone()
            },
            &mut Nobody::default(),
            Some(DEFAULT_PIN),
        );
        assert_eq!(done.is_err(), obstacle.is_some(), "{done:?}");
        let wire = &reader.phone.wire;
        let was_sent = wire.iter().any(|apdu| OF_PINS.contains(&apdu[1]));
        assert_eq!(was_sent, obstacle.is_none());
    }
}

#[test]
fn the_last_try_of_the_puk_over_the_air_is_not_spent_without_a_question() {
    let mut reader = AtReader::with_pin(BLOCKED);
    let wrong = Puk::new(b"00000000").unwrap();
    for left in (1..TRIES_MAX).rev() {
        reader.phone.reset();
        let before = ask(&mut reader).unwrap();
        let Some(told) = before.tries_left(Presented::Puk) else {
            panic!("the phone does not tell of its PUK");
        };
        if told == 1 {
            break;
        }
        assert!(left > 1, "{told}");
        let mut client = Client::new(&mut reader.phone);
        client.select().unwrap();
        let new = pin(NEW);
        let refused = client.reset_retry_counter(&wrong, &new).unwrap_err();
        assert!(
            matches!(refused, ClientError::Wrong(after) if after + 1 == told),
            "{told}: {refused}"
        );
    }
    let before = ask(&mut reader).unwrap();
    let mut talk = Talk {
        terminal: &mut Nobody::default(),
        out: &mut Vec::new(),
        last_try: LastTry::Ask,
    };
    let refusal = flow::unblock(
        (&mut reader, before),
        &mut talk,
        Some(wrong),
        Some(pin(NEW)),
    );
    assert!(matches!(refusal, Err(Refusal::LastTry(Presented::Puk))));
}
