//! Words for the way to the card, as pcsc-lite has it: service, rights, readers, other programs.

use super::text::Advice;
use crate::doctor::daemon::DEFAULT_SOCKET;
use crate::doctor::finding::{ProtocolVersion, SocketState};

const START_PCSCD: &str =
    "Start it: `sudo systemctl enable --now pcscd.socket` (without systemd: `sudo pcscd`).";
const INSTALL_PCSCD: &str = "If it is not installed: `sudo apt install pcscd` on Debian and Ubuntu, `sudo dnf install pcsc-lite pcsc-lite-ccid` on Fedora.";

pub(super) fn not_running(socket: &SocketState) -> Advice {
    let reason = match socket {
        SocketState::Missing(path) => {
            format!("Programs reach it through the socket {path}, and there is none.")
        }
        SocketState::Deserted(path) => format!(
            "Its socket {path} is there, but nobody listens: it was stopped or has crashed."
        ),
        SocketState::Listening(path) => {
            format!("Somebody listens on its socket {path}, but does not answer as it should.")
        }
        SocketState::Forbidden(_) | SocketState::NotUsed => {
            "The system says that it does not run.".to_owned()
        }
    };
    let mut next = vec![START_PCSCD, INSTALL_PCSCD];
    if matches!(socket, SocketState::Missing(path) | SocketState::Deserted(path) if path != DEFAULT_SOCKET)
    {
        next.insert(
            0,
            "PCSCLITE_CSOCK_NAME is set in your environment and leads there: is it still right?",
        );
    }
    Advice::new("The smart card service (pcscd) does not run.", reason, next)
}

pub(super) fn socket_forbidden(path: &str) -> Advice {
    Advice::new(
        "You have no right to talk to the smart card service (pcscd).",
        format!("The file permissions of its socket {path}, or of its folder, keep you out."),
        [
            "In a container, a Flatpak or a snap: let it have the socket (for Flatpak: `flatpak override --user --socket=pcsc APP`).",
            "On the machine itself: pcscd makes its socket open to everyone; who changed that may have wanted a group for it (`ls -l` shows which).",
        ],
    )
}

pub(super) fn access_denied() -> Advice {
    Advice::new(
        "You have no right to use the smart card service (pcscd).",
        "pcscd asks polkit whether you may (action org.debian.pcsc-lite.access_pcsc), and polkit says no. By default it says yes \
         only to whoever sits at the machine: a session over ssh, a service or a cron job does not.",
        [
            "Allow it with a polkit rule, for example in /etc/polkit-1/rules.d/10-pcsc.rules: `polkit.addRule(function(a, s) { \
             if (a.id.indexOf(\"org.debian.pcsc-lite.\") === 0 && s.isInGroup(\"scard\")) return polkit.Result.YES; });`",
            "Or try once as root: `sudo tapcard doctor`.",
        ],
    )
}

pub(super) fn protocol_version_mismatch(daemon: Option<ProtocolVersion>) -> Advice {
    let daemon = daemon.map_or_else(String::new, |(major, minor)| {
        format!(" The daemon speaks {major}:{minor}.")
    });
    Advice::new(
        "This program's smart card library and the smart card service are of different versions.",
        format!(
            "pcscd answers, and refuses our libpcsclite because it speaks another version of their protocol (the service's log says \
             \"Communication protocol mismatch\").{daemon} It happens where a container, a chroot, a Flatpak or a snap brings a libpcsclite of its \
             own. Most programs only say \"no reader\" then."
        ),
        [
            "Make both the same: install libpcsclite1 from the same release as the pcscd that runs (in the container: the host's release).",
            "Or run a pcscd inside the container, and give it the reader's USB device instead of the socket.",
            "For a program in a Flatpak or snap: use the distribution's own package of it.",
        ],
    )
}

pub(super) fn failed(words: &str) -> Advice {
    Advice::new(
        "The smart card service (pcscd) failed.",
        format!("It says: \"{words}\"."),
        [
            "Restart it: `sudo systemctl restart pcscd`.",
            "Its log says more: `journalctl -u pcscd`, or run `sudo pcscd --foreground --debug`.",
        ],
    )
}

