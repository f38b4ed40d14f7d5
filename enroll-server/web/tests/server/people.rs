//! Holders for tests of the store, who are anybody.

use enroll_server_model::{HolderState, Timestamp};
use enroll_server_store::holder::Holder;
use enroll_server_store::listing::{self, HolderFilter};
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
        phones: 0,
        created: Timestamp(1),
    }
}

/// How many holders there are.
pub async fn holders(store: &Store) -> Result<usize, StoreError> {
    let found = listing::holders(
        store.reader(),
        HolderFilter::All,
        Timestamp(1),
        "",
        None,
        10_000,
    )
    .await?;
    Ok(found.len())
}
