//! A card of an earlier format is taken over with all that it is, whatever is killed on the way. `format_1/` is the
//! folder of a card that was enrolled, then given two wrong PINs and one wrong PUK, as the program wrote it then.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::common::{TestCard, hex, pin};
use card_edge::Status;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, PinReference};
use tapcard_phone::key_store::KeyPolicy;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::encoding::Bytes;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{
    CardState, CheckIn, ContactlessPolicy, KeyRecord, Origin, PinEntry, StateError, Store, Tries,
};
use tempfile::TempDir;

const TRIES: Tries = Tries {
    pin: 3,
    puk: 2,
    global_pin: None,
};
const PIN: &str = "739154";

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/card/format_1")
}

/// A copy of the folder of format 1.
pub fn format_1() -> TempDir {
    let folder = crate::common::folder();
    copy_format_1(folder.path());
    folder
}

/// Copies the files, for their owner alone: in a checkout they have the mode that its user's umask gives.
fn copy_format_1(to: &Path) {
    for entry in fs::read_dir(source()).unwrap() {
        let entry = entry.unwrap();
        let copy = to.join(entry.file_name());
        fs::copy(entry.path(), &copy).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn number(folder: &Path) -> u64 {
    let text = fs::read(folder.join("card.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
    json["format"].as_u64().unwrap()
}

/// The card as it must be once it is taken over.
fn taken_over() -> CardState {
    Store::open(format_1().path()).unwrap().state().clone()
}

#[test]
fn a_card_of_format_1_is_the_same_card_with_the_same_tries() {
    let folder = format_1();
    assert_eq!(number(folder.path()), 1);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(number(folder.path()), 2);
    assert_eq!(store.tries().unwrap(), TRIES);

    let before: serde_json::Value =
        serde_json::from_slice(&fs::read(source().join("card.json")).unwrap()).unwrap();
    let before = &before["card"];
    let state = store.state();
    assert_eq!(u64::from(state.serial), before["serial"].as_u64().unwrap());
    assert_eq!((state.pin.limit, state.puk.limit), (5, 3));
    assert!(!state.pin.is_default && !state.management_key.is_default());
    assert_eq!(
        state.objects.len(),
        before["objects"].as_object().unwrap().len()
    );
    let keys: Vec<_> = state
        .keys
        .iter()
        .map(|(key, record)| (*key, record.algorithm, record.origin))
        .collect();
    let generated = |key, algorithm| (key, algorithm, Origin::Generated);
    assert_eq!(
        keys,
        [
            generated(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
            generated(AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
            generated(AsymmetricKey::KeyManagement, KeyAlgorithm::P256),
            generated(AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
        ]
    );
    let enrollment = state.enrollment.as_ref().unwrap();
    assert_eq!(
        enrollment.holder,
        before["enrollment"]["holder"].as_str().unwrap()
    );
}

#[test]
fn a_card_of_format_1_goes_on_working() {
    let mut card = TestCard::new();
    copy_format_1(card.folder.path());
    card.restart();
    assert_eq!(
        card.status("00 20 00 80 08 39 39 39 39 39 39 FF FF"),
        Status::TriesLeft(2)
    );
    let mut client = card.client();
    client.verify(PinReference::PivPin, &pin(PIN)).unwrap();
    let key = AsymmetricKey::PivAuthentication;
    assert!(client.certificate(key).unwrap().is_some());
    client.apply_key(key, KeyAlgorithm::P256, &[7; 32]).unwrap();
    assert_eq!(
        card.store().tries().unwrap(),
        Tries {
            pin: 5,
            puk: 2,
            global_pin: None
        }
    );
    assert!(card.store().state().object(ObjectId::Chuid).is_some());
}

#[test]
fn a_kill_between_the_steps_loses_nothing() {
    let expected = taken_over();
    // What is there once the counters are written and the card is not: counters of any value, or torn ones.
    let done = format_1();
    let mut store = Store::open(done.path()).unwrap();
    store
        .take_try(tapcard_phone::state::Counter::Pin, 0)
        .unwrap();
    let counters = fs::read(done.path().join("counters")).unwrap();
    let card = fs::read(done.path().join("card.json")).unwrap();
    let mut leftovers: Vec<(&str, Vec<u8>)> = vec![
        ("counters", counters.clone()),
        ("counters", Vec::new()),
        ("counters", vec![0xFF; 128]),
    ];
    let torn = |bytes: &[u8], step| -> Vec<Vec<u8>> {
        (0..=bytes.len())
            .step_by(step)
            .map(|length| bytes[..length].to_vec())
            .collect()
    };
    leftovers.extend(
        torn(&counters, 13)
            .into_iter()
            .map(|bytes| ("counters.new", bytes)),
    );
    leftovers.extend(
        torn(&card, 997)
            .into_iter()
            .map(|bytes| ("card.json.new", bytes)),
    );
    for (name, bytes) in leftovers {
        let folder = format_1();
        fs::write(folder.path().join(name), &bytes).unwrap();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(*store.state(), expected, "{name} of {} bytes", bytes.len());
        assert_eq!(store.tries().unwrap(), TRIES, "{name}");
        assert_eq!(number(folder.path()), 2);
    }
}

#[test]
fn counters_that_are_missing_or_damaged_count_as_no_tries() {
    for damage in [None, Some(vec![0_u8; 128])] {
        let mut card = TestCard::new();
        let path = card.folder.path().join("counters");
        match &damage {
            None => fs::remove_file(&path).unwrap(),
            Some(bytes) => fs::write(&path, bytes).unwrap(),
        }
        let error = card.store().tries().unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. }), "{error}");
        assert_eq!(
            card.send(&hex("00 20 00 80 08 31 32 33 34 35 36 FF FF"))
                .status,
            Status::MemoryFailure
        );
    }
}

#[test]
fn a_verification_writes_the_counters_and_not_the_card() {
    let mut card = TestCard::new();
    let path = card.folder.path().join("card.json");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
    assert_eq!(
        card.status("00 20 00 80 08 39 39 39 39 39 39 FF FF"),
        Status::TriesLeft(4)
    );
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    let counters = fs::metadata(card.folder.path().join("counters")).unwrap();
    assert_eq!(counters.len(), 128);
}

#[test]
fn a_card_with_what_earlier_programs_do_not_know_says_so_by_its_format() {
    let folder = crate::common::folder();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    // A new card encrypts its keys.
    assert_eq!(number(folder.path()), 4);
    store
        .update(|state| state.unseal_keys(None).map_err(StateError::from))
        .unwrap();
    assert_eq!(number(folder.path()), 2);
    let mut decide = |policy| {
        store
            .update(|state| {
                state.contactless = policy;
                Ok::<_, StateError>(())
            })
            .unwrap();
        let read = Store::open(folder.path()).unwrap();
        assert_eq!(read.state().contactless, policy);
        number(folder.path())
    };
    assert_eq!(decide(ContactlessPolicy::Strict), 3);
    assert_eq!(decide(ContactlessPolicy::ContactLike), 2);
    let typed_at = |entry| {
        let mut store = Store::open(folder.path()).unwrap();
        store
            .update(|state| {
                state.pin_entry = entry;
                Ok::<_, StateError>(())
            })
            .unwrap();
        let read = Store::open(folder.path()).unwrap();
        assert_eq!(read.state().pin_entry, entry);
        number(folder.path())
    };
    assert_eq!(typed_at(PinEntry::Phone), 6);
    assert_eq!(typed_at(PinEntry::Host), 2);
    let checks_in = |key: Option<KeyRecord>, unblocking: Option<ReferenceData>| {
        let mut store = Store::open(folder.path()).unwrap();
        let check_in = key.map(|key| CheckIn {
            server: "https://localhost:1".to_owned(),
            phone: "phone".to_owned(),
            root: Bytes(Vec::new()),
            key,
            renewal: BTreeMap::new(),
            unblocking,
            is_wiped: false,
        });
        store
            .update(|state| {
                state.check_in = check_in;
                Ok::<_, StateError>(())
            })
            .unwrap();
        number(folder.path())
    };
    let policy = KeyPolicy::of(AsymmetricKey::CardAuthentication);
    let key = KeyRecord::generate(&SoftwareKeyStore, KeyAlgorithm::P256, policy).unwrap();
    assert_eq!(checks_in(Some(key.clone()), None), 7);
    let unblocking = ReferenceData::new(&[7; 32], 1, false, None).unwrap();
    assert_eq!(checks_in(Some(key), Some(unblocking)), 8);
    assert_eq!(checks_in(None, None), 2);
    // SELECT makes the key for secure messaging.
    let mut card = TestCard::unselected();
    let unsealed = card
        .store()
        .update(|state| state.unseal_keys(None).map_err(StateError::from));
    unsealed.unwrap();
    card.restart();
    assert!(card.store().state().secure_messaging.is_some());
    assert_eq!(number(card.folder.path()), 3);
    card.restart();
}
