//! The holder's consent: what asks for it, what it is good for, and what is never asked.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::Request;
use card_edge::piv::extensions::{HashAlgorithm, Note, PARAMETERS, SIGN, Scheme, SignatureRequest};
use card_edge::piv::yubico::policy::TouchPolicy;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use p256::elliptic_curve::Generate;
use tapcard_phone::consent::{Answer, Holder, Link, Operation, Outcome, RefusedUse, Usage};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::Consent;
use tapcard_phone::state::{StateError, Store, read_uses};

use crate::common::{TestCard, hex, verified};
use crate::secure_host::Host;

const HOUR: Duration = Duration::from_secs(3600);
const AUTHENTICATION: AsymmetricKey = AsymmetricKey::PivAuthentication;
const SIGNATURE: AsymmetricKey = AsymmetricKey::DigitalSignature;
const DECRYPTION: AsymmetricKey = AsymmetricKey::KeyManagement;
const DOORS: AsymmetricKey = AsymmetricKey::CardAuthentication;

/// A holder who gives one answer to everything, and remembers what was asked.
#[derive(Clone)]
struct Always(Answer, Arc<Mutex<Vec<Usage>>>);

impl Always {
    fn new(answer: Answer) -> Self {
        Self(answer, Arc::default())
    }

    fn asked(&self) -> Vec<Usage> {
        self.1.lock().unwrap().clone()
    }
}

impl Holder for Always {
    fn ask(&mut self, usage: &Usage, _link: &mut dyn Link) -> Answer {
        self.1.lock().unwrap().push(usage.clone());
        self.0
    }
}

fn set(card: &TestCard, key: AsymmetricKey, consent: Consent) {
    set_in(&mut card.store(), key, consent);
}

fn set_in(store: &mut Store, key: AsymmetricKey, consent: Consent) {
    store
        .update(|state| {
            state.set_consent(key, consent);
            Ok::<_, StateError>(())
        })
        .unwrap();
}

/// A card with a P-256 key in this place.
fn with(key: AsymmetricKey) -> TestCard {
    let mut card = TestCard::administered();
    card.client().generate(key, KeyAlgorithm::P256).unwrap();
    card
}

/// What a host sends to have a hash signed, by either command.
fn commands(key: AsymmetricKey) -> [Vec<u8>; 2] {
    let mut by_standard = Command::new(Instruction::GeneralAuthenticate, 0x11, key.to_u8());
    by_standard.data = Request::InternalAuthenticate(vec![7; 32].into())
        .encode()
        .unwrap();
    let request = SignatureRequest {
        key,
        scheme: Scheme::Ecdsa,
        hash_algorithm: HashAlgorithm::Sha256,
        hash: vec![7; 32],
        note: Some(Note::new("ssh on a desk").unwrap()),
    };
    let (p1, p2) = PARAMETERS;
    let by_extension = Command::new(SIGN, p1, p2).with_data(request.encode().unwrap());
    [by_standard, by_extension].map(|command| command.encode().unwrap().to_vec())
}

#[test]
fn a_use_waits_for_the_holder_by_either_command() {
    for (answer, status) in [
        (Answer::Approved, Status::Success),
        (Answer::Refused, Status::ConditionsNotSatisfied),
        (Answer::TimedOut, Status::ConditionsNotSatisfied),
        (Answer::LinkLost, Status::ConditionsNotSatisfied),
    ] {
        let mut card = with(AUTHENTICATION);
        set(&card, AUTHENTICATION, Consent::ConfirmOnPhone);
        let holder = Always::new(answer);
        card.give_to(holder.clone());
        verified(&mut card);
        for command in commands(AUTHENTICATION) {
            assert_eq!(card.send(&command).status, status, "{answer:?}");
        }
        let usage = |says: Option<&str>| Usage {
            key: AUTHENTICATION.into(),
            operation: Operation::Sign,
            interface: Interface::Contact,
            says: says.map(str::to_owned),
        };
        let expected = [usage(None), usage(Some("ssh on a desk"))];
        assert_eq!(holder.asked(), expected, "{answer:?}");
    }
}

