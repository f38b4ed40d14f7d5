//! The command line.

mod doctor;
mod list;
mod meet;
mod pin;
#[cfg(unix)]
mod setup;

use clap::Parser;
use clap_complete::Shell;

pub use doctor::DoctorOptions;
pub use list::ListOptions;
pub use meet::MeetOptions;
pub use pin::{LastTry, PinCommand, PinStatusOptions};
#[cfg(unix)]
pub use setup::{SetupAction, SetupOptions};

#[cfg(windows)]
const EXAMPLES: &str = "\
Examples:
  tapcard list                           the cards in the readers, and their keys and certificates
  tapcard pin status                     how many tries PIN and PUK have left
  tapcard pin change                     another PIN; both are asked for
  tapcard meet                           meets a phone again that has a new key
  tapcard doctor                         what is on each reader, and what to do about what is wrong
  tapcard doctor --json                  the same for a script
  tapcard completions powershell         completions for your shell

Exit status: 0 done, nothing is wrong; 1 something is wrong and was explained; 2 wrong usage.";

#[cfg(unix)]
const EXAMPLES: &str = "\
Examples:
  tapcard list                           the cards in the readers, and their keys and certificates
  tapcard pin status                     how many tries PIN and PUK have left
  tapcard pin change                     another PIN; both are asked for
  tapcard meet                           meets a phone again that has a new key
  tapcard setup                          which programs can use the card, and which cannot yet
  tapcard setup ssh --apply              lets ssh log in with the card
  tapcard doctor                         what is on each reader, and what to do about what is wrong
  tapcard doctor --json | jq .healthy    the same for a script
  tapcard completions bash               completions for your shell

Exit status: 0 done, nothing is wrong; 1 something is wrong and was explained; 2 wrong usage.";

/// Tapcard's command for whoever uses a phone or card: what is on the reader, its PIN, and the programs that use it.
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
    /// List the cards in the readers, with their keys and certificates
    #[command(long_about = list::LONG, after_help = list::EXAMPLES)]
    List(ListOptions),
    /// Say what is on each reader, and what to do about what is wrong
    #[command(long_about = doctor::LONG, after_help = doctor::EXAMPLES)]
    Doctor(DoctorOptions),
    /// Ask for the tries that the PIN has left, change the PIN, or unblock it with the PUK
    #[command(subcommand, long_about = pin::LONG, after_help = pin::EXAMPLES)]
    Pin(PinCommand),
    /// Meet a phone again that has a new key for its protected channel
    #[command(long_about = meet::LONG, after_help = meet::EXAMPLES)]
    Meet(MeetOptions),
    #[cfg(unix)]
    /// Show what a program needs to use the card, make that change, or take it back
    #[command(long_about = setup::LONG, after_help = setup::EXAMPLES)]
    Setup(SetupOptions),
    /// Print a completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[cfg(windows)]
const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tapcard completions powershell | Out-String | Invoke-Expression
                                         a line for your $PROFILE";

#[cfg(unix)]
const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tapcard completions bash > ~/.local/share/bash-completion/completions/tapcard
  tapcard completions zsh > ~/.zfunc/_tapcard      (a folder in your fpath)
  tapcard completions fish > ~/.config/fish/completions/tapcard.fish";
