//! Another process changes the card while a command is at work: what was proved to the card before changes nothing of
//! what is there now.

use std::path::PathBuf;

use card_edge::Status;
use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::key_store::{
    Consent, CreatedKey, KeyHandle, KeyPolicy, KeyRequest, KeyStore, KeyStoreError, PrivateKey,
};
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{CardState, Counter, StateError, Store};

use crate::common::TestCard;

/// A key store in which something happens to the card while a key is made.
struct Meanwhile {
    folder: PathBuf,
    happens: fn(&mut CardState),
}

impl KeyStore for Meanwhile {
    fn algorithms(&self) -> &[KeyAlgorithm] {
        SoftwareKeyStore.algorithms()
    }

    fn generate(&self, request: &KeyRequest<'_>) -> Result<CreatedKey, KeyStoreError> {
        elsewhere(&self.folder.clone(), self.happens);
        SoftwareKeyStore.generate(request)
    }

    fn import(
        &self,
        request: &KeyRequest<'_>,
        key: &ImportedKey,
    ) -> Result<KeyHandle, KeyStoreError> {
        SoftwareKeyStore.import(request, key)
    }

    fn check(&self, algorithm: KeyAlgorithm, handle: &KeyHandle) -> Result<(), KeyStoreError> {
        SoftwareKeyStore.check(algorithm, handle)
    }

    fn open(
        &self,
        algorithm: KeyAlgorithm,
        policy: KeyPolicy,
        handle: &KeyHandle,
    ) -> Result<Box<dyn PrivateKey>, KeyStoreError> {
        SoftwareKeyStore.open(algorithm, policy, handle)
    }
}

fn elsewhere(folder: &std::path::Path, change: fn(&mut CardState)) {
    Store::open(folder)
        .unwrap()
        .update(|state| {
            change(state);
            Ok::<_, StateError>(())
        })
        .unwrap();
}

fn card(happens: fn(&mut CardState)) -> TestCard {
    let mut card = TestCard::new();
    let folder = card.folder.path().to_owned();
    let keys = Meanwhile { folder, happens };
    card.card = Card::new(card.store(), Box::new(keys), Interface::Contact);
    card.client().select().unwrap();
    card.prove_management_key();
    card
}

#[test]
fn a_key_that_was_being_made_takes_no_place_on_an_enrolled_card() {
    // An enrollment ends meanwhile: it has another management key.
    let mut card = card(|state| state.serial ^= 1);
    assert_eq!(
        card.status("00 47 00 9A 05 AC 03 80 01 11 00"),
        Status::SecurityStatusNotSatisfied
    );
    assert!(card.store().state().keys.is_empty());
    // What was proved before is over.
    assert_eq!(
        card.status("00 47 00 9A 05 AC 03 80 01 11 00"),
        Status::SecurityStatusNotSatisfied
    );
}

#[test]
fn a_host_does_not_undo_what_the_holder_decides_meanwhile() {
    let mut card = card(|state| {
        state.set_consent(AsymmetricKey::PivAuthentication, Consent::Never);
    });
    card.status("00 47 00 9A 05 AC 03 80 01 11 00");
    let store = card.store();
    assert_eq!(
        store.state().consent_of(AsymmetricKey::PivAuthentication),
        Consent::Never
    );
}

#[test]
fn tries_are_of_the_card_that_was_known() {
    let card = TestCard::new();
    let mut known = card.store();
    known.refresh().unwrap();
    elsewhere(card.folder.path(), |state| {
        let opening = state.pin.opening_key(b"123456\xFF\xFF").unwrap();
        let pin = ReferenceData::new(b"271828\xFF\xFF", 5, false, opening.as_ref());
        state.pin = pin.unwrap();
    });
    // A PIN that was compared before the change gives the new one no tries back, and changes nothing.
    assert!(matches!(
        known.restore_tries(Counter::Pin),
        Err(StateError::ChangedMeanwhile(_))
    ));
    assert!(matches!(
        known.take_try(Counter::Pin, 0),
        Err(StateError::ChangedMeanwhile(_))
    ));
    let changed = known.change(|state| {
        state.serial ^= 1;
        Ok::<_, StateError>(())
    });
    assert!(matches!(changed, Err(StateError::ChangedMeanwhile(_))));
    assert!(known.refresh().unwrap(), "the next command begins again");
    known.take_try(Counter::Pin, 0).unwrap();
}
