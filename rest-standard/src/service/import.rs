//! Import: POST of many creates, a line each, to a collection.
//!
//! The body is cut into chunks of lines, and each chunk is a batch: one plan, one commit. Where a chunk ends follows from
//! the lines alone, so the same body sent again has the same chunks. With a client's request id each chunk is recorded by
//! its own commit; a second request with the id passes over what is recorded, and goes on where the first one ended.

use std::sync::Arc;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::{
    Request, batch_method,
    call::{Call, Media, media_type},
    create::{self, Create},
    done::Done,
    plan::Plan,
    refused::Refused,
    run::{self, Way},
    upload::{Lines, Upload},
    write::{self, Job, Operation},
};
use crate::{
    document::{Data, JsonWriter, Outcome, success_data, write_validated},
    error::{Error, Fault, Locator, MOST_FAULTS, Reason, Result},
    json,
    query::Holds,
    store::RequestRecord,
    validate::excerpt,
};

/// How many lines a chunk has at most.
const CHUNK_LINES: usize = 500;
/// How large the lines of a chunk are together when it ends, in bytes: 1 MiB.
const CHUNK_BYTES: usize = 1 << 20;

/// Checks what comes before the lines.
pub(super) fn prepare(call: &mut Call, headers: &HeaderMap) -> Result<()> {
    call.parse_query(&[], Holds::Other);
    call.refuse_conditions();
    media_type(headers, &[Media::Ndjson]).map_err(|error| call.weigh(error))?;
    call.refuse_faults()
}

/// Carries out an import.
pub(super) async fn import(
    call: Call,
    request: &Request,
    upload: Upload,
    has_client_id: bool,
) -> Result<(Outcome, Data)> {
    let (api, validated) = (call.api.clone(), call.parameters.validate);
    let is_recorded = (has_client_id || api.store.records_every_request()) && !validated;
    let caller = call.caller.name().unwrap_or_default().to_owned();
    let id = call.exchange.id.clone();
    let deadline = std::time::Instant::now() + api.patience();
    let _claim = match is_recorded {
        true => Some(api.requests.claim((caller.clone(), id.clone()), deadline).await.ok_or_else(|| {
            Error::new(Reason::RequestInProgress, "The first request with this id still runs.")
        })?),
        false => None,
    };
    let records =
        is_recorded.then(|| Records { caller, id, first: None, base: base(request), is_resuming: true });
    let mut import = Import { call: Some(call), has_client_id, records, created: 0, is_replayed: true };
    let mut lines = Lines::new(upload, api.settings.limits.body);
    match import.all(&mut lines).await {
        Ok(()) => Ok(import.answer(validated)),
        Err(error) => Err(import.explained(error, validated)),
    }
}

/// What all chunks of a request have in their fingerprints.
fn base(request: &Request) -> Sha256 {
    let mut hash = Sha256::new();
    for part in ["import", request.method.as_str(), &request.path, &request.query] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash
}

/// An import on its way.
struct Import {
    /// Absent once a chunk was given up.
    call: Option<Call>,
    has_client_id: bool,
    /// Where its chunks are recorded; absent where they are not.
    records: Option<Records>,
    /// How many lines are imported, by this request or by an earlier one with its id.
    created: usize,
    /// Whether all of that was an earlier request.
    is_replayed: bool,
}

/// The records of an import's chunks.
struct Records {
    caller: String,
    /// The client's id, which the first chunk is recorded under.
    id: String,
    /// When the first chunk was committed: the records of the others are found by it, so that they mean nothing any more
    /// once the first one is forgotten.
    first: Option<Timestamp>,
    base: Sha256,
    /// Whether every chunk so far was recorded already.
    is_resuming: bool,
}

impl Records {
    /// What the chunk at `index` is recorded under. No client's id has a colon.
    fn id_of(&self, index: usize) -> String {
        match self.first {
            Some(first) if index > 0 => format!("{}:{}:{index}", self.id, first.as_microsecond()),
            _ => self.id.clone(),
        }
    }

