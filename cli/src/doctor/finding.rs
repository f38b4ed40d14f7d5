//! Everything that the doctor can find, as types. What each means and what to do about it is in [`super::advice`].

use card_edge::piv::{AsymmetricKey, Cipher, ObjectId};
use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// It works, but not for good or not everywhere.
    Warning,
    /// It does not work, or is not safe.
    Problem,
}

/// Why the service's socket cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketState {
    /// This platform's service has no socket.
    NotUsed,
    /// There is no such file.
    Missing(String),
    /// The file is there and nobody listens.
    Deserted(String),
    /// Somebody listens.
    Listening(String),
    /// The rights of the file or of its folder keep us out.
    Forbidden(String),
}

/// A protocol version of pcscd and libpcsclite: major and minor.
pub type ProtocolVersion = (i32, i32);

/// One thing that the doctor found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No PC/SC service runs, or not where we look.
    ServiceNotRunning(SocketState),
    /// The rights of the service's socket keep us out.
    SocketForbidden(String),
    /// The service's own access rules (polkit) keep us out.
    ServiceAccessDenied,
    /// libpcsclite and pcscd speak different versions of their protocol; the daemon's is known if it tells.
    ProtocolVersionMismatch(Option<ProtocolVersion>),
    /// The service failed otherwise, in its words.
    ServiceFailed(String),
    /// The service has no reader.
    NoReader,
    /// No reader has this in its name.
    NoSuchReader {
        /// What was asked for.
        name: String,
        /// The readers that there are.
        available: Vec<String>,
    },
    /// No reader has a card in it.
    NoCard,

    /// Another program holds the card exclusively.
    CardHeldExclusively,
    /// Another program is in the middle of a transaction that does not end.
    CardBusy,
    /// The service's access rules (polkit) let us see the reader, not use its card.
    CardAccessDenied,
    /// The card gives no ATR or no response.
    CardUnresponsive,
    /// The card does not prove the key that it was first met with, which this file remembers.
    CardNotProved(String),
    /// What is remembered of the card's key cannot be read: which file, and why.
    KnownCardUnreadable(String),
    /// There is no protected channel to a phone that always has one, and why.
    NoProtectedChannel(String),
    /// The card left during the examination.
    CardRemoved,
    /// Another program reset the card during the examination.
    CardReset,
    /// The reader failed, in the service's words.
    ReaderFailed(String),

    /// A memory card: no application can be on it.
    MemoryCard,
    /// Neither PIV nor GIDS answered: a phone that is not enrolled looks like this.
    NoCardEdge {
        /// Whether the ATR is a contactless card's.
        contactless: bool,
        /// What SELECT of PIV was answered with, hexadecimal.
        piv: String,
        /// What SELECT of GIDS was answered with, hexadecimal.
        gids: String,
    },
    /// GIDS answered and PIV did not.
    GidsOnly,
    /// Both answered.
    BothCardEdges,
    /// The card's answer to a command makes no sense: which command, and why.
    AnswerMalformed(String),

    /// There is no CHUID, or it cannot be read.
    ChuidMissing,
    /// The CHUID's GUID is all zeros.
    GuidIsZero,
    /// The CHUID's expiration date has passed (YYYY-MM-DD).
    ChuidExpired(String),
    /// An object is there and cannot be read, and why.
    ObjectUnreadable(ObjectId, String),
    /// No key has a certificate.
    NeverEnrolled {
        /// Whether the PIN is the one of a new card, where the card says.
        pin_is_default: Option<bool>,
    },
    /// There are certificates, and none in 9A.
    NoAuthenticationCertificate,
    /// Certificates are there, and may not be read over this interface.
    CertificatesProtected,
    /// The key history says that a retired key has its certificate on the card, and it has not.
    RetiredCertificateMissing(AsymmetricKey),
    /// A certificate object cannot be read, and why.
    CertificateUnreadable(AsymmetricKey, String),
    /// A certificate expired: how many days ago.
    CertificateExpired(AsymmetricKey, i64),
    /// A certificate expires soon: in how many days.
    CertificateExpiresSoon(AsymmetricKey, i64),
    /// A certificate is not valid yet: how many days to go.
    CertificateNotYetValid(AsymmetricKey, i64),
    /// A key that is too weak for Windows and others, in words.
    KeyTooWeak(AsymmetricKey, String),

    /// The PIN is blocked, or held back by a card that protects it over NFC.
    PinBlocked {
        /// Whether the ATR is a contactless card's.
        contactless: bool,
    },
    /// The PUK is blocked, or held back by a card that protects it over NFC.
    PukBlocked {
        /// Whether the ATR is a contactless card's.
        contactless: bool,
    },
    /// PIN or PUK are the ones of a new card, the card says.
    DefaultPins {
        /// The PIN is.
        pin: bool,
        /// The PUK is.
        puk: bool,
    },
    /// One try is left.
    LastPinTry,
    /// The card does not say how many tries are left, and what it said.
    PinStateUnknown(String),
    /// The card management key is the one that every tool knows.
    DefaultManagementKey(Cipher),
}

