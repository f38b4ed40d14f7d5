//! Secure messaging from the card's side: its key and certificate, channels and how they end, pairing
//! (SP 800-73-5 part 2, 3.2.1 and 4).

use crate::common::{TestCard, hex};
use crate::secure_host::{Host, decide, key, suite, verify};
use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::authenticate::Request;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::EphemeralKey as _;
use card_edge::piv::secure_messaging::certificate::{SignatureAlgorithm, Subject};
use card_edge::piv::secure_messaging::key_establishment::{HostMessage, NAMELESS};
use card_edge::piv::secure_messaging::{CardVerifiableCertificate, CipherSuite, PairingCode};
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, PublicKey, certificate};
use der::{Decode, Encode};
use sha2::{Digest, Sha256, Sha384};
use signature::hazmat::PrehashVerifier;
use tapcard_phone::interface::Interface;
use tapcard_phone::state::ContactlessPolicy;
use uuid::Uuid;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use zeroize::Zeroizing;

const REFUSED: Status = Status::SecurityStatusNotSatisfied;

fn strict() -> Host {
    Host::contactless(TestCard::administered(), ContactlessPolicy::Strict)
}

/// The command of a key establishment.
fn establish(suite: CipherSuite, point: &[u8]) -> Command {
    let message = HostMessage::new(suite, NAMELESS, point).unwrap().encode();
    let request = Request::InternalAuthenticate(Zeroizing::new(message));
    let mut command = Command::new(Instruction::GeneralAuthenticate, suite.identifier(), 0x04);
    command.data = request.encode().unwrap();
    command
}

fn is_signed(point: &[u8], algorithm: SignatureAlgorithm, message: &[u8], der: &[u8]) -> bool {
    match algorithm {
        SignatureAlgorithm::EcdsaSha256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            let signature = p256::ecdsa::DerSignature::from_bytes(der).unwrap();
            key.verify_prehash(&Sha256::digest(message), &signature)
                .is_ok()
        }
        SignatureAlgorithm::EcdsaSha384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
            let signature = p384::ecdsa::DerSignature::from_bytes(der).unwrap();
            key.verify_prehash(&Sha384::digest(message), &signature)
                .is_ok()
        }
        SignatureAlgorithm::RsaSha256 => false,
    }
}

/// Holds the card's certificate against its signer's, and that against itself.
fn check_certificate(host: &mut Host, shown: &CardVerifiableCertificate) {
    let signer = host
        .with_client(|client| client.secure_messaging_signer().unwrap())
        .unwrap();
    assert_eq!(signer.intermediate, None);
    let signer = Certificate::from_der(&signer.certificate).unwrap();
    let body = signer.tbs_certificate();
    let (_, identifier): (bool, SubjectKeyIdentifier) = body.get_extension().unwrap().unwrap();
    assert_eq!(identifier.0.as_bytes()[..8], shown.body.issuer);
    let point = body
        .subject_public_key_info()
        .subject_public_key
        .raw_bytes();
    assert!(is_signed(
        point,
        shown.algorithm,
        shown.signed_bytes(),
        &shown.signature
    ));
    assert!(is_signed(
        point,
        shown.algorithm,
        &body.to_der().unwrap(),
        signer.signature().raw_bytes()
    ));
    let guid = host.card.store().state().guid().unwrap();
    assert_eq!(shown.body.subject, Subject::Card(guid));
}

#[test]
fn the_card_shows_a_certificate_of_its_own_signer_for_its_guid() {
    for suite in CipherSuite::ALL {
        let mut host = Host::with(TestCard::administered());
        let control = [0xAC, 3, 0x80, 1, suite.identifier()];
        let generate = Command::new(Instruction::GenerateAsymmetricKeyPair, 0x00, 0x04);
        let made = host.send(&generate.with_data(control));
        assert_eq!(made.status, Status::Success);
        let PublicKey::Ecc { curve, point } = PublicKey::decode(&made.data).unwrap() else {
            panic!("not a key on a curve");
        };
        assert_eq!(curve, suite.curve());
        let shown = host.open();
        assert_eq!(shown.body.point, point);
        assert_eq!(shown.algorithm, SignatureAlgorithm::of(suite));
        check_certificate(&mut host, &shown);
        // They are the same after the power was off.
        host.card.restart();
        host.channel = None;
        assert_eq!(host.open(), shown);
    }
}

