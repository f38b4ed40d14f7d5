//! `tapcard list`.

use clap::Args;

pub(super) const LONG: &str = "\
Lists the readers and what is in them: of each PIV card its holder, the serial number by which PKCS#11 programs know it,
its GUID, and its keys that have a certificate: slot, CKA_ID, name and kind of the key, holder, issuer, and how long the
certificate is valid.

No PIN is needed, and nothing is changed. What is wrong with a card, `tapcard doctor` says.";

pub(super) const EXAMPLES: &str = "\
Examples:
  tapcard list                       every reader
  tapcard list --reader ACR122       only readers whose name contains \"ACR122\"
  tapcard list --json | jq -r '.readers[].card.keys[]? | \"\\(.slot) \\(.days_left)\"'
                                     for a script: each key and the days that its certificate has left

Exit status: 0 a PIV card was listed; 1 there is none, or a reader or card could not be read, and the output says why;
2 wrong usage.";

/// Options of `tapcard list`.
#[derive(Args, Debug)]
pub struct ListOptions {
    /// Print the list as JSON (docs/tapcard.md describes it)
    #[arg(long, env = "TAPCARD_JSON", value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    /// Look only at readers whose name contains NAME (in upper or lower case)
    #[arg(long, value_name = "NAME", env = "TAPCARD_READER")]
    pub reader: Option<String>,
}
