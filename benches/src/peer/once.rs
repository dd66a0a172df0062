//! Exactly-once writes: the answer is recorded under the request's id in the transaction of the change itself.
//!
//! A second request with the same id needs no waiting of its own: the one writer thread takes it after the first.

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::call::Call;
use super::fault::Fault;
use super::item::{Item, now};
use super::wire::{Data, Empty, Located, Site};

/// How long an id is remembered.
const MEMORY: SignedDuration = SignedDuration::from_hours(24);

/// What a write answers, as it is recorded and replayed.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The `data` of the envelope, as JSON.
    pub(super) data: String,
    pub(super) location: Option<String>,
    pub(super) etag: String,
    pub(super) is_replay: bool,
}

/// A request's id, and a digest of what it asks.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) request_id: String,
    pub(super) fingerprint: [u8; 32],
}

impl Answer {
    /// The answer that shows an item as it is after the write.
    pub(super) fn item(status: StatusCode, item: &Item, site: &Site) -> Result<Self, Fault> {
        let data = Data { meta: Empty {}, values: Located { item, site } };
        Ok(Self {
            status,
            data: serde_json::to_string(&data)?,
            location: (status == StatusCode::CREATED).then(|| site.item(item.id)),
            etag: item.etag(),
            is_replay: false,
        })
    }

    /// What happened, for a person.
    pub(super) fn description(&self) -> &'static str {
        match (self.is_replay, self.status) {
            (true, _) => "This is the answer of the first request with this id.",
            (false, StatusCode::CREATED) => "The resource was created.",
            (false, _) => "The resource was updated.",
        }
    }
}

impl Key {
    pub(super) fn new(request_id: &str, call: &Call, body: &Value) -> Self {
        let mut digest = Sha256::new();
        // Objects are kept sorted by name, so that equal bodies have equal text.
        for part in [call.method.as_str(), call.uri.path(), call.query(), &body.to_string()] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self { request_id: request_id.to_owned(), fingerprint: digest.finalize().into() }
    }
}

/// Does the work if the id is unused, else answers what it was answered with.
pub(super) fn once(
    transaction: &Transaction<'_>,
    key: &Key,
    work: impl FnOnce(&Transaction<'_>) -> Result<Answer, Fault>,
) -> Result<Answer, Fault> {
    if let Some((fingerprint, answer)) = recorded(transaction, &key.request_id)? {
        return if fingerprint == key.fingerprint { Ok(answer) } else { Err(Fault::request_id_reused()) };
    }
    let answer = work(transaction)?;
    let sql = "INSERT INTO request_ids (request_id, fingerprint, created_at, status, data, location, etag) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    transaction.prepare_cached(sql)?.execute(params![
        key.request_id,
        key.fingerprint,
        now(),
        answer.status.as_u16(),
        answer.data,
        answer.location,
        answer.etag,
    ])?;
    Ok(answer)
}

/// Removes the oldest records that are past their time.
pub(super) fn forget_expired(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "DELETE FROM request_ids WHERE created_at < ?1 AND sequence IN \
               (SELECT sequence FROM request_ids ORDER BY sequence LIMIT 1000)";
    connection.prepare_cached(sql)?.execute([format!("{:.6}", Timestamp::now() - MEMORY)])?;
    Ok(())
}

fn recorded(connection: &Connection, request_id: &str) -> Result<Option<([u8; 32], Answer)>, Fault> {
    let sql = "SELECT fingerprint, status, data, location, etag FROM request_ids WHERE request_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement
        .query_row([request_id], |row| {
            let status: u16 = row.get(1)?;
            let answer = Answer {
                status: StatusCode::from_u16(status).unwrap_or(StatusCode::OK),
                data: row.get(2)?,
                location: row.get(3)?,
                etag: row.get(4)?,
                is_replay: true,
            };
            Ok((row.get(0)?, answer))
        })
        .optional()?;
    Ok(found)
}
