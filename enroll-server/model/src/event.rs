//! What happens, as the audit trail records it.

use crate::actor::Actor;
use crate::timestamp::Timestamp;
use crate::words::words;

words! {
    /// What happened.
    EventKind {
        /// The root and the issuing authority were made.
        AuthorityCreated = "authority-created",
        /// A link to set up the first administrator was made.
        SetupLinkCreated = "setup-link-created",
        /// An administrator was added.
        AdministratorCreated = "administrator-created",
        /// Somebody signed in.
        SignIn = "sign-in",
        /// Somebody tried to sign in and was refused.
        SignInRefused = "sign-in-refused",
        /// Somebody signed out.
        SignOut = "sign-out",
        /// A holder was added.
        HolderCreated = "holder-created",
        /// A holder was invited.
        InvitationCreated = "invitation-created",
        /// An invitation was taken back.
        InvitationCancelled = "invitation-cancelled",
        /// An invitation was used up.
        InvitationUsed = "invitation-used",
        /// A phone was added.
        PhoneEnrolled = "phone-enrolled",
        /// All certificates of a phone were revoked.
        PhoneRevoked = "phone-revoked",
        /// A certificate is about to be signed.
        CertificateReserved = "certificate-reserved",
        /// A certificate was signed and stored.
        CertificateIssued = "certificate-issued",
        /// A certificate was revoked.
        CertificateRevoked = "certificate-revoked",
        /// A certificate was about to be signed and never stored: it counts as issued, and is revoked.
        IssuanceAbandoned = "issuance-abandoned",
        /// A certificate revocation list was signed and published.
        CrlPublished = "crl-published",
    }
}

words! {
    /// What it was done to.
    ObjectKind {
        /// The whole installation.
        Installation = "installation",
        /// A certificate authority.
        Issuer = "issuer",
        /// An administrator.
        Administrator = "administrator",
        /// A holder.
        Holder = "holder",
        /// An invitation.
        Invitation = "invitation",
        /// A phone.
        Phone = "phone",
        /// A certificate.
        Certificate = "certificate",
    }
}

/// An event that is to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Who.
    pub actor: Actor,
    /// To what kind of object.
    pub object_kind: ObjectKind,
    /// The object's id.
    pub object_id: String,
    /// What else there is to know; an object of strings and numbers, never a secret.
    pub detail: serde_json::Value,
}
