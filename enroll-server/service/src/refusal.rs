//! What exactly a service refuses, with the values that whoever tells people needs. Their `Display` is for the log.

pub use enroll_server_ca::csr::{CsrError, LONGEST as LONGEST_CSR};
pub use enroll_server_ca::key_type::error::{KeyFlaw, KeyForm, PublicKeyError};
use enroll_server_model::{InvitationState, KeyAlgorithm, RequestState, Slot, Timestamp, Validity};

/// What an id should have named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// A holder.
    Holder,
    /// An invitation.
    Invitation,
    /// What a holder asked for.
    Request,
    /// A phone.
    Phone,
    /// A certificate.
    Certificate,
    /// An account of somebody who works here.
    Colleague,
    /// What somebody chose in a list.
    Selection,
    /// A webhook.
    Webhook,
    /// A token of the API.
    ApiToken,
    /// A passkey of one's own account.
    Passkey,
    /// Something that was sent or is to be.
    Delivery,
}

/// Why an object is not in the state that an action needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Nothing was chosen.
    #[error("nothing was chosen")]
    NothingChosen,
    /// More was chosen than can be at once.
    #[error("more than {most} were chosen")]
    TooManyChosen {
        /// How many can be.
        most: usize,
    },
    /// Somebody is to be invited twice at once.
    #[error("{upn} stands in the list twice")]
    GuestTwice {
        /// Their user principal name.
        upn: String,
    },
    /// What was chosen was done before.
    #[error("it was done before")]
    SelectionDone,
    /// Somebody else added the same holder at the same moment.
    #[error("{upn} was added at the same moment")]
    HolderJustAdded {
        /// The holder's user principal name.
        upn: String,
    },
    /// The holder has phones, or had.
    #[error("a phone of the holder was enrolled")]
    HolderHasPhones,
    /// The invitation is no longer pending.
    #[error("the invitation is {0}")]
    NotPending(InvitationState),
    /// The holder has asked already, and waits for an answer.
    #[error("a request of the holder waits")]
    RequestWaits,
    /// The request waits for nobody any more.
    #[error("the request is {0}")]
    RequestEnded(RequestState),
    /// What the request would change is not what whoever decides has seen.
    #[error("the request would change something else by now")]
    RequestStale,
    /// Whoever wants to approve it has done so.
    #[error("they have approved the request already")]
    RequestApprovedBefore,
    /// A token of the API has approved it, and all tokens are one approver.
    #[error("a token of the API has approved the request already")]
    RequestApprovedByProgram,
    /// Whoever wants to approve the request made it.
    #[error("it is one's own request")]
    RequestOwn,
    /// Whoever wants to decide may not any more.
    #[error("whoever acts may decide on requests no longer")]
    NoApprover,
    /// The certificate is revoked already.
    #[error("the certificate is already revoked")]
    CertificateRevoked,
    /// The phone is revoked already.
    #[error("the phone is already revoked")]
    PhoneRevoked,
    /// The phone is suspended.
    #[error("the phone is suspended")]
    PhoneSuspended,
    /// The phone enrolled without an unblocking key.
    #[error("the phone has no unblocking key")]
    NoUnblockingKey,
    /// Nobody has suspended the phone by itself.
    #[error("the phone is not suspended by itself")]
    PhoneNotSuspended,
    /// The holder is suspended.
    #[error("the holder is suspended")]
    HolderSuspended,
    /// The holder was let go.
    #[error("the holder was let go")]
    HolderGone,
    /// The holder is active.
    #[error("the holder is active")]
    HolderActive,
    /// The account has a second factor already.
    #[error("the account has a second factor already")]
    SecondFactorOn,
    /// The passkey was added before.
    #[error("the passkey was added before")]
    PasskeyKnown,
    /// The account has as many passkeys as it can.
    #[error("the account has {most} passkeys already")]
    TooManyPasskeys {
        /// How many it can have.
        most: usize,
    },
    /// Whoever is signed in has not shown lately who they are.
    #[error("who it is was not shown lately")]
    NotProved,
    /// The portal is reached by an IP address, for which browsers have no passkeys.
    #[error("browsers have no passkeys for an IP address")]
    NoPasskeysHere,
    /// The account has no second factor.
    #[error("the account has no second factor")]
    SecondFactorOff,
    /// It is the account of whoever wants to do it.
    #[error("it is one's own account")]
    AccountOwn,
    /// The account is disabled.
    #[error("the account is disabled")]
    AccountDisabled,
    /// The account is not disabled.
    #[error("the account is not disabled")]
    AccountEnabled,
    /// Nobody would be left who decides who works here.
    #[error("no administrator would be left who can sign in")]
    LastAdministrator,
    /// Whoever acts has stopped being an administrator.
    #[error("whoever acts has stopped being an administrator")]
    NoAdministrator,
    /// The webhook is disabled, or enabled, already.
    #[error("the webhook is in that state already")]
    WebhookState,
    /// The token of the API is revoked already.
    #[error("the token is already revoked")]
    ApiTokenRevoked,
    /// It was sent by mail a moment ago.
    #[error("it was sent by mail a moment ago")]
    MailedLately,
    /// It cannot be sent by mail.
    #[error("it cannot be sent by mail")]
    NoMail,
    /// Somebody is at work on the delivery.
    #[error("it is being sent")]
    BeingSent,
    /// The invitation has another link than it had.
    #[error("the invitation has another link now, as the mail address was corrected")]
    LinkReplaced,
    /// The certificate is on record and not signed yet.
    #[error("the certificate is not signed yet")]
    NotSigned,
}

