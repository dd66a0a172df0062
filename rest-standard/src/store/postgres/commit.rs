//! A batch sent to the database, and what became of it.
//!
//! All statements, the end of the transaction among them, are sent before the first answer is waited for: one round trip, and
//! nothing that a client's end or a lost connection could leave half sent. Where a statement fails, the database undoes all.
//! A unique value that is taken may hide a graver conflict behind it; then the batch is gone through once more, statement by
//! statement, to name it. When the connection is lost, nobody knows whether the commit went through; the record of the request id
//! is then the judge: the batch is sent again, and meets its own record or does what it did not do before.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use deadpool_postgres::Client;
use tokio_postgres::Error as Cause;

use super::{
    failure::{self, Refusal},
    join::join,
    pool::Connections,
    query,
    session::{Session, Use, in_order},
    steps::{self, Held, Step, What},
};
use crate::{
    descriptor::BoxFuture,
    error::{Error, Reason},
    store::{
        Conflict, Expect, Origin, RequestRecord, WriteBatch,
        sql::{
            existing::{changed_by_existing, refused_by_existing},
            postgres::{BEGIN_WRITE, COMMIT, RELEASE, ROLLBACK, ROLLBACK_STEP, SAVEPOINT},
            statements::Layout,
        },
    },
    tree::NodeId,
    value::Path,
};

/// How long an outcome is asked for where no request sets a limit.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait before the first further attempt; each waits twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Whether a batch is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Commit,
    Check,
}

/// How one attempt came out.
enum Attempt {
    Done,
    Refused(Conflict),
    /// A conflict that a graver one may stand behind.
    MustLook,
    /// The connection or the server was lost on the way.
    Lost(Error),
}

/// Commits a batch, or says what a commit would come to.
pub(super) async fn run(
    connections: &Connections,
    layout: &Layout,
    batch: &WriteBatch,
    purpose: Purpose,
) -> Result<(), Conflict> {
    let held = hold(connections, layout, batch).await?;
    let steps = steps::steps(layout, batch, &held)?;
    let deadline = Origin::now().map_or_else(|| Instant::now() + PATIENCE, |origin| origin.deadline);
    let mut pause = PAUSE;
    let mut is_in_doubt = false;
    loop {
        let attempt = match Session::begin(connections).await {
            Ok(mut session) => attempt(&mut session, layout, &steps, purpose).await,
            Err(error) if is_in_doubt => Attempt::Lost(error),
            Err(error) => return Err(error.into()),
        };
        let refused = match attempt {
            Attempt::Done => return Ok(()),
            Attempt::Refused(conflict) => Ok(conflict),
            Attempt::MustLook => Ok(look(connections, layout, &steps, purpose).await),
            Attempt::Lost(error) => Err(error),
        };
        let error = match refused {
            Ok(Conflict::RequestIdUsed) if is_in_doubt => match own_record(connections, batch).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Conflict::RequestIdUsed),
                Err(error) => error,
            },
            Ok(conflict) => return Err(conflict),
            Err(error) => error,
        };
        match (purpose, &batch.request) {
            (Purpose::Commit, None) => return Err(unknown(&error).into()),
            (Purpose::Commit, Some(_)) => is_in_doubt = true,
            (Purpose::Check, _) => {}
        }
        if Instant::now() + pause >= deadline {
            return Err(if is_in_doubt { unknown(&error) } else { error }.into());
        }
        tracing::warn!(?error, "a commit lost its connection; it is tried again");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Reads the rows of existing tables whose revisions the batch expects.
async fn hold(connections: &Connections, layout: &Layout, batch: &WriteBatch) -> Result<Held, Error> {
    let mut expected: BTreeMap<NodeId, Vec<(Path, i64)>> = BTreeMap::new();
    for expect in &batch.expect {
        if let Expect::Revision(node, path, revision) = expect
            && layout.table(*node)?.existing.is_some()
        {
            expected.entry(*node).or_default().push((path.clone(), *revision));
        }
    }
    let mut held = Held::new();
    for (node, rows) in expected {
        let paths: Vec<Path> = rows.iter().map(|(path, _)| path.clone()).collect();
        let records = query::read_all(connections, layout.table(node)?, &paths).await?;
        for ((path, revision), record) in rows.into_iter().zip(records) {
            held.insert((node, path), record.filter(|record| record.revision == revision));
        }
    }
    Ok(held)
}

