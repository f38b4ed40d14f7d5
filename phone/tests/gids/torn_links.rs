//! What holders and administrators of a GIDS card do, with the link cut before and after every single APDU.

use card_edge::apdu::{Command, Instruction, Response};
use card_edge::gids::instruction::PERFORM_SECURITY_OPERATION;
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::transmit::{self, ExchangeError};
use card_edge::{Status, tlv};
use tapcard_phone::gids::provision;
use tapcard_phone::state::Store;

use crate::administrator::{challenges, response};
use crate::common::{CREATE_KEY, GENERATE, SELECT, VERIFY, authenticate, hex, send};
use crate::keys::{opened, public_key, rsa_key};
use crate::torn_link::{self, Link, Torn};

type Outcome<T = ()> = Result<T, ExchangeError<Torn>>;

/// Whether the administrator is proved, and whether the administrator or the user is.
const ADMINISTRATOR_WRITES: &str = "00 DB A0 12 03 DF 30 00";
const ANYBODY_PROVED_WRITES: &str = "00 DB A0 10 03 DF 30 00";
/// The card pads for the signature.
const CHOOSE_KEY: &str = "00 22 41 B6 06 80 01 57 84 01 81";

/// A story of a GIDS card.
trait Story {
    const APDUS: usize;

    fn prepare(&mut self, _link: &mut Link) {}

    fn act(&mut self, link: &mut Link) -> Outcome;

    fn check(&mut self, link: &mut Link);
}

struct OfGids<S>(S);

impl<S: Story> torn_link::Story for OfGids<S> {
    const APDUS: usize = S::APDUS;

    type Error = ExchangeError<Torn>;

    fn make(store: &mut Store) {
        store.update(provision::provision).unwrap();
    }

    fn prepare(&mut self, link: &mut Link) {
        self.0.prepare(link);
    }

    fn act(&mut self, link: &mut Link) -> Outcome {
        self.0.act(link)
    }

    fn check_security(link: &mut Link) {
        order(link, SELECT).unwrap();
        for write in [ADMINISTRATOR_WRITES, ANYBODY_PROVED_WRITES] {
            refused(link, write, Status::SecurityStatusNotSatisfied);
        }
        refused(link, "00 20 00 80", Status::TriesLeft(5));
    }

    fn check(&mut self, link: &mut Link) {
        self.0.check(link);
    }
}

fn tear(story: impl Story) {
    torn_link::tear(OfGids(story));
}

/// A command, in a chain where it is long, and all of its answer.
fn exchange(link: &mut Link, command: &Command) -> Outcome<Response> {
    let response = transmit::exchange(link, command)?;
    assert_eq!(response.status, Status::Success, "{command:?}");
    Ok(response)
}

fn order(link: &mut Link, apdu: &str) -> Outcome<Response> {
    exchange(link, &Command::parse(&hex(apdu)).unwrap())
}

fn refused(link: &mut Link, apdu: &str, status: Status) {
    assert_eq!(send(link, &hex(apdu)).unwrap().status, status, "{apdu}");
}

/// Makes the first key.
fn make_key(link: &mut Link) {
    for command in [SELECT, VERIFY, CREATE_KEY, GENERATE] {
        order(link, command).unwrap();
    }
}

fn sign(link: &mut Link, block: &[u8]) -> Outcome<Vec<u8>> {
    let command = Command::new(PERFORM_SECURITY_OPERATION, 0x9E, 0x9A).with_data(block);
    Ok(exchange(link, &command)?.data.to_vec())
}

struct Login;

impl Story for Login {
    const APDUS: usize = 2;

    fn act(&mut self, link: &mut Link) -> Outcome {
        order(link, SELECT)?;
        order(link, VERIFY).map(drop)
    }

    fn check(&mut self, link: &mut Link) {
        order(link, SELECT).unwrap();
        refused(
            link,
            ANYBODY_PROVED_WRITES,
            Status::SecurityStatusNotSatisfied,
        );
        order(link, VERIFY).unwrap();
        order(link, ANYBODY_PROVED_WRITES).unwrap();
    }
}

