//! An application of the card, and what it shares with the others.

use card_edge::apdu::{Command, Instruction};
use card_edge::{Response, Status};

use crate::consent::{AlwaysThere, Holder, Link, Nobody, RefusedUse};
use crate::interface::Interface;
use crate::key_store::KeyStore;
use crate::open_keys::OpenKeys;
use crate::state::{OpeningKey, Store};

/// What the card owns and lends to the application that answers.
pub struct Resources {
    /// What the card remembers.
    pub store: Store,
    /// What makes and opens the card's keys.
    pub keys: Box<dyn KeyStore>,
    /// The keys that are open.
    pub open_keys: OpenKeys,
    /// What decrypts the keys, once somebody has given the PIN in this session.
    pub opening_key: Option<OpeningKey>,
    /// The interface over which commands come.
    pub interface: Interface,
    /// Who is asked for consent.
    pub holder: Box<dyn Holder>,
    /// The link to the host that waits for an answer.
    pub link: Box<dyn Link>,
    /// The use that its holder has just refused.
    pub refused: RefusedUse,
}

impl Resources {
    /// Resources with no key open, no holder, and a link that is not lost.
    #[must_use]
    pub fn new(store: Store, keys: Box<dyn KeyStore>, interface: Interface) -> Self {
        Self {
            store,
            keys,
            open_keys: OpenKeys::default(),
            opening_key: None,
            interface,
            holder: Box::new(Nobody),
            link: Box::new(AlwaysThere),
            refused: RefusedUse::default(),
        }
    }

    /// Whether this command, as it is without secure messaging, repeats one that the holder has just not agreed to: it
    /// gets the same answer, and nobody is asked again. A card that was changed since is another.
    pub(crate) fn repeats_refused(&self, command: &Command, is_protected: bool) -> bool {
        let repeats = self
            .refused
            .is(command, is_protected, self.store.revision())
            && self.store.is_current();
        if repeats {
            tracing::info!(
                "a host repeats {} that was not allowed: it gets the same answer, and the holder is not asked again",
                command.instruction
            );
        }
        repeats
    }

    /// Such a command has been answered.
    pub(crate) fn answered(&mut self, command: &Command, is_protected: bool) {
        let revision = self.store.revision();
        self.refused.answered(command, is_protected, revision);
    }
}

/// What hosts take the card for: one of them at a time, since Windows looks for GIDS first in one place and for PIV first
/// in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardEdge {
    /// SP 800-73-5.
    Piv,
    /// The Generic Identity Device Specification.
    Gids,
}

/// An application of the card. It gets whole commands, from the card's side; transport is not its business.
pub trait Application: Send {
    /// Whether SELECT with this application identifier means it.
    fn is_selected_by(&self, identifier: &[u8]) -> bool;

    /// Whether a command of this kind may come in a chain.
    fn may_be_chained(&self, instruction: Instruction) -> bool;

    /// Whether a command of this kind may come under secure messaging. The application unwraps it.
    fn may_be_protected(&self, _instruction: Instruction) -> bool {
        false
    }

    /// Secure messaging has failed: its session keys go.
    fn end_secure_messaging(&mut self, _resources: &mut Resources) {}

    /// What answers a chain of this kind that carries more than the card takes.
    fn too_long(&self, instruction: Instruction) -> Status {
        match instruction {
            Instruction::PutData => Status::NotEnoughMemory,
            _ => Status::WrongLength,
        }
    }

    /// What hosts take the card for.
    fn card_edge(&self) -> CardEdge;

    /// Answers SELECT by an application identifier that means it.
    fn select(&mut self, resources: &mut Resources, command: &Command) -> Response;

    /// Answers SELECT of a file; 6A82 where the application has none.
    fn select_file(&mut self, _resources: &mut Resources, _command: &Command) -> Response {
        self.interrupt();
        Status::NotFound.into()
    }

    /// Answers another command.
    fn process(&mut self, resources: &mut Resources, command: &Command) -> Response;

    /// Everything that a session holds ends.
    fn reset(&mut self);

    /// A command came that the application does not see. What must follow another command directly does not follow it
    /// any more.
    fn interrupt(&mut self);
}
