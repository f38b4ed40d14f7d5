//! The PIV card application from the card's side (SP 800-73-5 part 2).
//!
//! A command is first parsed into a [`command::PivCommand`] that cannot be wrong; then one file for each command
//! acts on it. Who may do what is decided in [`access`] alone.

pub mod access;
pub mod command;
mod general_authenticate;
mod generate;
mod get_data;
mod management;
mod put_data;
mod select;
mod verify;
mod yubico;

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::piv::AsymmetricKey;
use card_edge::tlv::TlvError;

use crate::key_store::{KeyHandle, KeyStore, KeyStoreError, PrivateKey};
use crate::link::Interface;
use crate::state::reference_data::HashError;
use crate::state::{StateError, Store};
use access::SecurityStatus;
use command::PivCommand;
use management::PendingAuthentication;

/// What a command gives: data, or the status word that refuses it.
type Outcome = Result<Response, Status>;

/// The PIV card application.
pub struct PivApplication {
    store: Store,
    keys: Box<dyn KeyStore>,
    interface: Interface,
    security: SecurityStatus,
    pending: Option<PendingAuthentication>,
    open_keys: Vec<OpenKey>,
}

/// A key that has been used and stays open: opening one costs more than using it.
struct OpenKey {
    slot: AsymmetricKey,
    handle: KeyHandle,
    key: Box<dyn PrivateKey>,
}

/// What the command before means to the one that is being worked on.
struct Before {
    /// The PIN was verified by the directly preceding command.
    verified: bool,
    /// The first half of an authentication with the management key.
    pending: Option<PendingAuthentication>,
}

impl PivApplication {
    /// The application over this state and these keys, behind an interface of this kind.
    #[must_use]
    pub fn new(store: Store, keys: Box<dyn KeyStore>, interface: Interface) -> Self {
        Self {
            store,
            keys,
            interface,
            security: SecurityStatus::default(),
            pending: None,
            open_keys: Vec::new(),
        }
    }

    /// Everything that a session holds ends.
    pub fn reset(&mut self) {
        self.security = SecurityStatus::default();
        self.pending = None;
    }

    /// Another command came in between: what must follow directly does not follow any more.
    pub fn interrupt(&mut self) {
        self.security.take_directly_verified();
        self.pending = None;
    }

    /// Answers a command other than SELECT.
    pub fn process(&mut self, command: &Command) -> Response {
        let before = Before {
            verified: self.security.take_directly_verified(),
            pending: self.pending.take(),
        };
        self.refresh()
            .and_then(|()| PivCommand::parse(command))
            .and_then(|command| self.execute(command, before))
            .unwrap_or_else(Response::from)
    }

    fn execute(&mut self, command: PivCommand, before: Before) -> Outcome {
        match command {
            PivCommand::GetData(tag) => self.get_data(tag),
            PivCommand::PutData { tag, content } => self.put_data(tag, content),
            PivCommand::Verify(pin) => self.verify(&pin),
            PivCommand::VerificationStatus => self.verification_status(),
            PivCommand::ResetVerification => self.reset_verification(),
            PivCommand::Change(change) => self.change_reference_data(&change),
            PivCommand::ApplyKey {
                slot,
                algorithm,
                request,
            } => self.apply_key(slot, algorithm, request, &before),
            PivCommand::AuthenticateManagement { cipher, request } => {
                self.authenticate_management(cipher, request, before.pending)
            }
            PivCommand::Generate { slot, algorithm } => self.generate(slot, algorithm),
            PivCommand::Yubico(command) => self.yubico(command),
        }
    }

    /// Takes up what another process has changed; whatever was proven before counts no more then.
    fn refresh(&mut self) -> Result<(), Status> {
        if self.store.refresh().map_err(status_of_state)? {
            self.security = SecurityStatus::default();
            self.open_keys.clear();
        }
        Ok(())
    }
}

/// The state cannot be read or written: the holder's log has why, the host learns that the memory failed.
fn status_of_state(error: StateError) -> Status {
    tracing::error!("{error}");
    Status::MemoryFailure
}

/// The status word for a failure of the state that carries one already: see [`Refused`].
fn status_of(refused: Refused) -> Status {
    match refused {
        Refused::With(status) => status,
        Refused::State(error) => status_of_state(error),
    }
}

/// Why a change of the state was not made.
enum Refused {
    /// The card refuses it.
    With(Status),
    /// The state could not be written.
    State(StateError),
}

impl From<StateError> for Refused {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<HashError> for Refused {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self::With(status)
    }
}

fn status_of_key(error: KeyStoreError) -> Status {
    match error {
        KeyStoreError::InvalidInput | KeyStoreError::WrongKind => Status::IncorrectData,
        KeyStoreError::Failed => {
            tracing::error!("{error}");
            Status::Unknown
        }
    }
}

fn malformed(_: TlvError) -> Status {
    Status::IncorrectData
}