impl Finding {
    /// The finding's name for scripts: stable, in lower case with hyphens.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ServiceNotRunning(_) => "service-not-running",
            Self::SocketForbidden(_) => "socket-forbidden",
            Self::ServiceAccessDenied => "service-access-denied",
            Self::ProtocolVersionMismatch(_) => "protocol-version-mismatch",
            Self::ServiceFailed(_) => "service-failed",
            Self::NoReader => "no-reader",
            Self::NoSuchReader { .. } => "no-such-reader",
            Self::NoCard => "no-card",
            Self::CardHeldExclusively => "card-held-exclusively",
            Self::CardBusy => "card-busy",
            Self::CardAccessDenied => "card-access-denied",
            Self::CardUnresponsive => "card-unresponsive",
            Self::CardNotProved(_) => "card-not-proved",
            Self::KnownCardUnreadable(_) => "known-card-unreadable",
            Self::NoProtectedChannel(_) => "no-protected-channel",
            Self::CardRemoved => "card-removed",
            Self::CardReset => "card-reset",
            Self::ReaderFailed(_) => "reader-failed",
            Self::MemoryCard => "memory-card",
            Self::NoCardEdge { .. } => "no-card-edge",
            Self::GidsOnly => "gids-only",
            Self::BothCardEdges => "both-card-edges",
            Self::AnswerMalformed(_) => "answer-malformed",
            Self::ChuidMissing => "chuid-missing",
            Self::GuidIsZero => "guid-is-zero",
            Self::ChuidExpired(_) => "chuid-expired",
            Self::ObjectUnreadable(..) => "object-unreadable",
            Self::NeverEnrolled { .. } => "never-enrolled",
            Self::NoAuthenticationCertificate => "no-authentication-certificate",
            Self::CertificatesProtected => "certificates-protected",
            Self::RetiredCertificateMissing(_) => "retired-certificate-missing",
            Self::CertificateUnreadable(..) => "certificate-unreadable",
            Self::CertificateExpired(..) => "certificate-expired",
            Self::CertificateExpiresSoon(..) => "certificate-expires-soon",
            Self::CertificateNotYetValid(..) => "certificate-not-yet-valid",
            Self::KeyTooWeak(..) => "key-too-weak",
            Self::PinBlocked { .. } => "pin-blocked",
            Self::PukBlocked { .. } => "puk-blocked",
            Self::DefaultPins { .. } => "default-pins",
            Self::LastPinTry => "last-pin-try",
            Self::PinStateUnknown(_) => "pin-state-unknown",
            Self::DefaultManagementKey(_) => "default-management-key",
        }
    }

    /// The key that it is about, if it is about one.
    #[must_use]
    pub fn key(&self) -> Option<AsymmetricKey> {
        match self {
            Self::RetiredCertificateMissing(reference)
            | Self::CertificateUnreadable(reference, _)
            | Self::CertificateExpired(reference, _)
            | Self::CertificateExpiresSoon(reference, _)
            | Self::CertificateNotYetValid(reference, _)
            | Self::KeyTooWeak(reference, _) => Some(*reference),
            _ => None,
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::GidsOnly | Self::PinStateUnknown(_) => Severity::Note,
            Self::BothCardEdges
            | Self::GuidIsZero
            | Self::ChuidExpired(_)
            | Self::ObjectUnreadable(..)
            | Self::NoAuthenticationCertificate
            | Self::CertificatesProtected
            | Self::RetiredCertificateMissing(_)
            | Self::CertificateExpiresSoon(..)
            | Self::KeyTooWeak(..)
            | Self::PukBlocked { .. }
            | Self::LastPinTry => Severity::Warning,
            _ => Severity::Problem,
        }
    }
}