/// Why a link does not set a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkEnd {
    /// There never was such a link, or not for long.
    #[error("the link is not known")]
    Unknown,
    /// A password was set with it.
    #[error("the link is used")]
    Used,
    /// It was not used in time.
    #[error("the link has expired")]
    Expired,
    /// There is a newer one, another password, or the account is disabled.
    #[error("the link was replaced")]
    Replaced,
}

/// Why no certificate is issued at present.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoIssuance {
    /// The clock cannot be right.
    #[error(transparent)]
    Clock(ClockDoubt),
    /// The authority is not valid now: it has ended, or its time has not come.
    #[error(
        "{name} is valid from {} until {}",
        validity.not_before.rfc3339(),
        validity.not_after.rfc3339()
    )]
    AuthorityNotValid {
        /// The authority's name.
        name: String,
        /// From when until when it is valid.
        validity: Validity,
    },
}

/// Why a clock cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the clock shows {}, which is before {}: {}; set the clock, or, if it is right, start the server with --accept-clock",
    shown.rfc3339(),
    evidence,
    known.rfc3339()
)]
pub struct ClockDoubt {
    /// What it shows.
    pub shown: Timestamp,
    /// When it was later than that.
    pub known: Timestamp,
    /// How that is known.
    pub evidence: ClockEvidence,
}

/// How it is known that it must be later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockEvidence {
    /// This program was built then.
    #[error("this program was built")]
    Build,
    /// The newest event of the audit trail is of then.
    #[error("the newest event of the audit trail")]
    Event,
}

/// Why a request of a phone cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It broke off.
    #[error("it did not arrive whole")]
    Incomplete,
    /// It is not the JSON that it should be; what the parser says, for the log.
    #[error("it is not the expected JSON: {0}")]
    Json(String),
}

/// What is wrong with a request of a phone that can be read.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// The phone has no name.
    #[error("the phone sent no name")]
    NoPhoneName,
    /// The GUID is that of another holder's phone.
    #[error("the phone's GUID belongs to another holder's phone")]
    GuidTaken,
    /// The key has a certificate for another purpose, or had one.
    #[error("the key was certified before")]
    KnownKey {
        /// The slot that it is for; none for a key of the server's own.
        slot: Option<Slot>,
    },
    /// A certificate for the key was revoked because the key was compromised.
    #[error("the key was given up as compromised")]
    CompromisedKey {
        /// The slot that it is for; none for a key of the server's own.
        slot: Option<Slot>,
    },
    /// The request for the key to check in with is wrong.
    #[error("the request for the check-in key is not a good one for a P-256 key of its own")]
    CheckInKey,
    /// The request for a slot is wrong.
    #[error("slot {slot}: {flaw}")]
    Slot {
        /// The slot.
        slot: Slot,
        /// What is wrong.
        flaw: SlotFlaw,
    },
}

/// What is wrong with the request for a slot.
#[derive(Debug, thiserror::Error)]
pub enum SlotFlaw {
    /// The invitation does not ask for the slot.
    #[error("the invitation does not ask for this slot")]
    NotInvited,
    /// There is no request, or more than one.
    #[error("there must be exactly one request")]
    NotOne,
    /// The certification request is wrong.
    #[error(transparent)]
    Csr(#[from] CsrError),
    /// The key is of another algorithm than the one asked for.
    #[error("the key is {found}, the invitation asks for {wanted}")]
    OtherAlgorithm {
        /// The key's.
        found: KeyAlgorithm,
        /// The one asked for.
        wanted: KeyAlgorithm,
    },
    /// The key is that of another slot too.
    #[error("the same key is in two slots")]
    SameKey,
}

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What whoever does something has to say.
    Note,
    /// The name.
    Name,
    /// The mail address.
    Email,
    /// The user principal name.
    Upn,
    /// The address of a webhook.
    Url,
    /// When something ends by itself.
    Until,
    /// What a token of the API may do.
    Scopes,
    /// For how many days a token of the API works.
    Days,
    /// The key of a request that is made once.
    IdempotencyKey,
    /// The enrollment policy.
    Policy,
    /// Why something is revoked.
    Reason,
    /// The language in which somebody is written to.
    Language,
}

