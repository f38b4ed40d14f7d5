//! A module with a reader in memory and a card in it.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use card_host::KnownCards;
use cryptoki_sys::*;
use tapcard_pkcs11::cache::Cache;
use tapcard_pkcs11::error::Result;
use tapcard_pkcs11::module::{Module, Which};
use tapcard_pkcs11::object::template::TemplateAttribute;
use tapcard_pkcs11::session::{Access, Session};
use tapcard_pkcs11::settings::Settings;

use super::card::{Issued, USUAL, phone};
use super::reader::Reader;

/// The PIN of a new card.
pub const PIN: &[u8] = b"123456";

/// The card management key of a new card, as people type it.
pub const MANAGEMENT_KEY: &[u8] = b"010203040506070801020304050607080102030405060708";

/// A bound that a card in memory keeps here, however slow and busy the machine is: several times what it takes for all that a
/// login sends.
pub static BOUND: LazyLock<Duration> = LazyLock::new(|| {
    let rig = Rig::new();
    let begun = Instant::now();
    rig.user_session();
    (begun.elapsed() * 6).max(Duration::from_millis(400))
});

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

    /// A module that keeps in this folder what cards announce, with the card of our phone in this reader.
    pub fn keeping_at(folder: &Path, reader: &Reader) -> Self {
        let cache = Cache::at(folder.to_owned());
        let known_cards = KnownCards::at(folder.join("cards"));
        Self {
            module: Module::new(
                Arc::new(reader.clone()),
                Settings {
                    cache,
                    known_cards,
                    ..Settings::default()
                },
            ),
            reader: reader.clone(),
            issued: Vec::new(),
        }
    }

    /// A module that keeps nothing but the keys of cards, in this folder.
    pub fn knowing_at(folder: &Path, reader: &Reader) -> Self {
        let settings = Settings {
            known_cards: KnownCards::at(folder.to_owned()),
            ..Settings::default()
        };
        Self {
            module: Module::new(Arc::new(reader.clone()), settings),
            reader: reader.clone(),
            issued: Vec::new(),
        }
    }

    /// A module with the usual card.
    pub fn new() -> Self {
        Self::with_keys(&USUAL)
    }

    /// A module with this reader.
    pub fn with_reader(reader: Reader) -> Self {
        Self {
            module: Module::new(Arc::new(reader.clone()), Settings::default()),
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

    /// A read/write session.
    pub fn read_write_session(&self) -> CK_SESSION_HANDLE {
        self.module.open_session(0, Access::ReadWrite).unwrap()
    }

    /// A read/write session of the security officer of a new card.
    pub fn administrator_session(&self) -> CK_SESSION_HANDLE {
        let session = self.read_write_session();
        self.at(session)
            .login(CKU_SO, Some(MANAGEMENT_KEY))
            .unwrap();
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

    /// What `ssh -I` does, in a program of its own: list the keys of all tokens, log in, find the private key, sign a number of
    /// times, end. Gives what was sent to the card.
    pub fn ssh_login(
        &self,
        signatures: usize,
        sign: impl Fn(CK_SESSION_HANDLE, CK_OBJECT_HANDLE),
    ) -> Vec<String> {
        assert_eq!(self.module.slot_list(Which::WithToken), [0]);
        self.module.token_info(0).unwrap();
        let session = self.session();
        let keys = self.find(session, &[class_is(CKO_PUBLIC_KEY)]).unwrap();
        assert_eq!(keys.len(), 4);
        self.find(session, &[class_is(CKO_CERTIFICATE)]).unwrap();
        self.at(session).login(CKU_USER, Some(PIN)).unwrap();
        let template = [
            class_is(CKO_PRIVATE_KEY),
            is(CKA_ID, &[1]),
            is(CKA_SIGN, &[1]),
        ];
        let key = self.find(session, &template).unwrap()[0];
        for _ in 0..signatures {
            sign(session, key);
        }
        self.module.close_session(session).unwrap();
        self.module.finalize();
        self.reader.sent()
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
