//! The list of invitations.

use enroll_server_model::{InvitationState, Timestamp};

use super::statement::{self, Conditions, Counted, Order, Place, Search, Sorting, Span, Table};
use crate::error::Result;
use crate::invitation::{InvitationSummary, LIFETIME, invitation_columns};
use crate::search::{INVITATIONS_OF_PEOPLE, Patterns};
use crate::sql::Reader;

const TABLE: Table = Table {
    columns: concat!(
        invitation_columns!(),
        ", h.name AS holder_name, h.email AS holder_email, h.upn AS holder_upn"
    ),
    from: "invitations i JOIN holders h ON h.id = i.holder_id",
    counted: "invitations i",
    id: "i.id",
};

/// Whether a list of invitations is ordered by when they expire, and not by when they were made: one that is pending or has
/// expired is. All live equally long.
fn is_by_expiry(state: Option<InvitationState>) -> bool {
    matches!(
        state,
        Some(InvitationState::Pending | InvitationState::Expired)
    )
}

/// Where an invitation is in the list of a state.
#[must_use]
pub fn place_of_invitation(state: Option<InvitationState>, row: &InvitationSummary) -> Place {
    let key = if is_by_expiry(state) {
        row.invitation.expires
    } else {
        row.invitation.created
    };
    Place::new(key, &row.invitation.id)
}

fn searched(search: &str) -> Option<Search> {
    Some(Search {
        column: "i.id",
        text: "('\n' || h.search)",
        searches: vec![(Patterns::of(search)?, &[INVITATIONS_OF_PEOPLE])],
        also: None,
    })
}

/// What ends later than it may has expired ([`Timestamp::still_holds`]).
fn conditions(
    state: Option<InvitationState>,
    search: &str,
    now: Timestamp,
    is_common: bool,
) -> Conditions {
    let mut conditions = Conditions::default();
    let ends = [now.into(), now.latest_end(LIFETIME).into()];
    match state {
        None => {}
        Some(InvitationState::Pending) => conditions.add(
            "i.state = 'pending' AND i.expires > ? AND i.expires <= ?",
            ends,
        ),
        Some(InvitationState::Expired) => conditions.add(
            "i.state = 'pending' AND (i.expires <= ? OR i.expires > ?)",
            ends,
        ),
        Some(InvitationState::Used) => conditions.add("i.state = 'used'", []),
        Some(InvitationState::Cancelled) => conditions.add("i.state = 'cancelled'", []),
    }
    conditions.search(searched(search), is_common);
    conditions
}

fn order(state: Option<InvitationState>, descending: bool) -> Order {
    let key = if is_by_expiry(state) {
        "i.expires"
    } else {
        "i.created"
    };
    Order {
        key,
        is_text: false,
        descending,
    }
}

/// Invitations for holders in whose names all words of `search` are found, in the order of time.
pub async fn invitations<'e>(
    on: impl Reader<'e>,
    state: Option<InvitationState>,
    search: &str,
    now: Timestamp,
    descending: bool,
    span: Span<'_>,
) -> Result<Vec<InvitationSummary>> {
    let order = order(state, descending);
    let conditions = conditions(state, search, now, span.is_common);
    statement::rows(on, TABLE, conditions, order, span).await
}

/// How many [`invitations`] there are, as far as `most`; `is_common` as in [`Span`].
pub async fn count_invitations<'e>(
    on: impl Reader<'e>,
    state: Option<InvitationState>,
    search: &str,
    now: Timestamp,
    descending: bool,
    is_common: bool,
    most: i64,
) -> Result<Counted> {
    let conditions = conditions(state, search, now, is_common);
    statement::count(on, TABLE, conditions, order(state, descending), most).await
}

/// Whether a search for invitations is for something common.
pub async fn is_common_among_invitations<'e>(on: impl Reader<'e>, search: &str) -> Result<bool> {
    statement::is_common(on, searched(search)).await
}

/// Those of the invitations with these ids that are there.
pub async fn invitations_with<'e>(
    on: impl Reader<'e>,
    ids: &[String],
) -> Result<Vec<InvitationSummary>> {
    let mut conditions = Conditions::default();
    conditions.among("i.id", ids);
    let order = Sorting::falling(()).column("i.created");
    let span = Span::first(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    statement::rows(on, TABLE, conditions, order, span).await
}
