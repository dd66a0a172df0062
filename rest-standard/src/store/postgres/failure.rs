//! What Postgres' failures mean to a client, to an operator, and to the commit that met one.

use std::time::Duration;

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::{Error as Cause, error::SqlState};

use crate::error::{Error, Reason};

fn unavailable(description: &str, seconds: u64) -> Error {
    Error::new(Reason::Unavailable, description).with_retry_after(Duration::from_secs(seconds))
}

/// A failure of the store. The text for the client says whether to come back; the log gets Postgres' own words.
#[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
pub(super) fn error(cause: Cause) -> Error {
    let words = words(&cause);
    match code(&cause) {
        None if is_lost(&cause) => {
            unavailable("The service cannot reach its store at the moment.", 1).with_source(words)
        }
        None => Error::internal(words),
        Some(code) if *code == SqlState::QUERY_CANCELED => {
            Error::new(Reason::Timeout, "The store did not answer within the time of the request.")
                .with_source(words)
        }
        Some(code) if *code == SqlState::DISK_FULL => {
            unavailable("The service cannot store anything at the moment.", 10).with_source(words)
        }
        Some(code) if *code == SqlState::PROGRAM_LIMIT_EXCEEDED => {
            Error::new(Reason::ContentTooLarge, "The store cannot keep so much in one resource.")
                .with_source(words)
        }
        Some(code) if is_passing(code) => {
            unavailable("The service cannot reach its store at the moment.", 1).with_source(words)
        }
        Some(_) => Error::internal(words),
    }
}

/// All that Postgres said.
pub(super) fn words(cause: &Cause) -> String {
    match cause.as_db_error() {
        Some(said) => {
            let code = said.code().code();
            let more = [said.detail(), said.hint(), said.where_()].into_iter().flatten();
            more.fold(format!("{} (SQLSTATE {code})", said.message()), |words, more| {
                format!("{words}; {more}")
            })
        }
        None => match std::error::Error::source(cause) {
            Some(source) => format!("{cause}: {source}"),
            None => cause.to_string(),
        },
    }
}

fn code(cause: &Cause) -> Option<&SqlState> {
    cause.code()
}

/// Whether the same may succeed a moment later or at another server: a server that ends, starts, only reads, or has no
/// room for another connection.
fn is_passing(code: &SqlState) -> bool {
    const CODES: [SqlState; 8] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::OUT_OF_MEMORY,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    ];
    // Class 08 is that of broken connections.
    CODES.contains(code) || code.code().starts_with("08")
}

/// Whether the connection is of no more use, or the server not the one that is wanted.
pub(super) fn is_lost(cause: &Cause) -> bool {
    match code(cause) {
        Some(code) => is_passing(code) && *code != SqlState::LOCK_NOT_AVAILABLE,
        None => {
            let is_io = |source: &(dyn std::error::Error + 'static)| source.is::<std::io::Error>();
            cause.is_closed() || std::error::Error::source(cause).is_some_and(is_io)
        }
    }
}

/// No connection could be had.
pub(super) fn unconnected(cause: PoolError) -> Error {
    match cause {
        PoolError::Timeout(TimeoutType::Wait) => {
            unavailable("More requests are waiting for the store than the service takes at a time.", 1)
                .with_source("every connection to Postgres is in use")
        }
        PoolError::Backend(cause) => {
            unavailable("The service cannot reach its store at the moment.", 1).with_source(words(&cause))
        }
        PoolError::Closed => unavailable("The service is shutting down.", 1),
        other => {
            unavailable("The service cannot reach its store at the moment.", 1).with_source(other.to_string())
        }
    }
}

/// Why a statement of a commit failed, where that is no failure of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// What it demanded does not hold.
    Demand,
    /// A key or a unique value is taken.
    Taken,
    /// A rule of a table that only an existing one has: a check, the size of a column, a trigger.
    Values,
    /// A foreign key does not lead anywhere, or leads here.
    ForeignKey,
    /// Transactions were in each other's way, and this one was given up.
    Conflict,
    /// A statement before it failed.
    Aborted,
}

/// The refusal that a failure is.
pub(super) fn refusal(cause: &Cause) -> Option<Refusal> {
    let code = code(cause)?;
    [
        (SqlState::DIVISION_BY_ZERO, Refusal::Demand),
        (SqlState::UNIQUE_VIOLATION, Refusal::Taken),
        (SqlState::FOREIGN_KEY_VIOLATION, Refusal::ForeignKey),
        (SqlState::CHECK_VIOLATION, Refusal::Values),
        (SqlState::NOT_NULL_VIOLATION, Refusal::Values),
        (SqlState::STRING_DATA_RIGHT_TRUNCATION, Refusal::Values),
        (SqlState::NUMERIC_VALUE_OUT_OF_RANGE, Refusal::Values),
        (SqlState::RAISE_EXCEPTION, Refusal::Values),
        (SqlState::T_R_SERIALIZATION_FAILURE, Refusal::Conflict),
        (SqlState::T_R_DEADLOCK_DETECTED, Refusal::Conflict),
        (SqlState::IN_FAILED_SQL_TRANSACTION, Refusal::Aborted),
    ]
    .into_iter()
    .find(|(of, _)| of == code)
    .map(|(_, refusal)| refusal)
}
