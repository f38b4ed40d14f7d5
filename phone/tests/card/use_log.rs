//! The log of uses.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use card_edge::Status;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use tapcard_phone::consent::{Operation, Outcome, Usage};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::KeyPlace;
use tapcard_phone::state::{Store, read_uses};

use crate::common::{TestCard, hex, verified};

const DOORS: AsymmetricKey = AsymmetricKey::CardAuthentication;

fn usage(says: &str) -> Usage {
    Usage {
        key: AsymmetricKey::DigitalSignature.into(),
        operation: Operation::Sign,
        interface: Interface::Contactless,
        says: Some(says.to_owned()),
    }
}

fn says(store: &TestCard) -> Vec<String> {
    let uses = read_uses(store.folder.path()).unwrap();
    uses.into_iter().filter_map(|one| one.says).collect()
}

#[test]
fn every_use_is_a_line_that_its_owner_alone_may_read() {
    let mut card = TestCard::administered();
    for key in [DOORS, AsymmetricKey::PivAuthentication] {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
    }
    let used = card.client().apply_key(DOORS, KeyAlgorithm::P256, &[7; 32]);
    used.unwrap();
    let key = AsymmetricKey::PivAuthentication;
    let refused = card.client().apply_key(key, KeyAlgorithm::P256, &[7; 32]);
    assert!(refused.is_err());
    verified(&mut card);
    let used = card.client().apply_key(key, KeyAlgorithm::P256, &[7; 32]);
    used.unwrap();
    // The card's own key is one too.
    assert!(!card.send(&hex("00 F9 9A 00 00")).data.is_empty());
    let uses = read_uses(card.folder.path()).unwrap();
    let told: Vec<_> = uses
        .iter()
        .map(|one| (one.key, one.operation, one.interface, one.outcome))
        .collect();
    let done = |key, operation| {
        (
            KeyPlace::Slot(key),
            operation,
            Interface::Contact,
            Outcome::Done,
        )
    };
    assert_eq!(
        told,
        [
            done(DOORS, Operation::Sign),
            done(key, Operation::Sign),
            done(AsymmetricKey::Attestation, Operation::Attest)
        ]
    );
    let path = card.folder.path().join("uses.log");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("123456"), "{text}");
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let time = line["time"].as_str().unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
    }
}

#[test]
fn it_is_bounded_and_the_latest_stay() {
    let card = TestCard::new();
    let mut store = card.store();
    for round in 0..6_000 {
        store.log_use(&usage(&format!("host {round}")), Outcome::Refused);
    }
    for name in ["uses.log", "uses.log.1"] {
        let length = fs::metadata(card.folder.path().join(name)).unwrap().len();
        assert!(length <= 256 * 1024, "{name}: {length}");
    }
    let says = says(&card);
    assert!(says.len() > 2_000, "{}", says.len());
    let first = 6_000 - says.len();
    let expected: Vec<_> = (first..6_000)
        .map(|round| format!("host {round}"))
        .collect();
    assert_eq!(says, expected);
}

#[test]
fn a_line_that_a_full_disk_cut_short_costs_no_other() {
    let card = TestCard::new();
    let mut store = card.store();
    let path = card.folder.path().join("uses.log");
    store.log_use(&usage("one"), Outcome::Done);
    let whole = fs::read(&path).unwrap();
    for length in 1..=whole.len() {
        fs::write(&path, [&whole, &whole[..length]].concat()).unwrap();
        store.log_use(&usage("two"), Outcome::Done);
        let told = says(&card);
        // Cut before its line end it is a whole line all the same.
        let cut = usize::from(length >= whole.len() - 1);
        assert_eq!(told.len(), 2 + cut, "{length}");
        assert_eq!(told.last().unwrap(), "two");
    }
}

