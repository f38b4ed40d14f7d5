//! What there is to know of each kind of event. A member that an earlier version did not write has a default.

use enrollment_protocol::Slot;
use enrollment_protocol::check_in::Problem;
use serde::{Deserialize, Serialize};

use crate::policy::PolicyName;
use crate::profile::ProfileName;
use crate::revocation::RevocationReason;
use crate::role::Role;

/// No details.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// An authority that was created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreatedAuthority {
    /// Its common name.
    pub name: String,
    /// SHA-256 of its certificate, hexadecimal.
    pub fingerprint: String,
}

/// An administrator who was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreatedAdministrator {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The role. Before there were others, everybody was an administrator.
    pub role: Option<Role>,
}

/// The sessions that a new password ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndedSessions {
    /// How many.
    pub sessions: u64,
}

/// The recovery codes that are left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeftCodes {
    /// How many.
    pub left: u64,
}

/// An account that something was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
}

/// An account whose role was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangedRole {
    /// Whose.
    #[serde(flatten)]
    pub account: Account,
    /// The role of before.
    pub before: Option<Role>,
    /// The role from now on.
    pub after: Option<Role>,
}

/// An account whose sessions ended: it is disabled, or its owner chose a password with a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignedOutAccount {
    /// Whose.
    #[serde(flatten)]
    pub account: Account,
    /// How many sessions ended.
    pub sessions: u64,
}

/// Somebody who is called otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RenamedAccount {
    /// The name of before.
    pub before: String,
    /// The name from now on.
    pub after: String,
}

/// A passkey that something was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedPasskey {
    /// What it is called.
    pub passkey: String,
}

/// A passkey that is called otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RenamedPasskey {
    /// The name of before.
    pub before: String,
    /// The name from now on.
    pub after: String,
}

/// Somebody who signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignedIn {
    /// The name of the passkey that was enough for it; empty where there was a password.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub passkey: String,
}

/// An administrator who was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovedAdministrator {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// How many sessions ended.
    pub sessions: u64,
}

/// A holder who was added.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreatedHolder {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The user principal name.
    pub upn: String,
}

/// What a holder is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HolderNames {
    /// The name.
    pub name: String,
    /// The mail address, as it was typed.
    pub email: String,
    /// The user principal name.
    pub upn: String,
    /// The tag of the language in which they are written to; empty in events of before there was one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
}

/// A holder whose names were corrected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EditedHolder {
    /// The names of before.
    pub before: HolderNames,
    /// The names from now on.
    pub after: HolderNames,
}

/// A holder who was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovedHolder {
    /// The names.
    #[serde(flatten)]
    pub holder: HolderNames,
    /// The ids of the invitations that were cancelled with it.
    pub invitations: Vec<String>,
}

/// An invitation that was created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SentInvitation {
    /// The id of the holder invited.
    pub holder: String,
    /// The holder's name.
    pub name: String,
    /// The enrollment policy: which keys the phone is asked to make. Earlier versions called it a profile.
    #[serde(alias = "profile")]
    pub policy: Option<PolicyName>,
    /// The version of the policy.
    pub policy_version: Option<i64>,
    /// Until when it can be used (RFC 3339).
    pub expires: String,
    /// The phone that the new one takes the place of, if it does of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ReplacedPhone>,
}

/// A phone that another takes the place of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplacedPhone {
    /// Its id.
    pub phone: String,
    /// Its name.
    pub name: String,
    /// Why it was revoked when the new one was invited; none if it stays until that is enrolled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RevocationReason>,
    /// The ids of earlier invitations to replace it that were cancelled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<String>,
}

/// An invitation that is sent by mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MailedInvitation {
    /// The id of the holder invited.
    pub holder: String,
    /// The holder's name.
    pub name: String,
    /// Where it goes.
    pub email: String,
}

/// An invitation that was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsedInvitation {
    /// The id of the phone.
    pub phone: String,
}

/// A phone that was enrolled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EnrolledPhone {
    /// What it calls itself.
    pub name: String,
    /// The card's GUID.
    pub guid: String,
    /// The id of its holder.
    pub holder: String,
    /// Whether its card had been enrolled before.
    pub again: bool,
    /// The id of the phone that it takes the place of; empty if it does of none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replaces: String,
}

/// What keeps a phone from renewing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HinderedRenewal {
    /// In which slots, and why.
    pub problems: Vec<Problem>,
}

/// A phone that was revoked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedPhone {
    /// Why.
    pub reason: Option<RevocationReason>,
    /// How many certificates were revoked with it.
    pub certificates: usize,
    /// The ids of other phones of its holder that were revoked with it.
    pub phones: Vec<String>,
    /// The ids of invitations of its holder that were cancelled with it.
    pub invitations: Vec<String>,
    /// What whoever did it had to say.
    pub note: String,
}

