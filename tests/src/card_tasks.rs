//! The programs that use a card as they are told.

use crate::Result;
use crate::folder::Folder;
use crate::module::Module;
use crate::pcscd::{PcscDaemon, READER};
use crate::phone::PIN;
use crate::program::Program;
use crate::told_program::ToldProgram;

/// One that uses the module (`tests/examples/card_tasks.rs`).
///
/// # Errors
/// When it has not been built.
pub fn through_module(folder: &Folder, module: &Module) -> Result<ToldProgram> {
    ToldProgram::start(folder, module_program(folder, module)?, "card_tasks")
}

/// The same, not yet started, for an environment of its own.
///
/// # Errors
/// When it has not been built.
pub fn module_program(folder: &Folder, module: &Module) -> Result<Program> {
    Ok(folder
        .program(folder.binaries().built("examples/card_tasks")?)
        .arg(module.path())
        .envs(module.environment())
        .env("CARD_TASKS_PIN", PIN))
}

/// One that uses the card in the first reader without the module (`tests/examples/other_program.rs`).
///
/// # Errors
/// When it has not been built.
pub fn beside_module(folder: &Folder, daemon: &PcscDaemon) -> Result<ToldProgram> {
    let program = folder
        .program(folder.binaries().built("examples/other_program")?)
        .arg(format!("{READER} 00 00"))
        .envs(daemon.environment());
    ToldProgram::start(folder, program, "other_program")
}
