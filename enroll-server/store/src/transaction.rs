//! A transaction that writes.

use sqlx::{Any, AnyConnection};

use enroll_server_model::NewEvent;

use crate::audit;
use crate::error::Result;

/// One transaction that writes. Only [`Store::write`](crate::Store::write) makes one, and every function that writes
/// takes one: nothing is written without its audit events, or outside of a transaction.
pub struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    events: Vec<NewEvent>,
}

impl Transaction {
    /// A transaction that has begun.
    pub(crate) fn new(inner: sqlx::Transaction<'static, Any>) -> Self {
        Self {
            inner,
            events: Vec::new(),
        }
    }

    /// Where statements that only read run, if they are to see what the transaction has written so far.
    pub fn reader(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Where statements that write run.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// Records what happened. It is written with the transaction's other changes, at its end: every writer takes
    /// the lock on the end of the audit chain last, so that two of them cannot wait for each other.
    pub fn record(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Writes the events and ends the transaction.
    pub(crate) async fn commit(mut self) -> Result<()> {
        for event in std::mem::take(&mut self.events) {
            audit::append(&mut self.inner, &event).await?;
        }
        self.inner.commit().await?;
        Ok(())
    }
}
