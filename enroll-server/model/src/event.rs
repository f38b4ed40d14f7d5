//! What happens, as the audit trail records it: one table of kinds, the object of each, and its details. Details are
//! JSON in the database; they are written and read through the types of [`crate::event_detail`].

use crate::actor::Actor;
use crate::event_detail::{
    AbandonedCertificate, AcceptedClock, Account, ApprovedRequest, ChangedRole,
    CreatedAdministrator, CreatedAuthority, CreatedHolder, EditedHolder, EndedRequest,
    EndedSessions, EnrolledPhone, ExportedList, HeldCertificate, HinderedRenewal,
    IssuedCertificate, LeftCodes, LetGoHolder, MadeApiToken, MadeRequest, MailedInvitation,
    NamedApiToken, NamedPasskey, Nothing, PublishedCrl, RemovedAdministrator, RemovedHolder,
    RenamedAccount, RenamedPasskey, RenamedPhone, ReservedCertificate, ResumedHolder, ResumedPhone,
    RevokedCertificate, RevokedPhone, SentInvitation, SignedIn, SignedInHolder, SignedOutAccount,
    SuspendedHolder, SuspendedPhone, TakenOverCrl, UsedInvitation, WebhookFacts,
};
use crate::timestamp::Timestamp;
use crate::words::words;

words! {
    /// What kind of object an event is about.
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
        /// A webhook.
        Webhook = "webhook",
        /// A token of the API.
        ApiToken = "api-token",
    }
}

