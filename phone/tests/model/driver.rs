//! The card and the model side by side: what is sent, and whether the answer is the model's.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use des::TdesEde3;
use p256::elliptic_curve::ecdh::diffie_hellman;
use signature::Verifier;
use signature::hazmat::PrehashVerifier;
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{StateError, Store};
use tempfile::TempDir;

use crate::command::{Apdu, Command, MANAGEMENT_KEYS, Peer, Step, element, padded, template};
use crate::model::{
    Answer, CHUID, ED25519, GLOBAL_PIN, Key, Model, P256, P384, SUCCESS, X25519, content,
};
use crate::script::Script;

/// What the host signs, agrees with and imports.
const HASH: [u8; 65] = [7; 65];
const CHALLENGE: [u8; 16] = [0x5A; 16];
const SCALAR: [u8; 32] = [0x31; 32];

struct Driver {
    card: Card,
    model: Model,
    /// The last challenge or witness that the card gave.
    challenge: Vec<u8>,
    folder: TempDir,
}

/// Where card and model disagree, and how.
pub type Difference = String;

/// Plays a script on a new card.
pub fn play(script: &Script) -> Result<(), Difference> {
    let mut driver = Driver::new(script);
    for (number, step) in script.steps.iter().enumerate() {
        driver
            .step(step)
            .map_err(|difference| format!("step {number}, {step:?}: {difference}"))?;
    }
    Ok(())
}

fn open(folder: &Path, contactless: bool) -> Card {
    let interface = if contactless {
        Interface::Contactless
    } else {
        Interface::Contact
    };
    let store = Store::open_or_create(folder).unwrap();
    Card::new(store, Box::new(SoftwareKeyStore), interface)
}

/// In memory where there is one: each step that changes something syncs it to its disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(place)
        .unwrap()
}

impl Driver {
    fn new(script: &Script) -> Self {
        let folder = folder();
        let mut store = Store::open_or_create(folder.path()).unwrap();
        if script.has_global_pin {
            store
                .update(|state| {
                    let pin = ReferenceData::new(&padded(GLOBAL_PIN), 5, false)?;
                    state.global_pin = Some(pin);
                    Ok::<_, StateError>(())
                })
                .unwrap();
        }
        let mut driver = Self {
            card: open(folder.path(), script.contactless),
            model: Model::new(script.contactless, script.has_global_pin),
            challenge: vec![0; 16],
            folder,
        };
        driver.learn_chuid();
        driver
    }

    /// The identity is random: the model takes it as it is.
    fn learn_chuid(&mut self) {
        let store = Store::open(self.folder.path()).unwrap();
        let chuid = card_edge::piv::ObjectId::Chuid;
        let content = store.state().object(chuid).unwrap().to_vec();
        self.model.objects.insert(CHUID, content);
    }

    fn step(&mut self, step: &Step) -> Result<(), Difference> {
        match step {
            Step::Send(command) => self.send(command),
            Step::InParts(command, between) => {
                let command = self.model.resolve(command);
                let apdu = self.apdu(&command);
                let expected = self.model.begin();
                let answer = self.transmit(&apdu.first().bytes());
                self.check(&expected, &answer)?;
                if let Some(command) = between {
                    self.send(command)?;
                }
                let expected = self.model.finish(&command);
                let answer = self.transmit(&apdu.last().bytes());
                self.check(&expected, &answer)
            }
            Step::Cut => {
                self.card.reset();
                self.model.cut();
                Ok(())
            }
            Step::Restart { other_interface } => {
                self.model.restart(*other_interface);
                self.card = open(self.folder.path(), self.model.contactless);
                Ok(())
            }
            Step::Elsewhere => {
                let mut store = Store::open(self.folder.path()).unwrap();
                store
                    .update(|state| {
                        state.serial ^= 1;
                        Ok::<_, StateError>(())
                    })
                    .unwrap();
                self.model.elsewhere();
                Ok(())
            }
        }
    }

    fn transmit(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        let mut answer = self.card.process(apdu).to_vec();
        let status = answer.split_off(answer.len() - 2);
        (answer, u16::from_be_bytes([status[0], status[1]]))
    }

    fn send(&mut self, command: &Command) -> Result<(), Difference> {
        let command = self.model.resolve(command);
        let bytes = match command {
            Command::Malformed => vec![0x00, 0xA4, 0x04],
            _ => self.apdu(&command).bytes(),
        };
        let expected = self.model.answer(&command);
        let answer = self.transmit(&bytes);
        self.check(&expected, &answer)
    }

