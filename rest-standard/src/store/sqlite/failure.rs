//! What SQLite's failures mean to a client and to an operator.

use std::time::Duration;

use rusqlite::{ErrorCode, ffi};

use crate::error::{Error, Reason};

/// A failure of the store. The text for the client says whether to come back; the log gets SQLite's own words.
pub(super) fn error(failure: rusqlite::Error) -> Error {
    let unavailable = |description: &str, seconds| {
        Error::new(Reason::Unavailable, description).with_retry_after(Duration::from_secs(seconds))
    };
    match failure.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => unavailable("The service cannot store anything at the moment.", 10)
            .with_source(format!("the disk is full: {failure}")),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            unavailable("The service's store is busy.", 1).with_source(failure)
        }
        Some(
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::OutOfMemory,
        ) => unavailable("The service cannot reach its store at the moment.", 10).with_source(failure),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::internal(format!("the database file is damaged: {failure}"))
        }
        _ => Error::internal(failure),
    }
}

/// The store no longer takes work.
pub(super) fn closed() -> Error {
    Error::new(Reason::Unavailable, "The service is shutting down.").with_retry_after(Duration::from_secs(1))
}

/// More work waits than the queue holds.
pub(super) fn overloaded() -> Error {
    Error::new(Reason::Unavailable, "More writes are waiting than the service takes at a time.")
        .with_retry_after(Duration::from_secs(1))
}

/// A constraint that a statement violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    PrimaryKey,
    Unique,
    ForeignKey,
    /// A check, or a trigger: only existing tables have one that a checked value can meet.
    Constraint,
}

/// Which constraint refused a statement, if it was one that a batch can meet.
pub(super) fn violation(failure: &rusqlite::Error) -> Option<Violation> {
    match failure.sqlite_error()?.extended_code {
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => Some(Violation::PrimaryKey),
        ffi::SQLITE_CONSTRAINT_UNIQUE => Some(Violation::Unique),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Some(Violation::ForeignKey),
        ffi::SQLITE_CONSTRAINT_CHECK | ffi::SQLITE_CONSTRAINT_TRIGGER | ffi::SQLITE_CONSTRAINT_NOTNULL => {
            Some(Violation::Constraint)
        }
        _ => None,
    }
}
