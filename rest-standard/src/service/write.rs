//! The one write path: plan, then one atomic commit, again after a conflict, at most ten times.

use std::{sync::Arc, time::Instant};

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::{
    Api, Request,
    batch_method::{self, Batch},
    call::Call,
    create::{self, Create},
    custom::{self, Custom},
    decision::Decision,
    delete,
    done::{Done, answer},
    gate::Claim,
    import::{self, Creates},
    plan::Plan,
    undelete,
    update::{self, Update},
};
use crate::{
    descriptor::IdKind,
    document::{Data, Outcome},
    error::{Error, Fault, Reason, Result},
    json,
    store::{Conflict, RequestRecord, WriteBatch},
    value::Path,
};

/// How often a plan is made before the request is given up.
const ROUNDS: usize = 10;

/// A checked write request.
#[derive(Debug)]
pub(super) enum Operation {
    Create(Create),
    Update(Update),
    Delete,
    Undelete,
    Custom(Custom),
    Batch(Batch),
    Import(Creates),
}

/// A write request on its way.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) call: Call,
    pub(super) operation: Operation,
    /// What change logs call the request: `Create`, `Update`, `Delete` or the verb.
    pub(super) method: &'static str,
    /// Whether the client sent the request id.
    pub(super) has_client_id: bool,
    /// Whether nothing may be written: a read-only method.
    pub(super) read_only: bool,
    /// SHA-256 over method, path, query and canonical body.
    pub(super) fingerprint: [u8; 32],
}

impl Job {
    /// Whether planning the request may run rules or methods of the author's, or use up an id.
    fn runs_author_code(&self) -> bool {
        let node = self.call.node();
        match &self.operation {
            // A delete may run the rules of what is below, too.
            Operation::Custom(_) | Operation::Delete | Operation::Batch(Batch::Delete(_)) => true,
            Operation::Create(_) | Operation::Batch(Batch::Create(_))
                if node.id_kind() == Some(IdKind::Integer) =>
            {
                true
            }
            Operation::Create(_) | Operation::Update(_) | Operation::Batch(_) => {
                node.descriptor.rules.is_some()
            }
            Operation::Undelete => false,
            // A chunk is looked up before it is planned.
            Operation::Import(_) => false,
        }
    }

    /// What the request, or the part of it that is committed, is recorded under.
    fn record_id(&self) -> &str {
        match &self.operation {
            Operation::Import(chunk) => &chunk.record,
            _ => &self.call.exchange.id,
        }
    }

    fn is_recorded(&self) -> bool {
        let is_wanted = self.has_client_id || self.call.api.store.records_every_request();
        is_wanted && !self.call.parameters.validate && !self.read_only
    }
}

