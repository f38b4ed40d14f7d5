//! Sessions (PKCS#11 3.0, 5.6): each belongs to one token and has operations of its own.

mod login;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use card_edge::piv::ObjectId;
use card_edge::piv::pin::PinForm;
use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::mechanism::Mechanism;
use crate::object::creation::Creation;
use crate::object::template::{TemplateAttribute, is_for_token};
use crate::object::{self, Content, Object};
use crate::operation::Operations;
use crate::operation::decrypt::Decrypt;
use crate::operation::derive;
use crate::operation::digest::Digest;
use crate::operation::encrypt::Encrypt;
use crate::operation::generate;
use crate::operation::search::{self, Search};
use crate::operation::sign::Sign;
use crate::operation::verify::Verify;
use crate::slot::Slots;
use crate::token::Token;
pub use crate::token::access::Access;

/// A session.
pub struct Session {
    /// Its handle.
    pub handle: CK_SESSION_HANDLE,
    /// The slot in which it was opened.
    pub slot: CK_SLOT_ID,
    /// The card that it belongs to.
    pub token: Arc<Token>,
    /// Whether it may change what is on the token.
    pub access: Access,
    /// What the card's PIN may look like.
    pub pin_form: PinForm,
    slots: Arc<Slots>,
    operations: Mutex<Operations>,
    /// How often `C_SessionCancel` was called.
    cancellations: AtomicUsize,
}

impl Session {
    /// A session with a token, opened in this slot.
    #[must_use]
    pub fn new(
        handle: CK_SESSION_HANDLE,
        slot: CK_SLOT_ID,
        token: Arc<Token>,
        access: Access,
        pin_form: PinForm,
        slots: Arc<Slots>,
    ) -> Self {
        Self {
            handle,
            slot,
            token,
            access,
            pin_form,
            slots,
            operations: Mutex::new(Operations::default()),
            cancellations: AtomicUsize::new(0),
        }
    }

    /// What it is in the middle of.
    pub fn operations(&self) -> MutexGuard<'_, Operations> {
        self.operations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// `C_GetSessionInfo`: asks the reader whether the card is there, and the card nothing.
    #[must_use]
    pub fn info(&self) -> CK_SESSION_INFO {
        if !self.token.is_present() {
            self.token.card_left();
        }
        let (is_user, is_administrator) = (self.token.is_logged_in(), self.token.is_administered());
        let (state, flags) = match self.access {
            Access::ReadOnly if is_user => (CKS_RO_USER_FUNCTIONS, 0),
            Access::ReadOnly => (CKS_RO_PUBLIC_SESSION, 0),
            Access::ReadWrite if is_user => (CKS_RW_USER_FUNCTIONS, CKF_RW_SESSION),
            Access::ReadWrite if is_administrator => (CKS_RW_SO_FUNCTIONS, CKF_RW_SESSION),
            Access::ReadWrite => (CKS_RW_PUBLIC_SESSION, CKF_RW_SESSION),
        };
        CK_SESSION_INFO {
            slotID: self.slot,
            state,
            flags: flags | CKF_SERIAL_SESSION,
            ulDeviceError: 0,
        }
    }

    /// `C_SessionCancel`: ends the operations that `flags` name, and the wait for a phone that is away, or for its holder to type the PIN there.
    pub fn cancel(&self, flags: CK_FLAGS) {
        self.cancellations.fetch_add(1, Ordering::Relaxed);
        self.token.stop_entry(self.handle);
        self.operations().cancel(flags);
    }