#[test]
fn agreement_and_decryption_wait_too() {
    let mut card = with(DECRYPTION);
    set(&card, DECRYPTION, Consent::ConfirmOnPhone);
    let refusing = Always::new(Answer::Refused);
    card.give_to(refusing.clone());
    verified(&mut card);
    let peer = p256::SecretKey::generate().public_key().to_sec1_bytes();
    let mut command = Command::new(Instruction::GeneralAuthenticate, 0x11, 0x9D);
    command.data = Request::KeyAgreement(peer.to_vec()).encode().unwrap();
    let command = command.encode().unwrap();
    assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);

    card.prove_management_key();
    card.client()
        .generate(DECRYPTION, KeyAlgorithm::Rsa2048)
        .unwrap();
    verified(&mut card);
    let mut command = Command::new(Instruction::GeneralAuthenticate, 0x07, 0x9D);
    command.data = Request::InternalAuthenticate(vec![1; 256].into())
        .encode()
        .unwrap();
    assert_eq!(
        card.chain(&command, true).status,
        Status::ConditionsNotSatisfied
    );
    let operations: Vec<_> = refusing.asked().iter().map(|one| one.operation).collect();
    assert_eq!(operations, [Operation::Agree, Operation::SignOrDecrypt]);
}

#[test]
fn whoever_lacks_the_pin_or_asks_for_what_cannot_be_makes_no_request() {
    let mut card = with(AUTHENTICATION);
    set(&card, AUTHENTICATION, Consent::ConfirmOnPhone);
    let holder = Always::new(Answer::Approved);
    card.give_to(holder.clone());
    for command in commands(AUTHENTICATION) {
        assert_eq!(
            card.send(&command).status,
            Status::SecurityStatusNotSatisfied
        );
    }
    verified(&mut card);
    // A hash that is too long, a point for a key that signs, a hash of another length than its algorithm's.
    let too_long = [hex("00 87 11 9A 47 7C 45 82 00 81 41"), vec![7; 65]].concat();
    for command in [
        too_long,
        hex("00 87 11 9A 06 7C 04 82 00 85 00"),
        hex("00 2A 9E 9A 0B 84 01 9A 80 02 03 01 90 02 07 07"),
    ] {
        assert_eq!(card.send(&command).status, Status::IncorrectData);
    }
    // A point off its curve, and one of another.
    for (algorithm, wrong) in [
        (KeyAlgorithm::P256, [&[4][..], &[1; 64]].concat()),
        (KeyAlgorithm::X25519, [&[4][..], &[1; 64]].concat()),
    ] {
        let mut card = TestCard::administered();
        card.client().generate(DECRYPTION, algorithm).unwrap();
        set(&card, DECRYPTION, Consent::ConfirmOnPhone);
        card.give_to(holder.clone());
        verified(&mut card);
        let identifier = algorithm.identifier();
        let head = format!("00 87 {identifier:02X} 9D 47 7C 45 82 00 85 41");
        let status = card.send(&[hex(&head), wrong].concat()).status;
        assert_eq!(status, Status::IncorrectData);
    }
    assert_eq!(holder.asked(), []);
    assert_eq!(read_uses(card.folder.path()).unwrap(), []);
}

#[test]
fn a_key_that_no_host_may_use_asks_nobody() {
    let mut card = with(DOORS);
    set(&card, DOORS, Consent::Never);
    let holder = Always::new(Answer::Approved);
    card.give_to(holder.clone());
    for command in commands(DOORS) {
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
    }
    assert_eq!(holder.asked(), []);
    let uses = read_uses(card.folder.path()).unwrap();
    assert!(uses.iter().all(|one| one.outcome == Outcome::Forbidden));
    assert_eq!(uses.len(), 2);
    // Its holder says otherwise while the card is in use.
    set(&card, DOORS, Consent::Pin);
    for command in commands(DOORS) {
        assert_eq!(card.send(&command).status, Status::Success);
    }
}

