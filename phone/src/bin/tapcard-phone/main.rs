//! The virtual phone: a PIV card for PCs without a phone at hand.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod https;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TAPCARD_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .without_time()
        .init();
    let outcome = match arguments.command {
        Command::Run(run) => commands::run::run(&run),
        Command::Enroll(enroll) => commands::enroll::run(&enroll),
        Command::Status(status) => commands::status::run(&status),
        Command::Completions { shell } => commands::completions(shell),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tapcard-phone: {error}");
            ExitCode::FAILURE
        }
    }
}
