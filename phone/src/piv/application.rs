//! The application itself: which file answers which command.

use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::extensions::{Announcement, SIGN};
use card_edge::piv::{self, KeyReference, PinReference, yubico::instruction};

use super::change_reference_data::ChangeReferenceData;
use super::context::{Context, Preceding, Session};
use super::extensions::public_objects::KnownSummary;
use super::extensions::sign::Sign;
use super::extensions::verify_at_phone::{self, VerifyAtPhone};
use super::general_authenticate::GeneralAuthenticate;
use super::generate::{Generate, GenerateForSecureMessaging};
use super::get_data::GetData;
use super::key_establishment::KeyEstablishment;
use super::pairing_code::VerifyPairingCode;
use super::policy::intermediate_retry_value;
use super::put_data::PutData;
use super::reset_retry_counter::ResetRetryCounter;
use super::secure_channel::SecureChannel;
use super::verify::Verify;
use super::{access, path, select, yubico};
use crate::application::{Application, CardEdge, Resources};
use crate::refusal::{Answer, status_of_state};
use crate::secure_messaging;
use crate::state::SecureMessaging;

/// Instructions that may come in a chain (SP 800-73-5 part 2, table 2).
const CHAINABLE: [Instruction; 4] = [
    Instruction::GeneralAuthenticate,
    Instruction::PutData,
    Instruction::GenerateAsymmetricKeyPair,
    instruction::IMPORT_KEY,
];

/// The PIV card application.
#[derive(Default)]
pub struct PivApplication {
    session: Session,
    known_summary: KnownSummary,
}

impl Application for PivApplication {
    fn is_selected_by(&self, identifier: &[u8]) -> bool {
        piv::is_selected_by(identifier)
    }

    fn may_be_chained(&self, instruction: Instruction) -> bool {
        CHAINABLE.contains(&instruction)
    }

    fn may_be_protected(&self, instruction: Instruction) -> bool {
        piv::secure_messaging::may_be_protected(instruction)
    }

    fn end_secure_messaging(&mut self, resources: &mut Resources) {
        self.session.end_channel(resources);
        self.forget_what_nobody_proves(resources);
    }

    fn card_edge(&self) -> CardEdge {
        CardEdge::Piv
    }

    fn select(&mut self, resources: &mut Resources, command: &Command) -> Response {
        self.interrupt();
        if command.p2 != 0x00 {
            return Status::IncorrectParameters.into();
        }
        self.session.by_provider_alone = command.data.as_slice() == piv::RID;
        self.refresh(resources)
            .and_then(|()| {
                // A card whose key cannot be made or used now is a card without secure messaging.
                let prepared =
                    secure_messaging::prepare(&mut resources.store, resources.keys.as_ref());
                if let Err(error) = &prepared {
                    tracing::warn!("no secure messaging: {error}");
                }
                let announcement = self.announcement(resources);
                let kept = resources.store.state().secure_messaging.as_ref();
                let suite = kept
                    .filter(|_| prepared.is_ok())
                    .and_then(SecureMessaging::suite);
                select::answer(resources.keys.algorithms(), suite, announcement)
            })
            .unwrap_or_else(Response::from)
    }

    fn process(&mut self, resources: &mut Resources, command: &Command) -> Response {
        // What another process has changed ends what was proved for the command at hand too.
        let refreshed = self.refresh(resources);
        let preceding = self.session.take_preceding();
        let response = refreshed
            .and_then(|()| {
                if command.class.secure_messaging {
                    return self.process_protected(resources, command, preceding);
                }
                let context = Context {
                    resources,
                    session: &mut self.session,
                    preceding,
                    channel: None,
                };
                answer(context, command)
            })
            .unwrap_or_else(Response::from);
        self.forget_what_nobody_proves(resources);
        response
    }

    fn reset(&mut self) {
        self.session = Session::default();
    }

    fn interrupt(&mut self) {
        self.session.take_preceding();
    }
}

impl PivApplication {
    /// What decrypts keys is kept for as long as a PIN counts as verified.
    fn forget_what_nobody_proves(&self, resources: &mut Resources) {
        if !self.session.security.is_pin_verified() {
            resources.opening_key = None;
        }
    }

    /// Reads again what another process has changed; whatever was proved before does not count any more then.
    fn refresh(&mut self, resources: &mut Resources) -> Result<(), Status> {
        if resources.store.refresh().map_err(status_of_state)? {
            self.session = Session {
                by_provider_alone: self.session.by_provider_alone,
                ..Session::default()
            };
            resources.open_keys.close();
            resources.opening_key = None;
        }
        Ok(())
    }

