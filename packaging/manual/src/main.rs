//! `manual FOLDER`: the man pages and shell completions of the packaged commands, from their own help.
//!
//! Called by `cargo xtask dist`; what it writes is in the packages, and this program is not.
#![forbid(unsafe_code)]

mod commands;
mod completions;
mod man_pages;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, io};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: manual FOLDER");
        return ExitCode::from(2);
    };
    match write(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("manual: {}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

/// Writes `FOLDER/COMMAND/man/*.1` and `FOLDER/COMMAND/completions/{bash,zsh,fish}/*`.
fn write(folder: &std::path::Path) -> io::Result<()> {
    for command in commands::packaged() {
        let of_command = folder.join(command.get_name());
        let (pages, scripts) = (of_command.join("man"), of_command.join("completions"));
        fs::create_dir_all(&pages)?;
        man_pages::write(command.clone(), &pages)?;
        completions::write(command, &scripts)?;
    }
    Ok(())
}
