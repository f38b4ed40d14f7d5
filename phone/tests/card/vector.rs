//! Sequences of commands and answers, each a file of `phone/tests/vectors`: `>` is a command, `<` the answer with its status
//! word, `*` any bytes. The card in them is always the same one.

use std::fs;
use std::path::{Path, PathBuf};

use card_edge::piv::chuid::Chuid;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, certificate};
use tapcard_phone::key_store::KeyHandle;
use tapcard_phone::state::encoding::Bytes;
use tapcard_phone::state::{CardState, KeyRecord, Origin, StateError};
use uuid::Uuid;

/// The identity of the card in the vectors.
pub const GUID: Uuid = Uuid::from_u128(0x00112233_4455_4677_8899_AABBCCDDEEFF);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn file(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

/// The certificate of 9A in the vectors.
pub fn certificate() -> Vec<u8> {
    file("logon-certificate.der")
}

/// Gives a new card the identity, the key in 9A and the certificate of the vectors.
///
/// # Errors
/// [`StateError`].
pub fn personalise(state: &mut CardState) -> Result<(), StateError> {
    let chuid = Chuid {
        fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
        guid: GUID,
        expiration: *b"20491231",
        signature: Vec::new(),
    };
    let key = AsymmetricKey::PivAuthentication;
    let written = [
        (ObjectId::Chuid, chuid.encode()?),
        (
            ObjectId::Certificate(key),
            certificate::encode(&certificate())?,
        ),
    ];
    for (object, content) in written {
        state.objects.insert(object.tag(), Bytes(content));
    }
    let record = KeyRecord {
        algorithm: KeyAlgorithm::Rsa2048,
        origin: Origin::Imported,
        pin_policy: None,
        handle: KeyHandle::new(file("logon-key.der")).into(),
        attestation: None,
    };
    state.keys.insert(key, record);
    Ok(())
}

/// Whether the answer is what the pattern says.
pub fn fits(answer: &str, pattern: &str) -> bool {
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

/// Sends a card the commands of a vector, which must be answered so; the answers, each with its status word.
pub fn replay(name: &str, mut exchange: impl FnMut(&str) -> String) -> Vec<String> {
    let text = fs::read_to_string(folder().join(name)).unwrap();
    let mut command = None;
    let mut answers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let place = format!("{name}:{}", number + 1);
        match line.split_at_checked(1) {
            Some((">", apdu)) => command = Some(apdu.trim()),
            Some(("<", pattern)) => {
                let answer = exchange(command.take().expect(&place));
                assert!(fits(&answer, pattern), "{place}: {answer}");
                answers.push(answer);
            }
            Some(("#", _)) | None => {}
            Some(_) => panic!("{place}: {line}"),
        }
    }
    assert!(command.is_none(), "{name} ends with a command");
    assert!(answers.len() > 2, "{name} holds no exchanges");
    answers
}
