//! The lists that people browse: filtered, searched and paged. Each page goes on after the last row of the one
//! before it (keyset), so that a list stays quick and no row is shown twice however long it is.
//!
//! Every statement here finds its rows by an index, whatever it is asked: a list has a text for each order that it is read
//! in, and a search finds people and phones by their trigrams first.

use enroll_server_model::{InvitationState, ObjectKind, PhoneState, Timestamp};

use crate::audit::{RecordedEvent, event_columns};
use crate::certificate::{CertificateSummary, certificate_columns};
use crate::error::Result;
use crate::holder::{Holder, holder_columns};
use crate::invitation::{InvitationSummary, LIFETIME, invitation_columns};
use crate::phone::{PhoneSummary, phone_columns};
use crate::search::{Patterns, people, phones_found};
use crate::sql::{Reader, from_row};

/// The last row of the page before: what the list is ordered by, and the row's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After<K> {
    /// What the list is ordered by.
    pub key: K,
    /// The id, which decides between rows that are equal in that.
    pub id: String,
}

/// The start of a list whose times fall.
fn falling(after: Option<&After<Timestamp>>) -> (Timestamp, &str) {
    after.map_or((Timestamp(i64::MAX), ""), |after| (after.key, &after.id))
}

/// The start of a list whose times rise.
fn rising(after: Option<&After<Timestamp>>) -> (Timestamp, &str) {
    after.map_or((Timestamp(i64::MIN), ""), |after| (after.key, &after.id))
}

/// Which holders a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolderFilter {
    /// All.
    All,
    /// Those who are active and have no phone that is not revoked.
    WithoutPhone,
    /// Those who have more than one phone that is not revoked.
    SeveralPhones,
    /// Those who are suspended.
    Suspended,
    /// Those who were let go.
    Gone,
}

/// A holder with what people are told of them in a list.
#[derive(Clone, Debug)]
pub struct HolderSummary {
    /// The holder.
    pub holder: Holder,
    /// When the first of their certificates ends that is issued and has not ended.
    pub next_end: Option<Timestamp>,
}

from_row!(HolderSummary {
    holder: whole,
    next_end
});

macro_rules! holder_page {
    ($filter:literal) => {
        holder_page!(in "", $filter)
    };
    (found $filter:literal) => {
        holder_page!(in concat!("h.id IN (", people!("$5", "$6"), ") AND "), $filter)
    };
    (in $found:expr, $filter:literal) => {
        concat!(
            "SELECT ",
            holder_columns!(),
            ", (SELECT MIN(c.not_after) FROM certificates c WHERE c.holder_id = h.id AND c.state = 'issued' \
             AND c.not_after >= $4) AS next_end FROM holders h WHERE ",
            $found,
            $filter,
            " AND (h.name, h.id) > ($1, $2) ORDER BY h.name, h.id LIMIT $3",
        )
    };
}

/// The texts of a list of holders: as it is browsed, and as it is searched.
fn holder_statements(filter: HolderFilter) -> [&'static str; 2] {
    match filter {
        HolderFilter::All => [holder_page!("1 = 1"), holder_page!(found "1 = 1")],
        HolderFilter::WithoutPhone => [
            holder_page!("h.phones = 0 AND h.state = 'active'"),
            holder_page!(found "h.phones = 0 AND h.state = 'active'"),
        ],
        HolderFilter::SeveralPhones => [
            holder_page!("h.phones > 1"),
            holder_page!(found "h.phones > 1"),
        ],
        HolderFilter::Suspended => [
            holder_page!("h.state = 'suspended'"),
            holder_page!(found "h.state = 'suspended'"),
        ],
        HolderFilter::Gone => [
            holder_page!("h.state = 'gone'"),
            holder_page!(found "h.state = 'gone'"),
        ],
    }
}

