//! `tapcard pin` on our own phone in this process: what is asked, told and sent.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, which fail by it"
)]

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::phone::Phone;
use card_edge::Transmit;
use card_edge::piv::client::Client;
use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK};
use card_edge::piv::{Pin, PinReference, Puk, certificate};
use card_edge::tlv::{self, Tag};
use card_edge::transmit::ResponseBytes;
use tapcard_cli::arguments::LastTry;
use tapcard_cli::doctor::finding::Finding;
use tapcard_cli::doctor::link::{CardDisposition, LinkError};
use tapcard_cli::pin::card::{self, CardAccess};
use tapcard_cli::pin::error::PinError;
use tapcard_cli::pin::flow::{self, Talk};
use tapcard_cli::pin::pins::{CardPins, Presented};
use tapcard_cli::pin::refusal::Refusal;
use tapcard_cli::pin::terminal::Terminal;
use tapcard_cli::pin::way::Way;
use tapcard_phone::interface;
use zeroize::Zeroizing;

const NEW: &str = "739154";
/// CHANGE REFERENCE DATA and RESET RETRY COUNTER.
const CHANGES: [u8; 2] = [0x24, 0x2C];

fn over_contacts() -> Way {
    Way {
        cards: Arc::default(),
        is_contactless: false,
    }
}

struct AtReader<'a>(&'a mut Phone);

impl CardAccess for AtReader<'_> {
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>, &Way) -> (R, CardDisposition)
            + Send
            + 'static,
    {
        let (done, disposition) = work(self.0, &over_contacts());
        assert_eq!(disposition, CardDisposition::Leave);
        Ok(done)
    }

    fn comes_back(&mut self, _within: Duration) -> bool {
        true
    }
}

/// Somebody whose answers are known beforehand; nobody, where there are none.
#[derive(Default)]
struct Script {
    secrets: VecDeque<&'static str>,
    confirms: Option<bool>,
    heard: Vec<String>,
}

impl Terminal for Script {
    fn is_there(&self) -> bool {
        !self.secrets.is_empty() || self.confirms.is_some()
    }

    fn ask_secret(&mut self, prompt: &str) -> io::Result<Zeroizing<String>> {
        self.heard.push(prompt.to_owned());
        let answer = self.secrets.pop_front();
        answer
            .map(|text| Zeroizing::new(text.to_owned()))
            .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn confirm(&mut self, question: &str) -> io::Result<bool> {
        self.heard.push(question.to_owned());
        Ok(self.confirms.unwrap_or(false))
    }

    fn say(&mut self, words: &str) -> io::Result<()> {
        self.heard.push(words.to_owned());
        Ok(())
    }
}

/// A phone, and whoever sits before it.
/// Around each object that GET DATA gives.
const TAG_DATA: Tag = Tag::new(0x53);

struct Desk {
    phone: Phone,
    script: Script,
    last_try: LastTry,
    told: String,
}

impl Desk {
    fn new() -> Self {
        Self {
            phone: Phone::new(interface::Interface::Contact),
            script: Script::default(),
            last_try: LastTry::Ask,
            told: String::new(),
        }
    }

    fn pins(&mut self) -> CardPins {
        card::ask(&mut Client::new(&mut self.phone), &over_contacts()).unwrap()
    }

    fn tries(&mut self, presented: Presented) -> Option<u8> {
        self.pins().tries_left(presented)
    }

