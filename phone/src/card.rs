//! Which application answers, and the transport beneath it: command chaining, GET RESPONSE, and where a session
//! of the card begins and ends. Links call this; it knows nothing of what an application does.

use card_edge::Status;
use card_edge::apdu::{Class, Command, EXTENDED_DATA_MAX, Instruction, Response};
use card_edge::chaining::{Assembled, CommandChain, ResponseChain};
use zeroize::Zeroizing;

use crate::application::{Application, CardEdge, Resources};
use crate::consent::{Holder, Link, RefusedUse};
use crate::gids::GidsApplication;
use crate::interface::Interface;
use crate::key_store::{KeyStore, KeyStoreError};
use crate::piv::PivApplication;
use crate::secure_messaging::{self, SecureMessagingError};
use crate::state::{CardState, Gids, KeptHandle, KeyRecord, Store};

/// The maximum number of data bytes that a chain of commands may carry: as many as one extended command may, so that
/// what is taken does not depend on the form in which it comes.
pub const COMMAND_DATA_MAX: usize = EXTENDED_DATA_MAX;

/// The maximum number of data bytes in one response. With the status word it fits a message of a link, whose length has
/// two bytes; what is longer comes in parts.
pub const RESPONSE_DATA_MAX: usize = 65_533;

/// The name of the key for secure messaging, which hosts do not use by itself.
pub const SECURE_MESSAGING_KEY: &str = "04";

/// Every key that a card keeps, with its name.
fn all_keys(state: &CardState) -> impl Iterator<Item = (String, &KeyRecord)> {
    let secure_messaging = state.secure_messaging.iter();
    let own = secure_messaging.map(|kept| (SECURE_MESSAGING_KEY.to_owned(), &kept.key));
    let slots = state.keys.iter();
    let slots = slots.map(|(key, record)| (key.to_string(), record));
    let containers = state.gids.iter().flat_map(Gids::own_keys);
    own.chain(slots).chain(containers)
}

/// The keys of this card that do not work when they are tried, by their names, and why. What is encrypted under the PIN cannot
/// be tried without it.
#[must_use]
pub fn dead_keys(state: &CardState, keys: &dyn KeyStore) -> Vec<(String, KeyStoreError)> {
    all_keys(state)
        .filter_map(|(name, record)| {
            let KeptHandle::Clear(handle) = &record.handle else {
                return None;
            };
            let error = keys.check(record.algorithm, handle).err()?;
            Some((name, error))
        })
        .collect()
}

/// A card with one application on it.
pub struct Card {
    resources: Resources,
    application: Box<dyn Application>,
    selected: bool,
    commands: CommandChain,
    responses: ResponseChain,
}

impl Card {
    /// A card with this state and these keys, not yet powered, behind an interface of this kind. Its
    /// application is the one that its holder chose.
    #[must_use]
    pub fn new(store: Store, keys: Box<dyn KeyStore>, interface: Interface) -> Self {
        let application: Box<dyn Application> = match store.state().gids {
            Some(_) => Box::new(GidsApplication::default()),
            None => Box::new(PivApplication::default()),
        };
        Self {
            resources: Resources::new(store, keys, interface),
            application,
            selected: false,
            commands: CommandChain::new(COMMAND_DATA_MAX),
            responses: ResponseChain::new(RESPONSE_DATA_MAX),
        }
    }

    /// Gives the card to a holder, who is asked for consent where a key wants it.
    #[must_use]
    pub fn with_holder(mut self, holder: Box<dyn Holder>) -> Self {
        self.resources.holder = holder;
        self
    }

    /// Has the card remember for this long a use that its holder refused, see [`RefusedUse`].
    #[must_use]
    pub fn with_refused_use(mut self, refused: RefusedUse) -> Self {
        self.resources.refused = refused;
        self
    }

    /// The link over which commands come from now on.
    pub fn set_link(&mut self, link: Box<dyn Link>) {
        self.resources.link = link;
    }

    /// Tries every key that the state keeps, and sets aside those that do not work: each of their uses is answered with an
    /// error, and all the rest is served. Gives them, and why.
    pub fn set_dead_keys_aside(&mut self) -> Vec<(String, KeyStoreError)> {
        let Resources {
            store,
            keys,
            open_keys,
            ..
        } = &mut self.resources;
        let dead = dead_keys(store.state(), keys.as_ref());
        for (name, record) in all_keys(store.state()) {
            if dead.iter().any(|(dead, _)| *dead == name) {
                open_keys.set_aside(record.handle.clone());
            }
        }
        dead
    }