#[test]
fn for_9c_a_request_uses_the_verification_up_whatever_the_answer() {
    for (answer, status) in [
        (Answer::Approved, Status::Success),
        (Answer::Refused, Status::ConditionsNotSatisfied),
        (Answer::TimedOut, Status::ConditionsNotSatisfied),
    ] {
        let mut card = with(SIGNATURE);
        set(&card, SIGNATURE, Consent::ConfirmOnPhone);
        let holder = Always::new(answer);
        card.give_to(holder.clone());
        for command in commands(SIGNATURE) {
            verified(&mut card);
            assert_eq!(card.send(&command).status, status);
            let asked = holder.asked().len();
            let [one, other] = commands(SIGNATURE);
            let another = if command == one { other } else { one };
            assert_eq!(
                card.send(&another).status,
                Status::SecurityStatusNotSatisfied
            );
            assert_eq!(holder.asked().len(), asked);
        }
    }
}

#[test]
fn each_use_asks_again() {
    let mut card = with(DOORS);
    set(&card, DOORS, Consent::ConfirmOnPhone);
    let holder = Always::new(Answer::Approved);
    card.give_to(holder.clone());
    for command in commands(DOORS).iter().cycle().take(6) {
        assert_eq!(card.send(command).status, Status::Success);
    }
    assert_eq!(holder.asked().len(), 6);
}

#[test]
fn a_host_that_repeats_what_was_refused_asks_nobody_again() {
    for answer in [Answer::Refused, Answer::TimedOut] {
        let mut card = with(DOORS);
        set(&card, DOORS, Consent::ConfirmOnPhone);
        let holder = Always::new(answer);
        card.give_to(holder.clone());
        card.card = card.card.with_refused_use(RefusedUse::remembered_for(HOUR));
        let [command, other] = commands(DOORS);
        for _ in 0..3 {
            assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
            // OpenSC looks whether the card is still the same.
            card.status("00 CB 3F FF 03 5C 01 7E 00");
        }
        // Nor does the same command in an extended APDU.
        let mut extended = Command::parse(&command).unwrap();
        extended.extended = true;
        let status = card.send(&extended.encode().unwrap()).status;
        assert_eq!(status, Status::ConditionsNotSatisfied);
        assert_eq!(holder.asked().len(), 1);
        assert_eq!(read_uses(card.folder.path()).unwrap().len(), 1);
        // Another command, or the same after another, is another use.
        assert_eq!(card.send(&other).status, Status::ConditionsNotSatisfied);
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
        card.client().select().unwrap();
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
        // So it is after one under secure messaging that nobody can read.
        card.status("0C 20 00 80 0A 8E 08 00 00 00 00 00 00 00 00 00");
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
        card.card.reset();
        card.client().select().unwrap();
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
        assert_eq!(holder.asked().len(), 6);
    }
}

#[test]
fn an_answer_is_for_the_card_that_was_asked_for() {
    /// Agrees, after the key in the place has become another one.
    struct Changing(Store);
    impl Holder for Changing {
        fn ask(&mut self, _usage: &Usage, _link: &mut dyn Link) -> Answer {
            set_in(&mut self.0, DOORS, Consent::Never);
            Answer::Approved
        }
    }
    let mut card = with(DOORS);
    set(&card, DOORS, Consent::ConfirmOnPhone);
    let store = card.store();
    card.give_to(Changing(store));
    let [command, _] = commands(DOORS);
    assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
    let uses = read_uses(card.folder.path()).unwrap();
    assert_eq!(uses.last().unwrap().outcome, Outcome::CardChanged);
}

#[test]
fn a_card_without_a_holder_is_used_by_the_pin_alone() {
    let mut card = with(DOORS);
    let [command, _] = commands(DOORS);
    assert_eq!(card.send(&command).status, Status::Success);
    set(&card, DOORS, Consent::ConfirmOnPhone);
    assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
}

fn touch(card: &mut TestCard, key: AsymmetricKey) -> TouchPolicy {
    let metadata = card.client().metadata(key).unwrap().unwrap();
    metadata.policies.unwrap().touch
}

