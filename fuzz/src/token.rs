//! What the fuzz targets of the PKCS#11 module do with their bytes. Two programs share it: the targets themselves, and the
//! test of `pkcs11-module` that replays the corpus with the stable toolchain.

use std::collections::BTreeMap;

use card_edge::piv::AsymmetricKey;
use tapcard_pkcs11::object::{self, Content};
use tapcard_pkcs11::public_key::CertifiedKey;

/// A target: its name, which is also its corpus' folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target that needs the module alone.
pub const TARGETS: [Target; 1] = [("token_certificate", certificate)];

/// A certificate that a card holds, and the key in it: where the module shows a key, it can compute with it.
pub fn certificate(data: &[u8]) {
    let certificates = [(AsymmetricKey::PivAuthentication, data)];
    for object in object::of_card(1, certificates, &BTreeMap::new()) {
        match object.content {
            Content::PublicKey(CertifiedKey::Rsa(key)) => {
                let block = vec![0; key.length()];
                assert_eq!(key.apply(&block).expect("zero is below it"), block);
                assert!(key.apply(&vec![0xff; key.length()]).is_err());
            }
            Content::PublicKey(CertifiedKey::Ec(key)) => {
                let length = key.curve.field_length();
                assert!(!key.verify(&vec![1; length], &vec![0; 2 * length]));
            }
            Content::PublicKey(CertifiedKey::Edwards(key)) => {
                assert!(!key.verify(b"message", &[1; 64]));
            }
            _ => {}
        }
    }
}
