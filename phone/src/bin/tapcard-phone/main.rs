//! The virtual phone: a PIV card for PCs without a phone at hand.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod https;

use std::process::ExitCode;

use clap::Parser;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = std::env::var("TAPCARD_LOG")
        .ok()
        .and_then(|text| text.parse::<Targets>().ok())
        .unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .without_time();
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
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
