//! The command line.

use clap::{Args, Parser};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  tapcard doctor                         what is on each reader, and what to do about what is wrong
  tapcard doctor --json | jq .healthy    the same for a script
  tapcard completions bash               completions for your shell

Exit status: 0 nothing is wrong, 1 something is wrong and was explained, 2 wrong usage.";

const DOCTOR: &str = "\
Looks at the way to the card (PC/SC service, rights, readers) and at the card on each reader: its ATR, the
applications that really answer (PIV, GIDS), objects, certificates and their expiry, and how many PIN tries are
left. For whatever is wrong it says why, and what to do next.

It changes nothing on the card. It never sends a PIN or PUK, so no try is lost.";

const DOCTOR_EXAMPLES: &str = "\
Examples:
  tapcard doctor                     every reader
  tapcard doctor --reader ACR122     only readers whose name contains \"ACR122\"
  tapcard doctor --json | jq '.readers[].piv.certificates[] | {slot, days_left}'
                                     what a monitoring script wants to know

Exit status: 0 nothing is wrong (there may be warnings), 1 something is wrong and was explained, 2 wrong usage.";

/// Explains what is on the smart card reader: a phone, a card, or the reason why neither works.
#[derive(Debug, Parser)]
#[command(name = "tapcard", version, after_help = EXAMPLES)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub subcommand: Subcommand,
}

/// What `tapcard` can do.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Say what is on each reader, and what to do about what is wrong
    #[command(long_about = DOCTOR, after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorOptions),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Options of `tapcard doctor`.
#[derive(Args, Debug)]
pub struct DoctorOptions {
    /// Print the report as JSON (docs/doctor.md describes it)
    #[arg(long, env = "TAPCARD_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    /// Look only at readers whose name contains NAME (in upper or lower case)
    #[arg(long, value_name = "NAME", env = "TAPCARD_READER")]
    pub reader: Option<String>,
}
