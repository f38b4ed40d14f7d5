//! `tapcard meet`.

use clap::Args;

pub(super) const LONG: &str = "\
Meets a phone again that has a new key for its protected channel, or a new phone with the number of the one before.

This computer remembers by which key it first met a phone, and its programs tell a PIN to no card that claims to be that phone
and shows another key. A phone gets a new key when it is given its first P-384 key for signatures or decryption, when its
key did not work any more and was replaced, when whoever administers the card had a new one made (GENERATE for 04), or when its
card is made again. `tapcard meet` shows the key that the card on the reader proves now. Compare it with what the phone itself
shows (`tapcard-phone status`, \"Channel key\"): only where they are the same the new key is remembered. No PIN is asked for,
and none is sent.";

pub(super) const EXAMPLES: &str = "\
Examples:
  tapcard meet                                    shows the card's key, and asks whether the phone shows the same one
  tapcard meet --key \"$DIGITS\"                    for scripts: the digits that the phone shows

Exit status: 0 the card is known by the key that it shows; 1 it is not, and the output says why; 2 wrong usage.";

/// Options of `tapcard meet`.
#[derive(Args, Debug)]
pub struct MeetOptions {
    /// Look only at readers whose name contains NAME (in upper or lower case)
    #[arg(long, value_name = "NAME", env = "TAPCARD_READER")]
    pub reader: Option<String>,
    /// The digits that the phone shows, instead of the question
    #[arg(long, value_name = "DIGITS")]
    pub key: Option<String>,
}
