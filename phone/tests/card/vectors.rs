//! Recorded and documented sequences of commands that operating systems and tools send, replayed byte for byte.

use crate::common::TestCard;
use crate::vector::{self, fits};

/// A card whose identity, key in 9A and certificate are those of the vectors.
fn card() -> TestCard {
    let card = TestCard::unselected();
    card.store().update(vector::personalise).unwrap();
    card
}

fn replay(name: &str) -> Vec<String> {
    let mut card = card();
    vector::replay(name, |command| card.exchange(command))
}

#[test]
fn windows_finds_the_card_by_plug_and_play() {
    replay("windows-plug-and-play.apdu");
}

#[test]
fn windows_classes_the_card_as_piv() {
    replay("windows-discovery.apdu");
}

#[test]
fn windows_logs_on() {
    replay("windows-logon.apdu");
}

#[test]
fn macos_takes_the_card() {
    replay("macos-cryptotokenkit.apdu");
}

#[test]
fn an_answer_fits_its_pattern_and_no_other() {
    assert!(fits("6112AB9000", "61*9000"));
    assert!(fits("6112AB9000", "61 12 AB 9000"));
    assert!(fits("6112AB9000", "*12*9000"));
    assert!(!fits("6112AB9000", "61*6A82"));
    assert!(!fits("6112AB9000", "*34*9000"));
    assert!(!fits("6112AB9000", "6112"));
}
