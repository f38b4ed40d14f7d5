//! The lists that people browse: filtered, searched and paged. Each page goes on after the last row of the one
//! before it (keyset), so that a list stays quick and no row is shown twice however long it is.

use sqlx_macros::FromRow;

use enroll_server_model::{InvitationState, ObjectKind, PhoneState, Timestamp};

use crate::audit::{RecordedEvent, event_columns};
use crate::certificate::{CertificateSummary, certificate_columns};
use crate::error::Result;
use crate::holder::{Holder, holder_columns};
use crate::invitation::{InvitationSummary, invitation_columns};
use crate::phone::{PhoneSummary, phone_columns};
use crate::sql::Reader;

/// The last row of the page before: what the list is ordered by, and the row's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After<K> {
    /// What the list is ordered by.
    pub key: K,
    /// The id, which decides between rows that are equal in that.
    pub id: String,
}

/// The start of a list that shows the newest first.
fn newest(after: Option<&After<Timestamp>>) -> (Timestamp, &str) {
    after.map_or((Timestamp(i64::MAX), ""), |after| (after.key, &after.id))
}

/// A pattern for `LIKE ... ESCAPE '!'` that finds `text` anywhere in a lower-case value.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// Holders by name whose name, mail address or UPN has `search` in it.
pub async fn holders<'e>(
    on: impl Reader<'e>,
    search: &str,
    after: Option<&After<String>>,
    limit: i64,
) -> Result<Vec<Holder>> {
    let (name, id) = after.map_or(("", ""), |after| (after.key.as_str(), after.id.as_str()));
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        holder_columns!(),
        " FROM holders h \
         WHERE (h.name > $1 OR (h.name = $1 AND h.id > $2)) \
         AND h.search LIKE $3 ESCAPE '!' \
         ORDER BY h.name, h.id LIMIT $4",
    ))
    .bind(name)
    .bind(id)
    .bind(containing(search))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Phones, newest first, whose holder, name or GUID has `search` in it.
pub async fn phones<'e>(
    on: impl Reader<'e>,
    state: Option<PhoneState>,
    search: &str,
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<PhoneSummary>> {
    let (created, id) = newest(after);
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        phone_columns!(),
        ", h.name AS holder_name FROM phones p JOIN holders h ON h.id = p.holder_id \
         WHERE (p.created < $1 OR (p.created = $1 AND p.id < $2)) \
         AND ($3 = '' OR p.state = $3) \
         AND (p.search LIKE $4 ESCAPE '!' OR h.search LIKE $4 ESCAPE '!') \
         ORDER BY p.created DESC, p.id DESC LIMIT $5",
    ))
    .bind(created)
    .bind(id)
    .bind(state.map_or("", PhoneState::as_str))
    .bind(containing(search))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Invitations, newest first.
pub async fn invitations<'e>(
    on: impl Reader<'e>,
    state: Option<InvitationState>,
    now: Timestamp,
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<InvitationSummary>> {
    let (created, id) = newest(after);
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        invitation_columns!(),
        ", h.name AS holder_name, h.email AS holder_email, h.upn AS holder_upn FROM invitations i \
         JOIN holders h ON h.id = i.holder_id \
         WHERE (i.created < $1 OR (i.created = $1 AND i.id < $2)) \
         AND ($3 = '' \
           OR ($3 = 'pending' AND i.state = 'pending' AND i.expires > $4) \
           OR ($3 = 'expired' AND i.state = 'pending' AND i.expires <= $4) \
           OR ($3 IN ('used', 'cancelled') AND i.state = $3)) \
         ORDER BY i.created DESC, i.id DESC LIMIT $5",
    ))
    .bind(created)
    .bind(id)
    .bind(state.map_or("", InvitationState::as_str))
    .bind(now)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// What the certificates of a list are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFilter {
    /// Whatever they are.
    All,
    /// Valid now.
    Valid,
    /// Valid now, and no more at this time.
    EndingBefore(Timestamp),
    /// Past their end, and not revoked.
    Expired,
    /// Revoked.
    Revoked,
}

