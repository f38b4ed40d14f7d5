//! `tapcard pin`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const LONG: &str = "\
Asks for the tries that PIN and PUK have left, sets another PIN, or sets a new PIN with the PUK where the PIN is blocked
or forgotten. Works with any PIV card.

PINs are typed hidden, or come from a file (--pin-file, --new-pin-file, --puk-file) or from the environment, for scripts:
TAPCARD_PIN, TAPCARD_NEW_PIN and TAPCARD_PUK hold them, TAPCARD_PIN_FILE, TAPCARD_NEW_PIN_FILE and TAPCARD_PUK_FILE name
files that do. They are never printed. What cannot be a PIN (6 to 8 digits) or PUK (8 characters) is not sent to the card
and costs no try.

Over a contactless reader a Tapcard phone is sent them inside a protected channel alone, and only where it proves the key
that it was first met with. That key is remembered in ~/.local/state/tapcard/cards, where the PKCS#11 module keeps it too.
Where that folder cannot be written to, the key counts until the program ends, and next time the card is met as a
new one. A card of another make that has no protected channel gets its PIN in clear. Either is said before anything is
typed.";

pub(super) const EXAMPLES: &str = "\
Examples:
  tapcard pin status                 how many tries are left; asking costs none
  tapcard pin change                 asks for the PIN and, twice, for the new one
  tapcard pin unblock                asks for the PUK and, twice, for a new PIN
  tapcard pin change --pin-file old --new-pin-file new
  TAPCARD_PUK_FILE=puk TAPCARD_NEW_PIN_FILE=new tapcard pin unblock
                                     for scripts

Exit status: 0 done; 1 not done (wrong, blocked, not allowed here), and the output says why and how many tries are left;
2 wrong usage.";

/// What can be done with a card's PIN.
#[derive(Debug, Subcommand)]
pub enum PinCommand {
    /// Say how many tries PIN and PUK have left, of each PIV card (costs no try)
    Status(PinStatusOptions),
    /// Set another PIN, by the one that the card has
    Change(PinChangeOptions),
    /// Set a new PIN with the PUK, where the PIN is blocked or forgotten
    Unblock(PinUnblockOptions),
}

/// Options of `tapcard pin status`.
#[derive(Args, Debug)]
pub struct PinStatusOptions {
    /// Print the answer as JSON (docs/tapcard.md describes it)
    #[arg(long, env = "TAPCARD_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    /// Look only at readers whose name contains NAME (in upper or lower case)
    #[arg(long, value_name = "NAME", env = "TAPCARD_READER")]
    pub reader: Option<String>,
}

/// Options of `tapcard pin change`.
#[derive(Args, Debug)]
pub struct PinChangeOptions {
    /// Which card, and its last try.
    #[command(flatten)]
    pub card: CardOptions,
    /// The file that holds the PIN (or TAPCARD_PIN, TAPCARD_PIN_FILE)
    #[arg(long, value_name = "FILE")]
    pub pin_file: Option<PathBuf>,
    /// The file that holds the new PIN (or TAPCARD_NEW_PIN, TAPCARD_NEW_PIN_FILE)
    #[arg(long, value_name = "FILE")]
    pub new_pin_file: Option<PathBuf>,
}

/// Options of `tapcard pin unblock`.
#[derive(Args, Debug)]
pub struct PinUnblockOptions {
    /// Which card, and its last try.
    #[command(flatten)]
    pub card: CardOptions,
    /// The file that holds the PUK (or TAPCARD_PUK, TAPCARD_PUK_FILE)
    #[arg(long, value_name = "FILE")]
    pub puk_file: Option<PathBuf>,
    /// The file that holds the new PIN (or TAPCARD_NEW_PIN, TAPCARD_NEW_PIN_FILE)
    #[arg(long, value_name = "FILE")]
    pub new_pin_file: Option<PathBuf>,
}

/// Which card is meant, and whether its last try may be spent.
#[derive(Args, Debug)]
pub struct CardOptions {
    /// Look only at readers whose name contains NAME (in upper or lower case)
    #[arg(long, value_name = "NAME", env = "TAPCARD_READER")]
    pub reader: Option<String>,
    /// Spend the last try without a question
    #[arg(long)]
    yes: bool,
}

/// Whether a last try may be spent without a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastTry {
    /// It may.
    MaySpend,
    /// Somebody must say yes first.
    Ask,
}

impl CardOptions {
    /// Whether a last try may be spent without a question.
    #[must_use]
    pub fn last_try(&self) -> LastTry {
        if self.yes {
            LastTry::MaySpend
        } else {
            LastTry::Ask
        }
    }
}