    fn talk(
        &mut self,
        work: impl FnOnce((AtReader<'_>, CardPins), &mut Talk<'_, Vec<u8>>) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let before = self.pins();
        let mut out = Vec::new();
        let mut talk = Talk {
            terminal: &mut self.script,
            out: &mut out,
            last_try: self.last_try,
        };
        let done = work((AtReader(&mut self.phone), before), &mut talk);
        self.told = String::from_utf8(out).unwrap();
        done
    }

    fn change(&mut self, old: Option<&str>, new: Option<&str>) -> Result<(), Refusal> {
        let (old, new) = (old.map(pin), new.map(pin));
        self.talk(|card, talk| flow::change(card, talk, old, new))
    }

    fn unblock(&mut self, puk: Option<&str>, new: Option<&str>) -> Result<(), Refusal> {
        let puk = puk.map(|puk| Puk::new(puk.as_bytes()).unwrap());
        let new = new.map(pin);
        self.talk(|card, talk| flow::unblock(card, talk, puk, new))
    }

    fn changes_sent(&self) -> usize {
        let sent = |apdu: &&Vec<u8>| CHANGES.contains(&apdu[1]);
        self.phone.wire.iter().filter(sent).count()
    }
}

fn pin(digits: &str) -> Pin {
    Pin::new(digits.as_bytes()).unwrap()
}

#[test]
fn a_pin_is_changed_and_no_longer_counts_as_verified() {
    let mut desk = Desk::new();
    desk.change(Some(DEFAULT_PIN), Some(NEW)).unwrap();
    assert_eq!(
        desk.told,
        "PIN: 5 tries left; still the one of every new card.\nThe PIN is changed.\nPIN: 5 tries left.\n"
    );
    assert_eq!(desk.tries(Presented::Pin), Some(5));
    desk.change(Some(NEW), Some("482913")).unwrap();
}

#[test]
fn a_wrong_pin_costs_one_try_and_says_how_many_are_left() {
    let mut desk = Desk::new();
    let refusal = desk.change(Some("000000"), Some(NEW)).unwrap_err();
    assert!(refusal.text().contains("The PIN is wrong: 4 tries left."));
    assert_eq!(desk.tries(Presented::Pin), Some(4));
    assert_eq!(desk.changes_sent(), 1);
}

#[test]
fn the_last_try_is_spent_only_where_somebody_says_so() {
    let mut desk = Desk::new();
    for _ in 0..4 {
        desk.change(Some("000000"), Some(NEW)).unwrap_err();
    }
    let sent = desk.changes_sent();
    // Nobody is there; somebody says no.
    for answer in [None, Some(false)] {
        desk.script.confirms = answer;
        let refusal = desk.change(Some("000000"), Some(NEW)).unwrap_err();
        assert!(matches!(refusal, Refusal::LastTry(Presented::Pin)));
    }
    assert_eq!(desk.changes_sent(), sent);
    desk.script.confirms = Some(true);
    let refusal = desk.change(Some("000000"), Some(NEW)).unwrap_err();
    assert!(
        refusal.text().contains("tapcard pin unblock"),
        "{}",
        refusal.text()
    );
    // Blocked: nothing is sent any more.
    let sent = desk.changes_sent();
    desk.change(Some(DEFAULT_PIN), Some(NEW)).unwrap_err();
    assert_eq!(desk.changes_sent(), sent);

    desk.script.confirms = None;
    desk.unblock(Some(DEFAULT_PUK), Some(NEW)).unwrap();
    assert!(
        desk.told.starts_with("PIN: blocked, no tries left"),
        "{}",
        desk.told
    );
    assert!(
        desk.told
            .ends_with("The card has a new PIN.\nPIN: 5 tries left.\n"),
        "{}",
        desk.told
    );
    desk.change(Some(NEW), Some("482913")).unwrap();
}

#[test]
fn yes_spends_the_last_try_without_a_question() {
    let mut desk = Desk::new();
    for _ in 0..4 {
        desk.change(Some("000000"), Some(NEW)).unwrap_err();
    }
    desk.last_try = LastTry::MaySpend;
    desk.change(Some(DEFAULT_PIN), Some(NEW)).unwrap();
    assert_eq!(desk.tries(Presented::Pin), Some(5));
}

#[test]
fn a_wrong_puk_is_counted_and_a_blocked_one_is_not_sent() {
    let mut desk = Desk::new();
    for left in [2, 1] {
        let refusal = desk.unblock(Some("00000000"), Some(NEW)).unwrap_err();
        let words = if left == 1 {
            "1 try left"
        } else {
            "2 tries left"
        };
        assert!(refusal.text().contains(words), "{}", refusal.text());
    }
    assert!(matches!(
        desk.unblock(Some("00000000"), Some(NEW)),
        Err(Refusal::LastTry(Presented::Puk))
    ));
    desk.last_try = LastTry::MaySpend;
    desk.unblock(Some("00000000"), Some(NEW)).unwrap_err();
    let sent = desk.changes_sent();
    let refusal = desk.unblock(Some(DEFAULT_PUK), Some(NEW)).unwrap_err();
    assert!(
        refusal.text().contains("The PUK is blocked"),
        "{}",
        refusal.text()
    );
    assert_eq!(desk.changes_sent(), sent);
}

#[test]
fn pins_are_asked_for_until_they_are_pins_and_the_new_one_twice() {
    let mut desk = Desk::new();
    desk.script.secrets = ["12345", DEFAULT_PIN, "abcdef", NEW, "739155", NEW, NEW].into();
    desk.change(None, None).unwrap();
    let heard = desk.script.heard.join("\n");
    for words in [
        "A PIN has 6 to 8 digits.",
        "digits only",
        "The two are not the same.",
    ] {
        assert!(heard.contains(words), "{heard}");
    }
    assert!(!heard.contains(NEW) && !desk.told.contains(NEW));
    assert_eq!(desk.changes_sent(), 1);
}

#[test]
fn a_new_pin_that_everybody_tries_gets_a_warning() {
    let mut desk = Desk::new();
    desk.change(Some(DEFAULT_PIN), Some("111111")).unwrap();
    assert!(desk.script.heard.join("").contains("everybody tries"));
}

#[test]
fn what_is_missing_or_the_same_is_refused_before_anything_is_sent() {
    let mut desk = Desk::new();
    let refusal = desk.change(None, Some(NEW)).unwrap_err();
    assert!(refusal.text().contains("--pin-file"), "{}", refusal.text());
    let refusal = desk.unblock(None, Some(NEW)).unwrap_err();
    assert!(
        refusal.text().contains("TAPCARD_PUK_FILE"),
        "{}",
        refusal.text()
    );
    let refusal = desk.change(Some(NEW), Some(NEW)).unwrap_err();
    assert!(matches!(refusal, Refusal::SamePin));
    assert_eq!(desk.changes_sent(), 0);
}

#[test]
fn another_card_that_came_meanwhile_is_sent_nothing() {
    let mut desk = Desk::new();
    let mut before = desk.pins();
    before.identity = [9; 16];
    let mut talk = Talk {
        terminal: &mut Script::default(),
        out: &mut Vec::new(),
        last_try: LastTry::Ask,
    };
    let card = (AtReader(&mut desk.phone), before);
    let refusal = flow::change(card, &mut talk, Some(pin(DEFAULT_PIN)), Some(pin(NEW)));
    assert!(refusal.unwrap_err().text().contains("Another card"));
    assert_eq!(desk.changes_sent(), 0);
}

/// A card without a CHUID, with this certificate in 9A.
struct Numberless(Phone, &'static [u8]);

impl Transmit for Numberless {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        const CHUID: [u8; 5] = [0x5C, 0x03, 0x5F, 0xC1, 0x02];
        const CERTIFICATE: [u8; 5] = [0x5C, 0x03, 0x5F, 0xC1, 0x05];
        let asks_for = |object: &[u8]| command.get(5..10) == Some(object);
        Ok(if asks_for(&CHUID) {
            vec![0x6A, 0x82].into()
        } else if asks_for(&CERTIFICATE) {
            let object = certificate::encode(self.1).unwrap();
            let wrapped = tlv::encode(TAG_DATA, &object).unwrap();
            [&wrapped[..], &[0x90, 0x00]].concat().into()
        } else {
            self.0.transmit(command)?
        })
    }
}

#[test]
fn cards_without_a_number_are_told_apart_by_their_certificates() {
    let card = |certificate| Numberless(Phone::new(interface::Interface::Contact), certificate);
    let (mut first, mut other) = (card(b"the first"), card(b"another"));
    let asked = card::ask(&mut Client::new(&mut first), &over_contacts()).unwrap();
    let change = |card: &mut Numberless| {
        let mut client = Client::new(card);
        card::change(
            &mut client,
            &over_contacts(),
            &asked,
            &pin(DEFAULT_PIN),
            &pin(NEW),
        )
        .map(drop)
    };
    assert!(matches!(change(&mut other), Err(PinError::OtherCard)));
    assert!(change(&mut first).is_ok());
}

/// A phone that is taken away after some commands: the last one reaches it, its answer does not come back.
struct TakenAway {
    phone: Phone,
    commands: usize,
}

impl Transmit for TakenAway {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let Some(left) = self.commands.checked_sub(1) else {
            return Err(LinkError::Removed);
        };
        self.commands = left;
        let answer = self.phone.transmit(command)?;
        if left == 0 {
            Err(LinkError::Removed)
        } else {
            Ok(answer)
        }
    }
}

#[test]
fn a_card_that_is_taken_away_at_any_command_leaves_no_doubt_that_is_not_told() {
    let (mut unchanged, mut doubtful, mut changed) = (0, 0, 0);
    for commands in 0.. {
        let mut phone = Phone::new(interface::Interface::Contact);
        let asked = card::ask(&mut Client::new(&mut phone), &over_contacts()).unwrap();
        let mut link = TakenAway { phone, commands };
        let (old, new) = (pin(DEFAULT_PIN), pin(NEW));
        let done = card::change(
            &mut Client::new(&mut link),
            &over_contacts(),
            &asked,
            &old,
            &new,
        );
        let all_came = link.commands > 0;
        let now_new = Client::new(&mut link.phone).verify(PinReference::PivPin, &new);
        match done {
            Ok(_) => {
                now_new.unwrap();
                changed += 1;
            }
            Err(PinError::Interrupted { .. }) => doubtful += 1,
            Err(error) => {
                assert_eq!(error, PinError::Link(LinkError::Removed));
                now_new.unwrap_err();
                unchanged += 1;
            }
        }
        if all_came {
            break;
        }
    }
    assert!(unchanged > 1 && doubtful == 1 && changed > 1);
}

fn over_the_air() -> Way {
    Way {
        is_contactless: true,
        ..over_contacts()
    }
}

/// A phone whose reader is a contactless one, where a strict card takes no PUK.
struct OverTheAir {
    phone: Phone,
    has_channel: bool,
}

impl Transmit for OverTheAir {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, LinkError> {
        let unblocks = command[1] == CHANGES[1];
        if unblocks {
            return Ok(ResponseBytes::new(vec![0x6A, 0x81]));
        }
        let answer = self.phone.transmit(command)?;
        Ok(match command {
            // What tells of no key for secure messaging.
            [0x00, 0xA4, 0x04, 0x00, ..] if !self.has_channel => vec![0x90, 0x00].into(),
            _ => answer,
        })
    }
}

impl CardAccess for OverTheAir {
    fn transact<R, W>(&mut self, work: W) -> Result<R, Finding>
    where
        R: Send + 'static,
        W: FnOnce(&mut dyn Transmit<Error = LinkError>, &Way) -> (R, CardDisposition)
            + Send
            + 'static,
    {
        Ok(work(self, &over_the_air()).0)
    }

