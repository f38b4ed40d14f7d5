//! How many the overview counts.

use enroll_server_model::Timestamp;
use enroll_server_store::Store;
use enroll_server_store::overview::{self, Counts, Horizon};

/// What the overview counts; "soon" and "lately" are now.
pub async fn counts(store: &Store, now: Timestamp) -> Counts {
    let horizon = Horizon {
        now,
        certificates: now,
        invitations: now,
        revocations: now,
    };
    overview::counts(store.reader(), horizon).await.unwrap()
}