    /// Makes a key for secure messaging in place of one that does not work. Nobody but hosts that remember the card's key
    /// takes it for another card.
    ///
    /// # Errors
    /// [`SecureMessagingError`]: nothing is changed then.
    pub fn replace_secure_messaging_key(&mut self) -> Result<(), SecureMessagingError> {
        let Resources { store, keys, .. } = &mut self.resources;
        let suite = secure_messaging::least_suite(store.state());
        secure_messaging::make(store, keys.as_ref(), suite).map(drop)
    }

    /// What hosts take the card for.
    #[must_use]
    pub fn card_edge(&self) -> CardEdge {
        self.application.card_edge()
    }

    /// Power-on, power-off, reset, or a link that was lost: everything that a session holds ends. Objects, keys and
    /// retry counters stay.
    pub fn reset(&mut self) {
        self.selected = false;
        self.commands.clear();
        self.responses.clear();
        self.resources.refused.forget();
        self.resources.opening_key = None;
        self.application.reset();
    }

    /// Answers one command APDU; bytes that are not one get an error status too.
    pub fn process(&mut self, apdu: &[u8]) -> Zeroizing<Vec<u8>> {
        let response = match Command::parse(apdu) {
            Ok(command) => self.transport(command),
            Err(error) => self.refuse(error.status()),
        };
        if is_protected(apdu) && !response.status.is_success() {
            self.application.end_secure_messaging(&mut self.resources);
            // It was another command, and nobody knows which.
            self.resources.refused.forget();
        }
        response.into_encoded()
    }

    /// A command is all parts of its chain, and each GET RESPONSE that fetches a part of its answer. Everything else
    /// that comes is another command, one that the application never sees included: it ends what waits of the one
    /// before, and what had to follow that one directly.
    fn transport(&mut self, command: Command) -> Response {
        if command.instruction == Instruction::GetResponse && command.class == Class::default() {
            return self.get_response(&command);
        }
        self.responses.clear();
        if command.class.secure_messaging && !self.application.may_be_protected(command.instruction)
        {
            return self.refuse(Status::SecureMessagingNotSupported);
        }
        if command.class.chained && !self.application.may_be_chained(command.instruction) {
            return self.refuse(Status::ChainingNotSupported);
        }
        if self.commands.is_broken_by(&command) {
            self.application.interrupt();
        }
        let instruction = command.instruction;
        match self.commands.push(command) {
            Assembled::Incomplete => Status::Success.into(),
            Assembled::TooLong => self.refuse(self.application.too_long(instruction)),
            Assembled::Complete(command) => {
                let response = self.answer(&command);
                self.responses.start(response, command.expected)
            }
        }
    }

    fn get_response(&mut self, command: &Command) -> Response {
        if (command.p1, command.p2) != (0, 0) {
            return self.refuse(Status::IncorrectParameters);
        }
        match self.responses.next_part(command.expected) {
            Some(part) => part,
            None => self.refuse(Status::ConditionsNotSatisfied),
        }
    }

    /// Answers a command that the application never sees.
    fn refuse(&mut self, status: Status) -> Response {
        self.commands.clear();
        self.responses.clear();
        self.resources.refused.forget();
        self.application.interrupt();
        status.into()
    }

    /// The same command after its holder did not agree to it, with nothing but reading in between, is the same use: OpenSC
    /// repeats whatever fails. For a moment it gets the same answer, and nobody is asked again.
    fn answer(&mut self, command: &Command) -> Response {
        // Under secure messaging no command looks like another: the application compares what is inside.
        if command.class.secure_messaging {
            return self.dispatch(command);
        }
        if self.resources.repeats_refused(command, false) {
            self.application.interrupt();
            return Status::ConditionsNotSatisfied.into();
        }
        let response = self.dispatch(command);
        self.resources.answered(command, false);
        response
    }

    fn dispatch(&mut self, command: &Command) -> Response {
        match command.instruction {
            Instruction::Select => self.select(command),
            _ if self.selected => self.application.process(&mut self.resources, command),
            _ => Status::InstructionNotSupported.into(),
        }
    }

    /// SELECT by application identifier. One that is not on the card leaves the selected application and its security
    /// status as they are, and so does selecting it again (SP 800-73-5 part 2, 3.1.1).
    fn select(&mut self, command: &Command) -> Response {
        if command.p1 != 0x04 && self.selected {
            return self.application.select_file(&mut self.resources, command);
        }
        if command.p1 != 0x04 || !self.application.is_selected_by(&command.data) {
            self.application.interrupt();
            return Status::NotFound.into();
        }
        let response = self.application.select(&mut self.resources, command);
        if response.status.is_success() {
            self.selected = true;
        }
        response
    }
}

/// Whether this is a command under secure messaging, well formed or not. What such a command is answered with in clear is
/// an error of secure messaging, which ends it (SP 800-73-5 part 2, 4.3).
fn is_protected(apdu: &[u8]) -> bool {
    matches!(apdu, [0x0C | 0x1C, ..])
}
