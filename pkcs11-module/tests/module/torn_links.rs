//! The card leaves before and after every command of what programs do, and is back at once: a card that announces what it
//! can, and any other.

use std::path::Path;
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, PublicKey};
use cryptoki_sys::*;
use signature::hazmat::PrehashVerifier;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdh::Ecdh;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::module::Which;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};
use tapcard_pkcs11::pcsc::bounded::GRACE;
use tapcard_pkcs11::session::Access;

use super::card::{Issued, Phone, contactless_phone, phone};
use super::reader::Reader;
use super::rig::{PIN, Rig, class_is, is};

type Outcome = Result<(), Error>;

const HASH: [u8; 32] = [5; 32];
const MESSAGE: &[u8] = b"kept secret";
/// Certificate and public key of four slots, the CHUID and the profile; and the public data objects that a card announces.
const LISTED: usize = 10;
const LISTED_OF_ANNOUNCED: usize = 13;
/// More than the machine's load; the module waits for a card [`GRACE`] at most, and here it is never away.
const BOUND: Duration = GRACE.saturating_add(Duration::from_secs(1));

/// A program of its own, at a reader.
struct Program {
    rig: Rig,
    announces: bool,
    session: CK_SESSION_HANDLE,
}

/// What programs do with a card.
struct Task {
    name: &'static str,
    key_management: KeyAlgorithm,
    /// Whether the user is logged in before, and the objects are known.
    is_prepared: bool,
    act: fn(&Program) -> Outcome,
}

/// How the cuts of a task ended.
#[derive(Debug, Default)]
struct Tally {
    cuts: usize,
    succeeded: usize,
    errors: Vec<Error>,
    worst: Duration,
}

impl Program {
    fn of(reader: &Reader, issued: &[Issued], announces: bool, folder: &Path) -> Self {
        let rig = Rig {
            issued: issued.to_vec(),
            ..Rig::knowing_at(folder, reader)
        };
        Self {
            rig,
            announces,
            session: 0,
        }
    }

    fn prepare(&mut self) {
        self.session = self.rig.user_session();
        self.rig.find(self.session, &[]).unwrap();
    }

    fn new_session(&self) -> Result<CK_SESSION_HANDLE, Error> {
        if self.rig.module.slot_list(Which::WithToken).is_empty() {
            return Err(Error::TokenNotPresent);
        }
        self.rig.module.open_session(0, Access::ReadOnly)
    }

    /// A key of the user who is logged in.
    fn key(&self, id: u8) -> Result<CK_OBJECT_HANDLE, Error> {
        let template = [class_is(CKO_PRIVATE_KEY), is(CKA_ID, &[id])];
        let keys = self.rig.find(self.session, &template)?;
        keys.first().copied().ok_or(Error::UserNotLoggedIn)
    }

    fn sign(&self, id: u8, consent: Option<CK_USER_TYPE>) -> Outcome {
        let key = self.key(id)?;
        let session = self.rig.at(self.session);
        session.sign_init(Some(Mechanism::Ecdsa(Ecdsa { hash: None })), key)?;
        if let Some(consent) = consent {
            session.login(consent, Some(PIN))?;
        }
        let mut operations = session.operations();
        let Output::Bytes(signature) = operations.sign.whole(&HASH, OutputBuffer::Bytes(64))?
        else {
            panic!("no signature");
        };
        let issued = &self.rig.issued[usize::from(id) - 1];
        let signature = p256::ecdsa::Signature::from_slice(&signature).unwrap();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point(issued)).unwrap();
        key.verify_prehash(&HASH, &signature).unwrap();
        Ok(())
    }
}

fn point(issued: &Issued) -> &[u8] {
    match &issued.key {
        PublicKey::Ecc { point, .. } => point,
        _ => panic!("not a key on P-256"),
    }
}

fn log_in(program: &Program) -> Outcome {
    let session = program.new_session()?;
    program.rig.at(session).login(CKU_USER, Some(PIN))
}

fn list(program: &Program) -> Outcome {
    let session = program.new_session()?;
    let found = program.rig.find(session, &[])?;
    let whole = if program.announces {
        LISTED_OF_ANNOUNCED
    } else {
        LISTED
    };
    assert_eq!(found.len(), whole);
    Ok(())
}

fn decrypt(program: &Program) -> Outcome {
    let mechanism = || Some(Mechanism::RsaPkcs(RsaPkcs { hash: None }));
    let public = program.rig.object(program.session, CKO_PUBLIC_KEY, 3);
    let session = program.rig.at(program.session);
    session.encrypt_init(mechanism(), public)?;
    let encrypted = session
        .operations()
        .encrypt
        .whole(MESSAGE, OutputBuffer::Bytes(256))?;
    let Output::Bytes(encrypted) = encrypted else {
        panic!("nothing encrypted");
    };
    session.decrypt_init(mechanism(), program.key(3)?)?;
    let decrypted = session
        .operations()
        .decrypt
        .whole(&encrypted, OutputBuffer::Bytes(256))?;
    assert!(matches!(decrypted, Output::Bytes(bytes) if bytes.as_slice() == MESSAGE));
    Ok(())
}

fn derive(program: &Program) -> Outcome {
    let peer = p256::SecretKey::from_slice(&[9; 32]).unwrap();
    let card_key = p256::PublicKey::from_sec1_bytes(point(&program.rig.issued[2])).unwrap();
    let expected = p256::ecdh::diffie_hellman(peer.to_nonzero_scalar(), card_key.as_affine());
    let template = [
        is(CKA_CLASS, &CKO_SECRET_KEY.to_ne_bytes()),
        is(CKA_KEY_TYPE, &CKK_GENERIC_SECRET.to_ne_bytes()),
        is(CKA_SENSITIVE, &[CK_FALSE]),
        is(CKA_EXTRACTABLE, &[CK_TRUE]),
    ];
    let point = peer.public_key().to_sec1_bytes().to_vec();
    let session = program.rig.at(program.session);
    let mechanism = Mechanism::Ecdh(Ecdh::plain(point));
    let key = session.derive_key(mechanism, program.key(3)?, &template)?;
    let object = session.object(key)?;
    let value = object.attributes.value(CKA_VALUE).unwrap();
    assert_eq!(value.as_slice(), expected.raw_secret_bytes().as_slice());
    session.destroy_object(key)
}

