//! One connection for as long as one question takes.
//!
//! A statement is kept prepared on its connection only where few texts of its kind are ever sent; whatever a client composes is
//! prepared for its one use, and planned with its values. Behind a pooler nothing is kept. Each statement that is not kept
//! says in a comment on whose behalf it is sent; before one that is kept, the comment goes by itself.

use std::{
    borrow::Cow,
    fmt::Write as _,
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

use deadpool_postgres::Client;
use futures_util::StreamExt as _;
use tokio_postgres::{Error as Cause, Row, RowStream, types::Type};

use super::{
    failure,
    pool::{Connections, IDLE, STATEMENT},
    value::Param,
};
use crate::{
    descriptor::BoxFuture,
    error::Result,
    store::{
        Origin,
        sql::postgres::{BEGIN_READ, COMMIT, NO_LIMIT, READING_SETTINGS},
    },
};

/// Whether a statement stays prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Often,
    Once,
}

/// One statement with its values.
#[derive(Debug)]
pub(super) struct Question<'a> {
    pub(super) sql: Cow<'a, str>,
    pub(super) usage: Use,
    pub(super) params: Vec<Param<'a>>,
}

impl<'a> Question<'a> {
    pub(super) fn often(sql: impl Into<Cow<'a, str>>, params: Vec<Param<'a>>) -> Self {
        Self { sql: sql.into(), usage: Use::Often, params }
    }
}

/// A connection that is given back when it is dropped, or closed where it is in the middle of something.
pub(super) struct Session<'a> {
    connections: &'a Connections,
    client: Option<Client>,
    is_busy: bool,
    is_lost: bool,
    origin: Option<Origin>,
}

impl<'a> Session<'a> {
    pub(super) async fn begin(connections: &'a Connections) -> Result<Self> {
        let client = connections.get().await?;
        Ok(Self { connections, client: Some(client), is_busy: false, is_lost: false, origin: Origin::now() })
    }

    fn client(&self) -> &Client {
        self.client.as_ref().expect("a session has its connection until it is dropped")
    }

    /// Whether statements of a commit stay prepared.
    pub(super) fn usage(&self) -> Use {
        if self.connections.is_pooled { Use::Once } else { Use::Often }
    }

    /// The comment that says on whose behalf a statement is sent; none where comments are off.
    pub(super) fn comment(&self) -> Option<String> {
        let origin = self.origin.as_ref().filter(|_| self.connections.has_comments);
        origin.map(|origin| comment(&origin.request_id))
    }

