//! What the log says of another card: why a PIN was not sent and how to allow it, and why a certificate is not shown.

use card_edge::piv::{AsymmetricKey, ObjectId};
use cryptoki_sys::CKU_USER;
use tapcard_pkcs11::error::Error;
use tapcard_pkcs11::log;

use super::other_card::{OtherCard, SERIAL};
use super::reader::Reader;
use super::rig::Rig;

#[test]
fn what_is_refused_and_what_is_skipped_is_in_the_log_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let broken = [0x70, 4, 0x30, 2, 0x30, 0, 0x71, 1, 0, 0xFE, 0];
    let not_gzip = [0x70, 2, 0x1F, 0x8B, 0x71, 1, 1, 0xFE, 0];
    let card = OtherCard::with_pin(b"passw0rd")
        .with_object(
            ObjectId::Certificate(AsymmetricKey::DigitalSignature),
            &broken,
        )
        .with_object(
            ObjectId::Certificate(AsymmetricKey::KeyManagement),
            &not_gzip,
        )
        .with_answer(ObjectId::KeyHistory, vec![0x53, 1, 0xC1]);
    let rig = Rig::with_reader(Reader::with(card));
    let session = rig.session();
    log::open(Some(&path));
    rig.find(session, &[]).unwrap();
    let refused = rig.at(session).login(CKU_USER, Some(b"passw0rd"));
    log::open(None);
    assert_eq!(refused, Err(Error::PinInvalid));
    let text = std::fs::read_to_string(&path).unwrap();
    for line in [
        "the certificate of 9C is not shown: its serial number is missing",
        "no certificate for 9D: the certificate's gzip compression is broken",
        "the Key History Object is strange, all retired keys are looked for",
        &format!("any_pin = [\"{SERIAL}\"] into pkcs11.toml"),
        &format!("TAPCARD_PKCS11_ANY_PIN={SERIAL}"),
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("passw0rd"));
}
