//! `tapcard-phone card-edge`: a PIV card or a GIDS card.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

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
            "The card is a GIDS card now, with 0 keys.",
            Some(false),
            "GIDS, with 0 keys",
        ),
        (
            &["gids", "--blank"],
            "The card is a blank GIDS card now",
            Some(true),
            "GIDS, blank",
        ),
        (&["piv"], "The card is a PIV card now.", None, ""),
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
            text.contains(shown) && text.contains("GIDS") == is_blank.is_some(),
            "{text}"
        );
    }
    for wrong in [&["gids", "piv"][..], &["opgp"], &[]] {
        assert_eq!(choose(card, wrong).status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(choose(card, &["piv", "--blank"]).status.code(), Some(1));
}

#[test]
fn a_card_that_is_in_a_reader_stays_what_it_is() {
    let folder = folder();
    let mut running = Running::start(folder.path());
    let output = choose(folder.path(), &["gids"]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("is in a reader already"), "{words}");
    assert!(status(folder.path()).0.get("gids").is_none());
    running.child.kill().unwrap();
    running.child.wait().unwrap();
    assert_eq!(choose(folder.path(), &["gids"]).status.code(), Some(0));
}
