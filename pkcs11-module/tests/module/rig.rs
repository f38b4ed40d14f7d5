//! A reader in memory, with the virtual phone's card in it, or another one.

use std::ffi::{CStr, CString};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aes::Aes192;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;
use card_edge::piv::{
    AsymmetricKey, Cipher, Client, KeyAlgorithm, ObjectId, PublicKey, certificate, chuid,
};
use card_edge::{Command, Transmit};
use cryptoki_sys::*;
use tapcard_phone::card::Card;
use tapcard_phone::interface::Interface;
use tapcard_phone::key_store::SoftwareKeyStore;
use tapcard_phone::state::Store;
use tapcard_pkcs11::error::Result;
use tapcard_pkcs11::module::Module;
use tapcard_pkcs11::object::template::TemplateAttribute;
use tapcard_pkcs11::pcsc::{Insertion, Link, LinkError, ReaderStatus, Readers, Transaction};
use tapcard_pkcs11::pin::Threads;
use tapcard_pkcs11::session::{Access, Session};

use super::certificate::issue;

/// The PIN of a new card.
pub const PIN: &[u8] = b"123456";

/// Something that answers commands.
pub trait Answers: Send {
    /// Answers a command.
    fn answer(&mut self, command: &[u8]) -> Vec<u8>;
    /// Is without power from now on.
    fn reset(&mut self);
}

/// A card without any application that hosts look for.
pub struct Foreign;

impl Answers for Foreign {
    fn answer(&mut self, _: &[u8]) -> Vec<u8> {
        vec![0x6A, 0x82]
    }

    fn reset(&mut self) {}
}

/// The virtual phone's card, with a second application that another program may select.
pub struct Phone {
    card: Card,
    other_application: bool,
    _state: tempfile::TempDir,
}

const OTHER_APPLICATION: &[u8] = &[0xD2, 0x76, 0x00, 0x01, 0x24, 0x01];

impl Answers for Phone {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let selects = command.get(..2) == Some(&[0x00, 0xA4]);
        if selects && command.get(5..11) == Some(OTHER_APPLICATION) {
            self.card.reset();
            self.other_application = true;
            return vec![0x90, 0x00];
        }
        if self.other_application && !selects {
            return vec![0x6D, 0x00];
        }
        self.other_application = false;
        self.card.process(command).to_vec()
    }

    fn reset(&mut self) {
        self.other_application = false;
        self.card.reset();
    }
}

struct Direct<'a>(&'a mut dyn Answers);

impl Transmit for Direct<'_> {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> core::result::Result<Vec<u8>, LinkError> {
        Ok(self.0.answer(command))
    }
}

/// A key on the card and its certificate.
#[derive(Clone)]
pub struct Issued {
    /// What the card gave when it made the key.
    pub key: PublicKey,
    /// The certificate.
    pub certificate: Vec<u8>,
}

/// The keys that most tests use.
pub const USUAL: [(AsymmetricKey, KeyAlgorithm); 4] = [
    (AsymmetricKey::PivAuthentication, KeyAlgorithm::Rsa2048),
    (AsymmetricKey::DigitalSignature, KeyAlgorithm::P256),
    (AsymmetricKey::KeyManagement, KeyAlgorithm::Rsa2048),
    (AsymmetricKey::CardAuthentication, KeyAlgorithm::P256),
];

