//! What a database's error means for whoever asked: whether the same may succeed, when, and what there is to do.

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

/// The nature of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// The statement or its values are at fault: the same again fails again.
    Fault,
    /// Nothing was done, and the same may succeed at once: a deadlock, a conflict of two transactions, a statement that was
    /// prepared before a table changed.
    Passing,
    /// The connection is lost; another may be made.
    Disconnected,
    /// Somebody else is at work, or there is no connection in time.
    Busy,
    /// There is no space.
    Full,
    /// Reading or writing fails for another reason that lies outside: input and output, memory, a read-only standby.
    Unusable,
    /// The database is damaged.
    Damaged,
}

impl Nature {
    /// What the error of a driver is.
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                if is_sqlite(error.as_ref()) {
                    Self::of_result_code(&code)
                } else {
                    Self::of_sqlstate(&code)
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Self::Disconnected,
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::PoolClosed | sqlx::Error::BeginFailed => Self::Unusable,
            _ => Self::Fault,
        }
    }

    /// An extended result code of SQLite (<https://www.sqlite.org/rescode.html>): the lowest eight bits are the result code.
    fn of_result_code(code: &str) -> Self {
        let code = code.parse::<u32>().unwrap_or_default();
        match code & 0xFF {
            // IOERR_SHMSIZE: the index of the write-ahead log cannot grow.
            10 if code == 4874 => Self::Full,
            // BUSY, LOCKED
            5 | 6 => Self::Busy,
            // NOMEM, READONLY, IOERR, CANTOPEN, PROTOCOL
            7 | 8 | 10 | 14 | 15 => Self::Unusable,
            // CORRUPT, NOTADB
            11 | 26 => Self::Damaged,
            // FULL
            13 => Self::Full,
            // SCHEMA
            17 => Self::Passing,
            _ => Self::Fault,
        }
    }

    /// A SQLSTATE (PostgreSQL, appendix A): two characters for the class, three within it.
    fn of_sqlstate(code: &str) -> Self {
        match code {
            // feature_not_supported ("cached plan must not change result type"), serialization_failure,
            // deadlock_detected
            "0A000" | "40001" | "40P01" => Self::Passing,
            // disk_full
            "53100" => Self::Full,
            // lock_not_available, query_canceled, too_many_connections
            "55P03" | "57014" | "53300" => Self::Busy,
            // read_only_sql_transaction
            "25006" => Self::Unusable,
            // data_corrupted, index_corrupted
            "XX001" | "XX002" => Self::Damaged,
            // connection exceptions, and operator intervention: shut down, crashed, starting
            _ if code.starts_with("08") || code.starts_with("57P") => Self::Disconnected,
            // insufficient resources, system errors
            _ if code.starts_with("53") || code.starts_with("58") => Self::Unusable,
            _ => Self::Fault,
        }
    }

    /// Whether a connection that said so may be in a state that nobody knows.
    pub(crate) fn is_of_connection(self) -> bool {
        self != Self::Fault
    }

    /// Whether the database cannot do its work now, and may be able to later.
    #[must_use]
    pub fn is_unavailable(self) -> bool {
        match self {
            Self::Passing | Self::Disconnected | Self::Busy | Self::Full | Self::Unusable => true,
            Self::Fault | Self::Damaged => false,
        }
    }
}

fn is_sqlite(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<SqliteError>().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_databases_are_told_apart_by_what_to_do() {
        for (code, nature) in [
            ("5", Nature::Busy),
            ("517", Nature::Busy),
            ("13", Nature::Full),
            ("778", Nature::Unusable),
            ("4874", Nature::Full),
            ("11", Nature::Damaged),
            ("26", Nature::Damaged),
            ("2067", Nature::Fault),
            ("1", Nature::Fault),
        ] {
            assert_eq!(Nature::of_result_code(code), nature, "{code}");
        }
        for (code, nature) in [
            ("0A000", Nature::Passing),
            ("40001", Nature::Passing),
            ("40P01", Nature::Passing),
            ("57P01", Nature::Disconnected),
            ("08006", Nature::Disconnected),
            ("53100", Nature::Full),
            ("53200", Nature::Unusable),
            ("55P03", Nature::Busy),
            ("23505", Nature::Fault),
            ("42P01", Nature::Fault),
        ] {
            assert_eq!(Nature::of_sqlstate(code), nature, "{code}");
        }
    }
}
