//! The first card that the module shows, and a session with it.

use std::io;
use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use thiserror::Error;

/// Bytes of SHA-256, and of a salt for it.
const SHA256_LENGTH: usize = 32;

/// Why something was not done.
#[derive(Debug, Error)]
pub enum CardError {
    /// The module refuses it.
    #[error("{0}")]
    Module(#[from] cryptoki::error::Error),
    /// Input or output is gone.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// Nobody can say what was meant.
    #[error("this client has no such command")]
    Usage,
    /// There is no card, or no such object on it.
    #[error("there is no {0}")]
    Missing(&'static str),
}

/// The module, a session once there is one, and the PIN for keys that ask each time.
pub struct Card {
    // Before the module: it is closed first.
    session: Option<Session>,
    module: Pkcs11,
    pin: Option<AuthPin>,
}

impl Card {
    /// With this module.
    ///
    /// # Errors
    /// Where it cannot be loaded or initialized.
    pub fn of(module: &Path) -> Result<Self, CardError> {
        let module = Pkcs11::new(module)?;
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
        Ok(Self {
            session: None,
            module,
            pin: None,
        })
    }

    /// Ends the session and the module's use, and unloads it.
    ///
    /// # Errors
    /// The module's.
    pub fn end(self) -> Result<(), CardError> {
        drop(self.session);
        Ok(self.module.finalize()?)
    }

    /// How many slots have a token.
    ///
    /// # Errors
    /// The module's.
    pub fn slots(&self) -> Result<usize, CardError> {
        Ok(self.module.get_slots_with_token()?.len())
    }

    /// The labels of the tokens that are there.
    ///
    /// # Errors
    /// The module's.
    pub fn tokens(&self) -> Result<Vec<String>, CardError> {
        let mut labels = Vec::new();
        for slot in self.module.get_slots_with_token()? {
            labels.push(self.module.get_token_info(slot)?.label().to_owned());
        }
        Ok(labels)
    }

    /// Logs in to the first token, in a new session.
    ///
    /// # Errors
    /// The module's, and [`CardError::Missing`].
    pub fn login(&mut self, pin: &str) -> Result<(), CardError> {
        self.session = None;
        let slots = self.module.get_slots_with_token()?;
        let slot = slots.first().ok_or(CardError::Missing("card"))?;
        let session = self.module.open_ro_session(*slot)?;
        let pin = AuthPin::new(pin.into());
        session.login(UserType::User, Some(&pin))?;
        self.session = Some(session);
        self.pin = Some(pin);
        Ok(())
    }

    /// Logs out, and ends the session.
    ///
    /// # Errors
    /// The module's, and [`CardError::Missing`].
    pub fn logout(&mut self) -> Result<(), CardError> {
        let session = self.session.take().ok_or(CardError::Missing("session"))?;
        Ok(session.logout()?)
    }

    /// The certificate with this identifier.
    ///
    /// # Errors
    /// The module's, and [`CardError::Missing`].
    pub fn certificate(&self, id: &[u8]) -> Result<Vec<u8>, CardError> {
        let (session, object) = self.find(ObjectClass::CERTIFICATE, id)?;
        let values = session.get_attributes(object, &[AttributeType::Value])?;
        match values.into_iter().next() {
            Some(Attribute::Value(value)) => Ok(value),
            _ => Err(CardError::Missing("value")),
        }
    }

    /// Signs a message with the key of this identifier, in parts, as what must log in for each use can.
    ///
    /// # Errors
    /// The module's, and [`CardError::Missing`].
    pub fn sign(&self, mechanism: &str, id: &[u8], data: &[u8]) -> Result<Vec<u8>, CardError> {
        let mechanism = match mechanism {
            "SHA256-RSA-PKCS" => Mechanism::Sha256RsaPkcs,
            "SHA256-RSA-PKCS-PSS" => Mechanism::Sha256RsaPkcsPss(PkcsPssParams {
                hash_alg: MechanismType::SHA256,
                mgf: PkcsMgfType::MGF1_SHA256,
                s_len: SHA256_LENGTH.try_into()?,
            }),
            "ECDSA-SHA256" => Mechanism::EcdsaSha256,
            _ => return Err(CardError::Usage),
        };
        let (session, key) = self.find(ObjectClass::PRIVATE_KEY, id)?;
        session.sign_init(&mechanism, key)?;
        let always = session.get_attributes(key, &[AttributeType::AlwaysAuthenticate])?;
        if always.contains(&Attribute::AlwaysAuthenticate(true)) {
            session.login(UserType::ContextSpecific, self.pin.as_ref())?;
        }
        session.sign_update(data)?;
        Ok(session.sign_final()?)
    }

    /// Decrypts with the key of this identifier.
    ///
    /// # Errors
    /// The module's, and [`CardError::Missing`].
    pub fn decrypt(&self, mechanism: &str, id: &[u8], data: &[u8]) -> Result<Vec<u8>, CardError> {
        let mechanism = match mechanism {
            "RSA-PKCS" => Mechanism::RsaPkcs,
            "RSA-PKCS-OAEP" => Mechanism::RsaPkcsOaep(PkcsOaepParams::new(
                MechanismType::SHA256,
                PkcsMgfType::MGF1_SHA256,
                PkcsOaepSource::empty(),
            )),
            _ => return Err(CardError::Usage),
        };
        let (session, key) = self.find(ObjectClass::PRIVATE_KEY, id)?;
        Ok(session.decrypt(&mechanism, key, data)?)
    }

    fn find(&self, class: ObjectClass, id: &[u8]) -> Result<(&Session, ObjectHandle), CardError> {
        let session = self.session.as_ref().ok_or(CardError::Missing("session"))?;
        let template = [Attribute::Class(class), Attribute::Id(id.to_vec())];
        let found = session.find_objects(&template)?;
        let object = found.first().ok_or(CardError::Missing("object"))?;
        Ok((session, *object))
    }
}
