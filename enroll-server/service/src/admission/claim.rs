//! What an enrollment asks of the way in that it came by: using it up once, and knowing its own request again.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use enroll_server_model::{Actor, Timestamp};
use enroll_server_store::Transaction;

use crate::app::App;
use crate::error::{Error, Result};

/// An answer that waits for the database.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A right to enroll one phone, used up by the request that does it first.
pub trait Claim: Debug + Send + Sync {
    /// Uses it up, within the transaction that adds the phone, and records that.
    ///
    /// # Errors
    /// Why it cannot be used; one of which [`Error::is_used_up`] says so, where another request was faster.
    fn use_up<'a>(&'a self, tx: &'a mut Transaction, by: &'a Use) -> Answer<'a, ()>;

    /// What used it up, if anything did.
    fn used<'a>(&'a self, app: &'a App) -> Answer<'a, Option<Used>>;

    /// Takes over from the request that used it, if that one's lease is over; until `lease` the caller is at work. Returns
    /// whether it did: false where another request was faster.
    fn take_over<'a>(
        &'a self,
        tx: &'a mut Transaction,
        now: Timestamp,
        lease: Timestamp,
    ) -> Answer<'a, bool>;

    /// What another request is told, once it is used up.
    fn refusal(&self) -> Error;
}

/// What uses a claim up.
#[derive(Clone, Debug)]
pub struct Use {
    /// The phone's id.
    pub phone_id: String,
    /// What makes a request the same when it is repeated.
    pub digest: String,
    /// Who acts, for the audit trail.
    pub actor: Actor,
    /// The time.
    pub now: Timestamp,
    /// Until when the request may be at work.
    pub lease: Timestamp,
}

/// What used a claim up.
#[derive(Clone, Debug)]
pub struct Used {
    /// The phone's id.
    pub phone_id: String,
    /// The request's digest.
    pub digest: String,
    /// Until when it may be at work; none once it has ended.
    pub lease_until: Option<Timestamp>,
}