    fn fingerprint(&self, chunk: &Chunk, index: usize, is_last: bool) -> [u8; 32] {
        let mut hash = self.base.clone();
        hash.update((index as u64).to_le_bytes());
        hash.update([u8::from(is_last)]);
        hash.update(chunk.hash.clone().finalize());
        hash.finalize().into()
    }
}

/// Lines that are committed together.
#[derive(Debug, Default)]
struct Chunk {
    /// The number of the first line.
    first: usize,
    lines: Vec<Json>,
    faults: Vec<Fault>,
    /// How large the lines are, by their canonical form where that is needed.
    size: usize,
    count: usize,
    /// Over the canonical form of each line.
    hash: Sha256,
}

impl Chunk {
    fn is_full(&self) -> bool {
        self.count >= CHUNK_LINES || self.size >= CHUNK_BYTES
    }

    fn add(&mut self, line: &[u8], depth: usize, is_recorded: bool) {
        let at = format!("/{}", self.first + self.count);
        self.count += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            self.size += line.len();
            let detail = "is blank; send a JSON object in each line, and no line between them";
            return self.refuse(Fault::pointer(Reason::MalformedRequest, at, detail));
        }
        let parsed = json::parse(line, depth);
        if is_recorded && let Ok(json) = &parsed {
            let canonical = json::canonical(json);
            self.hash.update((canonical.len() as u64).to_le_bytes());
            self.hash.update(&canonical);
            self.size += canonical.len();
        } else {
            self.size += line.len();
        }
        match parsed {
            Ok(json) => self.lines.push(json),
            Err(fault) => {
                let place = match &fault.locator {
                    Locator::Pointer(inner) => format!("{at}{inner}"),
                    _ => at,
                };
                self.refuse(Fault::pointer(fault.reason, place, fault.detail));
            }
        }
    }

    fn refuse(&mut self, fault: Fault) {
        if self.faults.len() <= MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// A checked chunk.
#[derive(Debug)]
pub(super) struct Creates {
    /// The number of the first line.
    first: usize,
    creates: Vec<Create>,
    /// What it is recorded under.
    pub(super) record: String,
}

impl Import {
    async fn all(&mut self, lines: &mut Lines) -> Result<()> {
        let depth = self.call()?.api.settings.limits.depth;
        let is_recorded = self.records.is_some();
        let (mut chunk, mut index) = (Chunk::default(), 0);
        while let Some(line) = lines.next().await? {
            // Only with the next line is it known that the chunk is not the last.
            if chunk.is_full() {
                let next = Chunk { first: chunk.first + chunk.count, ..Chunk::default() };
                self.write(std::mem::replace(&mut chunk, next), index, false).await?;
                index += 1;
            }
            chunk.add(&line, depth, is_recorded);
        }
        self.write(chunk, index, true).await
    }

    fn call(&self) -> Result<&Call> {
        self.call.as_ref().ok_or_else(|| Error::internal("an import went on after it was given up"))
    }

    async fn write(&mut self, chunk: Chunk, index: usize, is_last: bool) -> Result<()> {
        let count = chunk.count;
        let fingerprint = self.records.as_ref().map(|records| records.fingerprint(&chunk, index, is_last));
        if let Some(fingerprint) = fingerprint
            && chunk.faults.is_empty()
            && let Some(record) = self.recorded(index).await?
        {
            if record.fingerprint != fingerprint {
                return Err(write::reused());
            }
            self.created += count;
            return Ok(());
        }
        self.is_replayed = false;
        let operation = Operation::Import(self.checked(chunk, index)?);
        let call =
            self.call.take().ok_or_else(|| Error::internal("an import went on after it was given up"))?;
        let job = Job {
            call,
            operation,
            method: "Create",
            has_client_id: self.has_client_id,
            read_only: false,
            fingerprint: fingerprint.unwrap_or_default(),
        };
        let (job, outcome) = run::to_its_end(job, Way::Chunk).await;
        self.call = job.map(|job| job.call);
        outcome?;
        self.created += count;
        if index == 0 && !is_last {
            // The others are recorded beside it.
            self.find(index).await?;
        }
        Ok(())
    }

    /// The record of a chunk, as long as those before it have one.
    async fn recorded(&mut self, index: usize) -> Result<Option<RequestRecord>> {
        if self.records.as_ref().is_none_or(|records| !records.is_resuming) {
            return Ok(None);
        }
        let record = self.find(index).await?;
        if let Some(records) = &mut self.records {
            records.is_resuming = record.is_some();
        }
        Ok(record)
    }

    /// The record of a chunk; notes when that of the first one was made.
    async fn find(&mut self, index: usize) -> Result<Option<RequestRecord>> {
        let Some(records) = &self.records else { return Ok(None) };
        let store = &self.call()?.api.store;
        let record = store.find_request(&records.caller, &records.id_of(index)).await?;
        if let (0, Some(records), Some(record)) = (index, &mut self.records, &record) {
            records.first = Some(record.at);
        }
        Ok(record)
    }

    /// Checks the lines of a chunk.
    fn checked(&self, chunk: Chunk, index: usize) -> Result<Creates> {
        let Chunk { first, lines, mut faults, .. } = chunk;
        if !faults.is_empty() {
            return Err(Error::from_faults(faults));
        }
        let descriptor = self.call()?.node().descriptor;
        let mut creates = Vec::with_capacity(lines.len());
        for (at, line) in lines.iter().enumerate() {
            if faults.len() > MOST_FAULTS {
                break;
            }
            let at = format!("/{}", first + at);
            match line {
                Json::Object(members) => creates.push(create::checked(descriptor, members, &at, &mut faults)),
                other => {
                    let detail = format!("must be an object, got {}", excerpt(other));
                    faults.push(Fault::pointer(Reason::InvalidValue, at, detail));
                }
            }
        }
        if !faults.is_empty() {
            return Err(Error::from_faults(faults));
        }
        let record = self.records.as_ref().map(|records| records.id_of(index)).unwrap_or_default();
        Ok(Creates { first, creates, record })
    }

    fn answer(&self, validated: bool) -> (Outcome, Data) {
        let is_replayed = self.records.is_some() && self.is_replayed;
        let description = match self.created {
            _ if is_replayed => "This is the answer of the first request with this id.".into(),
            _ if validated => "The request is valid; nothing was changed.".into(),
            0 => "There is no line; nothing was changed.".into(),
            1 => "1 resource was created.".into(),
            count => format!("{count} resources were created.").into(),
        };
        let outcome = Outcome { status: 200, description, replayed: is_replayed, ..Outcome::default() };
        (outcome, Data::Json(created(self.created, validated)))
    }

    /// The error with what became of the lines before it.
    fn explained(&self, error: Error, validated: bool) -> Error {
        if validated || error.reason() == Reason::RequestIdReused {
            return error;
        }
        let stays = match self.created {
            0 => "Nothing was imported.".to_owned(),
            1 => "The line before was imported and stays.".to_owned(),
            count => format!("The first {count} lines were imported and stay."),
        };
        let description = format!("{} {stays}", error.description());
        error.with_description(description)
    }
}

/// `data` that says how many resources were created, or after a dry run would have been.
pub(super) fn created(created: usize, validated: bool) -> Vec<u8> {
    let write = |writer: &mut JsonWriter, created: usize| {
        writer.begin_object();
        writer.name("created");
        writer.integer(i64::try_from(created).unwrap_or(i64::MAX));
        writer.end_object();
    };
    let meta = |meta: &mut JsonWriter| {
        write_validated(meta, validated);
        if validated {
            meta.name("preview");
            write(meta, created);
        }
    };
    success_data(64, meta, |values| write(values, if validated { 0 } else { created }))
}

/// Plans a chunk.
pub(super) async fn plan(call: &Call, chunk: &Creates, plan: &Arc<Plan>, dry: bool) -> Result<Done> {
    plan.check_owner(call.node(), &call.target.path).await?;
    let mut refused = Refused::default();
    let place = |index: usize| format!("/{}", chunk.first + index);
    let done = batch_method::create(call, &chunk.creates, place, plan, dry, &mut refused).await?;
    refused.finish()?;
    Ok(Done::Imported(done.len()))
}
