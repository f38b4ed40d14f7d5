//! The audit trail: an append-only table whose rows are chained by hash.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, FromRow, Row};

use super::value::words;
use super::{Reader, Result, Timestamp};

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
    /// Who did it.
    ActorKind {
        /// The server itself.
        System = "system",
        /// An administrator.
        Administrator = "administrator",
        /// Whoever holds an invitation.
        Invitation = "invitation",
        /// Somebody who is not signed in.
        Anonymous = "anonymous",
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

/// Who did something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The id of the administrator or invitation; empty for the others.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// The address that the request came from; empty for the server itself.
    pub source: String,
}

impl Actor {
    /// The server itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            id: String::new(),
            name: "enroll-server".to_owned(),
            source: String::new(),
        }
    }

    /// An administrator, signed in from `source`.
    #[must_use]
    pub fn administrator(id: &str, name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Administrator,
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }

    /// Whoever presented an invitation made for `holder`.
    #[must_use]
    pub fn invitation(id: &str, holder: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Invitation,
            id: id.to_owned(),
            name: holder.to_owned(),
            source: source.to_owned(),
        }
    }

    /// Somebody who is not signed in and says to be `name`.
    #[must_use]
    pub fn anonymous(name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Anonymous,
            id: String::new(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
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

/// An event on record.
#[derive(Clone, Debug, FromRow)]
pub struct Event {
    /// Its number; the first event is 1, and none is missing.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// Who: the kind of actor.
    pub actor_kind: ActorKind,
    /// Who: the id of the administrator or invitation.
    pub actor_id: String,
    /// Who: the name that people know.
    pub actor_name: String,
    /// To what kind of object.
    pub object_kind: ObjectKind,
    /// The object's id.
    pub object_id: String,
    /// The address that the request came from; empty for the server itself.
    pub source: String,
    /// What else there is to know: a JSON object.
    pub detail: String,
    /// SHA-256 over the hash of the event before it and all of its own fields, in hexadecimal.
    pub hash: String,
}

impl Event {
    /// The hash that the event must have if `previous` is the hash of the one before it.
    #[must_use]
    pub fn expected_hash(&self, previous: &str) -> String {
        let mut hash = Sha256::new();
        let numbers = [self.sequence.to_string(), self.at.0.to_string()];
        let fields = [
            previous,
            &numbers[0],
            &numbers[1],
            self.kind.as_str(),
            self.actor_kind.as_str(),
            &self.actor_id,
            &self.actor_name,
            self.object_kind.as_str(),
            &self.object_id,
            &self.source,
            &self.detail,
        ];
        for field in fields {
            // The length first, so that no two different events are the same bytes.
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        HEXLOWER.encode(&hash.finalize())
    }
}

/// Adds an event at the end of the chain.
pub(super) async fn append(on: &mut AnyConnection, event: &NewEvent) -> Result<()> {
    let head = sqlx::query(
        "UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence, hash",
    )
    .fetch_one(&mut *on)
    .await?;
    let previous: String = head.try_get("hash")?;
    let mut row = Event {
        sequence: head.try_get("sequence")?,
        at: event.at,
        kind: event.kind,
        actor_kind: event.actor.kind,
        actor_id: event.actor.id.clone(),
        actor_name: event.actor.name.clone(),
        object_kind: event.object_kind,
        object_id: event.object_id.clone(),
        source: event.actor.source.clone(),
        detail: event.detail.to_string(),
        hash: String::new(),
    };
    row.hash = row.expected_hash(&previous);
    sqlx::query(
        "INSERT INTO audit_events (sequence, at, kind, actor_kind, actor_id, actor_name, object_kind, object_id, \
         source, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(row.sequence)
    .bind(row.at)
    .bind(row.kind)
    .bind(row.actor_kind)
    .bind(&row.actor_id)
    .bind(&row.actor_name)
    .bind(row.object_kind)
    .bind(&row.object_id)
    .bind(&row.source)
    .bind(&row.detail)
    .bind(&row.hash)
    .execute(&mut *on)
    .await?;
    sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1")
        .bind(&row.hash)
        .execute(on)
        .await?;
    Ok(())
}

/// The newest events, newest first; those before the event numbered `before`, if it is given.
///
/// # Errors
/// If the database fails.
pub async fn newest<'e>(
    on: impl Reader<'e>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Event>> {
    Ok(sqlx::query_as(
        "SELECT * FROM audit_events WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// The newest events about one object, newest first.
///
/// # Errors
/// If the database fails.
pub async fn about<'e>(
    on: impl Reader<'e>,
    kind: ObjectKind,
    id: &str,
    limit: i64,
) -> Result<Vec<Event>> {
    Ok(sqlx::query_as(
        "SELECT * FROM audit_events WHERE object_kind = $1 AND object_id = $2 ORDER BY sequence DESC LIMIT $3",
    )
    .bind(kind)
    .bind(id)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Events in the order in which they happened, from the one after `after` on.
///
/// # Errors
/// If the database fails.
pub async fn following<'e>(on: impl Reader<'e>, after: i64, limit: i64) -> Result<Vec<Event>> {
    Ok(
        sqlx::query_as("SELECT * FROM audit_events WHERE sequence > $1 ORDER BY sequence LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(on)
            .await?,
    )
}

/// The end of the chain: how many events there are, and the hash of the last.
///
/// # Errors
/// If the database fails.
pub async fn head<'e>(on: impl Reader<'e>) -> Result<(i64, String)> {
    let row = sqlx::query("SELECT sequence, hash FROM audit_head WHERE id = 1")
        .fetch_one(on)
        .await?;
    Ok((row.try_get("sequence")?, row.try_get("hash")?))
}
