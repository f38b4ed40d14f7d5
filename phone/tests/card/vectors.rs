//! Recorded and documented sequences of commands that operating systems and tools send, replayed byte for byte.

use std::fs;
use std::path::Path;

use card_edge::piv::windows::container_name;
use card_edge::piv::{AsymmetricKey, ObjectId};
use data_encoding::HEXLOWER;
use sha1::{Digest, Sha1};
use x509_cert::Certificate;
use x509_cert::der::Decode;

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
fn the_guide_for_windows_shows_the_card_of_the_replays() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/windows.md");
    let guide = fs::read_to_string(guide).unwrap();
    let der = vector::certificate();
    let certificate = Certificate::from_der(&der).unwrap();
    let serial = certificate.tbs_certificate().serial_number().as_bytes();
    let object = ObjectId::Certificate(AsymmetricKey::PivAuthentication);
    let container = container_name(vector::GUID, object).unwrap();
    for shown in [
        format!("Key Container = {container} [Default Container]"),
        format!("Serial Number: {}", HEXLOWER.encode(serial)),
        format!("Subject: {}", certificate.tbs_certificate().subject()),
        format!("Cert Hash(sha1): {}", HEXLOWER.encode(&Sha1::digest(&der))),
    ] {
        assert!(guide.contains(&shown), "{shown}");
    }
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