#[test]
fn a_new_guid_is_certified_for_the_same_key() {
    let mut host = Host::with(TestCard::administered());
    let before = host.open();
    host.channel = None;
    let chuid = Chuid {
        guid: Uuid::from_bytes([0x42; 16]),
        ..host.card.client().chuid().unwrap().unwrap()
    };
    let content = chuid.encode().unwrap();
    host.card
        .client()
        .put_data(ObjectId::Chuid, &content)
        .unwrap();
    let after = host.open();
    assert_eq!(after.body.point, before.body.point);
    assert_eq!(after.body.subject, Subject::Card(chuid.guid));
    check_certificate(&mut host, &after);
}

#[test]
fn keys_on_p_384_ask_for_the_stronger_suite() {
    let mut host = Host::with(TestCard::administered());
    let generate = |suite: u8| {
        Command::new(Instruction::GenerateAsymmetricKeyPair, 0x00, 0x04)
            .with_data([0xAC, 3, 0x80, 1, suite])
    };
    for (key, expected) in [
        (AsymmetricKey::PivAuthentication, CipherSuite::Cs2),
        (AsymmetricKey::CardAuthentication, CipherSuite::Cs2),
        (AsymmetricKey::KeyManagement, CipherSuite::Cs7),
    ] {
        let mut client = host.card.client();
        client.generate(key, KeyAlgorithm::P384).unwrap();
        let named = suite(&client.select().unwrap());
        assert_eq!(named, expected, "{key}");
        let shown = host.open();
        assert_eq!(shown.body.curve, expected.curve());
        check_certificate(&mut host, &shown);
        host.channel = None;
    }
    assert_eq!(
        host.send(&generate(0x27)).status,
        Status::IncorrectParameters
    );
    assert_eq!(host.send(&generate(0x2E)).status, Status::Success);
    for suite in [0x11, 0x14, 0x07, 0x00] {
        assert_eq!(host.send(&generate(suite)).status, Status::IncorrectData);
    }
}

#[test]
fn a_key_establishment_that_is_wrong_is_refused_and_ends_the_channel() {
    let point = key(CipherSuite::Cs2).point();
    let good = establish(CipherSuite::Cs2, &point);
    let mut off_the_curve = point.clone();
    off_the_curve[64] ^= 1;
    let other_suite = establish(CipherSuite::Cs7, &key(CipherSuite::Cs7).point());
    for (command, expected) in [
        (
            Command {
                p1: 0x11,
                ..good.clone()
            },
            Status::IncorrectParameters,
        ),
        (
            Command {
                p1: 0x2E,
                ..good.clone()
            },
            Status::IncorrectData,
        ),
        (other_suite, Status::IncorrectParameters),
        (
            good.clone().with_data([0x7C, 2, 0x81, 0]),
            Status::IncorrectData,
        ),
        (good.clone().with_data([]), Status::IncorrectData),
        (
            establish(CipherSuite::Cs2, &off_the_curve),
            Status::IncorrectData,
        ),
    ] {
        let mut host = strict();
        host.pair();
        assert_eq!(host.send_in_clear(&command).status, expected, "{command:?}");
        assert_eq!(host.verify(0x80, &[]), REFUSED, "the session keys are gone");
    }
    // Through a channel no other is opened.
    let mut host = strict();
    host.pair();
    assert_eq!(host.send(&good).status, Status::SecureMessagingNotSupported);
    assert_eq!(host.verify(0x80, &[]), REFUSED);
}

