//! VERIFY of a PIN that its holder types at the phone (docs/card-extensions.md).

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::client::ClientError;
use card_edge::piv::extensions::{
    Announcement, HashAlgorithm, Note, Scheme, SignatureRequest, VERIFY_AT_CARD, encode_pin_entry,
};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PinReference};
use tapcard_phone::consent::{
    Answer, Holder, Link, PinAnswer, PinCheck, PinRequest, RefusedUse, Usage,
};
use tapcard_phone::interface::Interface;
use tapcard_phone::state::{ContactlessPolicy, PinEntry, StateError, read_uses};

use crate::common::{TestCard, pin, verified};
use crate::secure_host::{Host, decide};

const HOUR: Duration = Duration::from_secs(3600);
const TIME: Duration = Duration::from_secs(30);
const VERIFY: &str = "00 20 01 80";

/// What the holder does.
#[derive(Clone, Copy, Debug)]
enum Act {
    Types(&'static str),
    Ends(PinAnswer),
}

/// A holder who does one after the other, and remembers what was asked.
#[derive(Clone)]
struct Script(Arc<Mutex<Vec<Act>>>, Arc<Mutex<Vec<PinRequest>>>);

impl Script {
    fn new(acts: &[Act]) -> Self {
        let acts = acts.iter().rev().copied().collect();
        Self(Arc::new(Mutex::new(acts)), Arc::default())
    }

    fn asked(&self) -> Vec<PinRequest> {
        self.1.lock().unwrap().clone()
    }

    /// The tries that each request told, and whether it told of a wrong PIN.
    fn told(&self) -> Vec<(u8, bool)> {
        let asked = self.asked();
        asked.iter().map(|one| (one.tries, one.was_wrong)).collect()
    }
}

impl Holder for Script {
    fn ask(&mut self, _usage: &Usage, _link: &mut dyn Link) -> Answer {
        panic!("no consent is needed here")
    }

    fn pin_time(&self) -> Option<Duration> {
        Some(TIME)
    }