    /// The rows of each statement; several are of one snapshot and sent together.
    pub(super) async fn ask(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Row>>, Cause> {
        self.is_busy = true;
        let outcome = match questions {
            [] => Ok(Vec::new()),
            [one] => self.ask_one(one).await.map(|rows| vec![rows]),
            several => self.ask_together(several).await,
        };
        self.is_busy = false;
        if let Err(cause) = &outcome
            && failure::is_lost(cause)
        {
            self.lose();
        }
        outcome
    }

    async fn ask_one(&self, question: &Question<'_>) -> Result<Vec<Row>, Cause> {
        let stream = self.stream(&question.sql, question.usage, &question.params).await?;
        collect(stream).await
    }

    async fn stream(&self, sql: &str, usage: Use, params: &[Param<'_>]) -> Result<RowStream, Cause> {
        let client = self.client();
        if usage == Use::Once || self.connections.is_pooled {
            let mut text = self.comment().unwrap_or_default();
            text.push_str(sql);
            return client.query_typed_raw(&text, typed(params)).await;
        }
        let statement = client.prepare_cached(sql).await?;
        match self.comment() {
            None => client.query_raw(&statement, params).await,
            Some(comment) => {
                // Both go out together, in this order.
                let mut said = Box::pin(client.batch_execute(&comment));
                let early = poll_once(said.as_mut()).await;
                let stream = client.query_raw(&statement, params).await;
                match early {
                    Some(outcome) => outcome?,
                    None => said.await?,
                }
                stream
            }
        }
    }

    async fn ask_together(&self, questions: &[Question<'_>]) -> Result<Vec<Vec<Row>>, Cause> {
        let client = self.client();
        let mut statements = Vec::with_capacity(questions.len());
        for question in questions {
            statements.push(match question.usage {
                Use::Often if !self.connections.is_pooled => {
                    Some(client.prepare_cached(&question.sql).await?)
                }
                _ => None,
            });
        }
        let begin = self.begin_reading();
        let mut sent: Vec<BoxFuture<'_, Result<Vec<Row>, Cause>>> = Vec::with_capacity(questions.len() + 2);
        sent.push(Box::pin(async { client.batch_execute(&begin).await.map(|()| Vec::new()) }));
        for (question, statement) in questions.iter().zip(&statements) {
            sent.push(match statement {
                Some(statement) => {
                    Box::pin(
                        async move { collect(client.query_raw(statement, &question.params).await?).await },
                    )
                }
                None => Box::pin(async move {
                    collect(client.query_typed_raw(&question.sql, typed(&question.params)).await?).await
                }),
            });
        }
        sent.push(Box::pin(async { client.batch_execute(COMMIT).await.map(|()| Vec::new()) }));
        let mut answers = in_order(sent).await.into_iter();
        answers.next().transpose()?;
        let mut rows = answers.collect::<Result<Vec<_>, Cause>>()?;
        rows.pop();
        Ok(rows)
    }

    /// Begins a transaction that reads one snapshot; the session ends it with [`end_reading`](Self::end_reading), or
    /// closes its connection.
    pub(super) async fn read_snapshot(&mut self) -> Result<(), Cause> {
        let begin = self.begin_reading();
        self.is_busy = true;
        self.client().batch_execute(&begin).await
    }

    fn begin_reading(&self) -> String {
        let mut begin = self.comment().unwrap_or_default();
        begin.push_str(BEGIN_READ);
        if self.connections.is_pooled {
            begin.push_str(READING_SETTINGS);
        }
        self.push_limits(&mut begin);
        begin
    }

    /// Appends the limits of a transaction to what begins it, as far as they are not those of the session.
    pub(super) fn push_limits(&self, begin: &mut String) {
        let limit = self.origin.as_ref().map(Origin::left).filter(|left| {
            // A session has no limits of its own behind a pooler.
            self.connections.is_pooled || *left < STATEMENT.mul_f32(0.9)
        });
        if let Some(limit) = limit {
            let _ = write!(begin, "; SET LOCAL statement_timeout = {}", limit.as_millis().max(1));
        }
        if self.connections.is_pooled {
            let _ = write!(begin, "; SET LOCAL idle_in_transaction_session_timeout = {}", IDLE.as_millis());
        }
    }

    /// Whether the limits of the session are those of its request, so that no transaction has to be begun to set others.
    pub(super) fn has_usual_limits(&self) -> bool {
        let mut limits = String::new();
        self.push_limits(&mut limits);
        limits.is_empty()
    }

    /// Runs one statement that commits by itself, and stays prepared.
    pub(super) async fn execute(&mut self, sql: &str, params: &[&Param<'_>]) -> Result<(), Cause> {
        self.is_busy = true;
        let outcome = self.execute_kept(sql, params).await;
        self.is_busy = false;
        outcome
    }

    async fn execute_kept(&self, sql: &str, params: &[&Param<'_>]) -> Result<(), Cause> {
        let client = self.client();
        let statement = client.prepare_cached(sql).await?;
        let comment = self.comment().unwrap_or_default();
        let mut sent: Vec<BoxFuture<'_, Result<(), Cause>>> = Vec::with_capacity(2);
        if !comment.is_empty() {
            sent.push(Box::pin(client.batch_execute(&comment)));
        }
        let params = params.iter().copied();
        sent.push(Box::pin(async { client.execute_raw(&statement, params).await.map(drop) }));
        in_order(sent).await.into_iter().collect()
    }

    /// The rows of a statement of the transaction.
    pub(super) async fn rows_within(&self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Cause> {
        collect(self.client().query_typed_raw(sql, typed(params)).await?).await
    }

    /// Ends the transaction.
    pub(super) async fn end_reading(&mut self) -> Result<(), Cause> {
        self.client().batch_execute(COMMIT).await?;
        self.is_busy = false;
        Ok(())
    }

    /// The rows of a statement as they come, however long they are waited for; the connection is closed afterwards unless the
    /// session is told the end.
    pub(super) async fn rows_one_by_one(
        &mut self,
        sql: &str,
        params: &[Param<'_>],
    ) -> Result<Pin<Box<RowStream>>, Cause> {
        self.is_busy = true;
        self.client().batch_execute(&format!("{BEGIN_READ}; {NO_LIMIT}")).await?;
        Ok(Box::pin(self.stream(sql, Use::Once, params).await?))
    }

    /// All rows were taken.
    pub(super) fn all_taken(&mut self) {
        self.is_busy = false;
    }

    /// The connection, for as long as something must not be cut in two.
    pub(super) fn connection(&self) -> &Client {
        self.client()
    }

    /// Marks the connection as one that may not be used again before [`all_taken`](Self::all_taken).
    pub(super) fn occupy(&mut self) {
        self.is_busy = true;
    }

    /// Closes the connection, since its server is gone or not the one that is wanted.
    pub(super) fn lose(&mut self) {
        self.is_lost = true;
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        match self.client.take() {
            Some(client) if self.is_lost => drop(Client::take(client)),
            Some(client) if self.is_busy => self.connections.give_up(client),
            _ => {}
        }
    }
}

/// Values with the types that they have by themselves.
pub(super) fn typed<'a, 'v>(params: &'a [Param<'v>]) -> Vec<(&'a Param<'v>, Type)> {
    let mut typed = Vec::with_capacity(params.len());
    for param in params {
        typed.push((param, param.own_type()));
    }
    typed
}

/// Polls a future, which sends what it has to send.
async fn poll_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

async fn collect(stream: RowStream) -> Result<Vec<Row>, Cause> {
    let mut stream = std::pin::pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(rows)
}

/// Sends everything before it waits for anything, and gives the answers in the same order.
pub(super) async fn in_order<T>(mut sent: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut answers = Vec::with_capacity(sent.len());
    for future in &mut sent {
        answers.push(poll_once(future.as_mut()).await);
    }
    let mut given = Vec::with_capacity(sent.len());
    for (future, answer) in sent.into_iter().zip(answers) {
        given.push(match answer {
            Some(answer) => answer,
            None => future.await,
        });
    }
    given
}

/// A comment that a request id cannot end: what is not plain in an id becomes `_`.
fn comment(request_id: &str) -> String {
    let is_plain = |char: &char| char.is_ascii_alphanumeric() || "-_.:".contains(*char);
    let id: String = request_id.chars().map(|char| if is_plain(&char) { char } else { '_' }).collect();
    format!("/* request {id} */ ")
}
