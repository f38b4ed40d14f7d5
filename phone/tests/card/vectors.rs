//! Recorded and documented sequences of commands that operating systems send, replayed byte for byte, each a file of
//! `phone/tests/vectors`: `>` is a command, `<` the answer with its status word, `*` any bytes.

use std::fs;
use std::path::{Path, PathBuf};

use card_edge::piv::chuid::Chuid;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};
use tapcard_phone::key_store::KeyHandle;
use tapcard_phone::state::encoding::Bytes;
use tapcard_phone::state::{KeyRecord, Origin, StateError};
use uuid::Uuid;

use crate::common::TestCard;

/// The identity of the card in the vectors.
const GUID: Uuid = Uuid::from_u128(0x00112233_4455_4677_8899_AABBCCDDEEFF);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn file(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// A card whose identity, key in 9A and certificate are those of the vectors.
fn card() -> TestCard {
    let card = TestCard::unselected();
    let chuid = Chuid {
        fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
        guid: GUID,
        expiration: *b"20491231",
        signature: Vec::new(),
    };
    let key = AsymmetricKey::PivAuthentication;
    let record = KeyRecord {
        algorithm: KeyAlgorithm::Rsa2048,
        origin: Origin::Imported,
        pin_policy: None,
        handle: KeyHandle::new(file("logon-key.der")).into(),
        attestation: None,
    };
    card.store()
        .update(|state| {
            let written = [
                (ObjectId::Chuid, chuid.encode()?),
                (
                    ObjectId::Certificate(key),
                    certificate::encode(&file("logon-certificate.der"))?,
                ),
            ];
            for (object, content) in written {
                state.objects.insert(object.tag(), Bytes(content));
            }
            state.keys.insert(key, record);
            Ok::<_, StateError>(())
        })
        .unwrap();
    card
}

/// Whether the answer is what the pattern says.
fn fits(answer: &str, pattern: &str) -> bool {
    let pattern: String = pattern.split_whitespace().collect();
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, between @ .., last] = parts.as_slice() else {
        return answer == pattern;
    };
    let Some(mut rest) = answer
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last))
    else {
        return false;
    };
    between.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn replay(name: &str) {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let mut card = card();
    let mut command = None;
    let mut answers = 0;
    for (number, line) in text.lines().enumerate() {
        let place = format!("{name}:{}", number + 1);
        match line.split_at_checked(1) {
            Some((">", apdu)) => command = Some(apdu.trim()),
            Some(("<", pattern)) => {
                let answer = card.exchange(command.take().expect(&place));
                assert!(fits(&answer, pattern), "{place}: {answer}");
                answers += 1;
            }
            Some(("#", _)) | None => {}
            Some(_) => panic!("{place}: {line}"),
        }
    }
    assert!(answers > 2, "{name} holds no exchanges");
}

#[test]
fn windows_finds_the_card_by_plug_and_play() {
    replay("windows-plug-and-play.apdu");
}

#[test]
fn windows_classes_the_card_as_piv() {
    replay("windows-discovery.apdu");
}

#[test]
fn windows_logs_on() {
    replay("windows-logon.apdu");
}

#[test]
fn macos_takes_the_card() {
    replay("macos-cryptotokenkit.apdu");
}

#[test]
fn an_answer_fits_its_pattern_and_no_other() {
    assert!(fits("6112AB9000", "61*9000"));
    assert!(fits("6112AB9000", "61 12 AB 9000"));
    assert!(fits("6112AB9000", "*12*9000"));
    assert!(!fits("6112AB9000", "61*6A82"));
    assert!(!fits("6112AB9000", "*34*9000"));
    assert!(!fits("6112AB9000", "6112"));
}