#[test]
fn a_login_is_cut() {
    tear(Login);
}

/// A hash that the card pads.
struct Signature;

/// A block that the host has padded, which is longer than a short APDU.
struct SignatureOfALongBlock;

/// Whether the key needs the PIN, and signs with it.
fn check_key(link: &mut Link) {
    order(link, SELECT).unwrap();
    // Neither is it chosen without the PIN, nor is the choice of before the cut left.
    refused(link, CHOOSE_KEY, Status::SecurityStatusNotSatisfied);
    refused(
        link,
        "00 2A 9E 9A 04 01 02 03 04 00",
        Status::ConditionsNotSatisfied,
    );
    order(link, VERIFY).unwrap();
    order(link, CHOOSE_KEY).unwrap();
    let signature = sign(link, &[9; 36]).unwrap();
    let key = public_key(link).unwrap();
    assert_eq!(opened(&key, &signature)[220..], [9; 36]);
}

impl Story for Signature {
    const APDUS: usize = 4;

    fn prepare(&mut self, link: &mut Link) {
        make_key(link);
    }

    fn act(&mut self, link: &mut Link) -> Outcome {
        for command in [SELECT, VERIFY, CHOOSE_KEY] {
            order(link, command)?;
        }
        sign(link, &[7; 36]).map(drop)
    }

    fn check(&mut self, link: &mut Link) {
        check_key(link);
    }
}

impl Story for SignatureOfALongBlock {
    const APDUS: usize = 5;

    fn prepare(&mut self, link: &mut Link) {
        make_key(link);
    }

    fn act(&mut self, link: &mut Link) -> Outcome {
        for command in [SELECT, VERIFY, CHOOSE_KEY] {
            order(link, command)?;
        }
        let block = [&[0, 1], [0xFF; 217].as_slice(), &[0], &[7; 36]].concat();
        sign(link, &block).map(drop)
    }

    fn check(&mut self, link: &mut Link) {
        check_key(link);
    }
}

#[test]
fn a_signature_is_cut() {
    tear(Signature);
    tear(SignatureOfALongBlock);
}

/// A new key in the file of the old one.
#[derive(Default)]
struct Generation {
    old: Option<rsa::PublicKey>,
    made: Option<rsa::PublicKey>,
}

impl Story for Generation {
    const APDUS: usize = 4;

    fn prepare(&mut self, link: &mut Link) {
        make_key(link);
    }

    fn act(&mut self, link: &mut Link) -> Outcome {
        self.made = None;
        order(link, SELECT)?;
        order(link, VERIFY)?;
        self.made = Some(rsa_key(&order(link, GENERATE)?.data));
        Ok(())
    }

    fn check(&mut self, link: &mut Link) {
        check_key(link);
        let key = public_key(link).unwrap();
        if let Some(made) = &self.made {
            assert_eq!(key, *made, "what the card told is what it has");
            assert_ne!(self.old.as_ref(), Some(made), "a new one");
        }
        self.old = Some(key);
    }
}

#[test]
fn a_key_generation_is_cut() {
    tear(Generation::default());
}

/// An object of a file, each time another: in one command, or in a chain of several.
struct Write<const LENGTH: usize> {
    old: u8,
    new: u8,
}

impl<const LENGTH: usize> Write<LENGTH> {
    fn content(mark: u8) -> Vec<u8> {
        tlv::encode(OBJECT, &[mark; LENGTH]).unwrap()
    }
}

const OBJECT: tlv::Tag = tlv::Tag::new(0xDF30);

impl<const LENGTH: usize> Story for Write<LENGTH> {
    const APDUS: usize = 2 + LENGTH.div_ceil(255);

