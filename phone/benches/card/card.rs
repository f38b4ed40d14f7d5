//! Cards to measure.

use std::convert::Infallible;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use card_edge::Transmit;
use card_edge::piv::pin::DEFAULT_PIN;
use card_edge::piv::{
    AsymmetricKey, Cipher, Client, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ObjectId, Pin,
    PinReference,
};
use card_edge::transmit::ResponseBytes;
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{CardState, StateError, Store};
use tempfile::TempDir;

/// A certificate as servers issue it, in bytes.
pub const CERTIFICATE_LENGTH: usize = 1_500;

/// A card and the folder that holds it.
pub struct Wire {
    pub card: Card,
    _folder: TempDir,
}

impl Wire {
    /// A card that was made so.
    pub fn made(make: impl FnOnce(&mut CardState)) -> Self {
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(memory())
            .unwrap();
        let mut store = Store::open_or_create(folder.path()).unwrap();
        store
            .update(|state| {
                make(state);
                Ok::<_, StateError>(())
            })
            .unwrap();
        Self {
            card: Card::new(store, Box::new(SoftwareKeyStore), Interface::Contact),
            _folder: folder,
        }
    }

    /// A PIV card with a key of this kind in 9E and 9D, a certificate, everything proved.
    pub fn piv(algorithm: KeyAlgorithm) -> Self {
        let mut card = Self::made(|_| ());
        let mut client = Client::new(&mut card);
        client.select().unwrap();
        let challenge = client.management_challenge(Cipher::Aes192).unwrap();
        let mut block = challenge.as_slice().try_into().unwrap();
        let cipher = aes::Aes192::new_from_slice(&DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
        cipher.encrypt_block(&mut block);
        client.management_response(Cipher::Aes192, &block).unwrap();
        if algorithm != KeyAlgorithm::X25519 {
            client
                .generate(AsymmetricKey::CardAuthentication, algorithm)
                .unwrap();
        }
        client
            .generate(AsymmetricKey::KeyManagement, algorithm)
            .unwrap();
        let certificate = ObjectId::Certificate(AsymmetricKey::CardAuthentication);
        client
            .put_data(certificate, &[0xA5; CERTIFICATE_LENGTH])
            .unwrap();
        let pin = Pin::new(DEFAULT_PIN.as_bytes()).unwrap();
        client.verify(PinReference::PivPin, &pin).unwrap();
        card
    }

    /// Sends a command that must succeed.
    pub fn succeed(&mut self, apdu: &[u8]) {
        let answer = self.card.process(apdu);
        assert!(answer.ends_with(&[0x90, 0x00]), "{apdu:02X?}");
    }
}

impl Transmit for Wire {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Infallible> {
        Ok(self.card.process(command))
    }
}

/// A folder in memory where there is one: a disk is not what is measured.
fn memory() -> &'static Path {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() {
        shared
    } else {
        Path::new("/tmp")
    }
}