    fn comes_back(&mut self, _within: Duration) -> bool {
        true
    }
}

fn refused_over_the_air(has_channel: bool) -> Refusal {
    let mut card = OverTheAir {
        phone: Phone::new(interface::Interface::Contactless),
        has_channel,
    };
    let before = card::ask(&mut Client::new(&mut card), &over_the_air()).unwrap();
    let mut talk = Talk {
        terminal: &mut Script::default(),
        out: &mut Vec::new(),
        last_try: LastTry::Ask,
    };
    let puk = Puk::new(DEFAULT_PUK.as_bytes()).unwrap();
    flow::unblock((card, before), &mut talk, Some(puk), Some(pin(NEW))).unwrap_err()
}

#[test]
fn a_card_that_allows_no_change_over_the_air_is_said_to_want_another_reader() {
    for (has_channel, is_believed) in [(false, true), (true, false)] {
        let refusal = refused_over_the_air(has_channel);
        let text = refusal.text();
        assert!(
            text.contains("function not supported (6A81)") && text.contains("contact reader"),
            "{text}"
        );
        // Beside the channel anybody could have said so.
        let is_in_doubt = matches!(refusal, Refusal::InDoubt(_));
        assert_eq!(is_in_doubt, !is_believed, "{text}");
    }
}

#[test]
fn a_phone_at_which_the_pin_is_typed_says_so_without_another_command() {
    let mut desk = Desk::new();
    assert_eq!(desk.pins().typed_at_card, None);
    let commands = desk.phone.wire.len();
    desk.phone = Phone::new(interface::Interface::Contact).typing();
    let typed = desk.pins().typed_at_card.unwrap();
    assert_eq!(typed.duration().as_secs(), 30);
    assert_eq!(desk.phone.wire.len(), commands);
}
