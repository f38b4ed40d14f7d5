//! `tapcard-phone card-edge`: a PIV card or a GIDS card.

use std::path::Path;
use std::process::Output;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use serde_json::Value;
use tapcard_phone::card::{Card, dead_keys};
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::KeyPolicy;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{KeyRecord, StateError, Store};
use tempfile::TempDir;

use crate::running::{Running, folder, phone};

fn choose(card: &Path, choice: &[&str]) -> Output {
    phone()
        .arg("card-edge")
        .args(choice)
        .arg("--state")
        .arg(card)
        .output()
        .unwrap()
}

fn status(card: &Path) -> (Value, String) {
    let ask = |more: &[&str]| {
        let mut command = phone();
        command.args(["status", "--state"]).arg(card).args(more);
        command.output().unwrap().stdout
    };
    let json = serde_json::from_slice(&ask(&["--json"])).unwrap();
    (json, String::from_utf8(ask(&[])).unwrap())
}

#[test]
fn the_card_is_what_its_holder_chose_and_says_so() {
    let folder = folder();
    let card = folder.path();
    for (choice, says, is_blank, shown) in [
        (
            &["gids"][..],
            "The card is a GIDS card now, with 0 keys. Its keys are not encrypted",
            Some(false),
            "GIDS, with 0 keys",
        ),
        (
            &["gids", "--blank"],
            "The card is a blank GIDS card now",
            Some(true),
            "GIDS, blank",
        ),
        (
            &["piv"],
            "The card is a PIV card now. Its keys are encrypted under the PIN.",
            None,
            "encrypted under the PIN",
        ),
    ] {
        let output = choose(card, choice);
        assert_eq!(output.status.code(), Some(0), "{choice:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(says), "{text}");
        let (json, text) = status(card);
        assert_eq!(json["gids"]["is_blank"].as_bool(), is_blank, "{json}");
        // Whoever knows the key of every new card could reset the PIN of one that keeps it.
        let is_made = is_blank == Some(false);
        let tells = json["gids"]["administrator_key_is_default"] == true;
        assert_eq!(
            (tells, text.contains("administrator's key")),
            (is_made, is_made)
        );
        assert!(
            text.contains(shown) && text.contains("Card edge") == is_blank.is_some(),
            "{text}"
        );
    }
    for wrong in [&["gids", "piv"][..], &["opgp"], &[]] {
        assert_eq!(choose(card, wrong).status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(choose(card, &["piv", "--blank"]).status.code(), Some(1));
}

#[test]
fn a_strict_card_that_does_nothing_over_nfc_says_so() {
    let folder = folder();
    Store::open_or_create(folder.path()).unwrap();
    for (policy, choice, says) in [
        ("strict", "gids", true),
        ("strict-without-pairing", "gids", true),
        ("strict", "piv", false),
        ("contact-like", "gids", false),
    ] {
        let mut command = phone();
        command.args(["contactless", policy, "--state"]);
        assert!(
            command
                .arg(folder.path())
                .output()
                .unwrap()
                .status
                .success()
        );
        let output = choose(folder.path(), &[choice]);
        assert_eq!(output.status.code(), Some(0), "{policy} {choice}");
        let text = String::from_utf8(output.stdout).unwrap();
        let note = format!("ver NFC it does nothing now: the card is {policy}, ");
        assert_eq!(text.contains(&note), says, "{text}");
        let (_, text) = status(folder.path());
        assert_eq!(text.contains(&note), says, "{text}");
        // What it means for a PIV card is not promised.
        for arguments in [&[policy][..], &[]] {
            let mut command = phone();
            command.arg("contactless").args(arguments).arg("--state");
            let output = command.arg(folder.path()).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert_eq!(text.contains(&note), says, "{text}");
            assert_eq!(text.contains("as a PIV card, over NFC"), says, "{text}");
        }
    }
}

#[test]
fn keys_on_curves_are_said_to_be_missing_where_there_are_any() {
    let folder = folder();
    let mut store = Store::open_or_create(folder.path()).unwrap();
    for (slot, algorithm, says) in [
        (
            AsymmetricKey::PivAuthentication,
            KeyAlgorithm::Rsa2048,
            "with 1 key. Its",
        ),
        (
            AsymmetricKey::CardAuthentication,
            KeyAlgorithm::P256,
            "with 1 key (those on curves are not shown there). Its",
        ),
        (
            AsymmetricKey::KeyManagement,
            KeyAlgorithm::Rsa2048,
            "with 2 keys (those on curves are not shown there). Its",
        ),
    ] {
        let key = KeyRecord::generate(&SoftwareKeyStore, algorithm, KeyPolicy::of(slot)).unwrap();
        store.refresh().unwrap();
        store
            .update(|state| {
                state.keys.insert(slot, key);
                Ok::<_, StateError>(())
            })
            .unwrap();
        let output = choose(folder.path(), &["gids"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(says), "{text}");
    }
    let (_, text) = status(folder.path());
    assert!(text.contains("GIDS, with 2 keys\n"), "{text}");
}

#[test]
fn a_card_that_is_in_a_reader_stays_what_it_is() {
    let folder = folder();
    let mut running = Running::start(folder.path());
    let output = choose(folder.path(), &["gids"]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.contains("is in a reader: a `tapcard-phone run` has it"),
        "{words}"
    );
    assert!(status(folder.path()).0.get("gids").is_none());
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    assert_eq!(choose(folder.path(), &["gids"]).status.code(), Some(0));
}

/// A card with the PIN 271828 and an RSA key that is encrypted under it.
fn with_an_encrypted_key() -> TempDir {
    let folder = folder();
    let store = Store::open_or_create(folder.path()).unwrap();
    let mut card = Card::new(store, Box::new(SoftwareKeyStore), Interface::Contact);
    for (command, what) in [
        (
            &b"\x00\xA4\x04\x00\x09\xA0\x00\x00\x03\x08\x00\x00\x10\x00\x00"[..],
            "SELECT",
        ),
        (
            b"\x00\x24\x00\x80\x10123456\xFF\xFF271828\xFF\xFF",
            "CHANGE REFERENCE DATA",
        ),
    ] {
        assert!(card.process(command).ends_with(&[0x90, 0x00]), "{what}");
    }
    drop(card);
    let mut store = Store::open(folder.path()).unwrap();
    let slot = AsymmetricKey::PivAuthentication;
    let key = KeyRecord::generate(
        &SoftwareKeyStore,
        KeyAlgorithm::Rsa2048,
        KeyPolicy::of(slot),
    );
    store
        .update(|state| {
            state.keys.insert(slot, key.unwrap());
            state.seal_keys(&SoftwareKeyStore).map_err(StateError::from)
        })
        .unwrap();
    assert_eq!(store.state().sealed_keys().count(), 1);
    folder
}

#[test]
fn encrypted_keys_go_to_gids_for_whoever_knows_the_present_pin() {
    let folder = with_an_encrypted_key();
    let choose = |pin: Option<&str>| {
        let mut command = phone();
        command
            .args(["card-edge", "gids", "--state"])
            .arg(folder.path());
        command.envs(pin.map(|pin| ("TAPCARD_PRESENT_PIN", pin)));
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
        )
    };
    for (pin, says) in [
        (None, "set TAPCARD_PRESENT_PIN or"),
        (Some("27"), "this cannot be the present PIN"),
        (
            Some("123456"),
            "is not the card's present PIN (4 tries are left)",
        ),
    ] {
        let (code, text) = choose(pin);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(says), "{text}");
        assert_eq!(status(folder.path()).0["gids"], Value::Null);
    }
    let (code, text) = choose(Some("271828"));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("with 1 key. Its"), "{text}");
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.state().sealed_keys().count(), 0);
    assert_eq!(dead_keys(store.state(), &SoftwareKeyStore), []);
}

