//! The phone's own part of an enrollment, without a server.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use card_edge::piv::{AsymmetricKey, ObjectId, Pin};
use enrollment_protocol::enrollment::{EnrollmentAnswer, SlotCertificate};
use enrollment_protocol::{Guid, KeyAlgorithm, Version};
use x509_cert::Certificate;

use super::fixture::{HIERARCHY, KEYS, OFFERED, card, certificate, offer};
use crate::enrollment::install::{NewSecrets, install};
use crate::enrollment::issued::{Expected, check_issued};
use crate::enrollment::keys::{begin, make_missing_keys};
use crate::enrollment::translate::key_reference;
use crate::enrollment::{AnswerFlaw, CertificateFlaw, EnrollError, puk_was_seen};
use crate::key_store::software::SoftwareKeyStore;
use crate::key_store::{KeyPolicy, KeyStore};
use crate::secret::Secret;
use crate::state::{CardState, Enrollment, KeptHandle, PendingEnrollment, StateError, Store};
use crate::x509::public_key_info;

const PUK: &str = "31415926";

/// Begins an enrollment, or goes on with it.
pub(super) fn prepare(store: &mut Store, invitation: &str) -> PendingEnrollment {
    let begun = store.state().pending_enrollment.clone();
    let pending = begun
        .filter(|begun| begun.invitation == invitation)
        .unwrap_or_else(|| {
            begin(
                invitation.to_owned(),
                offer(),
                SoftwareKeyStore.algorithms(),
            )
            .unwrap()
        });
    make_missing_keys(store, &SoftwareKeyStore, pending, &mut |_| {}).unwrap()
}

/// Certificates for these keys.
fn answer(pending: &PendingEnrollment) -> EnrollmentAnswer {
    let certificates = OFFERED.into_iter().map(|slot| {
        let reference = key_reference(slot);
        let record = &pending.keys[&reference];
        let policy = KeyPolicy::of(reference);
        let key = record.open(&SoftwareKeyStore, policy, None);
        let key = public_key_info(record.algorithm, &key.unwrap().public_key()).unwrap();
        SlotCertificate {
            slot,
            certificate: certificate(key),
        }
    });
    EnrollmentAnswer {
        protocol: Version::CURRENT,
        phone: "phone".to_owned(),
        certificates: certificates.collect(),
        issuers: HIERARCHY.issuers(),
        notice: None,
        unblocking: None,
    }
}

fn check(
    pending: &PendingEnrollment,
    answer: &EnrollmentAnswer,
) -> Result<BTreeMap<AsymmetricKey, Certificate>, EnrollError> {
    let expected = Expected {
        root: &HIERARCHY.root_certificate.0,
        card: Guid::from_bytes([0x11; 16]),
        now: SystemTime::now().duration_since(UNIX_EPOCH).unwrap(),
    };
    check_issued(&SoftwareKeyStore, pending, answer, &expected)
}

pub(super) fn finish(store: &mut Store, pending: &PendingEnrollment) -> Result<(), EnrollError> {
    let certificates = check(pending, &answer(pending))?;
    let enrollment = Enrollment {
        organisation: "Example".to_owned(),
        holder: "Alice Example".to_owned(),
        server: "https://localhost".to_owned(),
        phone: "phone".to_owned(),
        invitation: pending.invitation.clone(),
        issuers: Vec::new(),
        unseen_puk: Some(Secret::new(PUK.as_bytes().to_vec())),
    };
    let pin = Pin::new(b"739154").unwrap();
    let secrets = NewSecrets {
        pin: &pin,
        puk: PUK,
        opening: None,
        forgets_sealed_keys: false,
    };
    store.update(|state| {
        install(
            state,
            &SoftwareKeyStore,
            pending,
            &certificates,
            &enrollment,
            &secrets,
        )
        .map(drop)
    })
}

#[test]
fn an_interrupted_enrollment_goes_on_with_the_same_keys() {
    let (folder, mut store) = card();
    let first = prepare(&mut store, "one");
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(prepare(&mut store, "one"), first);
    assert!(
        store.state().keys.is_empty(),
        "the keys wait for their certificates"
    );
    // Another invitation is another enrollment.
    let other = prepare(&mut store, "two");
    assert!(KEYS.iter().all(|key| other.keys[key] != first.keys[key]));
}

#[test]
fn a_key_made_before_the_interruption_is_kept_while_the_next_is_made() {
    let (_folder, mut store) = card();
    let whole = prepare(&mut store, "one");
    // Killed after the first key: the second is missing.
    store
        .update(|state| {
            let pending = state.pending_enrollment.as_mut().unwrap();
            pending.keys.remove(&AsymmetricKey::CardAuthentication);
            Ok::<_, StateError>(())
        })
        .unwrap();
    let again = prepare(&mut store, "one");
    let (first, second) = (
        &AsymmetricKey::PivAuthentication,
        &AsymmetricKey::CardAuthentication,
    );
    assert_eq!(again.keys[first], whole.keys[first]);
    assert_ne!(again.keys[second], whole.keys[second]);
}