impl Field {
    /// Its name in forms.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Name => "name",
            Self::Email => "email",
            Self::Upn => "upn",
            Self::Url => "url",
            Self::Until => "until",
            Self::Scopes => "scopes",
            Self::Days => "days",
            Self::IdempotencyKey => "idempotency-key",
            Self::Policy => "policy",
            Self::Reason => "reason",
            Self::Language => "language",
        }
    }
}

/// What is wrong with a field of a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFlaw {
    /// Something is to end by itself at a time that has gone, or that nobody can read.
    #[error("not a time that is still to come")]
    NotToCome,
    /// There is no name.
    #[error("no name")]
    NameEmpty,
    /// The name is too long.
    #[error("a name of more than {longest} characters")]
    NameLong {
        /// Most characters of a name.
        longest: usize,
    },
    /// The name has a character that cannot be seen.
    #[error("a name with the character {character}, which cannot be seen")]
    NameUnseen {
        /// Which, as Unicode writes it.
        character: String,
    },
    /// There is no note, and there must be one.
    #[error("no note")]
    NoteEmpty,
    /// The note is too long.
    #[error("a note of more than {longest} characters")]
    NoteLong {
        /// Most characters of a note.
        longest: usize,
    },
    /// The note has a character that cannot be seen.
    #[error("a note with the character {character}, which cannot be seen")]
    NoteUnseen {
        /// Which, as Unicode writes it.
        character: String,
    },
    /// The address is too long.
    #[error("an address of more than {longest} characters")]
    AddressLong {
        /// Most characters of an address.
        longest: usize,
    },
    /// The address has no `@`.
    #[error("an address without @")]
    AddressWithoutAt,
    /// What stands before the `@` of a mail address is malformed.
    #[error("a malformed mail address before the @")]
    MailLocal,
    /// What stands before the `@` of a mail address is not ASCII.
    #[error("a mail address that is not ASCII before the @")]
    MailLocalNotAscii,
    /// What stands before the `@` of a UPN cannot be an account's name.
    #[error("a malformed account name before the @")]
    AccountLocal,
    /// The account is one that systems have for themselves.
    #[error("{username} is an account of systems")]
    SystemAccount {
        /// The account name.
        username: String,
    },
    /// Somebody signs in with the mail address.
    #[error("{name} signs in with this mail address")]
    AccountTaken {
        /// Who.
        name: String,
    },
    /// The mail address is another holder's too.
    #[error("{email} is the mail address of {name}")]
    MailShared {
        /// The mail address.
        email: String,
        /// The name of the other holder.
        name: String,
    },
    /// What stands after the `@` is not a domain name.
    #[error("a malformed address after the @")]
    AddressDomain,
    /// The account name is another person's.
    #[error("the account name {username} belongs to {upn}")]
    UsernameTaken {
        /// The account name.
        username: String,
        /// The name of its owner.
        name: String,
        /// The user principal name of its owner.
        upn: String,
    },
    /// The user principal name is that of somebody who is suspended.
    #[error("{name} is suspended")]
    HolderSuspended {
        /// Their name.
        name: String,
    },
    /// The user principal name is that of somebody who was let go.
    #[error("{name} was let go")]
    HolderGone {
        /// Their name.
        name: String,
    },
    /// A token that may do nothing.
    #[error("no scope")]
    NoScope,
    /// A token must end.
    #[error("not a number of days from 1 to {most}")]
    Days {
        /// For how many days a token works at most.
        most: usize,
    },
    /// It cannot be the key of a request.
    #[error("not a key of 1 to {longest} visible ASCII characters")]
    KeyMalformed {
        /// Most characters of a key.
        longest: usize,
    },
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyUsed,
    /// There is no such enrollment policy in force.
    #[error("no such policy")]
    NoPolicy,
    /// The server has no words in this language.
    #[error("no such language")]
    NoLanguage,
    /// Nothing is revoked for this reason.
    #[error("no reason to revoke for good")]
    NoReason,
    /// It is not the address of a page.
    #[error("not a URL")]
    UrlMalformed,
    /// Nothing is sent to addresses of this kind.
    #[error("neither https nor of this machine")]
    UrlScheme,
    /// The address has parts that are not sent, or must not be kept.
    #[error("a URL with a user, a password or a fragment")]
    UrlParts,
    /// The user principal name is a person's of another name or mail address.
    #[error("{upn} belongs to {name} <{email}>")]
    UpnTaken {
        /// The user principal name.
        upn: String,
        /// The name of its owner.
        name: String,
        /// The mail address of its owner.
        email: String,
    },
}
