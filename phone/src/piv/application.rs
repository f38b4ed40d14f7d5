//! The application itself: which file answers which command.

use card_edge::Status;
use card_edge::apdu::{Command, Instruction, Response};
use card_edge::piv::extensions::{Announcement, SIGN};
use card_edge::piv::{self, yubico::instruction};

use super::change_reference_data::ChangeReferenceData;
use super::context::{Context, Session};
use super::extensions::public_objects::KnownDigest;
use super::extensions::sign::Sign;
use super::general_authenticate::GeneralAuthenticate;
use super::generate::Generate;
use super::get_data::GetData;
use super::policy::intermediate_retry_value;
use super::put_data::PutData;
use super::refusal::{Answer, status_of_state};
use super::reset_retry_counter::ResetRetryCounter;
use super::verify::Verify;
use super::{select, yubico};
use crate::application::{Application, Resources};

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
    known_digest: KnownDigest,
}

impl Application for PivApplication {
    fn is_selected_by(&self, identifier: &[u8]) -> bool {
        piv::is_selected_by(identifier)
    }

    fn may_be_chained(&self, instruction: Instruction) -> bool {
        CHAINABLE.contains(&instruction)
    }

    fn too_long(&self, instruction: Instruction) -> Status {
        match instruction {
            Instruction::PutData => Status::NotEnoughMemory,
            _ => Status::WrongLength,
        }
    }

    fn select(&mut self, resources: &mut Resources) -> Response {
        self.refresh(resources)
            .and_then(|()| {
                let announcement = self.announcement(resources);
                select::answer(resources.keys.algorithms(), announcement)
            })
            .unwrap_or_else(Response::from)
    }

    fn process(&mut self, resources: &mut Resources, command: &Command) -> Response {
        // What another process has changed ends what was proved for the command at hand too.
        let refreshed = self.refresh(resources);
        let preceding = self.session.take_preceding();
        refreshed
            .and_then(|()| {
                let context = Context {
                    resources,
                    session: &mut self.session,
                    preceding,
                };
                answer(context, command)
            })
            .unwrap_or_else(Response::from)
    }

    fn reset(&mut self) {
        self.session = Session::default();
    }

    fn interrupt(&mut self) {
        self.session.take_preceding();
    }
}

impl PivApplication {
    /// Reads again what another process has changed; whatever was proved before does not count any more then.
    fn refresh(&mut self, resources: &mut Resources) -> Result<(), Status> {
        if resources.store.refresh().map_err(status_of_state)? {
            self.session = Session::default();
            resources.open_keys.close();
        }
        Ok(())
    }

    /// What SELECT announces. Where that is not known, nothing is announced: it costs a host commands, and nothing else.
    fn announcement(&mut self, resources: &Resources) -> Option<Announcement> {
        let objects = self.known_digest.of(&resources.store).ok()?;
        let tries = resources.store.tries().ok()?;
        let floor = intermediate_retry_value(resources.interface);
        Some(Announcement {
            objects,
            pin_tries: tries.pin.saturating_sub(floor),
        })
    }
}

fn answer(context: Context<'_>, command: &Command) -> Answer {
    match command.instruction {
        Instruction::GetData => GetData::parse(command)?.run(context),
        Instruction::PutData => PutData::parse(command)?.run(context),
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
