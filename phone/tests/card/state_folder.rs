//! The folder of a card: a card that is gone is not replaced, links are not followed, nobody else may write it, and
//! what is read from it is checked.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::common::{TestCard, pin, verified};
use crate::format::format_1;
use card_edge::Status;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tapcard_phone::present_pin;
use tapcard_phone::state::{Snapshot, StateError, Store, Tries};

fn card_file(folder: &Path) -> std::path::PathBuf {
    folder.join("card.json")
}

/// Writes a file for its owner alone, whatever the umask is.
fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn read_json(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(card_file(folder)).unwrap()).unwrap()
}

fn change_serial(store: &mut Store) {
    store
        .update(|state| {
            state.serial ^= 1;
            Ok::<_, StateError>(())
        })
        .unwrap();
}

/// What each way of opening the card says.
fn refusals(folder: &Path) -> [StateError; 3] {
    [
        Store::open_or_create(folder).unwrap_err(),
        Store::open(folder).unwrap_err(),
        Snapshot::read(folder).unwrap_err(),
    ]
}

#[test]
fn a_card_that_is_gone_is_not_replaced() {
    for name in [
        "card.json.new",
        "counters",
        "counters.new",
        "lock",
        "enrolling.lock",
        "running.lock",
    ] {
        let folder = crate::common::folder();
        write(&folder.path().join(name), b"");
        for error in refusals(folder.path()) {
            assert!(
                matches!(error, StateError::CardIsGone { trace, .. } if trace == name),
                "{name}: {error}"
            );
        }
        assert!(!card_file(folder.path()).exists(), "{name}");
    }
    // A card that was used and lost its file: the tries are not given again either.
    let card = TestCard::new();
    fs::remove_file(card_file(card.folder.path())).unwrap();
    for error in refusals(card.folder.path()) {
        assert!(error.to_string().contains("there was a card"), "{error}");
    }
    assert!(!card_file(card.folder.path()).exists());
}

#[test]
fn a_card_that_was_never_finished_is_made_again() {
    let whole = TestCard::new();
    let file = |name: &str| fs::read(whole.folder.path().join(name)).unwrap();
    let (counters, card) = (file("counters"), file("card.json"));
    let stages: [&[(&str, &[u8])]; 6] = [
        &[],
        &[("lock", b"")],
        &[("lock", b""), ("counters.new", &counters[..50])],
        &[("lock", b""), ("counters", &counters)],
        &[
            ("lock", b""),
            ("counters", &counters),
            ("card.json.new", &card[..99]),
        ],
        &[("lock", b""), ("counters", &counters), ("card.json", &card)],
    ];
    for (stage, files) in stages.into_iter().enumerate() {
        let folder = crate::common::folder();
        write(&folder.path().join("making"), b"");
        for (name, bytes) in files {
            write(&folder.path().join(name), bytes);
        }
        let store = Store::open_or_create(folder.path()).unwrap();
        assert_eq!(store.is_new(), stage < 5, "{stage}");
        assert_eq!(
            store.tries().unwrap(),
            Tries {
                pin: 5,
                puk: 3,
                global_pin: None
            }
        );
        assert!(!folder.path().join("making").exists());
        assert!(!Store::open(folder.path()).unwrap().is_new());
    }
}