    fn cancellations(&self) -> usize {
        self.cancellations.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Error::Canceled`] where `C_SessionCancel` was called since it had been called so often, [`Error::SessionHandle`] where
    /// the session was closed.
    fn is_wanted(&self, before: usize) -> Result<()> {
        if self.cancellations() != before {
            return Err(Error::Canceled);
        }
        if !self.token.has_session(self.handle) {
            return Err(Error::SessionHandle);
        }
        Ok(())
    }

    /// The object with this handle, if this session can see it.
    ///
    /// # Errors
    /// [`Error::ObjectHandle`], or any failure of the card where it was not read yet.
    pub fn object(&self, handle: CK_OBJECT_HANDLE) -> Result<Arc<Object>> {
        let object = self.token.object(handle)?;
        if !self.token.sees(&object) {
            return Err(Error::ObjectHandle);
        }
        Ok(object)
    }

    /// An attribute of an object. The value of a data object is read when it is asked for.
    ///
    /// # Errors
    /// [`Error::AttributeType`], [`Error::AttributeSensitive`], or any failure of the card.
    pub fn attribute(
        &self,
        object: &Object,
        attribute: CK_ATTRIBUTE_TYPE,
    ) -> Result<Zeroizing<Vec<u8>>> {
        match (&object.content, attribute) {
            (Content::Data(data), CKA_VALUE) => self.token.data_value(*data),
            _ => object.attributes.value(attribute),
        }
    }

    /// `C_CreateObject`: the handle of a certificate or a data object that was written to the card.
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`], as [`Creation::read`], [`Error::UserNotLoggedIn`], or as [`Token::put_object`].
    pub fn create_object(&self, template: &[TemplateAttribute]) -> Result<CK_OBJECT_HANDLE> {
        self.may_make(template)?;
        let creation = Creation::read(template)?;
        self.may_write()?;
        match creation {
            Creation::Certificate { key, der } => {
                self.token.put_certificate(key, &der)?;
                Ok(object::certificate_handle(self.token.number, key))
            }
            Creation::Data { object, content } => {
                self.token.put_object(object, &content)?;
                object::data::handle_of(self.token.number, object).ok_or(Error::ObjectHandle)
            }
        }
    }

    /// `C_SetAttributeValue`: the value of a data object.
    ///
    /// # Errors
    /// As [`Self::object`], [`Error::ActionProhibited`] for any other object, [`Error::AttributeReadOnly`] for any other
    /// attribute, or as [`Self::create_object`].
    pub fn set_attributes(
        &self,
        handle: CK_OBJECT_HANDLE,
        template: &[TemplateAttribute],
    ) -> Result<()> {
        let object = self.object(handle)?;
        let Content::Data(data) = object.content else {
            return Err(Error::ActionProhibited);
        };
        self.may_be_written()?;
        if template.iter().any(|entry| entry.attribute != CKA_VALUE) {
            return Err(Error::AttributeReadOnly);
        }
        self.may_write()?;
        for entry in template {
            let content = object::data::content(data, &entry.value);
            if content.is_empty() {
                return Err(Error::AttributeValue);
            }
            self.token.put_object(data, content)?;
        }
        Ok(())
    }

    /// `C_DestroyObject`
    ///
    /// # Errors
    /// As [`Self::object`], [`Error::ActionProhibited`] for keys and the profile, or as [`Self::create_object`].
    pub fn destroy_object(&self, handle: CK_OBJECT_HANDLE) -> Result<()> {
        let on_card = match self.object(handle)?.content {
            Content::Certificate(key) => ObjectId::Certificate(key),
            Content::Data(data) => data,
            _ => return self.token.destroy_object(handle),
        };
        self.may_write()?;
        self.token.put_object(on_card, &[])
    }

    /// `C_FindObjectsInit`
    ///
    /// # Errors
    /// [`Error::OperationActive`], or any failure of the card where it was not read yet.
    pub fn find_objects_init(&self, template: &[TemplateAttribute]) -> Result<()> {
        let search = &mut self.operations().search;
        if search.is_some() {
            return Err(Error::OperationActive);
        }
        *search = Some(Search::begin(&self.token, template)?);
        Ok(())
    }

