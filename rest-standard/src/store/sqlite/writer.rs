//! The thread that writes: it takes what waits, up to a limit, into one transaction with one flush to the disk.
//!
//! A refused batch leaves no trace, and the others of its group are committed. A savepoint for each batch would see to
//! that, but it makes SQLite copy each page that a batch changes; so a group goes without until one of its batches has
//! to be taken back, and is then begun again with savepoints. Nobody is answered before the commit. While one group is
//! flushed the next one gathers by itself, so that nobody waits for a group to become larger.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use super::{
    apply::{self, Effects, Failure, Stopped},
    cache::{Counts, RowKey, Rows, lock},
    checkpoint::Checkpointer,
    failure,
    lock::Lock,
    query,
    readers::Readers,
};
use crate::{
    error::{Error, Result},
    store::{
        Conflict, WriteBatch,
        sql::{sqlite as text, statements::Layout},
    },
    value::Path,
};

/// How many batches share a transaction at most.
const GROUP: usize = 128;
/// How long nothing must be written until the log is copied into the database.
const IDLE: Duration = Duration::from_millis(250);
/// How many rows are added before the statistics are taken for the first time.
const FIRST_STATISTICS: u64 = 1_000;

/// What the writer shares with the readers.
pub(super) struct Shared {
    pub(super) layout: OnceLock<Layout>,
    pub(super) rows: Rows,
    pub(super) counts: Counts,
    pub(super) readers: Arc<Readers>,
    /// Whether the last write failed, so that being ready must be proved by a write.
    pub(super) failing: AtomicBool,
    /// How many groups were committed, and how many batches were in them.
    pub(super) groups: AtomicU64,
    pub(super) grouped: AtomicU64,
    /// How many jobs wait for the thread.
    pub(super) waiting: AtomicU64,
}

/// Whether a batch is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Commit,
    Check,
}

/// How a batch that must not stay is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Undo {
    /// It is alone: with its transaction.
    Transaction,
    /// With a savepoint of its own.
    Savepoint,
    /// Not at all, in the hope that none has to be.
    Nothing,
}

/// How applying a group came out.
enum Attempt {
    /// There is an answer for each batch.
    Done(Vec<Answer>),
    /// The transaction ended under one of several batches.
    Ended,
    /// One of several batches was refused halfway, and nothing could take it back.
    MustUndo,
}

/// Why a batch does not stay.
struct Refusal {
    conflict: Conflict,
    left_traces: bool,
}

type Answer = Result<(), Conflict>;
type Task = Box<dyn FnOnce(&Connection) + Send>;

struct Pending {
    batch: WriteBatch,
    purpose: Purpose,
    answer: oneshot::Sender<Answer>,
}

enum Job {
    Batch(Box<Pending>),
    Task(Task),
}

/// The way to the thread.
pub(super) struct Writer {
    sender: Mutex<Option<SyncSender<Job>>>,
    shared: Arc<Shared>,
    ended: watch::Receiver<()>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        checkpointer: Checkpointer,
        shared: Arc<Shared>,
        queue: usize,
        lock: Lock,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(queue.max(1));
        let (end, ended) = watch::channel(());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || {
            let mut thread = Thread {
                connection,
                checkpointer,
                shared: of_thread,
                added: 0,
                next_statistics: FIRST_STATISTICS,
            };
            thread.run(&receiver);
            thread.finish();
            // The file is given up after its last connection.
            drop(lock);
            drop(end);
        })?;
        Ok(Self { sender: Mutex::new(Some(sender)), shared, ended, thread: Mutex::new(Some(thread)) })
    }

    fn send(&self, job: Job) -> Result<()> {
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        let refusal = match lock(&self.sender).as_ref().map(|sender| sender.try_send(job)) {
            Some(Ok(())) => return Ok(()),
            Some(Err(TrySendError::Full(_))) => failure::overloaded(),
            Some(Err(TrySendError::Disconnected(_))) | None => failure::closed(),
        };
        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        Err(refusal)
    }

    /// Gives a batch to the thread and waits for its answer. Who stops waiting does not stop the batch.
    pub(super) async fn submit(&self, batch: WriteBatch, purpose: Purpose) -> Answer {
        let (answer, outcome) = oneshot::channel();
        self.send(Job::Batch(Box::new(Pending { batch, purpose, answer })))?;
        outcome.await.unwrap_or_else(|_| Err(failure::closed().into()))
    }

    /// Runs something on the thread between two groups.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, outcome) = oneshot::channel();
        self.send(Job::Task(Box::new(move |connection| {
            // The one who asked may be gone.
            let _ = answer.send(task(connection));
        })))?;
        outcome.await.unwrap_or_else(|_| Err(failure::closed()))
    }

    /// Takes no more work; the thread ends when the queue is empty.
    pub(super) fn close(&self) {
        lock(&self.sender).take();
    }

    /// Waits for the thread's end.
    pub(super) async fn ended(&self) {
        let mut ended = self.ended.clone();
        while ended.changed().await.is_ok() {}
    }

    /// Waits for the thread's end without a runtime.
    pub(super) fn join(&self) {
        if let Some(thread) = lock(&self.thread).take() {
            // A panic of the thread was reported by the thread.
            let _ = thread.join();
        }
    }
}