/// A new card with these keys, each with a certificate.
pub fn phone(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> (Phone, Vec<Issued>) {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open_or_create(state.path()).unwrap();
    let mut phone = Phone {
        card: Card::new(store, Box::new(SoftwareKeyStore), Interface::Contact),
        other_application: false,
        _state: state,
    };
    phone.card.reset();
    let issued = {
        let mut client = Client::new(Direct(&mut phone));
        client.select().unwrap();
        let challenge = client.management_challenge(Cipher::Aes192).unwrap();
        let mut block = aes::Block::try_from(challenge.as_slice()).unwrap();
        Aes192::new(&DEFAULT_CARD_MANAGEMENT_KEY.into()).encrypt_block(&mut block);
        client.management_response(Cipher::Aes192, &block).unwrap();
        keys.iter()
            .map(|(reference, algorithm)| {
                let key = client.generate(*reference, *algorithm).unwrap();
                let der = issue("Alice Example", &key);
                let object = certificate::encode(&der).unwrap();
                client
                    .put_data(ObjectId::Certificate(*reference), &object)
                    .unwrap();
                Issued {
                    key,
                    certificate: der,
                }
            })
            .collect()
    };
    phone.card.reset();
    (phone, issued)
}

/// The GUID of the card, as its CHUID tells.
pub fn guid(card: &mut dyn Answers) -> chuid::Guid {
    let mut client = Client::new(Direct(card));
    client.select().unwrap();
    let guid = client.chuid().unwrap().unwrap().guid;
    card.reset();
    guid
}

struct State {
    card: Option<Box<dyn Answers>>,
    count: u32,
    resets: u32,
    sent: Vec<String>,
    /// The card leaves after this number of further commands.
    leaves_after: Option<usize>,
    /// The card comes back at the next look at the reader.
    away: Option<Box<dyn Answers>>,
    comes_back: bool,
    /// Connections of the module, and of other programs.
    connections: usize,
}

/// One reader. Clones are the same reader.
#[derive(Clone)]
pub struct Reader(Arc<Mutex<State>>);

impl Reader {
    /// The reader with this card in it.
    pub fn with(card: impl Answers + 'static) -> Self {
        Self(Arc::new(Mutex::new(State {
            card: Some(Box::new(card)),
            count: 1,
            resets: 0,
            sent: Vec::new(),
            leaves_after: None,
            away: None,
            comes_back: false,
            connections: 0,
        })))
    }

    /// The reader with nothing in it.
    pub fn empty() -> Self {
        let reader = Self::with(Foreign);
        drop(reader.take());
        reader
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Takes the card out.
    pub fn take(&self) -> Option<Box<dyn Answers>> {
        self.lock().remove();
        self.lock().away.take()
    }

    /// Puts a card in.
    pub fn put(&self, mut card: Box<dyn Answers>) {
        card.reset();
        let mut state = self.lock();
        state.card = Some(card);
        state.count += 1;
    }

    /// The card leaves after this number of further commands, and comes back at once if told so.
    pub fn leave_after(&self, commands: usize, comes_back: bool) {
        let mut state = self.lock();
        state.leaves_after = Some(commands);
        state.comes_back = comes_back;
    }

    /// Another program resets the card.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.resets += 1;
        if let Some(card) = &mut state.card {
            card.reset();
        }
    }

    /// Another program sends a command, and gets this.
    pub fn ask(&self, command: &[u8]) -> Vec<u8> {
        self.lock().card.as_mut().unwrap().answer(command)
    }

    /// Another program sends a command.
    pub fn other_program(&self, command: &[u8]) {
        assert_eq!(self.ask(command), [0x90, 0x00], "{command:02X?}");
    }

    /// Another program selects another application.
    pub fn select_other_application(&self) {
        let mut command = vec![0x00, 0xA4, 0x04, 0x00, 0x06];
        command.extend_from_slice(OTHER_APPLICATION);
        self.other_program(&command);
    }

    /// Another program connects to the card, and stays.
    pub fn other_program_stays(&self) {
        self.lock().connections += 1;
    }

    /// The commands that were sent since the last call of this, by name.
    pub fn sent(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().sent)
    }
}

impl State {
    fn remove(&mut self) {
        if let Some(mut card) = self.card.take() {
            card.reset();
            self.away = Some(card);
            self.count += 1;
        }
    }

    fn come_back(&mut self) {
        if self.comes_back && self.away.is_some() {
            self.card = self.away.take();
            self.comes_back = false;
            self.count += 1;
        }
    }
}

const NAME: &CStr = c"Reader in memory 00 00";

impl Readers for Reader {
    fn snapshot(&self) -> Vec<ReaderStatus> {
        let mut state = self.lock();
        state.come_back();
        vec![ReaderStatus {
            name: NAME.to_owned(),
            card: state.card.as_ref().map(|_| Insertion {
                count: state.count,
                atr: vec![0x3B],
            }),
        }]
    }

    fn connect(&self, reader: &CStr) -> core::result::Result<Box<dyn Link>, LinkError> {
        assert_eq!(reader, NAME);
        let mut state = self.lock();
        state.card.as_ref().ok_or(LinkError::Gone)?;
        state.connections += 1;
        Ok(Box::new(MemoryLink {
            reader: self.clone(),
            count: state.count,
            resets: state.resets,
        }))
    }

    fn is_in_use(&self, _: &CStr) -> bool {
        self.lock().connections > 0
    }

    fn wait(&self, _: &[ReaderStatus], _: Duration) {
        std::thread::sleep(Duration::from_millis(5));
    }
}

struct MemoryLink {
    reader: Reader,
    count: u32,
    resets: u32,
}

impl MemoryLink {
    fn check(&self) -> core::result::Result<(), LinkError> {
        let state = self.reader.lock();
        if state.card.is_none() || state.count != self.count {
            Err(LinkError::Gone)
        } else if state.resets != self.resets {
            Err(LinkError::Reset)
        } else {
            Ok(())
        }
    }
}

impl Drop for MemoryLink {
    fn drop(&mut self) {
        self.reader.lock().connections -= 1;
    }
}