#[test]
fn without_a_channel_a_protected_command_is_refused() {
    let mut host = strict();
    for command in [
        "0C CB 3F FF 05 5C 03 5F C1 02 00",
        "0C 20 00 80 0A 8E 08 00 00 00 00 00 00 00 00 00",
        "0C 2C 00 80 0A 8E 08 00 00 00 00 00 00 00 00 00",
    ] {
        assert_eq!(host.card.status(command), REFUSED, "{command}");
    }
    for command in [
        "0C A4 04 00 05 A0 00 00 03 08",
        "0C DB 3F FF 05 5C 03 5F C1 02",
        "0C 47 00 9A",
        "0C FD 00 00",
        "0C C0 00 00 00",
    ] {
        assert_eq!(
            host.card.status(command),
            Status::SecureMessagingNotSupported,
            "{command}"
        );
    }
}

/// Whatever is wrong with a protected command ends the channel and everything that was proved through it.
#[test]
fn an_error_of_secure_messaging_ends_it() {
    let protect = |host: &mut Host, command: &Command| {
        host.channel.as_mut().unwrap().protect(command).unwrap()
    };
    type Spoil = fn(Command) -> Vec<u8>;
    let cases: [(&str, Spoil, Status); 8] = [
        (
            "a wrong MAC",
            |mut command| {
                let last = command.data.len() - 1;
                command.data[last] ^= 1;
                command.encode().unwrap().to_vec()
            },
            Status::SecureMessagingObjectsIncorrect,
        ),
        (
            "another P2",
            |mut command| {
                command.p2 = 0x00;
                command.encode().unwrap().to_vec()
            },
            Status::SecureMessagingObjectsIncorrect,
        ),
        (
            "no MAC",
            |mut command| {
                let length = command.data.len() - 10;
                command.data.truncate(length);
                command.encode().unwrap().to_vec()
            },
            Status::SecureMessagingObjectsMissing,
        ),
        (
            "nothing at all",
            |command| command.with_data([]).encode().unwrap().to_vec(),
            Status::SecureMessagingObjectsMissing,
        ),
        (
            "not an APDU",
            |command| {
                let mut bytes = command.encode().unwrap().to_vec();
                bytes.push(0);
                bytes
            },
            Status::WrongLength,
        ),
        (
            "a command that is never protected",
            |_| hex("0C DB 3F FF 05 5C 03 5F C1 02"),
            Status::SecureMessagingNotSupported,
        ),
        (
            "a chain of a command that comes in none",
            |mut command| {
                command.class.chained = true;
                command.encode().unwrap().to_vec()
            },
            Status::ChainingNotSupported,
        ),
        (
            "a key establishment",
            |_| hex("0C 87 27 04 02 7C 00"),
            Status::SecureMessagingNotSupported,
        ),
    ];
    for (name, spoil, expected) in cases {
        let mut host = strict();
        host.pair();
        assert_eq!(host.verify_pin(), Status::Success);
        let command = protect(&mut host, &verify(0x80, &[]));
        let answer = host.card.send(&spoil(command));
        assert_eq!(answer.status, expected, "{name}");
        assert!(answer.data.is_empty());
        let next = protect(&mut host, &verify(0x80, &[]));
        assert_eq!(host.send_in_clear(&next).status, REFUSED, "{name}");
        // In a new channel nothing of before counts, neither pairing nor PIN.
        host.open();
        assert_eq!(host.verify(0x98, &[]), Status::VerificationFailed, "{name}");
        assert_eq!(host.verify(0x80, &[]), REFUSED, "{name}");
        host.pair();
        assert_eq!(host.verify(0x80, &[]), Status::TriesLeft(4), "{name}");
    }
}