/// The fingerprint that tells a repeated request from another one with the same id.
pub(super) fn fingerprint(request: &Request, body: Option<&Result<Json, Fault>>) -> [u8; 32] {
    let canonical;
    let body = match body {
        None => &[][..],
        Some(Ok(json)) => {
            canonical = json::canonical(json);
            &canonical
        }
        Some(Err(_)) => &request.body,
    };
    let mut hash = Sha256::new();
    let parts = [request.method.as_str(), &request.path, &request.query].map(str::as_bytes);
    for part in parts.into_iter().chain([body]) {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Plans and commits; a request id that was used replays its answer.
pub(super) async fn attempt(job: &mut Job, decision: &Decision) -> Result<(Outcome, Data)> {
    let is_recorded = job.is_recorded();
    // One limit for everything that this request waits for.
    let deadline = Instant::now() + job.call.api.patience();
    // Nobody else knows an id that the service drew, so that no request waits for another with it.
    if !is_recorded || !job.has_client_id {
        return rounds(job, is_recorded, deadline, decision).await;
    }
    let caller = job.call.caller.name().unwrap_or_default().to_owned();
    let claim = job.call.api.requests.claim((caller, job.call.exchange.id.clone()), deadline).await;
    let Some(_claim) = claim else {
        return Err(Error::new(Reason::RequestInProgress, "The first request with this id still runs."));
    };
    // The commit tells a used id, too. Looking first spares author code a second run; where none runs, nearly every id
    // is new and looking would cost more than it spares.
    let looks_first = job.runs_author_code();
    if looks_first && let Some(answer) = recorded(&job.call, job.fingerprint).await? {
        return Ok(answer);
    }
    let mut is_judged_again = false;
    loop {
        let generation = job.call.api.store.generation();
        let error = match rounds(job, true, deadline, decision).await {
            Err(error) => error,
            outcome => return outcome,
        };
        // What the first request did may be what this one is refused for: it may have been committed, by another replica, since
        // anybody looked.
        if let Some(answer) = recorded(&job.call, job.fingerprint).await? {
            return Ok(answer);
        }
        // The refusal may be of a server that knew the first request, and is lost with it.
        if is_judged_again || generation == job.call.api.store.generation() {
            return Err(error);
        }
        is_judged_again = true;
        decision.reopen();
    }
}

/// Plans and commits a chunk of an import, whose request has the turn of its id already.
pub(super) async fn chunk(job: &mut Job, decision: &Decision) -> Result<(Outcome, Data)> {
    let deadline = Instant::now() + job.call.api.patience();
    rounds(job, job.is_recorded(), deadline, decision).await
}

/// Plans and commits until a commit meets no conflict.
async fn rounds(
    job: &mut Job,
    is_recorded: bool,
    deadline: Instant,
    decision: &Decision,
) -> Result<(Outcome, Data)> {
    let _turns = row_turns(job, deadline).await?;
    let mut has_children = false;
    for _ in 0..ROUNDS {
        let outcome = round(job, is_recorded, decision).await;
        if let (Err(conflict), Some(metrics)) = (&outcome, &job.call.api.metrics) {
            metrics.met(conflict);
        }
        match outcome {
            Ok(answer) => return Ok(answer),
            Err(conflict @ (Conflict::Stale | Conflict::Unique | Conflict::HasChildren)) => {
                has_children = matches!(conflict, Conflict::HasChildren);
                decision.reopen();
            }
            Err(Conflict::RequestIdUsed) => {
                if let Some(answer) = recorded_under(&job.call, job.record_id(), job.fingerprint).await? {
                    return Ok(answer);
                }
                // It is lost with its server, or was forgotten just now.
                decision.reopen();
            }
            Err(Conflict::Store(error)) => return Err(error),
        }
    }
    // A plan can leave children by itself, such as those that a rule adds; then no other request is in the way.
    Err(if has_children {
        Error::new(
            Reason::HasChildren,
            "Resources are below that the request does not delete; delete them first.",
        )
    } else {
        Error::new(
            Reason::Aborted,
            "Too many requests changed the resource at the same time; send the request again.",
        )
    })
}

/// Requests for one row queue in the process, first come, first served, so that a hot row is no storm of conflicts.
///
/// A batch waits for its rows in the order of their ids, as every batch does, so no two wait for each other.
async fn row_turns(job: &Job, deadline: Instant) -> Result<Vec<Claim<(usize, Path)>>> {
    let (api, target) = (&job.call.api, &job.call.target);
    if target.is_collection {
        let Operation::Batch(batch) = &job.operation else { return Ok(Vec::new()) };
        let mut claims = Vec::new();
        for id in batch.changed() {
            claims.push(row_turn(api, (target.node.0, target.path.join(id.clone())), deadline).await?);
        }
        return Ok(claims);
    }
    let node = api.tree.node(target.node);
    let row = match (node.descriptor.is_singleton(), node.owner) {
        (true, Some(owner)) => api.tree.node(owner),
        _ => node,
    };
    let place = (row.id.0, target.path.ancestor(row.depth));
    Ok(vec![row_turn(api, place, deadline).await?])
}

async fn row_turn(api: &Api, place: (usize, Path), deadline: Instant) -> Result<Claim<(usize, Path)>> {
    match api.rows.claim(place, deadline).await {
        Some(claim) => Ok(claim),
        None => Err(Error::new(
            Reason::Aborted,
            "Too many requests wait for this resource; send the request again.",
        )),
    }
}

/// The refusal of a request id that was used for another request.
pub(super) fn reused() -> Error {
    Error::new(
        Reason::RequestIdReused,
        "The request id was used for another request; a new request needs a new id.",
    )
}

/// The recorded answer of the request id, if there is one; an error where it was used for another request.
pub(super) async fn recorded(call: &Call, fingerprint: [u8; 32]) -> Result<Option<(Outcome, Data)>> {
    recorded_under(call, &call.exchange.id, fingerprint).await
}

async fn recorded_under(call: &Call, id: &str, fingerprint: [u8; 32]) -> Result<Option<(Outcome, Data)>> {
    let caller = call.caller.name().unwrap_or_default();
    let Some(record) = call.api.store.find_request(caller, id).await? else { return Ok(None) };
    if record.fingerprint != fingerprint {
        return Err(reused());
    }
    let outcome = Outcome {
        status: record.status,
        description: "This is the answer of the first request with this id.".into(),
        location: record.location,
        etag: record.etag,
        replayed: true,
        ..Outcome::default()
    };
    Ok(Some((outcome, Data::Json(record.data.into_bytes()))))
}

/// One plan and its commit.
async fn round(job: &mut Job, is_recorded: bool, decision: &Decision) -> Result<(Outcome, Data), Conflict> {
    let call = &job.call;
    let dry = call.parameters.validate;
    let plan = Plan::new(call.api.clone(), call.caller.clone(), call.exchange.id.clone());
    let done = match &job.operation {
        Operation::Create(operation) => create::plan(call, operation, &plan, dry).await?,
        Operation::Update(operation) => update::plan(call, operation, &plan).await?,
        Operation::Delete => delete::plan(call, &plan).await?,
        Operation::Undelete => undelete::plan(call, &plan).await?,
        Operation::Custom(operation) => custom::plan(call, operation, &plan).await?,
        Operation::Batch(operation) => batch_method::plan(call, operation, &plan, dry).await?,
        Operation::Import(chunk) => import::plan(call, chunk, &plan, dry).await?,
    };
    if job.read_only {
        if plan.writes() {
            return Err(Error::internal("a method declared `read_only` planned a write").into());
        }
        let answer = answer(call, &plan, &done, dry, true);
        call.api.run_actions(&plan);
        return Ok(answer);
    }
    let method = match &done {
        Done::Created { .. } => "Create",
        _ => job.method,
    };
    let mut batch = plan.batch(method)?;
    let (outcome, data) = answer(call, &plan, &done, dry, false);
    if dry {
        call.api.store.check(batch).await?;
        return Ok((outcome, data));
    }
    if is_recorded {
        batch.request = Some(record(job, &plan, &outcome, &data));
    }
    // A call that changes nothing and records nothing has nothing to commit, but what it read must still hold.
    if batch.writes.is_empty() && batch.request.is_none() && batch.expect.is_empty() {
        call.api.run_actions(&plan);
        return Ok((outcome, data));
    }
    if !decision.begin_commit() {
        return Err(Error::new(Reason::Timeout, "The time of the request is over.").into());
    }
    commit(&call.api, &plan, batch).await?;
    Ok((outcome, data))
}

pub(super) async fn commit(api: &Arc<Api>, plan: &Plan, batch: WriteBatch) -> Result<(), Conflict> {
    api.store.commit(batch).await?;
    api.run_actions(plan);
    Ok(())
}

fn record(job: &Job, plan: &Plan, outcome: &Outcome, data: &Data) -> RequestRecord {
    let data = match data {
        Data::Json(data) => String::from_utf8_lossy(data).into_owned(),
        Data::Enveloped(_) | Data::Csv(_) | Data::Rows(_) | Data::Document(_) | Data::NotModified => {
            unreachable!("a write is answered with JSON of its own")
        }
    };
    RequestRecord {
        caller: job.call.caller.name().unwrap_or_default().to_owned(),
        id: job.record_id().to_owned(),
        fingerprint: job.fingerprint,
        at: plan.now(),
        status: outcome.status,
        location: outcome.location.clone(),
        etag: outcome.etag.clone(),
        data,
    }
}