pub(super) fn no_reader() -> Advice {
    Advice::new(
        "There is no smart card reader.",
        "The smart card service runs and knows of none.",
        [
            "Plug the reader in. `lsusb` shows whether the machine sees it at all.",
            "If it does: the reader needs a driver of pcscd, mostly libccid (`sudo apt install libccid`), then `sudo systemctl restart pcscd`.",
            "An NFC reader may be claimed by the kernel instead: `sudo modprobe -r pn533_usb pn533 nfc`, and blacklist them.",
            "For a phone over a local link: vpcd must be installed (`sudo apt install vsmartcard-vpcd`).",
        ],
    )
}

pub(super) fn no_such_reader(name: &str, available: &[String]) -> Advice {
    Advice::new(
        format!("No reader has \"{name}\" in its name."),
        "These are the readers:",
        available
            .iter()
            .map(|reader| format!("`tapcard doctor --reader '{reader}'`")),
    )
}

pub(super) fn no_card() -> Advice {
    Advice::new(
        "No reader has a card or phone on it.",
        "The way to the readers is in order; there is just nothing to examine.",
        [
            "Put the card in, or hold the phone to the reader and leave it there. Find the phone's antenna: mostly the upper half of its back.",
            "A phone answers only while its screen is on, with NFC switched on.",
            "A virtual phone: `tapcard-phone run` must be running and say that it is connected.",
        ],
    )
}

pub(super) fn card_held_exclusively() -> Advice {
    Advice::new(
        "Another program holds this card for itself alone.",
        "It is connected in exclusive mode (the service says: sharing violation), so nobody else may talk to the card.",
        [
            "Find and close it. GnuPG's scdaemon is a usual one: `gpgconf --kill scdaemon` ends it, and `pcsc-shared` in ~/.gnupg/scdaemon.conf makes it share the card.",
            "`sudo lsof -U | grep pcscd` names the programs that are connected.",
        ],
    )
}

pub(super) fn card_busy() -> Advice {
    Advice::new(
        "Another program is using this card and does not let go of it.",
        "It is in a transaction that did not end while we waited.",
        [
            "If a program waits for a PIN or for a touch: finish or cancel that, then try again.",
            "Otherwise find and close it: `sudo lsof -U | grep pcscd` names the programs that are connected.",
        ],
    )
}

pub(super) fn card_access_denied() -> Advice {
    Advice::new(
        "You may see this reader, but not use its card.",
        "pcscd asks polkit whether you may (action org.debian.pcsc-lite.access_card), and polkit says no. By default it says yes only to \
         whoever sits at the machine.",
        [
            "Allow org.debian.pcsc-lite.access_card with a polkit rule, as for access_pcsc.",
            "Or try once as root: `sudo tapcard doctor`.",
        ],
    )
}

pub(super) fn card_unresponsive() -> Advice {
    Advice::new(
        "Something is on this reader, but it does not answer.",
        "The reader feels a card, and gets no answer from it: it lies badly, is the wrong way round, is damaged, or does not speak \
         APDUs, or two cards lie on each other.",
        [
            "Take it away and put it back. In a slot: chip first, chip up. On a contactless reader: flat, in the middle, one at a time, out of a metal case.",
            "A phone: screen on, NFC on; lift it for a second so that the reader starts afresh.",
        ],
    )
}

pub(super) fn card_removed() -> Advice {
    Advice::new(
        "The card or phone left the reader while it was examined.",
        "What stands here is what was learned before. Phones also leave by themselves, when their screen goes dark.",
        [
            "Leave it on the reader until this is done (over NFC, a second or two), with the phone's screen on.",
            "If it lay still: the field is weak there. Move it a little, take it out of its case.",
        ],
    )
}

pub(super) fn card_reset() -> Advice {
    Advice::new(
        "Another program reset the card while it was examined.",
        "What stands here is what was learned before.",
        ["Run `tapcard doctor` again."],
    )
}

pub(super) fn reader_failed(words: &str) -> Advice {
    Advice::new(
        "This reader or its driver failed.",
        format!("The service says: \"{words}\"."),
        [
            "Unplug the reader and plug it in again, or restart the service: `sudo systemctl restart pcscd`.",
            "The service's log says more: `journalctl -u pcscd`.",
        ],
    )
}
