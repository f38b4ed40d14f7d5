//! What the card calls: SELECT, commands, and the end of a session.

use card_edge::apdu::{Command, Instruction};
use card_edge::gids::{self, instruction};
use card_edge::{Response, Status};

use super::activate_file::ActivateFile;
use super::change_reference_data::ChangeReferenceData;
use super::context::Context;
use super::create_file::CreateFile;
use super::delete_file::DeleteFile;
use super::general_authenticate::GeneralAuthenticate;
use super::generate::Generate;
use super::get_data::GetData;
use super::manage_security_environment::ManageSecurityEnvironment;
use super::perform_security_operation::PerformSecurityOperation;
use super::put_data::PutData;
use super::reset_retry_counter::ResetRetryCounter;
use super::session::{Session, Step};
use super::verify::Verify;
use super::{access, select};
use crate::application::{Application, CardEdge, Resources};
use crate::refusal::{Answer, status_of_state};

/// Commands whose data may come in a chain.
const CHAINABLE: [Instruction; 3] = [
    Instruction::PutData,
    instruction::PERFORM_SECURITY_OPERATION,
    instruction::CREATE_FILE,
];

/// The GIDS card application.
#[derive(Default)]
pub struct GidsApplication {
    session: Session,
}

impl Application for GidsApplication {
    fn is_selected_by(&self, identifier: &[u8]) -> bool {
        gids::is_selected_by(identifier)
    }

    fn may_be_chained(&self, instruction: Instruction) -> bool {
        CHAINABLE.contains(&instruction)
    }

    fn card_edge(&self) -> CardEdge {
        CardEdge::Gids
    }

    fn select(&mut self, resources: &mut Resources, command: &Command) -> Response {
        let p2 = command.p2;
        self.with_context(resources, Step::Reading, |context| {
            select::application(context, p2)
        })
    }

    fn select_file(&mut self, resources: &mut Resources, command: &Command) -> Response {
        self.with_context(resources, Step::of(command), |context| {
            select::SelectFile::parse(command)?.run(context)
        })
    }

    fn process(&mut self, resources: &mut Resources, command: &Command) -> Response {
        self.with_context(resources, Step::of(command), |context| {
            answer(context, command)
        })
    }

    fn reset(&mut self) {
        self.session = Session::default();
    }

    fn interrupt(&mut self) {
        self.session.take_preceding();
    }
}

impl GidsApplication {
    /// Reads again what another process has changed, after which nothing counts as proved any more, and lets `act` work.
    fn with_context(
        &mut self,
        resources: &mut Resources,
        step: Step,
        act: impl FnOnce(Context<'_>) -> Answer,
    ) -> Response {
        let refreshed = resources.store.refresh().map_err(status_of_state);
        let preceding = self.session.take_preceding_of(step);
        refreshed
            .and_then(|is_changed| {
                let preceding = if is_changed {
                    self.session = Session::default();
                    resources.open_keys.close();
                    self.session.take_preceding()
                } else {
                    preceding
                };
                if access::is_closed(resources) {
                    return Err(Status::FunctionNotSupported);
                }
                act(Context {
                    resources,
                    session: &mut self.session,
                    preceding,
                })
            })
            .unwrap_or_else(Response::from)
    }
}

fn answer(context: Context<'_>, command: &Command) -> Answer {
    match command.instruction {
        Instruction::GetData => GetData::parse(command, context.session.current)?.run(context),
        Instruction::PutData => PutData::parse(command, context.session.current)?.run(context),
        Instruction::Verify => Verify::parse(command)?.run(context),
        Instruction::ChangeReferenceData => ChangeReferenceData::parse(command)?.run(context),
        Instruction::ResetRetryCounter => ResetRetryCounter::parse(command)?.run(context),
        Instruction::GeneralAuthenticate => GeneralAuthenticate::parse(command)?.run(context),
        Instruction::GenerateAsymmetricKeyPair => Generate::parse(command)?.run(context),
        instruction::MANAGE_SECURITY_ENVIRONMENT => {
            // Refused or not: nothing is done with another key than the one that a host asked for last.
            context.session.environment = None;
            ManageSecurityEnvironment::parse(command)?.run(context)
        }
        instruction::PERFORM_SECURITY_OPERATION => {
            PerformSecurityOperation::parse(command)?.run(context)
        }
        instruction::CREATE_FILE => CreateFile::parse(command)?.run(context),
        instruction::ACTIVATE_FILE => ActivateFile::parse(command)?.run(context),
        instruction::DELETE_FILE => DeleteFile::parse(command)?.run(context),
        Instruction::Select | Instruction::GetResponse | Instruction::Other(_) => {
            Err(Status::InstructionNotSupported)
        }
    }
}
