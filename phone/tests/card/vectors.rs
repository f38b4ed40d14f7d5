//! Recorded and documented sequences of commands that operating systems and tools send, replayed byte for byte.

use std::fs;
use std::path::Path;

use card_edge::piv::windows::container_name;
use card_edge::piv::{AsymmetricKey, ObjectId};
use card_edge::tlv::Reader;
use data_encoding::{HEXLOWER, HEXUPPER};
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

/// What pivy reads of the answer to SELECT, the tags in 61; or the tag that it stumbles over: it knows these alone, 32
/// algorithms at the most, and nothing but 7F66 behind 61.
fn pivy_reads(answer: &str) -> Result<Vec<u32>, u32> {
    let answer = HEXUPPER.decode(answer.as_bytes()).unwrap();
    let fields = |bytes| -> Vec<(u32, _)> {
        let fields = Reader::new(bytes).map(Result::unwrap);
        fields
            .map(|field| (field.tag.value(), field.value))
            .collect()
    };
    let all_are = |fields: &[(u32, _)], known: &[u32]| {
        let stranger = fields.iter().find(|(tag, _)| !known.contains(tag));
        stranger.map_or(Ok(()), |(tag, _)| Err(*tag))
    };
    let outer = fields(&answer[..answer.len() - 2]);
    let (first, behind) = outer.split_first().unwrap();
    all_are(&[*first], &[0x61])?;
    all_are(behind, &[0x7F66])?;
    let inner = fields(first.1);
    all_are(&inner, &[0x4F, 0x79, 0x50, 0x5F50, 0xAC])?;
    for (_, algorithms) in inner.iter().filter(|(tag, _)| *tag == 0xAC) {
        let algorithms = fields(algorithms);
        all_are(&algorithms, &[0x80, 0x06])?;
        assert!(algorithms.len() <= 32, "{}", algorithms.len());
    }
    Ok(inner.iter().map(|(tag, _)| *tag).collect())
}

#[test]
fn pivy_takes_the_card_in_extended_apdus() {
    let answers = replay("pivy.apdu");
    for select in [answers.first(), answers.last()] {
        let read = pivy_reads(select.unwrap()).unwrap();
        assert!(
            [0x4F, 0x79, 0xAC].iter().all(|tag| read.contains(tag)),
            "{read:X?}"
        );
    }
    // What it would not take.
    assert_eq!(pivy_reads("6F024F009000"), Err(0x6F));
    assert_eq!(pivy_reads("61055F2F0240009000"), Err(0x5F2F));
    assert_eq!(pivy_reads("6105AC038101079000"), Err(0x81));
    assert_eq!(pivy_reads("61024F0073009000"), Err(0x73));
    assert_eq!(pivy_reads("61024F007F66009000"), Ok(vec![0x4F]));
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
