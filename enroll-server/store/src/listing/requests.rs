//! The list of what holders ask for.

use enroll_server_model::RequestState;

use super::statement::{self, Conditions, Place, Searched, Sorting, Span, Table};
use crate::error::Result;
use crate::holder_request::{RequestSummary, request_columns};
use crate::search::{Patterns, REQUESTS_OF_PEOPLE};
use crate::sql::Reader;

const TABLE: Table = Table {
    select: concat!(
        request_columns!(),
        ", h.name AS holder_name, h.email AS holder_email, h.upn AS holder_upn FROM holder_requests r \
         JOIN holders h ON h.id = r.holder_id"
    ),
    counted: "holder_requests r",
    id: "r.id",
};

/// Where a request is in its list.
#[must_use]
pub fn place_of_request(row: &RequestSummary) -> Place {
    Place::new(row.request.created, &row.request.id)
}

const SEARCHED: Searched = Searched {
    column: "r.id",
    text: "('\n' || h.search)",
};

fn conditions(state: Option<RequestState>, search: &str, is_common: bool) -> Conditions {
    let mut conditions = Conditions::default();
    if let Some(state) = state {
        conditions.add(&format!("r.state = '{state}'"), []);
    }
    if let Some(patterns) = Patterns::of(search) {
        let sources = &[REQUESTS_OF_PEOPLE][..];
        conditions.search(SEARCHED, &[(patterns, sources)], None, is_common);
    }
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

/// How many [`requests`] there are, as far as `most`.
pub async fn count_requests<'e>(
    on: impl Reader<'e>,
    state: Option<RequestState>,
    search: &str,
    most: i64,
) -> Result<i64> {
    statement::count(on, TABLE, conditions(state, search, false), most).await
}