/// A phone that was suspended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspendedPhone {
    /// How many certificates were put on hold with it.
    pub certificates: usize,
    /// What whoever did it had to say.
    pub note: String,
    /// When it ends by itself (RFC 3339); empty where somebody ends it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
}

/// A phone that has another name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RenamedPhone {
    /// The name of before.
    pub before: String,
    /// The name from now on.
    pub after: String,
}

/// A holder who came to their own pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignedInHolder {
    /// The name of the phone that they showed; empty if they came by a link from their mail.
    pub phone: String,
}

/// A holder who asked for another phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MadeRequest {
    /// The id of the request.
    pub request: String,
    /// The holder's name.
    pub name: String,
    /// The enrollment policy that they chose.
    pub policy: Option<PolicyName>,
    /// Why, as they said.
    pub reason: String,
    /// How many officers approve it.
    pub approvals: i64,
}

/// A request that was approved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovedRequest {
    /// The id of the request.
    pub request: String,
    /// The holder's name.
    pub name: String,
    /// Who approved it, of whom the approval counts.
    pub approved_by: Vec<String>,
    /// The id of the invitation that it came to; empty while another approval is needed.
    pub invitation: String,
}

/// A request that came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndedRequest {
    /// The id of the request.
    pub request: String,
    /// The holder's name.
    pub name: String,
    /// What whoever did it had to say.
    pub note: String,
}

/// A phone that was resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResumedPhone {
    /// How many certificates are good again.
    pub certificates: usize,
}

/// A holder who was suspended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SuspendedHolder {
    /// The ids of the phones that were suspended with them.
    pub phones: Vec<String>,
    /// What whoever did it had to say.
    pub note: String,
    /// When it ends by itself (RFC 3339); empty where somebody ends it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
}

/// A holder who was resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResumedHolder {
    /// The ids of the phones that work again.
    pub phones: Vec<String>,
}

/// A holder who was let go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetGoHolder {
    /// Why.
    pub reason: Option<RevocationReason>,
    /// The ids of the phones that were revoked with it.
    pub phones: Vec<String>,
    /// The ids of the invitations that were cancelled with it.
    pub invitations: Vec<String>,
    /// What whoever did it had to say.
    pub note: String,
}

/// Which certificate it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateFacts {
    /// The serial number, lower-case hexadecimal.
    pub serial: String,
    /// The profile.
    pub profile: Option<ProfileName>,
    /// The slot of its key; none for the server's own.
    pub slot: Option<Slot>,
    /// The id of its holder; none for the server's own.
    pub holder: Option<String>,
    /// The id of its phone; none for the server's own.
    pub phone: Option<String>,
}

/// A certificate that is about to be signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReservedCertificate {
    /// Which.
    #[serde(flatten)]
    pub certificate: CertificateFacts,
    /// Its subject as RFC 4514 writes it.
    pub subject: String,
}

/// A certificate that was issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IssuedCertificate {
    /// Which.
    #[serde(flatten)]
    pub certificate: CertificateFacts,
    /// SHA-256 of its DER, hexadecimal.
    pub fingerprint: String,
}

/// A certificate that was revoked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedCertificate {
    /// Which.
    #[serde(flatten)]
    pub certificate: CertificateFacts,
    /// Why.
    pub reason: Option<RevocationReason>,
    /// What whoever did it had to say.
    pub note: String,
}

/// A certificate that was put on hold, or is good again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HeldCertificate {
    /// Which.
    #[serde(flatten)]
    pub certificate: CertificateFacts,
}

/// A certificate that was given up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AbandonedCertificate {
    /// Which.
    #[serde(flatten)]
    pub certificate: CertificateFacts,
}

/// A CRL that was published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishedCrl {
    /// Its CRLNumber.
    pub number: i64,
    /// How many certificates are on it.
    pub entries: usize,
}

/// A clock that somebody said is right.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AcceptedClock {
    /// The later time that was known (RFC 3339).
    pub known: String,
}

/// A CRL that was taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TakenOverCrl {
    /// Its CRLNumber.
    pub number: i64,
    /// How many certificates are on it.
    pub entries: usize,
    /// How many of them were not revoked here before.
    pub revoked: usize,
}

/// A list that was given out as a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportedList {
    /// Which list.
    pub list: String,
    /// What narrowed and sorted it, as its address said it.
    pub narrowing: String,
    /// How many rows.
    pub rows: u64,
    /// Whether there were more, which nobody got.
    pub broken_off: bool,
}

/// A webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookFacts {
    /// The host that is told; the rest of its address may be a secret.
    pub host: String,
    /// The kinds of objects whose events it is told of.
    pub objects: Vec<String>,
}

/// A token of the API that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MadeApiToken {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends (RFC 3339).
    pub expires: String,
}

/// A token of the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedApiToken {
    /// What it is called.
    pub name: String,
}