/// A host at a card that is not in a reader.
fn host(folder: &Path) -> impl FnMut(&[u8]) -> Vec<u8> {
    let store = Store::open(folder).unwrap();
    let mut card = Card::new(store, Box::new(SoftwareKeyStore), Interface::Contact);
    move |command| card.process(command).to_vec()
}

const OK: [u8; 2] = [0x90, 0x00];
const SELECT_GIDS: &[u8] = b"\x00\xA4\x04\x00\x09\xA0\x00\x00\x03\x97BTFY\x00";

#[test]
fn a_file_of_a_key_of_piv_names_that_key_for_consent() {
    let folder = with_an_encrypted_key();
    let consent = |place: &str, policy: &[&str]| {
        let mut command = phone();
        command.args(["consent", place]).args(policy).arg("--state");
        let output = command.arg(folder.path()).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    // A PIV card has no such file, and a GIDS card not every one.
    let unknown = |place: &str| {
        let (code, text) = consent(place, &["never"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(
            text.contains(&format!("the card has no key {place}")),
            "{text}"
        );
    };
    unknown("B081");
    let mut command = phone();
    command
        .env("TAPCARD_PRESENT_PIN", "271828")
        .arg("card-edge");
    let made = command
        .args(["gids", "--state"])
        .arg(folder.path())
        .output();
    assert_eq!(made.unwrap().status.code(), Some(0));
    unknown("B099");
    let says = "B081 of the GIDS card is the key 9A.\n9A  never: no host can use it.\n";
    for policy in [&["never"][..], &[]] {
        assert_eq!(consent("B081", policy), (Some(0), says.to_owned()));
    }
    let mut host = host(folder.path());
    for (command, word) in [
        (SELECT_GIDS, OK),
        (b"\x00\x20\x00\x80\x06271828", OK),
        (b"\x00\x22\x41\xB6\x06\x80\x01\x57\x84\x01\x81", OK),
        (b"\x00\x2A\x9E\x9A\x04\x01\x02\x03\x04\x00", [0x69, 0x85]),
    ] {
        assert!(host(command).ends_with(&word), "{command:02X?}");
    }
}

#[test]
fn what_hosts_wrote_goes_with_a_word_alone() {
    let folder = folder();
    let card = folder.path();
    assert_eq!(choose(card, &["gids"]).status.code(), Some(0));
    let mut host = host(card);
    for command in [
        SELECT_GIDS,
        b"\x00\x20\x00\x80\x06123456",
        b"\x00\xDB\xA0\x10\x05\xDF\x61\x02\x01\x02",
    ] {
        assert!(host(command).ends_with(&OK), "{command:02X?}");
    }
    drop(host);
    for lossy in [&["piv"][..], &["gids", "--blank"]] {
        let output = choose(card, lossy);
        assert_eq!(output.status.code(), Some(1), "{lossy:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        let says =
            "hosts have written one file to the GIDS card, which would be lost: --forget-files";
        assert!(words.contains(says), "{words}");
    }
    // Chosen again it keeps what is there.
    let stays = "What hosts have written to it stays: --forget-files works with `piv`";
    for (again, says) in [(&["gids"][..], false), (&["gids", "--forget-files"], true)] {
        let output = choose(card, again);
        assert_eq!(output.status.code(), Some(0));
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.contains(stays), says, "{text}");
    }
    assert_eq!(choose(card, &["piv"]).status.code(), Some(1));
    let output = choose(card, &["piv", "--forget-files"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(status(card).0["gids"].is_null());
}

#[test]
fn a_global_pin_is_given_by_whoever_knows_the_present_pin() {
    let folder = with_an_encrypted_key();
    let give = |pin: Option<&str>| {
        let mut command = phone();
        command.args(["global-pin", "--state"]).arg(folder.path());
        command.env("TAPCARD_GLOBAL_PIN", "739154");
        command.envs(pin.map(|pin| ("TAPCARD_PRESENT_PIN", pin)));
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, text) = give(None);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("set TAPCARD_PRESENT_PIN"), "{text}");
    assert_eq!(give(Some("271828")), (Some(0), String::new()));
    let state = Store::open(folder.path()).unwrap().state().clone();
    let global = state.global_pin.as_ref().unwrap();
    let opening = global.opening_key(b"739154\xFF\xFF").unwrap();
    let kept = &state.keys[&AsymmetricKey::PivAuthentication];
    kept.handle.clear(kept.algorithm, opening.as_ref()).unwrap();
}