/// Holders by name whose name, mail address or UPN has `search` in it.
pub async fn holders<'e>(
    on: impl Reader<'e>,
    filter: HolderFilter,
    now: Timestamp,
    search: &str,
    after: Option<&After<String>>,
    limit: i64,
) -> Result<Vec<HolderSummary>> {
    let (name, id) = after.map_or(("", ""), |after| (after.key.as_str(), after.id.as_str()));
    let patterns = Patterns::of(search);
    let [browsed, searched] = holder_statements(filter);
    let query = sqlx::query_as(if patterns.is_some() {
        searched
    } else {
        browsed
    })
    .bind(name)
    .bind(id)
    .bind(limit)
    .bind(now);
    let query = match patterns {
        Some(Patterns { rough, exact }) => query.bind(rough).bind(exact).persistent(false),
        None => query,
    };
    Ok(query.fetch_all(on).await?)
}

macro_rules! phone_page {
    ($filter:literal, $key:literal) => {
        concat!(
            "SELECT ",
            phone_columns!(),
            ", h.name AS holder_name FROM phones p JOIN holders h ON h.id = p.holder_id WHERE ",
            $filter,
            " AND (",
            $key,
            ", p.id) < ($1, $2) ORDER BY ",
            $key,
            " DESC, p.id DESC LIMIT $3",
        )
    };
    (found $filter:literal) => {
        concat!(
            "SELECT ",
            phone_columns!(),
            ", h.name AS holder_name FROM phones p JOIN holders h ON h.id = p.holder_id WHERE p.id IN (",
            phones_found!("$5", "$6"),
            ") AND ",
            $filter,
            // Not the column itself: the rows are few, and no index is to be walked for their order.
            " AND (p.created + 0, p.id) < ($1, $2) ORDER BY p.created + 0 DESC, p.id DESC LIMIT $3",
        )
    };
}

/// Phones, newest first, whose holder, name or GUID has `search` in it.
pub async fn phones<'e>(
    on: impl Reader<'e>,
    state: Option<PhoneState>,
    search: &str,
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<PhoneSummary>> {
    let (created, id) = falling(after);
    let patterns = Patterns::of(search);
    // Every text has the same parameters, used or not.
    let statement = match (state, &patterns) {
        (None, None) => phone_page!("$4 = ''", "p.created"),
        (Some(_), None) => phone_page!("p.state = $4", "p.created"),
        (None, Some(_)) => phone_page!(found "$4 = ''"),
        (Some(_), Some(_)) => phone_page!(found "p.state = $4"),
    };
    let query = sqlx::query_as(statement)
        .bind(created)
        .bind(id)
        .bind(limit)
        .bind(state.map_or("", PhoneState::as_str));
    let query = match patterns {
        Some(Patterns { rough, exact }) => query.bind(rough).bind(exact).persistent(false),
        None => query,
    };
    Ok(query.fetch_all(on).await?)
}

macro_rules! invitation_page {
    ($filter:literal, $key:literal) => {
        concat!(
            "SELECT ",
            invitation_columns!(),
            ", h.name AS holder_name, h.email AS holder_email, h.upn AS holder_upn FROM invitations i \
             JOIN holders h ON h.id = i.holder_id WHERE ",
            $filter,
            " AND (",
            $key,
            ", i.id) < ($1, $2) ORDER BY ",
            $key,
            " DESC, i.id DESC LIMIT $3",
        )
    };
}

/// Whether a list of invitations is ordered by when they expire, and not by when they were made.
fn is_by_expiry(state: Option<InvitationState>) -> bool {
    matches!(
        state,
        Some(InvitationState::Pending | InvitationState::Expired)
    )
}

/// What an invitation is ordered by in the list of a state.
#[must_use]
pub fn invitation_key(state: Option<InvitationState>, row: &InvitationSummary) -> Timestamp {
    if is_by_expiry(state) {
        row.invitation.expires
    } else {
        row.invitation.created
    }
}

