//! Signatures (PKCS#11 3.0, 5.13): padded here, or by a card that can do that, and made by the card.

use std::sync::Arc;

use card_edge::piv::PinPolicy;
use card_edge::piv::{AsymmetricKey, KeyAlgorithm};
use cryptoki_sys::{CK_OBJECT_HANDLE, CKA_SIGN};
use zeroize::Zeroizing;

use super::input::Input;
use super::key;
use super::state::{Feed, OutputLength, Produce};
use crate::error::{Error, Result};
use crate::mechanism::Mechanism;
use crate::mechanism::scheme::SignatureScheme;
use crate::token::Token;
use crate::token::use_key::{Consent, Signed};

/// A signature in the making.
pub struct Sign {
    token: Arc<Token>,
    reference: AsymmetricKey,
    algorithm: KeyAlgorithm,
    scheme: Box<dyn SignatureScheme>,
    input: Input,
    consent: Consent,
}

impl Sign {
    /// `C_SignInit`
    ///
    /// # Errors
    /// [`crate::error::Error::KeyHandle`], [`crate::error::Error::KeyFunction`],
    /// [`crate::error::Error::KeyType`], [`crate::error::Error::Mechanism`],
    /// [`crate::error::Error::UserNotLoggedIn`].
    pub fn begin(token: &Arc<Token>, mechanism: Mechanism, key: CK_OBJECT_HANDLE) -> Result<Self> {
        let (reference, key) = key::private(token, key, CKA_SIGN)?;
        let algorithm = key.algorithm();
        let scheme = mechanism.signature(key)?;
        Ok(Self {
            token: Arc::clone(token),
            reference,
            algorithm,
            input: Input::new(scheme.hash()),
            scheme,
            consent: Consent::Pending,
        })
    }

    /// Whether the key wants a login for each operation.
    #[must_use]
    pub fn wants_login(&self) -> bool {
        self.token.pin_policy(self.reference) == PinPolicy::Always
    }

    /// The login for this operation has come.
    pub fn give_consent(&mut self) {
        self.consent = Consent::Given;
    }
}

impl Feed for Sign {
    fn feed(&mut self, bytes: &[u8]) -> Result<()> {
        self.input.add(bytes)
    }

    /// One that still waits for its login: libraries leave such operations behind when their user gives up.
    fn may_be_replaced(&self) -> bool {
        self.wants_login() && self.consent == Consent::Pending
    }
}

impl Produce for Sign {
    fn output_length(&self) -> OutputLength {
        OutputLength::Exactly(self.scheme.length())
    }

    fn finish(self) -> Result<Zeroizing<Vec<u8>>> {
        let input = self.input.finish();
        // What does not fit the key is refused before the card is asked, whichever way it would sign.
        let block = self.scheme.block(&input)?;
        let by_card = self.scheme.by_card(&input);
        let signed = self.token.sign(
            self.reference,
            self.algorithm,
            &block,
            by_card,
            self.consent,
        )?;
        match signed {
            Signed::Bare(signature) if signature.len() == self.scheme.length() => Ok(signature),
            Signed::Bare(_) => Err(Error::Device(
                "the card's signature has a wrong length".into(),
            )),
            Signed::Answer(answer) => self.scheme.signature(answer),
        }
    }
}