/// The table of events: variant, details, name, object.
macro_rules! events {
    ($($(#[$meta:meta])* $variant:ident($detail:ident) = $word:literal about $object:ident;)+) => {
        words! {
            /// The kind of an event.
            EventKind { $($(#[$meta])* $variant = $word),+ }
        }

        /// What happened, and what there is to know of it besides who, when and to what. Never a secret.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event { $($(#[$meta])* $variant($detail)),+ }

        impl EventKind {
            /// The kind of object that its events are about.
            #[must_use]
            pub const fn object_kind(self) -> ObjectKind {
                match self { $(Self::$variant => ObjectKind::$object),+ }
            }
        }

        impl Event {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self { $(Self::$variant(_) => EventKind::$variant),+ }
            }

            /// The kind of object that it is about.
            #[must_use]
            pub const fn object_kind(&self) -> ObjectKind {
                self.kind().object_kind()
            }

            /// Its details, as the database keeps them.
            ///
            /// # Errors
            /// If they cannot be written as JSON.
            pub fn detail(&self) -> serde_json::Result<String> {
                match self { $(Self::$variant(detail) => serde_json::to_string(detail)),+ }
            }

            /// Reads an event back. What the details do not say, or not in a way that is known, is empty.
            #[must_use]
            pub fn read(kind: EventKind, detail: &str) -> Self {
                match kind {
                    $(EventKind::$variant => Self::$variant(serde_json::from_str(detail).unwrap_or_default())),+
                }
            }
        }
    };
}

events! {
    /// The root or an issuing authority was created.
    AuthorityCreated(CreatedAuthority) = "authority-created" about Issuer;
    /// A link to set up the first administrator was created.
    SetupLinkCreated(Nothing) = "setup-link-created" about Installation;
    /// An administrator was added.
    AdministratorCreated(CreatedAdministrator) = "administrator-created" about Administrator;
    /// An administrator's password was set, and their sessions ended.
    AdministratorPasswordSet(SignedOutAccount) = "administrator-password-set" about Administrator;
    /// An administrator was removed, and their sessions ended.
    AdministratorRemoved(RemovedAdministrator) = "administrator-removed" about Administrator;
    /// An administrator who was to wait may sign in at once.
    AdministratorUnlocked(Account) = "administrator-unlocked" about Administrator;
    /// A colleague was invited: there is an account without a password, and a link to choose one.
    ColleagueInvited(CreatedAdministrator) = "colleague-invited" about Administrator;
    /// A link was made with which a colleague chooses a password.
    PasswordLinkCreated(Account) = "password-link-created" about Administrator;
    /// Somebody chose a password with a link, and their sessions ended.
    PasswordChosen(SignedOutAccount) = "password-chosen" about Administrator;
    /// A colleague's role was changed.
    RoleChanged(ChangedRole) = "role-changed" about Administrator;
    /// A colleague can no longer sign in, and their sessions ended.
    ColleagueDisabled(SignedOutAccount) = "colleague-disabled" about Administrator;
    /// A colleague can sign in again.
    ColleagueEnabled(Account) = "colleague-enabled" about Administrator;
    /// Somebody changed their own name.
    OwnNameChanged(RenamedAccount) = "own-name-changed" about Administrator;
    /// Somebody changed their own password, and their other sessions ended.
    OwnPasswordChanged(EndedSessions) = "own-password-changed" about Administrator;
    /// Somebody ended their other sessions.
    OtherSessionsEnded(EndedSessions) = "other-sessions-ended" about Administrator;
    /// Somebody added an authenticator app to their account: from then on signing in asks for its code.
    SecondFactorAdded(Account) = "second-factor-added" about Administrator;
    /// The second factor of an account was removed, by its owner or for them.
    SecondFactorRemoved(Account) = "second-factor-removed" about Administrator;
    /// Somebody got new recovery codes; those of before no longer work.
    RecoveryCodesMade(Account) = "recovery-codes-made" about Administrator;
    /// A recovery code was used.
    RecoveryCodeUsed(LeftCodes) = "recovery-code-used" about Administrator;
    /// Somebody gave the right password and a wrong second factor.
    SecondFactorRefused(Nothing) = "second-factor-refused" about Administrator;
    /// Somebody added a passkey to their account.
    PasskeyAdded(NamedPasskey) = "passkey-added" about Administrator;
    /// Somebody gave one of their passkeys another name.
    PasskeyRenamed(RenamedPasskey) = "passkey-renamed" about Administrator;
    /// Somebody removed one of their passkeys.
    PasskeyRemoved(NamedPasskey) = "passkey-removed" about Administrator;
    /// A passkey was refused: its counter went back, so there may be a copy of it.
    PasskeyCopied(NamedPasskey) = "passkey-copied" about Administrator;
    /// Somebody signed in.
    SignIn(SignedIn) = "sign-in" about Administrator;
    /// Somebody tried to sign in and was refused.
    SignInRefused(Nothing) = "sign-in-refused" about Administrator;
    /// Somebody signed out.
    SignOut(Nothing) = "sign-out" about Administrator;
    /// A holder was added.
    HolderCreated(CreatedHolder) = "holder-created" about Holder;
    /// A holder's names were corrected.
    HolderEdited(EditedHolder) = "holder-edited" about Holder;
    /// A holder who never had a phone was removed.
    HolderRemoved(RemovedHolder) = "holder-removed" about Holder;
    /// A holder was suspended, and all of their phones with them.
    HolderSuspended(SuspendedHolder) = "holder-suspended" about Holder;
    /// A holder who was suspended is active again.
    HolderResumed(ResumedHolder) = "holder-resumed" about Holder;
    /// A holder who was let go can be invited again.
    HolderTakenBack(Nothing) = "holder-taken-back" about Holder;
    /// A holder was let go: their phones are revoked, their invitations cancelled.
    HolderLetGo(LetGoHolder) = "holder-let-go" about Holder;
    /// A holder asked for another phone.
    RequestMade(MadeRequest) = "request-made" about Holder;
    /// A request was approved, and another officer must approve it too.
    RequestApprovedOnce(ApprovedRequest) = "request-approved-once" about Holder;
    /// A request was approved: its holder is invited.
    RequestApproved(ApprovedRequest) = "request-approved" about Holder;
    /// A request was refused.
    RequestRefused(EndedRequest) = "request-refused" about Holder;
    /// A holder withdrew a request.
    RequestWithdrawn(EndedRequest) = "request-withdrawn" about Holder;
    /// Nobody decided on a request in time.
    RequestExpired(EndedRequest) = "request-expired" about Holder;
    /// A request ended with its holder's suspension, or as they were let go or removed.
    RequestClosed(EndedRequest) = "request-closed" about Holder;
    /// A holder came to their own pages.
    HolderSignIn(SignedInHolder) = "holder-sign-in" about Holder;
    /// An invitation is sent by mail.
    InvitationMailed(MailedInvitation) = "invitation-mailed" about Invitation;
    /// An invitation is sent by mail once more, as it is not used.
    InvitationReminded(MailedInvitation) = "invitation-reminded" about Invitation;
    /// A holder was invited.
    InvitationCreated(SentInvitation) = "invitation-created" about Invitation;
    /// An invitation was cancelled.
    InvitationCancelled(Nothing) = "invitation-cancelled" about Invitation;
    /// A phone was enrolled with an invitation.
    InvitationUsed(UsedInvitation) = "invitation-used" about Invitation;
    /// A phone was added.
    PhoneEnrolled(EnrolledPhone) = "phone-enrolled" about Phone;
    /// All certificates of a phone were revoked.
    PhoneRevoked(RevokedPhone) = "phone-revoked" about Phone;
    /// All certificates of a phone were put on hold.
    PhoneSuspended(SuspendedPhone) = "phone-suspended" about Phone;
    /// Somebody allowed the holder of a phone a new PIN, by a code.
    PinUnblockingAllowed(Nothing) = "pin-unblocking-allowed" about Phone;
    /// What was allowed was taken back.
    PinUnblockingWithdrawn(Nothing) = "pin-unblocking-withdrawn" about Phone;
    /// Too many wrong codes ended it.
    PinUnblockingFailed(Nothing) = "pin-unblocking-failed" about Phone;
    /// The phone brought the code, and its holder can choose a new PIN.
    PinUnblocked(Nothing) = "pin-unblocked" about Phone;
    /// A phone was given another name.
    PhoneRenamed(RenamedPhone) = "phone-renamed" about Phone;
    /// A holder said that they have lost a phone of theirs.
    PhoneReportedLost(Nothing) = "phone-reported-lost" about Phone;
    /// The certificates of a phone are good again.
    PhoneResumed(ResumedPhone) = "phone-resumed" about Phone;
    /// A phone told to do so said that its card is empty.
    PhoneWiped(Nothing) = "phone-wiped" about Phone;
    /// A phone said what keeps it from renewing as it should.
    RenewalHindered(HinderedRenewal) = "renewal-hindered" about Phone;
    /// A certificate is about to be signed.
    CertificateReserved(ReservedCertificate) = "certificate-reserved" about Certificate;
    /// A certificate was signed and stored.
    CertificateIssued(IssuedCertificate) = "certificate-issued" about Certificate;
    /// A certificate was revoked.
    CertificateRevoked(RevokedCertificate) = "certificate-revoked" about Certificate;
    /// A certificate was put on hold.
    CertificateSuspended(HeldCertificate) = "certificate-suspended" about Certificate;
    /// A certificate that was on hold is good again.
    CertificateResumed(HeldCertificate) = "certificate-resumed" about Certificate;
    /// A certificate was about to be signed and never stored: it counts as issued, and is revoked.
    IssuanceAbandoned(AbandonedCertificate) = "issuance-abandoned" about Certificate;
    /// Somebody took a list away as a file.
    ListExported(ExportedList) = "list-exported" about Installation;
    /// Somebody said that the clock is right, although it showed an earlier time than was known.
    ClockAccepted(AcceptedClock) = "clock-accepted" about Installation;
    /// A revocation list that this database did not know was taken over: what is on it is revoked.
    CrlTakenOver(TakenOverCrl) = "crl-taken-over" about Issuer;
    /// A certificate revocation list was signed and published.
    CrlPublished(PublishedCrl) = "crl-published" about Issuer;
    /// A webhook was added.
    WebhookAdded(WebhookFacts) = "webhook-added" about Webhook;
    /// It was changed where a webhook is told, or of what.
    WebhookChanged(WebhookFacts) = "webhook-changed" about Webhook;
    /// Nothing is sent to a webhook any more.
    WebhookDisabled(WebhookFacts) = "webhook-disabled" about Webhook;
    /// A webhook is told of events again.
    WebhookEnabled(WebhookFacts) = "webhook-enabled" about Webhook;
    /// A webhook was removed.
    WebhookRemoved(WebhookFacts) = "webhook-removed" about Webhook;
    /// A token of the API was made.
    ApiTokenMade(MadeApiToken) = "api-token-made" about ApiToken;
    /// A token of the API was revoked.
    ApiTokenRevoked(NamedApiToken) = "api-token-revoked" about ApiToken;
}

/// An event that is to be recorded.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The id of the object that it is about.
    pub object_id: String,
    /// What.
    pub event: Event,
}

impl NewEvent {
    /// An event about the object with this id, to be recorded with the change that it tells of.
    #[must_use]
    pub fn new(at: Timestamp, actor: &Actor, object_id: &str, event: Event) -> Self {
        Self {
            at,
            actor: actor.clone(),
            object_id: object_id.to_owned(),
            event,
        }
    }
}

#[cfg(test)]
mod tests {
    use enrollment_protocol::Slot;

    use super::*;
    use crate::event_detail::CertificateFacts;
    use crate::revocation::RevocationReason;

    #[test]
    fn what_was_written_is_read_back() {
        let event = Event::CertificateRevoked(RevokedCertificate {
            certificate: CertificateFacts {
                serial: "4001".to_owned(),
                slot: Some(Slot::KeyManagement),
                holder: Some("h1".to_owned()),
                ..CertificateFacts::default()
            },
            reason: Some(RevocationReason::KeyCompromise),
            note: String::new(),
        });
        let detail = event.detail().unwrap();
        assert_eq!(Event::read(event.kind(), &detail), event);
        assert!(detail.contains(r#""reason":"key-compromise""#), "{detail}");
    }

    #[test]
    fn a_row_of_an_earlier_version_lacks_members_and_still_reads() {
        for kind in EventKind::ALL {
            assert_eq!(Event::read(*kind, "{}").kind(), *kind);
            assert_eq!(Event::read(*kind, "not JSON").kind(), *kind);
        }
        let detail = r#"{"fingerprint":"ab"}"#;
        let Event::CertificateIssued(issued) = Event::read(EventKind::CertificateIssued, detail)
        else {
            panic!("another kind");
        };
        assert_eq!(issued.fingerprint, "ab");
        assert_eq!(issued.certificate, CertificateFacts::default());
        let detail = r#"{"phone":null,"reason":"superseded","serial":"4001","slot":"9A"}"#;
        let Event::CertificateRevoked(revoked) = Event::read(EventKind::CertificateRevoked, detail)
        else {
            panic!("another kind");
        };
        assert_eq!(revoked.reason, Some(RevocationReason::Superseded));
        assert_eq!(revoked.certificate.phone, None);
    }
}
