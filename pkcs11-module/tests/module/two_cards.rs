//! Two cards in two readers at a time that their numbers do not tell apart: two tokens, and nothing of one is the other's.

use std::path::Path;
use std::sync::Arc;

use card_edge::piv::chuid::Chuid;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, PublicKey};
use card_host::KnownCards;
use cryptoki_sys::*;
use signature::hazmat::PrehashVerifier;
use tapcard_pkcs11::cache::Cache;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::logins::Logins;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::session::Access;
use tapcard_pkcs11::settings::Settings;

use super::card::{Issued, phone, put_object};
use super::reader::Reader;
use super::replaced::Two;
use super::rig::{PIN, class_is};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 1] =
    [(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)];
const HASH: [u8; 32] = [5; 32];
/// The PIN of the second card.
const OTHER_PIN: &[u8] = b"654321";
/// VERIFY without data: how many tries are left.
const TRIES: [u8; 4] = [0x00, 0x20, 0x00, 0x80];

/// What the cards have as their CHUID.
#[derive(Clone, Copy, Debug)]
enum Number {
    /// The same GUID.
    Same,
    /// A GUID of zeros.
    Zeros,
    /// None.
    Missing,
}

/// Two cards in two readers, and a program of its own.
struct Pair {
    module: Module,
    readers: [Reader; 2],
    issued: [Issued; 2],
}

impl Pair {
    fn new(number: Number, announces: bool, kept: Option<&Path>) -> Self {
        let mut issued = Vec::new();
        let cards = [PIN, OTHER_PIN].map(|pin| {
            let (mut card, mut keys) = phone(&KEYS);
            issued.append(&mut keys);
            let content = match number {
                Number::Same => chuid("07070707-0707-4707-8707-070707070707"),
                Number::Zeros => chuid("00000000-0000-0000-0000-000000000000"),
                Number::Missing => Vec::new(),
            };
            put_object(&mut card, ObjectId::Chuid, &content);
            let reader = Reader::with(if announces { card.announcing() } else { card });
            if pin != PIN {
                reader.select_piv();
                let padded = |pin: &[u8]| [pin, &[0xFF; 2]].concat();
                let command = [0x00, 0x24, 0x00, 0x80, 16];
                reader.other_program(&[&command[..], &padded(PIN), &padded(pin)].concat());
            }
            reader.reset();
            reader.sent();
            reader
        });
        Self {
            module: program(&cards, kept),
            readers: cards,
            issued: issued.try_into().map_err(drop).unwrap(),
        }
    }

    fn session(&self, slot: CK_SLOT_ID) -> CK_SESSION_HANDLE {
        self.module.open_session(slot, Access::ReadOnly).unwrap()
    }

    fn log_in(&self, session: CK_SESSION_HANDLE, pin: &[u8]) -> Result<(), Error> {
        let session = self.module.session(session)?;
        session.login(CKU_USER, Some(pin))
    }

    fn state(&self, session: CK_SESSION_HANDLE) -> CK_STATE {
        self.module.session(session).unwrap().info().state
    }

    fn find(&self, session: CK_SESSION_HANDLE, class: CK_OBJECT_CLASS) -> Vec<CK_OBJECT_HANDLE> {
        let session = self.module.session(session).unwrap();
        session.find_objects_init(&[class_is(class)]).unwrap();
        let found = session.find_objects(10).unwrap();
        session.find_objects_final().unwrap();
        found
    }

    fn certificate(&self, session: CK_SESSION_HANDLE) -> Vec<u8> {
        let found = self.find(session, CKO_CERTIFICATE);
        assert_eq!(found.len(), 1);
        let object = self.module.session(session).unwrap().object(found[0]);
        let value = object.unwrap().attributes.value(CKA_VALUE).unwrap();
        value.to_vec()
    }

    /// A signature in this session, by the key of this card.
    fn sign(&self, session: CK_SESSION_HANDLE, card: usize) {
        let key = self.find(session, CKO_PRIVATE_KEY)[0];
        let session = self.module.session(session).unwrap();
        let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
        session.sign_init(Some(mechanism), key).unwrap();
        let mut operations = session.operations();
        let signed = operations.sign.whole(&HASH, OutputBuffer::Bytes(64));
        let Ok(Output::Bytes(signature)) = signed else {
            panic!("no signature")
        };
        let PublicKey::Ecc { point, .. } = &self.issued[card].key else {
            panic!("not a key on P-256")
        };
        let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
        key.verify_prehash(&HASH, &signature).unwrap();
    }

    /// The answer of this card to whoever asks for its tries without selecting it.
    fn tries(&self, card: usize) -> Vec<u8> {
        self.readers[card].ask(&TRIES)
    }
}