    fn act(&mut self, link: &mut Link) -> Outcome {
        self.new = self.new.wrapping_add(1).max(1);
        order(link, SELECT)?;
        order(link, VERIFY)?;
        let command = Command::new(Instruction::PutData, 0xA0, 0x10);
        exchange(link, &command.with_data(Self::content(self.new))).map(drop)
    }

    fn check(&mut self, link: &mut Link) {
        order(link, SELECT).unwrap();
        let read = order(link, "00 CB A0 10 04 5C 02 DF 30 00").unwrap();
        let value = tlv::only(&read.data, OBJECT).unwrap();
        let mark = value[0];
        assert!([self.old, self.new].contains(&mark));
        assert_eq!(*read.data, Self::content(mark), "whole");
        self.old = mark;
    }
}

#[test]
fn an_object_that_is_being_written_is_cut() {
    tear(Write::<100> { old: 0, new: 0 });
    tear(Write::<1_000> { old: 0, new: 0 });
}

/// The PIN is changed, or unblocked by the administrator: afterwards it is the old or the new, and has all its tries.
struct PinChange<const BY_ADMINISTRATOR: bool> {
    old: u32,
    new: u32,
}

fn with_digits(head: &str, numbers: &[u32]) -> Command {
    let digits: String = numbers.iter().map(u32::to_string).collect();
    let mut command = Command::parse(&hex(head)).unwrap();
    command.data = digits.into_bytes().into();
    command
}

impl<const BY_ADMINISTRATOR: bool> Story for PinChange<BY_ADMINISTRATOR> {
    const APDUS: usize = if BY_ADMINISTRATOR { 5 } else { 2 };

    fn act(&mut self, link: &mut Link) -> Outcome {
        self.new = self.old + 1;
        order(link, SELECT)?;
        let change = if BY_ADMINISTRATOR {
            prove_administrator(link)?;
            with_digits("00 2C 02 80", &[self.new])
        } else {
            with_digits("00 24 00 80", &[self.old, self.new])
        };
        exchange(link, &change).map(drop)
    }

    fn check(&mut self, link: &mut Link) {
        order(link, SELECT).unwrap();
        let verify = |link: &mut Link, number| {
            transmit::exchange(link, &with_digits("00 20 00 80", &[number]))
                .unwrap()
                .status
        };
        if verify(link, self.new) == Status::Success {
            self.old = self.new;
        } else {
            assert_eq!(verify(link, self.old), Status::Success);
        }
    }
}

#[test]
fn a_change_of_the_pin_is_cut() {
    let (old, new) = (123_456, 123_456);
    tear(PinChange::<false> { old, new });
    tear(PinChange::<true> { old, new });
}

fn prove_administrator(link: &mut Link) -> Outcome {
    let status =
        authenticate(link, &DEFAULT_CARD_MANAGEMENT_KEY).map_err(ExchangeError::Transmit)?;
    assert_eq!(status, Status::Success);
    Ok(())
}

fn prove_to_each_other(link: &mut Link) -> Outcome {
    let (own, host) = challenges(link).map_err(ExchangeError::Transmit)?;
    let answer = response(&DEFAULT_CARD_MANAGEMENT_KEY, &own, &host, 0x80);
    exchange(link, &Command::parse(&answer).unwrap()).map(drop)
}

/// The administrator's key is proved this way.
struct Administrator(fn(&mut Link) -> Outcome);

impl Story for Administrator {
    const APDUS: usize = 4;

    fn act(&mut self, link: &mut Link) -> Outcome {
        order(link, SELECT)?;
        (self.0)(link)
    }

    fn check(&mut self, link: &mut Link) {
        order(link, SELECT).unwrap();
        refused(
            link,
            ADMINISTRATOR_WRITES,
            Status::SecurityStatusNotSatisfied,
        );
        (self.0)(link).unwrap();
        order(link, ADMINISTRATOR_WRITES).unwrap();
    }
}

#[test]
fn an_administrators_authentication_is_cut() {
    tear(Administrator(prove_administrator));
    tear(Administrator(prove_to_each_other));
}
