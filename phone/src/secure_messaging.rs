//! The card's key for secure messaging and its certificate: made when they are first needed, and again when they do not
//! fit the card any more.
//!
//! Until an authority signs it, the card signs the certificate itself, by a content signing certificate (5FC122) whose
//! key is forgotten at once: a host learns nothing from it but that the parts belong together, and must know the card's
//! key from an earlier meeting.

use card_edge::piv::secure_messaging::certificate::{Body, SignatureAlgorithm, Subject};
use card_edge::piv::secure_messaging::{CipherSuite, PairingCode};
use card_edge::piv::{
    AsymmetricKey, KeyAlgorithm, KeyUse, ObjectId, PinPolicy, PublicKey, certificate,
};
use card_edge::tlv::TlvError;
use thiserror::Error;
use uuid::Uuid;

use crate::key_store::{Consent, KeyPolicy, KeyStore, KeyStoreError};
use crate::state::encoding::Bytes;
use crate::state::{CardState, KeyRecord, SecureMessaging, StateError, Store};
use crate::x509::content_signer::ContentSigner;
use crate::x509::{SigningError, sign};

/// What the key is for: hosts agree with it on session keys, without any proof of theirs.
pub const KEY_POLICY: KeyPolicy = KeyPolicy {
    key_use: KeyUse::DecryptOrAgree,
    pin: PinPolicy::Never,
    consent: Consent::Pin,
};

/// What the key that signs the certificate is for.
const SIGNER_POLICY: KeyPolicy = KeyPolicy {
    key_use: KeyUse::Sign,
    ..KEY_POLICY
};

/// Why the card has no secure messaging.
#[derive(Debug, Error)]
pub enum SecureMessagingError {
    /// The card has no CHUID to take its GUID from.
    #[error("the CHUID is missing or damaged")]
    NoGuid,
    /// The key store does not make keys on a curve, or failed.
    #[error(transparent)]
    Key(#[from] KeyStoreError),
    /// The certificate could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The certificate or the pairing code could not be written.
    #[error(transparent)]
    Encoding(#[from] TlvError),
    /// The state could not be changed.
    #[error(transparent)]
    State(#[from] StateError),
}

/// The suite that this card must have at least: one with a key on P-384 among 9C, 9D and the retired ones has CS7
/// (SP 800-73-5 part 2, 4.1.4).
#[must_use]
pub fn least_suite(state: &CardState) -> CipherSuite {
    let needs_more = state.keys.iter().any(|(reference, record)| {
        let counts = match reference {
            AsymmetricKey::DigitalSignature
            | AsymmetricKey::KeyManagement
            | AsymmetricKey::RetiredKeyManagement(_) => true,
            AsymmetricKey::PivAuthentication
            | AsymmetricKey::CardAuthentication
            | AsymmetricKey::Attestation => false,
        };
        counts && record.algorithm == KeyAlgorithm::P384
    });
    if needs_more {
        CipherSuite::Cs7
    } else {
        CipherSuite::Cs2
    }
}

/// Sees to it that the card has a key for secure messaging that fits it, a certificate for that, and a pairing code.
///
/// # Errors
/// [`SecureMessagingError`]: nothing is changed then.
pub fn prepare(store: &mut Store, keys: &dyn KeyStore) -> Result<(), SecureMessagingError> {
    let state = store.state();
    let card = state.guid().ok_or(SecureMessagingError::NoGuid)?;
    let least = least_suite(state);
    let kept = state.secure_messaging.as_ref();
    match kept.and_then(SecureMessaging::suite) {
        Some(suite) if suite == least || suite == CipherSuite::Cs7 => {
            let has_signer = state
                .object(ObjectId::SecureMessagingCertificateSigner)
                .is_some();
            let kept = kept.filter(|kept| !(has_signer && kept.is_of(card)));
            let kept = kept.cloned();
            kept.map_or(Ok(()), |kept| certify(store, keys, card, suite, kept.key))
        }
        former => {
            make(store, keys, least)?;
            if former.is_some() {
                tracing::warn!(
                    "a key on P-384 asks for another suite of secure messaging: the key 04 is a new one, and a computer that knows this card learns it by `tapcard meet`"
                );
            }
            Ok(())
        }
    }
}

/// Makes a key for this suite in place of the one that is there; returns its public half.
///
/// # Errors
/// [`SecureMessagingError`]: nothing is changed then.
pub fn make(
    store: &mut Store,
    keys: &dyn KeyStore,
    suite: CipherSuite,
) -> Result<PublicKey, SecureMessagingError> {
    let card = store.state().guid().ok_or(SecureMessagingError::NoGuid)?;
    let record = KeyRecord::generate(keys, suite.curve().algorithm(), KEY_POLICY)?;
    let key = record.open(keys, KEY_POLICY, None)?;
    certify(store, keys, card, suite, record)?;
    Ok(key.public_key())
}

/// Certifies a key, by a signer that is made for it alone, and keeps all of it in one write.
fn certify(
    store: &mut Store,
    keys: &dyn KeyStore,
    card: Uuid,
    suite: CipherSuite,
    record: KeyRecord,
) -> Result<(), SecureMessagingError> {
    let algorithm = suite.curve().algorithm();
    let signer = KeyRecord::generate(keys, algorithm, SIGNER_POLICY)?;
    let signer = signer.open(keys, SIGNER_POLICY, None)?;
    let key = record.open(keys, KEY_POLICY, None)?;
    let PublicKey::Ecc { curve, point } = key.public_key() else {
        return Err(KeyStoreError::Failed.into());
    };
    let signer_certificate = ContentSigner::new(algorithm, signer.as_ref(), store.state().serial)?;
    let body = Body {
        issuer: signer_certificate.issuer,
        subject: Subject::Card(card),
        curve,
        point,
    };
    let signature = sign(algorithm, signer.as_ref(), &body.encode()?)?;
    let kept = SecureMessaging {
        key: record,
        certificate: Bytes(body.signed(SignatureAlgorithm::of(suite), &signature)?),
    };
    let signer = Bytes(certificate::encode(&signer_certificate.der)?);
    let random = getrandom::u64().map_err(StateError::from)?;
    let pairing_code = Bytes(PairingCode::from_random(random).encode()?.to_vec());
    store.change(|state| {
        let is_first = state.secure_messaging.replace(kept).is_none();
        let tag = ObjectId::SecureMessagingCertificateSigner.tag();
        state.objects.insert(tag, signer);
        if is_first {
            let tag = ObjectId::PairingCodeReferenceData.tag();
            state.objects.entry(tag).or_insert(pairing_code);
        }
        Ok::<_, StateError>(())
    })?;
    Ok(())
}