/// A program that finds these readers, and keeps what it reads in this folder.
fn program(readers: &[Reader; 2], kept: Option<&Path>) -> Module {
    let settings = kept.map_or_else(Settings::default, |kept| Settings {
        cache: Cache::at(kept.join("cache")),
        known_cards: KnownCards::at(kept.join("cards")),
        logins: Logins::at(kept.join("logins")),
        ..Settings::default()
    });
    Module::new(Arc::new(Two(readers.clone())), settings)
}

fn chuid(guid: &str) -> Vec<u8> {
    let chuid = Chuid {
        fasc_n: Chuid::NON_FEDERAL_FASC_N.to_vec(),
        guid: guid.parse().unwrap(),
        expiration: *b"20491231",
        signature: Vec::new(),
    };
    chuid.encode().unwrap()
}

/// Each pair of cards; the second value tells it in a failure.
fn each(test: impl Fn(&Pair, &str)) {
    for number in [Number::Same, Number::Zeros, Number::Missing] {
        for announces in [false, true] {
            for keeps in [false, true] {
                let folder = tempfile::tempdir().unwrap();
                let kept = keeps.then(|| folder.path());
                let pair = Pair::new(number, announces, kept);
                let name = format!("{number:?}, announces: {announces}, keeps: {keeps}");
                test(&pair, &name);
                if keeps {
                    // The next program has what the first one kept.
                    pair.module.finalize();
                    let next = Pair {
                        module: program(&pair.readers, kept),
                        ..pair
                    };
                    test(&next, &format!("{name}, again"));
                }
            }
        }
    }
}

#[test]
fn two_cards_that_say_to_be_the_same_are_two_tokens_with_a_serial_number_each() {
    each(|pair, name| {
        assert_eq!(pair.module.slot_list(Which::WithToken), [0, 1], "{name}");
        let serials = [0, 1].map(|slot| pair.module.token_info(slot).unwrap().serial);
        assert_ne!(serials[0], serials[1], "{name}");
        // They stay who they are.
        let again = [0, 1].map(|slot| pair.module.token_info(slot).unwrap().serial);
        assert_eq!(again, serials, "{name}");
    });
}

#[test]
fn of_two_cards_that_say_to_be_the_same_each_shows_its_own_certificate() {
    each(|pair, name| {
        let sessions = [0, 1].map(|slot| pair.session(slot));
        for _ in 0..2 {
            for (session, issued) in sessions.iter().zip(&pair.issued) {
                assert!(
                    pair.certificate(*session) == issued.certificate,
                    "{name}: the other one's"
                );
            }
        }
        assert_ne!(pair.issued[0].certificate, pair.issued[1].certificate);
    });
}

#[test]
fn a_pin_goes_to_its_own_card_alone_whatever_the_other_one_says_to_be() {
    each(|pair, name| {
        let sessions = [0, 1].map(|slot| pair.session(slot));
        for session in sessions {
            pair.find(session, CKO_CERTIFICATE);
        }
        let all = pair.tries(1);
        pair.readers[1].sent();
        // The right PIN of the other card.
        assert_eq!(
            pair.log_in(sessions[0], OTHER_PIN),
            Err(Error::PinIncorrect),
            "{name}"
        );
        assert_eq!(pair.readers[1].sent(), [""; 0], "{name}");
        assert_eq!(pair.tries(1), all, "{name}");
        assert_ne!(pair.tries(0), all, "{name}");
        let low = |slot| pair.module.token_info(slot).unwrap().flags & CKF_USER_PIN_COUNT_LOW;
        assert_eq!([low(0), low(1)], [CKF_USER_PIN_COUNT_LOW, 0], "{name}");

        pair.readers[0].sent();
        assert_eq!(pair.log_in(sessions[1], OTHER_PIN), Ok(()), "{name}");
        assert_eq!(pair.readers[0].sent(), [""; 0], "{name}");
        let states = sessions.map(|session| pair.state(session));
        let expected = [CKS_RO_PUBLIC_SESSION, CKS_RO_USER_FUNCTIONS];
        assert_eq!(states, expected, "{name}");
        assert!(
            pair.find(sessions[0], CKO_PRIVATE_KEY).is_empty(),
            "{name}: private keys without a login"
        );
        assert_eq!(pair.log_in(sessions[0], PIN), Ok(()), "{name}");
        pair.sign(sessions[0], 0);
        pair.sign(sessions[1], 1);

        // Nor does a log-out reach the other one.
        let session = pair.module.session(sessions[0]).unwrap();
        session.logout().unwrap();
        let states = sessions.map(|session| pair.state(session));
        assert_eq!(states, expected, "{name}");
        assert_eq!(pair.tries(1), [0x90, 0x00], "{name}: still verified");
        assert_eq!(pair.tries(0), all, "{name}: still verified");
        pair.sign(sessions[1], 1);
    });
}