/// Whether a program can tell its user what to do about it.
fn is_clean(error: &Error) -> bool {
    matches!(
        error,
        Error::DeviceRemoved | Error::UserNotLoggedIn | Error::Device(_) | Error::TokenNotPresent
    )
}

/// All tries of the PIN are there, or the card holds it for verified, which gives them all back. Whatever was verified stays.
fn assert_no_try_is_lost(reader: &Reader, place: Place, at: &str) {
    const TRIES: [u8; 4] = [0x00, 0x20, 0x00, 0x80];
    let whole = match place {
        Place::OverContacts => [0x63, 0xC5],
        // The last one is kept for contacts.
        Place::InTheField => [0x63, 0xC4],
    };
    let is_whole = |answer: &[u8]| answer == [0x90, 0x00] || answer == whole;
    if !is_whole(&reader.ask(&TRIES)) {
        reader.select_piv();
        let answer = reader.ask(&TRIES);
        assert!(is_whole(&answer), "{at}: {answer:02X?}");
    }
}

/// The program does it again, and logs in where it is told to.
fn again(task: &Task, program: &Program) -> Outcome {
    match (task.act)(program) {
        Err(Error::UserNotLoggedIn) if task.is_prepared => {
            let session = program.rig.at(program.session);
            session.login(CKU_USER, Some(PIN))?;
            (task.act)(program)
        }
        other => other,
    }
}

/// Where a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    OverContacts,
    InTheField,
}

/// Cuts a task at each of its commands.
fn sweep(task: &Task, announces: bool, place: Place) -> Tally {
    let (make, with): (fn(&_) -> _, fn(Phone) -> _) = match place {
        Place::OverContacts => (phone, Reader::with),
        Place::InTheField => (contactless_phone, Reader::contactless_with),
    };
    let (card, issued): (Phone, Vec<Issued>) = make(&[
        (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
        (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
        (AsymmetricKey::KeyManagement, task.key_management),
        (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
    ]);
    let reader: Reader = with(if announces { card.announcing() } else { card });
    let folder = tempfile::tempdir().unwrap();
    let mut tally = Tally::default();
    let ways = [None, Some(&[][..])]
        .into_iter()
        .flat_map(|torn| [(torn, false), (torn, true)]);
    for (torn, arrives) in ways {
        for commands in 0.. {
            let at = format!(
                "{}, {place:?}, announcing: {announces}, after {commands} commands, arrives: {arrives}, answer: {torn:?}",
                task.name
            );
            let mut program = Program::of(&reader, &issued, announces, folder.path());
            if task.is_prepared {
                program.prepare();
            }
            reader.answer_when_torn(torn);
            reader.leave_at(commands, arrives, true);
            let begun = Instant::now();
            let result = (task.act)(&program);
            let took = begun.elapsed();
            if reader.stays() {
                assert_eq!(result, Ok(()), "{at}");
                program.rig.module.finalize();
                break;
            }
            assert!(took < BOUND, "{at}: {took:?}");
            assert_no_try_is_lost(&reader, place, &at);
            tally.cuts += 1;
            tally.worst = tally.worst.max(took);
            match result {
                Ok(()) => tally.succeeded += 1,
                Err(error) => {
                    assert!(is_clean(&error), "{at}: {error:?}");
                    if !tally.errors.contains(&error) {
                        tally.errors.push(error);
                    }
                    assert_eq!(again(task, &program), Ok(()), "{at}");
                }
            }
            program.rig.module.finalize();
        }
    }
    tally
}

/// Cuts a task with both kinds of card: nine cuts in ten end well.
fn cut(name: &'static str, is_prepared: bool, act: fn(&Program) -> Outcome) {
    let key_management = if name == "decryption" {
        KeyAlgorithm::Rsa2048
    } else {
        KeyAlgorithm::P256
    };
    let task = Task {
        name,
        key_management,
        is_prepared,
        act,
    };
    let kinds = [
        (true, Place::OverContacts),
        (false, Place::OverContacts),
        (true, Place::InTheField),
        (false, Place::InTheField),
    ];
    for (announces, place) in kinds {
        let tally = sweep(&task, announces, place);
        println!("{name}, announcing: {announces}, {place:?}: {tally:?}");
        assert!(tally.cuts >= 4, "{name}: {tally:?}");
        assert!(tally.succeeded * 10 >= tally.cuts * 9, "{name}: {tally:?}");
    }
}

#[test]
fn a_login_is_cut() {
    cut("login", false, log_in);
}

#[test]
fn a_listing_is_cut() {
    cut("listing", false, list);
}

#[test]
fn a_signature_that_wants_no_pin_is_cut() {
    cut("signature with 9E", true, |program| program.sign(4, None));
}

#[test]
fn a_signature_is_cut() {
    cut("signature with 9A", true, |program| program.sign(1, None));
}

#[test]
fn a_signature_with_a_login_of_its_own_is_cut() {
    cut("signature with 9C", true, |program| {
        program.sign(2, Some(CKU_CONTEXT_SPECIFIC))
    });
}

#[test]
fn a_decryption_is_cut() {
    cut("decryption", true, decrypt);
}

#[test]
fn a_key_agreement_is_cut() {
    cut("key agreement", true, derive);
}
