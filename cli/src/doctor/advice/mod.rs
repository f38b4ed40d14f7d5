//! What each finding means and what to do about it: the one place for these words.

mod card;
mod certificate;
mod channel;
mod macos;
pub mod platform;
mod service;
mod text;
mod windows;

use super::finding::Finding;
use platform::Platform;
pub use text::Advice;

/// The words for a finding.
#[must_use]
pub fn advise(finding: &Finding) -> Advice {
    advise_on(Platform::THIS, finding)
}

/// The words for a finding on a platform: its service has a name of its own, commands of its own, and traps of its own.
#[must_use]
pub fn advise_on(platform: Platform, finding: &Finding) -> Advice {
    let own = match platform {
        Platform::PcscLite => None,
        Platform::Windows => windows::advise(finding),
        Platform::MacOs => macos::advise(finding),
    };
    own.unwrap_or_else(|| advise_generally(finding))
}

fn advise_generally(finding: &Finding) -> Advice {
    match finding {
        Finding::ServiceNotRunning(socket) => service::not_running(socket),
        Finding::SocketForbidden(path) => service::socket_forbidden(path),
        Finding::ServiceAccessDenied => service::access_denied(),
        Finding::ProtocolVersionMismatch(daemon) => service::protocol_version_mismatch(*daemon),
        Finding::ServiceFailed(words) => service::failed(words),
        Finding::NoReader => service::no_reader(),
        Finding::NoSuchReader { name, available } => service::no_such_reader(name, available),
        Finding::NoCard => service::no_card(),
        Finding::CardHeldExclusively => service::card_held_exclusively(),
        Finding::CardBusy => service::card_busy(),
        Finding::CardAccessDenied => service::card_access_denied(),
        Finding::CardUnresponsive => service::card_unresponsive(),
        Finding::CardNotProved(file) => channel::card_not_proved(file),
        Finding::KnownCardUnreadable(words) => channel::known_card_unreadable(words),
        Finding::NoProtectedChannel(words) => channel::no_protected_channel(words),
        Finding::CardRemoved => service::card_removed(),
        Finding::CardReset => service::card_reset(),
        Finding::ReaderFailed(words) => service::reader_failed(words),
        Finding::MemoryCard => card::memory_card(),
        Finding::NoCardEdge {
            contactless,
            piv,
            gids,
        } => card::no_card_edge(*contactless, piv, gids),
        Finding::GidsOnly => card::gids_only(),
        Finding::BothCardEdges => card::both_card_edges(),
        Finding::AnswerMalformed(words) => card::answer_malformed(words),
        Finding::ChuidMissing => card::chuid_missing(),
        Finding::GuidIsZero => card::guid_is_zero(),
        Finding::ChuidExpired(date) => card::chuid_expired(date),
        Finding::ObjectUnreadable(object, words) => card::object_unreadable(*object, words),
        Finding::PinBlocked { contactless } => card::pin_blocked(*contactless),
        Finding::PukBlocked { contactless } => card::puk_blocked(*contactless),
        Finding::DefaultPins { pin, puk } => card::default_pins(*pin, *puk),
        Finding::LastPinTry => card::last_pin_try(),
        Finding::PinStateUnknown(words) => card::pin_state_unknown(words),
        Finding::DefaultManagementKey(algorithm) => card::default_management_key(*algorithm),
        Finding::NeverEnrolled { pin_is_default } => certificate::never_enrolled(*pin_is_default),
        Finding::NoAuthenticationCertificate => certificate::no_authentication_certificate(),
        Finding::CertificatesProtected => certificate::protected(),
        Finding::RetiredCertificateMissing(reference) => certificate::retired_missing(*reference),
        Finding::CertificateUnreadable(reference, words) => {
            certificate::unreadable(*reference, words)
        }
        Finding::CertificateExpired(reference, days) => certificate::expired(*reference, *days),
        Finding::CertificateExpiresSoon(reference, days) => {
            certificate::expires_soon(*reference, *days)
        }
        Finding::CertificateNotYetValid(reference, days) => {
            certificate::not_yet_valid(*reference, *days)
        }
        Finding::KeyTooWeak(reference, key) => certificate::key_too_weak(*reference, key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::SocketState;

    /// Everything that is about the way to the card, and so about the platform.
    fn of_the_way() -> Vec<Finding> {
        let text = || "/run/pcscd/pcscd.comm".to_owned();
        vec![
            Finding::ServiceNotRunning(SocketState::NotUsed),
            Finding::ServiceNotRunning(SocketState::Missing(text())),
            Finding::SocketForbidden(text()),
            Finding::ServiceAccessDenied,
            Finding::ProtocolVersionMismatch(Some((4, 4))),
            Finding::ServiceFailed("it broke".to_owned()),
            Finding::NoReader,
            Finding::NoSuchReader {
                name: "A".to_owned(),
                available: vec!["B".to_owned()],
            },
            Finding::NoCard,
            Finding::CardHeldExclusively,
            Finding::CardBusy,
            Finding::CardAccessDenied,
            Finding::CardUnresponsive,
            Finding::CardRemoved,
            Finding::CardReset,
            Finding::ReaderFailed("it broke".to_owned()),
            Finding::NoCardEdge {
                contactless: true,
                piv: "6A82".to_owned(),
                gids: "6A82".to_owned(),
            },
        ]
    }

    fn words(platform: Platform, finding: &Finding) -> String {
        let advice = advise_on(platform, finding);
        assert!(!advice.next.is_empty(), "{finding:?}");
        format!(
            "{} {} {}",
            advice.headline,
            advice.reason,
            advice.next.join(" ")
        )
    }

    #[test]
    fn nobody_is_sent_to_another_platforms_service() {
        let pcsc_lite = [
            "pcscd",
            "pcsclite",
            "polkit",
            "systemctl",
            "apt ",
            "journalctl",
            "lsusb",
            "lsof",
            "modprobe",
        ];
        for (platform, foreign) in [
            (
                Platform::Windows,
                &["sudo", "gpgconf", "CryptoTokenKit"] as &[_],
            ),
            (Platform::MacOs, &["SCardSvr", "services.msc"]),
        ] {
            for finding in of_the_way() {
                let words = words(platform, &finding);
                for foreign in pcsc_lite.iter().chain(foreign) {
                    assert!(!words.contains(foreign), "{platform:?}: {words}");
                }
            }
        }
    }

    #[test]
    fn windows_says_what_its_service_does() {
        let stopped = words(
            Platform::Windows,
            &Finding::ServiceNotRunning(SocketState::NotUsed),
        );
        for part in [
            "SCardSvr",
            "SCARD_E_NO_SERVICE",
            "last reader",
            "sc start SCardSvr",
        ] {
            assert!(stopped.contains(part), "{stopped}");
        }
        let reset = words(Platform::Windows, &Finding::CardReset);
        assert!(reset.contains("five seconds"), "{reset}");
    }

    #[test]
    fn macos_names_what_reads_cards_there() {
        let stopped = words(
            Platform::MacOs,
            &Finding::ServiceNotRunning(SocketState::NotUsed),
        );
        assert!(stopped.contains("com.apple.ifdreader"), "{stopped}");
        let held = words(Platform::MacOs, &Finding::CardHeldExclusively);
        assert!(held.contains("CryptoTokenKit"), "{held}");
    }
}