/// The phones' certificates, newest first, whose holder has `search` in the name, or whose serial number begins
/// with one of `serials` (lower-case hexadecimal).
pub async fn certificates<'e>(
    on: impl Reader<'e>,
    filter: CertificateFilter,
    now: Timestamp,
    search: &str,
    serials: &[String; 2],
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<CertificateSummary>> {
    let (reserved_at, id) = newest(after);
    let (word, before) = match filter {
        CertificateFilter::All => ("", Timestamp(i64::MAX)),
        CertificateFilter::Valid => ("valid", Timestamp(i64::MAX)),
        CertificateFilter::EndingBefore(time) => ("valid", time),
        CertificateFilter::Expired => ("expired", Timestamp(i64::MAX)),
        CertificateFilter::Revoked => ("revoked", Timestamp(i64::MAX)),
    };
    let [serial, other_serial] = serials;
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        certificate_columns!(),
        ", h.name AS holder_name, h.username AS holder_username, p.name AS phone_name FROM certificates c \
         JOIN holders h ON h.id = c.holder_id JOIN phones p ON p.id = c.phone_id \
         WHERE (c.reserved_at < $1 OR (c.reserved_at = $1 AND c.id < $2)) \
         AND ($3 = '' \
           OR ($3 = 'valid' AND c.state = 'issued' AND c.not_before <= $4 AND c.not_after >= $4 AND c.not_after < $5) \
           OR ($3 = 'expired' AND c.state = 'issued' AND c.not_after < $4) \
           OR ($3 = 'revoked' AND c.state = 'revoked')) \
         AND (h.search LIKE $6 ESCAPE '!' \
           OR ($7 <> '' AND c.serial LIKE $7 || '%') OR ($8 <> '' AND c.serial = $8)) \
         ORDER BY c.reserved_at DESC, c.id DESC LIMIT $9",
    ))
    .bind(reserved_at)
    .bind(id)
    .bind(word)
    .bind(now)
    .bind(before)
    .bind(containing(search))
    .bind(serial)
    .bind(other_serial)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// An event with the names that people know of what it is about.
#[derive(Clone, Debug, FromRow)]
pub struct EventSummary {
    /// The event.
    #[sqlx(flatten)]
    pub event: RecordedEvent,
    /// The phone's name, if it is about a phone.
    pub phone_name: Option<String>,
    /// The holder's name, if it is about something of a holder's.
    pub holder_name: Option<String>,
}

/// Audit events, newest first; those before the event numbered `before`, if it is given.
pub async fn events<'e>(
    on: impl Reader<'e>,
    about: Option<ObjectKind>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<RecordedEvent>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        event_columns!(),
        " FROM audit_events e WHERE e.sequence < $1 AND ($2 = '' OR e.object_kind = $2) \
         ORDER BY e.sequence DESC LIMIT $3",
    ))
    .bind(before.unwrap_or(i64::MAX))
    .bind(about.map_or("", ObjectKind::as_str))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Audit events but refused sign-ins, newest first, each with the names of what it is about.
pub async fn events_but_refused<'e>(on: impl Reader<'e>, limit: i64) -> Result<Vec<EventSummary>> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        event_columns!(),
        ", p.name AS phone_name, h.name AS holder_name FROM audit_events e \
         LEFT JOIN phones p ON e.object_kind = 'phone' AND p.id = e.object_id \
         LEFT JOIN invitations i ON e.object_kind = 'invitation' AND i.id = e.object_id \
         LEFT JOIN certificates c ON e.object_kind = 'certificate' AND c.id = e.object_id \
         LEFT JOIN holders h ON h.id = COALESCE(p.holder_id, i.holder_id, c.holder_id) \
         WHERE e.kind <> 'sign-in-refused' ORDER BY e.sequence DESC LIMIT $1",
    ))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Refused sign-ins.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct Refusals {
    /// How many.
    pub count: i64,
    /// When the last was.
    pub latest: Option<Timestamp>,
}

/// The sign-ins that were refused after `since`.
pub async fn refused_sign_ins<'e>(on: impl Reader<'e>, since: Timestamp) -> Result<Refusals> {
    Ok(sqlx::query_as(
        "SELECT COUNT(*) AS count, MAX(at) AS latest FROM audit_events WHERE kind = 'sign-in-refused' AND at > $1",
    )
    .bind(since)
    .fetch_one(on)
    .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_search_for_is_not_a_pattern() {
        assert_eq!(containing("100%_!A"), "%100!%!_!!a%");
        assert_eq!(containing(""), "%%");
    }
}
