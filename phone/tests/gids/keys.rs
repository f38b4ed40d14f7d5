//! Keys: what they do, what they refuse, and how they come and go.

use card_edge::apdu::{Command, Instruction};
use card_edge::gids::instruction::PERFORM_SECURITY_OPERATION;
use card_edge::piv::PublicKey;
use card_edge::tlv::{self, Tag};
use card_edge::transmit::{self, ExchangeError};
use card_edge::{Status, Transmit};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Oaep, Pkcs1v15Encrypt};
use sha1::Sha1;

use tapcard_phone::card::Card;
use tapcard_phone::consent::{Answer, Holder, Link, Outcome, Usage};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::key_store::{Consent, KeyPlace};
use tapcard_phone::state::{StateError, read_uses};

use crate::common::{CREATE_KEY, GENERATE, GidsCard, SELECT, VERIFY, hex};

const SIGN: (u8, u8) = (0x9E, 0x9A);
const DECRYPT: (u8, u8) = (0x80, 0x86);

/// The lengths of keys, each by the digit that ends the bytes of its mechanisms and its modulus in bytes.
const LENGTHS: [(u8, usize); 3] = [(7, 256), (8, 384), (9, 512)];

/// PKCS#1 private keys: to make one on the card takes seconds.
const RSA_3072: &[u8] = include_bytes!("../vectors/rsa-3072.der");
const RSA_4096: &[u8] = include_bytes!("../vectors/rsa-4096.der");

/// A command for RSA-2048 as one for keys of this length.
fn of_length(command: &str, digit: u8) -> String {
    ["0", "1", "4", "5", "8"]
        .iter()
        .fold(command.to_owned(), |command, usage| {
            let others = format!("80 01 {usage}{digit}");
            command.replace(&format!("80 01 {usage}7"), &others)
        })
}

/// The command that brings a key, with this byte for what it is encrypted by.
fn import(der: &[u8], encrypted_by: u8) -> Command {
    let mut value = vec![0x83, 0x01, 0x02, 0x84, 0x01, encrypted_by];
    tlv::write(&mut value, Tag::new(0x87), der).unwrap();
    let mut handling = hex("84 01 81");
    tlv::write(&mut handling, Tag::new(0xA5), &value).unwrap();
    let data = tlv::encode(Tag::new(0x70), &handling).unwrap();
    Command::new(Instruction::PutData, 0x3F, 0xFF).with_data(data)
}

/// A card with a key of this length, and the key's public half; the PIN is verified.
fn card_with_key_of(digit: u8) -> (GidsCard, rsa::PublicKey) {
    let der = match digit {
        8 => RSA_3072,
        9 => RSA_4096,
        _ => return card_with_key(),
    };
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    card.expect(&of_length(CREATE_KEY, digit), "9000");
    assert_eq!(card.chain(&import(der, 0)).status, Status::Success);
    let key = public_key(&mut card).unwrap();
    (card, key)
}

/// A card with a key, and the key's public half; the PIN is verified.
fn card_with_key() -> (GidsCard, rsa::PublicKey) {
    let mut card = GidsCard::with_key();
    card.expect(VERIFY, "9000");
    let key = public_key(&mut card).unwrap();
    (card, key)
}

/// The public half of the first key.
pub fn public_key<T: Transmit>(card: &mut T) -> Result<rsa::PublicKey, ExchangeError<T::Error>> {
    let read = Command::new(Instruction::GetData, 0x3F, 0xFF)
        .with_data(hex("70 08 84 01 81 A5 03 7F 49 80"));
    Ok(rsa_key(&transmit::exchange(card, &read)?.data))
}

/// A public key as the card gives it.
pub fn rsa_key(template: &[u8]) -> rsa::PublicKey {
    let PublicKey::Rsa { modulus, exponent } = PublicKey::decode(template).unwrap() else {
        panic!("an RSA key");
    };
    let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
    rsa::PublicKey::new(number(&modulus), number(&exponent)).unwrap()
}

fn perform(card: &mut GidsCard, (p1, p2): (u8, u8), data: Vec<u8>) -> (Status, Vec<u8>) {
    let command = Command::new(PERFORM_SECURITY_OPERATION, p1, p2).with_data(data);
    let answer = card.chain(&command);
    (answer.status, answer.data.to_vec())
}

/// The block that was signed.
pub fn opened(key: &rsa::PublicKey, signature: &[u8]) -> Vec<u8> {
    let number = BoxedUint::from_be_slice(signature, key.n_bits_precision()).unwrap();
    let block = rsa::hazmat::rsa_encrypt(key, &number).unwrap();
    block.to_be_bytes().to_vec()
}

