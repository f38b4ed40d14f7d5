//! The rules of the contactless interface: every object, key and command over each way to the card
//! (SP 800-73-5 part 1, tables 2 and 4b; part 2, table 2 and chapter 3).

use crate::common::TestCard;
use crate::secure_host::{Host, decide, verify};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::extensions::{
    Announcement, HashAlgorithm, PARAMETERS, SIGN, Scheme, SignatureRequest,
};
use card_edge::piv::yubico::instruction;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, data};
use tapcard_phone::interface::Interface;
use tapcard_phone::state::ContactlessPolicy;

/// The way of a host to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Contact,
    ContactLike,
    /// Over contacts, of a card that is strict over the contactless interface.
    ContactOfStrict,
    Strict,
    StrictUnderSecureMessaging,
    VirtualContact,
    VirtualContactWithPin,
    WithoutPairing,
    WithoutPairingUnderSecureMessaging,
}

impl Way {
    const ALL: [Self; 9] = [
        Self::Contact,
        Self::ContactLike,
        Self::ContactOfStrict,
        Self::Strict,
        Self::StrictUnderSecureMessaging,
        Self::VirtualContact,
        Self::VirtualContactWithPin,
        Self::WithoutPairing,
        Self::WithoutPairingUnderSecureMessaging,
    ];

    /// What the standard calls it.
    fn kind(self) -> Kind {
        match self {
            Self::Contact | Self::ContactLike | Self::ContactOfStrict => Kind::Contact,
            Self::Strict | Self::WithoutPairing | Self::StrictUnderSecureMessaging => {
                Kind::Contactless
            }
            Self::VirtualContact
            | Self::VirtualContactWithPin
            | Self::WithoutPairingUnderSecureMessaging => Kind::Virtual,
        }
    }

    fn host(self, card: TestCard) -> Host {
        let (policy, interface) = match self {
            Self::Contact => (ContactlessPolicy::ContactLike, Interface::Contact),
            Self::ContactLike => (ContactlessPolicy::ContactLike, Interface::Contactless),
            Self::ContactOfStrict => (ContactlessPolicy::Strict, Interface::Contact),
            Self::Strict
            | Self::StrictUnderSecureMessaging
            | Self::VirtualContact
            | Self::VirtualContactWithPin => (ContactlessPolicy::Strict, Interface::Contactless),
            Self::WithoutPairing | Self::WithoutPairingUnderSecureMessaging => (
                ContactlessPolicy::StrictWithoutPairing,
                Interface::Contactless,
            ),
        };
        decide(&card, policy);
        let mut host = Host::with(card);
        host.card.move_to(interface);
        self.begin(&mut host);
        host
    }

    /// What the host does first.
    fn begin(self, host: &mut Host) {
        match self {
            Self::Contact
            | Self::ContactLike
            | Self::ContactOfStrict
            | Self::Strict
            | Self::WithoutPairing => {}
            Self::StrictUnderSecureMessaging | Self::WithoutPairingUnderSecureMessaging => {
                host.open();
            }
            Self::VirtualContact => host.pair(),
            Self::VirtualContactWithPin => {
                host.pair();
                assert_eq!(host.verify_pin(), Status::Success);
            }
        }
    }

