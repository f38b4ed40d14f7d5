//! The `tapcard` command.
#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use plain_text::Plain;
use tapcard_cli::arguments::{Arguments, Subcommand};
use tapcard_cli::exit::Outcome;
#[cfg(unix)]
use tapcard_cli::setup;
use tapcard_cli::{doctor, list, meet, pin};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(outcome) => outcome.into(),
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Wrong.into(),
        Err(error) => {
            // Nothing is left to do where standard error is gone too.
            let _ = writeln!(io::stderr(), "tapcard: {}", Plain(error));
            Outcome::Wrong.into()
        }
    }
}

fn run(arguments: &Arguments) -> io::Result<Outcome> {
    let mut out = io::stdout().lock();
    match &arguments.subcommand {
        Subcommand::List(options) => {
            let listing = list::run(options.reader.as_deref());
            let text = if options.json {
                list::render::json(&listing)?
            } else {
                list::render::text(&listing)
            };
            out.write_all(text.as_bytes())?;
            Ok(listing.outcome())
        }
        Subcommand::Doctor(options) => {
            let report = doctor::run(options.reader.as_deref());
            let text = if options.json {
                doctor::json::encode(&report)?
            } else {
                doctor::render::text(&report)
            };
            out.write_all(text.as_bytes())?;
            Ok(report.outcome())
        }
        Subcommand::Pin(command) => pin::run(command, &mut out, &mut io::stderr().lock()),
        Subcommand::Meet(options) => meet::run(options, &mut out, &mut io::stderr().lock()),
        #[cfg(unix)]
        Subcommand::Setup(options) => setup::run(options, &mut out, &mut io::stderr().lock()),
        Subcommand::Completions { shell } => {
            let mut script = Vec::new();
            let mut command = Arguments::command();
            clap_complete::generate(*shell, &mut command, "tapcard", &mut script);
            out.write_all(&script)?;
            Ok(Outcome::Well)
        }
    }
}