#[test]
fn signatures_are_padded_by_the_card_or_by_the_host() {
    for (digit, length) in LENGTHS {
        let (mut card, key) = card_with_key_of(digit);
        assert_eq!(key.size(), length);
        let mut sign = |usage: u8, data: Vec<u8>| {
            let choice = format!("00 22 41 B6 06 80 01 {usage}{digit} 84 01 81");
            card.expect(&choice, "9000");
            perform(&mut card, SIGN, data)
        };
        let block: Vec<u8> = (0..=255).cycle().take(length).collect();
        let padded = |data: &[u8]| {
            let padding = vec![0xFF; length - 3 - data.len()];
            [&[0, 1], padding.as_slice(), &[0], data].concat()
        };
        for (usage, data, expected) in [
            (5, vec![7; 36], padded(&[7; 36])),
            (5, vec![7; length - 11], padded(&vec![7; length - 11])),
            (1, block.clone(), block.clone()),
            // OpenSC names the mechanism that pads for a block that it has padded itself.
            (5, block.clone(), block.clone()),
        ] {
            let (status, signature) = sign(usage, data);
            assert_eq!(status, Status::Success, "{usage}{digit}");
            assert_eq!(opened(&key, &signature), expected, "{usage}{digit}");
        }
        for (usage, data) in [
            (5, vec![7; length - 10]),
            (5, vec![7; length - 1]),
            (5, vec![7; length + 1]),
            (1, vec![7; length - 1]),
            (1, vec![0xFF; length]),
        ] {
            let (status, answer) = sign(usage, data);
            assert_eq!(
                (status, answer.len()),
                (Status::IncorrectData, 0),
                "{usage}{digit}"
            );
        }
    }
}

#[test]
fn decryptions_are_unpadded_as_was_asked() {
    for (digit, length) in LENGTHS {
        let (mut card, key) = card_with_key_of(digit);
        let random = &mut getrandom::SysRng;
        let pkcs1 = key.encrypt(random, Pkcs1v15Encrypt, b"message").unwrap();
        let oaep = key
            .encrypt(random, Oaep::<Sha1>::new(), b"message")
            .unwrap();
        let mut decrypt = |usage: u8, data: Vec<u8>| {
            let choice = format!("00 22 41 B8 06 80 01 {usage}{digit} 84 01 81");
            card.expect(&choice, "9000");
            perform(&mut card, DECRYPT, data)
        };
        for (usage, data) in [(4, &pkcs1), (8, &oaep)] {
            // With and without the byte that says nothing of the padding.
            for head in [&[][..], &[0x00]] {
                let (status, message) = decrypt(usage, [head, data].concat());
                assert_eq!(status, Status::Success, "{usage}{digit}");
                assert_eq!(message, b"message", "{usage}{digit}");
            }
        }
        let (status, block) = decrypt(0, pkcs1.clone());
        assert_eq!((status, &block[..2]), (Status::Success, &[0, 2][..]));
        assert!(block.ends_with(b"\0message"));
        // Another padding, and what is not a block.
        for (usage, data) in [
            (8, pkcs1.clone()),
            (4, oaep.clone()),
            (4, vec![1; length - 1]),
            (4, [&[1], pkcs1.as_slice()].concat()),
            (8, vec![0xFF; length]),
        ] {
            let (status, message) = decrypt(usage, data);
            assert_eq!(
                (status, message.len()),
                (Status::IncorrectData, 0),
                "{usage}{digit}"
            );
        }
    }
}

#[test]
fn a_key_of_each_length_is_made_on_the_card() {
    for (digit, length) in LENGTHS {
        let mut card = GidsCard::new();
        card.expect(VERIFY, "9000");
        card.expect(&of_length(CREATE_KEY, digit), "9000");
        assert!(
            card.send(&hex(&of_length(GENERATE, digit)))
                .status
                .is_success()
        );
        let key = public_key(&mut card).unwrap();
        assert_eq!(key.size(), length);
        card.expect(&format!("00 22 41 B6 06 80 01 5{digit} 84 01 81"), "9000");
        let (status, signature) = perform(&mut card, SIGN, vec![7; 36]);
        assert_eq!(status, Status::Success);
        assert!(opened(&key, &signature).ends_with(&[7; 36]));
    }
}

#[test]
fn an_encrypted_key_is_not_taken() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    card.expect(&of_length(CREATE_KEY, 8), "9000");
    let encrypted = card.chain(&import(RSA_3072, 0x80));
    assert_eq!(encrypted.status, Status::IncorrectData);
    card.expect("00 22 41 B6 06 80 01 58 84 01 81", "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6A88");
    assert_eq!(card.chain(&import(RSA_3072, 0)).status, Status::Success);
}