    /// The bytes, by what the model knows is right.
    fn apdu(&self, command: &Command) -> Apdu {
        let value = |reference, value| self.model.value(reference, value).to_vec();
        let authenticate = |p1, p2, fields: &[(u32, &[u8])]| {
            Apdu::new([0x00, 0x87, p1, p2], template(fields), true)
        };
        match *command {
            Command::Select(length) => {
                let identifier = [0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0, 1, 0];
                Apdu::new([0, 0xA4, 4, 0], identifier[..length].to_vec(), true)
            }
            Command::SelectUnknown => Apdu::new([0, 0xA4, 4, 0], vec![0xA0, 0, 0, 0, 1], true),
            Command::Verify(reference, presented) => {
                Apdu::new([0, 0x20, 0, reference], value(reference, presented), false)
            }
            Command::VerifyMalformed(reference, data) => {
                Apdu::new([0, 0x20, 0, reference], data.to_vec(), false)
            }
            Command::VerifyStatus(reference) => Apdu::new([0, 0x20, 0, reference], vec![], false),
            Command::LogOut(reference) => Apdu::new([0, 0x20, 0xFF, reference], vec![], false),
            Command::Change(reference, old, new) => {
                let data = [value(reference, old), value(reference, new)].concat();
                Apdu::new([0, 0x24, 0, reference], data, false)
            }
            Command::Unblock(reference, puk, new) => {
                let data = [value(0x81, puk), value(0x80, new)].concat();
                Apdu::new([0, 0x2C, 0, reference], data, false)
            }
            Command::Challenge(cipher) => authenticate(cipher, 0x9B, &[(0x81, &[])]),
            Command::Witness(cipher) => authenticate(cipher, 0x9B, &[(0x80, &[])]),
            Command::Response(cipher, right) => {
                let response = self.crypt(cipher, right, Direction::Encrypt);
                authenticate(cipher, 0x9B, &[(0x82, &response)])
            }
            Command::Mutual(cipher, right) => {
                let witness = self.crypt(cipher, right, Direction::Decrypt);
                let challenge = &CHALLENGE[..block_length(cipher)];
                authenticate(
                    cipher,
                    0x9B,
                    &[(0x80, &witness), (0x81, challenge), (0x82, &[])],
                )
            }
            Command::Sign(algorithm, key, length) => {
                authenticate(algorithm, key, &[(0x82, &[]), (0x81, &HASH[..length])])
            }
            Command::Agree(algorithm, key, peer) => {
                authenticate(algorithm, key, &[(0x82, &[]), (0x85, &point(peer))])
            }
            Command::SignAtOnce(key, scheme, length) => {
                let fields = [
                    element(0x84, &[key]),
                    element(0x80, &[scheme, 1]),
                    element(0x90, &HASH[..length]),
                ];
                Apdu::new([0, 0x2A, 0x9E, 0x9A], fields.concat(), true)
            }
            Command::Generate(key, algorithm) => {
                let data = element(0xAC, &element(0x80, &[algorithm]));
                Apdu::new([0, 0x47, 0, key], data, true)
            }
            Command::Import(key) => Apdu::new([0, 0xFE, P256, key], element(0x06, &SCALAR), false),
            Command::Move(from, to) => Apdu::new([0, 0xF6, to, from], vec![], false),
            Command::Metadata(reference) => Apdu::new([0, 0xF7, 0, reference], vec![], true),
            Command::GetData(tag) => Apdu::new([0, 0xCB, 0x3F, 0xFF], name(tag), true),
            Command::PutData(0x7E, length) => {
                let data = element(0x7E, &content(length));
                Apdu::new([0, 0xDB, 0x3F, 0xFF], data, false)
            }
            Command::PutData(tag, length) => {
                let data = [name(tag), element(0x53, &content(length))].concat();
                Apdu::new([0, 0xDB, 0x3F, 0xFF], data, false)
            }
            Command::SetRetries(pin, puk) => Apdu::new([0, 0xFA, pin, puk], vec![], false),
            Command::Reset => Apdu::new([0, 0xFB, 0, 0], vec![], false),
            Command::SetManagementKey(index) => {
                let (cipher, key) = MANAGEMENT_KEYS[index];
                let data = [&[cipher, 0x9B, key.len() as u8], key].concat();
                Apdu::new([0, 0xFF, 0xFF, 0xFF], data, false)
            }
            Command::GetResponse => Apdu::new([0, 0xC0, 0, 0], vec![], true),
            Command::OtherClass => Apdu::new([0x80, 0xCA, 0, 0], vec![], true),
            Command::ChainedVerify => {
                Apdu::new([0x10, 0x20, 0, 0x80], padded(b"123456").to_vec(), false)
            }
            Command::Malformed => unreachable!("is not an APDU"),
        }
    }

