//! What each finding means and what to do about it: the one place for these words.

mod card;
mod certificate;
mod channel;
mod service;
mod text;

use super::finding::Finding;
pub use text::Advice;

/// The words for a finding.
#[must_use]
pub fn advise(finding: &Finding) -> Advice {
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