#[test]
fn a_repeated_command_is_refused() {
    let mut host = strict();
    host.pair();
    let command = verify(0x80, b"123456\xFF\xFF");
    let protected = host.channel.as_mut().unwrap().protect(&command).unwrap();
    let first = host.send_in_clear(&protected);
    assert_eq!(first.status, Status::Success);
    assert_eq!(
        host.send_in_clear(&protected).status,
        Status::SecureMessagingObjectsIncorrect
    );
}

#[test]
fn a_reset_ends_the_channel() {
    let mut host = strict();
    host.pair();
    host.card.card.reset();
    host.card.client().select().unwrap();
    assert_eq!(host.verify(0x80, &[]), REFUSED);
    // Selecting again does not: the security status stays.
    host.pair();
    host.card.client().select().unwrap();
    assert_eq!(host.verify(0x80, &[]), Status::TriesLeft(4));
}

#[test]
fn a_refusal_inside_the_channel_leaves_it_open() {
    let mut host = strict();
    host.open();
    let iris =
        Command::new(Instruction::GetData, 0x3F, 0xFF).with_data([0x5C, 3, 0x5F, 0xC1, 0x21]);
    // Whether it is there, a host that is not paired does not learn.
    assert_eq!(host.send(&iris).status, REFUSED);
    assert_eq!(host.verify_pin(), REFUSED);
    assert_eq!(host.verify(0x99, &[]), Status::ReferenceNotFound);
    assert!(host.channel.is_some());
    host.pair();
    assert_eq!(host.send(&iris).status, Status::NotFound);
    assert_eq!(host.verify(0x80, b"999999\xFF\xFF"), Status::TriesLeft(3));
    assert_eq!(host.verify_pin(), Status::Success);
}

/// Beyond the standard, so that nobody hears the PUK over the air.
#[test]
fn the_puk_sets_a_new_pin_inside_the_channel_but_of_a_strict_card() {
    let unblock = |puk: &[u8; 8]| {
        Command::new(Instruction::ResetRetryCounter, 0x00, 0x80)
            .with_data([puk.as_slice(), b"739154\xFF\xFF"].concat())
            .expecting_nothing()
    };
    let right = unblock(b"12345678");
    let card = TestCard::administered();
    let mut host = Host::contactless(card, ContactlessPolicy::ContactLike);
    host.open();
    let wrong = host.send(&unblock(b"00000000"));
    assert!(matches!(wrong.status, Status::TriesLeft(_)));
    assert!(host.channel.is_some());
    assert_eq!(host.send(&right).status, Status::Success);
    assert_eq!(host.verify(0x80, b"739154\xFF\xFF"), Status::Success);

    let mut host = strict();
    host.pair();
    assert_eq!(host.send(&right).status, Status::FunctionNotSupported);
    assert_eq!(host.verify_pin(), Status::Success);
}

#[test]
fn the_pairing_code_has_no_counter_and_counts_in_its_channel_alone() {
    let mut host = strict();
    let code = host.pairing_code();
    assert_eq!(host.verify(0x98, code.as_bytes()), REFUSED, "in clear");
    host.open();
    let wrong = if code.matches(b"00000000") {
        b"00000001"
    } else {
        b"00000000"
    };
    for _ in 0..20 {
        assert_eq!(host.verify(0x98, wrong), Status::VerificationFailed);
    }
    assert_eq!(host.verify(0x98, &[]), Status::VerificationFailed);
    for malformed in [b"1234567\xFF".as_slice(), b"1234567", b"123456789"] {
        assert_eq!(host.verify(0x98, malformed), Status::IncorrectData);
    }
    assert_eq!(host.verify(0x98, code.as_bytes()), Status::Success);
    // What cannot be a code changes nothing.
    assert_eq!(host.verify(0x98, b"1234567\xFF"), Status::IncorrectData);
    assert_eq!(host.verify(0x98, &[]), Status::Success);
    assert_eq!(host.verify(0x98, wrong), Status::VerificationFailed);
    assert_eq!(host.verify(0x80, &[]), REFUSED, "not paired any more");
    assert_eq!(host.verify(0x98, code.as_bytes()), Status::Success);
    let log_out = Command::new(Instruction::Verify, 0xFF, 0x98).expecting_nothing();
    assert_eq!(host.send(&log_out).status, Status::Success);
    assert_eq!(host.verify(0x98, &[]), Status::VerificationFailed);
    for (p1, expected) in [
        (0x01, Status::IncorrectParameters),
        (0xFF, Status::IncorrectData),
    ] {
        let command = Command {
            p1,
            ..verify(0x98, code.as_bytes())
        };
        assert_eq!(host.send(&command).status, expected);
    }
    host.pair();
    host.open();
    assert_eq!(
        host.verify(0x98, &[]),
        Status::VerificationFailed,
        "another channel"
    );
}

