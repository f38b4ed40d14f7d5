//! A card that speaks T=0: everything is done over commands that have data or an expected length, never both.

use cryptoki_sys::*;
use tapcard_pkcs11::hash::Hash;
use tapcard_pkcs11::mechanism::Mechanism;
use tapcard_pkcs11::mechanism::rsa_pkcs::RsaPkcs;
use tapcard_pkcs11::operation::state::{Output, OutputBuffer};

use super::card::{USUAL, phone};
use super::reader::Reader;
use super::rig::{Rig, class_is};

#[test]
fn certificates_pins_and_signatures_go_over_t0() {
    for announces in [false, true] {
        let (card, issued) = phone(&USUAL);
        let card = if announces { card.announcing() } else { card };
        let rig = Rig::with_reader(Reader::over_t0(card));
        let session = rig.user_session();
        let found = rig.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap();
        assert_eq!(found.len(), issued.len());
        let (private, public) = (
            rig.private_key(session, 1),
            rig.object(session, CKO_PUBLIC_KEY, 1),
        );
        for hash in [Hash::Sha1, Hash::Sha256] {
            let mechanism = Mechanism::RsaPkcs(RsaPkcs { hash: Some(hash) });
            rig.at(session)
                .sign_init(Some(mechanism.clone()), private)
                .unwrap();
            let buffer = OutputBuffer::Bytes(256);
            let signed = rig.at(session).operations().sign.whole(b"abc", buffer);
            let Ok(Output::Bytes(signature)) = signed else {
                panic!("no signature: {signed:?}");
            };
            rig.at(session)
                .verify_init(Some(mechanism), public)
                .unwrap();
            let verified = rig
                .at(session)
                .operations()
                .verify
                .whole(b"abc", &signature);
            assert_eq!(verified, Ok(()));
        }
        rig.at(session).logout().unwrap();
    }
}