    /// The challenge of the card under the management key, or something else.
    fn crypt(&self, cipher: u8, right: bool, direction: Direction) -> Vec<u8> {
        let length = block_length(cipher);
        let mut block: Vec<u8> = self
            .challenge
            .iter()
            .copied()
            .cycle()
            .take(length)
            .collect();
        let (own, key) = self.model.management_key();
        if own == cipher || (own == 0x0A && cipher == 0x03) {
            block = crypt(cipher, key, &block, direction);
        }
        if !right {
            block[0] ^= 1;
        }
        block
    }

    /// Whether the answer is the model's; what the model cannot know it learns.
    fn check(&mut self, expected: &Answer, answer: &(Vec<u8>, u16)) -> Result<(), Difference> {
        let (data, status) = answer;
        let fits = match expected {
            Answer::Status(word) => status == word && data.is_empty(),
            Answer::Data(bytes) => {
                let rest = self.model.waiting();
                let word = match rest {
                    0 => SUCCESS,
                    rest => 0x6100 | u16::try_from(rest).unwrap(),
                };
                data == bytes && *status == word
            }
            _ if *status != SUCCESS => false,
            Answer::Selected(tries) => {
                let told = format!("&p={tries}");
                data.windows(told.len()).any(|part| part == told.as_bytes())
            }
            Answer::Challenge => {
                self.challenge = data.get(4..).unwrap_or_default().to_vec();
                [8, 16].contains(&self.challenge.len())
            }
            Answer::Mutual => {
                let (cipher, key) = self.model.management_key();
                // The default key is one of 3DES too: as long as the answer says.
                let cipher = if data.len() == 12 { 0x03 } else { cipher };
                let challenge = &CHALLENGE[..block_length(cipher)];
                let encrypted = crypt(cipher, key, challenge, Direction::Encrypt);
                *data == template(&[(0x82, &encrypted)])
            }
            Answer::Signature { key, bare } => is_signature(&self.model.keys[key], *bare, data),
            Answer::Agreement(key) => is_agreement(&self.model.keys[key], data),
            Answer::Generated(key) => {
                let record = self.model.keys.get_mut(key).unwrap();
                // 7F49 { 86 point }
                record.public = data.get(5..).unwrap_or_default().to_vec();
                record.public.len() == public_length(record.algorithm)
            }
            Answer::Imported(key) => {
                let secret = p256::SecretKey::from_slice(&SCALAR).unwrap();
                let record = Key {
                    algorithm: P256,
                    imported: true,
                    public: secret.public_key().to_sec1_bytes().to_vec(),
                };
                self.model.keys.insert(*key, record);
                data.is_empty()
            }
            Answer::KeyMetadata(key) => {
                let record = &self.model.keys[key];
                let origin = 1 + u8::from(record.imported);
                data[..3] == [1, 1, record.algorithm]
                    && data[7..10] == [3, 1, origin]
                    && data.ends_with(&record.public)
            }
            Answer::NewCard => {
                self.learn_chuid();
                data.is_empty()
            }
        };
        if fits {
            Ok(())
        } else {
            Err(format!(
                "the model says {expected:?}, the card {status:04X} and {data:02X?}"
            ))
        }
    }
}

fn name(tag: u32) -> Vec<u8> {
    let bytes: Vec<u8> = tag
        .to_be_bytes()
        .into_iter()
        .skip_while(|byte| *byte == 0)
        .collect();
    element(0x5C, &bytes)
}

#[derive(Clone, Copy)]
enum Direction {
    Encrypt,
    Decrypt,
}

fn block_length(cipher: u8) -> usize {
    if cipher == 0x03 { 8 } else { 16 }
}