    fn ask_for_pin(&mut self, request: &PinRequest, card: &mut dyn PinCheck) -> PinAnswer {
        self.1.lock().unwrap().push(request.clone());
        match self.0.lock().unwrap().pop().unwrap() {
            Act::Types(digits) => card.compare(&pin(digits)),
            Act::Ends(answer) => answer,
        }
    }
}

fn turn_on(card: &TestCard) {
    card.store()
        .update(|state| {
            state.pin_entry = PinEntry::Phone;
            Ok::<_, StateError>(())
        })
        .unwrap();
}

/// A card with a P-256 key in 9A and 9C, which asks this holder for the PIN.
fn card(holder: &Script) -> TestCard {
    let mut card = TestCard::administered();
    for key in [SIGNS_ONCE, SIGNS_EACH] {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
    }
    turn_on(&card);
    card.give_to(holder.clone());
    card
}

const SIGNS_ONCE: AsymmetricKey = AsymmetricKey::PivAuthentication;
const SIGNS_EACH: AsymmetricKey = AsymmetricKey::DigitalSignature;

fn sign(card: &mut TestCard, key: AsymmetricKey) -> bool {
    let request = SignatureRequest {
        key,
        scheme: Scheme::Ecdsa,
        hash_algorithm: HashAlgorithm::Sha256,
        hash: vec![7; 32],
        note: None,
    };
    match card.client().sign(&request) {
        Ok(_) => true,
        Err(ClientError::NotAuthorised(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

fn announced(card: &mut TestCard) -> Option<Duration> {
    let template = card.client().select().unwrap();
    let announcement = Announcement::of(&template).unwrap();
    announcement.pin_entry.map(|time| time.duration())
}

#[test]
fn it_is_announced_where_the_holder_wants_it_and_can_be_asked() {
    let holder = Script::new(&[]);
    let mut card = TestCard::new();
    card.give_to(holder.clone());
    assert_eq!(announced(&mut card), None);
    assert_eq!(card.status(VERIFY), Status::IncorrectParameters);
    // It counts at once.
    turn_on(&card);
    assert_eq!(announced(&mut card), Some(TIME));
    // Over the air too, but where the PIN itself could not come in clear.
    card.interface = Interface::Contactless;
    card.give_to(holder.clone());
    assert_eq!(announced(&mut card), Some(TIME));
    decide(&card, ContactlessPolicy::Strict);
    assert_eq!(announced(&mut card), None);
    assert_eq!(card.status(VERIFY), Status::SecurityStatusNotSatisfied);
    // With nobody there is nothing to announce.
    card.move_to(Interface::Contact);
    assert_eq!(announced(&mut card), None);
    assert_eq!(card.status(VERIFY), Status::IncorrectParameters);
    assert_eq!(holder.asked(), []);
}

#[test]
fn the_right_pin_is_as_if_the_host_had_sent_it() {
    let holder = Script::new(&[Act::Types("123456"); 3]);
    let mut card = card(&holder);
    assert!(!sign(&mut card, SIGNS_ONCE));
    let before = Instant::now();
    card.client()
        .verify_at_card(Some(&Note::new("ssh on a desk").unwrap()))
        .unwrap();
    let [request] = holder.asked().try_into().unwrap();
    assert_eq!(request.says.as_deref(), Some("ssh on a desk"));
    assert_eq!(request.interface, Interface::Contact);
    assert!((before + TIME..=Instant::now() + TIME).contains(&request.deadline));
    // The keys are encrypted under it.
    assert!(sign(&mut card, SIGNS_ONCE));
    assert!(sign(&mut card, SIGNS_ONCE));
    // 9C wants it directly before.
    assert!(!sign(&mut card, SIGNS_EACH));
    card.client().verify_at_card(None).unwrap();
    assert!(sign(&mut card, SIGNS_EACH));
    assert!(!sign(&mut card, SIGNS_EACH));
    card.client().verify_at_card(None).unwrap();
    card.status("00 CB 3F FF 03 5C 01 7E 00");
    assert!(!sign(&mut card, SIGNS_EACH));
    // A host takes it back as any other.
    card.client()
        .reset_verification(PinReference::PivPin)
        .unwrap();
    assert!(!sign(&mut card, SIGNS_ONCE));
    let uses = read_uses(card.folder.path()).unwrap();
    assert_eq!(uses.len(), 3, "a PIN is not the use of a key");
}

#[test]
fn a_wrong_pin_is_asked_for_again() {
    let wrong = Act::Types("999999");
    let holder = Script::new(&[wrong, wrong, Act::Types("123456")]);
    let mut card = card(&holder);
    card.client().verify_at_card(None).unwrap();
    assert_eq!(holder.told(), [(5, false), (4, true), (3, true)]);
    let deadlines: Vec<_> = holder.asked().iter().map(|one| one.deadline).collect();
    assert!(deadlines.iter().all(|one| *one == deadlines[0]));
    assert!(sign(&mut card, SIGNS_ONCE));
    assert_eq!(card.store().tries().unwrap().pin, 5);
}

#[test]
fn whatever_else_happens_proves_nothing() {
    for end in [
        PinAnswer::Refused,
        PinAnswer::TimedOut,
        PinAnswer::LinkLost,
        PinAnswer::CardChanged,
    ] {
        let ends = Act::Ends(end);
        let holder = Script::new(&[ends, Act::Types("999999"), ends, ends]);
        let mut card = card(&holder);
        let refused = |card: &mut TestCard| {
            let error = card.client().verify_at_card(None).unwrap_err();
            assert!(matches!(error, ClientError::NotTyped), "{end:?}: {error}");
        };
        refused(&mut card);
        assert_eq!(card.status("00 20 00 80"), Status::TriesLeft(5));
        refused(&mut card);
        assert_eq!(card.status("00 20 00 80"), Status::TriesLeft(4));
        assert!(!sign(&mut card, SIGNS_ONCE));
        // What was proved before stays proved, but for what wants it directly before.
        verified(&mut card);
        refused(&mut card);
        assert!(!sign(&mut card, SIGNS_EACH));
        assert!(sign(&mut card, SIGNS_ONCE));
        assert_eq!(holder.asked().len(), 4);
    }
}

#[test]
fn a_wrong_pin_ends_what_was_verified() {
    let holder = Script::new(&[Act::Types("999999"), Act::Ends(PinAnswer::Refused)]);
    let mut card = card(&holder);
    verified(&mut card);
    card.client().verify_at_card(None).unwrap_err();
    assert!(!sign(&mut card, SIGNS_ONCE));
}

#[test]
fn the_last_wrong_one_blocks_and_nobody_is_asked_then() {
    let holder = Script::new(&[Act::Types("999999"); 5]);
    let mut card = card(&holder);
    for _ in 0..2 {
        let error = card.client().verify_at_card(None).unwrap_err();
        assert!(matches!(error, ClientError::Blocked), "{error}");
        assert_eq!(holder.asked().len(), 5);
    }
    assert_eq!(card.store().tries().unwrap().pin, 0);
    assert_eq!(
        card.status("00 20 00 80"),
        Status::AuthenticationMethodBlocked
    );
}

#[test]
fn over_the_air_the_holder_has_the_last_try_too() {
    let wrong = Act::Types("999999");
    let holder = Script::new(&[wrong, wrong, wrong, wrong, Act::Types("123456")]);
    let mut card = card(&holder);
    card.interface = Interface::Contactless;
    card.give_to(holder.clone());
    card.client().verify_at_card(None).unwrap();
    let asked = holder.asked();
    let last = asked.last().unwrap();
    assert_eq!((last.tries, last.interface), (1, Interface::Contactless));
    assert!(sign(&mut card, SIGNS_ONCE));
}

#[test]
fn what_is_not_the_command_asks_nobody() {
    let holder = Script::new(&[]);
    let mut card = card(&holder);
    for (command, status) in [
        (
            "00 20 01 80 08 31 32 33 34 35 36 FF FF",
            Status::IncorrectData,
        ),
        ("00 20 01 80 02 0C 00", Status::IncorrectData),
        ("00 20 01 80 03 0C 01 FF", Status::IncorrectData),
        ("00 20 02 80", Status::IncorrectParameters),
        ("00 20 01 81", Status::ReferenceNotFound),
        ("00 20 01 00", Status::ReferenceNotFound),
        ("10 20 01 80", Status::ChainingNotSupported),
    ] {
        assert_eq!(card.status(command), status, "{command}");
    }
    assert_eq!(holder.asked(), []);
}

#[test]
fn a_host_that_repeats_what_was_refused_asks_nobody_again() {
    for end in [PinAnswer::Refused, PinAnswer::TimedOut] {
        let holder = Script::new(&[Act::Ends(end), Act::Ends(end)]);
        let mut card = card(&holder);
        card.card = card.card.with_refused_use(RefusedUse::remembered_for(HOUR));
        for _ in 0..3 {
            assert_eq!(card.status(VERIFY), Status::ConditionsNotSatisfied);
            card.status("00 CB 3F FF 03 5C 01 7E 00");
        }
        assert_eq!(holder.asked().len(), 1);
        card.client().select().unwrap();
        assert_eq!(card.status(VERIFY), Status::ConditionsNotSatisfied);
        assert_eq!(holder.asked().len(), 2);
    }
}

#[test]
fn it_may_come_through_a_channel() {
    let note = Note::new("ssh").unwrap();
    let command = Command::new(Instruction::Verify, VERIFY_AT_CARD, 0x80)
        .with_data(encode_pin_entry(Some(&note)).unwrap());
    for (policy, statuses) in [
        (ContactlessPolicy::ContactLike, [Status::Success; 2]),
        (
            ContactlessPolicy::Strict,
            [Status::SecurityStatusNotSatisfied, Status::Success],
        ),
    ] {
        let holder = Script::new(&[Act::Types("123456"); 2]);
        let mut card = card(&holder);
        card.interface = Interface::Contactless;
        decide(&card, policy);
        card.give_to(holder.clone());
        let mut host = Host::with(card);
        host.open();
        assert_eq!(host.send(&command).status, statuses[0], "{policy}");
        if policy.is_strict() {
            host.pair();
        }
        assert_eq!(host.send(&command).status, statuses[1], "{policy}");
        let asked = holder.asked();
        assert!(asked.iter().all(|one| one.says.as_deref() == Some("ssh")));
    }
}
