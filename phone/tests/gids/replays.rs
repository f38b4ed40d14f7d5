//! What Windows sends to a GIDS card, and what it must be answered, byte for byte.
//!
//! The sequences are those that the tests of GidsApplet and logs of vsmartcard (issues 153, 237, 306) record; keys and
//! identities are this test's own. The log-in with a phone that is enrolled was not recorded: its file says what it is put
//! together from.

use card_edge::apdu::{Command, Instruction};
use card_edge::gids::file_system::freshness::Freshness;
use card_edge::gids::file_system::{certificate, layout};
use card_edge::gids::instruction::PERFORM_SECURITY_OPERATION;
use card_edge::piv::PublicKey;
use card_edge::{Status, tlv};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, Pkcs1v15Encrypt};
use tapcard_phone::gids::provision;
use tapcard_phone::interface::Interface;
use tapcard_phone::state::encoding::Bytes;

use crate::common::{CREATE_KEY, FORGET, GidsCard, hex};
use crate::vector;

/// The table of files of a card without containers.
const MASTER_FILE: &str = "DF 1F 81 8D 01
    6D 73 63 70 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 A0 00 00
    00 00 00 00 00 00 00 00 00 63 61 72 64 69 64 00 00 00 00 00 20 DF 00 00 12 A0 00 00
    00 00 00 00 00 00 00 00 00 63 61 72 64 61 70 70 73 00 00 00 21 DF 00 00 10 A0 00 00
    00 00 00 00 00 00 00 00 00 63 61 72 64 63 66 00 00 00 00 00 22 DF 00 00 10 A0 00 00
    6D 73 63 70 00 00 00 00 00 63 6D 61 70 66 69 6C 65 00 00 00 23 DF 00 00 10 A0 00 00 9000";

/// What makes a blank card one of the minidriver's, as gids-tool and GidsApplet's tests send it.
pub const MAKING: &[&str] = &[
    "00 24 01 80 08 31 32 33 34 35 36 37 38",
    "00 E0 00 00 0E 62 0C 82 01 39 83 02 A0 00 8C 03 03 30 00",
    "00 44 00 00 00",
    "00 E0 00 00 0E 62 0C 82 01 39 83 02 A0 10 8C 03 03 30 00",
    "00 44 00 00 00",
    "00 E0 00 00 0E 62 0C 82 01 39 83 02 A0 11 8C 03 03 30 FF",
    "00 44 00 00 00",
    "00 E0 00 00 0E 62 0C 82 01 39 83 02 A0 12 8C 03 03 20 00",
    "00 44 00 00 00",
    "00 E0 00 00 0E 62 0C 82 01 39 83 02 A0 13 8C 03 03 30 30",
    "00 44 00 00 00",
    "00 E0 00 00 0E 62 0C 82 01 39 83 02 A0 14 8C 03 03 20 20",
    "00 44 00 00 00",
    "00 E0 00 00 1C 62 1A 82 01 18 83 02 B0 80 8C 04 87 00 20 FF A5 0B A4 09 80 01 02 83 01 80 95 01 C0",
    "00 44 00 00 00",
    "00 DB 3F FF 26 70 24 84 01 80 A5 1F 87 18 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 88 03 B0 73 DC",
    "00 DB A0 00 91 DF 1F 81 8D 01
        6D 73 63 70 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 A0 00 00
        00 00 00 00 00 00 00 00 00 63 61 72 64 69 64 00 00 00 00 00 20 DF 00 00 12 A0 00 00
        00 00 00 00 00 00 00 00 00 63 61 72 64 61 70 70 73 00 00 00 21 DF 00 00 10 A0 00 00
        00 00 00 00 00 00 00 00 00 63 61 72 64 63 66 00 00 00 00 00 22 DF 00 00 10 A0 00 00
        6D 73 63 70 00 00 00 00 00 63 6D 61 70 66 69 6C 65 00 00 00 23 DF 00 00 10 A0 00 00",
    "00 DB A0 10 0B DF 21 08 6D 73 63 70 00 00 00 00",
    "00 DB A0 10 09 DF 22 06 00 00 00 00 00 00",
    "00 DB A0 10 03 DF 23 00",
    "00 DB A0 12 13 DF 20 10 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F",
    "00 A4 00 0C 02 3F FF",
    "00 44 00 00 00",
];

fn made() -> GidsCard {
    let mut card = GidsCard::blank();
    for command in MAKING {
        card.expect(command, "9000");
    }
    card
}