struct Thread {
    connection: Connection,
    checkpointer: Checkpointer,
    shared: Arc<Shared>,
    added: u64,
    next_statistics: u64,
}

impl Thread {
    fn run(&mut self, receiver: &Receiver<Job>) {
        let mut left = None;
        let mut idle = true;
        loop {
            let job = match left.take() {
                Some(job) => job,
                None if idle => match receiver.recv() {
                    Ok(job) => job,
                    Err(_) => return,
                },
                None => match receiver.recv_timeout(IDLE) {
                    Ok(job) => job,
                    Err(RecvTimeoutError::Timeout) => {
                        self.checkpointer.copy_while_idle();
                        idle = true;
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return,
                },
            };
            idle = false;
            match job {
                Job::Task(task) => {
                    self.took(1);
                    task(&self.connection);
                }
                Job::Batch(first) => {
                    let mut group = vec![*first];
                    while group.len() < GROUP {
                        match receiver.try_recv() {
                            Ok(Job::Batch(pending)) => group.push(*pending),
                            Ok(task @ Job::Task(_)) => {
                                left = Some(task);
                                break;
                            }
                            Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                        }
                    }
                    self.took(group.len());
                    self.commit_group(group);
                }
            }
        }
    }

    /// So many jobs do not wait any more.
    fn took(&self, jobs: usize) {
        self.shared.waiting.fetch_sub(jobs as u64, Ordering::Relaxed);
    }

    fn commit_group(&mut self, group: Vec<Pending>) {
        self.checkpointer.before_group(&self.connection);
        let first = match group.as_slice() {
            [_] => Undo::Transaction,
            // What is only checked must be taken back in any case.
            several if several.iter().any(|pending| pending.purpose == Purpose::Check) => Undo::Savepoint,
            _ => Undo::Nothing,
        };
        let mut outcome = self.attempt(&group, first);
        if let Attempt::MustUndo = outcome {
            outcome = self.attempt(&group, Undo::Savepoint);
        }
        match outcome {
            Attempt::Done(answers) => answer(group, answers),
            // SQLite ended the transaction under one batch, such as on a full disk; each gets a transaction of its own.
            Attempt::Ended | Attempt::MustUndo => {
                for pending in group {
                    let alone = [pending];
                    let answers = match self.attempt(&alone, Undo::Transaction) {
                        Attempt::Done(answers) => answers,
                        Attempt::Ended | Attempt::MustUndo => all(&alone, lost),
                    };
                    answer(alone, answers);
                }
            }
        }
        if self.added >= self.next_statistics {
            self.take_statistics();
        }
    }

    fn attempt(&mut self, group: &[Pending], undo: Undo) -> Attempt {
        let Some(layout) = self.shared.layout.get() else {
            return Attempt::Done(all(group, super::not_migrated));
        };
        if let Err(cause) = query::run(&self.connection, text::BEGIN_WRITE) {
            return Attempt::Done(self.failed(group, cause));
        }
        let mut answers = Vec::with_capacity(group.len());
        let mut effects = Vec::with_capacity(group.len());
        for pending in group {
            let outcome = self.apply(layout, pending, undo);
            if undo != Undo::Transaction && self.connection.is_autocommit() {
                return Attempt::Ended;
            }
            answers.push(match outcome {
                Ok(Ok(done)) => {
                    if pending.purpose == Purpose::Commit {
                        effects.push(done);
                    }
                    Ok(())
                }
                Ok(Err(Refusal { left_traces: true, .. })) if undo == Undo::Nothing => {
                    return match query::run(&self.connection, text::ROLLBACK) {
                        Ok(_) => Attempt::MustUndo,
                        Err(cause) => Attempt::Done(self.failed(group, cause)),
                    };
                }
                Ok(Err(refusal)) => Err(refusal.conflict),
                Err(cause) => return Attempt::Done(self.failed(group, cause)),
            });
        }
        if effects.is_empty() {
            if !self.connection.is_autocommit()
                && let Err(cause) = query::run(&self.connection, text::ROLLBACK)
            {
                return Attempt::Done(self.failed(group, cause));
            }
            return Attempt::Done(answers);
        }
        match self.commit(effects) {
            Ok(()) => {
                self.shared.failing.store(false, Ordering::Release);
                self.shared.groups.fetch_add(1, Ordering::Relaxed);
                self.shared.grouped.fetch_add(group.len() as u64, Ordering::Relaxed);
                Attempt::Done(answers)
            }
            Err(cause) => Attempt::Done(self.failed(group, cause)),
        }
    }

    /// Applies a batch; where it can be taken back, a refused one and one that was only checked leave no trace. The outer
    /// error means that the whole transaction is in doubt.
    fn apply(
        &self,
        layout: &Layout,
        pending: &Pending,
        undo: Undo,
    ) -> rusqlite::Result<Result<Effects, Refusal>> {
        if undo == Undo::Savepoint {
            query::run(&self.connection, text::SAVEPOINT)?;
        }
        let outcome = apply::apply(&self.connection, layout, &self.shared.rows, &pending.batch).map_err(
            |Stopped { why, left_traces }| {
                let conflict = match why {
                    Failure::Refused(conflict) => conflict,
                    Failure::Sqlite(cause) => {
                        self.note(&cause);
                        Conflict::Store(failure::error(cause))
                    }
                };
                Refusal { conflict, left_traces }
            },
        );
        // Some failures, such as a full disk, end the transaction.
        if self.connection.is_autocommit() {
            return Ok(outcome);
        }
        let stays = outcome.is_ok() && pending.purpose == Purpose::Commit;
        match undo {
            Undo::Nothing => {}
            Undo::Transaction if stays => {}
            Undo::Transaction => {
                query::run(&self.connection, text::ROLLBACK)?;
            }
            Undo::Savepoint => {
                if !stays {
                    query::run(&self.connection, text::ROLLBACK_BATCH)?;
                }
                query::run(&self.connection, text::RELEASE)?;
            }
        }
        Ok(outcome)
    }

    fn commit(&mut self, effects: Vec<Effects>) -> rusqlite::Result<()> {
        let mut rows = Vec::new();
        let mut counts = Vec::new();
        let mut trees = Vec::new();
        let mut written = 0;
        for effects in effects {
            rows.extend(effects.rows);
            counts.extend(effects.counts);
            trees.extend(effects.trees);
            written += effects.written;
            self.added += effects.added;
        }
        let is_in_tree = |node, path: &Path| {
            trees.iter().any(|(tree, root): &(_, Path)| *tree == node && path.0.starts_with(&root.0))
        };
        let shared = &self.shared;
        rows.iter().for_each(|(key, _)| shared.rows.hold(key));
        if !trees.is_empty() {
            shared.rows.hold_all(|key: &RowKey| is_in_tree(key.node, &key.path));
        }
        let committed = shared.counts.commit(
            counts,
            (!trees.is_empty()).then_some(|key: &super::cache::CountKey| is_in_tree(key.node, &key.parent)),
            || query::run(&self.connection, text::COMMIT).map(drop),
        );
        for (key, record) in rows {
            let is_gone = is_in_tree(key.node, &key.path);
            shared.rows.release(key, record.filter(|_| committed.is_ok() && !is_gone));
        }
        if !trees.is_empty() {
            shared.rows.release_all();
        }
        self.checkpointer.written(written);
        committed
    }

    /// Nothing of the group was committed.
    fn failed(&self, group: &[Pending], cause: rusqlite::Error) -> Vec<Answer> {
        if !self.connection.is_autocommit()
            && let Err(failure) = query::run(&self.connection, text::ROLLBACK)
        {
            tracing::error!("a failed transaction cannot be rolled back: {failure}");
        }
        self.note(&cause);
        let mut first = Some(failure::error(cause));
        all(group, || first.take().unwrap_or_else(lost))
    }

    fn note(&self, cause: &rusqlite::Error) {
        self.shared.failing.store(true, Ordering::Release);
        tracing::error!("a write to the database failed: {cause}");
    }

    /// Without statistics SQLite takes indexes that select little; they are taken again whenever the data has grown
    /// fourfold.
    fn take_statistics(&mut self) {
        self.next_statistics = self.added.saturating_mul(4);
        match self.connection.execute_batch(text::TAKE_STATISTICS) {
            Ok(()) => self.shared.readers.renew_statistics(),
            Err(failure) => tracing::warn!("the database's statistics cannot be taken: {failure}"),
        }
    }

    /// Leaves a file without a log to recover, and lets go of it.
    fn finish(self) {
        let Self { connection, checkpointer, shared, .. } = self;
        shared.readers.close();
        checkpointer.finish();
        let tidied = connection
            .execute_batch(text::TIDY_STATISTICS)
            .and_then(|()| super::checkpoint::truncate(&connection));
        if let Err(failure) = tidied {
            tracing::warn!("the database's log stays for the next start: {failure}");
        }
        let started = Instant::now();
        if let Err((_, failure)) = connection.close() {
            tracing::warn!("the database cannot be closed: {failure}");
        }
        tracing::debug!("the database was closed in {:?}", started.elapsed());
    }
}

fn all(group: &[Pending], mut error: impl FnMut() -> Error) -> Vec<Answer> {
    group.iter().map(|_| Err(Conflict::Store(error()))).collect()
}

fn answer(group: impl IntoIterator<Item = Pending>, answers: Vec<Answer>) {
    for (pending, outcome) in group.into_iter().zip(answers) {
        // The one who asked may be gone.
        let _ = pending.answer.send(outcome);
    }
}

fn lost() -> Error {
    Error::new(crate::error::Reason::Unavailable, "The service cannot store anything at the moment.")
        .with_source("the transaction that the batch was in failed")
        .with_retry_after(Duration::from_secs(1))
}
