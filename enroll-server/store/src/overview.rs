//! What is counted of everything, in one statement.

use sqlx::Row;

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::invitation;
use crate::sql::{Reader, from_row};
use crate::transaction::Transaction;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Holders.
    pub holders: i64,
    /// Phones that are active.
    pub active_phones: i64,
    /// Phones that are revoked.
    pub revoked_phones: i64,
    /// Valid certificates of phones.
    pub valid: i64,
    /// Those of them that end soon.
    pub ending: i64,
    /// Invitations that can be used.
    pub open_invitations: i64,
    /// Those of them that end soon.
    pub lapsing_invitations: i64,
    /// Requests of holders that wait for an approval.
    pub waiting_requests: i64,
    /// Certificates that were revoked lately.
    pub revoked_lately: i64,
    /// Revocation lists that should have been replaced.
    pub stale_lists: i64,
}

from_row!(Counts {
    holders,
    active_phones,
    revoked_phones,
    valid,
    ending,
    open_invitations,
    lapsing_invitations,
    waiting_requests,
    revoked_lately,
    stale_lists
});

/// The times that the counts compare with.
#[derive(Clone, Copy, Debug)]
pub struct Horizon {
    /// Now.
    pub now: Timestamp,
    /// A certificate that ends before this ends soon.
    pub certificates: Timestamp,
    /// An invitation that ends before this ends soon.
    pub invitations: Timestamp,
    /// What was revoked after this was revoked lately.
    pub revocations: Timestamp,
}

/// The issued certificates of phones that end at `$time` or later: as many as end after its day, from what is kept of each day,
/// and those that end on it; but for those that begin later than now.
macro_rules! ending_from {
    ($time:literal) => {
        concat!(
            "(CAST((SELECT COALESCE(SUM(change), 0) FROM certificate_counts WHERE day > ",
            $time,
            " / 86400000000) AS BIGINT) \
             + (SELECT COUNT(*) FROM certificates WHERE state = 'issued' AND phone_id IS NOT NULL AND not_after >= ",
            $time,
            " AND not_after < (",
            $time,
            " / 86400000000 + 1) * 86400000000) \
             - (SELECT COUNT(*) FROM certificates WHERE state = 'issued' AND phone_id IS NOT NULL \
               AND not_before > $1 AND not_after >= ",
            $time,
            "))",
        )
    };
}

/// The sum of the changes of this name.
macro_rules! total {
    ($name:literal) => {
        concat!(
            "CAST((SELECT COALESCE(SUM(change), 0) FROM totals WHERE name = '",
            $name,
            "') AS BIGINT)",
        )
    };
}

/// Counts. Certificates that end soon are the valid ones but those that end later.
pub async fn counts<'e>(on: impl Reader<'e>, horizon: Horizon) -> Result<Counts> {
    Ok(sqlx::query_as(concat!(
        "SELECT ",
        total!("holders"),
        " AS holders, ",
        total!("phones-active"),
        " AS active_phones, ",
        total!("phones-revoked"),
        " AS revoked_phones, \
         ends.valid, ends.valid - ends.lasting AS ending, \
         (SELECT COUNT(*) FROM invitations WHERE state = 'pending' AND expires > $1 AND expires <= $5) AS open_invitations, \
         (SELECT COUNT(*) FROM invitations WHERE state = 'pending' AND expires > $1 AND expires <= $3) \
           AS lapsing_invitations, \
         (SELECT COUNT(*) FROM holder_requests WHERE state = 'waiting') AS waiting_requests, \
         (SELECT COUNT(*) FROM revocations WHERE revoked_at >= $4 AND reason <> 'certificate-hold') AS revoked_lately, \
         (SELECT COUNT(*) FROM crls WHERE body IS NOT NULL \
           AND (next_update < $1 OR this_update > $1)) AS stale_lists \
         FROM (SELECT ",
        ending_from!("$1"),
        " AS valid, ",
        ending_from!("$2"),
        " AS lasting) AS ends",
    ))
    .bind(horizon.now)
    .bind(horizon.certificates)
    .bind(horizon.invitations)
    .bind(horizon.revocations)
    .bind(horizon.now.latest_end(invitation::LIFETIME))
    .fetch_one(on)
    .await?)
}

/// How the changes of one table become few: how many there are, and the three steps.
struct Fold {
    count: &'static str,
    steps: [&'static str; 3],
}

const FOLDS: [Fold; 2] = [
    Fold {
        count: "SELECT COUNT(*) FROM certificate_counts WHERE batch = ''",
        steps: [
            "UPDATE certificate_counts SET batch = $1 WHERE batch = ''",
            "INSERT INTO certificate_counts (day, change) SELECT day, SUM(change) FROM certificate_counts \
             WHERE batch = $1 GROUP BY day HAVING SUM(change) <> 0",
            "DELETE FROM certificate_counts WHERE batch = $1",
        ],
    },
    Fold {
        count: "SELECT COUNT(*) FROM totals WHERE batch = ''",
        steps: [
            "UPDATE totals SET batch = $1 WHERE batch = ''",
            "INSERT INTO totals (name, change) SELECT name, SUM(change) FROM totals \
             WHERE batch = $1 GROUP BY name HAVING SUM(change) <> 0",
            "DELETE FROM totals WHERE batch = $1",
        ],
    },
];

/// Makes the changes of each day one, and those of each name, if there are as many as `many` in one table; they stand under the
/// name of a `batch` meanwhile, so that several servers may do it at once. Returns whether it was done.
pub async fn fold(tx: &mut Transaction, batch: &str, many: i64) -> Result<bool> {
    let mut folded = false;
    for fold in FOLDS {
        let row = sqlx::query(fold.count).fetch_one(tx.connection()).await?;
        if row.try_get::<i64, _>(0)? < many {
            continue;
        }
        for statement in fold.steps {
            sqlx::query(statement)
                .bind(batch)
                .execute(tx.connection())
                .await?;
        }
        folded = true;
    }
    Ok(folded)
}
