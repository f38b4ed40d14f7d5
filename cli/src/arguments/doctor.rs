//! `tapcard doctor`.

use clap::Args;

pub(super) const LONG: &str = "\
Looks at the way to the card (PC/SC service, rights, readers) and at the card on each reader: its ATR, the
applications that really answer (PIV, GIDS), objects, certificates and their expiry, and how many PIN tries are
left. For whatever is wrong it says why, and what to do next.

It changes nothing on the card. It never sends a PIN or PUK, so no try is lost.";

pub(super) const EXAMPLES: &str = "\
Examples:
  tapcard doctor                     every reader
  tapcard doctor --reader ACR122     only readers whose name contains \"ACR122\"
  tapcard doctor --json | jq '.readers[].piv.certificates[] | {slot, days_left}'
                                     what a monitoring script wants to know

Exit status: 0 nothing is wrong (there may be warnings), 1 something is wrong and was explained, 2 wrong usage.";

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
