//! A GIDS card in memory with its state in a folder of its own, and words to write its tests in.

use std::convert::Infallible;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use card_edge::apdu::{Command, Response};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit, tlv};
use data_encoding::{HEXLOWER_PERMISSIVE, HEXUPPER};
use des::TdesEde3;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use tapcard_phone::card::Card;
use tapcard_phone::gids::provision;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::{CardState, Store};
use tempfile::TempDir;

pub const SELECT: &str = "00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00";
/// CREATE FILE of the first key pair as hosts create it: RSA-2048 that signs and decrypts.
pub const CREATE_KEY: &str = "00 E0 00 00 49 62 47 82 01 18 83 02 B0 81 8C 05 8F 10 10 10 00 A5 37 B8 09 80 01 07 83 01 81 95 01 40 B8 09 80 01 87 83 01 81 95 01 40 B8 09 80 01 47 83 01 81 95 01 40 B6 09 80 01 17 83 01 81 95 01 40 B6 09 80 01 57 83 01 81 95 01 40";
/// GENERATE ASYMMETRIC KEY PAIR in it.
pub const GENERATE: &str = "00 47 00 00 08 AC 06 80 01 07 83 01 81 00";
/// VERIFY with the PIN of a new card.
pub const VERIFY: &str = "00 20 00 80 06 31 32 33 34 35 36";
/// VERIFY after which nothing is proved.
pub const FORGET: &str = "00 20 00 82";

/// A card and the folder that holds it.
pub struct GidsCard {
    pub card: Card,
    pub interface: Interface,
    pub folder: TempDir,
}

/// A folder of its own for its owner alone, whatever the umask is: in another no card is made.
pub fn folder() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o700))
        .tempdir()
        .unwrap()
}

/// Bytes from hex with spaces.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()
}

fn card(folder: &Path, interface: Interface) -> Card {
    let store = Store::open_or_create(folder).unwrap();
    Card::new(store, Box::new(SoftwareKeyStore), interface)
}

impl GidsCard {
    /// A new card that the phone made a GIDS card, selected.
    pub fn new() -> Self {
        Self::made(Interface::Contact, |state| {
            provision::provision(state).unwrap();
        })
    }

    /// The same over NFC.
    pub fn over_nfc() -> Self {
        Self::made(Interface::Contactless, |state| {
            provision::provision(state).unwrap();
        })
    }

    /// A blank card, selected.
    pub fn blank() -> Self {
        Self::made(Interface::Contact, |state| {
            provision::provision_blank(state).unwrap();
        })
    }

    /// A card that was made so, selected.
    pub fn made(interface: Interface, make: impl FnOnce(&mut CardState)) -> Self {
        let mut card = Self::unselected(interface, make);
        card.select();
        card
    }

    /// A card that was made so.
    pub fn unselected(interface: Interface, make: impl FnOnce(&mut CardState)) -> Self {
        let folder = folder();
        let mut store = Store::open_or_create(folder.path()).unwrap();
        store
            .update(|state| {
                make(state);
                Ok::<_, tapcard_phone::state::StateError>(())
            })
            .unwrap();
        drop(store);
        Self {
            card: card(folder.path(), interface),
            interface,
            folder,
        }
    }

    /// A card with the first key made and used up by nobody yet: nothing is proved.
    pub fn with_key() -> Self {
        let mut card = Self::new();
        card.expect(VERIFY, "9000");
        card.expect(CREATE_KEY, "9000");
        assert!(card.send(&hex(GENERATE)).status.is_success());
        card.expect(FORGET, "9000");
        card
    }

    /// The power fails and comes back; what is on disk is what the card knows.
    pub fn restart(&mut self) {
        self.card = card(self.folder.path(), self.interface);
        self.select();
    }

    fn select(&mut self) {
        assert_eq!(self.status(SELECT), Status::Success);
    }

    /// Another process's view of the same card.
    pub fn store(&self) -> Store {
        Store::open(self.folder.path()).unwrap()
    }

    /// The tries that are left.
    pub fn tries(&self) -> u8 {
        self.store().tries().unwrap().pin
    }

