//! A card in memory with its state in a folder of its own, and words to write its tests in.

use std::convert::Infallible;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use card_edge::apdu::{Command, Response};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::client::ClientError;
use card_edge::piv::{Cipher, Client, Pin, PinReference};
use card_edge::transmit::ResponseBytes;
use card_edge::{Status, Transmit};
use data_encoding::HEXLOWER_PERMISSIVE;
use tapcard_phone::card::Card;
use tapcard_phone::consent::Holder;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::Store;
use tempfile::TempDir;

/// A card and the folder that holds it.
pub struct TestCard {
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

/// A PIN.
pub fn pin(digits: &str) -> Pin {
    Pin::new(digits.as_bytes()).unwrap()
}

fn card(folder: &Path, interface: Interface) -> Card {
    let store = Store::open_or_create(folder).unwrap();
    Card::new(store, Box::new(SoftwareKeyStore), interface)
}

impl TestCard {
    /// A new card over the contact interface, PIV not selected.
    pub fn unselected() -> Self {
        Self::over(Interface::Contact)
    }

    /// A new card over this interface, PIV not selected.
    pub fn over(interface: Interface) -> Self {
        let folder = folder();
        Self {
            card: card(folder.path(), interface),
            interface,
            folder,
        }
    }

    /// The card in this folder, PIV selected.
    pub fn in_folder(folder: TempDir) -> Self {
        let mut card = Self {
            card: card(folder.path(), Interface::Contact),
            interface: Interface::Contact,
            folder,
        };
        card.client().select().unwrap();
        card
    }

    /// A new card with PIV selected.
    pub fn new() -> Self {
        let mut card = Self::unselected();
        card.client().select().unwrap();
        card
    }

    /// A new card with PIV selected and the management key proven.
    pub fn administered() -> Self {
        let mut card = Self::new();
        card.prove_management_key();
        card
    }

    /// The power fails and comes back; what is on disk is what the card knows.
    pub fn restart(&mut self) {
        self.card = card(self.folder.path(), self.interface);
        self.client().select().unwrap();
    }

    /// As [`Self::restart`], with this holder.
    pub fn give_to(&mut self, holder: impl Holder + 'static) {
        self.card = card(self.folder.path(), self.interface).with_holder(Box::new(holder));
        self.client().select().unwrap();
    }

    /// The same card behind another interface, PIV selected.
    pub fn move_to(&mut self, interface: Interface) {
        self.interface = interface;
        self.restart();
    }

    /// Another process's view of the same card.
    pub fn store(&self) -> Store {
        Store::open(self.folder.path()).unwrap()
    }

    /// A host's side.
    pub fn client(&mut self) -> Client<Wire<'_>> {
        Client::new(Wire(&mut self.card))
    }

    /// Sends bytes.
    pub fn send(&mut self, apdu: &[u8]) -> Response {
        Response::parse(&self.card.process(apdu)).unwrap()
    }

    /// Sends hex; the answer in hex, status word last.
    pub fn exchange(&mut self, apdu: &str) -> String {
        let mut answer = String::new();
        for byte in self.card.process(&hex(apdu)).iter() {
            answer.push_str(&format!("{byte:02X}"));
        }
        answer
    }

    /// Sends hex; the status word.
    pub fn status(&mut self, apdu: &str) -> Status {
        self.send(&hex(apdu)).status
    }

    /// A table of commands and answers, read like a script.
    pub fn play(&mut self, script: &[(&str, &str)]) {
        for (line, (command, answer)) in script.iter().enumerate() {
            let expected: String = answer.split_whitespace().collect();
            assert_eq!(self.exchange(command), expected, "line {line}: {command}");
        }
    }

    /// External authentication with the default management key.
    pub fn prove_management_key(&mut self) {
        prove_management_key(&mut self.client()).unwrap();
    }

    /// Sends a command's data in a chain of short APDUs, each with a trailing Le as some tools send it.
    pub fn chain(&mut self, command: &Command, trailing_le: bool) -> Response {
        let mut last = None;
        let count = command.data.chunks(255).count();
        for (index, part) in command.data.chunks(255).enumerate() {
            let mut segment = command.clone().with_data(part);
            segment.class.chained = index + 1 < count;
            if !trailing_le && segment.class.chained {
                segment = segment.expecting_nothing();
            }
            let response = self.send(&segment.encode().unwrap());
            if segment.class.chained {
                assert_eq!(response.status, Status::Success);
            }
            last = Some(response);
        }
        last.unwrap()
    }
}

/// The card as a host reaches it.
pub struct Wire<'a>(&'a mut Card);

impl Transmit for Wire<'_> {
    type Error = Infallible;

    fn transmit(&mut self, command: &[u8]) -> Result<ResponseBytes, Infallible> {
        Ok(self.0.process(command))
    }
}

/// External authentication with the default management key.
pub fn prove_management_key<T: Transmit>(
    client: &mut Client<T>,
) -> Result<(), ClientError<T::Error>> {
    let challenge = client.management_challenge(Cipher::Aes192)?;
    let cipher = aes::Aes192::new_from_slice(&DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
    let mut block = challenge.as_slice().try_into().unwrap();
    cipher.encrypt_block(&mut block);
    client.management_response(Cipher::Aes192, &block)
}

/// Verifies the PIN of a new card.
pub fn verified(card: &mut TestCard) {
    card.client()
        .verify(PinReference::PivPin, &pin("123456"))
        .unwrap();
}
