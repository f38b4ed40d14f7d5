//! What a command acts on.

use card_edge::Status;
use card_edge::piv::{AsymmetricKey, PublicKey};

use super::path::{self, Path};
use super::pending_authentication::PendingAuthentication;
use super::secure_channel::SecureChannel;
use super::security_status::{PinKind, SecurityStatus};
use crate::application::Resources;
use crate::key_store::{PinProof, PrivateKey};
use crate::refusal::{Refusal, status_of, status_of_key_use};
use crate::state::CardState;

/// What the session holds.
#[derive(Default)]
pub(super) struct Session {
    /// Whether the application was selected by the RID alone, as PIV tools do and no operating system.
    pub(super) by_provider_alone: bool,
    /// What has been proved.
    pub(super) security: SecurityStatus,
    /// The first half of an authentication with the management key.
    pub(super) pending: Option<PendingAuthentication>,
    /// The channel of secure messaging, between its key establishment and its end.
    pub(super) channel: Option<SecureChannel>,
}

impl Session {
    /// Secure messaging ends: the session keys go. What a host has proved through them does not count for the next one,
    /// where a PIN can be proved through secure messaging alone.
    pub(super) fn end_channel(&mut self, resources: &Resources) {
        if self.channel.take().is_some() && path::is_strict(resources) {
            self.security.pin_unverified(PinKind::Piv);
            self.security.pin_unverified(PinKind::Global);
        }
    }

    /// Another command comes: what it may directly follow.
    pub(super) fn take_preceding(&mut self) -> Preceding {
        Preceding {
            pin: self.security.take_pin_proof(),
            authentication: self.pending.take(),
        }
    }
}

/// What the command before means to the one that is being worked on.
pub(super) struct Preceding {
    /// What is known of the PIN.
    pub(super) pin: PinProof,
    /// The first half of an authentication with the management key.
    pub(super) authentication: Option<PendingAuthentication>,
}

/// What a command acts on.
pub(super) struct Context<'a> {
    /// What the card lends.
    pub(super) resources: &'a mut Resources,
    /// What the session holds.
    pub(super) session: &'a mut Session,
    /// What the command before has left.
    pub(super) preceding: Preceding,
    /// The channel that the command came through.
    pub(super) channel: Option<&'a mut SecureChannel>,
}

impl Context<'_> {
    /// The way by which the command came.
    pub(super) fn path(&self) -> Path {
        Path::of(self.resources, self.channel.as_deref())
    }

    /// The state.
    pub(super) fn state(&self) -> &CardState {
        self.resources.store.state()
    }

    /// Changes the state, or nothing. Keys that it brings are encrypted before they are written.
    pub(super) fn change(
        &mut self,
        change: impl FnOnce(&mut CardState) -> Result<(), Refusal>,
    ) -> Result<(), Status> {
        let Resources { store, keys, .. } = self.resources;
        store
            .change(|state| {
                change(state)?;
                Ok(state.seal_keys(keys.as_ref())?)
            })
            .map_err(status_of)
    }

    /// The public half of a key; 6A86 where the card does not have it.
    pub(super) fn public_key(&mut self, key: AsymmetricKey) -> Result<PublicKey, Status> {
        self.resources
            .public_key(key.into())
            .map_err(status_of_key_use)
    }

    /// A key, open for use; 6A86 where the card does not have it.
    pub(super) fn open_key(&mut self, key: AsymmetricKey) -> Result<&dyn PrivateKey, Status> {
        self.resources
            .open_key(key.into())
            .map_err(status_of_key_use)
    }
}
