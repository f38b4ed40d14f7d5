//! What each finding means and what to do about it: the one place for these words.

mod card;
mod certificate;
mod service;

use super::finding::Finding;

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What is wrong, in one sentence.
    pub headline: String,
    /// Why, or how it is known.
    pub reason: String,
    /// What to do, one step each, the likeliest first.
    pub next: Vec<String>,
}

impl Advice {
    fn new(
        headline: impl Into<String>,
        reason: impl Into<String>,
        next: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            headline: headline.into(),
            reason: reason.into(),
            next: next.into_iter().map(Into::into).collect(),
        }
    }
}

/// The words for a finding.
#[must_use]
pub fn advise(finding: &Finding) -> Advice {
    use Finding::{
        AnswerMalformed, BothCardEdges, CardAccessDenied, CardBusy, CardHeldExclusively,
        CardRemoved, CardReset, CardUnresponsive, CertificateExpired, CertificateExpiresSoon,
        CertificateNotYetValid, CertificateUnreadable, ChuidExpired, ChuidMissing,
        DefaultManagementKey, DefaultPins, GidsOnly, GuidIsZero, KeyTooWeak, LastPinTry,
        MemoryCard, NeverEnrolled, NoAuthenticationCertificate, NoCard, NoCardEdge, NoReader,
        NoSuchReader, ObjectUnreadable, PinBlocked, PinStateUnknown, ProtocolVersionMismatch,
        PukBlocked, ReaderFailed, RetiredCertificateMissing, ServiceAccessDenied, ServiceFailed,
        ServiceNotRunning, SocketForbidden,
    };
    match finding {
        ServiceNotRunning(socket) => service::not_running(socket),
        SocketForbidden(path) => service::socket_forbidden(path),
        ServiceAccessDenied => service::access_denied(),
        ProtocolVersionMismatch(daemon) => service::protocol_version_mismatch(*daemon),
        ServiceFailed(words) => service::failed(words),
        NoReader => service::no_reader(),
        NoSuchReader { name, available } => service::no_such_reader(name, available),
        NoCard => service::no_card(),
        CardHeldExclusively => service::card_held_exclusively(),
        CardBusy => service::card_busy(),
        CardAccessDenied => service::card_access_denied(),
        CardUnresponsive => service::card_unresponsive(),
        CardRemoved => service::card_removed(),
        CardReset => service::card_reset(),
        ReaderFailed(words) => service::reader_failed(words),
        MemoryCard => card::memory_card(),
        NoCardEdge {
            contactless,
            piv,
            gids,
        } => card::no_card_edge(*contactless, piv, gids),
        GidsOnly => card::gids_only(),
        BothCardEdges => card::both_card_edges(),
        AnswerMalformed(words) => card::answer_malformed(words),
        ChuidMissing => card::chuid_missing(),
        GuidIsZero => card::guid_is_zero(),
        ChuidExpired(date) => card::chuid_expired(date),
        ObjectUnreadable(object, words) => card::object_unreadable(*object, words),
        PinBlocked { contactless } => card::pin_blocked(*contactless),
        PukBlocked { contactless } => card::puk_blocked(*contactless),
        DefaultPins { pin, puk } => card::default_pins(*pin, *puk),
        LastPinTry => card::last_pin_try(),
        PinStateUnknown(words) => card::pin_state_unknown(words),
        DefaultManagementKey(algorithm) => card::default_management_key(*algorithm),
        NeverEnrolled { pin_is_default } => certificate::never_enrolled(*pin_is_default),
        NoAuthenticationCertificate => certificate::no_authentication_certificate(),
        RetiredCertificateMissing(slot) => certificate::retired_missing(*slot),
        CertificateUnreadable(slot, words) => certificate::unreadable(*slot, words),
        CertificateExpired(slot, days) => certificate::expired(*slot, *days),
        CertificateExpiresSoon(slot, days) => certificate::expires_soon(*slot, *days),
        CertificateNotYetValid(slot, days) => certificate::not_yet_valid(*slot, *days),
        KeyTooWeak(slot, key) => certificate::key_too_weak(*slot, key),
    }
}
