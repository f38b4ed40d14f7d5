//! The phone's own part of an enrollment, without a server.

use std::str::FromStr;
use std::time::Duration;

use card_edge::piv::AsymmetricKey;
use card_edge::piv::object::ObjectId;
use enrollment_protocol::enrollment::SlotCertificate;
use enrollment_protocol::offer::OfferedSlot;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use tempfile::TempDir;
use x509_cert::builder::profile::cabf::Root;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Validity;

use super::*;
use crate::key_store::SoftwareKeyStore;

const PUK: &str = "31415926";
const OFFERED: [protocol::Slot; 2] = [
    protocol::Slot::PivAuthentication,
    protocol::Slot::CardAuthentication,
];
const SLOTS: [AsymmetricKey; 2] = [
    AsymmetricKey::PivAuthentication,
    AsymmetricKey::CardAuthentication,
];

fn offer() -> Offer {
    Offer {
        protocol: Version::CURRENT,
        organisation: "Example".to_owned(),
        holder: "Alice Example".to_owned(),
        expires: "2030-01-01T00:00:00Z".to_owned(),
        slots: OFFERED
            .into_iter()
            .map(|slot| OfferedSlot {
                slot,
                algorithm: protocol::KeyAlgorithm::P256,
                profile: String::new(),
            })
            .collect(),
    }
}

fn card() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_or_create(folder.path()).unwrap();
    (folder, store)
}

/// Begins an enrollment, or goes on with it.
fn prepare(store: &mut Store, invitation: &str) -> PendingEnrollment {
    let begun = store.state().pending_enrollment.clone();
    let pending = begun
        .filter(|begun| begun.invitation == invitation)
        .unwrap_or_else(|| pending(invitation.to_owned(), offer()).unwrap());
    prepare_keys(store, &SoftwareKeyStore, pending, &mut |_| {}).unwrap()
}

/// Certificates for these keys, signed by nobody in particular.
fn answer(pending: &PendingEnrollment) -> EnrollmentAnswer {
    let signer = SigningKey::from(p256::SecretKey::generate());
    let certificates = OFFERED.into_iter().map(|slot| {
        let record = &pending.keys[&card_slot(slot)];
        let key = SoftwareKeyStore
            .open(
                record.algorithm,
                KeyPolicy::of(card_slot(slot)),
                &record.handle,
            )
            .unwrap();
        let name = Name::from_str("CN=Alice Example,O=Example,C=AA").unwrap();
        let builder = CertificateBuilder::new(
            Root::new(false, name).unwrap(),
            SerialNumber::from(1u32),
            Validity::from_now(Duration::from_secs(60)).unwrap(),
            csr::public_key_info(&key.public_key()).unwrap(),
        );
        let certificate = builder.unwrap().build::<_, DerSignature>(&signer).unwrap();
        SlotCertificate {
            slot,
            certificate: Der(certificate.to_der().unwrap()),
        }
    });
    EnrollmentAnswer {
        protocol: Version::CURRENT,
        phone: "phone".to_owned(),
        certificates: certificates.collect(),
        issuers: Vec::new(),
    }
}

fn finish(store: &mut Store, pending: &PendingEnrollment) -> Result<(), EnrollError> {
    let certificates = check(&SoftwareKeyStore, pending, &answer(pending))?;
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
    store.update(|state| take_effect(state, pending, &certificates, &enrollment, &pin, PUK))
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
    assert!(
        SLOTS
            .iter()
            .all(|slot| other.keys[slot] != first.keys[slot])
    );
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
    assert_eq!(state.keys, pending.keys);
    assert!(
        SLOTS
            .iter()
            .all(|slot| state.object(ObjectId::Certificate(*slot)).is_some())
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
    let wrong = check(&SoftwareKeyStore, &own, &answer(&foreign));
    assert!(matches!(wrong, Err(EnrollError::WrongCertificate(_))));
    let mut incomplete = answer(&own);
    incomplete.certificates.pop();
    let missing = check(&SoftwareKeyStore, &own, &incomplete);
    assert!(matches!(
        missing,
        Err(EnrollError::MissingCertificate(
            AsymmetricKey::CardAuthentication
        ))
    ));
    let mut garbled = answer(&own);
    garbled.certificates[0].certificate.0.truncate(20);
    let unreadable = check(&SoftwareKeyStore, &own, &garbled);
    assert!(matches!(unreadable, Err(EnrollError::WrongCertificate(_))));
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
fn a_puk_is_eight_digits() {
    for _ in 0..100 {
        let puk = random_puk().unwrap();
        assert!(puk.len() == 8 && puk.bytes().all(|byte| byte.is_ascii_digit()));
    }
}

#[test]
fn an_offer_for_keys_that_this_phone_cannot_make_is_refused_before_a_key_is_made() {
    let mut offer = offer();
    offer.slots[1].algorithm = protocol::KeyAlgorithm::Rsa4096;
    let refused = pending("one".to_owned(), offer).unwrap_err();
    assert!(refused.to_string().contains("RSA-4096"), "{refused}");
}