#[test]
fn windows_finds_the_card_and_reads_that_it_is_empty() {
    let mut card = made();
    card.card.reset();
    // Plug and play, with its command although its application is not there; EF.ATR; then PIV, then GIDS.
    card.play(&[
        ("00 A4 04 00 0B A0 00 00 03 97 43 49 44 5F 01 00", "6A82"),
        ("00 CA 7F 68 00", "6D00"),
        // The master file and EF.ATR, which the documentation names and the logs do not have: there are none by SELECT, and
        // no READ BINARY, before the application is selected and after.
        ("00 A4 00 0C 02 3F 00", "6A82"),
        ("00 A4 00 0C 02 2F 01", "6A82"),
        ("00 B0 00 00 00", "6D00"),
        ("00 A4 04 00 09 A0 00 00 03 08 00 00 10 00", "6A82"),
        (
            "00 A4 04 00 09 A0 00 00 03 97 42 54 46 59",
            "61 12 4F 0B A0 00 00 03 97 42 54 46 59 02 01 73 03 40 01 C0 9000",
        ),
        ("00 A4 00 0C 02 3F 00", "6A82"),
        ("00 A4 00 0C 02 2F 01", "6A82"),
        ("00 B0 00 00 00", "6D00"),
        ("00 A4 00 0C 02 3F FF", "9000"),
        (
            "00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00",
            "61 12 4F 0B A0 00 00 03 97 42 54 46 59 02 01 73 03 40 01 C0 9000",
        ),
        ("00 CB 3F FF 04 5C 02 7F 73 00", "6A88"),
        ("00 CB A0 00 04 5C 02 DF 1F 00", MASTER_FILE),
        (
            "00 CB A0 12 04 5C 02 DF 20 00",
            "DF 20 10 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 9000",
        ),
        ("00 CB A0 00 04 5C 02 DF 1F 00", MASTER_FILE),
        (
            "00 CB A0 10 04 5C 02 DF 22 00",
            "DF 22 06 00 00 00 00 00 00 9000",
        ),
        ("00 CB A0 00 04 5C 02 DF 1F 00", MASTER_FILE),
        ("00 CB A0 10 04 5C 02 DF 23 00", "DF 23 00 9000"),
        ("00 CB A0 00 04 5C 02 DF 1F 00", MASTER_FILE),
        (
            "00 CB A0 10 04 5C 02 DF 22 00",
            "DF 22 06 00 00 00 00 00 00 9000",
        ),
        ("00 CB A0 10 04 5C 02 DF 23 00", "DF 23 00 9000"),
        ("00 CB A0 00 04 5C 02 DF 20 00", "6A88"),
    ]);
}

/// The record of a container with a name, these flags, and the size of its key exchange key.
fn container(flags: u8, bits: u16) -> Vec<u8> {
    let name = "257f0362-2ee7-44f5-9885-36fa490f30c1";
    let mut record: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    record.resize(80, 0);
    record.extend([flags, 0, 0, 0]);
    record.extend(bits.to_le_bytes());
    record
}

fn put(card: &mut GidsCard, file: u16, tag: u32, content: &[u8]) {
    let [high, low] = file.to_be_bytes();
    let data = tlv::encode(tlv::Tag::new(tag), content).unwrap();
    let command = Command::new(Instruction::PutData, high, low)
        .with_data(data)
        .expecting_nothing();
    assert_eq!(card.chain(&command).status, Status::Success);
}

/// A key of this test's, and the command data that brings it.
fn outside_key() -> (rsa::PrivateKey, Vec<u8>) {
    let key = rsa::PrivateKey::new(&mut getrandom::SysRng, 2048).unwrap();
    let number = |number: &BoxedUint| {
        let bytes = number.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let mut bytes = bytes[zeros..].to_vec();
        if bytes[0] & 0x80 != 0 {
            bytes.insert(0, 0);
        }
        tlv::encode(tlv::Tag::new(0x02), &bytes).unwrap()
    };
    let [p, q] = [&key.primes()[0], &key.primes()[1]];
    // What follows from the primes is passed over; one stands for it.
    let one = BoxedUint::from(1u64);
    let mut der = vec![0x02, 0x01, 0x00];
    for value in [key.n().as_ref(), key.e(), key.d(), p, q, &one, &one, &one] {
        der.extend(number(value));
    }
    let der = tlv::encode(tlv::Tag::new(0x30), &der).unwrap();
    let mut value = vec![0x83, 0x01, 0x02, 0x84, 0x01, 0x00];
    tlv::write(&mut value, tlv::Tag::new(0x87), &der).unwrap();
    let mut handling = vec![0x84, 0x01, 0x81];
    tlv::write(&mut handling, tlv::Tag::new(0xA5), &value).unwrap();
    let data = tlv::encode(tlv::Tag::new(0x70), &handling).unwrap();
    (key, data)
}