/// Nobody can say whether the batch was committed.
fn unknown(error: &Error) -> Error {
    let text = "The service does not know whether the request was carried out; send it again with the same request id.";
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Error::new(Reason::Timeout, text).with_source(format!("the outcome of a commit is not known: {cause}"))
}

/// Whether the record that is in the way is the batch's own, committed by an attempt whose answer was lost.
async fn own_record(connections: &Connections, batch: &WriteBatch) -> Result<bool, Error> {
    let Some(request) = &batch.request else { return Ok(false) };
    let found = query::find_request(connections, &request.caller, &request.id).await?;
    Ok(found.is_some_and(|found| is_same(&found, request)))
}

fn is_same(found: &RequestRecord, request: &RequestRecord) -> bool {
    // An instant is kept in microseconds. The answer has an entity tag that no other attempt drew.
    RequestRecord { at: request.at, ..found.clone() } == *request
}

async fn attempt(
    session: &mut Session<'_>,
    layout: &Layout,
    steps: &[Step<'_>],
    purpose: Purpose,
) -> Attempt {
    if purpose == Purpose::Commit
        && session.has_usual_limits()
        && let Some((sql, params)) = join(steps)
    {
        return match session.execute(&sql, &params).await {
            Ok(()) => Attempt::Done,
            Err(cause) if failure::is_lost(&cause) => lost(session, cause),
            Err(cause) if failure::refusal(&cause).is_some() => Attempt::MustLook,
            Err(cause) => Attempt::Refused(failure::error(cause).into()),
        };
    }
    let end = match purpose {
        Purpose::Commit => COMMIT,
        Purpose::Check => ROLLBACK,
    };
    let begin = begin(session);
    let outcomes = send(session, &begin, steps, end).await;
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        // A statement could not be prepared, and nothing was sent.
        Err(cause) if failure::is_lost(&cause) => return lost(session, cause),
        Err(cause) => return Attempt::Refused(failure::error(cause).into()),
    };
    let count = outcomes.len();
    for (at, outcome) in outcomes.into_iter().enumerate() {
        let Err(cause) = outcome else { continue };
        if failure::is_lost(&cause) {
            return lost(session, cause);
        }
        let Some(step) = at.checked_sub(1).and_then(|at| steps.get(at)) else {
            // The beginning or the end.
            return match failure::refusal(&cause) {
                Some(Refusal::Conflict | Refusal::Aborted) => Attempt::Refused(Conflict::Stale),
                _ if at + 1 == count && purpose == Purpose::Commit => lost(session, cause),
                _ => Attempt::Refused(failure::error(cause).into()),
            };
        };
        return match verdict(layout, &step.what, &cause) {
            Verdict::Conflict(conflict) => Attempt::Refused(conflict),
            Verdict::Unique | Verdict::HasChildren | Verdict::Nowhere => Attempt::MustLook,
            Verdict::Failed => Attempt::Refused(failure::error(cause).into()),
        };
    }
    Attempt::Done
}

fn lost(session: &mut Session<'_>, cause: Cause) -> Attempt {
    session.lose();
    Attempt::Lost(failure::error(cause))
}

fn begin(session: &Session<'_>) -> String {
    let mut begin = session.comment().unwrap_or_default();
    begin.push_str(BEGIN_WRITE);
    session.push_limits(&mut begin);
    begin
}

