//! A transaction that writes.

use sqlx::AnyConnection;

use enroll_server_model::NewEvent;

use crate::error::Result;
use crate::kind::Kind;
use crate::link::Link;
use crate::{audit, outbox_add};

/// Whether holders are told by mail what happens to their phones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notices {
    /// They are.
    Sent,
    /// There is nobody who sends them.
    None,
}

/// One transaction that writes. Only [`Store::write`](crate::Store::write) and `write_at_length` make one, and every
/// function that writes takes one: nothing is written without its audit events, or outside of a transaction.
///
/// Its connection goes back to the pool when the database has said that the transaction is over, and is closed in every
/// other case: SQLite ends a transaction by itself when the disk is full, and whoever assumed that it still runs, or that it
/// does not, could never write on that connection again.
pub struct Transaction {
    connection: Link,
    events: Vec<NewEvent>,
    /// Whether something is to be sent to others.
    sends: bool,
    /// A lane of the outbox that is not there any more.
    removed_lane: Option<String>,
    notices: Notices,
    is_over: bool,
}

impl Transaction {
    /// Begins a transaction.
    pub(crate) async fn begin(connection: Link, kind: Kind, notices: Notices) -> Result<Self> {
        let mut transaction = Self {
            connection,
            events: Vec::new(),
            sends: false,
            removed_lane: None,
            notices,
            is_over: false,
        };
        let begin = match kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            // For this transaction alone, as behind a pooler of transactions another client has the connection next.
            Kind::Postgres => "BEGIN; SET LOCAL lock_timeout = '1500ms'",
        };
        transaction.run(begin).await?;
        Ok(transaction)
    }

    /// Where statements that only read run, if they are to see what the transaction has written so far.
    pub fn reader(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Where statements that write run.
    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Records what happened. It is written with the transaction's other changes, at its end: every writer takes
    /// the lock on the end of the audit chain last, so that two of them cannot wait for each other.
    pub fn record(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Notes that it has something for others, so that whoever sends it looks at once.
    pub(crate) fn sends(&mut self) {
        self.sends = true;
    }

    /// Has all removed at the end that was sent or is to be sent in a lane.
    pub(crate) fn remove_lane(&mut self, lane: &str) {
        self.removed_lane = Some(lane.to_owned());
    }

    /// Writes the events, also for the webhooks that are told of them, and ends the transaction. Returns whether something is to
    /// be sent to others.
    pub(crate) async fn commit(mut self) -> Result<bool> {
        let mut first = None;
        for event in std::mem::take(&mut self.events) {
            let sequence = audit::append(&mut self.connection, &event).await?;
            first.get_or_insert(sequence);
        }
        if let Some(first) = first
            && outbox_add::add_events(&mut self.connection, first).await?
        {
            self.sends = true;
        }
        if let (Some(first), Notices::Sent) = (first, self.notices)
            && outbox_add::add_notices(&mut self.connection, first).await?
        {
            self.sends = true;
        }
        if let Some(lane) = self.removed_lane.take() {
            outbox_add::remove_lane(&mut self.connection, &lane).await?;
        }
        self.run("COMMIT").await?;
        self.is_over = true;
        Ok(self.sends)
    }

    /// Ends the transaction without a trace.
    pub(crate) async fn roll_back(mut self) {
        // SQLite refuses a ROLLBACK where it has rolled back by itself.
        self.is_over = self.run("ROLLBACK").await.is_ok();
    }

    async fn run(&mut self, statements: &'static str) -> Result<()> {
        sqlx::raw_sql(statements)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.discard();
        }
    }
}
