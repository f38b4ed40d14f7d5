//! What holders and administrators of a PIV card do, with the link cut before and after every single APDU.

use card_edge::piv::client::{ClientError, PinStatus};
use card_edge::piv::extensions::{HashAlgorithm, Scheme, SignatureRequest};
use card_edge::piv::{
    AsymmetricKey, Client, KeyAlgorithm, ObjectId, Pin, PinReference, PublicKey, Puk,
};
use rsa::BoxedUint;
use signature::hazmat::PrehashVerifier;

use crate::common::{pin, prove_management_key};
use crate::torn_link::{self, Link, Torn};

type Outcome<T = ()> = Result<T, ClientError<Torn>>;

/// A story of a PIV card, told by a client.
trait Story {
    const APDUS: usize;

    fn prepare(&mut self, _client: &mut Client<&mut Link>) {}

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome;

    fn check(&mut self, client: &mut Client<&mut Link>);
}

struct OfPiv<S>(S);

impl<S: Story> torn_link::Story for OfPiv<S> {
    const APDUS: usize = S::APDUS;

    type Error = ClientError<Torn>;

    fn prepare(&mut self, link: &mut Link) {
        self.0.prepare(&mut Client::new(link));
    }

    fn act(&mut self, link: &mut Link) -> Outcome {
        self.0.act(&mut Client::new(link))
    }

    fn check_security(link: &mut Link) {
        let mut client = Client::new(link);
        client.select().unwrap();
        let status = client.pin_status(PinReference::PivPin).unwrap();
        assert_eq!(status, PinStatus::TriesLeft(5));
        assert!(matches!(
            client.put_data(ObjectId::PrintedInformation, &[1]),
            Err(ClientError::NotAuthorised(_))
        ));
    }

    fn check(&mut self, link: &mut Link) {
        self.0.check(&mut Client::new(link));
    }
}

fn tear(story: impl Story) {
    torn_link::tear(OfPiv(story));
}

fn make(client: &mut Client<&mut Link>, key: AsymmetricKey, algorithm: KeyAlgorithm) -> PublicKey {
    client.select().unwrap();
    prove_management_key(client).unwrap();
    client.generate(key, algorithm).unwrap()
}

/// Whether this key signs, and its signature is that of the public key which the card tells. The PIN opens the one in 9A.
fn check_p256(client: &mut Client<&mut Link>, key: AsymmetricKey) -> PublicKey {
    let metadata = client.metadata(key).unwrap();
    let public = metadata.unwrap().public_key.unwrap();
    let PublicKey::Ecc { point, .. } = &public else {
        panic!("P-256")
    };
    client.verify(PinReference::PivPin, &pin("123456")).unwrap();
    let signature = client.apply_key(key, KeyAlgorithm::P256, &[7; 32]).unwrap();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).unwrap();
    let signature = p256::ecdsa::Signature::from_der(&signature).unwrap();
    key.verify_prehash(&[7; 32], &signature).unwrap();
    public
}

struct Login;

impl Story for Login {
    const APDUS: usize = 2;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        client.verify(PinReference::PivPin, &pin("123456"))
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        assert!(
            client
                .apply_key(
                    AsymmetricKey::PivAuthentication,
                    KeyAlgorithm::P256,
                    &[7; 32]
                )
                .is_err(),
            "nothing is proved after the cut"
        );
    }
}

#[test]
fn a_login_is_cut() {
    tear(Login);
}

/// With the commands of the standard.
struct Signature {
    public: Option<PublicKey>,
    key: AsymmetricKey,
}

fn block() -> Vec<u8> {
    [&[0, 1], [0xFF; 221].as_slice(), &[0], &[9; 32]].concat()
}

impl Signature {
    fn is_right(&self, signature: &[u8]) {
        let Some(PublicKey::Rsa { modulus, exponent }) = &self.public else {
            panic!("RSA")
        };
        let key = rsa::PublicKey::new(
            BoxedUint::from_be_slice_vartime(modulus),
            BoxedUint::from_be_slice_vartime(exponent),
        )
        .unwrap();
        let number = BoxedUint::from_be_slice(signature, 2048).unwrap();
        let opened = rsa::hazmat::rsa_encrypt(&key, &number).unwrap();
        assert_eq!(opened.to_be_bytes().to_vec(), block());
    }
}

impl Story for Signature {
    const APDUS: usize = 5;

