//! A key that its holder wants to be asked for: what the application gets when the holder does not agree.

use std::sync::{Arc, Mutex};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::*;
use tapcard_phone::consent::{Answer, Holder, Link, Usage};
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::ecdh::Ecdh;
use tapcard_pkcs11::mechanism::ecdsa::Ecdsa;
use tapcard_pkcs11::operation::state::OutputBuffer;

use super::card::phone;
use super::reader::Reader;
use super::rig::{PIN, Rig};

const KEYS: [(AsymmetricKey, KeyAlgorithm); 3] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
];

/// Gives these answers, the last one first, and approves after that.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<Vec<Answer>>>);

impl Holder for Answers {
    fn ask(&mut self, _: &Usage, _: &mut dyn Link) -> Answer {
        let next = self.0.lock().unwrap().pop();
        next.unwrap_or(Answer::Approved)
    }
}

/// A module with a card whose holder is asked for this key.
fn rig_asking(key: AsymmetricKey) -> (Rig, Answers) {
    let answers = Answers::default();
    let (phone, _) = phone(&KEYS);
    let rig = Rig::with_reader(Reader::with(phone.asking(key, answers.clone())));
    (rig, answers)
}

fn sign(rig: &Rig, session: CK_SESSION_HANDLE, key: CK_OBJECT_HANDLE, hash: u8) -> Option<Error> {
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    let session = rig.at(session);
    session.sign_init(Some(mechanism), key).unwrap();
    let mut operations = session.operations();
    let result = operations.sign.whole(&[hash; 32], OutputBuffer::Bytes(64));
    result.err()
}

fn agree(rig: &Rig, session: CK_SESSION_HANDLE, scalar: u8) -> Option<Error> {
    let peer = p256::SecretKey::from_slice(&[scalar; 32]).unwrap();
    let mechanism = Mechanism::Ecdh(Ecdh::plain(peer.public_key().to_sec1_bytes().to_vec()));
    let key = rig.private_key(session, 3);
    rig.at(session).derive_key(mechanism, key, &[]).err()
}

#[test]
fn what_the_holder_does_not_agree_to_is_rejected_and_not_a_broken_card() {
    assert_eq!(Error::Rejected.rv(), CKR_FUNCTION_REJECTED);
    for answer in [Answer::Refused, Answer::TimedOut] {
        let (rig, answers) = rig_asking(AsymmetricKey::PivAuthentication);
        let session = rig.user_session();
        let key = rig.private_key(session, 1);
        answers.0.lock().unwrap().push(answer);
        assert_eq!(sign(&rig, session, key, 1), Some(Error::Rejected));
        assert!(answers.0.lock().unwrap().is_empty(), "asked once");
        // The user stays logged in, and the next use is another one.
        assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
        assert_eq!(sign(&rig, session, key, 2), None);
    }
}

#[test]
fn a_login_for_one_signature_is_used_up_by_a_refusal() {
    let (rig, answers) = rig_asking(AsymmetricKey::DigitalSignature);
    let session = rig.user_session();
    let key = rig.private_key(session, 2);
    answers.0.lock().unwrap().push(Answer::Refused);
    assert_eq!(sign(&rig, session, key, 1), Some(Error::Rejected));
    assert_eq!(sign(&rig, session, key, 2), Some(Error::UserNotLoggedIn));
    let mechanism = Mechanism::Ecdsa(Ecdsa { hash: None });
    let session = rig.at(session);
    session.sign_init(Some(mechanism), key).unwrap();
    session.login(CKU_CONTEXT_SPECIFIC, Some(PIN)).unwrap();
    let mut operations = session.operations();
    let signature = operations.sign.whole(&[2; 32], OutputBuffer::Bytes(64));
    assert!(signature.is_ok());
}

#[test]
fn an_agreement_that_the_holder_refuses_is_rejected() {
    let (rig, answers) = rig_asking(AsymmetricKey::KeyManagement);
    let session = rig.user_session();
    answers.0.lock().unwrap().push(Answer::Refused);
    assert_eq!(agree(&rig, session, 9), Some(Error::Rejected));
    assert_eq!(agree(&rig, session, 8), None);
}