impl Link for MemoryLink {
    fn begin(&mut self) -> core::result::Result<Transaction<'_>, LinkError> {
        self.check()?;
        Ok(Transaction::new(self))
    }

    fn reconnect(&mut self) -> core::result::Result<(), LinkError> {
        self.resets = self.reader.lock().resets;
        self.check()
    }
}

impl Transmit for MemoryLink {
    type Error = LinkError;

    fn transmit(&mut self, command: &[u8]) -> core::result::Result<Vec<u8>, LinkError> {
        self.check()?;
        let mut state = self.reader.lock();
        if let Some(left) = state.leaves_after {
            state.leaves_after = left.checked_sub(1);
            if left == 0 {
                state.remove();
                return Err(LinkError::Gone);
            }
        }
        let name = Command::parse(command).map(|command| command.instruction.to_string());
        state.sent.push(name.unwrap_or_default());
        Ok(state.card.as_mut().unwrap().answer(command))
    }
}

/// A module with one reader.
pub struct Rig {
    /// The module.
    pub module: Module,
    /// Its reader.
    pub reader: Reader,
    /// The keys on the card.
    pub issued: Vec<Issued>,
}

impl Rig {
    /// A module with a card that has these keys.
    pub fn with_keys(keys: &[(AsymmetricKey, KeyAlgorithm)]) -> Self {
        let (phone, issued) = phone(keys);
        Self {
            issued,
            ..Self::with_reader(Reader::with(phone))
        }
    }

    /// A module with the usual card.
    pub fn new() -> Self {
        Self::with_keys(&USUAL)
    }

    /// A module with this reader.
    pub fn with_reader(reader: Reader) -> Self {
        Self {
            module: Module::new(Arc::new(reader.clone()), Threads::Allowed),
            reader,
            issued: Vec::new(),
        }
    }

    /// A session.
    pub fn session(&self) -> CK_SESSION_HANDLE {
        self.module.open_session(0, Access::ReadOnly).unwrap()
    }

    /// The session with this handle.
    pub fn at(&self, session: CK_SESSION_HANDLE) -> Arc<Session> {
        self.module.session(session).unwrap()
    }

    /// A session of a user who is logged in.
    pub fn user_session(&self) -> CK_SESSION_HANDLE {
        let session = self.session();
        self.at(session).login(CKU_USER, Some(PIN)).unwrap();
        session
    }

    /// What a search finds.
    pub fn find(
        &self,
        session: CK_SESSION_HANDLE,
        template: &[TemplateAttribute],
    ) -> Result<Vec<CK_OBJECT_HANDLE>> {
        self.at(session).find_objects_init(template)?;
        let found = self.at(session).find_objects(usize::MAX);
        self.at(session).find_objects_final()?;
        found
    }

    /// The object of this class with this CKA_ID.
    pub fn object(
        &self,
        session: CK_SESSION_HANDLE,
        class: CK_OBJECT_CLASS,
        id: u8,
    ) -> CK_OBJECT_HANDLE {
        let template = [class_is(class), is(CKA_ID, &[id])];
        match self.find(session, &template).unwrap().as_slice() {
            [object] => *object,
            other => panic!("{} objects of class {class} have the ID {id}", other.len()),
        }
    }

    /// The private key with this CKA_ID.
    pub fn private_key(&self, session: CK_SESSION_HANDLE, id: u8) -> CK_OBJECT_HANDLE {
        self.object(session, CKO_PRIVATE_KEY, id)
    }
}

/// An attribute with this value.
pub fn is(attribute: CK_ATTRIBUTE_TYPE, value: &[u8]) -> TemplateAttribute {
    TemplateAttribute {
        attribute,
        value: value.to_vec().into(),
    }
}

/// An object class.
pub fn class_is(class: CK_OBJECT_CLASS) -> TemplateAttribute {
    is(CKA_CLASS, &class.to_ne_bytes())
}

/// Writes an object of the card as its issuer would, without the module.
pub fn put_object(card: &mut dyn Answers, object: ObjectId, content: &[u8]) {
    let mut client = Client::new(Direct(card));
    client.select().unwrap();
    let challenge = client.management_challenge(Cipher::Aes192).unwrap();
    let mut block = aes::Block::try_from(challenge.as_slice()).unwrap();
    Aes192::new(&DEFAULT_CARD_MANAGEMENT_KEY.into()).encrypt_block(&mut block);
    client.management_response(Cipher::Aes192, &block).unwrap();
    client.put_data(object, content).unwrap();
    card.reset();
}

/// The name of a reader for tests that bring their own.
pub fn reader_name(text: &str) -> CString {
    CString::new(text).unwrap()
}