    /// A command under secure messaging (SP 800-73-5 part 2, 4.2). Whatever is wrong with it ends the channel, which is put
    /// back when all is well alone.
    fn process_protected(
        &mut self,
        resources: &mut Resources,
        command: &Command,
        preceding: Preceding,
    ) -> Answer {
        let Some(mut channel) = self.session.channel.take() else {
            return Err(Status::SecurityStatusNotSatisfied);
        };
        let protected = if is_key_establishment(command) {
            Err(Status::SecureMessagingNotSupported)
        } else {
            self.answer_through(&mut channel, resources, command, preceding)
        };
        let is_whole = protected.is_ok();
        self.session.channel = Some(channel);
        if !is_whole {
            self.session.end_channel(resources);
        }
        protected
    }

    /// Unwraps a command, answers it, and wraps the answer: of one that is too long the host learns that alone.
    fn answer_through(
        &mut self,
        channel: &mut SecureChannel,
        resources: &mut Resources,
        command: &Command,
        preceding: Preceding,
    ) -> Answer {
        let command = channel.open(command).map_err(|error| error.status())?;
        let response = if resources.repeats_refused(&command, true) {
            Status::ConditionsNotSatisfied.into()
        } else {
            let context = Context {
                resources,
                session: &mut self.session,
                preceding,
                channel: Some(&mut *channel),
            };
            let response = answer(context, &command).unwrap_or_else(Response::from);
            resources.answered(&command, true);
            response
        };
        channel
            .protect(&response)
            .or_else(|_| channel.protect(&Status::MemoryFailure.into()))
            .map_err(|error| error.status())
    }

    /// What SELECT announces. Where that is not known, nothing is announced: it costs a host commands, and nothing else.
    fn announcement(&mut self, resources: &Resources) -> Option<Announcement> {
        let is_strict = path::is_strict(resources);
        let summary = self.known_summary.of(&resources.store, is_strict).ok()?;
        let tries = resources.store.tries().ok()?;
        let floor = intermediate_retry_value(resources.interface);
        // What a VERIFY without a PIN would not tell in clear, this does not either.
        let may_be_told = access::may_prove_pin(path::Path::of(resources, None)).is_ok();
        Some(Announcement {
            objects: summary.digest,
            pin_tries: may_be_told.then(|| tries.pin.saturating_sub(floor)),
            name: summary.name,
            pin_entry: verify_at_phone::entry_time(resources).filter(|_| may_be_told),
        })
    }
}

/// Whether this is GENERAL AUTHENTICATE with the key of secure messaging.
fn is_key_establishment(command: &Command) -> bool {
    command.instruction == Instruction::GeneralAuthenticate
        && command.p2 == KeyReference::SecureMessaging.to_u8()
}

fn answer(context: Context<'_>, command: &Command) -> Answer {
    access::may_come(command.instruction, context.path())?;
    match command.instruction {
        Instruction::GeneralAuthenticate if is_key_establishment(command) => {
            context.session.end_channel(context.resources);
            KeyEstablishment::parse(command)?.run(context)
        }
        Instruction::GenerateAsymmetricKeyPair
            if command.p2 == KeyReference::SecureMessaging.to_u8() =>
        {
            GenerateForSecureMessaging::parse(command)?.run(context)
        }
        Instruction::Verify if command.p2 == PinReference::PairingCode.to_u8() => {
            VerifyPairingCode::parse(command)?.run(context)
        }
        Instruction::GetData => GetData::parse(command)?.run(context),
        Instruction::PutData => PutData::parse(command)?.run(context),
        Instruction::Verify if VerifyAtPhone::is(command) => {
            VerifyAtPhone::parse(command, context.resources)?.run(context)
        }
        Instruction::Verify => Verify::parse(command, context.state())?.run(context),
        Instruction::ChangeReferenceData => {
            ChangeReferenceData::parse(command, context.state())?.run(context)
        }
        Instruction::ResetRetryCounter => ResetRetryCounter::parse(command)?.run(context),
        Instruction::GeneralAuthenticate => {
            let algorithms = context.resources.keys.algorithms();
            GeneralAuthenticate::parse(command, algorithms)?.run(context)
        }
        Instruction::GenerateAsymmetricKeyPair => {
            let algorithms = context.resources.keys.algorithms();
            Generate::parse(command, algorithms)?.run(context)
        }
        SIGN => Sign::parse(command)?.run(context),
        Instruction::Other(_) => yubico::answer(context, command),
        Instruction::Select | Instruction::GetResponse => Err(Status::InstructionNotSupported),
    }
}