#[test]
fn a_card_that_is_contact_like_has_no_pairing_code_to_verify() {
    let mut host = Host::contactless(TestCard::new(), ContactlessPolicy::ContactLike);
    host.open();
    let code = host.pairing_code();
    assert_eq!(
        host.verify(0x98, code.as_bytes()),
        Status::ReferenceNotFound
    );
    // The PIN can cross the air encrypted all the same.
    assert_eq!(host.verify_pin(), Status::Success);
    assert_eq!(host.verify(0x80, &[]), Status::Success);
}

#[test]
fn the_pairing_code_is_read_with_the_pin_and_replaced_by_whoever_administers_the_card() {
    let object = ObjectId::PairingCodeReferenceData;
    let mut host = Host::with(TestCard::administered());
    decide(&host.card, ContactlessPolicy::Strict);
    host.card.restart();
    let read =
        Command::new(Instruction::GetData, 0x3F, 0xFF).with_data([0x5C, 3, 0x5F, 0xC1, 0x23]);
    assert_eq!(host.send(&read).status, REFUSED);
    assert_eq!(host.verify_pin(), Status::Success);
    let code = host.pairing_code();
    let content = host.card.client().get_data(object).unwrap().unwrap();
    assert_eq!(*content, *code.encode().unwrap());
    assert_eq!(content.len(), 12);
    let other = PairingCode::new(b"24681357").unwrap();
    host.card.prove_management_key();
    host.card
        .client()
        .put_data(object, &other.encode().unwrap())
        .unwrap();
    host.card.move_to(Interface::Contactless);
    host.open();
    assert_eq!(host.verify(0x98, b"24681357"), Status::Success);
    // Without a code nobody is paired.
    host.channel = None;
    host.card.move_to(Interface::Contact);
    host.card.prove_management_key();
    for content in [&[][..], &[0x99, 4, 0x31, 0x32, 0x33, 0x34], &[1, 2, 3]] {
        host.card.client().put_data(object, content).unwrap();
        host.card.move_to(Interface::Contactless);
        host.open();
        assert_eq!(host.verify(0x98, b"24681357"), Status::ReferenceNotFound);
        assert_eq!(host.verify_pin(), REFUSED);
        host.channel = None;
        host.card.move_to(Interface::Contact);
        host.card.prove_management_key();
    }
}

#[test]
fn each_card_has_a_pairing_code_of_its_own() {
    let codes: Vec<_> = (0..4)
        .map(|_| *Host::with(TestCard::new()).pairing_code().as_bytes())
        .collect();
    assert!(codes.iter().any(|code| *code != codes[0]));
}