#[test]
fn everything_takes_effect_at_once_and_the_card_stays_the_same_card() {
    let (folder, mut store) = card();
    let before = store.state().clone();
    let pending = prepare(&mut store, "one");
    finish(&mut store, &pending).unwrap();

    let state = Store::open(folder.path()).unwrap().state().clone();
    assert_eq!(state.guid(), before.guid());
    // The key whose use needs the PIN is encrypted under the new one.
    let [with_pin, without] = KEYS;
    assert_eq!(state.keys[&without], pending.keys[&without]);
    let kept = &state.keys[&with_pin];
    assert!(kept.handle.is_sealed());
    for opening in [
        state.pin.opening_key(b"739154\xFF\xFF").unwrap(),
        state.puk.opening_key(b"31415926").unwrap(),
    ] {
        let handle = kept.handle.clear(kept.algorithm, opening.as_ref()).unwrap();
        assert_eq!(
            KeptHandle::from(handle.into_owned()),
            pending.keys[&with_pin].handle
        );
    }
    assert!(
        KEYS.iter()
            .all(|key| state.object(ObjectId::Certificate(*key)).is_some())
    );
    assert!(state.object(ObjectId::Chuid).is_some());
    assert!(state.pin.matches(b"739154\xFF\xFF").unwrap());
    assert!(state.puk.matches(b"31415926").unwrap());
    assert!(!state.pin.is_default && !state.puk.is_default && !state.management_key.is_default());
    assert_eq!((state.pin.limit, state.puk.limit), (5, 3));
    assert_eq!(state.pending_enrollment, None);
    assert_eq!(state.enrollment.unwrap().holder, "Alice Example");
}

#[test]
fn certificates_for_other_keys_and_missing_ones_are_refused() {
    let (_folder, mut store) = card();
    let own = prepare(&mut store, "one");
    let foreign = prepare(&mut store, "two");
    let wrong = check(&own, &answer(&foreign));
    assert!(matches!(
        wrong,
        Err(EnrollError::Certificate {
            flaw: CertificateFlaw::OtherKey,
            ..
        })
    ));
    let mut incomplete = answer(&own);
    incomplete.certificates.pop();
    let missing = check(&own, &incomplete);
    assert!(matches!(
        missing,
        Err(EnrollError::Answer(AnswerFlaw::Missing(
            AsymmetricKey::CardAuthentication
        )))
    ));
    let mut garbled = answer(&own);
    garbled.certificates[0].certificate.0.truncate(20);
    let unreadable = check(&own, &garbled);
    assert!(matches!(
        unreadable,
        Err(EnrollError::Certificate {
            flaw: CertificateFlaw::Malformed,
            ..
        })
    ));
}

#[test]
fn an_enrollment_of_a_card_that_was_reset_meanwhile_changes_nothing() {
    let (_folder, mut store) = card();
    let pending = prepare(&mut store, "one");
    store
        .update(|state| {
            *state = CardState::new()?;
            Ok::<_, StateError>(())
        })
        .unwrap();
    let before = store.state().clone();
    assert!(matches!(
        finish(&mut store, &pending),
        Err(EnrollError::Interrupted)
    ));
    assert_eq!(*store.state(), before);
}

#[test]
fn one_enrollment_of_a_card_runs_at_a_time_and_knows_what_the_one_before_wrote() {
    let (folder, mut store) = card();
    let mut other = Store::open(folder.path()).unwrap();
    let first = store.begin_enrollment().unwrap();
    assert!(matches!(
        other.begin_enrollment(),
        Err(StateError::Enrolling(_))
    ));
    let pending = prepare(&mut store, "one");
    drop(first);
    let _second = other.begin_enrollment().unwrap();
    assert_eq!(prepare(&mut other, "one"), pending);
}

#[test]
fn the_new_puk_is_kept_until_it_was_seen_and_not_longer() {
    let (folder, mut store) = card();
    let pending = prepare(&mut store, "one");
    finish(&mut store, &pending).unwrap();
    let mut store = Store::open(folder.path()).unwrap();
    let enrollment = store.state().enrollment.clone().unwrap();
    assert_eq!(enrollment.unseen_puk.unwrap().as_bytes(), PUK.as_bytes());
    puk_was_seen(&mut store).unwrap();
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.state().enrollment.clone().unwrap().unseen_puk, None);
    assert!(store.state().puk.matches(b"31415926").unwrap());
}

#[test]
fn an_offer_for_keys_that_this_phone_cannot_make_is_refused_before_a_key_is_made() {
    let mut offer = offer();
    offer.slots[1].algorithm = KeyAlgorithm::Rsa4096;
    let refused = begin(
        "one".to_owned(),
        offer,
        &[card_edge::piv::KeyAlgorithm::P256],
    )
    .unwrap_err();
    assert!(refused.to_string().contains("RSA-4096"), "{refused}");
}