#[test]
fn links_and_pipes_are_not_followed() {
    for name in ["card.json", "counters", "lock"] {
        for pipe in [false, true] {
            let card = TestCard::new();
            let path = card.folder.path().join(name);
            let elsewhere = crate::common::folder();
            let target = elsewhere.path().join("target");
            fs::rename(&path, &target).unwrap();
            if pipe {
                assert!(
                    Command::new("mkfifo")
                        .arg(&path)
                        .status()
                        .unwrap()
                        .success()
                );
            } else {
                symlink(&target, &path).unwrap();
            }
            let before = fs::read(&target).unwrap();
            let error = Store::open_or_create(card.folder.path())
                .and_then(|mut store| {
                    store
                        .take_try(tapcard_phone::state::Counter::Pin, 0)
                        .map(drop)
                })
                .unwrap_err();
            // Nobody reads the pipe that is to be a lock.
            let is_said = matches!(error, StateError::NotAFile(_)) || (pipe && name == "lock");
            assert!(is_said, "{name}: {error}");
            assert_eq!(fs::read(&target).unwrap(), before, "{name}");
        }
    }
    // What is written again is written where its name is, and takes over no one's mode.
    for name in ["card.json.new", "counters.new"] {
        let card = TestCard::new();
        let elsewhere = crate::common::folder();
        let target = elsewhere.path().join("target");
        fs::write(&target, b"mine").unwrap();
        symlink(&target, card.folder.path().join(name)).unwrap();
        change_serial(&mut card.store());
        assert_eq!(fs::read(&target).unwrap(), b"mine", "{name}");
    }
    let card = TestCard::new();
    let leftover = card.folder.path().join("card.json.new");
    fs::write(&leftover, b"torn").unwrap();
    fs::set_permissions(&leftover, Permissions::from_mode(0o666)).unwrap();
    change_serial(&mut card.store());
    let mode = fs::metadata(card_file(card.folder.path()))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_others_may_write_is_refused() {
    let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    for (mode, refused) in [
        (0o700, false),
        (0o755, false),
        (0o775, true),
        (0o770, true),
        (0o702, true),
        (0o1777, true),
    ] {
        let card = TestCard::new();
        set(card.folder.path(), mode);
        let opened = Store::open_or_create(card.folder.path()).map(drop);
        let read = Snapshot::read(card.folder.path()).map(drop);
        for result in [opened, read] {
            match result {
                Ok(()) => assert!(!refused, "{mode:o}"),
                Err(error) => assert!(
                    refused && matches!(error, StateError::OthersMayWrite(_)),
                    "{mode:o}: {error}"
                ),
            }
        }
    }
    // A folder that has no card yet.
    let folder = crate::common::folder();
    set(folder.path(), 0o777);
    let error = Store::open_or_create(folder.path()).unwrap_err();
    assert!(matches!(error, StateError::OthersMayWrite(_)), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    for name in ["card.json", "counters", "lock"] {
        let card = TestCard::new();
        set(&card.folder.path().join(name), 0o666);
        let error = Store::open_or_create(card.folder.path())
            .and_then(|store| store.tries())
            .unwrap_err();
        assert!(
            matches!(error, StateError::OthersMayWrite(_)),
            "{name}: {error}"
        );
    }
}

/// A card with a key and an enrollment behind it: the file of today's format, as JSON.
fn enrolled() -> (TestCard, Value) {
    let mut card = TestCard::administered();
    for (key, algorithm) in [
        (AsymmetricKey::PivAuthentication, KeyAlgorithm::P256),
        (AsymmetricKey::DigitalSignature, KeyAlgorithm::P384),
    ] {
        card.client().generate(key, algorithm).unwrap();
    }
    // As programs of before left it, its keys not encrypted.
    let mut store = card.store();
    let opening = present_pin::prove(&mut store, &pin("123456")).unwrap();
    let unsealed = store.update(|state| {
        state
            .unseal_keys(opening.as_ref())
            .map_err(StateError::from)
    });
    unsealed.unwrap();
    card.restart();
    let taken_over = format_1();
    drop(Store::open(taken_over.path()).unwrap());
    let mut file = read_json(card.folder.path());
    let former = read_json(taken_over.path());
    file["card"]["enrollment"] = former["card"]["enrollment"].clone();
    file["card"]["pending_enrollment"] = json!({
        "invitation": "00", "organisation": "O", "holder": "H", "expires": "2030-01-01T00:00:00Z",
        "offered": { "9A": "P-256" },
        "keys": { "9A": file["card"]["keys"]["9A"] },
    });
    fs::write(card_file(card.folder.path()), file.to_string()).unwrap();
    (card, file)
}

fn assert_damaged(folder: &Path, what: &str) {
    let bytes = fs::read(card_file(folder)).unwrap();
    for result in [
        Store::open(folder)
            .and_then(|store| store.tries())
            .map(drop),
        Snapshot::read(folder).map(drop),
    ] {
        let error = result.expect_err(what);
        assert!(
            matches!(error, StateError::Damaged { .. }),
            "{what}: {error}"
        );
    }
    assert_eq!(fs::read(card_file(folder)).unwrap(), bytes, "{what}");
}

#[test]
fn values_that_cannot_be_are_damage() {
    let (card, good) = enrolled();
    let folder = card.folder.path();
    Store::open(folder).unwrap();
    let hash = good["card"]["pin"]["hash"].as_str().unwrap();
    let key = good["card"]["keys"]["9A"].clone();
    let cases = [
        ("/card/pin/limit", json!(0)),
        ("/card/pin/limit", json!(16)),
        ("/card/puk/limit", json!(0)),
        ("/card/puk/limit", json!(255)),
        ("/card/pin/hash", json!("")),
        ("/card/pin/hash", json!("123456")),
        ("/card/pin/hash", json!(hash.replace("argon2id", "argon2i"))),
        ("/card/pin/hash", json!(hash.replace("argon2id", "scrypt"))),
        ("/card/pin/hash", json!(hash.replace("m=4096", "m=4194304"))),
        ("/card/pin/hash", json!(hash.replace("t=1", "t=4000000"))),
        ("/card/pin/hash", json!(hash.rsplit_once('$').unwrap().0)),
        ("/card/puk/hash", json!(&hash[..hash.len() - 30])),
        ("/card/serial", json!(-1)),
        ("/card/serial", json!(1_u64 << 32)),
        ("/card/management_key/algorithm", json!(0x11)),
        ("/card/management_key/algorithm", json!(0x08)),
        ("/card/management_key/key", json!("AAAA")),
        ("/card/management_key/key", json!("not base64")),
        ("/card/objects/5FC102", json!("?")),
        (
            "/card/objects/5FC102",
            json!(data_encoding::BASE64.encode(&vec![0; 65_536])),
        ),
        ("/card/objects", json!({ "5FC1FF": "AA==" })),
        ("/card/objects", json!({ "00": "AA==" })),
        (
            "/card/objects",
            json!({ "5fc102": "AA==", "5FC102": "AA==" }),
        ),
        ("/card/keys", json!({ "9A": key, "9a": key })),
        ("/card/keys", json!({ "9B": key })),
        ("/card/keys", json!({ "77": key })),
        ("/card/keys/9A/algorithm", json!("P-521")),
        ("/card/keys/9A/origin", json!("elsewhere")),
        ("/card/pending_enrollment/offered/9A", json!("P-384")),
        ("/card/pending_enrollment/offered", json!({})),
        ("/format", json!(0)),
    ];
    for (pointer, value) in cases {
        let mut file = good.clone();
        *file.pointer_mut(pointer).unwrap() = value.clone();
        fs::write(card_file(folder), file.to_string()).unwrap();
        let mut shown = value.to_string();
        shown.truncate(60);
        assert_damaged(folder, &format!("{pointer} = {shown}"));
    }
    // A member that comes twice.
    let twice = good
        .to_string()
        .replacen("\"9A\":", "\"9A\":null,\"9A\":", 1);
    fs::write(card_file(folder), twice).unwrap();
    assert_damaged(folder, "9A twice");
}

#[test]
fn encrypted_keys_without_what_decrypts_them_are_damage() {
    let mut card = TestCard::administered();
    for key in [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::CardAuthentication,
    ] {
        card.client().generate(key, KeyAlgorithm::P256).unwrap();
    }
    let folder = card.folder.path();
    let good = read_json(folder);
    let encrypted = good["card"]["keys"]["9A"]["handle"].clone();
    let wrapped = &good["card"]["pin"]["opening_key"];
    let with = |name: &str, value: Value| {
        let mut changed = wrapped.clone();
        changed[name] = value;
        changed
    };
    let gids = json!({ "stage": "operational", "data_files": {}, "key_files": {} });
    let cases = [
        ("sealing", Value::Null),
        ("sealing", json!("AAAA")),
        ("gids", gids),
        ("pin/opening_key", Value::Null),
        ("puk/opening_key", Value::Null),
        ("pin/opening_key", with("wrapped", json!("AAAA"))),
        ("pin/opening_key", with("salt", json!("AAAA"))),
        ("pin/opening_key", with("memory_kib", json!(4_194_304))),
        ("pin/opening_key", with("passes", json!(0))),
        ("pin/opening_key", with("lanes", json!(200))),
        // Nobody gives a PIN for these.
        ("keys/9E/handle", encrypted.clone()),
        ("secure_messaging/key/handle", encrypted),
    ];
    for (member, value) in cases {
        let mut file = good.clone();
        let (parent, name) = member.rsplit_once('/').unwrap_or(("", member));
        let parent = format!("/card{}{parent}", if parent.is_empty() { "" } else { "/" });
        file.pointer_mut(&parent).unwrap()[name] = value;
        fs::write(card_file(folder), file.to_string()).unwrap();
        assert_damaged(folder, member);
    }
    fs::write(card_file(folder), good.to_string()).unwrap();
    Store::open(folder).unwrap();
}

/// The pointers of all objects in it.
fn objects(value: &Value, at: &str, out: &mut Vec<String>) {
    if let Value::Object(members) = value {
        out.push(at.to_owned());
        for (name, member) in members {
            objects(member, &format!("{at}/{name}"), out);
        }
    }
}

#[test]
fn an_unknown_member_anywhere_is_refused_and_no_member_may_be_missing() {
    let (card, good) = enrolled();
    let folder = card.folder.path();
    let mut places = Vec::new();
    objects(&good, "", &mut places);
    assert!(places.len() > 10, "{places:?}");
    for place in places {
        let mut file = good.clone();
        file.pointer_mut(&place).unwrap()["later"] = json!(1);
        fs::write(card_file(folder), file.to_string()).unwrap();
        assert_damaged(folder, &format!("{place}/later"));
    }
    for name in ["serial", "pin", "puk", "management_key", "objects", "keys"] {
        let mut file = good.clone();
        file["card"].as_object_mut().unwrap().remove(name);
        fs::write(card_file(folder), file.to_string()).unwrap();
        assert_damaged(folder, name);
    }
}

#[test]
fn more_tries_than_there_can_be_are_damage() {
    // In the counters, with a checksum that is right: the PIN's tries stand at 17, the PUK's at 26.
    for (offset, left) in [(17, 6), (17, 255), (26, 4)] {
        let card = TestCard::new();
        let path = card.folder.path().join("counters");
        let mut record = fs::read(&path).unwrap()[..64].to_vec();
        record[offset] = left;
        let checksum = Sha256::digest(&record[..27]);
        record[27..59].copy_from_slice(&checksum);
        fs::write(&path, [record.clone(), record].concat()).unwrap();
        assert_damaged(card.folder.path(), &format!("{left} at {offset}"));
    }
    for (of, left) in [("pin", 6), ("puk", 4)] {
        let folder = format_1();
        let mut file = read_json(folder.path());
        file["card"][of]["remaining"] = json!(left);
        fs::write(card_file(folder.path()), file.to_string()).unwrap();
        assert_damaged(folder.path(), of);
    }
}

#[test]
fn a_key_that_leads_nowhere_is_told_before_a_reader_has_the_card_and_set_aside() {
    let (mut card, good) = enrolled();
    assert_eq!(card.card.set_dead_keys_aside(), []);
    let other = good["card"]["keys"]["9C"]["handle"].clone();
    let own = good["card"]["keys"]["9A"]["handle"].as_str().unwrap();
    for handle in [
        json!(""),
        json!("AAAA"),
        other,
        json!(&own[..own.len() - 8]),
    ] {
        let mut file = good.clone();
        file["card"]["keys"]["9A"]["handle"] = handle.clone();
        fs::write(card_file(card.folder.path()), file.to_string()).unwrap();
        let mut changed = TestCard::new();
        changed.folder = crate::common::folder();
        for entry in fs::read_dir(card.folder.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), changed.folder.path().join(entry.file_name())).unwrap();
        }
        changed.restart();
        let dead = changed.card.set_dead_keys_aside();
        let dead: Vec<_> = dead.into_iter().map(|(key, _)| key).collect();
        assert_eq!(dead, ["9A"]);
        // Wherever it moves to, and until another takes its place.
        verified(&mut changed);
        changed.prove_management_key();
        let sign = |card: &mut TestCard, key: u8| {
            let header = [
                0x00, 0x87, 0x11, key, 0x26, 0x7C, 0x24, 0x82, 0x00, 0x81, 0x20,
            ];
            card.send(&[&header[..], &[7; 32], &[0x00]].concat()).status
        };
        assert_eq!(sign(&mut changed, 0x9A), Status::Unknown);
        assert_eq!(changed.status("00 F6 82 9A"), Status::Success);
        assert_eq!(sign(&mut changed, 0x82), Status::Unknown);
        for key in [0x82, 0x9A] {
            let made = format!("00 47 00 {key:02X} 05 AC 03 80 01 11 00");
            assert_eq!(changed.status(&made), Status::Success);
            assert_eq!(sign(&mut changed, key), Status::Success);
        }
    }
}

#[test]
fn a_look_needs_no_right_to_write_and_changes_nothing() {
    let listing = |folder: &Path| -> Vec<_> {
        let mut files: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let modified = entry.metadata().unwrap().modified().unwrap();
                (entry.file_name(), modified, fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    };
    let card = TestCard::new();
    fs::remove_file(card.folder.path().join("lock")).unwrap();
    let earlier = format_1();
    for (folder, tries) in [
        (
            card.folder.path(),
            Tries {
                pin: 5,
                puk: 3,
                global_pin: None,
            },
        ),
        (
            earlier.path(),
            Tries {
                pin: 3,
                puk: 2,
                global_pin: None,
            },
        ),
    ] {
        for entry in fs::read_dir(folder).unwrap() {
            fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(0o400)).unwrap();
        }
        fs::set_permissions(folder, Permissions::from_mode(0o500)).unwrap();
        let before = listing(folder);
        assert_eq!(Snapshot::read(folder).unwrap().tries, tries);
        assert_eq!(listing(folder), before);
        fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    }
    let empty = crate::common::folder();
    let error = Snapshot::read(empty.path()).unwrap_err();
    assert!(matches!(error, StateError::NoCard(_)), "{error}");
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}
