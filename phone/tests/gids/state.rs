//! What is read from disk: what cannot be is refused, and the file is left as it is.

use std::fs;

use serde_json::{Value, json};
use tapcard_phone::state::{StateError, Store};

use crate::common::GidsCard;

/// Breaks what the file has of GIDS, with parts of it: the administrator's key file, a data file, and a key.
type Break = fn(&mut Value, &[Value; 3]);

#[test]
fn a_card_that_cannot_be_is_refused() {
    let card = GidsCard::with_key();
    let path = card.folder.path().join("card.json");
    let good: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let administrator = good["card"]["gids"]["key_files"]["B080"].clone();
    let data = good["card"]["gids"]["data_files"]["A010"].clone();
    let own = good["card"]["gids"]["key_files"]["B081"]["key"].clone();
    let breaks: [(&str, Break); 10] = [
        ("another stage", |gids, _| {
            gids["stage"] = json!("terminated")
        }),
        ("an unknown member", |gids, _| gids["other"] = json!(1)),
        ("a file under another's name", |gids, parts| {
            gids["data_files"]["A099"] = parts[1].clone()
        }),
        ("a data file among keys", |gids, parts| {
            gids["key_files"]["A010"] = parts[1].clone()
        }),
        ("an administrator elsewhere", |gids, parts| {
            gids["key_files"]["B081"] = parts[0].clone()
        }),
        ("a key pair as administrator", |gids, parts| {
            gids["key_files"]["B080"]["key"] = parts[2].clone()
        }),
        ("an administrator as key pair", |gids, parts| {
            gids["key_files"]["B081"]["key"] = parts[0]["key"].clone()
        }),
        ("a secret of another cipher", |gids, _| {
            gids["key_files"]["B080"]["key"]["administrator"]["algorithm"] = json!(10)
        }),
        ("rules that are not rules", |gids, _| {
            gids["data_files"]["A010"]["parameters"] = json!("Ygw=")
        }),
        ("a slot that is not one", |gids, _| {
            gids["key_files"]["B081"]["key"] = json!({ "slot": "9B" })
        }),
    ];
    for (what, change) in breaks {
        let mut bad = good.clone();
        let parts = [administrator.clone(), data.clone(), own.clone()];
        change(&mut bad["card"]["gids"], &parts);
        let written = serde_json::to_vec(&bad).unwrap();
        fs::write(&path, &written).unwrap();
        let error = Store::open(card.folder.path()).unwrap_err();
        assert!(
            matches!(error, StateError::Damaged { .. }),
            "{what}: {error}"
        );
        assert_eq!(fs::read(&path).unwrap(), written, "{what}");
    }
    fs::write(&path, serde_json::to_vec(&good).unwrap()).unwrap();
    Store::open(card.folder.path()).unwrap();
}

#[test]
fn a_key_that_does_not_work_is_told_of_when_the_card_is_put_into_a_reader() {
    let mut card = GidsCard::with_key();
    assert_eq!(card.card.set_dead_keys_aside(), []);
    let path = card.folder.path().join("card.json");
    let mut state: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    state["card"]["gids"]["key_files"]["B081"]["key"]["own"]["handle"] = json!("AAAA");
    fs::write(&path, serde_json::to_vec(&state).unwrap()).unwrap();
    let store = Store::open(card.folder.path()).unwrap();
    let mut card = tapcard_phone::card::Card::new(
        store,
        Box::new(tapcard_phone::key_store::software::SoftwareKeyStore),
        tapcard_phone::interface::Interface::Contact,
    );
    let dead = card.set_dead_keys_aside();
    let error = format!("{dead:?}");
    assert!(error.contains("B081"), "{error}");
}