#[test]
fn a_key_does_what_its_file_says_and_nothing_else() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    // One that signs what it pads itself, and no more.
    card.expect(
        "00 E0 00 00 1D 62 1B 82 01 18 83 02 B0 81 8C 05 8F 10 10 10 00 A5 0B B6 09 80 01 57 83 01 81 95 01 40",
        "9000",
    );
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    // The key is not there yet.
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6A88");
    card.expect("00 CB 3F FF 0A 70 08 84 01 81 A5 03 7F 49 80 00", "6A88");
    card.expect(&GENERATE.replace("01 07", "01 08"), "6A80");
    assert!(card.send(&hex(GENERATE)).status.is_success());
    // What was chosen of the key before it is forgotten.
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6985");
    for (choice, answer) in [
        ("00 22 41 B6 06 80 01 17 84 01 81", "6A80"),
        ("00 22 41 B8 06 80 01 47 84 01 81", "6A80"),
        ("00 22 41 B8 06 80 01 57 84 01 81", "6A80"),
        ("00 22 41 B6 06 80 01 58 84 01 81", "6A80"),
        ("00 22 41 B6 06 80 01 27 84 01 81", "6A80"),
        ("00 22 41 B6 06 80 01 57 84 01 82", "6A88"),
        ("00 22 41 B6 06 80 01 57 84 01 80", "6A80"),
        ("00 22 41 B6 03 80 01 57", "6A80"),
        ("00 22 41 A4 03 83 01 80", "6A81"),
        ("00 22 F2 01", "6A81"),
        ("00 22 F4 01", "6A81"),
    ] {
        card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
        card.expect(choice, answer);
        // A choice that was refused leaves none.
        card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6985");
    }
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    let (status, _) = perform(&mut card, SIGN, vec![1; 256]);
    assert_eq!(status, Status::IncorrectData);
    card.expect("00 2A 80 86 04 01 02 03 04 00", "6985");
    card.expect("00 2A 9E 9B 04 01 02 03 04 00", "6A86");
    card.expect("00 22 F3 00", "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6985");
}

#[test]
fn a_new_key_replaces_the_old_one_and_a_deleted_one_is_gone() {
    let (mut card, old) = card_with_key();
    assert!(card.send(&hex(GENERATE)).status.is_success());
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    let (_, signature) = perform(&mut card, SIGN, vec![7; 36]);
    assert_ne!(opened(&old, &signature)[..2], [0, 1]);
    card.restart();
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    let (status, again) = perform(&mut card, SIGN, vec![7; 36]);
    assert_eq!((status, again), (Status::Success, signature));
    card.expect("00 A4 00 0C 02 B0 81", "9000");
    card.expect("00 E4 00 00", "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6985");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "6A88");
    card.expect(GENERATE, "6A88");
    card.expect(CREATE_KEY, "9000");
    assert_eq!(
        card.store()
            .state()
            .gids
            .as_ref()
            .unwrap()
            .key_pairs()
            .count(),
        0
    );
}

#[test]
fn a_key_that_cannot_work_is_not_taken() {
    let (mut card, key) = card_with_key();
    // Two equal numbers, of the right length, that are not primes.
    let number = format!("02 81 80 {}", "C1 ".repeat(128));
    let der = hex(&format!(
        "02 01 00 02 01 21 02 03 01 00 01 02 01 09 {number} {number} 02 01 01 02 01 01 02 01 01"
    ));
    let der = tlv::encode(Tag::new(0x30), &der).unwrap();
    assert_eq!(card.chain(&import(&der, 0)).status, Status::IncorrectData);
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    let (_, signature) = perform(&mut card, SIGN, vec![7; 36]);
    assert_eq!(opened(&key, &signature)[..2], [0, 1]);
}

#[test]
fn a_use_waits_for_the_holder_where_the_holder_wants_it() {
    /// Gives these answers, the last first.
    struct Answers(Vec<Answer>);
    impl Holder for Answers {
        fn ask(&mut self, usage: &Usage, _link: &mut dyn Link) -> Answer {
            assert_eq!(usage.key, KeyPlace::Container(0x81));
            self.0.pop().unwrap()
        }
    }
    let (card, _) = card_with_key();
    let set = |consent| {
        card.store()
            .update(|state| {
                state.set_consent(KeyPlace::Container(0x81), consent);
                Ok::<_, StateError>(())
            })
            .unwrap();
    };
    set(Consent::ConfirmOnPhone);
    let holder = Answers(vec![Answer::Refused, Answer::Approved]);
    let mut asked = Card::new(card.store(), Box::new(SoftwareKeyStore), Interface::Contact)
        .with_holder(Box::new(holder));
    let mut sign = |data: u8| {
        let mut status = Vec::new();
        for apdu in [
            SELECT,
            VERIFY,
            "00 22 41 B6 06 80 01 57 84 01 81",
            &format!("00 2A 9E 9A 14 {}", format!("{data:02X}").repeat(20)),
        ] {
            let answer = asked.process(&hex(apdu));
            status = answer[answer.len() - 2..].to_vec();
        }
        status
    };
    // 256 bytes in short APDUs.
    assert_eq!(sign(1), [0x90, 0x00]);
    assert_eq!(sign(2), [0x69, 0x85]);
    set(Consent::Never);
    assert_eq!(sign(3), [0x69, 0x85]);
    let outcomes: Vec<_> = read_uses(card.folder.path())
        .unwrap()
        .iter()
        .map(|one| one.outcome)
        .collect();
    let expected = [Outcome::Done, Outcome::Refused, Outcome::Forbidden];
    assert_eq!(outcomes, expected);
}
