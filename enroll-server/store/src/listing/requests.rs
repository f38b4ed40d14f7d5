//! The list of what holders ask for.

use enroll_server_model::RequestState;

use super::statement::{self, Conditions, Counted, Place, Search, Sorting, Span, Table};
use crate::error::Result;
use crate::holder_request::{RequestSummary, request_columns};
use crate::search::{Patterns, REQUESTS_OF_PEOPLE};
use crate::sql::Reader;

const TABLE: Table = Table {
    columns: concat!(
        request_columns!(),
        ", h.name AS holder_name, h.email AS holder_email, h.upn AS holder_upn"
    ),
    from: "holder_requests r JOIN holders h ON h.id = r.holder_id",
    counted: "holder_requests r",
    id: "r.id",
};

/// Where a request is in its list.
#[must_use]
pub fn place_of_request(row: &RequestSummary) -> Place {
    Place::new(row.request.created, &row.request.id)
}

fn searched(search: &str) -> Option<Search> {
    Some(Search {
        column: "r.id",
        text: "('\n' || h.search)",
        searches: vec![(Patterns::of(search)?, &[REQUESTS_OF_PEOPLE])],
        also: None,
    })
}

fn conditions(state: Option<RequestState>, search: &str, is_common: bool) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(state) = state {
        conditions.add(&format!("r.state = '{state}'"), []);
    }
    conditions.search(searched(search), is_common);
    conditions
}

/// Requests of holders in whose names all words of `search` are found, in the order of time.
pub async fn requests<'e>(
    on: impl Reader<'e>,
    state: Option<RequestState>,
    search: &str,
    sorting: Sorting<()>,
    span: Span<'_>,
) -> Result<Vec<RequestSummary>> {
    let conditions = conditions(state, search, span.is_common);
    statement::rows(on, TABLE, conditions, sorting.column("r.created"), span).await
}

/// How many [`requests`] there are, as far as `most`; `is_common` as in [`Span`].
pub async fn count_requests<'e>(
    on: impl Reader<'e>,
    state: Option<RequestState>,
    search: &str,
    sorting: Sorting<()>,
    is_common: bool,
    most: i64,
) -> Result<Counted> {
    let conditions = conditions(state, search, is_common);
    statement::count(on, TABLE, conditions, sorting.column("r.created"), most).await
}

/// Whether a search for requests is for something common.
pub async fn is_common_among_requests<'e>(on: impl Reader<'e>, search: &str) -> Result<bool> {
    statement::is_common(on, searched(search)).await
}