#[test]
fn a_host_may_ask_for_a_touch_and_only_the_holder_takes_it_back() {
    let mut card = TestCard::administered();
    let generate = |touch: &str| format!("00 47 00 9A 08 AC 06 80 01 11 AB 01 {touch} 00");
    assert_eq!(card.status(&generate("02")), Status::Success);
    assert_eq!(touch(&mut card, AUTHENTICATION), TouchPolicy::Always);
    let consent = |card: &TestCard, key| card.store().state().consent_of(key);
    assert_eq!(consent(&card, AUTHENTICATION), Consent::ConfirmOnPhone);
    // Another key in the place is held to the same; one that would not be is not made.
    assert_eq!(card.status(&generate("00")), Status::Success);
    assert_eq!(consent(&card, AUTHENTICATION), Consent::ConfirmOnPhone);
    assert_eq!(card.status(&generate("01")), Status::IncorrectData);
    // But not within 15 seconds after another touch: each use asks.
    assert_eq!(card.status(&generate("03")), Status::Success);
    assert_eq!(touch(&mut card, AUTHENTICATION), TouchPolicy::Always);
    // What no host may use is not made usable by a touch.
    set(&card, AUTHENTICATION, Consent::Never);
    card.prove_management_key();
    assert_eq!(card.status(&generate("02")), Status::Success);
    assert_eq!(consent(&card, AUTHENTICATION), Consent::Never);
    assert_eq!(touch(&mut card, AUTHENTICATION), TouchPolicy::Always);
    set(&card, AUTHENTICATION, Consent::Pin);
    assert_eq!(touch(&mut card, AUTHENTICATION), TouchPolicy::Never);
    card.prove_management_key();
    assert_eq!(card.status(&generate("01")), Status::Success);
}

#[test]
fn what_the_holder_wants_of_a_key_goes_with_it() {
    let mut card = with(DECRYPTION);
    set(&card, DECRYPTION, Consent::ConfirmOnPhone);
    card.prove_management_key();
    assert_eq!(card.status("00 F6 82 9D"), Status::Success);
    let retired = AsymmetricKey::try_from(0x82).unwrap();
    assert_eq!(touch(&mut card, retired), TouchPolicy::Always);
    // The place keeps what its holder said of it.
    let generate = "00 47 00 9D 05 AC 03 80 01 11 00";
    assert_eq!(card.status(generate), Status::Success);
    assert_eq!(touch(&mut card, DECRYPTION), TouchPolicy::Always);
    card.restart();
    assert_eq!(touch(&mut card, retired), TouchPolicy::Always);
}

#[test]
fn what_was_refused_is_asked_again_later_and_of_a_card_that_was_changed() {
    let mut card = with(DOORS);
    set(&card, DOORS, Consent::ConfirmOnPhone);
    let holder = Always::new(Answer::Refused);
    card.give_to(holder.clone());
    let [command, _] = commands(DOORS);
    // Its time is over at once.
    card.card = card
        .card
        .with_refused_use(RefusedUse::remembered_for(Duration::ZERO));
    for asked in 1..=3 {
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
        assert_eq!(holder.asked().len(), asked);
    }
    card.card = card.card.with_refused_use(RefusedUse::remembered_for(HOUR));
    for _ in 0..2 {
        assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
    }
    assert_eq!(holder.asked().len(), 4);
    // The holder wants nothing but the PIN from now on, which 9E does not need.
    set(&card, DOORS, Consent::Pin);
    assert_eq!(card.send(&command).status, Status::Success);
    set(&card, DOORS, Consent::ConfirmOnPhone);
    assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
    set(&card, AUTHENTICATION, Consent::Never);
    // Reading takes up what was changed.
    card.status("00 CB 3F FF 03 5C 01 7E 00");
    assert_eq!(card.send(&command).status, Status::ConditionsNotSatisfied);
    assert_eq!(holder.asked().len(), 6);
}

#[test]
fn a_host_that_repeats_through_a_channel_what_was_refused_asks_nobody_again() {
    let mut card = with(DOORS);
    set(&card, DOORS, Consent::ConfirmOnPhone);
    let holder = Always::new(Answer::Refused);
    card.give_to(holder.clone());
    card.card = card.card.with_refused_use(RefusedUse::remembered_for(HOUR));
    let mut host = Host::with(card);
    host.open();
    let [command, _] = commands(DOORS).map(|bytes| Command::parse(&bytes).unwrap());
    for _ in 0..3 {
        assert_eq!(host.send(&command).status, Status::ConditionsNotSatisfied);
    }
    assert!(host.channel.is_some());
    assert_eq!(holder.asked().len(), 1);
}