/// What its holder or another process does to the log between two uses of one card.
#[test]
fn a_log_that_another_has_touched_is_written_where_its_name_is() {
    type Touch = fn(&Path);
    let touches: [(Touch, &[&str]); 6] = [
        (|_| {}, &["one", "two"]),
        (|path| fs::remove_file(path).unwrap(), &["two"]),
        (
            |path| fs::rename(path, path.with_extension("log.1")).unwrap(),
            &["one", "two"],
        ),
        (|path| fs::write(path, "").unwrap(), &["two"]),
        // A line that was cut, in the same file and in another one as long.
        (
            |path| {
                let mut file = OpenOptions::new().append(true).open(path).unwrap();
                file.write_all(b"{\"time\":").unwrap();
            },
            &["one", "two"],
        ),
        (
            |path| {
                let length = fs::read(path).unwrap().len();
                fs::rename(path, path.with_extension("log.1")).unwrap();
                fs::write(path, vec![b'x'; length]).unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
            },
            &["one", "two"],
        ),
    ];
    for (round, (touch, expected)) in touches.into_iter().enumerate() {
        let card = TestCard::new();
        let mut store = card.store();
        store.log_use(&usage("one"), Outcome::Done);
        touch(&card.folder.path().join("uses.log"));
        store.log_use(&usage("two"), Outcome::Done);
        assert_eq!(says(&card), expected, "{round}");
    }
    // One that others may write is not written any more.
    let card = TestCard::new();
    let mut store = card.store();
    let path = card.folder.path().join("uses.log");
    store.log_use(&usage("one"), Outcome::Done);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o622)).unwrap();
    let before = fs::read(&path).unwrap();
    store.log_use(&usage("two"), Outcome::Done);
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// A backup is put in the place of the folder: from then on uses are logged there.
#[test]
fn a_folder_that_was_replaced_has_the_next_use() {
    let all = tempfile::tempdir().unwrap();
    let (folder, earlier) = (all.path().join("card"), all.path().join("earlier"));
    let mut store = Store::open_or_create(&folder).unwrap();
    store.log_use(&usage("one"), Outcome::Done);
    fs::rename(&folder, &earlier).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    for file in fs::read_dir(&earlier).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    assert!(store.refresh().unwrap());
    store.log_use(&usage("two"), Outcome::Done);
    let says = |folder| -> Vec<_> {
        let uses = read_uses(folder).unwrap();
        uses.into_iter().filter_map(|one| one.says).collect()
    };
    assert_eq!(says(&earlier), ["one"]);
    assert_eq!(says(&folder), ["one", "two"]);
}

#[test]
fn two_who_write_lose_no_line_of_each_other() {
    let card = TestCard::new();
    let (mut one, mut other) = (card.store(), card.store());
    let mut expected = Vec::new();
    for round in 0..5_000 {
        let store = if round % 3 == 0 { &mut one } else { &mut other };
        let host = format!("host {round}");
        store.log_use(&usage(&host), Outcome::Done);
        expected.push(host);
    }
    let says = says(&card);
    assert!(says.len() > 2_000, "{}", says.len());
    assert_eq!(says, expected[expected.len() - says.len()..]);
}

#[test]
fn what_the_host_says_stays_on_its_line() {
    let card = TestCard::new();
    let evil = "ssh\n{\"time\":\"\"}\u{1b}[2J\u{202e}";
    card.store().log_use(&usage(evil), Outcome::Done);
    assert_eq!(says(&card), [evil]);
    let text = fs::read_to_string(card.folder.path().join("uses.log")).unwrap();
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_log_that_cannot_be_written_keeps_nobody_out() {
    let mut card = TestCard::administered();
    card.client().generate(DOORS, KeyAlgorithm::P256).unwrap();
    let path = card.folder.path().join("uses.log");
    let elsewhere = card.folder.path().join("elsewhere");
    symlink(&elsewhere, &path).unwrap();
    let used = card.client().apply_key(DOORS, KeyAlgorithm::P256, &[7; 32]);
    used.unwrap();
    assert!(!elsewhere.exists(), "links are not followed");
    assert!(Store::open(card.folder.path()).is_ok());
    assert_eq!(card.status("00 20 00 80"), Status::TriesLeft(5));
}