    fn has_pin(self) -> bool {
        self == Self::VirtualContactWithPin
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Contact,
    Contactless,
    Virtual,
}

/// Read over the contactless interface by anybody.
const FREE: [u32; 5] = [0x5F_C102, 0x5F_C101, 0x7E, 0x7F61, 0x5F_C122];
/// Read with the PIN.
const WITH_PIN: [u32; 5] = [0x5F_C103, 0x5F_C108, 0x5F_C109, 0x5F_C121, 0x5F_C123];

/// A card with something in every object that a host can write, and a key in one place of each kind.
fn full_card() -> TestCard {
    let mut card = TestCard::administered();
    for object in ObjectId::all() {
        let content: &[u8] = match object {
            ObjectId::Discovery
            | ObjectId::SecureMessagingCertificateSigner
            | ObjectId::Chuid
            | ObjectId::PairingCodeReferenceData => continue,
            ObjectId::KeyHistory => &[0xC1, 1, 0, 0xC2, 1, 0, 0xFE, 0],
            _ => &[0x70, 3, 1, 2, 3, 0x71, 1, 0, 0xFE, 0],
        };
        card.client().put_data(object, content).unwrap();
    }
    for key in keys() {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
    }
    card
}

fn keys() -> impl Iterator<Item = AsymmetricKey> {
    let retired = AsymmetricKey::try_from(0x82).unwrap();
    AsymmetricKey::MAIN.into_iter().chain([retired])
}

fn get_data(object: ObjectId) -> Command {
    Command::new(Instruction::GetData, 0x3F, 0xFF).with_data(data::encode_get_data(object.tag()))
}

#[test]
fn every_object_is_read_by_its_rule_over_every_way() {
    let mut card = Some(full_card());
    for way in Way::ALL {
        let mut host = way.host(card.take().unwrap());
        for object in ObjectId::all() {
            let tag = object.tag().value();
            let may = match way.kind() {
                Kind::Contact => !WITH_PIN.contains(&tag),
                Kind::Contactless => FREE.contains(&tag),
                Kind::Virtual => !WITH_PIN.contains(&tag) || way.has_pin(),
            };
            let expected = if may {
                Status::Success
            } else {
                Status::SecurityStatusNotSatisfied
            };
            let read = host.send(&get_data(object));
            assert_eq!(read.status, expected, "{object:?} {way:?}");
            assert_eq!(read.data.is_empty(), !may, "{object:?} {way:?}");
        }
        card = Some(host.card);
    }
}

#[test]
fn every_key_is_used_by_its_rule_over_every_way() {
    let mut card = Some(full_card());
    for way in Way::ALL {
        let mut host = way.host(card.take().unwrap());
        for key in keys() {
            let request = SignatureRequest {
                key,
                scheme: Scheme::Ecdsa,
                hash_algorithm: HashAlgorithm::Sha256,
                hash: vec![7; 32],
                note: None,
            };
            let (p1, p2) = PARAMETERS;
            let by_extension = Command::new(SIGN, p1, p2).with_data(request.encode().unwrap());
            let by_standard = Command::new(Instruction::GeneralAuthenticate, 0x11, key.to_u8())
                .with_data([&[0x7C, 36, 0x82, 0, 0x81, 32], [7; 32].as_slice()].concat());
            let signs = matches!(
                key,
                AsymmetricKey::PivAuthentication
                    | AsymmetricKey::DigitalSignature
                    | AsymmetricKey::CardAuthentication
            );
            let may = key == AsymmetricKey::CardAuthentication
                || (way.kind() == Kind::Virtual && way.has_pin());
            for command in [Some(by_standard), Some(by_extension).filter(|_| signs)]
                .into_iter()
                .flatten()
            {
                if way.has_pin() {
                    assert_eq!(host.verify_pin(), Status::Success);
                }
                let expected = if may {
                    Status::Success
                } else {
                    Status::SecurityStatusNotSatisfied
                };
                let used = host.send(&command);
                assert_eq!(used.status, expected, "{key} {way:?} {command:?}");
            }
        }
        card = Some(host.card);
    }
}

#[test]
fn every_command_is_answered_by_its_rule_over_every_way() {
    use Status::{
        FunctionNotSupported as NotHere, ReferenceNotFound as NoReference,
        SecurityStatusNotSatisfied as Refused, Success,
    };
    let pin = b"123456\xFF\xFF";
    let change = |reference, old: &[u8], new: &[u8]| {
        Command::new(Instruction::ChangeReferenceData, 0x00, reference)
            .with_data([old, new].concat())
            .expecting_nothing()
    };
    let wrong = |reference| verify(reference, b"999999\xFF\xFF");
    let other = |instruction, data: &[u8]| Command::new(instruction, 0x00, 0x9A).with_data(data);
    // The command; over contacts, over the contactless interface, over the virtual contact interface.
    let rows: Vec<(&str, Command, Status, Status, Status)> = vec![
        ("right PIN", verify(0x80, pin), Success, Refused, Success),
        (
            "changed PIN",
            change(0x80, pin, pin),
            Success,
            Refused,
            Success,
        ),
        (
            "changed PUK",
            change(0x81, b"12345678", b"12345678"),
            Success,
            NotHere,
            NotHere,
        ),
        (
            "log-out",
            Command::new(Instruction::Verify, 0xFF, 0x80).expecting_nothing(),
            Success,
            Refused,
            Success,
        ),
        (
            "global PIN of a card without one",
            wrong(0x00),
            NoReference,
            NoReference,
            NoReference,
        ),
        ("finger", wrong(0x96), NoReference, NoReference, NoReference),
        (
            "RESET RETRY COUNTER",
            Command::new(Instruction::ResetRetryCounter, 0x00, 0x80)
                .with_data([b"12345678".as_slice(), pin].concat())
                .expecting_nothing(),
            Success,
            NotHere,
            NotHere,
        ),
        (
            "PUT DATA",
            Command::new(Instruction::PutData, 0x3F, 0xFF)
                .with_data([0x5C, 3, 0x5F, 0xC1, 6, 0x53, 1, 0]),
            Refused,
            NotHere,
            NotHere,
        ),
        (
            "GENERATE",
            other(
                Instruction::GenerateAsymmetricKeyPair,
                &[0xAC, 3, 0x80, 1, 0x11],
            ),
            Refused,
            NotHere,
            NotHere,
        ),
        (
            "GENERATE of 04",
            Command::new(Instruction::GenerateAsymmetricKeyPair, 0x00, 0x04)
                .with_data([0xAC, 3, 0x80, 1, 0x27]),
            Refused,
            NotHere,
            NotHere,
        ),
        (
            "management key",
            Command::new(Instruction::GeneralAuthenticate, 0x0A, 0x9B)
                .with_data([0x7C, 2, 0x81, 0]),
            Success,
            Refused,
            Refused,
        ),
        (
            "version",
            Command::new(instruction::GET_VERSION, 0, 0),
            Success,
            NotHere,
            NotHere,
        ),
        (
            "serial",
            Command::new(instruction::GET_SERIAL, 0, 0),
            Success,
            NotHere,
            NotHere,
        ),
        (
            "metadata",
            Command::new(instruction::GET_METADATA, 0, 0x9A),
            Success,
            NotHere,
            NotHere,
        ),
        (
            "import",
            Command::new(instruction::IMPORT_KEY, 0x11, 0x9A).with_data([6, 1, 1]),
            Refused,
            NotHere,
            NotHere,
        ),
        (
            "attestation",
            Command::new(instruction::ATTEST, 0x9A, 0),
            Status::ConditionsNotSatisfied,
            NotHere,
            NotHere,
        ),
        (
            "SELECT",
            Command::new(Instruction::Select, 0x04, 0x00).with_data([0xA0, 0, 0, 3, 8]),
            Success,
            Success,
            Success,
        ),
    ];
    let mut card = Some(full_card());
    for way in Way::ALL {
        let mut host = way.host(card.take().unwrap());
        for (name, command, contact, contactless, virtual_contact) in &rows {
            let expected = match way.kind() {
                Kind::Contact => contact,
                Kind::Contactless => contactless,
                Kind::Virtual => virtual_contact,
            };
            let answer = host.send(command).status;
            assert_eq!(answer, *expected, "{name} {way:?}");
        }
        card = Some(host.card);
    }
}

#[test]
fn under_strict_no_pin_in_clear_is_compared_and_no_try_is_lost() {
    let mut host = Host::contactless(TestCard::new(), ContactlessPolicy::Strict);
    for value in [
        b"123456\xFF\xFF".as_slice(),
        b"999999\xFF\xFF",
        &[0xFF; 8],
        &[],
    ] {
        assert_eq!(host.verify(0x80, value), Status::SecurityStatusNotSatisfied);
    }
    host.open();
    assert_eq!(host.verify_pin(), Status::SecurityStatusNotSatisfied);
    host.card.move_to(Interface::Contact);
    host.channel = None;
    assert_eq!(host.verify(0x80, &[]), Status::TriesLeft(5));
}

#[test]
fn what_is_proved_over_the_virtual_contact_interface_does_not_count_in_clear() {
    let mut host = Host::contactless(full_card(), ContactlessPolicy::Strict);
    host.pair();
    assert_eq!(host.verify_pin(), Status::Success);
    let sign = Command::new(Instruction::GeneralAuthenticate, 0x11, 0x9A)
        .with_data([&[0x7C, 36, 0x82, 0, 0x81, 32], [7; 32].as_slice()].concat());
    let refused = Status::SecurityStatusNotSatisfied;
    assert_eq!(host.send_in_clear(&sign).status, refused);
    let printed = get_data(ObjectId::PrintedInformation);
    assert_eq!(host.send_in_clear(&printed).status, refused);
    // A command in clear between them has not ended the channel.
    assert_eq!(host.send(&sign).status, Status::Success);
    assert_eq!(host.send(&printed).status, Status::Success);
}

#[test]
fn a_key_of_9e_that_wants_the_pin_goes_the_way_of_the_pin() {
    for pin_policy in [2, 3] {
        let mut card = full_card();
        card.prove_management_key();
        let control = [0xAC, 6, 0x80, 1, 0x11, 0xAA, 1, pin_policy];
        let generate = Command::new(Instruction::GenerateAsymmetricKeyPair, 0, 0x9E);
        let generate = generate.with_data(control).encode().unwrap();
        assert_eq!(card.send(&generate).status, Status::Success);
        let mut host = Host::contactless(card, ContactlessPolicy::Strict);
        let sign = Command::new(Instruction::GeneralAuthenticate, 0x11, 0x9E)
            .with_data([&[0x7C, 36, 0x82, 0, 0x81, 32], [7; 32].as_slice()].concat());
        host.pair();
        assert_eq!(host.verify_pin(), Status::Success);
        let refused = Status::SecurityStatusNotSatisfied;
        assert_eq!(host.send_in_clear(&sign).status, refused, "{pin_policy}");
        assert_eq!(host.verify_pin(), Status::Success);
        assert_eq!(host.send(&sign).status, Status::Success, "{pin_policy}");
    }
}

#[test]
fn the_discovery_object_tells_what_the_holder_has_decided() {
    for (policy, usage) in [
        (ContactlessPolicy::ContactLike, "40 00"),
        (ContactlessPolicy::Strict, "48 00"),
        (ContactlessPolicy::StrictWithoutPairing, "4C 00"),
    ] {
        let mut card = TestCard::new();
        decide(&card, policy);
        for interface in [Interface::Contact, Interface::Contactless] {
            card.move_to(interface);
            let answer =
                format!("7E 12 4F 0B A0 00 00 03 08 00 00 10 00 01 00 5F 2F 02 {usage} 90 00");
            card.play(&[("00CB3FFF035C017E00", &answer)]);
        }
    }
}

#[test]
fn the_announced_objects_are_those_that_anybody_may_read_over_the_interface() {
    let mut host = Host::contactless(full_card(), ContactlessPolicy::Strict);
    let announced = |host: &mut Host| {
        let template = host.card.client().select().unwrap();
        Announcement::decode(&template.url.unwrap())
            .unwrap()
            .objects
    };
    let strict = announced(&mut host);
    let read = host.with_client(|client| client.public_objects().unwrap());
    let mut tags: Vec<u32> = read.iter().map(|(tag, _)| tag.value()).collect();
    let mut free = FREE;
    free.sort_unstable();
    tags.sort_unstable();
    assert_eq!(tags, free);
    assert_eq!(read.digest().unwrap(), strict);
    // The digest is of the same objects whatever has been proved.
    host.pair();
    assert_eq!(host.verify_pin(), Status::Success);
    let read = host.with_client(|client| client.public_objects().unwrap());
    assert_eq!(read.digest().unwrap(), strict);
    host.channel = None;
    decide(&host.card, ContactlessPolicy::ContactLike);
    assert_ne!(announced(&mut host), strict);
}

#[test]
fn a_decision_at_the_phone_counts_at_once_and_ends_what_was_proved() {
    let mut host = Host::contactless(full_card(), ContactlessPolicy::ContactLike);
    assert_eq!(host.verify_pin(), Status::Success);
    let printed = get_data(ObjectId::PrintedInformation);
    assert_eq!(host.send(&printed).status, Status::Success);
    decide(&host.card, ContactlessPolicy::Strict);
    let refused = Status::SecurityStatusNotSatisfied;
    assert_eq!(host.send(&printed).status, refused);
    host.pair();
    assert_eq!(host.send(&printed).status, refused);
    assert_eq!(host.verify_pin(), Status::Success);
    decide(&host.card, ContactlessPolicy::StrictWithoutPairing);
    let answer = host.send(&printed);
    assert_eq!(answer.status, refused, "the channel is gone");
    assert!(host.channel.is_none());
}

#[test]
fn a_strict_card_tells_nothing_in_clear_of_what_is_not_for_all() {
    let mut host = Host::contactless(TestCard::new(), ContactlessPolicy::Strict);
    let url = host.card.client().select().unwrap().url.unwrap();
    assert_eq!(Announcement::decode(&url).unwrap().pin_tries, None);
    // None of these is on the card.
    for object in ["5C035FC109", "5C035FC105"] {
        let command = format!("00 CB 3F FF 05 {object} 00");
        assert_eq!(
            host.card.status(&command),
            Status::SecurityStatusNotSatisfied,
            "{object}"
        );
    }
    assert_eq!(
        host.card.status("00 CB 3F FF 05 5C 03 5F C1 01 00"),
        Status::NotFound
    );
    for command in [
        "00 87 11 9A 08 7C 06 82 00 81 02 07 07 00".to_owned(),
        format!(
            "00 2A 9E 9A 29 84 01 9A 80 02 03 01 90 20 {}00",
            "07".repeat(32)
        ),
    ] {
        assert_eq!(
            host.card.status(&command),
            Status::SecurityStatusNotSatisfied,
            "{command}"
        );
    }
    decide(&host.card, ContactlessPolicy::ContactLike);
    let url = host.card.client().select().unwrap().url.unwrap();
    assert_eq!(Announcement::decode(&url).unwrap().pin_tries, Some(4));
}