/// VERIFY must come directly before a signature with 9C, through the channel as in clear.
#[test]
fn for_9c_the_pin_directly_before_counts_through_the_channel() {
    let mut host = Host::with(TestCard::administered());
    let key = AsymmetricKey::DigitalSignature;
    let mut client = host.card.client();
    client.generate(key, KeyAlgorithm::Rsa2048).unwrap();
    decide(&host.card, ContactlessPolicy::Strict);
    host.card.move_to(Interface::Contactless);
    host.pair();
    let block = [&[0, 1], [0xFF; 254].as_slice()].concat();
    let request = Request::InternalAuthenticate(Zeroizing::new(block));
    let mut sign = Command::new(Instruction::GeneralAuthenticate, 0x07, 0x9C);
    sign.data = request.encode().unwrap();
    assert_eq!(host.verify_pin(), Status::Success);
    let signed = host.send(&sign);
    assert_eq!((signed.status, signed.data.len()), (Status::Success, 264));
    assert_eq!(host.send(&sign).status, REFUSED, "a second time");
    assert_eq!(host.verify_pin(), Status::Success);
    assert_eq!(host.verify(0x80, &[]), Status::Success);
    assert_eq!(host.send(&sign).status, REFUSED, "after a question");
}

#[test]
fn objects_of_any_length_pass_through_the_channel() {
    let mut host = Host::with(TestCard::administered());
    for length in [1_857, 30_000, 65_400] {
        let mut der = vec![0; length];
        getrandom::fill(&mut der).unwrap();
        let key = AsymmetricKey::PivAuthentication;
        let content = certificate::encode(&der).unwrap();
        host.channel = None;
        let mut client = host.card.client();
        client
            .put_data(ObjectId::Certificate(key), &content)
            .unwrap();
        host.open();
        let read = host.with_client(|client| client.certificate(key).unwrap());
        assert!(read.unwrap() == der, "{length}");
    }
    // What does not fit when it is encrypted is said to be so, in the channel.
    let object = ObjectId::SecurityObject;
    host.channel = None;
    host.card
        .client()
        .put_data(object, &vec![1; 65_520])
        .unwrap();
    host.open();
    let read = Command::new(Instruction::GetData, 0x3F, 0xFF).with_data([0x5C, 3, 0x5F, 0xC1, 6]);
    assert_eq!(host.send(&read).status, Status::MemoryFailure);
    assert_eq!(host.verify_pin(), Status::Success);
}

#[test]
fn a_card_that_is_reset_has_another_key_and_code_and_its_holders_policy() {
    let mut host = Host::with(TestCard::new());
    let before = (host.open().body.point, *host.pairing_code().as_bytes());
    host.channel = None;
    decide(&host.card, ContactlessPolicy::Strict);
    host.card.restart();
    for _ in 0..5 {
        host.card.status("00 20 00 80 08 39 39 39 39 39 39 FF FF");
    }
    for _ in 0..3 {
        host.card
            .status("00 2C 00 80 10 39 39 39 39 39 39 39 39 31 32 33 34 35 36 FF FF");
    }
    assert_eq!(host.card.status("00 FB 00 00"), Status::Success);
    let after = (host.open().body.point, *host.pairing_code().as_bytes());
    assert_ne!(after, before);
    assert_eq!(
        host.card.store().state().contactless,
        ContactlessPolicy::Strict
    );
}

#[test]
fn a_suite_is_named_only_where_a_channel_can_be_opened() {
    let mut host = Host::with(TestCard::administered());
    let before = host.open();
    host.channel = None;
    // A signer that was cleared: there is another one for the same key.
    let signer = ObjectId::SecureMessagingCertificateSigner;
    host.card.client().put_data(signer, &[]).unwrap();
    let after = host.open();
    assert_eq!(after.body.point, before.body.point);
    check_certificate(&mut host, &after);
    host.channel = None;
    // Another one did not sign the certificate: with it no host would believe the card.
    let put = "00 DB 3F FF 0E 5C 03 5F C1 22 53 07 70 02 30 00 71 01 00";
    assert_eq!(host.card.status(put), Status::FunctionNotSupported);
    let after = host.open();
    check_certificate(&mut host, &after);
    host.channel = None;
    // Without a GUID there is nothing to certify.
    host.card.client().put_data(ObjectId::Chuid, &[]).unwrap();
    let template = host.card.client().select().unwrap();
    assert!(
        template
            .algorithms
            .iter()
            .all(|identifier| CipherSuite::try_from(*identifier).is_err())
    );
}
