//! The virtual phone: a PIV card for PCs without a phone at hand.
#![forbid(unsafe_code)]

mod args;
mod commands;
mod holder;
mod https;

use std::process::ExitCode;

use clap::Parser;
use plain_text::Plain;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use args::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = log_filter();
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
        Command::CheckIn(check_in) => commands::check_in::run(&check_in),
        Command::Unblock(unblock) => commands::unblock::run(&unblock),
        Command::GlobalPin(global_pin) => commands::global_pin::run(&global_pin),
        Command::Consent(consent) => commands::consent::run(&consent),
        Command::Requests(requests) => commands::requests::run(&requests),
        Command::Log(log) => commands::log::run(&log),
        Command::Contactless(contactless) => commands::contactless::run(&contactless),
        Command::PinEntry(pin_entry) => commands::pin_entry::run(&pin_entry),
        Command::CardEdge(card_edge) => commands::edge::run(&card_edge),
        Command::Status(status) => commands::status::run(&status),
        Command::Completions { shell } => commands::completions(shell),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tapcard-phone: {}", Plain(error));
            ExitCode::FAILURE
        }
    }
}

/// What is logged: as `TAPCARD_LOG` has it, or from `warn` on.
fn log_filter() -> Targets {
    let usual = Targets::new().with_default(LevelFilter::WARN);
    let Ok(text) = std::env::var("TAPCARD_LOG") else {
        return usual;
    };
    // A word alone would be taken for the name of a part of the program, and all others would be silent.
    let is_clear = text
        .split(',')
        .all(|part| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok());
    match text.parse() {
        Ok(filter) if is_clear => filter,
        _ => {
            eprintln!(
                "tapcard-phone: TAPCARD_LOG is \"{}\"; it must be error, warn, info, debug, trace or off, \
                 or PART=LEVEL for a part of the program. Logging from warn on.",
                Plain(text)
            );
            usual
        }
    }
}