fn crypt(cipher: u8, key: &[u8], block: &[u8], direction: Direction) -> Vec<u8> {
    fn one<C: BlockCipherEncrypt + BlockCipherDecrypt + KeyInit>(
        key: &[u8],
        block: &[u8],
        direction: Direction,
    ) -> Vec<u8> {
        let cipher = C::new_from_slice(key).unwrap();
        let mut block = block.try_into().unwrap();
        match direction {
            Direction::Encrypt => cipher.encrypt_block(&mut block),
            Direction::Decrypt => cipher.decrypt_block(&mut block),
        }
        block.to_vec()
    }
    match cipher {
        0x03 => one::<TdesEde3>(key, block, direction),
        0x08 => one::<Aes128>(key, block, direction),
        0x0A => one::<Aes192>(key, block, direction),
        _ => one::<Aes256>(key, block, direction),
    }
}

fn public_length(algorithm: u8) -> usize {
    match algorithm {
        P256 => 65,
        P384 => 97,
        _ => 32,
    }
}

fn p256_secret() -> p256::SecretKey {
    p256::SecretKey::from_slice(&[0x42; 32]).unwrap()
}

fn p384_secret() -> p384::SecretKey {
    p384::SecretKey::from_slice(&[0x42; 48]).unwrap()
}

fn x25519_secret() -> x25519_dalek::StaticSecret {
    x25519_dalek::StaticSecret::from([0x42; 32])
}

/// The peer's side of an agreement.
fn point(peer: Peer) -> Vec<u8> {
    match peer {
        Peer::P256 => p256_secret().public_key().to_sec1_bytes().to_vec(),
        Peer::P384 => p384_secret().public_key().to_sec1_bytes().to_vec(),
        Peer::X25519 => x25519_dalek::PublicKey::from(&x25519_secret())
            .as_bytes()
            .to_vec(),
        Peer::OffTheCurve => [&[4][..], &[1; 64]].concat(),
    }
}

fn is_agreement(key: &Key, data: &[u8]) -> bool {
    let secret = match key.algorithm {
        P256 => {
            let public = p256::PublicKey::from_sec1_bytes(&key.public).unwrap();
            let secret = p256_secret();
            diffie_hellman(&secret.to_nonzero_scalar(), public.as_affine())
                .raw_secret_bytes()
                .to_vec()
        }
        P384 => {
            let public = p384::PublicKey::from_sec1_bytes(&key.public).unwrap();
            let secret = p384_secret();
            diffie_hellman(&secret.to_nonzero_scalar(), public.as_affine())
                .raw_secret_bytes()
                .to_vec()
        }
        X25519 => {
            let public: [u8; 32] = key.public.as_slice().try_into().unwrap();
            x25519_secret()
                .diffie_hellman(&public.into())
                .as_bytes()
                .to_vec()
        }
        _ => return false,
    };
    data == template(&[(0x82, &secret)])
}

/// The length of the hash is in no answer: one of those that were sent.
fn is_signature(key: &Key, bare: bool, data: &[u8]) -> bool {
    let lengths: &[usize] = if bare { &[32] } else { &[20, 32, 48, 64, 65] };
    let Some(signature) = (if bare {
        Some(data)
    } else {
        // 7C { 82 signature }, each length in one byte.
        data.get(4..)
    }) else {
        return false;
    };
    lengths.iter().any(|length| {
        let hash = &HASH[..*length];
        match key.algorithm {
            P256 => {
                let public = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key.public).unwrap();
                let signature = if bare {
                    p256::ecdsa::Signature::from_slice(signature)
                } else {
                    p256::ecdsa::Signature::from_der(signature)
                };
                signature.is_ok_and(|signature| public.verify_prehash(hash, &signature).is_ok())
            }
            P384 => {
                let public = p384::ecdsa::VerifyingKey::from_sec1_bytes(&key.public).unwrap();
                let signature = if bare {
                    p384::ecdsa::Signature::from_slice(signature)
                } else {
                    p384::ecdsa::Signature::from_der(signature)
                };
                signature.is_ok_and(|signature| public.verify_prehash(hash, &signature).is_ok())
            }
            ED25519 => {
                let public: [u8; 32] = key.public.as_slice().try_into().unwrap();
                let public = ed25519_dalek::VerifyingKey::from_bytes(&public).unwrap();
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|signature| public.verify(hash, &signature).is_ok())
            }
            _ => false,
        }
    })
}
