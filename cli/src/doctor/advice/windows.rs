//! Words for the way to the card on Windows, whose service is "Smart Card" (SCardSvr).

use super::text::Advice;
use crate::doctor::finding::Finding;

/// How the service is started, and what keeps it from that.
const START: &str = "Or start it, as administrator: `sc start SCardSvr`. What it says of itself: `sc query SCardSvr`.";
/// Where the service was switched off.
const SWITCHED_OFF: &str = "If it was switched off (`sc qc SCardSvr` says DISABLED), as administrator: `sc config SCardSvr start= demand`.";
/// How somebody at the machine starts it afresh.
const AFRESH: &str = "Start it afresh, as administrator: `sc stop SCardSvr`, then `sc start SCardSvr`. Its log: Event Viewer, Windows Logs, System, source \"SCardSvr\".";

/// The words that differ here.
pub(super) fn advise(finding: &Finding) -> Option<Advice> {
    Some(match finding {
        Finding::ServiceNotRunning(_) => Advice::new(
            "The smart card service (SCardSvr) does not run.",
            "Windows starts it with the first reader, and ends it when the last reader goes; programs then hear \
             SCARD_E_NO_SERVICE or SCARD_E_SERVICE_STOPPED. So most often there is just no reader.",
            [
                "Plug the reader in: Device Manager shows it under \"Smart card readers\".",
                START,
                SWITCHED_OFF,
                "Over Remote Desktop the readers of the machine in front of you count: let the connection share its smart cards.",
            ],
        ),
        Finding::ServiceAccessDenied | Finding::SocketForbidden(_) => Advice::new(
            "You have no right to use the smart card service (SCardSvr).",
            "Windows lets whoever sits at the machine use it: a service, or a login over ssh, may not.",
            ["Try it in a window of the desktop, as the user who is logged in there."],
        ),
        Finding::ServiceFailed(words) => failed(words),
        Finding::ProtocolVersionMismatch(_) => failed("another version"),
        Finding::NoReader => Advice::new(
            "There is no smart card reader.",
            "The smart card service runs and knows of none.",
            [
                "Plug the reader in. Device Manager shows whether Windows sees it, and with which driver, under \"Smart card readers\".",
                "If it stands under \"Other devices\": it needs its maker's driver.",
            ],
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
            "It is connected in exclusive mode (the service says: sharing violation), so nobody else may talk to the card.",
            [
                "Find and close it. GnuPG is a usual one: end scdaemon.exe in Task Manager, and put `pcsc-shared` into scdaemon.conf, which makes it share the card.",
            ],
        ),
        Finding::CardBusy => Advice::new(
            "Another program is using this card and does not let go of it.",
            "It is in a transaction that did not end while we waited. Windows itself looks at a new card for some seconds, for its certificates.",
            [
                "If a window waits for a PIN: finish or cancel that, then try again.",
                "Otherwise close the programs that use the card, one after the other.",
            ],
        ),
        Finding::CardAccessDenied => Advice::new(
            "You may see this reader, but not use its card.",
            "The smart card service refuses it.",
            ["Try it in a window of the desktop, as the user who is logged in there."],
        ),
        Finding::CardReset => Advice::new(
            "The card was reset while it was examined.",
            "Another program did that, or Windows: it resets a card whose program stays idle inside a transaction for five seconds. \
             What stands here is what was learned before.",
            ["Run `tapcard doctor` again."],
        ),
        Finding::ReaderFailed(words) => Advice::new(
            "This reader or its driver failed.",
            format!("The service says: \"{words}\"."),
            ["Unplug the reader and plug it in again.", AFRESH],
        ),
        _ => return None,
    })
}

fn failed(words: &str) -> Advice {
    Advice::new(
        "The smart card service (SCardSvr) failed.",
        format!("It says: \"{words}\"."),
        [AFRESH],
    )
}
