//! Words for the way to the card on macOS, where `com.apple.ifdreader` and CryptoTokenKit are between programs and cards.

use super::text::Advice;
use crate::doctor::finding::Finding;

/// What shows the readers that macOS sees.
const LOOK: &str =
    "`system_profiler SPSmartCardsDataType` shows the readers and cards that macOS sees.";

/// The words that differ here.
pub(super) fn advise(finding: &Finding) -> Option<Advice> {
    Some(match finding {
        Finding::ServiceNotRunning(_) => Advice::new(
            "The smart card service (com.apple.ifdreader) does not run.",
            "macOS starts it with the first reader.",
            ["Plug the reader in.", LOOK],
        ),
        Finding::ServiceAccessDenied | Finding::SocketForbidden(_) | Finding::CardAccessDenied => {
            Advice::new(
                "You have no right to use the smart card service.",
                "macOS keeps a program in a sandbox from it that has no entitlement com.apple.security.smartcard.",
                ["Run `tapcard` in Terminal."],
            )
        }
        Finding::ServiceFailed(words) => failed(words),
        Finding::ProtocolVersionMismatch(_) => failed("another version"),
        Finding::NoReader => Advice::new(
            "There is no smart card reader.",
            "The smart card service runs and knows of none.",
            ["Plug the reader in.", LOOK],
        ),
        Finding::NoCard => Advice::new(
            "No reader has a card or phone on it.",
            "The way to the readers is in order; there is just nothing to examine.",
            [
                "Put the card in, or hold the phone to the reader and leave it there. Find the phone's antenna: mostly the upper half of its back.",
                "A phone answers only while its screen is on, with NFC switched on.",
            ],
        ),
        Finding::CardHeldExclusively => Advice::new(
            "Another program holds this card for itself alone.",
            "It is connected in exclusive mode (the service says: sharing violation), so nobody else may talk to the card. \
             CryptoTokenKit looks at each new card for a moment, too.",
            [
                "Try again in a few seconds.",
                "Find and close it. GnuPG's scdaemon is a usual one: `gpgconf --kill scdaemon` ends it, and `pcsc-shared` in ~/.gnupg/scdaemon.conf makes it share the card.",
            ],
        ),
        Finding::CardBusy => Advice::new(
            "Another program is using this card and does not let go of it.",
            "It is in a transaction that did not end while we waited.",
            [
                "If a window waits for a PIN: finish or cancel that, then try again.",
                "Otherwise close the programs that use the card, one after the other.",
            ],
        ),
        Finding::ReaderFailed(words) => Advice::new(
            "This reader or its driver failed.",
            format!("The service says: \"{words}\"."),
            ["Unplug the reader and plug it in again.", LOOK],
        ),
        _ => return None,
    })
}

fn failed(words: &str) -> Advice {
    Advice::new(
        "The smart card service failed.",
        format!("It says: \"{words}\"."),
        [
            "Unplug the reader and plug it in again, or restart the machine.",
            LOOK,
        ],
    )
}
