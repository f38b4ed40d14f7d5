//! The state on disk: what a kill, a damaged file, another process or a full disk may do to it, and what not.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use crate::common::{TestCard, hex, pin};
use card_edge::Status;
use card_edge::piv::client::PinStatus;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm, ObjectId, PinReference};
use tapcard_phone::state::encoding::Bytes;
use tapcard_phone::state::{StateError, Store};

fn card_file(folder: &Path) -> std::path::PathBuf {
    folder.join("card.json")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn only_the_owner_can_read_the_card() {
    let parent = crate::common::folder();
    let folder = parent.path().join("deep/card");
    let mut store = Store::open_or_create(&folder).unwrap();
    assert_eq!(mode(&folder), 0o700);
    store
        .update(|state| {
            state.serial += 1;
            Ok::<_, StateError>(())
        })
        .unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn no_pin_and_no_key_stands_in_the_file_in_the_clear() {
    let mut card = TestCard::administered();
    card.client()
        .change_pin(&pin("123456"), &pin("90817263"))
        .unwrap();
    let text = fs::read_to_string(card_file(card.folder.path())).unwrap();
    assert!(!text.contains("90817263"));
    assert!(!text.contains("12345678"), "the default PUK");
}

#[test]
fn a_kill_before_the_new_file_has_the_name_loses_the_change_and_nothing_else() {
    // What a killed process can leave behind: the new file torn at any byte, beside the old one.
    let mut card = TestCard::new();
    let before = card.store().state().clone();
    card.client()
        .change_pin(&pin("123456"), &pin("654321"))
        .unwrap();
    let folder = card.folder.path().to_owned();
    let complete = fs::read(card_file(&folder)).unwrap();
    let after = card.store().state().clone();
    assert_ne!(before, after);
    for length in 0..=complete.len() {
        fs::write(folder.join("card.json.new"), &complete[..length]).unwrap();
        let mut store = Store::open(&folder).unwrap();
        assert_eq!(*store.state(), after, "torn at {length}");
        // Each change waits for the disk.
        if length % 97 != 0 && length != complete.len() {
            continue;
        }
        // The next change goes over what was left there.
        store
            .update(|state| {
                state.serial ^= 1;
                Ok::<_, StateError>(())
            })
            .unwrap();
        assert!(!folder.join("card.json.new").exists());
        store
            .update(|state| {
                state.serial ^= 1;
                Ok::<_, StateError>(())
            })
            .unwrap();
    }
    card.restart();
    card.client()
        .verify(PinReference::PivPin, &pin("654321"))
        .unwrap();
}

#[test]
fn a_damaged_file_is_an_error_and_left_as_it_is() {
    let card = TestCard::new();
    let path = card_file(card.folder.path());
    let good = fs::read(&path).unwrap();
    let mut cases: Vec<Vec<u8>> = (0..good.len())
        .map(|length| good[..length].to_vec())
        .collect();
    cases.push(b"{}".to_vec());
    cases.push(b"{\"format\":1}".to_vec());
    cases.push(b"{\"format\":2}".to_vec());
    cases.push(b"\xFF\xFE".to_vec());
    for damaged in cases {
        fs::write(&path, &damaged).unwrap();
        let error = Store::open_or_create(card.folder.path()).unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("left as it is"));
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
}

#[test]
fn a_file_of_a_later_version_is_an_error_and_left_as_it_is() {
    let card = TestCard::new();
    let path = card_file(card.folder.path());
    let text = fs::read_to_string(&path)
        .unwrap()
        .replace("\"format\": 4", "\"format\": 99");
    fs::write(&path, &text).unwrap();
    let error = Store::open_or_create(card.folder.path()).unwrap_err();
    assert!(
        matches!(error, StateError::NewerFormat { found: 99, .. }),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_card_whose_file_is_damaged_while_it_runs_says_so_and_writes_nothing() {
    let mut card = TestCard::new();
    let path = card_file(card.folder.path());
    fs::File::create(&path).unwrap().write_all(b"torn").unwrap();
    assert_eq!(
        card.status("00 CB 3F FF 05 5C 03 5F C1 02 00"),
        Status::MemoryFailure
    );
    assert_eq!(
        card.status("00 20 00 80 08 31 32 33 34 35 36 FF FF"),
        Status::MemoryFailure
    );
    assert_eq!(
        card.status("00 A4 04 00 05 A0 00 00 03 08 00"),
        Status::MemoryFailure
    );
    assert_eq!(fs::read(&path).unwrap(), b"torn");
}

#[test]
fn a_running_card_shows_what_another_process_wrote_and_trusts_no_pin_of_before() {
    let mut card = TestCard::administered();
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
    let mut other = card.store();
    let tag = ObjectId::Certificate(AsymmetricKey::PivAuthentication).tag();
    other
        .update(|state| {
            let content = card_edge::piv::certificate::encode(b"new certificate")?;
            state.objects.insert(tag, Bytes(content));
            Ok::<_, StateError>(())
        })
        .unwrap();
    card.client().select().unwrap();
    let certificate = card
        .client()
        .certificate(AsymmetricKey::PivAuthentication)
        .unwrap();
    assert_eq!(certificate.as_deref(), Some(b"new certificate".as_slice()));
    assert_eq!(
        card.client().pin_status(PinReference::PivPin).unwrap(),
        PinStatus::TriesLeft(5)
    );
    assert!(
        card.client()
            .generate(AsymmetricKey::PivAuthentication, KeyAlgorithm::P256)
            .is_err()
    );
}

#[test]
fn two_processes_that_change_the_card_lose_nothing_of_each_other() {
    let card = TestCard::new();
    let start = card.store().state().serial;
    let folder = card.folder.path();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut store = Store::open(folder).unwrap();
                for _ in 0..50 {
                    store
                        .update(|state| {
                            state.serial += 1;
                            Ok::<_, StateError>(())
                        })
                        .unwrap();
                }
            });
        }
    });
    assert_eq!(card.store().state().serial, start + 100);
}

#[test]
fn guesses_at_two_cards_on_one_folder_share_one_counter() {
    let mut one = TestCard::new();
    let mut other = tapcard_phone::card::Card::new(
        one.store(),
        Box::new(tapcard_phone::key_store::software::SoftwareKeyStore),
        tapcard_phone::interface::Interface::Contact,
    );
    other.process(&hex("00 A4 04 00 05 A0 00 00 03 08"));
    let wrong = "00 20 00 80 08 39 39 39 39 39 39 FF FF";
    assert_eq!(one.status(wrong), Status::TriesLeft(4));
    assert_eq!(other.process(&hex(wrong)).as_slice(), [0x63, 0xC3]);
    assert_eq!(one.status(wrong), Status::TriesLeft(2));
    assert_eq!(one.status("00 20 00 80"), Status::TriesLeft(2));
}

#[test]
fn a_change_that_is_refused_changes_nothing() {
    let mut store = TestCard::new().store();
    let before = store.state().clone();
    let refused = store.update(|state| {
        state.serial += 1;
        Err::<(), _>(StateError::Hash(
            tapcard_phone::state::reference_data::HashError,
        ))
    });
    assert!(refused.is_err());
    assert_eq!(*store.state(), before);
}

#[test]
fn a_folder_without_a_card_is_none() {
    let folder = crate::common::folder();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, StateError::NoCard(_)), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