    /// `C_FindObjects`: at most `count` handles.
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`].
    pub fn find_objects(&self, count: usize) -> Result<Vec<CK_OBJECT_HANDLE>> {
        search::fetch(&mut self.operations().search, count)
    }

    /// `C_FindObjectsFinal`
    ///
    /// # Errors
    /// [`Error::OperationNotInitialized`].
    pub fn find_objects_final(&self) -> Result<()> {
        let search = self.operations().search.take();
        search.map(drop).ok_or(Error::OperationNotInitialized)
    }

    /// `C_DigestInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], or as [`Digest::begin`].
    pub fn digest_init(&self, mechanism: Option<Mechanism>) -> Result<()> {
        self.operations().digest.init(mechanism, Digest::begin)
    }

    /// `C_SignInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], or as [`Sign::begin`].
    pub fn sign_init(&self, mechanism: Option<Mechanism>, key: CK_OBJECT_HANDLE) -> Result<()> {
        self.operations().sign.init(mechanism, |mechanism| {
            Sign::begin(&self.token, mechanism, key)
        })
    }

    /// `C_VerifyInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], or as [`Verify::begin`].
    pub fn verify_init(&self, mechanism: Option<Mechanism>, key: CK_OBJECT_HANDLE) -> Result<()> {
        self.operations().verify.init(mechanism, |mechanism| {
            Verify::begin(&self.token, mechanism, key)
        })
    }

    /// `C_EncryptInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], or as [`Encrypt::begin`].
    pub fn encrypt_init(&self, mechanism: Option<Mechanism>, key: CK_OBJECT_HANDLE) -> Result<()> {
        self.operations().encrypt.init(mechanism, |mechanism| {
            Encrypt::begin(&self.token, mechanism, key)
        })
    }

    /// `C_DecryptInit`; without a mechanism it ends an active operation.
    ///
    /// # Errors
    /// [`Error::OperationActive`], or as [`Decrypt::begin`].
    pub fn decrypt_init(&self, mechanism: Option<Mechanism>, key: CK_OBJECT_HANDLE) -> Result<()> {
        self.operations().decrypt.init(mechanism, |mechanism| {
            Decrypt::begin(&self.token, mechanism, key)
        })
    }

    /// Whether an object may be made here, of the token or of the session as this template says: a session that may only read
    /// makes objects of its own (PKCS#11 3.0, 5.6). What is wrong with the template otherwise counts after that.
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`], [`Error::AttributeValue`] where the template says neither.
    fn may_make(&self, template: &[TemplateAttribute]) -> Result<()> {
        if is_for_token(template)? && self.access == Access::ReadOnly {
            return Err(Error::SessionReadOnly);
        }
        Ok(())
    }

    /// Whether what is on the card may be changed over this session.
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`], [`Error::UserNotLoggedIn`] where the security officer is not logged in.
    fn may_write(&self) -> Result<()> {
        self.may_be_written()?;
        if !self.token.is_administered() {
            return Err(Error::UserNotLoggedIn);
        }
        Ok(())
    }

    /// Whether this session may change objects of the token at all (PKCS#11 3.0, 5.6).
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`].
    fn may_be_written(&self) -> Result<()> {
        match self.access {
            Access::ReadOnly => Err(Error::SessionReadOnly),
            Access::ReadWrite => Ok(()),
        }
    }

    /// `C_GenerateKeyPair`: the handles of the public and of the private key.
    ///
    /// # Errors
    /// [`Error::Mechanism`], [`Error::SessionReadOnly`], [`Error::TemplateInconsistent`] for a key of the session, which a card
    /// does not make, [`Error::UserNotLoggedIn`], or as [`generate::generate`].
    pub fn generate_key_pair(
        &self,
        mechanism: Mechanism,
        public: &[TemplateAttribute],
        private: &[TemplateAttribute],
    ) -> Result<(CK_OBJECT_HANDLE, CK_OBJECT_HANDLE)> {
        let key_type = mechanism.key_pair()?;
        self.may_make(public)?;
        self.may_make(private)?;
        if !is_for_token(private)? {
            return Err(Error::TemplateInconsistent);
        }
        self.may_write()?;
        generate::generate(&self.token, key_type, public, private)
    }

    /// `C_DeriveKey`
    ///
    /// # Errors
    /// [`Error::SessionReadOnly`], or as [`derive::derive`].
    pub fn derive_key(
        &self,
        mechanism: Mechanism,
        base_key: CK_OBJECT_HANDLE,
        template: &[TemplateAttribute],
    ) -> Result<CK_OBJECT_HANDLE> {
        self.may_make(template)?;
        derive::derive(&self.token, self.handle, mechanism, base_key, template)
    }
}