    fn prepare(&mut self, client: &mut Client<&mut Link>) {
        self.public = Some(make(client, self.key, KeyAlgorithm::Rsa2048));
    }

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        client.verify(PinReference::PivPin, &pin("123456"))?;
        let signature = client.apply_key(self.key, KeyAlgorithm::Rsa2048, &block())?;
        self.is_right(&signature);
        Ok(())
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        let refused = client.apply_key(self.key, KeyAlgorithm::Rsa2048, &block());
        assert!(matches!(refused, Err(ClientError::NotAuthorised(_))));
        client.verify(PinReference::PivPin, &pin("123456")).unwrap();
        let signature = client
            .apply_key(self.key, KeyAlgorithm::Rsa2048, &block())
            .unwrap();
        self.is_right(&signature);
    }
}

#[test]
fn a_signature_is_cut() {
    for key in [
        AsymmetricKey::PivAuthentication,
        AsymmetricKey::DigitalSignature,
    ] {
        tear(Signature { public: None, key });
    }
}

struct SignatureInOneCommand;

impl Story for SignatureInOneCommand {
    const APDUS: usize = 3;

    fn prepare(&mut self, client: &mut Client<&mut Link>) {
        make(client, AsymmetricKey::DigitalSignature, KeyAlgorithm::P256);
    }

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        client.verify(PinReference::PivPin, &pin("123456"))?;
        let request = SignatureRequest {
            key: AsymmetricKey::DigitalSignature,
            scheme: Scheme::Ecdsa,
            hash_algorithm: HashAlgorithm::Sha256,
            hash: vec![7; 32],
            note: None,
        };
        client.sign(&request).map(drop)
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        client.verify(PinReference::PivPin, &pin("123456")).unwrap();
        client
            .apply_key(
                AsymmetricKey::DigitalSignature,
                KeyAlgorithm::P256,
                &[7; 32],
            )
            .unwrap();
    }
}

#[test]
fn a_signature_in_one_command_is_cut() {
    tear(SignatureInOneCommand);
}

/// A new key. It has the old one's place, or the old one still works.
struct Generation {
    key: AsymmetricKey,
    public: Option<PublicKey>,
    made: Option<PublicKey>,
}

impl Story for Generation {
    const APDUS: usize = 4;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        client.select()?;
        prove_management_key(client)?;
        self.made = None;
        self.made = Some(client.generate(self.key, KeyAlgorithm::P256)?);
        Ok(())
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        let public = check_p256(client, self.key);
        if let Some(made) = &self.made {
            assert_eq!(public, *made, "what the card told is what it has");
        }
        self.public = Some(public);
    }
}

#[test]
fn a_key_generation_is_cut() {
    // In the clear, and encrypted under the PIN.
    for key in [
        AsymmetricKey::CardAuthentication,
        AsymmetricKey::PivAuthentication,
    ] {
        tear(Generation {
            key,
            public: None,
            made: None,
        });
    }
}

/// A certificate of several APDUs, each time another.
struct Certificate {
    old: u8,
    new: u8,
}

fn certificate(mark: u8) -> Vec<u8> {
    vec![mark; 1_200]
}

impl Story for Certificate {
    const APDUS: usize = 8;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        self.new = self.new.wrapping_add(1).max(1);
        client.select()?;
        prove_management_key(client)?;
        client.put_data(CERTIFICATE, &certificate(self.new))
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        let content = client.get_data(CERTIFICATE).unwrap().unwrap();
        let mark = content[0];
        assert!([self.old, self.new].contains(&mark));
        assert_eq!(*content, certificate(mark), "whole");
        self.old = mark;
    }
}

const CERTIFICATE: ObjectId = ObjectId::Certificate(AsymmetricKey::PivAuthentication);

#[test]
fn a_certificate_that_is_being_written_is_cut() {
    tear(Certificate { old: 0, new: 0 });
}

/// The PIN is changed, or unblocked by the PUK: afterwards it is the old or the new, and has all its tries.
struct PinChange {
    by_puk: bool,
    old: u32,
    new: u32,
}

fn digits(number: u32) -> Pin {
    pin(&number.to_string())
}

impl Story for PinChange {
    const APDUS: usize = 2;

    fn act(&mut self, client: &mut Client<&mut Link>) -> Outcome {
        self.new = self.old + 1;
        client.select()?;
        if self.by_puk {
            client.reset_retry_counter(&Puk::new(b"12345678").unwrap(), &digits(self.new))
        } else {
            client.change_pin(&digits(self.old), &digits(self.new))
        }
    }

    fn check(&mut self, client: &mut Client<&mut Link>) {
        client.select().unwrap();
        if client
            .verify(PinReference::PivPin, &digits(self.new))
            .is_ok()
        {
            self.old = self.new;
        } else {
            client
                .verify(PinReference::PivPin, &digits(self.old))
                .unwrap();
        }
    }
}

#[test]
fn a_change_of_the_pin_is_cut() {
    for by_puk in [false, true] {
        tear(PinChange {
            by_puk,
            old: 123_456,
            new: 123_456,
        });
    }
}