/// Invitations, newest first; what ends later than it may has expired ([`Timestamp::still_holds`]). Those that are pending or have expired, the last to expire first. All live equally long.
pub async fn invitations<'e>(
    on: impl Reader<'e>,
    state: Option<InvitationState>,
    now: Timestamp,
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<InvitationSummary>> {
    let (key, id) = falling(after);
    let statement = match state {
        None => invitation_page!(
            "CAST($4 AS BIGINT) IS NOT NULL AND CAST($5 AS BIGINT) IS NOT NULL",
            "i.created"
        ),
        Some(InvitationState::Pending) => {
            invitation_page!(
                "i.state = 'pending' AND i.expires > $4 AND i.expires <= $5",
                "i.expires"
            )
        }
        Some(InvitationState::Expired) => {
            invitation_page!(
                "i.state = 'pending' AND (i.expires <= $4 OR i.expires > $5)",
                "i.expires"
            )
        }
        Some(InvitationState::Used) => invitation_page!(
            "i.state = 'used' AND CAST($4 AS BIGINT) IS NOT NULL AND CAST($5 AS BIGINT) IS NOT NULL",
            "i.created"
        ),
        Some(InvitationState::Cancelled) => invitation_page!(
            "i.state = 'cancelled' AND CAST($4 AS BIGINT) IS NOT NULL AND CAST($5 AS BIGINT) IS NOT NULL",
            "i.created"
        ),
    };
    Ok(sqlx::query_as(statement)
        .bind(key)
        .bind(id)
        .bind(limit)
        .bind(now)
        .bind(now.latest_end(LIFETIME))
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
    /// On hold.
    Suspended,
    /// Revoked.
    Revoked,
}

impl CertificateFilter {
    /// What a certificate is ordered by in the list: when it was put on record, or when it ends.
    #[must_use]
    pub fn key(self, row: &CertificateSummary) -> Timestamp {
        match self {
            Self::All | Self::Suspended | Self::Revoked => row.certificate.reserved_at,
            Self::Valid | Self::EndingBefore(_) | Self::Expired => row.certificate.not_after,
        }
    }
}

macro_rules! certificate_page {
    ($filter:literal, $compare:literal, $key:literal, $order:literal) => {
        certificate_page!(in "", $filter, $compare, $key, $order)
    };
    (found $filter:literal, $compare:literal, $key:literal, $order:literal) => {
        certificate_page!(
            in concat!(
                "c.id IN (SELECT m.id FROM certificates m WHERE m.holder_id IN (",
                people!("$6", "$7"),
                ") UNION SELECT s.id FROM (SELECT m.id FROM certificates m WHERE m.serial >= $8 AND m.serial < $9 \
                 LIMIT 200) AS s UNION SELECT m.id FROM certificates m WHERE m.serial = $10) AND ",
            ),
            $filter, $compare, $key, $order
        )
    };
    (in $found:expr, $filter:literal, $compare:literal, $key:literal, $order:literal) => {
        concat!(
            "SELECT ",
            certificate_columns!(),
            ", h.name AS holder_name, h.username AS holder_username, p.name AS phone_name FROM certificates c \
             JOIN holders h ON h.id = c.holder_id JOIN phones p ON p.id = c.phone_id WHERE ",
            $found,
            "c.phone_id IS NOT NULL AND ",
            $filter,
            " AND (",
            $key,
            ", c.id) ",
            $compare,
            " ($1, $2) ORDER BY ",
            $key,
            " ",
            $order,
            ", c.id ",
            $order,
            " LIMIT $3",
        )
    };
}

/// The texts of a list of certificates: as it is browsed, and as it is searched. Every text has the same first five
/// parameters, used or not.
fn certificate_statements(filter: CertificateFilter) -> [&'static str; 2] {
    match filter {
        CertificateFilter::All => [
            certificate_page!(
                "CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)",
                "<",
                "c.reserved_at",
                "DESC"
            ),
            certificate_page!(found "CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)", "<", "c.reserved_at + 0", "DESC"),
        ],
        CertificateFilter::Suspended => [
            certificate_page!(
                "c.state = 'suspended' AND CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)",
                "<",
                "c.reserved_at",
                "DESC"
            ),
            certificate_page!(
                found "c.state = 'suspended' AND CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)", "<", "c.reserved_at + 0",
                "DESC"
            ),
        ],
        CertificateFilter::Revoked => [
            certificate_page!(
                "c.state = 'revoked' AND CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)",
                "<",
                "c.reserved_at",
                "DESC"
            ),
            certificate_page!(
                found "c.state = 'revoked' AND CAST($4 AS BIGINT) <= CAST($5 AS BIGINT)", "<", "c.reserved_at + 0",
                "DESC"
            ),
        ],
        CertificateFilter::Valid => [
            certificate_page!(
                "c.state = 'issued' AND c.not_before <= $4 AND c.not_after >= $4 AND c.not_after < $5",
                "<",
                "c.not_after",
                "DESC"
            ),
            certificate_page!(
                found "c.state = 'issued' AND c.not_before <= $4 AND c.not_after >= $4 AND c.not_after < $5", "<",
                "c.not_after + 0", "DESC"
            ),
        ],
        CertificateFilter::EndingBefore(_) => [
            certificate_page!(
                "c.state = 'issued' AND c.not_before <= $4 AND c.not_after >= $4 AND c.not_after < $5",
                ">",
                "c.not_after",
                "ASC"
            ),
            certificate_page!(
                found "c.state = 'issued' AND c.not_before <= $4 AND c.not_after >= $4 AND c.not_after < $5", ">",
                "c.not_after + 0", "ASC"
            ),
        ],
        CertificateFilter::Expired => [
            certificate_page!(
                "c.state = 'issued' AND c.not_after < $4 AND c.not_after < $5",
                "<",
                "c.not_after",
                "DESC"
            ),
            certificate_page!(
                found "c.state = 'issued' AND c.not_after < $4 AND c.not_after < $5", "<", "c.not_after + 0", "DESC"
            ),
        ],
    }
}

/// The phones' certificates whose holder has `search` in the name, or whose serial number begins with one of `serials`
/// (lower-case hexadecimal): newest first; those that end soon, the first to end first; other valid and expired ones, the
/// last to end first.
pub async fn certificates<'e>(
    on: impl Reader<'e>,
    filter: CertificateFilter,
    now: Timestamp,
    search: &str,
    serials: &[String; 2],
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<CertificateSummary>> {
    let before = match filter {
        CertificateFilter::EndingBefore(time) => time,
        _ => Timestamp(i64::MAX),
    };
    let (key, id) = match filter {
        CertificateFilter::EndingBefore(_) => rising(after),
        _ => falling(after),
    };
    let [browsed, searched] = certificate_statements(filter);
    let patterns = Patterns::of(search);
    let query = sqlx::query_as(if patterns.is_some() {
        searched
    } else {
        browsed
    })
    .bind(key)
    .bind(id)
    .bind(limit)
    .bind(now)
    .bind(before);
    let query = match patterns {
        Some(Patterns { rough, exact }) => {
            let [serial, other_serial] = serials;
            // The letter after the last of hexadecimal; without a serial number nothing lies between the two.
            let end = if serial.is_empty() { "" } else { "g" };
            query
                .bind(rough)
                .bind(exact)
                .bind(serial)
                .bind(format!("{serial}{end}"))
                .bind(other_serial)
                .persistent(false)
        }
        None => query,
    };
    Ok(query.fetch_all(on).await?)
}

/// An event with the names that people know of what it is about.
#[derive(Clone, Debug)]
pub struct EventSummary {
    /// The event.
    pub event: RecordedEvent,
    /// The id of the holder, invitation, phone or certificate that it is about; none if it is gone or another object.
    pub home: Option<String>,
    /// The phone's name, if it is about a phone.
    pub phone_name: Option<String>,
    /// The holder's name, if it is about something of a holder's.
    pub holder_name: Option<String>,
}

from_row!(EventSummary {
    event: whole,
    home,
    phone_name,
    holder_name
});

macro_rules! event_summary {
    () => {
        concat!(
            "SELECT ",
            event_columns!(),
            ", COALESCE(p.id, i.id, c.id, o.id) AS home, p.name AS phone_name, h.name AS holder_name \
             FROM audit_events e \
             LEFT JOIN phones p ON e.object_kind = 'phone' AND p.id = e.object_id \
             LEFT JOIN invitations i ON e.object_kind = 'invitation' AND i.id = e.object_id \
             LEFT JOIN certificates c ON e.object_kind = 'certificate' AND c.id = e.object_id \
             LEFT JOIN holders o ON e.object_kind = 'holder' AND o.id = e.object_id \
             LEFT JOIN holders h ON h.id = COALESCE(p.holder_id, i.holder_id, c.holder_id) WHERE "
        )
    };
}

/// Which events are about a holder and what is theirs. Each kind of object by its own index.
macro_rules! of_holder {
    ($kind:literal, $objects:literal) => {
        concat!(
            "SELECT e.sequence FROM audit_events e WHERE e.object_kind = '",
            $kind,
            "' AND e.object_id IN (",
            $objects,
            ")",
        )
    };
}

/// What happened to a holder and to all that is theirs, newest first.
pub async fn events_of_holder<'e>(
    on: impl Reader<'e>,
    holder_id: &str,
    limit: i64,
) -> Result<Vec<EventSummary>> {
    Ok(sqlx::query_as(concat!(
        event_summary!(),
        "e.sequence IN (",
        of_holder!("holder", "$1"),
        " UNION ALL ",
        of_holder!("phone", "SELECT p.id FROM phones p WHERE p.holder_id = $1"),
        " UNION ALL ",
        of_holder!(
            "invitation",
            "SELECT i.id FROM invitations i WHERE i.holder_id = $1"
        ),
        " UNION ALL ",
        of_holder!(
            "certificate",
            "SELECT c.id FROM certificates c WHERE c.holder_id = $1"
        ),
        ") ORDER BY e.sequence DESC LIMIT $2",
    ))
    .bind(holder_id)
    .bind(limit)
    .fetch_all(on)
    .await?)
}