#[test]
fn windows_stores_a_key_and_signs_and_decrypts_with_it() {
    let mut card = made();
    let (key, data) = outside_key();
    card.expect("00 20 00 80 08 31 32 33 34 35 36 37 38", "9000");
    card.expect("00 DB A0 10 09 DF 22 06 00 00 00 00 01 00", "9000");
    put(&mut card, 0xA010, 0xDF23, &container(1, 0));
    card.expect("00 DB A0 10 09 DF 22 06 00 00 00 00 02 00", "9000");
    put(&mut card, 0xA010, 0xDF23, &container(3, 0));
    card.expect("00 DB A0 10 09 DF 22 06 00 00 01 00 02 00", "9000");
    card.expect(CREATE_KEY, "9000");
    card.expect("00 44 00 00", "9000");
    let import = Command::new(Instruction::PutData, 0x3F, 0xFF)
        .with_data(data)
        .expecting_nothing();
    assert_eq!(card.chain(&import).status, Status::Success);
    card.expect(
        "00 DB A0 00 10 DF 20 0D 01 01 00 00 00 07 9A 81 B0 FF FF 00 00",
        "9000",
    );
    card.expect("00 DB A0 10 09 DF 22 06 00 00 01 00 03 00", "9000");
    put(&mut card, 0xA010, 0xDF23, &container(3, 2048));

    let public = card.send(&hex("00 CB 3F FF 0A 70 08 84 01 81 A5 03 7F 49 80 00"));
    assert_eq!(public.status, Status::BytesAvailable(0x0E));
    let rest = card.send(&hex("00 C0 00 00 0E"));
    let template = [public.data.as_slice(), &rest.data].concat();
    let modulus = key.n().to_be_bytes().to_vec();
    assert_eq!(
        PublicKey::decode(&template).unwrap(),
        PublicKey::Rsa {
            modulus: modulus.clone(),
            exponent: vec![1, 0, 1],
        }
    );

    // DigestInfos of SHA-256 and SHA-1, and the two hashes together that old TLS signs.
    for (length, data) in [
        (
            "33",
            format!(
                "30 31 30 0D 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20 {}",
                "CC ".repeat(32)
            ),
        ),
        (
            "23",
            format!(
                "30 21 30 09 06 05 2B 0E 03 02 1A 05 00 04 14 {}",
                "CC ".repeat(20)
            ),
        ),
        ("24", "CC ".repeat(36)),
    ] {
        card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
        let signature = card.send(&hex(&format!("00 2A 9E 9A {length} {data} 00")));
        assert_eq!(
            (signature.status, signature.data.len()),
            (Status::Success, 256)
        );
        let block = rsa::hazmat::rsa_encrypt(
            &key.to_public_key(),
            &BoxedUint::from_be_slice(&signature.data, 2048).unwrap(),
        )
        .unwrap();
        let padded = [
            &[0x00, 0x01][..],
            &vec![0xFF; 253 - hex(&data).len()],
            &[0x00],
            &hex(&data),
        ];
        assert_eq!(block.to_be_bytes().to_vec(), padded.concat());
    }

    let encrypted = key
        .to_public_key()
        .encrypt(&mut getrandom::SysRng, Pkcs1v15Encrypt, b"test1234567890")
        .unwrap();
    card.expect("00 22 41 B8 06 80 01 47 84 01 81", "9000");
    let decipher = Command::new(PERFORM_SECURITY_OPERATION, 0x80, 0x86).with_data(encrypted);
    let decrypted = card.chain(&decipher);
    assert_eq!(decrypted.data.as_slice(), b"test1234567890");
    card.expect(FORGET, "9000");
    card.expect("00 22 41 B8 06 80 01 47 84 01 81", "6982");
}

/// An enrolled phone of the vectors as a GIDS card. Its counters, which start anywhere, are those of the vector.
fn enrolled() -> GidsCard {
    GidsCard::unselected(Interface::Contact, |state| {
        vector::personalise(state).unwrap();
        provision::provision(state).unwrap();
        let (file, tag) = layout::FRESHNESS;
        let files = &mut state.gids.as_mut().unwrap().data_files;
        let objects = &mut files.get_mut(&file).unwrap().objects;
        let counters = Freshness {
            containers: 1,
            files: 4,
            ..Freshness::default()
        };
        objects.insert(tag, Bytes(counters.encode().to_vec()));
    })
}

#[test]
fn windows_logs_in_with_a_phone_that_is_enrolled() {
    let mut card = enrolled();
    let answers = vector::replay("windows-gids-logon.apdu", |command| card.exchange(command));
    // How a certificate is compressed is the card's affair; hosts read what it was.
    let begin = answers
        .iter()
        .position(|answer| answer.starts_with("DF2482"))
        .unwrap();
    let object: String = answers[begin..begin + 4]
        .iter()
        .map(|answer| &answer[..answer.len() - 4])
        .collect();
    let object = hex(&object);
    let content = tlv::only(&object, layout::certificate_tags().next().unwrap()).unwrap();
    assert_eq!(certificate::decode(content).unwrap(), vector::certificate());
}