/// Sends everything, and gives the outcome of each statement, the beginning and the end included.
async fn send(
    session: &mut Session<'_>,
    begin: &str,
    steps: &[Step<'_>],
    end: &str,
) -> Result<Vec<Result<(), Cause>>, Cause> {
    session.occupy();
    let outcomes = {
        let client = session.connection();
        let mut statements = Vec::with_capacity(steps.len());
        for step in steps {
            statements.push(match session.usage() {
                Use::Often => Some(client.prepare_cached(&step.sql).await?),
                Use::Once => None,
            });
        }
        let mut sent: Vec<BoxFuture<'_, Result<(), Cause>>> = Vec::with_capacity(steps.len() + 2);
        sent.push(Box::pin(client.batch_execute(begin)));
        for (step, statement) in steps.iter().zip(statements) {
            sent.push(Box::pin(execute(client, step, statement)));
        }
        sent.push(Box::pin(client.batch_execute(end)));
        in_order(sent).await
    };
    session.all_taken();
    Ok(outcomes)
}

async fn execute(
    client: &Client,
    step: &Step<'_>,
    statement: Option<tokio_postgres::Statement>,
) -> Result<(), Cause> {
    match statement {
        Some(statement) => client.execute_raw(&statement, &step.params).await.map(drop),
        None => {
            let typed: Vec<_> = step
                .params
                .iter()
                .map(|param| (param as &(dyn tokio_postgres::types::ToSql + Sync), param.own_type()))
                .collect();
            client.execute_typed(&step.sql, &typed).await.map(drop)
        }
    }
}

/// What the failure of a step means.
enum Verdict {
    Conflict(Conflict),
    Unique,
    HasChildren,
    /// A foreign key leads nowhere.
    Nowhere,
    Failed,
}

fn verdict(layout: &Layout, what: &What<'_>, cause: &Cause) -> Verdict {
    let Some(refusal) = failure::refusal(cause) else { return Verdict::Failed };
    match (what, refusal) {
        (_, Refusal::Values) if !matches!(what, What::Insert(..) | What::Update(..)) => Verdict::Failed,
        (What::Request, Refusal::Taken) => Verdict::Conflict(Conflict::RequestIdUsed),
        (What::Insert(..) | What::Update(..), Refusal::Taken) => Verdict::Unique,
        // The framework's own tables refuse nothing that was checked.
        (What::Insert(node, _) | What::Update(node, _), Refusal::Values) => match layout.table(*node) {
            Ok(table) if table.existing.is_some() => {
                Verdict::Conflict(Conflict::Store(refused_by_existing()))
            }
            _ => Verdict::Failed,
        },
        (What::Kept(..), Refusal::Demand) => Verdict::Conflict(Conflict::Store(changed_by_existing())),
        (What::Insert(..) | What::Update(..), Refusal::ForeignKey) => Verdict::Nowhere,
        (What::Delete, Refusal::ForeignKey) | (What::Children, Refusal::Demand) => Verdict::HasChildren,
        _ => Verdict::Conflict(Conflict::Stale),
    }
}

/// Goes through a refused batch statement by statement, each undone where it fails, until the gravest conflict is known.
async fn look(connections: &Connections, layout: &Layout, steps: &[Step<'_>], purpose: Purpose) -> Conflict {
    let outcome = async {
        let mut session = Session::begin(connections).await?;
        session.occupy();
        let mut looking = Looking { session, layout, refused: Vec::new(), worst: None };
        let conflict = looking.run(steps).await?;
        looking.session.connection().batch_execute(ROLLBACK).await.map_err(failure::error)?;
        looking.session.all_taken();
        Ok::<_, Error>(conflict)
    };
    match outcome.await {
        // What was in the way is gone already.
        Ok(None) => Conflict::Stale,
        Ok(Some(conflict)) => conflict,
        Err(error) if purpose == Purpose::Commit && error.reason() == Reason::Unavailable => Conflict::Stale,
        Err(error) => error.into(),
    }
}

struct Looking<'a, 's> {
    session: Session<'a>,
    layout: &'s Layout,
    /// Rows that would be there, or be changed, but for a conflict that was met.
    refused: Vec<(NodeId, &'s Path)>,
    worst: Option<Conflict>,
}

impl<'s> Looking<'_, 's> {
    async fn run(&mut self, steps: &'s [Step<'_>]) -> Result<Option<Conflict>, Error> {
        let begin = begin(&self.session);
        self.say(&begin).await?;
        for step in steps {
            self.say(SAVEPOINT).await?;
            let client = self.session.connection();
            let statement = match self.session.usage() {
                Use::Often => Some(client.prepare_cached(&step.sql).await.map_err(failure::error)?),
                Use::Once => None,
            };
            let Err(cause) = execute(client, step, statement).await else {
                self.say(RELEASE).await?;
                continue;
            };
            if failure::is_lost(&cause) {
                return Err(failure::error(cause));
            }
            self.say(ROLLBACK_STEP).await?;
            if let Some(conflict) = self.judge(step, cause).await? {
                return Ok(Some(conflict));
            }
        }
        Ok(self.worst.take())
    }

    async fn say(&self, sql: &str) -> Result<(), Error> {
        self.session.connection().batch_execute(sql).await.map_err(failure::error)
    }

    /// Remembers a conflict, or gives the one that no other outranks.
    async fn judge(&mut self, step: &'s Step<'_>, cause: Cause) -> Result<Option<Conflict>, Error> {
        if let What::Kept(node, path) = step.what
            && self.is_refused(node, path)
        {
            return Ok(None);
        }
        match verdict(self.layout, &step.what, &cause) {
            Verdict::Failed => return Err(failure::error(cause)),
            Verdict::HasChildren => {
                if self.worst.is_none() {
                    self.worst = Some(Conflict::HasChildren);
                }
            }
            Verdict::Nowhere if self.depends_on_refused(step) => {
                if let What::Insert(node, path) = step.what {
                    self.refused.push((node, path));
                }
            }
            Verdict::Nowhere => {
                let (What::Insert(node, path) | What::Update(node, path)) = step.what else {
                    return Ok(Some(Conflict::Stale));
                };
                // What is above is there, so that another key of an existing table is meant.
                let is_existing = self.layout.table(node)?.existing.is_some();
                return Ok(Some(match is_existing && self.has_owner(node, path).await? {
                    true => refused_by_existing().into(),
                    false => Conflict::Stale,
                }));
            }
            Verdict::Unique => {
                let (What::Insert(node, path) | What::Update(node, path)) = step.what else {
                    return Ok(Some(Conflict::Stale));
                };
                let is_insert = matches!(step.what, What::Insert(..));
                // An insert meets a unique value before it meets its key or its owner.
                if is_insert && (self.exists(node, path).await? || !self.has_owner(node, path).await?) {
                    return Ok(Some(Conflict::Stale));
                }
                if is_insert {
                    self.refused.push((node, path));
                }
                self.worst = Some(Conflict::Unique);
            }
            Verdict::Conflict(Conflict::Stale) if self.depends_on_refused(step) => {
                if let What::Insert(node, path) = step.what {
                    self.refused.push((node, path));
                }
            }
            Verdict::Conflict(conflict) => return Ok(Some(conflict)),
        }
        Ok(None)
    }

    fn is_refused(&self, node: NodeId, path: &Path) -> bool {
        self.refused.iter().any(|(refused, at)| *refused == node && **at == *path)
    }

    /// Whether a step failed only because a row is not there that another conflict kept out.
    fn depends_on_refused(&self, step: &Step<'_>) -> bool {
        match step.what {
            What::Update(node, path) => self.is_refused(node, path),
            What::Insert(node, path) => {
                self.owner(node, path).is_some_and(|(owner, key)| self.is_refused(owner, &key))
            }
            _ => false,
        }
    }

    fn owner(&self, node: NodeId, path: &Path) -> Option<(NodeId, Path)> {
        let owner = self.layout.tree.node(node).owner?;
        Some((owner, path.ancestor(self.layout.tree.node(owner).depth)))
    }

    async fn has_owner(&self, node: NodeId, path: &Path) -> Result<bool, Error> {
        match self.owner(node, path) {
            None => Ok(true),
            Some((owner, key)) => Ok(self.is_refused(owner, &key) || self.exists(owner, &key).await?),
        }
    }

    async fn exists(&self, node: NodeId, path: &Path) -> Result<bool, Error> {
        let table = self.layout.table(node)?;
        let params: Vec<_> = super::value::Param::key(path).collect();
        let rows = self.session.rows_within(&table.state, &params).await.map_err(failure::error)?;
        Ok(!rows.is_empty())
    }
}