    /// Sends bytes.
    pub fn send(&mut self, apdu: &[u8]) -> Response {
        Response::parse(&self.card.process(apdu)).unwrap()
    }

    /// Sends hex; the answer in hex, status word last.
    pub fn exchange(&mut self, apdu: &str) -> String {
        HEXUPPER.encode(&self.card.process(&hex(apdu)))
    }

    /// Sends hex, which must be answered so.
    pub fn expect(&mut self, apdu: &str, answer: &str) {
        let expected: String = answer.split_whitespace().collect();
        assert_eq!(self.exchange(apdu), expected, "{apdu}");
    }

    /// Sends hex; the status word.
    pub fn status(&mut self, apdu: &str) -> Status {
        self.send(&hex(apdu)).status
    }

    /// A table of commands and answers, read like a script.
    pub fn play(&mut self, script: &[(&str, &str)]) {
        for (command, answer) in script {
            self.expect(command, answer);
        }
    }

    /// Sends a command's data in a chain of short APDUs, and fetches all of the answer.
    pub fn chain(&mut self, command: &Command) -> Response {
        let parts: Vec<&[u8]> = command.data.chunks(240).collect();
        let (last, before) = parts.split_last().unwrap();
        for part in before {
            let mut segment = command.clone().with_data(*part);
            segment.class.chained = true;
            let response = self.send(&segment.encode().unwrap());
            assert_eq!(response.status, Status::Success);
        }
        let mut response = self.send(&command.clone().with_data(*last).encode().unwrap());
        let mut data = response.data.to_vec();
        while let Status::BytesAvailable(_) = response.status {
            response = self.send(&hex("00 C0 00 00 00"));
            data.extend_from_slice(&response.data);
        }
        Response {
            data: data.into(),
            status: response.status,
        }
    }

    /// External authentication with this key.
    pub fn authenticate(&mut self, key: &[u8]) -> Status {
        authenticate(self, key).unwrap()
    }

    /// The administrator's key of a new card is proved.
    pub fn prove_administrator(&mut self) {
        let status = self.authenticate(&DEFAULT_CARD_MANAGEMENT_KEY);
        assert_eq!(status, Status::Success);
    }
}

impl Transmit for GidsCard {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Infallible> {
        Ok(self.card.process(command))
    }
}

/// Sends bytes on any way to a card.
pub fn send<T: Transmit>(card: &mut T, apdu: &[u8]) -> Result<Response, T::Error> {
    Ok(Response::parse(&card.transmit(apdu)?).unwrap())
}

/// External authentication with this key.
pub fn authenticate<T: Transmit>(card: &mut T, key: &[u8]) -> Result<Status, T::Error> {
    let chosen = send(card, &hex("00 22 81 A4 03 83 01 80"))?;
    assert_eq!(chosen.status, Status::Success);
    let challenge = send(card, &hex("00 87 00 00 04 7C 02 81 00 00"))?;
    let challenge = field(&challenge, 0x81);
    assert_eq!(challenge.len(), 8);
    let mut command = hex("00 87 00 00 0C 7C 0A 82 08");
    command.extend(cbc(key, challenge));
    Ok(send(card, &command)?.status)
}

/// A field of a dynamic authentication template.
pub fn field(answer: &Response, tag: u32) -> &[u8] {
    let template = tlv::only(&answer.data, tlv::Tag::new(0x7C)).unwrap();
    tlv::only(template, tlv::Tag::new(tag)).unwrap()
}

/// 3DES in CBC mode, with zeros before the first block.
pub fn cbc(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let cipher = TdesEde3::new_from_slice(key).unwrap();
    let mut before = vec![0; 8];
    let mut out = Vec::new();
    for chunk in bytes.chunks(8) {
        let mixed: Vec<u8> = chunk.iter().zip(&before).map(|(a, b)| a ^ b).collect();
        let mut block = mixed.as_slice().try_into().unwrap();
        cipher.encrypt_block(&mut block);
        before = block.to_vec();
        out.extend_from_slice(&before);
    }
    out
}