macro_rules! event_page {
    ($filter:literal) => {
        concat!(
            event_summary!(),
            $filter,
            " AND e.sequence < $1 ORDER BY e.sequence DESC LIMIT $2",
        )
    };
}

/// Audit events, newest first, each with what it is about; those before the event numbered `before`, if it is given.
pub async fn events<'e>(
    on: impl Reader<'e>,
    about: Option<ObjectKind>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<EventSummary>> {
    let statement = match about {
        None => event_page!("$3 = ''"),
        Some(_) => event_page!("e.object_kind = $3"),
    };
    Ok(sqlx::query_as(statement)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .bind(about.map_or("", ObjectKind::as_str))
        .fetch_all(on)
        .await?)
}

/// Audit events but refused sign-ins, newest first, each with the names of what it is about.
pub async fn events_but_refused<'e>(on: impl Reader<'e>, limit: i64) -> Result<Vec<EventSummary>> {
    Ok(sqlx::query_as(concat!(
        event_summary!(),
        "e.kind <> 'sign-in-refused' ORDER BY e.sequence DESC LIMIT $1",
    ))
    .bind(limit)
    .fetch_all(on)
    .await?)
}

/// Refused sign-ins.
#[derive(Clone, Copy, Debug)]
pub struct Refusals {
    /// How many.
    pub count: i64,
    /// When the last was.
    pub latest: Option<Timestamp>,
}

from_row!(Refusals { count, latest });

/// The sign-ins that were refused after `since`.
pub async fn refused_sign_ins<'e>(on: impl Reader<'e>, since: Timestamp) -> Result<Refusals> {
    Ok(sqlx::query_as(
        "SELECT COUNT(*) AS count, MAX(at) AS latest FROM audit_events WHERE kind = 'sign-in-refused' AND at > $1",
    )
    .bind(since)
    .fetch_one(on)
    .await?)
}
