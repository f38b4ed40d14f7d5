//! Holders for tests of the store, who are anybody.

use enroll_server_model::{HolderState, Timestamp};
use enroll_server_store::holder::Holder;
use enroll_server_store::listing::{self, HolderFilter, HolderSummary, Sorting, Span};
use enroll_server_store::{Store, StoreError};

/// A holder as a row, for tests that want any.
pub fn person(n: usize) -> Holder {
    Holder {
        id: format!("h{n}"),
        name: format!("Person {n}"),
        email_ascii: String::new(),
        email: format!("p{n}@example.org"),
        upn: format!("p{n}@example.org"),
        username: format!("p{n}"),
        state: HolderState::Active,
        language: "en".to_owned(),
        phones: 0,
        created: Timestamp(1),
    }
}

/// The first holders of a list, by name, or by when they end where it cannot be sorted by name.
pub async fn people(
    store: &Store,
    filter: HolderFilter,
    search: &str,
) -> Result<Vec<HolderSummary>, StoreError> {
    let sorting = Sorting::rising(filter.sorts()[0]);
    let span = Span::first(10_000);
    listing::holders(store.reader(), filter, search, sorting, span).await
}

/// How many holders there are.
pub async fn holders(store: &Store) -> Result<usize, StoreError> {
    Ok(people(store, HolderFilter::All, "").await?.len())
}
